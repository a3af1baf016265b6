//! Waiting for something that is as likely at any instant as at any other.

use super::family::Family;
use super::{Invalid, positive};

/// Exponential with a given mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Exponential {
    mean: f64,
}

impl Exponential {
    pub(super) fn new(mean: f64) -> Result<Self, Invalid> {
        Ok(Self { mean: positive("the mean", mean)? })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.mean * factor)
    }
}

impl Family for Exponential {
    fn quantile(&self, p: f64) -> f64 {
        -self.mean * libm::log1p(-p)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-x / self.mean)
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-x / self.mean)
    }

    fn density(&self, x: f64) -> f64 {
        self.survival(x) / self.mean
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.mean * self.cdf(x)
    }

    fn exceedance(&self, x: f64) -> f64 {
        self.mean * self.survival(x)
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        // It does not remember how long it has waited.
        self.quantile(p)
    }
}
