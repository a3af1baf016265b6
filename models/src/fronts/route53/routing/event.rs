//! Events and signals of the routing.

use crate::ids::{GuardId, RecordId, RegionId};

/// Events of the routing.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// DNS sees what a guard says.
    VerdictSeen {
        /// The guard.
        guard: GuardId,
        /// What it says.
        healthy: bool,
    },
    /// DNS sees routing controls of a record that were flipped.
    ControlsSeen {
        /// The record.
        record: RecordId,
        /// Which step of people did that.
        step: u32,
    },
    /// DNS sees that a region is let back into a record.
    ReadmissionSeen {
        /// The record.
        record: RecordId,
        /// Which step of people did that.
        step: u32,
        /// The region.
        region: RegionId,
    },
    /// An edit of a record is visible.
    EditSeen {
        /// The record.
        record: RecordId,
        /// Which step of people did that.
        step: u32,
    },
    /// Edits of records are redirected.
    EditsRedirected,
    /// A region has been out for so long that its endpoint counts as one without a healthy target.
    TargetsLost {
        /// The region.
        region: RegionId,
    },
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// Answers may differ from now on.
    Changed,
    /// A record takes an answer for healthy from now on, or no longer; or it has it from now on, or no longer.
    Turned {
        /// The record.
        record: RecordId,
        /// The answer's number.
        answer: usize,
        /// Whether it may answer with it from now on.
        usable: bool,
        /// By what.
        by: By,
    },
    /// A record leads this share of its traffic to the endpoints of a region alone from now on.
    Shared {
        /// The record.
        record: RecordId,
        /// The region.
        to: RegionId,
        /// The share.
        share: f64,
        /// By what.
        by: By,
    },
    /// Edits of records are redirected from now on, or no longer.
    EditsRedirected(bool),
    /// Whether a region's endpoint counts as one without a healthy target because the region is out has changed.
    TargetsLost(RegionId),
}

/// What made a record change its mind about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// This, which guards the answer.
    Guard(GuardId),
    /// The record that it leads to has no healthy answer any more, or has one again.
    Record,
    /// A routing control.
    Control,
    /// An edit of the record.
    Edit,
    /// Nobody has let it back since it turned unhealthy, or somebody has.
    Bar,
    /// Nobody has let it back, and no other answer of the record is healthy any more.
    BarsIgnored,
}
