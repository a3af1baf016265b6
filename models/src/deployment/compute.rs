//! What runs a service in a region, at work: the only place that tells one kind of compute from another.
//!
//! Everybody else asks the compute and does not care which it is. A fleet of instances, tasks or pods and the load balancer
//! in front of it belong together: what one of them says and the other has to hear is passed on here.

use sim_core::engine::Engine;
use sim_core::random::{Distribution, Trial};
use sim_core::simulation::Simulation;
use sim_core::slot::Slot;
use sim_core::time::{SimDuration, SimTime};

use super::Key;
use super::partial::{Gray, ZONES};
use super::runner::Runner;
use crate::balancers::load_balancer::{self, LoadBalancer};
use crate::compute::auto_scaling::Group;
use crate::compute::ecs::Service;
use crate::compute::eks::Deployment;
use crate::compute::fleet;
use crate::compute::lambda::{self, Function};
use crate::compute::{Fleet, Parameters};
use crate::flow::{Flow, Front};
use crate::ids::CellId;

/// What some compute said.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// A load balancer.
    Target(load_balancer::Signal),
    /// A fleet.
    Group(fleet::Signal),
    /// A function.
    Function(lambda::Signal),
}

/// The compute of one region.
#[allow(clippy::large_enum_variant, reason = "one exists per region, and none is moved in a trial")]
#[derive(Debug)]
pub(super) enum Compute {
    /// Members behind a load balancer.
    Fleet {
        /// What runs the members.
        group: Runner,
        /// What stands in front of them.
        balancer: Slot<LoadBalancer>,
        /// What a front is like with one live instance.
        one: Front,
        /// The cell.
        cell: CellId,
        /// The zones that traffic is shifted away from, a bit each.
        shifted: u32,
        /// What fails in each zone.
        gray: [Gray; ZONES],
    },
    /// A function.
    Function {
        /// The function.
        function: Slot<Function>,
        /// Whether all of its zones are out.
        nowhere: bool,
    },
    /// A service without anything of one's own that could fail or grow.
    Managed {
        /// Requests per second that it carries.
        carries: f64,
    },
}

/// What a cell's compute is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    /// What runs there.
    pub(super) compute: &'a Parameters,
    /// What stands in front of its instances.
    pub(super) balancer: Option<&'a load_balancer::Parameters>,
    /// Whether launches of instances ask for their turn in the region.
    pub(super) asks: bool,
    /// What the random numbers of the compute and of the balancer go by.
    pub(super) paths: [&'a str; 2],
}

impl Compute {
    /// The compute of a cell.
    pub(super) fn new(
        parts: Parts<'_>,
        cell: CellId,
        ingestion: &Distribution,
        (seed, eager): (u64, bool),
        simulation: &mut Simulation<Key>,
    ) -> Self {
        let [path, balancer_path] = parts.paths;
        let runner = match parts.compute {
            Parameters::AutoScaling(parameters) => {
                let group = Group::new(parameters, ingestion, path, seed, eager).asking(parts.asks);
                Runner::Group(simulation.place(Key::Group(cell), group))
            }
            Parameters::Ecs(parameters) => {
                let balanced = parts.balancer.is_some_and(|balancer| balancer.probes);
                let service = Service::new(parameters, balanced, ingestion, path, seed, eager).asking(parts.asks);
                Runner::Service(simulation.place(Key::Group(cell), service))
            }
            Parameters::Eks(parameters) => {
                let deployment = Deployment::new(parameters, path, seed).asking(parts.asks);
                Runner::Deployment(simulation.place(Key::Group(cell), deployment))
            }
            Parameters::Lambda(parameters) => {
                let function = simulation.place(Key::Function(cell), Function::new(parameters));
                return Self::Function { function, nowhere: false };
            }
            &(Parameters::Managed { carries } | Parameters::External { carries, .. }) => {
                return Self::Managed { carries };
            }
        };
        let Fleet { requests_per_second: capacity, kappa, goodput_floor: floor, .. } =
            parts.compute.fleet().expect("what has members is a fleet");
        let balancer =
            parts.balancer.expect("members stand behind a balancer, or behind none that is one of its kinds");
        let balancer = LoadBalancer::new(balancer, balancer_path, seed, eager);
        Self::Fleet {
            group: runner,
            balancer: simulation.place(Key::Balancer(cell), balancer),
            one: Front { capacity, kappa, floor, ..Front::default() },
            cell,
            shifted: 0,
            gray: [Gray::default(); ZONES],
        }
    }

    /// Starts a trial; `first_end` says when the first metric period of a length ends.
    pub(super) fn begin(
        &mut self,
        trial: Trial<'_>,
        first_end: impl Fn(SimDuration) -> SimTime,
        engine: &mut Engine<Key>,
    ) {
        match self {
            Self::Fleet { group, balancer, shifted, gray, .. } => {
                *shifted = 0;
                *gray = [Gray::default(); ZONES];
                let first_end = group.datapoint_every().map_or(SimTime::NEVER, first_end);
                group.begin(trial, first_end, engine);
                let count = group.desired() as usize;
                engine.begin(balancer, |balancer, ctx| balancer.begin(trial, count, ctx));
            }
            Self::Function { function, nowhere, .. } => {
                engine.begin(function, |function, _| function.begin());
                *nowhere = false;
            }
            Self::Managed { .. } => {}
        }
    }

    /// The fleet, if that is what runs here.
    pub(super) const fn group(&mut self) -> Option<&mut Runner> {
        match self {
            Self::Fleet { group, .. } => Some(group),
            Self::Function { .. } | Self::Managed { .. } => None,
        }
    }

    /// What stands in front of the instances, if there are some.
    pub(super) const fn balancer(&mut self) -> Option<&mut Slot<LoadBalancer>> {
        match self {
            Self::Fleet { balancer, .. } => Some(balancer),
            Self::Function { .. } | Self::Managed { .. } => None,
        }
    }

    /// The function, if that is what runs here.
    pub(super) const fn function(&mut self) -> Option<&mut Slot<Function>> {
        match self {
            Self::Function { function, .. } => Some(function),
            Self::Fleet { .. } | Self::Managed { .. } => None,
        }
    }

    /// Its parts hear what one of them said; returns whether requests can feel it.
    pub(super) fn pass_on(&mut self, signal: Signal, engine: &mut Engine<Key>) -> bool {
        use fleet::Signal as Said;
        let Self::Fleet { group, balancer, shifted, gray, .. } = self else {
            return matches!(signal, Signal::Function(lambda::Signal::Changed));
        };
        match signal {
            Signal::Target(load_balancer::Signal::InService(target)) => {
                group.serves(target, engine);
            }
            Signal::Target(load_balancer::Signal::Left(target)) => {
                group.left_rotation(target, engine);
            }
            Signal::Target(load_balancer::Signal::Returned(target)) => {
                group.returned_to_rotation(target, engine);
            }
            Signal::Group(Said::Launched(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.register(target, ctx));
                if *shifted & 1 << group.members().zone(target) != 0 {
                    balancer.component_mut().shift_away(target);
                }
                let failing = gray.get(group.members().zone(target)).map_or(0.0, |gray| gray.target_probes);
                engine.call(balancer, |balancer, ctx| balancer.set_failing_at(target, failing, ctx));
            }
            Signal::Group(Said::Withdrawn(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.withdraw(target, ctx));
            }
            Signal::Group(Said::Terminated(target)) => {
                engine.call(balancer, |balancer, ctx| balancer.deregister(target, ctx));
            }
            Signal::Group(
                Said::Ordered(_)
                | Said::LaunchFailed(_)
                | Said::Resized(_)
                | Said::Asks { .. }
                | Said::HostAsks { .. }
                | Said::HostsOrdered(_)
                | Said::HostReady(_),
            ) => return false,
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
            group.set_place(up, control_up, engine);
        }
    }

    /// Traffic is shifted away from a zone, at once and for the rest of the trial. Returns whether it got any. What runs there
    /// goes on, and is checked, counted and replaced like the rest.
    pub(super) fn shift_zone(&mut self, zone: usize, engine: &mut Engine<Key>) -> bool {
        let Self::Fleet { group, balancer, shifted, .. } = self else { return false };
        *shifted |= 1 << zone;
        let members = group.members();
        let mut got = false;
        for instance in 0..members.places() {
            if members.is_in_zone(instance, zone) && balancer.component().knows(instance) {
                got |= engine.call(balancer, |balancer, _| balancer.shift_away(instance));
            }
        }
        got
    }

    /// Whether targets are behind a load balancer.
    pub(super) const fn is_balanced(&self) -> bool {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().probes(),
            Self::Function { .. } | Self::Managed { .. } => false,
        }
    }

    /// Whether its metrics arrive from now on.
    pub(super) fn set_measured(&mut self, measured: bool, engine: &mut Engine<Key>) {
        if let Self::Fleet { group, .. } = self {
            group.set_measured(measured, engine);
        }
    }

    /// A runbook sets the number of instances. Returns whether that is another one.
    pub(super) fn resize(&mut self, desired: u64, engine: &mut Engine<Key>) -> bool {
        match self {
            Self::Fleet { group, .. } => group.set_desired(desired, engine),
            Self::Function { .. } | Self::Managed { .. } => false,
        }
    }

    /// Live instances that get requests.
    pub(super) const fn serving(&self) -> u32 {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().rotation().live,
            Self::Function { .. } | Self::Managed { .. } => 0,
        }
    }

    /// Whether there is nobody who could answer a probe.
    pub(super) const fn is_dead(&self) -> bool {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().rotation().live == 0,
            Self::Function { nowhere, .. } => *nowhere,
            Self::Managed { .. } => false,
        }
    }

    /// How far it has been renewed: the members that ever started, or how often the environments of a function became e times as many.
    pub(super) fn renewed(&self) -> f64 {
        match self {
            Self::Fleet { group, .. } => group.members().starts() as f64,
            Self::Function { function, .. } => function.component().renewed(),
            Self::Managed { .. } => 0.0,
        }
    }

    /// The share of what serves that started after it had been renewed so far.
    pub(super) fn newer(&self, than: f64) -> f64 {
        match self {
            Self::Fleet { group, .. } => group.members().newer(than as u64),
            Self::Function { function, .. } => function.component().newer(than),
            Self::Managed { .. } => 0.0,
        }
    }

    /// Whether the load balancer has a healthy target. What stands behind none needs none.
    pub(super) const fn has_healthy_target(&self) -> bool {
        match self {
            Self::Fleet { balancer, .. } if balancer.component().probes() => {
                balancer.component().rotation().healthy > 0
            }
            Self::Fleet { .. } | Self::Function { .. } | Self::Managed { .. } => true,
        }
    }

    /// Targets that are out of rotation.
    pub(super) fn unhealthy_targets(&self) -> u32 {
        match self {
            Self::Fleet { balancer, .. } => balancer.component().unhealthy(),
            Self::Function { .. } | Self::Managed { .. } => 0,
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
            Self::Managed { carries } => front.capacity = *carries,
        }
    }

    /// Whether what it carries changes with what is asked of it: then [`Compute::ask`] has to be heard.
    pub(super) const fn follows_demand(&self) -> bool {
        matches!(self, Self::Function { .. })
    }

    /// So many requests per second are asked of it, if that is known yet, of which a gateway in front lets so many through;
    /// what it allows goes to its front. Returns whether that makes a difference to them.
    pub(super) fn ask(
        &mut self,
        demand: Option<f64>,
        passes: f64,
        front: &mut Front,
        engine: &mut Engine<Key>,
    ) -> bool {
        let (allows, cold) = match self {
            Self::Function { function, .. } => {
                if let Some(demand) = demand {
                    engine.call(function, |function, ctx| function.set_demand(demand.min(passes), ctx));
                }
                (function.component().allows(engine.now()), function.component().cold_share(engine.now()))
            }
            Self::Managed { carries } => (*carries, 0.0),
            Self::Fleet { .. } => return false,
        };
        let allows = allows.min(passes);
        let binds = demand.is_some_and(|demand| demand > allows.min(front.capacity));
        let differs = (binds && allows != front.capacity) || cold != front.cold;
        (front.capacity, front.cold) = (allows, cold);
        differs
    }

    /// Hands the flows to whoever scales by them.
    #[inline]
    pub(super) fn measure(&mut self, flow: &Flow, engine: &mut Engine<Key>) {
        if let Self::Fleet { group, balancer, cell, .. } = self {
            let utilization = flow.utilization(cell.index());
            group.set_utilization(utilization, balancer.component().busy(), engine);
        }
    }
}
