//! Requests that parts behind the fronts fail, added up over a trial.

use models::cause::CAUSES;
use models::deployment::Topology;
use models::flow::Flow;
use sim_core::time::SimTime;

/// What each part fails, and has failed so far.
#[derive(Debug)]
pub(super) struct Parts {
    /// Where each part is among those of the flows.
    places: Vec<usize>,
    /// Failing requests per second, as the flows have them.
    rates: Vec<f64>,
    sums: Vec<f64>,
    since: SimTime,
}

impl Parts {
    /// Those of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let places = topology.parts().into_iter().map(|part| part.index).collect();
        Self { places, rates: Vec::new(), sums: Vec::new(), since: SimTime::ZERO }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.rates.fill(0.0);
        self.sums.fill(0.0);
        self.since = SimTime::ZERO;
    }

    /// The flows from `now` on.
    pub(super) fn set(&mut self, now: SimTime, flow: &Flow) {
        if self.rates == flow.blamed {
            return;
        }
        self.rates.resize(flow.blamed.len(), 0.0);
        self.sums.resize(flow.blamed.len(), 0.0);
        self.add_up(now);
        self.rates.copy_from_slice(&flow.blamed);
    }

    fn add_up(&mut self, now: SimTime) {
        let seconds = now.since(self.since).as_secs_f64();
        for (sum, rate) in self.sums.iter_mut().zip(&self.rates) {
            *sum += rate * seconds;
        }
        self.since = now;
    }

    /// What each part has failed by the end, by cause.
    pub(super) fn finish(&mut self, end: SimTime, into: &mut Vec<[f64; CAUSES]>) {
        self.add_up(end);
        into.clear();
        into.extend(self.places.iter().map(|&place| {
            let own = self.sums.get(place * CAUSES..(place + 1) * CAUSES);
            std::array::from_fn(|cause| own.map_or(0.0, |own| own[cause]))
        }));
    }
}
