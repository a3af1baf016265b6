//! After an instant at which something changed: answers, what probes meet, flows, and the metrics that follow.

use sim_core::engine::Engine;
use sim_core::time::SimTime;

use super::door::Door;
use super::tiers::Inner;
use super::{Assembly, Dirty, Happening, Key, Observer, Strand, TOLERANCE};
use crate::cause::Cause;
use crate::cloud_watch::Metric;
use crate::fronts::global_accelerator::Health;
use crate::fronts::route53::health_check::Outcome;
use crate::fronts::route53::zone::{Sight, Watched};
use crate::ids::{CheckId, PlaceId, RegionId};
use crate::needs::{Access, Asks, Need};
use crate::services::Graph;

/// How long a checker waits for an answer once it is connected, in seconds (documented).
const PATIENCE: f64 = 2.0;
/// What is asked of one region depends on what others fail only through an edge, and on what stores shed: this is enough.
const MOST_ROUNDS: usize = 10;
/// The same where gateways share a bucket: each round brings the division closer by half and more.
const SHARED_ROUNDS: usize = 60;

impl Assembly {
    /// Brings everything that follows from the state up to date, one step a call: where populations are led, then flows and
    /// what follows from them, until nothing changes any more; then it tells the observer. Returns whether it did a step.
    pub(super) fn settle(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) -> bool {
        self.solver.set_now(engine.now());
        if self.clock_starts.iter().any(|at| *at <= engine.now()) {
            self.clock_starts = self.clock_starts.map(|at| if at <= engine.now() { SimTime::NEVER } else { at });
            observer.clock_starts(engine.now(), &self.solver.flow);
        }
        self.expire_with_event(engine);
        if self.dirty.routing {
            self.dirty.routing = false;
            self.dirty.answers = true;
            self.update_answers(observer, engine);
            return true;
        }
        if self.dirty.any() {
            self.settle_flows(observer, engine);
            self.unreported = true;
            return true;
        }
        if std::mem::take(&mut self.unreported) {
            self.solver.settle_ledger();
            observer.settled(engine.now(), &self.solver.flow);
            self.solver.touched.clear();
        }
        false
    }

    fn settle_flows(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let mut dirty = std::mem::take(&mut self.dirty);
        self.solver.take_refused_off();
        if self.eager {
            dirty = Dirty::EVERYTHING;
            self.solver.everything_changed();
        }
        // What is worked on behind the fronts is found anew with each solution, from the same beginning.
        dirty.places |= !self.held_behind.is_empty();
        if dirty.places {
            self.update_fronts();
            self.update_chains();
            self.solver.places_changed();
        }
        if dirty.answers || dirty.places {
            self.update_endpoint_causes();
        }
        for strand in self.populations.ids() {
            // Who goes on from dead addresses is elsewhere as soon as one dies.
            let moves = dirty.places && self.solver.walks();
            if dirty.traffic & Dirty::population(strand) == 0 && !moves {
                continue;
            }
            let component = self.populations[strand].component();
            // Behind an origin group the flows themselves say where traffic is.
            if self.solver.walks() {
                self.solver.follow(strand.index(), component.followed());
            } else if self.topology.edge.origin_group().is_none() {
                component.shares(self.solver.flow.shares.row_mut(strand.index()));
            }
            let Strand { population, share, .. } = self.strands[strand];
            let rate = self.topology.clients[population].requests_per_second * share;
            let offered = self.solver.let_in(strand.index(), rate * component.factor() * self.surge[population]);
            let before = std::mem::replace(&mut self.solver.flow.offered[strand.index()], offered);
            self.solver.traffic_changed(strand.index(), offered != before);
        }
        let shed_changed = self.solve(engine);
        if dirty.places || shed_changed {
            self.update_probes(engine);
        }
        if dirty.places {
            self.look_at_copies(observer, engine.now());
        }
        if dirty.places || shed_changed {
            self.fill_caches(engine);
        }
        self.tell_launches_and_probes(engine);
        self.cache_errors(engine);
        self.solver.add_refused();
        self.tell_sites(engine);
        self.publish(observer, engine);
    }

    /// Solves for the flows; returns whether stores shed another share than before. Compute that follows the demand hears
    /// of it, and what it then carries counts at this instant.
    fn solve(&mut self, engine: &mut Engine<Key>) -> bool {
        self.ask_computes(false, engine);
        self.solve_flows();
        let mut shed_changed = self.shed_overload();
        shed_changed |= self.settle_what_is_worked_on();
        if self.following.is_empty() {
            return shed_changed;
        }
        // What one region fails may be asked of another one, and that of the first again, less every time.
        // Gateways that share a bucket divide it by what each is asked.
        let rounds = if self.gates.are_shared() { SHARED_ROUNDS } else { MOST_ROUNDS };
        for _ in 0..rounds {
            if !self.ask_computes(true, engine) {
                break;
            }
            self.solve_flows();
            shed_changed |= self.shed_overload();
            shed_changed |= self.settle_what_is_worked_on();
        }
        shed_changed
    }

    /// Tells compute what is asked of it, if that is known, and asks what it carries; returns whether that is something
    /// else than it was.
    fn ask_computes(&mut self, known: bool, engine: &mut Engine<Key>) -> bool {
        let (mut differs, mut behind) = (false, false);
        for place in 0..self.following.len() {
            let cell = self.following[place];
            let front_of_region = cell.index() < self.topology.regions.len();
            let demand = known
                .then(|| if front_of_region { self.solver.demand(cell.index()) } else { self.demand_behind(cell) });
            let passes = self.gates.passes(cell, &self.solver.flow.load);
            let Some(compute) = &mut self.computes[cell] else { continue };
            let front = &mut self.solver.flow.fronts[cell.index()];
            let before = (front.capacity, front.cold);
            differs |= compute.ask(demand, passes, front, engine);
            // What makes no difference to this demand may make one to the next.
            if (front.capacity, front.cold) != before && front_of_region {
                self.solver.place_changed(cell.index());
            }
            behind |= !front_of_region;
        }
        if differs && behind {
            self.update_chains();
            self.solver.places_changed();
        }
        differs
    }

    /// Tells the edge what the origins fail, and serves the errors that it has kept.
    fn cache_errors(&mut self, engine: &mut Engine<Key>) {
        let (Some(caches), Some(plan)) = (&mut self.cached_errors, self.solver.edge()) else { return };
        let failing = &self.solver.failing;
        engine.call(caches, |caches, ctx| caches.observe(failing.cells(), &plan.keeps_errors, ctx));
        let shares = caches.component().shares();
        if self.solver.cached_errors.cells() != shares {
            self.solver.cached_errors.cells_mut().copy_from_slice(shares);
            self.solve_flows();
        }
    }

    /// Where each population is led now.
    fn update_answers(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        for strand in self.populations.ids() {
            let Strand { population, name, .. } = self.strands[strand];
            match self.topology.nowhere() {
                Some(nowhere) if self.lost_names[name] > 0 => {
                    self.scratch.fill(0.0);
                    self.scratch[nowhere.index()] = 1.0;
                }
                _ => self.door.answer(name, population, &mut self.scratch),
            }
            let answer = self.answers.row_mut(strand);
            if *answer == *self.scratch {
                continue;
            }
            answer.copy_from_slice(&self.scratch);
            observer.happened(engine.now(), Happening::AnswerChanged { population, name });
            if self.topology.edge.origin_group().is_some() {
                continue;
            }
            let answer = &self.scratch;
            let slot = &mut self.populations[strand];
            engine.call(slot, |population, ctx| population.answer_changed(answer, ctx));
            self.expiries.set(strand.index(), slot.component().next_expiry());
        }
    }

    /// What requests meet at each region's front.
    pub(super) fn update_fronts(&mut self) {
        for place in PlaceId::all(self.topology.places()) {
            let cell = Graph::cell_at(place);
            let mut front = self.solver.flow.fronts[cell.index()];
            front.dead = !self.world.up(self.topology.graph.home(place));
            front.gray = self.gray[cell].requests;
            front.impaired = self.impaired_cells[cell];
            if let Some(compute) = &self.computes[cell] {
                compute.update_front(&mut front);
                self.limit(cell, &mut front);
            }
            self.solver.flow.fronts[cell.index()] = front;
        }
        for &Inner { cell, region, inside, .. } in &self.tiers.inner {
            let mut front = self.solver.flow.fronts[cell.index()];
            front.dead = inside && !self.world.up(region);
            front.gray = self.gray[cell].requests;
            front.impaired = self.impaired_cells[cell];
            if let Some(compute) = &self.computes[cell] {
                compute.update_front(&mut front);
                self.limit(cell, &mut front);
            }
            self.solver.flow.fronts[cell.index()] = front;
        }
        self.meet_what_waits();
    }

    /// What a checker's request to each endpoint meets.
    fn update_probes(&mut self, engine: &mut Engine<Key>) {
        if matches!(self.door, Door::Accelerator(_)) {
            for region in RegionId::all(self.topology.endpoints) {
                let health = self.group_health(region);
                if let Door::Accelerator(accelerator) = &mut self.door {
                    engine.call(accelerator, |accelerator, ctx| accelerator.set_health(region, health, ctx));
                }
            }
        }
        for check in self.checks.ids() {
            let Some(outcome) = self.outcome_of(check) else { continue };
            if let Some(component) = &mut self.checks[check] {
                engine.call(component, |check, ctx| check.set_outcome(outcome, ctx));
            }
        }
    }

    /// What checkers have met at each endpoint for long when a trial starts.
    pub(super) fn assume_probes(&mut self, engine: &mut Engine<Key>) {
        for check in self.checks.ids() {
            let Some(outcome) = self.outcome_of(check) else { continue };
            if let Some(component) = &mut self.checks[check] {
                engine.call(component, |check, ctx| check.assume(outcome, ctx));
            }
        }
    }

    /// What a request of a check meets now, if it is one that asks.
    fn outcome_of(&self, check: CheckId) -> Option<Outcome> {
        match &self.topology.zone.checks[check].sight {
            Sight::Probes(probing) => Some(self.probe_outcome(probing.place, &probing.needs)),
            Sight::Alarm { .. } | Sight::Calculated { .. } => None,
        }
    }

    /// What an accelerator goes by at an endpoint: a load balancer's targets, or probes of its own.
    pub(super) fn group_health(&self, region: RegionId) -> Health {
        let balanced = self.computes[Graph::front(region)].as_ref().filter(|compute| compute.is_balanced());
        match balanced {
            Some(compute) if self.world.up(region) => Health::Targets(compute.has_healthy_target()),
            // Its probers keep their cadence whichever way a probe fails.
            _ => Health::Probes(match self.probe_outcome(PlaceId::of(region), &[]) {
                Outcome::Pass => 0.0,
                Outcome::Flaky(failing) => failing,
                Outcome::Error | Outcome::BlackHole | Outcome::Hangs => 1.0,
            }),
        }
    }

    fn probe_outcome(&self, place: PlaceId, needs: &[Need]) -> Outcome {
        let (cell, region) = (Graph::cell_at(place), self.topology.graph.home(place));
        if !self.world.up(region) {
            return Outcome::BlackHole;
        }
        if self.computes[cell].as_ref().is_some_and(super::compute::Compute::is_dead) {
            return Outcome::Error;
        }
        let mut pass = 1.0 - self.gray[cell].probes;
        let answers = self.probe_in_time(place, needs, PATIENCE);
        if answers == 0.0 {
            return Outcome::Hangs;
        }
        pass *= answers;
        for need in needs.iter().filter(|need| !need.soft) {
            let (works, hangs) = match need.asks {
                Asks::Store { access, store } => {
                    let met = self.meet(access, store, region, None);
                    (met.pass, met.hangs)
                }
                Asks::Service(call) => (self.call_passes(&call, need.site, region), false),
            };
            if works == 0.0 {
                return if hangs { Outcome::Hangs } else { Outcome::Error };
            }
            pass *= works;
        }
        match pass {
            0.0 => Outcome::Error,
            1.0 => Outcome::Pass,
            _ => Outcome::Flaky(1.0 - pass),
        }
    }

    /// Tells caches which share of what they do not answer is served, as seen from each copy's region: only that fills them.
    fn fill_caches(&mut self, engine: &mut Engine<Key>) {
        for store in self.stores.ids() {
            let Some(backed) = self.topology.stores[store].parameters.backs() else { continue };
            for region in self.topology.regions.ids() {
                let served = self.meet_store(Access::Read, backed, region, None).pass;
                self.stores[store].misses_served(region, served, engine);
            }
        }
    }

    /// Tells which stores have a copy that new writes no longer reach, or none any more.
    fn look_at_copies(&mut self, observer: &mut impl Observer, now: SimTime) {
        for ((store, known), component) in self.complete.pairs_mut().zip(&self.stores) {
            let complete = component.complete();
            if complete != *known {
                *known = complete;
                observer.happened(now, Happening::Protection { store, complete });
            }
        }
    }

    /// Which stage fails requests at a dead or gray endpoint.
    fn update_endpoint_causes(&mut self) {
        for strand in self.populations.ids() {
            for place in PlaceId::all(self.topology.places()) {
                let led = |column: usize| self.answers[(strand, column)] != 0.0;
                let answered =
                    led(place.index()) || self.columns.to(place).any(|column| led(self.topology.places() + column));
                let way = &self.ways[(self.strands[strand].name, place)];
                let cause = self.door.cause(place, way, &self.guards, self.verdicts[place], answered);
                // The edge asks the first origin of a group every time anew: nothing will lead it elsewhere.
                let grouped = self.topology.edge.origin_group().is_some();
                self.solver.blame(strand.index(), place.index(), if grouped { Cause::NoPath } else { cause });
            }
        }
    }

    /// Hands the flows to everybody who measures them.
    fn publish(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
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
        self.publish_to_runbooks(observer, engine);
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
            let up = flow.up() >= self.topology.up_when(journey) - TOLERANCE;
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
