//! Special functions over `libm`, which gives the same bits on every platform.
//!
//! Where a function falls from 1 to 0, both it and its complement are computed with an accuracy of their own, because a
//! tail that was found by subtraction from 1 is noise.

mod beta;
mod gamma;
mod normal;
mod root;

pub(crate) use beta::{binomial_mass, incomplete_beta, inverse_incomplete_beta};
pub(crate) use gamma::{gamma_density, incomplete_gamma, inverse_incomplete_gamma, poisson_mass};
pub(crate) use normal::{mills_ratio, normal_density};
pub use normal::{normal_cdf, normal_quantile};
pub(crate) use root::increasing_root;

/// A regularized incomplete integral and its complement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incomplete {
    /// From the lower end to x.
    pub(crate) lower: f64,
    /// From x to the upper end.
    pub(crate) upper: f64,
}
