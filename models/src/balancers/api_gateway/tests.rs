use sim_core::component::Harness;

use super::*;
use crate::turns::MOST_AT_ONCE;

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

fn gateway(rate: f64, burst: f64) -> Harness<Gateway> {
    let mut alone = Harness::new(Gateway::new(Limits { rate, burst }));
    alone.call(|gateway, ctx| {
        gateway.begin();
        gateway.set_load(1.0, ctx);
    });
    alone
}

fn load(alone: &mut Harness<Gateway>, load: f64) {
    alone.call(|gateway, ctx| gateway.set_load(load, ctx));
}

fn seconds(alone: &Harness<Gateway>) -> Vec<(f64, Signal)> {
    alone.signals().iter().map(|(time, signal)| (time.as_secs_f64(), *signal)).collect()
}

#[test]
fn a_full_bucket_lasts_for_the_burst_over_the_excess() {
    // 5,000 at an excess of 2,000 a second last 2.5 s.
    let mut alone = gateway(10_000.0, 5_000.0);
    load(&mut alone, 12_000.0);
    alone.run_until(at(100.0));
    assert_eq!(seconds(&alone), [(2.5, Signal::Throttles)]);
    assert_eq!(alone.component().lets_through(), Some(10_000.0));
}

#[test]
fn what_is_at_the_rate_or_below_never_empties_it() {
    let mut alone = gateway(10_000.0, 5_000.0);
    load(&mut alone, 10_000.0);
    alone.run_until(at(100_000.0));
    assert!(alone.signals().is_empty() && alone.component().lets_through().is_none());
}

#[test]
fn a_bucket_that_was_emptied_fills_at_what_the_load_leaves_over() {
    // Empty after 2.5 s. From 10 s on 9,000 arrive: 1,000 a second fill it for 3 s, and an excess of 2,000 empties that in
    // 1.5 s.
    let mut alone = gateway(10_000.0, 5_000.0);
    load(&mut alone, 12_000.0);
    alone.run_until(at(10.0));
    load(&mut alone, 9_000.0);
    alone.run_until(at(13.0));
    load(&mut alone, 12_000.0);
    alone.run_until(at(100.0));
    let expected = [(2.5, Signal::Throttles), (10.0, Signal::Passes), (14.5, Signal::Throttles)];
    assert_eq!(seconds(&alone), expected);
}

#[test]
fn it_never_holds_more_than_its_burst_and_a_load_that_changes_counts_for_its_time() {
    // Full at 100 s. An excess of 1,000 for 2 s leaves 3,000, one of 3,000 lasts 1 s more.
    let mut alone = gateway(10_000.0, 5_000.0);
    alone.run_until(at(100.0));
    load(&mut alone, 11_000.0);
    alone.run_until(at(102.0));
    load(&mut alone, 13_000.0);
    alone.run_until(at(200.0));
    assert_eq!(seconds(&alone), [(103.0, Signal::Throttles)]);
}

#[test]
fn newer_regions_have_a_quarter_and_the_least_that_is_written_holds() {
    assert_eq!(Limits::of_region("eu-west-1"), Limits { rate: 10_000.0, burst: 5_000.0 });
    assert_eq!(Limits::of_region("eu-south-1"), Limits { rate: 2_500.0, burst: 1_250.0 });
    let written = [Parameters { rate: Some(20_000.0), burst: None }, Parameters::default()];
    assert_eq!(Limits::together("eu-west-1", written[..1].iter()), Some(Limits { rate: 20_000.0, burst: 5_000.0 }));
    assert_eq!(Limits::together("eu-west-1", written.iter()), Some(Limits { rate: 10_000.0, burst: 5_000.0 }));
    assert_eq!(Limits::together("eu-west-1", written[..0].iter()), None);
}

#[test]
fn a_load_above_the_rate_from_the_first_instant_has_emptied_it_long_ago() {
    let mut alone = Harness::new(Gateway::new(Limits { rate: 10.0, burst: 5_000.0 }));
    alone.call(|gateway, ctx| {
        gateway.begin();
        gateway.set_load(11.0, ctx);
    });
    assert_eq!(seconds(&alone), [(0.0, Signal::Throttles)]);
}

#[test]
fn refusals_that_bring_about_their_own_end_take_a_moment() {
    let mut alone = gateway(10.0, 10.0);
    for _ in 0..MOST_AT_ONCE {
        load(&mut alone, 20.0);
        alone.run_until(SimTime::NEVER);
        assert_eq!(seconds(&alone).last(), Some(&(1.0, Signal::Throttles)));
        load(&mut alone, 10.0);
    }
    // The bucket of 10 lasts for a second under an excess of 10. The last time it does not fill at once, but a second later.
    assert_eq!(seconds(&alone).last(), Some(&(1.0, Signal::Throttles)));
    alone.run_until(SimTime::NEVER);
    assert_eq!(seconds(&alone).last(), Some(&(2.0, Signal::Passes)));
}
