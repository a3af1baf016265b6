//! Reports of a sweep: what they say, data, charts.

mod charts;
mod csv;
mod document;
mod json;
mod named;
mod nervous;
#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use sim_core::stats::Interval;

use super::cells::trials;
use super::chart::{Chart, Drawn};
use super::document::Document;
use super::{html, not_drawn, write_forms};
use crate::analyze::Verdict;
use crate::compare::Figure;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::header::{Header, Indicator, Of};
use crate::sweep::{Change, Estimate, PointResult, Prepared, Results};
use crate::units::{chosen_duration, chosen_percent, estimated_duration, nearly_all, whole};
use crate::variation::shown;

pub use csv::write as write_csv;
pub use json::write as write_json;

/// What a chart of a sweep is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Topic {
    Figures(Indicator),
    Nervousness,
}

/// A sweep, finished or stopped, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct SweepReport<'a> {
    /// The experiment without any of the points' settings.
    pub base: &'a Header,
    /// The points.
    pub prepared: &'a Prepared,
    /// The results.
    pub results: &'a Results,
    /// The command that runs it again, from the folder of the files.
    pub command: &'a str,
}

/// A point that is done.
struct Row<'a> {
    /// Its number in the plan.
    point: usize,
    /// The settings of the axes; nothing where the file's own stays.
    settings: Vec<&'a str>,
    /// Whether it is the point that the others are held against, or the same in other words.
    is_base: bool,
    result: &'a PointResult,
}

/// One figure of a point: a quantile or the availability.
struct View<'a> {
    value: &'a Estimate,
    /// Lower bounds of its censored parts.
    at_least: [f64; 3],
    /// By how much it differs from the base point's.
    change: Option<&'a Change>,
    /// Its limit.
    objective: Option<f64>,
    chance: Option<&'a Estimate>,
    verdict: Option<Verdict>,
    /// Stores that nobody can write to at the end, in which share of the trials.
    writerless: Option<&'a IndexMap<String, Estimate>>,
}

impl Row<'_> {
    fn view(&self, figure: Figure) -> Option<View<'_>> {
        if figure.indicator == Indicator::Availability {
            let found = match figure.of {
                Of::Worst => self.result.availability.as_ref()?,
                Of::Journey(_) | Of::Store(_) => self.result.own_availability.get(&figure.name())?,
            };
            return Some(View {
                value: &found.value,
                at_least: [0.0; 3],
                change: found.change.as_ref(),
                objective: found.objective,
                chance: found.chance.as_ref(),
                verdict: found.verdict,
                writerless: None,
            });
        }
        let name = figure.name();
        let found = self.result.figures.iter().find(|found| found.name == name)?;
        Some(View {
            value: &found.value,
            at_least: found.at_least.unwrap_or([self.result.watched; 3]),
            change: found.change.as_ref(),
            objective: found.limit,
            chance: found.chance.as_ref(),
            verdict: found.verdict,
            writerless: Some(&found.no_writer_at_the_end).filter(|stores| !stores.is_empty()),
        })
    }
}

impl View<'_> {
    /// The estimate and its interval in the same unit; what is censored exceeds what it is at least.
    fn in_words(&self, indicator: Indicator, interval: &Interval) -> (String, String, String) {
        let [estimate, low, high] = self.at_least;
        match indicator {
            Indicator::Rto
            | Indicator::Rpo
            | Indicator::CaughtUp
            | Indicator::LatencyBefore
            | Indicator::LatencyAfter => {
                estimated_duration(interval, &Interval { estimate, low, high, level: interval.level })
            }
            Indicator::Availability => {
                let (value, low, high) = nearly_all(interval);
                (format!("{value} %"), low, high)
            }
        }
    }
}

/// The points at which a figure is known, with its estimate and that in words.
fn known<'r, 'a>(
    rows: &'r [Row<'a>],
    figure: Figure,
) -> impl Iterator<Item = (&'r Row<'a>, f64, (String, String, String))> {
    rows.iter().filter_map(move |row| {
        let view = row.view(figure)?;
        let interval = view.value.interval().ok()?;
        let words = || view.in_words(figure.indicator, &interval);
        interval.estimate.is_finite().then(|| (row, interval.estimate, words()))
    })
}

/// Where a figure is best.
struct Best<'r, 'a> {
    /// The first of equals.
    row: &'r Row<'a>,
    /// The estimate in words with the ends of its interval.
    figure: (String, String, String),
    /// At how many other points the estimate reads alike.
    others: usize,
}

impl Best<'_, '_> {
    /// `, and at 3 other points`, or nothing.
    fn elsewhere(&self) -> String {
        match self.others {
            0 => String::new(),
            1 => ", and at 1 other point".to_owned(),
            many => format!(", and at {} other points", whole(many as u64)),
        }
    }
}

fn best<'r, 'a>(rows: &'r [Row<'a>], figure: Figure) -> Option<Best<'r, 'a>> {
    let better =
        |one: f64, other: f64| if figure.indicator == Indicator::Availability { one > other } else { one < other };
    let (row, _, found) = known(rows, figure).reduce(|best, one| if better(one.1, best.1) { one } else { best })?;
    let alike = known(rows, figure).filter(|(.., words)| words.0 == found.0).count();
    Some(Best { row, figure: found, others: alike - 1 })
}

/// The title of charts and sections of an indicator.
const fn word(indicator: Indicator) -> &'static str {
    match indicator {
        Indicator::Rto => "recovery-time",
        Indicator::Rpo => "data-loss",
        Indicator::Availability => "availability",
        Indicator::CaughtUp => "caught-up",
        Indicator::LatencyBefore => "latency-before",
        Indicator::LatencyAfter => "latency-after",
    }
}

/// An objective as charts, cards and tables have it.
fn limit(indicator: Indicator, objective: f64) -> String {
    match indicator {
        Indicator::Rto | Indicator::Rpo | Indicator::CaughtUp | Indicator::LatencyBefore | Indicator::LatencyAfter => {
            format!("\u{2264} {}", chosen_duration(objective))
        }
        Indicator::Availability => format!("\u{2265} {} %", chosen_percent(objective)),
    }
}

/// The objective that all points have in common.
fn common(rows: &[Row<'_>], figure: Figure) -> Option<f64> {
    let mut all = rows.iter().map(|row| row.view(figure).and_then(|view| view.objective));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

impl SweepReport<'_> {
    /// The points that are done: in their order for one axis or two, where neighbours belong together; beyond that by the
    /// first figure, the best first.
    fn rows(&self) -> Vec<Row<'_>> {
        let plan = &self.prepared.plan;
        let mut rows: Vec<Row<'_>> = self
            .results
            .points
            .iter()
            .enumerate()
            .filter_map(|(point, result)| {
                let settings = plan.points[point].iter().map(|value| value.as_deref().map_or("", shown)).collect();
                Some(Row { point, settings, is_base: self.prepared.is_base[point], result: result.as_ref()? })
            })
            .collect();
        if plan.axes.len() > 2 {
            let first = |row: &Row<'_>| {
                let value = row.result.figures.first().and_then(|found| found.value.interval().ok());
                // A refused figure is worse than a censored one.
                value.map_or((1, 0.0), |interval| (0, interval.estimate))
            };
            rows.sort_by(|a, b| {
                let (a, b) = (first(a), first(b));
                a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
            });
        }
        rows
    }

    /// How many trials a point has: `10,000 trials`, or `50 to 1,000 trials`.
    fn trials(&self) -> String {
        let all = || self.prepared.trials.iter().copied();
        let (least, most) = (all().min().unwrap_or(0), all().max().unwrap_or(0));
        if least < most { format!("{} to {}", whole(least), trials(most)) } else { trials(most) }
    }

    /// The seed of all points, unless that is what is varied.
    fn seed(&self) -> Option<u64> {
        let varied = self.prepared.plan.axes.iter().any(|axis| axis.key == "seed");
        (!varied).then_some(self.base.seed)
    }

    /// Whether every point is done.
    fn complete(&self) -> bool {
        self.results.points.iter().all(Option::is_some)
    }
}

/// Writes everything that `--out` keeps beside the points; `sweep.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &SweepReport<'_>) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.base.resolved.as_bytes()))?;
    folder.write("sweep.csv", |out| write_csv(report, out))?;
    let charts = drawn(report)?;
    let pictures = charts.iter().map(|(_, name, drawn)| (name.as_str(), drawn));
    write_forms(folder, &document(report), pictures, &document::document(report, Some(&charts)))?;
    folder.write("sweep.json", |out| write_json(report, out))
}

/// The short form of the report.
pub fn document(report: &SweepReport<'_>) -> Document {
    document::document(report, None)
}

/// The page, without its folder.
///
/// # Errors
/// When a chart cannot be drawn or the page not filled in, which are mistakes of the program.
pub fn page_of(report: &SweepReport<'_>) -> Result<String, Failure> {
    html::render(&document::document(report, Some(&drawn(report)?)))
}

/// All charts with what they are about and their names.
fn drawn(report: &SweepReport<'_>) -> Result<Vec<(Topic, String, Drawn)>, Failure> {
    let one = |(topic, name, chart): (Topic, String, Chart)| {
        let drawn = Drawn::new(&chart).map_err(|error| not_drawn(&name, &error))?;
        Ok((topic, name, drawn))
    };
    let figures = charts::charts(report).into_iter().map(|(of, name, chart)| (Topic::Figures(of), name, chart));
    let nervous = nervous::chart(report, &report.rows());
    let nervous = nervous.map(|chart| (Topic::Nervousness, nervous::WORD.to_owned(), chart));
    figures.chain(nervous).map(one).collect()
}
