//! What users saw over time: the share of requests that succeeded, over many trials at once.

/// S(t) of every journey over a grid of instants, as percentiles over trials.
#[derive(Debug, Clone, PartialEq)]
pub struct SuccessCurves {
    /// How many trials the percentiles are over.
    pub trials: u64,
    /// The grid, in seconds from the first fault; negative before it.
    pub times: Vec<f64>,
    /// For each journey and instant the 5th percentile, the median and the 95th percentile.
    pub journeys: Vec<Vec<[f64; 3]>>,
    /// The faults: each with its name, its start in seconds from the first fault, and its end if it has one (medians).
    pub faults: Vec<(String, f64, Option<f64>)>,
}
