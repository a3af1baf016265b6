//! The document of `mrsim drill --format json` and of `bands.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::fit::Observed;

use super::overlay::{Placed, Tested};
use super::{Drill, Row};
use crate::documents::{SCHEMA_VERSION, finite};
use crate::header::Header;

/// Predictions of a drill, and a measured one over them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct DrillDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// The program's version.
    pub version: String,
    /// Digest of the experiment.
    pub hash: String,
    /// The master seed.
    pub seed: u64,
    /// Trials that the bands rest on.
    pub trials: u64,
    /// The length of a trial in seconds.
    pub horizon: f64,
    /// Instants, counted from the fault.
    pub marks: Vec<BandDocument>,
    /// Durations between two marks.
    pub spans: Vec<BandDocument>,
    /// What the drill cannot show.
    pub limits: Vec<String>,
    /// Names to be filled in.
    pub placeholders: Vec<String>,
    /// Drills that were measured.
    pub drills: Option<usize>,
    /// The least coverage of a band of 95 % that so many drills inside of it leave possible.
    pub ruled_out_below: Option<f64>,
}

/// Predictions of a mark or a span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct BandDocument {
    /// The mark, or the mark at which the span ends.
    pub mark: String,
    /// The mark at which the span begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is.
    pub words: String,
    /// 5th percentile in seconds over trials in which it happens.
    pub p5: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// Share of trials in which it does not happen.
    pub never: f64,
    /// What was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<MeasuredDocument>,
    /// What the measurements of a span say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// The probability that measurements of the predicted law lie as far to one side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The same with regard to how many spans are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_adjusted: Option<f64>,
    /// The chance that as many drills would show durations that are twice as long as predicted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<f64>,
}

/// A measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MeasuredDocument {
    /// The drill.
    pub drill: String,
    /// Seconds, at least.
    pub low: f64,
    /// Seconds, at most; `null` for one that was stopped.
    pub high: Option<f64>,
    /// The share of predictions below it.
    pub place: Option<f64>,
}

fn measured(placed: &[Placed]) -> Vec<MeasuredDocument> {
    let one = |placed: &Placed| MeasuredDocument {
        drill: placed.drill.clone(),
        low: placed.at.low(),
        high: match placed.at {
            Observed::Above(_) => None,
            other => finite(other.high()),
        },
        place: finite(placed.place),
    };
    placed.iter().map(one).collect()
}

impl DrillDocument {
    /// The document of a drill.
    pub fn new(drill: &Drill, header: &Header) -> Self {
        let band = |mark: &str, from: Option<&str>, words: &str, row: &Row| BandDocument {
            mark: mark.to_owned(),
            from: from.map(str::to_owned),
            words: words.to_owned(),
            p5: row.quantile(0.05),
            p50: row.quantile(0.5),
            p95: row.quantile(0.95),
            never: row.never,
            measured: Vec::new(),
            verdict: None,
            p: None,
            p_adjusted: None,
            power: None,
        };
        let overlay = drill.overlay.as_ref();
        let marks = drill.play.marks.iter().zip(&drill.bands.marks).enumerate().map(|(index, (mark, row))| {
            let mut band = band(&mark.1, None, &mark.2, row);
            band.measured = overlay.map_or_else(Vec::new, |it| measured(&it.marks[index]));
            band
        });
        let names = |index: usize| drill.play.marks[index].1.as_str();
        let spans = drill.play.spans.iter().zip(&drill.bands.spans).enumerate().map(|(index, (span, row))| {
            let mut band = band(names(span.to), Some(names(span.from)), &span.words, row);
            if let Some(Tested { placed, p, adjusted, verdict, power, .. }) = overlay.map(|it| &it.spans[index]) {
                band.measured = measured(placed);
                band.verdict = Some(verdict.word().to_owned());
                (band.p, band.p_adjusted, band.power) = (*p, *adjusted, power.map(|power| power.0));
            }
            band
        });
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: header.name.clone(),
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            trials: drill.bands.trials,
            horizon: drill.bands.horizon,
            marks: marks.collect(),
            spans: spans.collect(),
            limits: drill.limits.clone(),
            placeholders: drill.placeholders.clone(),
            drills: overlay.map(|it| it.drills.len()),
            ruled_out_below: overlay.map(|it| it.ruled_out_below),
        }
    }
}
