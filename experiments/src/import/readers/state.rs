//! States of Terraform and `OpenTofu`: what `show -json` prints of one, and the file itself, version 4.
//!
//! A state has no configuration. Regions come from ARNs and zones, and references are the identifiers themselves.

use serde_json::Value;

use super::plan::{by_values, version};
use super::{Hints, Reading, Unresolved, address};
use crate::import::input::Spot;
use crate::import::region::is_region;
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
    let mut state = State { input, label, hints, reading: Reading::default() };
    if document.get("format_version").is_some() {
        version(&root, document)?;
        state.module(&root.get("values")?.get("root_module")?)?;
    } else {
        let number = root.get("version")?;
        if number.value().as_u64() != Some(4) {
            return Err(Trouble::new(format!("{whole}: a state file of version 4 is expected"))
                .hint("`terraform show -json` prints any state in a form that is known"));
        }
        for resource in root.get("resources")?.items()? {
            state.raw(&resource)?;
        }
    }
    Ok(state.reading)
}

struct State<'a> {
    input: usize,
    label: &'a str,
    hints: &'a Hints,
    reading: Reading,
}

impl State<'_> {
    fn module(&mut self, module: &Spot<'_>) -> Result<(), Trouble> {
        for resource in module.get("resources")?.items()? {
            let data = resource.get("mode")?.text()? == Some("data");
            let values = resource.get("values")?;
            if !matches!(values.value(), Value::Null | Value::Object(_)) {
                return Err(values.wrong("an object"));
            }
            let depends = resource.get("depends_on")?.items()?;
            let depends = depends.iter().map(Spot::must).collect::<Result<Vec<_>, _>>()?;
            let (address, kind) = (resource.get("address")?.must()?, resource.get("type")?.must()?);
            self.keep(address, kind, "aws", data, Tree::known(values.value()), &depends);
        }
        for child in module.get("child_modules")?.items()? {
            self.module(&child)?;
        }
        Ok(())
    }

    fn raw(&mut self, resource: &Spot<'_>) -> Result<(), Trouble> {
        let (kind, name) = (resource.get("type")?.must()?, resource.get("name")?.must()?);
        let data = resource.get("mode")?.text()? == Some("data");
        let module = resource.get("module")?.text()?.map(|module| format!("{module}.")).unwrap_or_default();
        let provider = alias(resource.get("provider")?.text()?.unwrap_or_default());
        for instance in resource.get("instances")?.items()? {
            let key = instance.get("index_key")?;
            let index = match key.value() {
                Value::String(text) => format!("[\"{}\"]", text.replace('\\', "\\\\").replace('"', "\\\"")),
                Value::Number(number) => format!("[{number}]"),
                Value::Null => String::new(),
                _ => return Err(key.wrong("a text or a number")),
            };
            let attributes = instance.get("attributes")?;
            if !matches!(attributes.value(), Value::Null | Value::Object(_)) {
                return Err(attributes.wrong("an object"));
            }
            let depends = instance.get("dependencies")?.items()?;
            let depends = depends.iter().map(Spot::must).collect::<Result<Vec<_>, _>>()?;
            let prefix = if data { "data." } else { "" };
            let address = format!("{module}{prefix}{kind}.{name}{index}");
            self.keep(&address, kind, &provider, data, Tree::known(attributes.value()), &depends);
        }
        Ok(())
    }

    fn keep(&mut self, address: &str, kind: &str, provider: &str, data: bool, attributes: Tree, depends: &[&str]) {
        let parts = address::parts(address);
        let own = attributes.at("region").text().filter(|word| is_region(word)).map(str::to_owned);
        let full = format!("{}/{provider}", self.label);
        let given = self.hints.regions.get(&full).or_else(|| self.hints.regions.get(provider)).cloned();
        let region = own.or_else(|| by_values(&attributes)).or(given);
        if region.is_none() {
            self.reading.unresolved.entry(provider.to_owned()).or_insert_with(|| Unresolved {
                reason: format!(
                    "{address} in {} has no ARN and no zone, and a state does not hold regions of providers",
                    self.label
                ),
                flag: format!("--region {provider}=eu-west-1"),
            });
        }
        let links = depends.iter().map(|target| Link {
            attribute: "depends_on".to_owned(),
            target: format!("{}:{}", self.input, address::parts(target).base),
        });
        self.reading.resources.push(Resource {
            address: address.to_owned(),
            kind: kind.to_owned(),
            name: parts.base.rsplit('.').next().unwrap_or_default().to_owned(),
            module: parts.module,
            index: parts.index,
            base: format!("{}:{}", self.input, parts.base),
            region,
            provider: provider.to_owned(),
            attributes,
            links: links.collect(),
            data,
            input: self.input,
        });
    }
}

/// The key of a provider such as `provider["registry.terraform.io/hashicorp/aws"].west`: `aws.west`.
fn alias(provider: &str) -> String {
    let alias = provider.rsplit_once("].").map(|(_, alias)| alias);
    alias.map_or_else(|| "aws".to_owned(), |alias| format!("aws.{alias}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{alias, read};
    use crate::import::readers::Hints;

    #[test]
    fn a_state_file_tells_regions_by_arns() {
        let document = json!({"version": 4, "terraform_version": "1.5.0", "resources": [
            {"mode": "managed", "type": "aws_dynamodb_table", "name": "t", "provider": "provider[\"x/hashicorp/aws\"].west",
             "instances": [{"index_key": "a", "attributes": {"arn": "arn:aws:dynamodb:eu-west-1:1:table/t", "name": "t"}}]},
            {"mode": "managed", "type": "aws_lb", "name": "l", "provider": "provider[\"x/hashicorp/aws\"]",
             "instances": [{"attributes": {"name": "l"}}]}]});
        let reading = read("s", &document, 0, "s", &Hints::default()).expect("a state");
        let [table, lb] = &reading.resources[..] else { panic!("two resources") };
        assert_eq!(table.address, "aws_dynamodb_table.t[\"a\"]");
        assert_eq!((table.region.as_deref(), lb.region.as_deref()), (Some("eu-west-1"), None));
        assert!(reading.unresolved.contains_key("aws"));
        let hints = Hints { regions: [("aws".to_owned(), "us-east-1".to_owned())].into(), ..Hints::default() };
        let reading = read("s", &document, 0, "s", &hints).expect("a state");
        assert_eq!(reading.resources[1].region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn aliases_of_providers() {
        assert_eq!(alias("provider[\"registry.terraform.io/hashicorp/aws\"].west"), "aws.west");
        assert_eq!(alias("provider[\"registry.terraform.io/hashicorp/aws\"]"), "aws");
        assert_eq!(alias("module.a.provider[\"x\"].dr"), "aws.dr");
    }
}
