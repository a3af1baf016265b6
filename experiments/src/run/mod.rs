//! Running trials: on threads, in batches, until enough is known or a stop is asked for.
//!
//! - [`Trials`] is a source of trials: the assembled model, seen as rows of figures.
//! - [`run_trials`] runs a range of it on threads; the resulting table has the same bytes for any number of threads,
//!   because a trial is a pure function of its number and rows are collected in trial order.
//! - [`run_until`] does the same until a rule that sees only whole batches is satisfied ([`Precision`] is that rule for
//!   `--precision`).
//! - [`run_into`] is what both are made of: it hands finished batches, in trial order, to a [`Sink`].
//! - [`Stop`] is the request to end early: finished trials up to the first gap are kept.

mod batches;
mod collector;
mod command;
mod curves;
mod experiment;
mod file_size;
mod interrupt;
pub mod memory;
mod panics;
mod precision;
mod progress;
pub mod story;
#[cfg(test)]
pub(crate) mod synthetic;
mod threads;

pub use batches::{BATCH, Run, RunError, default_threads, run_into, run_trials, run_until};
pub use collector::{Batch, Ended, Gathered, Room, Sink};
pub use command::quoted;
pub use curves::SuccessCurves;
pub use experiment::{Experiment, Open, Overrides};
pub use file_size::fail_beyond_the_limit;
pub use interrupt::{Reason, Stop};
pub use panics::keep_trial_panics_quiet;
pub(crate) use panics::trial_or_message;
pub use precision::{DEFAULT_MAX_TRIALS, LOOK_EVERY, Precision};
pub use progress::ProgressBar;
pub(crate) use threads::pool;

use std::collections::BTreeMap;

use sim_core::random::Mix;
use sim_settings::{Amount, Figure};

use crate::levers::Lever;
use measure::latencies::Latencies;
use models::deployment::Topology;

use measure::Columns;
use measure::outage::Outage;

/// The most trials of one run. The disk ends a run before, about a kilobyte a trial, or memory, where there is no folder: every
/// row is kept, because quantiles are exact; and intervals are narrower than the uncertainty of any figure of the model
/// before that.
pub const MAX_TRIALS: u64 = 1_000_000_000;

/// The most trials where the system does not tell how much memory there is.
pub const BLIND_TRIALS: u64 = 10_000_000;

/// A source of trials: the assembled model with its measures, seen as rows of figures.
///
/// `run` is a pure function of the trial's number: earlier trials of the worker must not change the result.
pub trait Trials: Sync {
    /// The state of one thread, which runs trials one after the other without allocating.
    type Worker: Send;

    /// The columns of a row, without `trial`.
    fn columns(&self) -> &Columns;

    /// A fresh worker.
    fn worker(&self) -> Self::Worker;

    /// Runs one trial, writes its figures to `row`, which has one place per column, and adds its outages to `outages`.
    fn run(&self, worker: &mut Self::Worker, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>);

    /// Runs a trial with such luck, as [`run`](Self::run) does. How long its requests took is not kept.
    fn run_mixed(&self, worker: &mut Self::Worker, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>);

    /// Runs one trial as [`run`](Self::run) does, unless a stop is asked for meanwhile: then it may give the trial up
    /// and return `false`, and its output must not be used.
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

    /// How long the requests of the trials took that a worker has run since it was last asked, where anybody wants to know.
    fn latencies(&self, worker: &mut Self::Worker) -> Latencies {
        let _ = worker;
        Latencies::default()
    }

    /// The figures of the experiment, and where they come from.
    fn figures(&self) -> &[Figure] {
        &[]
    }

    /// The same source with other figures, by the paths at which they are read. Its trials have the same columns, and the
    /// same luck where the figures do not matter.
    ///
    /// # Errors
    /// The paths of the keys that do not go together then.
    fn with_figures(&self, figures: &BTreeMap<String, Amount>) -> Result<Self, Vec<String>>
    where
        Self: Sized,
    {
        Err(figures.keys().cloned().collect())
    }

    /// Whether trial n of one source is, for certain, trial n of the other, for every n.
    fn same_as(&self, other: &Self) -> bool {
        let _ = other;
        false
    }

    /// The deployment behind the trials, if there is one.
    fn topology(&self) -> Option<&Topology> {
        None
    }

    /// S(t) over the first `trials` trials until `until` seconds after the first fault, if the source knows it.
    fn curves(&self, trials: u64, until: f64) -> Option<SuccessCurves> {
        let _ = (trials, until);
        None
    }

    /// What an owner can turn, if the source knows it; `resolved` is the text of the experiment.
    fn levers(&self, resolved: &str) -> Vec<Lever> {
        let _ = resolved;
        Vec::new()
    }

    /// The events of one trial, if the source can tell them.
    fn story(&self, trial: u64) -> Option<story::Story> {
        let _ = trial;
        None
    }
}
