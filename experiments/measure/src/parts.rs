//! Requests that parts behind the fronts fail, added up over a trial.

use models::cause::CAUSES;
use models::deployment::Topology;
use models::flow::Ledger;
use sim_core::time::SimTime;

/// Which parts there are.
#[derive(Debug)]
pub(super) struct Parts {
    /// Where each part is among those of the flows.
    places: Vec<usize>,
}

impl Parts {
    /// Those of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        Self { places: topology.parts().into_iter().map(|part| part.index).collect() }
    }

    /// What each part has failed by the end, by cause.
    pub(super) fn sum_up(&self, end: SimTime, ledger: &Ledger, into: &mut Vec<[f64; CAUSES]>) {
        into.clear();
        into.extend(self.places.iter().map(|&place| ledger.blamed(place, end)));
    }
}
