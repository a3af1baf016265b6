//! The two sides of a threshold: how often traffic moves for nothing, and how soon something real is noticed.

use sim_core::stats::{Interval, rate};

use super::estimate::{LEVEL, Refusal, Sample};
use crate::table::TrialTable;
use measure::Whole;

/// Seconds of a mean year of 365.25 days.
const YEAR: f64 = 365.25 * 86_400.0;
/// The share of trials in which something real is noticed by the time that is told.
const MOST: f64 = 0.95;

/// What checks make of blips, and of what is real.
#[derive(Debug, Clone, PartialEq)]
pub struct Nervousness {
    /// False failovers in a year without any fault but blips, if every blip has a rate.
    pub false_failovers: Result<Interval, Refusal>,
    /// Seconds from the first real fault within which 95 % of the trials with one notice it; infinite where more than the rest
    /// do not by their end.
    pub noticed: Result<Interval, Refusal>,
}

impl Nervousness {
    /// Of these trials, where faults include blips.
    pub fn new(table: &TrialTable) -> Option<Self> {
        if !table.columns().subjects().blips {
            return None;
        }
        let counts: Vec<(f64, f64)> =
            table.of(measure::FALSE_FAILOVERS, Whole).zip(table.of(measure::QUIET, Whole)).collect();
        let found = if table.columns().subjects().blips_recur {
            rate(counts.iter().copied(), LEVEL).ok_or(Refusal::NoTrials)
        } else {
            Err(Refusal::NoRate)
        };
        let noticed = Sample::new(table.of(measure::NOTICED, Whole));
        Some(Self {
            false_failovers: found.map(|found| Interval {
                estimate: found.estimate * YEAR,
                low: found.low * YEAR,
                high: found.high * YEAR,
                level: found.level,
            }),
            noticed: noticed.quantile(MOST),
        })
    }
}
