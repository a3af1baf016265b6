//! The two sides of a threshold in documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::analyze::Nervousness;

/// What checks make of blips, and of what is real, where faults include blips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NervousDocument {
    /// False failovers in a year without any fault but blips.
    pub false_failovers_a_year: Estimate,
    /// Seconds from the first real fault within which 95 % of the trials with one notice it.
    pub noticed_p95: Estimate,
}

impl NervousDocument {
    /// Whether neither side is known.
    pub fn is_silent(&self) -> bool {
        self.false_failovers_a_year.interval().is_err() && self.noticed_p95.interval().is_err()
    }
}

impl From<Nervousness> for NervousDocument {
    fn from(found: Nervousness) -> Self {
        Self { false_failovers_a_year: found.false_failovers.into(), noticed_p95: found.noticed.into() }
    }
}
