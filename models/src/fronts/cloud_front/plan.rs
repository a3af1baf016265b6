//! The effect of the edge on requests: the pure part.

use super::Parameters;
use crate::clients;
use crate::journeys::Journey;

/// The effect of the edge on requests, for the flow solver.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Share of a journey's requests that go on to the origin.
    pub misses: Vec<f64>,
    /// Share of a journey's misses that find an expired copy.
    pub stale: Vec<f64>,
    /// Whether the edge keeps a journey's errors.
    pub keeps_errors: Vec<bool>,
    /// Whether the second origin gets what the first one fails of a journey.
    pub fails_over: Vec<bool>,
    /// First and second origin.
    pub origin_group: Option<(usize, usize)>,
    /// How long a request waits for a dead first origin, in seconds.
    pub wait: f64,
    /// Whether a population's clients have gone by then.
    pub gives_up: Vec<bool>,
    /// From a population to its edge and back, in seconds.
    pub round_trips: Vec<f64>,
}

impl Plan {
    /// The plan of `CloudFront` for these journeys and populations.
    pub fn new(parameters: &Parameters, journeys: &[Journey], populations: &[clients::Parameters]) -> Self {
        let Parameters { hit_ratio, origin_group, wait, error_caching, stale_if_error } = *parameters;
        let if_cacheable = |value: f64| move |journey: &Journey| if journey.cacheable { value } else { 0.0 };
        Self {
            misses: journeys.iter().map(if_cacheable(hit_ratio)).map(|hits| 1.0 - hits).collect(),
            stale: journeys.iter().map(if_cacheable(stale_if_error)).collect(),
            keeps_errors: journeys.iter().map(|journey| journey.cacheable && !error_caching.is_zero()).collect(),
            fails_over: journeys.iter().map(|journey| origin_group.is_some() && journey.method.reads()).collect(),
            origin_group: origin_group.map(|(first, second)| (first.index(), second.index())),
            wait: wait.as_secs_f64(),
            gives_up: populations.iter().map(|clients| wait > clients.timeout).collect(),
            round_trips: populations.iter().map(|clients| clients.near.round_trip(clients.near)).collect(),
        }
    }
}
