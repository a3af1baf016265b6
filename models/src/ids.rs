//! Numbers of the parts of a deployment, each sort a type of its own, so that none can stand where another is meant.
//!
//! A number is the place of the part in the file, and its index in the lists of the topology.

use sim_settings::form::{Defined, Thing};

/// Numbers of one sort of parts.
pub trait Id: Copy + Ord {
    /// The number of the part at this index.
    fn at(index: usize) -> Self;

    /// Its index.
    fn index(self) -> usize;
}

/// Indices of what has no sort of its own.
impl Id for usize {
    #[inline]
    fn at(index: usize) -> Self {
        index
    }

    #[inline]
    fn index(self) -> usize {
        self
    }
}

/// Declares the number of each sort of parts and, where a file refers to them by name, the word for them, where a file
/// defines them, and an example.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $(: $word:literal, $under:literal, $example:literal)?;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(usize);

            impl $name {
                /// The number of the part at this index.
                #[inline]
                pub const fn new(index: usize) -> Self {
                    Self(index)
                }

                /// Its index.
                #[inline]
                pub const fn index(self) -> usize {
                    self.0
                }

                /// The first so many.
                #[inline]
                pub fn all(count: usize) -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator + Clone {
                    (0..count).map(Self)
                }
            }

            impl Id for $name {
                #[inline]
                fn at(index: usize) -> Self {
                    Self(index)
                }

                #[inline]
                fn index(self) -> usize {
                    self.0
                }
            }

            impl From<usize> for $name {
                fn from(index: usize) -> Self {
                    Self(index)
                }
            }

            $(impl Defined for $name {
                const THING: Thing = Thing { word: $word, under: $under, example: $example };
            })?
        )+
    };
}

ids! {
    /// A population as far as it asks for one name.
    StrandId;
    /// A region of the deployment.
    RegionId: "region", "regions", "eu-west-1";
    /// A place that requests are led to: first the fronts of the regions, in their order; behind them those of other services
    /// that clients enter, pages, and nowhere.
    PlaceId;
    /// An endpoint behind an accelerator.
    MemberId;
    /// A store.
    StoreId: "store", "stores", "orders";
    /// A service of the graph.
    ServiceId: "service", "services", "payment";
    /// A service in a region. The cells of the service that clients enter come first, in the order of the regions.
    CellId;
    /// A need with a memory or a sight of its own.
    SiteId;
    /// The callers of a service, in all of its regions, that go through a name.
    CallersId;
    /// A journey.
    JourneyId: "journey", "journeys", "checkout";
    /// A population of clients.
    PopulationId: "population of clients", "clients", "europe";
    /// An alarm.
    AlarmId: "alarm", "alarms", "checkout-errors";
    /// A name that clients resolve.
    NameId: "name", "names", "www";
    /// A record that answers.
    RecordId: "record", "records", "world";
    /// A health check of Route 53.
    CheckId: "health check", "health-checks", "us-web";
    /// What an answer's health goes by: a check, the health of targets, or both.
    GuardId;
    /// A runbook.
    RunbookId;
    /// A fault.
    FaultId;
}

impl PlaceId {
    /// The front of a region.
    #[inline]
    pub const fn of(region: RegionId) -> Self {
        Self(region.0)
    }
}

/// The first regions, for tests.
#[cfg(test)]
pub(crate) const R: [RegionId; 4] = [RegionId(0), RegionId(1), RegionId(2), RegionId(3)];
