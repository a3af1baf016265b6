//! An axis of settings on the page.

use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::palette::{AXIS, INK, SOFT};
use super::super::scale::Scale;
use super::super::text::{BODY, SMALL, fit, name, width};
use super::SettingAxis;

/// From this ratio of the largest to the smallest setting on the axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;
/// Room for labels and the name below a plot.
pub(super) const BELOW: f64 = 40.0;
/// The longest label.
const LABEL: f64 = 110.0;

/// A scale with a little room beside the first and the last setting.
pub(super) fn scale(axis: &SettingAxis, start: f64, end: f64) -> Scale {
    let places = || axis.settings.iter().map(|setting| setting.at);
    let (low, high) = (places().fold(f64::INFINITY, f64::min), places().fold(f64::NEG_INFINITY, f64::max));
    if low > 0.0 && high / low > LOGARITHMIC_FROM {
        let room = libm::pow(high / low, 0.05);
        return Scale::logarithmic(low / room, high * room, start, end);
    }
    let room = if high > low { 0.05 * (high - low) } else { 0.5 };
    Scale::linear(low - room, high + room, start, end)
}

/// Labels below the plot at `places`, as many as do not meet, and the name of the axis.
pub(super) fn below(canvas: &Canvas<'_>, axis: &SettingAxis, places: &[f64], plot: Area) -> Result<(), ChartError> {
    let mut free = f64::NEG_INFINITY;
    for (setting, &x) in axis.settings.iter().zip(places) {
        canvas.line(at(x, plot.bottom), at(x, plot.bottom + 4.0), pen(AXIS, 0.8))?;
        let label = fit(&name(&setting.label), LABEL, SMALL);
        let half = width(&label, SMALL) / 2.0;
        // A label keeps within the page.
        if x - half < free || x + half > plot.right + 20.0 || x - half < plot.left - 50.0 {
            continue;
        }
        canvas.text(&label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
        free = x + half + 8.0;
    }
    let title = fit(&name(&axis.name), plot.width(), BODY);
    canvas.text(&title, at(plot.middle().x, plot.bottom + 29.0), BODY, INK, Anchor::Middle)
}

/// Labels to the left of the plot at `places`, as many as do not meet, and the name of the axis.
pub(super) fn beside(canvas: &Canvas<'_>, axis: &SettingAxis, places: &[f64], plot: Area) -> Result<(), ChartError> {
    let mut free = f64::INFINITY;
    for (setting, &y) in axis.settings.iter().zip(places) {
        canvas.line(at(plot.left - 4.0, y), at(plot.left, y), pen(AXIS, 0.8))?;
        if y + SMALL.line() / 2.0 > free {
            continue;
        }
        let label = fit(&name(&setting.label), room(axis), SMALL);
        canvas.text(&label, at(plot.left - 7.0, y), SMALL, INK, Anchor::End)?;
        free = y - SMALL.line() / 2.0;
    }
    let title = fit(&name(&axis.name), plot.height(), BODY);
    canvas.text_upwards(&title, at(plot.left - room(axis) - 17.0, plot.middle().y), BODY, SOFT)
}

/// The width of the labels beside a plot.
pub(super) fn room(axis: &SettingAxis) -> f64 {
    let widest = axis.settings.iter().map(|setting| width(&name(&setting.label), SMALL)).fold(0.0, f64::max);
    widest.clamp(10.0, LABEL)
}
