//! A parsed text: values that remember where they were written.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::report::Problem;
use super::syntax::{ERROR_LIMIT, syntax_problems};

/// Deeper nesting than this is an error: no sensible file needs it, and every walk over a tree may then recurse.
pub(super) const DEPTH_LIMIT: usize = 64;
/// In longer texts only the first syntax error is looked for: gathering millions takes gigabytes.
const RECOVERY_LIMIT: usize = 1 << 20;

/// A byte range in source number `source`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which text: the program numbers them.
    pub source: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// A range of bytes of a text; beyond 4 GiB places are no longer told apart.
    pub fn of(source: u32, span: Range<usize>) -> Self {
        let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source, start: cut(span.start), end: cut(span.end) }
    }

    /// The bytes of its text.
    pub const fn bytes(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place; for a table with a header, that of the header.
    pub place: Place,
}

/// A written value.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point or an exponent; may be infinite or NaN.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// An array.
    Array(Vec<Node>),
    /// A table, its keys in the order in which they were written.
    Table(Vec<Entry>),
    /// Something that no setting takes, such as "a date".
    Other(&'static str),
}

/// One key of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The place of the key.
    pub key_place: Place,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// The value of `key` if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// The entries of a table; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        if let Value::Table(entries) = &self.value { entries } else { &[] }
    }

    /// The string, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Whether the same was written, wherever. Numbers are compared bit by bit, so that NaN equals itself.
    pub fn same_as(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Integer(a), Value::Integer(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
            (Value::Boolean(a), Value::Boolean(b)) => a == b,
            (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same_as(b)),
            (Value::Table(a), Value::Table(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && a.node.same_as(&b.node))
            }
            (Value::Other(a), Value::Other(b)) => a == b,
            _ => false,
        }
    }
}

impl Value {
    /// The value in words, for messages: `the text "10"`, `the number 10`, `a table`.
    pub fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the text {}", quoted(text)),
            Self::Integer(number) => format!("the number {number}"),
            Self::Float(number) if number.is_nan() => "nan".to_owned(),
            Self::Float(number) if number.is_infinite() => number.to_string(),
            Self::Float(number) => format!("the number {number:?}"),
            Self::Boolean(flag) => flag.to_string(),
            Self::Array(_) => "an array".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}

/// `text` in quotes, on one line, and cut if it is long: messages must stay readable whatever was written.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push_str("..");
    }
    format!("\"{short}\"")
}

/// Parses a TOML document. Always returns a table; the problems are all syntax errors that could be found.
///
/// The parser itself recurses while it throws away what it rejects. A text that anybody could have sent is best parsed
/// on a thread with a stack of 64 MiB.
pub fn parse_toml(text: &str, source: u32) -> (Node, Vec<Problem>) {
    let (table, errors) = if text.len() <= RECOVERY_LIMIT {
        let (table, errors) = DeTable::parse_recoverable(text);
        (table.into_inner(), errors)
    } else {
        match DeTable::parse(text) {
            Ok(table) => (table.into_inner(), Vec::new()),
            Err(error) => (DeTable::new(), vec![error]),
        }
    };
    let mut reader = Reader { source, problems: syntax_problems(&errors, source, text) };
    let value = reader.table(table, 0);
    (Node { value, place: Place { source, start: 0, end: 0 } }, reader.problems)
}

/// Parses one TOML value such as `0.18` or `{ mean = "3s" }`; `None` if the text is not one.
pub fn parse_value(text: &str, source: u32) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut reader = Reader { source, problems: Vec::new() };
    let place = reader.place(value.span());
    let value = reader.value(value.into_inner(), place, 0);
    reader.problems.is_empty().then_some(Node { value, place })
}

struct Reader {
    source: u32,
    problems: Vec<Problem>,
}

impl Reader {
    fn place(&self, span: Range<usize>) -> Place {
        Place::of(self.source, span)
    }

    fn table(&mut self, table: DeTable<'_>, depth: usize) -> Value {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, node)| {
                let (key_place, place) = (self.place(key.span()), self.place(node.span()));
                let value = self.value(node.into_inner(), place, depth + 1);
                Entry { key: key.into_inner().into_owned(), key_place, node: Node { value, place } }
            })
            .collect();
        // The parser sorts by name; people meant the order in which they wrote.
        entries.sort_by_key(|entry| entry.key_place);
        Value::Table(entries)
    }

    fn value(&mut self, value: DeValue<'_>, place: Place, depth: usize) -> Value {
        match value {
            nested @ (DeValue::Array(_) | DeValue::Table(_)) if depth >= DEPTH_LIMIT => {
                dismantle(nested);
                self.problem(place, "nesting that is too deep", format!("at most {DEPTH_LIMIT} levels"));
                Value::Other("something nested too deeply")
            }
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => {
                let negative = number.as_str().starts_with('-');
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Integer(number),
                    Err(_) if negative => Value::Other("a whole number below -9223372036854775808"),
                    Err(_) => Value::Other("a whole number above 9223372036854775807"),
                }
            }
            // A number too large to be finite becomes infinite, and every reader refuses that.
            DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(flag) => Value::Boolean(flag),
            DeValue::Datetime(_) => Value::Other("a date or time"),
            DeValue::Array(array) => Value::Array(
                array
                    .into_iter()
                    .map(|node| {
                        let place = self.place(node.span());
                        Node { value: self.value(node.into_inner(), place, depth + 1), place }
                    })
                    .collect(),
            ),
            DeValue::Table(table) => self.table(table, depth),
        }
    }

    fn problem(&mut self, place: Place, found: &str, expected: String) {
        if self.problems.len() < ERROR_LIMIT {
            self.problems.push(Problem { found: found.to_owned(), expected, ..Problem::at(place, "") });
        }
    }
}

/// Drops a deeply nested value level by level: dropping it whole would recurse as deep as it is nested.
fn dismantle(value: DeValue<'_>) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            DeValue::Array(array) => rest.extend(array.into_iter().map(toml::Spanned::into_inner)),
            DeValue::Table(table) => rest.extend(table.into_iter().map(|(_, node)| node.into_inner())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on_a_tall_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
            thread.expect("a thread").join().expect("no panic")
        })
    }

    #[test]
    fn values_know_where_they_stand() {
        let text = "b = '1'\n[t]\nx = [true, 2.5]\n[[a]]\n";
        let (node, problems) = parse_toml(text, 7);
        assert!(problems.is_empty());
        let at = |place: Place| {
            assert_eq!(place.source, 7);
            &text[place.start as usize..place.end as usize]
        };
        let keys: Vec<&str> = node.entries().iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["b", "t", "a"], "the order of the file");
        assert_eq!(at(node.entries()[0].key_place), "b");
        assert_eq!(at(node.entries()[0].node.place), "'1'");
        assert_eq!(at(node.get("t").expect("t").place), "[t]");
        assert_eq!(at(node.get("t").and_then(|t| t.get("x")).expect("x").place), "[true, 2.5]");
    }

    #[test]
    fn values_of_defaults_and_arguments() {
        let value = |text: &str| parse_value(text, 0).map(|node| node.value.describe());
        assert_eq!(value("0.18").as_deref(), Some("the number 0.18"));
        assert_eq!(value("{ a = 1 }").as_deref(), Some("a table"));
        for text in ["", "10s", "1 2", "a b", "[1,", "'x", "\n"] {
            assert_eq!(value(text), None, "{text}");
        }
    }

    #[test]
    fn hostile_nesting_is_an_error() {
        let dots = vec!["a"; 79].join(".");
        let dotted = format!("{}1{}", format!("{{ {dots} = ").repeat(79), " }".repeat(79));
        for text in [
            "[".repeat(100_000),
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
            format!("a = {}", "{ a = ".repeat(100_000)),
            format!("{}a = 1", "a.".repeat(100_000)),
            format!("[{}a]", "a.".repeat(100_000)),
            format!("b = {dotted}\nb = {dotted}\n[{dots}]\nc = {dotted}\n"),
        ] {
            let (problems, node) = on_a_tall_stack(|| {
                let (node, problems) = parse_toml(&text, 0);
                (problems, node)
            });
            assert!(!problems.is_empty() && problems.len() <= 2 * ERROR_LIMIT);
            drop(node); // on a small stack
        }
    }

    #[test]
    fn odd_bytes_are_no_trouble() {
        for text in
            ["", "\u{feff}", "\u{feff}a = 1", "a = 1\r\n", "\0", "a = '\0'", "é = 'ü'", "a = 1979-05-27", "# only\n"]
        {
            let (node, _) = parse_toml(text, 0);
            assert!(matches!(node.value, Value::Table(_)));
        }
    }

    const VALID: &str = "name = \"x\"\nseed = 1\n[dns]\nttl = \"60s\"\ncheck = { interval = \"10s\", n = 3 }\n\
        [[clients]]\nname = \"é\"\nat = { uniform = [\"1s\", \"2s\"] }\nwhen = 1979-05-27\nf = 1e3\n";

    proptest! {
           #[test]
           fn no_text_makes_the_parser_panic(text in any::<String>()) {
               parse_toml(&text, 0);
               parse_value(&text, 0);
           }

           #[test]
           fn no_mutation_makes_the_parser_panic(edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..8)) {
               let mut bytes = VALID.as_bytes().to_vec();
               for (at, byte) in edits {
                   let at = usize::from(at) % bytes.len();
                   if byte % 3 == 0 {
    bytes.remove(at);
    } else {
    bytes[at] = byte;
    }
               }
               parse_toml(&String::from_utf8_lossy(&bytes), 0);
           }

           #[test]
           fn no_shuffling_of_tokens_makes_the_parser_panic(
               tokens in proptest::collection::vec(
                   prop_oneof![
                       Just("a"), Just("b"), Just("."), Just("="), Just("["), Just("]"), Just("{"), Just("}"), Just(","),
                       Just("\n"), Just("1"), Just("'"), Just("\""), Just("\"\"\""), Just("[["), Just("]]"), Just(" "),
                       Just("#"), Just("\\"), Just("1979-05-27"),
                   ],
                   0..40,
               )
           ) {
               parse_toml(&tokens.concat(), 0);
           }
       }
}
