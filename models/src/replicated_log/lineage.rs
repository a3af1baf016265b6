//! Who took the writes of a log, one after the other, and from when on those that follow lack them.
//!
//! A promoted copy carries on what it has. It may lack the end of what its predecessor took, and, if it had been cut off
//! for longer, the end of what came before that as well: each writer's part of the log is cut short on its own.

use sim_core::time::SimTime;

use crate::stores::{AckLog, Loss};

/// The part of the log that one writer took.
#[derive(Debug, Clone, Copy)]
struct Part {
    writer: usize,
    /// When it became the writer, in seconds.
    began: f64,
    /// From when on the log lacks what it acknowledged, in seconds.
    lacks: f64,
    /// When the last region stopped writing to it.
    closed: SimTime,
}

/// The parts of a log, the present writer's last.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    parts: Vec<Part>,
}

impl Lineage {
    /// Starts a trial with this writer; it has been one for long.
    pub(super) fn begin(&mut self, writer: usize) {
        self.parts.clear();
        self.push(writer, f64::NEG_INFINITY);
    }

    fn push(&mut self, writer: usize, began: f64) {
        self.parts.push(Part { writer, began, lacks: f64::INFINITY, closed: SimTime::NEVER });
    }

    /// From `now` on the log goes on in `writer`, which lacks everything from `first` on, in seconds.
    pub(super) fn pass(&mut self, writer: usize, first: f64, now: SimTime) {
        for part in &mut self.parts {
            part.lacks = part.lacks.min(first);
            if part.writer == writer {
                part.closed = part.closed.min(now);
            }
        }
        self.push(writer, now.as_secs_f64());
    }

    /// Regions write elsewhere now: to whom nobody does any more acknowledges nothing more.
    pub(super) fn turned(&mut self, points_to: &[usize], now: SimTime) {
        let Some((_, former)) = self.parts.split_last_mut() else { return };
        for part in former.iter_mut().filter(|part| !points_to.contains(&part.writer)) {
            part.closed = part.closed.min(now);
        }
    }

    /// What the log lacks at `end` of the writes that its writers acknowledged, if it is all gone from `first` on.
    pub(super) fn loss(&self, acknowledged: &[AckLog], first: f64, end: SimTime) -> Loss {
        let mut loss = Loss::default();
        for part in &self.parts {
            let log = &acknowledged[part.writer];
            let lacks = part.lacks.min(first);
            let Some(last) = log.last(part.closed.min(end)) else { continue };
            if last > lacks.max(part.began) {
                loss.seconds = loss.seconds.max(last - lacks);
                loss.lost += log.until(last) - log.until(lacks.max(part.began));
            }
        }
        loss
    }
}
