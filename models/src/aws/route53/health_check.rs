//! A Route 53 health check: checkers all over the world that probe one endpoint, and their quorum.
//!
//! Modelled:      checkers with phases of their own; the next request leaves one interval after the last response, so a
//!                probe that hangs stretches the cycle; consecutive contrary results, the same number both ways; the
//!                quorum of more than 18 %.
//! Not modelled:  checkers that lose their own connectivity, string matching, checker regions with their own latency.
//! Sources:       interval, threshold, quorum, time-outs: documented; 16 checkers: derived from probe rates.
//!
//! A checker that agrees with what it sees sleeps: its next probes are known to change nothing, and where they fall is
//! known as well.

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Stream, StreamId};
use sim_core::time::{SimDuration, SimTime};

/// How a request of a checker ends that leaves now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Answered well, in no time.
    Pass,
    /// Answered badly, in no time.
    Error,
    /// No connection within 4 s.
    BlackHole,
    /// A connection, but no status within 2 s.
    Hangs,
    /// Answered badly with this probability, in no time.
    Flaky(f64),
}

impl Outcome {
    /// How long a failing probe takes: connect within 4 s, status within 2 s of connecting (documented).
    const fn response_time(self) -> SimDuration {
        match self {
            Self::Pass | Self::Error | Self::Flaky(_) => SimDuration::ZERO,
            Self::BlackHole => SimDuration::from_secs(4),
            Self::Hangs => SimDuration::from_secs(2),
        }
    }
}

/// The quorum: an endpoint is healthy while more than this percentage of its checkers says so (documented).
const QUORUM_PERCENT: usize = 18;

/// What can happen to a health check: one or more of its checkers are due.
#[derive(Debug, Clone, Copy)]
pub struct Due;

/// The endpoint's verdict turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// What it turned to.
    pub healthy: bool,
}

#[derive(Debug, Clone, Copy)]
struct Checker {
    healthy: bool,
    /// Consecutive results that contradict the verdict.
    contrary: u32,
    /// The probe under way, if any: when it ends and whether it passes.
    under_way: Option<(SimTime, bool)>,
    /// When the next request leaves (if none is under way), or the last one left.
    next: SimTime,
}

impl Checker {
    /// When something happens to it next, if it does not sleep.
    fn due(&self) -> SimTime {
        self.under_way.map_or(self.next, |(ends, _)| ends)
    }
}

/// One health check and its checkers.
#[derive(Debug)]
pub struct HealthCheck {
    interval: SimDuration,
    threshold: u32,
    eager: bool,
    outcome: Outcome,
    /// Per checker, the streams of its phase and of its probes of a gray endpoint. Apart, so that walking the checkers
    /// touches little memory.
    phases: Vec<Stream>,
    luck: Vec<Stream>,
    checkers: Vec<Checker>,
    /// When something happens next to each checker; never while it sleeps.
    wakes: Vec<SimTime>,
    healthy_checkers: usize,
    pending: Option<(SimTime, Handle)>,
}

impl HealthCheck {
    /// A check with this cadence; `path` names its streams.
    pub fn new(interval: SimDuration, threshold: u32, checkers: usize, path: &str, seed: u64, eager: bool) -> Self {
        let streams = |purpose: &str| {
            let stream = |index| Stream::new(StreamId::new(seed, &format!("{path}/checker-{index}"), purpose));
            (0..checkers).map(stream).collect()
        };
        let rested = Checker { healthy: true, contrary: 0, under_way: None, next: SimTime::ZERO };
        Self {
            interval,
            threshold,
            eager,
            outcome: Outcome::Pass,
            phases: streams("phase"),
            luck: streams("gray-probe"),
            checkers: vec![rested; checkers],
            wakes: vec![SimTime::NEVER; checkers],
            healthy_checkers: 0,
            pending: None,
        }
    }

    /// Starts a trial with a healthy endpoint.
    pub fn begin(&mut self, trial: u64, ctx: &mut Context<'_, Due, Turned>) {
        self.outcome = Outcome::Pass;
        self.healthy_checkers = self.checkers.len();
        self.pending = None;
        for ((checker, phase), luck) in self.checkers.iter_mut().zip(&mut self.phases).zip(&mut self.luck) {
            phase.begin(trial);
            luck.begin(trial);
            let first = SimDuration::from_secs_f64(phase.uniform() * self.interval.as_secs_f64());
            *checker = Checker { healthy: true, contrary: 0, under_way: None, next: SimTime::ZERO + first };
        }
        self.reschedule(ctx);
    }

    /// Requests of checkers have ended like this since long before the trial, and every checker knows.
    pub fn assume(&mut self, outcome: Outcome, ctx: &mut Context<'_, Due, Turned>) {
        self.outcome = outcome;
        let healthy = matches!(outcome, Outcome::Pass | Outcome::Flaky(_));
        for checker in &mut self.checkers {
            checker.healthy = healthy;
        }
        self.healthy_checkers = if healthy { self.checkers.len() } else { 0 };
        self.reschedule(ctx);
    }

    /// The verdict of the quorum.
    pub fn healthy(&self) -> bool {
        self.healthy_checkers * 100 > QUORUM_PERCENT * self.checkers.len()
    }

    /// From now on requests of checkers end like this.
    pub fn set_outcome(&mut self, outcome: Outcome, ctx: &mut Context<'_, Due, Turned>) {
        if outcome == self.outcome {
            return;
        }
        let now = ctx.now();
        for index in 0..self.checkers.len() {
            if self.sleeps(&self.checkers[index]) {
                self.catch_up(index, now);
            }
        }
        self.outcome = outcome;
        self.reschedule(ctx);
    }

    /// Whether nothing that this checker can see now would change it.
    fn sleeps(&self, checker: &Checker) -> bool {
        let agrees = match self.outcome {
            Outcome::Pass => checker.healthy,
            Outcome::Error | Outcome::BlackHole | Outcome::Hangs => !checker.healthy,
            Outcome::Flaky(_) => false,
        };
        !self.eager && agrees && checker.contrary == 0 && checker.under_way.is_none()
    }

    /// Brings a sleeping checker to `now`: its last request left on the grid of its cycle, and may still be under way.
    fn catch_up(&mut self, index: usize, now: SimTime) {
        let response_time = self.outcome.response_time();
        let cycle = self.interval + response_time;
        let passes = self.outcome == Outcome::Pass;
        let checker = &mut self.checkers[index];
        if checker.next > now {
            return;
        }
        // What probes meet changes when everything else of the instant has happened: a request that leaves just now has.
        let next = (now + SimDuration::from_nanos(1)).next_on_grid(checker.next, cycle);
        let last = next - cycle;
        if last + response_time > now {
            checker.next = last;
            checker.under_way = Some((last + response_time, passes));
        } else {
            checker.next = next;
        }
    }

    /// When something happens next to this checker.
    fn wake_of(&self, index: usize) -> SimTime {
        let checker = &self.checkers[index];
        if self.sleeps(checker) { SimTime::NEVER } else { checker.due() }
    }

    /// What the checkers see has changed, or whether they are healthy.
    fn reschedule(&mut self, ctx: &mut Context<'_, Due, Turned>) {
        for index in 0..self.checkers.len() {
            self.wakes[index] = self.wake_of(index);
        }
        self.schedule(ctx);
    }

    fn schedule(&mut self, ctx: &mut Context<'_, Due, Turned>) {
        let next = self.wakes.iter().copied().min().unwrap_or(SimTime::NEVER);
        match self.pending {
            Some((time, _)) if time == next => return,
            Some((_, handle)) => ctx.cancel(handle),
            None => {}
        }
        self.pending = (next != SimTime::NEVER).then(|| (next, ctx.schedule_at(next, Due)));
    }

    /// A checker learned how its probe ended.
    fn result(&mut self, index: usize, passed: bool) {
        let checker = &mut self.checkers[index];
        if passed == checker.healthy {
            checker.contrary = 0;
            return;
        }
        checker.contrary += 1;
        if checker.contrary == self.threshold {
            checker.contrary = 0;
            checker.healthy = passed;
            if passed {
                self.healthy_checkers += 1;
            } else {
                self.healthy_checkers -= 1;
            }
        }
    }

    fn send(&mut self, index: usize, now: SimTime) {
        let interval = self.interval;
        let outcome = self.outcome;
        let checker = &mut self.checkers[index];
        let passes = match outcome {
            Outcome::Pass => true,
            Outcome::Error | Outcome::BlackHole | Outcome::Hangs => false,
            Outcome::Flaky(failing) => self.luck[index].uniform() >= failing,
        };
        let response_time = outcome.response_time();
        if response_time.is_zero() {
            checker.next = now + interval;
            self.result(index, passes);
        } else {
            checker.under_way = Some((now + response_time, passes));
        }
    }
}

impl Component for HealthCheck {
    type Event = Due;
    type Signal = Turned;

    fn handle(&mut self, _: Due, ctx: &mut Context<'_, Due, Turned>) {
        self.pending = None;
        let now = ctx.now();
        let was_healthy = self.healthy();
        for index in 0..self.checkers.len() {
            if self.wakes[index] != now {
                continue;
            }
            if let Some((_, passed)) = self.checkers[index].under_way {
                self.checkers[index].under_way = None;
                self.checkers[index].next = now + self.interval;
                self.result(index, passed);
            } else {
                self.send(index, now);
            }
            self.wakes[index] = self.wake_of(index);
        }
        let healthy = self.healthy();
        if healthy != was_healthy {
            ctx.signal(Turned { healthy });
        }
        self.schedule(ctx);
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn check(checkers: usize, threshold: u32, trial: u64, eager: bool) -> Harness<HealthCheck> {
        let interval = SimDuration::from_secs(10);
        let mut alone = Harness::new(HealthCheck::new(interval, threshold, checkers, "dns/here", 1, eager));
        alone.call(|check, ctx| check.begin(trial, ctx));
        alone
    }

    fn set(alone: &mut Harness<HealthCheck>, outcome: Outcome) {
        alone.call(|check, ctx| check.set_outcome(outcome, ctx));
    }

    /// When it turned, in nanoseconds, and to what.
    fn turns(alone: &Harness<HealthCheck>) -> Vec<(u64, bool)> {
        alone.signals().iter().map(|(time, turned)| (time.as_nanos(), turned.healthy)).collect()
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn a_checker_goes_on_where_its_stretched_cycle_left_it() {
        for trial in 0..50 {
            let mut alone = check(1, 3, trial, false);
            alone.run_until(at(100));
            set(&mut alone, Outcome::BlackHole);
            alone.run_until(at(1_000));
            let [(down, false)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
            // Requests at s, s + 14, s + 28; the last one fails at s + 32.
            let first = down - 32 * SECOND;
            assert!((100 * SECOND..110 * SECOND).contains(&first));
            set(&mut alone, Outcome::Pass);
            alone.run_until(at(1_100));
            let answered = (0..1_000).map(|n| first + n * 14 * SECOND).find(|&sent| sent >= 1_000 * SECOND);
            let back = answered.expect("at some time") + 20 * SECOND;
            assert_eq!(turns(&alone)[1], (back, true));
        }
    }

    #[test]
    fn the_state_at_the_instant_of_sending_decides() {
        // Down for a second, with a threshold of one: only a request of that second fails, 4 s after it left.
        let mut seen = 0;
        for trial in 0..100 {
            let mut alone = check(1, 1, trial, false);
            alone.run_until(at(100));
            set(&mut alone, Outcome::BlackHole);
            alone.run_until(at(101));
            set(&mut alone, Outcome::Pass);
            alone.run_until(at(200));
            if let [(down, false), (up, true)] = turns(&alone)[..] {
                assert!((104 * SECOND..105 * SECOND).contains(&down));
                assert_eq!(up - down, 10 * SECOND, "the next request leaves an interval after the last one failed");
                seen += 1;
            } else {
                assert!(turns(&alone).is_empty());
            }
        }
        assert!((1..30).contains(&seen), "about one in ten");
    }

    #[test]
    fn a_request_that_leaves_as_things_change_has_left_before() {
        let mut alone = check(1, 1, 3, false);
        set(&mut alone, Outcome::Error);
        alone.run_until(at(10));
        let [(first, false)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
        // In the same trial, things change in the very instant of the second request: the third one fails.
        let mut again = check(1, 1, 3, false);
        again.run_until(SimTime::from_nanos(first + 10 * SECOND));
        set(&mut again, Outcome::Error);
        again.run_until(at(40));
        assert_eq!(turns(&again), [(first + 20 * SECOND, false)]);
    }

    #[test]
    fn sleeping_through_what_is_known_changes_nothing() {
        let outcomes =
            [Outcome::Pass, Outcome::BlackHole, Outcome::Error, Outcome::Hangs, Outcome::Flaky(0.6), Outcome::Pass];
        for trial in 0..40 {
            let run = |eager| {
                let mut alone = check(16, 2, trial, eager);
                for step in 0..60 {
                    alone.run_until(at(step * 17));
                    set(&mut alone, outcomes[((step * 7 + trial) % 6) as usize]);
                }
                alone.run_until(at(1_200));
                turns(&alone)
            };
            assert_eq!(run(false), run(true), "trial {trial}");
            assert!(!run(false).is_empty());
        }
    }

    #[test]
    fn what_has_failed_for_long_is_unhealthy_from_the_start_and_turns_when_it_passes() {
        for eager in [false, true] {
            let mut alone = check(1, 3, 7, eager);
            alone.call(|check, ctx| check.assume(Outcome::Error, ctx));
            assert!(!alone.component().healthy());
            alone.run_until(at(100));
            set(&mut alone, Outcome::Pass);
            alone.run_until(at(200));
            let [(back, true)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
            assert!((120 * SECOND..130 * SECOND).contains(&back), "the third of its passes: {back}");
        }
    }

    #[test]
    fn the_quorum_is_more_than_18_percent_of_all_checkers() {
        for (checkers, enough) in [(16, 3), (10, 2), (50, 10), (5, 1), (100, 19)] {
            let mut check = HealthCheck::new(SimDuration::from_secs(10), 3, checkers, "dns/here", 1, false);
            for healthy in 0..=checkers {
                check.healthy_checkers = healthy;
                assert_eq!(check.healthy(), healthy >= enough, "{healthy} of {checkers}");
            }
        }
    }
}
