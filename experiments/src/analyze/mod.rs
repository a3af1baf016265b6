//! From rows to statements: quantiles, means, probabilities and verdicts, each with its uncertainty.
//!
//! There are no bare point estimates. Where the sample cannot support a figure there is a [`Refusal`] instead, which
//! gives the reason in words. A censored value (positive infinity in the table) is larger than every number in a
//! quantile and makes a mean unknown; an absent one (NaN) did not happen and is left out, and its share is told
//! separately.

mod availability;
mod estimate;
mod incident;
mod latency;
mod milestones;
mod nervous;
mod objectives;
mod recovery;
mod stages;
mod summary;
mod writerless;

pub use availability::{Availability, Budget, nines};
pub use estimate::{Estimates, LEVEL, Mean, Observation, QUANTILES, Refusal, Sample, mean_share, share};
pub use incident::IncidentCost;
pub use latency::{PERCENTILES, Percentiles};
pub(crate) use latency::{distribution, judged, latency, never_back};
pub use milestones::{Milestone, Moment};
pub use nervous::Nervousness;
pub use objectives::{Assessed, Verdict};
pub use recovery::watched;
pub(crate) use recovery::{recoveries, sample_of};
pub use stages::{STAGE_QUANTILES, Stage, Stages, at_percentile, outage_at};
pub use summary::{
    CauseMeans, JourneySummary, Latency, LinkSummary, PartMean, PopulationSummary, QueueSummary, StoreSummary, Summary,
    UP_AGAIN, Unclocked,
};
pub use writerless::Writerless;
