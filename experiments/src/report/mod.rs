//! Reports: the verdict on the terminal, the document for programs, the rows for notebooks, the files of `--out`.
//!
//! - [`terminal`] prints the verdict that fits one screen.
//! - [`json`] is the document of `--format json` and `summary.json`.
//! - [`csv`] is `trials.csv`, one row a trial.
//! - [`chart`] draws.
//! - [`out`] is the folder that all of it is kept in; [`write_all`] fills it.

pub mod chart;
pub mod comparison;
pub mod csv;
pub mod json;
pub mod out;
pub mod pictures;
pub mod terminal;
pub mod units;

use std::path::Path;

use crate::analyze::Summary;
use crate::exit::Failure;
use crate::header::Header;
use crate::run::Trials;
use crate::table::TrialTable;

/// One finished run, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The experiment.
    pub header: &'a Header,
    /// What its trials say.
    pub summary: &'a Summary,
    /// How many trials were asked for, if the run was stopped before it had them.
    pub asked: Option<u64>,
    /// Where the files are, if any were kept.
    pub files: Option<&'a Path>,
}

/// Writes everything that `--out` keeps.
///
/// `summary.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(
    folder: &out::Folder,
    report: &Report<'_>,
    table: &TrialTable,
    source: &impl Trials,
) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.header.resolved.as_bytes()))?;
    folder.write("trials.csv", |out| csv::write(table, out))?;
    let verdict = anstream::adapter::strip_str(&terminal::verdict(report)).to_string();
    folder.write("report.txt", |out| out.write_all(verdict.as_bytes()))?;
    for (name, chart) in pictures::pictures(report, table, source) {
        write_chart(folder, name, &chart)?;
    }
    folder.write("summary.json", |out| json::write(report, out))
}

/// Writes a chart as SVG and as PNG.
fn write_chart(folder: &out::Folder, name: &str, chart: &chart::Chart) -> Result<(), Failure> {
    let drawn = |error: chart::ChartError| Failure::failed(format!("failed to draw {name}: {error}"));
    let svg = chart::draw_svg(chart).map_err(drawn)?;
    let png = chart::png(&svg).map_err(drawn)?;
    folder.write(&format!("{name}.svg"), |out| out.write_all(svg.as_bytes()))?;
    folder.write(&format!("{name}.png"), |out| out.write_all(&png))
}
