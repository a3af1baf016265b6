//! The difference of a figure between two sets of trials that met the same incidents, with its interval.

use sim_core::random::{Stream, StreamId};
use sim_core::stats::{
    Bounds, Difference, Interval, Method, Observed, Unsupported, mean_difference, quantile_difference,
};

use super::figure::{Figure, Statistic};
use super::outcomes::Outcomes;
use crate::analyze::{LEVEL, Refusal, distribution};

/// The figure of `other` minus that of `base`, which have the same number of trials under `seed`. `pair` names the stream
/// that an interval from joint order statistics draws from.
pub(crate) fn difference(
    figure: Figure,
    base: &Outcomes,
    other: &Outcomes,
    seed: u64,
    pair: &str,
) -> Result<Difference, Refusal> {
    if let Some(refusal) = base.lacks(figure.measured()).or(other.lacks(figure.measured())) {
        return Err(refusal);
    }
    if let (Some(_), Statistic::Quantile(p)) = (figure.indicator.phase(), figure.statistic) {
        return difference_of_requests(figure, p, base, other);
    }
    let (base, other) = (base.observed(figure.measured()), other.observed(figure.measured()));
    match figure.statistic {
        Statistic::Quantile(p) => {
            let mut stream = Stream::new(StreamId::new(seed, pair, &figure.name()));
            quantile_difference(base, other, p, LEVEL, &mut stream)
                .map_err(|Unsupported { needed }| Refusal::TooFewTrials { needed })
        }
        Statistic::Mean => difference_of_means(base, other).ok_or_else(|| {
            let pairs = base.values.iter().zip(other.values);
            let censored = pairs.filter(|(base, other)| base.is_infinite() || other.is_infinite()).count() as u64;
            match (censored, base.values.len() as u64) {
                (0, 0) => Refusal::NoTrials,
                (0, _) => Refusal::OneTrial,
                (censored, trials) => Refusal::Censored { censored, trials },
            }
        }),
    }
}

/// The quantile of what requests of `other` take minus that of `base`.
fn difference_of_requests(figure: Figure, p: f64, base: &Outcomes, other: &Outcomes) -> Result<Difference, Refusal> {
    let of = |one: &Outcomes| distribution(&one.latencies, &one.journeys, figure.measured(), p);
    let (base, other) = (of(base)?, of(other)?);
    if base.requests() <= 0.0 || other.requests() <= 0.0 {
        return Err(Refusal::NoTrials);
    }
    let Interval { estimate, low, high, level } =
        base.difference(&other, p, LEVEL).ok_or(Refusal::TooFewTrials { needed: 26 })?;
    Ok(Difference {
        estimate: Bounds::exactly(estimate),
        interval: Bounds { low, high },
        level,
        method: Method::Student,
    })
}

/// The mean of `other` minus that of `base`. Where trials are censored on one side it is bounded: a trial that was not
/// back differs by at least what it was seen to exceed the other one by. None where one trial or none is left to bound it,
/// or where neither side of it has a bound.
fn difference_of_means(base: Observed<'_>, other: Observed<'_>) -> Option<Difference> {
    if let Some(known) = mean_difference(base.values, other.values, LEVEL) {
        return Some(known);
    }
    let pairs = || base.values.iter().zip(other.values);
    let at_least = |value: f64, beyond: f64| if value.is_finite() { value } else { beyond };
    let zeros = vec![0.0; base.values.len()];
    let bound = |differences: Vec<f64>| {
        let known = differences.iter().all(|difference| difference.is_finite());
        known.then(|| mean_difference(&zeros, &differences, LEVEL)).flatten()
    };
    let low = bound(pairs().map(|(&base, &value)| at_least(value, other.beyond) - base).collect());
    let high = bound(pairs().map(|(&from, &value)| value - at_least(from, base.beyond)).collect());
    if low.is_none() && high.is_none() {
        return None;
    }
    let ends = |part: fn(&Difference) -> Bounds| Bounds {
        low: low.as_ref().map_or(f64::NEG_INFINITY, |low| part(low).low),
        high: high.as_ref().map_or(f64::INFINITY, |high| part(high).high),
    };
    let (estimate, interval) = (ends(|found| found.estimate), ends(|found| found.interval));
    Some(Difference { estimate, interval, level: LEVEL, method: Method::Student })
}
