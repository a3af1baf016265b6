//! Running trials: over threads, in batches, until enough is known or somebody says stop.
//!
//! - [`Trials`] is what can be run: the assembled model, seen as rows of figures.
//! - [`run_trials`] runs a range of it over threads; the table that comes back has the same bytes for any number of
//!   threads, because a trial is a pure function of its number and rows are collected in trial order.
//! - [`run_until`] does the same until a rule that sees only whole batches is satisfied ([`Precision`] is that rule for
//!   `--precision`).
//! - [`Stop`] is the request to end early: what is finished is kept, as an unbroken prefix of the range.

mod batches;
mod collector;
mod curves;
mod experiment;
mod interrupt;
pub mod memory;
mod panics;
mod precision;
mod progress;
pub mod story;
#[cfg(test)]
pub(crate) mod synthetic;

pub use batches::{BATCH, Run, RunError, default_threads, run_trials, run_until};
pub use collector::Ended;
pub use curves::SuccessCurves;
pub use experiment::{Experiment, Open, Overrides};
pub use interrupt::{Reason, Stop};
pub use panics::keep_trial_panics_quiet;
pub(crate) use panics::trial_or_message;
pub use precision::{DEFAULT_MAX_TRIALS, LOOK_EVERY, Precision};
pub use progress::ProgressBar;

use crate::measure::Columns;
use crate::outage::Outage;

/// The most trials of one run. Every row is kept in memory, about half a kilobyte, because quantiles are exact; and
/// long before this the intervals are narrower than any figure of the model is known.
pub const MAX_TRIALS: u64 = 10_000_000;

/// A source of trials: the assembled model with its measures, seen as rows of figures.
///
/// `run` is a pure function of the trial's number: whatever a worker did before must not show.
pub trait Trials: Sync {
    /// What one thread needs to run trials one after the other without allocating.
    type Worker: Send;

    /// The columns of a row, without `trial`.
    fn columns(&self) -> &Columns;

    /// A fresh worker.
    fn worker(&self) -> Self::Worker;

    /// Runs one trial, writes its figures to `row`, which has one place per column, and adds its outages to `outages`.
    fn run(&self, worker: &mut Self::Worker, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>);

    /// Runs one trial as [`run`](Self::run) does, unless a stop is asked for meanwhile: then it may give the trial up, and
    /// returns `false`. What it has written is not to be used.
    fn run_unless(
        &self,
        stop: &Stop,
        worker: &mut Self::Worker,
        trial: u64,
        row: &mut [f64],
        outages: &mut Vec<Outage>,
    ) -> bool {
        let _ = stop;
        self.run(worker, trial, row, outages);
        true
    }

    /// Whether each trial of one is, for certain, the trial of that number of the other.
    fn same_as(&self, other: &Self) -> bool {
        let _ = other;
        false
    }

    /// S(t) over the first `trials` trials until `until` seconds after the first fault, if the source knows it.
    fn curves(&self, trials: u64, until: f64) -> Option<SuccessCurves> {
        let _ = (trials, until);
        None
    }

    /// What happens in one trial, if the source can tell.
    fn story(&self, trial: u64) -> Option<story::Story> {
        let _ = trial;
        None
    }
}
