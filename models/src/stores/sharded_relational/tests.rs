use super::*;
use crate::cause::Cause;
use crate::ids::{PopulationId, R};
use crate::stores::{Others, Promotion, Settings};
use sim_core::component::Harness;
use sim_core::time::SimDuration;
use sim_settings::{Report, parse_toml};

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
        let others = Others {
            regions: &regions,
            stores: &[],
            populations: &populations,
            graph: &crate::services::Graph::default(),
        };
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
    rebuild-time = "60s"
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
            it.begin(0_u64.into());
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

    fn promote(&mut self, seconds: u64, to: RegionId) -> bool {
        self.at(seconds);
        let attempt = Attempt { how: Promotion::Failover, to, effective: true };
        self.store.call(|it, ctx| it.promote(attempt, &self.world, ctx))
    }

    fn write(&self, shard: usize, region: RegionId) -> Result<RegionId, Cause> {
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
    assert_eq!([0, 1, 2].map(|population| parameters.shard_of(PopulationId::new(population))), [0, 1, 1]);
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
    assert_eq!((bench.write(0, R[1]), bench.write(1, R[0])), (Ok(R[0]), Ok(R[1])));
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    assert_eq!((bench.write(0, R[1]), bench.write(1, R[1])), (Err(Cause::Decision), Ok(R[1])));
}

#[test]
fn a_promotion_moves_what_needs_it_and_loses_that_shards_tail_alone() {
    let mut bench = Bench::new();
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    bench.store.call(|it, ctx| it.acknowledges(&[0.0, 0.0, 0.0, 30.0], ctx.now()));
    assert!(bench.promote(110, R[1]));
    assert_eq!(bench.write(1, R[1]), Ok(R[1]), "the other shard has nothing to do with it");
    bench.at(300);
    assert_eq!((bench.write(0, R[1]), bench.write(1, R[1]), bench.ended()), (Ok(R[1]), Ok(R[1]), 1));
    let loss = bench.store.call(|it, ctx| it.loss(ctx.now()));
    assert_eq!(loss, Loss { seconds: 2.0, lost: 20.0, ..Loss::default() });
}

#[test]
fn several_promotions_end_with_the_last() {
    let mut bench = Bench::new();
    // Both writers are cut off from the region that is to take over: so each shard that is written elsewhere.
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    assert!(bench.promote(110, R[1]));
    bench.at(400);
    bench.change(400, |world| assert!(world.set_out(R[0], false)));
    bench.change(500, |world| assert!(world.set_out(R[1], true)));
    assert!(bench.promote(510, R[0]));
    assert!(bench.promote(520, R[0]), "what is under way is waited for");
    let mut first = None;
    for second in 521..700 {
        bench.at(second);
        let done = [0, 1].map(|shard| bench.store.component().logs[shard].writer() == R[0]);
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
    assert!(!bench.promote(100, R[1]));
    assert_eq!(bench.ended(), 0);
}
