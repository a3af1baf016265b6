//! What cannot be judged or compared is said with its true reason, in runs, comparisons and sweeps.

use std::fs;
use std::path::Path;

use crate::program::{ask_in, content};

/// One region that carries 100 requests per second and gets 60; at 5 min it loses capacity for this long.
fn losing(lasts: &str, objectives: &str) -> String {
    format!(
        r#"
name = "losing"
horizon = "20m"
[objectives]
{objectives}
[regions.us-east-1]
[compute]
kind = "managed"
requests-per-second = 100
[dns]
policy = "simple"
health-check = false
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 60
round-trip = {{ us-east-1 = "10ms" }}
[[journeys]]
name = "page"
share = 1
[[faults]]
kind = "capacity-loss"
region = "us-east-1"
factor = 0.1
at = "5m"
duration = "{lasts}"
"#
    )
}

fn told(home: &Path, text: &str, words: &[&str]) -> String {
    fs::write(home.join("losing.toml"), text).expect("written");
    let answer = ask_in(home, &[words, &["--trials", "50", "--quiet"]].concat());
    (answer.out + &answer.err).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An outage that outlasts every trial leaves nothing after it, which is not the absence of an outage; where one is over the
/// same objective is judged.
#[test]
fn an_outage_that_outlasts_every_trial_is_the_reason() {
    let home = tempfile::tempdir().expect("a folder");
    let latency = "latency = { p50 = \"500ms\" }";
    let run = |lasts: &str| told(home.path(), &losing(lasts, latency), &["run", "losing.toml"]);
    let lasting = run("permanent");
    let why = "NOT JUDGED: the outage outlasts every trial (50 trials), so no request came after it";
    assert!(lasting.contains(why), "{lasting}");
    assert!(lasting.contains("latency-after.p50: unknown: the outage outlasts every trial."), "{lasting}");
    assert!(!lasting.contains("no outage"), "{lasting}");
    let over = run("5m");
    assert!(!over.contains("NOT JUDGED") && over.contains("MET latency-after.p50"), "{over}");
    // A sweep gives the same reason.
    let words = ["sweep", "losing.toml", "--vary", "faults.0.factor=0.1,0.2"];
    let swept = told(home.path(), &losing("permanent", latency), &words);
    assert!(swept.contains("NOT JUDGED at 2"), "{swept}");
    assert!(swept.contains("outage outlasts"), "{swept}");
}

/// No number of trials judges an objective on a queue that is not there.
#[test]
fn an_objective_without_its_queue_is_not_a_matter_of_trials() {
    let home = tempfile::tempdir().expect("a folder");
    let text = losing("5m", "caught-up = { p50 = \"5m\" }");
    let run = told(home.path(), &text, &["run", "losing.toml"]);
    assert!(run.contains("NOT JUDGED: the deployment has no queues") && !run.contains("too few"), "{run}");
    assert!(run.contains("caught-up.p50: there are no queues"), "{run}");
    let swept = told(home.path(), &text, &["sweep", "losing.toml", "--vary", "faults.0.factor=0.1,0.2"]);
    assert!(swept.contains("NOT JUDGED at 2 of 2 points") && swept.contains("there are no queues"), "{swept}");
    assert!(!swept.contains("none of this name"), "{swept}");
}

/// A sweep shows objectives on latency point by point, and draws them. Requests take the 10 ms of their way.
#[test]
fn a_sweep_shows_latency_point_by_point() {
    let home = tempfile::tempdir().expect("a folder");
    let text = losing("5m", "latency = { p50 = \"500ms\" }");
    let words = ["sweep", "losing.toml", "--vary", "compute.requests-per-second=100,200", "--out", "out"];
    let swept = told(home.path(), &text, &words);
    for figure in ["latency-before.p50", "latency-after.p50"] {
        assert!(swept.contains(&format!("{figure} ≤ 500 ms")), "{swept}");
    }
    let report = fs::read_to_string(home.path().join("out/report.md")).expect("a report");
    let rows = |value: &str| {
        report.lines().filter(|line| line.starts_with(&format!("| {value} |")) && line.contains("10.0 ms")).count()
    };
    // A table for each of the two figures, with a row for each point.
    assert_eq!((rows("100"), rows("200")), (2, 2), "{report}");
    let charts = content(&home.path().join("out")).into_iter().map(|(name, _)| name);
    let charts = charts
        .filter(|name| name.contains("latency-") && Path::new(name).extension().is_some_and(|it| it == "svg"))
        .count();
    assert_eq!(charts, 2);
}

/// Equal and unknown do not read alike in the sentence for a pull request: of a candidate that never comes back nothing is known.
/// Where nothing differs that is said.
#[test]
fn what_cannot_be_compared_is_not_called_equal() {
    let home = tempfile::tempdir().expect("a folder");
    let objective = "rto = { p50 = \"30m\" }";
    fs::write(home.path().join("other.toml"), losing("permanent", objective).replace("\"losing\"", "\"other\""))
        .expect("written");
    let words = ["compare", "losing.toml", "other.toml"];
    let unknown = told(home.path(), &losing("permanent", objective), &words);
    assert!(unknown.contains("other: nothing can be said of rto.p50 beside losing: some trials"), "{unknown}");
    assert!(!unknown.contains("no difference from losing"), "{unknown}");
    fs::write(home.path().join("other.toml"), losing("5m", objective).replace("\"losing\"", "\"other\""))
        .expect("written");
    let equal = told(home.path(), &losing("5m", objective), &words);
    assert!(equal.contains("other: no difference from losing is shown"), "{equal}");
}

/// Who has no stores has not lost nothing: the picture of data loss has the candidates alone that can lose data.
#[test]
fn candidates_without_stores_are_not_in_the_picture_of_data_loss() {
    let home = tempfile::tempdir().expect("a folder");
    let store = "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";
    let objective = "rpo = { p50 = \"30m\" }";
    let kept = losing("5m", objective).replace("\"losing\"", "\"keeper\"") + store;
    fs::write(home.path().join("other.toml"), kept).expect("written");
    told(home.path(), &losing("5m", ""), &["compare", "losing.toml", "other.toml", "--out", "out"]);
    let picture = fs::read_to_string(home.path().join("out/data-loss.svg")).expect("a picture");
    let labels: Vec<&str> = picture.split("<text").skip(1).collect();
    let names = |name: &str| labels.iter().any(|label| label.contains(&format!(">{name}<")));
    assert!(!names("losing"), "{labels:?}");
}
