//! The instances of a group: where each of them is, what state it is in, and how many there are.

use sim_core::component::Handle;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Free,
    Ordered,
    Registering,
    Warming,
    InService,
    Dead {
        noticed: Handle,
    },
    /// Dead and noticed, but the control plane cannot act on it yet.
    DeadNoticed,
}

impl State {
    const fn live(self) -> bool {
        matches!(self, Self::Registering | Self::Warming | Self::InService)
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    pub(super) zone: usize,
    pub(super) state: State,
    pub(super) born: u64,
    pub(super) from_pool: bool,
    /// Whether its launch waits for the control plane.
    pub(super) waits: bool,
    /// The occurrence of a fault that it failed by, if it did not go with its zone.
    blamed: Option<usize>,
}

/// The instances of a group, each in a place of its own. The place of one that is gone is used again.
#[derive(Debug, Default)]
pub struct Members {
    places: Vec<Instance>,
    births: u64,
    /// Places that are not free.
    count: u64,
    in_service: u32,
}

impl Members {
    /// Starts a trial with so many instances in service, spread over the zones from the first.
    pub(super) fn begin(&mut self, count: u64, zones: usize) {
        self.places.clear();
        (self.births, self.count, self.in_service) = (0, 0, 0);
        for index in 0..count as usize {
            let place = self.add(index % zones, false);
            self.set_state(place, State::InService);
        }
    }

    /// A new instance is ordered. Returns its place.
    pub(super) fn add(&mut self, zone: usize, from_pool: bool) -> usize {
        let instance = Instance { zone, state: State::Free, born: self.births, from_pool, waits: false, blamed: None };
        self.births += 1;
        let full = self.count == self.places.len() as u64;
        let free = if full { None } else { self.places.iter().position(|place| place.state == State::Free) };
        let place = free.unwrap_or(self.places.len());
        if place == self.places.len() {
            self.places.push(instance);
        } else {
            self.places[place] = instance;
        }
        self.set_state(place, State::Ordered);
        place
    }

    /// Changes the state of an instance and keeps the counts.
    pub(super) fn set_state(&mut self, place: usize, state: State) {
        let before = std::mem::replace(&mut self.places[place].state, state);
        self.count = self.count + u64::from(state != State::Free) - u64::from(before != State::Free);
        self.in_service =
            self.in_service + u32::from(state == State::InService) - u32::from(before == State::InService);
    }

    /// An instance is gone for good.
    pub(super) fn remove(&mut self, place: usize) {
        self.set_state(place, State::Free);
        self.places[place].blamed = None;
    }

    /// Its launch goes on in another zone.
    pub(super) fn relocate(&mut self, place: usize, zone: usize) {
        self.places[place].zone = zone;
    }

    pub(super) fn set_waiting(&mut self, place: usize, waits: bool) {
        self.places[place].waits = waits;
    }

    pub(super) fn blame(&mut self, place: usize, occurrence: Option<usize>) {
        self.places[place].blamed = occurrence;
    }

    pub(super) fn of(&self, place: usize) -> Instance {
        self.places[place]
    }

    /// Instances that are there or ordered, the dead ones that were not replaced yet included.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) const fn in_service(&self) -> u32 {
        self.in_service
    }

    /// Whether some are on their way.
    pub(super) fn pending(&self) -> bool {
        self.places.iter().any(|it| matches!(it.state, State::Ordered | State::Registering | State::Warming))
    }

    /// Instances that a zone has or will have, the dead ones left out.
    pub(super) fn populated(&self, zone: usize) -> usize {
        let counts = |state: State| state == State::Ordered || state.live();
        self.places.iter().filter(|it| it.zone == zone && counts(it.state)).count()
    }

    /// The youngest of those that serve.
    pub(super) fn youngest(&self) -> Option<usize> {
        let serves = |&place: &usize| matches!(self.places[place].state, State::InService | State::Warming);
        (0..self.places.len()).filter(serves).max_by_key(|&place| self.places[place].born)
    }

    /// How many places for instances there are, used or not.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// The zone of an instance.
    pub fn zone_of(&self, place: usize) -> usize {
        self.places[place].zone
    }

    /// Whether an instance exists and is not dead, ordered ones left out.
    pub fn is_live(&self, place: usize) -> bool {
        self.places[place].state.live()
    }

    /// Whether an instance exists in this zone, dead ones that were not replaced yet included.
    pub fn is_in_zone(&self, place: usize, zone: usize) -> bool {
        let it = &self.places[place];
        it.zone == zone && !matches!(it.state, State::Free | State::Ordered)
    }

    /// Whether an instance is dead by itself.
    pub fn failed(&self, place: usize) -> bool {
        self.places[place].blamed.is_some()
    }

    /// Whether an instance is dead by this occurrence of a fault.
    pub fn failed_by(&self, place: usize, occurrence: usize) -> bool {
        self.places[place].blamed == Some(occurrence)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_what_a_walk_finds(steps in prop::collection::vec((0..5_u8, any::<prop::sample::Index>()), 1..200)) {
            let mut members = Members::default();
            members.begin(3, 2);
            for (step, which) in steps {
                let place = which.index(members.places());
                match step {
                    0 => drop(members.add(place % 2, false)),
                    1 => members.remove(place),
                    2 => members.set_state(place, State::InService),
                    3 => members.set_state(place, State::Warming),
                    _ => members.set_state(place, State::DeadNoticed),
                }
                let found = |is: fn(State) -> bool| members.places.iter().filter(|it| is(it.state)).count();
                prop_assert_eq!(members.count(), found(|state| state != State::Free) as u64);
                prop_assert_eq!(members.in_service() as usize, found(|state| state == State::InService));
            }
        }
    }

    #[test]
    fn the_place_of_one_that_is_gone_is_used_again() {
        let mut members = Members::default();
        members.begin(3, 3);
        members.remove(1);
        assert_eq!((members.add(0, true), members.add(0, false), members.places()), (1, 3, 4));
    }
}
