//! The only place where components meet: what each signal means for the others.

use sim_core::engine::{Dispatched, Engine, Turn};
use sim_core::random::Trial;
use sim_core::simulation::Model;

use super::compute::{Compute, Signal};
use super::door::Door;
use super::{Assembly, Dirty, Happening, Key, Observer, Watched};
use crate::cloud_watch::State;
use crate::compute::fleet::{self, Request};
use crate::compute::lambda;
use crate::fronts::global_accelerator;
use crate::fronts::route53::routing;
use crate::ids::{AlarmId, CellId, PlaceId, RunbookId, StoreId};
use crate::runbooks::{self, Action, Trigger};
use crate::stores;

impl<O: Observer> Model for Watched<'_, O> {
    type Key = Key;

    fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        self.assembly.begin(trial, self.observer, engine);
    }

    #[inline]
    fn dispatch(&mut self, key: Key, turn: Turn<'_, Key>) -> Dispatched {
        match key {
            Key::Faults => turn.of(
                self,
                |it| &mut it.assembly.faults,
                |it, signal, engine| it.assembly.on_fault(signal, it.observer, engine),
            ),
            Key::Population(index) => turn.of(
                self,
                |it| &mut it.assembly.populations[index],
                |it, _, _| it.assembly.dirty.traffic |= Dirty::population(index),
            ),
            Key::Callers(index) => {
                turn.of(self, |it| it.assembly.by_name.population(index), |it, _, _| it.assembly.dirty.places = true)
            }
            Key::OwnName(index) => {
                turn.of(self, |it| it.assembly.own_names.population(index), |it, _, _| it.assembly.dirty.places = true)
            }
            Key::HealthCheck(check) => turn.of_optional(
                self,
                |it| it.assembly.checks[check].as_mut(),
                |it, _, engine| it.assembly.check_turned(check, it.observer, engine),
            ),
            Key::Routing => turn.of_optional(
                self,
                |it| it.assembly.door.routing(),
                |it, signal, engine| it.assembly.on_routing(signal, it.observer, engine),
            ),
            Key::Accelerator => turn.of_optional(
                self,
                |it| it.assembly.door.accelerator(),
                |it, signal, engine| it.assembly.on_accelerator(signal, it.observer, engine),
            ),
            Key::Balancer(cell) => turn.of_optional(
                self,
                |it| it.assembly.computes[cell].as_mut().and_then(Compute::balancer),
                |it, signal, engine| it.assembly.on_compute(cell, Signal::Target(signal), it.observer, engine),
            ),
            Key::Group(cell) => turn.of_optional(
                self,
                |it| it.assembly.computes[cell].as_mut().and_then(Compute::group),
                |it, signal, engine| it.assembly.on_compute(cell, Signal::Group(signal), it.observer, engine),
            ),
            Key::Function(cell) => turn.of_optional(
                self,
                |it| it.assembly.computes[cell].as_mut().and_then(Compute::function),
                |it, signal, engine| it.assembly.on_compute(cell, Signal::Function(signal), it.observer, engine),
            ),
            Key::Launches(region) => turn.of_optional(
                self,
                |it| it.assembly.gates.launches(region),
                |it, granted, engine| it.assembly.on_granted(granted, engine),
            ),
            Key::InstanceLaunches(region) => turn.of_optional(
                self,
                |it| it.assembly.gates.instance_launches(region),
                |it, granted, engine| it.assembly.on_granted(granted, engine),
            ),
            Key::Gateway(region) => turn.of_optional(
                self,
                |it| it.assembly.gates.gateway(region),
                |it, signal, engine| {
                    it.observer.happened(engine.now(), Happening::Gateway { region, signal });
                    it.assembly.dirty.capacity = true;
                },
            ),
            Key::Site(site, region) => {
                turn.of(self, |it| &mut it.assembly.sites[(site, region)], |it, _, _| it.assembly.dirty.places = true)
            }
            Key::Store(index) => turn.of(
                self,
                |it| &mut it.assembly.stores[index],
                |it, signal, engine| it.assembly.on_store(index, signal, it.observer, engine),
            ),
            Key::Backups(index) => turn.of_optional(
                self,
                |it| it.assembly.backups[index].as_mut(),
                |it, signal, engine| it.assembly.on_backups(index, signal, it.observer, engine),
            ),
            Key::Alarm(index) => turn.of(
                self,
                |it| &mut it.assembly.alarms[index],
                |it, turned, engine| it.assembly.on_alarm(index, turned.state, it.observer, engine),
            ),
            Key::Runbook(index) => turn.of(
                self,
                |it| &mut it.assembly.runbooks[index],
                |it, signal, engine| it.assembly.on_runbook(index, signal, it.observer, engine),
            ),
            Key::Waiting => {
                turn.of_optional(self, |it| it.assembly.waiting.as_mut(), |it, _, _| it.assembly.dirty.places = true)
            }
            Key::CachedErrors => turn.of_optional(
                self,
                |it| it.assembly.cached_errors.as_mut(),
                |it, changed, _| {
                    it.assembly.dirty.traffic |= Dirty::population(changed.strand);
                },
            ),
        }
    }

    fn glide(&mut self, engine: &mut Engine<Key>) -> bool {
        self.assembly.glide(self.observer, engine)
    }

    fn settle(&mut self, engine: &mut Engine<Key>) -> bool {
        self.assembly.settle(self.observer, engine)
    }
}

impl Assembly {
    fn on_routing(&mut self, signal: routing::Signal, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        match signal {
            routing::Signal::Changed => self.dirty.routing = true,
            routing::Signal::Turned { record, answer, usable, by } => {
                observer.happened(engine.now(), Happening::RecordTurned { record, answer, usable, by });
            }
            routing::Signal::Shared { record, to, share, by } => {
                observer.happened(engine.now(), Happening::RecordShared { record, to, share, by });
            }
            routing::Signal::TargetsLost(region) => {
                for place in PlaceId::all(self.topology.places()) {
                    if self.topology.graph.home(place) == region {
                        self.targets_turned(place, observer, engine);
                    }
                }
            }
            routing::Signal::EditsRedirected(redirected) => {
                self.world.redirect_edits(redirected);
                observer.happened(engine.now(), Happening::EditsRedirected(redirected));
                self.places_changed(engine);
            }
        }
    }

    fn on_accelerator(
        &mut self,
        signal: global_accelerator::Signal,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        match signal {
            global_accelerator::Signal::Changed => self.dirty.routing = true,
            global_accelerator::Signal::Turned { place, healthy } => {
                self.member_turned(place, healthy, observer, engine);
            }
        }
    }

    /// Places or paths changed: stores and runbooks look at them.
    pub(super) fn places_changed(&mut self, engine: &mut Engine<Key>) {
        if let (Door::Dns(routing), Some(region)) = (&mut self.door, self.records) {
            let up = self.world.control_up(region);
            engine.call(routing, |routing, ctx| routing.control_plane(up, ctx));
        }
        for store in &mut self.stores {
            store.world_changed(&self.world, engine);
        }
        for backups in self.backups.iter_mut().flatten() {
            backups.component_mut().world_changed(&self.world, engine.now());
        }
        for runbook in &mut self.runbooks {
            engine.call(runbook, |runbook, ctx| runbook.world_changed(&self.world, ctx));
        }
        self.dirty.places = true;
    }

    /// Conditions of runbooks hold from now on, or no longer.
    pub(super) fn condition(
        &mut self,
        concerns: impl Fn(&Trigger) -> bool + Copy,
        holds: bool,
        engine: &mut Engine<Key>,
    ) {
        for (id, runbook) in self.runbooks.pairs_mut() {
            if self.topology.runbooks[id].on.triggers().any(concerns) {
                engine.call(runbook, |runbook, ctx| runbook.set(concerns, holds, ctx));
            }
        }
    }

    fn on_compute(&mut self, cell: CellId, signal: Signal, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let (service, region) = self.topology.graph.place(cell);
        let entry = cell.index() < self.topology.places();
        // The only service of the fronts is known by its region alone.
        let service = service.filter(|service| self.topology.graph.only_entered() != Some(*service));
        match signal {
            Signal::Group(fleet::Signal::Asks { member, born }) => {
                self.gates.ask(region, Request { cell, host: false, member, born }, &self.topology, engine);
                return;
            }
            Signal::Group(fleet::Signal::HostAsks { host, born }) => {
                self.gates.ask(region, Request { cell, host: true, member: host, born }, &self.topology, engine);
                return;
            }
            _ => {}
        }
        match signal {
            Signal::Target(signal) => observer.happened(engine.now(), Happening::Target { region, service, signal }),
            Signal::Group(signal) => observer.happened(engine.now(), Happening::Group { region, service, signal }),
            Signal::Function(lambda::Signal::Turned(condition)) => {
                observer.happened(engine.now(), Happening::Function { region, service, condition });
            }
            Signal::Function(lambda::Signal::Changed) => {}
        }
        let before = self.serving(region);
        if !self.computes[cell].as_mut().is_some_and(|compute| compute.pass_on(signal, engine)) {
            return;
        }
        match signal {
            Signal::Function(_) => self.dirty.capacity = true,
            Signal::Target(_) | Signal::Group(_) => {
                let mut felt_elsewhere = !entry || self.depends_on_fronts();
                if entry && matches!(signal, Signal::Group(fleet::Signal::Terminated(_))) {
                    felt_elsewhere |= self.instances_gone(region, before);
                }
                self.dirty.places |= felt_elsewhere;
                if entry {
                    let place = PlaceId::new(cell.index());
                    self.dirty.fronts |= Dirty::front(place);
                    self.targets_turned(place, observer, engine);
                }
            }
        }
    }

    fn on_store(
        &mut self,
        store: StoreId,
        signal: stores::Signal,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        self.dirty.places = true;
        if signal != stores::Signal::Changed {
            observer.happened(engine.now(), Happening::Store { store, signal });
        }
        self.look_again_at(store, engine);
        let (to, succeeded) = match signal {
            stores::Signal::Promoted(to) | stores::Signal::Detached(to) => {
                self.book_links(store);
                (to, true)
            }
            stores::Signal::PromotionFailed { to, .. } => (to, false),
            stores::Signal::Changed
            | stores::Signal::PromotionBegan { .. }
            | stores::Signal::SwitchOverWaits(_)
            | stores::Signal::Repointed
            | stores::Signal::RebuildsDue
            | stores::Signal::RebuildBegan(_)
            | stores::Signal::Rebuilt(_)
            | stores::Signal::AllRebuilt
            | stores::Signal::FailsOver(_)
            | stores::Signal::FailedOver(_)
            | stores::Signal::AddressUpdated(_)
            | stores::Signal::EndpointUpdated(_)
            | stores::Signal::Directed(_)
            | stores::Signal::CommitsHeld(_)
            | stores::Signal::CommitsGoOn(_)
            | stores::Signal::RestoreBegan(_)
            | stores::Signal::Restored(_)
            | stores::Signal::RestoreFailed(_) => return,
        };
        for runbook in &mut self.runbooks {
            if runbook.component().awaits_promotion(store, to) {
                engine.call(runbook, |runbook, ctx| runbook.promotion_ended((store, to), succeeded, ctx));
            }
        }
    }

    fn on_alarm(&mut self, index: usize, state: State, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let own = self.topology.alarms.len();
        if index >= own {
            // One that Route 53 evaluates for itself.
            self.update_guards(observer, engine);
            return;
        }
        let alarm = AlarmId::new(index);
        self.alarm_turned(alarm, state, observer, engine);
    }

    /// An alarm turned: runbooks hear of it, and the composite alarms that it is a part of are evaluated at once.
    fn alarm_turned(&mut self, alarm: AlarmId, state: State, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        observer.happened(engine.now(), Happening::Alarm { alarm, state });
        let fires = state == State::Alarm;
        self.condition(move |trigger| matches!(trigger, Trigger::Alarm(own) if *own == alarm), fires, engine);
        self.firing[alarm] = fires;
        for place in 0..self.topology.composites.len() {
            let composite = &self.topology.composites[place];
            let own = self.topology.composite(place);
            if !composite.rule.names(alarm) {
                continue;
            }
            let fires = composite.rule.holds(&|child| self.firing[child]);
            if fires != self.firing[own] {
                let state = if fires { State::Alarm } else { State::Ok };
                self.alarm_turned(own, state, observer, engine);
            }
        }
    }

    fn on_runbook(
        &mut self,
        runbook: RunbookId,
        signal: runbooks::Signal,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        observer.happened(engine.now(), Happening::Runbook { runbook, signal });
        match signal {
            runbooks::Signal::Asks(step) => self.say_whether_needed(runbook, step, engine),
            runbooks::Signal::Promote { step, effective, wrong } => {
                self.promote(runbook, step, effective, wrong, engine);
            }
            runbooks::Signal::Restore { step, effective, wrong } => {
                self.restore(runbook, step, effective, wrong, observer, engine);
            }
            runbooks::Signal::TakesEffect { step, wrong, part } => {
                if self.take_effect(runbook, (step, part), wrong, engine) {
                    observer.happened(engine.now(), Happening::Acted { runbook, step, wrong });
                }
            }
            runbooks::Signal::Started
            | runbooks::Signal::StepBegan(_)
            | runbooks::Signal::StepWaits { .. }
            | runbooks::Signal::StoodDown(_)
            | runbooks::Signal::NothingToNotice
            | runbooks::Signal::StepFailed(_)
            | runbooks::Signal::StepDone(_)
            | runbooks::Signal::StepSkipped(_)
            | runbooks::Signal::StepWrong(_)
            | runbooks::Signal::Finished
            | runbooks::Signal::Stopped => {}
        }
    }

    /// A store changed: runbooks that wait to promote it look whether they need to.
    pub(super) fn look_again_at(&mut self, store: StoreId, engine: &mut Engine<Key>) {
        for runbook in &mut self.runbooks {
            if runbook.component().waits_to_promote(store) {
                engine.call(runbook, |runbook, ctx| runbook.look_again_at(store, ctx));
            }
        }
    }

    /// A runbook's step cannot begin its promotion: perhaps it need not.
    fn say_whether_needed(&mut self, runbook: RunbookId, step: usize, engine: &mut Engine<Key>) {
        let Action::Promote { store, to, .. } = self.topology.runbooks[runbook].steps[step].action else { return };
        let needed = self.stores[store].needs_promotion(to);
        engine.call(&mut self.runbooks[runbook], |runbook, ctx| runbook.wanted(step, needed, ctx));
    }
}
