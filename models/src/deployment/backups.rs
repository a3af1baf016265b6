//! Backups of stores: what corruption, destruction and restores mean for the rest of a deployment.

use sim_core::engine::Engine;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;

use super::{Assembly, Happening, Key, Observer, Topology};
use crate::by_id::ById;
use crate::faults::Kind;
use crate::ids::{FaultId, RegionId, RunbookId, StoreId};
use crate::runbooks::{Action, Begun};
use crate::stores::backups::Signal;
use crate::stores::{self, Backups, Restored};

impl Topology {
    /// Whether a fault corrupts a store.
    pub fn corrupts(&self, store: StoreId) -> bool {
        self.faults.iter().any(|fault| fault.kind.spoils().contains(&store))
    }
}

/// The backups of each store that has any, or that may need some.
pub(super) fn build(
    topology: &Topology,
    seed: u64,
    simulation: &mut Simulation<Key>,
) -> ById<StoreId, Option<Slot<Backups>>> {
    let backups = topology.stores.pairs().map(|(id, store)| {
        let needed = store.backup.is_some() || topology.corrupts(id);
        needed.then(|| {
            let (homes, path) = (store.parameters.written_in(), format!("stores/{}", store.name));
            simulation.place(Key::Backups(id), Backups::new(store.backup.as_ref(), &homes, &path, seed))
        })
    });
    backups.collect()
}

impl Assembly {
    /// Backups learn what their stores acknowledge from now on, all copies and shards together.
    pub(super) fn publish_to_backups(&mut self, engine: &Engine<Key>) {
        for (store, backups) in self.backups.pairs_mut() {
            if let Some(backups) = backups {
                let rates = self.solver.flow.acknowledged_by(self.sharding.rows_of(store));
                backups.component_mut().acknowledges(rates.iter().sum(), engine.now());
            }
        }
    }

    /// What some stores hold is wrong from now on.
    pub(super) fn stores_corrupted(&mut self, fault: FaultId, engine: &Engine<Key>) {
        for &store in self.topology.faults[fault].kind.spoils() {
            if let Some(backups) = &mut self.backups[store] {
                backups.component_mut().corrupted(engine.now());
            }
        }
    }

    /// Somebody notices a corruption, unless a restore has ended it unnoticed.
    pub(super) fn corruption_shows(
        &mut self,
        occurrence: usize,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        let fault = self.faults.component().fault_of(occurrence);
        let Kind::Corruption { error, .. } = self.topology.faults[fault].kind else { return };
        if self.topology.faults[fault].kind.spoils().iter().all(|&store| occurrence < self.restored_away[store]) {
            return;
        }
        observer.happened(engine.now(), Happening::CorruptionNoticed(fault));
        for place in 0..self.topology.faults[fault].kind.spoils().len() {
            let store = self.topology.faults[fault].kind.spoils()[place];
            if let Some(backups) = self.backups[store].as_mut().filter(|_| occurrence >= self.restored_away[store]) {
                backups.component_mut().shows(error);
                self.store_changed(store, engine);
            }
        }
    }

    /// The data of a region are gone, and the backups that were kept there.
    pub(super) fn backups_destroyed(&mut self, region: RegionId, engine: &Engine<Key>) {
        for backups in self.backups.iter_mut().flatten() {
            backups.component_mut().destroyed(region, engine.now());
        }
    }

    /// Accesses to all copies of a store fail more often or less often than before.
    fn store_changed(&mut self, store: StoreId, engine: &mut Engine<Key>) {
        for region in self.topology.regions.ids() {
            self.impairment_changed(store, region, engine);
        }
    }

    /// Share of accesses to a store that fail because it is corrupt or being restored.
    pub(super) fn unusable(&self, store: StoreId) -> f64 {
        self.backups[store].as_ref().map_or(0.0, |backups| backups.component().error())
    }

    /// A runbook's step begins a restore, or fails for want of a backup.
    pub(super) fn restore(
        &mut self,
        runbook: RunbookId,
        step: usize,
        effective: bool,
        wrong: bool,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        let action = self.topology.runbooks[runbook].steps[step].done(wrong);
        let Some(&Action::Restore { store, to }) = action else { return };
        let well = self.backups[store].as_ref().is_some_and(|backups| backups.component().is_well());
        if well && !wrong && self.topology.runbooks[runbook].stand_down {
            // Who looks before he acts restores nothing that nothing is wrong with.
            engine
                .call(&mut self.runbooks[runbook], |runbook, ctx| runbook.promotion_begun(step, Begun::NotNeeded, ctx));
            return;
        }
        let under_way = self.backups[store].as_ref().is_some_and(|backups| backups.component().awaits(to));
        let begun = self.backups[store]
            .as_mut()
            .is_some_and(|backups| engine.call(backups, |backups, ctx| backups.restore(to, effective, ctx)));
        if !begun {
            engine.call(&mut self.runbooks[runbook], |runbook, ctx| {
                runbook.promotion_begun(step, Begun::Impossible, ctx);
            });
        } else if !under_way {
            observer.happened(engine.now(), Happening::Store { store, signal: stores::Signal::RestoreBegan(to) });
            self.store_changed(store, engine);
        }
    }

    pub(super) fn on_backups(
        &mut self,
        store: StoreId,
        signal: Signal,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        let slowness = self.backups[store].as_ref().map_or(1.0, |backups| backups.component().slowness());
        self.meters.slow_down(self.sharding.rows_of(store), slowness);
        self.dirty.places = true;
        let (to, succeeded) = match signal {
            Signal::Restored(restored) => {
                self.bring_back(store, restored, observer, engine);
                (restored.to, true)
            }
            Signal::Failed(to) => (to, false),
            Signal::Loaded => return,
        };
        self.store_changed(store, engine);
        let signal = if succeeded { stores::Signal::Restored(to) } else { stores::Signal::RestoreFailed(to) };
        observer.happened(engine.now(), Happening::Store { store, signal });
        for runbook in &mut self.runbooks {
            if runbook.component().awaits_restore(store, to) {
                engine.call(runbook, |runbook, ctx| runbook.restore_ended((store, to), succeeded, ctx));
            }
        }
    }

    /// A store is as it was before it was corrupted.
    fn bring_back(
        &mut self,
        store: StoreId,
        restored: Restored,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        self.restored_away[store] = self.faults.component().occurrences();
        for (fault, under_way) in self.under_way.pairs_mut() {
            let spoiled = self.topology.faults[fault].kind.spoils();
            let well =
                |store: &StoreId| self.backups[*store].as_ref().is_none_or(|backups| !backups.component().is_corrupt());
            if spoiled.contains(&store) && spoiled.iter().all(well) && std::mem::take(under_way) > 0 {
                observer.happened(engine.now(), Happening::FaultEnded(fault));
            }
        }
        self.stores[store].restored(restored, &self.world, engine);
    }
}
