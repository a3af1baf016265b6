//! Callers that go through names of DNS: where the answers that they have cached lead them.
//!
//! The callers of a service in a region are cohorts, as resolvers of clients are. A chain asks here which share of their calls goes
//! to which place; when a cohort asks anew and hears another answer, chains are worked out again.

use sim_core::engine::Engine;
use sim_core::random::Trial;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;

use super::{Assembly, Key, Topology};
use crate::clients::{self, Parameters, Population};
use crate::fronts::route53::zone::Columns;
use crate::grid::Grid;
use crate::ids::{CallersId, NameId, PopulationId, RegionId};

/// Those of a service in one region.
#[derive(Debug)]
struct Own {
    name: NameId,
    /// What they are to records that choose by who asks.
    as_population: PopulationId,
    cohorts: Slot<Population>,
}

/// All callers that go through names.
#[derive(Debug)]
pub(super) struct ByName {
    all: Vec<Own>,
    /// The place of each in the list: row = callers of a service, column = region.
    numbers: Grid<Option<usize>, CallersId, RegionId>,
    /// What DNS answers each, as weights over places and columns.
    answers: Grid<f64>,
    /// Where each goes: row = place in the list, column = place.
    led: Grid<f64>,
    /// Memory for weights over places and columns.
    spare: Vec<f64>,
}

impl ByName {
    /// The callers of a deployment.
    pub(super) fn new(
        topology: &Topology,
        columns: &Columns,
        (seed, eager): (u64, bool),
        simulation: &mut Simulation<Key>,
    ) -> Self {
        let graph = &topology.graph;
        let (places, width) = (topology.places(), topology.places() + columns.places.len());
        let mut numbers = Grid::new(graph.callers.len(), graph.regions, None);
        let mut all = Vec::new();
        for (id, callers) in graph.callers.pairs() {
            let (service, name) = (&graph.services[callers.service], &topology.zone.names[callers.name]);
            // Two needs of one service with different floors are callers of two sorts.
            let sort = graph.callers.as_slice()[..id.index()].iter();
            let sort = sort.filter(|it| (it.service, it.name) == (callers.service, callers.name)).count();
            let sort = if sort == 0 { String::new() } else { format!("/{}", sort + 1) };
            for &region in &service.regions {
                let path = format!("{}/{}{sort}", service.name, topology.regions[region].name);
                let nothing = topology.nowhere().map(|place| (place.index(), name.negative_ttl));
                let asks = clients::Asks { ttl: name.ttl, nothing, name: Some(&name.name) };
                let cohorts = Population::new(&Parameters::of_callers(&path, callers.floor), asks, width, seed, eager);
                numbers[(id, region)] = Some(all.len());
                let cohorts = simulation.place(Key::Callers(all.len()), cohorts);
                let as_population = PopulationId::new(topology.clients.len() + region.index());
                all.push(Own { name: callers.name, as_population, cohorts });
            }
        }
        let count = all.len();
        let (answers, led) = (Grid::new(count, width, 0.0), Grid::new(count, places, 0.0));
        Self { all, numbers, answers, led, spare: vec![0.0; width] }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Cohorts by their number.
    pub(super) fn population(&mut self, number: usize) -> &mut Slot<Population> {
        &mut self.all[number].cohorts
    }

    /// The share of calls from a region that goes to each place.
    pub(super) fn led(&self, callers: CallersId, region: RegionId) -> &[f64] {
        self.numbers[(callers, region)].map_or(&[], |number| self.led.row(number))
    }
}

impl Assembly {
    /// Starts a trial in which DNS has been giving the present answers for long.
    pub(super) fn begin_callers(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        let Self { by_name: ByName { all, answers, .. }, door, expiries, populations, .. } = self;
        for (number, own) in all.iter_mut().enumerate() {
            let answer = answers.row_mut(number);
            door.answer(own.name, own.as_population, answer);
            engine.begin(&mut own.cohorts, |cohorts, ctx| cohorts.begin(trial, answer, ctx));
            expiries.set(populations.len() + number, own.cohorts.component().next_expiry());
        }
        self.follow_callers();
    }

    /// Callers hear what DNS answers them now, as soon as they ask.
    pub(super) fn answer_callers(&mut self, engine: &mut Engine<Key>) {
        let nowhere = self.topology.nowhere();
        let Self { by_name: ByName { all, answers, spare, .. }, door, expiries, populations, lost_names, .. } = self;
        for (number, own) in all.iter_mut().enumerate() {
            match nowhere.filter(|_| lost_names[own.name] > 0) {
                Some(nowhere) => {
                    spare.fill(0.0);
                    spare[nowhere.index()] = 1.0;
                }
                None => door.answer(own.name, own.as_population, spare),
            }
            let answer = answers.row_mut(number);
            if *answer == **spare {
                continue;
            }
            answer.copy_from_slice(spare);
            engine.call(&mut own.cohorts, |cohorts, ctx| cohorts.answer_changed(answer, ctx));
            expiries.set(populations.len() + number, own.cohorts.component().next_expiry());
        }
    }

    /// Cohorts of callers are due and ask again.
    pub(super) fn callers_expire(&mut self, number: usize, engine: &mut Engine<Key>) {
        let cohorts = self.by_name.population(number);
        self.dirty.places |= engine.call(cohorts, Population::expire);
        let next = self.by_name.population(number).component().next_expiry();
        self.expiries.set(self.populations.len() + number, next);
    }

    /// Calls go where what callers have cached leads them.
    pub(super) fn follow_callers(&mut self) {
        let Self { by_name: ByName { all, led, spare, .. }, columns, .. } = self;
        for (number, own) in all.iter().enumerate() {
            own.cohorts.component().shares(spare);
            let led = led.row_mut(number);
            let (places, several) = spare.split_at(led.len());
            led.copy_from_slice(places);
            // Of an answer with several addresses a call takes any one.
            for (place, share) in columns.places.iter().zip(several) {
                led[place.index()] += share;
            }
        }
    }
}
