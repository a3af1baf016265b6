//! What a file takes for granted that is neither a figure nor a mistake: `check` notes it, and nothing fails by it.

use models::aws::cloud_watch::Metric;
use models::flow::ADDRESSES;

use super::place::At;
use super::{Check, Examined, Told};
use crate::units::chosen_duration;

pub(super) const NOTES: &[Check] = &[
    Check { kind: "errors-need-a-canary", look: who_publishes_errors },
    Check { kind: "slow-datapoints", look: slow_datapoints },
    Check { kind: "late-counts-as-no-path", look: late_answers },
];

/// Errors as clients see them are not a metric that AWS publishes.
fn who_publishes_errors(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, alarm) in examined.topology.alarms.pairs() {
        if matches!(alarm.metric, Metric::Errors { region: None, .. }) {
            told.add(
                &At::top("alarms").element(index).key("metric"),
                format!(
                    "alarm {} watches errors as clients meet them, requests that get no answer included, and no service of AWS \
                     publishes them",
                    alarm.name
                ),
                "let a canary publish them, or clients that report; with `region` it is what that region's load balancer \
                 publishes",
            );
        }
    }
}

/// What detailed monitoring would buy a group that scales by its processors.
fn slow_datapoints(examined: &Examined<'_>, told: &mut Told<'_>) {
    let slow = examined.topology.regions.pairs().find_map(|(region, place)| {
        let scaling = place.compute.as_ref()?.group()?.scaling?;
        (scaling.shared_by > 1).then_some((region, scaling))
    });
    let Some((region, slow)) = slow else { return };
    let (every, period) = (slow.datapoint_every().as_secs_f64(), slow.period.as_secs_f64());
    told.add(
        &examined.of_stack(region, "compute", "scaling"),
        format!(
            "groups scale by a CPU datapoint every {}: a load that is there to stay is seen up to {} after it began",
            chosen_duration(every),
            chosen_duration(2.0 * every)
        ),
        format!(
            "with `detailed-monitoring = true` it takes {} to {}",
            chosen_duration(2.0 * period),
            chosen_duration(4.0 * period)
        ),
    );
}

/// Clients that have several addresses, and not the time to try them all.
fn late_answers(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    if !topology.walks() {
        return;
    }
    let others = topology.endpoints.min(ADDRESSES) - 1;
    for (index, clients) in topology.clients.pairs() {
        if clients.steps().outlasts >= others {
            continue;
        }
        let (connect, timeout) = (clients.connect_timeout.as_secs_f64(), clients.timeout.as_secs_f64());
        told.add(
            &At::top("clients").element(index).key("timeout"),
            format!(
                "{} gives an address up after {} and waits {} in all, which {others} dead addresses exceed: what would be \
                 answered too late fails, with the cause `no-path`",
                clients.name,
                chosen_duration(connect),
                chosen_duration(timeout)
            ),
            "give it a longer `timeout`, or a shorter `connect-timeout`, if clients do wait longer",
        );
    }
}
