//! Where the time went: mean recovery time and mean failed requests of each journey, stacked by cause.
//!
//! ```text
//! title, finding
//! [] detection [] propagation ..            the legend, above the data
//!            Mean recovery time       Mean failed requests
//!   browse   ####////::::  4 min      ###/  12 k
//! checkout   ####////::::::::::: 9 min   ##  3 k
//! ```

use super::canvas::{self, Anchor, Canvas, WIDTH, pen};
use super::error::ChartError;
use super::geometry::{Area, at};
use super::legend::{Legend, Sample};
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{AXIS, CAUSE_FILLS, CONTEXT as SLIVERS, GRID, Hatch, INK, SOFT, WHITE, ink_on};
use super::scale::Scale;
use super::text::{BODY, SMALL, STRONG, fit, name, width, wrap};
use super::ticks::{Ticks, count_ticks, time_ticks};
use super::words;
use super::{CAUSES, CauseRow, CauseSplit, WhereTheTimeWent};

/// More rows than this do not fit a page.
const MOST_ROWS: usize = 30;
/// Names take two lines each.
const LEAST_PITCH: f64 = 28.0;
const MOST_PITCH: f64 = 64.0;
/// The height that the rows share on half a sheet.
const ROWS_ROOM: f64 = 310.0;
const NAMES: f64 = 190.0;
const PANEL_TITLE: f64 = 24.0;
const AXIS_ROOM: f64 = 40.0;

/// The figure of a panel.
#[derive(Clone, Copy)]
struct Measure {
    title: &'static str,
    split: fn(&CauseRow) -> &CauseSplit,
    value: fn(f64) -> String,
    is_time: bool,
}

const RECOVERY: Measure =
    Measure { title: "Mean recovery time", split: |row| &row.recovery, value: words::duration, is_time: true };

const FAILED: Measure =
    Measure { title: "Mean failed requests", split: |row| &row.failed, value: words::count, is_time: false };

/// One of the two panels.
struct Panel {
    measure: Measure,
    area: Area,
    scale: Scale,
    ticks: Ticks,
}

/// Where everything is.
pub(crate) struct Layout<'a> {
    pub(crate) height: f64,
    header: Header,
    pub(crate) legend: Legend,
    rows: Vec<&'a CauseRow>,
    /// The omissions, in words.
    left_out: Option<String>,
    names: Area,
    panels: [Panel; 2],
}

impl Layout<'_> {
    /// The boxes that hold data.
    #[cfg(test)]
    pub(crate) fn plots(&self) -> Vec<Area> {
        self.panels.iter().map(|panel| panel.area).collect()
    }
}

/// Draws the chart.
pub(crate) fn draw(chart: &WhereTheTimeWent) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        if layout.rows.is_empty() {
            canvas.text("no journeys", layout.names.middle(), BODY, SOFT, Anchor::Start)?;
        } else {
            rows_and_axes(canvas, chart, &layout)?;
        }
        footer(canvas, &chart.about, layout.height, note(chart).as_deref())
    })
}

fn rows_and_axes(canvas: &Canvas<'_>, chart: &WhereTheTimeWent, layout: &Layout<'_>) -> Result<(), ChartError> {
    for panel in &layout.panels {
        let of = if panel.measure.is_time && chart.of_outages { "outage" } else { "trial" };
        frame(canvas, panel, of)?;
    }
    let names = layout.names;
    let pitch = names.height() / layout.rows.len() as f64;
    for (index, row) in layout.rows.iter().enumerate() {
        let top = names.top + pitch * index as f64;
        row_name(canvas, row, Area::new(names.left, top, names.right, top + pitch))?;
        for panel in &layout.panels {
            bar(canvas, panel, row, top, pitch)?;
        }
    }
    let Some(text) = &layout.left_out else { return Ok(()) };
    let mut y = names.bottom + 14.0;
    for line in wrap(text, names.width(), SMALL, 2) {
        canvas.text(&line, at(names.left, y), SMALL, SOFT, Anchor::Start)?;
        y += SMALL.line();
    }
    Ok(())
}

/// Parts of less than this share of their bar are slivers that no eye tells apart: they have no colour, and a note
/// names them.
const SLIVER: f64 = 0.01;

/// Whether a cause has a colour in a row.
fn is_seen(row: &CauseRow, cause: usize) -> bool {
    [&row.recovery, &row.failed]
        .into_iter()
        .any(|split| part(split, cause) > 0.0 && part(split, cause) >= SLIVER * total(split))
}

/// The causes that are there and have a colour in no row.
fn slivers(chart: &WhereTheTimeWent) -> Vec<&'static str> {
    let there = |row: &CauseRow, cause| part(&row.recovery, cause) > 0.0 || part(&row.failed, cause) > 0.0;
    let rows = || chart.journeys.iter();
    let small = |cause: &usize| rows().any(|row| there(row, *cause)) && !rows().any(|row| is_seen(row, *cause));
    (0..CAUSES.len()).filter(small).map(|cause| CAUSES[cause]).collect()
}

/// Places everything; the font is loaded.
pub(crate) fn layout(chart: &WhereTheTimeWent) -> Layout<'_> {
    let header = Header::new(&chart.about, "Where the time went", finding(chart).as_deref());
    let (rows, left_out) = rows(&chart.journeys);
    let entries: Vec<(Sample, String)> = (0..CAUSES.len())
        .filter(|cause| rows.iter().any(|row| is_seen(row, *cause)))
        .map(|cause| (Sample::Box(CAUSE_FILLS[cause]), CAUSES[cause].to_owned()))
        .collect();
    let legend = Legend::new(&entries, MARGIN, header.bottom, WIDTH - MARGIN);
    let top = legend.area.bottom + 6.0 + PANEL_TITLE;
    // Few rows are thick, many are as close as two lines of a name allow: the page ends where they do.
    let count = rows.len().max(1) as f64;
    let bottom = top + (ROWS_ROOM / count).clamp(LEAST_PITCH, MOST_PITCH) * count;
    let height = (bottom + AXIS_ROOM + FOOTER).ceil();
    let longest = rows.iter().map(|row| width(&name(&row.name), BODY)).fold(0.0, f64::max);
    let names = Area::new(MARGIN, top, MARGIN + longest.clamp(60.0, NAMES) + 2.0, bottom);
    let panels = panels(&rows, names);
    Layout { height, header, legend, rows, left_out, names, panels }
}

/// The journeys that are drawn, and what the others have in common.
fn rows(journeys: &[CauseRow]) -> (Vec<&CauseRow>, Option<String>) {
    if journeys.len() <= MOST_ROWS {
        return (journeys.iter().collect(), None);
    }
    let mut order: Vec<usize> = (0..journeys.len()).collect();
    order.sort_by(|one, other| total(&journeys[*other].recovery).total_cmp(&total(&journeys[*one].recovery)));
    let out = &order[MOST_ROWS..];
    let largest = out.first().map_or(0.0, |index| total(&journeys[*index].recovery));
    let text = format!(
        "{} left out, mean recovery at most {}",
        words::things(out.len() as u64, "journey"),
        words::duration(largest)
    );
    (journeys.iter().enumerate().filter(|(index, _)| !out.contains(index)).map(|(_, row)| row).collect(), Some(text))
}

fn panels(rows: &[&CauseRow], names: Area) -> [Panel; 2] {
    let gap = 26.0;
    let left = names.right + 10.0;
    let each = (WIDTH - MARGIN - left - gap) / 2.0;
    let panel = |index: f64, measure: Measure| {
        let start = left + (each + gap) * index;
        let area = Area::new(start, names.top, start + each, names.bottom);
        let largest = rows.iter().map(|row| total((measure.split)(row))).fold(0.0, f64::max);
        // The longest bar leaves room for the longest label.
        let label = rows.iter().map(|row| width(&sum(row, measure), STRONG)).fold(0.0, f64::max) + 8.0;
        let reach = (each - label).max(each / 3.0);
        let empty = if measure.is_time { 60.0 } else { 10.0 };
        let high = if largest > 0.0 { largest * each / reach } else { empty };
        let scale = Scale::linear(0.0, high, area.left, area.right);
        let ticks = if measure.is_time { time_ticks(&scale, 16.0) } else { count_ticks(&scale, 16.0) };
        Panel { measure, area, scale, ticks }
    };
    [panel(0.0, RECOVERY), panel(1.0, FAILED)]
}

fn frame(canvas: &Canvas<'_>, panel: &Panel, of: &str) -> Result<(), ChartError> {
    let area = panel.area;
    for tick in &panel.ticks.named {
        let x = panel.scale.place(tick.value);
        canvas.line(at(x, area.top), at(x, area.bottom), pen(GRID, 0.8))?;
        canvas.line(at(x, area.bottom), at(x, area.bottom + 4.0), pen(AXIS, 0.8))?;
        canvas.text(&tick.label, at(x, area.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
    }
    canvas.line(at(area.left, area.top), at(area.left, area.bottom), pen(AXIS, 1.0))?;
    canvas.line(at(area.left, area.bottom), at(area.right, area.bottom), pen(AXIS, 1.0))?;
    canvas.text(panel.measure.title, at(area.left, area.top - PANEL_TITLE / 2.0), STRONG, INK, Anchor::Start)?;
    let unit = format!("per {of} ({})", panel.ticks.unit.unwrap_or("requests"));
    canvas.text(&unit, at(area.middle().x, area.bottom + 28.0), BODY, INK, Anchor::Middle)
}

fn row_name(canvas: &Canvas<'_>, row: &CauseRow, area: Area) -> Result<(), ChartError> {
    let lines = wrap(&name(&row.name), area.width(), BODY, 2);
    let pitch = BODY.size * 1.2;
    let first = area.middle().y - pitch * (lines.len() - 1) as f64 / 2.0;
    for (index, line) in lines.iter().enumerate() {
        canvas.text(line, at(area.right, first + pitch * index as f64), BODY, INK, Anchor::End)?;
    }
    Ok(())
}

/// One stacked bar with its sum, and the parts' values where they fit.
fn bar(canvas: &Canvas<'_>, panel: &Panel, row: &CauseRow, top: f64, pitch: f64) -> Result<(), ChartError> {
    let split = (panel.measure.split)(row);
    let thick = (pitch * 0.66).clamp(14.0, 34.0);
    let upper = top + (pitch - thick) / 2.0;
    let lower = upper + thick;
    let mut done = 0.0;
    for (cause, fill) in CAUSE_FILLS.iter().enumerate() {
        let value = part(split, cause);
        let (left, right) = (panel.scale.place(done), panel.scale.place(done + value));
        done += value;
        if value <= 0.0 || right <= left {
            continue;
        }
        let area = Area::new(left, upper, right, lower);
        if value < SLIVER * total(split) {
            canvas.fill(area, SLIVERS, 1.0)?;
            continue;
        }
        canvas.pattern(area, *fill)?;
        // A white seam keeps neighbours apart for every eye, unless it would hide them.
        if area.width() > 3.0 {
            canvas.line(at(right, upper), at(right, lower), pen(WHITE, 0.8))?;
        }
        let label = (panel.measure.value)(value);
        let room = width(&label, SMALL) + 6.0;
        if room <= area.width() {
            let middle = area.middle();
            if fill.hatch != Hatch::None {
                let back = Area::new(middle.x - room / 2.0, middle.y - 6.5, middle.x + room / 2.0, middle.y + 6.5);
                canvas.fill(back, fill.colour, 1.0)?;
            }
            canvas.text(&label, middle, SMALL, ink_on(fill.colour), Anchor::Middle)?;
        }
    }
    let end = at(panel.scale.place(done) + 5.0, top + pitch / 2.0);
    let label = fit(&sum(row, panel.measure), panel.area.right + 8.0 - end.x, STRONG);
    canvas.text(&label, end, STRONG, INK, Anchor::Start)
}

/// The mean with its standard error.
fn sum(row: &CauseRow, measure: Measure) -> String {
    let split = (measure.split)(row);
    let mean = total(split);
    let bound = if row.censored > 0.0 && measure.is_time { "≥ " } else { "" };
    let error = match split.standard_error {
        Some(error) if error.is_finite() && error > 0.0 => format!(" ± {}", (measure.value)(error)),
        _ => String::new(),
    };
    format!("{bound}{}{error}", (measure.value)(mean))
}

/// A part that can be drawn.
fn part(split: &CauseSplit, cause: usize) -> f64 {
    let value = split.parts[cause];
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

fn total(split: &CauseSplit) -> f64 {
    (0..CAUSES.len()).map(|cause| part(split, cause)).sum()
}

/// The slowest journey and the cause that takes most of its time.
fn finding(chart: &WhereTheTimeWent) -> Option<String> {
    let slowest = chart
        .journeys
        .iter()
        .reduce(|slowest, row| if total(&row.recovery) > total(&slowest.recovery) { row } else { slowest })?;
    let all = total(&slowest.recovery);
    if all <= 0.0 {
        return Some("No journey was down.".to_owned());
    }
    let largest = (0..CAUSES.len()).reduce(|largest, cause| {
        if part(&slowest.recovery, cause) > part(&slowest.recovery, largest) { cause } else { largest }
    })?;
    Some(format!(
        "Slowest at the mean: {}, {}; {} of it {}",
        name(&slowest.name),
        sum(slowest, RECOVERY),
        words::share(part(&slowest.recovery, largest) / all),
        CAUSES[largest],
    ))
}

/// The meaning of the signs beside the bars.
fn note(chart: &WhereTheTimeWent) -> Option<String> {
    let errors = chart.journeys.iter().any(|row| row.recovery.standard_error.or(row.failed.standard_error).is_some());
    let censored = chart.journeys.iter().any(|row| row.censored > 0.0);
    let of = if chart.of_outages { "outages that were not over" } else { "trials that were not back" };
    let slivers = slivers(chart);
    let notes = [
        (!slivers.is_empty()).then(|| format!("below 1 % of any bar: {}", slivers.join(", "))),
        errors.then(|| "± standard error".to_owned()),
        censored.then(|| format!("≥ {of} count to the end of the trial")),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}
