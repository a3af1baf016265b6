//! Reports: the verdict on the terminal, the document for programs, the rows for notebooks, the files of `--out`.
//!
//! - [`terminal`] prints the verdict that fits one screen.
//! - [`json`] is the document of `--format json` and `summary.json`.
//! - [`csv`] is `trials.csv`, one row a trial, and `outages.csv`, one row an outage; `parquet` (a feature of the crate) is
//!   both for notebooks.
//! - [`chart`] draws.
//! - [`html`] is the page that says everything.
//! - [`stored`] reads results back.
//! - [`out`] is the folder that all of it is kept in; [`write_all`] fills it.

pub mod chart;
pub mod comparison;
pub mod csv;
pub mod html;
pub mod json;
pub mod out;
mod outages;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod pictures;
mod sheet;
pub mod stored;
pub mod sweep;
pub mod terminal;
pub mod units;

pub use comparison::COLUMNS as COMPARISON_COLUMNS;
pub use outages::OUTAGE_COLUMNS;

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
    /// The command that runs the same trials again, from the folder of the files.
    pub command: &'a str,
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
    #[cfg(feature = "parquet")]
    folder.write("trials.parquet", |out| parquet::write(report, table, out))?;
    folder.write("outages.csv", |out| csv::write_outages(report.header, table, out))?;
    #[cfg(feature = "parquet")]
    folder.write("outages.parquet", |out| parquet::write_outages(report, table, out))?;
    // Without the folder's own name: wherever the results are kept, the bytes are the same.
    let verdict = anstream::adapter::strip_str(&terminal::kept(report)).to_string();
    folder.write("report.txt", |out| out.write_all(verdict.as_bytes()))?;
    let pictures = drawn(report, table, source)?;
    for (name, svg) in &pictures {
        write_picture(folder, name, svg)?;
    }
    let page = page(report, table, source, pictures)?;
    folder.write("report.html", |out| out.write_all(page.as_bytes()))?;
    folder.write("summary.json", |out| json::write(report, out))
}

/// Writes a chart as SVG and as PNG.
fn write_picture(folder: &out::Folder, name: &str, svg: &str) -> Result<(), Failure> {
    let png = chart::png(svg).map_err(|error| not_drawn(name, &error))?;
    folder.write(&format!("{name}.svg"), |out| out.write_all(svg.as_bytes()))?;
    folder.write(&format!("{name}.png"), |out| out.write_all(&png))
}

/// The page of one run, without its folder.
///
/// # Errors
/// When a chart cannot be drawn or the page not filled in, which are mistakes of the program.
pub fn page_of(report: &Report<'_>, table: &TrialTable, source: &impl Trials) -> Result<String, Failure> {
    page(report, table, source, drawn(report, table, source)?)
}

/// All charts with their names, as SVG.
fn drawn(
    report: &Report<'_>,
    table: &TrialTable,
    source: &impl Trials,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let one = |(name, chart)| Ok((name, chart::draw_svg(&chart).map_err(|error| not_drawn(name, &error))?));
    pictures::pictures(report, table, source).into_iter().map(one).collect()
}

fn not_drawn(name: &str, error: &chart::ChartError) -> Failure {
    Failure::failed(format!("failed to draw {name}: {error}"))
}

fn page(
    report: &Report<'_>,
    table: &TrialTable,
    source: &impl Trials,
    pictures: Vec<(&'static str, String)>,
) -> Result<String, Failure> {
    let mut charts = html::Charts::default();
    for (name, svg) in pictures {
        match name {
            "recovery-time" => charts.recovery = svg,
            "data-loss" => charts.loss = Some(svg),
            "success-over-time" => charts.success = Some(svg),
            _ => {}
        }
    }
    html::run_page(report, table, source, &charts)
}
