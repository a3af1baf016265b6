//! Properties of every family of distributions.

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
        let end = self.quantile(1.0);
        if p >= 1.0 {
            return end;
        }
        // E min(X, x) <= x, so the root cannot lie before p * mean.
        let low = p * mean;
        if p <= 0.5 {
            let Some(high) = reaching(2.0 * mean, end, |x| self.limited_mean(x) >= low) else { return f64::INFINITY };
            increasing_root(low, high, low, |x| (self.limited_mean(x) - low, self.survival(x)))
        } else {
            let (rest, guess) = ((1.0 - p) * mean, self.quantile(p));
            let Some(high) = reaching(2.0 * mean.max(guess), end, |x| self.exceedance(x) <= rest) else {
                return f64::INFINITY;
            };
            // On a logarithmic scale a tail is nearly straight, so that few steps lead there.
            let target = libm::log(rest);
            increasing_root(low, high, guess, |x| {
                let exceedance = self.exceedance(x);
                (target - libm::log(exceedance), self.survival(x) / exceedance)
            })
        }
    }
}

/// The first of `start`, 8 `start`, 64 `start`, .. that is `enough`, or `end` if that comes before; nothing if none is.
fn reaching(start: f64, end: f64, enough: impl Fn(f64) -> bool) -> Option<f64> {
    let mut x = start;
    while x < end {
        if x > f64::MAX / 8.0 {
            return None;
        }
        if enough(x) {
            return Some(x);
        }
        x *= 8.0;
    }
    Some(end)
}
