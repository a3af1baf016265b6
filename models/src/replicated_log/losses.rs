//! What each writer of a log acknowledged, and which of it the survivors lack.

use sim_core::time::SimTime;

use super::copies::Cut;
use crate::stores::{AckLog, Loss};

/// A writer that was promoted over, and what its successor lacks.
#[derive(Debug, Clone, Copy)]
struct Retired {
    writer: usize,
    cut: Cut,
    /// When the last region stopped writing to it.
    closed: SimTime,
}

/// Acknowledged writes by region, and the writers that were promoted over.
#[derive(Debug)]
pub(super) struct Losses {
    acknowledged: Vec<AckLog>,
    retired: Vec<Retired>,
    destroyed: Vec<bool>,
}

impl Losses {
    pub(super) fn new(regions: usize) -> Self {
        Self {
            acknowledged: (0..regions).map(|_| AckLog::default()).collect(),
            retired: Vec::new(),
            destroyed: vec![false; regions],
        }
    }

    pub(super) fn begin(&mut self) {
        self.retired.clear();
        self.destroyed.fill(false);
        for log in &mut self.acknowledged {
            log.clear();
        }
    }

    /// From now on each region acknowledges so many writes per second.
    pub(super) fn acknowledges(&mut self, rates: &[f64], now: SimTime) {
        for (log, &rate) in self.acknowledged.iter_mut().zip(rates) {
            log.set(rate, now);
        }
    }

    /// Writes per second that a region acknowledges now.
    pub(super) fn rate(&self, region: usize) -> f64 {
        self.acknowledged[region].rate()
    }

    pub(super) fn destroyed(&mut self, region: usize) {
        self.destroyed[region] = true;
    }

    /// A copy that was cut off there is promoted over this writer.
    pub(super) fn retire(&mut self, writer: usize, cut: Cut) {
        self.retired.push(Retired { writer, cut, closed: SimTime::NEVER });
    }

    /// Writers that nobody points to any more take no more writes.
    pub(super) fn close(&mut self, points_to: &[usize], now: SimTime) {
        for retired in &mut self.retired {
            if retired.closed == SimTime::NEVER && !points_to.contains(&retired.writer) {
                retired.closed = now;
            }
        }
    }

    /// What was lost until `end`: the suffix of a log that was promoted over, or whose region was destroyed. The copy of
    /// the present writer that lacks least was cut off at `best`.
    pub(super) fn until(&self, end: SimTime, writer: usize, best: Option<Cut>) -> Loss {
        let mut loss = Loss::default();
        for retired in &self.retired {
            self.add_suffix(&mut loss, retired.writer, retired.cut, retired.closed.min(end));
        }
        let covered = self.retired.iter().any(|retired| retired.writer == writer);
        if self.destroyed[writer]
            && !covered
            && let Some(cut) = best
        {
            self.add_suffix(&mut loss, writer, cut, end);
        }
        loss
    }

    fn add_suffix(&self, loss: &mut Loss, writer: usize, cut: Cut, end: SimTime) {
        let log = &self.acknowledged[writer];
        let Some(last) = log.last(end) else { return };
        let first = cut.at.as_secs_f64() - cut.lag;
        if last > first {
            loss.seconds = loss.seconds.max(last - first);
            loss.lost += log.until(last) - log.until(first);
        }
    }
}
