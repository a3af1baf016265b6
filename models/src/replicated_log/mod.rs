//! The log of one writer and the copies that follow it in other regions: what all services with one writer share.
//!
//! A service with one writer brings its parameters; the log knows cuts, promotions, endpoints that follow, and which
//! acknowledged writes a promoted copy lacks.
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable

mod copies;
mod endpoints;
mod losses;
mod outlet;
mod spec;
#[cfg(test)]
pub(crate) mod tests;
mod zones;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use crate::cause::Cause;
use crate::grid::Grid;
use crate::journeys::Access;
use crate::stores::{Attempt, Availability, Loss, Promotion, Service, Signal, Site};
use crate::world::World;

use copies::Copies;
use endpoints::Endpoints;
use losses::Losses;
use zones::Zones;

pub use outlet::Outlet;
pub(crate) use spec::PlaceKeys;
pub use spec::{Parameters, Place};

/// What can happen to a log.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// The promotion under way ends.
    PromotionEnds,
    /// A region's applications follow the writer's name.
    EndpointFollows {
        /// The region.
        region: usize,
        /// Which promotion this belongs to; a later one overrides it.
        promotion: u32,
    },
    /// A writer in another zone is ready.
    InRegionFailoverEnds {
        /// Which failover this belongs to; a later one, or another writer, overrides it.
        failover: u32,
    },
    /// No copy is within the writer's bound from now on.
    Stalls,
}

/// A replicated log at work.
#[derive(Debug)]
pub struct ReplicatedLog {
    parameters: Parameters,
    promotion_time: Variate,
    failover_time: Option<Variate>,
    switch_over_time: Option<Variate>,

    copies: Copies,
    endpoints: Endpoints,
    losses: Losses,
    zones: Zones,
    failing_over: bool,
    failovers: u32,
    /// Regions whose copies answer with errors, though they can be reached.
    erring: Vec<bool>,
    /// Whether a region that a partition keeps from the new writer stays with its own.
    regional: bool,
    /// The writer's zone is gone and there is none to take its place.
    zone_lost: bool,
    promotions: u32,
    under_way: Option<Attempt>,
    up: Vec<bool>,
    /// Whether a path between two regions is whole, row by row.
    linked: Grid<bool>,
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
            failover_time: parameters.in_region_failover.as_ref().map(|time| variate(time, "in-region-failover")),
            switch_over_time: parameters.switch_over_time.as_ref().map(|time| variate(time, "switch-over-time")),
            copies: Copies::new(parameters, site),
            endpoints: Endpoints::new(parameters, site),
            losses: Losses::new(count),
            zones: Zones::new(site),
            failing_over: false,
            failovers: 0,
            erring: vec![false; count],
            regional: parameters.regional_endpoint,
            zone_lost: false,
            promotions: 0,
            under_way: None,
            up: vec![true; count],
            linked: Grid::new(count, count, true),
            stalls_at: None,
            stalled: false,
            parameters: parameters.clone(),
        }
    }

    /// A write from a region: to wherever its endpoint points.
    fn write(&self, region: usize, world: &World) -> Availability {
        let target = self.endpoints.points_to()[region];
        let reaches = world.reaches(region, target);
        if target != self.writer() {
            // Fencing is best effort (facts 5a): only a partition keeps the new writer from stopping the former one.
            let fenced = self.parameters.fences && world.reaches(self.writer(), target);
            let stands = if self.failover_time.is_some() { self.zones.any(target) } else { self.zones.stands(target) };
            return if reaches && !fenced && stands {
                self.answer(target, target == self.parameters.place.writer)
            } else {
                Availability::fails(Cause::EndpointUpdate, !reaches || !stands)
            };
        }
        let switching = self.under_way.is_some_and(|step| step.how == Promotion::SwitchOver);
        if reaches && !self.failing_over && !self.zone_lost && !switching {
            return self.answer(target, self.promotions == 0);
        }
        let cause = if self.under_way.is_some() || (reaches && self.failing_over && !self.zone_lost) {
            Cause::Promotion
        } else if self.promotions > 0 && world.up(target) && !self.zone_lost {
            Cause::NoPath
        } else {
            Cause::Decision
        };
        // A writer that is out or cut off lets callers hang; one that lives refuses at once.
        Availability::fails(cause, !reaches || self.failing_over || self.zone_lost)
    }

    /// What a writer that can be reached answers with; `bounded` if the bound is its own.
    fn answer(&self, target: usize, bounded: bool) -> Availability {
        if self.stalled && bounded {
            Availability::fails(Cause::Dependency, false)
        } else {
            Availability::works(target)
        }
    }

    /// A read from a region: of the nearest copy. Regions that were not led to a writer which stands alone still use the
    /// copies of before.
    fn read(&self, region: usize, world: &World) -> Availability {
        let led = self.endpoints.points_to()[region] == self.writer();
        crate::stores::nearest_copy(if led { self.copies.regions() } else { self.copies.topology() }, region, world)
    }

    /// Who follows the writer in this world, from now on.
    fn note_cuts(&mut self, world: &World, out: &mut impl Outlet) {
        let (writer, left) = (self.writer(), self.leaving());
        let zone_lost = self.zone_lost;
        let reached = |region| world.reaches(writer, region) && !zone_lost && left != Some(region);
        self.copies.follow(reached, out.now());
        self.note_stall(out);
    }

    /// The copy that is being taken out of the chain: it stops following when that begins (facts 5b).
    fn leaving(&self) -> Option<usize> {
        let step = self.under_way.filter(|step| step.how != Promotion::SwitchOver && !self.parameters.rejoins)?;
        Some(step.to)
    }

    /// From when on no copy is within the bound. The bound belongs to the first writer's own configuration, promoted over
    /// or not: a promoted copy keeps the default, as it must with two regions (facts 5a), or it would stall for want of
    /// any copy.
    fn note_stall(&mut self, out: &mut impl Outlet) {
        let Some(bound) = self.parameters.rpo_bound.filter(|_| self.promotions == 0) else { return };
        let stalls_at = self.copies.all_beyond(bound);
        if stalls_at == self.stalls_at {
            return;
        }
        self.stalls_at = stalls_at;
        self.stall(out);
        if let Some(at) = stalls_at.filter(|&at| at > out.now()) {
            out.schedule_at(at, Event::Stalls);
        }
    }

    /// The first writer holds commits back from now on, or takes them again.
    fn stall(&mut self, out: &mut impl Outlet) {
        let stalled = self.stalls_at.is_some_and(|at| at <= out.now());
        if std::mem::replace(&mut self.stalled, stalled) != stalled {
            let writer = self.parameters.place.writer;
            out.signal(if stalled { Signal::CommitsHeld(writer) } else { Signal::CommitsGoOn(writer) });
        }
    }

    fn on_promotion_end(&mut self, out: &mut impl Outlet) {
        let Some(Attempt { how, to, effective }) = self.under_way.take() else { return };
        out.signal(Signal::Changed);
        if !effective || !self.up[to] || !self.zones.enter(to, self.writer()) {
            out.signal(Signal::PromotionFailed(to));
            return;
        }
        let now = out.now();
        let planned = how == Promotion::SwitchOver;
        let first = if planned { now.as_secs_f64() } else { self.copies.lacks_from(to, now) };
        self.losses.pass(to, first, now);
        if !planned {
            self.leave_all(out);
        }
        // The global writer endpoint does not follow a detached copy: applications are led to it region by region.
        self.regional = self.parameters.regional_endpoint || how == Promotion::Detach;
        self.failing_over = false;
        self.failovers += 1;
        self.zone_lost = false;
        self.promotions += 1;
        if !self.parameters.rejoins || how == Promotion::Detach {
            self.copies.stand_alone(to);
        }
        let (up, linked) = (&self.up, &self.linked);
        let follows = |region: usize| up[region] && linked[(region, to)];
        self.copies.take_over(to, first, self.losses.rate(to), follows, now);
        self.lead_to(to, out);
    }

    /// The regions are led to a new writer: by its name, or by copies of their own that hear of it.
    fn lead_to(&mut self, to: usize, out: &mut impl Outlet) {
        let changed = self.endpoints.change(out.now());
        for region in 0..self.up.len() {
            let at = self.endpoints.hears(region, changed);
            if !self.forwards(region) {
                out.schedule_at(at, Event::EndpointFollows { region, promotion: self.promotions });
            }
        }
        out.signal(Signal::Promoted(to));
        for region in 0..self.up.len() {
            if !self.forwards(region) {
                continue;
            }
            // A copy forwards to the writer that it knows, and hears of a new one unless a partition lies between.
            if self.linked[(region, to)] {
                self.follow(region, out);
            } else {
                self.endpoints.hold_back(region);
            }
        }
    }

    /// No copy follows the writer any more: one with a bound that has not heard of its successor will stall.
    fn leave_all(&mut self, out: &mut impl Outlet) {
        if self.parameters.rpo_bound.is_some() && self.promotions == 0 {
            self.copies.cut_off_all(out.now());
            self.note_stall(out);
        }
    }

    /// Whether a region's own copy takes its writes and hands them on.
    fn forwards(&self, region: usize) -> bool {
        self.parameters.forwards_writes && self.copies.contains(region)
    }

    /// A region writes to the present writer from now on.
    fn follow(&mut self, region: usize, out: &mut impl Outlet) {
        self.endpoints.follow(region, self.writer());
        self.losses.close(self.endpoints.points_to(), out.now());
        out.signal(Signal::EndpointUpdated(region));
        out.signal(Signal::Changed);
    }
}

impl ReplicatedLog {
    /// See [`Service::world_changed`]: cuts begin and heal, the writer may have lost its zone.
    pub fn places_changed(&mut self, world: &World, out: &mut impl Outlet) {
        let count = self.up.len();
        for region in 0..count {
            if world.up(region) && !self.up[region] && self.losses.is_destroyed(region) {
                self.comes_back_empty(region, out.now());
            }
            self.up[region] = world.up(region);
            self.zones.look_at(region, world);
            for other in 0..count {
                self.linked[(region, other)] = world.linked(region, other);
            }
            if self.endpoints.is_held_back(region) && world.linked(region, self.writer()) {
                self.follow(region, out);
            }
        }
        let writer = self.writer();
        let zone_gone = world.up(writer) && !self.zones.stands(writer);
        self.zone_lost = zone_gone && !(self.failover_time.is_some() && self.zones.any(writer));
        self.note_cuts(world, out);
        // A switchover needs both ends well and the log to arrive until it is done; else it fails, and loses nothing.
        if let Some(step) = &mut self.under_way
            && step.how == Promotion::SwitchOver
            && (zone_gone || self.copies.is_cut(step.to))
        {
            step.effective = false;
        }
        if let Some(time) = &mut self.failover_time
            && zone_gone
            && !self.zone_lost
            && !self.failing_over
        {
            self.failing_over = true;
            self.failovers += 1;
            let time = time.draw_duration();
            out.schedule_in(time, Event::InRegionFailoverEnds { failover: self.failovers });
        }
        out.signal(Signal::Changed);
    }

    /// A region whose data are gone is back. A writer goes on from what the best copy has, a copy from nothing.
    fn comes_back_empty(&mut self, region: usize, now: SimTime) {
        if region == self.writer() {
            self.losses.pass(region, self.copies.best_lacks_from(|other| !self.losses.is_destroyed(other)), now);
        } else {
            self.copies.comes_back_empty(region);
        }
        self.losses.is_back(region);
    }

    /// See [`Service::promote`].
    pub fn begin_promotion(&mut self, attempt: Attempt, world: &World, out: &mut impl Outlet) -> bool {
        let Attempt { how, to, effective } = attempt;
        if self.under_way.is_some() {
            return true;
        }
        let writer = self.writer();
        let answers = self.write(to, world).share == 1.0 && self.endpoints.points_to()[to] == writer;
        let healthy = answers && !self.erring[writer];
        let planned = how == Promotion::SwitchOver;
        // A planned switchover loses nothing: it needs all clusters well, and a copy that the log reaches (facts 5a).
        let well = self.copies.regions().iter().all(|&region| self.up[region]);
        let ready = well && self.copies.contains(to) && !self.copies.is_cut(to);
        if healthy != planned || (planned && !ready) || to == writer {
            return false;
        }
        // Whoever was left behind when the writer left the topology has nothing to be promoted.
        let effective = effective && self.copies.contains(to);
        self.copies.apply_until(out.now());
        let time = match how {
            Promotion::Detach if self.parameters.detaches_at_once => SimDuration::ZERO,
            Promotion::Failover | Promotion::Detach => self.promotion_time.draw_duration(),
            Promotion::SwitchOver => {
                let Some(time) = &mut self.switch_over_time else { return false };
                time.draw_duration() + SimDuration::from_secs_f64(self.copies.behind(to))
            }
        };
        self.under_way = Some(Attempt { how, to, effective });
        if self.leaving().is_some() {
            self.copies.cut_off(to, out.now());
        }
        out.schedule_in(time, Event::PromotionEnds);
        out.signal(Signal::PromotionBegan(to));
        out.signal(Signal::Changed);
        true
    }

    /// One of its events has come up.
    pub fn on(&mut self, event: Event, out: &mut impl Outlet) {
        match event {
            Event::PromotionEnds => self.on_promotion_end(out),
            Event::EndpointFollows { promotion, .. } if promotion != self.promotions => {}
            Event::EndpointFollows { region, .. } => {
                // With regional endpoints, a region that a partition keeps from the new writer stays on its own side.
                let whole = self.linked[(region, self.writer())];
                if self.regional && !whole {
                    self.endpoints.hold_back(region);
                } else {
                    self.follow(region, out);
                }
            }
            Event::InRegionFailoverEnds { failover } if failover != self.failovers => {}
            Event::InRegionFailoverEnds { .. } => {
                self.failing_over = false;
                self.zones.move_on(self.writer());
                out.signal(Signal::Changed);
            }
            Event::Stalls => {
                self.stall(out);
                out.signal(Signal::Changed);
            }
        }
    }

    /// The region of the present writer.
    pub const fn writer(&self) -> usize {
        self.copies.writer()
    }

    /// Whether a promotion or a switchover is under way.
    pub const fn promoting(&self) -> bool {
        self.under_way.is_some()
    }
}

impl Service for ReplicatedLog {
    /// Starts a trial.
    fn begin(&mut self, trial: u64) {
        let Place { writer, zone, .. } = self.parameters.place;
        self.copies.begin(trial, writer);
        self.endpoints.begin(trial, writer);
        self.losses.begin(writer);
        self.zones.begin(trial, writer, zone);
        let optional = self.failover_time.iter_mut().chain(&mut self.switch_over_time);
        for variate in [&mut self.promotion_time].into_iter().chain(optional) {
            variate.begin(trial);
        }
        (self.failing_over, self.failovers) = (false, 0);
        self.erring.fill(false);
        self.regional = self.parameters.regional_endpoint;
        self.zone_lost = false;
        self.promotions = 0;
        self.under_way = None;
        self.up.fill(true);
        self.linked.fill(true);
        (self.stalls_at, self.stalled) = (None, false);
    }

    fn access(&self, _: usize, access: Access, region: usize, world: &World) -> Availability {
        match access {
            Access::Read => self.read(region, world),
            Access::Write => self.write(region, world),
        }
    }

    /// Places or paths changed.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.places_changed(world, ctx);
    }

    /// From now on each region's copy acknowledges this many writes per second.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.copies.writes(rates[self.writer()], now);
        self.losses.acknowledges(rates, now);
    }

    fn errs(&mut self, region: usize, erring: bool) {
        self.erring[region] = erring;
    }

    fn destroyed(&mut self, region: usize) {
        self.losses.destroyed(region);
    }

    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        self.copies.hold_up(from, to, begins);
    }

    /// Begins a promotion, unless one is under way already, which then is waited for. A promotion of a copy that the
    /// writer answers without errors is not needed; a switchover needs just that. The writer itself is not promoted: it
    /// fails over within its region.
    fn promote(&mut self, attempt: Attempt, world: &World, ctx: &mut Context<'_, Event, Signal>) -> bool {
        self.begin_promotion(attempt, world, ctx)
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.copies.lag()
    }

    /// Whether all the copies that the file lists follow the writer: one that was promoted out of their topology stands
    /// alone, however long.
    fn complete(&self) -> bool {
        self.copies.complete()
    }

    fn loss(&mut self, end: SimTime) -> Loss {
        let destroyed = |region| self.losses.is_destroyed(region);
        let gone = destroyed(self.writer());
        let first = if gone { self.copies.best_lacks_from(|region| !destroyed(region)) } else { f64::INFINITY };
        self.losses.until(end, first)
    }
}

impl Component for ReplicatedLog {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.on(event, ctx);
    }
}
