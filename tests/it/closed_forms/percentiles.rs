//! Percentiles of latency over all requests of all trials: mixtures of closed forms, weighted by their flow.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use measure::latencies::{Distribution, Latencies};
use mrsim::run::{Stop, Trials as _, run_trials};
use mrsim::table::TrialTable;
use sim_core::random::{Distribution as Law, LogNormal};

use crate::lab::{head, open, open_file, opened};

const LEVEL: f64 = 0.95;

fn table(text: &str, trials: u64, threads: usize) -> TrialTable {
    let threads = NonZeroUsize::new(threads).expect("at least one");
    run_trials(&open(text).source, 0..trials, threads, &|_| (), &Stop::new()).expect("all trials run").table
}

/// One region; populations of so many requests a second, so many milliseconds away.
fn one_region(clients: &[(&str, f64, u32)], rest: &str) -> String {
    let keys: Vec<String> = clients
        .iter()
        .map(|(_, rate, trip)| format!("requests-per-second = {rate}\nround-trip = {{ us-east-1 = \"{trip}ms\" }}"))
        .collect();
    let clients: Vec<(&str, &str, &str)> =
        clients.iter().zip(&keys).map(|((name, ..), keys)| (*name, "us-east-1", keys.as_str())).collect();
    let dns = "policy = \"simple\"\nhealth-check = false";
    format!("{}{rest}", head("horizon = \"30m\"", &["us-east-1"], dns, &clients))
}

const PAGE: &str = "[[journeys]]\nname = \"page\"\nshare = 1\n";

fn phase(latencies: &Latencies, phase: u8) -> Distribution {
    latencies.of(|key| key.phase == phase)
}

fn share(found: &Distribution, seconds: f64) -> f64 {
    found.share_within(seconds, LEVEL).expect("two groups").estimate
}

/// A quarter of the requests comes from 10 ms away, the rest from 60 ms; the work is lognormal.
#[test]
fn populations_are_weighted_by_their_flow() {
    let spec = LogNormal { median: Some(0.04), p99: Some(0.25), ..LogNormal::default() };
    let law = Law::lognormal(&spec).expect("a lognormal");
    let work =
        "[compute]\nkind = \"managed\"\nresponse-time = { lognormal = { median = \"40ms\", p99 = \"250ms\" } }\n";
    let text = one_region(&[("near", 100.0, 10), ("far", 300.0, 60)], &format!("{work}{PAGE}"));
    let table = table(&text, 50, 1);
    let all = phase(table.latencies(), 0);
    assert!((all.requests() - 50.0 * 400.0 * 1_800.0).abs() < 1.0, "{}", all.requests());
    let exact = |x: f64| 0.25 * law.cdf(x - 0.01) + 0.75 * law.cdf(x - 0.06);
    let far = table.latencies().of(|key| key.population == 1);
    for step in 1..200 {
        let p = f64::from(step) / 200.0;
        let found = all.quantile(p, LEVEL).expect("two groups");
        assert!((exact(found.estimate) - p).abs() < 1e-3, "{p}: {}", exact(found.estimate));
        // Nothing fails, and all trials are alike.
        assert!(found.high - found.low < 1e-8, "{found:?}");
        let found = far.value(p).expect("some");
        assert!((law.cdf(found - 0.06) - p).abs() < 1e-3, "{p}: {found}");
    }
}

/// 20 requests at a time of 100 ms are 200 a second; slowed down five times they are 40, of 100 that come.
#[test]
fn phases_are_told_apart() {
    let work = "[compute]\nkind = \"managed\"\nresponse-time = \"100ms\"\nconcurrency = 20\n";
    let fault = "[[faults]]\nkind = \"slow-failure\"\nregion = \"us-east-1\"\nadds = \"400ms\"\nat = \"10m\"\nduration = \"10m\"\n";
    let table = table(&one_region(&[("all", 100.0, 10)], &format!("{work}{PAGE}{fault}")), 50, 1);
    for (number, requests, seconds) in [(0, 60_000.0, 0.11), (1, 24_000.0, 0.51), (2, 60_000.0, 0.11)] {
        let found = phase(table.latencies(), number);
        assert!((found.requests() / 50.0 - requests).abs() < 1e-3, "{number}: {}", found.requests());
        for p in [0.01, 0.5, 0.99] {
            assert!((found.value(p).expect("some") - seconds).abs() < 2e-9, "{number}");
        }
    }
}

/// 60 a second where 100 are served; three times as many for 10 s. What waits grows by 0.8 s a second up to 8 s and is gone 20 s later,
/// each along a line: the waits of these 1,800 + 1,200 requests are uniform. However long clients wait, and so however seldom one
/// looks, each wait counts as what it is.
#[test]
fn waits_before_a_service_are_those_of_the_fluid() {
    let work = "[compute]\nkind = \"managed\"\nrequests-per-second = 100\nqueue = { limit = \"100s\" }\n";
    let fault = "[[faults]]\nkind = \"load-surge\"\nfactor = 3\nat = \"10m\"\nduration = \"10s\"\n";
    for limit in ["9s", "20s", "60s"] {
        let text = one_region(&[("all", 60.0, 10)], &format!("{work}{PAGE}{fault}"))
            .replace("round-trip", &format!("timeout = \"{limit}\"\nround-trip"))
            .replace("name = \"test\"", "name = \"test\"\nobjectives.latency = { p99 = \"1s\" }");
        let found = table(&text, 50, 1).latencies().of(|key| key.phase > 0);
        let (all, waiting) = (60.0 * 1_190.0 + 1_800.0, 3_000.0);
        assert!((found.requests() / 50.0 - all).abs() < 1e-3 * all, "{limit}: {}", found.requests());
        for step in 1..16 {
            let wait = f64::from(step) / 2.0;
            let longer = (1.0 - share(&found, wait + 0.01)) * all / waiting;
            // Waits count to 0.2 %, and those at the turn of a line as they were at the look before.
            assert!((longer - (1.0 - wait / 8.0)).abs() < 0.005, "{limit}, {wait} s: {longer}");
        }
    }
}

/// With q of each try failing at once, 0, 1 or 2 failed before one that succeeds in the ratio 1 : q : q². Each takes 10 ms.
#[test]
fn failed_tries_are_paths_of_their_own() {
    let fault = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.4\nat = \"0s\"\nduration = \"permanent\"\n";
    let text = one_region(&[("all", 100.0, 10)], &format!("{PAGE}{fault}"))
        .replace("round-trip", "retries = { attempts = 3 }\nround-trip")
        .replace("name = \"test\"", "name = \"test\"\nobjectives.latency = { p99 = \"1s\" }");
    let found = phase(table(&text, 50, 1).latencies(), 1);
    let weights = [1.0, 0.4, 0.16];
    let sum: f64 = weights.iter().sum();
    let mut until = 0.0;
    for (tries, weight) in weights.iter().enumerate() {
        until += weight / sum;
        let seconds = 0.01 * (tries + 1) as f64;
        assert!((share(&found, seconds + 1e-6) - until).abs() < 1e-9, "{tries}");
        assert!(share(&found, seconds - 1e-6) < until - weight / sum + 1e-9, "{tries}");
    }
    assert!((found.requests() / 50.0 - 100.0 * 1_800.0 * (1.0 - 0.064)).abs() < 1.0);
}

/// Who waits for less than the tail takes loses it: what is left is the lognormal up to there.
#[test]
fn what_comes_too_late_is_no_success() {
    let spec = LogNormal { median: Some(0.2), sigma: Some(0.8), ..LogNormal::default() };
    let law = Law::lognormal(&spec).expect("a lognormal");
    let work = "[compute]\nkind = \"managed\"\nresponse-time = { lognormal = { median = \"200ms\", sigma = 0.8 } }\n";
    let text = one_region(&[("all", 100.0, 10)], &format!("{work}{PAGE}"));
    let text = text.replace("round-trip", "timeout = \"500ms\"\nround-trip");
    let found = phase(table(&text, 50, 1).latencies(), 0);
    for step in 1..100 {
        let p = f64::from(step) / 100.0;
        let x = found.value(p).expect("some");
        assert!((law.cdf(x - 0.01) / law.cdf(0.49) - p).abs() < 1e-3, "{p}: {x}");
    }
}

/// Files with an edge, walks, retries, tiers: as many requests have a time as succeed, and neither threads nor how eagerly a trial is
/// worked out show.
#[test]
fn every_request_that_succeeds_is_counted_once() {
    for (name, trials) in [
        ("fargate-active-active", 30),
        ("lambda-2023", 30),
        ("cloudfront", 30),
        ("retry-storm", 30),
        ("microservices", 30),
        ("own-data-centre", 30),
    ] {
        let source = open_file(name, &[("objectives.latency", "{ p99 = \"5s\" }")]).source;
        let run = |threads: usize| {
            let threads = NonZeroUsize::new(threads).expect("at least one");
            run_trials(&source, 0..trials, threads, &|_| (), &Stop::new()).expect("all trials run").table
        };
        let one = run(1);
        assert!(*run(3).latencies() == *one.latencies(), "{name}: threads show");
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for (place, journey) in source.columns().subjects().journeys.iter().enumerate() {
            let counted = one.latencies().of(|key| key.journey as usize == place).requests();
            let column = |figure: &str| {
                let names = one.columns().names();
                let at = names.iter().position(|own| *own == format!("journey.{journey}.{figure}")).expect("a column");
                one.at(at).sum::<f64>()
            };
            let succeed = column("offered") - column("failed");
            assert!((counted - succeed).abs() <= 1e-6 * succeed + 1.0, "{name} {journey}: {counted} of {succeed}");
            sums.insert(journey.clone(), counted);
        }
        assert!(sums.values().any(|counted| *counted > 0.0), "{name}");
    }
}

/// Without a time of any service and without an objective nobody asks, and nothing is counted.
#[test]
fn nothing_is_counted_where_nobody_asks() {
    let table = table(&one_region(&[("all", 100.0, 10)], PAGE), 2, 1);
    assert!(table.latencies().is_empty());
}

/// Two regions, of which one is lost: whether everything is worked out at every instant does not show in any bit.
#[test]
fn how_eagerly_a_trial_is_worked_out_does_not_show() {
    let regions = ["us-east-1", "eu-west-1"];
    let clients =
        [("near", "us-east-1", "requests-per-second = 100"), ("far", "eu-west-1", "requests-per-second = 70")];
    for dns in ["policy = \"latency\"", "policy = \"multivalue\""] {
        let work = "[compute]\nkind = \"managed\"\nrequests-per-second = 150\n\
                    response-time = { lognormal = { median = \"40ms\", p99 = \"250ms\" } }\n";
        let fault = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"20m\"\n";
        let text = format!("{}{work}{PAGE}{fault}", head("horizon = \"1h\"", &regions, dns, &clients));
        let run = |eager: bool| {
            let source = opened(&text, eager).source;
            run_trials(&source, 0..4, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("all trials run").table
        };
        let (lazy, eager) = (run(false), run(true));
        assert!(*lazy.latencies() == *eager.latencies() && !lazy.latencies().is_empty(), "{dns}");
    }
}

/// Who asks how long each request takes changes no other figure: times to the nanosecond, sums to 1e-9.
#[test]
fn asking_changes_nothing() {
    for name in ["microservices", "retry-storm", "a-year-of-faults", "slow-database", "cloudfront"] {
        let rows = |sets: &[(&str, &str)]| {
            let source = open_file(name, sets).source;
            run_trials(&source, 0..10, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("all trials run").table
        };
        let (plain, asked) = (rows(&[]), rows(&[("objectives.latency", "{ p99 = \"5s\" }")]));
        for (row, other) in plain.rows().zip(asked.rows()) {
            for ((one, two), column) in row.iter().zip(other.iter()).zip(plain.columns().names()) {
                let same = one == two || (one.is_nan() && two.is_nan());
                assert!(same || (one - two).abs() <= 1e-9 * (1.0 + one.abs()), "{name} {column}: {one} and {two}");
            }
        }
    }
}
