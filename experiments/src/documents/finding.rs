//! What `mrsim check` finds in a file, as results keep it: without its place, which is that of a file that may be gone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// A setting that misleads whoever does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FindingDocument {
    /// The kind of mistake: a stable name such as `alarm-cannot-fire`.
    pub kind: String,
    /// The setting's key path as `--set` takes it.
    pub path: String,
    /// What is wrong, and why.
    pub message: String,
    /// What to write instead.
    pub change: String,
}

impl From<&Finding> for FindingDocument {
    fn from(finding: &Finding) -> Self {
        let Finding { kind, path, message, change, .. } = finding.clone();
        Self { kind: kind.to_owned(), path, message, change }
    }
}
