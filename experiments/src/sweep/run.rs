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
        let messages: Vec<&str> =
            failures.iter().take(SHOWN).map(|(_, failure)| failure.message.trim_end()).collect();
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

/// Runs what is not kept yet, one point after the other; `progress` is told how many trials of all points are done.
/// After a stop the result has the points that were finished.
///
/// # Errors
/// The point that failed in the words of `failed`, or what the folder says.
pub fn run_points<O: Open>(
    open: &O,
    path: &Path,
    base: &Overrides,
    prepared: &Prepared,
    store: Option<&Store>,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
    failed: &dyn Fn(&RunError, &Overrides) -> Failure,
) -> Result<Results, Failure> {
    let count = prepared.plan.points.len();
    let mut points: Vec<Option<PointResult>> = vec![None; count];
    // What is there counts as done before the rest begins, so that the time that is left is that of the rest.
    let mut done = 0;
    for (point, result) in points.iter_mut().enumerate() {
        *result = store.map(|store| store.read(&prepared.names[point])).transpose()?.flatten();
        done += result.as_ref().map_or(0, |_| prepared.trials[point]);
    }
    progress(done);
    for point in 0..count {
        if stop.asked() {
            break;
        }
        // Two points may be the same experiment.
        let twin = prepared.names[..point].iter().position(|name| *name == prepared.names[point]);
        if points[point].is_none()
            && let Some(twin) = twin
        {
            points[point].clone_from(&points[twin]);
            done += prepared.trials[point];
        }
        if points[point].is_some() {
            continue;
        }
        let overrides = at(&prepared.plan, point, base);
        let experiment = open.open(path, &overrides)?;
        let run = run_trials(&experiment.source, 0..experiment.trials, threads, &|part| progress(done + part), stop)
            .map_err(|error| failed(&error, &overrides))?;
        if run.ended == Ended::Stopped {
            break;
        }
        done += prepared.trials[point];
        let result = PointResult::new(&experiment.header, &run.table, &prepared.figures);
        if let Some(store) = store {
            store.write(&prepared.names[point], &result)?;
        }
        points[point] = Some(result);
    }
    Ok(Results { points })
}
