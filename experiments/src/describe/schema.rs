//! `mrsim schema`: JSON Schema (draft 2020-12) of experiment files, so that editors complete and check them.
//!
//! It follows from the keys that the readers ask for. It is wider than the reader where keys exclude one another.

use serde_json::{Map, Value, json};
use sim_settings::{KeyDefault, KeyRecord, Kind};

use super::explain::by_kind;

/// Families of distributions and the figures that each takes.
const FAMILIES: [(&str, &[&str]); 9] = [
    ("exponential", &["mean"]),
    ("lognormal", &["median", "mean", "p95", "p99", "sigma"]),
    ("normal", &["mean", "sd"]),
    ("weibull", &["shape", "scale"]),
    ("gamma", &["shape", "scale"]),
    ("triangular", &["min", "mode", "max"]),
    ("pareto", &["shape", "min"]),
    ("quantiles", &[]),
    ("mixture", &[]),
];

/// The schema of a whole file.
pub fn schema(keys: &[KeyRecord]) -> Value {
    let mut root = table(keys, "");
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("mrsim experiment");
    root["$defs"] = json!({
        "duration": { "type": "string", "pattern": "^\\s*([0-9]+(\\.[0-9]+)?\\s*(ns|us|µs|ms|s|m|min|h|d)\\s*)+$" },
        "delay": distribution(&json!({ "$ref": "#/$defs/duration" })),
        "quantity": distribution(&json!({ "type": "number" })),
    });
    root
}

fn distribution(value: &Value) -> Value {
    let either = json!({ "anyOf": [value, { "type": "number" }] });
    let mut forms = vec![value.clone()];
    let mut one = |name: &str, form: Value| {
        forms.push(json!({
            "type": "object", "properties": { name: form }, "required": [name], "additionalProperties": false,
        }));
    };
    one("uniform", json!({ "type": "array", "items": either, "minItems": 2, "maxItems": 2 }));
    one("empirical", json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": either }] }));
    for (family, figures) in FAMILIES {
        let properties: Map<String, Value> =
            figures.iter().map(|figure| ((*figure).to_owned(), either.clone())).collect();
        one(
            family,
            match family {
                "mixture" => json!({ "type": "array", "items": { "type": "object" } }),
                "quantiles" => json!({ "type": "object", "additionalProperties": either }),
                _ => json!({ "type": "object", "properties": properties, "additionalProperties": false }),
            },
        );
    }
    json!({ "anyOf": forms })
}

/// The object whose keys stand directly below `path`.
fn table(keys: &[KeyRecord], path: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for record in keys {
        if record.parent() != path {
            continue;
        }
        let name = record.key.name;
        properties.insert(name.to_owned(), property(keys, record));
        // A file that extends another, and a region's own part of the stack, need not repeat what is required.
        if record.key.default == KeyDefault::Required && path.ends_with('*') && !path.starts_with("regions") {
            required.push(json!(name));
        }
    }
    // Which keys an element needs depends on its kind: only its name is needed by all.
    required.retain(|name| name == "name");
    let mut object = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        object["required"] = Value::Array(required);
    }
    object
}

fn property(keys: &[KeyRecord], record: &KeyRecord) -> Value {
    let mut schema = form(keys, record, &record.kind);
    if matches!(record.kind, Kind::Number | Kind::Count) {
        let key = &record.key;
        schema[if key.low_excluded { "exclusiveMinimum" } else { "minimum" }] = json!(key.low);
        if key.high.is_finite() {
            schema["maximum"] = json!(key.high);
        }
    }
    schema["description"] = json!(description(record));
    schema
}

/// What a key takes.
fn form(keys: &[KeyRecord], record: &KeyRecord, kind: &Kind) -> Value {
    let elements = || table(keys, &format!("{}.*", record.path));
    match kind {
        Kind::Duration => json!({ "$ref": "#/$defs/duration" }),
        Kind::Delay => json!({ "anyOf": [{ "$ref": "#/$defs/delay" }, { "const": "permanent" }] }),
        Kind::Quantity => json!({ "$ref": "#/$defs/quantity" }),
        Kind::Number => json!({ "type": "number" }),
        Kind::Rate | Kind::Share => json!({ "type": ["number", "string"] }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Text | Kind::Name => json!({ "type": "string" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Names => json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] }),
        Kind::NumbersByName => json!({ "type": "object", "additionalProperties": { "type": "number" } }),
        Kind::DurationsByName => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/duration" } }),
        Kind::NamesByName => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Section => table(keys, &record.path),
        Kind::Sections => json!({ "type": "array", "items": elements() }),
        Kind::Named => json!({ "type": "object", "additionalProperties": elements() }),
        Kind::Either(forms) => json!({ "anyOf": [form(keys, record, &forms.0), form(keys, record, &forms.1)] }),
        Kind::Other => json!({}),
    }
}

/// What a key means, with its default, or that of each kind of table where they differ.
fn description(record: &KeyRecord) -> String {
    let groups = by_kind(record);
    let defaults: Vec<String> = groups
        .iter()
        .filter_map(|(kinds, key)| {
            let KeyDefault::Value { text, mark, source } = key.default else { return None };
            let of = if groups.len() > 1 { format!(" for {}", kinds.join(", ")) } else { String::new() };
            Some(format!("Default{of}: {text} ({}; {source})", mark.word()))
        })
        .collect();
    let parts: Vec<&str> = std::iter::once(record.key.meaning).chain(defaults.iter().map(String::as_str)).collect();
    parts.join(". ")
}
