//! Shares of variance against functions whose indices are known.

use std::f64::consts::PI;

use sim_settings::{Amount, Band, Figure, Measure};

use super::super::belief::{Drawn, beliefs};
use super::super::sets::{Set, other_sets, sets};
use super::super::shares::Spread;
use super::guess;

fn uniform(path: &str, low: f64, high: f64) -> Figure {
    let middle = Amount::Number(f64::midpoint(low, high));
    guess(path, middle, Measure::Plain, Band::range(low, high, "a test"))
}

fn numbers(set: &Set) -> Vec<f64> {
    set.0.iter().map(|drawn| drawn.shown).collect()
}

/// The function of T. Ishigami and T. Homma (1990) with a = 7 and b = 0.1.
fn ishigami(x: &[f64]) -> f64 {
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

/// Its variance by parts: that of the first, of the second, and of the first with the third.
fn parts() -> [f64; 3] {
    let b = 0.1;
    let first = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
    [first, 49.0 / 8.0, b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0)]
}

fn three() -> Vec<Figure> {
    ["x1", "x2", "x3"].map(|path| uniform(path, -PI, PI)).to_vec()
}

/// The known values: 0.3139, 0.4424 and 0 by themselves; 0.5576, 0.4424 and 0.2437 with others.
#[test]
fn the_function_of_ishigami_has_its_known_indices() {
    let [first, second, together] = parts();
    let all = first + second + together;
    let beliefs = beliefs(&three());
    // Standard errors say how far estimates are off: four of them, and the part of the sine that the polynomials miss.
    for (count, miss, seeds) in [(256, 0.02, 1..=3), (512, 0.01, 1..=1)] {
        for seed in seeds {
            let drawn = sets(&beliefs, count, seed);
            let outcomes = drawn.iter().map(|set| ishigami(&numbers(set))).collect();
            let spread = Spread::exact(&drawn, outcomes, seed);
            let found = spread.first_order().expect("it varies");
            for (index, expected) in found.iter().zip([first / all, second / all, 0.0]) {
                let off = (index.share - expected).abs();
                assert!(off <= 4.0 * index.error + miss, "{count} sets, seed {seed}: {index:?}, not {expected}");
                assert!(index.error < 1.6 / (count as f64).sqrt(), "{count} sets: {index:?}");
            }
            let others = other_sets(&beliefs, count, seed);
            let totals = [(first + together) / all, second / all, together / all];
            for (figure, expected) in totals.into_iter().enumerate() {
                let mixed = drawn.iter().zip(&others).map(|(set, other)| ishigami(&numbers(&set.with(figure, other))));
                let total = spread.total(&mixed.collect::<Vec<f64>>()).expect("it varies");
                let off = (total.share - expected).abs();
                assert!(off <= 4.0 * total.error && total.error < 2.0 / (count as f64).sqrt(), "{total:?}, {expected}");
            }
        }
    }
}

/// Of a sum, each part owns the share that its variance has, and fifty sets are enough to see it among a dozen others.
#[test]
fn parts_of_a_sum_own_their_variance() {
    let weights = [8.0, 4.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let figures: Vec<Figure> =
        (0..weights.len()).map(|index| uniform(&format!("figures.x{index}"), 0.0, 1.0)).collect();
    let beliefs = beliefs(&figures);
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    for seed in 1..=5 {
        let drawn = sets(&beliefs, 50, seed);
        let sum = |set: &Set| numbers(set).iter().zip(weights).map(|(x, weight)| x * weight).sum::<f64>();
        let spread = Spread::exact(&drawn, drawn.iter().map(sum).collect(), seed);
        for (index, weight) in spread.first_order().expect("it varies").into_iter().zip(weights) {
            let off = (index.share - weight * weight / squares).abs();
            assert!(off < 0.05 && off <= 5.0 * index.error + 0.02, "seed {seed}, weight {weight}: {index:?}");
        }
    }
}

/// Where no outcome differs there is nothing to divide.
#[test]
fn nothing_owns_a_variance_that_is_not_there() {
    let drawn = sets(&beliefs(&three()), 32, 1);
    assert!(Spread::exact(&drawn, vec![5.0; 32], 1).first_order().is_none());
}

/// Two figures that are the same but for a millionth: no regression tells their parts apart, and its coefficients are as large as
/// they are meaningless. A share lies between nothing and the whole, and so it is off by the whole at most.
#[test]
fn figures_that_go_together_share_no_more_than_the_whole() {
    let count = 30;
    let at = |index: usize| f64::from(index as u32) / f64::from(count);
    let drawn = |feature: f64| Drawn { amount: None, features: vec![feature], shown: feature };
    // Neither the difference of the two nor the noise has anything to do with the other.
    let set = |index: usize| Set(vec![drawn(at(index)), drawn(at(index) + 1e-6 * (7.0 * index as f64).sin())]);
    let drawn: Vec<Set> = (0..count as usize).map(set).collect();
    for noise in [0.01, 0.1, 1.0] {
        let outcomes = (0..drawn.len()).map(|index| at(index) + noise * (11.0 * index as f64).cos()).collect();
        let found = Spread::exact(&drawn, outcomes, 1).first_order().expect("it varies");
        for index in found {
            // The spread of numbers between -1 and 1, of 25 draws.
            assert!(index.share.abs() <= 1.0 && index.error <= (25.0_f64 / 24.0).sqrt(), "{noise}: {index:?}");
        }
    }
}
