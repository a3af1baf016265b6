//! The time axis: its range and whether it is logarithmic follow from the data.

use super::super::Distribution;
use super::super::scale::Scale;
use super::super::ticks::{Ticks, time_ticks};
use super::CERTAIN;

/// From this ratio of the largest to the smallest value on, a linear axis would squeeze most of the curve to its start.
const LOGARITHMIC_FROM: f64 = 30.0;
/// No axis spans more: what lies before it is the curve's height at its start.
const WIDEST: f64 = 1e7;

/// The axis between two places on the page.
pub(super) fn time(chart: &Distribution, left: f64, right: f64) -> (Scale, Ticks) {
    let high = high(chart);
    let scale = match smallest(chart) {
        Some(low) if high / low > LOGARITHMIC_FROM => {
            Scale::logarithmic((low / 1.25).max(high / WIDEST).max(1e-6), high, left, right)
        }
        _ => Scale::linear(0.0, high, left, right),
    };
    let ticks = time_ticks(&scale, 12.0);
    (scale, ticks)
}

/// The end of the axis: the horizon where a curve stops there, else a little beyond the last value and the limits.
fn high(chart: &Distribution) -> f64 {
    let curves = || chart.series.iter().map(|series| &series.curve);
    let last = curves().filter_map(|curve| curve.points().last()).map(|point| point.at).fold(0.0, f64::max);
    let limits = chart.objectives.iter().map(|objective| objective.limit).filter(|limit| limit.is_finite());
    let furthest = limits.fold(0.0, f64::max) * 1.08;
    let high = if curves().any(|curve| curve.censored() > CERTAIN) && chart.horizon.is_finite() {
        last.max(chart.horizon).max(furthest)
    } else {
        (last * 1.06).max(furthest)
    };
    // Nothing to show still has an axis that a recovery could lie on.
    if high > 0.0 { high } else { 60.0 }
}

/// Where the curves start to rise: the first hundredth of what is above zero, so that one stray value does not stretch
/// the axis.
fn smallest(chart: &Distribution) -> Option<f64> {
    let rise = |curve: &super::super::Curve| {
        let risen = curve.at_zero() + 0.01 * (1.0 - curve.at_zero() - curve.censored());
        let first = curve.points().iter().find(|point| point.at > 0.0 && point.share >= risen)?;
        Some(first.at)
    };
    chart.series.iter().filter_map(|series| rise(&series.curve)).reduce(f64::min)
}
