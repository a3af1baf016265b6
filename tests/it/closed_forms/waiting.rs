//! Work that waits: what a surge costs follows from rates alone, and how long it has to last until it feeds itself.
//!
//! A service carries C, gets L, and C + (S L - C) t waits after t seconds of a surge by S. Whoever arrives waits q / C; callers
//! that wait for T give up once q > C T, which a surge reaches after C T / (S L - C). What waits is gone at the pace of C - L.

use std::collections::VecDeque;

use crate::lab::{of, rows};

const CARRIES: f64 = 100.0;
const OFFERED: f64 = 80.0;

/// A service that carries 100 a second and gets 80 from one region, without any round trip that matters; so much else.
fn text(service: &str, clients: &str, rest: &str) -> String {
    format!(
        r#"
        name = "waiting"
        horizon = "1h"
        [regions.us-east-1]
        [dns]
        policy = "simple"
        health-check = false
        [services.web]
        kind = "managed"
        {service}
        [[journeys]]
        name = "visit"
        share = 1
        enters = "web"
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        round-trip = {{ us-east-1 = "0s" }}
        requests-per-second = 80
        cohorts = 1
        {clients}
        {rest}"#
    )
}

fn surge(factor: f64, seconds: f64) -> String {
    format!("[[faults]]\nkind = \"load-surge\"\nfactor = {factor}\nat = \"10m\"\nduration = \"{seconds}s\"\n")
}

/// What failed, what was offered, the recovery time and the mean latency from the clock on, of the only trial there is.
fn outcome(text: &str) -> [f64; 4] {
    let table = rows(text, 1);
    ["failed", "offered", "recovery_s", "latency_during_ms"]
        .map(|column| of(&table, &format!("journey.visit.{column}"))[0])
}

fn near(value: f64, expected: f64, share: f64) -> bool {
    (value - expected).abs() <= share * expected
}

/// Twenty looks in the time for which callers wait.
const LOOKS: f64 = 20.0;

#[test]
fn a_surge_whose_work_waits_no_longer_than_its_callers_fails_nothing() {
    // 60 a second for 5 s: 300 wait at most, for 3 s.
    let service = "requests-per-second = 100\nqueue = { limit = \"1m\" }";
    let [failed, offered, recovery, _] = outcome(&text(service, "timeout = \"5s\"", &surge(2.0, 5.0)));
    assert_eq!((failed, recovery), (0.0, 0.0));
    assert!(near(offered, OFFERED * (3_600.0 + 5.0), 1e-9), "{offered}");
    // Without a queue the same surge fails 60 of 160.
    let [failed, ..] = outcome(&text("requests-per-second = 100", "timeout = \"5s\"", &surge(2.0, 5.0)));
    assert!(near(failed, 60.0 * 5.0, 1e-9), "{failed}");
}

#[test]
fn whoever_waits_too_long_fails_one_limit_later_and_the_work_is_done_all_the_same() {
    // 140 a second: after 500 / 140 s those who come give up. 1,400 wait at the end, and 900 are to be done until nobody does.
    let (limit, lasts, factor) = (5.0, 10.0, 3.0);
    let grows = factor * OFFERED - CARRIES;
    let (tips, drains) = (CARRIES * limit / grows, (grows * lasts - CARRIES * limit) / (CARRIES - OFFERED));
    let service = "requests-per-second = 100\nqueue = { limit = \"1m\" }";
    let [failed, _, recovery, _] = outcome(&text(service, "timeout = \"5s\"", &surge(factor, lasts)));
    let expected = factor * OFFERED * (lasts - tips) + OFFERED * drains;
    // Who arrives sees what waited at the last look.
    let look = limit / LOOKS;
    assert!((failed - expected).abs() <= look * (factor + 1.0) * OFFERED, "{failed} and not {expected}");
    let expected = lasts + drains + limit;
    assert!((recovery - expected).abs() <= look, "{recovery} and not {expected}");
}

#[test]
fn what_finds_no_room_to_wait_is_rejected_at_once() {
    // 20 requests of room are full a third of a second after the surge begins; from then on 60 of 160 are rejected, and those who
    // are let in wait 0.2 s.
    let service = "requests-per-second = 100\nqueue = { limit = 20 }";
    let [failed, _, recovery, waits] = outcome(&text(service, "timeout = \"5s\"", &surge(2.0, 60.0)));
    assert!(near(failed, 60.0 * 60.0, 0.01), "{failed}");
    assert!((recovery - 60.0).abs() < 1e-6, "{recovery}");
    assert!((waits - 200.0).abs() < 4.0, "{waits} ms");
    // The same limit as time.
    let service = "requests-per-second = 100\nqueue = { limit = \"200ms\" }";
    let [other, ..] = outcome(&text(service, "timeout = \"5s\"", &surge(2.0, 60.0)));
    assert_eq!(other, failed);
}

#[test]
fn the_newest_first_serves_what_it_can_and_is_well_as_soon_as_the_surge_is_over() {
    let service = "requests-per-second = 100\nqueue = { limit = \"1m\", order = \"lifo\" }";
    let [failed, _, recovery, _] = outcome(&text(service, "timeout = \"5s\"", &surge(2.0, 60.0)));
    // 100 of 160 are served in their turn, the others fail when their time is up.
    assert!(near(failed, 60.0 * 60.0, 1e-9), "{failed}");
    assert!((recovery - 65.0).abs() <= 5.0 / LOOKS, "{recovery}");
}

#[test]
fn a_call_gives_up_after_its_own_time() {
    // The service behind carries 100; callers wait 1 s for it, which 100 requests before it take.
    let service = r#"
        needs = [ { call = "pay", timeout = "1s" } ]
        [services.pay]
        kind = "managed"
        requests-per-second = 100
        queue = { limit = "1m" }"#;
    let text = text(service, "timeout = \"30s\"", &surge(3.0, 10.0));
    let [failed, _, recovery, _] = outcome(&text);
    // From 100 / 140 s on until 1,400 - 100 are worked off at 20 a second.
    let (tips, drains) = (100.0 / 140.0, 1_300.0 / 20.0);
    let expected = 240.0 * (10.0 - tips) + 80.0 * drains;
    assert!(near(failed, expected, 0.01), "{failed} and not {expected}");
    assert!((recovery - (10.0 + drains)).abs() <= 0.1, "{recovery}");
    let table = rows(&text, 1);
    let part = of(&table, "part.pay@us-east-1.cause.capacity");
    assert!(near(part[0], failed, 1e-9), "{part:?}");
}

/// The same service step by step: whether it is down an hour after a surge of so many seconds.
fn tips(seconds: f64, factor: f64, limit: f64, attempts: usize) -> bool {
    const STEP: f64 = 2e-3;
    let steps = |seconds: f64| (seconds / STEP).round() as usize;
    let mut on_the_way: VecDeque<Vec<f64>> = vec![vec![0.0; attempts]; steps(limit)].into();
    let mut waiting = 0.0_f64;
    for step in 0..steps(600.0) {
        let fresh = if step < steps(seconds) { factor * OFFERED } else { OFFERED };
        let due = on_the_way.pop_front().expect("as many as a limit has steps");
        let given_up = waiting > CARRIES * limit;
        let mut made = vec![0.0; attempts];
        let mut arriving = fresh;
        made[0] = if given_up { fresh } else { 0.0 };
        for number in 1..attempts {
            arriving += due[number - 1];
            made[number] = if given_up { due[number - 1] } else { 0.0 };
        }
        on_the_way.push_back(made);
        waiting = (waiting + (arriving - CARRIES) * STEP).max(0.0);
    }
    waiting > 0.0
}

#[test]
fn a_storm_needs_a_trigger_of_some_length() {
    for (factor, limit, attempts) in [(2.0, 2.0, 2), (3.0, 5.0, 2), (2.0, 5.0, 3)] {
        // Where it tips, by halving, between no surge and one that is surely too long.
        let (mut low, mut high) = (0.0, 60.0);
        assert!(tips(high, factor, limit, attempts) && !tips(low, factor, limit, attempts));
        while high - low > 0.01 {
            let middle = f64::midpoint(low, high);
            if tips(middle, factor, limit, attempts) { high = middle } else { low = middle }
        }
        // Not before anybody gives up, and then only if those who ask again bring as much work as is done meanwhile.
        assert!(low > CARRIES * limit / (factor * OFFERED - CARRIES));
        let service = "requests-per-second = 100\nqueue = { limit = \"10m\" }";
        let clients = format!("timeout = \"{limit}s\"\nretries = {{ attempts = {attempts} }}");
        let recovery = |seconds: f64| outcome(&text(service, &clients, &surge(factor, seconds)))[2];
        // A look later here and there.
        let look = limit / LOOKS;
        assert!(recovery(low - 2.0 * look).is_finite(), "{factor} {limit} {attempts}: it stayed at {low} s");
        assert!(recovery(high + 2.0 * look).is_infinite(), "{factor} {limit} {attempts}: it went at {low} s");
    }
}

#[test]
fn a_storm_below_the_capacity_ends_at_the_pace_of_what_is_spare() {
    // Two attempts of 40 a second are less than 100: whatever waits is worked off.
    let service = "requests-per-second = 100\nqueue = { limit = \"10m\" }";
    let clients = "timeout = \"2s\"\nretries = { attempts = 2 }";
    let half =
        text(service, clients, &surge(8.0, 30.0)).replace("requests-per-second = 80", "requests-per-second = 40");
    assert!(outcome(&half)[2].is_finite());
}
