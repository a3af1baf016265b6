//! When an alarm fires: periods with a random phase, M breaching ones among them, and datapoints that come late.
//!
//! A share e of all requests fails from an instant on at which a period P has still x = U(0, P) to go. Its average is
//! e x / P, which breaches if x > P above / e =: b; the first breaching period then ends after U(b, P + b), the m-th after
//! (m - 1) P more, and the alarm knows when the datapoint arrives.

use crate::lab::{Diary, figures, firsts, follows, happens, head, of, rows, uniform, watched};
use models::cloud_watch::State;
use models::deployment::Happening;

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
fn a_load_balancer_counts_attempts_and_not_what_becomes_of_requests() {
    // With three attempts, A = 1 + 0.4 + 0.16 for each request, of which two fifths fail, while 6.4 % of the requests do. In
    // a period of which x has passed since the fault, 0.4 A x of A x + 60 - x are errors.
    let (above, attempts) = (0.3, 1.56);
    let breaches = above * 60.0 / (0.4 * attempts - above * (attempts - 1.0));
    let at_the_balancer = alarm("a", above, "1m", "1 of 1", "")
        .replace("{ errors = \"visit\" }", "{ errors = \"visit\", region = \"us-east-1\" }");
    let text =
        text(44, "permanent", &at_the_balancer).replace("cohorts = 1", "cohorts = 1\nretries = { attempts = 3 }");
    for policy in ["simple", "multivalue"] {
        let text = text.replace("policy = \"simple\"", &format!("policy = \"{policy}\""));
        follows(&figures(&text, "alarm.a_s", TRIALS), |x| uniform((x - breaches - 30.0) / 60.0));
    }
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

/// Six seconds of failures in one region, as its load balancer counts them.
fn a_few_errors(seed: u64, rest: &str) -> String {
    let alarm = alarm("a", 0.0, "1m", "3 of 3", rest);
    text(seed, "6s", &alarm.replace(r#"errors = "visit""#, r#"errors = "visit", region = "us-east-1""#))
}

fn turns(state: State) -> impl Fn(&Happening) -> bool {
    move |what| matches!(what, Happening::Alarm { state: turned, .. } if *turned == state)
}

#[test]
fn errors_that_a_balancer_counted_and_silence_after_them_fire_when_the_first_is_m_periods_old() {
    // A balancer publishes errors only when there are some: the period in which they begin has a datapoint, and the one in
    // which they end, which is nearly always the same. The first of them ends U(0, 60) after they begin and is three
    // periods old two periods later. The last one ends U(0, 60) after they end and is out of the range of five with the
    // fifth end after its own: then there is no data at all.
    let text = a_few_errors(48, "");
    follows(&figures(&text, "alarm.a_s", TRIALS), |t| uniform((t - 120.0 - 30.0) / 60.0));
    let silent = |diary: Diary| {
        let since = |(at, what): &(f64, Happening)| (*at > 0.0 && turns(State::InsufficientData)(what)).then_some(*at);
        diary.entries.iter().find_map(since).expect("nothing is published any more")
    };
    let silent: Vec<f64> = watched(&text, TRIALS).into_iter().map(silent).collect();
    follows(&silent, |t| uniform((t - 6.0 - 300.0 - 30.0) / 60.0));
}

#[test]
fn silence_of_a_balancer_is_not_breaching_where_the_file_says_so() {
    for rest in ["missing = \"not-breaching\"", "missing = \"ignore\""] {
        let fired = figures(&a_few_errors(49, rest), "alarm.a_s", 200);
        assert!(fired.iter().all(|at| at.is_nan()), "{rest}: {fired:?}");
    }
    // Periods without failures have a datapoint: none of them breaches.
    let counted =
        a_few_errors(49, "").replace(r#"region = "us-east-1" }"#, r#"region = "us-east-1", sparse = false }"#);
    assert!(figures(&counted, "alarm.a_s", 200).iter().all(|at| at.is_nan()));
}

/// A region is gone for good after ten minutes, and the promotion waits for an alarm on what its load balancer counts.
fn blind(seed: u64, metric: &str, missing: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1", "eu-west-1"],
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"",
        &[("us", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!(
        r#"{head}
        [stores.orders]
        kind = "aurora-global"
        writer = "us-east-1"
        promotion-time = "1m"
        [[journeys]]
        name = "use"
        share = 1
        needs = [{{ write = "orders" }}]
        [[alarms]]
        name = "a"
        metric = {{ errors = "use", region = "us-east-1"{metric} }}
        above = 0.2
        datapoints = "2 of 3"
        missing = "{missing}"
        hosted-in = "eu-west-1"
        [[runbooks]]
        name = "promote"
        on = {{ alarm = "a" }}
        hosted-in = ["eu-west-1"]
        steps = [ {{ promote = "orders", to = "eu-west-1" }} ]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "permanent""#
    )
}

#[test]
fn a_balancer_that_dies_with_its_region_says_nothing_of_it() {
    // No period after the start has a failure, so none has a datapoint; the range of five is empty with the fifth end.
    let text = blind(50, "", "missing");
    let silent: Vec<f64> = firsts(&text, TRIALS, turns(State::InsufficientData)).iter().map(|at| at + 600.0).collect();
    follows(&silent, |t| uniform((t - 240.0 - 30.0) / 60.0));
    let table = rows(&text, TRIALS);
    assert!(of(&table, "alarm.a_s").iter().all(|at| at.is_nan()));
    assert!(of(&table, "journey.use.recovery_s").iter().all(|recovery| recovery.is_infinite()));
}

#[test]
fn silence_that_breaches_fires_in_the_calm_and_not_again_with_the_fault() {
    // The fourth empty period is the first for which fewer than two of the five are real: it fires, minutes before the
    // fault, while the writer answers. From then on it is in ALARM, and an alarm acts on a transition.
    let text = blind(51, "", "breaching");
    let fired: Vec<f64> = firsts(&text, TRIALS, turns(State::Alarm)).iter().map(|at| at + 600.0).collect();
    follows(&fired, |t| uniform((t - 180.0 - 30.0) / 60.0));
    for diary in watched::<Diary>(&text, 100) {
        let turned = diary.entries.iter().filter(|(_, what)| matches!(what, Happening::Alarm { .. })).count();
        assert_eq!(turned, 1);
    }
    assert!(figures(&text, "journey.use.recovery_s", 100).iter().all(|recovery| recovery.is_infinite()));
    // If periods without failures have datapoints as well, the period of the fault has one, and the fourth after it is
    // the first for which two of three have to be filled in.
    let fired = figures(&blind(52, ", sparse = false", "breaching"), "alarm.a_s", TRIALS);
    follows(&fired, |t| uniform((t - 240.0 - 30.0) / 60.0));
}

#[test]
fn what_route_53_reads_of_a_balancer_says_nothing_of_its_recovery_unless_silence_is_good() {
    // Five minutes of failures. Route 53 reads one period at a time out of a range of three; the last one with failures
    // ends x after them, and is out of the range with the third end after its own.
    let text = |seed, missing: &str| {
        let silence = format!("missing = \"{missing}\"");
        let alarm = alarm("a", 0.0, "1m", "1 of 1", &silence);
        let metric = alarm.replace(r#"errors = "visit""#, r#"errors = "visit", region = "us-east-1""#);
        let check = "policy = \"simple\"\nhealth-check = { checks = [ { kind = \"alarm\", alarm = \"a\" } ] }";
        self::text(seed, "5m", &metric).replace("policy = \"simple\"", check)
    };
    let healthy = |what: &Happening| matches!(what, Happening::HealthTurned { healthy: true, .. });
    follows(&firsts(&text(53, "not-breaching"), TRIALS, healthy), |t| uniform((t - 300.0 - 180.0 - 30.0) / 60.0));
    for diary in watched::<Diary>(&text(54, "missing"), 100) {
        let sick = |what: &Happening| matches!(what, Happening::HealthTurned { healthy: false, .. });
        assert!(diary.first(sick).is_some() && diary.first(healthy).is_none(), "{:?}", diary.entries);
    }
}

/// Nothing that serves publishes no utilisation: the period of the fault is the last with a datapoint. An alarm on 2 of 2
/// looks at four periods, and while one of these has a datapoint, that says that all is well.
#[test]
fn a_fleet_that_is_gone_has_no_utilisation() {
    let rest = r#"
        [compute]
        kind = "ec2-auto-scaling"
        instances = { min = 4, desired = 4, max = 4 }
        requests-per-second = 100
        launch-time = "50m"
        [[alarms]]
        name = "silent"
        metric = { utilization = "us-east-1" }
        above = 0.9
        datapoints = "2 of 2"
        missing = "breaching"
        hosted-in = "us-east-1""#;
    let failures = "kind = \"instance-failures\"\nprobability = 1\nterminated = true\n";
    let text = text(61, "permanent", rest);
    let text = text.replace("kind = \"gray-failure\"", failures).replace("error = 0.4", "").replace("seen = 0.0", "");
    let fired = figures(&text, "alarm.silent_s", TRIALS);
    follows(&fired, |x| uniform((x - 4.0 * 60.0 - 30.0) / 60.0));
}
