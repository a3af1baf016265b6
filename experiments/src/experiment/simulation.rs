//! The trials of an experiment: the deployment of the models, watched by a recorder.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use models::deployment::{Deployment, Observer, Topology};
use sim_core::random::Mix;
use sim_core::time::SimDuration;
use sim_settings::{Amount, Figure, Node, Report};

use super::spec;
use crate::levers::{Lever, levers};
use crate::run::story::Story;
use crate::run::{Overrides, Stop, SuccessCurves, Trials, default_threads};
use measure::latencies::Latencies;
use measure::outage::Outage;
use measure::{Columns, Subjects, Worker};

/// An assembled experiment as a source of trials.
#[derive(Debug)]
pub struct Simulation {
    topology: Topology,
    columns: Columns,
    horizon: SimDuration,
    seed: u64,
    eager: bool,
    /// The most threads that run trials again at the same time.
    threads: NonZeroUsize,
    /// The file, from which the deployment is read anew with other figures.
    file: Arc<Node>,
    /// Its figures.
    figures: Arc<[Figure]>,
}

/// What a file says about its trials.
pub(super) struct Described {
    pub(super) topology: Topology,
    pub(super) horizon: SimDuration,
    pub(super) seed: u64,
}

impl Simulation {
    pub(super) fn new(spec: Described, file: Node, figures: Vec<Figure>, overrides: &Overrides) -> Self {
        let Described { topology, horizon, seed } = spec;
        let columns = Columns::new(Subjects::of(&topology));
        let threads = overrides.threads.unwrap_or_else(default_threads);
        let (file, figures) = (Arc::new(file), figures.into());
        Self { topology, columns, horizon, seed, eager: overrides.eager, threads, file, figures }
    }

    /// The deployment and its faults.
    pub const fn topology(&self) -> &Topology {
        &self.topology
    }

    /// The length of a trial.
    pub const fn horizon(&self) -> SimDuration {
        self.horizon
    }

    /// The deployment as components.
    pub fn deployment(&self) -> Deployment {
        Deployment::new(&self.topology, self.horizon, self.seed, self.eager)
    }

    /// Runs one trial by itself before another observer.
    pub fn watch(&self, trial: u64, observer: &mut impl Observer) {
        self.deployment().run(trial, observer);
    }
}

impl Trials for Simulation {
    type Worker = Worker;

    fn columns(&self) -> &Columns {
        &self.columns
    }

    fn worker(&self) -> Worker {
        Worker::new(self.deployment(), &self.topology)
    }

    fn run(&self, worker: &mut Worker, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>) {
        worker.run(trial, &self.columns, row, outages);
    }

    fn run_mixed(&self, worker: &mut Worker, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>) {
        worker.run_mixed(mix, &self.columns, row, outages);
    }

    fn run_unless(
        &self,
        stop: &Stop,
        worker: &mut Worker,
        trial: u64,
        row: &mut [f64],
        outages: &mut Vec<Outage>,
    ) -> bool {
        worker.run_unless(&|| stop.asked(), trial, &self.columns, row, outages)
    }

    fn latencies(&self, worker: &mut Worker) -> Latencies {
        worker.latencies()
    }

    fn figures(&self) -> &[Figure] {
        &self.figures
    }

    fn with_figures(&self, figures: &BTreeMap<String, Amount>) -> Result<Self, Vec<String>> {
        let report = Report::replacing(figures.clone());
        let topology = spec::read(&report, &self.file).topology;
        let problems = report.problems();
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|problem| problem.path).collect());
        }
        let (file, columns, known) = (Arc::clone(&self.file), self.columns.clone(), Arc::clone(&self.figures));
        Ok(Self { topology, columns, file, figures: known, ..*self })
    }

    fn same_as(&self, other: &Self) -> bool {
        // `--eager` changes no trial.
        (&self.topology, self.horizon, self.seed) == (&other.topology, other.horizon, other.seed)
    }

    fn topology(&self) -> Option<&Topology> {
        Some(&self.topology)
    }

    fn curves(&self, trials: u64, until: f64) -> Option<SuccessCurves> {
        super::curves::curves(self, trials, until, self.threads)
    }

    fn levers(&self, resolved: &str) -> Vec<Lever> {
        levers(&self.topology, resolved)
    }

    fn story(&self, trial: u64) -> Option<Story> {
        Some(super::teller::tell(self, trial))
    }
}
