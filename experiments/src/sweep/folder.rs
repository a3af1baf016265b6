//! The folder that a sweep is kept in.
//!
//! `manifest.json` says which sweep it is; `points/NAME.json` holds the result of a point, written whole once it is
//! done and named after all that it depends on. A sweep that was killed finds both and goes on where it was. The folder of
//! a shard has `part.json` in place of the manifest.

use std::path::Path;

use super::manifest::{MANIFEST, Manifest, POINTS, point_file};
use super::part::SweepPart;
use super::point::PointResult;
use super::prepared::Prepared;
use super::results::Results;
use crate::exit::Failure;
use crate::folder::{Folder, PART};
use crate::header::Header;
use crate::shard::Split;

/// A folder with the results of points.
#[derive(Debug)]
pub struct SweepFolder {
    folder: Folder,
}

impl SweepFolder {
    /// Claims a new or empty folder, or goes on with one that holds this very sweep; with `force` one that holds nothing but
    /// results of this program makes room. `base` is the experiment without any
    /// of the points' settings.
    ///
    /// # Errors
    /// When it holds something else, another program writes to it, or it cannot be made or written.
    pub fn open(path: &Path, base: &Header, prepared: &Prepared, force: bool) -> Result<Self, Failure> {
        let manifest = Manifest::new(base, prepared).to_text();
        let folder = Folder::claim_or_resume(path, MANIFEST, manifest.as_bytes(), "sweep", force)?;
        folder.subfolder(POINTS)?;
        Ok(Self { folder })
    }

    /// The same for the points of a shard: a part, which [`super::MergedSweep`] reads.
    ///
    /// # Errors
    /// As those of [`SweepFolder::open`].
    pub fn of_shard(
        path: &Path,
        base: &Header,
        prepared: &Prepared,
        shard: Split,
        force: bool,
    ) -> Result<Self, Failure> {
        let part = SweepPart::new(base, prepared, shard).to_text();
        let folder = Folder::claim_or_resume(path, PART, part.as_bytes(), "shard", force)?;
        folder.write("experiment.toml", |out| out.write_all(base.resolved.as_bytes()))?;
        folder.subfolder(POINTS)?;
        Ok(Self { folder })
    }

    /// Keeps the results of all points that are done.
    ///
    /// # Errors
    /// When one cannot be written.
    pub fn keep(&self, prepared: &Prepared, results: &Results) -> Result<(), Failure> {
        let done = prepared.names.iter().zip(&results.points);
        done.filter_map(|(name, result)| Some((name, result.as_ref()?)))
            .try_for_each(|(name, result)| self.write(name, result))
    }

    /// The folder itself.
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The result of a point, if it is there.
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

    /// Keeps the result of a point.
    pub(super) fn write(&self, name: &str, result: &PointResult) -> Result<(), Failure> {
        self.folder.write(&point_file(name), |out| out.write_all(result.to_text().as_bytes()))
    }
}
