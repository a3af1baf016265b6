//! Why a request failed: the first stage that failed it.

/// The stages, in the order in which a request passes them; ties between causes go to the earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cause {
    /// The endpoint is dead or gray and its health check has not turned yet.
    Detection,
    /// The health check has turned, routing does not see it yet.
    Propagation,
    /// Routing sees it and would no longer answer with the endpoint; a cached answer still does.
    DnsCache,
    /// Routing still leads to the endpoint (fail-open, no health check), there is no way to what is needed, or the edge refuses
    /// what a runbook sheds.
    NoPath,
    /// Dead targets are still in the load balancer's rotation.
    Targets,
    /// More load than the live targets carry.
    Capacity,
    /// The writer cannot be reached and nobody has begun to promote another.
    Decision,
    /// A promotion is under way.
    Promotion,
    /// The promotion is done, the name of the writer has not followed yet.
    EndpointUpdate,
    /// Any other need that fails.
    Dependency,
    /// It would have succeeded, later than whoever waits for it does.
    Slow,
}

/// Number of causes.
pub const CAUSES: usize = 11;

impl Cause {
    /// The causes of what fails behind the fronts, in the order of the stages.
    pub const BEHIND: [Self; 7] = [
        Self::Targets,
        Self::Capacity,
        Self::Decision,
        Self::Promotion,
        Self::EndpointUpdate,
        Self::Dependency,
        Self::Slow,
    ];

    /// All causes, in the order of the stages.
    pub const ALL: [Self; CAUSES] = [
        Self::Detection,
        Self::Propagation,
        Self::DnsCache,
        Self::NoPath,
        Self::Targets,
        Self::Capacity,
        Self::Decision,
        Self::Promotion,
        Self::EndpointUpdate,
        Self::Dependency,
        Self::Slow,
    ];

    /// The name in data and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Detection => "detection",
            Self::Propagation => "propagation",
            Self::DnsCache => "dns-cache",
            Self::NoPath => "no-path",
            Self::Targets => "targets",
            Self::Capacity => "capacity",
            Self::Decision => "decision",
            Self::Promotion => "promotion",
            Self::EndpointUpdate => "endpoint-update",
            Self::Dependency => "dependency",
            Self::Slow => "slow",
        }
    }

    /// The cause of that name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// The event that a request waits for while this cause fails it.
    pub const fn waits_for(self) -> &'static str {
        match self {
            Self::Detection => "the health check has not turned yet",
            Self::Propagation => "Route 53 does not answer with the verdict yet",
            Self::DnsCache => "resolvers, or connections that stand, hold the old answer",
            Self::NoPath => {
                "DNS still leads there: it fails open or has no other endpoint; or a partition lies before the new writer; or a \
                 runbook sheds load, which the edge then refuses"
            }
            Self::Targets => "the load balancer still sends requests to instances that are dead",
            Self::Capacity => "the instances that live carry less than what arrives",
            Self::Decision => "the writer cannot be reached and nobody has begun to promote",
            Self::Promotion => "a promotion is under way",
            Self::EndpointUpdate => "the promotion is done, the writer's name still points to the old one",
            Self::Dependency => "something else that the journey needs does not work",
            Self::Slow => "the answer comes later than whoever asked waits for it",
        }
    }

    /// The means to make that time shorter.
    pub const fn shortened_by(self) -> &'static str {
        match self {
            Self::Detection => "interval, failure threshold; an alarm, if the check sees nothing",
            Self::Propagation => "nothing that you can set",
            Self::DnsCache => "TTL; resolvers that ignore it are beyond reach",
            Self::NoPath => "somewhere to go; of load that is shed, a sooner step `admit`",
            Self::Targets => "probe interval and threshold",
            Self::Capacity => {
                "a reserve; a metric that can ask for more; against a storm of retries fewer attempts or a shorter queue"
            }
            Self::Decision => "alarms, rehearsals, authority",
            Self::Promotion => "the service",
            Self::EndpointUpdate => "endpoint and its TTL",
            Self::Dependency => "fewer needs, or soft ones; of spoiled data a sooner restore",
            Self::Slow => "whatever is slow; time limits that fit it; soft needs with a time limit",
        }
    }

    /// Its place in the order of the stages.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// The reason besides its health that keeps new traffic away from an endpoint: an edit, a routing control or a dial
/// that an operator has set to other regions, or a bar until somebody lets it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// Nothing.
    None,
    /// Something that answers do not show yet.
    Coming,
    /// Something that answers show.
    Visible,
}
