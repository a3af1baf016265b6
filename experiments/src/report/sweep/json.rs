//! The document of `mrsim sweep --format json` and of `sweep.json`.

use std::io;

use super::SweepReport;
use crate::documents;
use crate::sweep::SweepDocument;

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &SweepReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&document(report), out)
}

/// The document.
pub(super) fn document(report: &SweepReport<'_>) -> SweepDocument {
    SweepDocument::new(report.base, report.prepared, report.results, report.command)
}
