//! Alarms: M of N datapoints of a metric, wherever the alarm lives.
//!
//! While its metric stays as it is, an alarm knows all datapoints that will come, and so when it turns: only that is an
//! event. In a period in which the metric has changed, the next look is at the period's end.

mod points;
mod ratio;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::Trial;
use sim_core::time::{SimDuration, SimTime};

use super::evaluation::{evaluate, range};
use super::{Metric, Parameters, State, Threshold};
use crate::periods::{Datapoint, Periods, Step};
use points::Points;
use ratio::Ratio;

/// What can happen to an alarm: it turns, or it has to look further ahead.
#[derive(Debug, Clone, Copy)]
pub struct Due;

/// The alarm's state changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// The state that it turned to.
    pub state: State,
}

/// Periods that are looked at ahead of an event, at most: of a metric that grows, any of them may be the first to breach.
const AHEAD: u64 = 64;

/// An alarm at work.
#[derive(Debug)]
pub struct Alarm {
    parameters: Parameters,
    /// What datapoints say is whether they breach; `None` is missing.
    periods: Periods<Option<bool>>,
    ratio: Ratio,
    points: Points,
    /// Memory for looking ahead.
    ahead: Points,
    state: State,
    /// Its last state that was more than want of data.
    known: State,
    host_up: bool,
    /// A metric that grows with time: its base, and since when. Its datapoint is its value at the period's end.
    growing_since: Option<(f64, SimTime)>,
}

impl Alarm {
    /// An alarm at rest.
    pub fn new(parameters: &Parameters, seed: u64, eager: bool) -> Self {
        let path = format!("alarms/{}", parameters.name);
        Self {
            parameters: parameters.clone(),
            periods: Periods::new(parameters.period, &parameters.ingestion, &path, seed, eager),
            ratio: Ratio::new(parameters.sparse),
            points: Points::default(),
            ahead: Points::default(),
            state: State::Ok,
            known: State::Ok,
            host_up: true,
            growing_since: None,
        }
    }

    /// Starts a trial; periods end at `first_end` and one period apart. What was before the start did not breach.
    pub fn begin(&mut self, trial: Trial<'_>, first_end: SimTime, ctx: &mut Context<'_, Due, Turned>) {
        self.ratio = Ratio::new(self.parameters.sparse);
        self.points.begin(range(self.parameters.datapoints));
        self.state = State::Ok;
        self.known = State::Ok;
        self.host_up = true;
        self.growing_since = None;
        self.periods.begin(trial, first_end);
        self.look_ahead(ctx);
    }

    /// What it watches.
    pub const fn metric(&self) -> Metric {
        self.parameters.metric
    }

    /// Length of its periods.
    pub const fn period(&self) -> SimDuration {
        self.parameters.period
    }

    /// Its present state.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether it breached when there was last enough data to say; it did not before the start.
    pub fn breached(&self) -> bool {
        self.known == State::Alarm
    }

    /// From now on the metric is `above / below`; nothing is published while `below` is 0.
    pub fn set(&mut self, above: f64, below: f64, ctx: &mut Context<'_, Due, Turned>) {
        if self.ratio.is(above, below) && self.growing_since.is_none() {
            return;
        }
        self.catch_up(ctx);
        // Otherwise it looks again at the period's end in any case.
        let foreseen = self.foresees();
        self.growing_since = None;
        self.ratio.accumulate(self.periods.held(ctx.now()));
        self.ratio.set(above, below);
        if foreseen {
            self.look_ahead(ctx);
        }
    }

    /// From now on the metric grows by a second per second: it is `base` and the time since `since`.
    pub fn set_growing(&mut self, base: f64, since: SimTime, ctx: &mut Context<'_, Due, Turned>) {
        if self.growing_since == Some((base, since)) {
            return;
        }
        self.catch_up(ctx);
        self.growing_since = Some((base, since));
        self.look_ahead(ctx);
    }

    /// The region that it lives in goes out or comes back.
    pub fn set_host(&mut self, up: bool, ctx: &mut Context<'_, Due, Turned>) {
        if up == self.host_up {
            return;
        }
        self.catch_up(ctx);
        self.host_up = up;
        self.look_ahead(ctx);
    }

    /// Lives through all that has happened until now, this instant included.
    fn catch_up(&mut self, ctx: &mut Context<'_, Due, Turned>) {
        let now = ctx.now();
        loop {
            if self.periods.end() <= now && !self.periods.eager() && self.stays() {
                self.periods.skip(now, Some(self.breach(self.periods.end())));
                self.points.skip_to(self.periods.ended() - self.periods.under_way().len() as u64);
                self.ratio.forget();
            }
            match self.periods.step(now) {
                None => return,
                Some(Step::Ends(end)) => self.on_period_end(end),
                Some(Step::Arrives(datapoint)) => self.on_arrival(datapoint, ctx),
            }
        }
    }

    /// Whether all datapoints that will come are known, if nothing changes.
    fn foresees(&self) -> bool {
        self.growing_since.is_some() || self.periods.constant()
    }

    /// Whether the datapoint breaches of a period that ends then, in which nothing changes.
    fn breach(&self, end: SimTime) -> Option<bool> {
        let value = match self.growing_since {
            Some((base, since)) => Some(base + end.since(since).as_secs_f64()),
            None => self.ratio.present(),
        };
        self.breaches(value)
    }

    fn breaches(&self, value: Option<f64>) -> Option<bool> {
        value.map(|value| self.parameters.threshold.is_breached(value))
    }

    /// Whether the datapoints of all periods from the one that ends then on say the same, if nothing changes: a metric that
    /// grows stays above a threshold once it is.
    fn steady(&self, end: SimTime) -> bool {
        let above = match self.parameters.threshold {
            Threshold::Above(_) => Some(true),
            Threshold::Below(_) => Some(false),
        };
        self.growing_since.is_none() || self.breach(end) == above
    }

    /// Whether no datapoint that will come makes a difference, if nothing changes: all say what those say that have arrived.
    fn stays(&self) -> bool {
        let end = self.periods.end();
        let breach = self.breach(end);
        let alike = || self.periods.under_way().iter().all(|datapoint| datapoint.value == breach);
        let evaluated = || !self.host_up || self.evaluate(&self.points) == self.state;
        self.foresees() && self.steady(end) && self.points.are_all(breach) && alike() && evaluated()
    }

    fn on_period_end(&mut self, end: SimTime) {
        let breach = if self.foresees() {
            self.breach(end)
        } else {
            self.ratio.accumulate(self.periods.held(end));
            self.breaches(self.ratio.mean())
        };
        self.ratio.forget();
        self.periods.close(Some(breach));
    }

    fn on_arrival(&mut self, datapoint: Datapoint<Option<bool>>, ctx: &mut Context<'_, Due, Turned>) {
        self.points.arrives(datapoint.period, datapoint.value);
        if !self.host_up {
            return;
        }
        let state = self.evaluate(&self.points);
        if state != self.state {
            self.state = state;
            if state != State::InsufficientData {
                self.known = state;
            }
            ctx.signal(Turned { state });
        }
    }

    fn evaluate(&self, points: &Points) -> State {
        evaluate(points.all(), self.parameters.datapoints, self.parameters.missing, self.state)
    }

    /// Schedules its next turn, or the next look if it cannot be foreseen.
    fn look_ahead(&mut self, ctx: &mut Context<'_, Due, Turned>) {
        let next = if self.periods.eager() {
            self.periods.due()
        } else {
            let mut ahead = std::mem::take(&mut self.ahead);
            ahead.copy(&self.points);
            let next = self.next_look(&mut ahead);
            self.ahead = ahead;
            next
        };
        self.periods.schedule(next, Due, ctx);
    }

    /// The next instant at which it turns or has to look again. `ahead` are the points that have arrived.
    fn next_look(&self, ahead: &mut Points) -> SimTime {
        if !self.host_up {
            return SimTime::NEVER;
        }
        for datapoint in self.periods.under_way() {
            ahead.arrives(datapoint.period, datapoint.value);
            if self.evaluate(ahead) != self.state {
                return datapoint.arrives;
            }
        }
        let mut end = self.periods.end();
        if !self.foresees() {
            return end;
        }
        for later in 0..AHEAD {
            let breach = self.breach(end);
            ahead.arrives(self.periods.ended() + 1 + later, breach);
            if self.evaluate(ahead) != self.state {
                return self.periods.arrives(later);
            }
            if self.steady(end) && ahead.are_all(breach) {
                return SimTime::NEVER;
            }
            end = end + self.parameters.period;
        }
        end
    }
}

impl Component for Alarm {
    type Event = Due;
    type Signal = Turned;

    fn handle(&mut self, _: Due, ctx: &mut Context<'_, Due, Turned>) {
        self.periods.happened();
        self.catch_up(ctx);
        self.look_ahead(ctx);
    }
}
