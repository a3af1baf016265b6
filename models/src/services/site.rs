//! A need of a service in a region that remembers: which called regions its callers see answer, and what they keep of values
//! and errors.

use sim_core::component::{Component, Context};
use sim_core::random::{Stream, StreamId, Trial};
use sim_core::time::{SimDuration, SimTime};

use super::errors::{Errors, STEPS};
use crate::ids::RegionId;
use crate::needs::{Asks, Call, Kept, Need, To};
use crate::turns::Turns;

/// A need works if its availability is at least 1 less this.
const WORKS: f64 = 1e-9;
/// A share of new members that differs by less makes no difference until something else happens: retries for what they fail add
/// members, and those are new, ever fewer.
const NEW: f64 = 1e-4;
/// The least time that a turn waits which this instant may not have any more, in seconds.
const SHORTEST_TURN_S: f64 = 0.1;

/// Events of a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Callers learn whether a called region answers.
    Seen {
        /// The region.
        region: RegionId,
        /// Whether it answers.
        answers: bool,
    },
    /// The next step of the share that feels the failure of this episode.
    Step(u32),
    /// The next step of the share that keeps an error.
    Forgets,
    /// A beginning or an end that waited in this episode, if nothing else came to be known.
    Turn(u32),
}

/// Signals of a site: requests may fare otherwise from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Calls go to another region, or more or fewer callers feel a failure.
    Changed,
}

/// The members of a caller, where it has any.
#[derive(Debug, Clone, Copy, Default)]
pub struct Caller {
    /// Whether anybody is there who asks: its region is up, and some of it lives.
    pub asks: bool,
    /// How far they have been renewed: how many ever started, or what else grows with each that does.
    pub renewed: f64,
    /// The share of those that serve which started after [`Site::keeps_last`].
    pub newer: f64,
}

/// What callers of one need in one region remember.
#[derive(Debug)]
pub struct Site {
    detect: Option<SimDuration>,
    kept: Kept,
    /// By region of the called service: what it does, and what callers have seen of it.
    answers: Vec<bool>,
    seen: Vec<bool>,
    stream: Stream,
    /// The part of a step after which the first one comes.
    phase: f64,
    fails: bool,
    /// Number of the beginnings and ends of failures, and the last one's instant.
    episode: u32,
    since: SimTime,
    turns: Turns,
    /// Whether the next one waits.
    waits: bool,
    /// Steps of the present growth that are over.
    steps: u32,
    /// The largest share of requests that failed by the need at once since it began to fail.
    met: f64,
    /// The errors that are kept; since when some are, and the steps that are over since then.
    errors: Errors,
    errors_since: SimTime,
    errors_steps: u32,
    /// How far the caller's members had been renewed when the last failure began.
    renewed_before: f64,
    /// The caller's members now, and the share of new ones that requests meet.
    caller: Caller,
    met_newer: f64,
}

impl Site {
    /// The site of a need, among so many regions; `path` names its random numbers.
    pub fn new(need: &Need, regions: usize, path: &str, seed: u64) -> Self {
        let detect = match need.asks {
            Asks::Service(Call { to: To::Nearest { detect }, .. }) => Some(detect),
            Asks::Service(_) | Asks::Store { .. } => None,
        };
        Self {
            detect,
            kept: need.kept,
            answers: vec![true; regions],
            seen: vec![true; regions],
            stream: Stream::new(StreamId::new(seed, path, "phase")),
            phase: 0.0,
            fails: false,
            episode: 0,
            since: SimTime::ZERO,
            turns: Turns::new(),
            waits: false,
            steps: 0,
            met: 0.0,
            errors: Errors::NONE,
            errors_since: SimTime::ZERO,
            errors_steps: 0,
            renewed_before: 0.0,
            caller: Caller::default(),
            met_newer: 0.0,
        }
    }

    /// Starts a trial, in which all is well.
    pub fn begin(&mut self, trial: Trial<'_>) {
        self.stream.begin(trial);
        self.phase = self.stream.uniform();
        self.answers.fill(true);
        self.seen.fill(true);
        self.fails = false;
        self.episode = 0;
        self.turns = Turns::new();
        self.waits = false;
        self.steps = 0;
        self.met = 0.0;
        self.errors = Errors::NONE;
        (self.renewed_before, self.caller, self.met_newer) = (0.0, Caller::default(), 0.0);
    }

    /// What callers have long seen when a trial starts.
    pub fn assume(&mut self, region: RegionId, answers: bool) {
        self.answers[region.index()] = answers;
        self.seen[region.index()] = answers;
    }

    /// Whether callers follow what they see.
    pub const fn follows(&self) -> bool {
        self.detect.is_some()
    }

    /// Whether callers have seen a region answer last.
    pub fn sees(&self, region: RegionId) -> bool {
        self.seen[region.index()]
    }

    /// A called region answers from now on, or does no longer.
    pub fn set_answers(&mut self, region: RegionId, answers: bool, ctx: &mut Context<'_, Event, Signal>) {
        let Some(detect) = self.detect else { return };
        if std::mem::replace(&mut self.answers[region.index()], answers) != answers {
            ctx.schedule_in(detect, Event::Seen { region, answers });
        }
    }

    /// Whether callers keep anything.
    pub const fn keeps(&self) -> bool {
        self.kept.values.is_some() || self.kept.errors.is_some()
    }

    /// Whether callers keep what they got, so that the need bears none of their load.
    pub const fn keeps_values(&self) -> bool {
        self.kept.values.is_some()
    }

    /// Where callers keep the last value that they got for as long as the need fails: how far their members had been renewed when that
    /// began.
    pub fn keeps_last(&self) -> Option<f64> {
        (self.kept.last && self.fails).then_some(self.renewed_before)
    }

    /// Share of requests for which a need of this availability works; `newer` is the share of the caller's members that started
    /// after [`Self::keeps_last`].
    pub fn works(&self, availability: f64, newer: f64) -> f64 {
        (1.0 - self.fails_at_once(availability, newer)) * self.errors.free()
    }

    /// Share of requests that fail because the need does now.
    fn fails_at_once(&self, availability: f64, newer: f64) -> f64 {
        let feel = match self.kept {
            Kept { values: None, .. } => 1.0,
            _ if !self.fails => 0.0,
            Kept { last: true, .. } => newer,
            Kept { last: false, .. } => f64::from(self.steps) / f64::from(STEPS),
        };
        feel * (1.0 - availability)
    }

    /// The need has this availability from now on, and its caller these members.
    pub fn set_availability(&mut self, availability: f64, caller: Caller, ctx: &mut Context<'_, Event, Signal>) {
        self.caller = caller;
        if self.kept.last && (caller.newer - self.met_newer).abs() > NEW {
            // A function adds environments as soon as they are asked for, after it was known what they would meet.
            self.met_newer = caller.newer;
            ctx.signal(Signal::Changed);
        }
        let fails = availability < 1.0 - WORKS;
        if fails == self.fails || !self.keeps() {
            self.waits = false;
        } else if !self.waits {
            self.turn_in_its_time(fails, ctx);
        }
        if fails && caller.asks {
            self.met = self.met.max(self.fails_at_once(availability, caller.newer));
        }
    }

    /// A failure begins or ends, now if this instant may have one more turn.
    fn turn_in_its_time(&mut self, fails: bool, ctx: &mut Context<'_, Event, Signal>) {
        if self.turns.used_up(ctx.now()) {
            self.waits = true;
            let whole = self.kept.values.or(self.kept.errors).map_or(0.0, SimDuration::as_secs_f64);
            let step = SimDuration::from_secs_f64((whole / f64::from(STEPS)).max(SHORTEST_TURN_S));
            ctx.schedule_in(step, Event::Turn(self.episode));
            return;
        }
        self.turn(fails, ctx);
    }

    /// A failure begins, or ends.
    fn turn(&mut self, fails: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.turns.note(ctx.now());
        self.waits = false;
        if fails {
            self.renewed_before = self.caller.renewed;
        }
        self.fails = fails;
        self.episode += 1;
        self.steps = 0;
        self.since = ctx.now();
        self.schedule_step(ctx);
        if self.kept.errors.is_some() {
            if !fails {
                self.keep_errors(ctx);
            }
            // Errors count from the instant at which the need works again.
            ctx.signal(Signal::Changed);
        }
    }

    /// Whoever met an error keeps it from now on.
    fn keep_errors(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let met = std::mem::take(&mut self.met);
        if met <= 0.0 {
            return;
        }
        let begins = !self.errors.any();
        self.errors.meet(met);
        if begins {
            (self.errors_since, self.errors_steps) = (ctx.now(), 0);
            self.schedule_forgetting(ctx);
        }
    }

    /// The next step of those who keep errors.
    fn schedule_forgetting(&self, ctx: &mut Context<'_, Event, Signal>) {
        if let Some(whole) = self.kept.errors {
            ctx.schedule_at(self.errors_since + self.until(whole, self.errors_steps), Event::Forgets);
        }
    }

    /// The next step of those who keep values.
    fn schedule_step(&self, ctx: &mut Context<'_, Event, Signal>) {
        if let Kept { values: Some(whole), last: false, .. } = self.kept
            && self.fails
            && self.steps < STEPS
        {
            ctx.schedule_at(self.since + self.until(whole, self.steps), Event::Step(self.episode));
        }
    }

    /// From a beginning until the step after so many: step i comes (i - 1 + phase) / 20 of the whole time after it.
    fn until(&self, whole: SimDuration, steps: u32) -> SimDuration {
        let part = (f64::from(steps) + self.phase) / f64::from(STEPS);
        SimDuration::from_secs_f64(whole.as_secs_f64() * part)
    }
}

impl Component for Site {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Seen { region, answers } => {
                self.seen[region.index()] = answers;
                ctx.signal(Signal::Changed);
            }
            Event::Step(episode) if episode == self.episode => {
                self.steps += 1;
                self.schedule_step(ctx);
                ctx.signal(Signal::Changed);
            }
            Event::Forgets => {
                self.errors.step();
                self.errors_steps += 1;
                if self.errors.any() {
                    self.schedule_forgetting(ctx);
                }
                ctx.signal(Signal::Changed);
            }
            Event::Turn(episode) if episode == self.episode && self.waits => self.turn(!self.fails, ctx),
            Event::Step(_) | Event::Turn(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;
    use crate::ids::ServiceId;
    use crate::turns::MOST_AT_ONCE;

    #[test]
    fn of_callers_that_keep_the_last_value_the_new_ones_meet_errors_and_keep_them() {
        let minutes = |minutes: f64| Some(SimDuration::from_secs_f64(60.0 * minutes));
        let call = Call { service: ServiceId::new(0), to: To::Local, attempts: 1, timeout: None };
        let kept = Kept { values: minutes(5.0), last: true, errors: minutes(2.0) };
        let mut site = Site::new(&Need { asks: Asks::Service(call), soft: false, kept, site: None }, 1, "need", 1);
        site.begin(0_u64.into());
        let mut site = Harness::new(site);
        let works = |site: &Harness<Site>, availability, newer| site.component().works(availability, newer);
        site.call(|site, ctx| site.set_availability(0.0, Caller { asks: true, renewed: 30.0, newer: 0.0 }, ctx));
        assert_eq!((site.component().keeps_last(), works(&site, 0.0, 0.0)), (Some(30.0), 1.0));
        // A quarter started meanwhile: that quarter fails, and goes on failing when the need works again.
        site.call(|site, ctx| site.set_availability(0.0, Caller { asks: true, renewed: 40.0, newer: 0.25 }, ctx));
        assert_eq!(works(&site, 0.0, 0.25), 0.75);
        site.call(|site, ctx| site.set_availability(1.0, Caller { asks: true, renewed: 40.0, newer: 0.25 }, ctx));
        assert_eq!(works(&site, 1.0, 0.0), 0.75);
        site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(121.0));
        assert_eq!(works(&site, 1.0, 0.0), 1.0);
    }

    #[test]
    fn a_need_that_brings_about_its_own_end_turns_by_steps() {
        let errors = SimDuration::from_secs_f64(120.0);
        let call = Call { service: ServiceId::new(0), to: To::Local, attempts: 1, timeout: None };
        let kept = Kept { errors: Some(errors), ..Kept::default() };
        let mut site = Site::new(&Need { asks: Asks::Service(call), soft: false, kept, site: None }, 1, "need", 1);
        site.begin(0_u64.into());
        let mut site = Harness::new(site);
        // The need fails exactly while no errors are kept.
        for _ in 0..1000 {
            let available = if site.component().fails { 1.0 } else { 0.9 };
            site.call(|site, ctx| site.set_availability(available, Caller { asks: true, ..Caller::default() }, ctx));
        }
        assert!(site.signals().len() <= MOST_AT_ONCE as usize);
        let before = site.component().fails;
        // Known last: the contrary. It comes to be a twentieth of the time later, and no sooner.
        let last = if before { 1.0 } else { 0.9 };
        site.call(|site, ctx| site.set_availability(last, Caller::default(), ctx));
        site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(5.9));
        assert_eq!(site.component().fails, before);
        site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(6.1));
        assert_ne!(site.component().fails, before);
    }

    /// Callers keep an error for up to 120 s; steps come at 6 (i - 1 + u) s.
    #[test]
    fn as_many_keep_an_error_as_met_one_whatever_happens_meanwhile() {
        let errors = SimDuration::from_secs_f64(120.0);
        let call = Call { service: ServiceId::new(0), to: To::Local, attempts: 1, timeout: None };
        let kept = Kept { errors: Some(errors), ..Kept::default() };
        let mut site = Site::new(&Need { asks: Asks::Service(call), soft: false, kept, site: None }, 1, "need", 1);
        site.begin(0_u64.into());
        let mut site = Harness::new(site);
        let set = |site: &mut Harness<Site>, second: f64, availability, asks| {
            site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(second));
            site.call(|site, ctx| site.set_availability(availability, Caller { asks, ..Caller::default() }, ctx));
        };
        let works = |site: &Harness<Site>| site.component().works(1.0, 0.0);
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        // The worst instant counts: at most 40 % failed at once.
        set(&mut site, 1.0, 0.9, true);
        set(&mut site, 2.0, 0.6, true);
        set(&mut site, 3.0, 0.999, true);
        close(works(&site), 1.0);
        set(&mut site, 10.0, 1.0, true);
        close(works(&site), 0.6);
        // Ten steps later half of them still keep it. A failure that nobody is there to meet changes nothing, and of one that hardly
        // anybody meets hardly anybody keeps an error besides.
        set(&mut site, 70.0, 0.0, false);
        set(&mut site, 70.001, 1.0, true);
        close(works(&site), 0.8);
        set(&mut site, 70.002, 1.0 - 1e-6, true);
        set(&mut site, 70.003, 1.0, true);
        close(works(&site), 0.8 * (1.0 - 1e-6));
        // Those of the first time are over 120 s after it, those of the second within as much and a step.
        site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(130.1));
        assert!((1.0 - 1e-6..1.0).contains(&works(&site)));
        site.run_until(SimTime::ZERO + SimDuration::from_secs_f64(190.1));
        assert_eq!(works(&site), 1.0);
    }
}
