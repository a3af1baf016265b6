//! The keys of a group of instances, and their reading.

use crate::compute::fleet::{Scaling, Size, SizeKeys};
use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, Flag, List, Number, OneOf, Sub, Words};
use sim_settings::quantity::duration_text;
use sim_settings::{Band, Key, Keys as _, Listing, Section, Word, keys};

keys! {
    /// The keys of `[compute]` of kind `ec2-auto-scaling`.
    pub(crate) struct GroupKeys {
        const INSTANCES: Key<Sub<SizeKeys>> = Key::required("instances", "size of the group: min, desired, max");
        const CAPACITY: Key<Number> = Key::required("requests-per-second", "requests per second that one instance serves").above(0.0).unit("requests per second");
        const ZONES: Key<Count> = Key::assumed(
            "zones",
            "availability zones that the group spreads over",
            "3",
            cited!("a choice, not a figure; the examples of AWS use three zones", pages::STATIC_STABILITY),
        )
        .band(Band::choice("how many zones there are is a choice of the design, which its owner knows"))
        .at_least(1.0)
        .at_most(6.0);
        const LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order of an instance to its registration",
            "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
            "no published figure; tens of seconds to a running instance, then its system and the application start",
        )
        .band(Band::factor(0.5, 4.0, "a prepared image serves within 40 s, one that installs and warms itself takes five minutes"));
        const RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a launch that failed for want of capacity is tried again",
            "60s",
            cited!("no published figure; AWS says to wait a few minutes and to try again", pages::EC2_LAUNCH),
        )
        .band(Band::factor(0.5, 5.0, "AWS says to wait a few minutes; the group itself tries again sooner"))
        .above(0.0);
        const WARM_UP: Key<Duration> = Key::documented(
            "warm-up",
            "a serving instance counts as ordered, not as in service, for that long",
            "300s",
            cited!("where no warm-up is set, the default cooldown counts: 300 s", pages::SCALING_WARM_UP),
        );
        const REPLACEMENT: Key<Delay> = Key::assumed(
            "replacement-delay",
            "time until the group notices that an instance is gone or not fit",
            "5m",
            cited!(
                "no published figure; checks run every minute, and the group waits a few minutes for an instance to recover",
                pages::SCALING_CHECKS
            ),
        )
        .band(Band::factor(0.2, 2.0, "checks run every minute and the group waits a few minutes: under one or above ten would surprise"));
        const BATCH: Key<Number> = Key::documented(
            "replacement-batch",
            "share of the desired size that is replaced at a time, of members that fail checks while their hosts exist; one at least",
            "0.1",
            cited!("at most 10 % of the desired capacity at a time, and the next when those are warm", pages::SCALING_CHECKS),
        )
        .above(0.0)
        .at_most(1.0);
        const MIN_HEALTHY: Key<Option<Number>> = Key::optional(
            "min-healthy",
            "maintenance policy, with `max-healthy`: share of the desired size that stays while members are replaced",
            "no maintenance policy: replacement goes by `replacement-batch`",
        )
        .at_least(0.0)
        .at_most(1.0);
        const MAX_HEALTHY: Key<Option<Number>> = Key::optional(
            "max-healthy",
            "maintenance policy, with `min-healthy`: share of the desired size up to which successors are launched first",
            "no maintenance policy: replacement goes by `replacement-batch`",
        )
        .at_least(1.0)
        .at_most(2.0);
        const CHECK_TYPE: Key<OneOf<CheckType>> = Key::assumed(
            "health-check-type",
            "whose checks make the group replace a member whose host runs: also the load balancer's (elb), or status checks only (ec2)",
            "elb",
            cited!(
                "AWS's own default is ec2, under which members that only the load balancer finds unhealthy are never replaced",
                pages::SCALING_CHECKS
            ),
        )
        .band(Band::choice("which checks count is a setting of the group, which its owner knows"));
        const DETAILED: Key<Flag> = Key::documented(
            "detailed-monitoring",
            "whether the processors of instances have a datapoint a minute, and not one in five minutes",
            "false",
            cited!("basic monitoring, unless the launch template says otherwise", pages::SCALING_METRICS),
        );
        const ICE: Key<Number> = Key::convention(
            "insufficient-capacity",
            "probability that an attempt to launch fails for want of capacity",
            "0",
            "off unless asked for; no probability is published",
        )
        .at_least(0.0)
        .at_most(1.0);
        const KAPPA: Key<Number> = Key::convention(
            "kappa",
            "goodput lost per unit of overload",
            "0",
            "off unless asked for: what is above the capacity is shed and costs nothing",
        )
        .at_least(0.0);
        const FLOOR: Key<Number> = Key::convention(
            "goodput-floor",
            "share of the capacity that is left under any overload",
            "0",
            "no floor unless one is written",
        )
        .at_least(0.0)
        .at_most(1.0);
        const SCALING: Key<Option<Sub<TrackingKeys>>> = Key::optional("scaling", "target tracking", "the group keeps its desired size");
        const SCHEDULED: Key<Option<List<ActionKeys>>> = Key::optional("scheduled", "scheduled actions: when, and the desired size from then on", "no scheduled actions");
        const WARM_POOL: Key<Option<Sub<PoolKeys>>> = Key::optional("warm-pool", "instances that were initialised beforehand", "no warm pool");
    }
}
keys! {
    /// How a group follows its load.
    struct TrackingKeys {
        const TARGET: Key<Number> =
            Key::required("target-utilization", "utilisation that target tracking aims at").above(0.0).at_most(1.0);
        const METRIC: Key<OneOf<Metric>> = Key::convention(
            "metric",
            "what utilisation means: cpu cannot show more than 1, requests can",
            "cpu",
            "groups usually track their processors",
        );
        const RESOLUTION: Key<Option<Duration>> = Key::optional(
            "period",
            "10s or 20s: periods of a metric of higher resolution that the application or an agent publishes",
            "minutes, or five of them without detailed monitoring",
        )
        .example("\"10s\"");
    }
}
keys! {
    /// A scheduled action.
    struct ActionKeys {
        const AT: Key<Duration> = Key::required("at", "when the action runs");
        const SCHEDULED_SIZE: Key<Count> = Key::required("desired", "desired size from then on").at_most(100_000.0);
    }
}
keys! {
    /// Instances of a pool that are stopped.
    struct StoppedPoolKeys {
        const STOPPED_LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order to the registration, out of the pool",
            "{ lognormal = { median = \"35s\", p95 = \"60s\" } }",
            "no published figure; out of a pool nothing is left to copy or to install, and the system starts",
        )
        .band(Band::factor(0.5, 3.0, "a system that starts fast takes 15 s, one with a slow application two minutes"));
    }
}
keys! {
    /// Instances of a pool that run.
    struct RunningPoolKeys {
        const RUNNING_LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order to the registration, out of the pool",
            "0s",
            "no published figure; a running instance only has to pass a probe of the load balancer",
        )
        .band(Band::choice("nothing times a factor is nothing: what there is besides the probe has to be written"));
    }
}
keys! {
    /// Instances that were initialised beforehand.
    struct PoolKeys {
        const POOL_SIZE: Key<Count> = Key::required("instances", "instances in the warm pool");
        const POOL_STATE: Key<OneOf<PoolState>> = Key::documented(
            "state",
            "running instances cannot fail for want of capacity, stopped ones can",
            "stopped",
            cited!("instances of a pool are stopped unless chosen otherwise", pages::SCALING_WARM_POOLS),
        );
    }
}

/// Whether utilisation is capped at 1 at each instant.
enum Metric {}

impl Words for Metric {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("cpu", true, "busy processors, which cannot show more than 1"),
        Word::new("requests", false, "requests over what the instances serve, which may be more than 1"),
    ];
}

/// The state of instances in a pool: whether they run.
enum PoolState {}

impl Words for PoolState {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("stopped", false, "they have to be started, which may fail for want of capacity")
            .with(&[Listing::Keys(StoppedPoolKeys::KEYS)]),
        Word::new("running", true, "they run and cannot fail for want of capacity")
            .with(&[Listing::Keys(RunningPoolKeys::KEYS)]),
    ];
}

/// Whose checks make a group replace members: whether the load balancer's do.
enum CheckType {}

impl Words for CheckType {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("elb", true, "the load balancer's checks and status checks"),
        Word::new("ec2", false, "status checks only, which do not see an application that fails"),
    ];
}

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

/// Evaluated periods where nothing else is said.
const MINUTE: SimDuration = SimDuration::from_secs(60);
/// Minutes that share a datapoint without detailed monitoring.
const BASIC: u32 = 5;

fn read_scaling(section: &mut Section<'_>, detailed: bool) -> Scaling {
    let target = section.get(&TARGET);
    let capped = section.get(&METRIC);
    let resolution = section.get(&RESOLUTION);
    let known = [10, 20].map(SimDuration::from_secs);
    if let Some(period) = resolution.filter(|period| !known.contains(period)) {
        let hint = "without it, periods are those of what AWS publishes by itself: minutes";
        section.reject(RESOLUTION.name, duration_text(period.as_secs_f64()), "10s or 20s", Some(hint.to_owned()));
    }
    let period = resolution.filter(|period| known.contains(period));
    let basic = period.is_none() && capped && !detailed;
    Scaling { target, capped, period: period.unwrap_or(MINUTE), shared_by: if basic { BASIC } else { 1 } }
}

/// How many members that fail checks are replaced at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Replacement {
    /// A share of the desired size, terminated first.
    Batch(f64),
    /// A maintenance policy: the group stays within these shares of the desired size.
    Maintenance {
        /// The least share of the desired size in service, while members are replaced.
        min: f64,
        /// The largest share that successors, launched first, may bring it to.
        max: f64,
    },
}

impl Replacement {
    fn read(section: &mut Section<'_>) -> Self {
        let policy = (section.get(&MIN_HEALTHY), section.get(&MAX_HEALTHY));
        let batch = section.get(&BATCH);
        for (alone, other) in [(&MIN_HEALTHY, &MAX_HEALTHY), (&MAX_HEALTHY, &MIN_HEALTHY)] {
            if section.has(alone.name) && !section.has(other.name) {
                let (found, expected) = (format!("`{}` alone", alone.name), format!("`{}` beside it", other.name));
                section.reject(alone.name, found, expected, None);
            }
        }
        let (Some(min), Some(max)) = policy else { return Self::Batch(batch) };
        if max - min > 1.0 {
            let found = format!("{min} and {max}");
            section.reject_among(&["max-healthy", "min-healthy"], found, "at most 1 apart", None);
        }
        if section.has(BATCH.name) {
            let hint = "a maintenance policy replaces the batch".to_owned();
            section.reject(BATCH.name, "a batch beside `min-healthy`", "one of the two", Some(hint));
        }
        Self::Maintenance { min, max }
    }

    /// How many of a group of this size are terminated at once, and how many more leave when their successors serve. One
    /// at least.
    pub(super) fn batch(self, desired: u64) -> (u64, u64) {
        // With the tolerance of the measures, so that a share of 0.29 of 100 is 29.
        let share = |share: f64| (share * desired as f64 + 1e-9).max(0.0) as u64;
        match self {
            Self::Batch(batch) => (share(batch).max(1), 0),
            Self::Maintenance { min, max } => match (share(1.0 - min), share(max - 1.0)) {
                (0, 0) if max > 1.0 => (0, 1),
                (0, 0) => (1, 0),
                both => both,
            },
        }
    }
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
    /// Time until it is noticed that a member is not fit, in seconds.
    pub replacement_delay: Distribution,
    /// How many of those whose hosts exist are replaced at a time.
    pub replacement: Replacement,
    /// Whether members are replaced that only the load balancer finds unhealthy.
    pub balancer_checks: bool,
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
    /// Its bounds, and this size.
    pub(super) const fn size(&self, desired: u64) -> Size {
        Size { min: self.min, desired, max: self.max }
    }

    /// The size that target tracking brings the group to under a load that stays, in requests per second.
    pub fn rests_at(&self, load: f64) -> u64 {
        let bounds = self.size(self.desired);
        self.scaling.map_or(self.desired, |scaling| scaling.rests_at(load / self.requests_per_second, bounds))
    }

    /// Reads `[compute]` of kind `ec2-auto-scaling`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let size = section.section(&INSTANCES).map(|mut instances| Size::read(&mut instances)).unwrap_or_default();
        let Size { min, desired, max } = size;
        let detailed = section.get(&DETAILED);
        let scaling = section.section(&SCALING).map(|mut scaling| read_scaling(&mut scaling, detailed));
        let mut scheduled = Vec::new();
        for mut action in section.sections(&SCHEDULED) {
            let (at, desired) = (action.get(&AT), action.get(&SCHEDULED_SIZE));
            let sound = min <= max && section.is_sound(INSTANCES.name);
            if sound && (desired < min || desired > max) {
                let expected = format!("between min = {min} and max = {max}");
                action.reject("desired", desired.to_string(), expected, None);
            }
            scheduled.push((at, desired.clamp(min, max.max(min))));
        }
        let warm_pool = section.section(&WARM_POOL).map(|mut pool| {
            let instances = pool.get(&POOL_SIZE);
            let running = pool.get(&POOL_STATE);
            let launch_time = pool.get(if running { &RUNNING_LAUNCH } else { &STOPPED_LAUNCH });
            WarmPool { instances, launch_time, running }
        });
        Self {
            min,
            desired,
            max,
            requests_per_second: section.get(&CAPACITY),
            zones: section.get(&ZONES) as usize,
            launch_time: section.get(&LAUNCH),
            launch_retry: section.get(&RETRY),
            warm_up: section.get(&WARM_UP),
            replacement_delay: section.get(&REPLACEMENT),
            replacement: Replacement::read(section),
            balancer_checks: section.get(&CHECK_TYPE),
            insufficient_capacity: section.get(&ICE),
            kappa: section.get(&KAPPA),
            goodput_floor: section.get(&FLOOR),
            scaling,
            scheduled,
            warm_pool,
        }
    }
}
