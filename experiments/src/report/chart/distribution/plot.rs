//! Axes, bands, curves, marks and objectives.

use super::super::Curve;
use super::super::Distribution;
use super::super::canvas::{Anchor, Canvas, Pen, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, Point, at};
use super::super::palette::{self, AXIS, GRID, INK, SOFT, WHITE};
use super::super::text::{BODY, STRONG, fit};
use super::super::ticks::share_ticks;
use super::super::words;
use super::super::{CurvePoint, Estimate};
use super::quantiles::{quantile_columns, quantile_mark};
use super::{CERTAIN, Flag, Layout, Line, context_pen, shelf};

/// Draws the plot.
pub(super) fn draw(canvas: &Canvas<'_>, chart: &Distribution, layout: &Layout<'_>) -> Result<(), ChartError> {
    shelf::backgrounds(canvas, layout)?;
    axes(canvas, chart, layout)?;
    for flag in &layout.flags {
        crosshair(canvas, flag, layout)?;
    }
    // A curve that is not complete at the horizon stops there.
    let end = |curve: &Curve| match curve.points().last() {
        Some(last) if curve.censored() > CERTAIN && chart.horizon.is_finite() => chart.horizon.max(last.at),
        _ => layout.time.high,
    };
    // Bands of many curves would hide each other: then the first alone has one.
    let banded = if layout.lines.len() > 3 { 1 } else { layout.lines.len() };
    for line in layout.lines.iter().take(banded).rev() {
        band(canvas, line, layout, end(&line.series.curve))?;
    }
    for series in &layout.context {
        curve(canvas, &series.curve, context_pen(), layout, end(&series.curve))?;
    }
    // The first series is on top.
    for line in layout.lines.iter().filter(|line| line.twin.is_none()).rev() {
        curve(canvas, &line.series.curve, line.pen, layout, end(&line.series.curve))?;
    }
    twins(canvas, layout, end)?;
    for line in layout.lines.iter().rev() {
        marks(canvas, chart, line, layout)?;
    }
    shelf::draw(canvas, chart, layout)?;
    if chart.series.iter().all(|series| series.curve.trials() == 0) {
        let middle = layout.plot.middle();
        canvas.fill(Area::new(middle.x - 40.0, middle.y - 9.0, middle.x + 40.0, middle.y + 9.0), WHITE, 1.0)?;
        canvas.text("no trials", middle, BODY, SOFT, Anchor::Middle)?;
    }
    Ok(())
}

fn axes(canvas: &Canvas<'_>, chart: &Distribution, layout: &Layout<'_>) -> Result<(), ChartError> {
    let plot = layout.plot;
    for tick in share_ticks(0.0, 5) {
        let y = layout.shares.place(tick.value);
        canvas.line(at(plot.left, y), at(plot.right, y), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(plot.left - 6.0, y), BODY, INK, Anchor::End)?;
    }
    for value in &layout.ticks.minor {
        let x = layout.time.place(*value);
        canvas.line(at(x, plot.bottom), at(x, plot.bottom + 3.0), pen(AXIS, 0.8))?;
    }
    for tick in &layout.ticks.named {
        let x = layout.time.place(tick.value);
        canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
        canvas.line(at(x, plot.bottom), at(x, plot.bottom + 5.0), pen(AXIS, 0.8))?;
        canvas.text(&tick.label, at(x, plot.bottom + 13.0), BODY, INK, Anchor::Middle)?;
    }
    canvas.outline(plot, pen(AXIS, 1.0))?;
    let unit = match layout.ticks.unit {
        Some(unit) => unit.to_owned(),
        None => format!("{}, logarithmic", units(layout)),
    };
    let title = format!("{} ({unit})", chart.quantity.axis());
    let (left, right) = (layout.time.place(f64::NEG_INFINITY), layout.time.place(f64::INFINITY));
    canvas.text(&title, at(f64::midpoint(left, right), plot.bottom + 29.0), BODY, INK, Anchor::Middle)?;
    canvas.text_upwards(chart.quantity.share(), at(super::super::page::MARGIN + 4.0, plot.middle().y), BODY, INK)
}

/// The units that the labels of the time axis carry.
fn units(layout: &Layout<'_>) -> String {
    let labels = || layout.ticks.named.iter().map(|tick| tick.label.as_str());
    let used = ["ms", "s", "min", "h", "d"]
        .into_iter()
        .filter(|unit| labels().any(|label| label.ends_with(&format!("{}{unit}", words::BLANK))));
    used.collect::<Vec<_>>().join(", ")
}

/// Quantile and limit of an objective, with the label above the plot.
fn crosshair(canvas: &Canvas<'_>, flag: &Flag<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    let colour = palette::verdict(flag.objective.verdict);
    let (x, y) = (layout.time.place(flag.objective.limit), layout.shares.place(flag.objective.quantile));
    let lanes = layout.flags.iter().map(|flag| flag.placed.lane + 1).max().unwrap_or(0);
    let lane = layout.plot.top - 4.0 - super::FLAG * (lanes - flag.placed.lane) as f64;
    canvas.line(at(x, lane + 1.0), at(x, layout.plot.top), pen(colour, 1.2))?;
    canvas.dashes(at(x, layout.plot.top), at(x, layout.plot.bottom), pen(colour, 1.2))?;
    // From where time starts: the shelf before it has words.
    canvas.dashes(at(layout.time.place(f64::NEG_INFINITY), y), at(x, y), pen(colour, 1.2))?;
    let anchor = if flag.placed.to_the_left { Anchor::End } else { Anchor::Start };
    let label = fit(&flag.label, flag.placed.width + 0.5, STRONG);
    canvas.text(&label, at(flag.placed.x, lane + super::FLAG / 2.0), STRONG, colour, anchor)
}

/// The steps of a curve on the page, from the axis' start to `end`. `share` picks the line of the band.
fn steps(curve: &Curve, layout: &Layout<'_>, end: f64, share: impl Fn(&CurvePoint) -> f64) -> Vec<Point> {
    // Nearer steps are one line for the eye.
    const FINEST: f64 = 0.3;
    let Layout { time, shares, .. } = layout;
    let before = curve.points().iter().take_while(|point| point.at <= time.low).last();
    let Some(first) = before.or(curve.points().first()) else { return Vec::new() };
    let mut points = vec![at(time.place(time.low), shares.place(share(first)))];
    let mut last = points[0];
    // Points beyond the axis are left out, not drawn at its edge.
    for point in curve.points().iter().filter(|point| point.at > time.low && point.at <= time.high) {
        let next = at(time.place(point.at), shares.place(share(point)));
        if next.x - last.x > FINEST {
            points.push(at(next.x, last.y));
            points.push(next);
        } else if points.len() > 1 {
            // The same column: the step goes on upwards.
            points.pop();
            points.push(at(last.x, next.y));
        } else {
            points.push(at(last.x, next.y));
        }
        last = at(points[points.len() - 1].x, next.y);
    }
    points.push(at(time.place(end), last.y));
    points
}

/// Lines that lie upon others, in dashes that leave room for each other and for the line below.
fn twins(canvas: &Canvas<'_>, layout: &Layout<'_>, end: impl Fn(&Curve) -> f64) -> Result<(), ChartError> {
    for (first, below) in layout.lines.iter().enumerate() {
        let upon = || layout.lines.iter().filter(|line| line.twin.is_some_and(|twin| twin.of == first));
        let of = upon().count() + 1;
        for (index, line) in upon().enumerate() {
            let steps = steps(&below.series.curve, layout, end(&below.series.curve), |point| point.share);
            canvas.shared_path(&steps, pen(line.pen.colour, below.pen.width), index + 1, of)?;
        }
    }
    Ok(())
}

fn curve(canvas: &Canvas<'_>, curve: &Curve, pen: Pen, layout: &Layout<'_>, end: f64) -> Result<(), ChartError> {
    canvas.path(&steps(curve, layout, end, |point| point.share), pen)
}

fn band(canvas: &Canvas<'_>, line: &Line<'_>, layout: &Layout<'_>, end: f64) -> Result<(), ChartError> {
    let mut outline = steps(&line.series.curve, layout, end, |point| point.high);
    let low = steps(&line.series.curve, layout, end, |point| point.low);
    outline.extend(low.into_iter().rev());
    canvas.polygon(&outline, line.pen.colour, 0.18)
}

/// The quantiles on the curve with their intervals.
fn marks(canvas: &Canvas<'_>, chart: &Distribution, line: &Line<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    for (shape, p) in quantile_columns(chart).into_iter().enumerate() {
        let Some(quantile) = line.series.quantiles.iter().find(|quantile| (quantile.p - p).abs() < 1e-9) else {
            continue;
        };
        let Estimate::Known { value, low, high } = quantile.estimate else { continue };
        if !layout.time.holds(value) || value <= 0.0 {
            continue;
        }
        let y = layout.shares.place(p);
        // An end beyond the horizon is drawn to the horizon.
        let horizon = if chart.horizon.is_finite() { chart.horizon.max(value) } else { layout.time.high };
        let [from, to] = [low, high].map(|end| layout.time.place(end.min(horizon)));
        canvas.line(at(from, y), at(to, y), pen(line.pen.colour, 1.2))?;
        marker(canvas, shape, at(layout.time.place(value), y), line)?;
    }
    Ok(())
}

fn marker(canvas: &Canvas<'_>, shape: usize, place: Point, line: &Line<'_>) -> Result<(), ChartError> {
    // A white rim keeps marks apart from the curves below them.
    canvas.polygon(&quantile_mark(shape, place, 5.2), WHITE, 1.0)?;
    canvas.polygon(&quantile_mark(shape, place, 4.0), line.pen.colour, 1.0)
}
