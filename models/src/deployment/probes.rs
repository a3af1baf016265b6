//! What probes meet: those of health checks, and those of an accelerator.

use sim_core::engine::Engine;

use super::door::Door;
use super::{Assembly, Key};
use crate::fronts::global_accelerator::Health;
use crate::fronts::route53::health_check::Outcome;
use crate::fronts::route53::zone::Sight;
use crate::ids::{CheckId, MemberId, PlaceId};
use crate::needs::{Asks, Need};
use crate::services::Graph;

/// How long a checker waits for an answer once it is connected, in seconds (documented).
const PATIENCE: f64 = 2.0;
impl Assembly {
    /// What a checker's request to each endpoint meets.
    pub(super) fn update_probes(&mut self, engine: &mut Engine<Key>) {
        for member in self.members() {
            let (_, health) = self.member_health(member);
            if let Door::Accelerator(accelerator) = &mut self.door {
                engine.call(accelerator, |accelerator, ctx| accelerator.set_health(member, health, ctx));
            }
        }
        for check in self.checks.ids() {
            let Some(outcome) = self.outcome_of(check) else { continue };
            if let Some(component) = &mut self.checks[check] {
                engine.call(component, |check, ctx| check.set_outcome(outcome, ctx));
            }
        }
    }

    /// What checkers have met at each endpoint for long when a trial starts.
    pub(super) fn assume_probes(&mut self, engine: &mut Engine<Key>) {
        for check in self.checks.ids() {
            let Some(outcome) = self.outcome_of(check) else { continue };
            if let Some(component) = &mut self.checks[check] {
                engine.call(component, |check, ctx| check.assume(outcome, ctx));
            }
        }
    }

    /// What a request of a check meets now, if it is one that asks.
    fn outcome_of(&self, check: CheckId) -> Option<Outcome> {
        match &self.topology.zone.checks[check].sight {
            Sight::Probes(probing) => Some(self.probe_outcome(probing.place, &probing.needs)),
            Sight::Alarm { .. } | Sight::Calculated { .. } => None,
        }
    }

    /// The endpoints behind an accelerator, if there is one.
    pub(super) fn members(&self) -> impl Iterator<Item = MemberId> + use<> {
        let accelerator = self.topology.edge.accelerator.as_ref();
        MemberId::all(accelerator.map_or(0, |accelerator| accelerator.members.len()))
    }

    /// Where an endpoint behind an accelerator is, and what the accelerator goes by there: a load balancer's targets, or probes of
    /// its own.
    pub(super) fn member_health(&self, member: MemberId) -> (PlaceId, Health) {
        let accelerator = self.topology.edge.accelerator.as_ref().expect("an accelerator has the endpoint");
        let place = accelerator.members[member].place;
        let balanced = self.computes[Graph::cell_at(place)].as_ref().filter(|compute| compute.is_balanced());
        let health = match balanced {
            Some(compute) if self.world.up(self.topology.graph.home(place)) => {
                Health::Targets(compute.has_healthy_target())
            }
            // Its probers keep their cadence whichever way a probe fails.
            _ => Health::Probes(match self.probe_outcome(place, &[]) {
                Outcome::Pass => 0.0,
                Outcome::Flaky { failing, .. } => failing,
                Outcome::Error | Outcome::BlackHole | Outcome::Hangs => 1.0,
            }),
        };
        (place, health)
    }

    fn probe_outcome(&self, place: PlaceId, needs: &[Need]) -> Outcome {
        let (cell, region) = (Graph::cell_at(place), self.topology.graph.home(place));
        if !self.world.up(region) {
            return Outcome::BlackHole;
        }
        if self.computes[cell].as_ref().is_some_and(super::compute::Compute::is_dead) {
            return Outcome::Error;
        }
        let in_zones = self.computes[cell].as_ref().map_or(0.0, |compute| compute.gray_in_zones().probes);
        let sound = (1.0 - self.gray[cell].probes) * (1.0 - in_zones);
        let answers = self.probe_in_time(place, needs, PATIENCE);
        if answers == 0.0 {
            return Outcome::Hangs;
        }
        let mut pass = sound * answers;
        for need in needs.iter().filter(|need| !need.soft) {
            let (works, hangs) = match need.asks {
                Asks::Store { access, store } => {
                    let met = self.meet(access, store, region, None);
                    (met.pass, met.hangs)
                }
                Asks::Service(call) => (self.call_passes(&call, need.site, region), false),
            };
            if works == 0.0 {
                return if hangs { Outcome::Hangs } else { Outcome::Error };
            }
            pass *= works;
        }
        match pass {
            0.0 => Outcome::Error,
            1.0 => Outcome::Pass,
            // Of those that no gray failure strikes the late ones hang, whatever else would fail them.
            _ => Outcome::Flaky { errors: (1.0 - pass) - sound * (1.0 - answers), failing: 1.0 - pass },
        }
    }
}
