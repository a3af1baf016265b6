//! Samples and their estimates: quantiles, means and shares, with their uncertainty or a refusal in words.

use std::fmt;

use sim_core::stats::{
    Interval, Tally, Unsupported, clopper_pearson, clustered_mean, clustered_share, effective_size, quantile,
    quantile_of, rank_of, ranked, skewed_mean_interval,
};

use crate::units::{at_least, whole};

/// The level of every interval.
pub const LEVEL: f64 = 0.95;

/// The quantiles of every distribution that is reported.
pub const QUANTILES: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// A mean with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean and its interval.
    pub interval: Interval,
    /// Its standard error.
    pub standard_error: f64,
}

/// Why a figure is not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// There is nothing to estimate from.
    NoTrials,
    /// There is nothing after an outage to estimate from, because the outage outlasts every trial.
    NeverBack {
        /// How many trials there are.
        trials: u64,
    },
    /// The sample has no order statistics on both sides of the quantile at [`LEVEL`].
    TooFewTrials {
        /// How many trials it takes, if more would help.
        needed: u64,
    },
    /// The same of a sample of outages.
    TooFewOutages {
        /// How many outages it takes, if more would help.
        needed: u64,
    },
    /// Too few trials were ever down for the mean time down to have an interval.
    RarelyDown {
        /// How many were.
        down: u64,
        /// Of how many.
        trials: u64,
    },
    /// A journey went down although no fault had started the clock that recovery times count from.
    NoClock {
        /// In how many trials.
        trials: u64,
    },
    /// One trial says nothing of the spread.
    OneTrial,
    /// Some trials were not back when they ended, so their values are not known.
    Censored {
        /// How many.
        censored: u64,
        /// Of how many.
        trials: u64,
    },
    /// Some outages were not over when their trials ended.
    CensoredOutages {
        /// How many.
        censored: u64,
        /// Of how many.
        outages: u64,
    },
    /// The deployment has no stores: there is nothing to lose, and nothing to be better in.
    NoStores,
    /// The deployment has no queues: nothing waits, and nothing is to be caught up with.
    NoQueues,
    /// The deployment has no such journey or store.
    NoSubject,
    /// Nobody says how often it happens in a year.
    NoRate,
    /// The limit lies beyond the time for which censored trials were watched.
    LimitBeyondHorizon {
        /// For how many seconds they were watched at least.
        watched: f64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTrials => f.write_str("no trial has it"),
            Self::NeverBack { .. } => f.write_str("unknown: the outage outlasts every trial"),
            Self::TooFewTrials { needed } => write!(f, "needs {} trials", whole(*needed)),
            Self::TooFewOutages { needed } => write!(f, "needs {} outages", whole(*needed)),
            Self::RarelyDown { down: 0, trials } => {
                write!(f, "unknown: none of {} trials was ever down", whole(*trials))
            }
            Self::RarelyDown { down, trials } => {
                write!(
                    f,
                    "unknown: {} of {} trials were down, and an interval needs {DOWN_AT_TIMES} that were",
                    whole(*down),
                    whole(*trials)
                )
            }
            Self::NoClock { trials: 1 } => {
                f.write_str("unknown: a journey was down in 1 trial in which no fault started the clock")
            }
            Self::NoClock { trials } => {
                write!(
                    f,
                    "unknown: a journey was down in {} trials in which no fault started the clock",
                    whole(*trials)
                )
            }
            Self::OneTrial => f.write_str("needs 2 trials"),
            Self::NoStores => f.write_str("there are no stores"),
            Self::NoQueues => f.write_str("there are no queues"),
            Self::NoSubject => f.write_str("there is none of this name"),
            Self::NoRate => f.write_str("unknown: what happens once has no `rate`"),
            Self::Censored { censored, trials } => {
                write!(f, "unknown: {} of {} trials were not back at the horizon", whole(*censored), whole(*trials))
            }
            Self::CensoredOutages { censored, outages } => {
                write!(f, "unknown: {} of {} outages were not over at the horizon", whole(*censored), whole(*outages))
            }
            Self::LimitBeyondHorizon { watched } => {
                write!(f, "unknown: trials that were not back ended after {}, before the limit", at_least(*watched))
            }
        }
    }
}

/// Values of one figure over the trials, in ascending order, without the absent ones. A trial may have several, such as
/// those of its outages; then the trials are clusters.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    sorted: Vec<f64>,
    /// The trial of each value, from 0; empty if each trial has one value at most.
    clusters: Vec<u32>,
    /// The watched time of each censored value, in seconds, in ascending order; empty if unknown.
    watched: Vec<f64>,
    absent: u64,
}

/// One value of a trial that may have several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The trial, counted from the first.
    pub trial: u32,
    /// The value.
    pub value: f64,
    /// The watched time, in seconds.
    pub watched: f64,
}

impl Sample {
    /// A sample of `values`, in any order.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sample = Self::default();
        sample.extend(values);
        sample
    }

    /// A sample of trials that may have several values each.
    pub fn clustered(observations: impl IntoIterator<Item = Observation>) -> Self {
        let (absent, mut found): (Vec<_>, Vec<_>) = observations.into_iter().partition(|one| one.value.is_nan());
        found.sort_by(|a, b| a.value.total_cmp(&b.value));
        let censored = found.iter().filter(|one| one.value == f64::INFINITY);
        Self {
            sorted: found.iter().map(|one| one.value).collect(),
            clusters: found.iter().map(|one| one.trial).collect(),
            absent: absent.len() as u64,
            ..Self::default()
        }
        .watched_for(censored.map(|one| one.watched))
    }

    /// The same sample; each censored value was watched for this long.
    #[must_use]
    pub fn watched_for(mut self, watched: impl IntoIterator<Item = f64>) -> Self {
        self.watched = watched.into_iter().collect();
        self.watched.sort_unstable_by(f64::total_cmp);
        self
    }

    /// Adds values of further trials. Much cheaper than a new sample when few are added to many.
    pub fn extend(&mut self, values: impl IntoIterator<Item = f64>) {
        let is_new = self.sorted.is_empty();
        let values = values.into_iter();
        // Where the number is known, no memory is taken beyond it.
        self.sorted.reserve_exact(values.size_hint().0);
        for value in values {
            if value.is_nan() {
                self.absent += 1;
            } else {
                self.sorted.push(value);
            }
        }
        // Equal values have equal bits, so both sorts give the same order.
        if is_new {
            self.sorted.sort_unstable_by(f64::total_cmp);
        } else {
            // Merges runs that are in order already, so the old values cost one pass.
            self.sorted.sort_by(f64::total_cmp);
        }
    }

    /// The values in ascending order.
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    /// How many values there are.
    pub fn len(&self) -> u64 {
        self.sorted.len() as u64
    }

    /// Whether it has no value.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Trials without a value.
    pub const fn absent(&self) -> u64 {
        self.absent
    }

    /// Values up to `limit`.
    pub fn at_most(&self, limit: f64) -> u64 {
        self.sorted.partition_point(|value| *value <= limit) as u64
    }

    /// Censored values.
    pub fn censored(&self) -> u64 {
        self.len() - self.at_most(f64::MAX)
    }

    /// The share of censored values, 0 of nothing.
    pub fn censored_share(&self) -> f64 {
        ratio(self.censored(), self.len())
    }

    /// Censored values that were watched for less than `limit`: they may lie on either side of it.
    pub fn unknown(&self, limit: f64) -> u64 {
        self.watched.partition_point(|watched| *watched < limit) as u64
    }

    /// The shortest watched time of the censored values, if there are any.
    pub fn shortest_watched(&self) -> Option<f64> {
        self.watched.first().copied()
    }

    fn interval(&self, sorted: &[f64], p: f64) -> Result<Interval, Refusal> {
        if sorted.is_empty() {
            return Err(Refusal::NoTrials);
        }
        if self.clusters.is_empty() {
            let found = quantile(sorted, p, LEVEL);
            return found
                .map(|found| found.interval())
                .map_err(|Unsupported { needed }| Refusal::TooFewTrials { needed });
        }
        let rank = rank_of(sorted.len(), p);
        let found = quantile_of(sorted, p, LEVEL, effective_size(&self.clusters, rank));
        found.map(|found| found.interval()).map_err(|Unsupported { needed }| Refusal::TooFewOutages { needed })
    }

    /// The quantile `p`, a share of 0..1, with its distribution-free interval. Censored values are greater than all others.
    ///
    /// # Errors
    /// When the sample cannot support it.
    pub fn quantile(&self, p: f64) -> Result<Interval, Refusal> {
        self.interval(&self.sorted, p)
    }

    /// Lower bounds of that quantile and of the ends of its interval. Each censored value counts as long as it was
    /// watched; the true value is at least that long, so the true quantile is at least this bound.
    ///
    /// # Errors
    /// When the sample cannot support it.
    pub fn quantile_at_least(&self, p: f64) -> Result<Interval, Refusal> {
        if self.watched.is_empty() {
            return self.quantile(p);
        }
        let finite = self.at_most(f64::MAX) as usize;
        // A trial that was not back when its watch ended comes back later than that.
        let longer = self.watched.iter().map(|watched| watched.next_up());
        let mut least: Vec<f64> = self.sorted[..finite].iter().copied().chain(longer).collect();
        least.sort_unstable_by(f64::total_cmp);
        self.interval(&least, p)
    }

    /// The share of values up to `limit` with its interval. Values that may lie on either side of `limit` widen it.
    ///
    /// # Errors
    /// When there are no values, or too many of them were watched for less than `limit`.
    pub fn share_within(&self, limit: f64) -> Result<Interval, Refusal> {
        let (within, unknown) = (self.at_most(limit), self.unknown(limit));
        if unknown as f64 > MOST_UNKNOWN * self.len() as f64 {
            return Err(Refusal::LimitBeyondHorizon { watched: self.watched.first().copied().unwrap_or(0.0) });
        }
        let share = self.share(within)?;
        let best = self.share(within + unknown)?;
        Ok(Interval { high: best.high, ..share })
    }

    /// The share of the `count` smallest values with its interval.
    ///
    /// # Errors
    /// When there are no values.
    pub fn share(&self, count: u64) -> Result<Interval, Refusal> {
        if self.clusters.is_empty() || self.is_empty() {
            return share(count, self.len());
        }
        Ok(clustered_share(&self.clusters, count as usize, LEVEL))
    }

    /// The range of all values but the lowest and the highest twentieth: the spread of the values, not an estimate.
    pub fn spread(&self) -> Option<(f64, f64)> {
        ranked(&self.sorted, 0.05).zip(ranked(&self.sorted, 0.95))
    }

    /// The mean with its standard error. Its interval allows for skewness, such as of sums that are mostly zero and
    /// seldom large, and does not reach below zero where no value does.
    ///
    /// # Errors
    /// When some values are censored, which leaves their sum unknown, or there are fewer than two.
    pub fn mean(&self) -> Result<Mean, Refusal> {
        let (trials, censored) = (self.len(), self.censored());
        if censored > 0 {
            return Err(if self.clusters.is_empty() {
                Refusal::Censored { censored, trials }
            } else {
                Refusal::CensoredOutages { censored, outages: trials }
            });
        }
        let found = if self.clusters.is_empty() {
            let mut tally = Tally::new();
            for &value in &self.sorted {
                tally.add(value);
            }
            skewed_mean_interval(&self.sorted, LEVEL).map(|interval| (interval, tally.standard_error()))
        } else {
            clustered_mean(&self.clusters, &self.sorted, LEVEL)
        };
        // The mean of values that are never negative is not negative either: an approximate lower end below 0 becomes
        // 0.
        let least = if self.sorted.first().is_some_and(|value| *value >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
        match found {
            Some((interval, standard_error)) => {
                Ok(Mean { interval: Interval { low: interval.low.max(least), ..interval }, standard_error })
            }
            None if trials == 0 => Err(Refusal::NoTrials),
            None => Err(Refusal::OneTrial),
        }
    }

    /// All estimates of a figure that are reported.
    pub fn distribution(&self) -> Estimates {
        let mut trials = self.clusters.clone();
        trials.sort_unstable();
        trials.dedup();
        let clustered = !self.clusters.is_empty();
        let quantiles = QUANTILES.map(|p| (p, self.quantile(p)));
        let at_least = if self.watched.is_empty() {
            quantiles.map(|(_, quantile)| quantile.ok())
        } else {
            QUANTILES.map(|p| self.quantile_at_least(p).ok())
        };
        Estimates {
            trials: if clustered { trials.len() as u64 } else { self.len() },
            outages: clustered.then_some(self.len()),
            censored: self.censored(),
            quantiles,
            at_least,
            mean: self.mean(),
        }
    }
}

/// The largest share of values that may lie on either side of a limit before the share within it is refused.
const MOST_UNKNOWN: f64 = 0.01;

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The reported estimates of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// Trials with a value.
    pub trials: u64,
    /// The number of outages, if the values are of outages and not of trials.
    pub outages: Option<u64>,
    /// Censored values.
    pub censored: u64,
    /// Estimates of [`QUANTILES`], infinite where censored.
    pub quantiles: [(f64, Result<Interval, Refusal>); QUANTILES.len()],
    /// A lower bound of each quantile: `> 50 min` is printed from it.
    pub at_least: [Option<Interval>; QUANTILES.len()],
    /// The mean.
    pub mean: Result<Mean, Refusal>,
}

impl Estimates {
    /// The estimate of one of [`QUANTILES`].
    pub fn quantile(&self, p: f64) -> Option<&Result<Interval, Refusal>> {
        self.quantiles.iter().find(|(quantile, _)| *quantile == p).map(|(_, estimate)| estimate)
    }

    /// The lower bound of one of [`QUANTILES`].
    pub fn at_least(&self, p: f64) -> Option<Interval> {
        self.quantiles.iter().zip(self.at_least).find(|((quantile, _), _)| *quantile == p).and_then(|(_, least)| least)
    }

    /// The number of values.
    pub fn count(&self) -> u64 {
        self.outages.unwrap_or(self.trials)
    }

    /// The share of censored values, 0 of nothing.
    pub fn censored_share(&self) -> f64 {
        ratio(self.censored, self.count())
    }
}

/// Trials that must be down at times for an interval of their mean time down: with fewer, an outage that happens once
/// in a thousand trials and lasts longest may be missing from the sample.
const DOWN_AT_TIMES: u64 = 20;

/// A mean share such as availability, from each trial's share. The interval allows for the skewness of the part missing
/// from 1, and ends at 1.
///
/// # Errors
/// When there are no trials, or too few with a share below 1.
pub fn mean_share(shares: &[f64]) -> Result<Interval, Refusal> {
    let (trials, down) = (shares.len() as u64, shares.iter().filter(|share| **share < 1.0).count() as u64);
    if trials == 0 {
        return Err(Refusal::NoTrials);
    }
    if down < DOWN_AT_TIMES {
        return Err(Refusal::RarelyDown { down, trials });
    }
    let missing: Vec<f64> = shares.iter().map(|share| 1.0 - share).collect();
    let missing = skewed_mean_interval(&missing, LEVEL).ok_or(Refusal::OneTrial)?;
    let share = |missing: f64| (1.0 - missing).clamp(0.0, 1.0);
    Ok(Interval { estimate: share(missing.estimate), low: share(missing.high), high: share(missing.low), level: LEVEL })
}

/// The share `part / whole` with its Clopper-Pearson interval.
///
/// # Errors
/// When `whole` is 0.
pub fn share(part: u64, whole: u64) -> Result<Interval, Refusal> {
    if whole == 0 {
        return Err(Refusal::NoTrials);
    }
    Ok(clopper_pearson(part, whole, LEVEL))
}

#[cfg(test)]
mod tests {
    use sim_core::random::{Stream, StreamId};

    use super::*;

    /// Writes lost in a trial: none in most trials, in the others a lognormal number (sigma 1, mean exp(1/2)).
    fn lost(stream: &mut Stream, often: f64) -> f64 {
        if stream.uniform() >= often {
            return 0.0;
        }
        // A normal number by Box and Muller.
        let radius = libm::sqrt(-2.0 * libm::log(stream.uniform()));
        libm::exp(radius * libm::cos(2.0 * std::f64::consts::PI * stream.uniform()))
    }

    #[test]
    fn the_interval_of_a_rare_and_skewed_sum_holds_its_mean_and_starts_at_nothing() {
        // About 20 of 1,000 trials lose anything: the interval should hold the mean in 95 % of runs.
        let (runs, trials, often) = (2_000, 1_000, 0.02);
        let truth = often * libm::exp(0.5);
        let mut stream = Stream::new(StreamId::new(5, "estimate", "lost"));
        let (mut own, mut plain) = (0, 0);
        for run in 0..runs {
            stream.begin(run);
            let sample = Sample::new((0..trials).map(|_| lost(&mut stream, often)));
            let Mean { interval, standard_error } = sample.mean().expect("many trials");
            assert!(interval.low >= 0.0 && interval.contains(interval.estimate), "{interval:?}");
            own += u32::from(interval.contains(truth));
            plain += u32::from((interval.estimate - truth).abs() <= 1.96 * standard_error);
        }
        // The transformation is of second order: with 20 values other than zero it may hold 2 % less than it should.
        // The standard error of the share is 0.005, so it falls by chance below 0.915, three of them under 0.93, once
        // in 700; the symmetric interval is far below.
        let share = |count: u32| f64::from(count) / runs as f64;
        assert!((0.915..0.985).contains(&share(own)) && own > plain, "{} against {}", share(own), share(plain));
    }

    #[test]
    fn one_trial_of_many_says_little_but_nothing_impossible() {
        let sample = Sample::new((0..10_000).map(|trial| if trial == 77 { 5.0 } else { 0.0 }));
        let Mean { interval, standard_error } = sample.mean().expect("many trials");
        assert_eq!((interval.low, interval.estimate), (0.0, 5e-4));
        assert!((standard_error / 5e-4 - 1.0).abs() < 1e-3 && interval.high > 5.0 * 5e-4, "{interval:?}");
        // Differences may be of either sign.
        let either = Sample::new([-1.0, 1.0, 0.5, -0.7]).mean().expect("several");
        assert!(either.interval.low < 0.0);
    }

    #[test]
    fn clusters_have_the_same_floor() {
        let one = |trial: u32| Observation { trial, value: if trial == 3 { 9.0 } else { 0.0 }, watched: 1.0 };
        let mean = Sample::clustered((0..200).flat_map(|trial| [one(trial), one(trial)])).mean().expect("many");
        assert_eq!((mean.interval.low, mean.interval.estimate), (0.0, 18.0 / 400.0));
    }

    #[test]
    fn what_was_not_over_is_counted_in_outages_where_trials_have_several() {
        let one = |trial: u32, value: f64| Observation { trial, value, watched: 5.0 };
        let two = Sample::clustered([one(0, 1.0), one(0, 2.0), one(1, f64::INFINITY), one(2, f64::INFINITY)]);
        let refused = two.mean().expect_err("two are not over");
        assert_eq!(refused, Refusal::CensoredOutages { censored: 2, outages: 4 });
        assert_eq!(refused.to_string(), "unknown: 2 of 4 outages were not over at the horizon");
    }
}
