//! Estimates in documents.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use crate::analyze::{Estimates, LEVEL, Mean, Refusal};
use crate::header::quantile_name;

/// An estimate with the ends of its interval, or the reason why there is none. Without `refused`, `null` is a value
/// beyond the watched time: JSON has no infinity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The estimate.
    pub estimate: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Why there is no estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A number as JSON has it: no infinity, no NaN.
pub(crate) fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

impl From<Result<Interval, Refusal>> for Estimate {
    fn from(found: Result<Interval, Refusal>) -> Self {
        match found {
            Ok(Interval { estimate, low, high, .. }) => {
                Self { estimate: finite(estimate), low: finite(low), high: finite(high), refused: None }
            }
            Err(refusal) => Self { refused: Some(refusal.to_string()), ..Self::default() },
        }
    }
}

impl Estimate {
    /// The interval, infinite where it is censored; or the reason why there is none.
    ///
    /// # Errors
    /// The refusal in words.
    pub fn interval(&self) -> Result<Interval, &str> {
        if let Some(refused) = &self.refused {
            return Err(refused);
        }
        let [estimate, low, high] = [self.estimate, self.low, self.high].map(|value| value.unwrap_or(f64::INFINITY));
        Ok(Interval { estimate, low, high, level: LEVEL })
    }
}

/// A mean.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MeanEstimate {
    /// It and its interval.
    #[serde(flatten)]
    pub mean: Estimate,
    /// Its standard error.
    pub standard_error: Option<f64>,
}

impl From<Result<Mean, Refusal>> for MeanEstimate {
    fn from(found: Result<Mean, Refusal>) -> Self {
        Self {
            mean: found.map(|mean| mean.interval).into(),
            standard_error: found.ok().and_then(|mean| finite(mean.standard_error)),
        }
    }
}

/// The distribution of a figure over trials, or over outages where faults come again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DistributionDocument {
    /// How many trials have the figure.
    pub trials: u64,
    /// Share of values that are censored.
    pub censored: f64,
    /// Quantiles by their names: `p50`, `p99.9`.
    pub quantiles: IndexMap<String, Estimate>,
    /// The mean.
    pub mean: MeanEstimate,
    /// How many outages have the figure, where it is one of outages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outages: Option<u64>,
}

impl From<&Estimates> for DistributionDocument {
    fn from(found: &Estimates) -> Self {
        Self {
            trials: found.trials,
            censored: found.censored_share(),
            quantiles: found.quantiles.iter().map(|&(p, quantile)| (quantile_name(p), quantile.into())).collect(),
            mean: found.mean.into(),
            outages: found.outages,
        }
    }
}
