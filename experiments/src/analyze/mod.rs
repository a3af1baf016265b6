//! From rows to statements: quantiles, means, probabilities and verdicts, each with its uncertainty.
//!
//! Nothing here is a bare point estimate. Where the sample cannot support a figure there is a [`Refusal`], which says in
//! words why, instead of a number. A censored value (positive infinity in the table) is greater than every number in a
//! quantile and makes a mean unknowable; an absent one (NaN) did not happen and is left out, its share told apart.

mod availability;
mod estimate;
mod milestones;
mod objectives;
mod recovery;
mod stages;
mod summary;

pub use availability::{Availability, Budget, nines};
pub use estimate::{Estimates, LEVEL, Mean, Observation, QUANTILES, Refusal, Sample, mean_share, share};
pub use milestones::{Milestone, Moment};
pub use objectives::{Assessed, Verdict};
pub(crate) use recovery::recoveries;
pub use recovery::watched;
pub use stages::{Stage, Stages, at_percentile, outage_at};
pub use summary::{CauseMeans, JourneySummary, Latency, PopulationSummary, StoreSummary, Summary};
