//! A figure over several settings, each changed by itself: the setting that moves it furthest stands first.
//!
//! ```text
//!                       as in the file: 5.3 min | objective <= 10 min
//!            DNS TTL       10s o----------|--------o 5m
//!  failure threshold             1 o------|---o 3
//!                          0    2    4    6   min
//! ```

use super::super::Estimate;
use super::super::canvas::{self, Anchor, Canvas, WIDTH, pen};
use super::super::error::ChartError;
use super::super::geometry::{Area, at};
use super::super::lanes::{self, Placed};
use super::super::legend::{Legend, Sample};
use super::super::mark::{Mark, TOO_FEW, verdict};
use super::super::page::{FOOTER, Header, MARGIN, footer};
use super::super::palette::{self, AXIS, BLUE, GRID, INK, SOFT, WHITE};
use super::super::scale::Scale;
use super::super::text::{BODY, SMALL, STRONG, fit, name, width, wrap};
use super::super::ticks::{Ticks, percent_ticks, time_ticks};
use super::super::words;
use super::axis::{BELOW, figures};
use super::{RangeRow, RangeValue, SettingRanges, Subject};

/// More rows than this do not fit a page.
const MOST_ROWS: usize = 20;
/// The height that the rows share on half a sheet.
const ROWS_ROOM: f64 = 300.0;
const LEAST_PITCH: f64 = 32.0;
const MOST_PITCH: f64 = 56.0;
const NAMES: f64 = 170.0;
/// The longest label of a value, and the longest words to the right of a row, which say what has no place as well.
const LABEL: f64 = 110.0;
const WORDS: f64 = 170.0;
const FLAG: f64 = 15.0;
const RADIUS: f64 = 4.5;
/// Figures nearer than this on the page are one for the eye.
const SAME: f64 = 0.5;

/// Where everything is.
pub(in super::super) struct Layout<'a> {
    pub(in super::super) height: f64,
    header: Header,
    pub(in super::super) legend: Legend,
    names: Area,
    pub(in super::super) plot: Area,
    figures: Scale,
    ticks: Ticks,
    rows: Vec<Row<'a>>,
    flags: Vec<Flag>,
}

/// A row with its figures as places on the page.
struct Row<'a> {
    name: &'a str,
    /// Values that have a place, from left to right.
    placed: Vec<(f64, &'a RangeValue)>,
    /// From the leftmost to the rightmost figure or end of an interval, that of the file included; nothing without figures.
    reach: Option<(f64, f64)>,
    /// The margins on either side of that.
    left: String,
    right: String,
    /// The places that these two name.
    named: Vec<f64>,
}

/// A line through all rows with its label above them.
struct Flag {
    x: f64,
    label: String,
    placed: Placed,
    dashed: bool,
}

/// How far a row moves the figure; what is censored moves it out of sight.
fn spread(row: &RangeRow, base: Estimate) -> f64 {
    let values = row.values.iter().map(|value| value.figure).chain([base]);
    let known = values.filter_map(|figure| match figure {
        Estimate::Known { value, .. } if !value.is_nan() => Some(value),
        _ => None,
    });
    let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)));
    if high > low { high - low } else { 0.0 }
}

/// The rows that are drawn, the furthest first.
fn ranked(chart: &SettingRanges) -> Vec<&RangeRow> {
    let mut rows: Vec<&RangeRow> = chart.rows.iter().collect();
    rows.sort_by(|one, other| spread(other, chart.base).total_cmp(&spread(one, chart.base)));
    rows.truncate(MOST_ROWS);
    rows
}

/// Places everything; the font is loaded.
pub(in super::super) fn layout(chart: &SettingRanges) -> Layout<'_> {
    let title = format!("{} {}, one setting at a time", chart.subject.name(), chart.figure);
    let header = Header::new(&chart.about, &title, None);
    let shown = ranked(chart);
    let legend = Legend::new(&entries(&shown), MARGIN, header.bottom, WIDTH - MARGIN);
    let names = shown.iter().map(|row| width(&name(&row.name), BODY)).fold(60.0, f64::max).min(NAMES);
    let (left, right) = (MARGIN + names + 10.0, WIDTH - MARGIN);
    let estimates = shown.iter().flat_map(|row| &row.values).map(|value| &value.figure).chain([&chart.base]);
    let limit = chart.limit.filter(|limit| limit.is_finite());
    let scale = figures(chart.subject, estimates, limit.into_iter(), chart.horizon);
    // Labels stand beside the first and the last figure of a row, and the widest decide where figures may begin and end.
    // Which figures are one for the eye depends on that in turn, hardly ever: so once more is enough.
    let rows = |scale: &Scale| shown.iter().map(|row| placed(row, chart, scale)).collect::<Vec<_>>();
    let first = rows(&scale.over(left + LABEL, right - WORDS));
    let widest = |labels: &mut dyn Iterator<Item = &String>| {
        labels.map(|label| width(label, SMALL)).fold(0.0, f64::max) + RADIUS + 8.0
    };
    let (start, end) =
        (widest(&mut first.iter().map(|row| &row.left)), widest(&mut first.iter().map(|row| &row.right)));
    let figures = scale.over(left + start, right - end);
    let rows = rows(&figures);
    let flags = flags(chart, &figures, limit, left, right);
    let lanes = flags.iter().map(|flag| flag.placed.lane + 1).max().unwrap_or(0);
    let top = legend.area.bottom + FLAG * lanes as f64 + 6.0;
    let count = rows.len().max(1) as f64;
    let bottom = top + (ROWS_ROOM / count).clamp(LEAST_PITCH, MOST_PITCH) * count;
    Layout {
        height: (bottom + BELOW + FOOTER).ceil(),
        header,
        legend,
        names: Area::new(MARGIN, top, MARGIN + names, bottom),
        plot: Area::new(left, top, right, bottom),
        ticks: match chart.subject {
            Subject::RecoveryTime | Subject::DataLoss | Subject::CaughtUp | Subject::Latency => {
                time_ticks(&figures, 14.0)
            }
            Subject::Availability => percent_ticks(&figures, 14.0),
        },
        figures,
        rows,
        flags,
    }
}

/// The meaning of the marks that are there.
fn entries(rows: &[&RangeRow]) -> Vec<(Sample, String)> {
    let mut entries: Vec<(Sample, String)> = Vec::new();
    for found in rows.iter().flat_map(|row| &row.values).filter_map(|value| value.verdict) {
        let (word, mark) = verdict(found);
        // A value that is not judged has no place, and its row says so in words.
        if mark != Mark::Refused && !entries.iter().any(|(_, known)| known == word) {
            entries.push((Sample::Mark(mark, palette::verdict(found)), word.to_owned()));
        }
    }
    entries
}

/// The place of a figure that has one.
fn place(figure: Estimate, scale: &Scale) -> Option<f64> {
    match figure {
        Estimate::Known { value, low, high } if value.is_finite() && !low.is_nan() && !high.is_nan() => {
            Some(scale.place(value))
        }
        _ => None,
    }
}

fn placed<'a>(row: &'a RangeRow, chart: &SettingRanges, scale: &Scale) -> Row<'a> {
    let base = place(chart.base, scale);
    let mut found: Vec<(f64, &RangeValue)> =
        row.values.iter().filter_map(|value| Some((place(value.figure, scale)?, value))).collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let labels = |wanted: fn(&Estimate) -> bool| {
        let values = row.values.iter().filter(move |value| wanted(&value.figure));
        values.map(|value| name(&value.label)).collect::<Vec<_>>().join(", ")
    };
    let beyond = labels(|figure| matches!(figure, Estimate::Known { value, .. } if *value == f64::INFINITY));
    let refused = labels(|figure| *figure == Estimate::Refused);
    let mut reach: Option<(f64, f64)> = None;
    let mut reaches = |x: f64| reach = Some(reach.map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
    base.into_iter().for_each(&mut reaches);
    for (x, value) in &found {
        reaches(*x);
        if let Estimate::Known { low, high, .. } = value.figure {
            [low, high].map(|end| scale.place(end)).into_iter().for_each(&mut reaches);
        }
    }
    if !beyond.is_empty() {
        reaches(scale.place(f64::INFINITY));
    }
    // Of values that read alike each is named.
    let at_end = |end: f64| {
        let there = found.iter().filter(|(x, _)| (x - end).abs() <= SAME).map(|(_, value)| name(&value.label));
        there.collect::<Vec<_>>().join(", ")
    };
    let ends = found.first().map(|one| one.0).zip(found.last().map(|one| one.0));
    let (mut left, mut right, mut named) = (String::new(), Vec::new(), Vec::new());
    if let Some((first, last)) = ends {
        let moved = |x: f64| base.is_none_or(|base| (x - base).abs() > SAME);
        if moved(first) && base.is_none_or(|base| first < base) {
            left = at_end(first);
            named.push(first);
        }
        if moved(last) && base.is_none_or(|base| last > base) && (left.is_empty() || last - first > SAME) {
            right.push(at_end(last));
            named.push(last);
        }
        if !moved(first) && !moved(last) {
            right.push(format!("no change: {}", at_end(first)));
            named.push(first);
        }
    }
    if !beyond.is_empty() {
        right.push(format!("{}: {beyond}", words::beyond(chart.horizon)));
    }
    if !refused.is_empty() {
        right.push(if ends.is_none() && beyond.is_empty() {
            TOO_FEW.to_owned()
        } else {
            format!("{TOO_FEW}: {refused}")
        });
    }
    let (left, right) = (fit(&left, LABEL, SMALL), fit(&right.join("; "), WORDS, SMALL));
    Row { name: &row.name, placed: found, reach, left, right, named }
}

/// Where the file has the figure, and what it must not exceed.
fn flags(chart: &SettingRanges, scale: &Scale, limit: Option<f64>, left: f64, right: f64) -> Vec<Flag> {
    let mut lines: Vec<(f64, String, bool)> = Vec::new();
    if let Estimate::Known { value, low, high } = chart.base
        && !value.is_nan()
    {
        let (text, interval) = chart.subject.estimated([value, low, high], chart.base_at_least);
        let interval = interval.map_or_else(String::new, |interval| format!(" {interval}"));
        lines.push((scale.place(value), format!("as in the file: {text}{interval}"), false));
    }
    if let Some(limit) = limit {
        lines.push((scale.place(limit), format!("objective {}", chart.subject.limit(limit)), true));
    }
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    let marks: Vec<lanes::Mark> =
        lines.iter().map(|(x, label, _)| lanes::Mark { x: *x, width: width(label, STRONG) }).collect();
    let placed = lanes::place(&marks, left, right);
    lines.into_iter().zip(placed).map(|((x, label, dashed), placed)| Flag { x, label, placed, dashed }).collect()
}

/// Draws the chart.
pub(in super::super) fn draw(chart: &SettingRanges) -> Result<String, ChartError> {
    super::super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axes(canvas, chart, &layout)?;
        let pitch = layout.plot.height() / layout.rows.len().max(1) as f64;
        for (index, row) in layout.rows.iter().enumerate() {
            let top = layout.plot.top + pitch * index as f64;
            row_name(canvas, row, Area::new(layout.names.left, top, layout.names.right, top + pitch))?;
            figures_of(canvas, row, top + pitch / 2.0, &layout)?;
        }
        if layout.rows.is_empty() {
            canvas.text("no settings", layout.plot.middle(), BODY, SOFT, Anchor::Middle)?;
        }
        let mut note = format!("whiskers and [ ]: {} confidence", words::chosen_share(chart.confidence));
        let hidden = (chart.rows.len() - layout.rows.len()) as u64;
        if hidden > 0 {
            note = format!("{} with less effect left out  ·  {note}", words::things(hidden, "setting"));
        }
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

fn axes(canvas: &Canvas<'_>, chart: &SettingRanges, layout: &Layout<'_>) -> Result<(), ChartError> {
    let plot = layout.plot;
    for tick in layout.ticks.named.iter().filter(|tick| layout.figures.holds(tick.value)) {
        let x = layout.figures.place(tick.value);
        canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
        canvas.line(at(x, plot.bottom), at(x, plot.bottom + 4.0), pen(AXIS, 0.8))?;
        canvas.text(&tick.label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
    }
    canvas.line(at(plot.left, plot.bottom), at(plot.right, plot.bottom), pen(AXIS, 1.0))?;
    canvas.line(at(plot.left, plot.top), at(plot.left, plot.bottom), pen(AXIS, 1.0))?;
    let unit = layout.ticks.unit.unwrap_or("logarithmic");
    let title = fit(&format!("{} {} ({unit})", chart.subject.name(), chart.figure), plot.width(), BODY);
    canvas.text(&title, at(plot.middle().x, plot.bottom + 29.0), BODY, INK, Anchor::Middle)?;
    let lanes = layout.flags.iter().map(|flag| flag.placed.lane + 1).max().unwrap_or(0);
    for flag in &layout.flags {
        let lane = plot.top - 4.0 - FLAG * (lanes - flag.placed.lane) as f64;
        canvas.line(at(flag.x, lane + 1.0), at(flag.x, plot.top), pen(INK, 1.2))?;
        let (from, to) = (at(flag.x, plot.top), at(flag.x, plot.bottom));
        if flag.dashed {
            canvas.dashes(from, to, pen(INK, 1.2))?;
        } else {
            canvas.line(from, to, pen(INK, 1.2))?;
        }
        let anchor = if flag.placed.to_the_left { Anchor::End } else { Anchor::Start };
        let label = fit(&flag.label, flag.placed.width + 0.5, STRONG);
        canvas.text(&label, at(flag.placed.x, lane + FLAG / 2.0), STRONG, INK, anchor)?;
    }
    Ok(())
}

fn row_name(canvas: &Canvas<'_>, row: &Row<'_>, area: Area) -> Result<(), ChartError> {
    let lines = wrap(&name(row.name), area.width(), BODY, 2);
    let pitch = BODY.size * 1.2;
    let first = area.middle().y - pitch * (lines.len() - 1) as f64 / 2.0;
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, at(area.right, first + pitch * index as f64), BODY, INK, Anchor::End)?;
    }
    Ok(())
}

/// The bar of a row, its figures with their intervals, and the values beside and above them.
fn figures_of(canvas: &Canvas<'_>, row: &Row<'_>, y: f64, layout: &Layout<'_>) -> Result<(), ChartError> {
    const BAR: f64 = 4.0;
    let Some((from, to)) = row.reach else {
        return canvas.text(&row.right, at(layout.plot.left + 6.0, y), SMALL, SOFT, Anchor::Start);
    };
    canvas.fill(Area::new(from, y - BAR, to, y + BAR), BLUE, 0.22)?;
    for &(x, value) in &row.placed {
        if let Estimate::Known { low, high, .. } = value.figure {
            let [low, high] = [low, high].map(|end| layout.figures.place(end));
            canvas.line(at(low, y), at(high, y), pen(INK, 1.0))?;
        }
        let (mark, colour) =
            value.verdict.map_or((Mark::Met, BLUE), |found| (verdict(found).1, palette::verdict(found)));
        mark.draw(canvas, at(x, y), RADIUS, colour)?;
    }
    canvas.text(&row.left, at(from - RADIUS - 4.0, y), SMALL, INK, Anchor::End)?;
    canvas.text(&row.right, at(to + RADIUS + 4.0, y), SMALL, INK, Anchor::Start)?;
    // The values between stand above their marks where they have room.
    let mut free = layout.plot.left + 2.0;
    for &(x, value) in &row.placed {
        let label = fit(&name(&value.label), LABEL, SMALL);
        let half = width(&label, SMALL) / 2.0;
        let named = row.named.iter().any(|end| (x - end).abs() <= SAME);
        if !named && x - half > free && x + half < layout.plot.right {
            // Lines through all rows stay clear of the words.
            canvas.fill(Area::new(x - half - 1.0, y - 17.0, x + half + 1.0, y - 6.0), WHITE, 1.0)?;
            canvas.text(&label, at(x, y - 11.0), SMALL, SOFT, Anchor::Middle)?;
            free = x + half + 6.0;
        }
    }
    Ok(())
}
