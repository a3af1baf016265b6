//! Samples and what can be said of them: quantiles, means and shares, with their uncertainty or a refusal in words.

use std::fmt;

use sim_core::stats::{Interval, Tally, Unsupported, clopper_pearson, quantile};

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
    /// The sample has no order statistics on both sides of the quantile at [`LEVEL`].
    TooFewTrials {
        /// How many trials it takes, if more would help.
        needed: u64,
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
            Self::TooFewTrials { needed } => write!(f, "needs {needed} trials"),
            Self::OneTrial => f.write_str("needs 2 trials"),
            Self::Censored { censored, trials } => {
                write!(f, "unknown: {censored} of {trials} trials were not back at the horizon")
            }
            Self::LimitBeyondHorizon { watched } => {
                write!(f, "unknown: trials that were not back ended after {watched} s, before the limit")
            }
        }
    }
}

/// Values of one figure over the trials, in ascending order, the absent ones left out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    sorted: Vec<f64>,
    absent: u64,
}

impl Sample {
    /// A sample of `values`, in any order.
    pub fn new(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sample = Self::default();
        sample.extend(values);
        sample
    }

    /// Adds values. Much cheaper than a new sample when few are added to many.
    pub fn extend(&mut self, values: impl IntoIterator<Item = f64>) {
        for value in values {
            if value.is_nan() {
                self.absent += 1;
            } else {
                self.sorted.push(value);
            }
        }
        // Merges runs that are in order already, so the old values cost one pass.
        self.sorted.sort_by(f64::total_cmp);
    }

    /// How many values there are.
    pub fn len(&self) -> u64 {
        self.sorted.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// In how many trials it did not happen.
    pub const fn absent(&self) -> u64 {
        self.absent
    }

    /// How many values are at most `limit`.
    pub fn at_most(&self, limit: f64) -> u64 {
        self.sorted.partition_point(|value| *value <= limit) as u64
    }

    /// How many values are censored.
    pub fn censored(&self) -> u64 {
        self.len() - self.at_most(f64::MAX)
    }

    /// The share of censored values, 0 of nothing.
    pub fn censored_share(&self) -> f64 {
        ratio(self.censored(), self.len())
    }

    /// The quantile `p`, a share of 0..1, with its distribution-free interval.
    ///
    /// # Errors
    /// When the sample cannot support it.
    pub fn quantile(&self, p: f64) -> Result<Interval, Refusal> {
        if self.is_empty() {
            return Err(Refusal::NoTrials);
        }
        match quantile(&self.sorted, p, LEVEL) {
            Ok(quantile) => Ok(quantile.interval()),
            Err(Unsupported { needed }) => Err(Refusal::TooFewTrials { needed }),
        }
    }

    /// From where to where all but the lowest and the highest twentieth of the values lie: how much they differ, and no
    /// estimate of anything.
    pub fn spread(&self) -> Option<(f64, f64)> {
        let at = |p: f64| self.sorted.get(((p * self.sorted.len() as f64).ceil() as usize).max(1) - 1).copied();
        at(0.05).zip(at(0.95))
    }

    /// The mean with its standard error.
    ///
    /// # Errors
    /// When some values are censored, which leaves their sum unknown, or there are fewer than two.
    pub fn mean(&self) -> Result<Mean, Refusal> {
        let (trials, censored) = (self.len(), self.censored());
        if censored > 0 {
            return Err(Refusal::Censored { censored, trials });
        }
        let mut tally = Tally::new();
        for &value in &self.sorted {
            tally.add(value);
        }
        match tally.mean_interval(LEVEL) {
            Some(interval) => Ok(Mean { interval, standard_error: tally.standard_error() }),
            None if trials == 0 => Err(Refusal::NoTrials),
            None => Err(Refusal::OneTrial),
        }
    }

    /// Everything that is reported of a figure.
    pub fn distribution(&self) -> Distribution {
        Distribution {
            trials: self.len(),
            censored: self.censored(),
            quantiles: QUANTILES.map(|p| (p, self.quantile(p))),
            mean: self.mean(),
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What is reported of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// Trials in which it happened.
    pub trials: u64,
    /// How many of them are censored.
    pub censored: u64,
    /// Estimates of [`QUANTILES`], infinite where censored.
    pub quantiles: [(f64, Result<Interval, Refusal>); QUANTILES.len()],
    /// The mean.
    pub mean: Result<Mean, Refusal>,
}

impl Distribution {
    /// The estimate of one of [`QUANTILES`].
    pub fn quantile(&self, p: f64) -> Option<&Result<Interval, Refusal>> {
        self.quantiles.iter().find(|(quantile, _)| *quantile == p).map(|(_, estimate)| estimate)
    }

    /// The share of censored values, 0 of nothing.
    pub fn censored_share(&self) -> f64 {
        ratio(self.censored, self.trials)
    }
}

/// The share `part / whole` with its Clopper-Pearson interval.
///
/// # Errors
/// When there is nothing to share.
pub fn share(part: u64, whole: u64) -> Result<Interval, Refusal> {
    if whole == 0 {
        return Err(Refusal::NoTrials);
    }
    Ok(clopper_pearson(part, whole, LEVEL))
}
