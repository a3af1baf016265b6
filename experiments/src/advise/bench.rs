//! The bench: candidates are opened and run there, all over the same trials.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ladder::{Climbing, Ladder};
use super::score::Score;
use super::target::Target;
use crate::compare::Outcomes;
use crate::exit::Failure;
use crate::file::Setting;
use crate::levers::Lever;
use crate::run::{Ended, Experiment, Open, Overrides, RunError, Stop, Trials, run_trials};
use crate::table::TrialTable;
use measure::latencies::Latencies;

/// Opens and runs candidates.
pub(super) struct Bench<'a, O: Open> {
    pub(super) open: &'a O,
    pub(super) path: &'a Path,
    pub(super) overrides: &'a Overrides,
    pub(super) threads: NonZeroUsize,
    pub(super) stop: &'a Stop,
    /// Told how many trials are done in all.
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
    /// Words for a failed trial of a candidate.
    pub(super) failed: &'a dyn Fn(&RunError, &Overrides) -> Failure,
    pub(super) done: AtomicU64,
}

/// A candidate and its trials so far.
pub(super) struct Candidate<S> {
    pub(super) experiment: Experiment<S>,
    pub(super) table: TrialTable,
    /// Why it goes no further, if a trial of it failed.
    pub(super) failed: Option<RunError>,
    overrides: Overrides,
}

impl<S: Trials> Candidate<S> {
    pub(super) fn trials(&self) -> u64 {
        self.table.len() as u64
    }

    pub(super) fn outcomes(&self) -> Outcomes {
        Outcomes::of_objectives(&self.experiment.header, &self.table)
    }
}

impl<O: Open> Bench<'_, O> {
    /// The file with these levers turned, without trials.
    pub(super) fn candidate(&self, levers: &[&Lever]) -> Result<Candidate<O::Source>, Failure> {
        let sets = levers.iter().flat_map(|lever| lever.sets());
        let varied = sets.map(|(key, value)| Setting::set(format!("{key}={value}"))).collect();
        let overrides = Overrides { varied, ..self.overrides.clone() };
        let experiment = self.open.open(self.path, &overrides)?;
        let table = TrialTable::new(experiment.source.columns().clone(), 0);
        Ok(Candidate { experiment, table, failed: None, overrides })
    }

    /// Runs a candidate until it has so many trials, or one of them fails: that is the candidate's matter, and no reason to end
    /// the search.
    pub(super) fn run(&self, candidate: &mut Candidate<O::Source>, trials: u64) -> Result<(), Failure> {
        let from = candidate.trials();
        if from >= trials || candidate.failed.is_some() {
            return Ok(());
        }
        let before = self.done.load(Ordering::Relaxed);
        let progress = |part: u64| (self.progress)(before + part);
        let run = match run_trials(&candidate.experiment.source, from..trials, self.threads, &progress, self.stop) {
            Ok(run) => run,
            Err(error @ RunError::Trial { .. }) => {
                candidate.failed = Some(error);
                return Ok(());
            }
            Err(error) => return Err((self.failed)(&error, &candidate.overrides)),
        };
        if run.ended == Ended::Stopped {
            return Err(Failure::failed("stopped before the search was over; nothing is kept"));
        }
        self.done.fetch_add(trials - from, Ordering::Relaxed);
        run.table.rows().for_each(|row| candidate.table.append(&row));
        candidate.table.append_outages(&run.table.outages().collect::<Vec<_>>());
        candidate.table.append_latencies(run.table.latencies());
        Ok(())
    }
}

/// The trials of the file as it is, which candidates of fewer trials are held against as well.
pub(super) struct Base {
    all: Outcomes,
    /// What requests took over the first so many trials: unlike the rest, that cannot be taken from all of them.
    latencies: Vec<(u64, Latencies)>,
}

impl Base {
    /// Runs the file as it is over all trials of a ladder.
    pub(super) fn run<O: Open>(
        bench: &Bench<'_, O>,
        file: &mut Candidate<O::Source>,
        targets: &[Target],
        ladder: &Ladder,
    ) -> Result<Self, Failure> {
        let asked = targets.iter().any(|target| target.figure.indicator.phase().is_some());
        let mut rungs =
            if asked { [ladder.rungs(), Ladder::of_pairs(ladder.last).rungs()].concat() } else { Vec::new() };
        rungs.push(ladder.last);
        rungs.sort_unstable();
        rungs.dedup();
        let mut latencies = Vec::new();
        for trials in rungs {
            bench.run(file, trials)?;
            if let Some(error) = &file.failed {
                return Err((bench.failed)(error, &file.overrides));
            }
            latencies.push((trials, file.table.latencies().clone()));
        }
        Ok(Self { all: file.outcomes(), latencies })
    }

    /// The first trials.
    pub(super) fn first(&self, trials: u64) -> Outcomes {
        let latencies = self.latencies.iter().find(|(own, _)| *own == trials).map(|(_, latencies)| latencies.clone());
        let first = self.all.first(usize::try_from(trials).unwrap_or(usize::MAX));
        Outcomes { latencies: latencies.unwrap_or_default(), ..first }
    }
}

/// Candidates on their way up, beside the file as it is.
pub(super) struct Search<'b, 'a, O: Open> {
    pub(super) bench: &'b Bench<'a, O>,
    pub(super) targets: &'b [Target],
    pub(super) base: &'b Base,
    pub(super) candidates: Vec<Candidate<O::Source>>,
}

impl<O: Open> Climbing for Search<'_, '_, O> {
    type Error = Failure;

    fn run(&mut self, candidate: usize, trials: u64) -> Result<(), Failure> {
        self.bench.run(&mut self.candidates[candidate], trials)
    }

    fn score(&self, candidate: usize) -> (Score, bool) {
        let candidate = &self.candidates[candidate];
        if candidate.failed.is_some() {
            return (Score::default(), true);
        }
        let (own, base) = (candidate.outcomes(), self.base.first(candidate.trials()));
        (Score::new(self.targets, &base, &own), same(self.targets, &base, &own))
    }
}

/// Whether nothing that anybody asks for differs in any trial: neither of the worst, nor of single journeys, stores and
/// queues with objectives of their own, nor what requests take where an objective is about that.
fn same(targets: &[Target], base: &Outcomes, own: &Outcomes) -> bool {
    let equal = |one: &[f64], other: &[f64]| {
        one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.total_cmp(other).is_eq())
    };
    let by_trial = |target: &Target| {
        let [base, own] = [base, own].map(|outcomes| outcomes.observed(target.figure.measured()).values);
        equal(base, own)
    };
    let single = |target: &Target| match target.figure.indicator.phase() {
        Some(_) => base.latencies == own.latencies,
        None => by_trial(target),
    };
    let all = [(&base.recovery, &own.recovery), (&base.loss, &own.loss), (&base.up, &own.up)];
    all.into_iter().all(|(base, own)| equal(base, own)) && targets.iter().all(single)
}
