//! Designs that cannot work, or not as their authors think: one sentence each, with the reason.

use models::aws::route53::{Check, Policy};
use models::compute::Parameters;
use models::control_planes::Seats;
use models::deployment::{NamedStore, Region, Topology};
use models::faults::{Fault, Kind, Start};
use models::runbooks::{Action, Means, Step, Trigger};
use models::stores;
use models::world::World;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use super::words;
use crate::header::{Measure, Objective};
use crate::report::units::{chosen_duration, count, percent};

/// All remarks about an experiment.
pub(super) fn warnings(topology: &Topology, objectives: &[Objective], horizon: SimDuration) -> Vec<String> {
    let mut warnings = Vec::new();
    no_clock(topology, &mut warnings);
    faults_that_come_never_or_all_the_time(topology, horizon, &mut warnings);
    faults_after_the_first_is_over(topology, horizon, &mut warnings);
    automation_where_the_fault_strikes(topology, &mut warnings);
    automation_without_lambda(topology, &mut warnings);
    planes_that_a_fault_takes_away(topology, &mut warnings);
    sessions_without_instances(topology, &mut warnings);
    deep_checks_on_shared_writers(topology, &mut warnings);
    objectives_below_detection_and_ttl(topology, objectives, &mut warnings);
    nobody_to_take_over(topology, &mut warnings);
    settings_without_effect(topology, &mut warnings);
    writes_and_impatience_behind_an_origin_group(topology, &mut warnings);
    survivors_too_small(topology, &mut warnings);
    warnings
}

/// Regions that an outage strikes.
fn struck(topology: &Topology) -> impl Iterator<Item = (usize, &Fault)> {
    topology.faults.iter().filter_map(|fault| match fault.kind {
        Kind::RegionOutage { region, .. } => Some((region, fault)),
        _ => None,
    })
}

/// Those of them that serve.
fn struck_endpoints(topology: &Topology) -> impl Iterator<Item = (usize, &Fault)> {
    struck(topology).filter(|(region, _)| topology.regions[*region].serves)
}

/// The same where the other regions can be relied upon: where outages come and go in several, everything is at times in
/// the way of one of them.
fn struck_alone(topology: &Topology) -> impl Iterator<Item = (usize, &Fault)> {
    let several = struck(topology).any(|(region, _)| struck(topology).any(|(other, _)| other != region));
    struck(topology).filter(move |(_, fault)| !several || !fault.start.recurs())
}

fn no_clock(topology: &Topology, warnings: &mut Vec<String>) {
    if !topology.faults.iter().any(|fault| fault.kind.starts_clock()) {
        warnings.push("no fault starts the clock: recovery times and data losses are 0 by definition".to_owned());
    }
}

/// Occurrences a trial beyond which somebody may have meant something else.
const MANY: f64 = 1_000.0;

fn faults_that_come_never_or_all_the_time(topology: &Topology, horizon: SimDuration, warnings: &mut Vec<String>) {
    for (index, fault) in topology.faults.iter().enumerate() {
        let number = index + 1;
        match &fault.start {
            Start::At(at) => {
                // Trials in which nothing happens would count as met.
                let late = 1.0 - at.cdf(horizon.as_secs_f64());
                if late > 0.0 && fault.kind.starts_clock() {
                    let share = percent(late);
                    warnings.push(format!(
                        "fault {number} begins after the horizon of {horizon} in {share} % of trials, which count as never down"
                    ));
                }
            }
            Start::Rate(rate) => {
                let expected = rate * horizon.as_secs_f64();
                if expected > MANY {
                    let times = count(expected);
                    warnings.push(format!("fault {number} begins {times} times a trial: is a rate per second meant?"));
                }
            }
        }
    }
}

/// A recovery time goes from the first fault to the last return, so a second incident in the same trial makes it long.
fn faults_after_the_first_is_over(topology: &Topology, horizon: SimDuration, warnings: &mut Vec<String>) {
    let clock = |fault: &&(usize, &Fault)| fault.1.kind.starts_clock();
    let at = |fault: &Fault| match &fault.start {
        Start::At(at) => Some(at.clone()),
        Start::Rate(_) => None,
    };
    let faults: Vec<(usize, &Fault)> = topology.faults.iter().enumerate().collect();
    let starts = || faults.iter().filter(clock).filter_map(|&(index, fault)| Some((index, fault, at(fault)?)));
    let first = |one: &(usize, &Fault, Distribution), other: &(usize, &Fault, Distribution)| {
        one.2.quantile(0.5).total_cmp(&other.2.quantile(0.5))
    };
    let Some((first, fault, begins)) = starts().min_by(first) else { return };
    let Some(duration) = &fault.duration else { return };
    // Nearly always over before the other begins.
    let over = begins.quantile(0.99) + duration.quantile(0.99) + fault.restart.quantile(0.99);
    for (index, _, begins) in starts().filter(|(index, ..)| *index != first) {
        let next = begins.quantile(0.01);
        if over < next && next < horizon.as_secs_f64() {
            let (first, number) = (first + 1, index + 1);
            warnings.push(format!(
                "fault {number} begins when fault {first} is over, and recovery times count from the first of them to the \
                 last return: faults with a `rate` instead of `at` are outages of their own"
            ));
        }
    }
}

fn automation_where_the_fault_strikes(topology: &Topology, warnings: &mut Vec<String>) {
    for (region, fault) in struck_alone(topology) {
        let name = &topology.regions[region].name;
        let until = if fault.duration.is_none() { "never runs" } else { "waits for its end" };
        for runbook in topology.runbooks.iter().filter(|runbook| runbook.hosted_in == [region]) {
            let own = &runbook.name;
            warnings.push(format!("runbook {own} is hosted only in {name}, which a fault takes away: it {until}"));
        }
        for (index, alarm) in topology.alarms.iter().enumerate() {
            let used = topology.runbooks.iter().any(|runbook| matches!(runbook.on, Trigger::Alarm(on) if on == index));
            if alarm.hosted_in == region && used {
                let own = &alarm.name;
                warnings.push(format!("alarm {own} lives in {name}, which a fault takes away: it is blind meanwhile"));
            }
        }
    }
}

/// Automation that is hosted where Lambda fails altogether.
fn automation_without_lambda(topology: &Topology, warnings: &mut Vec<String>) {
    for fault in &topology.faults {
        let Kind::LambdaImpairment { region, error: 1.0.. } = fault.kind else { continue };
        let name = &topology.regions[region].name;
        for runbook in topology.runbooks.iter().filter(|runbook| runbook.hosted_in == [region]) {
            let own = &runbook.name;
            warnings.push(format!(
                "runbook {own} is hosted only in {name}, where a fault stops Lambda: it waits meanwhile"
            ));
        }
    }
}

/// Actions whose control plane or data plane does not answer while a fault lasts.
fn planes_that_a_fault_takes_away(topology: &Topology, warnings: &mut Vec<String>) {
    let names = topology.region_names();
    let zones: Vec<usize> = topology.regions.iter().map(Region::zones).collect();
    for fault in &topology.faults {
        let mut world = World::new(&zones, &vec![vec![0.0; names.len()]; names.len()]);
        match fault.kind {
            Kind::RegionOutage { region, .. } => world.set_out(region, true),
            Kind::ControlPlaneOutage { region } => world.set_control_out(region, true),
            _ => continue,
        };
        for runbook in &topology.runbooks {
            let stopped = |step: &&Step| !Seats::new(Some(&step.action), topology.dns.editing, &names).answer(&world);
            for step in runbook.steps.iter().filter(stopped) {
                let (own, what) = (&runbook.name, words::action(&step.action, topology));
                let plane = words::plane(&step.action, topology).unwrap_or_default();
                let edits = matches!(step.action, Action::Shift { means: Means::RecordEdit, .. });
                let instead = if edits { "; a routing control needs no control plane" } else { "" };
                warnings.push(format!("runbook {own} needs {plane}, which a fault takes away, to {what}{instead}"));
            }
        }
    }
}

/// Sessions in a place that has no instances to keep them.
fn sessions_without_instances(topology: &Topology, warnings: &mut Vec<String>) {
    let sessions = |store: &&NamedStore| matches!(store.parameters, stores::Parameters::InstanceSession(_));
    for store in topology.stores.iter().filter(sessions) {
        for place in store.parameters.regions().iter().map(|&region| &topology.regions[region]) {
            if place.compute.as_ref().is_some_and(|compute| compute.group().is_none()) {
                let (store, place) = (&store.name, &place.name);
                warnings
                    .push(format!("{store} lives on instances, and {place} has none: only an outage of it loses any"));
            }
        }
    }
}

fn deep_checks_on_shared_writers(topology: &Topology, warnings: &mut Vec<String>) {
    if topology.endpoints < 2 {
        return;
    }
    // One store is told once, however many endpoints have a check that writes it.
    let mut written: Vec<usize> = Vec::new();
    for store in topology.dns.checks.iter().flatten().flat_map(Check::deep_writes) {
        if !written.contains(&store) {
            written.push(store);
        }
    }
    for store in written {
        if topology.stores[store].parameters.shards() > 1 {
            let store = &topology.stores[store].name;
            warnings.push(format!(
                "the health check writes every shard of {store}: when the writer of any of them is out, every region \
                 turns unhealthy and Route 53 fails open"
            ));
            continue;
        }
        if let Some(writer) = topology.stores[store].parameters.writer() {
            let (store, writer) = (&topology.stores[store].name, &topology.regions[writer].name);
            warnings.push(format!(
                "the health check writes {store}, whose only writer is in {writer}: when that is out, every region turns \
                 unhealthy and Route 53 fails open"
            ));
        }
    }
}

/// The least that DNS failover can take: the checks' threshold, then the TTL of as many resolvers as must have moved.
fn objectives_below_detection_and_ttl(topology: &Topology, objectives: &[Objective], warnings: &mut Vec<String>) {
    // Behind an accelerator or an origin group nobody asks DNS.
    let asked = topology.endpoints > 1 && !topology.edge.works_without_dns();
    let Some((region, _)) = struck(topology).find(|(region, _)| asked && topology.regions[*region].serves) else {
        return;
    };
    let Some(check) = topology.dns.checks[region].as_ref().filter(|_| topology.dns.guards(region)) else { return };
    // A black hole: k probes time out after 4 s each, k - 1 intervals apart.
    let threshold = f64::from(check.threshold);
    let detection = (threshold - 1.0) * (check.interval.as_secs_f64() + 4.0) + 4.0;
    let total: f64 = topology.clients.iter().map(|clients| clients.requests_per_second).sum();
    let allowed = 1.0 - topology.up_when;
    // Of resolvers that carry the share s of all traffic, all but allowed / s must have asked again.
    let mut slowest: (f64, SimDuration) = (0.0, topology.dns.ttl);
    for (index, clients) in topology.clients.iter().enumerate() {
        let sent_there = match &topology.dns.policy {
            Policy::Ranked { cost } => cost[index].iter().all(|other| cost[index][region] <= *other),
            _ => true,
        };
        for (share, rule) in topology.edge.followers(clients).caching.iter().filter(|_| sent_there) {
            let traffic = share * clients.requests_per_second / total;
            let ttl = rule.effective(topology.dns.ttl);
            let takes = ttl.as_secs_f64() * (1.0 - allowed / traffic);
            if takes > slowest.0 {
                slowest = (takes, ttl);
            }
        }
    }
    let least = detection + slowest.0;
    for objective in objectives.iter().filter(|objective| objective.measure == Measure::Rto) {
        if objective.quantile >= 0.5 && objective.limit < least {
            warnings.push(format!(
                "{} <= {} cannot be met by DNS failover: detection takes at least {}, then resolvers keep answers for up \
                 to {}",
                objective.name(),
                chosen_duration(objective.limit),
                chosen_duration(detection),
                slowest.1,
            ));
        }
    }
}

/// Settings that something else makes void.
fn settings_without_effect(topology: &Topology, warnings: &mut Vec<String>) {
    if topology.edge.idle_dns {
        warnings.push("`[dns]` has no effect: an accelerator leads clients by its own addresses".to_owned());
    }
    let lasting = topology.clients.iter().filter(|clients| clients.connection_lifetime.is_some());
    if topology.edge.cloud_front.is_some() {
        for clients in lasting {
            let name = &clients.name;
            warnings.push(format!(
                "`connection-lifetime` of {name} has no effect: its connections end at the edge, which follows DNS by itself"
            ));
        }
    }
}

/// What an origin group does not do: repeat writes, or outlast impatient clients.
fn writes_and_impatience_behind_an_origin_group(topology: &Topology, warnings: &mut Vec<String>) {
    let (Some(cloud_front), Some((first, _))) = (&topology.edge.cloud_front, topology.edge.origin_group()) else {
        return;
    };
    if struck(topology).all(|(region, _)| region != first) {
        return;
    }
    let place = &topology.regions[first].name;
    for journey in topology.journeys.iter().filter(|journey| !journey.method.reads()) {
        let (name, method) = (&journey.name, journey.method.name());
        warnings.push(format!(
            "{name} is a {method}, which an origin group never repeats: it fails for as long as {place} is out"
        ));
    }
    for clients in topology.clients.iter().filter(|clients| clients.timeout < cloud_front.wait) {
        let (name, timeout, wait) = (&clients.name, clients.timeout, cloud_front.wait);
        warnings.push(format!(
            "{name} waits {timeout}, the edge {wait} before it asks the second origin: while {place} is out, no miss gets through"
        ));
    }
}

fn nobody_to_take_over(topology: &Topology, warnings: &mut Vec<String>) {
    if topology.edge.origin_group().is_some() {
        return;
    }
    for (region, _) in struck_endpoints(topology) {
        let name = &topology.regions[region].name;
        let stuck = match &topology.dns.policy {
            Policy::Simple { only: Some(only) } => *only == region,
            Policy::Failover { primary, secondary } => *primary == region && secondary.is_none(),
            _ => topology.endpoints == 1,
        };
        let shifted = topology
            .runbooks
            .iter()
            .flat_map(|runbook| &runbook.steps)
            .any(|step| matches!(step.action, Action::Shift { to, .. } if to != region));
        if stuck && !shifted {
            warnings.push(format!("nothing takes over when {name} is out: DNS knows no other endpoint for it"));
        }
    }
}

/// Survivors that cannot carry everything even at their largest size.
fn survivors_too_small(topology: &Topology, warnings: &mut Vec<String>) {
    let total: f64 = topology.clients.iter().map(|clients| clients.requests_per_second).sum();
    for (region, _) in struck_endpoints(topology) {
        let mut capacity = 0.0;
        for (index, place) in topology.serving().iter().enumerate().filter(|(index, _)| *index != region) {
            capacity += place.compute.as_ref().map_or(f64::INFINITY, |compute| {
                let compute = match compute {
                    Parameters::AutoScaling(group) => group,
                    Parameters::Lambda(function) => return function.carries(function.account_limit),
                };
                let by_hand =
                    topology.runbooks.iter().flat_map(|runbook| &runbook.steps).filter_map(|step| match step.action {
                        Action::Scale { desired, to } if to == index => Some(desired),
                        _ => None,
                    });
                let planned = compute.scheduled.iter().map(|&(_, desired)| desired).chain(by_hand).max();
                let most = if compute.scaling.is_some() { compute.max } else { compute.desired };
                most.max(planned.unwrap_or(0)) as f64 * compute.requests_per_second
            });
        }
        if topology.endpoints > 1 && capacity < total {
            let name = &topology.regions[region].name;
            warnings.push(format!(
                "without {name}, the other regions carry at most {capacity} of {total} requests/s, even at their largest size"
            ));
        }
    }
}
