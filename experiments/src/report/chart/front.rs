//! Designs by their price and a figure, and the front of those that no other beats in both. The price is money, or what a
//! quick check costs in false alarms.
//!
//! ```text
//!  figure |  x                      limit ------
//!         |     x  o
//!         |        o--------o
//!         +------------------------ price
//! ```

use plotters::style::RGBColor;

use super::About;
use super::Verdict;
use super::canvas::{self, Anchor, Canvas, HEIGHT, WIDTH, pen};
use super::error::ChartError;
use super::geometry::{Area, at};
use super::legend::{Legend, Sample};
use super::mark::Mark;
use super::page::{FOOTER, Header, MARGIN, footer};
use super::palette::{self, AXIS, BLUE, CONTEXT, GRID, INK, SOFT};
use super::scale::Scale;
use super::text::{BODY, SMALL, STRONG, fit, load_font, name, width};
use super::ticks::{Tick, number_ticks, time_ticks};
use super::words;

/// What a design is paid for with.
#[derive(Debug, Clone, PartialEq)]
pub enum Price {
    /// Money a month, in this currency.
    Money(String),
    /// False failovers a year.
    FalseFailovers,
}

impl Price {
    /// The title of its axis.
    fn axis(&self) -> String {
        match self {
            Self::Money(currency) => format!("{} a month", name(currency)),
            Self::FalseFailovers => "False failovers a year".to_owned(),
        }
    }

    /// In titles.
    const fn words(&self) -> &'static str {
        match self {
            Self::Money(_) => "the cost of a month",
            Self::FalseFailovers => "false failovers a year",
        }
    }

    /// Why a design has no place.
    const fn without(&self) -> &'static str {
        match self {
            Self::Money(_) => "not back, or no cost",
            Self::FalseFailovers => "not noticed in time",
        }
    }
}

/// Designs by price and figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Front {
    /// Title and footer.
    pub about: About,
    /// The figure, in seconds, for example `Recovery time p99`.
    pub figure: String,
    /// What it is paid for with.
    pub price: Price,
    /// The limit on the figure, if it has one.
    pub limit: Option<f64>,
    /// The designs; those that are not finite have no place, and the chart says how many.
    pub designs: Vec<FrontDesign>,
    /// The confidence of intervals, for example 0.95.
    pub confidence: f64,
}

/// One design.
#[derive(Debug, Clone, PartialEq)]
pub struct FrontDesign {
    /// What it is called, where it is named.
    pub name: String,
    /// What is paid.
    pub paid: f64,
    /// The figure and the ends of its interval.
    pub figure: [f64; 3],
    /// Met, missed or undecided, where that is asked.
    pub verdict: Option<Verdict>,
    /// Whether no other design beats it in both.
    pub on_front: bool,
    /// Whether it is the answer, or where nothing is asked the file as it is.
    pub marked: bool,
}

const LEFT: f64 = 74.0;
const BELOW: f64 = 46.0;
const RADIUS: f64 = 4.5;
/// Names of designs on the front, at most, and their width.
const NAMED: usize = 12;
const NAME: f64 = 150.0;

pub(super) struct Layout<'a> {
    header: Header,
    pub(super) legend: Legend,
    pub(super) plot: Area,
    costs: Scale,
    figures: Scale,
    placed: Vec<&'a FrontDesign>,
}

const fn sign(verdict: Verdict) -> (Mark, RGBColor, &'static str) {
    match verdict {
        Verdict::Met => (Mark::Met, palette::verdict(Verdict::Met), "meets its targets for sure"),
        Verdict::Missed => (Mark::Missed, palette::verdict(Verdict::Missed), "misses one for sure"),
        Verdict::Undecided => (Mark::Undecided, palette::verdict(Verdict::Undecided), "undecided"),
        Verdict::NotJudged => (Mark::Unjudged, CONTEXT, "left when another was sure to be better"),
    }
}

/// A design that nothing is asked of.
const fn plain(marked: bool) -> (Mark, RGBColor) {
    if marked { (Mark::Undecided, INK) } else { (Mark::Met, CONTEXT) }
}

pub(super) fn layout(chart: &Front) -> Layout<'_> {
    let header = Header::new(&chart.about, &format!("{} against {}", chart.figure, chart.price.words()), None);
    let placed: Vec<&FrontDesign> =
        chart.designs.iter().filter(|one| one.paid.is_finite() && one.figure[0].is_finite()).collect();
    let mut entries: Vec<(Sample, String)> = Vec::new();
    for verdict in [Verdict::Met, Verdict::Undecided, Verdict::NotJudged, Verdict::Missed] {
        if placed.iter().any(|one| one.verdict == Some(verdict)) {
            let (mark, colour, words) = sign(verdict);
            entries.push((Sample::Mark(mark, colour), words.to_owned()));
        }
    }
    for (marked, words) in [(true, "the file as it is"), (false, "other settings")] {
        if placed.iter().any(|one| one.verdict.is_none() && one.marked == marked) {
            let (mark, colour) = plain(marked);
            entries.push((Sample::Mark(mark, colour), words.to_owned()));
        }
    }
    entries.push((Sample::Line(pen(BLUE, 1.4)), "the front: no other design is better in both".to_owned()));
    let limit = chart.limit.filter(|limit| limit.is_finite());
    entries.extend(limit.map(|limit| (Sample::Dashes(pen(INK, 1.2)), format!("limit ≤ {}", words::chosen(limit)))));
    let legend = Legend::new(&entries, MARGIN, header.bottom, WIDTH - MARGIN);
    let plot = Area::new(LEFT, legend.area.bottom + 10.0, WIDTH - MARGIN - 20.0, HEIGHT - BELOW - FOOTER);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        let finite = values.filter(|value| value.is_finite());
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), one| (low.min(one), high.max(one)))
    };
    let (cheap, dear) = range(&mut placed.iter().map(|one| one.paid));
    let pad = ((dear - cheap) * 0.06).max(dear.abs() * 0.01).max(1e-9);
    let costs = Scale::linear((cheap - pad).max(0.0), dear + pad, plot.left, plot.right);
    let ends = placed.iter().flat_map(|one| one.figure).chain(chart.limit);
    let (_, high) = range(&mut ends.into_iter());
    let figures = Scale::linear(0.0, high.max(1e-9) * 1.08, plot.bottom, plot.top);
    Layout { header, legend, plot, costs, figures, placed }
}

/// Draws the chart.
pub(super) fn draw(chart: &Front) -> Result<String, ChartError> {
    load_font()?;
    let layout = layout(chart);
    let title = format!("{} against {}", chart.figure, chart.price.words());
    canvas::draw_page(HEIGHT, &title, |canvas| {
        layout.header.draw(canvas)?;
        layout.legend.draw(canvas)?;
        axes(canvas, chart, &layout)?;
        designs(canvas, &layout)?;
        let mut note = format!("lines: {} intervals", words::share(chart.confidence));
        let hidden = (chart.designs.len() - layout.placed.len()) as u64;
        if hidden > 0 {
            let (designs, why) = (words::things(hidden, "design"), chart.price.without());
            note = format!("{designs} without a place: {why}  ·  {note}");
        }
        footer(canvas, &chart.about, HEIGHT, Some(&note))
    })
}

fn axes(canvas: &Canvas<'_>, chart: &Front, layout: &Layout<'_>) -> Result<(), ChartError> {
    let plot = layout.plot;
    for Tick { value, label } in &number_ticks(&layout.costs, 24.0).named {
        let x = layout.costs.place(*value);
        canvas.line(at(x, plot.bottom), at(x, plot.bottom + 4.0), pen(AXIS, 0.8))?;
        canvas.text(label, at(x, plot.bottom + 12.0), SMALL, INK, Anchor::Middle)?;
    }
    let ticks = time_ticks(&layout.figures, 22.0);
    for Tick { value, label } in &ticks.named {
        let y = layout.figures.place(*value);
        canvas.line(at(plot.left, y), at(plot.right, y), pen(GRID, 0.8))?;
        canvas.text(label, at(plot.left - 7.0, y), SMALL, INK, Anchor::End)?;
    }
    canvas.line(at(plot.left, plot.bottom), at(plot.right, plot.bottom), pen(AXIS, 1.0))?;
    canvas.line(at(plot.left, plot.top), at(plot.left, plot.bottom), pen(AXIS, 1.0))?;
    canvas.text(&chart.price.axis(), at(plot.middle().x, plot.bottom + 30.0), BODY, INK, Anchor::Middle)?;
    let unit = ticks.unit.map_or_else(String::new, |unit| format!(" ({unit})"));
    canvas.text_upwards(&format!("{}{unit}", chart.figure), at(24.0, plot.middle().y), BODY, INK)?;
    if let Some(limit) = chart.limit.filter(|limit| layout.figures.holds(*limit)) {
        let y = layout.figures.place(limit);
        canvas.dashes(at(plot.left, y), at(plot.right, y), pen(INK, 1.2))?;
    }
    Ok(())
}

fn designs(canvas: &Canvas<'_>, layout: &Layout<'_>) -> Result<(), ChartError> {
    let place = |one: &FrontDesign| at(layout.costs.place(one.paid), layout.figures.place(one.figure[0]));
    let mut front: Vec<&FrontDesign> = layout.placed.iter().copied().filter(|one| one.on_front).collect();
    front.sort_by(|one, other| one.paid.total_cmp(&other.paid));
    // What a design reaches is reached for more money as well: steps, not slopes.
    let mut steps = Vec::new();
    for one in &front {
        let here = place(one);
        if let Some(last) = steps.last().copied() {
            let last: super::geometry::Point = last;
            steps.push(at(here.x, last.y));
        }
        steps.push(here);
    }
    canvas.path(&steps, pen(BLUE, 1.4))?;
    for one in &layout.placed {
        let here = place(one);
        let [_, low, high] = one.figure;
        if low.is_finite() {
            let top = layout.figures.place(if high.is_finite() { high } else { f64::INFINITY });
            canvas.line(at(here.x, layout.figures.place(low)), at(here.x, top), pen(SOFT, 0.8))?;
        }
        let (mark, colour) = one.verdict.map_or_else(
            || plain(one.marked),
            |verdict| {
                let (mark, colour, _) = sign(verdict);
                (mark, colour)
            },
        );
        mark.draw(canvas, here, if one.marked { RADIUS * 1.5 } else { RADIUS }, colour)?;
    }
    // Names stand below their marks and to the right, as far as they have room before the next one.
    for (index, one) in front.iter().enumerate().take(NAMED) {
        let here = place(one);
        let end = front.get(index + 1).map_or(layout.plot.right, |next| place(next).x - RADIUS);
        let face = if one.marked { STRONG } else { SMALL };
        let (x, y) = (here.x + RADIUS + 3.0, (here.y + 11.0).min(layout.plot.bottom - 7.0));
        let label = fit(&name(&one.name), NAME, face);
        if x + width(&label, face) < end {
            canvas.text(&label, at(x, y), face, INK, Anchor::Start)?;
        }
    }
    Ok(())
}
