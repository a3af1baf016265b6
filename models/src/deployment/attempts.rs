//! What a call meets: one attempt of it, and the part of all calls that a name leads to one place.

use crate::flow::Front;
use crate::ids::{CellId, RegionId};

/// What one attempt of a call meets.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) cell: CellId,
    pub(super) to: RegionId,
    /// The round trip, in seconds.
    pub(super) trip: f64,
    /// Whether anything arrives.
    pub(super) arrives: bool,
    pub(super) front: Front,
    pub(super) overload: f64,
}

/// What becomes of the calls that a name leads to one place.
#[derive(Debug)]
pub(super) struct Branch {
    /// Share of all calls.
    pub(super) share: f64,
    /// What a try meets; nothing where nobody answers that could be asked.
    pub(super) attempt: Option<Attempt>,
    /// Share of tries that get past the front, of those that fail, and of those that fail because they come too late.
    pub(super) served: f64,
    pub(super) fails: f64,
    pub(super) late: f64,
}

impl Branch {
    /// Who is told of nobody calls nobody.
    pub(super) const fn of_nobody(share: f64) -> Self {
        Self { share, attempt: None, served: 0.0, fails: 1.0, late: 0.0 }
    }
}
