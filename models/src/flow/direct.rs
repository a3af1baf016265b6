//! Flows that go straight to regions: what changed since they were solved for last, and what that touches.
//!
//! Each region contributes its part to the flows, worked out from what crowds send there. A part is worked out again if
//! other requests go there, or if something else becomes of them.

use super::crowds::Marks;
use super::{JourneyFlow, Solver};
use crate::cause::{CAUSES, Cause};
use crate::grid::Grid;

/// What changed since flows were last solved for.
#[derive(Debug)]
pub(super) struct Dirty {
    /// What anybody offers.
    pub(super) offers: bool,
    /// Why anybody's requests fail at an endpoint.
    pub(super) causes: bool,
    /// Populations whose offer or shares were set.
    pub(super) populations: Marks,
    /// Regions to which other requests go than before.
    pub(super) regions: Vec<bool>,
}

/// What each region contributes to the flows.
#[derive(Debug)]
pub(super) struct Parts {
    /// Row = region, column = journey.
    journeys: Grid<JourneyFlow>,
    /// Row = region, column = cell of [`Flow::counted`].
    counted: Grid<f64>,
    /// Row = region, column = cell of [`Flow::blamed`].
    blamed: Grid<f64>,
    /// Row = region, column = journey.
    latency: Grid<f64>,
    /// Share of requests that fail there, over all journeys: row = region, column = class and set of chains.
    pub(super) failing: Grid<f64>,
    /// Regions where these shares changed.
    moved: Vec<bool>,
}

impl Dirty {
    /// Everything is to be solved for.
    pub(super) fn new(populations: usize, regions: usize) -> Self {
        Self { offers: true, causes: true, populations: Marks::new(populations), regions: vec![true; regions] }
    }
}

impl Parts {
    /// Nobody contributes anything.
    pub(super) fn new(regions: usize, journeys: usize, cells: usize, blamed: usize) -> Self {
        Self {
            journeys: Grid::new(regions, journeys, JourneyFlow::default()),
            counted: Grid::new(regions, cells, 0.0),
            blamed: Grid::new(regions, blamed, 0.0),
            latency: Grid::new(regions, journeys, 0.0),
            failing: Grid::default(),
            moved: vec![false; regions],
        }
    }
}

/// Adds so many requests, divided by cause, to the sums by cause.
fn add(sums: &mut [f64; CAUSES], requests: f64, shares: &[f64; CAUSES]) {
    for (sum, share) in sums.iter_mut().zip(shares) {
        *sum += requests * share;
    }
}

impl Solver {
    /// The traffic of a population was set: its offer, its shares, or both.
    pub fn traffic_changed(&mut self, population: usize, offer: bool) {
        self.dirty.offers |= offer;
        self.dirty.populations.mark(population);
    }

    /// Everything may have changed.
    pub fn everything_changed(&mut self) {
        self.dirty.offers = true;
        self.dirty.causes = true;
        self.dirty.populations.mark_all();
        self.places_changed();
    }

    /// Says why a population's requests fail where a region is dead or gray.
    pub fn blame(&mut self, population: usize, region: usize, cause: Cause) {
        let known = &mut self.endpoint_causes[(population, region)];
        self.dirty.causes |= *known != cause;
        *known = cause;
    }

    /// Solves for what goes straight to regions: what changed since the last time, and what that touches.
    pub(super) fn solve_directly(&mut self) {
        let regions = self.shape.regions;
        if std::mem::take(&mut self.dirty.offers) {
            self.add_offers();
        }
        for index in 0..self.dirty.populations.list().len() {
            self.send(self.dirty.populations.list()[index]);
        }
        if std::mem::take(&mut self.dirty.causes) {
            self.crowds.form(&self.class_of, &self.shape.chain_sets, &self.endpoint_causes);
            self.dirty.regions.fill(true);
        }
        for region in 0..regions {
            self.parts.moved[region] = false;
            if !std::mem::take(&mut self.dirty.regions[region]) && !self.stale[region] {
                continue;
            }
            let before = self.overload[region];
            if self.joint() {
                self.flow.load[region] = if self.flow.fronts[region].dead { 0.0 } else { self.load_at(region, before) };
            } else {
                self.solve_overload(region);
            }
            if self.stale[region] || self.overload[region] != before {
                self.work_out(region);
                self.parts.moved[region] = self.fail(region);
            }
            self.add_up(region);
            self.solved[region] = true;
        }
        if self.parts.moved.contains(&true) {
            for population in 0..self.shape.attempts.len() {
                let touches = |region| self.parts.moved[region] && self.crowds.reaches(population, region);
                if self.dirty.populations.has(population) || (0..regions).any(touches) {
                    self.add_failed(population);
                }
            }
        } else {
            for index in 0..self.dirty.populations.list().len() {
                self.add_failed(self.dirty.populations.list()[index]);
            }
        }
        self.dirty.populations.clear();
        self.add_regions();
    }

    /// What all populations offer together.
    fn add_offers(&mut self) {
        let flow = &mut self.flow;
        let all: f64 = flow.offered.iter().sum();
        for (journey, share) in flow.journeys.iter_mut().zip(&self.shape.journey_shares) {
            journey.offered = 0.0;
            for offered in &flow.offered {
                journey.offered += offered * share;
            }
        }
        if self.crowds.measure(all) {
            // Twice the load in units twice as large looks the same.
            self.dirty.populations.mark_all();
            self.dirty.regions.fill(true);
        }
    }

    /// A population's requests go where its shares lead them.
    fn send(&mut self, population: usize) {
        let offered = self.flow.offered[population];
        let shares = self.flow.shares.row(population);
        for (region, share) in shares.iter().enumerate() {
            self.dirty.regions[region] |= self.crowds.send(population, region, offered * share);
        }
    }

    /// Which share of all requests to a region fails; returns whether that is another one for anybody.
    fn fail(&mut self, region: usize) -> bool {
        let (dead, sets) = (self.flow.fronts[region].dead, self.chains.len());
        let mut moved = false;
        for class in 0..self.classes.len() {
            for set in 0..sets {
                let outcomes = self.outcomes[(class, set)].row(region);
                let each =
                    outcomes.iter().zip(&self.shape.journey_shares).map(|(outcome, share)| outcome.failed * share);
                let now = if dead { self.shape.journey_shares.iter().sum() } else { each.sum::<f64>() };
                let known = &mut self.parts.failing[(region, class * sets + set)];
                moved |= *known != now;
                *known = now;
            }
        }
        moved
    }

    /// What of a population's requests fails.
    fn add_failed(&mut self, population: usize) {
        let place = self.class_of[population] * self.chains.len() + self.shape.chain_sets[population];
        let offered = self.flow.offered[population];
        let failing = self.flow.shares.row(population).iter().zip(self.parts.failing.column(place));
        self.flow.failed[population] = failing.map(|(share, failing)| offered * share * failing).sum();
        self.touched.mark(population);
    }

    /// What a region contributes to the flows.
    fn add_up(&mut self, region: usize) {
        let Self { shape, crowds, chains, outcomes, parts, flow, .. } = self;
        let dead = flow.fronts[region].dead;
        let journeys = parts.journeys.row_mut(region);
        let (arrived, counted) = (flow.arrived.row_mut(region), parts.counted.row_mut(region));
        let blamed = parts.blamed.row_mut(region);
        blamed.fill(0.0);
        journeys.fill(JourneyFlow::default());
        arrived.fill((0.0, 0.0));
        counted.fill(0.0);
        let latency = parts.latency.row_mut(region);
        latency.fill(0.0);
        for crowd in crowds.at(region) {
            let (arriving, travelling) = crowds.sends(crowd, region);
            let cause = crowd.cause(region);
            if dead {
                for (result, share) in journeys.iter_mut().zip(&shape.journey_shares) {
                    let requests = arriving * share;
                    result.failed += requests;
                    result.causes[cause] += requests;
                }
                continue;
            }
            let here = outcomes[(crowd.class, crowd.set)].row(region).iter().zip(chains[crowd.set].row(region));
            let totals = journeys.iter_mut().zip(&mut *arrived).zip(&mut *latency);
            for (((outcome, chain), ((result, arrived), latency)), share) in here.zip(totals).zip(&shape.journey_shares)
            {
                let requests = arriving * share;
                let failed = requests * outcome.failed;
                if failed > 0.0 {
                    result.failed += failed;
                    if outcome.gray > 0.0 {
                        result.causes[cause] += requests * outcome.gray;
                    }
                    add(&mut result.causes, requests, &outcome.causes);
                    for &(part, share) in &chain.blames {
                        blamed[part] += requests * outcome.scale * outcome.served * share;
                    }
                }
                let attempts = requests * outcome.tries;
                arrived.0 += attempts;
                arrived.1 += attempts * outcome.fails;
                result.degraded += (requests - failed) * chain.degraded;
                result.late += requests * outcome.late;
                *latency += share * (1.0 - outcome.failed) * (travelling * outcome.trips + arriving * outcome.seconds);
                for &(cell, share) in &chain.counts {
                    counted[cell] += attempts * outcome.served * share;
                }
            }
        }
    }

    /// The flows, from what each region contributes.
    fn add_regions(&mut self) {
        let Self { parts, flow, .. } = self;
        for result in &mut flow.journeys {
            *result = JourneyFlow { offered: result.offered, ..JourneyFlow::default() };
        }
        flow.counted.fill(0.0);
        flow.blamed.fill(0.0);
        flow.latency.fill(0.0);
        for region in 0..flow.regions {
            for (result, part) in flow.journeys.iter_mut().zip(parts.journeys.row(region)) {
                result.failed += part.failed;
                result.degraded += part.degraded;
                result.late += part.late;
                for (sum, rate) in result.causes.iter_mut().zip(&part.causes) {
                    *sum += rate;
                }
            }
            for (sum, seconds) in flow.latency.iter_mut().zip(parts.latency.row(region)) {
                *sum += seconds;
            }
            for (sum, rate) in flow.counted.iter_mut().zip(parts.counted.row(region)) {
                *sum += rate;
            }
            for (sum, rate) in flow.blamed.iter_mut().zip(parts.blamed.row(region)) {
                *sum += rate;
            }
        }
    }
}
