//! Which copies hold the log, and which have to be built anew from a writer before anybody can use them.
//!
//! A promotion leaves every other copy behind: each is built anew from the new writer's. That takes a time of its own,
//! drawn once for each copy and promotion; it goes on only while the copy gets the writer's log, and begins anew, with the
//! same time, where it was broken off. A former writer's copy behind a partition is readable until its region hears of the
//! new writer; one whose region was out is not when that is back.

use sim_core::random::{StreamId, Trial, Variate};
use sim_core::time::SimDuration;

use super::Parameters;
use crate::by_id::ById;
use crate::ids::RegionId;
use crate::stores::Site;

/// The use of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It holds the log.
    Whole,
    /// A former writer's, in a region that is up and that the new writer has not reached yet: readable, and to be built anew.
    LeftBehind,
    /// To be built anew.
    Unreadable,
    /// Being built anew.
    UnderWay,
}

/// The copies of a log, by region.
#[derive(Debug)]
pub(super) struct Rebuilds {
    time: ById<RegionId, Variate>,
    /// How long the next or present rebuild of each takes.
    takes: ById<RegionId, SimDuration>,
    states: ById<RegionId, State>,
    /// Rebuilds begun or broken off so far: the end of an earlier one means nothing.
    numbers: ById<RegionId, u32>,
}

impl Rebuilds {
    pub(super) fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let time = site.regions.iter().map(|region| {
            let id = StreamId::new(site.seed, &format!("{}/{region}", site.path), "rebuild-time");
            Variate::new(parameters.rebuild_time.clone(), id)
        });
        let count = site.regions.len();
        Self {
            time: time.collect(),
            takes: ById::new(count, SimDuration::ZERO),
            states: ById::new(count, State::Whole),
            numbers: ById::new(count, 0),
        }
    }

    /// Starts a trial in which all copies are whole.
    pub(super) fn begin(&mut self, trial: Trial<'_>) {
        for time in &mut self.time {
            time.begin(trial);
        }
        self.states.fill(State::Whole);
        self.numbers.fill(0);
    }

    /// Whether a copy holds the log.
    pub(super) fn is_whole(&self, region: RegionId) -> bool {
        self.states[region] == State::Whole
    }

    /// Whether a copy answers reads.
    pub(super) fn is_readable(&self, region: RegionId) -> bool {
        matches!(self.states[region], State::Whole | State::LeftBehind)
    }

    /// A copy holds the log from now on.
    pub(super) fn make_whole(&mut self, region: RegionId) {
        self.states[region] = State::Whole;
        self.numbers[region] += 1;
    }

    /// Every copy holds the log from now on.
    pub(super) fn end_all(&mut self) {
        for region in self.states.ids() {
            self.make_whole(region);
        }
    }

    /// A copy has to be built anew; `readable` until its region hears of it or goes out.
    pub(super) fn require(&mut self, region: RegionId, readable: bool) {
        self.states[region] = if readable { State::LeftBehind } else { State::Unreadable };
        self.numbers[region] += 1;
        self.takes[region] = self.time[region].draw_duration();
    }

    /// A copy's region goes out: when it is back, nobody reads what was left behind there.
    pub(super) fn goes_out(&mut self, region: RegionId) {
        if self.states[region] == State::LeftBehind {
            self.states[region] = State::Unreadable;
        }
    }

    /// A copy gets the log that it is to be built from, or does not: returns how long its rebuild takes, and its number,
    /// if that begins now.
    pub(super) fn look_at(&mut self, region: RegionId, connected: bool) -> Option<(SimDuration, u32)> {
        match (self.states[region], connected) {
            (State::Whole, _) | (State::UnderWay, true) | (State::LeftBehind | State::Unreadable, false) => None,
            (State::UnderWay, false) => {
                self.states[region] = State::Unreadable;
                self.numbers[region] += 1;
                None
            }
            (State::LeftBehind | State::Unreadable, true) => {
                self.states[region] = State::UnderWay;
                self.numbers[region] += 1;
                Some((self.takes[region], self.numbers[region]))
            }
        }
    }

    /// The rebuild of a copy with this number ends; returns whether it still counted.
    pub(super) fn end(&mut self, region: RegionId, number: u32) -> bool {
        let counts = self.states[region] == State::UnderWay && self.numbers[region] == number;
        if counts {
            self.make_whole(region);
        }
        counts
    }
}
