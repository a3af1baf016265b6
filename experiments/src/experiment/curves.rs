//! S(t) over many trials: every trial runs again and is sampled on one grid around its first fault.

use std::num::NonZeroUsize;

use models::deployment::{Clock, Deployment, Observer, Topology};
use models::faults::Fault;
use models::flow::Flow;
use rayon::prelude::*;
use sim_core::stats::ranked;
use sim_core::time::{SimDuration, SimTime};

use super::simulation::Simulation;
use super::words;
use crate::run::{SuccessCurves, pool};

/// Instants of samples after the first fault, and before it.
const AFTER: usize = 480;
const BEFORE: usize = 24;
/// Percentiles over trials at each instant.
const PERCENTILES: [f64; 3] = [0.05, 0.5, 0.95];

/// Samples the first `trials` trials until `until` seconds after the first fault.
pub(super) fn curves(simulation: &Simulation, trials: u64, until: f64, threads: NonZeroUsize) -> Option<SuccessCurves> {
    let topology = simulation.topology();
    let step = until / AFTER as f64;
    let mut times: Vec<f64> = (0..=BEFORE + AFTER).map(|index| (index as f64 - BEFORE as f64) * step).collect();
    let journeys = topology.journeys.len();
    let watch = |deployment: &mut Deployment, trial| {
        let mut sampler = Sampler::new(&times, journeys);
        deployment.run(trial, &mut sampler);
        sampler
    };
    let alone = || {
        let mut deployment = simulation.deployment();
        (0..trials).map(|trial| watch(&mut deployment, trial)).collect()
    };
    // One thread is the calling thread, which also runs alone where no other can be started.
    let pool = (threads.get() > 1).then(|| pool(threads));
    let mut watched: Vec<Sampler> = match pool {
        Some(Ok(pool)) => {
            pool.install(|| (0..trials).into_par_iter().map_init(|| simulation.deployment(), watch).collect())
        }
        Some(Err(_)) | None => alone(),
    };
    if topology.recurring() {
        // Trials without a fault have no curve, and trials whose first fault comes just before their end have hardly
        // any.
        watched.retain(|sampler| sampler.samples.iter().all(|samples| samples.len() == times.len()));
    }
    // Where the fault struck late, the trial ended early: the curve covers times that every trial covers.
    let seen = watched.iter().flat_map(|sampler| &sampler.samples).map(Vec::len).min().unwrap_or(0);
    if seen == 0 {
        return None;
    }
    times.truncate(seen);
    let mut column = Vec::with_capacity(watched.len());
    let percentiles = |journey: usize, instant: usize, column: &mut Vec<f64>| {
        column.clear();
        column.extend(watched.iter().filter_map(|sampler| sampler.samples[journey].get(instant).copied()));
        column.sort_unstable_by(f64::total_cmp);
        PERCENTILES.map(|p| ranked(column, p).unwrap_or(1.0))
    };
    let lines = (0..journeys)
        .map(|journey| (0..times.len()).map(|instant| percentiles(journey, instant, &mut column)).collect())
        .collect();
    Some(SuccessCurves { trials: watched.len() as u64, faults: spans(topology), journeys: lines, times })
}

/// The start and end of faults after the first one, by their medians. Among several random faults the first one differs
/// from trial to trial.
fn spans(topology: &Topology) -> Vec<(String, f64, Option<f64>)> {
    let starting = || topology.faults.iter().filter(|fault| topology.starts_clock(fault));
    if topology.recurring() && starting().count() > 1 {
        return Vec::new();
    }
    let median = |fault: &Fault| fault.start.first().quantile(0.5);
    let first = starting().map(median).min_by(f64::total_cmp).unwrap_or(0.0);
    let known = topology.faults.iter().filter(|fault| !topology.recurring() || topology.starts_clock(fault));
    let span = |fault: &Fault| {
        let start = median(fault) - first;
        let end = fault.duration.as_ref().map(|duration| start + duration.quantile(0.5) + fault.restart.quantile(0.5));
        (words::fault_name(fault, topology), start, end)
    };
    known.map(span).collect()
}

/// One trial's S(t) on the grid.
#[derive(Debug)]
struct Sampler {
    /// The instants of the grid in nanoseconds from the start of the clock.
    grid: Vec<i64>,
    clock: Option<SimTime>,
    last: Vec<f64>,
    samples: Vec<Vec<f64>>,
}

impl Sampler {
    fn new(times: &[f64], journeys: usize) -> Self {
        Self {
            grid: times.iter().map(|seconds| (seconds * 1e9).round() as i64).collect(),
            clock: None,
            last: vec![1.0; journeys],
            samples: vec![Vec::with_capacity(times.len()); journeys],
        }
    }

    /// Takes the samples of all instants before `now`, with the flows as they were until now.
    fn sample_until(&mut self, now: SimTime) {
        let Some(clock) = self.clock else { return };
        for (samples, &success) in self.samples.iter_mut().zip(&self.last) {
            while let Some(&offset) = self.grid.get(samples.len()) {
                let delta = SimDuration::from_nanos(offset.unsigned_abs());
                let at = if offset < 0 { clock - delta } else { clock + delta };
                if at >= now {
                    break;
                }
                samples.push(success);
            }
        }
    }
}

impl Observer for Sampler {
    fn began(&mut self, clock: Clock) {
        self.clock = clock.start();
    }

    fn settled(&mut self, now: SimTime, flow: &Flow) {
        self.sample_until(now);
        for (last, journey) in self.last.iter_mut().zip(&flow.journeys) {
            *last = journey.success();
        }
    }

    fn ended(&mut self, end: SimTime, _: &[models::stores::Loss]) {
        self.sample_until(end);
    }
}
