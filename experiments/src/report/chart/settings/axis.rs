//! An axis of settings on the page.

use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::palette::{AXIS, INK, SOFT};
use super::super::scale::Scale;
use super::super::text::{BODY, SMALL, fit, name, width};
use super::super::ticks::{number_ticks, percent_ticks, time_ticks};
use super::{Places, SettingAxis};

/// From this ratio of the largest to the smallest setting on the axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;
/// Room for labels and the name below a plot.
pub(super) const BELOW: f64 = 40.0;
/// More settings than this are not named one by one.
const MOST_NAMED: usize = 12;
/// The longest label.
const LABEL: f64 = 110.0;
/// Between the name of an axis and its key.
const BESIDE: f64 = 8.0;

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

/// What an axis names, and where.
pub(super) struct Named {
    labels: Vec<(f64, String)>,
    title: String,
    key: String,
}

impl Named {
    /// Each setting at its place.
    pub(super) fn each(axis: &SettingAxis, places: &[f64]) -> Self {
        let labels = axis.settings.iter().zip(places).map(|(setting, &place)| (place, name(&setting.label)));
        Self { labels: labels.collect(), title: name(&axis.name), key: axis.key.clone() }
    }

    /// Each setting on the scale, or round figures where there are too many. Labels keep apart on `lying`, the same scale
    /// as long as their room allows.
    pub(super) fn on(axis: &SettingAxis, scale: &Scale, lying: &Scale) -> Self {
        let ticks = match axis.places {
            Places::Listed => None,
            _ if axis.settings.len() <= MOST_NAMED => None,
            Places::Numbers => Some(number_ticks(lying, 14.0)),
            Places::Seconds => Some(time_ticks(lying, 14.0)),
            Places::Shares => Some(percent_ticks(lying, 14.0)),
        };
        let Some(ticks) = ticks else {
            let places: Vec<f64> = axis.settings.iter().map(|setting| scale.place(setting.at)).collect();
            return Self::each(axis, &places);
        };
        let shown = ticks.named.into_iter().filter(|tick| scale.holds(tick.value));
        let title = name(&axis.name);
        Self {
            labels: shown.map(|tick| (scale.place(tick.value), tick.label)).collect(),
            title: ticks.unit.map_or_else(|| title.clone(), |unit| format!("{title} ({unit})")),
            key: axis.key.clone(),
        }
    }

    /// The name and the key as they fit one after the other, and the widths of both.
    fn fitted(&self, room: f64) -> [(String, f64); 2] {
        /// Less of a key says nothing.
        const LEAST_KEY: f64 = 40.0;
        let title = fit(&self.title, room, BODY);
        let own = width(&title, BODY);
        let left = room - own - BESIDE;
        let key = if left < LEAST_KEY { String::new() } else { fit(&self.key, left, SMALL) };
        let beside = width(&key, SMALL);
        [(title, own), (key, beside)]
    }
}

/// Labels below the plot, as many as do not meet, and the name of the axis.
pub(super) fn below(canvas: &Canvas<'_>, axis: &Named, plot: Area) -> Result<(), ChartError> {
    let mut free = f64::NEG_INFINITY;
    for (x, label) in &axis.labels {
        canvas.line(at(*x, plot.bottom), at(*x, plot.bottom + 4.0), pen(AXIS, 0.8))?;
        let label = fit(label, LABEL, SMALL);
        let half = width(&label, SMALL) / 2.0;
        // A label keeps within the page.
        if x - half < free || x + half > plot.right + 20.0 || x - half < plot.left - 50.0 {
            continue;
        }
        canvas.text(&label, at(*x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
        free = x + half + 8.0;
    }
    let [(title, own), (key, beside)] = axis.fitted(plot.width());
    let (x, y) = (plot.middle().x, plot.bottom + 29.0);
    if key.is_empty() {
        return canvas.text(&title, at(x, y), BODY, INK, Anchor::Middle);
    }
    let end = x + (own - beside - BESIDE) / 2.0;
    canvas.text(&title, at(end, y), BODY, INK, Anchor::End)?;
    canvas.text(&key, at(end + BESIDE, y), SMALL, SOFT, Anchor::Start)
}

/// Labels to the left of the plot with so much room, as many as do not meet, and the name of the axis.
pub(super) fn beside(canvas: &Canvas<'_>, axis: &Named, room: f64, plot: Area) -> Result<(), ChartError> {
    let mut free = f64::INFINITY;
    for (y, label) in &axis.labels {
        canvas.line(at(plot.left - 4.0, *y), at(plot.left, *y), pen(AXIS, 0.8))?;
        if y + SMALL.line() / 2.0 > free {
            continue;
        }
        let label = fit(label, room, SMALL);
        canvas.text(&label, at(plot.left - 7.0, *y), SMALL, INK, Anchor::End)?;
        free = y - SMALL.line() / 2.0;
    }
    let [(title, own), (key, beside)] = axis.fitted(plot.height());
    let (x, y) = (plot.left - room - 17.0, plot.middle().y);
    if key.is_empty() {
        return canvas.text_upwards(&title, at(x, y), BODY, INK);
    }
    canvas.text_upwards(&title, at(x, y + f64::midpoint(beside, BESIDE)), BODY, INK)?;
    canvas.text_upwards(&key, at(x, y - f64::midpoint(own, BESIDE)), SMALL, SOFT)
}

/// The width of the labels beside a plot.
pub(super) fn room(axis: &SettingAxis) -> f64 {
    let widest = axis.settings.iter().map(|setting| width(&name(&setting.label), SMALL)).fold(0.0, f64::max);
    widest.clamp(10.0, LABEL)
}
