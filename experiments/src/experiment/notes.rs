//! What an experiment takes for granted that is neither a figure nor a mistake: a sentence each, for `check`.

use models::aws::cloud_watch::Metric;
use models::deployment::Topology;
use models::faults::{Fault, Kind, Start};
use models::journeys::Access;
use models::stores;

use crate::units::chosen_duration;

/// All of them.
pub(super) fn notes(topology: &Topology) -> Vec<String> {
    let each =
        [who_measures(topology), slow_datapoints(topology), late_objects(topology), zones_that_stay_empty(topology)];
    each.into_iter().flatten().collect()
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

/// Objects that have not arrived are missing for whoever reads them elsewhere, which the model counts as data loss alone.
fn late_objects(topology: &Topology) -> Option<String> {
    let elsewhere = |fault: &Fault| {
        matches!(fault.kind, Kind::RegionOutage { .. } | Kind::Partition { .. } | Kind::ReplicationStall { .. })
    };
    let read = |store: usize| {
        let mut needs = topology.journeys.iter().filter(|journey| journey.share > 0.0).flat_map(|it| &it.needs);
        needs.any(|need| need.store == store && need.access == Access::Read)
    };
    let stores = topology.stores.iter().enumerate();
    let names: Vec<&str> = stores
        .filter(|(index, store)| {
            let several = store.parameters.regions().len() > 1;
            several && read(*index) && matches!(store.parameters, stores::Parameters::S3Replication(_))
        })
        .map(|(_, store)| store.name.as_str())
        .collect();
    (!names.is_empty() && topology.faults.iter().any(elsewhere)).then(|| {
        format!(
            "reads of objects of {} that have not arrived yet count as served: what is missing shows as data loss, not as \
             failed requests",
            names.join(", ")
        )
    })
}

/// AWS would spread a group over its zones again.
fn zones_that_stay_empty(topology: &Topology) -> Option<String> {
    let grouped = |region: usize| topology.regions[region].compute.as_ref().is_some_and(|it| it.group().is_some());
    let struck = topology.faults.iter().filter_map(|fault| match fault.kind {
        Kind::ZoneOutage { region, .. } if grouped(region) => Some((region, matches!(fault.start, Start::Rate(_)))),
        _ => None,
    });
    let struck: Vec<(usize, bool)> = struck.collect();
    let again =
        |(region, recurs): &(usize, bool)| *recurs || struck.iter().filter(|(other, _)| other == region).count() > 1;
    let region = struck.iter().find(|one| again(one)).map(|(region, _)| &topology.regions[*region].name)?;
    Some(format!(
        "groups do not rebalance between zones: a zone of {region} that was lost stays empty until instances are launched \
         for another reason, so losing it again costs less than on AWS"
    ))
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
