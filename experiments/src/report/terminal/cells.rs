//! Estimates and refusals as cells of a table.

use sim_core::stats::Interval;

use crate::analyze::{Mean, Refusal};
use crate::units::{count, estimated_duration, whole};

/// A number of trials in words.
pub(in crate::report) fn trials(count: u64) -> String {
    if count == 1 { "1 trial".to_owned() } else { format!("{} trials", whole(count)) }
}

/// An estimated duration with its interval, on one line.
pub(in crate::report) fn on_one_line(quantile: &Result<Interval, Refusal>, at_least: Option<&Interval>) -> String {
    match quantile {
        Ok(estimate) => {
            let (value, low, high) = estimated_duration(estimate, at_least.unwrap_or(estimate));
            format!("{value} [{low}, {high}]")
        }
        Err(reason) => refusal(reason),
    }
}

/// A quantile's estimate above its interval; a refusal takes the same two lines.
pub(in crate::report) fn duration_cell(quantile: &Result<Interval, Refusal>, at_least: Option<&Interval>) -> String {
    match quantile {
        Ok(estimate) => {
            let (value, low, high) = estimated_duration(estimate, at_least.unwrap_or(estimate));
            format!("{value}\n{low}\u{2013}{high}")
        }
        Err(refusal) => stacked(refusal),
    }
}

pub(in crate::report) fn count_cell(mean: &Result<Mean, Refusal>) -> String {
    match mean {
        Ok(mean) => format!("{}\n\u{b1}{}", count(mean.interval.estimate), count(mean.standard_error)),
        Err(refusal) => stacked(refusal),
    }
}

/// A refusal that fits a cell of one line.
pub(in crate::report) fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoTrials => "no trials".to_owned(),
        Refusal::TooFewTrials { needed } => format!("needs {}", trials(*needed)),
        Refusal::TooFewOutages { needed } => format!("needs {} outages", whole(*needed)),
        Refusal::RarelyDown { down: 0, .. } => "never down".to_owned(),
        Refusal::RarelyDown { down, .. } => format!("only {} down", trials(*down)),
        Refusal::OneTrial => "needs 2 trials".to_owned(),
        Refusal::Censored { .. } => "unknown: some not back".to_owned(),
        Refusal::LimitBeyondHorizon { .. } => "limit beyond horizon".to_owned(),
    }
}

/// A refusal over two lines.
pub(in crate::report) fn stacked(refusal: &Refusal) -> String {
    self::refusal(refusal).replacen(' ', "\n", 1)
}
