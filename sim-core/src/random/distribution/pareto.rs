//! A tail that falls by a power.

use super::family::Family;
use super::{Invalid, positive};

/// 1 - F(x) = (min / x)^shape from `min` on.
#[derive(Clone, Debug, PartialEq)]
pub struct Pareto {
    shape: f64,
    min: f64,
}

impl Pareto {
    pub(super) fn new(shape: f64, min: f64) -> Result<Self, Invalid> {
        Ok(Self { shape: positive("the shape", shape)?, min: positive("min", min)? })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.shape, self.min * factor)
    }
}

impl Family for Pareto {
    fn quantile(&self, p: f64) -> f64 {
        self.min * libm::exp(-libm::log1p(-p) / self.shape)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-self.shape * libm::log((x / self.min).max(1.0)))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-self.shape * libm::log((x / self.min).max(1.0)))
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.min { 0.0 } else { self.shape / x * self.survival(x) }
    }

    fn mean(&self) -> f64 {
        if self.shape > 1.0 { self.min * self.shape / (self.shape - 1.0) } else { f64::INFINITY }
    }

    fn limited_mean(&self, x: f64) -> f64 {
        // min + the integral of (min / t)^shape from min to x, which is a logarithm at shape 1 and close to it around.
        let ratio = libm::log((x / self.min).max(1.0));
        let power = self.shape - 1.0;
        let grown = if power == 0.0 { ratio } else { -libm::expm1(-power * ratio) / power };
        x.min(self.min) + self.min * grown
    }

    fn exceedance(&self, x: f64) -> f64 {
        if self.shape <= 1.0 {
            return f64::INFINITY;
        }
        let beyond = x.max(self.min) * self.survival(x) / (self.shape - 1.0);
        (self.min - x).max(0.0) + beyond
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        if self.shape <= 1.0 {
            // Without a mean there is no stationary excess: what remains is longer than anything.
            return f64::INFINITY;
        }
        if p * self.shape <= self.shape - 1.0 {
            return p * self.mean();
        }
        self.min * libm::exp(-libm::log(self.shape * (1.0 - p)) / (self.shape - 1.0))
    }
}
