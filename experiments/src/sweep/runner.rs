//! Running the points of a sweep, one after the other.

use std::num::NonZeroUsize;
use std::path::Path;

use super::folder::SweepFolder;
use super::point::{Base, PointResult};
use super::prepared::{Prepared, at};
use super::results::Results;
use crate::exit::Failure;
use crate::run::{Ended, Open, Overrides, RunError, Stop, run_trials};
use crate::shard::Split;

/// How far a sweep has come, in trials of all points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many were kept from before: they say nothing of the time that the others take.
    Kept(u64),
    /// So many are done, those from before among them.
    Done(u64),
}

/// Everything that the run of a sweep needs.
pub struct Runner<'a, O> {
    /// Opens the points.
    pub open: &'a O,
    /// The experiment file.
    pub path: &'a Path,
    /// Changes by the command line to all points.
    pub base: &'a Overrides,
    /// The points.
    pub prepared: &'a Prepared,
    /// The shard whose points are run; all of them without one.
    pub shard: Option<Split>,
    /// Where results are kept, if anywhere.
    pub store: Option<&'a SweepFolder>,
    /// Threads to run on.
    pub threads: NonZeroUsize,
    /// The request to end early.
    pub stop: &'a Stop,
}

impl<O: Open> Runner<'_, O> {
    /// Whether the result of a point is asked for.
    fn wants(&self, point: usize) -> bool {
        self.shard.is_none_or(|shard| shard.has(point))
    }

    /// How many points are asked for.
    pub fn asked(&self) -> usize {
        (0..self.prepared.plan.points.len()).filter(|point| self.wants(*point)).count()
    }

    /// Their trials.
    pub fn trials(&self) -> u64 {
        let trials = self.prepared.trials.iter().enumerate();
        trials.filter(|(point, _)| self.wants(*point)).map(|(_, trials)| trials).sum()
    }

    /// Runs what is not kept yet, one point after the other. After a stop the result has the points that were finished.
    ///
    /// # Errors
    /// The point that failed, in the words of `failed`, or what the folder says.
    pub fn run(
        &self,
        progress: &(dyn Fn(Progress) + Sync),
        failed: &dyn Fn(&RunError, &Overrides) -> Failure,
    ) -> Result<Results, Failure> {
        let Prepared { plan, names, trials, figures, base, is_base, .. } = self.prepared;
        let mut points: Vec<Option<PointResult>> = vec![None; plan.points.len()];
        let mut done = 0;
        for (point, result) in points.iter_mut().enumerate().filter(|(point, _)| self.wants(*point)) {
            *result = self.store.map(|store| store.read(&names[point])).transpose()?.flatten();
            done += result.as_ref().map_or(0, |_| trials[point]);
        }
        progress(Progress::Kept(done));
        // The base point comes first, and once more if it was kept or belongs to another shard: its trials are what the
        // others are held against.
        let mut held: Option<Base> = None;
        let others = (0..points.len()).filter(|point| point != base && self.wants(*point));
        for point in std::iter::once(*base).chain(others) {
            if self.stop.asked() {
                break;
            }
            let lacks = |point: usize| self.wants(point) && points[point].is_none();
            let again = point == *base && !lacks(point) && (0..points.len()).any(lacks);
            if !lacks(point) && !again {
                continue;
            }
            let overrides = at(plan, point, self.base);
            // Two points may be the same experiment, and one may be the base point in other words.
            let twin = (0..points.len()).find(|&twin| names[twin] == names[point] && points[twin].is_some());
            let twin = twin.filter(|_| !again).and_then(|twin| points[twin].clone());
            let base_result = points[*base].as_ref().filter(|_| is_base[point] && !again);
            let known = match (twin, base_result) {
                (Some(twin), _) => Some(twin),
                (None, Some(known)) => {
                    let header = self.open.open(self.path, &overrides)?.header;
                    Some(PointResult { hash: header.hash, resolved: header.resolved, ..known.clone() })
                }
                (None, None) => None,
            };
            let result = if let Some(known) = known {
                known
            } else {
                let experiment = self.open.open(self.path, &overrides)?;
                let before = done;
                let told = |part| progress(Progress::Done(if again { before } else { before + part }));
                let run = run_trials(&experiment.source, 0..trials[point], self.threads, &told, self.stop)
                    .map_err(|error| failed(&error, &overrides))?;
                if run.ended == Ended::Stopped {
                    break;
                }
                if point == *base {
                    held = Some(Base::new(&experiment.header, &run.table));
                }
                let against = held.as_ref().filter(|_| point != *base);
                PointResult::against(against, &experiment.header, &run.table, figures)
            };
            points[point] = Some(result);
            if again {
                continue;
            }
            if let (Some(store), Some(result)) = (self.store, &points[point]) {
                store.write(&names[point], result)?;
            }
            done += trials[point];
            progress(Progress::Done(done));
        }
        // That of the base point was needed, and is another shard's.
        points.iter_mut().enumerate().filter(|(point, _)| !self.wants(*point)).for_each(|(_, result)| *result = None);
        Ok(Results { points })
    }
}
