//! Reports of advice: what they say, data, charts.

mod charts;
mod document;
mod words;

use std::io;

use super::chart::Drawn;
use super::document::Document;
use super::{not_drawn, write_forms};
use crate::advise::{Advice, AdviceDocument};
use crate::documents;
use crate::exit::Failure;
use crate::folder::Folder;

/// Advice, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct AdviceReport<'a> {
    /// The results.
    pub advice: &'a Advice,
    /// The command that runs it again, from the folder of the files.
    pub command: &'a str,
    /// The file and the options that were given, as a shell takes them.
    pub given: &'a str,
}

/// The short form of the report.
pub fn document(report: &AdviceReport<'_>) -> Document {
    document::document(report, None)
}

/// Writes everything that `--out` keeps; `advice.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &AdviceReport<'_>) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.advice.header.resolved.as_bytes()))?;
    let one = |(name, chart): (String, _)| match Drawn::new(&chart) {
        Ok(drawn) => Ok((name, drawn)),
        Err(error) => Err(not_drawn(&name, &error)),
    };
    let charts = charts::charts(report.advice).into_iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let pictures = charts.iter().map(|(name, drawn)| (name.as_str(), drawn));
    write_forms(folder, &document(report), pictures, &document::document(report, Some(&charts)))?;
    folder.write("advice.json", |out| write_json(report, out))
}

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write_json(report: &AdviceReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&AdviceDocument::from(report.advice), out)
}
