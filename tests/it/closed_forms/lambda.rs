//! Functions: how long throttling lasts, what it costs, and what no time heals.
//!
//! Invocations take a second unless a test says otherwise, so that requests per second are concurrency.

use models::compute::lambda::Condition;
use models::deployment::Happening;
use models::network::place;

use crate::lab::{figures, firsts, of, rows};

/// One region and one population.
fn text(rate: f64, compute: &str, more: &str) -> String {
    format!(
        r#"
name = "functions"
horizon = "1h"
objectives.up-when = 1.0
[regions.us-east-1]
[compute]
kind = "lambda"
{compute}
[dns]
policy = "simple"
[[journeys]]
name = "call"
share = 1
[[clients]]
name = "everybody"
near = "us-east-1"
requests-per-second = {rate}
cohorts = 1
{more}
"#
    )
}

fn surge(factor: f64, lasts: &str) -> String {
    format!("[[faults]]\nkind = \"load-surge\"\nfactor = {factor}\nat = \"10m\"\nduration = \"{lasts}\"")
}

const SECOND: &str = "duration = \"1s\"\naccount-limit = 20_000";

#[track_caller]
fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found}, not {expected}");
}

#[test]
fn throttling_lasts_until_the_allowance_meets_the_demand_and_costs_the_triangle() {
    // From 1,000 to D at once: 2,000 are allowed, then 100 more per second. So it takes (D - 2,000) / 100 s, and
    // (D - 2,000)^2 / 200 requests fail. With retries no more get through, and no fewer.
    for (factor, attempts) in [(3.0, 1), (6.0, 1), (6.0, 3), (15.0, 1)] {
        let more = format!("retries = {{ attempts = {attempts} }}\n{}", surge(factor, "permanent"));
        let rows = rows(&text(1_000.0, SECOND, &more), 1);
        let lacking = factor * 1_000.0 - 2_000.0;
        near(of(&rows, "journey.call.recovery_s")[0], lacking / 100.0, 1e-6);
        let failed = lacking * lacking / 200.0;
        near(of(&rows, "journey.call.failed")[0], failed, 1e-6 * failed);
        near(of(&rows, "journey.call.cause.capacity")[0], failed, 1e-6 * failed);
    }
}

#[test]
fn the_instant_at_which_enough_succeeds_is_right_to_a_twentieth_of_a_second() {
    for (up_when, factor) in [(0.99, 6.0), (0.95, 3.0), (0.999, 15.0)] {
        let text = text(1_000.0, SECOND, &surge(factor, "permanent"))
            .replace("up-when = 1.0", &format!("up-when = {up_when}"));
        let enough = up_when * factor * 1_000.0;
        let left = factor * 1_000.0 - enough;
        let exact = (enough - 2_000.0) / 100.0;
        let within = f64::max(0.05, left / 100.0 / 32.0);
        near(figures(&text, "journey.call.recovery_s", 1)[0], exact, within + 1e-6);
    }
}

#[test]
fn beyond_the_limit_the_rest_is_throttled_for_good() {
    // Little's law: 10,000 per second of 0.4 s are 4,000 at a time, and three of four find room.
    let compute = "duration = \"400ms\"\naccount-limit = 3_000\nburst = 20_000";
    let rows = rows(&text(2_000.0, compute, &surge(5.0, "permanent")), 1);
    assert_eq!(of(&rows, "journey.call.recovery_s")[0], f64::INFINITY);
    near(of(&rows, "journey.call.failed")[0], 2_500.0 * 3_000.0, 1e-3);
    // Of 20 ms they are 200 at a time, but a limit of 800 stands for 8,000 requests per second.
    let compute = "duration = \"20ms\"\naccount-limit = 800\nburst = 20_000";
    near(
        figures(&text(2_000.0, compute, &surge(5.0, "permanent")), "journey.call.failed", 1)[0],
        2_000.0 * 3_000.0,
        1e-3,
    );
}

#[test]
fn everybody_who_returns_to_a_region_at_once_finds_a_full_bucket_and_nothing_else() {
    let outage = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"10m\"";
    let recovery = |compute: &str| figures(&text(4_000.0, compute, outage), "journey.call.recovery_s", 1)[0];
    near(recovery(SECOND), 600.0 + 30.0, 1e-6);
    near(recovery(&format!("{SECOND}\nprovisioned-concurrency = 2_500")), 600.0 + 5.0, 1e-6);
    near(recovery(&format!("{SECOND}\nscaling-rate = \"3000 per 10s\"")), 600.0 + 10.0, 1e-6);
    near(recovery(&format!("{SECOND}\nburst = 4_000")), 600.0, 1e-6);
}

#[test]
fn impatient_clients_lose_the_first_request_of_every_new_environment() {
    // A step from 1,000 to 1,600 within the bucket: 600 new environments, and as many requests that wait three seconds.
    let compute = format!("{SECOND}\ncold-start = \"3s\"");
    let failed = |timeout: &str| {
        let more = format!("timeout = \"{timeout}\"\n{}", surge(1.6, "permanent"));
        figures(&text(1_000.0, &compute, &more), "journey.call.failed", 1)[0]
    };
    near(failed("2s"), 600.0, 1e-6);
    assert_eq!(failed("5s"), 0.0);
    // Of a start that takes U(2 s, 4 s) a quarter outlasts 4.5 s, an invocation of one second included; the way there takes its
    // part. What is too late is not tried again.
    let compute = format!("{SECOND}\ncold-start = {{ uniform = [\"2s\", \"4s\"] }}");
    let more = format!("timeout = \"4500ms\"\n{}", surge(1.6, "permanent"));
    let home = place("us-east-1").expect("a region");
    let late = (4.0 - (3.5 - home.round_trip(home))) / 2.0;
    near(figures(&text(1_000.0, &compute, &more), "journey.call.cause.slow", 1)[0], 600.0 * late, 1e-3 * 600.0);
}

#[test]
fn a_zone_that_goes_out_costs_its_share_of_the_environments() {
    let outage = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"permanent\"";
    let recovery = |rate| figures(&text(rate, SECOND, outage), "journey.call.recovery_s", 1)[0];
    assert_eq!(recovery(3_000.0), 0.0);
    // A third of 9,000 less what the bucket holds.
    near(recovery(9_000.0), 20.0, 1e-6);
}

#[test]
fn an_impairment_of_lambda_fails_its_share_of_what_runs_there() {
    let fault = |error: f64| {
        format!(
            "[[faults]]\nkind = \"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"\nerror = {error}\n\
             at = \"10m\"\nduration = \"100s\""
        )
    };
    for error in [1.0, 0.3] {
        let failed = figures(&text(500.0, SECOND, &fault(error)), "journey.call.failed", 1)[0];
        near(failed, error * 500.0 * 100.0, 1e-6);
    }
    let compute = format!("[compute]\nkind = \"lambda\"\n{SECOND}");
    let without = text(500.0, SECOND, &fault(1.0)).replace(&compute, "");
    assert!(!without.contains("[compute]"));
    assert_eq!(figures(&without, "journey.call.failed", 1)[0], 0.0, "nothing runs on it");
}

#[test]
fn an_alarm_can_watch_throttles() {
    let alarm = "[[alarms]]\nname = \"throttled\"\nmetric = { throttles = \"us-east-1\" }\nabove = 0.2\n\
                 hosted-in = \"us-east-1\"\n";
    let text = text(1_000.0, SECOND, &format!("{alarm}{}", surge(15.0, "permanent")));
    // From 13 of 15 down to none in 130 s: a minute that lies in it for long enough shows more than a fifth.
    let fires = |what: &Happening| matches!(what, Happening::Alarm { state: models::cloud_watch::State::Alarm, .. });
    assert!(firsts(&text, 20, fires).iter().all(|at| (30.0..150.0).contains(at)));
    let scales = |what: &Happening| matches!(what, Happening::Function { condition: Condition::Scales, .. });
    assert!(firsts(&text, 1, scales)[0].abs() < 1e-6);
}

#[test]
fn a_standby_whose_quota_nobody_raised_carries_its_quota() {
    // 3,000 per second in us-east-1, all of which have to go to eu-west-1.
    let text = text(3_000.0, SECOND, "")
        .replace("[dns]\npolicy = \"simple\"", "[dns]\npolicy = \"latency\"\nttl = \"10s\"")
        + "[regions.eu-west-1]\ncompute.account-limit = 1_000\n[[faults]]\nkind = \"region-outage\"\n\
           region = \"us-east-1\"\nat = \"10m\"\nduration = \"permanent\"\n";
    let rows = rows(&text, 1);
    assert_eq!(of(&rows, "journey.call.recovery_s")[0], f64::INFINITY);
    let (failed, moved) = (of(&rows, "journey.call.failed")[0], of(&rows, "moved99_s")[0]);
    // Everything until all have moved, then two of three; all of the detection and a TTL lie within three minutes.
    let (most, least) = (3_000.0 * moved + 2_000.0 * (3_000.0 - moved), 2_000.0 * (3_000.0 - moved));
    assert!(moved < 180.0 && (least..=most + 3_000.0).contains(&failed), "{failed} after {moved}");
}
