//! An estimate with its interval, and the exact one for a probability.

use crate::random::special::inverse_incomplete_beta;

/// An estimate and the interval that holds the true value with probability `level` at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The single most plausible value.
    pub estimate: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Probability with which such intervals hold the true value.
    pub level: f64,
}

impl Interval {
    /// Whether `value` lies in the interval, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half the width over the estimate: what a wanted precision is compared with. Infinite where either is.
    pub fn relative_half_width(&self) -> f64 {
        if self.low == self.high {
            return 0.0;
        }
        let relative = (self.high - self.low) / 2.0 / self.estimate.abs();
        if relative.is_nan() { f64::INFINITY } else { relative }
    }
}

/// Exact two-sided interval for a probability, after `successes` in `n` independent attempts. With `n = 0` nothing is
/// known: 0 to 1 around an estimate that is not a number.
///
/// Each end leaves (1 - level) / 2 to its side. C. Clopper and E. S. Pearson, Biometrika 26 (1934), 404-413.
pub fn clopper_pearson(successes: u64, n: u64, level: f64) -> Interval {
    assert!(successes <= n, "{successes} successes in {n} attempts");
    exact(successes as f64, (n - successes) as f64, level)
}

/// The same when observations that gave `share` tell no more than `n` independent ones would; neither has to come out whole.
pub fn clopper_pearson_of(share: f64, n: f64, level: f64) -> Interval {
    assert!((0.0..=1.0).contains(&share) && n > 0.0, "a share of {share} in {n}");
    Interval { estimate: share, ..exact(share * n, (1.0 - share) * n, level) }
}

fn exact(wins: f64, losses: f64, level: f64) -> Interval {
    assert!(level > 0.0 && level < 1.0, "a level of {level} is not between 0 and 1");
    let tail = (1.0 - level) / 2.0;
    // Each end is a quantile of a beta distribution; the upper one by its mirror image, where its tail is the given one.
    let low = if wins == 0.0 { 0.0 } else { inverse_incomplete_beta(wins, losses + 1.0, tail).0 };
    let high = if losses == 0.0 { 1.0 } else { inverse_incomplete_beta(losses, wins + 1.0, tail).1 };
    Interval { estimate: wins / (wins + losses), low, high, level }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P(X <= k) and P(X >= k) of a binomial, term by term.
    fn tails(k: u64, n: u64, p: f64) -> (f64, f64) {
        let mut mass = (1.0 - p).powi(n as i32);
        let (mut upto, mut from) = (0.0, 0.0);
        for i in 0..=n {
            if i <= k {
                upto += mass;
            }
            if i >= k {
                from += mass;
            }
            mass *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        }
        (upto, from)
    }

    #[test]
    fn each_end_leaves_half_of_the_rest_to_its_side() {
        for (k, n) in [(1, 2), (3, 10), (9, 10), (50, 100), (19, 20), (1, 500), (5, 500)] {
            for level in [0.5, 0.9, 0.95, 0.999] {
                let interval = clopper_pearson(k, n, level);
                let tail = (1.0 - level) / 2.0;
                let (at_low, at_high) = (tails(k, n, interval.low).1, tails(k, n, interval.high).0);
                assert!((at_low / tail - 1.0).abs() < 1e-10, "{k}/{n} at {level}: {at_low}");
                assert!((at_high / tail - 1.0).abs() < 1e-10, "{k}/{n} at {level}: {at_high}");
            }
        }
    }

    #[test]
    fn nothing_and_everything_have_closed_forms() {
        // No success in n: (1 - high)^n = (1 - level) / 2.
        for n in [1, 10, 10_000] {
            let none = clopper_pearson(0, n, 0.95);
            let high = -(0.025_f64.ln() / n as f64).exp_m1();
            assert_eq!((none.estimate, none.low), (0.0, 0.0));
            assert!((none.high / high - 1.0).abs() < 1e-11, "{n}: {} {high}", none.high);
            let all = clopper_pearson(n, n, 0.95);
            assert_eq!((all.estimate, all.high), (1.0, 1.0));
            assert!((all.low - (1.0 - high)).abs() < 1e-12, "{n}: {}", all.low);
        }
        let unknown = clopper_pearson(0, 0, 0.95);
        assert!(unknown.estimate.is_nan() && (unknown.low, unknown.high) == (0.0, 1.0));
    }

    #[test]
    fn the_half_width_of_the_unknown_is_infinite() {
        let of = |estimate, low, high| Interval { estimate, low, high, level: 0.95 }.relative_half_width();
        assert_eq!(of(10.0, 9.0, 11.0), 0.1);
        assert_eq!(of(10.0, 9.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(of(f64::INFINITY, 9.0, f64::INFINITY), f64::INFINITY);
        assert_eq!(of(0.0, 0.0, 1.0), f64::INFINITY);
        assert_eq!(of(0.0, 0.0, 0.0), 0.0);
    }
}
