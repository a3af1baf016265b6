//! A sweep that is done, read back from its folder.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sim_settings::form::Words;

use super::axis::{Axis, Values};
use super::design::Design;
use super::plan::Plan;
use super::point::{Figures, PointResult};
use super::range::Range;
use super::run::{Prepared, Results};
use super::store::{MANIFEST, point_file};
use crate::compare::{Figure, Statistic};
use crate::exit::Failure;

/// What is kept of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The points.
    pub prepared: Prepared,
    /// What they came to, all of them.
    pub results: Results,
    /// The command that runs it again.
    pub command: String,
    /// Digest of the experiment without any of the points' settings.
    pub hash: String,
    /// The version that ran it.
    pub version: String,
}

/// Reads a folder that `mrsim sweep --out DIR` has filled.
///
/// # Errors
/// When something is missing or not what it should be.
pub fn stored(folder: &Path) -> Result<Stored, Failure> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path)
            .map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", path.display())))
    };
    let none = |name: &str| {
        Failure::usage(format!("`{}` is not what a sweep of this version keeps", folder.join(name).display()))
            .hint("run the sweep again into a new folder")
    };
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)?).map_err(|_| none(name));
    let (manifest, document) = (json(MANIFEST)?, json("sweep.json")?);
    let Planned { plan, names, trials, base, is_base } = planned(&manifest).ok_or_else(|| none(MANIFEST))?;
    let point = |name: &String| {
        let file = point_file(name);
        PointResult::from_text(&read(&file)?).map(Some).map_err(|_| none(&file))
    };
    let results = Results { points: names.iter().map(point).collect::<Result<_, _>>()? };
    let (figures, command, [notes, warnings]) = figures(&results)
        .zip(told(&document))
        .map(|(figures, (command, told))| (figures, command, told))
        .ok_or_else(|| none("sweep.json"))?;
    let words = |key: &str| manifest[key].as_str().map(str::to_owned).ok_or_else(|| none(MANIFEST));
    Ok(Stored {
        hash: words("hash")?,
        version: words("version")?,
        prepared: Prepared { plan, names, trials, figures, base, is_base, notes, warnings },
        results,
        command,
    })
}

/// The part of [`Prepared`] that `manifest.json` has.
struct Planned {
    plan: Plan,
    names: Vec<String>,
    trials: Vec<u64>,
    base: usize,
    is_base: Vec<bool>,
}

/// The points as `manifest.json` has them.
fn planned(manifest: &Value) -> Option<Planned> {
    let design = Design::WORDS.iter().find(|word| manifest["design"] == word.word)?.means;
    let axis = |axis: &Value| {
        let values = match axis["range"].as_str() {
            Some(range) => Values::Range(Range::parse(range).ok()?),
            None => Values::Listed(axis["values"].as_array()?.iter().map(text).collect::<Option<_>>()?),
        };
        Some(Axis::kept(text(&axis["key"])?, values))
    };
    let axes: Vec<Axis> = manifest["axes"].as_array()?.iter().map(axis).collect::<Option<_>>()?;
    let (mut points, mut names, mut trials, mut is_base) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for point in manifest["points"].as_array()? {
        let settings: Vec<Option<String>> = point["settings"].as_array()?.iter().map(text).collect();
        points.push(Some(settings).filter(|settings| settings.len() == axes.len())?);
        names.push(point["result"].as_str()?.strip_prefix("points/")?.strip_suffix(".json")?.to_owned());
        trials.push(point["trials"].as_u64()?);
        is_base.push(point["is-base"].as_bool()?);
    }
    let base = usize::try_from(manifest["held-against"].as_u64()?).ok().filter(|base| *base < points.len())?;
    Some(Planned { plan: Plan { design, axes, points }, names, trials, base, is_base })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The figures of all points, which are those of the first.
fn figures(results: &Results) -> Option<Figures> {
    let first = results.points.first()?.as_ref()?;
    let quantile = |name: &str| match Figure::named(name).ok()? {
        Figure { measure, statistic: Statistic::Quantile(p) } => Some((measure, p)),
        Figure { statistic: Statistic::Mean, .. } => None,
    };
    Some(Figures {
        quantiles: first.figures.iter().map(|found| quantile(&found.name)).collect::<Option<_>>()?,
        availability: first.availability.is_some(),
    })
}

/// The command, and notes and warnings, as `sweep.json` has them.
fn told(document: &Value) -> Option<(String, [Vec<String>; 2])> {
    let list = |key: &str| document[key].as_array()?.iter().map(text).collect::<Option<Vec<String>>>();
    Some((text(&document["command"])?, [list("notes")?, list("warnings")?]))
}
