//! The delay of each item from the age of the oldest one under way.
//!
//! Items begin at random instants, `rate` a second, and each is under way for a delay of its own. What is older than x at
//! some instant of a window of length w began more than x before its end and was under way for longer than x: the number
//! of such items is Poisson with mean rate (E max(D - x, 0) + w P(D > x)), as in the queue M/G/infinity.

use crate::random::{Distribution, LogNormal};

use super::law::Law;
use super::simplex::least;

/// The probability that no item gets older than `x` within a window of this length; of a single instant for 0.
pub fn oldest_share(delay: &Distribution, rate: f64, window: f64, x: f64) -> f64 {
    libm::exp(-rate * (delay.exceedance(x) + window * delay.survival(x)))
}

/// Ages that are compared in a fit; more of them are thinned to quantiles.
const AGES: usize = 300;

/// The lognormal delay under which the ages of the oldest are likeliest: each the largest of its window. An age of 0 is
/// that of a window with nothing under way.
///
/// Ages of neighbouring windows depend on one another, so that what the ages leave open follows from how many independent
/// ones they are worth ([`super::dependence`]), not from their number. None for fewer than two ages above 0.
pub fn delay_of_oldest(ages: &[f64], rate: f64, window: f64) -> Option<Law> {
    let mut sorted: Vec<f64> = ages.iter().copied().filter(|age| age.is_finite() && *age >= 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.len() > AGES {
        let n = sorted.len() as f64;
        sorted = (0..AGES).map(|index| sorted[((index as f64 + 0.5) / AGES as f64 * n) as usize]).collect();
    }
    let above = sorted.partition_point(|age| *age <= 0.0);
    if sorted.len() - above < 2 || !(rate > 0.0 && rate.is_finite()) {
        return None;
    }
    let median = sorted[above + (sorted.len() - above) / 2];
    let loss = |[mu, ln_sigma]: [f64; 2]| {
        let law = Law::LogNormal { mu, sigma: libm::exp(ln_sigma) };
        let Some(delay) = lognormal(mu, libm::exp(ln_sigma)) else { return f64::INFINITY };
        let ln = |age: &f64| {
            let ln_share = -rate * (delay.exceedance(*age) + window * delay.survival(*age));
            if *age <= 0.0 {
                return ln_share;
            }
            ln_share + libm::log(rate) + libm::log(delay.survival(*age) + window * libm::exp(law.ln_density(*age)))
        };
        -sorted.iter().map(ln).sum::<f64>()
    };
    let starts = [0.5, 1.0, 1.5, 2.0].map(|sigma: f64| {
        // The median of the oldest, somewhere in the tail of each.
        let depth = libm::log(1.0 + rate * (median + window)).max(0.5);
        [libm::log(median) - sigma * libm::sqrt(2.0 * depth) / 1.3, libm::log(sigma)]
    });
    let ends = starts.map(|start| least(start, 0.4, &loss));
    let best = ends.into_iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    best.1.is_finite().then(|| Law::LogNormal { mu: best.0[0], sigma: libm::exp(best.0[1]) })
}

fn lognormal(mu: f64, sigma: f64) -> Option<Distribution> {
    let spec = LogNormal { median: Some(libm::exp(mu)), sigma: Some(sigma), ..LogNormal::default() };
    Distribution::lognormal(&spec).ok()
}
