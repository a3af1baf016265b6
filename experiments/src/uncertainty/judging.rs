//! What follows from the runs of an objective: intervals, shares, and what its verdict hangs on.

use super::belief::Belief;
use super::condition::condition;
use super::forecast;
use super::interval::{Runs, interval, within};
use super::observed::{Observed, Outcome, refused};
use super::sets::Set;
use super::shares::{Index, Spread};
use crate::analyze::{LEVEL, Observation, Sample, Summary, Verdict};
use crate::header::Header;
use crate::unknown::{Ends, Judged, Share};

/// Everything that a statement about an outcome rests on.
pub(super) struct Judging<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) header: &'a Header,
    pub(super) summary: &'a Summary,
    pub(super) beliefs: &'a [Belief],
    pub(super) idle: &'a [bool],
    pub(super) sets: &'a [Set],
    pub(super) trials: u64,
}

impl Judging<'_> {
    /// What follows from the runs, and from those with exchanged figures where there are any.
    pub(super) fn judge(&self, runs: &Runs<'_>, exchanged: &[Option<&[Observed]>]) -> Judged {
        let outcome = self.outcome;
        let quantile = outcome.quantile;
        let empty = Judged {
            name: outcome.name(),
            by_chance: Ends::default(),
            with_unknown: Ends::default(),
            refused: None,
            condition: None,
            chance_share: 1.0,
            shares: Vec::new(),
            after: None,
        };
        let none = |why: String| Judged { refused: Some(why), ..empty.clone() };
        if let Some(why) = refused(outcome, self.header, self.summary) {
            return none(why);
        }
        let by_chance = match self.by_chance(runs) {
            Ok(ends) => ends,
            Err(why) => return none(why),
        };
        let Some(with_unknown) = interval(runs, quantile, LEVEL) else {
            return none("the sets have too few values for an interval".to_owned());
        };
        let spread = Spread::new(self.sets, runs.sets, quantile, self.trials, self.header.seed);
        let mut shares = self.shares(&spread, exchanged, quantile);
        shares.sort_by(|one, other| other.1.share.total_cmp(&one.1.share));
        let first = shares.first().map(|(figure, _)| *figure);
        let condition = first.filter(|_| self.hangs(with_unknown)).map(|figure| {
            let mut met = within(runs, quantile, outcome.limit.unwrap_or(f64::INFINITY));
            if quantile.is_none() {
                met.iter_mut().for_each(|below| *below = 1.0 - *below);
            }
            condition(&self.beliefs[figure], figure, self.sets, &met, f64::midpoint(LEVEL, 1.0))
        });
        let after = first.and_then(|figure| {
            forecast::after(&self.beliefs[figure], figure, self.sets, &spread, runs, quantile, LEVEL)
        });
        Judged {
            by_chance,
            with_unknown,
            condition,
            chance_share: spread.chance_share(),
            shares: shares.into_iter().map(|(_, share)| share).collect(),
            after,
            ..empty
        }
    }

    /// The interval with the figures of the file.
    fn by_chance(&self, runs: &Runs<'_>) -> Result<Ends, String> {
        let found = if let Some(p) = self.outcome.quantile {
            let values = runs.file.values().iter();
            let sample = if runs.file.clustered {
                Sample::clustered(values.map(|one| Observation {
                    trial: one.trial,
                    value: one.value,
                    watched: one.least,
                }))
            } else {
                Sample::new(values.map(|one| one.value))
            };
            sample.quantile(p)
        } else {
            let own = self.summary.budgets().find(|budget| budget.of == self.outcome.measured.of);
            own.map_or(self.summary.availability.time, |budget| budget.time)
        };
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        match found {
            Ok(found) => Ok(Ends { low: finite(found.low), high: finite(found.high) }),
            Err(why) => Err(why.to_string()),
        }
    }

    /// Whether the objective is met by chance alone, and not with what is not known.
    fn hangs(&self, with_unknown: Ends) -> bool {
        let Outcome { measured, quantile, limit } = *self.outcome;
        let Some(limit) = limit else { return false };
        let (low, high) = with_unknown.numbers();
        if quantile.is_none() {
            let own = self.summary.budgets().find(|budget| budget.of == measured.of);
            return own.is_some_and(|budget| budget.verdict == Verdict::Met) && low < limit;
        }
        let met = self.summary.objectives.iter().any(|assessed| {
            let objective = &assessed.objective;
            (objective.measured(), Some(objective.quantile), objective.limit) == (measured, quantile, limit)
                && assessed.verdict == Verdict::Met
        });
        met && high > limit
    }

    /// The share of each figure that may matter.
    fn shares(
        &self,
        spread: &Spread<'_>,
        exchanged: &[Option<&[Observed]>],
        quantile: Option<f64>,
    ) -> Vec<(usize, Share)> {
        let Some(indices) = spread.first_order() else { return Vec::new() };
        let total = |figure: usize| -> Option<Index> {
            let values = (*exchanged.get(figure)?)?;
            let outcomes: Vec<f64> = values.iter().map(|observed| observed.outcome(quantile)).collect();
            spread.total(&outcomes)
        };
        let share = |(figure, index): (usize, Index)| {
            let total = total(figure);
            let share = Share {
                path: self.beliefs[figure].path.clone(),
                share: index.share.clamp(0.0, 1.0),
                error: index.error,
                total: total.map(|total| total.share),
                total_error: total.map(|total| total.error),
            };
            (figure, share)
        };
        indices.into_iter().enumerate().filter(|(figure, _)| !self.idle[*figure]).map(share).collect()
    }
}
