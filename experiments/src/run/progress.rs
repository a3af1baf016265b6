//! The progress bar: on stderr, and only while a terminal watches.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::units::{chosen_duration, whole};

/// A bar that shows how far a run has come, how fast it goes and how long it will take. It clears itself away at the
/// end and draws nothing when stderr is not a terminal.
#[derive(Debug)]
pub struct ProgressBar {
    bar: indicatif::ProgressBar,
    /// Trials that were done before this run began: they say nothing of how fast it goes.
    before: Arc<AtomicU64>,
}

impl ProgressBar {
    /// A bar named after the experiment, for at most this many trials; `hidden` draws nothing even on a terminal.
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
                // Writing to a terminal's line is not worth failing for.
                let _ = out.write_str(&pace);
            });
        let bar = indicatif::ProgressBar::with_draw_target(Some(trials), target);
        bar.set_style(style);
        bar.set_prefix(name.chars().take(20).collect::<String>());
        // It redraws by itself, whatever the batches do: one that takes long must not look like a hang.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, before }
    }

    /// Shows that so many trials were done before: how long the others take does not follow from them.
    pub fn begin_at(&self, done: u64) {
        self.before.store(done, Ordering::Relaxed);
        self.bar.set_position(done);
        self.bar.reset_elapsed();
    }

    /// Shows that so many trials are done.
    pub fn show(&self, done: u64) {
        // Batches finish in any order: never step back.
        if done > self.bar.position() {
            self.bar.set_position(done);
        }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// How fast `done` trials of this run went and how long those that are `left` will take; nothing before the first ones are
/// done.
fn pace(done: u64, left: u64, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds <= 0.0 {
        return String::new();
    }
    let rate = done as f64 / seconds;
    format!(", {}/s, {} left", whole(rate.round().max(1.0) as u64), chosen_duration((left as f64 / rate).ceil()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ProgressBar, pace};

    #[test]
    fn the_pace_is_that_of_the_trials_of_this_run() {
        // 30,000 in 3 s, and as many left.
        assert_eq!(pace(30_000, 30_000, Duration::from_secs(3)), ", 10,000/s, 3 s left");
        // Whatever was kept from before does not count, and nothing is said of a run that has just begun.
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
}
