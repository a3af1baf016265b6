//! Names, records and health checks that the file writes out, in words.

use models::by_id::ById;
use models::control_planes::Editing;
use models::deployment::Topology;
use models::fronts::route53::routing::By;
use models::fronts::route53::zone::{Answer, Choice, Guard, Record, Sight, Source, Target, ZoneCheck};
use models::ids::{CheckId, GuardId, NameId, PopulationId, RecordId, RegionId};

use super::{access, lasts};
use crate::overview::Part;
use crate::units::{chosen_percent, number};

fn part(name: &str, words: String) -> Part {
    Part { name: name.to_owned(), words }
}

/// What DNS is asked for, all names together.
pub(super) fn routing(topology: &Topology) -> String {
    let zone = &topology.zone;
    let names: Vec<&str> = zone.names.iter().map(|name| name.name.as_str()).collect();
    let elsewhere = if topology.dns.editing == Editing::Elsewhere { "DNS of another provider" } else { "DNS" };
    format!("{elsewhere} answers for {}", names.join(" and "))
}

/// Names, whether the file writes them or not.
pub(super) fn names_words(names: &[NameId], topology: &Topology) -> String {
    if !topology.zone.written {
        return "the deployment's name".to_owned();
    }
    let names: Vec<&str> = names.iter().map(|name| topology.zone.names[*name].name.as_str()).collect();
    names.join(" and ")
}

/// The names.
pub(super) fn names(topology: &Topology) -> Vec<Part> {
    let zone = &topology.zone;
    let names = zone.names.iter().filter(|_| zone.written);
    let one = |name: &models::fronts::route53::zone::Name| {
        part(&name.name, format!("record {}, TTL {}", zone.records[name.record].name, lasts(name.ttl)))
    };
    names.map(one).collect()
}

/// The records.
pub(super) fn records(topology: &Topology) -> Vec<Part> {
    let zone = &topology.zone;
    zone.records.iter().filter(|_| zone.written).map(|record| part(&record.name, words(record, topology))).collect()
}

/// The health checks.
pub(super) fn checks(topology: &Topology) -> Vec<Part> {
    let zone = &topology.zone;
    zone.checks.iter().filter(|_| zone.written).map(|check| part(&check.name, check_words(check, topology))).collect()
}

fn words(record: &Record, topology: &Topology) -> String {
    let answers: Vec<(usize, &Answer)> = record.answers.iter().enumerate().filter(|(_, answer)| answer.held).collect();
    let with = |(place, answer): &(usize, &Answer)| {
        let of = match &record.choice {
            Choice::Weighted { weights } => format!(" (weight {})", number(weights[*place])),
            Choice::Located { matched, default, .. } => format!(" for {}", whom(*place, matched, *default, topology)),
            _ => String::new(),
        };
        format!("{}{of}{}", target(answer.to, topology), guarded(answer, topology))
    };
    let list: Vec<String> = answers.iter().map(with).collect();
    let list = list.join(", ");
    let choice = match &record.choice {
        Choice::Simple => format!("{list}, whatever its health"),
        Choice::Ranked { cost } if is_latency(cost, topology) => {
            format!("the healthy one with the shortest round trip for each population of {list}")
        }
        Choice::Ranked { .. } => format!("the nearest healthy one for each population of {list}"),
        Choice::Failover { .. } => format!("the first healthy one of {list}"),
        Choice::Weighted { .. } => format!("healthy ones by weight: {list}"),
        Choice::Located { default: Some(_), .. } => format!("by location: {list}"),
        Choice::Located { matched, .. } if matched.iter().all(Option::is_some) => {
            format!("by location: {list}; nobody else is left")
        }
        Choice::Located { .. } => format!("by location: {list}; no answer for everybody else"),
        Choice::Multivalue => format!("all healthy ones evenly: {list}"),
    };
    let by_hand = if record.manual_failback { "; back only by hand" } else { "" };
    format!("{choice}{by_hand}")
}

/// Whom an answer by location is for.
fn whom(
    answer: usize,
    matched: &ById<PopulationId, Option<usize>>,
    default: Option<usize>,
    topology: &Topology,
) -> String {
    let populations = topology.clients.pairs().filter(|(id, _)| matched[*id] == Some(answer));
    let mut all: Vec<&str> = populations.map(|(_, clients)| clients.name.as_str()).collect();
    all.extend((default == Some(answer)).then_some("everybody else"));
    all.join(" and ")
}

/// Whether answers are ranked by round trips: all of their costs are some of the population. By distance they are kilometres.
fn is_latency(cost: &ById<PopulationId, Vec<f64>>, topology: &Topology) -> bool {
    topology.clients.pairs().all(|(id, clients)| cost[id].iter().all(|cost| clients.round_trip.contains(cost)))
}

/// What an answer leads to.
fn target(to: Target, topology: &Topology) -> String {
    match to {
        Target::Record(record) => format!("record {}", topology.zone.records[record].name),
        Target::Endpoint(place) => topology.place_name(place),
        Target::Page(place) => format!("page {}", topology.place_name(place)),
    }
}

/// What an answer goes by.
fn guarded(answer: &Answer, topology: &Topology) -> String {
    let mut by: Vec<String> = Vec::new();
    by.extend(answer.guards.iter().map(|&guard| match topology.zone.guards[guard].source {
        Source::Check(check) => format!("check {}", topology.zone.checks[check].name),
        Source::Targets(_) => "its targets".to_owned(),
    }));
    if answer.evaluates {
        by.push("its answers".to_owned());
    }
    if by.is_empty() { " [always healthy]".to_owned() } else { format!(" [{}]", by.join(", ")) }
}

fn check_words(check: &ZoneCheck, topology: &Topology) -> String {
    let inverted = if check.inverted { ", turned round" } else { "" };
    let name = |id: &CheckId| topology.zone.checks[*id].name.clone();
    match &check.sight {
        Sight::Probes(probing) => {
            let needs: Vec<String> = probing.needs.iter().map(|need| access(need, topology)).collect();
            let depth = if needs.is_empty() { "shallow".to_owned() } else { format!("deep ({})", needs.join(", ")) };
            let (place, interval) = (topology.place_name(probing.place), lasts(probing.interval));
            format!("probes {place}, {depth}, every {interval}, {} in a row{inverted}", probing.threshold)
        }
        Sight::Alarm { alarm, insufficient } => {
            let without = super::without_data(*insufficient);
            format!("the metric of alarm {} ({without} without data){inverted}", topology.alarms[*alarm].name)
        }
        Sight::Calculated { healthy: 0, .. } if check.inverted => {
            "always unhealthy: none of its children has to be healthy, turned round".to_owned()
        }
        Sight::Calculated { healthy: 0, .. } => "always healthy: none of its children has to be".to_owned(),
        Sight::Calculated { children, healthy } => {
            let children: Vec<String> = children.iter().map(name).collect();
            format!("healthy while {healthy} of {} are{inverted}", children.join(", "))
        }
    }
}

/// A guard that turned.
pub(in crate::experiment) fn guard_turned(guard: GuardId, healthy: bool, topology: &Topology) -> String {
    let verdict = if healthy { "healthy" } else { "unhealthy" };
    format!("{} turns {verdict}", guard_words(&topology.zone.guards[guard], topology))
}

fn guard_words(guard: &Guard, topology: &Topology) -> String {
    match guard.source {
        Source::Check(check) => format!("health check {}", topology.zone.checks[check].name),
        Source::Targets(place) => format!("target health of {}", topology.place_name(place)),
    }
}

/// A record that takes an answer for usable from now on, or no longer, and why.
pub(in crate::experiment) fn record_turned(
    record: RecordId,
    answer: usize,
    usable: bool,
    by: By,
    topology: &Topology,
) -> String {
    let zone = &topology.zone;
    let own = &zone.records[record];
    let answer = &own.answers[answer];
    let what = if usable { "may answer with" } else { "drops" };
    let why = match (by, usable) {
        (By::Guard(guard), true) => format!("{} is seen healthy", guard_words(&zone.guards[guard], topology)),
        (By::Guard(guard), false) => format!("{} is seen unhealthy", guard_words(&zone.guards[guard], topology)),
        (By::Record, true) => "it has a healthy answer".to_owned(),
        (By::Record, false) => "none of its answers is healthy".to_owned(),
        (By::Control, _) => "by routing controls".to_owned(),
        (By::Edit, _) => "by an edit".to_owned(),
        (By::Bar, true) => "it is let back".to_owned(),
        (By::Bar, false) => "nobody has let it back".to_owned(),
        (By::BarsIgnored, _) => "all that is healthy waits to be let back, and nothing else is left".to_owned(),
    };
    format!("record {} {what} {}: {why}", own.name, target(answer.to, topology))
}

/// A record that leads a share of its traffic to a region alone.
pub(in crate::experiment) fn record_shared(
    record: RecordId,
    to: RegionId,
    share: f64,
    by: By,
    topology: &Topology,
) -> String {
    let (name, region) = (&topology.zone.records[record].name, &topology.regions[to].name);
    let by = if by == By::Edit { "by an edit" } else { "by routing controls" };
    format!("record {name} leads {} % to {region}: {by}", chosen_percent(share))
}
