//! More load than capacity, before a fault and after it; and no load at all.

use models::balancers::api_gateway::{self, Limits};
use models::cause::Cause;
use models::compute::Parameters;
use models::faults::{Fault, Kind, Start};
use models::flow::JourneyFlow;
use models::ids::{JourneyId, PlaceId, RegionId};
use models::runbooks::Action;
use models::services::Graph;
use sim_core::time::SimDuration;
use sim_settings::quantity::{duration_text, number_text};

use super::bound::Bound;
use super::place::{At, fault_name};
use super::short::short_behind;
use super::{Check, Examined, Told};
use crate::units::{chosen_duration, percent};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "down-before-fault", look: down_before_any_fault },
    Check { kind: "gateways-differ", look: gateways_that_differ },
    Check { kind: "not-at-rest", look: groups_not_at_rest },
    Check { kind: "backlog-without-end", look: copies_that_never_catch_up },
    Check { kind: "survivors-too-small", look: survivors_too_small },
    Check { kind: "clients-without-load", look: clients_without_load },
    Check { kind: "backoff-above-cap", look: backoffs_above_their_cap },
    Check { kind: "zones-beyond-region", look: zones_that_are_not_there },
    Check { kind: "journey-without-share", look: journeys_without_share },
];

/// Groups that spread over more zones than an account sees in their region.
fn zones_that_are_not_there(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (region, place) in examined.topology.regions.pairs().filter(|(_, place)| place.place.is_aws()) {
        let Some(group) = place.compute.as_ref().and_then(Parameters::group) else { continue };
        let (zones, most) = (group.zones, place.place.zones);
        if zones > most {
            told.add(
                &examined.of_stack(region, "compute", "zones"),
                format!("instances of {} spread over {zones} zones, and an account sees {most} there", place.name),
                format!("give the region `compute.zones = {most}` or less"),
            );
        }
    }
}

/// Regions that are overloaded from the first instant on, and journeys that are down for other reasons.
fn down_before_any_fault(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(flow) = examined.at_first else { return };
    let too_much = |region: RegionId| flow.load[region.index()] > flow.fronts[region.index()].capacity * (1.0 + 1e-9);
    let is_down = |(id, flow): (JourneyId, &JourneyFlow)| flow.up() < topology.up_when(id) - 1e-9;
    let mut journeys = examined.soon.into_iter().flat_map(|soon| topology.journeys.ids().zip(&soon.journeys));
    let wrong = topology.regions.ids().any(too_much) || journeys.any(is_down);
    if wrong && short_behind(examined, told) {
        return;
    }
    let mut overloaded = false;
    for (region, place) in topology.regions.pairs() {
        let (load, capacity) = (flow.load[region.index()], flow.fronts[region.index()].capacity);
        if !too_much(region) {
            continue;
        }
        overloaded = true;
        let cell = Graph::cell_at(PlaceId::of(region));
        let gated = topology.gateway(cell).is_some()
            && flow.fronts[region.index()].ceiling.is_none_or(|ceiling| capacity < ceiling);
        let Bound { key, has, enough } = if gated {
            Bound::new(None, "its API gateways let through", "ask for a higher `rate`, in time")
        } else {
            Bound::of(topology, cell, load)
        };
        let door = topology.graph.door(PlaceId::of(region));
        let at = match (door, key) {
            (Some(door), key) => {
                let service = At::top("services").key(&topology.graph.services[door.service].name);
                key.map_or_else(|| service.clone(), |key| service.clone().key(key))
            }
            (None, Some(key)) => examined.of_stack(region, "compute", key),
            (None, None) => At::top("regions").key(&place.name),
        };
        let (name, load, capacity) = (&place.name, number_text(load), number_text(capacity));
        told.add(
            &at,
            format!("{name} is overloaded before any fault: {load} requests/s reach it, and {has} {capacity}"),
            enough,
        );
    }
    let Some(soon) = examined.soon.filter(|_| !overloaded) else { return };
    for ((id, journey), flow) in topology.journeys.pairs().zip(&soon.journeys) {
        if flow.up() >= topology.up_when(id) - 1e-9 {
            continue;
        }
        let blamed = flow.blamed();
        let most = |one: &&Cause, other: &&Cause| blamed[one.index()].total_cmp(&blamed[other.index()]);
        let cause = Cause::ALL.iter().max_by(most).map_or("", |cause| cause.name());
        let (name, share) = (&journey.name, percent(flow.up()));
        let within =
            topology.within(id).map_or_else(String::new, |within| format!(" within {}", chosen_duration(within)));
        told.add(
            &At::top("journeys").element(id),
            format!(
                "{name} is down before any fault: {share} % of its requests succeed{within}, and most others fail as {cause}"
            ),
            "look what the first instants of `mrsim trace` say",
        );
    }
}

/// Gateways of a region that say different limits: those are the account's, and the least of them holds for all together.
fn gateways_that_differ(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (region, place) in topology.regions.pairs() {
        let there = || topology.gateways().filter(move |(cell, _)| topology.graph.place(*cell).1 == region);
        let Some(all) = Limits::together(&place.name, there().map(|(_, gateway)| gateway)) else { continue };
        let differs = |one: &api_gateway::Parameters| {
            Limits::together(&place.name, std::iter::once(one)).filter(|own| *own != all)
        };
        let Some((cell, own)) = there().find_map(|(cell, gateway)| Some((cell, differs(gateway)?))) else { continue };
        let (key, own, least) = if own.rate == all.rate {
            ("burst", own.burst, format!("the burst of {} requests", number_text(all.burst)))
        } else {
            ("rate", own.rate, format!("the rate of {} requests/s", number_text(all.rate)))
        };
        let service = topology.graph.place(cell).0.or(topology.graph.entered);
        let at = match service.map(|service| &topology.graph.services[service].name) {
            Some(name) => At::top("services").key(name).key("load-balancer").key(key),
            None => examined.of_stack(region, "load-balancer", key),
        };
        told.add(
            &at,
            format!(
                "gateways of {} say different limits, {} here: they are limits of the account, and {least} that one of them says \
                 holds for all of them together",
                place.name,
                number_text(own)
            ),
            format!("give each of them the `{key}` that the account has"),
        );
    }
}

/// Groups that target tracking takes to another size soon after the start, while a fault strikes: the figures are those of
/// a moment that no real fleet sees.
fn groups_not_at_rest(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(flow) = examined.at_first else { return };
    let mut restless: Vec<(RegionId, u64, u64)> = Vec::new();
    let mut settling = SimDuration::ZERO;
    for (region, place) in topology.regions.pairs() {
        let Some((compute, fleet)) = place.compute.as_ref().and_then(|it| Some((it, it.fleet()?))) else { continue };
        let (load, capacity) = (flow.load[region.index()], flow.fronts[region.index()].capacity);
        // What is overloaded is told already, and what is scheduled is meant.
        let scheduled = compute.group().is_some_and(|group| !group.scheduled.is_empty());
        let rests = compute.rests_at(load).filter(|_| load <= capacity && !scheduled);
        let size = rests.unwrap_or(fleet.desired);
        if size != fleet.desired {
            restless.push((region, fleet.desired, size));
            settling = settling.max(compute.shrinks_within());
        }
    }
    let strikes = |fault: &Fault| match &fault.start {
        Start::At(at) => topology.starts_clock(fault) && at.quantile(0.5) < settling.as_secs_f64(),
        Start::Rate(_) => false,
    };
    let Some(fault) = topology.faults.position(strikes) else { return };
    let (fault, soon) = (fault_name(fault), duration_text(settling.as_secs_f64()));
    let compute = |region: RegionId| topology.regions[region].compute.as_ref();
    let noun = |region: RegionId| compute(region).map_or("instances", Parameters::noun);
    let place = |region: RegionId| examined.of_stack(region, "compute", noun(region));
    for &(region, ..) in &restless {
        let shares = |other: RegionId| place(other).path(examined.file) == place(region).path(examined.file);
        let alike: Vec<&(RegionId, u64, u64)> = restless.iter().filter(|(other, ..)| shares(*other)).collect();
        let sizes: Vec<String> = alike
            .iter()
            .map(|(other, from, to)| format!("{} from {from} to {to} {}", examined.region(*other), noun(*other)))
            .collect();
        let change = if let [(.., to)] = alike.as_slice() {
            format!("begin with `desired = {to}`, or let {fault} come after {soon}")
        } else {
            format!("begin with these sizes, as `desired` of each region, or let {fault} come after {soon}")
        };
        told.add(
            &place(region),
            format!(
                "the fleet does not begin at rest: target tracking takes {} in the first {soon}, while {fault} strikes",
                sizes.join(", ")
            ),
            change,
        );
    }
}

/// Copies that apply less than is written from the start: what they lack grows until the end.
fn copies_that_never_catch_up(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(flow) = examined.at_first else { return };
    let mut row = 0;
    for store in &topology.stores {
        let rows = row..row + store.parameters.shards();
        row = rows.end;
        let writes: f64 = flow.acknowledged_by(rows).iter().sum();
        let applied = store.parameters.log().and_then(|log| log.apply_rate).unwrap_or(f64::INFINITY);
        if applied < writes && store.parameters.regions().len() > 1 {
            let (name, applied, writes) = (&store.name, number_text(applied), number_text(writes));
            told.add(
                &At::top("stores").key(name).key("apply-rate"),
                format!(
                    "{name} takes {writes} writes/s from the start and its copies apply {applied}: what they lack grows all \
                     the time, and is told as if it had begun with the trial"
                ),
                format!("let `apply-rate` be more than {writes}"),
            );
        }
    }
}

/// Surviving regions that cannot carry all load even at their largest size.
fn survivors_too_small(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    // What comes to which of several services hangs on answers: the trials say it.
    if !topology.graph.entered_too.is_empty() {
        return;
    }
    let total: f64 = topology.clients.iter().map(|clients| clients.requests_per_second).sum();
    let functions = topology.faults.pairs().filter_map(|(id, fault)| match fault.kind {
        Kind::LambdaImpairment { region, error: 1.0.. } => Some((region, id)),
        _ => None,
    });
    let on_lambda = |region: RegionId| {
        let place = &topology.regions[region];
        place.serves && matches!(place.compute, Some(Parameters::Lambda(_)))
    };
    let functions = functions.filter(|(region, _)| on_lambda(*region));
    let struck = examined.struck_endpoints().map(|(region, fault, _)| (region, fault));
    for (region, fault) in struck.chain(functions) {
        let mut capacity = 0.0;
        for (other, place) in topology.regions.pairs().filter(|(other, place)| *other != region && place.serves) {
            let gateway = place.gateway.as_ref();
            let passes = Limits::together(&place.name, gateway.into_iter()).map_or(f64::INFINITY, |limits| limits.rate);
            let carries = place.compute.as_ref().map_or(f64::INFINITY, |compute| {
                let admits = place.work.admits();
                let fleet = match compute {
                    Parameters::AutoScaling(_) | Parameters::Ecs(_) | Parameters::Eks(_) => compute.fleet(),
                    Parameters::Lambda(function) => return function.carries(function.account_limit),
                    Parameters::Managed { carries } | Parameters::External { carries, .. } => {
                        return carries.min(admits);
                    }
                };
                let fleet = fleet.expect("instances, tasks and pods are fleets");
                let scheduled = compute.group().into_iter().flat_map(|group| &group.scheduled);
                let by_hand =
                    topology.runbooks.iter().flat_map(|runbook| &runbook.steps).filter_map(|step| match step.action {
                        Action::Scale { desired, to, service: None } if to == other => Some(desired),
                        _ => None,
                    });
                let planned = scheduled.map(|&(_, desired)| desired).chain(by_hand).max();
                let most = if fleet.scales { fleet.max } else { fleet.desired };
                let room = compute.room().unwrap_or(u64::MAX);
                most.max(planned.unwrap_or(0)).min(room) as f64 * fleet.requests_per_second.min(admits)
            });
            capacity += carries.min(passes);
        }
        if topology.endpoints > 1 && capacity < total {
            let (place, fault) = (examined.region(region), fault_name(fault));
            told.add(
                &At::top("compute"),
                format!(
                    "while {fault} has {place}, the other regions carry at most {} of {} requests/s, even at \
                     their largest size",
                    number_text(capacity),
                    number_text(total)
                ),
                "raise `max` of the survivors, the room on their hosts, or what their account allows",
            );
        }
    }
}

/// Without requests a population sees no journey down.
fn clients_without_load(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, clients) in examined.topology.clients.pairs() {
        if clients.requests_per_second == 0.0 {
            let name = &clients.name;
            told.add(
                &At::top("clients").element(index).key("requests-per-second"),
                format!("{name} offers 0 requests/s: for it no journey is ever down"),
                "give it a rate, or leave it out",
            );
        }
    }
}

/// Waits that never get as long as they begin.
fn backoffs_above_their_cap(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, clients) in examined.topology.clients.pairs() {
        if let Some((base, cap)) = clients.backoff.filter(|(base, cap)| base > cap) {
            let (name, base, cap) = (&clients.name, chosen_duration(base), chosen_duration(cap));
            told.add(
                &At::top("clients").element(index).key("retries").key("backoff").key("base"),
                format!(
                    "{name} never waits longer than {cap}, its `cap`, so that its `base` of {base} makes no difference"
                ),
                "let `cap` be at least `base`",
            );
        }
    }
}

/// Journeys without requests are always up.
fn journeys_without_share(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, journey) in examined.topology.journeys.pairs() {
        if journey.share == 0.0 {
            let name = &journey.name;
            told.add(
                &At::top("journeys").element(index).key("share"),
                format!("{name} has no share of the requests: it is never down"),
                "give it a share, or leave it out",
            );
        }
    }
}
