//! Resources of a draft: their instances, attributes, blocks and regions.

use std::collections::BTreeMap;

use hcl_edit::structure::{Block, Body, Structure};

use super::Reading;
use super::evaluate::{Scope, pairs, value};
use super::functions::unknown_of;
use super::module::{Draft, MOST_INSTANCES, Module, Within, attribute, label, one};
use crate::import::readers::Unresolved;
use crate::import::readers::links::linked;
use crate::import::region::is_region;
use crate::import::resource::Resource;
use crate::import::tree::Tree;

impl Draft<'_> {
    /// The instances of a resource.
    pub(super) fn resource(&self, at: usize, module: &Module, block: &Block, data: bool, reading: &mut Reading) {
        let (Some(kind), Some(name)) = (label(block, 0), label(block, 1)) else { return };
        // Of data sources only what roles allow is of use.
        if data && kind != "aws_iam_policy_document" {
            return;
        }
        let names = Within { draft: self, at };
        let written = attribute(block, "provider").map(|it| it.to_string().trim().to_owned());
        let provider = written.unwrap_or_else(|| kind.split('_').next().unwrap_or("aws").to_owned());
        let region = self.providers(at).get(&provider).cloned();
        for (key, scope) in self.instances(at, block) {
            let mut attributes = content_of(&names, &block.body, &scope);
            if data {
                let actions = attributes.at("statement").items().iter().flat_map(|it| it.at("actions").texts());
                let actions = Tree::List(actions.map(|action| Tree::Text(action.to_owned())).collect());
                attributes = one("actions", actions);
            }
            defaults(kind, &mut attributes);
            let mut links = Vec::new();
            linked("", &mut attributes, &mut links);
            links.sort();
            links.dedup();
            let local = if data { format!("data.{kind}.{name}") } else { format!("{kind}.{name}") };
            let within = |path: &str| if path.is_empty() { local.clone() } else { format!("{path}.{local}") };
            let index = key.as_ref().map(|key| key.trim_matches('"').to_owned());
            let own = attributes.at("region").text().filter(|word| is_region(word)).map(str::to_owned);
            let region = own.or_else(|| region.clone());
            if region.is_none() {
                reading.unresolved.entry(provider.clone()).or_insert_with(|| Unresolved {
                    reason: format!("the source in {} does not tell the region of provider `{provider}`", self.label),
                    flag: format!("--region {provider}=eu-west-1"),
                });
            }
            reading.resources.push(Resource {
                address: key
                    .as_ref()
                    .map_or_else(|| within(&module.path), |key| format!("{}[{key}]", within(&module.path))),
                kind: kind.to_owned(),
                name: name.to_owned(),
                module: module.path.clone(),
                index,
                base: format!("{}:{}", self.input, within(&module.base)),
                region,
                provider: provider.clone(),
                attributes,
                links,
                data,
                input: self.input,
            });
        }
    }
}

/// Attributes and blocks as a tree; a block that may stand several times is a list.
fn content_of(names: &Within<'_, '_>, body: &Body, scope: &Scope) -> Tree {
    let mut fields: BTreeMap<String, Tree> = BTreeMap::new();
    let mut push =
        |name: &str, tree: Tree| match fields.entry(name.to_owned()).or_insert_with(|| Tree::List(Vec::new())) {
            Tree::List(blocks) => blocks.push(tree),
            other => *other = tree,
        };
    let mut plain = Vec::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                if !matches!(name, "provider" | "count" | "for_each" | "providers" | "source" | "version") {
                    plain.push((name.to_owned(), value(names, &attribute.value, scope)));
                }
            }
            Structure::Block(block) if block.ident.as_str() == "dynamic" => {
                let Some(name) = label(block, 0) else { continue };
                let iterator = attribute(block, "iterator").map(|it| it.to_string().trim().to_owned());
                let iterator = iterator.unwrap_or_else(|| name.to_owned());
                let each = attribute(block, "for_each").map_or(Tree::Unknown, |it| value(names, it, scope));
                let Some(content) = block.body.blocks().find(|inner| inner.ident.as_str() == "content") else {
                    continue;
                };
                match pairs(&each) {
                    Some(pairs) => {
                        for (key, element) in pairs.into_iter().take(MOST_INSTANCES) {
                            let own = Tree::Map([("key".to_owned(), key), ("value".to_owned(), element)].into());
                            push(name, content_of(names, &content.body, &scope.with(&iterator, own)));
                        }
                    }
                    None => push(name, unknown_of([&each])),
                }
            }
            Structure::Block(block) => {
                let name = block.ident.as_str();
                if !matches!(name, "lifecycle" | "provisioner" | "connection" | "timeouts") {
                    push(name, content_of(names, &block.body, scope));
                }
            }
        }
    }
    fields.extend(plain);
    Tree::Map(fields)
}

/// Defaults of the provider that differ from those of the service; a plan has them written out.
fn defaults(kind: &str, attributes: &mut Tree) {
    if !matches!(kind, "aws_lb_target_group" | "aws_alb_target_group") {
        return;
    }
    let Tree::Map(fields) = attributes else { return };
    let Some(Tree::List(checks)) = fields.get_mut("health_check") else { return };
    for check in checks {
        if let Tree::Map(check) = check {
            for key in ["healthy_threshold", "unhealthy_threshold"] {
                check.entry(key.to_owned()).or_insert(Tree::Number(3.0));
            }
        }
    }
}
