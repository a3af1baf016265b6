//! Stores that carry only so much, and caches in front of them.
//!
//! Of a load L a copy of capacity C sheds f = 1 - C / L. With a attempts L = rate (1 + f + .. + f^(a-1)); since
//! (1 - f) L = rate (1 - f^a) = C, the share of requests that fails for good is f^a = 1 - C / rate, whatever a is.
//! A cache with hit ratio h lets rate (1 - h) through; cold, with h(t) = h (1 - exp(-t / tau)).

use models::deployment::Observer;
use models::flow::Flow;
use sim_core::time::SimTime;

use mrsim::experiment::open_text;
use mrsim::run::Overrides;

use crate::lab::{head, watched};

/// The expected flows, each with the instant from which on it holds.
#[derive(Default)]
struct Course(Vec<(f64, Flow)>);

impl Observer for Course {
    fn settled(&mut self, now: SimTime, flow: &Flow) {
        self.0.push((now.as_secs_f64(), flow.clone()));
    }
}

impl Course {
    /// Failed requests per second at an instant.
    fn failed(&self, seconds: f64) -> f64 {
        let held = self.0.iter().rev().find(|(since, _)| *since <= seconds).expect("a flow from the start");
        held.1.journeys[0].failed
    }

    /// Failed requests from the start to `end`.
    fn failures(&self, end: f64) -> f64 {
        let ends = self.0.iter().skip(1).map(|(since, _)| *since).chain([end]);
        self.0.iter().zip(ends).map(|((since, flow), until)| flow.journeys[0].failed * (until - since)).sum()
    }
}

fn text(attempts: u32, stores: &str, rest: &str) -> String {
    let head = head(
        "horizon = \"4h\"",
        &["us-east-1", "eu-west-1"],
        "policy = \"simple\"\nprimary = \"us-east-1\"",
        &[(
            "everybody",
            "us-east-1",
            &format!("requests-per-second = 1000\ncohorts = 1\nretries = {{ attempts = {attempts} }}"),
        )],
    );
    format!(
        r#"{head}
        [[journeys]]
        name = "visit"
        share = 1.0
        needs = [ {{ read = "front" }} ]
        {stores}
        {rest}"#
    )
}

const OUTAGE: &str =
    "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"5m\"\nrestart = \"0s\"";

#[test]
fn what_a_store_does_not_carry_fails_however_often_it_is_tried() {
    for attempts in [1, 2, 5] {
        let front = "[stores.front]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\ncapacity = { reads = 700 }";
        let course: Course = watched(&text(attempts, front, ""), 1).remove(0);
        assert!((course.failed(0.0) - 300.0).abs() < 1e-6, "{}", course.failed(0.0));
    }
}

#[test]
fn a_cold_cache_lets_through_what_it_would_have_answered() {
    // Warm, 100/s of 1000/s get through to a store that carries 400/s; cold, all of them.
    let stores = r#"
        [stores.front]
        kind = "elasticache-global"
        writer = "us-east-1"
        backs = "behind"
        hit-ratio = 0.9
        warm-up = "10m"
        [stores.behind]
        kind = "aurora-global"
        writer = "us-east-1"
        capacity = { reads = 400 }"#;
    let course: Course = watched(&text(1, stores, OUTAGE), 1).remove(0);
    assert_eq!(course.failed(599.0), 0.0);
    assert_eq!(course.failed(700.0), 1000.0);
    // Steps with the mean of their curve each: 1000 (1 - h) - 400 fail while that is positive. A step takes 18.75 s where
    // every miss is served, and longer by what is not: those misses fill nothing.
    let mut expected = 1000.0 * 300.0;
    let mut start = 900.0;
    for step in 0..256 {
        let (from, to) = (f64::from(step) / 32.0, f64::from(step + 1) / 32.0);
        let hits = 0.9 * (1.0 - ((-from).exp() - (-to).exp()) / (to - from));
        let failing = (1000.0 * (1.0 - hits) - 400.0).max(0.0);
        let served = (400.0 / (1000.0 * (1.0 - hits))).min(1.0);
        let measured = course.failed(start + 1.0);
        assert!((measured - failing).abs() < 1e-6, "{measured} instead of {failing} in step {step}");
        expected += failing * 18.75 / served;
        start += 18.75 / served;
    }
    let failures = course.failures(14_400.0);
    assert!((failures - expected).abs() < 1e-3, "{failures} instead of {expected}");
}

#[test]
fn a_cache_that_is_modified_passes_everything_on() {
    let stores = r#"
        [stores.front]
        kind = "elasticache-global"
        writer = "eu-west-1"
        promotion-time = "60s"
        reads-while-modifying = false
        backs = "behind"
        hit-ratio = 0.9
        [stores.behind]
        kind = "aurora-global"
        writer = "us-east-1"
        capacity = { reads = 400 }"#;
    let rest = r#"
        [[journeys]]
        name = "write"
        share = 0.0
        needs = [ { write = "front" } ]
        [[runbooks]]
        name = "promote"
        on = { operator = "30s", journey = "other" }
        hosted-in = ["us-east-1"]
        steps = [ { promote = "front", to = "us-east-1" } ]
        [[faults]]
        kind = "region-outage"
        region = "eu-west-1"
        at = "10m"
        duration = "permanent""#;
    // A journey of a trifling share goes down with the primary and starts the runbook.
    let text =
        text(1, stores, rest).replace("share = 1.0", "share = 0.999999").replace("share = 0.0\n", "share = 0.000001\n");
    let text = text.replace("journey = \"other\"", "journey = \"write\"");
    let course: Course = watched(&text, 1).remove(0);
    assert_eq!(course.failed(629.0), 0.0);
    assert!((course.failed(631.0) - (999.999 - 400.0)).abs() < 1e-6, "{}", course.failed(631.0));
    assert_eq!(course.failed(691.0), 0.0);
}

#[test]
fn what_backs_must_keep_the_data_itself() {
    let stores = r#"
        [stores.front]
        kind = "elasticache-global"
        writer = "us-east-1"
        backs = "front""#;
    let refusal = open_text("test.toml", &text(1, stores, ""), &Overrides::default()).expect_err("refused").message;
    assert!(refusal.contains("the store that keeps the data"), "{refusal}");
}
