//! How long things take in this deployment: services, copies of stores, and the patience of clients.

use sim_core::engine::Engine;
use sim_core::time::SimDuration;

use super::{Assembly, Key, Topology};
use crate::clients;
use crate::compute;
use crate::faults::{Kind, Slowdown, Struck};
use crate::flow::Front;
use crate::ids::{CellId, PlaceId, RegionId, ServiceId, StoreId};
use crate::latency::{CellTimes, Clients, Laws, Mix, Places, Slow, Time};
use crate::needs::{Access, Asks, Need};
use crate::services::Graph;
use crate::work::Work;

/// What takes longer than this share of all is no longer of interest in a bound.
const NEARLY_ALL: f64 = 1.0 - 1e-11;

impl Topology {
    /// How long what runs in a cell works on a request.
    pub fn work(&self, cell: CellId) -> Option<&Work> {
        match self.graph.place(cell) {
            (_, region) if cell == Graph::front(region) => Some(&self.regions[region].work),
            (service, region) => Some(&self.graph.tier(service?, region)?.work),
        }
    }

    /// The times of all services and stores.
    pub(super) fn times(&self) -> Places {
        let cell = |cell: CellId| {
            let compute = self.compute(cell);
            let outside = match compute {
                Some(compute::Parameters::External { place, .. }) => {
                    self.regions.iter().map(|region| region.place.round_trip(place)).collect()
                }
                _ => Vec::new(),
            };
            let cold = compute.and_then(compute::Parameters::function).map(|function| &function.cold_start);
            let work = self.work(cell);
            CellTimes {
                response: work.and_then(|work| work.response.as_ref()),
                concurrency: work.and_then(|work| work.concurrency),
                cold,
                outside,
            }
        };
        let stores = self.stores.iter().map(|store| {
            let agrees = [Access::Read, Access::Write].map(|access| store.parameters.agrees_on(access));
            ([store.times.read.clone(), store.times.write.clone()], store.parameters.voters(), agrees)
        });
        Places::new(CellId::all(self.graph.cells()).map(cell), stores, &self.round_trips)
    }

    /// The populations' clients, as far as time goes: each request is held against their patience only where it may take longer.
    pub(super) fn patience(&self, laws: &mut Laws) -> Vec<Clients> {
        let within: Vec<Option<f64>> = self.journeys.ids().map(|journey| self.within(journey)).collect();
        let timed = within.iter().any(Option::is_some);
        let served = self.longest();
        let of = |own: &clients::Parameters| {
            let timeout = own.timeout.as_secs_f64();
            let mut clients = Clients::new(own.attempts, timeout, own.backoff, laws);
            let trip = own.round_trip.iter().copied().fold(0.0, f64::max);
            let waits = own.backoff.map_or(0.0, |(_, cap)| cap);
            let each = 3.0 * trip + own.near.round_trip(own.near) + waits + self.walked(own);
            if timed || self.percentiles || served + f64::from(own.attempts) * each > timeout {
                clients.round_trips = self.trips_of(own);
                clients.within.clone_from(&within);
            }
            clients
        };
        self.clients.iter().map(of).collect()
    }

    /// The round trips of clients to each place, in seconds.
    pub(super) fn trips_of(&self, clients: &clients::Parameters) -> Vec<f64> {
        let trips = &clients.round_trip;
        if self.graph.doors.is_empty() {
            return trips.clone();
        }
        let trip = |place| trips.get(self.graph.home(place).index()).copied().unwrap_or_default();
        PlaceId::all(self.places()).map(trip).collect()
    }

    /// Whether the file says how long services take, or what requests are held against: then it is asked how long each one takes.
    /// The duration of a function says what it carries in the first place: that alone asks for nothing.
    pub(super) fn tells_times(&self) -> bool {
        let works = |cell: CellId| {
            let function = self.compute(cell).is_some_and(|compute| compute.function().is_some());
            !function && self.work(cell).is_some_and(|work| work.response.is_some())
        };
        CellId::all(self.graph.cells()).any(works)
            || self.journeys.iter().any(|journey| !journey.objectives.latency.is_empty())
    }

    /// What dead addresses and dead origins may cost a try.
    fn walked(&self, clients: &clients::Parameters) -> f64 {
        let walk =
            if self.walks() { clients.connect_timeout.as_secs_f64() * crate::flow::ADDRESSES as f64 } else { 0.0 };
        walk + self.edge.cloud_front.as_ref().map_or(0.0, |edge| edge.wait.as_secs_f64())
    }

    /// A bound in seconds on what any request takes from the front on.
    fn longest(&self) -> f64 {
        let mut factor = 1.0;
        let mut added = 0.0;
        for fault in &self.faults {
            if let Kind::SlowFailure(Slowdown { slow, .. }) = &fault.kind {
                factor *= slow.factor.max(1.0);
                added += slow.adds.as_ref().map_or(0.0, |adds| adds.quantile(NEARLY_ALL));
            }
        }
        let far = self.round_trips.iter().flatten().copied().fold(0.0, f64::max);
        let bound = Bound { topology: self, factor, added, far };
        let needs = |needs: &[Need]| needs.iter().map(|need| bound.need(need)).sum::<f64>();
        let own = self.journeys.iter().map(|journey| needs(&journey.needs)).fold(0.0, f64::max);
        let at = |place| bound.cell(Graph::cell_at(place)) + needs(self.graph.entry_needs(place));
        PlaceId::all(self.places()).map(at).fold(0.0, f64::max) + own
    }
}

/// What is longer than nearly everything.
struct Bound<'a> {
    topology: &'a Topology,
    factor: f64,
    added: f64,
    far: f64,
}

impl Bound<'_> {
    fn cell(&self, cell: CellId) -> f64 {
        let longest = |law: &sim_core::random::Distribution| law.quantile(NEARLY_ALL);
        let response = self.topology.work(cell).and_then(|work| work.response.as_ref()).map_or(0.0, longest);
        let function = self.topology.compute(cell).and_then(compute::Parameters::function);
        let cold = function.map_or(0.0, |function| longest(&function.cold_start));
        response * self.factor + self.added + cold
    }

    fn need(&self, need: &Need) -> f64 {
        match need.asks {
            Asks::Store { access, store } => {
                let own = &self.topology.stores[store];
                let backed = own.parameters.backs().map_or(0.0, |backed| self.access(Access::Read, backed));
                self.access(access, store) + backed
            }
            Asks::Service(call) => {
                let tries = f64::from(call.attempts);
                let trip = 2.0 * self.trip(call.service);
                let one = trip + self.service(call.service);
                let limit = call.timeout.map_or(f64::INFINITY, SimDuration::as_secs_f64);
                tries * if limit.is_finite() { one.min(limit).max(trip) } else { one }
            }
        }
    }

    fn access(&self, access: Access, store: StoreId) -> f64 {
        let own = self.topology.stores[store].times.of(access).map_or(0.0, |time| time.quantile(NEARLY_ALL));
        own * self.factor + self.added + 2.0 * self.far
    }

    fn trip(&self, service: ServiceId) -> f64 {
        let cell = self.topology.graph.cell(service, RegionId::new(0));
        match cell.and_then(|cell| self.topology.compute(cell)) {
            Some(compute::Parameters::External { place, .. }) => {
                self.topology.regions.iter().map(|region| region.place.round_trip(place)).fold(self.far, f64::max)
            }
            _ => self.far,
        }
    }

    fn service(&self, service: ServiceId) -> f64 {
        let graph = &self.topology.graph;
        let cells = RegionId::all(graph.regions).filter_map(|region| graph.cell(service, region));
        let own = cells.map(|cell| self.cell(cell)).fold(0.0, f64::max);
        own + graph.services[service].needs.iter().map(|need| self.need(need)).sum::<f64>()
    }
}

impl Assembly {
    /// What slow failures under way strike changes.
    pub(super) fn slowed(&mut self, region: Option<RegionId>, of: Struck, engine: &mut Engine<Key>) {
        let regions: Vec<RegionId> = region.map_or_else(|| self.topology.regions.ids().collect(), |own| vec![own]);
        for region in regions {
            match of {
                Struck::Store(store) => self.slow_copy(store, region),
                Struck::Entry | Struck::Service(_) => {
                    for cell in self.computes.ids() {
                        if self.strikes(of, region, cell) {
                            self.slow_cell(cell);
                            self.tell_target_probes(cell, engine);
                        }
                    }
                }
            }
        }
        self.dirty.places = true;
    }

    /// Balancers learn which share of their probes fails: by gray failures, because answers come too late, and where probes compete with
    /// requests because they are shed or wait like those.
    pub(super) fn tell_target_probes(&mut self, cell: CellId, engine: &mut Engine<Key>) {
        let balancer = self.topology.balancer(cell);
        let timeout = balancer.map_or(f64::INFINITY, |balancer| balancer.timeout.as_secs_f64());
        let mut past = 1.0 - self.gray[cell].target_probes;
        let in_time = if balancer.is_some_and(|balancer| balancer.probes_compete) {
            past *= 1.0 - self.solver.overload[cell.index()];
            self.answers_in_its_turn(cell, timeout)
        } else {
            self.answers_within(cell, timeout)
        };
        if let Some(compute) = &mut self.computes[cell] {
            compute.set_failing_probes(1.0 - past, 1.0 - past * in_time, engine);
        }
    }

    /// Share of requests that a cell lets in which it answers within so many seconds, after what they wait.
    fn answers_in_its_turn(&self, cell: CellId, seconds: f64) -> f64 {
        let front = &self.solver.flow.fronts[cell.index()];
        let Some(held) = &front.held else { return self.answers_within(cell, seconds) };
        let let_in = self.solver.flow.load[cell.index()] * (1.0 - self.solver.overload[cell.index()]);
        let (_, in_turn) = held.meets(let_in, front.capacity);
        in_turn * self.answers_within(cell, seconds - held.waits_for())
    }

    /// The same when a trial starts, of those whose answers may be late all the time.
    pub(super) fn begin_target_probes(&mut self, engine: &mut Engine<Key>) {
        for cell in self.computes.ids() {
            if self.solver.places.service(cell) != Time::default() {
                self.tell_target_probes(cell, engine);
            }
        }
    }

    /// Share of requests that a service's own work answers within so many seconds.
    fn answers_within(&self, cell: CellId, seconds: f64) -> f64 {
        let places = &self.solver.places;
        Mix::of(places.service(cell)).until(seconds, &places.laws)
    }

    /// Share of a checker's requests to an endpoint that come back in time: the work there, and for a deep check each need by
    /// itself.
    pub(super) fn probe_in_time(&self, place: PlaceId, needs: &[Need], seconds: f64) -> f64 {
        let (places, region) = (&self.solver.places, self.topology.graph.home(place));
        let need = |need: &Need| match need.asks {
            Asks::Store { access, store } => {
                let met = self.meet(access, store, region, None);
                if met.pass <= 0.0 {
                    return 1.0;
                }
                let time = places.access(access, met.store, (region, met.at), &self.world);
                Mix::of(time).until(seconds, &places.laws)
            }
            Asks::Service(call) => self.answers_call(&call, need.site, region, seconds),
        };
        let needs = needs.iter().filter(|need| !need.soft).map(need).product::<f64>();
        self.answers_within(Graph::cell_at(place), seconds) * needs
    }

    /// Whether what is struck in a region is, or runs in, a cell.
    fn strikes(&self, of: Struck, region: RegionId, cell: CellId) -> bool {
        match of {
            Struck::Entry => self.topology.graph.is_struck(cell, region, None),
            Struck::Service(service) => self.topology.graph.is_struck(cell, region, Some(service)),
            Struck::Store(_) => false,
        }
    }

    fn slow_cell(&mut self, cell: CellId) {
        let region = self.topology.graph.place(cell).1;
        let mut places = std::mem::take(&mut self.solver.places);
        let strikes = |down: &&Slowdown| self.strikes(down.of, down.region.unwrap_or(region), cell);
        places.slow_cell(cell, self.slowdowns().filter(strikes).map(|down| &down.slow));
        self.solver.places = places;
    }

    fn slow_copy(&mut self, store: StoreId, region: RegionId) {
        let mut places = std::mem::take(&mut self.solver.places);
        let by = [Access::Read, Access::Write].map(|access| {
            let strikes = |down: &&Slowdown| {
                down.of == Struck::Store(store)
                    && down.region.is_none_or(|own| own == region)
                    && down.only.is_none_or(|only| only == access)
            };
            self.slowdowns().filter(strikes).map(|down| &down.slow).collect::<Vec<&Slow>>()
        });
        places.slow_store(store, region, &[&by[0], &by[1]]);
        self.solver.places = places;
    }

    /// Slow failures under way, each occurrence by itself.
    fn slowdowns(&self) -> impl Iterator<Item = &Slowdown> {
        self.active().filter_map(|kind| match kind {
            Kind::SlowFailure(down) => Some(down),
            _ => None,
        })
    }

    /// A front carries what its concurrency admits at its present time, and what losses of capacity leave.
    pub(super) fn limit(&self, cell: CellId, front: &mut Front) {
        let admitted = self.solver.places.carries(cell);
        if admitted.is_finite() {
            let compute = self.topology.compute(cell);
            match compute.and_then(compute::Parameters::fleet) {
                Some(fleet) if fleet.requests_per_second > 0.0 => {
                    front.capacity *= (admitted / fleet.requests_per_second).min(1.0);
                }
                _ => front.capacity = front.capacity.min(admitted),
            }
        }
        let region = self.topology.graph.place(cell).1;
        for kind in self.active() {
            if let Kind::CapacityLoss { region: own, of, factor, .. } = *kind
                && self.strikes(of, own.unwrap_or(region), cell)
            {
                front.capacity *= factor;
            }
        }
    }

    /// Copies of a store carry what losses of capacity leave.
    pub(super) fn lessen(&mut self, region: Option<RegionId>, store: StoreId) {
        let regions: Vec<RegionId> = region.map_or_else(|| self.topology.regions.ids().collect(), |own| vec![own]);
        for region in regions {
            for access in [Access::Read, Access::Write] {
                let left = |kind: &Kind| match *kind {
                    Kind::CapacityLoss { region: own, of: Struck::Store(struck), only, factor }
                        if struck == store
                            && own.is_none_or(|own| own == region)
                            && only.is_none_or(|only| only == access) =>
                    {
                        factor
                    }
                    _ => 1.0,
                };
                let left = self.active().map(left).product();
                self.meters.lessen(self.sharding.rows_of(store), access, region, left);
            }
        }
        self.dirty.places = true;
    }
}
