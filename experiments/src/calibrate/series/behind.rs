//! Statistics that are not the values themselves: the values behind maxima, percentiles and ages of the oldest.

use sim_core::random::Distribution;
use sim_core::stats::fit::{Law, delay_of_oldest, dependence};

use super::super::fragment::Written;
use super::super::read::Stat;
use super::super::{Calibrated, Curve, FEWEST, Figure, Outcome, Remark};
use super::{Way, median};
use crate::units::{duration, percent};

impl Way<'_> {
    /// Turns maxima of independent samples back: F = `F_max`^(1 / m), above the level that they reach.
    pub(super) fn turned_back(mut self, samples: f64) -> Outcome {
        let values = self.values(Stat::Maximum);
        self.calm(&values);
        let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let n = dependence(&values).effective;
        let lowest = libm::pow(1.0 / n.max(2.0), 1.0 / samples);
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut figures = Vec::new();
        for p in [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999] {
            let of_maxima = libm::pow(p, samples);
            let Ok(found) = sim_core::stats::quantile_of(
                &sorted,
                of_maxima.clamp(1e-12, 1.0 - 1e-12),
                0.95,
                n.min(sorted.len() as f64),
            ) else {
                continue;
            };
            if p < lowest || points.last().is_some_and(|(_, below)| found.estimate <= *below) {
                continue;
            }
            points.push((p, found.estimate));
            if p < 0.999 {
                figures.push(Figure { p, value: found.estimate, interval: Some((found.low, found.high)), seen: None });
            }
        }
        let words = format!(
            "maxima of {samples:.0} samples are turned back as if those did not depend on each other; below the {} % \
             quantile they say nothing, and the distribution goes on as steeply as above",
            percent(lowest)
        );
        self.remarks.push(Remark::new("turned-back", words));
        let Ok(law) = Distribution::quantiles(points.clone()) else {
            return self.refused("maxima of so many samples support no two quantiles; ask for percentiles".to_owned());
        };
        let largest = sorted.last().copied().unwrap_or_default();
        let from = self.from();
        Outcome::Calibrated(Box::new(of_quantiles(
            self.key,
            from,
            self.remarks,
            (points, figures),
            &law,
            (sorted.len(), n, largest),
        )))
    }

    /// Pools the percentiles of the periods, weighted by their samples.
    pub(super) fn pooled(mut self, percentiles: &[Stat]) -> Outcome {
        let share = |stat: &Stat| match stat {
            Stat::Percentile(thousandths) => f64::from(*thousandths) / 1e5,
            _ => f64::NAN,
        };
        let series: Vec<(f64, Vec<Option<f64>>)> =
            percentiles.iter().map(|stat| (share(stat), self.values(*stat))).collect();
        self.calm(&series[0].1);
        let counts = self.stat(Stat::SampleCount).map(<[_]>::to_vec);
        let mut parts: Vec<(f64, Distribution)> = Vec::new();
        for index in 0..self.counts.len() {
            let mut points: Vec<(f64, f64)> = Vec::new();
            for (p, values) in &series {
                let Some(value) = values[index].filter(|value| *value > 0.0) else { continue };
                // Percentiles of few samples are equal.
                let least = points.last().map_or(0.0, |(_, below)| below * (1.0 + 1e-6));
                points.push((*p, value.max(least)));
            }
            let weight = counts.as_ref().map_or(Some(1.0), |counts| counts.get(index).copied().flatten());
            let (Some(weight), true) = (weight.filter(|weight| *weight > 0.0), points.len() == series.len()) else {
                continue;
            };
            if let Ok(law) = Distribution::quantiles(points) {
                parts.push((weight, law));
            }
        }
        let total: f64 = parts.iter().map(|part| part.0).sum();
        let n = dependence(&series[0].1).effective;
        if n < FEWEST as f64 || parts.is_empty() {
            let why = format!("{} periods are worth {n:.1} independent ones, and a law takes {}", parts.len(), FEWEST);
            return self.refused(why);
        }
        if counts.is_none() {
            let words = "without SampleCount a quiet minute counts as much as a busy one";
            self.remarks.push(Remark::new("unweighted", words));
        }
        // Thinned in time: the shape of the pool does not need every minute.
        let stride = parts.len().div_ceil(4_000).max(1);
        let kept: Vec<&(f64, Distribution)> = parts.iter().step_by(stride).collect();
        let kept_total: f64 = kept.iter().map(|part| part.0).sum();
        let upto = |x: f64| kept.iter().map(|(weight, law)| weight * law.cdf(x)).sum::<f64>() / kept_total;
        let (mut points, mut figures): (Vec<(f64, f64)>, Vec<Figure>) = (Vec::new(), Vec::new());
        let highest = series.iter().map(|(p, _)| *p).fold(0.0, f64::max);
        for p in [0.5, 0.9, 0.95, 0.99, 0.999].into_iter().filter(|p| *p <= highest + 1e-9) {
            let value = root(p, &upto);
            if points.last().is_none_or(|(_, below)| value > *below) {
                points.push((p, value));
            }
            if p < 0.999 {
                figures.push(Figure { p, value, interval: None, seen: None });
            }
        }
        let words = format!(
            "percentiles of {} periods are pooled by their samples ({total:.0} in all); no interval is given, and \
             `observations` counts the independent periods, {n:.0}",
            parts.len()
        );
        self.remarks.push(Remark::new("pooled-percentiles", words));
        let Ok(law) = Distribution::quantiles(points.clone()) else {
            return self.refused("the percentiles do not increase".to_owned());
        };
        let largest = self
            .stat(Stat::Maximum)
            .map_or(f64::NAN, |_| self.values(Stat::Maximum).into_iter().flatten().fold(0.0, f64::max));
        let from = self.from();
        Outcome::Calibrated(Box::new(of_quantiles(
            self.key,
            from,
            self.remarks,
            (points, figures),
            &law,
            (parts.len(), n, largest),
        )))
    }

    /// Finds the delay of each item behind the age of the oldest.
    pub(super) fn oldest(mut self, rate: f64, single: bool) -> Outcome {
        let stat = if self.stat(Stat::Maximum).is_some() { Stat::Maximum } else { Stat::Average };
        let values = self.values(stat);
        if self.stat(stat).is_none() {
            return self.refused("the age of the oldest item takes the statistic Maximum".to_owned());
        }
        self.calm(&values);
        let ages: Vec<f64> = values.iter().flatten().copied().collect();
        // The largest of a period, unless it has one sample.
        let window = if single { 0.0 } else { self.grid.period };
        let n = dependence(&values).effective;
        if n < FEWEST as f64 {
            let why =
                format!("{} datapoints are worth {n:.1} independent ones, and a law takes {}", ages.len(), FEWEST);
            return self.refused(why);
        }
        let Some(law) = delay_of_oldest(&ages, rate, window) else {
            return self.refused("no delay explains these ages of the oldest item".to_owned());
        };
        let middle = median(ages.clone());
        let words = format!(
            "the metric is the age of the oldest of all items under way, at its median {}; behind it, at {rate} items a \
             second, each takes {} at its median",
            duration(middle),
            duration(law.quantile(0.5))
        );
        self.remarks.push(Remark::new("oldest", words));
        let slowest = rate * (middle + window);
        let words = format!(
            "such a metric shows the slowest of some {slowest:.0} items only: the median rests on the shape of a lognormal"
        );
        self.remarks.push(Remark::new("tail-only", words));
        if let (Some(pending), Law::LogNormal { mu, sigma }) = (self.source.pending, law) {
            let (own, mean) = (pending / rate, libm::exp(mu + sigma * sigma / 2.0));
            let close = if (mean / own - 1.0).abs() < 0.25 { "" } else { ", which does not agree" };
            let words = format!(
                "{pending} items under way on average are a mean delay of {}; this law has {}{close}",
                duration(own),
                duration(mean)
            );
            self.remarks.push(Remark::new("pending", words));
        }
        let figures = [0.5, 0.9, 0.95, 0.99].map(|p| Figure { p, value: law.quantile(p), interval: None, seen: None });
        let largest = ages.iter().copied().fold(0.0, f64::max);
        let last = largest.max(law.quantile(0.99));
        let first = law.quantile(0.01);
        let points = (0..=120).map(|index| first * libm::exp(libm::log(last / first) * f64::from(index) / 120.0));
        Outcome::Calibrated(Box::new(Calibrated {
            key: self.key.to_owned(),
            written: Written::Law(law),
            observations: n as u64,
            values: ages.len(),
            stopped: 0,
            from: self.from(),
            kind: None,
            family: law.family().word(),
            figures: figures.to_vec(),
            next_p99: None,
            plausibility: None,
            largest,
            remarks: self.remarks,
            curve: Curve {
                steps: Vec::new(),
                stops: Vec::new(),
                law: points.map(|x| [x, law.cdf(x), f64::NAN, f64::NAN]).collect(),
            },
        }))
    }
}

fn of_quantiles(
    key: &str,
    from: String,
    remarks: Vec<Remark>,
    (points, figures): (Vec<(f64, f64)>, Vec<Figure>),
    law: &Distribution,
    (values, worth, largest): (usize, f64, f64),
) -> Calibrated {
    let (first, last) = (law.quantile(0.01).max(1e-6), law.quantile(0.999));
    let xs = (0..=120).map(|index| first * libm::exp(libm::log(last / first) * f64::from(index) / 120.0));
    Calibrated {
        key: key.to_owned(),
        written: Written::Quantiles(points),
        observations: worth as u64,
        values,
        stopped: 0,
        from,
        kind: None,
        family: "quantiles",
        figures,
        next_p99: None,
        plausibility: None,
        largest,
        remarks,
        curve: Curve {
            steps: Vec::new(),
            stops: Vec::new(),
            law: xs.map(|x| [x, law.cdf(x), f64::NAN, f64::NAN]).collect(),
        },
    }
}

/// Where an increasing function of a positive number reaches `p`.
fn root(p: f64, upto: &dyn Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (1e-6, 1e-6);
    while upto(high) < p && high < 1e9 {
        low = high;
        high *= 4.0;
    }
    for _ in 0..60 {
        let middle = libm::sqrt(low * high);
        if upto(middle) < p { low = middle } else { high = middle }
    }
    libm::sqrt(low * high)
}
