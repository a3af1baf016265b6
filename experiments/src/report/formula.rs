//! Texts in cells of CSV. A spreadsheet takes a cell for a formula if it begins with `=`, `+`, `-` or `@`, and names
//! come from the user: an apostrophe before such a text makes it one. Numbers stay as they are, and reading removes the
//! apostrophe.
//!
//! Characters that cannot be seen, or that turn the direction of what follows, are written out as `\u202E`, and so is a
//! backslash that would read as the beginning of one. Reading brings them back.

use std::borrow::Cow;

use crate::visible::{is_hidden, visible};

/// Whether a spreadsheet would run the text. Apostrophes before it do not count, so removing one gives back the
/// original.
fn runs(text: &str) -> bool {
    let own = text.trim_start_matches('\'');
    own.starts_with(['=', '+', '-', '@', '\t', '\r']) && own.parse::<f64>().is_err()
}

/// A backslash, written out.
const BACKSLASH: &str = "\\u005C";

/// The content of the cell for a text.
pub(super) fn cell(text: &str) -> Cow<'_, str> {
    let shown = if text.contains('\\') || text.contains(is_hidden) {
        let mut parts = text.split('\\');
        let mut shown = visible(parts.next().unwrap_or_default()).into_owned();
        for part in parts {
            shown.push_str(if part.starts_with(['u', 'U', 'n', 't']) { BACKSLASH } else { "\\" });
            shown.push_str(&visible(part));
        }
        Cow::Owned(shown)
    } else {
        Cow::Borrowed(text)
    };
    if runs(&shown) { Cow::Owned(format!("'{shown}")) } else { shown }
}

/// The text of a cell.
pub(super) fn text(cell: &str) -> Cow<'_, str> {
    let shown = match cell.strip_prefix('\'') {
        Some(text) if runs(cell) => text,
        _ => cell,
    };
    if !shown.contains('\\') {
        return Cow::Borrowed(shown);
    }
    let mut parts = shown.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match written_out(part) {
            Some((letter, rest)) => {
                text.push(letter);
                text.push_str(rest);
            }
            None => {
                text.push('\\');
                text.push_str(part);
            }
        }
    }
    Cow::Owned(text)
}

/// The character that is written out behind a backslash, if it is one of those that are, and what follows.
fn written_out(part: &str) -> Option<(char, &str)> {
    let digits = |count: usize| {
        let is_code = part.get(1..=count)?.bytes().all(|digit| digit.is_ascii_hexdigit());
        let (code, rest) = is_code.then(|| part[1..].split_at(count))?;
        let letter = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
        (is_hidden(letter) || letter == '\\').then_some((letter, rest))
    };
    match part.chars().next()? {
        'n' => Some(('\n', &part[1..])),
        't' => Some(('\t', &part[1..])),
        'u' => digits(4),
        'U' => digits(8),
        _ => None,
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

    #[test]
    fn what_is_hidden_is_written_out_and_comes_back() {
        for (own, written) in [
            ("\u{202e}abc\u{202c}", "\\u202Eabc\\u202C"),
            ("=\u{200b}1", "'=\\u200B1"),
            ("\\u202E", "\\u005Cu202E"),
            ("a\nb\tc", "a\\nb\\tc"),
            ("C:\\new \\ \\\\", "C:\\u005Cnew \\ \\\\"),
            ("\u{e0041}", "\\U000E0041"),
            ("\\", "\\"),
        ] {
            assert_eq!(cell(own), written);
            assert_eq!(text(written), own);
        }
        // What is no such character stays as it is.
        assert_eq!((text("\\u0041").as_ref(), text("\\u12").as_ref()), ("\\u0041", "\\u12"));
    }
}
