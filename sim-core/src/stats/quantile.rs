//! Quantiles from order statistics, with an interval that assumes no distribution.

use super::Interval;
use crate::random::special::binomial_mass;
use std::fmt;

/// Far below one observation: `n p` counts as whole if it is this close to it.
const WHOLE: f64 = 1e-9;

/// A quantile of the observations, and the interval that holds the true one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// Which: 0.99 for p99.
    pub p: f64,
    /// The smallest observation that a share `p` of them does not exceed; infinite if it is censored.
    pub estimate: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval; infinite if it is censored.
    pub high: f64,
    /// Probability with which such intervals were asked to hold the true quantile.
    pub level: f64,
    /// Probability with which they do at least: observations are whole, so that it is a little more.
    pub coverage: f64,
    /// `low` is this observation in increasing order, the first being 1.
    pub low_rank: u64,
    /// `high` is this observation in increasing order, the first being 1.
    pub high_rank: u64,
}

impl Quantile {
    /// Estimate and interval alone.
    pub fn interval(&self) -> Interval {
        Interval { estimate: self.estimate, low: self.low, high: self.high, level: self.level }
    }
}

/// The refusal of a quantile that the sample is too small for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// So many observations would be enough.
    pub needed: u64,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "needs at least {} trials", self.needed)
    }
}

impl std::error::Error for Unsupported {}

/// The quantile `p` of `sorted` observations: the ceil(n p)-th of them, with an interval between two others.
///
/// The number of observations below the true quantile is binomial (n, p), whatever the distribution. The interval is the one
/// of fewest ranks with a coverage of `level` at least; among those, of the highest coverage. Where ties are possible it
/// is conservative. It may lie off centre: in a small sample the tail beyond the last observation takes most of the risk.
/// See H. A. David and H. N. Nagaraja, Order Statistics, 3rd edition (2003), section 7.1.
pub fn quantile(sorted: &[f64], p: f64, level: f64) -> Result<Quantile, Unsupported> {
    assert!(p > 0.0 && p < 1.0, "a quantile of {p} is not between 0 and 1");
    assert!(level > 0.0 && level < 1.0, "a level of {level} is not between 0 and 1");
    debug_assert!(sorted.is_sorted(), "observations must be in increasing order");
    let count = sorted.len() as u64;
    let Some(Window { first, last, coverage }) = narrowest(count, p, level) else {
        return Err(Unsupported { needed: needed(p, level) });
    };
    let rank = rank_of(sorted.len(), p) as u64;
    let at = |rank: u64| sorted[rank as usize - 1];
    Ok(Quantile {
        p,
        estimate: at(rank),
        low: at(first),
        high: at(last + 1),
        level,
        coverage,
        low_rank: first,
        high_rank: last + 1,
    })
}

/// The same when the observations tell no more than `effective` independent ones would: ranks are counted among so many and
/// stretched to all of them, outwards (R. S. Woodruff, Journal of the American Statistical Association 47 (1952), 635-646,
/// with binomial ranks in place of normal ones).
pub fn quantile_of(sorted: &[f64], p: f64, level: f64, effective: f64) -> Result<Quantile, Unsupported> {
    let count = sorted.len() as u64;
    // A share of an observation is none.
    let few = libm::floor(effective + WHOLE) as u64;
    if few >= count {
        return quantile(sorted, p, level);
    }
    let stretch = (count as f64 + 1.0) / (few as f64 + 1.0);
    let Some(Window { first, last, coverage }) = narrowest(few, p, level) else {
        let needed = needed(p, level) as f64 * count as f64 / effective.max(1.0);
        return Err(Unsupported { needed: libm::ceil(needed) as u64 });
    };
    let low_rank = (libm::floor(first as f64 * stretch) as u64).max(1);
    let high_rank = (libm::ceil((last + 1) as f64 * stretch) as u64).min(count);
    let rank = rank_of(sorted.len(), p) as u64;
    let at = |rank: u64| sorted[rank as usize - 1];
    Ok(Quantile { p, estimate: at(rank), low: at(low_rank), high: at(high_rank), level, coverage, low_rank, high_rank })
}

/// The rank, from 1 on, of the observation that stands for the quantile `p` of `n`: the ceil(n p)-th, where what rounding adds to
/// a whole product does not count. It is 1 at least and `n` at most, or 1 without observations.
pub fn rank_of(n: usize, p: f64) -> usize {
    (libm::ceil(n as f64 * p - WHOLE).max(1.0) as usize).min(n.max(1))
}

/// The observation of a sorted sample that stands for the quantile `p`; none of an empty one.
pub fn ranked(sorted: &[f64], p: f64) -> Option<f64> {
    sorted.get(rank_of(sorted.len(), p) - 1).copied()
}

/// Numbers of observations below the quantile from `first` to `last`, and their probability.
struct Window {
    first: u64,
    last: u64,
    coverage: f64,
}

/// The narrowest window within 1..=n-1 that has a probability of `level`: at 0 and at n one end would be missing.
///
/// Binomial probabilities rise and then fall, so taking the more likely neighbour each time keeps the window the most likely
/// of its width.
fn narrowest(n: u64, p: f64, level: f64) -> Option<Window> {
    if n < 2 {
        return None;
    }
    let (count, odds) = (n as f64, p / (1.0 - p));
    let mode = ((libm::floor((count + 1.0) * p)) as u64).clamp(1, n - 1);
    let mut coverage = binomial_mass(mode as f64, count, p);
    let (mut first, mut last) = (mode, mode);
    let (mut at_first, mut at_last) = (coverage, coverage);
    while coverage < level {
        let before = if first > 1 { at_first * first as f64 / (count - first as f64 + 1.0) / odds } else { 0.0 };
        let after = if last < n - 1 { at_last * (count - last as f64) / (last as f64 + 1.0) * odds } else { 0.0 };
        if before == 0.0 && after == 0.0 {
            return None;
        }
        if before >= after {
            (first, at_first) = (first - 1, before);
        } else {
            (last, at_last) = (last + 1, after);
        }
        coverage += before.max(after);
    }
    Some(Window { first, last, coverage })
}

/// The least n at which even the window 1..=n-1 has the level: 1 - p^n - (1 - p)^n.
fn needed(p: f64, level: f64) -> u64 {
    let widest = |n: f64| 1.0 - libm::pow(p, n) - libm::pow(1.0 - p, n);
    let larger = p.max(1.0 - p);
    let mut n = libm::floor(libm::log(1.0 - level) / libm::log(larger)).max(2.0);
    while widest(n) < level {
        n += 1.0;
    }
    n as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(n: u64) -> Vec<f64> {
        (1..=n).map(|i| i as f64).collect()
    }

    #[test]
    fn no_other_pair_of_ranks_is_closer_together_or_as_close_and_surer() {
        for n in [2, 7, 20, 45, 90] {
            for p in [0.5, 0.8, 0.9, 0.95] {
                for level in [0.5, 0.9, 0.95] {
                    let mass = |k: u64| binomial_mass(k as f64, n as f64, p);
                    let mut best: Option<(u64, f64)> = None;
                    for first in 1..n {
                        let mut coverage = 0.0;
                        for last in first..n {
                            coverage += mass(last);
                            let width = last - first;
                            let better =
                                best.is_none_or(|(least, most)| width < least || (width == least && coverage > most));
                            if coverage >= level && better {
                                best = Some((width, coverage));
                            }
                        }
                    }
                    let found = quantile(&numbered(n), p, level).ok();
                    let found = found.map(|found| (found.high_rank - found.low_rank - 1, found.coverage));
                    assert_eq!(found.map(|f| f.0), best.map(|b| b.0), "{n} {p} {level}");
                    if let (Some(found), Some(best)) = (found, best) {
                        assert!((found.1 - best.1).abs() < 1e-12, "{n} {p} {level}");
                    }
                }
            }
        }
    }

    #[test]
    fn ranks_for_the_median_agree_with_published_tables() {
        // Sign-test intervals at 95 %, e.g. W. J. Conover, Practical Nonparametric Statistics, table A3 (binomial, p = 1/2).
        // They leave the same to either side; at these sizes nothing narrower serves.
        for (n, low, high) in [(6, 1, 6), (10, 2, 9), (20, 6, 15), (25, 8, 18)] {
            let found = quantile(&numbered(n), 0.5, 0.95).expect("large enough");
            assert_eq!((found.low_rank, found.high_rank), (low, high), "{n}");
        }
    }

    #[test]
    fn the_estimate_is_the_inverse_of_the_empirical_distribution_function() {
        let estimate = |n, p| quantile(&numbered(n), p, 0.5).expect("large enough").estimate;
        assert_eq!(estimate(10, 0.5), 5.0);
        assert_eq!(estimate(11, 0.5), 6.0);
        assert_eq!(estimate(100, 0.9), 90.0);
        assert_eq!(estimate(1_000, 0.99), 990.0);
        assert_eq!(estimate(10_000, 0.999), 9_990.0);
        assert_eq!(estimate(1_001, 0.99), 991.0);
    }

    #[test]
    fn censored_values_stay_infinite() {
        let mut values = numbered(1_000);
        values[980..].fill(f64::INFINITY);
        let p99 = quantile(&values, 0.99, 0.95).expect("large enough");
        assert_eq!((p99.estimate, p99.low, p99.high), (f64::INFINITY, f64::INFINITY, f64::INFINITY));
        let p98 = quantile(&values, 0.98, 0.95).expect("large enough");
        assert_eq!((p98.estimate, p98.high), (980.0, f64::INFINITY));
        assert!(p98.low < 980.0);
    }

    #[test]
    fn a_sample_that_is_too_small_is_refused_with_the_size_that_is_not() {
        for p in [0.5, 0.9, 0.95, 0.99, 0.999] {
            for level in [0.9, 0.95, 0.99] {
                let Unsupported { needed } = quantile(&[], p, level).expect_err("too small");
                assert!(quantile(&numbered(needed), p, level).is_ok(), "{p} {level} {needed}");
                assert_eq!(quantile(&numbered(needed - 1), p, level), Err(Unsupported { needed }), "{p} {level}");
            }
        }
        // 0.99^299 = 0.0495, 0.99^298 = 0.0500.
        let refusal = quantile(&numbered(100), 0.99, 0.95).expect_err("too small");
        assert_eq!(refusal.to_string(), "needs at least 299 trials");
    }
}
