//! A product of many small factors: the usual shape of delays.

use super::family::Family;
use super::{Invalid, finite, positive};
use crate::random::special::{normal_cdf, normal_density, normal_quantile};

/// A log-normal distribution, by exactly two of these. Of two solutions the one with the smaller sigma is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogNormal {
    /// Half of the values lie below.
    pub median: Option<f64>,
    /// Mean of the values.
    pub mean: Option<f64>,
    /// 95 % of the values lie below.
    pub p95: Option<f64>,
    /// 99 % of the values lie below.
    pub p99: Option<f64>,
    /// Standard deviation of the values' natural logarithms.
    pub sigma: Option<f64>,
}

/// exp(mu + sigma Z), Z standard normal.
#[derive(Clone, Debug, PartialEq)]
pub struct LogNormalFamily {
    mu: f64,
    sigma: f64,
    mean: f64,
}

/// A known figure, on the scale of logarithms, as `mu = value - tilt sigma - bend sigma^2`.
struct Known {
    name: &'static str,
    value: f64,
    tilt: f64,
    bend: f64,
}

impl LogNormalFamily {
    pub(super) fn new(spec: &LogNormal) -> Result<Self, Invalid> {
        let places = [
            ("median", spec.median, 0.0, 0.0),
            ("mean", spec.mean, 0.0, 0.5),
            ("p95", spec.p95, normal_quantile(0.95), 0.0),
            ("p99", spec.p99, normal_quantile(0.99), 0.0),
        ];
        let mut known = Vec::with_capacity(2);
        for (name, value, tilt, bend) in places {
            if let Some(value) = value {
                known.push(Known { name, value: libm::log(positive(name, value)?), tilt, bend });
            }
        }
        let sigma = match (spec.sigma, known.as_slice()) {
            (Some(sigma), [_]) => positive("sigma", sigma)?,
            (None, [lower, upper]) => solve_sigma(lower, upper)?,
            _ => {
                let given = known.len() + usize::from(spec.sigma.is_some());
                let verb = if given == 1 { "is" } else { "are" };
                return Err(Invalid::new(format!(
                    "a lognormal takes exactly two of median, mean, p95, p99, sigma, and {given} {verb} given"
                )));
            }
        };
        let mu = known[0].value - known[0].tilt * sigma - known[0].bend * sigma * sigma;
        let mean = libm::exp(mu + sigma * sigma / 2.0);
        Ok(Self { mu, sigma, mean: positive("the mean", mean)? })
    }

    pub(super) fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        Self::of_logarithms(self.mu + libm::log(positive("the factor", factor)?), self.sigma)
    }

    /// By mean and standard deviation of the logarithms.
    pub(super) fn of_logarithms(mu: f64, sigma: f64) -> Result<Self, Invalid> {
        let (mu, sigma) = (finite("mu", mu)?, positive("sigma", sigma)?);
        positive("the median", libm::exp(mu))?;
        let mean = libm::exp(mu + sigma * sigma / 2.0);
        Ok(Self { mu, sigma, mean: positive("the mean", mean)? })
    }

    /// Mean and standard deviation of the logarithms.
    pub(super) const fn logarithms(&self) -> (f64, f64) {
        (self.mu, self.sigma)
    }

    fn deviate(&self, x: f64) -> f64 {
        (libm::log(x) - self.mu) / self.sigma
    }
}

/// The sigma at which both give the same mu; the smaller one where there are two.
fn solve_sigma(lower: &Known, upper: &Known) -> Result<f64, Invalid> {
    let gap = upper.value - lower.value;
    let tilt = upper.tilt - lower.tilt;
    let bend = upper.bend - lower.bend;
    let inconsistent = |why: &str| Err(Invalid::new(format!("no lognormal has {why}")));
    // gap = tilt sigma + bend sigma^2, in four shapes.
    let sigma = if bend == 0.0 {
        gap / tilt
    } else if tilt == 0.0 {
        libm::sqrt((gap / bend).max(0.0))
    } else {
        // The mean and a percentile: bend = -1/2. The percentile can exceed the mean by a factor of exp(tilt^2 / 2) at
        // most; if it lies below the mean, one of the two roots is negative.
        let inside = tilt * tilt + 4.0 * bend * gap;
        if inside < 0.0 {
            return inconsistent(&format!("a {} so far above its {}", upper.name, lower.name));
        }
        let smaller = 2.0 * gap / (tilt + libm::sqrt(inside));
        if smaller > 0.0 { smaller } else { tilt + libm::sqrt(inside) }
    };
    if sigma > 0.0 {
        Ok(sigma)
    } else {
        inconsistent(&format!("a {} that is not above its {}", upper.name, lower.name))
    }
}

impl Family for LogNormalFamily {
    fn quantile(&self, p: f64) -> f64 {
        libm::exp(self.mu + self.sigma * normal_quantile(p))
    }

    fn cdf(&self, x: f64) -> f64 {
        normal_cdf(self.deviate(x))
    }

    fn survival(&self, x: f64) -> f64 {
        normal_cdf(-self.deviate(x))
    }

    fn density(&self, x: f64) -> f64 {
        if x > 0.0 { normal_density(self.deviate(x)) / (self.sigma * x) } else { 0.0 }
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let d = self.deviate(x);
        self.mean * normal_cdf(d - self.sigma) + x * normal_cdf(-d)
    }

    fn exceedance(&self, x: f64) -> f64 {
        let d = self.deviate(x);
        (self.mean * normal_cdf(self.sigma - d) - x * normal_cdf(-d)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(spec: LogNormal) -> LogNormalFamily {
        LogNormalFamily::new(&spec).expect("a valid pair")
    }

    #[test]
    fn any_two_parameters_are_met() {
        let none = LogNormal::default();
        let specs = [
            LogNormal { median: Some(2.0), mean: Some(3.0), ..none },
            LogNormal { median: Some(2.0), p95: Some(9.0), ..none },
            LogNormal { median: Some(2.0), p99: Some(9.0), ..none },
            LogNormal { median: Some(2.0), sigma: Some(0.3), ..none },
            LogNormal { mean: Some(2.0), p95: Some(5.0), ..none },
            LogNormal { mean: Some(2.0), p99: Some(5.0), ..none },
            LogNormal { mean: Some(2.0), p95: Some(1.0), ..none },
            LogNormal { mean: Some(2.0), sigma: Some(0.7), ..none },
            LogNormal { p95: Some(2.0), p99: Some(2.5), ..none },
            LogNormal { p95: Some(2.0), sigma: Some(0.1), ..none },
            LogNormal { p99: Some(2.0), sigma: Some(1.1), ..none },
        ];
        for spec in specs {
            let family = family(spec);
            let pairs = [
                (spec.median, family.quantile(0.5)),
                (spec.mean, family.mean()),
                (spec.p95, family.quantile(0.95)),
                (spec.p99, family.quantile(0.99)),
                (spec.sigma, family.sigma),
            ];
            for (wanted, got) in pairs {
                assert!(wanted.is_none_or(|wanted| (got / wanted - 1.0).abs() < 1e-13), "{spec:?}: {got}");
            }
        }
    }

    #[test]
    fn of_two_solutions_the_smaller_sigma_is_taken() {
        // ln(p95 / mean) = z sigma - sigma^2 / 2 has the roots sigma and 2 z - sigma.
        let spec = LogNormal { mean: Some(1.0), sigma: Some(0.4), ..LogNormal::default() };
        let p95 = family(spec).quantile(0.95);
        let again = family(LogNormal { mean: Some(1.0), p95: Some(p95), ..LogNormal::default() });
        assert!((again.sigma - 0.4).abs() < 1e-12, "{}", again.sigma);
    }

    #[test]
    fn inconsistent_or_incomplete_parameters_are_refused_with_the_reason() {
        let none = LogNormal::default();
        let cases = [
            (none, "exactly two of median, mean, p95, p99, sigma, and 0 are given"),
            (LogNormal { median: Some(1.0), ..none }, "and 1 is given"),
            (LogNormal { median: Some(1.0), p95: Some(2.0), sigma: Some(1.0), ..none }, "and 3 are given"),
            (LogNormal { median: Some(1.0), p95: Some(1.0), ..none }, "a p95 that is not above its median"),
            (LogNormal { median: Some(2.0), mean: Some(1.0), ..none }, "a mean that is not above its median"),
            (LogNormal { p95: Some(2.0), p99: Some(1.0), ..none }, "a p99 that is not above its p95"),
            (LogNormal { mean: Some(1.0), p95: Some(4.0), ..none }, "a p95 so far above its mean"),
            (LogNormal { median: Some(0.0), p95: Some(4.0), ..none }, "median must be above 0"),
            (LogNormal { median: Some(1.0), sigma: Some(-1.0), ..none }, "sigma must be above 0"),
            (LogNormal { median: Some(1.0), sigma: Some(12.0), ..none }, "the mean must not be larger than 1e30"),
        ];
        for (spec, fragment) in cases {
            let reason = LogNormalFamily::new(&spec).expect_err("no lognormal").reason;
            assert!(reason.contains(fragment), "{spec:?}: {reason}");
        }
    }
}
