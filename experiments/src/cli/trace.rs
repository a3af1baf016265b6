//! `mrsim trace`: one trial, event by event.

use super::args::TraceArguments;
use super::console::Console;
use super::limits::{Need, stopped};
use super::run::failed;
use crate::analyze::{at_percentile, watched};
use crate::exit::{Exit, Failure};
use crate::run::{
    Ended, Experiment, Open, Overrides, ProgressBar, RunError, Stop, Trials, default_threads, run_trials,
    trial_or_message,
};
use crate::units::{beyond, duration, whole};

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
    let overrides = arguments.changes.overrides(&arguments.more, arguments.trials);
    let experiment = open.open(&arguments.file, &overrides)?;
    let trials = if arguments.trial.is_some() { 1 } else { experiment.trials };
    let need = Need { trials, columns: experiment.source.columns().len(), disk: false };
    arguments.more.limits.begin(stop, [(format!("`{}`", experiment.header.name), need)])?;
    let trial = match arguments.trial {
        Some(trial) => trial,
        None => typical(&experiment, arguments, &overrides, console, stop)?,
    };
    // The events before a failure are exactly what helps to find it, so they are printed.
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

/// Runs all trials and picks the one at the requested percentile.
fn typical<S: Trials>(
    experiment: &Experiment<S>,
    arguments: &TraceArguments,
    overrides: &Overrides,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<u64, Failure> {
    let Experiment { header, trials, source, .. } = experiment;
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let bar = ProgressBar::new(&header.name, *trials, arguments.more.quiet);
    let run = run_trials(source, 0..*trials, threads, &|done| bar.show(done), stop)
        .map_err(|error| failed(&error, &arguments.file, overrides))?;
    drop(bar);
    if run.ended == Ended::Stopped {
        return Err(Failure::failed(format!("{} before the trial at the percentile was known", stopped(stop))));
    }
    let percentile = arguments.percentile.expect("the arguments have a trial or a percentile");
    let (trial, recovery) =
        at_percentile(&run.table, percentile).ok_or_else(|| Failure::failed("no trial has a recovery time"))?;
    if !arguments.more.quiet {
        let recovery = if recovery.is_finite() { duration(recovery) } else { beyond(watched(header, &run.table)) };
        let of = whole(*trials);
        console.note(format_args!(
            "trial {trial} is at percentile {percentile} of {of} trials: recovery time {recovery}\n"
        ));
    }
    Ok(trial)
}
