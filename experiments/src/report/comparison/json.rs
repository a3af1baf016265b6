//! The document of `mrsim compare --format json` and of `comparison.json`.

use std::io;

use super::ComparisonReport;
use crate::compare::ComparisonDocument;
use crate::documents;

/// Writes the document, indented, with a line's end after it.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &ComparisonReport<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    documents::write(&document(report), out)
}

/// The document.
pub(super) fn document(report: &ComparisonReport<'_>) -> ComparisonDocument {
    ComparisonDocument::new(report.comparison, report.outcomes, report.warnings, report.command)
}
