//! The deployment as reports draw it.

use models::deployment::Topology;

use super::words;
use crate::run::story::{Map, Region, Store};

pub(super) fn map(topology: &Topology) -> Map {
    let lines = words::topology(topology);
    let said =
        |wanted: &'static str| lines.iter().filter(move |(kind, _)| *kind == wanted).map(|(_, text)| text.as_str());
    // A sentence about a part begins with its name.
    let about =
        |text: &str, name: &str| text.strip_prefix(name).map_or(text, |rest| rest.trim_start_matches(": ")).to_owned();
    let regions = topology
        .regions
        .iter()
        .zip(said("region"))
        .map(|(region, text)| Region { name: region.name.clone(), stack: about(text, &region.name) });
    let stores = topology.stores.iter().zip(said("store")).map(|(store, text)| Store {
        name: store.name.clone(),
        service: about(text, &store.name),
        copies: store.parameters.regions().to_vec(),
        writer: store.parameters.writer(),
        from: store.parameters.replicates_from(),
    });
    Map {
        regions: regions.collect(),
        door: said("edge").chain(said("routing")).collect::<Vec<_>>().join("; "),
        populations: topology.clients.iter().map(|clients| clients.name.clone()).collect(),
        stores: stores.collect(),
    }
}
