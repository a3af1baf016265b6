//! The flow solver: how much traffic of each journey goes where at this instant, what succeeds, and why the rest fails.
//!
//! A pure function of the state, apart from one memory: the share of requests that an overloaded region fails is the
//! fixed point that is reached from the previous one, so that a retry storm can hold a region down after its cause is
//! gone.

mod crowds;
mod direct;
mod drift;
mod ledger;
mod lines;
mod overload;
mod passages;
mod refused;
mod solver;
mod through_addresses;
mod through_edge;
mod waiting;
mod walk;

use std::ops::Range;

use crate::cause::{CAUSES, Cause};
use crate::clients::Steps;
use crate::fronts::cloud_front::Plan;
use crate::fronts::route53::zone::Columns;
use crate::grid::Grid;
use crate::latency::Mix;

pub use crowds::Marks;
pub use ledger::Ledger;
pub use overload::{all_fail, attempts_per_request};
pub use passages::Passage;
pub use solver::Solver;
pub use waiting::{Held, Late, Room, coarsely};
pub use walk::ADDRESSES;

/// A cell as its requests meet it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Front {
    /// Nothing answers: a black hole.
    pub dead: bool,
    /// Share of requests that a gray failure fails.
    pub gray: f64,
    /// Share of the others that an impairment fails, which looks like something behind the front.
    pub impaired: f64,
    /// Share of requests that meet a dead target.
    pub dead_share: f64,
    /// Requests per second that the live targets carry; infinite without `[compute]`.
    pub capacity: f64,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of the capacity that is left under any overload.
    pub floor: f64,
    /// Of compute that grows by itself and refuses, before it costs anything, what exceeds its capacity meanwhile: what it
    /// carries at most.
    pub ceiling: Option<f64>,
    /// Share of requests that start an environment and wait for it.
    pub cold: f64,
    /// What waits before it, where requests may.
    pub held: Option<Held>,
}

impl Default for Front {
    fn default() -> Self {
        Self {
            dead: false,
            gray: 0.0,
            impaired: 0.0,
            dead_share: 0.0,
            capacity: f64::INFINITY,
            kappa: 0.0,
            floor: 0.0,
            ceiling: None,
            cold: 0.0,
            held: None,
        }
    }
}

impl Front {
    /// Share of attempts that get past targets and overload.
    pub fn passes(&self, overload: f64) -> f64 {
        if self.dead { 0.0 } else { self.past_impairment() * (1.0 - self.dead_share) * (1.0 - overload) }
    }

    /// Share of attempts that neither a gray failure nor an impairment fails.
    #[inline]
    pub fn past_impairment(&self) -> f64 {
        (1.0 - self.gray) * (1.0 - self.impaired)
    }

    /// Splits what fails here by cause, in proportion to the causes of one attempt.
    fn blame(&self, causes: &mut [f64; CAUSES], scale: f64, overload: f64, needs: &[f64; CAUSES], endpoint: Cause) {
        if self.dead {
            causes[endpoint.index()] += scale;
            return;
        }
        let past_impairment = self.past_impairment();
        let past_targets = past_impairment * (1.0 - self.dead_share);
        causes[endpoint.index()] += scale * self.gray;
        causes[Cause::Dependency.index()] += scale * (1.0 - self.gray) * self.impaired;
        causes[Cause::Targets.index()] += scale * past_impairment * self.dead_share;
        causes[Cause::Capacity.index()] += scale * past_targets * overload;
        for (sum, share) in causes.iter_mut().zip(needs) {
            *sum += scale * past_targets * (1.0 - overload) * share;
        }
    }

    /// Share of requests that overload fails: f = 1 - goodput(L) / L, with goodput(L) = L up to the capacity C and
    /// C max(floor, 1 - kappa (L / C - 1)) above it. Where requests may wait, that is what is rejected because no more may.
    pub fn overload(&self, load: f64) -> f64 {
        match self.held.map(|held| held.room) {
            Some(Room::Over) => return 1.0,
            Some(Room::Free) => return 0.0,
            Some(Room::Full) | None => {}
        }
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
    /// For each access that counts: its cell of [`Flow::counted`], and the share that gets there (of writes: and passes).
    pub counts: Vec<(usize, f64)>,
    /// Where services call each other: what fails where, as its cell of [`Flow::blamed`] and the share.
    pub blames: Vec<(usize, f64)>,
    /// How long requests take from the front on that pass it.
    pub times: Mix,
}

impl Chain {
    /// Nothing is needed, and all pass.
    pub fn clear(&mut self) {
        self.pass = 1.0;
        self.causes.fill(0.0);
        self.degraded = 0.0;
        self.counts.clear();
        self.blames.clear();
        self.times.clear();
    }

    /// The same as another chain, as far as loads follow from it.
    pub fn copy_loads_from(&mut self, other: &Self) {
        (self.pass, self.degraded) = (other.pass, other.degraded);
        self.counts.clone_from(&other.counts);
        self.times.copy_from(&other.times);
    }

    /// The same as another chain.
    pub fn copy_from(&mut self, other: &Self) {
        (self.pass, self.causes, self.degraded) = (other.pass, other.causes, other.degraded);
        self.counts.clone_from(&other.counts);
        self.blames.clone_from(&other.blames);
        self.times.copy_from(&other.times);
    }
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
    /// What succeeds later than it has to for the journey to count as up.
    pub late: f64,
    /// Sum over what succeeds of the seconds that it takes.
    pub seconds: f64,
}

impl JourneyFlow {
    /// Share of what is offered that counts as up: what succeeds, and in time where a journey has one; 1 if nothing is offered.
    #[inline]
    pub fn up(&self) -> f64 {
        if self.offered > 0.0 { (1.0 - (self.failed + self.late) / self.offered).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// What keeps the journey from being up, by cause: what fails, and what comes too late to count as up.
    pub fn blamed(&self) -> [f64; CAUSES] {
        let mut causes = self.causes;
        causes[Cause::Slow.index()] += self.late;
        causes
    }

    /// S(t): succeeded over offered; 1 if nothing is offered.
    #[inline]
    pub fn success(&self) -> f64 {
        if self.offered > 0.0 { (1.0 - self.failed / self.offered).clamp(0.0, 1.0) } else { 1.0 }
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
    /// Share of a population's traffic that goes to a region: row = population, column = region.
    pub shares: Grid<f64>,
    /// Attempts that reach live targets, by cell: the fronts of the regions, then the tiers behind them.
    pub load: Vec<f64>,
    /// The part of the load of each front that clients make, where services call fronts as well; else nothing.
    pub entering: Vec<f64>,
    /// What requests meet, by cell.
    pub fronts: Vec<Front>,
    /// Attempts that reach a region's front, as its load balancer counts them: row = region, column = journey; all of them,
    /// and those that fail.
    pub arrived: Grid<(f64, f64)>,
    /// Accesses per second: first the acknowledged writes, row = store (one for each shard), column = the region whose
    /// copy takes them, then what arrives at each meter of a store of limited capacity.
    pub counted: Vec<f64>,
    /// The first cell that is a meter.
    pub first_meter: usize,
    /// The first one after the meters: what arrives at each tier behind the fronts.
    pub first_tier: usize,
    /// The first one after those: what services call at each front, where they call any.
    pub first_front: usize,
    /// Failing requests per second by the part behind the fronts that fails them, and by cause: see [`blamed_at`]. Empty where
    /// no service calls another.
    pub blamed: Vec<f64>,
    /// What they have added up to.
    pub ledger: Ledger,
}

impl Flow {
    /// Acknowledged writes per second: row = store (one for each shard), column = the region whose copy takes them.
    #[inline]
    pub fn acknowledged(&self) -> &[f64] {
        &self.counted[..self.first_meter]
    }

    /// Acknowledged writes per second of so many rows of [`Flow::acknowledged`].
    #[inline]
    pub fn acknowledged_by(&self, rows: Range<usize>) -> &[f64] {
        &self.counted[self.writes_of(&rows)]
    }

    /// The places of so many rows in [`Flow::acknowledged`].
    #[inline]
    pub const fn writes_of(&self, rows: &Range<usize>) -> Range<usize> {
        self.writes_at(rows.start, 0)..self.writes_at(rows.end, 0)
    }

    /// The cell of [`Flow::counted`] for writes of this row that the region's copy takes.
    #[inline]
    pub const fn writes_at(&self, row: usize, region: usize) -> usize {
        row * self.regions + region
    }

    /// Accesses per second that arrive at each meter of a store of limited capacity.
    #[inline]
    pub fn metered(&self) -> &[f64] {
        &self.counted[self.first_meter..self.first_tier]
    }

    /// Calls per second that arrive at a cell that services call, by its number among all cells.
    #[inline]
    pub fn called(&self, cell: usize) -> f64 {
        self.counted[self.called_at(cell)]
    }

    /// The cell of [`Flow::counted`] for calls of a tier, or of a front that services call.
    #[inline]
    pub const fn called_at(&self, cell: usize) -> usize {
        if cell < self.regions { self.first_front + cell } else { self.first_tier + cell - self.regions }
    }

    /// Notes that the loads of the fronts are those of clients alone, so far.
    pub(crate) fn note_entering(&mut self) {
        for (entering, load) in self.entering.iter_mut().zip(&self.load) {
            *entering = *load;
        }
    }

    /// Succeeding requests per second.
    pub fn succeeding(&self) -> f64 {
        self.journeys.iter().map(|journey| journey.offered - journey.failed).sum()
    }

    /// Sum over succeeding requests of the time that they take.
    pub fn latency_sum(&self) -> f64 {
        self.journeys.iter().map(|journey| journey.seconds).sum()
    }

    /// Mean time of succeeding requests in seconds, if any succeed.
    pub fn mean_latency(&self) -> Option<f64> {
        let succeeded = self.succeeding();
        (succeeded > 0.0).then(|| self.latency_sum() / succeeded)
    }

    /// Whether anything serves in a region: where nothing does, nobody publishes its utilisation.
    pub fn serves(&self, region: usize) -> bool {
        let Front { capacity, ceiling, .. } = self.fronts[region];
        capacity > 0.0 || ceiling.is_some()
    }

    /// Load over capacity of a region; 0 where there is neither. Of compute that grows by itself, what it carries over
    /// what it carries at most.
    pub fn utilization(&self, region: usize) -> f64 {
        let (load, Front { capacity, ceiling, held, .. }) = (self.load[region], self.fronts[region]);
        match ceiling {
            Some(ceiling) => load.min(capacity) / ceiling,
            None if capacity > 0.0 && capacity.is_finite() => {
                let waits = held.is_some_and(|held| held.wait > 0.0);
                if waits { (load / capacity).max(1.0) } else { load / capacity }
            }
            None => 0.0,
        }
    }
}

/// The cell of [`Flow::blamed`] for what fails at a part behind the fronts for a cause.
#[inline]
pub const fn blamed_at(part: usize, cause: Cause) -> usize {
    part * CAUSES + cause.index()
}

/// What the solver needs to know of the experiment.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Number of regions.
    pub regions: usize,
    /// Share of each journey in all requests.
    pub journey_shares: Vec<f64>,
    /// Attempts per request, by population.
    pub attempts: Vec<u32>,
    /// Round-trip times in seconds: row = population, column = region.
    pub round_trips: Vec<Vec<f64>>,
    /// Number of stores, each of their shards counted.
    pub stores: usize,
    /// Which set of chains the requests of each population pass. Populations that use the same shards share one, and
    /// where nothing is in shards there is only one.
    pub chain_sets: Vec<usize>,
    /// Number of meters at stores of limited capacity.
    pub meters: usize,
    /// Number of tiers behind the fronts, and of all parts there that may be blamed for failures; none where no service calls
    /// another.
    pub tiers: usize,
    /// See [`Self::tiers`].
    pub parts: usize,
    /// Whether services call fronts.
    pub calls_fronts: bool,
    /// What `CloudFront` makes of requests, if it is there.
    pub edge: Option<Plan>,
    /// How each population goes through the addresses of an answer, where answers have several and clients ask for them.
    pub steps: Option<Vec<Steps>>,
    /// How long each population waits for one attempt, in seconds, where requests may wait before a front.
    pub limits: Option<Vec<f64>>,
    /// Behind the places, what records answer with several addresses, where not all that one is led to is in one answer.
    pub columns: Columns,
}

impl Shape {
    /// Round-trip time of a population to a place, in seconds: 0 where it is none of the regions, for pages from elsewhere and
    /// answers that lead nowhere.
    #[inline]
    pub fn round_trip(&self, population: usize, place: usize) -> f64 {
        self.round_trips[population].get(place).copied().unwrap_or_default()
    }
}
