//! Verdicts: what health checks and the health of targets say, and who has to hear of it.
//!
//! DNS goes by guards: a check, or the health of targets at an endpoint. Alarms, runbooks and reports go by endpoints: one
//! is unhealthy while any guard says so that speaks of it.

use sim_core::engine::Engine;
use sim_core::slot::Slot;

use super::compute::Compute;
use super::door::Door;
use super::{Assembly, Happening, Key, Observer};
use crate::by_id::ById;
use crate::cloud_watch::State;
use crate::fronts::route53::Insufficient;
use crate::fronts::route53::zone::{Sight, Source, Watched};
use crate::ids::{AlarmId, CheckId, GuardId, PlaceId, RegionId, RunbookId};
use crate::runbooks::{Runbook, Trigger};
use crate::services::Graph;

impl Assembly {
    /// What everybody has known since long before the trial.
    pub(super) fn assume_verdicts(&mut self) {
        match self.door {
            Door::Dns(_) => {
                for guard in self.guards.ids() {
                    self.guards[guard] = self.judge(guard);
                    self.door.assume(guard, self.guards[guard]);
                }
            }
            Door::Accelerator(_) => {
                for member in self.members() {
                    let (place, health) = self.member_health(member);
                    self.verdicts[place] = health.is_good();
                    self.door.assume_member(member, health.is_good());
                }
            }
        }
        for region in RegionId::all(self.topology.endpoints) {
            for place in self.topology.graph.entries(region) {
                if matches!(self.door, Door::Dns(_)) {
                    self.verdicts[place] = self.endpoint_is_healthy(place);
                }
                if !self.verdicts[place] {
                    Self::assume_unhealthy(&mut self.runbooks, Watched::Endpoint(place));
                }
            }
        }
        for check in self.watched.ids() {
            if self.watched[check].is_some() {
                let healthy = self.check_is_healthy(check);
                self.watched[check] = Some(healthy);
                if !healthy {
                    Self::assume_unhealthy(&mut self.runbooks, Watched::Check(check));
                }
            }
        }
    }

    fn assume_unhealthy(runbooks: &mut ById<RunbookId, Slot<Runbook>>, watched: Watched) {
        for runbook in runbooks {
            runbook.component_mut().assume(|trigger| *trigger == Trigger::HealthCheck(watched));
        }
    }

    /// A check turned: guards that go by it look at it.
    pub(super) fn check_turned(&mut self, check: CheckId, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        for guard in self.guards.ids() {
            let own = self.topology.zone.guards[guard].check();
            if own.is_some_and(|own| self.topology.zone.rests_on(own, check)) {
                self.update_guard(guard, observer, engine);
            }
        }
        self.look_at_watched(observer, engine);
    }

    /// Alarms and runbooks learn of checks that they watch by name.
    fn look_at_watched(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        for check in self.watched.ids() {
            let Some(known) = self.watched[check] else { continue };
            let healthy = self.check_is_healthy(check);
            if healthy == known {
                continue;
            }
            self.watched[check] = Some(healthy);
            // Metrics are published after answers.
            self.dirty.routing = true;
            let mut guards = self.topology.zone.guards.iter();
            if !guards.any(|guard| guard.check() == Some(check)) {
                observer.happened(engine.now(), Happening::CheckTurned { check, healthy });
            }
            self.watched_turned(Watched::Check(check), healthy, engine);
        }
    }

    /// The health of targets at an endpoint may be another one: guards that go by it look at it.
    pub(super) fn targets_turned(&mut self, place: PlaceId, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        for guard in self.guards.ids() {
            if self.topology.zone.guards[guard].targets() == Some(place) {
                self.update_guard(guard, observer, engine);
            }
        }
    }

    /// All guards look.
    pub(super) fn update_guards(&mut self, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        for guard in self.guards.ids() {
            self.update_guard(guard, observer, engine);
        }
        self.look_at_watched(observer, engine);
    }

    fn update_guard(&mut self, guard: GuardId, observer: &mut impl Observer, engine: &mut Engine<Key>) {
        let healthy = self.judge(guard);
        if healthy == self.guards[guard] {
            return;
        }
        self.guards[guard] = healthy;
        self.dirty.routing = true;
        if self.topology.zone.written {
            observer.happened(engine.now(), Happening::GuardTurned { guard, healthy });
        }
        let mut heard = false;
        for index in 0..self.topology.zone.guards[guard].places.len() {
            let place = self.topology.zone.guards[guard].places[index];
            let verdict = self.endpoint_is_healthy(place);
            if verdict != self.verdicts[place] {
                self.verdicts[place] = verdict;
                observer.happened(engine.now(), Happening::HealthTurned { place, healthy: verdict });
                if !std::mem::replace(&mut heard, true) {
                    self.tell_routing(guard, healthy, engine);
                }
                self.watched_turned(Watched::Endpoint(place), verdict, engine);
            }
        }
        if !heard {
            self.tell_routing(guard, healthy, engine);
        }
    }

    fn tell_routing(&mut self, guard: GuardId, healthy: bool, engine: &mut Engine<Key>) {
        if let Door::Dns(routing) = &mut self.door {
            engine.call(routing, |routing, ctx| routing.verdict(guard, healthy, ctx));
        }
    }

    /// An accelerator's verdict on an endpoint.
    pub(super) fn member_turned(
        &mut self,
        place: PlaceId,
        healthy: bool,
        observer: &mut impl Observer,
        engine: &mut Engine<Key>,
    ) {
        self.verdicts[place] = healthy;
        self.dirty.routing = true;
        observer.happened(engine.now(), Happening::HealthTurned { place, healthy });
        self.watched_turned(Watched::Endpoint(place), healthy, engine);
    }

    fn watched_turned(&mut self, watched: Watched, healthy: bool, engine: &mut Engine<Key>) {
        self.condition(|trigger| matches!(trigger, Trigger::HealthCheck(own) if *own == watched), !healthy, engine);
    }

    /// Whether no guard that speaks of an endpoint says that it is unhealthy.
    fn endpoint_is_healthy(&self, place: PlaceId) -> bool {
        let mut guards = self.topology.zone.guards.pairs().filter(|(_, guard)| guard.places.contains(&place));
        guards.all(|(guard, _)| self.guards[guard])
    }

    /// What a guard says.
    fn judge(&self, guard: GuardId) -> bool {
        match self.topology.zone.guards[guard].source {
            Source::Check(check) => self.check_is_healthy(check),
            Source::Targets(place) => self.has_healthy_target(place),
        }
    }

    fn check_is_healthy(&self, check: CheckId) -> bool {
        let written = &self.topology.zone.checks[check];
        let healthy = match &written.sight {
            Sight::Probes(_) => self.checks[check].as_ref().is_none_or(|check| check.component().healthy()),
            Sight::Alarm { alarm, insufficient } => self.metric_is_healthy(*alarm, *insufficient),
            Sight::Calculated { children, healthy } => {
                children.iter().filter(|&&child| self.check_is_healthy(child)).count() >= *healthy
            }
        };
        healthy != written.inverted
    }

    /// What a health check on an alarm's metric says. Route 53 evaluates the metric by itself, in the alarm's region: while
    /// that is out, there is no data to evaluate.
    fn metric_is_healthy(&self, alarm: AlarmId, insufficient: Insufficient) -> bool {
        let copy =
            self.evaluated.iter().position(|&evaluated| evaluated == alarm).expect("every alarm of a check has one");
        let alarm_copy = self.alarms[self.topology.alarms.len() + copy].component();
        let written = &self.topology.alarms[alarm];
        // A balancer that is silent because nothing fails has no data either. Whoever calls that healthy has a healthy check
        // then. That the check would fail in the calm is told and not played: the last status stays.
        let silent = alarm_copy.state() == State::InsufficientData;
        let tolerated = written.sparse && insufficient == Insufficient::Unhealthy;
        let known = self.world.evaluates_alarms(written.hosted_in) && (!silent || tolerated);
        match insufficient {
            Insufficient::Healthy if !known => true,
            Insufficient::Unhealthy if !known => false,
            // Before it knew anything it was healthy.
            Insufficient::Healthy | Insufficient::Unhealthy | Insufficient::LastKnown => !alarm_copy.breached(),
        }
    }

    /// Whether DNS would find a healthy target at an endpoint. Of a region that has just gone out it still does.
    fn has_healthy_target(&self, place: PlaceId) -> bool {
        let lost = match &self.door {
            Door::Dns(routing) => routing.component().targets_lost(self.topology.graph.home(place)),
            Door::Accelerator(_) => false,
        };
        !lost && self.computes[Graph::cell_at(place)].as_ref().is_none_or(Compute::has_healthy_target)
    }
}
