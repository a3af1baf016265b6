//! What an experiment takes for granted that is neither a figure nor a mistake: a sentence each, for `check`.

use models::aws::cloud_watch::Metric;
use models::deployment::Topology;

use crate::units::chosen_duration;

/// All of them.
pub(super) fn notes(topology: &Topology) -> Vec<String> {
    [who_measures(topology), slow_datapoints(topology)].into_iter().flatten().collect()
}

/// Errors as clients see them are not a metric that AWS publishes.
fn who_measures(topology: &Topology) -> Option<String> {
    let everywhere = |metric: &Metric| matches!(metric, Metric::Errors { region: None, .. });
    let alarms = topology.alarms.iter().filter(|alarm| everywhere(&alarm.metric)).map(|alarm| alarm.name.as_str());
    let names: Vec<&str> = alarms.collect();
    let (plural, watch) = if names.len() == 1 { ("", "watches") } else { ("s", "watch") };
    (!names.is_empty()).then(|| {
        format!(
            "alarm{plural} {} {watch} errors as clients meet them, requests that get no answer included: a canary, or clients \
             that report, must publish them; with `region` it is what that region's load balancer publishes",
            names.join(", ")
        )
    })
}

/// What detailed monitoring would buy a group that scales by its processors.
fn slow_datapoints(topology: &Topology) -> Option<String> {
    let slow = topology.regions.iter().find_map(|region| {
        let scaling = region.compute.as_ref()?.group()?.scaling?;
        (scaling.shared_by > 1).then_some(scaling)
    })?;
    let (every, period) = (slow.datapoint_every().as_secs_f64(), slow.period.as_secs_f64());
    Some(format!(
        "groups scale by a CPU datapoint every {}: a load that is there to stay is seen up to {} after it began; with \
         `detailed-monitoring = true` it takes {} to {}",
        chosen_duration(every),
        chosen_duration(2.0 * every),
        chosen_duration(2.0 * period),
        chosen_duration(4.0 * period),
    ))
}
