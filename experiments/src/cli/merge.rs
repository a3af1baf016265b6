//! `mrsim merge`: the parts of shards, as the result of one process.

use std::path::Path;

use super::args::{Format, MergeArguments, SweepFormat};
use super::console::Console;
use super::outcome::{Outcome, command, need, work};
use super::sweep;
use crate::analyze::Summary;
use crate::exit::{Exit, Failure};
use crate::folder::Folder;
use crate::run::{Open, Stop, default_threads};
use crate::shard::{PartKind, Parts, kind};
use crate::sweep::{MergedSweep, SweepFolder};

pub(super) fn merge<O: Open>(open: &O, arguments: &MergeArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    let merged = kind(&arguments.parts[0]).and_then(|kind| match kind {
        PartKind::Run => of_run(open, arguments, console, stop),
        PartKind::Sweep => of_sweep(open, arguments, console),
    });
    merged.unwrap_or_else(|failure| console.fail(&failure))
}

fn of_run<O: Open>(
    open: &O,
    arguments: &MergeArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let format = match arguments.format {
        SweepFormat::Text => Format::Text,
        SweepFormat::Markdown => Format::Markdown,
        SweepFormat::Json => Format::Json,
        SweepFormat::Csv => {
            return Err(Failure::usage("--format csv is for parts of a sweep")
                .hint("the trials of a run are in trials.csv of --out"));
        }
    };
    let parts = Parts::read(&arguments.parts)?;
    let part = parts.run();
    let experiment = open.open(&parts.experiment(), &arguments.overrides())?;
    let header = &experiment.header;
    if let Some(failure) = parts.origin().stranger(&header.version) {
        return Err(failure);
    }
    unchanged(&parts.experiment(), &header.hash, &part.hash)?;
    let sets = arguments.sets;
    let limits = arguments.limits();
    limits.begin(stop, [need(&experiment, part.trials, sets, arguments.out.is_some())])?;
    let folder = arguments
        .out
        .as_deref()
        .map(|out| Folder::claim(out, &work(header, part.trials, None, sets), arguments.force))
        .transpose()?;
    let room = folder
        .as_ref()
        .filter(|_| sets.parameters.is_none())
        .and_then(|folder| limits.room(folder.path(), header.recurring));
    let table = parts.table(&experiment, room, stop)?;
    if !arguments.quiet {
        console.warn(&experiment.findings);
    }
    let outcome = Outcome {
        header,
        source: &experiment.source,
        findings: &part.findings,
        command: &command(None, sets),
        folder: folder.as_ref(),
        format,
        several: false,
        quiet: arguments.quiet,
        strict: arguments.strict,
        sets,
        threads: arguments.threads.unwrap_or_else(default_threads),
    };
    outcome.tell(Summary::new(header, &table), &table, None, None, console, stop)
}

fn of_sweep<O: Open>(open: &O, arguments: &MergeArguments, console: &mut Console<'_>) -> Result<Exit, Failure> {
    let of_runs = [("--strict", arguments.strict), ("--parameters", arguments.sets.parameters.is_some())];
    if let Some((option, _)) = of_runs.iter().find(|(_, given)| *given) {
        return Err(Failure::usage(format!("{option} is for parts of a run, and these are parts of a sweep")));
    }
    let merged = MergedSweep::read(&arguments.parts)?;
    let base = open.open(&merged.experiment(), &arguments.overrides())?.header;
    if let Some(failure) = merged.origin().stranger(&base.version) {
        return Err(failure);
    }
    unchanged(&merged.experiment(), &base.hash, merged.origin().hash)?;
    let (prepared, results) = merged.results()?;
    let store =
        arguments.out.as_deref().map(|out| SweepFolder::open(out, &base, &prepared, arguments.force)).transpose()?;
    if let Some(store) = &store {
        store.keep(&prepared, &results)?;
    }
    if !arguments.quiet {
        for warning in &prepared.warnings {
            console.note(format_args!("warning: {warning}\n"));
        }
    }
    sweep::tell(&base, &prepared, &results, store.as_ref(), arguments.format, console)?;
    Ok(Exit::Done)
}

/// The experiment beside a part must be the one that the part is of.
fn unchanged(path: &Path, found: &str, expected: &str) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::usage(format!("`{}` is not the experiment that the part beside it is of", path.display()))
        .hint("it was changed afterwards; copy the folder of the part once more, or run its command again"))
}
