//! The work of a service on a request: how long it takes, on how many it works at a time, and what waits before it.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Duration, Either, Number, OneOf, Sub, Table, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, Word, keys};

use crate::compute::Parameters;

keys! {
    /// The times of a service.
    pub(crate) struct WorkKeys {
        const RESPONSE_TIME: Key<Option<Delay>> = Key::optional(
            "response-time",
            "how long it works on a request by itself: without what it waits for, which is what it reads, writes and calls",
            "the duration of a function; of others no time, and reports say so",
        )
        .example("{ lognormal = { median = \"40ms\", p99 = \"250ms\" } }");
        const CONCURRENCY: Key<Option<Number>> = Key::optional(
            "concurrency",
            "requests that it works on at a time: those of one instance, task or pod, or of all of it in a region where there are none; \
             it carries no more than this many per mean response time, so that slow work carries less",
            "its capacity does not depend on how long it works",
        )
        .above(0.0);
        const QUEUE: Key<Option<Sub<QueueTable>>> = Key::optional(
            "queue",
            "requests beyond its capacity wait before it: overload lasts, and ends at the pace of what is spare",
            "what exceeds its capacity fails at once, and overload has no memory",
        )
        .example("{ limit = \"5s\", order = \"fifo\" }");
    }
}
keys! {
    /// Requests that wait before a service.
    struct QueueKeys {
        const LIMIT: Key<Either<Duration, Number>> = Key::required(
            "limit",
            "how much may wait in a region: as time that its present capacity needs for it, or as a number of requests; what comes on top is rejected at once",
        )
        .example("\"5s\"")
        .above(0.0);
        const ORDER: Key<OneOf<Order>> = Key::convention(
            "order",
            "which request is served next: `fifo`, the one that has waited longest, or `lifo`, the newest one",
            "fifo",
            "connections wait in the order in which they came unless stated",
        );
    }
}

/// The keys of a queue before a service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum QueueTable {}

impl Table for QueueTable {
    const LAYOUT: Layout = &[Listing::Keys(QueueKeys::KEYS)];
}

/// Which request is served next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The one that has waited longest.
    Fifo,
    /// The newest one: what waits is served only where something is spare.
    Lifo,
}

impl Words for Order {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new("fifo", Self::Fifo, "the request that has waited longest"),
        Word::new(
            "lifo",
            Self::Lifo,
            "the newest request; older ones only where something is spare, after their callers have given up",
        ),
    ];
}

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// What its capacity needs so many seconds for.
    Seconds(f64),
    /// So many requests.
    Requests(f64),
}

impl Limit {
    /// In requests, where so many per second are served.
    pub fn requests(self, capacity: f64) -> f64 {
        match self {
            Self::Seconds(seconds) => seconds * capacity,
            Self::Requests(requests) => requests,
        }
    }
}

/// Requests that wait before a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// How many in each region.
    pub limit: Limit,
    /// Which is served next.
    pub order: Order,
}

impl Queue {
    fn read(section: &mut Section<'_>, compute: &Parameters) -> Option<Self> {
        let mut table = section.section(&QUEUE)?;
        let order = table.get(&ORDER);
        let limit = match table.node(&LIMIT) {
            Some(node) if Node::text(node).is_none() => Limit::Requests(table.get(&LIMIT.other())),
            _ => Limit::Seconds(table.get(&LIMIT.one()).as_secs_f64()),
        };
        let nothing = "no such line: nothing waits where all are served";
        if matches!(compute, Parameters::Lambda(_)) {
            let expected = "no such line: a function refuses what exceeds its limit";
            section.reject(QUEUE.name, "a queue before a function", expected, None);
        } else if !compute.has_a_capacity() {
            let found = format!("a queue before {} of unlimited capacity", compute.noun());
            section.reject(QUEUE.name, found, nothing, None);
        }
        if compute.fleet().is_some_and(|fleet| fleet.kappa > 0.0) {
            let found = "a queue beside `kappa`, which says what overload does without one";
            section.reject(QUEUE.name, found, "one of the two", None);
        }
        Some(Self { limit, order })
    }
}

/// The times of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// How long it works on a request, in seconds.
    pub response: Option<Distribution>,
    /// Requests that it works on at a time.
    pub concurrency: Option<f64>,
    /// What may wait before it.
    pub queue: Option<Queue>,
}

impl Work {
    /// Reads them from the table of a service that runs like this.
    pub(crate) fn read(section: &mut Section<'_>, compute: &Parameters) -> Self {
        let function = compute.duration();
        let queue = Queue::read(section, compute);
        let response = section.get(&RESPONSE_TIME);
        let concurrency = section.get(&CONCURRENCY);
        if concurrency.is_some() && function.is_some() {
            let expected = "`account-limit` or `provisioned`: a function works on one request at a time";
            section.reject(CONCURRENCY.name, "the concurrency of a function", expected, None);
        }
        if concurrency.is_some() && response.is_none() && function.is_none() && section.is_sound(RESPONSE_TIME.name) {
            let expected = "`response-time` beside it: the capacity is the concurrency over its mean";
            section.reject(CONCURRENCY.name, "a concurrency without a response time", expected, None);
        }
        if response.as_ref().is_some_and(|response| !response.mean().is_finite()) {
            section.reject(RESPONSE_TIME.name, "an infinite mean", "a distribution with a mean", None);
        }
        let duration = || Distribution::constant(function.filter(|duration| *duration > 0.0)?).ok();
        Self { response: response.or_else(duration), concurrency, queue }
    }
}
