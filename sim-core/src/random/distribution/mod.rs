//! Distributions of values that are never negative: durations, numbers, shares.
//!
//! Each is checked when it is built, so that drawing cannot fail. One file per family.

mod constant;
mod empirical;
mod exponential;
mod family;
mod gamma;
mod lognormal;
mod mixture;
mod normal;
mod pareto;
mod quantiles;
mod triangular;
mod uniform;
mod weibull;

use family::Family;
pub use lognormal::LogNormal;
use std::fmt;

/// Why a distribution cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Completes "invalid distribution: ..".
    pub reason: String,
}

impl Invalid {
    fn new(reason: String) -> Self {
        Self { reason }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid distribution: {}", self.reason)
    }
}

impl std::error::Error for Invalid {}

/// A distribution on x >= 0. Made by the constructors, which check it; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same value.
    Constant(constant::Constant),
    /// Every value of an interval alike.
    Uniform(uniform::Uniform),
    /// Without memory.
    Exponential(exponential::Exponential),
    /// The exponential of a normal.
    LogNormal(lognormal::LogNormalFamily),
    /// Normal, conditioned on being at least 0.
    Normal(normal::Normal),
    /// A power of an exponential.
    Weibull(weibull::Weibull),
    /// A sum of exponential stages.
    Gamma(gamma::Gamma),
    /// Least, usual, most.
    Triangular(triangular::Triangular),
    /// A tail that falls by a power.
    Pareto(pareto::Pareto),
    /// Now one, now another.
    Mixture(mixture::Mixture),
    /// Through given quantiles.
    Quantiles(quantiles::Quantiles),
    /// Observations, resampled.
    Empirical(empirical::Empirical),
}

/// The same expression for whichever family it is.
macro_rules! each {
    ($distribution:expr, $family:ident => $result:expr) => {
        match $distribution {
            Distribution::Constant($family) => $result,
            Distribution::Uniform($family) => $result,
            Distribution::Exponential($family) => $result,
            Distribution::LogNormal($family) => $result,
            Distribution::Normal($family) => $result,
            Distribution::Weibull($family) => $result,
            Distribution::Gamma($family) => $result,
            Distribution::Triangular($family) => $result,
            Distribution::Pareto($family) => $result,
            Distribution::Mixture($family) => $result,
            Distribution::Quantiles($family) => $result,
            Distribution::Empirical($family) => $result,
        }
    };
}

impl Distribution {
    /// Always `value`.
    pub fn constant(value: f64) -> Result<Self, Invalid> {
        constant::Constant::new(value).map(Self::Constant)
    }

    /// Every value from `low` to `high` alike. Where the two are equal, that value.
    pub fn uniform(low: f64, high: f64) -> Result<Self, Invalid> {
        if low == high { Self::constant(low) } else { uniform::Uniform::new(low, high).map(Self::Uniform) }
    }

    /// Exponential.
    pub fn exponential(mean: f64) -> Result<Self, Invalid> {
        exponential::Exponential::new(mean).map(Self::Exponential)
    }

    /// Log-normal, by exactly two of its parameters.
    pub fn lognormal(spec: &LogNormal) -> Result<Self, Invalid> {
        lognormal::LogNormalFamily::new(spec).map(Self::LogNormal)
    }

    /// Normal with this mean and standard deviation, of which only the part at or above 0 is kept: [`Self::mean`] is
    /// larger than `mean`. At least a millionth must be left.
    pub fn normal(mean: f64, sd: f64) -> Result<Self, Invalid> {
        normal::Normal::new(mean, sd).map(Self::Normal)
    }

    /// Weibull: 1 - F(x) = exp(-(x / scale)^shape).
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, Invalid> {
        weibull::Weibull::new(shape, scale).map(Self::Weibull)
    }

    /// Gamma, with mean `shape` x `scale`.
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, Invalid> {
        gamma::Gamma::new(shape, scale).map(Self::Gamma)
    }

    /// Triangular. Where all three are equal, that value.
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self, Invalid> {
        if min == mode && mode == max {
            return Self::constant(min);
        }
        triangular::Triangular::new(min, mode, max).map(Self::Triangular)
    }

    /// Pareto: 1 - F(x) = (min / x)^shape. With a shape of at most 1 the mean is infinite, and with a shape far below 1
    /// single draws can be, too: longer than any horizon.
    pub fn pareto(shape: f64, min: f64) -> Result<Self, Invalid> {
        pareto::Pareto::new(shape, min).map(Self::Pareto)
    }

    /// A mixture of (weight, distribution); the weights add up to 1.
    pub fn mixture(parts: Vec<(f64, Self)>) -> Result<Self, Invalid> {
        mixture::Mixture::new(parts).map(Self::Mixture)
    }

    /// Through points (probability, value), both increasing: piecewise linear in (standard-normal quantile, logarithm of
    /// the value), and the end slopes continue.
    #[expect(clippy::needless_pass_by_value, reason = "like the other constructors that take a list")]
    pub fn quantiles(points: Vec<(f64, f64)>) -> Result<Self, Invalid> {
        quantiles::Quantiles::new(&points).map(Self::Quantiles)
    }

    /// Observations, resampled: each as likely as the next, in any order.
    pub fn empirical(observations: Vec<f64>) -> Result<Self, Invalid> {
        empirical::Empirical::new(observations).map(Self::Empirical)
    }

    /// The value below which a share `p` of the values lies, 0 <= p <= 1: the draw at the uniform number `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        each!(self, family => family.quantile(p))
    }

    /// The probability of a value up to `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        if x < 0.0 { 0.0 } else { each!(self, family => family.cdf(x)) }
    }

    /// The probability of a value above `x`, with its own relative accuracy in the tail.
    pub fn survival(&self, x: f64) -> f64 {
        if x < 0.0 { 1.0 } else { each!(self, family => family.survival(x)) }
    }

    fn density(&self, x: f64) -> f64 {
        if x < 0.0 { 0.0 } else { each!(self, family => family.density(x)) }
    }

    /// The mean; infinite for a Pareto distribution with a shape of at most 1, or a mixture with such a part.
    pub fn mean(&self) -> f64 {
        each!(self, family => family.mean())
    }

    /// The value, if it is always the same.
    pub fn is_constant(&self) -> Option<f64> {
        if let Self::Constant(constant) = self { Some(constant.value()) } else { None }
    }

    /// E min(X, x).
    pub fn limited_mean(&self, x: f64) -> f64 {
        if x <= 0.0 { x } else { each!(self, family => family.limited_mean(x)) }
    }

    /// E max(X - x, 0): with the limited mean it adds up to the mean.
    pub fn exceedance(&self, x: f64) -> f64 {
        if x <= 0.0 { self.mean() - x } else { each!(self, family => family.exceedance(x)) }
    }

    /// Quantile of the stationary excess: how long something under way still takes, seen at a random instant. Its
    /// distribution function is `limited_mean(x) / mean`. Infinite where the mean is; 0 where the mean is 0.
    pub fn excess_quantile(&self, p: f64) -> f64 {
        if self.mean().is_infinite() {
            return f64::INFINITY;
        }
        each!(self, family => family.excess_quantile(p))
    }

    /// The distribution of `factor` times the value. The factor is above 0.
    ///
    /// # Errors
    /// When the values get too large or too small.
    pub fn scaled(&self, factor: f64) -> Result<Self, Invalid> {
        let factor = positive("the factor", factor)?;
        Ok(match self {
            Self::Constant(family) => Self::Constant(family.scaled(factor)?),
            Self::Uniform(family) => Self::Uniform(family.scaled(factor)?),
            Self::Exponential(family) => Self::Exponential(family.scaled(factor)?),
            Self::LogNormal(family) => Self::LogNormal(family.scaled(factor)?),
            Self::Normal(family) => Self::Normal(family.scaled(factor)?),
            Self::Weibull(family) => Self::Weibull(family.scaled(factor)?),
            Self::Gamma(family) => Self::Gamma(family.scaled(factor)?),
            Self::Triangular(family) => Self::Triangular(family.scaled(factor)?),
            Self::Pareto(family) => Self::Pareto(family.scaled(factor)?),
            Self::Mixture(family) => Self::Mixture(family.scaled(factor)?),
            Self::Quantiles(family) => Self::Quantiles(family.scaled(factor)?),
            Self::Empirical(family) => Self::Empirical(family.scaled(factor)?),
        })
    }

    /// A lognormal distribution by mean and standard deviation of its logarithms.
    ///
    /// # Errors
    /// When there is none.
    pub fn of_logarithms(mu: f64, sigma: f64) -> Result<Self, Invalid> {
        lognormal::LogNormalFamily::of_logarithms(mu, sigma).map(Self::LogNormal)
    }

    /// The figures that it is given by, of the families that observations can tell more about.
    pub fn given(&self) -> Given<'_> {
        match self {
            Self::LogNormal(family) => {
                let (mu, sigma) = family.logarithms();
                Given::Logarithms { mu, sigma }
            }
            Self::Exponential(family) => Given::Mean(Family::mean(family)),
            Self::Quantiles(family) => Given::Quantiles(family.points()),
            Self::Empirical(family) => Given::Observations(family.observations()),
            Self::Constant(_)
            | Self::Uniform(_)
            | Self::Normal(_)
            | Self::Weibull(_)
            | Self::Gamma(_)
            | Self::Triangular(_)
            | Self::Pareto(_)
            | Self::Mixture(_) => Given::Otherwise,
        }
    }

    /// The values that have a probability of their own, in increasing order.
    fn atoms(&self) -> Vec<f64> {
        match self {
            Self::Constant(constant) => vec![constant.value()],
            Self::Empirical(empirical) => empirical.values(),
            Self::Mixture(mixture) => mixture.values(),
            _ => Vec::new(),
        }
    }
}

/// The figures of a distribution that more observations would change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Given<'a> {
    /// A lognormal: mean and standard deviation of the logarithms.
    Logarithms {
        /// The mean.
        mu: f64,
        /// The standard deviation.
        sigma: f64,
    },
    /// An exponential: its mean.
    Mean(f64),
    /// Probabilities and the values that are not exceeded with them, in increasing order.
    Quantiles(&'a [(f64, f64)]),
    /// Observations, in increasing order.
    Observations(&'a [f64]),
    /// Another family.
    Otherwise,
}

/// Largest parameter and largest mean; its inverse the smallest above 0. Far beyond any use, and far enough from the
/// ends of `f64` that no intermediate result gets there.
const LARGEST: f64 = 1e30;

fn finite(name: &str, value: f64) -> Result<f64, Invalid> {
    if value.abs() <= LARGEST {
        // A zero without its sign.
        Ok(value + 0.0)
    } else if value.is_finite() {
        Err(Invalid::new(format!("{name} must not be larger than {LARGEST:e}")))
    } else {
        Err(Invalid::new(format!("{name} must be a finite number, not {value}")))
    }
}

fn positive(name: &str, value: f64) -> Result<f64, Invalid> {
    if finite(name, value)? > 0.0 {
        not_negative(name, value)
    } else {
        Err(Invalid::new(format!("{name} must be above 0, not {value}")))
    }
}

fn not_negative(name: &str, value: f64) -> Result<f64, Invalid> {
    match finite(name, value)? {
        value if value < 0.0 => Err(Invalid::new(format!("{name} must be at least 0, not {value}"))),
        value if value > 0.0 && value < 1.0 / LARGEST => {
            Err(Invalid::new(format!("{name} must not be smaller than {:e}", 1.0 / LARGEST)))
        }
        value => Ok(value),
    }
}
