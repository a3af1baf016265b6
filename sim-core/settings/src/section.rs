//! A cursor over one table: it hands out values and remembers what was asked for.

use super::key::{Key, KeyDefault};
use super::nearest::nearest;
use super::report::{Problem, Report, UsedDefault};
use super::table::{Layout, lists};
use super::tree::{Entry, Node, Place, Value, parse_value, quoted};

/// Names listed in one message; a longer list is cut.
const NAMES_SHOWN: usize = 24;

/// A cursor over one table.
///
/// Every getter records what is wrong and returns something harmless, so that reading goes on and all mistakes come
/// at once: the key's default if it has one, otherwise a value in the key's range. When the cursor is dropped, it
/// reports required keys that are missing and every key of its table that nobody asked for.
#[derive(Debug)]
pub struct Section<'a> {
    pub(crate) report: &'a Report,
    entries: &'a [Entry],
    pub(super) place: Place,
    pub(crate) path: String,
    asked: Vec<&'static str>,
    /// Names that could have been written here, though nobody asked for them.
    offered: Vec<&'static str>,
    missing: Vec<Key>,
    missing_groups: Vec<Vec<&'static str>>,
    /// Set once nobody can tell which keys belong here: complaints about keys asked for after that would be guesses, so
    /// only so many of the missing ones and of the missing groups count.
    certain: Option<(usize, usize)>,
    /// The keys that the table has, where they are listed.
    pub(crate) layout: Option<Layout>,
}

/// The value of a key.
pub(crate) enum Found<'a> {
    Written(&'a Node),
    Default(Node),
    Absent,
}

impl<'a> Section<'a> {
    pub(crate) fn over(report: &'a Report, node: &'a Node, path: String) -> Self {
        let is_table = matches!(node.value, Value::Table(_));
        if !is_table {
            let (found, expected) = (node.value.describe(), table_form(&path));
            report.problem(Problem { found, expected, ..Problem::at(node.place, path.clone()) });
        }
        Self {
            report,
            entries: node.entries(),
            place: node.place,
            path,
            asked: Vec::new(),
            offered: Vec::new(),
            missing: Vec::new(),
            missing_groups: Vec::new(),
            certain: (!is_table).then_some((0, 0)),
            layout: None,
        }
    }

    /// The same section, with the keys that its table has.
    pub(crate) fn listing(mut self, layout: Option<Layout>) -> Self {
        self.layout = layout;
        self
    }

    /// The same section, of a table that has these keys and no others: asking for another one is a mistake in the reader.
    #[must_use]
    pub fn with(self, layout: Layout) -> Self {
        self.listing(Some(layout))
    }

    /// Whether the key is written. Does not count as asking for it.
    pub fn has(&self, name: &str) -> bool {
        self.written(name).is_some()
    }

    /// The place of the table: its header, if it has one.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The place of the value of a key; the section's place if the key is not written.
    pub fn place_of(&self, name: &str) -> Place {
        self.written(name).map_or(self.place, |entry| entry.node.place)
    }

    /// The section's own path, such as `dns.health-check`; empty for the whole text.
    pub fn path(&self) -> String {
        self.path.clone()
    }

    /// Which one of these keys is written. None or several of them is a problem, and then the first one written counts;
    /// without any, nothing else is said about this section's keys.
    pub fn one_of(&mut self, names: &[&'static str]) -> Option<&'static str> {
        self.offered.extend(names);
        let written: Vec<&'static str> = names.iter().copied().filter(|name| self.has(name)).collect();
        match written.as_slice() {
            [] => {
                self.missing_groups.push(names.to_vec());
                self.lose_certainty();
            }
            [_] => {}
            [first, rest @ ..] => {
                // One complaint is enough: the surplus keys are not unknown as well, nor are those that go with them.
                self.asked.extend(rest);
                self.lose_certainty();
                for name in rest {
                    let expected = format!("only one of {}", listed(names.iter().copied()));
                    self.reject(name, format!("`{name}` beside `{first}`"), expected, None);
                }
            }
        }
        written.first().copied()
    }

    /// The value as it was written; counts as asking for it.
    pub fn node<F>(&mut self, key: &Key<F>) -> Option<&'a Node> {
        self.raw(&key.any())
    }

    /// Notes that the default of this key makes no difference in this text, as was not known when it was read.
    pub fn disregard<F>(&self, key: &Key<F>) {
        if !self.has(key.name) {
            self.report.forget_default(&self.path_to(key.name));
        }
    }

    /// Notes that `default` is in use for this key, which is not written and has no default of its own.
    pub fn assume<F>(&self, key: &Key<F>, default: KeyDefault) {
        if let KeyDefault::Value { text, mark, source } = default {
            self.report.record_default(UsedDefault { path: self.path_to(key.name), text, mark, source });
        }
    }

    /// The value of the key; notes that it was asked for, that it is missing, or that its default is used.
    pub(crate) fn seek(&mut self, key: &Key) -> Found<'a> {
        debug_assert!(
            self.layout.is_none_or(|layout| lists(layout, key)),
            "`{}` is read in a table that does not list it: {}",
            key.name,
            self.path
        );
        self.asked.push(key.name);
        if let Some(entry) = self.written(key.name) {
            return Found::Written(&entry.node);
        }
        match key.default {
            KeyDefault::Required => {
                self.missing.push(*key);
                Found::Absent
            }
            KeyDefault::Optional { .. } => Found::Absent,
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

    /// From here on nobody can tell which keys belong here.
    pub(crate) fn lose_certainty(&mut self) {
        self.certain.get_or_insert((self.missing.len(), self.missing_groups.len()));
    }

    /// The path of a key of this table.
    pub fn path_to(&self, name: &str) -> String {
        join(&self.path, &key_text(name))
    }

    /// What is written under a name, for whoever looks ahead: it is read by its key all the same.
    pub fn written_node(&self, name: &str) -> Option<&'a Node> {
        self.written(name).map(|entry| &entry.node)
    }

    fn written(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == name)
    }

    pub(crate) fn raw(&mut self, key: &Key) -> Option<&'a Node> {
        if let Found::Written(node) = self.seek(key) { Some(node) } else { None }
    }

    /// Reports unknown keys, and forgets missing ones that were merely misspelt. Where it is not certain which keys
    /// belong here, only misspelt ones count.
    fn report_unknown(&mut self) {
        let known: Vec<&'static str> = self.asked.iter().chain(&self.offered).copied().collect();
        // Once one of several keys is written, the others can no longer be.
        let possible = if self.missing_groups.is_empty() { self.asked.clone() } else { known.clone() };
        let absent: Vec<&'static str> = known.iter().copied().filter(|name| !self.has(name)).collect();
        for entry in self.entries {
            if self.report.is_full() {
                break;
            }
            if known.contains(&entry.key.as_str()) {
                continue;
            }
            let meant = nearest(&entry.key, absent.iter().copied());
            let missing = |meant: &str| {
                self.missing.iter().any(|key| key.name == meant)
                    || self.missing_groups.iter().any(|names| names.contains(&meant))
            };
            if self.certain.is_some() && !meant.is_some_and(missing) {
                continue;
            }
            if let Some(meant) = meant {
                self.missing.retain(|key| key.name != meant);
                self.missing_groups.retain(|names| !names.contains(&meant));
            }
            let nearest = meant.or_else(|| nearest(&entry.key, known.iter().copied()));
            let mut listing = Vec::new();
            for name in &possible {
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
        if let Some((missing, groups)) = self.certain {
            self.missing.truncate(missing);
            self.missing_groups.truncate(groups);
        }
        self.report_unknown();
        for key in &self.missing {
            self.report.problem(Problem {
                found: "nothing".to_owned(),
                expected: format!("the key `{}`: {}", key.name, key.meaning),
                ..Problem::at(self.place, self.path_to(key.name))
            });
        }
        for names in &self.missing_groups {
            let found = match self.entries {
                [] => "nothing that says what this is".to_owned(),
                entries => {
                    let keys: Vec<String> = entries.iter().map(|entry| format!("`{}`", key_text(&entry.key))).collect();
                    format!("only {}", listed(keys.iter().map(String::as_str)))
                }
            };
            self.report.problem(Problem {
                found,
                expected: format!("exactly one of {}", listed(names.iter().copied())),
                ..Problem::at(self.place, self.path.clone())
            });
        }
    }
}

/// How the table at `path` would be written.
fn table_form(path: &str) -> String {
    match path.rsplit('.').next() {
        // An element of a list has no key that it would be written with.
        Some(key) if !path.ends_with('"') && !key.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("a table, as in {key} = {{ .. }}")
        }
        _ => "a table".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_toml;

    const TTL: Key = Key::assumed("ttl", "how long an answer lives", "60s", "a guess").listed();
    const POLICY: Key = Key::required("policy", "how to choose").listed();
    const CLIENTS: Key = Key::optional("clients", "who asks", "").listed();
    const CHECK: Key = Key::optional("check", "how to look", "").listed();

    fn tree(text: &str) -> Node {
        let (node, problems) = parse_toml(text, 0);
        assert!(problems.is_empty(), "{problems:?}");
        node
    }

    /// Reads `text` by `read` and returns each problem as `path: found / expected / nearest`, at the text it points to.
    fn problems(text: &str, read: impl FnOnce(&mut Section<'_>)) -> Vec<String> {
        let node = tree(text);
        let report = Report::new();
        read(&mut report.root(&node));
        let line = |problem: &Problem| {
            let at = &text[problem.place.start as usize..problem.place.end as usize];
            let nearest = problem.nearest.as_deref().unwrap_or("-");
            format!("{}: {} / {} / {nearest} @ {at}", problem.path, problem.found, problem.expected)
        };
        report.problems().iter().map(line).collect()
    }

    #[test]
    fn an_unknown_key_is_reported_with_the_nearest_one() {
        let found = problems("tttl = '5s'\npolicy = 'a'", |section| {
            section.duration(&TTL);
            section.text(&POLICY);
        });
        assert_eq!(found, ["tttl: an unknown key / one of ttl, policy / ttl @ tttl"]);
    }

    #[test]
    fn a_missing_key_is_reported_at_its_header() {
        let found = problems("[check]\nttl = '5s'", |section| {
            let mut check = section.section(&CHECK).expect("written");
            check.duration(&TTL);
            check.text(&POLICY);
        });
        assert_eq!(found, ["check.policy: nothing / the key `policy`: how to choose / - @ [check]"]);
    }

    #[test]
    fn a_misspelt_key_is_one_mistake_and_not_two() {
        let found = problems("polcy = 'a'", |section| drop(section.text(&POLICY)));
        assert_eq!(found, ["polcy: an unknown key / one of policy / policy @ polcy"]);
        let found = problems("aprove = 1", |section| {
            section.one_of(&["approve", "wait"]);
        });
        assert_eq!(found, ["aprove: an unknown key / one of approve, wait / approve @ aprove"]);
    }

    #[test]
    fn one_of_wants_exactly_one() {
        let read = |section: &mut Section<'_>| {
            let written = section.one_of(&["approve", "wait"]);
            written.map(|name| section.node(&<Key>::optional(name, "", "").listed()));
        };
        assert!(problems("wait = 1", read).is_empty());
        assert_eq!(problems("", read), [": nothing that says what this is / exactly one of approve, wait / - @ "]);
        let found = problems("reboot = 1\nto = 2", |section| {
            section.one_of(&["approve", "wait"]);
            section.text(&POLICY);
        });
        assert_eq!(found, [": only `reboot`, `to` / exactly one of approve, wait / - @ "]);
        assert_eq!(
            problems("wait = 1\napprove = 2", read),
            ["wait: `wait` beside `approve` / only one of approve, wait / - @ 1"]
        );
    }

    #[test]
    fn a_default_that_makes_no_difference_is_forgotten() {
        let node = tree("[check]\n[other]\nttl = '5s'");
        let report = Report::new();
        let mut root = report.root(&node);
        for key in [&CHECK, &Key::optional("other", "another", "").listed()] {
            let mut section = root.section(key).expect("written");
            section.duration(&TTL);
            section.disregard(&TTL);
        }
        assert!(report.used_defaults().is_empty());
        root.assume(&CHECK, TTL.default);
        assert_eq!(report.used_defaults()[0].path, "check");
    }

    #[test]
    fn defaults_are_used_and_named() {
        let node = tree("[check]\n[[clients]]\nname = 'x'");
        let report = Report::new();
        let mut root = report.root(&node);
        let ttl = root.section(&CHECK).expect("written").duration(&TTL);
        for mut client in root.sections(&CLIENTS) {
            client.text(&Key::required("name", "what reports call it").listed());
            client.duration(&TTL);
        }
        drop(root);
        assert_eq!(ttl.as_secs_f64(), 60.0);
        let used: Vec<String> = report.used_defaults().into_iter().map(|used| used.path).collect();
        assert_eq!(used, ["check.ttl", "clients.x.ttl"]);
        assert!(report.problems().is_empty());
    }

    #[test]
    fn endless_mistakes_are_cut() {
        let text = (0..5_000).map(|i| format!("k{i} = 1")).collect::<Vec<_>>().join("\n");
        assert_eq!(
            problems(&text, |section| {
                section.duration(&TTL);
            })
            .len(),
            1_000
        );
    }
}
