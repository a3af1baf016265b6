//! One journey's figures in one trial: when it was up, what failed and why, and where its recovery time went.

use models::cause::{CAUSES, Cause};
use models::deployment::TOLERANCE;
use models::flow::JourneyFlow;
use sim_core::time::{SimDuration, SimTime};

/// Stages of the recovery time: the causes, and being up.
pub(super) const STAGES: usize = CAUSES + 1;
const UP: usize = CAUSES;

/// Figures of one journey, added up as the trial goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct JourneyFigures {
    flow: JourneyFlow,
    /// 1 - S.
    missing: f64,
    down: bool,
    stage: usize,
    pub(super) offered: f64,
    pub(super) failed: f64,
    pub(super) degraded: f64,
    pub(super) causes: [f64; CAUSES],
    /// Integral of 1 - S since the clock started, in seconds.
    pub(super) lost_traffic: f64,
    /// Time not up since the clock started.
    pub(super) downtime: SimDuration,
    stages: [SimDuration; STAGES],
    /// Where the time had gone when the journey last came back up, and when that was.
    recovered: Option<(SimTime, [SimDuration; STAGES])>,
    ever_down: bool,
}

impl JourneyFigures {
    /// Adds up what held from `from` to `to`, `seconds` later; `clock` is when the clock started, if it has by `to`.
    pub(super) fn accumulate(&mut self, from: SimTime, to: SimTime, seconds: f64, clock: Option<SimTime>) {
        self.offered += self.flow.offered * seconds;
        self.degraded += self.flow.degraded * seconds;
        if self.flow.failed > 0.0 {
            self.failed += self.flow.failed * seconds;
            for (sum, rate) in self.causes.iter_mut().zip(&self.flow.causes) {
                *sum += rate * seconds;
            }
        }
        let Some(clock) = clock else { return };
        let (counted, counted_seconds) = if from >= clock {
            (to.since(from), seconds)
        } else {
            let counted = to.since(clock);
            (counted, counted.as_secs_f64())
        };
        self.lost_traffic += self.missing * counted_seconds;
        self.stages[self.stage] = self.stages[self.stage] + counted;
        if self.down {
            self.downtime = self.downtime + counted;
        }
    }

    /// The flow from `now` on.
    pub(super) fn set(&mut self, flow: &JourneyFlow, up_when: f64, now: SimTime, clock: Option<SimTime>) {
        self.flow = *flow;
        let success = flow.success();
        self.missing = 1.0 - success;
        let down = success < up_when - TOLERANCE;
        self.stage = if down { dominant(&flow.causes) } else { UP };
        let counting = clock.is_some_and(|clock| now >= clock);
        if counting && self.down && !down {
            self.recovered = Some((now, self.stages));
        }
        self.ever_down |= counting && down;
        self.down = down;
    }

    /// Recovery time since `clock`: `None` if the journey is not back at the end.
    pub(super) fn recovery(&self, clock: SimTime) -> Option<SimDuration> {
        match self.recovered {
            _ if self.down => None,
            Some((at, _)) if self.ever_down => Some(at.since(clock)),
            _ => Some(SimDuration::ZERO),
        }
    }

    /// Where the recovery time went; up to the end if the journey is not back.
    pub(super) fn stages(&self) -> [SimDuration; STAGES] {
        match self.recovered {
            _ if self.down => self.stages,
            Some((_, stages)) if self.ever_down => stages,
            _ => [SimDuration::ZERO; STAGES],
        }
    }
}

/// The cause that fails most flow; ties to the earlier stage.
fn dominant(causes: &[f64; CAUSES]) -> usize {
    let mut best = Cause::Detection.index();
    for (index, &flow) in causes.iter().enumerate() {
        if flow > causes[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 100.0;

    fn failing(cause: Cause, share: f64) -> JourneyFlow {
        let mut flow = JourneyFlow { offered: RATE, failed: RATE * share, ..JourneyFlow::default() };
        flow.causes[cause.index()] = RATE * share;
        flow
    }

    /// Plays steps (from when, which flow) until `end` and returns the figures.
    fn play(steps: &[(u64, JourneyFlow)], clock: u64, end: u64) -> JourneyFigures {
        let at = |seconds: u64| SimTime::ZERO + SimDuration::from_secs(seconds);
        let mut figures = JourneyFigures::default();
        let mut last = SimTime::ZERO;
        for &(when, flow) in steps {
            let started = (at(when) >= at(clock)).then(|| at(clock));
            figures.accumulate(last, at(when), at(when).since(last).as_secs_f64(), started);
            figures.set(&flow, 0.99, at(when), started);
            last = at(when);
        }
        figures.accumulate(last, at(end), at(end).since(last).as_secs_f64(), Some(at(clock)));
        figures
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
        let clock = SimTime::ZERO + SimDuration::from_secs(100);
        assert_eq!(figures.recovery(clock), Some(SimDuration::from_secs(90)));
        assert_eq!(figures.downtime, SimDuration::from_secs(70));
        let stages = figures.stages();
        assert_eq!(stages[Cause::Detection.index()], SimDuration::from_secs(30));
        assert_eq!(stages[UP], SimDuration::from_secs(20));
        assert_eq!(stages[Cause::DnsCache.index()], SimDuration::from_secs(40));
        assert_eq!(figures.failed, RATE * (0.5 * 30.0 + 0.2 * 40.0));
        assert!((figures.lost_traffic - (0.5 * 30.0 + 0.2 * 40.0)).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_back_at_the_end_is_censored_and_what_was_never_down_is_zero() {
        let well = failing(Cause::Detection, 0.0);
        let clock = SimTime::ZERO + SimDuration::from_secs(100);
        let gone = play(&[(0, well), (100, failing(Cause::NoPath, 1.0))], 100, 400);
        assert_eq!(gone.recovery(clock), None);
        assert_eq!(gone.stages()[Cause::NoPath.index()], SimDuration::from_secs(300));
        let fine = play(&[(0, well), (100, failing(Cause::NoPath, 0.01))], 100, 400);
        assert_eq!(fine.recovery(clock), Some(SimDuration::ZERO), "0.99 is up, with the tolerance in its favour");
    }

    #[test]
    fn ties_go_to_the_earlier_stage() {
        let mut flow = failing(Cause::Capacity, 0.3);
        flow.causes[Cause::Propagation.index()] = flow.causes[Cause::Capacity.index()];
        assert_eq!(dominant(&flow.causes), Cause::Propagation.index());
    }
}
