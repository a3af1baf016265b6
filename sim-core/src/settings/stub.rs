//! Stands in for `crate::random::Distribution` until that exists.
#![allow(missing_docs, clippy::unnecessary_wraps)]

#[derive(Clone, Debug, PartialEq)]
pub struct Distribution(pub Vec<f64>);

#[derive(Clone, Debug, PartialEq)]
pub struct Invalid {
    pub reason: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogNormal {
    pub median: Option<f64>,
    pub mean: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    pub sigma: Option<f64>,
}

impl Distribution {
    pub fn constant(value: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![value]))
    }
    pub fn uniform(low: f64, high: f64) -> Result<Self, Invalid> {
        if low <= high { Ok(Self(vec![low, high])) } else { Err(Invalid { reason: "low above high".to_owned() }) }
    }
    pub fn exponential(mean: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![mean]))
    }
    pub fn lognormal(p: &LogNormal) -> Result<Self, Invalid> {
        let given: Vec<f64> = [p.median, p.mean, p.p95, p.p99, p.sigma].into_iter().flatten().collect();
        if given.len() == 2 { Ok(Self(given)) } else { Err(Invalid { reason: "any two".to_owned() }) }
    }
    pub fn normal(mean: f64, sd: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![mean, sd]))
    }
    pub fn weibull(shape: f64, scale: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![shape, scale]))
    }
    pub fn gamma(shape: f64, scale: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![shape, scale]))
    }
    pub fn triangular(min: f64, mode: f64, max: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![min, mode, max]))
    }
    pub fn pareto(shape: f64, min: f64) -> Result<Self, Invalid> {
        Ok(Self(vec![shape, min]))
    }
    pub fn mixture(parts: Vec<(f64, Self)>) -> Result<Self, Invalid> {
        Ok(Self(parts.into_iter().flat_map(|(weight, part)| [vec![weight], part.0].concat()).collect()))
    }
    pub fn quantiles(points: Vec<(f64, f64)>) -> Result<Self, Invalid> {
        Ok(Self(points.into_iter().flat_map(|(p, value)| [p, value]).collect()))
    }
    pub fn empirical(values: Vec<f64>) -> Result<Self, Invalid> {
        Ok(Self(values))
    }
}
