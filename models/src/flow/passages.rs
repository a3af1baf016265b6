//! How long each request that succeeds took: numbers of requests by path, where percentiles over all of them are asked for.
//!
//! A path is a constant and a random duration ([`Time`]). Paths are few: they are numbered as they are met, and what is counted
//! is how many requests took each. Like the ledger's other sums these are split where something becomes otherwise at the end of an
//! instant, and nowhere else; whoever needs what was counted between two instants takes the difference of two looks.

use std::collections::BTreeMap;

use sim_core::time::SimTime;

use crate::grid::Grid;
use crate::latency::{LawId, Mix};

/// Nanoseconds of a second.
const NANOSECONDS: f64 = 1e9;

/// What requests of a journey took, and whose they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Passage {
    /// The population, once for each name that it asks for.
    pub strand: usize,
    /// The constant part, in nanoseconds.
    pub nanoseconds: u64,
    /// The random part.
    pub law: LawId,
}

/// Requests by the passage that they took: the number of one, and their share or rate.
pub(super) type Shares = Vec<(usize, f64)>;

/// The passages of one journey.
#[derive(Debug, Clone, Default)]
struct Journey {
    /// All that were ever met, in the order in which they were, and the number of each.
    met: Vec<Passage>,
    numbers: BTreeMap<Passage, usize>,
    /// Requests that took each.
    sums: Vec<f64>,
    /// Requests per second that are not of the crowds.
    held: Shares,
    since: SimTime,
}

impl Journey {
    fn number(&mut self, passage: Passage) -> usize {
        *self.numbers.entry(passage).or_insert_with(|| {
            self.met.push(passage);
            self.sums.push(0.0);
            self.met.len() - 1
        })
    }
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Passages {
    journeys: Vec<Journey>,
    /// What the requests of a line take, by what arrives at its region: row = place and region, column = journey.
    lines: Grid<Shares>,
    /// What requests take that are not of the crowds, from the end of this instant on; by journey.
    fresh: Vec<Shares>,
}

impl Passages {
    /// Those of so many journeys, at so many places and regions.
    pub(super) fn new(journeys: usize, cells: usize) -> Self {
        Self {
            journeys: vec![Journey::default(); journeys],
            lines: Grid::new(cells, journeys, Shares::new()),
            fresh: vec![Shares::new(); journeys],
        }
    }

    /// Starts a trial: nothing has been sent.
    pub(super) fn begin(&mut self) {
        for journey in &mut self.journeys {
            journey.sums.fill(0.0);
            journey.held.clear();
            journey.since = SimTime::ZERO;
        }
    }

    /// What becomes of a line's requests is something else now: such shares of all that arrives take these paths.
    pub(super) fn renew<'a>(&mut self, cell: usize, strand: usize, ways: impl Iterator<Item = (f64, &'a Mix)>) {
        for (place, (journey, (share, mix))) in self.journeys.iter_mut().zip(ways).enumerate() {
            let shares = &mut self.lines.row_mut(cell)[place];
            shares.clear();
            add(journey, shares, strand, (share, 0.0), mix);
        }
    }

    /// So many requests arrived at the region of a line.
    pub(super) fn close(&mut self, cell: usize, requests: f64) {
        for (journey, shares) in self.journeys.iter_mut().zip(self.lines.row(cell)) {
            for &(number, share) in shares {
                journey.sums[number] += requests * share;
            }
        }
    }

    /// What is not of the crowds is worked out anew.
    pub(super) fn clear(&mut self) {
        self.fresh.iter_mut().for_each(Shares::clear);
    }

    /// So many requests per second take these paths, after so many seconds that passed before.
    pub(super) fn pass(&mut self, journey: usize, strand: usize, rate: f64, mix: &Mix, before: f64) {
        add(&mut self.journeys[journey], &mut self.fresh[journey], strand, (rate, before), mix);
    }

    /// The instant is over: what was worked out holds from now on.
    pub(super) fn hold(&mut self, now: SimTime) {
        for (journey, fresh) in self.journeys.iter_mut().zip(&self.fresh) {
            if journey.held == *fresh {
                continue;
            }
            let seconds = now.since(journey.since).as_secs_f64();
            for &(number, rate) in &journey.held {
                journey.sums[number] += rate * seconds;
            }
            journey.held.clone_from(fresh);
            journey.since = now;
        }
    }

    /// All that requests of a journey ever took.
    pub(super) fn met(&self, journey: usize) -> &[Passage] {
        &self.journeys[journey].met
    }

    /// How many took each until `now`, but for what has arrived at lines since they were closed.
    pub(super) fn until(&self, journey: usize, now: SimTime, sums: &mut Vec<f64>) {
        let own = &self.journeys[journey];
        sums.clone_from(&own.sums);
        let seconds = now.since(own.since).as_secs_f64();
        for &(number, rate) in &own.held {
            sums[number] += rate * seconds;
        }
    }

    /// What a journey's requests take of what arrives at the region of a line.
    pub(super) fn of(&self, cell: usize, journey: usize) -> &[(usize, f64)] {
        &self.lines.row(cell)[journey]
    }
}

/// Adds a mixture of paths, which begin `before` seconds later, with this weight.
fn add(journey: &mut Journey, shares: &mut Shares, strand: usize, (weight, before): (f64, f64), mix: &Mix) {
    if weight <= 0.0 {
        return;
    }
    for path in mix.paths() {
        let nanoseconds = libm::round((before + path.time.shift) * NANOSECONDS) as u64;
        let number = journey.number(Passage { strand, nanoseconds, law: path.time.law });
        match shares.last_mut() {
            Some((last, sum)) if *last == number => *sum += weight * path.weight,
            _ => shares.push((number, weight * path.weight)),
        }
    }
}
