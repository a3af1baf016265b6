//! Where the milliseconds go: what a request of each journey takes when all is well, part by part, and the parts whose time is not
//! given.

use models::compute;
use models::deployment::{Strand, Topology};
use models::flow::Flow;
use models::ids::{CellId, JourneyId, PlaceId, PopulationId, RegionId, StoreId, StrandId};
use models::needs::{Access, Asks, Call, Need, To};
use models::services::Graph;
use models::software::APP;

use crate::overview::Latency;

/// What requests take when all is well, and what is left out.
pub(super) fn latency(topology: &Topology, at_first: Option<&Flow>) -> Latency {
    let Some(Flow { shares, offered, .. }) = at_first else { return Latency::default() };
    let strands = topology.strands();
    let mut told = false;
    let mut left_out = Vec::new();
    let journeys = topology.journeys.pairs().filter(|(_, journey)| journey.share > 0.0);
    let journeys = journeys.map(|(id, journey)| {
        let mut parts = Parts { topology, parts: Vec::new(), left_out: &mut left_out, told: &mut told };
        let asked = |strand: &Strand| journey.at.is_none_or(|at| at == strand.name);
        let own: Vec<(StrandId, &Strand)> = strands.pairs().filter(|(_, strand)| asked(strand)).collect();
        let all: f64 = own.iter().map(|(id, _)| offered[id.index()]).sum();
        for (strand, &Strand { population, .. }) in own {
            for place in PlaceId::all(topology.places()) {
                let region = topology.graph.home(place);
                let share = shares.row(strand.index()).get(place.index()).copied().unwrap_or_default();
                let weight = if all > 0.0 { offered[strand.index()] / all * share } else { 0.0 };
                // Whom no answer leads anywhere has no way.
                if let Some(&trip) = topology.clients[population].round_trip.get(region.index())
                    && weight > 0.0
                {
                    parts.request(id, (population, trip), place, weight);
                }
            }
        }
        (journey.name.clone(), parts.parts)
    });
    let journeys = journeys.collect();
    Latency { journeys, left_out, told }
}

/// The parts of a journey's time, in the order in which requests meet them.
struct Parts<'a> {
    topology: &'a Topology,
    /// Names and mean seconds.
    parts: Vec<(String, f64)>,
    left_out: &'a mut Vec<String>,
    /// Whether anything says how long a service takes.
    told: &'a mut bool,
}

impl Parts<'_> {
    fn add(&mut self, name: String, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        match self.parts.iter_mut().find(|(own, _)| *own == name) {
            Some((_, sum)) => *sum += seconds,
            None => self.parts.push((name, seconds)),
        }
    }

    fn leave_out(&mut self, name: String) {
        if !self.left_out.contains(&name) {
            self.left_out.push(name);
        }
    }

    /// A share of a journey's requests, which come to this place.
    fn request(&mut self, journey: JourneyId, from: (PopulationId, f64), place: PlaceId, mut weight: f64) {
        let own = &self.topology.journeys[journey];
        let (population, trip) = from;
        if let Some(edge) = &self.topology.edge.cloud_front {
            let near = self.topology.clients[population].near;
            self.add("from clients to the edge".to_owned(), weight * near.round_trip(near));
            weight *= if own.cacheable { 1.0 - edge.hit_ratio } else { 1.0 };
            self.add("from the edge to the origin".to_owned(), weight * trip);
        } else {
            self.add("from clients to the front".to_owned(), weight * trip);
        }
        self.service(Graph::cell_at(place), weight);
        let graph = &self.topology.graph;
        let region = graph.home(place);
        for need in graph.entry_needs(place).iter().chain(&own.needs) {
            self.need(need, region, weight);
        }
    }

    fn service(&mut self, cell: CellId, weight: f64) {
        let topology = self.topology;
        let name = topology.graph.place(cell).0.map_or(APP, |service| topology.graph.services[service].name.as_str());
        match topology.work(cell).and_then(|work| work.response.as_ref()) {
            Some(response) => {
                *self.told = true;
                self.add(format!("{name}, its own work"), weight * response.mean());
            }
            None => self.leave_out(format!("the response time of {name}")),
        }
    }

    fn need(&mut self, need: &Need, region: RegionId, weight: f64) {
        // Callers have what they keep.
        if need.kept.values.is_some() {
            return;
        }
        match need.asks {
            Asks::Store { access, store } => self.access(access, store, region, weight),
            Asks::Service(call) => self.call(&call, region, weight),
        }
    }

    fn access(&mut self, access: Access, store: StoreId, region: RegionId, weight: f64) {
        let topology = self.topology;
        let own = &topology.stores[store];
        let (what, of) = match access {
            Access::Read => ("reads of", "reads"),
            Access::Write => ("writes to", "writes"),
        };
        let trip = |from: RegionId, to: RegionId| {
            if from == to { 0.0 } else { topology.round_trips[from.index()][to.index()] }
        };
        let nearest = |among: &[RegionId]| {
            among.iter().copied().min_by(|one, other| trip(region, *one).total_cmp(&trip(region, *other)))
        };
        let copies = own.parameters.regions();
        let at = match (access, own.parameters.writers().as_slice()) {
            (Access::Write, writers) if !writers.is_empty() => nearest(writers),
            _ => nearest(copies),
        };
        let at = at.unwrap_or(region);
        self.add(format!("the way to {}, for {of}", own.name), weight * trip(region, at));
        if own.parameters.agrees_on(access) {
            let voters = own.parameters.voters();
            let others = voters.into_iter().filter(|voter| *voter != at).map(|voter| trip(at, voter));
            let quorum = others.fold(f64::INFINITY, f64::min);
            self.add(format!("the quorum of {}", own.name), if quorum.is_finite() { weight * quorum } else { 0.0 });
        }
        match own.times.of(access) {
            Some(time) => self.add(format!("{what} {}", own.name), weight * time.mean()),
            None => self.leave_out(format!("{what} {}", own.name)),
        }
    }

    fn call(&mut self, call: &Call, region: RegionId, weight: f64) {
        let topology = self.topology;
        let graph = &topology.graph;
        let service = &graph.services[call.service];
        let trip = |to: RegionId| if region == to { 0.0 } else { topology.round_trips[region.index()][to.index()] };
        let to = match call.to {
            To::Region(to) => Some(to),
            To::Local | To::Nearest { .. } | To::Name(_) => {
                service.regions.iter().copied().min_by(|one, other| trip(*one).total_cmp(&trip(*other)))
            }
        };
        let Some((to, cell)) = to.and_then(|to| Some((to, graph.cell(call.service, to)?))) else { return };
        let (way, at) = match topology.compute(cell) {
            Some(compute::Parameters::External { place, .. }) => {
                (topology.regions[region].place.round_trip(place), region)
            }
            _ => (trip(to), to),
        };
        self.add(format!("the way to {}", service.name), weight * way);
        self.service(cell, weight);
        for need in &service.needs {
            self.need(need, at, weight);
        }
    }
}
