//! AWS Global Accelerator: static anycast addresses that lead each client to the closest group that is healthy.
//!
//! There is no name to resolve and nothing to cache: new connections follow the accelerator at once. Established ones
//! stay where they are (facts 10), which is what a population's `connection-lifetime` says.
//!
//! A prober that agrees with what it sees sleeps: its next probes are known to change nothing.

mod division;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Stream, StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

pub use spec::Parameters;

use crate::about::About;

/// What is modelled of it.
pub const ABOUT: About = About {
    name: "Global Accelerator",
    modelled: "one endpoint group per region with its traffic dial; one prober per group at a fixed cadence, the same \
         number of consecutive results both ways; the delay until the edge reroutes; failover to the next closest \
         group whatever its dial; fail-open to the closest group when none is healthy; dials turned by a runbook, \
         through the control plane in us-west-2",
    not_modelled: "several endpoints in a group (so a weight matters only where it is zero), client affinity, the loss of one \
         of the two addresses, the limit of three groups that failover tries, UDP",
    sources: "each key names its page",
};

/// What can happen to an accelerator.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A group's next probe leaves.
    Probe(usize),
    /// The edge follows a group's verdict.
    Rerouted {
        /// The group.
        group: usize,
        /// The verdict.
        healthy: bool,
    },
    /// The edge follows the dials: only this group's is open.
    Dialled {
        /// The group.
        to: usize,
    },
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The verdict on a group turned.
    Turned {
        /// The group.
        group: usize,
        /// What it turned to.
        healthy: bool,
    },
    /// Traffic may be led elsewhere from now on.
    Changed,
}

#[derive(Debug)]
struct Group {
    phase: Stream,
    luck: Stream,
    reroute: Variate,
    /// Probability that a probe fails that leaves now.
    failing: f64,
    healthy: bool,
    /// Consecutive results that contradict the verdict.
    contrary: u32,
    next: SimTime,
    due: Option<Handle>,
    /// The verdict as the edge follows it, and when it follows the last one: none overtakes.
    seen: bool,
    last_rerouted: SimTime,
}

/// An accelerator at work.
#[derive(Debug)]
pub struct Accelerator {
    parameters: Parameters,
    eager: bool,
    groups: Vec<Group>,
    dial_delay: Variate,
    dial: Vec<f64>,
    /// The only group whose dial an operator left open, followed by the edge or not yet.
    only: Option<usize>,
}

impl Accelerator {
    /// The accelerator over these regions.
    pub fn new(parameters: &Parameters, regions: &[String], seed: u64, eager: bool) -> Self {
        let delay = |path: &str, purpose: &str| {
            Variate::new(parameters.reroute_delay.clone(), StreamId::new(seed, path, purpose))
        };
        let group = |region: &String| {
            let path = format!("global-accelerator/{region}");
            Group {
                phase: Stream::new(StreamId::new(seed, &path, "phase")),
                luck: Stream::new(StreamId::new(seed, &path, "gray-probe")),
                reroute: delay(&path, "reroute-delay"),
                failing: 0.0,
                healthy: true,
                contrary: 0,
                next: SimTime::ZERO,
                due: None,
                seen: true,
                last_rerouted: SimTime::ZERO,
            }
        };
        Self {
            eager,
            groups: regions.iter().map(group).collect(),
            dial_delay: delay("global-accelerator", "dial"),
            dial: parameters.dial.clone(),
            only: None,
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial in which all groups are healthy.
    pub fn begin(&mut self, trial: u64, ctx: &mut Context<'_, Event, Signal>) {
        self.dial_delay.begin(trial);
        self.dial.copy_from_slice(&self.parameters.dial);
        self.only = None;
        for index in 0..self.groups.len() {
            let group = &mut self.groups[index];
            group.phase.begin(trial);
            group.luck.begin(trial);
            group.reroute.begin(trial);
            group.failing = 0.0;
            group.healthy = true;
            group.contrary = 0;
            let phase = group.phase.uniform() * self.parameters.interval.as_secs_f64();
            group.next = SimTime::ZERO + SimDuration::from_secs_f64(phase);
            group.due = None;
            group.seen = true;
            group.last_rerouted = SimTime::ZERO;
            self.reschedule(index, ctx);
        }
    }

    /// From now on a probe of this group fails with that probability.
    pub fn set_failing(&mut self, group: usize, failing: f64, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        if place.failing == failing {
            return;
        }
        // The state at the instant of sending decides a probe, so one that is due now sees the new state.
        if place.next < ctx.now() {
            place.next = ctx.now().next_on_grid(place.next, self.parameters.interval);
        }
        place.failing = failing;
        self.reschedule(group, ctx);
    }

    /// An operator turned the dials so that only this group's is open: accepted by the control plane.
    pub fn turn_dials(&mut self, to: usize, ctx: &mut Context<'_, Event, Signal>) {
        let delay = self.dial_delay.draw_duration();
        self.only = Some(to);
        ctx.schedule_in(delay, Event::Dialled { to });
        ctx.signal(Signal::Changed);
    }

    /// Whether the edge still counts a group as healthy.
    pub fn seen(&self, group: usize) -> bool {
        self.groups[group].seen
    }

    /// Whether an operator has closed this group's dial, followed or not.
    pub fn closed(&self, group: usize) -> bool {
        self.only.is_some_and(|only| only != group)
    }

    /// Where a population's new connections go now, as weights over regions that sum to 1.
    pub fn answer(&self, population: usize, answer: &mut [f64]) {
        let Parameters { order, serves, .. } = &self.parameters;
        let healthy = |group: usize| self.groups[group].seen;
        division::divide(&order[population], &self.dial, |group| serves[group], healthy, answer);
    }

    /// Whether the coming probes are known to change nothing.
    fn sleeps(&self, group: usize) -> bool {
        let group = &self.groups[group];
        let agrees = if group.healthy { group.failing <= 0.0 } else { group.failing >= 1.0 };
        !self.eager && agrees && group.contrary == 0
    }

    fn reschedule(&mut self, group: usize, ctx: &mut Context<'_, Event, Signal>) {
        let sleeps = self.sleeps(group);
        let place = &mut self.groups[group];
        if sleeps {
            if let Some(handle) = place.due.take() {
                ctx.cancel(handle);
            }
        } else if place.due.is_none() {
            place.due = Some(ctx.schedule_at(place.next, Event::Probe(group)));
        }
    }

    fn probe(&mut self, group: usize, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        place.due = None;
        place.next = ctx.now() + self.parameters.interval;
        let passed = match place.failing {
            failing if failing <= 0.0 => true,
            failing if failing >= 1.0 => false,
            failing => place.luck.uniform() >= failing,
        };
        place.contrary = if passed == place.healthy { 0 } else { place.contrary + 1 };
        if place.contrary == self.parameters.threshold {
            place.contrary = 0;
            place.healthy = passed;
            let at = (ctx.now() + place.reroute.draw_duration()).max(place.last_rerouted);
            place.last_rerouted = at;
            ctx.schedule_at(at, Event::Rerouted { group, healthy: passed });
            ctx.signal(Signal::Turned { group, healthy: passed });
        }
        self.reschedule(group, ctx);
    }
}

impl Component for Accelerator {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Probe(group) => self.probe(group, ctx),
            Event::Rerouted { group, healthy } => {
                self.groups[group].seen = healthy;
                ctx.signal(Signal::Changed);
            }
            Event::Dialled { to } => {
                for (group, dial) in self.dial.iter_mut().enumerate() {
                    *dial = if group == to { 1.0 } else { 0.0 };
                }
                ctx.signal(Signal::Changed);
            }
        }
    }
}
