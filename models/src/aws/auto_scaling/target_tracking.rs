//! Target tracking: what `CloudWatch` shows of a group's utilisation, and the size that follows from it.
//!
//! The policy evaluates periods: 3 in a row above the target grow the group, 15 in a row below nine tenths of it shrink
//! it. A datapoint stands for one period, or, of processors without detailed monitoring, for the five minutes that it
//! averages: then the newest alone lets the group grow, and three in a row let it shrink. That it acts when the datapoint
//! arrives is assumed; AWS does not say how its alarms look at periods that share a datapoint.

use sim_core::component::Context;
use sim_core::random::Distribution;
use sim_core::time::{SimDuration, SimTime};

use super::{Event, Parameters, Scaling, Signal};
use crate::aws::cloud_watch::{Periods, exceeds};

/// Consecutive periods above the target that make the group grow: the alarms that AWS sets up evaluate 3 of a minute.
const ABOVE: u32 = 3;
/// Consecutive periods below the lower threshold that make it shrink: the alarms that AWS sets up evaluate 15 of a minute.
const BELOW: u32 = 15;
/// The lower threshold as a share of the target; documented for provisioned concurrency.
const LOWER: f64 = 0.9;

/// What a datapoint says of a group.
#[derive(Debug, Clone, Copy)]
pub struct Datapoint {
    /// Time average of the utilisation.
    utilization: f64,
    /// Time average of in-service instances times utilisation.
    work: f64,
    /// Whether nothing had changed for long when its period ended.
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

/// What has held in the present period so far, each times the seconds that it held.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    utilization: f64,
    work: f64,
    up: f64,
    in_service: f64,
}

/// The size that so much work asks for, in instances that are busy all the time.
fn proportional(work: f64, target: f64) -> u64 {
    // With the tolerance of the measures, so that 8 x 0.5 / 0.5 is 8 and not 9.
    libm::ceil(work / target - 1e-9).max(0.0) as u64
}

impl Scaling {
    /// Time in which a group under a load that stays makes its first step to a smaller size, at most; to a larger one it is
    /// less.
    pub fn shrinks_within(&self) -> SimDuration {
        self.datapoint_every().times(u64::from(BELOW.div_ceil(self.shared_by)) + 1)
    }
}

impl Parameters {
    /// The size that target tracking brings the group to under a load that stays, in requests per second.
    pub fn rests_at(&self, load: f64) -> u64 {
        let mut size = self.desired;
        let Some(scaling) = self.scaling else { return size };
        while size > 0 {
            let utilization = load / (size as f64 * self.requests_per_second);
            let utilization = if scaling.capped { utilization.min(1.0) } else { utilization };
            let wants = proportional(size as f64 * utilization, scaling.target);
            let next = if exceeds(utilization, scaling.target) {
                wants.min(self.max).max(size)
            } else if exceeds(LOWER * scaling.target, utilization) {
                wants.max(self.min).min(size)
            } else {
                size
            };
            if next == size {
                break;
            }
            size = next;
        }
        size
    }
}

/// A target-tracking policy at work. What it has to know of its group is told at each call: how many instances are in
/// `serving`, or nothing while the region is out.
#[derive(Debug)]
pub(super) struct Tracking {
    target: f64,
    capped: bool,
    /// So many evaluated periods a datapoint stands for.
    stands_for: u32,
    periods: Periods,
    measured: bool,
    utilization: f64,
    sums: Sums,
    /// Evaluated periods in a row above the target, and below the lower threshold.
    above: u32,
    below: u32,
}

impl Tracking {
    /// A policy at rest; datapoints arrive `ingestion` after the end of what they average.
    pub(super) fn new(scaling: Scaling, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let Scaling { target, capped, shared_by: stands_for, .. } = scaling;
        let enough = BELOW.div_ceil(stands_for) as usize + 1;
        Self {
            target,
            capped,
            stands_for,
            periods: Periods::new(scaling.datapoint_every(), enough, ingestion, path, seed, eager),
            measured: true,
            utilization: 0.0,
            sums: Sums::default(),
            above: 0,
            below: 0,
        }
    }

    /// Starts a trial; the first of what datapoints average ends at `first_end`.
    pub(super) fn begin(&mut self, trial: u64, first_end: SimTime, ctx: &mut Context<'_, Event, Signal>) {
        self.periods.begin(trial, first_end, Event::PeriodEnds, ctx);
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
        if self.periods.wake(Event::PeriodEnds, |_| present.map(Event::DatapointArrives), ctx) {
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

    /// The datapoint of a period in which nothing changes. A group without instances in service publishes nothing.
    fn present(&self, serving: Option<f64>, quiet: bool) -> Option<Datapoint> {
        let in_service = serving.filter(|&in_service| in_service > 0.0)?;
        Some(Datapoint { utilization: self.utilization, work: in_service * self.utilization, quiet })
    }

    /// The datapoint of the period that was added up.
    fn mean(&self) -> Option<Datapoint> {
        let Sums { utilization, work, up, in_service } = self.sums;
        (in_service > 0.0).then(|| Datapoint { utilization: utilization / up, work: work / up, quiet: false })
    }

    /// A period ends.
    pub(super) fn on_period_end(&mut self, serving: Option<f64>, ctx: &mut Context<'_, Event, Signal>) {
        let constant = self.periods.constant();
        let point = if constant {
            self.present(serving, false)
        } else {
            self.accumulate(serving, ctx.now());
            self.mean()
        };
        if point.is_none() {
            // Without data AWS scales nothing, and what is in a row begins anew.
            (self.above, self.below) = (0, 0);
        }
        self.sums = Sums::default();
        let arrives = |_, quiet| point.map(|point| Event::DatapointArrives(Datapoint { quiet, ..point }));
        self.periods.next(constant, Event::PeriodEnds, arrives, ctx);
    }

    /// What a datapoint that arrives asks for; nothing if it is not seen.
    pub(super) fn judge(&mut self, Datapoint { utilization, work, .. }: Datapoint) -> Option<Verdict> {
        if !self.measured {
            (self.above, self.below) = (0, 0);
            return None;
        }
        let stands_for = self.stands_for;
        let in_a_row = |so_far: u32, holds| if holds { so_far.saturating_add(stands_for) } else { 0 };
        self.above = in_a_row(self.above, exceeds(utilization, self.target));
        self.below = in_a_row(self.below, exceeds(LOWER * self.target, utilization));
        Some(if self.above >= ABOVE {
            Verdict::Grow(proportional(work, self.target))
        } else if self.below >= BELOW {
            Verdict::Shrink(proportional(work, self.target))
        } else {
            Verdict::Stay
        })
    }

    /// A datapoint that came after long quiet changed nothing: neither will the next ones.
    pub(super) fn sleep(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.periods.sleep(ctx);
    }
}
