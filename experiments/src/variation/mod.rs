//! The variation of a sweep: keys, their values, and the points that follow.
//!
//! ```text
//! [sweep] of the file, --vary -> Axis (one key, its values or its Range) -> Design (how points are laid out) -> Plan (the points)
//! ```
//!
//! `[solve]` has its own keys and values: [`SolveSpec`].
//!
//! Nothing here opens or runs an experiment: [`crate::sweep`] does.

mod axis;
mod design;
mod plan;
mod range;
mod solve;
mod spec;

pub use axis::{Axis, Values, shown};
pub(crate) use design::places;
pub use design::{DIMENSIONS, Design};
pub use plan::{MAX_POINTS, Misfit, Plan};
pub use range::{Range, Scale, coordinate};
pub use solve::{ChanceTarget, Choice, Goal, SolveSpec};
pub(crate) use solve::{SolveRootKeys, Subjects, read as read_solve};
pub use spec::SweepSpec;
pub(crate) use spec::{RootKeys, read};
