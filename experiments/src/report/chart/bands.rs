//! Predicted instants or durations as bands, one row each, and over them what was measured.

use super::About;
use super::canvas::{self, Anchor, Canvas, WIDTH, pen};
use super::error::ChartError;
use super::fit::disc;
use super::geometry::{Area, at};
use super::legend::{Legend, Sample};
use super::mark::Mark;
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{AXIS, BLUE, GRID, INK, SOFT, VERMILION};
use super::scale::Scale;
use super::text::{BODY, SMALL, fit, name};
use super::ticks::time_ticks;
use super::words;

/// Bands of predictions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bands {
    /// Title and footer.
    pub about: About,
    /// What the axis counts, for example `since the fault`.
    pub axis: String,
    /// The rows from the top.
    pub rows: Vec<Band>,
    /// For how long each trial was watched, in seconds.
    pub horizon: f64,
}

/// A row of [`Bands`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// 5th percentile, median and 95th percentile in seconds of trials in which it happens; none if there are none.
    pub quantiles: Option<[f64; 3]>,
    /// Share of trials in which it does not happen.
    pub never: f64,
    /// What was measured.
    pub measured: Vec<Dot>,
}

/// A measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dot {
    /// In seconds.
    pub at: f64,
    /// Whether it ended before, so that the figure is larger.
    pub stopped: bool,
    /// Whether it lies where predictions hardly do.
    pub surprising: bool,
}

const NAMES: f64 = 250.0;
const NEVER: f64 = 70.0;
const ROW: f64 = 22.0;
const BELOW: f64 = 40.0;

/// Where everything is.
pub(super) struct Layout {
    pub(super) height: f64,
    header: Header,
    pub(super) legend: Legend,
    pub(super) plot: Area,
}

/// Places everything; the font is loaded.
pub(super) fn layout(chart: &Bands) -> Layout {
    let header = Header::new(&chart.about, "Predicted and measured", None);
    let mut entries = vec![
        (Sample::Band(BLUE, 0.35), "9 of 10 trials".to_owned()),
        (Sample::Upright(pen(BLUE, 2.4)), "median".to_owned()),
    ];
    let dots = || chart.rows.iter().flat_map(|row| &row.measured);
    if dots().any(|dot| !dot.surprising) {
        entries.push((Sample::Mark(Mark::Met, INK), "measured".to_owned()));
    }
    if dots().any(|dot| dot.surprising) {
        entries.push((Sample::Mark(Mark::Met, VERMILION), "measured, where 1 trial in 20 or fewer lie".to_owned()));
    }
    let legend = Legend::new(&entries, MARGIN, header.bottom, WIDTH - MARGIN);
    let top = legend.area.bottom + 16.0;
    let plot = Area::new(MARGIN + NAMES, top, WIDTH - MARGIN - NEVER, top + ROW * chart.rows.len().max(1) as f64);
    Layout { height: plot.bottom + BELOW + FOOTER, header, legend, plot }
}

/// The axis over all that is shown; logarithmic where most would be squeezed to its start.
fn scale(chart: &Bands, plot: Area) -> Scale {
    let values = chart.rows.iter().flat_map(|row| row.quantiles.into_iter().flatten());
    let measured = chart.rows.iter().flat_map(|row| &row.measured).map(|dot| dot.at);
    let sound: Vec<f64> = values.chain(measured).filter(|it| *it > 0.0 && it.is_finite()).collect();
    let high = sound.iter().copied().fold(0.0, f64::max);
    let low = sound.iter().copied().fold(f64::INFINITY, f64::min);
    if high <= 0.0 {
        Scale::linear(0.0, chart.horizon, plot.left, plot.right)
    } else if high / low > 30.0 {
        Scale::logarithmic((low / 1.25).max(high * 1e-5), high * 1.25, plot.left, plot.right)
    } else {
        Scale::linear(0.0, high * 1.06, plot.left, plot.right)
    }
}

/// Draws the chart.
pub(super) fn draw(chart: &Bands) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    let (plot, across) = (layout.plot, scale(chart, layout.plot));
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axis(canvas, chart, &across, plot)?;
        for (index, row) in chart.rows.iter().enumerate() {
            band(canvas, row, &across, plot, plot.top + ROW * (index as f64 + 0.5))?;
        }
        footer(canvas, &chart.about, layout.height, None)
    })
}

fn axis(canvas: &Canvas<'_>, chart: &Bands, across: &Scale, plot: Area) -> Result<(), ChartError> {
    let ticks = time_ticks(across, 12.0);
    for tick in ticks.named.iter().filter(|tick| across.holds(tick.value)) {
        let x = across.place(tick.value);
        canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
    }
    canvas.outline(plot, pen(AXIS, 1.0))?;
    let unit = ticks.unit.unwrap_or("logarithmic");
    let title = format!("{} ({unit})", name(&chart.axis));
    canvas.text(&title, at(plot.middle().x, plot.bottom + 30.0), BODY, INK, Anchor::Middle)?;
    if chart.rows.iter().any(|row| row.never > 0.0) {
        canvas.text("not at all", at(WIDTH - MARGIN, plot.top - 8.0), SMALL, SOFT, Anchor::End)?;
    }
    Ok(())
}

fn band(canvas: &Canvas<'_>, row: &Band, across: &Scale, plot: Area, y: f64) -> Result<(), ChartError> {
    canvas.text(&fit(&name(&row.name), NAMES - 12.0, BODY), at(plot.left - 8.0, y), BODY, INK, Anchor::End)?;
    if let Some([low, median, high]) = row.quantiles {
        let [from, middle, to] = [low, median, high].map(|value| across.place(value));
        // What hardly varies is a line and still seen.
        let (from, to) = if to - from < 2.0 { (middle - 1.0, middle + 1.0) } else { (from, to) };
        canvas.fill(Area::new(from, y - 7.0, to, y + 7.0), BLUE, 0.35)?;
        canvas.line(at(middle, y - 7.0), at(middle, y + 7.0), pen(BLUE, 2.4))?;
    } else {
        canvas.text("never in these trials", at(plot.left + 8.0, y), SMALL, SOFT, Anchor::Start)?;
    }
    if row.never > 0.0 {
        canvas.text(&words::share(row.never), at(WIDTH - MARGIN, y), SMALL, SOFT, Anchor::End)?;
    }
    for dot in &row.measured {
        let (x, colour) = (across.place(dot.at), if dot.surprising { VERMILION } else { INK });
        if dot.stopped {
            let end = (x + 16.0).min(plot.right);
            canvas.line(at(x, y), at(end, y), pen(colour, 1.6))?;
            canvas.polygon(&[at(end, y - 4.0), at(end + 6.0, y), at(end, y + 4.0)], colour, 1.0)?;
        }
        canvas.polygon(&disc(at(x, y), 4.5), super::palette::WHITE, 1.0)?;
        canvas.polygon(&disc(at(x, y), 3.6), colour, 1.0)?;
    }
    Ok(())
}
