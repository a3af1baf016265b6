//! Reading a file and the files that it extends.

use std::path::{Path, PathBuf};

use models::deployment::ALTERNATIVES;
use sim_settings::{Node, Place, Problem, Value, overlay, parse_toml};

use super::bounds::Confines;
use super::sources::{STDIN, Sources, Unreadable, read_text};

/// Most files in one chain. A longer chain is more likely a mistake than a plan.
const CHAIN_LIMIT: usize = 16;

/// The state of reading one experiment.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) sources: Sources,
    pub(super) problems: Vec<Problem>,
    /// The files being read, each extending the next; canonical, so that two spellings of one path are one file.
    chain: Vec<PathBuf>,
    pub(super) bounds: Confines,
    /// The trees of texts with questions, each by its source.
    pub(super) parsed: Vec<(u32, Node)>,
}

impl Reading {
    /// A state in which nothing is read yet.
    pub(super) fn new(bounds: Confines) -> Self {
        Self { sources: Sources::default(), problems: Vec::new(), chain: Vec::new(), bounds, parsed: Vec::new() }
    }

    /// The tree of the file at `path`, `-` being standard input, laid over that of the file it extends.
    pub(super) fn file(&mut self, path: &Path) -> Result<Node, Unreadable> {
        let text = read_text(path)?;
        self.chain.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = if path == Path::new(STDIN) { "standard input".to_owned() } else { path.display().to_string() };
        let source = self.sources.add(name, text, folder);
        Ok(self.parsed(source))
    }

    /// The tree of a source, laid over that of the file it extends.
    pub(super) fn parsed(&mut self, source: u32) -> Node {
        let (mut node, problems) = parse_toml(self.sources.text(source), source);
        if problems.is_empty() && node.entries().is_empty() {
            self.problems.push(Problem {
                found: "an empty file".to_owned(),
                expected: "an experiment".to_owned(),
                hint: Some("the files in experiments/ show what one looks like".to_owned()),
                ..Problem::at(node.place, "")
            });
        }
        self.problems.extend(problems);
        // Few files ask, and a tree is large.
        if self.sources.text(source).contains("QUESTION ") {
            self.parsed.push((source, node.clone()));
        }
        let Some((base, place)) = self.take_extends(&mut node) else { return node };
        match self.base(source, &base) {
            Ok(base) => overlay(&base, &node, &ALTERNATIVES),
            Err((expected, hint)) => {
                let found = format!("{base:?}");
                self.problems.push(Problem { found, expected, hint, ..Problem::at(place, "extends") });
                node
            }
        }
    }

    /// Removes the key `extends`, which has done its work once the file it names is read.
    fn take_extends(&mut self, node: &mut Node) -> Option<(String, Place)> {
        let Value::Table(entries) = &mut node.value else { return None };
        let index = entries.iter().position(|entry| entry.key == "extends")?;
        let written = entries.remove(index).node;
        if let Value::Text(base) = written.value {
            return Some((base, written.place));
        }
        self.problems.push(Problem {
            found: written.value.describe(),
            expected: "the path of an experiment file, relative to this one".to_owned(),
            ..Problem::at(written.place, "extends")
        });
        None
    }

    /// The tree of the file that `source` extends, or what should have been written and a hint.
    fn base(&mut self, source: u32, base: &str) -> Result<Node, (String, Option<String>)> {
        let path = self.sources.folder(source).join(base);
        self.bounds.hold(&path).map_err(|expected| (expected, None))?;
        if self.chain.len() >= CHAIN_LIMIT {
            return Err((format!("a chain of at most {CHAIN_LIMIT} files"), None));
        }
        if path.canonicalize().is_ok_and(|path| self.chain.contains(&path)) {
            let hint = "each file of a chain extends the next, and the last one extends none".to_owned();
            return Err(("a file that does not lead back to itself".to_owned(), Some(hint)));
        }
        self.file(&path).map_err(|reason| {
            let hint = format!("cannot read {}: {reason}", path.display());
            ("a file that can be read".to_owned(), Some(hint))
        })
    }
}
