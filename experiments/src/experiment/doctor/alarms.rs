//! Alarms that cannot fire, or that do not fire when they are needed.

use models::cloud_watch::{Metric, Missing, Parameters as Alarm, Threshold};
use models::compute::Fleet;
use models::deployment::Topology;
use models::fronts::route53::zone::Sight;
use models::fronts::route53::{Child, Insufficient, Look};
use models::ids::RegionId;
use models::runbooks::{On, Trigger};
use models::services::Graph;
use sim_settings::quantity::number_text;

use super::place::{At, fault_name};
use super::{Check, Examined, Told};
use crate::units::chosen_duration;

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "alarm-cannot-fire", look: threshold_beyond_the_metric },
    Check { kind: "alarm-too-slow", look: longer_than_a_trial },
    Check { kind: "alarm-without-cause", look: nothing_strikes_what_it_watches },
    Check { kind: "alarm-without-metric", look: nothing_publishes_the_metric },
    Check { kind: "alarm-dies-with-region", look: dies_with_what_it_watches },
    Check { kind: "alarm-fires-in-the-calm", look: silence_breaches },
    Check { kind: "check-fails-in-the-calm", look: silence_is_unhealthy },
];

/// The path of an alarm.
pub(super) fn alarm(alarm: &Alarm) -> At {
    At::top("alarms").element(alarm.entry)
}

/// Thresholds that no datapoint of a metric is beyond, where that is known.
fn threshold_beyond_the_metric(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let (key, threshold) = alarm.threshold.written();
        let reason = match alarm.threshold {
            Threshold::Above(_) => most(alarm, examined).filter(|(most, ..)| threshold >= *most),
            Threshold::Below(_) => {
                let why = "no metric is ever below 0".to_owned();
                (threshold <= 0.0).then(|| (0.0, why, "write a number above 0".to_owned()))
            }
        };
        let Some((_, why, instead)) = reason else { continue };
        let (own, written) = (&alarm.name, number_text(threshold));
        told.add(
            &self::alarm(alarm).key(key),
            format!("alarm {own} cannot fire: `{key} = {written}`, and {why}"),
            instead,
        );
    }
}

/// Alarms that need more bad periods than a trial has.
fn longer_than_a_trial(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let (bad, _) = alarm.datapoints;
        let needs = alarm.period.as_secs_f64() * bad as f64;
        if needs > examined.horizon.as_secs_f64() {
            let [needs, horizon] = [needs, examined.horizon.as_secs_f64()].map(chosen_duration);
            told.add(
                &self::alarm(alarm).key("datapoints"),
                format!(
                    "alarm {} cannot fire: {bad} bad periods take {needs}, and a trial ends after {horizon}",
                    alarm.name
                ),
                "let it wait for fewer, or for shorter ones",
            );
        }
    }
}

/// Alarms on unhealthy hosts where no fault takes any member out of rotation.
fn nothing_strikes_what_it_watches(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for alarm in &topology.alarms {
        let Metric::UnhealthyHosts(place) = alarm.metric else { continue };
        let region = topology.graph.home(place);
        let competes = topology.balancer(Graph::cell_at(place)).is_some_and(|balancer| balancer.probes_compete);
        let struck = topology.faults.iter().any(|fault| fault.kind.region().is_none_or(|struck| struck == region));
        if !competes && !struck {
            told.add(
                &self::alarm(alarm).key("metric"),
                format!(
                    "alarm {} cannot fire: no fault of this file strikes {}, so that no member there turns unhealthy",
                    alarm.name,
                    topology.place_name(place)
                ),
                "watch what the faults strike",
            );
        }
    }
}

/// The largest datapoint of an alarm's metric, the reason, and advice; `None` where it has no bound.
fn most(alarm: &Alarm, examined: &Examined<'_>) -> Option<(f64, String, String)> {
    let share = |what: &str| {
        let why = format!("{what} is a share, at most 1");
        (1.0, why, "write a share below 1, such as `above = 0.05` for 5 %".to_owned())
    };
    match alarm.metric {
        Metric::Errors { .. } => Some(share("failed over offered requests")),
        Metric::Throttles(_) => Some(share("throttled over offered requests")),
        Metric::HealthCheck(_) => {
            let why = "the metric is 1 while the check is unhealthy and 0 else".to_owned();
            Some((1.0, why, "write `above = 0`".to_owned()))
        }
        Metric::UnhealthyHosts(place) => {
            let compute = examined.topology.compute(Graph::cell_at(place))?;
            let most = largest(compute.fleet()?);
            let place = examined.topology.place_name(place);
            let why = format!("{place} never has more than {most} {}", compute.noun());
            Some((most as f64, why, format!("write a number below {most}")))
        }
        Metric::ReplicationLag(_) | Metric::Utilization(_) => None,
    }
}

/// The largest number of members of a fleet.
fn largest(fleet: Fleet) -> u64 {
    // People may scale it by hand up to its maximum.
    fleet.max.max(fleet.desired)
}

/// Metrics of parts that the deployment does not have.
fn nothing_publishes_the_metric(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let Some((reason, instead)) = unpublished(alarm, examined) else { continue };
        let own = &alarm.name;
        told.add(&self::alarm(alarm).key("metric"), format!("alarm {own} cannot fire: {reason}"), instead);
    }
}

/// Why a metric never has a datapoint, if that is certain, and which metric to watch instead.
fn unpublished(alarm: &Alarm, examined: &Examined<'_>) -> Option<(String, String)> {
    let topology = examined.topology;
    match alarm.metric {
        Metric::Utilization(place) | Metric::UnhealthyHosts(place) | Metric::Throttles(place) => {
            let cell = Graph::cell_at(place);
            let place = topology.place_name(place);
            let compute = topology.compute(cell);
            let hosts = matches!(alarm.metric, Metric::UnhealthyHosts(_));
            let missing = match compute {
                None => Some(format!("{place} has no compute that it could be about")),
                Some(_) if hosts && topology.balancer(cell).is_none_or(|it| !it.probes) => {
                    Some(format!("{place} has no instances behind a load balancer"))
                }
                Some(_) => None,
            };
            missing.map(|missing| (missing, "watch `errors`, or give the region a `compute`".to_owned()))
        }
        Metric::Errors { journey, .. } => {
            let journey = &topology.journeys[journey];
            let silent = journey.share == 0.0 || topology.clients.iter().all(|it| it.requests_per_second == 0.0);
            silent.then(|| {
                let name = &journey.name;
                (
                    format!("no client asks for {name}, so its errors have no datapoints"),
                    "watch a journey that has a share of the requests".to_owned(),
                )
            })
        }
        Metric::ReplicationLag(store) => {
            let store = &topology.stores[store];
            (super::stores::copies(store) < 2).then(|| {
                let name = &store.name;
                (
                    format!("{name} has no second copy, so its replication lag has no datapoints"),
                    "watch a store that replicates".to_owned(),
                )
            })
        }
        Metric::HealthCheck(_) => None,
    }
}

/// Alarms that start a runbook or turn a health check, and that stop or go blind with the region that they watch.
fn dies_with_what_it_watches(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let alone = examined.one_is_struck();
    for outage in examined.outages() {
        let region = outage.region;
        for (index, alarm) in topology.alarms.pairs() {
            // Of several triggers another one may do.
            let starts = |on: &On| matches!(on.0.as_slice(), [all] if all.contains(&Trigger::Alarm(index)));
            let runbook = topology.runbooks.pairs().find(|(id, own)| starts(&own.on) && examined.is_for(*id, region));
            // A check that counts an alarm without data as unhealthy turns when the alarm is gone, as it should.
            let looks = |child: &Child| matches!(child.look, Look::Alarm { alarm, insufficient } if alarm == index && insufficient != Insufficient::Unhealthy);
            let guarding = topology.dns.checks.pairs().filter(|(guarded, _)| alone || *guarded == region);
            let checked = guarding.filter_map(|(_, check)| check.as_ref()).flat_map(|check| &check.children).any(looks);
            let user = match (runbook, checked) {
                (Some((_, runbook)), _) => format!("runbook {}", runbook.name),
                (None, true) => "the health check on it".to_owned(),
                (None, false) => continue,
            };
            let own = &alarm.name;
            let at = self::alarm(alarm);
            if let Some(taken) = outage.takes(alarm.hosted_in) {
                let (place, fault) = (examined.region(alarm.hosted_in), fault_name(taken));
                let watches = watched(alarm, topology) == Some(alarm.hosted_in);
                let what = if watches { "dies with what it watches" } else { "is blind meanwhile" };
                told.add(
                    &at.key("hosted-in"),
                    format!(
                        "alarm {own} lives in {place}, which {fault} takes away: it {what}, and {user} is not told"
                    ),
                    match alarm.metric {
                        // These metrics are published there and nowhere else.
                        Metric::HealthCheck(_) => "watch what clients see, from a region that survives",
                        _ => "let it live in a region that survives, and watch what clients see",
                    },
                );
            } else if watched(alarm, topology) == Some(region) && alarm.missing != Missing::Breaching {
                let (place, fault) = (examined.region(region), fault_name(outage.fault));
                told.add(
                    &at.key("metric"),
                    format!(
                        "alarm {own} watches {place} itself, which publishes nothing while {fault} has it: {user} is not \
                         told"
                    ),
                    // Where a period without failures has no datapoint, a silent region looks well.
                    if alarm.sparse { "watch what clients see" } else { "write `missing = \"breaching\"`, or watch what clients see" },
                );
            }
        }
    }
}

/// Alarms that treat silence as breaching, on a metric that is silent while all is well.
fn silence_breaches(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        if alarm.sparse && alarm.missing == Missing::Breaching {
            told.add(
                &self::alarm(alarm).key("missing"),
                format!(
                    "alarm {} fires in the calm and never again: a period without failures has no datapoint, which counts as \
                     breaching, so it is in ALARM minutes after the start, and an alarm acts when it turns",
                    alarm.name
                ),
                "write `missing = \"not-breaching\"`, or `sparse = false` where every period is published",
            );
        }
    }
}

/// Checks that take silence for unhealthy, on a metric that is silent while all is well.
fn silence_is_unhealthy(examined: &Examined<'_>, told: &mut Told<'_>) {
    let zone = &examined.topology.zone;
    for check in &zone.checks {
        let Sight::Alarm { alarm, insufficient: Insufficient::Unhealthy } = check.sight else { continue };
        let alarm = &examined.topology.alarms[alarm];
        if !alarm.sparse {
            continue;
        }
        let (at, who) = if zone.written {
            let at = At::top("health-checks").key(&check.name).key("insufficient-data");
            (at, format!("health check {}", check.name))
        } else {
            (At::top("dns").key("health-check"), "the health check".to_owned())
        };
        told.add(
            &at,
            format!(
                "{who} is unhealthy without data, and the metric of alarm {} has none while nothing fails: with Route 53 the \
                 check fails in the calm, and here it keeps its last status, which is too good",
                alarm.name
            ),
            "write `insufficient-data = \"last-known\"`, or watch a metric that every period has",
        );
    }
}

/// The region whose own metrics an alarm watches: these metrics end with it.
pub(super) fn watched(alarm: &Alarm, topology: &Topology) -> Option<RegionId> {
    match alarm.metric {
        Metric::Errors { region, .. } => region,
        Metric::UnhealthyHosts(place) | Metric::Utilization(place) | Metric::Throttles(place) => {
            Some(topology.graph.home(place))
        }
        // Metrics from outside: of checkers all over the world, and of the lagging copies.
        Metric::HealthCheck(_) | Metric::ReplicationLag(_) => None,
    }
}
