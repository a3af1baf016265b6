//! Stores: how copies follow, and how writes find the writer.

use models::deployment::NamedStore as Store;
use models::stores::Parameters;
use models::stores::dynamodb_global::Consistency;
use sim_settings::{Value, child_path, parse_value};

use super::site::Site;
use super::step::{quoted, scaled};
use super::{Change, Kind, Lever};
use crate::file::{key_text, value_text};

/// The path of a store.
fn path(name: &str) -> String {
    format!("stores.{}", key_text(name))
}

/// A lever for each store that gives changes, with the words before its name.
fn each(
    site: &Site<'_>,
    kind: Kind,
    title: impl Fn(&str) -> String,
    changes: impl Fn(&Store) -> Option<Vec<Change>>,
) -> Vec<Lever> {
    let one = |store: &Store| Some(Lever::new(kind, title(&store.name), changes(store)?));
    site.topology.stores.iter().filter_map(one).collect()
}

/// A key that is off, turned on.
fn turned_on(site: &Site<'_>, store: &Store, key: &str) -> Vec<Change> {
    vec![site.change(format!("{}.{key}", path(&store.name)), "true", "false")]
}

/// Writes through the copy nearby, which forwards them.
pub(super) fn write_forwarding(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::WriteForwarding,
        |name| format!("write forwarding for {name}"),
        |store| {
            let Parameters::AuroraGlobal(own) = &store.parameters else { return None };
            let copies = own.0.place.regions.len() > 1;
            (copies && !own.0.forwards_writes).then(|| turned_on(site, store, "write-forwarding"))
        },
    )
}

/// A proxy that keeps no address of a writer which moves within its region.
pub(super) fn proxy(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::Proxy,
        |name| format!("RDS Proxy for {name}"),
        |store| {
            let log = match &store.parameters {
                Parameters::AuroraGlobal(own) => &own.0,
                Parameters::RdsReplica(own) => &own.0,
                _ => return None,
            };
            (!log.proxy && log.in_region_failover.is_some()).then(|| turned_on(site, store, "proxy"))
        },
    )
}

/// Sets of regions within which strong tables exist.
const STRONG_SETS: [&[&str]; 3] = [
    &["us-east-1", "us-east-2", "us-west-2"],
    &["eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"],
    &["ap-northeast-1", "ap-northeast-2", "ap-northeast-3"],
];

/// A table of the file without some keys and with others.
fn rewritten(text: &str, without: &[&str], with: &[(&str, String)]) -> Option<String> {
    let Value::Table(mut entries) = parse_value(text, 0)?.value else { return None };
    entries.retain(|entry| !without.contains(&entry.key.as_str()) && with.iter().all(|(key, _)| *key != entry.key));
    let kept = entries.iter().map(|entry| format!("{} = {}", key_text(&entry.key), value_text(&entry.node.value)));
    let new = with.iter().map(|(key, value)| format!("{key} = {value}"));
    Some(format!("{{ {} }}", kept.chain(new).collect::<Vec<_>>().join(", ")))
}

/// Strong consistency where AWS has it for these regions: three copies, or two and a witness that the file has.
pub(super) fn quorum(site: &Site<'_>) -> Vec<Lever> {
    let all = site.topology.region_names();
    each(
        site,
        Kind::Quorum,
        |name| format!("strong consistency for {name}"),
        |store| {
            let Parameters::DynamoDbGlobal(own) = &store.parameters else { return None };
            let Consistency::Eventual { .. } = own.consistency else { return None };
            let copies: Vec<&str> = own.regions.iter().map(|&region| site.region(region)).collect();
            let set = STRONG_SETS.iter().find(|set| copies.iter().all(|copy| set.contains(copy)))?;
            let witness = match copies.len() {
                3 => None,
                2 => Some(all.iter().find(|name| set.contains(&name.as_str()) && !copies.contains(&name.as_str()))?),
                _ => return None,
            };
            let listed: Vec<String> = copies.iter().map(|copy| quoted(copy)).collect();
            let mut with = vec![("consistency", quoted("strong")), ("regions", format!("[{}]", listed.join(", ")))];
            with.extend(witness.map(|name| ("witness", quoted(name))));
            let key = path(&store.name);
            let value = rewritten(&site.written(&key)?, &["replication-delay", "rewrite-rate"], &with)?;
            Some(vec![Site::new_setting(key, value)])
        },
    )
}

/// Replication Time Control. A delay that the file writes is that without it.
pub(super) fn time_control(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::TimeControl,
        |name| format!("Replication Time Control for {name}"),
        |store| {
            let Parameters::S3Replication(own) = &store.parameters else { return None };
            let key = path(&store.name);
            let value = rewritten(&site.written(&key)?, &["replication-delay"], &[("rtc", "true".to_owned())])?;
            (!own.rtc).then(|| vec![Site::new_setting(key, value)])
        },
    )
}

/// One access point in place of regional buckets.
pub(super) fn access_point(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::AccessPoint,
        |name| format!("a Multi-Region Access Point for {name}"),
        |store| {
            let Parameters::S3Replication(own) = &store.parameters else { return None };
            let key = format!("{}.access", path(&store.name));
            let change = site.change(key, "\"multi-region-access-point\"", &quoted("regional"));
            own.access_point.is_none().then(|| vec![change])
        },
    )
}

/// The tightest bound on the lag that AWS has.
pub(super) fn lag_bound(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::LagBound,
        |name| format!("stall {name} when all its copies lag by 20s"),
        |store| {
            let Parameters::AuroraGlobal(own) = &store.parameters else { return None };
            let copies = own.0.place.regions.len() > 1 && own.0.rpo_bound.is_none();
            copies.then(|| vec![Site::new_setting(format!("{}.rpo-bound", path(&store.name)), "\"20s\"")])
        },
    )
}

/// Copies that carry twice as much.
pub(super) fn capacity(site: &Site<'_>) -> Vec<Lever> {
    each(
        site,
        Kind::StoreCapacity,
        |name| format!("twice the capacity of every copy of {name}"),
        |store| {
            let regions = &site.topology.regions;
            let tables = store.capacity.own.iter().map(|(region, most)| {
                let region = child_path("regions", &regions[*region].name);
                (child_path(&format!("{region}.stores"), &store.name), *most)
            });
            let mut changes: Vec<Change> = Vec::new();
            for (table, most) in [(path(&store.name), store.capacity.common)].into_iter().chain(tables) {
                let both = [("reads", most.reads), ("writes", most.writes)];
                let limited = both.into_iter().filter(|(_, most)| most.is_finite());
                changes.extend(
                    limited.map(|(key, most)| {
                        Site::new_setting(format!("{table}.capacity.{key}"), (2.0 * most).to_string())
                    }),
                );
            }
            (!changes.is_empty()).then_some(changes)
        },
    )
}

/// Restore points twice as often, and points in time where there are none.
pub(super) fn restore_points(site: &Site<'_>) -> Vec<Lever> {
    let twice = each(
        site,
        Kind::RestorePoints,
        |name| format!("back {name} up twice as often"),
        |store| {
            let key = format!("{}.backup.every", path(&store.name));
            store.backup.as_ref().filter(|backup| backup.every.is_some() && backup.continuous.is_none())?;
            Some(vec![Site::new_setting(key.clone(), scaled(&site.written(&key)?, 0.5)?)])
        },
    );
    let continuous = each(
        site,
        Kind::RestorePoints,
        |name| format!("points in time of {name} every 5m"),
        |store| {
            store.backup.as_ref().filter(|backup| backup.continuous.is_none())?;
            Some(vec![Site::new_setting(format!("{}.backup.continuous", path(&store.name)), "\"5m\"")])
        },
    );
    twice.into_iter().chain(continuous).collect()
}
