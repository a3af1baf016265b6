//! The question, and the work: a pilot, then a tree for each start.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use models::cause::CAUSES;
use rayon::prelude::*;
use sim_core::random::Mix;
use sim_core::splitting::{Pilot, Plan, Played, tree};

use super::event::{Event, Over, Reading, Unwatched};
use super::rarity::{Grown, Rarity};
use crate::exit::Failure;
use crate::header::Of;
use crate::run::{Experiment, Stop, Trials, pool, trial_or_message};
use crate::units::chosen_duration;
use measure::outage::Outage;
use measure::{CauseOf, Columns, Journey};

/// A question for a small chance.
pub struct Ask<'a, S> {
    /// The opened experiment.
    pub experiment: Experiment<S>,
    /// The file, as the user wrote it.
    pub file: String,
    /// The event.
    pub event: Event,
    /// How many starts.
    pub starts: u64,
    /// Threads to run on.
    pub threads: NonZeroUsize,
    /// Ends the work.
    pub stop: &'a Stop,
    /// Told how many starts are done.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Starts that one worker grows in a row.
const TOGETHER: u64 = 32;

/// Why there is no answer.
enum Trouble {
    Stopped,
    Unwatched(Unwatched),
    Panicked(String),
}

/// What is kept of a trial beyond the limit: how long it was down with each cause, then up.
type Stages = [f64; CAUSES + 1];

/// One thread's way to play trials.
struct Player<'a, S: Trials> {
    source: &'a S,
    worker: S::Worker,
    row: Vec<f64>,
    outages: Vec<Outage>,
    reading: Reading,
    stages: Option<&'a [[usize; CAUSES + 1]]>,
    recoveries: &'a [usize],
    stop: &'a Stop,
}

impl<S: Trials> Player<'_, S> {
    fn play(&mut self, mix: &Mix) -> Result<Played<Stages>, Trouble> {
        if self.stop.asked() {
            return Err(Trouble::Stopped);
        }
        self.outages.clear();
        let Self { source, worker, row, outages, .. } = self;
        trial_or_message(|| source.run_mixed(worker, mix, row, outages)).map_err(Trouble::Panicked)?;
        let response = self.reading.response(&self.row, &self.outages).map_err(Trouble::Unwatched)?;
        Ok(Played { response, seen: self.stages() })
    }

    /// Of the journey that took longest.
    fn stages(&self) -> Stages {
        let Some(all) = self.stages else { return [0.0; CAUSES + 1] };
        let longest = self
            .recoveries
            .iter()
            .enumerate()
            .max_by(|(_, one), (_, other)| self.row[**one].total_cmp(&self.row[**other]));
        longest.map_or([0.0; CAUSES + 1], |(journey, _)| all[journey].map(|column| self.row[column]))
    }
}

/// The columns of recovery times, and those of their stages, of the journeys that the event is about.
fn columns_of(event: Event, columns: &Columns) -> (Vec<usize>, Vec<[usize; CAUSES + 1]>) {
    let subjects = columns.subjects();
    let journeys: Vec<Journey> = match event.of {
        Of::Journey(name) => subjects.journey(name.as_str()).into_iter().collect(),
        Of::Worst | Of::Store(_) => (0..subjects.journeys.len()).map(Journey).collect(),
    };
    let stages = |&journey: &Journey| {
        std::array::from_fn(|at| match models::cause::Cause::ALL.get(at) {
            Some(&cause) => columns.index(measure::STAGE, CauseOf(journey, cause)),
            None => columns.index(measure::STAGE_UP, journey),
        })
    };
    let recoveries = journeys.iter().map(|&journey| columns.index(measure::RECOVERY, journey)).collect();
    (recoveries, journeys.iter().map(stages).collect())
}

/// Answers the question. The same seed and number of starts give the same answer, on any number of threads.
///
/// # Errors
/// When the event is about nothing that there is, no trial can tell, a trial fails, or the work is stopped.
pub fn rare<S: Trials>(ask: Ask<'_, S>) -> Result<Rarity, Failure> {
    let Ask { experiment, file, event, starts, threads, stop, progress } = ask;
    let (header, source) = (experiment.header, experiment.source);
    let columns = source.columns();
    if let Some(why) = event.blind(&header) {
        return Err(Failure::usage(why).hint("a longer horizon: --set horizon=4h"));
    }
    let reading = Reading::new(event, &header, columns)
        .ok_or_else(|| Failure::usage(format!("`{file}` has nothing that this is about")))?;
    let (recoveries, stages) = columns_of(event, columns);
    // Stages are those of recovery times of trials; of outages and of losses there are none.
    let stages = (event.over == Over::Recovery && !header.recurring).then_some(stages.as_slice());
    let player = || Player {
        source: &source,
        worker: source.worker(),
        row: vec![f64::NAN; columns.len()],
        outages: Vec::new(),
        reading,
        stages,
        recoveries: &recoveries,
        stop,
    };
    let fail = |trouble: Trouble| match trouble {
        Trouble::Stopped => Failure::failed("stopped before the chance was known; nothing is kept"),
        Trouble::Unwatched(Unwatched { seconds }) => Failure::failed(format!(
            "a trial was not back at its end, {} after its fault: nobody knows whether it takes more than {}",
            chosen_duration(seconds),
            chosen_duration(event.limit)
        ))
        .hint("a longer horizon: --set horizon=4h"),
        Trouble::Panicked(message) => Failure::failed(format!("`{file}`: a trial failed: {message}"))
            .hint("this is a mistake of mrsim, not of the file"),
    };
    let mut pilot = player();
    let found = Pilot::default().fly(header.seed, event.limit, |mix| pilot.play(mix)).map_err(fail)?;
    let plan = found.plan;
    let done = AtomicU64::new(0);
    let chunk = |chunk: u64| -> Result<Vec<Grown>, Trouble> {
        let mut player = player();
        let range = chunk * TOGETHER..starts.min((chunk + 1) * TOGETHER);
        let many = range.end - range.start;
        let grown = range.map(|start| grow(&mut player, header.seed, &plan, start)).collect::<Result<Vec<_>, _>>()?;
        progress(done.fetch_add(many, Ordering::Relaxed) + many);
        Ok(grown)
    };
    let pool = pool(threads).map_err(|reason| Failure::failed(format!("failed to start threads: {reason}")))?;
    let chunks: Vec<Result<Vec<Grown>, Trouble>> =
        pool.install(|| (0..starts.div_ceil(TOGETHER)).into_par_iter().map(chunk).collect());
    // The first trouble in the order of starts, whatever thread met one first.
    let grown: Vec<Vec<Grown>> = chunks.into_iter().collect::<Result<_, _>>().map_err(fail)?;
    let grown: Vec<Grown> = grown.into_iter().flatten().collect();
    Ok(Rarity::new(header, file, event, &plan, found.played, &grown))
}

fn grow<S: Trials>(player: &mut Player<'_, S>, seed: u64, plan: &Plan, start: u64) -> Result<Grown, Trouble> {
    let limit = plan.levels.last().copied().unwrap_or(f64::INFINITY);
    let mut first = None;
    let tree = tree(seed, plan, start, |mix| {
        let played = player.play(mix)?;
        first.get_or_insert(played.response > limit);
        Ok(played)
    })?;
    let mut stages = Vec::new();
    if player.stages.is_some() {
        stages.resize(CAUSES + 1, 0.0);
        for seen in &tree.beyond {
            stages.iter_mut().zip(seen).for_each(|(sum, own)| *sum += own);
        }
    }
    let weight = tree.weight(plan);
    Ok(Grown { reached: tree.reached, played: tree.played, plain: first.unwrap_or(false), weight, stages })
}
