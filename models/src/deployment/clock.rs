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
use crate::compute;
use crate::faults::{BadDeploy, Fault, Kind, OwnRecord, Slowdown, Struck};
use crate::ids::{CellId, NameId, PlaceId, RegionId, ServiceId, StoreId};
use crate::needs::{Access, Asks, Call, Need, To};
use crate::services::Graph;

impl Topology {
    /// Whether a fault starts the clock of the recovery time.
    pub fn starts_clock(&self, fault: &Fault) -> bool {
        match fault.kind {
            Kind::Corruption { ref stores, .. } => self.needed().any(|(needed, _)| stores.contains(&needed)),
            Kind::InsufficientCapacity { .. }
            | Kind::ReplicationStall { .. }
            | Kind::ControlPlaneOutage { .. }
            | Kind::MetricsOutage { .. } => false,
            Kind::LoadSurge { .. } => true,
            Kind::RegionOutage { region, .. } | Kind::GrayFailure { region, service: None, .. } => {
                self.met_in(region).next().is_some() || self.needs_copy_in(region)
            }
            Kind::GrayFailure { region, service: Some(service), .. } => self.meets(service, Some(region)),
            Kind::ServiceImpairment { service, region, .. } => self.meets(service, region),
            Kind::LambdaImpairment { region, .. } => {
                self.met_in(region).filter_map(|cell| self.compute(cell)).any(|compute| compute.function().is_some())
            }
            Kind::InstanceFailures { region, service, .. } => {
                let mut met = self.met_in(region).filter(|&cell| self.graph.is_struck(cell, region, service));
                met.any(|cell| self.compute(cell).is_some_and(|compute| compute.fleet().is_some()))
            }
            Kind::BadDeploy(BadDeploy { service, ref regions, .. }) => regions.iter().any(|&region| match service {
                Some(service) => self.meets(service, Some(region)),
                None => self.has_endpoint(region),
            }),
            Kind::Blip { region, .. } => self.has_endpoint(region),
            Kind::RecordLost { ref names } => {
                let asks = |at: Option<NameId>| at.is_none_or(|at| names.contains(&at));
                let called = |call: &Call| matches!(call.to, To::Name(through) if names.contains(&through.name));
                self.journeys.iter().any(|journey| journey.share > 0.0 && asks(journey.at))
                    || self.asked().filter_map(Need::call).any(called)
            }
            Kind::OwnRecordLost(OwnRecord { of: Struck::Store(store), region, .. }) => {
                self.needed().any(|(needed, _)| {
                    let copies = self.stores[store].parameters.regions();
                    needed == store && region.is_none_or(|region| copies.contains(&region))
                })
            }
            Kind::OwnRecordLost(OwnRecord { of: Struck::Service(service), region, .. }) => self.meets(service, region),
            Kind::OwnRecordLost(_) => false,
            Kind::SlowFailure(Slowdown { region, of, only, .. }) | Kind::CapacityLoss { region, of, only, .. } => {
                match of {
                    Struck::Entry => region.is_none_or(|region| self.has_endpoint(region)),
                    Struck::Service(service) => self.meets(service, region),
                    Struck::Store(store) => self.needed().any(|(needed, access)| {
                        let copies = self.stores[store].parameters.regions();
                        needed == store
                            && only.is_none_or(|only| only == access)
                            && region.is_none_or(|region| copies.contains(&region))
                    }),
                }
            }
            Kind::ZoneOutage { region, zone, .. } => {
                let stands = |compute: &compute::Parameters| compute.fleet().is_some() || compute.function().is_some();
                let mut there = self.met_in(region).filter_map(|cell| self.compute(cell));
                there.any(stands) || self.needs_writer_in(region, zone)
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
        let there = |place: PlaceId| self.graph.home(place) == region;
        let led_to = self.edge.led_to().is_none_or(|(_, places)| places.into_iter().any(there));
        asked && led_to && self.regions[region].serves
    }

    /// Whether requests may meet a service in this region, or anywhere if it has none.
    fn meets(&self, service: ServiceId, region: Option<RegionId>) -> bool {
        let asked = self.journeys.iter().any(|journey| journey.share > 0.0);
        asked
            && match region {
                Some(region) => {
                    let cell = self.graph.cell(service, region);
                    self.met_in(region).any(|met| Some(met) == cell)
                }
                None => {
                    let called = self.regions.ids().any(|region| self.graph.cell(service, region).is_some());
                    called && !self.graph.launch_only.contains(&service)
                }
            }
    }

    /// The cells of a region that requests may come to: its front if it serves, and the services there that anybody calls.
    fn met_in(&self, region: RegionId) -> impl Iterator<Item = CellId> + '_ {
        let asked = self.journeys.iter().any(|journey| journey.share > 0.0);
        let cells = self.graph.cells_in(region).filter(move |_| asked);
        cells.filter(move |&cell| {
            if cell == Graph::front(region) {
                self.has_endpoint(region)
            } else {
                let met = |service| !self.graph.launch_only.contains(&service);
                self.compute(cell).is_some() && self.graph.place(cell).0.is_some_and(met)
            }
        })
    }

    /// What requests may ask for, of the services that they meet and of their own.
    pub fn asked(&self) -> impl Iterator<Item = &Need> {
        let journeys = self.journeys.iter().filter(|journey| journey.share > 0.0);
        let any = journeys.clone().next().is_some();
        journeys.flat_map(|journey| &journey.needs).chain(self.graph.needs_of_requests().filter(move |_| any))
    }

    /// What requests may do to stores, what caches load included.
    fn needed(&self) -> impl Iterator<Item = (StoreId, Access)> {
        let accesses = self.asked().filter_map(|need| match need.asks {
            Asks::Store { access, store } => Some((access, store)),
            Asks::Service(_) => None,
        });
        accesses.flat_map(|(access, store)| {
            let backed = self.stores[store].parameters.backs().filter(|_| access == Access::Read);
            [(store, access)].into_iter().chain(backed.map(|store| (store, Access::Read)))
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
            parameters.is_zonal() && parameters.writers().contains(&region) && !elsewhere
        })
    }

    /// Whether calls, accesses or replication pass between two regions.
    fn needs_path(&self, a: RegionId, b: RegionId) -> bool {
        self.calls_between(a, b)
            || self.needed().any(|(store, access)| {
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
                    self.met_in(from).next().is_some() && there
                };
                replicates || crosses(a, b) || crosses(b, a)
            })
    }

    /// Whether a call of a request may go from one of these regions to the other.
    fn calls_between(&self, a: RegionId, b: RegionId) -> bool {
        let may = |call: &Call, from: RegionId, to: RegionId| {
            self.met_in(from).next().is_some() && self.may_go(call, from, to)
        };
        self.asked().filter_map(Need::call).any(|call| may(call, a, b) || may(call, b, a))
    }

    /// Whether anybody may call from one of these regions to the other: requests of any journey, and launches.
    pub fn anybody_calls_between(&self, a: RegionId, b: RegionId) -> bool {
        self.needs().filter_map(Need::call).any(|call| self.may_go(call, a, b) || self.may_go(call, b, a))
    }

    fn may_go(&self, call: &Call, from: RegionId, to: RegionId) -> bool {
        Self::may_call(call.to, &self.graph.services[call.service].regions, from, to)
    }

    /// Whether a call from a region may go to another one of a service that runs in these.
    fn may_call(goes: To, regions: &[RegionId], from: RegionId, to: RegionId) -> bool {
        match goes {
            To::Region(only) => only == to,
            To::Nearest { .. } | To::Name(_) => regions.contains(&to),
            To::Local => !regions.contains(&from) && regions.contains(&to),
        }
    }
}
