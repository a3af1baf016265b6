//! The unit in which a difference is told.

use sim_core::stats::Bounds;

use crate::units::time_unit;

/// How many seconds the unit of a difference of durations has, and its name. Sentences and tables share it, so that one
/// number reads alike in both.
pub(crate) fn unit(estimate: &Bounds, interval: &Bounds) -> (f64, &'static str) {
    let ends = [estimate.low, estimate.high, interval.low, interval.high];
    let largest = ends.into_iter().filter(|value| value.is_finite()).map(f64::abs).fold(0.0, f64::max);
    // The estimate's own size, or else the largest that there is.
    let size = match estimate.known() {
        Some(value) if value != 0.0 => value.abs(),
        _ => largest,
    };
    time_unit(size, largest)
}

/// The share whose digits a difference of shares is told with.
pub(crate) fn share_size(estimate: &Bounds, interval: &Bounds) -> f64 {
    if estimate.low == 0.0 { interval.low.abs().max(interval.high.abs()) } else { estimate.low }
}
