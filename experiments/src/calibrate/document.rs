//! The document of `mrsim calibrate --format json` and of `calibration.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::fit::Observed;

use super::fragment::{guess, line};
use super::{Calibrated, Calibration, Kind, Outcome, Refused};
use crate::documents::{SCHEMA_VERSION, finite};
use crate::header::quantile_name;

/// The results of a calibration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CalibrationDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// The program's version.
    pub version: String,
    /// The list of keys and sources.
    pub list: String,
    /// The keys in the order of the list.
    pub keys: Vec<KeyDocument>,
}

/// A key and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct KeyDocument {
    /// Its path.
    pub key: String,
    /// The line of an experiment; of a refused key a guess, if there is one.
    pub toml: Option<String>,
    /// Why there is no distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The files.
    pub from: String,
    /// `incident`, `drill` or `metric`.
    pub kind: String,
    /// The family of the distribution.
    pub family: Option<String>,
    /// Independent observations that it is worth.
    pub observations: u64,
    /// Values that were read.
    pub values: usize,
    /// Those of them that ended too soon.
    pub stopped: usize,
    /// Quantiles in seconds.
    pub quantiles: Vec<QuantileDocument>,
    /// The value in seconds that the next observation exceeds once in a hundred times, all that is open taken into account.
    pub next_p99: Option<f64>,
    /// Statistic of Anderson and Darling.
    pub anderson_darling: Option<f64>,
    /// Share of samples of the law that fit as badly or worse.
    pub p: Option<f64>,
    /// What a reader must know.
    pub remarks: Vec<RemarkDocument>,
}

/// A quantile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct QuantileDocument {
    /// `p50`, `p99`.
    pub name: String,
    /// Its value in seconds.
    pub value: Option<f64>,
    /// Lower end of its interval of 95 %.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// The same quantile of the observations themselves.
    pub seen: Option<f64>,
}

/// A remark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemarkDocument {
    /// A stable name, such as `averages`.
    pub kind: String,
    /// A sentence without its full stop.
    pub words: String,
}

impl From<&Calibration> for CalibrationDocument {
    fn from(calibration: &Calibration) -> Self {
        let key = |outcome: &Outcome| match outcome {
            Outcome::Calibrated(found) => calibrated(found),
            Outcome::Refused(found) => refused(found),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: calibration.experiment.clone(),
            version: calibration.version.clone(),
            list: calibration.list.clone(),
            keys: calibration.outcomes.iter().map(key).collect(),
        }
    }
}

fn remarks(remarks: &[super::Remark]) -> Vec<RemarkDocument> {
    remarks.iter().map(|it| RemarkDocument { kind: it.kind.to_owned(), words: it.words.clone() }).collect()
}

fn calibrated(found: &Calibrated) -> KeyDocument {
    let quantile = |figure: &super::Figure| QuantileDocument {
        name: quantile_name(figure.p),
        value: finite(figure.value),
        low: figure.interval.and_then(|ends| finite(ends.0)),
        high: figure.interval.and_then(|ends| finite(ends.1)),
        seen: figure.seen,
    };
    KeyDocument {
        key: found.key.clone(),
        toml: Some(line(found)),
        refused: None,
        from: found.from.clone(),
        kind: kind(found.kind).to_owned(),
        family: Some(found.family.to_owned()),
        observations: found.observations,
        values: found.values,
        stopped: found.stopped,
        quantiles: found.figures.iter().map(quantile).collect(),
        next_p99: found.next_p99.and_then(finite),
        anderson_darling: found.plausibility.map(|it| it.statistic),
        p: found.plausibility.map(|it| it.p),
        remarks: remarks(&found.remarks),
    }
}

fn refused(found: &Refused) -> KeyDocument {
    KeyDocument {
        key: found.key.clone(),
        toml: guess(found),
        refused: Some(found.why.clone()),
        from: found.from.clone(),
        kind: kind(None).to_owned(),
        family: None,
        observations: 0,
        values: found.seen.len(),
        stopped: found.seen.iter().filter(|one| matches!(one, Observed::Above(_))).count(),
        quantiles: Vec::new(),
        next_p99: None,
        anderson_darling: None,
        p: None,
        remarks: remarks(&found.remarks),
    }
}

/// The word for where values come from.
pub(super) const fn kind(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Incident) => "incident",
        Some(Kind::Drill) => "drill",
        None => "metric",
    }
}
