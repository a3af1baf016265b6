//! Flows to answers of several addresses: a client tries them in random order, and goes on from one that is dead.
//!
//! Policy `multivalue` answers with up to [`ADDRESSES`] addresses. A dead one costs the client its time to connect; one that
//! answers, if only with an error, ends the walk. One attempt of a request is one walk, so that a retry may find another
//! region. A walk fails where all of its addresses are dead. Where it has waited for longer than clients do before one of
//! them answers, the request has failed as slow: nothing is tried again.

use super::Front;
use super::overload::{all_fail, attempts_per_request};
use super::solver::Solver;
use crate::aws::route53::zone::Columns;
use crate::cause::Cause;
use crate::latency::{Mix, Path, Success, Time};

/// Addresses in one answer at most (documented). Where there are more endpoints, resolvers get different ones of them.
pub const ADDRESSES: usize = 8;

/// How a population goes through the addresses of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// What a dead address costs, in seconds.
    pub connect: f64,
    /// Dead addresses after which a client has not given up yet.
    pub outlasts: usize,
}

/// The walks of those who follow one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Walk {
    /// Share of the population.
    weight: f64,
    /// Share of walks that end at each live address in time.
    live: f64,
    /// Share of walks that find all of their addresses dead, for each dead one.
    dead: f64,
    /// Share of walks that would find a live address too late.
    late: f64,
    /// Share of walks that end at each live address in time after so many dead ones.
    ends: [f64; ADDRESSES],
    /// What a walk takes that finds all of its addresses dead, in seconds.
    in_vain: f64,
}

impl Walk {
    /// Walks over so many addresses, of which an answer has at most [`ADDRESSES`], in random order.
    fn over(live: usize, dead: usize, weight: f64, steps: Steps) -> Self {
        let all = live + dead;
        let mut walk = Self { weight, ..Self::default() };
        // P(the first `met` addresses are dead).
        let mut met_dead = 1.0;
        for met in 0..all.min(ADDRESSES) {
            let next_dead = met_dead * dead.saturating_sub(met) as f64 / (all - met) as f64;
            let ends_here = met_dead - next_dead;
            if met <= steps.outlasts {
                walk.live += ends_here;
                walk.ends[met] = if live > 0 { ends_here / live as f64 } else { 0.0 };
            } else {
                walk.late += ends_here;
            }
            met_dead = next_dead;
        }
        let each = |share: f64, count: usize| if count > 0 { share / count as f64 } else { 0.0 };
        let in_vain = all.min(ADDRESSES) as f64 * steps.connect;
        Self { live: each(walk.live, live), dead: each(met_dead, dead), in_vain, ..walk }
    }

    /// What walks to each live address have waited on average, times their share, in seconds.
    fn waited(&self, connect: f64) -> f64 {
        self.ends.iter().enumerate().map(|(met, share)| share * met as f64 * connect).sum()
    }
}

/// Which answers every population follows, and how it walks through them.
#[derive(Debug)]
pub(super) struct Walks {
    regions: usize,
    /// By population.
    steps: Vec<Steps>,
    each: Vec<Vec<Walk>>,
    /// By population, for each of its walks and each region whether that is in the answer.
    members: Vec<Vec<bool>>,
    /// What records answer with several addresses, where not all that one is led to is in one answer.
    columns: Columns,
    /// Memory for one answer.
    answer: Vec<f64>,
}

impl Walks {
    /// Walks of populations with these steps among so many regions.
    pub(super) fn new(steps: Vec<Steps>, regions: usize, columns: Columns) -> Self {
        let count = steps.len();
        let (each, members) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        Self { regions, steps, each, members, columns, answer: vec![0.0; regions] }
    }

    /// A population, or a part of it with this weight, goes through the addresses that have a part of this answer; its traffic
    /// comes on top of `shares`.
    fn follow(&mut self, population: usize, weight: f64, answer: &[f64], fronts: &[Front], shares: &mut [f64]) {
        let members = || answer.iter().zip(fronts).filter(|(part, _)| **part > 0.0);
        let dead = members().filter(|(_, front)| front.dead).count();
        let live = members().count() - dead;
        let walk = Walk::over(live, dead, weight, self.steps[population]);
        for ((share, part), front) in shares.iter_mut().zip(answer).zip(fronts) {
            // Who gives up is at a dead address then.
            let ends = if front.dead { walk.dead + walk.late / dead as f64 } else { walk.live };
            *share += if *part > 0.0 { weight * ends } else { 0.0 };
        }
        self.each[population].push(walk);
        self.members[population].extend(answer.iter().map(|part| *part > 0.0));
    }

    /// The same of an answer with columns behind the places: each place by itself is an answer with one address, and so is
    /// what each record answers with several.
    fn follow_in_tree(&mut self, population: usize, weight: f64, answer: &[f64], fronts: &[Front], shares: &mut [f64]) {
        let mut one = std::mem::take(&mut self.answer);
        let (places, columns) = answer.split_at(self.regions);
        for (place, part) in places.iter().enumerate().filter(|(_, part)| **part > 0.0) {
            one.fill(0.0);
            one[place] = 1.0;
            self.follow(population, weight * part, &one, fronts, shares);
        }
        let mut first = 0;
        for record in 0..self.columns.sizes.len() {
            let next = first + self.columns.sizes[record];
            let part: f64 = columns[first..next].iter().sum();
            if part > 0.0 {
                one.fill(0.0);
                // An address that is there twice is one address.
                for (place, part) in self.columns.places[first..next].iter().zip(&columns[first..next]) {
                    one[place.index()] += part;
                }
                self.follow(population, weight * part, &one, fronts, shares);
            }
            first = next;
        }
        self.answer = one;
    }

    /// The walks of a population, each with the regions that its answer has.
    fn of(&self, population: usize) -> impl Iterator<Item = (&Walk, &[bool])> {
        self.each[population].iter().zip(self.members[population].chunks_exact(self.regions))
    }
}

/// What becomes of one attempt of a journey.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    /// Share after which there may be another attempt.
    fails: f64,
    /// Attempts per request.
    tries: f64,
}

impl Solver {
    /// Whether clients go on from addresses that are dead, so that [`Solver::follow`] has to be told.
    pub const fn walks(&self) -> bool {
        self.walks.is_some()
    }

    /// From now on traffic of a population follows these answers, each with its share of the population.
    pub fn follow<'a>(&mut self, population: usize, answers: impl Iterator<Item = (f64, &'a [f64])>) {
        let Some(walks) = &mut self.walks else { return };
        let fronts = &self.flow.fronts;
        let shares = self.flow.shares.row_mut(population);
        shares.fill(0.0);
        walks.each[population].clear();
        walks.members[population].clear();
        for (weight, answer) in answers {
            if answer.len() > walks.regions {
                walks.follow_in_tree(population, weight, answer, fronts, shares);
            } else {
                walks.follow(population, weight, answer, fronts, shares);
            }
        }
    }

    /// Solves for the flows under the present fronts, chains, answers and offered loads.
    pub(super) fn solve_walking(&mut self, walks: &Walks) {
        self.settle_loads(&|solver: &mut Self| solver.add_walking_loads(walks));
        self.clear_flows();
        for population in 0..self.shape.attempts.len() {
            for (walk, members) in walks.of(population) {
                for journey in 0..self.shape.journey_shares.len() {
                    let requests = walk.weight * self.flow.offered[population] * self.share(population, journey);
                    self.add_walks(population, journey, requests, walk, members);
                }
            }
        }
    }

    /// Share of a journey in the requests of a population at the name that it asks for.
    pub(super) fn share(&self, population: usize, journey: usize) -> f64 {
        self.shares[(self.shape.chain_sets[population], journey)]
    }

    /// Adds up what becomes of so many requests per second of a journey.
    fn add_walks(&mut self, population: usize, journey: usize, requests: f64, walk: &Walk, members: &[bool]) {
        let regions = self.shape.regions;
        let attempt = self.attempt_of(population, journey, walk, members);
        let attempts = requests * attempt.tries;
        let lost = requests * all_fail(attempt.fails, self.shape.attempts[population]);
        let well = requests - lost - attempts * walk.late;
        let success = self.times_of((population, journey), walk, members, attempt.fails, |slow| well * (1.0 - slow));
        let late = attempts * walk.late + well * success.slow;
        self.flow.journeys[journey].seconds += well * (1.0 - success.slow) * success.seconds;
        let result = &mut self.flow.journeys[journey];
        result.offered += requests;
        result.failed += lost + late;
        result.late += well * success.late;
        result.causes[Cause::Slow.index()] += late;
        self.flow.failed[population] += lost + late;
        // Causes are in proportion to those of one attempt.
        let scale = if attempt.fails > 0.0 { lost / attempt.fails } else { 0.0 };
        for region in (0..regions).filter(|&region| members[region]) {
            let front = self.flow.fronts[region];
            let cause = self.endpoint_causes[(population, region)];
            if front.dead {
                self.flow.journeys[journey].causes[cause.index()] += scale * walk.dead;
                continue;
            }
            let shed = self.overload[region];
            let chain = &self.chains[self.shape.chain_sets[population]][(region, journey)];
            let passes = front.passes(shed) * chain.pass;
            let result = &mut self.flow.journeys[journey];
            front.blame(&mut result.causes, scale * walk.live, shed, &chain.causes, cause);
            for &(part, share) in &chain.blames {
                self.flow.blamed[part] += scale * walk.live * front.passes(shed) * share;
            }
            let reaching = attempts * walk.live;
            let well = reaching * passes;
            result.degraded += well * (1.0 - success.slow) * chain.degraded;
            for &(cell, share) in &chain.counts {
                self.flow.counted[cell] += reaching * front.passes(shed) * share;
            }
            let arrived = &mut self.flow.arrived[(region, journey)];
            arrived.0 += reaching;
            arrived.1 += reaching - well;
        }
    }

    /// What becomes of the time of requests whose walks fail with `q`; `requests` says how many per second succeed if so large a
    /// share of them comes too late.
    fn times_of(
        &mut self,
        (population, journey): (usize, usize),
        walk: &Walk,
        members: &[bool],
        q: f64,
        requests: impl Fn(f64) -> f64,
    ) -> Success {
        let Self { shape, flow, overload, chains, places, classes, class_of, .. } = self;
        let clients = &classes[class_of[population]].clients;
        let connect = shape.steps.as_ref().map_or(0.0, |steps| steps[population].connect);
        let laws = &mut places.laws;
        let live = (0..shape.regions).filter(|&region| members[region] && !flow.fronts[region].dead);
        let (mut well, mut seconds) = (0.0, 0.0);
        // Of tries that fail: the share, and what they take.
        let (mut failing, mut lost) = (0.0, 0.0);
        let (mut served, mut failed) = (Vec::new(), Vec::new());
        let exact = clients.exact();
        let dead_before = walk.waited(connect);
        for region in live {
            let chain = &chains[shape.chain_sets[population]][(region, journey)];
            let passes = flow.fronts[region].passes(overload[region]) * chain.pass;
            let trip = shape.round_trips[population][region];
            let waited = dead_before + walk.live * trip;
            well += walk.live * passes;
            seconds += passes * (waited + walk.live * chain.times.mean(laws));
            failing += walk.live * (1.0 - passes);
            lost += (1.0 - passes) * waited;
            if !exact {
                continue;
            }
            for (met, share) in walk.ends.iter().enumerate().filter(|(_, share)| **share > 0.0) {
                let before = met as f64 * connect + trip;
                failed.push(Path { weight: share * (1.0 - passes), time: Time::of(before) });
                served.extend(chain.times.paths().iter().map(|path| Path {
                    weight: share * passes * path.weight,
                    time: Time { shift: path.time.shift + before, ..path.time },
                }));
            }
        }
        let in_vain = walk.dead * (0..shape.regions).filter(|&r| members[r] && flow.fronts[r].dead).count() as f64;
        (failing, lost) = (failing + in_vain, lost + in_vain * walk.in_vain);
        if well <= 0.0 {
            return Success::default();
        }
        if exact {
            failed.push(Path { weight: in_vain, time: Time::of(walk.in_vain) });
            let failed = Mix::made_of(&failed, laws);
            let times = clients.tries(q, &Mix::made_of(&served, laws), laws, |count, laws| {
                let mut row = failed.clone();
                (1..count).for_each(|_| row.then(&failed, laws));
                row
            });
            let success = clients.judge(journey, &times, laws);
            if let Some(passages) = flow.ledger.passages.as_mut() {
                let rate = requests(success.slow);
                passages.pass(journey, population, rate, &clients.in_time(&times, success.slow, laws));
            }
            return success;
        }
        let (tries, waits) = clients.before(q, laws);
        let each = if failing > 0.0 { lost / failing } else { 0.0 };
        Success { seconds: seconds / well + tries * each + waits, ..Success::default() }
    }

    /// What becomes of one attempt of a journey, with the attempts that it takes.
    fn attempt_of(&self, population: usize, journey: usize, walk: &Walk, members: &[bool]) -> Attempt {
        let chains = &self.chains[self.shape.chain_sets[population]];
        let passes = |region: usize| {
            let shed = self.overload[region];
            self.flow.fronts[region].passes(shed) * chains[(region, journey)].pass
        };
        let succeeds = walk.live * (0..self.shape.regions).filter(|&region| members[region]).map(passes).sum::<f64>();
        let fails = 1.0 - succeeds - walk.late;
        // Rounding may leave a hair of failure where there is none.
        let fails = if fails <= 1e-15 { 0.0 } else { fails };
        Attempt { fails, tries: attempts_per_request(fails, self.shape.attempts[population]) }
    }

    /// Loads of all regions under the present shares of them that overload fails.
    pub(super) fn add_walking_loads(&mut self, walks: &Walks) {
        let regions = self.shape.regions;
        // Loads behind the fronts are those of calls.
        self.flow.load[..regions].fill(0.0);
        for population in 0..self.shape.attempts.len() {
            for (walk, members) in walks.of(population) {
                for journey in 0..self.shape.journey_shares.len() {
                    let requests = walk.weight * self.flow.offered[population] * self.share(population, journey);
                    let attempts = requests * self.attempt_of(population, journey, walk, members).tries;
                    for (load, _) in self.flow.load.iter_mut().zip(members).filter(|(_, member)| **member) {
                        *load += attempts * walk.live;
                    }
                }
            }
        }
        for (load, front) in self.flow.load[..regions].iter_mut().zip(&self.flow.fronts) {
            *load *= if front.dead { 0.0 } else { 1.0 - front.dead_share };
        }
    }
}

#[cfg(test)]
mod tests;
