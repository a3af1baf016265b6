//! AWS Global Accelerator: static anycast addresses that lead each client to the closest group that is healthy.
//!
//! There is no name to resolve and nothing to cache: new connections follow the accelerator at once. Established ones
//! stay where they are (documented), which is what a population's `connection-lifetime` says.
//!
//! A prober that agrees with what it sees sleeps: its next probes are known to change nothing.

mod dials;
mod division;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use crate::by_id::ById;
use crate::cause::Removal;
use crate::ids::{MemberId, PlaceId, PopulationId, RegionId};

use dials::Dials;
pub(crate) use spec::AcceleratorKeys;
pub(in crate::fronts) use spec::ENDPOINTS;
pub use spec::{Member, Parameters};

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Global Accelerator",
    modelled: "one endpoint group per region with its traffic dial, and in it one endpoint or several by their weights; in front of a \
         load balancer the health of its target group, followed within 30 s; elsewhere, and while a region is out, one prober per \
         endpoint at a fixed cadence, the same number of consecutive results both ways; the delay until the edge reroutes; \
         failover to the healthy endpoints of a group, then to the next closest group whatever its dial; fail-open to the closest group \
         when none is healthy; dials turned by a runbook, through the control plane in us-west-2",
    not_modelled: "several accelerators or listeners, client affinity, the loss of one of the two addresses, the limit of three groups \
         that failover tries, UDP",
    sources: "each key names its page",
};

/// The longest time from a load balancer's verdict until an accelerator follows it, in seconds. AWS says up to 30 s in a
/// workshop, and in no guide: <https://intro-to-global-accelerator.workshop.aws/en/failover.html>.
const READING: f64 = 30.0;

/// Events of an accelerator.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// An endpoint's next probe leaves.
    Probe(MemberId),
    /// The accelerator follows the health of an endpoint's targets.
    TargetsSeen(MemberId),
    /// The edge follows the verdict on an endpoint.
    Rerouted {
        /// The endpoint.
        member: MemberId,
        /// The verdict.
        healthy: bool,
    },
    /// The edge follows the dials that were turned next.
    Dialled,
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The verdict on an endpoint turned.
    Turned {
        /// The endpoint.
        place: PlaceId,
        /// Its new state.
        healthy: bool,
    },
    /// Traffic may be led elsewhere from now on.
    Changed,
}

/// The check that an accelerator follows at an endpoint.
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

/// What it knows of an endpoint.
#[derive(Debug)]
struct Probed {
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
    probed: ById<MemberId, Probed>,
    dials: Dials,
    /// Memory: an answer.
    spare: Vec<f64>,
}

impl Accelerator {
    /// The accelerator that the file describes, over so many places.
    pub fn new(parameters: &Parameters, places: usize, seed: u64, eager: bool) -> Self {
        let delay = |path: &str, purpose: &str| {
            Variate::new(parameters.reroute_delay.clone(), StreamId::new(seed, path, purpose))
        };
        let probed = |member: &Member| {
            let path = format!("global-accelerator/{}", member.name);
            Probed {
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
            probed: parameters.members.iter().map(probed).collect(),
            dials: Dials::new(&parameters.dial, delay("global-accelerator", "dial")),
            spare: vec![0.0; places],
            parameters: parameters.clone(),
        }
    }

    /// Starts a trial in which all endpoints are healthy.
    pub fn begin(&mut self, trial: Trial<'_>, ctx: &mut Context<'_, Event, Signal>) {
        self.dials.begin(trial);
        for member in self.probed.ids() {
            let own = &mut self.probed[member];
            own.phase.begin(trial);
            own.luck.begin(trial);
            own.reroute.begin(trial);
            own.reading.begin(trial);
            own.health = Health::Probes(0.0);
            own.follows = None;
            own.healthy = true;
            own.contrary = 0;
            let phase = own.phase.uniform() * self.parameters.interval.as_secs_f64();
            own.next = SimTime::ZERO + SimDuration::from_secs_f64(phase);
            own.due = None;
            own.seen = true;
            own.last_rerouted = SimTime::ZERO;
            self.reschedule(member, ctx);
        }
    }

    /// An endpoint has had this verdict since long before the trial.
    pub fn assume(&mut self, member: MemberId, healthy: bool) {
        let own = &mut self.probed[member];
        (own.healthy, own.seen) = (healthy, healthy);
    }

    /// From now on the accelerator goes by this at an endpoint.
    pub fn set_health(&mut self, member: MemberId, health: Health, ctx: &mut Context<'_, Event, Signal>) {
        let own = &mut self.probed[member];
        if own.health == health {
            return;
        }
        // The state at the instant of sending decides a probe, so one that is due now sees the new state.
        if own.next < ctx.now() {
            own.next = ctx.now().next_on_grid(own.next, self.parameters.interval);
        }
        own.health = health;
        // A pending change is dropped if it says that a lost region is healthy, or if it changes nothing any more.
        let stays = match health {
            Health::Targets(healthy) => healthy != own.healthy,
            Health::Probes(_) => own.healthy,
        };
        if !stays && let Some(due) = own.follows.take() {
            ctx.cancel(due);
        }
        if let Health::Targets(healthy) = health {
            own.contrary = 0;
            if healthy != own.healthy && own.follows.is_none() {
                let delay = SimDuration::from_secs_f64(own.reading.uniform() * READING);
                own.follows = Some(ctx.schedule_in(delay, Event::TargetsSeen(member)));
            }
        }
        self.reschedule(member, ctx);
    }

    /// An operator turned the dials so that only this group's is open, for this share of the traffic: accepted by the control
    /// plane. Returns whether that turns any.
    pub fn turn_dials(&mut self, to: RegionId, share: f64, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let (at, changes) = self.dials.turn(to, share, ctx.now());
        ctx.schedule_at(at, Event::Dialled);
        ctx.signal(Signal::Changed);
        changes
    }

    /// Whether the edge still counts the endpoint at a place as healthy.
    pub fn seen(&self, place: PlaceId) -> bool {
        self.parameters.member(place).is_none_or(|member| self.probed[member].seen)
    }

    /// Whether an operator has closed the dial of the group at a place, and whether the edge follows that.
    pub fn removal(&self, place: PlaceId) -> Removal {
        let Some(group) = self.parameters.member(place).map(|member| self.parameters.members[member].group) else {
            return Removal::None;
        };
        self.dials.removal(group)
    }

    /// Where a population's new connections go now, as weights over places that sum to 1.
    pub fn answer(&mut self, population: PopulationId, answer: &mut [f64]) {
        let Parameters { order, members, .. } = &self.parameters;
        let healthy = |member: MemberId| self.probed[member].seen;
        self.spare.resize(answer.len(), 0.0);
        for (dials, share) in self.dials.settings() {
            division::divide(&order[population], dials, members, healthy, &mut self.spare);
            for (part, whole) in answer.iter_mut().zip(&self.spare) {
                *part = if share >= 1.0 { *whole } else { share * whole + (1.0 - share) * *part };
            }
        }
    }

    /// Whether the coming probes are known to change nothing.
    fn sleeps(&self, member: MemberId) -> bool {
        let own = &self.probed[member];
        let agrees = match own.health {
            Health::Targets(_) => true,
            Health::Probes(failing) if own.healthy => failing <= 0.0,
            Health::Probes(failing) => failing >= 1.0,
        };
        !self.eager && agrees && own.contrary == 0
    }

    fn reschedule(&mut self, member: MemberId, ctx: &mut Context<'_, Event, Signal>) {
        let sleeps = self.sleeps(member);
        let own = &mut self.probed[member];
        if sleeps {
            if let Some(handle) = own.due.take() {
                ctx.cancel(handle);
            }
        } else if own.due.is_none() {
            own.due = Some(ctx.schedule_at(own.next, Event::Probe(member)));
        }
    }

    fn probe(&mut self, member: MemberId, ctx: &mut Context<'_, Event, Signal>) {
        let own = &mut self.probed[member];
        own.due = None;
        own.next = ctx.now() + self.parameters.interval;
        let passed = match own.health {
            // Behind a load balancer nobody asks.
            Health::Targets(_) => own.healthy,
            Health::Probes(failing) if failing <= 0.0 => true,
            Health::Probes(failing) if failing >= 1.0 => false,
            Health::Probes(failing) => own.luck.uniform() >= failing,
        };
        own.contrary = if passed == own.healthy { 0 } else { own.contrary + 1 };
        if own.contrary == self.parameters.threshold {
            self.turn(member, passed, ctx);
        }
        self.reschedule(member, ctx);
    }

    /// The verdict on an endpoint turns, and the edge follows.
    fn turn(&mut self, member: MemberId, healthy: bool, ctx: &mut Context<'_, Event, Signal>) {
        let own = &mut self.probed[member];
        if let Some(due) = own.follows.take() {
            ctx.cancel(due);
        }
        own.contrary = 0;
        own.healthy = healthy;
        let at = (ctx.now() + own.reroute.draw_duration()).max(own.last_rerouted);
        own.last_rerouted = at;
        ctx.schedule_at(at, Event::Rerouted { member, healthy });
        ctx.signal(Signal::Turned { place: self.parameters.members[member].place, healthy });
    }
}

impl Component for Accelerator {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Probe(member) => self.probe(member, ctx),
            Event::TargetsSeen(member) => {
                let own = &mut self.probed[member];
                own.follows = None;
                let healthy = !own.healthy;
                self.turn(member, healthy, ctx);
            }
            Event::Rerouted { member, healthy } => {
                self.probed[member].seen = healthy;
                ctx.signal(Signal::Changed);
            }
            Event::Dialled => {
                self.dials.follow();
                ctx.signal(Signal::Changed);
            }
        }
    }
}
