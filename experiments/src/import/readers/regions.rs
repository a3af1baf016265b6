//! The region of a resource of a plan. It stands in the configuration of the resource's provider and nowhere else, and
//! not even there if a local value gives it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::references::{Configuration, references};
use super::{Hints, Unresolved};
use crate::import::region::is_region;

/// Regions of the providers of one plan.
pub(super) struct Regions<'a> {
    configuration: Configuration<'a>,
    providers: &'a Value,
    variables: &'a Value,
    hints: &'a Hints,
    label: &'a str,
    /// Regions that data sources told when the plan was made, by the key of their provider.
    told: BTreeMap<String, String>,
    known: BTreeMap<String, Result<String, Unresolved>>,
}

impl<'a> Regions<'a> {
    pub(super) fn new(plan: &'a Value, label: &'a str, hints: &'a Hints) -> Self {
        let root = plan.get("configuration").unwrap_or(&Value::Null);
        let configuration = Configuration::new(root);
        let mut told = BTreeMap::new();
        let state = plan.get("prior_state").and_then(|it| it.get("values")).and_then(|it| it.get("root_module"));
        let mut open: Vec<&Value> = state.into_iter().collect();
        while let Some(module) = open.pop() {
            open.extend(module.get("child_modules").and_then(Value::as_array).into_iter().flatten());
            for resource in module.get("resources").and_then(Value::as_array).into_iter().flatten() {
                let text = |key: &str| resource.get(key).and_then(Value::as_str);
                if text("type") != Some("aws_region") || text("mode") != Some("data") {
                    continue;
                }
                let values = resource.get("values");
                let value = |key: &str| values.and_then(|it| it.get(key)).and_then(Value::as_str);
                let parts = super::address::parts(text("address").unwrap_or(""));
                let key = provider_key(configuration, &parts.module_base, &parts.base);
                let region = value("region").or_else(|| value("name")).or_else(|| value("id"));
                if let (Some(key), Some(region)) = (key, region.filter(|it| is_region(it))) {
                    told.insert(key, region.to_owned());
                }
            }
        }
        Self {
            configuration,
            providers: root.get("provider_config").unwrap_or(&Value::Null),
            variables: plan.get("variables").unwrap_or(&Value::Null),
            hints,
            label,
            told,
            known: BTreeMap::new(),
        }
    }

    /// The region of the provider with this key, or why it is not known.
    pub(super) fn of(&mut self, key: &str) -> Result<String, Unresolved> {
        if let Some(known) = self.known.get(key) {
            return known.clone();
        }
        let found = self.find(key);
        self.known.insert(key.to_owned(), found.clone());
        found
    }

    fn find(&self, key: &str) -> Result<String, Unresolved> {
        let full = format!("{}/{key}", self.label);
        if let Some(region) = self.hints.regions.get(&full).or_else(|| self.hints.regions.get(key)) {
            return Ok(region.clone());
        }
        let written = self.provider(key).and_then(|it| it.get("expressions")?.get("region"));
        let reason = match written {
            None => "its configuration writes no region, so that it comes from the environment".to_owned(),
            Some(written) => match self.value(&module_of(key), written, 0) {
                Ok(region) => return Ok(region),
                Err(reason) => reason,
            },
        };
        if let Some(region) = self.told.get(key) {
            return Ok(region.clone());
        }
        Err(Unresolved {
            reason: format!("the region of provider `{key}` is not in {}: {reason}", self.label),
            flag: format!("--region {key}=eu-west-1"),
        })
    }

    /// The provider with a key. Old versions write keys of modules, whose providers may be those of the module above.
    fn provider(&self, key: &str) -> Option<&'a Value> {
        if let Some(found) = self.providers.get(key) {
            return Some(found);
        }
        let (module, name) = key.rsplit_once(':')?;
        if let Some((parent, _)) = module.rsplit_once(".module.") {
            return self.provider(&format!("{parent}:{name}"));
        }
        self.providers.get(name)
    }

    fn value(&self, module: &str, written: &Value, depth: usize) -> Result<String, String> {
        if let Some(constant) = written.get("constant_value") {
            let region = constant.as_str().filter(|word| is_region(word));
            return region.map(str::to_owned).ok_or_else(|| "what is written there is no region".to_owned());
        }
        let references = references(written);
        let [reference] = references[..] else {
            return Err(match references.first() {
                None => "it is worked out by an expression that a plan does not show".to_owned(),
                Some(_) => format!("it is worked out from {}", quoted(&references)),
            });
        };
        let name = reference.strip_prefix("var.").filter(|name| !name.contains(['.', '[']));
        let Some(name) = name.filter(|_| depth < 32) else {
            return Err(if reference.starts_with("local.") {
                format!("it is `{reference}`, and a plan does not hold local values")
            } else {
                format!("it is `{reference}`")
            });
        };
        if module.is_empty() {
            let value = self.variables.get(name).and_then(|it| it.get("value")).and_then(Value::as_str);
            let default = || self.configuration.module("")?.get("variables")?.get(name)?.get("default")?.as_str();
            return value
                .or_else(default)
                .filter(|word| is_region(word))
                .map(str::to_owned)
                .ok_or_else(|| format!("it is `{reference}`, and the plan has no region under that name"));
        }
        match self.configuration.call(module) {
            Some((call, parent)) => {
                if let Some(given) = call.get("expressions").and_then(|it| it.get(name)) {
                    self.value(parent, given, depth + 1)
                } else {
                    let default =
                        || self.configuration.module(module)?.get("variables")?.get(name)?.get("default")?.as_str();
                    default()
                        .filter(|word| is_region(word))
                        .map(str::to_owned)
                        .ok_or_else(|| format!("it is `{reference}` of {module}, which nothing gives"))
                }
            }
            None => Err(format!("it is `{reference}` of {module}")),
        }
    }
}

fn quoted(references: &[&str]) -> String {
    references.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
}

/// The module of a key such as `module.a:aws.west`.
fn module_of(key: &str) -> String {
    key.rsplit_once(':').map_or_else(String::new, |(module, _)| {
        super::address::steps(module)
            .into_iter()
            .map(|step| super::address::keyless(step).0)
            .collect::<Vec<_>>()
            .join(".")
    })
}

/// The key of the provider of a resource, as its configuration has it.
pub(super) fn provider_key(configuration: Configuration<'_>, module: &str, base: &str) -> Option<String> {
    let local = base.strip_prefix(module).unwrap_or(base).trim_start_matches('.');
    let resources = configuration.module(module)?.get("resources")?.as_array()?;
    let own = resources.iter().find(|it| it.get("address").and_then(Value::as_str) == Some(local))?;
    own.get("provider_config_key")?.as_str().map(str::to_owned)
}
