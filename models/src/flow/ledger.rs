//! What flows add up to over a trial: requests by journey and cause, by population, and by the part that fails them.
//!
//! Where requests go straight to regions, what becomes of one request stays as it is while caches expire one after the other, and
//! only the numbers of requests move. Sums of these are exact (see [`super::crowds`]), so that nothing has to be added up before
//! something else becomes of a request. Where regions depend on each other, whole flows hold until they change.
//!
//! Sums are split where something becomes otherwise at the end of an instant, and nowhere else: looking changes nothing.

use sim_core::time::SimTime;

use super::JourneyFlow;
use super::crowds::Crowds;
use super::lines::Lines;
use super::passages::{Passage, Passages};
use crate::cause::CAUSES;
use crate::grid::Grid;

/// A rate that stays as it is, and since when.
#[derive(Debug, Clone, Copy, Default)]
struct Held<T> {
    value: T,
    since: SimTime,
}

impl<T: Copy + PartialEq> Held<T> {
    /// The rate from `now` on; returns what was, and for how many seconds, if that is another one.
    fn set(&mut self, value: T, now: SimTime) -> Option<(T, f64)> {
        if value == self.value {
            return None;
        }
        let before = std::mem::replace(self, Self { value, since: now });
        Some((before.value, now.since(before.since).as_secs_f64()))
    }

    fn seconds(&self, now: SimTime) -> f64 {
        now.since(self.since).as_secs_f64()
    }
}

/// Share of requests that fail at a region, and its integral in seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Failing {
    share: Held<f64>,
    integral: f64,
}

impl Failing {
    #[inline]
    fn until(&self, now: SimTime) -> f64 {
        if self.share.value > 0.0 { self.integral + self.share.value * self.share.seconds(now) } else { self.integral }
    }
}

/// Sums over a trial.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    pub(super) crowds: Crowds,
    /// What became of requests until now.
    lines: Lines,
    /// Regions where that may be something else at the end of this instant.
    restless: Vec<bool>,
    /// Requests by journey: numbers, not rates.
    journeys: Vec<JourneyFlow>,
    /// What is not sent straight to regions: rates.
    steady: Vec<Held<JourneyFlow>>,
    /// Failed requests by population.
    populations: Vec<f64>,
    steady_populations: Vec<Held<f64>>,
    /// Row = place, column = region.
    failing: Grid<Failing>,
    /// The integral of what fails when a population last sent another number: row = population, column = region.
    marks: Grid<f64>,
    /// By population, its class and set of chains.
    places: Vec<usize>,
    /// Failed requests by part behind the fronts and cause.
    blamed: Vec<f64>,
    steady_blamed: Vec<f64>,
    blamed_since: SimTime,
    /// How long requests took, where that is asked for.
    pub(super) passages: Option<Passages>,
}

impl Ledger {
    /// A ledger of these crowds, of so many parts that may be blamed for something.
    pub(super) fn new(crowds: Crowds, (populations, regions, journeys): (usize, usize, usize), blamed: usize) -> Self {
        Self {
            crowds,
            restless: vec![false; regions],
            journeys: vec![JourneyFlow::default(); journeys],
            steady: vec![Held::default(); journeys],
            populations: vec![0.0; populations],
            steady_populations: vec![Held::default(); populations],
            marks: Grid::new(populations, regions, 0.0),
            blamed: vec![0.0; blamed],
            steady_blamed: vec![0.0; blamed],
            ..Self::default()
        }
    }

    /// The places of the populations in what becomes of requests.
    pub(super) fn place(&mut self, places: Vec<usize>, lines: &Lines) {
        self.failing = Grid::new(lines.places(), self.restless.len(), Failing::default());
        self.places = places;
        self.lines = lines.clone();
        if lines.times() {
            self.passages = Some(Passages::new(self.journeys.len(), lines.places() * self.restless.len()));
        }
    }

    /// Starts a trial.
    pub(super) fn begin(&mut self) {
        self.crowds.begin();
        self.journeys.fill(JourneyFlow::default());
        self.populations.fill(0.0);
        self.marks.fill(0.0);
        self.blamed.fill(0.0);
        self.steady_blamed.fill(0.0);
        self.blamed_since = SimTime::ZERO;
        if let Some(passages) = &mut self.passages {
            passages.begin();
        }
        self.steady.fill(Held::default());
        self.steady_populations.fill(Held::default());
        for failing in self.failing.cells_mut() {
            *failing = Failing { share: Held { since: SimTime::ZERO, ..failing.share }, integral: 0.0 };
        }
    }

    /// Something else may become of requests at a region.
    pub(super) fn disturb(&mut self, region: usize) {
        self.restless[region] = true;
    }

    /// A population sends these shares of its offer to each region from now on. Marks regions to which it sent another number.
    #[inline]
    pub(super) fn send(&mut self, population: usize, offered: f64, shares: &[f64], regions: &mut [bool]) {
        let Self { crowds, failing, marks, populations, places, .. } = self;
        let (failing, marks) = (failing.row(places[population]), marks.row_mut(population));
        let (failed, now) = (&mut populations[population], crowds.now());
        crowds.send(population, offered, shares, |region, before| {
            regions[region] = true;
            let until = failing[region].until(now);
            *failed += before * (until - std::mem::replace(&mut marks[region], until));
        });
    }

    /// Books what failed of what a population sent.
    #[inline]
    fn book(&mut self, population: usize, region: usize, sent: f64) {
        let failing = &self.failing[(self.places[population], region)];
        let until = failing.until(self.crowds.now());
        let mark = std::mem::replace(&mut self.marks[(population, region)], until);
        self.populations[population] += sent * (until - mark);
    }

    /// Books everything, for who is counted together or in which unit becomes otherwise now.
    pub(super) fn book_all(&mut self) {
        for region in 0..self.restless.len() {
            self.close(region);
            for population in 0..self.populations.len() {
                self.book(population, region, self.crowds.sends_of(population, region));
            }
        }
    }

    /// Adds up what became of what was sent to a region until now.
    fn close(&mut self, region: usize) {
        let now = self.crowds.now();
        let Self { crowds, lines, journeys, blamed, passages, .. } = self;
        for crowd in crowds.all() {
            let (requests, travelled) = crowds.sent_until(crowd, region, now);
            if requests == 0.0 {
                continue;
            }
            let place = lines.place(crowd.class, crowd.set);
            for (sum, line) in journeys.iter_mut().zip(lines.of(place, region)) {
                if line.failed > 0.0 {
                    sum.failed += requests * line.failed;
                    sum.causes[crowd.cause(region)] += requests * line.endpoint;
                    for (sum, share) in sum.causes.iter_mut().zip(&line.causes) {
                        *sum += requests * share;
                    }
                }
                sum.degraded += requests * line.degraded;
                sum.seconds += requests * line.seconds + travelled * line.trips;
            }
            for &(part, share) in lines.blames(place, region) {
                blamed[part] += requests * share;
            }
            if let Some(passages) = passages {
                passages.close(lines.cell(place, region), requests);
            }
        }
        self.crowds.start_anew(region);
    }

    /// The instant is over: what becomes of requests from now on. `steady` are flows of journeys, failing requests of populations
    /// and of parts that are not of the crowds.
    pub(super) fn settle(&mut self, fresh: &Lines) {
        let now = self.crowds.now();
        for region in 0..self.restless.len() {
            if !std::mem::take(&mut self.restless[region]) || !self.lines.differs(fresh, region) {
                continue;
            }
            self.close(region);
            self.lines.copy(fresh, region);
            self.renew(region);
            for place in 0..self.lines.places() {
                let failing = &mut self.failing[(place, region)];
                if let Some((share, seconds)) = failing.share.set(self.lines.failing(place, region), now) {
                    failing.integral += share * seconds;
                }
            }
        }
    }

    /// What is sent to a region takes other times.
    fn renew(&mut self, region: usize) {
        let Self { lines, passages: Some(passages), places, .. } = self else { return };
        for (strand, &place) in places.iter().enumerate() {
            passages.renew(lines.cell(place, region), strand, lines.ways(place, region));
        }
    }

    /// What requests took that are not of the crowds holds from now on.
    pub(super) fn hold_passages(&mut self) {
        let now = self.crowds.now();
        if let Some(passages) = &mut self.passages {
            passages.hold(now);
        }
    }

    /// Everything that requests of a journey that succeed ever took, in all trials so far; nothing where it is not asked for.
    pub fn passages(&self, journey: usize) -> &[Passage] {
        self.passages.as_ref().map_or(&[], |passages| passages.met(journey))
    }

    /// How many requests of a journey took each of [`Self::passages`] until `now`, not before the last change.
    pub fn passed(&self, journey: usize, now: SimTime, sums: &mut Vec<f64>) {
        sums.clear();
        let Some(passages) = &self.passages else { return };
        passages.until(journey, now, sums);
        for region in 0..self.restless.len() {
            for crowd in self.crowds.all() {
                let requests = self.crowds.sent_until(crowd, region, now).0;
                let cell = self.lines.cell(self.lines.place(crowd.class, crowd.set), region);
                for &(number, share) in passages.of(cell, journey) {
                    sums[number] += requests * share;
                }
            }
        }
    }

    /// Flows of a journey that are not of the crowds, from now on.
    pub(super) fn hold(&mut self, journey: usize, flow: &JourneyFlow) {
        let now = self.crowds.now();
        if let Some((flow, seconds)) = self.steady[journey].set(*flow, now) {
            add(&mut self.journeys[journey], &flow, seconds);
        }
    }

    /// What fails of a population's requests that are not of the crowds, from now on.
    pub(super) fn hold_failed(&mut self, population: usize, failed: f64) {
        let now = self.crowds.now();
        if let Some((failed, seconds)) = self.steady_populations[population].set(failed, now) {
            self.populations[population] += failed * seconds;
        }
    }

    /// What parts fail of requests that are not of the crowds, from now on.
    pub(super) fn hold_blamed(&mut self, blamed: &[f64]) {
        if self.steady_blamed == blamed {
            return;
        }
        let now = self.crowds.now();
        let seconds = now.since(self.blamed_since).as_secs_f64();
        for (sum, rate) in self.blamed.iter_mut().zip(&self.steady_blamed) {
            *sum += rate * seconds;
        }
        self.steady_blamed.copy_from_slice(blamed);
        self.blamed_since = now;
    }

    /// Requests of a journey until `now`, not before the last change.
    pub fn journey(&self, journey: usize, now: SimTime) -> JourneyFlow {
        let mut sum = self.journeys[journey];
        let held = &self.steady[journey];
        add(&mut sum, &held.value, held.seconds(now));
        for region in 0..self.restless.len() {
            for crowd in self.crowds.all() {
                let (requests, travelled) = self.crowds.sent_until(crowd, region, now);
                if requests == 0.0 {
                    continue;
                }
                let line = &self.lines.of(self.lines.place(crowd.class, crowd.set), region)[journey];
                sum.failed += requests * line.failed;
                sum.degraded += requests * line.degraded;
                sum.seconds += requests * line.seconds + travelled * line.trips;
                sum.causes[crowd.cause(region)] += requests * line.endpoint;
                for (sum, share) in sum.causes.iter_mut().zip(&line.causes) {
                    *sum += requests * share;
                }
            }
        }
        sum
    }

    /// Requests of a journey that have failed until `now`, not before the last change.
    pub fn failed(&self, journey: usize, now: SimTime) -> f64 {
        let held = &self.steady[journey];
        let mut sum = self.journeys[journey].failed + held.value.failed * held.seconds(now);
        for region in 0..self.restless.len() {
            for crowd in self.crowds.all() {
                let line = &self.lines.of(self.lines.place(crowd.class, crowd.set), region)[journey];
                if line.failed > 0.0 {
                    sum += self.crowds.sent_until(crowd, region, now).0 * line.failed;
                }
            }
        }
        sum
    }

    /// Requests of a population that have failed until `now`, not before the last change.
    pub fn failed_of(&self, population: usize, now: SimTime) -> f64 {
        let held = &self.steady_populations[population];
        let mut sum = self.populations[population] + held.value * held.seconds(now);
        for region in 0..self.restless.len() {
            let until = self.failing[(self.places[population], region)].until(now);
            sum += self.crowds.sends_of(population, region) * (until - self.marks[(population, region)]);
        }
        sum
    }

    /// What parts have failed until `now`, by cause.
    pub fn blamed(&self, part: usize, now: SimTime) -> [f64; CAUSES] {
        let Some(own) = self.blamed.get(part * CAUSES..(part + 1) * CAUSES) else { return [0.0; CAUSES] };
        let seconds = now.since(self.blamed_since).as_secs_f64();
        let mut sums: [f64; CAUSES] =
            std::array::from_fn(|cause| own[cause] + self.steady_blamed[part * CAUSES + cause] * seconds);
        for region in 0..self.restless.len() {
            for crowd in self.crowds.all() {
                let blames = self.lines.blames(self.lines.place(crowd.class, crowd.set), region);
                let requests = if blames.is_empty() { 0.0 } else { self.crowds.sent_until(crowd, region, now).0 };
                for &(cell, share) in blames.iter().filter(|(cell, _)| cell / CAUSES == part) {
                    sums[cell % CAUSES] += requests * share;
                }
            }
        }
        sums
    }
}

/// Adds a flow that held for so many seconds.
fn add(sum: &mut JourneyFlow, flow: &JourneyFlow, seconds: f64) {
    sum.offered += flow.offered * seconds;
    sum.degraded += flow.degraded * seconds;
    sum.seconds += flow.seconds * seconds;
    if flow.failed > 0.0 {
        sum.failed += flow.failed * seconds;
        for (sum, rate) in sum.causes.iter_mut().zip(&flow.causes) {
            *sum += rate * seconds;
        }
    }
}
