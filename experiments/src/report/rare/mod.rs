//! Reports of a small chance.

mod document;

use std::io;

use super::document::Document;
use super::write_forms;
use crate::documents;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::rare::{RareDocument, Rarity};

/// A small chance, as every report sees it.
#[derive(Debug, Clone, Copy)]
pub struct RareReport<'a> {
    /// The results.
    pub rarity: &'a Rarity,
    /// The command that finds them again.
    pub command: &'a str,
}

/// The report.
pub fn document(report: &RareReport<'_>) -> Document {
    document::document(report)
}

/// Writes everything that `--out` keeps; `rare.json` comes last: a folder that has it has everything.
///
/// # Errors
/// When a file cannot be written; those before it are kept.
pub fn write_all(folder: &Folder, report: &RareReport<'_>) -> Result<(), Failure> {
    folder.write("experiment.toml", |out| out.write_all(report.rarity.header.resolved.as_bytes()))?;
    let whole = document(report);
    write_forms(folder, &whole, std::iter::empty(), &whole)?;
    folder.write("rare.json", |out| write_json(report, out))
}

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write_json(report: &RareReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&RareDocument::from(report.rarity), out)
}
