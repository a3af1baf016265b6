//! The only place where components meet: what each signal means for the others.

use sim_core::component::Address;
use sim_core::slot::Slot;

use super::compute::{Desk, Signal};
use super::door::Door;
use super::{Deployment, Dirty, Happening, Observer, address, kind};
use crate::aws::auto_scaling;
use crate::aws::cloud_watch::State;
use crate::aws::global_accelerator;
use crate::aws::lambda;
use crate::aws::route53::{Look, routing};
use crate::faults;
use crate::journeys::{Access, Need};
use crate::runbooks::{self, Action, Means, Trigger};
use crate::stores::{self, Promotion};

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

    fn on_fault(&mut self, signal: faults::Signal, observer: &mut impl Observer) {
        let (occurrence, begins) = match signal {
            faults::Signal::Began(occurrence) => (occurrence, true),
            faults::Signal::Ended(occurrence) => (occurrence, false),
        };
        let index = self.faults.component().fault_of(occurrence);
        let kind = self.faults.component().fault(index).kind.clone();
        let zone = self.faults.component().zone(occurrence);
        let what = if begins { Happening::FaultBegan { fault: index, zone } } else { Happening::FaultEnded(index) };
        observer.happened(self.now, what);
        let under_way = &mut self.under_way[index];
        *under_way = if begins { *under_way + 1 } else { *under_way - 1 };
        match kind {
            faults::Kind::RegionOutage { region, destroyed } => {
                if destroyed && begins {
                    for store in &mut self.stores {
                        store.destroyed(region);
                    }
                }
                if self.world.set_out(region, begins) {
                    self.region_changed(region, !begins);
                }
            }
            faults::Kind::ZoneOutage { region, .. } => {
                let zone = zone.expect("a zone outage has a zone");
                if self.world.set_zone_out(region, zone, begins) {
                    self.zone_changed(region, zone, !begins);
                }
            }
            faults::Kind::Partition { a, b } => {
                if self.world.set_cut(a, b, begins) {
                    self.places_changed();
                }
            }
            faults::Kind::GrayFailure { region, .. } => {
                self.gray[region] = self.combined_gray(region);
                self.dirty.places = true;
            }
            faults::Kind::StoreImpairment { store, region, .. } => {
                let impaired =
                    [Access::Read, Access::Write].map(|access| self.combined_impairment(store, region, access));
                self.impaired[store * self.regions + region] = impaired;
                self.stores[store].errs(region, impaired[Access::Write as usize] > 0.0);
                self.dirty.places = true;
            }
            faults::Kind::ControlPlaneOutage { region } => {
                if self.world.set_control_out(region, begins) {
                    let (up, control_up) = (self.world.up(region), self.world.control_up(region));
                    if let Some(compute) = &mut self.computes[region] {
                        let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
                        compute.control_changed(up, control_up, &mut desk);
                    }
                    self.places_changed();
                }
            }
            faults::Kind::LambdaImpairment { region, error } => {
                self.gray[region] = self.combined_gray(region);
                self.dirty.places = true;
                // As long as anything gets through, events that are tried again do.
                if error >= 1.0 && self.world.set_lambda_out(region, begins) {
                    self.places_changed();
                }
            }
            faults::Kind::MetricsOutage { region } => {
                if self.world.set_metrics_out(region, begins) {
                    self.alarms_changed(region);
                    if let Some(compute) = &mut self.computes[region] {
                        let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
                        compute.set_measured(!begins, &mut desk);
                    }
                }
            }
            faults::Kind::InstanceFailures { region, probability } => {
                self.instances_failed(occurrence, region, probability, begins);
            }
            faults::Kind::LoadSurge { .. } => {
                for population in 0..self.surge.len() {
                    self.surge[population] = self.combined_surge(population);
                }
                self.dirty.traffic = u64::MAX;
            }
            faults::Kind::InsufficientCapacity { region, .. } => {
                let probability = self.combined_shortage(region);
                if let Some(compute) = &mut self.computes[region] {
                    compute.set_shortage(probability);
                }
            }
        }
    }

    /// What is under way, each occurrence by itself.
    fn active(&self) -> impl Iterator<Item = &faults::Kind> {
        let faults = self.faults.component();
        let times = |(index, &count): (usize, &u32)| std::iter::repeat_n(&faults.fault(index).kind, count as usize);
        self.under_way.iter().enumerate().flat_map(times)
    }

    /// Error share of overlapping gray failures, and the share of it that checks see. An impairment of Lambda is one where
    /// the application runs on it: invocations fail, those for checks like any others.
    fn combined_gray(&self, region: usize) -> (f64, f64) {
        let on_lambda = self.topology.regions[region].compute.as_ref().is_some_and(|it| it.function().is_some());
        let (mut pass, mut pass_checks) = (1.0, 1.0);
        for kind in self.active() {
            let (own, error, seen) = match *kind {
                faults::Kind::GrayFailure { region, error, seen } => (region, error, seen),
                faults::Kind::LambdaImpairment { region, error } if on_lambda => (region, error, 1.0),
                _ => continue,
            };
            if own == region {
                pass *= 1.0 - error;
                pass_checks *= 1.0 - error * seen;
            }
        }
        (1.0 - pass, 1.0 - pass_checks)
    }

    /// Share of such accesses to a copy that overlapping impairments fail.
    fn combined_impairment(&self, store: usize, region: usize, access: Access) -> f64 {
        let pass = |kind: &faults::Kind| match *kind {
            faults::Kind::StoreImpairment { store: own, region: place, only, error }
                if (own, place) == (store, region) && only.is_none_or(|only| only == access) =>
            {
                1.0 - error
            }
            _ => 1.0,
        };
        1.0 - self.active().map(pass).product::<f64>()
    }

    fn combined_surge(&self, population: usize) -> f64 {
        let factor = |kind: &faults::Kind| match kind {
            faults::Kind::LoadSurge { clients, factor } if clients.contains(&population) => *factor,
            _ => 1.0,
        };
        self.active().map(factor).product()
    }

    fn combined_shortage(&self, region: usize) -> f64 {
        let pass = |kind: &faults::Kind| match kind {
            faults::Kind::InsufficientCapacity { region: own, probability } if *own == region => 1.0 - probability,
            _ => 1.0,
        };
        1.0 - self.active().map(pass).product::<f64>()
    }

    /// A region went out or came back.
    fn region_changed(&mut self, region: usize, up: bool) {
        let (now, list) = (self.now, &mut self.list);
        if let Some(compute) = &mut self.computes[region] {
            let control_up = self.world.control_up(region);
            compute.region_changed(up, control_up, &mut Desk { now, list, noisy: &mut self.noisy });
        }
        for (index, population) in self.populations.iter_mut().enumerate() {
            population.call(now, list, |population, ctx| population.set_serving(region, up, ctx));
            self.noisy.push_back(address(kind::POPULATION, index));
        }
        self.alarms_changed(region);
        self.solver.overload[region] = 0.0;
        self.places_changed();
    }

    /// Alarms that live in a region went blind with it or with its metrics, or see again.
    fn alarms_changed(&mut self, region: usize) {
        let sees = self.world.evaluates_alarms(region);
        for (index, alarm) in self.topology.alarms.iter().enumerate() {
            if alarm.hosted_in == region {
                self.alarms[index].call(self.now, &mut self.list, |alarm, ctx| alarm.set_host(sees, ctx));
            }
        }
    }

    /// Instances of a region fail, each by its own luck, or those that were not replaced meanwhile are back.
    fn instances_failed(&mut self, occurrence: usize, region: usize, probability: f64, begins: bool) {
        let fault = self.faults.component().fault_of(occurrence);
        let before = self.serving(region);
        let Some(compute) = &mut self.computes[region] else { return };
        let strikes = || self.faults.component_mut().strikes(fault, probability);
        let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
        compute.instances_failed(occurrence, begins, &self.world, strikes, &mut desk);
        self.instances_gone(region, before);
        self.dirty.places = true;
    }

    /// Live instances of a region that get requests.
    fn serving(&self, region: usize) -> u32 {
        self.computes[region].as_ref().map_or(0, super::compute::Compute::serving)
    }

    /// Tells the stores how many of the instances that served before do so no longer: what they kept is gone.
    fn instances_gone(&mut self, region: usize, before: u32) {
        let gone = before.saturating_sub(self.serving(region));
        if gone > 0 {
            for store in &mut self.stores {
                store.instances_gone(region, f64::from(gone) / f64::from(before));
            }
        }
    }

    fn zone_changed(&mut self, region: usize, zone: usize, up: bool) {
        let before = self.serving(region);
        if let Some(compute) = &mut self.computes[region] {
            let others = (0..self.world.zones(region)).filter(|&other| other != zone);
            let others = others.filter(|&other| self.world.zone_up(region, other)).count();
            let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
            compute.zone_changed(zone, up, others, &mut desk);
        }
        self.instances_gone(region, before);
        self.places_changed();
    }

    /// Places or paths changed: stores and runbooks look at them.
    fn places_changed(&mut self) {
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
            self.trigger(observer, |trigger| matches!(trigger, Trigger::HealthCheck(own) if *own == region));
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
        let target = self.computes[region].as_ref().is_none_or(super::compute::Compute::has_healthy_target);
        let evaluated = !self.topology.dns.evaluate_target_health || target;
        healthy_children >= check.healthy_children && evaluated
    }

    /// Starts the runbooks that this is the trigger of.
    fn trigger(&mut self, _: &mut impl Observer, fires: impl Fn(&Trigger) -> bool) {
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            if fires(&self.topology.runbooks[index].on) {
                runbook.call(self.now, &mut self.list, super::super::runbooks::Runbook::trigger);
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
        let Some(compute) = &mut self.computes[region] else { return };
        let mut desk = Desk { now: self.now, list: &mut self.list, noisy: &mut self.noisy };
        if !compute.pass_on(signal, &mut desk) {
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
        let succeeded = match signal {
            stores::Signal::Promoted(_) => true,
            stores::Signal::PromotionFailed(_) => false,
            stores::Signal::Changed
            | stores::Signal::PromotionBegan(_)
            | stores::Signal::EndpointUpdated(_)
            | stores::Signal::Directed(_) => return,
        };
        for (index, runbook) in self.runbooks.iter_mut().enumerate() {
            if runbook.component().awaits_promotion(store) {
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
            self.trigger(observer, |trigger| matches!(trigger, Trigger::Alarm(own) if *own == alarm));
        }
    }

    fn on_runbook(&mut self, index: usize, signal: runbooks::Signal, observer: &mut impl Observer) {
        observer.happened(self.now, Happening::Runbook { runbook: index, signal });
        match signal {
            runbooks::Signal::Promote { step, effective, wrong } => {
                if let Some(&Action::Promote { how, store, to }) = self.topology.runbooks[index].steps[step].done(wrong)
                {
                    let list = &mut self.list;
                    let begun = self.stores[store].promote(how, to, effective, &self.world, self.now, list);
                    self.noisy.push_back(address(kind::STORE, store));
                    // A switchover that cannot begin has failed, unless the copy is the writer already.
                    let write = Need { access: Access::Write, store, soft: false };
                    let there = self.accesses(&write, to).all(|write| write.share == 1.0 && write.at == to);
                    let failed = how == Promotion::SwitchOver && !begun && !there;
                    self.runbooks[index].call(self.now, &mut self.list, |runbook, ctx| {
                        if failed { runbook.promotion_ended(false, ctx) } else { runbook.promotion_begun(begun, ctx) }
                    });
                    self.noisy.push_back(address(kind::RUNBOOK, index));
                }
            }
            runbooks::Signal::TakesEffect { step, wrong } => self.take_effect(index, step, wrong),
            runbooks::Signal::Started
            | runbooks::Signal::StepBegan(_)
            | runbooks::Signal::StepWaits { .. }
            | runbooks::Signal::StepFailed(_)
            | runbooks::Signal::StepDone(_)
            | runbooks::Signal::StepSkipped(_)
            | runbooks::Signal::StepWrong(_)
            | runbooks::Signal::Finished
            | runbooks::Signal::Stopped => {}
        }
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
            Action::Scale { desired, to } => {
                if let Some(compute) = &mut self.computes[to] {
                    compute.resize(desired, &mut Desk { now, list, noisy: &mut self.noisy });
                }
            }
            Action::Approve(_) | Action::Wait(_) | Action::Promote { .. } => {}
        }
    }
}
