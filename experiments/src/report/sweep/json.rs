//! The document of `mrsim sweep --format json` and of `sweep.json`.

use std::io;

use super::Report;
use crate::documents;
use crate::sweep::SweepDocument;

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&document(report), out)
}

/// The document.
pub(super) fn document(report: &Report<'_>) -> SweepDocument {
    SweepDocument::new(report.base, report.prepared, report.results, report.command)
}
