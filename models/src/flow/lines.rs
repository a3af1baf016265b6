//! What becomes of one request per second: flows are these shares times what crowds send.
//!
//! A line holds until the region's front, its needs or its overload change. While caches expire one after the other, lines stay
//! and only the numbers of requests move.

use super::overload::{all_fail, attempts_per_request};
use super::{Chain, Front};
use crate::cause::{CAUSES, Cause};
use crate::grid::Grid;
use crate::latency::{Mix, Success};

/// Requests of one journey at one region, all attempts together, per request of all journeys that arrives there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Line {
    /// Those that fail for good.
    pub(super) failed: f64,
    /// The part of them that a dead or gray endpoint is to blame for; its cause depends on the crowd.
    pub(super) endpoint: f64,
    /// The rest of them by cause.
    pub(super) causes: [f64; CAUSES],
    /// Those that succeed although a soft need failed.
    pub(super) degraded: f64,
    /// Those that succeed later than they have to for the journey to count as up.
    pub(super) late: f64,
    /// Seconds of all that succeed together, and round trips to the front that come on top.
    pub(super) seconds: f64,
    /// See [`Self::seconds`].
    pub(super) trips: f64,
    /// Attempts, and those of them that fail.
    pub(super) attempts: f64,
    /// See [`Self::attempts`].
    pub(super) failing: f64,
}

/// Shares of what a journey sends to a cell, as (cell, share).
pub(super) type Cells = Vec<(usize, f64)>;

/// What becomes of requests of each class, behind each set of chains, at each region.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    sets: usize,
    /// Row = cell of the grids below, column = journey.
    each: Grid<Line>,
    /// Row = place, which is a class and a set of chains, column = region: accesses that count.
    counts: Grid<Cells>,
    /// Likewise, what fails where behind the fronts.
    blames: Grid<Cells>,
    /// How long those take that succeed, and their share; empty where nobody asks. Row = cell of the grids above, column = journey.
    ways: Grid<(f64, Mix)>,
}

/// Adds to the share of a cell.
fn add(cells: &mut Cells, cell: usize, share: f64) {
    match cells.iter_mut().find(|(own, _)| *own == cell) {
        Some((_, sum)) => *sum += share,
        None => cells.push((cell, share)),
    }
}

impl Lines {
    /// Nothing becomes of anything yet.
    pub(super) fn new((classes, sets): (usize, usize), regions: usize, journeys: usize, times: bool) -> Self {
        let places = classes * sets;
        Self {
            sets,
            each: Grid::new(places * regions, journeys, Line::default()),
            counts: Grid::new(places, regions, Cells::new()),
            blames: Grid::new(places, regions, Cells::new()),
            ways: Grid::new(if times { places * regions } else { 0 }, journeys, (0.0, Mix::default())),
        }
    }

    /// Whether somebody asks how long requests take.
    pub(super) fn times(&self) -> bool {
        !self.ways.cells().is_empty()
    }

    /// The cell of a place at a region.
    pub(super) fn cell(&self, place: usize, region: usize) -> usize {
        self.counts.cell((place, region))
    }

    /// How long those take that succeed, and their share of all that arrives; by journey.
    pub(super) fn ways(&self, place: usize, region: usize) -> impl Iterator<Item = (f64, &Mix)> {
        self.ways.row(self.cell(place, region)).iter().map(|(share, mix)| (*share, mix))
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.counts.each_row().len()
    }

    /// The place of a class and a set of chains.
    #[inline]
    pub(super) const fn place(&self, class: usize, set: usize) -> usize {
        class * self.sets + set
    }

    /// By journey.
    #[inline]
    pub(super) fn of(&self, place: usize, region: usize) -> &[Line] {
        self.each.row(self.counts.cell((place, region)))
    }

    /// Accesses that count.
    #[inline]
    pub(super) fn counts(&self, place: usize, region: usize) -> &[(usize, f64)] {
        &self.counts[(place, region)]
    }

    /// What fails where behind the fronts.
    #[inline]
    pub(super) fn blames(&self, place: usize, region: usize) -> &[(usize, f64)] {
        &self.blames[(place, region)]
    }

    /// Share of requests that fail, all journeys together.
    pub(super) fn failing(&self, place: usize, region: usize) -> f64 {
        self.of(place, region).iter().map(|line| line.failed).sum()
    }

    /// Works out those of a place at a region: by journey its chain and its share of all requests.
    ///
    /// One attempt fails with q = 1 - (1 - gray)(1 - dead share)(1 - f)(needs), all of them with q^a, its causes in proportion to
    /// those of one attempt. `success` says how long those take that do not fail, by journey, q and chain.
    pub(super) fn work_out<'a>(
        &mut self,
        (place, region): (usize, usize),
        front: &Front,
        overload: f64,
        attempts: u32,
        journeys: impl Iterator<Item = (&'a Chain, f64)>,
        mut success: impl FnMut(usize, f64, &Chain, Option<&mut Mix>) -> Success,
    ) {
        let at = self.counts.cell((place, region));
        let times = self.times();
        let (counts, blames) = (&mut self.counts[(place, region)], &mut self.blames[(place, region)]);
        counts.clear();
        blames.clear();
        let past_impairment = front.past_impairment();
        let past_targets = past_impairment * (1.0 - front.dead_share);
        let served = past_targets * (1.0 - overload);
        let lines = self.each.row_mut(at).iter_mut().zip(journeys);
        for (journey, (line, (chain, share))) in lines.enumerate() {
            if times {
                self.ways.row_mut(at)[journey].0 = 0.0;
            }
            if front.dead {
                *line = Line { failed: share, endpoint: share, ..Line::default() };
                continue;
            }
            let q = 1.0 - served * chain.pass;
            *line = Line { attempts: share, ..Line::default() };
            // Share of requests that do not fail otherwise than by taking too long.
            let (mut well, mut fails) = (1.0, 0.0);
            // Rounding may leave a hair of failure where there is none.
            if q > 1e-15 {
                fails = q;
                let lost = all_fail(q, attempts);
                // What fails for good, per share of attempts that fails.
                let scale = share * lost / q;
                well = 1.0 - lost;
                line.failed = share * lost;
                line.attempts = share * attempts_per_request(q, attempts);
                line.failing = line.attempts * q;
                line.endpoint = scale * front.gray;
                for (sum, part) in line.causes.iter_mut().zip(&chain.causes) {
                    *sum = scale * served * part;
                }
                line.causes[Cause::Dependency.index()] += scale * (1.0 - front.gray) * front.impaired;
                line.causes[Cause::Targets.index()] += scale * past_impairment * front.dead_share;
                line.causes[Cause::Capacity.index()] += scale * past_targets * overload;
                for &(part, blamed) in &chain.blames {
                    add(blames, part, scale * served * blamed);
                }
            }
            if well > 0.0 {
                let way = times.then(|| &mut self.ways.row_mut(at)[journey].1);
                let Success { slow, late, seconds, trips } = success(journey, fails, chain, way);
                line.late = share * well * late;
                if slow > 0.0 {
                    line.failed += share * well * slow;
                    line.causes[Cause::Slow.index()] += share * well * slow;
                    well *= 1.0 - slow;
                }
                if times {
                    self.ways.row_mut(at)[journey].0 = share * well;
                }
                (line.seconds, line.trips) = (share * well * seconds, share * well * trips);
                line.degraded = share * well * chain.degraded;
            }
            for &(cell, part) in &chain.counts {
                add(counts, cell, line.attempts * served * part);
            }
        }
    }

    /// Whether anything becomes of requests at a region that does not of others there.
    pub(super) fn differs(&self, other: &Self, region: usize) -> bool {
        (0..self.places()).any(|place| {
            self.of(place, region) != other.of(place, region)
                || self.blames(place, region) != other.blames(place, region)
                || (self.times() && self.ways.row(self.cell(place, region)) != other.ways.row(self.cell(place, region)))
        })
    }

    /// Takes over those of a region, but for what counts.
    pub(super) fn copy(&mut self, other: &Self, region: usize) {
        for place in 0..self.places() {
            let at = self.counts.cell((place, region));
            self.each.row_mut(at).copy_from_slice(other.each.row(at));
            self.blames[(place, region)].clone_from(&other.blames[(place, region)]);
            if self.times() {
                self.ways.row_mut(at).clone_from_slice(other.ways.row(at));
            }
        }
    }
}
