//! When traffic moves: what is left of the TTL in each cohort's cache when DNS changes its answer.
//!
//! A cohort's expiries are one effective TTL apart with a uniform phase, so that the rest is U(0, TTL), whenever that is.
//! Times below count from the changed answer.

use crate::lab::{Dice, Law, agree, at_least, averages, follows, of, rows, uniform};

const TRIALS: u64 = 2_000;

/// One population, whose region fails every request from ten minutes on, visibly; answers follow at once.
fn text(seed: u64, up_when: f64, clients: &str) -> String {
    format!(
        r#"
        name = "caching"
        horizon = "30m"
        seed = {seed}
        objectives.up-when = {up_when}
        [regions.us-east-1]
        [regions.eu-west-1]
        [dns]
        policy = "latency"
        ttl = "60s"
        propagation = "0s"
        health-check = {{ interval = "10s", failure-threshold = 1 }}
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        requests-per-second = 100
        {clients}
        [[journeys]]
        name = "visit"
        share = 1.0
        [[faults]]
        kind = "gray-failure"
        region = "us-east-1"
        error = 1.0
        at = "10m"
        duration = "permanent""#
    )
}

/// Columns of times, each less the time of the changed answer.
fn after_the_answer<const N: usize>(text: &str, columns: [&str; N]) -> [Vec<f64>; N] {
    let table = rows(text, TRIALS);
    let changed = of(&table, "answer_change_s");
    columns.map(|column| of(&table, column).iter().zip(&changed).map(|(time, changed)| time - changed).collect())
}

#[test]
fn one_cohort_moves_at_the_end_of_its_residual_ttl() {
    let [moved] = after_the_answer(&text(21, 0.99, "cohorts = 1"), ["moved50_s"]);
    follows(&moved, |x| uniform(x / 60.0));
}

#[test]
fn up_at_99_percent_is_the_198th_of_200_cohorts() {
    // 0.99 exactly counts as up and as moved; likewise the 100th and the 180th.
    let columns = ["journey.visit.recovery_s", "moved50_s", "moved90_s", "moved99_s"];
    let times = after_the_answer(&text(22, 0.99, ""), columns);
    for (times, rank) in times.iter().zip([198, 100, 180, 198]) {
        follows(times, |x| at_least(rank, 200, uniform(x / 60.0)));
    }
}

/// Two names with the same answers and checks, and caches of one and of three minutes: each name moves by itself.
#[test]
fn each_name_moves_when_its_own_cohorts_have_expired() {
    let one = text(27, 0.99, "");
    let (before, after) = one.split_once("[dns]").expect("it has [dns]");
    let (_, after) = after.split_once("[[clients]]").expect("clients come next");
    let names = r#"
        [names.short]
        ttl = "60s"
        record = "home"
        [names.long]
        ttl = "180s"
        record = "home"
        [records.home]
        policy = "failover"
        answers = [{ to = "us-east-1", health-check = "home" }, { to = "eu-west-1" }]
        [health-checks.home]
        endpoint = "us-east-1"
        interval = "10s"
        failure-threshold = 1
        [dns]
        propagation = "0s"
        [[journeys]]
        name = "read"
        at = "short"
        share = 0.4
        "#;
    let after = after.replace("share = 1.0", "at = \"long\"\n        share = 0.6");
    let table = rows(&format!("{before}{names}[[clients]]{after}"), TRIALS);
    for (name, ttl) in [("short", 60.0), ("long", 180.0)] {
        let changed = of(&table, &format!("name.{name}.answer_change_s"));
        for (column, rank) in [("moved50", 100), ("moved90", 180), ("moved99", 198)] {
            let moved = of(&table, &format!("name.{name}.{column}_s"));
            let times: Vec<f64> = moved.iter().zip(&changed).map(|(moved, changed)| moved - changed).collect();
            follows(&times, |x| at_least(rank, 200, uniform(x / ttl)));
        }
    }
}

#[test]
fn resolvers_with_a_floor_hold_back_the_last_percent() {
    // 184 cohorts of U(0, 60) and 16 of U(0, 300), all of weight 1/200: 198 of them have moved at x when j of the few
    // and 198 - j of the many have.
    let clients = r#"caching = [{ share = 0.92 }, { share = 0.08, floor = "5m" }]"#;
    let [times] = after_the_answer(&text(23, 0.99, clients), ["journey.visit.recovery_s"]);
    let exactly = |j: u32, x: f64| at_least(j, 16, uniform(x / 300.0)) - at_least(j + 1, 16, uniform(x / 300.0));
    follows(&times, |x| (0..=16).map(|j| exactly(j, x) * at_least(198 - j, 184, uniform(x / 60.0))).sum());
}

#[test]
fn caps_shorten_and_floors_below_the_ttl_do_nothing() {
    let clients = r#"cohorts = 10
        caching = [{ share = 0.5, cap = "20s" }, { share = 0.5, floor = "45s" }]"#;
    let [times] = after_the_answer(&text(24, 0.99, clients), ["journey.visit.recovery_s"]);
    follows(&times, |x| at_least(5, 5, uniform(x / 20.0)) * at_least(5, 5, uniform(x / 60.0)));
}

#[test]
fn kinds_of_resolvers_weigh_their_share_exactly() {
    // Ten cohorts at 97 % and 3 %: round(9.7) = 10 and max(1, round(0.3)) = 1. With 95 % up, the one may stay, none of
    // the ten may; with 98 % up, all have to move.
    let clients = r#"cohorts = 10
        caching = [{ share = 0.97 }, { share = 0.03, floor = "10m" }]"#;
    let [times] = after_the_answer(&text(25, 0.95, clients), ["journey.visit.recovery_s"]);
    follows(&times, |x| at_least(10, 10, uniform(x / 60.0)));
    let [times] = after_the_answer(&text(26, 0.98, clients), ["journey.visit.recovery_s"]);
    follows(&times, |x| at_least(10, 10, uniform(x / 60.0)) * uniform(x / 600.0));
}

#[test]
fn cohorts_of_zipf_weight_move_as_by_hand() {
    let clients = "zipf = 1.2";
    let text = text(27, 0.99, clients);
    let [times] = after_the_answer(&text, ["journey.visit.recovery_s"]);
    let weights: Vec<f64> = (1..=200).map(|rank| f64::from(rank).powf(-1.2)).collect();
    let whole: f64 = weights.iter().sum();
    let mut dice = Dice::new(27);
    let mut by_hand = || {
        let mut moves: Vec<(f64, f64)> = weights.iter().map(|weight| (60.0 * dice.uniform(), *weight)).collect();
        moves.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut moved = 0.0;
        let enough = moves.iter().find(|(_, weight)| {
            moved += weight / whole;
            moved >= 0.99
        });
        enough.expect("all of it in the end").0
    };
    agree(&times, &(0..TRIALS).map(|_| by_hand()).collect::<Vec<_>>());

    // For any weights, half of the TTL is lost on average.
    let table = rows(&text, TRIALS);
    let (lost, changed) = (of(&table, "journey.visit.lost_traffic_s"), of(&table, "answer_change_s"));
    averages(&lost.iter().zip(&changed).map(|(lost, changed)| lost - changed).collect::<Vec<_>>(), 30.0, 0.1);
}

#[test]
fn connections_to_an_endpoint_that_still_serves_live_on_for_what_is_left_of_them() {
    // Seen at a random instant, a life of 100 s is U(0, 100) from its end, an exponential one as long as any other.
    for (seed, lifetime, rest) in [
        (28, "\"100s\"", Law::new(0.2, 100.0, |x| uniform(x / 100.0))),
        (29, "{ exponential = { mean = \"40s\" } }", Law::new(0.2, 1_000.0, |x| 1.0 - (-x / 40.0).exp())),
        // Density (1 - F) / mean: of U(0, 90) it falls linearly.
        (30, "{ uniform = [\"0s\", \"90s\"] }", Law::new(0.2, 90.0, |x| 1.0 - (1.0 - uniform(x / 90.0)).powi(2))),
    ] {
        let clients = format!("cohorts = 1\nconnection-lifetime = {lifetime}");
        let [moved] = after_the_answer(&text(seed, 0.99, &clients), ["moved50_s"]);
        follows(&moved, Law::new(0.2, 60.0, |x| uniform(x / 60.0)).plus(&rest).cdf());
    }
}

#[test]
fn connections_to_a_dead_endpoint_live_no_longer_than_the_cached_answer() {
    let clients = "cohorts = 1\nconnection-lifetime = \"1h\"";
    let text = text(31, 0.99, clients).replace("gray-failure", "region-outage").replace("error = 1.0", "");
    let [moved] = after_the_answer(&text, ["moved50_s"]);
    follows(&moved, |x| uniform(x / 60.0));
}
