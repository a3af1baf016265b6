//! The keys of a gateway, and their reading.

use sim_settings::form::{Number, Rate};
use sim_settings::{Key, Section, keys};

keys! {
    /// The keys of `[load-balancer]` of kind `api-gateway`.
    pub(crate) struct GatewayKeys {
        const RATE: Key<Option<Rate>> = Key::optional(
            "rate",
            "requests per second that all gateways of the account let through in the region",
            "what AWS gives the region: 10,000, in newer ones 2,500",
        )
        .above(0.0);
        const BURST: Key<Option<Number>> = Key::optional(
            "burst",
            "requests beyond the rate that pass after a quiet time",
            "what AWS gives the region: 5,000, in newer ones 1,250",
        )
        .at_least(0.0)
        .unit("requests")
        .example("5000");
    }
}

/// Regions to which AWS gives a quarter of the usual limits: documented, <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>.
const SMALLER: [&str; 13] = [
    "af-south-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
];

/// What a file says of the gateways of a region.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Parameters {
    /// Requests per second, unless they are what AWS gives the region.
    pub rate: Option<f64>,
    /// Requests beyond the rate, unless they are what AWS gives the region.
    pub burst: Option<f64>,
}

/// What the gateways of a region let through together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Requests per second.
    pub rate: f64,
    /// Requests beyond them that pass after a quiet time.
    pub burst: f64,
}

impl Parameters {
    /// Reads `[load-balancer]` of kind `api-gateway`.
    pub fn read(section: &mut Section<'_>) -> Self {
        Self { rate: section.get(&RATE), burst: section.get(&BURST) }
    }
}

impl Limits {
    /// What AWS gives a region.
    pub fn of_region(name: &str) -> Self {
        if SMALLER.contains(&name) {
            Self { rate: 2_500.0, burst: 1_250.0 }
        } else {
            Self { rate: 10_000.0, burst: 5_000.0 }
        }
    }

    /// The limits of a region in which these gateways stand: they are the account's, so the least that any of them says holds.
    pub fn together<'a>(name: &str, gateways: impl Iterator<Item = &'a Parameters>) -> Option<Self> {
        let given = Self::of_region(name);
        let each = gateways.map(|gateway| Self {
            rate: gateway.rate.unwrap_or(given.rate),
            burst: gateway.burst.unwrap_or(given.burst),
        });
        each.reduce(|a, b| Self { rate: a.rate.min(b.rate), burst: a.burst.min(b.burst) })
    }
}
