//! Reports: texts for people, documents for programs, rows for notebooks, and the files of `--out`.
//!
//! - [`document`] is a report before layout; [`run`], [`comparison`], [`sweep`], [`calibration`] and [`drill`] fill one each.
//! - [`terminal`], [`markdown`] and [`html`] lay it out.
//! - [`chart`] draws charts, `drawing` the other pictures of the page.
//! - [`json`] is the document of `--format json` and `summary.json`; [`junit`] and [`sarif`] are for CI systems.
//! - [`csv`] is `trials.csv`, one row a trial, and `outages.csv`, one row an outage; `parquet` (a feature of the crate)
//!   holds both for notebooks.
//! - [`stored`] reads results back.
//! - [`write_all`] fills the folder of `--out`.

pub mod advice;
mod beside;
pub mod calibration;
mod cells;
pub mod chart;
pub mod comparison;
pub mod csv;
pub mod document;
mod drawing;
pub mod drill;
mod formula;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod nervous;
mod outages;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod rare;
pub mod run;
pub mod sarif;
mod sheet;
pub mod solution;
pub mod stored;
pub mod sweep;
pub mod terminal;

pub use comparison::{COLUMNS as COMPARISON_COLUMNS, NO_WRITER_COLUMN as COMPARISON_NO_WRITER};
pub use outages::OUTAGE_COLUMNS;

use std::path::Path;

use crate::analyze::Summary;
use crate::documents::FindingDocument;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::header::Header;
use crate::run::Trials;
use crate::table::TrialTable;
use measure::latencies::RequestsDocument;

use document::Document;

/// One finished run.
#[derive(Debug, Clone, Copy)]
pub struct RunReport<'a> {
    /// The experiment.
    pub header: &'a Header,
    /// The figures of its trials.
    pub summary: &'a Summary,
    /// The findings about the file, as far as they are told here.
    pub findings: &'a [FindingDocument],
    /// Trials that were asked for, if the run was stopped before.
    pub asked: Option<u64>,
    /// The command that runs the same trials again, from the folder of the files.
    pub command: &'a str,
}

/// The short form for a terminal of so many columns, and the path of the files.
pub fn shown(document: &Document, width: usize, files: Option<&Path>) -> String {
    let files = match files {
        // The path is not cut, so that one can copy it.
        Some(path) => format!("Files: {}", path.display()),
        None => "Files: none; --out DIR keeps the data, the charts and this report".to_owned(),
    };
    format!("{}{files}\n", terminal::render(document, width))
}

/// Writes all files of `--out`.
///
/// `summary.json` comes last: a folder with it is complete.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(
    folder: &Folder,
    report: &RunReport<'_>,
    table: &TrialTable,
    source: &impl Trials,
) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.header.resolved.as_bytes()))?;
    folder.write("trials.csv", |out| csv::write(table, out))?;
    #[cfg(feature = "parquet")]
    folder.write("trials.parquet", |out| parquet::write(report, table, out))?;
    folder.write("outages.csv", |out| outages::write(report.header, table, out))?;
    #[cfg(feature = "parquet")]
    folder.write("outages.parquet", |out| parquet::write_outages(report, table, out))?;
    if !table.latencies().is_empty() {
        folder.write(stored::LATENCY, |out| {
            Ok(serde_json::to_writer(out, &RequestsDocument::from(table.latencies()))?)
        })?;
    }
    let charts = run::Charts::draw(report, table, source)?;
    write_forms(folder, &run::brief(report), charts.iter(), &run::full(report, table, source, &charts))?;
    // A figure that could not be read makes everything worthless.
    table.failure().map_or(Ok(()), |failure| Err(Failure::failed(failure)))?;
    folder.write("summary.json", |out| json::write(report, out))
}

/// Writes the files for people: the short forms, the charts as SVG and as PNG, and the page. They do not name the
/// folder, so the bytes are the same wherever results are kept.
fn write_forms<'a>(
    folder: &Folder,
    brief: &Document,
    charts: impl Iterator<Item = (&'a str, &'a chart::Drawn)>,
    full: &Document,
) -> Result<(), Failure> {
    let text = anstream::adapter::strip_str(&terminal::render(brief, terminal::WIDTH)).to_string();
    folder.write("report.txt", |out| out.write_all(text.as_bytes()))?;
    folder.write("report.md", |out| out.write_all(markdown::render(brief).as_bytes()))?;
    for (name, drawn) in charts {
        let png = drawn.png().map_err(|error| not_drawn(name, &error))?;
        folder.write(&format!("{name}.svg"), |out| out.write_all(drawn.svg.as_bytes()))?;
        folder.write(&format!("{name}.png"), |out| out.write_all(&png))?;
    }
    let page = html::render(full)?;
    folder.write("report.html", |out| out.write_all(page.as_bytes()))
}

/// The page of one run, without the name of its folder.
///
/// # Errors
/// When a chart cannot be drawn or the template fails, which are mistakes of the program.
pub fn page_of(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials) -> Result<String, Failure> {
    html::render(&run::full(report, table, source, &run::Charts::draw(report, table, source)?))
}

fn not_drawn(name: &str, error: &chart::ChartError) -> Failure {
    Failure::failed(format!("failed to draw {name}: {error}"))
}
