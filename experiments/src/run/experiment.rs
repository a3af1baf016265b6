//! The seam between the command line and what it runs: an opened experiment and how to open one.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::Trials;
use crate::exit::Failure;
use crate::file::Setting;
use crate::finding::Finding;
use crate::header::Header;
use crate::variation::SweepSpec;

/// What the command line changes about an experiment before it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set KEY=VALUE`, in the order given; the values are TOML, or plain words that stand for a TOML string.
    pub sets: Vec<(String, String)>,
    /// What the point of a sweep sets, after `sets`.
    pub varied: Vec<Setting>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--trials`.
    pub trials: Option<u64>,
    /// `--eager`: run every periodic process, also where its outcome cannot differ from the last.
    pub eager: bool,
    /// `--threads`: the most that charts may take which watch trials again; all processors without.
    pub threads: Option<NonZeroUsize>,
    /// `--confined`: the folder that everything lies in which files name.
    pub confined: Option<PathBuf>,
}

impl Overrides {
    /// All of them but those that change nothing about the experiment.
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
    /// What reports say of it. `seed` and `resolved` are those in force, overrides applied.
    pub header: Header,
    /// How many trials the file or the command line asks for, at least 1.
    pub trials: u64,
    /// What in the file will not do what its author expects, in the order of the file.
    pub findings: Vec<Finding>,
    /// What the file takes for granted that is neither a figure nor a mistake, in the order of the file.
    pub notes: Vec<Finding>,
    /// What `mrsim sweep` varies, if the file says so.
    pub sweep: Option<SweepSpec>,
    /// The trials.
    pub source: S,
}

impl<S: Trials> Experiment<S> {
    /// Whether both come to the same result for certain, however their files say it: the default in words is the default.
    pub fn same_as(&self, other: &Self) -> bool {
        let asked = |Self { header, trials, .. }: &Self| {
            (*trials, header.horizon, header.objectives.clone(), header.availability)
        };
        asked(self) == asked(other) && self.source.same_as(&other.source)
    }
}

/// Opens experiment files. The command line knows no more of files and models than this.
pub trait Open {
    /// What an opened experiment runs.
    type Source: Trials;

    /// Reads, checks and assembles the experiment at `path`.
    ///
    /// # Errors
    /// A [`Failure`] whose message is complete, with every problem of the file, ready to be printed.
    fn open(&self, path: &Path, overrides: &Overrides) -> Result<Experiment<Self::Source>, Failure>;

    /// Writes what happens in one trial, event by event, to `out`.
    ///
    /// # Errors
    /// Those of `out`.
    fn trace(&self, experiment: &Experiment<Self::Source>, trial: u64, out: &mut dyn io::Write) -> io::Result<()>;
}
