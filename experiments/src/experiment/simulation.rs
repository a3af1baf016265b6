//! The trials of an experiment: the deployment of the models, watched by a recorder.

use models::deployment::{Deployment, Observer, Topology};
use sim_core::time::SimDuration;

use crate::measure::{Columns, Recorder, Subjects};
use crate::outage::Outage;
use crate::run::story::Story;
use crate::run::{SuccessCurves, Trials};

/// An assembled experiment as a source of trials.
#[derive(Debug)]
pub struct Simulation {
    topology: Topology,
    columns: Columns,
    horizon: SimDuration,
    seed: u64,
    eager: bool,
}

/// What one thread needs to run trials one after the other.
#[derive(Debug)]
pub struct Worker {
    deployment: Deployment,
    recorder: Recorder,
}

impl Simulation {
    pub(super) fn new(topology: Topology, horizon: SimDuration, seed: u64, eager: bool) -> Self {
        let columns = Columns::new(Subjects::of(&topology));
        Self { topology, columns, horizon, seed, eager }
    }

    /// The deployment and what befalls it.
    pub const fn topology(&self) -> &Topology {
        &self.topology
    }

    /// How long a trial lasts.
    pub const fn horizon(&self) -> SimDuration {
        self.horizon
    }

    /// The deployment, wired up.
    pub fn deployment(&self) -> Deployment {
        Deployment::new(&self.topology, self.horizon, self.seed, self.eager)
    }

    /// Runs one trial by itself before other eyes.
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
        Worker { deployment: self.deployment(), recorder: Recorder::new(&self.topology) }
    }

    fn run(&self, worker: &mut Worker, trial: u64, row: &mut [f64], outages: &mut Vec<Outage>) {
        worker.deployment.run(trial, &mut worker.recorder);
        self.columns.write(worker.recorder.trial(), row);
        worker.recorder.outages(trial, outages);
    }

    fn same_as(&self, other: &Self) -> bool {
        // `--eager` changes no trial.
        (&self.topology, self.horizon, self.seed) == (&other.topology, other.horizon, other.seed)
    }

    fn curves(&self, trials: u64, until: f64) -> Option<SuccessCurves> {
        super::curves::curves(self, trials, until)
    }

    fn story(&self, trial: u64) -> Option<Story> {
        Some(super::teller::tell(self, trial))
    }
}
