//! AWS Lambda: how many invocations of a function run at a time, how fast that number may grow, and what is throttled.
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

mod spec;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use sim_core::component::{Component, Context, Handle};
use sim_core::time::{SimDuration, SimTime};

pub(crate) use spec::FunctionKeys;
pub use spec::Parameters;

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Lambda",
    modelled: "concurrency = rate x duration; the account's limit in the region; what may be added at once and how that is \
         refilled; invocations above it that are throttled, at once; environments that start cold and keep the first \
         request that they get waiting; provisioned concurrency",
    not_modelled: "other functions of the account (the limit is what they leave over); environments that stay warm while nobody \
         uses them, so growth after a lull starts anew; the longer time for which a cold start holds its environment; \
         invocations that take longer because what they call hangs; queues of asynchronous events; provisioned \
         environments that are lost with their zone",
    sources: "limit, scaling rate and provisioned concurrency documented, times of cold starts assumed",
};

/// Events of a function.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A step of the allowance ends.
    StepEnds,
    /// Environments that were added a duration ago have had their first requests.
    Warm,
}

/// Its signals.
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
/// A step covers at least the growth of this many seconds.
const LEAST: f64 = 0.1;
/// As many times the logarithm grows where nothing of what is in use was in use before.
const ALL_NEW: f64 = 50.0;
/// Concurrencies this close together count as equal, relative to the demand.
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
    /// The concurrency in use at `since`, the last change, and the level of the bucket then.
    used: f64,
    bucket: f64,
    since: SimTime,
    step: Option<Step>,
    /// Logarithm of how many times over environments were added.
    renewed: f64,
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
            renewed: 0.0,
            cold: VecDeque::new(),
            condition: Condition::Serves,
        }
    }

    /// Starts a trial. The first demand counts as one of long standing.
    pub fn begin(&mut self) {
        self.started = false;
        self.demand = 0.0;
        self.used = 0.0;
        self.bucket = self.burst;
        self.since = SimTime::ZERO;
        self.step = None;
        self.renewed = 0.0;
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

    /// How far its environments have been renewed: the share e^-(later - earlier) of those in use later was in use earlier. Which of them
    /// end when fewer are wanted says nobody: old and new ones alike.
    pub fn renewed(&self) -> f64 {
        self.step.map_or(self.renewed, |step| self.renewed + grown(step.from, f64::midpoint(step.from, step.to)))
    }

    /// The share of environments in use that were added after it had been renewed so far.
    pub fn newer(&self, than: f64) -> f64 {
        (1.0 - libm::exp(than - self.renewed())).max(0.0)
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

    /// The concurrency that takes nothing out of the bucket.
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
                self.renew(step.from);
            }
            None => self.bucket = self.bucket_at(now),
        }
        self.since = now;
    }

    /// The concurrency in use follows the demand, as far as that is allowed.
    fn follow(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let wanted = self.demand.min(self.limit);
        // A step under way ends where it would have.
        if self.step.is_none_or(|step| wanted < step.to) {
            self.stand_still(ctx);
            let grows = (wanted - self.ready()).max(0.0);
            if grows <= self.bucket + TOLERANCE * wanted {
                self.bucket = (self.bucket - grows).max(0.0);
                self.used = wanted;
                self.renew(wanted - grows);
                self.add(grows, ctx);
            } else {
                let added = std::mem::take(&mut self.bucket);
                self.used = self.ready() + added;
                self.renew(self.used - added);
                self.add(added, ctx);
                self.begin_step(wanted, ctx);
            }
        }
        self.judge(ctx);
    }

    /// So much was in use before some were added.
    fn renew(&mut self, before: f64) {
        self.renewed += grown(before, self.used);
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

/// Logarithm of how many times as much is in use as before; what is all new is as good as e^50 times as much.
fn grown(before: f64, after: f64) -> f64 {
    let all_new = after * libm::exp(-ALL_NEW);
    if after > before { libm::log(after / before.max(all_new)) } else { 0.0 }
}

impl Component for Function {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::StepEnds => {
                if let Some(step) = self.step.take() {
                    (self.used, self.bucket, self.since) = (step.to, 0.0, ctx.now());
                    self.renew(step.from);
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
