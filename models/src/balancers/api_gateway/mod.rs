//! Amazon API Gateway: the requests per second that an account's gateways let through in a region.
//!
//! All gateways of a region draw from one bucket. While it holds something every request passes; more requests than the
//! rate empty it in (what it holds) / (load - rate). Once it is empty the gateways let the rate through and refuse the
//! rest, until less than the rate is asked; then it fills again.

mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::time::{SimDuration, SimTime};

pub(crate) use spec::GatewayKeys;
pub use spec::{Limits, Parameters};

use crate::about::About;
use crate::turns::Turns;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "API Gateway",
    modelled: "the throttle of an account in a region as one bucket for all gateways there: how long it lasts under a load above the \
         rate, what is refused then, and how it fills again; smaller limits in newer regions",
    not_modelled: "throttles of stages, routes and usage plans; time limits of integrations; gateways in front of instances; that the \
         limit is kept roughly and not to the request",
    sources: "rate and burst by region: documented",
};

/// Events of the bucket.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// It is empty.
    Emptied,
    /// It has filled for a moment after all that this instant had.
    Filled,
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The gateways refuse what exceeds the rate from now on.
    Throttles,
    /// They let everything through again.
    Passes,
}

/// The gateways of one region.
#[derive(Debug)]
pub struct Gateway {
    limits: Limits,
    /// Requests per second that arrive.
    load: f64,
    level: f64,
    since: SimTime,
    empty: bool,
    started: bool,
    due: Option<Handle>,
    /// How often it was emptied.
    turns: Turns,
}

/// How long the bucket fills where this instant may not turn it any more. Assumed: rate limits of AWS count by the second.
const MOMENT: SimDuration = SimDuration::from_secs(1);

/// Loads this close to the rate are the rate, as shares of it.
const TOLERANCE: f64 = 1e-9;

impl Gateway {
    /// Gateways at rest.
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            load: 0.0,
            level: limits.burst,
            since: SimTime::ZERO,
            empty: false,
            started: false,
            due: None,
            turns: Turns::new(),
        }
    }

    /// Starts a trial with a full bucket; what is asked at its first instant counts as asked for long.
    pub fn begin(&mut self) {
        *self = Self::new(self.limits);
    }

    /// Requests per second that pass, if not all do.
    pub fn lets_through(&self) -> Option<f64> {
        self.empty.then_some(self.limits.rate)
    }

    /// So many requests per second arrive from now on, refused ones included.
    pub fn set_load(&mut self, load: f64, ctx: &mut Context<'_, Event, Signal>) {
        let excess = load - self.limits.rate;
        if !std::mem::replace(&mut self.started, true) {
            self.load = load;
            if excess > TOLERANCE * self.limits.rate {
                (self.level, self.empty) = (0.0, true);
                ctx.signal(Signal::Throttles);
            }
            return;
        }
        if load == self.load {
            return;
        }
        self.bring_up_to_date(ctx.now());
        self.load = load;
        if let Some(due) = self.due.take() {
            ctx.cancel(due);
        }
        if excess > TOLERANCE * self.limits.rate {
            if !self.empty {
                let lasts = SimDuration::from_secs_f64(self.level / excess);
                self.due = Some(ctx.schedule_in(lasts, Event::Emptied));
            }
        } else if self.empty && self.turns.used_up(ctx.now()) {
            self.due = Some(ctx.schedule_in(MOMENT, Event::Filled));
        } else if self.empty {
            self.empty = false;
            ctx.signal(Signal::Passes);
        }
    }

    fn bring_up_to_date(&mut self, now: SimTime) {
        let seconds = now.since(self.since).as_secs_f64();
        let change = if self.empty { 0.0 } else { (self.limits.rate - self.load) * seconds };
        self.level = (self.level + change).clamp(0.0, self.limits.burst);
        self.since = now;
    }
}

impl Component for Gateway {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.due = None;
        self.bring_up_to_date(ctx.now());
        match event {
            Event::Emptied => {
                (self.level, self.empty) = (0.0, true);
                self.turns.note(ctx.now());
                ctx.signal(Signal::Throttles);
            }
            Event::Filled => {
                self.empty = false;
                ctx.signal(Signal::Passes);
            }
        }
    }
}
