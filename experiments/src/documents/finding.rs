//! The findings of `mrsim check`, as results keep them: without a place, since the file may be gone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// A finding about a setting of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FindingDocument {
    /// The kind of mistake: a stable name such as `alarm-cannot-fire`.
    pub kind: String,
    /// The setting's key path as `--set` takes it.
    pub path: String,
    /// The mistake and its reason.
    pub message: String,
    /// The suggested change.
    pub change: String,
}

impl FindingDocument {
    /// All of a file, by their paths: a resolved file has its settings in another order, and the same findings.
    pub fn all(findings: &[Finding]) -> Vec<Self> {
        let mut all: Vec<Self> = findings.iter().map(Self::from).collect();
        all.sort_by(|one, other| (&one.path, &one.kind).cmp(&(&other.path, &other.kind)));
        all
    }
}

impl From<&Finding> for FindingDocument {
    fn from(finding: &Finding) -> Self {
        let Finding { kind, path, message, change, .. } = finding.clone();
        Self { kind: kind.to_owned(), path, message, change }
    }
}
