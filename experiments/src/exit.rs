//! How the program ends: exit codes, and failures with their hints.

use std::fmt;
use std::process::ExitCode;

use crate::finding::Spot;

/// The exit code after a second Ctrl-C, as shells number it (128 + SIGINT): no result was written.
pub const ABORTED: u8 = 130;

/// How an invocation ended, in increasing order of importance: of several experiments the largest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: everything ran; objectives are met, undecided without `--strict`, or not set.
    Done,
    /// 3: everything ran, and an objective is missed (or undecided, with `--strict`), a candidate is worse in what
    /// `--fail-if-worse` names, or `check --strict` has findings.
    Missed,
    /// 2: the command line or an experiment file is wrong; nothing ran.
    Usage,
    /// 1: something could not run, failed, or was stopped before its end.
    Failed,
}

/// The meaning of exit code 3: for `run`, for `compare`, or, for the program as a whole, both.
const MISSED: &str =
    "an objective is missed, or the trials are too few to judge it; with --strict also when one is undecided";
const WORSE: &str = "a candidate is worse in what --fail-if-worse names";

/// The meaning of exit code 3 for `import`.
const ASKED: &str = "import --strict: questions are open";
const REFUSED: &str = "a key of the list has no distribution: its measurements are too few or say something else";

const FOUND: &str = "check --strict: there are findings";

/// The exit codes of a command as `--help` lists them: of `run`, of `compare`, of commands that judge nothing, and of
/// the program as a whole.
pub fn help(command: &str) -> String {
    let (done, failed, missed) = match command {
        "run" => ("everything ran, and objectives are met, undecided or not set", "", MISSED.to_owned()),
        "compare" => (
            "everything ran, and no candidate is worse in what --fail-if-worse names",
            ";\n       or --fail-if-worse names a figure that the trials cannot judge",
            WORSE.to_owned(),
        ),
        "sweep" => ("all points ran; missed objectives do not count", "", String::new()),
        "rare" => (
            "the chance is known, or the answer says why not",
            ";\n       or a trial ended too early to say whether it exceeds the limit",
            String::new(),
        ),
        "import" => ("the file is written, or says what the inputs say", "", ASKED.to_owned()),
        "check" => ("every file is valid", "", FOUND.to_owned()),
        "drill" => ("the drill is made or held against the predictions, whatever it says", "", String::new()),
        "calibrate" => ("every key of the list has a distribution", "", REFUSED.to_owned()),
        _ => (
            "everything ran, and objectives are met, undecided or not set",
            "",
            format!("{MISSED};\n       {WORSE};\n       {FOUND};\n       {ASKED}"),
        ),
    };
    let missed = if missed.is_empty() { missed } else { format!("\n  3    {missed}") };
    format!(
        "Exit codes:\n  0    {done}\n  1    could not run, failed, or was stopped before its end (Ctrl-C){failed}\n  \
         2    the command line or an experiment file is wrong{missed}\n  130  aborted by a second Ctrl-C"
    )
}

impl Exit {
    /// The number for the shell.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Missed => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why an invocation, or one experiment of it, has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its exit code.
    pub exit: Exit,
    /// The reason: a fragment after `error:` or, when `rendered`, a whole message.
    pub message: String,
    /// Advice for the user.
    pub hint: Option<String>,
    /// Whether `message` is complete, such as problems of a file with their places and carets.
    pub rendered: bool,
    /// Where the first mistake of a file is, if it is about one.
    pub spot: Option<Spot>,
}

impl Failure {
    /// Something could not run or failed: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), hint: None, rendered: false, spot: None }
    }

    /// The command line is wrong: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::failed(message) }
    }

    /// An experiment file is wrong: exit code 2. `message` is complete, with files, lines and carets.
    pub fn bad_file(message: impl Into<String>) -> Self {
        Self { rendered: true, ..Self::usage(message) }
    }

    /// The same failure with the place of its first mistake.
    #[must_use]
    pub fn at(mut self, spot: Spot) -> Self {
        self.spot = Some(spot);
        self
    }

    /// The same failure with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.trim_end();
        f.write_str(if self.rendered { "" } else { "error: " })?;
        f.write_str(message)?;
        match &self.hint {
            Some(hint) => write!(f, "\n\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::{Exit, Failure, help};

    #[test]
    fn the_help_lists_every_code() {
        let listed = |command: &str, code: u8| help(command).contains(&format!("\n  {code}  "));
        for exit in [Exit::Done, Exit::Failed, Exit::Usage, Exit::Missed] {
            assert!(
                listed("", exit.code()) && listed("run", exit.code()) && listed("compare", exit.code()),
                "{exit:?}"
            );
        }
        assert!(listed("", super::ABORTED));
    }

    /// A sweep judges nothing, and only `run` takes `--strict`.
    #[test]
    fn a_command_lists_the_codes_that_it_has() {
        assert!(!help("sweep").contains("\n  3  ") && !help("sweep").contains("--strict"));
        assert!(!help("compare").contains("--strict") && help("compare").contains("--fail-if-worse"));
        assert!(!help("run").contains("--fail-if-worse"));
    }

    #[test]
    fn of_several_ends_the_gravest_counts() {
        assert_eq!(Exit::Done.max(Exit::Missed), Exit::Missed);
        assert_eq!(Exit::Missed.max(Exit::Failed), Exit::Failed);
    }

    #[test]
    fn a_failure_reads_as_error_and_hint() {
        let failure = Failure::failed("failed to write `trials.csv`").hint("free some space");
        assert_eq!(failure.to_string(), "error: failed to write `trials.csv`\n\nhint: free some space");
        assert_eq!(Failure::bad_file("error: a.toml:3:1 ..\n").to_string(), "error: a.toml:3:1 ..");
    }
}
