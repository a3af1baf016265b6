//! Checks that see something else than requests do: false alarms, and load balancers that know more than Route 53.

use models::deployment::Happening;
use models::ids::PlaceId;

use crate::lab::{Diary, FIRST, Law, at_least, figures, firsts, follows, head, of, rows, uniform, watched};

const TRIALS: u64 = 2_000;

/// Two regions, the first of which answers while it can, and one resolver.
fn text(seed: u64, dns: &str, rest: &str) -> String {
    let dns = format!(
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"us-west-2\"\npropagation = \"3s\"\nttl = \"0s\"\n{dns}"
    );
    let clients = [("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")];
    let head = head(&format!("horizon = \"1h\"\nseed = {seed}"), &["us-east-1", "us-west-2"], &dns, &clients);
    format!("{head}[[journeys]]\nname = \"visit\"\nshare = 1\n{rest}")
}

fn gray(error: f64, checks: &str, lasts: &str) -> String {
    format!(
        "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = {error}\nchecks = {checks}\nat = \"10m\"\n\
         duration = \"{lasts}\"\n"
    )
}

const CHECK: &str = "health-check = { interval = \"10s\", failure-threshold = 3 }";

/// Nothing fails, but every probe does: DNS leaves a healthy region after the detection and comes back after it.
#[test]
fn a_false_alarm_leads_away_from_a_healthy_region_and_fails_nothing() {
    for checks in ["1", "{ route53 = 1 }"] {
        let text = text(1, CHECK, &gray(0.0, checks, "20m"));
        assert_eq!(figures(&text, "journey.visit.failed", 20), vec![0.0; 20]);
        let turned = firsts(&text, TRIALS, |what| {
            *what == Happening::HealthTurned { place: PlaceId::of(FIRST), healthy: false }
        });
        follows(&turned, |x| at_least(14, 16, uniform((x - 20.0) / 10.0)));
        let answers = |diary: &Diary| {
            diary.entries.iter().filter(|(_, what)| matches!(what, Happening::AnswerChanged { .. })).count()
        };
        assert!(watched::<Diary>(&text, 20).iter().all(|diary| answers(diary) == 2), "away, and back");
    }
    // Probes of load balancers are no business of Route 53.
    let targets = text(1, CHECK, &gray(0.0, "{ targets = 1 }", "20m"));
    assert!(
        firsts(&targets, 5, |what| matches!(what, Happening::HealthTurned { .. })).iter().all(|when| when.is_nan())
    );
}

/// Twelve targets fail every probe, each for the second time U(0, 30 s) + 30 s after the start; Route 53's own probes pass. Where
/// DNS looks at targets, the last of the twelve turns it, and it shows 3 s later. (One instance carries everything: when the
/// first target is back in rotation, DNS leads everybody to it.)
#[test]
fn target_health_leads_away_where_a_check_sees_nothing() {
    let fleet = r#"
        [compute]
        kind = "ec2-auto-scaling"
        instances = { desired = 12 }
        requests-per-second = 1000
        replacement-delay = "50m"
        [load-balancer]
        target-health-check = { interval = "30s", unhealthy-threshold = 2 }
        "#;
    let fault = gray(1.0, "{ route53 = 0, targets = 1 }", "11m");
    let table = |evaluate: bool| {
        let dns = format!("{CHECK}\nevaluate-target-health = {evaluate}");
        rows(&text(2, &dns, &format!("{fleet}{fault}")), if evaluate { TRIALS } else { 20 })
    };
    let led = table(true);
    follows(&of(&led, "journey.visit.recovery_s"), |x| at_least(12, 12, uniform((x - 33.0) / 30.0)));
    assert_eq!(of(&table(false), "journey.visit.recovery_s"), vec![660.0; 20], "without it, the fault's end");
}

/// Behind an accelerator the load balancer's verdict counts: two instances refuse connections, and the second of them leaves
/// the rotation 10 s and the larger of two U(0, 10 s) after the fault. The accelerator follows within U(0, 30 s), and the
/// edge U(1 s, 5 s) after that. Its own interval and threshold make no difference.
#[test]
fn an_accelerator_goes_by_the_health_of_targets() {
    let rest = |edge: &str| {
        format!(
            r#"
        [edge]
        kind = "global-accelerator"
        {edge}
        [compute]
        kind = "ec2-auto-scaling"
        zones = 2
        instances = {{ desired = 2 }}
        requests-per-second = 1000
        replacement-delay = "50m"
        [load-balancer]
        target-health-check = {{ interval = "10s", unhealthy-threshold = 2 }}
        [[faults]]
        kind = "instance-failures"
        region = "us-east-1"
        probability = 1
        at = "10m"
        duration = "20m""#
        )
    };
    let plain = rows(&text(3, "", &rest("")), TRIALS);
    let own = rows(&text(3, "", &rest("interval = \"10s\"\nthreshold = 7")), 50);
    let recovery = of(&plain, "journey.visit.recovery_s");
    assert_eq!(of(&own, "journey.visit.recovery_s"), recovery[..50]);
    let rotation = Law::new(0.05, 10.0, |x| uniform(x / 10.0).powi(2));
    let turned = rotation.plus(&Law::new(0.05, 30.0, |x| uniform(x / 30.0))).after(10.0);
    follows(&of(&plain, "health_flip_s"), turned.cdf());
    follows(&recovery, turned.plus(&Law::new(0.05, 4.0, |x| uniform(x / 4.0))).after(1.0).cdf());
}

/// A region that is out has no load balancer to ask: the accelerator probes it, three times at 30 s by default. When it is
/// back its targets are in rotation, and the accelerator follows within 30 s.
#[test]
fn an_accelerator_probes_a_region_that_is_out() {
    let rest = r#"
        [edge]
        kind = "global-accelerator"
        [compute]
        kind = "ec2-auto-scaling"
        instances = { desired = 3 }
        requests-per-second = 1000
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = { uniform = ["10m", "11m"] }
        duration = "10m""#;
    let text = text(4, "", rest);
    let turns = |healthy| {
        firsts(&text, TRIALS, move |what| *what == Happening::HealthTurned { place: PlaceId::of(FIRST), healthy })
    };
    follows(&turns(false), |x| uniform((x - 60.0) / 30.0));
    follows(&turns(true), |x| uniform((x - 600.0) / 30.0));
}
