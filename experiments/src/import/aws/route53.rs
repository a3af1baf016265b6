//! Records of Route 53: by what policy they answer, and which checks guard them.

use std::collections::BTreeMap;

use super::health_checks::{self, CHECK};
use super::names::Endpoints;
use crate::import::draft::{Entry, Line, Loose, inline, number, quoted, seconds};
use crate::import::resource::{Id, Inventory};
use crate::import::system::{Dns, System};
use crate::import::tree::Tree;

/// Asks about health checks that no answer uses, which alarms, people or routing controls may.
pub(super) fn unused_checks(system: &mut System<'_>) {
    let checks: Vec<Id> = system.inventory.of(&CHECK).into_iter().filter(|id| !system.fates.has(*id)).collect();
    system.ask_all(&checks, "a health check that guards no answer of the name: what follows from it? (here: nothing)");
}

/// Writes what the records say.
pub(super) fn map(system: &mut System<'_>, endpoints: &Endpoints) {
    let inventory = system.inventory;
    let mut dns = Dns::default();
    let leading = system.edges.iter().any(|(_, regions)| !regions.is_empty());
    if leading && !endpoints.routed {
        for (id, _) in &endpoints.records {
            system.fates.left(*id, "an accelerator or an origin group leads clients, and this name does not");
        }
        return;
    }
    let ids: Vec<Id> = endpoints.records.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() {
        if system.serving.is_empty() {
            return;
        }
        let main = system.main_region().unwrap_or_default();
        let question =
            "how do clients find a region? no record is in the inputs (here: one name that always leads to one region)";
        dns.lines.push(Line::Entry(Entry::asked("policy", quoted("simple"), question)));
        dns.lines.push(Line::Entry(Entry::plain("primary", quoted(&main))));
        dns.primary = Some(main);
        system.dns = Some(dns);
        return;
    }
    let mut by_region: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    let mut nowhere = Vec::new();
    for (id, region) in &endpoints.records {
        match region {
            Some(region) => by_region.entry(region.clone()).or_default().push(*id),
            None => nowhere.push(*id),
        }
    }
    let first = inventory.get(ids[0]);
    let written = |block: &str| first.at(block).is_set();
    let lines = &mut dns.lines;
    let policy = |lines: &mut Vec<Line>, word: &str| lines.push(Line::Entry(Entry::from("policy", quoted(word), &ids)));
    if !endpoints.routed {
        policy(lines, "simple");
        dns.primary = by_region.keys().next().cloned();
        if let Some(region) = &dns.primary {
            lines.push(Line::Entry(Entry::from("primary", quoted(region), &by_region[region])));
        }
    } else if written("latency_routing_policy") {
        policy(lines, "latency");
    } else if written("failover_routing_policy") {
        policy(lines, "failover");
        dns.primary = failover(system, lines, endpoints);
    } else if written("weighted_routing_policy") {
        policy(lines, "weighted");
        weights(inventory, lines, &by_region);
    } else if written("geolocation_routing_policy") {
        policy(lines, "geolocation");
        dns.primary = geolocation(inventory, lines, &by_region);
    } else if written("geoproximity_routing_policy") {
        policy(lines, "geoproximity");
        let bias = by_region.iter().filter_map(|(region, ids)| {
            let bias = inventory.get(ids[0]).at("geoproximity_routing_policy.bias").number()?;
            Some((region.as_str(), number(bias)))
        });
        let bias: Vec<(&str, String)> = bias.filter(|(_, bias)| bias != "0").collect();
        if !bias.is_empty() {
            lines.push(Line::Entry(Entry::from("bias", inline(&bias), &ids)));
        }
    } else if first.at("multivalue_answer_routing_policy").flag() == Some(true) {
        policy(lines, "multivalue");
    } else {
        let question =
            "by which policy do these records answer? it is not one that mrsim has (here: all of them, evenly)";
        lines.push(Line::Entry(Entry::asked("policy", quoted("multivalue"), question).of(&ids)));
    }
    ttl(inventory, &mut dns.lines, &ids);
    let mut asked_paths: BTreeMap<String, String> = BTreeMap::new();
    for (region, ids) in &by_region {
        let own = ids.iter().find_map(|id| inventory.target(*id, "health_check_id", &CHECK));
        let set = ids.iter().any(|id| inventory.get(*id).at("health_check_id").is_set() || linked(inventory, *id));
        let evaluated = ids.iter().all(|id| inventory.get(*id).at("alias.evaluate_target_health").flag() == Some(true));
        let (entry, moves) = match own {
            Some(check) => {
                if let Some(path) = health_checks::asked_path(system, check) {
                    asked_paths.entry(path).or_insert_with(|| region.clone());
                }
                health_checks::value(system, check)
            }
            None if set && endpoints.routed => (
                Entry::asked(
                    "health-check",
                    "false",
                    format!("which health check guards the answer of {region}? the input does not tell (here: none)"),
                )
                .of(ids),
                false,
            ),
            None => (
                Entry::from("health-check", "false", ids)
                    .noted("no health check: nothing finds this endpoint unhealthy"),
                false,
            ),
        };
        dns.moves |= endpoints.routed && (moves || evaluated);
        dns.checks.insert(region.clone(), entry);
    }
    dns.regions = by_region.keys().cloned().collect();
    for (path, _) in asked_paths {
        let question = format!(
            "what does {path} touch? if it reads or writes a store, say so in dns.health-check.deep (here: the front only)"
        );
        dns.lines.push(Line::Question(Loose::key("health-check.deep", "dns.health-check.deep", question)));
    }
    for id in &ids {
        system.fates.used(*id, "dns");
    }
    if !nowhere.is_empty() && endpoints.routed {
        system.ask_all(
            &nowhere,
            "which region does this answer lead to? the input does not tell, and the file leaves it out",
        );
    }
    system.serving.extend(dns.regions.iter().filter(|_| endpoints.routed).cloned());
    system.dns = Some(dns);
}

fn linked(inventory: &Inventory, id: Id) -> bool {
    inventory.get(id).links.iter().any(|link| link.attribute == "health_check_id")
}

/// Aliases have the TTL of what they lead to; of others, the longest counts.
fn ttl(inventory: &Inventory, lines: &mut Vec<Line>, ids: &[Id]) {
    let aliases: Vec<&Tree> = ids.iter().map(|id| inventory.get(*id).at("alias")).collect();
    if aliases.iter().all(|alias| alias.is_set()) {
        lines.push(Line::Entry(Entry::from("alias", "true", ids)));
        let evaluated: Vec<Option<bool>> =
            aliases.iter().map(|alias| alias.at("evaluate_target_health").flag()).collect();
        if evaluated.iter().all(|it| *it == Some(true)) {
            lines.push(Line::Entry(Entry::from("evaluate-target-health", "true", ids)));
        } else if evaluated.contains(&Some(true)) {
            let question =
                "some answers evaluate the health of their targets and some do not; which matters? (here: none does)";
            lines.push(Line::Entry(Entry::asked("evaluate-target-health", "false", question).of(ids)));
        }
        return;
    }
    let known = ids.iter().filter_map(|id| inventory.get(*id).at("ttl").number()).filter(|ttl| *ttl >= 0.0);
    match known.reduce(f64::max) {
        Some(ttl) => lines.push(Line::Entry(Entry::from("ttl", seconds(ttl), ids))),
        None => {
            lines.push(Line::Entry(Entry::asked("ttl", quoted("300s"), "which TTL do these records have?").of(ids)));
        }
    }
}

fn failover(system: &mut System<'_>, lines: &mut Vec<Line>, endpoints: &Endpoints) -> Option<String> {
    let inventory = system.inventory;
    let role =
        |id: Id| inventory.get(id).at("failover_routing_policy.type").text().unwrap_or_default().to_ascii_uppercase();
    let mut primary = None;
    for (key, word) in [("primary", "PRIMARY"), ("secondary", "SECONDARY")] {
        let own: Vec<&(Id, Option<String>)> = endpoints.records.iter().filter(|(id, _)| role(*id) == word).collect();
        let from: Vec<Id> = own.iter().map(|(id, _)| *id).collect();
        let region = own.iter().find_map(|(_, region)| region.clone());
        match region {
            Some(region) => {
                if key == "primary" {
                    primary = Some(region.clone());
                }
                lines.push(Line::Entry(Entry::from(key, quoted(&region), &from)));
            }
            None if key == "primary" => {
                let guess = system.serving.iter().next().cloned().unwrap_or_default();
                primary = Some(guess.clone());
                lines.push(Line::Entry(
                    Entry::asked(key, quoted(&guess), "which region is the primary? the input does not tell").of(&from),
                ));
            }
            None => {
                let question = "where does the secondary answer lead? a page elsewhere serves nothing here (here: there is no secondary)";
                lines.push(Line::Question(Loose::key("secondary", "dns.secondary", question)));
            }
        }
    }
    primary
}

fn weights(inventory: &Inventory, lines: &mut Vec<Line>, by_region: &BTreeMap<String, Vec<Id>>) {
    let mut weights = Vec::new();
    let mut from = Vec::new();
    let mut known = true;
    for (region, ids) in by_region {
        let own: Vec<Option<f64>> =
            ids.iter().map(|id| inventory.get(*id).at("weighted_routing_policy.weight").number()).collect();
        known &= own.iter().all(Option::is_some);
        // Several records of a region add up.
        let sum: f64 = own.iter().flatten().sum();
        weights.push((region.as_str(), number(sum.clamp(0.0, 255.0))));
        from.extend(ids.iter().copied());
    }
    let value = inline(&weights);
    lines.push(Line::Entry(if known {
        Entry::from("weights", value, &from)
    } else {
        Entry::asked("weights", value, "which weights do these records have? the input does not tell all of them")
            .of(&from)
    }));
}

fn geolocation(inventory: &Inventory, lines: &mut Vec<Line>, by_region: &BTreeMap<String, Vec<Id>>) -> Option<String> {
    let is_default = |id: &Id| {
        inventory.get(*id).at("geolocation_routing_policy.country").text() == Some("*")
            || inventory.get(*id).at("geolocation_routing_policy.country_code").text() == Some("*")
    };
    let default = by_region.iter().find(|(_, ids)| ids.iter().any(is_default)).map(|(region, _)| region.clone());
    let first = by_region.keys().next().cloned();
    match (&default, &first) {
        (Some(region), _) => {
            lines.push(Line::Entry(Entry::from("default", quoted(region), &by_region[region])));
        }
        (None, Some(region)) => {
            let question =
                "where do clients go whose place no record names? (Route 53: nowhere without a default record)";
            lines.push(Line::Entry(Entry::asked("default", quoted(region), question)));
        }
        (None, None) => {}
    }
    let question =
        "which clients does each record mean? the records name continents and countries, the file names populations";
    let near: Vec<(String, String)> =
        by_region.keys().map(|region| (format!("near-{region}"), quoted(region))).collect();
    let near: Vec<(&str, String)> = near.iter().map(|(name, region)| (name.as_str(), region.clone())).collect();
    let from: Vec<Id> = by_region.values().flatten().copied().collect();
    lines.push(Line::Entry(Entry::asked("locations", inline(&near), question).of(&from)));
    default.or(first)
}
