//! Flows through `CloudFront`: hits end at the edge, misses go to an origin, and on to the second one of a group.
//!
//! The same sums as without an edge, request by request: what it makes of each is written down with its service
//! ([`crate::fronts::cloud_front`]).

use super::overload::{all_fail, attempts_per_request};
use super::{Chain, Solver};
use crate::cause::{CAUSES, Cause};
use crate::fronts::cloud_front::Plan;
use crate::latency::{Mix, Path, Success, Time};

/// One attempt of a miss.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    /// The origin that gets it first, and the share that it fails.
    first: usize,
    first_fails: f64,
    /// The origin that gets what the first one fails, and the share of that which it fails as well.
    second: Option<(usize, f64)>,
}

impl Attempt {
    /// Share of attempts that fail.
    fn fails(&self) -> f64 {
        self.second.map_or(self.first_fails, |(_, second_fails)| self.first_fails * second_fails)
    }

    /// The origin that has the last word on what fails, and the share of what reaches it that it fails.
    fn last(&self) -> (usize, f64) {
        self.second.unwrap_or((self.first, self.first_fails))
    }
}

/// What a failed attempt takes, in seconds: the way to the edge, and what the origins take to fail. The first one is so far away, and
/// dead or not.
fn takes(plan: &Plan, trip: f64, (first, dead): (f64, bool), second: Option<f64>) -> f64 {
    trip + if dead { plan.wait } else { first } + second.unwrap_or_default()
}

impl Solver {
    /// Solves for the flows under the present fronts, chains, shares and offered loads.
    pub(super) fn solve_through_edge(&mut self, plan: &Plan) {
        // What the first origin fails loads the second.
        self.settle_loads(&|solver: &mut Self| solver.add_loads(plan));
        let (regions, journeys) = (self.shape.regions, self.shape.journey_shares.len());
        self.clear_flows();
        for population in 0..self.shape.attempts.len() {
            for journey in 0..journeys {
                let requests = self.flow.offered[population] * self.share(population, journey);
                self.flow.journeys[journey].offered += requests;
                let to_origins = requests * plan.misses[journey];
                self.flow.journeys[journey].seconds += (requests - to_origins) * plan.round_trips[population];
                let mut sum = Sum::default();
                for region in 0..regions {
                    if let Some((share, attempt)) = self.attempt(plan, population, journey, region) {
                        self.add(plan, population, journey, to_origins * share, attempt, &mut sum);
                    }
                }
                let place = (population, journey);
                self.failing[place] = sum.failing(to_origins);
                sum.serve_cached_errors(&self.cached_errors[place], to_origins);
                if let Some(passages) = self.flow.ledger.passages.as_mut() {
                    let hit = Mix::of(Time::of(plan.round_trips[population]));
                    passages.pass(journey, population, requests - to_origins, &hit, 0.0);
                    for (rate, times) in &sum.ways {
                        passages.pass(journey, population, *rate, times, 0.0);
                    }
                }
                let result = &mut self.flow.journeys[journey];
                result.failed += sum.failed;
                result.degraded += sum.degraded;
                result.late += sum.late;
                for (total, part) in result.causes.iter_mut().zip(&sum.causes) {
                    *total += part;
                }
                self.flow.failed[population] += sum.failed;
                self.flow.journeys[journey].seconds += sum.latency;
            }
            if plan.origin_group.is_some() {
                self.divide_by_origin(plan, population);
            }
        }
    }

    /// One attempt of a miss whose first origin is `region`, with the share of misses that it stands for.
    fn attempt(&self, plan: &Plan, population: usize, journey: usize, region: usize) -> Option<(f64, Attempt)> {
        let fails = |region: usize| {
            let front = &self.flow.fronts[region];
            let pass = self.chain(population, region, journey).pass;
            let fails = 1.0 - front.passes(self.overload[region]) * pass;
            // Rounding may leave a hair of failure where there is none.
            if fails <= 1e-15 { 0.0 } else { fails }
        };
        let Some((first, second)) = plan.origin_group else {
            let share = self.flow.shares[(population, region)];
            let attempt = || Attempt { first: region, first_fails: fails(region), second: None };
            return (share > 0.0).then(|| (share, attempt()));
        };
        if region != first {
            return None;
        }
        let waits_too_long = self.flow.fronts[first].dead && plan.gives_up[population];
        let second = (plan.fails_over[journey] && !waits_too_long).then(|| (second, fails(second)));
        Some((1.0, Attempt { first, first_fails: fails(first), second }))
    }

    /// Attempts per miss, and the share of misses that fail for good. What finds a stale copy makes one attempt.
    fn tries(&self, plan: &Plan, population: usize, journey: usize, fails: f64) -> (f64, f64) {
        let attempts = if plan.keeps_errors[journey] { 1 } else { self.shape.attempts[population] };
        let stale = plan.stale[journey];
        (stale + (1.0 - stale) * attempts_per_request(fails, attempts), (1.0 - stale) * all_fail(fails, attempts))
    }

    /// Loads of the origins under the present shares that overload fails.
    pub(super) fn add_loads(&mut self, plan: &Plan) {
        let (regions, journeys) = (self.shape.regions, self.shape.journey_shares.len());
        // Loads behind the fronts are those of calls.
        self.flow.load[..regions].fill(0.0);
        for population in 0..self.shape.attempts.len() {
            for journey in 0..journeys {
                let requests = self.flow.offered[population] * self.share(population, journey);
                for region in 0..regions {
                    let Some((share, attempt)) = self.attempt(plan, population, journey, region) else { continue };
                    let (tries, _) = self.tries(plan, population, journey, attempt.fails());
                    let attempts = requests * plan.misses[journey] * share * tries;
                    self.flow.load[attempt.first] += attempts;
                    if let Some((second, _)) = attempt.second {
                        self.flow.load[second] += attempts * attempt.first_fails;
                    }
                }
            }
        }
        for (load, front) in self.flow.load[..regions].iter_mut().zip(&self.flow.fronts) {
            *load *= if front.dead { 0.0 } else { 1.0 - front.dead_share };
        }
        self.flow.note_entering();
    }

    /// Adds up what becomes of so many misses per second.
    fn add(&mut self, plan: &Plan, population: usize, journey: usize, misses: f64, attempt: Attempt, sum: &mut Sum) {
        let fails = attempt.fails();
        let (tries, lost) = self.tries(plan, population, journey, fails);
        let stale = plan.stale[journey] * fails;
        let (last, last_fails) = attempt.last();
        if lost > 0.0 {
            sum.failed += misses * lost;
            let cause = self.endpoint_causes[(population, last)];
            let chain = self.chain(population, last, journey);
            let front = &self.flow.fronts[last];
            let overload = self.overload[last];
            let scale = misses * lost / last_fails;
            // Who has gone before the second origin is asked has waited too long.
            let gone = front.dead && plan.gives_up[population] && plan.fails_over[journey];
            front.blame(&mut sum.causes, scale, overload, &chain.causes, if gone { Cause::Slow } else { cause });
            let served = scale * front.passes(overload);
            // Not by a method: the sums below borrow the rest of the solver.
            let chain = &self.chains[self.shape.chain_sets[population]][(last, journey)];
            for &(part, share) in &chain.blames {
                self.flow.blamed[part] += served * share;
            }
        }
        sum.degraded += misses * stale;
        let attempts = misses * tries;
        // Who serves what succeeds: the first origin, or the second one after the first has failed.
        let (first_serves, second_serves) = (1.0 - attempt.first_fails, attempt.first_fails - fails);
        let well = if fails < 1.0 { misses * (1.0 - lost - stale) / (1.0 - fails) } else { 0.0 };
        let (success, times) = self.times_through(plan, population, journey, attempt, stale);
        let slow = misses * (1.0 - lost) * success.slow;
        sum.ways.extend(times.map(|times| (misses * (1.0 - lost) - slow, times)));
        sum.failed += slow;
        sum.causes[Cause::Slow.index()] += slow;
        sum.late += misses * (1.0 - lost) * success.late;
        sum.latency += (misses * (1.0 - lost) - slow) * success.seconds;
        let first = (attempt.first, attempts, attempt.first_fails, first_serves);
        let second = attempt
            .second
            .map(|(second, second_fails)| (second, attempts * attempt.first_fails, second_fails, second_serves));
        for (region, reaching, fails, serves) in [Some(first), second].into_iter().flatten() {
            let front = &self.flow.fronts[region];
            if front.dead {
                continue;
            }
            // Not by a method: the sums below borrow the rest of the solver.
            let chain = &self.chains[self.shape.chain_sets[population]][(region, journey)];
            sum.degraded += well * serves * chain.degraded;
            let served = front.passes(self.overload[region]);
            for &(cell, share) in &chain.counts {
                self.flow.counted[cell] += reaching * served * share;
            }
            let arrived = &mut self.flow.arrived[(region, journey)];
            arrived.0 += reaching;
            arrived.1 += reaching * fails;
        }
    }

    /// What becomes of the time of misses that succeed, of which the share `stale` of all misses finds an expired copy once the
    /// origins have failed; and how long they take, where that is asked for.
    fn times_through(
        &mut self,
        plan: &Plan,
        population: usize,
        journey: usize,
        attempt: Attempt,
        stale: f64,
    ) -> (Success, Option<Mix>) {
        let Self { shape, flow, chains, places, .. } = self;
        let chain = |region: usize| &chains[shape.chain_sets[population]][(region, journey)].times;
        let trip = plan.round_trips[population];
        let to = |region: usize| shape.round_trip(population, region);
        let first = (to(attempt.first), flow.fronts[attempt.first].dead);
        let fails = attempt.fails();
        let failed = takes(plan, trip, first, attempt.second.map(|(second, _)| to(second)));
        let mut paths = Vec::with_capacity(4);
        let mut serve = |region: usize, share: f64, before: f64| {
            paths.extend(chain(region).paths().iter().map(|path| Path {
                weight: share * path.weight,
                time: Time { shift: path.time.shift + before, ..path.time },
            }));
        };
        serve(attempt.first, 1.0 - attempt.first_fails, trip + to(attempt.first));
        if let Some((second, _)) = attempt.second {
            let before = takes(plan, trip, first, None) + to(second);
            serve(second, attempt.first_fails - fails, before);
        }
        let served = Mix::made_of(&paths, &places.laws);
        let (_, lost) = self.tries(plan, population, journey, fails);
        let laws = &mut self.places.laws;
        let clients = &self.classes[self.class_of[population]].clients;
        let q = if plan.keeps_errors[journey] { 0.0 } else { fails };
        let from_edge = if lost < 1.0 { stale / (1.0 - lost) } else { 0.0 };
        if clients.exact() {
            let row = |count: u32, _: &mut _| Mix::of(Time::of(f64::from(count) * failed));
            let mut times = clients.tries(q, &served, laws, row);
            times.or(from_edge, &Mix::of(Time::of(failed)), laws);
            let success = clients.judge(journey, &times, laws);
            let way = clients.alone.map(|_| clients.in_time(&times, success.slow, laws));
            return (success, way);
        }
        let (tries, waits) = clients.before(q, laws);
        let seconds = served.mean(laws) + tries * failed + waits;
        (Success { seconds: seconds * (1.0 - from_edge) + failed * from_edge, ..Success::default() }, None)
    }

    /// What the needs of a journey do to a population's requests at a region.
    fn chain(&self, population: usize, region: usize, journey: usize) -> &Chain {
        &self.chains[self.shape.chain_sets[population]][(region, journey)]
    }

    /// Behind an origin group nobody follows DNS: a population's traffic is where its misses end up.
    fn divide_by_origin(&mut self, plan: &Plan, population: usize) {
        let Some((first, second)) = plan.origin_group else { return };
        let (mut all, mut moved) = (0.0, 0.0);
        for (journey, share) in self.shape.journey_shares.iter().enumerate() {
            let misses = share * plan.misses[journey];
            all += misses;
            if let Some((_, attempt)) = self.attempt(plan, population, journey, first)
                && attempt.second.is_some()
            {
                moved += misses * attempt.first_fails;
            }
        }
        let moved = if all > 0.0 { moved / all } else { 0.0 };
        let shares = self.flow.shares.row_mut(population);
        shares.fill(0.0);
        shares[first] = 1.0 - moved;
        shares[second] = moved;
    }
}

/// What becomes of one population's misses of one journey.
#[derive(Debug, Default)]
struct Sum {
    failed: f64,
    causes: [f64; CAUSES],
    degraded: f64,
    late: f64,
    latency: f64,
    /// Requests per second that succeed, and how long they take, where that is asked for.
    ways: Vec<(f64, Mix)>,
}

impl Sum {
    /// The share of misses that the origins fail, and the cause of most of it.
    fn failing(&self, misses: f64) -> (f64, Cause) {
        if misses <= 0.0 {
            return (0.0, Cause::Detection);
        }
        let mut most = Cause::Detection;
        for cause in Cause::ALL {
            if self.causes[cause.index()] > self.causes[most.index()] {
                most = cause;
            }
        }
        (self.failed / misses, most)
    }

    /// Of what would succeed, this share of misses meets a cached error instead.
    fn serve_cached_errors(&mut self, cached: &[f64; CAUSES], misses: f64) {
        let share: f64 = cached.iter().sum();
        let well = misses - self.failed;
        if share <= 0.0 || well <= 0.0 {
            return;
        }
        let met = (share * misses).min(well);
        self.failed += met;
        for (sum, part) in self.causes.iter_mut().zip(cached) {
            *sum += met * part / share;
        }
        let left = 1.0 - met / well;
        self.degraded *= left;
        self.late *= left;
        self.latency *= left;
        self.ways.iter_mut().for_each(|(rate, _)| *rate *= left);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Front, Shape};
    use super::*;

    const RATE: f64 = 1_000.0;

    fn plan() -> Plan {
        Plan {
            misses: vec![0.25, 1.0],
            stale: vec![0.0, 0.0],
            keeps_errors: vec![false, false],
            fails_over: vec![true, false],
            origin_group: Some((0, 1)),
            wait: 30.0,
            gives_up: vec![false],
            round_trips: vec![0.004],
        }
    }

    /// One population that offers 1,000 requests/s, 60 % of them reads and 40 % writes, to two regions without compute.
    fn solver(plan: Plan, attempts: u32) -> Solver {
        let mut solver = Solver::new(Shape {
            regions: 2,
            journey_shares: vec![0.6, 0.4],
            attempts: vec![attempts],
            round_trips: vec![vec![0.01, 0.1]],
            stores: 0,
            chain_sets: vec![0],
            edge: Some(plan),
            ..Shape::default()
        });
        solver.flow.offered = vec![RATE];
        solver.flow.shares.cells_mut().copy_from_slice(&[1.0, 0.0]);
        for chain in solver.chains[0].cells_mut() {
            chain.pass = 1.0;
        }
        solver.endpoint_causes.fill(Cause::NoPath);
        solver
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9 * (1.0 + b.abs()), "{a} is not {b}");
    }

    #[test]
    fn a_dead_first_origin_costs_reads_a_wait_and_writes_everything() {
        let mut solver = solver(plan(), 1);
        solver.flow.fronts[0].dead = true;
        solver.solve();
        let [reads, writes] = &solver.flow.journeys[..] else { panic!() };
        assert_eq!((reads.failed, writes.failed), (0.0, 400.0));
        assert_eq!(writes.causes[Cause::NoPath.index()], 400.0);
        near(solver.flow.load[1], 600.0 * 0.25);
        // 450 hits at 4 ms, 150 misses after these, 30 s and 100 ms.
        near(solver.flow.latency_sum(), 450.0 * 0.004 + 150.0 * 30.104);
        // 150 of the 550 misses have moved.
        near(solver.flow.shares[(0, 1)], 150.0 / 550.0);
    }

    #[test]
    fn impatient_clients_have_gone_before_the_second_origin_is_asked() {
        let mut solver = solver(Plan { gives_up: vec![true], ..plan() }, 1);
        solver.flow.fronts[0].dead = true;
        solver.solve();
        assert_eq!(solver.flow.journeys[0].causes[Cause::Slow.index()], 150.0);
        // An error comes at once: nobody waits.
        solver.flow.fronts[0].dead = false;
        solver.flow.fronts[0].gray = 1.0;
        solver.solve();
        assert_eq!(solver.flow.journeys[0].failed, 0.0);
    }

    #[test]
    fn both_origins_fail_a_read_with_the_product_and_the_second_has_the_last_word() {
        let mut solver = solver(plan(), 2);
        solver.flow.fronts[0].gray = 0.5;
        solver.flow.fronts[1].dead_share = 0.2;
        solver.solve();
        let [reads, writes] = &solver.flow.journeys[..] else { panic!() };
        near(reads.failed, 150.0 * 0.1 * 0.1);
        near(reads.causes[Cause::Targets.index()], 1.5);
        near(writes.failed, 400.0 * 0.25);
        near(writes.causes[Cause::NoPath.index()], 100.0);
        // Two attempts: 150 x 1.1 reads and 400 x 1.5 writes reach the first origin, half of the reads' the second.
        near(solver.flow.load[0], 150.0 * 1.1 + 400.0 * 1.5);
        near(solver.flow.load[1], 150.0 * 1.1 * 0.5 * 0.8);
        // Their balancers count attempts: half of the first one's fail, a fifth of the second one's.
        near(solver.flow.arrived[(0, 0)].0, 150.0 * 1.1);
        near(solver.flow.arrived[(0, 0)].1, 150.0 * 1.1 * 0.5);
        near(solver.flow.arrived[(1, 0)].0, 150.0 * 1.1 * 0.5);
        near(solver.flow.arrived[(1, 0)].1, 150.0 * 1.1 * 0.5 * 0.2);
    }

    #[test]
    fn what_overloads_the_first_origin_spills_over_to_the_second() {
        let mut solver = solver(plan(), 1);
        solver.flow.fronts[0].capacity = 275.0;
        solver.solve();
        // L = 550 at the first, of which half succeeds; the reads' other half goes on.
        near(solver.overload[0], 0.5);
        near(solver.flow.load[1], 75.0);
        near(solver.flow.journeys[0].failed, 0.0);
        near(solver.flow.journeys[1].causes[Cause::Capacity.index()], 200.0);
    }

    #[test]
    fn a_first_origin_that_refuses_serves_its_capacity_however_often_it_is_asked() {
        for attempts in [1, 3] {
            let mut solver = solver(plan(), attempts);
            solver.flow.fronts[0] = Front { capacity: 275.0, ceiling: Some(1_000.0), ..Front::default() };
            solver.solve();
            let (served, spilt) = (solver.flow.load[0] * (1.0 - solver.overload[0]), solver.flow.load[1]);
            near(served, 275.0);
            // Reads are asked once, and what the first fails of them the second serves; writes are tried again.
            let refused = solver.overload[0];
            near(spilt, 150.0 * refused);
            near(solver.flow.journeys[0].failed, 0.0);
            near(solver.flow.journeys[1].failed, 400.0 * refused.powi(attempts.cast_signed()));
            near(solver.demand(0), 550.0);
        }
    }

    #[test]
    fn without_a_group_misses_go_where_dns_leads_them() {
        let mut solver = solver(Plan { origin_group: None, fails_over: vec![false; 2], ..plan() }, 1);
        solver.flow.shares.cells_mut().copy_from_slice(&[0.75, 0.25]);
        solver.flow.fronts[0].dead = true;
        solver.endpoint_causes.cells_mut().copy_from_slice(&[Cause::DnsCache, Cause::NoPath]);
        solver.solve();
        near(solver.flow.journeys[0].causes[Cause::DnsCache.index()], 150.0 * 0.75);
        near(solver.flow.journeys[1].causes[Cause::DnsCache.index()], 400.0 * 0.75);
        near(solver.flow.load[1], 550.0 * 0.25);
        assert_eq!(solver.flow.failed, [550.0 * 0.75]);
    }

    #[test]
    fn an_edge_that_never_hits_changes_nothing() {
        let round_trips = vec![0.0];
        let no_edge =
            Plan { misses: vec![1.0; 2], origin_group: None, fails_over: vec![false; 2], round_trips, ..plan() };
        let mut through = solver(no_edge, 3);
        let mut direct = Solver::new(Shape { edge: None, ..through.shape.clone() });
        direct.chains.clone_from(&through.chains);
        direct.endpoint_causes.clone_from(&through.endpoint_causes);
        for solver in [&mut through, &mut direct] {
            solver.flow.offered = vec![RATE];
            solver.flow.shares.cells_mut().copy_from_slice(&[0.6, 0.4]);
            solver.flow.fronts[0] =
                Front { gray: 0.1, dead_share: 0.2, capacity: 500.0, kappa: 0.5, floor: 0.1, ..Front::default() };
            solver.everything_changed();
            solver.solve();
        }
        for (one, other) in through.flow.journeys.iter().zip(&direct.flow.journeys) {
            near(one.failed, other.failed);
            for (one, other) in one.causes.iter().zip(&other.causes) {
                near(*one, *other);
            }
        }
        near(through.flow.load[0], direct.flow.load[0]);
        near(through.flow.latency_sum(), direct.flow.latency_sum());
        near(through.flow.arrived[(0, 0)].1, direct.flow.arrived[(0, 0)].1);
    }

    #[test]
    fn stale_copies_save_their_share_and_count_as_degraded() {
        let mut solver =
            solver(Plan { stale: vec![0.4, 0.0], origin_group: None, fails_over: vec![false; 2], ..plan() }, 2);
        solver.flow.fronts[0].gray = 0.5;
        solver.solve();
        let reads = &solver.flow.journeys[0];
        // 60 of 150 misses have a copy: half of them need it. The other 90 try twice.
        near(reads.degraded, 30.0);
        near(reads.failed, 90.0 * 0.25);
        near(solver.flow.load[0], 60.0 + 90.0 * 1.5 + 400.0 * 1.5);
    }

    #[test]
    fn a_cached_error_defeats_retries_and_lingers() {
        let keeps = Plan { keeps_errors: vec![true, false], origin_group: None, fails_over: vec![false; 2], ..plan() };
        let mut solver = solver(keeps, 3);
        solver.flow.fronts[0].gray = 0.5;
        solver.solve();
        near(solver.flow.journeys[0].failed, 75.0);
        near(solver.flow.journeys[1].failed, 400.0 * 0.125);
        near(solver.failing[(0, 0)].0, 0.5);
        // The origin is well again, but a fifth of the misses meets an error that the edge has kept.
        solver.flow.fronts[0].gray = 0.0;
        solver.cached_errors[(0, 0)][Cause::Detection.index()] = 0.2;
        solver.solve();
        assert_eq!(solver.failing[(0, 0)].0, 0.0);
        near(solver.flow.journeys[0].failed, 30.0);
        near(solver.flow.journeys[0].causes[Cause::Detection.index()], 30.0);
        near(solver.flow.latency_sum(), 450.0 * 0.004 + 120.0 * 0.014 + 400.0 * 0.014);
    }
}
