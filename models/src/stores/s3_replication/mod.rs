//! Amazon S3 with Cross-Region Replication (CRR), with or without a Multi-Region Access Point.
//!
//!   path to the active bucket lost: decision --dial turned--> endpoint update --shift time--> the other bucket serves

mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{StreamId, Trial, Variate};
use sim_core::time::SimTime;

use crate::about::About;
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::stores::replicated_items::Items;
use crate::stores::{Availability, Loss, Restored, Service, Settings, Signal, Site};
use crate::world::World;

pub use spec::{AccessPoint, Parameters};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "S3 with cross-region replication",
    modelled: "buckets that replicate one way or both ways; objects that replicate independently with a delay, shorter with \
         Replication Time Control (RTC); objects in flight when a region is cut off, which are stranded until it \
         returns, lost if it was destroyed, or shadowed by newer versions; objects that a partition delays; objects \
         that wait for a bucket that is out, which has them as soon as it is back, and which go away with their own \
         region if that follows; everything is lost where every bucket is destroyed; an access point that redirects \
         by itself (active-active) or when somebody turns its dial. With one-way replication a replica accepts writes \
         like any bucket, and nothing takes them elsewhere: they count as delayed while it lives, as stranded or lost \
         when its region goes out",
    not_modelled: "delete markers, order between objects, versions that are all kept, reads of objects that have not arrived \
         yet, bandwidth (1 Gbps per account and pair with RTC), replication that fails and is not retried",
    sources: "thresholds of RTC: documented; distributions, and the time of a dial: assumed",
};

/// Requests follow the access point's dial.
#[derive(Debug, Clone, Copy)]
pub struct DialTurned {
    to: RegionId,
    /// Which turn this belongs to; a later one overrides it.
    turn: u32,
}

/// Replicated buckets at work.
#[derive(Debug)]
pub struct Buckets {
    parameters: Parameters,
    items: Items,
    shift_time: Option<Variate>,

    active: Option<RegionId>,
    turns: u32,
    turning: bool,
    turned: bool,
}

impl Buckets {
    /// Buckets at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let replicates = |from, _| parameters.from.is_none_or(|source| source == from);
        let (delay, rewrites) = (&parameters.replication_delay, parameters.rewrite_rate);
        let shift_time = parameters.access_point.as_ref().map(|access_point| {
            Variate::new(access_point.shift_time.clone(), StreamId::new(site.seed, site.path, "shift-time"))
        });
        Self {
            items: Items::new(&parameters.regions, replicates, delay, rewrites, site),
            shift_time,
            active: None,
            turns: 0,
            turning: false,
            turned: false,
            parameters: parameters.clone(),
        }
    }

    /// Through an access point with one active bucket: there or nowhere.
    fn through_dial(&self, active: RegionId, region: RegionId, world: &World) -> Availability {
        if world.reaches(region, active) {
            return Availability::works(active);
        }
        let cause = if self.turning {
            Cause::EndpointUpdate
        } else if self.turned && world.up(active) {
            Cause::NoPath
        } else {
            Cause::Decision
        };
        Availability::fails(cause, true)
    }
}

impl Service for Buckets {
    fn begin(&mut self, trial: Trial<'_>) {
        self.items.begin(trial);
        if let Some(shift_time) = &mut self.shift_time {
            shift_time.begin(trial);
        }
        self.active = self.parameters.access_point.as_ref().and_then(|access_point| access_point.active);
        (self.turns, self.turning, self.turned) = (0, false, false);
    }

    /// A read or a write from a region. An application that names its bucket stays with it; an access point finds another.
    fn access(&self, _: usize, _: Access, region: RegionId, world: &World) -> Availability {
        let buckets = &self.parameters.regions;
        match (&self.parameters.access_point, self.active) {
            (Some(_), Some(active)) => self.through_dial(active, region, world),
            (Some(_), None) => crate::stores::nearest_copy(buckets, region, world),
            (None, _) => match world.closest(region, buckets) {
                Some(own) if world.reaches(region, own) => Availability::works(own),
                _ => Availability::fails(Cause::Dependency, false),
            },
        }
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, DialTurned, Signal>) {
        self.items.world_changed(world, ctx.now());
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.items.acknowledges(rates, now);
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        self.items.stalls(from, to, begins);
    }

    fn destroyed(&mut self, region: RegionId) {
        self.items.destroyed(region);
    }

    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, DialTurned, Signal>) {
        self.items.restored(restored.point, world, ctx.now());
        self.world_changed(world, ctx);
    }

    fn direct(&mut self, to: RegionId, ctx: &mut Context<'_, DialTurned, Signal>) -> bool {
        let Some(shift_time) = self.shift_time.as_mut().filter(|_| self.parameters.directs(to)) else { return false };
        let changes = self.turning || self.active != Some(to);
        self.turns += 1;
        self.turning = true;
        ctx.schedule_in(shift_time.draw_duration(), DialTurned { to, turn: self.turns });
        ctx.signal(Signal::Changed);
        changes
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.items.lag()
    }

    fn complete(&self) -> bool {
        self.items.complete()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        self.items.loss(end)
    }
}

impl Component for Buckets {
    type Event = DialTurned;
    type Signal = Signal;

    fn handle(&mut self, event: DialTurned, ctx: &mut Context<'_, DialTurned, Signal>) {
        if event.turn == self.turns {
            self.active = Some(event.to);
            (self.turning, self.turned) = (false, true);
            ctx.signal(Signal::Directed(event.to));
        }
    }
}
