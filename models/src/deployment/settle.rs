//! After an instant at which something changed: answers, what probes meet, flows, and the metrics that follow.

use sim_core::engine::Engine;
use sim_core::time::SimTime;

use super::tiers::Inner;
use super::{Assembly, Dirty, Happening, Key, Observer, Strand};
use crate::cause::Cause;
use crate::ids::{PlaceId, RegionId};
use crate::needs::Access;
use crate::services::Graph;

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
            self.follow_callers();
            self.follow_own_names();
            self.update_fronts();
            self.update_chains();
            self.solver.places_changed();
        } else if dirty.fronts != 0 {
            self.update_fronts();
            for place in PlaceId::all(self.topology.places()) {
                if dirty.fronts & Dirty::front(place) != 0 {
                    self.solver.place_changed(place.index());
                }
            }
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
        if dirty.places || dirty.fronts != 0 || shed_changed {
            self.update_probes(engine);
        }
        if dirty.places {
            self.look_at_copies(observer, engine.now());
        }
        self.fill_caches(engine);
        self.tell_launches_and_probes(engine);
        self.cache_errors(engine);
        self.solver.add_refused();
        self.tell_sites(engine);
        self.publish(observer, engine);
    }

    /// Whether more follows from the targets of a place than what its front is like: callers remember what they see of it, tiers
    /// stand behind it, or requests go on from one place to another.
    pub(super) fn depends_on_fronts(&self) -> bool {
        self.tiers.any() || self.topology.graph.sites > 0 || !self.solver.is_direct()
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
            let called = !front_of_region || self.tiers.calls(cell);
            let demand =
                known.then(|| if called { self.demand_behind(cell) } else { self.solver.demand(cell.index()) });
            let passes = self.gates.passes(cell, &self.solver.flow.load);
            let Some(compute) = &mut self.computes[cell] else { continue };
            let front = &mut self.solver.flow.fronts[cell.index()];
            let before = (front.capacity, front.cold);
            differs |= compute.ask(demand, passes, front, engine);
            // What makes no difference to this demand may make one to the next.
            if (front.capacity, front.cold) != before && front_of_region {
                self.solver.place_changed(cell.index());
            }
            behind |= called;
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
        self.answer_callers(engine);
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
                front.gray = 1.0 - (1.0 - front.gray) * (1.0 - compute.gray_in_zones().requests);
                self.limit(cell, &mut front);
            }
            self.solver.flow.fronts[cell.index()] = front;
        }
        for &Inner { cell, region, inside, .. } in self.tiers.inner.iter().filter(|inner| !inner.entered) {
            let mut front = self.solver.flow.fronts[cell.index()];
            front.dead = inside && !self.world.up(region);
            front.gray = self.gray[cell].requests;
            front.impaired = self.impaired_cells[cell];
            if let Some(compute) = &self.computes[cell] {
                compute.update_front(&mut front);
                front.gray = 1.0 - (1.0 - front.gray) * (1.0 - compute.gray_in_zones().requests);
                self.limit(cell, &mut front);
            }
            self.solver.flow.fronts[cell.index()] = front;
        }
        self.meet_what_waits();
    }

    /// Whether anything in a region gets requests now.
    fn is_asked(&self, region: RegionId) -> bool {
        let entered = self.topology.graph.entries(region).any(|place| self.solver.flow.load[place.index()] > 0.0);
        let mut inner = self.tiers.inner.iter().filter(|inner| inner.region == region);
        entered || inner.any(|inner| self.solver.flow.called(inner.cell.index()) > 0.0)
    }

    /// Tells caches which share of what they do not answer is served, as seen from each copy's region: only that fills them, and
    /// where nobody asks nothing does.
    fn fill_caches(&mut self, engine: &mut Engine<Key>) {
        for store in self.stores.ids() {
            let Some(backed) = self.topology.stores[store].parameters.backs() else { continue };
            for region in self.topology.regions.ids() {
                let asked = self.is_asked(region);
                let served = if asked { self.meet_store(Access::Read, backed, region, None).pass } else { 0.0 };
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
}
