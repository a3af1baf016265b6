//! One attempt at a front before which requests may wait, and attempts by their number.

use super::Late;
use crate::flow::Front;

/// What becomes of one attempt of a journey at a front that answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    /// It fails at once.
    pub(super) fails: f64,
    /// It will be given up.
    pub(super) given_up: f64,
    /// It succeeds too late for its client, at a front before which nothing waits: nothing is tried again.
    pub(super) slow: f64,
    /// It succeeds.
    pub(super) well: f64,
    /// Share of what is let in that comes to the needs before it is given up.
    pub(super) wanted: f64,
}

impl Attempt {
    pub(super) fn at(front: &Front, overload: f64, pass: f64, in_time: f64, in_turn: f64) -> Self {
        let let_in = front.passes(overload);
        let (given_up, slow, wanted, well) = if front.held.is_some() {
            let wanted = in_turn * in_time;
            (let_in * (1.0 - wanted), 0.0, wanted, let_in * wanted * pass)
        } else {
            (0.0, let_in * pass * (1.0 - in_time), 1.0, let_in * pass * in_time)
        };
        let fails = 1.0 - well - given_up - slow;
        // Rounding may leave a hair of failure where there is none.
        Self { fails: if fails <= 1e-15 { 0.0 } else { fails }, given_up, slow, well, wanted }
    }
}

/// Attempts of one number at a front: those of requests none of whose attempts was given up, and the others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arriving {
    pub(super) first: Late,
    pub(super) again: Late,
}

impl Arriving {
    /// The next ones: what fails at once after so many seconds, and what is due.
    pub(super) fn next(self, fails: f64, after: f64, due: Late) -> Self {
        let on = |late: Late| Late { rate: fails * late.rate, age: fails * (late.age + late.rate * after) };
        let (first, again) = (on(self.first), on(self.again));
        Self { first, again: Late { rate: again.rate + due.rate, age: again.age + due.age } }
    }

    pub(super) fn rate(self) -> f64 {
        self.first.rate + self.again.rate
    }

    pub(super) fn age(self) -> f64 {
        self.first.age + self.again.age
    }
}
