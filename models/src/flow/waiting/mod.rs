//! Flows to fronts before which requests wait.
//!
//! An attempt that arrives waits as long as the work before it takes. If its client gives it up meanwhile, it has failed, and the
//! service works on it all the same. The client makes it again one limit after it made it, where its population is led then. An
//! attempt that is rejected because no more may wait, or that fails otherwise, is made again at once. So the solver tells attempts
//! apart by their number, and each number has those that follow a failed attempt at once and those that are due after a given-up one.
//!
//! A request counts as failed when its last attempt has failed, and as succeeded when the attempt is made that will succeed: what
//! a journey offers is the sum of both.

mod attempt;
mod held;

use attempt::{Arriving, Attempt};
pub use held::{Held, Late, Room};

use super::Solver;
use super::overload::{TOLERANCE, attempts_per_request};
use crate::cause::Cause;
use crate::grid::Grid;
use crate::ids::CellId;

/// Rounds in which the share that is served in its turn is found at most.
const MOST_TURNS: usize = 100;

/// Binary digits after the first one to which the time that a request has waited counts: to 0.2 %, so that requests take few paths,
/// however long a storm lasts.
const DIGITS: u32 = 8;
/// The same where the rest of a law is worked out for each wait: to 1.6 %.
const COARSE: u32 = 5;
/// Parts at most into which the waits between two looks are divided.
const PARTS: f64 = 32.0;
/// What is shorter counts as nothing, in seconds.
const NOTHING: f64 = 1e-6;

/// A time to so many binary digits after the first one, in seconds.
fn to_digits(seconds: f64, digits: u32) -> f64 {
    // Longer than any trial.
    const LONGEST: f64 = 1e12;
    let rest = f64::MANTISSA_DIGITS - 1 - digits;
    match seconds {
        _ if seconds < NOTHING => 0.0,
        _ => f64::from_bits((seconds.min(LONGEST).to_bits() + (1 << (rest - 1))) >> rest << rest),
    }
}

/// A wait for which the rest of a law is worked out, in seconds.
pub fn coarsely(seconds: f64) -> f64 {
    to_digits(seconds, COARSE)
}

/// What one attempt meets.
#[derive(Debug, Clone, Copy, Default)]
struct Meets {
    /// Share of those that are served in their turn whose answer comes within the limit.
    in_time: f64,
    /// How long these take from the client and back, in seconds.
    mean: f64,
    /// Share of them that comes within the time that counts as up: of requests that wait for the first time, and of those of
    /// which one attempt was given up.
    within: (f64, f64),
}

/// Attempts on their way, and what meets them.
#[derive(Debug)]
pub(super) struct Waits {
    /// By population, for how long it waits for an attempt, in seconds.
    limits: Vec<f64>,
    journeys: usize,
    /// Attempts of a request at most.
    most: usize,
    /// By population; column = journey and number of the attempt that was given up: those that are due now, and those that are
    /// made now and will be given up.
    due: Grid<Late>,
    made: Grid<Late>,
    /// Row = population and journey, column = region.
    meets: Grid<Meets>,
}

impl Waits {
    /// Nothing is on its way of populations with these limits and numbers of attempts, among so many regions and journeys.
    pub(super) fn new(limits: Vec<f64>, (regions, journeys): (usize, usize), attempts: &[u32]) -> Self {
        let most = attempts.iter().copied().max().unwrap_or(1) as usize;
        let populations = limits.len();
        Self {
            limits,
            journeys,
            most,
            due: Grid::new(populations, journeys * most, Late::default()),
            made: Grid::new(populations, journeys * most, Late::default()),
            meets: Grid::new(populations * journeys, regions, Meets::default()),
        }
    }

    /// The column of attempts of this number, from 0 on, of a journey.
    const fn place(&self, journey: usize, number: usize) -> usize {
        journey * self.most + number
    }

    /// What is due of an attempt, from 0 on: none is of the first.
    fn due(&self, population: usize, journey: usize, number: usize) -> Late {
        match number.checked_sub(1) {
            Some(before) => self.due[(population, self.place(journey, before))],
            None => Late::default(),
        }
    }
}

impl Solver {
    /// Whether requests wait before fronts.
    pub const fn holds(&self) -> bool {
        self.waits.is_some()
    }

    /// Attempts of a population that are made now and will be given up, by journey and number.
    pub fn given_up(&self, population: usize) -> &[Late] {
        self.waits.as_ref().map_or(&[], |waits| waits.made.row(population))
    }

    /// So many attempts of a population were given up just now, by journey and number.
    pub fn give_up(&mut self, population: usize, due: &[Late]) {
        if let Some(waits) = &mut self.waits {
            waits.due.row_mut(population).copy_from_slice(due);
        }
    }

    /// Solves for the flows under the present fronts, chains, shares and offered loads, and what is due.
    pub(super) fn solve_waiting(&mut self, waits: &mut Waits) {
        self.look_at_times(waits);
        self.settle_loads(&|solver: &mut Self| solver.add_waiting_loads(waits));
        self.clear_flows();
        waits.made.fill(Late::default());
        for population in 0..self.shape.attempts.len() {
            for journey in 0..waits.journeys {
                for region in 0..self.shape.regions {
                    if self.flow.shares[(population, region)] > 0.0 {
                        self.add_attempts(population, journey, region, waits);
                    }
                }
                // Those whose last attempt was given up.
                let last = waits.place(journey, self.shape.attempts[population] as usize - 1);
                let Late { rate, .. } = waits.due[(population, last)];
                let result = &mut self.flow.journeys[journey];
                result.offered += rate;
                result.failed += rate;
                result.causes[Cause::Capacity.index()] += rate;
                self.flow.failed[population] += rate;
            }
        }
    }

    /// How long attempts take at each front whose needs or wait may have changed.
    fn look_at_times(&mut self, waits: &mut Waits) {
        let Self { shape, flow, chains, places, classes, class_of, stale, .. } = self;
        for (region, stale) in stale.iter_mut().enumerate() {
            let front = &flow.fronts[region];
            if !std::mem::take(stale) || front.dead {
                continue;
            }
            let wait = front.held.map_or(0.0, |held| held.waits_for());
            for population in 0..shape.attempts.len() {
                let before = shape.round_trip(population, region) + wait;
                let limit = waits.limits[population];
                let clients = &classes[class_of[population]].clients;
                for journey in 0..waits.journeys {
                    let chain = &chains[shape.chain_sets[population]][(region, journey)];
                    let cold = places.start_cold(CellId::new(region), front.cold, &chain.times);
                    let (times, laws) = (cold.as_ref().unwrap_or(&chain.times), &places.laws);
                    let left = limit - before;
                    let in_time = times.until(left, laws);
                    let mean = match in_time {
                        0.0 => 0.0,
                        1.0 => before + times.mean(laws),
                        _ => before + times.mean_until(left, laws) / in_time,
                    };
                    let up = clients.within.get(journey).copied().flatten();
                    let within = |passed: f64| match up {
                        Some(up) if in_time > 0.0 => times.until(left.min(up - passed - before), laws) / in_time,
                        _ => 1.0,
                    };
                    waits.meets[(population * waits.journeys + journey, region)] =
                        Meets { in_time, mean, within: (within(0.0), within(limit)) };
                }
            }
        }
    }

    /// What becomes of one attempt at a front where this share is served in its turn.
    fn attempt_at(&self, population: usize, journey: usize, region: usize, in_turn: f64, waits: &Waits) -> Attempt {
        let pass = self.chains[self.shape.chain_sets[population]][(region, journey)].pass;
        let in_time = waits.meets[(population * waits.journeys + journey, region)].in_time;
        Attempt::at(&self.flow.fronts[region], self.overload[region], pass, in_time, in_turn)
    }

    /// What is worked on at a front for each request that is let in, and the share that is served in its turn, if so many attempts
    /// per second reach live targets.
    fn meets(&self, region: usize, load: f64) -> (f64, f64) {
        let front = &self.flow.fronts[region];
        front.held.map_or((1.0, 1.0), |held| held.meets(load * (1.0 - self.overload[region]), front.capacity))
    }

    /// Requests of a journey that a population makes at a front.
    fn fresh(&self, population: usize, journey: usize, region: usize) -> f64 {
        self.flow.offered[population] * self.share(population, journey) * self.flow.shares[(population, region)]
    }

    /// Adds up what becomes of a population's attempts of a journey at a front.
    fn add_attempts(&mut self, population: usize, journey: usize, region: usize, waits: &mut Waits) {
        let front = self.flow.fronts[region];
        let led = self.flow.shares[(population, region)];
        let fresh = self.fresh(population, journey, region);
        let attempts = self.shape.attempts[population] as usize;
        let endpoint = self.endpoint_causes[(population, region)];
        if front.dead {
            // Every attempt there fails at once, up to the last one.
            let due: f64 = (0..attempts).map(|number| waits.due(population, journey, number).rate).sum();
            let failed = fresh + led * due;
            let result = &mut self.flow.journeys[journey];
            result.offered += failed;
            result.failed += failed;
            result.causes[endpoint.index()] += failed;
            self.flow.failed[population] += failed;
            return;
        }
        let (worked, in_turn) = self.meets(region, self.flow.load[region]);
        let attempt = self.attempt_at(population, journey, region, in_turn, waits);
        let meets = waits.meets[(population * waits.journeys + journey, region)];
        let trip = self.shape.round_trip(population, region);
        let limit = waits.limits[population];
        let (mut made, mut well, mut late, mut seconds) = (0.0, 0.0, 0.0, 0.0);
        let mut arriving = Arriving { first: Late { rate: fresh, age: 0.0 }, again: Late::default() };
        for number in 0..attempts {
            if number > 0 {
                let due = waits.due(population, journey, number);
                let due = Late { rate: led * due.rate, age: led * due.age };
                arriving = arriving.next(attempt.fails, trip + self.backoff(population, number), due);
            }
            let (rate, age) = (arriving.rate(), arriving.age());
            made += rate;
            well += rate * attempt.well;
            if attempt.well > 0.0 && rate > 0.0 {
                self.pass((population, journey, region), rate * attempt.well, age / rate, limit);
                seconds += attempt.well * (age + rate * meets.mean);
                late += attempt.well * arriving.first.rate * (1.0 - meets.within.0);
                late += attempt.well * arriving.again.rate * (1.0 - meets.within.1);
            }
            let place = waits.place(journey, number);
            let given_up = &mut waits.made[(population, place)];
            given_up.rate += attempt.given_up * rate;
            given_up.age += attempt.given_up * (age + rate * limit);
        }
        let lost = arriving.rate() * attempt.fails;
        let slow = made * attempt.slow;
        let Self { flow, chains, overload, shape, .. } = self;
        let chain = &chains[shape.chain_sets[population]][(region, journey)];
        let result = &mut flow.journeys[journey];
        result.offered += well + lost + slow;
        result.failed += lost + slow;
        result.late += late;
        result.seconds += seconds;
        result.degraded += well * chain.degraded;
        result.causes[Cause::Slow.index()] += slow;
        if lost > 0.0 {
            // In proportion to the causes of one attempt.
            let scale = lost / attempt.fails;
            let needs = chain.causes.map(|share| attempt.wanted * share);
            front.blame(&mut result.causes, scale, overload[region], &needs, endpoint);
            for &(part, share) in &chain.blames {
                flow.blamed[part] += scale * front.passes(overload[region]) * attempt.wanted * share;
            }
        }
        flow.failed[population] += lost + slow;
        let arrived = &mut flow.arrived[(region, journey)];
        arrived.0 += made;
        arrived.1 += made * attempt.fails;
        let served = made * front.passes(overload[region]) * worked;
        for &(cell, share) in &chain.counts {
            flow.counted[cell] += served * share;
        }
    }

    /// Counts how long so many requests per second take that succeed at a front after such a time, where that is asked for.
    fn pass(&mut self, (population, journey, region): (usize, usize, usize), rate: f64, passed: f64, limit: f64) {
        let Self { flow, chains, places, shape, overload, .. } = self;
        let Some(passages) = flow.ledger.passages.as_mut() else { return };
        let front = &flow.fronts[region];
        let let_in = flow.load[region] * (1.0 - overload[region]);
        let (from, to) = front.held.map_or((0.0, 0.0), |held| held.span(let_in, front.capacity));
        let trip = shape.round_trip(population, region);
        let chain = &chains[shape.chain_sets[population]][(region, journey)];
        let cold = places.start_cold(CellId::new(region), front.cold, &chain.times);
        let times = cold.as_ref().unwrap_or(&chain.times);
        // What waits grows along a straight line, so that those who arrive meanwhile wait for all times between both ends alike.
        let finest = (from.max(to) + passed) / f64::from(1 << DIGITS);
        let parts = if from == to { 1.0 } else { ((from - to).abs() / finest).ceil().clamp(1.0, PARTS) };
        for part in 0..parts as u32 {
            let wait = from + (to - from) * (f64::from(part) + 0.5) / parts;
            let after = trip + to_digits(wait + passed, DIGITS);
            let left = limit - trip - wait;
            if times.until(left, &places.laws) >= 1.0 {
                passages.pass(journey, population, rate / parts, times, after);
            } else {
                let times = times.within(limit - trip - coarsely(wait), &mut places.laws);
                passages.pass(journey, population, rate / parts, &times, after);
            }
        }
    }

    /// What a client waits on average before it makes this attempt, from 1 on, after the one before, in seconds.
    fn backoff(&self, population: usize, number: usize) -> f64 {
        let waits = &self.classes[self.class_of[population]].clients.waits;
        let until = |number: usize| waits.get(number).map_or(0.0, |wait| wait.shift + self.places.laws.mean(wait.law));
        until(number) - until(number - 1)
    }

    /// Loads of all regions under the present shares of them that are rejected.
    pub(super) fn add_waiting_loads(&mut self, waits: &Waits) {
        // Loads behind the fronts are those of calls.
        for region in 0..self.shape.regions {
            let front = self.flow.fronts[region];
            if front.dead {
                self.flow.load[region] = 0.0;
                continue;
            }
            // The newest first: the share that is served in its turn follows from the load, and what fails at a need then is tried
            // again. The search begins at the same place each time.
            let mut in_turn = 1.0;
            for _ in 0..MOST_TURNS {
                let load = self.waiting_load(region, in_turn, waits);
                self.flow.load[region] = load;
                let next = self.meets(region, load).1;
                if (next - in_turn).abs() < TOLERANCE {
                    break;
                }
                in_turn = next;
            }
        }
        self.flow.note_entering();
    }

    /// Attempts per second that reach live targets of a region where this share is served in its turn.
    fn waiting_load(&self, region: usize, in_turn: f64, waits: &Waits) -> f64 {
        let mut load = 0.0;
        for population in 0..self.shape.attempts.len() {
            let led = self.flow.shares[(population, region)];
            if led <= 0.0 {
                continue;
            }
            let attempts = self.shape.attempts[population];
            for journey in 0..waits.journeys {
                let fresh = self.fresh(population, journey, region);
                if attempts == 1 {
                    load += fresh;
                    continue;
                }
                let fails = self.attempt_at(population, journey, region, in_turn, waits).fails;
                load += fresh * attempts_per_request(fails, attempts);
                for number in 1..attempts as usize {
                    let due = waits.due(population, journey, number).rate;
                    if due > 0.0 {
                        load += led * due * attempts_per_request(fails, attempts - number as u32);
                    }
                }
            }
        }
        load * (1.0 - self.flow.fronts[region].dead_share)
    }
}
