//! `manifest.json`: which sweep a folder holds, and where the results of its points are.

use serde::{Deserialize, Serialize};

use super::prepared::Prepared;
use crate::documents::SCHEMA_VERSION;
use crate::header::Header;
use crate::variation::Design;
use crate::variation::Plan;
use crate::variation::Range;
use crate::variation::{Axis, Values};

pub(super) const MANIFEST: &str = "manifest.json";
/// The folder of the points' results, within the sweep's own.
pub(super) const POINTS: &str = "points";

/// Where a point's result is, within the folder.
pub(super) fn point_file(name: &str) -> String {
    format!("{POINTS}/{name}.json")
}

/// Everything that tells one sweep from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Manifest {
    schema_version: u32,
    sweep_of: String,
    /// The version that ran it.
    pub(super) version: String,
    /// Digest of the experiment without any of the points' settings.
    pub(super) hash: String,
    seed: u64,
    design: Design,
    held_against: usize,
    axes: Vec<ManifestAxis>,
    points: Vec<ManifestPoint>,
}

/// The varied keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct ManifestAxis {
    key: String,
    #[serde(flatten)]
    values: ManifestValues,
}

/// How it is varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ManifestValues {
    Values(Vec<String>),
    Range(String),
}

/// A point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ManifestPoint {
    /// The setting of each axis; nothing where the file's own stays.
    settings: Vec<Option<String>>,
    trials: u64,
    is_base: bool,
    /// Where its result is.
    result: String,
}

/// The part of [`Prepared`] that a manifest holds.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) names: Vec<String>,
    pub(super) trials: Vec<u64>,
    pub(super) base: usize,
    pub(super) is_base: Vec<bool>,
}

impl Manifest {
    /// The manifest of a sweep; `base` is the experiment without any of the points' settings.
    pub(super) fn new(base: &Header, prepared: &Prepared) -> Self {
        let plan = &prepared.plan;
        let axis = |axis: &Axis| ManifestAxis {
            key: axis.key.clone(),
            values: match &axis.values {
                Values::Listed(values) => ManifestValues::Values(values.clone()),
                Values::Range(range) => ManifestValues::Range(range.text.clone()),
            },
        };
        let points = plan.points.iter().zip(&prepared.names).zip(prepared.trials.iter().zip(&prepared.is_base));
        Self {
            schema_version: SCHEMA_VERSION,
            sweep_of: base.name.clone(),
            version: base.version.clone(),
            hash: base.hash.clone(),
            seed: base.seed,
            design: plan.design,
            held_against: prepared.base,
            axes: plan.axes.iter().map(axis).collect(),
            points: points
                .map(|((settings, name), (trials, is_base))| ManifestPoint {
                    settings: settings.clone(),
                    trials: *trials,
                    is_base: *is_base,
                    result: point_file(name),
                })
                .collect(),
        }
    }

    /// The experiment's name, the version, the digest of the experiment, and the seed.
    pub(super) fn origin(&self) -> (&str, &str, &str, u64) {
        (&self.sweep_of, &self.version, &self.hash, self.seed)
    }

    /// How many points there are.
    pub(super) const fn len(&self) -> usize {
        self.points.len()
    }

    /// The text of its file.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("every value of it is one of JSON") + "\n"
    }

    /// The points, if it is sound.
    pub(super) fn planned(self) -> Option<Planned> {
        let axis = |axis: ManifestAxis| {
            let values = match axis.values {
                ManifestValues::Values(values) => Values::Listed(values),
                ManifestValues::Range(range) => Values::Range(Range::parse(&range).ok()?),
            };
            Some(Axis::kept(axis.key, values))
        };
        let axes: Vec<Axis> = self.axes.into_iter().map(axis).collect::<Option<_>>()?;
        let (mut points, mut names, mut trials, mut is_base) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for point in self.points {
            points.push(Some(point.settings).filter(|settings| settings.len() == axes.len())?);
            names.push(point.result.strip_prefix("points/")?.strip_suffix(".json")?.to_owned());
            trials.push(point.trials);
            is_base.push(point.is_base);
        }
        let base = Some(self.held_against).filter(|base| *base < points.len())?;
        Some(Planned { plan: Plan { design: self.design, axes, points }, names, trials, base, is_base })
    }
}
