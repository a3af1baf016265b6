//! What one trial came to: the figures that measures are taken from.

use models::cause::{CAUSES, Cause};
use models::stores::Loss;
use sim_core::time::{SimDuration, SimTime};

use super::latency::PHASES;

/// One trial that is over. Instants count from the start of the clock; none means that it did not happen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    /// By journey, in file order.
    pub journeys: Vec<JourneyTrial>,
    /// All journeys together.
    pub overall: Uptime,
    /// From the clock's start until every journey is up for good; none = censored.
    pub worst_recovery: Option<SimDuration>,
    /// By store, in file order.
    pub stores: Vec<StoreTrial>,
    /// By population, in file order.
    pub populations: Vec<PopulationTrial>,
    /// By part behind the fronts: requests that it failed, by cause.
    pub parts: Vec<[f64; CAUSES]>,
    /// By link, in file order: writes that refer to such as are missing.
    pub links: Vec<f64>,
    /// By queue.
    pub queues: Vec<QueueTrial>,
    /// By alarm, in file order: when it first fired.
    pub alarms: Vec<Option<SimDuration>>,
    /// When the clock started, from the start of the trial.
    pub clock: Option<SimTime>,
    /// From when recovery times count: the first fault that starts the clock; without one, planned work.
    pub counts_from: Option<SimTime>,
    /// How many faults that start the clock began.
    pub faults: u32,
    /// When a health check turned or an alarm fired, whichever came first.
    pub detected: Option<SimDuration>,
    /// When a health check first turned.
    pub health_flip: Option<SimDuration>,
    /// When an answer first changed.
    pub answer_change: Option<SimDuration>,
    /// By name, where there are several.
    pub names: Vec<NameTrial>,
    /// When 50 %, 90 % and 99 % of the struck region's traffic went elsewhere.
    pub moved: [Option<SimDuration>; 3],
    /// What blips bring about, where faults include some.
    pub nervous: NervousTrial,
    /// Mean latency in seconds of served requests before the clock started, if any were served.
    pub latency_before: Option<f64>,
    /// The same at the end of the trial.
    pub latency_after: Option<f64>,
}

/// A time that may not be known and may not be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Time {
    /// There is none.
    #[default]
    Absent,
    /// It takes longer than the trial.
    Censored,
    /// This long.
    Known(SimDuration),
}

/// What checks make of blips in one trial, and of what is real.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NervousTrial {
    /// How often traffic was led away while no fault but blips was under way.
    pub failovers: u32,
    /// Time in which no fault but blips was under way.
    pub quiet: SimDuration,
    /// From the first real fault until a check turned or an alarm fired.
    pub noticed: Time,
}

/// One of several names in one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NameTrial {
    /// When an answer of it first changed.
    pub answer_change: Option<SimDuration>,
    /// When 50 %, 90 % and 99 % of the struck region's traffic under it went elsewhere.
    pub moved: [Option<SimDuration>; 3],
}

/// One journey in one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JourneyTrial {
    /// The recovery time; none = censored.
    pub recovery: Option<SimDuration>,
    /// Time not up since the clock started.
    pub downtime: SimDuration,
    /// Requests offered.
    pub offered: f64,
    /// Requests that failed.
    pub failed: f64,
    /// Requests served without a soft need.
    pub degraded: f64,
    /// Failed requests by cause.
    pub causes: [f64; CAUSES],
    /// The recovery time by cause, of a censored one until the horizon.
    pub stages: [SimDuration; CAUSES],
    /// What of the recovery time it was up.
    pub up_between: SimDuration,
    /// Seconds of full traffic that failed since the clock started.
    pub lost_traffic: f64,
    /// From the start of the clock to the first return that lasts; absent without a clock.
    pub first_back: Time,
    /// Time down in planned outages since the clock started.
    pub planned: SimDuration,
    /// Over the whole trial.
    pub uptime: Uptime,
    /// Mean latency in seconds before the clock started, until the journey was back for good, and after that.
    pub latency: [Option<f64>; PHASES],
}

impl JourneyTrial {
    /// Requests that failed from a cause.
    pub const fn failed_by(&self, cause: Cause) -> f64 {
        self.causes[cause.index()]
    }

    /// What of the recovery time it was down from a cause.
    pub const fn stage(&self, cause: Cause) -> SimDuration {
        self.stages[cause.index()]
    }
}

/// How much of a whole trial was up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Uptime {
    /// How many outages there were.
    pub outages: usize,
    /// The share of the time, 0 to 1.
    pub availability: f64,
    /// The share of requests that succeeded, 0 to 1.
    pub success: f64,
}

/// One store in one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct StoreTrial {
    /// Writes that are missing, late or replaced.
    pub loss: Loss,
    /// When a promotion was first complete.
    pub promoted: Option<SimDuration>,
    /// When a copy was first a cluster of its own.
    pub detached: Option<SimDuration>,
    /// When applications were first told of it.
    pub repointed: Option<SimDuration>,
    /// When a restore from a backup was first complete.
    pub restored: Option<SimDuration>,
    /// When every copy was whole again, if any had to be built anew.
    pub rebuilt: Time,
    /// For how long some copy got no new writes since the clock started.
    pub at_risk: SimDuration,
}

/// One queue in one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QueueTrial {
    /// The most messages that waited.
    pub largest: f64,
    /// The largest age of one, in seconds.
    pub oldest: f64,
    /// Seconds until the backlog was back at its level at the start of the clock.
    pub caught_up: f64,
    /// Mean and 99th percentile of the seconds that messages waited, if any were consumed.
    pub delays: Option<(f64, f64)>,
}

/// One population in one trial.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PopulationTrial {
    /// Requests that failed.
    pub failed: f64,
    /// Requests offered.
    pub offered: f64,
}
