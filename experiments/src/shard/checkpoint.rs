//! A run that keeps its finished trials while it goes on, so that it goes on where it was if it is killed.

use std::path::Path;

use super::log::{Kind, Known, Log};
use super::part::is_of;
use crate::exit::Failure;
use crate::run::{Batch, Experiment, Gathered, Sink, Trials};

/// The trials of a run, in memory and, where the run has a folder, in a file as well.
pub struct Checkpoint<'a> {
    gathered: Gathered<'a>,
    log: Option<Log>,
    /// Whether the trials that were kept are enough already.
    enough: bool,
}

impl<'a> Checkpoint<'a> {
    /// Gathers trials in memory alone.
    pub const fn none(gathered: Gathered<'a>) -> Self {
        Self { gathered, log: None, enough: false }
    }

    /// Gathers trials in memory and in the file at `path`, and begins with those that the file has. `work` tells this run
    /// from every other.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn open<S: Trials>(
        path: &Path,
        work: &str,
        experiment: &Experiment<S>,
        mut gathered: Gathered<'a>,
    ) -> Result<Self, Failure> {
        let width = experiment.source.columns().len();
        let kind = Kind::new(work.as_bytes(), width, gathered.table().first_trial());
        let mut enough = false;
        // Each batch is put to the rule as if it had just been run: the rule ends the run where it would have ended then.
        let log = Log::open(path, &kind, &mut |batch| {
            if gathered.table().is_empty() && !is_of(experiment, gathered.table().first_trial(), batch) {
                return Ok(Known::Foreign);
            }
            enough = gathered.take(batch)?;
            Ok(if enough { Known::Enough } else { Known::Taken })
        })
        .map_err(Failure::failed)?;
        Ok(Self { gathered, log: Some(log), enough })
    }

    /// The trials so far, and whether they are enough already.
    pub fn so_far(&self) -> (u64, bool) {
        (self.gathered.table().len() as u64, self.enough)
    }

    /// All trials.
    pub fn gathered(self) -> Gathered<'a> {
        self.gathered
    }
}

impl Sink for Checkpoint<'_> {
    fn take(&mut self, batch: &Batch) -> Result<bool, String> {
        if let Some(log) = &mut self.log {
            log.append(batch)?;
        }
        self.gathered.take(batch)
    }

    fn bytes(&self) -> u64 {
        self.gathered.bytes()
    }
}
