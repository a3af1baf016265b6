//! The log of one writer and the copies that follow it in other regions: what all services with one writer share.
//!
//! A service with one writer brings its parameters; the log knows cuts, promotions, endpoints that follow, and which
//! acknowledged writes a promoted copy lacks.
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable

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
    InRegionFailoverEnds,
    /// No copy is within the writer's bound from now on.
    Stalls,
}

#[derive(Debug, Clone, Copy)]
struct Cut {
    at: SimTime,
    lag: f64,
}

#[derive(Debug, Clone, Copy)]
struct UnderWay {
    how: Promotion,
    to: usize,
    effective: bool,
}

/// A writer that was promoted over, and what its successor lacks.
#[derive(Debug, Clone, Copy)]
struct Retired {
    writer: usize,
    cut: Cut,
    /// When the last region stopped writing to it.
    closed: SimTime,
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
    zone: usize,
    failing_over: bool,
    /// Regions whose copies answer with errors, though they can be reached.
    erring: Vec<bool>,
    /// Whether a region that a partition keeps from the new writer stays with its own.
    regional: bool,
    /// The writer's zone is gone and nothing takes its place.
    zone_lost: bool,
    promotions: u32,
    under_way: Option<UnderWay>,
    points_to: Vec<usize>,
    /// Regions that would follow the writer's name if the partition did not keep them on their own side.
    held_back: Vec<bool>,
    up: Vec<bool>,
    /// Whether a path between two regions is whole, row by row.
    linked: Vec<bool>,
    /// How many faults keep the log of one region from another, row by row.
    held_up: Vec<u32>,
    /// Regions whose copies follow the writer, and the writer's own.
    copies: Vec<usize>,
    cuts: Vec<Option<Cut>>,
    /// Writes that each copy has not applied yet, at an instant, and how many the writer acknowledges since then.
    backlog: Vec<f64>,
    backlog_at: SimTime,
    writing: f64,
    /// Since or from when no copy is within the bound.
    stalls_at: Option<SimTime>,
    stalled: bool,
    retired: Vec<Retired>,
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
            zone: 0,
            failing_over: false,
            erring: vec![false; count],
            regional: parameters.regional_endpoint,
            zone_lost: false,
            promotions: 0,
            under_way: None,
            points_to: vec![parameters.place.writer; count],
            held_back: vec![false; count],
            up: vec![true; count],
            linked: vec![true; count * count],
            held_up: vec![0; count * count],
            copies: parameters.place.regions.clone(),
            cuts: vec![None; count],
            backlog: vec![0.0; count],
            backlog_at: SimTime::ZERO,
            writing: 0.0,
            stalls_at: None,
            stalled: false,
            retired: Vec::new(),
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
            let stands = self.failover_time.is_some() || world.zone_up(target, self.zone);
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
        let cause = if self.under_way.is_some() || (reaches && self.failing_over) {
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

    fn note_cuts(&mut self, world: &World, out: &mut impl Outlet) {
        let now = out.now();
        self.apply_until(now);
        for index in 0..self.copies.len() {
            let region = self.copies[index];
            if region == self.writer {
                continue;
            }
            let flows = world.reaches(self.writer, region) && self.held_up[self.writer * self.up.len() + region] == 0;
            let follows = flows && !self.zone_lost && !self.leaving(region);
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
        self.stalled = stalls_at.is_some_and(|at| at <= out.now());
        if let Some(at) = stalls_at.filter(|&at| at > out.now()) {
            out.schedule_at(at, Event::Stalls);
        }
    }

    fn on_promotion_end(&mut self, out: &mut impl Outlet) {
        let Some(UnderWay { how, to, effective }) = self.under_way.take() else { return };
        out.signal(Signal::Changed);
        if !effective || !self.up[to] {
            out.signal(Signal::PromotionFailed(to));
            return;
        }
        let now = out.now();
        let former = self.writer;
        if how != Promotion::SwitchOver {
            self.apply_until(now);
            let cut = self.cuts[to].unwrap_or_else(|| Cut { at: now, lag: self.draw_lag(to) });
            self.retired.push(Retired { writer: former, cut, closed: SimTime::NEVER });
            self.leave_all(out);
        }
        // The global writer endpoint does not follow a detached copy: applications are led to it region by region.
        self.regional = self.parameters.regional_endpoint || how == Promotion::Detach;
        self.writer = to;
        self.failing_over = false;
        self.zone_lost = false;
        self.promotions += 1;
        if !self.parameters.rejoins {
            self.copies.clear();
            self.copies.push(to);
        }
        self.cuts.fill(None);
        self.backlog.fill(0.0);
        (self.backlog_at, self.writing) = (now, self.acknowledged[to].rate());
        // A copy that the new writer cannot reach lacks what is written from now on.
        for index in 0..self.copies.len() {
            let region = self.copies[index];
            if region != to && !(self.up[region] && self.linked[region * self.up.len() + to]) {
                self.cut_off(region, now);
            }
        }
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
        for retired in &mut self.retired {
            if retired.closed == SimTime::NEVER && !self.points_to.contains(&retired.writer) {
                retired.closed = out.now();
            }
        }
        out.signal(Signal::EndpointUpdated(region));
        out.signal(Signal::Changed);
    }

    fn add_suffix(&self, loss: &mut Loss, writer: usize, cut: Cut, end: SimTime) {
        let log = &self.acknowledged[writer];
        let Some(last) = log.last(end) else { return };
        let first = cut.at.as_secs_f64() - cut.lag;
        if last > first {
            loss.seconds = loss.seconds.max(last - first);
            loss.lost += log.until(last) - log.until(first);
        }
    }
}

impl ReplicatedLog {
    /// See [`Service::world_changed`]: cuts begin and heal, the writer may have lost its zone.
    pub fn places_changed(&mut self, world: &World, out: &mut impl Outlet) {
        let count = self.up.len();
        for region in 0..count {
            self.up[region] = world.up(region);
            for other in 0..count {
                self.linked[region * count + other] = world.linked(region, other);
            }
            if self.held_back[region] && world.linked(region, self.writer) {
                self.follow(region, out);
            }
        }
        let zone_gone = world.up(self.writer) && !world.zone_up(self.writer, self.zone);
        self.zone_lost = zone_gone && self.failover_time.is_none();
        self.note_cuts(world, out);
        if let Some(time) = &mut self.failover_time
            && !self.failing_over
            && zone_gone
        {
            self.failing_over = true;
            let time = time.draw_duration();
            out.schedule_in(time, Event::InRegionFailoverEnds);
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
        let needed = healthy == (how == Promotion::SwitchOver);
        // A copy that the log does not reach cannot catch up, and a planned switchover loses nothing.
        let waits = how == Promotion::SwitchOver && self.cuts.get(to).is_some_and(Option::is_some);
        if !needed || waits || to == self.writer || !self.copies.contains(&to) {
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
            Event::InRegionFailoverEnds => {
                self.failing_over = false;
                self.zone = (self.zone + 1) % self.zones[self.writer].max(1);
                out.signal(Signal::Changed);
            }
            Event::Stalls => {
                let now = out.now();
                self.stalled = self.stalls_at.is_some_and(|at| at <= now);
                out.signal(Signal::Changed);
            }
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
        self.zone = self.parameters.place.zone.unwrap_or(drawn);
        self.failing_over = false;
        self.erring.fill(false);
        self.regional = self.parameters.regional_endpoint;
        self.zone_lost = false;
        self.promotions = 0;
        self.under_way = None;
        self.points_to.fill(self.parameters.place.writer);
        self.held_back.fill(false);
        self.up.fill(true);
        self.linked.fill(true);
        self.held_up.fill(0);
        self.copies.clone_from(&self.parameters.place.regions);
        self.cuts.fill(None);
        self.backlog.fill(0.0);
        (self.backlog_at, self.writing) = (SimTime::ZERO, 0.0);
        (self.stalls_at, self.stalled) = (None, false);
        self.retired.clear();
        self.destroyed.fill(false);
        for log in &mut self.acknowledged {
            log.clear();
        }
    }

    fn access(&self, _: usize, access: Access, region: usize, world: &World) -> Availability {
        match access {
            Access::Read => crate::stores::nearest_copy(&self.copies, region, world),
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
        let first = self.cuts.iter().flatten().min_by_key(|cut| cut.at);
        first.map_or((usual, None), |cut| (cut.lag, Some(cut.at)))
    }

    /// What was lost until `end`: the suffix of a log that was promoted over, or whose region was destroyed.
    fn loss(&mut self, end: SimTime) -> Loss {
        let mut loss = Loss::default();
        for retired in &self.retired {
            self.add_suffix(&mut loss, retired.writer, retired.cut, retired.closed.min(end));
        }
        let covered = self.retired.iter().any(|retired| retired.writer == self.writer);
        if self.destroyed[self.writer] && !covered {
            let best = self.cuts.iter().flatten().min_by(|a, b| a.lag.total_cmp(&b.lag));
            if let Some(&cut) = best {
                self.add_suffix(&mut loss, self.writer, cut, end);
            }
        }
        loss
    }
}

impl Component for ReplicatedLog {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        self.on(event, ctx);
    }
}
