//! Reports of a comparison: what they say, data, charts; and what was kept, read back.

mod cells;
mod charts;
mod document;
mod json;
mod stored;
#[cfg(test)]
mod tests;

use super::chart::Drawn;
use super::csv;
use super::document::Document;
use super::sheet::Sheet;
use super::{html, not_drawn, write_forms};
use crate::compare::{Comparison, Outcomes};
use crate::exit::Failure;
use crate::folder::Folder;
use crate::header::{Indicator, Measured};
use measure::latencies::RequestsDocument;

pub(super) use cells::{bounded, title};
pub(super) use document::remarks;
pub use json::write as write_json;
pub use stored::{StoredComparison, stored};

/// A finished comparison, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonReport<'a> {
    /// The results.
    pub comparison: &'a Comparison,
    /// The trials of its candidates.
    pub outcomes: &'a [Outcomes],
    /// Remarks on the candidates.
    pub warnings: &'a [String],
    /// The command that runs it again, from the folder of the files.
    pub command: &'a str,
}

impl ComparisonReport<'_> {
    /// The measures that are compared.
    fn measures(&self) -> impl Iterator<Item = Indicator> {
        let rows = &self.comparison.rows;
        Indicator::COMPARED
            .into_iter()
            .filter(|indicator| rows.iter().any(|row| row.figure.measured() == (*indicator).into()))
    }

    /// A lower bound of the censored values of an indicator, for the candidate that was watched least.
    fn beyond(&self, indicator: Indicator) -> f64 {
        self.outcomes.iter().map(|one| one.observed(indicator).beyond).fold(f64::INFINITY, f64::min)
    }
}

/// Writes everything that `--out` keeps; `comparison.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &ComparisonReport<'_>) -> Result<(), Failure> {
    for (index, candidate) in report.comparison.candidates.iter().enumerate() {
        folder.write(&candidate_file(index), |out| out.write_all(candidate.header.resolved.as_bytes()))?;
    }
    for (index, outcomes) in report.outcomes.iter().enumerate().filter(|(_, one)| !one.latencies.is_empty()) {
        let document = RequestsDocument::from(&outcomes.latencies);
        folder.write(&latency_file(index), |out| Ok(serde_json::to_writer(out, &document)?))?;
    }
    let rows = rows(report);
    folder.write("trials.csv", |out| csv::write_rows(&rows.names, rows.first_trial, rows.rows(), out))?;
    let charts = drawn(report)?;
    let pictures = charts.iter().map(|(name, drawn)| (*name, drawn));
    write_forms(folder, &document(report), pictures, &document::document(report, Some(&charts)))?;
    folder.write("comparison.json", |out| write_json(report, out))
}

/// The short form of the report.
pub fn document(report: &ComparisonReport<'_>) -> Document {
    document::document(report, None)
}

/// The page, without its folder.
///
/// # Errors
/// When a chart cannot be drawn or the page not filled in, which are mistakes of the program.
pub fn page_of(report: &ComparisonReport<'_>) -> Result<String, Failure> {
    html::render(&document::document(report, Some(&drawn(report)?)))
}

/// All charts with their names.
fn drawn(report: &ComparisonReport<'_>) -> Result<Vec<(&'static str, Drawn)>, Failure> {
    let one = |(name, chart)| Ok((name, Drawn::new(&chart).map_err(|error| not_drawn(name, &error))?));
    charts::charts(report).into_iter().map(one).collect()
}

/// The file that a candidate is kept in. Names may hold anything; numbers make file names.
pub fn candidate_file(index: usize) -> String {
    format!("candidate-{}.toml", index + 1)
}

/// How long a candidate's requests took, where anybody asks.
pub fn latency_file(index: usize) -> String {
    format!("candidate-{}.latency.json", index + 1)
}

/// The columns that `trials.csv` has for each candidate, after its name and a point, with their meanings.
pub const COLUMNS: [(&str, &str); 4] = [
    (
        "recovery_s",
        "The recovery time of the trial's worst journey, in seconds; `inf` if it was not back at the horizon.",
    ),
    ("loss_s", "The data loss of the trial's worst store, in seconds."),
    ("availability", "Share of the trial in which every journey was up, 0 to 1."),
    ("watched_s", "For how long the recovery time was watched, in seconds: what a censored one exceeds."),
];

/// The column that follows those of all candidates for each store of a candidate with an objective on data loss, after the names
/// of both.
pub const NO_WRITER_COLUMN: (&str, &str) = (
    "no_writer",
    "1 in a trial that ended without a copy of the store that takes writes. Only with an objective on data loss.",
);

/// One row a trial: the columns of every candidate.
fn rows(report: &ComparisonReport<'_>) -> Sheet {
    let names: Vec<&str> = report.comparison.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let singles: Vec<Measured> = report.outcomes[0].single.iter().map(|(measured, _)| *measured).collect();
    let stores: Vec<Vec<String>> =
        report.outcomes.iter().map(|one| one.no_writer.iter().map(|(store, _)| store.clone()).collect()).collect();
    let mut rows = Sheet::new(columns(&names, &singles, &stores), 0);
    for trial in 0..report.comparison.trials as usize {
        for one in report.outcomes {
            rows.values.extend([one.recovery[trial], one.loss[trial], one.up[trial], one.watched[trial]]);
            let single = one.single.iter().map(|(_, values)| values.as_ref().map_or(f64::NAN, |values| values[trial]));
            rows.values.extend(single);
        }
        let marks = report.outcomes.iter().flat_map(|one| &one.no_writer);
        rows.values.extend(marks.map(|(_, marks)| f64::from(u8::from(marks[trial]))));
    }
    rows
}

/// The columns of `trials.csv`: those of each candidate with what is compared of single journeys and stores, and last the marks
/// of each candidate's stores.
fn columns(names: &[&str], singles: &[Measured], stores: &[Vec<String>]) -> Vec<String> {
    let single = |measured: &Measured| {
        let figure = match measured.indicator {
            Indicator::Rto => COLUMNS[0].0,
            Indicator::Rpo => COLUMNS[1].0,
            Indicator::Availability => COLUMNS[2].0,
            Indicator::CaughtUp => "caught_up_s",
            Indicator::LatencyBefore | Indicator::LatencyAfter => "latency_s",
        };
        measured.of.name(figure)
    };
    let figures = || COLUMNS.iter().map(|(figure, _)| (*figure).to_owned()).chain(singles.iter().map(single));
    let own = names.iter().flat_map(|name| figures().map(move |figure| format!("{name}.{figure}")));
    let marks = names
        .iter()
        .zip(stores)
        .flat_map(|(name, stores)| stores.iter().map(move |store| format!("{name}.{store}.{}", NO_WRITER_COLUMN.0)));
    own.chain(marks).collect()
}
