//! `mrsim rare`: small chances against a closed form and against plain trials, the honest ends, and what it refuses.

use serde_json::Value;
use sim_core::stats::Tally;

use crate::lab::{figures, head, lognormal};
use crate::program::{Answer, ask};

/// Trials in which nobody can buy for as long as the table is away.
fn text(seed: u64, duration: &str) -> String {
    let head = head(
        &format!("horizon = \"6h\"\nseed = {seed}"),
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("all", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!(
        "{head}[stores.orders]\nkind = \"dynamodb-global-table\"\n\
         [[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [ {{ write = \"orders\" }} ]\n\
         [[faults]]\nkind = \"service-impairment\"\nstore = \"orders\"\nregion = \"us-east-1\"\nat = \"10m\"\n\
         duration = {duration}\n"
    )
}

const LOGNORMAL: &str = "{ lognormal = { median = \"5m\", p95 = \"13m\" } }";

fn asked(text: &str, options: &[&str]) -> Answer {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("table.toml");
    std::fs::write(&path, text).expect("written");
    ask(&[&["rare", path.to_str().expect("UTF-8"), "--quiet"], options].concat())
}

fn document(text: &str, options: &[&str]) -> Value {
    let answer = asked(text, &[options, &["--format", "json"]].concat());
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    serde_json::from_str(&answer.out).expect("a document")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number: {value}"))
}

/// The recovery is the length of the fault, so that P(recovery > 1 h) is that of a lognormal: one in a hundred thousand. A chance that
/// differs from it by more than five standard errors would be one seed in a million of a correct program, were weights normal; they are
/// skewed to the right, which makes it some in a million.
#[test]
fn a_chance_of_one_in_a_hundred_thousand_is_that_of_the_closed_form() {
    let truth = 1.0 - lognormal(300.0, 780.0).cdf(3_600.0);
    assert!((5e-6..2e-5).contains(&truth), "{truth}");
    let found = document(&text(1, LOGNORMAL), &["--recovery-over", "1h", "--trials", "4000"]);
    let (chance, error) = (number(&found["chance"]["estimate"]), number(&found["standard-error"]));
    assert!((chance - truth).abs() < 5.0 * error, "{chance} against {truth}, standard error {error}");
    assert!(error < truth / 3.0, "{error} of {truth}");
    let (low, high) = (number(&found["chance"]["low"]), number(&found["chance"]["high"]));
    assert!(low > 0.0 && low < chance && chance < high, "{found}");
    // As many plain trials for the same standard error: p (1 - p) / error^2.
    let plain = number(&found["trials-plain"]);
    assert!((plain * error * error / (chance * (1.0 - chance)) - 1.0).abs() < 1e-9);
    assert!(plain > 10.0 * number(&found["trials-all"]), "{found}");
    assert_eq!(found["usual"], false);
    // What is beyond the limit failed for the table, and for longer than the limit.
    let stages = found["stages"].as_object().expect("a table");
    assert!(number(&stages["dependency"]) > 3_600.0, "{stages:?}");
}

/// The mean over many seeds, each with a pilot of its own and few starts, against plain trials: the difference of two independent
/// means, within 4.9 of its standard errors; a correct program fails once for a million choices of the seeds.
#[test]
fn the_mean_over_seeds_is_that_of_plain_trials() {
    let mut own = Tally::new();
    for seed in 100..140 {
        let found = document(&text(seed, LOGNORMAL), &["--recovery-over", "20m", "--trials", "100"]);
        assert!(found["levels"].as_array().is_some_and(|levels| levels.len() > 1), "{found}");
        let estimate = &found["chance"]["estimate"];
        own.add(if estimate.is_null() { 0.0 } else { number(estimate) });
    }
    let mut plain = Tally::new();
    for recovery in figures(&text(7, LOGNORMAL), "journey.buy.recovery_s", 40_000) {
        plain.add(if recovery > 1_200.0 { 1.0 } else { 0.0 });
    }
    let (one, other) = (own.standard_error(), plain.standard_error());
    let z = (own.mean() - plain.mean()) / libm::sqrt(one * one + other * other);
    assert!(z.abs() < 4.9, "{} against {}: {z}", own.mean(), plain.mean());
    assert!(one < plain.mean() / 8.0, "{one} of {}", plain.mean());
}

#[test]
fn threads_do_not_show() {
    let with = |threads: &str| {
        let options = ["--recovery-over", "30m", "--trials", "300", "--format", "json", "--threads", threads];
        // The name of the file is that of a temporary folder.
        let answer = asked(&text(2, LOGNORMAL), &options);
        let mut document: Value = serde_json::from_str(&answer.out).expect("a document");
        document["file"] = Value::Null;
        document.to_string()
    };
    assert_eq!(with("1"), with("3"));
}

/// Every trial is back after ten minutes: no trial is beyond twenty, and an exact interval of 0 of n ends at 1 - 0.025^(1/n).
#[test]
fn what_never_comes_has_a_bound_and_no_estimate() {
    let found = document(&text(1, "\"10m\""), &["--recovery-over", "20m", "--trials", "500"]);
    assert!(found["chance"]["estimate"].is_null() && found["chance"]["refused"].is_string(), "{found}");
    let high = 1.0 - libm::pow(0.025, 1.0 / 500.0);
    assert!((number(&found["plain"]["high"]) - high).abs() < 1e-9, "{found}");
    let said = asked(&text(1, "\"10m\""), &["--recovery-over", "20m", "--trials", "500"]);
    assert!(said.out.contains("is not known: no trial came that far"), "{}", said.out);
}

#[test]
fn where_plain_trials_serve_as_well_that_is_said() {
    let said = asked(&text(1, LOGNORMAL), &["--recovery-over", "4m", "--trials", "400"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("Plain trials say as much") && said.out.contains("mrsim run"), "{}", said.out);
}

#[test]
fn questions_that_trials_cannot_answer_are_refused() {
    let table = text(1, LOGNORMAL);
    let refused = |text: &str, options: &[&str], code: i32, why: &str| {
        let answer = asked(text, options);
        assert_eq!(answer.code, Some(code), "{options:?}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains(why), "{options:?}: {}", answer.err);
    };
    refused(&table, &["--recovery-over", "6h"], 2, "a trial ends after 6 h");
    refused(&table, &["--recovery-over", "1h", "--journey", "by"], 2, "there is no journey `by`");
    refused(&table, &["--loss-over", "1m", "--store", "oders"], 2, "there is no store `oders`");
    refused(&table, &["--recovery-over", "1h", "--store", "orders"], 2, "cannot be used with");
    refused(&table, &["--recovery-over", "1h", "--loss-over", "1m"], 2, "cannot be used with");
    refused(&table, &[], 2, "--recovery-over");
    refused(&table, &["--recovery-over", "soon"], 2, "is not a duration");
    // The fault begins ten minutes after the start, and lasts beyond the end.
    refused(&text(1, "\"permanent\""), &["--recovery-over", "5h 55m"], 1, "was not back at its end");
}
