//! The keys of `CloudFront`, and their reading.

use sim_core::time::SimDuration;
use sim_settings::form::{Count, Duration, Names, Share};
use sim_settings::{Band, Key, Section, Value, keys};

use crate::fronts::route53::zone::{Endpoint, Endpoints};
use crate::ids::PlaceId;
use crate::journeys::Journey;
use crate::sources::{cited, pages};

keys! {
    /// The keys of `[edge]` of kind `cloudfront`.
    pub(crate) struct DistributionKeys {
        const HIT_RATIO: Key<Share> = Key::required("hit-ratio", "share of the requests of cacheable journeys that the edge answers");
        pub(in crate::fronts) const ORIGIN_GROUP: Key<Option<Names<Endpoint>>> = Key::optional("origin-group", "the endpoints that are the first and the second origin: regions that serve, or `SERVICE@REGION`", "the origin is the Route 53 name")
            .example("[\"us-east-1\", \"eu-west-1\"]");
        const ATTEMPTS: Key<Count> = Key::documented(
            "attempts",
            "attempts to connect to the first origin of a group before the second one gets the request",
            "3",
            cited!("the default for connection attempts", pages::CLOUDFRONT_DISTRIBUTION),
        )
        .at_least(1.0)
        .at_most(3.0);
        const CONNECT: Key<Duration> = Key::documented(
            "connect-timeout",
            "how long an attempt to connect to an origin waits",
            "10s",
            cited!("the default for the connection timeout", pages::CLOUDFRONT_DISTRIBUTION),
        )
        .at_least(1.0)
        .at_most(10.0);
        const ERROR_CACHING: Key<Duration> = Key::documented(
            "error-caching",
            "how long the edge keeps an error of a cacheable journey",
            "10s",
            cited!("errors are kept for 10 s, or for longer if the origin says so", pages::CLOUDFRONT_ERRORS),
        );
        const STALE: Key<Share> = Key::assumed(
            "stale-if-error",
            "share of the misses of cacheable journeys that find an expired copy, served when the origin fails",
            "0",
            cited!(
                "no published figure: the edge serves every expired copy that it still has, objects decide how many",
                pages::CLOUDFRONT_ERRORS
            ),
        )
        .band(Band::range(0.0, 0.5, "objects that are asked for often are rarely out of every cache; half of the misses is a generous guess"));
    }
}

/// `CloudFront` in front of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Share of the requests of cacheable journeys that the edge answers.
    pub hit_ratio: f64,
    /// First and second origin, if they are endpoints themselves.
    pub origin_group: Option<(PlaceId, PlaceId)>,
    /// How long a request waits for a dead first origin.
    pub wait: SimDuration,
    /// How long the edge keeps an error.
    pub error_caching: SimDuration,
    /// Share of misses that find an expired copy.
    pub stale_if_error: f64,
}

impl Parameters {
    /// Reads an `[edge]` of this kind.
    pub fn read(section: &mut Section<'_>, endpoints: &Endpoints, journeys: &[Journey]) -> Self {
        let hit_ratio = section.get(&HIT_RATIO);
        if hit_ratio > 0.0 && section.has("hit-ratio") && !journeys.iter().any(|journey| journey.cacheable) {
            let hint = "without one, the edge never hits; `hit-ratio = 0` says so";
            let found = "a hit ratio without a cacheable journey";
            section.reject("hit-ratio", found, "a journey with `cacheable = true`", Some(hint.to_owned()));
        }
        let written = section.node(&ORIGIN_GROUP).map_or(2, |node| match &node.value {
            Value::Array(names) => names.len(),
            _ => 1,
        });
        if written != 2 {
            let found = if written == 1 { "one origin".to_owned() } else { format!("{written} origins") };
            section.reject("origin-group", found, "two: the first origin and the second", None);
        }
        let origin_group = match endpoints.read_all(section, &ORIGIN_GROUP)[..] {
            [first, second] => Some((first, second)),
            _ => None,
        };
        let attempts = section.get(&ATTEMPTS);
        let connect = section.get(&CONNECT);
        Self {
            hit_ratio,
            origin_group,
            wait: connect.times(attempts),
            error_caching: section.get(&ERROR_CACHING),
            stale_if_error: section.get(&STALE),
        }
    }
}
