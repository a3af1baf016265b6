//! What is not known, as results keep it: how far the guesses and the samples behind an experiment move its objectives,
//! and which of them do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The outcome of running an experiment with many sets of its uncertain figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Unknown {
    /// How many sets of figures ran.
    pub sets: u64,
    /// How many trials each of them ran, the same ones.
    pub trials: u64,
    /// The objectives, or the p99 of the recovery time where there are none.
    pub objectives: Vec<Judged>,
    /// The figures that were varied, in the order of the file.
    pub figures: Vec<Varied>,
    /// Trials in which each figure was tried by itself at both ends of what is believed of it, to see whether it matters.
    pub probed: u64,
    /// Guesses that are choices and no numbers: they were not varied.
    pub choices: Vec<String>,
}

/// A figure that was varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Varied {
    /// Its key path.
    pub path: String,
    /// Other keys that rest on the same guess, and were varied with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// What is believed of it: a band, or so many observations.
    pub belief: String,
    /// The lowest value that was tried, of a distribution its median; seconds, or plain.
    pub low: f64,
    /// The highest value that was tried.
    pub high: f64,
    /// Whether neither end of what is believed of it changed any of the trials in which it was tried by itself.
    pub idle: bool,
    /// In how many sets it kept its own value, since the one that was drawn does not go together with other settings.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub held: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// An objective under what is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Judged {
    /// `rto.p99`, `availability`.
    pub name: String,
    /// Where the quantile lies by chance alone, if the figures are what the file says; in seconds, or a share.
    pub by_chance: Ends,
    /// Where it lies with what is not known of the figures as well.
    pub with_unknown: Ends,
    /// Why there are no such intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The assumption without which the objective is not met, if it is met by chance alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The part of the variance between the sets that is chance, and no matter of figures.
    pub chance_share: f64,
    /// The figures by their shares of the rest of the variance, the largest first.
    pub shares: Vec<Share>,
    /// What measuring the first of them would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
}

/// The ends of an interval; nothing where an end is beyond the watched time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ends {
    /// Lower end.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

impl Ends {
    /// The ends as numbers, infinite beyond the watched time.
    pub fn numbers(self) -> (f64, f64) {
        (self.low.unwrap_or(f64::INFINITY), self.high.unwrap_or(f64::INFINITY))
    }
}

/// The share of a figure in the variance of an objective's quantile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Share {
    /// The figure's key path.
    pub path: String,
    /// By itself, whatever the others are: the first-order index of Sobol.
    pub share: f64,
    /// Standard error of that.
    pub error: f64,
    /// With everything that it does together with others: the total index. With `--ledger full`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<f64>,
    /// Standard error of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_error: Option<f64>,
}

/// The assumption that a verdict hangs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Condition {
    /// The figure's key path.
    pub path: String,
    /// Up to which value, or from which on, the objective is met, as one writes it; nothing where no value of this figure
    /// alone decides.
    pub limit: Option<String>,
    /// Whether larger values are the bad ones.
    pub at_most: bool,
    /// Whether the value is the median of a distribution.
    pub median: bool,
}

/// What further observations of a figure would do to an interval, if they come out as the file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct After {
    /// The figure's key path.
    pub path: String,
    /// How many observations.
    pub observations: u64,
    /// Where the quantile would lie then.
    pub interval: Ends,
}
