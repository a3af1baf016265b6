//! A law beside the observations that it was fitted to: shares on the left, quantiles against quantiles on the right.
//!
//! ```text
//! title, finding
//! legend
//! +-- share up to a value --+   +-- observed against law --+
//! |      band, law, steps   |   |      points on the line: |
//! |   | | | stopped here    |   |      the law holds       |
//! +-------------------------+   +--------------------------+
//! ```

use super::About;
use super::canvas::{self, Anchor, Canvas, HEIGHT, WIDTH, pen};
use super::error::ChartError;
use super::geometry::{Area, Point, at};
use super::legend::{Legend, Sample};
use super::page::{FOOTER, Header, MARGIN, facts};
use super::palette::{AXIS, BLUE, GRID, INK, SOFT, VERMILION};
use super::scale::Scale;
use super::text::{BODY, SMALL, name};
use super::ticks::{share_ticks, time_ticks};

/// A law and the observations behind it, in seconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fit {
    /// Title and footer; the number of trials is not shown.
    pub about: About,
    /// The law in a word or two.
    pub law: String,
    /// How many observations there are, in words.
    pub observations: String,
    /// Steps of the observed distribution: value and share up to it. None where the values are not those of the law, as
    /// with the age of the oldest.
    pub steps: Vec<(f64, f64)>,
    /// How many values the steps stand for: of a long series every so many have one.
    pub values: usize,
    /// Values at which observations ended too soon.
    pub stops: Vec<f64>,
    /// Points of the law: value, share up to it, and the ends of the share's interval, which may be no numbers.
    pub points: Vec<[f64; 4]>,
}

const LEFT: f64 = 66.0;
const BELOW: f64 = 40.0;
/// Between the plots: room for the labels of the right one.
const BETWEEN: f64 = 78.0;

/// Where everything is.
pub(super) struct Layout {
    pub(super) height: f64,
    header: Header,
    pub(super) legend: Legend,
    /// The shares, and the quantiles if there are observations.
    pub(super) plots: Vec<Area>,
}

/// Places everything; the font is loaded.
pub(super) fn layout(chart: &Fit) -> Layout {
    let header = Header::new(&chart.about, "Observations and law", None);
    let mut entries = vec![(Sample::Line(pen(BLUE, 2.0)), name(&chart.law))];
    if chart.points.iter().any(|point| point[2].is_finite()) {
        entries.push((Sample::Band(BLUE, 0.18), "95 % of laws that the observations allow".to_owned()));
    }
    if !chart.steps.is_empty() {
        entries.push((Sample::Line(pen(INK, 1.4)), name(&chart.observations)));
    }
    if !chart.stops.is_empty() {
        entries.push((Sample::Upright(pen(VERMILION, 1.6)), "stopped before its end".to_owned()));
    }
    let legend = Legend::new(&entries, LEFT, header.bottom, WIDTH - MARGIN);
    let (top, bottom) = (legend.area.bottom + 12.0, HEIGHT - FOOTER - BELOW - 4.0);
    let right = WIDTH - MARGIN - 14.0;
    let quantiles = Area::new(right - (bottom - top).min(300.0), top, right, bottom);
    let plots = if chart.steps.is_empty() {
        vec![Area::new(LEFT, top, right, bottom)]
    } else {
        vec![Area::new(LEFT, top, quantiles.left - BETWEEN, bottom), quantiles]
    };
    Layout { height: HEIGHT, header, legend, plots }
}

/// Draws the chart.
pub(super) fn draw(chart: &Fit) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        for (index, plot) in layout.plots.iter().enumerate() {
            if index == 0 { shares(canvas, chart, *plot)? } else { quantiles(canvas, chart, *plot)? }
        }
        facts(canvas, &chart.about, layout.height, Vec::new())
    })
}

/// The extent of positive figures with a little room.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let sound = values.filter(|value| *value > 0.0 && value.is_finite());
    let (low, high) = sound.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (1.0, 10.0);
    }
    let low = low.max(high * 1e-7);
    // A range without extent is no range.
    if high / low < 1.5 { (low / 1.5, high * 1.5) } else { (low, high) }
}

fn time_below(canvas: &Canvas<'_>, scale: &Scale, plot: Area, title: &str) -> Result<(), ChartError> {
    for tick in time_ticks(scale, 12.0).named.iter().filter(|tick| scale.holds(tick.value)) {
        let x = scale.place(tick.value);
        canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
    }
    canvas.text(title, at(plot.middle().x, plot.bottom + 30.0), BODY, INK, Anchor::Middle)
}

/// The share up to each value: law, band, observations, stops.
fn shares(canvas: &Canvas<'_>, chart: &Fit, plot: Area) -> Result<(), ChartError> {
    let values = chart.points.iter().map(|point| point[0]).chain(chart.steps.iter().map(|step| step.0));
    let (low, high) = extent(values);
    let across = Scale::logarithmic(low, high, plot.left, plot.right);
    let up = Scale::linear(0.0, 1.0, plot.bottom, plot.top);
    time_below(canvas, &across, plot, "duration (logarithmic)")?;
    for tick in share_ticks(0.0, 5) {
        let y = up.place(tick.value);
        canvas.line(at(plot.left, y), at(plot.right, y), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(plot.left - 6.0, y), SMALL, INK, Anchor::End)?;
    }
    canvas.outline(plot, pen(AXIS, 1.0))?;
    canvas.text_upwards("share up to it", at(MARGIN + 4.0, plot.middle().y), BODY, INK)?;
    let sound: Vec<&[f64; 4]> = chart.points.iter().filter(|point| across.holds(point[0])).collect();
    let banded = || sound.iter().filter(|point| point[2].is_finite() && point[3].is_finite());
    let upper = banded().map(|point| at(across.place(point[0]), up.place(point[3])));
    let lower = banded().rev().map(|point| at(across.place(point[0]), up.place(point[2])));
    canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), BLUE, 0.18)?;
    let law: Vec<Point> = sound.iter().map(|point| at(across.place(point[0]), up.place(point[1]))).collect();
    canvas.path(&law, pen(BLUE, 2.0))?;
    let (mut steps, mut share) = (Vec::new(), 0.0);
    for (value, next) in &chart.steps {
        let x = across.place(*value);
        steps.extend([at(x, up.place(share)), at(x, up.place(*next))]);
        share = *next;
    }
    canvas.path(&steps, pen(INK, 1.4))?;
    for stop in chart.stops.iter().filter(|stop| across.holds(**stop)) {
        let x = across.place(*stop);
        canvas.line(at(x, plot.bottom - 12.0), at(x, plot.bottom), pen(VERMILION, 1.6))?;
    }
    Ok(())
}

/// Observed quantiles against those of the law.
fn quantiles(canvas: &Canvas<'_>, chart: &Fit, plot: Area) -> Result<(), ChartError> {
    let (mut pairs, mut share) = (Vec::new(), 0.0);
    // A step that stands for several values ends at the last of them.
    let half = 0.5 / chart.values.max(1) as f64;
    let several = chart.steps.len() < chart.values && chart.stops.is_empty();
    for (value, next) in &chart.steps {
        let middle = if several { next - half } else { f64::midpoint(share, *next) };
        pairs.extend(of_law(chart, middle).map(|expected| (expected, *value)));
        share = *next;
    }
    let (low, high) = extent(pairs.iter().flat_map(|pair| [pair.0, pair.1]));
    // Round figures lie too far apart on a short logarithmic axis.
    let scale = |start: f64, end: f64| {
        if high / low < 8.0 {
            Scale::linear(low - 0.04 * (high - low), high + 0.04 * (high - low), start, end)
        } else {
            let room = libm::pow(high / low, 0.04);
            Scale::logarithmic(low / room, high * room, start, end)
        }
    };
    let (across, up) = (scale(plot.left, plot.right), scale(plot.bottom, plot.top));
    // Labels stand one above the other and need less room than beside one another.
    let lying = time_ticks(&scale(0.0, plot.height() * 2.0), 12.0);
    time_below(
        canvas,
        &across,
        plot,
        &lying.unit.map_or("by the law".to_owned(), |unit| format!("by the law ({unit})")),
    )?;
    for tick in lying.named.iter().filter(|tick| up.holds(tick.value)) {
        let y = up.place(tick.value);
        canvas.line(at(plot.left, y), at(plot.right, y), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(plot.left - 6.0, y), SMALL, INK, Anchor::End)?;
    }
    canvas.outline(plot, pen(AXIS, 1.0))?;
    canvas.text_upwards("observed", at(plot.left - 58.0, plot.middle().y), BODY, INK)?;
    canvas.dashes(at(plot.left, plot.bottom), at(plot.right, plot.top), pen(SOFT, 1.2))?;
    for (expected, value) in pairs {
        canvas.polygon(&disc(at(across.place(expected), up.place(value)), 3.0), INK, 0.75)?;
    }
    Ok(())
}

/// The value at which the law has a share, between its points.
fn of_law(chart: &Fit, share: f64) -> Option<f64> {
    let after = chart.points.partition_point(|point| point[1] < share);
    let (one, other) = (chart.points.get(after.checked_sub(1)?)?, chart.points.get(after)?);
    let part = (share - one[1]) / (other[1] - one[1]);
    (part.is_finite() && one[0] > 0.0).then(|| one[0] * libm::pow(other[0] / one[0], part))
}

pub(super) fn disc(place: Point, radius: f64) -> Vec<Point> {
    let corner = |index: i32| {
        let angle = f64::from(index) / 12.0 * std::f64::consts::TAU;
        at(place.x + radius * libm::cos(angle), place.y + radius * libm::sin(angle))
    };
    (0..12).map(corner).collect()
}
