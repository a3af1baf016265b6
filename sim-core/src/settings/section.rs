//! A cursor over one table: it hands out values and remembers what was asked for.

use super::key::{Key, KeyDefault};
use super::nearest::nearest;
use super::report::{Kind, Problem, Report, UsedDefault};
use super::tree::{Entry, Node, Place, Value, parse_value, quoted};

/// Names listed in one message; a longer list is cut.
const NAMES_SHOWN: usize = 16;

/// A cursor over one table.
///
/// Every getter records what is wrong and returns something harmless, so that reading goes on and all mistakes come
/// at once: the key's default if it has one, otherwise a value in the key's range. When the cursor is dropped, it
/// reports required keys that are missing and every key of its table that nobody asked for.
#[derive(Debug)]
pub struct Section<'a> {
    pub(crate) report: &'a Report,
    entries: &'a [Entry],
    place: Place,
    path: String,
    /// The path with `*` in place of names that the author chose: what a key's description is filed under.
    pattern: String,
    asked: Vec<&'static str>,
    /// Names that could have been written here, though nobody asked for them.
    offered: Vec<&'static str>,
    missing: Vec<Key>,
    missing_groups: Vec<Vec<&'static str>>,
    /// The word that decides which keys belong here was wrong: complaints about the other keys would be guesses.
    pub(crate) unsure: bool,
    /// Whether the keys asked for are worth a description of their own.
    pub(crate) describes: bool,
}

/// What stands at a key.
pub(crate) enum Found<'a> {
    Written(&'a Node),
    Default(Node),
    Absent,
}

impl<'a> Section<'a> {
    pub(crate) fn over(report: &'a Report, node: &'a Node, path: String, pattern: String) -> Self {
        let is_table = matches!(node.value, Value::Table(_));
        if !is_table {
            report.problem(Problem {
                found: node.value.describe(),
                expected: "a table".to_owned(),
                ..Problem::at(node.place, path.clone())
            });
        }
        Self {
            report,
            entries: node.entries(),
            place: node.place,
            path,
            pattern,
            asked: Vec::new(),
            offered: Vec::new(),
            missing: Vec::new(),
            missing_groups: Vec::new(),
            unsure: !is_table,
            describes: true,
        }
    }

    /// A section over a table inside a form that the reader walks by hand; `name` is appended to the path.
    pub fn element<'b>(&self, node: &'b Node, name: &str) -> Section<'b>
    where
        'a: 'b,
    {
        let numbered = name.strip_suffix(']').and_then(|name| name.split_once('['));
        let pattern = numbered.map_or_else(|| name.to_owned(), |(list, _)| format!("{list}.*"));
        Section::over(self.report, node, join(&self.path, name), join(&self.pattern, &pattern))
    }

    /// Whether the key is written. Does not count as asking for it.
    pub fn has(&self, name: &str) -> bool {
        self.written(name).is_some()
    }

    /// Where the table stands: its header, if it has one.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Where the value of a key stands; the section's place if the key is not written.
    pub fn place_of(&self, name: &str) -> Place {
        self.written(name).map_or(self.place, |entry| entry.node.place)
    }

    /// The section's own path, such as `dns.health-check`; empty for the whole text.
    pub fn path(&self) -> String {
        self.path.clone()
    }

    /// Reports a problem at the value of `name`: for checks across keys.
    pub fn reject(&self, name: &str, found: impl Into<String>, expected: impl Into<String>, hint: Option<String>) {
        self.report.problem(Problem {
            found: found.into(),
            expected: expected.into(),
            hint,
            ..Problem::at(self.place_of(name), self.path_to(name))
        });
    }

    /// Which one of these keys is written. None or several of them is a problem, and then the first one written counts.
    pub fn one_of(&mut self, names: &[&'static str]) -> Option<&'static str> {
        self.offered.extend(names);
        let written: Vec<&'static str> = names.iter().copied().filter(|name| self.has(name)).collect();
        match written.as_slice() {
            [] => self.missing_groups.push(names.to_vec()),
            [_] => {}
            [first, rest @ ..] => {
                // One complaint is enough: the surplus keys are not unknown as well.
                self.asked.extend(rest);
                for name in rest {
                    let expected = format!("only one of {}", listed(names.iter().copied()));
                    self.reject(name, format!("{name} beside {first}"), expected, None);
                }
            }
        }
        written.first().copied()
    }

    /// The value as it was written; counts as asking for it.
    pub fn node(&mut self, key: &Key) -> Option<&'a Node> {
        self.raw(key, Kind::Other)
    }

    /// A table with keys of its own; `None` if it is not written.
    pub fn section(&mut self, key: &Key) -> Option<Section<'a>> {
        let node = self.raw(key, Kind::Section)?;
        let section = Section::over(self.report, node, self.path_to(key.name), join(&self.pattern, key.name));
        matches!(node.value, Value::Table(_)).then_some(section)
    }

    /// A table whose keys all have defaults: if it is not written, it is read as an empty one.
    pub fn section_or_default(&mut self, key: &Key) -> Section<'a> {
        static EMPTY: Node = Node { value: Value::Table(Vec::new()), place: Place { source: 0, start: 0, end: 0 } };
        let place = self.place;
        self.section(key).unwrap_or_else(|| {
            let mut section = Section::over(self.report, &EMPTY, self.path_to(key.name), join(&self.pattern, key.name));
            section.place = place;
            section
        })
    }

    /// An array of tables; empty if it is not written. Names (texts under `name`) must differ.
    pub fn sections(&mut self, key: &Key) -> Vec<Section<'a>> {
        let path = self.path_to(key.name);
        let pattern = format!("{}.*", join(&self.pattern, key.name));
        let Some(node) = self.raw(key, Kind::Sections) else { return Vec::new() };
        let Value::Array(elements) = &node.value else {
            let hint = matches!(node.value, Value::Table(_)).then(|| format!("write [[{path}]]"));
            let expected = "an array of tables".to_owned();
            self.report.problem(Problem {
                found: node.value.describe(),
                expected,
                hint,
                ..Problem::at(node.place, path)
            });
            return Vec::new();
        };
        let mut names: Vec<&str> = Vec::new();
        let mut sections = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let name =
                element.get("name").and_then(|name| Some((name.text().filter(|text| !text.is_empty())?, name.place)));
            let mut element_path = format!("{path}[{index}]");
            if let Some((name, place)) = name {
                if names.contains(&name) {
                    self.report.problem(Problem {
                        found: format!("the name {} again", quoted(name)),
                        expected: "a name of its own".to_owned(),
                        ..Problem::at(place, format!("{element_path}.name"))
                    });
                } else {
                    names.push(name);
                    element_path = join(&path, &key_text(name));
                }
            }
            sections.push(Section::over(self.report, element, element_path, pattern.clone()));
        }
        sections
    }

    /// A table of tables under names of the author's choice, in the order in which they were written.
    pub fn named(&mut self, key: &Key) -> Vec<(String, Section<'a>)> {
        let path = self.path_to(key.name);
        let pattern = format!("{}.*", join(&self.pattern, key.name));
        let Some(node) = self.raw(key, Kind::Named) else { return Vec::new() };
        if !matches!(node.value, Value::Table(_)) {
            let expected = format!("tables under names, such as [{path}.some-name]");
            self.report.problem(Problem { found: node.value.describe(), expected, ..Problem::at(node.place, path) });
            return Vec::new();
        }
        let one = |entry: &'a Entry| {
            let path = join(&path, &key_text(&entry.key));
            (entry.key.clone(), Section::over(self.report, &entry.node, path, pattern.clone()))
        };
        node.entries().iter().map(one).collect()
    }

    /// What stands at the key; notes that it was asked for, that it is missing, or that its default is used.
    pub(crate) fn seek(&mut self, key: &Key, kind: Kind) -> Found<'a> {
        self.asked.push(key.name);
        if self.describes {
            self.report.record_key(join(&self.pattern, key.name), kind, *key);
        }
        if let Some(entry) = self.written(key.name) {
            return Found::Written(&entry.node);
        }
        match key.default {
            KeyDefault::Required => {
                self.missing.push(*key);
                Found::Absent
            }
            KeyDefault::Optional => Found::Absent,
            KeyDefault::Value { text, mark, source } => {
                self.report.record_default(UsedDefault { path: self.path_to(key.name), text, mark, source });
                Found::Default(self.default_node(text))
            }
        }
    }

    /// The default as if it were written at the section's header.
    pub(crate) fn default_node(&self, text: &str) -> Node {
        let value = parse_value(text, 0).map_or_else(|| Value::Text(text.to_owned()), |node| node.value);
        Node { value, place: self.place }
    }

    /// Whether the key is required and was found missing.
    pub(crate) fn is_missing(&self, key: &Key) -> bool {
        self.missing.iter().any(|missing| missing.name == key.name)
    }

    pub(crate) fn path_to(&self, name: &str) -> String {
        join(&self.path, &key_text(name))
    }

    fn written(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    fn raw(&mut self, key: &Key, kind: Kind) -> Option<&'a Node> {
        if let Found::Written(node) = self.seek(key, kind) { Some(node) } else { None }
    }

    /// Reports the keys that nobody asked for, and forgets missing ones that were merely misspelt.
    fn report_unknown(&mut self) {
        let known: Vec<&'static str> = self.asked.iter().chain(&self.offered).copied().collect();
        for entry in self.entries {
            if known.contains(&entry.key.as_str()) || self.report.is_full() {
                continue;
            }
            let absent = known.iter().copied().filter(|name| !self.has(name));
            let meant = nearest(&entry.key, absent);
            if let Some(meant) = meant {
                self.missing.retain(|key| key.name != meant);
                self.missing_groups.retain(|names| !names.contains(&meant));
            }
            let nearest = meant.or_else(|| nearest(&entry.key, known.iter().copied()));
            let mut listing = Vec::new();
            for name in &known {
                if !listing.contains(name) {
                    listing.push(*name);
                }
            }
            self.report.problem(Problem {
                found: "an unknown key".to_owned(),
                expected: if listing.is_empty() { "no key".to_owned() } else { format!("one of {}", listed(listing)) },
                nearest: nearest.map(str::to_owned),
                ..Problem::at(entry.key_place, self.path_to(&entry.key))
            });
        }
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        if self.unsure {
            return;
        }
        self.report_unknown();
        for key in &self.missing {
            self.report.problem(Problem {
                found: "nothing".to_owned(),
                expected: format!("the key {}: {}", key.name, key.meaning),
                ..Problem::at(self.place, self.path_to(key.name))
            });
        }
        for names in &self.missing_groups {
            self.report.problem(Problem {
                found: "none of the keys that decide what this is".to_owned(),
                expected: format!("exactly one of {}", listed(names.iter().copied())),
                ..Problem::at(self.place, self.path.clone())
            });
        }
    }
}

/// `a, b, c`, cut where nobody reads on.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names = names.into_iter();
    let mut text = names.by_ref().take(NAMES_SHOWN).collect::<Vec<_>>().join(", ");
    if names.next().is_some() {
        text.push_str(", ..");
    }
    text
}

/// The path of a key below `path`, the key quoted if it is not bare.
pub fn child_path(path: &str, key: &str) -> String {
    join(path, &key_text(key))
}

pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A key as it would be written in a path: quoted unless it is bare.
pub(crate) fn key_text(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if bare { name.to_owned() } else { quoted(name) }
}
