//! One value under inspection: what it is, whether the key admits it, and what to say if not.

use super::key::Key;
use super::quantity::{self, DURATION_FORM, duration_text};
use super::report::{Problem, Report};
use super::tree::{Node, Value};

/// One value under inspection: where its problems go and what its key admits.
pub(crate) struct Spot<'a> {
    pub(crate) report: &'a Report,
    pub(crate) path: &'a str,
    pub(crate) key: &'a Key,
}

impl Spot<'_> {
    pub(crate) fn problem(&self, node: &Node, expected: impl Into<String>, hint: Option<String>) {
        let found = node.value.describe();
        self.report.problem(Problem { found, expected: expected.into(), hint, ..Problem::at(node.place, self.path) });
    }

    /// `value` if the key's range has it; otherwise reports what `what` should have been.
    pub(crate) fn in_range(&self, node: &Node, value: f64, what: &str, unit: fn(f64) -> String) -> Option<f64> {
        if self.key.admits(value) {
            return Some(value);
        }
        let range = self.key.range(unit);
        let range = if range.is_empty() { "that is not negative".to_owned() } else { range };
        self.problem(node, format!("{what} {range}"), None);
        None
    }
}

/// Seconds, in range.
pub(crate) fn seconds(spot: &Spot<'_>, node: &Node) -> Option<f64> {
    let (expected, hint) = match &node.value {
        Value::Text(text) => match quantity::parse_duration(text) {
            Ok(seconds) => return spot.in_range(node, seconds, "a duration", duration_text),
            Err(hint) => (DURATION_FORM, Some(hint)),
        },
        Value::Integer(number) => (DURATION_FORM, Some(format!("write \"{number}s\" if seconds are meant"))),
        Value::Float(number) => (DURATION_FORM, Some(format!("write \"{number}s\" if seconds are meant"))),
        _ => (DURATION_FORM, None),
    };
    spot.problem(node, expected, hint);
    None
}

/// A finite number, in range.
pub(crate) fn number(spot: &Spot<'_>, node: &Node) -> Option<f64> {
    let number = match &node.value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => {
            let hint = text.trim().parse::<f64>().is_ok().then(|| "write it without quotes".to_owned());
            spot.problem(node, "a number", hint);
            return None;
        }
        _ => f64::NAN,
    };
    if number.is_finite() {
        return spot.in_range(node, number, "a number", plain);
    }
    spot.problem(node, "a finite number", None);
    None
}

pub(crate) fn share(spot: &Spot<'_>, node: &Node) -> Option<f64> {
    const FORM: &str = "a share from 0 to 1, or text such as \"99.95%\"";
    let share = match &node.value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(text) => quantity::parse_percentage(text),
        _ => None,
    };
    match share {
        Some(share) if (0.0..=1.0).contains(&share) => spot.in_range(node, share, "a share", plain),
        Some(number) if number > 1.0 && number <= 100.0 && node.text().is_none() => {
            spot.problem(node, FORM, Some(format!("write \"{number}%\" if percent are meant")));
            None
        }
        _ => {
            spot.problem(node, FORM, None);
            None
        }
    }
}

pub(crate) fn count(spot: &Spot<'_>, node: &Node) -> Option<u64> {
    // Above 2^53 a float no longer tells neighbours apart.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let count = match &node.value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::Float(number) if number.fract() == 0.0 && (0.0..=EXACT).contains(number) => Some(*number as u64),
        _ => None,
    };
    let Some(count) = count else {
        spot.problem(node, "a whole number that is not negative", None);
        return None;
    };
    spot.in_range(node, count as f64, "a whole number", plain).map(|_| count)
}

pub(crate) fn rate(spot: &Spot<'_>, node: &Node) -> Option<f64> {
    let Some(text) = node.text() else { return number(spot, node) };
    let Some(rate) = quantity::parse_rate(text) else {
        spot.problem(node, quantity::RATE_FORM, None);
        return None;
    };
    spot.in_range(node, rate, "a rate per second", plain)
}

pub(crate) fn flag(spot: &Spot<'_>, node: &Node) -> Option<bool> {
    if let Value::Boolean(flag) = node.value {
        return Some(flag);
    }
    let quoted = matches!(node.text(), Some("true" | "false"));
    spot.problem(node, "true or false", quoted.then(|| "write it without quotes".to_owned()));
    None
}

pub(crate) fn text(spot: &Spot<'_>, node: &Node) -> Option<String> {
    if let Some(text) = node.text() {
        return Some(text.to_owned());
    }
    spot.problem(node, "text in quotes", None);
    None
}

fn plain(value: f64) -> String {
    value.to_string()
}
