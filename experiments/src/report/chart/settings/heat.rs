//! A figure over two settings: darker is more.

use plotters::style::RGBColor;

use super::super::Estimate;
use super::super::canvas::{self, Anchor, Canvas, HEIGHT, WIDTH, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::mark::{Mark, TOO_FEW, note, verdict};
use super::super::page::{FOOTER, Header, MARGIN, footer};
use super::super::palette::{AXIS, Fill, Hatch, INK, SHELF, SOFT, WHITE, ink_on};
use super::super::scale::Scale;
use super::super::text::{Face, SMALL, STRONG, fit, name, width};
use super::super::words;
use super::axis::{self, BELOW, Named};
use super::{HeatMap, Spot};

/// Light to dark, told apart by their lightness alone: after J. R. Nuñez, C. R. Anderton and R. S. Renslow, Public Library of Science ONE 13
/// (2018), e0199239 (cividis), from its upper end down.
const COLOURS: [(f64, f64, f64); 6] = [
    (254.0, 232.0, 56.0),
    (211.0, 193.0, 100.0),
    (165.0, 156.0, 116.0),
    (124.0, 123.0, 120.0),
    (77.0, 86.0, 109.0),
    (0.0, 42.0, 100.0),
];

/// From this ratio of the largest to the smallest value on colours are logarithmic.
const LOGARITHMIC_FROM: f64 = 30.0;
/// Between cells.
const GAP: f64 = 1.5;
/// The key to the right.
const KEY: f64 = 92.0;
/// A line of the key that names a mark.
const ENTRY: f64 = 15.0;
const RADIUS: f64 = 7.0;
/// A verdict as a mark within a cell that has no room for its word: the largest, and the least that can be seen.
const MARK: f64 = 4.0;
const LEAST_MARK: f64 = 1.2;

/// Where everything is.
pub(in super::super) struct Layout {
    pub(in super::super) height: f64,
    header: Header,
    pub(in super::super) plot: Area,
    pub(in super::super) key: Area,
    colours: Scale,
}

/// Places everything; the font is loaded.
pub(in super::super) fn layout(chart: &HeatMap) -> Layout {
    let (subject, across, up) = (chart.subject.name(), name(&chart.across.name), name(&chart.up.name));
    let title = format!("{subject} {} over {across} and {up}", chart.figure);
    let header = Header::new(&chart.about, &title, None);
    let left = MARGIN + 28.0 + axis::room(&chart.up);
    let plot = Area::new(left, header.bottom + 4.0, WIDTH - MARGIN - KEY - 14.0, HEIGHT - FOOTER - BELOW - 4.0);
    let key = Area::new(WIDTH - MARGIN - KEY, plot.top, WIDTH - MARGIN, plot.bottom);
    let values = chart.spots.iter().filter_map(known);
    let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let colours = if low > 0.0 && high / low > LOGARITHMIC_FROM {
        Scale::logarithmic(low, high, 0.0, 1.0)
    } else {
        Scale::linear(low, high, 0.0, 1.0)
    };
    Layout { height: HEIGHT, header, plot, key, colours }
}

fn known(spot: &Spot) -> Option<f64> {
    match spot.value {
        Estimate::Known { value, .. } if value.is_finite() => Some(value),
        _ => None,
    }
}

/// Whether the figure is known to lie beyond the horizon.
fn censored(spot: &Spot) -> bool {
    matches!(spot.value, Estimate::Known { value, .. } if !value.is_finite())
}

/// Draws the chart.
pub(in super::super) fn draw(chart: &HeatMap) -> Result<String, ChartError> {
    super::super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        canvas.fill(layout.plot, SHELF, 1.0)?;
        let Drawn { columns, rows, intervals, marks } =
            if chart.grid { cells(canvas, chart, &layout)? } else { spots(canvas, chart, &layout)? };
        canvas.outline(layout.plot, pen(AXIS, 1.0))?;
        axis::below(canvas, &columns, layout.plot)?;
        axis::beside(canvas, &rows, axis::room(&chart.up), layout.plot)?;
        key(canvas, chart, &layout, &marks)?;
        let level = words::chosen_share(chart.confidence);
        let note = if intervals {
            format!("[ ]: {level} confidence")
        } else {
            format!("{level} intervals: {}", chart.intervals_in)
        };
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

/// The notes of the chart: labels of the axes, presence of intervals, meaning of the marks.
struct Drawn {
    columns: Named,
    rows: Named,
    intervals: bool,
    marks: Vec<(Option<Mark>, String)>,
}

/// One cell a spot.
fn cells(canvas: &Canvas<'_>, chart: &HeatMap, layout: &Layout) -> Result<Drawn, ChartError> {
    let (mut intervals, mut marks) = (false, Vec::new());
    let plot = layout.plot;
    let (columns, rows) = (chart.across.settings.len().max(1), chart.up.settings.len().max(1));
    let (across, up) = (plot.width() / columns as f64, plot.height() / rows as f64);
    let gap = if across.min(up) > 12.0 { GAP } else { 0.0 };
    for spot in &chart.spots {
        let (left, bottom) = (plot.left + across * spot.across as f64, plot.bottom - up * spot.up as f64);
        let cell = Area::new(left + gap, bottom - up + gap, left + across - gap, bottom - gap);
        let ink = if let Some(value) = known(spot) {
            let fill = colour(layout.colours.place(value));
            canvas.fill(cell, fill, 1.0)?;
            ink_on(fill)
        } else if spot.value == Estimate::Refused {
            canvas.fill(cell, SHELF, 1.0)?;
            INK
        } else {
            canvas.pattern(cell, Fill { colour: WHITE, hatch: Hatch::Rising(SHELF) })?;
            INK
        };
        let said = words_in(canvas, chart, spot, cell, ink)?;
        intervals |= said.interval;
        // A cell without room for the word has a mark, and the key says what that means.
        let unsaid = match spot.verdict.map(verdict) {
            Some(found) => (!said.verdict).then_some(found),
            None => (spot.value == Estimate::Refused && !said.any).then_some((TOO_FEW, Mark::Refused)),
        };
        let radius = (cell.width().min(cell.height()) / 2.0 - 0.5).min(MARK);
        if let Some((words, mark)) = unsaid.filter(|_| radius >= LEAST_MARK) {
            let place = if said.any { at(cell.right - radius - 2.0, cell.top + radius + 2.0) } else { cell.middle() };
            mark.draw(canvas, place, radius, ink)?;
            note(&mut marks, Some(mark), words);
        }
    }
    if chart.spots.iter().any(censored) {
        note(&mut marks, None, &format!("white: {}", words::beyond(chart.horizon)));
    }
    let middles = |count: usize, from: f64, step: f64| -> Vec<f64> {
        (0..count).map(|index| from + step * (index as f64 + 0.5)).collect()
    };
    Ok(Drawn {
        columns: Named::each(&chart.across, &middles(columns, plot.left, across)),
        rows: Named::each(&chart.up, &middles(rows, plot.bottom, -up)),
        intervals,
        marks,
    })
}

/// The texts that fit into a cell.
struct Said {
    any: bool,
    verdict: bool,
    interval: bool,
}

/// The figure in a cell, as far as it fits: the value, below it what becomes of the objective, the interval, the chance.
fn words_in(canvas: &Canvas<'_>, chart: &HeatMap, spot: &Spot, cell: Area, ink: RGBColor) -> Result<Said, ChartError> {
    let mut lines: Vec<(String, Face)> = match spot.value {
        Estimate::Known { value, low, high } => {
            let (value, interval) = chart.subject.estimated([value, low, high], spot.at_least);
            let fits = |text: &str| width(text, SMALL) <= cell.width() - 6.0;
            let interval = match interval {
                // Where there is no room beside one another, one end above the other.
                Some(text) if !fits(&text) => {
                    text.split_inclusive(", ").map(|end| end.trim_end().to_owned()).collect::<Vec<_>>()
                }
                text => text.into_iter().collect(),
            };
            std::iter::once((value, STRONG)).chain(interval.into_iter().map(|text| (text, SMALL))).collect()
        }
        Estimate::Refused => vec![(TOO_FEW.to_owned(), SMALL)],
    };
    let word = spot.verdict.map(|found| verdict(found).0);
    // The value stands first; without one the verdict does.
    let first = usize::from(spot.value != Estimate::Refused);
    lines.splice(first..first, word.map(|word| (word.to_owned(), STRONG)));
    let fits = |(text, face): &(String, Face)| width(text, *face) <= cell.width() - 6.0;
    let high = |lines: &[(String, Face)]| lines.iter().map(|(_, face)| face.line()).sum::<f64>();
    let all = lines.len();
    lines.retain(fits);
    while high(&lines) > cell.height() - 4.0 && lines.pop().is_some() {}
    // A chance without its interval says too much: where there is no room for both there is neither.
    if let Some(forms) = spot.chance.filter(|_| lines.len() == all).map(chance_in) {
        let room = cell.height() - 4.0 - high(&lines);
        let form = forms.into_iter().find(|form| high(form) <= room && form.iter().all(fits));
        lines.extend(form.into_iter().flatten());
    }
    let height = high(&lines);
    let mut y = cell.middle().y - height / 2.0;
    let said = Said {
        any: !lines.is_empty(),
        verdict: word.is_some_and(|word| lines.iter().any(|(text, _)| text == word)),
        interval: lines.iter().any(|(text, _)| text.contains('[')),
    };
    for (text, face) in lines {
        canvas.text(&text, at(cell.middle().x, y + face.line() / 2.0), face, ink, Anchor::Middle)?;
        y += face.line();
    }
    Ok(said)
}

/// The chance to meet the objective with its interval beside it, or below it.
fn chance_in([estimate, low, high]: [f64; 3]) -> [Vec<(String, Face)>; 2] {
    let said = |text: String| (text, SMALL);
    let (met, interval) = (format!("met in {}", words::share(estimate)), words::share_interval((low, high)));
    [vec![said(format!("{met} {interval}"))], vec![said(met), said(interval)]]
}

/// One mark a spot, at the places of its settings: its shape is the verdict, its colour the figure.
fn spots(canvas: &Canvas<'_>, chart: &HeatMap, layout: &Layout) -> Result<Drawn, ChartError> {
    let plot = layout.plot;
    let mut marks = Vec::new();
    let judged = chart.spots.iter().any(|spot| spot.verdict.is_some());
    let (across, up) =
        (axis::scale(&chart.across, plot.left, plot.right), axis::scale(&chart.up, plot.bottom, plot.top));
    for spot in &chart.spots {
        let (Some(column), Some(row)) = (chart.across.settings.get(spot.across), chart.up.settings.get(spot.up)) else {
            continue;
        };
        let place = at(across.place(column.at), up.place(row.at));
        let found = spot.verdict.map(verdict);
        // Without a figure there is a cross, within the shape of a verdict that was found all the same.
        let refused = spot.value == Estimate::Refused;
        let shape = match found {
            Some((_, mark)) => Some(mark),
            None => (!refused).then_some(if judged { Mark::Unjudged } else { Mark::Met }),
        };
        if shape == Some(Mark::Unjudged) {
            note(&mut marks, Some(Mark::Unjudged), "no objective");
        }
        if let Some(shape) = shape.filter(|shape| *shape != Mark::Refused) {
            let unknown = if refused { SHELF } else { WHITE };
            let fill = known(spot).map_or(unknown, |value| colour(layout.colours.place(value)));
            shape.draw(canvas, place, RADIUS + 1.0, AXIS)?;
            shape.draw(canvas, place, RADIUS, fill)?;
        }
        if refused {
            Mark::Refused.draw(canvas, place, RADIUS, INK)?;
            note(&mut marks, Some(Mark::Refused), TOO_FEW);
        }
        if let Some((words, mark)) = found.filter(|(_, mark)| *mark != Mark::Refused) {
            note(&mut marks, Some(mark), words);
        }
    }
    if chart.spots.iter().any(censored) {
        note(&mut marks, None, &format!("white: {}", words::beyond(chart.horizon)));
    }
    // Labels beside the plot stand one above the other: a line of text needs a third of a label's width.
    let lying = axis::scale(&chart.up, 0.0, plot.height() * 3.0);
    Ok(Drawn {
        columns: Named::on(&chart.across, &across, &across),
        rows: Named::on(&chart.up, &up, &lying),
        intervals: false,
        marks,
    })
}

/// The colours and what they stand for.
fn key(
    canvas: &Canvas<'_>,
    chart: &HeatMap,
    layout: &Layout,
    marks: &[(Option<Mark>, String)],
) -> Result<(), ChartError> {
    const STEPS: u32 = 40;
    let entries = ENTRY * marks.len() as f64;
    let bottom = layout.key.bottom - 14.0 - entries;
    let bar = Area::new(layout.key.left + 8.0, layout.key.top + 38.0, layout.key.left + 26.0, bottom);
    canvas.text(chart.subject.name(), at(layout.key.left + 8.0, layout.key.top + 9.0), SMALL, INK, Anchor::Start)?;
    let figure = fit(&chart.figure, layout.key.width() - 8.0, STRONG);
    canvas.text(&figure, at(layout.key.left + 8.0, layout.key.top + 23.0), STRONG, INK, Anchor::Start)?;
    if chart.spots.iter().any(|spot| known(spot).is_some()) {
        let step = bar.height() / f64::from(STEPS);
        for index in 0..STEPS {
            let bottom = bar.bottom - step * f64::from(index);
            let share = (f64::from(index) + 0.5) / f64::from(STEPS);
            canvas.fill(Area::new(bar.left, bottom - step - 0.2, bar.right, bottom), colour(share), 1.0)?;
        }
        canvas.outline(bar, pen(AXIS, 0.8))?;
        let low = layout.colours.low;
        let one = chart.spots.iter().filter_map(known).all(|value| value == low);
        let marks = if one {
            vec![(0.0, low)]
        } else {
            [0.0, 0.5, 1.0].map(|share| (share, between(&layout.colours, share))).to_vec()
        };
        for (share, value) in marks {
            let y = bar.bottom - share * bar.height();
            canvas.text(&chart.subject.value(value), at(bar.right + 6.0, y), SMALL, INK, Anchor::Start)?;
        }
    }
    let mut y = layout.key.bottom - entries + ENTRY / 2.0;
    for (mark, words) in marks {
        let x = layout.key.left + 8.0;
        if let Some(mark) = mark {
            mark.draw(canvas, at(x + MARK, y), MARK, SOFT)?;
        }
        let x = if mark.is_some() { x + 2.0 * MARK + 5.0 } else { x };
        canvas.text(words, at(x, y), SMALL, INK, Anchor::Start)?;
        y += ENTRY;
    }
    Ok(())
}

/// The value at a share of the colours.
fn between(scale: &Scale, share: f64) -> f64 {
    if scale.is_logarithmic() {
        scale.low * libm::pow(scale.high / scale.low, share)
    } else {
        scale.low + share * (scale.high - scale.low)
    }
}

/// The colour at a share of the way from light to dark.
fn colour(share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let below = (place as usize).min(COLOURS.len() - 2);
    let part = place - below as f64;
    let (from, to) = (COLOURS[below], COLOURS[below + 1]);
    let mix = |from: f64, to: f64| (from + part * (to - from)).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}
