//! The incomplete beta function, its inverse, and binomial probabilities.

use super::gamma::{deviance, stirling_rest};
use super::{Incomplete, increasing_root};
use std::f64::consts::PI;

const STEPS: usize = 100_000;

/// Gamma(n + 1) / (Gamma(k + 1) Gamma(n - k + 1)) p^k (1 - p)^(n - k), 0 <= k <= n, 0 < p < 1.
///
/// For whole k and n the probability of k successes in n attempts. C. Loader (2000), as in [`super::poisson_mass`].
pub(crate) fn binomial_mass(k: f64, n: f64, p: f64) -> f64 {
    let rest = n - k;
    if k == 0.0 {
        return libm::exp(n * libm::log1p(-p));
    }
    if rest == 0.0 {
        return libm::exp(n * libm::log(p));
    }
    let exponent =
        stirling_rest(n) - stirling_rest(k) - stirling_rest(rest) - deviance(k, n * p) - deviance(rest, n * (1.0 - p));
    libm::exp(exponent) * libm::sqrt(n / (2.0 * PI * k * rest))
}

/// `I_x(a, b)` and `1 - I_x(a, b)`, a > 0, b > 0: distribution function and tail of a beta distribution.
pub(crate) fn incomplete_beta(a: f64, b: f64, x: f64) -> Incomplete {
    if x <= 0.0 {
        return Incomplete { lower: 0.0, upper: 1.0 };
    }
    if x >= 1.0 {
        return Incomplete { lower: 1.0, upper: 0.0 };
    }
    // x^a (1 - x)^b / B(a, b)
    let front = binomial_mass(a, a + b, x) * (a * b / (a + b));
    if x < (a + 1.0) / (a + b + 2.0) {
        let lower = (front / a * fraction(a, b, x)).min(1.0);
        Incomplete { lower, upper: 1.0 - lower }
    } else {
        let upper = (front / b * fraction(b, a, 1.0 - x)).min(1.0);
        Incomplete { lower: 1.0 - upper, upper }
    }
}

/// The continued fraction of DLMF 8.17.22, evaluated by Lentz's method.
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    // Quotients of successive numerators, and of successive denominators upside down; their product moves the result.
    let mut above = 1.0;
    let mut below = 1.0 / (1.0 - (a + b) * x / (a + 1.0));
    let mut product = below;
    let mut count = 0.0;
    for _ in 0..STEPS {
        count += 1.0;
        let place = a + 2.0 * count;
        let even = count * (b - count) * x / ((place - 1.0) * place);
        let odd = -(a + count) * (a + b + count) * x / (place * (place + 1.0));
        for term in [even, odd] {
            below = 1.0 / (1.0 + term * below);
            above = 1.0 + term / above;
            product *= above * below;
        }
        if (above * below - 1.0).abs() < 2.0 * f64::EPSILON {
            break;
        }
    }
    product
}

/// The x at which `I_x(a, b) = p`, and 1 - x, each with its own relative accuracy.
pub(crate) fn inverse_incomplete_beta(a: f64, b: f64, p: f64) -> (f64, f64) {
    if p <= 0.0 {
        return (0.0, 1.0);
    }
    if p >= 1.0 {
        return (1.0, 0.0);
    }
    if incomplete_beta(a, b, 0.5).lower >= p {
        let x = lower_half(a, b, p);
        (x, 1.0 - x)
    } else {
        let x = lower_half(b, a, 1.0 - p);
        (1.0 - x, x)
    }
}

/// The same for a result up to 1/2.
fn lower_half(a: f64, b: f64, p: f64) -> f64 {
    let slope = |x: f64| binomial_mass(a, a + b, x) * (a * b / (a + b)) / (x * (1.0 - x));
    let (high, mean) = (0.5, a / (a + b));
    // On a logarithmic scale either tail is nearly straight.
    if p <= 0.5 {
        let target = libm::log(p);
        increasing_root(0.0, high, mean, |x| {
            let lower = incomplete_beta(a, b, x).lower;
            (libm::log(lower) - target, slope(x) / lower)
        })
    } else {
        let target = libm::log(1.0 - p);
        increasing_root(0.0, high, mean, |x| {
            let upper = incomplete_beta(a, b, x).upper;
            (target - libm::log(upper), slope(x) / upper)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::function::beta::{beta_reg, inv_beta_reg};

    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * a.abs().max(b.abs())
    }

    #[test]
    fn probabilities_agree_with_exact_coefficients() {
        // 20! fits into 64 bits, so that these are exact up to the powers.
        let factorial = |n: u64| (1..=n).product::<u64>();
        for k in 0..=20_u64 {
            let ways = factorial(20) / factorial(k) / factorial(20 - k);
            let expected = ways as f64 * 0.3_f64.powi(k as i32) * 0.7_f64.powi(20 - k as i32);
            assert!(close(binomial_mass(k as f64, 20.0, 0.3), expected, 1e-13), "{k}");
        }
    }

    #[test]
    fn agrees_with_an_independent_implementation() {
        for (a, b) in [(0.5, 0.5), (1.0, 3.0), (12.5, 0.5), (90.0, 11.0), (500.0, 500.5)] {
            for p in [0.001, 0.025, 0.3, 0.6, 0.975, 0.999_9] {
                let (x, rest) = inverse_incomplete_beta(a, b, p);
                assert!(close(x, inv_beta_reg(a, b, p), 1e-9), "{a} {b} {p}: {x}");
                assert!(close(incomplete_beta(a, b, x).lower, beta_reg(a, b, x), 1e-11), "{a} {b} {p}");
                assert!((x + rest - 1.0).abs() < 1e-15, "{a} {b} {p}: {x} {rest}");
                // Whichever of the two is small gives the probability back.
                let back = if x < rest { incomplete_beta(a, b, x).lower } else { incomplete_beta(b, a, rest).upper };
                assert!(close(back, p, 1e-12), "{a} {b} {p}: {back}");
            }
        }
    }
}
