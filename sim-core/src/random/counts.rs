//! Numbers of things, by inversion at one uniform number.

use super::special::{Incomplete, binomial_mass, incomplete_beta, incomplete_gamma, normal_quantile, poisson_mass};

/// The smallest k with P(X <= k) >= u, for X Poisson with this mean.
///
/// The distribution function is evaluated once, near the result, and the rest is a walk of a few steps, so that a mean of
/// ten million costs little more than one of ten. A mean that is not above 0 gives 0.
pub fn poisson_quantile(mean: f64, u: f64) -> u64 {
    if mean.is_nan() || mean <= 0.0 {
        return 0;
    }
    if mean.is_infinite() {
        return u64::MAX;
    }
    let z = normal_quantile(inside(u));
    // Cornish and Fisher's correction for the skewness.
    let start = libm::floor((mean + libm::sqrt(mean) * z + (z * z - 1.0) / 6.0).max(0.0));
    let here = Place {
        k: start as u64,
        mass: poisson_mass(start, mean),
        // P(X > k) = P(k + 1, mean)
        share: swapped(incomplete_gamma(start + 1.0, mean)),
    };
    here.walk(inside(u), u64::MAX, |k| mean / (k as f64 + 1.0))
}

/// The smallest k with P(X <= k) >= u, for X the number of successes in `n` attempts of probability `p`.
pub fn binomial_quantile(n: u64, p: f64, u: f64) -> u64 {
    if n == 0 || p.is_nan() || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    let (count, z) = (n as f64, normal_quantile(inside(u)));
    let deviation = libm::sqrt(count * p * (1.0 - p));
    let skewed = count * p + deviation * z + (1.0 - 2.0 * p) * (z * z - 1.0) / 6.0;
    // Not at n itself, where nothing is left to integrate; one step leads there.
    let start = libm::floor(skewed.clamp(0.0, count - 1.0));
    let here = Place {
        k: start as u64,
        mass: binomial_mass(start, count, p),
        // P(X > k) = I_p(k + 1, n - k)
        share: swapped(incomplete_beta(start + 1.0, count - start, p)),
    };
    let odds = p / (1.0 - p);
    here.walk(inside(u), n, |k| (count - k as f64) / (k as f64 + 1.0) * odds)
}

/// Away from the ends, where a quantile need not exist.
fn inside(u: f64) -> f64 {
    u.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)
}

fn swapped(share: Incomplete) -> Incomplete {
    Incomplete { lower: share.upper, upper: share.lower }
}

/// A place on the number line from which to look for a quantile.
struct Place {
    k: u64,
    /// P(X = k)
    mass: f64,
    /// P(X <= k) and P(X > k)
    share: Incomplete,
}

impl Place {
    /// The smallest k up to `last` with P(X <= k) >= u; `growth(k)` is P(X = k + 1) / P(X = k).
    fn walk(self, u: f64, last: u64, growth: impl Fn(u64) -> f64) -> u64 {
        let Self { mut k, mut mass, share } = self;
        // P(X <= k) - u, by the smaller of the two tails.
        let mut surplus = if u > 0.5 { (1.0 - u) - share.upper } else { share.lower - u };
        while surplus < 0.0 && k < last {
            mass *= growth(k);
            k += 1;
            surplus += mass;
            if mass == 0.0 {
                break;
            }
        }
        while k > 0 && surplus - mass >= 0.0 {
            surplus -= mass;
            k -= 1;
            mass /= growth(k);
        }
        k
    }
}
