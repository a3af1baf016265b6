//! Why an experiment could not be loaded.

use std::fmt;
use std::path::Path;

use crate::exit::Failure;
use sim_settings::{Node, Problem};

use super::render::{rejected, render};
use super::sources::{Sources, Unreadable};

/// Why an experiment could not be loaded.
#[derive(Debug)]
pub enum LoadFailure {
    /// The text is wrong: every mistake, and the texts in which they stand.
    Problems {
        /// The mistakes.
        problems: Vec<Problem>,
        /// The texts.
        sources: Sources,
        /// The tree, if it is whole except for these mistakes: its readers then add the mistakes that they find.
        node: Option<Node>,
    },
    /// Something outside the text: no such file, a directory, not UTF-8, too large. One sentence.
    Outside(String),
    /// The system cannot start a thread to read with. One sentence.
    System(String),
}

impl LoadFailure {
    pub(super) fn outside(path: &Path, reason: &Unreadable) -> Self {
        Self::Outside(format!("cannot read {}: {reason}", path.display()))
    }

    /// The message for a person, one line or many, ending in a newline.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Problems { problems, sources, .. } => render(problems, sources, color),
            Self::Outside(message) | Self::System(message) => super::render::headline(message, color),
        }
    }
}

impl fmt::Display for LoadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for LoadFailure {}

impl From<LoadFailure> for Failure {
    fn from(failure: LoadFailure) -> Self {
        match failure {
            LoadFailure::Problems { problems, sources, .. } => rejected(&problems, &sources),
            LoadFailure::Outside(message) => Self::usage(message),
            LoadFailure::System(message) => Self::failed(message).hint("a limit of processes or of memory is reached"),
        }
    }
}
