//! What an owner can turn: each lever is one step that an engineer would try, as overrides of the file.
//!
//! ```text
//! Topology and resolved text -> levers -> Lever (kind, sentence, Changes) -> advise: alone, in pairs, in sets
//! ```
//!
//! A lever is one function in a file of its group, listed in `LEVERS`. What could not work here is not given.

mod alarms;
mod automation;
mod capacity;
mod checks;
mod clients;
mod needs;
mod people;
mod routing;
mod site;
mod step;
mod stores;

use models::deployment::Topology;

use site::Site;

/// The sort of a lever; its word is stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A shorter TTL of records.
    DnsTtl,
    /// Traffic returns by hand, or by itself.
    Failback,
    /// An accelerator in place of DNS.
    Accelerator,
    /// Faster checks of an accelerator.
    AcceleratorCheck,
    /// Fewer attempts of the edge at its first origin.
    EdgeAttempts,
    /// Errors that the edge keeps for less time.
    EdgeErrors,
    /// A shorter interval between probes of Route 53.
    CheckInterval,
    /// Fewer failures until a checker turns.
    CheckThreshold,
    /// A check that does not look behind the front.
    ShallowCheck,
    /// A check where there is none.
    NewCheck,
    /// Endpoints without a healthy target count as unhealthy.
    TargetHealth,
    /// Faster checks of targets.
    TargetCheck,
    /// More instances from the start.
    Reserve,
    /// A group that may grow further.
    LargerGroup,
    /// Instances that were initialised beforehand.
    WarmPool,
    /// A scaling metric that can show more than 100 %.
    ScalingMetric,
    /// Datapoints every minute.
    Monitoring,
    /// Instances that launch faster.
    LaunchTime,
    /// A shorter warm-up.
    WarmUp,
    /// The balancer's checks count for replacement.
    ReplacementCheck,
    /// Environments that are always ready.
    Provisioned,
    /// A higher quota.
    Quota,
    /// People who decide faster.
    Approval,
    /// Automation instead of an approval.
    Automation,
    /// People who notice faster.
    Paging,
    /// An alarm instead of somebody who notices.
    AlarmInsteadOfPeople,
    /// A shorter period of an alarm.
    AlarmPeriod,
    /// Fewer datapoints of an alarm.
    AlarmDatapoints,
    /// An alarm and a runbook that take a failing region out.
    NewAlarm,
    /// An alarm and a runbook that promote a copy.
    NewPromotion,
    /// Automation that lives elsewhere.
    AutomationRegion,
    /// Routing controls instead of edits of records.
    RoutingControl,
    /// Edits of records that work while us-east-1 is out.
    AcceleratedRecovery,
    /// One more attempt at a step that may fail.
    StepRetry,
    /// Writes through the copy nearby.
    WriteForwarding,
    /// No address of a writer that has moved.
    Proxy,
    /// Strong consistency instead of asynchronous replication.
    Quorum,
    /// Replication Time Control.
    TimeControl,
    /// An access point that leads to any bucket.
    AccessPoint,
    /// A bound on the lag.
    LagBound,
    /// Copies that carry more.
    StoreCapacity,
    /// Retries of clients.
    Retries,
    /// A shorter timeout of clients.
    Timeout,
    /// A shorter timeout of connecting.
    ConnectTimeout,
    /// Connections that live for less time.
    ConnectionLife,
    /// A need that requests can do without.
    SoftNeed,
    /// Values that callers keep.
    CachedFor,
    /// Calls that go where they are answered.
    CallNearest,
    /// Calls that are tried again.
    CallAttempts,
    /// A service in every region.
    EveryRegion,
    /// More points to restore from.
    RestorePoints,
}

impl Kind {
    /// As documents write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::DnsTtl => "dns-ttl",
            Self::Failback => "failback",
            Self::Accelerator => "accelerator",
            Self::AcceleratorCheck => "accelerator-check",
            Self::EdgeAttempts => "edge-attempts",
            Self::EdgeErrors => "edge-errors",
            Self::CheckInterval => "check-interval",
            Self::CheckThreshold => "check-threshold",
            Self::ShallowCheck => "shallow-check",
            Self::NewCheck => "new-check",
            Self::TargetHealth => "target-health",
            Self::TargetCheck => "target-check",
            Self::Reserve => "reserve",
            Self::LargerGroup => "larger-group",
            Self::WarmPool => "warm-pool",
            Self::ScalingMetric => "scaling-metric",
            Self::Monitoring => "monitoring",
            Self::LaunchTime => "launch-time",
            Self::WarmUp => "warm-up",
            Self::ReplacementCheck => "replacement-check",
            Self::Provisioned => "provisioned-concurrency",
            Self::Quota => "quota",
            Self::Approval => "approval",
            Self::Automation => "automation",
            Self::Paging => "paging",
            Self::AlarmInsteadOfPeople => "alarm-instead-of-people",
            Self::AlarmPeriod => "alarm-period",
            Self::AlarmDatapoints => "alarm-datapoints",
            Self::NewAlarm => "new-alarm",
            Self::NewPromotion => "new-promotion",
            Self::AutomationRegion => "automation-region",
            Self::RoutingControl => "routing-control",
            Self::AcceleratedRecovery => "accelerated-recovery",
            Self::StepRetry => "step-retry",
            Self::WriteForwarding => "write-forwarding",
            Self::Proxy => "proxy",
            Self::Quorum => "quorum",
            Self::TimeControl => "time-control",
            Self::AccessPoint => "access-point",
            Self::LagBound => "lag-bound",
            Self::StoreCapacity => "store-capacity",
            Self::Retries => "retries",
            Self::Timeout => "timeout",
            Self::ConnectTimeout => "connect-timeout",
            Self::ConnectionLife => "connection-life",
            Self::SoftNeed => "soft-need",
            Self::CachedFor => "cached-for",
            Self::CallNearest => "call-nearest",
            Self::CallAttempts => "call-attempts",
            Self::EveryRegion => "every-region",
            Self::RestorePoints => "restore-points",
        }
    }
}

/// How much there is to do for a lever, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// A setting of what is there.
    Setting,
    /// More of what is there, day by day.
    Capacity,
    /// People or an application do something else.
    Practice,
    /// A part that is not there yet.
    Part,
}

impl Kind {
    /// How much there is to do.
    pub const fn effort(self) -> Effort {
        match self {
            Self::DnsTtl
            | Self::Failback
            | Self::AcceleratorCheck
            | Self::EdgeAttempts
            | Self::EdgeErrors
            | Self::CheckInterval
            | Self::CheckThreshold
            | Self::ShallowCheck
            | Self::TargetHealth
            | Self::TargetCheck
            | Self::LargerGroup
            | Self::ScalingMetric
            | Self::Monitoring
            | Self::WarmUp
            | Self::ReplacementCheck
            | Self::Quota
            | Self::AlarmPeriod
            | Self::AlarmDatapoints
            | Self::AutomationRegion
            | Self::AcceleratedRecovery
            | Self::StepRetry
            | Self::WriteForwarding
            | Self::TimeControl
            | Self::LagBound
            | Self::ConnectionLife
            | Self::CallAttempts
            | Self::RestorePoints => Effort::Setting,
            Self::Reserve | Self::WarmPool | Self::Provisioned | Self::StoreCapacity => Effort::Capacity,
            Self::LaunchTime
            | Self::Approval
            | Self::Automation
            | Self::Paging
            | Self::Retries
            | Self::Timeout
            | Self::ConnectTimeout
            | Self::SoftNeed
            | Self::CachedFor
            | Self::CallNearest => Effort::Practice,
            Self::Accelerator
            | Self::NewCheck
            | Self::AlarmInsteadOfPeople
            | Self::NewAlarm
            | Self::NewPromotion
            | Self::RoutingControl
            | Self::Proxy
            | Self::Quorum
            | Self::AccessPoint
            | Self::EveryRegion => Effort::Part,
        }
    }
}

/// One setting that a lever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key's path, as `--set` takes it; a last element `+` adds to a list.
    pub key: String,
    /// The new value as TOML.
    pub value: String,
    /// The value in use where the file does not write it, in the form of the file.
    pub now: Option<String>,
}

/// One step that an engineer would try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lever {
    /// Its sort.
    pub kind: Kind,
    /// The step in a few words, without a full stop: `dns.ttl 60s -> 30s`, for example, in plain words.
    pub title: String,
    /// What it changes in the file, at least one setting.
    pub changes: Vec<Change>,
    /// Keys that it needs as they are: a lever that changes one of them does not go with it.
    pub presumes: Vec<&'static str>,
}

impl Lever {
    fn new(kind: Kind, title: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { kind, title: title.into(), changes, presumes: Vec::new() }
    }

    fn presuming(self, presumes: &[&'static str]) -> Self {
        Self { presumes: presumes.to_vec(), ..self }
    }

    /// Whether both can be turned together: neither changes what the other changes or needs as it is.
    pub fn goes_with(&self, other: &Self) -> bool {
        let apart = |one: &Self, key: &str| one.changes.iter().all(|change| !overlap(&change.key, key));
        other.changes.iter().all(|change| apart(self, &change.key))
            && other.presumes.iter().all(|key| apart(self, key))
            && self.presumes.iter().all(|key| apart(other, key))
    }

    /// Its changes as settings that `--set` takes.
    pub fn sets(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.changes.iter().map(|change| (change.key.clone(), change.value.clone()))
    }
}

/// Whether one path is the other or lies in it. What is added to a list is nobody else's.
fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !one.ends_with(".+") && !other.ends_with(".+") && (within(one, other) || within(other, one))
}

/// A lever as a function: one for each part of the deployment that it can be turned at.
type Turn = fn(&Site<'_>) -> Vec<Lever>;

/// All levers. A new one is a function in the file of its group, and its line here.
const LEVERS: &[Turn] = &[
    people::approval,
    people::automation,
    people::paging,
    people::alarm_instead_of_people,
    alarms::period,
    alarms::datapoints,
    alarms::new_alarm,
    alarms::new_promotion,
    automation::region,
    automation::routing_control,
    automation::accelerated_recovery,
    automation::step_retry,
    routing::ttl,
    routing::failback,
    routing::accelerator,
    routing::accelerator_check,
    routing::edge_attempts,
    routing::edge_errors,
    checks::interval,
    checks::threshold,
    checks::shallow,
    checks::new_check,
    checks::target_health,
    checks::target_check,
    capacity::reserve,
    capacity::larger_group,
    capacity::warm_pool,
    capacity::scaling_metric,
    capacity::monitoring,
    capacity::launch_time,
    capacity::warm_up,
    capacity::replacement_check,
    capacity::provisioned,
    capacity::quota,
    stores::write_forwarding,
    stores::proxy,
    stores::quorum,
    stores::time_control,
    stores::access_point,
    stores::lag_bound,
    stores::capacity,
    stores::restore_points,
    clients::retries,
    clients::timeout,
    clients::connect_timeout,
    clients::connection_life,
    needs::soft,
    needs::cached,
    needs::nearest,
    needs::attempts,
    needs::every_region,
];

/// Every lever of a deployment, in a fixed order. `resolved` is the text that it was read from.
pub fn levers(topology: &Topology, resolved: &str) -> Vec<Lever> {
    let site = Site::new(topology, resolved);
    LEVERS.iter().flat_map(|turn| turn(&site)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, Kind, Lever, overlap};

    #[test]
    fn levers_go_together_unless_one_changes_what_the_other_does() {
        for (one, other, both) in [
            ("dns.ttl", "dns.ttl", true),
            ("dns", "dns.ttl", true),
            ("dns.ttl", "dns.ttl-limit", false),
            ("dns.ttl", "dns.failback", false),
            ("alarms.+", "alarms.+", false),
            ("alarms.+", "alarms.errors.period", false),
        ] {
            assert_eq!((overlap(one, other), overlap(other, one)), (both, both), "{one} {other}");
        }
        let lever = |key: &str| {
            Lever::new(Kind::DnsTtl, "t", vec![Change { key: key.to_owned(), value: "1".to_owned(), now: None }])
        };
        assert!(lever("a.b").goes_with(&lever("a.c")) && !lever("a.b").goes_with(&lever("a")));
    }
}
