//! Problems as messages: file, line, column, the text with a caret under it, and what to do.

use std::collections::BTreeSet;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use sim_core::settings::{Place, Problem};

use super::sources::Sources;

/// Messages shown; the rest is counted. Whoever has more will run again anyway.
const SHOWN: usize = 50;
/// Characters shown of a line on each side of the place.
const CONTEXT: usize = 60;
/// Characters underlined at most.
const LONGEST_MARK: usize = 80;

/// All problems in the order of the file, each with its place, the line, a caret, what was found and what was expected.
pub fn render(problems: &[Problem], sources: &Sources, color: bool) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.place);
    let mut text = String::new();
    for problem in sorted.iter().take(SHOWN) {
        text.push_str(&message(problem, sources, color));
        text.push_str("\n\n");
    }
    text.push_str(&summary(&sorted, sources, color));
    text
}

/// One sentence that is an error and stands nowhere in a text.
pub(super) fn headline(message: &str, color: bool) -> String {
    let report = &[Group::with_title(Level::ERROR.primary_title(message))];
    format!("{}\n", renderer(color).render(report))
}

fn renderer(color: bool) -> Renderer {
    if color { Renderer::styled() } else { Renderer::plain() }
}

fn message(problem: &Problem, sources: &Sources, color: bool) -> String {
    let title = match problem.path.as_str() {
        "" => format!("found {}", problem.found),
        path => format!("{path}: found {}", problem.found),
    };
    let view = View::of(problem.place, sources.text(problem.place.source));
    let label = format!("expected {}", problem.expected);
    let origin = Origin::path(sources.name(problem.place.source)).line(view.line).char_column(view.column);
    let mut group = Level::ERROR.primary_title(title).element(origin);
    // A renderer shows nothing of a line that is empty, so what was expected needs another place then.
    if view.text.trim().is_empty() {
        group = group.element(Level::NOTE.message(normalize_untrusted_str(&label)));
    } else {
        let mark = AnnotationKind::Primary.span(view.mark.clone()).label(label);
        group = group.element(Snippet::source(view.text.as_str()).line_start(view.line).annotation(mark));
    }
    if let Some(nearest) = &problem.nearest {
        let text = format!("did you mean `{nearest}`?");
        group = group.element(Level::HELP.message(normalize_untrusted_str(&text)));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
    }
    renderer(color).render(&[group])
}

fn summary(problems: &[&Problem], sources: &Sources, color: bool) -> String {
    let names: BTreeSet<&str> = problems.iter().map(|problem| sources.name(problem.place.source)).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        more if more > SHOWN => format!("{more} problems, the first {SHOWN} of them above"),
        several => format!("{several} problems"),
    };
    let place = if names.is_empty() { String::new() } else { format!(" in {}", names.join(", ")) };
    headline(&format!("{count}{place}"), color)
}

/// The part of a text that a message shows: one line, or a piece of it if it is long.
struct View {
    text: String,
    /// Bytes of `text` to underline.
    mark: Range<usize>,
    line: usize,
    column: usize,
}

impl View {
    fn of(place: Place, source: &str) -> Self {
        let (start, end) = (boundary(source, place.start), boundary(source, place.end));
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        // A byte order mark is no column of the first line.
        let line_start =
            if line_start == 0 && source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { line_start };
        let start = start.max(line_start);
        let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
        let line_end = line_end - usize::from(source[line_start..line_end].ends_with('\r'));
        let start = start.min(line_end);
        // What goes on over several lines is underlined in its first.
        let end = end.clamp(start, line_end);
        let end = steps(source, start, LONGEST_MARK).min(end);

        let from = steps_back(source, start, CONTEXT).max(line_start);
        let to = steps(source, end, CONTEXT).min(line_end);
        let mut text = String::new();
        text.push_str(if from > line_start { ".." } else { "" });
        let shift = text.len();
        text.push_str(&source[from..to]);
        text.push_str(if to < line_end { ".." } else { "" });
        Self {
            mark: shift + start - from..shift + end - from,
            text,
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
