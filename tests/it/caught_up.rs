//! Objectives on the time until a queue is caught up with: judged, printed, gated, compared and swept like recovery times.

use std::fs;

use serde_json::Value;

use crate::program::{Answer, ask, text};

/// 100 messages a second; a worker that carries 150 does nothing for 20 min: 2,400 s later the 120,000 messages are gone, an hour
/// after the fault. The second queue never waits.
const QUEUES: &str = r#"
name = "queues"
horizon = "4h"
WORST
[regions.us-east-1]
[dns]
policy = "simple"
health-check = false
[services.web]
kind = "managed"
[services.worker]
kind = "managed"
requests-per-second = 150
[services.other]
kind = "managed"
requests-per-second = 1000
[stores.jobs]
kind = "queue"
consumed-by = "worker"
OWN
[stores.mails]
kind = "queue"
consumed-by = "other"
[stores.table]
kind = "dynamodb-global-table"
[[journeys]]
name = "send"
share = 1
enters = "web"
needs = [{ write = "jobs" }, { write = "mails" }]
[[clients]]
name = "everybody"
near = "us-east-1"
requests-per-second = 100
cohorts = 1
[[faults]]
kind = "service-impairment"
service = "worker"
region = "us-east-1"
error = 1
at = "10m"
duration = "20m"
"#;

fn with(worst: &str, own: &str) -> String {
    let table = |objectives: &str| {
        if objectives.is_empty() { String::new() } else { format!("objectives = {{ {objectives} }}") }
    };
    QUEUES.replace("WORST", &table(worst)).replace("OWN", &table(own))
}

fn told(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

const FEW: [&str; 3] = ["--trials", "50", "--quiet"];

#[test]
fn it_is_judged_by_the_worst_queue_and_by_one_and_the_exit_code_follows() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("queues.toml");
    let run = |worst: &str, own: &str, more: &[&str]| {
        fs::write(&file, with(worst, own)).expect("written");
        ask(&[&["run", text(&file)], &FEW[..], more].concat())
    };
    let answer = run("caught-up = { p90 = \"61m\" }", "caught-up = { p90 = \"59m\" }", &["--format", "json"]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    let objectives = told(&answer)["objectives"].clone();
    let one = |place: usize, key: &str| objectives[place][key].clone();
    assert_eq!((one(0, "name"), one(0, "verdict")), ("caught-up.p90".into(), "met".into()));
    assert_eq!((one(1, "name"), one(1, "verdict")), ("jobs.caught-up.p90".into(), "missed".into()));
    let found = one(1, "estimate").as_f64().expect("a number");
    assert!((found - 3_600.0).abs() < 0.1, "{found}");
    let answer = run("caught-up = { p90 = \"59m\" }", "", &[]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    assert!(answer.out.contains("MISSED") && answer.out.contains("caught-up.p90"), "{}", answer.out);
    assert_eq!(run("caught-up = { p90 = \"61m\" }", "", &[]).code, Some(0));
}

#[test]
fn it_is_compared_gated_and_swept() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let base = with("caught-up = { p90 = \"61m\" }", "");
    // 200 a second leave 100 spare: 1,200 s.
    let quick = file("quick.toml", &base.replace("requests-per-second = 150", "requests-per-second = 200"));
    let base = file("base.toml", &base);
    let gate = ["--fail-if-worse", "caught-up.p90", "--fail-if-worse", "jobs.caught-up.p90"];
    let answer = ask(&[&["compare", &quick, &base][..], &FEW, &gate, &["--format", "json"]].concat());
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    let differences = told(&answer)["comparisons"][0]["differences"].clone();
    for name in ["caught-up.p90", "jobs.caught-up.p90"] {
        let found = differences[name]["estimate"].as_f64().unwrap_or(f64::NAN);
        assert!((found - 1_200.0).abs() < 0.1, "{name}: {differences}");
    }
    // What is kept reads back to the same report.
    let out = home.path().join("kept");
    let kept = ask(&[&["compare", &quick, &base][..], &FEW, &["--out", text(&out)]].concat());
    assert_eq!(kept.code, Some(0), "{}{}", kept.out, kept.err);
    let again = ask(&["report", text(&out), "-o", text(&home.path().join("again.html"))]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    let vary = ["--vary", "services.worker.requests-per-second=150,200"];
    let document = told(&ask(&[&["sweep", &base][..], &vary, &FEW, &["--format", "json"]].concat()));
    let value = |point: usize| document["points"][point]["figures"][0]["value"]["estimate"].as_f64();
    let (slow, quick) = (value(0).expect("a number"), value(1).expect("a number"));
    assert!((slow - quick - 1_200.0).abs() < 0.1, "{slow} {quick}");
}

#[test]
fn what_cannot_be_held_against_anything_is_said() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("queues.toml");
    let check = |text_of: String| {
        fs::write(&file, text_of).expect("written");
        ask(&["check", text(&file)])
    };
    let table = "kind = \"dynamodb-global-table\"";
    let own = with("", "").replace(table, &format!("{table}\nobjectives.caught-up = {{ p99 = \"1h\" }}"));
    let answer = check(own);
    assert_eq!(answer.code, Some(2), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("stores.table.objectives.caught-up"), "{}", answer.err);
    assert!(answer.err.contains("only in a queue does anything wait"), "{}", answer.err);
    for (wrong, said) in [("{ p99 = 3 }", "caught-up.p99"), ("\"1h\"", "caught-up"), ("{ p42 = \"1h\" }", "p42")] {
        let answer = check(with(&format!("caught-up = {wrong}"), ""));
        assert_eq!(answer.code, Some(2), "{wrong}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains(said), "{}", answer.err);
    }
}
