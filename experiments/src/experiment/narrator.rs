//! `mrsim trace`: the events of one trial, with their times and their effect on the journeys.

use std::io::{self, Write};

use super::simulation::Simulation;
use super::teller;
use crate::run::Experiment;
use crate::run::story::{Blame, Missing};
use crate::units::{instant, percent};

/// Writes the timeline of one trial.
pub(super) fn narrate(experiment: &Experiment<Simulation>, trial: u64, out: &mut dyn Write) -> io::Result<()> {
    let header = &experiment.header;
    let story = teller::tell(&experiment.source, trial);
    writeln!(out, "{}, trial {trial}, seed {}", header.name, header.seed)?;
    let journeys = &header.journeys;
    writeln!(out, "{:>TIME$}  {:>TIME$}  {}  what happened", "time", "since fault", columns(journeys))?;
    for moment in story.in_full() {
        let since = story.since(moment.at).map(|since| format!("+{}", instant(since))).unwrap_or_default();
        let cells: Vec<String> = moment.success.iter().map(|share| format!("{} %", percent(*share))).collect();
        let cells: Vec<String> =
            cells.iter().zip(journeys).map(|(cell, name)| format!("{cell:>width$}", width = width(name))).collect();
        let at = instant(moment.at.since(sim_core::time::SimTime::ZERO));
        writeln!(out, "{at:>TIME$}  {since:>TIME$}  {}  {}", cells.join("  "), moment.text)?;
    }
    for (store, loss) in header.stores.iter().zip(&story.losses) {
        if *loss != Missing::default() {
            writeln!(
                out,
                "{store}: oldest missing write {:.3} s; lost {:.0}, stranded {:.0}, overwritten {:.0}, delayed {:.0}",
                loss.seconds, loss.lost, loss.stranded, loss.overwritten, loss.delayed
            )?;
        }
    }
    for Blame { part, causes } in &story.blames {
        let causes: Vec<String> = causes.iter().map(|(cause, count)| format!("{count:.0} {}", cause.name())).collect();
        writeln!(out, "{part}: failed requests by cause: {}", causes.join(", "))?;
    }
    for (from, to, count) in story.dangling.iter().filter(|(_, _, count)| *count > 0.0) {
        writeln!(out, "{from}: {count:.0} writes refer to such of {to} as are missing")?;
    }
    Ok(())
}

/// Width of the column of times.
const TIME: usize = 17;

fn width(name: &str) -> usize {
    name.chars().count().max(7)
}

fn columns(journeys: &[String]) -> String {
    let cells: Vec<String> = journeys.iter().map(|name| format!("{name:>width$}", width = width(name))).collect();
    cells.join("  ")
}
