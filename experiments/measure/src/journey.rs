//! One journey's figures in one trial: when it was up, what failed and why, and where its recovery time went.

use models::cause::CAUSES;
use models::deployment::TOLERANCE;
use models::flow::JourneyFlow;
use sim_core::time::SimTime;

use super::timeline::{Timeline, UP};

/// Figures of one journey, as the trial goes on. What its requests add up to is in the ledger of the flows.
#[derive(Debug, Clone, Default)]
pub(super) struct JourneyFigures {
    /// What fails now, by cause.
    causes: [f64; CAUSES],
    /// Requests per second.
    offered: f64,
    pub(super) timeline: Timeline,
    /// Requests that had failed when others began to be offered after the clock had started.
    mark: Option<f64>,
    /// Integral of 1 - S since the clock started, in seconds.
    pub(super) lost_traffic: f64,
}

impl JourneyFigures {
    /// Starts a trial and keeps the memory.
    pub(super) fn begin(&mut self) {
        let mut timeline = std::mem::take(&mut self.timeline);
        timeline.begin();
        *self = Self { timeline, ..Self::default() };
    }

    /// The clock starts, and so many requests have failed.
    pub(super) fn clock_starts(&mut self, failed: f64) {
        self.mark.get_or_insert(failed);
    }

    /// The flow from `now` on, and how many requests have `failed`; returns whether it is down or was. `work` as of
    /// [`Timeline::turn`].
    pub(super) fn set(
        &mut self,
        flow: &JourneyFlow,
        up_when: f64,
        now: SimTime,
        work: bool,
        failed: impl Fn() -> f64,
    ) -> bool {
        if flow.offered != self.offered {
            self.add_lost(&failed);
            self.offered = flow.offered;
        }
        let was_down = self.timeline.down();
        let down = flow.up() < up_when - TOLERANCE;
        let causes = flow.blamed();
        if down {
            self.causes = causes;
        }
        let stage = if down { dominant(&causes) } else { UP };
        if stage != self.timeline.stage() {
            self.timeline.turn(stage, failed(), now, work);
        }
        down || was_down
    }

    /// The trial is over, and so many requests have failed.
    pub(super) fn finish(&mut self, end: SimTime, failed: f64) {
        self.add_lost(|| failed);
        self.timeline.finish(failed, end);
    }

    /// What fails now, by cause, of one that is down.
    pub(super) const fn causes(&self) -> &[f64; CAUSES] {
        &self.causes
    }

    /// Adds up the traffic that was lost while as much was offered as until now.
    fn add_lost(&mut self, failed: impl Fn() -> f64) {
        if let Some(mark) = &mut self.mark {
            let failed = failed();
            if self.offered > 0.0 {
                self.lost_traffic += (failed - *mark) / self.offered;
            }
            *mark = failed;
        }
    }
}

/// The cause that fails most flow; ties to the earlier stage. Flows that differ by less than rounding may are a tie: with
/// cohorts of equal weight that is not rare.
pub fn dominant(causes: &[f64; CAUSES]) -> usize {
    let most = causes.iter().fold(0.0, |most, &flow| if flow > most { flow } else { most });
    causes.iter().position(|&flow| flow >= most * (1.0 - TOLERANCE)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use models::cause::Cause;
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
        let ends = || steps.iter().skip(1).map(|(when, _)| *when).chain([end]);
        let failed_until = |now: u64| {
            let each = steps.iter().zip(ends()).filter(|((when, _), _)| *when < now);
            each.map(|((when, flow), end)| flow.failed * (end.min(now) - when) as f64).sum::<f64>()
        };
        let mut figures = JourneyFigures::default();
        let mut clock = Some(start);
        for &(when, flow) in steps {
            if let Some(start) = clock.take_if(|start| when >= *start) {
                figures.clock_starts(failed_until(start));
                figures.timeline.fault(0, at(start));
            }
            figures.set(&flow, 0.99, at(when), false, || failed_until(when));
        }
        if let Some(start) = clock {
            figures.clock_starts(failed_until(start));
            figures.timeline.fault(0, at(start));
        }
        figures.finish(at(end), failed_until(end));
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
        assert_eq!(earlier.lost_traffic, 0.0);
        let across = play(&[(0, well), (50, down), (130, well)], 100, 400);
        assert_eq!(recovery(&across), Some(SimDuration::from_secs(30)));
        assert_eq!(stages(&across)[Cause::Capacity.index()], SimDuration::from_secs(30));
        assert_eq!(across.lost_traffic, 0.5 * 30.0);
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
