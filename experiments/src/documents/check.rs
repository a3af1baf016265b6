//! What `mrsim check` says of a valid file.

use schemars::JsonSchema;
use serde::Serialize;

use crate::file::OpenQuestion;
use crate::finding::Finding;
use crate::header::{AssumedFigure, SourcedFigure};

/// A valid file: what in it will not work, what is assumed, and the file as resolved.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CheckDocument<'a> {
    /// The file.
    pub file: String,
    /// The experiment's name.
    pub name: &'a str,
    /// Digest of the experiment: equal experiments have equal ones.
    pub hash: &'a str,
    /// Settings that will not do what the author expects.
    pub findings: &'a [Finding],
    /// Assumptions that are neither figures nor mistakes.
    pub notes: &'a [Finding],
    /// Assumed figures in use.
    pub assumed: &'a [AssumedFigure],
    /// All other figures, with their sources.
    pub figures: &'a [SourcedFigure],
    /// Questions that the file leaves open; guesses stand for the answers.
    pub questions: &'a [OpenQuestion],
    /// The file with `extends` and `--set` applied: it stands alone, and gives the same trials anywhere.
    pub resolved: &'a str,
}
