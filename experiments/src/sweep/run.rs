//! Opening and running the points of a sweep.

use std::num::NonZeroUsize;
use std::path::Path;

use super::plan::Plan;
use super::point::{Figures, PointResult};
use super::store::Store;
use crate::exit::Failure;
use crate::header::Objective;
use crate::run::{Ended, Open, Overrides, RunError, Stop, run_trials};

/// Problems of points that are shown; the others are most likely the same again.
const SHOWN: usize = 5;

/// A sweep whose points have all been opened once.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The points.
    pub plan: Plan,
    /// Of each point the name of its result: a digest of the resolved experiment, seed, trials and version.
    pub names: Vec<String>,
    /// Trials of each point.
    pub trials: Vec<u64>,
    /// What is reported.
    pub figures: Figures,
    /// Remarks about the points, each once.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// Trials of all points together.
    pub fn all_trials(&self) -> u64 {
        self.trials.iter().sum()
    }
}

/// What the points came to.
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

/// The overrides of one point.
fn at(plan: &Plan, point: usize, base: &Overrides) -> Overrides {
    let sets = base.sets.iter().cloned().chain(plan.sets(point)).collect();
    Overrides { sets, ..base.clone() }
}

/// Opens every point.
///
/// # Errors
/// What is wrong with the points, each problem once.
pub fn prepare<O: Open>(open: &O, path: &Path, base: &Overrides, plan: Plan) -> Result<Prepared, Failure> {
    let (mut names, mut trials, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let (mut objectives, mut stores) = (Vec::<Objective>::new(), false);
    let mut failures: Vec<(usize, Failure)> = Vec::new();
    for point in 0..plan.points.len() {
        match open.open(path, &at(&plan, point, base)) {
            Ok(experiment) => {
                let header = experiment.header;
                stores |= !header.stores.is_empty();
                names.push(name(&header.version, &header.resolved, header.seed, experiment.trials));
                trials.push(experiment.trials);
                objectives.extend(header.objectives);
                for warning in experiment.warnings {
                    if !warnings.contains(&warning) {
                        warnings.push(warning);
                    }
                }
            }
            Err(failure) if failures.iter().all(|(_, known)| known.message != failure.message) => {
                failures.push((point, failure));
                // One mistake in a key is a mistake in every point.
                if failures.len() > SHOWN {
                    break;
                }
            }
            Err(_) => {}
        }
    }
    if let Some((_, first)) = failures.first() {
        let hidden = failures.len() > SHOWN;
        let messages: Vec<&str> = failures.iter().take(SHOWN).map(|(_, failure)| failure.message.trim_end()).collect();
        let more = if hidden { "\n\nerror: and more problems in other points" } else { "" };
        return Err(Failure { message: format!("{}{more}", messages.join("\n\n")), ..first.clone() });
    }
    Ok(Prepared { figures: Figures::new(objectives.iter(), stores), plan, names, trials, warnings })
}

/// The name of a point's result.
fn name(version: &str, resolved: &str, seed: u64, trials: u64) -> String {
    let mut digest = blake3::Hasher::new();
    for part in [version, resolved] {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.update(&seed.to_le_bytes());
    // The range of trials: from the first to the last but one.
    digest.update(&0_u64.to_le_bytes());
    digest.update(&trials.to_le_bytes());
    digest.finalize().to_hex().chars().take(32).collect()
}

/// How far a sweep has come, in trials of all points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many were kept from before: they say nothing of the time that the others take.
    Kept(u64),
    /// So many are done, those from before among them.
    Done(u64),
}

/// What it takes to run the points of a sweep.
pub struct Runner<'a, O> {
    /// Opens the points.
    pub open: &'a O,
    /// The experiment file.
    pub path: &'a Path,
    /// What the command line changes for all points.
    pub base: &'a Overrides,
    /// The points.
    pub prepared: &'a Prepared,
    /// Where results are kept, if anywhere.
    pub store: Option<&'a Store>,
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
        let Prepared { plan, names, trials, figures, .. } = self.prepared;
        let mut points: Vec<Option<PointResult>> = vec![None; plan.points.len()];
        let mut done = 0;
        for (point, result) in points.iter_mut().enumerate() {
            *result = self.store.map(|store| store.read(&names[point])).transpose()?.flatten();
            done += result.as_ref().map_or(0, |_| trials[point]);
        }
        progress(Progress::Kept(done));
        for point in 0..points.len() {
            if self.stop.asked() {
                break;
            }
            if points[point].is_some() {
                continue;
            }
            // Two points may be the same experiment.
            if let Some(twin) = names[..point].iter().position(|name| *name == names[point]) {
                let known = points[twin].clone();
                points[point] = known;
            } else {
                let overrides = at(plan, point, self.base);
                let experiment = self.open.open(self.path, &overrides)?;
                let before = done;
                let told = |part| progress(Progress::Done(before + part));
                let run = run_trials(&experiment.source, 0..trials[point], self.threads, &told, self.stop)
                    .map_err(|error| failed(&error, &overrides))?;
                if run.ended == Ended::Stopped {
                    break;
                }
                let result = PointResult::new(&experiment.header, &run.table, figures);
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
