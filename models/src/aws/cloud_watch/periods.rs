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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sim_core::component::{Component, Harness};

    use super::*;

    /// A level whose datapoints are its last value, and who counts what was run.
    struct Metric {
        periods: Periods,
        level: u8,
        shown: u8,
        run: u32,
    }

    #[derive(Clone, Copy)]
    enum Event {
        Ends,
        Arrives { level: u8, quiet: bool },
    }

    impl Metric {
        fn set(&mut self, level: u8, ctx: &mut Context<'_, Event, u8>) {
            if level != self.level {
                let level = self.level;
                self.periods.wake(Event::Ends, |_| Some(Event::Arrives { level, quiet: true }), ctx);
                self.periods.held(ctx.now());
            }
            self.level = level;
        }
    }

    impl Component for Metric {
        type Event = Event;
        type Signal = u8;

        fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, u8>) {
            self.run += 1;
            match event {
                Event::Ends => {
                    let (constant, level) = (self.periods.constant(), self.level);
                    let arrives = |_, quiet| Some(Event::Arrives { level, quiet });
                    self.periods.next(constant, Event::Ends, arrives, ctx);
                }
                Event::Arrives { level, quiet } => {
                    if level != self.shown {
                        self.shown = level;
                        ctx.signal(level);
                    } else if quiet {
                        self.periods.sleep(ctx);
                    }
                }
            }
        }
    }

    /// What was shown and when, and how many events that took.
    fn play(changes: &[(u64, u8)], delay: &Distribution, eager: bool) -> (Vec<(SimTime, u8)>, u32) {
        let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
        let periods = Periods::new(SimDuration::from_secs(60), 3, delay, "metric", 1, eager);
        let mut alone = Harness::new(Metric { periods, level: 0, shown: 0, run: 0 });
        alone.call(|metric, ctx| metric.periods.begin(0, at(17), Event::Ends, ctx));
        let mut now = 0;
        for &(after, level) in changes {
            now += after;
            // Never as a period ends: an average shows nothing of the new level then, a last value would.
            alone.run_until(at(now) + SimDuration::from_nanos(1));
            alone.call(|metric, ctx| metric.set(level, ctx));
        }
        alone.run_until(at(now + 10_000));
        (alone.signals().to_vec(), alone.component().run)
    }

    proptest! {
        #[test]
        fn periods_that_sleep_show_what_running_all_of_them_shows(
            changes in prop::collection::vec((0..1_500_u64, 0..3_u8), 1..12),
            (shortest, spread) in (0..200_u32, 1..70_u32),
        ) {
            // Up to 200 s late: several datapoints are on their way at once. From 60 s on one can overtake another.
            let (low, high) = (f64::from(shortest), f64::from(shortest + spread));
            let delay = Distribution::uniform(low, high).expect("a range");
            let ((all, every), (slept, fewer)) = (play(&changes, &delay, true), play(&changes, &delay, false));
            prop_assert_eq!(all, slept);
            prop_assert!(if spread < 60 { fewer < every / 2 } else { fewer == every }, "{} of {}", fewer, every);
        }
    }
}
