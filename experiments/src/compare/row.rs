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
    /// What each of these is at least, whatever the censored values would have been; nothing of a mean.
    pub at_least: Vec<Option<Interval>>,
}
