//! The interval by chance and by what is not known: how often it holds the truth.

use sim_core::random::{Stream, StreamId, normal_quantile};
use sim_core::stats::quantile;
use sim_settings::{Amount, Measure};

use super::super::belief::beliefs;
use super::super::interval::{Runs, interval};
use super::super::observed::{Observed, Value};
use super::super::sets::{Set, sets};
use super::{lognormal, measured};
use crate::unknown::Ends;

fn observed(values: impl Iterator<Item = f64>) -> Observed {
    let one = |(trial, value)| Value { value, least: value, trial: trial as u32 };
    Observed::new(values.enumerate().map(one).collect(), false)
}

/// Deviates of so many trials, the same ones for every set of figures.
fn luck(trials: usize, seed: u64) -> Vec<f64> {
    let mut stream = Stream::new(StreamId::new(seed, "coverage", "trial"));
    (0..trials).map(|_| normal_quantile(stream.uniform())).collect()
}

/// The interval of the p90 of a lognormal that is known from `count` observations with these moments of their logarithms.
fn interval_of((mu, sigma): (f64, f64), count: u64, luck: &[f64], seed: u64) -> (Ends, Ends) {
    let figure = measured("lag", Amount::Law(lognormal(mu, sigma)), Measure::Seconds, count);
    let drawn = sets(&beliefs(&[figure]), 64, seed);
    let values = |set: &Set| {
        let Some(Amount::Law(law)) = &set.0[0].amount else { panic!("it is a distribution") };
        let sim_core::random::Given::Logarithms { mu, sigma } = law.given() else { panic!("{law:?}") };
        observed(luck.iter().map(|z| (mu + sigma * z).exp()))
    };
    let file = observed(luck.iter().map(|z| (mu + sigma * z).exp()));
    let runs: Vec<Observed> = drawn.iter().map(values).collect();
    let all = Runs { file: &file, same: &file, sets: &runs, shifts: None };
    let alone = std::slice::from_ref(&file);
    let chance = Runs { sets: alone, ..all };
    let of = |runs| interval(runs, Some(0.9), 0.95).expect("400 trials support a p90");
    (of(&chance), of(&all))
}

/// Two hundred data sets of eight observations: 95 % of the intervals hold the true p90. The share has a standard error of
/// 1.5 %, so a correct program leaves 92 % to 98 % once in twenty seeds; the interval by chance alone holds it far less
/// often, as eight observations say little of a p90.
#[test]
fn two_part_intervals_hold_the_truth_as_often_as_they_say() {
    const SETS: u64 = 200;
    let (mu, sigma) = (1.0, 0.6);
    let truth = (mu + sigma * normal_quantile(0.9)).exp();
    let mut stream = Stream::new(StreamId::new(11, "coverage", "observations"));
    let (mut held, mut held_by_chance) = (0, 0);
    for set in 0..SETS {
        stream.begin(set);
        let logs: Vec<f64> = (0..8).map(|_| mu + sigma * normal_quantile(stream.uniform())).collect();
        let mean = logs.iter().sum::<f64>() / 8.0;
        let sd = (logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 8.0).sqrt();
        let (chance, all) = interval_of((mean, sd), 8, &luck(400, set), set);
        let holds = |ends: Ends| {
            let (low, high) = ends.numbers();
            u64::from((low..=high).contains(&truth))
        };
        held += holds(all);
        held_by_chance += holds(chance);
    }
    assert!((184..=196).contains(&held), "{held} of {SETS}");
    assert!(held_by_chance < 120, "{held_by_chance} of {SETS}");
}

/// With ever more observations what is left is chance.
#[test]
fn ten_thousand_observations_leave_the_interval_by_chance() {
    const TRIALS: usize = 1_000;
    /// The luck of ten samples on average: a single one has the gaps that it has.
    const SAMPLES: u64 = 10;
    let width = |ends: Ends| {
        let (low, high) = ends.numbers();
        (high / low).ln()
    };
    let ratio = |count| {
        let each = (1..=SAMPLES).map(|seed| interval_of((1.0, 0.6), count, &luck(TRIALS, seed), seed));
        let (chance, all) = each.fold((0.0, 0.0), |sums, (chance, all)| (sums.0 + width(chance), sums.1 + width(all)));
        all / chance
    };
    // On the scale of logarithms the p90 of n observations has a standard error of sigma sqrt(1 + z²/2) / sqrt(n), and that
    // of the trials one of sigma sqrt(p (1 - p) / trials) / phi(z).
    let expected = |count: f64| {
        let (model, chance) = ((1.0_f64 + 0.8212).sqrt() / count.sqrt(), (0.09_f64 / TRIALS as f64).sqrt() / 0.175_498);
        model.hypot(chance) / chance
    };
    for count in [100, 1_000, 10_000] {
        let (found, expected) = (ratio(count), expected(count as f64));
        assert!((found / expected - 1.0).abs() < 0.15, "{count} observations: {found}, not {expected}");
    }
    assert!(ratio(8) > 5.0 && ratio(10_000) < 1.1);
}

/// With one set the interval is one between order statistics. It leaves equal tails, where the one by chance alone is the
/// narrowest, so that its ends are a few ranks off.
#[test]
fn one_set_gives_the_interval_of_order_statistics() {
    let values: Vec<f64> = (1..=1_000).map(f64::from).collect();
    let file = observed(values.iter().copied());
    for p in [0.5, 0.9, 0.99] {
        let runs = Runs { file: &file, same: &file, sets: std::slice::from_ref(&file), shifts: None };
        let (low, high) = interval(&runs, Some(p), 0.95).expect("supported").numbers();
        let known = quantile(&values, p, 0.95).expect("supported");
        assert!((low - known.low).abs() <= 3.0 && (high - known.high).abs() <= 3.0, "{low} {high} {known:?}");
    }
    // Too few values have no upper end.
    let few = observed((1..=50).map(f64::from));
    let runs = Runs { file: &few, same: &few, sets: std::slice::from_ref(&few), shifts: None };
    assert_eq!(interval(&runs, Some(0.99), 0.95), None);
}

/// Sets that ran a part of the trials, with the figures of the file, leave the interval of all trials.
#[test]
fn fewer_trials_in_each_set_do_not_widen_the_interval() {
    let luck = luck(4_000, 9);
    let (all, part) = (observed(luck.iter().map(|z| z.exp())), observed(luck[..250].iter().map(|z| z.exp())));
    let of = |runs: &Runs<'_>| interval(runs, Some(0.9), 0.95).expect("supported").numbers();
    let whole = of(&Runs { file: &all, same: &all, sets: std::slice::from_ref(&all), shifts: None });
    let partly = of(&Runs { file: &all, same: &part, sets: std::slice::from_ref(&part), shifts: None });
    // 250 values have steps of a 250th, which are 2 % of a value around the p90.
    let near = |one: f64, other: f64| (one / other - 1.0).abs() < 0.1;
    assert!(near(partly.0, whole.0) && near(partly.1, whole.1), "{whole:?} {partly:?}");
    let alone = of(&Runs { file: &part, same: &part, sets: std::slice::from_ref(&part), shifts: None });
    assert!(partly.1 - partly.0 < 0.6 * (alone.1 - alone.0), "{partly:?} {alone:?}");
}

/// Trials that nothing happens in are equal. Where a set takes half of them away, the file's quantile moves by as much, also
/// if the set ran a tenth of the trials.
#[test]
fn equal_values_are_moved_in_part() {
    // Six trials of ten are harmless, and in the set three of ten; the others take from 1 s to 2 s.
    let values = |harmless: usize, count: usize| {
        observed((0..count).map(move |trial| {
            let place = trial % 10;
            if place < harmless { 0.0 } else { 1.0 + (trial as f64 * 0.618_034).fract() }
        }))
    };
    let (file, same, set) = (values(6, 4_000), values(6, 400), values(3, 400));
    let runs = Runs { file: &file, same: &same, sets: std::slice::from_ref(&set), shifts: None };
    let (low, high) = interval(&runs, Some(0.45), 0.95).expect("supported").numbers();
    // 30 % are harmless, so that the p45 lies at 15 of the other 70: 1.21 s. Its error is sqrt(0.45 x 0.55 / 4,000) / 0.7.
    assert!(low > 1.15 && low < 1.21 && high > 1.21 && high < 1.27, "{low} {high}");
}
