//! Objectives on latency: held against before and after, each said apart; judged, printed, gated, compared, swept, kept and merged.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Answer, ask, content, text};

/// Requests take 10 ms and 100 ms; from 10 min on 300 ms more, for good, which lets nobody fail.
const SLOWED: &str = r#"
name = "slowed"
horizon = "30m"
WORST
[regions.us-east-1]
[dns]
policy = "simple"
health-check = false
[compute]
kind = "managed"
response-time = "100ms"
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 100
round-trip = { us-east-1 = "10ms" }
[[journeys]]
name = "page"
share = 1
OWN
[[faults]]
kind = "slow-failure"
region = "us-east-1"
adds = "300ms"
at = "10m"
duration = "permanent"
"#;

fn with(worst: &str, own: &str) -> String {
    let table = |objectives: &str| {
        if objectives.is_empty() { String::new() } else { format!("objectives = {{ {objectives} }}") }
    };
    SLOWED.replace("WORST", &table(worst)).replace("OWN", &table(own))
}

fn told(answer: &Answer) -> Value {
    serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}{}", answer.out, answer.err))
}

const FEW: [&str; 3] = ["--trials", "60", "--quiet"];

fn file(home: &Path, name: &str, content: &str) -> String {
    let path = home.join(name);
    fs::write(&path, content).expect("written");
    path.display().to_string()
}

#[test]
fn before_and_after_are_held_against_it_each_by_itself() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let run = |worst: &str, own: &str, more: &[&str]| {
        let file = file(home.path(), "slowed.toml", &with(worst, own));
        ask(&[&["run", &file], &FEW[..], more].concat())
    };
    let limit = "latency = { p50 = \"115ms\", p99 = \"500ms\" }";
    let answer = run("", limit, &["--format", "json"]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    let document = told(&answer);
    let objectives: Vec<(&str, f64, &str)> = document["objectives"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let of = |key: &str| one[key].as_str().unwrap_or_default();
            (of("name"), one["estimate"].as_f64().expect("a number"), of("verdict"))
        })
        .collect();
    let expected = [
        ("page.latency-before.p50", 0.11, "met"),
        ("page.latency-after.p50", 0.41, "missed"),
        ("page.latency-before.p99", 0.11, "met"),
        ("page.latency-after.p99", 0.41, "met"),
    ];
    for (found, expected) in objectives.iter().zip(expected) {
        assert_eq!((found.0, found.2), (expected.0, expected.2));
        assert!((found.1 - expected.1).abs() < 1e-8, "{found:?}");
    }
    let percentiles = &document["journeys"]["page"]["latency-percentiles"];
    let requests = percentiles["after"]["requests"].as_f64().expect("a number");
    assert!((requests - 120_000.0).abs() < 0.01, "{percentiles}");
    assert!(document["populations"]["all"]["latency-percentiles"]["before"]["values"]["p95"].is_object());
    // Of the slowest journey, and as people read it.
    let answer = run("latency = { p99 = \"400ms\" }", "", &[]);
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    for word in ["latency-before.p99", "latency-after.p99", "MET", "MISSED", "Percentiles by journey"] {
        assert!(answer.out.contains(word), "{word}: {}", answer.out);
    }
    assert_eq!(run("latency = { p99 = \"420ms\" }", "", &[]).code, Some(0));
    // A few trials have no interval.
    let file = file(home.path(), "few.toml", &with("latency = { p99 = \"420ms\" }", ""));
    let answer = ask(&["run", &file, "--trials", "10", "--quiet"]);
    assert!(answer.out.contains("needs 26 trials"), "{}", answer.out);
}

#[test]
fn shards_checkpoints_and_kept_results_say_the_same_bytes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text_of = with("", "latency = { p99 = \"700ms\" }")
        .replace("\"100ms\"", "{ lognormal = { median = \"100ms\", sigma = 0.5 } }")
        .replace("at = \"10m\"", "at = { uniform = [\"5m\", \"15m\"] }");
    let file = file(home.path(), "slowed.toml", &text_of);
    let (one, two, all) = (home.path().join("one"), home.path().join("two"), home.path().join("all"));
    let run = ["run", &file, "--trials", "130"];
    for (out, threads) in [(&one, "1"), (&two, "3")] {
        let answer = ask(&[&run[..], &["--threads", threads, "--out", text(out)]].concat());
        assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    }
    let mut parts = Vec::new();
    for shard in ["2/3", "1/3", "3/3"] {
        let out = home.path().join(format!("part-{}", &shard[..1]));
        let answer = ask(&[&run[..], &["--shard", shard, "--out", text(&out)]].concat());
        assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
        parts.push(out.display().to_string());
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let answer = ask(&[&["merge"], &parts[..], &["--out", text(&all)]].concat());
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    let kept = |folder: &Path| -> Vec<(String, Vec<u8>)> {
        let short = |path: String| path.strip_prefix(text(folder)).unwrap_or(&path).to_owned();
        content(folder).into_iter().map(|(path, bytes)| (short(path), bytes)).collect()
    };
    let whole = kept(&one);
    assert!(whole.iter().any(|(name, _)| name.ends_with("latency.json")), "how long requests took is kept");
    for other in [&two, &all] {
        for ((name, bytes), (also, again)) in whole.iter().zip(kept(other)) {
            assert_eq!(*name, also);
            assert!(*bytes == again, "{name} differs in {}", other.display());
        }
    }
    // The page can be made again of what was kept.
    let page = home.path().join("again.html");
    let answer = ask(&["report", text(&one), "-o", text(&page)]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    assert!(fs::read_to_string(page).expect("written").contains("Percentiles by population"));
}

#[test]
fn it_is_compared_gated_and_swept() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let text_of = with("latency = { p95 = \"500ms\" }", "");
    let quick = file(home.path(), "quick.toml", &text_of.replace("\"300ms\"", "\"200ms\""));
    let base = file(home.path(), "base.toml", &text_of);
    let gate = ["--fail-if-worse", "latency-after.p95", "--fail-if-worse", "page.latency-before.p95"];
    let answer = ask(&[&["compare", &quick, &base][..], &FEW, &gate, &["--format", "json"]].concat());
    assert_eq!(answer.code, Some(3), "{}{}", answer.out, answer.err);
    assert!(answer.err.contains("latency-after.p95") && !answer.err.contains("latency-before"), "{}", answer.err);
    let differences = told(&answer)["comparisons"][0]["differences"].clone();
    for (name, expected) in [("latency-before.p95", 0.0), ("latency-after.p95", 0.1), ("page.latency-before.p95", 0.0)]
    {
        let found = differences[name]["estimate"].as_f64().unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 1e-8, "{name}: {differences}");
    }
    let out = home.path().join("kept");
    let kept = ask(&[&["compare", &quick, &base][..], &FEW, &["--out", text(&out)]].concat());
    assert_eq!(kept.code, Some(0), "{}{}", kept.out, kept.err);
    let again = ask(&[&["compare", &quick, &base][..], &FEW, &["--out", text(&out), "--force"]].concat());
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    let page = home.path().join("again.html");
    let again = ask(&["report", text(&out), "-o", text(&page)]);
    assert_eq!(again.code, Some(0), "{}{}", again.out, again.err);
    assert_eq!(fs::read(page).expect("written"), fs::read(out.join("report.html")).expect("kept"));
    let vary = ["--vary", "faults.0.adds=\"200ms\",\"300ms\""];
    let answer = ask(&[&["sweep", &base][..], &vary, &FEW, &["--format", "json"]].concat());
    let document = told(&answer);
    let value = |point: usize, name: &str| {
        let figures = document["points"][point]["figures"].as_array().expect("a list");
        let found = figures.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {document}"));
        (found["value"]["estimate"].as_f64().expect("a number"), found["verdict"].clone())
    };
    let (slow, quick) = (value(1, "latency-after.p95"), value(0, "latency-after.p95"));
    assert!((slow.0 - quick.0 - 0.1).abs() < 1e-8 && slow.1 == "met", "{slow:?} {quick:?}");
}

#[test]
fn what_is_no_limit_is_said() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (worst, own) in [("latency = { p99 = 3 }", ""), ("", "latency = \"1s\""), ("", "latency = { p42 = \"1s\" }")] {
        let file = file(home.path(), "wrong.toml", &with(worst, own));
        let answer = ask(&["check", &file]);
        assert_eq!(answer.code, Some(2), "{worst}{own}: {}{}", answer.out, answer.err);
        assert!(answer.err.contains("objectives.latency"), "{}", answer.err);
    }
}
