//! The capacity of a copy of a store.

use sim_settings::form::{Named, Rate, Sub, Table};
use sim_settings::{Entry, Key, Keys as _, Layout, Listing, Node, Section, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::needs::Access;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Capacity of stores",
    modelled: "reads and writes per second that every copy of a store carries (for each shard), the same everywhere or by region, beyond which it sheds; \
         reads that a cache does not answer, for whichever reason, and that load the store behind",
    not_modelled: "queues, answers that get slower under load, scaling of databases; load of replication on copies of other stores than \
         DynamoDB global tables, and of what a copy that was away catches up with",
    sources: "",
};

/// What a copy of a store carries, in accesses per second; infinite unless stated. More is shed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Most {
    /// Reads.
    pub reads: f64,
    /// Writes.
    pub writes: f64,
}

/// The capacity of the copies of a store.
#[derive(Debug, Clone, PartialEq)]
pub struct Capacity {
    /// Of those whose regions say nothing else.
    pub common: Most,
    /// Of the others.
    pub own: Vec<(RegionId, Most)>,
}

keys! {
    /// The capacity of stores of any kind.
    pub(crate) struct CapacityKeys {
        const CAPACITY: Key<Option<Sub<MostKeys>>> = Key::optional("capacity", "what every copy carries before it sheds", "every copy carries everything");
    }
}
keys! {
    /// The capacity of a copy.
    struct MostKeys {
        const READS: Key<Option<Rate>> = Key::optional("reads", "reads per second", "all reads").above(0.0);
        const WRITES: Key<Option<Rate>> = Key::optional("writes", "writes per second", "all writes").above(0.0);
    }
}
keys! {
    /// What a region says of stores that have a copy there.
    pub(crate) struct OwnStoresKeys {
        const OWN_STORES: Key<Option<Named<OwnStoreTable>>> = Key::optional("stores", "what is different about the copies of stores in this region", "nothing")
            .example("{ orders = { capacity = { writes = 500 } } }");
    }
}
keys! {
    /// What a region says of a store's copy.
    struct OwnCapacityKeys {
        const OWN_CAPACITY: Key<Option<Sub<OwnMostKeys>>> = Key::optional("capacity", "what the copy here carries before it sheds", "what the store's other copies carry");
    }
}
keys! {
    /// The capacity of one region's copy.
    struct OwnMostKeys {
        const OWN_READS: Key<Option<Rate>> = Key::optional("reads", "reads per second", "as many as the store's other copies").above(0.0);
        const OWN_WRITES: Key<Option<Rate>> = Key::optional("writes", "writes per second", "as many as the store's other copies").above(0.0);
    }
}

/// What a region says of a store.
enum OwnStoreTable {}

impl Table for OwnStoreTable {
    const LAYOUT: Layout = &[Listing::Keys(OwnCapacityKeys::KEYS)];
}

/// The same as it is read, before it is known which stores there are.
pub(crate) struct Own<'a> {
    /// The store's name, and where it stands.
    pub(crate) entry: &'a Entry,
    /// The path of the table.
    pub(crate) path: String,
    reads: Option<f64>,
    writes: Option<f64>,
}

/// What a region says of its copies of stores.
pub(crate) fn own<'a>(region: &mut Section<'a>) -> Vec<Own<'a>> {
    let written = region.written_node(OWN_STORES.name);
    let entries = written.into_iter().flat_map(Node::entries);
    let sections = region.named(&OWN_STORES);
    let read = |(entry, (_, mut section)): (&'a Entry, (String, Section<'a>))| {
        let mut capacity = section.section(&OWN_CAPACITY);
        let mut most = |key: &Key<Option<Rate>>| capacity.as_mut().and_then(|it| it.get(key));
        Own { entry, path: section.path(), reads: most(&OWN_READS), writes: most(&OWN_WRITES) }
    };
    entries.zip(sections).map(read).collect()
}

impl Capacity {
    /// Reads the `capacity` of a `[stores.NAME]` of any kind.
    pub fn read(section: &mut Section<'_>) -> Self {
        let mut capacity = section.section(&CAPACITY);
        let mut most = |key: &Key<Option<Rate>>| capacity.as_mut().and_then(|it| it.get(key)).unwrap_or(f64::INFINITY);
        Self { common: Most { reads: most(&READS), writes: most(&WRITES) }, own: Vec::new() }
    }

    /// Notes what a region says of its copy.
    pub(crate) fn note(&mut self, region: RegionId, own: &Own<'_>) {
        let Most { reads, writes } = self.common;
        self.own.push((region, Most { reads: own.reads.unwrap_or(reads), writes: own.writes.unwrap_or(writes) }));
    }

    /// Of the copy in a region.
    pub fn at(&self, region: RegionId) -> Most {
        self.own.iter().find(|(own, _)| *own == region).map_or(self.common, |(_, most)| *most)
    }

    /// The least that a copy carries, in accesses per second.
    pub fn least(&self, access: Access) -> f64 {
        self.own.iter().map(|(_, most)| most.of(access)).fold(self.common.of(access), f64::min)
    }

    /// Every copy carries so many accesses per second.
    pub fn let_all_carry(&mut self, access: Access, most: f64) {
        for own in self.own.iter_mut().map(|(_, own)| own).chain([&mut self.common]) {
            match access {
                Access::Read => own.reads = most,
                Access::Write => own.writes = most,
            }
        }
    }

    /// Whether any copy has one.
    pub fn any(&self) -> bool {
        self.common.any() || self.own.iter().any(|(_, most)| most.any())
    }
}

impl Most {
    /// The one for this kind of access.
    pub const fn of(&self, access: Access) -> f64 {
        match access {
            Access::Read => self.reads,
            Access::Write => self.writes,
        }
    }

    /// Whether there is any.
    pub const fn any(&self) -> bool {
        self.reads.is_finite() || self.writes.is_finite()
    }
}
