//! Hosts that are ordered when members do not find room: a capacity provider of ECS, or an autoscaler of nodes.
//!
//! Some time after a member found no room, hosts are ordered for all that wait then, less those that are on their way. A
//! launch that fails for want of capacity is tried again. Hosts that are no longer needed stay.

use sim_core::component::Context;
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::SimDuration;

use super::{HostState, Hosts, Signal};

/// A pool of hosts.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPool {
    /// Size at the start.
    pub desired: u64,
    /// There are never fewer for long: those that are gone are ordered anew.
    pub min: u64,
    /// There are never more.
    pub max: u64,
    /// Members that fit on each.
    pub room: u64,
    /// From a member that finds no room until hosts are ordered, in seconds.
    pub order_delay: Distribution,
    /// From the order of a host until it takes members, in seconds.
    pub launch_time: Distribution,
    /// Time until a failed launch is repeated.
    pub launch_retry: SimDuration,
}

impl HostPool {
    /// No host, for what goes on after a mistake.
    pub(crate) fn none() -> Self {
        let zero = Distribution::constant(0.0).expect("zero is a constant");
        let launch_retry = SimDuration::from_secs(60);
        Self { desired: 0, min: 0, max: 0, room: 1, order_delay: zero.clone(), launch_time: zero, launch_retry }
    }

    /// Members for which there is room at the start.
    pub const fn carries(&self) -> u64 {
        self.desired.saturating_mul(self.room)
    }
}

/// The condition of the region that a fleet stands in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) region_up: bool,
    pub(crate) control_up: bool,
    pub(crate) zones_up: Vec<bool>,
    /// The probability with which a launch fails for want of capacity.
    pub(crate) failing: f64,
}

impl Place {
    /// A region of so many zones.
    pub(crate) fn new(zones: usize) -> Self {
        Self { region_up: true, control_up: true, zones_up: vec![true; zones], failing: 0.0 }
    }

    /// Starts a trial, in which all is well but what always fails.
    pub(crate) fn begin(&mut self, failing: f64) {
        (self.region_up, self.control_up, self.failing) = (true, true, failing);
        self.zones_up.fill(true);
    }
}

/// Events of a pool.
#[derive(Debug, Clone, Copy)]
pub enum HostEvent {
    /// Hosts are ordered for members that wait.
    Decide,
    /// A host is ready.
    Launched {
        /// The host.
        host: u32,
        /// Its birth.
        born: u64,
    },
    /// A launch is tried again.
    TryAgain {
        /// The host.
        host: u32,
        /// Its birth.
        born: u64,
    },
}

/// A pool at work; its owner has a place for its events.
#[derive(Debug)]
pub(crate) struct Pool {
    parameters: HostPool,
    pub(crate) hosts: Hosts,
    order_delay: Variate,
    launch_time: Variate,
    attempts: Stream,
    /// Whether an order is due.
    deciding: bool,
    /// Whether each launch asks for its turn in the region.
    pub(crate) asks: bool,
}

impl Pool {
    pub(crate) fn new(parameters: &HostPool, path: &str, seed: u64) -> Self {
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        Self {
            hosts: Hosts::new(parameters.room),
            order_delay: variate(&parameters.order_delay, "host-order-delay"),
            launch_time: variate(&parameters.launch_time, "host-launch-time"),
            attempts: Stream::new(StreamId::new(seed, path, "host-launch-attempt")),
            deciding: false,
            asks: false,
            parameters: parameters.clone(),
        }
    }

    pub(crate) fn begin(&mut self, trial: Trial<'_>, zones: usize) {
        self.order_delay.begin(trial);
        self.launch_time.begin(trial);
        self.attempts.begin(trial);
        self.hosts.begin(self.parameters.desired, zones);
        self.deciding = false;
    }

    /// Hosts are gone: those that are missing for the least number are ordered.
    pub(crate) fn keep_least<E: From<HostEvent>>(&mut self, ctx: &mut Context<'_, E, Signal>) {
        if self.hosts.count() < self.parameters.min {
            self.lacks_room(ctx);
        }
    }

    /// A member found no room.
    pub(crate) fn lacks_room<E: From<HostEvent>>(&mut self, ctx: &mut Context<'_, E, Signal>) {
        if !self.deciding && self.hosts.count() < self.parameters.max {
            self.deciding = true;
            ctx.schedule_in(self.order_delay.draw_duration(), HostEvent::Decide.into());
        }
    }

    /// An order is due, and so many members wait.
    pub(crate) fn decide<E: From<HostEvent>>(&mut self, waiting: u64, place: &Place, ctx: &mut Context<'_, E, Signal>) {
        self.deciding = false;
        if !place.control_up {
            return;
        }
        let count = self.hosts.count();
        let least = self.parameters.min.saturating_sub(count);
        let orders = self.hosts.missing(waiting).max(least).min(self.parameters.max.saturating_sub(count));
        let mut ordered = 0;
        for _ in 0..orders {
            let Some(zone) = self.roomiest(place) else { break };
            let host = self.hosts.add(zone);
            ordered += 1;
            self.attempt(host, place, ctx);
        }
        if ordered > 0 {
            ctx.signal(Signal::HostsOrdered(ordered));
        }
    }

    /// The live zone with the fewest hosts.
    fn roomiest(&self, place: &Place) -> Option<usize> {
        let up = (0..place.zones_up.len()).filter(|&zone| place.zones_up[zone]);
        up.min_by_key(|&zone| (self.hosts.in_zone(zone), zone))
    }

    /// Tries to launch a host, or asks for its turn.
    fn attempt<E: From<HostEvent>>(&mut self, host: usize, place: &Place, ctx: &mut Context<'_, E, Signal>) {
        if self.asks && place.control_up {
            ctx.signal(Signal::HostAsks { host, born: self.hosts.of(host).born });
        } else {
            self.launch(host, place, ctx);
        }
    }

    /// The region's launch rate lets a host go on.
    pub(crate) fn granted<E: From<HostEvent>>(
        &mut self,
        host: usize,
        born: u64,
        place: &Place,
        ctx: &mut Context<'_, E, Signal>,
    ) {
        let it = self.hosts.of(host);
        if it.born == born && it.state == HostState::Ordered {
            self.launch(host, place, ctx);
        }
    }

    fn launch<E: From<HostEvent>>(&mut self, host: usize, place: &Place, ctx: &mut Context<'_, E, Signal>) {
        let (number, born) = (host as u32, self.hosts.of(host).born);
        let fails = !place.control_up || (place.failing > 0.0 && self.attempts.uniform() < place.failing);
        if fails {
            ctx.schedule_in(self.parameters.launch_retry, HostEvent::TryAgain { host: number, born }.into());
        } else {
            ctx.schedule_in(self.launch_time.draw_duration(), HostEvent::Launched { host: number, born }.into());
        }
    }

    /// An event of a host has come up. Returns whether a host is ready now.
    pub(crate) fn handle<E: From<HostEvent>>(
        &mut self,
        event: HostEvent,
        waiting: u64,
        place: &Place,
        ctx: &mut Context<'_, E, Signal>,
    ) -> bool {
        let (host, born, launched) = match event {
            HostEvent::Decide => {
                self.decide(waiting, place, ctx);
                return false;
            }
            HostEvent::Launched { host, born } => (host as usize, born, true),
            HostEvent::TryAgain { host, born } => (host as usize, born, false),
        };
        let it = self.hosts.of(host);
        if it.born != born || it.state != HostState::Ordered {
            return false;
        }
        if launched && place.region_up && place.zones_up[it.zone] {
            self.hosts.set(host, HostState::Ready);
            ctx.signal(Signal::HostReady(host));
            return true;
        }
        if !place.zones_up[it.zone]
            && let Some(zone) = self.roomiest(place)
        {
            self.hosts.move_to(host, zone);
        }
        self.attempt(host, place, ctx);
        false
    }
}
