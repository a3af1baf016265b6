//! Values by their paths: what a file says where another one asks.

use std::path::Path;

use sim_settings::{Node, Value};

use super::questions::OpenQuestion;
use super::{LoadFailure, load, value_text};

/// What a file says, by path.
#[derive(Debug)]
pub struct Answers {
    node: Node,
    open: Vec<OpenQuestion>,
}

impl Answers {
    /// The answers in a file: an experiment, or a file of answers alone. A question of that file is no answer.
    ///
    /// # Errors
    /// All problems of the file.
    pub fn read(path: &Path) -> Result<Self, LoadFailure> {
        let loaded = load(path, &[], &[], None)?;
        Ok(Self { node: loaded.node, open: loaded.questions })
    }

    /// The value at a path, as TOML.
    pub fn value(&self, path: &str) -> Option<String> {
        if self.open.iter().any(|question| question.path == path) {
            return None;
        }
        at(&self.node, path).map(|node| value_text(&node.value))
    }

    /// The paths of all values, tables opened.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        gather(&self.node, "", &mut paths);
        paths
    }

    /// Whether the file is an experiment and not a list of answers.
    pub fn is_experiment(&self) -> bool {
        ["journeys", "extends", "dns"].iter().any(|key| self.node.get(key).is_some())
    }
}

/// Keys may hold points, quoted or by tables, so every way of parting the path is tried.
fn at<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    let below = |child: &'a Node, key: &str| {
        let rest = path.strip_prefix(key)?;
        if rest.is_empty() { Some(child) } else { at(child, rest.strip_prefix('.')?) }
    };
    match &node.value {
        Value::Table(entries) => entries.iter().find_map(|entry| below(&entry.node, &entry.key)),
        Value::Array(elements) => elements.iter().enumerate().find_map(|(index, element)| {
            let name = element.get("name").and_then(Node::text);
            name.and_then(|name| below(element, name)).or_else(|| below(element, &index.to_string()))
        }),
        _ => None,
    }
}

fn gather(node: &Node, path: &str, paths: &mut Vec<String>) {
    for entry in node.entries() {
        let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        if entry.node.entries().is_empty() { paths.push(path) } else { gather(&entry.node, &path, paths) }
    }
}

#[cfg(test)]
mod tests {
    use super::Answers;

    #[test]
    fn answers_are_found_by_path_and_open_questions_are_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("answers.toml");
        let text = "\"compute.requests-per-second\" = 150\nhorizon = \"1h\" # QUESTION 1: how long?\n[clients.world]\nrate = 4\n\
            [[alarms]]\nname = \"lag\"\nabove = 5\n[\"aws_x.y[\\\"a.b\\\"]\"]\n";
        std::fs::write(&path, text).expect("written");
        let answers = Answers::read(&path).expect("answers");
        let value = |path: &str| answers.value(path);
        assert_eq!(value("compute.requests-per-second").as_deref(), Some("150"));
        assert_eq!(
            (value("clients.world.rate").as_deref(), value("alarms.lag.above").as_deref()),
            (Some("4"), Some("5"))
        );
        assert_eq!((value("horizon"), value("nothing"), value("clients.world.rate.x")), (None, None, None));
        assert!(value("aws_x.y[\"a.b\"]").is_some());
    }
}
