//! AWS Lambda: how many invocations of a function run at a time, how fast that number may grow, and what is throttled.
//!
//! Modelled:      concurrency = rate x duration; the account's limit in the region; what may be added at once and how that
//!                is refilled; invocations above it that are throttled, at once; environments that start cold and keep
//!                the first request that they get waiting; provisioned concurrency.
//! Not modelled:  other functions of the account (the limit is what they leave over); environments that stay warm while
//!                nobody uses them, so growth after a lull starts anew; the longer time for which a cold start holds its
//!                environment; invocations that take longer because what they call hangs; queues of asynchronous events;
//!                provisioned environments that are lost with their zone.
//! Sources:       limit, scaling rate and provisioned concurrency documented, times of cold starts assumed.
//!
//! The scaling rate is a bucket. It holds as many environments as may be added at this instant, is refilled all the time
//! and never holds more than `burst`. Concurrency that falls gives nothing back: whatever is wanted again later comes out
//! of the bucket again. A region that was out starts with a full bucket and nothing in use but what is provisioned.
//!
//! While more is wanted than the bucket gives, what is allowed is a straight line in time. It is walked in steps, each of
//! which allows what holds in its middle: over a whole step the mean is exact, and so are sums. A step is a sixteenth of
//! what is lacking, and what a tenth of a second brings at least; the last one ends when the line meets the demand. That
//! instant is exact. One at which some share of requests succeeds again is right to a thirty-second part of the time from
//! then until nothing is throttled, or to 0.05 s if that is longer.
//!
//! Everything but parameters is in requests per second: concurrency over the time for which an invocation counts. That is
//! its duration or 100 ms, whichever is longer, because requests per second are limited to ten times the concurrency.

use std::collections::VecDeque;

use crate::sources::{cited, pages};
use sim_core::component::{Component, Context, Handle};
use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

const DURATION: Key =
    Key::required("duration", "how long an invocation takes; its mean counts: concurrency = rate x duration");
const LIMIT: Key = Key::documented(
    "account-limit",
    "concurrency that the account allows in the region, less what its other functions use",
    "1000",
    cited!("the default quota of a region, which is raised on request", pages::LAMBDA_QUOTA),
)
.above(0.0);
const RATE: Key = Key::documented(
    "scaling-rate",
    "environments that are refilled per second, for growth beyond what is in use",
    "1000 per 10s",
    cited!("1,000 environments every 10 s for each function, refilled continuously", pages::LAMBDA_SCALING),
)
.above(0.0);
const BURST: Key = Key::documented(
    "burst",
    "environments that may be added at once after a quiet time",
    "1000",
    cited!("what is not used does not add up to more than 1,000 environments", pages::LAMBDA_SCALING),
);
const COLD_START: Key = Key::assumed(
    "cold-start",
    "how much longer the first request of a new environment takes",
    "{ lognormal = { median = \"300ms\", p95 = \"1s\" } }",
    cited!("AWS says from under 100 ms to over 1 s and publishes no distribution", pages::LAMBDA_COLD_STARTS),
);
const PROVISIONED: Key = Key::documented(
    "provisioned-concurrency",
    "environments that are always ready; they count against the limit",
    "0",
    cited!("none unless configured", pages::LAMBDA_PROVISIONED),
);

/// An invocation counts for this long at least, in seconds. Facts 4 (scaling rate, request-rate ceiling): 1,000
/// environments or 10,000 requests per second, whichever comes first.
const SHORTEST: f64 = 0.1;

/// A function in one region.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Mean duration of an invocation, in seconds.
    pub duration: f64,
    /// Concurrency that the account allows.
    pub account_limit: f64,
    /// Environments that may be added per second.
    pub scaling_rate: f64,
    /// Environments that may be added at once.
    pub burst: f64,
    /// How much longer the first request of an environment takes, in seconds.
    pub cold_start: Distribution,
    /// Environments that are always ready.
    pub provisioned: f64,
}

impl Parameters {
    /// Reads `[compute]` of kind `lambda`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let duration = section.delay(&DURATION).mean();
        if !duration.is_finite() {
            let hint = "the concurrency is the rate times the mean duration";
            section.reject(DURATION.name, "an infinite mean", "a finite mean", Some(hint.to_owned()));
        }
        let account_limit = section.number(&LIMIT);
        let provisioned = section.number(&PROVISIONED);
        if provisioned > account_limit {
            let expected = format!("at most account-limit = {account_limit}");
            section.reject_among(
                &["provisioned-concurrency", "account-limit"],
                provisioned.to_string(),
                expected,
                Some("provisioned concurrency counts against the limit".to_owned()),
            );
        }
        Self {
            duration,
            account_limit,
            scaling_rate: section.rate(&RATE),
            burst: section.number(&BURST),
            cold_start: section.delay(&COLD_START),
            provisioned,
        }
    }

    /// Requests per second that so much concurrency carries.
    pub fn carries(&self, concurrency: f64) -> f64 {
        concurrency / self.duration.max(SHORTEST)
    }

    /// Share of cold starts that clients with this much patience do not wait for; what lies below the tolerance of the
    /// measures is none.
    pub fn outlasts(&self, timeout: SimDuration) -> f64 {
        let late = self.cold_start.survival(timeout.as_secs_f64() - self.duration);
        if late > TOLERANCE { late } else { 0.0 }
    }
}

/// What can happen to a function.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A step of the allowance ends.
    StepEnds,
    /// What was added a duration ago has had its first requests.
    Warm,
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Other requests get through from now on.
    Changed,
    /// It turned to this condition.
    Turned(Condition),
}

/// Whether a function serves all that it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It does.
    Serves,
    /// More is asked than may be added so fast.
    Scales,
    /// More is asked than the account allows.
    AtLimit,
}

/// A step of the allowance while it grows.
#[derive(Debug, Clone, Copy)]
struct Step {
    since: SimTime,
    from: f64,
    to: f64,
    due: Handle,
}

/// A step covers this share of what is lacking.
const STEP: f64 = 1.0 / 16.0;
/// What this many seconds bring at least.
const LEAST: f64 = 0.1;
/// What lies this close together is the same (design 6.1), relative to what is asked.
const TOLERANCE: f64 = 1e-9;

/// One region's function.
#[derive(Debug)]
pub struct Function {
    limit: f64,
    rate: f64,
    burst: f64,
    provisioned: f64,
    duration: SimDuration,

    started: bool,
    demand: f64,
    /// What was in use at `since`, the last change, and what the bucket held then.
    used: f64,
    bucket: f64,
    since: SimTime,
    step: Option<Step>,
    /// Additions whose first requests are still arriving: until when, and how many requests per second.
    cold: VecDeque<(SimTime, f64)>,
    condition: Condition,
}

impl Function {
    /// A function at rest.
    pub fn new(parameters: &Parameters) -> Self {
        Self {
            limit: parameters.carries(parameters.account_limit),
            rate: parameters.carries(parameters.scaling_rate),
            burst: parameters.carries(parameters.burst),
            provisioned: parameters.carries(parameters.provisioned),
            duration: SimDuration::from_secs_f64(parameters.duration),
            started: false,
            demand: 0.0,
            used: 0.0,
            bucket: 0.0,
            since: SimTime::ZERO,
            step: None,
            cold: VecDeque::new(),
            condition: Condition::Serves,
        }
    }

    /// Starts a trial. What is asked of it first has been asked for long.
    pub fn begin(&mut self) {
        self.started = false;
        self.demand = 0.0;
        self.used = 0.0;
        self.bucket = self.burst;
        self.since = SimTime::ZERO;
        self.step = None;
        self.cold.clear();
        self.condition = Condition::Serves;
    }

    /// Requests per second that get through from `now` on.
    pub fn allows(&self, now: SimTime) -> f64 {
        match self.step {
            _ if !self.started => self.limit,
            Some(step) => f64::midpoint(step.from, step.to),
            None => (self.ready() + self.bucket_at(now)).min(self.limit),
        }
    }

    /// Share of the requests that get through which are the first of an environment.
    pub fn cold_share(&self, now: SimTime) -> f64 {
        let growing = if self.step.is_some() { self.rate * self.duration.as_secs_f64() } else { 0.0 };
        let cold = growing + self.cold.iter().map(|(_, rate)| rate).sum::<f64>();
        let through = self.demand.min(self.allows(now));
        if cold > 0.0 && through > 0.0 { (cold / through).min(1.0) } else { 0.0 }
    }

    /// Requests per second that it carries at most.
    pub const fn limit(&self) -> f64 {
        self.limit
    }

    /// From now on so many requests per second are asked of it, whether they get through or not.
    pub fn set_demand(&mut self, demand: f64, ctx: &mut Context<'_, Event, Signal>) {
        if !self.started {
            self.started = true;
            self.used = demand.min(self.limit);
        } else if demand == self.demand {
            return;
        }
        self.demand = demand;
        self.follow(ctx);
    }

    /// This share of the environments that are not provisioned is gone.
    pub fn lose(&mut self, share: f64, ctx: &mut Context<'_, Event, Signal>) {
        self.stand_still(ctx);
        self.used -= share * (self.used - self.provisioned).max(0.0);
        self.follow(ctx);
        ctx.signal(Signal::Changed);
    }

    /// What gets through without taking anything out of the bucket.
    fn ready(&self) -> f64 {
        self.used.max(self.provisioned)
    }

    fn bucket_at(&self, now: SimTime) -> f64 {
        (self.bucket + self.rate * now.since(self.since).as_secs_f64()).min(self.burst)
    }

    /// Brings what is in use and in the bucket up to the present instant.
    fn stand_still(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let now = ctx.now();
        match self.step.take() {
            Some(step) => {
                ctx.cancel(step.due);
                let grown = self.rate * now.since(step.since).as_secs_f64();
                (self.used, self.bucket) = ((step.from + grown).min(step.to), 0.0);
            }
            None => self.bucket = self.bucket_at(now),
        }
        self.since = now;
    }

    /// What is in use follows what is asked, as far as that is allowed.
    fn follow(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let wanted = self.demand.min(self.limit);
        // A step under way ends where it would have.
        if self.step.is_none_or(|step| wanted < step.to) {
            self.stand_still(ctx);
            let grows = (wanted - self.ready()).max(0.0);
            if grows <= self.bucket + TOLERANCE * wanted {
                self.bucket = (self.bucket - grows).max(0.0);
                self.used = wanted;
                self.add(grows, ctx);
            } else {
                let added = std::mem::take(&mut self.bucket);
                self.used = self.ready() + added;
                self.add(added, ctx);
                self.begin_step(wanted, ctx);
            }
        }
        self.judge(ctx);
    }

    /// New environments get their first requests for as long as an invocation takes.
    fn add(&mut self, grows: f64, ctx: &mut Context<'_, Event, Signal>) {
        if grows > TOLERANCE * self.demand && !self.duration.is_zero() {
            self.cold.push_back((ctx.now() + self.duration, grows));
            ctx.schedule_in(self.duration, Event::Warm);
        }
    }

    fn begin_step(&mut self, wanted: f64, ctx: &mut Context<'_, Event, Signal>) {
        let from = self.used;
        let lacking = wanted - from;
        let grows = (STEP * lacking).max(LEAST * self.rate);
        let to = if grows < lacking { from + grows } else { wanted };
        let due = ctx.schedule_in(SimDuration::from_secs_f64((to - from) / self.rate), Event::StepEnds);
        self.step = Some(Step { since: ctx.now(), from, to, due });
    }

    fn judge(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let condition = if self.step.is_some() {
            Condition::Scales
        } else if self.demand > self.limit * (1.0 + TOLERANCE) {
            Condition::AtLimit
        } else {
            Condition::Serves
        };
        if condition != self.condition {
            self.condition = condition;
            ctx.signal(Signal::Turned(condition));
        }
    }
}

impl Component for Function {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::StepEnds => {
                if let Some(step) = self.step.take() {
                    (self.used, self.bucket, self.since) = (step.to, 0.0, ctx.now());
                    let wanted = self.demand.min(self.limit);
                    if step.to < wanted {
                        self.begin_step(wanted, ctx);
                    }
                    self.judge(ctx);
                }
            }
            Event::Warm => {
                self.cold.pop_front();
            }
        }
        ctx.signal(Signal::Changed);
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    /// A second per invocation: requests per second are concurrency.
    fn parameters() -> Parameters {
        Parameters {
            duration: 1.0,
            account_limit: 10_000.0,
            scaling_rate: 100.0,
            burst: 1_000.0,
            cold_start: Distribution::constant(2.0).expect("a constant"),
            provisioned: 0.0,
        }
    }

    /// A function that so much has been asked of for long.
    fn function(parameters: &Parameters, demand: f64) -> Harness<Function> {
        let mut alone = Harness::new(Function::new(parameters));
        alone.call(|function, _| function.begin());
        ask(&mut alone, 0, demand);
        alone
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn ask(alone: &mut Harness<Function>, second: u64, demand: f64) {
        alone.run_until(at(second));
        alone.call(|function, ctx| function.set_demand(demand, ctx));
    }

    /// When it turned to what, in seconds.
    fn turns(alone: &Harness<Function>) -> Vec<(f64, Condition)> {
        let turn = |&(time, signal): &(SimTime, Signal)| match signal {
            Signal::Turned(condition) => Some((time.as_secs_f64(), condition)),
            Signal::Changed => None,
        };
        alone.signals().iter().filter_map(turn).collect()
    }

    #[track_caller]
    fn turned(alone: &Harness<Function>, expected: &[(f64, Condition)]) {
        let found = turns(alone);
        let same = found.len() == expected.len()
            && found.iter().zip(expected).all(|(one, other)| (one.0 - other.0).abs() < 1e-6 && one.1 == other.1);
        assert!(same, "{found:?}");
    }

    #[test]
    fn a_burst_finds_a_full_bucket_and_then_what_is_refilled() {
        // 5,000 at once: 1,000 out of the bucket, and the other 4,000 at 100 per second take 40 s.
        let mut alone = function(&parameters(), 0.0);
        ask(&mut alone, 100, 5_000.0);
        // The first step brings a sixteenth of what is lacking, 250 in 2.5 s, and allows what holds in its middle.
        assert_eq!(alone.component().allows(at(100)), 1_125.0);
        alone.run_until(at(1_000));
        turned(&alone, &[(100.0, Condition::Scales), (140.0, Condition::Serves)]);
        assert_eq!(alone.component().allows(at(1_000)), 6_000.0, "what is in use, and a full bucket again");
    }

    #[test]
    fn the_bucket_is_refilled_all_the_time_and_holds_no_more_than_a_burst() {
        let mut alone = function(&parameters(), 0.0);
        ask(&mut alone, 100, 600.0);
        // 400 are left, and 300 come in three seconds.
        assert_eq!(alone.component().allows(at(103)), 1_300.0);
        ask(&mut alone, 103, 1_300.0);
        assert!(turns(&alone).is_empty());
        assert_eq!(alone.component().allows(at(103)), 1_300.0);
        assert_eq!(alone.component().allows(at(108)), 1_800.0);
        assert_eq!(alone.component().allows(at(1_000)), 2_300.0);
    }

    #[test]
    fn what_falls_gives_nothing_back() {
        let mut alone = function(&parameters(), 0.0);
        ask(&mut alone, 100, 1_000.0);
        ask(&mut alone, 101, 0.0);
        assert_eq!(alone.component().allows(at(101)), 100.0);
        ask(&mut alone, 101, 1_000.0);
        alone.run_until(at(200));
        turned(&alone, &[(101.0, Condition::Scales), (110.0, Condition::Serves)]);
    }

    #[test]
    fn a_line_ends_early_when_less_is_asked_and_goes_on_when_more_is() {
        let mut alone = function(&parameters(), 0.0);
        ask(&mut alone, 100, 5_000.0);
        // 1,700 after seven seconds, in the middle of a step.
        ask(&mut alone, 107, 2_000.0);
        alone.run_until(at(109));
        ask(&mut alone, 109, 2_500.0);
        ask(&mut alone, 150, 1_000.0);
        turned(&alone, &[(100.0, Condition::Scales), (115.0, Condition::Serves)]);
        ask(&mut alone, 151, 2_600.0);
        assert_eq!(turns(&alone).len(), 3, "1,000 of 1,600 are in the bucket");
        ask(&mut alone, 152, 2_000.0);
        turned(
            &alone,
            &[
                (100.0, Condition::Scales),
                (115.0, Condition::Serves),
                (151.0, Condition::Scales),
                (152.0, Condition::Serves),
            ],
        );
        assert_eq!(alone.component().allows(at(152)), 2_000.0, "100 came in that second, and all was taken");
    }

    #[test]
    fn the_line_ends_at_the_limit() {
        let mut alone = function(&Parameters { account_limit: 3_000.0, ..parameters() }, 0.0);
        ask(&mut alone, 100, 5_000.0);
        alone.run_until(at(1_000));
        turned(&alone, &[(100.0, Condition::Scales), (120.0, Condition::AtLimit)]);
        assert_eq!(alone.component().allows(at(1_000)), 3_000.0);
        ask(&mut alone, 1_000, 2_999.0);
        assert_eq!(turns(&alone).last(), Some(&(1_000.0, Condition::Serves)));
    }

    #[test]
    fn what_is_provisioned_needs_no_bucket_and_counts_against_the_limit() {
        let provisioned = Parameters { provisioned: 500.0, ..parameters() };
        let mut alone = function(&provisioned, 100.0);
        assert_eq!(alone.component().allows(at(0)), 1_500.0);
        ask(&mut alone, 100, 500.0);
        assert_eq!(alone.component().cold_share(at(100)), 0.0);
        ask(&mut alone, 101, 1_500.0);
        assert!(turns(&alone).is_empty());
        let alone = function(&Parameters { account_limit: 600.0, ..provisioned }, 100.0);
        assert_eq!(alone.component().allows(at(0)), 600.0);
    }

    #[test]
    fn a_lost_zone_takes_its_environments_and_they_come_out_of_the_bucket_again() {
        // A third of 3,000 is what the bucket holds; a third of 6,000 is a thousand more, which takes ten seconds.
        for (used, expected) in
            [(3_000.0, vec![]), (6_000.0, vec![(100.0, Condition::Scales), (110.0, Condition::Serves)])]
        {
            let mut alone = function(&parameters(), used);
            alone.run_until(at(100));
            alone.call(|function, ctx| function.lose(1.0 / 3.0, ctx));
            alone.run_until(at(1_000));
            turned(&alone, &expected);
        }
    }

    #[test]
    fn new_environments_are_cold_for_one_invocation() {
        let mut alone = function(&parameters(), 1_000.0);
        assert_eq!(alone.component().cold_share(at(0)), 0.0, "what was asked at the start has been asked for long");
        ask(&mut alone, 100, 1_600.0);
        assert_eq!(alone.component().cold_share(at(100)), 600.0 / 1_600.0);
        alone.run_until(at(101) + SimDuration::from_nanos(1));
        assert_eq!(alone.component().cold_share(at(101)), 0.0);
        // While it grows, 100 per second are new.
        ask(&mut alone, 200, 9_000.0);
        alone.run_until(at(205));
        let component = alone.component();
        assert!((component.cold_share(at(205)) - 100.0 / component.allows(at(205))).abs() < 1e-12);
    }

    #[test]
    fn whoever_does_not_wait_for_a_cold_start_loses_it() {
        let outlasts = |timeout| parameters().outlasts(SimDuration::from_secs(timeout));
        // An invocation of one second after a start of two.
        assert_eq!((outlasts(2), outlasts(4)), (1.0, 0.0));
    }

    #[test]
    fn figures_that_are_published() {
        // Lambda developer guide, "Understanding Lambda function scaling": 100 requests per second of 500 ms are a
        // concurrency of 50, of 50 ms 5; a limit of 1,000 stands for 10,000 requests per second at most.
        let at = |duration| Parameters { duration, account_limit: 1_000.0, ..parameters() };
        assert_eq!(at(0.5).carries(50.0), 100.0);
        assert_eq!(at(0.05).carries(1_000.0), 10_000.0);
        assert_eq!(at(0.1).carries(1_000.0), 10_000.0);
        // "Lambda scaling behavior": every 10 s 1,000 more environments, or 10,000 more requests per second.
        let growth = Function::new(&at(0.02));
        assert_eq!((growth.rate * 10.0, growth.burst), (10_000.0, 10_000.0));
    }
}
