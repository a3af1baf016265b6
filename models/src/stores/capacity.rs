//! The capacity of a copy of a store.

use sim_settings::form::{Rate, Sub};
use sim_settings::{Key, Section, keys};

use crate::about::About;
use crate::needs::Access;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Capacity of stores",
    modelled: "reads and writes per second that every copy of a store carries (for each shard), beyond which it sheds; \
         reads that a cache does not answer, for whichever reason, and that load the store behind",
    not_modelled: "queues, answers that get slower under load, scaling of databases; load of replication on copies of other stores than \
         DynamoDB global tables, and of what a copy that was away catches up with",
    sources: "",
};

/// The capacity of every copy of a store, in accesses per second; infinite unless stated. More is shed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Reads.
    pub reads: f64,
    /// Writes.
    pub writes: f64,
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

impl Capacity {
    /// Reads the `capacity` of a `[stores.NAME]` of any kind.
    pub fn read(section: &mut Section<'_>) -> Self {
        let mut capacity = section.section(&CAPACITY);
        let mut most = |key: &Key<Option<Rate>>| capacity.as_mut().and_then(|it| it.get(key)).unwrap_or(f64::INFINITY);
        Self { reads: most(&READS), writes: most(&WRITES) }
    }

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
