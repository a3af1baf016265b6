//! Clients and the resolvers that cache for them: where a population's traffic goes, given what DNS answered when.
//!
//! All cohorts of a population are one component, and their expiries are no events: the component knows the next one, and
//! the deployment walks from one to the next ([`Population::expire`]). Weights are integers in units of 2^-60, so that the
//! shares of a population add up exactly, in whatever order its cohorts move.

mod cohorts;
mod spec;
#[cfg(test)]
mod tests;

use sim_core::component::{Component, Context};
use sim_core::random::{Distribution, Stream, StreamId, Trial};
use sim_core::time::{SimDuration, SimTime};

pub use cohorts::Asks;
pub(crate) use spec::PopulationKeys;
pub use spec::{Parameters, Steps, TtlRule, without_resolvers, without_walks};

use cohorts::{Cohort, Kind, WHOLE, divide};

use crate::about::About;
use crate::grid::Grid;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Clients and resolvers",
    modelled: "cohorts of resolvers that expire together, of equal or Zipf weight; resolvers that honour, lengthen or \
         shorten the TTL; standing connections that outlive a refresh; load profiles; retries with waits between them, and going on \
         from a dead address to the next one of an answer (both in the flow); a time limit for all tries of a request together",
    not_modelled: "caches in browsers or runtimes apart from `floor`, prefetching, serve-stale; an edge \
         that goes on to the next address; load that comes later because clients wait before they try again; \
         what overload leaves behind where a service has neither `queue` nor `kappa`: it is well again as soon as its load is, and a \
         real one may not be",
    sources: "https://ttl-violation-study.github.io (8.74 % of the measured resolvers extend TTLs)",
};

/// What can happen to a population.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A cohort's last connections to its former endpoint have ended.
    Reconnect(u32),
    /// A cohort has kept an empty answer for long enough, and asks again.
    AsksAgain(u32),
    /// The load profile takes its next step.
    ProfileStep(u32),
}

/// Its signals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// Traffic goes elsewhere.
    Moved,
    /// The offered load changed.
    LoadChanged,
}

/// A population's resolvers and connections.
#[derive(Debug)]
pub struct Population {
    eager: bool,
    kinds: Vec<Kind>,
    cohorts: Vec<Cohort>,
    phases: Stream,
    /// Whether the phases of this trial are known: nobody asks for them before an answer changes.
    drawn: bool,
    lifetime: Option<(Distribution, Stream)>,
    /// The place that stands for no answer, if there may be none.
    nothing: Option<usize>,
    profile: Vec<(SimDuration, f64)>,
    /// Answers seen in this trial, as weights of regions (columns); cohorts refer to them by number (row).
    answers: Grid<f64>,
    /// Weight of the traffic that follows each answer.
    following: Vec<u64>,
    current: u16,
    serving: Vec<bool>,
    factor: f64,
    /// The next expiry of any kind.
    next_expiry: SimTime,
}

impl Population {
    /// The population's resolvers as far as they ask for a name.
    pub fn new(parameters: &Parameters, asks: Asks<'_>, regions: usize, seed: u64, eager: bool) -> Self {
        let at = asks.name.map(|name| format!("/at/{name}")).unwrap_or_default();
        let path = format!("clients/{}{at}", parameters.name);
        let (cohorts, kinds) = divide(parameters, asks);
        Self {
            eager,
            kinds,
            cohorts,
            phases: Stream::new(StreamId::new(seed, &path, "cache-phase")),
            drawn: false,
            lifetime: parameters
                .connection_lifetime
                .clone()
                .map(|lifetime| (lifetime, Stream::new(StreamId::new(seed, &path, "connection-lifetime")))),
            nothing: asks.nothing.map(|(place, _)| place),
            profile: parameters.profile.clone(),
            answers: Grid::new(0, regions, 0.0),
            following: Vec::new(),
            current: 0,
            serving: vec![true; regions],
            factor: 1.0,
            next_expiry: SimTime::NEVER,
        }
    }

    /// Starts a trial in which DNS has been giving this answer for long.
    pub fn begin(&mut self, trial: Trial<'_>, answer: &[f64], ctx: &mut Context<'_, Event, Signal>) {
        self.phases.begin(trial);
        if let Some((_, stream)) = &mut self.lifetime {
            stream.begin(trial);
        }
        self.answers.clear();
        self.answers.push(answer);
        self.following.clear();
        self.following.push(WHOLE);
        self.current = 0;
        self.serving.fill(true);
        self.factor = 1.0;
        self.next_expiry = SimTime::NEVER;
        self.drawn = false;
        for kind in &mut self.kinds {
            kind.sorted = false;
            kind.stale = 0;
            kind.next_time = SimTime::NEVER;
        }
        for cohort in &mut self.cohorts {
            (cohort.cached, cohort.traffic, cohort.empty, cohort.reconnects) = (0, 0, false, None);
        }
        for (step, &(at, factor)) in self.profile.iter().enumerate() {
            if at.is_zero() {
                self.factor = factor;
            } else {
                ctx.schedule_at(SimTime::ZERO + at, Event::ProfileStep(step as u32));
            }
        }
        if self.eager {
            self.wake(ctx.now());
            self.look_ahead();
        }
    }

    /// DNS answers this population differently from now on.
    pub fn answer_changed(&mut self, answer: &[f64], ctx: &mut Context<'_, Event, Signal>) {
        let known = self.answers.each_row().position(|known| known == answer);
        let id = known.unwrap_or_else(|| {
            self.answers.push(answer);
            self.following.push(0);
            self.following.len() - 1
        }) as u16;
        if id == self.current {
            return;
        }
        self.current = id;
        let mut moved = false;
        for index in 0..self.kinds.len() {
            let cohorts = self.kinds[index].cohorts.clone();
            if self.kinds[index].period == 0 {
                for cohort in cohorts {
                    moved |= self.take_current(index, cohort, ctx);
                }
            } else {
                self.kinds[index].stale = self.cohorts[cohorts].iter().filter(|cohort| cohort.cached != id).count();
            }
        }
        self.wake(ctx.now());
        self.look_ahead();
        if moved {
            ctx.signal(Signal::Moved);
        }
    }

    /// An endpoint died or serves again. Connections to a dead one break, and their clients follow their cached answer.
    pub fn set_serving(&mut self, region: usize, serving: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.serving[region] = serving;
        if serving || self.lifetime.is_none() {
            return;
        }
        let mut moved = false;
        for index in 0..self.cohorts.len() {
            let cohort = self.cohorts[index];
            if cohort.traffic != cohort.cached && self.weight_of(cohort.traffic, region) > 0.0 {
                moved |= self.reconnect(index, ctx);
            }
        }
        if moved {
            ctx.signal(Signal::Moved);
        }
    }

    /// The next instant at which cohorts ask DNS again; never while nobody can hear anything new.
    #[inline]
    pub const fn next_expiry(&self) -> SimTime {
        self.next_expiry
    }

    /// The share of this population's traffic that goes to each region.
    pub fn shares(&self, shares: &mut [f64]) {
        shares.fill(0.0);
        for (answer, &weight) in self.answers.each_row().zip(&self.following) {
            if weight > 0 {
                let weight = weight as f64 / WHOLE as f64;
                for (share, part) in shares.iter_mut().zip(answer) {
                    *share += weight * part;
                }
            }
        }
    }

    /// The answers that its traffic follows, each with the share that does.
    pub fn followed(&self) -> impl Iterator<Item = (f64, &[f64])> {
        let parts = self.answers.each_row().zip(&self.following);
        parts.filter(|(_, weight)| **weight > 0).map(|(answer, weight)| (*weight as f64 / WHOLE as f64, answer))
    }

    /// Present factor of the load profile.
    pub const fn factor(&self) -> f64 {
        self.factor
    }

    fn weight_of(&self, answer: u16, region: usize) -> f64 {
        self.answers[(usize::from(answer), region)]
    }

    /// Draws when in its period each cohort expires.
    fn draw_phases(&mut self) {
        for kind in &mut self.kinds {
            for (index, place) in kind.cohorts.clone().zip(&mut kind.order) {
                *place = ((self.phases.uniform() * kind.period as f64) as u64, index as u32);
            }
        }
        self.drawn = true;
    }

    /// Finds the next expiry of every kind that sleeps although something could change.
    fn wake(&mut self, now: SimTime) {
        if !self.drawn {
            self.draw_phases();
        }
        for kind in &mut self.kinds {
            if kind.next_time != SimTime::NEVER || kind.period == 0 || (kind.stale == 0 && !self.eager) {
                continue;
            }
            if !kind.sorted {
                kind.order.sort_unstable();
                kind.sorted = true;
            }
            // Answers change when everything else of the instant has happened: who expires just now took the former one.
            let within = now.as_nanos() % kind.period;
            let mut start = now.as_nanos() - within;
            kind.next = kind.order.partition_point(|&(phase, _)| phase <= within);
            if kind.next == kind.order.len() {
                kind.next = 0;
                start += kind.period;
            }
            kind.next_time = SimTime::from_nanos(start + kind.order[kind.next].0);
        }
    }

    fn look_ahead(&mut self) {
        self.next_expiry = self.kinds.iter().map(|kind| kind.next_time).min().unwrap_or(SimTime::NEVER);
    }

    /// A cohort's cached answer expired: it takes what DNS answers now. Returns whether its traffic moves with it.
    fn take_current(&mut self, kind: usize, index: usize, ctx: &mut Context<'_, Event, Signal>) -> bool {
        if self.cohorts[index].empty || self.cohorts[index].cached == self.current {
            return false;
        }
        self.keep_if_empty(kind, index, ctx);
        let cohort = &mut self.cohorts[index];
        cohort.cached = self.current;
        let Cohort { traffic, reconnects, .. } = *cohort;
        let serving = |region| self.weight_of(traffic, region) == 0.0 || self.serving[region];
        let standing = self.lifetime.is_some() && traffic != self.current && (0..self.answers.columns()).all(serving);
        match &mut self.lifetime {
            Some((lifetime, stream)) if standing => {
                if reconnects.is_none() {
                    let rest = SimDuration::from_secs_f64(lifetime.excess_quantile(stream.uniform()));
                    self.cohorts[index].reconnects = Some(ctx.schedule_in(rest, Event::Reconnect(index as u32)));
                }
                false
            }
            _ => self.reconnect(index, ctx),
        }
    }

    /// Whoever takes an empty answer keeps it for its own time, beside the rhythm of the others.
    fn keep_if_empty(&mut self, kind: usize, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        let empty_for = self.kinds[kind].empty_for;
        let is_empty = self.nothing.is_some_and(|nothing| self.weight_of(self.current, nothing) > 0.0);
        if is_empty && !empty_for.is_zero() {
            self.cohorts[index].empty = true;
            ctx.schedule_in(empty_for, Event::AsksAgain(index as u32));
        }
    }

    /// A cohort that kept an empty answer asks again. Returns whether its traffic moves.
    fn ask_again(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) -> bool {
        self.cohorts[index].empty = false;
        let kind = self.kinds.iter().position(|kind| kind.cohorts.contains(&index)).expect("every cohort is of a kind");
        if self.cohorts[index].cached == self.current {
            self.keep_if_empty(kind, index, ctx);
            return false;
        }
        let moved = self.take_current(kind, index, ctx);
        if self.kinds[kind].period > 0 {
            self.kinds[kind].stale -= 1;
        }
        moved
    }

    /// A cohort's traffic follows its cached answer from now on. Returns whether it followed another one.
    fn reconnect(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let cohort = &mut self.cohorts[index];
        if let Some(handle) = cohort.reconnects.take() {
            ctx.cancel(handle);
        }
        let moves = cohort.traffic != cohort.cached;
        if moves {
            self.following[usize::from(cohort.traffic)] -= cohort.weight;
            self.following[usize::from(cohort.cached)] += cohort.weight;
            cohort.traffic = cohort.cached;
        }
        moves
    }

    /// The cohorts that are due ask DNS again. Returns whether traffic moves with them.
    pub fn expire(&mut self, ctx: &mut Context<'_, Event, Signal>) -> bool {
        let mut moved = false;
        let now = ctx.now();
        for index in 0..self.kinds.len() {
            while self.kinds[index].next_time == now {
                let kind = &self.kinds[index];
                let (phase, cohort) = kind.order[kind.next];
                let cohort = cohort as usize;
                let was_stale = self.cohorts[cohort].cached != self.current;
                moved |= self.take_current(index, cohort, ctx);
                let is_stale = self.cohorts[cohort].cached != self.current;
                let kind = &mut self.kinds[index];
                kind.stale -= usize::from(was_stale && !is_stale);
                let mut start = now.as_nanos() - phase;
                kind.next += 1;
                if kind.next == kind.order.len() {
                    kind.next = 0;
                    start += kind.period;
                }
                kind.next_time = if kind.stale == 0 && !self.eager {
                    SimTime::NEVER
                } else {
                    SimTime::from_nanos(start + kind.order[kind.next].0)
                };
            }
        }
        self.look_ahead();
        moved
    }
}

impl Component for Population {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Reconnect(cohort) => {
                self.cohorts[cohort as usize].reconnects = None;
                if self.reconnect(cohort as usize, ctx) {
                    ctx.signal(Signal::Moved);
                }
            }
            Event::AsksAgain(cohort) => {
                if self.ask_again(cohort as usize, ctx) {
                    ctx.signal(Signal::Moved);
                }
            }
            Event::ProfileStep(step) => {
                self.factor = self.profile[step as usize].1;
                ctx.signal(Signal::LoadChanged);
            }
        }
    }
}
