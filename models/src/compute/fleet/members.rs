//! The members of a fleet: where each of them is, what has become of it, and how many there are.
//!
//! A member is an instance, a task or a pod.

use sim_core::component::Handle;

/// How an instance fails, and so who can see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// The host runs and the application does not answer: only the load balancer sees it.
    Application,
    /// The host is there and impaired: status checks see it, too.
    Impaired,
    /// The host is gone, and never comes back.
    Terminated,
}

/// Where an instance is on its way into service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// There is none in this place.
    Free,
    /// It was ordered.
    Ordered,
    /// It has started and waits for its first passed probe.
    Registering,
    /// It serves and warms up.
    Warming,
    /// It is warm.
    Warm,
}

/// The group's treatment of an unfit instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nothing: it is fit, or what it suffers from is not looked at.
    None,
    /// The group notices when this comes up.
    Due(Handle),
    /// The group has noticed; the instance waits for its batch, or for the control plane.
    Waits,
    /// Its successor is ordered, and it leaves when that serves: it no longer counts.
    Leaves,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Instance {
    pub(crate) zone: usize,
    pub(crate) stage: Stage,
    /// What it fails by, each by itself: it lives when nothing of this holds any more.
    terminated: bool,
    impaired: bool,
    /// Occurrences of faults under way that struck its application.
    struck: u32,
    /// Whether the load balancer sends it requests.
    pub(crate) in_rotation: bool,
    pub(crate) notice: Notice,
    pub(crate) born: u64,
    pub(crate) from_pool: bool,
    /// Whether its launch waits for the control plane.
    pub(crate) waits: bool,
    /// Whether the batch under way waits for it.
    pub(crate) successor: bool,
    /// The host that it runs on, where hosts are told apart.
    pub(crate) host: Option<usize>,
    /// Attempts to launch it that failed.
    pub(crate) failures: u32,
    /// How many had started before it, once it has.
    rank: u64,
}

impl Instance {
    /// The worst of what it fails by.
    pub(crate) const fn failure(&self) -> Option<Failure> {
        match self {
            Self { terminated: true, .. } => Some(Failure::Terminated),
            Self { impaired: true, .. } => Some(Failure::Impaired),
            Self { struck: 1.., .. } => Some(Failure::Application),
            _ => None,
        }
    }

    /// It fails by one thing more.
    pub(crate) const fn fails_by(&mut self, failure: Failure) {
        match failure {
            Failure::Application => self.struck += 1,
            Failure::Impaired => self.impaired = true,
            Failure::Terminated => self.terminated = true,
        }
    }

    /// One thing that it failed by is over; a host that is gone stays gone.
    pub(crate) const fn is_over(&mut self, failure: Failure) {
        match failure {
            Failure::Application => self.struck = self.struck.saturating_sub(1),
            Failure::Impaired => self.impaired = false,
            Failure::Terminated => {}
        }
    }

    const fn exists(&self) -> bool {
        !matches!(self.stage, Stage::Free | Stage::Ordered)
    }

    pub(crate) const fn live(&self) -> bool {
        self.exists() && self.failure().is_none()
    }

    const fn counts(&self) -> bool {
        !matches!(self.stage, Stage::Free) && !matches!(self.notice, Notice::Leaves)
    }

    /// Whether being in rotation or not decides on whether it is in service.
    pub(crate) const fn fit_for_service(&self) -> bool {
        self.live() && matches!(self.stage, Stage::Warm)
    }

    /// Whether it is live, warm and in rotation.
    const fn in_service(&self) -> bool {
        self.fit_for_service() && self.in_rotation
    }

    /// Whether it is on its way into service: ordered, warming up, or alive again and not in rotation yet.
    const fn pending(&self) -> bool {
        let unfit = matches!(self.notice, Notice::Waits | Notice::Leaves);
        matches!(self.stage, Stage::Ordered) || (self.live() && !self.in_service() && !unfit)
    }
}

/// The instances of a group, each in a place of its own. The place of one that is gone is used again.
#[derive(Debug, Default)]
pub struct Members {
    places: Vec<Instance>,
    births: u64,
    /// Instances that ever started.
    starts: u64,
    /// Instances that are there or ordered and are not about to leave.
    count: u64,
    in_service: u32,
    /// Places without an instance.
    free: usize,
    /// Occurrences of faults under way, each with the place of an instance that it struck.
    strikes: Vec<(usize, usize)>,
}

impl Members {
    /// Starts a trial with so many instances in service, spread over the zones from the first.
    pub(crate) fn begin(&mut self, count: u64, zones: usize) {
        self.places.clear();
        self.strikes.clear();
        (self.births, self.starts, self.count, self.in_service, self.free) = (0, 0, 0, 0, 0);
        for index in 0..count as usize {
            let place = self.add(index % zones, false);
            self.change(place, |it| (it.stage, it.in_rotation) = (Stage::Warm, true));
        }
    }

    /// A new instance is ordered. Returns its place.
    pub(crate) fn add(&mut self, zone: usize, from_pool: bool) -> usize {
        let instance = Instance {
            zone,
            stage: Stage::Free,
            terminated: false,
            impaired: false,
            struck: 0,
            in_rotation: false,
            notice: Notice::None,
            born: self.births,
            from_pool,
            waits: false,
            successor: false,
            host: None,
            failures: 0,
            rank: 0,
        };
        self.births += 1;
        let free = if self.free == 0 { None } else { self.places.iter().position(|place| place.stage == Stage::Free) };
        let place = free.unwrap_or(self.places.len());
        if place == self.places.len() {
            self.places.push(instance);
            self.free += 1;
        } else {
            self.places[place] = instance;
        }
        self.change(place, |it| it.stage = Stage::Ordered);
        place
    }

    /// Changes an instance and keeps the counts.
    pub(crate) fn change(&mut self, place: usize, change: impl FnOnce(&mut Instance)) {
        let before = self.places[place];
        change(&mut self.places[place]);
        if self.places[place].exists() && !before.exists() {
            self.places[place].rank = self.starts;
            self.starts += 1;
        }
        let after = self.places[place];
        self.count = self.count + u64::from(after.counts()) - u64::from(before.counts());
        self.in_service = self.in_service + u32::from(after.in_service()) - u32::from(before.in_service());
        let is_free = |it: &Instance| usize::from(it.stage == Stage::Free);
        self.free = self.free + is_free(&after) - is_free(&before);
    }

    /// An instance is gone for good.
    pub(crate) fn remove(&mut self, place: usize) {
        self.change(place, |it| {
            it.stage = Stage::Free;
            it.notice = Notice::None;
        });
        self.strikes.retain(|&(_, struck)| struck != place);
    }

    /// Notes that an occurrence of a fault struck an instance.
    pub(crate) fn note_strike(&mut self, occurrence: usize, place: usize) {
        self.strikes.push((occurrence, place));
    }

    /// Forgets that this occurrence struck an instance that is still there, and returns the place of that.
    pub(crate) fn forget_strike(&mut self, occurrence: usize) -> Option<usize> {
        let position = self.strikes.iter().position(|&(own, _)| own == occurrence)?;
        Some(self.strikes.remove(position).1)
    }

    /// What is in a place, used or not.
    pub(crate) fn of(&self, place: usize) -> Instance {
        self.places[place]
    }

    /// Instances that are there or ordered, those that fail and were not replaced yet included.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// Instances that ever started: those that were ordered and have not come to live are left out.
    pub(crate) const fn starts(&self) -> u64 {
        self.starts
    }

    /// The share of those that get requests and answer which are not among the first so many that started; 0 if none does.
    pub(crate) fn newer(&self, than: u64) -> f64 {
        if self.starts <= than {
            return 0.0;
        }
        let serves = |it: &&Instance| it.live() && it.in_rotation;
        let all = self.places.iter().filter(serves).count();
        let newer = self.places.iter().filter(serves).filter(|it| it.rank >= than).count();
        if all == 0 { 0.0 } else { newer as f64 / all as f64 }
    }

    /// Instances that are live, warm and in rotation.
    pub(crate) const fn in_service(&self) -> u32 {
        self.in_service
    }

    /// Whether some are on their way into service.
    pub(crate) fn pending(&self) -> bool {
        self.places.iter().any(Instance::pending)
    }

    /// Whether some were ordered or wait for their first passed probe.
    pub(crate) fn on_the_way(&self) -> bool {
        self.places.iter().any(|it| matches!(it.stage, Stage::Ordered | Stage::Registering))
    }

    /// Instances that were ordered and wait for room or for the control plane.
    pub(crate) fn waiting(&self) -> u64 {
        self.places.iter().filter(|it| it.stage == Stage::Ordered && it.waits).count() as u64
    }

    /// Instances that a zone has or will have, those that fail left out.
    pub(crate) fn populated(&self, zone: usize) -> usize {
        let counts = |it: &Instance| it.stage == Stage::Ordered || it.live();
        self.places.iter().filter(|it| it.zone == zone && counts(it)).count()
    }

    /// The youngest of those that are fit and have served.
    pub(crate) fn youngest(&self) -> Option<usize> {
        let serves = |&place: &usize| {
            let it = &self.places[place];
            let fit = matches!(it.notice, Notice::None | Notice::Due(_));
            it.live() && fit && matches!(it.stage, Stage::Warming | Stage::Warm)
        };
        (0..self.places.len()).filter(serves).max_by_key(|&place| self.places[place].born)
    }

    /// The zone with the fewest of them, of those that `is_up` says.
    pub(crate) fn roomiest(&self, zones: usize, is_up: impl Fn(usize) -> bool) -> Option<usize> {
        (0..zones).filter(|&zone| is_up(zone)).min_by_key(|&zone| (self.populated(zone), zone))
    }

    /// The one that has waited longest for room or for the control plane.
    pub(crate) fn first_waiting(&self) -> Option<usize> {
        let waits = |&place: &usize| self.places[place].stage == Stage::Ordered && self.places[place].waits;
        (0..self.places.len()).filter(waits).min_by_key(|&place| self.places[place].born)
    }

    /// The one that was ordered last and has not started.
    pub(crate) fn newest_ordered(&self) -> Option<usize> {
        let ordered = |&place: &usize| self.places[place].stage == Stage::Ordered;
        (0..self.places.len()).filter(ordered).max_by_key(|&place| self.places[place].born)
    }

    /// Instances that have started and live.
    pub(crate) fn started(&self) -> u64 {
        self.places.iter().filter(|it| it.live()).count() as u64
    }

    /// Instances that have started and fail.
    pub(crate) fn silent(&self) -> u64 {
        self.places.iter().filter(|it| it.exists() && it.failure().is_some()).count() as u64
    }

    /// The first of those that have started and fail.
    pub(crate) fn first_failing(&self) -> Option<usize> {
        self.places.iter().position(|it| it.exists() && it.failure().is_some())
    }

    /// How many places for instances there are, used or not.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// The zone of an instance.
    pub(crate) fn zone_of(&self, place: usize) -> usize {
        self.places[place].zone
    }

    /// Whether an instance exists and does not fail, ordered ones left out.
    pub fn is_live(&self, place: usize) -> bool {
        self.places[place].live()
    }

    /// Whether there is an instance, those that fail and were not replaced yet included, ordered ones left out.
    pub fn exists(&self, place: usize) -> bool {
        self.places[place].exists()
    }

    /// Whether an instance exists in this zone, those that fail and were not replaced yet included.
    pub fn is_in_zone(&self, place: usize, zone: usize) -> bool {
        self.exists(place) && self.places[place].zone == zone
    }

    /// The zone of an instance.
    pub fn zone(&self, place: usize) -> usize {
        self.places[place].zone
    }

    /// Whether an instance is impaired, as its zone is.
    pub fn is_impaired(&self, place: usize) -> bool {
        self.places[place].impaired
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_what_a_walk_finds(steps in prop::collection::vec((0..8_u8, any::<prop::sample::Index>()), 1..200)) {
            let mut members = Members::default();
            members.begin(3, 2);
            for (step, which) in steps {
                let place = which.index(members.places());
                match step {
                    0 => drop(members.add(place % 2, false)),
                    1 => members.remove(place),
                    2 => members.change(place, |it| it.stage = Stage::Warm),
                    3 => members.change(place, |it| it.stage = Stage::Warming),
                    4 => members.change(place, |it| it.in_rotation = !it.in_rotation),
                    5 => members.change(place, |it| it.fails_by(Failure::Impaired)),
                    6 => members.change(place, |it| it.is_over(Failure::Impaired)),
                    _ => members.change(place, |it| it.notice = Notice::Leaves),
                }
                let found = |is: fn(&Instance) -> bool| members.places.iter().filter(|it| is(it)).count();
                let counted = found(|it| it.stage != Stage::Free && it.notice != Notice::Leaves);
                prop_assert_eq!(members.count(), counted as u64);
                let serving = found(|it| it.stage == Stage::Warm && it.in_rotation && it.failure().is_none());
                prop_assert_eq!(members.in_service() as usize, serving);
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
