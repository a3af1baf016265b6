//! How long the requests of each phase of a trial took, one by one.

use std::collections::BTreeMap;

use models::deployment::Topology;
use models::flow::{Ledger, Passage};
use sim_core::time::SimTime;

use super::latency::Latency;
use crate::latencies::{self, Key};

/// One journey's requests.
#[derive(Debug, Clone, Default)]
struct Journey {
    phases: Latency<Vec<f64>>,
    /// What requests ever took, and how many took each in the last trial.
    met: Vec<Passage>,
    sums: Vec<f64>,
}

/// Those of all journeys; empty where nobody asks.
#[derive(Debug, Default)]
pub(super) struct Passages {
    journeys: Vec<Journey>,
    /// By strand, the population.
    population_of: Vec<usize>,
    /// Of the last trial, without its group.
    counted: BTreeMap<Key, u128>,
}

impl Passages {
    /// Those of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let journeys = if topology.percentiles { topology.journeys.len() } else { 0 };
        Self {
            journeys: vec![Journey::default(); journeys],
            population_of: topology.strands().iter().map(|strand| strand.population.index()).collect(),
            counted: BTreeMap::new(),
        }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.counted.clear();
        self.journeys.iter_mut().for_each(|journey| journey.phases.begin());
    }

    /// The second phase begins.
    pub(super) fn start(&mut self, journey: usize, now: SimTime, ledger: &Ledger) {
        if let Some(own) = self.journeys.get_mut(journey) {
            own.phases.start(|| passed(ledger, journey, now));
        }
    }

    /// A journey is up or down from now on.
    pub(super) fn turn(&mut self, journey: usize, now: SimTime, down: bool, ledger: &Ledger) {
        if let Some(own) = self.journeys.get_mut(journey) {
            own.phases.turn(now, down, || passed(ledger, journey, now));
        }
    }

    /// All that its requests took by the end.
    pub(super) fn sum(&mut self, journey: usize, end: SimTime, ledger: &Ledger) {
        if let Some(own) = self.journeys.get_mut(journey) {
            let met = ledger.passages(journey);
            own.met.extend_from_slice(met.get(own.met.len()..).unwrap_or_default());
            ledger.passed(journey, end, &mut own.sums);
        }
    }

    /// Counts the requests of a journey by phase; see [`Latency::finish`].
    pub(super) fn finish(&mut self, journey: usize, when: (SimTime, Option<SimTime>), recurring: bool) {
        let Self { journeys, population_of, counted } = self;
        let Some(own) = journeys.get_mut(journey) else { return };
        let phases = own.phases.finish(std::mem::take(&mut own.sums), when, recurring);
        for (phase, sums) in phases.into_iter().enumerate() {
            for (passage, requests) in own.met.iter().zip(sums) {
                let parts = latencies::parts_of(requests);
                if parts > 0 {
                    let key = Key {
                        journey: journey as u32,
                        population: population_of[passage.strand] as u32,
                        phase: phase as u8,
                        group: 0,
                        nanoseconds: passage.nanoseconds,
                        law: passage.law.number(),
                    };
                    *counted.entry(key).or_default() += parts;
                }
            }
        }
    }

    /// Adds what the last trial has counted.
    pub(super) fn take(&mut self, trial: u64, into: &mut BTreeMap<Key, u128>) {
        let group = latencies::group(trial);
        for (key, parts) in &self.counted {
            *into.entry(Key { group, ..*key }).or_default() += parts;
        }
        self.counted.clear();
    }
}

fn passed(ledger: &Ledger, journey: usize, now: SimTime) -> Vec<f64> {
    let mut sums = Vec::new();
    ledger.passed(journey, now, &mut sums);
    sums
}
