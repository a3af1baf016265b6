//! All figures that reports state about a run, computed once from its rows.

use models::cause::Cause;
use sim_core::stats::Interval;

use super::availability::{Availability, Budget};
use super::estimate::{Estimates, Mean, Refusal, Sample, share};
use super::incident::IncidentCost;
use super::latency::{Percentiles, judged, never_back};
use super::milestones::{Milestone, milestones};
use super::nervous::Nervousness;
use super::objectives::{Assessed, Verdict};
use super::recovery::{caught_up, of_outages, recoveries, sample_of, with_planned};
use crate::header::{Header, Indicator, Objective, Of};
use crate::table::TrialTable;
use crate::unknown::Unknown;
use measure::{
    self, CauseOf, Column, Journey, Link, PHASES, Part, PartCause, Population, Queue, Store, Subject, Whole,
};

/// The name that reports give to time up between two outages of a journey.
pub const UP_AGAIN: &str = "up again";

/// The figures of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Number of trials.
    pub trials: u64,
    /// The number of the first trial.
    pub first_trial: u64,
    /// The shortest watched time after the fault of a censored recovery time, in seconds; without any, the horizon.
    pub watched: f64,
    /// The objectives on quantiles in the order of the header.
    pub objectives: Vec<Assessed>,
    /// The objective on the availability of all journeys together, if there is one.
    pub budget: Option<Budget>,
    /// The objectives on the availability of single journeys, in file order.
    pub own_budgets: Vec<Budget>,
    /// The availability of all journeys together.
    pub availability: Availability,
    /// The journeys in file order.
    pub journeys: Vec<JourneySummary>,
    /// Recovery time of each trial's worst journey; where faults recur, of each outage of any journey.
    pub worst_recovery: Estimates,
    /// The stores in file order.
    pub stores: Vec<StoreSummary>,
    /// Data loss in seconds of each trial's worst store.
    pub worst_loss: Estimates,
    /// The populations in file order.
    pub populations: Vec<PopulationSummary>,
    /// What failed requests behind the fronts, the largest first.
    pub parts: Vec<PartMean>,
    /// The links between stores in file order.
    pub links: Vec<LinkSummary>,
    /// Journeys that were down in trials in which no fault had started the clock, if any was.
    pub unclocked: Option<Unclocked>,
    /// What happened on the way, in the order of the columns.
    pub milestones: Vec<Milestone>,
    /// What checks make of blips, where faults include some.
    pub nervousness: Option<Nervousness>,
    /// How long served requests take.
    pub latency: Latency,
    /// What is not known of the figures, and what it changes, if the experiment was run with other figures as well.
    pub unknown: Option<Unknown>,
    /// What goes wrong costs, if the file gives values.
    pub incident: Option<IncidentCost>,
}

/// Requests that a part behind the fronts failed for one cause.
#[derive(Debug, Clone, PartialEq)]
pub struct PartMean {
    /// The part, such as `payment@eu-west-1`.
    pub name: String,
    /// The same in words.
    pub words: String,
    /// The cause.
    pub cause: Cause,
    /// Mean failed requests of a trial.
    pub failed: Result<Mean, Refusal>,
}

impl PartMean {
    /// Those of all parts and causes that failed any, the largest first.
    fn all(table: &TrialTable) -> Vec<Self> {
        let mut all = Vec::new();
        let subjects = table.columns().subjects();
        for (place, (name, words)) in subjects.parts.iter().zip(&subjects.parts_in_words).enumerate() {
            for (index, cause) in Cause::BEHIND.into_iter().enumerate() {
                let failed = || table.of(measure::PART_FAILED_BY, PartCause(Part(place), index));
                let sum: f64 = failed().sum();
                if sum > 0.0 {
                    let (name, words, failed) = (name.clone(), words.clone(), Sample::new(failed()).mean());
                    all.push((sum, Self { name, words, cause, failed }));
                }
            }
        }
        all.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        all.into_iter().map(|(_, part)| part).collect()
    }
}

/// Time down that no recovery time counts, since no fault started the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Unclocked {
    /// In how many trials.
    pub trials: u64,
    /// By journey that was down, its mean seconds in those trials.
    pub down: Vec<(String, Result<Mean, Refusal>)>,
}

impl Unclocked {
    fn new(header: &Header, table: &TrialTable) -> Option<Self> {
        let starts: Vec<f64> = table.of(measure::FIRST_FAULT, Whole).collect();
        // Where faults come again and again, outages are told by their faults, and a quiet year is one like any.
        if header.recurring && starts.iter().any(|start| !start.is_nan()) {
            return None;
        }
        let any: Vec<bool> = starts
            .iter()
            .zip(table.of(measure::OVERALL_AVAILABILITY, Whole))
            .map(|(start, up)| start.is_nan() && up < 1.0)
            .collect();
        let trials = any.iter().filter(|any| **any).count() as u64;
        let down = |journey: Journey| {
            let times = table.of(measure::AVAILABILITY, journey).zip(&any).filter(|(_, any)| **any);
            let times: Vec<f64> = times.map(|(up, _)| (1.0 - up) * header.horizon).collect();
            let name = table.columns().subjects().journeys[journey.0].clone();
            times.iter().any(|time| *time > 0.0).then(|| (name, Sample::new(times).mean()))
        };
        let journeys = (0..table.columns().subjects().journeys.len()).map(Journey);
        (trials > 0).then(|| Self { trials, down: journeys.filter_map(down).collect() })
    }
}

/// The figures of one journey.
#[derive(Debug, Clone, PartialEq)]
pub struct JourneySummary {
    /// Its place in the file.
    pub of: Journey,
    /// Its name.
    pub name: String,
    /// Seconds from the first fault until it was up for good; where faults recur, of each outage.
    pub recovery: Estimates,
    /// Its availability.
    pub availability: Availability,
    /// Seconds from the start of the clock until it was first up for five minutes.
    pub first_back: Estimates,
    /// Seconds down.
    pub downtime: Estimates,
    /// Seconds down as planned, which are no part of the recovery time.
    pub planned: Estimates,
    /// Requests that failed.
    pub failed: Estimates,
    /// Seconds of full traffic lost.
    pub lost_traffic: Estimates,
    /// Requests offered.
    pub offered: Estimates,
    /// Requests that were served without a soft need.
    pub degraded: Estimates,
    /// The share of each cause, in the order of the stages.
    pub causes: Vec<CauseMeans>,
    /// Mean seconds up within the recovery time.
    pub up: Result<Mean, Refusal>,
    /// Mean latency in seconds before the start of the clock, until it was up for good, and after that.
    pub latency: [Estimates; PHASES],
    /// Percentiles of what its requests take in each phase, over all of all trials, where that is asked for.
    pub percentiles: Option<[Percentiles; PHASES]>,
}

impl JourneySummary {
    /// The mean seconds of the stages that took any time, in their order.
    pub fn stages(&self) -> Vec<(&str, Mean)> {
        let causes = self.causes.iter().map(|cause| (cause.name.as_str(), cause.recovery));
        causes
            .chain([(UP_AGAIN, self.up)])
            .filter_map(|(name, mean)| Some((name, mean.ok()?)))
            .filter(|(_, mean)| mean.interval.estimate > 0.0)
            .collect()
    }
}

/// The share of one cause in a journey. Seconds of censored trials count up to their end.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseMeans {
    /// The cause.
    pub name: String,
    /// Mean failed requests.
    pub failed: Result<Mean, Refusal>,
    /// Mean seconds of the recovery time with this cause dominant.
    pub recovery: Result<Mean, Refusal>,
}

/// The figures of one store.
#[derive(Debug, Clone, PartialEq)]
pub struct StoreSummary {
    /// Its place in the file.
    pub of: Store,
    /// Its name.
    pub name: String,
    /// Age in seconds of the oldest acknowledged write that is missing.
    pub loss: Estimates,
    /// Writes lost for good.
    pub lost: Estimates,
    /// Writes that return with their region.
    pub stranded: Estimates,
    /// Writes that a later one replaced.
    pub overwritten: Estimates,
    /// Writes that arrived late and are not missing.
    pub delayed: Estimates,
    /// Seconds in which a copy got no new writes.
    pub at_risk: Estimates,
    /// Trials that ended without a copy that takes writes.
    pub no_writer: u64,
    /// What waited in it, if it is a queue.
    pub queue: Option<QueueSummary>,
}

/// The figures of one queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSummary {
    /// The most messages that waited at once.
    pub backlog: Estimates,
    /// Seconds that the oldest waiting message was old at most.
    pub oldest: Estimates,
    /// Seconds until the backlog was back at its level at the start of the clock.
    pub caught_up: Estimates,
    /// Mean seconds that a trial's messages waited.
    pub delay_mean: Estimates,
    /// Seconds that 99 % of a trial's messages waited at most.
    pub delay_p99: Estimates,
}

/// The figures of one link between stores.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkSummary {
    /// The names of the two stores, with a dot between them.
    pub name: String,
    /// Writes that refer to such as are missing.
    pub dangling: Estimates,
}

/// The figures of one population of clients, over all its journeys.
#[derive(Debug, Clone, PartialEq)]
pub struct PopulationSummary {
    /// Its name.
    pub name: String,
    /// Requests that failed.
    pub failed: Estimates,
    /// Requests offered.
    pub offered: Estimates,
    /// Percentiles of what they take in each phase, over all of all trials, where that is asked for.
    pub percentiles: Option<[Percentiles; PHASES]>,
}

/// The mean latency of served requests, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Latency {
    /// Before the first fault.
    pub before: Estimates,
    /// At the end.
    pub after: Estimates,
}

impl Summary {
    /// Computes the figures from the rows.
    pub fn new(header: &Header, table: &TrialTable) -> Self {
        let subjects = table.columns().subjects();
        let worst_recovery = recoveries(header, table, None);
        let worst_loss = Sample::new(table.of(measure::WORST_LOSS, Whole));
        let unclocked = Unclocked::new(header, table);
        let assess = |objective: &Objective| match objective.indicator {
            Indicator::Rto => recovers(header, table, unclocked.as_ref(), objective),
            Indicator::LatencyBefore | Indicator::LatencyAfter => {
                let never_back = never_back(table.of(measure::WORST_RECOVERY, Whole));
                judged(table.latencies(), &subjects.journeys, objective, never_back)
            }
            Indicator::Rpo | Indicator::Availability if subjects.stores.is_empty() => {
                Assessed::refused(objective, Refusal::NoStores)
            }
            Indicator::CaughtUp if subjects.queues.is_empty() => Assessed::refused(objective, Refusal::NoQueues),
            Indicator::Rpo | Indicator::Availability | Indicator::CaughtUp => against(header, table, objective),
        };
        let stores: Vec<StoreSummary> =
            (0..subjects.stores.len()).map(|place| store(header, table, Store(place))).collect();
        let trials = table.len() as u64;
        let writerless = || stores.iter().map(|store| (store.name.as_str(), store.no_writer));
        let objectives = header.objectives.iter().map(|objective| assess(objective).beside(writerless(), trials));
        let objectives = objectives.collect();
        let own_budgets = header.availabilities().filter(|(of, _)| *of != Of::Worst);
        let own_budgets = own_budgets.map(|objective| Budget::new(header, table, objective));
        Self {
            trials,
            first_trial: table.first_trial(),
            watched: worst_recovery.shortest_watched().unwrap_or(header.horizon),
            objectives,
            budget: header.availability.map(|objective| Budget::new(header, table, (Of::Worst, objective))),
            own_budgets: own_budgets.collect(),
            availability: Availability::overall(table),
            journeys: (0..subjects.journeys.len()).map(|place| journey(header, table, Journey(place))).collect(),
            worst_recovery: worst_recovery.distribution(),
            stores,
            worst_loss: worst_loss.distribution(),
            populations: (0..subjects.populations.len()).map(|place| population(table, Population(place))).collect(),
            parts: PartMean::all(table),
            links: (0..subjects.links.len()).map(|place| link(table, Link(place))).collect(),
            unclocked,
            milestones: milestones(table),
            nervousness: Nervousness::new(table),
            latency: Latency {
                before: seconds(table, measure::LATENCY_BEFORE, Whole),
                after: seconds(table, measure::LATENCY_AFTER, Whole),
            },
            unknown: None,
            incident: IncidentCost::new(header, table),
        }
    }

    /// The journey with the longest mean recovery time; censored trials count to their end.
    pub fn slowest(&self) -> Option<&JourneySummary> {
        let total =
            |journey: &JourneySummary| journey.stages().iter().map(|(_, mean)| mean.interval.estimate).sum::<f64>();
        self.journeys.iter().reduce(|slowest, other| if total(other) > total(slowest) { other } else { slowest })
    }

    /// Stores that ended without a copy that takes writes, and the share of such trials.
    pub fn without_writer(&self) -> impl Iterator<Item = (&str, Result<Interval, Refusal>)> {
        let stores = self.stores.iter().filter(|store| store.no_writer > 0);
        stores.map(|store| (store.name.as_str(), share(store.no_writer, self.trials)))
    }

    /// The objectives on availability, that of all journeys together first.
    pub fn budgets(&self) -> impl Iterator<Item = &Budget> {
        self.budget.iter().chain(&self.own_budgets)
    }

    /// Whether an objective has this verdict.
    pub fn any(&self, verdict: Verdict) -> bool {
        let budget = self.budgets().map(|budget| budget.verdict);
        self.objectives.iter().map(|assessed| assessed.verdict).chain(budget).any(|found| found == verdict)
    }
}

/// Holds an objective against the trials.
fn against(header: &Header, table: &TrialTable, objective: &Objective) -> Assessed {
    match sample_of(header, table, objective.measured()) {
        Some(sample) => Assessed::new(objective, &sample),
        None => Assessed::refused(objective, Refusal::NoSubject),
    }
}

/// The same of an objective on a recovery time, which leaves planned downtime out.
fn recovers(header: &Header, table: &TrialTable, unclocked: Option<&Unclocked>, objective: &Objective) -> Assessed {
    let journey = match objective.of {
        Of::Journey(name) => Some(name.as_str()),
        Of::Worst | Of::Store(_) => None,
    };
    let concerns =
        |unclocked: &&Unclocked| journey.is_none_or(|journey| unclocked.down.iter().any(|(name, _)| name == journey));
    if let Some(Unclocked { trials, .. }) = unclocked.filter(concerns) {
        return Assessed::refused(objective, Refusal::NoClock { trials: *trials });
    }
    let found = against(header, table, objective);
    let journey = journey.and_then(|name| table.columns().subjects().journey(name));
    let planned = longest_planned(table, journey);
    if planned <= 0.0 {
        return found;
    }
    let differs = Assessed::new(objective, &with_planned(header, table, journey)).verdict != found.verdict;
    Assessed { without_planned: differs.then_some(planned), ..found }
}

/// The longest planned downtime of this journey, or of any, in a trial, in seconds.
fn longest_planned(table: &TrialTable, journey: Option<Journey>) -> f64 {
    let journeys = (0..table.columns().subjects().journeys.len()).map(Journey);
    let journeys = journeys.filter(|own| journey.is_none_or(|journey| journey == *own));
    journeys.flat_map(|journey| table.of(measure::PLANNED, journey)).fold(0.0, f64::max)
}

fn distribution<S: Subject>(table: &TrialTable, column: Column<S>, subject: S) -> Estimates {
    Sample::new(table.of(column, subject)).distribution()
}

/// Seconds from milliseconds.
fn seconds<S: Subject>(table: &TrialTable, column: Column<S>, subject: S) -> Estimates {
    Sample::new(table.of(column, subject).map(|milliseconds| milliseconds / 1e3)).distribution()
}

fn journey(header: &Header, table: &TrialTable, journey: Journey) -> JourneySummary {
    // Stages of each outage, or of each trial.
    let stage = |stage: usize, of_trials: &dyn Fn() -> Sample| {
        if header.recurring {
            of_outages(header, table, Some(journey), |outage| outage.stages[stage]).mean()
        } else {
            of_trials().mean()
        }
    };
    let causes = Cause::ALL.iter().map(|&cause| CauseMeans {
        name: cause.name().to_owned(),
        failed: Sample::new(table.of(measure::FAILED_BY, CauseOf(journey, cause))).mean(),
        recovery: stage(cause.index(), &|| Sample::new(table.of(measure::STAGE, CauseOf(journey, cause)))),
    });
    JourneySummary {
        of: journey,
        name: table.columns().subjects().journeys[journey.0].clone(),
        recovery: recoveries(header, table, Some(journey)).distribution(),
        availability: Availability::of(table, journey),
        first_back: first_back(header, table, journey),
        downtime: distribution(table, measure::DOWNTIME, journey),
        planned: distribution(table, measure::PLANNED, journey),
        failed: distribution(table, measure::FAILED, journey),
        lost_traffic: distribution(table, measure::LOST_TRAFFIC, journey),
        offered: distribution(table, measure::OFFERED, journey),
        degraded: distribution(table, measure::DEGRADED, journey),
        causes: causes.collect(),
        latency: [measure::JOURNEY_LATENCY_BEFORE, measure::JOURNEY_LATENCY_DURING, measure::JOURNEY_LATENCY_AFTER]
            .map(|column| seconds(table, column, journey)),
        percentiles: Percentiles::by_phase(table.latencies(), table.len() as u64, |key| {
            key.journey as usize == journey.0
        }),
        up: stage(Cause::ALL.len(), &|| Sample::new(table.of(measure::STAGE_UP, journey))),
    }
}

/// Censored values were watched from the start of the clock to the horizon, like recovery times.
fn first_back(header: &Header, table: &TrialTable, journey: Journey) -> Estimates {
    let values = table.of(measure::FIRST_BACK, journey);
    let starts = table.of(measure::FIRST_FAULT, Whole);
    let censored = values.clone().zip(starts).filter(|(value, _)| *value == f64::INFINITY);
    let watched: Vec<f64> = censored.map(|(_, start)| header.horizon - start).collect();
    Sample::new(values).watched_for(watched).distribution()
}

fn store(header: &Header, table: &TrialTable, store: Store) -> StoreSummary {
    let figure = |column| distribution(table, column, store);
    StoreSummary {
        of: store,
        name: table.columns().subjects().stores[store.0].clone(),
        loss: figure(measure::LOSS),
        lost: figure(measure::LOST),
        stranded: figure(measure::STRANDED),
        overwritten: figure(measure::OVERWRITTEN),
        delayed: figure(measure::DELAYED),
        at_risk: figure(measure::AT_RISK),
        no_writer: table.of(measure::NO_WRITER, store).filter(|&none| none > 0.0).count() as u64,
        queue: table.columns().subjects().queue(store).map(|place| queue(header, table, place)),
    }
}

fn queue(header: &Header, table: &TrialTable, queue: Queue) -> QueueSummary {
    let figure = |column| distribution(table, column, queue);
    QueueSummary {
        backlog: figure(measure::BACKLOG),
        oldest: figure(measure::OLDEST),
        caught_up: caught_up(header, table, table.of(measure::CAUGHT_UP, queue)).distribution(),
        delay_mean: figure(measure::DELAY_MEAN),
        delay_p99: figure(measure::DELAY_P99),
    }
}

fn link(table: &TrialTable, link: Link) -> LinkSummary {
    LinkSummary {
        name: table.columns().subjects().links[link.0].clone(),
        dangling: distribution(table, measure::DANGLING, link),
    }
}

fn population(table: &TrialTable, population: Population) -> PopulationSummary {
    PopulationSummary {
        name: table.columns().subjects().populations[population.0].clone(),
        failed: distribution(table, measure::POPULATION_FAILED, population),
        offered: distribution(table, measure::POPULATION_OFFERED, population),
        percentiles: Percentiles::by_phase(table.latencies(), table.len() as u64, |key| {
            key.population as usize == population.0
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::Summary;
    use crate::analyze::{Refusal, Verdict};
    use crate::run::synthetic::Synthetic;
    use crate::run::{Stop, run_trials};

    fn summary(source: &Synthetic, trials: u64) -> Summary {
        let run = run_trials(source, 0..trials, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("runs");
        Summary::new(&source.header, &run.table)
    }

    #[test]
    fn mean_stages_add_up_to_the_mean_recovery_time() {
        let summary = summary(&Synthetic::typical(), 500);
        for journey in &summary.journeys {
            let stages = journey.causes.iter().map(|cause| cause.recovery).chain([journey.up]);
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
}
