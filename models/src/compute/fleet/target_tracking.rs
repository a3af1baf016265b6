//! Target tracking: what `CloudWatch` shows of a group's utilisation, and the size that follows from it.
//!
//! The policy evaluates periods: 3 in a row above the target grow the group, 15 in a row below nine tenths of it shrink
//! it. A datapoint stands for one period, or, of processors without detailed monitoring, for the five minutes that it
//! averages: then the newest alone lets the group grow, and three in a row let it shrink. That it acts when the datapoint
//! arrives is assumed; AWS does not say how its alarms look at periods that share a datapoint.
//!
//! The owner names the event at which it looks again, `due`. Only datapoints that may resize the group are events, and ends of periods in which something changed: while nothing
//! changes, all datapoints that will come are known.

use sim_core::component::Context;
use sim_core::random::{Distribution, Trial};
use sim_core::time::{SimDuration, SimTime};

use super::Size;
use crate::periods::{Periods, Step, exceeds};

/// Consecutive periods above the target that make the group grow: the alarms that AWS sets up evaluate 3 of a minute.
const ABOVE: u32 = 3;
/// Consecutive periods below the lower threshold that make it shrink: the alarms that AWS sets up evaluate 15 of a minute.
const BELOW: u32 = 15;
/// The lower threshold as a share of the target; documented for provisioned concurrency.
const LOWER: f64 = 0.9;

/// What a datapoint says of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Datapoint {
    /// Time average of the utilisation.
    utilization: f64,
    /// Time average of in-service instances times utilisation.
    work: f64,
}

/// The size that a datapoint asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// The size, if that is more.
    Grow(u64),
    /// The size, if that is less.
    Shrink(u64),
    /// Whatever there is.
    Stay,
}

impl Verdict {
    /// What it makes of the present desired size, within the fleet's bounds.
    pub(crate) fn size(self, Size { min, desired, max }: Size) -> u64 {
        match self {
            Self::Grow(size) => size.min(max).max(desired),
            Self::Shrink(size) => size.max(min).min(desired),
            Self::Stay => desired,
        }
    }
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

/// A target-tracking policy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaling {
    /// The utilisation aimed at.
    pub target: f64,
    /// Whether utilisation is capped at 1 at each instant.
    pub capped: bool,
    /// Length of the periods that are evaluated, 3 of 3 and 15 of 15.
    pub period: SimDuration,
    /// So many of them share a datapoint.
    pub shared_by: u32,
}

impl Scaling {
    /// Time from one datapoint to the next.
    pub fn datapoint_every(&self) -> SimDuration {
        self.period.times(u64::from(self.shared_by))
    }

    /// Time in which a group under a load that stays makes its first step to a smaller size, at most; to a larger one it is
    /// less.
    pub fn shrinks_within(&self) -> SimDuration {
        self.datapoint_every().times(u64::from(BELOW.div_ceil(self.shared_by)) + 1)
    }

    /// The size that it brings a fleet to under a load that stays; `load` is in what one member carries.
    pub(crate) fn rests_at(&self, load: f64, bounds: Size) -> u64 {
        let mut size = bounds.desired;
        while size > 0 {
            let utilization = load / size as f64;
            let utilization = if self.capped { utilization.min(1.0) } else { utilization };
            let wants = proportional(size as f64 * utilization, self.target);
            let next = if exceeds(utilization, self.target) {
                wants.min(bounds.max).max(size)
            } else if exceeds(LOWER * self.target, utilization) {
                wants.max(bounds.min).min(size)
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

/// How many evaluated periods in a row lie above the target, and below the lower threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct InARow {
    above: u32,
    below: u32,
}

/// A target-tracking policy at work. What it has to know of its group is told at each call: how many instances are in
/// `serving`, or nothing while the region is out.
#[derive(Debug)]
pub(crate) struct Tracking {
    target: f64,
    capped: bool,
    /// So many evaluated periods a datapoint stands for.
    stands_for: u32,
    periods: Periods<Datapoint>,
    measured: bool,
    utilization: f64,
    sums: Sums,
    in_a_row: InARow,
}

impl Tracking {
    /// A policy at rest; datapoints arrive `ingestion` after the end of what they average.
    pub(crate) fn new(scaling: Scaling, ingestion: &Distribution, path: &str, seed: u64, eager: bool) -> Self {
        let Scaling { target, capped, shared_by: stands_for, .. } = scaling;
        Self {
            target,
            capped,
            stands_for,
            periods: Periods::new(scaling.datapoint_every(), ingestion, path, seed, eager),
            measured: true,
            utilization: 0.0,
            sums: Sums::default(),
            in_a_row: InARow::default(),
        }
    }

    /// Starts a trial; the first of what datapoints average ends at `first_end`.
    pub(crate) fn begin<E, S>(&mut self, trial: Trial<'_>, first_end: SimTime, due: E, ctx: &mut Context<'_, E, S>) {
        self.periods.begin(trial, first_end);
        self.measured = true;
        self.utilization = 0.0;
        self.sums = Sums::default();
        self.in_a_row = InARow::default();
        self.periods.schedule(self.periods.due(), due, ctx);
    }

    /// The utilisation that it watches while load over capacity of the serving instances is this, if it is another one.
    #[inline]
    pub(crate) fn differs(&self, utilization: f64, busy: f64) -> Option<f64> {
        let utilization = busy * if self.capped { utilization.min(1.0) } else { utilization };
        (utilization != self.utilization).then_some(utilization)
    }

    /// From now on it watches this utilisation, in a period in which that has changed before and nothing else is due: then it looks
    /// again at the period's end in any case. Returns whether this is such a period.
    #[inline]
    pub(crate) fn drifts(&mut self, serving: Option<f64>, utilization: f64, now: SimTime) -> bool {
        let due = self.periods.due();
        let drifts = !self.periods.constant() && now < due && self.periods.pending() <= due;
        if drifts {
            self.accumulate(serving, now);
            self.utilization = utilization;
        }
        drifts
    }

    /// From now on it watches this utilisation.
    pub(crate) fn set_utilization(&mut self, utilization: f64) {
        self.utilization = utilization;
    }

    /// Whether datapoints arrive from now on.
    pub(crate) fn set_measured(&mut self, measured: bool) {
        self.measured = measured;
    }

    /// Lives through what has happened until now, this instant included, up to the first datapoint that arrived and that
    /// counts.
    pub(crate) fn next_datapoint(&mut self, serving: Option<f64>, now: SimTime) -> Option<Datapoint> {
        loop {
            self.skip(serving, now);
            match self.periods.step(now)? {
                Step::Ends(end) => self.on_period_end(serving, end),
                Step::Arrives(datapoint) if self.measured => return Some(datapoint.value),
                Step::Arrives(_) => self.in_a_row = InARow::default(),
            }
        }
    }

    /// Goes towards `now` past periods that all say the same. Before the pending event no datapoint resizes the group.
    fn skip(&mut self, serving: Option<f64>, now: SimTime) {
        let until = now.min(self.periods.pending() - SimDuration::from_nanos(1));
        if self.periods.eager() || self.periods.end() > until || !self.periods.constant() {
            return;
        }
        let present = self.present(serving);
        if !self.periods.under_way().iter().all(|datapoint| Some(datapoint.value) == present) {
            return;
        }
        let arrived = self.periods.skip(until, present);
        self.sums = Sums::default();
        let Some(datapoint) = present else {
            self.in_a_row = InARow::default();
            return;
        };
        match u32::try_from(arrived).unwrap_or(u32::MAX) {
            0 => {}
            _ if !self.measured => self.in_a_row = InARow::default(),
            arrived => self.in_a_row = self.counted(self.in_a_row, datapoint, arrived),
        }
    }

    /// Adds up what held until now, before something changes; all that happened before has been lived through.
    pub(crate) fn note_change<E, S>(&mut self, serving: Option<f64>, due: E, ctx: &mut Context<'_, E, S>) {
        self.accumulate(serving, ctx.now());
        let at = self.periods.due();
        if at < self.periods.pending() {
            self.periods.schedule(at, due, ctx);
        }
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
    fn present(&self, serving: Option<f64>) -> Option<Datapoint> {
        let in_service = serving.filter(|&in_service| in_service > 0.0)?;
        Some(Datapoint { utilization: self.utilization, work: in_service * self.utilization })
    }

    /// The datapoint of the period that was added up.
    fn mean(&self) -> Option<Datapoint> {
        let Sums { utilization, work, up, in_service } = self.sums;
        (in_service > 0.0).then(|| Datapoint { utilization: utilization / up, work: work / up })
    }

    fn on_period_end(&mut self, serving: Option<f64>, end: SimTime) {
        let point = if self.periods.constant() {
            self.present(serving)
        } else {
            self.accumulate(serving, end);
            self.mean()
        };
        if point.is_none() {
            // Without data AWS scales nothing, and what is in a row begins anew.
            self.in_a_row = InARow::default();
        }
        self.sums = Sums::default();
        self.periods.close(point);
    }

    /// What a datapoint that arrives asks for.
    pub(crate) fn judge(&mut self, datapoint: Datapoint) -> Verdict {
        self.in_a_row = self.counted(self.in_a_row, datapoint, 1);
        self.verdict(self.in_a_row, datapoint)
    }

    /// What is in a row after so many datapoints that are all this one, at least one.
    fn counted(&self, InARow { above, below }: InARow, Datapoint { utilization, .. }: Datapoint, times: u32) -> InARow {
        let more = self.stands_for.saturating_mul(times);
        let in_a_row = |so_far: u32, holds| if holds { so_far.saturating_add(more) } else { 0 };
        InARow {
            above: in_a_row(above, exceeds(utilization, self.target)),
            below: in_a_row(below, exceeds(LOWER * self.target, utilization)),
        }
    }

    fn verdict(&self, InARow { above, below }: InARow, Datapoint { work, .. }: Datapoint) -> Verdict {
        let proportional = proportional(work, self.target);
        if above >= ABOVE {
            Verdict::Grow(proportional)
        } else if below >= BELOW {
            Verdict::Shrink(proportional)
        } else {
            Verdict::Stay
        }
    }

    /// Schedules the arrival of the next datapoint that may resize the group, which `resizes` says of a verdict, or the next
    /// look if it cannot be foreseen. All that happened until now has been lived through.
    pub(crate) fn look_ahead<E, S>(
        &mut self,
        serving: Option<f64>,
        resizes: impl Fn(Verdict) -> bool,
        due: E,
        ctx: &mut Context<'_, E, S>,
    ) {
        self.periods.happened();
        let next = if self.periods.eager() || !self.periods.constant() {
            self.periods.due()
        } else {
            self.next_arrival(serving, resizes)
        };
        self.periods.schedule(next, due, ctx);
    }

    /// When its event happens.
    #[cfg(test)]
    pub(crate) fn pending(&self) -> SimTime {
        self.periods.pending()
    }

    /// When the next datapoint arrives that may resize the group, if nothing changes.
    fn next_arrival(&self, serving: Option<f64>, resizes: impl Fn(Verdict) -> bool) -> SimTime {
        if !self.measured {
            return SimTime::NEVER;
        }
        let mut in_a_row = self.in_a_row;
        for datapoint in self.periods.under_way() {
            in_a_row = self.counted(in_a_row, datapoint.value, 1);
            if resizes(self.verdict(in_a_row, datapoint.value)) {
                return datapoint.arrives;
            }
        }
        let Some(present) = self.present(serving) else { return SimTime::NEVER };
        // From the last of so many on, every one asks for the same.
        for later in 0..u64::from(BELOW.div_ceil(self.stands_for)) {
            in_a_row = self.counted(in_a_row, present, 1);
            if in_a_row == InARow::default() {
                break;
            }
            if resizes(self.verdict(in_a_row, present)) {
                return self.periods.arrives(later);
            }
        }
        SimTime::NEVER
    }
}
