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

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::Checkpoint;
    use crate::run::synthetic::Synthetic;
    use crate::run::{Ended, Experiment, Gathered, Stop, Trials as _, run_into};
    use crate::table::TrialTable;

    fn experiment(source: Synthetic) -> Experiment<Synthetic> {
        Experiment {
            header: source.header.clone(),
            trials: 500,
            findings: Vec::new(),
            notes: Vec::new(),
            sweep: None,
            solve: None,
            source,
        }
    }

    /// Goes on with what is at the path until there are `until` trials or the rule has enough, and returns how many were
    /// there before, how many there are now, and whether the rule ended it.
    fn go_on(path: &std::path::Path, work: &str, until: u64, rule: usize) -> (u64, usize, bool) {
        let experiment = experiment(Synthetic::typical());
        let mut enough = |table: &TrialTable| table.len() >= rule;
        let table = TrialTable::new(experiment.source.columns().clone(), 0);
        let gathered = Gathered::new(table, &mut enough);
        let mut kept = Checkpoint::open(path, work, &experiment, gathered).expect("it can be written");
        let (before, is_enough) = kept.so_far();
        let ended = if is_enough {
            Ended::Enough
        } else {
            run_into(&experiment.source, before..until, NonZeroUsize::MIN, &|_| (), &Stop::new(), &mut kept)
                .expect("it runs")
        };
        (before, kept.gathered().table().len(), ended == Ended::Enough)
    }

    #[test]
    fn a_rule_is_asked_about_what_was_kept_as_if_it_had_just_been_run() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = home.path().join("checkpoint");
        assert_eq!(go_on(&path, "this", 200, usize::MAX), (0, 200, false));
        assert_eq!(go_on(&path, "this", 300, usize::MAX), (200, 300, false));
        // Killed after its last batch and before its result: the rule ends it at the same batch, and what lies beyond is
        // cut off.
        assert_eq!(go_on(&path, "this", 500, 110), (125, 125, true));
        assert_eq!(go_on(&path, "this", 150, usize::MAX), (125, 150, false));
        // Other work, or trials that this program would not run like this, are no beginning.
        assert_eq!(go_on(&path, "that", 50, usize::MAX), (0, 50, false));
        let other = experiment(Synthetic::censored(1));
        let mut never = |_: &TrialTable| false;
        let gathered = Gathered::new(TrialTable::new(other.source.columns().clone(), 0), &mut never);
        let kept = Checkpoint::open(&path, "that", &other, gathered).expect("it can be written");
        assert_eq!(kept.so_far(), (0, false));
    }
}
