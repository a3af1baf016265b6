//! The hosts under a fleet of tasks or pods: where each stands, and how many members it has room for.

use super::Members;

/// What has become of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// There is none in this place.
    Free,
    /// It was ordered.
    Ordered,
    /// It takes members.
    Ready,
    /// It is silent, and its members with it.
    Lost,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Host {
    pub(crate) zone: usize,
    pub(crate) state: State,
    /// Members that have a place on it.
    pub(crate) members: u64,
    /// Which host of this place it is: what was meant for an earlier one does not concern it.
    pub(crate) born: u64,
    /// How often it was lost.
    pub(crate) losses: u32,
}

/// The hosts, each in a place of its own. The place of one that is gone is used again.
#[derive(Debug)]
pub(crate) struct Hosts {
    room: u64,
    places: Vec<Host>,
    births: u64,
}

impl Hosts {
    /// Hosts that have room for so many members each.
    pub(crate) const fn new(room: u64) -> Self {
        Self { room, places: Vec::new(), births: 0 }
    }

    /// Starts a trial with so many empty hosts, spread over the zones from the first.
    pub(crate) fn begin(&mut self, count: u64, zones: usize) {
        self.places.clear();
        self.births = 0;
        for index in 0..count as usize {
            let host = self.add(index % zones);
            self.places[host].state = State::Ready;
        }
    }

    /// Gives every member that a trial starts with its place, evenly.
    pub(crate) fn settle(&mut self, members: &mut Members) {
        for member in 0..members.places() {
            let host = member % self.places.len().max(1);
            let zone = self.places[host].zone;
            self.occupy(host);
            members.change(member, |it| (it.host, it.zone) = (Some(host), zone));
        }
    }

    /// The hosts of a zone fall silent, or answer again.
    pub(crate) fn set_zone(&mut self, zone: usize, up: bool) {
        let (from, to) = if up { (State::Lost, State::Ready) } else { (State::Ready, State::Lost) };
        for host in 0..self.places.len() {
            if self.places[host].zone == zone && self.places[host].state == from {
                self.set(host, to);
            }
        }
    }

    /// The hosts of a zone are gone for good. Members that were there give their places back by themselves.
    pub(crate) fn remove_zone(&mut self, zone: usize) {
        for host in &mut self.places {
            if host.zone == zone && matches!(host.state, State::Ready | State::Lost) {
                host.state = State::Free;
            }
        }
    }

    /// Orders a host in a zone. Returns its place.
    pub(crate) fn add(&mut self, zone: usize) -> usize {
        let host = Host { zone, state: State::Ordered, members: 0, born: self.births, losses: 0 };
        self.births += 1;
        if let Some(place) = self.places.iter().position(|host| host.state == State::Free) {
            self.places[place] = host;
            return place;
        }
        self.places.push(host);
        self.places.len() - 1
    }

    /// How many places there are, used or not.
    pub(crate) const fn places(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn of(&self, host: usize) -> Host {
        self.places[host]
    }

    /// Puts a host into another state.
    pub(crate) fn set(&mut self, host: usize, state: State) {
        let place = &mut self.places[host];
        place.losses += u32::from(state == State::Lost);
        place.state = state;
    }

    /// Moves a host that was ordered to another zone.
    pub(crate) fn move_to(&mut self, host: usize, zone: usize) {
        self.places[host].zone = zone;
    }

    /// A host that takes one more member: in the zone with the fewest of them, where most room is left.
    pub(crate) fn with_room(&self, members_in: impl Fn(usize) -> usize) -> Option<usize> {
        let open = |&host: &usize| self.places[host].state == State::Ready && self.places[host].members < self.room;
        let rank = |&host: &usize| (members_in(self.places[host].zone), self.places[host].members, host);
        (0..self.places.len()).filter(open).min_by_key(rank)
    }

    /// A member takes its place on a host.
    pub(crate) fn occupy(&mut self, host: usize) {
        self.places[host].members += 1;
    }

    /// A member leaves its host.
    pub(crate) fn vacate(&mut self, host: usize) {
        self.places[host].members = self.places[host].members.saturating_sub(1);
    }

    /// Hosts that there are or that were ordered, silent ones included.
    pub(crate) fn count(&self) -> u64 {
        self.places.iter().filter(|host| host.state != State::Free).count() as u64
    }

    /// Hosts of a zone that are there or were ordered, silent ones left out.
    pub(crate) fn in_zone(&self, zone: usize) -> usize {
        let counts = |host: &&Host| host.zone == zone && matches!(host.state, State::Ordered | State::Ready);
        self.places.iter().filter(counts).count()
    }

    /// So many hosts are missing for members that wait, beyond those that were ordered.
    pub(crate) fn missing(&self, waiting: u64) -> u64 {
        let ordered = self.places.iter().filter(|host| host.state == State::Ordered).count() as u64;
        waiting.div_ceil(self.room).saturating_sub(ordered)
    }

    /// Whether a zone has hosts and all of them are silent.
    pub(crate) fn zone_is_lost(&self, zone: usize) -> bool {
        let mut there = self.places.iter().filter(|host| host.zone == zone && !Self::is_nothing(host)).peekable();
        there.peek().is_some() && there.all(|host| host.state == State::Lost)
    }

    const fn is_nothing(host: &Host) -> bool {
        matches!(host.state, State::Free | State::Ordered)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_go_where_the_fewest_are_and_hosts_are_ordered_for_what_does_not_fit() {
        let mut hosts = Hosts::new(2);
        hosts.begin(3, 2);
        // Two hosts in the first zone, one in the second: two members each, then the first zone alone has room.
        let mut in_zone = [0, 0];
        for expected in [0, 1, 2, 1, 0, 2] {
            let host = hosts.with_room(|zone| in_zone[zone]).expect("there is room");
            assert_eq!(host, expected, "{in_zone:?}");
            in_zone[hosts.of(host).zone] += 1;
            hosts.occupy(host);
        }
        assert_eq!(hosts.with_room(|_| 0), None);
        assert_eq!([1, 2, 3].map(|waiting| hosts.missing(waiting)), [1, 1, 2]);
        hosts.add(1);
        assert_eq!([1, 2, 3].map(|waiting| hosts.missing(waiting)), [0, 0, 1]);
    }

    #[test]
    fn a_zone_is_lost_when_all_of_its_hosts_are() {
        let mut hosts = Hosts::new(1);
        hosts.begin(4, 2);
        hosts.set(0, State::Lost);
        assert!(!hosts.zone_is_lost(0) && !hosts.zone_is_lost(1));
        hosts.set(2, State::Lost);
        assert!(hosts.zone_is_lost(0) && !hosts.zone_is_lost(1));
        hosts.set(2, State::Ready);
        assert!(!hosts.zone_is_lost(0));
    }
}
