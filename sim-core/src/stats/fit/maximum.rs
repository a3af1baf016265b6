//! Maximum likelihood, with observations that ended too soon or are known between two values only.

use crate::random::special::increasing_root;

use super::law::{Family, Law};
use super::observed::Observed;
use super::simplex::least;

/// A fitted law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitted {
    /// The law.
    pub law: Law,
    /// The logarithm of the likelihood that it gives to the observations.
    pub ln_likelihood: f64,
}

impl Fitted {
    /// The Bayesian information criterion where the observations are worth `n` independent ones of `count`: smaller is
    /// better (G. Schwarz, Annals of Statistics 6 (1978), 461-464).
    pub fn criterion(&self, n: f64, count: usize) -> f64 {
        let parameters = self.law.family().parameters() as f64;
        parameters * libm::log(n) - 2.0 * self.ln_likelihood * n / count as f64
    }
}

/// The law of the family that makes the observations most likely.
///
/// None where there is no such law: all values are alike, fewer than two ended, or the family is a mixture and an
/// observation is not exact.
pub fn maximum(family: Family, observed: &[Observed]) -> Option<Fitted> {
    let complete: Vec<f64> = observed.iter().filter(|one| one.is_complete()).map(|one| one.middle()).collect();
    let values: Vec<f64> = complete.into_iter().filter(|value| *value > 0.0).collect();
    if values.len() < 2 {
        return None;
    }
    let exact = observed.iter().all(|one| matches!(one, Observed::Exact(value) if *value > 0.0));
    let start = by_values(family, &values)?;
    let law = match family {
        _ if exact => start,
        Family::TwoLogNormals => return None,
        _ => {
            let loss = |point| -Law::at(family, point).ln_likelihood(observed);
            Law::at(family, least(start.point(), 0.3, &loss).0)
        }
    };
    let ln_likelihood = law.ln_likelihood(observed);
    ln_likelihood.is_finite().then_some(Fitted { law, ln_likelihood })
}

/// The same for values that are all exact and positive.
fn by_values(family: Family, values: &[f64]) -> Option<Law> {
    let n = values.len() as f64;
    let logs: Vec<f64> = values.iter().map(|value| libm::log(*value)).collect();
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean) * (log - mean)).sum::<f64>() / n;
    if variance < 1e-18 {
        return None;
    }
    match family {
        Family::LogNormal => Some(Law::LogNormal { mu: mean, sigma: libm::sqrt(variance) }),
        Family::Weibull => Some(weibull(&logs, mean, variance)),
        Family::Gamma => Some(gamma(values, mean)),
        Family::TwoLogNormals => two_lognormals(&logs, libm::sqrt(variance)),
    }
}

/// The shape solves sum x^k ln x / sum x^k - 1/k = mean ln x, whose left side grows with k.
fn weibull(logs: &[f64], mean: f64, variance: f64) -> Law {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sums = |k: f64| {
        // Relative to the largest, so that no power overflows.
        let mut sums = [0.0; 3];
        for log in logs {
            let power = libm::exp(k * (log - top));
            sums[0] += power;
            sums[1] += power * (log - top);
            sums[2] += power * (log - top) * (log - top);
        }
        sums
    };
    // A Weibull's logarithm has the standard deviation pi / (sqrt(6) k).
    let guess = std::f64::consts::PI / libm::sqrt(6.0 * variance);
    let shape = increasing_root(guess * 1e-3, guess * 1e3, guess, |k| {
        let [zeroth, first, second] = sums(k);
        let ratio = first / zeroth;
        (ratio - 1.0 / k - (mean - top), second / zeroth - ratio * ratio + 1.0 / (k * k))
    });
    let scale = libm::exp(top + libm::log(sums(shape)[0] / logs.len() as f64) / shape);
    Law::Weibull { shape, scale }
}

/// The shape solves ln k - digamma(k) = ln(mean x) - mean(ln x), whose left side falls with k.
fn gamma(values: &[f64], mean_log: f64) -> Law {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let gap = (libm::log(mean) - mean_log).max(1e-14);
    // T. P. Minka's start, within 1.5 % of the root.
    let guess = (3.0 - gap + libm::sqrt((gap - 3.0) * (gap - 3.0) + 24.0 * gap)) / (12.0 * gap);
    let shape = increasing_root(guess * 1e-2, guess * 1e2, guess, |k| {
        let [digamma, trigamma] = polygammas(k);
        (gap - libm::log(k) + digamma, trigamma - 1.0 / k)
    });
    Law::Gamma { shape, scale: mean / shape }
}

/// The first and second derivative of ln Gamma, by their series for large arguments and the recurrence down to it.
fn polygammas(mut x: f64) -> [f64; 2] {
    let (mut first, mut second) = (0.0, 0.0);
    while x < 12.0 {
        first -= 1.0 / x;
        second += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    first += libm::log(x)
        - 0.5 / x
        - square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)));
    second += 1.0 / x
        + square / 2.0
        + square / x * (1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0)));
    [first, second]
}

/// A part of a mixture that is narrower than this share of the whole has found a coincidence.
const NARROWEST: f64 = 0.1;
/// A part with fewer observations is no part.
const FEWEST: f64 = 4.0;

/// Expectation and maximisation by turns, from several ways to cut the sorted values in two; the likeliest end counts.
fn two_lognormals(logs: &[f64], spread: f64) -> Option<Law> {
    let mut sorted = logs.to_vec();
    sorted.sort_by(f64::total_cmp);
    let starts = [0.25, 0.5, 0.75, 0.9].map(|share| (share * sorted.len() as f64) as usize);
    let mut best: Option<(f64, Law)> = None;
    for cut in starts.into_iter().filter(|cut| *cut >= 2 && sorted.len() - cut >= 2) {
        let Some((likelihood, law)) = alternate(&sorted, cut, NARROWEST * spread) else { continue };
        if best.is_none_or(|(before, _)| likelihood > before) {
            best = Some((likelihood, law));
        }
    }
    best.map(|(_, law)| law)
}

fn alternate(logs: &[f64], cut: usize, narrowest: f64) -> Option<(f64, Law)> {
    let n = logs.len() as f64;
    let mut shares: Vec<f64> = (0..logs.len()).map(|index| f64::from(u8::from(index < cut))).collect();
    let mut last = f64::NEG_INFINITY;
    for _ in 0..500 {
        let total: f64 = shares.iter().sum();
        if total < FEWEST || n - total < FEWEST {
            return None;
        }
        let part = |weight: &dyn Fn(f64) -> f64, total: f64| {
            let sum = |of: &dyn Fn(f64) -> f64| {
                logs.iter().zip(&shares).map(|(log, share)| weight(*share) * of(*log)).sum::<f64>() / total
            };
            let mean = sum(&|log| log);
            [mean, libm::sqrt(sum(&|log| (log - mean) * (log - mean))).max(narrowest)]
        };
        let (weight, first, second) = (total / n, part(&|share| share, total), part(&|share| 1.0 - share, n - total));
        let mut likelihood = 0.0;
        for (log, share) in logs.iter().zip(&mut shares) {
            let density = |[mu, sigma]: [f64; 2]| libm::exp(-(log - mu) * (log - mu) / (2.0 * sigma * sigma)) / sigma;
            let (one, other) = (weight * density(first), (1.0 - weight) * density(second));
            likelihood += libm::log(one + other);
            *share = if one + other > 0.0 { one / (one + other) } else { *share };
        }
        if likelihood - last < 1e-9 * n {
            return Some((likelihood, Law::TwoLogNormals { weight, first, second }));
        }
        last = likelihood;
    }
    None
}
