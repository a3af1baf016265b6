//! The document of a run: `mrsim run --format json` and `summary.json`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::stats::Interval;

use super::SCHEMA_VERSION;
use super::cost::CostDocument;
use super::estimate::{DistributionDocument, Estimate, MeanEstimate};
use super::finding::FindingDocument;
use super::nervous::NervousDocument;
use crate::analyze::{
    Assessed, Availability, Budget, CauseMeans, Estimates, JourneySummary, LEVEL, Milestone, PERCENTILES, PartMean,
    Percentiles, QueueSummary, StoreSummary, Summary, Verdict, Writerless, nines,
};
use crate::file::OpenQuestion;
use crate::header::{AssumedFigure, Header, SourcedFigure, quantile_name};
use crate::overview::Fault;
use crate::unknown::Unknown;

/// The results of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RunDocument {
    /// The version of this document's shape.
    pub schema_version: u32,
    /// The experiment's name.
    pub experiment: String,
    /// One sentence about it.
    pub description: String,
    /// The program's version.
    pub version: String,
    /// Digest of `resolved`.
    pub hash: String,
    /// The master seed.
    pub seed: u64,
    /// Trials that ran.
    pub trials: u64,
    /// The number of the first trial.
    pub first_trial: u64,
    /// Trials that were asked for.
    pub trials_asked: u64,
    /// Whether all trials that were asked for ran, or as many as the precision needed.
    pub complete: bool,
    /// The command that runs the same trials again, from the folder of the results.
    #[serde(default)]
    pub command: String,
    /// The horizon in seconds.
    pub horizon: f64,
    /// Share of requests that must succeed for a journey to count as up.
    pub up_when: f64,
    /// The level of every interval.
    pub interval_level: f64,
    /// A sentence per fault.
    pub faults: Vec<String>,
    /// Whether faults recur: then recovery times are those of outages, not of trials.
    pub recurring: bool,
    /// The objectives in file order, those on availability last.
    pub objectives: Vec<ObjectiveDocument>,
    /// The availability of all journeys together.
    pub availability: AvailabilityDocument,
    /// The worst journey and the worst store of each trial.
    pub worst: Worst,
    /// The journeys by name, in file order.
    pub journeys: IndexMap<String, JourneyDocument>,
    /// The stores by name, in file order.
    pub stores: IndexMap<String, StoreDocument>,
    /// The populations of clients by name, in file order.
    pub populations: IndexMap<String, PopulationDocument>,
    /// Where services call each other: mean failed requests of a trial by the part behind the fronts that failed them, such as
    /// `payment@eu-west-1`, and by cause. Parts and causes that failed none are left out.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parts: IndexMap<String, IndexMap<String, MeanEstimate>>,
    /// Writes that refer to such as are missing, by the names of the two stores with a dot between them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub links: IndexMap<String, DistributionDocument>,
    /// Milestones, by the names of their columns without the unit.
    pub milestones: IndexMap<String, MilestoneDocument>,
    /// What checks make of blips, where faults include some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nervousness: Option<NervousDocument>,
    /// The mean latency of served requests.
    pub latency: LatencyDocument,
    /// The findings of `mrsim check` about the file.
    #[serde(default)]
    pub findings: Vec<FindingDocument>,
    /// Assumed figures in use.
    pub assumed: Vec<AssumedFigure>,
    /// Every figure in use and where it comes from.
    #[serde(default)]
    pub figures: Vec<SourcedFigure>,
    /// What is not known of the figures and what it changes, if the run looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// What the file asks, as `mrsim import` writes it, and nobody has answered.
    #[serde(default)]
    pub questions: Vec<OpenQuestion>,
    /// The experiment as resolved from file, `extends` and `--set`.
    pub resolved: String,
    /// What a month costs and what goes wrong costs, if the file gives prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostDocument>,
}

/// An objective and its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ObjectiveDocument {
    /// `rto.p99`, `rpo.p99.9`, `availability`; of a single journey or store `checkout.rto.p99`, `orders.rpo.p99`.
    pub name: String,
    /// Its quantile; `null` of availability, which is about the mean.
    pub quantile: Option<f64>,
    /// The limit: seconds, or the share of the time of availability.
    pub limit: f64,
    /// The quantile in seconds, or the mean share of the time.
    #[serde(flatten)]
    pub found: Estimate,
    /// Share of values that are censored.
    pub censored: f64,
    /// The chance that one incident, or one trial, stays within the limit.
    pub probability: Estimate,
    /// The verdict.
    pub verdict: Verdict,
    /// The longest planned downtime of a trial in seconds, if the verdict is only so good because recovery times leave
    /// planned downtime out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_planned: Option<f64>,
    /// Of data loss: stores that nobody could write to at the end, and in which share of the trials.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub no_writer_at_the_end: IndexMap<String, Estimate>,
    /// Of availability: seconds down that the objective allows in a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_seconds: Option<f64>,
    /// Of availability: the mean share of them that a trial uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_used: Option<Estimate>,
}

/// Stores without a writer at the end, and in which share of the trials.
pub(crate) fn no_writer(stores: &[Writerless]) -> IndexMap<String, Estimate> {
    stores.iter().map(|found| (found.store.clone(), found.share.into())).collect()
}

impl From<&Assessed> for ObjectiveDocument {
    fn from(assessed: &Assessed) -> Self {
        Self {
            name: assessed.objective.name(),
            quantile: Some(assessed.objective.quantile),
            limit: assessed.objective.limit,
            found: assessed.quantile.into(),
            censored: assessed.censored,
            probability: assessed.probability.into(),
            verdict: assessed.verdict,
            without_planned: assessed.without_planned,
            no_writer_at_the_end: no_writer(&assessed.writerless),
            budget_seconds: None,
            budget_used: None,
        }
    }
}

impl From<&Budget> for ObjectiveDocument {
    fn from(budget: &Budget) -> Self {
        Self {
            name: budget.name(),
            quantile: None,
            limit: budget.objective,
            found: budget.time.into(),
            censored: 0.0,
            probability: budget.kept.into(),
            verdict: budget.verdict,
            without_planned: None,
            no_writer_at_the_end: IndexMap::new(),
            budget_seconds: Some(budget.seconds),
            budget_used: Some(budget.consumed.into()),
        }
    }
}

/// The availability of a journey, or of all journeys together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct AvailabilityDocument {
    /// Outages a trial.
    pub outages: DistributionDocument,
    /// Mean share of the time in which it was up.
    pub time_up: Estimate,
    /// The same as a number of nines, 3 for 99.9 %: `null` for all of the time.
    pub nines: Estimate,
    /// Mean share of requests that succeeded.
    pub requests: Estimate,
}

impl From<&Availability> for AvailabilityDocument {
    fn from(found: &Availability) -> Self {
        let in_nines = found.time.map(|time| Interval {
            estimate: nines(time.estimate),
            low: nines(time.low),
            high: nines(time.high),
            level: time.level,
        });
        Self {
            outages: (&found.outages).into(),
            time_up: found.time.into(),
            nines: in_nines.into(),
            requests: found.requests.into(),
        }
    }
}

/// The worst of each trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Worst {
    /// Seconds until every journey is up for good.
    pub recovery_time: DistributionDocument,
    /// Data loss in seconds of the worst store.
    pub loss_seconds: DistributionDocument,
}

/// A journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct JourneyDocument {
    /// Seconds from the start of the clock until it was up for good; where faults recur, of each outage.
    pub recovery_time: DistributionDocument,
    /// Seconds down.
    pub downtime: DistributionDocument,
    /// Requests that failed.
    pub failed_requests: DistributionDocument,
    /// Seconds of full traffic lost.
    pub lost_traffic: DistributionDocument,
    /// Requests that were served without a soft need.
    pub degraded_requests: DistributionDocument,
    /// Requests offered.
    pub offered_requests: DistributionDocument,
    /// The share of each cause, in the order of the stages.
    pub causes: IndexMap<String, CauseDocument>,
    /// Its availability.
    pub availability: AvailabilityDocument,
    /// Mean seconds up within the recovery time.
    pub up_within_recovery: MeanEstimate,
    /// Seconds from the start of the clock until it was first up for five minutes, or to the horizon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_back: Option<DistributionDocument>,
    /// Seconds of the downtime that were planned, which are no part of the recovery time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<DistributionDocument>,
    /// Mean latency of the requests that succeed, in seconds, by phase of each trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<PhasesDocument>,
    /// Percentiles of what its requests take, over all of all trials, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_percentiles: Option<PercentilesByPhase>,
}

/// Percentiles of what requests that succeed take, over all requests of all trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PercentilesByPhase {
    /// Before the clock started.
    pub before: PercentilesDocument,
    /// From then until the journey was up for good, or to the horizon; where faults recur, while it was down.
    pub during: PercentilesDocument,
    /// After that.
    pub after: PercentilesDocument,
}

/// Percentiles of one phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PercentilesDocument {
    /// Mean number of requests of a trial.
    pub requests: f64,
    /// By name, such as `p99`, in seconds.
    pub values: IndexMap<String, Estimate>,
}

impl From<&Percentiles> for PercentilesDocument {
    fn from(found: &Percentiles) -> Self {
        let values = PERCENTILES.iter().zip(found.values);
        let values = values.map(|(quantile, value)| (quantile_name(*quantile), value.into()));
        Self { requests: found.requests, values: values.collect() }
    }
}

impl From<&[Percentiles; 3]> for PercentilesByPhase {
    fn from([before, during, after]: &[Percentiles; 3]) -> Self {
        Self { before: before.into(), during: during.into(), after: after.into() }
    }
}

/// Mean latency of requests that succeed, in seconds: one value a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhasesDocument {
    /// Before the clock started.
    pub before: DistributionDocument,
    /// From then until the journey was up for good, or to the horizon; where faults recur, while it was down.
    pub during: DistributionDocument,
    /// After that.
    pub after: DistributionDocument,
}

impl From<&[Estimates; 3]> for PhasesDocument {
    fn from([before, during, after]: &[Estimates; 3]) -> Self {
        Self { before: before.into(), during: during.into(), after: after.into() }
    }
}

impl From<&JourneySummary> for JourneyDocument {
    fn from(journey: &JourneySummary) -> Self {
        Self {
            recovery_time: (&journey.recovery).into(),
            downtime: (&journey.downtime).into(),
            failed_requests: (&journey.failed).into(),
            lost_traffic: (&journey.lost_traffic).into(),
            degraded_requests: (&journey.degraded).into(),
            offered_requests: (&journey.offered).into(),
            causes: journey.causes.iter().map(|cause| (cause.name.clone(), cause.into())).collect(),
            availability: (&journey.availability).into(),
            up_within_recovery: journey.up.into(),
            first_back: Some((&journey.first_back).into()),
            planned: Some((&journey.planned).into()),
            latency: Some((&journey.latency).into()),
            latency_percentiles: journey.percentiles.as_ref().map(Into::into),
        }
    }
}

/// The share of one cause in a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CauseDocument {
    /// Mean failed requests.
    pub failed_requests: MeanEstimate,
    /// Mean seconds of the recovery time with this cause dominant.
    pub recovery_seconds: MeanEstimate,
}

impl From<&CauseMeans> for CauseDocument {
    fn from(cause: &CauseMeans) -> Self {
        Self { failed_requests: cause.failed.into(), recovery_seconds: cause.recovery.into() }
    }
}

/// A store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StoreDocument {
    /// Age in seconds of the oldest acknowledged write that is missing.
    pub loss_seconds: DistributionDocument,
    /// The fate of acknowledged writes.
    pub loss_count: LossCount,
    /// Seconds in which a copy got no new writes.
    pub at_risk: DistributionDocument,
    /// Trials that ended without a copy that takes writes: the writer was away, and no other had its place.
    pub no_writer: u64,
    /// What waited in it, if it is a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueDocument>,
}

/// What waited in a queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct QueueDocument {
    /// The most messages that waited at once, in all regions together.
    pub backlog_max: DistributionDocument,
    /// Seconds: the largest age of a message that waited.
    pub age_max: DistributionDocument,
    /// Seconds from the start of the clock until the backlog was back at its level then.
    pub caught_up: DistributionDocument,
    /// Seconds that the messages of a trial waited on average.
    pub delay_mean: DistributionDocument,
    /// Seconds that 99 % of the messages of a trial waited at most.
    pub delay_p99: DistributionDocument,
}

impl From<&QueueSummary> for QueueDocument {
    fn from(queue: &QueueSummary) -> Self {
        Self {
            backlog_max: (&queue.backlog).into(),
            age_max: (&queue.oldest).into(),
            caught_up: (&queue.caught_up).into(),
            delay_mean: (&queue.delay_mean).into(),
            delay_p99: (&queue.delay_p99).into(),
        }
    }
}

/// Numbers of acknowledged writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LossCount {
    /// Lost for good.
    pub lost: DistributionDocument,
    /// Back with their region.
    pub stranded: DistributionDocument,
    /// Back, and replaced by newer writes.
    pub overwritten: DistributionDocument,
    /// Arrived late and not missing.
    pub delayed: DistributionDocument,
}

impl From<&StoreSummary> for StoreDocument {
    fn from(store: &StoreSummary) -> Self {
        Self {
            loss_seconds: (&store.loss).into(),
            loss_count: LossCount {
                lost: (&store.lost).into(),
                stranded: (&store.stranded).into(),
                overwritten: (&store.overwritten).into(),
                delayed: (&store.delayed).into(),
            },
            at_risk: (&store.at_risk).into(),
            no_writer: store.no_writer,
            queue: store.queue.as_ref().map(Into::into),
        }
    }
}

/// A population of clients, over all its journeys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PopulationDocument {
    /// Requests that failed.
    pub failed_requests: DistributionDocument,
    /// Requests offered.
    pub offered_requests: DistributionDocument,
    /// Percentiles of what they take, over all of all trials, where that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_percentiles: Option<PercentilesByPhase>,
}

/// An instant that not every trial has to reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneDocument {
    /// Share of trials in which it happened.
    pub happened: Estimate,
    /// Seconds from the start of the clock, over the trials in which it happened.
    pub time: DistributionDocument,
}

impl From<&Milestone> for MilestoneDocument {
    fn from(milestone: &Milestone) -> Self {
        Self { happened: milestone.happened.into(), time: (&milestone.time).into() }
    }
}

/// The mean latency of served requests, in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LatencyDocument {
    /// Before the clock started.
    pub before: DistributionDocument,
    /// At the end of the trial, of all journeys together: what a journey waits for until then is in its own `latency`, which is
    /// over all of its time.
    pub after: DistributionDocument,
    /// When all is well, mean seconds of each part of a request, by journey.
    #[serde(default)]
    pub parts: IndexMap<String, IndexMap<String, f64>>,
    /// Parts whose time is not given: they take none.
    #[serde(default)]
    pub leaves_out: Vec<String>,
}

fn by_part(means: &[PartMean]) -> IndexMap<String, IndexMap<String, MeanEstimate>> {
    let mut parts: IndexMap<String, IndexMap<String, MeanEstimate>> = IndexMap::new();
    for PartMean { name, cause, failed, .. } in means {
        parts.entry(name.clone()).or_default().insert(cause.name().to_owned(), (*failed).into());
    }
    parts
}

impl RunDocument {
    /// The document of a run. `asked` is the number of trials that were asked for, if the run was stopped before.
    pub fn new(
        header: &Header,
        summary: &Summary,
        findings: &[FindingDocument],
        asked: Option<u64>,
        command: &str,
    ) -> Self {
        let quantiles = summary.objectives.iter().map(ObjectiveDocument::from);
        let populations = summary.populations.iter().map(|clients| {
            let document = PopulationDocument {
                failed_requests: (&clients.failed).into(),
                offered_requests: (&clients.offered).into(),
                latency_percentiles: clients.percentiles.as_ref().map(Into::into),
            };
            (clients.name.clone(), document)
        });
        Self {
            schema_version: SCHEMA_VERSION,
            experiment: header.name.clone(),
            description: header.description.clone(),
            version: header.version.clone(),
            hash: header.hash.clone(),
            seed: header.seed,
            trials: summary.trials,
            first_trial: summary.first_trial,
            trials_asked: asked.unwrap_or(summary.trials),
            complete: asked.is_none(),
            command: command.to_owned(),
            horizon: header.horizon,
            up_when: header.up_when,
            interval_level: LEVEL,
            faults: header.overview.faults.iter().map(Fault::sentence).collect(),
            recurring: header.recurring,
            objectives: quantiles.chain(summary.budgets().map(ObjectiveDocument::from)).collect(),
            availability: (&summary.availability).into(),
            worst: Worst {
                recovery_time: (&summary.worst_recovery).into(),
                loss_seconds: (&summary.worst_loss).into(),
            },
            journeys: summary.journeys.iter().map(|journey| (journey.name.clone(), journey.into())).collect(),
            stores: summary.stores.iter().map(|store| (store.name.clone(), store.into())).collect(),
            links: summary.links.iter().map(|link| (link.name.clone(), (&link.dangling).into())).collect(),
            populations: populations.collect(),
            parts: by_part(&summary.parts),
            milestones: summary.milestones.iter().map(|one| (one.name.clone(), one.into())).collect(),
            nervousness: summary.nervousness.clone().map(NervousDocument::from),
            latency: LatencyDocument {
                before: (&summary.latency.before).into(),
                after: (&summary.latency.after).into(),
                parts: header
                    .overview
                    .latency
                    .journeys
                    .iter()
                    .map(|(journey, parts)| (journey.clone(), parts.iter().cloned().collect()))
                    .collect(),
                leaves_out: header.overview.latency.left_out.clone(),
            },
            findings: findings.to_vec(),
            assumed: header.assumed.clone(),
            figures: header.figures.clone(),
            unknown: summary.unknown.clone(),
            questions: header.questions.clone(),
            resolved: header.resolved.clone(),
            cost: header.bill.as_ref().map(|bill| CostDocument::new(bill, summary.incident.as_ref())),
        }
    }
}
