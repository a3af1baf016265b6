//! What fleets of instances, tasks and pods have in common: members, their sizes, the hosts under them, the rate at which a
//! region launches, and target tracking. The rules by which each kind starts, replaces and scales are its own.

mod hosts;
mod housed;
mod launches;
mod members;
mod pool;
mod size;
mod target_tracking;
mod tracked;

pub use launches::{Bucket, Granted, LaunchDue, Launches, Request};
pub use members::{Failure, Members};
pub use pool::{HostEvent, HostPool};
pub use target_tracking::Scaling;

pub(super) use hosts::{Hosts, State as HostState};
pub(super) use housed::{House, Housed};
pub(super) use members::{Notice, Stage};
pub(super) use pool::{Place, Pool};
pub(super) use size::{Size, SizeKeys};
pub(super) use target_tracking::{Datapoint, Tracking, Verdict};
pub(super) use tracked::Tracked;

/// Signals of a fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A member was ordered.
    Ordered(usize),
    /// An attempt to launch failed, for want of capacity or of something that it needs.
    LaunchFailed(usize),
    /// A member started: register it.
    Launched(usize),
    /// A member waits for its replacement: take it out of rotation.
    Withdrawn(usize),
    /// A member is gone: deregister it.
    Terminated(usize),
    /// The desired size changed.
    Resized(u64),
    /// A launch asks for its turn in the region.
    Asks {
        /// The member.
        member: usize,
        /// Its birth.
        born: u64,
    },
    /// The launch of a host asks for its turn in the region.
    HostAsks {
        /// The host.
        host: usize,
        /// Its birth.
        born: u64,
    },
    /// So many hosts were ordered, because members do not find room.
    HostsOrdered(u64),
    /// A host is ready for members.
    HostReady(usize),
}
