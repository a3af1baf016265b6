//! The tables `[prices]` and `[sizes]` of an experiment file.

use models::deployment::Topology;
use sim_settings::form::{Count, Number, Sub, Text};
use sim_settings::{Key, Section, keys};

use super::bill::{Bill, Values};
use super::count::{Counted, Price, Sizes, lines};
use super::uncounted::amounts;

/// What a missing price means.
const UNPRICED: &str = "it is not priced: sums are at least so much";
/// What a missing value means.
const WORTHLESS: &str = "it counts for nothing";

keys! {
    /// The tables of prices and sizes.
    pub(crate) struct RootKeys {
        const PRICES: Key<Option<Sub<PriceKeys>>> = Key::optional("prices", "what things cost, for the cost of a month and of an incident", "no costs are told").example("{ instance-hour = 0.0832 }");
        const SIZES: Key<Option<Sub<SizeKeys>>> = Key::optional("sizes", "sizes that prices are multiplied with", "their defaults");
    }
}
keys! {
    /// The keys of `[prices]`.
    pub(super) struct PriceKeys {
        const CURRENCY: Key<Text> = Key::convention("currency", "the currency of all prices, a word", "USD", "AWS bills in it");
        const INSTANCE: Key<Option<Number>> = Key::optional("instance-hour", "an instance for an hour: of a group, of a running warm pool, and those that tasks and pods run on", UNPRICED);
        const TASK: Key<Option<Number>> = Key::optional("task-hour", "a task on Fargate for an hour", UNPRICED);
        const FUNCTION: Key<Option<Number>> = Key::optional("function-second", "a second of one environment of a function that serves", UNPRICED);
        const PROVISIONED: Key<Option<Number>> = Key::optional("provisioned-second", "a second of one environment that is kept ready", UNPRICED);
        const BALANCER: Key<Option<Number>> = Key::optional("load-balancer-hour", "a load balancer for an hour", UNPRICED);
        const GATEWAY: Key<Option<Number>> = Key::optional("gateway-request", "a request at an API gateway", UNPRICED);
        const ACCELERATOR: Key<Option<Number>> = Key::optional("accelerator-hour", "an accelerator for an hour", UNPRICED);
        const CHECK: Key<Option<Number>> = Key::optional("health-check-month", "a health check of DNS for a month, a child check as well", UNPRICED);
        const ALARM: Key<Option<Number>> = Key::optional("alarm-month", "an alarm for a month", UNPRICED);
        const CONTROLS: Key<Option<Number>> = Key::optional("routing-controls-hour", "a cluster of routing controls for an hour", UNPRICED);
        const DATABASE: Key<Option<Number>> = Key::optional("database-hour", "an instance of a relational database for an hour", UNPRICED);
        const CACHE: Key<Option<Number>> = Key::optional("cache-hour", "a node of a cache or in-memory store for an hour", UNPRICED);
        const READ: Key<Option<Number>> = Key::optional("table-read", "a read of a global table", UNPRICED);
        const WRITE: Key<Option<Number>> = Key::optional("table-write", "a write to a global table where it is made", UNPRICED);
        const REPLICATED: Key<Option<Number>> = Key::optional("replicated-write", "a write to a global table, in each further region", UNPRICED);
        const DISTRIBUTED: Key<Option<Number>> = Key::optional("distributed-access", "a read or write of a distributed database, Aurora DSQL", UNPRICED);
        const MESSAGE: Key<Option<Number>> = Key::optional("message", "a message of a queue: sent, received and deleted", UNPRICED);
        const OBJECT: Key<Option<Number>> = Key::optional("replicated-object", "an object that is replicated to another region", UNPRICED);
        const TRANSFER: Key<Option<Number>> = Key::optional("transfer-gb", "a gigabyte of replicated writes from one region to another", UNPRICED);
        const STORAGE: Key<Option<Number>> = Key::optional("storage-gb-month", "a gigabyte kept for a month", UNPRICED);
        const BACKUP: Key<Option<Number>> = Key::optional("backup-gb-month", "a gigabyte of backups kept for a month", UNPRICED);
        const FAILED: Key<Option<Number>> = Key::optional("failed-request", "what a failed request costs", WORTHLESS);
        const DOWN: Key<Option<Number>> = Key::optional("down-minute", "what a minute costs in which a journey is down", WORTHLESS);
        const LOST: Key<Option<Number>> = Key::optional("lost-write", "what a write costs that is lost for good", WORTHLESS);
    }
}
keys! {
    /// The keys of `[sizes]`.
    pub(super) struct SizeKeys {
        const PER_WRITE: Key<Option<Number>> = Key::optional("bytes-per-write", "size of a write or object that is replicated", "transfer is not priced").unit("bytes");
        const STORED: Key<Option<Number>> = Key::optional("stored-gb", "size of each copy of each store, and of each backup", "storage is not priced").unit("gigabytes");
        const INSTANCES: Key<Count> = Key::convention("database-instances", "instances of each copy of a relational database", "1", "the fewest that there can be").at_least(1.0);
        const NODES: Key<Count> = Key::convention("cache-nodes", "nodes of each copy of a cache or in-memory store", "1", "the fewest that there can be").at_least(1.0);
    }
}

/// Prices and sizes as the file gives them.
#[derive(Debug, Clone, PartialEq)]
pub struct Tariff {
    currency: String,
    prices: Vec<Price>,
    sizes: Sizes,
    values: Values,
}

/// Reads both tables. Nothing without `[prices]`.
pub(crate) fn read(root: &mut Section<'_>) -> Option<Tariff> {
    let sizes = {
        let mut section = root.section_or_default(&SIZES);
        Sizes {
            bytes_per_write: section.get(&PER_WRITE),
            stored_gb: section.get(&STORED),
            database_instances: section.get(&INSTANCES),
            cache_nodes: section.get(&NODES),
        }
    };
    let mut section = root.section(&PRICES)?;
    let currency = section.get(&CURRENCY);
    let prices = [
        (Counted::Instances, &INSTANCE),
        (Counted::Tasks, &TASK),
        (Counted::Functions, &FUNCTION),
        (Counted::Provisioned, &PROVISIONED),
        (Counted::Balancers, &BALANCER),
        (Counted::GatewayRequests, &GATEWAY),
        (Counted::Accelerators, &ACCELERATOR),
        (Counted::Checks, &CHECK),
        (Counted::Alarms, &ALARM),
        (Counted::RoutingControls, &CONTROLS),
        (Counted::Databases, &DATABASE),
        (Counted::Caches, &CACHE),
        (Counted::Reads, &READ),
        (Counted::Writes, &WRITE),
        (Counted::ReplicatedWrites, &REPLICATED),
        (Counted::DistributedAccesses, &DISTRIBUTED),
        (Counted::Messages, &MESSAGE),
        (Counted::ReplicatedObjects, &OBJECT),
        (Counted::Transfer, &TRANSFER),
        (Counted::Storage, &STORAGE),
        (Counted::Backups, &BACKUP),
    ];
    let price =
        |(counted, key): (Counted, &Key<Option<Number>>)| Price { counted, key: key.name, each: section.get(key) };
    let prices = prices.into_iter().map(price).collect();
    let values = Values {
        failed_request: section.get(&FAILED),
        down_minute: section.get(&DOWN),
        lost_write: section.get(&LOST),
    };
    Some(Tariff { currency, prices, sizes, values })
}

impl Tariff {
    /// What a deployment costs by it.
    pub fn bill(&self, topology: &Topology) -> Bill {
        Bill {
            currency: self.currency.clone(),
            lines: lines(topology, &self.sizes, &self.prices),
            uncounted: amounts(topology),
            values: self.values,
        }
    }
}
