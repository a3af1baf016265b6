//! The writes that each writer of a log acknowledged, and those that its successors lack.
//!
//! A promoted copy carries on what it has. It may lack the end of what its predecessor took, and, if it had been cut off
//! for longer, the end of what came before that as well: each writer's part of the log is cut short on its own. What a
//! promotion passes over is lost. What a detachment leaves behind stays where it is: it is stranded, unless what holds it
//! is destroyed.

use sim_core::time::{SimDuration, SimTime};

use crate::by_id::ById;
use crate::ids::RegionId;
use crate::stores::{AckLog, Loss};

/// The fate of writes that a new writer lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// They are gone.
    Lost,
    /// They stay with the former writer.
    Left,
}

/// The part of the log that one writer took.
#[derive(Debug, Clone, Copy)]
struct Part {
    writer: RegionId,
    /// When it became the writer, in seconds.
    began: f64,
    /// From when on what it acknowledged is lost, in seconds.
    lost: f64,
    /// From when on what it acknowledged stays with it, in seconds, as far as that is not lost.
    left: f64,
    /// When the last region stopped writing to it.
    closed: SimTime,
    /// Whether what it holds was destroyed.
    gone: bool,
}

/// Acknowledged writes by region, and the parts of the log, the present writer's last.
#[derive(Debug)]
pub(super) struct Losses {
    acknowledged: ById<RegionId, AckLog>,
    parts: Vec<Part>,
    /// From when on the present writer lacked what its predecessor had, in seconds.
    passed: f64,
    /// Regions whose data are gone, until something is built anew there.
    destroyed: ById<RegionId, bool>,
}

impl Losses {
    pub(super) fn new(regions: usize) -> Self {
        Self {
            acknowledged: (0..regions).map(|_| AckLog::default()).collect(),
            parts: Vec::new(),
            passed: f64::INFINITY,
            destroyed: ById::new(regions, false),
        }
    }

    /// Starts a trial with this writer; it has been one for long.
    pub(super) fn begin(&mut self, writer: RegionId) {
        self.parts.clear();
        self.passed = f64::INFINITY;
        self.push(writer, f64::NEG_INFINITY);
        self.destroyed.fill(false);
        for log in &mut self.acknowledged {
            log.clear();
        }
    }

    fn push(&mut self, writer: RegionId, began: f64) {
        let (lost, left) = (f64::INFINITY, f64::INFINITY);
        self.parts.push(Part { writer, began, lost, left, closed: SimTime::NEVER, gone: false });
    }

    /// From now on each region acknowledges so many writes per second.
    pub(super) fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    /// What this writer acknowledged.
    pub(super) fn acknowledged(&self, writer: RegionId) -> &AckLog {
        &self.acknowledged[writer]
    }

    /// The data of a region are gone.
    pub(super) fn destroyed(&mut self, region: RegionId) {
        self.destroyed[region] = true;
        for part in self.parts.iter_mut().filter(|part| part.writer == region) {
            part.gone = true;
        }
    }

    pub(super) fn is_destroyed(&self, region: RegionId) -> bool {
        self.destroyed[region]
    }

    /// The data of a region count from now on: it is back, and its copy is to be built anew.
    pub(super) fn holds_anew(&mut self, region: RegionId) {
        self.destroyed[region] = false;
    }

    /// From now on the log goes on in `writer`, which lacks everything from `first` on, in seconds.
    pub(super) fn pass(&mut self, writer: RegionId, first: f64, fate: Fate, now: SimTime) {
        self.passed = first;
        for part in &mut self.parts {
            match fate {
                Fate::Lost => part.lost = part.lost.min(first),
                Fate::Left => part.left = part.left.min(first),
            }
            if part.writer == writer {
                part.closed = part.closed.min(now);
            }
        }
        self.push(writer, now.as_secs_f64());
    }

    /// The log is as it was at a point in time, in seconds, and goes on in `writer`. What its parts took later is counted by
    /// whoever restored it.
    pub(super) fn begin_anew(&mut self, writer: RegionId, point: f64, now: SimTime) {
        let until = SimTime::ZERO + SimDuration::from_secs_f64(point.max(0.0));
        self.parts.retain(|part| part.began < point && point > 0.0);
        for part in &mut self.parts {
            part.closed = part.closed.min(until);
        }
        self.destroyed[writer] = false;
        self.push(writer, now.as_secs_f64());
    }

    /// From when on the present writer lacked what its predecessor had, in seconds; never, as long as it is the first.
    pub(super) const fn passed(&self) -> f64 {
        self.passed
    }

    /// Former writers that no region points to any more take no more writes.
    pub(super) fn close(&mut self, points_to: &ById<RegionId, RegionId>, now: SimTime) {
        let Some((_, former)) = self.parts.split_last_mut() else { return };
        for part in former.iter_mut().filter(|part| !points_to.as_slice().contains(&part.writer)) {
            part.closed = part.closed.min(now);
        }
    }

    /// The acknowledged writes that the log lacks at `end`, if everything from `first` on is out of reach with the
    /// present writer: gone, if its region was destroyed, or else left with it.
    pub(super) fn until(&self, end: SimTime, first: f64) -> Loss {
        let mut loss = Loss::default();
        let gone = self.parts.last().is_some_and(|part| self.destroyed[part.writer]);
        for part in &self.parts {
            let log = &self.acknowledged[part.writer];
            let mut lost = part.lost;
            let mut left = part.left;
            if gone {
                lost = lost.min(first);
            } else {
                left = left.min(first);
            }
            if part.gone {
                lost = lost.min(left);
            }
            let Some(last) = log.last(part.closed.min(end)) else { continue };
            // The start within this part, at the latest its end. Writes before the trial do not count.
            let within = |from: f64| if from == f64::NEG_INFINITY { 0.0 } else { from }.max(part.began).min(last);
            let (lost_from, left_from) = (within(lost), within(left));
            let oldest = lost.min(left);
            if last > oldest.max(part.began) {
                loss.seconds = loss.seconds.max(last - oldest);
            }
            if last > lost_from {
                loss.lost += log.until(last) - log.until(lost_from);
            }
            if lost_from > left_from {
                loss.stranded += log.until(lost_from) - log.until(left_from);
            }
        }
        loss
    }
}
