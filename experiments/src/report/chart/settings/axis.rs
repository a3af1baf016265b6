//! An axis of settings on the page.

use super::super::Estimate;
use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::palette::{AXIS, INK};
use super::super::scale::Scale;
use super::super::text::{BODY, SMALL, fit, name, width};
use super::super::ticks::{number_ticks, percent_ticks, time_ticks};
use super::{Places, SettingAxis, Subject};

/// From this ratio of the largest to the smallest setting on the axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 20.0;
/// Room for labels and the name below a plot.
pub(super) const BELOW: f64 = 40.0;
/// More settings than this are not named one by one.
const MOST_NAMED: usize = 12;
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

/// From this ratio of the largest to the smallest figure on the axis is logarithmic.
const FIGURES_LOGARITHMIC_FROM: f64 = 30.0;

/// The scale of figures and limits, over one unit of the page: from zero, or logarithmic where that would squeeze most of
/// them; of availability the part that there is.
pub(super) fn figures<'a>(
    subject: Subject,
    estimates: impl Iterator<Item = &'a Estimate>,
    limits: impl Iterator<Item = f64>,
    horizon: f64,
) -> Scale {
    let ends = estimates.flat_map(|estimate| match *estimate {
        Estimate::Known { value, low, high } => [value, low, high],
        Estimate::Refused => [f64::NAN; 3],
    });
    if subject == Subject::Availability {
        let shares = ends.chain(limits).filter(|share| (0.0..=1.0).contains(share));
        let (low, high) = shares.fold((1.0_f64, 0.0_f64), |(low, high), share| (low.min(share), high.max(share)));
        let room = if high > low { 0.08 * (high - low) } else { 0.01 };
        let (low, high) = if low <= high { (low - room, (high + room).min(1.0)) } else { (0.0, 1.0) };
        return Scale::linear(low, high, 0.0, 1.0);
    }
    let sound: Vec<f64> = ends.chain(limits).filter(|value| value.is_finite() && *value > 0.0).collect();
    let (low, high) = (sound.iter().copied().fold(f64::INFINITY, f64::min), sound.iter().copied().fold(0.0, f64::max));
    let high = if high > 0.0 {
        high * 1.08
    } else if horizon.is_finite() {
        horizon
    } else {
        60.0
    };
    if low.is_finite() && high / low > FIGURES_LOGARITHMIC_FROM {
        Scale::logarithmic(low / 1.25, high * 1.1, 0.0, 1.0)
    } else {
        Scale::linear(0.0, high, 0.0, 1.0)
    }
}

/// The labels of an axis, with their places.
pub(super) struct Named {
    labels: Vec<(f64, String)>,
    title: String,
}

impl Named {
    /// Each setting at its place.
    pub(super) fn each(axis: &SettingAxis, places: &[f64]) -> Self {
        let labels = axis.settings.iter().zip(places).map(|(setting, &place)| (place, name(&setting.label)));
        Self { labels: labels.collect(), title: name(&axis.name) }
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
        }
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
    let title = fit(&axis.title, plot.width(), BODY);
    canvas.text(&title, at(plot.middle().x, plot.bottom + 29.0), BODY, INK, Anchor::Middle)
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
    let title = fit(&axis.title, plot.height(), BODY);
    canvas.text_upwards(&title, at(plot.left - room - 17.0, plot.middle().y), BODY, INK)
}

/// The width of the labels beside a plot.
pub(super) fn room(axis: &SettingAxis) -> f64 {
    let widest = axis.settings.iter().map(|setting| width(&name(&setting.label), SMALL)).fold(0.0, f64::max);
    widest.clamp(10.0, LABEL)
}
