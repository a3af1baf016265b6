//! What is not known: the share of each figure in the variance of an objective, as bars with their standard errors.
//!
//! ```text
//! title, finding
//! stores.orders.promotion-time  ##########---|   62 %  ± 5
//!          dns.propagation      ##|              8 %   ± 3
//! ```

use super::canvas::{self, Anchor, WIDTH, pen};
use super::error::ChartError;
use super::geometry::{Area, at};
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{AXIS, BLUE, GRID, INK, SKY, SOFT};
use super::scale::Scale;
use super::text::{BODY, SMALL, STRONG, fit_start, name, width};
use super::ticks::percent_ticks;
use super::{Ledger, LedgerRow, words};

/// More rows than this say no more.
const MOST_ROWS: usize = 16;
const PITCH: f64 = 24.0;
const NAMES: f64 = 300.0;
const AXIS_ROOM: f64 = 40.0;
/// The room of the figures behind the bars.
const FIGURES: f64 = 100.0;
/// The same with totals.
const WITH_TOTALS: f64 = 180.0;

/// Where everything is.
pub(crate) struct Layout<'a> {
    pub(crate) height: f64,
    header: Header,
    rows: &'a [LedgerRow],
    /// How many figures have no bar.
    left_out: usize,
    pub(crate) plot: Area,
    scale: Scale,
}

/// Places everything; the font is loaded.
pub(crate) fn layout(chart: &Ledger) -> Layout<'_> {
    let header = Header::new(&chart.about, "What is not known", finding(chart).as_deref());
    let rows = &chart.rows[..chart.rows.len().min(MOST_ROWS)];
    let longest = rows.iter().map(|row| width(&name(&row.name), BODY)).fold(60.0, f64::max).min(NAMES);
    let top = header.bottom + 10.0;
    let bottom = top + PITCH * rows.len().max(1) as f64;
    let figures = if rows.iter().any(|row| row.total.is_some()) { WITH_TOTALS } else { FIGURES };
    let plot = Area::new(MARGIN + longest + 12.0, top, WIDTH - MARGIN - figures, bottom);
    let reach = |row: &LedgerRow| (sound(row.share) + sound(row.error)).max(row.total.map_or(0.0, sound));
    let high = rows.iter().map(reach).fold(0.05, f64::max).min(1.0);
    let scale = Scale::linear(0.0, high, plot.left, plot.right);
    let height = (bottom + AXIS_ROOM + FOOTER).ceil();
    Layout { height, header, rows, left_out: chart.rows.len() - rows.len(), plot, scale }
}

/// Draws the chart.
pub(crate) fn draw(chart: &Ledger) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    let Layout { plot, scale, .. } = &layout;
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        if layout.rows.is_empty() {
            canvas.text("no data", plot.middle(), BODY, SOFT, Anchor::Middle)?;
        }
        for tick in percent_ticks(scale, 16.0).named {
            let x = scale.place(tick.value);
            canvas.line(at(x, plot.top), at(x, plot.bottom), pen(GRID, 0.8))?;
            canvas.text(&tick.label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
        }
        canvas.line(at(plot.left, plot.top), at(plot.left, plot.bottom), pen(AXIS, 1.0))?;
        canvas.line(at(plot.left, plot.bottom), at(plot.right, plot.bottom), pen(AXIS, 1.0))?;
        let unit = format!("share of the variance of {} between the sets (%)", chart.of);
        canvas.text(&unit, at(plot.middle().x, plot.bottom + 28.0), BODY, INK, Anchor::Middle)?;
        for (index, row) in layout.rows.iter().enumerate() {
            let middle = plot.top + PITCH * (index as f64 + 0.5);
            let shown = fit_start(&name(&row.name), plot.left - MARGIN - 8.0, BODY);
            canvas.text(&shown, at(plot.left - 8.0, middle), BODY, INK, Anchor::End)?;
            let end = |share: f64| scale.place(share.clamp(0.0, scale.high));
            let (upper, lower) = (middle - PITCH * 0.33, middle + PITCH * 0.33);
            let (share, error) = (sound(row.share), sound(row.error));
            if let Some(total) = row.total.map(sound).filter(|total| *total > 0.0) {
                canvas.fill(Area::new(plot.left, upper, end(total), lower), SKY, 0.45)?;
            }
            if share > 0.0 {
                canvas.fill(Area::new(plot.left, upper, end(share), lower), BLUE, 1.0)?;
            }
            let (from, to) = (end(share - error), end(share + error));
            canvas.line(at(from, middle), at(to, middle), pen(INK, 1.2))?;
            for x in [from, to] {
                canvas.line(at(x, middle - 3.0), at(x, middle + 3.0), pen(INK, 1.2))?;
            }
            canvas.text(&figure(row), at(plot.right + 10.0, middle), STRONG, INK, Anchor::Start)?;
        }
        footer(canvas, &chart.about, layout.height, Some(&note(chart, layout.left_out)))
    })
}

/// A share that can be drawn.
fn sound(share: f64) -> f64 {
    if share.is_finite() { share.clamp(0.0, 9.99) } else { 0.0 }
}

/// A share in whole percent with its error, and the total.
fn figure(row: &LedgerRow) -> String {
    let percent = |share: f64| format!("{:.0}", sound(share) * 100.0);
    let total = row.total.map_or_else(String::new, |total| format!(" (total {} %)", percent(total)));
    format!("{} % ± {}{total}", percent(row.share), percent(row.error))
}

/// The figure that owns most.
fn finding(chart: &Ledger) -> Option<String> {
    let first = chart.rows.first().filter(|row| row.share > 2.0 * row.error)?;
    Some(format!("{} owns {} of it", name(&first.name), words::share(first.share)))
}

/// The meaning of the signs, and what is left out.
fn note(chart: &Ledger, left_out: usize) -> String {
    let mut notes = vec!["bars: by itself, ± standard error".to_owned()];
    if chart.rows.iter().any(|row| row.total.is_some()) {
        notes.push("light: together with others".to_owned());
    }
    if left_out > 0 {
        notes.push(format!("{} more", words::things(left_out as u64, "figure")));
    }
    notes.join("; ")
}
