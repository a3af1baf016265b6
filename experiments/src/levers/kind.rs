//! The sorts of levers, and how much there is to do for each.

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
    /// A shorter line of requests before a service.
    QueueLimit,
    /// The newest request of a line first.
    QueueOrder,
    /// More capacity of a service that nobody scales.
    ServiceCapacity,
    /// More capacity of what works a queue off.
    ConsumerCapacity,
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
            Self::QueueLimit => "queue-limit",
            Self::QueueOrder => "queue-order",
            Self::ServiceCapacity => "service-capacity",
            Self::ConsumerCapacity => "consumer-capacity",
        }
    }
}

/// How much there is to do for a lever, the least first. What it costs is a matter of prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// A setting or a size of what is there.
    Setting,
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
            | Self::RestorePoints
            | Self::QueueLimit
            | Self::QueueOrder
            | Self::Reserve
            | Self::WarmPool
            | Self::Provisioned
            | Self::StoreCapacity
            | Self::ServiceCapacity
            | Self::ConsumerCapacity => Effort::Setting,
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
