//! When an alarm fires: periods with a random phase, M breaching ones among them, and datapoints that come late.
//!
//! A share e of all requests fails from an instant on at which a period P has still x = U(0, P) to go. Its average is
//! e x / P, which breaches if x > P above / e =: b; the first breaching period then ends after U(b, P + b), the m-th after
//! (m - 1) P more, and the alarm knows when the datapoint arrives.

use crate::lab::{figures, follows, happens, head, of, rows, uniform};

const TRIALS: u64 = 3_000;

/// Two fifths of all requests fail, unseen by health checks.
fn text(seed: u64, lasts: &str, alarms: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1"],
        "policy = \"simple\"",
        &[("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!(
        r#"{head}
        [[journeys]]
        name = "visit"
        share = 1.0
        {alarms}
        [[faults]]
        kind = "gray-failure"
        region = "us-east-1"
        error = 0.4
        seen = 0.0
        at = "10m"
        duration = "{lasts}""#
    )
}

fn alarm(name: &str, above: f64, period: &str, datapoints: &str, rest: &str) -> String {
    format!(
        r#"
        [[alarms]]
        name = "{name}"
        metric = {{ errors = "visit" }}
        above = {above}
        period = "{period}"
        datapoints = "{datapoints}"
        hosted-in = "us-east-1"
        {rest}"#
    )
}

#[test]
fn an_alarm_fires_with_the_mth_breaching_period() {
    for (seed, above, m, datapoints) in [(41, 0.2, 1.0, "1 of 1"), (42, 0.2, 2.0, "2 of 3"), (43, 0.3, 5.0, "5 of 5")] {
        let fired = figures(&text(seed, "permanent", &alarm("a", above, "1m", datapoints, "")), "alarm.a_s", TRIALS);
        let breaches = 60.0 * above / 0.4;
        follows(&fired, |x| uniform((x - breaches - (m - 1.0) * 60.0 - 30.0) / 60.0));
    }
}

#[test]
fn all_periods_share_one_clock() {
    let alarms = alarm("short", 0.1, "1m", "1 of 1", "") + &alarm("long", 0.1, "5m", "2 of 2", "");
    let table = rows(&text(44, "permanent", &alarms), TRIALS);
    let (short, long) = (of(&table, "alarm.short_s"), of(&table, "alarm.long_s"));
    follows(&short, |x| uniform((x - 15.0 - 30.0) / 60.0));
    follows(&long, |x| uniform((x - 75.0 - 300.0 - 30.0) / 300.0));
    for (short, long) in short.iter().zip(&long) {
        let minutes = (long - short) / 60.0;
        assert!((minutes - minutes.round()).abs() < 1e-6, "{short} {long}");
    }
}

#[test]
fn a_threshold_that_is_just_reached_does_not_breach() {
    let fired = figures(&text(45, "permanent", &alarm("a", 0.4, "1m", "1 of 1", "")), "alarm.a_s", 100);
    assert!(fired.iter().all(|at| at.is_nan()), "{fired:?}");
}

#[test]
fn a_short_failure_breaches_as_many_periods_as_its_phase_lets_it() {
    // 90 s of failure. With x > 30 s left of the first period that one breaches, and so does the next with its
    // 90 - x > 30 s; with less, only the next one does.
    let alarms = alarm("one", 0.2, "1m", "1 of 1", "") + &alarm("two", 0.2, "1m", "2 of 3", "");
    let table = rows(&text(46, "90s", &alarms), TRIALS);
    let fired = |column: &str| of(&table, column).iter().filter(|at| !at.is_nan()).count();
    assert_eq!(fired("alarm.one_s"), TRIALS as usize);
    happens(fired("alarm.two_s"), TRIALS as usize, 0.5);
}

#[test]
fn datapoints_that_come_late_and_out_of_order_fire_it_with_the_first_that_arrives() {
    // The n-th breaching period ends at f + 60 n and its datapoint takes U(0, 200): the earliest arrival counts.
    let delay = r#"ingestion-delay = { uniform = ["0s", "200s"] }"#;
    let fired = figures(&text(47, "permanent", &alarm("a", 0.2, "1m", "1 of 1", delay)), "alarm.a_s", TRIALS);
    let late = |t: f64, first: f64| -> f64 {
        (0..10).map(|n| 1.0 - uniform((t - first - 60.0 * f64::from(n)) / 200.0)).product()
    };
    // The first end is U(30, 90): an average over the middles of 200 cells.
    let ends: Vec<f64> = (0..200).map(|cell| 30.0 + 60.0 * (f64::from(cell) + 0.5) / 200.0).collect();
    follows(&fired, |t| 1.0 - ends.iter().map(|&first| late(t, first)).sum::<f64>() / 200.0);
}
