//! The folder that a sweep is kept in.
//!
//! `manifest.json` says which sweep it is; `points/NAME.json` holds the result of a point, written whole once it is
//! done and named after all that it depends on. A sweep that was killed finds both and goes on where it was.

use std::path::Path;

use super::manifest::{MANIFEST, Manifest, POINTS, point_file};
use super::point::PointResult;
use super::prepared::Prepared;
use crate::exit::Failure;
use crate::folder::Folder;
use crate::header::Header;

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
