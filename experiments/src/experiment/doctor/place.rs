//! Places of settings in a file.

use models::ids::{FaultId, Id};
use sim_settings::{Node, Place, Value};

use crate::file::key_text;

/// One step on the way to a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// A key of a table.
    Key(String),
    /// An element of an array.
    Element(usize),
}

/// The way to a setting, whether it is written or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At(Vec<Step>);

impl At {
    /// A key at the top of the file.
    pub(super) fn top(key: &str) -> Self {
        Self(Vec::new()).key(key)
    }

    /// A key of this table.
    pub(super) fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// An element of this array.
    pub(super) fn element(mut self, part: impl Id) -> Self {
        self.0.push(Step::Element(part.index()));
        self
    }

    /// Its place, or that of the nearest table around it that is written.
    pub(super) fn place(&self, file: &Node) -> Place {
        self.walk(file).1.place
    }

    /// Whether it is written.
    pub(super) fn written(&self, file: &Node) -> bool {
        self.walk(file).0 == self.0.len()
    }

    /// The text that this table has under a key.
    pub(super) fn text<'a>(&self, file: &'a Node, key: &str) -> Option<&'a str> {
        let (walked, node) = self.walk(file);
        node.get(key).filter(|_| walked == self.0.len()).and_then(Node::text)
    }

    /// The path as `--set` takes it: elements by their names, or by their numbers from 0.
    pub(super) fn path(&self, file: &Node) -> String {
        let mut node = Some(file);
        let mut words = Vec::new();
        for step in &self.0 {
            node = node.and_then(|node| child(node, step));
            words.push(match step {
                Step::Key(key) => key_text(key),
                Step::Element(index) => {
                    let name = node.and_then(|node| node.get("name")).and_then(Node::text);
                    name.map_or_else(|| index.to_string(), key_text)
                }
            });
        }
        words.join(".")
    }

    /// The number of steps of the way that are written, and the value at the last of them.
    fn walk<'a>(&self, file: &'a Node) -> (usize, &'a Node) {
        let mut node = file;
        for (walked, step) in self.0.iter().enumerate() {
            match child(node, step) {
                Some(next) => node = next,
                None => return (walked, node),
            }
        }
        (self.0.len(), node)
    }
}

/// The path of a fault.
pub(super) fn fault_path(fault: FaultId) -> At {
    At::top("faults").element(fault)
}

/// A fault as messages name it and `--set` takes it.
pub(super) fn fault_name(fault: FaultId) -> String {
    format!("`faults.{}`", fault.index())
}

fn child<'a>(node: &'a Node, step: &Step) -> Option<&'a Node> {
    match (&node.value, step) {
        (Value::Array(elements), Step::Element(index)) => elements.get(*index),
        (_, Step::Key(key)) => node.get(key),
        (_, Step::Element(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use sim_settings::parse_toml;

    use super::At;

    #[test]
    fn a_setting_that_is_not_written_stands_where_its_table_does() {
        let text = "[dns]\nttl = '5s'\n[[alarms]]\nname = 'a.b'\nabove = 5\n[[faults]]\nat = '1m'\n";
        let (file, _) = parse_toml(text, 0);
        let look = |at: &At| (&text[at.place(&file).bytes()], at.path(&file), at.written(&file));
        assert_eq!(look(&At::top("dns").key("ttl")), ("'5s'", "dns.ttl".to_owned(), true));
        let above = At::top("alarms").element(0).key("above");
        assert_eq!(look(&above), ("5", "alarms.\"a.b\".above".to_owned(), true));
        let period = At::top("alarms").element(0).key("period");
        assert_eq!(look(&period), ("[[alarms]]", "alarms.\"a.b\".period".to_owned(), false));
        let fault = At::top("faults").element(0);
        assert_eq!(look(&fault), ("[[faults]]", "faults.0".to_owned(), true));
        assert_eq!(look(&At::top("stores").key("x")), ("", "stores.x".to_owned(), false));
    }
}
