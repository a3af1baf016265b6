//! One figure of all candidates side by side.

use sim_core::stats::Interval;

use super::figure::Figure;
use crate::analyze::Refusal;

/// One figure of all candidates.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureRow {
    /// Which.
    pub figure: Figure,
    /// Its estimate for each candidate.
    pub estimates: Vec<Result<Interval, Refusal>>,
    /// Lower bounds of these, for any values of the censored trials; none for a mean.
    pub at_least: Vec<Option<Interval>>,
}
