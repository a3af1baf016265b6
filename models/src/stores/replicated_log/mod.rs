//! The log of one writer and the copies that follow it in other regions: what all services with one writer share.
//!
//! A service with one writer brings its parameters; the log knows cuts, promotions, endpoints that follow, copies that are
//! built anew, and which acknowledged writes a promoted copy lacks.
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable
//!                                                                \--> all other copies are built anew
//!                    --its zone is gone--> in-region failover --done--> its new address --per region--> reachable
//!                    --detach--> a second writer, which regions use once they are told; the first one goes on

mod access;
mod copies;
mod endpoints;
mod losses;
mod outlet;
mod places;
mod promotion;
mod rebuilds;
mod spec;
#[cfg(test)]
pub(crate) mod tests;
mod zones;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, StreamId, Trial, Variate};
use sim_core::time::SimTime;

use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::RegionId;
use crate::needs::Access;
use crate::stores::{Attempt, Availability, Loss, Promotion, Restored, Service, Signal, Site};
use crate::world::World;

use copies::Copies;
use endpoints::Endpoints;
use losses::Losses;
use rebuilds::Rebuilds;
use zones::{Standing, Zones};

pub use outlet::Outlet;
pub(crate) use spec::PlaceKeys;
pub(crate) use spec::without_copies;
pub use spec::{Parameters, Place};

/// Events of a log.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// The promotion under way ends.
    PromotionEnds,
    /// A region's applications follow the writer's name.
    EndpointFollows {
        /// The region.
        region: RegionId,
        /// Which promotion this belongs to; a later one overrides it.
        promotion: u32,
    },
    /// A writer in another zone of its region is ready.
    InRegionFailoverEnds {
        /// The region.
        writer: RegionId,
        /// Which failover this belongs to; a later one, or another writer, overrides it.
        failover: u32,
    },
    /// A region's applications follow a writer that moved within its region.
    AddressFollows {
        /// The region.
        region: RegionId,
        /// The writer's region.
        writer: RegionId,
        /// Which failover this belongs to.
        failover: u32,
    },
    /// The rebuild of a copy ends.
    RebuildEnds {
        /// The copy's region.
        region: RegionId,
        /// Which rebuild of it this belongs to; one that was begun anew overrides it.
        rebuild: u32,
    },
    /// No copy is within the writer's bound from now on.
    Stalls,
}

/// The state of a writer after another one took its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Former {
    /// It takes no writes: there is none, or it was stopped.
    Stopped,
    /// It takes writes of those who still point to it until the new writer reaches it, and stops it.
    OutOfReach,
    /// It takes writes of those who still point to it: nothing stops it.
    Free,
}

/// A replicated log at work.
#[derive(Debug)]
pub struct ReplicatedLog {
    parameters: Parameters,
    promotion_time: Variate,
    detach_time: Option<Variate>,
    switch_over_time: Option<Variate>,

    copies: Copies,
    endpoints: Endpoints,
    losses: Losses,
    rebuilds: Rebuilds,
    zones: Zones,
    /// By region, the writer that it had before.
    former: ById<RegionId, Former>,
    /// Regions whose copies answer with errors, though they can be reached.
    erring: ById<RegionId, bool>,
    /// Whether the present writer is a copy that was detached, which no name leads to.
    detached: bool,
    promotions: u32,
    under_way: Option<Attempt>,
    /// Whether the promotion under way has stopped the writer.
    fenced: bool,
    /// A switchover that waits until its copy is whole.
    waiting: Option<Attempt>,
    up: ById<RegionId, bool>,
    /// Whether a path between two regions is whole, row by row.
    linked: Grid<bool, RegionId, RegionId>,
    /// Since or from when no copy is within the bound.
    stalls_at: Option<SimTime>,
    stalled: bool,
}

impl ReplicatedLog {
    /// A log at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let count = regions.len();
        Self {
            promotion_time: variate(&parameters.promotion_time, "promotion-time"),
            detach_time: parameters.detach_time.as_ref().map(|time| variate(time, "detach-time")),
            switch_over_time: parameters.switch_over_time.as_ref().map(|time| variate(time, "switch-over-time")),
            copies: Copies::new(parameters, site),
            endpoints: Endpoints::new(parameters, site),
            losses: Losses::new(count),
            rebuilds: Rebuilds::new(parameters, site),
            zones: Zones::new(parameters, site),
            former: ById::new(count, Former::Stopped),
            erring: ById::new(count, false),
            detached: false,
            promotions: 0,
            under_way: None,
            fenced: false,
            waiting: None,
            up: ById::new(count, true),
            linked: Grid::new(count, count, true),
            stalls_at: None,
            stalled: false,
            parameters: parameters.clone(),
        }
    }

    /// Whether both regions are up and the path between them is whole.
    fn reaches(&self, a: RegionId, b: RegionId) -> bool {
        self.up[a] && self.up[b] && self.linked[(a, b)]
    }

    /// Whether a region has a writer, the present one or a former one, that takes writes of those who point to it.
    fn has_writer(&self, region: RegionId) -> bool {
        region == self.writer() || self.former[region] != Former::Stopped
    }

    /// How a writer in a region is. One whose data are gone is gone itself, even when its region is back: there is nothing
    /// that it could go on from, until another copy is promoted.
    fn standing(&self, region: RegionId) -> Standing {
        if region == self.writer() && self.losses.is_destroyed(region) {
            Standing::Gone
        } else {
            self.zones.standing(region)
        }
    }

    /// The copy that is being made the writer without the former's help: it stops following when that begins.
    fn leaving(&self) -> Option<RegionId> {
        let step = self.under_way.filter(|step| step.how != Promotion::SwitchOver && step.effective)?;
        Some(step.to)
    }

    /// Whether a region's own copy takes its writes and hands them on.
    fn forwards(&self, region: RegionId) -> bool {
        self.parameters.forwards_writes && self.copies.contains(region)
    }

    /// One of its events has come up.
    pub fn on(&mut self, event: Event, out: &mut impl Outlet) {
        match event {
            Event::PromotionEnds => self.on_promotion_end(out),
            Event::EndpointFollows { promotion, .. } if promotion != self.promotions => {}
            Event::EndpointFollows { region, .. } => {
                // With regional endpoints, a region that a partition keeps from the new writer stays on its own side.
                let whole = self.linked[(region, self.writer())];
                if self.parameters.regional_endpoint && !whole {
                    self.endpoints.hold_back(region);
                } else {
                    self.follow(region, out);
                }
            }
            Event::InRegionFailoverEnds { writer, failover } => self.on_failover_end(writer, failover, out),
            Event::AddressFollows { region, writer, failover } => {
                if self.endpoints.points_to()[region] == writer && self.zones.is_latest(writer, failover) {
                    self.endpoints.refresh(region);
                    out.signal(Signal::AddressUpdated(region));
                    out.signal(Signal::Changed);
                }
            }
            Event::RebuildEnds { region, rebuild } => self.on_rebuild_end(region, rebuild, out),
            Event::Stalls => {
                self.stall(out);
                out.signal(Signal::Changed);
            }
        }
    }

    /// The region of the present writer.
    pub const fn writer(&self) -> RegionId {
        self.copies.writer()
    }

    /// Whether a promotion, a detachment or a switchover is under way.
    pub const fn modifying(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether a promotion, a detachment or a switchover to this region is under way, or waits until its copy is whole.
    pub fn awaits(&self, to: RegionId) -> bool {
        [self.under_way, self.waiting].iter().flatten().any(|step| step.to == to)
    }

    /// Whether every copy of the topology holds the log.
    pub fn is_whole(&self) -> bool {
        self.copies.topology().iter().all(|&region| self.rebuilds.is_whole(region))
    }

    /// Whether a region's copy holds the log.
    pub fn holds(&self, region: RegionId) -> bool {
        self.rebuilds.is_whole(region)
    }
}

impl Service for ReplicatedLog {
    /// Starts a trial.
    fn begin(&mut self, trial: Trial<'_>) {
        let Place { writer, zone, .. } = self.parameters.place;
        self.copies.begin(trial, writer);
        self.endpoints.begin(trial, writer);
        self.losses.begin(writer);
        self.rebuilds.begin(trial);
        self.zones.begin(trial, writer, zone);
        let optional = self.detach_time.iter_mut().chain(&mut self.switch_over_time);
        for variate in [&mut self.promotion_time].into_iter().chain(optional) {
            variate.begin(trial);
        }
        self.former.fill(Former::Stopped);
        self.erring.fill(false);
        self.detached = false;
        self.promotions = 0;
        (self.under_way, self.fenced, self.waiting) = (None, false, None);
        self.up.fill(true);
        self.linked.fill(true);
        (self.stalls_at, self.stalled) = (None, false);
    }

    fn access(&self, _: usize, access: Access, region: RegionId, world: &World) -> Availability {
        match access {
            Access::Read => self.read(region, world),
            Access::Write => self.write(region),
        }
    }

    /// Places or paths changed.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.places_changed(world, ctx);
    }

    /// From now on each region's copy acknowledges this many writes per second.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.copies.writes(rates, &self.losses, now);
        self.losses.acknowledges(rates, now);
    }

    fn errs(&mut self, region: RegionId, erring: bool) {
        self.erring[region] = erring;
    }

    fn destroyed(&mut self, region: RegionId) {
        self.losses.destroyed(region);
        self.former[region] = Former::Stopped;
    }

    fn stalls(&mut self, from: RegionId, to: RegionId, begins: bool) {
        self.copies.hold_up(from, to, begins);
    }

    /// Begins a promotion, unless one is under way already, which then is waited for. A promotion of a copy that the
    /// writer answers without errors is not needed; a switchover needs just that, and waits until its copy is whole. The
    /// writer itself is not promoted: it fails over within its region.
    fn promote(&mut self, attempt: Attempt, _: &World, ctx: &mut Context<'_, Event, Signal>) -> bool {
        self.begin_promotion(attempt, ctx)
    }

    fn needs_promotion(&self, to: RegionId) -> bool {
        self.is_in_need(to)
    }

    fn repoint(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.tell_applications(ctx);
    }

    fn restored(&mut self, restored: Restored, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.come_back(restored, world, ctx);
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.copies.lag()
    }

    /// Whether all the copies that the file lists hold the log and get what the writer takes.
    fn complete(&self) -> bool {
        self.copies.complete() && self.is_whole()
    }

    fn present_writer(&self) -> Option<RegionId> {
        Some(self.writer())
    }

    fn passed(&self) -> f64 {
        self.losses.passed()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        let writer = self.writer();
        let away = !self.up[writer] || self.standing(writer) == Standing::Gone;
        let left = |region: RegionId| !self.losses.is_destroyed(region);
        let first = if away { self.copies.best_lacks_from(left) } else { f64::INFINITY };
        Loss { no_writer: away, ..self.losses.until(end, first) }
    }
}

impl Component for ReplicatedLog {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.on(event, ctx);
    }
}
