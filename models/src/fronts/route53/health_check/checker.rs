//! One checker: what it makes of its probes until something else than before meets them.
//!
//! What a checker will do is known as long as its probes end alike. Of *clean* ends (all pass, or all fail the same way)
//! it is arithmetic: requests leave on a grid, and after enough contrary results the checker turns, once. Of a gray
//! endpoint each probe has a number of the checker's stream, by its place in it, so that probes that cannot matter need
//! not be looked at.

use sim_core::random::Stream;
use sim_core::time::{SimDuration, SimTime};

use super::{HANGS, Outcome};

/// Probes of a gray endpoint that are looked at together: a bit each.
pub(super) const TOGETHER: u64 = 64;

/// What all checkers of an endpoint have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cadence {
    /// From the end of one probe to the next request.
    pub(super) interval: SimDuration,
    /// Contrary results in a row that turn a checker; at least 1.
    pub(super) threshold: u32,
}

impl Cadence {
    /// More often than this no checker turns while it is looked ahead at once: a probe that is under way may turn it, then
    /// clean results once, or those of a gray endpoint each time that enough of them follow each other.
    pub(super) const fn most_turns(self) -> usize {
        2 + (TOGETHER / self.threshold as u64) as usize
    }
}

/// A checker right after an instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checker {
    pub(super) healthy: bool,
    /// Consecutive results that contradict that, less than the threshold.
    contrary: u32,
    /// The probe under way, if any: when it ends and whether it passes.
    under_way: Option<(SimTime, bool)>,
    /// When the next request leaves if none is under way.
    next: SimTime,
    /// Probes of a gray endpoint so far: the place of the next one's number.
    drawn: u64,
}

impl Checker {
    /// A healthy checker whose first request leaves at `next`.
    pub(super) const fn new(next: SimTime) -> Self {
        Self { healthy: true, contrary: 0, under_way: None, next, drawn: 0 }
    }

    /// When something happens to it next.
    pub(super) fn due(&self) -> SimTime {
        self.under_way.map_or(self.next, |(ends, _)| ends)
    }

    /// Lives through all until `until`, that instant included, while probes end like this. Numbers of `luck` decide a gray
    /// endpoint's.
    pub(super) fn advance(&mut self, until: SimTime, outcome: Outcome, cadence: Cadence, luck: &Stream) {
        if !self.finish(until, cadence) {
            return;
        }
        if outcome.wavers() {
            self.walk(until, outcome, cadence, luck, |_, _| ());
            return;
        }
        let response_time = outcome.response_time();
        let cycle = cadence.interval + response_time;
        let sent = until.since(self.next).as_nanos() / cycle.as_nanos() + 1;
        let passes = match outcome {
            Outcome::Pass => true,
            Outcome::Error | Outcome::BlackHole | Outcome::Hangs => false,
            Outcome::Flaky { failing, .. } => {
                self.remember(sent, failing, cadence, luck);
                self.next = self.next + cycle.times(sent);
                return;
            }
        };
        let last = self.next + cycle.times(sent - 1);
        if last + response_time > until {
            self.under_way = Some((last + response_time, passes));
            self.next = last;
            self.results(passes, sent - 1, cadence);
        } else {
            self.next = last + cycle;
            self.results(passes, sent, cadence);
        }
    }

    /// Tells when it turns until `until`, that instant included, and to what, in this order.
    pub(super) fn turns(
        mut self,
        until: SimTime,
        outcome: Outcome,
        cadence: Cadence,
        luck: &Stream,
        mut tell: impl FnMut(SimTime, bool),
    ) {
        let before = self.healthy;
        let ends = self.due();
        let sends = self.finish(until, cadence);
        if self.healthy != before {
            tell(ends, self.healthy);
        }
        if !sends {
            return;
        }
        if outcome.wavers() {
            self.walk(until, outcome, cadence, luck, tell);
            return;
        }
        if let Outcome::Flaky { failing, .. } = outcome {
            self.flaky_turns(until, failing, cadence, luck, tell);
            return;
        }
        let passes = outcome == Outcome::Pass;
        if passes != self.healthy {
            let response_time = outcome.response_time();
            let cycle = cadence.interval + response_time;
            let missing = u64::from(cadence.threshold - self.contrary);
            let turns = self.next + cycle.times(missing - 1) + response_time;
            if turns <= until {
                tell(turns, passes);
            }
        }
    }

    /// Ends the probe that is under way if it ends until `until`; returns whether a request leaves until then as well.
    fn finish(&mut self, until: SimTime, cadence: Cadence) -> bool {
        if let Some((ends, passed)) = self.under_way {
            if ends > until {
                return false;
            }
            self.under_way = None;
            self.next = ends + cadence.interval;
            self.results(passed, 1, cadence);
        }
        self.next <= until
    }

    /// So many probes in a row ended like this.
    fn results(&mut self, passed: bool, count: u64, cadence: Cadence) {
        if count == 0 {
            return;
        }
        if passed == self.healthy {
            self.contrary = 0;
            return;
        }
        let contrary = u64::from(self.contrary) + count;
        if contrary < u64::from(cadence.threshold) {
            self.contrary = contrary as u32;
        } else {
            self.healthy = passed;
            self.contrary = 0;
        }
    }

    /// So many probes of a gray endpoint ended. Only the last ones are looked at: back to a run of equal results that is
    /// long enough to decide by itself.
    fn remember(&mut self, count: u64, failing: f64, cadence: Cadence, luck: &Stream) {
        let first = self.drawn;
        self.drawn += count;
        let threshold = u64::from(cadence.threshold);
        let mut results = Results::new(failing, luck);
        // How the last results ended, and how many of them did; the run that is being followed, from behind.
        let mut last: Option<(bool, u64)> = None;
        let (mut passed, mut run) = (!results.failed(self.drawn - 1), 0);
        for place in (first..self.drawn).rev() {
            if results.failed(place) == passed {
                last.get_or_insert((passed, run));
                passed = !passed;
                run = 0;
            }
            run += 1;
            if run == threshold {
                break;
            }
        }
        // At the start, the run goes on what was contrary before.
        let reaches_back = if passed == self.healthy { 0 } else { u64::from(self.contrary) };
        let whole = if run == threshold { run } else { run + reaches_back };
        if whole >= threshold {
            self.healthy = passed;
        }
        let (passed, run) = last.unwrap_or((passed, whole));
        self.contrary = if passed == self.healthy { 0 } else { run as u32 };
    }

    /// As [`Checker::turns`], where no probe is under way and at most [`TOGETHER`] requests leave until `until`.
    fn flaky_turns(
        mut self,
        until: SimTime,
        failing: f64,
        cadence: Cadence,
        luck: &Stream,
        mut tell: impl FnMut(SimTime, bool),
    ) {
        let sent = until.since(self.next).as_nanos() / cadence.interval.as_nanos() + 1;
        let failures = Results::new(failing, luck).failures(self.drawn, sent);
        if self.stays(failures, sent, cadence) {
            return;
        }
        for place in 0..sent {
            let before = self.healthy;
            self.results((failures >> place) & 1 == 0, 1, cadence);
            if self.healthy != before {
                tell(self.next + cadence.interval.times(place), self.healthy);
            }
        }
    }

    /// Lives through requests one by one, some of which take longer than others, and tells when it turns; none is under way.
    fn walk(
        &mut self,
        until: SimTime,
        outcome: Outcome,
        cadence: Cadence,
        luck: &Stream,
        mut tell: impl FnMut(SimTime, bool),
    ) {
        let Outcome::Flaky { errors, failing } = outcome else { return };
        let (mut errs, mut fails) = (Results::new(errors, luck), Results::new(failing, luck));
        while self.next <= until {
            let passes = !fails.failed(self.drawn);
            let hangs = !passes && !errs.failed(self.drawn);
            self.drawn += 1;
            let ends = if hangs { self.next + HANGS } else { self.next };
            if ends > until {
                self.under_way = Some((ends, passes));
                return;
            }
            let before = self.healthy;
            self.results(passes, 1, cadence);
            if self.healthy != before {
                tell(ends, self.healthy);
            }
            self.next = ends + cadence.interval;
        }
    }

    /// Whether no run of so many results, a bit each that failed, is long enough to turn it.
    fn stays(&self, failures: u64, count: u64, cadence: Cadence) -> bool {
        let beyond = if count < u64::BITS.into() { !0 << count } else { 0 };
        let contrary = if self.healthy { failures } else { !(failures | beyond) };
        if self.contrary + contrary.trailing_ones() >= cadence.threshold {
            return false;
        }
        // A bit that stays has as many bits above it as it was shifted.
        let mut long_runs = contrary;
        for _ in 1..cadence.threshold {
            long_runs &= long_runs >> 1;
        }
        long_runs == 0
    }
}

/// How probes of a gray endpoint end, by their place.
struct Results<'a> {
    failing: f64,
    luck: &'a Stream,
    block: u64,
    /// The failures of this block, a bit each.
    bits: u64,
}

impl<'a> Results<'a> {
    fn new(failing: f64, luck: &'a Stream) -> Self {
        Self { failing, luck, block: u64::MAX, bits: 0 }
    }

    /// The failures among the probes of a block, a bit each.
    fn block(&mut self, block: u64) -> u64 {
        if block != self.block {
            self.block = block;
            let bit = |(place, number): (usize, f64)| u64::from(number < self.failing) << place;
            self.bits = self.luck.block(block).into_iter().enumerate().map(bit).sum();
        }
        self.bits
    }

    fn failed(&mut self, place: u64) -> bool {
        (self.block(place / Stream::BLOCK) >> (place % Stream::BLOCK)) & 1 == 1
    }

    /// The failures among so many probes from `first` on, a bit each; at most 64.
    fn failures(&mut self, first: u64, count: u64) -> u64 {
        let (mut failures, mut place) = (0, first);
        while place < first + count {
            let within = place % Stream::BLOCK;
            failures |= (self.block(place / Stream::BLOCK) >> within) << (place - first);
            place += Stream::BLOCK - within;
        }
        if count < u64::BITS.into() { failures & !(!0 << count) } else { failures }
    }
}
