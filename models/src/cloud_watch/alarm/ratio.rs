//! The metric of an alarm, averaged over a period.

use crate::periods::exceeds;

/// A ratio of two piecewise constant rates, averaged over periods.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ratio {
    above: f64,
    below: f64,
    sum_above: f64,
    sum_below: f64,
    /// Whether a period in which `above` stays 0 has no datapoint.
    sparse: bool,
}

impl Ratio {
    /// Nothing is published yet.
    pub(super) fn new(sparse: bool) -> Self {
        Self { sparse, ..Self::default() }
    }

    /// From now on it is `above / below`.
    pub(super) fn set(&mut self, above: f64, below: f64) {
        (self.above, self.below) = (above, below);
    }

    /// Whether it is of these two.
    pub(super) fn is(&self, above: f64, below: f64) -> bool {
        (self.above, self.below) == (above, below)
    }

    /// What holds has held for so many seconds.
    pub(super) fn accumulate(&mut self, seconds: f64) {
        self.sum_above += self.above * seconds;
        self.sum_below += self.below * seconds;
    }

    /// A new period begins.
    pub(super) fn forget(&mut self) {
        (self.sum_above, self.sum_below) = (0.0, 0.0);
    }

    /// The datapoint of a period in which nothing changes.
    pub(super) fn present(&self) -> Option<f64> {
        self.datapoint(self.above, self.below)
    }

    /// The datapoint of the period that was added up.
    pub(super) fn mean(&self) -> Option<f64> {
        self.datapoint(self.sum_above, self.sum_below)
    }

    fn datapoint(&self, above: f64, below: f64) -> Option<f64> {
        let value = (below > 0.0).then(|| above / below)?;
        (!self.sparse || exceeds(value, 0.0)).then_some(value)
    }
}
