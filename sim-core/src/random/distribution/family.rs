//! What every family of distributions can say about itself.

use crate::random::special::increasing_root;

/// A distribution on x >= 0. Arguments: 0 <= p <= 1, x >= 0.
pub(super) trait Family {
    /// The smallest x with F(x) >= p.
    fn quantile(&self, p: f64) -> f64;
    /// F(x).
    fn cdf(&self, x: f64) -> f64;
    /// 1 - F(x), with its own relative accuracy where F(x) is close to 1.
    fn survival(&self, x: f64) -> f64;
    /// The derivative of F; 0 where there is none.
    fn density(&self, x: f64) -> f64;
    /// E X.
    fn mean(&self) -> f64;
    /// E min(X, x).
    fn limited_mean(&self, x: f64) -> f64;
    /// E max(X - x, 0), with its own relative accuracy in the tail. Together with the limited mean: the mean.
    fn exceedance(&self, x: f64) -> f64;

    /// Quantile of the stationary excess; by default the root of `limited_mean(x) = p * mean`.
    fn excess_quantile(&self, p: f64) -> f64 {
        let mean = self.mean();
        if mean == 0.0 {
            return 0.0;
        }
        // E min(X, x) <= x, so the root cannot lie before p * mean.
        let low = p * mean;
        let mut high = self.quantile(1.0);
        if p >= 1.0 {
            return high;
        }
        if p <= 0.5 {
            if high.is_infinite() {
                high = doubled(low, |x| self.limited_mean(x) >= low);
            }
            increasing_root(low, high, low, |x| (self.limited_mean(x) - low, self.survival(x)))
        } else {
            let rest = (1.0 - p) * mean;
            if high.is_infinite() {
                high = doubled(low, |x| self.exceedance(x) <= rest);
            }
            // On a logarithmic scale a tail is nearly straight, so that few steps lead there.
            let target = libm::log(rest);
            increasing_root(low, high, self.quantile(p), |x| {
                let exceedance = self.exceedance(x);
                (target - libm::log(exceedance), self.survival(x) / exceedance)
            })
        }
    }
}

/// The first of `start`, 2 `start`, 4 `start`, .. that is `enough`.
fn doubled(start: f64, enough: impl Fn(f64) -> bool) -> f64 {
    let mut x = start.max(f64::MIN_POSITIVE);
    while !enough(x) && x < f64::MAX / 2.0 {
        x *= 2.0;
    }
    x
}
