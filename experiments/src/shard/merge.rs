//! Parts of a run, as one table again: nothing missing, nothing twice, all of one run.

use std::fs;
use std::path::{Path, PathBuf};

use super::log::{Frames, Kind, Next};
use super::part::{EXPERIMENT, RunPart, is_of, read, text};
use crate::exit::Failure;
use crate::folder::{PART, TRIALS};
use crate::run::{Batch, Experiment, Gathered, Room, Sink as _, Stop, Trials};
use crate::table::TrialTable;
use crate::units::whole;
use measure::outage::Outage;

/// Characters of a line that are shown.
const SHOWN: usize = 100;

/// Outages are known only once they are read.
const FULL: &str = "the trials of the parts and their outages take more memory than there is";

/// What parts of one run or sweep have in common.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Where the part is.
    pub path: &'a Path,
    /// The experiment's name.
    pub experiment: &'a str,
    /// The version that made it.
    pub version: &'a str,
    /// Digest of the experiment.
    pub hash: &'a str,
    /// The seed.
    pub seed: u64,
    /// Trials of the whole run, if it is one.
    pub trials: Option<u64>,
}

impl Origin<'_> {
    /// Why a part does not belong with the first one, if it does not.
    pub fn misfit(&self, first: &Self) -> Option<Failure> {
        let differ =
            |found: String, expected: String| Some(format!("it is {found}, and `{}` {expected}", first.path.display()));
        let counted = |trials: Option<u64>| whole(trials.unwrap_or(0));
        let why = if self.experiment != first.experiment {
            differ(format!("of `{}`", self.experiment), format!("of `{}`", first.experiment))
        } else if self.version != first.version {
            differ(format!("of mrsim {}", self.version), format!("of mrsim {}", first.version))
        } else if self.seed != first.seed {
            differ(format!("of seed {}", self.seed), format!("of seed {}", first.seed))
        } else if self.trials != first.trials {
            differ(
                format!("of a run of {} trials", counted(self.trials)),
                format!("of one of {}", counted(first.trials)),
            )
        } else if self.hash != first.hash {
            Some(format!("it is of another file or of other settings{}", self.difference(first).unwrap_or_default()))
        } else {
            None
        };
        why.map(|why| {
            Failure::usage(format!("`{}` does not belong with `{}`: {why}", self.path.display(), first.path.display()))
                .hint("merge the parts of one command, which differ in --shard and --out alone")
        })
    }

    /// The first line in which the experiments differ.
    fn difference(&self, first: &Self) -> Option<String> {
        let text = |path: &Path| fs::read_to_string(path.join(EXPERIMENT)).ok();
        let (own, other) = (text(self.path)?, text(first.path)?);
        let (own, other): (Vec<&str>, Vec<&str>) = (own.lines().collect(), other.lines().collect());
        let line = (0..own.len().max(other.len())).find(|line| own.get(*line) != other.get(*line))?;
        let cut = |line: &str| line.chars().take(SHOWN).collect::<String>();
        let shown = |lines: &[&str]| lines.get(line).map_or("nothing".to_owned(), |line| format!("`{}`", cut(line)));
        Some(format!("; the first difference is {} instead of {}", shown(&own), shown(&other)))
    }

    /// Why this program cannot merge it, if it is not the version that made it.
    pub fn stranger(&self, own: &str) -> Option<Failure> {
        (self.version != own).then(|| {
            Failure::usage(format!(
                "`{}` was made by mrsim {}, and this is mrsim {own}",
                self.path.display(),
                self.version
            ))
            .hint("merge with the version that made the parts: another one may run the same trials differently")
        })
    }
}

/// The parts of a run, in the order of their trials.
#[derive(Debug)]
pub struct Parts(Vec<(PathBuf, RunPart)>);

impl Parts {
    /// Reads the manifests and checks that the parts are one run.
    ///
    /// # Errors
    /// Which part does not belong, which trials are missing, and which are there twice.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut parts: Vec<(PathBuf, RunPart)> = Vec::new();
        for path in paths {
            let part: RunPart = read(path)?;
            if part.shard.range(part.trials) != (part.first..part.end) || part.first == part.end {
                return Err(Failure::usage(format!(
                    "`{}` is damaged: its trials are not those of its shard",
                    path.join(PART).display()
                )));
            }
            if let Some((first, known)) = parts.first()
                && let Some(failure) = part.origin(path).misfit(&known.origin(first))
            {
                return Err(failure);
            }
            if let Some((other, _)) = parts.iter().find(|(_, other)| overlap(other, &part)) {
                return Err(twice(other, path, &trials_of(&part)));
            }
            parts.push((path.clone(), part));
        }
        parts.sort_by_key(|(_, part)| part.first);
        let (_, known) = parts.first().ok_or_else(|| Failure::usage("there are no parts"))?;
        let mut missing = Vec::new();
        let mut next = 0;
        for (_, part) in &parts {
            missing.extend((part.first > next).then_some(next..part.first));
            next = part.end;
        }
        missing.extend((next < known.trials).then_some(next..known.trials));
        if missing.is_empty() {
            return Ok(Self(parts));
        }
        let gaps: Vec<String> = missing.iter().map(|gap| range(gap.start, gap.end)).collect();
        let shards: Vec<String> = lacking(known, parts.iter().map(|(_, part)| part));
        let shards = if shards.is_empty() { String::new() } else { format!(" (shard {})", shards.join(", ")) };
        Err(Failure::usage(format!("no part holds trials {} of {}{shards}", gaps.join(", "), whole(known.trials)))
            .hint("run the missing shards with the same command, and name all parts"))
    }

    /// The run that they are of.
    pub fn run(&self) -> &RunPart {
        &self.0[0].1
    }

    /// What all have in common, as the first says it.
    pub fn origin(&self) -> Origin<'_> {
        let (path, part) = &self.0[0];
        part.origin(path)
    }

    /// The file of the experiment.
    pub fn experiment(&self) -> PathBuf {
        self.0[0].0.join(EXPERIMENT)
    }

    /// All trials; those beyond `room` on disk. `stop` ends it if they take more memory than there is.
    ///
    /// # Errors
    /// When a part is unfinished, damaged, or was made by a program that runs its trials differently.
    pub fn table<S: Trials>(
        &self,
        experiment: &Experiment<S>,
        room: Option<Room>,
        stop: &Stop,
    ) -> Result<TrialTable, Failure> {
        let columns = experiment.source.columns();
        let mut never = |_: &TrialTable| false;
        let mut gathered = Gathered::new(TrialTable::new(columns.clone(), 0), &mut never).within(room);
        for (path, part) in &self.0 {
            trials(path, part, experiment, &mut |batch| {
                gathered.take(batch).map_err(Failure::failed)?;
                stop.used_memory(gathered.bytes());
                if stop.asked() { Err(Failure::failed(FULL).hint("--max-memory allows more")) } else { Ok(()) }
            })?;
        }
        Ok(gathered.into_table())
    }
}

impl RunPart {
    fn origin<'a>(&'a self, path: &'a Path) -> Origin<'a> {
        let Self { experiment, version, hash, seed, trials, .. } = self;
        Origin { path, experiment, version, hash, seed: *seed, trials: Some(*trials) }
    }
}

/// Hands the trials of a part to `take`, batch by batch.
fn trials<S: Trials>(
    path: &Path,
    part: &RunPart,
    experiment: &Experiment<S>,
    take: &mut dyn FnMut(&Batch) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let file = path.join(TRIALS);
    let unread = |error: std::io::Error| Failure::failed(format!("failed to read `{}`: {error}", file.display()));
    let again = "run its command again: it goes on from what is whole";
    let (header, width) = (&experiment.header, experiment.source.columns().len());
    let kind = Kind::new(text(path)?.as_bytes(), width, part.first);
    let unfinished = |done: u64| {
        let (done, of) = (whole(done), whole(part.end - part.first));
        Failure::usage(format!("`{}` is unfinished: it holds {done} of {of} trials", path.display())).hint(again)
    };
    let damaged = |from: u64| {
        Failure::usage(format!("`{}` is damaged from trial {} on", file.display(), whole(from))).hint(again)
    };
    if !file.exists() {
        return Err(unfinished(0));
    }
    let mut frames = Frames::open(&file, &kind).map_err(unread)?.ok_or_else(|| {
        Failure::usage(format!("`{}` is not of the {PART} beside it", file.display()))
            .hint("one of the two was changed, or copied from elsewhere; copy the folder of the part once more")
    })?;
    let mut next = part.first;
    loop {
        match frames.next().map_err(unread)? {
            Next::Batch(batch) => {
                if next == part.first && !is_of(experiment, next, &batch) {
                    return Err(Failure::usage(format!(
                        "the trials of `{}` come out differently with this program",
                        path.display()
                    ))
                    .hint("another build made it: run all shards and merge them with one program"));
                }
                let end = next + (batch.rows.len() / width) as u64;
                // A digest is no signature: whoever changes a part can change it as well.
                let is_sound = |outage: &Outage| {
                    (next..end).contains(&outage.trial)
                        && outage.journey.is_none_or(|journey| journey < header.journeys.len())
                        && outage.cause < header.causes.len()
                };
                if end > part.end || !batch.outages.iter().all(is_sound) {
                    return Err(damaged(next));
                }
                next = end;
                take(&batch)?;
            }
            Next::End if next == part.end => return Ok(()),
            Next::Cut => return Err(unfinished(next - part.first)),
            Next::End | Next::Damaged => return Err(damaged(next)),
        }
    }
}

fn overlap(one: &RunPart, other: &RunPart) -> bool {
    one.first < other.end && other.first < one.end
}

/// Two parts that hold the same.
pub(crate) fn twice(one: &Path, other: &Path, what: &str) -> Failure {
    if one == other {
        return Failure::usage(format!("`{}` is named twice", one.display()));
    }
    Failure::usage(format!("`{}` and `{}` both hold {what}", one.display(), other.display()))
        .hint("each shard counts once: leave one of them out")
}

fn trials_of(part: &RunPart) -> String {
    format!("trials {}", range(part.first, part.end))
}

/// Trials from the first to the last, in words.
fn range(first: u64, end: u64) -> String {
    if end == first + 1 { whole(first) } else { format!("{} to {}", whole(first), whole(end - 1)) }
}

/// Shards that are missing, if all parts are of one division.
fn lacking<'a>(known: &RunPart, parts: impl Iterator<Item = &'a RunPart>) -> Vec<String> {
    let there: Vec<_> = parts.map(|part| part.shard).collect();
    let of = known.shard.of();
    if there.iter().any(|shard| shard.of() != of) {
        return Vec::new();
    }
    let all = (1..=of).filter_map(|index| super::Split::new(index, of));
    all.filter(|shard| !there.contains(shard)).map(|shard| shard.to_string()).collect()
}
