//! One or more of every family, for the tests that hold for all of them.
#![allow(dead_code, reason = "not every test uses all of it")]

use sim_core::random::{Distribution, LogNormal};

/// Whether two numbers agree up to a relative error.
pub(crate) fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * a.abs().max(b.abs())
}

/// Median and sigma of a log-normal.
pub(crate) fn lognormal(median: f64, sigma: f64) -> Distribution {
    let spec = LogNormal { median: Some(median), sigma: Some(sigma), ..LogNormal::default() };
    Distribution::lognormal(&spec).expect("valid")
}

/// Families without jumps.
pub(crate) fn continuous() -> Vec<(&'static str, Distribution)> {
    let parts = vec![(0.9, lognormal(1.0, 0.3)), (0.1, lognormal(60.0, 0.9))];
    let nested = vec![(0.25, Distribution::mixture(parts.clone())), (0.75, Distribution::uniform(3.0, 4.0))];
    let nested = nested.into_iter().map(|(weight, of)| (weight, of.expect("valid"))).collect();
    let dashboard = vec![(0.5, 0.2), (0.9, 0.45), (0.99, 3.0), (0.999, 4.0)];
    let families = [
        ("uniform", Distribution::uniform(2.0, 5.0)),
        ("uniform from 0", Distribution::uniform(0.0, 5.0)),
        ("exponential", Distribution::exponential(3.0)),
        ("lognormal", Ok(lognormal(2.0, 0.8))),
        ("lognormal wide", Ok(lognormal(1e-3, 2.5))),
        ("normal", Distribution::normal(5.0, 1.0)),
        ("normal cut", Distribution::normal(-1.0, 2.0)),
        ("weibull worn", Distribution::weibull(2.5, 3.0)),
        ("weibull young", Distribution::weibull(0.4, 3.0)),
        ("gamma small", Distribution::gamma(0.3, 2.0)),
        ("gamma", Distribution::gamma(7.5, 2.0)),
        ("gamma large", Distribution::gamma(2_000.0, 0.1)),
        ("triangular", Distribution::triangular(1.0, 2.0, 5.0)),
        ("triangular right", Distribution::triangular(0.0, 5.0, 5.0)),
        ("triangular left", Distribution::triangular(1.0, 1.0, 5.0)),
        ("pareto", Distribution::pareto(2.5, 1.5)),
        ("mixture", Distribution::mixture(parts)),
        ("mixture nested", Distribution::mixture(nested)),
        ("quantiles", Distribution::quantiles(dashboard)),
        ("quantiles two", Distribution::quantiles(vec![(0.01, 0.5), (0.99, 8.0)])),
    ];
    families.into_iter().map(|(name, family)| (name, family.expect("valid"))).collect()
}

/// Families with jumps.
pub(crate) fn jumping() -> Vec<(&'static str, Distribution)> {
    let constant = Distribution::constant(3.0).expect("valid");
    let observed = Distribution::empirical(vec![4.0, 0.0, 1.5, 1.5, 9.0, 2.0, 2.5]).expect("valid");
    let retry = vec![(0.8, lognormal(1.0, 0.5)), (0.2, constant.clone())];
    let mixed = vec![(0.5, observed.clone()), (0.25, constant.clone()), (0.25, lognormal(2.0, 1.0))];
    vec![
        ("constant", constant),
        ("zero", Distribution::constant(0.0).expect("valid")),
        ("empirical", observed),
        ("mixture with a constant", Distribution::mixture(retry).expect("valid")),
        ("mixture with observations", Distribution::mixture(mixed).expect("valid")),
    ]
}

/// All of them.
pub(crate) fn all() -> Vec<(&'static str, Distribution)> {
    continuous().into_iter().chain(jumping()).collect()
}

/// Probabilities from one end to the other.
pub(crate) const PLACES: [f64; 17] = [
    1e-12,
    1e-9,
    1e-6,
    1e-3,
    0.01,
    0.1,
    0.25,
    0.4,
    0.499_999,
    0.5,
    0.6,
    0.9,
    0.99,
    0.999,
    1.0 - 1e-6,
    1.0 - 1e-9,
    1.0 - 1e-12,
];
