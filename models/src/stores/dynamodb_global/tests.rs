use sim_core::component::Harness;
use sim_settings::{Report, parse_toml};

use super::*;
use crate::ids::R;

/// A fourth region holds no copy, wherever a test says nothing else; it is nearest to the first, then the second.
const NAMES: [&str; 4] = ["us-east-1", "us-east-2", "us-west-2", "ca-central-1"];

fn world() -> World {
    let trips = [
        vec![0.0, 0.012, 0.064, 0.015],
        vec![0.012, 0.0, 0.052, 0.025],
        vec![0.063, 0.051, 0.0, 0.06],
        vec![0.014, 0.024, 0.06, 0.0],
    ];
    World::new(&[3; 4], &trips)
}

fn read(text: &str) -> (Parameters, Vec<String>) {
    let (node, problems) = parse_toml(text, 0);
    assert!(problems.is_empty(), "{text}");
    let report = Report::new();
    let mut section = report.root(&node);
    let parameters = Parameters::read(&mut section, &NAMES.map(str::to_owned));
    drop(section);
    (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
}

fn table(text: &str) -> Table {
    let (parameters, problems) = read(text);
    assert!(problems.is_empty(), "{text}: {problems:?}");
    let mut table =
        parameters.build(Site { path: "stores/ledger", regions: &NAMES.map(str::to_owned), zones: &[3; 4], seed: 1 });
    table.begin(0_u64.into());
    table
}

fn works(table: &Table, access: Access, region: RegionId, world: &World) -> bool {
    table.access(0, access, region, world).share == 1.0
}

const THREE: &str = "consistency = 'strong'\nregions = ['us-east-1', 'us-east-2', 'us-west-2']";

#[test]
fn a_strong_access_needs_its_own_region_and_one_more() {
    let table = table(THREE);
    // Every combination of regions that are out and paths that are cut, against the sentence itself.
    for state in 0_u32..64 {
        let bit = |index: u32| state >> index & 1 == 1;
        let (out, cut) = ([bit(0), bit(1), bit(2)], [bit(3), bit(4), bit(5)]);
        let mut world = world();
        let paths = [(0, 1), (0, 2), (1, 2)];
        for region in (0..3).filter(|&region| out[region]) {
            world.set_out(R[region], true);
        }
        for (&(a, b), _) in paths.iter().zip(cut).filter(|(_, cut)| *cut) {
            world.set_cut(R[a], R[b], true);
        }
        for region in (0..3).filter(|&region| !out[region]) {
            let whole = |other: usize| {
                let pair = (region.min(other), region.max(other));
                let path = paths.iter().position(|&path| path == pair).expect("a path");
                !out[other] && !cut[path]
            };
            let expected = (0..3).any(|other| other != region && whole(other));
            for access in [Access::Read, Access::Write] {
                assert_eq!(works(&table, access, R[region], &world), expected, "{region} in {state:06b}");
            }
        }
    }
}

#[test]
fn eventual_reads_of_a_strong_table_need_nobody_else() {
    let (mut world, text) = (world(), format!("{THREE}\nreads = 'eventual'"));
    world.set_out(R[1], true);
    world.set_out(R[2], true);
    assert!(works(&table(&text), Access::Read, R[0], &world) && !works(&table(&text), Access::Write, R[0], &world));
    assert!(!works(&table(THREE), Access::Read, R[0], &world));
}

#[test]
fn a_witness_votes_and_serves_nobody() {
    let table = table("consistency = 'strong'\nregions = ['us-east-1', 'us-west-2']\nwitness = 'us-east-2'");
    let mut world = world();
    assert_eq!(table.access(0, Access::Write, R[1], &world).at, R[0], "the witness' region uses the nearest copy");
    world.set_out(R[0], true);
    assert!(works(&table, Access::Write, R[2], &world), "the witness makes two");
    assert_eq!(table.access(0, Access::Write, R[1], &world).at, R[2]);
    world.set_cut(R[1], R[2], true);
    assert!(!works(&table, Access::Write, R[2], &world) && !works(&table, Access::Read, R[1], &world));
}

#[test]
fn a_region_without_a_copy_uses_the_nearest_one() {
    let (table, mut world) = (table(THREE), world());
    assert_eq!(table.access(0, Access::Write, R[3], &world).at, R[0]);
    world.set_out(R[0], true);
    assert_eq!(table.access(0, Access::Write, R[3], &world).at, R[1]);
    world.set_out(R[2], true);
    assert!(!works(&table, Access::Write, R[3], &world));
}

#[test]
fn nothing_that_succeeded_under_strong_consistency_is_ever_missing() {
    let mut table = table(THREE);
    table.acknowledges(&[100.0; 4], SimTime::ZERO);
    table.destroyed(R[0]);
    assert_eq!((table.loss(SimTime::NEVER), table.lag()), (Loss::default(), (0.0, None)));
}

#[test]
fn a_strong_table_is_at_risk_once_two_of_its_regions_are_out() {
    for text in [THREE, "consistency = 'strong'\nregions = ['us-east-1', 'us-west-2']\nwitness = 'us-east-2'"] {
        let mut alone = Harness::new(table(text));
        let mut world = world();
        for (region, out, complete) in
            [(3, true, true), (0, true, true), (1, true, false), (0, false, true), (2, true, false), (1, false, true)]
        {
            world.set_out(R[region], out);
            alone.call(|table, ctx| table.world_changed(&world, ctx));
            assert_eq!(alone.component().complete(), complete, "{text}: {region} out: {out}");
        }
    }
}

#[test]
fn strong_tables_have_exactly_three_regions() {
    for (text, found) in [
        ("consistency = 'strong'", "4 regions"),
        ("consistency = 'strong'\nregions = ['us-east-1', 'us-east-2']", "2 regions"),
        ("consistency = 'strong'\nregions = ['us-east-1']\nwitness = 'us-east-2'", "2 regions"),
        ("consistency = 'strong'\nwitness = 'us-east-2'", "4 regions"),
    ] {
        assert_eq!(read(text).1, [found], "{text}");
    }
    let (parameters, problems) = read(&format!("{THREE}\nwitness = 'us-west-2'"));
    assert_eq!((parameters.regions, problems), (R[..2].to_vec(), vec![]), "a witness among them is one of the three");
}
