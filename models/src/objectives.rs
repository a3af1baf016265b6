//! Objectives of single journeys and stores, as a file states them beside the journey or store.
//!
//! The model needs one of them, the share of requests that makes a journey count as up: operators act on it. What the
//! others are held against is measured and judged elsewhere.

use sim_core::time::SimDuration;
use sim_settings::form::{Duration, Either, Share, Sub};
use sim_settings::{Key, Section, keys};

keys! {
    /// Limits on quantiles.
    pub struct LimitKeys {
        const P50: Key<Option<Duration>> = Key::optional("p50", "half of the trials", "no limit");
        const P75: Key<Option<Duration>> = Key::optional("p75", "three quarters of the trials", "no limit");
        const P90: Key<Option<Duration>> = Key::optional("p90", "90 % of the trials", "no limit");
        const P95: Key<Option<Duration>> = Key::optional("p95", "95 % of the trials", "no limit");
        const P98: Key<Option<Duration>> = Key::optional("p98", "98 % of the trials", "no limit");
        const P99: Key<Option<Duration>> = Key::optional("p99", "99 % of the trials", "no limit");
        const P99_5: Key<Option<Duration>> = Key::optional("p99.5", "99.5 % of the trials", "no limit");
        const P99_9: Key<Option<Duration>> = Key::optional("p99.9", "99.9 % of the trials", "no limit");
    }
}
keys! {
    /// The objectives of a journey.
    pub(crate) struct OfJourneyKeys {
        const OBJECTIVES_OF_JOURNEY: Key<Option<Sub<JourneyKeys>>> = Key::optional("objectives", "what this journey is held against, beside the worst of all", "nothing of its own");
    }
}
keys! {
    /// What a journey is held against.
    struct JourneyKeys {
        const UP_WHEN: Key<Option<Either<Share, Sub<UpKeys>>>> = Key::optional(
            "up-when",
            "share of its requests that must succeed for it to count as up, and how fast, if that is asked for",
            "as `objectives.up-when`",
        );
        const RTO: Key<Option<Sub<LimitKeys>>> = Key::optional("rto", "limits on quantiles of its recovery time", "no objective");
        const LATENCY: Key<Option<Sub<LimitKeys>>> = Key::optional(
            "latency",
            "limits on quantiles of the time that its requests take, over all of all trials: before the clock starts, and after the recovery",
            "no objective",
        );
        const AVAILABILITY: Key<Option<Share>> = Key::optional("availability", "share of a trial's time in which it should be up; the rest is its error budget", "no objective")
            .above(0.0)
            .at_most(0.999_999_999);
    }
}
keys! {
    /// What counts as up.
    pub struct UpKeys {
        const UP_SHARE: Key<Option<Share>> = Key::optional("share", "share of requests that must succeed", "99 % of them, or as `objectives.up-when` says");
        const UP_WITHIN: Key<Option<Duration>> = Key::optional("within", "only those count that succeed within this time", "however long they take").above(0.0).example("\"800ms\"");
    }
}
keys! {
    /// The objectives of a store.
    pub(crate) struct OfStoreKeys {
        const OBJECTIVES_OF_STORE: Key<Option<Sub<StoreKeys>>> = Key::optional("objectives", "what this store is held against, beside the worst of all", "nothing of its own");
    }
}
keys! {
    /// What a store is held against.
    struct StoreKeys {
        const RPO: Key<Option<Sub<LimitKeys>>> = Key::optional("rpo", "limits on quantiles of its data loss, in seconds of writes", "no objective");
        const CAUGHT_UP: Key<Option<Sub<LimitKeys>>> = Key::optional(
            "caught-up",
            "of a queue, limits on quantiles of the time until its backlog is back where it was when the clock started",
            "no objective",
        );
    }
}

/// The quantiles that may have a limit.
const QUANTILES: [(Key<Option<Duration>>, f64); 8] =
    [(P50, 0.5), (P75, 0.75), (P90, 0.9), (P95, 0.95), (P98, 0.98), (P99, 0.99), (P99_5, 0.995), (P99_9, 0.999)];

/// A limit on a quantile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The quantile, such as 0.99.
    pub quantile: f64,
    /// What it must not exceed, in seconds.
    pub seconds: f64,
}

impl Limit {
    /// Reads the limits of a table, from the lowest quantile to the highest.
    pub fn read_all(section: &mut Section<'_>) -> Vec<Self> {
        let one = |(key, quantile): &(Key<Option<Duration>>, f64)| {
            Some(Self { quantile: *quantile, seconds: section.get(key)?.as_secs_f64() })
        };
        QUANTILES.iter().filter_map(one).collect()
    }
}

/// What counts as up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Up {
    /// Share of requests that must succeed.
    pub share: Option<f64>,
    /// Only those count that succeed within so many seconds.
    pub within: Option<f64>,
}

impl Up {
    /// Reads it from its own table.
    pub fn read(section: &mut Section<'_>) -> Self {
        Self { share: section.get(&UP_SHARE), within: section.get(&UP_WITHIN).map(SimDuration::as_secs_f64) }
    }
}

/// What one journey is held against.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfJourney {
    /// Share of its requests that must succeed for it to count as up, if it has one of its own.
    pub up_when: Option<f64>,
    /// Only those count that succeed within so many seconds, if it says so.
    pub within: Option<f64>,
    /// Limits on its recovery time.
    pub rto: Vec<Limit>,
    /// Limits on the time that its requests take.
    pub latency: Vec<Limit>,
    /// Share of a trial's time in which it should be up.
    pub availability: Option<f64>,
}

impl OfJourney {
    /// Reads them from a `[[journeys]]` entry.
    pub(crate) fn read(journey: &mut Section<'_>) -> Self {
        let Some(mut section) = journey.section(&OBJECTIVES_OF_JOURNEY) else { return Self::default() };
        let table = section.node(&UP_WHEN).is_some_and(|node| !node.entries().is_empty());
        let up = if table {
            Up::read(&mut section.section_or_default(&UP_WHEN.other()))
        } else {
            Up { share: section.get(&UP_WHEN.one()), within: None }
        };
        Self {
            up_when: up.share,
            within: up.within,
            rto: section.section(&RTO).map(|mut limits| Limit::read_all(&mut limits)).unwrap_or_default(),
            latency: section.section(&LATENCY).map(|mut limits| Limit::read_all(&mut limits)).unwrap_or_default(),
            availability: section.get(&AVAILABILITY),
        }
    }
}

/// What one store is held against.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfStore {
    /// Limits on its data loss.
    pub rpo: Vec<Limit>,
    /// Of a queue, limits on the time until its backlog is back.
    pub caught_up: Vec<Limit>,
}

impl OfStore {
    /// Reads them from a `[stores.NAME]` table, which may be that of a queue.
    pub(crate) fn read(store: &mut Section<'_>, is_queue: bool) -> Self {
        let Some(mut section) = store.section(&OBJECTIVES_OF_STORE) else { return Self::default() };
        let mut limits = |key| section.section(key).map(|mut limits| Limit::read_all(&mut limits)).unwrap_or_default();
        let (rpo, caught_up) = (limits(&RPO), limits(&CAUGHT_UP));
        if !caught_up.is_empty() && !is_queue {
            let expected = "no such line: only in a queue does anything wait";
            section.reject("caught-up", "an objective on the backlog of a store that is no queue", expected, None);
        }
        Self { rpo, caught_up }
    }
}
