//! `mrsim schema --results`: JSON Schema (draft 2020-12) of the documents that `run`, `compare`, `sweep`, `advise`, `solve`,
//! `rare`, `calibrate`, `drill` and `check` write. It is made from the types of these documents.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::advise::AdviceDocument;
use crate::calibrate::CalibrationDocument;
use crate::compare::ComparisonDocument;
use crate::documents::{CheckDocument, RunDocument};
use crate::drill::DrillDocument;
use crate::rare::RareDocument;
use crate::solve::SolutionDocument;
use crate::sweep::SweepDocument;

/// Results of mrsim: what `--format json` prints and results folders keep.
#[derive(JsonSchema)]
#[schemars(untagged, title = "mrsim results")]
#[expect(dead_code, clippy::large_enum_variant, reason = "it stands for the schema of its variants")]
enum Results {
    /// `mrsim run --format json`, `summary.json`.
    Run(RunDocument),
    /// `mrsim compare --format json`, `comparison.json`.
    Comparison(ComparisonDocument),
    /// `mrsim sweep --format json`, `sweep.json`.
    Sweep(SweepDocument),
    /// `mrsim advise --format json`, `advice.json`.
    Advice(AdviceDocument),
    /// `mrsim solve --format json`, `solution.json`.
    Solution(SolutionDocument),
    /// `mrsim rare --format json`, `rare.json`.
    Rare(RareDocument),
    /// `mrsim calibrate --format json`, `calibration.json`.
    Calibration(CalibrationDocument),
    /// `mrsim drill --format json`, `bands.json`.
    Drill(DrillDocument),
    /// `mrsim check --format json`.
    Check(CheckDocument<'static>),
}

/// The schema of all of them.
pub fn results_schema() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Results>().to_value()
}
