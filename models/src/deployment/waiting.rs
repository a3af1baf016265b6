//! Requests that wait before services: what those meet that arrive, and what waits tomorrow because of what arrives today.

use sim_core::engine::Engine;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;
use sim_core::time::SimDuration;

use super::{Assembly, Key, Strand, Topology};
use crate::by_id::ById;
use crate::ids::{CellId, RegionId, StrandId};
use crate::line::Queue;
use crate::waiting::Waiting;

/// Rounds in which cells behind the fronts find what they work on, at most.
const MOST_ROUNDS: usize = 100;
/// What is worked on has been found when it moves by less than this.
const ARRIVED: f64 = 1e-12;

impl Topology {
    /// The cells before which requests may wait.
    pub fn queues(&self) -> impl Iterator<Item = (CellId, Queue)> + '_ {
        let there = |cell: &CellId| self.compute(*cell).is_some();
        CellId::all(self.graph.cells()).filter(there).filter_map(|cell| Some((cell, self.work(cell)?.queue?)))
    }

    /// Whether requests may wait before fronts.
    pub(super) fn holds_at_fronts(&self) -> bool {
        self.queues().any(|(cell, _)| cell.index() < self.graph.regions)
    }

    /// The shortest time for which any caller waits for a service before which requests may wait.
    fn shortest_limit(&self) -> SimDuration {
        let clients = self.clients.iter().filter(|_| self.holds_at_fronts()).map(|clients| clients.timeout);
        let held =
            |call: &&crate::needs::Call| self.queues().any(|(cell, _)| self.graph.place(cell).0 == Some(call.service));
        let needs = self.graph.needs_of_requests().chain(self.journeys.iter().flat_map(|journey| &journey.needs));
        let calls = needs.filter_map(|need| need.call()).filter(held).filter_map(|call| call.timeout);
        clients.chain(calls).min().unwrap_or(SimDuration::from_secs(20))
    }
}

/// What waits in a deployment, if anything may.
pub(super) fn build(
    topology: &Topology,
    strands: &ById<StrandId, Strand>,
    simulation: &mut Simulation<Key>,
) -> Option<Slot<Waiting>> {
    let cells: Vec<(CellId, Queue)> = topology.queues().collect();
    if cells.is_empty() {
        return None;
    }
    let most = strands.iter().map(|strand| topology.clients[strand.population].attempts).max().unwrap_or(1);
    let width = if topology.holds_at_fronts() { topology.journeys.len() * most as usize } else { 0 };
    let tries: Vec<(SimDuration, usize)> =
        strands.iter().map(|strand| (topology.clients[strand.population].timeout, width)).collect();
    Some(simulation.place(Key::Waiting, Waiting::new(&cells, &tries, topology.shortest_limit())))
}

impl Assembly {
    /// What waits before cells and what is due, as this instant meets it.
    pub(super) fn meet_what_waits(&mut self) {
        let Some(waiting) = &self.waiting else { return };
        for cell in waiting.component().cells() {
            let front = &mut self.solver.flow.fronts[cell.index()];
            front.held = waiting.component().held(cell, front.capacity);
        }
        if self.solver.holds() {
            for strand in self.strands.ids() {
                self.solver.give_up(strand.index(), waiting.component().due(strand.index()));
            }
        }
    }

    /// Cells behind the fronts work on what waits as well as on what arrives, which is load of all that they need: flows are solved
    /// for until that is consistent. Returns whether copies of stores shed another share than before.
    pub(super) fn settle_what_is_worked_on(&mut self) -> bool {
        let mut shed_changed = false;
        for _ in 0..MOST_ROUNDS {
            let mut moved = false;
            for index in 0..self.held_behind.len() {
                let cell = self.held_behind[index].index();
                let let_in = self.solver.flow.load[cell] * (1.0 - self.solver.overload[cell]);
                let front = &mut self.solver.flow.fronts[cell];
                let Some(held) = &mut front.held else { continue };
                let (worked, in_turn) = held.meets(let_in, front.capacity);
                moved |= (worked - held.worked).abs() > ARRIVED || (in_turn - held.in_turn).abs() > ARRIVED;
                (held.worked, held.in_turn) = (worked, in_turn);
            }
            if !moved {
                break;
            }
            self.look_again();
            shed_changed |= self.shed_overload();
        }
        shed_changed
    }

    /// A path between two regions is cut, or no longer: calls across it go nowhere meanwhile.
    pub(super) fn path_of_calls_changed(&mut self, ends: [RegionId; 2], cut: bool, engine: &mut Engine<Key>) {
        let Some(waiting) = &mut self.waiting else { return };
        for &cell in &self.held_behind {
            if ends.contains(&self.topology.graph.place(cell).1) {
                engine.call(waiting, |waiting, ctx| waiting.path_changed(cell, cut, ctx));
            }
        }
    }

    /// What arrives now waits from now on, and what is given up will be due.
    pub(super) fn tell_what_waits(&mut self, engine: &mut Engine<Key>) {
        let Some(waiting) = &mut self.waiting else { return };
        let solver = &self.solver;
        for index in 0..self.held.len() {
            let cell = self.held[index];
            let front = &solver.flow.fronts[cell.index()];
            let let_in = solver.flow.load[cell.index()] * (1.0 - solver.overload[cell.index()]);
            let rates = (!front.dead).then_some([solver.flow.load[cell.index()], let_in, front.capacity]);
            engine.call(waiting, |waiting, ctx| waiting.flows(cell, rates, ctx));
        }
        if solver.holds() {
            for strand in self.strands.ids() {
                let made = solver.given_up(strand.index());
                engine.call(waiting, |waiting, ctx| waiting.give_up(strand.index(), made, ctx));
            }
        }
    }
}
