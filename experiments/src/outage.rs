//! Outages: stretches of time in which a journey was down, each with the fault that it is counted from.

use models::cause::CAUSES;

/// One outage of a journey in one trial. Times are in seconds from the trial's start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outage {
    /// The number of the trial.
    pub trial: u64,
    /// The journey's place in the file; none means any journey, which is the scope of an RTO.
    pub journey: Option<usize>,
    /// Its start.
    pub start: f64,
    /// Its end; infinite if it had not ended at the horizon.
    pub end: f64,
    /// The latest fault before it: its place in the file, and its start. Without such a fault, the first one that began
    /// during the outage, if there is one.
    pub fault: Option<(usize, f64)>,
    /// From that fault to the end, in seconds: infinite if the outage had not ended, not a number without a fault.
    pub recovery: f64,
    /// Time down within it, in seconds.
    pub downtime: f64,
    /// Requests that failed within it.
    pub failed: f64,
    /// The cause that was dominant for longest, by its place among the stages.
    pub cause: usize,
    /// The recovery time by stage, in seconds, time up last; of an outage that had not ended, until the horizon.
    pub stages: [f64; CAUSES + 1],
}
