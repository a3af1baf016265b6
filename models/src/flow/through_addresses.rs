//! The solution where clients walk through the addresses of an answer: see [`super::walk`].

use super::Solver;
use super::overload::{all_fail, attempts_per_request};
use super::walk::{Walk, Walks};
use crate::cause::Cause;
use crate::latency::{Mix, Path, Success, Time};

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
        walks.follow_all(population, answers, &self.flow.fronts, self.flow.shares.row_mut(population));
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
            let trip = shape.round_trip(population, region);
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
                passages.pass(journey, population, rate, &clients.in_time(&times, success.slow, laws), 0.0);
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
        self.flow.note_entering();
    }
}

#[cfg(test)]
mod tests;
