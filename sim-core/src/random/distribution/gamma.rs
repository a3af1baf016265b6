//! A sum of exponential stages.

use super::family::Family;
use super::{Invalid, positive};
use crate::random::special::{gamma_density, incomplete_gamma, inverse_incomplete_gamma};

/// Density proportional to x^(shape - 1) exp(-x / scale).
#[derive(Clone, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
}

impl Gamma {
    pub(super) fn new(shape: f64, scale: f64) -> Result<Self, Invalid> {
        let family = Self { shape: positive("the shape", shape)?, scale: positive("the scale", scale)? };
        positive("the mean", family.mean())?;
        Ok(family)
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.shape, self.scale * factor)
    }
}

impl Family for Gamma {
    fn quantile(&self, p: f64) -> f64 {
        self.scale * inverse_incomplete_gamma(self.shape, p)
    }

    fn cdf(&self, x: f64) -> f64 {
        incomplete_gamma(self.shape, x / self.scale).lower
    }

    fn survival(&self, x: f64) -> f64 {
        incomplete_gamma(self.shape, x / self.scale).upper
    }

    fn density(&self, x: f64) -> f64 {
        if x > 0.0 { gamma_density(self.shape, x / self.scale) / self.scale } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    fn limited_mean(&self, x: f64) -> f64 {
        // x times the density is the mean times the density of a gamma with one stage more.
        let y = x / self.scale;
        self.mean() * incomplete_gamma(self.shape + 1.0, y).lower + x * incomplete_gamma(self.shape, y).upper
    }

    fn exceedance(&self, x: f64) -> f64 {
        // The same for what lies above, where P(shape + 1, y) = P(shape, y) - y^shape e^-y / Gamma(shape + 1).
        let y = x / self.scale;
        let upper = incomplete_gamma(self.shape, y).upper;
        let step = gamma_density(self.shape, y) * y;
        self.scale * ((self.shape - y) * upper + step).max(0.0)
    }
}
