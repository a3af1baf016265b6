//! Objectives: what the trials say about each, and how sure that is.

use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use super::estimate::{Refusal, Sample, share};
use crate::header::Objective;

/// What an objective came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the quantile is within the limit.
    Met,
    /// The whole interval of the quantile is above the limit.
    Missed,
    /// The interval straddles the limit, or the sample cannot support one: more trials may decide.
    Undecided,
}

impl Verdict {
    /// As documents and tables write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
        }
    }
}

/// An objective and what the trials say about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The objective.
    pub objective: Objective,
    /// The quantile that it is about.
    pub quantile: Result<Interval, Refusal>,
    /// Share of censored trials.
    pub censored: f64,
    /// The probability that one incident stays within the limit.
    pub probability: Result<Interval, Refusal>,
    /// What follows.
    pub verdict: Verdict,
}

impl Assessed {
    /// Holds `objective` against the sample of its measure.
    ///
    /// `watched` is for how many seconds after the fault a censored trial was watched at least. A limit beyond that
    /// cannot be held against censored trials: they may have recovered before it, or not.
    pub fn new(objective: &Objective, sample: &Sample, watched: f64) -> Self {
        let limit = objective.limit;
        let blind = sample.censored() > 0 && limit > watched;
        let quantile = sample.quantile(objective.quantile);
        let probability = if blind {
            Err(Refusal::LimitBeyondHorizon { watched })
        } else {
            share(sample.at_most(limit), sample.len())
        };
        let exceeds = |low: f64| if low.is_finite() { low > limit } else { !blind };
        let verdict = match (&quantile, &probability) {
            (Ok(estimate), _) if estimate.high <= limit => Verdict::Met,
            (Ok(estimate), _) if exceeds(estimate.low) => Verdict::Missed,
            // Too few trials for an interval of the quantile can still be too many failures for it.
            (Err(_), Ok(probability)) if probability.high < objective.quantile => Verdict::Missed,
            _ => Verdict::Undecided,
        };
        Self { objective: objective.clone(), quantile, censored: sample.censored_share(), probability, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::{Assessed, Verdict};
    use crate::analyze::{Refusal, Sample};
    use crate::header::{Measure, Objective};

    /// The median of 1..=1000 is 500, its 95 % interval about 470 to 531.
    fn verdict(limit: f64) -> Verdict {
        let sample = Sample::new((1..=1_000).map(f64::from));
        let objective = Objective { measure: Measure::Rto, quantile: 0.5, limit };
        Assessed::new(&objective, &sample, 3_000.0).verdict
    }

    #[test]
    fn an_interval_that_straddles_the_limit_decides_nothing() {
        assert_eq!(verdict(500.0), Verdict::Undecided);
        assert_eq!(verdict(400.0), Verdict::Missed);
        assert_eq!(verdict(600.0), Verdict::Met);
    }

    #[test]
    fn the_limit_itself_is_within_the_objective() {
        let sample = Sample::new((1..=1_000).map(f64::from));
        let interval = sample.quantile(0.5).expect("1000 trials support a median");
        assert_eq!(verdict(interval.high), Verdict::Met);
        assert_eq!(verdict(interval.high - 0.5), Verdict::Undecided);
        assert_eq!(verdict(interval.low), Verdict::Undecided);
        assert_eq!(verdict(interval.low - 0.5), Verdict::Missed);
    }

    #[test]
    fn censored_trials_are_above_every_limit_that_they_were_watched_for() {
        let sample = Sample::new([f64::INFINITY; 1_000]);
        let objective = |limit| Objective { measure: Measure::Rto, quantile: 0.99, limit };
        let missed = Assessed::new(&objective(600.0), &sample, 3_000.0);
        assert_eq!((missed.verdict, missed.censored), (Verdict::Missed, 1.0));
        assert_eq!(Assessed::new(&objective(3_000.0), &sample, 3_000.0).verdict, Verdict::Missed);
        let blind = Assessed::new(&objective(7_200.0), &sample, 3_000.0);
        assert_eq!(blind.verdict, Verdict::Undecided);
        assert_eq!(blind.probability, Err(Refusal::LimitBeyondHorizon { watched: 3_000.0 }));
    }

    #[test]
    fn few_trials_can_miss_an_objective_but_not_meet_it() {
        let objective = |limit| Objective { measure: Measure::Rto, quantile: 0.99, limit };
        let sample = Sample::new((1..=20).map(f64::from));
        assert_eq!(Assessed::new(&objective(30.0), &sample, 3_000.0).verdict, Verdict::Undecided);
        assert_eq!(Assessed::new(&objective(10.0), &sample, 3_000.0).verdict, Verdict::Missed);
    }

    #[test]
    fn no_trials_decide_nothing() {
        let objective = Objective { measure: Measure::Rpo, quantile: 0.99, limit: 5.0 };
        let assessed = Assessed::new(&objective, &Sample::new([]), 3_000.0);
        assert_eq!((assessed.verdict, assessed.quantile), (Verdict::Undecided, Err(Refusal::NoTrials)));
    }
}
