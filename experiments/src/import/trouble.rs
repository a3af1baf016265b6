//! Why an input cannot be imported.

use std::fmt;

use crate::exit::Failure;

/// Why an input cannot be imported, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The reason, a fragment that stands after `error:`.
    pub message: String,
    /// Advice.
    pub hint: Option<String>,
}

impl Trouble {
    /// A reason without advice.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for Failure {
    fn from(Trouble { message, hint }: Trouble) -> Self {
        let failure = Self::usage(message);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
