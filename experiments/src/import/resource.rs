//! The resources of all inputs, whatever wrote them, and what refers to what.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::Tree;

/// The place of a resource in the [`Inventory`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) usize);

/// One resource. Types and attributes have the words of Terraform's AWS provider, for every kind of input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    /// Its address, as the input's own tools write it.
    pub(super) address: String,
    /// Its type.
    pub(super) kind: String,
    /// Its name within its module or stack, without instance keys.
    pub(super) name: String,
    /// The module or stack that it is in, with instance keys.
    pub(super) module: String,
    /// Its instance key.
    pub(super) index: Option<String>,
    /// Its address without instance keys, unique among the inputs: what references lead to.
    pub(super) base: String,
    /// Its region, if the input tells.
    pub(super) region: Option<String>,
    /// The key of the provider or the stack that stands for a region, as `--region` takes it.
    pub(super) provider: String,
    /// Its attributes.
    pub(super) attributes: Tree,
    /// What its attributes refer to.
    pub(super) links: Vec<Link>,
    /// Whether it is there to be read only: it is no part of what is deployed.
    pub(super) data: bool,
    /// The input that it came from.
    pub(super) input: usize,
}

/// A reference from an attribute to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    /// The attribute's path, without places in lists.
    pub(super) attribute: String,
    /// The base of the resource that it leads to.
    pub(super) target: String,
}

impl Resource {
    /// An attribute.
    pub(super) fn at(&self, path: &str) -> &Tree {
        self.attributes.at(path)
    }
}

/// Attributes by which other resources name one.
const IDENTITIES: [&str; 16] = [
    "id",
    "arn",
    "name",
    "dns_name",
    "bucket",
    "cluster_identifier",
    "global_cluster_identifier",
    "identifier",
    "function_name",
    "alarm_name",
    "replication_group_id",
    "global_replication_group_id",
    "domain_name",
    "fqdn",
    "endpoint",
    "invoke_url",
];

/// All resources, in the order of their addresses.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    resources: Vec<Resource>,
    by_base: BTreeMap<String, Vec<Id>>,
    by_word: BTreeMap<String, Vec<Id>>,
}

impl Inventory {
    /// The inventory of these resources. Their order does not matter. `labels` name the inputs, for addresses that
    /// several of them have.
    pub(super) fn new(mut resources: Vec<Resource>, labels: &[String]) -> Self {
        let mut seen: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for resource in &resources {
            seen.entry(resource.address.clone()).or_default().insert(resource.input);
        }
        for resource in &mut resources {
            if seen.get(&resource.address).is_some_and(|inputs| inputs.len() > 1) {
                let label = labels.get(resource.input).map_or("", String::as_str);
                resource.address = format!("{}:{}", label, resource.address);
            }
        }
        resources.sort_by(|a, b| (&a.address, &a.kind, a.input).cmp(&(&b.address, &b.kind, b.input)));
        let mut by_base: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        let mut by_word: BTreeMap<String, Vec<Id>> = BTreeMap::new();
        for (index, resource) in resources.iter().enumerate() {
            by_base.entry(resource.base.clone()).or_default().push(Id(index));
            for identity in IDENTITIES {
                if let Some(word) = resource.at(identity).text().filter(|word| !word.is_empty()) {
                    let named = by_word.entry(word.trim_end_matches('.').to_owned()).or_default();
                    if named.last() != Some(&Id(index)) {
                        named.push(Id(index));
                    }
                }
            }
        }
        Self { resources, by_base, by_word }
    }

    /// A resource.
    pub(super) fn get(&self, id: Id) -> &Resource {
        &self.resources[id.0]
    }

    /// Every resource, those that are there to be read only included.
    pub(super) fn all(&self) -> impl Iterator<Item = (Id, &Resource)> {
        self.resources.iter().enumerate().map(|(index, resource)| (Id(index), resource))
    }

    /// The resources of these types.
    pub(super) fn of(&self, kinds: &[&str]) -> Vec<Id> {
        self.all().filter(|(_, it)| !it.data && kinds.contains(&it.kind.as_str())).map(|(id, _)| id).collect()
    }

    /// What has this base: every instance of it.
    pub(super) fn based(&self, base: &str) -> Vec<Id> {
        self.by_base.get(base).cloned().unwrap_or_default()
    }

    /// What an attribute leads to, of these types: by the names that it holds, else by its references.
    pub(super) fn targets(&self, from: Id, attribute: &str, kinds: &[&str]) -> Vec<Id> {
        let source = self.get(from);
        let mut found = BTreeSet::new();
        for text in values(&source.attributes, attribute) {
            let word = text.trim_end_matches('.');
            // Identifiers often stand at the end of an ARN, or in front of a qualifier.
            let tail = word.rsplit([':', '/']).next().unwrap_or(word);
            let head = word.strip_prefix("dualstack.").unwrap_or(word);
            for word in [word, head, tail] {
                let named: Vec<Id> = self.by_word.get(word).into_iter().flatten().copied().collect();
                let named = self.narrowed(source, named.into_iter().filter(|id| self.is_of(*id, kinds)).collect());
                if !named.is_empty() {
                    found.extend(named);
                    break;
                }
            }
        }
        if found.is_empty() {
            let below = |link: &str| {
                link == attribute
                    || link.strip_prefix(attribute).is_some_and(|rest| rest.starts_with('.'))
                    || attribute.strip_prefix(link).is_some_and(|rest| rest.starts_with('.'))
            };
            for link in source.links.iter().filter(|link| below(&link.attribute)) {
                let there = self.by_base.get(&link.target).into_iter().flatten().copied();
                found.extend(self.narrowed(source, there.filter(|id| self.is_of(*id, kinds)).collect()));
            }
        }
        found.remove(&from);
        found.into_iter().collect()
    }

    /// The one resource that an attribute leads to. With several, the one with the instance key, the module of that
    /// name, or the region of the resource that refers to it; none if that leaves a doubt.
    pub(super) fn target(&self, from: Id, attribute: &str, kinds: &[&str]) -> Option<Id> {
        let targets = self.targets(from, attribute, kinds);
        self.one(from, &targets)
    }

    /// The one of several that belongs to a resource.
    pub(super) fn one(&self, from: Id, targets: &[Id]) -> Option<Id> {
        let source = self.get(from);
        let mut left = targets.to_vec();
        if let Some(index) = &source.index {
            let named = format!("module.{index}");
            let alike = |it: &Resource| {
                it.index.as_ref() == Some(index)
                    || it.module.split('.').collect::<Vec<_>>().windows(2).any(|two| two.join(".") == named)
            };
            let same: Vec<Id> = left.iter().copied().filter(|id| alike(self.get(*id))).collect();
            if !same.is_empty() {
                left = same;
            }
        }
        if left.len() > 1 && source.region.is_some() {
            let same: Vec<Id> = left.iter().copied().filter(|id| self.get(*id).region == source.region).collect();
            if !same.is_empty() {
                left = same;
            }
        }
        match left[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Which resources of these types lead to what by an attribute: from each target to those that refer to it.
    pub(super) fn back(&self, kinds: &[&str], attribute: &str, targets: &[&str]) -> BTreeMap<Id, Vec<Id>> {
        let mut back: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for id in self.of(kinds) {
            for target in self.targets(id, attribute, targets) {
                back.entry(target).or_default().push(id);
            }
        }
        back
    }

    fn is_of(&self, id: Id, kinds: &[&str]) -> bool {
        kinds.is_empty() || kinds.contains(&self.get(id).kind.as_str())
    }

    /// Of several, those in the module that shares most with that of the resource, and in its region if names alone
    /// would leave a doubt.
    fn narrowed(&self, source: &Resource, found: Vec<Id>) -> Vec<Id> {
        if found.len() < 2 {
            return found;
        }
        let shared = |id: &Id| {
            let there = self.get(*id);
            let own = there.input == source.input;
            let steps = source.module.split('.').zip(there.module.split('.')).take_while(|(a, b)| a == b).count();
            (own, if own { steps } else { 0 })
        };
        let most = found.iter().map(shared).max().unwrap_or_default();
        // A module refers to its own instances; what is above it refers to all of them.
        let inside: Vec<Id> = found.iter().copied().filter(|id| self.get(*id).module == source.module).collect();
        if !inside.is_empty() {
            return inside;
        }
        found.into_iter().filter(|id| shared(id) == most).collect()
    }
}

/// Every text at a path; each block of a list counts.
fn values<'a>(tree: &'a Tree, path: &str) -> Vec<&'a str> {
    let mut here = vec![tree];
    for key in path.split('.') {
        let mut next = Vec::new();
        for tree in here {
            let blocks = match tree {
                Tree::List(elements) => elements.iter().collect(),
                other => vec![other],
            };
            next.extend(blocks.into_iter().filter_map(|block| match block {
                Tree::Map(map) => map.get(key),
                _ => None,
            }));
        }
        here = next;
    }
    here.into_iter().flat_map(Tree::texts).filter(|text| !text.is_empty()).collect()
}
