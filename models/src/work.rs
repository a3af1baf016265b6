//! The work of a service on a request: how long it takes, on how many it works at a time, and what waits before it.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Number, Sub};
use sim_settings::{Key, Section, keys};

use crate::line::{Queue, QueueTable};

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
    /// Requests per second that its concurrency admits at its usual response time; any number where it gives none.
    pub fn admits(&self) -> f64 {
        match (self.concurrency, &self.response) {
            (Some(concurrency), Some(response)) if response.mean() > 0.0 => concurrency / response.mean(),
            _ => f64::INFINITY,
        }
    }

    /// Whether this table says how many requests are worked on at a time.
    pub(crate) fn limits(section: &Section<'_>) -> bool {
        section.has(CONCURRENCY.name)
    }

    /// Reads them from the table of a service; of a function with the duration of its invocations, in seconds. Where nothing can
    /// wait before it, `queueless` says what a queue there would be, and what is expected.
    pub(crate) fn read(
        section: &mut Section<'_>,
        function: Option<f64>,
        queueless: Option<(String, &'static str)>,
    ) -> Self {
        let queue = section.section(&QUEUE).map(|mut table| Queue::read(&mut table));
        if let Some((found, expected)) = queueless.filter(|_| queue.is_some()) {
            section.reject(QUEUE.name, found, expected, None);
        }
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
