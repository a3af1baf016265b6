//! Amazon Route 53: what DNS answers, to whom, and how it learns that an endpoint is unhealthy.

pub mod answers;
mod check_spec;
pub mod health_check;
pub mod routing;
mod spec;
pub mod zone;

use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use crate::about::About;
use crate::by_id::ById;
use crate::control_planes::Editing;
use crate::ids::{AlarmId, RegionId, StoreId};
use crate::needs::{Access, Asks, Need};
use crate::network::Partition;
use crate::services::Graph;
use crate::subjects::numbered;
pub use answers::Policy;
pub(crate) use check_spec::{OwnDnsKeys, own_check};
pub(crate) use spec::{DnsKeys, without_targets};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Route 53",
    modelled: "names, each with resolvers of its own; trees of records, each with one of the seven routing policies and fail-open within itself; answers with a health \
         check of their own, a common one, or none: on an endpoint's front, shallow and deep, calculated and inverted, or on an \
         alarm's metric, and what that says without data; the health of targets, up through records; pages from elsewhere; \
         several services behind one name or several; clients that go from address to address of the answer that they were given; \
         names that services call through, with caches of their callers; names that vanish, also those of stores and services, and \
         resolvers that keep the empty answer; \
         the time until a verdict or a routing control shows in answers; record edits, which \
         need the control plane in us-east-1 or, with accelerated recovery and an hour later, the one in us-west-2, \
         and none of AWS where another provider answers; failback by hand",
    not_modelled: "points of presence that disagree; a check with `insufficient-data = \"unhealthy\"` on a metric \
         that has no datapoints while nothing fails, which would fail in the calm: here the last status stays",
    sources: "each key names its page",
};

/// The subject of one child of a health check.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// The front: dead, or without a live target in rotation.
    Shallow,
    /// The front, and these needs.
    Deep(Vec<Need>),
    /// The metric of an alarm.
    Alarm {
        /// The alarm's index.
        alarm: AlarmId,
        /// Its status while there is not enough data.
        insufficient: Insufficient,
    },
}

/// The status of a check on an alarm's metric while there is not enough data, as when the alarm's region is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insufficient {
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
    /// Its last status; healthy if there is none yet.
    LastKnown,
}

/// One child of a calculated check; a plain check has exactly one.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// Its subject.
    pub look: Look,
    /// Whether its verdict is turned round.
    pub inverted: bool,
}

/// The health check of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Time between a response and the next request.
    pub interval: SimDuration,
    /// Consecutive contrary results that turn a checker.
    pub threshold: u32,
    /// Number of checkers.
    pub checkers: usize,
    /// Children; more than one make it a calculated check.
    pub children: Vec<Child>,
    /// Healthy children that make it healthy.
    pub healthy_children: usize,
}

/// The routing of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Where edits of records are made.
    pub editing: Editing,
    /// How DNS chooses.
    pub policy: Policy,
    /// The records' TTL.
    pub ttl: SimDuration,
    /// Time until a verdict or a routing control shows, in seconds.
    pub propagation: Distribution,
    /// Time until a record edit shows.
    pub record_edit: SimDuration,
    /// Time until edits are redirected when their control plane is lost, in seconds; they never are without.
    pub accelerated_recovery: Option<Distribution>,
    /// Whether traffic returns only when an operator says so.
    pub manual_failback: bool,
    /// Whether an endpoint without a healthy target is unhealthy.
    pub evaluate_target_health: bool,
    /// From the loss of a region until its endpoint counts as one without a healthy target, in seconds.
    pub target_health_lost: Distribution,
    /// The health check of each endpoint, if it has one; answers of policy `simple` do not look at it.
    pub checks: ById<RegionId, Option<Check>>,
}

/// Names that routing refers to.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Names of the regions that serve.
    pub regions: &'a [String],
    /// Whether each region is none of AWS: a data centre, or another cloud.
    pub outside: &'a ById<RegionId, bool>,
    /// The endpoints that the file may name.
    pub endpoints: &'a zone::Endpoints,
    /// What alarms and runbooks watch of health, by name.
    pub watched: &'a [String],
    /// The partition of AWS that the deployment is in.
    pub partition: Partition,
    /// Names of the stores.
    pub stores: &'a [String],
    /// Those among them that nobody reads.
    pub queues: &'a [StoreId],
    /// Names of the services.
    pub services: &'a [String],
    /// The services, and which of them requests reach.
    pub graph: &'a Graph,
    /// Names that the file writes out.
    pub resolved: &'a [String],
    /// Names of the populations.
    pub populations: &'a [String],
    /// Names of the alarms.
    pub alarms: &'a [String],
    /// Round-trip times: row = population, and behind those the region of callers, if some call through names; column = region.
    pub round_trips: &'a [Vec<f64>],
    /// Distances in km, likewise.
    pub distances: &'a [Vec<f64>],
}

impl Parameters {
    /// Routing among so many endpoints that nobody asks: no checks, nothing that could change.
    pub fn unused(endpoints: usize, partition: Partition) -> Self {
        let at_once = || Distribution::constant(0.0).expect("zero is a constant");
        Self {
            editing: Editing::Route53(partition),
            policy: Policy::Simple { only: None },
            ttl: SimDuration::ZERO,
            propagation: at_once(),
            record_edit: SimDuration::ZERO,
            accelerated_recovery: None,
            manual_failback: false,
            evaluate_target_health: false,
            target_health_lost: at_once(),
            checks: ById::new(endpoints, None),
        }
    }

    /// Whether anything keeps answers away from an endpoint that fails: a check that can turn, or the health of its
    /// targets. Nothing does with policy `simple`.
    pub fn guards(&self, region: RegionId) -> bool {
        let checked = self.checks.get(region).and_then(Option::as_ref).is_some_and(Check::turns);
        !matches!(self.policy, Policy::Simple { .. }) && (checked || self.evaluate_target_health)
    }

    /// Whether somebody says of an endpoint whether it is healthy, for alarms and runbooks.
    pub fn watches(&self, region: RegionId) -> bool {
        self.evaluate_target_health || self.checks.get(region).is_some_and(Option::is_some)
    }
}

impl Look {
    /// What it is, in words: what the random numbers of a child go by.
    fn subject(&self, stores: &[String], services: &[String], alarms: &[String]) -> String {
        match self {
            Self::Shallow => SHALLOW.to_owned(),
            Self::Deep(needs) => {
                let need = |need: &Need| match need.asks {
                    Asks::Store { access: Access::Read, store } => format!("/read-{}", stores[store.index()]),
                    Asks::Store { access: Access::Write, store } => format!("/write-{}", stores[store.index()]),
                    Asks::Service(call) => format!("/call-{}", services[call.service.index()]),
                };
                format!("deep{}", needs.iter().map(need).collect::<String>())
            }
            Self::Alarm { alarm, .. } => format!("alarm/{}", alarms[alarm.index()]),
        }
    }
}

/// The subject of a shallow child.
const SHALLOW: &str = "shallow";

impl Check {
    /// What the random numbers of its children go by, for an endpoint at this path. A check without children of its own goes
    /// by the path, whatever it looks at, and so does a first shallow child: designs that differ in their checks share what
    /// they can. Other children go by what they look at, so that one more of them moves no numbers of the others.
    pub(crate) fn paths(&self, path: &str, stores: &[String], services: &[String], alarms: &[String]) -> Vec<String> {
        let subjects = numbered(self.children.iter().map(|child| child.look.subject(stores, services, alarms)));
        let alone = subjects.len() == 1;
        let of =
            |subject: String| if alone || subject == SHALLOW { path.to_owned() } else { format!("{path}/{subject}") };
        subjects.into_iter().map(of).collect()
    }

    /// Whether it can turn at all. A calculated check that needs no healthy child is always healthy.
    pub const fn turns(&self) -> bool {
        self.healthy_children > 0
    }

    /// Stores that any child exercises with a write.
    pub fn deep_writes(&self) -> impl Iterator<Item = StoreId> + '_ {
        let needs = |child: &Child| match &child.look {
            Look::Deep(needs) => needs.clone(),
            Look::Shallow | Look::Alarm { .. } => Vec::new(),
        };
        let accesses = self.children.iter().flat_map(needs).filter_map(|need| need.access());
        accesses.filter(|(access, _)| *access == Access::Write).map(|(_, store)| store)
    }

    /// Alarms whose metric a child evaluates, in the order of the children.
    pub fn alarms(&self) -> impl Iterator<Item = AlarmId> + '_ {
        self.children.iter().filter_map(|child| match child.look {
            Look::Alarm { alarm, .. } => Some(alarm),
            Look::Shallow | Look::Deep(_) => None,
        })
    }
}
