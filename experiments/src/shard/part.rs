//! A part: what one shard of a run hands over.
//!
//! `part.json` tells which part of which run it is, `experiment.toml` is the experiment, and `trials.bin` has the rows
//! ([`super::log`]). All three depend on the experiment and the shard alone.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::log::{Kind, Known, Log};
use super::split::Split;
use crate::documents::{FindingDocument, SCHEMA_VERSION};
use crate::exit::Failure;
use crate::folder::{Folder, PART, TRIALS};
use crate::run::{Batch, Experiment, Trials};

/// The experiment of a part, as text.
pub(super) const EXPERIMENT: &str = "experiment.toml";

/// What the results of a shard are a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A run: the part has trials.
    Run,
    /// A sweep: the part has points.
    Sweep,
}

/// `part.json` of a shard of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunPart {
    schema_version: u32,
    part_of: PartKind,
    /// The shard.
    pub shard: Split,
    /// The experiment's name.
    pub experiment: String,
    /// The version that ran it.
    pub version: String,
    /// Digest of the experiment.
    pub hash: String,
    /// The seed.
    pub seed: u64,
    /// Trials of the whole run.
    pub trials: u64,
    /// The number of its first trial.
    pub first: u64,
    /// The number of the trial after its last one.
    pub end: u64,
    /// Findings about the file, which the resolved text does not show in their places.
    pub findings: Vec<FindingDocument>,
}

impl RunPart {
    /// The part of an experiment that is this shard's.
    ///
    /// # Errors
    /// When there are fewer trials than shards.
    pub fn new<S: Trials>(experiment: &Experiment<S>, shard: Split) -> Result<Self, Failure> {
        let Experiment { header, trials, findings, .. } = experiment;
        let Range { start, end } = shard.range(*trials);
        if shard.of() > *trials {
            return Err(Failure::usage(format!("{trials} trials cannot be cut into {} shards", shard.of())));
        }
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            part_of: PartKind::Run,
            shard,
            experiment: header.name.clone(),
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            trials: *trials,
            first: start,
            end,
            findings: FindingDocument::all(findings),
        })
    }

    /// The text of its file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("every value of it is one of JSON") + "\n"
    }
}

/// The folder of a part that is made, or goes on.
#[derive(Debug)]
pub struct Part {
    folder: Folder,
    manifest: RunPart,
}

/// Claims the folder of a part: a new or empty one, or one with this very part, whole or not.
///
/// # Errors
/// When it holds something else, another process writes to it, or it cannot be made or written.
pub fn open<S: Trials>(path: &Path, experiment: &Experiment<S>, shard: Split, force: bool) -> Result<Part, Failure> {
    let manifest = RunPart::new(experiment, shard)?;
    let folder = Folder::claim_or_resume(path, PART, manifest.to_text().as_bytes(), "shard", force)?;
    Ok(Part { folder, manifest })
}

impl Part {
    /// Which part it is.
    pub const fn manifest(&self) -> &RunPart {
        &self.manifest
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file that takes the trials, and the number of the first trial that it lacks.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn log<S: Trials>(&self, experiment: &Experiment<S>) -> Result<(Log, u64), Failure> {
        let resolved = &experiment.header.resolved;
        self.folder.write(EXPERIMENT, |out| out.write_all(resolved.as_bytes()))?;
        let RunPart { first, end, .. } = self.manifest;
        let width = experiment.source.columns().len();
        let kind = Kind::new(self.manifest.to_text().as_bytes(), width, first);
        let mut next = first;
        let log = Log::open(&self.folder.growing(TRIALS)?, &kind, &mut |batch| {
            let trials = (batch.rows.len() / width) as u64;
            if next + trials > end || (next == first && !is_of(experiment, first, batch)) {
                return Ok(Known::Foreign);
            }
            next += trials;
            Ok(Known::Taken)
        });
        log.map(|log| (log, next)).map_err(Failure::failed)
    }
}

/// Whether a batch begins with this trial of the experiment, as this program runs it: another build of the same version
/// may run it differently.
pub(super) fn is_of<S: Trials>(experiment: &Experiment<S>, trial: u64, batch: &Batch) -> bool {
    let bits = |row: &[f64]| row.iter().map(|figure| figure.to_bits()).collect::<Vec<_>>();
    let width = experiment.source.columns().len();
    experiment
        .replayed(trial)
        .is_ok_and(|again| batch.rows.get(..width).is_some_and(|row| bits(row) == bits(&again.rows)))
}

/// The text of `part.json` in a folder.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let file = path.join(PART);
    fs::read_to_string(&file).map_err(|error| {
        let shown = path.display();
        if error.kind() != ErrorKind::NotFound && error.kind() != ErrorKind::NotADirectory {
            return Failure::failed(format!("failed to read `{}`: {error}", file.display()));
        }
        let whole = ["summary.json", "sweep.json", "comparison.json"].iter().any(|name| path.join(name).is_file());
        let failure = match (path.is_dir(), whole) {
            (false, _) => Failure::usage(format!("there is no folder `{shown}`")),
            (true, true) => Failure::usage(format!("`{shown}` holds whole results, and not a part of some")),
            (true, false) => Failure::usage(format!("`{shown}` is not a part: it has no {PART}")),
        };
        failure.hint("`mrsim run FILE --shard 1/16 --out DIR` makes one")
    })
}

/// What a folder holds a part of.
///
/// # Errors
/// When it holds none.
pub fn kind(path: &Path) -> Result<PartKind, Failure> {
    /// What all parts have.
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Any {
        part_of: PartKind,
    }
    read::<Any>(path).map(|any| any.part_of)
}

/// `part.json` of a folder.
///
/// # Errors
/// When there is none, or it is not what this version writes.
pub fn read<T: for<'text> Deserialize<'text>>(path: &Path) -> Result<T, Failure> {
    serde_json::from_str(&text(path)?).map_err(|error| {
        Failure::usage(format!("`{}` is not the manifest of a part: {error}", path.join(PART).display()))
    })
}
