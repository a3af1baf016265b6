//! How a fleet is replaced: what fails checks in tenths, what has no host any more at once.
//!
//! A batch is ordered when the one before serves and is warm: one launch, the first passed probe of its last member (the
//! largest of k uniform phases), and the warm-up after the other.

use crate::lab::{Diary, Law, at_least, figures, follows, happens, head, uniform, watched};
use models::compute::auto_scaling::Signal;
use models::deployment::Happening;

const TRIALS: u64 = 1_000;

/// One region with instances of 100/s that launch in 100 s, and what happens to it after ten minutes.
fn text(seed: u64, size: u64, requests: f64, stack: &str, fault: &str) -> String {
    let head = head(
        &format!("horizon = \"3h\"\nseed = {seed}"),
        &["us-east-1"],
        "policy = \"simple\"",
        &[("everybody", "us-east-1", &format!("requests-per-second = {requests}\ncohorts = 1"))],
    );
    format!(
        r#"{head}
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ min = 1, desired = {size}, max = 40 }}
        requests-per-second = 100
        launch-time = "100s"
        {stack}
        [[journeys]]
        name = "visit"
        share = 1.0
        [[faults]]
        region = "us-east-1"
        at = "10m"
        duration = "permanent"
        {fault}"#
    )
}

const INTERVAL: &str = "[load-balancer]\ntarget-health-check = { interval = \"10s\" }";

/// The first passed probe of the r-th of n targets, with this interval.
fn probe(r: u32, n: u32, interval: f64) -> Law {
    Law::new(interval / 200.0, interval, |x| at_least(r, n, uniform(x / interval)))
}

fn recovery(text: &str) -> Vec<f64> {
    figures(text, "journey.visit.recovery_s", TRIALS)
}

/// When instances were ordered, in seconds since the fault.
fn ordered(diary: &Diary) -> Vec<f64> {
    let orders = |what: &Happening| matches!(what, Happening::Group { signal: Signal::Ordered(_), .. });
    diary.entries.iter().filter(|(_, what)| orders(what)).map(|(at, _)| *at).collect()
}

#[test]
fn a_lost_zone_of_ten_is_replaced_in_batches_of_three_and_the_third_ends_the_outage() {
    // 99 % of 2,700/s need 27 instances and twenty are left: the seventh successor is the first of the third batch.
    let zone = "kind = \"zone-outage\"\nzone = \"a\"";
    let waits = probe(3, 3, 30.0).plus(&probe(3, 3, 30.0)).plus(&probe(1, 3, 30.0));
    follows(&recovery(&text(91, 30, 2_700.0, "", zone)), waits.after(300.0 + 2.0 * 400.0 + 100.0).cdf());
    // With no hosts left all ten are ordered at once: the seventh of ten probes.
    let gone = text(92, 30, 2_700.0, "", &format!("{zone}\nhosts = \"terminated\""));
    follows(&recovery(&gone), |x| at_least(7, 10, uniform((x - 400.0) / 30.0)));
    // Batches of a third are of ten, too.
    let third = text(93, 30, 2_700.0, "replacement-batch = 0.34", zone);
    follows(&recovery(&third), |x| at_least(7, 10, uniform((x - 400.0) / 30.0)));
}

#[test]
fn a_fleet_that_fails_altogether_is_replaced_two_by_two() {
    // 99 % of 1,900/s need 19 instances: the first of the tenth batch of two.
    let failures = "kind = \"instance-failures\"\nprobability = 1";
    let mut waits = probe(1, 2, 10.0);
    for _ in 0..9 {
        waits = waits.plus(&probe(2, 2, 10.0));
    }
    let all = text(94, 20, 1_900.0, INTERVAL, failures);
    let all = recovery(&all.replace(INTERVAL, "").replace("[[journeys]]", &format!("{INTERVAL}\n[[journeys]]")));
    follows(&all, waits.after(300.0 + 9.0 * 400.0 + 100.0).cdf());
}

#[test]
fn terminated_instances_are_replaced_together() {
    let gone = "kind = \"instance-failures\"\nprobability = 1\nterminated = true";
    follows(&recovery(&text(95, 20, 1_900.0, INTERVAL, gone)), |x| at_least(19, 20, uniform((x - 400.0) / 10.0)));
    // They never come back, however short the fault: the same replacement.
    let short = text(95, 20, 1_900.0, INTERVAL, gone).replace("\"permanent\"", "\"1m\"");
    follows(&recovery(&short), |x| at_least(19, 20, uniform((x - 400.0) / 10.0)));
}

#[test]
fn status_checks_alone_never_see_an_application_that_fails() {
    let ec2 = "health-check-type = \"ec2\"";
    let failures = text(96, 20, 1_900.0, ec2, "kind = \"instance-failures\"\nprobability = 1");
    assert!(figures(&failures, "journey.visit.recovery_s", 20).iter().all(|recovery| recovery.is_infinite()));
    // An impaired host they see.
    let zone = "kind = \"zone-outage\"\nzone = \"a\"";
    let (ec2, elb) = (text(97, 30, 2_700.0, ec2, zone), text(97, 30, 2_700.0, "", zone));
    assert_eq!(figures(&ec2, "journey.visit.recovery_s", 50), figures(&elb, "journey.visit.recovery_s", 50));
}

#[test]
fn a_maintenance_policy_sets_the_pace() {
    // At least 90 % and at most 120 % of thirty are batches of nine: the seventh successor is in the first of them.
    let zone = "kind = \"zone-outage\"\nzone = \"a\"";
    let policy = text(98, 30, 2_700.0, "min-healthy = 0.9\nmax-healthy = 1.2", zone);
    follows(&recovery(&policy), |x| at_least(7, 9, uniform((x - 400.0) / 30.0)));
}

#[test]
fn members_that_are_back_before_their_batch_are_not_replaced() {
    // The zone is back after twelve minutes: one batch at 300 s, the second at 700 s and more, and no third.
    let zone = "kind = \"zone-outage\"\nzone = \"a\"";
    let text = text(99, 30, 2_700.0, "", zone).replace("\"permanent\"", "\"12m\"");
    for diary in watched::<Diary>(&text, 100) {
        let (first, second) = (ordered(&diary), 3);
        assert!(first.len() == 3 || first.len() == 6, "{first:?}");
        assert!(first[..second].iter().all(|at| (at - 300.0).abs() < 1e-6), "{first:?}");
        assert!(first[second..].iter().all(|at| (700.0..720.0).contains(at)), "{first:?}");
    }
}

#[test]
fn instances_that_live_again_do_not_count_before_they_are_in_rotation() {
    // Nine at 60 %; a zone with three is out for five minutes. When it is back its three are out of rotation for four to
    // five probes more, and the six others show 90 %: 6 x 0.9 / 0.65 is 8.3, and nine are there. Counted as in service,
    // they would make it 12.5, and four launches that nobody needs.
    let zone = "kind = \"zone-outage\"\nzone = \"a\"";
    for detailed in ["true", "false"] {
        let stack = format!(
            "warm-up = \"60s\"\nreplacement-delay = \"20m\"\ndetailed-monitoring = {detailed}\n\
             scaling = {{ target-utilization = 0.65 }}"
        );
        let text = text(100, 9, 540.0, &stack, zone).replace("min = 1", "min = 9").replace("\"permanent\"", "\"5m\"");
        for diary in watched::<Diary>(&text, 200) {
            assert!(ordered(&diary).is_empty(), "{:?}", ordered(&diary));
        }
    }
}

/// One instance of 100/s with 90/s to serve in a region of its own, never replaced, and two faults: what each is, when it
/// begins and how long it lasts.
fn struck_twice(seed: u64, faults: [(&str, &str, &str); 2]) -> String {
    let text = text(seed, 1, 90.0, "replacement-delay = \"10h\"\nzones = 1", "");
    let (stack, _) = text.split_once("[[faults]]").expect("there is one");
    let fault = |(kind, at, lasts): (&str, &str, &str)| {
        format!("[[faults]]\nregion = \"us-east-1\"\n{kind}\nat = \"{at}\"\nduration = \"{lasts}\"\n")
    };
    format!("{stack}{}", faults.map(fault).concat())
}

#[test]
fn an_instance_that_was_struck_twice_is_back_when_both_have_ended() {
    let (failures, zone) = ("kind = \"instance-failures\"\nprobability = 1", "kind = \"zone-outage\"\nzone = \"a\"");
    for (first, second) in [(failures, failures), (failures, zone), (zone, failures), (zone, zone)] {
        // The second ends first, together with the first, and last.
        for (begins, lasts, recovery) in [("12m", "13m", 3_000.0), ("15m", "45m", 3_000.0), ("15m", "1h", 3_900.0)] {
            let text = struck_twice(101, [(first, "10m", "50m"), (second, begins, lasts)]);
            // Alone and back, the instance serves at once: with no healthy target the load balancer asks all of them.
            assert_eq!(self::recovery(&text)[..20], [recovery; 20], "{first}, then {second} for {lasts}");
        }
    }
}

#[test]
fn each_of_two_overlapping_failures_strikes_with_its_own_probability() {
    let half = "kind = \"instance-failures\"\nprobability = 0.5";
    let recovery = recovery(&struck_twice(102, [(half, "10m", "10m"), (half, "15m", "10m")]));
    // The second one strikes in a half of all trials, and the first one alone in a half of the rest.
    for (expected, probability) in [(900.0, 0.5), (600.0, 0.25), (0.0, 0.25)] {
        let count = recovery.iter().filter(|value| **value == expected).count();
        happens(count, recovery.len(), probability);
    }
}
