//! The folder that a sweep is kept in.
//!
//! `manifest.json` says which sweep it is; `points/NAME.json` is what a point came to, written whole once it is done and
//! named after all that it depends on. A sweep that was killed finds both and goes on where it was.

use std::path::Path;

use serde_json::json;

use super::axis::Values;
use super::point::PointResult;
use super::run::Prepared;
use crate::exit::Failure;
use crate::header::Header;
use crate::report::json::SCHEMA_VERSION;
use crate::report::out::Folder;

pub(super) const MANIFEST: &str = "manifest.json";
const POINTS: &str = "points";

/// A folder with the results of points.
#[derive(Debug)]
pub struct Store {
    folder: Folder,
}

impl Store {
    /// Claims a new or empty folder, or goes on with one that holds this very sweep; with `force` one that holds nothing but
    /// results of this program makes room. `base` is the experiment without any
    /// of the points' settings.
    ///
    /// # Errors
    /// When it holds something else, another program writes to it, or it cannot be made or written.
    pub fn open(path: &Path, base: &Header, prepared: &Prepared, force: bool) -> Result<Self, Failure> {
        let folder = Folder::claim_or_resume(path, MANIFEST, manifest(base, prepared).as_bytes(), "sweep", force)?;
        folder.subfolder(POINTS)?;
        Ok(Self { folder })
    }

    /// The folder itself.
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// What a point came to, if it is there.
    pub(super) fn read(&self, name: &str) -> Result<Option<PointResult>, Failure> {
        let path = point_file(name);
        let Some(text) = self.folder.read(&path)? else { return Ok(None) };
        let damaged = |error: String| {
            let path = self.folder.path().join(&path);
            Failure::failed(format!("`{}` is damaged: {error}", path.display()))
                .hint("delete it, and the same command runs this point again")
        };
        PointResult::from_text(&text).map(Some).map_err(damaged)
    }

    /// Keeps what a point came to.
    pub(super) fn write(&self, name: &str, result: &PointResult) -> Result<(), Failure> {
        self.folder.write(&point_file(name), |out| out.write_all(result.to_text().as_bytes()))
    }
}

/// Where a point's result is, within the folder.
pub(super) fn point_file(name: &str) -> String {
    format!("{POINTS}/{name}.json")
}

/// Everything that tells one sweep from another.
fn manifest(base: &Header, prepared: &Prepared) -> String {
    let plan = &prepared.plan;
    let axes = plan.axes.iter().map(|axis| match &axis.values {
        Values::Listed(values) => json!({ "key": axis.key, "values": values }),
        Values::Range(range) => json!({ "key": axis.key, "range": range.text }),
    });
    let points = plan.points.iter().zip(&prepared.names).zip(prepared.trials.iter().zip(&prepared.is_base));
    let document = json!({
        "schema-version": SCHEMA_VERSION,
        "sweep-of": base.name,
        "version": base.version,
        "hash": base.hash,
        "seed": base.seed,
        "design": plan.design,
        "held-against": prepared.base,
        "axes": axes.collect::<Vec<_>>(),
        "points": points.map(|((settings, name), (trials, is_base))| json!({
            "settings": settings,
            "trials": trials,
            "is-base": is_base,
            "result": point_file(name),
        })).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}
