//! EC2 Auto Scaling: how many instances a region has, and when more of them serve.

mod launches;
mod replacement;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use replacement::Queue;

pub(crate) use spec::GroupKeys;
pub use spec::{Parameters, Replacement, WarmPool};

use super::fleet::{Size, Stage, Tracked, Tracking};
use crate::about::About;

pub use super::fleet::{Failure, Members, Scaling, Signal};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "EC2 Auto Scaling",
    modelled: "a desired size within min and max; members whose hosts are gone, replaced together after a delay, and members \
         that fail checks, replaced in batches or by a maintenance policy; launches that take time, fail for want of \
         capacity and are repeated; warm-up; target tracking (3 of 3 periods above the target, 15 of 15 below nine tenths \
         of it) on datapoints of a minute, of five minutes without detailed monitoring, or of 10 s and 20 s; scheduled \
         capacity; warm pools",
    not_modelled: "lifecycle hooks, instance refresh, rebalancing between zones, limits on API calls, mixed instances, grace \
         periods; a warm pool is not filled again within a trial; AWS replaces fewer at a time when all members are \
         unhealthy, by a number that is not published",
    sources: "target tracking cadence, warm-up, replacement in tenths: documented; launch latency: no published figure, assumed",
};

/// Events of a group.
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
    /// The group notices that an instance is gone or not fit.
    Noticed(u32),
    /// The next batch of replacements may begin.
    BatchDue,
    /// A datapoint of the utilisation arrives, or a period of it ends.
    Measured,
    /// A scheduled action runs.
    Scheduled(u32),
}

/// One region's group.
#[derive(Debug)]
pub struct Group {
    parameters: Parameters,
    launch_time: Variate,
    pool_time: Option<Variate>,
    attempts: Stream,
    /// Delays until it is noticed that a member failed.
    replacement: Variate,
    /// Delays until it is noticed that the load balancer finds a live member unhealthy.
    rejection: Variate,

    desired: u64,
    pool: u64,
    members: Members,
    queue: Queue,
    tracking: Option<Tracking>,
    failing: f64,
    /// The probability with which something that a launch needs fails.
    needs_failing: f64,
    needs: Stream,
    /// Whether each launch asks for its turn in the region.
    asks: bool,
    region_up: bool,
    control_up: bool,
    zones_up: Vec<bool>,
}

impl Group {
    /// A group whose streams are named after `path`; datapoints arrive `ingestion` after their period.
    pub fn new(parameters: &Parameters, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let tracking = |scaling| Tracking::new(scaling, ingestion, path, seed, eager);
        Self {
            launch_time: variate(&parameters.launch_time, "launch-time"),
            pool_time: parameters.warm_pool.as_ref().map(|pool| variate(&pool.launch_time, "warm-pool-launch-time")),
            attempts: Stream::new(StreamId::new(seed, path, "launch-attempt")),
            replacement: variate(&parameters.replacement_delay, "replacement-delay"),
            rejection: variate(&parameters.replacement_delay, "rejection-delay"),
            desired: parameters.desired,
            pool: 0,
            members: Members::default(),
            queue: Queue::default(),
            tracking: parameters.scaling.map(tracking),
            failing: 0.0,
            needs_failing: 0.0,
            needs: Stream::new(StreamId::new(seed, path, "launch-needs")),
            asks: false,
            region_up: true,
            control_up: true,
            zones_up: vec![true; parameters.zones],
            parameters: parameters.clone(),
        }
    }

    /// The same group, whose launches ask for their turn in the region.
    #[must_use]
    pub fn asking(mut self, asks: bool) -> Self {
        self.asks = asks;
        self
    }

    /// Starts a trial with the desired number of instances in service, spread over the zones from the first. The first of
    /// what its datapoints average ends at `first_end`.
    pub fn begin(&mut self, trial: Trial<'_>, first_end: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.launch_time.begin(trial);
        if let Some(time) = &mut self.pool_time {
            time.begin(trial);
        }
        self.attempts.begin(trial);
        self.replacement.begin(trial);
        self.rejection.begin(trial);
        self.desired = self.parameters.desired;
        self.pool = self.parameters.warm_pool.as_ref().map_or(0, |pool| pool.instances);
        self.members.begin(self.desired, self.parameters.zones);
        self.queue.begin();
        self.failing = self.parameters.insufficient_capacity;
        self.needs_failing = 0.0;
        self.needs.begin(trial);
        (self.region_up, self.control_up) = (true, true);
        self.zones_up.fill(true);
        if let Some(tracking) = &mut self.tracking {
            tracking.begin(trial, first_end, Event::Measured, ctx);
        }
        for (index, &(at, _)) in self.parameters.scheduled.iter().enumerate() {
            ctx.schedule_at(SimTime::ZERO + at, Event::Scheduled(index as u32));
        }
    }

    /// Its instances.
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// Time from one datapoint to the next that it scales by, if it does.
    pub fn datapoint_every(&self) -> Option<SimDuration> {
        self.parameters.scaling.map(|scaling| scaling.datapoint_every())
    }

    /// The size that the group aims at.
    pub const fn desired(&self) -> u64 {
        self.desired
    }

    /// Load over capacity of the instances that get requests, from now on, and their share of those in service; what
    /// `CloudWatch` averages is over all of these.
    #[inline]
    pub fn set_utilization(&mut self, utilization: f64, busy: f64, ctx: &mut Context<'_, Event, Signal>) {
        self.track(utilization, busy, ctx);
    }

    /// A new target passed its first probe: it warms up now.
    pub fn serves(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(instance).stage == Stage::Registering {
            self.members.change(instance, |it| (it.stage, it.in_rotation) = (Stage::Warming, true));
            let born = self.members.of(instance).born;
            ctx.schedule_in(self.parameters.warm_up, Event::WarmedUp { instance: instance as u32, born });
        }
    }

    /// Notes that an occurrence of a fault struck the application of an instance.
    pub fn note_strike(&mut self, occurrence: usize, instance: usize) {
        self.members.note_strike(occurrence, instance);
    }

    /// The next of the instances that this occurrence struck and nobody replaced; once for each.
    pub fn next_struck(&mut self, occurrence: usize) -> Option<usize> {
        self.members.forget_strike(occurrence)
    }

    /// The condition of the region, its control plane and its zones changed.
    pub fn set_place(&mut self, region_up: bool, control_up: bool, ctx: &mut Context<'_, Event, Signal>) {
        if region_up != self.region_up {
            self.note_change(ctx);
            self.region_up = region_up;
        }
        self.control_up = control_up;
        if control_up {
            self.resume_launches(ctx);
            self.resume_replacements(ctx);
            self.order(ctx);
        }
    }

    /// A zone goes out or comes back, for what concerns new launches.
    pub fn set_zone(&mut self, zone: usize, up: bool, ctx: &mut Context<'_, Event, Signal>) {
        // Another service of the region may stand in more zones.
        let Some(own) = self.zones_up.get_mut(zone) else { return };
        *own = up;
        if up {
            self.order(ctx);
            self.batch_is_due(ctx);
        }
    }

    /// The probability with which an attempt to launch fails for want of capacity, from now on.
    pub fn set_failing(&mut self, probability: f64) {
        let own = self.parameters.insufficient_capacity;
        self.failing = 1.0 - (1.0 - own) * (1.0 - probability);
    }

    /// The probability with which something that a launch needs fails, from now on.
    pub fn set_needs_failing(&mut self, probability: f64) {
        self.needs_failing = probability;
    }

    /// Whether its datapoints arrive from now on.
    pub fn set_measured(&mut self, measured: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.note_change(ctx);
        if let Some(tracking) = &mut self.tracking {
            tracking.set_measured(measured);
        }
    }

    /// Somebody sets the desired size. Returns whether that is another one.
    pub fn set_desired(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let desired = desired.clamp(self.parameters.min, self.parameters.max);
        if desired == self.desired {
            return false;
        }
        self.note_change(ctx);
        self.desired = desired;
        ctx.signal(Signal::Resized(desired));
        self.shrink(ctx);
        self.order(ctx);
        true
    }

    /// Lets the youngest leave while there are more members than desired.
    fn shrink(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        while self.members.count() > self.desired {
            let Some(youngest) = self.members.youngest() else { return };
            self.terminate(youngest, ctx);
        }
    }

    /// The warm-up of an instance is over, if it is still there: its place may belong to another one by now.
    fn on_warmed_up(&mut self, instance: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        let it = self.members.of(instance);
        if it.stage == Stage::Warming && it.born == born {
            self.note_change(ctx);
            self.members.change(instance, |it| it.stage = Stage::Warm);
            self.leaves_batch(instance, ctx);
        }
    }
}

impl Tracked for Group {
    fn measured() -> Event {
        Event::Measured
    }

    fn tracking(&mut self) -> Option<&mut Tracking> {
        self.tracking.as_mut()
    }

    fn serving(&self) -> Option<f64> {
        self.region_up.then(|| f64::from(self.members.in_service()))
    }

    fn bounds(&self) -> Size {
        self.parameters.size(self.desired)
    }

    fn may_shrink(&self, _: SimTime) -> bool {
        self.control_up && !self.members.pending()
    }

    fn resize(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.set_desired(desired, ctx);
    }
}

impl Component for Group {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::TryAgain(index) => self.try_again(index as usize, ctx),
            Event::Launched(index) => self.on_launched(index as usize, ctx),
            Event::WarmedUp { instance, born } => self.on_warmed_up(instance as usize, born, ctx),
            Event::Noticed(index) => self.on_noticed(index as usize, ctx),
            Event::BatchDue => self.on_batch_due(ctx),
            Event::Measured => self.on_measured(ctx),
            Event::Scheduled(index) => {
                self.set_desired(self.parameters.scheduled[index as usize].1, ctx);
            }
        }
    }
}
