//! How far a turn of a runbook is, and how it ends.

use std::ops::Range;

use crate::ids::RegionId;
use crate::runbooks::Lack;

/// What became of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::runbooks) enum Went {
    /// It goes on, or waits.
    On,
    /// It waits for these other turns, which are to begin.
    Forks(Range<usize>),
    /// It is at its end.
    Ends(End),
}

/// How a turn ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::runbooks) enum End {
    /// All steps are done.
    Through,
    /// What it is about is up again.
    StoodDown,
    /// A step is out of retries.
    Stopped,
}

/// How far a turn is with its present step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stage {
    /// It has not begun, or is at its end.
    Idle,
    /// It waits for something that the step needs.
    Waiting(Lack),
    /// It is about to learn whether it has to wait for the plane of a promotion; `said` if it has said so already.
    Asking { said: bool },
    /// People are at it; they do not depend on any region.
    People,
    /// Automation is at it in this region.
    Working { host: RegionId },
    /// A promotion or a restore is under way, watched from this region.
    Promoting { host: RegionId },
    /// It rests: people will try again, or have to notice first that the wrong thing was done.
    Pausing,
    /// Other turns are under way that it waits for.
    Forked,
}
