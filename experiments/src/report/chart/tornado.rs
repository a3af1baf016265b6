//! What each of several steps changes, each by itself, around the file as it is: better to the left, worse to the right.
//!
//! ```text
//!                              better | worse
//!  no approval       [======o=]       |
//!  TTL of 30s                         |o
//!                   -2 min           0       +2 min
//! ```

use super::About;
use super::canvas::{self, Anchor, Canvas, WIDTH, pen};
use super::error::ChartError;
use super::geometry::{Area, at};
use super::legend::{Legend, Sample};
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{self, AXIS, CONTEXT, Fill, GRID, Hatch, INK, SOFT};
use super::scale::Scale;
use super::text::{BODY, SMALL, fit, load_font, name, width, wrap};
use super::words;
use super::{Verdict, mark::TOO_FEW};
use crate::units::time_unit;
use plotters::style::RGBColor;

/// Differences of one figure, one row a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Tornado {
    /// Title and footer.
    pub about: About,
    /// The figure, for example `Recovery time p99`.
    pub figure: String,
    /// Whether differences are shares of the time, of which more is better, and not seconds.
    pub shares: bool,
    /// The steps; beyond 24, those with the least effect are left out, and the chart says so.
    pub rows: Vec<TornadoRow>,
    /// The confidence of intervals, for example 0.95.
    pub confidence: f64,
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct TornadoRow {
    /// The step in a few words.
    pub name: String,
    /// The difference and the ends of its interval; infinite where it is not known.
    pub difference: Option<[f64; 3]>,
    /// The same in words, beside the bar.
    pub label: String,
}

const MOST_ROWS: usize = 24;
const PITCH: f64 = 27.0;
const NAMES: f64 = 250.0;
const BAR: f64 = 7.0;
/// Below the plot: ticks, their labels, the title of the axis.
const BELOW: f64 = 40.0;

/// What a row shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Better,
    Worse,
    Open,
}

impl Tone {
    const fn colour(self) -> RGBColor {
        match self {
            Self::Better => palette::verdict(Verdict::Met),
            Self::Worse => palette::verdict(Verdict::Missed),
            Self::Open => CONTEXT,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Better => "better beyond doubt",
            Self::Worse => "worse beyond doubt",
            Self::Open => "not shown to differ",
        }
    }
}

impl Tornado {
    /// A difference in the direction of worse.
    const fn worse(&self, difference: [f64; 3]) -> [f64; 3] {
        let [value, low, high] = difference;
        if self.shares { [-value, -high, -low] } else { difference }
    }

    fn tone(&self, row: &TornadoRow) -> Tone {
        match row.difference.map(|difference| self.worse(difference)) {
            Some([_, _, high]) if high < 0.0 => Tone::Better,
            Some([_, low, _]) if low > 0.0 => Tone::Worse,
            _ => Tone::Open,
        }
    }

    /// The rows that are drawn, the furthest first.
    fn ranked(&self) -> Vec<&TornadoRow> {
        let size = |row: &TornadoRow| match row.difference {
            Some([value, ..]) if value.is_finite() => value.abs(),
            Some(_) => f64::INFINITY,
            None => -1.0,
        };
        let mut rows: Vec<&TornadoRow> = self.rows.iter().collect();
        rows.sort_by(|one, other| size(other).total_cmp(&size(one)));
        rows.truncate(MOST_ROWS);
        rows
    }
}

pub(super) struct Layout<'a> {
    pub(super) height: f64,
    header: Header,
    pub(super) legend: Legend,
    pub(super) plot: Area,
    scale: Scale,
    ticks: Vec<(f64, String)>,
    unit: &'static str,
    rows: Vec<&'a TornadoRow>,
}

pub(super) fn layout(chart: &Tornado) -> Layout<'_> {
    let title = format!("{}: what each step changes by itself", chart.figure);
    let header = Header::new(&chart.about, &title, None);
    let rows = chart.ranked();
    let mut entries: Vec<(Sample, String)> = Vec::new();
    for tone in [Tone::Better, Tone::Worse, Tone::Open] {
        if rows.iter().any(|row| chart.tone(row) == tone) {
            let fill = Fill { colour: tone.colour(), hatch: Hatch::None };
            entries.push((Sample::Box(fill), tone.words().to_owned()));
        }
    }
    let legend = Legend::new(&entries, MARGIN, header.bottom, WIDTH - MARGIN);
    let names = rows.iter().map(|row| width(&name(&row.name), BODY)).fold(60.0, f64::max).min(NAMES);
    let labels = rows.iter().map(|row| width(&label(row), SMALL)).fold(40.0, f64::max);
    let top = legend.area.bottom + 6.0;
    let bottom = top + PITCH * rows.len().max(1) as f64;
    // Labels stand in a column of their own, so that no bar runs into them.
    let plot = Area::new(MARGIN + names + 10.0, top, WIDTH - MARGIN - labels - 10.0, bottom);
    let ends = rows.iter().filter_map(|row| row.difference).flatten().filter(|end| end.is_finite());
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let pad = if high > low { (high - low) * 0.03 } else { 1.0 };
    let scale = Scale::linear(low - pad, high + pad, plot.left, plot.right);
    let (ticks, unit) = ticks(chart, &scale, plot.width());
    Layout { height: (bottom + BELOW + FOOTER).ceil(), header, legend, plot, scale, ticks, unit, rows }
}

/// The words beside a bar.
fn label(row: &TornadoRow) -> String {
    const ROOM: f64 = 160.0;
    fit(if row.difference.is_some() { &row.label } else { TOO_FEW }, ROOM, SMALL)
}

/// Round figures with a sign, and their unit.
fn ticks(chart: &Tornado, scale: &Scale, room: f64) -> (Vec<(f64, String)>, &'static str) {
    let largest = scale.low.abs().max(scale.high.abs());
    let (size, unit) = if chart.shares { (0.01, "percentage points") } else { time_unit(largest, largest) };
    let most = (room / 70.0).max(2.0);
    let raw = (scale.high - scale.low) / size / most;
    let power = libm::exp10(libm::floor(libm::log10(raw.max(1e-12))));
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= raw);
    let step = step.unwrap_or(10.0 * power);
    let text = |value: f64| match value {
        _ if value.abs() < step / 2.0 => "0".to_owned(),
        _ if value > 0.0 => format!("+{}", words::figure(value)),
        _ => words::figure(value),
    };
    let first = libm::ceil(scale.low / size / step) as i64;
    let last = libm::floor(scale.high / size / step) as i64;
    // A scale without extent has one tick.
    let all = (first..=last.min(first + 40)).map(|index| index as f64 * step);
    (all.map(|value| (value * size, text(value))).collect(), unit)
}

/// Draws the chart.
pub(super) fn draw(chart: &Tornado) -> Result<String, ChartError> {
    load_font()?;
    let layout = layout(chart);
    let title = format!("{}: what each step changes by itself", chart.figure);
    canvas::draw_page(layout.height, &title, |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axes(canvas, chart, &layout)?;
        for (index, row) in layout.rows.iter().enumerate() {
            let y = layout.plot.top + PITCH * (index as f64 + 0.5);
            draw_row(canvas, chart, row, y, &layout)?;
        }
        let mut note =
            format!("bars: estimates; lines: {} intervals over pairs of trials", words::share(chart.confidence));
        let hidden = (chart.rows.len() - layout.rows.len()) as u64;
        if hidden > 0 {
            note = format!("{} with less effect left out  ·  {note}", words::things(hidden, "step"));
        }
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

fn axes(canvas: &Canvas<'_>, chart: &Tornado, layout: &Layout<'_>) -> Result<(), ChartError> {
    let plot = layout.plot;
    for (value, label) in &layout.ticks {
        let x = layout.scale.place(*value);
        canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
        canvas.text(label, at(x, plot.bottom + 11.0), SMALL, INK, Anchor::Middle)?;
    }
    let zero = layout.scale.place(0.0);
    canvas.line(at(zero, plot.top - 2.0), at(zero, plot.bottom + 4.0), pen(AXIS, 1.4))?;
    canvas.line(at(plot.left, plot.bottom), at(plot.right, plot.bottom), pen(AXIS, 1.0))?;
    let title = format!("{}: difference from the file as it is ({})", name(&chart.figure), layout.unit);
    let title = fit(&title, plot.width(), BODY);
    canvas.text(&title, at(plot.middle().x, plot.bottom + 28.0), BODY, INK, Anchor::Middle)
}

fn draw_row(
    canvas: &Canvas<'_>,
    chart: &Tornado,
    row: &TornadoRow,
    y: f64,
    layout: &Layout<'_>,
) -> Result<(), ChartError> {
    let plot = layout.plot;
    let room = plot.left - MARGIN - 10.0;
    let lines = wrap(&name(&row.name), room, BODY, 2);
    let pitch = BODY.size * 1.1;
    let first = y - pitch * (lines.len() - 1) as f64 / 2.0;
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, at(plot.left - 8.0, first + pitch * index as f64), BODY, INK, Anchor::End)?;
    }
    canvas.text(&label(row), at(plot.right + 8.0, y), SMALL, SOFT, Anchor::Start)?;
    let Some([value, low, high]) = row.difference else { return Ok(()) };
    // What is not known reaches the edge on its side.
    let place = |end: f64| layout.scale.place(if end.is_nan() { 0.0 } else { end });
    let (zero, x) = (place(0.0), place(value));
    let tone = chart.tone(row);
    canvas.fill(Area::new(zero.min(x), y - BAR, zero.max(x).max(zero.min(x) + 1.0), y + BAR), tone.colour(), 0.75)?;
    let (from, to) = (place(low), place(high));
    canvas.line(at(from, y), at(to, y), pen(INK, 1.1))?;
    for (end, bound) in [(from, low), (to, high)] {
        if bound.is_finite() {
            canvas.line(at(end, y - 3.5), at(end, y + 3.5), pen(INK, 1.1))?;
        }
    }
    Ok(())
}
