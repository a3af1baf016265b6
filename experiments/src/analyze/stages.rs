//! The stages of the recovery time over all trials and over those at a quantile, and the trial nearest to a percentile.

use models::cause::Cause;
use sim_core::stats::{Interval, rank_of};

use super::estimate::{Mean, Refusal, Sample};
use super::summary::{JourneySummary, UP_AGAIN};
use crate::header::Header;
use crate::table::TrialTable;
use measure::outage::Outage;
use measure::{CauseOf, Whole};

/// The stages of one journey's recovery time.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// The stages that took any time, in their order.
    pub stages: Vec<Stage>,
    /// The number of trials at the quantile: those whose recovery time lies within its interval.
    pub at: Result<u64, Refusal>,
    /// The unit: `trials`, or `outages` where faults recur.
    pub unit: &'static str,
}

/// The length of one stage. Censored trials count up to their end.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// The mean seconds over all trials.
    pub all: Result<Mean, Refusal>,
    /// The range of all but the lowest and the highest twentieth of them.
    pub spread: Option<(f64, f64)>,
    /// Their quantiles at [`STAGE_QUANTILES`].
    pub quantiles: [Result<Interval, Refusal>; STAGE_QUANTILES.len()],
    /// The mean seconds over the trials at the quantile.
    pub at: Result<Mean, Refusal>,
}

/// The quantiles of a stage by itself.
pub const STAGE_QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

impl Stage {
    /// The name that reports give to it.
    pub fn shown(&self) -> &str {
        if self.name == "up" { UP_AGAIN } else { &self.name }
    }
}

impl Stages {
    /// The stages of `journey` over all trials and over those at its recovery time's quantile `p`; where faults recur,
    /// over its outages.
    pub fn new(header: &Header, journey: &JourneySummary, table: &TrialTable, p: f64) -> Self {
        let of = journey.of;
        let own = || table.outages().filter(|outage| outage.journey == Some(of.0) && outage.fault.is_some());
        let recovery: Vec<f64> = if header.recurring {
            own().map(|outage| outage.recovery).collect()
        } else {
            table.of(measure::RECOVERY, of).collect()
        };
        // One stage at a time: all together are as large as the table.
        let part = |stage: usize| -> Vec<f64> {
            match Cause::ALL.get(stage) {
                _ if header.recurring => own().map(|outage| outage.stages[stage]).collect(),
                Some(&cause) => table.of(measure::STAGE, CauseOf(of, cause)).collect(),
                None => table.of(measure::STAGE_UP, of).collect(),
            }
        };
        let interval = match journey.recovery.quantile(p) {
            Some(found) => *found,
            None => Sample::new(recovery.iter().copied()).quantile(p),
        };
        let is_at =
            |seconds: &f64| interval.is_ok_and(|interval| interval.low <= *seconds && *seconds <= interval.high);
        let names = Cause::ALL.iter().map(|cause| cause.name()).chain(["up"]);
        let stages = names.enumerate().filter_map(|(stage, name)| {
            let seconds = part(stage);
            if !seconds.iter().any(|seconds| *seconds > 0.0) {
                return None;
            }
            let at = recovery.iter().zip(&seconds).filter(|(total, _)| is_at(total)).map(|(_, part)| *part);
            let (at, all) = (Sample::new(at).mean(), Sample::new(seconds));
            Some(Stage {
                name: name.to_owned(),
                all: all.mean(),
                spread: all.spread(),
                quantiles: STAGE_QUANTILES.map(|p| all.quantile(p)),
                at,
            })
        });
        Self {
            stages: stages.collect(),
            at: interval.map(|_| recovery.iter().filter(|seconds| is_at(seconds)).count() as u64),
            unit: if header.recurring { "outages" } else { "trials" },
        }
    }

    /// The stage that takes most of the time of the trials at the quantile; of equal ones the first.
    pub fn owner(&self) -> Option<&Stage> {
        let mean = |stage: &Stage| stage.at.map_or(0.0, |mean| mean.interval.estimate);
        let longer = |owner, stage| if mean(stage) > mean(owner) { stage } else { owner };
        self.stages.iter().filter(|stage| stage.name != "up").reduce(longer).filter(|owner| mean(owner) > 0.0)
    }
}

/// The trial whose worst recovery time is at `percentile` (0 to 100), the first of equal ones, with that recovery time.
pub fn at_percentile(table: &TrialTable, percentile: f64) -> Option<(u64, f64)> {
    let recoveries = || table.of(measure::WORST_RECOVERY, Whole);
    let value = at_rank(&Sample::new(recoveries()), percentile)?;
    (table.first_trial()..).zip(recoveries()).find(|(_, recovery)| *recovery == value)
}

/// The outage whose recovery time is at `percentile` (0 to 100) of all outages of any journey, the first of equal ones.
pub fn outage_at(table: &TrialTable, percentile: f64) -> Option<Outage> {
    let counted = || table.outages().filter(|outage| outage.journey.is_none() && outage.fault.is_some());
    let recovery = at_rank(&Sample::new(counted().map(|outage| outage.recovery)), percentile)?;
    counted().find(|outage| outage.recovery == recovery)
}

/// The value at `percentile` (0 to 100) of a sample.
fn at_rank(sample: &Sample, percentile: f64) -> Option<f64> {
    sample.values().get(rank_of(sample.values().len(), percentile / 100.0).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{Stages, at_percentile, outage_at};
    use crate::analyze::{Refusal, Summary};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};
    use crate::table::TrialTable;
    use measure::outage::Outage;
    use measure::{Columns, Subjects, Whole};

    /// A table whose trials have these recovery times and nothing else.
    fn table(first_trial: u64, recoveries: &[f64]) -> TrialTable {
        let mut table = TrialTable::new(Columns::new(Subjects::default()), first_trial);
        for recovery in recoveries {
            let mut row = vec![0.0; table.columns().len()];
            row[table.columns().index(measure::WORST_RECOVERY, Whole)] = *recovery;
            table.append(&row);
        }
        table
    }

    #[test]
    fn the_first_of_equal_trials_stands_for_the_percentile() {
        let table = |recoveries: &[f64]| table(10, recoveries);
        let trials = table(&[30.0, f64::INFINITY, 20.0, 30.0, f64::NAN, 10.0]);
        assert_eq!(at_percentile(&trials, 50.0), Some((10, 30.0)));
        assert_eq!(at_percentile(&trials, 75.0), Some((10, 30.0)));
        assert_eq!(at_percentile(&trials, 0.1), Some((15, 10.0)));
        assert_eq!(at_percentile(&trials, 100.0), Some((11, f64::INFINITY)));
        assert_eq!(at_percentile(&table(&[]), 50.0), None);
    }

    #[test]
    fn an_outage_stands_for_a_percentile_of_all_outages_and_not_of_the_worst_of_each_trial() {
        let mut trials = table(0, &[900.0, 20.0]);
        let outage = |trial, journey, recovery, fault| Outage {
            trial,
            journey,
            start: 10.0,
            end: 10.0 + recovery,
            fault,
            recovery,
            downtime: recovery,
            failed: 0.0,
            cause: 0,
            stages: Default::default(),
        };
        let fault = Some((0, 10.0));
        trials.append_outages(&[
            outage(0, Some(0), 7.0, fault),
            outage(0, None, 900.0, fault),
            outage(0, None, 10.0, fault),
            outage(0, None, 1.0, None),
            outage(1, None, 20.0, fault),
        ]);
        let at = |percentile| outage_at(&trials, percentile).map(|outage| (outage.trial, outage.recovery));
        assert_eq!([1.0, 50.0, 99.0].map(at), [Some((0, 10.0)), Some((1, 20.0)), Some((0, 900.0))]);
        assert_eq!(outage_at(&table(0, &[]), 50.0), None);
    }

    #[test]
    fn the_stages_at_a_quantile_add_up_to_it() {
        let source = Synthetic::typical();
        let run =
            |trials| run_trials(&source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs").table;
        let table = run(2_000);
        let summary = Summary::new(&source.header, &table);
        let journey = &summary.journeys[1];
        let stages = Stages::new(&source.header, journey, &table, 0.99);
        let interval = journey.recovery.quantile(0.99).expect("reported").expect("2000 trials support a p99");
        let total: f64 = stages.stages.iter().map(|stage| stage.at.expect("several").interval.estimate).sum();
        assert!(interval.contains(total), "{total} {interval:?}");
        // A slow decision makes a synthetic trial slow: up to 460 s of at most 500 s.
        let owner = stages.owner().expect("it takes time");
        assert_eq!(owner.name, "decision");
        assert!(stages.at.is_ok_and(|trials| (10..=60).contains(&trials)), "{:?}", stages.at);
        let few = run(100);
        let short = Summary::new(&source.header, &few);
        let few = Stages::new(&source.header, &short.journeys[1], &few, 0.99);
        assert_eq!((few.at, few.owner()), (Err(Refusal::TooFewTrials { needed: 299 }), None));
    }
}
