//! The document of `mrsim sweep --format json` and of `sweep.json`. A censored value is `null`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::point::{PointAvailability, PointFigure, PointResult};
use super::prepared::Prepared;
use super::results::Results;
use crate::analyze::LEVEL;
use crate::documents::{NervousDocument, SCHEMA_VERSION};
use crate::header::Header;
use crate::variation::Design;

/// The results of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SweepDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// One sentence about it.
    pub description: String,
    /// The program's version.
    pub version: String,
    /// Digest of `resolved`.
    pub hash: String,
    /// The seed of all points; `null` where it is what is varied.
    pub seed: Option<u64>,
    /// How the points are laid out.
    pub design: Design,
    /// The keys that are varied.
    pub axes: Vec<String>,
    /// The number of the point that the others are held against.
    pub held_against: usize,
    /// The command that runs it again, from the folder of the results.
    pub command: String,
    /// Notes: differences between the points that a comparison must allow for, and the meaning of a change of a
    /// recovery time.
    pub notes: Vec<String>,
    /// Remarks about the points, each once.
    pub warnings: Vec<String>,
    /// How many points there are, done or not.
    pub points_asked: usize,
    /// Whether all of them are done.
    pub complete: bool,
    /// The level of every interval.
    pub interval_level: f64,
    /// The points that are done.
    pub points: Vec<PointDocument>,
    /// The experiment as resolved from file, `extends` and `--set`, without the points' settings.
    pub resolved: String,
}

/// A point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PointDocument {
    /// Its number, counted from 0.
    pub point: usize,
    /// Whether it is the point that the others are held against, or the same in other words.
    pub is_base: bool,
    /// Its settings, as `--set` takes them.
    pub settings: IndexMap<String, String>,
    /// Digest of its resolved experiment.
    pub hash: String,
    /// Its seed.
    pub seed: u64,
    /// Its trials.
    pub trials: u64,
    /// For how many seconds a censored trial was watched at least.
    pub watched: f64,
    /// Its figures.
    pub figures: Vec<PointFigure>,
    /// The share of the time in which all journeys are up, if any point has an objective on it.
    pub availability: Option<PointAvailability>,
    /// The same of single journeys, by name, if any point has an objective on theirs.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub own_availability: IndexMap<String, PointAvailability>,
    /// What checks make of blips, where the point's faults include some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nervousness: Option<NervousDocument>,
}

impl SweepDocument {
    /// The document of a sweep, finished or stopped. `base` is the experiment without any of the points' settings.
    pub fn new(base: &Header, prepared: &Prepared, results: &Results, command: &str) -> Self {
        let plan = &prepared.plan;
        let point = |(point, result): (usize, &Option<PointResult>)| {
            let result = result.as_ref()?;
            Some(PointDocument {
                point,
                is_base: prepared.is_base[point],
                settings: plan.sets(point).into_iter().collect(),
                hash: result.hash.clone(),
                seed: result.seed,
                trials: result.trials,
                watched: result.watched,
                figures: result.figures.clone(),
                availability: result.availability.clone(),
                own_availability: result.own_availability.clone(),
                nervousness: result.nervousness.clone(),
            })
        };
        let points: Vec<PointDocument> = results.points.iter().enumerate().filter_map(point).collect();
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: base.name.clone(),
            description: base.description.clone(),
            version: base.version.clone(),
            hash: base.hash.clone(),
            seed: plan.axes.iter().all(|axis| axis.key != "seed").then_some(base.seed),
            design: plan.design,
            axes: plan.axes.iter().map(|axis| axis.key.clone()).collect(),
            held_against: prepared.base,
            command: command.to_owned(),
            notes: prepared.notes.clone(),
            warnings: prepared.warnings.clone(),
            points_asked: plan.points.len(),
            complete: results.done() == plan.points.len(),
            interval_level: LEVEL,
            points,
            resolved: base.resolved.clone(),
        }
    }
}
