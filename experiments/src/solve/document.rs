//! The document of `mrsim solve --format json` and of `solution.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use super::solution::{Solution, Solved};
use crate::cost::Total;
use crate::documents::{Estimate, SCHEMA_VERSION, no_writer};

/// The best design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SolutionDocument {
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
    /// What designs must meet.
    pub targets: Vec<ChanceTargetDocument>,
    /// How sure verdicts on chances are.
    pub confidence: f64,
    /// What shall be small: `cost`, `recovery` or `loss`.
    pub minimize: String,
    /// The name of the front's figure.
    pub figure: String,
    /// Every design.
    pub designs: Vec<SolvedDocument>,
    /// The number of the best design that is sure, from 0.
    pub best: Option<usize>,
    /// The number of the next better one that is undecided.
    pub next_undecided: Option<usize>,
    /// Numbers of the designs that no other beats in cost and figure, the cheapest first.
    pub front: Vec<usize>,
    /// Trials of all designs.
    pub trials_all: u64,
    /// What they would have been without dropping any.
    pub trials_grid: u64,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
}

/// A chance that must be reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ChanceTargetDocument {
    /// `rto`, `rpo`, `availability` or `caught-up`; of one journey, store or queue with its name before that, such as
    /// `checkout.rto`.
    pub of: String,
    /// The limit: seconds at most, or the share of the time at least.
    pub limit: f64,
    /// The least chance.
    pub chance: f64,
}

/// One design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SolvedDocument {
    /// Its file.
    pub file: String,
    /// What it sets.
    pub sets: IndexMap<String, String>,
    /// Its trials.
    pub trials: u64,
    /// `sure`, `undecided`, `left` (another was sure to be better) or `hopeless`.
    pub standing: String,
    /// The chance of each target, with ends that hold over all looks.
    pub chances: Vec<Estimate>,
    /// The front's figure, in seconds.
    pub figure: Estimate,
    /// The cost of a month, of all that has a price.
    pub monthly_cost: Option<f64>,
    /// Keys of prices that are missing, and names of what designs differ in that no price counts.
    pub unpriced: Vec<String>,
    /// With a target on data loss: stores that nobody could write to at the end, and in which share of the trials.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub no_writer_at_the_end: IndexMap<String, Estimate>,
}

impl From<&Solution> for SolutionDocument {
    fn from(solution: &Solution) -> Self {
        let targets = solution.targets.iter().map(|target| ChanceTargetDocument {
            of: target.measured.of.name(target.measured.indicator.word()),
            limit: target.limit,
            chance: target.chance,
        });
        let left_out = |total: &Total| {
            let uncounted = solution.uncounted.iter().map(|what| what.word());
            total.unpriced.iter().copied().chain(uncounted).map(str::to_owned).collect()
        };
        let known = |interval: &Interval| Estimate::from(Ok(*interval));
        let design = |one: &Solved| SolvedDocument {
            file: one.file.clone(),
            sets: one.sets.iter().cloned().collect(),
            trials: one.trials,
            standing: one.standing.word().to_owned(),
            chances: one.chances.iter().map(known).collect(),
            figure: one.figure.into(),
            monthly_cost: one.cost.as_ref().map(|total| total.sum),
            unpriced: one.cost.as_ref().map(left_out).unwrap_or_default(),
            no_writer_at_the_end: no_writer(&one.writerless),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: solution.header.name.clone(),
            file: solution.file.clone(),
            version: solution.header.version.clone(),
            seed: solution.header.seed,
            targets: targets.collect(),
            confidence: solution.confidence,
            minimize: solution.goal.word().to_owned(),
            figure: solution.measure_name(),
            designs: solution.solved.iter().map(design).collect(),
            best: solution.best,
            next_undecided: solution.next,
            front: solution.front.clone(),
            trials_all: solution.work.0,
            trials_grid: solution.work.1,
            resolved: solution.header.resolved.clone(),
        }
    }
}
