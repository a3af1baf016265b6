//! The share of requests that succeed over time: one panel a journey, faults and milestones through all of them.
//!
//! ```text
//! title, finding
//! region-outage us-east-1 [=====================     faults, a lane each
//!       | detected 42 s                              milestones
//!       |   | answer changed 48 s
//! checkout
//! 100 % --+    +-------------
//!   0 %   +----+
//!   -1    0    5   10 min
//! ```

mod marks;
mod panel;
mod range;

use super::canvas::{self, HEIGHT, WIDTH, pen};
use super::error::ChartError;
use super::geometry::Area;
use super::legend::{Legend, Sample};
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{BLUE, INK, SOFT, VERMILION};
use super::scale::Scale;
use super::ticks::{Ticks, time_ticks};
use super::words;
use super::{Panel, SuccessOverTime};

use marks::Marks;
use range::Back;

/// More panels than this are too flat to read.
const MOST_PANELS: usize = 6;
const PANEL_NAME: f64 = 18.0;
/// The least height of a panel's data.
const LEAST_PANEL: f64 = 58.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = WIDTH - MARGIN - 8.0;
const AXIS: f64 = 42.0;

/// The tint of a fault through the panels.
const FAULT: plotters::style::RGBColor = VERMILION;
const FAULT_OPACITY: f64 = 0.09;
const BAND_OPACITY: f64 = 0.16;

/// Where everything is.
pub(crate) struct Layout<'a> {
    pub(crate) height: f64,
    header: Header,
    pub(crate) legend: Legend,
    marks: Marks,
    time: Scale,
    ticks: Ticks,
    panels: Vec<(&'a Panel, Area)>,
    /// The lowest share on the axes.
    floor: f64,
    left_out: usize,
}

impl Layout<'_> {
    /// The boxes that hold data.
    #[cfg(test)]
    pub(crate) fn plots(&self) -> Vec<Area> {
        self.panels.iter().map(|(_, area)| *area).collect()
    }
}

/// The last instant on the axis.
pub(crate) fn shown_until(chart: &SuccessOverTime) -> f64 {
    range::time(chart).1
}

/// Draws the chart.
pub(crate) fn draw(chart: &SuccessOverTime) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        marks::draw_behind(canvas, &layout)?;
        for (panel, area) in &layout.panels {
            panel::draw(canvas, panel, *area, &layout)?;
        }
        panel::axis(canvas, &layout)?;
        marks::draw(canvas, &layout)?;
        layout.legend.draw(canvas)?;
        let left_out = (layout.left_out > 0)
            .then(|| format!("{} left out, down for less long", words::things(layout.left_out as u64, "journey")));
        let lines = (!chart.lines.is_empty()).then(|| chart.lines.clone());
        let note: Vec<String> = lines.into_iter().chain(left_out).collect();
        footer(canvas, &chart.about, layout.height, (!note.is_empty()).then(|| note.join("  ·  ")).as_deref())
    })
}

/// Places everything; the font is loaded.
pub(crate) fn layout(chart: &SuccessOverTime) -> Layout<'_> {
    let header = Header::new(&chart.about, "What users see", finding(chart).as_deref());
    let (low, high) = range::time(chart);
    let time = Scale::linear(low, high, LEFT, RIGHT);
    let shown = range::worst(&chart.panels, MOST_PANELS);
    let left_out = chart.panels.len() - shown.len();
    let legend = |top| Legend::new(&entries(chart), MARGIN, top, WIDTH - MARGIN);
    let legend_height = legend(0.0).area.height();
    let marks = Marks::new(chart, &time, header.bottom);
    let rows = shown.len().max(1) as f64;
    let least = marks.bottom + rows * (PANEL_NAME + LEAST_PANEL) + AXIS + legend_height + 6.0 + FOOTER;
    let height = HEIGHT.max(least).ceil();
    let bottom = height - FOOTER - 6.0 - legend_height - AXIS;
    let pitch = (bottom - marks.bottom) / rows;
    let panels = shown
        .into_iter()
        .enumerate()
        .map(|(index, panel)| {
            let top = marks.bottom + pitch * index as f64;
            (panel, Area::new(LEFT, top + PANEL_NAME, RIGHT, top + pitch))
        })
        .collect();
    Layout {
        height,
        header,
        legend: legend(bottom + AXIS),
        marks,
        ticks: time_ticks(&time, 18.0),
        time,
        panels,
        floor: range::floor(chart),
        left_out,
    }
}

/// The journey that is down longest, and when half and nearly all of the trials have it back.
fn finding(chart: &SuccessOverTime) -> Option<String> {
    let worst = range::worst(&chart.panels, 1).into_iter().next()?;
    let words = |back: Back| match back {
        Back::NeverDown => "never down".to_owned(),
        Back::At(instant) => format!("up again after {}", words::duration(instant)),
        Back::Never => format!("not up again by {}", words::duration(range::end(chart))),
    };
    let half = range::back(worst, |point| point.median);
    let most = range::back(worst, |point| point.low);
    let name = super::text::name(&worst.name);
    Some(match (half, most) {
        (Back::NeverDown, Back::NeverDown) => "No journey is down.".to_owned(),
        (Back::Never, _) => format!("{name}: in half of the trials {}", words(half)),
        (_, Back::Never) => format!("{name}: in half of the trials {}, in 1 of 20 {}", words(half), words(most)),
        _ => format!("{name}: in half of the trials {}, in 95 % {}", words(half), words(most)),
    })
}

fn up_from(chart: &SuccessOverTime) -> String {
    let from = words::chosen_share(chart.up_when);
    let own = chart.panels.iter().any(|panel| panel.up_when != chart.up_when);
    format!("up from {from} on{}", if own { ", or from a journey's own share" } else { "" })
}

fn entries(chart: &SuccessOverTime) -> Vec<(Sample, String)> {
    let mut entries = vec![
        (Sample::Line(pen(BLUE, 2.0)), "median of the trials".to_owned()),
        (Sample::Band(BLUE, BAND_OPACITY), "at each instant 90 of 100 trials lie in the band (p5 to p95)".to_owned()),
        (Sample::Dashes(pen(INK, 1.0)), up_from(chart)),
    ];
    if !chart.faults.is_empty() {
        entries.push((Sample::Band(FAULT, FAULT_OPACITY * 2.5), "fault".to_owned()));
    }
    if !chart.milestones.is_empty() {
        entries.push((Sample::Upright(pen(SOFT, 1.0)), "milestone, median [p5, p95]".to_owned()));
    }
    entries
}
