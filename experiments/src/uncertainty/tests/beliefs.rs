//! Draws of each belief against the law that they have to follow.

use sim_core::random::{Distribution, Given};
use sim_settings::{Amount, Band, Figure, Measure, Provenance, Value};

use super::super::belief::{Drawn, beliefs};
use super::super::sets::{Set, sets};
use super::{figure, guess, lognormal, measured};

/// Draws of one belief: so many that means are off by less than a hundredth of a standard deviation.
fn draws(figure: &Figure) -> Vec<Drawn> {
    let beliefs = beliefs(std::slice::from_ref(figure));
    assert_eq!(beliefs.len(), 1, "it is uncertain");
    sets(&beliefs, 4_096, 7).into_iter().map(|Set(mut drawn)| drawn.remove(0)).collect()
}

fn law(drawn: &Drawn) -> Distribution {
    match drawn.amount.as_ref().expect("it is possible") {
        Amount::Law(law) => law.clone(),
        Amount::Number(number) => panic!("{number} is no distribution"),
    }
}

fn number(drawn: &Drawn) -> f64 {
    match drawn.amount.as_ref().expect("it is possible") {
        Amount::Number(number) => *number,
        Amount::Law(law) => panic!("{law:?} is no number"),
    }
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64)
}

/// The mean of eight logarithms is off by a t of seven degrees of freedom: 2.3646 of its standard errors in one case of
/// twenty, 1.4149 in one of five.
#[test]
fn the_mean_of_logarithms_follows_student() {
    let (mu, sd) = (0.7, 0.4);
    let drawn = draws(&measured("lag", Amount::Law(lognormal(mu, sd)), Measure::Seconds, 8));
    // The sample's standard deviation with n - 1 follows from the one of maximum likelihood.
    let error = sd * (8.0_f64 / 7.0).sqrt() / 8.0_f64.sqrt();
    let off: Vec<f64> = drawn
        .iter()
        .map(|drawn| match law(drawn).given() {
            Given::Logarithms { mu: own, .. } => (own - mu) / error,
            other => panic!("{other:?}"),
        })
        .collect();
    for (reach, share) in [(2.3646, 0.95), (1.4149, 0.80)] {
        let inside = off.iter().filter(|off| off.abs() <= reach).count() as f64 / off.len() as f64;
        assert!((inside - share).abs() < 0.01, "{inside} within {reach}");
    }
}

/// The variance of eight logarithms: 8 s² / sigma² is a chi-square of seven degrees of freedom, with mean 7 and variance 14.
#[test]
fn the_variance_of_logarithms_follows_chi_square() {
    let drawn = draws(&measured("lag", Amount::Law(lognormal(0.0, 0.4)), Measure::Seconds, 8));
    let ratios: Vec<f64> = drawn
        .iter()
        .map(|drawn| match law(drawn).given() {
            Given::Logarithms { sigma, .. } => 8.0 * 0.16 / (sigma * sigma),
            other => panic!("{other:?}"),
        })
        .collect();
    let (mean, variance) = moments(&ratios);
    assert!((mean - 7.0).abs() < 0.05 && (variance - 14.0).abs() < 0.5, "{mean} {variance}");
}

/// The rate of five exponential observations is a gamma of shape five: mean 1 / m, variance 1 / (5 m²).
#[test]
fn the_rate_of_an_exponential_follows_gamma() {
    let exponential = Distribution::exponential(20.0).expect("possible");
    let drawn = draws(&measured("life", Amount::Law(exponential), Measure::Seconds, 5));
    let rates: Vec<f64> = drawn.iter().map(|drawn| 20.0 / law(drawn).mean()).collect();
    let (mean, variance) = moments(&rates);
    assert!((mean - 1.0).abs() < 0.01 && (variance - 0.2).abs() < 0.01, "{mean} {variance}");
}

/// The share below each quantile keeps its mean, and has the variance of a Dirichlet: p (1 - p) / (n + 1).
#[test]
fn shares_below_quantiles_follow_dirichlet() {
    let points = vec![(0.5, 2.0), (0.9, 6.0), (0.99, 20.0)];
    let quantiles = Distribution::quantiles(points.clone()).expect("possible");
    let drawn = draws(&measured("lag", Amount::Law(quantiles), Measure::Seconds, 40));
    for (p, value) in points {
        let shares: Vec<f64> = drawn.iter().map(|drawn| law(drawn).cdf(value)).collect();
        let (mean, variance) = moments(&shares);
        let expected = p * (1.0 - p) / 41.0;
        // Four standard errors of the mean of 4,096 draws; variances of skewed shares are known to a tenth.
        assert!((mean - p).abs() < 4.0 * (expected / 4_096.0).sqrt(), "{p}: {mean}");
        assert!((variance / expected - 1.0).abs() < 0.15, "{p}: {variance} {expected}");
    }
}

/// The mean of a reweighted sample keeps its mean, and has the variance s² / (n + 1), s² the mean square.
#[test]
fn observations_are_reweighted() {
    let values = vec![1.0, 2.0, 2.5, 4.0, 7.0, 11.0];
    let (mean, square) = moments(&values);
    let sample = Amount::Law(Distribution::empirical(values).expect("possible"));
    // Nobody has to say where observations come from for them to be so many.
    let own = Figure { provenance: Provenance::Unsourced, ..figure("lag", sample, Measure::Seconds, None) };
    let means: Vec<f64> = draws(&own).iter().map(|drawn| law(drawn).mean()).collect();
    let (found, variance) = moments(&means);
    assert!((found - mean).abs() < 4.0 * (square / 7.0 / 4_096.0).sqrt() + 0.01, "{found} {mean}");
    assert!((variance / (square / 7.0) - 1.0).abs() < 0.1, "{variance} {}", square / 7.0);
}

/// 18 of 20: a beta of 18.5 and 2.5.
#[test]
fn a_share_follows_beta_and_a_count_of_events_gamma() {
    let shares: Vec<f64> =
        draws(&measured("hits", Amount::Number(0.9), Measure::Share, 20)).iter().map(number).collect();
    let (mean, variance) = moments(&shares);
    let expected = 18.5 * 2.5 / (21.0 * 21.0 * 22.0);
    assert!((mean - 18.5 / 21.0).abs() < 1e-3 && (variance / expected - 1.0).abs() < 0.02, "{mean} {variance}");
    let rates: Vec<f64> =
        draws(&measured("outages", Amount::Number(2.0), Measure::Rate, 4)).iter().map(number).collect();
    let (mean, variance) = moments(&rates);
    assert!((mean - 2.0 * 4.5 / 4.0).abs() < 0.01 && (variance - 4.5 * 0.25).abs() < 0.02, "{mean} {variance}");
}

/// A guess stays in its band, in equal parts of the way: of factors a logarithmic one.
#[test]
fn a_guess_lies_in_its_band() {
    let band = Band::factor(0.5, 4.0, "a test");
    let drawn = draws(&guess("lag", Amount::Law(lognormal(0.0, 1.0)), Measure::Seconds, band));
    let medians: Vec<f64> = drawn.iter().map(|drawn| drawn.shown.ln()).collect();
    let (mean, variance) = moments(&medians);
    assert!(medians.iter().all(|median| (0.5_f64.ln()..=4.0_f64.ln()).contains(median)));
    assert!((mean - 2.0_f64.ln() / 2.0).abs() < 1e-3, "{mean}");
    assert!((variance / (8.0_f64.ln().powi(2) / 12.0) - 1.0).abs() < 0.01, "{variance}");
    let shares = draws(&guess("hits", Amount::Number(0.9), Measure::Share, Band::range(0.7, 0.99, "a test")));
    assert!(shares.iter().all(|drawn| (0.7..=0.99).contains(&drawn.shown)));
}

/// What is not uncertain is not varied, and neither is nothing.
#[test]
fn only_what_is_uncertain_is_varied() {
    let of = |provenance, value| Figure {
        provenance,
        ..figure("lag", Amount::Number(value), Measure::Seconds, Some(Band::factor(0.5, 2.0, "a test")))
    };
    assert!(beliefs(&[of(Provenance::Unsourced, 3.0)]).is_empty());
    let zero = figure("lag", Amount::Number(0.0), Measure::Seconds, Some(Band::factor(0.5, 2.0, "a test")));
    assert!(beliefs(&[zero]).is_empty());
    let choice = figure("zones", Amount::Number(3.0), Measure::Count, Some(Band::choice("a test")));
    assert!(beliefs(&[Figure { value: Value::Integer(3), ..choice }]).is_empty());
}
