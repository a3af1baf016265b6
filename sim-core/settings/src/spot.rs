//! One value under inspection: what it is, whether the key admits it, and what to say if not.

use super::key::{Key, KeyDefault};
use super::quantity::{self, DURATION_FORM, duration_text, plain};
use super::report::{Problem, Report};
use super::syntax::POINT_HINT;
use super::tree::{Entry, Node, Value};

/// One value under inspection: where its problems go and what its key admits.
pub(crate) struct Spot<'a> {
    pub(crate) report: &'a Report,
    pub(crate) path: &'a str,
    pub(crate) key: &'a Key,
}

impl Spot<'_> {
    pub(crate) fn problem(&self, node: &Node, expected: impl Into<String>, hint: Option<String>) {
        let found = node.value.describe();
        // `p99.9 = ..` without quotes is a table with the key 9.
        let number = |entry: &Entry| entry.key.bytes().all(|byte| byte.is_ascii_digit());
        let hint = hint.or_else(|| match node.entries() {
            [only] if number(only) => Some(POINT_HINT.to_owned()),
            _ => None,
        });
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
        Value::Integer(number) if *number >= 0 => (DURATION_FORM, Some(seconds_meant(number))),
        Value::Float(number) if *number >= 0.0 && number.is_finite() => (DURATION_FORM, Some(seconds_meant(number))),
        Value::Integer(_) => (DURATION_FORM, Some("a duration cannot be negative".to_owned())),
        Value::Float(number) if *number < 0.0 => (DURATION_FORM, Some("a duration cannot be negative".to_owned())),
        _ => (DURATION_FORM, None),
    };
    spot.problem(node, expected, hint);
    None
}

fn seconds_meant(number: impl std::fmt::Display) -> String {
    format!("write \"{number}s\" if seconds are meant")
}

/// Advice on a number in quotes.
fn unquote(text: &str) -> Option<String> {
    text.trim().parse::<f64>().is_ok_and(f64::is_finite).then(|| "write it without quotes".to_owned())
}

/// A finite number, in range.
pub(crate) fn number(spot: &Spot<'_>, node: &Node) -> Option<f64> {
    let number = match &node.value {
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => {
            spot.problem(node, "a number", unquote(text));
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
            spot.problem(node, FORM, node.text().and_then(unquote));
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
        let range = spot.key.range(plain);
        let range = if range.is_empty() { "that is not negative" } else { &range };
        spot.problem(node, format!("a whole number {range}"), node.text().and_then(unquote));
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

/// Text that reports may print. Required texts are names, which stand in the middle of lines.
pub(crate) fn text(spot: &Spot<'_>, node: &Node) -> Option<String> {
    let is_name = spot.key.default == KeyDefault::Required;
    let printable = |c: char| !c.is_control() || (!is_name && matches!(c, '\n' | '\t'));
    match node.text() {
        None => {
            let example = match spot.key.default {
                KeyDefault::Value { text, .. } => format!(", such as \"{text}\""),
                KeyDefault::Required | KeyDefault::Optional { .. } => String::new(),
            };
            spot.problem(node, format!("text in quotes{example}"), None);
        }
        Some(text) if is_name && text.trim().is_empty() => spot.problem(node, "text that is not empty", None),
        Some(text) if !text.chars().all(printable) => spot.problem(node, "text without control characters", None),
        Some(text) => return Some(text.to_owned()),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Section, parse_toml};

    const SPAN: Key = Key::required("x", "").above(1.0).at_most(60.0).listed();
    const PLAIN: Key = Key::required("x", "").listed();
    const TIME: Key = Key::documented("x", "", "10s", "the manual").listed();
    const SHARE: Key = Key::documented("x", "", "0.18", "the manual").listed();

    /// The value that `read` makes of `x = {value}`, with the problems as `found / expected / hint`.
    fn read<T>(value: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> (T, Vec<String>) {
        let (node, syntax) = parse_toml(&format!("x = {value}"), 0);
        assert!(syntax.is_empty(), "{syntax:?}");
        let report = Report::new();
        let value = read(&mut report.root(&node));
        let line = |p: &Problem| format!("{} / {} / {}", p.found, p.expected, p.hint.as_deref().unwrap_or("-"));
        (value, report.problems().iter().map(line).collect())
    }

    #[test]
    fn durations_need_a_unit_and_a_range() {
        assert_eq!(read("'1m'", |s| s.duration(&SPAN).as_secs_f64()), (60.0, vec![]));
        let (value, found) = read("10", |s| s.duration(&SPAN).as_secs_f64());
        assert!(SPAN.admits(value));
        assert_eq!(found, [format!("the number 10 / {DURATION_FORM} / write \"10s\" if seconds are meant")]);
        let (_, found) = read("'2m'", |s| s.maybe_duration(&SPAN));
        assert_eq!(found, ["the text \"2m\" / a duration above 1s and at most 1m / -"]);
        for (value, found) in [("1979-05-27", "a date or time"), ("nan", "nan"), ("inf", "inf")] {
            assert_eq!(read(value, |s| s.maybe_duration(&SPAN)).1, [format!("{found} / {DURATION_FORM} / -")]);
        }
        let (_, found) = read("-1", |s| s.maybe_duration(&SPAN));
        assert!(found[0].ends_with("a duration cannot be negative"), "{found:?}");
    }

    #[test]
    fn a_key_with_a_point_needs_quotes() {
        assert_eq!(
            read("{ 9 = '5m' }", |s| s.maybe_duration(&SPAN)).1,
            [format!("a table / {DURATION_FORM} / {POINT_HINT}")]
        );
        assert_eq!(read("{ a = '5m' }", |s| s.maybe_duration(&SPAN)).1, [format!("a table / {DURATION_FORM} / -")]);
    }

    #[test]
    fn numbers_are_finite_and_not_negative() {
        assert_eq!(read("3", |s| s.number(&PLAIN)), (3.0, vec![]));
        for wrong in ["nan", "inf", "-inf", "1e999", "-1", "-0.5", "true", "[]", "{}", "'3'"] {
            let (value, found) = read(wrong, |s| s.maybe_number(&PLAIN));
            assert_eq!((value, found.len()), (None, 1), "{wrong}: {found:?}");
        }
        assert_eq!(read("-5", |s| s.number(&Key::required("x", "").at_least(-99.0).listed())), (-5.0, vec![]));
    }

    #[test]
    fn shares_may_be_percentages() {
        assert_eq!(read("0.25", |s| s.share(&PLAIN)), (0.25, vec![]));
        assert_eq!(read("'99.95%'", |s| s.share(&PLAIN)), (0.9995, vec![]));
        let (_, found) = read("95", |s| s.maybe_share(&PLAIN));
        assert!(found[0].ends_with("write \"95%\" if percent are meant"), "{found:?}");
        for wrong in ["1.01", "-0.1", "nan", "'101%'", "'0.5'", "'x%'"] {
            assert_eq!(read(wrong, |s| s.maybe_share(&PLAIN)).1.len(), 1, "{wrong}");
        }
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(read("10_000", |s| s.count(&PLAIN)), (10_000, vec![]));
        assert_eq!(read("1e4", |s| s.count(&PLAIN)), (10_000, vec![]));
        for wrong in ["-1", "1.5", "1e300", "nan", "'4'"] {
            assert_eq!(read(wrong, |s| s.maybe_count(&PLAIN)).1.len(), 1, "{wrong}");
        }
    }

    #[test]
    fn rates_flags_and_texts() {
        assert_eq!(read("'3 per day'", |s| s.rate(&PLAIN)), (3.0 / 86_400.0, vec![]));
        assert_eq!(read("5", |s| s.rate(&PLAIN)), (5.0, vec![]));
        assert_eq!(read("'often'", |s| s.maybe_rate(&PLAIN)).1.len(), 1);
        assert_eq!(read("true", |s| s.flag(&PLAIN)), (true, vec![]));
        assert_eq!(
            read("'true'", |s| s.flag(&PLAIN)).1,
            ["the text \"true\" / true or false / write it without quotes"]
        );
        assert_eq!(read("'a'", |s| s.text(&PLAIN)), ("a".to_owned(), vec![]));
        for wrong in ["''", "' '", r#""a\u001b[31m""#, r#""a\nb""#] {
            assert_eq!(read(wrong, |s| s.text(&PLAIN)).1.len(), 1, "{wrong}");
        }
        let optional = Key::optional("x", "", "").listed();
        assert_eq!(read(r#""a\nb""#, |s| s.maybe_text(&optional)), (Some("a\nb".to_owned()), vec![]));
        assert_eq!(read(r#""a\u001b[31m""#, |s| s.maybe_text(&optional)).1.len(), 1);
        assert_eq!(read("1", |s| s.text(&PLAIN)).1, ["the number 1 / text in quotes / -"]);
    }

    #[test]
    fn a_wrong_value_falls_back_to_its_default() {
        assert_eq!(read("7", |s| s.share(&SHARE)).0, 0.18);
        assert_eq!(read("7", |s| s.duration(&TIME).as_secs_f64()).0, 10.0);
    }

    #[test]
    fn long_texts_are_cut_in_messages() {
        let (_, found) = read(&format!("'{}'", "y".repeat(100_000)), |s| s.maybe_number(&PLAIN));
        assert!(found[0].len() < 200);
        assert!(found[0].contains("yyy..\""));
    }
}
