//! `experiments/mrsim.schema.json` accepts every file of the catalogue, and refuses what the readers refuse.
//!
//! A validator of JSON Schema is a large dependency for the few words that this schema uses, so a small one stands here. It
//! fails on any word that it does not know, so the schema cannot grow one that goes unchecked.

use std::fs;

use mrsim::describe::{Known, known, schema};
use mrsim::experiment::LAYOUT;
use predicates::Predicate as _;
use serde_json::{Map, Value, json};
use sim_settings::{Node, Takes, Value as Toml, parse_toml};

use crate::program::{catalogue, root};

/// Words that say nothing about whether a value is valid.
const ANNOTATIONS: [&str; 7] = ["$schema", "$defs", "title", "description", "default", "examples", "then"];

/// The schema as a whole, in which references are looked up.
struct Schema(Value);

impl Schema {
    fn of_files() -> Self {
        Self(schema(LAYOUT))
    }

    /// Why a file does not conform; nothing if it does.
    fn refusal(&self, file: &Value) -> Option<String> {
        self.check(&self.0, file, "").err()
    }

    fn check(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        let Some(words) = schema.as_object() else { return Err(format!("{path}: the schema is no object: {schema}")) };
        for (word, says) in words.iter().filter(|(word, _)| !ANNOTATIONS.contains(&word.as_str())) {
            let fails = |what: String| Err(format!("{}: {what}", if path.is_empty() { "the file" } else { path }));
            let list = || says.as_array().into_iter().flatten();
            let valid = |schema: &Value| self.check(schema, value, path).is_ok();
            match word.as_str() {
                "$ref" => {
                    let name = says.as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
                    let target = name.and_then(|name| self.0["$defs"].get(name));
                    self.check(target.expect("references lead to definitions"), value, path)?;
                }
                "type" => {
                    let names: Vec<&str> = match says {
                        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                        name => name.as_str().into_iter().collect(),
                    };
                    if !names.iter().any(|name| is(name, value)) {
                        return fails(format!("{value} is no {}", names.join(" or ")));
                    }
                }
                "const" if says != value => return fails(format!("{value} is not {says}")),
                "enum" if list().all(|one| one != value) => return fails(format!("{value} is none of {says}")),
                "const" | "enum" => {}
                "pattern" => {
                    let pattern = says.as_str().expect("a pattern is text");
                    let matches = predicates::str::is_match(pattern).expect("it is a regular expression");
                    if value.as_str().is_some_and(|text| !matches.eval(text)) {
                        return fails(format!("{value} does not match {pattern}"));
                    }
                }
                "minimum" | "exclusiveMinimum" | "maximum" => {
                    let (bound, number) = (says.as_f64().expect("a bound is a number"), value.as_f64());
                    let holds = |number: f64| match word.as_str() {
                        "minimum" => number >= bound,
                        "maximum" => number <= bound,
                        _ => number > bound,
                    };
                    if number.is_some_and(|number| !holds(number)) {
                        return fails(format!("{value} is out of range: {word} {bound}"));
                    }
                }
                "minItems" | "maxItems" => {
                    let (bound, items) = (says.as_u64().expect("a number of items"), value.as_array().map(Vec::len));
                    let holds =
                        |items: usize| if word == "minItems" { items as u64 >= bound } else { items as u64 <= bound };
                    if items.is_some_and(|items| !holds(items)) {
                        return fails(format!("{value} breaks {word} {bound}"));
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(says, item, &format!("{path}[{index}]"))?;
                    }
                }
                "properties" => {
                    for (key, inner) in members(value) {
                        let Some(says) = says.get(key) else { continue };
                        self.check(says, inner, &join(path, key))?;
                    }
                }
                "additionalProperties" => {
                    let named = |key: &str| words.get("properties").is_some_and(|named| named.get(key).is_some());
                    for (key, inner) in members(value).filter(|(key, _)| !named(key)) {
                        match says {
                            Value::Bool(false) => return fails(format!("`{key}` is an unknown key")),
                            says => self.check(says, inner, &join(path, key))?,
                        }
                    }
                }
                "required" => {
                    let missing =
                        list().filter_map(Value::as_str).find(|key| value.is_object() && value.get(key).is_none());
                    if let Some(key) = missing {
                        return fails(format!("`{key}` is missing"));
                    }
                }
                "dependentSchemas" => {
                    for (_, says) in members(says).filter(|(key, _)| value.get(key.as_str()).is_some()) {
                        self.check(says, value, path)?;
                    }
                }
                "if" => {
                    if let (true, Some(then)) = (valid(says), words.get("then")) {
                        self.check(then, value, path)?;
                    }
                }
                "not" => {
                    if valid(says) {
                        return fails(format!("{value} is what {says} excludes"));
                    }
                }
                "allOf" => list().try_for_each(|says| self.check(says, value, path))?,
                "anyOf" => {
                    if !list().any(valid) {
                        let reasons: Vec<String> =
                            list().filter_map(|says| self.check(says, value, path).err()).collect();
                        return Err(reasons.join("; or "));
                    }
                }
                "oneOf" => {
                    let count = list().filter(|says| valid(says)).count();
                    if count != 1 {
                        return fails(format!("{value} is {count} of the forms of {says}"));
                    }
                }
                other => return fails(format!("this test does not know `{other}`")),
            }
        }
        Ok(())
    }
}

/// Why a document does not conform to a schema; nothing if it does.
pub(crate) fn refusal(schema: Value, document: &Value) -> Option<String> {
    Schema(schema).refusal(document)
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        // Any number without a fraction, as the specification says.
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "boolean" => value.is_boolean(),
        other => panic!("this test does not know the type `{other}`"),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// TOML as JSON.
fn in_json(node: &Node) -> Value {
    match &node.value {
        Toml::Text(text) => json!(text),
        Toml::Integer(number) => json!(number),
        Toml::Float(number) => json!(number),
        Toml::Boolean(flag) => json!(flag),
        Toml::Array(elements) => elements.iter().map(in_json).collect(),
        Toml::Table(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.clone(), in_json(&entry.node))).collect())
        }
        Toml::Other(words) => panic!("{words} is no value of JSON"),
    }
}

fn parsed(text: &str) -> Value {
    let (node, problems) = parse_toml(text, 0);
    assert!(problems.is_empty(), "{problems:?}");
    in_json(&node)
}

fn files() -> Vec<(String, Value)> {
    let read = |file: String| {
        let text = fs::read_to_string(root().join(&file)).expect("the catalogue can be read");
        (file, parsed(&text))
    };
    catalogue().into_iter().map(read).collect()
}

#[test]
fn every_file_of_the_catalogue_conforms_to_the_schema() {
    let schema = Schema::of_files();
    for (file, content) in files() {
        assert_eq!(schema.refusal(&content), None, "{file}");
    }
}

/// Every path to a table within a value.
fn tables(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            found.push(at.to_owned());
            for (key, inner) in entries {
                tables(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, inner)| tables(inner, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Names of keys whose tables have keys of the author's choice, or a form that the schema leaves open.
fn open_keys() -> Vec<&'static str> {
    let open = |known: &Known| {
        matches!(
            known.takes(),
            Takes::Named(_) | Takes::NumbersBy(_) | Takes::DurationsBy(_) | Takes::NamesBy(..) | Takes::Own(_)
        )
    };
    let open = known(LAYOUT).into_iter().filter(open).map(|known| known.name());
    // And two families of distributions.
    open.chain(["quantiles", "mixture"]).collect()
}

#[test]
fn a_misspelt_key_in_any_table_of_the_catalogue_is_refused() {
    let schema = Schema::of_files();
    let open = open_keys();
    // Below these nothing is said of any table.
    let whole = ["vary", "quantiles", "mixture"];
    let mut tried = 0;
    for (file, content) in files() {
        let mut paths = Vec::new();
        tables(&content, "", &mut paths);
        let is_open = |path: &&String| {
            let parts: Vec<&str> = path.split('/').collect();
            parts.last().is_some_and(|last| open.contains(last)) || parts.iter().any(|part| whole.contains(part))
        };
        for path in paths.iter().filter(|path| !is_open(path)) {
            let mut wrong = content.clone();
            let table = wrong.pointer_mut(path).and_then(Value::as_object_mut).expect("the path leads to a table");
            table.insert("mispelt".to_owned(), json!(1));
            assert!(schema.refusal(&wrong).is_some(), "{file}: {path}");
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried} tables");
}

#[test]
fn keys_values_and_ranges_of_another_kind_are_refused() {
    let schema = Schema::of_files();
    for (text, part) in [
        ("horizon = 60", "horizon: 60 is no string"),
        ("horizon = \"1 week\"", "does not match"),
        ("trials = 1.5", "trials: 1.5 is no integer"),
        ("[dns]\npolicy = \"nearest\"", "dns.policy"),
        ("[dns]\npolicy = \"latency\"\nprimary = \"us-east-1\"", "dns.policy"),
        ("[compute]\nkind = \"lambda\"\ninstances = { min = 1 }", "compute.kind"),
        ("[stores.a]\nkind = \"s3-replication\"\nwriter = \"us-east-1\"", "stores.a.kind"),
        ("[[faults]]\nkind = \"region-outage\"\nregion = \"x\"\nat = \"1m\"\nrate = 1", "excludes"),
        ("[[journeys]]\nshare = 1", "`name` is missing"),
        ("[[clients]]\nname = \"a\"\nretries = { attempts = 0 }", "out of range: minimum 1"),
    ] {
        let refusal = schema.refusal(&parsed(text)).unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(refusal.contains(part), "{text}: {refusal}");
    }
}
