//! A range of trials over threads.
//!
//! The range is cut into batches of [`BATCH`] trials, whatever the number of threads. Threads take batches in trial
//! order from one counter, so no thread waits for the slowest, and hand the rows to one collector that passes them on in
//! trial order.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::collector::{Batch, Collector, Ended, Gathered, Sink};
use super::interrupt::Stop;
use super::threads::pool;
use super::{Trials, panics};
use crate::table::TrialTable;

/// Trials in a batch: few enough that many threads share a short run evenly, and enough that handing rows over costs
/// nothing compared with running them. A stopped run keeps whole batches.
pub const BATCH: u64 = 25;

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// The finished trials, from the first of the range on, without a gap.
    pub table: TrialTable,
    /// Why it ended.
    pub ended: Ended,
}

/// Why a run has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// A trial panicked: the first one in trial order, whatever the number of threads.
    Trial {
        /// Its number.
        trial: u64,
        /// The message of the panic, and the place in the source.
        message: String,
    },
    /// The threads could not be started.
    Threads(String),
    /// Finished trials could not be kept.
    Kept(String),
    /// With other figures the file is not sound: the paths of the keys at fault.
    Figures(Vec<String>),
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Trial { trial, message } => write!(f, "trial {trial} failed: {message}"),
            Self::Threads(reason) => write!(f, "failed to start threads: {reason}"),
            Self::Kept(message) => f.write_str(message),
            Self::Figures(paths) => write!(f, "no other figures go with these keys: {}", paths.join(", ")),
        }
    }
}

impl std::error::Error for RunError {}

/// As many threads as the machine runs at once.
pub fn default_threads() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Runs the trials of `range` on `threads` threads. `progress` gets the number of finished trials after each batch,
/// from any of the threads and in any order.
///
/// # Errors
/// When a trial panics or the threads cannot be started.
pub fn run_trials<S: Trials>(
    source: &S,
    range: Range<u64>,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
) -> Result<Run, RunError> {
    run_until(source, range, threads, progress, stop, &mut |_| false)
}

/// Runs trials of `range`, in order, until `enough` accepts the table. `enough` is asked after each batch in trial
/// order and never sees a part of one, so the answer is the same for any number of threads.
///
/// # Errors
/// When a trial panics or the threads cannot be started.
pub fn run_until<S: Trials>(
    source: &S,
    range: Range<u64>,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
    enough: &mut (dyn FnMut(&TrialTable) -> bool + Send),
) -> Result<Run, RunError> {
    let mut gathered = Gathered::new(TrialTable::new(source.columns().clone(), range.start), enough);
    let ended = run_into(source, range, threads, progress, stop, &mut gathered)?;
    Ok(Run { table: gathered.into_table(), ended })
}

/// Runs trials of `range` and hands them to `sink` in order, until it has enough.
///
/// # Errors
/// When a trial panics, the threads cannot be started, or the sink fails.
pub fn run_into<S: Trials>(
    source: &S,
    range: Range<u64>,
    threads: NonZeroUsize,
    progress: &(dyn Fn(u64) + Sync),
    stop: &Stop,
    sink: &mut dyn Sink,
) -> Result<Ended, RunError> {
    let of = range.end.saturating_sub(range.start);
    let width = source.columns().len();
    let shared = Shared {
        source,
        width,
        batches: of.div_ceil(BATCH),
        range,
        next: AtomicU64::new(0),
        finished: AtomicU64::new(0),
        end: AtomicU64::new(u64::MAX),
        failure: Mutex::new(None),
        collector: Mutex::new(Collector::new(sink, width)),
        progress,
        stop,
    };
    // A thread without a batch would build a worker for nothing, and the calling thread can run a single batch itself.
    let batches = usize::try_from(shared.batches).unwrap_or(usize::MAX);
    match NonZeroUsize::new(batches.min(threads.get())) {
        None | Some(NonZeroUsize::MIN) => shared.work(),
        Some(wanted) => {
            pool(wanted).map_err(RunError::Threads)?.broadcast(|_| shared.work());
        }
    }

    let outcome = shared.collector.into_inner().unwrap_or_else(PoisonError::into_inner).finish();
    // Once the sink takes no more, a failure can only lie in a trial beyond its end, which fewer threads would not have
    // run.
    let failure = shared.failure.into_inner().unwrap_or_else(PoisonError::into_inner).filter(|_| !outcome.done());
    if let Some((trial, message)) = failure {
        return Err(RunError::Trial { trial, message });
    }
    if let Some(message) = outcome.failure {
        return Err(RunError::Kept(message));
    }
    Ok(match (outcome.enough, outcome.trials == of) {
        (true, _) => Ended::Enough,
        (false, true) => Ended::Complete,
        (false, false) => Ended::Stopped,
    })
}

/// State that the threads of one run share.
struct Shared<'a, S> {
    source: &'a S,
    width: usize,
    range: Range<u64>,
    batches: u64,
    next: AtomicU64,
    finished: AtomicU64,
    /// Batches from this one on are no longer needed.
    end: AtomicU64,
    /// The first failed trial in trial order, with its message.
    failure: Mutex<Option<(u64, String)>>,
    collector: Mutex<Collector<'a>>,
    progress: &'a (dyn Fn(u64) + Sync),
    stop: &'a Stop,
}

impl<S: Trials> Shared<'_, S> {
    /// One thread's part: a worker of its own and batch after batch.
    fn work(&self) {
        let mut worker = self.source.worker();
        // Batches are taken in order, and a taken batch is run, so a stop leaves no gap.
        while !self.stop.asked() {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.batches || !self.wanted(index) {
                return;
            }
            let Some(batch) = self.batch(&mut worker, index) else { return };
            let trials = (batch.rows.len() / self.width) as u64;
            {
                let mut collector = self.collector.lock().unwrap_or_else(PoisonError::into_inner);
                collector.deposit(index, batch);
                self.stop.used_memory(collector.bytes());
                if collector.done() {
                    self.end.store(0, Ordering::Relaxed);
                }
            }
            let done = self.finished.fetch_add(trials, Ordering::Relaxed) + trials;
            (self.progress)(done);
        }
    }

    /// Whether batch `index` is still needed. After a failure the batches before it are: one of them may hold the
    /// failure that comes first in trial order.
    fn wanted(&self, index: u64) -> bool {
        index < self.end.load(Ordering::Relaxed)
    }

    /// Runs one batch; `None` if it was given up.
    fn batch(&self, worker: &mut S::Worker, index: u64) -> Option<Batch> {
        let first = self.range.start + index * BATCH;
        let last = self.range.end.min(first.saturating_add(BATCH));
        // A measure that a trial does not set did not happen.
        let mut rows = vec![f64::NAN; (last - first) as usize * self.width];
        let mut outages = Vec::new();
        for (trial, row) in (first..last).zip(rows.chunks_exact_mut(self.width)) {
            if !self.wanted(index) {
                return None;
            }
            let run = || self.source.run_unless(self.stop, worker, trial, row, &mut outages);
            match panics::trial_or_message(run) {
                Ok(true) => {}
                // A batch that a stop gives up has neither finished nor failed.
                Ok(false) => return None,
                Err(message) => {
                    self.fail(index, trial, message);
                    return None;
                }
            }
        }
        Some(Batch { rows, outages, latencies: self.source.latencies(worker) })
    }

    fn fail(&self, index: u64, trial: u64, message: String) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref().is_none_or(|(first, _)| trial < *first) {
            *failure = Some((trial, message));
            self.end.fetch_min(index, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{BATCH, Run, RunError, run_trials, run_until};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Ended, Stop};

    const QUIET: &(dyn Fn(u64) + Sync) = &|_| ();

    fn threads(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).expect("tests ask for at least one thread")
    }

    fn bits(run: &Run) -> Vec<u64> {
        (0..run.table.len()).flat_map(|row| run.table.row(row).into_owned()).map(f64::to_bits).collect()
    }

    #[test]
    fn every_number_of_threads_yields_the_same_bytes() {
        let source = Synthetic::typical();
        let runs: Vec<Run> = [1, 2, 7]
            .map(|count| run_trials(&source, 3..1_010, threads(count), QUIET, &Stop::new()))
            .into_iter()
            .collect::<Result<_, _>>()
            .expect("the synthetic source runs");
        for run in &runs {
            assert_eq!((run.table.first_trial(), run.table.len(), run.ended), (3, 1_007, Ended::Complete));
            assert_eq!(bits(run), bits(&runs[0]));
        }
    }

    #[test]
    fn a_stopped_run_keeps_an_unbroken_prefix_of_whole_batches() {
        let source = Synthetic::typical();
        let whole = run_trials(&source, 0..2_000, threads(1), QUIET, &Stop::new()).expect("runs");
        for count in [1, 2, 7] {
            let stop = Stop::new();
            let progress = |done: u64| {
                if done >= 400 {
                    stop.ask();
                }
            };
            let part = run_trials(&source, 0..2_000, threads(count), &progress, &stop).expect("runs");
            assert_eq!(part.ended, Ended::Stopped);
            assert_eq!(part.table.len() as u64 % BATCH, 0);
            assert!((400..2_000).contains(&part.table.len()), "{}", part.table.len());
            assert_eq!(bits(&part), bits(&whole)[..bits(&part).len()]);
        }
    }

    #[test]
    fn a_stop_before_the_start_runs_nothing() {
        let stop = Stop::new();
        stop.ask();
        let run = run_trials(&Synthetic::typical(), 0..100, threads(2), QUIET, &stop).expect("runs");
        assert_eq!((run.table.len(), run.ended), (0, Ended::Stopped));
    }

    #[test]
    fn the_first_failed_trial_is_named_for_any_number_of_threads() {
        let mut source = Synthetic::typical();
        source.panics_at = vec![90, 313, 314, 1_200];
        for count in [1, 2, 7] {
            let error =
                run_trials(&source, 0..2_000, threads(count), QUIET, &Stop::new()).expect_err("trial 90 panics");
            let RunError::Trial { trial, message } = &error else { panic!("{error}") };
            assert_eq!(*trial, 90);
            assert!(message.starts_with("synthetic failure"), "{message}");
            assert!(error.to_string().starts_with("trial 90 failed: synthetic failure"));
        }
    }

    #[test]
    fn a_rule_ends_the_run_at_the_same_batch_for_any_number_of_threads() {
        let mut source = Synthetic::typical();
        // Trials beyond the end of the rule: the result must not depend on whether a thread runs them.
        source.panics_at = vec![510];
        for count in [1, 2, 7] {
            let run =
                run_until(&source, 0..2_000, threads(count), QUIET, &Stop::new(), &mut |table| table.len() >= 490)
                    .expect("runs");
            assert_eq!((run.table.len(), run.ended), (500, Ended::Enough));
        }
    }

    #[test]
    fn progress_counts_every_trial_once() {
        let (last, calls) = (AtomicU64::new(0), AtomicU64::new(0));
        let progress = |done: u64| {
            last.fetch_max(done, Ordering::Relaxed);
            calls.fetch_add(1, Ordering::Relaxed);
        };
        run_trials(&Synthetic::typical(), 0..110, threads(3), &progress, &Stop::new()).expect("runs");
        assert_eq!((last.into_inner(), calls.into_inner()), (110, 5));
    }
}
