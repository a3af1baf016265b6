//! Any value between two ends, each as likely as the next.

use super::family::Family;
use super::{Invalid, not_negative};

/// Uniform over an interval.
#[derive(Clone, Debug, PartialEq)]
pub struct Uniform {
    low: f64,
    high: f64,
}

impl Uniform {
    pub(super) fn new(low: f64, high: f64) -> Result<Self, Invalid> {
        let (low, high) = (not_negative("the lower end", low)?, not_negative("the upper end", high)?);
        if low >= high {
            return Err(Invalid::new(format!("the lower end {low} is not below the upper end {high}")));
        }
        Ok(Self { low, high })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.low * factor, self.high * factor)
    }

    fn width(&self) -> f64 {
        self.high - self.low
    }
}

impl Family for Uniform {
    fn quantile(&self, p: f64) -> f64 {
        self.low + p * self.width()
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.low) / self.width()).clamp(0.0, 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        ((self.high - x) / self.width()).clamp(0.0, 1.0)
    }

    fn density(&self, x: f64) -> f64 {
        if (self.low..=self.high).contains(&x) { 1.0 / self.width() } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        self.low + self.width() / 2.0
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let inside = (x.min(self.high) - self.low).max(0.0);
        x.min(self.low) + inside * (1.0 - inside / (2.0 * self.width()))
    }

    fn exceedance(&self, x: f64) -> f64 {
        let above = (self.high - x.max(self.low)).max(0.0);
        (self.low - x).max(0.0) + above * above / (2.0 * self.width())
    }

    fn excess_quantile(&self, p: f64) -> f64 {
        // Inside the interval limited_mean = low + y - y^2 / (2 width), y = x - low: the smaller root, without the
        // cancellation of the textbook form.
        let beyond = p * self.mean() - self.low;
        if beyond <= 0.0 {
            return p * self.mean();
        }
        let root = libm::sqrt((1.0 - 2.0 * beyond / self.width()).max(0.0));
        self.low + 2.0 * beyond / (1.0 + root)
    }
}
