//! `mrsim advise`: what to change, and what it buys.

use super::args::AdviseArguments;
use super::console::Console;
use super::limits::Need;
use super::run::failed;
use crate::advise::{Ask, Ladder, Target, advise as search};
use crate::exit::{Exit, Failure};
use crate::report::advice::{AdviceReport, document, write_all, write_json};
use crate::run::{Experiment, Open, Overrides, ProgressBar, Stop, Trials as _, default_threads, quoted};

pub(super) fn advise<O: Open>(open: &O, arguments: &AdviseArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    match attempt(open, arguments, console, stop) {
        Ok(()) => Exit::Done,
        Err(failure) => console.fail(&failure),
    }
}

/// Trials of a search that nobody gives a number for, at least.
const LEAST: u64 = 5_000;
/// How many times as many trials as a quantile takes at least: its interval is then of use.
const TIMES: u64 = 3;
/// Steps that run all trials.
const KEEP: usize = 6;

/// Trials by default: the file's, as far as its objectives take so many.
fn by_default<S>(experiment: &Experiment<S>) -> u64 {
    let needs = Target::all(&experiment.header).into_iter().filter_map(|target| target.figure.needs());
    experiment.trials.min(needs.max().unwrap_or(0).saturating_mul(TIMES).max(LEAST))
}

fn attempt<O: Open>(
    open: &O,
    arguments: &AdviseArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    // Every error of the file is found before anything runs.
    let overrides = arguments.changes.overrides(&arguments.more, arguments.trials);
    let experiment = open.open(&arguments.file, &overrides)?;
    let trials = arguments.trials.unwrap_or_else(|| by_default(&experiment));
    // The text that is kept says how many there were.
    let overrides = Overrides { trials: Some(trials), ..overrides };
    let header = &experiment.header;
    let levers = experiment.source.levers(&header.resolved).len();
    let first = if arguments.full { trials } else { (trials / 8).max(250).min(trials) };
    let ladder = Ladder { first, last: trials, keep: KEEP };
    // The first rung of all steps, and all trials of those that are left and of the file.
    let kept = levers as u64 * first + (KEEP as u64 + 2) * trials;
    let need = Need { trials: kept, columns: experiment.source.columns().len(), disk: false };
    arguments.more.limits.begin(stop, [(format!("advice on `{}`", header.name), need)])?;
    let work = format!("advice on {} ({}, mrsim {}), {trials} trials", header.name, header.hash, header.version);
    let folder = arguments.answer.folder(&work)?;
    if !arguments.more.quiet {
        console.warn(&experiment.findings);
    }
    let bar = ProgressBar::new(&header.name, 2 * kept + 10 * trials, arguments.more.quiet);
    let advice = search(&Ask {
        open,
        path: &arguments.file,
        overrides: &overrides,
        ladder,
        threads: arguments.more.threads.unwrap_or_else(default_threads),
        stop,
        progress: &|done| bar.show(done),
        failed: &|error, overrides| failed(error, &arguments.file, overrides),
    })?;
    drop(bar);
    let full = if arguments.full { " --full" } else { "" };
    let command = format!("mrsim advise experiment.toml{full} --trials {trials} --out again");
    let given = format!("{}{}", quoted(&arguments.file.display().to_string()), overrides.options());
    let report = AdviceReport { advice: &advice, command: &command, given: &given };
    arguments.answer.give(
        console,
        folder.as_ref(),
        |folder| write_all(folder, &report),
        || document(&report),
        |out| write_json(&report, out),
    )
}
