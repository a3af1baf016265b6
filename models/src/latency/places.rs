//! How long each service and each copy of a store takes at this instant, and how far they are apart.

use sim_core::random::Distribution;

use super::laws::{Laws, Time};
use super::mix::Mix;
use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::{CellId, RegionId, StoreId};
use crate::needs::Access;
use crate::world::World;

/// What slows something down: a factor on its time, and what comes on top.
#[derive(Debug, Clone, PartialEq)]
pub struct Slow {
    /// The factor.
    pub factor: f64,
    /// What comes on top, in seconds.
    pub adds: Option<Distribution>,
}

/// A service in a region.
#[derive(Debug, Clone, Default)]
struct Service {
    response: Option<Distribution>,
    /// Requests that it works on at a time.
    concurrency: Option<f64>,
    now: Time,
    /// Mean of the present response time, in seconds.
    mean: f64,
    /// What a cold start takes.
    cold: Option<Time>,
    /// Of one outside AWS, its round trips from each region in seconds.
    outside: Vec<f64>,
}

/// What there is to know of a service in a region.
#[derive(Debug, Clone, Default)]
pub struct CellTimes<'a> {
    /// How long it works on a request, in seconds.
    pub response: Option<&'a Distribution>,
    /// Requests that it works on at a time.
    pub concurrency: Option<f64>,
    /// What a cold start takes, in seconds.
    pub cold: Option<&'a Distribution>,
    /// Of one outside AWS, its round trips from each region in seconds.
    pub outside: Vec<f64>,
}

/// Times of all services and stores, and what was worked out from them.
#[derive(Debug, Default)]
pub struct Places {
    /// All distributions that were met.
    pub laws: Laws,
    cells: ById<CellId, Service>,
    /// By store, of reads and of writes.
    times: ById<StoreId, [Option<Distribution>; 2]>,
    /// Of reads and of writes: row = store, column = region of the copy.
    stores: Grid<[Time; 2], StoreId, RegionId>,
    /// By store, the regions that have to agree, and on which accesses they do.
    voters: ById<StoreId, (Vec<RegionId>, [bool; 2])>,
    /// Between regions in seconds: row = from.
    round_trips: Vec<Vec<f64>>,
    /// Whether anything has been slow.
    disturbed: bool,
}

impl Places {
    /// Services and stores like these, in regions so far apart.
    pub fn new<'a>(
        cells: impl Iterator<Item = CellTimes<'a>>,
        stores: impl Iterator<Item = ([Option<Distribution>; 2], Vec<RegionId>, [bool; 2])>,
        round_trips: &[Vec<f64>],
    ) -> Self {
        let mut places = Self { round_trips: round_trips.to_vec(), ..Self::default() };
        for CellTimes { response, concurrency, cold, outside } in cells {
            let cold = cold.map(|cold| places.laws.time(cold));
            let response = response.cloned();
            places.cells.push(Service { response, concurrency, cold, outside, ..Service::default() });
        }
        for (times, voters, agrees) in stores {
            places.times.push(times);
            places.voters.push((voters, agrees));
        }
        places.stores = Grid::new(places.times.len(), round_trips.len(), [Time::default(); 2]);
        places.disturbed = true;
        places.begin();
        places
    }

    /// Starts a trial: nothing is slow.
    pub fn begin(&mut self) {
        if !std::mem::take(&mut self.disturbed) {
            return;
        }
        for cell in self.cells.ids() {
            self.slow_cell(cell, std::iter::empty());
        }
        for store in self.times.ids() {
            for region in RegionId::all(self.round_trips.len()) {
                self.slow_store(store, region, &[[].as_slice(), &[]]);
            }
        }
    }

    /// A service is slowed down by these, together.
    pub fn slow_cell<'a>(&mut self, cell: CellId, by: impl Iterator<Item = &'a Slow>) {
        let by: Vec<&Slow> = by.collect();
        self.disturbed |= !by.is_empty();
        let Self { laws, cells, .. } = self;
        let Some(service) = cells.get_mut(cell) else { return };
        (service.now, service.mean) = slowed(service.response.as_ref(), &by, laws);
    }

    /// A store's copy is slowed down: its reads by the first ones, its writes by the others.
    pub fn slow_store(&mut self, store: StoreId, region: RegionId, by: &[&[&Slow]; 2]) {
        self.disturbed |= by.iter().any(|by| !by.is_empty());
        let Self { laws, times, stores, .. } = self;
        for access in [Access::Read, Access::Write] {
            let (now, _) = slowed(times[store][access as usize].as_ref(), by[access as usize], laws);
            stores[(store, region)][access as usize] = now;
        }
    }

    /// What a service takes by itself.
    pub fn service(&self, cell: CellId) -> Time {
        self.cells.get(cell).map_or(Time::default(), |service| service.now)
    }

    /// Requests per second that a service's concurrency admits at its present time.
    pub fn carries(&self, cell: CellId) -> f64 {
        match self.cells.get(cell) {
            Some(Service { concurrency: Some(concurrency), mean, .. }) if *mean > 0.0 => concurrency / mean,
            _ => f64::INFINITY,
        }
    }

    /// What an access takes at a copy, with the way there and back and, where several have to agree, the quorum's.
    pub fn access(&self, access: Access, store: StoreId, (from, at): (RegionId, RegionId), world: &World) -> Time {
        let own = self.stores[(store, at)][access as usize];
        let mut shift = own.shift + self.trip(from, at);
        let (voters, agrees) = &self.voters[store];
        if agrees[access as usize] {
            let others = voters.iter().copied().filter(|&other| world.reaches(at, other));
            let others: f64 =
                others.filter(|&other| other != at).map(|other| self.trip(at, other)).fold(f64::INFINITY, f64::min);
            shift += if others.is_finite() { others } else { 0.0 };
        }
        Time { shift, ..own }
    }

    /// A round trip from a region to a cell in another one, or to one outside AWS, in seconds.
    pub fn trip_to(&self, cell: CellId, from: RegionId, to: RegionId) -> f64 {
        let outside = self.cells.get(cell).and_then(|service| service.outside.get(from.index()));
        outside.copied().unwrap_or_else(|| self.trip(from, to))
    }

    /// A round trip between two regions, in seconds; none within one.
    pub fn trip(&self, from: RegionId, to: RegionId) -> f64 {
        if from == to { 0.0 } else { self.round_trips[from.index()][to.index()] }
    }

    /// The share of requests to a service that start it cold wait for that.
    pub fn start_cold(&mut self, cell: CellId, share: f64, times: &Mix) -> Option<Mix> {
        let cold = self.cells.get(cell)?.cold?;
        if share <= 0.0 {
            return None;
        }
        let mut waiting = times.clone();
        waiting.add(cold, &mut self.laws);
        let mut all = times.clone();
        all.or(share, &waiting, &self.laws);
        Some(all)
    }
}

/// A time slowed down, and its mean in seconds.
fn slowed(base: Option<&Distribution>, by: &[&Slow], laws: &mut Laws) -> (Time, f64) {
    let factor: f64 = by.iter().map(|slow| slow.factor).product();
    let mut now = match base {
        Some(base) if factor == 1.0 => laws.time(base),
        Some(base) => match base.scaled(factor) {
            Ok(scaled) => laws.time(&scaled),
            Err(_) => laws.time(base),
        },
        None => Time::default(),
    };
    for added in by.iter().filter_map(|slow| slow.adds.as_ref()) {
        let added = laws.time(added);
        now = laws.plus(now, added);
    }
    (now, now.shift + laws.mean(now.law))
}
