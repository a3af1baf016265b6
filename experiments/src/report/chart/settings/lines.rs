//! Figures over one setting, with bands.

use super::super::Estimate;
use super::super::canvas::{self, Anchor, Canvas, HEIGHT, Pen, WIDTH, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, Point, at};
use super::super::legend::{Legend, Sample};
use super::super::mark::{Mark, TOO_FEW};
use super::super::page::{FOOTER, Header, MARGIN, footer};
use super::super::palette::{AXIS, BLUE, GRID, INK, LINES, VERMILION, WHITE};
use super::super::scale::Scale;
use super::super::text::{BODY, STRONG, name};
use super::super::ticks::{Ticks, percent_ticks, time_ticks};
use super::super::words;
use super::axis::{self, BELOW, Named, figures};
use super::{SettingLines, SettingSeries, Subject};

const LEFT: f64 = 78.0;
const RIGHT: f64 = WIDTH - MARGIN - 22.0;

/// Where everything is.
pub(in super::super) struct Layout<'a> {
    pub(in super::super) height: f64,
    header: Header,
    pub(in super::super) legend: Legend,
    pub(in super::super) plot: Area,
    settings: Scale,
    values: Scale,
    ticks: Ticks,
    lines: Vec<Line<'a>>,
}

/// A figure with its line.
struct Line<'a> {
    series: &'a SettingSeries,
    pen: Pen,
    /// The index of an earlier line that has the same values: both are drawn in dashes by turns.
    twin: Option<usize>,
}

/// Places everything; the font is loaded.
pub(in super::super) fn layout(chart: &SettingLines) -> Layout<'_> {
    let title = format!("{} over {}", chart.subject.name(), name(&chart.axis.name));
    let header = Header::new(&chart.about, &title, None);
    let colours =
        [BLUE, VERMILION].into_iter().chain(LINES.into_iter().filter(|one| *one != BLUE && *one != VERMILION));
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (series, colour) in chart.series.iter().zip(colours) {
        let same = |line: &Line<'_>| line.twin.is_none() && line.series.values == series.values && !is_refused(series);
        lines.push(Line { series, pen: pen(colour, 2.0), twin: lines.iter().position(same) });
    }
    let mut entries: Vec<(Sample, String)> = lines.iter().map(|line| entry(line, &lines)).collect();
    entries.extend(lines.iter().filter_map(|Line { series, pen: own, .. }| {
        let limit = series.limit.filter(|limit| limit.is_finite())?;
        Some((
            Sample::Dashes(pen(own.colour, 1.2)),
            format!("objective {} {}", name(&series.name), chart.subject.limit(limit)),
        ))
    }));
    if lines.iter().any(|line| !is_refused(line.series) && line.series.values.contains(&Estimate::Refused)) {
        entries.push((Sample::Mark(Mark::Refused, INK), TOO_FEW.to_owned()));
    }
    let legend = Legend::new(&entries, LEFT, header.bottom, RIGHT);
    // Values beyond the horizon are told above the plot.
    let above = if chart.series.iter().any(has_censored) { 20.0 } else { 8.0 };
    let plot = Area::new(LEFT, legend.area.bottom + above, RIGHT, HEIGHT - FOOTER - BELOW - 4.0);
    let estimates = lines.iter().flat_map(|line| &line.series.values);
    let limits = lines.iter().filter_map(|line| line.series.limit);
    let values = figures(chart.subject, estimates, limits, chart.horizon).over(plot.bottom, plot.top);
    // Labels stand one above the other: as far apart as lines of text, which on a lying axis is half a label's width.
    let lying = if values.is_logarithmic() {
        Scale::logarithmic(values.low, values.high, 0.0, plot.height() * 3.0)
    } else {
        Scale::linear(values.low, values.high, 0.0, plot.height())
    };
    Layout {
        height: HEIGHT,
        header,
        legend,
        settings: axis::scale(&chart.axis, plot.left, plot.right),
        ticks: match chart.subject {
            Subject::RecoveryTime | Subject::DataLoss | Subject::CaughtUp | Subject::Latency => {
                time_ticks(&lying, 12.0)
            }
            Subject::Availability => percent_ticks(&lying, 12.0),
        },
        values,
        plot,
        lines,
    }
}

/// Whether a figure has no values at all: the trials are too few for it.
fn is_refused(series: &SettingSeries) -> bool {
    !series.values.is_empty() && series.values.iter().all(|estimate| *estimate == Estimate::Refused)
}

/// The legend's text for a line: its figure, and a note if it has no values or those of another line.
fn entry(line: &Line<'_>, all: &[Line<'_>]) -> (Sample, String) {
    let own = name(&line.series.name);
    match line.twin {
        _ if is_refused(line.series) => (Sample::Line(line.pen), format!("{own}: {TOO_FEW}")),
        Some(twin) => (Sample::Dashes(line.pen), format!("{own}: the same as {}", name(&all[twin].series.name))),
        None => (Sample::Line(line.pen), own),
    }
}

fn has_censored(series: &SettingSeries) -> bool {
    series.values.iter().any(|estimate| matches!(estimate, Estimate::Known { value, .. } if *value == f64::INFINITY))
}

/// Draws the chart.
pub(in super::super) fn draw(chart: &SettingLines) -> Result<String, ChartError> {
    super::super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axes(canvas, chart, &layout)?;
        for (index, own) in layout.lines.iter().enumerate() {
            line(canvas, chart, index, own, &layout)?;
        }
        let mut note = format!("bands: {} confidence", words::chosen_share(chart.confidence));
        if chart.series.len() > layout.lines.len() {
            let hidden = (chart.series.len() - layout.lines.len()) as u64;
            note = format!("{} left out  ·  {note}", words::things(hidden, "figure"));
        }
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

fn axes(canvas: &Canvas<'_>, chart: &SettingLines, layout: &Layout<'_>) -> Result<(), ChartError> {
    let plot = layout.plot;
    for tick in layout.ticks.named.iter().filter(|tick| layout.values.holds(tick.value)) {
        let y = layout.values.place(tick.value);
        canvas.line(at(plot.left, y), at(plot.right, y), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(plot.left - 6.0, y), BODY, INK, Anchor::End)?;
    }
    canvas.outline(plot, pen(AXIS, 1.0))?;
    let unit = layout.ticks.unit.map_or("logarithmic", |unit| unit);
    let title = format!("{} ({unit})", chart.subject.name());
    canvas.text_upwards(&title, at(MARGIN + 4.0, plot.middle().y), BODY, INK)?;
    axis::below(canvas, &Named::on(&chart.axis, &layout.settings, &layout.settings), plot)
}

/// Band, objective, line and marks of one figure. A line breaks where a value is refused or censored; what is censored is
/// said at the upper edge.
fn line(
    canvas: &Canvas<'_>,
    chart: &SettingLines,
    index: usize,
    own: &Line<'_>,
    layout: &Layout<'_>,
) -> Result<(), ChartError> {
    let (plot, Line { series, pen, twin }) = (layout.plot, own);
    // Those that share a place with this one, and how many of them come before it.
    let place = twin.unwrap_or(index);
    let shares = |(other, line): &(usize, &Line<'_>)| *other == place || line.twin == Some(place);
    let of = layout.lines.iter().enumerate().filter(shares).count();
    let before = layout.lines.iter().enumerate().take(index).filter(shares).count();
    if let Some(limit) = series.limit.filter(|limit| layout.values.holds(*limit)) {
        let y = layout.values.place(limit);
        canvas.dashes(at(plot.left, y), at(plot.right, y), canvas::pen(pen.colour, 1.2))?;
    }
    let mut run: Vec<(Point, f64, f64)> = Vec::new();
    let mut runs = Vec::new();
    let mut beyond = Vec::new();
    for (setting, estimate) in chart.axis.settings.iter().zip(&series.values) {
        let x = layout.settings.place(setting.at);
        match *estimate {
            Estimate::Known { value, low, high } if value.is_finite() && !low.is_nan() && !high.is_nan() => {
                let [y, low, high] = [value, low, high].map(|value| layout.values.place(value));
                run.push((at(x, y), low, high));
                continue;
            }
            Estimate::Known { value, .. } if value == f64::INFINITY => beyond.push(x),
            Estimate::Refused if !is_refused(series) => {
                Mark::Refused.draw(canvas, at(x, plot.bottom - 7.0), 4.5, INK)?;
            }
            _ => {}
        }
        runs.push(std::mem::take(&mut run));
    }
    runs.push(run);
    for run in runs {
        let upper = run.iter().map(|&(point, _, high)| at(point.x, high));
        let lower = run.iter().rev().map(|&(point, low, _)| at(point.x, low));
        if twin.is_none() {
            canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), pen.colour, 0.18)?;
        }
        let points: Vec<Point> = run.iter().map(|(point, ..)| *point).collect();
        if of > 1 {
            canvas.shared_path(&points, *pen, before, of)?;
        } else {
            canvas.path(&points, *pen)?;
        }
        // Many points are a line; few are each a finding.
        if chart.axis.settings.len() <= 24 && twin.is_none() {
            for &(point, low, high) in &run {
                canvas.line(at(point.x, low), at(point.x, high), canvas::pen(pen.colour, 1.2))?;
                canvas.polygon(&diamond(point, 5.0), WHITE, 1.0)?;
                canvas.polygon(&diamond(point, 3.8), pen.colour, 1.0)?;
            }
        }
    }
    for &x in beyond.iter().filter(|_| twin.is_none()) {
        let tip = [at(x - 5.0, plot.top + 12.0), at(x + 5.0, plot.top + 12.0), at(x, plot.top + 3.0)];
        canvas.polygon(&tip, pen.colour, 1.0)?;
    }
    // One word for all of them, at the first figure that has any.
    let first = chart.series.iter().find(|other| has_censored(other));
    if let (Some(&x), true) = (beyond.first(), first.is_some_and(|first| std::ptr::eq(first, *series))) {
        let text = words::beyond(chart.horizon);
        canvas.text(&text, at(x, plot.top - 8.0), STRONG, INK, Anchor::Middle)?;
    }
    Ok(())
}

fn diamond(place: Point, radius: f64) -> [Point; 4] {
    [
        at(place.x + radius, place.y),
        at(place.x, place.y + radius),
        at(place.x - radius, place.y),
        at(place.x, place.y - radius),
    ]
}
