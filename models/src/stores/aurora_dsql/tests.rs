//! A database alone, with a constant for the change of endpoints.

use sim_core::component::Harness;
use sim_core::time::SimDuration;
use sim_settings::{Report, parse_toml};

use super::*;
use crate::ids::R;

/// Endpoints in the first two, the witness in the third; the fourth is nearest to the first.
const NAMES: [&str; 4] = ["us-east-1", "us-east-2", "us-west-2", "ca-central-1"];
const TEXT: &str = "regions = ['us-east-1', 'us-east-2']\nwitness = 'us-west-2'\nendpoint-change = '1m'";

fn read(text: &str, regions: usize) -> (Parameters, Vec<String>) {
    let (node, mistakes) = parse_toml(text, 0);
    assert!(mistakes.is_empty(), "{text}");
    let report = Report::new();
    let mut section = report.root(&node);
    let names: Vec<String> = NAMES[..regions].iter().map(|&name| name.to_owned()).collect();
    let parameters = Parameters::read(&mut section, &names);
    drop(section);
    (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
}

struct Bench {
    database: Harness<Database>,
    world: World,
}

impl Bench {
    fn new() -> Self {
        let (parameters, problems) = read(TEXT, 4);
        assert!(problems.is_empty(), "{problems:?}");
        let names = NAMES.map(str::to_owned);
        let site = Site { path: "stores/ledger", regions: &names, zones: &[3; 4], seed: 1 };
        let mut database = Harness::new(parameters.build(site));
        database.call(|it, ctx| {
            it.begin(0_u64.into());
            it.acknowledges(&[10.0, 5.0, 0.0, 0.0], ctx.now());
        });
        let trips = [
            vec![0.0, 0.012, 0.064, 0.015],
            vec![0.012, 0.0, 0.052, 0.025],
            vec![0.063, 0.051, 0.0, 0.06],
            vec![0.014, 0.024, 0.06, 0.0],
        ];
        Self { database, world: World::new(&[3; 4], &trips) }
    }

    fn change(&mut self, seconds: u64, what: impl FnOnce(&mut World)) {
        self.at(seconds);
        what(&mut self.world);
        self.database.call(|it, ctx| it.world_changed(&self.world, ctx));
    }

    fn at(&mut self, seconds: u64) {
        self.database.run_until(SimTime::ZERO + SimDuration::from_secs(seconds));
    }

    fn write(&self, region: RegionId) -> Result<RegionId, Cause> {
        let access = self.database.component().access(0, Access::Write, region, &self.world);
        if access.share == 1.0 { Ok(access.at) } else { Err(access.cause) }
    }
}

#[test]
fn two_of_three_commit_and_one_alone_does_not() {
    // Every combination of regions that are out and paths that are cut, against the sentence itself.
    for state in 0_u32..64 {
        let bit = |index: u32| state >> index & 1 == 1;
        let (out, cut) = ([bit(0), bit(1), bit(2)], [bit(3), bit(4), bit(5)]);
        let paths = [(0, 1), (0, 2), (1, 2)];
        let mut bench = Bench::new();
        bench.change(10, |world| {
            for region in (0..3).filter(|&region| out[region]) {
                world.set_out(R[region], true);
            }
            for (&(a, b), _) in paths.iter().zip(cut).filter(|(_, cut)| *cut) {
                world.set_cut(R[a], R[b], true);
            }
        });
        for region in 0..2 {
            let whole = |other: usize| {
                let pair = (region.min(other), region.max(other));
                let path = paths.iter().position(|&path| path == pair).expect("a path");
                !out[other] && !cut[path]
            };
            let agrees = !out[region] && (0..3).any(|other| other != region && whole(other));
            let expected = if agrees { Ok(R[region]) } else { Err(Cause::Dependency) };
            assert_eq!(bench.write(R[region]), expected, "{region} in {state:06b}");
        }
        let complete = !out[0] && !out[1];
        assert_eq!(bench.database.component().complete(), complete, "{state:06b}");
    }
}

#[test]
fn applications_without_an_endpoint_of_their_own_are_pointed_at_the_other_one_and_stay_there() {
    let mut bench = Bench::new();
    assert_eq!((bench.write(R[3]), bench.write(R[2])), (Ok(R[0]), Ok(R[1])));
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    assert_eq!((bench.write(R[1]), bench.write(R[2])), (Ok(R[1]), Ok(R[1])), "nobody else notices");
    bench.at(159);
    assert_eq!(bench.write(R[3]), Err(Cause::EndpointUpdate));
    bench.at(161);
    assert_eq!(bench.write(R[3]), Ok(R[1]));
    bench.change(300, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(R[3]), Ok(R[1]), "nobody points them back");
    // Both go: there is nothing to be pointed at. The first one that is back is.
    bench.change(400, |world| assert!(world.set_out(R[0], true) && world.set_out(R[1], true)));
    bench.at(500);
    assert_eq!(bench.write(R[3]), Err(Cause::Dependency));
    bench.change(600, |world| assert!(world.set_out(R[0], false)));
    bench.at(661);
    assert_eq!(bench.write(R[3]), Ok(R[0]));
}

#[test]
fn an_endpoint_that_is_back_before_the_change_is_kept() {
    let mut bench = Bench::new();
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    bench.change(130, |world| assert!(world.set_out(R[0], false)));
    assert_eq!(bench.write(R[3]), Ok(R[0]));
    bench.at(200);
    assert_eq!(bench.write(R[3]), Ok(R[0]));
}

#[test]
fn the_loss_of_one_region_costs_nothing_and_that_of_both_everything() {
    let mut bench = Bench::new();
    bench.database.call(|it, _| it.destroyed(R[0]));
    bench.change(100, |world| assert!(world.set_out(R[0], true)));
    let end = SimTime::ZERO + SimDuration::from_secs(1_000);
    assert_eq!(bench.database.call(|it, _| it.loss(end)), Loss::default());
    // Back, it has everything, so that the other one may go.
    bench.change(200, |world| assert!(world.set_out(R[0], false)));
    bench.database.call(|it, _| it.destroyed(R[1]));
    bench.change(300, |world| assert!(world.set_out(R[1], true)));
    assert_eq!(bench.database.call(|it, _| it.loss(end)), Loss::default());
    bench.database.call(|it, ctx| {
        it.destroyed(R[0]);
        it.acknowledges(&[0.0; 4], ctx.now());
    });
    bench.change(300, |world| assert!(world.set_out(R[0], true)));
    let loss = bench.database.call(|it, _| it.loss(end));
    assert_eq!((loss.lost, loss.seconds, loss.no_writer), (15.0 * 300.0, f64::INFINITY, true));
    bench.change(400, |world| assert!(world.set_out(R[0], false) && world.set_out(R[1], false)));
    assert_eq!(bench.write(R[0]), Err(Cause::Dependency), "there is nothing to begin from");
}

#[test]
fn databases_that_make_no_sense_are_refused() {
    for (text, regions, found) in [
        ("witness = 'us-west-2'", 4, "3 regions besides the witness"),
        ("witness = 'us-west-2'\nregions = ['us-east-1']", 3, "one region besides the witness"),
        ("witness = 'us-east-2'\nregions = ['us-east-1', 'us-east-2']", 3, "the witness us-east-2"),
    ] {
        assert_eq!(read(text, regions).1, [found], "{text}");
    }
    assert!(read("witness = 'us-west-2'", 3).1.is_empty(), "the two others");
    assert_eq!(read("regions = ['us-east-1', 'us-east-2']", 3).1.len(), 1, "a witness is required");
}
