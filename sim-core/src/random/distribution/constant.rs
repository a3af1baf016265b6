//! Always the same value.

use super::family::Family;
use super::{Invalid, not_negative};

/// All mass at one value.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    value: f64,
}

impl Constant {
    pub(super) fn new(value: f64) -> Result<Self, Invalid> {
        Ok(Self { value: not_negative("the value", value)? })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.value * factor)
    }

    pub(super) fn value(&self) -> f64 {
        self.value
    }
}

impl Family for Constant {
    fn quantile(&self, _: f64) -> f64 {
        self.value
    }

    fn cdf(&self, x: f64) -> f64 {
        f64::from(u8::from(x >= self.value))
    }

    fn survival(&self, x: f64) -> f64 {
        f64::from(u8::from(x < self.value))
    }

    fn density(&self, _: f64) -> f64 {
        0.0
    }

    fn mean(&self) -> f64 {
        self.value
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.value.min(x)
    }

    fn exceedance(&self, x: f64) -> f64 {
        (self.value - x).max(0.0)
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        p * self.value
    }
}
