//! The keys of a service of ECS, and their reading.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, Number, OneOf, Sub, Words};
use sim_settings::quantity::duration_text;
use sim_settings::{Band, Key, Keys as _, Listing, Section, Word, keys};

use crate::compute::fleet::{Bucket, HostPool, Scaling, Size, SizeKeys};
use crate::sources::{cited, pages};

keys! {
    /// The keys of `[compute]` of kind `ecs`.
    pub(crate) struct ServiceKeys {
        const TASKS: Key<Sub<SizeKeys>> = Key::required("tasks", "tasks of the service: min, desired, max");
        const CAPACITY: Key<Number> = Key::required("requests-per-second", "requests per second that one task serves").above(0.0).unit("requests per second");
        const LAUNCH_TYPE: Key<OneOf<LaunchType>> = Key::convention(
            "launch-type",
            "what tasks run on: Fargate, or instances of one's own",
            "fargate",
            "most new services run on Fargate",
        );
        const ZONES: Key<Count> = Key::assumed(
            "zones",
            "availability zones that the tasks spread over",
            "3",
            cited!("a choice, not a figure; the examples of AWS use three zones", pages::STATIC_STABILITY),
        )
        .at_least(1.0)
        .at_most(6.0)
        .band(Band::choice("how many zones there are is a choice of the design, which its owner knows"));
        const MAXIMUM_PERCENT: Key<Number> = Key::documented(
            "maximum-percent",
            "tasks that run or start, in percent of the desired number, while unhealthy ones are replaced",
            "200",
            cited!("the default of maximumPercent; rounded down", pages::ECS_REPLACEMENT),
        )
        .at_least(100.0)
        .at_most(400.0).unit("percent");
        const REPLACEMENT: Key<Delay> = Key::assumed(
            "replacement-delay",
            "time from the load balancer's verdict on a task until the service acts on it",
            "10s",
            cited!("no published figure; the scheduler follows the health of the target group", pages::ECS_REPLACEMENT),
        )
        .band(Band::factor(0.2, 6.0, "the scheduler looks every few seconds; more than a minute would surprise"));
        const CONTAINER_CHECK: Key<Delay> = Key::documented(
            "container-check",
            "without a load balancer: time until the container's own check finds a task unhealthy",
            "{ uniform = [\"65s\", \"95s\"] }",
            cited!("three failures in a row every 30 s, of 5 s each; the first comes within an interval", pages::ECS_CONTAINER_CHECK),
        );
        const RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a start that failed is tried again, which doubles with each further failure",
            "15s",
            cited!("the time between attempts grows; its steps are not published", pages::ECS_THROTTLE),
        )
        .above(0.0)
        .band(Band::factor(0.5, 4.0, "attempts that follow within seconds and attempts a minute apart are both reported"));
        const RETRY_LONGEST: Key<Duration> = Key::documented(
            "launch-retry-longest",
            "the longest time between two attempts to start a task",
            "15m",
            cited!("at most 15 minutes between attempts", pages::ECS_THROTTLE),
        )
        .above(0.0);
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
        const SCALING: Key<Option<Sub<TrackingKeys>>> = Key::optional("scaling", "target tracking", "the service keeps its number of tasks");
    }
}
keys! {
    /// Tasks on Fargate.
    struct FargateKeys {
        const FARGATE_START: Key<Delay> = Key::assumed(
            "launch-time",
            "from the turn of a task in the launch rate until it runs",
            "{ lognormal = { median = \"45s\", p95 = \"74s\" } }",
            cited!("no published figure; an image of 400 MB took 53 s to 62 s in ten starts, and each start pulls its image", pages::FARGATE_PULL),
        )
        .band(Band::factor(0.5, 3.0, "a small image starts within 25 s, one of some gigabytes takes two minutes"));
        const ICE: Key<Number> = Key::convention(
            "insufficient-capacity",
            "probability that a start fails for want of capacity",
            "0",
            "off unless asked for; no probability is published",
        )
        .at_least(0.0)
        .at_most(1.0);
    }
}
keys! {
    /// Tasks on instances.
    struct OnInstancesKeys {
        const INSTANCE_START: Key<Delay> = Key::assumed(
            "launch-time",
            "from the task's place on an instance until it runs",
            "{ lognormal = { median = \"20s\", p95 = \"40s\" } }",
            "no published figure; a network interface, and the image where it is not cached",
        )
        .band(Band::factor(0.25, 3.0, "a cached image starts in 5 s, a large one that is pulled takes a minute"));
        const INSTANCES: Key<Sub<InstancesKeys>> = Key::required("instances", "the instances that tasks run on");
    }
}
keys! {
    /// Instances that tasks run on.
    struct InstancesKeys {
        const DESIRED: Key<Count> = Key::required("desired", "how many there are at the start").above(0.0).at_most(10_000.0);
        const MAX: Key<Option<Count>> = Key::optional("max", "a capacity provider orders up to so many", "as `desired`: none is ordered").at_most(10_000.0);
        const MIN: Key<Option<Count>> = Key::optional("min", "instances that are gone are ordered anew up to so many, also if no task waits for room", "0").at_most(10_000.0);
        const ROOM: Key<Count> = Key::required("tasks-per-instance", "tasks that fit on one instance").above(0.0).at_most(1_000.0);
        const ORDER: Key<Delay> = Key::assumed(
            "order-delay",
            "from a task that finds no room until instances are ordered",
            "{ uniform = [\"0s\", \"60s\"] }",
            cited!("the capacity provider looks at its metric every minute; where in the minute is chance", pages::ECS_CAPACITY_PROVIDER),
        )
        .band(Band::factor(0.5, 3.0, "one look a minute, or the third one after the metric came late"));
        const HOST_LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order of an instance until it takes tasks",
            "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
            "no published figure; as an instance of an Auto Scaling group",
        )
        .band(Band::factor(0.5, 4.0, "a prepared image serves within 40 s, one that installs and warms itself takes five minutes"));
        const HOST_RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a launch that failed for want of capacity is tried again",
            "60s",
            cited!("no published figure; AWS says to wait a few minutes and to try again", pages::EC2_LAUNCH),
        )
        .above(0.0)
        .band(Band::factor(0.5, 5.0, "AWS says to wait a few minutes; the group itself tries again sooner"));
    }
}
keys! {
    /// How a service follows its load.
    struct TrackingKeys {
        const TARGET: Key<Number> =
            Key::required("target-utilization", "utilisation that target tracking aims at").above(0.0).at_most(1.0);
        const METRIC: Key<OneOf<Metric>> = Key::convention(
            "metric",
            "what utilisation means: cpu cannot show more than 1, requests can",
            "cpu",
            "services usually track their processors",
        );
        const RESOLUTION: Key<Option<Duration>> = Key::optional(
            "period",
            "20s: periods of the metrics of higher resolution, of processors alone",
            "a minute",
        )
        .example("\"20s\"");
        const COOLDOWN: Key<Duration> = Key::assumed(
            "scale-in-cooldown",
            "after a scale-in the next one waits that long",
            "300s",
            cited!("300 s unless the policy says otherwise, as for other services that scale so", pages::ECS_SCALING),
        )
        .band(Band::factor(0.2, 2.0, "policies are written with a minute, with five and with ten"));
    }
}

/// What tasks run on: whether that is Fargate.
enum LaunchType {}

impl Words for LaunchType {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("fargate", true, "Fargate: each start takes a turn of the region's launch rate")
            .with(&[Listing::Keys(FargateKeys::KEYS)]),
        Word::new("ec2", false, "instances of one's own, which have room for so many")
            .with(&[Listing::Keys(OnInstancesKeys::KEYS)]),
    ];
}

/// Whether utilisation is capped at 1 at each instant.
enum Metric {}

impl Words for Metric {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("cpu", true, "busy processors, which cannot show more than 1"),
        Word::new("requests", false, "requests over what the tasks serve, which may be more than 1"),
    ];
}

/// What Fargate starts in a region for an account, of all services together: documented.
pub const BUCKET: Bucket = Bucket { holds: 100.0, refill: 20.0 };

/// What tasks run on.
#[derive(Debug, Clone, PartialEq)]
pub enum Room {
    /// Fargate: room is the region's matter.
    Fargate,
    /// Instances.
    Instances(HostPool),
}

/// A service and its tasks.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Smallest number of tasks.
    pub min: u64,
    /// Number at the start.
    pub desired: u64,
    /// Largest number.
    pub max: u64,
    /// Requests per second of one task.
    pub requests_per_second: f64,
    /// Number of zones.
    pub zones: usize,
    /// What tasks run on.
    pub room: Room,
    /// From its turn or its room until a task runs, in seconds.
    pub launch_time: Distribution,
    /// Probability that a start on Fargate fails at any time.
    pub insufficient_capacity: f64,
    /// Tasks that run or start, as a share of the desired number.
    pub maximum: f64,
    /// From the balancer's verdict until the service acts, in seconds.
    pub replacement_delay: Distribution,
    /// Without a balancer: until a task is found unhealthy, in seconds.
    pub container_check: Distribution,
    /// Time until a failed start is repeated, which doubles.
    pub launch_retry: SimDuration,
    /// The longest such time.
    pub launch_retry_longest: SimDuration,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of capacity left under any overload.
    pub goodput_floor: f64,
    /// Target tracking, if any.
    pub scaling: Option<Scaling>,
    /// Time from one scale-in to the next.
    pub scale_in_cooldown: SimDuration,
}

impl Parameters {
    /// Tasks that may run or start at a time, for so many desired ones.
    pub(super) fn ceiling(&self, desired: u64) -> u64 {
        // With the tolerance of the measures, so that 110 % of 10 are 11.
        ((self.maximum * desired as f64 + 1e-9) as u64).max(desired)
    }

    /// The number that target tracking brings the tasks to under a load that stays, in requests per second.
    pub fn rests_at(&self, load: f64) -> u64 {
        let bounds = Size { min: self.min, desired: self.desired, max: self.max };
        self.scaling.map_or(self.desired, |scaling| scaling.rests_at(load / self.requests_per_second, bounds))
    }

    /// Reads `[compute]` of kind `ecs`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let size = section.section(&TASKS).map(|mut tasks| Size::read(&mut tasks)).unwrap_or_default();
        let on_fargate = section.get(&LAUNCH_TYPE);
        let launch_time = section.get(if on_fargate { &FARGATE_START } else { &INSTANCE_START });
        let room = if on_fargate { Room::Fargate } else { Room::Instances(read_instances(section, size)) };
        let insufficient_capacity = if on_fargate { section.get(&ICE) } else { 0.0 };
        let (launch_retry, launch_retry_longest) = (section.get(&RETRY), section.get(&RETRY_LONGEST));
        if launch_retry_longest < launch_retry {
            let text = |time: SimDuration| duration_text(time.as_secs_f64());
            let expected = format!("at most launch-retry-longest = {}", text(launch_retry_longest));
            section.reject_among(&["launch-retry", "launch-retry-longest"], text(launch_retry), expected, None);
        }
        let policy = section.section(&SCALING).map(|mut scaling| read_scaling(&mut scaling));
        Self {
            min: size.min,
            desired: size.desired,
            max: size.max,
            requests_per_second: section.get(&CAPACITY),
            zones: section.get(&ZONES) as usize,
            room,
            launch_time,
            insufficient_capacity,
            maximum: section.get(&MAXIMUM_PERCENT) / 100.0,
            replacement_delay: section.get(&REPLACEMENT),
            container_check: section.get(&CONTAINER_CHECK),
            launch_retry,
            launch_retry_longest,
            kappa: section.get(&KAPPA),
            goodput_floor: section.get(&FLOOR),
            scaling: policy.map(|(scaling, _)| scaling),
            scale_in_cooldown: policy.map_or(SimDuration::ZERO, |(_, cooldown)| cooldown),
        }
    }
}

fn read_instances(section: &mut Section<'_>, tasks: Size) -> HostPool {
    let Some(mut instances) = section.section(&INSTANCES) else { return HostPool::none() };
    let desired = instances.get(&DESIRED);
    let min = instances.get(&MIN).unwrap_or_default();
    let max = instances.get(&MAX).unwrap_or(desired);
    if max < desired {
        let expected = format!("at least desired = {desired}");
        instances.reject_among(&["max", "desired"], max.to_string(), expected, None);
    }
    if min > desired {
        let expected = format!("at most desired = {desired}");
        instances.reject_among(&["min", "desired"], min.to_string(), expected, None);
    }
    let pool = HostPool {
        desired,
        min,
        max,
        room: instances.get(&ROOM),
        order_delay: instances.get(&ORDER),
        launch_time: instances.get(&HOST_LAUNCH),
        launch_retry: instances.get(&HOST_RETRY),
    };
    let sound = section.is_sound(INSTANCES.name) && section.is_sound(TASKS.name);
    if sound && tasks.desired > pool.carries() {
        let found = format!("room for {} tasks", pool.carries());
        let expected = format!("room for the {} that there are at the start", tasks.desired);
        section.reject(INSTANCES.name, found, expected, None);
    }
    pool
}

fn read_scaling(section: &mut Section<'_>) -> (Scaling, SimDuration) {
    let capped = section.get(&METRIC);
    let resolution = section.get(&RESOLUTION);
    let fast = SimDuration::from_secs(20);
    if let Some(period) = resolution {
        if period != fast {
            let hint = "without it, periods are a minute".to_owned();
            section.reject(RESOLUTION.name, duration_text(period.as_secs_f64()), "20s", Some(hint));
        } else if !capped {
            let found = "periods of 20 s of a metric of requests";
            let hint = "load balancers publish every minute".to_owned();
            section.reject_among(&["period", "metric"], found, "no such key", Some(hint));
        }
    }
    let period = if resolution.is_some() { fast } else { SimDuration::from_secs(60) };
    let scaling = Scaling { target: section.get(&TARGET), capped, period, shared_by: 1 };
    (scaling, section.get(&COOLDOWN))
}
