//! Getters for tables inside tables: one, an array of them, or one for every name.

use std::collections::BTreeSet;

use super::form::{IsList, IsNamed, IsSub};
use super::key::{Key, KeyDefault};
use super::nearest::nearest;
use super::report::Problem;
use super::section::{Section, join, key_text, listed};
use super::table::Layout;
use super::tree::{Entry, Node, Place, Value, quoted};

impl<'a> Section<'a> {
    /// A section over a table of the key's form that the reader has taken by [`Section::node`]; `name` is appended to the path.
    pub fn element<'b, F: IsSub>(&self, _: &Key<F>, node: &'b Node, name: &str) -> Section<'b>
    where
        'a: 'b,
    {
        Section::over(self.report, node, join(&self.path, name)).listing(F::LAYOUT)
    }

    /// The same, where `node` was laid over `common`, which stands at `origin`: problems of what the common table says
    /// are told there, once for all that share it. So is what is missing.
    pub fn element_over<'b, F: IsSub>(&self, key: &Key<F>, node: &'b Node, common: &Node, origin: &str) -> Section<'b>
    where
        'a: 'b,
    {
        self.report.share(common, join(&self.path, key.name), origin.to_owned());
        let mut section = self.element(key, node, key.name);
        section.place = common.place;
        section
    }

    /// A section at `path` over a table that was laid over `common`, which stands at `origin`, as [`Section::element_over`] says.
    pub fn laid_over<'b>(&self, layout: Layout, node: &'b Node, common: &Node, path: &str, origin: &str) -> Section<'b>
    where
        'a: 'b,
    {
        let path = join(&self.path, path);
        self.report.share(common, path.clone(), origin.to_owned());
        let mut section = Section::over(self.report, node, path).with(layout);
        section.place = common.place;
        section
    }

    /// The keys of a table inside this one, as they are written. Does not count as asking for it.
    pub fn keys_of(&self, name: &str) -> Vec<String> {
        let entries = self.written_node(name).map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| entry.key.clone()).collect()
    }

    /// Reports that a table at `path` has a name that stands for nothing there; `known` are the names that there are.
    pub fn reject_name(&self, entry: &Entry, path: String, expected: String, known: &[String]) {
        let meant = nearest(&entry.key, known.iter().map(String::as_str).filter(|known| *known != entry.key));
        self.report.problem(Problem {
            found: format!("the name {}", quoted(&entry.key)),
            expected,
            nearest: meant.map(str::to_owned),
            ..Problem::at(entry.key_place, path)
        });
    }

    /// A table with keys of its own; `None` if it is not written.
    pub fn section<F: IsSub>(&mut self, key: &Key<F>) -> Option<Section<'a>> {
        let node = self.raw(&key.any())?;
        let section = Section::over(self.report, node, self.path_to(key.name)).listing(F::LAYOUT);
        matches!(node.value, Value::Table(_)).then_some(section)
    }

    /// A table whose keys all have defaults: if it is not written, it is read as an empty one.
    #[must_use]
    pub fn section_or_default<F: IsSub>(&mut self, key: &Key<F>) -> Section<'a> {
        static EMPTY: Node = Node { value: Value::Table(Vec::new()), place: Place { source: 0, start: 0, end: 0 } };
        let place = self.place;
        // If the whole table is missing or has another form, that is the message, and its parts are not reported.
        let complete = !self.has(key.name) && key.default != KeyDefault::Required;
        self.section(key).unwrap_or_else(|| {
            let path = self.path_to(key.name);
            let mut section = Section::over(self.report, &EMPTY, path).listing(F::LAYOUT);
            section.place = place;
            if !complete {
                section.lose_certainty();
            }
            section
        })
    }

    /// An array of tables; empty if it is not written. Names (texts under `name`) must differ.
    pub fn sections<F: IsList>(&mut self, key: &Key<F>) -> Vec<Section<'a>> {
        let path = self.path_to(key.name);
        let Some(node) = self.raw(&key.any()) else { return Vec::new() };
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
        let mut names = BTreeSet::new();
        let mut sections = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let name =
                element.get("name").and_then(|name| Some((name.text().filter(|text| !text.is_empty())?, name.place)));
            let mut element_path = format!("{path}.{index}");
            if let Some((name, place)) = name {
                if names.insert(name) {
                    element_path = join(&path, &key_text(name));
                } else {
                    self.report.problem(Problem {
                        found: format!("the name {} again", quoted(name)),
                        expected: "a name of its own".to_owned(),
                        ..Problem::at(place, format!("{element_path}.name"))
                    });
                }
            }
            sections.push(Section::over(self.report, element, element_path).listing(F::LAYOUT));
        }
        sections
    }

    /// A table of tables under names of the author's choice, in the order in which they were written.
    pub fn named<F: IsNamed>(&mut self, key: &Key<F>) -> Vec<(String, Section<'a>)> {
        let path = self.path_to(key.name);
        let Some(node) = self.raw(&key.any()) else { return Vec::new() };
        if !matches!(node.value, Value::Table(_)) {
            let expected = format!("tables under names, such as [{path}.some-name]");
            self.report.problem(Problem { found: node.value.describe(), expected, ..Problem::at(node.place, path) });
            return Vec::new();
        }
        let one = |entry: &'a Entry| {
            let path = join(&path, &key_text(&entry.key));
            if entry.key.trim().is_empty() || entry.key.contains(char::is_control) {
                self.report.problem(Problem {
                    found: format!("the name {}", quoted(&entry.key)),
                    expected: "a name that is not empty and has no control characters".to_owned(),
                    ..Problem::at(entry.key_place, path.clone())
                });
            }
            let section = Section::over(self.report, &entry.node, path).listing(F::LAYOUT);
            (entry.key.clone(), section)
        };
        node.entries().iter().map(one).collect()
    }

    /// A table of tables under names from a list. A misspelt one goes by the name that was probably meant, so that what
    /// else refers to it is not wrong as well. Tables that are `free` may have any name; `otherwise` tells how to be one.
    pub fn named_among<F: IsNamed>(
        &mut self,
        key: &Key<F>,
        known: &[String],
        free: impl Fn(&Node) -> bool,
        otherwise: &str,
    ) -> Vec<(String, Section<'a>)> {
        let Some(node) = self.written_node(key.name) else { return self.named(key) };
        let mut sections = self.named(key);
        for (entry, (name, section)) in node.entries().iter().zip(&mut sections) {
            if known.contains(name) || free(&entry.node) {
                continue;
            }
            let meant = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            self.report.problem(Problem {
                found: format!("the unknown name {}", quoted(name)),
                expected: format!("one of {}", listed(known.iter().map(String::as_str))),
                hint: meant.is_none().then(|| otherwise.to_owned()),
                nearest: meant.clone(),
                ..Problem::at(entry.key_place, section.path())
            });
            if let Some(meant) = meant.filter(|meant| node.get(meant).is_none()) {
                *name = meant;
            }
        }
        sections
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Report, parse_toml};

    const TTL: Key = Key::assumed("ttl", "how long an answer lives", "60s", "a guess").listed();
    const CLIENTS: Key = Key::optional("clients", "who asks", "").listed();
    const STORES: Key = Key::optional("stores", "where data lives", "").listed();
    const CHECK: Key = Key::optional("check", "how to look", "").listed();

    fn tree(text: &str) -> Node {
        let (node, problems) = parse_toml(text, 0);
        assert!(problems.is_empty(), "{problems:?}");
        node
    }

    /// Reads `text` by `read` and returns each problem as `path: found / expected`.
    fn problems(text: &str, read: impl FnOnce(&mut Section<'_>)) -> Vec<String> {
        let node = tree(text);
        let report = Report::new();
        read(&mut report.root(&node));
        let line = |p: &Problem| format!("{}: {} / {}", p.path, p.found, p.expected);
        report.problems().iter().map(line).collect()
    }

    #[test]
    fn elements_are_known_by_name_or_number() {
        let text =
            "[[clients]]\nname = 'europe'\n[[clients]]\n[[clients]]\nname = 'us west'\n[[clients]]\nname = 'europe'";
        let found = problems(text, |section| {
            let paths: Vec<String> = section
                .sections(&CLIENTS)
                .into_iter()
                .map(|mut client| {
                    client.maybe_text(&Key::optional("name", "", "").listed());
                    client.path()
                })
                .collect();
            assert_eq!(paths, ["clients.europe", "clients.1", "clients.\"us west\"", "clients.3"]);
        });
        assert_eq!(found, ["clients.3.name: the name \"europe\" again / a name of its own"]);
    }

    #[test]
    fn an_absent_section_has_its_defaults_and_its_own_path() {
        let node = tree("[check]\nttl = '5s'");
        let report = Report::new();
        let mut root = report.root(&node);
        assert_eq!(root.section_or_default(&CHECK).duration(&TTL).as_secs_f64(), 5.0);
        assert_eq!(root.section_or_default(&STORES).duration(&TTL).as_secs_f64(), 60.0);
        drop(root);
        assert_eq!(report.used_defaults()[0].path, "stores.ttl");
        assert!(report.problems().is_empty());
    }

    #[test]
    fn members_come_in_the_order_of_the_file() {
        let node = tree("[stores.z]\n[stores.a]\n[stores.m]");
        let report = Report::new();
        let names: Vec<String> = report.root(&node).named(&STORES).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["z", "a", "m"]);
        assert!(report.problems().is_empty());
    }

    #[test]
    fn a_table_where_a_list_belongs_says_how_to_write_it() {
        let found = problems("[clients]\n[stores]\na = 1\n", |section| {
            section.sections(&CLIENTS);
            section.named(&STORES);
        });
        assert_eq!(found[0], "clients: a table / an array of tables");
        assert_eq!(found[1], "stores.a: the number 1 / a table, as in a = { .. }");
    }

    #[test]
    fn a_text_read_in_two_roles_is_reported_once() {
        let node = tree("[check]\nttl = 5\nzebra = 1");
        let report = Report::new();
        let mut root = report.root(&node);
        let check = root.node(&CHECK).expect("written");
        for region in ["east", "west"] {
            root.element(&CHECK, check, &format!("regions.{region}.check")).duration(&TTL);
        }
        drop(root);
        assert_eq!(report.problems().len(), 2);
    }
}
