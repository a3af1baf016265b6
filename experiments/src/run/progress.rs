//! The progress bar: on stderr, and only while a terminal watches.

use std::fmt;
use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};

/// A bar that shows how far a run has come, how fast it goes and how long it will take. It clears itself away at the
/// end and draws nothing when stderr is not a terminal.
#[derive(Debug)]
pub struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    /// A bar named after the experiment, for at most this many trials; `hidden` draws nothing even on a terminal.
    pub fn new(name: &str, trials: u64, hidden: bool) -> Self {
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style =
            ProgressStyle::with_template("{prefix} {wide_bar} {human_pos} of {human_len} trials, {rate}, {eta} left")
                .expect("the template is well formed")
                .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
                    // Writing to a terminal's line is not worth failing for.
                    let _ = write!(out, "{:.0}/s", state.per_sec());
                });
        let bar = indicatif::ProgressBar::with_draw_target(Some(trials), target);
        bar.set_style(style);
        bar.set_prefix(name.chars().take(20).collect::<String>());
        // It redraws by itself, whatever the batches do: one that takes long must not look like a hang.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self(bar)
    }

    /// Shows that so many trials were done before: how long the others take does not follow from them.
    pub fn begin_at(&self, done: u64) {
        self.0.set_position(done);
        self.0.reset_eta();
    }

    /// Shows that so many trials are done.
    pub fn show(&self, done: u64) {
        // Batches finish in any order: never step back.
        if done > self.0.position() {
            self.0.set_position(done);
        }
    }
}

impl Drop for ProgressBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::ProgressBar;

    #[test]
    fn a_bar_never_steps_back() {
        let bar = ProgressBar::new("active-active", 100, true);
        bar.show(50);
        bar.show(25);
        assert_eq!(bar.0.position(), 50);
    }
}
