//! `mrsim drill`: an experiment as a drill, and a measured drill over its predictions.

use super::args::DrillArguments;
use super::console::Console;
use super::limits::{Need, stopped};
use crate::calibrate::read::text_of;
use crate::documents;
use crate::drill::{self, Drill, DrillDocument, Play, Rehearsal, limits, measured, overlay, rehearse, templates};
use crate::exit::{Exit, Failure};
use crate::report::drill::{DrillReport, brief, write_all};
use crate::run::{Open, Stop, Trials as _, default_threads};
use models::deployment::Deployment;
use sim_core::time::SimDuration;

pub(super) fn drill<O: Open>(open: &O, arguments: &DrillArguments, console: &mut Console<'_>, stop: &Stop) -> Exit {
    attempt(open, arguments, console, stop).unwrap_or_else(|failure| console.fail(&failure))
}

fn attempt<O: Open>(
    open: &O,
    arguments: &DrillArguments,
    console: &mut Console<'_>,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let overrides = arguments.changes.overrides(&arguments.more, arguments.trials);
    let experiment = open.open(&arguments.file, &overrides)?;
    let header = &experiment.header;
    let Some(topology) = experiment.source.topology() else {
        return Err(Failure::failed("this experiment has no deployment"));
    };
    if header.recurring || topology.faults.iter().len() == 0 {
        let why = if header.recurring { "faults that come at a rate" } else { "no fault" };
        return Err(Failure::usage(format!(
            "{}: a drill needs one fault at one time, and the experiment has {why}",
            arguments.file.display()
        ))
        .hint("write a fault with `at`, or --set 'faults.0.at=10m'"));
    }
    let play = Play::of(topology);
    // A mistake in what was measured is told before anything runs.
    let named = arguments.measured.as_ref().map(|path| path.display().to_string());
    let sheet = match (&arguments.measured, &named) {
        (Some(path), Some(name)) => Some(measured(&text_of(path, name)?, &play).map_err(|mistake| mistake.of(name))?),
        _ => None,
    };
    let work = format!("drill of {} ({}, mrsim {})", header.name, header.hash, header.version);
    let folder = arguments.answer.folder(&work)?;
    let need = Need { trials: experiment.trials, columns: play.marks.len() + play.spans.len(), disk: false };
    arguments.more.limits.begin(stop, [("the drill".to_owned(), need)])?;
    let threads = arguments.more.threads.unwrap_or_else(default_threads);
    let horizon = SimDuration::from_secs_f64(header.horizon);
    let deployment = || Deployment::new(topology, horizon, header.seed, overrides.eager);
    let rehearsal = match rehearse(topology, &play, &deployment, 0..experiment.trials, threads, stop)? {
        Some(rows) => Rehearsal { rows, horizon: header.horizon },
        None => return Err(Failure::failed(format!("{} before all trials were done; nothing is kept", stopped(stop)))),
    };
    if rehearsal.rows.iter().all(|row| row[0].is_nan()) {
        let file = arguments.file.display();
        return Err(Failure::usage(format!(
            "{file}: no request can feel a fault of this experiment before the horizon"
        ))
        .hint("times of a drill count from the first fault that requests can feel"));
    }
    let bands = drill::bands(&play, &rehearsal);
    let laid = sheet.as_ref().map(|sheet| overlay(sheet, &play, &bands)).transpose();
    let laid = laid.map_err(|mistake| mistake.of(named.as_deref().unwrap_or_default()))?;
    let plan = drill::plan(topology, header, &play, &bands);
    let templates = templates(topology, &header.name, &header.hash, header.horizon);
    let drill = Drill {
        placeholders: drill::placeholders(&templates, plan.as_ref()),
        limits: limits::limits(topology),
        overlay: laid,
        play,
        bands,
        templates,
        plan,
    };
    let report = DrillReport {
        header,
        drill: &drill,
        measured: named.as_deref(),
        command: "mrsim drill experiment.toml --out again",
    };
    arguments.answer.give(
        console,
        folder.as_ref(),
        |folder| write_all(folder, &report),
        || brief(&report),
        |out| documents::write(&DrillDocument::new(&drill, header), out),
    )?;
    Ok(Exit::Done)
}
