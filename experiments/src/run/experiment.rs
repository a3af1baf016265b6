//! The border between the command line and the experiments that it runs: an opened experiment, and how to open one.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::{Batch, RunError, Trials, trial_or_message};
use crate::exit::Failure;
use crate::file::{Setting, Whereabouts};
use crate::finding::Finding;
use crate::header::{Header, Of};
use crate::import::Hints;
use crate::variation::{SolveSpec, SweepSpec};

/// Changes by the command line to an experiment before it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--pack NAME`, in the order given.
    pub packs: Vec<String>,
    /// `--set KEY=VALUE`, in the order given; the values are TOML, or plain words that stand for a TOML string.
    pub sets: Vec<(String, String)>,
    /// Settings of the point of a sweep, applied after `sets`.
    pub varied: Vec<Setting>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--trials`.
    pub trials: Option<u64>,
    /// `--eager`: run every periodic process, also where it cannot change anything.
    pub eager: bool,
    /// `--threads`: threads at most for charts that run trials again; all processors without it.
    pub threads: Option<NonZeroUsize>,
    /// `--confined`: the folder in which every named file must lie.
    pub confined: Option<PathBuf>,
    /// `--region` and `--param`: what plans and templates that stand for experiments lack.
    pub hints: Hints,
    /// `--answers`: what answers the questions of their import.
    pub answers: Option<PathBuf>,
    /// The plan whose guesses all plans of a comparison share: what differs then is what the plans say.
    pub baseline: Option<PathBuf>,
}

impl Overrides {
    /// All settings that change the experiment itself.
    pub fn settings(&self) -> Vec<Setting> {
        let option = |option, key: &str, value: u64| Setting::Argument { option, text: format!("{key}={value}") };
        let sets = self.sets.iter().map(|(key, value)| Setting::set(format!("{key}={value}")));
        let seed = self.seed.map(|seed| option("--seed", "seed", seed));
        let trials = self.trials.map(|trials| option("--trials", "trials", trials));
        sets.chain(self.varied.iter().cloned()).chain(seed).chain(trials).collect()
    }
}

/// An experiment that is ready to run.
#[derive(Debug)]
pub struct Experiment<S> {
    /// The facts that reports state. `seed` and `resolved` include all overrides.
    pub header: Header,
    /// Trials that the file or the command line asks for, at least 1.
    pub trials: u64,
    /// Settings that will not do what the author expects, in the order of the file.
    pub findings: Vec<Finding>,
    /// Assumptions of the file that are neither figures nor mistakes, in its order.
    pub notes: Vec<Finding>,
    /// The table `[sweep]`, if the file has one.
    pub sweep: Option<SweepSpec>,
    /// The table `[solve]`, if the file has one.
    pub solve: Option<SolveSpec>,
    /// The trials.
    pub source: S,
}

impl<S: Trials> Experiment<S> {
    /// Whether both give the same results for certain, also if their files differ in words: a default that is written
    /// out is still the default.
    pub fn same_as(&self, other: &Self) -> bool {
        let asked = |Self { header, trials, .. }: &Self| {
            let all: Vec<(Of, f64)> = header.availabilities().collect();
            (*trials, header.horizon, header.objectives.clone(), all, header.bill.clone())
        };
        asked(self) == asked(other) && self.source.same_as(&other.source)
    }

    /// One trial, run by itself: its row and its outages.
    ///
    /// # Errors
    /// When it panics.
    pub fn replayed(&self, trial: u64) -> Result<Batch, RunError> {
        // A measure that a trial does not set did not happen.
        let (mut rows, mut outages) = (vec![f64::NAN; self.source.columns().len()], Vec::new());
        let mut worker = self.source.worker();
        trial_or_message(|| self.source.run(&mut worker, trial, &mut rows, &mut outages))
            .map_err(|message| RunError::Trial { trial, message })?;
        Ok(Batch { rows, outages, latencies: self.source.latencies(&mut worker) })
    }
}

/// Opens experiment files. The command line knows files and models only through this.
pub trait Open {
    /// The source of trials of an opened experiment.
    type Source: Trials;

    /// Reads, checks and assembles the experiment at `path`.
    ///
    /// # Errors
    /// A [`Failure`] with a complete message that lists every problem of the file.
    fn open(&self, path: &Path, overrides: &Overrides) -> Result<Experiment<Self::Source>, Failure>;

    /// Where these keys, paths as `--set` takes them, are written in the experiment at `path`.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    fn whereabouts(
        &self,
        path: &Path,
        overrides: &Overrides,
        keys: &[String],
    ) -> Result<Vec<Option<Whereabouts>>, Failure> {
        let _ = (path, overrides);
        Ok(vec![None; keys.len()])
    }

    /// Writes what happens in one trial, event by event, to `out`.
    ///
    /// # Errors
    /// Those of `out`.
    fn trace(&self, experiment: &Experiment<Self::Source>, trial: u64, out: &mut dyn io::Write) -> io::Result<()>;
}
