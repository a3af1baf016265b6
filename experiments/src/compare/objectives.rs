//! The objectives of each candidate.

use super::outcomes::Outcomes;
use crate::analyze::{Assessed, Budget};
use crate::header::{Header, Indicator, Measured, Of};

/// The objectives of one candidate, held against its own trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Objectives {
    /// Those on quantiles. Where faults recur those on recovery times are about outages, of which a comparison keeps the
    /// longest of each trial alone: they are left out.
    pub assessed: Vec<Assessed>,
    /// Those on availability, that of all journeys together first.
    pub budgets: Vec<Budget>,
    /// How many are left out.
    pub left_out: usize,
}

impl Objectives {
    pub(super) fn new(header: &Header, outcomes: &Outcomes) -> Self {
        let kept = |indicator| !(indicator == Indicator::Rto && header.recurring);
        let own = header.objectives.iter().filter(|objective| kept(objective.indicator));
        let assessed: Vec<Assessed> = own.map(|objective| outcomes.assessed(objective)).collect();
        let budget = |objective: (Of, f64)| {
            let measured = Measured { indicator: Indicator::Availability, of: objective.0 };
            Budget::of_shares(outcomes.observed(measured).values, outcomes.horizon, objective)
        };
        Self {
            left_out: header.objectives.len() - assessed.len(),
            assessed,
            budgets: header.availabilities().map(budget).collect(),
        }
    }
}
