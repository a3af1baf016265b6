//! Reading a file and the files that it extends, packs among them.

use std::path::{Path, PathBuf};

use models::deployment::ALTERNATIVES;
use sim_settings::{Node, Place, Problem, Value, nearest, overlay, parse_toml};

use super::bounds::Confines;
use super::pack::{self, Pack};
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
    /// Packs that a file extends: they are laid over the whole in the end.
    pub(super) packs: Vec<Pack>,
    /// The trees of texts with questions, each by its source.
    pub(super) parsed: Vec<(u32, Node)>,
}

impl Reading {
    /// A state in which nothing is read yet.
    pub(super) fn new(bounds: Confines) -> Self {
        Self {
            sources: Sources::default(),
            problems: Vec::new(),
            chain: Vec::new(),
            bounds,
            packs: Vec::new(),
            parsed: Vec::new(),
        }
    }

    /// The tree of the file at `path`, `-` being standard input, laid over that of the file it extends.
    pub(super) fn file(&mut self, path: &Path) -> Result<Node, Unreadable> {
        let text = read_text(path)?;
        self.chain.push(path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let name = if path == Path::new(STDIN) { "standard input".to_owned() } else { path.display().to_string() };
        let source = self.sources.add(name, text, folder);
        let node = self.parsed(source);
        self.chain.pop();
        Ok(node)
    }

    /// The tree of a source, laid over those of the files it extends, which lie over each other in their order.
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
        let mut below: Option<Node> = None;
        for (base, place) in self.take_extends(&mut node) {
            match self.base(source, &base) {
                Ok(base) if pack::is_pack(&base) => {
                    self.packs.push(Pack { node: base, place, path: "extends", region: None });
                }
                Ok(base) => {
                    below = Some(below.map_or_else(|| base.clone(), |below| overlay(&below, &base, &ALTERNATIVES)));
                }
                Err((expected, hint)) => {
                    let found = format!("{base:?}");
                    self.problems.push(Problem { found, expected, hint, ..Problem::at(place, "extends") });
                }
            }
        }
        below.map_or_else(|| node.clone(), |below| overlay(&below, &node, &ALTERNATIVES))
    }

    /// The pack of this name, or in the file of this name, that an argument names: `NAME`, or `NAME@REGION`.
    pub(super) fn pack(&mut self, argument: &str) {
        let source = self.sources.add("--pack".to_owned(), argument.to_owned(), PathBuf::new());
        let place = Place::of(source, 0..argument.len());
        let (name, region) = argument.split_once('@').map_or((argument, None), |(name, region)| (name, Some(region)));
        let read = match pack::known(name) {
            Some(text) => {
                let source = self.sources.add(format!("packs/{name}.toml"), text.to_owned(), PathBuf::new());
                Ok(self.parsed(source))
            }
            None => self.base(source, name),
        };
        let (found, expected, hint) = match read {
            Ok(node) if pack::is_pack(&node) => {
                let region = region.map(str::to_owned);
                self.packs.push(Pack { node, place, path: "--pack", region });
                return;
            }
            Ok(_) => (format!("{name:?}"), "a file with a table `[pack]`".to_owned(), None),
            Err((_, hint)) => {
                let names = pack::pack_names().collect::<Vec<_>>().join(", ");
                let near = nearest(name, pack::pack_names()).map(|near| format!("did you mean {near}?"));
                (format!("{name:?}"), format!("one of {names}, or the path of a pack"), near.or(hint))
            }
        };
        self.problems.push(Problem { found, expected, hint, ..Problem::at(place, "--pack") });
    }

    /// Removes the key `extends`, which has done its work once the files it names are read.
    fn take_extends(&mut self, node: &mut Node) -> Vec<(String, Place)> {
        let Value::Table(entries) = &mut node.value else { return Vec::new() };
        let Some(index) = entries.iter().position(|entry| entry.key == "extends") else { return Vec::new() };
        let written = entries.remove(index).node;
        let list = match written.value {
            Value::Array(all) if !all.is_empty() => all,
            value => vec![Node { value, ..written }],
        };
        let mut files = Vec::new();
        for one in list {
            match one.value {
                Value::Text(base) => files.push((base, one.place)),
                value => self.problems.push(Problem {
                    found: value.describe(),
                    expected: "the path of an experiment file, relative to this one, or a list of such paths"
                        .to_owned(),
                    ..Problem::at(one.place, "extends")
                }),
            }
        }
        files
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
