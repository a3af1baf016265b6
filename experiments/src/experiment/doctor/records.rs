//! Records and health checks that are written out: checks that Route 53 does not have, and settings that change nothing.

use models::deployment::Beyond;
use models::fronts::route53::zone::{Probing, Sight, Source, Target, Zone};
use models::ids::{CheckId, NameId, RegionId};
use sim_settings::quantity::duration_text;

use super::place::At;
use super::routing::{INTERVALS, UNREAL_INTERVAL};
use super::{Check, Examined, Told};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "named-check-interval", look: interval_that_route_53_does_not_have },
    Check { kind: "shared-writer-named-check", look: deep_checks_on_shared_writers },
    Check { kind: "calculated-of-calculated", look: calculated_checks_of_calculated_ones },
    Check { kind: "setting-without-effect", look: pages_that_only_calls_meet },
];

/// Checks that probe, with their names.
fn probes(zone: &Zone) -> impl Iterator<Item = (&str, &Probing)> {
    zone.checks.iter().filter(|_| zone.written).filter_map(|check| match &check.sight {
        Sight::Probes(probing) => Some((check.name.as_str(), probing)),
        Sight::Alarm { .. } | Sight::Calculated { .. } => None,
    })
}

fn interval_that_route_53_does_not_have(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (name, probing) in probes(&examined.topology.zone) {
        let interval = probing.interval.as_secs_f64();
        if !INTERVALS.contains(&interval) {
            told.add(
                &At::top("health-checks").key(name).key("interval"),
                format!("Route 53 has no health check every {}: {UNREAL_INTERVAL}", duration_text(interval)),
                "write `interval = \"10s\"` or `interval = \"30s\"`",
            );
        }
    }
}

fn deep_checks_on_shared_writers(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let zone = &topology.zone;
    for (name, probing) in probes(zone) {
        for (access, store) in probing.needs.iter().filter_map(models::needs::Need::access) {
            let store = &topology.stores[store];
            let Some(writer) = store.parameters.writer().filter(|writer| *writer != zone.homes[probing.place]) else {
                continue;
            };
            if access != models::needs::Access::Write {
                continue;
            }
            let (own, writer) = (topology.place_name(probing.place), examined.region(writer));
            told.add(
                &At::top("health-checks").key(name).key("deep"),
                format!(
                    "{name} probes {own} and writes {}, whose only writer is in {writer}: when that is out, {own} turns \
                     unhealthy",
                    store.name
                ),
                "let it read instead, or check the front alone",
            );
        }
    }
}

/// Route 53 has one level of calculated checks.
fn calculated_checks_of_calculated_ones(examined: &Examined<'_>, told: &mut Told<'_>) {
    let zone = &examined.topology.zone;
    let calculated = |check: CheckId| match &zone.checks[check].sight {
        Sight::Calculated { children, .. } => Some(children),
        Sight::Probes(_) | Sight::Alarm { .. } => None,
    };
    for id in zone.checks.ids().filter(|_| zone.written) {
        let mut children = calculated(id).into_iter().flatten();
        let Some(&child) = children.find(|&&child| calculated(child).is_some()) else { continue };
        let (name, child) = (&zone.checks[id].name, &zone.checks[child].name);
        told.add(
            &At::top("health-checks").key(name).key("children"),
            format!("Route 53 has no calculated check of a calculated one: {name} counts {child}"),
            format!("let {name} count the children of {child}"),
        );
    }
}

/// Journeys are content with a page; a call is not.
fn pages_that_only_calls_meet(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let zone = &topology.zone;
    let ways = zone.ways(topology.places());
    let asked = |name: NameId| topology.journeys.iter().any(|journey| journey.at.is_none_or(|at| at == name));
    let asked: Vec<NameId> = zone.names.ids().filter(|name| asked(*name)).collect();
    for record in zone.records.iter().filter(|_| zone.written) {
        for (number, answer) in record.answers.iter().enumerate() {
            let Target::Page(place) = answer.to else { continue };
            let at = At::top("records").key(&record.name).key("answers").element(number).key("static-ok");
            let content = matches!(topology.beyond(place), Some(Beyond::Page(page)) if page.ok.iter().any(|ok| *ok));
            let met = asked.iter().any(|&name| !ways[(name, place)].answers.is_empty());
            if content && !met && examined.says(&at) {
                let page = topology.place_name(place);
                told.add(
                    &at,
                    format!(
                        "`static-ok` of page {page} has no effect: only calls are led to it, and no page answers a call"
                    ),
                    "leave it out, or lead calls to an endpoint",
                );
            }
        }
    }
}

/// The least time from the loss of a region until anything that guards its endpoint notices, in seconds; infinite if nothing
/// does.
pub(super) fn least_detection(examined: &Examined<'_>, region: RegionId) -> f64 {
    let (zone, dns) = (&examined.topology.zone, &examined.topology.dns);
    let ways = zone.ways(examined.topology.regions.len());
    let places = examined.topology.graph.entries(region);
    let named = places.flat_map(|place| zone.names.ids().map(move |name| (name, place)));
    let guards = named.flat_map(|way| ways[way].guards.clone());
    let of = |guard| {
        let guard: &models::fronts::route53::zone::Guard = &zone.guards[guard];
        match guard.source {
            Source::Targets(_) => dns.target_health_lost.quantile(0.0),
            Source::Check(check) => least_of(zone, check),
        }
    };
    guards.map(of).fold(f64::INFINITY, f64::min)
}

/// The least time until a check turns.
fn least_of(zone: &Zone, check: CheckId) -> f64 {
    match &zone.checks[check].sight {
        Sight::Probes(probing) => (f64::from(probing.threshold) - 1.0) * (probing.interval.as_secs_f64() + 4.0) + 4.0,
        // It may have its datapoint at that very moment.
        Sight::Alarm { .. } => 0.0,
        Sight::Calculated { children, .. } => {
            children.iter().map(|&child| least_of(zone, child)).fold(f64::INFINITY, f64::min)
        }
    }
}
