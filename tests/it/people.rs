//! People: hours of the week, debates, mistakes. Whole experiments whose delays are constants, so that every recovery
//! time follows from the text by addition.

use crate::lab::{figures, happens};

const TRIALS: u64 = 4_000;

/// One region serves; when it fails in a way that no check sees, a runbook that an operator starts at once flips a routing
/// control to the other, and every client follows at once.
fn shop(starts: &str, at: &str, horizon: &str, steps: &str) -> String {
    format!(
        r#"
name = "test"
starts = "{starts}"
horizon = "{horizon}"
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "failover"
primary = "us-east-1"
secondary = "eu-west-1"
ttl = "0s"
propagation = "0s"
[[clients]]
name = "all"
near = "us-east-1"
requests-per-second = 100
[[journeys]]
name = "shop"
share = 1
[[runbooks]]
name = "leave"
on = {{ operator = "0s" }}
hosted-in = ["eu-west-1"]
steps = [{steps}]
[[faults]]
kind = "gray-failure"
region = "us-east-1"
error = 1
seen = 0
at = {at}
duration = "permanent"
"#
    )
}

const DECIDE: &str = r#"{ approve = "40m", hours = [{ during = "mon-fri 09:00-17:00", delay = "2m" }] }"#;
const LEAVE: &str = r#"{ shift = "arc", to = "eu-west-1" }"#;

fn recoveries(text: &str) -> Vec<f64> {
    figures(text, "journey.shop.recovery_s", TRIALS)
}

#[test]
fn recovery_takes_what_the_hour_makes_of_people() {
    let steps = format!("{DECIDE}, {LEAVE}");
    for (starts, minutes) in [("mon 09:00", 2.0), ("mon 08:49", 40.0), ("mon 08:50", 2.0), ("sat 12:00", 40.0)] {
        let times = figures(&shop(starts, "\"10m\"", "2h", &steps), "journey.shop.recovery_s", 3);
        assert_eq!(times, [minutes * 60.0; 3], "{starts}, ten minutes before the outage");
    }
}

/// Office hours are 40 of the 168 hours of a week, whether the start of the trial is drawn or the fault's.
#[test]
fn an_outage_at_any_hour_meets_office_hours_as_often_as_they_are_long() {
    let steps = format!("{DECIDE}, {LEAVE}");
    for (starts, at, horizon) in [("any", "\"10m\"", "2h"), ("mon 00:00", "{ uniform = [\"0s\", \"7d\"] }", "7d 2h")] {
        let times = recoveries(&shop(starts, at, horizon, &steps));
        let quick = times.iter().filter(|&&time| time == 120.0).count();
        let slow = times.iter().filter(|&&time| time == 2_400.0).count();
        assert_eq!(quick + slow, times.len(), "{starts}: there is nothing in between");
        happens(quick, times.len(), 40.0 / 168.0);
    }
}

/// Each debate of 10 min fails with probability 0.3 and is resumed 20 min later, twice at most: recovery after 10, 40 or
/// 70 min with probabilities 0.7, 0.21, 0.063, and never with 0.027.
#[test]
fn debates_without_decision_come_again_until_nobody_has_the_strength() {
    let debate = r#"{ approve = "10m", success = 0.7, retries = 2, retry-after = "20m" }"#;
    let times = recoveries(&shop("mon 00:00", "\"10m\"", "4h", &format!("{debate}, {LEAVE}")));
    for (minutes, share) in [(10.0, 0.7), (40.0, 0.21), (70.0, 0.063), (f64::INFINITY, 0.027)] {
        let count = times.iter().filter(|&&time| time == minutes * 60.0).count();
        happens(count, times.len(), share);
    }
}

/// With probability 0.2 the control is flipped back to the region that is gone; after a quarter of an hour somebody
/// notices.
#[test]
fn a_wrong_step_costs_the_time_until_it_is_noticed() {
    let wrong = r#"{ shift = "arc", to = "eu-west-1", takes = "1m", wrong = { probability = 0.2, to = "us-east-1", noticed = "15m" } }"#;
    let times = recoveries(&shop("mon 00:00", "\"10m\"", "2h", wrong));
    for (minutes, share) in [(1.0, 0.8), (17.0, 0.2)] {
        let count = times.iter().filter(|&&time| time == minutes * 60.0).count();
        happens(count, times.len(), share);
    }
}
