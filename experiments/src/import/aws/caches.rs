//! `ElastiCache`: Global Datastores are stores of the file; a cache in one region is asked about.

use std::collections::BTreeSet;

use super::rds::keep;
use crate::import::draft::{Entry, Loose, list, quoted};
use crate::import::resource::Id;
use crate::import::system::{Part, System};

const GLOBAL: [&str; 1] = ["aws_elasticache_global_replication_group"];
const MEMBER: [&str; 1] = ["aws_elasticache_replication_group"];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let secondary = inventory.back(&MEMBER, "global_replication_group_id", &GLOBAL);
    let mut members = BTreeSet::new();
    for id in inventory.of(&GLOBAL) {
        let primary = inventory.target(id, "primary_replication_group_id", &MEMBER);
        let others = secondary.get(&id).cloned().unwrap_or_default();
        let all: Vec<Id> = primary.iter().chain(&others).copied().collect();
        members.extend(all.iter().copied());
        let regions: BTreeSet<String> = all.iter().filter_map(|it| inventory.get(*it).region.clone()).collect();
        let writer = primary.and_then(|it| inventory.get(it).region.clone());
        if regions.len() < 2 {
            let ids: Vec<Id> = std::iter::once(id).chain(all).collect();
            system.ask_all(&ids, "no secondary replication group is in the inputs: where is it, and what does the cache hold? (here: left out)");
            continue;
        }
        let suffix = inventory.get(id).at("global_replication_group_id_suffix").text();
        let name = system.name(suffix.unwrap_or(&inventory.get(id).name));
        let mut part = Part::new(&name);
        part.push(Entry::from("kind", quoted("elasticache-global"), &[id]));
        let first = regions.iter().next().cloned().unwrap_or_default();
        part.push(match (&writer, primary) {
            (Some(region), Some(primary)) => Entry::from("writer", quoted(region), &[primary]),
            _ => Entry::asked("writer", quoted(&first), "which region has the primary?").of(&[id]),
        });
        part.push(Entry::from("regions", list(&regions), &all));
        part.ask(Loose::settled(
            format!("stores.{name}.backs"),
            format!(
                "is {name} a cache in front of another store? say which as stores.{name}.backs, with its hit ratio"
            ),
        ));
        let ids: Vec<Id> = std::iter::once(id).chain(all).collect();
        keep(system, part, Some(writer.unwrap_or(first)), regions, ids, true);
    }
    let kinds = [
        "aws_elasticache_replication_group",
        "aws_elasticache_cluster",
        "aws_elasticache_serverless_cache",
        "aws_memorydb_cluster",
    ];
    let alone: Vec<Id> =
        inventory.of(&kinds).into_iter().filter(|id| !members.contains(id) && !system.fates.has(*id)).collect();
    system
        .ask_all(&alone, "a cache in one region: what happens to requests while it is empty or away? (here: left out)");
}
