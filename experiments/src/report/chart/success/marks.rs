//! Faults and milestones: lanes above the panels, tints and lines through them.

use super::super::canvas::{Anchor, Canvas, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::lanes::{self, Mark, Placed};
use super::super::palette::{INK, SOFT};
use super::super::scale::Scale;
use super::super::text::{SMALL, fit, name, width};
use super::super::words;
use super::super::{FaultSpan, Milestone, SuccessOverTime};
use super::{FAULT, FAULT_OPACITY, LEFT, Layout, RIGHT};

const MOST_FAULTS: usize = 4;
const MOST_MILESTONES: usize = 12;
const LANE: f64 = 15.0;
/// The longest label of a milestone.
const LONGEST: f64 = 300.0;

/// The marks with their places.
pub(super) struct Marks {
    faults: Vec<Fault>,
    milestones: Vec<Flag>,
    /// The omissions, in words.
    left_out: Option<String>,
    milestones_top: f64,
    faults_top: f64,
    /// Where the panels may start.
    pub(super) bottom: f64,
}

struct Fault {
    from: f64,
    to: f64,
    label: String,
    /// Whether its end is on the axis.
    ends: bool,
}

struct Flag {
    x: f64,
    label: Label,
    placed: Placed,
}

impl Marks {
    /// Places the marks below `top`.
    pub(super) fn new(chart: &SuccessOverTime, time: &Scale, top: f64) -> Self {
        let mut faults: Vec<Fault> = chart.faults.iter().filter_map(|span| fault(span, time)).collect();
        let mut milestones: Vec<&Milestone> =
            chart.milestones.iter().filter(|milestone| time.holds(milestone.at)).collect();
        milestones.sort_by(|one, other| one.at.total_cmp(&other.at));
        let beyond = |count: usize, most: usize, thing: &str| {
            (count > most).then(|| format!("{} not shown", words::things((count - most) as u64, thing)))
        };
        let out = [
            beyond(faults.len(), MOST_FAULTS, "more fault"),
            beyond(milestones.len(), MOST_MILESTONES, "later milestone"),
        ];
        let left_out: Vec<String> = out.into_iter().flatten().collect();
        faults.truncate(MOST_FAULTS);
        milestones.truncate(MOST_MILESTONES);
        let mut y = top;
        let faults_top = y;
        y += LANE * faults.len() as f64;
        if !left_out.is_empty() {
            y += LANE;
        }
        let milestones = flags(&milestones, time);
        let lanes = milestones.iter().map(|flag| flag.placed.lane + 1).max().unwrap_or(0);
        Self {
            faults,
            milestones_top: y + 3.0,
            milestones,
            left_out: (!left_out.is_empty()).then(|| left_out.join(", ")),
            faults_top,
            bottom: y + 3.0 + LANE * lanes as f64,
        }
    }
}

/// A milestone in words, with and without the range over the trials: the range goes where there is no room for it.
struct Label {
    long: String,
    short: String,
}

fn fault(span: &FaultSpan, time: &Scale) -> Option<Fault> {
    let end = span.end.filter(|end| end.is_finite()).unwrap_or(f64::INFINITY);
    if !span.start.is_finite() || span.start > time.high || end < time.low.max(span.start) {
        return None;
    }
    let ends = end <= time.high;
    let lasts = match span.end {
        Some(end) if ends => words::chosen(end - span.start),
        Some(end) if end.is_finite() => format!("{}, ends after what is shown", words::chosen(end - span.start)),
        _ => "does not end".to_owned(),
    };
    let (from, to) = (time.place(span.start), time.place(end).max(time.place(span.start) + 1.0));
    let label = fit(&format!("{} ({lasts})", name(&span.name)), RIGHT - LEFT - 12.0, SMALL);
    Some(Fault { from, to, label, ends })
}

fn flags(milestones: &[&Milestone], time: &Scale) -> Vec<Flag> {
    let labels: Vec<Label> = milestones
        .iter()
        .map(|milestone| {
            let (low, high) = milestone.spread.unwrap_or((f64::NAN, f64::NAN));
            let (median, range) = words::estimated([milestone.at, low, high], [milestone.at; 3]);
            let range = range.map_or_else(String::new, |range| format!(" {range}"));
            let room = LONGEST - width(&format!("{median}{range}"), SMALL) - 6.0;
            let short = format!("{} {median}", fit(&name(&milestone.name), room.max(60.0), SMALL));
            Label { long: format!("{short}{range}"), short }
        })
        .collect();
    let marks: Vec<Mark> = milestones
        .iter()
        .zip(&labels)
        .map(|(milestone, label)| Mark { x: time.place(milestone.at), width: width(&label.long, SMALL) })
        .collect();
    let placed = lanes::place(&marks, LEFT, RIGHT);
    let flags = labels.into_iter().zip(marks).zip(placed);
    flags.map(|((label, mark), placed)| Flag { x: mark.x, label, placed }).collect()
}

/// The tints of the faults, behind everything.
pub(super) fn draw_behind(canvas: &Canvas<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    for fault in &layout.marks.faults {
        for (_, area) in &layout.panels {
            let tint = Area::new(fault.from, area.top, fault.to, area.bottom);
            canvas.fill(tint, FAULT, FAULT_OPACITY)?;
        }
    }
    Ok(())
}

/// The lanes above the panels and the lines of the milestones through them.
pub(super) fn draw(canvas: &Canvas<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    let marks = &layout.marks;
    let mut top = marks.faults_top;
    for fault in &marks.faults {
        let bar = Area::new(fault.from, top + 1.0, fault.to, top + LANE - 1.0);
        canvas.fill(bar, FAULT, FAULT_OPACITY * 2.5)?;
        canvas.line(at(bar.left, bar.top), at(bar.left, bar.bottom), pen(FAULT, 1.5))?;
        // A bar without an end goes on beyond the axis.
        if fault.ends {
            canvas.line(at(bar.right, bar.top), at(bar.right, bar.bottom), pen(FAULT, 1.5))?;
        }
        let (x, room, anchor) = beside(bar, width(&fault.label, SMALL));
        canvas.text(&fit(&fault.label, room, SMALL), at(x, top + LANE / 2.0), SMALL, INK, anchor)?;
        top += LANE;
    }
    if let Some(text) = &marks.left_out {
        canvas.text(text, at(LEFT, top + LANE / 2.0), SMALL, SOFT, Anchor::Start)?;
    }
    for flag in &marks.milestones {
        milestone(canvas, flag, layout)?;
    }
    Ok(())
}

/// Where the label of a bar stands: within it, after it or before it, where it fits or else has most room. Each lane
/// holds one bar.
fn beside(bar: Area, wanted: f64) -> (f64, f64, Anchor) {
    const PAD: f64 = 5.0;
    let places = [
        (bar.left + PAD, bar.width() - 2.0 * PAD, Anchor::Start),
        (bar.right + PAD, RIGHT - bar.right - PAD, Anchor::Start),
        (bar.left - PAD, bar.left - LEFT - PAD, Anchor::End),
    ];
    let roomiest = if places[2].1 > places[1].1 { places[2] } else { places[1] };
    let roomiest = if places[0].1 > roomiest.1 { places[0] } else { roomiest };
    places.into_iter().find(|place| wanted <= place.1).unwrap_or(roomiest)
}

fn milestone(canvas: &Canvas<'_>, flag: &Flag, layout: &Layout<'_>) -> Result<(), ChartError> {
    let lane = layout.marks.milestones_top + LANE * flag.placed.lane as f64;
    canvas.line(at(flag.x, lane + 1.0), at(flag.x, layout.marks.bottom), pen(SOFT, 1.0))?;
    for (_, area) in &layout.panels {
        canvas.line(at(flag.x, area.top), at(flag.x, area.bottom), pen(SOFT, 0.8))?;
    }
    let anchor = if flag.placed.to_the_left { Anchor::End } else { Anchor::Start };
    let room = flag.placed.width + 0.5;
    let label = if width(&flag.label.long, SMALL) <= room { &flag.label.long } else { &flag.label.short };
    let label = fit(label, room, SMALL);
    canvas.text(&label, at(flag.placed.x, lane + LANE / 2.0), SMALL, INK, anchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty-one minutes are shown of a fault of four hours: its bar has no end, and the label says how long it lasts.
    #[test]
    fn a_fault_that_outlasts_the_axis_is_not_told_to_end_there() {
        super::super::super::text::load_font().expect("the font is embedded");
        let time = Scale::linear(0.0, 1_260.0, LEFT, RIGHT);
        let span = |end| FaultSpan { name: "us-east-1 out".to_owned(), start: 0.0, end };
        let label = |end| fault(&span(end), &time).map(|fault| (fault.label.replace(words::BLANK, " "), fault.ends));
        let beyond = Some(("us-east-1 out (4 h, ends after what is shown)".to_owned(), false));
        assert_eq!(label(Some(14_400.0)), beyond);
        assert_eq!(label(Some(1_200.0)), Some(("us-east-1 out (20 min)".to_owned(), true)));
        assert_eq!(label(None), Some(("us-east-1 out (does not end)".to_owned(), false)));
    }
}
