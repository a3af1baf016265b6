//! Own names of stores and services that have no record: which share of their callers holds an empty answer.
//!
//! The callers of a name in a region are cohorts, as resolvers of clients are. They keep what they have until it expires; who asks
//! while the record is lost is told that there is nothing, and keeps that for its own time.

use sim_core::engine::Engine;
use sim_core::random::Trial;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;

use super::{Assembly, Key, Topology};
use crate::clients::{self, Parameters, Population};
use crate::faults::{Kind, OwnRecord, Struck};
use crate::ids::{FaultId, RegionId};

/// Answers of a name: where it leads, or nowhere.
const SOMEWHERE: [f64; 2] = [1.0, 0.0];
const NOWHERE: [f64; 2] = [0.0, 1.0];

/// The callers in one region of what faults take the name of.
#[derive(Debug)]
struct Asking {
    /// The faults that take it: those of one name have the same callers, who keep what any of them made them hear.
    faults: Vec<FaultId>,
    record: OwnRecord,
    from: RegionId,
    cohorts: Slot<Population>,
    /// Share of them that holds an empty answer.
    told_nothing: f64,
}

/// All names of stores and services that faults may take.
#[derive(Debug, Default)]
pub(super) struct OwnNames {
    all: Vec<Asking>,
}

impl OwnNames {
    /// Those of a deployment.
    pub(super) fn new(topology: &Topology, (seed, eager): (u64, bool), simulation: &mut Simulation<Key>) -> Self {
        let mut all: Vec<Asking> = Vec::new();
        for (fault, it) in topology.faults.pairs() {
            let Kind::OwnRecordLost(record) = it.kind else { continue };
            let mut known = all.iter_mut().filter(|own| own.record.is_of(&record)).peekable();
            if known.peek().is_some() {
                known.for_each(|own| own.faults.push(fault));
                continue;
            }
            for (from, region) in topology.regions.pairs() {
                let callers = Parameters::of_callers(&format!("{}/{}", it.subject, region.name), None);
                let asks = clients::Asks { ttl: record.ttl, nothing: Some((1, record.negative_ttl)), name: None };
                let cohorts = Population::new(&callers, asks, SOMEWHERE.len(), seed, eager);
                let cohorts = simulation.place(Key::OwnName(all.len()), cohorts);
                all.push(Asking { faults: vec![fault], record, from, cohorts, told_nothing: 0.0 });
            }
        }
        Self { all }
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.all.len()
    }

    /// Cohorts by their number.
    pub(super) fn population(&mut self, number: usize) -> &mut Slot<Population> {
        &mut self.all[number].cohorts
    }

    /// Share of the callers in a region that does not find what they ask for in another one, or the same.
    pub(super) fn lost(&self, of: Struck, at: RegionId, from: RegionId) -> f64 {
        let same = |it: &&Asking| it.record.of == of && it.from == from && it.record.region.is_none_or(|own| own == at);
        self.all.iter().find(same).map_or(0.0, |it| it.told_nothing)
    }
}

impl Assembly {
    /// Where the expiries of these callers begin.
    fn first_own_name(&self) -> usize {
        self.populations.len() + self.by_name.len()
    }

    /// Starts a trial in which all names lead somewhere.
    pub(super) fn begin_own_names(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        let first = self.first_own_name();
        for (number, own) in self.own_names.all.iter_mut().enumerate() {
            engine.begin(&mut own.cohorts, |cohorts, ctx| cohorts.begin(trial, &SOMEWHERE, ctx));
            self.expiries.set(first + number, own.cohorts.component().next_expiry());
            own.told_nothing = 0.0;
        }
    }

    /// A fault took a name, or gives it back.
    pub(super) fn own_name_changed(&mut self, fault: FaultId, engine: &mut Engine<Key>) {
        let first = self.first_own_name();
        let concerned = self.own_names.all.iter_mut().enumerate().filter(|(_, own)| own.faults.contains(&fault));
        for (number, own) in concerned {
            let lost = own.faults.iter().any(|&fault| self.under_way[fault] > 0);
            let answer = if lost { NOWHERE } else { SOMEWHERE };
            engine.call(&mut own.cohorts, |cohorts, ctx| cohorts.answer_changed(&answer, ctx));
            self.expiries.set(first + number, own.cohorts.component().next_expiry());
        }
        self.dirty.places = true;
    }

    /// Cohorts of callers are due and ask again.
    pub(super) fn own_name_expires(&mut self, number: usize, engine: &mut Engine<Key>) {
        let first = self.first_own_name();
        let cohorts = self.own_names.population(number);
        self.dirty.places |= engine.call(cohorts, Population::expire);
        self.expiries.set(first + number, self.own_names.population(number).component().next_expiry());
    }

    /// What callers have heard last counts.
    pub(super) fn follow_own_names(&mut self) {
        for own in &mut self.own_names.all {
            let mut shares = SOMEWHERE;
            own.cohorts.component().shares(&mut shares);
            own.told_nothing = shares[1];
        }
    }
}
