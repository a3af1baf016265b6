//! Questions to a topology: what follows from what a file says.

use super::{Beyond, BlamedPart, Region, Topology};
use crate::balancers::{api_gateway, load_balancer};
use crate::by_id::ById;
use crate::cloud_watch;
use crate::compute;
use crate::fronts::route53::zone::{Columns, Watched};
use crate::ids::{AlarmId, CellId, JourneyId, NameId, PlaceId, RegionId, ServiceId, SiteId};
use crate::journeys::Journey;
use crate::needs::{Access, Asks, Need};
use crate::runbooks;
use crate::services::{Graph, Sort};

impl Topology {
    /// Whether clients go through the addresses of answers themselves, and answers have several.
    pub fn walks(&self) -> bool {
        let direct = !self.edge.works_without_dns() && self.edge.cloud_front.is_none();
        direct && self.zone.walks()
    }

    /// Number of places that requests are led to: regions, doors of other services behind them, pages, and nowhere.
    pub fn places(&self) -> usize {
        self.regions.len()
    }

    /// The name of a place.
    pub fn place_name(&self, place: PlaceId) -> String {
        match self.graph.only_entered() {
            None if self.graph.entered.is_some() && place.index() < self.endpoints => {
                let service = self.graph.entered.map_or("", |service| self.graph.services[service].name.as_str());
                format!("{service}@{}", self.regions[RegionId::new(place.index())].name)
            }
            _ => self.regions[RegionId::new(place.index())].name.clone(),
        }
    }

    /// The services that requests of a journey enter: the one that it names, or those that its name leads to.
    pub fn entered_by(&self, journey: JourneyId) -> Vec<ServiceId> {
        let Journey { enters, at, .. } = self.journeys[journey];
        let name = at.unwrap_or(NameId::new(0));
        let mut services: Vec<ServiceId> = match enters {
            Some(service) => vec![service],
            None if self.graph.entered_too.is_empty() => self.graph.entered.into_iter().collect(),
            None => {
                let led_to = self.edge.led_to().map(|(_, places)| places);
                let places = led_to.unwrap_or_else(|| self.zone.endpoints_of(name)).into_iter();
                places.filter_map(|place| self.graph.entered_at(place)).collect()
            }
        };
        services.sort_unstable();
        services.dedup();
        services
    }

    /// The endpoints: where services are entered in regions that serve.
    pub fn entries(&self) -> impl Iterator<Item = PlaceId> + '_ {
        RegionId::all(self.endpoints).flat_map(|region| self.graph.entries(region))
    }

    /// Whether alarms or runbooks watch each check by its name.
    pub(in crate::deployment) fn watched_checks(&self) -> Vec<bool> {
        let alarms = self.alarms.iter().filter_map(|alarm| match alarm.metric {
            cloud_watch::Metric::HealthCheck(watched) => Some(watched),
            _ => None,
        });
        let triggers = self.runbooks.iter().flat_map(|runbook| runbook.on.triggers()).filter_map(|on| match on {
            runbooks::Trigger::HealthCheck(watched) => Some(*watched),
            _ => None,
        });
        let watched: Vec<Watched> = alarms.chain(triggers).collect();
        self.zone.checks.ids().map(|check| watched.contains(&Watched::Check(check))).collect()
    }

    /// The columns of what records answer with several addresses that clients go through.
    pub fn columns(&self) -> Columns {
        if self.walks() {
            self.zone.columns(runbooks::shares(self.runbooks.iter().flat_map(|runbook| &runbook.steps)))
        } else {
            Columns::none(self.zone.records.len())
        }
    }

    /// What stands at a place behind the regions, if it is one that no region has.
    pub fn beyond(&self, place: PlaceId) -> Option<&Beyond> {
        self.beyond.get(place.index().checked_sub(self.regions.len() - self.beyond.len())?)
    }

    /// The place of clients that are given no answer, if there may be any.
    pub fn nowhere(&self) -> Option<PlaceId> {
        PlaceId::all(self.places()).find(|&place| self.beyond(place) == Some(&Beyond::Nothing))
    }

    /// Share of a journey's requests that must succeed for it to count as up.
    pub fn up_when(&self, journey: JourneyId) -> f64 {
        self.journeys[journey].objectives.up_when.unwrap_or(self.up_when)
    }

    /// The time in seconds within which a journey's requests have to succeed to count as up, if that matters.
    pub fn within(&self, journey: JourneyId) -> Option<f64> {
        self.journeys[journey].objectives.within.or(self.within)
    }

    /// The number of the composite alarm at this place.
    pub fn composite(&self, place: usize) -> AlarmId {
        AlarmId::new(self.alarms.len() + place)
    }

    /// The names of all alarms by their numbers, composite ones last.
    pub fn alarm_names(&self) -> impl Iterator<Item = &str> {
        let own = self.alarms.iter().map(|alarm| alarm.name.as_str());
        own.chain(self.composites.iter().map(|composite| composite.name.as_str()))
    }

    /// The name of an alarm, composite or not, and the region that it lives in.
    pub fn alarm(&self, alarm: AlarmId) -> (&str, RegionId) {
        match self.alarms.get(alarm) {
            Some(alarm) => (&alarm.name, alarm.hosted_in),
            None => {
                let composite = &self.composites[alarm.index() - self.alarms.len()];
                (&composite.name, composite.hosted_in)
            }
        }
    }

    /// What runs the cell, if anything does.
    pub fn compute(&self, cell: CellId) -> Option<&compute::Parameters> {
        match self.graph.place(cell) {
            (_, region) if cell == Graph::front(region) => self.regions[region].compute.as_ref(),
            (service, region) => Some(&self.graph.tier(service?, region)?.compute),
        }
    }

    /// The gateway in front of a cell, if there is one.
    pub fn gateway(&self, cell: CellId) -> Option<&api_gateway::Parameters> {
        match self.graph.place(cell) {
            (_, region) if cell == Graph::front(region) => self.regions[region].gateway.as_ref(),
            (service, region) => self.graph.tier(service?, region)?.gateway.as_ref(),
        }
    }

    /// The load balancer of a cell, if there is one.
    pub fn balancer(&self, cell: CellId) -> Option<&load_balancer::Parameters> {
        match self.graph.place(cell) {
            (_, region) if cell == Graph::front(region) => self.regions[region].load_balancer.as_ref(),
            (service, region) => self.graph.tier(service?, region)?.load_balancer.as_ref(),
        }
    }

    /// Whether a load balancer asks for the health of targets at a place.
    pub fn is_probed(&self, place: PlaceId) -> bool {
        self.balancer(Graph::cell_at(place)).is_some_and(|balancer| balancer.probes)
    }

    /// What launches of a cell need.
    pub fn launch_needs(&self, cell: CellId) -> &[Need] {
        let (service, _) = self.graph.place(cell);
        let fleet = self.compute(cell).is_some_and(|compute| compute.fleet().is_some());
        service.filter(|_| fleet).map_or(&[], |service| &self.graph.services[service].launch_needs)
    }

    /// The cells with a gateway in front.
    pub fn gateways(&self) -> impl Iterator<Item = (CellId, &api_gateway::Parameters)> {
        CellId::all(self.graph.cells()).filter_map(|cell| Some((cell, self.gateway(cell)?)))
    }

    /// All load balancers.
    pub fn balancers(&self) -> impl Iterator<Item = &load_balancer::Parameters> {
        CellId::all(self.graph.cells()).filter_map(|cell| self.balancer(cell))
    }

    /// The cells in which anything runs, with what does.
    pub fn computes(&self) -> impl Iterator<Item = (CellId, &compute::Parameters)> {
        CellId::all(self.graph.cells()).filter_map(|cell| Some((cell, self.compute(cell)?)))
    }

    /// Number of zones of a region: the most that anything in it stands in.
    pub fn zones(&self, region: RegionId) -> usize {
        let cells = self.graph.cells_in(region).filter_map(|cell| self.compute(cell));
        cells.map(compute::Parameters::zones).max().unwrap_or_else(|| self.regions[region].zones())
    }

    /// The parts behind the fronts that may be blamed for failures: services where they run, then stores as each region meets
    /// them. None where no service calls another.
    pub fn parts(&self) -> Vec<BlamedPart> {
        let graph = &self.graph;
        if graph.asked.is_empty() {
            return Vec::new();
        }
        let at = |name: &str, region: RegionId| {
            let region = &self.regions[region].name;
            (format!("{name}@{region}"), format!("{name} in {region}"))
        };
        let mut cells: Vec<CellId> = graph.inner().map(|(cell, ..)| cell).collect();
        cells.sort();
        let services = cells.into_iter().map(|cell| {
            let (service, place) = graph.place(cell);
            let service = &graph.services[service.expect("a cell behind the fronts has a service")];
            let (name, words) = match service.sort {
                Sort::External => (service.name.clone(), service.name.clone()),
                Sort::Tier | Sort::Managed => at(&service.name, place),
            };
            BlamedPart { name, words, index: cell.index(), region: (service.sort != Sort::External).then_some(place) }
        });
        let stores = self.stores.pairs().flat_map(|(id, store)| {
            self.regions.ids().map(move |place| {
                let (name, words) = at(&store.name, place);
                BlamedPart { name, words, index: graph.store_part(id, place), region: Some(place) }
            })
        });
        services.chain(stores).collect()
    }

    /// All needs of journeys and of services that are entered or called.
    pub fn needs(&self) -> impl Iterator<Item = &Need> {
        self.journeys.iter().flat_map(|journey| &journey.needs).chain(self.graph.needs())
    }

    /// The needs that remember, in the order of their numbers, each with who has it.
    pub(in crate::deployment) fn remembering(&self) -> Vec<(&str, Need)> {
        let services = self.graph.services.iter().map(|service| (service.name.as_str(), &service.needs));
        let journeys = self.journeys.iter().map(|journey| (journey.name.as_str(), &journey.needs));
        let all = services.chain(journeys).flat_map(|(name, needs)| needs.iter().map(move |need| (name, *need)));
        let mut all: Vec<(&str, Need)> = all.filter(|(_, need)| need.site.is_some()).collect();
        all.sort_by_key(|(_, need)| need.site);
        all
    }

    /// The service that has each need that remembers.
    pub(in crate::deployment) fn remembers(&self) -> ById<SiteId, Option<ServiceId>> {
        let mut callers = ById::new(self.graph.sites, None);
        for (service, it) in self.graph.services.pairs() {
            it.needs.iter().filter_map(|need| need.site).for_each(|site| callers[site] = Some(service));
        }
        for journey in &self.journeys {
            let entered = journey.enters.or(self.graph.entered);
            journey.needs.iter().filter_map(|need| need.site).for_each(|site| callers[site] = entered);
        }
        callers
    }

    /// A need in words: what its random numbers go by.
    pub(in crate::deployment) fn need_text(&self, caller: &str, need: &Need) -> String {
        match need.asks {
            Asks::Store { access: Access::Read, store } => format!("{caller}/read-{}", self.stores[store].name),
            Asks::Store { access: Access::Write, store } => format!("{caller}/write-{}", self.stores[store].name),
            Asks::Service(call) => format!("{caller}/call-{}", self.graph.services[call.service].name),
        }
    }

    /// The regions that serve.
    pub fn serving(&self) -> &[Region] {
        &self.regions.as_slice()[..self.endpoints]
    }

    /// Whether a fault that starts the clock comes again and again.
    pub fn recurring(&self) -> bool {
        self.faults.iter().any(|fault| fault.start.recurs() && self.starts_clock(fault))
    }

    /// Names of the regions.
    pub fn region_names(&self) -> Vec<String> {
        self.regions.iter().map(|region| region.name.clone()).collect()
    }
}
