//! Whole failovers: sums of what the other files look at one by one, as convolutions.

use crate::lab::{Law, at_least, follows, happens, lognormal, of, rows, uniform};

const TRIALS: u64 = 2_000;

/// Two regions; the first one is gone after ten minutes, with the writer of all orders.
fn text(seed: u64, near: &str, needs: &str, promote: &str) -> String {
    format!(
        r#"
        name = "failover"
        horizon = "3h"
        seed = {seed}
        [regions.us-east-1]
        [regions.eu-west-1]
        [dns]
        policy = "latency"
        ttl = "60s"
        propagation = {{ lognormal = {{ median = "3s", p95 = "10s" }} }}
        health-check = {{ interval = "10s", failure-threshold = 3 }}
        [[clients]]
        name = "everybody"
        near = "{near}"
        requests-per-second = 100
        [stores.orders]
        kind = "aurora-global"
        writer = "us-east-1"
        promotion-time = {{ lognormal = {{ median = "2m", p95 = "5m" }} }}
        [[journeys]]
        name = "checkout"
        share = 1.0
        needs = [{needs}]
        [[alarms]]
        name = "orders-down"
        metric = {{ errors = "checkout" }}
        above = 0.2
        period = "1m"
        datapoints = "2 of 3"
        hosted-in = "eu-west-1"
        [[runbooks]]
        name = "promote-orders"
        on = {{ alarm = "orders-down" }}
        hosted-in = ["eu-west-1"]
        steps = [{{ approve = {{ lognormal = {{ median = "2m", p95 = "4m" }} }} }}, {{ promote = "orders", to = "eu-west-1"{promote} }}]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "permanent""#
    )
}

const WRITES: &str = r#"{ write = "orders" }"#;

/// The 14th of 16 checkers' third failure in a black hole.
fn detection(step: f64) -> Law {
    Law::new(step, 10.0, |x| at_least(14, 16, uniform(x / 10.0))).after(32.0)
}

fn propagation(step: f64) -> Law {
    let time = lognormal(3.0, 10.0);
    Law::new(step, 120.0, |x| time.cdf(x))
}

/// The 198th of 200 residual TTLs.
fn caches(step: f64) -> Law {
    Law::new(step, 60.0, |x| at_least(198, 200, uniform(x / 60.0)))
}

/// The second period with more than a fifth of failures ends U(12, 72) + 60 s on, its datapoint comes 30 s later, and
/// then people decide.
fn decision(step: f64) -> Law {
    let approval = lognormal(120.0, 240.0);
    Law::new(step, 60.0, |x| uniform(x / 60.0))
        .after(12.0 + 60.0 + 30.0)
        .plus(&Law::new(step, 1_200.0, |x| approval.cdf(x)))
}

fn promotion(step: f64) -> Law {
    let time = lognormal(120.0, 300.0);
    Law::new(step, 2_400.0, |x| time.cdf(x))
}

/// The name's update, U(5, 30), and the address that applications have cached, U(0, 5).
fn update(step: f64) -> Law {
    Law::new(step, 25.0, |x| uniform(x / 25.0)).after(5.0).plus(&Law::new(step, 5.0, |x| uniform(x / 5.0)))
}

#[test]
fn moving_traffic_is_detection_propagation_and_the_198th_cache() {
    let table = rows(&text(81, "us-east-1", "", ""), TRIALS);
    let step = 0.1;
    let stage = |name: &str| of(&table, &format!("journey.checkout.stage.{name}_s"));
    follows(&stage("detection"), detection(step).cdf());
    follows(&stage("propagation"), propagation(step).cdf());
    follows(&stage("dns-cache"), caches(step).cdf());
    let whole = detection(step).plus(&propagation(step)).plus(&caches(step));
    follows(&of(&table, "journey.checkout.recovery_s"), whole.cdf());
}

#[test]
fn moving_the_writer_is_decision_promotion_and_endpoint_update() {
    let table = rows(&text(82, "eu-west-1", WRITES, ""), TRIALS);
    let step = 0.5;
    let stage = |name: &str| of(&table, &format!("journey.checkout.stage.{name}_s"));
    follows(&stage("decision"), decision(step).cdf());
    follows(&stage("promotion"), promotion(step).cdf());
    follows(&stage("endpoint-update"), update(step).cdf());
    let whole = decision(step).plus(&promotion(step)).plus(&update(step));
    follows(&of(&table, "journey.checkout.recovery_s"), whole.cdf());
}

#[test]
fn of_two_independent_failovers_the_later_one_ends_the_outage() {
    let table = rows(&text(83, "us-east-1", WRITES, ""), TRIALS);
    let traffic = detection(0.1).plus(&propagation(0.1)).plus(&caches(0.1)).cdf();
    let writer = decision(0.5).plus(&promotion(0.5)).plus(&update(0.5)).cdf();
    follows(&of(&table, "journey.checkout.recovery_s"), |x| traffic(x) * writer(x));
}

#[test]
fn a_promotion_that_may_fail_is_repeated_as_often_as_the_runbook_says() {
    // Three attempts of 100 s, each of which succeeds with probability 0.7; without success nobody promotes at all.
    let text = text(84, "eu-west-1", WRITES, ", success = 0.7, retries = 2")
        .replace(r#"promotion-time = { lognormal = { median = "2m", p95 = "5m" } }"#, r#"promotion-time = "100s""#);
    let table = rows(&text, TRIALS);
    let took = of(&table, "journey.checkout.stage.promotion_s");
    let recovery = of(&table, "journey.checkout.recovery_s");
    let back: Vec<f64> =
        took.iter().zip(&recovery).filter(|(_, recovery)| recovery.is_finite()).map(|(took, _)| *took).collect();
    happens(recovery.len() - back.len(), recovery.len(), 0.3_f64.powi(3));
    for (attempts, probability) in [(1.0, 0.7), (2.0, 0.21), (3.0, 0.063)] {
        let count = back.iter().filter(|took| (*took - 100.0 * attempts).abs() < 1e-6).count();
        happens(count, recovery.len(), probability);
    }
}
