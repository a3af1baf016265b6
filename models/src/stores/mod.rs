//! The interface of every data store to the rest of the deployment.
//!
//! The flow solver asks a store whether a read or a write from a region works at this instant; the wiring tells it what
//! happened to places, which writes it acknowledges, and which steps a runbook takes.

mod ack_log;
pub mod aurora_dsql;
pub mod aurora_global;
mod backlog;
pub mod backups;
mod capacity;
pub mod documentdb_global;
pub mod dynamodb_global;
pub mod efs_replication;
pub mod elasticache_global;
pub mod instance_session;
mod kinds;
pub mod memorydb_multi_region;
pub mod queue;
pub mod rds_replica;
pub mod replicated_items;
pub mod replicated_log;
pub mod s3_replication;
mod service;
pub mod sharded_relational;
mod times;

use crate::cause::Cause;
use crate::ids::RegionId;
use crate::services::Graph;
use crate::world::World;

pub use ack_log::AckLog;
pub use backlog::Backlog;
pub use backups::{Backup, Backups, Restored};
pub use capacity::{ABOUT as CAPACITY, Capacity, Most};
pub(crate) use capacity::{Own, OwnStoresKeys, own};
pub(crate) use kinds::StoreTable;
pub use kinds::{Parameters, Store};
pub use service::{Service, Settings};
pub use times::Times;

/// Whether an access works at this instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    /// Share of accesses that work.
    pub share: f64,
    /// Why the others fail.
    pub cause: Cause,
    /// Whether a failing access hangs instead of failing at once.
    pub hangs: bool,
    /// The region whose copy does the work.
    pub at: RegionId,
}

impl Availability {
    /// It works, at that region's copy.
    pub const fn works(at: RegionId) -> Self {
        Self { share: 1.0, cause: Cause::Dependency, hangs: false, at }
    }

    /// It fails.
    pub const fn fails(cause: Cause, hangs: bool) -> Self {
        Self { share: 0.0, cause, hangs, at: RegionId::new(0) }
    }
}

/// An access that any copy can serve: the own region's, else the nearest one that answers.
pub fn nearest_copy(copies: &[RegionId], region: RegionId, world: &World) -> Availability {
    world.nearest(region, copies).map_or(Availability::fails(Cause::Dependency, false), Availability::works)
}

/// Acknowledged writes that a survivor lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Age of the oldest at the last acknowledgement, in seconds.
    pub seconds: f64,
    /// Gone for good.
    pub lost: f64,
    /// Come back with their region.
    pub stranded: f64,
    /// Came back and lost against newer writes.
    pub overwritten: f64,
    /// Reached the other side only after a partition.
    pub delayed: f64,
    /// Whether nothing took writes at the end: the writer was away, and no other had taken its place.
    pub no_writer: bool,
}

impl Loss {
    /// This and another part of what is missing, no write of which is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            seconds: self.seconds.max(other.seconds),
            lost: self.lost + other.lost,
            stranded: self.stranded + other.stranded,
            overwritten: self.overwritten + other.overwritten,
            delayed: self.delayed + other.delayed,
            no_writer: self.no_writer || other.no_writer,
        }
    }
}

/// Signals of a store.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// Accesses may work differently from now on.
    Changed,
    /// A region's copy is being made the writer.
    PromotionBegan {
        /// How.
        how: Promotion,
        /// The region.
        to: RegionId,
    },
    /// This region's copy is the writer now.
    Promoted(RegionId),
    /// This region's copy is a writer of its own now, which applications have yet to be told.
    Detached(RegionId),
    /// A promotion ended without effect.
    PromotionFailed {
        /// How.
        how: Promotion,
        /// The region.
        to: RegionId,
    },
    /// A switchover to this region waits until its copy is whole.
    SwitchOverWaits(RegionId),
    /// Applications of all regions that could be reached were told of a detached writer.
    Repointed,
    /// Copies have to be built anew from now on.
    RebuildsDue,
    /// This region's copy is being built anew from the writer.
    RebuildBegan(RegionId),
    /// This region's copy holds the log again.
    Rebuilt(RegionId),
    /// Every copy does.
    AllRebuilt,
    /// The writer in this region moves to another of its zones.
    FailsOver(RegionId),
    /// It goes on there.
    FailedOver(RegionId),
    /// This region knows the address of a writer that moved within its region.
    AddressUpdated(RegionId),
    /// This region writes to the present writer from now on.
    EndpointUpdated(RegionId),
    /// Requests of all regions go to the copy in this one from now on.
    Directed(RegionId),
    /// The writer in this region holds commits back from now on: no copy is close enough behind.
    CommitsHeld(RegionId),
    /// It takes them again.
    CommitsGoOn(RegionId),
    /// The store is being restored from a backup, to this region.
    RestoreBegan(RegionId),
    /// It is as it was at the restored point, with its writer in this region.
    Restored(RegionId),
    /// A restore to this region had no effect.
    RestoreFailed(RegionId),
}

/// How a region's copy is made the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Promotion {
    /// Managed failover: the writer's name follows.
    Failover,
    /// The copy is taken out of the global cluster and made a cluster of its own.
    Detach,
    /// Planned: waits for the copy to catch up, loses nothing.
    SwitchOver,
}

impl Promotion {
    /// The key of a runbook's step that does it.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Failover => "promote",
            Self::Detach => "detach",
            Self::SwitchOver => "switch-over",
        }
    }
}

/// A runbook's attempt to make the copy in a region the writer.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// How.
    pub how: Promotion,
    /// The region.
    pub to: RegionId,
    /// Whether it will succeed.
    pub effective: bool,
}

/// Where a store's component finds its place in the deployment.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The path that names its random streams.
    pub path: &'a str,
    /// Names of the regions.
    pub regions: &'a [String],
    /// Zones of each region.
    pub zones: &'a [usize],
    /// The master seed.
    pub seed: u64,
}

/// Names of other parts of the experiment that a store may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Others<'a> {
    /// Regions.
    pub regions: &'a [String],
    /// Stores.
    pub stores: &'a [String],
    /// Populations of clients.
    pub populations: &'a [String],
    /// Services.
    pub graph: &'a Graph,
}
