//! The progress bar: on stderr, and only while a terminal watches.

use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};

use super::Tick;

/// A bar that shows how far a run has come, how fast it goes and how long it will take. It clears itself away at the
/// end and draws nothing when stderr is not a terminal.
#[derive(Debug)]
pub struct ProgressBar(indicatif::ProgressBar);

impl ProgressBar {
    /// A bar named after the experiment; `hidden` draws nothing even on a terminal.
    pub fn new(name: &str, trials: u64, hidden: bool) -> Self {
        // Five times a second is smooth to the eye and costs nothing.
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr_with_hz(5) };
        let style =
            ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} trials  {per_sec}  {eta} left")
                .expect("the template is well formed");
        let bar = indicatif::ProgressBar::with_draw_target(Some(trials), target);
        bar.set_style(style);
        bar.set_prefix(name.to_owned());
        // Ticks by itself: a first batch that takes long must not look like a hang.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_secs(1));
        }
        Self(bar)
    }

    /// Shows that the run has come as far as `tick`.
    pub fn show(&self, tick: Tick) {
        // Batches finish in any order: never step back.
        if tick.done > self.0.position() {
            self.0.set_position(tick.done);
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
    use super::{ProgressBar, Tick};

    #[test]
    fn a_bar_never_steps_back() {
        let bar = ProgressBar::new("active-active", 100, true);
        bar.show(Tick { done: 50, of: 100 });
        bar.show(Tick { done: 25, of: 100 });
        assert_eq!(bar.0.position(), 50);
    }
}
