//! The table of measures: all that a trial is reduced to, in the order of the columns of `trials.csv`.
//!
//! An entry is all that a measure takes: its column, what it is of, its unit, what its cells may hold, how it is taken from
//! a [`Trial`], and the sentences of the data dictionary. Readers of results know the columns by their place, so new
//! entries go to the end, in a group of their own if the last one is of other subjects.

use std::marker::PhantomData;

use models::cause::{CAUSES, Cause};
use sim_core::time::{SimDuration, SimTime};

use super::subject::{
    Alarm, CauseOf, Journey, Link, Part, PartCause, Population, Queue, Resolved, Store, Whole, Writer,
};
use super::trial::{JourneyTrial, NameTrial, PopulationTrial, QueueTrial, StoreTrial, Time, Trial};

/// A measure of subjects of one kind: what tables of trials are asked by.
#[derive(Debug)]
pub struct Column<S> {
    /// Its place in the table of measures.
    pub(super) index: usize,
    of: PhantomData<fn(S)>,
}

impl<S> Clone for Column<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Column<S> {}

/// What a number in a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds of full traffic: half of the requests failing for ten seconds are five.
    FullSeconds,
    /// Requests.
    Requests,
    /// Acknowledged writes.
    Writes,
    /// Messages of a queue.
    Messages,
    /// A share from 0 to 1.
    Share,
    /// A whole number of something.
    Count,
}

impl Unit {
    /// In the data dictionary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::FullSeconds => "s of full traffic",
            Self::Requests => "requests",
            Self::Writes => "writes",
            Self::Messages => "messages",
            Self::Share => "share, 0 to 1",
            Self::Count => "count",
        }
    }
}

/// What a cell of a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// A number in every trial.
    Always,
    /// A number, or `inf` in a trial that was not back at the horizon: all that is known is that it takes longer.
    Censored,
    /// A number, or `inf` in a trial at whose end no copy was left.
    Boundless,
    /// A number, or nothing in a trial in which it did not happen.
    Sometimes,
    /// A number, `inf` in a trial in which it was still to happen at the horizon, or nothing where it had no reason to.
    Open,
    /// A number, `inf` as of [`Cells::Censored`], or nothing in a trial in which no fault started the clock.
    CensoredOrNone,
}

impl Cells {
    /// In the data dictionary.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Always => "always a number",
            Self::Censored => "`inf`: not back at the horizon",
            Self::Boundless => "`inf`: no copy is left",
            Self::Sometimes => "empty: did not happen",
            Self::Open => "`inf`: not by the horizon; empty: no reason to",
            Self::CensoredOrNone => "`inf`: not back at the horizon; empty: no fault started the clock",
        }
    }
}

/// How a measure is taken from a trial.
#[derive(Debug, Clone, Copy)]
pub(super) enum Take {
    Whole(fn(&Trial) -> f64),
    Journey(fn(&JourneyTrial) -> f64),
    CauseOf(fn(&JourneyTrial, Cause) -> f64),
    Store(fn(&StoreTrial) -> f64),
    Writer(fn(&StoreTrial) -> f64),
    Alarm(fn(Option<SimDuration>) -> f64),
    Population(fn(&PopulationTrial) -> f64),
    PartCause(fn(&[f64; CAUSES], Cause) -> f64),
    Part(fn(&[f64; CAUSES]) -> f64),
    Link(fn(f64) -> f64),
    Queue(fn(&QueueTrial) -> f64),
    Resolved(fn(&NameTrial) -> f64),
}

/// One entry of the table.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// The column: `NAME` stands for the subject, `CAUSE` for a cause.
    pub column: &'static str,
    /// What its numbers count.
    pub unit: Unit,
    /// What its cells hold.
    pub cells: Cells,
    /// What it says.
    pub doc: &'static str,
    pub(super) take: Take,
}

/// What the columns of a group repeat for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Once a trial.
    Whole,
    /// For each journey.
    Journey,
    /// For each store.
    Store,
    /// For each store with one writer at a time.
    Writer,
    /// For each alarm.
    Alarm,
    /// For each population.
    Population,
    /// For each part behind the fronts.
    Part,
    /// For each link between stores.
    Link,
    /// For each queue.
    Queue,
    /// Once a trial, where there are queues.
    Queues,
    /// For each name, where there are several.
    Resolved,
    /// Once a trial, where faults include blips.
    Blips,
}

/// Measures whose columns stand together: all of the first subject, then all of the next.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they repeat for.
    pub each: Each,
    /// They in their order.
    pub measures: &'static [Measure],
}

/// Writes the table, and beside it a [`Column`] for each entry, under the entry's name.
macro_rules! measures {
    ($(each $each:ident {
        $($(#[doc = $doc:literal])+ $name:ident: $subject:ident = $column:literal, $unit:ident, $cells:ident, $take:expr;)+
    })+) => {
        /// Places in the table.
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the names are those of the columns")]
        enum Place {
            $($($name,)+)+
            End,
        }

        /// How many measures there are.
        pub(super) const MEASURES: usize = Place::End as usize;

        $($(
            $(#[doc = $doc])+
            pub const $name: Column<$subject> = Column { index: Place::$name as usize, of: PhantomData };
        )+)+

        /// All measures, in the order of their columns.
        pub static TABLE: &[Group] = &[$(Group {
            each: Each::$each,
            measures: &[$(Measure {
                column: $column,
                unit: Unit::$unit,
                cells: Cells::$cells,
                doc: concat!($($doc),+),
                take: Take::$subject($take),
            }),+],
        }),+];
    };
}

measures! {
    each Journey {
        /// The recovery time: from the start of the clock to the last instant at which the journey comes back up, 0 if it
        /// was never down. Where faults recur, that of the longest outage.
        RECOVERY: Journey = "journey.NAME.recovery_s", Seconds, Censored, |journey| censored(journey.recovery);
        /// Time down from the start of the clock to the horizon.
        DOWNTIME: Journey = "journey.NAME.downtime_s", Seconds, Always, |journey| journey.downtime.as_secs_f64();
        /// Requests that failed over the whole trial.
        FAILED: Journey = "journey.NAME.failed", Requests, Always, |journey| journey.failed;
        /// Requests that failed over the whole trial at this stage, the first that failed them.
        FAILED_BY: CauseOf = "journey.NAME.cause.CAUSE", Requests, Always, JourneyTrial::failed_by;
    }
    each Store {
        /// Data loss in time: age of the oldest missing write at the last acknowledgement.
        LOSS: Store = "store.NAME.loss_s", Seconds, Boundless, |store| store.loss.seconds;
        /// Acknowledged writes that are gone for good.
        LOST: Store = "store.NAME.lost", Writes, Always, |store| store.loss.lost;
        /// Acknowledged writes that come back with their region.
        STRANDED: Store = "store.NAME.stranded", Writes, Always, |store| store.loss.stranded;
        /// Acknowledged writes that came back and lost against newer ones.
        OVERWRITTEN: Store = "store.NAME.overwritten", Writes, Always, |store| store.loss.overwritten;
    }
    each Whole {
        /// When a health check turned unhealthy or an alarm fired, whichever came first.
        DETECT: Whole = "detect_s", Seconds, Sometimes, |trial| moment(trial.detected);
        /// When a health check first turned unhealthy.
        HEALTH_FLIP: Whole = "health_flip_s", Seconds, Sometimes, |trial| moment(trial.health_flip);
        /// When the answer of DNS, or where an accelerator leads, first changed.
        ANSWER_CHANGE: Whole = "answer_change_s", Seconds, Sometimes, |trial| moment(trial.answer_change);
        /// When half of the traffic to the struck region had gone elsewhere.
        MOVED_50: Whole = "moved50_s", Seconds, Sometimes, |trial| moment(trial.moved[0]);
        /// When 90 % of the traffic to the struck region had gone elsewhere.
        MOVED_90: Whole = "moved90_s", Seconds, Sometimes, |trial| moment(trial.moved[1]);
        /// When 99 % of the traffic to the struck region had gone elsewhere.
        MOVED_99: Whole = "moved99_s", Seconds, Sometimes, |trial| moment(trial.moved[2]);
    }
    each Alarm {
        /// When the alarm first fired after the start of the clock.
        ALARM: Alarm = "alarm.NAME_s", Seconds, Sometimes, moment;
    }
    each Writer {
        /// When a promotion of the store was first complete.
        PROMOTED: Writer = "promoted.NAME_s", Seconds, Sometimes, |store| moment(store.promoted);
    }
    each Whole {
        /// The longest recovery time of a journey; where faults come at a rate, that of the longest outage of all journeys
        /// together. An objective on RTO is about it.
        WORST_RECOVERY: Whole = "worst.recovery_s", Seconds, Censored, |trial| censored(trial.worst_recovery);
        /// The largest data loss of any store. An objective on RPO is about it.
        WORST_LOSS: Whole = "worst.loss_s", Seconds, Boundless, worst_loss;
    }
    each Journey {
        /// What of the recovery time the journey was down with this cause failing most; of a censored one, until the
        /// horizon.
        STAGE: CauseOf = "journey.NAME.stage.CAUSE_s", Seconds, Always, |journey, cause| journey.stage(cause).as_secs_f64();
        /// What of the recovery time the journey was up, between two episodes or before the first.
        STAGE_UP: Journey = "journey.NAME.stage.up_s", Seconds, Always, |journey| journey.up_between.as_secs_f64();
        /// Traffic lost since the start of the clock: the integral of the share of requests that fail.
        LOST_TRAFFIC: Journey = "journey.NAME.lost_traffic_s", FullSeconds, Always, |journey| journey.lost_traffic;
        /// Requests offered over the whole trial.
        OFFERED: Journey = "journey.NAME.offered", Requests, Always, |journey| journey.offered;
        /// Requests that were served without something that the journey can do without.
        DEGRADED: Journey = "journey.NAME.degraded", Requests, Always, |journey| journey.degraded;
    }
    each Store {
        /// Acknowledged writes that arrived at the other side only after a partition. They are not missing.
        DELAYED: Store = "store.NAME.delayed", Writes, Always, |store| store.loss.delayed;
    }
    each Population {
        /// Requests of the population that failed over the whole trial.
        POPULATION_FAILED: Population = "population.NAME.failed", Requests, Always, |clients| clients.failed;
        /// Requests of the population over the whole trial.
        POPULATION_OFFERED: Population = "population.NAME.offered", Requests, Always, |clients| clients.offered;
    }
    each Whole {
        /// Mean latency of requests that were served just before the start of the clock.
        LATENCY_BEFORE: Whole = "latency_before_ms", Milliseconds, Sometimes, |trial| milliseconds(trial.latency_before);
        /// Mean latency of requests that were served at the end of the trial.
        LATENCY_AFTER: Whole = "latency_after_ms", Milliseconds, Sometimes, |trial| milliseconds(trial.latency_after);
        /// Faults that start the clock and began before the horizon.
        FAULTS: Whole = "faults", Count, Always, |trial| f64::from(trial.faults);
        /// When the clock started, from the start of the trial.
        FIRST_FAULT: Whole = "first_fault_s", Seconds, Sometimes, |trial| trial.clock.map_or(f64::NAN, SimTime::as_secs_f64);
    }
    each Journey {
        /// Outages over the whole trial: down episodes, those less than 5 min apart counted as one.
        OUTAGES: Journey = "journey.NAME.outages", Count, Always, |journey| journey.uptime.outages as f64;
        /// Share of the whole trial in which the journey was up.
        AVAILABILITY: Journey = "journey.NAME.availability", Share, Always, |journey| journey.uptime.availability;
        /// Share of the requests of the whole trial that succeeded.
        SUCCESS: Journey = "journey.NAME.success", Share, Always, |journey| journey.uptime.success;
    }
    each Whole {
        /// Outages of all journeys together: any of them is down.
        OVERALL_OUTAGES: Whole = "overall.outages", Count, Always, |trial| trial.overall.outages as f64;
        /// Share of the whole trial in which every journey was up. An objective on availability is about its mean.
        OVERALL_AVAILABILITY: Whole = "overall.availability", Share, Always, |trial| trial.overall.availability;
        /// Share of all requests of the whole trial that succeeded.
        OVERALL_SUCCESS: Whole = "overall.success", Share, Always, |trial| trial.overall.success;
    }
    each Store {
        /// For how long since the start of the clock some copy got no new writes: a second loss would cost what it lacks.
        AT_RISK: Store = "store.NAME.at_risk_s", Seconds, Always, |store| store.at_risk.as_secs_f64();
    }
    each Journey {
        /// From the start of the clock to the first instant at which the journey comes back and stays up for 5 min, or to
        /// the horizon; 0 if it was never down since. Planned outages are outages like any.
        FIRST_BACK: Journey = "journey.NAME.first_back_s", Seconds, CensoredOrNone, |journey| time(journey.first_back);
        /// What of the time down was planned: outages that began at most five minutes after an act (a shift, a switchover, a
        /// readmission, a change of size, requests refused at the edge or let in again) and after no fault. They are no part of the recovery time.
        PLANNED: Journey = "journey.NAME.planned_s", Seconds, Always, |journey| journey.planned.as_secs_f64();
    }
    each Writer {
        /// When a copy of the store was first a cluster of its own.
        DETACHED: Writer = "detached.NAME_s", Seconds, Sometimes, |store| moment(store.detached);
        /// When applications were first told of a detached copy.
        REPOINTED: Writer = "repointed.NAME_s", Seconds, Sometimes, |store| moment(store.repointed);
        /// When all copies of the store that had to be built anew were whole again for good.
        REBUILT: Writer = "rebuilt.NAME_s", Seconds, Open, |store| time(store.rebuilt);
    }
    each Store {
        /// 1 in a trial that ended without anything that takes writes: the writer was away, and no other had its place.
        NO_WRITER: Store = "store.NAME.no_writer", Count, Always, |store| f64::from(u8::from(store.loss.no_writer));
    }
    each Part {
        /// Requests that failed over the whole trial because of this service in this region, or of this store as the region
        /// meets it, by cause. Where no service calls another there is no such column.
        PART_FAILED_BY: PartCause = "part.NAME.cause.CAUSE", Requests, Always, |part, cause| part[cause.index()];
    }
    each Store {
        /// When a restore of the store from a backup was first complete.
        RESTORED: Store = "restored.NAME_s", Seconds, Sometimes, |store| moment(store.restored);
    }
    each Link {
        /// Writes of the first store that survivors of lost regions have and that refer to writes of the second one which
        /// they lack.
        DANGLING: Link = "link.NAME.dangling", Writes, Always, |dangling| dangling;
    }
    each Whole {
        /// From when recovery times count, from the start of the trial: the first fault that starts the clock; without one, the
        /// planned work that does.
        COUNTS_FROM: Whole = "recovery_from_s", Seconds, Sometimes, |trial| trial.counts_from.map_or(f64::NAN, SimTime::as_secs_f64);
    }
    each Journey {
        /// Requests that would have succeeded over the whole trial, later than their clients wait; or for which a call came too
        /// late.
        FAILED_SLOW: Journey = "journey.NAME.cause.slow", Requests, Always, |journey| journey.failed_by(Cause::Slow);
        /// Mean latency of served requests before the start of the clock.
        JOURNEY_LATENCY_BEFORE: Journey = "journey.NAME.latency_before_ms", Milliseconds, Sometimes, |journey| milliseconds(journey.latency[0]);
        /// Mean latency of served requests from then until the journey was back for good, or to the horizon; where faults recur,
        /// while it was down.
        JOURNEY_LATENCY_DURING: Journey = "journey.NAME.latency_during_ms", Milliseconds, Sometimes, |journey| milliseconds(journey.latency[1]);
        /// Mean latency of served requests after that.
        JOURNEY_LATENCY_AFTER: Journey = "journey.NAME.latency_after_ms", Milliseconds, Sometimes, |journey| milliseconds(journey.latency[2]);
        /// What of the recovery time the journey was down because requests took too long.
        STAGE_SLOW: Journey = "journey.NAME.stage.slow_s", Seconds, Always, |journey| journey.stage(Cause::Slow).as_secs_f64();
    }
    each Part {
        /// Requests that failed over the whole trial because calls of this part took too long for their callers.
        PART_SLOW: Part = "part.NAME.cause.slow", Requests, Always, |part| part[Cause::Slow.index()];
    }
    each Resolved {
        /// When DNS first led a population elsewhere under the name.
        NAME_CHANGE: Resolved = "name.NAME.answer_change_s", Seconds, Sometimes, |name| moment(name.answer_change);
        /// When half of the traffic under the name to the struck region had gone elsewhere.
        NAME_MOVED_50: Resolved = "name.NAME.moved50_s", Seconds, Sometimes, |name| moment(name.moved[0]);
        /// When 90 % of the traffic under the name to the struck region had gone elsewhere.
        NAME_MOVED_90: Resolved = "name.NAME.moved90_s", Seconds, Sometimes, |name| moment(name.moved[1]);
        /// When 99 % of the traffic under the name to the struck region had gone elsewhere.
        NAME_MOVED_99: Resolved = "name.NAME.moved99_s", Seconds, Sometimes, |name| moment(name.moved[2]);
    }
    each Queue {
        /// The most messages that waited at once, in all regions together, those that are out included.
        BACKLOG: Queue = "store.NAME.backlog_max", Messages, Always, |queue| queue.largest;
        /// The largest age of a message that waited, in a region up or down.
        OLDEST: Queue = "store.NAME.age_max_s", Seconds, Always, |queue| queue.oldest;
        /// From the start of the clock to the last instant at which the backlog comes back to its level at that start; 0 if it
        /// never rose above it. Where nothing starts the clock it counts from the first instant at which the backlog grows.
        CAUGHT_UP: Queue = "store.NAME.caught_up_s", Seconds, Censored, |queue| queue.caught_up;
        /// Mean time that messages waited, over those that were consumed.
        DELAY_MEAN: Queue = "store.NAME.delay_mean_s", Seconds, Sometimes, |queue| delay(queue, |(mean, _)| mean);
        /// The time that 99 % of the messages that were consumed waited at most.
        DELAY_P99: Queue = "store.NAME.delay_p99_s", Seconds, Sometimes, |queue| delay(queue, |(_, p99)| p99);
    }
    each Queues {
        /// The longest of these times of any queue until its backlog is back. An objective on `caught-up` is about it.
        WORST_CAUGHT_UP: Whole = "worst.caught_up_s", Seconds, Censored, worst_caught_up;
    }
    each Blips {
        /// False failovers: how often DNS or an accelerator led somebody away after a check had turned or an alarm had fired
        /// while no fault but blips was under way.
        FALSE_FAILOVERS: Whole = "false_failovers", Count, Always, |trial| f64::from(trial.nervous.failovers);
        /// Time in which no fault but blips was under way.
        QUIET: Whole = "quiet_s", Seconds, Always, |trial| trial.nervous.quiet.as_secs_f64();
        /// From the first fault that starts the clock and is no blip until a check turned or an alarm fired.
        NOTICED: Whole = "noticed_s", Seconds, Open, |trial| time(trial.nervous.noticed);
    }
}

/// A cause that came later has columns of its own, after all others: of each measure by cause, the measure of the last cause.
pub(super) const LAST_CAUSE: [(usize, usize); 3] =
    [(FAILED_BY.index, FAILED_SLOW.index), (STAGE.index, STAGE_SLOW.index), (PART_FAILED_BY.index, PART_SLOW.index)];

/// Seconds of what may be censored.
fn censored(time: Option<SimDuration>) -> f64 {
    time.map_or(f64::INFINITY, SimDuration::as_secs_f64)
}

/// Seconds of what may not happen.
fn moment(time: Option<SimDuration>) -> f64 {
    time.map_or(f64::NAN, SimDuration::as_secs_f64)
}

fn time(time: Time) -> f64 {
    match time {
        Time::Absent => f64::NAN,
        Time::Censored => f64::INFINITY,
        Time::Known(time) => time.as_secs_f64(),
    }
}

fn delay(queue: &QueueTrial, part: fn((f64, f64)) -> f64) -> f64 {
    queue.delays.map_or(f64::NAN, part)
}

fn milliseconds(latency: Option<f64>) -> f64 {
    latency.map_or(f64::NAN, |latency| latency * 1_000.0)
}

fn worst_caught_up(trial: &Trial) -> f64 {
    trial.queues.iter().map(|queue| queue.caught_up).fold(0.0, f64::max)
}

fn worst_loss(trial: &Trial) -> f64 {
    trial.stores.iter().map(|store| store.loss.seconds).fold(0.0, f64::max)
}
