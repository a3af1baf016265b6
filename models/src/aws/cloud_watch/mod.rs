//! Amazon `CloudWatch`: metrics averaged over periods, and alarms on M of N of them.
//!
//! Modelled:      tumbling periods aligned to one wall clock; datapoints that arrive late, and periods that have none: a
//!                period without a datapoint is looked at when its datapoint would have arrived, and one that is late is
//!                missing until it comes; M of N over N + 2 periods with the four ways to treat missing data; metrics that
//!                are published only when they are not zero; an alarm that lives in a region and is blind while that is
//!                out. Periods before the start are real and do not breach.
//! Not modelled:  sliding windows of periods over a minute, composite alarms, metric math, high-resolution metrics.
//! Sources:       M of N, missing data with its truth tables: documented; that N + 2 periods are looked at: the documented
//!                examples, else assumed; ingestion delay: assumed.

mod alarm;
mod evaluation;
mod periods;
mod spec;

pub use alarm::{Alarm, Event, Turned};
pub use evaluation::State;
pub(super) use periods::Periods;
pub use spec::{METRICS, Metric, Missing, Parameters, read_ingestion};

/// Whether a datapoint lies above a threshold, by more than rounding makes of one that just reaches it: 1e-9.
pub(super) fn exceeds(value: f64, threshold: f64) -> bool {
    value > threshold + 1e-9
}
