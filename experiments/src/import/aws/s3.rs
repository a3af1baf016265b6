//! Buckets that replicate. A bucket without replication is in one region and fails over nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::rds::keep;
use crate::import::draft::{Entry, list, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::{Part, System};
use crate::import::tree::Tree;

const BUCKET: [&str; 1] = ["aws_s3_bucket"];

/// A replication from a bucket.
struct Way {
    from: Id,
    to: Id,
    by: Id,
    rtc: bool,
}

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let mut ways = Vec::new();
    for id in inventory.of(&["aws_s3_bucket_replication_configuration"]) {
        let Some(from) = inventory.target(id, "bucket", &BUCKET) else {
            system.ask(id, "which bucket does it replicate? the inputs do not tell");
            continue;
        };
        read(system, id, from, "rule", &mut ways);
    }
    for id in inventory.of(&BUCKET) {
        if inventory.get(id).at("replication_configuration").is_set() {
            read(system, id, id, "replication_configuration.rules", &mut ways);
        }
    }
    // Buckets that lead to each other are one store.
    let mut group: BTreeMap<Id, Id> = BTreeMap::new();
    for way in &ways {
        let (a, b) = (root(&group, way.from), root(&group, way.to));
        group.insert(a.max(b), a.min(b));
    }
    let mut stores: BTreeMap<Id, Vec<&Way>> = BTreeMap::new();
    for way in &ways {
        stores.entry(root(&group, way.from)).or_default().push(way);
    }
    for (first, ways) in stores {
        let region = |id: Id| inventory.get(id).region.clone();
        let sources: BTreeSet<String> = ways.iter().filter_map(|way| region(way.from)).collect();
        let targets: BTreeSet<String> = ways.iter().filter_map(|way| region(way.to)).collect();
        let regions: BTreeSet<String> = sources.union(&targets).cloned().collect();
        let ids: BTreeSet<Id> = ways.iter().flat_map(|way| [way.from, way.to, way.by]).collect();
        let ids: Vec<Id> = ids.into_iter().collect();
        if regions.len() < 2 {
            for id in ids {
                system.fates.left(id, "it replicates within one region, which no loss of a region meets");
            }
            continue;
        }
        let source = ways.iter().map(|way| way.from).min().unwrap_or(first);
        let bucket = inventory.get(source);
        let name = system.name(bucket.at("bucket").text().unwrap_or(&bucket.name));
        let mut part = Part::new(&name);
        let by: Vec<Id> = ways.iter().map(|way| way.by).collect();
        part.push(Entry::from("kind", quoted("s3-replication"), &by));
        // Only from one bucket: one way, and two keys say it. Both ways need the regions alone.
        if let (1, false) = (sources.len(), sources.iter().any(|it| targets.contains(it))) {
            let from = sources.iter().next().cloned().unwrap_or_default();
            part.push(Entry::from("from", quoted(&from), &by));
            part.push(Entry::from("to", list(&targets), &by));
        } else {
            part.push(Entry::from("regions", list(&regions), &ids));
        }
        if ways.iter().all(|way| way.rtc) {
            part.push(Entry::from("rtc", "true", &by));
        }
        if let Some(point) = access_point(inventory, &ids) {
            system.fates.used(point, format!("stores.{name}.access"));
            part.push(Entry::from("access", quoted("multi-region-access-point"), &[point]));
        }
        keep(system, part, None, regions, ids, false);
    }
}

fn root(group: &BTreeMap<Id, Id>, mut id: Id) -> Id {
    while let Some(above) = group.get(&id).filter(|above| **above != id) {
        id = *above;
    }
    id
}

fn read(system: &mut System<'_>, id: Id, from: Id, rules: &str, ways: &mut Vec<Way>) {
    let inventory = system.inventory;
    let found = inventory.targets(id, &format!("{rules}.destination.bucket"), &BUCKET);
    if found.is_empty() {
        system.ask(id, "which bucket does it replicate to, and where is that? the inputs do not tell");
    }
    let (outer, inner) = rules.rsplit_once('.').unwrap_or(("", rules));
    let block = if outer.is_empty() { &inventory.get(id).attributes } else { inventory.get(id).at(outer) };
    let controlled = |rule: &Tree| {
        let time = rule.at("destination.replication_time");
        time.at("status").text() == Some("Enabled") || time.at("minutes").is_set()
    };
    let all = block.at(inner).items();
    let rtc = !all.is_empty() && all.iter().all(controlled);
    ways.extend(found.into_iter().filter(|to| *to != from).map(|to| Way { from, to, by: id, rtc }));
}

fn access_point(inventory: &Inventory, buckets: &[Id]) -> Option<Id> {
    let points = inventory.of(&["aws_s3control_multi_region_access_point"]);
    points.into_iter().find(|point| inventory.targets(*point, "details", &BUCKET).iter().any(|it| buckets.contains(it)))
}
