//! Health checks of Route 53, as the key `dns.health-check` has them.

use crate::import::draft::{Entry, inline, quoted, seconds};
use crate::import::resource::Id;
use crate::import::system::System;

pub(super) const CHECK: [&str; 1] = ["aws_route53_health_check"];

/// Checkers of all regions together; each region that is chosen has an eighth of them.
const CHECKERS: f64 = 16.0;

/// The value of the key, and whether it can find an endpoint unhealthy.
pub(super) fn value(system: &mut System<'_>, check: Id) -> (Entry, bool) {
    let inventory = system.inventory;
    let resource = inventory.get(check);
    let kind = resource.at("type").text().unwrap_or_default().to_ascii_uppercase();
    let none = |words: &str| Entry::from("health-check", "false", &[check]).noted(words);
    if resource.at("disabled").flag() == Some(true) {
        system.fates.used(check, "dns.health-check");
        return (none("a disabled check counts as healthy"), false);
    }
    if kind == "RECOVERY_CONTROL" {
        system.fates.used(check, "dns.health-check");
        return (none("a routing control: healthy until somebody turns it, by a step with shift = \"arc\""), false);
    }
    let mut fields: Vec<(&str, String)> = Vec::new();
    let mut question = String::new();
    match kind.as_str() {
        "CLOUDWATCH_METRIC" => {
            if let Some(child) = child(system, check) {
                fields.push(("checks", format!("[{child}]")));
            } else {
                let question = "it follows an alarm that the file cannot tell: what turns it? (here: nothing)";
                system.fates.asked(check, question);
                return (Entry::asked("health-check", "false", question).of(&[check]), false);
            }
        }
        "CALCULATED" => {
            let children = inventory.targets(check, "child_healthchecks", &CHECK);
            let mut told = Vec::new();
            let mut lost = 0;
            for id in &children {
                match child(system, *id) {
                    Some(child) => told.push(child),
                    None => lost += 1,
                }
            }
            if told.is_empty() {
                let question = "what turns this calculated check? its children cannot be told (here: nothing)";
                system.fates.asked(check, question);
                return (Entry::asked("health-check", "false", question).of(&[check]), false);
            }
            if lost > 0 {
                question = format!("{lost} of its children follow alarms that the file cannot tell: what turns them?");
            }
            let threshold = resource.at("child_health_threshold").whole();
            if threshold == Some(0) {
                system.fates.used(check, "dns.health-check");
                return (none("a threshold of 0 is always healthy"), false);
            }
            if let Some(threshold) = threshold.filter(|it| *it <= told.len() as u64) {
                fields.push(("healthy-children", threshold.to_string()));
            }
            // The figures of the children's probes: those of the first that has any.
            let probing = children.iter().find(|id| inventory.get(**id).at("request_interval").is_set());
            if let Some(first) = probing {
                probes(system, *first, &mut fields);
            }
            fields.insert(0, ("checks", format!("[{}]", told.join(", "))));
        }
        _ => probes(system, check, &mut fields),
    }
    if resource.at("invert_healthcheck").flag() == Some(true) {
        fields.push(("inverted", "true".to_owned()));
    }
    system.fates.used(check, "dns.health-check");
    let mut entry = Entry::from("health-check", inline(&fields), &[check]);
    entry.remark.question = question;
    (entry, true)
}

/// Figures of probes.
fn probes(system: &mut System<'_>, check: Id, fields: &mut Vec<(&str, String)>) {
    let resource = system.inventory.get(check);
    let interval = resource.at("request_interval").number().filter(|it| (1.0..=300.0).contains(it)).unwrap_or(30.0);
    let threshold = resource.at("failure_threshold").whole().filter(|it| (1..=10).contains(it)).unwrap_or(3);
    fields.push(("interval", seconds(interval)));
    fields.push(("failure-threshold", threshold.to_string()));
    let regions = resource.at("regions").items().len();
    if (3..8).contains(&regions) {
        fields.push(("checkers", format!("{}", (CHECKERS * regions as f64 / 8.0).round())));
    }
}

/// A child of a calculated check.
fn child(system: &mut System<'_>, check: Id) -> Option<String> {
    let inventory = system.inventory;
    let resource = inventory.get(check);
    let kind = resource.at("type").text().unwrap_or_default().to_ascii_uppercase();
    let inverted = resource.at("invert_healthcheck").flag() == Some(true);
    let mut fields = Vec::new();
    match kind.as_str() {
        "CLOUDWATCH_METRIC" => {
            let alarm = inventory.target(check, "cloudwatch_alarm_name", &["aws_cloudwatch_metric_alarm"])?;
            let name = system.alarm_names.get(&alarm)?;
            fields.extend([("kind", quoted("alarm")), ("alarm", quoted(name))]);
            let data = resource.at("insufficient_data_health_status").text().unwrap_or_default();
            match data {
                "Healthy" => fields.push(("insufficient-data", quoted("healthy"))),
                "Unhealthy" => fields.push(("insufficient-data", quoted("unhealthy"))),
                "LastKnownStatus" => fields.push(("insufficient-data", quoted("last-known"))),
                _ => {}
            }
        }
        "CALCULATED" | "RECOVERY_CONTROL" => return None,
        _ => fields.push(("kind", quoted("shallow"))),
    }
    if inverted {
        fields.push(("inverted", "true".to_owned()));
    }
    system.fates.used(check, "dns.health-check.checks");
    Some(inline(&fields))
}

/// The path that a check, or one of its children, asks for, if it is more than the front page.
pub(super) fn asked_path(system: &System<'_>, check: Id) -> Option<String> {
    let inventory = system.inventory;
    let all = std::iter::once(check).chain(inventory.targets(check, "child_healthchecks", &CHECK));
    let mut paths = all.filter_map(|id| inventory.get(id).at("resource_path").text().map(str::to_owned));
    paths.find(|path| path.len() > 1)
}
