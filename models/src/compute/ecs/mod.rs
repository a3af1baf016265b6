//! Amazon ECS: how many tasks a service has in a region, and when more of them serve.
//!
//! A task that is gone is replaced at once. One that is found unhealthy goes on until its successor is healthy: the
//! successor starts first, as far as the ceiling of the service allows; where it does not, unhealthy tasks stop one by one
//! to make room. A task on Fargate needs a turn of the region's launch rate and capacity of a zone; one on instances needs
//! room on them.

mod launches;
mod replacement;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

pub(crate) use spec::ServiceKeys;
pub use spec::{BUCKET, Parameters, Room};

use super::fleet::{HostEvent, Housed as _, Members, Place, Pool, Signal, Size, Stage, Tracked, Tracking};
use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "ECS",
    modelled: "tasks on Fargate, with the launch rate of the region that all services of the file share, or on instances, with their \
         room and a capacity provider that orders more; a task that is gone, replaced at once, and an unhealthy one, whose \
         successor starts first within the maximum percent; failed starts that are repeated ever more slowly; target tracking \
         on datapoints of a minute or of 20 s, with a cooldown after scale-in",
    not_modelled: "deployments and their minimum healthy percent, rebalancing between zones, Spot, draining of tasks that stop, \
         scheduled scaling, scale-in of instances, the limit of tasks that one service starts per minute, the queue of a cluster \
         for tasks without room",
    sources: "order of replacement, ceiling, launch rate, cooldown and cadence: documented; times of starts: no published figure, assumed",
};

/// Events of a service.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A start is tried again.
    TryAgain {
        /// The task.
        task: u32,
        /// Its birth: the place may belong to another by now.
        born: u64,
    },
    /// A task runs.
    Started {
        /// The task.
        task: u32,
        /// Its birth.
        born: u64,
    },
    /// The service notices that a task is gone or unhealthy.
    Noticed {
        /// The task.
        task: u32,
        /// Its birth.
        born: u64,
    },
    /// A datapoint of the utilisation arrives, or a period of it ends.
    Measured,
    /// Something happens to an instance.
    Host(HostEvent),
}

impl From<HostEvent> for Event {
    fn from(event: HostEvent) -> Self {
        Self::Host(event)
    }
}

/// A service in one region.
#[derive(Debug)]
pub struct Service {
    parameters: Parameters,
    /// Whether a load balancer tells which tasks are unhealthy; else the checks of containers do.
    balanced: bool,
    launch_time: Variate,
    attempts: Stream,
    needs: Stream,
    notice: Variate,
    container_check: Variate,

    desired: u64,
    members: Members,
    /// Tasks that are unhealthy and wait for their successors, the longest waiting first.
    unhealthy: VecDeque<usize>,
    tracking: Option<Tracking>,
    /// The last scale-in by the policy.
    shrunk: Option<SimTime>,
    place: Place,
    /// The probability with which something that a start needs fails.
    needs_failing: f64,
    pool: Option<Pool>,
}

impl Service {
    /// A service whose streams are named after `path`; datapoints arrive `ingestion` after their period.
    pub fn new(
        parameters: &Parameters,
        balanced: bool,
        ingestion: &Distribution,
        path: &str,
        seed: u64,
        eager: bool,
    ) -> Self {
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let pool = match &parameters.room {
            Room::Fargate => None,
            Room::Instances(pool) => Some(Pool::new(pool, path, seed)),
        };
        Self {
            balanced,
            launch_time: variate(&parameters.launch_time, "launch-time"),
            attempts: Stream::new(StreamId::new(seed, path, "launch-attempt")),
            needs: Stream::new(StreamId::new(seed, path, "launch-needs")),
            notice: variate(&parameters.replacement_delay, "replacement-delay"),
            container_check: variate(&parameters.container_check, "container-check"),
            desired: parameters.desired,
            members: Members::default(),
            unhealthy: VecDeque::new(),
            tracking: parameters.scaling.map(|scaling| Tracking::new(scaling, ingestion, path, seed, eager)),
            shrunk: None,
            place: Place::new(parameters.zones),
            needs_failing: 0.0,
            pool,
            parameters: parameters.clone(),
        }
    }

    /// The same, whose hosts ask for their turn in the region when they are launched.
    #[must_use]
    pub fn asking(mut self, asks: bool) -> Self {
        if let Some(pool) = &mut self.pool {
            pool.asks = asks;
        }
        self
    }

    /// The region's launch rate lets a host go on.
    pub fn host_turn(&mut self, host: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.host_granted(host, born, ctx);
    }

    /// Starts a trial with the desired number of tasks in service, spread over the zones from the first. The first of what
    /// its datapoints average ends at `first_end`.
    pub fn begin(&mut self, trial: Trial<'_>, first_end: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.launch_time.begin(trial);
        self.notice.begin(trial);
        self.container_check.begin(trial);
        self.attempts.begin(trial);
        self.needs.begin(trial);
        self.desired = self.parameters.desired;
        self.members.begin(self.desired, self.parameters.zones);
        self.unhealthy.clear();
        self.shrunk = None;
        self.place.begin(self.parameters.insufficient_capacity);
        self.needs_failing = 0.0;
        if let Some(pool) = &mut self.pool {
            pool.begin(trial, self.parameters.zones);
            pool.hosts.settle(&mut self.members);
        }
        if let Some(tracking) = &mut self.tracking {
            tracking.begin(trial, first_end, Event::Measured, ctx);
        }
    }

    /// Its tasks.
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// Time from one datapoint to the next that it scales by, if it does.
    pub fn datapoint_every(&self) -> Option<SimDuration> {
        self.parameters.scaling.map(|scaling| scaling.datapoint_every())
    }

    /// The number of tasks that the service aims at.
    pub const fn desired(&self) -> u64 {
        self.desired
    }

    /// Load over capacity of the tasks that get requests, from now on, and their share of those that serve; what
    /// `CloudWatch` averages is over all of these.
    #[inline]
    pub fn set_utilization(&mut self, utilization: f64, busy: f64, ctx: &mut Context<'_, Event, Signal>) {
        self.track(utilization, busy, ctx);
    }

    /// A new task is healthy.
    pub fn serves(&mut self, task: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(task).stage == Stage::Registering {
            self.note_change(ctx);
            self.members.change(task, |it| (it.stage, it.in_rotation) = (Stage::Warm, true));
            self.reconcile(ctx);
        }
    }

    /// Notes that an occurrence of a fault struck the application of a task.
    pub fn note_strike(&mut self, occurrence: usize, task: usize) {
        self.members.note_strike(occurrence, task);
    }

    /// The next of the tasks that this occurrence struck and nobody replaced; once for each.
    pub fn next_struck(&mut self, occurrence: usize) -> Option<usize> {
        self.members.forget_strike(occurrence)
    }

    /// The condition of the region and of its control plane changed.
    pub fn set_place(&mut self, region_up: bool, control_up: bool, ctx: &mut Context<'_, Event, Signal>) {
        if region_up != self.place.region_up {
            self.note_change(ctx);
            self.place.region_up = region_up;
        }
        self.place.control_up = control_up;
        if control_up {
            self.resume(ctx);
            self.reconcile(ctx);
        }
    }

    /// The probability with which a launch fails for want of capacity, from now on.
    pub fn set_failing(&mut self, probability: f64) {
        let own = self.parameters.insufficient_capacity;
        self.place.failing = 1.0 - (1.0 - own) * (1.0 - probability);
    }

    /// The probability with which something that a start needs fails, from now on.
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

    /// Somebody sets the desired number. Returns whether that is another one.
    pub fn set_desired(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let desired = desired.clamp(self.parameters.min, self.parameters.max);
        if desired == self.desired {
            return false;
        }
        self.note_change(ctx);
        self.desired = desired;
        ctx.signal(Signal::Resized(desired));
        self.reconcile(ctx);
        true
    }
}

impl Tracked for Service {
    fn measured() -> Event {
        Event::Measured
    }

    fn tracking(&mut self) -> Option<&mut Tracking> {
        self.tracking.as_mut()
    }

    fn serving(&self) -> Option<f64> {
        self.place.region_up.then(|| f64::from(self.members.in_service()))
    }

    fn bounds(&self) -> Size {
        Size { min: self.parameters.min, desired: self.desired, max: self.parameters.max }
    }

    fn may_shrink(&self, now: SimTime) -> bool {
        let cooled = self.shrunk.is_none_or(|shrunk| now >= shrunk + self.parameters.scale_in_cooldown);
        self.place.control_up && cooled
    }

    fn resize(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) {
        if desired < self.desired {
            self.shrunk = Some(ctx.now());
        }
        self.set_desired(desired, ctx);
    }
}

impl Component for Service {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::TryAgain { task, born } => self.try_again(task as usize, born, ctx),
            Event::Started { task, born } => self.on_started(task as usize, born, ctx),
            Event::Noticed { task, born } => self.on_noticed(task as usize, born, ctx),
            Event::Measured => self.on_measured(ctx),
            Event::Host(event) => self.on_host(event, ctx),
        }
    }
}
