//! The interval of an outcome by chance and by what is not known together.
//!
//! By chance alone, the number of values below the true quantile is binomial, whatever the distribution. So for each set of
//! figures the trials say with which probability the quantile lies up to a value, from below and from above. The mean of
//! these probabilities over the sets is that with what is not known; the interval leaves an equal tail on either side. With
//! one set it is the interval of order statistics, and with sets that agree it tends to it.
//!
//! Sets may run fewer trials than the file did. Then a set says how the distribution moves: a value of the set stands for
//! the value of the file that as large a share of the same trials does not exceed, and the file's own trials say how large
//! that share is. Chance is then that of the file's trials.

use sim_core::random::{beta_cdf, normal_cdf};
use sim_core::stats::{effective_size, rank_of};

use super::observed::Observed;
use crate::unknown::Ends;

/// Everything that an interval rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runs<'a> {
    /// The values of all trials with the figures of the file.
    pub(super) file: &'a Observed,
    /// The values of those of them that the sets ran.
    pub(super) same: &'a Observed,
    /// The values of each set.
    pub(super) sets: &'a [Observed],
    /// What is added to the values of each set.
    pub(super) shifts: Option<&'a [f64]>,
}

/// The interval of the quantile, or of the mean, at a level; nothing if the trials do not support it.
pub(super) fn interval(runs: &Runs<'_>, quantile: Option<f64>, level: f64) -> Option<Ends> {
    let tail = (1.0 - level) / 2.0;
    if let Some(p) = quantile {
        let chance = Chance::new(runs.file, p);
        let low = least(|v| runs.mean(|set| chance.share_below(runs.share(set, v))) > tail)?;
        let high = least(|v| runs.mean(|set| chance.share_above(runs.share(set, v))) >= 1.0 - tail)?;
        Some(Ends { low: finite(low), high: finite(high) })
    } else {
        let normals = runs.means();
        let below = |v: f64| runs.mean(|set| normals[set].below(v));
        let (low, high) = (least(|v| below(v) > tail)?, least(|v| below(v) >= 1.0 - tail)?);
        Some(Ends { low: Some(low.min(1.0)), high: Some(high.min(1.0)) })
    }
}

/// For each set the probability that the outcome is at most `limit`, as far as the trials tell.
pub(super) fn within(runs: &Runs<'_>, quantile: Option<f64>, limit: f64) -> Vec<f64> {
    let sets = 0..runs.sets.len();
    if let Some(p) = quantile {
        let chance = Chance::new(runs.file, p);
        sets.map(|set| chance.share_above(runs.share(set, limit))).collect()
    } else {
        let normals = runs.means();
        sets.map(|set| normals[set].below(limit)).collect()
    }
}

fn finite(value: f64) -> Option<f64> {
    Some(value).filter(|value| value.is_finite())
}

impl Runs<'_> {
    fn shift(&self, set: usize) -> f64 {
        self.shifts.map_or(0.0, |shifts| shifts[set])
    }

    /// The share of values up to `limit` under a set. Of no values, all are.
    fn share(&self, set: usize, limit: f64) -> f64 {
        let own = &self.sets[set];
        if own.len() == 0 {
            return 1.0;
        }
        let share = own.share_within(limit - self.shift(set));
        if self.same.len() == self.file.len() || self.same.len() == 0 || share == 0.0 {
            return share;
        }
        // Of equal values, such as the zeros of harmless trials, a part stands for as large a part.
        let value = self.same.at_share(share);
        let steps = |of: &Observed| (of.share_below(value), of.share_within(value));
        let ((below, upto), (file_below, file_upto)) = (steps(self.same), steps(self.file));
        let part = ((share - below) / (upto - below)).clamp(0.0, 1.0);
        file_below + part * (file_upto - file_below)
    }

    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        (0..self.sets.len()).map(of).sum::<f64>() / self.sets.len() as f64
    }

    /// The mean of each set, with the chance of as many trials as the file ran.
    fn means(&self) -> Vec<Normal> {
        let moved = self.file.mean().0 - self.same.mean().0;
        let fewer = libm::sqrt(self.same.len() as f64 / self.file.len().max(1) as f64);
        let one = |(set, own): (usize, &Observed)| {
            let (mean, error) = own.mean();
            Normal { mean: mean + moved + self.shift(set), error: error * fewer }
        };
        self.sets.iter().enumerate().map(one).collect()
    }
}

/// A mean and its standard error.
struct Normal {
    mean: f64,
    error: f64,
}

impl Normal {
    fn below(&self, v: f64) -> f64 {
        if self.error > 0.0 { normal_cdf((v - self.mean) / self.error) } else { f64::from(u8::from(v >= self.mean)) }
    }
}

/// How many values there are in effect, and the quantile.
struct Chance {
    count: f64,
    p: f64,
}

impl Chance {
    fn new(file: &Observed, p: f64) -> Self {
        let count = file.len() as f64;
        if !file.clustered || file.len() == 0 {
            return Self { count, p };
        }
        let clusters: Vec<u32> = file.values().iter().map(|value| value.trial).collect();
        Self { count: effective_size(&clusters, rank_of(clusters.len(), p)), p }
    }

    /// The probability that the quantile lies up to a value that this share of the values does not exceed; no more than that.
    fn share_above(&self, share: f64) -> f64 {
        let hits = share * self.count;
        // P(X <= hits - 1) for X binomial, continued to fractions.
        if hits <= 0.0 { 0.0 } else { beta_cdf(self.count - hits + 1.0, hits, 1.0 - self.p) }
    }

    /// The same, no less than that.
    fn share_below(&self, share: f64) -> f64 {
        let misses = self.count * (1.0 - share);
        // P(X <= hits).
        if misses <= 0.0 { 1.0 } else { beta_cdf(misses, self.count - misses + 1.0, 1.0 - self.p) }
    }
}

/// The least number from 0 on at which a condition that stays true holds; infinity counts, nothing else beyond the numbers.
fn least(holds: impl Fn(f64) -> bool) -> Option<f64> {
    // Numbers that are not negative lie in the order of their bits.
    let (mut low, mut high) = (0_u64, f64::INFINITY.to_bits());
    if !holds(f64::INFINITY) {
        return None;
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(f64::from_bits(middle)) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(f64::from_bits(low))
}
