//! `mrsim schema`: JSON Schema (draft 2020-12) of experiment files, so that editors complete and check them.
//!
//! It is made from the tables that list the keys. It asks for no key that another file could add by `extends`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sim_settings::{
    Condition, FAMILIES, Key, KeyData, KeyDefault, Keys as _, Layout, Parameters, Placed, SourceKeys, Takes, VALUE,
    exclusive, parse_value, placed,
};

use super::known::{conditions, example};

/// The schema of a file that has the keys in `layout`.
pub fn schema(layout: Layout) -> Value {
    let mut root = table(layout, false);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("mrsim experiment");
    root["$defs"] = json!({
        "duration": { "type": "string", "pattern": "^\\s*([0-9]+(\\.[0-9]+)?\\s*(ns|us|µs|ms|s|m|min|h|d)\\s*)+$" },
        "delay": distribution(&json!({ "$ref": "#/$defs/duration" })),
        "quantity": distribution(&json!({ "type": "number" })),
    });
    for KeyData { key, takes } in SourceKeys::KEYS {
        let mut schema = form(key, takes, false);
        schema["description"] = json!(key.meaning);
        root["$defs"][key.name] = schema;
    }
    root
}

/// A value as it is, or in a table that says where it comes from.
fn sourced(value: &Value) -> Value {
    let mut properties = about_source();
    properties.insert(VALUE.to_owned(), value.clone());
    let table = json!({
        "type": "object", "properties": properties, "required": [VALUE, "source"], "additionalProperties": false,
    });
    json!({ "anyOf": [value, table] })
}

/// The keys that say where a figure comes from.
fn about_source() -> Map<String, Value> {
    let one = |entry: &KeyData| {
        let name = entry.key.name;
        (name.to_owned(), json!({ "$ref": format!("#/$defs/{name}") }))
    };
    SourceKeys::KEYS.iter().map(one).collect()
}

fn distribution(value: &Value) -> Value {
    let either = json!({ "anyOf": [value, { "type": "number" }] });
    let mut forms = vec![value.clone()];
    let mut one = |name: &str, form: Value| {
        let mut properties = about_source();
        properties.insert(name.to_owned(), form);
        forms.push(json!({
            "type": "object", "properties": properties, "required": [name], "additionalProperties": false,
        }));
    };
    for (family, parameters) in FAMILIES {
        let form = match parameters {
            Parameters::Ends => json!({ "type": "array", "items": either, "minItems": 2, "maxItems": 2 }),
            Parameters::All(figures) | Parameters::TwoOf(figures) => {
                let properties: Map<String, Value> =
                    figures.iter().map(|figure| ((*figure).to_owned(), either.clone())).collect();
                json!({ "type": "object", "properties": properties, "additionalProperties": false })
            }
            Parameters::Parts => json!({ "type": "array", "items": { "type": "object" } }),
            Parameters::Quantiles => json!({ "type": "object", "additionalProperties": either }),
            Parameters::Observations => {
                json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": either }] })
            }
        };
        one(family, form);
    }
    let mut properties = about_source();
    properties.insert(VALUE.to_owned(), value.clone());
    forms.push(json!({
        "type": "object", "properties": properties, "required": [VALUE, "source"], "additionalProperties": false,
    }));
    json!({ "anyOf": forms })
}

/// A table with these keys. An `element` is one of several tables, written whole or merged by its name.
fn table(layout: Layout, element: bool) -> Value {
    let mut by_name: BTreeMap<&str, Vec<Placed>> = BTreeMap::new();
    for placed in placed(layout) {
        by_name.entry(placed.entry.key.name).or_default().push(placed);
    }
    let mut properties = Map::new();
    let mut dependent = Map::new();
    for (name, places) in &by_name {
        properties.insert((*name).to_owned(), property(places));
        if !places.iter().any(|place| place.when.is_empty()) {
            let mut allowed: Vec<Value> = Vec::new();
            for place in places {
                let allows = all(&place.when);
                if !allowed.contains(&allows) {
                    allowed.push(allows);
                }
            }
            dependent.insert((*name).to_owned(), any(allowed));
        }
    }
    let mut object = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    // The kind of an element decides which keys it needs, and a file that extends another one need not repeat them:
    // only the name is always needed.
    if element && by_name.get("name").is_some_and(|places| places[0].entry.key.default == KeyDefault::Required) {
        object["required"] = json!(["name"]);
    }
    if !dependent.is_empty() {
        object["dependentSchemas"] = Value::Object(dependent);
    }
    let rules = [differing(&by_name), at_most_one(layout)].concat();
    if !rules.is_empty() {
        object["allOf"] = Value::Array(rules);
    }
    object
}

/// One schema of all conditions together. A condition holds as long as its key is not written.
fn all(when: &[Condition]) -> Value {
    let mut parts: Vec<Value> = when.iter().map(holds).collect();
    if parts.len() == 1 { parts.remove(0) } else { json!({ "allOf": parts }) }
}

fn any(mut allowed: Vec<Value>) -> Value {
    if allowed.len() == 1 { allowed.remove(0) } else { json!({ "anyOf": allowed }) }
}

/// The condition that other keys of the table must meet.
fn holds(condition: &Condition) -> Value {
    match condition {
        Condition::Is(key, value) => json!({ "properties": { *key: { "const": constant(value) } } }),
        Condition::Beside(keys) => {
            let one = |key: &&str| json!({ "required": [key] });
            any(keys.iter().map(one).collect())
        }
    }
}

/// A word, or `true` and `false`.
fn constant(value: &str) -> Value {
    value.parse::<bool>().map_or_else(|_| json!(value), Value::Bool)
}

/// Keys whose meaning or default depends on the kind: one rule for each kind.
fn differing(by_name: &BTreeMap<&str, Vec<Placed>>) -> Vec<Value> {
    let mut by_condition: Vec<(Condition, Map<String, Value>)> = Vec::new();
    for (name, places) in by_name {
        if places.iter().all(|place| place.entry.key == places[0].entry.key) {
            continue;
        }
        for place in places {
            let Some(condition @ Condition::Is(..)) = place.when.last() else { continue };
            let schema = property(std::slice::from_ref(place));
            if let Some((_, properties)) = by_condition.iter_mut().find(|(other, _)| other == condition) {
                properties.insert((*name).to_owned(), schema);
            } else {
                by_condition.push((*condition, std::iter::once(((*name).to_owned(), schema)).collect()));
            }
        }
    }
    let rule = |(condition, properties): (Condition, Map<String, Value>)| {
        let Condition::Is(key, value) = condition else { return json!({}) };
        json!({
            "if": { "properties": { key: { "const": constant(value) } }, "required": [key] },
            "then": { "properties": properties },
        })
    };
    by_condition.into_iter().map(rule).collect()
}

/// At most one key of each exclusive group is written. The schema cannot ask for exactly one: the file that this one
/// extends may hold it.
fn at_most_one(layout: Layout) -> Vec<Value> {
    let groups = exclusive(layout);
    let pairs = groups.iter().flat_map(|(_, names)| {
        names.iter().enumerate().flat_map(|(index, one)| names[..index].iter().map(move |other| (*other, *one)))
    });
    let both: Vec<Value> = pairs.map(|(one, other)| json!({ "required": [one, other] })).collect();
    if both.is_empty() { Vec::new() } else { vec![json!({ "not": { "anyOf": both } })] }
}

/// The schema of a key that is all of these, depending on other keys.
fn property(places: &[Placed]) -> Value {
    let mut forms: Vec<Value> = Vec::new();
    for place in places {
        let form = form(&place.entry.key, &place.entry.takes, true);
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    let mut schema = any(forms);
    let mut texts: Vec<String> = Vec::new();
    let mut defaults: Vec<Value> = Vec::new();
    let mut examples: Vec<Value> = Vec::new();
    let same = |other: &Placed| other.entry.key == places[0].entry.key;
    let agree = places.iter().all(same);
    for place in places {
        let (key, takes) = (&place.entry.key, &place.entry.takes);
        let of = if agree || place.when.is_empty() { String::new() } else { format!("{}: ", conditions(&place.when)) };
        let text = format!("{of}{}", description(key));
        if !texts.contains(&text) {
            texts.push(text);
        }
        if let KeyDefault::Value { text, .. } = key.default {
            let default = in_json(text);
            if !defaults.contains(&default) {
                defaults.push(default);
            }
        }
        let example = in_json(&example(key, takes));
        if !examples.contains(&example) {
            examples.push(example);
        }
    }
    schema["description"] = json!(texts.join(" | "));
    if let [default] = defaults.as_slice() {
        schema["default"] = default.clone();
    }
    schema["examples"] = Value::Array(examples);
    schema
}

/// The meaning of a key, with its default.
fn description(key: &Key) -> String {
    match key.default {
        KeyDefault::Value { text, mark, source } => {
            format!("{}. Default: {text} ({}; {source})", key.meaning, mark.word())
        }
        KeyDefault::Optional { without } => format!("{}. Not written: {without}", key.meaning),
        KeyDefault::Required => key.meaning.to_owned(),
    }
}

/// The form of a key. A `figure` may say where it comes from.
fn form(key: &Key, takes: &Takes, figure: bool) -> Value {
    let mut schema = match takes {
        Takes::Duration => json!({ "$ref": "#/$defs/duration" }),
        Takes::Delay => json!({ "$ref": "#/$defs/delay" }),
        Takes::DelayOr(word) => json!({ "anyOf": [{ "$ref": "#/$defs/delay" }, { "const": word }] }),
        Takes::Quantity => json!({ "$ref": "#/$defs/quantity" }),
        Takes::Number => json!({ "type": "number" }),
        Takes::Rate | Takes::Share => json!({ "type": ["number", "string"] }),
        Takes::Count => json!({ "type": "integer" }),
        Takes::Flag => json!({ "type": "boolean" }),
        Takes::Text | Takes::Name(_) => json!({ "type": "string" }),
        Takes::OneOf(words) => {
            let one = |word: &sim_settings::Word| json!({ "const": word.word, "description": word.meaning });
            json!({ "oneOf": words().iter().map(one).collect::<Vec<_>>() })
        }
        Takes::Among(names) => json!({ "enum": names() }),
        Takes::Names(_) => {
            json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
        }
        Takes::NumbersBy(_) => {
            let mut number = json!({ "type": "number" });
            bound(&mut number, key);
            json!({ "type": "object", "additionalProperties": number })
        }
        Takes::DurationsBy(_) => {
            json!({ "type": "object", "additionalProperties": sourced(&json!({ "$ref": "#/$defs/duration" })) })
        }
        Takes::NamesBy(..) => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Takes::Table(layout) => table(layout, false),
        Takes::List(layout) => json!({ "type": "array", "items": table(layout, true) }),
        Takes::Named(layout) => json!({ "type": "object", "additionalProperties": table(layout, true) }),
        Takes::TableOrList(layout) => {
            json!({ "anyOf": [table(layout, false), { "type": "array", "items": table(layout, true) }] })
        }
        Takes::Either(one, other) => any(vec![form(key, one, figure), form(key, other, figure)]),
        Takes::Own(_) => json!({}),
    };
    if matches!(takes, Takes::Number | Takes::Count) {
        bound(&mut schema, key);
    }
    let is_number = matches!(takes, Takes::Duration | Takes::Number | Takes::Rate | Takes::Share | Takes::Count);
    if figure && is_number { sourced(&schema) } else { schema }
}

fn bound(schema: &mut Value, key: &Key) {
    if key.low.is_finite() {
        schema[if key.low_excluded { "exclusiveMinimum" } else { "minimum" }] = json!(key.low);
    }
    if key.high.is_finite() {
        schema["maximum"] = json!(key.high);
    }
}

/// TOML as JSON.
fn in_json(text: &str) -> Value {
    parse_value(text, 0).map_or_else(|| json!(text), |node| converted(&node))
}

fn converted(node: &sim_settings::Node) -> Value {
    use sim_settings::Value as Toml;
    match &node.value {
        Toml::Text(text) => json!(text),
        Toml::Integer(number) => json!(number),
        Toml::Float(number) => json!(number),
        Toml::Boolean(flag) => json!(flag),
        Toml::Array(elements) => elements.iter().map(converted).collect(),
        Toml::Table(entries) => {
            Value::Object(entries.iter().map(|entry| (entry.key.clone(), converted(&entry.node))).collect())
        }
        Toml::Other(words) => json!(words),
    }
}
