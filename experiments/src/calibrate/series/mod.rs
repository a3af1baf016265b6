//! Series of a metric, and the ways in which they mislead.
//!
//! | trap | what is done |
//! |---|---|
//! | averages of several samples hide the tail | refused, unless coarse data will do |
//! | maxima of several samples invent a median | taken at their worse end with a remark; turned back where the list says that samples do not depend on each other |
//! | periods above a minute hide the tail | refused, unless coarse data will do |
//! | the age of the oldest item is not the delay of each | the delay is fitted behind it, by the rate of items |
//! | gaps and zeros are not short lags | missing stays missing; idle minutes are left out, and their share is told |
//! | neighbouring minutes depend on each other | `observations` counts the independent ones that they are worth |
//! | calm weeks say nothing of the bad hour | the worst hour is told, and `within` picks it |

mod behind;

use sim_core::stats::fit::{Observed, dependence};

use super::choose::{Refused, Sample, choose};
use super::read::{Grid, Stat, windows};
use super::{Outcome, Remark, Source};
use crate::units::{chosen_duration, duration, percent};

/// Longer periods hide what happens within them.
const MINUTE: f64 = 60.0;
/// So many samples are one, whatever rounding says.
const ONE: f64 = 1.001;
/// A worst hour that is so many times the usual one is told.
const BAD: f64 = 3.0;

/// A series on its way to a distribution.
struct Way<'a> {
    key: &'a str,
    grid: &'a Grid,
    source: &'a Source,
    remarks: Vec<Remark>,
    /// Periods that count.
    counts: Vec<bool>,
}

/// The distribution behind a series.
pub(super) fn calibrated(key: &str, grid: &Grid, source: &Source) -> Outcome {
    let length = grid.stats.values().next().map_or(0, Vec::len);
    let mut way = Way { key, grid, source, remarks: Vec::new(), counts: vec![true; length] };
    way.guesses();
    if grid.period > MINUTE + 1e-6 && !source.accept_coarse {
        let why = format!(
            "a datapoint stands for {}, and what happens within it is lost; ask for periods of 60 s (they are kept for 15 \
             days), or take it as it is with --accept-coarse",
            chosen_duration(grid.period)
        );
        return way.refused(why);
    }
    if grid.period > MINUTE + 1e-6 {
        let words = format!("a datapoint stands for {}: the tail within it is lost", chosen_duration(grid.period));
        way.remarks.push(Remark::new("coarse", words));
    }
    if let Err(why) = way.within().and_then(|()| way.gaps()) {
        return way.refused(why);
    }
    way.chosen()
}

impl Way<'_> {
    fn refused(self, why: String) -> Outcome {
        let from = self.from();
        Outcome::Refused(Refused {
            key: self.key.to_owned(),
            why,
            from,
            seen: Vec::new(),
            guess: None,
            remarks: self.remarks,
        })
    }

    fn from(&self) -> String {
        self.source.file.clone()
    }

    fn stat(&self, stat: Stat) -> Option<&[Option<f64>]> {
        self.grid.stats.get(&stat).map(Vec::as_slice)
    }

    /// The statistic that values are taken from first.
    fn main(&self) -> Option<Stat> {
        let percentile = self.grid.stats.keys().find(|stat| matches!(stat, Stat::Percentile(_)));
        [Stat::Maximum, Stat::Average].into_iter().find(|stat| self.stat(*stat).is_some()).or(percentile.copied())
    }

    /// Says what was guessed.
    fn guesses(&mut self) {
        if self.grid.unit.1 {
            let words = format!("the unit, {}, is that of the metric: the export does not name it", self.grid.unit.0);
            self.remarks.push(Remark::new("guessed-unit", words));
        }
        if self.grid.guessed_period {
            let words = format!(
                "the period, {}, is the shortest distance of two datapoints",
                chosen_duration(self.grid.period)
            );
            self.remarks.push(Remark::new("guessed-period", words));
        }
        if self.grid.partial {
            self.remarks.push(Remark::new("partial", "the service calls a part of the data incomplete"));
        }
    }

    /// Leaves out what lies outside of the times that count.
    fn within(&mut self) -> Result<(), String> {
        let Some(text) = &self.source.within else { return Ok(()) };
        let Some(windows) = windows(text) else {
            return Err(format!("`within = {text:?}` is not `FROM .. TO` with two timestamps, the earlier one first"));
        };
        let mut kept = 0;
        for (index, counts) in self.counts.iter_mut().enumerate() {
            let at = self.grid.start + index as f64 * self.grid.period;
            *counts = windows.iter().any(|(from, to)| at >= *from && at < *to);
            kept += usize::from(*counts);
        }
        let words = format!("{kept} of {} periods lie within the times that count", self.counts.len());
        self.remarks.push(Remark::new("within", words));
        if kept == 0 { Err("no period lies within the times that count".to_owned()) } else { Ok(()) }
    }

    /// Leaves out what is missing, idle or no lag at all, and tells how much.
    fn gaps(&mut self) -> Result<(), String> {
        let Some(main) = self.main() else {
            return Err("there is no average, maximum or percentile among the statistics".to_owned());
        };
        let values = self.stat(main).unwrap_or_default().to_vec();
        let activity = self.stat(Stat::Activity).map(<[_]>::to_vec);
        let (mut missing, mut primary, mut idle, mut of) = (0_usize, 0_usize, 0_usize, 0_usize);
        // Of the primary some queries say -1, in the unit of the metric.
        let sentinel = -super::unit::seconds(&self.grid.unit.0).unwrap_or(1.0);
        for (index, counts) in self.counts.iter_mut().enumerate().filter(|(_, counts)| **counts) {
            of += 1;
            let active =
                activity.as_ref().map(|series| series.get(index).copied().flatten().is_some_and(|it| it > 0.0));
            match values[index] {
                None => missing += 1,
                Some(value) if (value - sentinel).abs() < 1e-9 => primary += 1,
                Some(value) if value < 0.0 => {
                    return Err(format!("datapoint {} is negative: {}", index + 1, duration(value)));
                }
                Some(_) if active == Some(false) => idle += 1,
                Some(0.0) if active.is_none() && !self.source.keep_zeros => idle += 1,
                Some(_) => continue,
            }
            *counts = false;
        }
        let share = |count: usize| percent(count as f64 / of.max(1) as f64);
        if missing > 0 {
            let words = format!("{} % of the periods are missing, and missing is not short", share(missing));
            self.remarks.push(Remark::new("gaps", words));
        }
        if primary > 0 {
            let words =
                format!("{} % of the datapoints are -1, which says that the copy is the primary", share(primary));
            self.remarks.push(Remark::new("primary", words));
        }
        if idle > 0 {
            let how = if activity.is_some() { "had no traffic" } else { "are 0, which mostly means no traffic" };
            self.remarks.push(Remark::new("idle", format!("{} % of the periods {how}, and are left out", share(idle))));
        }
        if self.counts.iter().any(|counts| *counts) { Ok(()) } else { Err("no datapoint is left".to_owned()) }
    }

    /// The values of a statistic in periods that count.
    fn values(&self, stat: Stat) -> Vec<Option<f64>> {
        let all = self.stat(stat).unwrap_or_default().iter().zip(&self.counts);
        all.map(|(value, counts)| value.filter(|_| *counts)).collect()
    }

    /// How many samples a datapoint sums up, if that is known.
    fn samples(&self) -> Option<f64> {
        if let Some(samples) = self.source.samples {
            return Some(samples);
        }
        if self.stat(Stat::SampleCount).is_some() {
            let counts: Vec<f64> = self.values(Stat::SampleCount).into_iter().flatten().collect();
            let mean = counts.iter().sum::<f64>() / counts.len().max(1) as f64;
            return (!counts.is_empty()).then_some(mean);
        }
        let (average, maximum) = (self.stat(Stat::Average)?, self.stat(Stat::Maximum)?);
        let close = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs(),
            _ => true,
        };
        average.iter().zip(maximum).all(close).then_some(1.0)
    }

    /// Takes the statistics as what they are.
    fn chosen(mut self) -> Outcome {
        let samples = self.samples();
        let single = samples.is_some_and(|samples| samples <= ONE);
        let percentiles: Vec<Stat> =
            self.grid.stats.keys().copied().filter(|stat| matches!(stat, Stat::Percentile(_))).collect();
        if let Some(rate) = self.source.rate {
            return self.oldest(rate, single);
        }
        if single {
            let stat = if self.stat(Stat::Maximum).is_some() { Stat::Maximum } else { Stat::Average };
            if self.stat(stat).is_some() {
                return self.fitted(stat);
            }
        }
        if percentiles.len() >= 2 {
            return self.pooled(&percentiles);
        }
        let times = samples.map_or_else(|| "an unknown number of".to_owned(), |samples| format!("{samples:.0}"));
        if self.stat(Stat::Maximum).is_some() {
            if self.source.independent
                && let Some(samples) = samples
            {
                return self.turned_back(samples);
            }
            // Means of samples have the mean of the samples, whatever they depend on.
            let mean = self.stat(Stat::Average).map_or_else(String::new, |_| {
                let averages: Vec<f64> = self.values(Stat::Average).into_iter().flatten().collect();
                let mean = averages.iter().sum::<f64>() / averages.len().max(1) as f64;
                format!("; its mean is {} by the averages", duration(mean))
            });
            let words = format!(
                "each datapoint is the largest of {times} samples, so this is the worse end: the lag at most instants is \
                 smaller{mean}"
            );
            self.remarks.push(Remark::new("maxima", words));
            return self.fitted(Stat::Maximum);
        }
        if self.stat(Stat::Average).is_some() {
            if self.source.accept_coarse {
                let words =
                    format!("each datapoint is the mean of {times} samples: the tail of single samples is longer");
                self.remarks.push(Remark::new("averages", words));
                return self.fitted(Stat::Average);
            }
            let why = format!(
                "each datapoint is the mean of {times} samples, which hides the tail (of a p99 of 1 s 0.4 s may be left); \
                 ask for Maximum and SampleCount, or take it as it is with --accept-coarse"
            );
            return self.refused(why);
        }
        self.refused(
            "one percentile alone gives no distribution; ask for p50, p90 and p99, or for Maximum and SampleCount"
                .to_owned(),
        )
    }

    /// Fits the values of a statistic as they are.
    fn fitted(mut self, stat: Stat) -> Outcome {
        let values = self.values(stat);
        self.calm(&values);
        let resolution = values.iter().flatten().copied().filter(|value| *value > 0.0).fold(f64::INFINITY, f64::min);
        let observed: Vec<Observed> = values
            .iter()
            .flatten()
            .map(
                |value| {
                    if *value > 0.0 { Observed::Exact(*value) } else { Observed::Between(0.0, resolution.min(1.0)) }
                },
            )
            .collect();
        let whole = dependence(&values);
        if whole.time > 1.5 {
            let words = format!(
                "neighbouring datapoints depend on each other: {} of them count as {:.0}",
                whole.present, whole.effective
            );
            self.remarks.push(Remark::new("dependence", words));
        }
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let worth_at = |p: f64| {
            let cut = sorted[((p * sorted.len() as f64) as usize).min(sorted.len() - 1)];
            let above = |value: &Option<f64>| value.map(|value| f64::from(u8::from(value >= cut)));
            dependence(&values.iter().map(above).collect::<Vec<_>>()).effective
        };
        choose(Sample {
            key: self.key,
            from: self.from(),
            kind: None,
            observed,
            worth: whole.effective,
            worth_at: &worth_at,
            remarks: self.remarks,
        })
    }

    /// Says how much worse the worst hour was, and that calm weeks do not show the hour that matters.
    fn calm(&mut self, values: &[Option<f64>]) {
        if self.source.within.is_some() {
            return;
        }
        let hour = (3_600.0 / self.grid.period).round().max(1.0) as usize;
        let usual = median(values.iter().flatten().copied().collect());
        let hours = values.chunks(hour).map(|part| part.iter().flatten().copied().collect::<Vec<_>>());
        let worst = hours.filter(|part| part.len() * 2 >= hour.min(values.len())).map(median).fold(0.0, f64::max);
        let days = values.len() as f64 * self.grid.period / 86_400.0;
        let words = if usual > 0.0 && worst >= BAD * usual {
            format!(
                "in the worst hour of {days:.1} days the median was {}, {:.0} times the usual one; a failover meets such an \
                 hour, and `within` calibrates from it",
                duration(worst),
                worst / usual
            )
        } else {
            format!(
                "{days:.1} days without a bad hour say nothing of one; an incident in its place, or a `replication-stall`, \
                 does"
            )
        };
        self.remarks.push(Remark::new("calm", words));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
