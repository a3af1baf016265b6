//! When a health check turns: order statistics of its checkers' phases, and how often each of them has to fail.
//!
//! A checker's phase is uniform over the interval I, whatever the instant T of the fault. Its first request after T
//! leaves U(0, I) later, and with answers that take r to fail the k-th failure comes at U + (k - 1)(I + r) + r =
//! U + (k - 1) I + k r. An endpoint is healthy while more than 18 % of n checkers say so: of 16 that is 3, so that the
//! 14th failing one turns it, and the 3rd passing one turns it back.

use models::deployment::Happening;
use models::ids::PlaceId;

use crate::lab::{Dice, FIRST, SECOND, agree, at_least, figures, firsts, follows, happens, head, uniform};

const TRIALS: u64 = 3_000;

/// One region whose endpoint is struck, and another one.
fn text(seed: u64, check: &str, rest: &str) -> String {
    let head = head(
        &format!("horizon = \"1h\"\nseed = {seed}"),
        &["us-east-1", "eu-west-1"],
        &format!("policy = \"latency\"\nhealth-check = {{ {check} }}"),
        &[("everybody", "us-east-1", "requests-per-second = 100\ncohorts = 1")],
    );
    format!(
        r#"{head}
        [[journeys]]
        name = "visit"
        share = 1.0
        {rest}"#
    )
}

const OUTAGE: &str = r#"
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = { uniform = ["10m", "20m"] }
        duration = "permanent""#;

#[test]
fn a_black_hole_costs_every_failure_4_s_more() {
    for (seed, interval, threshold) in [(1, 10.0, 3), (2, 30.0, 3), (3, 10.0, 1), (4, 30.0, 10)] {
        let check = format!("interval = \"{interval}s\", failure-threshold = {threshold}");
        let flips = figures(&text(seed, &check, OUTAGE), "health_flip_s", TRIALS);
        let k = f64::from(threshold);
        let certain = (k - 1.0) * interval + k * 4.0;
        follows(&flips, |x| at_least(14, 16, uniform((x - certain) / interval)));
    }
}

#[test]
fn an_error_costs_nothing() {
    let gray = r#"
        [[faults]]
        kind = "gray-failure"
        region = "us-east-1"
        error = 1.0
        at = "10m"
        duration = "permanent""#;
    // The only zone, and with it all targets: the load balancer answers with an error.
    let targets = r#"
        [compute]
        kind = "ec2-auto-scaling"
        zones = 1
        instances = { desired = 2 }
        requests-per-second = 1000
        [[faults]]
        kind = "zone-outage"
        region = "us-east-1"
        at = "10m"
        duration = "permanent""#;
    for (seed, fault) in [(5, gray), (6, targets)] {
        let flips = figures(&text(seed, "interval = \"10s\", failure-threshold = 3", fault), "health_flip_s", TRIALS);
        follows(&flips, |x| at_least(14, 16, uniform((x - 20.0) / 10.0)));
    }
}

#[test]
fn a_deep_check_hangs_2_s_on_a_writer_that_is_gone() {
    let deep = r#"interval = "10s", failure-threshold = 3, deep = [{ write = "orders" }]"#;
    let store = r#"
        [stores.orders]
        kind = "aurora-global"
        writer = "us-east-1""#;
    let text = text(7, deep, &format!("{store}{OUTAGE}"));
    let turns = |region| {
        move |what: &Happening| *what == Happening::HealthTurned { place: PlaceId::of(region), healthy: false }
    };
    // The region that is gone is a black hole; the other one's front answers, its needs do not.
    follows(&firsts(&text, TRIALS, turns(FIRST)), |x| at_least(14, 16, uniform((x - 32.0) / 10.0)));
    follows(&firsts(&text, TRIALS, turns(SECOND)), |x| at_least(14, 16, uniform((x - 26.0) / 10.0)));
}

#[test]
fn the_quorum_is_more_than_18_percent() {
    // (checkers, how many of them have to fail): of 50, nine are just 18 %, and that is not more.
    for (checkers, failing) in [(5, 5), (10, 9), (16, 14), (50, 41)] {
        let check = format!("interval = \"10s\", failure-threshold = 1, checkers = {checkers}");
        let flips = figures(&text(8, &check, OUTAGE), "health_flip_s", TRIALS);
        follows(&flips, |x| at_least(failing, checkers, uniform((x - 4.0) / 10.0)));
    }
}

/// A health check by hand: every probe of every checker, one after the other, from a fault of `lasts` seconds on. Returns
/// when the endpoint turns, each time, until `end`. `fails` says at an instant whether a probe that leaves then fails,
/// and how long that takes.
fn by_hand(
    dice: &mut Dice,
    (interval, threshold): (f64, u32),
    end: f64,
    fails: impl Fn(f64, &mut Dice) -> Option<f64>,
) -> Vec<f64> {
    let mut turns: Vec<(f64, i32)> = Vec::new();
    for _ in 0..16 {
        let (mut now, mut healthy, mut contrary) = (dice.uniform() * interval, true, 0);
        while now < end {
            let failure = fails(now, dice);
            now += failure.unwrap_or(0.0);
            contrary = if failure.is_none() == healthy { 0 } else { contrary + 1 };
            if contrary == threshold {
                (healthy, contrary) = (!healthy, 0);
                turns.push((now, if healthy { 1 } else { -1 }));
            }
            now += interval;
        }
    }
    turns.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut count, mut verdict, mut flips) = (16, true, Vec::new());
    for (when, change) in turns {
        count += change;
        if (count > 2) != verdict {
            verdict = !verdict;
            flips.push(when);
        }
    }
    flips
}

#[test]
fn recovery_is_seen_by_the_third_checker_whose_probes_follow_a_stretched_cycle() {
    // In the black hole the cycle is I + 4. A checker that first asks at s (uniform over I) asks at s + m (I + 4), and
    // first gets an answer at the first of these that is not before the end D of the outage. With r = D mod (I + 4) that
    // is s - r after the end if s >= r and s - r + I + 4 otherwise: not uniform over the cycle.
    let interval = 10.0;
    // What a region needs to start again belongs to its outage.
    for (seed, lasts, restart) in [(9, 300.0, 0.0), (10, 310.0, 0.0), (11, 317.5, 0.0), (14, 310.0, 77.5)] {
        let fault = format!(
            "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"{}s\"\n\
             restart = \"{restart}s\"",
            lasts - restart
        );
        let text = text(seed, "interval = \"10s\", failure-threshold = 3", &fault);
        let back = |what: &Happening| *what == Happening::HealthTurned { place: PlaceId::of(FIRST), healthy: true };
        let found = firsts(&text, TRIALS, back);

        let rest = lasts % (interval + 4.0);
        let waits_up_to = |x: f64| {
            // The measure of the s for which the wait is at most x.
            let soon = (rest + x).min(interval) - rest;
            let later = (rest + x - interval - 4.0).min(rest.min(interval));
            (soon.max(0.0) + later.max(0.0)) / interval
        };
        follows(&found, |x| at_least(3, 16, waits_up_to(x - lasts - 2.0 * interval)));

        let mut dice = Dice::new(seed);
        let hole = |now: f64, _: &mut Dice| (now < lasts).then_some(4.0);
        let played = (0..TRIALS).map(|_| by_hand(&mut dice, (interval, 3), 500.0, hole)[1]);
        agree(&found, &played.collect::<Vec<_>>());
    }
}

#[test]
fn an_outage_shorter_than_the_detection_goes_unseen_as_often_as_it_should() {
    // Error at once for 28 s: a checker has turned by then if its third request, at U + 20 s, left within.
    let fault =
        "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 1.0\nat = \"10m\"\nduration = \"28s\"";
    let flips = figures(&text(12, "interval = \"10s\", failure-threshold = 3", fault), "health_flip_s", TRIALS);
    let seen = flips.iter().filter(|flip| !flip.is_nan()).count();
    happens(seen, flips.len(), at_least(14, 16, 0.8));
}

#[test]
fn a_gray_failure_turns_a_checker_when_enough_probes_in_a_row_happen_to_fail() {
    // Checks see 0.8 x 0.75 = 60 % of probes fail, each on its own; checkers turn to and fro.
    let fault = r#"
        [[faults]]
        kind = "gray-failure"
        region = "us-east-1"
        error = 0.8
        seen = 0.75
        at = "10m"
        duration = "permanent""#;
    let text = text(13, "interval = \"10s\", failure-threshold = 2", fault);
    let flips = figures(&text, "health_flip_s", 2_000);
    let mut dice = Dice::new(13);
    let gray = |_: f64, dice: &mut Dice| (dice.uniform() < 0.6).then_some(0.0);
    let played = (0..2_000).map(|_| by_hand(&mut dice, (10.0, 2), 3_000.0, gray)[0]).collect::<Vec<_>>();
    let capped =
        |flips: &[f64]| flips.iter().map(|flip| if flip.is_nan() { 3_000.0 } else { *flip }).collect::<Vec<_>>();
    agree(&capped(&flips), &capped(&played));
}

/// Work that takes an exponential time longer, 4 s on average, is later than a checker waits with probability e^-0.5; such a probe fails
/// 2 s after it was sent, and the next one leaves that much later. Beside it, 30 % fail at once.
#[test]
fn a_probe_that_is_late_now_and_then_fails_when_its_checker_gives_up() {
    let slow = "[[faults]]\nkind = \"slow-failure\"\nregion = \"us-east-1\"\nadds = { exponential = { mean = \"4s\" } }\n\
                at = \"10m\"\nduration = \"permanent\"\n";
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.3\nat = \"10m\"\nduration = \"permanent\"\n";
    for (seed, faults, errors) in [(15, slow.to_owned(), 0.0), (16, format!("{slow}{gray}"), 0.3)] {
        let text = text(seed, "interval = \"10s\", failure-threshold = 3", &faults);
        let flips = figures(&text, "health_flip_s", 2_000);
        let mut dice = Dice::new(seed);
        let late = |_: f64, dice: &mut Dice| {
            let at_once = dice.uniform() < errors;
            if at_once { Some(0.0) } else { (dice.uniform() < (-0.5_f64).exp()).then_some(2.0) }
        };
        let played = (0..2_000).map(|_| by_hand(&mut dice, (10.0, 3), 3_000.0, late).first().copied());
        let capped = |flip: f64| if flip.is_nan() { 3_000.0 } else { flip };
        agree(
            &flips.into_iter().map(capped).collect::<Vec<_>>(),
            &played.map(|flip| flip.unwrap_or(3_000.0)).collect::<Vec<_>>(),
        );
    }
}
