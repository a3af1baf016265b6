//! Reports of a comparison: terminal, Markdown, document, rows, charts.

mod cells;
mod json;
mod markdown;
mod pictures;
mod terminal;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::csv;
use super::out::Folder;
use super::write_chart;
use crate::compare::{Comparison, Outcomes};
use crate::exit::Failure;
use crate::header::Measure;
use crate::table::TrialTable;

pub(super) use cells::{bounded, title};
pub use json::write as write_json;
pub use markdown::markdown;
pub use terminal::terminal;

/// A finished comparison, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What it came to.
    pub comparison: &'a Comparison,
    /// The trials of its candidates.
    pub outcomes: &'a [Outcomes],
    /// Where the files are, if any were kept.
    pub files: Option<&'a Path>,
}

impl Report<'_> {
    /// The measures that are compared.
    fn measures(&self) -> impl Iterator<Item = Measure> {
        let rows = &self.comparison.rows;
        Measure::COMPARED.into_iter().filter(|measure| rows.iter().any(|row| row.figure.measure == *measure))
    }

    /// What a censored value of a measure is known to exceed, for the candidate that was watched least.
    fn beyond(&self, measure: Measure) -> f64 {
        self.outcomes.iter().map(|one| one.observed(measure).beyond).fold(f64::INFINITY, f64::min)
    }
}

/// Writes everything that `--out` keeps; `comparison.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &Report<'_>) -> Result<(), Failure> {
    for (index, candidate) in report.comparison.candidates.iter().enumerate() {
        // Names may hold anything; numbers make file names.
        let name = format!("candidate-{}.toml", index + 1);
        folder.write(&name, |out| out.write_all(candidate.header.resolved.as_bytes()))?;
    }
    folder.write("trials.csv", |out| csv::write(&rows(report), out))?;
    let text = anstream::adapter::strip_str(&terminal(report)).to_string();
    folder.write("report.txt", |out| out.write_all(text.as_bytes()))?;
    folder.write("report.md", |out| out.write_all(markdown(report).as_bytes()))?;
    for (name, chart) in pictures::pictures(report) {
        write_chart(folder, name, &chart)?;
    }
    folder.write("comparison.json", |out| write_json(report, out))
}

/// What `trials.csv` has of each candidate, after its name and a point.
const FIGURES: [&str; 3] = ["recovery_s", "loss_s", "availability"];

/// One row a trial: `NAME.recovery_s`, `NAME.loss_s` and `NAME.availability` of every candidate.
fn rows(report: &Report<'_>) -> TrialTable {
    let names = report.comparison.candidates.iter().map(|candidate| &candidate.name);
    let columns = names.flat_map(|name| FIGURES.map(|figure| format!("{name}.{figure}")));
    let mut table = TrialTable::new(columns.collect(), 0);
    let mut row = Vec::new();
    for trial in 0..report.comparison.trials as usize {
        row.clear();
        row.extend(report.outcomes.iter().flat_map(|one| [one.recovery[trial], one.loss[trial], one.up[trial]]));
        table.append(&row);
    }
    table
}
