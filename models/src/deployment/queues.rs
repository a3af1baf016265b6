//! What consumes queues: with what calls leave of its capacity, a service works off the messages of its region.
//!
//! Messages are load of their consumer and of all that it needs, as calls are; they are added to the flows each time these were
//! solved for.

use sim_core::engine::Engine;

use super::{Assembly, Key, Topology};
use crate::grid::Grid;
use crate::ids::{CellId, RegionId, ServiceId, StoreId};
use crate::needs::{Access, Asks, Need};
use crate::services::Graph;

/// A queue and the cells that consume it.
#[derive(Debug)]
struct Consumed {
    store: StoreId,
    /// By region of a copy.
    cells: Vec<(RegionId, CellId)>,
}

/// All queues, each after those from whose consumers it gets messages.
#[derive(Debug, Default)]
pub(super) struct Queues {
    all: Vec<Consumed>,
    /// Messages per second that are consumed: row = place in the list, column = region.
    rates: Grid<f64>,
    /// What the flows count without messages.
    counted: Vec<f64>,
    added: bool,
}

impl Queues {
    /// The queues of a deployment.
    pub(super) fn new(topology: &Topology) -> Self {
        let graph = &topology.graph;
        let consumed = |store: StoreId| {
            let parameters = &topology.stores[store].parameters;
            let consumer = parameters.consumer()?;
            let cell = |&region: &RegionId| Some((region, graph.cell(consumer, region)?));
            Some(Consumed { store, cells: parameters.regions().iter().filter_map(cell).collect() })
        };
        let consumers: Vec<(StoreId, ServiceId)> =
            topology.stores.pairs().filter_map(|(id, store)| Some((id, store.parameters.consumer()?))).collect();
        let order = in_order(&consumers, graph).unwrap_or_default();
        let all: Vec<Consumed> = order.into_iter().filter_map(consumed).collect();
        Self { rates: Grid::new(all.len(), topology.regions.len(), 0.0), all, ..Self::default() }
    }

    /// Whether there are any.
    pub(super) fn any(&self) -> bool {
        !self.all.is_empty()
    }
}

/// Queues in an order in which each comes after those whose consumers write to it; a circle of them if there is one, its first
/// one at both ends.
pub(super) fn in_order(consumers: &[(StoreId, ServiceId)], graph: &Graph) -> Result<Vec<StoreId>, Vec<StoreId>> {
    let mut order: Vec<StoreId> = Vec::new();
    let mut way = Vec::new();
    for &(store, _) in consumers {
        visit(store, consumers, graph, &mut order, &mut way)?;
    }
    order.reverse();
    Ok(order)
}

fn visit(
    store: StoreId,
    consumers: &[(StoreId, ServiceId)],
    graph: &Graph,
    done: &mut Vec<StoreId>,
    way: &mut Vec<StoreId>,
) -> Result<(), Vec<StoreId>> {
    if done.contains(&store) {
        return Ok(());
    }
    if let Some(from) = way.iter().position(|on_the_way| *on_the_way == store) {
        return Err(way[from..].iter().copied().chain([store]).collect());
    }
    let Some(&(_, consumer)) = consumers.iter().find(|(queue, _)| *queue == store) else { return Ok(()) };
    way.push(store);
    for next in written(consumer, graph) {
        visit(next, consumers, graph, done, way)?;
    }
    way.pop();
    done.push(store);
    Ok(())
}

/// What a service and those that it calls write.
fn written(service: ServiceId, graph: &Graph) -> Vec<StoreId> {
    let one = |need: &Need| match need.asks {
        Asks::Store { access: Access::Write, store } => vec![store],
        Asks::Store { access: Access::Read, .. } => Vec::new(),
        Asks::Service(call) => written(call.service, graph),
    };
    graph.services[service].needs.iter().flat_map(one).collect()
}

impl Assembly {
    /// Solves for the flows, with what is consumed from queues.
    pub(super) fn solve_flows(&mut self) {
        if std::mem::take(&mut self.queues.added) {
            self.solver.flow.counted.copy_from_slice(&self.queues.counted);
        }
        self.solver.solve();
        if self.queues.any() {
            self.consume();
        }
        if !self.solver.flow.entering.is_empty() {
            self.load_tiers();
        }
    }

    /// Adds what is consumed to the flows.
    pub(super) fn consume(&mut self) {
        let Self { queues, solver, stores, tiers, sharding, .. } = self;
        queues.counted.clone_from(&solver.flow.counted);
        queues.added = true;
        for (place, consumed) in queues.all.iter().enumerate() {
            let row = sharding.rows_of(consumed.store).start;
            for &(region, cell) in &consumed.cells {
                let front = solver.flow.fronts[cell.index()];
                let chain = tiers.chain_of_nobody(cell);
                let arriving = solver.flow.counted[solver.flow.writes_at(row, region.index())];
                // Instances that are dead ask for no messages.
                let served = front.past_impairment() * (1.0 - solver.overload[cell.index()]);
                let (attempts, done) = if front.dead {
                    (0.0, 0.0)
                } else {
                    let called = solver.flow.called(cell.index()) * (1.0 - front.dead_share);
                    let spare = (front.capacity - called).max(0.0);
                    consumption(stores[consumed.store].waits(region), arriving, spare, served * chain.pass)
                };
                queues.rates[(place, region.index())] = done;
                if attempts > 0.0 {
                    let called_at = solver.flow.called_at(cell.index());
                    solver.flow.counted[called_at] += attempts / (1.0 - front.dead_share);
                    for &(at, share) in &chain.counts {
                        solver.flow.counted[at] += attempts * served * share;
                    }
                }
            }
        }
    }

    /// Tells queues what is consumed of them.
    pub(super) fn tell_queues(&mut self, engine: &mut Engine<Key>) {
        for (place, consumed) in self.queues.all.iter().enumerate() {
            self.stores[consumed.store].consumes(self.queues.rates.row(place), engine);
        }
    }
}

/// Attempts at messages, and messages that are done, per second: of what waits, or else of what arrives, with so much spare
/// capacity, when so large a share of the attempts succeeds.
fn consumption(waits: bool, arriving: f64, spare: f64, passes: f64) -> (f64, f64) {
    // A message that fails stays, and is tried again.
    let wanted = if arriving <= 0.0 { 0.0 } else { arriving / passes };
    if waits || wanted > spare { (spare, spare * passes) } else { (wanted, arriving) }
}

#[cfg(test)]
mod tests {
    use super::consumption;

    #[test]
    fn what_waits_takes_all_that_is_spare_and_what_arrives_what_it_needs() {
        assert_eq!(consumption(false, 30.0, 100.0, 1.0), (30.0, 30.0));
        // Half of the attempts fail: 60 a second for 30.
        assert_eq!(consumption(false, 30.0, 100.0, 0.5), (60.0, 30.0));
        assert_eq!(consumption(true, 30.0, 100.0, 0.5), (100.0, 50.0));
        // Less is spare than arrives: the line grows by 10 a second.
        assert_eq!(consumption(false, 30.0, 20.0, 1.0), (20.0, 20.0));
        // Nothing works: all that is spare is spent on it.
        assert_eq!(consumption(false, 30.0, 20.0, 0.0), (20.0, 0.0));
        assert_eq!(consumption(false, 0.0, 20.0, 0.0), (0.0, 0.0));
    }
}
