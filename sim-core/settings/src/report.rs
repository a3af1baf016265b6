//! The outcome of a read: mistakes, and defaults that were used.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::figure::{Amount, Figure, Provenance};
use super::key::{KeyDefault, Mark};
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
    /// The value that was written.
    pub found: String,
    /// The values that are possible.
    pub expected: String,
    /// The valid name that was probably meant.
    pub nearest: Option<String>,
    /// Advice.
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
    /// The source.
    pub source: &'static str,
}

/// Gathers what one read finds out. Sections share it, so several may be open at once.
#[derive(Debug, Default)]
pub struct Report {
    inner: RefCell<Inner>,
    /// Figures that take the place of what is written, by their paths.
    replaced: BTreeMap<String, Amount>,
}

#[derive(Debug, Default)]
struct Inner {
    problems: Vec<Problem>,
    /// Problems across keys, which mean nothing where one of the keys is wrong by itself; with the paths of these keys.
    rejections: Vec<(Problem, Vec<String>)>,
    /// Tables that are read as parts of other ones.
    shared: Vec<Shared>,
    defaults: Noted<UsedDefault>,
    figures: Noted<Figure>,
}

/// Things under paths in the order in which they were first noted. Forgetting one costs no walk over the others.
#[derive(Debug)]
struct Noted<T> {
    all: Vec<Option<T>>,
    places: BTreeMap<String, usize>,
}

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self { all: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T> Noted<T> {
    /// Notes what stands at a path, unless something is noted there.
    fn note(&mut self, path: &str, thing: impl FnOnce() -> T) {
        if !self.places.contains_key(path) {
            self.places.insert(path.to_owned(), self.all.len());
            self.all.push(Some(thing()));
        }
    }

    fn forget(&mut self, path: &str) {
        if let Some(place) = self.places.remove(path) {
            self.all[place] = None;
        }
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.all.iter().flatten()
    }
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

    /// A report on a text in which other figures take the place of those at these paths, as [`Figure::paths`] names them.
    /// The text itself is checked as it is written; it tells no figures.
    pub fn replacing(figures: BTreeMap<String, Amount>) -> Self {
        Self { replaced: figures, ..Self::default() }
    }

    /// A cursor over the whole text.
    pub fn root<'a>(&'a self, node: &'a Node) -> Section<'a> {
        Section::over(self, node, String::new())
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

    /// Records that the value at `path` was written in `node`, or laid over it: problems of that value are told at
    /// `origin`.
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
        self.inner.borrow().defaults.iter().cloned().collect()
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

    /// The default at `path` makes no difference to anything.
    pub(crate) fn forget_default(&self, path: &str) {
        let mut inner = self.inner.borrow_mut();
        inner.defaults.forget(path);
        inner.figures.forget(path);
    }

    /// The figure that takes the place of the one at `path`.
    pub(crate) fn replacement(&self, path: &str) -> Option<&Amount> {
        self.replaced.get(path)
    }

    pub(crate) fn record_figure(&self, path: &str, figure: impl FnOnce() -> Figure) {
        if !self.replaced.is_empty() {
            return;
        }
        self.inner.borrow_mut().figures.note(path, figure);
    }

    /// Every figure that was read, in the order of asking, each once: what several regions take from one table, and one
    /// guess that several tables use as their default, is one figure with several paths.
    pub fn figures(&self) -> Vec<Figure> {
        let inner = self.inner.borrow();
        let mut found: Vec<Figure> = Vec::new();
        let mut known: BTreeMap<(String, &str, &str), usize> = BTreeMap::new();
        for figure in inner.figures.iter() {
            let mut figure = figure.clone();
            let shared = inner
                .shared
                .iter()
                .find(|shared| is_part(&figure.path, &shared.path) && shared.places.contains(&figure.place));
            if let Some(Shared { path, origin, .. }) = shared {
                figure.path.replace_range(..path.len(), origin);
            }
            let identity = match (&figure.provenance, figure.key.default) {
                (Provenance::Default { mark: Mark::Assumed, source }, KeyDefault::Value { text, .. }) => {
                    (figure.key.name.to_owned(), text, *source)
                }
                _ => (figure.path.clone(), "", ""),
            };
            if let Some(&index) = known.get(&identity) {
                found[index].paths.append(&mut figure.paths);
            } else {
                known.insert(identity, found.len());
                found.push(figure);
            }
        }
        found
    }

    pub(crate) fn record_default(&self, used: UsedDefault) {
        self.inner.borrow_mut().defaults.note(&used.path.clone(), || used);
    }
}

/// Whether `path` is that of what stands at `whole`, or of a part of it. Parts of the whole text do not count.
fn is_part(path: &str, whole: &str) -> bool {
    let rest = path.strip_prefix(whole).filter(|_| !whole.is_empty());
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
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
