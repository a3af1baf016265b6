use proptest::prelude::*;
use sim_core::component::Harness;

use super::*;

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn check(checkers: usize, threshold: u32, trial: u64, eager: bool) -> Harness<HealthCheck> {
    let interval = SimDuration::from_secs(10);
    let mut alone = Harness::new(HealthCheck::new(interval, threshold, checkers, "dns/here", 1, eager));
    alone.call(|check, ctx| check.begin(trial.into(), ctx));
    alone
}

fn set(alone: &mut Harness<HealthCheck>, outcome: Outcome) {
    alone.call(|check, ctx| check.set_outcome(outcome, ctx));
}

/// When it turned, in nanoseconds, and to what.
fn turns(alone: &Harness<HealthCheck>) -> Vec<(u64, bool)> {
    alone.signals().iter().map(|(time, turned)| (time.as_nanos(), turned.healthy)).collect()
}

fn flaky(errors: f64, failing: f64) -> Outcome {
    Outcome::Flaky { errors, failing }
}

const SECOND: u64 = 1_000_000_000;

#[test]
fn a_checker_goes_on_where_its_stretched_cycle_left_it() {
    for trial in 0..50 {
        let mut alone = check(1, 3, trial, false);
        alone.run_until(at(100));
        set(&mut alone, Outcome::BlackHole);
        alone.run_until(at(1_000));
        let [(down, false)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
        // Requests at s, s + 14, s + 28; the last one fails at s + 32.
        let first = down - 32 * SECOND;
        assert!((100 * SECOND..110 * SECOND).contains(&first));
        set(&mut alone, Outcome::Pass);
        alone.run_until(at(1_100));
        let answered = (0..1_000).map(|n| first + n * 14 * SECOND).find(|&sent| sent >= 1_000 * SECOND);
        let back = answered.expect("at some time") + 20 * SECOND;
        assert_eq!(turns(&alone)[1], (back, true));
    }
}

#[test]
fn the_state_at_the_instant_of_sending_decides() {
    // Down for a second, with a threshold of one: only a request of that second fails, 4 s after it left.
    let mut seen = 0;
    for trial in 0..100 {
        let mut alone = check(1, 1, trial, false);
        alone.run_until(at(100));
        set(&mut alone, Outcome::BlackHole);
        alone.run_until(at(101));
        set(&mut alone, Outcome::Pass);
        alone.run_until(at(200));
        if let [(down, false), (up, true)] = turns(&alone)[..] {
            assert!((104 * SECOND..105 * SECOND).contains(&down));
            assert_eq!(up - down, 10 * SECOND, "the next request leaves an interval after the last one failed");
            seen += 1;
        } else {
            assert!(turns(&alone).is_empty());
        }
    }
    assert!((1..30).contains(&seen), "about one in ten");
}

#[test]
fn a_request_that_leaves_as_things_change_has_left_before() {
    let mut alone = check(1, 1, 3, false);
    set(&mut alone, Outcome::Error);
    alone.run_until(at(10));
    let [(first, false)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
    // In the same trial, things change in the very instant of the second request: the third one fails.
    let mut again = check(1, 1, 3, false);
    again.run_until(SimTime::from_nanos(first + 10 * SECOND));
    set(&mut again, Outcome::Error);
    again.run_until(at(40));
    assert_eq!(turns(&again), [(first + 20 * SECOND, false)]);
}

#[test]
fn sleeping_through_what_is_known_changes_nothing() {
    let outcomes = [Outcome::Pass, Outcome::BlackHole, Outcome::Error, flaky(0.3, 0.6), flaky(0.6, 0.6), Outcome::Pass];
    for trial in 0..40 {
        let run = |eager| {
            let mut alone = check(16, 2, trial, eager);
            for step in 0..60 {
                alone.run_until(at(step * 17));
                set(&mut alone, outcomes[((step * 7 + trial) % 6) as usize]);
            }
            alone.run_until(at(1_200));
            turns(&alone)
        };
        assert_eq!(run(false), run(true), "trial {trial}");
        assert!(!run(false).is_empty());
    }
}

#[test]
fn what_has_failed_for_long_is_unhealthy_from_the_start_and_turns_when_it_passes() {
    for eager in [false, true] {
        let mut alone = check(1, 3, 7, eager);
        alone.call(|check, ctx| check.assume(Outcome::Error, ctx));
        assert!(!alone.component().healthy());
        alone.run_until(at(100));
        set(&mut alone, Outcome::Pass);
        alone.run_until(at(200));
        let [(back, true)] = turns(&alone)[..] else { panic!("{:?}", turns(&alone)) };
        assert!((120 * SECOND..130 * SECOND).contains(&back), "the third of its passes: {back}");
    }
}

#[test]
fn the_quorum_is_more_than_18_percent_of_all_checkers() {
    for (checkers, enough) in [(16, 3), (10, 2), (50, 10), (5, 1), (100, 19)] {
        let check = HealthCheck::new(SimDuration::from_secs(10), 3, checkers, "dns/here", 1, false);
        for healthy in 0..=checkers {
            assert_eq!(check.quorum(healthy), healthy >= enough, "{healthy} of {checkers}");
        }
    }
}

/// The first request of each checker, in nanoseconds.
fn phases(checkers: usize, trial: u64) -> Vec<u64> {
    let phase = |checker| {
        let mut stream = Stream::new(StreamId::new(1, &format!("dns/here/checker-{checker}"), "phase"));
        stream.begin(trial);
        SimDuration::from_secs_f64(stream.uniform() * 10.0).as_nanos()
    };
    (0..checkers).map(phase).collect()
}

#[test]
fn the_turn_is_an_order_statistic_of_the_turns_of_the_checkers() {
    // Of 16 checkers 3 are enough: the endpoint is unhealthy as the 14th has turned, healthy again as the 3rd has.
    for (trial, (outcome, takes)) in
        (0..60).zip([(Outcome::Error, 0), (Outcome::Hangs, 2), (Outcome::BlackHole, 4)].into_iter().cycle())
    {
        let (interval, threshold) = (10 * SECOND, 3);
        let mut alone = check(16, threshold, trial, false);
        let from = 100 * SECOND + 7;
        alone.run_until(SimTime::from_nanos(from));
        set(&mut alone, outcome);
        let until = from + 900 * SECOND;
        alone.run_until(SimTime::from_nanos(until));
        set(&mut alone, Outcome::Pass);
        alone.run_until(at(2_000));

        let cycle = interval + takes * SECOND;
        let first_after = |start: u64, grid: u64, time: u64| start + (time - start).div_ceil(grid) * grid;
        let sent = phases(16, trial).into_iter().map(|phase| first_after(phase, interval, from));
        let (mut down, mut up): (Vec<u64>, Vec<u64>) = sent
            .map(|first| {
                let turned = first + 2 * cycle + takes * SECOND;
                // The first request after the end; the one before it may still be under way and fails.
                (turned, first_after(first, cycle, until) + 2 * interval)
            })
            .unzip();
        down.sort_unstable();
        up.sort_unstable();
        assert_eq!(turns(&alone), [(down[13], false), (up[2], true)], "{outcome:?}");
    }
}

/// Every probe of every checker, one by one: when the verdict turns, and to what. `changes` are what probes meet from an
/// instant on, that instant excluded.
fn step_by_step(checkers: usize, threshold: u32, trial: u64, changes: &[(u64, Outcome)], end: u64) -> Vec<(u64, bool)> {
    let met =
        |time: u64| changes.iter().rev().find(|(since, _)| *since < time).map_or(Outcome::Pass, |change| change.1);
    let mut turned: Vec<(u64, bool)> = Vec::new();
    for (checker, phase) in phases(checkers, trial).into_iter().enumerate() {
        let mut luck = Stream::new(StreamId::new(1, &format!("dns/here/checker-{checker}"), "gray-probe"));
        luck.begin(trial);
        let (mut healthy, mut contrary, mut sent) = (true, 0, phase);
        while sent < end {
            let (passed, takes) = match met(sent) {
                Outcome::Pass => (true, 0),
                Outcome::Error => (false, 0),
                Outcome::BlackHole => (false, 4 * SECOND),
                Outcome::Hangs => (false, 2 * SECOND),
                Outcome::Flaky { errors, failing } => {
                    let number = luck.uniform();
                    (number >= failing, if (errors..failing).contains(&number) { 2 * SECOND } else { 0 })
                }
            };
            contrary = if passed == healthy { 0 } else { contrary + 1 };
            if contrary == threshold {
                (healthy, contrary) = (passed, 0);
                turned.push((sent + takes, healthy));
            }
            sent += takes + 10 * SECOND;
        }
    }
    turned.sort_unstable();
    let (mut count, mut verdict, mut turns) = (checkers, true, Vec::new());
    for (time, healthy) in turned.into_iter().filter(|(time, _)| *time < end) {
        count = if healthy { count + 1 } else { count - 1 };
        if (count * 100 > QUORUM_PERCENT * checkers) != verdict {
            verdict = !verdict;
            turns.push((time, verdict));
        }
    }
    turns
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let share = prop_oneof![0.0..1.0, 0.0..0.1, 0.9..1.0];
    prop_oneof![
        Just(Outcome::Pass),
        Just(Outcome::Error),
        Just(Outcome::BlackHole),
        Just(Outcome::Hangs),
        (share, prop_oneof![Just(1.0), Just(0.0), 0.0..1.0]).prop_map(|(failing, part)| flaky(failing * part, failing)),
    ]
}

proptest! {
    #[test]
    fn looking_ahead_gives_what_stepping_every_probe_gives(
        changes in prop::collection::vec((prop_oneof![1..30_u64, 1..2_000_u64], 1..SECOND, outcomes()), 1..12),
        (checkers, threshold, trial) in (1..20_usize, 1..6_u32, 0..1_000_u64),
    ) {
        let mut time = 0;
        let changes: Vec<(u64, Outcome)> = changes
            .into_iter()
            .map(|(seconds, nanos, outcome)| {
                time += seconds * SECOND + nanos;
                (time, outcome)
            })
            .collect();
        let end = time + 3_000 * SECOND;
        let expected = step_by_step(checkers, threshold, trial, &changes, end);
        for eager in [false, true] {
            let mut alone = check(checkers, threshold, trial, eager);
            for &(time, outcome) in &changes {
                alone.run_until(SimTime::from_nanos(time));
                set(&mut alone, outcome);
            }
            alone.run_until(SimTime::from_nanos(end));
            prop_assert_eq!(turns(&alone), &expected[..], "eager: {}", eager);
        }
    }

    #[test]
    fn looking_ahead_allocates_nothing(
        (failing, part) in (prop_oneof![0.0..1.0, 0.3..0.7], prop_oneof![Just(1.0), 0.0..1.0]),
        (checkers, threshold, trial) in (1..20_usize, 1..6_u32, 0..1_000_u64),
    ) {
        let mut alone = check(checkers, threshold, trial, false);
        let before = alone.component().ahead.capacity();
        for step in 1..100 {
            set(&mut alone, if step % 7 == 0 { Outcome::BlackHole } else { flaky(failing * part, failing) });
            alone.run_until(at(step * 333));
        }
        prop_assert_eq!(alone.component().ahead.capacity(), before);
    }
}
