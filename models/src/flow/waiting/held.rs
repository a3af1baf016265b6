//! What those meet that arrive where requests may wait.

use crate::line::Order;

/// Whether more may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Some more.
    Free,
    /// As much as is served meanwhile.
    Full,
    /// Nothing, until less waits: the capacity has fallen.
    Over,
}

/// Requests that wait before a cell, as those meet them that arrive now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// What one waits in its turn that arrives at the last look, in seconds; infinite if nothing is served.
    pub wait: f64,
    /// By how much that became more per second until then.
    pub drift: f64,
    /// Seconds from the last look to the next one.
    pub ahead: f64,
    /// What one waits in its turn at most, in seconds.
    pub most: f64,
    /// Whether it may wait.
    pub room: Room,
    /// Who is served next.
    pub order: Order,
    /// Requests that are worked on, for each that is let in; of a cell behind the fronts, as found so far.
    pub worked: f64,
    /// Share of what is let in that is served in its turn: what comes later is served after its caller has given up. Likewise.
    pub in_turn: f64,
}

impl Held {
    /// What is worked on for each request that is let in, and the share of those that are served in their turn, where so many
    /// per second are let in.
    pub fn meets(&self, let_in: f64, capacity: f64) -> (f64, f64) {
        let more = let_in > capacity;
        let worked = if let_in > 0.0 && (self.waits() || more) { capacity / let_in } else { 1.0 };
        let in_turn = if self.order == Order::Lifo && more { capacity / let_in } else { 1.0 };
        (worked, in_turn)
    }

    /// What one that is served in its turn waits on average until the next look, in seconds, as far as the last look tells.
    pub fn waits_for(&self) -> f64 {
        if self.order == Order::Lifo {
            return 0.0;
        }
        (self.wait + self.drift * self.ahead / 2.0).clamp(0.0, self.most.max(self.wait))
    }

    /// What those wait who are served in their turn and arrive at the last look and at the next one, where so many per second are
    /// let in meanwhile, in seconds.
    pub fn span(&self, let_in: f64, capacity: f64) -> (f64, f64) {
        if self.order == Order::Lifo || capacity <= 0.0 {
            return (0.0, 0.0);
        }
        let then = self.wait + (let_in / capacity - 1.0) * self.ahead;
        (self.wait, then.clamp(0.0, self.most.max(self.wait)))
    }

    /// Whether anything waits.
    pub fn waits(&self) -> bool {
        self.wait > 0.0
    }
}

/// Attempts that were given up, or will be: how many per second, and the sum of what has passed of the requests until then, in
/// seconds times requests per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Late {
    /// Attempts per second.
    pub rate: f64,
    /// Time that has passed of their requests, times the rate.
    pub age: f64,
}
