//! The page: plotters' SVG backend on a canvas twenty times as fine as the page, since the backend knows whole
//! coordinates only; the document's width and height are the page's again.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::error::ChartError;
use super::geometry::{Area, Point, at};
use super::palette::{Fill, Hatch};
use super::text::{self, FAMILY, Face};

/// The width of every page.
pub(crate) const WIDTH: f64 = 800.0;
/// The least height of a page: half a sheet.
pub(crate) const HEIGHT: f64 = 500.0;
/// Between the lines of a hatch.
const HATCH: f64 = 5.0;
/// Canvas units in a page unit.
const FINE: f64 = 20.0;

/// Where the given point of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pen {
    pub(crate) colour: RGBColor,
    pub(crate) width: f64,
}

pub(crate) const fn pen(colour: RGBColor, width: f64) -> Pen {
    Pen { colour, width }
}

impl Pen {
    fn style(self) -> ShapeStyle {
        self.colour.stroke_width((self.width * FINE).round().max(1.0) as u32)
    }
}

/// The page while it is drawn on.
pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws a page and returns the document. `title` is what a screen reader says.
pub(crate) fn draw_page(
    height: f64,
    title: &str,
    draw: impl FnOnce(&Canvas<'_>) -> Result<(), ChartError>,
) -> Result<String, ChartError> {
    text::load_font()?;
    let mut svg = String::new();
    let size = (fine(WIDTH) as u32, fine(height) as u32);
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area };
        canvas.fill(Area::new(0.0, 0.0, WIDTH, height), super::palette::WHITE, 1.0)?;
        draw(&canvas)?;
        canvas.area.present().map_err(refused)?;
    }
    let fine_root = format!("<svg width=\"{}\" height=\"{}\" ", size.0, size.1);
    let Some(rest) = svg.strip_prefix(&fine_root) else {
        return Err(ChartError::Svg("the document does not start as expected".to_owned()));
    };
    let Some((attributes, body)) = rest.split_once(">\n") else {
        return Err(ChartError::Svg("the document has no body".to_owned()));
    };
    let title = escaped(title);
    Ok(format!("<svg width=\"{WIDTH}\" height=\"{height}\" role=\"img\" {attributes}>\n<title>{title}</title>\n{body}"))
}

impl Canvas<'_> {
    /// A line through all points. Nothing for fewer than two.
    pub(crate) fn path(&self, points: &[Point], pen: Pen) -> Result<(), ChartError> {
        if points.len() < 2 {
            return Ok(());
        }
        self.area.draw(&PathElement::new(coordinates(points), pen.style())).map_err(refused)
    }

    /// A straight line.
    pub(crate) fn line(&self, from: Point, to: Point, pen: Pen) -> Result<(), ChartError> {
        self.path(&[from, to], pen)
    }

    /// Every `of`-th dash of a line through all points, from the dash `first` on: so many lines in one place share it.
    pub(crate) fn shared_path(&self, points: &[Point], pen: Pen, first: usize, of: usize) -> Result<(), ChartError> {
        const DASH: f64 = 9.0;
        let (from, period) = (DASH * first as f64, DASH * of.max(1) as f64);
        let mut way = 0.0;
        let mut dash: Vec<Point> = Vec::new();
        for pair in points.windows(2) {
            let length = libm::hypot(pair[1].x - pair[0].x, pair[1].y - pair[0].y);
            if !length.is_finite() || length <= 0.0 {
                continue;
            }
            let end = way + length;
            let along = |to: f64| {
                let share = (to - way) / length;
                at(pair[0].x + (pair[1].x - pair[0].x) * share, pair[0].y + (pair[1].y - pair[0].y) * share)
            };
            let mut index = ((way - from - DASH) / period).ceil().max(0.0);
            while from + index * period < end {
                let (start, stop) = (from + index * period, from + index * period + DASH);
                if start >= way {
                    dash = vec![along(start)];
                }
                dash.push(along(stop.min(end)));
                if stop <= end {
                    self.path(&std::mem::take(&mut dash), pen)?;
                }
                index += 1.0;
            }
            way = end;
        }
        self.path(&dash, pen)
    }

    /// A straight line in dashes.
    pub(crate) fn dashes(&self, from: Point, to: Point, pen: Pen) -> Result<(), ChartError> {
        const DASH: f64 = 5.0;
        const GAP: f64 = 3.0;
        let length = libm::hypot(to.x - from.x, to.y - from.y);
        if !length.is_finite() || length <= 0.0 {
            return Ok(());
        }
        let along = |way: f64| at(from.x + (to.x - from.x) * way / length, from.y + (to.y - from.y) * way / length);
        let mut way = 0.0;
        while way < length {
            self.line(along(way), along((way + DASH).min(length)), pen)?;
            way += DASH + GAP;
        }
        Ok(())
    }

    /// A filled box. Nothing if it has no area.
    pub(crate) fn fill(&self, area: Area, colour: RGBColor, opacity: f64) -> Result<(), ChartError> {
        if area.width() <= 0.0 || area.height() <= 0.0 {
            return Ok(());
        }
        let corners = [(fine(area.left), fine(area.top)), (fine(area.right), fine(area.bottom))];
        self.area.draw(&Rectangle::new(corners, colour.mix(opacity).filled())).map_err(refused)
    }

    /// The outline of a box.
    pub(crate) fn outline(&self, area: Area, pen: Pen) -> Result<(), ChartError> {
        let Area { left, top, right, bottom } = area;
        self.path(&[at(left, top), at(right, top), at(right, bottom), at(left, bottom), at(left, top)], pen)
    }

    /// A filled shape.
    pub(crate) fn polygon(&self, points: &[Point], colour: RGBColor, opacity: f64) -> Result<(), ChartError> {
        if points.len() < 3 {
            return Ok(());
        }
        self.area.draw(&Polygon::new(coordinates(points), colour.mix(opacity).filled())).map_err(refused)
    }

    /// A box with a colour and its hatch.
    pub(crate) fn pattern(&self, area: Area, fill: Fill) -> Result<(), ChartError> {
        self.fill(area, fill.colour, 1.0)?;
        match fill.hatch {
            Hatch::None => Ok(()),
            Hatch::Rising(colour) => self.hatch(area, pen(colour, 1.0), true),
            Hatch::Falling(colour) => self.hatch(area, pen(colour, 1.0), false),
            Hatch::Upright(colour) => self.stripes(area, pen(colour, 0.9)),
        }
    }

    /// Diagonals through a box, cut at its edges.
    fn hatch(&self, area: Area, pen: Pen, rising: bool) -> Result<(), ChartError> {
        let height = area.height();
        if area.width() <= 0.0 || height <= 0.0 {
            return Ok(());
        }
        // Each diagonal runs from `start` on one edge to `start + height` on the other.
        let mut start = area.left - height + HATCH / 2.0;
        while start < area.right {
            let from = start.max(area.left);
            let to = (start + height).min(area.right);
            let y = |x: f64| if rising { area.bottom - (x - start) } else { area.top + (x - start) };
            self.line(at(from, y(from)), at(to, y(to)), pen)?;
            start += HATCH;
        }
        Ok(())
    }

    /// Upright lines through a box.
    fn stripes(&self, area: Area, pen: Pen) -> Result<(), ChartError> {
        const STEP: f64 = 6.5;
        let mut x = area.left + STEP / 2.0;
        while x < area.right {
            self.line(at(x, area.top), at(x, area.bottom), pen)?;
            x += STEP;
        }
        Ok(())
    }

    /// A line of text; `place.y` is the middle of its capitals.
    pub(crate) fn text(
        &self,
        text: &str,
        place: Point,
        face: Face,
        colour: RGBColor,
        anchor: Anchor,
    ) -> Result<(), ChartError> {
        self.letters(text, at(place.x, place.y + 0.11 * face.size), face, colour, anchor, FontTransform::None)
    }

    /// A line of text from bottom to top, centred on a point.
    pub(crate) fn text_upwards(
        &self,
        text: &str,
        place: Point,
        face: Face,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let place = at(place.x + 0.11 * face.size, place.y);
        self.letters(text, place, face, colour, Anchor::Middle, FontTransform::Rotate270)
    }

    fn letters(
        &self,
        text: &str,
        place: Point,
        face: Face,
        colour: RGBColor,
        anchor: Anchor,
        turned: FontTransform,
    ) -> Result<(), ChartError> {
        let text = text::clean(text);
        if text.is_empty() {
            return Ok(());
        }
        let across = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        // The backend divides the size by this factor to get the em.
        let font = FontDesc::new(FontFamily::Name(FAMILY), face.size * FINE * 1.24, face.style()).transform(turned);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(across, VPos::Center));
        self.area.draw(&Text::new(text, (fine(place.x), fine(place.y)), style)).map_err(refused)
    }
}

fn fine(value: f64) -> i32 {
    // A float becomes the nearest representable integer: what is not a number becomes zero, nothing overflows.
    (value * FINE).round() as i32
}

fn coordinates(points: &[Point]) -> Vec<(i32, i32)> {
    points.iter().map(|point| (fine(point.x), fine(point.y))).collect()
}

fn refused(error: impl std::fmt::Display) -> ChartError {
    ChartError::Draw(error.to_string())
}

/// A text as XML takes it, in an element or in an attribute, without the signs that no chart can show.
pub(crate) fn escaped(text: &str) -> String {
    text::clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
