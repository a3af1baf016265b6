//! A relational database in shards: each population's data lives in one of them, each of them an Aurora Global Database
//! with a writer of its own.
//!
//! Modelled:      shards by population, each with the log, the cuts, the promotion and the endpoints of Aurora and with
//!                draws of its own; a promote step that moves the writers which do not answer its target, all at once,
//!                and ends with the last of them.
//! Not modelled:  accesses across shards, populations that move between shards, a router between applications and shards,
//!                zones of writers that are not drawn.
//! Sources:       those of Aurora; that shards fail one by one is the point of them (facts 5a, design 5.5).
//!
//! A request meets the shard of its population: the flow solver keeps a set of chains for every group of populations that
//! share all shards, a single one where no store has any. A deep check belongs to no population and looks at every shard,
//! so that one that fails takes the check down with it.

use sim_core::component::{Component, Context};
use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};
use sim_core::time::SimTime;

use crate::aws::aurora_global;
use crate::journeys::Access;
use crate::replicated_log::{self, Outlet, Place, ReplicatedLog};
use crate::stores::{Availability, Loss, Others, Promotion, Service, Settings, Signal, Site};
use crate::world::World;

const REGIONS: Key = Key::optional("regions", "regions that hold a copy of every shard; all of them without");
const SHARDS: Key = Key::required("shards", "the shards: whose data each keeps, and where it is written");
const CLIENTS: Key = Key::required("clients", "the populations whose data the shard keeps");
const WRITER: Key = Key::required("writer", "the region that takes the shard's writes");

/// One shard.
#[derive(Debug, Clone)]
pub struct Shard {
    /// Populations whose data it keeps.
    pub clients: Vec<usize>,
    /// The region that takes its writes.
    pub writer: usize,
}

/// A database in shards.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// How each shard's log behaves; its writer is the shard's own.
    pub log: replicated_log::Parameters,
    /// The shards, at least one.
    pub shards: Vec<Shard>,
}

impl Settings for Parameters {
    type Service = Shards;
    const KIND: &'static str = "sharded-relational";
    const CONTROL_PLANE: &'static str = "RDS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = (0..names.len()).collect();
        }
        let place = Place { writer: regions[0], regions, zone: None };
        Self { log: aurora_global::read_log(section, place), shards: Vec::new() }
    }

    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let mut shards = section.sections(&SHARDS);
        for shard in &mut shards {
            let clients = shard.names(&CLIENTS, others.populations);
            let writer = shard.name(&WRITER, others.regions);
            if !self.log.place.regions.contains(&writer) {
                shard.reject("writer", others.regions[writer].as_str(), "one of the store's own regions", None);
            }
            self.shards.push(Shard { clients, writer });
        }
        for (population, name) in others.populations.iter().enumerate() {
            let count = self.shards.iter().filter(|shard| shard.clients.contains(&population)).count();
            if count != 1 && !shards.is_empty() {
                section.reject("shards", format!("{name} in {count} shards"), "every population in one of them", None);
            }
        }
        if self.shards.is_empty() {
            if section.has("shards") {
                section.reject("shards", "no shard", "at least one", None);
            }
            self.shards.push(Shard { clients: Vec::new(), writer: self.log.place.writer });
        }
    }

    fn writer(&self) -> Option<usize> {
        Some(self.shards.first().map_or(self.log.place.writer, |shard| shard.writer))
    }

    fn regions(&self) -> &[usize] {
        &self.log.place.regions
    }

    fn shards(&self) -> usize {
        self.shards.len()
    }

    fn shard_of(&self, population: usize) -> usize {
        self.shards.iter().position(|shard| shard.clients.contains(&population)).unwrap_or(0)
    }

    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let writers: Vec<String> = self.shards.iter().map(|shard| region(shard.writer)).collect();
        let (lag, promotion) = (delay(&self.log.replication_lag), delay(&self.log.promotion_time));
        format!("sharded Aurora, writers in {}, lag {lag}, promotion {promotion}", writers.join(" and "))
    }

    fn build(&self, site: Site<'_>) -> Shards {
        Shards::new(self, site)
    }
}

/// What can happen to a shard.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    shard: usize,
    what: replicated_log::Event,
}

/// Lets a shard's log speak through the context of all, but for the end of its promotion, which is kept back until all
/// of them have ended.
struct Inner<'a, 'b> {
    ctx: &'a mut Context<'b, Event, Signal>,
    shard: usize,
    /// How a promotion ended.
    ended: Option<bool>,
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
            Signal::Promoted(_) => self.ended = Some(true),
            Signal::PromotionFailed(_) => self.ended = Some(false),
            // Said once for all of them by whoever begins it.
            Signal::PromotionBegan(_) => {}
            other => self.ctx.signal(other),
        }
    }
}

/// The shards at work.
#[derive(Debug)]
pub struct Shards {
    logs: Vec<ReplicatedLog>,
    regions: usize,
    /// Where the promotions under way lead, and whether all that have ended had an effect.
    promoting: Option<(usize, bool)>,
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
        Self { logs: logs.collect(), regions: site.regions.len(), promoting: None }
    }
}

impl Service for Shards {
    fn begin(&mut self, trial: u64) {
        for shard in &mut self.logs {
            shard.begin(trial);
        }
        self.promoting = None;
    }

    fn access(&self, shard: usize, access: Access, region: usize, world: &World) -> Availability {
        self.logs[shard].access(0, access, region, world)
    }

    fn world_changed(&mut self, world: &World, ctx: &mut Context<'_, Event, Signal>) {
        for (shard, log) in self.logs.iter_mut().enumerate() {
            log.places_changed(world, &mut Inner { ctx, shard, ended: None });
        }
    }

    /// Row by row, one for each shard.
    #[inline(never)]
    fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, rates) in self.logs.iter_mut().zip(rates.chunks_exact(self.regions)) {
            log.acknowledges(rates, now);
        }
    }

    fn errs(&mut self, region: usize, erring: bool) {
        for shard in &mut self.logs {
            shard.errs(region, erring);
        }
    }

    fn stalls(&mut self, from: usize, to: usize, begins: bool) {
        for shard in &mut self.logs {
            shard.stalls(from, to, begins);
        }
    }

    fn destroyed(&mut self, region: usize) {
        for shard in &mut self.logs {
            shard.destroyed(region);
        }
    }

    /// Promotes the copies of all shards that need it. What is under way already is waited for as well.
    fn promote(
        &mut self,
        how: Promotion,
        to: usize,
        effective: bool,
        world: &World,
        ctx: &mut Context<'_, Event, Signal>,
    ) -> bool {
        let mut begun = false;
        for (shard, log) in self.logs.iter_mut().enumerate() {
            begun |= log.begin_promotion(how, to, effective, world, &mut Inner { ctx, shard, ended: None });
        }
        if begun && self.promoting.is_none() {
            self.promoting = Some((to, true));
            ctx.signal(Signal::PromotionBegan(to));
        }
        begun
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
            let own = shard.loss(end);
            loss.seconds = loss.seconds.max(own.seconds);
            loss.lost += own.lost;
            loss.stranded += own.stranded;
            loss.overwritten += own.overwritten;
            loss.delayed += own.delayed;
        }
        loss
    }
}

impl Component for Shards {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        let Event { shard, what } = event;
        let mut inner = Inner { ctx, shard, ended: None };
        self.logs[shard].on(what, &mut inner);
        let (Some(effective), Some((to, all))) = (inner.ended, self.promoting) else { return };
        let all = all && effective;
        if self.logs.iter().any(ReplicatedLog::promoting) {
            self.promoting = Some((to, all));
        } else {
            self.promoting = None;
            ctx.signal(if all { Signal::Promoted(to) } else { Signal::PromotionFailed(to) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;
    use sim_core::component::Harness;
    use sim_core::settings::{Report, parse_toml};
    use sim_core::time::SimDuration;

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|&name| name.to_owned()).collect()
    }

    fn read(text: &str) -> (Parameters, Vec<String>) {
        let (tree, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let report = Report::new();
        let (regions, populations) = (names(&["us-east-1", "eu-west-1"]), names(&["america", "europe", "asia"]));
        let mut parameters = {
            let mut section = report.root(&tree);
            let mut parameters = Parameters::read(&mut section, &regions);
            let others = Others { regions: &regions, stores: &[], populations: &populations };
            parameters.relate(&mut section, others);
            parameters
        };
        parameters.log.place.zone = Some(0);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    const TEXT: &str = r#"
        shards = [
            { clients = ["america"], writer = "us-east-1" },
            { clients = ["asia", "europe"], writer = "eu-west-1" },
        ]
        replication-lag = "2s"
        promotion-time = { uniform = ["60s", "120s"] }
        endpoint-update = "10s"
        endpoint-ttl = "0s"
    "#;

    struct Bench {
        store: Harness<Shards>,
        world: World,
    }

    impl Bench {
        fn new() -> Self {
            let (parameters, problems) = read(TEXT);
            assert!(problems.is_empty(), "{problems:?}");
            let regions = names(&["us-east-1", "eu-west-1"]);
            let site = Site { path: "stores/orders", regions: &regions, zones: &[3, 3], seed: 1 };
            let mut store = Harness::new(Shards::new(&parameters, site));
            store.call(|it, ctx| {
                it.begin(0);
                it.acknowledges(&[10.0, 0.0, 0.0, 30.0], ctx.now());
            });
            Self { store, world: World::new(&[3, 3], &vec![vec![0.0; 2]; 2]) }
        }

        fn at(&mut self, seconds: u64) {
            self.store.run_until(SimTime::ZERO + SimDuration::from_secs(seconds));
        }

        fn change(&mut self, seconds: u64, what: impl FnOnce(&mut World)) {
            self.at(seconds);
            what(&mut self.world);
            self.store.call(|it, ctx| it.world_changed(&self.world, ctx));
        }

        fn promote(&mut self, seconds: u64, to: usize) -> bool {
            self.at(seconds);
            self.store.call(|it, ctx| it.promote(Promotion::Failover, to, true, &self.world, ctx))
        }

        fn write(&self, shard: usize, region: usize) -> Result<usize, Cause> {
            let write = self.store.component().access(shard, Access::Write, region, &self.world);
            if write.share == 1.0 { Ok(write.at) } else { Err(write.cause) }
        }

        fn ended(&self) -> usize {
            self.store.signals().iter().filter(|(_, signal)| matches!(signal, Signal::Promoted(_))).count()
        }
    }

    #[test]
    fn populations_find_their_shards() {
        let (parameters, _) = read(TEXT);
        assert_eq!([0, 1, 2].map(|population| parameters.shard_of(population)), [0, 1, 1]);
        assert_eq!(Settings::shards(&parameters), 2);
    }

    #[test]
    fn every_population_belongs_to_one_shard() {
        let (_, problems) = read(r#"shards = [{ clients = ["america", "asia"], writer = "us-east-1" }]"#);
        assert_eq!(problems, ["europe in 0 shards"]);
        let (_, problems) = read(
            r#"shards = [{ clients = ["america", "asia", "europe"], writer = "us-east-1" },
                         { clients = ["asia"], writer = "eu-west-1" }]"#,
        );
        assert_eq!(problems, ["asia in 2 shards"]);
    }

    #[test]
    fn a_region_takes_along_only_the_shards_that_are_written_there() {
        let mut bench = Bench::new();
        assert_eq!((bench.write(0, 1), bench.write(1, 0)), (Ok(0), Ok(1)));
        bench.change(100, |world| assert!(world.set_out(0, true)));
        assert_eq!((bench.write(0, 1), bench.write(1, 1)), (Err(Cause::Decision), Ok(1)));
    }

    #[test]
    fn a_promotion_moves_what_needs_it_and_loses_that_shards_tail_alone() {
        let mut bench = Bench::new();
        bench.change(100, |world| assert!(world.set_out(0, true)));
        bench.store.call(|it, ctx| it.acknowledges(&[0.0, 0.0, 0.0, 30.0], ctx.now()));
        assert!(bench.promote(110, 1));
        assert_eq!(bench.write(1, 1), Ok(1), "the other shard has nothing to do with it");
        bench.at(300);
        assert_eq!((bench.write(0, 1), bench.write(1, 1), bench.ended()), (Ok(1), Ok(1), 1));
        let loss = bench.store.call(|it, ctx| it.loss(ctx.now()));
        assert_eq!(loss, Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
    }

    #[test]
    fn several_promotions_end_with_the_last() {
        let mut bench = Bench::new();
        // Both writers are cut off from the region that is to take over: so each shard that is written elsewhere.
        bench.change(100, |world| assert!(world.set_out(0, true)));
        assert!(bench.promote(110, 1));
        bench.at(400);
        bench.change(400, |world| assert!(world.set_out(0, false)));
        bench.change(500, |world| assert!(world.set_out(1, true)));
        assert!(bench.promote(510, 0));
        assert!(bench.promote(520, 0), "what is under way is waited for");
        let mut first = None;
        for second in 521..700 {
            bench.at(second);
            let done = [0, 1].map(|shard| bench.store.component().logs[shard].writer() == 0);
            if done.contains(&true) && first.is_none() {
                first = Some(second);
            }
            assert_eq!(bench.ended(), if done == [true, true] { 2 } else { 1 });
        }
        assert!(first.is_some_and(|second| second < 631));
        assert_eq!(bench.ended(), 2);
    }

    #[test]
    fn a_promotion_that_nobody_needs_is_not_begun() {
        let mut bench = Bench::new();
        assert!(!bench.promote(100, 1));
        assert_eq!(bench.ended(), 0);
    }
}
