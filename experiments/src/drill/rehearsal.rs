//! The trials of a drill: when each mark comes.

use std::num::NonZeroUsize;
use std::ops::Range;

use models::by_id::ById;
use models::deployment::{Clock, Deployment, Happening, Observer, Topology};
use models::ids::RunbookId;
use models::runbooks::Signal;
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use sim_core::time::{SimDuration, SimTime};

use super::play::{Mark, Play};
use crate::exit::Failure;
use crate::run::{Stop, pool, trial_or_message};
use measure::{Recorder, Trial};

/// Instants of every trial in seconds since the fault, one row a trial: infinite for what was not back at the horizon, not
/// a number for what did not happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// One row a trial, one column a mark.
    pub rows: Vec<Vec<f64>>,
    /// The length of a trial in seconds.
    pub horizon: f64,
}

/// When runbooks start and their steps begin and end, each for the first time.
#[derive(Debug, Default)]
struct Steps {
    starts: ById<RunbookId, Option<SimTime>>,
    begins: Vec<Vec<Option<SimTime>>>,
    ends: Vec<Vec<Option<SimTime>>>,
}

impl Steps {
    fn new(topology: &Topology) -> Self {
        let steps = || topology.runbooks.iter().map(|runbook| vec![None; runbook.steps.len()]).collect::<Vec<_>>();
        Self { starts: topology.runbooks.iter().map(|_| None).collect(), begins: steps(), ends: steps() }
    }
}

impl Observer for Steps {
    fn began(&mut self, _: Clock) {
        self.starts.iter_mut().for_each(|at| *at = None);
        self.begins.iter_mut().chain(&mut self.ends).flatten().for_each(|at| *at = None);
    }

    fn happened(&mut self, now: SimTime, what: Happening) {
        let Happening::Runbook { runbook, signal } = what else { return };
        let at = |steps: &mut [Vec<Option<SimTime>>], step: usize| {
            if let Some(place) = steps.get_mut(runbook.index()).and_then(|steps| steps.get_mut(step)) {
                place.get_or_insert(now);
            }
        };
        match signal {
            Signal::Started => {
                self.starts[runbook].get_or_insert(now);
            }
            Signal::StepBegan(step) => at(&mut self.begins, step),
            Signal::StepDone(step) => at(&mut self.ends, step),
            _ => {}
        }
    }
}

/// Runs trials of a deployment and notes when each mark comes: rows as those of [`Rehearsal`], or nothing if a stop is
/// asked for before all are done.
///
/// # Errors
/// When a trial panics or the threads cannot be started.
pub fn rehearse(
    topology: &Topology,
    play: &Play,
    deployment: &(dyn Fn() -> Deployment + Sync),
    trials: Range<u64>,
    threads: NonZeroUsize,
    stop: &Stop,
) -> Result<Option<Vec<Vec<f64>>>, Failure> {
    let worker = || (deployment(), Recorder::new(topology), Steps::new(topology));
    let one = |(deployment, recorder, steps): &mut (Deployment, Recorder, Steps), trial: u64| {
        let mut both = (&mut *recorder, &mut *steps);
        match trial_or_message(|| deployment.run_while(trial, &mut both, || !stop.asked())) {
            Ok(true) => Ok(Some(row(play, recorder.trial(), steps))),
            Ok(false) => Ok(None),
            Err(message) => Err(Failure::failed(format!("trial {trial} failed: {message}"))),
        }
    };
    let pool = pool(threads).map_err(|error| Failure::failed(format!("failed to start threads: {error}")))?;
    // Rows come in the order of their trials, however many threads there are.
    let rows = pool.install(|| trials.into_par_iter().map_init(worker, one).collect::<Vec<_>>());
    // Of several failures the first in the order of trials is told.
    let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(rows.into_iter().collect())
}

fn row(play: &Play, trial: &Trial, steps: &Steps) -> Vec<f64> {
    let seconds = |at: Option<SimDuration>| at.map_or(f64::NAN, SimDuration::as_secs_f64);
    let censored = |at: Option<SimDuration>| at.map_or(f64::INFINITY, SimDuration::as_secs_f64);
    let Some(clock) = trial.clock else { return vec![f64::NAN; play.marks.len()] };
    // What began before the fault is not its doing.
    let since = |at: Option<SimTime>| at.filter(|at| *at >= clock).map_or(f64::NAN, |at| at.since(clock).as_secs_f64());
    let of = |steps: &[Vec<Option<SimTime>>], runbook: RunbookId, step: usize| steps[runbook.index()][step];
    let one = |mark: Mark| match mark {
        Mark::Fault => 0.0,
        Mark::HealthFlip => seconds(trial.health_flip),
        Mark::AnswerChange => seconds(trial.answer_change),
        Mark::Alarm(alarm) => seconds(trial.alarms[alarm.index()]),
        Mark::Start(runbook) => since(steps.starts[runbook]),
        Mark::Begin(runbook, step) => since(of(&steps.begins, runbook, step)),
        Mark::End(runbook, step) => since(of(&steps.ends, runbook, step)),
        Mark::Promoted(store) => seconds(trial.stores[store.index()].promoted),
        Mark::Moved(50) => seconds(trial.moved[0]),
        Mark::Moved(90) => seconds(trial.moved[1]),
        Mark::Moved(_) => seconds(trial.moved[2]),
        Mark::Up(journey) => censored(trial.journeys[journey.index()].recovery),
        Mark::Recovered => censored(trial.worst_recovery),
    };
    play.marks.iter().map(|mark| one(mark.0)).collect()
}
