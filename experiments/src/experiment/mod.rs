//! An experiment: its file, checked, and ready to run trial by trial.

mod at_first;
mod curves;
mod doctor;
mod failing;
mod latency;
mod narrator;
mod provenance;
mod simulation;
mod spec;
mod teller;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use models::cause::Cause;
use sim_settings::{Node, Problem, Report};

use crate::exit::Failure;
use crate::file;
use crate::header::{Header, Of};
use crate::import;
use crate::run::{Experiment, Open, Overrides};
use crate::symbol::Symbol;
use at_first::Quiet;

pub use doctor::kinds as finding_kinds;
use simulation::Described;
pub use simulation::Simulation;
pub use spec::LAYOUT;

/// Opens experiment files and assembles what they describe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Files;

impl Open for Files {
    type Source = Simulation;

    fn open(&self, path: &Path, overrides: &Overrides) -> Result<Experiment<Simulation>, Failure> {
        if is_input(path) {
            return imported(path, overrides);
        }
        let loaded = file::load(path, &overrides.packs, &overrides.settings(), overrides.confined.as_deref());
        let loaded = loaded.map_err(refused)?;
        assemble(loaded, overrides)
    }

    fn whereabouts(
        &self,
        path: &Path,
        overrides: &Overrides,
        keys: &[String],
    ) -> Result<Vec<Option<file::Whereabouts>>, Failure> {
        if is_input(path) {
            // A plan has no lines of an experiment.
            return Ok(vec![None; keys.len()]);
        }
        file::whereabouts(path, &overrides.packs, &overrides.settings(), overrides.confined.as_deref(), keys)
            .map_err(refused)
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
    let loaded = file::load_text(name, text, &overrides.packs, &overrides.settings()).map_err(refused)?;
    assemble(loaded, overrides)
}

/// Whether a path is an input of an import and no experiment: its ending says so.
fn is_input(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
        || path.join("manifest.json").is_file()
}

/// The experiment that a plan, a state or an assembly is imported to, with what it leaves open.
fn imported(path: &Path, overrides: &Overrides) -> Result<Experiment<Simulation>, Failure> {
    if overrides.confined.is_some() {
        return Err(Failure::usage(format!("{} is no experiment: --confined reads experiments only", path.display())));
    }
    let answers = overrides.answers.as_deref().map(file::Answers::read).transpose().map_err(refused)?;
    let known = |path: &str| answers.as_ref().and_then(|answers| answers.value(path));
    let baseline = overrides.baseline.as_deref().filter(|base| *base != path && is_input(base));
    let guessed = match baseline {
        Some(base) => import_with(base, overrides, &known, &|_| None)?.guessed,
        None => BTreeMap::new(),
    };
    let imported = import_with(path, overrides, &known, &|path| guessed.get(path).cloned())?;
    open_text(&path.display().to_string(), &imported.toml, overrides)
}

fn import_with(
    path: &Path,
    overrides: &Overrides,
    answers: &dyn Fn(&str) -> Option<String>,
    guesses: &dyn Fn(&str) -> Option<String>,
) -> Result<import::Imported, Failure> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let options = import::Options {
        hints: overrides.hints.clone(),
        service: None,
        sources: Vec::new(),
        policy: None,
        answers,
        guesses,
        name: name.split('.').next().unwrap_or(&name).to_owned(),
        file: String::new(),
        form: import::Form::Graph,
        list_only: false,
    };
    Ok(import::import(&[import::Input::Path(path.to_owned())], &options)?)
}

/// With the problems that the readers of a whole tree find.
fn refused(failure: file::LoadFailure) -> Failure {
    match failure {
        file::LoadFailure::Problems { mut problems, sources, node } => {
            problems.extend(node.into_iter().flat_map(|node| further_problems(&problems, &node)).collect::<Vec<_>>());
            file::LoadFailure::Problems { problems, sources, node: None }.into()
        }
        other => other.into(),
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
    let file::Loaded { node, sources, resolved, questions, lacks } = loaded;
    let report = Report::new();
    let spec = spec::read(&report, &node);
    let problems = report.problems();
    if !problems.is_empty() {
        return Err(file::rejected(&problems, &sources));
    }
    let spec::Spec {
        name,
        description,
        seed,
        trials,
        horizon,
        objectives,
        availability,
        sweep,
        solve,
        topology,
        tariff,
    } = spec;
    let mut figures = report.figures();
    figures.retain(|figure| !spec::is_of_the_run(&figure.path));
    let assumed = provenance::assumed(&report, &figures);
    let own = |share: fn(&models::journeys::Journey) -> Option<f64>| {
        let journeys = topology.journeys.iter();
        journeys.filter_map(|journey| Some((Symbol::new(&journey.name), share(journey)?))).collect()
    };
    let Quiet { at_first, soon } = at_first::quiet_flows(&topology);
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
        queues: topology
            .stores
            .iter()
            .filter(|store| store.parameters.consumer().is_some())
            .map(|store| store.name.clone())
            .collect(),
        alarms: topology.alarm_names().map(str::to_owned).collect(),
        causes: Cause::ALL.iter().map(|cause| cause.name().to_owned()).collect(),
        overview: words::overview(&topology, at_first.as_ref()),
        assumed,
        figures: provenance::sourced(&figures),
        questions,
        objectives,
        availability,
        own_availability: own(|journey| journey.objectives.availability),
        own_up_when: own(|journey| journey.objectives.up_when),
        recurring: topology.recurring(),
        bill: tariff.map(|tariff| tariff.bill(&topology)),
    };
    let availabilities: Vec<(Of, f64)> = header.availabilities().collect();
    let examined = doctor::Examined {
        topology: &topology,
        at_first: at_first.as_ref(),
        soon: soon.as_ref(),
        objectives: &header.objectives,
        availabilities: &availabilities,
        horizon,
        file: &node,
        sources: &sources,
        lacks: &lacks,
    };
    let (findings, notes) = (doctor::findings(&examined), doctor::notes(&examined));
    let source = Simulation::new(Described { topology, horizon, seed }, node, figures, overrides);
    Ok(Experiment { header, trials, findings, notes, sweep, solve, source })
}
