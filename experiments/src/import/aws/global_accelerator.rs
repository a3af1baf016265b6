//! Global Accelerator: endpoint groups, their probes and their dials.

use std::collections::{BTreeMap, BTreeSet};

use super::load_balancing::BALANCERS;
use super::names::Endpoints;
use crate::import::draft::{Entry, Line, inline, number, quoted, seconds};
use crate::import::resource::Id;
use crate::import::system::System;

const GROUP: [&str; 1] = ["aws_globalaccelerator_endpoint_group"];

pub(super) fn map(system: &mut System<'_>, endpoints: &Endpoints) {
    let inventory = system.inventory;
    let all = inventory.of(&GROUP);
    let Some(first) = all.first() else { return };
    if endpoints.routed {
        let parts = inventory.of(&["aws_globalaccelerator_listener", "aws_globalaccelerator_accelerator"]);
        let ids: Vec<Id> = all.iter().copied().chain(parts).collect();
        system.ask_all(
            &ids,
            "records with a policy lead clients as well as this accelerator: which do they use? (here: the records)",
        );
        return;
    }
    let listener = |id: Id| inventory.target(id, "listener_arn", &["aws_globalaccelerator_listener"]);
    // One listener leads clients; another one of the same accelerator leads the same clients to another port.
    let chosen = listener(*first);
    let mut groups: BTreeMap<String, Id> = BTreeMap::new();
    for id in &all {
        let group = inventory.get(*id);
        let written = group.at("endpoint_group_region");
        let region = match written.text() {
            Some(region) => Some(region.to_owned()),
            None if written.is_known() => group.region.clone(),
            None => inventory
                .target(*id, "endpoint_configuration", &BALANCERS)
                .and_then(|it| inventory.get(it).region.clone()),
        };
        let Some(region) = region else {
            system.ask(*id, "which region is this endpoint group for?");
            continue;
        };
        if listener(*id) != chosen || groups.contains_key(&region) {
            system.ask(*id, "a further listener or group of the same region: does it lead clients too? the file has one of a region");
            continue;
        }
        groups.insert(region, *id);
    }
    if groups.is_empty() {
        return;
    }
    let ids: Vec<Id> = groups.values().copied().collect();
    let mut lines = vec![Line::Entry(Entry::from("kind", quoted("global-accelerator"), &ids))];
    let figure = |key: &str| {
        let values: BTreeSet<u64> = ids.iter().filter_map(|id| inventory.get(*id).at(key).whole()).collect();
        values.into_iter().next_back()
    };
    // Of several, the slower one.
    if let Some(interval) = figure("health_check_interval_seconds").filter(|it| (5..=300).contains(it)) {
        lines.push(Line::Entry(Entry::from("interval", seconds(interval as f64), &ids)));
    }
    if let Some(threshold) = figure("threshold_count").filter(|it| (1..=10).contains(it)) {
        lines.push(Line::Entry(Entry::from("threshold", threshold.to_string(), &ids)));
    }
    let dials: Vec<(&str, String, Id)> = groups
        .iter()
        .filter_map(|(region, id)| {
            let dial = inventory.get(*id).at("traffic_dial_percentage").number()?.clamp(0.0, 100.0);
            Some((region.as_str(), number(dial / 100.0), *id))
        })
        .collect();
    // A dial of 0 is a choice, and not the absence of one.
    if dials.iter().any(|(_, dial, _)| dial != "1") {
        let fields: Vec<(&str, String)> = dials.iter().map(|(region, dial, _)| (*region, dial.clone())).collect();
        lines.push(Line::Entry(Entry::from("dial", inline(&fields), &ids)));
    }
    let weights: Vec<(&str, String)> = groups
        .iter()
        .filter_map(|(region, id)| {
            let endpoints = inventory.get(*id).at("endpoint_configuration").items();
            let weights: Vec<f64> = endpoints.iter().filter_map(|it| it.at("weight").number()).collect();
            let largest = weights.into_iter().reduce(f64::max)?;
            Some((region.as_str(), number(largest.clamp(0.0, 255.0))))
        })
        .collect();
    if weights.iter().any(|(_, weight)| weight == "0") {
        lines.push(Line::Entry(Entry::from("weights", inline(&weights), &ids)));
    }
    for id in &ids {
        system.fates.used(*id, "edge");
    }
    for id in inventory.of(&["aws_globalaccelerator_listener", "aws_globalaccelerator_accelerator"]) {
        system.fates.used(id, "edge");
    }
    system.edges.push((lines, groups.keys().cloned().collect()));
}
