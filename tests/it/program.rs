//! The program as a user starts it: the real binary, with nothing of the developer's environment that changes its words.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// A valid experiment that runs in a moment: one outage, one promotion, no objectives.
pub(crate) const VALID: &str = "tests/broken/base/valid.toml";

/// The binary. Colours and widths are those of a pipe, whatever terminal the tests run in.
pub(crate) fn mrsim() -> Command {
    Command::from_std(bare())
}

/// The same for a test that watches the process itself.
pub(crate) fn bare() -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mrsim"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command.env("COLUMNS", "100").current_dir(root());
    command
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Output and exit code of a finished program.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The exit code, unless a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    /// No test has to check for panics again.
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        let answer = Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!answer.err.contains("panicked at") && answer.code != Some(101), "{}", answer.err);
        answer
    }
}

/// Runs the program at the root of the repository and waits for it.
pub(crate) fn ask(arguments: &[&str]) -> Answer {
    ask_in(root(), arguments)
}

/// Runs the program in `folder` and waits for it.
pub(crate) fn ask_in(folder: &Path, arguments: &[&str]) -> Answer {
    mrsim().current_dir(folder).args(arguments).output().expect("the program starts").into()
}

/// The experiments of the catalogue, as paths from the root.
pub(crate) fn catalogue() -> Vec<String> {
    names(&root().join("experiments"), ".toml").iter().map(|name| format!("experiments/{name}.toml")).collect()
}

/// Names of the files in `folder` that end in `end`, sorted, without that end.
pub(crate) fn names(folder: &Path, end: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(end).map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|entry| name(entry.ok()?.path())).collect();
    names.sort();
    names
}

/// Everything in a folder: relative path and content.
pub(crate) fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder").flatten() {
        let path = entry.path();
        match fs::read(&path) {
            Ok(bytes) => files.push((text(&path).to_owned(), bytes)),
            Err(_) => files.extend(content(&path)),
        }
    }
    files.sort();
    files
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}
