//! Measures: from the flows and happenings of one trial to its row of figures.
//!
//! ```text
//! Deployment --flows, happenings--> Recorder --> Trial --table of measures--> row --> TrialTable
//! ```
//!
//! The [`Recorder`] watches a trial and yields a [`Trial`]. The [`TABLE`] says which figures are taken from it, and
//! [`Columns`] lays them out for one deployment. Everything that reads rows asks by the table's own names, such as
//! [`RECOVERY`]: `table.of(measure::RECOVERY, Journey(0))`.

mod columns;
mod journey;
pub mod latencies;
mod latency;
mod measures;
mod moves;
mod nervous;
pub mod outage;
mod parts;
mod passages;
mod planned;
mod recorder;
mod subject;
mod timeline;
mod trial;
mod worker;

pub use columns::{Columns, Mismatch};
pub use journey::dominant;
pub use latency::PHASES;
pub use measures::*;
pub use recorder::Recorder;
pub use subject::{
    Alarm, CauseOf, Journey, Link, Part, PartCause, Population, Queue, Resolved, Store, Subject, Subjects, Whole,
    Writer,
};
pub use trial::{JourneyTrial, NervousTrial, PopulationTrial, QueueTrial, StoreTrial, Time, Trial, Uptime};
pub use worker::Worker;
