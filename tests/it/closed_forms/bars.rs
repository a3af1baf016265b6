//! Failback by hand: what has turned unhealthy stays out until somebody lets it back, and nothing else does.

use models::deployment::Happening;

use crate::lab::{Diary, figures, head, watched};

/// Two regions; the first one, near everybody, answers while it can.
fn text(regions: &str, rest: &str) -> String {
    let dns = "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"us-west-2\"\nttl = \"0s\"\n\
               propagation = \"3s\"\nfailback = \"manual\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }";
    let clients = [("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")];
    let head = head("horizon = \"2h\"", &["us-east-1", "us-west-2"], dns, &clients);
    format!("{head}[[journeys]]\nname = \"visit\"\nshare = 1\n{regions}{rest}")
}

fn outage(region: &str, at: &str, lasts: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{region}\"\nat = \"{at}\"\nduration = \"{lasts}\"\n")
}

/// When answers changed in each trial, in seconds since the first fault.
fn answers(text: &str, trials: u64) -> Vec<Vec<f64>> {
    let changed = |(when, what): &(f64, Happening)| matches!(what, Happening::AnswerChanged { .. }).then_some(*when);
    watched::<Diary>(text, trials).iter().map(|diary| diary.entries.iter().filter_map(changed).collect()).collect()
}

/// A standby without instances is unhealthy before anything has happened, and that has been seen for long: it has not turned.
/// Filled, it gets traffic when its check passes for the first time. Without the bar that would be the same.
#[test]
fn an_empty_standby_gets_traffic_once_it_is_filled() {
    let rest = r#"
        [compute]
        kind = "ec2-auto-scaling"
        instances = { min = 0, desired = 4, max = 4 }
        requests-per-second = 100
        replacement-delay = "90m"
        [regions.us-east-1.compute]
        zones = 1
        [regions.us-west-2.compute]
        instances = { desired = 0 }
        [[runbooks]]
        name = "fill"
        on = { operator = "5m" }
        hosted-in = "us-west-2"
        steps = [{ scale = 4, to = "us-west-2" }]
        [[faults]]
        kind = "zone-outage"
        region = "us-east-1"
        zone = "a"
        at = "10m"
        duration = "permanent""#;
    let (manual, automatic) = (text("", rest), text("", rest).replace("\"manual\"", "\"automatic\""));
    let recovery = |text: &str| figures(text, "journey.visit.recovery_s", 100);
    assert_eq!(recovery(&manual), recovery(&automatic));
    // Five minutes of an operator, a launch, and the check; a day's outage would be the bar.
    assert!(recovery(&manual).iter().all(|recovery| (300.0..1_200.0).contains(recovery)), "{:?}", recovery(&manual));
    // Nothing has turned before the fault, either.
    let flips = |diary: &Diary| diary.first(|what| matches!(what, Happening::HealthTurned { .. }));
    assert!(watched::<Diary>(&manual, 20).iter().all(|diary| flips(diary).is_some_and(|when| when > 0.0)));
}

/// The primary is back after ten minutes and stays barred. When the secondary goes as well nothing else is healthy, and
/// bars are ignored: the second answer is the primary again, and there is no third.
#[test]
fn a_bar_outlasts_the_fault_and_is_ignored_where_nothing_else_is_healthy() {
    let text = text("", &format!("{}{}", outage("us-east-1", "10m", "10m"), outage("us-west-2", "40m", "permanent")));
    for changes in answers(&text, 50) {
        let [away, back] = changes[..] else { panic!("{changes:?}") };
        // Three failures of 4 s, 10 s apart, the first within 10 s, and 3 s until it shows.
        assert!((35.0..45.0).contains(&away) && (1_835.0..1_845.0).contains(&back), "{changes:?}");
    }
}

/// Let back by hand, the primary answers again 3 s later; not before, and not without.
#[test]
fn a_readmission_lifts_the_bar() {
    // An hour after its check turned, which shows 3 s later.
    let runbook = "[[runbooks]]\nname = \"back\"\non = { health-check = \"us-east-1\" }\nhosted-in = \"us-west-2\"\n\
                   steps = [{ wait = \"1h\" }, { readmit = \"us-east-1\" }]\n";
    for changes in answers(&text("", &format!("{runbook}{}", outage("us-east-1", "10m", "10m"))), 20) {
        let [away, back] = changes[..] else { panic!("{changes:?}") };
        assert!(away < 45.0 && (back - away - 3_600.0).abs() < 1e-6, "{changes:?}");
    }
}

/// A record that was edited away is let back as well, whether DNS would bar it or not: the edit shows after a minute, the
/// return after the 3 s that answers take to follow.
#[test]
fn a_region_whose_record_was_edited_away_is_let_back() {
    let steps = "{ shift = \"record-edit\", to = \"us-west-2\" }, { wait = \"30m\" }, { readmit = \"us-east-1\" }";
    let runbook = format!(
        "[[runbooks]]\nname = \"there-and-back\"\non = {{ operator = \"1m\" }}\nhosted-in = \"us-west-2\"\nsteps = [{steps}]\n"
    );
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nseen = 0\nat = \"10m\"\n\
                duration = \"10m\"\n";
    let text = text("", &format!("{runbook}{gray}"));
    for text in [text.clone(), text.replace("\"manual\"", "\"automatic\"")] {
        for changes in answers(&text, 5) {
            assert_eq!(changes.len(), 2, "{changes:?}");
            for (when, expected) in changes.iter().zip([60.0 + 60.0, 60.0 + 1_800.0 + 3.0]) {
                assert!((when - expected).abs() < 1e-6, "{changes:?}");
            }
        }
    }
}

/// A routing control that is off is unhealthy: what it turns is barred like anything else. Here the primary's is turned off
/// by hand, and let back by hand; until then the secondary, which never turned, answers alone.
#[test]
fn a_shift_bars_what_it_leaves() {
    let steps = "{ shift = \"arc\", to = \"us-west-2\" }, { wait = \"30m\" }, { readmit = \"us-east-1\" }";
    let runbook = format!(
        "[[runbooks]]\nname = \"there-and-back\"\non = {{ operator = \"1m\" }}\nhosted-in = \"us-west-2\"\nsteps = [{steps}]\n"
    );
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1\nseen = 0\nat = \"10m\"\n\
                duration = \"10m\"\n";
    for changes in answers(&text("", &format!("{runbook}{gray}")), 5) {
        assert_eq!(changes.len(), 2, "{changes:?}");
        for (when, expected) in changes.iter().zip([63.0, 60.0 + 1_800.0 + 3.0]) {
            assert!((when - expected).abs() < 1e-6, "{changes:?}");
        }
    }
}
