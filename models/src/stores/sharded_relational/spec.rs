//! The keys of a database in shards, and their reading.

use sim_core::random::Distribution;
use sim_settings::form::{List, Name, Names};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, keys};

use super::Shards;
use crate::ids::{PopulationId, RegionId};
use crate::stores::aurora_global;
use crate::stores::replicated_log::{self, Place};
use crate::stores::{Others, Settings, Site};

keys! {
    /// The keys of this kind of store besides those of its log.
    struct ShardsKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions that hold a copy of every shard", "all regions");
        const SHARDS: Key<List<ShardKeys>> = Key::required("shards", "the shards: whose data each keeps, and where it is written");
    }
}
keys! {
    /// One shard.
    struct ShardKeys {
        const CLIENTS: Key<Names<PopulationId>> = Key::required("clients", "the populations whose data the shard keeps");
        const WRITER: Key<Name<RegionId>> = Key::required("writer", "the region that takes the shard's writes");
    }
}

/// One shard.
#[derive(Debug, Clone, PartialEq)]
pub struct Shard {
    /// Populations whose data it keeps.
    pub clients: Vec<PopulationId>,
    /// The region that takes its writes.
    pub writer: RegionId,
}

/// A database in shards.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// How each shard's log behaves; its writer is the shard's own.
    pub log: replicated_log::Parameters,
    /// The shards, at least one.
    pub shards: Vec<Shard>,
}

impl Settings for Parameters {
    type Service = Shards;
    const KIND: &'static str = "sharded-relational";
    const MEANING: &'static str = "Aurora clusters by population, each with a writer of its own";
    const KEYS: Layout = &[Listing::Keys(ShardsKeys::KEYS), Listing::Keys(aurora_global::LogKeys::KEYS)];
    const CONTROL_PLANE: &'static str = "RDS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = RegionId::all(names.len()).collect();
        }
        let place = Place { writer: regions[0], regions, zone: None };
        Self { log: aurora_global::read_log(section, place), shards: Vec::new() }
    }

    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let mut shards = section.sections(&SHARDS);
        for shard in &mut shards {
            let clients = shard.names(&CLIENTS, others.populations);
            let writer = shard.name(&WRITER, others.regions);
            if !self.log.place.regions.contains(&writer) {
                shard.reject("writer", others.regions[writer.index()].as_str(), "one of the store's own regions", None);
            }
            self.shards.push(Shard { clients, writer });
        }
        for (population, name) in PopulationId::all(others.populations.len()).zip(others.populations) {
            let count = self.shards.iter().filter(|shard| shard.clients.contains(&population)).count();
            if count != 1 && !shards.is_empty() {
                section.reject("shards", format!("{name} in {count} shards"), "every population in one of them", None);
            }
        }
        if self.shards.is_empty() {
            if section.has("shards") {
                section.reject("shards", "no shard", "at least one", None);
            }
            self.shards.push(Shard { clients: Vec::new(), writer: self.log.place.writer });
        }
    }

    fn writer(&self) -> Option<RegionId> {
        Some(self.shards.first().map_or(self.log.place.writer, |shard| shard.writer))
    }

    fn detaches(&self) -> bool {
        self.log.detach_time.is_some()
    }

    fn writers(&self) -> Vec<RegionId> {
        self.shards.iter().map(|shard| shard.writer).collect()
    }

    fn regions(&self) -> &[RegionId] {
        &self.log.place.regions
    }

    fn shards(&self) -> usize {
        self.shards.len()
    }

    fn shard_of(&self, population: PopulationId) -> usize {
        self.shards.iter().position(|shard| shard.clients.contains(&population)).unwrap_or(0)
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let writers: Vec<String> = self.shards.iter().map(|shard| region(shard.writer)).collect();
        format!("sharded Aurora, writers in {}, {}", writers.join(" and "), self.log.words(delay))
    }

    fn build(&self, site: Site<'_>) -> Shards {
        Shards::new(self, site)
    }
}
