//! The settings in which the files of two candidates differ.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_settings::{Node, Value, is_distribution, parse_toml};

use crate::file::{key_text, value_text};

/// Keys about the file itself and not about the deployment, and keys that no candidate runs.
const ASIDE: [&str; 4] = ["name", "description", "sweep", "solve"];

/// A key that two candidates set differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Differing {
    /// Its path, as `--set` takes it.
    pub key: String,
    /// The baseline's value as TOML; nothing where it does not set it.
    pub baseline: Option<String>,
    /// The candidate's.
    pub candidate: Option<String>,
}

/// The keys that two resolved texts set differently, in the order of the first, then of the second. A table that only one
/// of them has is one key, and elements of arrays are told apart by their names or else by their numbers.
pub(super) fn differing(base: &str, other: &str) -> Vec<Differing> {
    let (base, other) = (parse_toml(base, 0).0, parse_toml(other, 0).0);
    let mut found = Vec::new();
    members(&entries(&base), &entries(&other), "", &mut found);
    found.retain(|differing| !ASIDE.contains(&differing.key.split('.').next().unwrap_or_default()));
    found
}

/// The members of a table.
fn entries(table: &Node) -> Vec<(String, &Node)> {
    table.entries().iter().map(|entry| (key_text(&entry.key), &entry.node)).collect()
}

/// The elements of an array of tables under their names, if each has one of its own, or else under their numbers.
fn elements(array: &[Node], named: bool) -> Vec<(String, &Node)> {
    let key = |(index, node): (usize, &Node)| match name(node).filter(|_| named) {
        Some(name) => key_text(name),
        None => index.to_string(),
    };
    array.iter().enumerate().map(|(index, node)| (key((index, node)), node)).collect()
}

fn name(node: &Node) -> Option<&str> {
    node.get("name").and_then(Node::text)
}

/// Whether every element is a table with a name that no other has.
fn all_named(array: &[Node]) -> bool {
    let names: Vec<&str> = array.iter().filter_map(name).collect();
    names.len() == array.len() && names.iter().enumerate().all(|(index, name)| !names[..index].contains(name))
}

fn members(base: &[(String, &Node)], other: &[(String, &Node)], path: &str, found: &mut Vec<Differing>) {
    let of =
        |all: &[(String, &Node)], key: &str| all.iter().find(|(own, _)| own == key).map(|(_, node)| (*node).clone());
    let new = other.iter().filter(|(key, _)| base.iter().all(|(own, _)| own != key));
    for (key, _) in base.iter().chain(new) {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        compare(of(base, key).as_ref(), of(other, key).as_ref(), path, found);
    }
}

fn compare(base: Option<&Node>, other: Option<&Node>, path: String, found: &mut Vec<Differing>) {
    let text = |node: Option<&Node>| node.map(|node| value_text(&node.value));
    let (baseline, candidate) = (text(base), text(other));
    if baseline == candidate {
        return;
    }
    match base.zip(other).map(|(base, other)| (base, &base.value, other, &other.value)) {
        // Half of a distribution says nothing.
        Some((base, Value::Table(_), other, Value::Table(_))) if !is_distribution(base) && !is_distribution(other) => {
            members(&entries(base), &entries(other), &path, found);
        }
        Some((_, Value::Array(base), _, Value::Array(other))) if of_tables(base) && of_tables(other) => {
            let named = all_named(base) && all_named(other);
            members(&elements(base, named), &elements(other, named), &path, found);
        }
        _ => found.push(Differing { key: path, baseline, candidate }),
    }
}

fn of_tables(array: &[Node]) -> bool {
    !array.is_empty() && array.iter().all(|node| matches!(node.value, Value::Table(_)))
}

#[cfg(test)]
mod tests {
    use super::differing;

    fn found(base: &str, other: &str) -> Vec<String> {
        let words = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let all = differing(base, other).into_iter();
        all.map(|one| format!("{}: {} | {}", one.key, words(one.baseline), words(one.candidate))).collect()
    }

    #[test]
    fn keys_are_those_that_set_takes() {
        let base =
            "name = \"a\"\nseed = 1\n[dns]\nttl = \"60s\"\n[[runbooks]]\nname = \"x\"\nsteps = [{ wait = \"1m\" }]\n";
        assert!(found(base, base).is_empty());
        let other = base.replace("name = \"a\"", "name = \"b\"\ndescription = \"c\"").replace("60s", "30s");
        assert_eq!(found(base, &other), ["dns.ttl: \"60s\" | \"30s\""]);
        let other = base.replace("\"1m\"", "\"2m\"");
        assert_eq!(found(base, &other), ["runbooks.x.steps.0.wait: \"1m\" | \"2m\""]);
        // In another order nothing but the order differs, and elements with names have none.
        let two = format!("{base}[[runbooks]]\nname = \"a.b\"\non = 1\n");
        let turned = "seed = 1\n[[runbooks]]\nname = \"a.b\"\non = 2\n[[runbooks]]\nname = \"x\"\n\
                      steps = [{ wait = \"1m\" }]\n[dns]\nttl = \"60s\"\n";
        assert_eq!(found(&two, turned), ["runbooks.\"a.b\".on: 1 | 2"]);
    }

    #[test]
    fn what_one_lacks_is_told_whole() {
        let base = "[dns]\nttl = { uniform = [1, 2] }\n[[faults]]\nkind = \"a\"\n";
        let other = "[dns]\nttl = { lognormal = { mean = 1, sigma = 2 } }\n[edge]\nkind = \"x\"\nhits = 0.5\n\
                     [[faults]]\nkind = \"a\"\n[[faults]]\nkind = \"b\"\n";
        let expected = [
            "dns.ttl: { uniform = [1, 2] } | { lognormal = { mean = 1, sigma = 2 } }",
            "faults.1: - | { kind = \"b\" }",
            "edge: - | { kind = \"x\", hits = 0.5 }",
        ];
        assert_eq!(found(base, other), expected);
        assert_eq!(found(other, base)[1], "edge: { kind = \"x\", hits = 0.5 } | -");
    }
}
