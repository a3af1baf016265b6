//! What the steps of runbooks do to the deployment.

use sim_core::engine::Engine;

use super::door::Door;
use super::{Assembly, Key};
use crate::ids::{RegionId, RunbookId};
use crate::needs::Access;
use crate::runbooks::{Action, Begun, Crowd, Means};
use crate::services::Graph;
use crate::stores::{Attempt, Promotion};

impl Assembly {
    /// A runbook's step begins a promotion.
    pub(super) fn promote(
        &mut self,
        runbook: RunbookId,
        step: usize,
        effective: bool,
        wrong: bool,
        engine: &mut Engine<Key>,
    ) {
        let action = self.topology.runbooks[runbook].steps[step].done(wrong);
        let Some(&Action::Promote { how, store, to }) = action else { return };
        let attempt = Attempt { how, to, effective };
        let begun = self.stores[store].promote(attempt, &self.world, engine);
        // A switchover that cannot begin has failed, unless the copy is the writer already.
        let there = self.accesses(Access::Write, store, to).all(|write| write.share == 1.0 && write.at == to);
        let begun = match begun {
            true => Begun::UnderWay,
            false if how == Promotion::SwitchOver && !there => Begun::Impossible,
            false => Begun::NotNeeded,
        };
        engine.call(&mut self.runbooks[runbook], |runbook, ctx| runbook.promotion_begun(step, begun, ctx));
    }

    /// What a runbook's step, or this part of it, does to the deployment when it succeeds, or when it is done wrong. Returns
    /// whether that changes anything.
    pub(super) fn take_effect(
        &mut self,
        runbook: RunbookId,
        (step, part): (usize, u64),
        wrong: bool,
        engine: &mut Engine<Key>,
    ) -> bool {
        let step = &self.topology.runbooks[runbook].steps[step];
        let reached = step.reached(part);
        let Some(action) = step.done(wrong) else { return false };
        match (action, &mut self.door) {
            (&Action::Shift { means: Means::AccessPoint, to, .. }, _) => {
                let mut changes = false;
                for store in &mut self.stores {
                    changes |= store.direct(to, engine);
                }
                changes
            }
            (&Action::Readmit { region, record }, Door::Dns(routing)) => {
                engine.call(routing, |routing, ctx| routing.readmit(record, region, ctx))
            }
            (&Action::Shift { means: Means::RecordEdit, to, share, record }, Door::Dns(routing)) => {
                engine.call(routing, |routing, ctx| routing.edit_records(record, to, share * reached, ctx))
            }
            (&Action::Shift { means: Means::RoutingControl, to, share, record }, Door::Dns(routing)) => {
                engine.call(routing, |routing, ctx| routing.flip_controls(record, to, share * reached, ctx))
            }
            (&Action::Shift { means: Means::TrafficDial, to, share, .. }, Door::Accelerator(accelerator)) => {
                engine.call(accelerator, |accelerator, ctx| accelerator.turn_dials(to, share * reached, ctx))
            }
            (&Action::Repoint { store }, _) => {
                self.stores[store].repoint(engine);
                true
            }
            (&Action::Scale { desired, to, service }, _) => {
                let cell = service.map_or(Some(Graph::front(to)), |service| self.topology.graph.cell(service, to));
                let compute = cell.and_then(|cell| self.computes[cell].as_mut());
                compute.is_some_and(|compute| compute.resize(desired, engine))
            }
            (&Action::ScaleStore { store, to, factor }, _) => self.scale_copy(store, to, factor),
            (&Action::Shed { whom, share }, _) => self.refuse(whom, share),
            // Equal parts of what was refused at first: of what is still refused, the part that is left by it.
            (&Action::Admit { whom }, _) => {
                let before = if part > 1 { step.reached(part - 1) } else { 0.0 };
                let left = (1.0 - reached) / (1.0 - before);
                self.refuse(whom, self.refused(whom) * left)
            }
            (&Action::Rollback { service }, _) => {
                engine.call(&mut self.faults, |faults, ctx| faults.roll_back(service, ctx))
            }
            (&Action::ZonalShift { zone, to }, _) => self.shift_zone(to, zone, engine),
            // A promotion says by itself when it begins. Means that the door does not have are refused when the file is read.
            // So does a restore.
            (Action::Approve(_) | Action::Wait(_) | Action::Promote { .. } | Action::Restore { .. }, _)
            | (
                Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } | Action::Readmit { .. },
                Door::Accelerator(_),
            )
            | (Action::Shift { means: Means::TrafficDial, .. }, Door::Dns(_)) => false,
        }
    }

    /// Share of somebody's requests that is refused at the edge.
    fn refused(&self, whom: Crowd) -> f64 {
        match whom {
            Crowd::Population(id) => {
                let first = self.strands.position(|strand| strand.population == id);
                first.map_or(0.0, |strand| self.solver.refused_of_population(strand.index()))
            }
            Crowd::Journey(id) => self.solver.refused_of_journey(id.index()),
        }
    }

    /// This share of somebody's requests is refused at the edge from now on. Returns whether that is another one.
    fn refuse(&mut self, whom: Crowd, share: f64) -> bool {
        if self.refused(whom) == share {
            return false;
        }
        match whom {
            Crowd::Population(id) => {
                for (strand, _) in self.strands.pairs().filter(|(_, strand)| strand.population == id) {
                    self.solver.refuse_population(strand.index(), share);
                }
            }
            Crowd::Journey(id) => self.solver.refuse_journey(id.index(), share),
        }
        self.dirty.traffic = u64::MAX;
        true
    }

    /// A zone of a region gets no requests from now on. Returns whether it got any.
    fn shift_zone(&mut self, region: RegionId, zone: usize, engine: &mut Engine<Key>) -> bool {
        let mut changes = false;
        for &cell in &self.cells[region] {
            changes |= self.computes[cell].as_mut().is_some_and(|compute| compute.shift_zone(zone, engine));
        }
        self.dirty.places |= changes;
        changes
    }
}
