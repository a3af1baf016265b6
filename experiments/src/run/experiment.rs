//! The seam between the command line and what it runs: an opened experiment and how to open one.

use std::io;
use std::path::Path;

use super::Trials;
use crate::exit::Failure;
use crate::header::Header;
use crate::sweep::SweepSpec;

/// What the command line changes about an experiment before it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--set KEY=VALUE`, in the order given; the values are TOML, or plain words that stand for a TOML string.
    pub sets: Vec<(String, String)>,
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--trials`.
    pub trials: Option<u64>,
    /// `--eager`: run every periodic process, also where its outcome cannot differ from the last.
    pub eager: bool,
}

/// An experiment that is ready to run.
#[derive(Debug)]
pub struct Experiment<S> {
    /// What reports say of it. `seed` and `resolved` are those in force, overrides applied.
    pub header: Header,
    /// How many trials the file or the command line asks for, at least 1.
    pub trials: u64,
    /// Remarks about the file that do not keep it from running, one sentence each.
    pub warnings: Vec<String>,
    /// What `mrsim sweep` varies, if the file says so.
    pub sweep: Option<SweepSpec>,
    /// The trials.
    pub source: S,
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
