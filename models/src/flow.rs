//! The flow solver: how much traffic of each journey goes where at this instant, what succeeds, and why the rest fails.
//!
//! A pure function of the state, apart from one memory: the share of requests that an overloaded region fails is the
//! fixed point that is reached from the previous one, so that a retry storm can hold a region down after its cause is
//! gone (design 5.4).

use crate::cause::{CAUSES, Cause};

/// A region as its requests meet it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Front {
    /// Nothing answers: a black hole.
    pub dead: bool,
    /// Share of requests that a gray failure fails.
    pub gray: f64,
    /// Share of requests that meet a dead target.
    pub dead_share: f64,
    /// Requests per second that the live targets carry; infinite without `[compute]`.
    pub capacity: f64,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of the capacity that is left under any overload.
    pub floor: f64,
}

impl Default for Front {
    fn default() -> Self {
        Self { dead: false, gray: 0.0, dead_share: 0.0, capacity: f64::INFINITY, kappa: 0.0, floor: 0.0 }
    }
}

impl Front {
    /// Share of requests that overload fails: f = 1 - goodput(L) / L, with goodput(L) = L up to the capacity C and
    /// C max(floor, 1 - kappa (L / C - 1)) above it.
    pub fn overload(&self, load: f64) -> f64 {
        if load <= self.capacity {
            return 0.0;
        }
        if self.capacity <= 0.0 {
            return 1.0;
        }
        let left = (1.0 - self.kappa * (load / self.capacity - 1.0)).max(self.floor);
        1.0 - self.capacity * left / load
    }
}

/// What the needs of a journey do to requests of one region that got past its targets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chain {
    /// Share that passes all hard needs.
    pub pass: f64,
    /// Share that fails, by cause.
    pub causes: [f64; CAUSES],
    /// Share that passes but for whom a soft need failed.
    pub degraded: f64,
    /// For each write: the store, the region whose copy takes it, and the share that reaches and passes it.
    pub writes: Vec<(usize, usize, f64)>,
}

/// Flow of one journey, in requests per second.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct JourneyFlow {
    /// What clients offer.
    pub offered: f64,
    /// What fails after all attempts.
    pub failed: f64,
    /// What fails, by cause.
    pub causes: [f64; CAUSES],
    /// What succeeds although a soft need failed.
    pub degraded: f64,
}

impl JourneyFlow {
    /// S(t): succeeded over offered; 1 if nothing is offered.
    pub fn success(&self) -> f64 {
        if self.offered > 0.0 { 1.0 - self.failed / self.offered } else { 1.0 }
    }
}

/// All flows at one instant.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// Number of regions.
    pub regions: usize,
    /// By journey.
    pub journeys: Vec<JourneyFlow>,
    /// Offered by population.
    pub offered: Vec<f64>,
    /// Failed by population.
    pub failed: Vec<f64>,
    /// Share of a population's traffic that goes to a region: row = population.
    pub shares: Vec<f64>,
    /// Attempts that reach live targets, by region.
    pub load: Vec<f64>,
    /// What requests meet, by region.
    pub fronts: Vec<Front>,
    /// Requests that reach a region's front: row = region, column = journey; offered and failed.
    pub arrived: Vec<(f64, f64)>,
    /// Acknowledged writes per second: row = store, column = the region whose copy takes them.
    pub acknowledged: Vec<f64>,
    /// Sum over succeeding requests of their round-trip time.
    pub latency_sum: f64,
}

impl Flow {
    /// Mean round-trip time of succeeding requests in seconds, if any succeed.
    pub fn mean_latency(&self) -> Option<f64> {
        let succeeded: f64 = self.journeys.iter().map(|journey| journey.offered - journey.failed).sum();
        (succeeded > 0.0).then(|| self.latency_sum / succeeded)
    }

    /// Load over capacity of a region; 0 where there is neither.
    pub fn utilization(&self, region: usize) -> f64 {
        let capacity = self.fronts[region].capacity;
        if capacity > 0.0 && capacity.is_finite() { self.load[region] / capacity } else { 0.0 }
    }
}

/// What the solver needs to know of the experiment.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Number of regions.
    pub regions: usize,
    /// Share of each journey in all requests.
    pub journey_shares: Vec<f64>,
    /// Attempts per request, by population.
    pub attempts: Vec<u32>,
    /// Round-trip times in seconds: row = population, column = region.
    pub round_trips: Vec<Vec<f64>>,
    /// Number of stores.
    pub stores: usize,
}

/// The solver with its inputs, its memory and its result.
#[derive(Debug)]
pub struct Solver {
    shape: Shape,
    retrying: bool,
    /// Needs: row = region, column = journey.
    pub chains: Vec<Chain>,
    /// Why requests fail at a dead or gray endpoint: row = population, column = region.
    pub endpoint_causes: Vec<Cause>,
    /// The memory: share of requests that overload fails, by region.
    pub overload: Vec<f64>,
    /// The result, and what the next one starts from.
    pub flow: Flow,
}

/// Sum of q^i for i below `attempts`: attempts per request.
fn attempts_per_request(q: f64, attempts: u32) -> f64 {
    let mut sum = 1.0;
    let mut power = 1.0;
    for _ in 1..attempts {
        power *= q;
        sum += power;
    }
    sum
}

/// q^attempts.
fn all_fail(q: f64, attempts: u32) -> f64 {
    let mut power = q;
    for _ in 1..attempts {
        power *= q;
    }
    power
}

/// The fixed point counts as reached when it moves less than this (design 5.4).
const TOLERANCE: f64 = 1e-12;
/// A bound on the iterations. The map is monotone and bounded, so it converges; near a fold it may take long.
const MOST_ITERATIONS: usize = 100_000;

impl Solver {
    /// A solver for an experiment of this shape; all is well.
    pub fn new(shape: Shape) -> Self {
        let (regions, journeys, populations) = (shape.regions, shape.journey_shares.len(), shape.attempts.len());
        let flow = Flow {
            regions,
            journeys: vec![JourneyFlow::default(); journeys],
            offered: vec![0.0; populations],
            failed: vec![0.0; populations],
            shares: vec![0.0; populations * regions],
            load: vec![0.0; regions],
            fronts: vec![Front::default(); regions],
            arrived: vec![(0.0, 0.0); regions * journeys],
            acknowledged: vec![0.0; shape.stores * regions],
            latency_sum: 0.0,
        };
        Self {
            retrying: shape.attempts.iter().any(|&attempts| attempts > 1),
            chains: vec![Chain::default(); regions * journeys],
            endpoint_causes: vec![Cause::Detection; populations * regions],
            overload: vec![0.0; regions],
            flow,
            shape,
        }
    }

    /// Solves for the flows under the present fronts, chains, shares and offered loads.
    pub fn solve(&mut self) {
        let (regions, journeys) = (self.shape.regions, self.shape.journey_shares.len());
        for region in 0..regions {
            self.solve_overload(region);
        }
        let flow = &mut self.flow;
        flow.journeys.fill(JourneyFlow::default());
        flow.failed.fill(0.0);
        flow.arrived.fill((0.0, 0.0));
        flow.acknowledged.fill(0.0);
        flow.latency_sum = 0.0;
        for (population, &attempts) in self.shape.attempts.iter().enumerate() {
            let offered = flow.offered[population];
            for (journey, share) in self.shape.journey_shares.iter().enumerate() {
                flow.journeys[journey].offered += offered * share;
            }
            for region in 0..regions {
                let arriving = offered * flow.shares[population * regions + region];
                if arriving == 0.0 {
                    continue;
                }
                let front = flow.fronts[region];
                let cause = self.endpoint_causes[population * regions + region].index();
                let round_trip = self.shape.round_trips[population][region];
                for journey in 0..journeys {
                    let requests = arriving * self.shape.journey_shares[journey];
                    let result = &mut flow.journeys[journey];
                    if front.dead {
                        result.failed += requests;
                        result.causes[cause] += requests;
                        flow.failed[population] += requests;
                        continue;
                    }
                    let chain = &self.chains[region * journeys + journey];
                    let past_gray = 1.0 - front.gray;
                    let past_targets = past_gray * (1.0 - front.dead_share);
                    let served = past_targets * (1.0 - self.overload[region]);
                    let q = 1.0 - served * chain.pass;
                    // Rounding may leave a hair of failure where there is none.
                    let failing = q > 1e-15;
                    let mut failed = 0.0;
                    let mut tries = requests;
                    if failing {
                        failed = requests * all_fail(q, attempts);
                        tries = requests * attempts_per_request(q, attempts);
                        let scale = failed / q;
                        result.failed += failed;
                        result.causes[cause] += scale * front.gray;
                        result.causes[Cause::Targets.index()] += scale * past_gray * front.dead_share;
                        result.causes[Cause::Capacity.index()] += scale * past_targets * self.overload[region];
                        if chain.pass < 1.0 {
                            for (sum, share) in result.causes.iter_mut().zip(&chain.causes) {
                                *sum += scale * served * share;
                            }
                        }
                        flow.failed[population] += failed;
                    }
                    let arrived = &mut flow.arrived[region * journeys + journey];
                    arrived.0 += requests;
                    arrived.1 += failed;
                    result.degraded += (requests - failed) * chain.degraded;
                    flow.latency_sum += (requests - failed) * round_trip;
                    for &(store, at, share) in &chain.writes {
                        flow.acknowledged[store * regions + at] += tries * served * share;
                    }
                }
            }
        }
    }

    /// Load of a region and the share of it that overload fails.
    fn solve_overload(&mut self, region: usize) {
        let front = self.flow.fronts[region];
        if front.dead {
            self.flow.load[region] = 0.0;
            self.overload[region] = 0.0;
            return;
        }
        if !self.retrying {
            self.flow.load[region] = self.load_at(region, 0.0);
            self.overload[region] = front.overload(self.flow.load[region]);
            return;
        }
        let mut f = self.overload[region];
        for _ in 0..MOST_ITERATIONS {
            let load = self.load_at(region, f);
            let next = front.overload(load);
            self.flow.load[region] = load;
            let moved = (next - f).abs();
            f = next;
            if moved < TOLERANCE {
                break;
            }
        }
        self.overload[region] = f;
    }

    /// Attempts that reach live targets of a region while overload fails the share `f`.
    fn load_at(&self, region: usize, f: f64) -> f64 {
        let (regions, journeys) = (self.shape.regions, self.shape.journey_shares.len());
        let front = &self.flow.fronts[region];
        let alive = 1.0 - front.dead_share;
        let mut attempts = 0.0;
        for (population, &most) in self.shape.attempts.iter().enumerate() {
            let arriving = self.flow.offered[population] * self.flow.shares[population * regions + region];
            if arriving == 0.0 {
                continue;
            }
            for journey in 0..journeys {
                let pass = self.chains[region * journeys + journey].pass;
                let q = 1.0 - (1.0 - front.gray) * alive * (1.0 - f) * pass;
                attempts += arriving * self.shape.journey_shares[journey] * attempts_per_request(q, most);
            }
        }
        attempts * alive
    }
}
