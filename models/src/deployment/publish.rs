//! Who measures flows, and what alarms and runbooks learn of them.

use sim_core::engine::Engine;

use super::{Assembly, Happening, Key, Observer};
use crate::cloud_watch::Metric;
use crate::fronts::route53::zone::Watched;
use crate::ids::PlaceId;
use crate::services::Graph;

impl Assembly {
    /// Hands the flows to everybody who measures them.
    pub(super) fn publish(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        self.solver.solved.fill(false);
        for compute in self.computes.iter_mut().flatten() {
            compute.measure(&self.solver.flow, engine);
        }
        self.gates.tell(&self.solver.flow.load, engine);
        self.told.copy_from_slice(self.solver.flow.acknowledged());
        for (id, store) in self.stores.pairs_mut() {
            let rows = self.sharding.rows_of(id);
            store.acknowledges(self.solver.flow.acknowledged_by(rows), engine.now());
        }
        self.tell_queues(engine);
        self.tell_what_waits(engine);
        self.publish_to_backups(engine);
        self.publish_to_links(engine.now());
        self.publish_to_alarms(false, engine);
        self.publish_to_runbooks(observer, engine);
    }

    /// The same where nothing but traffic moved, to those whom that touches.
    pub(super) fn publish_moved(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        self.publish_drift(engine);
        self.publish_to_runbooks(observer, engine);
    }

    /// The same where every journey stays up or down.
    pub(super) fn publish_drift(&mut self, engine: &mut Engine<Key>) {
        let flow = &self.solver.flow;
        let (fronts, behind) = self.computes.as_mut_slice().split_at_mut(self.solver.solved.len());
        for (compute, solved) in fronts.iter_mut().zip(&mut self.solver.solved) {
            if std::mem::take(solved)
                && let Some(compute) = compute
            {
                compute.measure(flow, engine);
            }
        }
        for compute in behind.iter_mut().flatten() {
            compute.measure(flow, engine);
        }
        for (id, store) in self.stores.pairs_mut() {
            let rows = self.sharding.rows_of(id);
            let rates = flow.acknowledged_by(rows.clone());
            let told = &mut self.told[flow.writes_of(&rows)];
            if *told != *rates {
                told.copy_from_slice(rates);
                store.acknowledges(rates, engine.now());
            }
        }
        self.publish_to_backups(engine);
        self.publish_to_links(engine.now());
        self.publish_to_alarms(true, engine);
    }

    /// Alarms learn what their metrics are; `moved` says that nothing but traffic has moved.
    fn publish_to_alarms(&mut self, moved: bool, engine: &mut Engine<Key>) {
        let flow = &self.solver.flow;
        for alarm in &mut self.alarms {
            let graph = &self.topology.graph;
            let in_region =
                |place: PlaceId, value: f64| (value, if self.world.up(graph.home(place)) { 1.0 } else { 0.0 });
            let (above, below) = match alarm.component().metric() {
                Metric::UnhealthyHosts(_) | Metric::HealthCheck(_) if moved => continue,
                Metric::Errors { journey, region: None } => {
                    (flow.journeys[journey.index()].failed, flow.journeys[journey.index()].offered)
                }
                Metric::Errors { journey, region: Some(region) } => {
                    // A request enters one of the services there.
                    let mut sum = (0.0, 0.0);
                    for place in graph.entries(region) {
                        let (offered, failed) = flow.arrived[(place.index(), journey.index())];
                        sum = (sum.0 + failed, sum.1 + offered);
                    }
                    sum
                }
                Metric::UnhealthyHosts(place) => {
                    let out = self.computes[Graph::cell_at(place)]
                        .as_ref()
                        .map_or(0, super::compute::Compute::unhealthy_targets);
                    in_region(place, f64::from(out))
                }
                Metric::HealthCheck(Watched::Endpoint(place)) => (if self.verdicts[place] { 0.0 } else { 1.0 }, 1.0),
                Metric::HealthCheck(Watched::Check(check)) => {
                    (if self.watched[check] == Some(false) { 1.0 } else { 0.0 }, 1.0)
                }
                Metric::Utilization(place) if !flow.serves(place.index()) => (0.0, 0.0),
                Metric::Utilization(place) => in_region(place, flow.utilization(place.index())),
                Metric::Throttles(place) => {
                    // What a gateway refuses never comes to the function.
                    let load = flow.load[place.index()];
                    let refused = (load - self.gates.passes(Graph::cell_at(place), &flow.load)).max(0.0);
                    ((load * self.solver.overload[place.index()] - refused).max(0.0), load - refused)
                }
                Metric::ReplicationLag(store) => match self.stores[store].lag() {
                    (base, Some(since)) => {
                        engine.call(alarm, |alarm, ctx| alarm.set_growing(base, since, ctx));
                        continue;
                    }
                    (base, None) => (base, 1.0),
                },
            };
            engine.call(alarm, |alarm, ctx| alarm.set(above, below, ctx));
        }
    }

    /// Runbooks learn which journeys are up, if that changed.
    fn publish_to_runbooks(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let mut changed = false;
        for (journey, flow) in self.topology.journeys.ids().zip(&self.solver.flow.journeys) {
            let up = flow.up() >= self.up_from[journey];
            if up == self.journeys_up[journey] {
                continue;
            }
            self.journeys_up[journey] = up;
            observer.happened(engine.now(), Happening::Journey { journey, up });
            changed = true;
        }
        if changed {
            for runbook in &mut self.runbooks {
                engine.call(runbook, |runbook, ctx| runbook.journeys_changed(&self.journeys_up, ctx));
            }
        }
    }
}
