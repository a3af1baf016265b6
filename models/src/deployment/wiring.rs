//! The only place where components meet: what each signal means for the others.

use sim_core::component::Address;
use sim_core::slot::Slot;

use super::compute::{Compute, Desk, Signal};
use super::door::Door;
use super::{Deployment, Dirty, Happening, Observer, address, kind};
use crate::aws::auto_scaling;
use crate::aws::cloud_watch::State;
use crate::aws::global_accelerator;
use crate::aws::lambda;
use crate::aws::route53::{Look, routing};
use crate::journeys::{Access, Need};
use crate::runbooks::{self, Action, Means, Runbook, Trigger};
use crate::stores::{self, Attempt, Promotion};

impl Deployment {
    /// Drains the signals of everybody who may have raised some, in order, until all is quiet.
    pub(super) fn drain(&mut self, observer: &mut impl Observer) {
        while let Some(address) = self.noisy.pop_front() {
            self.drain_one(address, observer);
        }
    }

    fn drain_one(&mut self, from: Address, observer: &mut impl Observer) {
        let index = usize::from(from.index);
        match from.kind {
            kind::FAULTS => {
                while let Some(signal) = self.faults.next_signal() {
                    self.on_fault(signal, observer);
                }
            }
            kind::POPULATION => {
                while self.populations[index].next_signal().is_some() {
                    self.dirty.traffic |= Dirty::population(index);
                }
            }
            kind::CHECK => {
                while self.checks[index].next_signal().is_some() {
                    self.update_verdict(index / self.children, observer);
                }
            }
            kind::DOOR => self.on_door(observer),
            kind::CACHED_ERRORS => {
                while let Some(changed) = self.cached_errors.as_mut().and_then(Slot::next_signal) {
                    self.dirty.traffic |= Dirty::population(changed.population);
                }
            }
            kind::BALANCER | kind::GROUP | kind::FUNCTION => {
                while let Some(signal) = self.computes[index].as_mut().and_then(|it| it.next_signal(from.kind)) {
                    self.on_compute(index, signal, observer);
                }
            }
            kind::STORE => {
                while let Some(signal) = self.stores[index].next_signal() {
                    self.on_store(index, signal, observer);
                }
            }
            kind::ALARM => {
                while let Some(turned) = self.alarms[index].next_signal() {
                    self.on_alarm(index, turned.state, observer);
                }
            }
            _ => {
                while let Some(signal) = self.runbooks[index].next_signal() {
                    self.on_runbook(index, signal, observer);
                }
            }
        }
    }

    fn on_door(&mut self, observer: &mut impl Observer) {
        loop {
            match &mut self.door {
                Door::Dns(_, routing) => match routing.next_signal() {
                    None => return,
                    Some(routing::Signal::Changed) => self.dirty.routing = true,
                    Some(routing::Signal::EditsRedirected(redirected)) => {
                        self.world.redirect_edits(redirected);
                        observer.happened(self.now, Happening::EditsRedirected(redirected));
                        self.places_changed();
                    }
                },
                Door::Accelerator(accelerator) => match accelerator.next_signal() {
                    None => return,
                    Some(global_accelerator::Signal::Changed) => self.dirty.routing = true,
                    Some(global_accelerator::Signal::Turned { group, healthy }) => {
                        self.set_verdict(group, healthy, observer);
                    }
                },
            }
        }
    }

    /// Lets the compute of a region do something, if there is some.
    pub(super) fn with_compute<R>(
        &mut self,
        region: usize,
        work: impl FnOnce(&mut Compute, &mut Desk<'_>) -> R,
    ) -> Option<R> {
        let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
        self.computes[region].as_mut().map(|compute| work(compute, &mut desk))
    }

    /// Places or paths changed: stores and runbooks look at them.
    pub(super) fn places_changed(&mut self) {
        let (now, list) = (self.now, &mut self.list);
        if let (Door::Dns(_, routing), Some(region)) = (&mut self.door, self.records) {
            let up = self.world.control_up(region);
            routing.call(now, list, |routing, ctx| routing.control_plane(up, ctx));
            self.noisy.push_back(address(kind::DOOR, 0));
        }
        for (index, store) in self.stores.iter_mut().enumerate() {
            store.world_changed(&self.world, now, list);
            self.noisy.push_back(address(kind::STORE, index));
        }
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            runbook.call(now, list, |runbook, ctx| runbook.world_changed(&self.world, ctx));
            self.noisy.push_back(address(kind::RUNBOOK, index));
        }
        self.dirty.places = true;
    }

    /// The verdict on an endpoint, from the children of its check and the health of its targets.
    pub(super) fn update_verdict(&mut self, region: usize, observer: &mut impl Observer) {
        let healthy = self.judge(region);
        if healthy == self.verdicts[region] {
            return;
        }
        self.set_verdict(region, healthy, observer);
    }

    fn set_verdict(&mut self, region: usize, healthy: bool, observer: &mut impl Observer) {
        self.verdicts[region] = healthy;
        self.dirty.routing = true;
        observer.happened(self.now, Happening::HealthTurned { region, healthy });
        if let Door::Dns(_, routing) = &mut self.door {
            routing.call(self.now, &mut self.list, |routing, ctx| routing.verdict(region, healthy, ctx));
        }
        if !healthy {
            self.trigger(|trigger| matches!(trigger, Trigger::HealthCheck(own) if *own == region));
        }
    }

    /// What the children of an endpoint's check and the health of its targets amount to.
    pub(super) fn judge(&self, region: usize) -> bool {
        let check = &self.topology.dns.check;
        let own_alarms = self.topology.alarms.len();
        let mut alarm_children = 0;
        let mut healthy_children = 0;
        for (index, child) in check.children.iter().enumerate() {
            let healthy = match child.look {
                Look::Shallow | Look::Deep(_) => self.checks[region * self.children + index].component().healthy(),
                Look::Alarm(_) => {
                    alarm_children += 1;
                    // Insufficient data keeps the last status; the first one is healthy.
                    !self.alarms[own_alarms + alarm_children - 1].component().breached()
                }
            };
            healthy_children += usize::from(healthy != child.inverted);
        }
        let target = self.computes[region].as_ref().is_none_or(Compute::has_healthy_target);
        let evaluated = !self.topology.dns.evaluate_target_health || target;
        healthy_children >= check.healthy_children && evaluated
    }

    /// Starts the runbooks that this is the trigger of.
    fn trigger(&mut self, fires: impl Fn(&Trigger) -> bool) {
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            if fires(&self.topology.runbooks[index].on) {
                runbook.call(self.now, &mut self.list, Runbook::trigger);
                self.noisy.push_back(address(kind::RUNBOOK, index));
            }
        }
    }

    fn on_compute(&mut self, region: usize, signal: Signal, observer: &mut impl Observer) {
        match signal {
            Signal::Target(signal) => observer.happened(self.now, Happening::Target { region, signal }),
            Signal::Group(signal) => observer.happened(self.now, Happening::Group { region, signal }),
            Signal::Function(lambda::Signal::Turned(condition)) => {
                observer.happened(self.now, Happening::Function { region, condition });
            }
            Signal::Function(lambda::Signal::Changed) => {}
        }
        let before = self.serving(region);
        if self.with_compute(region, |compute, desk| compute.pass_on(signal, desk)) != Some(true) {
            return;
        }
        match signal {
            Signal::Function(_) => self.dirty.capacity = true,
            Signal::Target(_) | Signal::Group(_) => {
                if let Signal::Group(auto_scaling::Signal::Terminated(_)) = signal {
                    self.instances_gone(region, before);
                }
                self.dirty.places = true;
                if self.topology.dns.evaluate_target_health {
                    self.update_verdict(region, observer);
                }
            }
        }
    }

    fn on_store(&mut self, store: usize, signal: stores::Signal, observer: &mut impl Observer) {
        self.dirty.places = true;
        if signal != stores::Signal::Changed {
            observer.happened(self.now, Happening::Store { store, signal });
        }
        self.look_again_at(store);
        let (to, succeeded) = match signal {
            stores::Signal::Promoted(to) | stores::Signal::Detached(to) => (to, true),
            stores::Signal::PromotionFailed { to, .. } => (to, false),
            stores::Signal::Changed
            | stores::Signal::PromotionBegan { .. }
            | stores::Signal::SwitchOverWaits(_)
            | stores::Signal::Repointed
            | stores::Signal::RebuildBegan(_)
            | stores::Signal::Rebuilt(_)
            | stores::Signal::AllRebuilt
            | stores::Signal::FailsOver(_)
            | stores::Signal::FailedOver(_)
            | stores::Signal::AddressUpdated(_)
            | stores::Signal::EndpointUpdated(_)
            | stores::Signal::Directed(_)
            | stores::Signal::CommitsHeld(_)
            | stores::Signal::CommitsGoOn(_) => return,
        };
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            if runbook.component().awaits_promotion(store, to) {
                runbook.call(self.now, &mut self.list, |runbook, ctx| runbook.promotion_ended(succeeded, ctx));
                self.noisy.push_back(address(kind::RUNBOOK, index));
            }
        }
    }

    fn on_alarm(&mut self, alarm: usize, state: State, observer: &mut impl Observer) {
        let own = self.topology.alarms.len();
        if alarm >= own {
            // An alarm that Route 53 evaluates for itself.
            for region in 0..self.regions {
                self.update_verdict(region, observer);
            }
            return;
        }
        observer.happened(self.now, Happening::Alarm { alarm, state });
        if state == State::Alarm {
            self.trigger(|trigger| matches!(trigger, Trigger::Alarm(own) if *own == alarm));
        }
    }

    fn on_runbook(&mut self, index: usize, signal: runbooks::Signal, observer: &mut impl Observer) {
        observer.happened(self.now, Happening::Runbook { runbook: index, signal });
        match signal {
            runbooks::Signal::Asks(step) => self.say_whether_needed(index, step),
            runbooks::Signal::Promote { step, effective, wrong } => self.promote(index, step, effective, wrong),
            runbooks::Signal::TakesEffect { step, wrong } => self.take_effect(index, step, wrong),
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
    pub(super) fn look_again_at(&mut self, store: usize) {
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            if runbook.component().waits_to_promote(store) {
                runbook.call(self.now, &mut self.list, Runbook::begin_step);
                self.noisy.push_back(address(kind::RUNBOOK, index));
            }
        }
    }

    /// A runbook's step cannot begin its promotion: perhaps it need not.
    fn say_whether_needed(&mut self, runbook: usize, step: usize) {
        let Action::Promote { store, to, .. } = self.topology.runbooks[runbook].steps[step].action else { return };
        let needed = self.stores[store].needs_promotion(to);
        self.runbooks[runbook].call(self.now, &mut self.list, |runbook, ctx| runbook.wanted(needed, ctx));
        self.noisy.push_back(address(kind::RUNBOOK, runbook));
    }

    /// A runbook's step begins a promotion.
    fn promote(&mut self, runbook: usize, step: usize, effective: bool, wrong: bool) {
        let action = self.topology.runbooks[runbook].steps[step].done(wrong);
        let Some(&Action::Promote { how, store, to }) = action else { return };
        let attempt = Attempt { how, to, effective };
        let begun = self.stores[store].promote(attempt, &self.world, self.now, &mut self.list);
        self.noisy.push_back(address(kind::STORE, store));
        // A switchover that cannot begin has failed, unless the copy is the writer already.
        let write = Need { access: Access::Write, store, soft: false };
        let there = self.accesses(&write, to).all(|write| write.share == 1.0 && write.at == to);
        let failed = how == Promotion::SwitchOver && !begun && !there;
        self.runbooks[runbook].call(self.now, &mut self.list, |runbook, ctx| {
            if failed { runbook.promotion_ended(false, ctx) } else { runbook.promotion_begun(begun, ctx) }
        });
        self.noisy.push_back(address(kind::RUNBOOK, runbook));
    }

    /// What a runbook's step does to the deployment when it succeeds, or when it is done wrong.
    fn take_effect(&mut self, runbook: usize, step: usize, wrong: bool) {
        let (now, list) = (self.now, &mut self.list);
        let Some(action) = self.topology.runbooks[runbook].steps[step].done(wrong) else { return };
        match *action {
            Action::Shift { means: Means::AccessPoint, to } => {
                for (index, store) in self.stores.iter_mut().enumerate() {
                    store.direct(to, now, list);
                    self.noisy.push_back(address(kind::STORE, index));
                }
            }
            Action::Readmit { region } => {
                if let Door::Dns(_, routing) = &mut self.door {
                    routing.call(now, list, |routing, ctx| routing.readmit(region, ctx));
                }
            }
            Action::Shift { means, to } => {
                match (means, &mut self.door) {
                    (Means::RecordEdit, Door::Dns(_, routing)) => {
                        routing.call(now, list, |routing, ctx| routing.edit_records(to, ctx));
                    }
                    (Means::RoutingControl, Door::Dns(_, routing)) => {
                        routing.call(now, list, |routing, ctx| routing.flip_controls(to, ctx));
                    }
                    (Means::TrafficDial, Door::Accelerator(accelerator)) => {
                        accelerator.call(now, list, |accelerator, ctx| accelerator.turn_dials(to, ctx));
                    }
                    // Not the door's, or refused when the file is read.
                    (Means::AccessPoint, _)
                    | (Means::RecordEdit | Means::RoutingControl, Door::Accelerator(_))
                    | (Means::TrafficDial, Door::Dns(..)) => {}
                }
                self.noisy.push_back(address(kind::DOOR, 0));
            }
            Action::Repoint { store } => {
                self.stores[store].repoint(now, list);
                self.noisy.push_back(address(kind::STORE, store));
            }
            Action::Scale { desired, to } => {
                self.with_compute(to, |compute, desk| compute.resize(desired, desk));
            }
            Action::Approve(_) | Action::Wait(_) | Action::Promote { .. } => {}
        }
    }
}
