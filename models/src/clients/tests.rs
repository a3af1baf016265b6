use sim_core::component::Harness;

use super::*;
use crate::network;

const HERE: [f64; 2] = [1.0, 0.0];
const THERE: [f64; 2] = [0.0, 1.0];

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn parameters() -> Parameters {
    Parameters {
        name: "everybody".to_owned(),
        near: &network::PLACES[0],
        requests_per_second: 100.0,
        cohorts: 50,
        zipf: None,
        caching: vec![(1.0, TtlRule::Honours)],
        attempts: 1,
        backoff: None,
        timeout: SimDuration::from_secs(60),
        connect_timeout: SimDuration::from_secs(3),
        connection_lifetime: None,
        profile: Vec::new(),
        round_trip: vec![0.0, 0.1],
    }
}

fn population(parameters: &Parameters, ttl: u64, eager: bool) -> Harness<Population> {
    let mut alone = Harness::new(Population::new(
        parameters,
        Asks { ttl: SimDuration::from_secs(ttl), nothing: None, name: None },
        2,
        1,
        eager,
    ));
    alone.call(|population, ctx| population.begin(0_u64.into(), &HERE, ctx));
    alone
}

/// Walks from expiry to expiry until `end`, and returns the instants at which traffic moved with one.
fn walk(alone: &mut Harness<Population>, end: SimTime) -> Vec<SimTime> {
    let mut moves = Vec::new();
    loop {
        let next = alone.component().next_expiry();
        if next >= end {
            break;
        }
        alone.run_until(next);
        if alone.call(Population::expire) {
            moves.push(next);
        }
    }
    alone.run_until(end);
    moves
}

fn there(alone: &Harness<Population>) -> f64 {
    let mut shares = [0.0; 2];
    alone.component().shares(&mut shares);
    assert!((shares[0] + shares[1] - 1.0).abs() < 1e-15);
    shares[1]
}

#[test]
fn kinds_get_their_cohorts_and_weigh_their_share_to_the_last_unit() {
    for (cohorts, zipf, shares, counts) in [
        (200, None, vec![0.92, 0.08], vec![184, 16]),
        (200, Some(1.3), vec![1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], vec![67, 67, 67]),
        (10, None, vec![0.97, 0.03], vec![10, 1]),
        (10, Some(0.7), vec![0.95, 0.05], vec![10, 1]),
        (3, None, vec![0.5, 0.5], vec![2, 2]),
    ] {
        let caching = shares.iter().map(|&share| (share, TtlRule::Honours)).collect();
        let asks = Asks { ttl: SimDuration::from_secs(60), nothing: None, name: None };
        let (all, kinds) = divide(&Parameters { cohorts, zipf, caching, ..parameters() }, asks);
        assert_eq!(kinds.iter().map(|kind| kind.cohorts.len()).collect::<Vec<_>>(), counts);
        assert_eq!(all.iter().map(|cohort| cohort.weight).sum::<u64>(), WHOLE);
        for (kind, share) in kinds.iter().zip(shares) {
            let weights: Vec<u64> = all[kind.cohorts.clone()].iter().map(|cohort| cohort.weight).collect();
            assert!((weights.iter().sum::<u64>() as f64 / WHOLE as f64 - share).abs() < 1e-15);
            let (first, second) = (weights[0] as f64, weights.get(1).map_or(0.0, |weight| *weight as f64));
            let ratio = libm::pow(2.0, zipf.unwrap_or(0.0));
            assert!(weights.len() < 3 || (first / second - ratio).abs() < 1e-9, "{first} {second}");
        }
    }
}

#[test]
fn everybody_has_moved_one_ttl_after_the_answer_changed() {
    let mut alone = population(&parameters(), 60, false);
    walk(&mut alone, at(100));
    alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
    assert_eq!(there(&alone), 0.0);
    walk(&mut alone, at(130));
    let half = there(&alone);
    assert!((0.3..0.7).contains(&half), "{half}");
    // Back again: those that have not asked meanwhile never left.
    alone.call(|population, ctx| population.answer_changed(&HERE, ctx));
    walk(&mut alone, at(190));
    assert_eq!(there(&alone), 0.0);
    assert_eq!(alone.component().next_expiry(), SimTime::NEVER, "nothing changes while nothing changes");
    assert_eq!(walk(&mut alone, at(1_000)), []);
}

#[test]
fn a_ttl_of_zero_follows_at_once() {
    let mut alone = population(&parameters(), 0, false);
    walk(&mut alone, at(100));
    alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
    assert_eq!(there(&alone), 1.0);
}

#[test]
fn whoever_expires_as_the_answer_changes_took_the_former_one() {
    let one = Parameters { cohorts: 1, ..parameters() };
    let mut alone = population(&one, 60, false);
    alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
    let first = walk(&mut alone, at(60))[0];
    let mut again = population(&one, 60, false);
    walk(&mut again, first);
    again.call(|population, ctx| population.answer_changed(&THERE, ctx));
    assert_eq!(walk(&mut again, at(1_000)), [first + SimDuration::from_secs(60)]);
}

#[test]
fn connections_outlive_the_refresh_but_not_their_endpoint() {
    let lifetime = Distribution::constant(1_000.0).expect("a constant");
    let standing = Parameters { connection_lifetime: Some(lifetime), ..parameters() };
    let mut alone = population(&standing, 60, false);
    walk(&mut alone, at(100));
    alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
    walk(&mut alone, at(200));
    let moved = there(&alone);
    assert!(moved < 0.3, "most connections are still there: {moved}");
    alone.call(|population, ctx| population.set_serving(0, false, ctx));
    assert_eq!(there(&alone), 1.0, "broken connections follow the cached answer");
    let count = alone.signals().len();
    walk(&mut alone, at(2_000));
    assert_eq!(alone.signals().len(), count, "nothing is left of those that were broken");
}

#[test]
fn weights_of_an_answer_divide_each_cohort() {
    let mut alone = population(&parameters(), 60, false);
    alone.call(|population, ctx| population.answer_changed(&[0.25, 0.75], ctx));
    walk(&mut alone, at(60));
    assert!((there(&alone) - 0.75).abs() < 1e-15);
}

#[test]
fn the_profile_takes_its_steps() {
    let profile = vec![(SimDuration::ZERO, 0.5), (SimDuration::from_secs(60), 2.0)];
    let mut alone = population(&Parameters { profile, ..parameters() }, 60, false);
    assert_eq!(alone.component().factor(), 0.5);
    walk(&mut alone, at(61));
    assert_eq!((alone.component().factor(), alone.signals()), (2.0, &[(at(60), Signal::LoadChanged)][..]));
}

#[test]
fn sleeping_through_what_is_known_changes_nothing() {
    let caching = vec![
        (0.5, TtlRule::Honours),
        (0.3, TtlRule::Floor(SimDuration::from_secs(90))),
        (0.2, TtlRule::Cap(SimDuration::from_secs(7))),
    ];
    let run = |eager| {
        let mut alone = population(&Parameters { caching: caching.clone(), ..parameters() }, 60, eager);
        let mut moves = Vec::new();
        for step in 1..30_u64 {
            moves.extend(walk(&mut alone, at(step * step * 3)));
            let answer = if step % 3 == 0 { HERE } else { THERE };
            alone.call(|population, ctx| population.answer_changed(&answer, ctx));
        }
        moves.extend(walk(&mut alone, at(4_000)));
        moves
    };
    assert_eq!(run(false), run(true));
}
