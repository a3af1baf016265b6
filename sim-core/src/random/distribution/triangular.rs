//! The estimate of an expert: the least, the usual and the most.

use super::family::Family;
use super::{Invalid, not_negative};
use crate::random::special::increasing_root;

/// Density rising from `min` to `mode` and falling to `max`, both in straight lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
}

impl Triangular {
    pub(super) fn new(min: f64, mode: f64, max: f64) -> Result<Self, Invalid> {
        let (min, mode, max) = (not_negative("min", min)?, not_negative("mode", mode)?, not_negative("max", max)?);
        if !(min <= mode && mode <= max && min < max) {
            return Err(Invalid::new(format!("min {min}, mode {mode} and max {max} are not in increasing order")));
        }
        Ok(Self { min, mode, max })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.min * factor, self.mode * factor, self.max * factor)
    }

    /// Twice the inverse of the density's rate of rise; 0 if it rises at once.
    fn rise(&self) -> f64 {
        (self.max - self.min) * (self.mode - self.min)
    }

    /// Twice the inverse of the density's rate of fall; 0 if it falls at once.
    fn fall(&self) -> f64 {
        (self.max - self.min) * (self.max - self.mode)
    }
}

impl Family for Triangular {
    fn quantile(&self, p: f64) -> f64 {
        if p * (self.max - self.min) < self.mode - self.min {
            self.min + libm::sqrt(p * self.rise())
        } else {
            self.max - libm::sqrt((1.0 - p) * self.fall())
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.min {
            0.0
        } else if x < self.mode {
            (x - self.min) * (x - self.min) / self.rise()
        } else {
            1.0 - self.survival(x)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        if x >= self.max {
            0.0
        } else if x >= self.mode {
            (self.max - x) * (self.max - x) / self.fall()
        } else {
            1.0 - self.cdf(x)
        }
    }

    fn density(&self, x: f64) -> f64 {
        if x < self.min || x >= self.max {
            0.0
        } else if x < self.mode {
            2.0 * (x - self.min) / self.rise()
        } else {
            2.0 * (self.max - x) / self.fall()
        }
    }

    fn mean(&self) -> f64 {
        (self.min + self.mode + self.max) / 3.0
    }

    fn limited_mean(&self, x: f64) -> f64 {
        if x <= self.min {
            x
        } else if x < self.mode {
            x - (x - self.min) * self.cdf(x) / 3.0
        } else {
            self.mean() - self.exceedance(x)
        }
    }

    fn exceedance(&self, x: f64) -> f64 {
        if x >= self.mode {
            (self.max - x).max(0.0) * self.survival(x) / 3.0
        } else {
            self.mean() - self.limited_mean(x)
        }
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        let (part, rest) = (p * self.mean(), (1.0 - p) * self.mean());
        if part <= self.min {
            part
        } else if rest <= self.exceedance(self.mode) {
            // Past the mode the exceedance is a cube.
            self.max - libm::cbrt(3.0 * self.fall() * rest)
        } else {
            increasing_root(part, self.mode, part, |x| (self.limited_mean(x) - part, self.survival(x)))
        }
    }
}
