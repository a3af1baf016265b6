//! How much of everything a deployment uses in a month, as it stands before any fault.
//!
//! Kinds of compute and of stores are matched one by one, so that a new kind does not compile until it is counted.

use models::compute::Parameters as Compute;
use models::compute::ecs::Room;
use models::deployment::{NamedStore, Topology};
use models::fronts::route53::Check;
use models::needs::Access;
use models::runbooks::{Action, Means};
use models::services::Tier;
use models::stores::Parameters;

use super::bill::Line;
use crate::usage;

/// Hours of a month: a twelfth of a year of 365 days.
const HOURS: f64 = 730.0;
/// Seconds of that.
const SECONDS: f64 = HOURS * 3_600.0;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Instances,
    Tasks,
    Functions,
    Provisioned,
    Balancers,
    GatewayRequests,
    Accelerators,
    Checks,
    Alarms,
    RoutingControls,
    Databases,
    Caches,
    Reads,
    Writes,
    ReplicatedWrites,
    DistributedAccesses,
    Messages,
    ReplicatedObjects,
    Transfer,
    Storage,
    Backups,
}

impl Counted {
    const fn words(self) -> &'static str {
        match self {
            Self::Instances => "hours of instances",
            Self::Tasks => "hours of tasks on Fargate",
            Self::Functions => "seconds of functions",
            Self::Provisioned => "seconds of provisioned concurrency",
            Self::Balancers => "hours of load balancers",
            Self::GatewayRequests => "requests at gateways",
            Self::Accelerators => "hours of accelerators",
            Self::Checks => "health checks",
            Self::Alarms => "alarms",
            Self::RoutingControls => "hours of routing controls",
            Self::Databases => "hours of database instances",
            Self::Caches => "hours of cache nodes",
            Self::Reads => "reads of tables",
            Self::Writes => "writes to tables",
            Self::ReplicatedWrites => "replicated writes",
            Self::DistributedAccesses => "accesses to distributed databases",
            Self::Messages => "messages of queues",
            Self::ReplicatedObjects => "replicated objects",
            Self::Transfer => "GB between regions",
            Self::Storage => "GB stored",
            Self::Backups => "GB of backups",
        }
    }
}

/// Sizes that counts need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    pub(super) bytes_per_write: Option<f64>,
    pub(super) stored_gb: Option<f64>,
    pub(super) database_instances: u64,
    pub(super) cache_nodes: u64,
}

/// The price of one sort of things.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Price {
    pub(super) counted: Counted,
    /// Its key.
    pub(super) key: &'static str,
    /// The price of one, if the file gives it.
    pub(super) each: Option<f64>,
}

/// A line for everything that there is.
pub(super) fn lines(topology: &Topology, sizes: &Sizes, prices: &[Price]) -> Vec<Line> {
    let usage = Usage { topology, sizes, tiers: tiers(topology) };
    let line = |&Price { counted, key, each }: &Price| {
        let (count, known) = usage.count(counted);
        // Of what has no size nothing is known but that it is there.
        Line { key, what: counted.words(), count, price: each.filter(|_| known) }
    };
    prices.iter().map(line).filter(|line| line.count > 0.0).collect()
}

/// A service in a region, and the requests per second that it gets, shared evenly by its regions.
struct Running<'a> {
    compute: &'a Compute,
    balancer: bool,
    gateway: bool,
    requests: f64,
}

/// Everything that runs: the fronts of the regions, other services that clients enter, and the tiers behind them.
fn tiers(topology: &Topology) -> Vec<Running<'_>> {
    let all = usage::requests(topology);
    let serving = topology.serving();
    let first = topology.graph.entered.map_or(1.0, |service| usage::entering(topology, service));
    let fronts = serving.iter().filter_map(|region| {
        Some(Running {
            compute: region.compute.as_ref()?,
            balancer: region.load_balancer.is_some(),
            gateway: region.gateway.is_some(),
            requests: all * first / serving.len().max(1) as f64,
        })
    });
    let graph = &topology.graph;
    let others = graph.entered_too.iter().map(|&id| (id, usage::entering(topology, id)));
    let called = graph.called.iter().map(|&id| (id, usage::calls(topology, id)));
    let behind = others.chain(called).flat_map(|(id, share)| {
        let tiers: Vec<&Tier> = graph.services[id].tiers.iter().flatten().collect();
        let requests = all * share / tiers.len().max(1) as f64;
        tiers.into_iter().map(move |tier| Running {
            compute: &tier.compute,
            balancer: tier.load_balancer.is_some(),
            gateway: tier.gateway.is_some(),
            requests,
        })
    });
    fronts.chain(behind).collect()
}

/// Hours of machines, seconds of functions and of environments that are kept ready, of one tier in an hour or a second.
#[derive(Default)]
struct Machines {
    instances: u64,
    tasks: u64,
    functions: f64,
    provisioned: f64,
}

impl Running<'_> {
    /// What it runs on from the start. Stopped instances of a pool cost their disks alone; managed and external services have
    /// prices of their own, which nobody could count here.
    fn machines(&self) -> Machines {
        match self.compute {
            Compute::AutoScaling(group) => {
                let pool = group.warm_pool.as_ref().filter(|pool| pool.running);
                Machines { instances: group.desired + pool.map_or(0, |pool| pool.instances), ..Machines::default() }
            }
            Compute::Ecs(service) => match &service.room {
                Room::Fargate => Machines { tasks: service.desired, ..Machines::default() },
                Room::Instances(pool) => Machines { instances: pool.desired, ..Machines::default() },
            },
            Compute::Eks(deployment) => Machines { instances: deployment.nodes.desired, ..Machines::default() },
            Compute::Lambda(function) => Machines {
                functions: function.duration * self.requests,
                provisioned: function.provisioned,
                ..Machines::default()
            },
            Compute::Managed { .. } | Compute::External { .. } => Machines::default(),
        }
    }
}

struct Usage<'a> {
    topology: &'a Topology,
    sizes: &'a Sizes,
    tiers: Vec<Running<'a>>,
}

impl Usage<'_> {
    /// How much there is in a month, and whether its size is known.
    fn count(&self, counted: Counted) -> (f64, bool) {
        let machines = || self.tiers.iter().map(Running::machines);
        let there = |is: bool| f64::from(u8::from(is));
        let count = match counted {
            Counted::Instances => machines().map(|own| own.instances).sum::<u64>() as f64 * HOURS,
            Counted::Tasks => machines().map(|own| own.tasks).sum::<u64>() as f64 * HOURS,
            Counted::Functions => machines().map(|own| own.functions).sum::<f64>() * SECONDS,
            Counted::Provisioned => machines().map(|own| own.provisioned).sum::<f64>() * SECONDS,
            Counted::Balancers => self.tiers.iter().filter(|tier| tier.balancer).count() as f64 * HOURS,
            Counted::GatewayRequests => {
                self.tiers.iter().filter(|tier| tier.gateway).map(|tier| tier.requests).sum::<f64>() * SECONDS
            }
            Counted::Accelerators => there(self.topology.edge.accelerator.is_some()) * HOURS,
            Counted::Checks => self.checks(),
            Counted::Alarms => self.topology.alarms.len() as f64,
            Counted::RoutingControls => there(self.has_routing_controls()) * HOURS,
            Counted::Databases => self.databases() * self.sizes.database_instances as f64 * HOURS,
            Counted::Caches => self.copies(|sort| sort == Sort::Cache) * self.sizes.cache_nodes as f64 * HOURS,
            Counted::Reads => self.accesses(&[Access::Read], Sort::Table, |_| 1.0) * SECONDS,
            Counted::Writes => self.accesses(&[Access::Write], Sort::Table, |_| 1.0) * SECONDS,
            Counted::ReplicatedWrites => self.accesses(&[Access::Write], Sort::Table, others) * SECONDS,
            Counted::DistributedAccesses => {
                self.accesses(&[Access::Read, Access::Write], Sort::Distributed, |_| 1.0) * SECONDS
            }
            Counted::Messages => self.accesses(&[Access::Write], Sort::Queue, |_| 1.0) * SECONDS,
            Counted::ReplicatedObjects => self.accesses(&[Access::Write], Sort::Buckets, others) * SECONDS,
            Counted::Transfer => {
                let sorts = [Sort::Database, Sort::Table, Sort::Buckets, Sort::Cache, Sort::Distributed, Sort::Files];
                let writes: f64 = sorts.into_iter().map(|sort| self.accesses(&[Access::Write], sort, others)).sum();
                return match self.sizes.bytes_per_write {
                    Some(bytes) => (writes * SECONDS * bytes / 1e9, true),
                    None => (writes * SECONDS, false),
                };
            }
            Counted::Storage => {
                return self.stored(self.copies(|sort| !matches!(sort, Sort::OnInstances | Sort::Queue)));
            }
            Counted::Backups => {
                let backups = self.topology.stores.iter().filter_map(|store| store.backup.as_ref());
                return self.stored(backups.map(|backup| 1 + backup.copy_to.len()).sum::<usize>() as f64);
            }
        };
        (count, true)
    }

    /// Gigabytes of so many copies.
    fn stored(&self, copies: f64) -> (f64, bool) {
        self.sizes.stored_gb.map_or((copies, false), |size| (size * copies, true))
    }

    /// Checks of endpoints: one each, and one more for each child of a calculated one.
    fn checks(&self) -> f64 {
        let of = |check: &Check| match check.children.len() {
            0 | 1 => 1,
            children => children + 1,
        };
        let zone = &self.topology.zone;
        let named = if zone.written { zone.checks.len() } else { 0 };
        (self.topology.dns.checks.iter().flatten().map(of).sum::<usize>() + named) as f64
    }

    fn has_routing_controls(&self) -> bool {
        let mut steps = self.topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
        steps.any(|step| matches!(step.action, Action::Shift { means: Means::RoutingControl, .. }))
    }

    fn databases(&self) -> f64 {
        let of = |store: &NamedStore| store.parameters.regions().len() * store.parameters.shards().max(1);
        let stores = self.topology.stores.iter().filter(|store| Sort::of(&store.parameters) == Sort::Database);
        stores.map(of).sum::<usize>() as f64
    }

    fn copies(&self, is: impl Fn(Sort) -> bool) -> f64 {
        let stores = self.topology.stores.iter().map(|store| &store.parameters);
        stores.filter(|store| is(Sort::of(store))).map(|store| store.regions().len()).sum::<usize>() as f64
    }

    /// Accesses per second to stores of a sort, each counted so many times.
    fn accesses(&self, accesses: &[Access], sort: Sort, times: impl Fn(&Parameters) -> f64) -> f64 {
        let stores = self.topology.stores.pairs().filter(|(_, store)| Sort::of(&store.parameters) == sort);
        let of = |(id, store): (_, &NamedStore)| {
            let each: f64 = accesses.iter().map(|&access| usage::accesses(self.topology, id, access)).sum();
            each * times(&store.parameters)
        };
        stores.map(of).sum::<f64>() * usage::requests(self.topology)
    }
}

/// The copies that a write goes to besides its own.
fn others(store: &Parameters) -> f64 {
    store.regions().len().saturating_sub(1) as f64
}

/// What is paid for of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Instances by the hour.
    Database,
    /// Accesses.
    Table,
    /// Accesses of another price.
    Distributed,
    /// Objects that replicate.
    Buckets,
    /// Nodes by the hour.
    Cache,
    /// What is kept.
    Files,
    /// Messages.
    Queue,
    /// Nothing besides the instances.
    OnInstances,
}

impl Sort {
    const fn of(store: &Parameters) -> Self {
        match store {
            Parameters::AuroraGlobal(_)
            | Parameters::RdsReplica(_)
            | Parameters::ShardedRelational(_)
            | Parameters::DocumentDbGlobal(_) => Self::Database,
            Parameters::DynamoDbGlobal(_) => Self::Table,
            Parameters::AuroraDsql(_) => Self::Distributed,
            Parameters::S3Replication(_) => Self::Buckets,
            Parameters::ElastiCacheGlobal(_) | Parameters::MemoryDbMultiRegion(_) => Self::Cache,
            Parameters::EfsReplication(_) => Self::Files,
            Parameters::Queue(_) => Self::Queue,
            Parameters::InstanceSession(_) => Self::OnInstances,
        }
    }
}
