//! The document of `mrsim rare --format json` and of `rare.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use super::rarity::{LEAST_ROOTS, Level, Rarity};
use crate::documents::{Estimate, SCHEMA_VERSION, finite};
use crate::header::Of;

/// A small chance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RareDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// The file, as the user wrote it.
    pub file: String,
    /// The program's version.
    pub version: String,
    /// The master seed.
    pub seed: u64,
    /// `recovery` or `loss`.
    pub over: String,
    /// The journey or store; `null` is the worst of all.
    pub of: Option<String>,
    /// The limit in seconds.
    pub limit: f64,
    /// The chance of a trial to exceed the limit, with its 95 % interval.
    pub chance: Estimate,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// What the starts alone say, as plain trials, without any assumption.
    pub plain: Estimate,
    /// The levels, the limit last.
    pub levels: Vec<LevelDocument>,
    /// Starts: plain trials from which trees grow.
    pub starts: u64,
    /// Starts whose trees came beyond the limit.
    pub roots: u64,
    /// The largest part that one start has in the estimate.
    pub largest_part: Option<f64>,
    /// Trials of the pilot, from which the levels come.
    pub trials_pilot: u64,
    /// Trials of all trees, starts among them.
    pub trials_all: u64,
    /// Plain trials that would have the same standard error.
    pub trials_plain: Option<f64>,
    /// Whether plain trials would say as much for the same work.
    pub usual: bool,
    /// Of the trials beyond the limit, what of the recovery was spent with each cause failing most, in seconds (mean), then
    /// `up`; empty of losses and where faults recur.
    pub stages: IndexMap<String, f64>,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
}

/// A level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LevelDocument {
    /// What has to be exceeded, in seconds.
    pub exceeds: f64,
    /// Trials that tried: starts, or steps from trials beyond the level before.
    pub tried: u64,
    /// Trials that exceed it.
    pub reached: u64,
}

impl Rarity {
    /// The name of whom it is about, if it is not the worst.
    pub fn subject(&self) -> Option<String> {
        match self.event.of {
            Of::Worst => None,
            Of::Journey(name) | Of::Store(name) => Some(name.to_string()),
        }
    }

    /// Why there is no interval, if there is none.
    pub fn refused(&self) -> Option<String> {
        self.interval.is_none().then(|| match self.roots {
            0 => "no trial came beyond the limit".to_owned(),
            1 => format!("one start came beyond the limit, and an interval takes {LEAST_ROOTS}"),
            roots => format!("{roots} starts came beyond the limit, and an interval takes {LEAST_ROOTS}"),
        })
    }
}

impl From<&Rarity> for RareDocument {
    fn from(found: &Rarity) -> Self {
        let known = |interval: Interval| Estimate::from(Ok(interval));
        let estimate = finite(found.chance).filter(|_| found.roots > 0);
        let refused = || Estimate { estimate, refused: found.refused(), ..Estimate::default() };
        let level = |&Level { exceeds, tried, reached }: &Level| LevelDocument { exceeds, tried, reached };
        let names = found.header.causes.iter().map(String::as_str).chain(["up"]);
        let stages = names.zip(&found.stages).filter(|(_, seconds)| **seconds > 0.0);
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: found.header.name.clone(),
            file: found.file.clone(),
            version: found.header.version.clone(),
            seed: found.header.seed,
            over: found.event.over.word().to_owned(),
            of: found.subject(),
            limit: found.event.limit,
            chance: found.interval.map_or_else(refused, known),
            standard_error: finite(found.standard_error),
            plain: known(found.bound),
            levels: found.levels.iter().map(level).collect(),
            starts: found.starts,
            roots: found.roots,
            largest_part: finite(found.largest_part),
            trials_pilot: found.piloted,
            trials_all: found.played,
            trials_plain: found.plain_trials(),
            usual: found.is_usual(),
            stages: stages.map(|(name, &seconds)| (name.to_owned(), seconds)).collect(),
            resolved: found.header.resolved.clone(),
        }
    }
}
