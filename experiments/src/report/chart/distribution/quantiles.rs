//! Quantiles that the plot marks and the table lists, and their marks.

use super::super::Distribution;
use super::super::geometry::{Point, at};

/// The quantiles that have a column and a mark.
pub(super) fn quantile_columns(chart: &Distribution) -> Vec<f64> {
    let first = chart.series.first().map_or(&[][..], |series| &series.quantiles);
    first.iter().map(|quantile| quantile.p).filter(|p| (0.0..=1.0).contains(p)).take(4).collect()
}

/// The shape of the n-th quantile: circle, triangle, square, diamond.
pub(super) fn quantile_mark(shape: usize, place: Point, radius: f64) -> Vec<Point> {
    let (corners, turn, size) = match shape % 4 {
        0 => (24, 0.0, 0.95),
        1 => (3, 0.25, 1.2),
        2 => (4, 0.125, 1.15),
        _ => (4, 0.25, 1.2),
    };
    let angle = |corner: i32| (f64::from(corner) / f64::from(corners) + turn) * std::f64::consts::TAU;
    (0..corners)
        .map(|corner| {
            let angle = angle(corner);
            at(place.x + radius * size * libm::cos(angle), place.y - radius * size * libm::sin(angle))
        })
        .collect()
}
