//! Observations, resampled.

use super::family::Family;
use super::{Invalid, not_negative};
use std::sync::Arc;

/// Each observation as likely as the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    /// In increasing order; at least one.
    sorted: Arc<[f64]>,
    /// Entry i is the sum of the first i observations.
    sums: Arc<[f64]>,
}

impl Empirical {
    pub(super) fn new(mut observations: Vec<f64>) -> Result<Self, Invalid> {
        if observations.is_empty() {
            return Err(Invalid::new("there are no observations".into()));
        }
        for value in &mut observations {
            *value = not_negative("an observation", *value)?;
        }
        observations.sort_by(f64::total_cmp);
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for value in &observations {
            sum += value;
            sums.push(sum);
        }
        Ok(Self { sorted: observations.into(), sums: sums.into() })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.sorted.iter().map(|value| value * factor).collect())
    }

    /// All observations, in increasing order.
    pub(super) fn observations(&self) -> &[f64] {
        &self.sorted
    }

    /// The distinct values.
    pub(super) fn values(&self) -> Vec<f64> {
        let mut values = self.sorted.to_vec();
        values.dedup();
        values
    }

    fn count(&self) -> f64 {
        self.sorted.len() as f64
    }

    fn not_above(&self, x: f64) -> usize {
        self.sorted.partition_point(|&value| value <= x)
    }
}

impl Family for Empirical {
    fn quantile(&self, p: f64) -> f64 {
        let last = self.sorted.len() - 1;
        self.sorted[((p * self.count()) as usize).min(last)]
    }

    fn cdf(&self, x: f64) -> f64 {
        self.not_above(x) as f64 / self.count()
    }

    fn survival(&self, x: f64) -> f64 {
        (self.sorted.len() - self.not_above(x)) as f64 / self.count()
    }

    fn density(&self, _: f64) -> f64 {
        0.0
    }

    fn mean(&self) -> f64 {
        self.sums[self.sorted.len()] / self.count()
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let below = self.not_above(x);
        (self.sums[below] + (self.sorted.len() - below) as f64 * x) / self.count()
    }

    fn exceedance(&self, x: f64) -> f64 {
        let below = self.not_above(x);
        let (rest, above) = (self.sums[self.sorted.len()] - self.sums[below], (self.sorted.len() - below) as f64);
        ((rest - above * x) / self.count()).max(0.0)
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        // The sum of min(X_i, x) is a chain of straight lines with its corners at the observations.
        let n = self.sorted.len();
        let target = p * self.sums[n];
        let (mut below, mut end) = (0, n);
        while below < end {
            let middle = usize::midpoint(below, end);
            let at_corner = self.sums[middle] + (n - middle) as f64 * self.sorted[middle];
            if at_corner < target {
                below = middle + 1;
            } else {
                end = middle;
            }
        }
        if below == n {
            return self.sorted[n - 1];
        }
        ((target - self.sums[below]) / (n - below) as f64).min(self.sorted[below])
    }
}
