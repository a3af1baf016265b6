//! Marks of points: what became of an objective, and that there is no figure.

use plotters::style::RGBColor;

use super::Verdict;
use super::canvas::{Canvas, pen};
use super::error::ChartError;
use super::geometry::{Point, at};

/// The note on a point whose trials support no interval.
pub(crate) const TOO_FEW: &str = "too few trials";

/// The sign for something that is no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A disc.
    Met,
    /// A square.
    Missed,
    /// A diamond.
    Undecided,
    /// A triangle: the point has no objective, while others have one.
    Unjudged,
    /// A cross: there is no figure.
    Refused,
}

/// The words and the mark of a verdict.
pub(crate) const fn verdict(verdict: Verdict) -> (&'static str, Mark) {
    match verdict {
        Verdict::Met => ("MET", Mark::Met),
        Verdict::Missed => ("MISSED", Mark::Missed),
        Verdict::NotJudged => ("NOT JUDGED", Mark::Refused),
        Verdict::Undecided => ("UNDECIDED", Mark::Undecided),
    }
}

/// Adds what a mark means, once.
pub(crate) fn note(marks: &mut Vec<(Option<Mark>, String)>, mark: Option<Mark>, words: &str) {
    if !marks.iter().any(|(_, known)| known == words) {
        marks.push((mark, words.to_owned()));
    }
}

impl Mark {
    /// Draws it in one colour.
    pub(crate) fn draw(
        self,
        canvas: &Canvas<'_>,
        place: Point,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let corners = match self {
            Self::Met => corners(24, 0.0, place, radius),
            Self::Missed => corners(4, 0.125, place, radius * 1.2),
            Self::Undecided => corners(4, 0.0, place, radius * 1.2),
            Self::Unjudged => corners(3, 0.75, place, radius * 1.2),
            Self::Refused => {
                let arm = radius * 0.7;
                let stroke = pen(colour, (radius / 3.5).max(0.8));
                canvas.line(at(place.x - arm, place.y - arm), at(place.x + arm, place.y + arm), stroke)?;
                return canvas.line(at(place.x - arm, place.y + arm), at(place.x + arm, place.y - arm), stroke);
            }
        };
        canvas.polygon(&corners, colour, 1.0)
    }
}

/// A regular figure with so many corners, turned by a share of a full turn.
fn corners(count: u32, turn: f64, place: Point, radius: f64) -> Vec<Point> {
    (0..count)
        .map(|corner| (f64::from(corner) / f64::from(count) + turn) * std::f64::consts::TAU)
        .map(|angle| at(place.x + radius * libm::cos(angle), place.y + radius * libm::sin(angle)))
        .collect()
}
