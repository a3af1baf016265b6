//! Families of laws that are fitted, by the formulas that fitting needs.

use crate::random::special::{incomplete_gamma, normal_cdf, normal_quantile};
use crate::random::{Distribution, Invalid, LogNormal};

use super::observed::Observed;

/// A family of laws on x > 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The exponential of a normal.
    LogNormal,
    /// A power of an exponential.
    Weibull,
    /// A sum of exponential stages.
    Gamma,
    /// Now one lognormal, now another.
    TwoLogNormals,
}

impl Family {
    /// How many numbers a law of it takes.
    pub const fn parameters(self) -> usize {
        match self {
            Self::LogNormal | Self::Weibull | Self::Gamma => 2,
            Self::TwoLogNormals => 5,
        }
    }

    /// Its name in sentences.
    pub const fn word(self) -> &'static str {
        match self {
            Self::LogNormal => "lognormal",
            Self::Weibull => "Weibull",
            Self::Gamma => "gamma",
            Self::TwoLogNormals => "mixture of two lognormals",
        }
    }
}

/// A law of a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    /// exp(mu + sigma Z), Z standard normal.
    LogNormal {
        /// Mean of the logarithms.
        mu: f64,
        /// Their standard deviation.
        sigma: f64,
    },
    /// 1 - F(x) = exp(-(x / scale)^shape).
    Weibull {
        /// Its shape.
        shape: f64,
        /// Its scale.
        scale: f64,
    },
    /// Density proportional to x^(shape - 1) exp(-x / scale).
    Gamma {
        /// Its shape.
        shape: f64,
        /// Its scale.
        scale: f64,
    },
    /// The first with probability `weight`, else the second; each by mean and standard deviation of its logarithms.
    TwoLogNormals {
        /// Share of the first.
        weight: f64,
        /// The first.
        first: [f64; 2],
        /// The second.
        second: [f64; 2],
    },
}

/// ln sqrt(2 pi).
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

impl Law {
    /// Its family.
    pub const fn family(&self) -> Family {
        match self {
            Self::LogNormal { .. } => Family::LogNormal,
            Self::Weibull { .. } => Family::Weibull,
            Self::Gamma { .. } => Family::Gamma,
            Self::TwoLogNormals { .. } => Family::TwoLogNormals,
        }
    }

    /// The law of a family of two numbers at a point of the plane on which its posterior is taken: the logarithm of a
    /// typical value, and the logarithm of the shape, of a lognormal that of sigma.
    pub(super) fn at(family: Family, [location, shape]: [f64; 2]) -> Self {
        match family {
            Family::Weibull => Self::Weibull { shape: libm::exp(shape), scale: libm::exp(location) },
            Family::Gamma => {
                let shape = libm::exp(shape);
                Self::Gamma { shape, scale: libm::exp(location) / shape }
            }
            Family::LogNormal | Family::TwoLogNormals => Self::LogNormal { mu: location, sigma: libm::exp(shape) },
        }
    }

    /// The point of that plane.
    pub(super) fn point(&self) -> [f64; 2] {
        match *self {
            Self::LogNormal { mu, sigma } => [mu, libm::log(sigma)],
            Self::Weibull { shape, scale } => [libm::log(scale), libm::log(shape)],
            Self::Gamma { shape, scale } => [libm::log(shape * scale), libm::log(shape)],
            Self::TwoLogNormals { weight, first, second } => {
                let mu = weight * first[0] + (1.0 - weight) * second[0];
                [mu, libm::log(weight * first[1] + (1.0 - weight) * second[1])]
            }
        }
    }

    /// The logarithm of the density at `x`; negative infinity where there is none.
    pub fn ln_density(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let ln = libm::log(x);
        match *self {
            Self::LogNormal { mu, sigma } => ln_normal(ln, [mu, sigma]) - ln,
            Self::Weibull { shape, scale } => {
                let ratio = ln - libm::log(scale);
                libm::log(shape) - ln + shape * ratio - libm::exp(shape * ratio)
            }
            Self::Gamma { shape, scale } => {
                (shape - 1.0) * ln - x / scale - libm::lgamma(shape) - shape * libm::log(scale)
            }
            Self::TwoLogNormals { weight, first, second } => {
                let one = libm::log(weight) + ln_normal(ln, first);
                let other = libm::log1p(-weight) + ln_normal(ln, second);
                let top = one.max(other);
                top + libm::log(libm::exp(one - top) + libm::exp(other - top)) - ln
            }
        }
    }

    /// The probability of a value up to `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.tails(x).0
    }

    /// The probability of a value above `x`, with its own accuracy in the tail.
    pub fn survival(&self, x: f64) -> f64 {
        self.tails(x).1
    }

    /// Both.
    fn tails(&self, x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if x.is_infinite() {
            return (1.0, 0.0);
        }
        let normal = |[mu, sigma]: [f64; 2]| {
            let z = (libm::log(x) - mu) / sigma;
            (normal_cdf(z), normal_cdf(-z))
        };
        match *self {
            Self::LogNormal { mu, sigma } => normal([mu, sigma]),
            Self::Weibull { shape, scale } => {
                let power = libm::pow(x / scale, shape);
                (-libm::expm1(-power), libm::exp(-power))
            }
            Self::Gamma { shape, scale } => {
                let both = incomplete_gamma(shape, x / scale);
                (both.lower, both.upper)
            }
            Self::TwoLogNormals { weight, first, second } => {
                let (one, other) = (normal(first), normal(second));
                let mixed = |a: f64, b: f64| weight * a + (1.0 - weight) * b;
                (mixed(one.0, other.0), mixed(one.1, other.1))
            }
        }
    }

    /// The value below which a share `p` lies, 0 < p < 1.
    pub fn quantile(&self, p: f64) -> f64 {
        match *self {
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p)),
            Self::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Self::Gamma { .. } | Self::TwoLogNormals { .. } => {
                self.distribution().map_or(f64::NAN, |distribution| distribution.quantile(p))
            }
        }
    }

    /// The same law to draw from.
    ///
    /// # Errors
    /// When a parameter is beyond what draws can bear.
    pub fn distribution(&self) -> Result<Distribution, Invalid> {
        let lognormal = |[mu, sigma]: [f64; 2]| {
            let spec = LogNormal { median: Some(libm::exp(mu)), sigma: Some(sigma), ..LogNormal::default() };
            Distribution::lognormal(&spec)
        };
        match *self {
            Self::LogNormal { mu, sigma } => lognormal([mu, sigma]),
            Self::Weibull { shape, scale } => Distribution::weibull(shape, scale),
            Self::Gamma { shape, scale } => Distribution::gamma(shape, scale),
            Self::TwoLogNormals { weight, first, second } => {
                Distribution::mixture(vec![(weight, lognormal(first)?), (1.0 - weight, lognormal(second)?)])
            }
        }
    }

    /// The logarithm of the likelihood of what was observed.
    pub fn ln_likelihood(&self, observed: &[Observed]) -> f64 {
        observed.iter().map(|one| self.ln_probability(*one)).sum()
    }

    fn ln_probability(&self, observed: Observed) -> f64 {
        match observed {
            Observed::Exact(value) => self.ln_density(value),
            Observed::Above(value) => libm::log(self.survival(value)),
            Observed::Between(low, high) => {
                let ((below, above), (upto, beyond)) = (self.tails(low), self.tails(high));
                // The smaller tail has the digits.
                libm::log(if below < 0.5 { upto - below } else { above - beyond })
            }
        }
    }
}

/// The logarithm of a normal density at `x`.
fn ln_normal(x: f64, [mu, sigma]: [f64; 2]) -> f64 {
    let z = (x - mu) / sigma;
    -z * z / 2.0 - HALF_LN_TAU - libm::log(sigma)
}
