//! What a trial costs: failed requests, minutes down and lost writes, at the values that the file gives.

use super::estimate::{Mean, Refusal, Sample};
use crate::header::Header;
use crate::table::TrialTable;
use measure::{Journey, Store, Whole};

/// Seconds of a year of 365 days.
const YEAR: f64 = 365.0 * 86_400.0;

/// The cost of what goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentCost {
    /// The mean cost of a trial.
    pub trial: Result<Mean, Refusal>,
    /// Where faults come at a rate: how many trials make a year.
    pub trials_a_year: Option<f64>,
    /// Whether trials ended before all was over, so that their cost is at least so much.
    pub at_least: bool,
}

impl IncidentCost {
    /// The cost of these trials; nothing where the file gives no value.
    pub fn new(header: &Header, table: &TrialTable) -> Option<Self> {
        let values = header.bill.as_ref()?.values;
        if !values.any() {
            return None;
        }
        let mut costs = vec![0.0; table.len()];
        let mut add = |figures: &mut dyn Iterator<Item = f64>, value: f64| {
            for (cost, figure) in costs.iter_mut().zip(figures) {
                *cost += if figure.is_nan() { 0.0 } else { figure * value };
            }
        };
        let subjects = table.columns().subjects();
        if let Some(value) = values.failed_request {
            (0..subjects.journeys.len()).for_each(|place| add(&mut table.of(measure::FAILED, Journey(place)), value));
        }
        if let Some(value) = values.down_minute {
            let minutes = header.horizon / 60.0;
            add(&mut table.of(measure::OVERALL_AVAILABILITY, Whole).map(|up| (1.0 - up) * minutes), value);
        }
        if let Some(value) = values.lost_write {
            (0..subjects.stores.len()).for_each(|place| add(&mut table.of(measure::LOST, Store(place)), value));
        }
        Some(Self {
            trial: Sample::new(costs).mean(),
            trials_a_year: header.recurring.then_some(YEAR / header.horizon),
            at_least: table.of(measure::WORST_RECOVERY, Whole).any(f64::is_infinite),
        })
    }
}
