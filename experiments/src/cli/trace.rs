//! `mrsim trace`: one trial, event by event.

use super::args::TraceArguments;
use super::console::Console;
use super::run::failed;
use crate::exit::{Exit, Failure};
use crate::report::units::{beyond, duration, whole};
use crate::run::{
    Ended, Experiment, Open, ProgressBar, RunError, Stop, Trials, default_threads, run_trials, trial_or_message,
};
use crate::table::TrialTable;

pub(super) fn trace<O: Open>(open: &O, arguments: &TraceArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    match attempt(open, arguments, console, stop) {
        Ok(()) => Exit::Done,
        Err(failure) => console.fail(&failure),
    }
}

fn attempt<O: Open>(
    open: &O,
    arguments: &TraceArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    let overrides = arguments.overrides();
    let experiment = open.open(&arguments.file, &overrides)?;
    let failed = |error: &RunError| failed(error, &arguments.file, &overrides);
    let trial = match (arguments.trial, arguments.percentile) {
        (Some(trial), _) => trial,
        (None, percentile) => {
            let percentile = percentile.unwrap_or(50.0);
            let table = everything(&experiment, arguments, stop)
                .map_err(|error| error.map_or_else(stopped, |error| failed(&error)))?;
            let (trial, recovery) = at_percentile(&table, percentile)
                .ok_or_else(|| Failure::failed("no trial has a recovery time".to_owned()))?;
            if !arguments.more.quiet {
                let recovery =
                    if recovery.is_finite() { duration(recovery) } else { beyond(experiment.header.horizon) };
                console.note(format_args!(
                    "trial {trial} is at percentile {percentile} of {} trials: recovery time {recovery}\n",
                    whole(table.len() as u64)
                ));
            }
            trial
        }
    };
    let mut panicked = None;
    console.data(|out| match trial_or_message(|| open.trace(&experiment, trial, out)) {
        Ok(written) => written,
        Err(message) => {
            panicked = Some(message);
            Ok(())
        }
    })?;
    panicked.map_or(Ok(()), |message| Err(failed(&RunError::Trial { trial, message })))
}

fn stopped() -> Failure {
    Failure::failed("stopped before the trial at the percentile was known")
}

/// All trials of the experiment, or the error, or none where somebody stopped it.
fn everything<S: Trials>(
    experiment: &Experiment<S>,
    arguments: &TraceArguments,
    stop: &Stop,
) -> Result<TrialTable, Option<RunError>> {
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let bar = ProgressBar::new(&experiment.header.name, experiment.trials, arguments.more.quiet);
    let run =
        run_trials(&experiment.source, 0..experiment.trials, threads, &|tick| bar.show(tick), stop).map_err(Some)?;
    if run.ended == Ended::Stopped { Err(None) } else { Ok(run.table) }
}

/// The trial whose worst recovery time is at `percentile`, the first of equals.
fn at_percentile(table: &TrialTable, percentile: f64) -> Option<(u64, f64)> {
    let column = table.column("worst.recovery_s")?;
    let mut trials: Vec<(u64, f64)> =
        (table.first_trial()..).zip(column).filter(|(_, recovery)| !recovery.is_nan()).collect();
    trials.sort_by(|a, b| a.1.total_cmp(&b.1));
    let rank = (percentile / 100.0 * trials.len() as f64).ceil() as usize;
    let (_, value) = *trials.get(rank.clamp(1, trials.len().max(1)) - 1)?;
    // The sort keeps the order of equals.
    trials.into_iter().find(|(_, recovery)| *recovery == value)
}

#[cfg(test)]
mod tests {
    use super::at_percentile;
    use crate::table::TrialTable;

    #[test]
    fn the_first_of_equal_trials_stands_for_the_percentile() {
        let mut table = TrialTable::new(vec!["worst.recovery_s".to_owned()], 10);
        table.append(&[30.0, f64::INFINITY, 20.0, 30.0, f64::NAN, 10.0]);
        assert_eq!(at_percentile(&table, 50.0), Some((10, 30.0)));
        assert_eq!(at_percentile(&table, 75.0), Some((10, 30.0)));
        assert_eq!(at_percentile(&table, 0.1), Some((15, 10.0)));
        assert_eq!(at_percentile(&table, 100.0), Some((11, f64::INFINITY)));
        assert_eq!(at_percentile(&TrialTable::new(vec!["worst.recovery_s".to_owned()], 0), 50.0), None);
    }
}
