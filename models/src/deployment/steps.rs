//! What the steps of runbooks do to the deployment.

use sim_core::engine::Engine;

use super::door::Door;
use super::{Assembly, Key};
use crate::ids::RunbookId;
use crate::needs::Access;
use crate::runbooks::{Action, Means};
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
        let failed = how == Promotion::SwitchOver && !begun && !there;
        engine.call(&mut self.runbooks[runbook], |runbook, ctx| {
            if failed { runbook.promotion_ended(false, ctx) } else { runbook.promotion_begun(begun, ctx) }
        });
    }

    /// What a runbook's step does to the deployment when it succeeds, or when it is done wrong. Returns whether that changes
    /// anything.
    pub(super) fn take_effect(
        &mut self,
        runbook: RunbookId,
        step: usize,
        wrong: bool,
        engine: &mut Engine<Key>,
    ) -> bool {
        let Some(action) = self.topology.runbooks[runbook].steps[step].done(wrong) else { return false };
        match (action, &mut self.door) {
            (&Action::Shift { means: Means::AccessPoint, to }, _) => {
                let mut changes = false;
                for store in &mut self.stores {
                    changes |= store.direct(to, engine);
                }
                changes
            }
            (&Action::Readmit { region }, Door::Dns(_, routing)) => {
                engine.call(routing, |routing, ctx| routing.readmit(region, ctx))
            }
            (&Action::Shift { means: Means::RecordEdit, to }, Door::Dns(_, routing)) => {
                engine.call(routing, |routing, ctx| routing.edit_records(to, ctx))
            }
            (&Action::Shift { means: Means::RoutingControl, to }, Door::Dns(_, routing)) => {
                engine.call(routing, |routing, ctx| routing.flip_controls(to, ctx))
            }
            (&Action::Shift { means: Means::TrafficDial, to }, Door::Accelerator(accelerator)) => {
                engine.call(accelerator, |accelerator, ctx| accelerator.turn_dials(to, ctx))
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
            // A promotion says by itself when it begins. Means that the door does not have are refused when the file is read.
            // So does a restore.
            (Action::Approve(_) | Action::Wait(_) | Action::Promote { .. } | Action::Restore { .. }, _)
            | (
                Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } | Action::Readmit { .. },
                Door::Accelerator(_),
            )
            | (Action::Shift { means: Means::TrafficDial, .. }, Door::Dns(..)) => false,
        }
    }
}
