//! Problems as messages: file, line, column, the text with a caret under it, and what to do.

use std::collections::BTreeSet;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str};
use sim_settings::Problem;

use super::sources::Sources;
use super::view::View;
use crate::exit::Failure;

/// Messages that are shown; the rest is counted. Nobody repairs more in one go.
const SHOWN: usize = 50;
/// Longest label beside the mark, in characters; a longer one gets a line of its own.
const LONGEST_LABEL: usize = 90;
/// Wider than any message: long lines are cut here, where the place is known, and not by the renderer.
const WIDTH: usize = 10_000;

/// All problems in the order of the file, each with its place, the line, a caret, what was found and what was expected.
pub fn render(problems: &[Problem], sources: &Sources, color: bool) -> String {
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.place);
    let mut text = String::new();
    for problem in sorted.iter().take(SHOWN) {
        text.push_str(&message(problem, sources, color));
        text.push_str("\n\n");
    }
    match sorted.len() {
        0 | 1 => text.pop().map_or_else(String::new, |_| text),
        _ => text + &summary(&sorted, sources, color),
    }
}

/// The failure of a file with these problems, of which there is one at least.
pub fn rejected(problems: &[Problem], sources: &Sources) -> Failure {
    // The console strips colours where they do not belong.
    let failure = Failure::bad_file(render(problems, sources, true));
    match problems.iter().min_by_key(|problem| problem.place) {
        Some(first) => failure.at(sources.spot(first.place)),
        None => failure,
    }
}

/// An error message without a place, one sentence.
pub(super) fn headline(message: &str, color: bool) -> String {
    let report = &[Group::with_title(Level::ERROR.primary_title(message))];
    format!("{}\n", renderer(color).render(report))
}

fn renderer(color: bool) -> Renderer {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.term_width(WIDTH)
}

fn message(problem: &Problem, sources: &Sources, color: bool) -> String {
    let title = match problem.path.as_str() {
        "" => problem.found.clone(),
        path => format!("{path}: found {}", problem.found),
    };
    let view = View::of(problem.place, sources.text(problem.place.source));
    let label = format!("expected {}", problem.expected);
    let name = sources.name(problem.place.source);
    let origin = Origin::path(name).line(view.line).char_column(view.column);
    let title = Level::ERROR.primary_title(title);
    let mark = AnnotationKind::Primary.span(view.mark.clone());
    let snippet = Snippet::source(view.text.as_str()).line_start(view.line);
    // The renderer shows no line that is empty, so the label needs another line.
    let (shows_line, beside) = (!view.text.trim().is_empty(), label.chars().count() <= LONGEST_LABEL);
    let mark = if beside { mark.label(label.as_str()) } else { mark };
    let mut group = match (shows_line, view.cut) {
        (false, _) => title.element(origin),
        // A piece of a line does not show the column, so the column is printed separately.
        (true, true) => title.element(origin).element(snippet.annotation(mark)),
        (true, false) => title.element(snippet.path(name).annotation(mark)),
    };
    if !shows_line || !beside {
        group = group.element(Level::NOTE.message(normalize_untrusted_str(&label)));
    }
    if let Some(nearest) = &problem.nearest {
        let text = format!("did you mean `{nearest}`?");
        group = group.element(Level::HELP.message(normalize_untrusted_str(&text)));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(normalize_untrusted_str(hint)));
    }
    let text = renderer(color).render(&[group]);
    if !view.cut {
        return text;
    }
    // Where the place is printed separately, the renderer marks the text below with `:::`.
    let is_mark = |line: &&str| anstream::adapter::strip_str(line).to_string().trim() == ":::";
    text.lines().filter(|line| !is_mark(line)).collect::<Vec<_>>().join("\n")
}

fn summary(problems: &[&Problem], sources: &Sources, color: bool) -> String {
    let names: BTreeSet<&str> = problems.iter().map(|problem| sources.name(problem.place.source)).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !name.is_empty()).collect();
    let place = if names.is_empty() { String::new() } else { format!(" in {}", names.join(", ")) };
    let above = if problems.len() > SHOWN { format!("; the first {SHOWN} are above") } else { String::new() };
    headline(&format!("{} problems{place}{above}", problems.len()), color)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sim_settings::Place;
    use std::path::PathBuf;

    fn sources(text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add("x.toml".to_owned(), text.to_owned(), PathBuf::new());
        sources
    }

    fn problem(start: usize, end: usize) -> Problem {
        let cut = |at: usize| u32::try_from(at).expect("a short text");
        let place = Place { source: 0, start: cut(start), end: cut(end) };
        Problem { found: "this".to_owned(), expected: "that".to_owned(), ..Problem::at(place, "dns.ttl") }
    }

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "\u{feff}é = 1\r\nü = \"ö\" # tail\r\n";
        let start = text.find("\"ö").expect("there");
        let message = render(&[problem(start, start + 4)], &sources(text), false);
        assert_eq!(
            message,
            "error: dns.ttl: found this\n --> x.toml:2:5\n  |\n2 | ü = \"ö\" # tail\n  |     ^^^ expected that\n"
        );
        let message = render(&[problem(3, 5)], &sources(text), false);
        assert!(message.contains("x.toml:1:1\n"), "{message}");
    }

    #[test]
    fn what_goes_on_over_lines_is_marked_in_its_first() {
        let message = render(&[problem(4, 10)], &sources("a = [1,\n2]\n"), false);
        assert!(message.contains("1 | a = [1,\n  |     ^^^ expected that\n"), "{message}");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("a = '{}' !", "é".repeat(5_000));
        let at = text.len() - 1;
        let message = render(&[problem(at, at + 1)], &sources(&text), false);
        assert!(message.contains("x.toml:1:5008\n") && !message.contains(":::"), "{message}");
        assert!(!render(&[problem(at, at + 1)], &sources(&text), true).contains(":::"));
        assert!(message.contains("..éé") && message.contains("' !\n"), "{message}");
        assert!(message.lines().all(|line| line.chars().count() < 140), "{message}");
        let message = render(&[problem(0, at)], &sources(&text), false);
        assert!(message.lines().all(|line| line.chars().count() < 160), "{message}");
    }

    #[test]
    fn what_is_long_stands_on_a_line_of_its_own() {
        let long = Problem { expected: format!("one of {}", "word, ".repeat(20)), ..problem(0, 3) };
        let message = render(&[long], &sources("abc = 1"), false);
        assert!(message.contains("1 | abc = 1\n  | ^^^\n  |\n  = note: expected one of word, "), "{message}");
    }

    #[test]
    fn messages_come_in_the_order_of_the_file_and_the_rest_is_counted() {
        let text = "abc\n".repeat(60);
        let problems: Vec<Problem> = (0..60).rev().map(|line| problem(4 * line, 4 * line + 1)).collect();
        let message = render(&problems, &sources(&text), false);
        assert!(message.starts_with("error: dns.ttl: found this\n --> x.toml:1:1\n"));
        assert_eq!(message.matches(" --> ").count(), SHOWN);
        assert!(message.ends_with("error: 60 problems in x.toml; the first 50 are above\n"), "{message}");
    }

    #[test]
    fn nothing_wrong_is_nothing_said() {
        assert_eq!(render(&[], &Sources::default(), false), "");
    }

    proptest! {
        #[test]
        fn no_place_makes_rendering_panic(text in any::<String>(), source in 0..2_u32, start: u16, length in 0..9_u32) {
            let start = u32::from(start) % (u32::try_from(text.len()).expect("a short text") + 3);
            let place = Place { source, start, end: start + length };
            let wrong = Place { source, start: start + length, end: start };
            let at = |place| Problem { found: text.clone(), expected: text.clone(), nearest: Some(text.clone()), ..Problem::at(place, "") };
            render(&[at(place), at(wrong)], &sources(&text), true);
        }
    }
}
