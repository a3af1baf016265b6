//! What runs the members of a fleet, at work: one of several kinds that announce the same.

use std::fmt::Debug;

use sim_core::component::{Address, Due};
use sim_core::engine::{Engine, Part};
use sim_core::random::Trial;
use sim_core::slot::Slot;
use sim_core::time::{SimDuration, SimTime};

use super::Key;
use crate::compute::auto_scaling::Group;
use crate::compute::ecs::Service;
use crate::compute::eks::Deployment;
use crate::compute::fleet::{Failure, Members, Signal};

/// What runs the members of a fleet.
#[allow(clippy::large_enum_variant, reason = "one exists per cell, and none is moved in a trial")]
#[derive(Debug)]
pub(super) enum Runner {
    /// A group of instances.
    Group(Slot<Group>),
    /// A service of ECS.
    Service(Slot<Service>),
    /// A deployment on EKS.
    Deployment(Slot<Deployment>),
}

/// Says the same to whichever it is.
macro_rules! each {
    ($runner:expr, |$slot:ident| $what:expr) => {
        match $runner {
            Runner::Group($slot) => $what,
            Runner::Service($slot) => $what,
            Runner::Deployment($slot) => $what,
        }
    };
}

/// Methods that schedule or announce, by the same names as theirs.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)+) => {
        $(
            $(#[$doc])*
            pub(super) fn $name(&mut self, $($argument: $type,)* engine: &mut Engine<Key>) $(-> $result)? {
                each!(self, |slot| engine.call(slot, |it, ctx| it.$name($($argument,)* ctx)))
            }
        )+
    };
}

impl Runner {
    calls! {
        /// A new target passed its first probe.
        serves(member: usize);
        /// The load balancer took a member out of rotation.
        left_rotation(member: usize);
        /// The load balancer took a member back.
        returned_to_rotation(member: usize);
        /// The condition of the region and of its control plane changed.
        set_place(region_up: bool, control_up: bool);
        /// A zone goes out or comes back.
        set_zone(zone: usize, up: bool);
        /// Somebody sets the desired size. Returns whether that is another one.
        set_desired(desired: u64) -> bool;
        /// Load over capacity of the members that get requests, from now on, and their share of those that serve.
        set_utilization(utilization: f64, busy: f64);
        /// A member fails by one thing more; returns whether it fares worse than before.
        fail(member: usize, failure: Failure, together: &mut Option<SimDuration>) -> bool;
        /// One thing that a member failed by is over; returns whether it fares better than before.
        recover(member: usize, failure: Failure) -> bool;
    }

    /// Starts a trial; the first of what datapoints average ends at `first_end`.
    pub(super) fn begin(&mut self, trial: Trial<'_>, first_end: SimTime, engine: &mut Engine<Key>) {
        match self {
            Self::Group(slot) => engine.begin(slot, |it, ctx| it.begin(trial, first_end, ctx)),
            Self::Service(slot) => engine.begin(slot, |it, ctx| it.begin(trial, first_end, ctx)),
            Self::Deployment(slot) => engine.begin(slot, |it, ctx| it.begin(trial, ctx)),
        }
    }

    /// Its members.
    pub(super) const fn members(&self) -> &Members {
        each!(self, |slot| slot.component().members())
    }

    /// The size that it aims at.
    pub(super) const fn desired(&self) -> u64 {
        each!(self, |slot| slot.component().desired())
    }

    /// Time from one datapoint of `CloudWatch` to the next that it scales by, if it does.
    pub(super) fn datapoint_every(&self) -> Option<SimDuration> {
        match self {
            Self::Group(slot) => slot.component().datapoint_every(),
            Self::Service(slot) => slot.component().datapoint_every(),
            Self::Deployment(_) => None,
        }
    }

    /// Whether its metrics of `CloudWatch` arrive from now on.
    pub(super) fn set_measured(&mut self, measured: bool, engine: &mut Engine<Key>) {
        match self {
            Self::Group(slot) => engine.call(slot, |it, ctx| it.set_measured(measured, ctx)),
            Self::Service(slot) => engine.call(slot, |it, ctx| it.set_measured(measured, ctx)),
            // Metrics of pods stay inside the cluster.
            Self::Deployment(_) => {}
        }
    }

    /// The hosts of a zone are gone for good, and not only the members on them.
    pub(super) fn lose_hosts(&mut self, zone: usize, engine: &mut Engine<Key>) {
        match self {
            // An instance is its own host.
            Self::Group(_) => {}
            Self::Service(slot) => engine.call(slot, |it, ctx| it.lose_hosts(zone, ctx)),
            Self::Deployment(slot) => engine.call(slot, |it, ctx| it.lose_hosts(zone, ctx)),
        }
    }

    /// The region's launch rate lets a member go on.
    pub(super) fn granted(&mut self, member: usize, born: u64, engine: &mut Engine<Key>) {
        match self {
            Self::Group(slot) => engine.call(slot, |it, ctx| it.granted(member, born, ctx)),
            Self::Service(slot) => engine.call(slot, |it, ctx| it.granted(member, born, ctx)),
            // Pods need room, and no turn.
            Self::Deployment(_) => {}
        }
    }

    /// The region's launch rate lets a host go on.
    pub(super) fn host_turn(&mut self, host: usize, born: u64, engine: &mut Engine<Key>) {
        match self {
            // An instance is its own host.
            Self::Group(_) => {}
            Self::Service(slot) => engine.call(slot, |it, ctx| it.host_turn(host, born, ctx)),
            Self::Deployment(slot) => engine.call(slot, |it, ctx| it.host_turn(host, born, ctx)),
        }
    }

    /// The probability with which a launch fails for want of capacity, from now on.
    pub(super) fn set_failing(&mut self, probability: f64) {
        each!(self, |slot| slot.component_mut().set_failing(probability));
    }

    /// The probability with which something that a launch needs fails, from now on.
    pub(super) fn set_needs_failing(&mut self, probability: f64) {
        each!(self, |slot| slot.component_mut().set_needs_failing(probability));
    }

    /// Notes that an occurrence of a fault struck the application of a member.
    pub(super) fn note_strike(&mut self, occurrence: usize, member: usize) {
        each!(self, |slot| slot.component_mut().note_strike(occurrence, member));
    }

    /// The next of the members that this occurrence struck and nobody replaced; once for each.
    pub(super) fn next_struck(&mut self, occurrence: usize) -> Option<usize> {
        each!(self, |slot| slot.component_mut().next_struck(occurrence))
    }
}

impl Part for Runner {
    type Signal = Signal;

    #[inline]
    fn is_at(&self, address: Address) -> bool {
        each!(self, |slot| slot.is_at(address))
    }

    #[inline]
    fn deliver<K: Copy + Debug>(&mut self, due: Due, engine: &mut Engine<K>) {
        each!(self, |slot| slot.deliver(due, engine));
    }

    #[inline]
    fn next_signal(&mut self) -> Option<Signal> {
        each!(self, |slot| Part::next_signal(slot))
    }
}
