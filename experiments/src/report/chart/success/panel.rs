//! One journey's panel, and the time axis below all of them.

use super::super::Panel;
use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, Point, at};
use super::super::page::MARGIN;
use super::super::palette::{AXIS, BLUE, GRID, INK, SOFT};
use super::super::scale::Scale;
use super::super::text::{BODY, SMALL, STRONG, fit, name};
use super::super::ticks::share_ticks;
use super::range::drawable;
use super::{BAND_OPACITY, Layout, PANEL_NAME};

/// Draws a panel without its milestones.
pub(super) fn draw(canvas: &Canvas<'_>, panel: &Panel, area: Area, layout: &Layout<'_>) -> Result<(), ChartError> {
    let shares = Scale::linear(layout.floor, 1.0, area.bottom, area.top + 2.0);
    let most = if area.height() > 110.0 { 5 } else { 3 };
    for tick in share_ticks(layout.floor, most) {
        let y = shares.place(tick.value);
        canvas.line(at(area.left, y), at(area.right, y), pen(GRID, 0.8))?;
        canvas.text(&tick.label, at(area.left - 6.0, y), SMALL, INK, Anchor::End)?;
    }
    for tick in &layout.ticks.named {
        let x = layout.time.place(tick.value);
        canvas.line(at(x, area.top), at(x, area.bottom), pen(GRID, 0.8))?;
    }
    let title = fit(&name(&panel.name), area.width(), STRONG);
    canvas.text(&title, at(area.left, area.top - PANEL_NAME / 2.0 + 1.0), STRONG, INK, Anchor::Start)?;
    let Some(columns) = columns(panel, layout) else {
        return canvas.text("no data", area.middle(), BODY, SOFT, Anchor::Middle);
    };
    canvas.polygon(&band(&columns, &shares), BLUE, BAND_OPACITY)?;
    if shares.holds(panel.up_when) {
        let y = shares.place(panel.up_when);
        canvas.dashes(at(area.left, y), at(area.right, y), pen(INK, 1.0))?;
    }
    canvas.path(&median(&columns, &shares), pen(BLUE, 2.0))?;
    canvas.line(at(area.left, area.top), at(area.left, area.bottom), pen(AXIS, 1.0))?;
    canvas.line(at(area.left, area.bottom), at(area.right, area.bottom), pen(AXIS, 1.0))
}

/// The time axis below the last panel, the share axis' title beside all of them.
pub(super) fn axis(canvas: &Canvas<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    let Some((first, last)) = layout.panels.first().zip(layout.panels.last()) else {
        let middle = at(super::super::canvas::WIDTH / 2.0, layout.marks.bottom + 40.0);
        return canvas.text("no journeys", middle, BODY, SOFT, Anchor::Middle);
    };
    let (top, bottom) = (first.1.top, last.1.bottom);
    for tick in &layout.ticks.named {
        let x = layout.time.place(tick.value);
        canvas.line(at(x, bottom), at(x, bottom + 5.0), pen(AXIS, 0.8))?;
        canvas.text(&tick.label, at(x, bottom + 13.0), BODY, INK, Anchor::Middle)?;
    }
    let unit = layout.ticks.unit.unwrap_or("s");
    let title = format!("Time from the start of the first fault ({unit})");
    canvas.text(&title, at(f64::midpoint(last.1.left, last.1.right), bottom + 29.0), BODY, INK, Anchor::Middle)?;
    let middle = at(MARGIN + 2.0, f64::midpoint(top, bottom));
    let title = if bottom - top > 170.0 { "Share of requests that succeed" } else { "Requests that succeed" };
    canvas.text_upwards(title, middle, BODY, INK)
}

/// The extremes within one column of the page.
struct Column {
    x: f64,
    low: f64,
    high: f64,
    /// The median at the start, its least and largest value, and at the end of the column.
    median: [f64; 4],
}

/// The points on the axis, by column: a million points become as many as the eye can tell apart.
fn columns(panel: &Panel, layout: &Layout<'_>) -> Option<Vec<Column>> {
    const FINEST: f64 = 0.4;
    let time = &layout.time;
    let mut columns: Vec<Column> = Vec::new();
    let mut before = None;
    for point in drawable(panel) {
        if point.at > time.high {
            break;
        }
        if point.at < time.low {
            before = Some(point);
            continue;
        }
        // The value that holds where the axis starts.
        if let Some(point) = before.take()
            && columns.is_empty()
        {
            columns.push(Column {
                x: time.place(time.low),
                low: point.low,
                high: point.high,
                median: [point.median; 4],
            });
        }
        let x = time.place(point.at);
        match columns.last_mut() {
            Some(column) if x - column.x < FINEST => {
                column.low = column.low.min(point.low);
                column.high = column.high.max(point.high);
                let [start, least, largest, _] = column.median;
                column.median = [start, least.min(point.median), largest.max(point.median), point.median];
            }
            _ => columns.push(Column { x, low: point.low, high: point.high, median: [point.median; 4] }),
        }
    }
    if columns.is_empty() {
        let point = before?;
        columns.push(Column { x: time.place(time.low), low: point.low, high: point.high, median: [point.median; 4] });
    }
    // The last value holds until the axis ends.
    let last = columns.last()?;
    let end = Column { x: time.place(time.high), low: last.low, high: last.high, median: [last.median[3]; 4] };
    columns.push(end);
    Some(columns)
}

fn band(columns: &[Column], shares: &Scale) -> Vec<Point> {
    let mut outline = stairs(columns, |column| shares.place(column.high));
    outline.extend(stairs(columns, |column| shares.place(column.low)).into_iter().rev());
    outline
}

fn stairs(columns: &[Column], y: impl Fn(&Column) -> f64) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for column in columns {
        if let Some(last) = points.last() {
            points.push(at(column.x, last.y));
        }
        points.push(at(column.x, y(column)));
    }
    points
}

fn median(columns: &[Column], shares: &Scale) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for column in columns {
        if let Some(last) = points.last() {
            points.push(at(column.x, last.y));
        }
        for share in column.median {
            let next = at(column.x, shares.place(share));
            if points.last() != Some(&next) {
                points.push(next);
            }
        }
    }
    points
}
