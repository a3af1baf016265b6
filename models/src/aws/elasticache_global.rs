//! Amazon `ElastiCache` Global Datastore: one primary region, read-only copies that follow it.
//!
//! Modelled:      local reads, if stated not while a promotion modifies the datastore; writes to the primary; loss of
//!                what the promoted copy lacks; promotion by a runbook, applications that are repointed afterwards;
//!                in-region failover to a zone that is up, or the wait for one. As a cache (`backs`): misses and whatever
//!                the cache does not answer load what it backs; a copy is cold when its region comes back, and warms up.
//! Not modelled:  writes that an in-region failover loses, shards and their slots, eviction, promotions in parallel,
//!                full synchronisation, writing through the cache to what it backs.
//! Sources:       facts 8 (promotion about 1 min, lag under 1 s: documented; distributions: assumed).
//!
//! The hit ratio of a cold copy grows as h(t) = h (1 - exp(-t / tau)). Flows are constant between events, so that a copy
//! warms in 256 steps of tau / 32, each with the mean of h(t) over it: the number of misses is exact at the end of each
//! step, the instant at which some hit ratio is reached to within a step. After 8 tau (all but 0.03 % of h) it counts as
//! warm. What is loaded does not speed this up, nor does what the store behind sheds slow it down.

use sim_core::component::{Component, Context};
use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::cause::Cause;
use crate::journeys::Access;
use crate::replicated_log::{self, Outlet, Place, ReplicatedLog};
use crate::stores::{Availability, Loss, Others, Promotion, Service, Settings, Signal, Site};
use crate::world::World;

const LAG: Key = Key::assumed(
    "replication-lag",
    "age of the newest write that a copy lacks, when the primary is cut off",
    "{ lognormal = { median = \"300ms\", p99 = \"1s\" } }",
    "facts 8: typically under 1 s (documented); no distribution is published",
);
const PROMOTION: Key = Key::assumed(
    "promotion-time",
    "from the call to a new primary",
    "{ lognormal = { median = \"1m\", p95 = \"2m\" } }",
    "facts 8: about 1 min (documented); no distribution is published",
);
const MODIFYING: Key = Key::convention(
    "reads-while-modifying",
    "whether copies answer reads during a promotion",
    "true",
    "design 5.5: local reads; facts 8 call a datastore unavailable while it is `Modifying`, `false` takes that literally",
);
const ENDPOINT: Key = Key::documented(
    "endpoint",
    "whether applications everywhere are repointed, or the old side keeps its own primary behind a partition",
    "regional",
    "facts 8: there is no global endpoint",
);
const UPDATE: Key = Key::assumed(
    "endpoint-update",
    "from the promotion until applications are pointed at the new primary",
    "{ uniform = [\"5s\", \"30s\"] }",
    "facts 8: applications must be repointed (documented); no figure is published",
);
const ENDPOINT_TTL: Key = Key::assumed(
    "endpoint-ttl",
    "how long applications keep the primary's address",
    "5s",
    "no figure is published; as with Aurora",
);
const IN_REGION: Key = Key::assumed(
    "in-region-failover",
    "from the loss of the primary's zone to a primary in another",
    "{ lognormal = { median = \"15s\", p95 = \"40s\" } }",
    "facts 8: typically a few seconds after detection (documented); how long detection takes is not published",
);
const BACKS: Key = Key::optional("backs", "the store that misses load from; not a cache without");
const HIT_RATIO: Key = Key::assumed("hit-ratio", "share of reads that a warm copy answers", "0.9", "workloads differ")
    .at_least(0.0)
    .at_most(1.0);
const WARM_UP: Key =
    Key::assumed("warm-up", "time constant with which a cold copy warms", "5m", "design 5.5: no figure is published");
const COLD_PROMOTED: Key = Key::convention(
    "cold-when-promoted",
    "whether a promoted copy starts cold",
    "false",
    "facts 8: a copy holds what was replicated to it; a cold cache is the alternative to replicating",
);

/// How a cache fills.
#[derive(Debug, Clone)]
pub struct Cache {
    /// The store that misses load from.
    pub backs: usize,
    /// Share of reads that a warm copy answers.
    pub hit_ratio: f64,
    /// Time constant with which a cold copy warms.
    pub warm_up: SimDuration,
    /// Whether a promoted copy starts cold.
    pub cold_when_promoted: bool,
}

/// A global datastore.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// How its log behaves.
    pub log: replicated_log::Parameters,
    /// Whether copies answer reads during a promotion.
    pub reads_while_modifying: bool,
    /// How it fills, if it is a cache.
    pub cache: Option<Cache>,
}

impl Settings for Parameters {
    type Service = Datastore;
    const KIND: &'static str = "elasticache-global";
    const CONTROL_PLANE: &'static str = "ElastiCache";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let log = replicated_log::Parameters {
            place: Place::read(section, names),
            replication_lag: section.delay(&LAG),
            promotion_time: section.delay(&PROMOTION),
            regional_endpoint: section.choice(&ENDPOINT, &[("regional", true), ("global", false)]),
            endpoint_update: section.delay(&UPDATE),
            endpoint_ttl: section.duration(&ENDPOINT_TTL),
            in_region_failover: Some(section.delay(&IN_REGION)),
            switch_over_time: None,
            detaches_at_once: false,
            fences: true,
            rejoins: true,
            forwards_writes: false,
            apply_rate: None,
            rpo_bound: None,
        };
        Self { log, reads_while_modifying: section.flag(&MODIFYING), cache: None }
    }

    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let backs = section.maybe_name(&BACKS, others.stores);
        if section.has(BACKS.name) {
            let (hit_ratio, warm_up) = (section.number(&HIT_RATIO), section.duration(&WARM_UP));
            let cold_when_promoted = section.flag(&COLD_PROMOTED);
            self.cache = backs.map(|backs| Cache { backs, hit_ratio, warm_up, cold_when_promoted });
        }
    }

    fn backs(&self) -> Option<usize> {
        self.cache.as_ref().map(|cache| cache.backs)
    }

    fn switches_over(&self) -> bool {
        self.log.switch_over_time.is_some()
    }

    fn writer(&self) -> Option<usize> {
        Some(self.log.place.writer)
    }

    fn zone(&self) -> Option<usize> {
        self.log.place.zone
    }

    fn regions(&self) -> &[usize] {
        &self.log.place.regions
    }

    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let (primary, lag) = (region(self.log.place.writer), delay(&self.log.replication_lag));
        let promotion = delay(&self.log.promotion_time);
        format!("ElastiCache Global Datastore, primary in {primary}, lag {lag}, promotion {promotion}")
    }

    fn build(&self, site: Site<'_>) -> Datastore {
        Datastore::new(self, site)
    }
}

/// What can happen to a datastore.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// Something happens to its log.
    Log(replicated_log::Event),
    /// A copy has warmed for another step.
    Warms {
        /// The copy's region.
        region: usize,
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

/// Steps of a time constant.
const STEPS_PER_CONSTANT: u32 = 32;
/// Steps until a copy counts as warm.
const STEPS: u32 = 8 * STEPS_PER_CONSTANT;

/// Mean of 1 - exp(-t / tau) over a step.
fn warmth(step: u32) -> f64 {
    if step >= STEPS {
        return 1.0;
    }
    let width = 1.0 / f64::from(STEPS_PER_CONSTANT);
    1.0 - libm::exp(-f64::from(step) * width) * -libm::expm1(-width) / width
}

/// A datastore at work.
#[derive(Debug)]
pub struct Datastore {
    parameters: Parameters,
    log: ReplicatedLog,
    up: Vec<bool>,
    /// Steps that each copy has warmed.
    steps: Vec<u32>,
    warmings: Vec<u32>,
}

impl Datastore {
    /// A datastore at this site.
    pub fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let count = site.regions.len();
        Self {
            log: ReplicatedLog::new(&parameters.log, site),
            up: vec![true; count],
            steps: vec![STEPS; count],
            warmings: vec![0; count],
            parameters: parameters.clone(),
        }
    }

    /// A copy starts cold.
    fn cool(&mut self, region: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.parameters.cache.is_some() {
            self.steps[region] = 0;
            self.warmings[region] += 1;
            self.warm_on(region, ctx);
        }
    }

    fn warm_on(&mut self, region: usize, ctx: &mut Context<'_, Event, Signal>) {
        ctx.signal(Signal::Changed);
        let Some(cache) = &self.parameters.cache else { return };
        if self.steps[region] < STEPS {
            let step = SimDuration::from_secs_f64(cache.warm_up.as_secs_f64() / f64::from(STEPS_PER_CONSTANT));
            ctx.schedule_in(step, Event::Warms { region, warming: self.warmings[region] });
        }
    }
}

impl Service for Datastore {
    fn begin(&mut self, trial: u64) {
        self.log.begin(trial);
        self.up.fill(true);
        self.steps.fill(STEPS);
        self.warmings.fill(0);
    }

    fn access(&self, _: usize, access: Access, region: usize, world: &World) -> Availability {
        if access == Access::Read && self.log.promoting() && !self.parameters.reads_while_modifying {
            return Availability::fails(Cause::Promotion, false);
        }
        self.log.access(0, access, region, world)
    }

    fn hit_ratio(&self, at: usize) -> f64 {
        self.parameters.cache.as_ref().map_or(1.0, |cache| cache.hit_ratio * warmth(self.steps[at]))
    }

    /// Places or paths changed: a copy that went down with its region comes back empty.
    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        self.log.places_changed(world, &mut Inner(ctx));
        for region in 0..self.up.len() {
            let was_up = std::mem::replace(&mut self.up[region], world.up(region));
            if !was_up && self.up[region] {
                self.cool(region, ctx);
            }
        }
    }

    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        self.log.acknowledges(rates, now);
    }

    fn errs(&mut self, region: usize, erring: bool) {
        self.log.errs(region, erring);
    }

    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        self.log.stalls(from, to, begins);
    }

    fn destroyed(&mut self, region: usize) {
        self.log.destroyed(region);
    }

    fn promote(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        self.log.begin_promotion(how, to, effective, world, &mut Inner(ctx))
    }

    fn lag(&self) -> (f64, Option<SimTime>) {
        self.log.lag()
    }

    fn complete(&self) -> bool {
        self.log.complete()
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
                let cold = self.parameters.cache.as_ref().is_some_and(|cache| cache.cold_when_promoted);
                if primary != before && cold {
                    self.cool(primary, ctx);
                }
            }
            Event::Warms { region, warming } if warming == self.warmings[region] => {
                self.steps[region] += 1;
                self.warm_on(region, ctx);
            }
            Event::Warms { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::component::Harness;

    const TAU: f64 = 80.0;

    fn at(seconds: f64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs_f64(seconds)
    }

    fn constant(seconds: f64) -> Distribution {
        Distribution::constant(seconds).expect("a constant")
    }

    fn datastore(cold_when_promoted: bool) -> (Harness<Datastore>, World) {
        let log = replicated_log::Parameters {
            place: Place { regions: vec![0, 1], writer: 0, zone: Some(0) },
            replication_lag: constant(0.5),
            promotion_time: constant(60.0),
            regional_endpoint: true,
            endpoint_update: constant(10.0),
            endpoint_ttl: SimDuration::ZERO,
            in_region_failover: Some(constant(15.0)),
            switch_over_time: None,
            detaches_at_once: false,
            fences: true,
            rejoins: true,
            forwards_writes: false,
            apply_rate: None,
            rpo_bound: None,
        };
        let warm_up = SimDuration::from_secs_f64(TAU);
        let cache = Some(Cache { backs: 1, hit_ratio: 0.9, warm_up, cold_when_promoted });
        let parameters = Parameters { log, reads_while_modifying: false, cache };
        let regions = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
        let site = Site { path: "stores/cache", regions: &regions, zones: &[3, 3], seed: 1 };
        let mut alone = Harness::new(Datastore::new(&parameters, site));
        alone.call(|it, ctx| {
            it.begin(0);
            it.acknowledges(&[10.0, 0.0], ctx.now());
        });
        (alone, World::new(&[3, 3], &vec![vec![0.0; 2]; 2]))
    }

    fn set_out(alone: &mut Harness<Datastore>, world: &mut World, seconds: f64, begins: bool) {
        alone.run_until(at(seconds));
        assert!(world.set_out(0, begins));
        alone.call(|it, ctx| it.world_changed(world, ctx));
    }

    fn promote(alone: &mut Harness<Datastore>, world: &World, seconds: f64) {
        alone.run_until(at(seconds));
        assert!(alone.call(|it, ctx| it.promote(Promotion::Failover, 1, true, world, ctx)));
    }

    #[test]
    fn while_it_is_modified_it_answers_nobody_if_so_stated() {
        let (mut alone, mut world) = datastore(false);
        set_out(&mut alone, &mut world, 100.0, true);
        let read = |alone: &Harness<Datastore>| alone.component().access(0, Access::Read, 1, &world);
        assert_eq!(read(&alone), Availability::works(1));
        promote(&mut alone, &world, 120.0);
        assert_eq!(read(&alone).cause, Cause::Promotion);
        assert_eq!(read(&alone).share, 0.0);
        alone.run_until(at(181.0));
        assert_eq!(read(&alone), Availability::works(1));
        alone.run_until(at(191.0));
        assert_eq!(alone.component().access(0, Access::Write, 1, &world), Availability::works(1));
        alone.call(|it, ctx| it.acknowledges(&[0.0, 10.0], ctx.now()));
    }

    #[test]
    fn a_promotion_loses_what_the_copy_lacks_and_leaves_it_warm_unless_stated() {
        for (cold, expected) in [(false, 0.9), (true, 0.9 * warmth(0))] {
            let (mut alone, mut world) = datastore(cold);
            set_out(&mut alone, &mut world, 100.0, true);
            alone.call(|it, ctx| it.acknowledges(&[0.0, 0.0], ctx.now()));
            promote(&mut alone, &world, 120.0);
            alone.run_until(at(181.0));
            assert_eq!(alone.component().hit_ratio(1), expected);
            let loss = alone.call(|it, ctx| it.loss(ctx.now()));
            assert_eq!(loss, Loss { seconds: 0.5, lost: 5.0, ..Loss::default() });
        }
    }

    #[test]
    fn a_copy_comes_back_cold_and_misses_as_often_as_the_curve_says() {
        let (mut alone, mut world) = datastore(false);
        set_out(&mut alone, &mut world, 100.0, true);
        set_out(&mut alone, &mut world, 200.0, false);
        assert!(alone.component().hit_ratio(0) < 0.06);
        assert_eq!(alone.component().hit_ratio(1), 0.9, "the other copy never was away");
        // Hits in t = 0..n tau: the integral of 0.9 (1 - exp(-t / tau)).
        let step = TAU / f64::from(STEPS_PER_CONSTANT);
        let mut hits = 0.0;
        for number in 0..STEPS {
            let start = 200.0 + f64::from(number) * step;
            alone.run_until(at(start + step / 2.0));
            hits += alone.component().hit_ratio(0) * step;
            let tau = f64::from(number + 1) * step / TAU;
            let expected = 0.9 * TAU * (tau - 1.0 + libm::exp(-tau));
            assert!((hits - expected).abs() < 1e-9, "{hits} instead of {expected} after {tau} time constants");
        }
        alone.run_until(at(200.0 + 8.01 * TAU));
        assert_eq!(alone.component().hit_ratio(0), 0.9);
    }

    #[test]
    fn a_copy_that_goes_down_while_it_warms_starts_over() {
        let (mut alone, mut world) = datastore(false);
        set_out(&mut alone, &mut world, 100.0, true);
        set_out(&mut alone, &mut world, 200.0, false);
        set_out(&mut alone, &mut world, 204.0, true);
        set_out(&mut alone, &mut world, 206.0, false);
        assert_eq!(alone.component().hit_ratio(0), 0.9 * warmth(0));
        // The next step of the first warming would have been due at 207.5 s, the second one's first at 208.5 s.
        alone.run_until(at(208.4));
        assert_eq!(alone.component().hit_ratio(0), 0.9 * warmth(0));
        alone.run_until(at(208.6));
        assert_eq!(alone.component().hit_ratio(0), 0.9 * warmth(1));
    }
}
