//! A figure over two settings: darker is more.

use plotters::style::RGBColor;

use super::super::Estimate;
use super::super::canvas::{self, Anchor, Canvas, HEIGHT, WIDTH, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::page::{FOOTER, Header, MARGIN, footer};
use super::super::palette::{AXIS, Fill, Hatch, INK, SHELF, WHITE, ink_on};
use super::super::scale::Scale;
use super::super::text::{Face, SMALL, STRONG, name, width};
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
const RADIUS: f64 = 7.0;

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
    let title = format!("{} over {} and {}", chart.figure, name(&chart.across.name), name(&chart.up.name));
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

/// Draws the chart.
pub(in super::super) fn draw(chart: &HeatMap) -> Result<String, ChartError> {
    super::super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        canvas.fill(layout.plot, SHELF, 1.0)?;
        let Drawn { columns, rows, intervals } =
            if chart.grid { cells(canvas, chart, &layout)? } else { spots(canvas, chart, &layout)? };
        canvas.outline(layout.plot, pen(AXIS, 1.0))?;
        axis::below(canvas, &columns, layout.plot)?;
        axis::beside(canvas, &rows, axis::room(&chart.up), layout.plot)?;
        key(canvas, chart, &layout)?;
        let level = words::chosen_share(chart.confidence);
        let note = if intervals {
            format!("[ ]: {level} confidence")
        } else {
            format!("{level} intervals: {}", chart.intervals_in)
        };
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

/// What the axes name beside what was drawn, and whether that has its intervals.
struct Drawn {
    columns: Named,
    rows: Named,
    intervals: bool,
}

/// One cell a spot.
fn cells(canvas: &Canvas<'_>, chart: &HeatMap, layout: &Layout) -> Result<Drawn, ChartError> {
    let mut intervals = false;
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
        } else {
            canvas.pattern(cell, Fill { colour: WHITE, hatch: Hatch::Rising(SHELF) })?;
            INK
        };
        intervals |= words_in(canvas, chart, spot, cell, ink)?;
    }
    let middles = |count: usize, from: f64, step: f64| -> Vec<f64> {
        (0..count).map(|index| from + step * (index as f64 + 0.5)).collect()
    };
    Ok(Drawn {
        columns: Named::each(&chart.across, &middles(columns, plot.left, across)),
        rows: Named::each(&chart.up, &middles(rows, plot.bottom, -up)),
        intervals,
    })
}

/// The figure in a cell, as far as it fits: the value, below it its interval, below that the chance. Tells whether the
/// interval is there.
fn words_in(canvas: &Canvas<'_>, chart: &HeatMap, spot: &Spot, cell: Area, ink: RGBColor) -> Result<bool, ChartError> {
    let mut lines: Vec<(String, Face)> = match spot.value {
        Estimate::Known { value, low, high } => {
            let (value, interval) = chart.subject.estimated([value, low, high], chart.horizon);
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
        Estimate::Refused => vec![("too few trials".to_owned(), SMALL)],
    };
    lines.extend(spot.chance.map(|chance| (format!("met in {}", words::share(chance)), SMALL)));
    lines.retain(|(text, face)| width(text, *face) <= cell.width() - 6.0);
    while lines.iter().map(|(_, face)| face.line()).sum::<f64>() > cell.height() - 4.0 && lines.pop().is_some() {}
    let height: f64 = lines.iter().map(|(_, face)| face.line()).sum();
    let mut y = cell.middle().y - height / 2.0;
    let interval = lines.iter().any(|(text, _)| text.starts_with('['));
    for (text, face) in lines {
        canvas.text(&text, at(cell.middle().x, y + face.line() / 2.0), face, ink, Anchor::Middle)?;
        y += face.line();
    }
    Ok(interval)
}

/// One dot a spot, at the places of its settings.
fn spots(canvas: &Canvas<'_>, chart: &HeatMap, layout: &Layout) -> Result<Drawn, ChartError> {
    let plot = layout.plot;
    let (across, up) =
        (axis::scale(&chart.across, plot.left, plot.right), axis::scale(&chart.up, plot.bottom, plot.top));
    for spot in &chart.spots {
        let (Some(column), Some(row)) = (chart.across.settings.get(spot.across), chart.up.settings.get(spot.up)) else {
            continue;
        };
        let (x, y) = (across.place(column.at), up.place(row.at));
        let dot = |radius: f64| {
            (0..24)
                .map(|corner| f64::from(corner) / 24.0 * std::f64::consts::TAU)
                .map(|angle| at(x + radius * libm::cos(angle), y + radius * libm::sin(angle)))
                .collect::<Vec<_>>()
        };
        canvas.polygon(&dot(RADIUS + 1.0), AXIS, 1.0)?;
        canvas.polygon(&dot(RADIUS), known(spot).map_or(WHITE, |value| colour(layout.colours.place(value))), 1.0)?;
    }
    // Labels beside the plot stand one above the other: a line of text needs a third of a label's width.
    let lying = axis::scale(&chart.up, 0.0, plot.height() * 3.0);
    Ok(Drawn {
        columns: Named::on(&chart.across, &across, &across),
        rows: Named::on(&chart.up, &up, &lying),
        intervals: false,
    })
}

/// The colours and what they stand for.
fn key(canvas: &Canvas<'_>, chart: &HeatMap, layout: &Layout) -> Result<(), ChartError> {
    const STEPS: u32 = 40;
    let bar = Area::new(layout.key.left + 8.0, layout.key.top + 24.0, layout.key.left + 26.0, layout.key.bottom - 30.0);
    canvas.text(&chart.figure, at(layout.key.left + 8.0, layout.key.top + 9.0), STRONG, INK, Anchor::Start)?;
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
    let censored = |spot: &Spot| matches!(spot.value, Estimate::Known { value, .. } if !value.is_finite());
    if chart.spots.iter().any(censored) {
        let text = format!("white: {}", words::beyond(chart.horizon));
        canvas.text(&text, at(layout.key.left + 8.0, layout.key.bottom - 8.0), SMALL, INK, Anchor::Start)?;
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
