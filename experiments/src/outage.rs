//! Outages: stretches of time in which a journey was down, each with the fault that it is counted from.

use models::cause::CAUSES;

/// One outage of a journey in one trial. Times are in seconds from the trial's start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outage {
    /// The trial.
    pub trial: u64,
    /// The journey's place in the file; none = any journey was down, which is what an RTO is held against.
    pub journey: Option<usize>,
    /// When it began.
    pub start: f64,
    /// When it ended; infinite if it had not at the horizon.
    pub end: f64,
    /// The latest fault before it: its place in the file, and when it began. Without one, the first that began while it
    /// lasted, if any did.
    pub fault: Option<(usize, f64)>,
    /// From that fault to the end, in seconds: infinite if it had not ended, not a number without a fault.
    pub recovery: f64,
    /// Time not up within it, in seconds.
    pub downtime: f64,
    /// Requests that failed within it.
    pub failed: f64,
    /// The cause under which it was down longest, by its place among the stages.
    pub cause: usize,
    /// The recovery time by stage, being up last, in seconds; of one that had not ended, until the horizon.
    pub stages: [f64; CAUSES + 1],
}
