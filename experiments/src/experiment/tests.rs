//! Every key of every kind is read, and every example of one is accepted.

use std::fmt::Write as _;

use sim_settings::{Condition, Entry, Layout, Node, Placed, Report, Takes, Value, parse_toml, parse_value, placed};

use super::spec::{self, LAYOUT};
use crate::describe::{constant, example, table_with};

/// A valid file that defines a thing under each name that examples use.
const BASE: &str = r#"
name = "base"
horizon = "30m"
[regions.us-east-1]
[regions.eu-west-1]
[regions.us-west-2]
[compute]
kind = "ec2-auto-scaling"
instances = { min = 1, desired = 4, max = 8 }
requests-per-second = 100
[dns]
policy = "latency"
[[clients]]
name = "europe"
near = "eu-west-1"
requests-per-second = 100
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
backup = { every = "1d", copy-to = "eu-west-1" }
capacity = { writes = 100 }
[stores.payments]
kind = "dynamodb-global-table"
[[journeys]]
name = "browse"
share = 0.5
[[journeys]]
name = "checkout"
share = 0.5
cacheable = true
needs = [{ write = "orders" }]
[[alarms]]
name = "checkout-errors"
metric = { errors = "checkout" }
above = 0.2
hosted-in = "eu-west-1"
[[alarms]]
name = "slow"
metric = { errors = "browse" }
above = 0.2
hosted-in = "eu-west-1"
[[alarms]]
name = "errors"
metric = { errors = "browse" }
above = 0.2
hosted-in = "eu-west-1"
[[alarms]]
name = "healthy"
metric = { errors = "browse" }
above = 0.2
hosted-in = "eu-west-1"
[[runbooks]]
name = "promote-orders"
on = { alarm = "checkout-errors" }
hosted-in = ["eu-west-1"]
steps = [{ promote = "orders", to = "eu-west-1" }]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "permanent"
"#;

/// The same with services that call each other, for keys that are about them.
const GRAPH: &str = r#"
name = "base"
horizon = "30m"
[regions.us-east-1]
[regions.eu-west-1]
[regions.us-west-2]
[services.web]
kind = "lambda"
duration = "80ms"
account-limit = 1000
needs = [{ call = "payment" }, { call = "eu-west-1" }]
[services.payment]
kind = "lambda"
duration = "80ms"
account-limit = 1000
[services.eu-west-1]
kind = "managed"
[dns]
policy = "latency"
[[clients]]
name = "europe"
near = "eu-west-1"
requests-per-second = 100
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
[[journeys]]
name = "browse"
share = 0.5
enters = "web"
[[journeys]]
name = "checkout"
share = 0.5
needs = [{ write = "orders" }]
[[alarms]]
name = "checkout-errors"
metric = { errors = "checkout" }
above = 0.2
hosted-in = "eu-west-1"
"#;

/// The same with names and records, for keys that are about them.
const TREE: &str = r#"
name = "base"
horizon = "30m"
[regions.us-east-1]
[regions.eu-west-1]
[names.www]
record = "world"
[records.world]
policy = "failover"
answers = [{ to = "us-east-1", health-check = "us-web" }, { to = "eu-west-1" }]
[health-checks.us-web]
endpoint = "us-east-1"
[[clients]]
name = "europe"
near = "eu-west-1"
requests-per-second = 100
[[journeys]]
name = "browse"
share = 0.5
[[journeys]]
name = "checkout"
share = 0.5
[[alarms]]
name = "checkout-errors"
metric = { errors = "checkout" }
above = 0.2
hosted-in = "eu-west-1"
"#;

/// Values that only another place in the file would make right: the last keys of their ways, the value, and why.
const ELSEWHERE: &[(&[&str], &str, &str)] = &[
    (&["solve"], "{}", "a table without keys has nothing to choose from"),
    (&["load-balancer", "kind"], "\"api-gateway\"", "a gateway stands in front of functions and managed services"),
    (&["records", "policy"], "", "what answers say goes with the policy"),
    (&["records", "answers"], "", "what answers say goes with the policy"),
    (&["answers", "location"], "", "it goes with another policy than the first one"),
    (&["answers", "weight"], "", "it goes with another policy than the first one"),
    (&["answers", "bias"], "", "it goes with another policy than the first one"),
    (&["targets", "caught-up"], "", "it is about queues, and there are none"),
    (&["health-checks", "healthy-children"], "", "there are no more of them than children"),
    (&["stores", "consumed-by"], "", "what consumes carries a known rate, as no function does"),
    (&["health-check", "deep", "to", "name"], "", "names stand with records, and `[dns]` without them"),
    (&["checks", "deep", "to", "name"], "", "names stand with records, and `[dns]` without them"),
    (&["launch-needs", "cached-for"], "", "a launch keeps nothing"),
    (&["launch-needs", "errors-kept"], "", "a launch keeps nothing"),
    (&["launch-needs", "keep-last"], "", "a launch keeps nothing"),
    (&["launch-needs", "detect"], "", "a launch asks in its own region"),
    (&["launch-needs", "to"], "", "a launch asks in its own region or in a fixed one"),
    (&["deep", "cached-for"], "", "a checker asks anew at each look"),
    (&["deep", "errors-kept"], "", "a checker asks anew at each look"),
    (&["deep", "keep-last"], "", "a checker asks anew at each look"),
];

/// What a key, or one of its values, needs beside it in the same table. The reader says so, and the lists of keys do not.
const BESIDE: &[(&str, &str, &str, &str)] = &[
    ("detect", "", "to", "\"nearest\""),
    ("min-healthy", "", "max-healthy", "1.5"),
    ("max-healthy", "", "min-healthy", "0.9"),
    ("kind", "deep", "deep", "[{ write = \"orders\" }]"),
    ("kind", "endpoint", "endpoint", "\"us-east-1\""),
    ("kind", "calculated", "children", "[\"us-web\"]"),
    ("kind", "alarm", "alarm", "\"checkout-errors\""),
    ("concurrency", "", "response-time", "\"100ms\""),
    ("keep-last", "", "cached-for", "\"5m\""),
    ("access", "", "store", "\"orders\""),
    ("policy", "failover", "primary", "\"us-east-1\""),
    ("policy", "weighted", "weights", "{ eu-west-1 = 1 }"),
    ("policy", "geolocation", "default", "\"eu-west-1\""),
    ("to", "[\"eu-west-1\"]", "from", "\"us-east-1\""),
    ("design", "latin-hypercube", "points", "8"),
    ("design", "sobol", "points", "8"),
    ("points", "", "design", "\"sobol\""),
];

/// What a value of a key needs at the top of the file.
const ON_TOP: (&str, &str, &str, &str) = ("shift", "traffic-dial", "edge", "{ kind = \"global-accelerator\" }");

/// The ways to each key: the keys of the tables around it, the outermost first, and the key itself.
fn ways(layout: Layout, way: &mut Vec<Placed>, found: &mut Vec<Vec<Placed>>) {
    for placed in placed(layout) {
        let inner = placed.entry.takes.layout();
        way.push(placed);
        found.push(way.clone());
        if let Some(layout) = inner {
            ways(layout, way, found);
        }
        way.pop();
    }
}

/// The key and what its table must have for it, as TOML.
fn beside(layout: Layout, placed: &Placed, value: String) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    let is = placed.when.iter().filter_map(|condition| match condition {
        Condition::Is(key, word) => Some((*key, constant(word))),
        Condition::Beside(_) => None,
    });
    pairs.extend(is);
    for condition in &placed.when {
        match condition {
            Condition::Beside(keys) if pairs.iter().all(|(name, _)| !keys.contains(name)) => {
                let other = sim_settings::placed(layout).into_iter().find(|other| other.entry.key.name == keys[0]);
                let other = other.expect("a key stands beside one of the same table").entry;
                pairs.push((keys[0], example(&other.key, &other.takes)));
            }
            _ => (),
        }
    }
    pairs.push((placed.entry.key.name, value));
    let known = |key: &str| sim_settings::placed(layout).iter().any(|own| own.entry.key.name == key);
    for &(key, word, other, text) in BESIDE.iter().filter(|(_, _, other, _)| known(other)) {
        let needs = |(name, value): &(&str, String)| {
            *name == key && (word.is_empty() || *value == word || *value == constant(word))
        };
        if pairs.iter().any(needs) && pairs.iter().all(|(name, _)| *name != other) {
            pairs.push((other, text.to_owned()));
        }
    }
    pairs
}

/// A table as what a key takes.
fn as_taken(takes: &Takes, table: String) -> String {
    match takes {
        Takes::List(_) => format!("[{table}]"),
        Takes::Lists(_) => format!("[[{table}], [{table}]]"),
        // A region of AWS has its place by its name.
        Takes::Named(_) if table.contains("place = ") => format!("{{ hall = {table} }}"),
        Takes::Named(_) => format!("{{ eu-west-1 = {table} }}"),
        Takes::Either(one, other) => as_taken(if one.layout().is_some() { one } else { other }, table),
        _ => table,
    }
}

/// The value of the first key on a way, which has the last one with `value` somewhere inside.
fn around(way: &[Placed], value: &str) -> String {
    let [first, rest @ ..] = way else { return value.to_owned() };
    let (Some(next), Some(layout)) = (rest.first(), first.entry.takes.layout()) else { return value.to_owned() };
    as_taken(&first.entry.takes, table_with(layout, beside(layout, next, around(rest, value))))
}

/// What may be written at a key: its example, and each of its words.
fn values(placed: &Placed) -> Vec<String> {
    let mut values = vec![example(&placed.entry.key, &placed.entry.takes)];
    if let Takes::OneOf(words) = placed.entry.takes {
        values.extend(words().iter().map(|word| constant(word.word)));
    }
    values
}

/// Tables at the top whose entries stand beside those that are there.
const MERGED: [&str; 6] = ["regions", "stores", "services", "names", "records", "health-checks"];

/// The file with a value at a key of its top: what is listed or named there comes beside what is there, everything else
/// takes its place.
fn with(base: &Node, key: &str, value: Node) -> Node {
    let Value::Table(mut entries) = base.value.clone() else { panic!("a file is a table") };
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => match (&mut entry.node.value, value.value) {
            (Value::Array(there), Value::Array(more)) => {
                let name = |node: &Node| node.get("name").and_then(Node::text).map(str::to_owned);
                there.retain(|node| name(node).is_none() || more.iter().all(|other| name(other) != name(node)));
                there.extend(more);
            }
            (Value::Table(there), Value::Table(more)) if MERGED.contains(&key) => {
                there.retain(|entry| more.iter().all(|other| other.key != entry.key));
                there.extend(more);
            }
            (there, value) => *there = value,
        },
        None => entries.push(Entry { key: key.to_owned(), key_place: base.place, node: value }),
    }
    Node { value: Value::Table(entries), place: base.place }
}

/// What the reader says against a value of the last key of a way, in this file.
fn complaints(base: &Node, way: &[Placed], value: &str) -> String {
    let (first, last) = (&way[0].entry.key, &way[way.len() - 1]);
    let text = around(way, value);
    let node = parse_value(&text, 0).unwrap_or_else(|| panic!("no TOML: {} = {text}", first.name));
    let mut file = with(base, first.name, node);
    if last.entry.key.name == ON_TOP.0 && value == constant(ON_TOP.1) {
        file = with(&file, ON_TOP.2, parse_value(ON_TOP.3, 0).expect("it is TOML"));
    }
    let report = Report::new();
    spec::read(&report, &file);
    let mut complaints = String::new();
    for problem in report.problems() {
        let own = problem.path.split(['.', '[']).any(|part| part == last.entry.key.name);
        if own || problem.found == "an unknown key" {
            let path: Vec<&str> = way.iter().map(|placed| placed.entry.key.name).collect();
            let _ = writeln!(
                complaints,
                "{} = {value}\n    in {} = {text}\n    {}: {} / {}",
                path.join("."),
                first.name,
                problem.path,
                problem.found,
                problem.expected
            );
        }
    }
    complaints
}

#[test]
fn every_key_of_every_kind_is_read_and_its_example_accepted() {
    let bases = [BASE, GRAPH, TREE].map(|text| {
        let (base, problems) = parse_toml(text, 0);
        assert!(problems.is_empty(), "{problems:?}");
        base
    });
    let mut found = Vec::new();
    ways(LAYOUT, &mut Vec::new(), &mut found);
    assert!(found.len() > 400, "{} ways", found.len());
    let mut wrong = String::new();
    // `extends` is gone from a tree before a reader sees it.
    for way in found.iter().filter(|way| way[0].entry.key.name != "extends") {
        let path: Vec<&str> = way.iter().map(|placed| placed.entry.key.name).collect();
        for value in values(&way[way.len() - 1]) {
            let elsewhere =
                |(keys, word, _): &(&[&str], &str, &str)| path.ends_with(keys) && (word.is_empty() || value == *word);
            if ELSEWHERE.iter().any(elsewhere) {
                continue;
            }
            let told = bases.each_ref().map(|base| complaints(base, way, &value));
            if told.iter().all(|told| !told.is_empty()) {
                wrong.push_str(&told[0]);
            }
        }
    }
    assert!(wrong.is_empty(), "{} problems:\n{wrong}", wrong.matches("\n    in ").count());
}
