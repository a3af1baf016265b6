//! What alarms take for granted of metrics that AWS publishes, and what Route 53 takes no alarm for.

use models::cloud_watch::{Metric, Parameters as Alarm};
use models::services::Graph;
use sim_settings::quantity::duration_text;

use super::alarms::{alarm as place_of, watched};
use super::{Check, Examined, Told};
use crate::units::chosen_duration;

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "check-without-m-of-n", look: checks_without_m_of_n },
    Check { kind: "check-outside-aws", look: checks_outside_aws },
];

pub(super) const NOTES: &[Check] = &[
    Check { kind: "metric-of-another-region", look: metrics_of_other_regions },
    Check { kind: "alarm-outside-aws", look: alarms_outside_aws },
    Check { kind: "metric-of-a-minute", look: metrics_of_a_minute },
    Check { kind: "alarm-sees-every-period", look: alarms_on_slow_datapoints },
];

/// An alarm lives in the region of its metric (documented): elsewhere somebody has to publish it again.
fn metrics_of_other_regions(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let Some(region) = watched(alarm, examined.topology).filter(|region| *region != alarm.hosted_in) else {
            continue;
        };
        let (name, metric, own) = (&alarm.name, examined.region(region), examined.region(alarm.hosted_in));
        told.add(
            &place_of(alarm).key("hosted-in"),
            format!(
                "alarm {name} lives in {own} and watches a metric of {metric}, which CloudWatch publishes there and nowhere else"
            ),
            "let a canary or a copy of the metric publish it where the alarm lives; what that adds goes into `ingestion-delay`",
        );
    }
}

/// The name of the place of an alarm that is no region of AWS.
fn outside<'a>(alarm: &Alarm, examined: &'a Examined<'_>) -> Option<&'a str> {
    let place = &examined.topology.regions[alarm.hosted_in].place;
    (!place.is_aws()).then(|| examined.region(alarm.hosted_in))
}

/// `CloudWatch` runs in regions of AWS.
fn alarms_outside_aws(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let (name, Some(place)) = (&alarm.name, outside(alarm, examined)) else { continue };
        told.add(
            &place_of(alarm).key("hosted-in"),
            format!(
                "alarm {name} lives in {place}, where CloudWatch is not: it stands for a monitor of your own there"
            ),
            "give it that monitor's `period` and `ingestion-delay`, or host it in a region of AWS",
        );
    }
}

/// Route 53 evaluates metrics of `CloudWatch`, and no others (documented).
fn checks_outside_aws(examined: &Examined<'_>, told: &mut Told<'_>) {
    for id in examined.topology.zone.alarms() {
        let alarm = &examined.topology.alarms[id];
        let (name, Some(place)) = (&alarm.name, outside(alarm, examined)) else { continue };
        told.add(
            &place_of(alarm).key("hosted-in"),
            format!("a health check goes by alarm {name} in {place}, and Route 53 sees metrics of CloudWatch alone"),
            "let the check probe an endpoint, or watch an alarm in a region of AWS",
        );
    }
}

/// Periods below a minute are for metrics of one's own (documented).
fn metrics_of_a_minute(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        let clients = matches!(alarm.metric, Metric::Errors { region: None, .. });
        if alarm.period.as_secs_f64() < 60.0 && !clients {
            let (name, period) = (&alarm.name, chosen_duration(alarm.period.as_secs_f64()));
            told.add(
                &place_of(alarm).key("period"),
                format!("alarm {name} has periods of {period}, and AWS publishes its metric once a minute"),
                "write `period = \"1m\"`, or publish such a metric of your own",
            );
        }
    }
}

/// Route 53 looks at the metric itself, at N datapoints in a row, and at none of high resolution; it refuses a check on another
/// alarm (documented):
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>.
fn checks_without_m_of_n(examined: &Examined<'_>, told: &mut Told<'_>) {
    for id in examined.topology.zone.alarms() {
        let alarm = &examined.topology.alarms[id];
        let (name, (of, all)) = (&alarm.name, alarm.datapoints);
        let short = alarm.period.as_secs_f64() < 60.0;
        if of == all && !short {
            continue;
        }
        let why = if of < all {
            format!(
                "Route 53 knows no {of} of {all} and refuses a check on alarm {name}; here it turns after {all} in a row"
            )
        } else {
            format!(
                "Route 53 takes no metric of high resolution and refuses a check on alarm {name}; here it follows it"
            )
        };
        let key = if of < all { "datapoints" } else { "period" };
        told.add(
            &place_of(alarm).key(key),
            why,
            "let the check watch an alarm of its own, of N in a row and whole minutes",
        );
    }
}

/// Groups without detailed monitoring publish their processors' use every five minutes, and alarms here see it every period.
fn alarms_on_slow_datapoints(examined: &Examined<'_>, told: &mut Told<'_>) {
    let every = |alarm: &Alarm| match alarm.metric {
        Metric::Utilization(place) => {
            let scaling = examined.topology.compute(Graph::cell_at(place))?.group()?.scaling?;
            Some(scaling.datapoint_every()).filter(|every| *every > alarm.period)
        }
        _ => None,
    };
    for alarm in &examined.topology.alarms {
        let Some(every) = every(alarm) else { continue };
        let (name, seconds) = (&alarm.name, every.as_secs_f64());
        let every = chosen_duration(seconds);
        told.add(
            &place_of(alarm).key("metric"),
            format!(
                "alarm {name} sees a datapoint every period, and without detailed monitoring there is one in {every}"
            ),
            format!("write `detailed-monitoring = true`, or `period = \"{}\"`", duration_text(seconds)),
        );
    }
}
