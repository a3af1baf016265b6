//! The services of a deployment as a graph: tiers in regions, and who calls whom.
//!
//! A cell is a service in a region. Some services are entered by requests from outside. The cells of the first one are the
//! fronts of the regions, and `[compute]` is the short form of it; those of the others, their doors, stand behind the regions
//! among the places that requests are led to. All other services are reached by calls alone.

mod callers;
mod entered;
mod entry;
mod errors;
mod order;
mod site;
mod spec;

use sim_core::time::SimDuration;

use crate::about::About;
use crate::balancers::{api_gateway, load_balancer};
use crate::by_id::ById;
use crate::compute;
use crate::ids::{CallersId, CellId, NameId, PlaceId, RegionId, ServiceId, StoreId};
use crate::needs::Need;
use crate::work::Work;

pub use errors::STEPS;
pub(crate) use order::callees_first;
pub use site::{Caller, Event, Signal, Site};
pub(crate) use spec::{OwnServicesKeys, Reading, ServicesKeys, Surroundings, check_calls, names, own};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Services and calls",
    modelled: "a graph of services in regions: calls in order and in depth, to the same region, to the nearest that is seen to \
         answer, to a fixed one, or where a name of DNS leads, whose answers callers cache, with attempts, soft needs and what callers keep of values and errors; what each tier \
         sheds under load, found together for all tiers; the time that calls take, and their time limits: a try that comes too late has \
         failed; managed services and third parties without a fleet of one's own",
    not_modelled: "calls that go on in the background; callers that go on to another address of an answer with several; connections and threads that fill up while they \
         wait for a call; a cold start of a function behind a call, which no caller waits for here; with `cached-for` alone, callers \
         that were launched while the need fails and hold nothing (`keep-last` tells them apart)",
    sources: "each key names its page",
};

/// The sort of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A tier of one's own, with compute in each of its regions.
    Tier,
    /// A service of AWS that its owner does not scale, one in each of its regions.
    Managed,
    /// A service outside AWS, which no fault of a region strikes: one for all regions.
    External,
}

/// A service in a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// What runs it.
    pub compute: compute::Parameters,
    /// How long it works on a request.
    pub work: Work,
    /// The load balancer in front of its instances.
    pub load_balancer: Option<load_balancer::Parameters>,
    /// The gateway in front of it.
    pub gateway: Option<api_gateway::Parameters>,
}

/// A service.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its sort.
    pub sort: Sort,
    /// Its tiers where it runs. Those of the service that is entered belong to the regions themselves; an external service has
    /// one, which counts as that of the first region.
    pub tiers: ById<RegionId, Option<Tier>>,
    /// The regions in which it runs, in the order of the file; all of them for an external service.
    pub regions: Vec<RegionId>,
    /// What each of its requests needs, in order.
    pub needs: Vec<Need>,
    /// What each launch of an instance, a task or a pod needs.
    pub launch_needs: Vec<Need>,
}

/// All services, and the cells that they make up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// By name, in alphabetical order. Without any, the regions' own compute is the only service.
    pub services: ById<ServiceId, Service>,
    /// The one that requests from outside enter; the first one of several.
    pub entered: Option<ServiceId>,
    /// The others, in alphabetical order.
    pub entered_too: Vec<ServiceId>,
    /// Where those are entered.
    pub doors: Vec<Door>,
    /// The place of the first of these; the others follow.
    pub first_door: usize,
    /// Those that others call, whether clients enter them as well or not, each before all that call it; among those in alphabetical
    /// order as far as that allows.
    pub asked: Vec<ServiceId>,
    /// Those among them that clients do not enter.
    pub called: Vec<ServiceId>,
    /// Those among them that launches alone need, and no request.
    pub launch_only: Vec<ServiceId>,
    /// Number of needs that remember.
    pub sites: usize,
    /// Those who call through names.
    pub callers: ById<CallersId, Callers>,
    /// Number of regions of the deployment, and of places behind them.
    pub regions: usize,
}

/// Callers that ask a name of DNS where to go, in all regions where they run: those of each region cache its answers by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callers {
    /// The service that calls.
    pub service: ServiceId,
    /// The name.
    pub name: NameId,
    /// How long they keep an answer at least.
    pub floor: Option<SimDuration>,
}

/// A service in a region where clients enter it, besides the one whose cells are the fronts of the regions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// The service.
    pub service: ServiceId,
    /// The region.
    pub region: RegionId,
}

impl Graph {
    /// The front of a region: the cell of the service that is entered.
    #[inline]
    pub fn front(region: RegionId) -> CellId {
        CellId::new(region.index())
    }

    /// There are so many regions in the deployment, operations-only ones included.
    pub(crate) fn extend_to(&mut self, regions: usize) {
        self.regions = regions;
        for service in &mut self.services {
            while service.tiers.len() < regions {
                service.tiers.push(None);
            }
        }
    }

    /// The cell of a region among those of a rank: 0 for the service that is entered, then those that are called.
    fn cell_of(&self, rank: usize, region: RegionId) -> CellId {
        CellId::new(rank * self.regions + region.index())
    }

    /// The number of a store's copy among the parts that may be blamed: those come after all cells.
    pub fn store_part(&self, store: StoreId, region: RegionId) -> usize {
        self.cells() + store.index() * self.regions + region.index()
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.regions * (1 + self.called.len())
    }

    /// The cell of a service in a region. Of a service that neither is entered nor called there is none.
    pub fn cell(&self, service: ServiceId, region: RegionId) -> Option<CellId> {
        if self.entered_too.contains(&service) {
            return self.endpoint(service, region).map(Self::cell_at);
        }
        let rank = if self.entered == Some(service) {
            0
        } else {
            1 + self.called.iter().position(|&called| called == service)?
        };
        let region = if self.services[service].sort == Sort::External { RegionId::new(0) } else { region };
        Some(self.cell_of(rank, region))
    }

    /// The service of a cell, unless it is the only one there is and has no name, and the region.
    pub fn place(&self, cell: CellId) -> (Option<ServiceId>, RegionId) {
        if let Some(door) = self.door(PlaceId::new(cell.index())) {
            return (Some(door.service), door.region);
        }
        let (rank, region) = (cell.index() / self.regions, RegionId::new(cell.index() % self.regions));
        let service = if rank == 0 { self.entered } else { self.called.get(rank - 1).copied() };
        (service, region)
    }

    /// The cells in which a service runs that others call, each after all that it calls: behind the fronts, and the endpoints of those
    /// that clients enter as well.
    pub fn inner(&self) -> impl Iterator<Item = (CellId, ServiceId, RegionId)> + '_ {
        self.asked.iter().flat_map(move |&service| {
            let (it, entered) = (&self.services[service], self.is_entered(service));
            let runs = move |(region, tier): (RegionId, &Option<Tier>)| {
                (if entered { it.regions.contains(&region) } else { tier.is_some() }).then_some(region)
            };
            let there = it.tiers.pairs().filter_map(runs);
            there.filter_map(move |region| Some((self.cell(service, region)?, service, region)))
        })
    }

    /// Whether any service that clients enter is called by others, too.
    pub fn calls_entries(&self) -> bool {
        self.asked.len() > self.called.len()
    }

    /// The cells of a region: its front, other services that clients enter there, and those of the services behind them that a
    /// fault of the region strikes.
    pub fn cells_in(&self, region: RegionId) -> impl Iterator<Item = CellId> + '_ {
        let called = self.called.iter().enumerate();
        let struck = called.filter(|(_, service)| self.services[**service].sort != Sort::External);
        self.entries(region).map(Self::cell_at).chain(struck.map(move |(rank, _)| self.cell_of(rank + 1, region)))
    }

    /// The tier of a cell behind the fronts, if the service runs there.
    pub fn tier(&self, service: ServiceId, region: RegionId) -> Option<&Tier> {
        self.services[service].tiers.get(region)?.as_ref()
    }

    /// The names of the services.
    pub fn names(&self) -> Vec<String> {
        self.services.iter().map(|service| service.name.clone()).collect()
    }

    /// All needs of services that are entered or called, and of their launches, those of the entered ones first.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        let services = self
            .entered
            .iter()
            .chain(&self.entered_too)
            .chain(self.called.iter().rev())
            .map(|&service| &self.services[service]);
        services.flat_map(|service| service.needs.iter().chain(&service.launch_needs))
    }

    /// All needs of services that requests may meet, those of the entered ones first.
    pub fn needs_of_requests(&self) -> impl Iterator<Item = &Need> {
        let called = self.called.iter().rev().filter(|service| !self.launch_only.contains(service));
        let services = self.entered.iter().chain(&self.entered_too).chain(called);
        services.flat_map(|&service| &self.services[service].needs)
    }

    /// A cell in words, such as `payment in eu-west-1`.
    pub fn cell_text(&self, cell: CellId, regions: &[String]) -> String {
        match self.place(cell) {
            (Some(service), _) if self.services[service].sort == Sort::External => self.services[service].name.clone(),
            (Some(service), region) => format!("{} in {}", self.services[service].name, regions[region.index()]),
            (None, region) => regions[region.index()].clone(),
        }
    }
}
