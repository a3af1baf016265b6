//! What people have made of a record.

use crate::ids::RegionId;

/// What people have made of one record.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Steered {
    /// The region whose routing controls alone are on, and for which share, once an operator has flipped them.
    pub(super) on_only: Option<(RegionId, f64)>,
    /// The region to which the record was edited last, and for which share, seen or not.
    pub(super) edited_to: Option<(RegionId, f64)>,
    /// Shifts of a share that DNS sees, by routing controls and by edits.
    pub(super) partly_on: Option<(RegionId, f64)>,
    pub(super) partly_edited: Option<(RegionId, f64)>,
}
