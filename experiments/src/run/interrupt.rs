//! Why a run may end early: somebody asks for it, its time is up, or its memory is used up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::exit::{self, Exit};

/// A flag that is read between batches and, now and then, inside a trial. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    asked: AtomicBool,
    /// Whether there is something that a stop could keep: without it the process may simply end.
    begun: AtomicBool,
    /// When the time is up, and the time limit.
    deadline: OnceLock<(Instant, Duration)>,
    /// The most bytes that trials may take, and whether they took more.
    memory: OnceLock<u64>,
    full: AtomicBool,
}

/// Why a run ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Ctrl-C, or a signal from a scheduler or a closing terminal.
    Asked,
    /// The time of `--max-time` is up.
    Time(Duration),
    /// The trials take more than this many bytes.
    Memory(u64),
}

impl Stop {
    /// A flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to end: no new batch begins, and running batches are given up.
    pub fn ask(&self) {
        self.0.asked.store(true, Ordering::Relaxed);
    }

    /// Whether the run has to end, for any reason.
    pub fn asked(&self) -> bool {
        self.reason().is_some()
    }

    /// Why the run has to end; `None` if it does not.
    pub fn reason(&self) -> Option<Reason> {
        let shared = &self.0;
        if shared.asked.load(Ordering::Relaxed) {
            return Some(Reason::Asked);
        }
        if shared.full.load(Ordering::Relaxed) {
            return shared.memory.get().map(|bytes| Reason::Memory(*bytes));
        }
        let over = shared.deadline.get().filter(|(deadline, _)| Instant::now() >= *deadline);
        over.map(|(_, time)| Reason::Time(*time))
    }

    /// From now on a stop keeps results; the run may last `time` from here.
    pub fn begin(&self, time: Option<Duration>) {
        self.0.begun.store(true, Ordering::Relaxed);
        if let Some(time) = time {
            // A time that the clock cannot represent never ends.
            if let Some(deadline) = Instant::now().checked_add(time) {
                self.0.deadline.get_or_init(|| (deadline, time));
            }
        }
    }

    /// Limits the memory of the trials to this many bytes.
    pub fn limit_memory(&self, bytes: u64) {
        self.0.memory.get_or_init(|| bytes);
    }

    /// Tells how many bytes the trials take so far.
    pub fn used_memory(&self, bytes: u64) {
        if self.0.memory.get().is_some_and(|most| bytes > *most) {
            self.0.full.store(true, Ordering::Relaxed);
        }
    }

    /// Raises the flag at the first Ctrl-C, or when a scheduler or a closing terminal asks for the end (SIGTERM,
    /// SIGHUP), and reports it by `tell`; the second one ends the process. While files are read there is nothing to
    /// keep: then the first one ends the process, and `tell` gets `false`.
    ///
    /// # Errors
    /// When the process already has a handler or the system refuses one.
    pub fn on_ctrl_c(&self, tell: impl Fn(bool) + Send + 'static) -> Result<(), ctrlc::Error> {
        let shared = Arc::clone(&self.0);
        ctrlc::set_handler(move || {
            if shared.asked.swap(true, Ordering::Relaxed) {
                std::process::exit(exit::ABORTED.into());
            }
            let begun = shared.begun.load(Ordering::Relaxed);
            tell(begun);
            if !begun {
                std::process::exit(Exit::Failed.code().into());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Reason, Stop};

    #[test]
    fn a_run_ends_when_it_is_asked_or_its_time_or_its_memory_is_up() {
        let stop = Stop::new();
        stop.begin(Some(Duration::from_secs(3_600)));
        stop.limit_memory(1_000);
        stop.used_memory(1_000);
        assert_eq!(stop.reason(), None);
        stop.used_memory(1_001);
        assert_eq!(stop.reason(), Some(Reason::Memory(1_000)));
        stop.clone().ask();
        assert_eq!(stop.reason(), Some(Reason::Asked));

        let stop = Stop::new();
        stop.begin(Some(Duration::ZERO));
        assert_eq!(stop.reason(), Some(Reason::Time(Duration::ZERO)));
        let stop = Stop::new();
        stop.begin(Some(Duration::MAX));
        stop.used_memory(u64::MAX);
        assert!(!stop.asked(), "no limit is no limit");
    }
}
