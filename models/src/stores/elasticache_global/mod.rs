//! Amazon `ElastiCache` Global Datastore: one primary region, read-only copies that follow it.
//!
//! The hit ratio of a cold copy grows as h(t) = h (1 - exp(-t / tau)). Flows are constant between events, so that a copy
//! warms in 256 steps of tau / 32, each with the mean of h(t) over it: the number of misses is exact at the end of each
//! step, the instant at which some hit ratio is reached to within a step. After 8 tau (all but 0.03 % of h) it counts as
//! warm. A miss that fails fills nothing: the copy warms at the pace of the share of its misses that are served, as seen
//! from its own region. How many there are does not change the pace.

mod spec;
#[cfg(test)]
mod tests;
mod warming;

use sim_core::component::{Component, Context};
use sim_core::random::Trial;
use sim_core::time::SimTime;

use crate::about::About;
use crate::by_id::ById;
use crate::cause::Cause;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::stores::replicated_log::{self, Outlet, ReplicatedLog};
use crate::stores::{Attempt, Availability, Loss, Restored, Service, Signal, Site};
use crate::world::World;

use warming::Warming;

pub use spec::{Cache, Parameters};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "ElastiCache Global Datastore",
    modelled: "local reads, if stated not while a promotion modifies the datastore; writes to the primary; loss of what \
         the promoted copy lacks; promotion by a runbook, applications that are repointed afterwards; in-region \
         failover to a zone that is up, or the wait for one, and the address that each region keeps of the former \
         one; a promotion that stops the former primary as soon as it reaches it, and after which all other copies \
         are synchronised in full, unreadable meanwhile; a primary whose region was destroyed, which stays away when \
         its region returns, until another copy is promoted; a copy that is detached. As a cache (`backs`): misses and \
         whatever the cache does not answer load what it backs; a copy is cold when its region comes back, and \
         warms up; one that was synchronised in full is as warm as the primary",
    not_modelled: "writes that an in-region failover loses, shards and their slots, eviction, promotions in parallel, writing \
         through the cache to what it backs; few requests that fill a cache more slowly than many do (where there are none, nothing \
         fills it)",
    sources: "promotion about 1 min, lag under 1 s: documented; distributions: assumed",
};

/// Events of a datastore.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Something happens to its log.
    Log(replicated_log::Event),
    /// A copy has warmed for another step.
    Warms {
        /// The copy's region.
        region: RegionId,
        /// Which warming this belongs to; a later one overrides it.
        warming: u32,
    },
}

/// Lets the log speak through the datastore's context.
struct Inner<'a, 'b>(&'a mut Context<'b, Event, Signal>);

impl Outlet for Inner<'_, '_> {
    fn now(&self) -> SimTime {
        self.0.now()
    }

    fn schedule_at(&mut self, time: SimTime, event: replicated_log::Event) {
        self.0.schedule_at(time, Event::Log(event));
    }

    fn signal(&mut self, signal: Signal) {
        self.0.signal(signal);
    }
}

/// A datastore at work.
#[derive(Debug)]
pub struct Datastore {
    parameters: Parameters,
    log: ReplicatedLog,
    up: ById<RegionId, bool>,
    warming: Warming,
}

impl Datastore {
    /// A datastore at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let count = site.regions.len();
        Self {
            log: ReplicatedLog::new(&parameters.log, site),
            up: ById::new(count, true),
            warming: Warming::new(count),
            parameters: parameters.clone(),
        }
    }

    /// A copy starts cold.
    fn cool(&mut self, region: RegionId, ctx: &mut Context<'_, Event, Signal>) {
        if self.parameters.cache.is_some() {
            self.warming.cool(region, ctx.now());
            self.warm_on(region, ctx);
        }
    }

    fn warm_on(&mut self, region: RegionId, ctx: &mut Context<'_, Event, Signal>) {
        ctx.signal(Signal::Changed);
        let Some(cache) = &self.parameters.cache else { return };
        if let Some((rest, warming)) = self.warming.rest(region, cache.warm_up) {
            ctx.schedule_in(rest, Event::Warms { region, warming });
        }
    }
}

impl Service for Datastore {
    fn begin(&mut self, trial: Trial<'_>) {
        self.log.begin(trial);
        self.up.fill(true);
        self.warming.begin();
    }

    fn access(&self, _: usize, access: Access, region: RegionId, world: &World) -> Availability {
        if access == Access::Read && self.log.modifying() && !self.parameters.reads_while_modifying {
            return Availability::fails(Cause::Promotion, false);
        }
        self.log.access(0, access, region, world)
    }

    fn hit_ratio(&self, at: RegionId) -> f64 {
        self.parameters.cache.as_ref().map_or(1.0, |cache| cache.hit_ratio * self.warming.warmth(at))
    }

    /// Places or paths changed: a copy that went down with its region comes back empty.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.log.places_changed(world, &mut Inner(ctx));
        for region in self.up.ids() {
            let was_up = std::mem::replace(&mut self.up[region], world.up(region));
            if !was_up && self.up[region] {
                self.cool(region, ctx);
            }
        }
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.log.acknowledges(rates, now);
    }

    fn errs(&mut self, region: RegionId, erring: bool) {
        self.log.errs(region, erring);
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        self.log.stalls(from, to, begins);
    }

    fn destroyed(&mut self, region: RegionId) {
        self.log.destroyed(region);
    }

    fn promote(&mut self, attempt: Attempt, _: &World, ctx: &mut Context<'_, Event, Signal>) -> bool {
        self.log.begin_promotion(attempt, &mut Inner(ctx))
    }

    fn needs_promotion(&self, to: RegionId) -> bool {
        self.log.is_in_need(to)
    }

    fn repoint(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.log.tell_applications(&mut Inner(ctx));
    }

    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.log.come_back(restored, world, &mut Inner(ctx));
    }

    fn misses_served(&mut self, at: RegionId, share: f64, ctx: &mut Context<'_, Event, Signal>) {
        let Some(cache) = &self.parameters.cache else { return };
        if self.warming.set_pace(at, share, cache.warm_up, ctx.now()) {
            self.warm_on(at, ctx);
        }
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.log.lag()
    }

    fn complete(&self) -> bool {
        self.log.complete()
    }

    fn present_writer(&self) -> Option<RegionId> {
        Some(self.log.writer())
    }

    fn passed(&self) -> f64 {
        self.log.passed()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        self.log.loss(end)
    }
}

impl Component for Datastore {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Log(event) => {
                let before = self.log.writer();
                self.log.on(event, &mut Inner(ctx));
                let primary = self.log.writer();
                if let replicated_log::Event::RebuildEnds { region, .. } = event
                    && self.log.holds(region)
                    && self.parameters.cache.is_some()
                {
                    self.warming.equal(region, primary);
                    self.warm_on(region, ctx);
                }
                let cold = self.parameters.cache.as_ref().is_some_and(|cache| cache.cold_when_promoted);
                if primary != before && cold {
                    self.cool(primary, ctx);
                }
            }
            Event::Warms { region, warming } => {
                if self.warming.advance(region, warming, ctx.now()) {
                    self.warm_on(region, ctx);
                }
            }
        }
    }
}
