//! What one read found out: mistakes, defaults that were used, and the description of every key.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::key::{Key, KeyDefault, Mark};
use super::section::Section;
use super::tree::{Node, Place, Value};

/// Problems kept. A file with more has one cause, and nobody reads that far.
const PROBLEM_LIMIT: usize = 1_000;

/// One mistake in a text. The parts are fragments: "found {found}, expected {expected}".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key, such as `dns.health-check.interval`; empty if the text could not be parsed at all.
    pub path: String,
    /// What was written.
    pub found: String,
    /// What could have been written.
    pub expected: String,
    /// The valid name that was probably meant.
    pub nearest: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem of `path` at `place` that says nothing yet.
    pub fn at(place: Place, path: impl Into<String>) -> Self {
        Self { place, path: path.into(), ..Self::default() }
    }
}

/// A default that was used because its key was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedDefault {
    /// The key, such as `dns.propagation`.
    pub path: String,
    /// The value, as TOML.
    pub text: &'static str,
    /// How far to trust it.
    pub mark: Mark,
    /// Where it comes from.
    pub source: &'static str,
}

/// What a key takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A duration.
    Duration,
    /// A distribution over durations.
    Delay,
    /// A distribution over plain numbers.
    Quantity,
    /// A number.
    Number,
    /// A number of times per second, or `"2 per year"`.
    Rate,
    /// A number from 0 to 1, or `"99.95%"`.
    Share,
    /// A whole number.
    Count,
    /// `true` or `false`.
    Flag,
    /// Free text.
    Text,
    /// One of these words.
    Choice(Vec<&'static str>),
    /// The name of something defined elsewhere.
    Name,
    /// Several such names.
    Names,
    /// A table from such names to numbers.
    NumbersByName,
    /// A table from such names to durations.
    DurationsByName,
    /// A table from such names to other names.
    NamesByName,
    /// A table with keys of its own.
    Section,
    /// An array of such tables.
    Sections,
    /// A table of such tables under names of the author's choice.
    Named,
    /// One of two forms.
    Either(Box<(Kind, Kind)>),
    /// A form of its own.
    Other,
}

impl Kind {
    /// One form or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Either(Box::new((self, other)))
    }
}

/// The description of one key that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// The key, with `*` for what the author names: `clients.*.requests-per-second`.
    pub path: String,
    /// What it takes.
    pub kind: Kind,
    /// Its meaning, default and range.
    pub key: Key,
    /// In tables that say what they are by a text called `kind`: each kind with what the key means there, which may have
    /// another default, and whose first is [`KeyRecord::key`].
    pub by_kind: Vec<(String, Key)>,
}

impl KeyRecord {
    /// The path of the table that the key stands in; empty for the file itself. A key may have points of its own.
    pub fn parent(&self) -> &str {
        self.path.strip_suffix(self.key.name).map_or("", |parent| parent.trim_end_matches('.'))
    }
}

/// Gathers what one read finds out. Sections share it, so several may be open at once.
#[derive(Debug, Default)]
pub struct Report {
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    problems: Vec<Problem>,
    /// Problems across keys, which mean nothing where one of the keys is wrong by itself; with the paths of these keys.
    rejections: Vec<(Problem, Vec<String>)>,
    /// Tables that are read as parts of other ones.
    shared: Vec<Shared>,
    defaults: Vec<UsedDefault>,
    default_paths: BTreeSet<String>,
    keys: Vec<KeyRecord>,
    key_paths: BTreeSet<(String, String, &'static str, &'static str)>,
}

/// A table that is read under one path or several, and stands at another.
#[derive(Debug)]
struct Shared {
    path: String,
    origin: String,
    places: BTreeSet<Place>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// A cursor over the whole text.
    pub fn root<'a>(&'a self, node: &'a Node) -> Section<'a> {
        Section::over(self, node, String::new(), String::new())
    }

    /// Adds a problem that a reader found by itself.
    pub fn problem(&self, problem: Problem) {
        let mut inner = self.inner.borrow_mut();
        if inner.problems.len() < PROBLEM_LIMIT {
            inner.problems.push(problem);
        }
    }

    /// Adds a problem that comes of the values at these paths. It is dropped if any of them, or a part of it, is wrong by
    /// itself: shares that do not sum to 1 because one of them was no share are not a second mistake.
    pub(crate) fn rejection(&self, problem: Problem, paths: Vec<String>) {
        let mut inner = self.inner.borrow_mut();
        if inner.rejections.len() < PROBLEM_LIMIT {
            inner.rejections.push((problem, paths));
        }
    }

    /// What is read at `path` was written in `node`, or laid over it: problems of what stands there are told at `origin`.
    pub(crate) fn share(&self, node: &Node, path: String, origin: String) {
        let mut places = BTreeSet::new();
        gather(node, &mut places);
        self.inner.borrow_mut().shared.push(Shared { path, origin, places });
    }

    /// All problems in the order of their places, each once, even if its text was read in several roles.
    pub fn problems(&self) -> Vec<Problem> {
        let inner = self.inner.borrow();
        let mut problems = inner.problems.clone();
        let sound = inner.rejections.iter().filter(|(_, paths)| paths.iter().all(|path| self.is_sound(path)));
        problems.extend(sound.map(|(problem, _)| problem.clone()));
        for problem in &mut problems {
            let shared = inner
                .shared
                .iter()
                .find(|shared| is_part(&problem.path, &shared.path) && shared.places.contains(&problem.place));
            if let Some(Shared { path, origin, .. }) = shared {
                problem.path.replace_range(..path.len(), origin);
            }
        }
        problems.sort_by_key(|problem| problem.place);
        let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
        for problem in problems {
            let same = |other: &&Problem| {
                other.place == problem.place && other.found == problem.found && other.expected == problem.expected
            };
            // A missing key stands at its section's header, beside others like it: there the path tells them apart.
            let here = kept.iter().rev().take_while(|other| other.place == problem.place);
            let repeated = here.filter(same).any(|other| last_key(&other.path) == last_key(&problem.path));
            if !repeated {
                kept.push(problem);
            }
        }
        kept
    }

    /// Every default that was used, in the order of asking.
    pub fn used_defaults(&self) -> Vec<UsedDefault> {
        self.inner.borrow().defaults.clone()
    }

    /// Every key that was asked for, in the order of asking, each once.
    pub fn keys(&self) -> Vec<KeyRecord> {
        self.inner.borrow().keys.clone()
    }

    /// Whether nothing was found wrong so far with what stands at `path`.
    pub(crate) fn is_sound(&self, path: &str) -> bool {
        !self.inner.borrow().problems.iter().any(|problem| is_part(&problem.path, path))
    }

    /// How many problems there are so far. A reader that compares two counts knows whether a part of it failed.
    pub(crate) fn count(&self) -> usize {
        let inner = self.inner.borrow();
        inner.problems.len() + inner.rejections.len()
    }

    /// Whether further problems would be dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.inner.borrow().problems.len() >= PROBLEM_LIMIT
    }

    /// `table` is what the key's table says to be, if it says so.
    pub(crate) fn record_key(&self, path: String, kind: Kind, key: Key, table: Option<&str>) {
        let mut inner = self.inner.borrow_mut();
        let owner = table.unwrap_or_default().to_owned();
        let default = match key.default {
            KeyDefault::Value { text, .. } => text,
            KeyDefault::Required | KeyDefault::Optional => "",
        };
        if inner.key_paths.insert((path.clone(), owner, key.meaning, default)) {
            let by_kind = table.map(|table| (table.to_owned(), key)).into_iter().collect();
            inner.keys.push(KeyRecord { path, kind, key, by_kind });
        }
    }

    /// The default at `path` makes no difference to anything.
    pub(crate) fn forget_default(&self, path: &str) {
        let mut inner = self.inner.borrow_mut();
        if inner.default_paths.remove(path) {
            inner.defaults.retain(|used| used.path != path);
        }
    }

    pub(crate) fn record_default(&self, used: UsedDefault) {
        let mut inner = self.inner.borrow_mut();
        if inner.default_paths.insert(used.path.clone()) {
            inner.defaults.push(used);
        }
    }
}

/// Whether `path` is that of what stands at `whole`, or of a part of it. Parts of the whole text do not count.
fn is_part(path: &str, whole: &str) -> bool {
    let rest = path.strip_prefix(whole).filter(|_| !whole.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The places of a tree's keys and values.
fn gather(node: &Node, places: &mut BTreeSet<Place>) {
    places.insert(node.place);
    for entry in node.entries() {
        places.insert(entry.key_place);
        gather(&entry.node, places);
    }
    if let Value::Array(elements) = &node.value {
        for element in elements {
            gather(element, places);
        }
    }
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
