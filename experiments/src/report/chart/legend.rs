//! A legend: samples with their names, in rows, always beside the data.

use plotters::style::RGBColor;

use super::canvas::{Anchor, Canvas, Pen, pen};
use super::error::ChartError;
use super::geometry::{Area, at};
use super::mark::Mark;
use super::palette::{AXIS, Fill, INK};
use super::text::{BODY, fit, width};

/// The sign before a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sample {
    Line(Pen),
    Dashes(Pen),
    Upright(Pen),
    Band(RGBColor, f64),
    Box(Fill),
    Mark(Mark, RGBColor),
}

/// A legend that flows from left to right and from row to row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Legend {
    entries: Vec<Entry>,
    /// Its range.
    pub(crate) area: Area,
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    sample: Sample,
    name: String,
    x: f64,
    y: f64,
}

const ROW: f64 = 17.0;
const SAMPLE: f64 = 20.0;
const AFTER_SAMPLE: f64 = 6.0;
const AFTER_NAME: f64 = 16.0;

impl Legend {
    /// Places the entries from the upper left corner on.
    pub(crate) fn new(entries: &[(Sample, String)], left: f64, top: f64, right: f64) -> Self {
        let (mut x, mut y) = (left, top);
        let mut placed = Vec::new();
        for (sample, name) in entries {
            let name = fit(name, right - left - SAMPLE - AFTER_SAMPLE, BODY);
            let length = SAMPLE + AFTER_SAMPLE + width(&name, BODY);
            if x > left && x + length > right {
                (x, y) = (left, y + ROW);
            }
            placed.push(Entry { sample: *sample, name, x, y: y + ROW / 2.0 });
            x += length + AFTER_NAME;
        }
        let bottom = if entries.is_empty() { top } else { y + ROW };
        Self { entries: placed, area: Area::new(left, top, right, bottom) }
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        for Entry { sample, name, x, y } in &self.entries {
            draw_sample(canvas, *sample, *x, *y)?;
            canvas.text(name, at(x + SAMPLE + AFTER_SAMPLE, *y), BODY, INK, Anchor::Start)?;
        }
        Ok(())
    }
}

fn draw_sample(canvas: &Canvas<'_>, sample: Sample, x: f64, y: f64) -> Result<(), ChartError> {
    let area = Area::new(x, y - 5.0, x + SAMPLE, y + 5.0);
    let (from, to) = (at(x, y), at(x + SAMPLE, y));
    match sample {
        Sample::Line(pen) => canvas.line(from, to, pen),
        Sample::Dashes(pen) => canvas.dashes(from, to, pen),
        Sample::Upright(pen) => canvas.line(at(x + SAMPLE / 2.0, y - 6.0), at(x + SAMPLE / 2.0, y + 6.0), pen),
        Sample::Band(colour, opacity) => canvas.fill(area, colour, opacity),
        Sample::Mark(mark, colour) => mark.draw(canvas, at(x + SAMPLE / 2.0, y), 4.5, colour),
        Sample::Box(fill) => {
            canvas.pattern(area, fill)?;
            canvas.outline(area, pen(AXIS, 0.5))
        }
    }
}
