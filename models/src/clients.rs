//! Clients and the resolvers that cache for them: where a population's traffic goes, given what DNS answered when.
//!
//! Modelled:      cohorts of resolvers that expire together, of equal or Zipf weight; resolvers that honour, lengthen or
//!                shorten the TTL; standing connections that outlive a refresh; load profiles; retries (in the flow).
//! Not modelled:  caches in browsers or runtimes apart from `floor`, negative caching, prefetching, serve-stale.
//! Sources:       facts 1d (residual TTL is uniform: derived; 8.74 % of measured resolvers extend TTLs: documented).
//!
//! All cohorts of a population are one component. Weights are integers in units of 2^-60, so that the shares of a
//! population add up exactly, in whatever order its cohorts move.

use sim_core::component::{Component, Context, Handle};
use sim_core::random::{Distribution, Stream, StreamId};
use sim_core::settings::quantity::sum_text;
use sim_core::settings::{Key, Section};
use sim_core::time::{SimDuration, SimTime};

use crate::network;

/// The whole population, in weight units.
const WHOLE: u64 = 1 << 60;

const NAME: Key = Key::required("name", "what the population is called");
const NEAR: Key = Key::required("near", "the region whose round-trip times these clients see");
const RATE: Key =
    Key::required("requests-per-second", "requests that the population offers, all journeys together").at_least(0.0);
const COHORTS: Key = Key::convention(
    "cohorts",
    "groups of resolvers that expire together",
    "200",
    "design 5.1: resolution of half a percent",
)
.at_least(1.0)
.at_most(100_000.0);
const ZIPF: Key =
    Key::optional("zipf", "exponent s of Zipf weights: the i-th cohort weighs in proportion to 1/i^s").at_least(0.0);
const CACHING: Key = Key::optional("caching", "kinds of resolvers: share, and a floor or a cap on the TTL they use");
const SHARE: Key = Key::required("share", "share of the population");
const FLOOR: Key = Key::optional("floor", "these resolvers keep an answer at least that long");
const CAP: Key = Key::optional("cap", "these resolvers keep an answer at most that long");
const RETRIES: Key = Key::optional("retries", "what a client does when a request fails");
const ATTEMPTS: Key =
    Key::convention("attempts", "attempts per request, the first included", "1", "design 5.1: no retries")
        .at_least(1.0)
        .at_most(100.0);
const TIMEOUT: Key = Key::assumed("timeout", "how long a client waits for an answer", "60s", "design 5.1").above(0.0);
const LIFETIME: Key = Key::optional(
    "connection-lifetime",
    "how long a connection lives once it is made; without it traffic moves at the refresh",
);
const PROFILE: Key = Key::optional("profile", "steps of the load over time, as factors on requests-per-second");
const AT: Key = Key::required("at", "when the step is taken");
const FACTOR: Key = Key::required("factor", "factor on requests-per-second from then on").at_least(0.0);
const ROUND_TRIP: Key =
    Key::optional("round-trip", "round-trip times by region, where the built-in table is not good enough");

/// What a kind of resolver makes of a record's TTL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TtlRule {
    /// Uses it as it is.
    Honours,
    /// Never less than this.
    Floor(SimDuration),
    /// Never more than this.
    Cap(SimDuration),
}

impl TtlRule {
    /// How long an answer with this TTL stays in the cache.
    pub fn effective(self, ttl: SimDuration) -> SimDuration {
        match self {
            Self::Honours => ttl,
            Self::Floor(floor) => ttl.max(floor),
            Self::Cap(cap) => ttl.min(cap),
        }
    }
}

/// A population of clients.
#[derive(Debug, Clone)]
pub struct Parameters {
    /// Its name.
    pub name: String,
    /// The region whose round-trip times it sees.
    pub near: &'static network::Place,
    /// Offered requests per second, all journeys together.
    pub requests_per_second: f64,
    /// Number of cohorts.
    pub cohorts: usize,
    /// Zipf exponent; equal weights without.
    pub zipf: Option<f64>,
    /// Kinds of resolvers with their shares.
    pub caching: Vec<(f64, TtlRule)>,
    /// Attempts per request.
    pub attempts: u32,
    /// How long a client waits.
    pub timeout: SimDuration,
    /// Connection lifetime in seconds.
    pub connection_lifetime: Option<Distribution>,
    /// Load steps.
    pub profile: Vec<(SimDuration, f64)>,
    /// Round-trip time to each region in seconds.
    pub round_trip: Vec<f64>,
}

impl Parameters {
    /// Reads one `[[clients]]` entry.
    pub fn read(section: &mut Section<'_>, regions: &[String]) -> Self {
        let name = section.text(&NAME);
        let near_index = section.name(&NEAR, &network::place_names());
        let near = &network::PLACES[near_index];
        let mut caching = Vec::new();
        for mut kind in section.sections(&CACHING) {
            let share = kind.share(&SHARE);
            let rule = match (kind.maybe_duration(&FLOOR), kind.maybe_duration(&CAP)) {
                (Some(floor), None) => TtlRule::Floor(floor),
                (None, Some(cap)) => TtlRule::Cap(cap),
                (None, None) => TtlRule::Honours,
                (Some(_), Some(_)) => {
                    kind.reject("cap", "a cap beside a floor", "one of the two for a kind of resolver", None);
                    TtlRule::Honours
                }
            };
            caching.push((share, rule));
        }
        if caching.is_empty() {
            caching.push((1.0, TtlRule::Honours));
        }
        let total: f64 = caching.iter().map(|(share, _)| share).sum();
        if (total - 1.0).abs() > 1e-9 {
            section.reject("caching", format!("shares that sum to {}", sum_text(total)), "shares that sum to 1", None);
        }
        let attempts = section.section(&RETRIES).map_or(1, |mut retries| retries.count(&ATTEMPTS) as u32);
        let mut profile = Vec::new();
        for mut step in section.sections(&PROFILE) {
            let at = step.duration(&AT);
            if profile.last().is_some_and(|&(last, _)| at <= last) {
                step.reject("at", "a step that is not later than the one before", "steps in the order of time", None);
            }
            profile.push((at, step.number(&FACTOR)));
        }
        let by_hand = section.durations_by_name(&ROUND_TRIP, regions);
        let round_trip = regions
            .iter()
            .enumerate()
            .map(|(index, region)| {
                let given = by_hand.iter().find(|(region, _)| *region == index).map(|(_, time)| time.as_secs_f64());
                given.unwrap_or_else(|| network::place(region).map_or(0.0, |to| near.round_trip(to)))
            })
            .collect();
        Self {
            name,
            near,
            requests_per_second: section.number(&RATE),
            cohorts: section.count(&COHORTS) as usize,
            zipf: section.maybe_number(&ZIPF),
            caching,
            attempts,
            timeout: section.duration(&TIMEOUT),
            connection_lifetime: section.maybe_delay(&LIFETIME),
            profile,
            round_trip,
        }
    }
}

impl Parameters {
    /// The same population behind an edge, whose own resolvers honour the TTL and which keeps no connection for long.
    #[must_use]
    pub fn behind_edge(&self) -> Self {
        Self { zipf: None, caching: vec![(1.0, TtlRule::Honours)], connection_lifetime: None, ..self.clone() }
    }

    /// The same population where no resolver comes between it and the answers: it follows them at once, apart from
    /// standing connections. Without those, one cohort stands for all.
    #[must_use]
    pub fn without_cache(&self) -> Self {
        let caching = vec![(1.0, TtlRule::Cap(SimDuration::ZERO))];
        let cohorts = if self.connection_lifetime.is_some() { self.cohorts } else { 1 };
        Self { cohorts, caching, ..self.clone() }
    }
}

/// What can happen to a population.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// The cohorts that are due ask DNS again.
    Refresh,
    /// A cohort's last connections to its former endpoint have ended.
    Reconnect(u32),
    /// The load profile takes its next step.
    ProfileStep(u32),
}

/// What others may learn from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Signal {
    /// Traffic goes elsewhere.
    Moved,
    /// The offered load changed.
    LoadChanged,
}

#[derive(Debug, Clone, Copy)]
struct Cohort {
    weight: u64,
    cached: u16,
    traffic: u16,
    reconnects: Option<Handle>,
}

/// Cohorts with the same effective TTL.
#[derive(Debug, Clone)]
struct Kind {
    cohorts: std::ops::Range<usize>,
    period: u64,
    /// Phases with their cohorts; sorted when first needed in a trial.
    order: Vec<(u64, u32)>,
    sorted: bool,
    /// Position in `order` and instant of the next expiry; never while nothing can change.
    next: usize,
    next_time: SimTime,
    /// Cohorts that hold another answer than the current one.
    stale: usize,
}

/// A population's resolvers and connections.
#[derive(Debug)]
pub struct Population {
    regions: usize,
    eager: bool,
    kinds: Vec<Kind>,
    cohorts: Vec<Cohort>,
    phases: Stream,
    lifetime: Option<(Distribution, Stream)>,
    profile: Vec<(SimDuration, f64)>,
    /// Answers seen in this trial, `regions` weights each; cohorts refer to them by number.
    answers: Vec<f64>,
    /// Weight of the traffic that follows each answer.
    following: Vec<u64>,
    current: u16,
    serving: Vec<bool>,
    factor: f64,
    refresh: Option<(SimTime, Handle)>,
}

impl Population {
    /// The population's resolvers under records with this TTL.
    pub fn new(parameters: &Parameters, ttl: SimDuration, regions: usize, seed: u64, eager: bool) -> Self {
        let path = format!("clients/{}", parameters.name);
        let (cohorts, kinds) = divide(parameters, ttl);
        Self {
            regions,
            eager,
            kinds,
            cohorts,
            phases: Stream::new(StreamId::new(seed, &path, "cache-phase")),
            lifetime: parameters
                .connection_lifetime
                .clone()
                .map(|lifetime| (lifetime, Stream::new(StreamId::new(seed, &path, "connection-lifetime")))),
            profile: parameters.profile.clone(),
            answers: Vec::new(),
            following: Vec::new(),
            current: 0,
            serving: vec![true; regions],
            factor: 1.0,
            refresh: None,
        }
    }

    /// Starts a trial in which DNS has been giving this answer for long.
    pub fn begin(&mut self, trial: u64, answer: &[f64], ctx: &mut Context<'_, Event, Signal>) {
        self.phases.begin(trial);
        if let Some((_, stream)) = &mut self.lifetime {
            stream.begin(trial);
        }
        self.answers.clear();
        self.answers.extend_from_slice(answer);
        self.following.clear();
        self.following.push(WHOLE);
        self.current = 0;
        self.serving.fill(true);
        self.factor = 1.0;
        self.refresh = None;
        for kind in &mut self.kinds {
            kind.sorted = false;
            kind.stale = 0;
            kind.next_time = SimTime::NEVER;
            for (index, place) in kind.cohorts.clone().zip(&mut kind.order) {
                *place = ((self.phases.uniform() * kind.period as f64) as u64, index as u32);
                let cohort = &mut self.cohorts[index];
                (cohort.cached, cohort.traffic, cohort.reconnects) = (0, 0, None);
            }
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
            self.reschedule(ctx);
        }
    }

    /// DNS answers this population differently from now on.
    pub fn answer_changed(&mut self, answer: &[f64], ctx: &mut Context<'_, Event, Signal>) {
        let known = self.answers.chunks_exact(self.regions).position(|known| known == answer);
        let id = known.unwrap_or_else(|| {
            self.answers.extend_from_slice(answer);
            self.following.push(0);
            self.following.len() - 1
        }) as u16;
        if id == self.current {
            return;
        }
        self.current = id;
        for index in 0..self.kinds.len() {
            let cohorts = self.kinds[index].cohorts.clone();
            if self.kinds[index].period == 0 {
                for cohort in cohorts {
                    self.take_current(cohort, ctx);
                }
            } else {
                self.kinds[index].stale = self.cohorts[cohorts].iter().filter(|cohort| cohort.cached != id).count();
            }
        }
        self.wake(ctx.now());
        self.reschedule(ctx);
    }

    /// An endpoint died or serves again. Connections to a dead one break, and their clients follow their cached answer.
    pub fn set_serving(&mut self, region: usize, serving: bool, ctx: &mut Context<'_, Event, Signal>) {
        self.serving[region] = serving;
        if serving || self.lifetime.is_none() {
            return;
        }
        for index in 0..self.cohorts.len() {
            let cohort = self.cohorts[index];
            if cohort.traffic != cohort.cached && self.weight_of(cohort.traffic, region) > 0.0 {
                self.reconnect(index, ctx);
            }
        }
    }

    /// The share of this population's traffic that goes to each region.
    pub fn shares(&self, shares: &mut [f64]) {
        shares.fill(0.0);
        for (answer, &weight) in self.answers.chunks_exact(self.regions).zip(&self.following) {
            if weight > 0 {
                let weight = weight as f64 / WHOLE as f64;
                for (share, part) in shares.iter_mut().zip(answer) {
                    *share += weight * part;
                }
            }
        }
    }

    /// Present factor of the load profile.
    pub const fn factor(&self) -> f64 {
        self.factor
    }

    fn weight_of(&self, answer: u16, region: usize) -> f64 {
        self.answers[usize::from(answer) * self.regions + region]
    }

    /// Finds the next expiry of every kind that sleeps although something could change.
    fn wake(&mut self, now: SimTime) {
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

    fn reschedule(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        let next = self.kinds.iter().map(|kind| kind.next_time).min().unwrap_or(SimTime::NEVER);
        match self.refresh {
            Some((time, _)) if time == next => return,
            Some((_, handle)) => ctx.cancel(handle),
            None => {}
        }
        self.refresh = (next != SimTime::NEVER).then(|| (next, ctx.schedule_at(next, Event::Refresh)));
    }

    /// A cohort's cached answer expired: it takes what DNS answers now.
    fn take_current(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        let cohort = &mut self.cohorts[index];
        if cohort.cached == self.current {
            return;
        }
        cohort.cached = self.current;
        let Cohort { traffic, reconnects, .. } = *cohort;
        let serving = |region| self.weight_of(traffic, region) == 0.0 || self.serving[region];
        let standing = self.lifetime.is_some() && traffic != self.current && (0..self.regions).all(serving);
        match &mut self.lifetime {
            Some((lifetime, stream)) if standing => {
                if reconnects.is_none() {
                    let rest = SimDuration::from_secs_f64(lifetime.excess_quantile(stream.uniform()));
                    self.cohorts[index].reconnects = Some(ctx.schedule_in(rest, Event::Reconnect(index as u32)));
                }
            }
            _ => self.reconnect(index, ctx),
        }
    }

    /// A cohort's traffic follows its cached answer from now on.
    fn reconnect(&mut self, index: usize, ctx: &mut Context<'_, Event, Signal>) {
        let cohort = &mut self.cohorts[index];
        if let Some(handle) = cohort.reconnects.take() {
            ctx.cancel(handle);
        }
        if cohort.traffic != cohort.cached {
            self.following[usize::from(cohort.traffic)] -= cohort.weight;
            self.following[usize::from(cohort.cached)] += cohort.weight;
            cohort.traffic = cohort.cached;
            ctx.signal(Signal::Moved);
        }
    }

    fn on_refresh(&mut self, ctx: &mut Context<'_, Event, Signal>) {
        self.refresh = None;
        let now = ctx.now();
        for index in 0..self.kinds.len() {
            while self.kinds[index].next_time == now {
                let kind = &self.kinds[index];
                let (phase, cohort) = kind.order[kind.next];
                let cohort = cohort as usize;
                let was_stale = self.cohorts[cohort].cached != self.current;
                self.take_current(cohort, ctx);
                let kind = &mut self.kinds[index];
                kind.stale -= usize::from(was_stale);
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
        self.reschedule(ctx);
    }
}

impl Component for Population {
    type Event = Event;
    type Signal = Signal;

    fn handle(&mut self, event: Event, ctx: &mut Context<'_, Event, Signal>) {
        match event {
            Event::Refresh => self.on_refresh(ctx),
            Event::Reconnect(cohort) => {
                self.cohorts[cohort as usize].reconnects = None;
                self.reconnect(cohort as usize, ctx);
            }
            Event::ProfileStep(step) => {
                self.factor = self.profile[step as usize].1;
                ctx.signal(Signal::LoadChanged);
            }
        }
    }
}

/// Divides a population into cohorts: kind k gets max(1, round half up(share N)) cohorts that together weigh its share.
fn divide(parameters: &Parameters, ttl: SimDuration) -> (Vec<Cohort>, Vec<Kind>) {
    let mut cohorts = Vec::new();
    let mut kinds = Vec::new();
    let mut rest = WHOLE;
    let last = parameters.caching.len() - 1;
    for (index, &(share, rule)) in parameters.caching.iter().enumerate() {
        let count = (libm::floor(share * parameters.cohorts as f64 + 0.5) as usize).max(1);
        let weight = if index == last { rest } else { rest.min(libm::round(share * WHOLE as f64) as u64) };
        rest -= weight;
        let first = cohorts.len();
        let exponent = parameters.zipf.unwrap_or(0.0);
        let raw: Vec<f64> = (1..=count).map(|rank| libm::pow(rank as f64, -exponent)).collect();
        let sum: f64 = raw.iter().sum();
        let mut left = weight;
        for (rank, part) in raw.iter().enumerate() {
            // The last cohort takes what rounding left over, so that the kind weighs its share exactly.
            let own = libm::round(weight as f64 * (part / sum)) as u64;
            let own = if rank + 1 == count { left } else { own.min(left) };
            left -= own;
            cohorts.push(Cohort { weight: own, cached: 0, traffic: 0, reconnects: None });
        }
        kinds.push(Kind {
            cohorts: first..cohorts.len(),
            period: rule.effective(ttl).as_nanos(),
            order: vec![(0, 0); count],
            sorted: false,
            next: 0,
            next_time: SimTime::NEVER,
            stale: 0,
        });
    }
    (cohorts, kinds)
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;

    use super::*;

    const HERE: [f64; 2] = [1.0, 0.0];
    const THERE: [f64; 2] = [0.0, 1.0];

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn parameters() -> Parameters {
        Parameters {
            name: "everybody".to_owned(),
            near: &network::PLACES[0],
            requests_per_second: 100.0,
            cohorts: 50,
            zipf: None,
            caching: vec![(1.0, TtlRule::Honours)],
            attempts: 1,
            timeout: SimDuration::from_secs(60),
            connection_lifetime: None,
            profile: Vec::new(),
            round_trip: vec![0.0, 0.1],
        }
    }

    fn population(parameters: &Parameters, ttl: u64, eager: bool) -> Harness<Population> {
        let mut alone = Harness::new(Population::new(parameters, SimDuration::from_secs(ttl), 2, 1, eager));
        alone.call(|population, ctx| population.begin(0, &HERE, ctx));
        alone
    }

    fn there(alone: &Harness<Population>) -> f64 {
        let mut shares = [0.0; 2];
        alone.component().shares(&mut shares);
        assert!((shares[0] + shares[1] - 1.0).abs() < 1e-15);
        shares[1]
    }

    #[test]
    fn kinds_get_their_cohorts_and_weigh_their_share_to_the_last_unit() {
        for (cohorts, zipf, shares, counts) in [
            (200, None, vec![0.92, 0.08], vec![184, 16]),
            (200, Some(1.3), vec![1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0], vec![67, 67, 67]),
            (10, None, vec![0.97, 0.03], vec![10, 1]),
            (10, Some(0.7), vec![0.95, 0.05], vec![10, 1]),
            (3, None, vec![0.5, 0.5], vec![2, 2]),
        ] {
            let caching = shares.iter().map(|&share| (share, TtlRule::Honours)).collect();
            let (all, kinds) =
                divide(&Parameters { cohorts, zipf, caching, ..parameters() }, SimDuration::from_secs(60));
            assert_eq!(kinds.iter().map(|kind| kind.cohorts.len()).collect::<Vec<_>>(), counts);
            assert_eq!(all.iter().map(|cohort| cohort.weight).sum::<u64>(), WHOLE);
            for (kind, share) in kinds.iter().zip(shares) {
                let weights: Vec<u64> = all[kind.cohorts.clone()].iter().map(|cohort| cohort.weight).collect();
                assert!((weights.iter().sum::<u64>() as f64 / WHOLE as f64 - share).abs() < 1e-15);
                let (first, second) = (weights[0] as f64, weights.get(1).map_or(0.0, |weight| *weight as f64));
                let ratio = libm::pow(2.0, zipf.unwrap_or(0.0));
                assert!(weights.len() < 3 || (first / second - ratio).abs() < 1e-9, "{first} {second}");
            }
        }
    }

    #[test]
    fn everybody_has_moved_one_ttl_after_the_answer_changed() {
        let mut alone = population(&parameters(), 60, false);
        alone.run_until(at(100));
        alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
        assert_eq!(there(&alone), 0.0);
        alone.run_until(at(130));
        let half = there(&alone);
        assert!((0.3..0.7).contains(&half), "{half}");
        // Back again: those that have not asked meanwhile never left.
        alone.call(|population, ctx| population.answer_changed(&HERE, ctx));
        alone.run_until(at(190));
        assert_eq!(there(&alone), 0.0);
        let moved = alone.signals().len();
        alone.run_until(at(1_000));
        assert_eq!(alone.signals().len(), moved, "nothing changes while nothing changes");
    }

    #[test]
    fn a_ttl_of_zero_follows_at_once() {
        let mut alone = population(&parameters(), 0, false);
        alone.run_until(at(100));
        alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
        assert_eq!(there(&alone), 1.0);
    }

    #[test]
    fn whoever_expires_as_the_answer_changes_took_the_former_one() {
        let one = Parameters { cohorts: 1, ..parameters() };
        let mut alone = population(&one, 60, false);
        alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
        alone.run_until(at(60));
        let first = alone.signals()[0].0;
        let mut again = population(&one, 60, false);
        again.run_until(first);
        again.call(|population, ctx| population.answer_changed(&THERE, ctx));
        again.run_until(at(1_000));
        assert_eq!(again.signals(), [(first + SimDuration::from_secs(60), Signal::Moved)]);
    }

    #[test]
    fn connections_outlive_the_refresh_but_not_their_endpoint() {
        let lifetime = Distribution::constant(1_000.0).expect("a constant");
        let standing = Parameters { connection_lifetime: Some(lifetime), ..parameters() };
        let mut alone = population(&standing, 60, false);
        alone.run_until(at(100));
        alone.call(|population, ctx| population.answer_changed(&THERE, ctx));
        alone.run_until(at(200));
        let moved = there(&alone);
        assert!(moved < 0.3, "most connections are still there: {moved}");
        alone.call(|population, ctx| population.set_serving(0, false, ctx));
        assert_eq!(there(&alone), 1.0, "broken connections follow the cached answer");
        let count = alone.signals().len();
        alone.run_until(at(2_000));
        assert_eq!(alone.signals().len(), count, "nothing is left of those that were broken");
    }

    #[test]
    fn weights_of_an_answer_divide_each_cohort() {
        let mut alone = population(&parameters(), 60, false);
        alone.call(|population, ctx| population.answer_changed(&[0.25, 0.75], ctx));
        alone.run_until(at(60));
        assert!((there(&alone) - 0.75).abs() < 1e-15);
    }

    #[test]
    fn the_profile_takes_its_steps() {
        let profile = vec![(SimDuration::ZERO, 0.5), (SimDuration::from_secs(60), 2.0)];
        let mut alone = population(&Parameters { profile, ..parameters() }, 60, false);
        assert_eq!(alone.component().factor(), 0.5);
        alone.run_until(at(61));
        assert_eq!((alone.component().factor(), alone.signals()), (2.0, &[(at(60), Signal::LoadChanged)][..]));
    }

    #[test]
    fn sleeping_through_what_is_known_changes_nothing() {
        let caching = vec![
            (0.5, TtlRule::Honours),
            (0.3, TtlRule::Floor(SimDuration::from_secs(90))),
            (0.2, TtlRule::Cap(SimDuration::from_secs(7))),
        ];
        let run = |eager| {
            let mut alone = population(&Parameters { caching: caching.clone(), ..parameters() }, 60, eager);
            for step in 1..30_u64 {
                alone.run_until(at(step * step * 3));
                let answer = if step % 3 == 0 { HERE } else { THERE };
                alone.call(|population, ctx| population.answer_changed(&answer, ctx));
            }
            alone.run_until(at(4_000));
            alone.signals().to_vec()
        };
        assert_eq!(run(false), run(true));
    }
}
