//! Running the points of a sweep, one after the other.

use std::num::NonZeroUsize;
use std::path::Path;

use super::folder::SweepFolder;
use super::point::{Base, PointResult};
use super::prepared::{Prepared, at};
use crate::exit::Failure;
use crate::run::{Ended, Open, Overrides, RunError, Stop, run_trials};

/// The results of the points.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// Of each point, as far as it is done.
    pub points: Vec<Option<PointResult>>,
}

impl Results {
    /// How many points are done.
    pub fn done(&self) -> usize {
        self.points.iter().flatten().count()
    }
}

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
    /// Where results are kept, if anywhere.
    pub store: Option<&'a SweepFolder>,
    /// Threads to run on.
    pub threads: NonZeroUsize,
    /// The request to end early.
    pub stop: &'a Stop,
}

impl<O: Open> Runner<'_, O> {
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
        for (point, result) in points.iter_mut().enumerate() {
            *result = self.store.map(|store| store.read(&names[point])).transpose()?.flatten();
            done += result.as_ref().map_or(0, |_| trials[point]);
        }
        progress(Progress::Kept(done));
        // The base point comes first, and once more if it was kept: its trials are what the others are held against.
        let mut held: Option<Base> = None;
        let others = (0..points.len()).filter(|point| point != base);
        for point in std::iter::once(*base).chain(others) {
            if self.stop.asked() {
                break;
            }
            let again = point == *base && points[point].is_some() && points.iter().any(Option::is_none);
            if points[point].is_some() && !again {
                continue;
            }
            let overrides = at(plan, point, self.base);
            // Two points may be the same experiment, and one may be the base point in other words.
            let twin = (0..points.len()).find(|&twin| names[twin] == names[point] && points[twin].is_some());
            let twin = twin.filter(|_| !again).and_then(|twin| points[twin].clone());
            if let Some(known) = twin {
                points[point] = Some(known);
            } else if let Some(known) = points[*base].as_ref().filter(|_| is_base[point] && !again) {
                let header = self.open.open(self.path, &overrides)?.header;
                let result = PointResult { hash: header.hash, resolved: header.resolved, ..known.clone() };
                if let Some(store) = self.store {
                    store.write(&names[point], &result)?;
                }
                points[point] = Some(result);
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
                    held = Some(Base::new(&experiment.header, &run.table, &self.prepared.figures));
                }
                if again {
                    continue;
                }
                let against = held.as_ref().filter(|_| point != *base);
                let result = PointResult::against(against, &experiment.header, &run.table, figures);
                if let Some(store) = self.store {
                    store.write(&names[point], &result)?;
                }
                points[point] = Some(result);
            }
            done += trials[point];
            progress(Progress::Done(done));
        }
        Ok(Results { points })
    }
}
