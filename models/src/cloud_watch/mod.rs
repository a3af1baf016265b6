//! Amazon `CloudWatch`: metrics averaged over periods, and alarms on M of N of them.

mod alarm;
mod composite;
mod evaluation;
mod spec;

pub use alarm::{Alarm, Due, Turned};
pub use composite::{Composite, Known, Rule};
pub use evaluation::State;
pub(crate) use spec::{AlarmTable, CloudWatchKeys};
pub use spec::{METRICS, Metric, Missing, Names, Parameters, Threshold, name_of, read_ingestion, without_datapoints};

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "CloudWatch",
    modelled: "tumbling periods aligned to one wall clock; datapoints that arrive late, and periods that have none; M of N over \
         N + 2 periods with the four ways to treat missing data, and silence after a breach; errors of a load balancer that \
         are published only when there are some; an alarm that lives in a region and is blind while that is out; composite \
         alarms over others of one region; periods of 10 s, 20 s and 30 s for metrics of high resolution",
    not_modelled: "sliding windows of periods over a minute, metric math; suppressors of composite alarms",
    sources: "M of N, missing data with its truth tables: documented; that N + 2 periods are looked at: as in the documented \
         examples, else assumed; ingestion delay: assumed",
};
