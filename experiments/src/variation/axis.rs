//! A key that a sweep varies, with its values or its range.

use std::ops;

use sim_settings::{Entry, Node, Place, Problem, Value};

use super::range::Range;
use crate::file::{Origin, Setting, key_text, value_text};

/// One key and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The key's path, as `--set` takes it.
    pub key: String,
    /// Its values.
    pub values: Values,
    /// Where it is written; nothing if it was read back from results.
    written: Option<Written>,
}

/// Where an axis is written.
#[derive(Debug, Clone, PartialEq)]
enum Written {
    /// In a text of `--vary`, by its bytes: the key, and each of the values or the range.
    Argument { text: String, key: ops::Range<usize>, values: Vec<ops::Range<usize>> },
    /// In the file: the key, and each of the values or the range.
    File { key: Place, values: Vec<Place> },
}

/// The settings of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Each as `--set` takes it.
    Listed(Vec<String>),
    /// All values between two ends.
    Range(Range),
}

impl Axis {
    /// An axis of results, whose values were checked before.
    pub(crate) const fn kept(key: String, values: Values) -> Self {
        Self { key, values, written: None }
    }

    /// `--vary KEY=VALUE,VALUE..` or `--vary KEY=LOW..HIGH`.
    ///
    /// # Errors
    /// The form that it must have.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form =
            || "must be KEY=VALUE,VALUE.. or KEY=LOW..HIGH, such as dns.ttl=10s,30s or dns.ttl=10s..300s".to_owned();
        let equals = text.find('=').ok_or_else(form)?;
        let key = trimmed(text, 0..equals);
        if key.is_empty() || text[equals + 1..].trim().is_empty() {
            return Err(form());
        }
        let places = listed(text, equals + 1)?;
        if places.iter().any(ops::Range::is_empty) {
            return Err("one of the values is missing".to_owned());
        }
        let values = match places.as_slice() {
            [one] if is_range(&text[one.clone()]) => {
                Values::Range(Range::parse(&text[one.clone()]).map_err(|form| format!("must be {form}"))?)
            }
            _ => Values::Listed(places.iter().map(|place| text[place.clone()].to_owned()).collect()),
        };
        let written = Some(Written::Argument { text: text.to_owned(), key: key.clone(), values: places });
        Self { key: text[key].to_owned(), values, written }
            .checked()
            .map_err(|twice| format!("{twice} is listed twice"))
    }

    /// A value, or a draw from the range, as the experiment takes it.
    pub(super) fn setting(&self, value: &str) -> Setting {
        let index = match &self.values {
            Values::Listed(values) => values.iter().position(|listed| listed == value).unwrap_or(0),
            Values::Range(_) => 0,
        };
        let origin = match &self.written {
            None => return Setting::set(format!("{}={value}", self.key)),
            Some(Written::Argument { text, key, values }) => {
                Origin::Argument { text: text.clone(), key: key.clone(), value: values[index].clone() }
            }
            Some(Written::File { key, values }) => Origin::File { key: *key, value: values[index] },
        };
        Setting::Varied { key: self.key.clone(), value: value.to_owned(), origin }
    }

    /// The same axis for a key that takes any number: a range between two whole numbers then holds fractions too.
    #[must_use]
    pub fn of_numbers(self) -> Self {
        let values = match self.values {
            Values::Range(range) => Values::Range(range.of_numbers()),
            listed @ Values::Listed(_) => listed,
        };
        Self { values, ..self }
    }

    /// The axis, or the value that is listed twice.
    fn checked(self) -> Result<Self, String> {
        if let Values::Listed(values) = &self.values {
            let again = |(index, value): &(usize, &String)| values[..*index].contains(value);
            if let Some((_, twice)) = values.iter().enumerate().find(again) {
                return Err(shown(twice).to_owned());
            }
        }
        Ok(self)
    }

    /// The axes in a table of the file: paths of keys, written with dots, in quotes or as tables in tables, and their
    /// values. Problems come with their places.
    pub(super) fn from_table(table: &Node, path: &str) -> (Vec<Self>, Vec<Problem>) {
        let (mut axes, mut problems) = (Vec::new(), Vec::new());
        if !matches!(table.value, Value::Table(_)) {
            let found = table.value.describe();
            let expected = "a table from keys to values, such as { \"dns.ttl\" = [\"10s\", \"30s\"] }".to_owned();
            problems.push(Problem { found, expected, ..Problem::at(table.place, path) });
        }
        walk(table.entries(), "", path, &mut axes, &mut problems);
        (axes, problems)
    }
}

fn walk(entries: &[Entry], prefix: &str, path: &str, axes: &mut Vec<Axis>, problems: &mut Vec<Problem>) {
    for entry in entries {
        // A key in quotes may be a whole path.
        let own = if entry.key.contains('.') { entry.key.clone() } else { key_text(&entry.key) };
        let key = if prefix.is_empty() { own } else { format!("{prefix}.{own}") };
        let at = Problem::at(entry.node.place, format!("{path}.{key}"));
        let node = &entry.node;
        let axis = match &node.value {
            Value::Table(inner) if !inner.is_empty() => {
                walk(inner, &key, path, axes, problems);
                continue;
            }
            Value::Array(values) if !values.is_empty() => {
                let listed = values.iter().map(|value| value_text(&value.value)).collect();
                Ok((Values::Listed(listed), values.iter().map(|value| value.place).collect()))
            }
            Value::Text(text) if is_range(text) => {
                Range::parse(text).map(|range| (Values::Range(range), vec![node.place]))
            }
            _ => Err("an array of values, or a range such as \"10s..300s\"".to_owned()),
        };
        let axis = axis.map(|(values, places)| {
            let written = Some(Written::File { key: entry.key_place, values: places });
            Axis { key, values, written }.checked()
        });
        match axis {
            Ok(Ok(axis)) => axes.push(axis),
            Ok(Err(twice)) => {
                problems.push(Problem {
                    found: format!("{twice} twice"),
                    expected: "each value once".to_owned(),
                    ..at
                });
            }
            Err(expected) => problems.push(Problem { found: entry.node.value.describe(), expected, ..at }),
        }
    }
}

/// A setting without the quotes of TOML, for tables and charts.
pub fn shown(value: &str) -> &str {
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.filter(|inner| !inner.contains(['"', '\\'])).unwrap_or(value)
}

fn is_range(text: &str) -> bool {
    text.contains("..") && !text.starts_with(['"', '\'', '[', '{'])
}

/// The range without white space at its ends.
fn trimmed(text: &str, part: ops::Range<usize>) -> ops::Range<usize> {
    let inner = &text[part.clone()];
    let start = part.start + inner.len() - inner.trim_start().len();
    start..start + inner.trim().len()
}

/// The parts between commas outside brackets and quotes, from a byte on.
fn listed(text: &str, from: usize) -> Result<Vec<ops::Range<usize>>, String> {
    let (mut values, mut start) = (Vec::new(), from);
    let (mut depth, mut quote, mut escaped) = (0_u32, None, false);
    for (at, letter) in text.char_indices().skip_while(|(at, _)| *at < from) {
        match (quote, letter) {
            (Some('"'), '\\') if !escaped => escaped = true,
            (Some(open), _) => {
                quote = (letter != open || escaped).then_some(open);
                escaped = false;
            }
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                values.push(trimmed(text, start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    values.push(trimmed(text, start..text.len()));
    if quote.is_some() || depth > 0 { Err("a quote or a bracket is not closed".to_owned()) } else { Ok(values) }
}

#[cfg(test)]
mod tests {
    use sim_settings::parse_toml;

    use super::{Axis, Values, shown};

    fn list(text: &str) -> Vec<String> {
        match Axis::parse(text).expect("valid").values {
            Values::Listed(values) => values,
            Values::Range(range) => panic!("{range:?}"),
        }
    }

    #[test]
    fn values_of_any_type_are_listed_as_set_takes_them() {
        assert_eq!(list("dns.ttl=10s, 30s,60s"), ["10s", "30s", "60s"]);
        assert_eq!(list("x={ uniform = [1, 2] },3"), ["{ uniform = [1, 2] }", "3"]);
        assert_eq!(list("x='a,b',\"c,\\\",d\",true"), ["'a,b'", "\"c,\\\",d\"", "true"]);
        assert_eq!(list("x=a=b"), ["a=b"]);
        assert!(matches!(Axis::parse("x=1..2").expect("valid").values, Values::Range(_)));
    }

    #[test]
    fn what_is_no_axis_says_why() {
        for (text, words) in [
            ("dns.ttl", "KEY=VALUE"),
            ("=10s", "KEY=VALUE"),
            ("dns.ttl=", "KEY=VALUE"),
            ("dns.ttl=10s,,30s", "missing"),
            ("dns.ttl=10s,10s", "listed twice"),
            ("dns.ttl=30s..10s", "10s..300s"),
            ("x=[1,2", "not closed"),
            ("x=\"a", "not closed"),
        ] {
            assert!(Axis::parse(text).is_err_and(|error| error.contains(words)), "{text}: {:?}", Axis::parse(text));
        }
    }

    #[test]
    fn tables_name_keys_in_any_way_of_toml() {
        let text = "dns.ttl = [\"10s\", \"30s\"]\n\"compute.kappa\" = [0, 0.5]\nruns.on = \"1..5\"\n\
                    delay = [{ uniform = [1, 2] }]\n";
        let (node, syntax) = parse_toml(text, 0);
        assert!(syntax.is_empty());
        let (axes, problems) = Axis::from_table(&node, "sweep.vary");
        assert!(problems.is_empty(), "{problems:?}");
        let keys: Vec<&str> = axes.iter().map(|axis| axis.key.as_str()).collect();
        assert_eq!(keys, ["dns.ttl", "compute.kappa", "runs.on", "delay"]);
        assert_eq!(axes[0].values, Values::Listed(vec!["\"10s\"".to_owned(), "\"30s\"".to_owned()]));
        assert_eq!(axes[3].values, Values::Listed(vec!["{ uniform = [1, 2] }".to_owned()]));
        let (node, _) = parse_toml("a = 5\nb = []\nc = [1, 1]\n", 0);
        assert_eq!(Axis::from_table(&node, "sweep.vary").1.len(), 3);
    }

    #[test]
    fn quotes_are_shown_only_where_they_matter() {
        assert_eq!(["\"10s\"", "5", "\"a\\\"b\"", "10s"].map(shown), ["10s", "5", "\"a\\\"b\"", "10s"]);
    }
}
