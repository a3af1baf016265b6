//! What the file says of a group of instances.

use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::{Key, Section};

const INSTANCES: Key = Key::required("instances", "size of the group: min, desired, max");
const DESIRED: Key = Key::required("desired", "instances at the start").at_most(100_000.0);
const MIN: Key = Key::optional("min", "the group never gets smaller; `desired` without").at_most(100_000.0);
const MAX: Key = Key::optional("max", "the group never gets larger; `desired` without").at_most(100_000.0);
const CAPACITY: Key = Key::required("requests-per-second", "requests per second that one instance serves").above(0.0);
const ZONES: Key = Key::assumed(
    "zones",
    "availability zones that the group spreads over",
    "3",
    cited!("a choice, not a figure; the examples of AWS use three zones", pages::STATIC_STABILITY),
)
.at_least(1.0)
.at_most(6.0);
const LAUNCH: Key = Key::assumed(
    "launch-time",
    "from the order of an instance to its registration",
    "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
    "no published figure; tens of seconds to a running instance, then its system and the application start",
);
const RETRY: Key = Key::assumed(
    "launch-retry",
    "time until a launch that failed for want of capacity is tried again",
    "60s",
    cited!("no published figure; AWS says to wait a few minutes and to try again", pages::EC2_LAUNCH),
)
.above(0.0);
const WARM_UP: Key = Key::documented(
    "warm-up",
    "a serving instance counts as ordered, not as in service, for that long",
    "300s",
    cited!("where no warm-up is set, the default cooldown counts: 300 s", pages::SCALING_WARM_UP),
);
const REPLACEMENT: Key = Key::assumed(
    "replacement-delay",
    "time until the group notices that an instance is dead",
    "5m",
    cited!(
        "no published figure; checks run every minute, and the group waits a few minutes for an instance to recover",
        pages::SCALING_CHECKS
    ),
);
const ICE: Key = Key::convention(
    "insufficient-capacity",
    "probability that an attempt to launch fails for want of capacity",
    "0",
    "off unless asked for; no probability is published",
)
.at_least(0.0)
.at_most(1.0);
const KAPPA: Key = Key::convention(
    "kappa",
    "goodput lost per unit of overload",
    "0",
    "off unless asked for: what is above the capacity is shed and costs nothing",
)
.at_least(0.0);
const FLOOR: Key = Key::convention(
    "goodput-floor",
    "share of the capacity that is left under any overload",
    "0",
    "no floor unless one is written",
)
.at_least(0.0)
.at_most(1.0);
const SCALING: Key = Key::optional("scaling", "target tracking; a group without keeps its desired size");
const TARGET: Key =
    Key::required("target-utilization", "utilisation that target tracking aims at").above(0.0).at_most(1.0);
const METRIC: Key = Key::convention(
    "metric",
    "what utilisation means: cpu cannot show more than 1, requests can",
    "cpu",
    "groups usually track their processors",
);
const SCHEDULED: Key = Key::optional("scheduled", "scheduled actions: when, and the desired size from then on");
const AT: Key = Key::required("at", "when the action runs");
const SCHEDULED_SIZE: Key = Key::required("desired", "desired size from then on").at_most(100_000.0);
const WARM_POOL: Key = Key::optional("warm-pool", "instances that were initialised beforehand");
const POOL_SIZE: Key = Key::required("instances", "instances in the warm pool");
const POOL_LAUNCH: Key = Key::assumed(
    "launch-time",
    "from the order to the registration, out of the pool",
    "40s",
    "no published figure; out of a pool there is nothing left to install",
);
const POOL_STATE: Key = Key::documented(
    "state",
    "running instances cannot fail for want of capacity, stopped ones can",
    "stopped",
    cited!("instances of a pool are stopped unless chosen otherwise", pages::SCALING_WARM_POOLS),
);

/// Instances that were initialised beforehand.
#[derive(Debug, Clone, PartialEq)]
pub struct WarmPool {
    /// How many.
    pub instances: u64,
    /// From the order to the registration, in seconds.
    pub launch_time: Distribution,
    /// Whether they run, and so cannot fail for want of capacity.
    pub running: bool,
}

/// A target-tracking policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// The utilisation aimed at.
    pub target: f64,
    /// Whether utilisation is capped at 1 at each instant.
    pub capped: bool,
}

/// An Auto Scaling group and its instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Smallest, first and largest size.
    pub min: u64,
    /// Size at the start.
    pub desired: u64,
    /// Largest size.
    pub max: u64,
    /// Requests per second of one instance.
    pub requests_per_second: f64,
    /// Number of zones.
    pub zones: usize,
    /// From order to registration, in seconds.
    pub launch_time: Distribution,
    /// Time until a failed launch is repeated.
    pub launch_retry: SimDuration,
    /// Time for which a serving instance counts as ordered.
    pub warm_up: SimDuration,
    /// Time until a death is noticed, in seconds.
    pub replacement_delay: Distribution,
    /// Probability that an attempt fails at any time.
    pub insufficient_capacity: f64,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of capacity left under any overload.
    pub goodput_floor: f64,
    /// Target tracking, if any.
    pub scaling: Option<Scaling>,
    /// Scheduled actions.
    pub scheduled: Vec<(SimDuration, u64)>,
    /// Warm pool, if any.
    pub warm_pool: Option<WarmPool>,
}

impl Parameters {
    /// Reads `[compute]` of kind `ec2-auto-scaling`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let (mut min, mut desired, mut max) = (0, 0, 0);
        if let Some(mut instances) = section.section(&INSTANCES) {
            desired = instances.count(&DESIRED);
            min = instances.maybe_count(&MIN).unwrap_or(desired);
            max = instances.maybe_count(&MAX).unwrap_or(desired);
            if min > max {
                let expected = format!("at most max = {max}");
                instances.reject_among(&["min", "max", "desired"], min.to_string(), expected, None);
            } else if desired < min || desired > max {
                let expected = format!("between min = {min} and max = {max}");
                instances.reject_among(&["desired", "min", "max"], desired.to_string(), expected, None);
            }
        }
        let scaling = section.section(&SCALING).map(|mut scaling| Scaling {
            target: scaling.number(&TARGET),
            capped: scaling.choice(&METRIC, &[("cpu", true), ("requests", false)]),
        });
        let mut scheduled = Vec::new();
        for mut action in section.sections(&SCHEDULED) {
            let (at, desired) = (action.duration(&AT), action.count(&SCHEDULED_SIZE));
            let sound = min <= max && section.is_sound(INSTANCES.name);
            if sound && (desired < min || desired > max) {
                let expected = format!("between min = {min} and max = {max}");
                action.reject("desired", desired.to_string(), expected, None);
            }
            scheduled.push((at, desired.clamp(min, max.max(min))));
        }
        let warm_pool = section.section(&WARM_POOL).map(|mut pool| WarmPool {
            instances: pool.count(&POOL_SIZE),
            launch_time: pool.delay(&POOL_LAUNCH),
            running: pool.choice(&POOL_STATE, &[("stopped", false), ("running", true)]),
        });
        Self {
            min,
            desired,
            max,
            requests_per_second: section.number(&CAPACITY),
            zones: section.count(&ZONES) as usize,
            launch_time: section.delay(&LAUNCH),
            launch_retry: section.duration(&RETRY),
            warm_up: section.duration(&WARM_UP),
            replacement_delay: section.delay(&REPLACEMENT),
            insufficient_capacity: section.number(&ICE),
            kappa: section.number(&KAPPA),
            goodput_floor: section.number(&FLOOR),
            scaling,
            scheduled,
            warm_pool,
        }
    }
}
