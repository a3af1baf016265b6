//! Objectives that the trials cannot decide, or that decide nothing.

use models::faults::Start;
use models::fronts::route53::Policy;
use models::ids::{JourneyId, NameId, PlaceId, RegionId};
use models::runbooks::{Action, Trigger};
use sim_core::time::SimDuration;

use super::place::{At, fault_name};
use super::{Check, Examined, Told};
use crate::header::{Indicator, Objective, Of, quantile_name};
use crate::symbol::Symbol;
use crate::units::{chosen_duration, chosen_percent, duration};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "objective-below-detection", look: below_detection_and_ttl },
    Check { kind: "objective-implied", look: implied_by_a_higher_quantile },
    Check { kind: "horizon-too-short", look: beyond_the_horizon },
    Check { kind: "error-budget-exceeded", look: budget_that_one_fault_exceeds },
    Check { kind: "objective-without-store", look: loss_without_a_store },
    Check { kind: "objective-without-queue", look: backlog_without_a_queue },
    Check { kind: "always-up", look: always_up },
];

/// The table of the objectives of somebody.
fn table(examined: &Examined<'_>, of: Of) -> At {
    let topology = examined.topology;
    match of {
        Of::Worst => At::top("objectives"),
        Of::Journey(name) => {
            let place = topology.journeys.iter().position(|journey| journey.name == name.as_str());
            At::top("journeys").element(place.unwrap_or(0)).key("objectives")
        }
        Of::Store(name) => At::top("stores").key(name.as_str()).key("objectives"),
    }
}

/// The path of an objective.
fn objective(examined: &Examined<'_>, objective: &Objective) -> At {
    table(examined, objective.of).key(objective.indicator.key()).key(&quantile_name(objective.quantile))
}

/// Share of the requests that must succeed, of the journey that an objective is about; without one, of the journey that is
/// content with least.
fn up_when(examined: &Examined<'_>, of: Of) -> f64 {
    let topology = examined.topology;
    let own = |journey: JourneyId| match of {
        Of::Journey(name) => topology.journeys[journey].name == name.as_str(),
        Of::Worst | Of::Store(_) => true,
    };
    let journeys = topology.journeys.ids().filter(|&journey| own(journey));
    journeys.map(|journey| topology.up_when(journey)).fold(1.0, f64::min)
}

/// The least time from the loss of a region until a check of its endpoint notices, in seconds; infinite without a
/// check. Probes of a health check time out after 4 s each, and lie an interval apart.
fn least_detection(examined: &Examined<'_>, region: RegionId) -> f64 {
    let dns = &examined.topology.dns;
    if examined.topology.zone.written {
        return super::records::least_detection(examined, region);
    }
    if !dns.guards(region) {
        return f64::INFINITY;
    }
    let targets = if dns.evaluate_target_health { dns.target_health_lost.quantile(0.0) } else { f64::INFINITY };
    let check = dns.checks.get(region).and_then(Option::as_ref).filter(|check| check.turns());
    check.map_or(targets, |check| {
        let threshold = f64::from(check.threshold);
        let probes = (threshold - 1.0) * (check.interval.as_secs_f64() + 4.0) + 4.0;
        // An alarm may have its datapoint at that very moment.
        if check.alarms().next().is_some() { 0.0 } else { probes.min(targets) }
    })
}

/// The least time of DNS failover: the checks' threshold, then the TTL of as many resolvers as must have moved.
fn below_detection_and_ttl(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    // Behind an accelerator or an origin group no client asks DNS.
    // Which of several names a journey uses, and what its records do, is left to the trials.
    let asked = topology.endpoints > 1 && !topology.edge.works_without_dns() && !topology.zone.written;
    let Some((region, ..)) = examined.struck_endpoints().next().filter(|_| asked) else { return };
    let detection = least_detection(examined, region);
    if detection.is_infinite() {
        return;
    }
    let total: f64 = topology.clients.iter().map(|clients| clients.requests_per_second).sum();
    // Of resolvers that carry the share s of all traffic, all but allowed / s must have asked again.
    let slowest = |allowed: f64| {
        let mut slowest: (f64, SimDuration) = (0.0, topology.dns.ttl);
        for (index, clients) in topology.clients.pairs() {
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
        slowest
    };
    for objective in examined.objectives.iter().filter(|objective| objective.indicator == Indicator::Rto) {
        let slowest = slowest(1.0 - up_when(examined, objective.of));
        let least = detection + slowest.0;
        if objective.quantile >= 0.5 && objective.limit < least {
            told.add(
                &self::objective(examined, objective),
                format!(
                    "{} <= {} cannot be met by DNS failover: detection takes at least {}, then resolvers keep answers for \
                     up to {}",
                    objective.name(),
                    chosen_duration(objective.limit),
                    chosen_duration(detection),
                    slowest.1,
                ),
                format!("allow at least {}, or shorten the interval of the check and the TTL", duration(least)),
            );
        }
    }
}

/// A quantile is never above a higher one, so its limit decides nothing where the higher one's is lower.
fn implied_by_a_higher_quantile(examined: &Examined<'_>, told: &mut Told<'_>) {
    for objective in examined.objectives {
        let stricter = |other: &&Objective| {
            other.measured() == objective.measured()
                && other.quantile > objective.quantile
                && other.limit < objective.limit
        };
        if let Some(other) = examined.objectives.iter().find(stricter) {
            let said = |it: &Objective| format!("{} <= {}", it.name(), chosen_duration(it.limit));
            told.add(
                &self::objective(examined, objective),
                format!(
                    "{} decides nothing: {} is stricter, and {} is never above {}",
                    said(objective),
                    said(other),
                    quantile_name(objective.quantile),
                    quantile_name(other.quantile)
                ),
                "let limits rise with the quantile; are the two swapped?",
            );
        }
    }
}

/// Nothing can be lost where nothing is stored.
fn loss_without_a_store(examined: &Examined<'_>, told: &mut Told<'_>) {
    if !examined.topology.stores.is_empty() {
        return;
    }
    for objective in examined.objectives.iter().filter(|objective| objective.indicator == Indicator::Rpo) {
        told.add(
            &self::objective(examined, objective),
            format!("{} cannot be judged: the deployment has no store", objective.name()),
            "add the stores that the journeys need under `[stores]`, or leave the objective out",
        );
    }
}

/// Nothing waits where there is no queue.
fn backlog_without_a_queue(examined: &Examined<'_>, told: &mut Told<'_>) {
    if examined.topology.stores.iter().any(|store| store.parameters.consumer().is_some()) {
        return;
    }
    for objective in examined.objectives.iter().filter(|objective| objective.indicator == Indicator::CaughtUp) {
        told.add(
            &self::objective(examined, objective),
            format!("{} cannot be judged: the deployment has no queue", objective.name()),
            "add the queues that the journeys write to under `[stores]`, or leave the objective out",
        );
    }
}

/// A journey of which no request has to succeed is never down.
fn always_up(examined: &Examined<'_>, told: &mut Told<'_>) {
    let own = examined.topology.journeys.iter().filter(|journey| journey.objectives.up_when == Some(0.0));
    let own = own.map(|journey| Of::Journey(Symbol::new(&journey.name)));
    for of in (examined.topology.up_when <= 0.0).then_some(Of::Worst).into_iter().chain(own) {
        told.add(
            &table(examined, of).key("up-when"),
            "with `up-when` = 0 a journey is up while all of its requests fail, so every recovery time is 0",
            "write the share of requests that has to succeed, such as 0.99",
        );
    }
}

/// Recovery times that end after the trial.
fn beyond_the_horizon(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let longest = examined
        .objectives
        .iter()
        .filter(|objective| objective.indicator == Indicator::Rto)
        .max_by(|one, other| one.limit.total_cmp(&other.limit));
    let Some(longest) = longest else { return };
    let horizon = examined.horizon.as_secs_f64();
    // The time by which half of the trials have had their first fault. A fault with a rate may come early.
    let begins = topology.faults.iter().filter(|fault| topology.starts_clock(fault)).map(|fault| match &fault.start {
        Start::At(at) => (at.quantile(0.5), at.is_constant().is_some()),
        Start::Rate(_) => (0.0, true),
    });
    let Some((begins, always)) = begins.min_by(|one, other| one.0.total_cmp(&other.0)) else { return };
    let watched = horizon - begins;
    if watched > 0.0 && watched < longest.limit {
        let (name, limit) = (longest.name(), chosen_duration(longest.limit));
        let enough = chosen_duration((begins + longest.limit).div_euclid(60.0).mul_add(60.0, 60.0));
        let trials = if always { "trials end" } else { "half of the trials end no later than" };
        told.add(
            &At::top("horizon"),
            format!(
                "{trials} {} after the first fault, so that they do not see every recovery within {name} = {limit}",
                duration(watched)
            ),
            format!("make `horizon` at least {enough}"),
        );
    }
}

/// Whether the loss of a region takes a journey down until its traffic is led elsewhere. This is certain only of DNS
/// with one endpoint in each answer: several endpoints or an edge are left to the trials.
fn is_felt(examined: &Examined<'_>, region: RegionId, of: Of) -> bool {
    let topology = examined.topology;
    if topology.edge.works_without_dns() || topology.walks() {
        return false;
    }
    let hits = topology.edge.cloud_front.as_ref().map_or(0.0, |edge| edge.hit_ratio);
    let own = |name: &str| match of {
        Of::Journey(own) => own.as_str() == name,
        Of::Worst | Of::Store(_) => true,
    };
    let asked = topology.journeys.iter().filter(|journey| journey.share > 0.0 && own(&journey.name));
    let reaching = asked.map(|journey| if journey.cacheable { 1.0 - hits } else { 1.0 }).fold(0.0, f64::max);
    let name = NameId::new(0);
    let (mut total, mut there) = (0.0, 0.0);
    for (index, clients) in topology.clients.pairs() {
        let answer = topology.zone.lead(name, index, topology.regions.len(), |_| true);
        total += clients.requests_per_second;
        there +=
            clients.requests_per_second * answer[PlaceId::of(region)].powi(clients.attempts.min(100).cast_signed());
    }
    total > 0.0 && reaching * there / total > 1.0 - up_when(examined, of) + 1e-9
}

/// The least time until traffic can leave a lost region, in seconds: until a health check turns, or until somebody
/// shifts the traffic.
fn least_leave(examined: &Examined<'_>, region: RegionId) -> f64 {
    let mut least = least_detection(examined, region);
    for runbook in &examined.topology.runbooks {
        if runbook.steps.iter().any(|step| matches!(step.action, Action::Shift { .. })) {
            let starts = |trigger: &Trigger| match trigger {
                Trigger::Operator { delay, .. } => {
                    let hours = delay.hours.iter().map(|(_, delay)| delay.quantile(0.01));
                    hours.fold(delay.usual.quantile(0.01), f64::min)
                }
                // A faster health check, a datapoint that arrives at that very moment, or work that is planned for it.
                Trigger::Alarm(_) | Trigger::HealthCheck(_) | Trigger::At(_) => 0.0,
            };
            least = runbook.on.triggers().map(starts).fold(least, f64::min);
        }
    }
    least
}

/// An outage that strikes in every trial and outlasts the error budget in spite of any reaction.
fn budget_that_one_fault_exceeds(examined: &Examined<'_>, told: &mut Told<'_>) {
    for &(of, availability) in examined.availabilities {
        exceeded(examined, of, availability, told);
    }
}

/// The same of one objective on availability.
fn exceeded(examined: &Examined<'_>, of: Of, availability: f64, told: &mut Told<'_>) {
    let horizon = examined.horizon.as_secs_f64();
    let budget = (1.0 - availability) * horizon;
    for (region, index, fault) in examined.struck_endpoints() {
        let Start::At(at) = &fault.start else { continue };
        if at.cdf(horizon) < 1.0 || !is_felt(examined, region, of) {
            continue;
        }
        let rest = horizon - at.quantile(0.99);
        let lasts = fault.duration.as_ref().map_or(rest, |duration| duration.quantile(0.01).min(rest));
        let least = lasts.min(least_leave(examined, region));
        if least > budget {
            let (name, place) = (fault_name(index), examined.region(region));
            told.add(
                &table(examined, of).key("availability"),
                format!(
                    "the error budget of {} % over {} is {}, and {name} alone takes at least {} in every trial",
                    chosen_percent(availability),
                    chosen_duration(horizon),
                    duration(budget),
                    duration(least),
                ),
                format!(
                    "let {place} fail at a `rate`, such as \"1 per year\", over a `horizon` of \"365d\", or leave \
                     `availability` out"
                ),
            );
        }
    }
}
