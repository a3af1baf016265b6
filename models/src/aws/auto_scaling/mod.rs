//! EC2 Auto Scaling: how many instances a region has, and when more of them serve.

mod members;
mod spec;
mod target_tracking;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::time::SimTime;

use members::State;
use target_tracking::{Tracking, Verdict};

pub use members::Members;
pub use spec::{Parameters, Scaling, WarmPool};
pub use target_tracking::Datapoint;

use crate::about::About;

/// What is modelled of it.
pub const ABOUT: About = About {
    name: "EC2 Auto Scaling",
    modelled: "a desired size within min and max; replacement of dead instances after a delay; launches that take time, \
         fail for want of capacity and are repeated; warm-up; target tracking on 1-minute datapoints (3 of 3 above \
         the target, 15 of 15 below nine tenths of it); scheduled capacity; warm pools",
    not_modelled: "lifecycle hooks, instance refresh, rebalancing between zones, limits on API calls, mixed instances; a warm \
         pool is not filled again within a trial",
    sources: "target tracking cadence, warm-up: documented; launch latency: no published figure, assumed",
};

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
    /// A datapoint of it arrives.
    DatapointArrives(Datapoint),
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

/// One region's group.
#[derive(Debug)]
pub struct Group {
    parameters: Parameters,
    launch_time: Variate,
    pool_time: Option<Variate>,
    attempts: Stream,
    replacement: Variate,

    desired: u64,
    pool: u64,
    members: Members,
    tracking: Option<Tracking>,
    failing: f64,
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
            desired: parameters.desired,
            pool: 0,
            members: Members::default(),
            tracking: parameters.scaling.map(tracking),
            failing: 0.0,
            region_up: true,
            control_up: true,
            zones_up: vec![true; parameters.zones],
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial with the desired number of instances in service, spread over the zones from the first. Metric
    /// periods end at `first_minute` and every minute after.
    pub fn begin(&mut self, trial: u64, first_minute: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.launch_time.begin(trial);
        if let Some(time) = &mut self.pool_time {
            time.begin(trial);
        }
        self.attempts.begin(trial);
        self.replacement.begin(trial);
        self.desired = self.parameters.desired;
        self.pool = self.parameters.warm_pool.as_ref().map_or(0, |pool| pool.instances);
        self.members.begin(self.desired, self.parameters.zones);
        self.failing = self.parameters.insufficient_capacity;
        (self.region_up, self.control_up) = (true, true);
        self.zones_up.fill(true);
        if let Some(tracking) = &mut self.tracking {
            tracking.begin(trial, first_minute, ctx);
        }
        for (index, &(at, _)) in self.parameters.scheduled.iter().enumerate() {
            ctx.schedule_at(SimTime::ZERO + at, Event::Scheduled(index as u32));
        }
    }

    /// Its instances.
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// The size that the group aims at.
    pub const fn desired(&self) -> u64 {
        self.desired
    }

    /// Load over capacity of the serving instances, from now on; what `CloudWatch` averages.
    #[inline]
    pub fn set_utilization(&mut self, utilization: f64, ctx: &mut Context<'_, Event, Signal>) {
        let serving = self.serving();
        if let Some(tracking) = &mut self.tracking {
            tracking.set_utilization(utilization, serving, ctx);
        }
    }

    /// A new target passed its first probe: it warms up now.
    pub fn serves(&mut self, instance: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(instance).state == State::Registering {
            self.members.set_state(instance, State::Warming);
            let born = self.members.of(instance).born;
            ctx.schedule_in(self.parameters.warm_up, Event::WarmedUp { instance: instance as u32, born });
        }
    }

    /// An instance died, or came back before the group noticed; returns whether the load balancer's target did, too.
    pub fn set_live(&mut self, instance: usize, live: bool, ctx: &mut Context<'_, Event, Signal>) -> bool {
        match (self.members.of(instance).state, live) {
            (State::Registering | State::Warming | State::InService, false) => {
                self.note_change(ctx);
                let delay = self.replacement.draw_duration();
                let noticed = ctx.schedule_in(delay, Event::DeathNoticed(instance as u32));
                self.members.set_state(instance, State::Dead { noticed });
                true
            }
            (State::Dead { noticed }, true) => {
                self.note_change(ctx);
                ctx.cancel(noticed);
                self.members.set_state(instance, State::InService);
                true
            }
            _ => false,
        }
    }

    /// Notes which occurrence of a fault an instance failed by, or that none keeps it down.
    pub fn blame(&mut self, instance: usize, occurrence: Option<usize>) {
        self.members.blame(instance, occurrence);
    }

    /// The condition of the region, its control plane and its zones changed.
    pub fn set_place(&mut self, region_up: bool, control_up: bool, ctx: &mut Context<'_, Event, Signal>) {
        if region_up != self.region_up {
            self.note_change(ctx);
            self.region_up = region_up;
        }
        self.control_up = control_up;
        if control_up {
            for index in 0..self.members.places() {
                if self.members.of(index).waits {
                    self.relocate(index);
                    self.attempt(index, ctx);
                }
                if self.members.of(index).state == State::DeadNoticed {
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
        if let Some(tracking) = &mut self.tracking {
            tracking.set_measured(measured);
        }
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

    /// How many instances are in service, if the region is up.
    fn serving(&self) -> Option<f64> {
        self.region_up.then(|| f64::from(self.members.in_service()))
    }

    /// Orders what is missing, each in the live zone with the fewest.
    fn order(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        if !self.control_up {
            return;
        }
        while self.members.count() < self.desired {
            let Some(zone) = self.roomiest_zone() else { return };
            let from_pool = self.pool > 0;
            self.pool -= u64::from(from_pool);
            let index = self.members.add(zone, from_pool);
            ctx.signal(Signal::Ordered(index));
            self.attempt(index, ctx);
        }
    }

    fn roomiest_zone(&self) -> Option<usize> {
        let up = (0..self.zones_up.len()).filter(|&zone| self.zones_up[zone]);
        up.min_by_key(|&zone| (self.members.populated(zone), zone))
    }

    fn attempt(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.set_waiting(index, !self.control_up);
        if !self.control_up {
            return;
        }
        let from_pool = self.members.of(index).from_pool;
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
        if self.zones_up[self.members.zone_of(index)] {
            return true;
        }
        match self.roomiest_zone() {
            Some(zone) => {
                self.members.relocate(index, zone);
                false
            }
            None => false,
        }
    }

    fn terminate(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.remove(index);
        ctx.signal(Signal::Terminated(index));
    }

    /// Lets the youngest leave while there are more members than desired.
    fn shrink(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        while self.members.count() > self.desired {
            let Some(youngest) = self.members.youngest() else { return };
            self.terminate(youngest, ctx);
        }
    }

    /// Adds up what held until now, before something changes.
    fn note_change(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let serving = self.serving();
        if let Some(tracking) = &mut self.tracking {
            tracking.note_change(serving, ctx);
        }
    }

    fn on_minute_end(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let serving = self.serving();
        if let Some(tracking) = &mut self.tracking {
            tracking.on_minute_end(serving, ctx);
        }
    }

    fn on_datapoint(&mut self, point: Datapoint, ctx: &mut Context<'_, Event, Signal>) {
        let Some(tracking) = &mut self.tracking else { return };
        let Some(verdict) = tracking.judge(point) else { return };
        let size = match verdict {
            Verdict::Grow(size) => size.min(self.parameters.max).max(self.desired),
            Verdict::Shrink(size) if self.control_up && !self.members.pending() => {
                size.max(self.parameters.min).min(self.desired)
            }
            Verdict::Shrink(_) | Verdict::Stay => self.desired,
        };
        if size != self.desired {
            self.set_desired(size, ctx);
        } else if point.quiet {
            tracking.sleep(ctx);
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
                    self.members.set_state(index, State::Registering);
                    ctx.signal(Signal::Launched(index));
                } else {
                    self.attempt(index, ctx);
                }
            }
            Event::WarmedUp { instance, born } => {
                let index = instance as usize;
                let it = self.members.of(index);
                if it.state == State::Warming && it.born == born {
                    self.note_change(ctx);
                    self.members.set_state(index, State::InService);
                }
            }
            Event::DeathNoticed(index) => {
                if self.control_up {
                    self.terminate(index as usize, ctx);
                    self.order(ctx);
                } else {
                    self.members.set_state(index as usize, State::DeadNoticed);
                }
            }
            Event::MinuteEnds => self.on_minute_end(ctx),
            Event::DatapointArrives(point) => self.on_datapoint(point, ctx),
            Event::Scheduled(index) => self.set_desired(self.parameters.scheduled[index as usize].1, ctx),
        }
    }
}
