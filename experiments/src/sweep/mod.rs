//! Sweeps: the same experiment with other settings, point by point.
//!
//! ```text
//! variation::Plan (which points)
//!   -> prepare: every point is opened before anything runs
//!   -> Runner: point by point, each a file of its own once it is done       (SweepFolder, if there is a folder)
//!   -> Results -> report::sweep                                                 terminal, CSV, JSON, charts
//! ```
//!
//! A shard does this for some of the points, into a part of the sweep ([`MergedSweep`] puts the parts together).
//!
//! All points run the same trials under one seed, so that differences between them are differences between the
//! settings. Reports depend on the results of the points alone: a sweep that was killed and went on ends with the same
//! bytes.

mod document;
mod folder;
mod manifest;
mod part;
mod point;
mod prepared;
mod requests;
mod results;
mod runner;
mod stored;

pub use crate::documents::Estimate;
pub use document::{PointDocument, SweepDocument};
pub use folder::SweepFolder;
pub use part::MergedSweep;
pub use point::Change;
pub use point::{Figures, PointAvailability, PointCost, PointFigure, PointResult};
pub use prepared::{Prepared, prepare};
pub use results::Results;
pub use runner::{Progress, Runner};
pub use stored::{StoredSweep, stored};
