//! The log of one writer and the copies that follow it in other regions: what all services with one writer share.
//!
//! A service with one writer brings its parameters; the log knows cuts, promotions, endpoints that follow, and which
//! acknowledged writes a promoted copy lacks.
//!
//!   writer reachable --cut--> decision --promote--> promotion --done--> endpoint update --per region--> reachable

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Variate};
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::cause::Cause;
use crate::journeys::Access;
use crate::stores::{AckLog, Availability, Loss, Promotion, Service, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions that hold a copy; all of them without");
const WRITER: Key = Key::required("writer", "the region that takes the writes");
const ZONE: Key = Key::optional("zone", "the writer's zone, `a`, `b`, ..; drawn in each trial without").at_least(0.0);

/// Where a log lives: its regions, its writer's region and zone.
#[derive(Debug, Clone)]
pub struct Place {
    /// Regions that hold a copy.
    pub regions: Vec<usize>,
    /// The region that takes the writes.
    pub writer: usize,
    /// The writer's zone.
    pub zone: Option<usize>,
}

impl Place {
    /// Reads the keys that say where a log lives.
    pub fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = (0..names.len()).collect();
        }
        let writer = section.name(&WRITER, names);
        if !names.is_empty() && !regions.contains(&writer) {
            section.reject("writer", names[writer].as_str(), "one of the store's own `regions`", None);
        }
        Self { regions, writer, zone: crate::faults::read_zone(section, &ZONE) }
    }
}

/// How a log behaves.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Where it lives.
    pub place: Place,
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
    failover_time: Variate,
    switch_over_time: Variate,
    zone_choice: Stream,

    writer: usize,
    zone: usize,
    failing_over: bool,
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
            failover_time: variate(&parameters.in_region_failover, "in-region-failover"),
            switch_over_time: variate(&parameters.switch_over_time, "switch-over-time"),
            zone_choice: Stream::new(StreamId::new(seed, path, "zone")),
            writer: parameters.place.writer,
            zone: 0,
            failing_over: false,
            promotions: 0,
            under_way: None,
            points_to: vec![parameters.place.writer; count],
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
                Availability::fails(Cause::EndpointUpdate, true)
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
        Availability::fails(cause, true)
    }

    fn note_cuts(&mut self, world: &World, now: SimTime) {
        for index in 0..self.parameters.place.regions.len() {
            let region = self.parameters.place.regions[index];
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

impl Service for ReplicatedLog {
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
        self.writer = self.parameters.place.writer;
        let drawn = (self.zone_choice.uniform() * self.zones[self.writer] as f64) as usize;
        self.zone = self.parameters.place.zone.unwrap_or(drawn);
        self.failing_over = false;
        self.promotions = 0;
        self.under_way = None;
        self.points_to.fill(self.parameters.place.writer);
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
            Access::Read => crate::stores::nearest_copy(&self.parameters.place.regions, region, world),
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
        let healthy = self.write(to, world).share == 1.0 && self.points_to[to] == self.writer;
        let needed = match how {
            Promotion::Failover | Promotion::Detach => !healthy,
            Promotion::SwitchOver => healthy && to != self.writer,
        };
        if !needed || !self.parameters.place.regions.contains(&to) {
            return false;
        }
        self.under_way = Some(UnderWay { how, to, effective });
        let time = match how {
            Promotion::SwitchOver => self.switch_over_time.draw_duration(),
            Promotion::Failover | Promotion::Detach => self.promotion_time.draw_duration(),
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

impl Component for ReplicatedLog {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::PromotionEnds => self.on_promotion_end(ctx),
            Event::EndpointFollows { promotion, .. } if promotion != self.promotions => {}
            Event::EndpointFollows { region, .. } => {
                // With regional endpoints, a region that a partition keeps from the new writer stays on its own side.
                let whole = self.linked[region * self.up.len() + self.writer];
                if self.parameters.regional_endpoint && !whole {
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

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::component::Harness;

    fn constant(seconds: f64) -> Distribution {
        Distribution::constant(seconds).expect("a constant")
    }

    fn at(seconds: f64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs_f64(seconds)
    }

    fn parameters() -> Parameters {
        Parameters {
            place: Place { regions: vec![0, 1], writer: 0, zone: Some(0) },
            replication_lag: constant(2.0),
            promotion_time: constant(60.0),
            regional_endpoint: false,
            endpoint_update: constant(10.0),
            endpoint_ttl: SimDuration::ZERO,
            in_region_failover: constant(30.0),
            switch_over_time: constant(20.0),
        }
    }

    /// A log in two regions that acknowledges 10 writes per second, and the places around it.
    struct Bench {
        log: Harness<ReplicatedLog>,
        world: World,
    }

    impl Bench {
        fn new(parameters: &Parameters) -> Self {
            let regions = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
            let site = Site { path: "stores/orders", regions: &regions, zones: &[3, 3], seed: 1 };
            let mut bench = Self {
                log: Harness::new(ReplicatedLog::new(parameters, site)),
                world: World::new(&[3, 3], &vec![vec![0.0; 2]; 2]),
            };
            bench.log.call(|log, _| log.begin(0));
            bench.acknowledge([10.0, 0.0]);
            bench
        }

        /// Until `seconds`, then something happens to the places.
        fn change(&mut self, seconds: f64, what: impl FnOnce(&mut World)) {
            self.log.run_until(at(seconds));
            what(&mut self.world);
            let world = &self.world;
            self.log.call(|log, ctx| log.world_changed(world, ctx));
        }

        fn acknowledge(&mut self, rates: [f64; 2]) {
            self.log.call(|log, ctx| log.acknowledges(&rates, ctx.now()));
        }

        fn promote(&mut self, seconds: f64, how: Promotion) -> bool {
            self.log.run_until(at(seconds));
            let world = &self.world;
            self.log.call(|log, ctx| log.promote(how, 1, true, world, ctx))
        }

        fn write(&mut self, seconds: f64, region: usize) -> Result<usize, Cause> {
            self.log.run_until(at(seconds));
            let write = self.log.component().access(Access::Write, region, &self.world);
            if write.share == 1.0 { Ok(write.at) } else { Err(write.cause) }
        }

        fn loss(&mut self, seconds: f64) -> Loss {
            self.log.run_until(at(seconds));
            self.log.call(|log, ctx| log.loss(ctx.now()))
        }
    }

    #[test]
    fn a_lost_writer_is_decided_about_then_promoted_over_then_followed() {
        let mut bench = Bench::new(&parameters());
        assert_eq!(bench.write(50.0, 1), Ok(0), "writes cross to the writer");
        bench.change(100.0, |world| assert!(world.set_out(0, true)));
        bench.acknowledge([0.0, 0.0]);
        assert_eq!(bench.write(149.0, 1), Err(Cause::Decision));
        assert!(bench.promote(150.0, Promotion::Failover));
        assert_eq!(bench.write(209.0, 1), Err(Cause::Promotion));
        assert_eq!(bench.write(211.0, 1), Err(Cause::EndpointUpdate));
        assert_eq!(bench.write(221.0, 1), Ok(1));
        // Up to (100 s - 2 s of lag) is at the copy; 10 writes per second were acknowledged until 100 s.
        assert_eq!(bench.loss(400.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
    }

    #[test]
    fn without_a_promotion_nothing_is_lost_unless_the_region_is_destroyed() {
        let mut bench = Bench::new(&parameters());
        bench.change(100.0, |world| assert!(world.set_out(0, true)));
        bench.acknowledge([0.0, 0.0]);
        assert_eq!(bench.loss(200.0), Loss::default());
        bench.log.call(|log, _| log.destroyed(0));
        assert_eq!(bench.loss(200.0), Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
    }

    #[test]
    fn a_partitioned_writer_acknowledges_what_will_be_lost_until_its_side_follows_the_new_one() {
        let mut bench = Bench::new(&parameters());
        bench.change(100.0, |world| assert!(world.set_cut(0, 1, true)));
        assert!(bench.promote(150.0, Promotion::Failover));
        assert_eq!(bench.write(219.0, 0), Ok(0), "its own side still writes to it");
        assert_eq!(bench.write(221.0, 0), Err(Cause::NoPath), "it follows a writer that it cannot reach");
        bench.acknowledge([0.0, 0.0]);
        // From 98 s to 220 s, where the last region turned away from it; rates were told at 221 s.
        assert_eq!(bench.loss(400.0), Loss { seconds: 122.0, lost: 1_220.0, ..Loss::default() });
    }

    #[test]
    fn with_regional_endpoints_the_old_side_keeps_its_writer_until_the_partition_ends() {
        let mut bench = Bench::new(&Parameters { regional_endpoint: true, ..parameters() });
        bench.change(100.0, |world| assert!(world.set_cut(0, 1, true)));
        assert!(bench.promote(150.0, Promotion::Failover));
        assert_eq!(bench.write(399.0, 0), Ok(0));
        bench.change(400.0, |world| assert!(world.set_cut(0, 1, false)));
        assert_eq!(bench.write(400.0, 0), Ok(1));
        bench.acknowledge([0.0, 10.0]);
        assert_eq!(bench.loss(500.0), Loss { seconds: 302.0, lost: 3_020.0, ..Loss::default() });
    }

    #[test]
    fn a_writer_that_lost_its_zone_fails_over_within_its_region() {
        let mut bench = Bench::new(&parameters());
        bench.change(100.0, |world| assert!(world.set_zone_out(0, 0, true)));
        assert_eq!(bench.write(129.0, 1), Err(Cause::Promotion));
        assert_eq!(bench.write(131.0, 1), Ok(0));
        assert_eq!(bench.loss(400.0), Loss::default());
    }

    #[test]
    fn a_switchover_loses_nothing_and_a_promotion_that_is_not_needed_is_not_begun() {
        let mut bench = Bench::new(&parameters());
        assert!(!bench.promote(100.0, Promotion::Failover));
        assert!(bench.promote(100.0, Promotion::SwitchOver));
        assert_eq!(bench.write(119.0, 0), Err(Cause::Promotion));
        assert_eq!(bench.write(131.0, 0), Ok(1));
        assert_eq!(bench.loss(400.0), Loss::default());
    }
}
