//! `--precision`: trials until the quantiles that matter are known well enough.

use crate::analyze::{Budget, Sample, sample_of};
use crate::header::{Header, Indicator, Measured};
use crate::run::BATCH;
use crate::table::TrialTable;

/// Trials between two looks: the rule sees the first 1,000 trials, then the first 2,000, and so on. Few looks keep a
/// lucky streak from ending the run, and fixed looks make the same trials run on any machine.
pub const LOOK_EVERY: u64 = 40 * BATCH;

/// The cap without `--max-trials`.
pub const DEFAULT_MAX_TRIALS: u64 = 1_000_000;

/// The stopping rule: each objective's quantile has a relative half-width (half the interval over the estimate) of at
/// most `target`, and so has the use of the error budget if availability is an objective. Without objectives the rule
/// is about the p99 of the worst recovery time.
///
/// A quantile whose whole interval is censored counts as known: more trials would not change that. A quantile that the
/// sample does not support yet counts as unknown.
#[derive(Debug)]
pub struct Precision {
    target: f64,
    header: Header,
    watched: Vec<Watched>,
    looked_at: usize,
}

#[derive(Debug)]
struct Watched {
    name: String,
    measured: Measured,
    quantile: f64,
    sample: Sample,
}

impl Precision {
    /// A rule for `header`'s objectives.
    pub fn new(header: &Header, target: f64) -> Self {
        let watch = |name: String, measured, quantile| Watched { name, measured, quantile, sample: Sample::default() };
        // Percentiles of requests are known after a few groups of trials.
        let objectives = header.objectives.iter().filter(|objective| objective.indicator.phase().is_none());
        let mut watched: Vec<Watched> =
            objectives.map(|objective| watch(objective.name(), objective.measured(), objective.quantile)).collect();
        if watched.is_empty() && header.availabilities().next().is_none() {
            watched.push(watch("p99 of the worst recovery time".to_owned(), Indicator::Rto.into(), 0.99));
        }
        Self { target, header: header.clone(), watched, looked_at: 0 }
    }

    /// Whether the table is enough. Its rows must only ever be added to.
    pub fn enough(&mut self, table: &TrialTable) -> bool {
        if table.is_empty() || !(table.len() as u64).is_multiple_of(LOOK_EVERY) {
            return false;
        }
        self.look(table);
        self.short(table).is_empty()
    }

    /// Takes in the new rows.
    fn look(&mut self, table: &TrialTable) {
        for watched in &mut self.watched {
            if watched.measured.indicator == Indicator::Rto && self.header.recurring {
                watched.sample = sample_of(&self.header, table, watched.measured).unwrap_or_default();
                continue;
            }
            watched.sample.extend(watched.measured.values(table).into_iter().flatten().skip(self.looked_at));
        }
        self.looked_at = table.len();
    }

    /// The quantiles that miss the target, each with its relative half-width, if it has one.
    fn short(&self, table: &TrialTable) -> Vec<(String, Option<f64>)> {
        let quantiles =
            self.watched.iter().map(|watched| (watched.name.as_str(), watched.sample.quantile(watched.quantile)));
        let quantiles = quantiles.map(|(name, found)| (name.to_owned(), found));
        let budgets = self.header.availabilities().map(|objective| {
            let name = format!("the use of the error budget{}", objective.0.suffix());
            (name, Budget::new(&self.header, table, objective).consumed)
        });
        quantiles
            .chain(budgets)
            .map(|(name, estimate)| (name, estimate.ok().map(|estimate| estimate.relative_half_width())))
            .filter(|(_, width)| width.is_none_or(|width| width.is_nan() || width > self.target))
            .collect()
    }

    /// The message for a run that reached the most trials first.
    pub fn shortfall(mut self, table: &TrialTable) -> Option<String> {
        self.look(table);
        let parts: Vec<String> = self
            .short(table)
            .into_iter()
            .map(|(name, width)| match width {
                Some(width) if width.is_finite() => format!("{name} is known to ±{width:.3}"),
                _ => format!("{name} is not known at all"),
            })
            .collect();
        let trials = table.len();
        (!parts.is_empty())
            .then(|| format!("precision {} was not reached in {trials} trials: {}", self.target, parts.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{LOOK_EVERY, Precision};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Ended, Stop, run_until};

    fn trials(source: &Synthetic, target: f64, threads: usize) -> (u64, Ended, Option<String>) {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let mut rule = Precision::new(&source.header, target);
        let run = run_until(source, 0..20_000, threads, &|_| (), &Stop::new(), &mut |table| rule.enough(table))
            .expect("the synthetic source runs");
        (run.table.len() as u64, run.ended, rule.shortfall(&run.table))
    }

    #[test]
    fn trials_are_run_until_the_interval_is_narrow_the_same_number_for_any_threads() {
        let source = Synthetic::typical();
        let (coarse, ended, shortfall) = trials(&source, 0.02, 1);
        assert_eq!((coarse % LOOK_EVERY, ended, shortfall), (0, Ended::Enough, None));
        let (fine, ended, _) = trials(&source, 0.005, 1);
        assert_eq!(ended, Ended::Enough);
        assert!(fine > coarse, "{fine} trials after {coarse}");
        assert_eq!(trials(&source, 0.005, 7).0, fine);
    }

    #[test]
    fn the_cap_is_said() {
        let (trials, ended, shortfall) = trials(&Synthetic::typical(), 1e-6, 2);
        assert_eq!((trials, ended), (20_000, Ended::Complete));
        assert!(shortfall.is_some_and(|text| text.contains("rto.p99 is known to ±")), "it names the quantile");
    }

    #[test]
    fn a_quantile_beyond_the_horizon_needs_no_more_trials() {
        let mut source = Synthetic::censored(2);
        source.header.objectives.truncate(1);
        let (trials, ended, _) = trials(&source, 0.01, 2);
        assert_eq!((trials, ended), (LOOK_EVERY, Ended::Enough));
    }
}
