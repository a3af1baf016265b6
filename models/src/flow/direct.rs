//! Flows that go straight to regions: what changed since they were solved for last, and what that touches.
//!
//! Each region contributes its part to the flows, worked out from what crowds send there. A part is worked out again if
//! other requests go there, or if something else becomes of them.

use super::crowds::Marks;
use super::overload::attempts_per_request;
use super::{Flow, JourneyFlow, Ledger, Solver};
use crate::cause::Cause;
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
    pub(super) journeys: Grid<JourneyFlow>,
    /// Row = region, column = cell of [`Flow::counted`].
    pub(super) counted: Grid<f64>,
    /// Row = region, column = cell of [`Flow::blamed`].
    blamed: Grid<f64>,
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
            failing: Grid::default(),
            moved: vec![false; regions],
        }
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
            let Self { flow: Flow { ledger, .. }, class_of, shape, endpoint_causes, .. } = self;
            if !ledger.crowds.are_formed(class_of, &shape.chain_sets, endpoint_causes) {
                ledger.book_all();
                ledger.crowds.form(class_of, &shape.chain_sets, endpoint_causes);
            }
            self.dirty.regions.fill(true);
        }
        for region in 0..regions {
            self.parts.moved[region] = false;
            if !std::mem::take(&mut self.dirty.regions[region]) && !self.stale[region] {
                continue;
            }
            let before = self.overload[region];
            if self.joint() {
                let load = if self.flow.fronts[region].dead { 0.0 } else { self.load_at(region, before) };
                self.flow.load[region] = load;
                if let Some(entering) = self.flow.entering.get_mut(region) {
                    *entering = load;
                }
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
                let touches = |region| self.parts.moved[region] && self.flow.ledger.crowds.reaches(population, region);
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

    /// Counts loads and accesses under the present shares that overload fails, of requests as they were sent last. All else that flows
    /// say stays as it was, until they are solved for.
    pub fn count(&mut self) {
        let Self { flow, chains, classes, shares, overload, shape, .. } = self;
        flow.counted.fill(0.0);
        for (region, overload) in overload.iter().enumerate().take(shape.regions) {
            let front = flow.fronts[region];
            flow.load[region] = 0.0;
            if front.dead {
                continue;
            }
            let alive = 1.0 - front.dead_share;
            let served = front.past_impairment() * alive * (1.0 - overload);
            let mut load = 0.0;
            for crowd in flow.ledger.crowds.at(region) {
                let (arriving, _) = flow.ledger.crowds.sends(crowd, region);
                let attempts = classes[crowd.class].attempts;
                for (chain, share) in chains[crowd.set].row(region).iter().zip(shares.row(crowd.set)) {
                    let made = arriving * share * attempts_per_request(1.0 - served * chain.pass, attempts);
                    load += made;
                    for &(cell, part) in &chain.counts {
                        flow.counted[cell] += made * served * part;
                    }
                }
            }
            flow.load[region] = load * alive;
        }
        flow.note_entering();
    }

    /// What all populations offer together.
    fn add_offers(&mut self) {
        let flow = &mut self.flow;
        let all: f64 = flow.offered.iter().sum();
        for (number, journey) in flow.journeys.iter_mut().enumerate() {
            journey.offered = 0.0;
            for (offered, &set) in flow.offered.iter().zip(&self.shape.chain_sets) {
                journey.offered += offered * self.shares[(set, number)];
            }
        }
        if flow.ledger.crowds.measures_otherwise(all) {
            flow.ledger.book_all();
            flow.ledger.crowds.measure(all);
            // Twice the load in units twice as large looks the same.
            self.dirty.populations.mark_all();
            self.dirty.regions.fill(true);
        }
    }

    /// A population's requests go where its shares lead them.
    pub(super) fn send(&mut self, population: usize) {
        let Flow { offered, shares, ledger, .. } = &mut self.flow;
        ledger.send(population, offered[population], shares.row(population), &mut self.dirty.regions);
    }

    /// Which share of all requests to a region fails; returns whether that is another one for anybody.
    fn fail(&mut self, region: usize) -> bool {
        let mut moved = false;
        for place in 0..self.lines.places() {
            let now = self.lines.failing(place, region);
            let known = &mut self.parts.failing[(region, place)];
            moved |= *known != now;
            *known = now;
        }
        moved
    }

    /// What of a population's requests fails.
    fn add_failed(&mut self, population: usize) {
        let place = self.lines.place(self.class_of[population], self.shape.chain_sets[population]);
        let offered = self.flow.offered[population];
        let failing = self.flow.shares.row(population).iter().zip(self.parts.failing.column(place));
        self.flow.failed[population] = failing.map(|(share, failing)| offered * share * failing).sum();
        self.touched.mark(population);
    }

    /// What a region contributes to the flows.
    fn add_up(&mut self, region: usize) {
        let Self { lines, parts, flow: Flow { arrived, ledger: Ledger { crowds, .. }, .. }, .. } = self;
        let journeys = parts.journeys.row_mut(region);
        let (arrived, counted) = (arrived.row_mut(region), parts.counted.row_mut(region));
        let blamed = parts.blamed.row_mut(region);
        blamed.fill(0.0);
        journeys.fill(JourneyFlow::default());
        arrived.fill((0.0, 0.0));
        counted.fill(0.0);
        for crowd in crowds.at(region) {
            let (arriving, travelling) = crowds.sends(crowd, region);
            let place = lines.place(crowd.class, crowd.set);
            let totals = journeys.iter_mut().zip(&mut *arrived);
            for (line, (result, arrived)) in lines.of(place, region).iter().zip(totals) {
                if line.failed > 0.0 {
                    result.failed += arriving * line.failed;
                    result.causes[crowd.cause(region)] += arriving * line.endpoint;
                    for (sum, share) in result.causes.iter_mut().zip(&line.causes) {
                        *sum += arriving * share;
                    }
                }
                arrived.0 += arriving * line.attempts;
                arrived.1 += arriving * line.failing;
                result.degraded += arriving * line.degraded;
                result.late += arriving * line.late;
                result.seconds += travelling * line.trips + arriving * line.seconds;
            }
            for &(cell, share) in lines.counts(place, region) {
                counted[cell] += arriving * share;
            }
            for &(part, share) in lines.blames(place, region) {
                blamed[part] += arriving * share;
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
        for region in 0..flow.regions {
            for (result, part) in flow.journeys.iter_mut().zip(parts.journeys.row(region)) {
                result.failed += part.failed;
                result.degraded += part.degraded;
                result.late += part.late;
                result.seconds += part.seconds;
                for (sum, rate) in result.causes.iter_mut().zip(&part.causes) {
                    *sum += rate;
                }
            }
            for (sum, rate) in flow.counted.iter_mut().zip(parts.counted.row(region)) {
                *sum += rate;
            }
            for (sum, rate) in flow.blamed.iter_mut().zip(parts.blamed.row(region)) {
                *sum += rate;
            }
        }
        flow.ledger.crowds.forget_moved();
        self.slack = None;
    }
}
