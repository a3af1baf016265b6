//! The draft of an experiment: keys with their values, where each came from, and what nobody but a person can say.

use std::collections::BTreeMap;

use super::resource::{Id, Inventory};

/// Where a value came from, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Remark {
    /// The resources that say it.
    pub(super) from: Vec<Id>,
    /// A few words.
    pub(super) note: String,
    /// The question that the value answers by a guess.
    pub(super) question: String,
}

/// A key, its value as TOML, and its remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) remark: Remark,
}

impl Entry {
    /// A value that resources say.
    pub(super) fn from(key: &str, value: impl Into<String>, from: &[Id]) -> Self {
        let remark = Remark { from: from.to_vec(), ..Remark::default() };
        Self { key: key.to_owned(), value: value.into(), remark }
    }

    /// A value that is a guess, and the question that it stands for.
    pub(super) fn asked(key: &str, value: impl Into<String>, question: impl Into<String>) -> Self {
        let remark = Remark { question: question.into(), ..Remark::default() };
        Self { key: key.to_owned(), value: value.into(), remark }
    }

    /// A value that follows from the form of the file.
    pub(super) fn plain(key: &str, value: impl Into<String>) -> Self {
        Self { key: key.to_owned(), value: value.into(), remark: Remark::default() }
    }

    /// The same with a few words.
    pub(super) fn noted(mut self, note: impl Into<String>) -> Self {
        self.remark.note = note.into();
        self
    }

    /// The same, said by these resources too.
    pub(super) fn of(mut self, from: &[Id]) -> Self {
        self.remark.from.extend(from);
        self
    }
}

/// A question without a key in the file: its path is what an answer names it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loose {
    pub(super) path: String,
    pub(super) question: String,
    /// The key of its table that an answer is written to; empty where an answer only settles the question.
    pub(super) key: String,
}

impl Loose {
    /// A question whose answer is written to a key.
    pub(super) fn key(key: &str, path: impl Into<String>, question: impl Into<String>) -> Self {
        Self { path: path.into(), question: question.into(), key: key.to_owned() }
    }

    /// A question that an answer settles.
    pub(super) fn settled(path: impl Into<String>, question: impl Into<String>) -> Self {
        Self::key("", path, question)
    }
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Entry(Entry),
    Question(Loose),
}

/// A table of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// The header as TOML, such as `[compute]` or `[[alarms]]`; nothing for the top of the file.
    pub(super) header: String,
    /// The path of its keys, as answers name them.
    pub(super) path: String,
    pub(super) lines: Vec<Line>,
}

impl Table {
    pub(super) fn new(header: impl Into<String>, path: impl Into<String>) -> Self {
        Self { header: header.into(), path: path.into(), lines: Vec::new() }
    }

    /// Whether a key is written.
    pub(super) fn has(&self, key: &str) -> bool {
        self.lines.iter().any(|line| matches!(line, Line::Entry(entry) if entry.key == key))
    }

    /// Questions about parts of a key's value, with the part's own key.
    pub(super) fn parts_of(&self, key: &str) -> Vec<(&Loose, &str)> {
        let questions = self.lines.iter().filter_map(|line| match line {
            Line::Question(loose) => Some(loose),
            Line::Entry(_) => None,
        });
        questions.filter_map(|loose| Some((loose, loose.key.strip_prefix(key)?.strip_prefix('.')?))).collect()
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.lines.push(Line::Entry(entry));
    }

    pub(super) fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        self.lines.extend(entries.into_iter().map(Line::Entry));
    }

    pub(super) fn ask(&mut self, question: Loose) {
        self.lines.push(Line::Question(question));
    }
}

/// What became of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It says something in the file.
    Used(String),
    /// Somebody has to say what it means.
    Asked(String),
    /// It says nothing that the file could hold, and why.
    Left(String),
}

/// What became of every resource.
#[derive(Debug, Default)]
pub(super) struct Fates {
    known: BTreeMap<Id, Vec<Fate>>,
}

impl Fates {
    pub(super) fn used(&mut self, id: Id, as_what: impl Into<String>) {
        self.add(id, Fate::Used(as_what.into()));
    }

    pub(super) fn asked(&mut self, id: Id, question: impl Into<String>) {
        self.add(id, Fate::Asked(question.into()));
    }

    pub(super) fn left(&mut self, id: Id, reason: impl Into<String>) {
        self.add(id, Fate::Left(reason.into()));
    }

    fn add(&mut self, id: Id, fate: Fate) {
        let fates = self.known.entry(id).or_default();
        if !fates.contains(&fate) {
            fates.push(fate);
        }
    }

    /// Whether anything is known of the resource.
    pub(super) fn has(&self, id: Id) -> bool {
        self.known.contains_key(&id)
    }

    /// The strongest fate of a resource: used before asked before left out.
    pub(super) fn of(&self, id: Id) -> Option<&Fate> {
        self.known.get(&id).and_then(|fates| fates.iter().min())
    }
}

/// Text on one line, in a comment: nothing of it may end the comment or hide.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() || is_hidden(sign) { '\u{fffd}' } else { sign }).collect()
}

/// Signs that turn or hide what stands beside them.
fn is_hidden(sign: char) -> bool {
    matches!(sign, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A text as TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            sign if sign.is_control() || is_hidden(sign) => out.push('\u{fffd}'),
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

/// Texts as an array of TOML.
pub(super) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|it| quoted(it.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// An inline table of TOML.
pub(super) fn inline(fields: &[(&str, String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", fields.join(", "))
}

/// A figure that is a guess, marked as one.
pub(super) fn guess(value: &str) -> String {
    inline(&[("value", value.to_owned()), ("source", quoted("assumed"))])
}

/// Seconds as a duration that TOML of an experiment takes.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 1.0 || seconds.fract() != 0.0 {
        return quoted(&format!("{}ms", (seconds * 1e3).round()));
    }
    quoted(&format!("{seconds}s"))
}

/// A number as TOML, without a fraction where it has none.
pub(super) fn number(number: f64) -> String {
    let rounded = (number * 1e9).round() / 1e9;
    format!("{rounded}")
}

/// A name that a table of the file may have: letters, digits and hyphens.
pub(super) fn slug(name: &str) -> String {
    let mut out = String::new();
    for sign in name.chars() {
        if sign.is_ascii_alphanumeric() {
            out.push(sign.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= 60 {
            break;
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { "unnamed".to_owned() } else { out.to_owned() }
}

/// A name that is not taken yet.
pub(super) fn unique(name: &str, taken: &mut std::collections::BTreeSet<String>) -> String {
    let mut names = std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}-{number}")));
    let free = names.find(|name| !taken.contains(name)).expect("there is no end of numbers");
    taken.insert(free.clone());
    free
}

/// Addresses in a comment: the first three, and how many more.
pub(super) fn addresses(inventory: &Inventory, from: &[Id]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for id in from {
        let address = inventory.get(*id).address.as_str();
        if !names.contains(&address) {
            names.push(address);
        }
    }
    let shown = names.iter().take(3).map(|name| visible(name)).collect::<Vec<_>>().join(", ");
    match names.len() {
        0..=3 => shown,
        more => format!("{shown} and {} more", more - 3),
    }
}

#[cfg(test)]
mod tests {
    use super::{number, quoted, seconds, slug, visible};

    #[test]
    fn what_is_written_stays_on_its_line() {
        assert_eq!(visible("a\nb\u{202e}c"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(quoted("a\"\\\n"), "\"a\\\"\\\\\u{fffd}\"");
    }

    #[test]
    fn numbers_and_names_are_those_of_an_experiment() {
        assert_eq!(
            (seconds(10.0), seconds(0.25), seconds(1.5)),
            ("\"10s\"".to_owned(), "\"250ms\"".to_owned(), "\"1500ms\"".to_owned())
        );
        assert_eq!((number(5.0), number(0.1 + 0.2)), ("5".to_owned(), "0.3".to_owned()));
        assert_eq!(
            (slug("Shop_Orders/EU"), slug("--"), slug("")),
            ("shop-orders-eu".to_owned(), "unnamed".to_owned(), "unnamed".to_owned())
        );
    }
}
