//! Below the plot: the names of the lines and their quantiles with intervals. This is the legend, and it is never over
//! the data.

use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::at;
use super::super::palette::{GRID, INK, SOFT};
use super::super::text::{BODY, SMALL, STRONG, fit, name, wrap};
use super::super::words;
use super::super::{Distribution, Series};
use super::quantiles::{quantile_columns, quantile_mark};
use super::{Layout, Line, beside, context_pen, quantile_words};

const HEAD: f64 = 20.0;
/// A name or a quantile, and below it lines of facts or the interval.
const NAME: f64 = 17.0;
const FACT: f64 = 13.0;
const CONTEXT_ROW: f64 = 18.0;
const COLUMN: f64 = 108.0;
const SAMPLE: f64 = 24.0;

/// The height of the table.
pub(super) fn height(chart: &Distribution, lines: &[Line<'_>], context: usize) -> f64 {
    let rows: f64 = lines.iter().map(|line| row(chart, line)).sum();
    HEAD + rows + if context > 0 { CONTEXT_ROW } else { 0.0 }
}

/// The height of a series' row.
fn row(chart: &Distribution, line: &Line<'_>) -> f64 {
    NAME + FACT * facts(chart, line).len().max(1) as f64
}

/// The line that it lies upon, what does not lie on the time axis, and the size of a sample that is not that of the others.
fn facts(chart: &Distribution, line: &Line<'_>) -> Vec<String> {
    let curve = &line.series.curve;
    let trials = curve.trials();
    let size = (trials != chart.about.trials).then(|| words::things(trials, chart.quantity.unit()));
    let same = line
        .twin
        .map(|twin| format!("{} as {}", if twin.exact { "the same" } else { "nearly the same" }, name(twin.name)));
    // Equal series have equal facts.
    let told = line.twin.is_some_and(|twin| twin.exact);
    same.into_iter().chain(size).chain(beside(curve, chart.quantity).filter(|_| !told)).collect()
}

/// Draws the table.
pub(super) fn draw(canvas: &Canvas<'_>, chart: &Distribution, layout: &Layout<'_>) -> Result<(), ChartError> {
    let area = layout.table;
    let columns = quantile_columns(chart);
    let column = |index: usize| area.right - COLUMN * (columns.len() - index) as f64 + 8.0;
    let y = area.top + HEAD / 2.0;
    for (index, p) in columns.iter().enumerate() {
        canvas.polygon(&quantile_mark(index, at(column(index) + 4.0, y), 4.0), INK, 1.0)?;
        canvas.text(&words::quantile(*p), at(column(index) + 13.0, y), STRONG, INK, Anchor::Start)?;
    }
    let mut top = area.top + HEAD;
    for line in &layout.lines {
        canvas.line(at(area.left, top), at(area.right, top), pen(GRID, 0.8))?;
        label(canvas, chart, line, (area.left, top), column(0) - 12.0)?;
        for (index, p) in columns.iter().enumerate() {
            cell(canvas, chart, line.series, *p, (column(index), top))?;
        }
        top += row(chart, line);
    }
    if layout.context.is_empty() {
        return Ok(());
    }
    canvas.line(at(area.left, top), at(area.right, top), pen(GRID, 0.8))?;
    let y = top + CONTEXT_ROW / 2.0;
    canvas.line(at(area.left, y), at(area.left + SAMPLE - 6.0, y), context_pen())?;
    let others = format!("{} more series, with shorter tails", words::whole(layout.context.len() as u64));
    canvas.text(&others, at(area.left + SAMPLE, y), SMALL, SOFT, Anchor::Start)
}

/// A line's sample and name, and below it what does not lie on the time axis.
fn label(
    canvas: &Canvas<'_>,
    chart: &Distribution,
    line: &Line<'_>,
    (left, top): (f64, f64),
    right: f64,
) -> Result<(), ChartError> {
    let (x, room) = (left + SAMPLE, right - left - SAMPLE);
    let (from, to) = (at(left, top + 9.0), at(left + SAMPLE - 6.0, top + 9.0));
    match line.twin {
        Some(_) => canvas.dashes(from, to, line.pen)?,
        None => canvas.line(from, to, line.pen)?,
    }
    let facts = facts(chart, line);
    // Without facts a long name has their line too.
    let lines = wrap(&name(&line.series.name), room, STRONG, if facts.is_empty() { 2 } else { 1 });
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, at(x, top + 9.0 + 14.0 * index as f64), STRONG, INK, Anchor::Start)?;
    }
    for (index, fact) in facts.iter().enumerate() {
        canvas.text(&fit(fact, room, SMALL), at(x, top + 22.0 + FACT * index as f64), SMALL, SOFT, Anchor::Start)?;
    }
    Ok(())
}

/// A quantile above its interval.
fn cell(
    canvas: &Canvas<'_>,
    chart: &Distribution,
    series: &Series,
    p: f64,
    (x, top): (f64, f64),
) -> Result<(), ChartError> {
    let found = series.quantiles.iter().find(|quantile| (quantile.p - p).abs() < 1e-9);
    let (upper, lower) = match found.map(quantile_words) {
        Some(Some((value, interval))) => (value, interval.unwrap_or_default()),
        Some(None) => ("–".to_owned(), format!("too few {}s", chart.quantity.unit())),
        None => ("–".to_owned(), String::new()),
    };
    canvas.text(&upper, at(x, top + 9.0), BODY, INK, Anchor::Start)?;
    canvas.text(&fit(&lower, COLUMN - 8.0, SMALL), at(x, top + 22.0), SMALL, SOFT, Anchor::Start)
}
