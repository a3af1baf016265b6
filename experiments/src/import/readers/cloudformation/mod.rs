//! Templates of `CloudFormation`, as JSON or as YAML, each for one stack in one region.

mod functions;
mod translate;
mod types;
mod yaml;

use serde_json::Value;

use super::{Hints, Reading, Unresolved};
use crate::import::input::{self, Spot};
use crate::import::readers::links::linked;
use crate::import::resource::{Link, Resource};
use crate::import::tree::Tree;
use crate::import::trouble::Trouble;
use functions::Scope;

/// A stack that a template becomes.
pub(super) struct Stack<'a> {
    /// The name of the input in messages.
    pub(super) label: &'a str,
    /// The place of the input among the inputs.
    pub(super) input: usize,
    /// The name of the stack.
    pub(super) name: &'a str,
    /// Its region, if that is known.
    pub(super) region: Option<&'a str>,
    /// The flag that would give the region.
    pub(super) flag: &'a str,
}

/// The document in a text.
pub(super) fn document(label: &str, text: &str) -> Result<Value, Trouble> {
    if text.trim_start().starts_with('{') { input::json(label, text) } else { yaml::parse(label, text) }
}

pub(super) fn read(whole: &str, document: &Value, stack: &Stack<'_>, hints: &Hints) -> Result<Reading, Trouble> {
    let root = Spot::root(whole, document);
    let mut reading = Reading::default();
    let scope = Scope {
        template: document,
        region: stack.region.unwrap_or(""),
        parameters: &hints.parameters,
        input: stack.input,
        stack: stack.name,
    };
    if root.get("Resources")?.value().is_null() {
        return Err(root.get("Resources")?.wrong("an object with the template's resources"));
    }
    if stack.region.is_none() {
        let unresolved = Unresolved {
            reason: format!("stack {} of {} has no region", stack.name, stack.label),
            flag: stack.flag.to_owned(),
        };
        reading.unresolved.insert(stack.name.to_owned(), unresolved);
    }
    for (logical, written) in root.get("Resources")?.fields()? {
        let kind = written.get("Type")?.must()?;
        let condition = written.get("Condition")?.text()?;
        if condition.and_then(|name| scope.condition(name, 0)) == Some(false) {
            continue;
        }
        let properties = written.get("Properties")?;
        if !matches!(properties.value(), Value::Null | Value::Object(_)) {
            return Err(properties.wrong("an object"));
        }
        let values = scope.value(properties.value(), 0);
        for (suffix, kind, attributes) in translate::resources(kind, values, stack.region) {
            let mut attributes = attributes;
            let mut links = Vec::new();
            linked("", &mut attributes, &mut links);
            let first = match written.get("DependsOn")?.value() {
                Value::String(name) => vec![name.as_str()],
                Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            links.extend(
                first.into_iter().map(|name| Link { attribute: "depends_on".to_owned(), target: scope.base(name) }),
            );
            links.sort();
            links.dedup();
            let named = format!("{logical}{suffix}");
            reading.resources.push(Resource {
                address: format!("{}/{named}", stack.name),
                kind,
                name: logical.to_owned(),
                module: stack.name.to_owned(),
                index: None,
                base: scope.base(logical),
                region: stack.region.map(str::to_owned),
                provider: stack.name.to_owned(),
                attributes,
                links,
                data: false,
                input: stack.input,
            });
        }
    }
    for (_, output) in root.get("Outputs")?.fields()? {
        let Value::Object(_) = output.value() else { continue };
        let name = output.value().get("Export").and_then(|it| it.get("Name")).map(|it| scope.value(it, 0));
        let value = output.value().get("Value").map(|it| scope.value(it, 0));
        if let (Some(Tree::Text(name)), Some(Tree::Leads(leads))) = (name, value) {
            reading.exports.entry(name).or_default().extend(leads);
        }
    }
    Ok(reading)
}
