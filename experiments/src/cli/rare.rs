//! `mrsim rare`: a chance too small for plain trials.

use super::args::RareArguments;
use super::console::Console;
use super::limits::Need;
use crate::exit::{Exit, Failure};
use crate::header::{Header, Of};
use crate::rare::{Ask, Event, Over, rare as search};
use crate::report::rare::{RareReport, document, write_all, write_json};
use crate::run::{Open, ProgressBar, Stop, Trials as _, default_threads, quoted};
use crate::symbol::Symbol;

pub(super) fn rare<O: Open>(open: &O, arguments: &RareArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    match attempt(open, arguments, console, stop) {
        Ok(()) => Exit::Done,
        Err(failure) => console.fail(&failure),
    }
}

/// Starts by default: a chance of one in a hundred thousand that one draw decides then comes out to about half of itself either way.
const STARTS: u64 = 2_000;

fn attempt<O: Open>(
    open: &O,
    arguments: &RareArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<(), Failure> {
    let overrides = arguments.changes.overrides(&arguments.more, None);
    let experiment = open.open(&arguments.file, &overrides)?;
    let event = event(arguments, &experiment.header)?;
    let starts = arguments.trials.unwrap_or(STARTS);
    // Of a start a few figures are kept.
    let need = Need { trials: starts, columns: experiment.source.columns().len().min(32), disk: false };
    arguments.more.limits.begin(stop, [(format!("the trees of `{}`", experiment.header.name), need)])?;
    let header = &experiment.header;
    let what = format!("{} over {}", event.over.word(), event.limit);
    let work =
        format!("chance of {what} in {} ({}, mrsim {}), {starts} starts", header.name, header.hash, header.version);
    let folder = arguments.answer.folder(&work)?;
    if !arguments.more.quiet {
        console.warn(&experiment.findings);
    }
    let bar = ProgressBar::new(&header.name, starts, arguments.more.quiet);
    let rarity = search(Ask {
        file: arguments.file.display().to_string(),
        experiment,
        event,
        starts,
        threads: arguments.more.threads.unwrap_or_else(default_threads),
        stop,
        progress: &|done| bar.show(done),
    })?;
    drop(bar);
    let command = format!("mrsim rare experiment.toml {} --trials {starts} --out again", options(&event));
    let report = RareReport { rarity: &rarity, command: &command };
    arguments.answer.give(
        console,
        folder.as_ref(),
        |folder| write_all(folder, &report),
        || document(&report),
        |out| write_json(&report, out),
    )
}

/// The event as options.
fn options(event: &Event) -> String {
    let whose = match event.of {
        Of::Worst => String::new(),
        Of::Journey(name) => format!(" --journey {}", quoted(name.as_str())),
        Of::Store(name) => format!(" --store {}", quoted(name.as_str())),
    };
    format!("--{}-over {}s{whose}", event.over.word(), event.limit)
}

/// What the command line asks for.
fn event(arguments: &RareArguments, header: &Header) -> Result<Event, Failure> {
    let named = |kind: &str, name: &Option<String>, known: &[String]| match name {
        None => Ok(None),
        Some(name) if known.contains(name) => Ok(Some(Symbol::new(name))),
        Some(name) => {
            let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
            let failure = Failure::usage(format!("there is no {kind} `{name}`"));
            Err(if known.is_empty() { failure } else { failure.hint(format!("there is {}", known.join(", "))) })
        }
    };
    let (over, limit, of) = match (arguments.recovery_over, arguments.loss_over) {
        (Some(limit), _) => {
            (Over::Recovery, limit, named("journey", &arguments.journey, &header.journeys)?.map(Of::Journey))
        }
        (None, Some(limit)) => (Over::Loss, limit, named("store", &arguments.store, &header.stores)?.map(Of::Store)),
        // The command line takes one of them.
        (None, None) => return Err(Failure::usage("--recovery-over or --loss-over says what to look for")),
    };
    if over == Over::Loss && header.stores.is_empty() {
        return Err(Failure::usage("there are no stores, and nothing that could be lost"));
    }
    Ok(Event { over, of: of.unwrap_or(Of::Worst), limit })
}
