//! The document of `mrsim compare --format json` and of `comparison.json`.
//!
//! Differences are the candidate minus the baseline. An end that censored values leave open is `null`, and so is the
//! estimate of a difference that is not known outright: its own bounds then stand in `at-least` and `at-most`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Method;

use super::comparison::{Against, Comparison};
use super::outcomes::Outcomes;
use super::settings::Differing;
use super::wins::Wins;
use crate::analyze::{LEVEL, Refusal, share};
use crate::documents::{Estimate, ObjectiveDocument, SCHEMA_VERSION, finite};

/// The results of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ComparisonDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The program's version.
    pub version: String,
    /// The seed of all candidates.
    pub seed: u64,
    /// Trials of each.
    pub trials: u64,
    /// The first of them.
    pub first_trial: u64,
    /// How many were asked for.
    pub trials_asked: u64,
    /// Whether all that were asked for ran.
    pub complete: bool,
    /// The level of every interval.
    pub interval_level: f64,
    /// The command that runs it again, from the folder of the results.
    pub command: String,
    /// Remarks on the candidates' files.
    pub warnings: Vec<String>,
    /// Notes: differences between the candidates that a comparison must allow for.
    pub notes: Vec<String>,
    /// The compared figures, by name.
    pub figures: Vec<String>,
    /// The name of the candidate that the others are held against.
    pub baseline: String,
    /// The candidates, the baseline first.
    pub candidates: Vec<CandidateDocument>,
    /// Each other candidate against the baseline.
    pub comparisons: Vec<AgainstDocument>,
    /// Which candidate is first, with three or more.
    pub ranking: Option<RankingDocument>,
}

/// A candidate by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CandidateDocument {
    /// Its name, unique among the candidates.
    pub name: String,
    /// Its file, as the user wrote it.
    pub file: String,
    /// Digest of `resolved`.
    pub hash: String,
    /// For how many seconds after the fault a censored trial was watched at least.
    pub watched: f64,
    /// The compared figures, by name.
    pub figures: IndexMap<String, FigureDocument>,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
    /// Its objectives, held against its own trials; with recurring faults without those on recovery times, which are about
    /// outages.
    pub objectives: Vec<ObjectiveDocument>,
}

/// A figure of one candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct FigureDocument {
    /// The estimate: seconds, or a share of the time.
    #[serde(flatten)]
    pub found: Estimate,
    /// Share of trials whose value is censored.
    pub censored: f64,
}

/// A candidate against the baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AgainstDocument {
    /// The candidate's name.
    pub candidate: String,
    /// The verdict, as a sentence.
    pub verdict: String,
    /// Its figures minus the baseline's, by name.
    pub differences: IndexMap<String, DifferenceDocument>,
    /// In which share of trials it has less, by `rto`, `rpo` and `availability`.
    pub in_trials: IndexMap<String, WinsDocument>,
    /// The settings in which its file differs.
    pub settings: Vec<Differing>,
    /// One sentence for a pull request.
    #[serde(default)]
    pub pull_request: String,
}

/// A difference, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DifferenceDocument {
    /// It is known, at least in part.
    Known(KnownDifference),
    /// The sample supports none.
    Refused(Estimate),
}

/// A difference as far as it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct KnownDifference {
    /// The estimate, where it is known outright.
    pub estimate: Option<f64>,
    /// A lower bound of the estimate.
    pub at_least: Option<f64>,
    /// An upper bound of the estimate.
    pub at_most: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Whether the interval lies on one side of zero.
    pub excludes_zero: bool,
    /// Whether such intervals hold the truth at least as often as they say, instead of just as often.
    pub conservative: bool,
    /// How the interval is made.
    pub method: MethodWord,
}

/// How the interval of a difference is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MethodWord {
    /// Of a mean: Student's t over pairs of trials.
    Student,
    /// Of a quantile: linear in the pairs, by the densities at both quantiles.
    Linear,
    /// Of a quantile: joint ranks of both samples, where the densities are not known.
    JointRanks,
}

impl From<Method> for MethodWord {
    fn from(method: Method) -> Self {
        match method {
            Method::Student => Self::Student,
            Method::Linear => Self::Linear,
            Method::JointRanks => Self::JointRanks,
        }
    }
}

/// In which shares of trials a candidate has less than the baseline, the same, or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WinsDocument {
    /// Less.
    pub less: Estimate,
    /// The same.
    pub same: Estimate,
    /// More.
    pub more: Estimate,
    /// Both are censored, or one of them before the other's value.
    pub unknown: Estimate,
}

impl From<&Wins> for WinsDocument {
    fn from(wins: &Wins) -> Self {
        let one = |count: u64| share(count, wins.trials()).into();
        Self { less: one(wins.less), same: one(wins.same), more: one(wins.more), unknown: one(wins.unknown) }
    }
}

/// The candidates by one figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RankingDocument {
    /// Which figure.
    pub figure: String,
    /// Names of the candidates, the best first.
    pub order: Vec<String>,
    /// For each but the last, whether its lead on the next one is beyond doubt.
    pub settled: Vec<bool>,
    /// The same as a sentence.
    pub sentence: String,
}

impl From<&Result<sim_core::stats::Difference, Refusal>> for DifferenceDocument {
    fn from(found: &Result<sim_core::stats::Difference, Refusal>) -> Self {
        match found {
            Ok(found) => Self::Known(KnownDifference {
                estimate: found.estimate.known(),
                at_least: finite(found.estimate.low),
                at_most: finite(found.estimate.high),
                low: finite(found.interval.low),
                high: finite(found.interval.high),
                excludes_zero: found.interval.excludes_zero(),
                conservative: found.method.is_conservative(),
                method: found.method.into(),
            }),
            Err(refusal) => Self::Refused(Err(*refusal).into()),
        }
    }
}

impl ComparisonDocument {
    /// The document of a comparison of these outcomes.
    pub fn new(comparison: &Comparison, outcomes: &[Outcomes], warnings: &[String], command: &str) -> Self {
        let name = |index: usize| comparison.candidates[index].name.clone();
        let candidates = comparison.candidates.iter().enumerate().map(|(index, candidate)| {
            let figures = comparison.rows.iter().map(|row| {
                let values = outcomes[index].observed(row.figure.indicator).values;
                let censored = values.iter().filter(|value| value.is_infinite()).count();
                let censored = censored as f64 / values.len().max(1) as f64;
                (row.figure.name(), FigureDocument { found: row.estimates[index].into(), censored })
            });
            let own = &comparison.objectives[index];
            let quantiles = own.assessed.iter().map(ObjectiveDocument::from);
            CandidateDocument {
                name: candidate.name.clone(),
                file: candidate.file.clone(),
                hash: candidate.header.hash.clone(),
                watched: comparison.watched[index],
                figures: figures.collect(),
                resolved: candidate.header.resolved.clone(),
                objectives: quantiles.chain(own.budget.as_ref().map(ObjectiveDocument::from)).collect(),
            }
        });
        let against = |against: &Against| {
            let differences = comparison.rows.iter().zip(&against.differences);
            AgainstDocument {
                candidate: name(against.candidate),
                verdict: against.verdict.clone(),
                differences: differences.map(|(row, found)| (row.figure.name(), found.into())).collect(),
                in_trials: against.wins.iter().map(|(of, wins)| (of.word().to_owned(), wins.into())).collect(),
                settings: against.settings.clone(),
                pull_request: against.pull_request.clone(),
            }
        };
        Self {
            schema_version: SCHEMA_VERSION,
            version: comparison.candidates[0].header.version.clone(),
            seed: comparison.seed,
            trials: comparison.trials,
            first_trial: 0,
            trials_asked: comparison.asked.unwrap_or(comparison.trials),
            complete: comparison.asked.is_none(),
            interval_level: LEVEL,
            command: command.to_owned(),
            warnings: warnings.to_vec(),
            notes: comparison.notes.clone(),
            figures: comparison.rows.iter().map(|row| row.figure.name()).collect(),
            baseline: name(0),
            candidates: candidates.collect(),
            comparisons: comparison.against.iter().map(against).collect(),
            ranking: comparison.ranking.as_ref().map(|ranking| RankingDocument {
                figure: ranking.figure.name(),
                order: ranking.order.iter().map(|&index| name(index)).collect(),
                settled: ranking.settled.clone(),
                sentence: ranking.sentence.clone(),
            }),
        }
    }
}
