//! Target tracking: what `CloudWatch` shows of a group's utilisation, and the size that follows from it.

use sim_core::component::Context;
use sim_core::random::Distribution;
use sim_core::time::{SimDuration, SimTime};

use super::{Event, Scaling, Signal};
use crate::aws::cloud_watch::{Periods, exceeds};

/// Consecutive datapoints above the target that make the group grow. Facts 3, documented/remembered: 3 x 1 min.
const ABOVE: u32 = 3;
/// Consecutive datapoints below the lower threshold that make it shrink. Facts 3, documented: 15 x 1 min.
const BELOW: u32 = 15;
/// The lower threshold as a share of the target. Facts 3, documented for provisioned concurrency.
const LOWER: f64 = 0.9;
const MINUTE: SimDuration = SimDuration::from_secs(60);

/// What a minute says of a group.
#[derive(Debug, Clone, Copy)]
pub struct Datapoint {
    /// Time average of the utilisation.
    utilization: f64,
    /// Time average of in-service instances times utilisation.
    work: f64,
    /// Whether nothing had changed for long when the minute ended.
    pub(super) quiet: bool,
}

/// The size that a datapoint asks for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Verdict {
    /// The size, if that is more.
    Grow(u64),
    /// The size, if that is less.
    Shrink(u64),
    /// Whatever there is.
    Stay,
}

/// What has held in the present minute so far, each times the seconds that it held.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    utilization: f64,
    work: f64,
    up: f64,
    in_service: f64,
}

/// A target-tracking policy at work. What it has to know of its group is told at each call: how many instances are in
/// `serving`, or nothing while the region is out.
#[derive(Debug)]
pub(super) struct Tracking {
    target: f64,
    capped: bool,
    periods: Periods,
    measured: bool,
    utilization: f64,
    sums: Sums,
    /// Datapoints in a row above the target, and below the lower threshold.
    above: u32,
    below: u32,
}

impl Tracking {
    /// A policy at rest; datapoints arrive `ingestion` after their minute.
    pub(super) fn new(scaling: Scaling, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let Scaling { target, capped } = scaling;
        Self {
            target,
            capped,
            periods: Periods::new(MINUTE, BELOW as usize + 1, ingestion, path, seed, eager),
            measured: true,
            utilization: 0.0,
            sums: Sums::default(),
            above: 0,
            below: 0,
        }
    }

    /// Starts a trial; minutes end at `first_minute` and every minute after.
    pub(super) fn begin(&mut self, trial: u64, first_minute: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.periods.begin(trial, first_minute, Event::MinuteEnds, ctx);
        self.measured = true;
        self.utilization = 0.0;
        self.sums = Sums::default();
        (self.above, self.below) = (0, 0);
    }

    /// Load over capacity of the serving instances, from now on.
    #[inline]
    pub(super) fn set_utilization(
        &mut self,
        utilization: f64,
        serving: Option<f64>,
        ctx: &mut Context<'_, Event, Signal>,
    ) {
        let utilization = if self.capped { utilization.min(1.0) } else { utilization };
        if utilization != self.utilization {
            self.note_change(serving, ctx);
            self.utilization = utilization;
        }
    }

    /// Whether datapoints arrive from now on.
    pub(super) fn set_measured(&mut self, measured: bool) {
        self.measured = measured;
    }

    /// Adds up what held until now, before something changes.
    pub(super) fn note_change(&mut self, serving: Option<f64>, ctx: &mut Context<'_, Event, Signal>) {
        let present = self.present(serving, true);
        if self.periods.wake(Event::MinuteEnds, |_| present.map(Event::DatapointArrives), ctx) {
            self.sums = Sums::default();
        }
        self.accumulate(serving, ctx.now());
    }

    fn accumulate(&mut self, serving: Option<f64>, now: SimTime) {
        let seconds = self.periods.held(now);
        if let Some(in_service) = serving {
            self.sums.utilization += self.utilization * seconds;
            self.sums.work += in_service * self.utilization * seconds;
            self.sums.up += seconds;
            self.sums.in_service += in_service * seconds;
        }
    }

    /// The datapoint of a minute in which nothing changes. Facts 3: a group without instances publishes nothing.
    fn present(&self, serving: Option<f64>, quiet: bool) -> Option<Datapoint> {
        let in_service = serving.filter(|&in_service| in_service > 0.0)?;
        Some(Datapoint { utilization: self.utilization, work: in_service * self.utilization, quiet })
    }

    /// The datapoint of the minute that was added up.
    fn mean(&self) -> Option<Datapoint> {
        let Sums { utilization, work, up, in_service } = self.sums;
        (in_service > 0.0).then(|| Datapoint { utilization: utilization / up, work: work / up, quiet: false })
    }

    /// A minute ends.
    pub(super) fn on_minute_end(&mut self, serving: Option<f64>, ctx: &mut Context<'_, Event, Signal>) {
        let constant = self.periods.constant();
        let point = if constant {
            self.present(serving, false)
        } else {
            self.accumulate(serving, ctx.now());
            self.mean()
        };
        if point.is_none() {
            // Missing data scales nothing (facts 3), and what is in a row begins anew.
            (self.above, self.below) = (0, 0);
        }
        self.sums = Sums::default();
        let arrives = |_, quiet| point.map(|point| Event::DatapointArrives(Datapoint { quiet, ..point }));
        self.periods.next(constant, Event::MinuteEnds, arrives, ctx);
    }

    /// What a datapoint that arrives asks for; nothing if it is not seen.
    pub(super) fn judge(&mut self, Datapoint { utilization, work, .. }: Datapoint) -> Option<Verdict> {
        if !self.measured {
            (self.above, self.below) = (0, 0);
            return None;
        }
        self.above = if exceeds(utilization, self.target) { self.above.saturating_add(1) } else { 0 };
        self.below = if exceeds(LOWER * self.target, utilization) { self.below.saturating_add(1) } else { 0 };
        // With the tolerance of the measures, so that 8 x 0.5 / 0.5 is 8 and not 9.
        let proportional = libm::ceil(work / self.target - 1e-9).max(0.0) as u64;
        Some(if self.above >= ABOVE {
            Verdict::Grow(proportional)
        } else if self.below >= BELOW {
            Verdict::Shrink(proportional)
        } else {
            Verdict::Stay
        })
    }

    /// A datapoint that came after long quiet changed nothing: neither will the next ones.
    pub(super) fn sleep(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.periods.sleep(ctx);
    }
}
