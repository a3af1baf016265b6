//! Normal, conditioned on being at least 0.

use super::family::Family;
use super::{Invalid, finite, positive};
use crate::random::special::{normal_cdf, normal_density, normal_quantile};

/// The least share of the full normal's mass that must lie at or above 0.
const USABLE_MASS: f64 = 1e-6;

/// A normal distribution of which only the part at or above 0 is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Normal {
    centre: f64,
    sd: f64,
    /// Share of the full normal that is kept.
    kept: f64,
    /// Share of the full normal that is cut off.
    cut: f64,
    mean: f64,
}

impl Normal {
    pub(super) fn new(mean: f64, sd: f64) -> Result<Self, Invalid> {
        let (centre, sd) = (finite("the mean", mean)?, positive("the standard deviation", sd)?);
        let kept = normal_cdf(centre / sd);
        if kept < USABLE_MASS {
            return Err(Invalid::new(format!(
                "a normal with mean {centre} and standard deviation {sd} is hardly ever at least 0"
            )));
        }
        let mut family = Self { centre, sd, kept, cut: normal_cdf(-centre / sd), mean: 0.0 };
        family.mean = family.exceedance(0.0);
        Ok(family)
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::new(self.centre * factor, self.sd * factor)
    }

    fn deviate(&self, x: f64) -> f64 {
        (x - self.centre) / self.sd
    }
}

impl Family for Normal {
    fn quantile(&self, p: f64) -> f64 {
        // Each half from its own end, where the small number is known exactly.
        let above = (1.0 - p) * self.kept;
        let z = if above < 0.5 { -normal_quantile(above) } else { normal_quantile(self.cut + p * self.kept) };
        (self.centre + self.sd * z).max(0.0)
    }

    fn cdf(&self, x: f64) -> f64 {
        let d = self.deviate(x);
        if d < 0.0 { ((normal_cdf(d) - self.cut) / self.kept).max(0.0) } else { 1.0 - self.survival(x) }
    }

    fn survival(&self, x: f64) -> f64 {
        (normal_cdf(-self.deviate(x)) / self.kept).min(1.0)
    }

    fn density(&self, x: f64) -> f64 {
        normal_density(self.deviate(x)) / (self.sd * self.kept)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        // The integral of the survival function; below the centre as x minus that of F, which is the smaller part there.
        let (from, to) = (self.deviate(0.0), self.deviate(x));
        if x < 1e-3 * self.sd {
            // So short that differences would cancel: the midpoint rule with its first correction, Q'' = z phi(z).
            let (middle, step) = (f64::midpoint(from, to), x / self.sd);
            let height = normal_cdf(-middle) + step * step / 24.0 * middle * normal_density(middle);
            x * (height / self.kept).min(1.0)
        } else if to <= 0.0 {
            let below = |z: f64| z * normal_cdf(z) + normal_density(z);
            let missing = self.sd * (below(to) - below(from)) - x * self.cut;
            x - missing.max(0.0) / self.kept
        } else {
            let above = |z: f64| z * normal_cdf(-z) - normal_density(z);
            self.sd * (above(to) - above(from)) / self.kept
        }
    }

    fn exceedance(&self, x: f64) -> f64 {
        let d = self.deviate(x);
        self.sd * (normal_density(d) - d * normal_cdf(-d)).max(0.0) / self.kept
    }
}
