//! Questions that a file leaves open: comments such as `# QUESTION 7: how many requests?`, which `mrsim import` writes beside its
//! guesses. Taking the comment away answers the question.

use serde::{Deserialize, Serialize};

use schemars::JsonSchema;
use sim_settings::{Node, Place, Value};

use super::sources::Sources;

/// A question that a file leaves open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct OpenQuestion {
    /// The key whose value is a guess; empty where the comment stands by itself.
    pub path: String,
    /// The question, as the comment has it.
    pub question: String,
}

/// A question and the place of the value that it is about.
#[derive(Debug, Clone)]
pub(super) struct Found {
    question: OpenQuestion,
    value: Option<Place>,
}

/// What such a comment begins with, after the sign and a space.
const MARK: &str = "QUESTION ";

/// The questions of one text, whose tree `node` is.
pub(super) fn find(text: &str, source: u32, node: &Node) -> Vec<Found> {
    let mut found = Vec::new();
    for start in comments(text) {
        let line = text[start..].lines().next().unwrap_or_default();
        let words = line.trim_start_matches('#').trim();
        let Some(words) = words.strip_prefix(MARK) else { continue };
        let Some((number, words)) = words.split_once(':') else { continue };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let (path, value) = match value_before(node, source, begin, start) {
            Some((path, place)) => (path, Some(place)),
            None => (String::new(), None),
        };
        found.push(Found { question: OpenQuestion { path, question: words.trim().to_owned() }, value });
    }
    found
}

/// Those that nothing has answered: a file that extends another, or `--set`, answers by writing the value anew.
pub(super) fn open(found: Vec<Found>, root: &Node) -> Vec<OpenQuestion> {
    let stands = |one: &Found| match one.value {
        None => true,
        Some(place) => holds(root, place),
    };
    found.into_iter().filter(stands).map(|one| one.question).collect()
}

/// Questions as comments, which read back to the same.
pub(super) fn comments_of(questions: &[OpenQuestion]) -> String {
    let line = |(index, one): (usize, &OpenQuestion)| {
        let about = if one.path.is_empty() { String::new() } else { format!("{}: ", one.path) };
        format!("# {MARK}{}: {about}{}\n", index + 1, one.question)
    };
    questions.iter().enumerate().map(line).collect()
}

fn holds(node: &Node, place: Place) -> bool {
    node.place == place
        || match &node.value {
            Value::Table(entries) => entries.iter().any(|entry| holds(&entry.node, place)),
            Value::Array(elements) => elements.iter().any(|element| holds(element, place)),
            _ => false,
        }
}

/// The outermost value that ends on the line between `begin` and `end`, and its path.
fn value_before(node: &Node, source: u32, begin: usize, end: usize) -> Option<(String, Place)> {
    let mut open: Vec<(String, &Node)> = vec![(String::new(), node)];
    let mut best: Option<(String, Place)> = None;
    while let Some((path, node)) = open.pop() {
        match &node.value {
            Value::Table(entries) => {
                for entry in entries {
                    let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
                    let (key, place) = (entry.key_place.bytes(), entry.node.place);
                    let here = place.source == source
                        && key.start >= begin
                        && place.bytes().end <= end
                        && place.bytes().end > begin;
                    // The key stands on the line itself, so a table with a header is none of these.
                    if here
                        && key.end <= place.bytes().start
                        && best.as_ref().is_none_or(|(_, other)| place.end > other.end)
                    {
                        best = Some((path.clone(), place));
                    }
                    open.push((path, &entry.node));
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    let name =
                        element.get("name").and_then(Node::text).map_or_else(|| index.to_string(), str::to_owned);
                    open.push((format!("{path}.{name}"), element));
                }
            }
            _ => {}
        }
    }
    best
}

/// Where comments begin: at signs that stand in no string.
fn comments(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'#' => {
                found.push(at);
                at = text[at..].find('\n').map_or(bytes.len(), |end| at + end);
            }
            quote @ (b'"' | b'\'') => {
                let long = bytes[at..].starts_with(&[quote; 3]);
                at += if long { 3 } else { 1 };
                while at < bytes.len() {
                    match bytes[at] {
                        b'\\' if quote == b'"' => at += 2,
                        b'\n' if !long => break,
                        sign if sign == quote && (!long || bytes[at..].starts_with(&[quote; 3])) => {
                            at += if long { 3 } else { 1 };
                            break;
                        }
                        _ => at += 1,
                    }
                }
            }
            _ => at += 1,
        }
    }
    found
}

/// All open questions of the texts that took part, with the trees that they were parsed to.
pub(super) fn of_all(parsed: Vec<(u32, Node)>, sources: &Sources, root: &Node) -> Vec<OpenQuestion> {
    let found = parsed.into_iter().flat_map(|(source, node)| find(sources.text(source), source, &node)).collect();
    open(found, root)
}

#[cfg(test)]
mod tests {
    use super::OpenQuestion;
    use crate::file::{Setting, load, load_text};

    const TEXT: &str = "name = \"a # QUESTION 1: no\"\nhorizon = \"1h\"   # QUESTION 2: how long?\n# QUESTION 3: x: what?\n\
        # a QUESTION 4: no\n[[clients]]\nname = \"near\"\nrate = { a = 1, b = [1, 2] } # QUESTION 12: how many?; note\n";

    fn of(text: &str, sets: &[&str]) -> Vec<(String, String)> {
        let sets: Vec<Setting> = sets.iter().map(|set| Setting::set(*set)).collect();
        let loaded = load_text("a.toml", text, &[], &sets).expect("loads");
        loaded.questions.into_iter().map(|OpenQuestion { path, question }| (path, question)).collect()
    }

    #[test]
    fn comments_are_questions_and_strings_are_not() {
        let expected = [("horizon", "how long?"), ("", "x: what?"), ("clients.near.rate", "how many?; note")];
        let expected = expected.map(|(path, question)| (path.to_owned(), question.to_owned()));
        assert_eq!(of(TEXT, &[]), expected);
    }

    #[test]
    fn a_value_written_anew_answers() {
        assert_eq!(of(TEXT, &["horizon=2h"]).len(), 2);
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.toml"), TEXT).expect("written");
        let over = folder.path().join("b.toml");
        std::fs::write(&over, "extends = \"a.toml\"\nhorizon = \"3h\"\n").expect("written");
        assert_eq!(load(&over, &[], &[], None).expect("loads").questions.len(), 2);
    }

    #[test]
    fn the_resolved_text_keeps_what_is_open() {
        let first = load_text("a.toml", TEXT, &[], &[]).expect("loads");
        let again = load_text("b.toml", &first.resolved, &[], &[]).expect("loads");
        assert_eq!((again.questions.len(), &again.resolved), (3, &first.resolved));
        let none = load_text("c.toml", "name = \"a\"\n", &[], &[]).expect("loads");
        assert_eq!(none.resolved, "name = \"a\"\n");
    }
}
