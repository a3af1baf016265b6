//! Losses: items in flight, suffixes of logs, and writes that a former writer goes on acknowledging.

use sim_core::random::{Distribution, LogNormal};

use crate::lab::{Law, averages, figures, follows, of, rows, uniform};

const TRIALS: u64 = 4_000;

/// Clients at both sides; the first region is where things happen.
fn text(seed: u64, first: f64, rest: &str) -> String {
    format!(
        r#"
        name = "loss"
        horizon = "1h"
        seed = {seed}
        [regions.us-east-1]
        [regions.eu-west-1]
        [regions.ap-south-1]
        [dns]
        policy = "latency"
        [[clients]]
        name = "west"
        near = "us-east-1"
        requests-per-second = {first}
        cohorts = 1
        [[clients]]
        name = "east"
        near = "eu-west-1"
        requests-per-second = 300
        cohorts = 1
        [[journeys]]
        name = "buy"
        share = 0.25
        needs = [{{ write = "store" }}]
        [[journeys]]
        name = "look"
        share = 0.75
        {rest}"#
    )
}

fn outage(lasts: &str, rest: &str) -> String {
    format!(
        r#"
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = {{ uniform = ["10m", "20m"] }}
        duration = "{lasts}"
        {rest}"#
    )
}

const TABLE: &str = r#"
        [stores.store]
        kind = "dynamodb-global-table"
        regions = ["us-east-1", "eu-west-1"]
        replication-delay = { lognormal = { median = "800ms", p99 = "2.5s" } }"#;

fn delay() -> Distribution {
    let spec = LogNormal { median: Some(0.8), p99: Some(2.5), ..LogNormal::default() };
    Distribution::lognormal(&spec).expect("valid")
}

/// P(a Poisson number of this mean <= k), term by term.
pub(super) fn poisson(mean: f64, k: f64) -> f64 {
    let mut term = (-mean).exp();
    let mut sum = if k < 0.0 { 0.0 } else { term };
    let mut i = 1.0;
    while i <= k {
        term *= mean / i;
        sum += term;
        i += 1.0;
    }
    sum
}

/// The distribution function of the age of an item in flight: the integral of 1 - F from 0, over the mean.
fn ages() -> impl Fn(f64) -> f64 {
    let (delay, step) = (delay(), 1e-3);
    let mut sums = vec![0.0];
    for cell in 0..40_000 {
        let middle = (f64::from(cell) + 0.5) * step;
        sums.push(sums[sums.len() - 1] + step * delay.survival(middle));
    }
    let mean = sums[sums.len() - 1];
    move |x: f64| {
        let place = (x / step).clamp(0.0, (sums.len() - 2) as f64);
        let cell = place as usize;
        (sums[cell] + (place - cell as f64) * (sums[cell + 1] - sums[cell])) / mean
    }
}

#[test]
fn items_in_flight_are_poisson_and_the_oldest_is_the_oldest_of_so_many() {
    // A quarter of 32/s writes: 8/s times a mean delay of about 0.9 s.
    let mean = 8.0 * delay().mean();
    let ages = ages();
    assert!(mean > 6.0 && mean < 8.0, "{mean}");
    let table = rows(&text(51, 32.0, &format!("{TABLE}{}", outage("permanent", ""))), TRIALS);
    let (stranded, seconds) = (of(&table, "store.store.stranded"), of(&table, "store.store.loss_s"));
    follows(&stranded, |k| poisson(mean, k.floor()));
    averages(&stranded, mean, 0.05);
    // Of n ages the oldest is below x with probability G(x)^n: that, at the oldest itself, is uniform.
    let pairs = stranded.iter().zip(&seconds).filter(|(count, _)| **count > 0.0);
    follows(&pairs.map(|(count, age)| ages(*age).powf(*count)).collect::<Vec<_>>(), uniform);
    assert!(of(&table, "store.store.lost").iter().all(|lost| *lost == 0.0));
}

#[test]
fn of_two_survivors_the_one_that_lacks_most_counts() {
    let everywhere = TABLE.replace(r#"        regions = ["us-east-1", "eu-west-1"]"#, "");
    let stranded =
        figures(&text(52, 32.0, &format!("{everywhere}{}", outage("permanent", ""))), "store.store.stranded", TRIALS);
    let mean = 8.0 * delay().mean();
    follows(&stranded, |k| poisson(mean, k.floor()).powi(2));
}

#[test]
fn what_a_destroyed_region_held_alone_is_lost() {
    let table = rows(&text(53, 32.0, &format!("{TABLE}{}", outage("10m", "destroyed = true"))), TRIALS);
    let mean = 8.0 * delay().mean();
    follows(&of(&table, "store.store.lost"), |k| poisson(mean, k.floor()));
    for figure in ["store.store.stranded", "store.store.overwritten"] {
        assert!(of(&table, figure).iter().all(|value| *value == 0.0), "{figure}");
    }
}

#[test]
fn items_that_are_written_again_meanwhile_are_overwritten() {
    // Each one is with probability p = 1 - exp(-rate x time): a Poisson number, thinned, is two independent ones.
    let rewritten = format!("{TABLE}\nrewrite-rate = 0.002");
    let table = rows(&text(54, 320.0, &format!("{rewritten}{}", outage("5m", ""))), TRIALS);
    let mean = 80.0 * delay().mean();
    let p = 1.0 - f64::exp(-0.002 * 300.0);
    let (stranded, overwritten) = (of(&table, "store.store.stranded"), of(&table, "store.store.overwritten"));
    follows(&overwritten, |k| poisson(mean * p, k.floor()));
    follows(&stranded, |k| poisson(mean * (1.0 - p), k.floor()));
    follows(&stranded.iter().zip(&overwritten).map(|(a, b)| a + b).collect::<Vec<_>>(), |k| poisson(mean, k.floor()));
}

#[test]
fn what_never_returns_is_overwritten_until_the_horizon() {
    // From 20 minutes to the hour: p = 1 - exp(-rate x 2,400 s). Last writer wins, return or not.
    let rewritten = format!("{TABLE}\nrewrite-rate = 0.0004");
    let gone = outage("permanent", "").replace(r#"{ uniform = ["10m", "20m"] }"#, "\"20m\"");
    let table = rows(&text(61, 320.0, &format!("{rewritten}{gone}")), TRIALS);
    let (mean, p) = (80.0 * delay().mean(), 1.0 - f64::exp(-0.0004 * 2_400.0));
    follows(&of(&table, "store.store.overwritten"), |k| poisson(mean * p, k.floor()));
    follows(&of(&table, "store.store.stranded"), |k| poisson(mean * (1.0 - p), k.floor()));
}

/// Buckets in the two regions that are written in; objects take as long as the table's items.
const BUCKETS: &str = r#"
        [stores.store]
        kind = "s3-replication"
        replication-delay = { lognormal = { median = "800ms", p99 = "2.5s" } }"#;

#[test]
fn objects_replicate_one_way_or_both() {
    let path =
        "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"10m\"\nduration = \"10m\"";
    // Both ways: each side's writes of ten minutes, and on top what was under way both ways when it began.
    let both = format!("{BUCKETS}\nregions = [\"us-east-1\", \"eu-west-1\"]");
    let delayed = figures(&text(62, 32.0, &format!("{both}\n{path}")), "store.store.delayed", TRIALS);
    let mean = 83.0 * delay().mean();
    follows(&delayed.iter().map(|count| count - 600.0 * 83.0).collect::<Vec<_>>(), |k| poisson(mean, k.floor()));
    // One way: the source's, and all that the replica took in the hour, for nothing takes that elsewhere.
    let one = format!("{BUCKETS}\nfrom = \"us-east-1\"\nto = \"eu-west-1\"");
    let delayed = figures(&text(63, 32.0, &format!("{one}\n{path}")), "store.store.delayed", TRIALS);
    let (mean, sure) = (8.0 * delay().mean(), 600.0 * 8.0 + 3_600.0 * 75.0);
    follows(&delayed.iter().map(|count| count - sure).collect::<Vec<_>>(), |k| poisson(mean, k.floor()));
    // The source goes out: what was under way is stranded.
    let stranded = figures(&text(64, 32.0, &format!("{one}{}", outage("10m", ""))), "store.store.stranded", TRIALS);
    follows(&stranded, |k| poisson(mean, k.floor()));
}

#[test]
fn a_strong_table_without_its_quorum_refuses_and_loses_nothing() {
    let table = r#"
        [stores.store]
        kind = "dynamodb-global-table"
        consistency = "strong""#;
    let path = |other: &str| {
        format!(
            "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"{other}\"]\nat = \"10m\"\nduration = \"10m\"\n"
        )
    };
    // Cut off from one of two: there is a second one. Cut off from both: 8/s fail for ten minutes, those of others do not.
    for (paths, failed) in [(path("eu-west-1"), 0.0), (path("eu-west-1") + &path("ap-south-1"), 4_800.0)] {
        let row = rows(&text(65, 32.0, &format!("{table}\n{paths}")), 5);
        for (column, expected) in [("cause.dependency", failed), ("failed", failed)] {
            let found = of(&row, &format!("journey.buy.{column}"));
            assert!(
                found.iter().all(|found| (found - expected).abs() < 1e-6),
                "{column}: {found:?} and not {expected}"
            );
        }
        for figure in ["loss_s", "lost", "stranded", "overwritten", "delayed"] {
            assert!(of(&row, &format!("store.store.{figure}")).iter().all(|value| *value == 0.0), "{figure}");
        }
    }
}

#[test]
fn a_partition_delays_what_is_written_meanwhile_and_loses_nothing() {
    // Ten minutes at 8/s one way and 75/s the other, and on top what was in flight both ways when it began.
    let partition = r#"
        [[faults]]
        kind = "partition"
        between = ["us-east-1", "eu-west-1"]
        at = "10m"
        duration = "10m""#;
    let table = rows(&text(55, 32.0, &format!("{TABLE}{partition}")), TRIALS);
    let mean = 83.0 * delay().mean();
    let delayed: Vec<f64> = of(&table, "store.store.delayed").iter().map(|count| count - 600.0 * 83.0).collect();
    follows(&delayed, |k| poisson(mean, k.floor()));
    assert!(of(&table, "store.store.loss_s").iter().all(|loss| *loss == 0.0));
}

/// A database whose copy is promoted two minutes after the first failed write.
fn database(lag: &str, rest: &str) -> String {
    format!(
        r#"
        [stores.store]
        kind = "aurora-global"
        writer = "us-east-1"
        replication-lag = {lag}
        promotion-time = "60s"
        {rest}
        [[runbooks]]
        name = "promote"
        on = {{ operator = "120s" }}
        hosted-in = ["eu-west-1"]
        steps = [{{ promote = "store", to = "eu-west-1" }}]"#
    )
}

#[test]
fn a_log_loses_the_lag_in_seconds_and_what_was_written_in_it() {
    let lag = r#"{ lognormal = { median = "250ms", p99 = "1s" } }"#;
    let table = rows(&text(56, 32.0, &(database(lag, "") + &outage("permanent", ""))), TRIALS);
    let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
    let spec = LogNormal { median: Some(0.25), p99: Some(1.0), ..LogNormal::default() };
    let lag = Distribution::lognormal(&spec).expect("valid");
    follows(&seconds, |x| lag.cdf(x));
    // The writes of both populations went to the one writer: (32 + 300) / 4 a second.
    for (seconds, lost) in seconds.iter().zip(&lost) {
        assert!((lost - 83.0 * seconds).abs() < 1e-3, "{lost} in {seconds} s");
    }
}

#[test]
fn the_count_is_the_integral_of_the_writes_over_the_lag() {
    // The load of the one population doubles U(0, 2) s before the outage at 602 s, with a lag of 1.5 s: 83/s over all of
    // it, and 8/s more since the step.
    for (step, since) in [("600.25s", 1.5), ("601.5s", 0.5)] {
        let text = text(57, 32.0, &(database("\"1.5s\"", "") + &outage("permanent", "")))
            .replace(
                "requests-per-second = 32\n",
                &format!("requests-per-second = 32\nprofile = [{{ at = \"{step}\", factor = 2 }}]\n"),
            )
            .replace(r#"at = { uniform = ["10m", "20m"] }"#, r#"at = "602s""#);
        let row = rows(&text, 1);
        assert!((of(&row, "store.store.loss_s")[0] - 1.5).abs() < 1e-6);
        let expected = 83.0 * 1.5 + 8.0 * since;
        let lost = of(&row, "store.store.lost")[0];
        assert!((lost - expected).abs() < 1e-3, "{lost} and not {expected}");
    }
}

/// The writer's side is cut off for 40 minutes; nobody promotes but the other side.
const PARTITION: &str = r#"
        [[faults]]
        kind = "partition"
        between = ["us-east-1", "eu-west-1"]
        at = "10m"
        duration = "40m""#;

#[test]
fn a_former_writer_behind_a_partition_acknowledges_until_its_side_follows_the_name() {
    // Noticed at once (the other side cannot write), promoted 120 + 60 s later; the old side's applications follow after
    // U(5, 30) + U(0, 5). All that they wrote meanwhile is lost, and the lag on top: 8/s.
    let table = rows(&text(58, 32.0, &(database("\"2s\"", "") + PARTITION)), TRIALS);
    let (seconds, lost) = (of(&table, "store.store.loss_s"), of(&table, "store.store.lost"));
    let update = Law::new(0.05, 25.0, |x| uniform(x / 25.0)).plus(&Law::new(0.05, 5.0, |x| uniform(x / 5.0)));
    follows(&seconds, update.after(2.0 + 180.0 + 5.0).cdf());
    for (seconds, lost) in seconds.iter().zip(&lost) {
        // In the lag both sides wrote.
        let expected = 83.0 * 2.0 + 8.0 * (seconds - 2.0);
        assert!((lost - expected).abs() < 1e-3, "{lost} and not {expected} in {seconds} s");
    }
}

#[test]
fn with_regional_endpoints_it_acknowledges_until_the_partition_ends() {
    let table = rows(&text(59, 32.0, &(database("\"2s\"", "endpoint = \"regional\"") + PARTITION)), 50);
    for (seconds, lost) in of(&table, "store.store.loss_s").iter().zip(of(&table, "store.store.lost")) {
        assert!((seconds - 2_402.0).abs() < 1e-6, "{seconds}");
        assert!((lost - (83.0 * 2.0 + 8.0 * 2_400.0)).abs() < 1e-2, "{lost}");
    }
}

#[test]
fn without_a_promotion_nothing_is_lost() {
    let nobody = database("\"2s\"", "").replace("120s", "3h");
    for fault in [PARTITION.to_owned(), outage("20m", "")] {
        let table = rows(&text(60, 32.0, &(nobody.clone() + &fault)), 50);
        for figure in ["loss_s", "lost", "stranded", "overwritten"] {
            assert!(of(&table, &format!("store.store.{figure}")).iter().all(|value| *value == 0.0), "{figure}");
        }
    }
    let destroyed = outage("permanent", "destroyed = true");
    let table = rows(&text(60, 32.0, &(nobody + &destroyed)), 50);
    assert!(of(&table, "store.store.loss_s").iter().all(|seconds| (seconds - 2.0).abs() < 1e-6));
    assert!(of(&table, "store.store.lost").iter().all(|lost| (lost - 166.0).abs() < 1e-3));
}

/// A fault at the first instant meets a system that has worked for long: the log lacks what came before it.
#[test]
fn a_fault_at_the_first_instant_loses_what_was_acknowledged_before_it() {
    for at in ["0s", "1ms", "10m"] {
        let fault = outage("permanent", "").replace(r#"at = { uniform = ["10m", "20m"] }"#, &format!("at = \"{at}\""));
        let table = rows(&text(68, 32.0, &(database("\"2s\"", "") + &fault)), 20);
        for (seconds, lost) in of(&table, "store.store.loss_s").iter().zip(of(&table, "store.store.lost")) {
            assert!((seconds - 2.0).abs() < 1e-6 && (lost - 166.0).abs() < 1e-3, "{at}: {lost} in {seconds} s");
        }
    }
}

/// What was written before a trial cannot be counted, and is missing as much: no limit on its age holds.
#[test]
fn where_no_copy_is_left_everything_is_missing_however_short_the_trial_has_been() {
    let stores = [
        database("\"2s\"", "regions = [\"us-east-1\"]").replace("to = \"eu-west-1\"", "to = \"us-east-1\""),
        TABLE.replace(", \"eu-west-1\"]", "]"),
    ];
    for store in stores {
        let table = rows(&text(69, 32.0, &(store + &outage("5m", "destroyed = true"))), 50);
        assert!(of(&table, "store.store.loss_s").iter().all(|seconds| *seconds == f64::INFINITY));
        assert!(of(&table, "worst.loss_s").iter().all(|seconds| *seconds == f64::INFINITY));
        // All writes, 83/s, of the 10 to 20 minutes up to the outage.
        assert!(of(&table, "store.store.lost").iter().all(|lost| (49_799.0..=99_601.0).contains(lost)));
        assert!(of(&table, "store.store.stranded").iter().all(|stranded| *stranded == 0.0));
    }
}

/// A region that returns without its data brings no writer back: there is nothing that it could go on from.
#[test]
fn a_writer_that_was_destroyed_does_not_return_with_its_region() {
    let back = outage("5m", "destroyed = true");
    for kind in ["aurora-global", "rds-replica", "elasticache-global"] {
        let store = database("\"2s\"", "").replace("aurora-global", kind);
        let nobody = rows(&text(67, 32.0, &(store.replace("120s", "3h") + &back)), 50);
        assert!(of(&nobody, "journey.buy.recovery_s").iter().all(|time| time.is_infinite()), "{kind}");
        assert!(
            of(&nobody, "journey.look.recovery_s").iter().all(|time| time.is_finite()),
            "{kind}: it needs no writer"
        );
        assert!(of(&nobody, "store.store.loss_s").iter().all(|seconds| (seconds - 2.0).abs() < 1e-6), "{kind}");
        assert!(of(&nobody, "store.store.lost").iter().all(|lost| (lost - 166.0).abs() < 1e-3), "{kind}");
        // Somebody promotes ten minutes after the first failed write, when the region has long been back: a minute later
        // the copy takes over, and lacks the same two seconds.
        let late = rows(&text(67, 32.0, &(store.replace("120s", "600s") + &back)), 50);
        assert!(of(&late, "promoted.store_s").iter().all(|time| (time - 660.0).abs() < 1e-6), "{kind}");
        assert!(of(&late, "journey.buy.recovery_s").iter().all(|time| (660.0..900.0).contains(time)), "{kind}");
        assert!(of(&late, "store.store.lost").iter().all(|lost| (lost - 166.0).abs() < 1e-3), "{kind}");
    }
}
