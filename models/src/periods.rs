//! The periods of one metric of `CloudWatch`: when they end, and when their datapoints arrive.
//!
//! None of this is an event by itself. The owner lives through ends and arrivals up to an instant, in the order of time,
//! and schedules only the ones that decide something. Where many periods in a row say the same, it skips them.

use std::collections::VecDeque;

use sim_core::component::{Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Trial};
use sim_core::time::{SimDuration, SimTime};

/// Whether a datapoint lies above a threshold, by more than rounding makes of one that just reaches it: 1e-9.
pub(crate) fn exceeds(value: f64, threshold: f64) -> bool {
    value > threshold + 1e-9
}

/// How long datapoints are under way: the n-th of a metric takes the n-th number of its stream, asked for or not, so
/// that periods can be skipped.
#[derive(Debug, Clone)]
struct Ingestion {
    delay: Distribution,
    stream: Stream,
    /// No datapoint takes less.
    shortest: SimDuration,
    /// No datapoint takes longer.
    longest: SimDuration,
}

impl Ingestion {
    /// Delays of one metric's datapoints; `path` names the stream.
    fn new(delay: &Distribution, path: &str, seed: u64) -> Self {
        // No uniform number comes closer to 0 or 1 than this.
        let margin = f64::EPSILON / 2.0;
        Self {
            delay: delay.clone(),
            stream: Stream::new(StreamId::new(seed, path, "ingestion-delay")),
            shortest: SimDuration::from_secs_f64(delay.quantile(margin)),
            longest: SimDuration::from_secs_f64(delay.quantile(1.0 - margin)),
        }
    }

    /// Starts a trial.
    fn begin(&mut self, trial: Trial<'_>) {
        self.stream.begin(trial);
    }

    /// The delay of the n-th datapoint.
    fn of(&self, n: u64) -> SimDuration {
        let seconds = match self.delay.is_constant() {
            Some(seconds) => seconds,
            None => self.delay.quantile(self.stream.uniform_at(n)),
        };
        SimDuration::from_secs_f64(seconds)
    }

    /// Whether no datapoint of such periods can overtake another. If one can, even datapoints that are all alike make a
    /// difference by the order in which they arrive.
    fn keeps_order(&self, period: SimDuration) -> bool {
        self.longest < self.shortest + period
    }
}

/// A datapoint under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Datapoint<V> {
    /// When it arrives.
    pub(crate) arrives: SimTime,
    /// Which period's it is.
    pub(crate) period: u64,
    /// What it says.
    pub(crate) value: V,
}

/// What comes next.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<V> {
    /// A period ends at this instant. Its owner says by [`Periods::close`] what its datapoint is.
    Ends(SimTime),
    /// A datapoint arrives.
    Arrives(Datapoint<V>),
}

/// The periods of one metric whose datapoints are `V`. They are numbered from 1, and so are their datapoints.
#[derive(Debug)]
pub(crate) struct Periods<V> {
    length: SimDuration,
    eager: bool,
    ingestion: Ingestion,
    first_end: SimTime,
    start: SimTime,
    end: SimTime,
    /// How many have ended.
    ended: u64,
    /// The last change within the period, or its start.
    changed: SimTime,
    /// Datapoints that have not arrived yet, in the order in which they will.
    under_way: VecDeque<Datapoint<V>>,
    pending: Option<(SimTime, Handle)>,
}

impl<V: Copy> Periods<V> {
    /// Periods of this length whose datapoints take `ingestion` seconds; the stream is named after `path`.
    pub(crate) fn new(length: SimDuration, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let ingestion = Ingestion::new(ingestion, path, seed);
        Self {
            length,
            eager: eager || !ingestion.keeps_order(length),
            ingestion,
            first_end: SimTime::ZERO,
            start: SimTime::ZERO,
            end: SimTime::ZERO,
            ended: 0,
            changed: SimTime::ZERO,
            under_way: VecDeque::new(),
            pending: None,
        }
    }

    /// Starts a trial; periods end at `first_end` and one length apart.
    pub(crate) fn begin(&mut self, trial: Trial<'_>, first_end: SimTime) {
        self.ingestion.begin(trial);
        self.first_end = first_end;
        self.start = SimTime::ZERO;
        self.end = first_end;
        self.ended = 0;
        self.changed = SimTime::ZERO;
        self.under_way.clear();
        self.pending = None;
    }

    /// Whether every end and every arrival is an event: because that is asked for, or because datapoints can overtake each
    /// other.
    pub(crate) const fn eager(&self) -> bool {
        self.eager
    }

    /// When the present period ends.
    pub(crate) const fn end(&self) -> SimTime {
        self.end
    }

    /// When something happens next: the present period ends, or a datapoint arrives.
    pub(crate) fn due(&self) -> SimTime {
        self.under_way.front().map_or(self.end, |first| first.arrives.min(self.end))
    }

    /// Takes what happens next, if that is not after `now`. An arrival goes before an end at the same instant.
    pub(crate) fn step(&mut self, now: SimTime) -> Option<Step<V>> {
        if self.due() > now {
            return None;
        }
        match self.under_way.front() {
            Some(first) if first.arrives <= self.end => self.under_way.pop_front().map(Step::Arrives),
            _ => Some(Step::Ends(self.end)),
        }
    }

    /// The present period is over, and the next one begins. Its datapoint, if it has one, is on its way.
    pub(crate) fn close(&mut self, value: Option<V>) {
        self.ended += 1;
        if let Some(value) = value {
            let arrives = self.arrival(0);
            let place = self.under_way.iter().rposition(|other| other.arrives <= arrives).map_or(0, |place| place + 1);
            self.under_way.insert(place, Datapoint { arrives, period: self.ended, value });
        }
        self.start = self.end;
        self.changed = self.end;
        self.end = self.end + self.length;
    }

    /// When the datapoint of the last period that ended arrives, or of one so many periods later.
    fn arrival(&self, later: u64) -> SimTime {
        let number = self.ended + later;
        self.first_end + self.length.times(number - 1) + self.ingestion.of(number)
    }

    /// When the datapoint of the present period arrives, if it has one, or of one so many periods later.
    pub(crate) fn arrives(&self, later: u64) -> SimTime {
        self.arrival(1 + later)
    }

    /// For how many seconds of this period what changes now has held.
    pub(crate) fn held(&mut self, now: SimTime) -> f64 {
        let seconds = now.since(self.changed).as_secs_f64();
        self.changed = now;
        seconds
    }

    /// Whether nothing has changed in this period.
    pub(crate) fn constant(&self) -> bool {
        self.changed <= self.start
    }

    /// How many periods have ended.
    pub(crate) const fn ended(&self) -> u64 {
        self.ended
    }

    /// Datapoints that have not arrived yet, in the order in which they will.
    pub(crate) const fn under_way(&self) -> &VecDeque<Datapoint<V>> {
        &self.under_way
    }

    /// Goes to `now` past periods in which nothing changed. Their datapoints, if they have one, are this one, and so are all
    /// that are under way. Returns how many datapoints arrived meanwhile.
    pub(crate) fn skip(&mut self, now: SimTime, value: Option<V>) -> u64 {
        if self.end > now {
            return 0;
        }
        let before = self.ended;
        let steps = now.since(self.end).as_nanos() / self.length.as_nanos();
        self.start = self.end + self.length.times(steps);
        self.end = self.start + self.length;
        self.changed = self.start;
        self.ended += steps + 1;
        let mut arrived = self.under_way.len();
        self.under_way.retain(|datapoint| datapoint.arrives > now);
        arrived -= self.under_way.len();
        let Some(value) = value else { return arrived as u64 };
        let known = self.under_way.len();
        let ends = |period: u64| self.first_end + self.length.times(period - 1);
        for period in (before + 1..=self.ended).rev().take_while(|&period| ends(period) + self.ingestion.longest > now)
        {
            let arrives = ends(period) + self.ingestion.of(period);
            if arrives > now {
                self.under_way.insert(known, Datapoint { arrives, period, value });
            }
        }
        arrived as u64 + (self.ended - before) - (self.under_way.len() - known) as u64
    }

    /// Schedules the owner's event at this instant in place of the one that is pending; at [`SimTime::NEVER`] none.
    pub(crate) fn schedule<E, S>(&mut self, time: SimTime, event: E, ctx: &mut Context<'_, E, S>) {
        match self.pending {
            Some((pending, _)) if pending == time => return,
            Some((_, handle)) => ctx.cancel(handle),
            None => {}
        }
        self.pending = (time != SimTime::NEVER).then(|| (time, ctx.schedule_at(time, event)));
    }

    /// The owner's event has happened.
    pub(crate) fn happened(&mut self) {
        self.pending = None;
    }

    /// When the owner's event happens.
    pub(crate) fn pending(&self) -> SimTime {
        self.pending.map_or(SimTime::NEVER, |(time, _)| time)
    }
}
