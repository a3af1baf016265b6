//! The periods of one metric: when they end, when their datapoints arrive, and which of them need not be run.
//!
//! A period in which nothing changed says what the one before it said. After enough of them in a row nobody can learn
//! anything from another one: the periods sleep until something changes, and then go on as if they had been run all along.

use sim_core::component::{Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId};
use sim_core::time::{SimDuration, SimTime};

/// How long datapoints are under way: the n-th of a metric takes the n-th number of its stream, asked for or not, so
/// that periods whose outcome is known need not be run.
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
    fn begin(&mut self, trial: u64) {
        self.stream.begin(trial);
    }

    /// The delay of the n-th datapoint.
    fn of(&mut self, n: u64) -> SimDuration {
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

/// The periods of one metric. They are numbered from 1, and so are their datapoints.
#[derive(Debug)]
pub(in crate::aws) struct Periods {
    length: SimDuration,
    /// So many quiet periods in a row, and whoever looks at their datapoints has seen all that there is to see.
    enough: usize,
    eager: bool,
    ingestion: Ingestion,
    first_end: SimTime,
    start: SimTime,
    /// The last change within the period, or its start.
    changed: SimTime,
    /// Periods in a row in which nothing changed.
    quiet: usize,
    due: Option<Handle>,
}

impl Periods {
    /// Periods of this length whose datapoints take `ingestion` seconds; the stream is named after `path`. They sleep after
    /// more than `enough` quiet ones, unless `eager` or where datapoints can overtake each other.
    pub(in crate::aws) fn new(
        length: SimDuration,
        enough: usize,
        ingestion: &Distribution,
        path: &str,
        seed: u64,
        eager: bool,
    ) -> Self {
        let ingestion = Ingestion::new(ingestion, path, seed);
        Self {
            length,
            enough,
            eager: eager || !ingestion.keeps_order(length),
            ingestion,
            first_end: SimTime::ZERO,
            start: SimTime::ZERO,
            changed: SimTime::ZERO,
            quiet: 0,
            due: None,
        }
    }

    /// Starts a trial; periods end at `first_end` and one length apart.
    pub(in crate::aws) fn begin<E, S>(&mut self, trial: u64, first_end: SimTime, ends: E, ctx: &mut Context<'_, E, S>) {
        self.ingestion.begin(trial);
        self.first_end = first_end;
        self.start = SimTime::ZERO;
        self.changed = SimTime::ZERO;
        self.quiet = 0;
        self.due = Some(ctx.schedule_at(first_end, ends));
    }

    /// Something is about to change. Returns whether the periods slept: then they go on, and datapoints that would still be
    /// on their way are, those of the numbers that `datapoint` has one for.
    pub(in crate::aws) fn wake<E, S>(
        &mut self,
        ends: E,
        datapoint: impl Fn(u64) -> Option<E>,
        ctx: &mut Context<'_, E, S>,
    ) -> bool {
        self.quiet = 0;
        if self.due.is_some() {
            return false;
        }
        let now = ctx.now();
        let just_after = |time: SimTime| time + SimDuration::from_nanos(1);
        let next = just_after(now).next_on_grid(self.start, self.length);
        let mut end = just_after(now - self.ingestion.longest).next_on_grid(self.start + self.length, self.length);
        while end < next {
            let number = self.number(end);
            let arrival = end + self.ingestion.of(number);
            if arrival > now
                && let Some(event) = datapoint(number)
            {
                ctx.schedule_at(arrival, event);
            }
            end = end + self.length;
        }
        self.start = next - self.length;
        self.changed = self.start;
        self.due = Some(ctx.schedule_at(next, ends));
        true
    }

    /// For how many seconds of this period what changes now has held.
    pub(in crate::aws) fn held(&mut self, now: SimTime) -> f64 {
        let seconds = now.since(self.changed).as_secs_f64();
        self.changed = now;
        seconds
    }

    /// Whether nothing has changed in this period.
    pub(in crate::aws) fn constant(&self) -> bool {
        self.changed <= self.start
    }

    /// How many periods have ended.
    pub(in crate::aws) fn ended(&self) -> u64 {
        self.number(self.start + self.length) - 1
    }

    /// A period ends, in which all was `constant`, and the next one begins. `datapoint` makes its datapoint, if it has one,
    /// of its number and of whether there have been enough quiet ones.
    pub(in crate::aws) fn next<E, S>(
        &mut self,
        constant: bool,
        ends: E,
        datapoint: impl FnOnce(u64, bool) -> Option<E>,
        ctx: &mut Context<'_, E, S>,
    ) {
        let now = ctx.now();
        self.quiet = if constant { self.quiet + 1 } else { 0 };
        let number = self.number(now);
        if let Some(event) = datapoint(number, self.settled()) {
            let delay = self.ingestion.of(number);
            ctx.schedule_in(delay, event);
        }
        self.start = now;
        self.changed = now;
        self.due = Some(ctx.schedule_in(self.length, ends));
    }

    /// Nothing can be learnt from a datapoint that arrived: the periods sleep, if there have been enough quiet ones.
    pub(in crate::aws) fn sleep<E, S>(&mut self, ctx: &mut Context<'_, E, S>) {
        if self.settled()
            && !self.eager
            && let Some(handle) = self.due.take()
        {
            ctx.cancel(handle);
        }
    }

    fn settled(&self) -> bool {
        self.quiet > self.enough
    }

    /// The number of the period that ends at `end`.
    fn number(&self, end: SimTime) -> u64 {
        end.since(self.first_end).as_nanos() / self.length.as_nanos() + 1
    }
}
