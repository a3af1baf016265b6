//! A bill: lines of what is counted, and their sum.

use super::uncounted::Uncounted;
use crate::units::whole;

/// What is counted, and for how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The key of its price under `[prices]`.
    pub key: &'static str,
    /// What is counted.
    pub what: &'static str,
    /// How many of them a month.
    pub count: f64,
    /// The price of one, if the file gives it.
    pub price: Option<f64>,
}

impl Line {
    /// The cost of a month, if it has a price.
    pub fn monthly(&self) -> Option<f64> {
        self.price.map(|price| price * self.count)
    }
}

/// What losses are worth.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Values {
    /// A failed request.
    pub failed_request: Option<f64>,
    /// A minute in which a journey is down.
    pub down_minute: Option<f64>,
    /// A write that is lost for good.
    pub lost_write: Option<f64>,
}

impl Values {
    /// Whether any is known.
    pub const fn any(&self) -> bool {
        self.failed_request.is_some() || self.down_minute.is_some() || self.lost_write.is_some()
    }
}

/// What a month costs, and what losses are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// The currency of all prices, a word.
    pub currency: String,
    /// The lines whose count is above 0, in the order of the keys.
    pub lines: Vec<Line>,
    /// How much there is of what costs and has no price.
    pub uncounted: Vec<(Uncounted, f64)>,
    /// What losses are worth.
    pub values: Values,
}

/// A sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The sum of all lines that have a price.
    pub sum: f64,
    /// The keys of the prices that are missing.
    pub unpriced: Vec<&'static str>,
}

/// By how much one bill is above another.
#[derive(Debug, Clone, PartialEq)]
pub struct More {
    /// The difference of all lines that have a price.
    pub amount: f64,
    /// Keys of missing prices of what the two differ in.
    pub unpriced: Vec<&'static str>,
    /// What the two differ in that no price counts.
    pub uncounted: Vec<Uncounted>,
}

impl More {
    /// Whether everything that the two differ in is in the amount.
    pub const fn is_whole(&self) -> bool {
        self.unpriced.is_empty() && self.uncounted.is_empty()
    }
}

impl Bill {
    /// The cost of a month.
    pub fn total(&self) -> Total {
        Total {
            sum: self.lines.iter().filter_map(Line::monthly).sum(),
            unpriced: self.lines.iter().filter(|line| line.price.is_none()).map(|line| line.key).collect(),
        }
    }

    /// By how much this one is above another. Nothing where the two are of different currencies.
    pub fn more_than(&self, other: &Self) -> Option<More> {
        if self.currency != other.currency {
            return None;
        }
        let counted =
            |bill: &Self, key: &str| bill.lines.iter().find(|line| line.key == key).map_or(0.0, |line| line.count);
        let mut unpriced: Vec<&'static str> = Vec::new();
        for line in self.lines.iter().chain(&other.lines).filter(|line| line.price.is_none()) {
            if counted(self, line.key) != counted(other, line.key) && !unpriced.contains(&line.key) {
                unpriced.push(line.key);
            }
        }
        let of = |bill: &Self, what: Uncounted| {
            bill.uncounted.iter().find(|(own, _)| *own == what).map_or(0.0, |(_, amount)| *amount)
        };
        let differs = |what: &Uncounted| of(self, *what) != of(other, *what);
        let uncounted = Uncounted::ALL.into_iter().filter(differs).collect();
        Some(More { amount: self.total().sum - other.total().sum, unpriced, uncounted })
    }

    /// The difference of two that may be missing.
    pub fn more(own: Option<&Self>, base: Option<&Self>) -> Option<More> {
        own?.more_than(base?)
    }
}

/// An amount of money with its currency: `2,140 USD`, `3.50 USD`.
pub fn money(amount: f64, currency: &str) -> String {
    let size = amount.abs();
    let sign = if amount < 0.0 { "-" } else { "" };
    match size {
        _ if !amount.is_finite() => format!("\u{221e} {currency}"),
        _ if size >= 99.995 => format!("{sign}{} {currency}", whole(size.round() as u64)),
        _ => format!("{sign}{size:.2} {currency}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Bill, Line, More, Uncounted, Values, money};

    fn bill(lines: &[(&'static str, f64, Option<f64>)]) -> Bill {
        let line = |&(key, count, price): &(&'static str, f64, Option<f64>)| Line { key, what: key, count, price };
        let (currency, lines) = ("USD".to_owned(), lines.iter().map(line).collect());
        Bill { currency, lines, uncounted: Vec::new(), values: Values::default() }
    }

    #[test]
    fn a_missing_price_leaves_a_sum_open_and_a_difference_only_where_it_matters() {
        let one = bill(&[("a", 10.0, Some(2.0)), ("b", 3.0, None)]);
        let total = one.total();
        assert_eq!((total.sum, total.unpriced), (20.0, vec!["b"]));
        // Both have three of b: its price makes no difference.
        let two = bill(&[("a", 20.0, Some(2.0)), ("b", 3.0, None)]);
        assert_eq!(two.more_than(&one), Some(More { amount: 20.0, unpriced: vec![], uncounted: vec![] }));
        let three = bill(&[("a", 10.0, Some(2.0))]);
        assert_eq!(three.more_than(&one), Some(More { amount: 0.0, unpriced: vec!["b"], uncounted: vec![] }));
        // What has no price at all is named only where there is more or less of it.
        let fast = |checks| Bill { uncounted: vec![(Uncounted::FastChecks, checks)], ..three.clone() };
        let more = fast(2.0).more_than(&three).expect("one currency");
        assert_eq!((more.uncounted.as_slice(), more.is_whole()), ([Uncounted::FastChecks].as_slice(), false));
        assert!(fast(2.0).more_than(&fast(2.0)).is_some_and(|more| more.is_whole()));
        assert_eq!(three.more_than(&Bill { currency: "EUR".to_owned(), ..one }), None);
    }

    #[test]
    fn money_has_cents_where_they_matter() {
        let texts = [2_139.6, -99.99, 0.5, 0.0].map(|amount| money(amount, "USD"));
        assert_eq!(texts, ["2,140 USD", "-99.99 USD", "0.50 USD", "0.00 USD"]);
    }
}
