//! Words for objectives beyond a single run, and the room that figures have beside them.

use serde_json::Value;

use crate::program::{Answer, VALID, ask, bare};

const TTLS: &str = "dns.ttl=10s,20s,30s,60s";

/// What a sweep prints.
fn swept(options: &[&str]) -> String {
    let answer = ask(&[&["sweep", VALID, "--quiet"][..], options].concat());
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    answer.out
}

/// A p99 takes 299 trials: with fewer, an objective on it is not judged, in a sweep and in a comparison as in a run.
#[test]
fn what_the_trials_cannot_support_is_not_judged() {
    let few = ["--trials", "100", "--set", "objectives.rto.p99=10m"];
    let with = |more: &[&str]| swept(&[&["--vary", TTLS][..], &few, more].concat());
    let text = with(&[]).replace('\n', " ");
    assert!(text.contains("NOT JUDGED at 4 of 4 points") && text.contains("needs"), "{text}");
    let csv = with(&["--format", "csv"]);
    assert_eq!(csv.matches(",not-judged,").count(), 4, "{csv}");
    let compared = ask(&[&["compare", VALID, VALID, "--quiet"][..], &few].concat());
    assert_eq!((compared.code, compared.out.matches("NOT JUDGED ").count()), (Some(0), 2), "{}", compared.out);
    let run = ask(&[&["run", VALID, "--quiet", "--format", "json"][..], &few].concat());
    let document: Value = serde_json::from_str(&run.out).expect("it is JSON");
    assert_eq!((run.code, &document["objectives"][0]["verdict"]), (Some(3), &"not-judged".into()));
}

/// The change has a place in 80 columns whatever the axes are called.
#[test]
fn eighty_columns_have_room_for_the_change() {
    let vary = [
        "clients.0.requests-per-second=90,100",
        "dns.health-check.failure-threshold=2,3",
        "compute.instances.desired=4,5",
    ];
    for count in 1..=vary.len() {
        let options: Vec<&str> = vary[..count].iter().flat_map(|text| ["--vary", *text]).collect();
        let text = swept(&[&options[..], &["--trials", "400", "--set", "objectives.rto.p99=10m"]].concat());
        assert!(text.contains(" change"), "{text}");
        // Sentences below the table fill the width of the pipe.
        let table =
            text.lines().skip_while(|line| !line.contains(" change")).take_while(|line| !line.contains("A change"));
        let wide: Vec<&str> = table.filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:?} of {text}");
    }
}

/// No trial of a hundred is back within a millisecond. The share of those that would be is below 1 - 0.025^(1/100) = 3.6 %, and
/// a p99 within the limit asks for 99 %: that decides, though the p99 itself takes 299 trials.
#[test]
fn what_is_missed_without_an_estimate_is_explained() {
    let few = ["--trials", "100", "--set", "objectives.rto.p99=1ms", "--quiet"];
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let run = ask(&[&["run", VALID][..], &few].concat());
    let told = on_one_line(&run.out);
    assert_eq!(run.code, Some(3));
    assert!(told.contains("MISSED rto.p99 \u{2264} 1 ms needs 299 trials"), "{told}");
    let why = "MISSED without an estimate: the chance to stay within the limit decides";
    let both = format!("{why}; rto.p99 asks for 99 %, and it is 0 % [0, 3.6].");
    assert!(told.contains(&both), "{told}");
    let compared = on_one_line(&ask(&[&["compare", VALID, VALID][..], &few].concat()).out);
    assert!(compared.contains(why), "{compared}");
    let swept = on_one_line(&ask(&[&["sweep", VALID, "--vary", TTLS][..], &few].concat()).out);
    assert!(swept.contains(why), "{swept}");
    let junit = ask(&[&["run", VALID, "--format", "junit"][..], &few].concat()).out;
    assert!(
        junit.contains("missed: needs 299 trials, at most 1 ms is asked for, 0 % [0, 3.6] of all stay within it"),
        "{junit}"
    );
    // With enough of them the estimate speaks for itself.
    let many = ask(&["run", VALID, "--trials", "300", "--set", "objectives.rto.p99=1ms", "--quiet"]).out;
    assert!(!many.contains("MISSED without"), "{many}");
}

/// Two values of each of four keys are 16 points, and each value belongs to half of them.
#[test]
fn a_terminal_of_eighty_columns_shows_every_value_of_many_keys() {
    let keys = [
        ("dns.ttl", ["41s", "52s"]),
        ("dns.health-check.failure-threshold", ["4", "7"]),
        ("runbooks.promote-orders.steps.0.approve", ["101s", "133s"]),
        ("compute.instances.max", ["21", "34"]),
    ];
    let vary = keys.map(|(key, [one, other])| format!("{key}={one},{other}"));
    let options: Vec<&str> = vary.iter().flat_map(|axis| ["--vary", axis]).collect();
    // Objectives of the file make the tables wider.
    let objective = ["--set", "objectives.rto={ p50 = \"15m\" }", "--trials", "20"];
    let mut program = bare();
    program.env("COLUMNS", "80").args(["sweep", VALID, "--quiet"]).args(options).args(objective);
    let out = Answer::from(program.output().expect("the program starts")).out;
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    for (key, values) in keys {
        let end = key.rsplit('.').next().expect("the last part");
        let end: String = end.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
        for value in values {
            let said = format!("{end} = {value}");
            let shown = out.lines().filter(|line| line.split("  ").next().is_some_and(|name| name.ends_with(&said)));
            assert_eq!(shown.count(), 8, "{said}: {out}");
        }
    }
}
