//! Availability: the share of the time that journeys are up, the share of requests that succeed, and the error budget.
//!
//! Trials are the units: events within one trial depend on each other. Their mean has the interval of a skewed sample.

use sim_core::stats::Interval;

use super::estimate::{Estimates, Refusal, Sample, mean_share, share};
use super::objectives::Verdict;
use crate::header::{Header, Indicator, Measured, Of};
use crate::table::{Figures, TrialTable};
use measure::{Journey, Whole};

/// Rounding errors exceed no budget: times are whole nanoseconds, shares are not.
const ROUNDING: f64 = 1e-12;

/// The availability of a journey, or of all journeys together.
#[derive(Debug, Clone, PartialEq)]
pub struct Availability {
    /// Outages a trial.
    pub outages: Estimates,
    /// Mean share of the time in which it was up.
    pub time: Result<Interval, Refusal>,
    /// Mean share of requests that succeeded.
    pub requests: Result<Interval, Refusal>,
}

impl Availability {
    /// Of a journey.
    pub(super) fn of(table: &TrialTable, journey: Journey) -> Self {
        Self::new(
            table.of(measure::OUTAGES, journey),
            table.of(measure::AVAILABILITY, journey),
            table.of(measure::SUCCESS, journey),
        )
    }

    /// Of all journeys together.
    pub(super) fn overall(table: &TrialTable) -> Self {
        Self::new(
            table.of(measure::OVERALL_OUTAGES, Whole),
            table.of(measure::OVERALL_AVAILABILITY, Whole),
            table.of(measure::OVERALL_SUCCESS, Whole),
        )
    }

    fn new(outages: Figures<'_>, time: Figures<'_>, requests: Figures<'_>) -> Self {
        let shares = |shares: Figures<'_>| mean_share(&shares.collect::<Vec<f64>>());
        Self { outages: Sample::new(outages).distribution(), time: shares(time), requests: shares(requests) }
    }
}

/// The number of nines: 0.999 has three, and 1 has infinitely many.
pub fn nines(share: f64) -> f64 {
    // Of nothing there are 0, not -0.
    0.0 - libm::log10(1.0 - share)
}

/// An objective on the share of the time in which a journey is up, or all of them are, and its error budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    /// Whose availability: a journey's, or that of all together.
    pub of: Of,
    /// The requested share of the time.
    pub objective: f64,
    /// The mean share over trials.
    pub time: Result<Interval, Refusal>,
    /// Whether the mean meets the objective.
    pub verdict: Verdict,
    /// Seconds down that the objective allows in a trial.
    pub seconds: f64,
    /// The mean share of them that a trial uses, if there are any.
    pub consumed: Result<Interval, Refusal>,
    /// The probability that a trial stays within them.
    pub kept: Result<Interval, Refusal>,
}

impl Budget {
    /// Holds an objective on availability against the trials.
    pub fn new(header: &Header, table: &TrialTable, (of, objective): (Of, f64)) -> Self {
        let measured = Measured { indicator: Indicator::Availability, of };
        let shares: Vec<f64> = measured.values(table).into_iter().flatten().collect();
        Self::of_shares(&shares, header.horizon, (of, objective))
    }

    /// `availability`, `checkout.availability`.
    pub fn name(&self) -> String {
        self.of.name(Indicator::Availability.word())
    }

    /// Why it is not judged, if it is not: the mean has no interval, and too few trials were up all the time to do without one.
    pub fn not_judged(&self) -> Option<Refusal> {
        self.time.err().filter(|_| self.verdict == Verdict::NotJudged)
    }

    /// Holds an objective against the share of the time up of each trial, which lasts for `horizon` seconds.
    pub fn of_shares(shares: &[f64], horizon: f64, (of, objective): (Of, f64)) -> Self {
        let time = mean_share(shares);
        let trials = shares.len() as u64;
        let down = shares.iter().filter(|share| **share < 1.0).count() as u64;
        // Few trials were down, but no trial is down for longer than it lasts.
        let at_least = share(trials - down, trials).map(|up| up.low);
        let verdict = match (&time, at_least) {
            (_, Ok(at_least)) if at_least >= objective => Verdict::Met,
            (Ok(time), _) if time.low >= objective => Verdict::Met,
            (Ok(time), _) if time.high < objective => Verdict::Missed,
            (Ok(_), _) => Verdict::Undecided,
            (Err(_), _) => Verdict::NotJudged,
        };
        let allowed = 1.0 - objective;
        let used = |share: f64| (1.0 - share) / allowed;
        Self {
            of,
            objective,
            verdict,
            seconds: allowed * horizon,
            consumed: time.map(|time| Interval {
                estimate: used(time.estimate),
                low: used(time.high),
                high: used(time.low),
                level: time.level,
            }),
            kept: share(shares.iter().filter(|share| **share >= objective - ROUNDING).count() as u64, trials),
            time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(down: usize, trials: usize, share: f64) -> Budget {
        let shares: Vec<f64> = (0..trials).map(|trial| if trial < down { share } else { 1.0 }).collect();
        Budget::of_shares(&shares, 3_600.0, (Of::Worst, 0.9995))
    }

    /// A mean without an interval is no reason to pass a gate.
    #[test]
    fn what_has_no_interval_is_not_judged() {
        let few = judged(19, 19, 0.917);
        assert_eq!(few.verdict, Verdict::NotJudged);
        assert_eq!(few.not_judged(), Some(Refusal::RarelyDown { down: 19, trials: 19 }));
        assert_eq!(judged(20, 20, 0.917).verdict, Verdict::Missed, "each is below, and twenty have an interval");
        // Of 1,000 trials that were never down the share that would be is known to 1 - 0.025^(1/1000) = 0.37 %, of 10,000 to
        // 0.037 %, and the objective allows 0.05 %.
        let never = judged(0, 1_000, 1.0);
        assert_eq!((never.verdict, never.not_judged()), (Verdict::NotJudged, never.time.err()));
        assert_eq!(judged(0, 10_000, 1.0).verdict, Verdict::Met);
    }
}
