//! Stores that nothing brings back: no backup, no step that restores it, or a point that is older than an objective allows.

use models::ids::{FaultId, StoreId};
use models::runbooks::Action;

use super::place::{At, fault_name};
use super::{Check, Examined, Told};
use crate::header::{Indicator, quantile_name};
use crate::units::chosen_duration;

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "corruption-without-backup", look: corruption_without_backup },
    Check { kind: "corruption-not-restored", look: corruption_that_nobody_ends },
    Check { kind: "objective-below-restore-point", look: points_too_old },
    Check { kind: "slow-without-capacity", look: slow_without_capacity },
];

/// Stores that a fault corrupts, each with the first such fault.
fn corrupted(examined: &Examined<'_>) -> impl Iterator<Item = (StoreId, FaultId)> {
    let topology = examined.topology;
    topology.stores.ids().filter_map(|store| {
        let fault = topology.faults.pairs().find(|(_, fault)| fault.kind.spoils().contains(&store));
        fault.map(|(fault, _)| (store, fault))
    })
}

fn store(examined: &Examined<'_>, store: StoreId) -> At {
    At::top("stores").key(&examined.topology.stores[store].name)
}

/// Whether a step of a runbook restores a store.
pub(super) fn restored(examined: &Examined<'_>, store: StoreId) -> bool {
    let mut steps = examined.topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    steps.any(|step| matches!(step.action, Action::Restore { store: own, .. } if own == store))
}

fn corruption_without_backup(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (id, fault) in corrupted(examined) {
        if examined.topology.stores[id].backup.is_none() {
            let (name, fault) = (&examined.topology.stores[id].name, fault_name(fault));
            told.add(
                &store(examined, id),
                format!(
                    "{fault} spoils {name} in all its copies, and it has no backup: everything is missing, for good"
                ),
                "give it a `backup`, and a runbook a step `restore`",
            );
        }
    }
}

fn corruption_that_nobody_ends(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (id, fault) in corrupted(examined) {
        let kept = &examined.topology.stores[id];
        if kept.backup.is_some() && !restored(examined, id) {
            let (name, fault) = (&kept.name, fault_name(fault));
            told.add(
                &store(examined, id).key("backup"),
                format!("{fault} spoils {name}, and no runbook restores it: copies do not help, and it does not end by itself"),
                format!("add a runbook with a step `{{ restore = \"{name}\", to = .. }}`"),
            );
        }
    }
}

/// A restore point is older than a whole backup takes, and as much older as the time since the last one.
fn points_too_old(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (id, _) in corrupted(examined) {
        let kept = &examined.topology.stores[id];
        let Some(backup) = &kept.backup else { continue };
        for objective in examined.objectives.iter().filter(|objective| objective.indicator == Indicator::Rpo) {
            let quantile = objective.quantile;
            let whole = backup.every.map(|every| backup.takes.quantile(0.0) + quantile * every.as_secs_f64());
            let age = backup.continuous.as_ref().map(|age| age.quantile(quantile));
            let newest = whole.into_iter().chain(age).fold(f64::INFINITY, f64::min);
            if newest.is_finite() && newest > objective.limit {
                let (name, quantile) = (&kept.name, quantile_name(quantile));
                told.add(
                    &At::top("objectives").key(objective.indicator.word()).key(&quantile),
                    format!(
                        "a limit of {} at {quantile} cannot be met: the newest point to which {name} can be restored is {} old or \
                         older, and what was written until the restore comes on top",
                        chosen_duration(objective.limit),
                        chosen_duration(newest)
                    ),
                    "back it up more often, or continuously, or allow more",
                );
            }
        }
    }
}

fn slow_without_capacity(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (id, kept) in examined.topology.stores.pairs() {
        let slow = kept.backup.as_ref().is_some_and(|backup| backup.slow.is_some());
        if slow && !kept.capacity.any() {
            let name = &kept.name;
            told.add(
                &store(examined, id).key("backup").key("slow-after-restore"),
                format!("a restored {name} is slow without effect: each of its copies carries everything"),
                "say what a copy carries: `capacity`",
            );
        }
    }
}
