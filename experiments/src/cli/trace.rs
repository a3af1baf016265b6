//! `mrsim trace`: one trial, event by event.

use super::args::TraceArguments;
use super::console::Console;
use super::run::failed;
use crate::analyze::recoveries;
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
    let experiment = open.open(&arguments.file, &arguments.overrides())?;
    let trial = match arguments.trial {
        Some(trial) => trial,
        None => typical(&experiment, arguments, console, stop)?,
    };
    // What is already written of a trial that fails is what its finder wants to see.
    let mut failure = None;
    console.data(|out| match trial_or_message(|| open.trace(&experiment, trial, out)) {
        Ok(written) => written,
        Err(message) => {
            failure = Some(Failure::failed(RunError::Trial { trial, message }.to_string()).hint(MISTAKE));
            Ok(())
        }
    })?;
    failure.map_or(Ok(()), Err)
}

const MISTAKE: &str = "this is a mistake of mrsim, not of the file: report it with the file and this command";

/// Runs all trials and picks the one at the percentile asked for.
fn typical<S: Trials>(
    experiment: &Experiment<S>,
    arguments: &TraceArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<u64, Failure> {
    let Experiment { header, trials, source, .. } = experiment;
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let bar = ProgressBar::new(&header.name, *trials, arguments.more.quiet);
    let run = run_trials(source, 0..*trials, threads, &|done| bar.show(done), stop)
        .map_err(|error| failed(&error, &arguments.file, &arguments.overrides()))?;
    drop(bar);
    if run.ended == Ended::Stopped {
        return Err(Failure::failed("stopped before the trial at the percentile was known"));
    }
    let percentile = arguments.percentile.expect("the arguments have a trial or a percentile");
    let (trial, recovery) =
        at_percentile(&run.table, percentile).ok_or_else(|| Failure::failed("no trial has a recovery time"))?;
    if !arguments.more.quiet {
        let watched = recoveries(header, &run.table, None).ok().and_then(|sample| sample.shortest_watched());
        let recovery =
            if recovery.is_finite() { duration(recovery) } else { beyond(watched.unwrap_or(header.horizon)) };
        let of = whole(*trials);
        console.note(format_args!(
            "trial {trial} is at percentile {percentile} of {of} trials: recovery time {recovery}\n"
        ));
    }
    Ok(trial)
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
