//! Everything that reports say of a run, computed once from its rows.

use std::fmt;

use sim_core::stats::Interval;

use super::availability::{Availability, Budget};
use super::estimate::{Distribution, Mean, Refusal, Sample, share};
use super::objectives::{Assessed, Verdict};
use super::recovery::{of_outages, recoveries};
use crate::header::{Header, Measure};
use crate::table::TrialTable;

/// A column of the data contract that the table lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingColumn(pub String);

impl fmt::Display for MissingColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the trials have no column `{}`", self.0)
    }
}

impl std::error::Error for MissingColumn {}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Number of trials.
    pub trials: u64,
    /// The first of them.
    pub first_trial: u64,
    /// For how many seconds after its fault every censored recovery time was watched at least; without any, the horizon.
    pub watched: f64,
    /// The objectives in file order.
    pub objectives: Vec<Assessed>,
    /// The objective on availability, if there is one.
    pub budget: Option<Budget>,
    /// How available all journeys together were, where the trials tell.
    pub availability: Option<Availability>,
    /// The journeys in file order.
    pub journeys: Vec<JourneySummary>,
    /// Recovery time of each trial's worst journey; where faults come again and again, of each outage of any journey.
    pub worst_recovery: Distribution,
    /// The stores in file order.
    pub stores: Vec<StoreSummary>,
    /// Data loss in seconds of each trial's worst store.
    pub worst_loss: Distribution,
    /// The populations that the trials tell of, in the order of the columns.
    pub populations: Vec<PopulationSummary>,
    /// What happened on the way, in the order of the columns.
    pub milestones: Vec<Milestone>,
    /// How long served requests take, where the trials tell.
    pub latency: Option<Latency>,
}

/// One journey.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneySummary {
    /// Its name.
    pub name: String,
    /// Seconds from the first fault until it was up for good; where faults come again and again, of each outage.
    pub recovery: Distribution,
    /// How available it was, where the trials tell.
    pub availability: Option<Availability>,
    /// Seconds in which it was not up.
    pub downtime: Distribution,
    /// Requests that failed.
    pub failed: Distribution,
    /// Seconds of full traffic lost, where the trials tell.
    pub lost_traffic: Option<Distribution>,
    /// Requests offered, where the trials tell.
    pub offered: Option<Distribution>,
    /// Requests that were served without a soft need, where the trials tell.
    pub degraded: Option<Distribution>,
    /// Where requests failed and where the recovery time went, in the order of the stages.
    pub causes: Vec<CauseMeans>,
    /// Mean seconds within the recovery time in which the journey was up, where the trials tell.
    pub up: Option<Result<Mean, Refusal>>,
}

impl JourneySummary {
    /// The mean seconds of the stages that took any time, in their order.
    pub fn stages(&self) -> Vec<(&str, Mean)> {
        let causes = self.causes.iter().map(|cause| (cause.name.as_str(), cause.recovery));
        causes
            .chain([("(up in between)", self.up)])
            .filter_map(|(name, mean)| Some((name, mean?.ok()?)))
            .filter(|(_, mean)| mean.interval.estimate > 0.0)
            .collect()
    }
}

/// One cause's share in a journey. Seconds of censored trials count up to their end.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseMeans {
    /// The cause.
    pub name: String,
    /// Mean failed requests.
    pub failed: Result<Mean, Refusal>,
    /// Mean seconds of the recovery time in which it fails most, where the trials tell.
    pub recovery: Option<Result<Mean, Refusal>>,
}

/// One store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreSummary {
    /// Its name.
    pub name: String,
    /// Age in seconds of the oldest acknowledged write that is missing.
    pub loss: Distribution,
    /// Writes lost for good.
    pub lost: Distribution,
    /// Writes that return with their region.
    pub stranded: Distribution,
    /// Writes that a later one replaced.
    pub overwritten: Distribution,
    /// Writes that arrived late and are not missing, where the trials tell.
    pub delayed: Option<Distribution>,
    /// Seconds in which some copy got no new writes, where the trials tell.
    pub at_risk: Option<Distribution>,
}

/// One population of clients, over all its journeys.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationSummary {
    /// Its name.
    pub name: String,
    /// Requests that failed.
    pub failed: Distribution,
    /// Requests offered.
    pub offered: Distribution,
}

/// An instant that not every trial has to reach.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// The column's name without its unit, such as `detect` or `alarm.orders-down`.
    pub name: String,
    /// Share of trials in which it happened.
    pub happened: Result<Interval, Refusal>,
    /// Seconds from the first fault, over the trials in which it happened.
    pub time: Distribution,
}

/// Mean latency of served requests, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// Before the first fault.
    pub before: Distribution,
    /// At the end.
    pub after: Distribution,
}

const MILESTONES: [&str; 6] = ["detect_s", "health_flip_s", "answer_change_s", "moved50_s", "moved90_s", "moved99_s"];

impl Summary {
    /// Computes everything from the rows.
    ///
    /// # Errors
    /// When a column of the data contract is missing.
    pub fn new(header: &Header, table: &TrialTable) -> Result<Self, MissingColumn> {
        let worst_recovery = recoveries(header, table, None)?;
        let worst_loss = sample(table, Measure::Rpo.column())?;
        let objectives = header
            .objectives
            .iter()
            .map(|objective| {
                let recovers = objective.measure == Measure::Rto;
                Assessed::new(objective, if recovers { &worst_recovery } else { &worst_loss })
            })
            .collect();
        Ok(Self {
            trials: table.len() as u64,
            first_trial: table.first_trial(),
            watched: worst_recovery.shortest_watched().unwrap_or(header.horizon),
            objectives,
            budget: header.availability.map(|objective| Budget::new(header, table, objective)).transpose()?,
            availability: Availability::new(table, "overall").ok(),
            journeys: (0..header.journeys.len())
                .map(|index| journey(header, table, index))
                .collect::<Result<_, _>>()?,
            worst_recovery: worst_recovery.distribution(),
            stores: header.stores.iter().map(|name| store(table, name)).collect::<Result<_, _>>()?,
            worst_loss: worst_loss.distribution(),
            populations: populations(table),
            milestones: milestones(table),
            latency: latency(table),
        })
    }

    /// The journey whose mean recovery time is longest, censored trials counted to their end.
    pub fn slowest(&self) -> Option<&JourneySummary> {
        let total =
            |journey: &JourneySummary| journey.stages().iter().map(|(_, mean)| mean.interval.estimate).sum::<f64>();
        self.journeys.iter().max_by(|a, b| total(a).total_cmp(&total(b)))
    }

    /// Whether an objective has this verdict.
    pub fn any(&self, verdict: Verdict) -> bool {
        let budget = self.budget.iter().map(|budget| budget.verdict);
        self.objectives.iter().map(|assessed| assessed.verdict).chain(budget).any(|found| found == verdict)
    }
}

fn sample(table: &TrialTable, column: &str) -> Result<Sample, MissingColumn> {
    table.column(column).map(Sample::new).ok_or_else(|| MissingColumn(column.to_owned()))
}

pub(super) fn distribution(table: &TrialTable, column: &str) -> Result<Distribution, MissingColumn> {
    sample(table, column).map(|sample| sample.distribution())
}

fn mean(table: &TrialTable, column: &str) -> Result<Result<Mean, Refusal>, MissingColumn> {
    sample(table, column).map(|sample| sample.mean())
}

fn journey(header: &Header, table: &TrialTable, index: usize) -> Result<JourneySummary, MissingColumn> {
    let name = &header.journeys[index];
    let column = |figure: &str| format!("journey.{name}.{figure}");
    // Where the time went: of each outage, or of each trial.
    let stage = |place: usize, stage: &str| {
        if header.recurring {
            return Some(of_outages(header, table, Some(index), |outage| outage.stages[place]).mean());
        }
        mean(table, &column(&format!("stage.{stage}_s"))).ok()
    };
    let causes = header.causes.iter().enumerate().map(|(place, cause)| {
        Ok(CauseMeans {
            name: cause.clone(),
            failed: mean(table, &column(&format!("cause.{cause}")))?,
            recovery: stage(place, cause),
        })
    });
    Ok(JourneySummary {
        name: name.clone(),
        recovery: recoveries(header, table, Some(index))?.distribution(),
        availability: Availability::new(table, &format!("journey.{name}")).ok(),
        downtime: distribution(table, &column("downtime_s"))?,
        failed: distribution(table, &column("failed"))?,
        lost_traffic: distribution(table, &column("lost_traffic_s")).ok(),
        offered: distribution(table, &column("offered")).ok(),
        degraded: distribution(table, &column("degraded")).ok(),
        causes: causes.collect::<Result<_, _>>()?,
        up: stage(header.causes.len(), "up"),
    })
}

fn store(table: &TrialTable, name: &str) -> Result<StoreSummary, MissingColumn> {
    let figure = |figure: &str| distribution(table, &format!("store.{name}.{figure}"));
    Ok(StoreSummary {
        name: name.to_owned(),
        loss: figure("loss_s")?,
        lost: figure("lost")?,
        stranded: figure("stranded")?,
        overwritten: figure("overwritten")?,
        delayed: figure("delayed").ok(),
        at_risk: figure("at_risk_s").ok(),
    })
}

fn populations(table: &TrialTable) -> Vec<PopulationSummary> {
    let names = table.columns().iter().filter_map(|column| column.strip_prefix("population.")?.strip_suffix(".failed"));
    names
        .filter_map(|name| {
            let figure = |figure: &str| distribution(table, &format!("population.{name}.{figure}")).ok();
            Some(PopulationSummary { name: name.to_owned(), failed: figure("failed")?, offered: figure("offered")? })
        })
        .collect()
}

/// Milestones are found by name: which alarms and promotions there are is the experiment's affair.
fn milestones(table: &TrialTable) -> Vec<Milestone> {
    let listed = |column: &str| {
        MILESTONES.contains(&column)
            || (column.ends_with("_s") && (column.starts_with("alarm.") || column.starts_with("promoted.")))
    };
    table
        .columns()
        .iter()
        .filter(|column| listed(column.as_str()))
        .filter_map(|column| {
            let sample = sample(table, column).ok()?;
            Some(Milestone {
                name: column.strip_suffix("_s").unwrap_or(column).to_owned(),
                happened: share(sample.len(), sample.len() + sample.absent()),
                time: sample.distribution(),
            })
        })
        .collect()
}

fn latency(table: &TrialTable) -> Option<Latency> {
    let seconds = |column: &str| {
        let milliseconds = table.column(column)?;
        Some(Sample::new(milliseconds.into_iter().map(|value| value / 1e3)).distribution())
    };
    Some(Latency { before: seconds("latency_before_ms")?, after: seconds("latency_after_ms")? })
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::{MissingColumn, Summary};
    use crate::analyze::{Refusal, Verdict};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};
    use crate::table::TrialTable;

    fn summary(source: &Synthetic, trials: u64) -> Summary {
        let run = run_trials(source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        Summary::new(&source.header, &run.table).expect("the columns are there")
    }

    #[test]
    fn mean_stages_add_up_to_the_mean_recovery_time() {
        let summary = summary(&Synthetic::typical(), 500);
        for journey in &summary.journeys {
            let stages = journey.causes.iter().filter_map(|cause| cause.recovery).chain(journey.up);
            let total: f64 = stages.map(|mean| mean.expect("500 trials have a mean").interval.estimate).sum();
            let mean = journey.recovery.mean.expect("nothing is censored").interval.estimate;
            assert!((total - mean).abs() < 1e-9, "{total} {mean}");
        }
        assert!(summary.any(Verdict::Met) && !summary.any(Verdict::Undecided));
    }

    #[test]
    fn censored_trials_bound_what_is_known_by_the_time_that_they_were_watched() {
        assert_eq!(summary(&Synthetic::typical(), 100).watched, 3_600.0);
        let summary = summary(&Synthetic::censored(10), 100);
        assert_eq!(summary.watched, 3_000.0);
        assert_eq!(summary.worst_recovery.mean, Err(Refusal::Censored { censored: 10, trials: 100 }));
        assert!(summary.journeys[0].downtime.mean.is_ok());
    }

    #[test]
    fn milestones_tell_how_often_they_happen() {
        let summary = summary(&Synthetic::typical(), 400);
        let names: Vec<&str> = summary.milestones.iter().map(|milestone| milestone.name.as_str()).collect();
        let expected = [
            "detect",
            "health_flip",
            "answer_change",
            "moved50",
            "moved90",
            "moved99",
            "alarm.orders-down",
            "promoted.orders",
        ];
        assert_eq!(names, expected);
        let alarm = &summary.milestones[6];
        assert_eq!((alarm.time.trials, alarm.happened.expect("there are trials").estimate), (300, 0.75));
    }

    #[test]
    fn a_table_without_a_column_of_the_contract_is_an_error_and_one_without_the_others_is_not() {
        let header = Synthetic::typical().header;
        let run = run_trials(&Synthetic::typical(), 0..50, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        let keep = |kept: &dyn Fn(&str) -> bool| {
            let columns: Vec<usize> =
                (0..run.table.columns().len()).filter(|&i| kept(&run.table.columns()[i])).collect();
            let mut table = TrialTable::new(columns.iter().map(|&i| run.table.columns()[i].clone()).collect(), 0);
            for row in 0..run.table.len() {
                table.append(&columns.iter().map(|&i| run.table.row(row)[i]).collect::<Vec<_>>());
            }
            table
        };
        let missing = Summary::new(&header, &keep(&|name| name != "store.orders.lost"));
        assert_eq!(missing, Err(MissingColumn("store.orders.lost".to_owned())));
        let bare = keep(&|name| !name.contains(".stage.") && !name.contains("latency") && !name.contains("offered"));
        let summary = Summary::new(&header, &bare).expect("the contract is kept");
        assert!(summary.latency.is_none() && summary.journeys[0].up.is_none() && summary.journeys[0].offered.is_none());
    }
}
