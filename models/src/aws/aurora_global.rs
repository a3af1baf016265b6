//! Amazon Aurora Global Database: one writer region, copies that follow its log.
//!
//! Modelled:      local reads; writes that cross to the writer; replication that stops when the writer is cut off, with
//!                everything up to (cut - lag) at the copy; promotion by a runbook, endpoint update, stale endpoints;
//!                a former writer that keeps acknowledging behind a partition; in-region failover; planned switchover.
//! Not modelled:  rebuilding of other copies after a failover, reader restarts, failed fencing of storage, engine versions.
//! Sources:       facts 5a and 5b ("a few minutes", "typically under a second": documented; distributions: assumed).
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::cause::Cause;
use crate::journeys::Access;
use crate::stores::{AckLog, Availability, Loss, Promotion, Service, Settings, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions that hold a copy; all of them without");
const WRITER: Key = Key::required("writer", "the region that takes the writes");
const ZONE: Key = Key::optional("zone", "the writer's zone, `a`, `b`, ..; drawn in each trial without").at_least(0.0);
const LAG: Key = Key::assumed(
    "replication-lag",
    "age of the newest write that a copy lacks, when the writer is cut off",
    "{ lognormal = { median = \"250ms\", p99 = \"1s\" } }",
    "facts 5a: typically under 1 s (documented); no distribution is published",
);
const PROMOTION: Key = Key::assumed(
    "promotion-time",
    "from the call to a new writer",
    "{ lognormal = { median = \"2m\", p95 = \"5m\" } }",
    "facts 5a: typically within a few minutes (documented); no distribution is published",
);
const ENDPOINT: Key = Key::documented(
    "endpoint",
    "whether every region follows the global writer endpoint, or the old side keeps its own writer",
    "global",
    "facts 5a: global writer endpoint",
);
const UPDATE: Key = Key::assumed(
    "endpoint-update",
    "from the promotion to a changed name",
    "{ uniform = [\"5s\", \"30s\"] }",
    "design 5.5: no figure is published",
);
const ENDPOINT_TTL: Key = Key::documented(
    "endpoint-ttl",
    "how long applications keep the writer's address",
    "5s",
    "facts 5a and 5b: about 5 s",
);
const IN_REGION: Key = Key::assumed(
    "in-region-failover",
    "from the loss of the writer's zone to a writer in another",
    "{ lognormal = { median = \"25s\", p95 = \"55s\" } }",
    "facts 5b: less than 60 s, often less than 30 s (documented); no distribution is published",
);
const SWITCH_OVER: Key = Key::assumed(
    "switch-over-time",
    "how long writes stop in a planned switchover",
    "{ lognormal = { median = \"20s\", p95 = \"60s\" } }",
    "facts 5a: typically under 30 s with recent engines, minutes with older ones",
);

/// A global database.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Regions that hold a copy.
    pub regions: Vec<usize>,
    /// The region that takes the writes.
    pub writer: usize,
    /// The writer's zone.
    pub zone: Option<usize>,
    /// Replication lag in seconds.
    pub replication_lag: Distribution,
    /// Promotion time in seconds.
    pub promotion_time: Distribution,
    /// Whether the old side keeps its own writer behind a partition.
    pub regional_endpoint: bool,
    /// Endpoint update in seconds.
    pub endpoint_update: Distribution,
    /// How long applications keep the writer's address.
    pub endpoint_ttl: SimDuration,
    /// In-region failover in seconds.
    pub in_region_failover: Distribution,
    /// Planned switchover in seconds.
    pub switch_over_time: Distribution,
}

impl Settings for Parameters {
    type Service = Cluster;
    const KIND: &'static str = "aurora-global";
    const CONTROL_PLANE: &'static str = "RDS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = (0..names.len()).collect();
        }
        let writer = section.name(&WRITER, names);
        if !names.is_empty() && !regions.contains(&writer) {
            let own: Vec<&str> = regions.iter().map(|&region| names[region].as_str()).collect();
            let expected = format!("one of the store's own regions, {}", own.join(", "));
            section.reject_among(&["writer", "regions"], names[writer].as_str(), expected, None);
        }
        let zone = crate::faults::read_zone(section, &ZONE, &WRITER, names.get(writer).map(String::as_str));
        Self {
            regions,
            writer,
            zone,
            replication_lag: section.delay(&LAG),
            promotion_time: section.delay(&PROMOTION),
            regional_endpoint: section.choice(&ENDPOINT, &[("global", false), ("regional", true)]),
            endpoint_update: section.delay(&UPDATE),
            endpoint_ttl: section.duration(&ENDPOINT_TTL),
            in_region_failover: section.delay(&IN_REGION),
            switch_over_time: section.delay(&SWITCH_OVER),
        }
    }

    fn writer(&self) -> Option<usize> {
        Some(self.writer)
    }

    fn regions(&self) -> &[usize] {
        &self.regions
    }

    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let (writer, lag, promotion) = (region(self.writer), delay(&self.replication_lag), delay(&self.promotion_time));
        format!("Aurora Global Database, writer in {writer}, lag {lag}, promotion {promotion}")
    }

    fn build(&self, site: Site<'_>) -> Cluster {
        Cluster::new(self, site)
    }
}

/// What can happen to a cluster.
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

/// A global database at work.
#[derive(Debug)]
pub struct Cluster {
    parameters: Parameters,
    zones: Vec<usize>,
    lag: Vec<Variate>,
    promotion_time: Variate,
    endpoint_update: Variate,
    endpoint_cache: Vec<Stream>,
    failover_time: Variate,
    switch_over_time: Variate,
    zone_choice: Stream,

    writer: usize,
    zone: usize,
    failing_over: bool,
    /// Whether the writer answers with errors, though it can be reached.
    erring: bool,
    /// Whether a region that a partition keeps from the new writer stays with its own.
    regional: bool,
    promotions: u32,
    under_way: Option<UnderWay>,
    points_to: Vec<usize>,
    /// Regions that would follow the writer's name if the partition did not keep them on their own side.
    held_back: Vec<bool>,
    up: Vec<bool>,
    /// Whether a path between two regions is whole, row by row.
    linked: Vec<bool>,
    cuts: Vec<Option<Cut>>,
    retired: Vec<Retired>,
    destroyed: Vec<bool>,
    acknowledged: Vec<AckLog>,
}

impl Cluster {
    /// A cluster at this site.
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
            failover_time: variate(&parameters.in_region_failover, "in-region-failover"),
            switch_over_time: variate(&parameters.switch_over_time, "switch-over-time"),
            zone_choice: Stream::new(StreamId::new(seed, path, "zone")),
            writer: parameters.writer,
            zone: 0,
            failing_over: false,
            erring: false,
            regional: parameters.regional_endpoint,
            promotions: 0,
            under_way: None,
            points_to: vec![parameters.writer; count],
            held_back: vec![false; count],
            up: vec![true; count],
            linked: vec![true; count * count],
            cuts: vec![None; count],
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
            let fenced = world.reaches(self.writer, target);
            return if reaches && !fenced {
                Availability::works(target)
            } else {
                Availability::fails(Cause::EndpointUpdate, !reaches)
            };
        }
        let switching = self.under_way.is_some_and(|step| step.how == Promotion::SwitchOver);
        if reaches && !self.failing_over && !switching {
            return Availability::works(target);
        }
        let cause = if self.under_way.is_some() || (reaches && self.failing_over) {
            Cause::Promotion
        } else if self.promotions > 0 && world.up(target) {
            Cause::NoPath
        } else {
            Cause::Decision
        };
        // A writer that is out or cut off lets callers hang; one that lives refuses at once.
        Availability::fails(cause, !reaches || self.failing_over)
    }

    fn note_cuts(&mut self, world: &World, now: SimTime) {
        for index in 0..self.parameters.regions.len() {
            let region = self.parameters.regions[index];
            if region == self.writer {
                continue;
            }
            let connected = world.reaches(self.writer, region);
            if connected {
                self.cuts[region] = None;
            } else if self.cuts[region].is_none() {
                self.cuts[region] = Some(Cut { at: now, lag: self.lag[region].draw() });
            }
        }
    }

    fn on_promotion_end(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let Some(UnderWay { how, to, effective }) = self.under_way.take() else { return };
        ctx.signal(Signal::Changed);
        if !effective || !self.up[to] {
            ctx.signal(Signal::PromotionFailed(to));
            return;
        }
        let now = ctx.now();
        let former = self.writer;
        if how != Promotion::SwitchOver && to != former {
            let cut = self.cuts[to].unwrap_or_else(|| Cut { at: now, lag: self.lag[to].draw() });
            self.retired.push(Retired { writer: former, cut, closed: SimTime::NEVER });
        }
        // The global writer endpoint does not follow a detached copy: applications are led to it region by region.
        self.regional = self.parameters.regional_endpoint || how == Promotion::Detach;
        self.writer = to;
        self.failing_over = false;
        self.promotions += 1;
        self.cuts.fill(None);
        let update = now + self.endpoint_update.draw_duration();
        for region in 0..self.points_to.len() {
            let cached = self.endpoint_cache[region].uniform() * self.parameters.endpoint_ttl.as_secs_f64();
            let at = update + SimDuration::from_secs_f64(cached);
            self.held_back[region] = false;
            ctx.schedule_at(at, Event::EndpointFollows { region, promotion: self.promotions });
        }
        ctx.signal(Signal::Promoted(to));
    }

    /// A region writes to the present writer from now on.
    fn follow(&mut self, region: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.held_back[region] = false;
        self.points_to[region] = self.writer;
        for retired in &mut self.retired {
            if retired.closed == SimTime::NEVER && !self.points_to.contains(&retired.writer) {
                retired.closed = ctx.now();
            }
        }
        ctx.signal(Signal::EndpointUpdated(region));
        ctx.signal(Signal::Changed);
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

impl Service for Cluster {
    /// Starts a trial.
    fn begin(&mut self, trial: u64) {
        for lag in &mut self.lag {
            lag.begin(trial);
        }
        for stream in &mut self.endpoint_cache {
            stream.begin(trial);
        }
        for variate in
            [&mut self.promotion_time, &mut self.endpoint_update, &mut self.failover_time, &mut self.switch_over_time]
        {
            variate.begin(trial);
        }
        self.zone_choice.begin(trial);
        self.writer = self.parameters.writer;
        let drawn = (self.zone_choice.uniform() * self.zones[self.writer] as f64) as usize;
        self.zone = self.parameters.zone.unwrap_or(drawn);
        self.failing_over = false;
        self.erring = false;
        self.regional = self.parameters.regional_endpoint;
        self.promotions = 0;
        self.under_way = None;
        self.points_to.fill(self.parameters.writer);
        self.held_back.fill(false);
        self.up.fill(true);
        self.linked.fill(true);
        self.cuts.fill(None);
        self.retired.clear();
        self.destroyed.fill(false);
        for log in &mut self.acknowledged {
            log.clear();
        }
    }

    fn access(&self, access: Access, region: usize, world: &World) -> Availability {
        match access {
            Access::Read => crate::stores::nearest_copy(&self.parameters.regions, region, world),
            Access::Write => self.write(region, world),
        }
    }

    /// Places or paths changed: cuts begin and heal, the writer may have lost its zone.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        let count = self.up.len();
        for region in 0..count {
            self.up[region] = world.up(region);
            for other in 0..count {
                self.linked[region * count + other] = world.linked(region, other);
            }
            if self.held_back[region] && world.linked(region, self.writer) {
                self.follow(region, ctx);
            }
        }
        self.note_cuts(world, ctx.now());
        if !self.failing_over && world.up(self.writer) && !world.zone_up(self.writer, self.zone) {
            self.failing_over = true;
            let time = self.failover_time.draw_duration();
            ctx.schedule_in(time, Event::InRegionFailoverEnds);
        }
        ctx.signal(Signal::Changed);
    }

    /// From now on each region's copy acknowledges this many writes per second.
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    fn errs(&mut self, erring: bool) {
        self.erring = erring;
    }

    /// The region's data will never return.
    fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    /// Begins a promotion, unless one is under way already, which then is waited for. A promotion of a copy that the
    /// writer answers without errors is not needed; a switchover needs just that.
    fn promote(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        if self.under_way.is_some() {
            return true;
        }
        let healthy = !self.erring && self.write(to, world).share == 1.0 && self.points_to[to] == self.writer;
        let needed = match how {
            Promotion::Failover | Promotion::Detach => !healthy,
            Promotion::SwitchOver => healthy && to != self.writer,
        };
        if !needed || !self.parameters.regions.contains(&to) {
            return false;
        }
        self.under_way = Some(UnderWay { how, to, effective });
        let time = match how {
            Promotion::SwitchOver => self.switch_over_time.draw_duration(),
            Promotion::Failover => self.promotion_time.draw_duration(),
            // Facts 5a: a detached copy is a cluster of its own at once.
            Promotion::Detach => SimDuration::ZERO,
        };
        ctx.schedule_in(time, Event::PromotionEnds);
        ctx.signal(Signal::PromotionBegan(to));
        ctx.signal(Signal::Changed);
        true
    }

    /// Age of the newest write that the most backward copy lacks, and since when it has been growing.
    fn lag(&self) -> (f64, Option<SimTime>) {
        let usual = self.lag[self.writer].distribution().quantile(0.5);
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

impl Component for Cluster {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::PromotionEnds => self.on_promotion_end(ctx),
            Event::EndpointFollows { promotion, .. } if promotion != self.promotions => {}
            Event::EndpointFollows { region, .. } => {
                // With regional endpoints, a region that a partition keeps from the new writer stays on its own side.
                let whole = self.linked[region * self.up.len() + self.writer];
                if self.regional && !whole {
                    self.held_back[region] = true;
                } else {
                    self.follow(region, ctx);
                }
            }
            Event::InRegionFailoverEnds => {
                self.failing_over = false;
                self.zone = (self.zone + 1) % self.zones[self.writer].max(1);
                ctx.signal(Signal::Changed);
            }
        }
    }
}
