//! A deployment: all components of one experiment, wired together, run trial by trial.
//!
//! Between two instants nothing changes. At an instant, the engine hands the events that are due to their components in
//! order, and asks what the signals that this raises mean for others (`wiring`); then, if anything changed that requests
//! can feel, the state settles (`settle`): DNS answers, what probes meet, flows, and the metrics that follow from them.

mod attempts;
mod backups;
mod beyond;
mod blows;
mod branches;
mod callers;
mod clock;
mod compute;
mod door;
mod faults;
mod gates;
mod glide;
mod gray;
mod links;
mod needs;
mod observer;
mod own_names;
mod partial;
mod probes;
mod publish;
mod queues;
mod replicas;
mod runner;
mod services;
mod settle;
mod shedding;
mod spec;
mod steps;
mod strands;
mod tiers;
mod times;
mod verdicts;
mod waiting;
mod wiring;

use sim_core::engine::Engine;
use sim_core::random::{Stream, StreamId, Trial};
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;
use sim_core::time::{SimDuration, SimTime};

use crate::by_id::ById;
use crate::cause::CAUSES;
use crate::clients::{self, Population};
use crate::cloud_watch::{self, Alarm};
use crate::faults::{Faults, Start};
use crate::flow::{Flow, Shape, Solver};
use crate::fronts::cloud_front::{CachedErrors, Plan};
use crate::fronts::global_accelerator::Accelerator;
use crate::fronts::route53::health_check::HealthCheck;
use crate::fronts::route53::routing::Routing;
use crate::fronts::route53::zone::{Columns, Name, Probing, Sight, Ways, ZoneCheck};
use crate::grid::Grid;
use crate::ids::{
    AlarmId, CellId, CheckId, FaultId, GuardId, JourneyId, NameId, PlaceId, PopulationId, RegionId, RunbookId,
    ServiceId, SiteId, StoreId, StrandId,
};
use crate::latency::{Clients, Laws};
use crate::people::Starts;
use crate::runbooks::{Named, Runbook};
use crate::services::{Graph, Site as CallSite};
use crate::stores::{Backups, Loss, Site, Store};
use crate::subjects::numbered;
use crate::waiting::Waiting;
use crate::world::World;

use callers::ByName;
use compute::{Compute, Parts};
use door::Door;
use gates::Gates;
use glide::Expiries;
use links::Links;
use needs::{Meters, Sharding};
use own_names::OwnNames;
use partial::Gray;
use queues::Queues;
use shedding::Search;
use tiers::Tiers;

pub use strands::Strand;

pub use observer::{Clock, Happening, Observer};
pub use services::services;
pub use spec::{ALTERNATIVES, Beyond, BlamedPart, LAYOUT, Quotas, Region, Store as NamedStore, Topology, places};

/// Tolerance of the measures, in favour of up.
pub const TOLERANCE: f64 = 1e-9;

/// The components of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Faults,
    /// By population and name.
    Population(StrandId),
    /// By number of the callers of a region that go through a name.
    Callers(usize),
    /// By number of the callers of a region who ask for the own name of a store or a service.
    OwnName(usize),
    /// By health check.
    HealthCheck(CheckId),
    /// DNS, where it is the front door.
    Routing,
    /// The accelerator, where it is the front door.
    Accelerator,
    /// By cell.
    Balancer(CellId),
    /// By cell.
    Group(CellId),
    /// By cell.
    Function(CellId),
    /// By region whose launches on Fargate are limited.
    Launches(RegionId),
    /// By region whose launches of instances are limited.
    InstanceLaunches(RegionId),
    /// By region with gateways.
    Gateway(RegionId),
    /// By need that remembers, and region.
    Site(SiteId, RegionId),
    /// By store.
    Store(StoreId),
    /// By store, if it has backups or may need some.
    Backups(StoreId),
    /// By alarm: the experiment's own, then those that Route 53 evaluates for its health checks.
    Alarm(usize),
    /// By runbook.
    Runbook(RunbookId),
    CachedErrors,
    /// What waits before services.
    Waiting,
}

/// What changed since the state last settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Dirty {
    /// Populations whose traffic goes elsewhere or whose load changed: a bit each, the last one for all beyond.
    traffic: u64,
    /// What requests meet in regions: fronts, targets, needs.
    places: bool,
    /// Which targets stand at the front of a place, and nothing else that requests meet: a bit each, the last one for all beyond.
    fronts: u64,
    /// Verdicts, or what the front door sees.
    routing: bool,
    /// Where the front door leads populations, and whose fault it is if requests fail there.
    answers: bool,
    /// What compute carries, without anything else that requests meet.
    capacity: bool,
}

impl Dirty {
    const EVERYTHING: Self =
        Self { traffic: u64::MAX, places: true, fronts: u64::MAX, routing: true, answers: true, capacity: true };

    const fn any(self) -> bool {
        self.traffic != 0 || self.places || self.fronts != 0 || self.routing || self.answers || self.capacity
    }

    /// The bit of a strand.
    const fn population(strand: StrandId) -> u64 {
        Self::bit(strand.index())
    }

    /// The bit of a place's front.
    const fn front(place: PlaceId) -> u64 {
        Self::bit(place.index())
    }

    const fn bit(index: usize) -> u64 {
        1 << if index < 63 { index } else { 63 }
    }
}

/// All components of one experiment, and what runs them trial by trial.
#[derive(Debug)]
pub struct Deployment {
    simulation: Simulation<Key>,
    assembly: Assembly,
    horizon: SimTime,
    /// Simulated time between two looks at whether to go on.
    stride: SimDuration,
}

/// Looks in a trial at whether to go on, however short it is.
const LOOKS: f64 = 16.0;
/// Simulated time, in seconds, and faults between two looks of longer ones.
const LOOK_EVERY: (f64, f64) = (86_400.0, 8.0);

/// The simulated time between two looks: so little that each stretch is done in a moment, and so much that looking costs
/// nothing beside it.
fn stride(topology: &Topology, horizon: SimDuration) -> SimDuration {
    let seconds = horizon.as_secs_f64();
    let rates = topology.faults.iter().map(|fault| match fault.start {
        Start::Rate(rate) => rate,
        Start::At(_) => 0.0,
    });
    let faults = seconds * rates.sum::<f64>();
    let looks = LOOKS + seconds / LOOK_EVERY.0 + faults / LOOK_EVERY.1;
    SimDuration::from_secs_f64(seconds / looks).max(SimDuration::from_nanos(1))
}

/// All components of one experiment, wired together.
#[derive(Debug)]
struct Assembly {
    topology: Topology,
    /// Whether everything is worked out again at every instant, and every periodic process run.
    eager: bool,
    /// Alarms whose metric Route 53 evaluates for health checks, in the order of their copies.
    evaluated: Vec<AlarmId>,
    /// Time after which the pattern of all metric periods comes again.
    clock_cycle: SimDuration,

    dirty: Dirty,
    /// Whether flows were solved for that the observer has not heard of.
    unreported: bool,
    /// When the clock starts, and when recovery times begin to count; never once they have.
    clock_starts: [SimTime; 2],

    week_starts: Stream,
    clock_phase: Stream,
    faults: Slot<Faults>,
    strands: ById<StrandId, Strand>,
    populations: ById<StrandId, Slot<Population>>,
    /// Callers that go through names.
    by_name: ByName,
    /// Own names that faults may take.
    own_names: OwnNames,
    /// Those of populations, then those of callers.
    expiries: Expiries,
    /// Populations whose traffic moves at this instant.
    moving: Vec<StrandId>,
    /// Whether what goes to one region changes what becomes of requests at another.
    tied: bool,
    /// Health checks that probe.
    checks: ById<CheckId, Option<Slot<HealthCheck>>>,
    /// By name, faults under way that leave it without a record.
    lost_names: ById<NameId, u32>,
    /// What leads from each name to each place.
    ways: Ways,
    door: Door,
    computes: ById<CellId, Option<Compute>>,
    /// The cells of each region, its front first.
    cells: ById<RegionId, Vec<CellId>>,
    /// Cells whose compute carries what is asked of it, or tries to.
    following: Vec<CellId>,
    /// What limits launches and gateways of each region.
    gates: Gates,
    /// Needs that remember, by region of their callers.
    sites: Grid<Slot<CallSite>, SiteId, RegionId>,
    /// The service that the callers of a need look for, if they follow what they see of it.
    followed: ById<SiteId, Option<ServiceId>>,
    /// Who has each need that remembers: a service, or none where the regions' own compute is the only one.
    callers: ById<SiteId, Option<ServiceId>>,
    stores: ById<StoreId, Store>,
    backups: ById<StoreId, Option<Slot<Backups>>>,
    links: Links,
    /// By store, how many occurrences of faults had begun when it was last restored.
    restored_away: ById<StoreId, usize>,
    /// The experiment's own alarms, then those that Route 53 evaluates for its health checks.
    alarms: Vec<Slot<Alarm>>,
    /// Whether each alarm is in its alarm state, composite ones included.
    firing: ById<AlarmId, bool>,
    runbooks: ById<RunbookId, Slot<Runbook>>,
    /// The region whose control plane takes edits of DNS records, if it is one of the deployment's.
    records: Option<RegionId>,
    /// Where `CloudFront` keeps errors.
    cached_errors: Option<Slot<CachedErrors>>,

    world: World,
    gray: ById<CellId, Gray>,
    /// Share of requests at each cell that impairments of its service fail.
    impaired_cells: ById<CellId, f64>,
    /// Share of reads and of writes at each copy that impairments fail: row = store, column = region.
    impaired: Grid<[f64; 2], StoreId, RegionId>,
    /// Occurrences under way, by fault.
    under_way: ById<FaultId, u32>,
    surge: ById<PopulationId, f64>,
    /// What the guards of answers say.
    guards: ById<GuardId, bool>,
    /// By place, whether nothing says that the endpoint there is unhealthy.
    verdicts: ById<PlaceId, bool>,
    /// By check that alarms or runbooks watch, whether it is healthy.
    watched: ById<CheckId, Option<bool>>,
    /// Where the front door leads: row = population, column = place, and behind those what records answer with several addresses.
    answers: Grid<f64, StrandId>,
    columns: Columns,
    journeys_up: ById<JourneyId, bool>,
    /// By journey, the share of its requests from which on it counts as up, with the tolerance in its favour.
    up_from: ById<JourneyId, f64>,
    /// By store, whether every copy gets new writes.
    complete: ById<StoreId, bool>,
    solver: Solver,
    /// Accesses per second that stores were told of last.
    told: Vec<f64>,
    sharding: Sharding,
    meters: Meters,
    tiers: Tiers,
    /// Memory for the search for what fronts, tiers and copies shed.
    search: Search,
    queues: Queues,
    /// What waits before services, the cells before which it may, and those of them that are behind the fronts.
    waiting: Option<Slot<Waiting>>,
    held: Vec<CellId>,
    held_behind: Vec<CellId>,
    scratch: Vec<f64>,
    losses: Vec<Loss>,
}

impl Deployment {
    /// Wires up a deployment. `eager` runs every periodic process even where nothing can change.
    pub fn new(topology: &Topology, horizon: SimDuration, seed: u64, eager: bool) -> Self {
        let mut simulation = Simulation::new();
        let assembly = Assembly::new(topology, seed, eager, &mut simulation);
        Self { simulation, assembly, horizon: SimTime::ZERO + horizon, stride: stride(topology, horizon) }
    }

    /// The distributions of durations that were met so far.
    pub const fn laws(&self) -> &Laws {
        &self.assembly.solver.places.laws
    }

    /// The deployment as the file describes it.
    pub const fn topology(&self) -> &Topology {
        &self.assembly.topology
    }

    /// Runs one trial from its start to the horizon. Whatever ran before does not show.
    pub fn run<'a>(&mut self, trial: impl Into<Trial<'a>>, observer: &mut impl Observer) {
        let _finished = self.run_while(trial, observer, || true);
    }

    /// Runs one trial, and asks now and then whether to go on: trials of a century with faults every minute take long. Returns
    /// whether it went on to the horizon; one that was given up has told the observer no end. The questions do not show.
    pub fn run_while<'a>(
        &mut self,
        trial: impl Into<Trial<'a>>,
        observer: &mut impl Observer,
        go_on: impl Fn() -> bool,
    ) -> bool {
        let Self { simulation, assembly, horizon, stride } = self;
        let watched = &mut Watched { assembly, observer };
        simulation.begin(watched, trial);
        let mut until = SimTime::ZERO;
        while until < *horizon {
            until = (until + *stride).min(*horizon);
            simulation.run_until(watched, until);
            if !go_on() {
                return false;
            }
        }
        observer.summed(*horizon, assembly.flow_at(*horizon));
        observer.dangled(assembly.links.dangling());
        for (id, store) in assembly.stores.pairs_mut() {
            if let Some(backlog) = store.backlog(*horizon) {
                observer.waited(id, backlog, *horizon);
            }
        }
        observer.ended(*horizon, assembly.losses(*horizon));
        true
    }
}

/// A deployment and who watches it.
struct Watched<'a, O> {
    assembly: &'a mut Assembly,
    observer: &'a mut O,
}

impl Assembly {
    fn new(topology: &Topology, seed: u64, eager: bool, simulation: &mut Simulation<Key>) -> Self {
        let names = topology.region_names();
        let (regions, places) = (names.len(), topology.places());
        let columns = topology.columns();
        let width = places + columns.places.len();
        let zones: Vec<usize> = topology.regions.ids().map(|region| topology.zones(region)).collect();
        let store_names: Vec<String> = topology.stores.iter().map(|store| store.name.clone()).collect();
        let dns = &topology.dns;
        let zone = &topology.zone;
        let mut alarms: Vec<Slot<Alarm>> = Vec::new();
        for alarm in &topology.alarms {
            alarms.push(simulation.place(Key::Alarm(alarms.len()), Alarm::new(alarm, seed, eager)));
        }
        let check = |(id, check): (CheckId, &ZoneCheck)| match &check.sight {
            Sight::Probes(probing) => {
                let Probing { interval, threshold, checkers, path, .. } = probing;
                let component = HealthCheck::new(*interval, *threshold, *checkers, path, seed, eager);
                Some(simulation.place(Key::HealthCheck(id), component))
            }
            Sight::Alarm { .. } | Sight::Calculated { .. } => None,
        };
        let checks = zone.checks.pairs().map(check).collect();
        let evaluated = zone.alarms();
        for &alarm in &evaluated {
            // It knows no M of N: all of N in a row.
            let (_, all) = topology.alarms[alarm].datapoints;
            let parameters = cloud_watch::Parameters { datapoints: (all, all), ..topology.alarms[alarm].clone() };
            alarms.push(simulation.place(Key::Alarm(alarms.len()), Alarm::new(&parameters, seed, eager)));
        }
        let graph = &topology.graph;
        let mut compute = |cell: CellId| {
            let (service, region) = graph.place(cell);
            let place = &names[region.index()];
            let (balancer, paths) = if cell == Graph::front(region) {
                let balancer = topology.regions[region].load_balancer.as_ref();
                (balancer, [format!("compute/{place}"), format!("load-balancer/{place}")])
            } else {
                let service = service?;
                let path = |part: &str| format!("services/{}/{place}/{part}", graph.services[service].name);
                (graph.tier(service, region)?.load_balancer.as_ref(), [path("compute"), path("load-balancer")])
            };
            let paths = [paths[0].as_str(), paths[1].as_str()];
            let asks = topology.regions[region].quotas.instances.is_some();
            let parts = Parts { compute: topology.compute(cell)?, balancer, asks, paths };
            Some(Compute::new(parts, cell, &topology.ingestion, (seed, eager), simulation))
        };
        let computes: ById<CellId, Option<Compute>> = CellId::all(graph.cells()).map(&mut compute).collect();
        let gates = Gates::new(topology, simulation);
        let follows_flows = gates.follow_flows();
        let follows = |cell: &CellId| {
            computes[*cell].as_ref().is_some_and(Compute::follows_demand) || topology.gateway(*cell).is_some()
        };
        let following: Vec<CellId> = computes.ids().filter(follows).collect();
        let cells = topology.regions.ids().map(|region| graph.cells_in(region).collect()).collect();
        let remembering = topology.remembering();
        let subjects = numbered(remembering.iter().map(|(caller, need)| topology.need_text(caller, need)));
        let sites = Grid::from_fn(remembering.len(), regions, |site: SiteId, region: RegionId| {
            let path = format!("needs/{}/{}", subjects[site.index()], names[region.index()]);
            let component = CallSite::new(&remembering[site.index()].1, regions, &path, seed);
            simulation.place(Key::Site(site, region), component)
        });
        let followed = remembering.iter().map(|(_, need)| need.call().map(|call| call.service)).collect();
        let strands = topology.strands();
        let population = |(id, strand): (StrandId, &Strand)| {
            let clients = topology.edge.followers(&topology.clients[strand.population]);
            let Name { ttl, negative_ttl, .. } = zone.names[strand.name];
            let nothing = topology.nowhere().map(|place| (place.index(), negative_ttl));
            let at = clients::Asks { ttl, nothing, name: topology.strand_path(strand) };
            simulation.place(Key::Population(id), Population::new(&clients, at, width, seed, eager))
        };
        let populations = strands.pairs().map(population).collect();
        let by_name = ByName::new(topology, &columns, (seed, eager), simulation);
        let own_names = OwnNames::new(topology, (seed, eager), simulation);
        let store = |(id, store): (StoreId, &NamedStore)| {
            let path = format!("stores/{}", store.name);
            let site = Site { path: &path, regions: &names, zones: &zones, seed };
            store.parameters.build(Key::Store(id), site, simulation)
        };
        let stores = topology.stores.pairs().map(store).collect();
        let backups = backups::build(topology, seed, simulation);
        let door = if let Some(accelerator) = &topology.edge.accelerator {
            let accelerator = Accelerator::new(accelerator, width, seed, eager);
            Door::Accelerator(simulation.place(Key::Accelerator, accelerator))
        } else {
            let routing = Routing::new(dns, (zone, topology.nowhere()), &columns, &names, topology.endpoints, seed);
            Door::Dns(simulation.place(Key::Routing, routing))
        };
        let journey_names: Vec<String> = topology.journeys.iter().map(|journey| journey.name.clone()).collect();
        let client_names: Vec<String> = topology.clients.iter().map(|clients| clients.name.clone()).collect();
        let service_names = topology.graph.names();
        let named = Named {
            regions: &names,
            stores: &store_names,
            journeys: &journey_names,
            clients: &client_names,
            services: &service_names,
        };
        let runbook = |(id, runbook): (RunbookId, &crate::runbooks::Parameters)| {
            let runbook = Runbook::new(runbook, dns.editing, named, seed);
            simulation.place(Key::Runbook(id), runbook)
        };
        let runbooks = topology.runbooks.pairs().map(runbook).collect();
        let sharding = Sharding::new(&topology.stores, &strands);
        let meters = Meters::new(&topology.stores, regions);
        let cloud_front = topology.edge.cloud_front.as_ref();
        let asking = topology.asking(&strands);
        let shape = Shape {
            regions,
            journey_shares: topology.journeys.iter().map(|journey| journey.share).collect(),
            attempts: strands.iter().map(|strand| topology.clients[strand.population].attempts).collect(),
            round_trips: strands.iter().map(|strand| topology.trips_of(&topology.clients[strand.population])).collect(),
            stores: sharding.count(),
            chain_sets: sharding.sets.clone(),
            meters: meters.count(),
            tiers: graph.cells() - regions,
            parts: tiers::parts(graph, topology.stores.len()),
            calls_fronts: graph.calls_entries(),
            edge: cloud_front.map(|cloud_front| Plan::new(cloud_front, topology.journeys.as_slice(), &asking)),
            steps: topology
                .walks()
                .then(|| strands.iter().map(|strand| topology.clients[strand.population].steps()).collect()),
            limits: topology.holds_at_fronts().then(|| {
                strands.iter().map(|strand| topology.clients[strand.population].timeout.as_secs_f64()).collect()
            }),
            columns: columns.clone(),
        };
        let faults = topology.faults.iter().map(|fault| (fault, topology.starts_clock(fault)));
        let keeps_errors = cloud_front.filter(|cloud_front| !cloud_front.error_caching.is_zero());
        let cached_errors = keeps_errors.map(|cloud_front| {
            let caches = CachedErrors::new(cloud_front, &asking, topology.journeys.as_slice(), seed);
            simulation.place(Key::CachedErrors, caches)
        });
        let tiers = Tiers::new(graph, sharding.sets());
        let search = Search::new(graph.cells() + meters.count());
        let queues = Queues::new(topology);
        let waiting = waiting::build(topology, &strands, simulation);
        let held: Vec<CellId> = topology.queues().map(|(cell, _)| cell).collect();
        let held_behind = held.iter().copied().filter(|cell| cell.index() >= graph.regions).collect();
        let mut times = topology.times();
        let patience = topology.patience(&mut times.laws);
        let mut patience: Vec<Clients> =
            strands.iter().map(|strand| patience[strand.population.index()].clone()).collect();
        if topology.percentiles {
            patience.iter_mut().enumerate().for_each(|(strand, clients)| clients.alone = Some(strand));
        }
        let mut solver = Solver::new(shape).with_places(times).with_clients(&patience);
        if zone.names.len() > 1 {
            solver = solver.with_names(&topology.shares_by_set(&strands, &sharding.sets));
        }
        Self {
            eager,
            evaluated,
            clock_cycle: spec::clock_cycle(topology),
            dirty: Dirty::default(),
            unreported: false,
            clock_starts: [SimTime::NEVER; 2],
            week_starts: Starts::stream(seed),
            clock_phase: Stream::new(StreamId::new(seed, "cloudwatch", "phase")),
            faults: simulation.place(Key::Faults, Faults::new(faults, &zones, seed)),
            populations,
            checks,
            door,
            computes,
            cells,
            gates,
            sites,
            followed,
            callers: topology.remembers(),
            following: following.clone(),
            stores,
            backups,
            links: Links::new(topology),
            restored_away: ById::new(topology.stores.len(), 0),
            alarms,
            firing: ById::new(topology.alarms.len() + topology.composites.len(), false),
            runbooks,
            records: dns.editing.region().and_then(|home| topology.regions.position(|region| region.name == home)),
            cached_errors,
            world: World::new(&zones, &topology.round_trips),
            gray: ById::new(graph.cells(), Gray::default()),
            impaired_cells: ById::new(graph.cells(), 0.0),
            impaired: Grid::new(topology.stores.len(), regions, [0.0; 2]),
            under_way: ById::new(topology.faults.len(), 0),
            surge: ById::new(topology.clients.len(), 1.0),
            lost_names: ById::new(zone.names.len(), 0),
            ways: zone.ways(places),
            guards: ById::new(zone.guards.len(), true),
            verdicts: ById::new(places, true),
            watched: topology.watched_checks().into_iter().map(|watched| watched.then_some(true)).collect(),
            columns: columns.clone(),
            answers: Grid::new(strands.len(), width, 0.0),
            journeys_up: ById::new(topology.journeys.len(), true),
            up_from: topology.journeys.ids().map(|journey| topology.up_when(journey) - TOLERANCE).collect(),
            complete: ById::new(topology.stores.len(), true),
            expiries: Expiries::new(strands.len() + by_name.len() + own_names.len()),
            by_name,
            own_names,
            moving: Vec::with_capacity(strands.len()),
            strands,
            tied: cloud_front.is_some()
                || solver.walks()
                || !following.is_empty()
                || meters.count() > 0
                || topology.stores.iter().any(|store| store.parameters.backs().is_some())
                || queues.any()
                || waiting.is_some()
                || follows_flows,
            told: solver.flow.acknowledged().to_vec(),
            solver,
            sharding,
            meters,
            tiers,
            search,
            queues,
            waiting,
            held,
            held_behind,
            scratch: vec![0.0; width],
            losses: Vec::new(),
            topology: topology.clone(),
        }
    }

    /// Puts everything back to a quiet start.
    fn begin(&mut self, trial: Trial<'_>, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        self.dirty = Dirty::EVERYTHING;
        self.unreported = false;
        self.world.reset();
        self.gray.fill(Gray::default());
        self.impaired_cells.fill(0.0);
        self.impaired.fill([0.0; 2]);
        self.under_way.fill(0);
        self.surge.fill(1.0);
        self.guards.fill(true);
        self.lost_names.fill(0);
        self.verdicts.fill(true);
        for watched in self.watched.iter_mut().flatten() {
            *watched = true;
        }
        self.journeys_up.fill(true);
        self.complete.fill(true);
        self.firing.fill(false);
        self.solver.overload.fill(0.0);
        self.solver.places.begin();
        self.solver.begin();
        self.meters.begin();

        self.week_starts.begin(trial);
        let week = self.topology.starts.draw(&mut self.week_starts);
        self.clock_phase.begin(trial);
        let phase = SimDuration::from_secs_f64(self.clock_phase.uniform() * self.clock_cycle.as_secs_f64());
        // The first end of a period after the start; ends of shorter periods include those of longer ones.
        let first_end = |period: SimDuration| {
            let within = phase.as_nanos() % period.as_nanos();
            SimTime::from_nanos(if within == 0 { period.as_nanos() } else { within })
        };
        engine.begin(&mut self.faults, |faults, ctx| faults.begin(trial, ctx));
        self.door.begin(trial, engine);
        for check in self.checks.iter_mut().flatten() {
            engine.begin(check, |check, ctx| check.begin(trial, ctx));
        }
        for compute in self.computes.iter_mut().flatten() {
            compute.begin(trial, first_end, engine);
        }
        self.begin_target_probes(engine);
        self.gates.begin(engine);
        for store in &mut self.stores {
            store.begin(trial, engine);
        }
        for backups in self.backups.iter_mut().flatten() {
            engine.begin(backups, |backups, _| backups.begin(trial));
        }
        self.restored_away.fill(0);
        self.links.begin();
        if let Some(waiting) = &mut self.waiting {
            engine.begin(waiting, |waiting, _| waiting.begin());
        }
        for alarm in &mut self.alarms {
            engine.begin(alarm, |alarm, ctx| alarm.begin(trial, first_end(alarm.period()), ctx));
        }
        for runbook in &mut self.runbooks {
            engine.begin(runbook, |runbook, ctx| runbook.begin(trial, week, ctx));
        }
        if let Some(caches) = &mut self.cached_errors {
            engine.begin(caches, |caches, _| caches.begin(trial));
            self.solver.cached_errors.fill([0.0; CAUSES]);
        }
        for site in self.sites.cells_mut() {
            engine.begin(site, |site, _| site.begin(trial));
        }
        self.assume_sites();
        self.begin_own_names(trial, engine);
        // Deep checks look at what names lead to while all is well.
        self.begin_callers(trial, engine);
        if self.tiers.any() {
            // Deep checks ask services, which have been as they are for long.
            self.update_fronts();
            self.update_chains();
        }
        self.assume_probes(engine);
        // What is unhealthy from the start has been known for long.
        self.assume_verdicts();
        for (id, population) in self.populations.pairs_mut() {
            let answer = self.answers.row_mut(id);
            let Strand { population: own, name, .. } = self.strands[id];
            self.door.answer(name, own, answer);
            engine.begin(population, |population, ctx| population.begin(trial, answer, ctx));
            self.expiries.set(id.index(), population.component().next_expiry());
        }
        self.begin_callers(trial, engine);
        let clock = self.clock();
        self.clock_starts = [clock.start(), clock.recovery_start()].map(|at| at.unwrap_or(SimTime::NEVER));
        observer.began(clock);
    }

    /// The flows at the end of a trial.
    fn flow_at(&mut self, end: SimTime) -> &Flow {
        if self.solver.may_drift() {
            self.solver.set_now(end);
            self.solve_flows();
        }
        &self.solver.flow
    }

    /// What starts the clock in this trial, and when.
    fn clock(&self) -> Clock {
        let planned = self.runbooks.pairs().map(|(id, runbook)| (id, runbook.component().planned()));
        let planned = planned.filter(|(_, at)| *at != SimTime::NEVER).min_by_key(|(_, at)| *at);
        Clock { fault: self.faults.component().first(), planned }
    }

    /// What each store lost for good, if the trial ends here.
    fn losses(&mut self, end: SimTime) -> &[Loss] {
        self.losses.clear();
        let backups = self.backups.iter_mut();
        self.losses.extend(self.stores.iter_mut().zip(backups).map(|(store, backups)| {
            let own = store.loss(end);
            backups.as_mut().map_or(own, |backups| own.and(backups.component_mut().loss(end)))
        }));
        &self.losses
    }
}
