//! What may turn back and forth at one instant.
//!
//! Callers and gateways act on the load of what is behind them, and change it at once by what they do. Errors that callers keep
//! are tried again and overload the service, which fails and is asked less. What a gateway refuses relieves the store behind
//! it, fewer callers try again, and nothing is refused any more. Where no state fits its own consequences, each turn brings about
//! the next one at the same instant. Real systems take time for each: here, some turns are free, and the next one waits.

use sim_core::time::SimTime;

/// Turns that one instant may have, beyond which the next one waits.
///
/// Assumed: several causes that come at one instant turn a state a few times at most.
pub(crate) const MOST_AT_ONCE: u32 = 8;

/// The turns of the last instant that had any.
#[derive(Debug)]
pub(crate) struct Turns {
    at: SimTime,
    count: u32,
}

impl Turns {
    /// None so far.
    pub(crate) const fn new() -> Self {
        Self { at: SimTime::ZERO, count: 0 }
    }

    /// Whether this instant has had all turns that it may have.
    pub(crate) fn used_up(&self, now: SimTime) -> bool {
        self.at == now && self.count >= MOST_AT_ONCE
    }

    /// Notes a turn.
    pub(crate) fn note(&mut self, now: SimTime) {
        self.count = if self.at == now { self.count + 1 } else { 1 };
        self.at = now;
    }
}
