//! The texts that places point into.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sim_settings::Place;

use super::SIZE_LIMIT;
use super::view::View;
use crate::finding::Spot;

/// Every text that took part in one experiment: its file, the files that it extends, `--set` arguments.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
    folder: PathBuf,
}

impl Sources {
    /// Adds a text under the name that messages give it; file names in the text are relative to `folder`.
    pub fn add(&mut self, name: String, text: String, folder: PathBuf) -> u32 {
        self.list.push(Source { name, text, folder });
        u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
    }

    /// The name of a text, as messages show it.
    pub fn name(&self, source: u32) -> &str {
        self.get(source).map_or("", |source| &source.name)
    }

    /// A text, whole.
    pub fn text(&self, source: u32) -> &str {
        self.get(source).map_or("", |source| &source.text)
    }

    /// The folder to which file names in a text are relative.
    pub fn folder(&self, source: u32) -> &Path {
        self.get(source).map_or(Path::new(""), |source| &source.folder)
    }

    /// A place as file, line and column.
    pub fn spot(&self, place: Place) -> Spot {
        let View { line, column, .. } = View::of(place, self.text(place.source));
        Spot { file: self.name(place.source).to_owned(), line, column }
    }

    fn get(&self, source: u32) -> Option<&Source> {
        usize::try_from(source).ok().and_then(|index| self.list.get(index))
    }
}

/// Why a file cannot be read, as the end of a sentence.
#[derive(Debug)]
pub(super) struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name that stands for standard input.
pub(super) const STDIN: &str = "-";

/// The text of standard input. It can be read only once, and every point of a sweep asks for it.
static ON_STDIN: OnceLock<Result<String, String>> = OnceLock::new();

/// The text of a file of at most [`SIZE_LIMIT`] bytes, or of standard input under the name `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Unreadable> {
    if path == Path::new(STDIN) {
        let read = || read_all(std::io::stdin().lock()).map_err(|Unreadable(reason)| reason);
        return ON_STDIN.get_or_init(read).clone().map_err(Unreadable);
    }
    // Asked first, because opening a directory behaves differently on each platform.
    if path.is_dir() {
        return Err(Unreadable("it is a directory".to_owned()));
    }
    read_all(File::open(path).map_err(|error| outside(&error))?)
}

fn outside(error: &std::io::Error) -> Unreadable {
    Unreadable(match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        std::io::ErrorKind::NotADirectory => "part of the path is no directory".to_owned(),
        _ => error.to_string(),
    })
}

fn read_all(reader: impl Read) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    // A pipe or a device has no size to ask for, so the limit holds while reading.
    reader.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| outside(&error))?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(Unreadable(format!("it is larger than {} MiB", SIZE_LIMIT >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = sound.split(|byte| *byte == b'\n').count();
        Unreadable(format!("it is not UTF-8 text (line {line})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("x.toml");
        let reason = |path: &Path| read_text(path).expect_err("unreadable").to_string();
        assert_eq!(reason(&path), "there is no such file");
        assert_eq!(reason(folder.path()), "it is a directory");
        std::fs::write(&path, b"a = 1\n# \xff\n").expect("written");
        assert_eq!(reason(&path), "it is not UTF-8 text (line 2)");
        File::create(&path).and_then(|file| file.set_len(100 << 20)).expect("a sparse file");
        assert_eq!(reason(&path), "it is larger than 16 MiB");
    }

    #[test]
    fn an_unknown_source_is_empty() {
        assert_eq!(Sources::default().text(7), "");
    }
}
