//! The cumulative distribution of a recovery time or a data loss, with a table of its quantiles below.
//!
//! ```text
//! title, finding
//!              objective p99 <= 5 min: met |
//! +-------+--------------------------------+-------+
//! | never |         curves, bands          | not   |   what has no place on a time axis has a shelf beside it
//! | down  |                                | back  |
//! +-------+--------------------------------+-------+
//!           10 s   1 min   10 min   1 h
//! --- worst journey   p50   p90   p95   p99             the table is the legend
//! ```

mod axis;
mod plot;
mod quantiles;
mod shelf;
mod table;

use super::canvas::{self, HEIGHT, Pen, WIDTH, pen};
use super::error::ChartError;
use super::geometry::Area;
use super::lanes::{self, Mark, Placed};
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{CONTEXT, LINES};
use super::scale::Scale;
use super::text::{STRONG, name, width};
use super::ticks::Ticks;
use super::words;
use super::{Curve, Distribution, Estimate, Objective, Quantile, Quantity, Series, Verdict};

/// A series with its line.
pub(crate) struct Line<'a> {
    series: &'a Series,
    pen: Pen,
    twin: Option<Twin<'a>>,
}

/// An earlier line that this one lies upon: both are drawn in dashes by turns, and the table says it.
#[derive(Debug, Clone, Copy)]
struct Twin<'a> {
    /// Index and name of that line.
    of: usize,
    name: &'a str,
    /// Whether the two are the same, and not only to the eye.
    exact: bool,
}

/// Where everything is.
pub(crate) struct Layout<'a> {
    pub(crate) height: f64,
    header: Header,
    /// The series with a colour, in their order.
    lines: Vec<Line<'a>>,
    /// The series that are drawn as context.
    context: Vec<&'a Series>,
    flags: Vec<Flag<'a>>,
    /// The plot with its shelves.
    plot: Area,
    time: Scale,
    ticks: Ticks,
    shares: Scale,
    zeros: Option<Area>,
    beyond: Option<Area>,
    pub(crate) table: Area,
}

impl Layout<'_> {
    /// The box that holds data: the plot between its shelves.
    #[cfg(test)]
    pub(crate) fn plots(&self) -> Vec<Area> {
        let left = self.zeros.map_or(self.plot.left, |shelf| shelf.right);
        let right = self.beyond.map_or(self.plot.right, |shelf| shelf.left);
        vec![Area { left, right, ..self.plot }]
    }
}

/// An objective with its label.
struct Flag<'a> {
    objective: &'a Objective,
    label: String,
    placed: Placed,
}

const LEFT: f64 = 66.0;
const RIGHT: f64 = WIDTH - MARGIN - 8.0;
const FLAG: f64 = 15.0;
const AXIS: f64 = 44.0;
/// More marks than this hide the curves.
const MOST_OBJECTIVES: usize = 6;
/// Less than this is the rounding of sums of shares.
const CERTAIN: f64 = 1e-12;
/// Shares below this have no bar beside the time axis, where they would be slivers on the frame: the table says them.
const SLIVER: f64 = 0.01;
/// Curves whose shares are nearer than this at every instant are one for the eye: less than a unit of the page.
const TWINS: f64 = 0.003;
/// The least height of the plot; the page grows with the table.
const PLOT: f64 = 220.0;

impl Quantity {
    const fn title(self) -> &'static str {
        match self {
            Self::RecoveryTime | Self::RecoveryOfOutages => "Recovery time",
            Self::DataLoss => "Data loss",
        }
    }

    const fn share(self) -> &'static str {
        match self {
            Self::RecoveryTime => "Share of trials that are back by then",
            Self::RecoveryOfOutages => "Share of outages that are over by then",
            Self::DataLoss => "Share of trials that lose no more",
        }
    }

    /// The quantity of the sample.
    const fn unit(self) -> &'static str {
        match self {
            Self::RecoveryTime | Self::DataLoss => "trial",
            Self::RecoveryOfOutages => "outage",
        }
    }

    const fn axis(self) -> &'static str {
        match self {
            Self::RecoveryTime | Self::RecoveryOfOutages => "Recovery time, from the start of the fault",
            Self::DataLoss => "Data loss, age of the oldest write lost",
        }
    }

    const fn zero(self) -> &'static str {
        match self {
            Self::RecoveryTime | Self::RecoveryOfOutages => "never down",
            Self::DataLoss => "lose nothing",
        }
    }

    const fn beyond(self) -> &'static str {
        match self {
            Self::RecoveryTime => "not back when the trial ended",
            Self::RecoveryOfOutages => "not over when the trial ended",
            Self::DataLoss => "not settled when the trial ended",
        }
    }
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
            Self::NotJudged => "not judged",
        }
    }
}

/// Draws the chart.
pub(crate) fn draw(chart: &Distribution) -> Result<String, ChartError> {
    super::text::load_font()?;
    let layout = layout(chart);
    canvas::draw_page(layout.height, &layout.header.title.join(" "), |canvas| {
        layout.header.draw(canvas)?;
        plot::draw(canvas, chart, &layout)?;
        table::draw(canvas, chart, &layout)?;
        let mut note = format!("bands and [ ]: {} confidence", words::chosen_share(chart.confidence));
        let unmarked = chart.objectives.len() - layout.flags.len();
        if unmarked > 0 {
            note = format!("{} not marked  ·  {note}", words::things(unmarked as u64, "objective"));
        }
        footer(canvas, &chart.about, layout.height, Some(&note))
    })
}

/// Places everything; the font is loaded.
pub(crate) fn layout(chart: &Distribution) -> Layout<'_> {
    let header = Header::new(&chart.about, chart.quantity.title(), Some(&finding(chart)));
    let (lines, context) = coloured(chart);
    let shown = || chart.series.iter().map(|series| &series.curve);
    let has_zeros = shown().any(|curve| curve.at_zero() >= SLIVER);
    let has_beyond = shown().any(|curve| curve.censored() >= SLIVER);
    let shelf = shelf::width(lines.len());
    let left = if has_zeros { LEFT + shelf } else { LEFT };
    let right = if has_beyond { RIGHT - shelf } else { RIGHT };
    let (time, ticks) = axis::time(chart, left, right);
    let flags = flags(chart, &time);
    let lanes = flags.iter().map(|flag| flag.placed.lane + 1).max().unwrap_or(0);
    let top = header.bottom + FLAG * lanes as f64 + 4.0;
    let table = table::height(chart, &lines, context.len());
    let height = HEIGHT.max(top + PLOT + AXIS + table + FOOTER).ceil();
    let plot = Area::new(LEFT, top, RIGHT, height - FOOTER - table - AXIS);
    Layout {
        header,
        flags,
        time,
        ticks,
        shares: Scale::linear(0.0, 1.0, plot.bottom, plot.top),
        zeros: has_zeros.then(|| Area::new(LEFT, plot.top, left, plot.bottom)),
        beyond: has_beyond.then(|| Area::new(right, plot.top, RIGHT, plot.bottom)),
        table: Area::new(MARGIN, plot.bottom + AXIS, WIDTH - MARGIN, height - FOOTER),
        plot,
        lines,
        context,
        height,
    }
}

/// The first series and the six with the longest tails get a colour, in their order; the others are context.
fn coloured(chart: &Distribution) -> (Vec<Line<'_>>, Vec<&Series>) {
    let mut ranked: Vec<usize> = (1..chart.series.len()).collect();
    let tail = |index: &usize| {
        let curve = &chart.series[*index].curve;
        [0.99, 0.9, 0.5].map(|share| curve.reaches(share))
    };
    ranked.sort_by(|one, other| {
        let pairs = tail(other).into_iter().zip(tail(one));
        pairs.fold(std::cmp::Ordering::Equal, |order, (other, one)| order.then(other.total_cmp(&one)))
    });
    ranked.truncate(LINES.len() - 1);
    let mut lines = Vec::new();
    let mut context = Vec::new();
    for (index, series) in chart.series.iter().enumerate() {
        if index == 0 || ranked.contains(&index) {
            let width = if index == 0 { 2.2 } else { 1.6 };
            let twin = twin(&lines, series);
            lines.push(Line { series, pen: pen(LINES[lines.len() % LINES.len()], width), twin });
        } else {
            context.push(series);
        }
    }
    (lines, context)
}

/// The first line that a series lies upon and that lies upon no other. A series without trials lies nowhere.
fn twin<'a>(lines: &[Line<'a>], series: &Series) -> Option<Twin<'a>> {
    let curve = &series.curve;
    let (of, line) = lines.iter().enumerate().find(|(_, line)| {
        let drawn = curve.trials() > 0 && line.series.curve.trials() > 0;
        line.twin.is_none() && drawn && curve.differs(&line.series.curve) < TWINS
    })?;
    let exact = line.series.curve == *curve && line.series.quantiles == series.quantiles;
    Some(Twin { of, name: &line.series.name, exact })
}

/// The pen of what has no colour of its own.
const fn context_pen() -> Pen {
    pen(CONTEXT, 0.9)
}

/// The objectives that can be drawn, from left to right.
fn flags<'a>(chart: &'a Distribution, time: &Scale) -> Vec<Flag<'a>> {
    let drawable = |objective: &&Objective| {
        objective.limit.is_finite() && objective.limit >= 0.0 && (0.0..=1.0).contains(&objective.quantile)
    };
    let mut objectives: Vec<&Objective> = chart.objectives.iter().filter(drawable).take(MOST_OBJECTIVES).collect();
    objectives.sort_by(|one, other| one.limit.total_cmp(&other.limit));
    let labels: Vec<String> = objectives
        .iter()
        .map(|objective| {
            let bound = bound(objective);
            match chart.series.get(objective.series) {
                Some(series) if chart.series.len() > 1 => {
                    let name = super::text::fit(&name(&series.name), 180.0, STRONG);
                    format!("{name} {bound}: {}", objective.verdict.word())
                }
                _ => format!("objective {bound}: {}", objective.verdict.word()),
            }
        })
        .collect();
    let marks: Vec<Mark> = objectives
        .iter()
        .zip(&labels)
        .map(|(objective, label)| Mark { x: time.place(objective.limit), width: width(label, STRONG) })
        .collect();
    let placed = lanes::place(&marks, LEFT, RIGHT);
    let flags = objectives.into_iter().zip(labels).zip(placed);
    flags.map(|((objective, label), placed)| Flag { objective, label, placed }).collect()
}

fn bound(objective: &Objective) -> String {
    let blank = words::BLANK;
    format!("{}{blank}≤{blank}{}", words::quantile(objective.quantile), words::chosen(objective.limit))
}

/// A quantile and its interval in words, if it is known.
fn quantile_words(quantile: &Quantile) -> Option<(String, Option<String>)> {
    match quantile.estimate {
        Estimate::Known { value, low, high } => Some(words::estimated([value, low, high], quantile.at_least)),
        Estimate::Refused => None,
    }
}

/// The part of a curve beyond the time axis, in words with intervals.
fn beside(curve: &Curve, quantity: Quantity) -> impl Iterator<Item = String> {
    let (zero, beyond) = (curve.at_zero(), curve.censored());
    let zero =
        (zero > 0.0).then(|| format!("{} {}", words::estimated_share(zero, curve.at_zero_between()), quantity.zero()));
    let beyond = (beyond > CERTAIN)
        .then(|| format!("{} {}", words::estimated_share(beyond, curve.censored_between()), quantity.beyond()));
    zero.into_iter().chain(beyond)
}

/// The finding of the first series: the quantile of its objective, or the largest that is known.
fn finding(chart: &Distribution) -> String {
    let Some(series) = chart.series.first().filter(|series| series.curve.trials() > 0) else {
        return "No trial has run: there is nothing to show.".to_owned();
    };
    let objective = chart.objectives.iter().find(|objective| objective.series == 0);
    let known = |p: Option<f64>| {
        let wanted = |quantile: &&Quantile| p.is_none_or(|p| (p - quantile.p).abs() < 1e-9);
        series.quantiles.iter().rev().filter(wanted).find_map(|quantile| Some((quantile.p, quantile_words(quantile)?)))
    };
    let mut parts = vec![format!("{}:", name(&series.name))];
    match known(objective.map(|objective| objective.quantile)).or_else(|| known(None)) {
        Some((p, (value, interval))) => {
            parts.push(format!("{} {value}", words::quantile(p)));
            parts.extend(interval);
        }
        None => parts.push("the trials are too few for a quantile".to_owned()),
    }
    let mut facts = vec![parts.join(" ")];
    if let Some(objective) = objective {
        facts.push(format!("objective {} {}", bound(objective), objective.verdict.word()));
    }
    facts.extend(beside(&series.curve, chart.quantity));
    facts.join("; ")
}
