//! Progress, on stderr: a bar on a terminal, elsewhere a line now and then.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::units::{duration, whole};

/// A bar that shows how many trials are done, how fast they go and how long the rest will take. It removes itself at
/// the end. Where stderr is not a terminal, lines say the same, the first after half a minute.
#[derive(Debug)]
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
    /// Trials that were done before this run: they do not count for its speed.
    before: Arc<AtomicU64>,
    /// The thread that writes lines; it ends when the other half of the channel is dropped.
    teller: Option<(Sender<()>, JoinHandle<()>)>,
}

/// The time until the first line, and from then on the time between lines.
const LINES: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(60));

impl ProgressBar {
    /// A bar named after the experiment, for at most this many trials; `hidden` draws nothing, even on a terminal.
    pub fn new(name: &str, trials: u64, hidden: bool) -> Self {
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let before = Arc::new(AtomicU64::new(0));
        let kept = Arc::clone(&before);
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {human_pos} of {human_len} trials{pace}")
            .expect("the template is well formed")
            .with_key("pace", move |state: &ProgressState, out: &mut dyn fmt::Write| {
                let before = kept.load(Ordering::Relaxed);
                let left = state.len().unwrap_or(0).saturating_sub(state.pos());
                let pace = pace(state.pos().saturating_sub(before), left, state.elapsed());
                // A failed write to the terminal does not fail the run.
                let _ = out.write_str(&pace);
            });
        let bar = indicatif::ProgressBar::with_draw_target(Some(trials), target);
        bar.set_style(style);
        bar.set_prefix(name.chars().take(20).collect::<String>());
        // The bar redraws by itself at this interval, so a batch that takes long does not look like a hang. It starts a
        // thread for that, and panics if it cannot.
        if !bar.is_hidden() && thread::Builder::new().spawn(|| ()).is_ok() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        let lines = bar.is_hidden() && !hidden;
        let teller = lines.then(|| Self::teller(name, bar.clone(), Arc::clone(&before))).flatten();
        Self { bar, before, teller }
    }

    /// Writes lines on a thread of its own, so that a trial that takes long does not look like a hang either. Without a
    /// thread nothing is written.
    fn teller(name: &str, bar: indicatif::ProgressBar, before: Arc<AtomicU64>) -> Option<(Sender<()>, JoinHandle<()>)> {
        let (ends, ended) = mpsc::channel();
        let name = name.to_owned();
        let say = move || {
            let (done, of) = (bar.position(), bar.length().unwrap_or(0));
            let own = done.saturating_sub(before.load(Ordering::Relaxed));
            let pace = pace(own, of.saturating_sub(done), bar.elapsed());
            // A closed stderr does not fail the run.
            let _ = writeln!(anstream::stderr(), "{name}: {} of {} trials{pace}", whole(done), whole(of));
        };
        let thread = thread::Builder::new().name("progress".to_owned()).spawn(move || tell(&ended, LINES, say));
        Some((ends, thread.ok()?))
    }

    /// Shows that so many trials were done before: the speed of this run does not follow from them.
    pub fn begin_at(&self, done: u64) {
        self.before.store(done, Ordering::Relaxed);
        self.bar.set_position(done);
        self.bar.reset_elapsed();
    }

    /// Shows that so many trials are done.
    pub fn show(&self, done: u64) {
        // Batches finish in any order: the bar never steps back.
        if done > self.bar.position() {
            self.bar.set_position(done);
        }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        if let Some((ends, thread)) = self.teller.take() {
            drop(ends);
            // The thread writes nothing that matters any more.
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Writes one line after one time and the next ones after another, until the other half of the channel is dropped.
fn tell(ended: &Receiver<()>, (first, every): (Duration, Duration), mut say: impl FnMut()) {
    let mut wait = first;
    while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        say();
        wait = every;
    }
}

/// How fast the `done` trials of this run went, and how long the trials that are `left` will take; nothing before the
/// first trial is done.
fn pace(done: u64, left: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds <= 0.0 {
        return String::new();
    }
    let rate = done as f64 / seconds;
    format!(", {}/s, {} left", whole(rate.round().max(1.0) as u64), duration((left as f64 / rate).ceil()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ProgressBar, pace, tell};

    #[test]
    fn the_pace_is_that_of_the_trials_of_this_run() {
        // 30,000 in 3 s, and as many left.
        assert_eq!(pace(30_000, 30_000, Duration::from_secs(3)), ", 10,000/s, 3.00 s left");
        // Trials from before do not count, and a run that has just begun has no speed.
        assert_eq!(pace(0, 30_000, Duration::from_secs(3)), "");
        assert_eq!(pace(5, 10, Duration::ZERO), "");
    }

    #[test]
    fn a_bar_never_steps_back() {
        let bar = ProgressBar::new("active-active", 100, true);
        bar.show(50);
        bar.show(25);
        assert_eq!(bar.bar.position(), 50);
    }

    /// Three lines and no more: the run ends after the third.
    #[test]
    fn lines_come_until_the_run_ends() {
        let (ends, ended) = std::sync::mpsc::channel::<()>();
        let mut ends = Some(ends);
        let mut said = 0;
        tell(&ended, (Duration::from_millis(1), Duration::from_millis(2)), || {
            said += 1;
            if said == 3 {
                ends.take();
            }
        });
        assert_eq!(said, 3);
    }
}
