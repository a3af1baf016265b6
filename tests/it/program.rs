//! The program as a user starts it: the real binary, with nothing of the developer's environment that changes its words.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// The binary. Colours and widths are those of a pipe, whatever terminal the tests run in.
pub(crate) fn mrsim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mrsim"));
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

/// What a finished program leaves behind.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program speaks UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs the program in `folder` and waits for it. It never panics, so nobody has to check for that again.
pub(crate) fn ask_in(folder: &Path, arguments: &[&str]) -> Answer {
    let output = mrsim().current_dir(folder).args(arguments).output().expect("the program starts");
    let answer = Answer::from(output);
    assert!(!answer.err.contains("panicked at"), "{arguments:?}: {}", answer.err);
    answer
}

/// Names of the files in `folder` that end in `end`, sorted, without that end.
pub(crate) fn names(folder: &Path, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let name = |path: PathBuf| path.file_name()?.to_str()?.strip_suffix(end).map(str::to_owned);
    let mut names: Vec<String> = entries.filter_map(|entry| name(entry.ok()?.path())).collect();
    names.sort();
    names
}
