//! Alarms: M of N datapoints of a metric, wherever the alarm lives.

use sim_core::component::{Component, Context};
use sim_core::time::{SimDuration, SimTime};

use super::evaluation::{evaluate, range};
use super::{Metric, Parameters, Periods, State, exceeds};

/// What can happen to an alarm.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A period ends.
    PeriodEnds,
    /// Its datapoint arrives (`None` = missing).
    Arrives {
        /// Which period's.
        period: u64,
        /// The value, or nothing.
        value: Option<f64>,
        /// Whether nothing had changed for long when its period ended.
        quiet: bool,
    },
}

/// The alarm's state changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// The state that it turned to.
    pub state: State,
}

/// A ratio of two piecewise constant rates, averaged over periods.
#[derive(Debug, Clone, Copy, Default)]
struct Ratio {
    above: f64,
    below: f64,
    sum_above: f64,
    sum_below: f64,
    /// Whether a period in which `above` stays 0 has no datapoint.
    sparse: bool,
}

impl Ratio {
    /// What holds has held for so many seconds.
    fn accumulate(&mut self, seconds: f64) {
        self.sum_above += self.above * seconds;
        self.sum_below += self.below * seconds;
    }

    /// A new period begins.
    fn forget(&mut self) {
        (self.sum_above, self.sum_below) = (0.0, 0.0);
    }

    /// The datapoint of a period in which nothing changes.
    fn present(&self) -> Option<f64> {
        self.datapoint(self.above, self.below)
    }

    /// The datapoint of the period that was added up.
    fn mean(&self) -> Option<f64> {
        self.datapoint(self.sum_above, self.sum_below)
    }

    fn datapoint(&self, above: f64, below: f64) -> Option<f64> {
        let value = (below > 0.0).then(|| above / below)?;
        (!self.sparse || exceeds(value, 0.0)).then_some(value)
    }
}

/// An alarm at work.
#[derive(Debug)]
pub struct Alarm {
    parameters: Parameters,
    periods: Periods,
    ratio: Ratio,
    /// The newest datapoints that arrived, oldest first; the last one is that of the period `newest`.
    points: Vec<Option<bool>>,
    newest: u64,
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
        let Parameters { period, ref ingestion, datapoints, .. } = *parameters;
        Self {
            parameters: parameters.clone(),
            periods: Periods::new(period, range(datapoints), ingestion, &path, seed, eager),
            newest: 0,
            ratio: Ratio { sparse: parameters.sparse, ..Ratio::default() },
            points: Vec::new(),
            state: State::Ok,
            known: State::Ok,
            host_up: true,
            growing_since: None,
        }
    }

    /// Starts a trial; periods end at `first_end` and one period apart. What was before the start did not breach.
    pub fn begin(&mut self, trial: u64, first_end: SimTime, ctx: &mut Context<'_, Event, Turned>) {
        self.newest = 0;
        self.ratio = Ratio { sparse: self.parameters.sparse, ..Ratio::default() };
        self.points.clear();
        self.points.resize(range(self.parameters.datapoints), Some(false));
        self.state = State::Ok;
        self.known = State::Ok;
        self.host_up = true;
        self.growing_since = None;
        self.periods.begin(trial, first_end, Event::PeriodEnds, ctx);
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
    pub fn set(&mut self, above: f64, below: f64, ctx: &mut Context<'_, Event, Turned>) {
        if above == self.ratio.above && below == self.ratio.below && self.growing_since.is_none() {
            return;
        }
        self.growing_since = None;
        self.wake(ctx);
        self.ratio.accumulate(self.periods.held(ctx.now()));
        self.ratio.above = above;
        self.ratio.below = below;
    }

    /// From now on the metric grows by a second per second: it is `base` and the time since `since`.
    pub fn set_growing(&mut self, base: f64, since: SimTime, ctx: &mut Context<'_, Event, Turned>) {
        if self.growing_since == Some((base, since)) {
            return;
        }
        self.wake(ctx);
        self.growing_since = Some((base, since));
    }

    /// The region that it lives in goes out or comes back.
    pub fn set_host(&mut self, up: bool, ctx: &mut Context<'_, Event, Turned>) {
        if up != self.host_up {
            self.wake(ctx);
        }
        self.host_up = up;
    }

    /// Something is about to change. All points are alike after a sleep, those that are still on their way included.
    fn wake(&mut self, ctx: &mut Context<'_, Event, Turned>) {
        let value = self.ratio.present();
        let arrives = |period| Some(Event::Arrives { period, value, quiet: true });
        if self.periods.wake(Event::PeriodEnds, arrives, ctx) {
            self.newest = self.periods.ended();
            self.ratio.forget();
        }
    }

    fn on_period_end(&mut self, ctx: &mut Context<'_, Event, Turned>) {
        let constant = self.periods.constant() && self.growing_since.is_none();
        let value = if let Some((base, since)) = self.growing_since {
            Some(base + ctx.now().since(since).as_secs_f64())
        } else if constant {
            self.ratio.present()
        } else {
            self.ratio.accumulate(self.periods.held(ctx.now()));
            self.ratio.mean()
        };
        self.ratio.forget();
        let arrives = |period, quiet| Some(Event::Arrives { period, value, quiet });
        self.periods.next(constant, Event::PeriodEnds, arrives, ctx);
    }

    fn on_arrival(&mut self, period: u64, value: Option<f64>, quiet: bool, ctx: &mut Context<'_, Event, Turned>) {
        // A datapoint that was overtaken takes its own place; until it arrives it is missing.
        while self.newest < period {
            self.newest += 1;
            self.points.remove(0);
            self.points.push(None);
        }
        let behind = (self.newest - period) as usize;
        let breach = value.map(|value| exceeds(value, self.parameters.above));
        if let Some(place) = self.points.len().checked_sub(behind + 1) {
            self.points[place] = breach;
        }
        if !self.host_up {
            return;
        }
        let state = evaluate(&self.points, self.parameters.datapoints, self.parameters.missing, self.state);
        if state != self.state {
            self.state = state;
            if state != State::InsufficientData {
                self.known = state;
            }
            ctx.signal(Turned { state });
        }
        let alike = self.points.iter().all(|point| *point == breach);
        if quiet && alike {
            self.periods.sleep(ctx);
        }
    }
}

impl Component for Alarm {
    type Event = Event;
    type Signal = Turned;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Turned>) {
        match event {
            Event::PeriodEnds => self.on_period_end(ctx),
            Event::Arrives { period, value, quiet } => self.on_arrival(period, value, quiet, ctx),
        }
    }
}
