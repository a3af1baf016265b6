//! Laying one tree over another: how a text reuses parts of another one.

use super::families::NAMES;
use super::provenance::is_sourced;
use super::tree::{Entry, Node, Value};

/// Whether a key names a family of distributions.
pub fn is_distribution_family(key: &str) -> bool {
    NAMES.contains(&key)
}

/// Whether the node is a table that names a family of distributions.
pub fn is_distribution(node: &Node) -> bool {
    node.entries().iter().any(|entry| is_distribution_family(&entry.key))
}

/// `base` with the parts that `over` says anew.
///
/// - Tables merge key by key; keys of `over` that `base` lacks come last.
/// - Arrays whose every element is a table with a text under `name` merge by that name, new names come last. An empty
///   array replaces, which is how to clear one.
/// - Everything else is replaced. So is a distribution or a value with its source, whole and in either role, and a table by one of another form:
///   half of one and half of another would be a third that nobody wrote. Two tables differ in form if they have
///   different words of one set of `alternatives`, or different texts under `kind`.
///
/// A merged value has the place where `over` writes it.
#[must_use]
pub fn overlay(base: &Node, over: &Node, alternatives: &[&[&str]]) -> Node {
    match (&base.value, &over.value) {
        (Value::Table(below), Value::Table(above)) if same_form(base, over, alternatives) => {
            Node { value: Value::Table(merged_tables(below, above, alternatives)), place: over.place }
        }
        (Value::Array(below), Value::Array(above)) if all_named(below) && all_named(above) => {
            Node { value: Value::Array(merged_arrays(below, above, alternatives)), place: over.place }
        }
        _ => over.clone(),
    }
}

/// Whether two tables say the same sort of thing, so that one can say a part of the other anew.
fn same_form(base: &Node, over: &Node, alternatives: &[&[&str]]) -> bool {
    let kind = |node: &Node| node.get("kind").and_then(Node::text).map(str::to_owned);
    let other_kind = kind(base).zip(kind(over)).is_some_and(|(old, new)| old != new);
    let other_word = alternatives.iter().any(|words| {
        let only_in =
            |one: &Node, other: &Node| words.iter().any(|word| one.get(word).is_some() && other.get(word).is_none());
        only_in(base, over) && only_in(over, base)
    });
    // A source belongs to the value that stands beside it, and to no other.
    let whole = [base, over].into_iter().any(|node| is_distribution(node) || is_sourced(node));
    !whole && !other_kind && !other_word
}

fn merged_tables(below: &[Entry], above: &[Entry], alternatives: &[&[&str]]) -> Vec<Entry> {
    let mut merged = below.to_vec();
    for entry in above {
        match merged[..below.len()].iter_mut().find(|old| old.key == entry.key) {
            Some(old) => {
                let node = overlay(&old.node, &entry.node, alternatives);
                *old = Entry { key: entry.key.clone(), key_place: entry.key_place, node };
            }
            None => merged.push(entry.clone()),
        }
    }
    merged
}

fn merged_arrays(below: &[Node], above: &[Node], alternatives: &[&[&str]]) -> Vec<Node> {
    let mut merged = below.to_vec();
    let mut taken = vec![false; below.len()];
    for node in above {
        let position = below.iter().position(|old| name(old) == name(node));
        match position {
            // A name that comes twice in `over` is a mistake, which the reader can only report if both arrive.
            Some(position) if !taken[position] => {
                taken[position] = true;
                merged[position] = overlay(&below[position], node, alternatives);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Place, parse_toml};
    use proptest::prelude::*;

    fn tree(text: &str) -> Node {
        let (node, problems) = parse_toml(text, 0);
        assert!(problems.is_empty(), "{problems:?}");
        node
    }

    fn check(base: &str, over: &str, expected: &str) {
        let merged = overlay(&tree(base), &tree(over), &[&["alarm", "operator"]]);
        assert!(merged.same_as(&tree(expected)), "{merged:#?}");
    }

    #[test]
    fn tables_merge_and_values_are_replaced() {
        check("a = 1\n[t]\nx = 1\ny = 2", "b = 3\n[t]\ny = 4\nz = 5", "a = 1\nt = { x = 1, y = 4, z = 5 }\nb = 3");
        check("t = { x = 1 }", "t = 5", "t = 5");
        check("t = 5", "t = { x = 1 }", "t = { x = 1 }");
    }

    #[test]
    fn named_elements_merge_by_name() {
        check(
            "c = [{ name = 'a', x = 1 }, { name = 'b', x = 2 }]",
            "c = [{ name = 'b', x = 3 }, { name = 'd' }]",
            "c = [{ name = 'a', x = 1 }, { name = 'b', x = 3 }, { name = 'd' }]",
        );
        // Both copies arrive, so that the reader can complain.
        check(
            "c = [{ name = 'a', x = 1 }]",
            "c = [{ name = 'a' }, { name = 'a' }]",
            "c = [{ name = 'a', x = 1 }, { name = 'a' }]",
        );
        check("c = [{ name = 'a' }]", "c = []", "c = []");
        check("c = [{ name = 'a' }]", "c = [{ x = 1 }]", "c = [{ x = 1 }]");
        check("c = [1, 2]", "c = [3]", "c = [3]");
    }

    #[test]
    fn a_table_of_another_form_is_replaced_whole() {
        check("on = { alarm = 'a', x = 1 }", "on = { operator = '5m' }", "on = { operator = '5m' }");
        check("on = { alarm = 'a', x = 1 }", "on = { alarm = 'b' }", "on = { alarm = 'b', x = 1 }");
        check("on = { alarm = 'a' }", "on = { x = 1 }", "on = { alarm = 'a', x = 1 }");
        // Both in one table are a mistake, which the reader can only report if both arrive.
        let both = "on = { alarm = 'a', operator = '5m' }";
        check("on = { alarm = 'a' }", both, both);
        check("s = { kind = 'log', lag = 1 }", "s = { kind = 'table' }", "s = { kind = 'table' }");
        check("s = { kind = 'log', lag = 1 }", "s = { lag = 2 }", "s = { kind = 'log', lag = 2 }");
    }

    #[test]
    fn distributions_are_replaced_whole() {
        let (old, new) = ("d = { lognormal = { median = '3s', p95 = '9s' } }", "d = { lognormal = { median = '1s' } }");
        check(old, new, new);
        check(old, "d = { x = 1 }", "d = { x = 1 }");
        check("d = { x = 1 }", new, new);
    }

    fn value(depth: u32) -> BoxedStrategy<Node> {
        let at = |value| Node { value, place: Place::default() };
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Integer),
            any::<f64>().prop_map(Value::Float),
            any::<bool>().prop_map(Value::Boolean),
            "[a-c]{0,2}".prop_map(Value::Text),
        ]
        .prop_map(at)
        .boxed();
        if depth == 0 {
            return leaf;
        }
        let key = prop_oneof!["[a-c]", Just("name".to_owned()), Just("uniform".to_owned())];
        let entry = (key, value(depth - 1));
        let table = proptest::collection::vec(entry, 0..4).prop_map(move |pairs| {
            let mut entries: Vec<Entry> = Vec::new();
            for (key, node) in pairs {
                if entries.iter().all(|entry| entry.key != key) {
                    entries.push(Entry { key, key_place: Place::default(), node });
                }
            }
            at(Value::Table(entries))
        });
        let array = proptest::collection::vec(value(depth - 1), 0..3).prop_map(move |nodes| at(Value::Array(nodes)));
        prop_oneof![leaf, table, array].boxed()
    }

    proptest! {
        #[test]
        fn laying_a_tree_over_itself_changes_nothing(tree in value(3)) {
            // Unless names repeat, which is an error of its own.
            prop_assume!(!repeats(&tree));
            prop_assert!(overlay(&tree, &tree, &[]).same_as(&tree));
        }

        #[test]
        fn what_is_laid_over_wins(base in value(3), over in value(3)) {
            prop_assume!(!repeats(&base) && !repeats(&over));
            let once = overlay(&base, &over, &[]);
            prop_assert!(overlay(&once, &over, &[]).same_as(&once));
        }

        #[test]
        fn an_empty_table_changes_no_table(base in value(3)) {
            let empty = Node { value: Value::Table(Vec::new()), place: Place::default() };
            if matches!(base.value, Value::Table(_)) && !is_distribution(&base) {
                prop_assert!(overlay(&base, &empty, &[]).same_as(&base));
            }
            prop_assert!(overlay(&empty, &base, &[]).same_as(&base));
        }
    }

    fn repeats(node: &Node) -> bool {
        match &node.value {
            Value::Array(nodes) => {
                let names: Vec<&str> = nodes.iter().filter_map(name).collect();
                let again = names.iter().enumerate().any(|(i, name)| names[..i].contains(name));
                again || nodes.iter().any(repeats)
            }
            Value::Table(entries) => entries.iter().any(|entry| repeats(&entry.node)),
            _ => false,
        }
    }
}
