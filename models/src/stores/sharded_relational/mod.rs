//! A relational database in shards: each population's data lives in one of them, each of them an Aurora Global Database
//! with a writer of its own.
//!
//! A request meets the shard of its population: the flow solver keeps a set of chains for every group of populations that
//! share all shards, a single one where no store has any. A deep check belongs to no population and looks at every shard,
//! so that one that fails takes the check down with it.

mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::Trial;
use sim_core::time::SimTime;

use crate::about::About;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::stores::replicated_log::{self, Outlet, Place, ReplicatedLog};
use crate::stores::{Attempt, Availability, Loss, Promotion, Restored, Service, Signal, Site};
use crate::world::World;

pub use spec::{Parameters, Shard};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Sharded relational",
    modelled: "shards by population, each with the log, the cuts, the promotion and the endpoints of Aurora and with \
         draws of its own; a promote step that moves the writers which do not answer its target, all at once, and \
         ends with the last of them; copies that are whole again when those of all shards are",
    not_modelled: "accesses across shards, populations that move between shards, a router between applications and shards, \
         zones of writers that are not drawn",
    sources: "those of Aurora; that shards fail one by one is the point of them",
};

/// Events of a shard.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    shard: usize,
    what: replicated_log::Event,
}

/// A step that makes copies of shards in a region their writers.
#[derive(Debug, Clone, Copy)]
struct Step {
    how: Promotion,
    to: RegionId,
    /// Whether all that have ended had an effect.
    effective: bool,
    /// Whether any of them was detached.
    detached: bool,
    /// Whether none of them has begun: their copies are not whole.
    waits: bool,
}

/// Lets a shard's log speak through the context of all, but for what is said once for all of them: the end of a promotion
/// is kept back until all of them have ended.
struct Inner<'a, 'b> {
    ctx: &'a mut Context<'b, Event, Signal>,
    shard: usize,
    steps: &'a mut [Step],
    /// Whether all copies of a shard are whole again.
    rebuilt: bool,
    /// Whether applications were told of a detached shard.
    repointed: bool,
}

impl<'a, 'b> Inner<'a, 'b> {
    fn new(ctx: &'a mut Context<'b, Event, Signal>, shard: usize, steps: &'a mut [Step]) -> Self {
        Self { ctx, shard, steps, rebuilt: false, repointed: false }
    }

    fn ended(&mut self, to: RegionId, effective: bool, detached: bool) {
        for step in self.steps.iter_mut().filter(|step| step.to == to) {
            step.effective &= effective;
            step.detached |= detached;
        }
    }
}

impl Outlet for Inner<'_, '_> {
    fn now(&self) -> SimTime {
        self.ctx.now()
    }

    fn schedule_at(&mut self, time: SimTime, what: replicated_log::Event) {
        self.ctx.schedule_at(time, Event { shard: self.shard, what });
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Promoted(to) => self.ended(to, true, false),
            Signal::Detached(to) => self.ended(to, true, true),
            Signal::PromotionFailed { to, .. } => self.ended(to, false, false),
            Signal::AllRebuilt => self.rebuilt = true,
            Signal::Repointed => self.repointed = true,
            // Said where the step is taken, unless that waits: then by the first that begins.
            Signal::PromotionBegan { how, to } => {
                for step in self.steps.iter_mut().filter(|step| step.to == to) {
                    if std::mem::take(&mut step.waits) {
                        self.ctx.signal(Signal::PromotionBegan { how, to });
                    }
                }
            }
            Signal::SwitchOverWaits(_) => {}
            other => self.ctx.signal(other),
        }
    }
}

/// The shards at work.
#[derive(Debug)]
pub struct Shards {
    logs: Vec<ReplicatedLog>,
    regions: usize,
    /// Steps that have not ended for all shards.
    steps: Vec<Step>,
}

impl Shards {
    /// Shards at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let logs = parameters.shards.iter().enumerate().map(|(index, shard)| {
            let path = format!("{}/shard-{index}", site.path);
            let place = Place { writer: shard.writer, ..parameters.log.place.clone() };
            let log = replicated_log::Parameters { place, ..parameters.log.clone() };
            ReplicatedLog::new(&log, Site { path: &path, ..site })
        });
        Self { logs: logs.collect(), regions: site.regions.len(), steps: Vec::new() }
    }

    /// Says which steps have ended for all shards.
    fn end_steps(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let logs = &self.logs;
        self.steps.retain(|&Step { how, to, effective, detached, .. }| {
            let goes_on = logs.iter().any(|log| log.awaits(to));
            if !goes_on {
                ctx.signal(match (effective, detached) {
                    (false, _) => Signal::PromotionFailed { how, to },
                    (true, true) => Signal::Detached(to),
                    (true, false) => Signal::Promoted(to),
                });
            }
            goes_on
        });
    }
}

impl Service for Shards {
    fn begin(&mut self, trial: Trial<'_>) {
        for shard in &mut self.logs {
            shard.begin(trial);
        }
        self.steps.clear();
    }

    fn access(&self, shard: usize, access: Access, region: RegionId, world: &World) -> Availability {
        self.logs[shard].access(0, access, region, world)
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        for (shard, log) in self.logs.iter_mut().enumerate() {
            log.places_changed(world, &mut Inner::new(ctx, shard, &mut self.steps));
        }
    }

    /// Row by row, one for each shard.
    #[inline(never)]
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, rates) in self.logs.iter_mut().zip(rates.chunks_exact(self.regions)) {
            log.acknowledges(rates, now);
        }
    }

    fn errs(&mut self, region: RegionId, erring: bool) {
        for shard in &mut self.logs {
            shard.errs(region, erring);
        }
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        for shard in &mut self.logs {
            shard.stalls(from, to, begins);
        }
    }

    fn destroyed(&mut self, region: RegionId) {
        for shard in &mut self.logs {
            shard.destroyed(region);
        }
    }

    /// Promotes the copies of all shards that need it. Promotions that are under way already are waited for as well.
    fn promote(&mut self, attempt: Attempt, _: &World, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let Attempt { how, to, .. } = attempt;
        let mut begun = false;
        for (shard, log) in self.logs.iter_mut().enumerate() {
            begun |= log.begin_promotion(attempt, &mut Inner::new(ctx, shard, &mut self.steps));
        }
        let known = self.steps.iter().any(|step| step.to == to);
        if !known && self.logs.iter().any(|log| log.awaits(to)) {
            let waits = self.logs.iter().all(|log| !log.modifying());
            self.steps.push(Step { how, to, effective: true, detached: false, waits });
            ctx.signal(if waits { Signal::SwitchOverWaits(to) } else { Signal::PromotionBegan { how, to } });
        }
        begun
    }

    fn needs_promotion(&self, to: RegionId) -> bool {
        self.logs.iter().any(|log| log.is_in_need(to))
    }

    fn repoint(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let mut told = false;
        for (shard, log) in self.logs.iter_mut().enumerate() {
            let mut inner = Inner::new(ctx, shard, &mut self.steps);
            log.tell_applications(&mut inner);
            told |= inner.repointed;
        }
        if told {
            ctx.signal(Signal::Repointed);
        }
    }

    /// All shards, each with its writer in that region.
    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        let mut rebuilt = false;
        for (shard, log) in self.logs.iter_mut().enumerate() {
            let mut inner = Inner::new(ctx, shard, &mut self.steps);
            log.come_back(restored, world, &mut inner);
            rebuilt |= inner.rebuilt;
        }
        if rebuilt {
            ctx.signal(Signal::AllRebuilt);
        }
        self.end_steps(ctx);
    }

    /// That of the shard whose copies are worst off: cut off the longest, or else the furthest behind.
    fn lag(&self) -> (f64, Option<SimTime>) {
        let lags = self.logs.iter().map(ReplicatedLog::lag);
        let worse = |one: (f64, Option<SimTime>), other: (f64, Option<SimTime>)| match (one.1, other.1) {
            (Some(since), Some(later)) if later < since => other,
            (None, Some(_)) => other,
            (None, None) if other.0 > one.0 => other,
            _ => one,
        };
        lags.reduce(worse).unwrap_or_default()
    }

    fn complete(&self) -> bool {
        self.logs.iter().all(ReplicatedLog::complete)
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        let mut loss = Loss::default();
        for shard in &mut self.logs {
            loss = loss.and(shard.loss(end));
        }
        loss
    }
}

impl Component for Shards {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        let Event { shard, what } = event;
        let mut inner = Inner::new(ctx, shard, &mut self.steps);
        self.logs[shard].on(what, &mut inner);
        if inner.rebuilt && self.logs.iter().all(ReplicatedLog::is_whole) {
            ctx.signal(Signal::AllRebuilt);
        }
        self.end_steps(ctx);
    }
}
