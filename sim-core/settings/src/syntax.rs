//! Mistakes of syntax in words that help: the parser's own name its grammar, and one slip makes it stumble often.

use std::ops::Range;

use super::report::Problem;
use super::tree::{DEPTH_LIMIT, Place};

/// Advice on a key such as `p99.9`.
pub(crate) const POINT_HINT: &str = "a key with a point needs quotes, as in \"p99.9\" = ..";
/// Syntax errors kept per text. A file with more is not the file that somebody meant to load.
pub(super) const ERROR_LIMIT: usize = 200;

/// All mistakes of a text that could be found, in the order of their places.
pub(super) fn syntax_problems(errors: &[toml::de::Error], source: u32, text: &str) -> Vec<Problem> {
    let span = |error: &toml::de::Error| error.span().unwrap_or(0..0);
    let mut errors: Vec<&toml::de::Error> = errors.iter().collect();
    errors.sort_by_key(|error| (span(error).start, span(error).end));
    let unclosed_array = errors.iter().any(|error| error.message().starts_with("unclosed array,"));
    let mut problems: Vec<Problem> = Vec::new();
    let mut torn_until = 0;
    for error in errors {
        let span = span(error);
        let ends_array = unclosed_array && error.message().starts_with("unexpected `=` in array");
        // After an error the parser only guesses about the rest of the line.
        if span.start < torn_until && !ends_array {
            continue;
        }
        if problems.len() == ERROR_LIMIT {
            break;
        }
        let line_start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        if ends_array {
            // The next key, and everything after it, was taken for the rest of the array.
            problems.retain(|problem| (problem.place.start as usize) < line_start);
            let line = text.get(line_start..span.start).unwrap_or_default();
            let key = line.trim();
            let start = line_start + line.find(key).unwrap_or(0);
            let span = start..start + key.len();
            problems.push(syntax_problem(span, source, "a key inside an array that has no end", "`]` before it"));
            break;
        }
        let (problem, torn) = told(error, span.clone(), source, text);
        if error.message().starts_with("unexpected `=` in array") {
            // The key was taken for an element that lacks its quotes.
            let is_key = |last: &Problem| (line_start..=span.start).contains(&(last.place.end as usize));
            problems.pop_if(|last| last.found == UNQUOTED && is_key(last));
        }
        problems.push(problem);
        if torn {
            let rest = text.get(span.start..).unwrap_or_default();
            torn_until = rest.find('\n').map_or(text.len(), |newline| span.start + newline) + 1;
        }
    }
    problems
}

fn syntax_problem(span: Range<usize>, source: u32, found: &str, expected: &str) -> Problem {
    Problem { found: found.to_owned(), expected: expected.to_owned(), ..Problem::at(Place::of(source, span), "") }
}

/// One mistake in words that help, and whether the parser no longer knew where it was.
fn told(error: &toml::de::Error, span: Range<usize>, source: u32, text: &str) -> (Problem, bool) {
    let (found, expected) = error.message().split_once(", expected ").unwrap_or((error.message(), "valid TOML"));
    let problem = |found: &str, expected: &str| syntax_problem(span.clone(), source, found, expected);
    let written = text.get(span.clone()).unwrap_or_default();
    let rest = text.get(span.end..).unwrap_or_default();
    let ends_line = written == "\r" || rest.is_empty() || rest.starts_with(['\r', '\n']);
    let quote = match found {
        "invalid basic string" => Some("a closing `\"`"),
        "invalid literal string" => Some("a closing `'`"),
        "invalid multi-line basic string" => Some("a closing `\"\"\"`"),
        "invalid multi-line literal string" => Some("a closing `\'\'\'`"),
        _ => None,
    };
    match (quote, expected) {
        (Some(quote), _) if ends_line => return (problem("text without an end", quote), true),
        // The text itself is the key, so what follows it is not its end.
        (Some(_), "`\"`" | "`'`") => return (problem("a key without a value", "`=` and a value"), true),
        _ => {}
    }
    match (found, expected) {
        ("string values must be quoted", _) if span.is_empty() => {
            (problem("a key without a value", "one, such as \"10s\" or 3"), false)
        }
        ("string values must be quoted", _) => {
            (Problem { hint: in_quotes(written), ..problem(UNQUOTED, "a number, or text such as \"10s\"") }, false)
        }
        ("key with no value", _) => (problem("a key without a value", "`=` and a value"), true),
        ("duplicate key", _) => (problem("a key or table that is written twice", "it once"), false),
        ("missing escaped value", _) => {
            (problem("a backslash in text", "`\\\\`, or single quotes around the text"), true)
        }
        ("unexpected `=` in array", _) => (problem("a key in an array", "braces around keys: { .. }"), true),
        ("unexpected key or value", _) => {
            (problem("something more on the line", "the end of the line, or a comment after `#`"), true)
        }
        ("unquoted keys cannot be empty", _) => (problem("an empty key", "letters, digits, `-` and `_`"), true),
        ("invalid unquoted key", _) if written == ":" => (problem("`:` after a key", "`=`"), true),
        ("invalid unquoted key", _) => {
            (problem("a key without quotes", "letters from a to z, digits, `-` and `_`, or quotes around it"), true)
        }
        (_, "valid TOML") if found.starts_with("cannot extend value") => {
            let is_point = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            let hint = is_point.then(|| POINT_HINT.to_owned());
            (Problem { hint, ..problem("a key inside another key's value", "a key of its own") }, false)
        }
        ("recursion limit", _) => (problem("nesting that is too deep", &format!("at most {DEPTH_LIMIT} levels")), true),
        (found, "nothing") => (problem(found, "none here"), true),
        (found, expected) => (problem(found, expected), true),
    }
}

/// How to write what lacks its quotes.
fn in_quotes(written: &str) -> Option<String> {
    const CURLY: [char; 5] = ['“', '”', '„', '‘', '’'];
    let inside = written.trim_matches(CURLY);
    if let Some(end) = [";", ","].into_iter().find(|end| inside.ends_with(end)) {
        return Some(format!("leave out the `{end}`"));
    }
    if written.len() > 60 || inside.contains(['"', '\\']) || inside.contains(CURLY) {
        return None;
    }
    let how = if inside.len() < written.len() { "with straight quotes" } else { "" };
    Some(format!("write \"{inside}\" {how}").trim_end().to_owned())
}

/// The parser's message for most values that are none.
const UNQUOTED: &str = "text without quotes";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_toml;

    #[test]
    fn all_syntax_errors_come_at_once() {
        let (_, problems) = parse_toml("a = 10s\nb = \"x\na = 1\nc = 99999999999999999999\n[t\n", 0);
        let found: Vec<&str> = problems.iter().map(|problem| problem.found.as_str()).collect();
        assert_eq!(
            found,
            ["text without quotes", "text without an end", "a key or table that is written twice", "unclosed table"]
        );
        assert_eq!(problems[0].hint.as_deref(), Some("write \"10s\""));
        let (_, problems) = parse_toml("a = “b c”", 0);
        assert_eq!(problems[0].hint.as_deref(), Some("write \"b c\" with straight quotes"));
        let (_, problems) = parse_toml("a = 1;", 0);
        assert_eq!(problems[0].hint.as_deref(), Some("leave out the `;`"));
    }

    #[test]
    fn an_array_without_an_end_is_one_mistake() {
        let text = "a = [\n  1,\n  2\nb = 3\n[t]\nc = 4\n";
        let (_, problems) = parse_toml(text, 0);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].found, "a key inside an array that has no end");
        assert_eq!(&text[problems[0].place.start as usize..problems[0].place.end as usize], "b");
    }

    #[test]
    fn the_parser_is_not_believed_where_it_is_lost() {
        for (text, expected) in [
            ("a = [b = 1]", "a key in an array"),
            ("a = { \"b\" }", "a key without a value"),
            ("a: 1", "`:` after a key"),
            ("a = 'b", "text without an end"),
            ("a = 'b\r\n", "text without an end"),
            ("a", "a key without a value"),
            ("a =", "a key without a value"),
            ("a = \"\"\"b\nc", "text without an end"),
            ("a = \"c:\\windows\"", "a backslash in text"),
            ("a = \"1\";", "something more on the line"),
            ("a.b. = 1", "an empty key"),
            ("ключ = 1", "a key without quotes"),
        ] {
            let (_, problems) = parse_toml(text, 0);
            let found: Vec<&str> = problems.iter().map(|problem| problem.found.as_str()).collect();
            assert_eq!(found, [expected], "{text}");
        }
    }

    #[test]
    fn a_key_with_a_point_needs_quotes() {
        let (_, problems) = parse_toml("a = { p99 = 1, p99.9 = 2 }\nb = 1\nb.c = 2\n", 0);
        assert_eq!(problems[0].hint.as_deref(), Some(POINT_HINT));
        assert_eq!(problems[1].hint, None);
    }
}
