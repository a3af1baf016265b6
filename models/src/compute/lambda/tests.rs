use sim_core::component::Harness;
use sim_core::random::Distribution;

use super::*;

/// A second per invocation: requests per second are concurrency.
fn parameters() -> Parameters {
    Parameters {
        duration: 1.0,
        account_limit: 10_000.0,
        scaling_rate: 100.0,
        burst: 1_000.0,
        cold_start: Distribution::constant(2.0).expect("a constant"),
        provisioned: 0.0,
    }
}

/// A function that so much has been asked of for long.
fn function(parameters: &Parameters, demand: f64) -> Harness<Function> {
    let mut alone = Harness::new(Function::new(parameters));
    alone.call(|function, _| function.begin());
    ask(&mut alone, 0, demand);
    alone
}

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn ask(alone: &mut Harness<Function>, second: u64, demand: f64) {
    alone.run_until(at(second));
    alone.call(|function, ctx| function.set_demand(demand, ctx));
}

/// When it turned to what, in seconds.
fn turns(alone: &Harness<Function>) -> Vec<(f64, Condition)> {
    let turn = |&(time, signal): &(SimTime, Signal)| match signal {
        Signal::Turned(condition) => Some((time.as_secs_f64(), condition)),
        Signal::Changed => None,
    };
    alone.signals().iter().filter_map(turn).collect()
}

#[track_caller]
fn turned(alone: &Harness<Function>, expected: &[(f64, Condition)]) {
    let found = turns(alone);
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(one, other)| (one.0 - other.0).abs() < 1e-6 && one.1 == other.1);
    assert!(same, "{found:?}");
}

#[test]
fn a_burst_finds_a_full_bucket_and_then_what_is_refilled() {
    // 5,000 at once: 1,000 out of the bucket, and the other 4,000 at 100 per second take 40 s.
    let mut alone = function(&parameters(), 0.0);
    ask(&mut alone, 100, 5_000.0);
    // The first step brings a sixteenth of what is lacking, 250 in 2.5 s, and allows what holds in its middle.
    assert_eq!(alone.component().allows(at(100)), 1_125.0);
    alone.run_until(at(1_000));
    turned(&alone, &[(100.0, Condition::Scales), (140.0, Condition::Serves)]);
    assert_eq!(alone.component().allows(at(1_000)), 6_000.0, "what is in use, and a full bucket again");
}

#[test]
fn the_bucket_is_refilled_all_the_time_and_holds_no_more_than_a_burst() {
    let mut alone = function(&parameters(), 0.0);
    ask(&mut alone, 100, 600.0);
    // 400 are left, and 300 come in three seconds.
    assert_eq!(alone.component().allows(at(103)), 1_300.0);
    ask(&mut alone, 103, 1_300.0);
    assert!(turns(&alone).is_empty());
    assert_eq!(alone.component().allows(at(103)), 1_300.0);
    assert_eq!(alone.component().allows(at(108)), 1_800.0);
    assert_eq!(alone.component().allows(at(1_000)), 2_300.0);
}

#[test]
fn what_falls_gives_nothing_back() {
    let mut alone = function(&parameters(), 0.0);
    ask(&mut alone, 100, 1_000.0);
    ask(&mut alone, 101, 0.0);
    assert_eq!(alone.component().allows(at(101)), 100.0);
    ask(&mut alone, 101, 1_000.0);
    alone.run_until(at(200));
    turned(&alone, &[(101.0, Condition::Scales), (110.0, Condition::Serves)]);
}

#[test]
fn a_line_ends_early_when_less_is_asked_and_goes_on_when_more_is() {
    let mut alone = function(&parameters(), 0.0);
    ask(&mut alone, 100, 5_000.0);
    // 1,700 after seven seconds, in the middle of a step.
    ask(&mut alone, 107, 2_000.0);
    alone.run_until(at(109));
    ask(&mut alone, 109, 2_500.0);
    ask(&mut alone, 150, 1_000.0);
    turned(&alone, &[(100.0, Condition::Scales), (115.0, Condition::Serves)]);
    ask(&mut alone, 151, 2_600.0);
    assert_eq!(turns(&alone).len(), 3, "1,000 of 1,600 are in the bucket");
    ask(&mut alone, 152, 2_000.0);
    turned(
        &alone,
        &[
            (100.0, Condition::Scales),
            (115.0, Condition::Serves),
            (151.0, Condition::Scales),
            (152.0, Condition::Serves),
        ],
    );
    assert_eq!(alone.component().allows(at(152)), 2_000.0, "100 came in that second, and all was taken");
}

#[test]
fn the_line_ends_at_the_limit() {
    let mut alone = function(&Parameters { account_limit: 3_000.0, ..parameters() }, 0.0);
    ask(&mut alone, 100, 5_000.0);
    alone.run_until(at(1_000));
    turned(&alone, &[(100.0, Condition::Scales), (120.0, Condition::AtLimit)]);
    assert_eq!(alone.component().allows(at(1_000)), 3_000.0);
    ask(&mut alone, 1_000, 2_999.0);
    assert_eq!(turns(&alone).last(), Some(&(1_000.0, Condition::Serves)));
}

#[test]
fn what_is_provisioned_needs_no_bucket_and_counts_against_the_limit() {
    let provisioned = Parameters { provisioned: 500.0, ..parameters() };
    let mut alone = function(&provisioned, 100.0);
    assert_eq!(alone.component().allows(at(0)), 1_500.0);
    ask(&mut alone, 100, 500.0);
    assert_eq!(alone.component().cold_share(at(100)), 0.0);
    ask(&mut alone, 101, 1_500.0);
    assert!(turns(&alone).is_empty());
    let alone = function(&Parameters { account_limit: 600.0, ..provisioned }, 100.0);
    assert_eq!(alone.component().allows(at(0)), 600.0);
}

#[test]
fn a_lost_zone_takes_its_environments_and_they_come_out_of_the_bucket_again() {
    // A third of 3,000 is what the bucket holds; a third of 6,000 is a thousand more, which takes ten seconds.
    for (used, expected) in [(3_000.0, vec![]), (6_000.0, vec![(100.0, Condition::Scales), (110.0, Condition::Serves)])]
    {
        let mut alone = function(&parameters(), used);
        alone.run_until(at(100));
        alone.call(|function, ctx| function.lose(1.0 / 3.0, ctx));
        alone.run_until(at(1_000));
        turned(&alone, &expected);
    }
}

#[test]
fn new_environments_are_cold_for_one_invocation() {
    let mut alone = function(&parameters(), 1_000.0);
    assert_eq!(alone.component().cold_share(at(0)), 0.0, "what was asked at the start has been asked for long");
    ask(&mut alone, 100, 1_600.0);
    assert_eq!(alone.component().cold_share(at(100)), 600.0 / 1_600.0);
    alone.run_until(at(101) + SimDuration::from_nanos(1));
    assert_eq!(alone.component().cold_share(at(101)), 0.0);
    // While it grows, 100 per second are new.
    ask(&mut alone, 200, 9_000.0);
    alone.run_until(at(205));
    let component = alone.component();
    assert!((component.cold_share(at(205)) - 100.0 / component.allows(at(205))).abs() < 1e-12);
}

#[test]
fn figures_that_are_published() {
    // Lambda developer guide, "Understanding Lambda function scaling": 100 requests per second of 500 ms are a
    // concurrency of 50, of 50 ms 5; a limit of 1,000 stands for 10,000 requests per second at most.
    let at = |duration| Parameters { duration, account_limit: 1_000.0, ..parameters() };
    assert_eq!(at(0.5).carries(50.0), 100.0);
    assert_eq!(at(0.05).carries(1_000.0), 10_000.0);
    assert_eq!(at(0.1).carries(1_000.0), 10_000.0);
    // "Lambda scaling behavior": every 10 s 1,000 more environments, or 10,000 more requests per second.
    let growth = Function::new(&at(0.02));
    assert_eq!((growth.rate * 10.0, growth.burst), (10_000.0, 10_000.0));
}

#[test]
fn environments_are_new_that_were_added_since() {
    let mut alone = function(&parameters(), 1_000.0);
    ask(&mut alone, 100, 1_200.0);
    let (than, newer) = (alone.component().renewed(), |alone: &Harness<Function>, than| alone.component().newer(than));
    assert_eq!(newer(&alone, than), 0.0);
    // Beyond the bucket they are added in steps: 1,200 of 4,800 are old in the end.
    ask(&mut alone, 200, 4_800.0);
    alone.run_until(at(1_000));
    assert!((newer(&alone, than) - 0.75).abs() < 1e-12);
    // Half as much takes old and new ones alike, and what is added then is new once more.
    ask(&mut alone, 1_000, 2_400.0);
    assert!((newer(&alone, than) - 0.75).abs() < 1e-12);
    ask(&mut alone, 1_100, 3_000.0);
    assert!((newer(&alone, than) - (1.0 - 0.25 * 2_400.0 / 3_000.0)).abs() < 1e-12);
    // Of what begins at nothing, nothing is old.
    ask(&mut alone, 1_200, 0.0);
    ask(&mut alone, 1_300, 100.0);
    assert!(newer(&alone, than) > 1.0 - 1e-12);
    assert_eq!(newer(&alone, alone.component().renewed()), 0.0);
}
