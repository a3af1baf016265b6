//! A target, and how far it has come.

use sim_core::component::Handle;
use sim_core::time::SimTime;

/// How far a target has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Unregistered,
    Initial,
    InRotation,
    Out,
}

/// One target as its probes see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) state: State,
    pub(super) live: bool,
    /// Dead, and refuses connections instead of swallowing them: a probe fails at once.
    pub(super) refuses: bool,
    /// Traffic is shifted away from its zone: it gets none, whatever the checks think of it.
    pub(super) shifted: bool,
    /// Share of its probes that fail at once besides those that fail at all targets.
    pub(super) failing: f64,
    /// Consecutive results that speak for the other state.
    pub(super) contrary: u32,
    pub(super) next: SimTime,
    pub(super) times_out: Option<SimTime>,
    pub(super) due: Option<Handle>,
}

/// No target.
pub(super) const NOBODY: Target = Target {
    state: State::Unregistered,
    live: false,
    refuses: false,
    shifted: false,
    failing: 0.0,
    contrary: 0,
    next: SimTime::ZERO,
    times_out: None,
    due: None,
};
