//! Steps: a value that was written, made smaller as one would write it.

use sim_core::time::SimDuration;
use sim_settings::quantity::{duration_text, parse_duration};
use sim_settings::{Entry, Node, VALUE, Value, parse_value};

use crate::file::value_text;

/// Parameters of distributions that have no unit and say how wide they are, not how long something takes.
const SHAPES: [&str; 4] = ["shape", "sigma", "s", "k"];
/// What a figure rests on: a step that was never taken rests on nothing.
const GROUNDS: [&str; 3] = ["source", "from", "observations"];

/// A duration or a distribution of durations as TOML, with all its times so many times as long; nothing where it is not
/// known which of its figures are times.
pub(super) fn scaled(text: &str, factor: f64) -> Option<String> {
    let node = parse_value(text, 0)?;
    Some(value_text(&times(&node.value, factor)?))
}

fn times(value: &Value, factor: f64) -> Option<Value> {
    Some(match value {
        Value::Text(text) => Value::Text(duration_text(rounded(parse_duration(text).ok()? * factor))),
        Value::Array(elements) => Value::Array(elements.iter().map(|node| of(node, factor)).collect::<Option<_>>()?),
        // What a changed value is has no ground any more that the file states.
        Value::Table(entries) if entries.iter().any(|entry| entry.key == VALUE) => {
            let value = entries.iter().find(|entry| entry.key == VALUE)?;
            times(&value.node.value, factor)?
        }
        Value::Table(entries) => {
            let one = |entry: &Entry| {
                let kept = SHAPES.contains(&entry.key.as_str());
                let node = if kept { entry.node.clone() } else { of(&entry.node, factor)? };
                Some(Entry { node, ..entry.clone() })
            };
            let figures = entries.iter().filter(|entry| !GROUNDS.contains(&entry.key.as_str()));
            Value::Table(figures.map(one).collect::<Option<_>>()?)
        }
        // A plain number may be seconds or a share.
        _ => return None,
    })
}

fn of(node: &Node, factor: f64) -> Option<Node> {
    Some(Node { value: times(&node.value, factor)?, ..node.clone() })
}

/// A time as people choose it: whole milliseconds below a second, else tenths of a second.
fn rounded(seconds: f64) -> f64 {
    let scale = if seconds < 1.0 { 1e3 } else { 10.0 };
    (seconds * scale).round() / scale
}

/// A duration as files write it.
pub(super) fn text(duration: SimDuration) -> String {
    duration_text(duration.as_secs_f64())
}

/// The same in quotes, as a value of TOML.
pub(super) fn quoted(text: &str) -> String {
    value_text(&Value::Text(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn times_are_scaled_and_shapes_are_not() {
        let cases = [
            ("\"30s\"", Some("\"15s\"")),
            ("{ value = \"1m\", source = \"assumed\", from = \"a guess\" }", Some("\"30s\"")),
            (
                "{ lognormal = { median = \"2m\", p95 = \"8m\" } }",
                Some("{ lognormal = { median = \"1m\", p95 = \"4m\" } }"),
            ),
            ("{ uniform = [\"10s\", \"30s\"] }", Some("{ uniform = [\"5s\", \"15s\"] }")),
            ("{ weibull = { shape = 0.5, scale = \"2m\" } }", Some("{ weibull = { shape = 0.5, scale = \"1m\" } }")),
            (
                "{ uniform = [\"10s\", \"30s\"], source = \"measured\", observations = 12 }",
                Some("{ uniform = [\"5s\", \"15s\"] }"),
            ),
            ("{ value = \"1m\", source = \"documented\", from = \"a report\" }", Some("\"30s\"")),
            // A number without a unit may be anything.
            ("{ uniform = [10, 30] }", None),
            ("{ empirical = \"times.csv\" }", None),
        ];
        for (text, half) in cases {
            assert_eq!(scaled(text, 0.5).as_deref(), half, "{text}");
        }
    }
}
