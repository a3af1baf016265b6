//! What requests ask for, as a deployment stands before any fault: calls of services and accesses to stores.

use models::deployment::Topology;
use models::ids::{JourneyId, ServiceId, StoreId};
use models::journeys::Journey;
use models::needs::{Access, Asks, Need};

/// Requests per second of all clients at the start.
pub(crate) fn requests(topology: &Topology) -> f64 {
    topology.clients.iter().map(|clients| clients.requests_per_second).sum()
}

/// How often a request comes to a service that clients enter, on average: by entering it, or by calls of others. Where a name leads to
/// several, each gets as much as any other here.
pub(crate) fn entering(topology: &Topology, service: ServiceId) -> f64 {
    let called = if topology.graph.asked.contains(&service) { calls(topology, service) } else { 0.0 };
    if topology.graph.only_entered().is_some() {
        return 1.0 + called;
    }
    let of = |(id, journey): (JourneyId, &Journey)| {
        let services = topology.entered_by(id);
        if services.contains(&service) { journey.share / services.len() as f64 } else { 0.0 }
    };
    topology.journeys.pairs().map(of).sum::<f64>() + called
}

/// How often a request calls a service, or sends it a message, on average over all journeys. A call is one, however often it would
/// be tried.
pub(crate) fn calls(topology: &Topology, service: ServiceId) -> f64 {
    each(topology, &|need: &Need| {
        let reached = need.call().map(|call| call.service).or_else(|| consumer(topology, need));
        f64::from(u8::from(reached == Some(service)))
    })
}

/// The service that works off what a need sends to a queue.
fn consumer(topology: &Topology, need: &Need) -> Option<ServiceId> {
    let (_, store) = need.access().filter(|(access, _)| *access == Access::Write)?;
    topology.stores[store].parameters.consumer()
}

/// How often a request accesses a store, on average over all journeys. What callers keep is not asked for less often here.
pub(crate) fn accesses(topology: &Topology, store: StoreId, access: Access) -> f64 {
    each(topology, &|need: &Need| f64::from(u8::from(need.access() == Some((access, store)))))
}

/// Whether requests with these needs write to a store and fail without it.
pub(crate) fn writes(topology: &Topology, needs: &[Need], store: StoreId) -> bool {
    needs.iter().filter(|need| !need.soft).any(|need| match need.asks {
        Asks::Store { access, store: own } => (access, own) == (Access::Write, store),
        Asks::Service(call) => writes(topology, &topology.graph.services[call.service].needs, store),
    })
}

/// The mean over journeys of what their needs weigh, in depth.
fn each(topology: &Topology, weight: &dyn Fn(&Need) -> f64) -> f64 {
    let of = |(id, journey): (JourneyId, &Journey)| {
        // Of several services that a name leads to, each counts as much as any other.
        let services = topology.entered_by(id);
        let all: f64 = services.iter().map(|&id| in_depth(topology, &topology.graph.services[id].needs, weight)).sum();
        let entry = all / services.len().max(1) as f64;
        journey.share * (entry + in_depth(topology, &journey.needs, weight))
    };
    topology.journeys.pairs().map(of).sum()
}

/// What needs weigh with all that they lead to. Neither calls nor queues form a circle.
fn in_depth(topology: &Topology, needs: &[Need], weight: &dyn Fn(&Need) -> f64) -> f64 {
    let of = |need: &Need| {
        let leads_to = need.call().map(|call| call.service).or_else(|| consumer(topology, need));
        let behind = leads_to.map_or(0.0, |id| in_depth(topology, &topology.graph.services[id].needs, weight));
        weight(need) + behind
    };
    needs.iter().map(of).sum()
}
