//! Figures over one setting, with bands.

use super::super::Estimate;
use super::super::canvas::{self, Anchor, Canvas, HEIGHT, Pen, WIDTH, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, Point, at};
use super::super::legend::{Legend, Sample};
use super::super::page::{FOOTER, Header, MARGIN, footer};
use super::super::palette::{AXIS, BLUE, GRID, INK, LINES, VERMILION, WHITE};
use super::super::scale::Scale;
use super::super::text::{BODY, STRONG, name};
use super::super::ticks::{Ticks, percent_ticks, time_ticks};
use super::super::words;
use super::axis::{self, BELOW, Named};
use super::{SettingLines, SettingSeries, Subject};

const LEFT: f64 = 78.0;
const RIGHT: f64 = WIDTH - MARGIN - 22.0;
/// From this ratio of the largest to the smallest value on the axis is logarithmic.
const LOGARITHMIC_FROM: f64 = 30.0;

/// Where everything is.
pub(in super::super) struct Layout<'a> {
    pub(in super::super) height: f64,
    header: Header,
    pub(in super::super) legend: Legend,
    pub(in super::super) plot: Area,
    settings: Scale,
    values: Scale,
    ticks: Ticks,
    lines: Vec<(&'a SettingSeries, Pen)>,
}

/// Places everything; the font is loaded.
pub(in super::super) fn layout(chart: &SettingLines) -> Layout<'_> {
    let title = format!("{} over {}", chart.subject.name(), name(&chart.axis.name));
    let header = Header::new(&chart.about, &title, None);
    let colours =
        [BLUE, VERMILION].into_iter().chain(LINES.into_iter().filter(|one| *one != BLUE && *one != VERMILION));
    let lines: Vec<(&SettingSeries, Pen)> =
        chart.series.iter().zip(colours).map(|(series, colour)| (series, pen(colour, 2.0))).collect();
    let mut entries: Vec<(Sample, String)> =
        lines.iter().map(|(series, pen)| (Sample::Line(*pen), legend_name(series))).collect();
    entries.extend(lines.iter().filter_map(|(series, own)| {
        let limit = series.limit.filter(|limit| limit.is_finite())?;
        Some((
            Sample::Dashes(pen(own.colour, 1.2)),
            format!("objective {} {}", name(&series.name), chart.subject.limit(limit)),
        ))
    }));
    let legend = Legend::new(&entries, LEFT, header.bottom, RIGHT);
    // What is beyond the horizon is said above the plot.
    let above = if chart.series.iter().any(has_censored) { 20.0 } else { 8.0 };
    let plot = Area::new(LEFT, legend.area.bottom + above, RIGHT, HEIGHT - FOOTER - BELOW - 4.0);
    let values = values(chart, &lines, plot);
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
            Subject::RecoveryTime | Subject::DataLoss => time_ticks(&lying, 12.0),
            Subject::Availability => percent_ticks(&lying, 12.0),
        },
        values,
        plot,
        lines,
    }
}

/// The name of a figure, and that it has no values if it has none.
fn legend_name(series: &SettingSeries) -> String {
    let refused = !series.values.is_empty() && series.values.iter().all(|estimate| *estimate == Estimate::Refused);
    format!("{}{}", name(&series.name), if refused { ": too few trials" } else { "" })
}

fn has_censored(series: &SettingSeries) -> bool {
    series.values.iter().any(|estimate| matches!(estimate, Estimate::Known { value, .. } if *value == f64::INFINITY))
}

/// The scale of the figures: from zero, or logarithmic where that would squeeze most of them; of availability the part
/// that there is.
fn values(chart: &SettingLines, lines: &[(&SettingSeries, Pen)], plot: Area) -> Scale {
    let ends = lines.iter().flat_map(|(series, _)| &series.values).flat_map(|estimate| match *estimate {
        Estimate::Known { value, low, high } => [value, low, high],
        Estimate::Refused => [f64::NAN; 3],
    });
    let limits = lines.iter().filter_map(|(series, _)| series.limit);
    if chart.subject == Subject::Availability {
        let shares = ends.chain(limits).filter(|share| (0.0..=1.0).contains(share));
        let (low, high) = shares.fold((1.0_f64, 0.0_f64), |(low, high), share| (low.min(share), high.max(share)));
        let room = if high > low { 0.08 * (high - low) } else { 0.01 };
        let (low, high) = if low <= high { (low - room, (high + room).min(1.0)) } else { (0.0, 1.0) };
        return Scale::linear(low, high, plot.bottom, plot.top);
    }
    let sound: Vec<f64> = ends.chain(limits).filter(|value| value.is_finite() && *value > 0.0).collect();
    let (low, high) = (sound.iter().copied().fold(f64::INFINITY, f64::min), sound.iter().copied().fold(0.0, f64::max));
    let high = if high > 0.0 {
        high * 1.08
    } else if chart.horizon.is_finite() {
        chart.horizon
    } else {
        60.0
    };
    if low.is_finite() && high / low > LOGARITHMIC_FROM {
        Scale::logarithmic(low / 1.25, high * 1.1, plot.bottom, plot.top)
    } else {
        Scale::linear(0.0, high, plot.bottom, plot.top)
    }
}

/// Draws the chart.
pub(in super::super) fn draw(chart: &SettingLines) -> Result<String, ChartError> {
    super::super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axes(canvas, chart, &layout)?;
        for (series, pen) in &layout.lines {
            line(canvas, chart, series, *pen, &layout)?;
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
    series: &SettingSeries,
    pen: Pen,
    layout: &Layout<'_>,
) -> Result<(), ChartError> {
    let plot = layout.plot;
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
            _ => {}
        }
        runs.push(std::mem::take(&mut run));
    }
    runs.push(run);
    for run in runs {
        let upper = run.iter().map(|&(point, _, high)| at(point.x, high));
        let lower = run.iter().rev().map(|&(point, low, _)| at(point.x, low));
        canvas.polygon(&upper.chain(lower).collect::<Vec<_>>(), pen.colour, 0.18)?;
        canvas.path(&run.iter().map(|(point, ..)| *point).collect::<Vec<_>>(), pen)?;
        // Many points are a line; few are each a finding.
        if chart.axis.settings.len() <= 24 {
            for &(point, low, high) in &run {
                canvas.line(at(point.x, low), at(point.x, high), canvas::pen(pen.colour, 1.2))?;
                canvas.polygon(&diamond(point, 5.0), WHITE, 1.0)?;
                canvas.polygon(&diamond(point, 3.8), pen.colour, 1.0)?;
            }
        }
    }
    for &x in &beyond {
        let tip = [at(x - 5.0, plot.top + 12.0), at(x + 5.0, plot.top + 12.0), at(x, plot.top + 3.0)];
        canvas.polygon(&tip, pen.colour, 1.0)?;
    }
    // One word for all of them, at the first figure that has any.
    let first = chart.series.iter().find(|other| has_censored(other));
    if let (Some(&x), true) = (beyond.first(), first.is_some_and(|first| std::ptr::eq(first, series))) {
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
