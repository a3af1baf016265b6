//! Laying one tree over another: how a text reuses parts of another one.

use super::tree::{Entry, Node, Value};

/// The words that make a table a distribution.
pub(crate) const FAMILIES: [&str; 11] = [
    "uniform",
    "exponential",
    "lognormal",
    "normal",
    "weibull",
    "gamma",
    "triangular",
    "pareto",
    "mixture",
    "quantiles",
    "empirical",
];

/// Whether the node is a table that names a family of distributions.
pub fn is_distribution(node: &Node) -> bool {
    node.entries().iter().any(|entry| FAMILIES.contains(&entry.key.as_str()))
}

/// `base` with the parts that `over` says anew.
///
/// - Tables merge key by key; keys of `over` that `base` lacks come last.
/// - Arrays whose every element is a table with a text under `name` merge by that name, new names come last. An empty
///   array replaces, which is how to clear one.
/// - Everything else is replaced. So is a distribution, whole and in either role: half of one and half of another
///   would be a third that nobody wrote.
///
/// What is merged stands at the place where `over` has it.
#[must_use]
pub fn overlay(base: &Node, over: &Node) -> Node {
    match (&base.value, &over.value) {
        (Value::Table(below), Value::Table(above)) if !is_distribution(base) && !is_distribution(over) => {
            Node { value: Value::Table(merged_tables(below, above)), place: over.place }
        }
        (Value::Array(below), Value::Array(above)) if all_named(below) && all_named(above) => {
            Node { value: Value::Array(merged_arrays(below, above)), place: over.place }
        }
        _ => over.clone(),
    }
}

fn merged_tables(below: &[Entry], above: &[Entry]) -> Vec<Entry> {
    let mut merged = below.to_vec();
    for entry in above {
        match merged[..below.len()].iter_mut().find(|old| old.key == entry.key) {
            Some(old) => {
                *old =
                    Entry { key: entry.key.clone(), key_place: entry.key_place, node: overlay(&old.node, &entry.node) };
            }
            None => merged.push(entry.clone()),
        }
    }
    merged
}

fn merged_arrays(below: &[Node], above: &[Node]) -> Vec<Node> {
    let mut merged = below.to_vec();
    let mut taken = vec![false; below.len()];
    for node in above {
        let position = below.iter().position(|old| name(old) == name(node));
        match position {
            // A name that comes twice in `over` is a mistake, which the reader can only report if both arrive.
            Some(position) if !taken[position] => {
                taken[position] = true;
                merged[position] = overlay(&below[position], node);
            }
            _ => merged.push(node.clone()),
        }
    }
    merged
}

fn all_named(nodes: &[Node]) -> bool {
    !nodes.is_empty() && nodes.iter().all(|node| name(node).is_some())
}

fn name(node: &Node) -> Option<&str> {
    node.get("name").and_then(Node::text)
}
