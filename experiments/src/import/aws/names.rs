//! Names: which records of Route 53 are one, and where each of them leads.

use std::collections::{BTreeMap, BTreeSet};

use super::health_checks::CHECK;
use super::load_balancing::BALANCERS;
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;

const RECORD: [&str; 1] = ["aws_route53_record"];

/// What a record may lead to, apart from names.
const ENDS: [&str; 10] = [
    "aws_lb",
    "aws_alb",
    "aws_elb",
    "aws_api_gateway_domain_name",
    "aws_apigatewayv2_domain_name",
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_eip",
    "aws_instance",
    "aws_lambda_function_url",
];

const EDGES: [&str; 2] = ["aws_cloudfront_distribution", "aws_globalaccelerator_accelerator"];

/// What stands in front of the policy of answers whose name is not known; no name has a space.
const UNKNOWN: &str = "unknown name ";

/// The policy of an answer, by its block.
fn policy_of(inventory: &Inventory, id: Id) -> Option<&'static str> {
    const BLOCKS: [&str; 5] = [
        "latency_routing_policy",
        "failover_routing_policy",
        "weighted_routing_policy",
        "geolocation_routing_policy",
        "geoproximity_routing_policy",
    ];
    let record = inventory.get(id);
    BLOCKS.into_iter().find(|block| record.at(block).is_set())
}

/// Records, each with the region that it leads to.
type Placed = Vec<(Id, Option<String>)>;

/// The records that clients use, and what they lead to.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    name: String,
    /// The records of the chosen name, each with its region.
    pub(super) records: Placed,
    /// Whether they are answers of one policy.
    pub(super) routed: bool,
    /// Load balancers, gateways and the like that they lead to.
    pub(super) leads: BTreeSet<Id>,
    /// Regions of the endpoints that health checks look at.
    pub(super) checked: BTreeMap<Id, String>,
}

impl Endpoints {
    /// The region that a health check looks at.
    pub(super) fn region_of_check(&self, check: Id) -> Option<&String> {
        self.checked.get(&check)
    }
}

/// Finds the name that clients use.
pub(super) fn find(system: &mut System<'_>) -> Endpoints {
    let inventory = system.inventory;
    let mut names: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for id in inventory.of(&RECORD) {
        let record = inventory.get(id);
        if !matches!(record.at("type").text(), Some("A" | "AAAA" | "CNAME") | None) {
            system.fates.left(id, "a record of another type than A, AAAA and CNAME leads no clients");
            continue;
        }
        if !inventory.targets(id, "name", &["aws_acm_certificate", "aws_ses_domain_identity"]).is_empty() {
            system.fates.left(id, "it proves who owns a name, and leads no clients");
            continue;
        }
        // Answers whose name is not known and that follow one policy are taken for one name.
        let name = record.at("name").text().map(|name| name.trim_end_matches('.').to_lowercase());
        let name = name.unwrap_or_else(|| match policy_of(inventory, id) {
            Some(policy) => format!("{UNKNOWN}{policy}"),
            None => record.base.clone(),
        });
        names.entry(name).or_default().push(id);
    }
    let mut endpoints = Endpoints::default();
    let mut best: Option<(usize, usize, usize)> = None;
    let mut others = Vec::new();
    let mut all: Vec<(String, Placed, bool)> = Vec::new();
    for (name, records) in names {
        let edge = records.iter().filter(|id| leads_to_edge(inventory, **id)).count();
        if edge == records.len() {
            for id in records {
                system.fates.used(id, "edge");
            }
            continue;
        }
        let routed = records.iter().any(|id| inventory.get(*id).at("set_identifier").is_set());
        let placed: Placed = records.into_iter().map(|id| (id, lands(inventory, id))).collect();
        all.push((name, placed, routed));
    }
    let wanted = system.service.clone().map(|name| name.trim_end_matches('.').to_lowercase());
    for (index, (name, records, routed)) in all.iter().enumerate() {
        let regions: BTreeSet<&String> = records.iter().filter_map(|(_, region)| region.as_ref()).collect();
        let asked = usize::from(wanted.as_deref() == Some(name.as_str()));
        let rank = (asked, usize::from(*routed), regions.len());
        if best.is_none_or(|best| rank > best) && (*routed || !regions.is_empty() || asked > 0) {
            best = Some(rank);
            endpoints.name.clone_from(name);
            others.clear();
            others.push(index);
        }
    }
    let chosen = others.first().copied();
    for (index, (name, records, routed)) in all.into_iter().enumerate() {
        if Some(index) == chosen {
            endpoints.routed = routed;
            endpoints.records = records;
            continue;
        }
        let ids: Vec<Id> = records.iter().map(|(id, _)| *id).collect();
        if routed {
            let question = if name.starts_with(UNKNOWN) {
                "another name, which the inputs do not tell: does it lead clients? a file has one".to_owned()
            } else {
                format!("another name ({name}): does it lead clients? a file has one; --service {name} takes this one")
            };
            system.ask_all(&ids, &question);
        } else {
            for id in ids {
                system.fates.left(id, "a single answer without a policy: it leads the same way whatever happens");
            }
        }
    }
    for (id, region) in &endpoints.records {
        endpoints.leads.extend(leads(inventory, *id));
        if let Some(check) = inventory.target(*id, "health_check_id", &CHECK)
            && let Some(region) = region
        {
            endpoints.checked.insert(check, region.clone());
            for child in inventory.targets(check, "child_healthchecks", &CHECK) {
                endpoints.checked.entry(child).or_insert_with(|| region.clone());
            }
        }
    }
    endpoints
}

fn leads_to_edge(inventory: &Inventory, id: Id) -> bool {
    let text = inventory.get(id).at("alias.name").text().unwrap_or_default();
    text.contains("cloudfront.net")
        || text.contains("awsglobalaccelerator.com")
        || ["alias.name", "records"].iter().any(|path| !inventory.targets(id, path, &EDGES).is_empty())
}

fn leads(inventory: &Inventory, id: Id) -> Vec<Id> {
    ["alias.name", "records"].iter().filter_map(|path| inventory.target(id, path, &ENDS)).collect()
}

/// The region that a record leads to.
fn lands(inventory: &Inventory, id: Id) -> Option<String> {
    let record = inventory.get(id);
    if let Some(region) = record.at("latency_routing_policy.region").text() {
        return Some(region.to_owned());
    }
    let end = leads(inventory, id).first().and_then(|end| inventory.get(*end).region.clone());
    let text = || {
        let texts = record.at("alias.name").texts().into_iter().chain(record.at("records").texts());
        texts.into_iter().find_map(region_in_name)
    };
    let check = || {
        let check = inventory.target(id, "health_check_id", &CHECK)?;
        let end = inventory.target(check, "fqdn", &BALANCERS)?;
        inventory.get(end).region.clone()
    };
    let said = || {
        let words = [record.at("set_identifier").text(), record.index.as_deref()];
        words.into_iter().flatten().find_map(region_in_name)
    };
    end.or_else(text).or_else(check).or_else(said)
}

/// A region within a name, such as `lb-1.eu-west-1.elb.amazonaws.com` or `app-eu-west-1`.
fn region_in_name(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split(|sign: char| !sign.is_ascii_alphanumeric()).collect();
    for length in [4, 3] {
        for window in words.windows(length) {
            let word = window.join("-");
            let known = ["us", "eu", "ap", "ca", "sa", "me", "af", "il", "mx", "cn", "eusc"];
            let digit = window.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|it| it.is_ascii_digit()));
            let letters =
                window[..length - 1].iter().all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase()));
            if known.contains(&window[0]) && digit && letters {
                return Some(word);
            }
        }
    }
    None
}

/// Notes which regions serve clients.
pub(super) fn regions(system: &mut System<'_>, endpoints: &Endpoints) {
    if let Some(entry) = system.entry() {
        let regions: Vec<String> = entry.sites.keys().cloned().collect();
        system.serving.extend(regions);
    }
    if endpoints.routed {
        system.serving.extend(endpoints.records.iter().filter_map(|(_, region)| region.clone()));
    }
    let edges: Vec<String> = system.edges.iter().flat_map(|(_, regions)| regions.iter().cloned()).collect();
    system.serving.extend(edges);
    let stores: Vec<String> = system.stores.iter().flat_map(|store| store.regions.iter().cloned()).collect();
    if system.serving.is_empty() {
        system.serving.extend(endpoints.records.iter().filter_map(|(_, region)| region.clone()));
    }
    if system.serving.is_empty() {
        // Nothing in the inputs serves: the stores' regions stand for those that do, and the file asks.
        system.serving.extend(stores);
        return;
    }
    let others: Vec<String> = stores.into_iter().filter(|region| !system.serving.contains(region)).collect();
    system.others.extend(others);
}

#[cfg(test)]
mod tests {
    use super::region_in_name;

    #[test]
    fn regions_in_names_of_endpoints() {
        assert_eq!(region_in_name("lb-1.eu-west-1.elb.amazonaws.com").as_deref(), Some("eu-west-1"));
        assert_eq!(region_in_name("app-us-gov-west-1").as_deref(), Some("us-gov-west-1"));
        assert_eq!(region_in_name("www.example.com"), None);
        assert_eq!(region_in_name("my-app-2"), None);
    }
}
