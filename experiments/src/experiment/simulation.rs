//! The trials of an experiment: the deployment of the models, watched by a recorder.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use models::deployment::{Deployment, Observer, Topology};
use models::latency::LawId;
use sim_core::random::Mix;
use sim_core::time::SimDuration;
use sim_settings::{Amount, Figure, Node, Report};

use super::spec;
use crate::latencies::{Key, Latencies};
use crate::levers::{Lever, levers};
use crate::measure::{Columns, Recorder, Subjects};
use crate::outage::Outage;
use crate::run::story::Story;
use crate::run::{Overrides, Stop, SuccessCurves, Trials, default_threads};

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

/// The state of one thread, which runs trials one after the other.
#[derive(Debug)]
pub struct Worker {
    deployment: Deployment,
    recorder: Recorder,
    /// How long requests took since somebody asked.
    counted: BTreeMap<Key, u128>,
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
        Worker { deployment: self.deployment(), recorder: Recorder::new(&self.topology), counted: BTreeMap::new() }
    }

    fn run(&self, worker: &mut Worker, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>) {
        worker.deployment.run(trial, &mut worker.recorder);
        self.columns.write(worker.recorder.trial(), row);
        worker.recorder.outages(trial, outages);
        worker.recorder.latencies(trial, &mut worker.counted);
    }

    fn run_mixed(&self, worker: &mut Worker, mix: &Mix, row: &mut [f64], outages: &mut Vec<Outage>) {
        let Worker { deployment, recorder, counted } = worker;
        deployment.run(mix, recorder);
        self.columns.write(recorder.trial(), row);
        recorder.outages(0, outages);
        recorder.latencies(0, counted);
        counted.clear();
    }

    fn run_unless(
        &self,
        stop: &Stop,
        worker: &mut Worker,
        trial: u64,
        row: &mut [f64],
        outages: &mut Vec<Outage>,
    ) -> bool {
        let Worker { deployment, recorder, counted } = worker;
        let finished = deployment.run_while(trial, recorder, || !stop.asked());
        if finished {
            self.columns.write(recorder.trial(), row);
            recorder.outages(trial, outages);
            recorder.latencies(trial, counted);
        }
        finished
    }

    fn latencies(&self, worker: &mut Worker) -> Latencies {
        if worker.counted.is_empty() {
            return Latencies::default();
        }
        let laws = worker.deployment.laws();
        let latencies = Latencies::new(&worker.counted, |number| laws.law(LawId::numbered(number)));
        worker.counted.clear();
        latencies
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
