//! Elastic Load Balancing: which targets are in rotation, as health checks see them.
//!
//! An Application Load Balancer and a Network Load Balancer differ by their defaults, and by the time that a new target of
//! the latter takes. Where nothing stands in front nobody probes: members are in rotation from their start to their end.
//!
//!   initial --1 pass--> in rotation --unhealthy-threshold failures--> out --healthy-threshold passes--> in rotation

mod rotation;
mod spec;
mod target;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

pub use rotation::Rotation;
pub(crate) use spec::BalancerKeys;
pub use spec::{Fronts, Parameters};

use target::{NOBODY, State, Target};

use crate::about::About;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Application and Network Load Balancer",
    modelled: "every target probed at a fixed cadence with a phase of its own; consecutive failures and passes; a new \
         target needs a single pass; fail-open over the targets that were found unhealthy when no target is healthy, which ends with the \
         first one back; probes stand still while the region is out; the registration delay of a Network Load Balancer; a zone that is shifted \
         away, whose targets get no requests unless no other target is healthy",
    not_modelled: "loss of load balancer nodes with their zone, zonal autoshift, scaling of the load balancer itself, slow start, deregistration \
         delay, stickiness, nodes that disagree; of a Network Load Balancer also zones that share no targets and checks by \
         traffic; connections that stay for minutes in a zone that is shifted away; where nothing stands in front, how long clients keep the addresses of members that are gone",
    sources: "\"target-group-health-checks\"; documented",
};

/// A target's next probe leaves, or its probe under way times out.
#[derive(Debug, Clone, Copy)]
pub struct ProbeDue {
    target: u32,
}

/// Signals of a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A new target passed its first probe.
    InService(usize),
    /// A target left the rotation.
    Left(usize),
    /// A target that had left is back in rotation.
    Returned(usize),
}

/// One region's load balancer.
#[derive(Debug)]
pub struct LoadBalancer {
    parameters: Parameters,
    eager: bool,
    frozen: bool,
    /// Share of the probes of live targets that fail, and of those that fail at once.
    failing: f64,
    quick: f64,
    phases: Stream,
    registration: Option<Variate>,
    luck: Stream,
    targets: Vec<Target>,
    registered: u32,
    /// Targets that the checks have found unhealthy, and those among them that live.
    out: u32,
    out_live: u32,
    in_rotation: u32,
    in_rotation_live: u32,
    /// Live targets that would be in rotation if their zone were not shifted away.
    idle: u32,
}

impl LoadBalancer {
    /// A load balancer whose streams are named after `path`.
    pub fn new(parameters: &Parameters, path: &str, seed: u64, eager: bool) -> Self {
        let registration = parameters.registration.clone();
        Self {
            registration: registration
                .map(|delay| Variate::new(delay, StreamId::new(seed, path, "registration-delay"))),
            parameters: parameters.clone(),
            eager,
            frozen: false,
            failing: 0.0,
            quick: 0.0,
            phases: Stream::new(StreamId::new(seed, path, "probe-phase")),
            luck: Stream::new(StreamId::new(seed, path, "gray-probe")),
            targets: Vec::new(),
            registered: 0,
            out: 0,
            out_live: 0,
            in_rotation: 0,
            in_rotation_live: 0,
            idle: 0,
        }
    }

    /// Starts a trial with the first `count` targets live and in rotation.
    pub fn begin(&mut self, trial: Trial<'_>, count: usize, ctx: &mut Context<'_, ProbeDue, Signal>) {
        self.phases.begin(trial);
        self.luck.begin(trial);
        if let Some(registration) = &mut self.registration {
            registration.begin(trial);
        }
        self.frozen = false;
        (self.failing, self.quick) = (0.0, 0.0);
        self.targets.clear();
        for _ in 0..count {
            let next = SimTime::ZERO + self.phase();
            self.targets.push(Target { state: State::InRotation, live: true, next, ..NOBODY });
        }
        let count = count as u32;
        (self.registered, self.out, self.out_live) = (count, 0, 0);
        (self.in_rotation, self.in_rotation_live, self.idle) = (count, count, 0);
        for index in 0..self.targets.len() {
            self.reschedule(index, ctx);
        }
    }

    /// The targets that get requests. All unhealthy = fail open: every target that was found unhealthy gets some. One that no probe
    /// has passed yet is no such target and gets none.
    pub const fn rotation(&self) -> Rotation {
        if self.in_rotation == 0 {
            Rotation { size: self.out, live: self.out_live, healthy: 0 }
        } else {
            Rotation { size: self.in_rotation, live: self.in_rotation_live, healthy: self.in_rotation }
        }
    }

    /// Whether anything probes targets; otherwise clients meet members directly.
    pub const fn probes(&self) -> bool {
        self.parameters.probes
    }

    /// Registered targets that the checks find unhealthy.
    pub fn unhealthy(&self) -> u32 {
        let shifted = self.targets.iter().filter(|target| target.shifted && target.state == State::InRotation);
        self.registered - self.in_rotation - shifted.count() as u32
    }

    /// Of the live targets that the checks find healthy, the share that gets requests; the others are in a zone that is
    /// shifted away.
    pub fn busy(&self) -> f64 {
        if self.idle == 0 {
            1.0
        } else {
            f64::from(self.in_rotation_live) / f64::from(self.in_rotation_live + self.idle)
        }
    }

    /// Whether there is such a target.
    pub fn knows(&self, target: usize) -> bool {
        self.targets.get(target).is_some_and(|target| target.state != State::Unregistered)
    }

    /// Whether a live target gets requests.
    pub fn serves(&self, target: usize) -> bool {
        self.targets.get(target).is_some_and(|it| {
            let state = if self.in_rotation == 0 { State::Out } else { State::InRotation };
            it.live && it.state == state && (state == State::Out || !it.shifted)
        })
    }

    /// Traffic is shifted away from a target's zone. Returns whether it got any before.
    pub fn shift_away(&mut self, target: usize) -> bool {
        let got = self.targets[target].state == State::InRotation && !self.targets[target].shifted;
        self.change(target, |place| place.shifted = true);
        got
    }

    /// A new target; its first probe leaves within one interval.
    pub fn register(&mut self, target: usize, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if self.targets.len() <= target {
            self.targets.resize(target + 1, NOBODY);
        }
        if !self.parameters.probes {
            self.change(target, |place| *place = Target { state: State::InRotation, live: true, ..NOBODY });
            ctx.signal(Signal::InService(target));
            return;
        }
        let delay = match &mut self.registration {
            Some(registration) => registration.draw_duration(),
            None => self.phase(),
        };
        let next = ctx.now() + delay;
        self.change(target, |place| *place = Target { state: State::Initial, live: true, next, ..NOBODY });
        self.reschedule(target, ctx);
    }

    /// A target is gone for good.
    pub fn deregister(&mut self, target: usize, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if let Some(handle) = self.targets[target].due {
            ctx.cancel(handle);
        }
        self.change(target, |place| *place = NOBODY);
    }

    /// A target is taken out of rotation: somebody else has found it unhealthy. It returns like one that failed probes.
    pub fn withdraw(&mut self, target: usize, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if self.targets[target].state != State::InRotation || !self.parameters.probes {
            return;
        }
        self.catch_up(target, ctx.now());
        self.change(target, |place| (place.state, place.contrary) = (State::Out, 0));
        ctx.signal(Signal::Left(target));
        self.reschedule(target, ctx);
    }

    /// A target dies or lives again, whatever the checks think of it; a dead one may refuse connections.
    pub fn set_live(&mut self, target: usize, live: bool, refuses: bool, ctx: &mut Context<'_, ProbeDue, Signal>) {
        self.catch_up(target, ctx.now());
        self.change(target, |place| (place.live, place.refuses) = (live, refuses));
        self.reschedule(target, ctx);
    }

    /// This share of the probes of live targets fails from now on, the first of these shares of all at once and the others as they time
    /// out: whether the targets serve requests is another question.
    pub fn set_failing(&mut self, quick: f64, failing: f64, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if (quick, failing) == (self.quick, self.failing) {
            return;
        }
        for target in 0..self.targets.len() {
            self.catch_up(target, ctx.now());
        }
        (self.quick, self.failing) = (quick, failing);
        for target in 0..self.targets.len() {
            self.reschedule(target, ctx);
        }
    }

    /// This share of the probes of one target fails at once from now on, besides those that fail at all targets.
    pub fn set_failing_at(&mut self, target: usize, failing: f64, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if self.targets[target].failing == failing {
            return;
        }
        self.catch_up(target, ctx.now());
        self.targets[target].failing = failing;
        self.reschedule(target, ctx);
    }

    /// Shares of a live target's probes that fail at once, and in all.
    fn failing(&self, target: usize) -> (f64, f64) {
        let own = self.targets[target].failing;
        if own == 0.0 {
            return (self.quick, self.failing);
        }
        let with = |others: f64| 1.0 - (1.0 - own) * (1.0 - others);
        (with(self.quick), with(self.failing))
    }

    /// The region goes out or comes back: no probes meanwhile, and those under way are forgotten. When it is back, the
    /// targets that live are in rotation: the fleet is intact.
    pub fn freeze(&mut self, frozen: bool, ctx: &mut Context<'_, ProbeDue, Signal>) {
        for target in 0..self.targets.len() {
            self.targets[target].times_out = None;
            self.catch_up(target, ctx.now());
            if !frozen {
                let Target { live, state, .. } = self.targets[target];
                let returns = live && state == State::Out;
                self.change(target, |place| {
                    place.contrary = 0;
                    place.state = if returns { State::InRotation } else { state };
                });
                if returns {
                    ctx.signal(Signal::Returned(target));
                }
            }
        }
        self.frozen = frozen;
        for target in 0..self.targets.len() {
            self.reschedule(target, ctx);
        }
    }

    fn phase(&mut self) -> SimDuration {
        SimDuration::from_secs_f64(self.phases.uniform() * self.parameters.interval.as_secs_f64())
    }

    /// Changes a target and keeps the counts.
    fn change(&mut self, target: usize, change: impl FnOnce(&mut Target)) {
        let before = self.targets[target];
        change(&mut self.targets[target]);
        let after = self.targets[target];
        let adjust = |count: &mut u32, was: bool, is: bool| *count = *count + u32::from(is) - u32::from(was);
        let (was, is) = (before.state != State::Unregistered, after.state != State::Unregistered);
        adjust(&mut self.registered, was, is);
        let (was, is) = (before.state == State::Out, after.state == State::Out);
        adjust(&mut self.out, was, is);
        adjust(&mut self.out_live, was && before.live, is && after.live);
        let (was, is) = (before.state == State::InRotation, after.state == State::InRotation);
        adjust(&mut self.idle, was && before.shifted && before.live, is && after.shifted && after.live);
        let (was, is) = (was && !before.shifted, is && !after.shifted);
        adjust(&mut self.in_rotation, was, is);
        adjust(&mut self.in_rotation_live, was && before.live, is && after.live);
    }

    /// Whether the coming probes are known to change nothing.
    fn sleeps(&self, target: usize) -> bool {
        let (quick, failing) = self.failing(target);
        let target = &self.targets[target];
        // Where each fails and only some at once, that is a matter of luck as well.
        let all_fail = failing >= 1.0 && (quick <= 0.0 || quick >= 1.0);
        let (passes, fails) = (target.live && failing <= 0.0, !target.live || all_fail);
        let settled = match target.state {
            State::Unregistered => return true,
            State::Initial | State::Out => fails,
            State::InRotation => passes,
        };
        self.frozen
            || !self.parameters.probes
            || (!self.eager && settled && target.contrary == 0 && target.times_out.is_none())
    }

    /// Moves a sleeping target's next probe to the first point of its cadence that is not in the past.
    fn catch_up(&mut self, target: usize, now: SimTime) {
        let interval = self.parameters.interval;
        let target = &mut self.targets[target];
        if target.times_out.is_none() && target.next < now {
            target.next = now.next_on_grid(target.next, interval);
        }
    }

    fn reschedule(&mut self, target: usize, ctx: &mut Context<'_, ProbeDue, Signal>) {
        if let Some(handle) = self.targets[target].due.take() {
            ctx.cancel(handle);
        }
        if !self.sleeps(target) {
            let at = self.targets[target].times_out.unwrap_or(self.targets[target].next);
            let due = ctx.schedule_at(at, ProbeDue { target: target as u32 });
            self.targets[target].due = Some(due);
        }
    }

    /// Whether a probe of a live target passes, and whether that is known before it times out.
    fn draw(&mut self, target: usize) -> (bool, bool) {
        let (quick, failing) = self.failing(target);
        if failing <= 0.0 {
            return (true, true);
        }
        if failing >= 1.0 && (quick <= 0.0 || quick >= 1.0) {
            return (false, quick > 0.0);
        }
        let number = self.luck.uniform();
        (number >= failing, number < quick || number >= failing)
    }

    fn result(&mut self, target: usize, passed: bool, ctx: &mut Context<'_, ProbeDue, Signal>) {
        let Parameters { unhealthy_threshold, healthy_threshold, .. } = self.parameters;
        let state = self.targets[target].state;
        let (contrary, needed, to, signal) = match state {
            State::Initial => (passed, 1, State::InRotation, Signal::InService(target)),
            State::Out => (passed, healthy_threshold, State::InRotation, Signal::Returned(target)),
            State::InRotation => (!passed, unhealthy_threshold, State::Out, Signal::Left(target)),
            State::Unregistered => return,
        };
        if !contrary {
            self.targets[target].contrary = 0;
            return;
        }
        self.targets[target].contrary += 1;
        if self.targets[target].contrary == needed {
            self.change(target, |place| {
                place.state = to;
                place.contrary = 0;
            });
            ctx.signal(signal);
        }
    }
}

impl Component for LoadBalancer {
    type Event = ProbeDue;
    type Signal = Signal;

    fn handle(&mut self, event: ProbeDue, ctx: &mut Context<'_, ProbeDue, Signal>) {
        let index = event.target as usize;
        let Parameters { interval, timeout, .. } = self.parameters;
        let target = &mut self.targets[index];
        target.due = None;
        if target.times_out.take().is_some() {
            self.result(index, false, ctx);
        } else {
            let Target { live, refuses, .. } = *target;
            target.next = ctx.now() + interval;
            let (passes, in_time) = if live { self.draw(index) } else { (false, refuses) };
            if in_time {
                self.result(index, passes, ctx);
            } else {
                self.targets[index].times_out = Some(ctx.now() + timeout);
            }
        }
        self.reschedule(index, ctx);
    }
}
