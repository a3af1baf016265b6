//! Functions that answer requests: behind a load balancer, an API gateway or a URL of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::load_balancing::Balancers;
use super::scaling::Compute;
use crate::import::draft::{Entry, guess, number, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;

pub(super) const FUNCTION: [&str; 1] = ["aws_lambda_function"];

/// What leads requests to functions.
const LEADS: [(&str, &[&str]); 3] = [
    ("aws_apigatewayv2_integration", &["integration_uri"]),
    ("aws_api_gateway_integration", &["uri"]),
    ("aws_lambda_function_url", &["function_name", "target_function_arn"]),
];

/// Functions that answer requests, with what leads to each.
pub(super) fn serving(inventory: &Inventory, balancers: &Balancers) -> BTreeMap<Id, BTreeSet<Id>> {
    let mut found: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
    for (kind, attributes) in LEADS {
        for id in inventory.of(&[kind]) {
            for attribute in attributes {
                for function in inventory.targets(id, attribute, &FUNCTION) {
                    found.entry(function).or_default().insert(id);
                }
            }
        }
    }
    for id in inventory.of(&FUNCTION) {
        for (_, attachment) in balancers.attached(id) {
            found.entry(id).or_default().insert(*attachment);
        }
        if inventory.get(id).at("served").flag() == Some(true) {
            found.entry(id).or_default();
        }
    }
    found
}

/// What stands before a function that a gateway leads to.
pub(super) fn gateway(inventory: &Inventory, leads: &BTreeSet<Id>) -> Vec<Entry> {
    let gateways: Vec<Id> = leads.iter().copied().filter(|id| inventory.get(*id).kind.contains("gateway")).collect();
    if gateways.is_empty() { Vec::new() } else { vec![Entry::from("kind", quoted("api-gateway"), &gateways)] }
}

/// Keys of the compute that a function says.
pub(super) fn keys(system: &mut System<'_>, id: Id) -> Compute {
    let inventory = system.inventory;
    let function = inventory.get(id);
    let mut keys = vec![
        Entry::plain("kind", quoted("lambda")).of(&[id]),
        Entry::asked(
            "duration",
            guess(&quoted("200ms")),
            "how long does an invocation take? (the metric Duration says)",
        ),
    ];
    let reserved = function.at("reserved_concurrent_executions").number().filter(|it| *it > 0.0);
    keys.push(match reserved {
        Some(reserved) => Entry::from("account-limit", number(reserved), &[id]).noted("reserved for this function"),
        None => Entry::asked(
            "account-limit",
            "1000",
            "what is the quota of concurrent executions in each region, less what other functions use? (a standby region often has the default)",
        ),
    });
    let provisioned = inventory.of(&["aws_lambda_provisioned_concurrency_config"]);
    let own = provisioned.into_iter().find(|it| inventory.targets(*it, "function_name", &FUNCTION).contains(&id));
    if let Some(config) = own {
        system.fates.used(config, "compute.provisioned-concurrency");
        match inventory.get(config).at("provisioned_concurrent_executions").number() {
            Some(count) => keys.push(Entry::from("provisioned-concurrency", number(count), &[config])),
            None => keys.push(
                Entry::asked("provisioned-concurrency", "0", "how many environments are provisioned?").of(&[config]),
            ),
        }
    }
    Compute { keys, load: None }
}
