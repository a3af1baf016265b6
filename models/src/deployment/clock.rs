//! Which faults start the clock of the recovery time. It is decided before anything runs, from the file alone.
//!
//! A fault starts it if it strikes something that a request may pass: an endpoint, a cell of compute, or a store or copy
//! that a journey needs. What only makes recovery harder does not: launches that fail, replication that stops, control
//! planes that do not answer, metrics that stop, and a Lambda that only runs automation.
//!
//! - Journeys without a share of the requests need nothing. Soft needs are needs, and whoever reads a cache may read what
//!   it loads from.
//! - Every region that serves is an endpoint, except behind an origin group, which has two.
//! - A zone outage strikes instances, environments of Lambda, and the writer of a log that may stand in that zone. Services
//!   without a writer of their own stand in several zones.
//! - A partition counts if a need crosses it as things stand at t = 0, or if a needed store replicates over it: from its
//!   writer, or between any two copies that both take writes.

use super::Topology;
use crate::faults::{Fault, Kind};
use crate::ids::{RegionId, StoreId};
use crate::journeys::Access;

impl Topology {
    /// Whether a fault starts the clock of the recovery time.
    pub fn starts_clock(&self, fault: &Fault) -> bool {
        match fault.kind {
            Kind::InsufficientCapacity { .. }
            | Kind::ReplicationStall { .. }
            | Kind::ControlPlaneOutage { .. }
            | Kind::MetricsOutage { .. } => false,
            Kind::LoadSurge { .. } => true,
            Kind::RegionOutage { region, .. } | Kind::GrayFailure { region, .. } => {
                self.has_endpoint(region) || self.needs_copy_in(region)
            }
            Kind::BadDeploy(ref deploy) => deploy.regions.iter().any(|&region| self.has_endpoint(region)),
            Kind::Blip { region, .. } => self.has_endpoint(region),
            Kind::LambdaImpairment { region, .. } => self.has_endpoint(region) && self.on_lambda(region),
            Kind::InstanceFailures { region, .. } => self.has_endpoint(region) && self.on_instances(region),
            Kind::ZoneOutage { region, zone, .. } => {
                let runs_there = self.regions[region].compute.is_some();
                (self.has_endpoint(region) && runs_there) || self.needs_writer_in(region, zone)
            }
            Kind::StoreImpairment { store, region, only, .. } => self.needed().any(|(needed, access)| {
                needed == store
                    && only.is_none_or(|only| only == access)
                    && self.stores[store].parameters.regions().contains(&region)
            }),
            Kind::Partition { a, b } => self.needs_path(a, b),
        }
    }

    /// Whether a request may come to this region.
    fn has_endpoint(&self, region: RegionId) -> bool {
        let asked = self.journeys.iter().any(|journey| journey.share > 0.0);
        let led_to = self.edge.origin_group().is_none_or(|(first, second)| region == first || region == second);
        asked && led_to && self.regions[region].serves
    }

    fn on_lambda(&self, region: RegionId) -> bool {
        self.regions[region].compute.as_ref().is_some_and(|compute| compute.function().is_some())
    }

    fn on_instances(&self, region: RegionId) -> bool {
        self.regions[region].compute.as_ref().is_some_and(|compute| compute.function().is_none())
    }

    /// What requests may do to stores, needs of journeys and what caches load.
    fn needed(&self) -> impl Iterator<Item = (StoreId, Access)> {
        let journeys = self.journeys.iter().filter(|journey| journey.share > 0.0);
        journeys.flat_map(|journey| &journey.needs).flat_map(|need| {
            let backed = self.stores[need.store].parameters.backs().filter(|_| need.access == Access::Read);
            [(need.store, need.access)].into_iter().chain(backed.map(|store| (store, Access::Read)))
        })
    }

    fn needs_copy_in(&self, region: RegionId) -> bool {
        self.needed().any(|(store, _)| self.stores[store].parameters.regions().contains(&region))
    }

    /// Whether a needed log has its writer in this region, in a zone that may be this one.
    fn needs_writer_in(&self, region: RegionId, zone: Option<usize>) -> bool {
        self.needed().any(|(store, _)| {
            let parameters = &self.stores[store].parameters;
            let elsewhere = parameters.zone().zip(zone).is_some_and(|(own, struck)| own != struck);
            parameters.writers().contains(&region) && !elsewhere
        })
    }

    /// Whether needs or replication pass between two regions.
    fn needs_path(&self, a: RegionId, b: RegionId) -> bool {
        self.needed().any(|(store, access)| {
            let parameters = &self.stores[store].parameters;
            let (copies, writers) = (parameters.regions(), parameters.writers());
            let sends = |from: RegionId| {
                if writers.is_empty() {
                    parameters.replicates_from().is_none_or(|only| only == from)
                } else {
                    writers.contains(&from)
                }
            };
            let replicates = copies.contains(&a) && copies.contains(&b) && (sends(a) || sends(b));
            let crosses = |from: RegionId, to: RegionId| {
                let writes = access == Access::Write && !writers.is_empty();
                let there =
                    if writes { writers.contains(&to) } else { copies.contains(&to) && !copies.contains(&from) };
                self.has_endpoint(from) && there
            };
            replicates || crosses(a, b) || crosses(b, a)
        })
    }
}
