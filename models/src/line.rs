//! The line of requests before a service: how long it may get, and who is served next.

use sim_settings::form::{Duration, Either, Number, OneOf, Table, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, Word, keys};

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
    /// Reads it from its table.
    pub(crate) fn read(table: &mut Section<'_>) -> Self {
        let order = table.get(&ORDER);
        let limit = match table.node(&LIMIT) {
            Some(node) if Node::text(node).is_none() => Limit::Requests(table.get(&LIMIT.other())),
            _ => Limit::Seconds(table.get(&LIMIT.one()).as_secs_f64()),
        };
        Self { limit, order }
    }
}
