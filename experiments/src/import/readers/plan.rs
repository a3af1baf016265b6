//! Plans of Terraform and `OpenTofu`, as `show -json` prints them.
//!
//! `resource_changes` has the values, `configuration` has the providers and the references: neither is enough without
//! the other, and both are joined here by address.

use std::collections::BTreeMap;

use serde_json::Value;

use super::address;
use super::references::{Configuration, constants, expressions};
use super::regions::Regions;
use super::{Hints, Reading};
use crate::import::input::Spot;
use crate::import::region::{is_region, region_in};
use crate::import::resource::{Link, Resource};
use crate::import::tree::Tree;
use crate::import::trouble::Trouble;

pub(super) fn read(
    whole: &str,
    document: &Value,
    input: usize,
    label: &str,
    hints: &Hints,
) -> Result<Reading, Trouble> {
    let root = Spot::root(whole, document);
    version(&root, document)?;
    if document.get("errored").and_then(Value::as_bool) == Some(true) {
        return Err(Trouble::new(format!("{whole} is the plan of a run that failed (`errored`)"))
            .hint("plan again once `terraform plan` ends without an error"));
    }
    let mut reading = Reading::default();
    if document.get("complete").and_then(Value::as_bool) == Some(false) {
        reading
            .remarks
            .push(format!("{label} is not complete (-target or deferred changes): what it leaves out is not seen"));
    }
    let configuration = Configuration::new(document.get("configuration").unwrap_or(&Value::Null));
    let mut regions = Regions::new(document, label, hints);
    let mut declared: BTreeMap<(String, String), &Value> = BTreeMap::new();
    let mut plan = Plan { configuration, regions: &mut regions, declared: &mut declared, input };
    for change in root.get("resource_changes")?.items()? {
        if let Some(resource) = plan.resource(&change, &mut reading)? {
            reading.resources.push(resource);
        }
    }
    if root.get("resource_changes")?.value().is_null() {
        let planned = root.get("planned_values")?.get("root_module")?;
        plan.module(&planned, &mut reading)?;
    }
    plan.documents("", document.get("configuration").and_then(|it| it.get("root_module")), &mut reading);
    Ok(reading)
}

/// Majors 0 and 1 are known; every minor adds keys and changes none.
pub(super) fn version(root: &Spot<'_>, document: &Value) -> Result<(), Trouble> {
    let Some(version) = root.get("format_version")?.text()? else { return Ok(()) };
    if matches!(version.split('.').next(), Some("0" | "1")) {
        return Ok(());
    }
    let by = document.get("terraform_version").and_then(Value::as_str).unwrap_or("an unknown version");
    Err(Trouble::new(format!(
        "{} has format_version {version:?} (written by {by}); versions 0 and 1 are known",
        root.label()
    )))
}

struct Plan<'a, 'r> {
    configuration: Configuration<'a>,
    regions: &'r mut Regions<'a>,
    /// Configurations of resources by module and local address, filled module by module.
    declared: &'r mut BTreeMap<(String, String), &'a Value>,
    input: usize,
}

impl<'a> Plan<'a, '_> {
    fn resource(&mut self, change: &Spot<'_>, reading: &mut Reading) -> Result<Option<Resource>, Trouble> {
        let body = change.get("change")?;
        let mut actions = Vec::new();
        for action in body.get("actions")?.items()? {
            actions.push(action.must()?);
        }
        let data = change.get("mode")?.text()? == Some("data");
        // What is destroyed is not there afterwards; what is forgotten is not Terraform's any more, and stays.
        if actions == ["delete"] || (data && actions == ["read"]) {
            return Ok(None);
        }
        let after = body.get("after")?;
        if !matches!(after.value(), Value::Null | Value::Object(_)) {
            return Err(after.wrong("an object"));
        }
        let attributes = Tree::joined(after.value(), body.get("after_unknown")?.value());
        let kind = change.get("type")?.must()?;
        Ok(Some(self.assembled(change.get("address")?.must()?, kind, data, attributes, reading)))
    }

    /// Resources of `planned_values`, for plans that somebody has cut down to it.
    fn module(&mut self, module: &Spot<'_>, reading: &mut Reading) -> Result<(), Trouble> {
        for resource in module.get("resources")?.items()? {
            let values = resource.get("values")?;
            if !matches!(values.value(), Value::Null | Value::Object(_)) {
                return Err(values.wrong("an object"));
            }
            let kind = resource.get("type")?.must()?;
            let data = resource.get("mode")?.text()? == Some("data");
            let attributes = Tree::known(values.value());
            let found = self.assembled(resource.get("address")?.must()?, kind, data, attributes, reading);
            reading.resources.push(found);
        }
        for child in module.get("child_modules")?.items()? {
            self.module(&child, reading)?;
        }
        Ok(())
    }

    fn assembled(
        &mut self,
        address: &str,
        kind: &str,
        data: bool,
        attributes: Tree,
        reading: &mut Reading,
    ) -> Resource {
        let parts = address::parts(address);
        let declared = self.declared(&parts.module_base, &parts.base);
        let provider = declared.and_then(|it| it.get("provider_config_key")).and_then(Value::as_str);
        let provider = provider.unwrap_or("aws").to_owned();
        let own = attributes.at("region").text().filter(|word| is_region(word)).map(str::to_owned);
        let region = own.or_else(|| match self.regions.of(&provider) {
            Ok(region) => Some(region),
            Err(unresolved) => by_values(&attributes).or_else(|| {
                reading.unresolved.insert(provider.clone(), unresolved);
                None
            }),
        });
        let mut links = Vec::new();
        if let Some(declared) = declared {
            let each = declared.get("for_each_expression").unwrap_or(&Value::Null);
            let mut found = Vec::new();
            expressions("", declared.get("expressions").unwrap_or(&Value::Null), &mut found);
            for (attribute, expression) in found {
                for target in self.configuration.targets(&parts.module_base, expression, each) {
                    links.push(Link { attribute: attribute.clone(), target: self.unique(&target) });
                }
            }
            for first in declared.get("depends_on").and_then(Value::as_array).into_iter().flatten() {
                let named = serde_json::json!({ "references": [first] });
                for target in self.configuration.targets(&parts.module_base, &named, &Value::Null) {
                    links.push(Link { attribute: "depends_on".to_owned(), target: self.unique(&target) });
                }
            }
        }
        links.sort();
        links.dedup();
        Resource {
            address: address.to_owned(),
            kind: kind.to_owned(),
            name: parts.base.rsplit('.').next().unwrap_or_default().to_owned(),
            module: parts.module,
            index: parts.index,
            base: self.unique(&parts.base),
            region,
            provider,
            attributes,
            links,
            data,
            input: self.input,
        }
    }

    /// Policy documents are data sources: what they allow is in the configuration alone if it names something that is not
    /// there yet.
    fn documents(&self, module: &str, configuration: Option<&'a Value>, reading: &mut Reading) {
        let Some(configuration) = configuration else { return };
        for declared in configuration.get("resources").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| declared.get(key).and_then(Value::as_str);
            if text("mode") != Some("data") || text("type") != Some("aws_iam_policy_document") {
                continue;
            }
            let Some(local) = text("address") else { continue };
            let base = if module.is_empty() { local.to_owned() } else { format!("{module}.{local}") };
            let mut actions = Vec::new();
            for statement in declared
                .get("expressions")
                .and_then(|it| it.get("statement"))
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                constants(statement.get("actions").unwrap_or(&Value::Null), &mut actions);
            }
            let actions: Vec<Value> = actions.into_iter().map(Value::from).collect();
            reading.resources.push(Resource {
                address: base.clone(),
                kind: "aws_iam_policy_document".to_owned(),
                name: text("name").unwrap_or_default().to_owned(),
                module: module.to_owned(),
                index: None,
                base: self.unique(&base),
                region: None,
                provider: "aws".to_owned(),
                attributes: Tree::known(&serde_json::json!({ "actions": actions })),
                links: Vec::new(),
                data: true,
                input: self.input,
            });
        }
        for (name, call) in configuration.get("module_calls").and_then(Value::as_object).into_iter().flatten() {
            let inner = if module.is_empty() { format!("module.{name}") } else { format!("{module}.module.{name}") };
            self.documents(&inner, call.get("module"), reading);
        }
    }

    fn unique(&self, base: &str) -> String {
        format!("{}:{base}", self.input)
    }

    fn declared(&mut self, module: &str, base: &str) -> Option<&'a Value> {
        let local = base.strip_prefix(module).unwrap_or(base).trim_start_matches('.');
        let key = (module.to_owned(), local.to_owned());
        let filled = (module.to_owned(), String::new());
        if !self.declared.contains_key(&filled) {
            self.declared.insert(filled, &Value::Null);
            let resources = self.configuration.module(module).and_then(|it| it.get("resources"));
            for resource in resources.and_then(Value::as_array).into_iter().flatten() {
                if let Some(local) = resource.get("address").and_then(Value::as_str) {
                    self.declared.insert((module.to_owned(), local.to_owned()), resource);
                }
            }
        }
        self.declared.get(&key).copied()
    }
}

/// The region that the values themselves tell.
pub(super) fn by_values(attributes: &Tree) -> Option<String> {
    let arn = attributes.at("arn").text().and_then(region_in);
    let zones = ["availability_zone", "availability_zones"];
    let zone = || zones.iter().find_map(|key| attributes.at(key).texts().into_iter().find_map(region_in));
    arn.or_else(zone)
}
