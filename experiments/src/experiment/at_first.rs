//! The flows of the first instants, before any fault: whom requests reach, what they load, and what becomes of them.

use models::by_id::ById;
use models::clients::Parameters as Population;
use models::deployment::{Deployment, Observer, Topology};
use models::flow::Flow;
use sim_core::time::{SimDuration, SimTime};

#[derive(Default)]
struct Seen {
    first: Option<Flow>,
    last: Option<Flow>,
}

impl Observer for Seen {
    fn settled(&mut self, _: SimTime, flow: &Flow) {
        if self.first.is_none() {
            self.first = Some(flow.clone());
        } else {
            self.last = Some(flow.clone());
        }
    }
}

/// Clients of more patience than this are not waited for: opening a file should take no time.
const LONGEST: SimDuration = SimDuration::from_secs(300);

/// Flows of a deployment as if it had no faults.
pub(super) struct Quiet {
    /// When a trial starts.
    pub(super) at_first: Option<Flow>,
    /// Once clients that wait as long as they do have given up: until then they have not failed.
    pub(super) soon: Option<Flow>,
}

/// The flows of a deployment when a trial starts, as if it had no faults.
pub(super) fn quiet_flows(topology: &Topology) -> Quiet {
    let quiet = Topology { faults: ById::default(), ..topology.clone() };
    let mut seen = Seen::default();
    // The first instant has no luck: draws of a trial are about later times.
    Deployment::new(&quiet, patience(topology), 0, false).run(0, &mut seen);
    let soon = seen.last.or_else(|| seen.first.clone());
    Quiet { at_first: seen.first, soon }
}

/// The time after which whoever asked at first has given up for good, where requests may wait; an instant elsewhere.
fn patience(topology: &Topology) -> SimDuration {
    let waits = topology.queues().next().is_some();
    let all_tries = |clients: &Population| clients.timeout.as_nanos().saturating_mul(u64::from(clients.attempts));
    let Some(gives_up) = topology.clients.iter().filter(|_| waits).map(all_tries).max() else {
        return SimDuration::from_nanos(1);
    };
    // What waits is looked at now and then, so that it is given up somewhat later than clients do.
    let late = gives_up.saturating_add(gives_up / 4).saturating_add(SimDuration::from_secs(1).as_nanos());
    SimDuration::from_nanos(late.min(LONGEST.as_nanos()))
}
