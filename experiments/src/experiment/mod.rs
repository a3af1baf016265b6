//! An experiment: its file, checked, and ready to run trial by trial.

mod curves;
mod doctor;
mod narrator;
mod simulation;
mod spec;
mod teller;
#[cfg(test)]
mod tests;
mod words;

use std::io;
use std::path::Path;

use models::cause::Cause;
use sim_settings::{Mark, Node, Problem, Report};

use crate::exit::Failure;
use crate::file;
use crate::header::{AssumedFigure, Header, Of};
use crate::run::{Experiment, Open, Overrides};
use crate::symbol::Symbol;

pub use doctor::kinds as finding_kinds;
pub use simulation::Simulation;
pub use spec::LAYOUT;

/// Opens experiment files and assembles what they describe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files;

impl Open for Files {
    type Source = Simulation;

    fn open(&self, path: &Path, overrides: &Overrides) -> Result<Experiment<Simulation>, Failure> {
        let loaded = file::load(path, &overrides.packs, &overrides.settings(), overrides.confined.as_deref());
        let loaded = loaded.map_err(refused)?;
        assemble(loaded, overrides)
    }

    fn trace(&self, experiment: &Experiment<Simulation>, trial: u64, out: &mut dyn io::Write) -> io::Result<()> {
        narrator::narrate(experiment, trial, out)
    }
}

/// Assembles the experiment in a text; `name` stands for its file in messages.
///
/// # Errors
/// All problems of the text, rendered.
pub fn open_text(name: &str, text: &str, overrides: &Overrides) -> Result<Experiment<Simulation>, Failure> {
    let loaded = file::load_text(name, text, &overrides.settings()).map_err(refused)?;
    assemble(loaded, overrides)
}

fn refused(failure: file::LoadFailure) -> Failure {
    match failure {
        // The console strips colours where they do not belong.
        file::LoadFailure::Problems { mut problems, sources, node } => {
            problems.extend(node.into_iter().flat_map(|node| further_problems(&problems, &node)).collect::<Vec<_>>());
            Failure::bad_file(file::render(&problems, &sources, true))
        }
        file::LoadFailure::Outside(message) => Failure::usage(message),
        file::LoadFailure::System(message) => {
            Failure::failed(message).hint("a limit of processes or of memory is reached")
        }
    }
}

/// Problems of a tree besides the known ones.
fn further_problems(known: &[Problem], node: &Node) -> Vec<Problem> {
    let report = Report::new();
    spec::read(&report, node);
    let is_known = |problem: &Problem| known.iter().any(|known| known.place == problem.place);
    report.problems().into_iter().filter(|problem| !is_known(problem)).collect()
}

fn assemble(loaded: file::Loaded, overrides: &Overrides) -> Result<Experiment<Simulation>, Failure> {
    let file::Loaded { node, sources, resolved, lacks } = loaded;
    let report = Report::new();
    let spec = spec::read(&report, &node);
    let problems = report.problems();
    if !problems.is_empty() {
        return Err(Failure::bad_file(file::render(&problems, &sources, true)));
    }
    let spec::Spec { name, description, seed, trials, horizon, objectives, availability, sweep, topology } = spec;
    let assumed = assumed_figures(&report);
    let own = |share: fn(&models::journeys::Journey) -> Option<f64>| {
        let journeys = topology.journeys.iter();
        journeys.filter_map(|journey| Some((Symbol::new(&journey.name), share(journey)?))).collect()
    };
    let header = Header {
        name,
        description,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        hash: blake3::hash(resolved.as_bytes()).to_hex().to_string(),
        resolved,
        seed,
        horizon: horizon.as_secs_f64(),
        up_when: topology.up_when,
        journeys: topology.journeys.iter().map(|journey| journey.name.clone()).collect(),
        stores: topology.stores.iter().map(|store| store.name.clone()).collect(),
        alarms: topology.alarm_names().map(str::to_owned).collect(),
        causes: Cause::ALL.iter().map(|cause| cause.name().to_owned()).collect(),
        overview: words::overview(&topology),
        assumed,
        objectives,
        availability,
        own_availability: own(|journey| journey.objectives.availability),
        own_up_when: own(|journey| journey.objectives.up_when),
        recurring: topology.recurring(),
    };
    let availabilities: Vec<(Of, f64)> = header.availabilities().collect();
    let examined = doctor::Examined {
        topology: &topology,
        objectives: &header.objectives,
        availabilities: &availabilities,
        horizon,
        file: &node,
        sources: &sources,
        lacks: &lacks,
    };
    let (findings, notes) = (doctor::findings(&examined), doctor::notes(&examined));
    let source = Simulation::new(topology, horizon, seed, overrides);
    Ok(Experiment { header, trials, findings, notes, sweep, source })
}

/// Assumed defaults in use, each once: a key that every region takes from the common stack is one figure.
fn assumed_figures(report: &Report) -> Vec<AssumedFigure> {
    let mut figures: Vec<AssumedFigure> = Vec::new();
    for used in report.used_defaults().into_iter().filter(|used| used.mark == Mark::Assumed) {
        let common = used.path.strip_prefix("regions.").and_then(|rest| rest.split_once('.')).map(|(_, path)| path);
        let path = common.unwrap_or(&used.path).to_owned();
        if figures.iter().all(|figure| figure.path != path) {
            figures.push(AssumedFigure { path, value: used.text.to_owned(), source: used.source.to_owned() });
        }
    }
    // The existence of a health check comes before its figures.
    figures.sort_by_key(|figure| figure.path != "dns.health-check");
    figures
}
