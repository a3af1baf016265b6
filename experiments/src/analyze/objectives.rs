//! Objectives: what the trials say about each, and how sure that is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use super::estimate::{Refusal, Sample};
use super::writerless::Writerless;
use crate::header::Objective;

/// The outcome of an objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the quantile is within the limit.
    Met,
    /// The whole interval of the quantile is above the limit.
    Missed,
    /// The interval straddles the limit.
    Undecided,
    /// There is no interval to hold the limit against, and nothing else decides either.
    NotJudged,
}

impl Verdict {
    /// As documents and data write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
            Self::NotJudged => "not-judged",
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
    /// What it is at least, whatever the censored values would have been.
    pub at_least: Option<Interval>,
    /// Share of censored values.
    pub censored: f64,
    /// The probability that one incident stays within the limit.
    pub probability: Result<Interval, Refusal>,
    /// What follows.
    pub verdict: Verdict,
    /// The longest planned downtime of a trial in seconds, if the verdict is only so good because recovery times leave
    /// planned downtime out.
    pub without_planned: Option<f64>,
    /// Of data loss: the stores it is about that nobody could write to at the end.
    pub writerless: Vec<Writerless>,
}

impl Assessed {
    /// Why it is not judged, if it is not.
    pub fn not_judged(&self) -> Option<Refusal> {
        self.quantile.err().filter(|_| self.verdict == Verdict::NotJudged)
    }

    /// An objective that nothing can be held against, for this reason.
    pub fn refused(objective: &Objective, reason: Refusal) -> Self {
        Self {
            objective: objective.clone(),
            quantile: Err(reason),
            at_least: None,
            censored: 0.0,
            probability: Err(reason),
            verdict: Verdict::NotJudged,
            without_planned: None,
            writerless: Vec::new(),
        }
    }

    /// Whether an interval that straddles the limit may leave it once there are more trials: not if the quantile is known to
    /// lie on both sides of it, depending on what became of trials that were not watched for so long.
    pub fn more_trials_may_decide(&self) -> bool {
        let limit = self.objective.limit;
        match (self.verdict, &self.quantile, &self.at_least) {
            (Verdict::NotJudged, Err(Refusal::TooFewTrials { .. } | Refusal::TooFewOutages { .. }), _) => true,
            (Verdict::Undecided, Ok(found), Some(least)) => found.estimate <= limit || least.estimate > limit,
            _ => false,
        }
    }

    /// Holds `objective` against the sample of its indicator.
    ///
    /// A censored value is longer than it was watched, and no more is known of it: a limit beyond that cannot be held
    /// against it. So the quantile is within the limit if it is with every censored value beyond it, and it is not if it
    /// is not with every censored value as short as it can be.
    pub fn new(objective: &Objective, sample: &Sample) -> Self {
        let limit = objective.limit;
        let quantile = sample.quantile(objective.quantile);
        let at_least = sample.quantile_at_least(objective.quantile).ok();
        let probability = sample.share_within(limit);
        let verdict = match (&quantile, &at_least, &probability) {
            (Ok(estimate), ..) if estimate.high <= limit => Verdict::Met,
            (_, Some(least), _) if least.low > limit => Verdict::Missed,
            // Too few trials for an interval of the quantile can still be too many failures for it.
            (Err(_), _, Ok(probability)) if probability.high < objective.quantile => Verdict::Missed,
            (Err(_), ..) => Verdict::NotJudged,
            _ => Verdict::Undecided,
        };
        Self {
            objective: objective.clone(),
            quantile,
            at_least,
            censored: sample.censored_share(),
            probability,
            verdict,
            without_planned: None,
            writerless: Vec::new(),
        }
    }

    /// The same, beside the stores with the number of trials in which nobody could write to them at the end.
    #[must_use]
    pub fn beside<'a>(self, stores: impl Iterator<Item = (&'a str, u64)>, trials: u64) -> Self {
        Self { writerless: Writerless::of(self.objective.measured(), stores, trials), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::{Assessed, Verdict};
    use crate::analyze::{Refusal, Sample};
    use crate::header::{Indicator, Objective, Of};

    /// The median of 1..=1000 is 500, its 95 % interval about 470 to 531.
    fn verdict(limit: f64) -> Verdict {
        let sample = Sample::new((1..=1_000).map(f64::from));
        let objective = Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.5, limit };
        Assessed::new(&objective, &sample).verdict
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
        let sample = Sample::new([f64::INFINITY; 1_000]).watched_for([3_000.0; 1_000]);
        let objective = |limit| Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.99, limit };
        let missed = Assessed::new(&objective(600.0), &sample);
        assert_eq!((missed.verdict, missed.censored), (Verdict::Missed, 1.0));
        assert_eq!(Assessed::new(&objective(3_000.0), &sample).verdict, Verdict::Missed);
        let blind = Assessed::new(&objective(7_200.0), &sample);
        assert_eq!(blind.verdict, Verdict::Undecided);
        assert_eq!(blind.probability, Err(Refusal::LimitBeyondHorizon { watched: 3_000.0 }));
    }

    #[test]
    fn trials_that_were_watched_for_less_time_say_less() {
        // A quarter is back within 100 s; of the rest each was watched for another time, from 1,000 s to 4,000 s.
        let back = (0..250).map(|index| f64::from(index) / 2.5);
        let watched = (0..750).map(|index| 1_000.0 + 4.0 * f64::from(index));
        let sample = Sample::new(back.chain([f64::INFINITY; 750])).watched_for(watched);
        // The median is the 500th of 1,000: the 250th of those that are not back, which was watched for 1,996 s.
        let median = sample.quantile_at_least(0.5).expect("a thousand values");
        assert!(
            (median.estimate - 1_996.0).abs() < 1e-6 && median.low < 1_996.0 && median.high > 1_996.0,
            "{median:?}"
        );
        let verdict = |limit| {
            Assessed::new(&Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.5, limit }, &sample)
                .verdict
        };
        assert_eq!(
            (verdict(1_500.0), verdict(1_996.0), verdict(5_000.0)),
            (Verdict::Missed, Verdict::Undecided, Verdict::Undecided)
        );
        // Ten of a thousand are unknown: what they were may be added to those that are within.
        let share = sample.share_within(1_040.0).expect("hardly any are unknown");
        let (plain, best) = (sample.share(250).expect("some"), sample.share(260).expect("some"));
        assert_eq!((share.estimate, share.low, share.high), (0.25, plain.low, best.high));
        assert!(sample.share_within(1_044.0).is_err());
    }

    #[test]
    fn few_trials_can_miss_an_objective_but_not_meet_it() {
        let objective = |limit| Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.99, limit };
        let sample = Sample::new((1..=20).map(f64::from));
        assert_eq!(Assessed::new(&objective(30.0), &sample).verdict, Verdict::NotJudged);
        assert_eq!(Assessed::new(&objective(10.0), &sample).verdict, Verdict::Missed);
    }

    #[test]
    fn a_quantile_that_the_trials_cannot_support_is_not_judged() {
        let of = |trials: u32, limit| {
            let objective = Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.99, limit };
            let found = Assessed::new(&objective, &Sample::new((1..=trials).map(f64::from)));
            (found.verdict, found.quantile.err())
        };
        // The smallest sample with an observation on either side of the p99: 0.99^299 < 5 %.
        let needed = Some(Refusal::TooFewTrials { needed: 299 });
        assert_eq!(of(298, 1_000.0), (Verdict::NotJudged, needed));
        assert_eq!(of(299, 1_000.0), (Verdict::Met, None));
        // Too many failures decide all the same.
        assert_eq!(of(20, 10.0), (Verdict::Missed, needed));
    }

    /// More trials make an interval narrower. Where a tenth of the trials ended before the limit, the p95 is on either side
    /// of it however many there are: only a longer horizon tells.
    #[test]
    fn more_trials_decide_only_what_they_can() {
        let straddled = Assessed::new(
            &Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.5, limit: 500.0 },
            &Sample::new((1..=1_000).map(f64::from)),
        );
        assert_eq!((straddled.verdict, straddled.more_trials_may_decide()), (Verdict::Undecided, true));
        let back = (1..=900).map(f64::from);
        let sample = Sample::new(back.chain([f64::INFINITY; 100])).watched_for([3_000.0; 100]);
        let blind = Assessed::new(
            &Objective { indicator: Indicator::Rto, of: Of::Worst, quantile: 0.95, limit: 7_200.0 },
            &sample,
        );
        assert_eq!((blind.verdict, blind.more_trials_may_decide()), (Verdict::Undecided, false));
    }

    #[test]
    fn no_trials_decide_nothing() {
        let objective = Objective { indicator: Indicator::Rpo, of: Of::Worst, quantile: 0.99, limit: 5.0 };
        let assessed = Assessed::new(&objective, &Sample::new([]));
        assert_eq!((assessed.verdict, assessed.quantile), (Verdict::NotJudged, Err(Refusal::NoTrials)));
    }
}
