//! Records and health checks that are written out: ways from which nothing leads, and checks that Route 53 does not have.

use models::by_id::ById;
use models::fronts::route53::zone::{Probing, Sight, Source, Zone};
use models::ids::{CheckId, NameId, PlaceId, PopulationId, RegionId};
use models::runbooks::Action;
use sim_settings::quantity::duration_text;

use super::place::{At, fault_name};
use super::routing::{INTERVALS, UNREAL_INTERVAL};
use super::{Check, Examined, Told};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "named-check-interval", look: interval_that_route_53_does_not_have },
    Check { kind: "shared-writer-named-check", look: deep_checks_on_shared_writers },
    Check { kind: "record-stays", look: records_that_stay },
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

/// The populations that a name leads to a region.
fn led_there<'a>(
    examined: &'a Examined<'_>,
    name: NameId,
    region: RegionId,
) -> impl Iterator<Item = PopulationId> + 'a {
    let topology = examined.topology;
    let places = topology.regions.len();
    let zone = &topology.zone;
    topology
        .clients
        .ids()
        .filter(move |&client| there(zone, &zone.lead(name, client, places, |_| true), region).next().is_some())
}

/// The places of a region that an answer leads to.
fn there<'a>(zone: &'a Zone, answer: &'a ById<PlaceId, f64>, region: RegionId) -> impl Iterator<Item = PlaceId> + 'a {
    answer.pairs().filter(move |(place, share)| zone.homes[*place] == region && **share > 0.0).map(|(place, _)| place)
}

/// Everybody who asks has seen that a region is out, and is led there all the same.
fn records_that_stay(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let (zone, places) = (&topology.zone, topology.regions.len());
    if !zone.written {
        return;
    }
    let ways = zone.ways(places);
    for (region, fault, _) in examined.struck_endpoints() {
        let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
        if steps.any(|step| matches!(step.action, Action::Shift { to, .. } if to != region)) {
            continue;
        }
        for (id, name) in zone.names.pairs() {
            let stays = |client: PopulationId| {
                let answer = zone.lead(id, client, places, |answer| zone.is_good_without(answer, region));
                let place = there(zone, &answer, region).next();
                place.map(|place| (client, place))
            };
            let Some((client, stay)) = led_there(examined, id, region).find_map(stays) else { continue };
            let (place, client) = (examined.region(region), &topology.clients[client].name);
            let (why, change) = if ways[(id, stay)].guards.is_empty() {
                let why = "no check that can turn and no health of targets guards its endpoint";
                (why, "give the answer that leads there a `health-check`")
            } else {
                let why = "what guards its endpoint takes every other answer out as well, or nothing looks at it, so that a \
                           record fails open";
                (why, "guard each answer by a check of its own endpoint")
            };
            told.add(
                &At::top("records").key(&zone.records[name.record].name),
                format!("{} leads {client} to {place} while {} has it: {why}", name.name, fault_name(fault)),
                change,
            );
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
