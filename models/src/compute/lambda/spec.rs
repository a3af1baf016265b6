//! The keys of a function, and their reading.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Number, Rate};
use sim_settings::{Band, Key, Section, keys};

use crate::sources::{cited, pages};

keys! {
    /// The keys of `[compute]` of kind `lambda`.
    pub(crate) struct FunctionKeys {
        const DURATION: Key<Delay> =
            Key::required("duration", "how long an invocation takes; its mean counts: concurrency = rate x duration");
        const LIMIT: Key<Number> = Key::documented(
            "account-limit",
            "concurrency that the account allows in the region, less what its other functions use",
            "1000",
            cited!("the default quota of a region, which is raised on request", pages::LAMBDA_QUOTA),
        )
        .above(0.0).unit("environments");
        const RATE: Key<Rate> = Key::documented(
            "scaling-rate",
            "environments that are refilled per second, for growth beyond what is in use",
            "1000 per 10s",
            cited!("1,000 environments every 10 s for each function, refilled continuously", pages::LAMBDA_SCALING),
        )
        .above(0.0);
        const BURST: Key<Number> = Key::documented(
            "burst",
            "environments that may be added at once after a quiet time",
            "1000",
            cited!("what is not used does not add up to more than 1,000 environments", pages::LAMBDA_SCALING),
        ).unit("environments");
        const COLD_START: Key<Delay> = Key::assumed(
            "cold-start",
            "how much longer the first request of a new environment takes",
            "{ lognormal = { median = \"300ms\", p95 = \"1s\" } }",
            cited!("AWS says from under 100 ms to over 1 s and publishes no distribution", pages::LAMBDA_COLD_STARTS),
        )
        .band(Band::factor(0.33, 4.0, "from small scripts to runtimes that load frameworks, within the range that AWS names and above"));
        const PROVISIONED: Key<Number> = Key::documented(
            "provisioned-concurrency",
            "environments that are always ready; they count against the limit",
            "0",
            cited!("none unless configured", pages::LAMBDA_PROVISIONED),
        ).unit("environments");
    }
}

/// An invocation counts for this long at least, in seconds: AWS scales by 1,000 environments or by
/// 10,000 requests per second, whichever comes first.
const SHORTEST: f64 = 0.1;

/// A function in one region.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Mean duration of an invocation, in seconds.
    pub duration: f64,
    /// Concurrency that the account allows.
    pub account_limit: f64,
    /// Environments that may be added per second.
    pub scaling_rate: f64,
    /// Environments that may be added at once.
    pub burst: f64,
    /// How much longer the first request of an environment takes, in seconds.
    pub cold_start: Distribution,
    /// Environments that are always ready.
    pub provisioned: f64,
}

impl Parameters {
    /// Reads `[compute]` of kind `lambda`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let duration = section.get(&DURATION).mean();
        if !duration.is_finite() {
            let hint = "the concurrency is the rate times the mean duration";
            section.reject(DURATION.name, "an infinite mean", "a finite mean", Some(hint.to_owned()));
        }
        let account_limit = section.get(&LIMIT);
        let provisioned = section.get(&PROVISIONED);
        if provisioned > account_limit {
            let expected = format!("at most account-limit = {account_limit}");
            section.reject_among(
                &["provisioned-concurrency", "account-limit"],
                provisioned.to_string(),
                expected,
                Some("provisioned concurrency counts against the limit".to_owned()),
            );
        }
        Self {
            duration,
            account_limit,
            scaling_rate: section.get(&RATE),
            burst: section.get(&BURST),
            cold_start: section.get(&COLD_START),
            provisioned,
        }
    }

    /// Requests per second that so much concurrency carries.
    pub fn carries(&self, concurrency: f64) -> f64 {
        concurrency / self.duration.max(SHORTEST)
    }
}
