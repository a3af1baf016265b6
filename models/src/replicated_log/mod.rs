//! The log of one writer and the copies that follow it in other regions: what all services with one writer share.
//!
//! A service with one writer brings its parameters; the log knows cuts, promotions, endpoints that follow, and which
//! acknowledged writes a promoted copy lacks.
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable

mod lineage;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use crate::cause::Cause;
use crate::journeys::Access;
use crate::stores::{AckLog, Availability, Loss, Promotion, Service, Signal, Site};
use crate::world::World;

use lineage::Lineage;

pub use spec::{Parameters, Place};

/// Where a log's events and signals go: a component's context, or what a component with several parts makes of it.
pub trait Outlet {
    /// The current instant.
    fn now(&self) -> SimTime;

    /// See [`Context::schedule_at`].
    fn schedule_at(&mut self, time: SimTime, event: Event);

    /// See [`Context::signal`].
    fn signal(&mut self, signal: Signal);

    /// See [`Context::schedule_in`].
    fn schedule_in(&mut self, delay: SimDuration, event: Event) {
        self.schedule_at(self.now() + delay, event);
    }
}

impl Outlet for Context<'_, Event, Signal> {
    fn now(&self) -> SimTime {
        Context::now(self)
    }

    fn schedule_at(&mut self, time: SimTime, event: Event) {
        Context::schedule_at(self, time, event);
    }

    fn signal(&mut self, signal: Signal) {
        Context::signal(self, signal);
    }
}

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

#[derive(Debug, Clone, Copy)]
struct Cut {
    at: SimTime,
    lag: f64,
}

impl Cut {
    /// From when on the copy lacks writes, in seconds.
    fn first(self) -> f64 {
        self.at.as_secs_f64() - self.lag
    }
}

#[derive(Debug, Clone, Copy)]
struct UnderWay {
    how: Promotion,
    to: usize,
    effective: bool,
}

/// A replicated log at work.
#[derive(Debug)]
pub struct ReplicatedLog {
    parameters: Parameters,
    zones: Vec<usize>,
    lag: Vec<Variate>,
    promotion_time: Variate,
    endpoint_update: Variate,
    endpoint_cache: Vec<Stream>,
    failover_time: Option<Variate>,
    switch_over_time: Option<Variate>,
    zone_choice: Stream,

    writer: usize,
    /// The zone of each region that its writer is in, was in, or would be promoted in.
    zone: Vec<usize>,
    failing_over: bool,
    failovers: u32,
    /// Regions whose copies answer with errors, though they can be reached.
    erring: Vec<bool>,
    /// Whether a region that a partition keeps from the new writer stays with its own.
    regional: bool,
    /// The writer's zone is gone and there is none to take its place.
    zone_lost: bool,
    promotions: u32,
    under_way: Option<UnderWay>,
    points_to: Vec<usize>,
    /// Regions that would follow the writer's name if the partition did not keep them on their own side.
    held_back: Vec<bool>,
    up: Vec<bool>,
    /// By region, a bit for each zone that is up.
    zones_up: Vec<u32>,
    /// Whether a path between two regions is whole, row by row.
    linked: Vec<bool>,
    /// How many faults keep the log of one region from another, row by row.
    held_up: Vec<u32>,
    /// Regions whose copies follow the writer, and the writer's own.
    copies: Vec<usize>,
    /// Copies that do not get what is written, and those that were left behind for good.
    cuts: Vec<Option<Cut>>,
    /// Writes that each copy has not applied yet, at an instant, and how many the writer acknowledges since then.
    backlog: Vec<f64>,
    backlog_at: SimTime,
    writing: f64,
    /// Since or from when no copy is within the bound.
    stalls_at: Option<SimTime>,
    stalled: bool,
    lineage: Lineage,
    /// Regions whose data are gone, until they are back.
    destroyed: Vec<bool>,
    acknowledged: Vec<AckLog>,
}

impl ReplicatedLog {
    /// A log at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, zones, seed } = site;
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        let count = regions.len();
        let lag = regions.iter().map(|region| {
            let id = StreamId::new(seed, &format!("{path}/{region}"), "replication-lag");
            Variate::new(parameters.replication_lag.clone(), id)
        });
        let cache = regions
            .iter()
            .map(|region| Stream::new(StreamId::new(seed, &format!("{path}/{region}"), "endpoint-cache")));
        Self {
            zones: zones.to_vec(),
            lag: lag.collect(),
            promotion_time: variate(&parameters.promotion_time, "promotion-time"),
            endpoint_update: variate(&parameters.endpoint_update, "endpoint-update"),
            endpoint_cache: cache.collect(),
            failover_time: parameters.in_region_failover.as_ref().map(|time| variate(time, "in-region-failover")),
            switch_over_time: parameters.switch_over_time.as_ref().map(|time| variate(time, "switch-over-time")),
            zone_choice: Stream::new(StreamId::new(seed, path, "zone")),
            writer: parameters.place.writer,
            zone: vec![0; count],
            failing_over: false,
            failovers: 0,
            erring: vec![false; count],
            regional: parameters.regional_endpoint,
            zone_lost: false,
            promotions: 0,
            under_way: None,
            points_to: vec![parameters.place.writer; count],
            held_back: vec![false; count],
            up: vec![true; count],
            zones_up: vec![u32::MAX; count],
            linked: vec![true; count * count],
            held_up: vec![0; count * count],
            copies: parameters.place.regions.clone(),
            cuts: vec![None; count],
            backlog: vec![0.0; count],
            backlog_at: SimTime::ZERO,
            writing: 0.0,
            stalls_at: None,
            stalled: false,
            lineage: Lineage::default(),
            destroyed: vec![false; count],
            acknowledged: (0..count).map(|_| AckLog::default()).collect(),
            parameters: parameters.clone(),
        }
    }

    /// A write from a region: to wherever its endpoint points.
    fn write(&self, region: usize, world: &World) -> Availability {
        let target = self.points_to[region];
        let reaches = world.reaches(region, target);
        if target != self.writer {
            // Fencing is best effort (facts 5a): only a partition keeps the new writer from stopping the former one.
            let fenced = self.parameters.fences && world.reaches(self.writer, target);
            let stands = match self.failover_time {
                Some(_) => self.standing(target, self.zone[target]).is_some(),
                None => self.stands(target, self.zone[target]),
            };
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
        let led = self.points_to[region] == self.writer;
        crate::stores::nearest_copy(if led { &self.copies } else { &self.parameters.place.regions }, region, world)
    }

    /// Whether what a region writes arrives in another.
    fn flows(&self, from: usize, to: usize) -> bool {
        let pair = from * self.up.len() + to;
        self.up[from] && self.up[to] && self.linked[pair] && self.held_up[pair] == 0
    }

    fn stands(&self, region: usize, zone: usize) -> bool {
        self.zones_up[region] >> zone & 1 == 1
    }

    /// The first zone of a region that is up, from this one on and then from the first again.
    fn standing(&self, region: usize, from: usize) -> Option<usize> {
        let count = self.zones[region].max(1);
        (0..count).map(|step| (from + step) % count).find(|&zone| self.stands(region, zone))
    }

    fn note_cuts(&mut self, out: &mut impl Outlet) {
        let now = out.now();
        self.apply_until(now);
        for index in 0..self.copies.len() {
            let region = self.copies[index];
            if region == self.writer {
                continue;
            }
            let follows = self.flows(self.writer, region) && !self.zone_lost && !self.leaving(region);
            if follows {
                self.cuts[region] = None;
            } else {
                self.cut_off(region, now);
            }
        }
        self.note_stall(out);
    }

    /// A copy follows no longer, unless it has not for some time.
    fn cut_off(&mut self, region: usize, now: SimTime) {
        if self.cuts[region].is_none() {
            self.cuts[region] = Some(Cut { at: now, lag: self.draw_lag(region) });
        }
    }

    /// Whether a copy is being taken out of the chain: it stops following when that begins (facts 5b).
    fn leaving(&self, region: usize) -> bool {
        !self.parameters.rejoins
            && self.under_way.is_some_and(|step| step.to == region && step.how != Promotion::SwitchOver)
    }

    /// Age of the newest write that a copy lacks now; what it has yet to apply adds to it.
    fn draw_lag(&mut self, region: usize) -> f64 {
        self.lag[region].draw() + self.behind(region)
    }

    /// How long a copy needs for what it has not applied yet.
    fn behind(&self, region: usize) -> f64 {
        self.parameters.apply_rate.map_or(0.0, |rate| self.backlog[region] / rate)
    }

    /// Brings the backlogs up to date: what was acknowledged since then came in, what a connected copy applied went out.
    fn apply_until(&mut self, now: SimTime) {
        let Some(rate) = self.parameters.apply_rate else { return };
        let elapsed = now.since(self.backlog_at).as_secs_f64();
        self.backlog_at = now;
        for &region in self.copies.iter().filter(|&&region| region != self.writer) {
            let applied = if self.cuts[region].is_none() { rate } else { 0.0 };
            self.backlog[region] = (self.backlog[region] + (self.writing - applied) * elapsed).max(0.0);
        }
    }

    /// From when on no copy is within the bound. The bound belongs to the first writer's own configuration, promoted over
    /// or not: a promoted copy keeps the default, as it must with two regions (facts 5a), or it would stall for want of
    /// any copy.
    fn note_stall(&mut self, out: &mut impl Outlet) {
        let Some(bound) = self.parameters.rpo_bound.filter(|_| self.promotions == 0) else { return };
        let mut latest = None;
        let mut all_cut = true;
        for &region in self.copies.iter().filter(|&&region| region != self.writer) {
            match self.cuts[region] {
                Some(cut) => {
                    latest = latest.max(Some(cut.at + SimDuration::from_secs_f64((bound - cut.lag).max(0.0))));
                }
                None => all_cut = false,
            }
        }
        let stalls_at = latest.filter(|_| all_cut);
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
            out.signal(Signal::Changed);
        }
    }

    fn on_promotion_end(&mut self, out: &mut impl Outlet) {
        let Some(UnderWay { how, to, effective }) = self.under_way.take() else { return };
        out.signal(Signal::Changed);
        let zone = self.standing(to, self.zone[self.writer]).filter(|_| effective && self.up[to]);
        let Some(zone) = zone else { return out.signal(Signal::PromotionFailed(to)) };
        let now = out.now();
        self.apply_until(now);
        let first = match how {
            Promotion::SwitchOver => now.as_secs_f64(),
            Promotion::Failover | Promotion::Detach => {
                self.cuts[to].unwrap_or_else(|| Cut { at: now, lag: self.draw_lag(to) }).first()
            }
        };
        self.lineage.pass(to, first, now);
        if how != Promotion::SwitchOver {
            self.leave_all(out);
        }
        // The global writer endpoint does not follow a detached copy: applications are led to it region by region.
        self.regional = self.parameters.regional_endpoint || how == Promotion::Detach;
        self.writer = to;
        self.zone[to] = zone;
        self.failing_over = false;
        self.failovers += 1;
        self.zone_lost = false;
        self.promotions += 1;
        if !self.parameters.rejoins || how == Promotion::Detach {
            self.copies.clear();
            self.copies.push(to);
        }
        for index in 0..self.parameters.place.regions.len() {
            let region = self.parameters.place.regions[index];
            self.follow_anew(region, first, now);
        }
        (self.backlog_at, self.writing) = (now, self.acknowledged[to].rate());
        let update = now + self.endpoint_update.draw_duration();
        for region in 0..self.points_to.len() {
            let cached = self.endpoint_cache[region].uniform() * self.parameters.endpoint_ttl.as_secs_f64();
            let at = update + SimDuration::from_secs_f64(cached);
            self.held_back[region] = false;
            if !self.forwards(region) {
                out.schedule_at(at, Event::EndpointFollows { region, promotion: self.promotions });
            }
        }
        out.signal(Signal::Promoted(to));
        for region in 0..self.points_to.len() {
            if !self.forwards(region) {
                continue;
            }
            // A copy forwards to the writer that it knows, and hears of a new one unless a partition lies between.
            if self.linked[region * self.up.len() + to] {
                self.follow(region, out);
            } else {
                self.held_back[region] = true;
            }
        }
    }

    /// What becomes of a copy when another one is promoted, which lacks everything from `first` on. It follows the new
    /// writer if it is reached. If not, it lacks what is written from now on, unless it lacks older writes already.
    fn follow_anew(&mut self, region: usize, first: f64, now: SimTime) {
        let older = self.cuts[region].filter(|cut| cut.first() < first);
        let follows = self.copies.contains(&region) && self.flows(self.writer, region);
        if region == self.writer || follows || older.is_none() {
            self.cuts[region] = None;
            self.backlog[region] = 0.0;
        }
        if region != self.writer && !follows {
            self.cut_off(region, now);
        }
    }

    /// No copy follows the writer any more: one with a bound that has not heard of its successor will stall.
    fn leave_all(&mut self, out: &mut impl Outlet) {
        if self.parameters.rpo_bound.is_none() || self.promotions > 0 {
            return;
        }
        for index in 0..self.copies.len() {
            let region = self.copies[index];
            if region != self.writer {
                self.cut_off(region, out.now());
            }
        }
        self.note_stall(out);
    }

    /// Whether a region's own copy takes its writes and hands them on.
    fn forwards(&self, region: usize) -> bool {
        self.parameters.forwards_writes && self.copies.contains(&region)
    }

    /// A region writes to the present writer from now on.
    fn follow(&mut self, region: usize, out: &mut impl Outlet) {
        self.held_back[region] = false;
        self.points_to[region] = self.writer;
        self.lineage.turned(&self.points_to, out.now());
        out.signal(Signal::EndpointUpdated(region));
        out.signal(Signal::Changed);
    }

    /// From when on, in seconds, the writes are gone that the writer's region took along when it was destroyed: what the
    /// best of the other copies lacks, or everything if there is none.
    fn destroyed_from(&self) -> f64 {
        let others = self.parameters.place.regions.iter().filter(|&&it| it != self.writer && !self.destroyed[it]);
        let lacking = others.map(|&region| self.cuts[region].map_or(f64::INFINITY, Cut::first));
        lacking.max_by(f64::total_cmp).unwrap_or(0.0)
    }

    /// A region whose data are gone is back.
    fn come_back_empty(&mut self, region: usize, now: SimTime) {
        if region == self.writer {
            self.lineage.pass(region, self.destroyed_from(), now);
        } else if self.cuts[region].is_some() {
            self.cuts[region] = Some(Cut { at: SimTime::ZERO, lag: 0.0 });
        }
        self.destroyed[region] = false;
    }
}

impl ReplicatedLog {
    /// See [`Service::world_changed`]: cuts begin and heal, the writer may have lost its zone.
    pub fn places_changed(&mut self, world: &World, out: &mut impl Outlet) {
        let count = self.up.len();
        for region in 0..count {
            if world.up(region) && !self.up[region] && self.destroyed[region] {
                self.come_back_empty(region, out.now());
            }
            self.up[region] = world.up(region);
            let bit = |zone: usize| u32::from(world.zone_up(region, zone)) << zone;
            self.zones_up[region] = (0..self.zones[region].max(1)).map(bit).sum();
            for other in 0..count {
                self.linked[region * count + other] = world.linked(region, other);
            }
            if self.held_back[region] && world.linked(region, self.writer) {
                self.follow(region, out);
            }
        }
        let zone_gone = self.up[self.writer] && !self.stands(self.writer, self.zone[self.writer]);
        let other_zone = self.failover_time.is_some() && self.standing(self.writer, 0).is_some();
        self.zone_lost = zone_gone && !other_zone;
        self.note_cuts(out);
        // A switchover needs both ends well and the log to arrive until it is done; then it fails, and loses nothing.
        if let Some(step) = &mut self.under_way
            && step.how == Promotion::SwitchOver
            && (zone_gone || self.cuts[step.to].is_some())
        {
            step.effective = false;
        }
        if let Some(time) = &mut self.failover_time
            && zone_gone
            && other_zone
            && !self.failing_over
        {
            self.failing_over = true;
            self.failovers += 1;
            let time = time.draw_duration();
            out.schedule_in(time, Event::InRegionFailoverEnds { failover: self.failovers });
        }
        out.signal(Signal::Changed);
    }

    /// See [`Service::promote`].
    pub fn begin_promotion(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        out: &mut impl Outlet,
    ) -> bool {
        if self.under_way.is_some() {
            return true;
        }
        let healthy =
            !self.erring[self.writer] && self.write(to, world).share == 1.0 && self.points_to[to] == self.writer;
        let planned = how == Promotion::SwitchOver;
        // A planned switchover loses nothing: it needs all clusters well, and a copy that the log reaches (facts 5a).
        let ready = self.copies.iter().all(|&region| self.up[region]) && self.cuts[to].is_none();
        if healthy != planned || (planned && !ready) || to == self.writer || !self.copies.contains(&to) {
            return false;
        }
        self.apply_until(out.now());
        let time = match how {
            Promotion::Detach if self.parameters.detaches_at_once => SimDuration::ZERO,
            Promotion::Failover | Promotion::Detach => self.promotion_time.draw_duration(),
            Promotion::SwitchOver => {
                let Some(time) = &mut self.switch_over_time else { return false };
                time.draw_duration() + SimDuration::from_secs_f64(self.behind(to))
            }
        };
        self.under_way = Some(UnderWay { how, to, effective });
        if self.leaving(to) {
            self.cut_off(to, out.now());
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
                let whole = self.linked[region * self.up.len() + self.writer];
                if self.regional && !whole {
                    self.held_back[region] = true;
                } else {
                    self.follow(region, out);
                }
            }
            Event::InRegionFailoverEnds { failover } if failover != self.failovers => {}
            Event::InRegionFailoverEnds { .. } => {
                self.failing_over = false;
                // Whichever zone is up by now; without any the writer waits for one.
                if let Some(zone) = self.standing(self.writer, self.zone[self.writer] + 1) {
                    self.zone[self.writer] = zone;
                }
                out.signal(Signal::Changed);
            }
            Event::Stalls => self.stall(out),
        }
    }

    /// The region of the present writer.
    pub const fn writer(&self) -> usize {
        self.writer
    }

    /// Whether a promotion or a switchover is under way.
    pub const fn promoting(&self) -> bool {
        self.under_way.is_some()
    }
}

impl Service for ReplicatedLog {
    /// Starts a trial.
    fn begin(&mut self, trial: u64) {
        for lag in &mut self.lag {
            lag.begin(trial);
        }
        for stream in &mut self.endpoint_cache {
            stream.begin(trial);
        }
        let optional = self.failover_time.iter_mut().chain(&mut self.switch_over_time);
        for variate in [&mut self.promotion_time, &mut self.endpoint_update].into_iter().chain(optional) {
            variate.begin(trial);
        }
        self.zone_choice.begin(trial);
        self.writer = self.parameters.place.writer;
        let drawn = (self.zone_choice.uniform() * self.zones[self.writer] as f64) as usize;
        self.zone.fill(self.parameters.place.zone.unwrap_or(drawn));
        (self.failing_over, self.failovers) = (false, 0);
        self.erring.fill(false);
        self.regional = self.parameters.regional_endpoint;
        self.zone_lost = false;
        self.promotions = 0;
        self.under_way = None;
        self.points_to.fill(self.parameters.place.writer);
        self.held_back.fill(false);
        self.up.fill(true);
        self.zones_up.fill(u32::MAX);
        self.linked.fill(true);
        self.held_up.fill(0);
        self.copies.clone_from(&self.parameters.place.regions);
        self.cuts.fill(None);
        self.backlog.fill(0.0);
        (self.backlog_at, self.writing) = (SimTime::ZERO, 0.0);
        (self.stalls_at, self.stalled) = (None, false);
        self.lineage.begin(self.writer);
        self.destroyed.fill(false);
        for log in &mut self.acknowledged {
            log.clear();
        }
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
        let writing = rates[self.writer];
        // Only where the rate changes: the same sum however often it is told.
        if writing != self.writing {
            self.apply_until(now);
            self.writing = writing;
        }
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    fn errs(&mut self, region: usize, erring: bool) {
        self.erring[region] = erring;
    }

    /// The region's data will never return.
    fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        let count = &mut self.held_up[from * self.up.len() + to];
        *count = if begins { *count + 1 } else { *count - 1 };
    }

    /// Begins a promotion, unless one is under way already, which then is waited for. A promotion of a copy that the
    /// writer answers without errors is not needed; a switchover needs just that. The writer itself is not promoted: it
    /// fails over within its region.
    fn promote(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        self.begin_promotion(how, to, effective, world, ctx)
    }

    /// Age of the newest write that the most backward copy lacks, and since when it has been growing. Backlogs count as
    /// of the last instant at which the rate of writes changed.
    fn lag(&self) -> (f64, Option<SimTime>) {
        let behind = self.copies.iter().map(|&region| self.behind(region)).fold(0.0, f64::max);
        let usual = self.lag[self.writer].distribution().quantile(0.5) + behind;
        let cuts = self.copies.iter().filter_map(|&region| self.cuts[region]);
        cuts.min_by_key(|cut| cut.at).map_or((usual, None), |cut| (cut.lag, Some(cut.at)))
    }

    /// Whether all the copies that the file lists follow the writer: one that was promoted out of their topology stands
    /// alone, however long.
    fn complete(&self) -> bool {
        self.copies.len() == self.parameters.place.regions.len() && self.lag().1.is_none()
    }

    /// What was lost until `end`: the suffixes of logs that were promoted over, or whose regions were destroyed.
    fn loss(&mut self, end: SimTime) -> Loss {
        let first = if self.destroyed[self.writer] { self.destroyed_from() } else { f64::INFINITY };
        self.lineage.loss(&self.acknowledged, first, end)
    }
}

impl Component for ReplicatedLog {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.on(event, ctx);
    }
}
