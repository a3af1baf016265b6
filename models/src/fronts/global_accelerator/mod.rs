//! AWS Global Accelerator: static anycast addresses that lead each client to the closest group that is healthy.
//!
//! There is no name to resolve and nothing to cache: new connections follow the accelerator at once. Established ones
//! stay where they are (documented), which is what a population's `connection-lifetime` says.
//!
//! A prober that agrees with what it sees sleeps: its next probes are known to change nothing.

mod division;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use crate::by_id::ById;
use crate::cause::Removal;
use crate::ids::{PopulationId, RegionId};

pub(crate) use spec::AcceleratorKeys;
pub use spec::Parameters;

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Global Accelerator",
    modelled: "one endpoint group per region with its traffic dial; in front of a load balancer the health of its target \
         group, followed within 30 s; elsewhere, and while a region is out, one prober per group at a fixed cadence, the \
         same number of consecutive results both ways; the delay until the edge reroutes; failover to the next closest \
         group whatever its dial; fail-open to the closest group when none is healthy; dials turned by a runbook, \
         through the control plane in us-west-2",
    not_modelled: "several endpoints in a group (so a weight matters only where it is zero), client affinity, the loss of one \
         of the two addresses, the limit of three groups that failover tries, UDP",
    sources: "each key names its page",
};

/// The longest time from a load balancer's verdict until an accelerator follows it, in seconds. AWS says up to 30 s in a
/// workshop, and in no guide: <https://intro-to-global-accelerator.workshop.aws/en/failover.html>.
const READING: f64 = 30.0;

/// Events of an accelerator.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A group's next probe leaves.
    Probe(RegionId),
    /// The accelerator follows the health of a group's targets.
    TargetsSeen(RegionId),
    /// The edge follows a group's verdict.
    Rerouted {
        /// The group.
        group: RegionId,
        /// The verdict.
        healthy: bool,
    },
    /// The edge follows the dials: only this group's is open.
    Dialled {
        /// The group.
        to: RegionId,
        /// For this share of the traffic.
        share: f64,
    },
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The verdict on a group turned.
    Turned {
        /// The group.
        group: RegionId,
        /// Its new state.
        healthy: bool,
    },
    /// Traffic may be led elsewhere from now on.
    Changed,
}

/// The check that an accelerator follows at the endpoint of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Health {
    /// Probes of its own, of which this share fails.
    Probes(f64),
    /// The target group of a load balancer: whether a target is in rotation.
    Targets(bool),
}

impl Health {
    /// Whether an endpoint that has been like this for long is healthy.
    pub fn is_good(self) -> bool {
        match self {
            Self::Probes(failing) => failing < 1.0,
            Self::Targets(healthy) => healthy,
        }
    }
}

#[derive(Debug)]
struct Group {
    phase: Stream,
    luck: Stream,
    reroute: Variate,
    reading: Stream,
    /// The check that the accelerator follows.
    health: Health,
    /// When it follows what its targets have turned to, if they have.
    follows: Option<Handle>,
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
    groups: ById<RegionId, Group>,
    dial_delay: Variate,
    dial: ById<RegionId, f64>,
    /// The only group whose dial an operator left open, and for which share, followed by the edge or not yet.
    only: Option<(RegionId, f64)>,
    /// What the edge follows of that, if it is a share.
    partly: Option<(RegionId, f64)>,
    /// Memory: the dials if that were the whole, and an answer.
    whole: ById<RegionId, f64>,
    spare: Vec<f64>,
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
                reading: Stream::new(StreamId::new(seed, &path, "target-group")),
                health: Health::Probes(0.0),
                follows: None,
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
            partly: None,
            whole: parameters.dial.clone(),
            spare: vec![0.0; regions.len()],
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial in which all groups are healthy.
    pub fn begin(&mut self, trial: Trial<'_>, ctx: &mut Context<'_, Event, Signal>) {
        self.dial_delay.begin(trial);
        self.dial.copy_from(&self.parameters.dial);
        (self.only, self.partly) = (None, None);
        for region in self.groups.ids() {
            let group = &mut self.groups[region];
            group.phase.begin(trial);
            group.luck.begin(trial);
            group.reroute.begin(trial);
            group.reading.begin(trial);
            group.health = Health::Probes(0.0);
            group.follows = None;
            group.healthy = true;
            group.contrary = 0;
            let phase = group.phase.uniform() * self.parameters.interval.as_secs_f64();
            group.next = SimTime::ZERO + SimDuration::from_secs_f64(phase);
            group.due = None;
            group.seen = true;
            group.last_rerouted = SimTime::ZERO;
            self.reschedule(region, ctx);
        }
    }

    /// A group has had this verdict since long before the trial.
    pub fn assume(&mut self, group: RegionId, healthy: bool) {
        let place = &mut self.groups[group];
        (place.healthy, place.seen) = (healthy, healthy);
    }

    /// From now on the accelerator goes by this at a group's endpoint.
    pub fn set_health(&mut self, group: RegionId, health: Health, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        if place.health == health {
            return;
        }
        // The state at the instant of sending decides a probe, so one that is due now sees the new state.
        if place.next < ctx.now() {
            place.next = ctx.now().next_on_grid(place.next, self.parameters.interval);
        }
        place.health = health;
        // A pending change is dropped if it says that a lost region is healthy, or if it changes nothing any more.
        let stays = match health {
            Health::Targets(healthy) => healthy != place.healthy,
            Health::Probes(_) => place.healthy,
        };
        if !stays && let Some(due) = place.follows.take() {
            ctx.cancel(due);
        }
        if let Health::Targets(healthy) = health {
            place.contrary = 0;
            if healthy != place.healthy && place.follows.is_none() {
                let delay = SimDuration::from_secs_f64(place.reading.uniform() * READING);
                place.follows = Some(ctx.schedule_in(delay, Event::TargetsSeen(group)));
            }
        }
        self.reschedule(group, ctx);
    }

    /// An operator turned the dials so that only this group's is open, for this share of the traffic: accepted by the control
    /// plane. Returns whether that turns any.
    pub fn turn_dials(&mut self, to: RegionId, share: f64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let delay = self.dial_delay.draw_duration();
        let changes = self.only.replace((to, share)) != Some((to, share));
        ctx.schedule_in(delay, Event::Dialled { to, share });
        ctx.signal(Signal::Changed);
        changes
    }

    /// Whether the edge still counts a group as healthy.
    pub fn seen(&self, group: RegionId) -> bool {
        self.groups[group].seen
    }

    /// Whether an operator has closed this group's dial, and whether the edge follows that.
    pub fn removal(&self, group: RegionId) -> Removal {
        match self.only {
            Some((only, 1.0..)) if only != group && self.dial[group] > 0.0 => Removal::Coming,
            Some((only, 1.0..)) if only != group => Removal::Visible,
            _ => Removal::None,
        }
    }

    /// Where a population's new connections go now, as weights over regions that sum to 1.
    pub fn answer(&mut self, population: PopulationId, answer: &mut [f64]) {
        let Parameters { order, serves, .. } = &self.parameters;
        let healthy = |group: RegionId| self.groups[group].seen;
        division::divide(&order[population], &self.dial, |group| serves[group], healthy, answer);
        let Some((_, share)) = self.partly else { return };
        self.spare.resize(answer.len(), 0.0);
        division::divide(&order[population], &self.whole, |group| serves[group], healthy, &mut self.spare);
        for (part, whole) in answer.iter_mut().zip(&self.spare) {
            *part = share * whole + (1.0 - share) * *part;
        }
    }

    /// Whether the coming probes are known to change nothing.
    fn sleeps(&self, group: RegionId) -> bool {
        let group = &self.groups[group];
        let agrees = match group.health {
            Health::Targets(_) => true,
            Health::Probes(failing) if group.healthy => failing <= 0.0,
            Health::Probes(failing) => failing >= 1.0,
        };
        !self.eager && agrees && group.contrary == 0
    }

    fn reschedule(&mut self, group: RegionId, ctx: &mut Context<'_, Event, Signal>) {
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

    fn probe(&mut self, group: RegionId, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        place.due = None;
        place.next = ctx.now() + self.parameters.interval;
        let passed = match place.health {
            // Behind a load balancer nobody asks.
            Health::Targets(_) => place.healthy,
            Health::Probes(failing) if failing <= 0.0 => true,
            Health::Probes(failing) if failing >= 1.0 => false,
            Health::Probes(failing) => place.luck.uniform() >= failing,
        };
        place.contrary = if passed == place.healthy { 0 } else { place.contrary + 1 };
        if place.contrary == self.parameters.threshold {
            self.turn(group, passed, ctx);
        }
        self.reschedule(group, ctx);
    }

    /// The verdict on a group turns, and the edge follows.
    fn turn(&mut self, group: RegionId, healthy: bool, ctx: &mut Context<'_, Event, Signal>) {
        let place = &mut self.groups[group];
        if let Some(due) = place.follows.take() {
            ctx.cancel(due);
        }
        place.contrary = 0;
        place.healthy = healthy;
        let at = (ctx.now() + place.reroute.draw_duration()).max(place.last_rerouted);
        place.last_rerouted = at;
        ctx.schedule_at(at, Event::Rerouted { group, healthy });
        ctx.signal(Signal::Turned { group, healthy });
    }
}

impl Component for Accelerator {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Probe(group) => self.probe(group, ctx),
            Event::TargetsSeen(group) => {
                let place = &mut self.groups[group];
                place.follows = None;
                let healthy = !place.healthy;
                self.turn(group, healthy, ctx);
            }
            Event::Rerouted { group, healthy } => {
                self.groups[group].seen = healthy;
                ctx.signal(Signal::Changed);
            }
            Event::Dialled { to, share } => {
                for (group, dial) in self.whole.pairs_mut() {
                    *dial = if group == to { 1.0 } else { 0.0 };
                }
                let whole = share >= 1.0;
                self.partly = (!whole).then_some((to, share));
                self.dial.copy_from(if whole { &self.whole } else { &self.parameters.dial });
                ctx.signal(Signal::Changed);
            }
        }
    }
}
