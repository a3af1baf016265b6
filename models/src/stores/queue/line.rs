//! Messages that wait in one region's copy, as a fluid: they arrive and leave at constant rates between two instants, the oldest
//! first.
//!
//! Of what waits only the times of its arrivals are kept: stretches of time at whose rate messages arrived, the oldest first. The
//! age of the oldest message then changes evenly as long as none of these stretches ends and no rate changes, so that its largest
//! value is at one of these instants.

use std::collections::VecDeque;

use super::delays::Delays;

/// Fewer messages than this are none: what rounding leaves.
const NONE: f64 = 1e-9;

/// Messages that arrived from one instant on, at one rate.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    /// When the oldest one of them that still waits arrived, in seconds.
    from: f64,
    /// Per second.
    rate: f64,
    /// How many of them still wait.
    waiting: f64,
}

/// The line of one region.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    stretches: VecDeque<Stretch>,
    /// Messages that wait.
    waiting: f64,
    /// Until when everything is worked out, in seconds.
    now: f64,
    /// Messages per second that arrive, and that are consumed.
    arriving: f64,
    consumed: f64,
    /// The largest age that a waiting message has had, in seconds.
    oldest: f64,
}

impl Line {
    /// Starts a trial: nothing waits.
    pub(super) fn begin(&mut self) {
        self.stretches.clear();
        *self = Self { stretches: std::mem::take(&mut self.stretches), ..Self::default() };
    }

    /// Messages that waited at the last change.
    pub(super) const fn waiting(&self) -> f64 {
        self.waiting
    }

    /// Messages that wait at an instant, in seconds, from the last change on.
    pub(super) fn waiting_at(&self, at: f64) -> f64 {
        (self.waiting + self.growth() * (at - self.now)).max(0.0)
    }

    /// Whether anything waits, or is about to.
    pub(super) fn waits(&self) -> bool {
        self.waiting > 0.0 || self.arriving > self.consumed
    }

    /// Messages per second that are consumed.
    pub(super) const fn consumed(&self) -> f64 {
        self.consumed
    }

    /// The largest age that a waiting message has had, in seconds.
    pub(super) const fn oldest(&self) -> f64 {
        self.oldest
    }

    /// How fast the line grows, in messages per second.
    pub(super) fn growth(&self) -> f64 {
        let growth = self.arriving - self.consumed;
        if self.waiting > 0.0 { growth } else { growth.max(0.0) }
    }

    /// Seconds until it is empty if nothing changes; none where it does not get shorter.
    pub(super) fn empty_in(&self) -> Option<f64> {
        let growth = self.growth();
        (self.waiting > 0.0 && growth < 0.0).then(|| self.waiting / -growth)
    }

    /// Age of the oldest message that waits, in seconds; 0 if none does.
    pub(super) fn age(&self) -> f64 {
        self.stretches.front().map_or(0.0, |first| self.now - first.from)
    }

    /// From this instant on messages arrive at this rate. Returns whether they did at another one; where they did not, nothing is
    /// worked out, so that no bit depends on who looks when.
    pub(super) fn arrive(&mut self, rate: f64, now: f64, delays: &mut Delays) -> bool {
        let changes = rate != self.arriving;
        if changes {
            self.advance(now, delays);
            self.arriving = rate;
        }
        changes
    }

    /// From this instant on messages are consumed at this rate. Returns whether they were at another one.
    pub(super) fn consume(&mut self, rate: f64, now: f64, delays: &mut Delays) -> bool {
        let changes = rate != self.consumed;
        if changes {
            self.advance(now, delays);
            self.consumed = rate;
        }
        changes
    }

    /// Works out what happened until an instant, in seconds.
    pub(super) fn advance(&mut self, to: f64, delays: &mut Delays) {
        let span = to - self.now;
        if span <= 0.0 {
            return;
        }
        if self.waiting == 0.0 && self.growth() == 0.0 {
            // Each message is taken as it arrives.
            delays.add(0.0, 0.0, self.consumed.min(self.arriving) * span);
            self.now = to;
            return;
        }
        self.enter(to, span);
        self.leave(to, self.consumed * span, delays);
        self.now = to;
        self.waiting = self.stretches.iter().map(|stretch| stretch.waiting).sum();
        if self.waiting < NONE {
            self.stretches.clear();
            self.waiting = 0.0;
        }
    }

    /// What arrived in the last seconds.
    fn enter(&mut self, to: f64, span: f64) {
        let (rate, from) = (self.arriving, to - span);
        match self.stretches.back_mut() {
            _ if rate <= 0.0 => {}
            Some(last) if last.rate == rate && last.from + last.waiting / rate >= from => last.waiting += rate * span,
            _ => self.stretches.push_back(Stretch { from, rate, waiting: rate * span }),
        }
    }

    /// What was consumed in the time to an instant, evenly.
    fn leave(&mut self, to: f64, all: f64, delays: &mut Delays) {
        let mut left = all;
        let mut at = self.now;
        self.oldest = self.oldest.max(self.age());
        while left > 0.0 {
            let Some(first) = self.stretches.front_mut() else { break };
            let taken = left.min(first.waiting);
            let until = at + taken / self.consumed;
            let last = first.from + taken / first.rate;
            delays.add(at - first.from, until - last, taken);
            self.oldest = self.oldest.max(until - last);
            (at, left) = (until, left - taken);
            first.from = last;
            first.waiting -= taken;
            if first.waiting <= NONE * NONE {
                self.stretches.pop_front();
            }
        }
        // The age of who is first at the end.
        self.oldest = self.oldest.max(self.stretches.front().map_or(0.0, |first| to - first.from));
    }

    /// All that waits is gone.
    pub(super) fn clear(&mut self) {
        self.stretches.clear();
        self.waiting = 0.0;
    }
}
