//! What runs the application in a region, at work: the only place that tells one kind of compute from another.
//!
//! Everybody else asks the compute and does not care which it is. A group of instances and the load balancer in front of
//! it are one kind: what one of them says and the other has to hear is passed on here.

use sim_core::engine::Engine;
use sim_core::random::Distribution;
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;
use sim_core::time::{SimDuration, SimTime};

use super::{Key, Region};
use crate::aws::auto_scaling::{self, Failure, Group};
use crate::aws::lambda::{self, Function};
use crate::aws::load_balancer::{self, LoadBalancer};
use crate::compute::Parameters;
use crate::flow::{Flow, Front};
use crate::ids::RegionId;

/// What some compute said.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// A load balancer.
    Target(load_balancer::Signal),
    /// A group of instances.
    Group(auto_scaling::Signal),
    /// A function.
    Function(lambda::Signal),
}

/// The compute of one region.
#[allow(clippy::large_enum_variant, reason = "one exists per region, and none is moved in a trial")]
#[derive(Debug)]
pub(super) enum Compute {
    /// Instances behind a load balancer.
    Fleet {
        /// The instances.
        group: Slot<Group>,
        /// What stands in front of them.
        balancer: Slot<LoadBalancer>,
        /// What a front is like with one live instance.
        one: Front,
        /// The region.
        region: RegionId,
        /// The zones that traffic is shifted away from, a bit each.
        shifted: u32,
    },
    /// A function.
    Function {
        /// The function.
        function: Slot<Function>,
        /// Whether all of its zones are out.
        nowhere: bool,
    },
}

impl Compute {
    /// The compute of the region with this number, if it has some.
    pub(super) fn new(
        region: &Region,
        id: RegionId,
        ingestion: &Distribution,
        (seed, eager): (u64, bool),
        simulation: &mut Simulation<Key>,
    ) -> Option<Self> {
        Some(match region.compute.as_ref()? {
            Parameters::AutoScaling(parameters) => {
                let group = Group::new(parameters, ingestion, &format!("compute/{}", region.name), seed, eager);
                let path = format!("load-balancer/{}", region.name);
                let balancer = LoadBalancer::new(region.load_balancer?, &path, seed, eager);
                let auto_scaling::Parameters { requests_per_second: capacity, kappa, goodput_floor: floor, .. } =
                    *parameters;
                Self::Fleet {
                    group: simulation.place(Key::Group(id), group),
                    balancer: simulation.place(Key::Balancer(id), balancer),
                    one: Front { capacity, kappa, floor, ..Front::default() },
                    region: id,
                    shifted: 0,
                }
            }
            Parameters::Lambda(parameters) => Self::Function {
                function: simulation.place(Key::Function(id), Function::new(parameters)),
                nowhere: false,
            },
        })
    }

    /// Starts a trial; `first_end` says when the first metric period of a length ends.
    pub(super) fn begin(&mut self, trial: u64, first_end: impl Fn(SimDuration) -> SimTime, engine: &mut Engine<Key>) {
        match self {
            Self::Fleet { group, balancer, shifted, .. } => {
                *shifted = 0;
                let every = group.component().datapoint_every();
                let first_end = every.map_or(SimTime::NEVER, first_end);
                engine.begin(group, |group, ctx| group.begin(trial, first_end, ctx));
                let count = group.component().desired() as usize;
                engine.begin(balancer, |balancer, ctx| balancer.begin(trial, count, ctx));
            }
            Self::Function { function, nowhere, .. } => {
                engine.begin(function, |function, _| function.begin());
                *nowhere = false;
            }
        }
    }

    /// The instances, if that is what runs here.
    pub(super) const fn group(&mut self) -> Option<&mut Slot<Group>> {
        match self {
            Self::Fleet { group, .. } => Some(group),
            Self::Function { .. } => None,
        }
    }

    /// What stands in front of the instances, if there are some.
    pub(super) const fn balancer(&mut self) -> Option<&mut Slot<LoadBalancer>> {
        match self {
            Self::Fleet { balancer, .. } => Some(balancer),
            Self::Function { .. } => None,
        }
    }

    /// The function, if that is what runs here.
    pub(super) const fn function(&mut self) -> Option<&mut Slot<Function>> {
        match self {
            Self::Function { function, .. } => Some(function),
            Self::Fleet { .. } => None,
        }
    }

    /// Its parts hear what one of them said; returns whether requests can feel it.
    pub(super) fn pass_on(&mut self, signal: Signal, engine: &mut Engine<Key>) -> bool {
        use auto_scaling::Signal as Said;
        let Self::Fleet { group, balancer, shifted, .. } = self else {
            return matches!(signal, Signal::Function(lambda::Signal::Changed));
        };
        match signal {
            Signal::Target(load_balancer::Signal::InService(target)) => {
                engine.call(group, |group, ctx| group.serves(target, ctx));
            }
            Signal::Target(load_balancer::Signal::Left(target)) => {
                engine.call(group, |group, ctx| group.left_rotation(target, ctx));
            }
            Signal::Target(load_balancer::Signal::Returned(target)) => {
                engine.call(group, |group, ctx| group.returned_to_rotation(target, ctx));
            }
            Signal::Group(Said::Launched(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.register(target, ctx));
                if *shifted & 1 << group.component().members().zone(target) != 0 {
                    balancer.component_mut().shift_away(target);
                }
            }
            Signal::Group(Said::Withdrawn(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.withdraw(target, ctx));
            }
            Signal::Group(Said::Terminated(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.deregister(target, ctx));
            }
            Signal::Group(Said::Ordered(_) | Said::LaunchFailed(_) | Said::Resized(_)) => return false,
            Signal::Function(_) => {}
        }
        true
    }

    /// The region went out or came back, and its control planes with it.
    pub(super) fn region_changed(&mut self, up: bool, control_up: bool, engine: &mut Engine<Key>) {
        if let Self::Fleet { balancer, .. } = self {
            engine.call(balancer, |balancer, ctx| balancer.freeze(!up, ctx));
        }
        self.control_changed(up, control_up, engine);
    }

    /// The region's control planes went out or came back. Neither instances nor functions that are there need them.
    pub(super) fn control_changed(&mut self, up: bool, control_up: bool, engine: &mut Engine<Key>) {
        if let Self::Fleet { group, .. } = self {
            engine.call(group, |group, ctx| group.set_place(up, control_up, ctx));
        }
    }

    /// A zone went out or came back; so many others of the region are up.
    pub(super) fn zone_changed(&mut self, zone: usize, up: bool, others: usize, engine: &mut Engine<Key>) {
        if !up {
            self.zone_failed(zone, Failure::Impaired, engine);
        }
        match self {
            Self::Fleet { group, balancer, .. } => {
                for instance in 0..group.component().members().places() {
                    let returns = up && group.component().members().is_in_zone(instance, zone);
                    if returns && engine.call(group, |group, ctx| group.recover(instance, Failure::Impaired, ctx)) {
                        // Those that failed by themselves refuse connections again.
                        let live = group.component().members().is_live(instance);
                        engine.call(balancer, |balancer, ctx| balancer.set_live(instance, live, !live, ctx));
                    }
                }
                engine.call(group, |group, ctx| group.set_zone(zone, up, ctx));
            }
            Self::Function { function, nowhere } => {
                *nowhere = !up && others == 0;
                if !up {
                    let share = 1.0 / (others + 1) as f64;
                    engine.call(function, |function, ctx| function.lose(share, ctx));
                }
            }
        }
    }

    /// Traffic is shifted away from a zone, at once and for the rest of the trial. Returns whether it got any. What runs there
    /// goes on, and is checked, counted and replaced like the rest.
    pub(super) fn shift_zone(&mut self, zone: usize, engine: &mut Engine<Key>) -> bool {
        let Self::Fleet { group, balancer, shifted, .. } = self else { return false };
        *shifted |= 1 << zone;
        let members = group.component().members();
        let mut got = false;
        for instance in 0..members.places() {
            if members.is_in_zone(instance, zone) && balancer.component().knows(instance) {
                got |= engine.call(balancer, |balancer, _| balancer.shift_away(instance));
            }
        }
        got
    }

    /// The hosts of a zone are impaired or gone. A function has none.
    pub(super) fn zone_failed(&mut self, zone: usize, failure: Failure, engine: &mut Engine<Key>) {
        let Self::Fleet { group, balancer, .. } = self else { return };
        let mut together = None;
        for instance in 0..group.component().members().places() {
            if !group.component().members().is_in_zone(instance, zone) {
                continue;
            }
            if engine.call(group, |group, ctx| group.fail(instance, failure, &mut together, ctx)) {
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, false, false, ctx));
            }
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
        for instance in 0..group.component().members().places() {
            if !group.component().members().exists(instance) || !strikes() {
                continue;
            }
            if failure == Failure::Application {
                group.component_mut().note_strike(occurrence, instance);
            }
            if engine.call(group, |group, ctx| group.fail(instance, failure, &mut together, ctx)) {
                let refuses = !group.component().members().is_impaired(instance);
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, false, refuses, ctx));
            }
        }
    }

    /// Instances that this occurrence of a fault struck and nobody replaced are back, unless something else that struck them
    /// is under way.
    pub(super) fn instances_recover(&mut self, occurrence: usize, engine: &mut Engine<Key>) {
        let Self::Fleet { group, balancer, .. } = self else { return };
        while let Some(instance) = group.component_mut().next_struck(occurrence) {
            if engine.call(group, |group, ctx| group.recover(instance, Failure::Application, ctx)) {
                engine.call(balancer, |balancer, ctx| balancer.set_live(instance, true, false, ctx));
            }
        }
    }

    /// Attempts to launch fail with this probability from now on.
    pub(super) fn set_shortage(&mut self, probability: f64) {
        if let Self::Fleet { group, .. } = self {
            group.component_mut().set_failing(probability);
        }
    }

    /// This share of the probes of its targets fails from now on, although they live.
    pub(super) fn set_failing_probes(&mut self, failing: f64, engine: &mut Engine<Key>) {
        if let Self::Fleet { balancer, .. } = self {
            engine.call(balancer, |balancer, ctx| balancer.set_failing(failing, ctx));
        }
    }

    /// Whether targets are behind a load balancer.
    pub(super) const fn is_balanced(&self) -> bool {
        matches!(self, Self::Fleet { .. })
    }

    /// Whether its metrics arrive from now on.
    pub(super) fn set_measured(&mut self, measured: bool, engine: &mut Engine<Key>) {
        if let Self::Fleet { group, .. } = self {
            engine.call(group, |group, ctx| group.set_measured(measured, ctx));
        }
    }

    /// A runbook sets the number of instances. Returns whether that is another one.
    pub(super) fn resize(&mut self, desired: u64, engine: &mut Engine<Key>) -> bool {
        match self {
            Self::Fleet { group, .. } => engine.call(group, |group, ctx| group.set_desired(desired, ctx)),
            Self::Function { .. } => false,
        }
    }

    /// Live instances that get requests.
    pub(super) const fn serving(&self) -> u32 {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().rotation().live,
            Self::Function { .. } => 0,
        }
    }

    /// Whether there is nobody who could answer a probe.
    pub(super) const fn is_dead(&self) -> bool {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().rotation().live == 0,
            Self::Function { nowhere, .. } => *nowhere,
        }
    }

    /// Whether the load balancer has a healthy target. A function needs none.
    pub(super) const fn has_healthy_target(&self) -> bool {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().rotation().healthy > 0,
            Self::Function { .. } => true,
        }
    }

    /// Targets that are out of rotation.
    pub(super) fn unhealthy_targets(&self) -> u32 {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().unhealthy(),
            Self::Function { .. } => 0,
        }
    }

    /// What requests meet.
    pub(super) fn update_front(&self, front: &mut Front) {
        match self {
            Self::Fleet { balancer, one, .. } => {
                let rotation = balancer.component().rotation();
                front.dead_share = if rotation.size == 0 { 0.0 } else { rotation.dead_share() };
                front.capacity = f64::from(rotation.live) * one.capacity;
                front.kappa = one.kappa;
                front.floor = one.floor;
            }
            Self::Function { function, nowhere, .. } => {
                front.dead_share = if *nowhere { 1.0 } else { 0.0 };
                front.ceiling = Some(function.component().limit());
            }
        }
    }

    /// Whether what it carries changes with what is asked of it: then [`Compute::ask`] has to be heard.
    pub(super) const fn follows_demand(&self) -> bool {
        matches!(self, Self::Function { .. })
    }

    /// So many requests per second are asked of it, if that is known yet; what it allows goes to its front. Returns
    /// whether that makes a difference to them.
    pub(super) fn ask(&mut self, demand: Option<f64>, front: &mut Front, engine: &mut Engine<Key>) -> bool {
        let Self::Function { function, .. } = self else { return false };
        if let Some(demand) = demand {
            engine.call(function, |function, ctx| function.set_demand(demand, ctx));
        }
        let (allows, cold) = (function.component().allows(engine.now()), function.component().cold_share(engine.now()));
        let binds = demand.is_some_and(|demand| demand > allows.min(front.capacity));
        let differs = (binds && allows != front.capacity) || cold != front.cold;
        (front.capacity, front.cold) = (allows, cold);
        differs
    }

    /// Hands the flows to whoever scales by them.
    #[inline]
    pub(super) fn measure(&mut self, flow: &Flow, engine: &mut Engine<Key>) {
        if let Self::Fleet { group, balancer, region, .. } = self {
            let utilization = flow.utilization(region.index());
            let busy = balancer.component().busy();
            engine.call(group, |group, ctx| group.set_utilization(utilization, busy, ctx));
        }
    }
}
