//! Amazon EKS: a deployment of pods on nodes, scaled by the horizontal pod autoscaler.
//!
//! The autoscaler asks for pods; a pod needs room on a node, and one that finds none makes the autoscaler of nodes order
//! more. A container that fails is restarted where it is. Pods of a node that has gone silent are ordered anew long after,
//! and those of a node that is gone at once.

mod hpa;
mod pods;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

pub use hpa::Autoscaler;
pub(crate) use spec::DeploymentKeys;
pub use spec::Parameters;

use super::fleet::{HostEvent, Housed as _, Members, Place, Pool, Signal, Size, Stage};
use crate::about::About;
use hpa::{Census, Hpa};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "EKS",
    modelled: "a deployment under the horizontal pod autoscaler (every 15 s, tolerance, pods that are not ready, default steps and \
         stabilisation), on metrics of some age; nodes with room for so many pods, which Karpenter or the cluster autoscaler \
         orders when pods find none; containers that are restarted in place; pods of silent nodes, which are ordered anew \
         after the heartbeat's grace and the toleration; nothing of this while the control plane is out",
    not_modelled: "scale-in of nodes, requests and limits of processors and memory (room is a number of pods), other deployments of \
         the cluster, pods on Fargate, rolling updates and disruption budgets, back-off of containers that crash again and \
         again, the rate of evictions and zones that are lost in part, traffic inside the cluster that goes on to silent nodes",
    sources: "the autoscaler's rule, probes and toleration: documented in the code of Kubernetes; times of starts and of nodes: assumed",
};

/// Events of a deployment.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// The autoscaler of pods looks.
    Sync,
    /// A start is tried again.
    TryAgain {
        /// The pod.
        pod: u32,
        /// Its birth: the place may belong to another by now.
        born: u64,
    },
    /// A pod is ready.
    Started {
        /// The pod.
        pod: u32,
        /// Its birth.
        born: u64,
    },
    /// A pod is found to be gone, or its container to be dead.
    Noticed {
        /// The pod.
        pod: u32,
        /// Its birth.
        born: u64,
    },
    /// Pods of a silent node are ordered anew.
    Evict {
        /// The node.
        node: u32,
        /// Which of its losses this is about.
        losses: u32,
    },
    /// Something happens to a node.
    Host(HostEvent),
}

impl From<HostEvent> for Event {
    fn from(event: HostEvent) -> Self {
        Self::Host(event)
    }
}

/// A deployment in one region.
#[derive(Debug)]
pub struct Deployment {
    parameters: Parameters,
    launch_time: Variate,
    restart: Variate,
    needs: Stream,
    phase: Stream,

    desired: u64,
    members: Members,
    hpa: Option<Hpa>,
    place: Place,
    /// The probability with which something that a start needs fails.
    needs_failing: f64,
    pool: Pool,
}

impl Deployment {
    /// A deployment whose streams are named after `path`.
    pub fn new(parameters: &Parameters, path: &str, seed: u64) -> Self {
        let variate = |distribution: &Distribution, purpose: &str| {
            Variate::new(distribution.clone(), StreamId::new(seed, path, purpose))
        };
        Self {
            launch_time: variate(&parameters.launch_time, "launch-time"),
            restart: variate(&parameters.restart_delay, "restart-delay"),
            needs: Stream::new(StreamId::new(seed, path, "launch-needs")),
            phase: Stream::new(StreamId::new(seed, path, "autoscaler-phase")),
            desired: parameters.desired,
            members: Members::default(),
            hpa: parameters.scaling.map(Hpa::new),
            place: Place::new(parameters.zones),
            needs_failing: 0.0,
            pool: Pool::new(&parameters.nodes, path, seed),
            parameters: parameters.clone(),
        }
    }

    /// The same, whose hosts ask for their turn in the region when they are launched.
    #[must_use]
    pub fn asking(mut self, asks: bool) -> Self {
        self.pool.asks = asks;
        self
    }

    /// The region's launch rate lets a host go on.
    pub fn host_turn(&mut self, host: usize, born: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.host_granted(host, born, ctx);
    }

    /// Starts a trial with the desired number of pods in service, spread over the nodes.
    pub fn begin(&mut self, trial: Trial<'_>, ctx: &mut Context<'_, Event, Signal>) {
        self.launch_time.begin(trial);
        self.restart.begin(trial);
        self.needs.begin(trial);
        self.phase.begin(trial);
        self.desired = self.parameters.desired;
        self.members.begin(self.desired, self.parameters.zones);
        self.place.begin(0.0);
        self.needs_failing = 0.0;
        self.pool.begin(trial, self.parameters.zones);
        self.pool.hosts.settle(&mut self.members);
        if let Some(hpa) = &mut self.hpa {
            hpa.begin();
            let phase = self.phase.uniform() * hpa.parameters.period.as_secs_f64();
            ctx.schedule_in(SimDuration::from_secs_f64(phase), Event::Sync);
        }
        self.note(ctx.now());
    }

    /// Its pods.
    pub const fn members(&self) -> &Members {
        &self.members
    }

    /// The number of pods that it aims at.
    pub const fn desired(&self) -> u64 {
        self.desired
    }

    /// Load over capacity of the pods that get requests, from now on, and their share of those that serve.
    #[inline]
    pub fn set_utilization(&mut self, utilization: f64, busy: f64, ctx: &mut Context<'_, Event, Signal>) {
        if self.hpa.as_mut().is_some_and(|hpa| hpa.set_utilization(utilization, busy)) {
            self.note(ctx.now());
        }
    }

    /// What the autoscaler will see of this instant: where the region is out nobody publishes anything.
    fn note(&mut self, now: SimTime) {
        if let Some(hpa) = &mut self.hpa {
            let up = self.place.region_up;
            let (serving, ready) = if up { (self.members.in_service(), self.members.started()) } else { (0, 0) };
            hpa.note(now, serving, ready);
        }
    }

    /// A new pod passed its first probe.
    pub fn serves(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        if self.members.of(pod).stage == Stage::Registering {
            self.members.change(pod, |it| (it.stage, it.in_rotation) = (Stage::Warm, true));
            self.note(ctx.now());
        }
    }

    /// The load balancer took a pod out of rotation. Nobody replaces it for that.
    pub fn left_rotation(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.change(pod, |it| it.in_rotation = false);
        self.note(ctx.now());
    }

    /// The load balancer took a pod back.
    pub fn returned_to_rotation(&mut self, pod: usize, ctx: &mut Context<'_, Event, Signal>) {
        self.members.change(pod, |it| it.in_rotation = true);
        self.note(ctx.now());
    }

    /// Notes that an occurrence of a fault struck the application of a pod.
    pub fn note_strike(&mut self, occurrence: usize, pod: usize) {
        self.members.note_strike(occurrence, pod);
    }

    /// The next of the pods that this occurrence struck and nobody replaced; once for each.
    pub fn next_struck(&mut self, occurrence: usize) -> Option<usize> {
        self.members.forget_strike(occurrence)
    }

    /// The condition of the region and of its control plane changed.
    pub fn set_place(&mut self, region_up: bool, control_up: bool, ctx: &mut Context<'_, Event, Signal>) {
        let turns = std::mem::replace(&mut self.place.region_up, region_up) != region_up;
        self.place.control_up = control_up;
        if turns {
            self.note(ctx.now());
        }
        if control_up {
            self.reconcile(ctx);
        }
    }

    /// The probability with which the launch of a node fails for want of capacity, from now on.
    pub fn set_failing(&mut self, probability: f64) {
        self.place.failing = probability;
    }

    /// The probability with which something that a start needs fails, from now on.
    pub fn set_needs_failing(&mut self, probability: f64) {
        self.needs_failing = probability;
    }

    /// Somebody sets the number of pods, until the autoscaler sets another one. Returns whether that is another one.
    pub fn set_desired(&mut self, desired: u64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let desired = desired.clamp(self.parameters.min, self.parameters.max);
        if desired == self.desired {
            return false;
        }
        self.desired = desired;
        ctx.signal(Signal::Resized(desired));
        self.reconcile(ctx);
        true
    }

    /// The autoscaler of pods looks, if the control plane is there.
    fn on_sync(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let Some(hpa) = &mut self.hpa else { return };
        ctx.schedule_in(hpa.parameters.period, Event::Sync);
        if !self.place.control_up {
            return;
        }
        let pods = Census { total: self.members.count(), silent: self.members.silent() };
        let size = Size { min: self.parameters.min, desired: self.desired, max: self.parameters.max };
        let desired = hpa.look(ctx.now(), pods, size);
        self.set_desired(desired, ctx);
    }
}

impl Component for Deployment {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Sync => self.on_sync(ctx),
            Event::TryAgain { pod, born } => self.try_again(pod as usize, born, ctx),
            Event::Started { pod, born } => self.on_started(pod as usize, born, ctx),
            Event::Noticed { pod, born } => self.on_noticed(pod as usize, born, ctx),
            Event::Evict { node, losses } => self.on_evict(node as usize, losses, ctx),
            Event::Host(event) => self.on_host(event, ctx),
        }
    }
}
