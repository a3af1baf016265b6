//! Amazon `CloudWatch`: metrics averaged over periods, and alarms on M of N of them.
//!
//! Modelled:      tumbling periods aligned to one wall clock; datapoints that arrive late; M of N with the four ways to
//!                treat missing data, real older points first; an alarm that lives in a region and is blind while that is out.
//! Not modelled:  sliding windows of periods over a minute, composite alarms, metric math, high-resolution metrics.
//! Sources:       facts 11 (M of N, missing data with its truth tables: documented; ingestion delay: assumed).

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

const INGESTION: Key = Key::assumed(
    "ingestion-delay",
    "from the end of a period to the arrival of its datapoint",
    "30s",
    "design 5.6: below 1 to 2 min (remembered), no figure is published",
);
const NAME: Key = Key::required("name", "what the alarm is called");
const METRIC: Key = Key::required("metric", "what the alarm watches");
const ABOVE: Key = Key::required("above", "a datapoint above this breaches").at_least(0.0);
const PERIOD: Key =
    Key::documented("period", "length of a period", "1m", "facts 11: 60 s for metrics of AWS services").at_least(1.0);
const DATAPOINTS: Key =
    Key::documented("datapoints", "`M of N`: breaching datapoints that fire", "1 of 1", "facts 11: M = N");
const MISSING: Key =
    Key::documented("missing", "what a missing datapoint counts as", "missing", "facts 11: missing data");
const OWN_INGESTION: Key = Key::optional("ingestion-delay", "overrides the one of `cloudwatch`");
const HOSTED_IN: Key = Key::required("hosted-in", "the region that the alarm lives in");

const ERRORS: Key = Key::required("errors", "failed over offered requests of this journey");
const REGION: Key = Key::optional("region", "only what reached this region's front");
const UNHEALTHY_HOSTS: Key = Key::required("unhealthy-hosts", "targets of this region that are out of rotation");
const HEALTH_CHECK: Key =
    Key::required("health-check", "1 while the health check of this region's endpoint is unhealthy");
const REPLICATION_LAG: Key = Key::required("replication-lag", "replication lag of this store in seconds");
const UTILIZATION: Key =
    Key::required("utilization", "load over capacity of this region; of a function, concurrency over the limit");
const THROTTLES: Key =
    Key::required("throttles", "share of the requests that reach this region's compute which it has no capacity for");

/// Reads `[cloudwatch]`: the ingestion delay, in seconds.
pub fn read_ingestion(section: &mut Section<'_>) -> Distribution {
    section.delay(&INGESTION)
}

/// How long datapoints are under way: the n-th of a metric takes the n-th number of its stream, asked for or not, so
/// that periods whose outcome is known need not be run.
#[derive(Debug, Clone)]
pub struct Ingestion {
    delay: Distribution,
    stream: Stream,
    shortest: SimDuration,
    longest: SimDuration,
}

impl Ingestion {
    /// Delays of one metric's datapoints; `path` names the stream.
    pub fn new(delay: &Distribution, path: &str, seed: u64) -> Self {
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
    pub fn begin(&mut self, trial: u64) {
        self.stream.begin(trial);
    }

    /// The delay of the n-th datapoint.
    pub fn of(&mut self, n: u64) -> SimDuration {
        let seconds = match self.delay.is_constant() {
            Some(seconds) => seconds,
            None => self.delay.quantile(self.stream.uniform_at(n)),
        };
        SimDuration::from_secs_f64(seconds)
    }

    /// No datapoint takes longer.
    pub const fn longest(&self) -> SimDuration {
        self.longest
    }

    /// Whether no datapoint of such periods can overtake another. If one can, even datapoints that are all alike make a
    /// difference by the order in which they arrive.
    pub fn keeps_order(&self, period: SimDuration) -> bool {
        self.longest < self.shortest + period
    }
}

/// Whether a datapoint lies above a threshold, by more than rounding makes of one that just reaches it (the tolerance of
/// design 6.1).
pub(super) fn exceeds(value: f64, threshold: f64) -> bool {
    value > threshold + 1e-9
}

/// What an alarm watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Failed over offered requests of a journey, everywhere or at one region's front.
    Errors {
        /// The journey.
        journey: usize,
        /// Only what reached this region's front.
        region: Option<usize>,
    },
    /// Targets out of rotation in a region.
    UnhealthyHosts(usize),
    /// Whether a region's endpoint is unhealthy.
    HealthCheck(usize),
    /// A store's replication lag in seconds.
    ReplicationLag(usize),
    /// A region's load over capacity.
    Utilization(usize),
    /// Share of the requests that reach a region's compute which it has no capacity for.
    Throttles(usize),
}

/// What a missing datapoint counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Insufficient data, unless the real points that there are all breach.
    Missing,
    /// Breaching.
    Breaching,
    /// Not breaching.
    NotBreaching,
    /// The state stays.
    Ignore,
}

/// An alarm.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// What it watches.
    pub metric: Metric,
    /// A datapoint above this breaches.
    pub above: f64,
    /// Length of a period.
    pub period: SimDuration,
    /// M of N.
    pub datapoints: (usize, usize),
    /// Treatment of missing data.
    pub missing: Missing,
    /// From the end of a period to the arrival of its datapoint, in seconds.
    pub ingestion: Distribution,
    /// The region that it lives in.
    pub hosted_in: usize,
}

/// The words that say what an alarm watches.
pub const METRICS: [&str; 6] =
    [ERRORS.name, UNHEALTHY_HOSTS.name, HEALTH_CHECK.name, REPLICATION_LAG.name, UTILIZATION.name, THROTTLES.name];

impl Parameters {
    /// Reads one `[[alarms]]` entry.
    pub fn read(
        section: &mut Section<'_>,
        regions: &[String],
        journeys: &[String],
        stores: &[String],
        ingestion: &Distribution,
    ) -> Self {
        let metric = section.section(&METRIC).map(|mut metric| match metric.one_of(&METRICS) {
            Some("unhealthy-hosts") => Metric::UnhealthyHosts(metric.name(&UNHEALTHY_HOSTS, regions)),
            Some("health-check") => Metric::HealthCheck(metric.name(&HEALTH_CHECK, regions)),
            Some("replication-lag") => Metric::ReplicationLag(metric.name(&REPLICATION_LAG, stores)),
            Some("utilization") => Metric::Utilization(metric.name(&UTILIZATION, regions)),
            Some("throttles") => Metric::Throttles(metric.name(&THROTTLES, regions)),
            Some(_) => {
                Metric::Errors { journey: metric.name(&ERRORS, journeys), region: metric.maybe_name(&REGION, regions) }
            }
            None => Metric::Errors { journey: 0, region: None },
        });
        let datapoints = read_datapoints(section);
        Self {
            name: section.text(&NAME),
            metric: metric.unwrap_or(Metric::Errors { journey: 0, region: None }),
            above: section.number(&ABOVE),
            period: section.duration(&PERIOD),
            datapoints,
            missing: section.choice(
                &MISSING,
                &[
                    ("missing", Missing::Missing),
                    ("breaching", Missing::Breaching),
                    ("not-breaching", Missing::NotBreaching),
                    ("ignore", Missing::Ignore),
                ],
            ),
            ingestion: section.maybe_delay(&OWN_INGESTION).unwrap_or_else(|| ingestion.clone()),
            hosted_in: section.name(&HOSTED_IN, regions),
        }
    }
}

/// Most datapoints that an alarm looks at; AWS allows a day's worth of minutes.
const MOST_DATAPOINTS: usize = 1_440;

/// `"2 of 3"`.
fn read_datapoints(section: &mut Section<'_>) -> (usize, usize) {
    let text = section.text(&DATAPOINTS);
    let parsed = text.split_once(" of ").and_then(|(m, n)| Some((m.trim().parse().ok()?, n.trim().parse().ok()?)));
    match parsed {
        Some((m, n)) if 1 <= m && m <= n && n <= MOST_DATAPOINTS => (m, n),
        _ => {
            section.reject(
                "datapoints",
                format!("\"{text}\""),
                "\"M of N\" with 1 <= M <= N <= 1440, such as \"2 of 3\"",
                None,
            );
            (1, 1)
        }
    }
}

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

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not breaching.
    Ok,
    /// Breaching.
    Alarm,
    /// Not enough data to say.
    InsufficientData,
}

/// Older datapoints that are looked at when newer ones are missing. Facts 11: a range of 5 for N = 3 (documented).
const EXTRA_POINTS: usize = 2;

/// Judges datapoints, the newest last, `None` = missing. Facts 11: the two truth tables.
pub fn evaluate(points: &[Option<bool>], datapoints: (usize, usize), missing: Missing, present: State) -> State {
    let (needed, looked_at) = datapoints;
    let real = points.iter().rev().filter_map(|point| *point).take(looked_at);
    let (count, breaching) =
        real.fold((0, 0), |(count, breaching), breach| (count + 1, breaching + usize::from(breach)));
    let absent = looked_at - count;
    let alarm = |fires| if fires { State::Alarm } else { State::Ok };
    match missing {
        _ if breaching >= needed => State::Alarm,
        Missing::Breaching => alarm(breaching + absent >= needed),
        Missing::NotBreaching => State::Ok,
        _ if absent == 0 => State::Ok,
        Missing::Ignore if breaching == count => present,
        Missing::Missing if count == 0 => State::InsufficientData,
        Missing::Missing if breaching == count => State::Alarm,
        Missing::Missing | Missing::Ignore => State::Ok,
    }
}

/// A ratio of two piecewise constant rates, averaged over periods.
#[derive(Debug, Clone, Copy, Default)]
struct Ratio {
    above: f64,
    below: f64,
    changed: SimTime,
    sum_above: f64,
    sum_below: f64,
}

impl Ratio {
    fn accumulate(&mut self, now: SimTime) {
        let seconds = now.since(self.changed).as_secs_f64();
        self.sum_above += self.above * seconds;
        self.sum_below += self.below * seconds;
        self.changed = now;
    }

    fn of(above: f64, below: f64) -> Option<f64> {
        (below > 0.0).then(|| above / below)
    }
}

/// An alarm at work.
#[derive(Debug)]
pub struct Alarm {
    parameters: Parameters,
    eager: bool,
    ingestion: Ingestion,
    ratio: Ratio,
    period_start: SimTime,
    first_end: SimTime,
    /// The newest datapoints that arrived, oldest first; the last one is that of the period `newest`.
    points: Vec<Option<bool>>,
    newest: u64,
    state: State,
    /// Its last state that was more than want of data.
    known: State,
    host_up: bool,
    quiet_periods: usize,
    period_due: Option<Handle>,
    /// A metric that grows with time: its base, and since when. Its datapoint is its value at the period's end.
    growing_since: Option<(f64, SimTime)>,
}

impl Alarm {
    /// An alarm at rest.
    pub fn new(parameters: &Parameters, seed: u64, eager: bool) -> Self {
        let path = format!("alarms/{}", parameters.name);
        let ingestion = Ingestion::new(&parameters.ingestion, &path, seed);
        Self {
            parameters: parameters.clone(),
            eager: eager || !ingestion.keeps_order(parameters.period),
            ingestion,
            first_end: SimTime::ZERO,
            newest: 0,
            ratio: Ratio::default(),
            period_start: SimTime::ZERO,
            points: Vec::new(),
            state: State::Ok,
            known: State::Ok,
            host_up: true,
            quiet_periods: 0,
            period_due: None,
            growing_since: None,
        }
    }

    /// Starts a trial; periods end at `first_end` and one period apart. What was before the start did not breach.
    pub fn begin(&mut self, trial: u64, first_end: SimTime, ctx: &mut Context<'_, Event, Turned>) {
        self.ingestion.begin(trial);
        self.first_end = first_end;
        self.newest = 0;
        self.ratio = Ratio::default();
        self.period_start = SimTime::ZERO;
        self.points.clear();
        self.points.resize(self.range(), Some(false));
        self.state = State::Ok;
        self.known = State::Ok;
        self.host_up = true;
        self.quiet_periods = 0;
        self.growing_since = None;
        self.period_due = Some(ctx.schedule_at(first_end, Event::PeriodEnds));
    }

    /// What it watches.
    pub const fn metric(&self) -> Metric {
        self.parameters.metric
    }

    /// Length of its periods.
    pub const fn period(&self) -> SimDuration {
        self.parameters.period
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
        self.ratio.accumulate(ctx.now());
        self.ratio.above = above;
        self.ratio.below = below;
        self.quiet_periods = 0;
    }

    /// From now on the metric grows by a second per second: it is `base` and the time since `since`.
    pub fn set_growing(&mut self, base: f64, since: SimTime, ctx: &mut Context<'_, Event, Turned>) {
        if self.growing_since == Some((base, since)) {
            return;
        }
        self.wake(ctx);
        self.growing_since = Some((base, since));
        self.quiet_periods = 0;
    }

    /// The region that it lives in goes out or comes back.
    pub fn set_host(&mut self, up: bool, ctx: &mut Context<'_, Event, Turned>) {
        if up != self.host_up {
            self.wake(ctx);
            self.quiet_periods = 0;
        }
        self.host_up = up;
    }

    fn range(&self) -> usize {
        self.parameters.datapoints.1 + EXTRA_POINTS
    }

    /// Resumes the periods after a sleep, as if they had been going on all the time.
    fn wake(&mut self, ctx: &mut Context<'_, Event, Turned>) {
        if self.period_due.is_some() {
            return;
        }
        let now = ctx.now();
        let period = self.parameters.period;
        let just_after = |time: SimTime| time + SimDuration::from_nanos(1);
        let next = just_after(now).next_on_grid(self.period_start, period);
        // Datapoints of the periods that ended in the sleep and may still be on their way.
        let mut end = just_after(now - self.ingestion.longest()).next_on_grid(self.period_start + period, period);
        let value = Ratio::of(self.ratio.above, self.ratio.below);
        while end < next {
            let period_number = self.number(end);
            let arrival = end + self.ingestion.of(period_number);
            if arrival > now {
                ctx.schedule_at(arrival, Event::Arrives { period: period_number, value, quiet: true });
            }
            end = end + period;
        }
        // All points are alike, those that are still on their way included.
        self.newest = self.number(next) - 1;
        self.period_start = SimTime::from_nanos(next.as_nanos() - period.as_nanos());
        self.ratio.changed = self.period_start;
        (self.ratio.sum_above, self.ratio.sum_below) = (0.0, 0.0);
        self.period_due = Some(ctx.schedule_at(next, Event::PeriodEnds));
    }

    fn on_period_end(&mut self, ctx: &mut Context<'_, Event, Turned>) {
        let now = ctx.now();
        let constant = self.ratio.changed <= self.period_start && self.growing_since.is_none();
        let value = if let Some((base, since)) = self.growing_since {
            self.ratio.accumulate(now);
            Some(base + now.since(since).as_secs_f64())
        } else if constant {
            Ratio::of(self.ratio.above, self.ratio.below)
        } else {
            self.ratio.accumulate(now);
            Ratio::of(self.ratio.sum_above, self.ratio.sum_below)
        };
        self.quiet_periods = if constant { self.quiet_periods + 1 } else { 0 };
        let quiet = self.quiet_periods > self.range();
        let period = self.number(now);
        let delay = self.ingestion.of(period);
        ctx.schedule_in(delay, Event::Arrives { period, value, quiet });
        (self.ratio.sum_above, self.ratio.sum_below) = (0.0, 0.0);
        self.period_start = now;
        self.ratio.changed = now;
        self.period_due = Some(ctx.schedule_in(self.parameters.period, Event::PeriodEnds));
    }

    /// The number of the period that ends at `end`, from 1.
    fn number(&self, end: SimTime) -> u64 {
        end.since(self.first_end).as_nanos() / self.parameters.period.as_nanos() + 1
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
        let settled = quiet && alike && self.quiet_periods > self.range();
        if settled
            && !self.eager
            && let Some(handle) = self.period_due.take()
        {
            ctx.cancel(handle);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The documented truth tables (facts 11), newest point right: X breaches, 0 does not, - is missing. Results in the
    /// order missing, ignore, breaching, not-breaching; A = ALARM, O = OK, I = INSUFFICIENT, K = keeps its state.
    const TABLES: [(&str, (usize, usize), &str); 10] = [
        ("0-X-X", (3, 3), "OOOO"),
        ("0----", (3, 3), "OOOO"),
        ("-----", (3, 3), "IKAO"),
        ("0XX-X", (3, 3), "AAAA"),
        ("--X--", (3, 3), "AKAO"),
        ("0-X-X", (2, 3), "AAAA"),
        ("00X0X", (2, 3), "AAAA"),
        ("0-X--", (2, 3), "OOAO"),
        ("----0", (2, 3), "OOAO"),
        ("---X-", (2, 3), "AKAO"),
    ];

    #[test]
    fn missing_data_is_treated_as_the_documented_tables_say() {
        for (points, datapoints, results) in TABLES {
            let points: Vec<Option<bool>> =
                points.chars().map(|c| if c == '-' { None } else { Some(c == 'X') }).collect();
            let ways = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];
            for (way, expected) in ways.into_iter().zip(results.chars()) {
                for present in [State::Ok, State::Alarm, State::InsufficientData] {
                    let expected = match expected {
                        'A' => State::Alarm,
                        'O' => State::Ok,
                        'I' => State::InsufficientData,
                        _ => present,
                    };
                    let found = evaluate(&points, datapoints, way, present);
                    assert_eq!(found, expected, "{points:?} {datapoints:?} {way:?}");
                }
            }
        }
    }
}
