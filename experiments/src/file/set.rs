//! `--set path=value`, and the settings of a sweep: changing single values of an experiment.

use std::ops::Range;
use std::path::Path;

use sim_settings::{Entry, Node, Place, Problem, Value, nearest, parse_toml, parse_value};

use super::sources::Sources;

/// Most elements of one path: files are not nested deeper either.
const PATH_LIMIT: usize = 32;

/// The element of an array that is not there yet: `alarms.+={..}` adds an alarm.
const NEW: &str = "+";

/// A value for a key, and where both are written, so that messages point there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// `path=value`, the text of an option.
    Argument {
        /// The option, such as `--set`.
        option: &'static str,
        /// The text.
        text: String,
    },
    /// One of the values that a sweep gives to a key.
    Varied {
        /// The key's path.
        key: String,
        /// TOML, or plain words that stand for a TOML string.
        value: String,
        /// Where they are written.
        origin: Origin,
    },
}

/// Where a key that is varied and its value are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a text of the option `--vary`, at these bytes of it. A value that is drawn from a range has the place of the
    /// range.
    Argument {
        /// The text.
        text: String,
        /// The bytes of the key.
        key: Range<usize>,
        /// The bytes of the value.
        value: Range<usize>,
    },
    /// In one of the files of the experiment, which are read in the same order each time.
    File {
        /// The place of the key.
        key: Place,
        /// The place of the value.
        value: Place,
    },
}

impl Setting {
    /// The text of `--set`.
    pub fn set(text: impl Into<String>) -> Self {
        Self::Argument { option: "--set", text: text.into() }
    }
}

/// Applies the settings in order and returns the problems. Each argument is a source of its own under the name of its
/// option.
pub(super) fn apply(root: &mut Node, settings: &[Setting], sources: &mut Sources) -> Vec<Problem> {
    let mut problems = Vec::new();
    for setting in settings {
        let parsed = match setting {
            Setting::Argument { option, text } => {
                let source = sources.add((*option).to_owned(), text.clone(), Path::new("").to_owned());
                Piece { text, place: Place::of(source, 0..text.len()), verbatim: true }.assignment()
            }
            Setting::Varied { key, value, origin } => {
                let places = match origin {
                    Origin::Argument { text, key, value } => {
                        let source = sources.add("--vary".to_owned(), text.clone(), Path::new("").to_owned());
                        [key, value].map(|bytes| Place::of(source, bytes.clone()))
                    }
                    Origin::File { key, value } => [*key, *value],
                };
                let [key, value] = [(key, places[0]), (value, places[1])].map(|(text, place)| Piece {
                    text,
                    place,
                    verbatim: sources.text(place.source).get(place.bytes()) == Some(text.as_str()),
                });
                key.path().and_then(|path| Ok((path, value.value()?)))
            }
        };
        let done = parsed.and_then(|(path, value)| assign(root, &path, value));
        problems.extend(done.err().map(|problem| *problem));
    }
    problems
}

/// One element of a path and where it stands.
#[derive(Debug)]
struct Step {
    key: String,
    place: Place,
}

/// A path, a value or both, and where they are written.
struct Piece<'a> {
    text: &'a str,
    place: Place,
    /// Whether exactly this text stands there, so that parts of it have places of their own.
    verbatim: bool,
}

impl Piece<'_> {
    /// A path and a value.
    fn assignment(&self) -> Result<(Vec<Step>, Node), Box<Problem>> {
        let (steps, end) = self.steps()?;
        let Some(end) = end else { return Err(self.malformed("no assignment", 0, self.text.len())) };
        let value = Piece { text: &self.text[end..], place: self.at(end, self.text.len()), verbatim: self.verbatim };
        Ok((steps, value.value()?))
    }

    /// A path without a value.
    fn path(&self) -> Result<Vec<Step>, Box<Problem>> {
        match self.steps()? {
            (steps, None) => Ok(steps),
            (_, Some(end)) => Err(self.malformed("an assignment in a key", 0, end)),
        }
    }

    fn value(&self) -> Result<Node, Box<Problem>> {
        let start = self.skip_space(0);
        let value = self.text[start..].trim_end();
        let place = self.at(start, start + value.len());
        if let Some(mut node) = parse_value(value, place.source) {
            if self.verbatim {
                shift(&mut node, place.start);
            } else {
                put(&mut node, place);
            }
            return Ok(node);
        }
        // Text without quotes is accepted, but not a text that begins like a value of TOML and is none.
        if value.starts_with(['{', '[', '"', '\'']) {
            let expected = "a complete TOML value, or plain text".to_owned();
            let found = "an incomplete value".to_owned();
            return Err(Box::new(Problem { found, expected, ..Problem::at(place, "") }));
        }
        Ok(Node { value: Value::Text(value.to_owned()), place })
    }

    /// The path before the first `=`, or all of it, and where the value begins, if there is one. Elements may be
    /// quoted, as keys in TOML.
    fn steps(&self) -> Result<(Vec<Step>, Option<usize>), Box<Problem>> {
        let mut steps = Vec::new();
        let mut at = 0;
        loop {
            at = self.skip_space(at);
            let rest = &self.text[at..];
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (key, length) = if let Some(quote) = quote {
                let found = "a quoted key that does not end";
                let end = rest[1..].find(quote).ok_or_else(|| self.malformed(found, at, self.text.len()))?;
                (&rest[1..=end], end + 2)
            } else {
                let key = rest[..rest.find(['.', '=']).unwrap_or(rest.len())].trim_end();
                (key, key.len())
            };
            if key.is_empty() {
                return Err(self.malformed("an empty key", at, at + length));
            }
            if steps.len() == PATH_LIMIT {
                return Err(self.malformed(&format!("more than {PATH_LIMIT} keys"), at, at + length));
            }
            steps.push(Step { key: key.to_owned(), place: self.at(at, at + length) });
            at = self.skip_space(at + length);
            match self.text[at..].chars().next() {
                Some('.') => at += 1,
                Some('=') => return Ok((steps, Some(at + 1))),
                None => return Ok((steps, None)),
                Some(_) => return Err(self.malformed("no assignment", 0, self.text.len())),
            }
        }
    }

    fn skip_space(&self, at: usize) -> usize {
        self.text.len() - self.text[at..].trim_start().len()
    }

    fn malformed(&self, found: &str, start: usize, end: usize) -> Box<Problem> {
        Box::new(Problem {
            found: found.to_owned(),
            expected: "path=value, such as dns.ttl=30s".to_owned(),
            ..Problem::at(self.at(start, end), "")
        })
    }

    /// The place of a part, by its bytes.
    fn at(&self, start: usize, end: usize) -> Place {
        if !self.verbatim {
            return self.place;
        }
        let from = self.place.start as usize;
        Place::of(self.place.source, from + start..from + end)
    }
}

/// Gives every value of a tree the same place.
fn put(node: &mut Node, at: Place) {
    node.place = at;
    match &mut node.value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| put(element, at)),
        Value::Table(entries) => {
            for entry in entries {
                entry.key_place = at;
                put(&mut entry.node, at);
            }
        }
        _ => {}
    }
}

/// Moves a tree that was parsed on its own to where it stands in the argument.
fn shift(node: &mut Node, by: u32) {
    let moved = |place: &mut Place| {
        place.start = place.start.saturating_add(by);
        place.end = place.end.saturating_add(by);
    };
    moved(&mut node.place);
    match &mut node.value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| shift(element, by)),
        Value::Table(entries) => {
            for entry in entries {
                moved(&mut entry.key_place);
                shift(&mut entry.node, by);
            }
        }
        _ => {}
    }
}

/// Walks to the path's end, making tables on the way, and puts the value there.
fn assign(root: &mut Node, path: &[Step], value: Node) -> Result<(), Box<Problem>> {
    if path.first().is_some_and(|step| step.key == "extends") {
        let expected = "a key of the experiment".to_owned();
        let found = "a key that only a file can say".to_owned();
        return Err(Box::new(Problem { found, expected, ..Problem::at(path[0].place, "extends") }));
    }
    let mut node = root;
    let mut walked = String::new();
    for (index, step) in path.iter().enumerate() {
        let adds = path.get(index + 1).is_some_and(|next| next.key == NEW);
        let before = walked.clone();
        walked = if walked.is_empty() { step.key.clone() } else { format!("{walked}.{}", step.key) };
        node = match &mut node.value {
            Value::Table(entries) => child(entries, step, adds),
            Value::Array(elements) => element(elements, step, &walked)?,
            other => {
                return Err(Box::new(Problem {
                    found: format!("a key of {}", other.describe()),
                    expected: format!("the path to end at {before}"),
                    ..Problem::at(step.place, walked)
                }));
            }
        };
    }
    *node = value;
    Ok(())
}

/// What a resolved text has at a path such as `dns.ttl` or `faults.1.probability`, as TOML; nothing where it says nothing.
pub(crate) fn written(resolved: &str, path: &str) -> Option<String> {
    let (node, problems) = parse_toml(resolved, 0);
    if !problems.is_empty() {
        return None;
    }
    let piece = Piece { text: path, place: Place::of(0, 0..path.len()), verbatim: true };
    let mut at = &node;
    for step in piece.path().ok()? {
        at = match &at.value {
            Value::Table(entries) => &entries.iter().find(|entry| entry.key == step.key)?.node,
            Value::Array(elements) => &elements[place_of(elements, &step.key)?],
            _ => return None,
        };
    }
    Some(super::value_text(&at.value))
}

/// The elements of a path; none if it is no path.
pub(super) fn elements(path: &str) -> Option<Vec<String>> {
    let piece = Piece { text: path, place: Place::of(0, 0..path.len()), verbatim: true };
    Some(piece.path().ok()?.into_iter().map(|step| step.key).collect())
}

/// The value of a key, or the new empty table that is put there; an empty array where an element is to be added.
fn child<'a>(entries: &'a mut Vec<Entry>, step: &Step, adds: bool) -> &'a mut Node {
    let index = entries.iter().position(|entry| entry.key == step.key).unwrap_or_else(|| {
        let value = if adds { Value::Array(Vec::new()) } else { Value::Table(Vec::new()) };
        let node = Node { value, place: step.place };
        entries.push(Entry { key: step.key.clone(), key_place: step.place, node });
        entries.len() - 1
    });
    let entry = &mut entries[index];
    // This argument wrote the key, so messages about it point here.
    entry.key_place = step.place;
    &mut entry.node
}

/// The index of an element by the text under its key `name`, or else by its number from 0.
pub(super) fn place_of(elements: &[Node], key: &str) -> Option<usize> {
    let named = elements.iter().position(|element| element.get("name").and_then(Node::text) == Some(key));
    named.or_else(|| key.parse().ok().filter(|index| *index < elements.len()))
}

fn element<'a>(elements: &'a mut Vec<Node>, step: &Step, walked: &str) -> Result<&'a mut Node, Box<Problem>> {
    let name = |node: &Node| node.get("name").and_then(Node::text).map(str::to_owned);
    if step.key == NEW {
        elements.push(Node { value: Value::Table(Vec::new()), place: step.place });
        let last = elements.len() - 1;
        return Ok(&mut elements[last]);
    }
    if let Some(index) = place_of(elements, &step.key) {
        return Ok(&mut elements[index]);
    }
    let names: Vec<String> = elements.iter().filter_map(name).take(16).collect();
    let expected = match (names.as_slice(), elements.len()) {
        (_, 0) => "nothing, because the array is empty".to_owned(),
        ([], count) => format!("a number from 0 to {}", count - 1),
        (names, _) => format!("one of {}", names.join(", ")),
    };
    let nearest = nearest(&step.key, names.iter().map(String::as_str)).map(str::to_owned);
    Err(Box::new(Problem { found: "no such element".to_owned(), expected, nearest, ..Problem::at(step.place, walked) }))
}
