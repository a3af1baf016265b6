//! A sweep that is done, read back from its folder.

use std::fs;
use std::path::Path;

use super::document::SweepDocument;
use super::manifest::{MANIFEST, Manifest, Planned, point_file};
use super::point::PointResult;
use super::prepared::Prepared;
use super::results::Results;
use crate::exit::Failure;

/// A sweep as its folder holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSweep {
    /// The points.
    pub prepared: Prepared,
    /// The results of all points.
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
pub fn stored(folder: &Path) -> Result<StoredSweep, Failure> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path)
            .map_err(|error| Failure::usage(format!("failed to read `{}`: {error}", path.display())))
    };
    let none = |name: &str| {
        Failure::usage(format!("`{}` is not what a sweep of this version keeps", folder.join(name).display()))
            .hint("run the sweep again into a new folder")
    };
    let manifest: Manifest = serde_json::from_str(&read(MANIFEST)?).map_err(|_| none(MANIFEST))?;
    let document: SweepDocument = serde_json::from_str(&read("sweep.json")?).map_err(|_| none("sweep.json"))?;
    let (hash, version) = (manifest.hash.clone(), manifest.version.clone());
    let Planned { plan, names, trials, base, is_base } = manifest.planned().ok_or_else(|| none(MANIFEST))?;
    let point = |name: &String| {
        let file = point_file(name);
        PointResult::from_text(&read(&file)?).map(Some).map_err(|_| none(&file))
    };
    let results = Results { points: names.iter().map(point).collect::<Result<_, _>>()? };
    let figures = results.figures().ok_or_else(|| none("sweep.json"))?;
    let SweepDocument { command, notes, warnings, .. } = document;
    let prepared = Prepared { plan, names, trials, figures, base, is_base, notes, warnings };
    Ok(StoredSweep { prepared, results, command, hash, version })
}
