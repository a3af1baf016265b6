//! The document of `mrsim advise --format json` and of `advice.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advice::{Advice, Place, Turned};
use super::effect::Outcome;
use super::sets::{Smallest, TriedSet};
use super::target::Target;
use crate::analyze::LEVEL;
use crate::compare::DifferenceDocument;
use crate::documents::{FindingDocument, MoreDocument, ObjectiveDocument, SCHEMA_VERSION};
use crate::levers::Change;

/// What to change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AdviceDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// The file, as the user wrote it.
    pub file: String,
    /// The program's version.
    pub version: String,
    /// Digest of `resolved`.
    pub hash: String,
    /// The master seed.
    pub seed: u64,
    /// Trials of the file as it is, and of the levers that are left in the end.
    pub trials: u64,
    /// The level of every interval.
    pub interval_level: f64,
    /// The objectives of the file as it is.
    pub objectives: Vec<ObjectiveDocument>,
    /// The names of the figures that levers are ranked by: those that have to get better.
    pub wanted: Vec<String>,
    /// The levers, the best first.
    pub levers: Vec<TurnedDocument>,
    /// The best pair, if any two help together.
    pub best_pair: Option<SetDocument>,
    /// The smallest set that meets all objectives, if one was found.
    pub smallest_set: Option<SetDocument>,
    /// Without such a set: the one of those that were tried that comes nearest.
    pub nearest_set: Option<SetDocument>,
    /// Without such a set: how many were tried over all trials, levers alone among them.
    pub sets_tried: Option<u64>,
    /// Levers that were not tried, with the reason.
    pub refused: IndexMap<String, String>,
    /// Trials of all levers by themselves.
    pub trials_alone: u64,
    /// What these would have been had every lever run all trials.
    pub trials_grid: u64,
    /// All trials of the search.
    pub trials_all: u64,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
}

/// A lever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TurnedDocument {
    /// The sort of lever: a stable name such as `dns-ttl`.
    pub kind: String,
    /// The step in words.
    pub title: String,
    /// `helps`, `trades`, `open`, `same` or `harms`.
    pub effect: String,
    /// What it changes in the file.
    pub changes: Vec<ChangeDocument>,
    /// Its trials: levers that fall out of the search early have fewer.
    pub trials: u64,
    /// Its figures minus the file's, by name.
    pub differences: IndexMap<String, DifferenceDocument>,
    /// Its own objectives, if it ran all trials.
    pub objectives: Option<Vec<ObjectiveDocument>>,
    /// By how much a month costs more than with the file as it is, if there are prices.
    pub monthly_cost_more: Option<MoreDocument>,
    /// What `mrsim check` finds with it and not without it.
    pub findings: Vec<FindingDocument>,
}

/// A change of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ChangeDocument {
    /// The key's path, as `--set` takes it.
    pub key: String,
    /// The value in use, as TOML; nothing where there is none.
    pub before: Option<String>,
    /// The new value, as TOML.
    pub after: String,
    /// Whether the file writes the key.
    pub written: bool,
    /// The file that writes it, or the nearest table around it.
    pub file: Option<String>,
    /// The line there, from 1.
    pub line: Option<usize>,
}

/// Levers together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SetDocument {
    /// Their numbers in the list of levers, from 0.
    pub levers: Vec<usize>,
    /// Their figures minus the file's, by name.
    pub differences: IndexMap<String, DifferenceDocument>,
    /// The objectives with them.
    pub objectives: Option<Vec<ObjectiveDocument>>,
    /// By how much a month costs more than with the file as it is, if there are prices.
    pub monthly_cost_more: Option<MoreDocument>,
}

impl ChangeDocument {
    /// A change at its place.
    pub fn new(change: &Change, place: &Place) -> Self {
        let written = place.as_ref().and_then(|place| place.written.clone());
        Self {
            key: change.key.clone(),
            written: written.is_some(),
            before: written.or_else(|| change.now.clone()),
            after: change.value.clone(),
            file: place.as_ref().map(|place| place.spot.file.clone()),
            line: place.as_ref().map(|place| place.spot.line),
        }
    }
}

fn differences(targets: &[Target], outcome: &Outcome) -> IndexMap<String, DifferenceDocument> {
    let both = targets.iter().zip(&outcome.differences);
    both.map(|(target, found)| (target.figure.name(), found.into())).collect()
}

impl From<&Advice> for AdviceDocument {
    fn from(advice: &Advice) -> Self {
        let Advice { header, targets, .. } = advice;
        let set = |set: &TriedSet| SetDocument {
            levers: set.levers.clone(),
            differences: differences(targets, &set.outcome),
            objectives: set.outcome.judged.clone(),
            monthly_cost_more: set.cost.as_ref().map(MoreDocument::from),
        };
        let turned = |turned: &Turned| TurnedDocument {
            kind: turned.lever.kind.word().to_owned(),
            title: turned.lever.title.clone(),
            effect: turned.effect.word().to_owned(),
            changes: turned.lever.changes.iter().zip(&turned.places).map(|(c, p)| ChangeDocument::new(c, p)).collect(),
            trials: turned.outcome.trials,
            differences: differences(targets, &turned.outcome),
            objectives: turned.outcome.judged.clone(),
            monthly_cost_more: turned.cost.as_ref().map(MoreDocument::from),
            findings: turned.findings.clone(),
        };
        let (smallest, nearest, tried) = match &advice.smallest {
            Smallest::Found(found) => (Some(set(found)), None, None),
            Smallest::None { nearest, tried } => (None, nearest.as_ref().map(set), Some(*tried as u64)),
            Smallest::NoObjectives | Smallest::AsItIs => (None, None, None),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: header.name.clone(),
            file: advice.file.clone(),
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            trials: advice.trials,
            interval_level: LEVEL,
            objectives: advice.objectives.clone(),
            wanted: advice.wanted.iter().map(|&index| targets[index].figure.name()).collect(),
            levers: advice.turned.iter().map(turned).collect(),
            best_pair: advice.pair.as_ref().map(set),
            smallest_set: smallest,
            nearest_set: nearest,
            sets_tried: tried,
            refused: advice.refused.iter().map(|one| (one.lever.title.clone(), one.why.message().to_owned())).collect(),
            trials_alone: advice.work.alone,
            trials_grid: advice.work.grid,
            trials_all: advice.work.all,
            resolved: header.resolved.clone(),
        }
    }
}
