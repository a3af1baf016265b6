//! Distributions as rows of tables.

use crate::analyze::Estimates;
use crate::report::document::Cell;

/// The quantiles of a duration.
pub(super) fn quantiles(distribution: &Estimates) -> Vec<Cell> {
    let both = distribution.quantiles.iter().zip(&distribution.at_least);
    both.map(|((_, quantile), at_least)| Cell::duration(quantile, at_least.as_ref())).collect()
}

/// The rank of a distribution among others: its largest known quantile, in seconds.
pub(super) fn tail(distribution: &Estimates) -> f64 {
    let known = distribution.quantiles.iter().filter_map(|(_, quantile)| quantile.ok());
    known.map(|estimate| estimate.estimate).fold(0.0, f64::max)
}
