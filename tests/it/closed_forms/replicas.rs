//! Copies that carry each other's writes, and what they shed of their own.
//!
//! A copy of a global table carries what is written anywhere: with W writes per second in all and a capacity C, a share
//! 1 - C / W of each region's writes is shed, however unequal the regions are.

use crate::lab::{head, of, rows};

/// Two regions with 90 and 30 writes per second, or three with 40 more, on copies that carry 100, and a surge that is none.
fn text(regions: &[&str], attempts: u32, store: &str, rest: &str) -> String {
    let clients = [("west", "us-east-1", 90), ("east", "eu-west-1", 30), ("south", "ap-south-1", 40)];
    let clients = clients.map(|(name, near, rate)| {
        (name, near, format!("requests-per-second = {rate}\nretries = {{ attempts = {attempts} }}"))
    });
    let clients: Vec<(&str, &str, &str)> =
        clients.iter().take(regions.len()).map(|(name, near, rest)| (*name, *near, rest.as_str())).collect();
    let head = head("horizon = \"1h\"", regions, "policy = \"latency\"", &clients);
    format!(
        "{head}[stores.table]\nkind = \"dynamodb-global-table\"\ncapacity = {{ reads = 1_000, writes = 100 }}\n{store}\n\
         [[journeys]]\nname = \"write\"\nshare = 1\nneeds = [{{ write = \"table\" }}]\n{rest}\n\
         [[faults]]\nkind = \"load-surge\"\nfactor = 1\nat = \"50m\"\nduration = \"1m\"\n"
    )
}

const TWO: [&str; 2] = ["us-east-1", "eu-west-1"];
const THREE: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];

/// What fails of a population's requests in an hour, per second.
#[track_caller]
fn fails(text: &str, population: &str, expected: f64) {
    for failed in of(&rows(text, 2), &format!("population.{population}.failed")) {
        assert!(
            (failed / 3_600.0 - expected).abs() < 1e-6,
            "{} a second of {population}, not {expected}",
            failed / 3_600.0
        );
    }
}

#[test]
fn all_regions_shed_the_same_share_of_their_writes() {
    for strong in [false, true] {
        let (store, regions): (&str, &[&str]) = if strong { ("consistency = \"strong\"", &THREE) } else { ("", &TWO) };
        let writes = if strong { 160.0 } else { 120.0 };
        let share = 1.0 - 100.0 / writes;
        let text = text(regions, 1, store, "");
        fails(&text, "west", 90.0 * share);
        fails(&text, "east", 30.0 * share);
    }
}

#[test]
fn retries_load_the_copies_until_what_gets_through_fills_them() {
    // With q shed, 120 (1 + q) attempts come and 120 (1 + q)(1 - q) = 100 get through: q^2 = 1 / 6, and that share fails.
    let text = text(&TWO, 2, "", "");
    fails(&text, "west", 90.0 / 6.0);
    fails(&text, "east", 30.0 / 6.0);
}

#[test]
fn copies_that_nothing_reaches_carry_their_own_writes_only() {
    let stops = [
        "kind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]",
        "kind = \"replication-stall\"",
        "kind = \"replication-stall\"\nregion = \"eu-west-1\"",
    ];
    for stop in stops {
        let fault = format!("[[faults]]\n{stop}\nat = \"10m\"\nduration = \"30m\"");
        let text = text(&TWO, 1, "", &fault);
        // Half of the hour.
        fails(&text, "west", 90.0 / 6.0 / 2.0);
        fails(&text, "east", 30.0 / 6.0 / 2.0);
    }
    // A single copy sheds what exceeds its own capacity: 120 come there from both sides.
    let one = text(&TWO, 1, "regions = [\"us-east-1\"]", "");
    fails(&one, "west", 90.0 / 6.0);
    fails(&one, "east", 30.0 / 6.0);
}

#[test]
fn a_third_copy_that_two_others_cannot_reach_each_other_through_is_the_fullest() {
    // West and east are cut: their copies get 130 and 70, the third one's all 160, and all shed the share that it needs.
    let cut = "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"1s\"\nduration = \"permanent\"";
    let text = text(&THREE, 1, "", cut);
    for (population, rate) in [("west", 90.0), ("east", 30.0), ("south", 40.0)] {
        fails(&text, population, rate * 0.375);
    }
}

/// The text with what regions say of their copies.
fn with_own(text: &str, own: &[(&str, &str)]) -> String {
    let own = own.iter().map(|(region, most)| format!("[regions.{region}.stores.table]\ncapacity = {{ {most} }}\n"));
    format!("{text}{}", own.collect::<String>())
}

#[test]
fn a_region_says_what_its_copy_carries_and_the_smallest_copy_decides_for_all_that_it_replicates_with() {
    let plain = text(&TWO, 1, "", "");
    for (own, carries) in [
        (vec![("eu-west-1", "writes = 80")], 80.0),
        // Larger than what the other one carries: that one decides.
        (vec![("us-east-1", "writes = 110")], 100.0),
        (vec![("us-east-1", "writes = 110"), ("eu-west-1", "writes = 105")], 105.0),
        (vec![("us-east-1", "writes = 120"), ("eu-west-1", "writes = 130")], 120.0),
        // What it does not say stays as the store has it.
        (vec![("eu-west-1", "reads = 1")], 100.0),
    ] {
        let text = with_own(&plain, &own);
        let share = 1.0 - carries / 120.0;
        fails(&text, "west", 90.0 * share);
        fails(&text, "east", 30.0 * share);
    }
    // Copies that know nothing of each other carry their own writes, each by its own capacity.
    let cut = "[[faults]]\nkind = \"replication-stall\"\nat = \"0s\"\nduration = \"permanent\"";
    let text = with_own(&text(&TWO, 1, "", cut), &[("us-east-1", "writes = 60"), ("eu-west-1", "writes = 20")]);
    fails(&text, "west", 90.0 - 60.0);
    fails(&text, "east", 30.0 - 20.0);
}

#[test]
fn reads_load_the_copy_of_their_own_region_and_shed_by_what_that_one_carries() {
    let reads = |own: &[(&str, &str)], rest: &str| {
        with_own(&text(&TWO, 1, "", rest), own).replace("write = \"table\"", "read = \"table\"")
    };
    let text = reads(&[("eu-west-1", "reads = 12")], "");
    fails(&text, "west", 0.0);
    fails(&text, "east", 30.0 - 12.0);
    // A region that says everything, of a store that says nothing.
    let text = reads(&[("us-east-1", "reads = 50")], "").replace("capacity = { reads = 1_000, writes = 100 }\n", "");
    fails(&text, "west", 90.0 - 50.0);
    fails(&text, "east", 0.0);
    // What a fault leaves is a share of what the copy carries.
    let loss = "[[faults]]\nkind = \"capacity-loss\"\nstore = \"table\"\nregion = \"us-east-1\"\nfactor = 0.5\nat = \"10m\"\nduration = \"30m\"";
    let text = reads(&[("us-east-1", "reads = 100")], loss);
    fails(&text, "west", (90.0 - 50.0) / 2.0);
}

#[test]
fn a_copy_of_a_table_that_loses_capacity_makes_all_that_replicate_into_it_shed() {
    let loss = "[[faults]]\nkind = \"capacity-loss\"\nstore = \"table\"\nregion = \"eu-west-1\"\nfactor = 0.6\nat = \"10m\"\nduration = \"30m\"";
    let text = text(&TWO, 1, "", loss);
    // Half of the hour a share 1 - 60 / 120, and the other half 1 - 100 / 120.
    let share = f64::midpoint(1.0 - 60.0 / 120.0, 1.0 - 100.0 / 120.0);
    fails(&text, "west", 90.0 * share);
    fails(&text, "east", 30.0 * share);
}
