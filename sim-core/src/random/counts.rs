//! Numbers of things, by inversion at one uniform number.

use super::special::{
    Incomplete, binomial_mass, incomplete_beta, incomplete_gamma, inverse_incomplete_beta, normal_quantile,
    poisson_mass,
};

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

/// The probability that a beta variable with these shapes, both above 0, is at most `x`.
///
/// With shapes k + 1 and n - k it is that of more than k successes in n attempts of probability `x`.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        incomplete_beta(a, b, x).lower
    }
}

/// The value that a beta variable with these shapes, both above 0, exceeds with probability 1 - `p`.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    inverse_incomplete_beta(a, b, p).0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Stream, StreamId};

    /// Distribution function from `first` on, by the ratios of neighbours from the most likely value outwards and divided by
    /// their sum: no special function takes part.
    struct Sums {
        first: u64,
        upto: Vec<f64>,
    }

    impl Sums {
        fn new(mode: u64, last: u64, growth: impl Fn(u64) -> f64) -> Self {
            let (mut down, mut up) = (vec![1.0], vec![]);
            let mut k = mode;
            while k > 0 && down[down.len() - 1] > 1e-30 {
                k -= 1;
                down.push(down[down.len() - 1] / growth(k));
            }
            let first = k;
            let mut mass = 1.0;
            for k in mode..last {
                mass *= growth(k);
                up.push(mass);
                if mass < 1e-30 {
                    break;
                }
            }
            let masses: Vec<f64> = down.into_iter().rev().chain(up).collect();
            let total: f64 = masses.iter().sum();
            let upto = masses.iter().scan(0.0, |sum, mass| {
                *sum += mass / total;
                Some(*sum)
            });
            Self { first, upto: upto.collect() }
        }

        fn quantile(&self, u: f64) -> u64 {
            self.first + self.upto.partition_point(|&upto| upto < u) as u64
        }
    }

    fn uniforms() -> impl Iterator<Item = f64> {
        let mut stream = Stream::new(StreamId::new(1, "counts", "test"));
        [1e-9, 1e-6, 1e-3, 0.999, 1.0 - 1e-6].into_iter().chain((0..300).map(move |_| stream.uniform()))
    }

    #[test]
    fn poisson_numbers_agree_with_direct_sums() {
        for mean in [1e-9, 0.01, 0.7, 3.0, 12.5, 99.5, 998.0, 1_003.0, 31_622.7, 1e7] {
            let sums = Sums::new(mean as u64, u64::MAX, |k| mean / (k as f64 + 1.0));
            for u in uniforms() {
                assert_eq!(poisson_quantile(mean, u), sums.quantile(u), "{mean} {u}");
            }
        }
    }

    #[test]
    fn binomial_numbers_agree_with_direct_sums() {
        for (n, p) in [(1, 0.3), (2, 1e-6), (10, 0.999), (40, 0.5), (1_000, 0.01), (100_000, 0.37), (10_000_000, 0.9)] {
            let odds = p / (1.0 - p);
            let sums = Sums::new((n as f64 * p) as u64, n, |k| (n - k) as f64 / (k as f64 + 1.0) * odds);
            for u in uniforms() {
                assert_eq!(binomial_quantile(n, p, u), sums.quantile(u), "{n} {p} {u}");
            }
        }
    }

    #[test]
    fn ends_and_impossible_parameters_give_ends() {
        assert_eq!(
            (poisson_quantile(0.0, 0.9), poisson_quantile(-1.0, 0.9), poisson_quantile(f64::NAN, 0.9)),
            (0, 0, 0)
        );
        assert_eq!(poisson_quantile(f64::INFINITY, 0.1), u64::MAX);
        assert_eq!(
            (binomial_quantile(0, 0.5, 0.9), binomial_quantile(9, 0.0, 0.9), binomial_quantile(9, 1.0, 0.1)),
            (0, 0, 9)
        );
        assert_eq!(
            (poisson_quantile(5.0, 0.0), binomial_quantile(5, 0.5, 0.0), binomial_quantile(5, 0.5, 1.0)),
            (0, 0, 5)
        );
        assert!(poisson_quantile(5.0, 1.0) < 100);
    }
}
