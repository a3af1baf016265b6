//! A thread that runs trials one after the other and measures them.

use std::collections::BTreeMap;

use models::deployment::{Deployment, Topology};
use models::latency::LawId;
use sim_core::random::Mix;

use crate::latencies::{Key, Latencies};
use crate::outage::Outage;
use crate::{Columns, Recorder};

/// The state of one thread, which runs trials one after the other.
#[derive(Debug)]
pub struct Worker {
    deployment: Deployment,
    recorder: Recorder,
    /// How long requests took since somebody asked.
    counted: BTreeMap<Key, u128>,
}

impl Worker {
    /// One for a deployment of this topology.
    pub fn new(deployment: Deployment, topology: &Topology) -> Self {
        Self { deployment, recorder: Recorder::new(topology), counted: BTreeMap::new() }
    }

    /// Runs a trial: its figures go into the row, its outages behind those that are there.
    pub fn run(&mut self, trial: u64, columns: &Columns, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.run_unless(&|| false, trial, columns, row, outages);
    }

    /// Runs a trial whose streams come from several others; how long its requests took is not counted.
    pub fn run_mixed(&mut self, mix: &Mix, columns: &Columns, row: &mut [f64], outages: &mut Vec<Outage>) {
        self.deployment.run(mix, &mut self.recorder);
        columns.write(self.recorder.trial(), row);
        self.recorder.outages(0, outages);
        self.recorder.latencies(0, &mut self.counted);
        self.counted.clear();
    }

    /// Runs a trial unless somebody asks meanwhile to stop; returns whether it came to its end.
    pub fn run_unless(
        &mut self,
        stops: &dyn Fn() -> bool,
        trial: u64,
        columns: &Columns,
        row: &mut [f64],
        outages: &mut Vec<Outage>,
    ) -> bool {
        let finished = self.deployment.run_while(trial, &mut self.recorder, || !stops());
        if finished {
            columns.write(self.recorder.trial(), row);
            self.recorder.outages(trial, outages);
            self.recorder.latencies(trial, &mut self.counted);
        }
        finished
    }

    /// How long the requests of the trials took that ran since this was asked last.
    pub fn latencies(&mut self) -> Latencies {
        if self.counted.is_empty() {
            return Latencies::default();
        }
        let laws = self.deployment.laws();
        let latencies = Latencies::new(&self.counted, |number| laws.law(LawId::numbered(number)));
        self.counted.clear();
        latencies
    }
}
