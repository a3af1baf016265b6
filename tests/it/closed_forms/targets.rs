//! How a load balancer loses dead targets and takes back live ones: fixed cadences with uniform phases.
//!
//! A target that dies is probed next after U(0, I), and leaves with the k-th failure, each of which takes the timeout:
//! U + (k - 1) I + timeout, for the cadence does not wait for answers. One that lives again returns with the k-th pass.

use crate::lab::{Diary, at_least, averages, firsts, follows, head, of, rows, uniform, watched};
use models::balancers::load_balancer::Signal;
use models::deployment::Happening;

const TRIALS: u64 = 2_000;

/// One region in which a zone with a third of all targets dies for ten minutes; nobody replaces them meanwhile.
fn text(seed: u64, requests: f64, zones: u64, clients: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1"],
        "policy = \"simple\"",
        &[("everybody", "us-east-1", &format!("requests-per-second = {requests}\ncohorts = 1\n{clients}"))],
    );
    format!(
        r#"{head}
        [compute]
        kind = "ec2-auto-scaling"
        zones = {zones}
        instances = {{ desired = 9 }}
        requests-per-second = 100
        replacement-delay = "1h"
        [load-balancer]
        target-health-check = {{ interval = "10s", timeout = "4s", unhealthy-threshold = 3, healthy-threshold = 5 }}
        [[journeys]]
        name = "visit"
        share = 1.0
        [[faults]]
        kind = "zone-outage"
        region = "us-east-1"
        zone = "b"
        at = "10m"
        duration = "10m""#
    )
}

/// Certain to pass until a target leaves: two intervals and a timeout.
const CERTAIN: f64 = 24.0;

#[test]
fn dead_targets_leave_one_by_one_and_the_last_of_them_ends_the_outage() {
    // Of nine targets three are dead: when j of them have left, (3 - j) of (9 - j) are, and j of them leave within
    // CERTAIN + 10 j / 4 on average. One of seven is still more than one percent.
    let table = rows(&text(61, 300.0, 3, ""), TRIALS);
    follows(&of(&table, "journey.visit.recovery_s"), |x| at_least(3, 3, uniform((x - CERTAIN) / 10.0)));
    let share = CERTAIN * 3.0 / 9.0 + 2.5 * (3.0 / 9.0 + 2.0 / 8.0 + 1.0 / 7.0);
    averages(&of(&table, "journey.visit.failed"), 300.0 * share, 0.02);
    averages(&of(&table, "journey.visit.cause.targets"), 300.0 * share, 0.02);
}

#[test]
fn every_attempt_draws_its_target_afresh() {
    let table = rows(&text(62, 300.0, 3, "retries = { attempts = 2 }"), TRIALS);
    let square = |dead: f64, of: f64| (dead / of) * (dead / of);
    let share = CERTAIN * square(3.0, 9.0) + 2.5 * (square(3.0, 9.0) + square(2.0, 8.0) + square(1.0, 7.0));
    averages(&of(&table, "journey.visit.failed"), 300.0 * share, 0.02);
}

#[test]
fn live_targets_return_with_their_fifth_pass() {
    let text = text(63, 300.0, 3, "");
    let back = |what: &Happening| matches!(what, Happening::Target { signal: Signal::Returned(_), .. });
    follows(&firsts(&text, TRIALS, back), |x| at_least(1, 3, uniform((x - 600.0 - 40.0) / 10.0)));
    for diary in watched::<Diary>(&text, 100) {
        assert_eq!(diary.entries.iter().filter(|(_, what)| back(what)).count(), 3);
    }
}

#[test]
fn fail_open_ends_with_the_first_target_back_which_takes_all_load() {
    // One zone, and all nine targets die: requests fail until the zone is back, then fail-open spreads them over nine
    // live targets that carry 900/s. From the first return to the fifth there is room for less than 500/s:
    // of nine uniform phases the fifth less the first is as the fourth of nine (spacings are exchangeable).
    let text = text(64, 450.0, 1, "").replace("zone = \"b\"", "zone = \"a\"");
    let table = rows(&text, TRIALS);
    let downtime: Vec<f64> = of(&table, "journey.visit.downtime_s").iter().map(|down| down - 600.0).collect();
    follows(&downtime, |x| at_least(4, 9, uniform(x / 10.0)));
    // One percent of 450/s is the most that may fail: four targets carry 400/s.
    let recovery: Vec<f64> = of(&table, "journey.visit.recovery_s");
    follows(&recovery, |x| at_least(5, 9, uniform((x - 600.0 - 40.0) / 10.0)));
    // While k of nine are back, for 10 / 10 s each on average, 450 - 100 k fail.
    averages(&of(&table, "journey.visit.cause.capacity"), 350.0 + 250.0 + 150.0 + 50.0, 0.1);
}

/// A fleet without an instance gets one at 5 min, which is launched a minute later and gets requests after its first probe: they
/// come every 5 min. The clock starts at 1 s.
#[test]
fn the_first_instance_of_an_empty_fleet_serves_after_its_first_probe() {
    let text = r#"
        name = "empty"
        horizon = "30m"
        compute = { kind = "ec2-auto-scaling", instances = { min = 0, desired = 0, max = 4 }, requests-per-second = 1000, launch-time = "60s" }
        load-balancer = { target-health-check = { interval = "5m", timeout = "5s" } }
        dns = { policy = "simple", primary = "us-east-1", health-check = false }
        regions.us-east-1 = {}
        clients = [ { name = "w", near = "us-east-1", requests-per-second = 100 } ]
        journeys = [ { name = "visit", share = 1 } ]
        faults = [ { kind = "load-surge", factor = 1, at = "1s", duration = "1s" } ]

        [[runbooks]]
        name = "fill"
        on = { at = "5m" }
        hosted-in = ["us-east-1"]
        steps = [ { scale = 1, to = "us-east-1" } ]
    "#;
    let table = rows(text, TRIALS);
    follows(&of(&table, "journey.visit.recovery_s"), |x| uniform((x - 359.0) / 300.0));
}

#[test]
fn what_was_struck_is_back_one_restart_after_the_end() {
    // A region is out for ten minutes and starts for U(60, 180) s more, with its whole fleet in rotation.
    let region = text(65, 300.0, 3, "")
        .replace("kind = \"zone-outage\"", "kind = \"region-outage\"\nrestart = { uniform = [\"60s\", \"180s\"] }");
    let region = region.replace("zone = \"b\"", "");
    let table = rows(&region, TRIALS);
    follows(&of(&table, "journey.visit.recovery_s"), |x| uniform((x - 600.0 - 60.0) / 120.0));
    averages(&of(&table, "journey.visit.failed"), 300.0 * 720.0, 0.02);
    // So are instances: all refuse connections, fail-open asks all of them, and the first that is back in rotation carries
    // 90/s by itself.
    let failures = text(66, 90.0, 3, "")
        .replace(
            "kind = \"zone-outage\"",
            "kind = \"instance-failures\"\nprobability = 1\nrestart = { uniform = [\"60s\", \"180s\"] }",
        )
        .replace("zone = \"b\"", "");
    follows(&of(&rows(&failures, TRIALS), "journey.visit.recovery_s"), |x| uniform((x - 600.0 - 60.0) / 120.0));
}
