//! `mrsim solve`: the best design among many.

use std::path::Path;

use super::args::SolveArguments;
use super::console::Console;
use super::limits::Need;
use super::run::failed;
use crate::exit::{Exit, Failure};
use crate::report::solution::{SolutionReport, document, write_all, write_json};
use crate::run::{Experiment, Open, ProgressBar, Stop, Trials as _, default_threads, quoted};
use crate::solve::{Ask, solve as race};

pub(super) fn solve<O: Open>(open: &O, arguments: &SolveArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    match attempt(open, arguments, console, stop) {
        Ok(()) => Exit::Done,
        Err(failure) => console.fail(&failure),
    }
}

fn attempt<O: Open>(
    open: &O,
    arguments: &SolveArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    let overrides = arguments.changes.overrides(&arguments.more, arguments.trials);
    let Experiment { header, trials, solve, source, .. } = open.open(&arguments.file, &overrides)?;
    let Some(spec) = solve else {
        return Err(Failure::usage(format!("`{}` has no table [solve]", arguments.file.display()))
            .hint("[solve] with vary = { \"compute.instances.desired\" = \"6..12\" }; mrsim explain solve"));
    };
    let designs = spec.count() as u64;
    // Designs that drop out keep their trials to the end.
    let need = Need { trials: designs * trials, columns: source.columns().len(), disk: false };
    arguments.more.limits.begin(stop, [(format!("all designs of `{}`", header.name), need)])?;
    let work = format!("solution of {} ({}, mrsim {}), {trials} trials", header.name, header.hash, header.version);
    let folder = arguments.answer.folder(&work)?;
    let bar = ProgressBar::new(&header.name, designs * trials, arguments.more.quiet);
    let solution = race(&Ask {
        open,
        path: &arguments.file,
        overrides: &overrides,
        spec: &spec,
        trials,
        threads: arguments.more.threads.unwrap_or_else(default_threads),
        stop,
        progress: &|done| bar.show(done),
        failed: &|error, path: &Path, overrides| failed(error, path, overrides),
    })?;
    drop(bar);
    let file = quoted(&arguments.file.display().to_string());
    let command = format!("mrsim solve {file} --trials {trials}{}", overrides.options());
    let report = SolutionReport { solution: &solution, command: &command };
    arguments.answer.give(
        console,
        folder.as_ref(),
        |folder| write_all(folder, &report),
        || document(&report),
        |out| write_json(&report, out),
    )
}
