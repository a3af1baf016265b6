//! How good a candidate is beside the file as it is: one number for the search, which intervals play no part in.

use std::cmp::Ordering;

use sim_core::stats::rank_of;

use super::target::Target;
use crate::analyze::{LEVEL, distribution};
use crate::compare::{Figure, Outcomes, Statistic};
use crate::header::Indicator;

/// What a candidate gains, more being better. Gains on limits come first; what objectives do not ask for breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Score {
    /// By how much less all objectives are exceeded, each as a share of its limit, and how much likelier each is kept.
    pub(super) limits: f64,
    /// By how much smaller the figures are, each as a share of its limit or of the file's own figure.
    pub(super) figures: f64,
}

impl Score {
    /// The order of two scores, the better one greater.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        self.limits.total_cmp(&other.limits).then(self.figures.total_cmp(&other.figures))
    }

    /// Whether it gains anything.
    pub(super) fn gains(&self) -> bool {
        self.order(&Self::default()) == Ordering::Greater
    }

    /// The score of `other` beside `base`, which have the same trials.
    pub(super) fn new(targets: &[Target], base: &Outcomes, other: &Outcomes) -> Self {
        let mut score = Self::default();
        for target in targets {
            let [before, after] = [base, other].map(|outcomes| Standing::new(target, outcomes));
            score.limits += before.excess - after.excess + after.kept - before.kept;
            let scale = if before.scale > 0.0 { before.scale } else { 1.0 };
            score.figures += (before.figure - after.figure) / scale;
        }
        score
    }
}

/// Where one candidate stands on one target.
struct Standing {
    /// The figure, less being better; what is censored counts for as long as it was watched.
    figure: f64,
    /// What figures are measured in.
    scale: f64,
    /// How far it is beyond the limit, as a share of that.
    excess: f64,
    /// The share of trials, or of requests, within the limit.
    kept: f64,
}

impl Standing {
    fn new(target: &Target, outcomes: &Outcomes) -> Self {
        let Figure { indicator, statistic, .. } = target.figure;
        if let (Some(_), Statistic::Quantile(quantile)) = (indicator.phase(), statistic) {
            return Self::of_requests(target, quantile, outcomes);
        }
        let down = indicator == Indicator::Availability;
        let observed = outcomes.observed(target.figure.measured());
        let value = |value: f64| match value {
            _ if down => 1.0 - value,
            _ if value.is_infinite() => observed.beyond,
            _ => value,
        };
        let mut values: Vec<f64> =
            observed.values.iter().filter(|value| !value.is_nan()).map(|one| value(*one)).collect();
        values.sort_by(f64::total_cmp);
        let figure = match statistic {
            _ if values.is_empty() => 0.0,
            Statistic::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Statistic::Quantile(p) => values[rank_of(values.len(), p) - 1],
        };
        let Some(limit) = target.limit.map(|limit| if down { 1.0 - limit } else { limit }) else {
            return Self { figure, scale: figure, excess: 0.0, kept: 0.0 };
        };
        let within = values.partition_point(|value| *value <= limit);
        Self::beside(limit, figure, within as f64 / values.len().max(1) as f64)
    }

    /// The same of what requests take, over those of all trials.
    fn of_requests(target: &Target, quantile: f64, outcomes: &Outcomes) -> Self {
        let found = distribution(&outcomes.latencies, &outcomes.journeys, target.figure.measured(), quantile);
        let figure = found.as_ref().ok().and_then(|found| found.value(quantile)).unwrap_or(0.0);
        let Some(limit) = target.limit else {
            return Self { figure, scale: figure, excess: 0.0, kept: 0.0 };
        };
        let kept = found.ok().and_then(|found| found.share_within(limit, LEVEL)).map_or(0.0, |share| share.estimate);
        Self::beside(limit, figure, kept)
    }

    fn beside(limit: f64, figure: f64, kept: f64) -> Self {
        // A limit of nothing is measured in seconds.
        let scale = if limit > 0.0 { limit } else { 1.0 };
        Self { figure, scale, excess: (figure - limit).max(0.0) / scale, kept }
    }
}

#[cfg(test)]
mod tests {
    use super::Score;
    use crate::advise::target::Target;
    use crate::compare::{Figure, Outcomes};
    use crate::header::Indicator;

    fn outcomes(recovery: &[f64]) -> Outcomes {
        let n = recovery.len();
        Outcomes {
            single: Vec::new(),
            no_writer: Vec::new(),
            latencies: measure::latencies::Latencies::default(),
            journeys: Vec::new(),
            recovery: recovery.to_vec(),
            loss: vec![0.0; n],
            up: vec![1.0; n],
            watched: vec![100.0; n],
            horizon: 100.0,
            stores: false,
        }
    }

    fn score(limit: Option<f64>, base: &[f64], other: &[f64]) -> Score {
        let target = Target { figure: Figure::quantile(Indicator::Rto, 0.5), limit, objective: None };
        Score::new(&[target], &outcomes(base), &outcomes(other))
    }

    #[test]
    fn what_is_beyond_the_limit_counts_first() {
        // The median falls from 30 s to 20 s of a limit of 10 s: two limits less of excess, and none is kept in either.
        let limited = score(Some(10.0), &[20.0, 30.0, 40.0], &[15.0, 20.0, 40.0]);
        assert_eq!((limited.limits, limited.figures), (1.0, 1.0));
        // Within the limit there is nothing to gain on limits.
        let within = score(Some(50.0), &[20.0, 30.0, 40.0], &[15.0, 20.0, 40.0]);
        assert_eq!((within.limits, within.figures), (0.0, 0.2));
        assert!(limited.order(&within).is_gt() && within.gains());
        // A trial more within the limit is a gain, whatever the median does.
        let kept = score(Some(10.0), &[20.0, 30.0, 40.0], &[10.0, 30.0, 40.0]);
        assert!((kept.limits - 1.0 / 3.0).abs() < 1e-12 && kept.figures == 0.0);
        // What is not back counts for the time that it was watched.
        let censored = score(None, &[f64::INFINITY; 3], &[50.0; 3]);
        assert_eq!((censored.limits, censored.figures), (0.0, 0.5));
        assert!(!score(None, &[1.0; 3], &[1.0; 3]).gains());
    }
}
