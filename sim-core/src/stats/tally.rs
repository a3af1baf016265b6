//! Statistics over observations.

use super::Interval;
use crate::random::special::inverse_incomplete_beta;

/// Count, mean, variance and range of observations, in one pass (B. P. Welford, Technometrics 4 (1962), 419-420).
///
/// An infinite observation makes the mean infinite and leaves no interval for it. Floating sums depend on their order in the
/// last digit: add and merge in the order of trials where results must not depend on threads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    count: u64,
    /// Mean of the finite observations, wrong once there is an infinite one.
    mean: f64,
    /// Sum of squared deviations from the mean.
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { count: 0, mean: 0.0, squares: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY }
    }
}

impl Tally {
    /// No observations.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more observation.
    pub fn add(&mut self, value: f64) {
        self.count += 1;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        if value.is_finite() {
            let before = value - self.mean;
            self.mean += before / self.count as f64;
            self.squares += before * (value - self.mean);
        }
    }

    /// The observations of another tally.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let between = other.mean - self.mean;
        self.count += other.count;
        self.mean += between * theirs / (mine + theirs);
        self.squares += other.squares + between * between * mine * theirs / (mine + theirs);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Number of observations.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean; not a number without observations.
    pub fn mean(&self) -> f64 {
        match (self.count, self.all_finite()) {
            (0, _) => f64::NAN,
            (_, true) => self.mean,
            // The sum of the two ends is infinite or, with infinities of both signs, not a number.
            (_, false) => self.min + self.max,
        }
    }

    /// Variance of the population behind the sample; not a number for fewer than two observations or infinite ones.
    pub fn variance(&self) -> f64 {
        if self.count < 2 || !self.all_finite() { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// Standard error of the mean; not a number where the variance is none.
    pub fn standard_error(&self) -> f64 {
        libm::sqrt(self.variance() / self.count as f64)
    }

    /// Least observation; infinite without any.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// Greatest observation; minus infinity without any.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The mean with its t interval; none for fewer than two observations or infinite ones.
    pub fn mean_interval(&self, level: f64) -> Option<Interval> {
        if self.count < 2 || !self.all_finite() {
            return None;
        }
        let reach = student_reach((self.count - 1) as f64, level) * self.standard_error();
        Some(Interval { estimate: self.mean, low: self.mean - reach, high: self.mean + reach, level })
    }

    fn all_finite(&self) -> bool {
        self.min.is_finite() && self.max.is_finite()
    }
}

/// The t with P(|T| <= t) = level, for Student's T with these degrees of freedom.
pub(super) fn student_reach(freedom: f64, level: f64) -> f64 {
    assert!(level > 0.0 && level < 1.0, "a level of {level} is not between 0 and 1");
    // T^2 / (freedom + T^2) has a beta distribution.
    let (share, rest) = inverse_incomplete_beta(0.5, freedom / 2.0, level);
    libm::sqrt(freedom * share / rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    fn tally(values: &[f64]) -> Tally {
        let mut tally = Tally::new();
        for &value in values {
            tally.add(value);
        }
        tally
    }

    #[test]
    fn one_pass_agrees_with_two() {
        // A large offset: the sum of squares minus the square of the sum would lose everything.
        let values: Vec<f64> = (0..100).map(|i| 1e6 + f64::from(i * i % 17)).collect();
        let mean = values.iter().sum::<f64>() / 100.0;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 99.0;
        let tally = tally(&values);
        assert!((tally.mean() - mean).abs() < 1e-6);
        assert!((tally.variance() / variance - 1.0).abs() < 1e-9);
        assert!((tally.standard_error() - (variance / 100.0).sqrt()).abs() < 1e-9);
        assert_eq!((tally.count(), tally.min(), tally.max()), (100, 1e6, 1e6 + 16.0));
    }

    #[test]
    fn merging_is_like_adding_one_by_one() {
        let values: Vec<f64> = (0..50).map(|i| f64::from(i * 7 % 13)).collect();
        let whole = tally(&values);
        for cut in [0, 1, 20, 50] {
            let mut merged = tally(&values[..cut]);
            merged.merge(&tally(&values[cut..]));
            assert!((merged.mean() - whole.mean()).abs() < 1e-13);
            assert!((merged.variance() - whole.variance()).abs() < 1e-12);
            assert_eq!((merged.count(), merged.min(), merged.max()), (50, 0.0, 12.0));
        }
    }

    #[test]
    fn a_censored_observation_makes_the_mean_infinite_and_takes_its_interval() {
        let tally = tally(&[1.0, f64::INFINITY, 2.0]);
        assert_eq!((tally.mean(), tally.min(), tally.mean_interval(0.95)), (f64::INFINITY, 1.0, None));
        assert!(tally.variance().is_nan());
        assert!(Tally::new().mean().is_nan() && Tally::new().mean_interval(0.95).is_none());
    }

    #[test]
    fn the_reach_is_students() {
        for freedom in [1.0, 2.0, 9.0, 99.0, 9_999.0] {
            for level in [0.5, 0.9, 0.95, 0.999] {
                let expected = StudentsT::new(0.0, 1.0, freedom).expect("valid").inverse_cdf(0.5 + level / 2.0);
                let got = student_reach(freedom, level);
                assert!((got / expected - 1.0).abs() < 1e-8, "{freedom} {level}: {got} {expected}");
            }
        }
        // With many, nearly the normal z: z + (z^3 + z) / (4 freedom).
        let z = 1.959_963_984_540_054_f64;
        assert!((student_reach(1e6, 0.95) - z - (z.powi(3) + z) / 4e6).abs() < 1e-10);
        // With one: tan(pi level / 2).
        assert!((student_reach(1.0, 0.95) / (std::f64::consts::PI * 0.475).tan() - 1.0).abs() < 1e-12);
    }
}
