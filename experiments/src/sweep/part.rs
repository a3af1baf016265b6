//! Parts of a sweep: each shard has some of the points, and the parts together are the sweep.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::{Manifest, Planned, point_file};
use super::point::PointResult;
use super::prepared::{Prepared, name};
use super::results::Results;
use crate::exit::Failure;
use crate::header::Header;
use crate::shard::{Origin, PartKind, Split, read, twice};

/// `part.json` of a shard of a sweep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SweepPart {
    part_of: PartKind,
    /// The shard.
    shard: Split,
    /// Notes for the readers of the whole sweep.
    notes: Vec<String>,
    /// Remarks about its points.
    warnings: Vec<String>,
    /// The whole sweep.
    sweep: Manifest,
}

impl SweepPart {
    /// The part of a sweep that is this shard's; `base` is the experiment without any of the points' settings.
    pub(super) fn new(base: &Header, prepared: &Prepared, shard: Split) -> Self {
        let Prepared { notes, warnings, .. } = prepared;
        Self {
            part_of: PartKind::Sweep,
            shard,
            notes: notes.clone(),
            warnings: warnings.clone(),
            sweep: Manifest::new(base, prepared),
        }
    }

    /// The text of its file.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("every value of it is one of JSON") + "\n"
    }

    fn origin<'a>(&'a self, path: &'a Path) -> Origin<'a> {
        let (experiment, version, hash, seed) = self.sweep.origin();
        Origin { path, experiment, version, hash, seed, trials: None }
    }
}

/// The parts of a sweep: nothing missing, nothing twice, all of one sweep.
#[derive(Debug)]
pub struct MergedSweep(Vec<(PathBuf, SweepPart)>);

impl MergedSweep {
    /// Reads the manifests and checks that the parts are one sweep.
    ///
    /// # Errors
    /// Which part does not belong, which points are missing, and which are there twice.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut parts: Vec<(PathBuf, SweepPart)> = Vec::new();
        for path in paths {
            let part: SweepPart = read(path)?;
            if let Some((first, known)) = parts.first() {
                if let Some(failure) = part.origin(path).misfit(&known.origin(first)) {
                    return Err(failure);
                }
                if part.sweep != known.sweep {
                    return Err(Failure::usage(format!(
                        "`{}` does not belong with `{}`: it varies other keys, has other values or other trials",
                        path.display(),
                        first.display()
                    ))
                    .hint("merge the parts of one command, which differ in --shard and --out alone"));
                }
            }
            let points = part.sweep.len();
            let shared =
                |other: &SweepPart| (0..points).find(|point| other.shard.has(*point) && part.shard.has(*point));
            if let Some((other, point)) = parts.iter().find_map(|(path, other)| Some((path, shared(other)?))) {
                return Err(twice(other, path, &format!("point {point}")));
            }
            parts.push((path.clone(), part));
        }
        let points = parts.first().map_or(0, |(_, part)| part.sweep.len());
        let merged = Self(parts);
        let missing: Vec<usize> = (0..points).filter(|point| merged.owner(*point).is_none()).collect();
        if missing.is_empty() {
            return Ok(merged);
        }
        let shown: Vec<String> = missing.iter().take(10).map(ToString::to_string).collect();
        let more = if missing.len() > shown.len() { ", .." } else { "" };
        Err(Failure::usage(format!("no part holds {} of {points} points: {}{more}", missing.len(), shown.join(", ")))
            .hint("run the missing shards with the same command, and name all parts"))
    }

    /// What all have in common, as the first says it.
    pub fn origin(&self) -> Origin<'_> {
        let (path, part) = &self.0[0];
        part.origin(path)
    }

    /// The file of the experiment without any of the points' settings.
    pub fn experiment(&self) -> PathBuf {
        self.0[0].0.join("experiment.toml")
    }

    fn owner(&self, point: usize) -> Option<&(PathBuf, SweepPart)> {
        self.0.iter().find(|(_, part)| part.shard.has(point))
    }

    /// The sweep and the results of all points.
    ///
    /// # Errors
    /// When a part is unfinished, or holds something else than it should.
    pub fn results(&self) -> Result<(Prepared, Results), Failure> {
        let (path, part) = &self.0[0];
        let damaged = |path: &Path| {
            Failure::usage(format!("`{}` is not what a shard of a sweep keeps", path.display()))
                .hint("run its command again: it makes what is missing")
        };
        let planned = part.sweep.clone().planned().ok_or_else(|| damaged(&path.join(crate::folder::PART)))?;
        let Planned { plan, names, trials, base, is_base } = planned;
        let mut points = Vec::new();
        for (point, name) in names.iter().enumerate() {
            let (path, part) = self.owner(point).expect("every point has an owner");
            let file = path.join(point_file(name));
            let text = fs::read_to_string(&file).map_err(|_| {
                Failure::usage(format!("`{}` is unfinished: it lacks point {point}", path.display()))
                    .hint("run its command again: it goes on with the points that are missing")
            })?;
            let result = PointResult::from_text(&text).map_err(|_| damaged(&file))?;
            if self::name(&part.sweep.version, &result.resolved, result.seed, result.trials) != *name {
                return Err(damaged(&file));
            }
            points.push(Some(result));
        }
        let results = Results { points };
        let figures = results.figures().ok_or_else(|| damaged(path))?;
        let (notes, warnings) = (part.notes.clone(), part.warnings.clone());
        Ok((Prepared { plan, names, trials, figures, base, is_base, notes, warnings }, results))
    }
}
