//! The front door: what leads each population to regions, and why requests fail at a dead one meanwhile.
//!
//! DNS is one kind, with health checks that the deployment keeps beside it; an accelerator, which probes for itself, is
//! the other. Everybody else asks the door and does not care which it is.

use sim_core::engine::Engine;
use sim_core::random::Trial;
use sim_core::slot::Slot;

use super::Key;
use crate::by_id::ById;
use crate::cause::{Cause, Removal};
use crate::fronts::global_accelerator::Accelerator;
use crate::fronts::route53::routing::Routing;
use crate::fronts::route53::zone::Way;
use crate::ids::{GuardId, MemberId, NameId, PlaceId, PopulationId};

/// What leads populations to regions.
#[allow(clippy::large_enum_variant, reason = "there is one per deployment, and it is not moved in a trial")]
#[derive(Debug)]
pub(super) enum Door {
    /// Route 53 answers, resolvers cache.
    Dns(Slot<Routing>),
    /// Global Accelerator leads connections, nobody caches.
    Accelerator(Slot<Accelerator>),
}

impl Door {
    /// Starts a trial in which all is well.
    pub(super) fn begin(&mut self, trial: Trial<'_>, engine: &mut Engine<Key>) {
        match self {
            Self::Dns(routing) => engine.begin(routing, |routing, _| routing.begin(trial)),
            Self::Accelerator(accelerator) => {
                engine.begin(accelerator, |accelerator, ctx| accelerator.begin(trial, ctx));
            }
        }
    }

    /// What answers queries, if DNS is the door.
    pub(super) const fn routing(&mut self) -> Option<&mut Slot<Routing>> {
        match self {
            Self::Dns(routing) => Some(routing),
            Self::Accelerator(_) => None,
        }
    }

    /// The accelerator, if one is the door.
    pub(super) const fn accelerator(&mut self) -> Option<&mut Slot<Accelerator>> {
        match self {
            Self::Accelerator(accelerator) => Some(accelerator),
            Self::Dns(_) => None,
        }
    }

    /// DNS has known what a guard says since long before the trial.
    pub(super) fn assume(&mut self, guard: GuardId, healthy: bool) {
        if let Self::Dns(routing) = self {
            routing.component_mut().assume(guard, healthy);
        }
    }

    /// The accelerator has known this verdict since long before the trial.
    pub(super) fn assume_member(&mut self, member: MemberId, healthy: bool) {
        if let Self::Accelerator(accelerator) = self {
            accelerator.component_mut().assume(member, healthy);
        }
    }

    /// Where a population that asks for a name is led now, as weights over regions.
    pub(super) fn answer(&mut self, name: NameId, population: PopulationId, answer: &mut [f64]) {
        match self {
            Self::Dns(routing) => routing.component_mut().answer(name, population, answer),
            Self::Accelerator(accelerator) => accelerator.component_mut().answer(population, answer),
        }
    }

    /// Which stage fails requests at a dead or gray endpoint, given the ways to it, what guards say, the verdict on it and
    /// whether new answers still lead there.
    ///
    /// What an operator did comes first, whatever checks say: it is awaited until answers show it, and what is cached
    /// after that. Without it, an endpoint that nothing guards is one that nothing leads away from.
    pub(super) fn cause(
        &self,
        place: PlaceId,
        way: &Way,
        guards: &ById<GuardId, bool>,
        healthy: bool,
        answered: bool,
    ) -> Cause {
        let left_behind = if answered { Cause::NoPath } else { Cause::DnsCache };
        match self {
            Self::Dns(routing) => {
                let routing = routing.component();
                let mut unhealthy = way.guards.iter().filter(|&&guard| !guards[guard]).peekable();
                match routing.removal(place, way) {
                    Removal::Coming => Cause::Propagation,
                    Removal::None if way.guards.is_empty() => Cause::NoPath,
                    Removal::None if unhealthy.peek().is_none() => Cause::Detection,
                    Removal::None if unhealthy.all(|&guard| routing.seen(guard)) => Cause::Propagation,
                    Removal::None | Removal::Visible => left_behind,
                }
            }
            Self::Accelerator(accelerator) => {
                let accelerator = accelerator.component();
                match accelerator.removal(place) {
                    Removal::Coming => Cause::Propagation,
                    Removal::Visible => left_behind,
                    Removal::None if healthy => Cause::Detection,
                    // What the edge has rerouted still meets a gray endpoint on established connections: these are
                    // the connections that are not yet rerouted.
                    Removal::None if accelerator.seen(place) || !answered => Cause::Propagation,
                    Removal::None => Cause::NoPath,
                }
            }
        }
    }
}
