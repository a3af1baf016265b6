//! What a need meets: the store that it names, what that one backs where it is a cache, and what both carry.
//!
//! A copy that gets more accesses than it carries sheds the rest: the share f = 1 - capacity / load of them fails (or, in
//! a cache, becomes a miss); copies that carry each other's writes shed them together ([`super::replicas`]). With retries
//! the load depends on the share that fails, so that f is part of the same fixed point as the overload of compute, and is
//! iterated in the same way from the last instant's.

use std::ops::Range;

use super::replicas::{Replicas, excess};
use super::{Assembly, NamedStore};
use crate::by_id::ById;
use crate::cause::Cause;
use crate::grid::Grid;
use crate::ids::{PopulationId, RegionId, StoreId};
use crate::journeys::{Access, Need};
use crate::stores::Availability;

/// The iteration ends when no share moves more than this.
const TOLERANCE: f64 = 1e-12;
/// A bound on the iterations; near a fold they may take long.
const MOST_ITERATIONS: usize = 10_000;

/// Which shards requests meet: a representative of each group of populations that use the same ones everywhere.
#[derive(Debug)]
pub(super) struct Sharding {
    /// The first population of each set of chains.
    representatives: Vec<PopulationId>,
    /// The set of each population.
    pub(super) sets: Vec<usize>,
    /// Where each store's rows begin, and the number of rows.
    rows: Vec<usize>,
}

impl Sharding {
    /// The sharding of these stores as so many populations see it.
    pub(super) fn new(stores: &ById<StoreId, NamedStore>, populations: usize) -> Self {
        let same = |one: PopulationId, other: PopulationId| {
            stores.iter().all(|store| store.parameters.shard_of(one) == store.parameters.shard_of(other))
        };
        let mut representatives: Vec<PopulationId> = Vec::new();
        let mut sets = Vec::new();
        for population in PopulationId::all(populations) {
            let known = representatives.iter().position(|&one| same(one, population));
            sets.push(known.unwrap_or(representatives.len()));
            if known.is_none() {
                representatives.push(population);
            }
        }
        let mut rows = vec![0];
        for store in stores {
            rows.push(rows[rows.len() - 1] + store.parameters.shards());
        }
        Self { representatives, sets, rows }
    }

    /// Number of rows: shards of all stores.
    pub(super) fn count(&self) -> usize {
        self.rows[self.rows.len() - 1]
    }

    /// The rows of a store's shards.
    pub(super) fn rows_of(&self, store: StoreId) -> std::ops::Range<usize> {
        self.rows[store.index()]..self.rows[store.index() + 1]
    }
}

/// What becomes of accesses of one need from one region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    /// Share that works.
    pub(super) pass: f64,
    /// Shares that fail, with their causes: the store's own, and what it sheds.
    fails: [(Cause, f64); 2],
    /// Whether failing accesses hang.
    pub(super) hangs: bool,
    /// The store's row.
    row: usize,
    /// The region whose copy does the work.
    at: RegionId,
    /// Meters at which accesses arrive, and the share that does; the store's own and that of what it backs.
    metered: [Option<(usize, f64)>; 2],
}

/// Loads and sheds at copies of limited capacity: row = store (one for each shard), reads then writes, column = region.
#[derive(Debug)]
pub(super) struct Meters {
    capacity: Grid<f64, usize, RegionId>,
    /// The same as the file says it.
    written: Grid<f64, usize, RegionId>,
    shed: Grid<f64, usize, RegionId>,
    replicas: Replicas,
    limited: bool,
}

impl Meters {
    /// Meters for stores that carry this much.
    pub(super) fn new(stores: &ById<StoreId, NamedStore>, regions: usize) -> Self {
        let of = |store: &NamedStore| [store.capacity.of(Access::Read), store.capacity.of(Access::Write)];
        let rows = stores.iter().flat_map(|store| std::iter::repeat_n(of(store), store.parameters.shards()));
        let rows: Vec<f64> = rows.flatten().collect();
        let capacity = Grid::from_fn(rows.len(), regions, |row, _| rows[row]);
        let limited = stores.iter().any(|store| store.capacity.any());
        let shards = |(id, store): (StoreId, &NamedStore)| std::iter::repeat_n(id, store.parameters.shards());
        let replicas = Replicas::new(stores.pairs().flat_map(shards), regions);
        Self { shed: Grid::new(rows.len(), regions, 0.0), written: capacity.clone(), capacity, replicas, limited }
    }

    /// Number of meters that the solver has to keep; none if nothing is limited.
    pub(super) fn count(&self) -> usize {
        if self.limited { self.capacity.cells().len() } else { 0 }
    }

    /// A copy, in each of these rows, carries so many times what the file says. Returns whether that is something else than
    /// before.
    fn scale(&mut self, rows: Range<usize>, region: RegionId, factor: f64) -> bool {
        let mut changes = false;
        for row in 2 * rows.start..2 * rows.end {
            let (written, capacity) = (self.written[(row, region)], &mut self.capacity[(row, region)]);
            if written.is_finite() {
                changes |= *capacity != written * factor;
                *capacity = written * factor;
            }
        }
        changes
    }

    /// Starts a trial: nothing is shed.
    pub(super) fn begin(&mut self) {
        self.capacity.cells_mut().copy_from_slice(self.written.cells());
        self.shed.fill(0.0);
    }

    /// The meter of a copy, if it is limited, and the share that it sheds.
    fn at(&self, row: usize, access: Access, region: RegionId) -> (Option<usize>, f64) {
        let place = (2 * row + usize::from(access == Access::Write), region);
        (self.capacity[place].is_finite().then_some(self.capacity.cell(place)), self.shed[place])
    }

    /// Sets the share that every copy sheds under these loads, and returns whether any share moved. A share that has
    /// converged keeps its bits when this is called again.
    fn update(&mut self, loads: &[f64]) -> bool {
        let mut moved = false;
        let rows = self.capacity.each_row().zip(loads.chunks_exact(self.capacity.columns()));
        for (row, (capacities, loads)) in rows.enumerate() {
            let carried = capacities.iter().zip(loads).zip(self.shed.row_mut(row));
            for (region, ((&capacity, &load), shed)) in RegionId::all(capacities.len()).zip(carried) {
                // Reads, then writes: see `at`.
                let next = if row.is_multiple_of(2) {
                    excess(load, capacity)
                } else {
                    self.replicas.sheds(row / 2, region, loads, capacity)
                };
                if (next - *shed).abs() >= TOLERANCE {
                    *shed = next;
                    moved = true;
                }
            }
        }
        moved
    }
}

impl Assembly {
    /// Whether accesses to each shard of a store work at this instant.
    pub(super) fn accesses(&self, need: &Need, region: RegionId) -> impl Iterator<Item = Availability> {
        let shards = self.sharding.rows_of(need.store).len();
        (0..shards).map(move |shard| self.access(need, shard, region))
    }

    /// Whether an access to a shard works: what the store says, less what impairs the copy that would serve it.
    fn access(&self, need: &Need, shard: usize, region: RegionId) -> Availability {
        let mut availability = self.stores[need.store].access(shard, need.access, region, &self.world);
        let impaired = self.impaired[(need.store, availability.at)][need.access as usize];
        if availability.share > 0.0 && impaired > 0.0 {
            availability.share *= 1.0 - impaired;
            availability.cause = Cause::Dependency;
            availability.hangs = false;
        }
        availability
    }

    /// What accesses to this store alone meet: a population's at its shard, those of nobody in particular at the shard
    /// that is worst off.
    pub(super) fn meet_store(&self, need: &Need, region: RegionId, population: Option<PopulationId>) -> Met {
        let store = &self.topology.stores[need.store].parameters;
        if let Some(population) = population {
            return self.meet_shard(need, store.shard_of(population), region);
        }
        let each = (0..store.shards()).map(|shard| self.meet_shard(need, shard, region));
        each.reduce(|worst, next| if next.pass < worst.pass { next } else { worst }).expect("a store has a shard")
    }

    fn meet_shard(&self, need: &Need, shard: usize, region: RegionId) -> Met {
        let availability = self.access(need, shard, region);
        let row = self.sharding.rows_of(need.store).start + shard;
        let Availability { share, cause, hangs, at } = availability;
        let (meter, shed) = self.meters.at(row, need.access, at);
        Met {
            pass: share * (1.0 - shed),
            fails: [(cause, 1.0 - share), (Cause::Dependency, share * shed)],
            hangs,
            row,
            at,
            metered: [meter.map(|meter| (meter, share)), None],
        }
    }

    /// What a population's accesses of this need from this region meet, or those of nobody in particular.
    pub(super) fn meet(&self, need: &Need, region: RegionId, population: Option<PopulationId>) -> Met {
        let mut met = self.meet_store(need, region, population);
        let backed = self.topology.stores[need.store].parameters.backs();
        let (Access::Read, Some(store)) = (need.access, backed) else { return met };
        // A read that a cache does not answer, for whichever reason, loads what it looks for from behind.
        let hit = met.pass * self.stores[need.store].hit_ratio(met.at);
        let miss = 1.0 - hit;
        let behind = self.meet_store(&Need { store, ..*need }, region, population);
        met.pass = hit + miss * behind.pass;
        met.fails = behind.fails.map(|(cause, share)| (cause, miss * share));
        met.hangs = behind.hangs;
        met.metered[1] = behind.metered[0].map(|(meter, share)| (meter, miss * share));
        met
    }

    /// What the needs of each journey do to requests of each region.
    pub(super) fn update_chains(&mut self) {
        let mut chains = std::mem::take(&mut self.solver.chains);
        let first_meter = self.solver.flow.first_meter;
        for (set, region) in self.sets_and_regions() {
            let population = Some(self.sharding.representatives[set]);
            for (id, journey) in self.topology.journeys.pairs() {
                let chain = &mut chains[set][(region.index(), id.index())];
                chain.pass = 1.0;
                chain.causes.fill(0.0);
                chain.degraded = 0.0;
                chain.counts.clear();
                if !self.world.up(region) {
                    continue;
                }
                let mut intact = 1.0;
                for need in &journey.needs {
                    let met = self.meet(need, region, population);
                    for &(meter, share) in met.metered.iter().flatten() {
                        chain.counts.push((first_meter + meter, chain.pass * share));
                    }
                    if need.soft {
                        intact *= met.pass;
                    } else {
                        for (cause, share) in met.fails {
                            chain.causes[cause.index()] += chain.pass * share;
                        }
                        chain.pass *= met.pass;
                    }
                    if need.access == Access::Write && met.pass > 0.0 {
                        let reaching = if need.soft { chain.pass * met.pass } else { chain.pass };
                        chain.counts.push((self.solver.flow.writes_at(met.row, met.at.index()), reaching));
                    }
                }
                chain.degraded = 1.0 - intact;
            }
        }
        self.solver.chains = chains;
    }

    /// A store's copy carries so many times what the file says. Returns whether that is something else than before.
    pub(super) fn scale_copy(&mut self, store: StoreId, region: RegionId, factor: f64) -> bool {
        let changes = self.meters.scale(self.sharding.rows_of(store), region, factor);
        self.dirty.places |= changes;
        changes
    }

    fn sets_and_regions(&self) -> impl Iterator<Item = (usize, RegionId)> {
        let regions = self.topology.regions.ids();
        let sets = 0..self.sharding.representatives.len();
        sets.flat_map(move |set| regions.clone().map(move |region| (set, region)))
    }

    /// Lets overloaded copies shed until that is consistent with the load that is left; returns whether anything moved.
    pub(super) fn shed_overload(&mut self) -> bool {
        if self.meters.count() == 0 {
            return false;
        }
        self.meters.replicas.connect(|store, from, to| self.stores[store].carries(from, to, &self.world));
        let mut changed = false;
        for _ in 0..MOST_ITERATIONS {
            if !self.meters.update(self.solver.flow.metered()) {
                break;
            }
            changed = true;
            self.update_chains();
            self.solver.places_changed();
            self.solver.solve();
        }
        changed
    }
}
