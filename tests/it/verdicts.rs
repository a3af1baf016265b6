//! Verdicts that cannot be read as better than they are: outages that no clock covers, planned dips that an objective does
//! not count, and findings that stay with the results.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::lab::open;
use crate::program::{Answer, ask, text};

fn run(folder: &Path, experiment: &str, more: &[&str]) -> Answer {
    let file = folder.join("experiment.toml");
    fs::write(&file, experiment).expect("written");
    ask(&[&["run", text(&file)], more].concat())
}

fn data(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}", answer.out))
}

/// Six instances carry 600 requests per second. From minute 20 of an hour on there are 900.
const CROWD: &str = r#"
name = "crowd"
horizon = "1h"
objectives.rto = { p50 = "10m" }
[regions.us-east-1]
[compute]
kind = "ec2-auto-scaling"
instances = { desired = 6 }
requests-per-second = 100
[dns]
policy = "simple"
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 300
profile = [{ at = "20m", factor = 3 }]
[[journeys]]
name = "buy"
share = 1
[[faults]]
kind = "insufficient-capacity"
region = "us-east-1"
at = "10m"
duration = "2h"
probability = 1
"#;

/// A shortage of capacity is a condition: no clock runs, and the journey is down for 40 min all the same.
#[test]
fn an_outage_that_no_clock_covers_is_told_and_not_judged() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let answer = run(home.path(), CROWD, &["--trials", "20", "--quiet"]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("NOT JUDGED") && answer.out.contains("no fault started the clock"), "{}", answer.out);
    assert!(!answer.out.contains("No journey went down"), "{}", answer.out);
    let document = data(&run(home.path(), CROWD, &["--trials", "20", "--quiet", "--format", "json"]));
    let objective = &document["objectives"][0];
    assert_eq!(objective["verdict"], "not-judged");
    assert!(objective["refused"].as_str().is_some_and(|why| why.contains("20 trials")), "{objective}");
    // In the words of the report: a mean of 40 min.
    assert!(answer.out.contains("average over 20 trials: buy 40"), "{}", answer.out);
    // Nobody goes down without the crowd, and then there is nothing to judge either way.
    let calm = run(home.path(), &CROWD.replace("factor = 3", "factor = 1"), &["--trials", "20", "--quiet"]);
    assert_eq!(calm.code, Some(0), "{}{}", calm.out, calm.err);
    assert!(calm.out.contains("No journey went down in any trial."), "{}", calm.out);
}

/// The region of four instances is out for two minutes. Ten minutes after the health check has turned people change the size
/// of the other group; from minute 24 to minute 30 there is more load than the first region carries.
fn crowd_after_work(limit: &str) -> String {
    format!(
        r#"
        name = "work"
        horizon = "1h"
        objectives.rto = {{ p50 = "{limit}" }}
        [regions.us-east-1]
        [regions.eu-west-1]
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ min = 4, desired = 4, max = 12 }}
        requests-per-second = 100
        [dns]
        policy = "failover"
        primary = "us-east-1"
        secondary = "eu-west-1"
        health-check = {{ interval = "10s" }}
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 100
        profile = [{{ at = "24m", factor = 5 }}, {{ at = "30m", factor = 1 }}]
        [[journeys]]
        name = "browse"
        share = 1
        [[runbooks]]
        name = "grow"
        on = {{ health-check = "us-east-1" }}
        hosted-in = ["eu-west-1"]
        steps = [{{ wait = "10m" }}, {{ scale = 8, to = "eu-west-1" }}]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "2m"
        "#
    )
}

/// Six minutes are planned. With them a limit of five minutes would be missed and one of ten would not.
#[test]
fn planned_dips_that_would_break_an_objective_stand_beside_its_verdict() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let words = "rto.p50: MET, without planned dips of up to 6.00 min.";
    let tight = run(home.path(), &crowd_after_work("5m"), &["--trials", "20", "--quiet"]);
    assert_eq!(tight.code, Some(0), "{}{}", tight.out, tight.err);
    assert!(tight.out.contains(words), "{}", tight.out);
    let markdown = run(home.path(), &crowd_after_work("5m"), &["--trials", "20", "--quiet", "--format", "markdown"]);
    assert!(markdown.out.contains(words), "{}", markdown.out);
    let json = ["--trials", "20", "--quiet", "--format", "json"];
    assert_eq!(data(&run(home.path(), &crowd_after_work("5m"), &json))["objectives"][0]["without-planned"], 360.0);
    let loose = run(home.path(), &crowd_after_work("10m"), &["--trials", "20", "--quiet"]);
    assert!(loose.out.contains("Planned downtime") && !loose.out.contains("without planned"), "{}", loose.out);
    // The page calls the dip planned wherever it tells of it.
    let results = home.path().join("results");
    let kept = run(home.path(), &crowd_after_work("5m"), &["--trials", "20", "--quiet", "--out", text(&results)]);
    assert_eq!(kept.code, Some(0), "{}", kept.err);
    let page = fs::read_to_string(results.join("report.html")).expect("it was written");
    for said in [words, "planned: capacity from", "Down as planned: browse 6.00 min.", "planned dips included"] {
        assert!(page.contains(said), "{said}");
    }
}

/// What `check` finds is part of the results, so that whoever reads them later knows it.
#[test]
fn findings_stay_with_the_results() {
    let home = tempfile::tempdir().expect("a temporary folder");
    // The horizon is exclusive.
    let late = crowd_after_work("5m").replace("at = \"10m\"", "at = \"1h\"");
    let kind = "[fault-after-horizon]";
    let loud = run(home.path(), &late, &["--trials", "20"]);
    assert!(loud.err.contains(kind) && !loud.out.contains(kind), "it is told once: {}{}", loud.err, loud.out);
    let results = home.path().join("results");
    let quiet = run(home.path(), &late, &["--trials", "20", "--quiet", "--out", text(&results)]);
    assert!(quiet.out.contains("Remarks on the file") && quiet.out.contains(kind), "{}", quiet.out);
    for file in ["report.html", "report.txt", "report.md"] {
        let report = fs::read_to_string(results.join(file)).expect("it was written");
        assert!(report.contains("fault-after-horizon"), "{file}");
    }
    let summary = fs::read_to_string(results.join("summary.json")).expect("it was written");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    let kinds: Vec<&str> =
        summary["findings"].as_array().expect("a list").iter().filter_map(|found| found["kind"].as_str()).collect();
    let all: BTreeSet<&str> = open(&late).findings.iter().map(|found| found.kind).collect();
    assert_eq!(kinds.iter().copied().collect::<BTreeSet<_>>(), all);
    assert!(kinds.contains(&"fault-after-horizon"), "{kinds:?}");
}

/// Where faults come at a rate the chance is said to be that of what there is.
#[test]
fn chances_are_those_of_the_objectives_that_there_are() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let often = crowd_after_work("5m").replace("at = \"10m\"", "rate = \"20 per day\"");
    let answer = run(home.path(), &often, &["--trials", "100", "--quiet"]);
    assert!(answer.out.contains("The chance is that of one outage for rto."), "{}", answer.out);
}

/// An objective on data loss of a deployment that keeps no data is no objective that is met.
#[test]
fn a_loss_without_stores_is_not_judged() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text = CROWD.replace("objectives.rto", "objectives.rpo");
    let answer = run(home.path(), &text, &["--trials", "20"]);
    assert_eq!(answer.code, Some(3), "{}", answer.out);
    assert!(answer.out.contains("NOT JUDGED: the deployment has no stores"), "{}", answer.out);
    assert!(answer.err.contains("[objective-without-store]"), "{}", answer.err);
}
