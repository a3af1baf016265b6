//! EC2 Auto Scaling: how many instances a region has, and when more of them serve.
//!
//! Modelled:      a desired size within min and max; replacement of dead instances after a delay; launches that take time,
//!                fail for want of capacity and are repeated; warm-up; target tracking on 1-minute datapoints (3 of 3
//!                above the target, 15 of 15 below nine tenths of it); scheduled capacity; warm pools.
//! Not modelled:  lifecycle hooks, instance refresh, rebalancing between zones, limits on API calls, mixed instances;
//!                a warm pool is not filled again within a trial.
//! Sources:       facts 3 (target tracking cadence, warm-up: documented; launch latency: no published figure, assumed).

use super::cloud_watch::{Ingestion, exceeds};
use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

const INSTANCES: Key = Key::required("instances", "size of the group: min, desired, max");
const DESIRED: Key = Key::required("desired", "instances at the start").at_most(100_000.0);
const MIN: Key = Key::optional("min", "the group never gets smaller; `desired` without").at_most(100_000.0);
const MAX: Key = Key::optional("max", "the group never gets larger; `desired` without").at_most(100_000.0);
const CAPACITY: Key = Key::required("requests-per-second", "requests per second that one instance serves").above(0.0);
const ZONES: Key =
    Key::assumed("zones", "availability zones that the group spreads over", "3", "facts 13: examples use three zones")
        .at_least(1.0)
        .at_most(6.0);
const LAUNCH: Key = Key::assumed(
    "launch-time",
    "from the order of an instance to its registration",
    "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
    "facts 3: no published figure; 10 to 40 s to running, then boot and application start",
);
const RETRY: Key = Key::assumed(
    "launch-retry",
    "time until a launch that failed for want of capacity is tried again",
    "60s",
    "facts 3: wait minutes and retry",
)
.above(0.0);
const WARM_UP: Key = Key::documented(
    "warm-up",
    "a serving instance counts as ordered, not as in service, for that long",
    "300s",
    "facts 3: default instance warmup falls back to the default cooldown",
);
const REPLACEMENT: Key = Key::assumed(
    "replacement-delay",
    "time until the group notices that an instance is dead",
    "5m",
    "facts 3: status checks every minute, then a few minutes of waiting",
);
const ICE: Key = Key::convention(
    "insufficient-capacity",
    "probability that an attempt to launch fails for want of capacity",
    "0",
    "facts 14: no published probability",
)
.at_least(0.0)
.at_most(1.0);
const KAPPA: Key =
    Key::convention("kappa", "goodput lost per unit of overload", "0", "design 5.4: ideal shedding").at_least(0.0);
const FLOOR: Key =
    Key::convention("goodput-floor", "share of the capacity that is left under any overload", "0", "design 5.4")
        .at_least(0.0)
        .at_most(1.0);
const SCALING: Key = Key::optional("scaling", "target tracking; a group without keeps its desired size");
const TARGET: Key =
    Key::required("target-utilization", "utilisation that target tracking aims at").above(0.0).at_most(1.0);
const METRIC: Key =
    Key::convention("metric", "what utilisation means: cpu cannot show more than 1, requests can", "cpu", "design 5.4");
const SCHEDULED: Key = Key::optional("scheduled", "scheduled actions: when, and the desired size from then on");
const AT: Key = Key::required("at", "when the action runs");
const SCHEDULED_SIZE: Key = Key::required("desired", "desired size from then on").at_most(100_000.0);
const WARM_POOL: Key = Key::optional("warm-pool", "instances that were initialised beforehand");
const POOL_SIZE: Key = Key::required("instances", "instances in the warm pool");
const POOL_LAUNCH: Key = Key::assumed(
    "launch-time",
    "from the order to the registration, out of the pool",
    "40s",
    "facts 3: 20 to 60 s from stopped",
);
const POOL_STATE: Key = Key::documented(
    "state",
    "running instances cannot fail for want of capacity, stopped ones can",
    "stopped",
    "facts 3: warm pool",
);

/// Instances that were initialised beforehand.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
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

/// What can happen to a group.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// An attempt to launch is repeated.
    TryAgain(u32),
    /// An instance has started and registers with the load balancer.
    Launched(u32),
    /// The warm-up of the instance that was born as this is over.
    WarmedUp {
        /// The instance.
        instance: u32,
        /// Its birth: the slot may belong to another by now.
        born: u64,
    },
    /// The group notices that an instance is dead.
    DeathNoticed(u32),
    /// A 1-minute period of the utilisation ends.
    MinuteEnds,
    /// A datapoint arrives: utilisation, and in-service times utilisation.
    DatapointArrives {
        /// Time average of the utilisation.
        utilization: f64,
        /// Time average of in-service instances times utilisation.
        work: f64,
        /// Whether nothing had changed for long when its period ended.
        quiet: bool,
    },
    /// A scheduled action runs.
    Scheduled(u32),
}

/// What others may learn from a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// An instance was ordered.
    Ordered(usize),
    /// An attempt to launch failed for want of capacity.
    LaunchFailed(usize),
    /// An instance started: register it.
    Launched(usize),
    /// An instance is gone: deregister it.
    Terminated(usize),
    /// The desired size changed.
    Resized(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Ordered,
    Registering,
    Warming,
    InService,
    Dead {
        noticed: Handle,
    },
    /// Dead and noticed, but the control plane cannot act on it yet.
    DeadNoticed,
}

#[derive(Debug, Clone, Copy)]
struct Instance {
    zone: usize,
    state: State,
    born: u64,
    from_pool: bool,
    /// Whether its launch waits for the control plane.
    waits: bool,
    /// The occurrence of a fault that it failed by, if it did not go with its zone.
    blamed: Option<usize>,
}

/// Consecutive datapoints above the target that make the group grow. Facts 3, documented/remembered: 3 x 1 min.
const ABOVE: u32 = 3;
/// Consecutive datapoints below the lower threshold that make it shrink. Facts 3, documented: 15 x 1 min.
const BELOW: u32 = 15;
/// The lower threshold as a share of the target. Facts 3, documented for provisioned concurrency.
const LOWER: f64 = 0.9;
const MINUTE: SimDuration = SimDuration::from_secs(60);

/// One region's group.
#[derive(Debug)]
pub struct Group {
    parameters: Parameters,
    eager: bool,
    ingestion: Ingestion,
    first_minute: SimTime,
    launch_time: Variate,
    pool_time: Option<Variate>,
    attempts: Stream,
    replacement: Variate,

    desired: u64,
    pool: u64,
    instances: Vec<Instance>,
    births: u64,
    failing: f64,
    region_up: bool,
    control_up: bool,
    measured: bool,
    zones_up: Vec<bool>,

    utilization: f64,
    minute_start: SimTime,
    changed: SimTime,
    sum_utilization: f64,
    sum_work: f64,
    sum_up: f64,
    sum_in_service: f64,
    quiet_minutes: u32,
    minute_due: Option<Handle>,
    above: u32,
    below: u32,
}

impl Group {
    /// A group whose streams are named after `path`; datapoints arrive `ingestion` after their period.
    pub fn new(parameters: &Parameters, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let ingestion = Ingestion::new(ingestion, path, seed);
        Self {
            eager: eager || !ingestion.keeps_order(MINUTE),
            ingestion,
            first_minute: SimTime::ZERO,
            launch_time: variate(&parameters.launch_time, "launch-time"),
            pool_time: parameters.warm_pool.as_ref().map(|pool| variate(&pool.launch_time, "warm-pool-launch-time")),
            attempts: Stream::new(StreamId::new(seed, path, "launch-attempt")),
            replacement: variate(&parameters.replacement_delay, "replacement-delay"),
            desired: parameters.desired,
            pool: 0,
            instances: Vec::new(),
            births: 0,
            failing: 0.0,
            region_up: true,
            control_up: true,
            measured: true,
            zones_up: vec![true; parameters.zones],
            utilization: 0.0,
            minute_start: SimTime::ZERO,
            changed: SimTime::ZERO,
            sum_utilization: 0.0,
            sum_work: 0.0,
            sum_up: 0.0,
            sum_in_service: 0.0,
            quiet_minutes: 0,
            minute_due: None,
            above: 0,
            below: 0,
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial with the desired number of instances in service, spread over the zones from the first. Metric
    /// periods end at `first_minute` and every minute after.
    pub fn begin(&mut self, trial: u64, first_minute: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.ingestion.begin(trial);
        self.first_minute = first_minute;
        self.launch_time.begin(trial);
        if let Some(time) = &mut self.pool_time {
            time.begin(trial);
        }
        self.attempts.begin(trial);
        self.replacement.begin(trial);
        self.desired = self.parameters.desired;
        self.pool = self.parameters.warm_pool.as_ref().map_or(0, |pool| pool.instances);
        self.instances.clear();
        let zones = self.parameters.zones;
        self.instances.extend((0..self.desired).map(|index| Instance {
            zone: index as usize % zones,
            state: State::InService,
            born: index,
            from_pool: false,
            waits: false,
            blamed: None,
        }));
        self.births = self.desired;
        self.failing = self.parameters.insufficient_capacity;
        (self.region_up, self.control_up, self.measured) = (true, true, true);
        self.zones_up.fill(true);
        self.utilization = 0.0;
        self.minute_start = SimTime::ZERO;
        self.changed = SimTime::ZERO;
        self.forget_sums();
        self.quiet_minutes = 0;
        (self.above, self.below) = (0, 0);
        self.minute_due = self.parameters.scaling.map(|_| ctx.schedule_at(first_minute, Event::MinuteEnds));
        for (index, &(at, _)) in self.parameters.scheduled.iter().enumerate() {
            ctx.schedule_at(SimTime::ZERO + at, Event::Scheduled(index as u32));
        }
    }

    /// The zone of an instance.
    pub fn zone_of(&self, instance: usize) -> usize {
        self.instances[instance].zone
    }

    /// Instances that exist and are not dead, ordered ones left out.
    pub fn live(&self) -> impl Iterator<Item = usize> + '_ {
        let live =
            |instance: &Instance| matches!(instance.state, State::Registering | State::Warming | State::InService);
        self.instances.iter().enumerate().filter(move |(_, instance)| live(instance)).map(|(index, _)| index)
    }

    /// The size that the group aims at.
    pub const fn desired(&self) -> u64 {
        self.desired
    }

    /// Load over capacity of the serving instances, from now on; what `CloudWatch` averages.
    #[inline]
    pub fn set_utilization(&mut self, utilization: f64, ctx: &mut Context<'_, Event, Signal>) {
        let Some(scaling) = self.parameters.scaling else { return };
        let utilization = if scaling.capped { utilization.min(1.0) } else { utilization };
        if utilization != self.utilization {
            self.note_change(ctx);
            self.utilization = utilization;
        }
    }

    /// A new target passed its first probe: it warms up now.
    pub fn serves(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.instances[instance].state == State::Registering {
            self.instances[instance].state = State::Warming;
            let born = self.instances[instance].born;
            ctx.schedule_in(self.parameters.warm_up, Event::WarmedUp { instance: instance as u32, born });
        }
    }

    /// An instance died, or came back before the group noticed; returns whether the load balancer's target did, too.
    pub fn set_live(&mut self, instance: usize, live: bool, ctx: &mut Context<'_, Event, Signal>) -> bool {
        match (self.instances[instance].state, live) {
            (State::Registering | State::Warming | State::InService, false) => {
                self.note_change(ctx);
                let delay = self.replacement.draw_duration();
                let noticed = ctx.schedule_in(delay, Event::DeathNoticed(instance as u32));
                self.instances[instance].state = State::Dead { noticed };
                true
            }
            (State::Dead { noticed }, true) => {
                self.note_change(ctx);
                ctx.cancel(noticed);
                self.instances[instance].state = State::InService;
                true
            }
            _ => false,
        }
    }

    /// How many places for instances there are, used or not.
    pub fn instances(&self) -> usize {
        self.instances.len()
    }

    /// Whether an instance is dead by itself.
    pub fn failed(&self, instance: usize) -> bool {
        self.instances[instance].blamed.is_some()
    }

    /// Whether an instance is dead by this occurrence of a fault.
    pub fn failed_by(&self, instance: usize, occurrence: usize) -> bool {
        self.instances[instance].blamed == Some(occurrence)
    }

    /// Notes which occurrence of a fault an instance failed by, or that none keeps it down.
    pub fn blame(&mut self, instance: usize, occurrence: Option<usize>) {
        self.instances[instance].blamed = occurrence;
    }

    /// Instances in this zone, the dead ones that were not replaced yet included.
    pub fn in_zone(&self, zone: usize) -> impl Iterator<Item = usize> + '_ {
        let here = move |(_, instance): &(usize, &Instance)| {
            instance.zone == zone && !matches!(instance.state, State::Free | State::Ordered)
        };
        self.instances.iter().enumerate().filter(here).map(|(index, _)| index)
    }

    /// The condition of the region, its control plane and its zones changed.
    pub fn set_place(&mut self, region_up: bool, control_up: bool, ctx: &mut Context<'_, Event, Signal>) {
        if region_up != self.region_up {
            self.note_change(ctx);
            self.region_up = region_up;
        }
        self.control_up = control_up;
        if control_up {
            for index in 0..self.instances.len() {
                if self.instances[index].waits {
                    self.relocate(index);
                    self.attempt(index, ctx);
                }
                if self.instances[index].state == State::DeadNoticed {
                    self.terminate(index, ctx);
                }
            }
            self.order(ctx);
        }
    }

    /// A zone goes out or comes back, for what concerns new launches.
    pub fn set_zone(&mut self, zone: usize, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.zones_up[zone] = up;
        if up {
            self.order(ctx);
        }
    }

    /// The probability with which an attempt to launch fails for want of capacity, from now on.
    pub fn set_failing(&mut self, probability: f64) {
        let own = self.parameters.insufficient_capacity;
        self.failing = 1.0 - (1.0 - own) * (1.0 - probability);
    }

    /// Whether its datapoints arrive from now on.
    pub fn set_measured(&mut self, measured: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.note_change(ctx);
        self.measured = measured;
    }

    /// Somebody sets the desired size.
    pub fn set_desired(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) {
        let desired = desired.clamp(self.parameters.min, self.parameters.max);
        if desired == self.desired {
            return;
        }
        self.note_change(ctx);
        self.desired = desired;
        ctx.signal(Signal::Resized(desired));
        self.shrink(ctx);
        self.order(ctx);
    }

    fn count(&self, state: impl Fn(State) -> bool) -> u64 {
        self.instances.iter().filter(|instance| state(instance.state)).count() as u64
    }

    fn in_service(&self) -> f64 {
        self.count(|state| state == State::InService) as f64
    }

    /// Orders what is missing, each in the live zone with the fewest.
    fn order(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if !self.control_up {
            return;
        }
        let mut members = self.count(|state| state != State::Free);
        while members < self.desired {
            let Some(zone) = self.roomiest_zone() else { return };
            let free = self.instances.iter().position(|instance| instance.state == State::Free);
            let index = free.unwrap_or(self.instances.len());
            let from_pool = self.pool > 0;
            self.pool -= u64::from(from_pool);
            let born = self.births;
            self.births += 1;
            let instance = Instance { zone, state: State::Ordered, born, from_pool, waits: false, blamed: None };
            if index == self.instances.len() {
                self.instances.push(instance);
            } else {
                self.instances[index] = instance;
            }
            ctx.signal(Signal::Ordered(index));
            self.attempt(index, ctx);
            members += 1;
        }
    }

    fn roomiest_zone(&self) -> Option<usize> {
        let populated = |zone: usize| {
            let counts = |state| !matches!(state, State::Free | State::Dead { .. } | State::DeadNoticed);
            self.instances.iter().filter(|instance| instance.zone == zone && counts(instance.state)).count()
        };
        (0..self.zones_up.len()).filter(|&zone| self.zones_up[zone]).min_by_key(|&zone| (populated(zone), zone))
    }

    fn attempt(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        if !self.control_up {
            self.instances[index].waits = true;
            return;
        }
        self.instances[index].waits = false;
        let from_pool = self.instances[index].from_pool;
        let safe = from_pool && self.parameters.warm_pool.as_ref().is_some_and(|pool| pool.running);
        if !safe && self.failing > 0.0 && self.attempts.uniform() < self.failing {
            ctx.signal(Signal::LaunchFailed(index));
            ctx.schedule_in(self.parameters.launch_retry, Event::TryAgain(index as u32));
            return;
        }
        let time = match &mut self.pool_time {
            Some(time) if from_pool => time.draw_duration(),
            _ => self.launch_time.draw_duration(),
        };
        ctx.schedule_in(time, Event::Launched(index as u32));
    }

    /// An attempt goes on in a live zone, if its own is out.
    fn relocate(&mut self, index: usize) -> bool {
        if self.zones_up[self.instances[index].zone] {
            return true;
        }
        match self.roomiest_zone() {
            Some(zone) => {
                self.instances[index].zone = zone;
                false
            }
            None => false,
        }
    }

    fn terminate(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.instances[index].state = State::Free;
        self.instances[index].blamed = None;
        ctx.signal(Signal::Terminated(index));
    }

    /// Lets the youngest leave while there are more members than desired.
    fn shrink(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let mut members = self.count(|state| state != State::Free);
        while members > self.desired {
            let serving = |instance: &Instance| matches!(instance.state, State::InService | State::Warming);
            let youngest = (0..self.instances.len())
                .filter(|&index| serving(&self.instances[index]))
                .max_by_key(|&index| self.instances[index].born);
            let Some(youngest) = youngest else { return };
            self.terminate(youngest, ctx);
            members -= 1;
        }
    }

    /// Adds up what held until now, before something changes.
    fn note_change(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.parameters.scaling.is_none() {
            return;
        }
        self.wake(ctx);
        self.accumulate(ctx.now());
        self.quiet_minutes = 0;
    }

    fn forget_sums(&mut self) {
        (self.sum_utilization, self.sum_work, self.sum_up, self.sum_in_service) = (0.0, 0.0, 0.0, 0.0);
    }

    fn accumulate(&mut self, now: SimTime) {
        if self.region_up {
            let (seconds, in_service) = (now.since(self.changed).as_secs_f64(), self.in_service());
            self.sum_utilization += self.utilization * seconds;
            self.sum_work += in_service * self.utilization * seconds;
            self.sum_up += seconds;
            self.sum_in_service += in_service * seconds;
        }
        self.changed = now;
    }

    /// Resumes the metric periods after a sleep, as if they had been going on all the time.
    fn wake(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if self.minute_due.is_some() {
            return;
        }
        let now = ctx.now();
        let just_after = |time: SimTime| time + SimDuration::from_nanos(1);
        let next = just_after(now).next_on_grid(self.minute_start, MINUTE);
        // Datapoints of the periods that ended in the sleep and would still be on their way.
        let longest = self.ingestion.longest();
        let mut end = just_after(now - longest).next_on_grid(self.minute_start + MINUTE, MINUTE);
        while end < next && self.region_up && self.in_service() > 0.0 {
            let (utilization, work) = (self.utilization, self.in_service() * self.utilization);
            let arrival = end + self.ingestion.of(self.number(end));
            if arrival > now {
                ctx.schedule_at(arrival, Event::DatapointArrives { utilization, work, quiet: true });
            }
            end = end + MINUTE;
        }
        self.minute_start = next - MINUTE;
        self.changed = self.minute_start;
        self.forget_sums();
        self.minute_due = Some(ctx.schedule_at(next, Event::MinuteEnds));
    }

    /// The number of the minute that ends at `end`, from 1.
    fn number(&self, end: SimTime) -> u64 {
        end.since(self.first_minute).as_nanos() / MINUTE.as_nanos() + 1
    }

    fn on_minute_end(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let now = ctx.now();
        let constant = self.changed <= self.minute_start;
        let (utilization, work) = if constant {
            (self.utilization, self.in_service() * self.utilization)
        } else {
            self.accumulate(now);
            (self.sum_utilization / self.sum_up, self.sum_work / self.sum_up)
        };
        // Facts 3: a group without instances publishes nothing, and missing data scales nothing.
        let any = if constant { self.region_up && self.in_service() > 0.0 } else { self.sum_in_service > 0.0 };
        self.quiet_minutes = if constant { self.quiet_minutes + 1 } else { 0 };
        if any {
            let quiet = self.quiet_minutes > BELOW + 1;
            let delay = self.ingestion.of(self.number(now));
            ctx.schedule_in(delay, Event::DatapointArrives { utilization, work, quiet });
        } else {
            (self.above, self.below) = (0, 0);
        }
        self.forget_sums();
        self.minute_start = now;
        self.changed = now;
        self.minute_due = Some(ctx.schedule_in(MINUTE, Event::MinuteEnds));
    }

    fn on_datapoint(&mut self, utilization: f64, work: f64, quiet: bool, ctx: &mut Context<'_, Event, Signal>) {
        let Some(Scaling { target, .. }) = self.parameters.scaling else { return };
        if !self.measured {
            // Missing data scales nothing (facts 3), and what is in a row begins anew.
            (self.above, self.below) = (0, 0);
            return;
        }
        self.above = if exceeds(utilization, target) { self.above.saturating_add(1) } else { 0 };
        self.below = if exceeds(LOWER * target, utilization) { self.below.saturating_add(1) } else { 0 };
        // With the tolerance of the measures, so that 8 x 0.5 / 0.5 is 8 and not 9.
        let proportional = libm::ceil(work / target - 1e-9).max(0.0) as u64;
        let before = self.desired;
        if self.above >= ABOVE {
            let desired = proportional.min(self.parameters.max);
            if desired > self.desired {
                self.set_desired(desired, ctx);
            }
        } else if self.below >= BELOW {
            let desired = proportional.max(self.parameters.min);
            let pending = self.count(|state| matches!(state, State::Ordered | State::Registering | State::Warming)) > 0;
            if desired < self.desired && !pending && self.control_up {
                self.set_desired(desired, ctx);
            }
        }
        let settled = quiet && before == self.desired && self.quiet_minutes > BELOW + 1;
        if settled
            && !self.eager
            && let Some(handle) = self.minute_due.take()
        {
            ctx.cancel(handle);
        }
    }
}

impl Component for Group {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::TryAgain(index) => {
                self.relocate(index as usize);
                self.attempt(index as usize, ctx);
            }
            Event::Launched(index) => {
                let index = index as usize;
                if !self.region_up {
                    // What was on its way when the region went out is launched again when it is back.
                    self.attempt(index, ctx);
                } else if self.relocate(index) {
                    self.instances[index].state = State::Registering;
                    ctx.signal(Signal::Launched(index));
                } else {
                    self.attempt(index, ctx);
                }
            }
            Event::WarmedUp { instance, born } => {
                let index = instance as usize;
                if self.instances[index].state == State::Warming && self.instances[index].born == born {
                    self.note_change(ctx);
                    self.instances[index].state = State::InService;
                }
            }
            Event::DeathNoticed(index) => {
                if self.control_up {
                    self.terminate(index as usize, ctx);
                    self.order(ctx);
                } else {
                    self.instances[index as usize].state = State::DeadNoticed;
                }
            }
            Event::MinuteEnds => self.on_minute_end(ctx),
            Event::DatapointArrives { utilization, work, quiet } => self.on_datapoint(utilization, work, quiet, ctx),
            Event::Scheduled(index) => self.set_desired(self.parameters.scheduled[index as usize].1, ctx),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn constant(seconds: f64) -> Distribution {
        Distribution::constant(seconds).expect("a constant")
    }

    /// Ten instances in three zones; launches take 100 s, deaths are noticed after 300 s.
    fn parameters() -> Parameters {
        Parameters {
            min: 2,
            desired: 10,
            max: 20,
            requests_per_second: 100.0,
            zones: 3,
            launch_time: constant(100.0),
            launch_retry: SimDuration::from_secs(60),
            warm_up: SimDuration::from_secs(300),
            replacement_delay: constant(300.0),
            insufficient_capacity: 0.0,
            kappa: 0.0,
            goodput_floor: 0.0,
            scaling: None,
            scheduled: Vec::new(),
            warm_pool: None,
        }
    }

    fn group(parameters: &Parameters) -> Harness<Group> {
        let mut alone = Harness::new(Group::new(parameters, &constant(30.0), "compute/here", 1, false));
        alone.call(|group, ctx| group.begin(0, at(60), ctx));
        alone
    }

    /// Instances by zone, those that are ordered included and the dead ones not.
    fn spread(alone: &Harness<Group>) -> Vec<usize> {
        let gone = |state| matches!(state, State::Free | State::Dead { .. } | State::DeadNoticed);
        let here =
            |zone: usize| alone.component().instances.iter().filter(|one| one.zone == zone && !gone(one.state)).count();
        (0..3).map(here).collect()
    }

    /// A zone goes out or comes back, as the deployment does it.
    fn set_zone(alone: &mut Harness<Group>, zone: usize, up: bool) {
        let instances: Vec<usize> = alone.component().in_zone(zone).collect();
        for instance in instances {
            alone.call(|group, ctx| group.set_live(instance, up, ctx));
        }
        alone.call(|group, ctx| group.set_zone(zone, up, ctx));
    }

    /// Every new target passes its first probe at once.
    fn serve(alone: &mut Harness<Group>) {
        for instance in 0..alone.component().instances() {
            alone.call(|group, ctx| group.serves(instance, ctx));
        }
    }

    /// When signals of this kind were raised.
    fn times(alone: &Harness<Group>, is: impl Fn(&Signal) -> bool) -> Vec<SimTime> {
        alone.signals().iter().filter(|(_, signal)| is(signal)).map(|(time, _)| *time).collect()
    }

    #[test]
    fn instances_spread_from_the_first_zone_and_are_replaced_where_the_fewest_are() {
        let mut alone = group(&parameters());
        assert_eq!(spread(&alone), [4, 3, 3]);
        set_zone(&mut alone, 0, false);
        assert_eq!((spread(&alone), alone.component().live().count()), (vec![0, 3, 3], 6));
        alone.run_until(at(300));
        assert!(alone.signals().is_empty(), "nobody has noticed");
        alone.run_until(at(401));
        assert_eq!(spread(&alone), [0, 5, 5]);
        assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), vec![at(400); 4]);
        // When the zone is back, nothing moves.
        set_zone(&mut alone, 0, true);
        alone.run_until(at(2_000));
        assert_eq!(spread(&alone), [0, 5, 5]);
    }

    #[test]
    fn a_zone_that_is_back_before_anybody_noticed_brings_its_instances_back() {
        let mut alone = group(&parameters());
        set_zone(&mut alone, 0, false);
        alone.run_until(at(299));
        set_zone(&mut alone, 0, true);
        alone.run_until(at(2_000));
        assert_eq!((spread(&alone), alone.signals().len()), (vec![4, 3, 3], 0));
    }

    #[test]
    fn nothing_is_replaced_while_the_control_plane_is_out() {
        let mut alone = group(&parameters());
        set_zone(&mut alone, 2, false);
        alone.run_until(at(100));
        alone.call(|group, ctx| group.set_place(true, false, ctx));
        alone.run_until(at(1_000));
        assert!(alone.signals().is_empty());
        alone.call(|group, ctx| group.set_place(true, true, ctx));
        assert_eq!(spread(&alone), [5, 5, 0]);
        assert_eq!(times(&alone, |signal| matches!(signal, Signal::Terminated(_))), vec![at(1_000); 3]);
    }

    #[test]
    fn what_launches_into_a_zone_that_went_out_starts_over_in_another_one() {
        let mut alone = group(&parameters());
        alone.call(|group, ctx| group.set_desired(12, ctx));
        assert_eq!(spread(&alone), [4, 4, 4]);
        alone.run_until(at(50));
        set_zone(&mut alone, 1, false);
        alone.run_until(at(250));
        let launched = times(&alone, |signal| matches!(signal, Signal::Launched(_)));
        assert_eq!(launched, [at(100), at(200)]);
    }

    #[test]
    fn the_youngest_leave_and_only_those_that_serve() {
        let mut alone = group(&parameters());
        alone.call(|group, ctx| group.set_desired(12, ctx));
        alone.run_until(at(101));
        serve(&mut alone);
        alone.call(|group, ctx| group.set_desired(9, ctx));
        let gone: Vec<usize> = alone
            .signals()
            .iter()
            .filter_map(|(_, signal)| if let Signal::Terminated(index) = signal { Some(*index) } else { None })
            .collect();
        assert_eq!(gone, [11, 10, 9]);
        alone.call(|group, ctx| group.set_desired(1, ctx));
        assert_eq!(alone.component().desired(), 2, "never below the smallest size");
    }

    #[test]
    fn warm_instances_come_first_and_running_ones_cannot_fail() {
        let pool = WarmPool { instances: 2, launch_time: constant(10.0), running: true };
        let all_fail = Parameters { warm_pool: Some(pool), insufficient_capacity: 1.0, ..parameters() };
        let mut alone = group(&all_fail);
        alone.call(|group, ctx| group.set_desired(13, ctx));
        alone.run_until(at(301));
        assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), [at(10), at(10)]);
        let failed = times(&alone, |signal| matches!(signal, Signal::LaunchFailed(_)));
        assert_eq!(failed, [at(0), at(60), at(120), at(180), at(240), at(300)]);
    }

    #[test]
    fn a_warming_instance_counts_as_ordered_until_its_warm_up_is_over() {
        let scaling = Some(Scaling { target: 0.5, capped: false });
        let mut alone = group(&Parameters { scaling, ..parameters() });
        alone.call(|group, ctx| group.set_utilization(0.8, ctx));
        alone.run_until(at(211));
        // Minutes end at 60, 120 and 180 s; the third datapoint is there at 210 s: 10 x 0.8 / 0.5.
        assert_eq!(times(&alone, |signal| matches!(signal, Signal::Resized(16))), [at(210)]);
        alone.run_until(at(311));
        serve(&mut alone);
        assert_eq!(alone.component().in_service(), 10.0);
        alone.call(|group, ctx| group.set_utilization(0.5, ctx));
        alone.run_until(at(612));
        assert_eq!(alone.component().in_service(), 16.0);
        alone.run_until(at(3_000));
        assert_eq!(alone.component().desired(), 16, "16 x 0.5 / 0.5 is 16 and not 17");
    }

    #[test]
    fn scheduled_sizes_are_taken_at_their_time() {
        let scheduled = vec![(SimDuration::from_secs(60), 12), (SimDuration::from_secs(600), 3)];
        let mut alone = group(&Parameters { scheduled, ..parameters() });
        alone.run_until(at(161));
        assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), [at(160), at(160)]);
        serve(&mut alone);
        alone.run_until(at(601));
        assert_eq!((alone.component().desired(), spread(&alone)), (3, vec![1, 1, 1]));
    }
}
