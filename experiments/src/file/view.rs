//! The part of a text that a message shows of a place.

use std::ops::Range;

use sim_settings::Place;

/// A line is shown whole up to this many bytes.
const LONGEST_LINE: usize = 140;
/// Characters shown of a longer line on each side of the place.
const CONTEXT: usize = 40;
/// Characters underlined at most.
const LONGEST_MARK: usize = 80;

/// One line, or a piece of it if the line is long.
pub(super) struct View {
    pub(super) text: String,
    /// Whether the text is a piece of its line.
    pub(super) cut: bool,
    /// Bytes of `text` to underline.
    pub(super) mark: Range<usize>,
    /// Counted from 1.
    pub(super) line: usize,
    /// Counted in characters, from 1.
    pub(super) column: usize,
}

impl View {
    pub(super) fn of(place: Place, source: &str) -> Self {
        let (start, end) = (boundary(source, place.start), boundary(source, place.end));
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        // A byte order mark is no column of the first line.
        let line_start =
            if line_start == 0 && source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { line_start };
        let start = start.max(line_start);
        let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
        let line_end = line_end - usize::from(source[line_start..line_end].ends_with('\r'));
        let start = start.min(line_end);
        // A place of several lines is underlined in its first line.
        let end = end.clamp(start, line_end);
        let end = steps(source, start, LONGEST_MARK).min(end);

        let cut = line_end - line_start > LONGEST_LINE;
        let (from, to) = if cut {
            (steps_back(source, start, CONTEXT).max(line_start), steps(source, end, CONTEXT).min(line_end))
        } else {
            (line_start, line_end)
        };
        let mut text = String::new();
        text.push_str(if from > line_start { ".." } else { "" });
        let shift = text.len();
        text.push_str(&source[from..to]);
        text.push_str(if to < line_end { ".." } else { "" });
        Self {
            mark: shift + start - from..shift + end - from,
            text,
            cut,
            line: source[..line_start].split('\n').count(),
            column: 1 + source[line_start..start].chars().count(),
        }
    }
}

/// The last offset not after `offset` that does not cut a character.
fn boundary(text: &str, offset: u32) -> usize {
    let offset = usize::try_from(offset).map_or(text.len(), |offset| offset.min(text.len()));
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The offset `count` characters after `at`, or the end.
fn steps(text: &str, at: usize, count: usize) -> usize {
    text[at..].char_indices().nth(count).map_or(text.len(), |(offset, _)| at + offset)
}

/// The offset `count` characters before `at`, or the start.
fn steps_back(text: &str, at: usize, count: usize) -> usize {
    if count == 0 {
        return at;
    }
    text[..at].char_indices().rev().nth(count - 1).map_or(0, |(offset, _)| offset)
}
