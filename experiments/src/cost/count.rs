//! How much of everything a deployment uses in a month, as it stands before any fault.

use models::aws::route53::Check;
use models::deployment::{NamedStore, Region, Topology};
use models::ids::StoreId;
use models::needs::Access;
use models::runbooks::{Action, Means};
use models::stores::Parameters;

use super::bill::Line;

/// Hours of a month: a twelfth of a year of 365 days.
const HOURS: f64 = 730.0;
/// Seconds of that.
const SECONDS: f64 = HOURS * 3_600.0;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Instances,
    Functions,
    Provisioned,
    Balancers,
    Accelerators,
    Checks,
    Alarms,
    RoutingControls,
    Databases,
    Caches,
    Reads,
    Writes,
    ReplicatedWrites,
    ReplicatedObjects,
    Transfer,
    Storage,
}

impl Counted {
    const fn words(self) -> &'static str {
        match self {
            Self::Instances => "hours of instances",
            Self::Functions => "seconds of functions",
            Self::Provisioned => "seconds of provisioned concurrency",
            Self::Balancers => "hours of load balancers",
            Self::Accelerators => "hours of accelerators",
            Self::Checks => "health checks",
            Self::Alarms => "alarms",
            Self::RoutingControls => "hours of routing controls",
            Self::Databases => "hours of database instances",
            Self::Caches => "hours of cache nodes",
            Self::Reads => "reads of tables",
            Self::Writes => "writes to tables",
            Self::ReplicatedWrites => "replicated writes",
            Self::ReplicatedObjects => "replicated objects",
            Self::Transfer => "GB between regions",
            Self::Storage => "GB stored",
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
    let usage = Usage { topology, sizes };
    let line = |&Price { counted, key, each }: &Price| {
        let (count, known) = usage.count(counted);
        // Of what has no size nothing is known but that it is there.
        Line { key, what: counted.words(), count, price: each.filter(|_| known) }
    };
    prices.iter().map(line).filter(|line| line.count > 0.0).collect()
}

struct Usage<'a> {
    topology: &'a Topology,
    sizes: &'a Sizes,
}

impl Usage<'_> {
    /// How much there is in a month, and whether its size is known.
    fn count(&self, counted: Counted) -> (f64, bool) {
        let count = match counted {
            Counted::Instances => self.instances() * HOURS,
            Counted::Functions => self.functions() * SECONDS,
            Counted::Provisioned => self.provisioned() * SECONDS,
            Counted::Balancers => self.regions(|region| region.load_balancer.is_some()) * HOURS,
            Counted::Accelerators => f64::from(u8::from(self.topology.edge.accelerator.is_some())) * HOURS,
            Counted::Checks => self.checks(),
            Counted::Alarms => self.topology.alarms.len() as f64,
            Counted::RoutingControls => f64::from(u8::from(self.has_routing_controls())) * HOURS,
            Counted::Databases => self.databases() * self.sizes.database_instances as f64 * HOURS,
            Counted::Caches => self.copies(is_cache) * self.sizes.cache_nodes as f64 * HOURS,
            Counted::Reads => self.accesses(Access::Read, is_table, |_| 1.0) * SECONDS,
            Counted::Writes => self.accesses(Access::Write, is_table, |_| 1.0) * SECONDS,
            Counted::ReplicatedWrites => self.accesses(Access::Write, is_table, others) * SECONDS,
            Counted::ReplicatedObjects => self.accesses(Access::Write, is_buckets, others) * SECONDS,
            Counted::Transfer => {
                let writes = self.accesses(Access::Write, |store| !stays(store), others) * SECONDS;
                return match self.sizes.bytes_per_write {
                    Some(bytes) => (writes * bytes / 1e9, true),
                    None => (writes, false),
                };
            }
            Counted::Storage => self.sizes.stored_gb.unwrap_or(0.0) * self.copies(|store| !stays(store)),
        };
        (count, true)
    }

    fn regions(&self, is: impl Fn(&Region) -> bool) -> f64 {
        self.topology.serving().iter().filter(|region| is(region)).count() as f64
    }

    /// Instances from the start, those of running pools included. Stopped ones cost their disks alone.
    fn instances(&self) -> f64 {
        let groups = self.topology.computes().filter_map(|(_, compute)| compute.group());
        let running = |pool: &models::aws::auto_scaling::WarmPool| if pool.running { pool.instances } else { 0 };
        groups.map(|group| (group.desired + group.warm_pool.as_ref().map_or(0, running)) as f64).sum()
    }

    /// Requests per second of all clients, as they are at the start.
    fn requests(&self) -> f64 {
        self.topology.clients.iter().map(|clients| clients.requests_per_second).sum()
    }

    /// Environments of functions that are busy, with the requests shared evenly by the regions that serve.
    fn functions(&self) -> f64 {
        let serving = self.topology.serving();
        let functions = serving.iter().filter_map(|region| region.compute.as_ref()?.function());
        functions.map(|function| function.duration).sum::<f64>() * self.requests() / serving.len().max(1) as f64
    }

    fn provisioned(&self) -> f64 {
        let functions = self.topology.serving().iter().filter_map(|region| region.compute.as_ref()?.function());
        functions.map(|function| function.provisioned).sum()
    }

    /// Checks of endpoints: one each, and one more for each child of a calculated one.
    fn checks(&self) -> f64 {
        let of = |check: &Check| match check.children.len() {
            0 | 1 => 1,
            children => children + 1,
        };
        self.topology.dns.checks.iter().flatten().map(of).sum::<usize>() as f64
    }

    fn has_routing_controls(&self) -> bool {
        let steps = self.topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
        steps.into_iter().any(|step| matches!(step.action, Action::Shift { means: Means::RoutingControl, .. }))
    }

    fn databases(&self) -> f64 {
        let of = |store: &NamedStore| store.parameters.regions().len() * store.parameters.shards().max(1);
        self.topology.stores.iter().filter(|store| is_database(&store.parameters)).map(of).sum::<usize>() as f64
    }

    fn copies(&self, is: impl Fn(&Parameters) -> bool) -> f64 {
        let stores = self.topology.stores.iter().map(|store| &store.parameters);
        stores.filter(|store| is(store)).map(|store| store.regions().len()).sum::<usize>() as f64
    }

    /// Accesses per second to stores of a sort, each counted so many times.
    fn accesses(&self, access: Access, is: impl Fn(&Parameters) -> bool, times: impl Fn(&Parameters) -> f64) -> f64 {
        let stores = self.topology.stores.pairs().filter(|(_, store)| is(&store.parameters));
        let rate = |id: StoreId| {
            let of = |journey: &models::journeys::Journey| {
                let tiers = self.topology.graph.entry_needs().iter();
                let needs = tiers.chain(&journey.needs).filter(|need| need.access() == Some((access, id)));
                journey.share * needs.count() as f64
            };
            self.topology.journeys.iter().map(of).sum::<f64>() * self.requests()
        };
        stores.map(|(id, store)| rate(id) * times(&store.parameters)).sum()
    }
}

/// The copies that a write goes to besides its own.
fn others(store: &Parameters) -> f64 {
    store.regions().len().saturating_sub(1) as f64
}

const fn is_table(store: &Parameters) -> bool {
    matches!(store, Parameters::DynamoDbGlobal(_))
}

const fn is_buckets(store: &Parameters) -> bool {
    matches!(store, Parameters::S3Replication(_))
}

const fn is_cache(store: &Parameters) -> bool {
    matches!(store, Parameters::ElastiCacheGlobal(_))
}

const fn is_database(store: &Parameters) -> bool {
    matches!(store, Parameters::AuroraGlobal(_) | Parameters::RdsReplica(_) | Parameters::ShardedRelational(_))
}

/// Whether nothing of it leaves its region.
const fn stays(store: &Parameters) -> bool {
    matches!(store, Parameters::InstanceSession(_))
}
