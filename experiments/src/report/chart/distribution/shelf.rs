//! Trials without a place on the time axis: those at zero, to its left, and those beyond the horizon, to its right.

use super::super::Distribution;
use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::palette::{AXIS, SHELF, SOFT};
use super::super::text::{SMALL, wrap};
use super::{Layout, Line, SLIVER};

const BAR: f64 = 9.0;
const PITCH: f64 = 12.0;
/// Room for the words beside the bars.
const WORDS: f64 = 72.0;
const PAD: f64 = 6.0;

/// The width of a shelf for so many series.
pub(super) fn width(lines: usize) -> f64 {
    PAD + PITCH * lines as f64 + WORDS + PAD
}

/// The ground of the shelves, below everything else.
pub(super) fn backgrounds(canvas: &Canvas<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    for area in [layout.zeros, layout.beyond].into_iter().flatten() {
        canvas.fill(area, SHELF, 1.0)?;
    }
    Ok(())
}

/// Bars and words.
pub(super) fn draw(canvas: &Canvas<'_>, chart: &Distribution, layout: &Layout<'_>) -> Result<(), ChartError> {
    if let Some(area) = layout.zeros {
        let share = |line: &Line<'_>| (0.0, line.series.curve.at_zero());
        bars(canvas, layout, area, share, chart.quantity.zero())?;
        canvas.line(at(area.right, area.top), at(area.right, area.bottom), pen(AXIS, 1.0))?;
    }
    if let Some(area) = layout.beyond {
        let share = |line: &Line<'_>| (1.0 - line.series.curve.censored(), 1.0);
        bars(canvas, layout, area, share, chart.quantity.beyond())?;
        canvas.line(at(area.left, area.top), at(area.left, area.bottom), pen(AXIS, 1.0))?;
    }
    Ok(())
}

/// One bar a series between two shares, and what they mean.
fn bars<'a>(
    canvas: &Canvas<'_>,
    layout: &'a Layout<'_>,
    area: Area,
    share: impl Fn(&'a Line<'a>) -> (f64, f64),
    words: &str,
) -> Result<(), ChartError> {
    for (index, line) in layout.lines.iter().enumerate() {
        let (from, to) = share(line);
        if to - from < SLIVER {
            continue;
        }
        let left = area.left + PAD + PITCH * index as f64;
        let (bottom, top) = (layout.shares.place(from), layout.shares.place(to));
        canvas.fill(Area::new(left, top, left + BAR, bottom), line.pen.colour, 0.85)?;
    }
    // The figures stand in the table, where there is room for their intervals.
    let x = area.left + PAD + PITCH * layout.lines.len() as f64 + 3.0;
    let mut y = area.top + 14.0;
    for line in wrap(words, area.right - x - 2.0, SMALL, 4) {
        canvas.text(&line, at(x, y), SMALL, SOFT, Anchor::Start)?;
        y += SMALL.line();
    }
    Ok(())
}
