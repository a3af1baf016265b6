//! Capacity: what is there beforehand, and how fast more comes.

use models::compute::Fleet;
use models::compute::auto_scaling::Parameters as Group;
use models::compute::lambda::Parameters as Function;
use models::runbooks::Action;
use sim_core::time::SimDuration;

use super::site::{At, Site};
use super::step::{quoted, scaled, text};
use super::{Change, Kind, Lever};

/// Utilisation at which a reserve carries everybody.
pub(super) const FULL: f64 = 0.9;

/// The fleets: instances, tasks and pods, of every service in every region.
fn fleets<'a>(site: &Site<'a>) -> impl Iterator<Item = (At<'a>, Fleet)> {
    site.tiers().into_iter().filter_map(|at| at.compute.fleet().map(|fleet| (at, fleet)))
}

/// The groups of instances among them.
fn groups<'a>(site: &Site<'a>) -> impl Iterator<Item = (At<'a>, &'a Group)> {
    site.tiers().into_iter().filter_map(|at| at.compute.group().map(|group| (at, group)))
}

/// Members that carry the requests of all clients: of one region that serves alone also without one of its zones.
fn enough(site: &Site<'_>, at: &At<'_>, fleet: &Fleet) -> u64 {
    let zones = at.compute.zones();
    let spare = if site.topology.endpoints == 1 && zones > 1 { zones as f64 / (zones as f64 - 1.0) } else { 1.0 };
    (at.load * spare / (FULL * fleet.requests_per_second)).ceil().min(100_000.0) as u64
}

/// The smallest size that a runbook or a schedule gives to a fleet of this region.
fn smallest(site: &Site<'_>, at: &At<'_>) -> u64 {
    let steps = site.topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let scaled = steps.filter_map(|step| match step.action {
        Action::Scale { desired, to, service } if site.region(to) == at.region && service == at.service => {
            Some(desired)
        }
        _ => None,
    });
    let scheduled = at.compute.group().into_iter().flat_map(|group| &group.scheduled).map(|(_, desired)| *desired);
    scaled.chain(scheduled).min().unwrap_or(u64::MAX)
}

/// Changes of the sizes that differ.
pub(super) fn sizes(site: &Site<'_>, at: &At<'_>, table: &str, sizes: [(&str, u64, u64); 3]) -> Vec<Change> {
    let changed = sizes.into_iter().filter(|(_, now, new)| now != new);
    let key = |key: &str| format!("{}.{table}.{key}", at.path);
    changed.map(|(name, now, new)| site.change(key(name), new.to_string(), &now.to_string())).collect()
}

/// Hosts that have room for so many members.
fn room(site: &Site<'_>, at: &At<'_>, members: u64, from_the_start: bool) -> Vec<Change> {
    let Some((table, pool)) = at.hosts() else { return Vec::new() };
    let hosts = members.div_ceil(pool.room.max(1));
    let desired = if from_the_start { pool.desired.max(hosts) } else { pool.desired };
    let all = [("desired", pool.desired, desired), ("min", pool.min, pool.min), ("max", pool.max, pool.max.max(hosts))];
    sizes(site, at, table, all)
}

/// A region that carries everybody from the start. The smallest size follows: target tracking takes a reserve for waste.
pub(super) fn reserve(site: &Site<'_>) -> Vec<Lever> {
    let one = |(at, fleet): (At<'_>, Fleet)| {
        let wanted = enough(site, &at, &fleet);
        if wanted <= fleet.desired {
            return None;
        }
        let min = wanted.min(smallest(site, &at)).max(fleet.min);
        let all =
            [("desired", fleet.desired, wanted), ("min", fleet.min, min), ("max", fleet.max, fleet.max.max(wanted))];
        let mut changes = sizes(site, &at, at.size(), all);
        changes.extend(room(site, &at, wanted, true));
        let title = format!("{wanted} {} for {} instead of {}", at.compute.noun(), at.label, fleet.desired);
        Some(Lever::new(Kind::Reserve, title, changes))
    };
    fleets(site).filter_map(one).collect()
}

/// A fleet that may grow until it carries everybody.
pub(super) fn larger_group(site: &Site<'_>) -> Vec<Lever> {
    let one = |(at, fleet): (At<'_>, Fleet)| {
        let wanted = enough(site, &at, &fleet);
        let most = fleet.max.min(at.compute.room().unwrap_or(u64::MAX));
        let all = [
            ("desired", fleet.desired, fleet.desired),
            ("min", fleet.min, fleet.min),
            ("max", fleet.max, fleet.max.max(wanted)),
        ];
        let mut changes = sizes(site, &at, at.size(), all);
        changes.extend(room(site, &at, wanted, false));
        let title = format!("let {} grow to {wanted} {}", at.label, at.compute.noun());
        (wanted > most && fleet.scales).then(|| Lever::new(Kind::LargerGroup, title, changes))
    };
    fleets(site).filter_map(one).collect()
}

/// A pool of as many instances as a region lacks.
pub(super) fn warm_pool(site: &Site<'_>) -> Vec<Lever> {
    let one = |(at, group): (At<'_>, &Group)| {
        let wanted = enough(site, &at, &at.compute.fleet()?);
        let lacks = wanted.min(group.max).saturating_sub(group.desired);
        if lacks == 0 || group.warm_pool.is_some() || group.scaling.is_none() {
            return None;
        }
        let value = format!("{{ instances = {lacks} }}");
        let change = Site::new_setting(format!("{}.warm-pool", at.path), value);
        let title = format!("a warm pool of {lacks} stopped instances for {}", at.label);
        Some(Lever::new(Kind::WarmPool, title, vec![change]))
    };
    groups(site).filter_map(one).collect()
}

/// A key of every tier for which there is something to change: in what all regions share, and where one has its own.
pub(super) fn everywhere(
    site: &Site<'_>,
    key: &str,
    value: &str,
    now: &str,
    is: impl Fn(&At<'_>) -> bool,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for at in site.tiers().into_iter().filter(is) {
        let own = format!("{}.{key}", at.path);
        let common = site.written(&format!("{}.kind", at.common)).is_some();
        let apart = site.written(&format!("{}.kind", at.path)).is_some();
        let path = if !common || apart || site.written(&own).is_some() { own } else { format!("{}.{key}", at.common) };
        if changes.iter().all(|known| known.key != path) {
            changes.push(site.change(path, value, now));
        }
    }
    changes
}

fn lever(kind: Kind, title: &str, changes: Vec<Change>) -> Vec<Lever> {
    if changes.is_empty() { Vec::new() } else { vec![Lever::new(kind, title, changes)] }
}

/// A scaling metric that can show more than 100 %, so that a group asks for everything at once.
pub(super) fn scaling_metric(site: &Site<'_>) -> Vec<Lever> {
    let capped = |at: &At<'_>| at.compute.tracking().is_some_and(|scaling| scaling.capped);
    let changes = everywhere(site, "scaling.metric", "\"requests\"", &quoted("cpu"), capped);
    lever(Kind::ScalingMetric, "scale by requests, which can show more than 100 %, not by processors", changes)
}

/// A datapoint every minute instead of one in five.
pub(super) fn monitoring(site: &Site<'_>) -> Vec<Lever> {
    let basic = |at: &At<'_>| {
        at.compute.group().is_some_and(|group| group.scaling.is_some_and(|scaling| scaling.shared_by > 1))
    };
    let changes = everywhere(site, "detailed-monitoring", "true", "false", basic);
    lever(Kind::Monitoring, "detailed monitoring", changes)
}

/// Images that are ready when they start.
pub(super) fn launch_time(site: &Site<'_>) -> Vec<Lever> {
    let half = |key: &str| scaled(&site.written(key)?, 0.5).map(|value| Site::new_setting(key, value));
    let mut keys: Vec<String> = Vec::new();
    for (at, _) in fleets(site) {
        for path in [&at.common, &at.path].map(|path| format!("{path}.launch-time")) {
            if !keys.contains(&path) {
                keys.push(path);
            }
        }
    }
    let changes = keys.iter().filter_map(|key| half(key)).collect();
    lever(Kind::LaunchTime, "images that launch in half the time", changes)
}

/// A warm-up of a minute.
pub(super) fn warm_up(site: &Site<'_>) -> Vec<Lever> {
    let minute = SimDuration::from_secs(60);
    let long = |at: &At<'_>| at.compute.group().is_some_and(|group| group.scaling.is_some() && group.warm_up > minute);
    let now = groups(site).find(|(at, _)| long(at)).map(|(_, group)| quoted(&text(group.warm_up)));
    let changes = now.map(|now| everywhere(site, "warm-up", "\"1m\"", &now, long)).unwrap_or_default();
    lever(Kind::WarmUp, "a warm-up of 1m", changes)
}

/// Members that only the load balancer finds unhealthy are replaced as well.
pub(super) fn replacement_check(site: &Site<'_>) -> Vec<Lever> {
    let status = |at: &At<'_>| at.compute.group().is_some_and(|group| !group.balancer_checks);
    let changes = everywhere(site, "health-check-type", "\"elb\"", &quoted("elb"), status);
    lever(Kind::ReplacementCheck, "replace what the load balancer finds unhealthy", changes)
}

/// The functions of every service in every region.
fn functions<'a>(site: &Site<'a>) -> impl Iterator<Item = (At<'a>, &'a Function)> {
    site.tiers().into_iter().filter_map(|at| at.compute.function().map(|function| (at, function)))
}

/// Environments that the requests of all clients keep busy.
fn busy(at: &At<'_>, function: &Function) -> f64 {
    (at.load / function.carries(1.0) / FULL).ceil()
}

/// As many environments ready as everybody needs, if the quota has room for them.
pub(super) fn provisioned(site: &Site<'_>) -> Vec<Lever> {
    let one = |(at, function): (At<'_>, &Function)| {
        let wanted = busy(&at, function).min(function.account_limit);
        let key = format!("{}.provisioned-concurrency", at.path);
        let change = site.change(key, wanted.to_string(), &function.provisioned.to_string());
        let title = format!("{wanted} environments ready for {}", at.label);
        (wanted > function.provisioned).then(|| Lever::new(Kind::Provisioned, title, vec![change]))
    };
    functions(site).filter_map(one).collect()
}

/// A quota that has room for everybody.
pub(super) fn quota(site: &Site<'_>) -> Vec<Lever> {
    let one = |(at, function): (At<'_>, &Function)| {
        let wanted = busy(&at, function);
        let key = format!("{}.account-limit", at.path);
        let change = site.change(key, wanted.to_string(), &function.account_limit.to_string());
        let title = format!("a quota of {wanted} for {}", at.label);
        (wanted > function.account_limit).then(|| Lever::new(Kind::Quota, title, vec![change]))
    };
    functions(site).filter_map(one).collect()
}
