//! Advice on small deployments whose answer follows by hand.

use std::fs;

use mrsim::advise::{Advice, Effect, Ladder, Turned};
use mrsim::levers::Kind;

use super::searched_in;
use crate::program::ask_in;

/// Nothing is random here, and each step does the same in every trial.
const FEW: Ladder = Ladder { first: 50, last: 100, keep: 3 };

/// The search over a text.
fn advised(text: &str) -> Advice {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("test.toml");
    fs::write(&path, text).expect("written");
    searched_in(&path, &[], FEW, 2)
}

fn turned(advice: &Advice, kind: Kind) -> &Turned {
    let found = advice.turned.iter().find(|turned| turned.lever.kind == kind);
    found.unwrap_or_else(|| panic!("no {kind:?} among {:?}", advice.turned))
}

/// By how many seconds a step changes a figure in every trial.
fn seconds(advice: &Advice, turned: &Turned, figure: &str) -> f64 {
    let place = advice.targets.iter().position(|target| target.figure.name() == figure).expect("it is a target");
    let found = turned.outcome.differences[place].as_ref().expect("it has a difference");
    found.estimate.known().expect("nothing is censored")
}

/// Two journeys: nobody can browse for 30 min, nor buy for 60 min.
const TWO: &str = r#"
name = "two"
horizon = "3h"
[regions.us-east-1]
[dns]
policy = "simple"
health-check = false
[compute]
kind = "managed"
[stores.prices]
kind = "dynamodb-global-table"
[stores.orders]
kind = "dynamodb-global-table"
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 100
cohorts = 1
[[journeys]]
name = "browse"
share = 0.5
needs = [{ read = "prices" }]
objectives = { rto = { p50 = "5m" } }
[[journeys]]
name = "buy"
share = 0.5
needs = [{ write = "orders" }]
[[faults]]
kind = "service-impairment"
store = "prices"
region = "us-east-1"
at = "10m"
duration = "30m"
[[faults]]
kind = "service-impairment"
store = "orders"
region = "us-east-1"
at = "10m"
duration = "60m"
"#;

/// Whoever goes on without prices is never down, while the worst journey stays what it is: the one that buys.
#[test]
fn a_step_that_helps_one_journey_alone_is_seen() {
    let advice = advised(TWO);
    let soft = turned(&advice, Kind::SoftNeed);
    assert_eq!(soft.effect, Effect::Helps);
    assert!((seconds(&advice, soft, "browse.rto.p50") + 1_800.0).abs() < 1e-6, "{soft:?}");
    assert!(soft.outcome.meets_all());
    assert_eq!(turned(&advice, Kind::DnsTtl).effect, Effect::Same);
}

/// 100 messages a second; a worker that carries 150 does nothing for 20 min: at 50 to spare the 120,000 that wait take 2,400 s.
/// With twice its capacity 200 are to spare, which take 600 s: half an hour less.
#[test]
fn a_step_that_helps_a_queue_is_seen() {
    let text = r#"
        name = "jobs"
        horizon = "4h"
        objectives = { caught-up = { p50 = "40m" } }
        [regions.us-east-1]
        [dns]
        policy = "simple"
        health-check = false
        [services.web]
        kind = "managed"
        [services.worker]
        kind = "managed"
        requests-per-second = 150
        [stores.jobs]
        kind = "queue"
        consumed-by = "worker"
        [[journeys]]
        name = "send"
        share = 1
        enters = "web"
        needs = [{ write = "jobs" }]
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 100
        cohorts = 1
        [[faults]]
        kind = "service-impairment"
        service = "worker"
        region = "us-east-1"
        at = "10m"
        duration = "20m"
    "#;
    let advice = advised(text);
    let first = advice.first().expect("something helps");
    assert_eq!(first.lever.kind, Kind::ConsumerCapacity);
    assert!((seconds(&advice, first, "caught-up.p50") + 1_800.0).abs() < 1e-3, "{first:?}");
    assert!(first.outcome.meets_all());
}

/// Tax is asked for on the other side of the ocean. Where it runs nearby as well, what is left are the 10 ms to the front.
/// The region far away is out for a minute, so that there is a before and an after.
#[test]
fn a_step_that_makes_requests_faster_is_seen() {
    let text = r#"
        name = "far"
        horizon = "30m"
        [regions.us-east-1]
        [regions.eu-west-1]
        [dns]
        policy = "failover"
        primary = "us-east-1"
        health-check = false
        [services.web]
        kind = "managed"
        needs = [{ call = "tax", to = "eu-west-1" }]
        [services.tax]
        kind = "managed"
        regions = ["eu-west-1"]
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 100
        cohorts = 1
        round-trip = { us-east-1 = "10ms", eu-west-1 = "90ms" }
        [[journeys]]
        name = "page"
        share = 1
        enters = "web"
        objectives = { latency = { p50 = "40ms" }, availability = 0.5 }
        [[faults]]
        kind = "region-outage"
        region = "eu-west-1"
        at = "10m"
        duration = "1m"
    "#;
    let advice = advised(text);
    let missed: Vec<String> = advice.wanted.iter().map(|&target| advice.targets[target].figure.name()).collect();
    assert_eq!(missed, ["page.latency-before.p50", "page.latency-after.p50"]);
    let near = turned(&advice, Kind::EveryRegion);
    assert_eq!(near.effect, Effect::Helps);
    for (place, name) in missed.iter().enumerate() {
        let before = advice.objectives[place].found.estimate.expect("it has an estimate");
        assert!((before + seconds(&advice, near, name) - 0.010).abs() < 1e-6, "{name}: {before}, {near:?}");
    }
    assert!(near.outcome.meets_all());
    // Who keeps what tax said asks nobody: that spares the way as well, and is less to do.
    let kept = turned(&advice, Kind::CachedFor);
    assert!(kept.outcome.meets_all());
    assert_eq!(advice.first().map(|turned| turned.lever.kind), Some(Kind::CachedFor));
}

/// The settings of a lever of a story.
fn settings(story: &str, kind: Kind) -> Vec<(String, String)> {
    let all = super::levers(story);
    let found = all.into_iter().find(|lever| lever.kind == kind);
    found.map(|lever| lever.sets().collect()).unwrap_or_default()
}

/// Names, records and checks that a file writes out have the levers of the short form.
#[test]
fn names_records_and_checks_have_levers() {
    let one = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
    let of = |kind| settings("one-check-for-both", kind);
    assert_eq!(of(Kind::DnsTtl), one("names.www.ttl", "\"30s\""));
    assert_eq!(of(Kind::Failback), one("records.site.failback", "\"manual\""));
    assert_eq!(of(Kind::CheckInterval), one("health-checks.primary.interval", "\"10s\""));
    assert_eq!(of(Kind::CheckThreshold), one("health-checks.primary.failure-threshold", "2"));
    // Its four checks are as fast as they get, and fail after three failures by default.
    let of = |kind| settings("records-in-records", kind);
    assert_eq!(of(Kind::DnsTtl), one("names.play.ttl", "\"30s\""));
    assert!(of(Kind::CheckInterval).is_empty());
    let mut checks: Vec<String> = of(Kind::CheckThreshold).into_iter().map(|(key, _)| key).collect();
    checks.sort();
    let all = ["frankfurt", "ireland", "ohio", "virginia"];
    assert_eq!(checks, all.map(|check| format!("health-checks.{check}.failure-threshold")));
    assert!(of(Kind::Failback).contains(&("records.large-us.failback".to_owned(), "\"manual\"".to_owned())));
}

#[test]
fn what_comes_first_has_its_cost_beside_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("two.toml"), format!("{TWO}[prices]\ninstance-hour = 1\n")).expect("written");
    let answer = ask_in(folder.path(), &["advise", "two.toml", "--trials", "100", "--quiet"]);
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    let told = answer.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = told.split("First: ").nth(1).and_then(|rest| rest.split(". ").next());
    let first = first.unwrap_or_else(|| panic!("nothing comes first: {told}"));
    assert!(first.starts_with("let browse go on without reading prices: browse.rto.p50 -30"), "{told}");
    assert!(told.contains(", no cost; alone it meets all objectives."), "{told}");
}
