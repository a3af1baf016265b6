//! The flows of the first instant, before any fault: whom requests reach, and what they load.

use models::by_id::ById;
use models::deployment::{Deployment, Observer, Topology};
use models::flow::Flow;
use sim_core::time::{SimDuration, SimTime};

#[derive(Default)]
struct First(Option<Flow>);

impl Observer for First {
    fn settled(&mut self, _: SimTime, flow: &Flow) {
        self.0.get_or_insert_with(|| flow.clone());
    }
}

/// The flows of a deployment when a trial starts, as if it had no faults.
pub(super) fn flows_at_first(topology: &Topology) -> Option<Flow> {
    let quiet = Topology { faults: ById::default(), ..topology.clone() };
    let mut first = First::default();
    // The first instant has no luck: draws of a trial are about later times.
    Deployment::new(&quiet, SimDuration::from_nanos(1), 0, false).run(0, &mut first);
    first.0
}
