//! A comparison in one sentence for a pull request: verdicts that change, the figure, the cost.

use sim_core::stats::Difference;

use super::figure::{Figure, Statistic};
use super::objectives::Objectives;
use super::outcomes::Candidate;
use crate::analyze::{Refusal, Verdict};
use crate::cost::{Bill, More, money};
use crate::header::Indicator;
use crate::units::{duration, signed_points};

/// The sentence, such as `warm-standby: rto.p99 MISSED, was MET; 4.17 min later at p99; 2,140 USD a month less`.
pub(super) fn sentence(
    (base, other): (&Candidate, &Candidate),
    (before, after): (&Objectives, &Objectives),
    figures: &[Figure],
    differences: &[Result<Difference, Refusal>],
) -> String {
    let mut parts = turned(before, after);
    let pairs = || figures.iter().zip(differences);
    for indicator in Indicator::REPORTED {
        // The highest quantile that the trials support says most.
        let own = pairs().filter(|(figure, found)| figure.indicator == indicator && found.is_ok());
        let size = |figure: &Figure| match figure.statistic {
            Statistic::Quantile(p) => p,
            Statistic::Mean => 0.0,
        };
        let highest = own.max_by(|(one, _), (other, _)| size(one).total_cmp(&size(other)));
        parts.extend(highest.and_then(|(figure, found)| told(*figure, found.as_ref().ok()?)));
    }
    let cost = Bill::more(other.header.bill.as_ref(), base.header.bill.as_ref());
    parts.extend(cost.map(|cost| dearer(&cost, other.header.bill.as_ref().map_or("", |bill| &bill.currency))));
    if parts.is_empty() {
        parts.push(match blind(pairs()) {
            Some((figure, reason)) => {
                format!("nothing can be said of {} beside {}: {reason}", figure.name(), base.name)
            }
            None => format!("no difference from {} is shown", base.name),
        });
    }
    format!("{}: {}", other.name, parts.join("; "))
}

/// The first figure, and why nothing is known of it, where none of the differences that the trials have is bounded on both sides:
/// then equal and unknown must not read alike.
fn blind<'a>(
    mut pairs: impl Iterator<Item = (&'a Figure, &'a Result<Difference, Refusal>)>,
) -> Option<(Figure, String)> {
    let mut first = None;
    let seen = pairs.any(|(figure, found)| {
        let reason = match found {
            Ok(found) if found.interval.low.is_finite() && found.interval.high.is_finite() => return true,
            Ok(_) => "some trials are not back when they end".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        first.get_or_insert((*figure, reason));
        false
    });
    first.filter(|_| !seen)
}

/// Objectives whose verdicts differ, those that are missed, and those on data loss beside which nobody can write.
fn turned(before: &Objectives, after: &Objectives) -> Vec<String> {
    let word = |verdict: Verdict| match verdict {
        Verdict::Met => "MET",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "UNDECIDED",
        Verdict::NotJudged => "NOT JUDGED",
    };
    let said = |name: String, now: Verdict, was: Option<Verdict>, beside: &str| match was {
        Some(was) if was != now => Some(format!("{name} {}{beside}, was {}", word(now), word(was))),
        _ if now == Verdict::Missed || !beside.is_empty() => Some(format!("{name} {}{beside}", word(now))),
        _ => None,
    };
    let quantiles = after.assessed.iter().filter_map(|now| {
        let name = now.objective.name();
        let was = before.assessed.iter().find(|was| was.objective.name() == name).map(|was| was.verdict);
        // Complete data are of little use to those who cannot write.
        let beside = if now.writerless.is_empty() { "" } else { " with no writer at the end" };
        said(name, now.verdict, was, beside)
    });
    let shares = after.budgets.iter().filter_map(|now| {
        let was = before.budgets.iter().find(|was| was.of == now.of).map(|was| was.verdict);
        said(now.name(), now.verdict, was, "")
    });
    quantiles.chain(shares).collect()
}

/// A difference that is beyond doubt, in words.
fn told(figure: Figure, found: &Difference) -> Option<String> {
    let (estimate, interval) = (found.estimate, found.interval);
    if !interval.excludes_zero() {
        return None;
    }
    let less = interval.high < 0.0;
    let at = match figure.statistic {
        Statistic::Quantile(_) => format!("at {}", figure.short()),
        Statistic::Mean => "on average".to_owned(),
    };
    if figure.indicator == Indicator::Availability {
        let value = estimate.known()?;
        let word = if less { "less" } else { "more" };
        let points = signed_points(value, value.abs());
        return Some(format!("up for {} percentage points {word} of the time", points.trim_start_matches(['+', '-'])));
    }
    let word = match (figure.indicator, less) {
        (Indicator::LatencyBefore, true) => "sooner answered before the fault",
        (Indicator::LatencyBefore, false) => "later answered before the fault",
        (Indicator::LatencyAfter, true) => "sooner answered after it",
        (Indicator::LatencyAfter, false) => "later answered after it",
        (Indicator::CaughtUp, true) => "sooner caught up",
        (Indicator::CaughtUp, false) => "later caught up",
        (Indicator::Rpo, true) => "of data less lost",
        (Indicator::Rpo, false) => "of data more lost",
        (_, true) => "sooner",
        (_, false) => "later",
    };
    // Where one side is not known, the other is a bound.
    let (size, least) = match estimate.known() {
        Some(value) => (value.abs(), ""),
        None => (if less { estimate.high.abs() } else { estimate.low.abs() }, "at least "),
    };
    Some(format!("{least}{} {word} {at}", duration(size)))
}

/// A difference of costs in words.
fn dearer(cost: &More, currency: &str) -> String {
    let missing = (!cost.unpriced.is_empty()).then(|| format!("{}, which has no price", cost.unpriced.join(", ")));
    let uncounted: Vec<&str> = cost.uncounted.iter().map(|what| what.words()).collect();
    let uncounted = (!uncounted.is_empty()).then(|| format!("{}, which no price counts", uncounted.join(" and ")));
    let besides: Vec<String> = missing.into_iter().chain(uncounted).collect();
    let rest = besides.iter().map(|it| format!(", and {it}")).collect::<String>();
    match cost.amount {
        0.0 if cost.is_whole() => "at the same cost".to_owned(),
        0.0 => format!("at the same cost but for {}", besides.join(", and ")),
        amount if amount < 0.0 => format!("{} a month less{rest}", money(-amount, currency)),
        amount => format!("{} a month more{rest}", money(amount, currency)),
    }
}

#[cfg(test)]
mod tests {
    use super::dearer;
    use crate::cost::{More, Uncounted};

    #[test]
    fn what_no_price_counts_is_beside_the_difference() {
        let told = |amount: f64, unpriced: &[&'static str], uncounted: &[Uncounted]| {
            dearer(&More { amount, unpriced: unpriced.to_vec(), uncounted: uncounted.to_vec() }, "USD")
        };
        let checks = Uncounted::FastChecks.words();
        assert_eq!(told(0.0, &[], &[]), "at the same cost");
        assert_eq!(
            told(0.0, &[], &[Uncounted::FastChecks]),
            format!("at the same cost but for {checks}, which no price counts")
        );
        assert_eq!(
            told(-20.0, &["alarm"], &[Uncounted::FastChecks]),
            format!("20.00 USD a month less, and alarm, which has no price, and {checks}, which no price counts")
        );
        assert_eq!(told(20.0, &[], &[]), "20.00 USD a month more");
    }
}
