//! Capacity: what is there beforehand, and how fast more comes.

use models::aws::auto_scaling::Parameters as Group;
use models::aws::lambda::Parameters as Function;
use models::runbooks::Action;
use sim_core::time::SimDuration;

use super::site::Site;
use super::step::{quoted, scaled, text};
use super::{Change, Kind, Lever};

/// Utilisation at which a reserve carries everybody.
const FULL: f64 = 0.9;

/// Instances that carry the requests of all clients: of one region that serves alone also without one of its zones.
fn enough(site: &Site<'_>, group: &Group) -> u64 {
    let zones = group.zones as f64;
    let spare = if site.topology.endpoints == 1 && group.zones > 1 { zones / (zones - 1.0) } else { 1.0 };
    (site.load() * spare / (FULL * group.requests_per_second)).ceil().min(100_000.0) as u64
}

/// The path of a size of a region's group.
fn size(region: &str, key: &str) -> String {
    format!("regions.{region}.compute.instances.{key}")
}

/// The smallest size that a runbook or a schedule gives to the group of a region.
fn smallest(site: &Site<'_>, region: &str, group: &Group) -> u64 {
    let steps = site.topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let scaled = steps.filter_map(|step| match step.action {
        Action::Scale { desired, to, service: None } if site.region(to) == region => Some(desired),
        _ => None,
    });
    let scheduled = group.scheduled.iter().map(|(_, desired)| *desired);
    scaled.chain(scheduled).min().unwrap_or(u64::MAX)
}

/// A region that carries everybody from the start. The smallest size follows: target tracking takes a reserve for waste.
pub(super) fn reserve(site: &Site<'_>) -> Vec<Lever> {
    let one = |(region, group): (&str, &Group)| {
        let wanted = enough(site, group);
        if wanted <= group.desired {
            return None;
        }
        let sizes = [
            ("desired", group.desired, wanted),
            ("min", group.min, wanted.min(smallest(site, region, group)).max(group.min)),
            ("max", group.max, group.max.max(wanted)),
        ];
        let changed = sizes.into_iter().filter(|(_, now, new)| now != new);
        let changes = changed.map(|(key, now, new)| site.change(size(region, key), new.to_string(), &now.to_string()));
        let title = format!("{wanted} instances in {region} instead of {}", group.desired);
        Some(Lever::new(Kind::Reserve, title, changes.collect()))
    };
    site.groups().filter_map(one).collect()
}

/// A group that may grow until it carries everybody.
pub(super) fn larger_group(site: &Site<'_>) -> Vec<Lever> {
    let one = |(region, group): (&str, &Group)| {
        let wanted = enough(site, group);
        let change = site.change(size(region, "max"), wanted.to_string(), &group.max.to_string());
        let title = format!("let {region} grow to {wanted} instances");
        (wanted > group.max && group.scaling.is_some()).then(|| Lever::new(Kind::LargerGroup, title, vec![change]))
    };
    site.groups().filter_map(one).collect()
}

/// A pool of as many instances as a region lacks.
pub(super) fn warm_pool(site: &Site<'_>) -> Vec<Lever> {
    let one = |(region, group): (&str, &Group)| {
        let lacks = enough(site, group).min(group.max).saturating_sub(group.desired);
        if lacks == 0 || group.warm_pool.is_some() || group.scaling.is_none() {
            return None;
        }
        let value = format!("{{ instances = {lacks} }}");
        let change = Site::new_setting(format!("regions.{region}.compute.warm-pool"), value);
        let title = format!("a warm pool of {lacks} stopped instances in {region}");
        Some(Lever::new(Kind::WarmPool, title, vec![change]))
    };
    site.groups().filter_map(one).collect()
}

/// A key of the group of every region that has such a group: in the common stack, and where a region has its own.
fn everywhere(site: &Site<'_>, key: &str, value: &str, now: &str, is: impl Fn(&Group) -> bool) -> Vec<Change> {
    let common = site.written("compute.kind").as_deref() == Some("\"ec2-auto-scaling\"");
    let mut changes: Vec<Change> = Vec::new();
    let mut add = |change: Change| {
        if changes.iter().all(|known| known.key != change.key) {
            changes.push(change);
        }
    };
    for (region, _) in site.groups().filter(|(_, group)| is(group)) {
        let own = format!("regions.{region}.compute.{key}");
        let kind = site.written(&format!("regions.{region}.compute.kind")).is_some();
        if !common || kind || site.written(&own).is_some() {
            add(site.change(own, value, now));
        } else {
            add(site.change(format!("compute.{key}"), value, now));
        }
    }
    changes
}

fn lever(kind: Kind, title: &str, changes: Vec<Change>) -> Vec<Lever> {
    if changes.is_empty() { Vec::new() } else { vec![Lever::new(kind, title, changes)] }
}

/// A scaling metric that can show more than 100 %, so that a group asks for everything at once.
pub(super) fn scaling_metric(site: &Site<'_>) -> Vec<Lever> {
    let capped = |group: &Group| group.scaling.is_some_and(|scaling| scaling.capped);
    let changes = everywhere(site, "scaling.metric", "\"requests\"", &quoted("cpu"), capped);
    lever(Kind::ScalingMetric, "scale by requests, which can show more than 100 %, not by processors", changes)
}

/// A datapoint every minute instead of one in five.
pub(super) fn monitoring(site: &Site<'_>) -> Vec<Lever> {
    let basic = |group: &Group| group.scaling.is_some_and(|scaling| scaling.shared_by > 1);
    let changes = everywhere(site, "detailed-monitoring", "true", "false", basic);
    lever(Kind::Monitoring, "detailed monitoring", changes)
}

/// Images that are ready when they start.
pub(super) fn launch_time(site: &Site<'_>) -> Vec<Lever> {
    let half = |key: &str| scaled(&site.written(key)?, 0.5).map(|value| Site::new_setting(key, value));
    let own = site.groups().map(|(region, _)| format!("regions.{region}.compute.launch-time"));
    let keys = std::iter::once("compute.launch-time".to_owned()).chain(own);
    let changes = keys.filter_map(|key| half(&key)).collect();
    lever(Kind::LaunchTime, "images that launch in half the time", changes)
}

/// A warm-up of a minute.
pub(super) fn warm_up(site: &Site<'_>) -> Vec<Lever> {
    let minute = SimDuration::from_secs(60);
    let long = |group: &Group| group.scaling.is_some() && group.warm_up > minute;
    let now = site.groups().find(|(_, group)| long(group)).map(|(_, group)| quoted(&text(group.warm_up)));
    let changes = now.map(|now| everywhere(site, "warm-up", "\"1m\"", &now, long)).unwrap_or_default();
    lever(Kind::WarmUp, "a warm-up of 1m", changes)
}

/// Members that only the load balancer finds unhealthy are replaced as well.
pub(super) fn replacement_check(site: &Site<'_>) -> Vec<Lever> {
    let changes = everywhere(site, "health-check-type", "\"elb\"", &quoted("elb"), |group| !group.balancer_checks);
    lever(Kind::ReplacementCheck, "replace what the load balancer finds unhealthy", changes)
}

/// The functions of the regions that serve.
fn functions<'a>(site: &Site<'a>) -> impl Iterator<Item = (&'a str, &'a Function)> {
    let function = |(_, region): (_, &'a models::deployment::Region)| {
        Some((region.name.as_str(), region.compute.as_ref()?.function()?))
    };
    site.serving().filter_map(function)
}

/// Environments that the requests of all clients keep busy.
fn busy(site: &Site<'_>, function: &Function) -> f64 {
    (site.load() / function.carries(1.0) / FULL).ceil()
}

/// As many environments ready as everybody needs, if the quota has room for them.
pub(super) fn provisioned(site: &Site<'_>) -> Vec<Lever> {
    let one = |(region, function): (&str, &Function)| {
        let wanted = busy(site, function).min(function.account_limit);
        let key = format!("regions.{region}.compute.provisioned-concurrency");
        let change = site.change(key, wanted.to_string(), &function.provisioned.to_string());
        let title = format!("{wanted} environments ready in {region}");
        (wanted > function.provisioned).then(|| Lever::new(Kind::Provisioned, title, vec![change]))
    };
    functions(site).filter_map(one).collect()
}

/// A quota that has room for everybody.
pub(super) fn quota(site: &Site<'_>) -> Vec<Lever> {
    let one = |(region, function): (&str, &Function)| {
        let wanted = busy(site, function);
        let key = format!("regions.{region}.compute.account-limit");
        let change = site.change(key, wanted.to_string(), &function.account_limit.to_string());
        let title = format!("a quota of {wanted} in {region}");
        (wanted > function.account_limit).then(|| Lever::new(Kind::Quota, title, vec![change]))
    };
    functions(site).filter_map(one).collect()
}
