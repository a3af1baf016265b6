//! One journey's figures in one trial: when it was up, what failed and why, and where its recovery time went.

use models::cause::{CAUSES, Cause};
use models::deployment::TOLERANCE;
use models::flow::JourneyFlow;
use sim_core::time::SimTime;

use super::timeline::{Timeline, UP};

/// Figures of one journey, added up as the trial goes on.
///
/// Sums are split where the journey's own flow changes and nowhere else, so that what happens to others, and how often
/// somebody looks, does not show in their last digits.
#[derive(Debug, Clone, Default)]
pub(super) struct JourneyFigures {
    flow: JourneyFlow,
    /// S(t) of the present flow.
    success: f64,
    since: SimTime,
    pub(super) timeline: Timeline,
    pub(super) offered: f64,
    pub(super) failed: f64,
    pub(super) degraded: f64,
    pub(super) causes: [f64; CAUSES],
    /// Integral of 1 - S since the clock started, in seconds.
    pub(super) lost_traffic: f64,
}

impl JourneyFigures {
    /// Starts a trial and keeps the memory.
    pub(super) fn begin(&mut self) {
        let mut timeline = std::mem::take(&mut self.timeline);
        timeline.begin();
        *self = Self { timeline, success: JourneyFlow::default().success(), ..Self::default() };
    }

    /// The flow from `now` on; returns whether it is another one. `work` as of [`Timeline::turn`].
    pub(super) fn set(&mut self, flow: &JourneyFlow, up_when: f64, now: SimTime, work: bool) -> bool {
        if *flow == self.flow {
            return false;
        }
        self.accumulate(now);
        (self.flow, self.success) = (*flow, flow.success());
        let down = flow.up() < up_when - TOLERANCE;
        let mut causes = flow.causes;
        causes[Cause::Slow.index()] += flow.late;
        self.timeline.turn(if down { dominant(&causes) } else { UP }, self.failed, now, work);
        true
    }

    /// The trial is over.
    pub(super) fn finish(&mut self, end: SimTime) {
        self.accumulate(end);
        self.timeline.finish(self.failed, end);
    }

    /// The flow of the present.
    pub(super) const fn flow(&self) -> &JourneyFlow {
        &self.flow
    }

    /// Requests that have failed until `now`. Looking changes nothing.
    pub(super) fn failed_until(&self, now: SimTime) -> f64 {
        self.failed + self.flow.failed * now.since(self.since).as_secs_f64()
    }

    /// Adds up what held until `now`.
    fn accumulate(&mut self, now: SimTime) {
        let since = std::mem::replace(&mut self.since, now);
        let seconds = now.since(since).as_secs_f64();
        self.offered += self.flow.offered * seconds;
        self.degraded += self.flow.degraded * seconds;
        if self.flow.failed > 0.0 {
            self.failed += self.flow.failed * seconds;
            for (sum, rate) in self.causes.iter_mut().zip(&self.flow.causes) {
                *sum += rate * seconds;
            }
        }
        if let Some(start) = self.timeline.clock() {
            self.lost_traffic += (1.0 - self.success) * now.since(since.max(start)).as_secs_f64();
        }
    }
}

/// The cause that fails most flow; ties to the earlier stage. Flows that differ by less than rounding may are a tie: with
/// cohorts of equal weight that is not rare.
pub(crate) fn dominant(causes: &[f64; CAUSES]) -> usize {
    let most = causes.iter().fold(0.0, |most, &flow| if flow > most { flow } else { most });
    causes.iter().position(|&flow| flow >= most * (1.0 - TOLERANCE)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;

    use super::super::timeline::{Spent, not_up};
    use super::*;

    const RATE: f64 = 100.0;

    fn failing(cause: Cause, share: f64) -> JourneyFlow {
        let mut flow = JourneyFlow { offered: RATE, failed: RATE * share, ..JourneyFlow::default() };
        flow.causes[cause.index()] = RATE * share;
        flow
    }

    /// Plays steps (from when, which flow) until `end` and returns the figures.
    fn play(steps: &[(u64, JourneyFlow)], start: u64, end: u64) -> JourneyFigures {
        let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
        let mut figures = JourneyFigures::default();
        let mut clock = Some(start);
        for &(when, flow) in steps {
            if let Some(start) = clock.take_if(|start| when >= *start) {
                figures.timeline.fault(0, at(start));
            }
            figures.set(&flow, 0.99, at(when), false);
        }
        if let Some(start) = clock {
            figures.timeline.fault(0, at(start));
        }
        figures.finish(at(end));
        figures
    }

    fn recovery(figures: &JourneyFigures) -> Option<SimDuration> {
        figures.timeline.since_first().0
    }

    fn stages(figures: &JourneyFigures) -> Spent {
        figures.timeline.since_first().1
    }

    fn downtime(figures: &JourneyFigures) -> SimDuration {
        not_up(&figures.timeline.since_clock().expect("the clock started"))
    }

    #[test]
    fn recovery_ends_at_the_last_return_and_its_parts_add_up_to_it() {
        let well = failing(Cause::Detection, 0.0);
        let steps = [
            (0, well),
            (100, failing(Cause::Detection, 0.5)),
            (130, well),
            (150, failing(Cause::DnsCache, 0.2)),
            (190, well),
        ];
        let figures = play(&steps, 100, 1_000);
        assert_eq!(recovery(&figures), Some(SimDuration::from_secs(90)));
        assert_eq!(downtime(&figures), SimDuration::from_secs(70));
        let stages = stages(&figures);
        assert_eq!(stages[Cause::Detection.index()], SimDuration::from_secs(30));
        assert_eq!(stages[UP], SimDuration::from_secs(20));
        assert_eq!(stages[Cause::DnsCache.index()], SimDuration::from_secs(40));
        assert_eq!(figures.failed, RATE * (0.5 * 30.0 + 0.2 * 40.0));
        assert!((figures.lost_traffic - (0.5 * 30.0 + 0.2 * 40.0)).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_back_at_the_end_is_censored_and_what_was_never_down_is_zero() {
        let well = failing(Cause::Detection, 0.0);
        let gone = play(&[(0, well), (100, failing(Cause::NoPath, 1.0))], 100, 400);
        assert_eq!(recovery(&gone), None);
        assert_eq!(stages(&gone)[Cause::NoPath.index()], SimDuration::from_secs(300));
        let fine = play(&[(0, well), (100, failing(Cause::NoPath, 0.01))], 100, 400);
        assert_eq!(recovery(&fine), Some(SimDuration::ZERO), "0.99 is up, with the tolerance in its favour");
    }

    #[test]
    fn only_what_follows_the_start_of_the_clock_counts() {
        let (well, down) = (failing(Cause::Detection, 0.0), failing(Cause::Capacity, 0.5));
        let earlier = play(&[(0, well), (50, down), (80, well)], 100, 400);
        assert_eq!((recovery(&earlier), downtime(&earlier)), (Some(SimDuration::ZERO), SimDuration::ZERO));
        assert_eq!(earlier.failed, RATE * 0.5 * 30.0, "requests count over the whole horizon");
        let across = play(&[(0, well), (50, down), (130, well)], 100, 400);
        assert_eq!(recovery(&across), Some(SimDuration::from_secs(30)));
        assert_eq!(stages(&across)[Cause::Capacity.index()], SimDuration::from_secs(30));
        assert_eq!(across.lost_traffic, 0.5 * 30.0);
    }

    #[test]
    fn looking_more_often_changes_no_bit() {
        let flow = failing(Cause::DnsCache, 1.0 / 3.0);
        let well = failing(Cause::Detection, 0.0);
        let seldom = play(&[(0, well), (103, flow), (150, well)], 100, 1_000);
        let steps: Vec<_> =
            (0..900).map(|second| (second, if (103..150).contains(&second) { flow } else { well })).collect();
        let often = play(&steps, 100, 1_000);
        assert_eq!(
            (seldom.failed, seldom.offered, seldom.lost_traffic),
            (often.failed, often.offered, often.lost_traffic)
        );
    }

    #[test]
    fn ties_go_to_the_earlier_stage() {
        let mut flow = failing(Cause::Capacity, 0.3);
        flow.causes[Cause::Propagation.index()] = flow.causes[Cause::Capacity.index()];
        assert_eq!(dominant(&flow.causes), Cause::Propagation.index());
        flow.causes[Cause::Capacity.index()] *= 1.0 + 1e-15;
        assert_eq!(dominant(&flow.causes), Cause::Propagation.index(), "rounding decides nothing");
        flow.causes[Cause::Capacity.index()] *= 1.001;
        assert_eq!(dominant(&flow.causes), Cause::Capacity.index());
    }
}
