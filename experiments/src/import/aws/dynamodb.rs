//! `DynamoDB` tables, and the three ways in which the provider writes their replicas.

use std::collections::{BTreeMap, BTreeSet};

use super::rds::keep;
use crate::import::draft::{Entry, list, quoted};
use crate::import::resource::Id;
use crate::import::system::{Part, System};
use crate::import::tree::Tree;

const TABLE: [&str; 1] = ["aws_dynamodb_table"];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    let extra = inventory.back(&["aws_dynamodb_table_replica"], "global_table_arn", &TABLE);
    // The first version of global tables joins tables of one name.
    let mut joined: BTreeMap<String, Id> = BTreeMap::new();
    for id in inventory.of(&["aws_dynamodb_global_table"]) {
        if let Some(name) = inventory.get(id).at("name").text() {
            joined.insert(name.to_owned(), id);
        }
    }
    let mut by_name: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let mut inside: BTreeMap<String, Id> = BTreeMap::new();
    for id in inventory.of(&TABLE) {
        let table = inventory.get(id);
        // Terraform locks its states with such a table: no request of a user needs it.
        if table.at("hash_key").text() == Some("LockID") {
            system.fates.left(id, "a table of locks, which no request needs");
            continue;
        }
        let name = table.at("name").text().filter(|name| joined.contains_key(*name));
        match name {
            Some(name) => {
                let first = *inside.entry(name.to_owned()).or_insert(id);
                by_name.entry(first).or_default().push(id);
            }
            None => by_name.entry(id).or_default().push(id),
        }
    }
    for (id, tables) in by_name {
        let table = inventory.get(id);
        let mut ids = tables.clone();
        let mut regions: BTreeSet<String> = tables.iter().filter_map(|it| inventory.get(*it).region.clone()).collect();
        let home = table.region.clone();
        let mut unknown = matches!(table.at("replica"), Tree::Unknown);
        for replica in table.at("replica").items() {
            match replica.at("region_name").text() {
                Some(region) => {
                    regions.insert(region.to_owned());
                }
                None => unknown = true,
            }
        }
        for replica in extra.get(&id).into_iter().flatten() {
            regions.extend(inventory.get(*replica).region.clone());
            ids.push(*replica);
        }
        if let Some(global) = table.at("name").text().and_then(|name| joined.get(name)) {
            ids.push(*global);
            let named =
                inventory.get(*global).at("replica").items().iter().filter_map(|it| it.at("region_name").text());
            regions.extend(named.map(str::to_owned));
        }
        if regions.is_empty() {
            continue;
        }
        let name = system.name(table.at("name").text().unwrap_or(&table.name));
        let mut part = Part::new(&name);
        part.push(Entry::from("kind", quoted("dynamodb-global-table"), &tables));
        let ordered = home.iter().chain(regions.iter().filter(|region| Some(*region) != home.as_ref()));
        let value = list(ordered);
        part.push(if unknown {
            Entry::asked(
                "regions",
                value,
                format!("which regions have a copy of {name}? the input does not tell all of them"),
            )
            .of(&ids)
        } else {
            Entry::from("regions", value, &ids)
        });
        let strong = |tree: &Tree| tree.at("consistency_mode").text() == Some("STRONG");
        if strong(&table.attributes) || table.at("replica").items().iter().any(strong) {
            part.push(Entry::from("consistency", quoted("strong"), &[id]));
            let witness = ["global_table_witness.region_name", "global_table_witness.0.region_name"];
            if let Some(witness) = witness.iter().find_map(|path| table.at(path).text()) {
                regions.insert(witness.to_owned());
                part.push(Entry::from("witness", quoted(witness), &[id]));
            }
        }
        keep(system, part, None, regions, ids, false);
    }
}
