//! What faults do to compute: members that fail and recover, launches that cannot be had, probes that lie.

use sim_core::engine::Engine;

use super::Key;
use super::compute::Compute;
use crate::compute::fleet::{Failure, Request};

impl Compute {
    /// A zone went out or came back; so many others of the region are up.
    pub(super) fn zone_changed(&mut self, zone: usize, up: bool, others: usize, engine: &mut Engine<Key>) {
        if !up {
            self.zone_failed(zone, Failure::Impaired, engine);
        }
        match self {
            Self::Fleet { group, balancer, .. } => {
                for instance in 0..group.members().places() {
                    let returns = up && group.members().is_in_zone(instance, zone);
                    if returns && group.recover(instance, Failure::Impaired, engine) {
                        // Those that failed by themselves refuse connections again.
                        let live = group.members().is_live(instance);
                        engine.call(balancer, |balancer, ctx| balancer.set_live(instance, live, !live, ctx));
                    }
                }
                group.set_zone(zone, up, engine);
            }
            Self::Managed { .. } => {}
            Self::Function { function, nowhere } => {
                *nowhere = !up && others == 0;
                if !up {
                    let share = 1.0 / (others + 1) as f64;
                    engine.call(function, |function, ctx| function.lose(share, ctx));
                }
            }
        }
    }

    /// The hosts of a zone are impaired or gone. A function has none.
    pub(super) fn zone_failed(&mut self, zone: usize, failure: Failure, engine: &mut Engine<Key>) {
        let Self::Fleet { group, balancer, .. } = self else { return };
        let mut together = None;
        for instance in 0..group.members().places() {
            if !group.members().is_in_zone(instance, zone) {
                continue;
            }
            if group.fail(instance, failure, &mut together, engine) {
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, false, false, ctx));
            }
        }
        if failure == Failure::Terminated {
            group.lose_hosts(zone, engine);
        }
    }

    /// Instances fail in this way, those that `strikes` says, which is asked for each that is there: one that is down already
    /// is struck like any other, and is back when all that struck it is over. A function has none.
    pub(super) fn instances_fail(
        &mut self,
        occurrence: usize,
        failure: Failure,
        mut strikes: impl FnMut() -> bool,
        engine: &mut Engine<Key>,
    ) {
        let Self::Fleet { group, balancer, .. } = self else { return };
        let mut together = None;
        for instance in 0..group.members().places() {
            if !group.members().exists(instance) || !strikes() {
                continue;
            }
            if failure == Failure::Application {
                group.note_strike(occurrence, instance);
            }
            if group.fail(instance, failure, &mut together, engine) {
                let refuses = !group.members().is_impaired(instance);
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, false, refuses, ctx));
            }
        }
    }

    /// Instances that this occurrence of a fault struck and nobody replaced are back, unless something else that struck them
    /// is under way.
    pub(super) fn instances_recover(&mut self, occurrence: usize, engine: &mut Engine<Key>) {
        let Self::Fleet { group, balancer, .. } = self else { return };
        while let Some(instance) = group.next_struck(occurrence) {
            if group.recover(instance, Failure::Application, engine) {
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, true, false, ctx));
            }
        }
    }

    /// Attempts to launch fail with this probability from now on.
    pub(super) fn set_shortage(&mut self, probability: f64) {
        if let Self::Fleet { group, .. } = self {
            group.set_failing(probability);
        }
    }

    /// Something that its launches need fails with this probability from now on.
    pub(super) fn set_needs_failing(&mut self, probability: f64) {
        if let Self::Fleet { group, .. } = self {
            group.set_needs_failing(probability);
        }
    }

    /// A launch got its turn in the region.
    pub(super) fn granted(&mut self, request: Request, engine: &mut Engine<Key>) {
        let Self::Fleet { group, .. } = self else { return };
        if request.host {
            group.host_turn(request.member, request.born, engine);
        } else {
            group.granted(request.member, request.born, engine);
        }
    }

    /// These shares of the probes of its targets fail from now on at once, and at all, although they live.
    pub(super) fn set_failing_probes(&mut self, quick: f64, failing: f64, engine: &mut Engine<Key>) {
        if let Self::Fleet { balancer, .. } = self {
            engine.call(balancer, |balancer, ctx| balancer.set_failing(quick, failing, ctx));
        }
    }
}
