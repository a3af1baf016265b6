//! Texts in cells of CSV. A spreadsheet takes a cell for a formula if it begins with `=`, `+`, `-` or `@`, and names
//! come from the user: an apostrophe before such a text makes it one. Numbers stay as they are, and reading removes the
//! apostrophe.

use std::borrow::Cow;

/// Whether a spreadsheet would run the text. Apostrophes before it do not count, so removing one gives back the
/// original.
fn runs(text: &str) -> bool {
    let own = text.trim_start_matches('\'');
    own.starts_with(['=', '+', '-', '@', '\t', '\r']) && own.parse::<f64>().is_err()
}

/// The content of the cell for a text.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    if runs(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell.
pub(super) fn text(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if runs(cell) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, text};

    #[test]
    fn formulas_become_texts_and_come_back() {
        for (own, written) in [
            ("=HYPERLINK(\"http://evil\")", "'=HYPERLINK(\"http://evil\")"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("'=1+1", "''=1+1"),
            ("-1.5", "-1.5"),
            ("+3", "+3"),
            ("'quoted'", "'quoted'"),
            ("checkout", "checkout"),
            ("", ""),
        ] {
            assert_eq!(cell(own), written);
            assert_eq!(text(written), own);
        }
    }
}
