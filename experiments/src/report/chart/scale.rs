//! From a figure to a place on the page.

/// Maps figures from `low` to `high` onto the page from `start` to `end`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    logarithmic: bool,
    pub(crate) low: f64,
    pub(crate) high: f64,
    start: f64,
    end: f64,
}

impl Scale {
    /// A linear scale. A range without extent, or one that is not finite, becomes one unit.
    pub(crate) fn linear(low: f64, high: f64, start: f64, end: f64) -> Self {
        let low = if low.is_finite() { low } else { 0.0 };
        let high = if high.is_finite() && high > low { high } else { low + 1.0 };
        Self { logarithmic: false, low, high, start, end }
    }

    /// A logarithmic scale; linear if it cannot be one.
    pub(crate) fn logarithmic(low: f64, high: f64, start: f64, end: f64) -> Self {
        if low > 0.0 && high.is_finite() && high > low {
            Self { logarithmic: true, low, high, start, end }
        } else {
            Self::linear(low, high, start, end)
        }
    }

    /// The same figures over another part of the page.
    pub(crate) const fn over(self, start: f64, end: f64) -> Self {
        Self { start, end, ..self }
    }

    pub(crate) const fn is_logarithmic(&self) -> bool {
        self.logarithmic
    }

    /// Whether a figure lies on the scale.
    pub(crate) fn holds(&self, value: f64) -> bool {
        value >= self.low && value <= self.high
    }

    /// The place of a figure; the nearer end for one outside.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let value = if value.is_nan() { self.low } else { value.clamp(self.low, self.high) };
        let part = if self.logarithmic {
            libm::log(value / self.low) / libm::log(self.high / self.low)
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.start + part * (self.end - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_range_breaks_a_scale() {
        for (low, high) in [(0.0, 0.0), (f64::NAN, 1.0), (5.0, f64::INFINITY), (1.0, 1.0), (0.0, 1e300), (0.0, 1e-300)]
        {
            for scale in [Scale::linear(low, high, 0.0, 100.0), Scale::logarithmic(low, high, 0.0, 100.0)] {
                assert!(scale.place(0.5).is_finite() && scale.place(f64::NAN).is_finite());
            }
        }
    }

    #[test]
    fn a_figure_outside_is_at_the_nearer_end() {
        let scale = Scale::logarithmic(1.0, 100.0, 10.0, 30.0);
        assert_eq!([0.0, 10.0, 1e9].map(|value| scale.place(value)), [10.0, 20.0, 30.0]);
    }
}
