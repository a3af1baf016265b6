//! Relational databases: Aurora Global Databases, Aurora clusters by themselves, and RDS instances with their replicas.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::draft::{Entry, Loose, list, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::{Part, Store, System};

const GLOBAL: [&str; 1] = ["aws_rds_global_cluster"];
const CLUSTER: [&str; 1] = ["aws_rds_cluster"];
const INSTANCE: [&str; 1] = ["aws_db_instance"];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let members = inventory.back(&["aws_rds_cluster_instance"], "cluster_identifier", &CLUSTER);
    let mut taken: BTreeSet<Id> = BTreeSet::new();
    let mut globals = inventory.back(&CLUSTER, "global_cluster_identifier", &GLOBAL);
    // A global cluster that is made of a cluster names it the other way round.
    for id in inventory.of(&GLOBAL) {
        let source = inventory.target(id, "source_db_cluster_identifier", &CLUSTER);
        let own = globals.entry(id).or_default();
        if let Some(source) = source.filter(|source| !own.contains(source)) {
            own.push(source);
        }
    }
    // Clusters of other inputs that name the same global cluster, which none of them holds.
    let mut loose: BTreeMap<String, Vec<Id>> = BTreeMap::new();
    for id in inventory.of(&CLUSTER) {
        if globals.values().any(|clusters| clusters.contains(&id)) {
            continue;
        }
        if let Some(name) = inventory.get(id).at("global_cluster_identifier").text().filter(|name| !name.is_empty()) {
            loose.entry(name.to_owned()).or_default().push(id);
        }
    }
    // A cluster whose global database is not known belongs to the only one that there is, and the file asks.
    let unsure: Vec<Id> = inventory
        .of(&CLUSTER)
        .into_iter()
        .filter(|id| !inventory.get(*id).at("global_cluster_identifier").is_known())
        .filter(|id| !globals.values().any(|clusters| clusters.contains(id)))
        .collect();
    let only = globals.len() == 1;
    for (global, mut clusters) in globals {
        let unsure: &[Id] = if only { &unsure } else { &[] };
        clusters.extend(unsure);
        taken.extend(&clusters);
        let name = inventory.get(global).at("global_cluster_identifier").text();
        let name = name.unwrap_or(&inventory.get(global).name).to_owned();
        let database = Database { name: &name, global: &[global], clusters: &clusters, unsure };
        aurora(system, &database, &members);
    }
    for (name, clusters) in loose {
        taken.extend(&clusters);
        aurora(system, &Database { name: &name, global: &[], clusters: &clusters, unsure: &[] }, &members);
    }
    let alone: Vec<Id> = inventory.of(&CLUSTER).into_iter().filter(|id| !taken.contains(id)).collect();
    clusters(system, &alone, &members);
    instances(system);
}

fn name_of(inventory: &Inventory, id: Id, keys: &[&str]) -> String {
    let resource = inventory.get(id);
    let named = keys.iter().find_map(|key| resource.at(key).text().filter(|name| !name.is_empty()));
    named.unwrap_or(&resource.name).to_owned()
}

/// The parts of an Aurora Global Database.
#[derive(Clone, Copy)]
struct Database<'a> {
    name: &'a str,
    global: &'a [Id],
    clusters: &'a [Id],
    /// Clusters that may be members.
    unsure: &'a [Id],
}

/// An Aurora Global Database.
fn aurora(system: &mut System<'_>, database: &Database<'_>, members: &BTreeMap<Id, Vec<Id>>) {
    let Database { name, global, clusters, unsure } = *database;
    let inventory = system.inventory;
    let placed: Vec<(Id, String)> =
        clusters.iter().filter_map(|id| Some((*id, inventory.get(*id).region.clone()?))).collect();
    let ids: Vec<Id> = global.iter().chain(clusters).copied().collect();
    if placed.is_empty() {
        for id in &ids {
            system.ask(*id, "which clusters are members of this global database, and where? none is in the inputs");
        }
        return;
    }
    let regions: BTreeSet<String> = placed.iter().map(|(_, region)| region.clone()).collect();
    let name = system.name(name);
    let (writer, sure) = writer(inventory, &placed);
    let mut part = Part::new(&name);
    part.push(Entry::from("kind", quoted("aurora-global"), if global.is_empty() { clusters } else { global }));
    let writer_region = inventory.get(writer).region.clone().unwrap_or_default();
    part.push(if sure {
        Entry::from("writer", quoted(&writer_region), &[writer])
    } else {
        Entry::asked("writer", quoted(&writer_region), "which region has the writer? the inputs do not tell")
            .of(clusters)
    });
    let ordered = std::iter::once(&writer_region).chain(regions.iter().filter(|region| **region != writer_region));
    part.push(if regions.len() < 2 {
        let question = format!("where are the other copies of {name}? only one cluster is in the inputs");
        Entry::asked("regions", list(ordered), question).of(clusters)
    } else if unsure.is_empty() {
        Entry::from("regions", list(ordered), clusters)
    } else {
        let question = format!("are all of these members of {name}? the inputs do not tell of each");
        Entry::asked("regions", list(ordered), question).of(clusters)
    });
    if placed.iter().any(|(id, _)| inventory.get(*id).at("enable_global_write_forwarding").flag() == Some(true)) {
        part.push(Entry::from("write-forwarding", "true", clusters));
    }
    for (id, region) in &placed {
        let instances = members.get(id).map_or(&[][..], Vec::as_slice);
        for instance in instances {
            system.fates.used(*instance, format!("stores.{name}"));
        }
        if instances.is_empty() && *id != writer {
            part.ask(Loose::key(
                "promotion-time",
                format!("stores.{name}.promotion-time"),
                format!("{region} has no instance of {name} in the inputs; if it has none, promotion waits for one: how long?"),
            ));
        }
    }
    keep(system, part, Some(writer_region), regions, ids, false);
}

/// The cluster that takes the writes, and whether the inputs say so.
fn writer(inventory: &Inventory, placed: &[(Id, String)]) -> (Id, bool) {
    let secondary = |id: Id| {
        let cluster = inventory.get(id);
        ["source_region", "replication_source_identifier"].iter().any(|key| cluster.at(key).is_set())
            || cluster
                .links
                .iter()
                .any(|link| matches!(link.attribute.as_str(), "replication_source_identifier" | "source_region"))
    };
    let only = |is: &dyn Fn(Id) -> bool| {
        let found: Vec<Id> = placed.iter().map(|(id, _)| *id).filter(|id| is(*id)).collect();
        match found[..] {
            [only] => Some(only),
            _ => None,
        }
    };
    if let [(id, _)] = placed {
        return (*id, !secondary(*id));
    }
    let others = placed.iter().any(|(id, _)| secondary(*id));
    let by_source = others.then(|| only(&|id| !secondary(id))).flatten();
    let source = placed.iter().find_map(|(id, _)| {
        let there = inventory.targets(*id, "replication_source_identifier", &CLUSTER);
        placed.iter().map(|(id, _)| *id).find(|id| there.contains(id))
    });
    // Only the primary is made with credentials.
    let by_credentials = || {
        only(&|id| {
            let cluster = inventory.get(id);
            ["master_username", "snapshot_identifier", "manage_master_user_password"].iter().any(|key| {
                match cluster.at(key) {
                    tree if tree.text().is_some_and(|text| !text.is_empty()) => true,
                    tree => tree.flag() == Some(true),
                }
            })
        })
    };
    let by_order = || {
        only(&|id| {
            placed.iter().any(|(other, _)| {
                let base = &inventory.get(id).base;
                *other != id
                    && inventory
                        .get(*other)
                        .links
                        .iter()
                        .any(|link| link.attribute == "depends_on" && link.target == *base)
            })
        })
    };
    match by_source.or(source).or_else(by_credentials).or_else(by_order) {
        Some(writer) => (writer, true),
        None => (placed[0].0, false),
    }
}

/// Aurora clusters that belong to no global database: each with its replicas in other regions.
fn clusters(system: &mut System<'_>, alone: &[Id], members: &BTreeMap<Id, Vec<Id>>) {
    let inventory = system.inventory;
    let mut replicas: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let mut copies = BTreeSet::new();
    for id in alone {
        for source in inventory.targets(*id, "replication_source_identifier", &CLUSTER) {
            replicas.entry(source).or_default().push(*id);
            copies.insert(*id);
        }
    }
    for id in alone.iter().filter(|id| !copies.contains(id)) {
        let cluster = inventory.get(*id);
        let Some(region) = cluster.region.clone() else { continue };
        if cluster.at("engine").text().is_some_and(|engine| matches!(engine, "docdb" | "neptune")) {
            continue;
        }
        let others = replicas.remove(id).unwrap_or_default();
        let name = system.name(&name_of(inventory, *id, &["cluster_identifier"]));
        let mut part = Part::new(&name);
        let mut ids = vec![*id];
        ids.extend(&others);
        let mut regions: BTreeSet<String> =
            others.iter().filter_map(|other| inventory.get(*other).region.clone()).collect();
        let alone = regions.is_empty();
        regions.insert(region.clone());
        // A cluster in one region behaves as a global database without copies: in-region failover, and no promotion.
        let aurora = cluster.at("engine").text().is_none_or(|engine| engine.contains("aurora"));
        let kind = if alone && aurora { "aurora-global" } else { "rds-replica" };
        part.push(Entry::from("kind", quoted(kind), &[*id]).noted(if alone {
            "in one region: nothing to promote elsewhere"
        } else {
            ""
        }));
        part.push(Entry::from("writer", quoted(&region), &[*id]));
        let ordered = std::iter::once(&region).chain(regions.iter().filter(|other| **other != region));
        part.push(Entry::from("regions", list(ordered), &ids));
        for instance in ids.iter().flat_map(|id| members.get(id).into_iter().flatten()) {
            system.fates.used(*instance, format!("stores.{name}"));
        }
        keep(system, part, Some(region), regions, ids, false);
    }
}

/// RDS instances, each with its replicas.
fn instances(system: &mut System<'_>) {
    let inventory = system.inventory;
    let mut replicas: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let mut copies = BTreeSet::new();
    for id in inventory.of(&INSTANCE) {
        let sources = inventory.targets(id, "replicate_source_db", &INSTANCE);
        for source in &sources {
            replicas.entry(*source).or_default().push(id);
            copies.insert(id);
        }
        let named = inventory.get(id).at("replicate_source_db");
        if sources.is_empty() && named.is_set() {
            system.ask(id, "it is a replica of a database that is not in the inputs: which, and where?");
            copies.insert(id);
        }
    }
    for id in inventory.of(&INSTANCE).into_iter().filter(|id| !copies.contains(id)) {
        let instance = inventory.get(id);
        let Some(region) = instance.region.clone() else { continue };
        let own = replicas.remove(&id).unwrap_or_default();
        let (near, far): (Vec<Id>, Vec<Id>) =
            own.into_iter().partition(|it| inventory.get(*it).region.as_ref() == Some(&region));
        for replica in near {
            system.fates.left(replica, "a replica in the writer's region serves reads and is not promoted elsewhere");
        }
        let mut regions: BTreeSet<String> = far.iter().filter_map(|it| inventory.get(*it).region.clone()).collect();
        let alone = regions.is_empty();
        regions.insert(region.clone());
        let name = system.name(&name_of(inventory, id, &["identifier", "db_name"]));
        let mut part = Part::new(&name);
        let mut ids = vec![id];
        ids.extend(far);
        part.push(Entry::from("kind", quoted("rds-replica"), &[id]).noted(if alone {
            "in one region: nothing to promote elsewhere"
        } else {
            ""
        }));
        part.push(Entry::from("writer", quoted(&region), &[id]));
        let ordered = std::iter::once(&region).chain(regions.iter().filter(|other| **other != region));
        part.push(Entry::from("regions", list(ordered), &ids));
        part.push(match instance.at("multi_az").flag() {
            Some(flag) => Entry::from("multi-az", flag.to_string(), &[id]),
            None if instance.at("multi_az").is_known() => Entry::from("multi-az", "false", &[id]),
            None => {
                Entry::asked("multi-az", "false", "has the writer a standby in another zone? the input does not tell")
                    .of(&[id])
            }
        });
        keep(system, part, Some(region), regions, ids, false);
    }
}

/// Keeps a store, and marks what it is.
pub(super) fn keep(
    system: &mut System<'_>,
    part: Part,
    writer: Option<String>,
    regions: BTreeSet<String>,
    ids: Vec<Id>,
    reads: bool,
) {
    for id in &ids {
        system.fates.used(*id, format!("stores.{}", part.name));
    }
    let promotable = writer.is_some() && regions.len() > 1;
    system.stores.push(Store { part, writer, regions: regions.into_iter().collect(), ids, promotable, reads });
}
