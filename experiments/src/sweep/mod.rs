//! Sweeps: the same experiment with other settings, point by point.
//!
//! ```text
//! [sweep] of the file, --vary -> Axis (what is varied) -> Plan (which points)
//!   -> prepare: every point is opened before anything runs
//!   -> Runner: point by point, each a file of its own once it is done       (SweepFolder, if there is a folder)
//!   -> Results -> report::sweep                                                 terminal, CSV, JSON, charts
//! ```
//!
//! All points run the same trials under one seed, so that differences between them are differences between the settings.
//! What reports say follows from the points' results alone: a sweep that was killed and went on ends with the same bytes.

mod axis;
mod design;
mod document;
mod folder;
mod manifest;
mod plan;
mod point;
mod range;
mod run;
mod spec;
mod stored;

pub use crate::documents::Estimate;
pub use axis::{Axis, Values, shown};
pub use design::{DIMENSIONS, Design};
pub use document::{PointDocument, SweepDocument};
pub use folder::SweepFolder;
pub use plan::{MAX_POINTS, Misfit, Plan};
pub use point::Change;
pub use point::{Figures, PointAvailability, PointFigure, PointResult};
pub use range::{Scale, coordinate};
pub use run::{Prepared, Progress, Results, Runner, prepare};
pub use spec::SweepSpec;
pub(crate) use spec::{RootKeys, read};
pub use stored::{StoredSweep, stored};
