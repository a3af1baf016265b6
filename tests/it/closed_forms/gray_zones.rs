//! A zone of which the members fail in part: who meets it, what probes make of it, and a zone that is shifted away.

use crate::lab::{averages, of, rows};

/// Six instances in three zones, of which zone a fails every request for ten minutes.
fn text(checks: &str, more: &str) -> String {
    format!(
        r#"
        name = "gray-zone"
        horizon = "1h"
        [regions.us-east-1]
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ min = 6, desired = 6, max = 6 }}
        requests-per-second = 100
        [load-balancer]
        target-health-check = {{ interval = "10s", unhealthy-threshold = 2 }}
        [dns]
        policy = "simple"
        health-check = false
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 90
        [[journeys]]
        name = "visit"
        share = 1
        {more}
        [[faults]]
        kind = "gray-failure"
        region = "us-east-1"
        zone = "a"
        error = 1
        at = "10m"
        duration = "10m"
        {checks}"#
    )
}

fn failed(text: &str, trials: u64) -> Vec<f64> {
    of(&rows(text, trials), "journey.visit.failed")
}

/// Nobody sees it: a third of the members have a third of the requests, for ten minutes.
#[test]
fn a_zone_fails_the_requests_of_its_members() {
    for failed in failed(&text("checks = 0", ""), 3) {
        assert!((failed - 90.0 / 3.0 * 600.0).abs() < 1e-6, "{failed}");
    }
}

/// Two probes of each of its two targets fail at once, 10 s apart, the first U(0, 10 s) after the beginning. Until the first target
/// leaves two of six fail, until the second one of five; what is launched instead stands in the same zone, passes no probe and gets
/// nothing. With U(10 s, 20 s) each that is (1/3) 40/3 s + (1/5) 10/3 s of all requests.
#[test]
fn targets_that_fail_their_probes_leave_the_rest_to_the_other_zones() {
    let expected = 90.0 * (40.0 / 3.0 / 3.0 + 10.0 / 3.0 / 5.0);
    averages(&failed(&text("checks = { targets = 1 }", ""), 2_000), expected, 0.05);
}

/// Who notices after two minutes and shifts the zone away ends it: its members get nothing for the rest of the trial.
#[test]
fn a_zone_that_is_shifted_away_fails_nobody() {
    let runbook = "[[runbooks]]\nname = \"away\"\non = { operator = \"2m\" }\nhosted-in = \"us-east-1\"\n\
                   steps = [{ zonal-shift = \"a\", to = \"us-east-1\" }]";
    for failed in failed(&text("checks = 0", runbook), 3) {
        assert!((failed - 90.0 / 3.0 * 120.0).abs() < 1e-6, "{failed}");
    }
}

/// Without the key all members are struck, as without zones.
#[test]
fn all_zones_together_are_the_region() {
    let one = text("checks = { targets = 1 }", "");
    let zone = "zone = \"a\"";
    let rest = one.split_once("[[faults]]").expect("it has a fault").1;
    let others = ["b", "c"].map(|letter| format!("[[faults]]{}", rest.replace(zone, &format!("zone = \"{letter}\""))));
    let (all, whole) = (format!("{one}\n{}", others.join("\n")), one.replace(zone, ""));
    for (all, whole) in failed(&all, 5).iter().zip(failed(&whole, 5)) {
        assert!((all - whole).abs() < 1e-6 * whole, "{all} {whole}");
    }
}
