//! What AWS or whoever runs it charges for, and no price under `[prices]` counts: designs that differ in it differ in cost by
//! something that nobody can tell here.

use models::compute::Parameters as Compute;
use models::deployment::{NamedStore, Topology};
use models::fronts::route53::Check;
use models::fronts::route53::zone::Sight;
use models::stores::Parameters;
use sim_core::time::SimDuration;

/// Something that costs and is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uncounted {
    /// Route 53 charges extra for checks every 10 s.
    FastChecks,
    /// Alarms with periods below a minute cost three times as much.
    FastAlarms,
    /// Resolvers that may keep answers for less time ask more often.
    Queries,
    /// What an accelerator transfers.
    AcceleratorTransfer,
    /// Requests and transfer of `CloudFront`.
    Edge,
    /// A datapoint a minute of every instance.
    DetailedMonitoring,
    /// The disks of instances that are stopped.
    StoppedInstances,
    /// RDS Proxy.
    Proxies,
    /// S3 Replication Time Control.
    TimeControl,
    /// What a Multi-Region Access Point routes.
    AccessPoints,
    /// Reads and writes per second that copies of stores are there for.
    StoreCapacity,
    /// How often backups are made, and points in time.
    BackupFrequency,
    /// Services that somebody else manages, by what they carry.
    ManagedServices,
}

impl Uncounted {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 13] = [
        Self::FastChecks,
        Self::FastAlarms,
        Self::Queries,
        Self::AcceleratorTransfer,
        Self::Edge,
        Self::DetailedMonitoring,
        Self::StoppedInstances,
        Self::Proxies,
        Self::TimeControl,
        Self::AccessPoints,
        Self::StoreCapacity,
        Self::BackupFrequency,
        Self::ManagedServices,
    ];

    /// As documents write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::FastChecks => "fast-health-checks",
            Self::FastAlarms => "high-resolution-alarms",
            Self::Queries => "dns-queries",
            Self::AcceleratorTransfer => "accelerator-transfer",
            Self::Edge => "cloudfront",
            Self::DetailedMonitoring => "detailed-monitoring",
            Self::StoppedInstances => "stopped-instances",
            Self::Proxies => "rds-proxy",
            Self::TimeControl => "replication-time-control",
            Self::AccessPoints => "multi-region-access-point",
            Self::StoreCapacity => "store-capacity",
            Self::BackupFrequency => "backup-frequency",
            Self::ManagedServices => "managed-services",
        }
    }

    /// In a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::FastChecks => "health checks every 10 s",
            Self::FastAlarms => "alarms with periods below a minute",
            Self::Queries => "queries of DNS",
            Self::AcceleratorTransfer => "transfer of the accelerator",
            Self::Edge => "CloudFront",
            Self::DetailedMonitoring => "detailed monitoring",
            Self::StoppedInstances => "disks of stopped instances",
            Self::Proxies => "RDS Proxy",
            Self::TimeControl => "Replication Time Control",
            Self::AccessPoints => "the Multi-Region Access Point",
            Self::StoreCapacity => "the capacity of stores",
            Self::BackupFrequency => "more backups",
            Self::ManagedServices => "managed services",
        }
    }

    /// How much of it a deployment has, in a unit of its own: two deployments with the same number pay the same for it.
    fn amount(self, topology: &Topology) -> f64 {
        let computes = || computes(topology).map(|(compute, _)| compute);
        let groups = || computes().filter_map(Compute::group);
        let stores = || topology.stores.iter().map(|store| &store.parameters);
        let there = |is: bool| f64::from(u8::from(is));
        match self {
            Self::FastChecks => fast_checks(topology) as f64,
            Self::FastAlarms => topology.alarms.iter().filter(|alarm| alarm.period < MINUTE).count() as f64,
            Self::Queries => queries(topology),
            Self::AcceleratorTransfer => there(topology.edge.accelerator.is_some()),
            Self::Edge => there(topology.edge.cloud_front.is_some()),
            // What is paid for is that there are none without it.
            Self::DetailedMonitoring => {
                groups().filter(|group| group.scaling.is_some_and(|own| own.shared_by > 1)).count() as f64
            }
            Self::StoppedInstances => {
                let pools = groups().filter_map(|group| group.warm_pool.as_ref()).filter(|pool| !pool.running);
                pools.map(|pool| pool.instances).sum::<u64>() as f64
            }
            Self::Proxies => stores().filter(|store| has_proxy(store)).count() as f64,
            Self::TimeControl => {
                stores().filter(|store| matches!(store, Parameters::S3Replication(own) if own.rtc)).count() as f64
            }
            Self::AccessPoints => {
                let led =
                    |store: &&Parameters| matches!(store, Parameters::S3Replication(own) if own.access_point.is_some());
                stores().filter(led).count() as f64
            }
            Self::StoreCapacity => topology.stores.iter().map(capacity).sum(),
            Self::BackupFrequency => topology.stores.iter().map(backups).sum(),
            Self::ManagedServices => computes_managed(topology),
        }
    }
}

const MINUTE: SimDuration = SimDuration::from_secs(60);
/// The interval that costs extra.
const FAST: SimDuration = SimDuration::from_secs(10);

/// What a deployment has of everything that is not counted.
pub(super) fn amounts(topology: &Topology) -> Vec<(Uncounted, f64)> {
    Uncounted::ALL.map(|one| (one, one.amount(topology))).to_vec()
}

/// What runs each service in each region, with what it carries.
fn computes(topology: &Topology) -> impl Iterator<Item = (&Compute, f64)> {
    let fronts = topology.serving().iter().filter_map(|region| Some((region.compute.as_ref()?, region.work.admits())));
    let graph = &topology.graph;
    let behind = graph.entered_too.iter().chain(&graph.called);
    let tiers = behind.flat_map(|&id| graph.services[id].tiers.iter().flatten());
    fronts.chain(tiers.map(|tier| (&tier.compute, tier.work.admits())))
}

/// One for each region of each, and what they carry where they do not carry everything.
fn computes_managed(topology: &Topology) -> f64 {
    let one = |(compute, admits): (&Compute, f64)| match compute {
        Compute::Managed { carries } => {
            let most = carries.min(admits);
            1.0 + if most.is_finite() { most } else { 0.0 }
        }
        _ => 0.0,
    };
    computes(topology).map(one).sum()
}

fn fast_checks(topology: &Topology) -> usize {
    let of = |check: &Check| if check.interval <= FAST { check.children.len().max(1) } else { 0 };
    let own: usize = topology.dns.checks.iter().flatten().map(of).sum();
    let zone = &topology.zone;
    let probes = zone.checks.iter().filter(|check| match &check.sight {
        Sight::Probes(probing) => probing.interval <= FAST,
        Sight::Alarm { .. } | Sight::Calculated { .. } => false,
    });
    own + if zone.written { probes.count() } else { 0 }
}

/// How often a resolver asks in a second, at the most.
fn queries(topology: &Topology) -> f64 {
    if topology.edge.works_without_dns() {
        return 0.0;
    }
    let often = |ttl: SimDuration| 1.0 / ttl.as_secs_f64().max(1.0);
    let zone = &topology.zone;
    if zone.written { zone.names.iter().map(|name| often(name.ttl)).sum() } else { often(topology.dns.ttl) }
}

fn has_proxy(store: &Parameters) -> bool {
    match store {
        Parameters::AuroraGlobal(own) => own.0.proxy,
        Parameters::RdsReplica(own) => own.0.proxy,
        _ => false,
    }
}

/// Reads and writes per second of all copies, where they are limited.
fn capacity(store: &NamedStore) -> f64 {
    let own = store.capacity.own.iter().map(|(_, most)| *most);
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    own.chain([store.capacity.common]).map(|most| finite(most.reads) + finite(most.writes)).sum()
}

/// Whole backups in a day, and one more for points in time.
fn backups(store: &NamedStore) -> f64 {
    let Some(backup) = &store.backup else { return 0.0 };
    let whole = backup.every.map_or(0.0, |every| 86_400.0 / every.as_secs_f64().max(1.0));
    whole + f64::from(u8::from(backup.continuous.is_some()))
}
