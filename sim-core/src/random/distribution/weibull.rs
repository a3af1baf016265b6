//! Wear-out (shape above 1) or infant mortality (shape below 1).

use super::family::Family;
use super::{Invalid, positive};
use crate::random::special::{Incomplete, incomplete_gamma, inverse_incomplete_gamma};

/// F(x) = 1 - exp(-(x / scale)^shape).
#[derive(Clone, Debug, PartialEq)]
pub struct Weibull {
    shape: f64,
    scale: f64,
    mean: f64,
}

impl Weibull {
    pub(super) fn new(shape: f64, scale: f64) -> Result<Self, Invalid> {
        let (shape, scale) = (positive("the shape", shape)?, positive("the scale", scale)?);
        let mean = scale * libm::tgamma(1.0 + 1.0 / shape);
        Ok(Self { shape, scale, mean: positive("the mean", mean)? })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.shape, self.scale * factor)
    }

    /// (x / scale)^shape: what an exponential of mean 1 would have been.
    fn hazard(&self, x: f64) -> f64 {
        libm::pow(x / self.scale, self.shape)
    }

    fn at_hazard(&self, hazard: f64) -> f64 {
        self.scale * libm::pow(hazard, 1.0 / self.shape)
    }

    /// The stationary excess at x is an incomplete gamma function of the hazard there.
    fn excess(&self, x: f64) -> Incomplete {
        incomplete_gamma(1.0 / self.shape, self.hazard(x))
    }
}

impl Family for Weibull {
    fn quantile(&self, p: f64) -> f64 {
        self.at_hazard(-libm::log1p(-p))
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-self.hazard(x))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-self.hazard(x))
    }

    fn density(&self, x: f64) -> f64 {
        if x > 0.0 { self.shape / x * self.hazard(x) * self.survival(x) } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.mean * self.excess(x).lower
    }

    fn exceedance(&self, x: f64) -> f64 {
        self.mean * self.excess(x).upper
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        self.at_hazard(inverse_incomplete_gamma(1.0 / self.shape, p))
    }
}
