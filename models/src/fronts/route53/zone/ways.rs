//! The ways from names to endpoints: which guards and which answers lie on them.

use super::{Choice, Target, Zone};
use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::{GuardId, NameId, PlaceId, RecordId, RegionId};

/// All ways from a name to one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// What can lead away from the place: guards that turn, and that something looks at.
    pub guards: Vec<GuardId>,
    /// Answers on the way.
    pub answers: Vec<Step>,
}

/// An answer on a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Its record.
    pub record: RecordId,
    /// Its number among all answers of the zone.
    pub answer: usize,
    /// Whether it is the endpoint itself.
    pub endpoint: bool,
}

/// The ways from each name to each place.
pub type Ways = Grid<Way, NameId, PlaceId>;

/// What lies below a record on the way to one place.
#[derive(Debug, Clone, Default)]
struct Below {
    leads: bool,
    /// Guards that count whatever is above.
    counting: Vec<GuardId>,
    /// Guards that count if something above looks at the record's health.
    all: Vec<GuardId>,
    answers: Vec<Step>,
}

/// Adds what is not there yet.
fn add<T: Copy + Ord>(set: &mut Vec<T>, more: &[T]) {
    set.extend_from_slice(more);
    set.sort_unstable();
    set.dedup();
}

impl Zone {
    /// The number of a record's first answer among all answers of the zone, and after the last record that of all.
    pub fn first_answers(&self) -> Vec<usize> {
        let mut first = vec![0];
        for record in &self.records {
            first.push(first[first.len() - 1] + record.answers.len());
        }
        first
    }

    /// The ways from each name to each of so many places.
    pub fn ways(&self, places: usize) -> Ways {
        let first = self.first_answers();
        let mut below: Grid<Below, RecordId, PlaceId> = Grid::new(self.records.len(), places, Below::default());
        for &id in &self.order {
            let record = &self.records[id];
            for place in PlaceId::all(places) {
                let mut own = Below::default();
                for (number, answer) in record.answers.iter().enumerate() {
                    let (under, endpoint) = match answer.to {
                        Target::Record(target) => (below[(target, place)].clone(), false),
                        Target::Endpoint(to) => (Below { leads: to == place, ..Below::default() }, true),
                        Target::Page(to) => (Below { leads: to == place, ..Below::default() }, false),
                    };
                    if !under.leads {
                        continue;
                    }
                    own.leads = true;
                    add(&mut own.answers, &[Step { record: id, answer: first[id.index()] + number, endpoint }]);
                    add(&mut own.answers, &under.answers);
                    add(&mut own.counting, &under.counting);
                    add(&mut own.all, &under.counting);
                    let turn = answer.guards.iter().copied().filter(|&guard| self.can_turn(guard));
                    add(&mut own.all, &turn.collect::<Vec<GuardId>>());
                    if answer.evaluates {
                        add(&mut own.all, &under.all);
                    }
                }
                // A simple record looks at nobody's health.
                if record.choice != Choice::Simple {
                    let all = own.all.clone();
                    add(&mut own.counting, &all);
                }
                below[(id, place)] = own;
            }
        }
        Grid::from_fn(self.names.len(), places, |name: NameId, place: PlaceId| {
            let Below { counting: guards, answers, .. } = below[(self.names[name].record, place)].clone();
            Way { guards, answers }
        })
    }

    /// The endpoints that a name leads to before any edit, each once.
    pub fn endpoints_of(&self, name: NameId) -> Vec<PlaceId> {
        let mut places = Vec::new();
        let mut waiting = vec![self.names[name].record];
        while let Some(record) = waiting.pop() {
            for answer in self.records[record].answers.iter().filter(|answer| answer.held) {
                match answer.to {
                    Target::Record(record) => waiting.push(record),
                    Target::Endpoint(place) => places.push(place),
                    Target::Page(_) => {}
                }
            }
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    /// By record, whether any of its answers leads to a region, directly or through other records.
    pub fn leading_to(&self, region: RegionId) -> ById<RecordId, bool> {
        let mut leads = ById::new(self.records.len(), false);
        for &id in &self.order {
            let mut held = self.records[id].answers.iter().filter(|answer| answer.held);
            leads[id] = held.any(|answer| self.leads_to(answer.to, &leads, region));
        }
        leads
    }
}
