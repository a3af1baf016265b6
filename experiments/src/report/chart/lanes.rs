//! Labels of vertical marks, placed so that no two meet and no mark runs through a label.
//!
//! Each label stands beside the upper end of its mark, in a lane; the mark runs down from there. Of two labels to the
//! right of their marks, the one whose mark lies under the other's text goes lower:
//!
//! ```text
//! | detected 42 s
//! |  | answer changed 48 s       | recovered 5 min
//! |  |                           |
//! ```
//!
//! Where the text would leave the page it stands to the left of its mark; there the rule is mirrored. Either a mark in
//! its way has its label turned to the left as well, and so on, or the text is narrowed: whichever costs less room.

/// A mark that wants a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    /// Where it is.
    pub(crate) x: f64,
    /// The width of its text.
    pub(crate) width: f64,
}

/// Where a label goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// From the top.
    pub(crate) lane: usize,
    /// Whether the text ends at the mark.
    pub(crate) to_the_left: bool,
    /// Where the text starts (ends, if to the left).
    pub(crate) x: f64,
    /// The room of the text: less than it asked for where the page is too narrow.
    pub(crate) width: f64,
}

/// Between a mark and its text.
const GAP: f64 = 4.0;

/// Places the labels of marks that are sorted by `x`, between `left` and `right`.
pub(crate) fn place(marks: &[Mark], left: f64, right: f64) -> Vec<Placed> {
    let (turned, narrowed) = (cleared(marks, left, right, true), cleared(marks, left, right, false));
    let room = |placed: &[Placed]| placed.iter().map(|label| label.width).sum::<f64>();
    let mut placed = if room(&turned) >= room(&narrowed) { turned } else { narrowed };
    for index in 0..marks.len() {
        if !placed[index].to_the_left {
            let above = (0..index).filter(|earlier| !placed[*earlier].to_the_left);
            placed[index].lane = below(&placed, above, (marks[index].x, marks[index].x));
        }
    }
    for index in (0..marks.len()).rev() {
        if placed[index].to_the_left {
            let mark = (marks[index].x, marks[index].x);
            let later = below(&placed, (index + 1..marks.len()).filter(|later| placed[*later].to_the_left), mark);
            let earlier = (0..index).filter(|earlier| !placed[*earlier].to_the_left);
            placed[index].lane = later.max(below(&placed, earlier, span(&placed[index])));
        }
    }
    placed
}

/// Sides and widths of the labels such that none to the left has the mark of one to the right in its text.
fn cleared(marks: &[Mark], left: f64, right: f64, turn: bool) -> Vec<Placed> {
    let mut placed: Vec<Placed> = marks.iter().map(|mark| start(mark, left, right)).collect();
    // Each pass turns a label, which happens once, or narrows one so that it is clear of another: this ends.
    while let Some((earlier, later)) = run_through(&placed, marks) {
        if turn {
            placed[earlier] = leftwards(&marks[earlier], left);
        } else {
            placed[later].width = (marks[later].x - marks[earlier].x - 2.0 * GAP - 1.0).max(0.0);
        }
    }
    placed
}

/// A mark with its label to the right that stands in the text of a later label to the left.
fn run_through(placed: &[Placed], marks: &[Mark]) -> Option<(usize, usize)> {
    let lefts = (0..marks.len()).filter(|later| placed[*later].to_the_left && placed[*later].width > 0.0);
    lefts
        .flat_map(|later| (0..later).map(move |earlier| (earlier, later)))
        .find(|(earlier, later)| !placed[*earlier].to_the_left && span(&placed[*later]).0 <= marks[*earlier].x)
}

fn start(mark: &Mark, left: f64, right: f64) -> Placed {
    let x = mark.x + GAP;
    if x + mark.width <= right || right - mark.x >= mark.x - left {
        return Placed { lane: 0, to_the_left: false, x, width: mark.width.min(right - x).max(0.0) };
    }
    leftwards(mark, left)
}

fn leftwards(mark: &Mark, left: f64) -> Placed {
    let x = mark.x - GAP;
    Placed { lane: 0, to_the_left: true, x, width: mark.width.min(x - left).max(0.0) }
}

/// The range of a label, its mark included.
fn span(label: &Placed) -> (f64, f64) {
    if label.to_the_left {
        (label.x - label.width - GAP, label.x + GAP)
    } else {
        (label.x - GAP, label.x + label.width + GAP)
    }
}

/// The highest lane below all labels of `above` that cover a part of the given range.
fn below(placed: &[Placed], above: impl Iterator<Item = usize>, (from, to): (f64, f64)) -> usize {
    above
        .filter(|other| {
            let (start, end) = span(&placed[*other]);
            start <= to && from <= end
        })
        .map(|other| placed[other].lane + 1)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No two texts in one lane meet, and no mark runs through a text below its own.
    fn assert_clear(marks: &[Mark], left: f64, right: f64) {
        let placed = place(marks, left, right);
        for (index, label) in placed.iter().enumerate() {
            let (from, to) = span(label);
            assert!(from >= left - GAP - 1e-9 && to <= right + GAP + 1e-9, "{label:?} leaves the page");
            for (other, second) in placed.iter().enumerate().filter(|(other, _)| *other != index) {
                let apart = span(second).1 < from || span(second).0 > to;
                assert!(apart || second.lane != label.lane, "{label:?} meets {second:?}");
                let x = marks[other].x;
                let through = x > from + GAP && x < to - GAP && second.lane < label.lane;
                assert!(!through, "the mark of {second:?} runs through {label:?}");
            }
        }
    }

    #[test]
    fn labels_never_meet_wherever_the_marks_are() {
        // A fixed sequence of scattered marks; the constants are those of a common linear congruential generator.
        let mut state: u64 = 1;
        let mut next = |below: f64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 * below
        };
        for _ in 0..2000 {
            let count = next(13.0) as usize;
            let spread = 10.0 + next(690.0);
            let offset = next(700.0 - spread);
            let mut marks: Vec<Mark> =
                (0..count).map(|_| Mark { x: 60.0 + offset + next(spread), width: 20.0 + next(250.0) }).collect();
            marks.sort_by(|one, other| one.x.total_cmp(&other.x));
            assert_clear(&marks, 60.0, 760.0);
        }
    }

    #[test]
    fn marks_at_one_instant_have_a_lane_each() {
        let marks = [Mark { x: 100.0, width: 50.0 }; 4];
        assert_eq!(place(&marks, 0.0, 700.0).iter().map(|label| label.lane).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_clear(&[Mark { x: 690.0, width: 50.0 }; 4], 0.0, 700.0);
    }

    #[test]
    fn a_label_at_the_end_of_the_page_stands_to_the_left() {
        let placed = place(&[Mark { x: 690.0, width: 50.0 }], 0.0, 700.0);
        assert!(placed[0].to_the_left && placed[0].width == 50.0);
    }
}
