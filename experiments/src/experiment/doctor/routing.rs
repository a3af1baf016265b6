//! Routing that cannot lead elsewhere: answers without a second endpoint, checks that turn everywhere at once.

use models::by_id::ById;
use models::deployment::Topology;
use models::fronts::route53::zone::{Answer, Target};
use models::fronts::route53::{Check as Check53, Policy};
use models::ids::{PlaceId, RegionId};
use models::runbooks::{Action, Means};
use sim_settings::quantity::duration_text;

use super::place::{At, fault_name};
use super::{Check, Examined, Told};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "check-interval", look: interval_that_route_53_does_not_have },
    Check { kind: "shared-writer-check", look: deep_checks_on_shared_writers },
    Check { kind: "nothing-takes-over", look: nothing_takes_over },
    Check { kind: "shift-without-answer", look: routing_controls_without_an_answer },
];

/// Route 53 has a standard request interval and a fast one, and no other.
pub(super) const INTERVALS: [f64; 2] = [10.0, 30.0];

/// The same in words.
pub(super) const UNREAL_INTERVAL: &str = "an interval is 10 s (fast) or 30 s (standard)";

fn interval_that_route_53_does_not_have(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (region, check) in examined.topology.dns.checks.pairs() {
        let Some(interval) = check.as_ref().map(|check| check.interval.as_secs_f64()) else { continue };
        if !INTERVALS.contains(&interval) {
            let text = duration_text(interval);
            let key = |at: At| at.key("health-check").key("interval");
            let own = key(At::top("regions").key(examined.region(region)).key("dns"));
            told.add(
                &if examined.says(&own) { own } else { key(At::top("dns")) },
                format!("Route 53 has no health check every {text}: {UNREAL_INTERVAL}"),
                "write `interval = \"10s\"` or `interval = \"30s\"`",
            );
        }
    }
}

fn deep_checks_on_shared_writers(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    if topology.endpoints < 2 {
        return;
    }
    let written = topology.dns.checks.iter().flatten().flat_map(Check53::deep_writes);
    for store in written.map(|store| &topology.stores[store]) {
        let (name, writer) = (&store.name, store.parameters.writer());
        let what = match writer.map(|writer| examined.region(writer)) {
            _ if store.parameters.shards() > 1 => {
                format!("every shard of {name}: when the writer of any of them is out")
            }
            Some(writer) => format!("{name}, whose only writer is in {writer}: when that is out"),
            None => continue,
        };
        told.add(
            &At::top("dns").key("health-check"),
            format!("the health check writes {what}, every region turns unhealthy and Route 53 fails open"),
            "let it read instead, or check the front alone",
        );
    }
}

fn nothing_takes_over(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    if topology.edge.origin_group().is_some() || topology.zone.written {
        return;
    }
    for (region, fault, _) in examined.struck_endpoints() {
        let there = |place: PlaceId| topology.graph.home(place) == region;
        let alone_behind = topology.edge.accelerator.as_ref().is_some_and(|it| it.led_to().all(there));
        let alone = match &topology.dns.policy {
            _ if topology.edge.accelerator.is_some() => alone_behind,
            Policy::Simple { only: Some(only) } => *only == region,
            Policy::Failover { primary, secondary } => *primary == region && secondary.is_none(),
            _ => topology.endpoints == 1,
        };
        // An accelerator has probes of its own.
        let unguarded = topology.edge.accelerator.is_none() && !topology.dns.guards(region);
        let stuck = alone || (unguarded && topology.dns.policy.holds(region));
        let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
        let shifted = steps.any(|step| matches!(step.action, Action::Shift { to, .. } if to != region));
        if stuck && !shifted {
            let (place, fault) = (examined.region(region), fault_name(fault));
            let policy = At::top("dns").key("policy");
            match topology.dns.policy {
                _ if alone_behind => told.add(
                    &At::top("edge"),
                    format!("nothing takes over while {fault} has {place}: the accelerator knows no other endpoint for it"),
                    "lead it to an endpoint in a second region, of a weight above 0",
                ),
                _ if alone => told.add(
                    &policy,
                    format!("nothing takes over while {fault} has {place}: DNS knows no other endpoint for it"),
                    "add a second region and a policy that fails over to it",
                ),
                Policy::Simple { .. } => told.add(
                    &policy,
                    format!("nothing takes over while {fault} has {place}: policy simple looks at no health"),
                    "choose a policy that does",
                ),
                _ => told.add(
                    &At::top("dns").key("health-check"),
                    format!(
                        "nothing leads away from {place} while {fault} has it: no health check that can turn guards its \
                         endpoint, so that DNS takes it for healthy"
                    ),
                    format!("give {place} a health check, or a runbook that shifts traffic"),
                ),
            }
        }
    }
}

/// A routing control turns an endpoint off like a health check, so it moves only clients that get another answer then.
fn routing_controls_without_an_answer(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (index, runbook) in topology.runbooks.pairs() {
        for (number, step) in runbook.steps.iter().enumerate() {
            let Action::Shift { means: Means::RoutingControl, to, .. } = step.action else { continue };
            if leads_anybody(topology, to) {
                continue;
            }
            let (own, place) = (&runbook.name, examined.region(to));
            let why = match topology.dns.policy {
                _ if topology.zone.written => format!("no name answers with {place}, whatever else is off"),
                Policy::Simple { .. } => "policy simple looks at no health and has no second answer".to_owned(),
                _ => format!("the policy never answers with {place}, whatever else is off"),
            };
            told.add(
                &super::automation::step(examined, index, number).key("shift"),
                format!("runbook {own} flips routing controls to {place} in vain: {why}"),
                format!(
                    "give `[dns]` a policy that answers with {place}, such as failover, or `shift = \"record-edit\"`"
                ),
            );
        }
    }
}

/// Whether any client is answered with a region that alone is seen as healthy.
pub(super) fn leads_anybody(topology: &Topology, to: RegionId) -> bool {
    if !topology.zone.written && matches!(topology.dns.policy, Policy::Simple { .. }) {
        return false;
    }
    let zone = &topology.zone;
    let stays = |answer: &Answer| !matches!(answer.to, Target::Endpoint(place) if zone.homes[place] != to);
    let there =
        |answer: &ById<PlaceId, f64>| answer.pairs().any(|(place, share)| zone.homes[place] == to && *share > 0.0);
    topology
        .clients
        .ids()
        .any(|population| zone.names.ids().any(|name| there(&zone.lead(name, population, topology.places(), stays))))
}
