//! Results as documents: the output of `--format json` and the files of results folders, which are read back from them.
//!
//! Each document is a struct, and its keys are the struct's fields in their order. JSON, the schema that
//! `mrsim schema --results` prints, and reading back follow from it. Durations are seconds. A value that is censored,
//! beyond the end of its trial, is `null`, and so is one that the sample cannot support, with the reason in words under
//! `refused`. Keys that a later version adds leave `schema-version` as it is and have a default where they are read; a key
//! that changes its meaning or goes raises it.
//!
//! This folder has the run's document and the parts that all documents share; [`crate::compare::ComparisonDocument`]
//! and [`crate::sweep::SweepDocument`] are in the folders of their verbs.

mod check;
mod cost;
mod estimate;
mod finding;
mod nervous;
mod run;

use std::io;

pub use check::CheckDocument;
pub use cost::{CostDocument, LineDocument, MoreDocument};
pub(crate) use estimate::finite;
pub use estimate::{DistributionDocument, Estimate, MeanEstimate};
pub use finding::FindingDocument;
pub use nervous::NervousDocument;
pub(crate) use run::no_writer;
pub use run::{
    AvailabilityDocument, CauseDocument, JourneyDocument, LatencyDocument, LossCount, MilestoneDocument,
    ObjectiveDocument, PopulationDocument, RunDocument, StoreDocument, Worst,
};
use serde::Serialize;

/// The version of the documents' shape.
pub const SCHEMA_VERSION: u32 = 1;

/// Writes a document on one line, so that several make JSON lines.
///
/// # Errors
/// Those of `out`.
pub fn write_line(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    out.write_all(b"\n")
}

/// Writes a document, indented, and a newline.
///
/// # Errors
/// Those of `out`.
pub fn write(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}
