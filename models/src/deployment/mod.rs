//! A deployment: all components of one experiment, wired together, run trial by trial.
//!
//! Between two instants nothing changes. At an instant, the events that are due are handled in order; the signals that
//! this raises are drained in order (`wiring`); then, if anything changed that requests can feel, the state settles
//! (`settle`): DNS answers, what probes meet, flows, and the metrics that follow from them.

mod compute;
mod door;
mod faults;
mod needs;
mod observer;
mod services;
mod settle;
mod spec;
mod wiring;

use std::collections::VecDeque;

use sim_core::component::{Address, Due, FutureEventList};
use sim_core::random::{Stream, StreamId};
use sim_core::slot::Slot;
use sim_core::time::{SimDuration, SimTime};

use crate::aws::cloud_front::{CachedErrors, Plan};
use crate::aws::cloud_watch::{self, Alarm};
use crate::aws::global_accelerator::Accelerator;
use crate::aws::route53::health_check::HealthCheck;
use crate::aws::route53::routing::Routing;
use crate::cause::CAUSES;
use crate::clients::Population;
use crate::control_planes;
use crate::faults::Faults;
use crate::flow::{Shape, Solver};
use crate::network;
use crate::people::Starts;
use crate::runbooks::Runbook;
use crate::stores::{Loss, Site, Store};
use crate::world::World;

use compute::Compute;
use door::Door;
use needs::{Meters, Sharding};

pub use observer::{Happening, Observer};
pub use services::services;
pub use spec::{ALTERNATIVES, Region, Store as NamedStore, Topology};

/// Tolerance of the measures, in favour of up (design 6.1).
pub const TOLERANCE: f64 = 1e-9;

/// Kinds of components, for addresses.
mod kind {
    pub(super) const FAULTS: u16 = 0;
    pub(super) const POPULATION: u16 = 1;
    pub(super) const CHECK: u16 = 2;
    pub(super) const DOOR: u16 = 3;
    pub(super) const BALANCER: u16 = 4;
    pub(super) const GROUP: u16 = 5;
    pub(super) const STORE: u16 = 6;
    pub(super) const ALARM: u16 = 7;
    pub(super) const RUNBOOK: u16 = 8;
    pub(super) const CACHED_ERRORS: u16 = 9;
    pub(super) const FUNCTION: u16 = 10;
}

const fn address(kind: u16, index: usize) -> Address {
    Address { kind, index: index as u16 }
}

/// What changed since the state last settled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Dirty {
    /// Populations whose traffic goes elsewhere or whose load changed: a bit each, the last one for all beyond.
    traffic: u64,
    /// What requests meet in regions: fronts, targets, needs.
    places: bool,
    /// Verdicts, or what the front door sees.
    routing: bool,
    /// What compute carries, without anything else that requests meet.
    capacity: bool,
}

impl Dirty {
    const EVERYTHING: Self = Self { traffic: u64::MAX, places: true, routing: true, capacity: true };

    const fn any(self) -> bool {
        self.traffic != 0 || self.places || self.routing || self.capacity
    }

    /// The bit of a population.
    const fn population(index: usize) -> u64 {
        1 << if index < 63 { index } else { 63 }
    }
}

/// All components of one experiment, wired together.
#[derive(Debug)]
pub struct Deployment {
    topology: Topology,
    horizon: SimTime,
    regions: usize,
    /// Children of each endpoint's health check; endpoint r has those from r * children.
    children: usize,
    longest_period: SimDuration,

    now: SimTime,
    list: FutureEventList,
    noisy: VecDeque<Address>,
    dirty: Dirty,

    week_starts: Stream,
    clock_phase: Stream,
    faults: Slot<Faults>,
    populations: Vec<Slot<Population>>,
    checks: Vec<Slot<HealthCheck>>,
    door: Door,
    computes: Vec<Option<Compute>>,
    /// Regions whose compute carries what is asked of it, or tries to.
    following: Vec<usize>,
    stores: Vec<Store>,
    /// The experiment's own alarms, then those that Route 53 evaluates for its health checks.
    alarms: Vec<Slot<Alarm>>,
    runbooks: Vec<Slot<Runbook>>,
    /// The region whose control plane takes edits of DNS records, if it is one of the deployment's.
    records: Option<usize>,
    /// Where `CloudFront` keeps errors.
    cached_errors: Option<Slot<CachedErrors>>,

    world: World,
    gray: Vec<(f64, f64)>,
    /// Share of reads and of writes at each copy that impairments fail: row = store, column = region.
    impaired: Vec<[f64; 2]>,
    /// Occurrences under way, by fault.
    under_way: Vec<u32>,
    surge: Vec<f64>,
    verdicts: Vec<bool>,
    answers: Vec<f64>,
    journeys_up: Vec<bool>,
    /// By store, whether every copy gets new writes.
    complete: Vec<bool>,
    solver: Solver,
    sharding: Sharding,
    meters: Meters,
    scratch: Vec<f64>,
    losses: Vec<Loss>,
}

impl Deployment {
    /// Wires up a deployment. `eager` runs every periodic process even where nothing can change.
    pub fn new(topology: &Topology, horizon: SimDuration, seed: u64, eager: bool) -> Self {
        let names = topology.region_names();
        let regions = names.len();
        let zones: Vec<usize> = topology.regions.iter().map(Region::zones).collect();
        let between = |a: &String, b: &String| match (network::place(a), network::place(b)) {
            (Some(a), Some(b)) => a.round_trip(b),
            _ => 0.0,
        };
        let round_trips: Vec<Vec<f64>> =
            names.iter().map(|from| names.iter().map(|to| between(from, to)).collect()).collect();
        let dns = &topology.dns;
        let children = dns.check.children.len();
        let mut checks = Vec::new();
        let mut alarms: Vec<Slot<Alarm>> = Vec::new();
        for alarm in &topology.alarms {
            alarms.push(Slot::new(Alarm::new(alarm, seed, eager), address(kind::ALARM, alarms.len())));
        }
        let check = &dns.check;
        for name in &names {
            for child in 0..children {
                let path = if child == 0 { format!("dns/{name}") } else { format!("dns/{name}/check-{child}") };
                let component = HealthCheck::new(check.interval, check.threshold, check.checkers, &path, seed, eager);
                checks.push(Slot::new(component, address(kind::CHECK, checks.len())));
            }
        }
        for alarm in check.alarms() {
            let parameters = cloud_watch::Parameters { datapoints: (1, 1), ..topology.alarms[alarm].clone() };
            alarms.push(Slot::new(Alarm::new(&parameters, seed, eager), address(kind::ALARM, alarms.len())));
        }
        let compute = |(index, region)| Compute::new(region, index, &topology.ingestion, seed, eager);
        let computes: Vec<Option<Compute>> = topology.regions.iter().enumerate().map(compute).collect();
        let follows = |region: &usize| computes[*region].as_ref().is_some_and(Compute::follows_demand);
        let following = (0..regions).filter(follows).collect();
        let populations = topology.clients.iter().enumerate().map(|(index, clients)| {
            let clients = topology.edge.followers(clients);
            let population = Population::new(&clients, dns.ttl, regions, seed, eager);
            Slot::new(population, address(kind::POPULATION, index))
        });
        let stores = topology.stores.iter().enumerate().map(|(index, store)| {
            let path = format!("stores/{}", store.name);
            let site = Site { path: &path, regions: &names, zones: &zones, seed };
            store.parameters.build(address(kind::STORE, index), site)
        });
        let door = match &topology.edge.accelerator {
            Some(accelerator) => {
                let accelerator = Accelerator::new(accelerator, &names, seed, eager);
                Door::Accelerator(Slot::new(accelerator, address(kind::DOOR, 0)))
            }
            None => Door::Dns(dns.policy.clone(), Slot::new(Routing::new(dns, &names, seed), address(kind::DOOR, 0))),
        };
        let runbooks = topology.runbooks.iter().enumerate().map(|(index, runbook)| {
            let runbook = Runbook::new(runbook, &names, topology.journeys.len(), seed);
            Slot::new(runbook, address(kind::RUNBOOK, index))
        });
        let sharding = Sharding::new(&topology.stores, topology.clients.len());
        let meters = Meters::new(&topology.stores, regions);
        let cloud_front = topology.edge.cloud_front.as_ref();
        let shape = Shape {
            regions,
            journey_shares: topology.journeys.iter().map(|journey| journey.share).collect(),
            attempts: topology.clients.iter().map(|clients| clients.attempts).collect(),
            round_trips: topology.clients.iter().map(|clients| clients.round_trip.clone()).collect(),
            stores: sharding.count(),
            chain_sets: sharding.sets.clone(),
            meters: meters.count(),
            edge: cloud_front.map(|cloud_front| Plan::new(cloud_front, &topology.journeys, &topology.clients)),
        };
        let keeps_errors = cloud_front.filter(|cloud_front| !cloud_front.error_caching.is_zero());
        let cached_errors = keeps_errors.map(|cloud_front| {
            let caches = CachedErrors::new(cloud_front, &topology.clients, &topology.journeys, seed);
            Slot::new(caches, address(kind::CACHED_ERRORS, 0))
        });
        Self {
            horizon: SimTime::ZERO + horizon,
            regions,
            children,
            longest_period: spec::longest_period(&topology.alarms),
            now: SimTime::ZERO,
            list: FutureEventList::new(),
            noisy: VecDeque::new(),
            dirty: Dirty::default(),
            week_starts: Starts::stream(seed),
            clock_phase: Stream::new(StreamId::new(seed, "cloudwatch", "phase")),
            faults: Slot::new(Faults::new(&topology.faults, &zones, seed), address(kind::FAULTS, 0)),
            populations: populations.collect(),
            checks,
            door,
            computes,
            following,
            stores: stores.collect(),
            alarms,
            runbooks: runbooks.collect(),
            records: names.iter().position(|name| name == control_planes::RECORDS),
            cached_errors,
            world: World::new(&zones, &round_trips),
            gray: vec![(0.0, 0.0); regions],
            impaired: vec![[0.0; 2]; topology.stores.len() * regions],
            under_way: vec![0; topology.faults.len()],
            surge: vec![1.0; topology.clients.len()],
            verdicts: vec![true; regions],
            answers: vec![0.0; topology.clients.len() * regions],
            journeys_up: vec![true; topology.journeys.len()],
            complete: vec![true; topology.stores.len()],
            solver: Solver::new(shape).with_patience(&topology.late_cold_starts()),
            sharding,
            meters,
            scratch: vec![0.0; regions],
            losses: Vec::new(),
            topology: topology.clone(),
        }
    }

    /// The deployment as the file describes it.
    pub const fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Runs one trial from its start to the horizon. Whatever ran before does not show.
    pub fn run(&mut self, trial: u64, observer: &mut impl Observer) {
        self.begin(trial, observer);
        self.drain(observer);
        self.settle(observer);
        while let Some(time) = self.list.next_time().filter(|&time| time < self.horizon) {
            self.now = time;
            while self.list.next_time() == Some(time) {
                let due = self.list.pop().expect("the list has a next time");
                self.deliver(due);
                self.drain(observer);
            }
            if self.dirty.any() {
                self.settle(observer);
            }
        }
        self.losses.clear();
        self.losses.extend(self.stores.iter_mut().map(|store| store.loss(self.horizon)));
        observer.ended(self.horizon, &self.losses);
    }

    /// Puts everything back to a quiet start.
    fn begin(&mut self, trial: u64, observer: &mut impl Observer) {
        self.now = SimTime::ZERO;
        self.list.clear();
        self.noisy.clear();
        self.dirty = Dirty::EVERYTHING;
        self.world.reset();
        self.gray.fill((0.0, 0.0));
        self.impaired.fill([0.0; 2]);
        self.under_way.fill(0);
        self.surge.fill(1.0);
        self.verdicts.fill(true);
        self.journeys_up.fill(true);
        self.complete.fill(true);
        self.solver.overload.fill(0.0);
        self.meters.begin();
        let (now, list) = (self.now, &mut self.list);

        self.week_starts.begin(trial);
        let week = self.topology.starts.draw(&mut self.week_starts);
        self.clock_phase.begin(trial);
        let phase = SimDuration::from_secs_f64(self.clock_phase.uniform() * self.longest_period.as_secs_f64());
        // The first end of a period after the start; ends of shorter periods include those of longer ones.
        let first_end = |period: SimDuration| {
            let within = phase.as_nanos() % period.as_nanos();
            SimTime::from_nanos(if within == 0 { period.as_nanos() } else { within })
        };
        self.faults.begin(|_| ());
        self.faults.call(now, list, |faults, ctx| faults.begin(trial, ctx));
        self.door.begin(trial, list);
        for check in &mut self.checks {
            check.begin(|_| ());
            check.call(now, list, |check, ctx| check.begin(trial, ctx));
        }
        for compute in self.computes.iter_mut().flatten() {
            compute.begin(trial, first_end(SimDuration::from_secs(60)), list);
        }
        for store in &mut self.stores {
            store.begin(trial);
        }
        for alarm in &mut self.alarms {
            alarm.begin(|_| ());
            alarm.call(now, list, |alarm, ctx| alarm.begin(trial, first_end(alarm.period()), ctx));
        }
        for runbook in &mut self.runbooks {
            runbook.begin(|runbook| runbook.begin(trial, week));
        }
        if let Some(caches) = &mut self.cached_errors {
            caches.begin(|caches| caches.begin(trial));
            self.solver.cached_errors.fill([0.0; CAUSES]);
        }
        for region in 0..self.regions {
            // An inverted check is unhealthy from the start, and DNS has known it for long.
            self.verdicts[region] = self.judge(region);
            self.door.assume(region, self.verdicts[region]);
        }
        let (now, list) = (self.now, &mut self.list);
        for (index, population) in self.populations.iter_mut().enumerate() {
            let answer = &mut self.answers[index * self.regions..(index + 1) * self.regions];
            self.door.answer(index, answer);
            population.begin(|_| ());
            population.call(now, list, |population, ctx| population.begin(trial, answer, ctx));
        }
        observer.began(self.faults.component().first());
    }

    /// Hands an event to the component that it belongs to.
    fn deliver(&mut self, due: Due) {
        let index = usize::from(due.address.index);
        let list = &mut self.list;
        match due.address.kind {
            kind::FAULTS => drop(self.faults.deliver(due, list)),
            kind::POPULATION => drop(self.populations[index].deliver(due, list)),
            kind::CHECK => drop(self.checks[index].deliver(due, list)),
            kind::DOOR => drop(self.door.deliver(due, list)),
            kind::BALANCER | kind::GROUP | kind::FUNCTION => {
                if let Some(compute) = &mut self.computes[index] {
                    compute.deliver(due, list);
                }
            }
            kind::STORE => drop(self.stores[index].deliver(due, list)),
            kind::ALARM => drop(self.alarms[index].deliver(due, list)),
            kind::CACHED_ERRORS => drop(self.cached_errors.as_mut().map(|caches| caches.deliver(due, list))),
            _ => drop(self.runbooks[index].deliver(due, list)),
        }
        self.noisy.push_back(due.address);
    }
}
