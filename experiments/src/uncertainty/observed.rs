//! What an objective is about, taken from the trials of a run.

use sim_core::stats::rank_of;

use crate::analyze::{Refusal, Summary, recoveries};
use crate::header::{Header, Indicator, Measured, Of, quantile_name};
use crate::table::TrialTable;
use measure::Whole;

/// A figure of an experiment that is judged: a quantile, or the mean availability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Outcome {
    pub(super) measured: Measured,
    /// Which quantile; nothing of a mean.
    pub(super) quantile: Option<f64>,
    /// The limit: seconds, or a share that must be reached; nothing where there is no objective.
    pub(super) limit: Option<f64>,
}

impl Outcome {
    /// `rto.p99`, `availability`, `checkout.rto.p99`.
    pub(super) fn name(&self) -> String {
        let word = self.measured.indicator.word();
        let figure =
            self.quantile.map_or_else(|| word.to_owned(), |quantile| format!("{word}.{}", quantile_name(quantile)));
        self.measured.of.name(&figure)
    }
}

/// The objectives of an experiment, or the p99 of its recovery time where it has none.
pub(super) fn outcomes(header: &Header) -> Vec<Outcome> {
    // What is not known is told of what each trial has a value of.
    let objectives = header.objectives.iter().filter(|objective| objective.indicator.phase().is_none());
    let quantiles = objectives.map(|objective| Outcome {
        measured: objective.measured(),
        quantile: Some(objective.quantile),
        limit: Some(objective.limit),
    });
    let means = header.availabilities().map(|(of, limit)| Outcome {
        measured: Measured { indicator: Indicator::Availability, of },
        quantile: None,
        limit: Some(limit),
    });
    let mut outcomes: Vec<Outcome> = quantiles.chain(means).collect();
    if outcomes.is_empty() {
        outcomes.push(Outcome { measured: Indicator::Rto.into(), quantile: Some(0.99), limit: None });
    }
    outcomes
}

/// Why an outcome has no value in a run, whatever the figures are.
pub(super) fn refused(outcome: &Outcome, header: &Header, summary: &Summary) -> Option<String> {
    if outcome.measured.indicator == Indicator::Rto
        && let Some(unclocked) = &summary.unclocked
    {
        return Some(Refusal::NoClock { trials: unclocked.trials }.to_string());
    }
    if outcome.measured.indicator == Indicator::CaughtUp && header.queues.is_empty() {
        return Some(Refusal::NoQueues.to_string());
    }
    (outcome.measured.indicator == Indicator::Rpo && header.stores.is_empty()).then(|| Refusal::NoStores.to_string())
}

/// One value: of a trial, or of an outage of a trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Value {
    /// The value, infinite if it is censored.
    pub(super) value: f64,
    /// The same, at least: how long a censored one was watched.
    pub(super) least: f64,
    /// The trial, counted from the first.
    pub(super) trial: u32,
}

/// The values of one indicator over the trials of a run, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Observed {
    values: Vec<Value>,
    /// Whether a trial may have several.
    pub(super) clustered: bool,
}

impl Observed {
    pub(super) fn new(mut values: Vec<Value>, clustered: bool) -> Self {
        values.retain(|value| !value.value.is_nan());
        values.sort_by(|a, b| {
            (a.value.total_cmp(&b.value)).then(a.least.total_cmp(&b.least)).then(a.trial.cmp(&b.trial))
        });
        Self { values, clustered }
    }

    /// Of the trials of a run.
    pub(super) fn of(header: &Header, table: &TrialTable, measured: Measured) -> Self {
        let Measured { indicator, of } = measured;
        if indicator == Indicator::Rto && header.recurring {
            let own = match of {
                Of::Journey(name) => table.columns().subjects().journey(name.as_str()).map(|journey| journey.0),
                Of::Worst | Of::Store(_) => None,
            };
            let all = table.outages().filter(|outage| outage.journey == own);
            let values = all.filter_map(|outage| {
                let (_, fault) = outage.fault?;
                let trial = (outage.trial - table.first_trial()) as u32;
                Some(Value { value: outage.recovery, least: outage.recovery.min(header.horizon - fault), trial })
            });
            return Self::new(values.collect(), true);
        }
        let starts = table.of(measure::COUNTS_FROM, Whole);
        let one = |(trial, (value, start)): (usize, (f64, f64))| {
            let watched = header.horizon - if start.is_nan() { 0.0 } else { start };
            Value { value, least: value.min(watched), trial: trial as u32 }
        };
        let values = measured.values(table).into_iter().flatten().zip(starts).enumerate().map(one);
        debug_assert!(
            indicator != Indicator::Rto || recoveries(header, table, None).len() <= table.len() as u64,
            "one recovery time a trial"
        );
        Self::new(values.collect(), false)
    }

    pub(super) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The share of values up to `limit`.
    pub(super) fn share_within(&self, limit: f64) -> f64 {
        self.values.partition_point(|value| value.value <= limit) as f64 / self.values.len() as f64
    }

    /// The share of values below `limit`.
    pub(super) fn share_below(&self, limit: f64) -> f64 {
        self.values.partition_point(|value| value.value < limit) as f64 / self.values.len() as f64
    }

    /// The value that this share of values does not exceed; the lowest if the share is 0.
    pub(super) fn at_share(&self, share: f64) -> f64 {
        self.values[rank_of(self.values.len(), share) - 1].value
    }

    /// The quantile, of censored values how long they were watched. 0 if there are no values: nothing was lost.
    pub(super) fn least_quantile(&self, p: f64) -> f64 {
        if self.values.is_empty() { 0.0 } else { self.values[rank_of(self.values.len(), p) - 1].least }
    }

    /// The mean and its standard error.
    pub(super) fn mean(&self) -> (f64, f64) {
        let count = self.values.len() as f64;
        if self.values.len() < 2 {
            return (self.values.first().map_or(0.0, |value| value.least), 0.0);
        }
        let mean = self.values.iter().map(|value| value.least).sum::<f64>() / count;
        let squares: f64 = self.values.iter().map(|value| (value.least - mean) * (value.least - mean)).sum();
        (mean, libm::sqrt(squares / (count - 1.0) / count))
    }

    /// The outcome itself, as one number.
    pub(super) fn outcome(&self, quantile: Option<f64>) -> f64 {
        quantile.map_or_else(|| self.mean().0, |p| self.least_quantile(p))
    }

    /// The outcome if trial `n` had come up `weights[n]` times.
    pub(super) fn outcome_with(&self, quantile: Option<f64>, weights: &[f64]) -> f64 {
        let weight = |value: &Value| weights[value.trial as usize];
        let all: f64 = self.values.iter().map(weight).sum();
        if all <= 0.0 {
            return self.outcome(quantile);
        }
        let Some(p) = quantile else {
            return self.values.iter().map(|value| weight(value) * value.least).sum::<f64>() / all;
        };
        // From the end that is nearer.
        if p > 0.5 {
            let mut beyond = (1.0 - p) * all + 1e-9;
            for value in self.values.iter().rev() {
                beyond -= weight(value);
                if beyond < 0.0 {
                    return value.least;
                }
            }
        }
        let mut below = p * all - 1e-9;
        for value in &self.values {
            below -= weight(value);
            if below <= 0.0 {
                return value.least;
            }
        }
        self.values.last().map_or(0.0, |value| value.least)
    }
}
