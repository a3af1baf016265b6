//! The walk from expiry to expiry of resolvers' caches, which are no events: there are hundreds of them in the time of a few
//! events, and each moves a little traffic and nothing else.
//!
//! At each expiry that moves traffic, only what it touches is worked out again: the regions that it leaves and reaches, the
//! population, and those who measure them. Where an edge, addresses that clients go through, compute that follows the
//! demand or stores that shed tie regions together, everything settles instead.

use sim_core::engine::Engine;
use sim_core::time::SimTime;

use super::{Assembly, Dirty, Key, Observer};
use crate::ids::StrandId;

/// The next expiry of each population, and of all: a tournament, in which each node holds the earlier of two, at equal
/// times the one with the lower number.
#[derive(Debug)]
pub(super) struct Expiries {
    times: Vec<SimTime>,
    /// Node n is decided between nodes 2n and 2n + 1; the times follow as leaves.
    winners: Vec<u32>,
}

impl Expiries {
    /// Of so many populations, none of which expires.
    pub(super) fn new(populations: usize) -> Self {
        let leaves = populations.next_power_of_two().max(2);
        let mut expiries = Self { times: vec![SimTime::NEVER; leaves], winners: vec![0; leaves] };
        for leaf in 0..leaves {
            expiries.set(leaf, SimTime::NEVER);
        }
        expiries
    }

    /// When a population expires next.
    #[inline]
    pub(super) fn set(&mut self, population: usize, time: SimTime) {
        let leaves = self.times.len();
        self.times[population] = time;
        let mut node = (leaves + population) >> 1;
        while node > 0 {
            let of = |child: usize| if child < leaves { self.winners[child] } else { (child - leaves) as u32 };
            let (one, other) = (of(2 * node), of(2 * node + 1));
            self.winners[node] = if self.times[other as usize] < self.times[one as usize] { other } else { one };
            node /= 2;
        }
    }

    /// Who expires next, and when.
    #[inline]
    pub(super) fn first(&self) -> (SimTime, usize) {
        let population = self.winners[1] as usize;
        (self.times[population], population)
    }
}

impl Assembly {
    /// Walks from expiry to expiry; see [`sim_core::simulation::Model::glide`].
    pub(super) fn glide(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) -> bool {
        loop {
            let (time, _) = self.expiries.first();
            if time >= engine.free_until() {
                return false;
            }
            engine.glide_to(time);
            self.expire(engine);
            if self.dirty.any() {
                // Callers go elsewhere.
                self.moving_is_dirty();
                return true;
            }
            if self.moving.is_empty() {
                continue;
            }
            if self.tied || self.eager {
                self.moving_is_dirty();
                return true;
            }
            self.solver.set_now(time);
            if self.solver.may_drift() {
                for index in 0..self.moving.len() {
                    let population = self.moving[index];
                    let component = self.populations[population].component();
                    component.shares(self.solver.flow.shares.row_mut(population.index()));
                    self.solver.drift(population.index());
                }
                if self.solver.drifts() && !self.is_heard(observer) {
                    self.publish_drift(engine);
                    if self.dirty.any() || !engine.is_quiet() {
                        self.moving.clear();
                        self.solve_flows();
                        self.unreported = true;
                        return true;
                    }
                    observer.drifted(time, &self.solver.flow, &self.moving);
                    self.moving.clear();
                    continue;
                }
            }
            self.follow(engine);
            if self.dirty.any() {
                self.unreported = true;
                return true;
            }
            self.publish_moved(observer, engine);
            if self.dirty.any() || !engine.is_quiet() {
                self.unreported = true;
                return true;
            }
            self.solver.settle_ledger();
            observer.moved(time, &self.solver.flow, self.solver.touched.list());
            self.solver.touched.clear();
        }
    }

    /// Whether the observer hears of flows that have drifted: it follows all, a journey comes up or goes down, or another cause
    /// may fail most of one that is down.
    fn is_heard(&mut self, observer: &impl Observer) -> bool {
        if observer.follows_all() {
            return true;
        }
        let flows = self.solver.flow.journeys.iter().zip(self.up_from.as_slice()).zip(self.journeys_up.as_slice());
        if flows.into_iter().any(|((flow, up_from), up)| (flow.up() >= *up_from) != *up) {
            return true;
        }
        let down = self.journeys_up.iter().map(|up| !up);
        down.clone().any(|down| down) && !self.solver.causes_stay(down)
    }

    /// The cohorts that are due ask DNS again; populations whose traffic moves with them are in `moving` then.
    fn expire(&mut self, engine: &mut Engine<Key>) {
        loop {
            let (time, index) = self.expiries.first();
            if time > engine.now() {
                return;
            }
            if let Some(callers) = index.checked_sub(self.populations.len()) {
                match callers.checked_sub(self.by_name.len()) {
                    Some(own_name) => self.own_name_expires(own_name, engine),
                    None => self.callers_expire(callers, engine),
                }
                continue;
            }
            let id = StrandId::new(index);
            let population = &mut self.populations[id];
            let moves = engine.call(population, crate::clients::Population::expire);
            self.expiries.set(index, population.component().next_expiry());
            if moves {
                self.moving.push(id);
            }
        }
    }

    /// At the instant of an event: cohorts that are due belong to it.
    pub(super) fn expire_with_event(&mut self, engine: &mut Engine<Key>) {
        if self.expiries.first().0 <= engine.now() {
            self.expire(engine);
            self.moving_is_dirty();
        }
    }

    /// What moves is settled with everything else.
    fn moving_is_dirty(&mut self) {
        for population in self.moving.drain(..) {
            self.dirty.traffic |= Dirty::population(population);
        }
    }

    /// Flows follow what moves.
    fn follow(&mut self, engine: &mut Engine<Key>) {
        self.solver.take_refused_off();
        for index in 0..self.moving.len() {
            let population = self.moving[index];
            let component = self.populations[population].component();
            component.shares(self.solver.flow.shares.row_mut(population.index()));
            self.solver.traffic_changed(population.index(), false);
        }
        self.moving.clear();
        debug_assert!(engine.is_quiet(), "an expiry announces nothing");
        self.solve_flows();
        if self.tiers.any() && self.sheds_otherwise() {
            self.dirty.capacity = true;
        }
        self.solver.add_refused();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_expiry_comes_first_and_of_equals_the_first_population() {
        for count in [1_u64, 2, 3, 7, 64] {
            let mut expiries = Expiries::new(count as usize);
            assert_eq!(expiries.first().0, SimTime::NEVER);
            let mut times = vec![SimTime::NEVER; count as usize];
            for step in 0..500_u64 {
                let (who, when) = ((step * step % count) as usize, SimTime::from_nanos(step * 37 % 17));
                expiries.set(who, when);
                times[who] = when;
                let first = (0..times.len()).min_by_key(|&index| (times[index], index)).expect("there is one");
                assert_eq!(expiries.first(), (times[first], first));
            }
        }
    }
}
