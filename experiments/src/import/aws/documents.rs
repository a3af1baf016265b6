//! Global clusters of `DocumentDB`, Neptune and `MemoryDB`. Where the program has no kind for one, an Aurora Global Database stands
//! for it, and the file asks.

use std::collections::BTreeSet;

use super::rds::keep;
use crate::import::draft::{Entry, list, quoted};
use crate::import::resource::Id;
use crate::import::system::{Part, System};

/// The type of the global cluster, that of its members, the attribute by which members name it, the kind, and its name.
const FAMILIES: [(&str, &str, &str, Option<&str>, &str); 3] = [
    (
        "aws_docdb_global_cluster",
        "aws_docdb_cluster",
        "global_cluster_identifier",
        Some("documentdb-global"),
        "DocumentDB",
    ),
    ("aws_neptune_global_cluster", "aws_neptune_cluster", "global_cluster_identifier", None, "Neptune"),
    (
        "aws_memorydb_multi_region_cluster",
        "aws_memorydb_cluster",
        "multi_region_cluster_name",
        Some("memorydb-multi-region"),
        "MemoryDB",
    ),
];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    for (global, member, attribute, kind, service) in FAMILIES {
        let members = inventory.back(&[member], attribute, &[global]);
        let globals = inventory.of(&[global]);
        // A cluster of a global cluster that is not in the inputs belongs to the only one that is, and the file asks.
        let loose =
            |id: &Id| !members.values().any(|own| own.contains(id)) && inventory.get(*id).at(attribute).is_set();
        let unsure: Vec<Id> = inventory.of(&[member]).into_iter().filter(loose).collect();
        let unsure = if globals.len() == 1 { unsure } else { Vec::new() };
        for id in globals {
            let mut clusters: Vec<Id> = members.get(&id).cloned().unwrap_or_default();
            clusters.extend(&unsure);
            let regions: BTreeSet<String> =
                clusters.iter().filter_map(|it| inventory.get(*it).region.clone()).collect();
            let Some(first) = regions.iter().next().cloned() else {
                system.ask(id, "which clusters are its members, and where? none is in the inputs");
                continue;
            };
            let named = ["global_cluster_identifier", "multi_region_cluster_name_suffix"];
            let named =
                named.iter().find_map(|key| inventory.get(id).at(key).text()).unwrap_or(&inventory.get(id).name);
            let name = system.name(named);
            let mut part = Part::new(&name);
            part.push(if let Some(kind) = kind {
                Entry::from("kind", quoted(kind), &[id])
            } else {
                let question = format!("{service} stands here as an Aurora Global Database; which of its figures differ (lag, promotion, rebuilding)?");
                Entry::asked("kind", quoted("aurora-global"), question).of(&[id])
            });
            // The members of a multi-writer store are alike.
            let writer = if kind == Some("memorydb-multi-region") {
                None
            } else {
                let credentials = |it: &Id| inventory.get(*it).at("master_username").text().is_some();
                let own: Vec<&Id> = clusters.iter().filter(|it| credentials(it)).collect();
                let region = match own[..] {
                    [only] => inventory.get(*only).region.clone(),
                    _ => None,
                };
                part.push(match &region {
                    Some(region) => Entry::from("writer", quoted(region), &[*own[0]]),
                    None => Entry::asked("writer", quoted(&first), "which region has the writer?").of(&clusters),
                });
                Some(region.unwrap_or(first))
            };
            part.push(if regions.len() < 2 {
                let question = format!("where are the other copies of {name}? the inputs tell of one region");
                Entry::asked("regions", list(&regions), question).of(&clusters)
            } else if unsure.is_empty() {
                Entry::from("regions", list(&regions), &clusters)
            } else {
                let question = format!("are all of these members of {name}? the inputs do not tell of each");
                Entry::asked("regions", list(&regions), question).of(&clusters)
            });
            let mut ids = vec![id];
            ids.extend(clusters);
            keep(system, part, writer, regions, ids, false);
        }
        let alone = inventory.of(&[member]).into_iter().filter(|id| !system.fates.has(*id)).collect::<Vec<_>>();
        system.ask_all(
            &alone,
            &format!("a cluster of {service} in one region: which requests need it? (here: left out)"),
        );
    }
}
