//! What a need meets: the store that it names, what that one backs where it is a cache, and what both carry.
//!
//! A copy that gets more accesses than it carries sheds the rest: the share f = 1 - capacity / load of them fails (or, in
//! a cache, becomes a miss); copies that carry each other's writes shed them together ([`super::replicas`]). With retries
//! the load depends on the share that fails, so that f is part of the same fixed point as the overload of compute, and is
//! iterated in the same way from the last instant's.

use std::ops::Range;

use super::replicas::{Replicas, excess};
use super::{Assembly, NamedStore, Strand};
use crate::by_id::ById;
use crate::cause::Cause;
use crate::faults::Struck;
use crate::grid::Grid;
use crate::ids::{PopulationId, RegionId, StoreId, StrandId};
use crate::needs::Access;
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
    /// The set of each strand.
    pub(super) sets: Vec<usize>,
    /// Where each store's rows begin, and the number of rows.
    rows: Vec<usize>,
}

impl Sharding {
    /// The sharding of these stores as populations see it that ask for names.
    pub(super) fn new(stores: &ById<StoreId, NamedStore>, strands: &ById<StrandId, Strand>) -> Self {
        let shard = |store: &NamedStore, strand: &Strand| store.parameters.shard_of(strand.population);
        let same = |one: &Strand, other: &Strand| {
            one.name == other.name && stores.iter().all(|store| shard(store, one) == shard(store, other))
        };
        let mut firsts: Vec<&Strand> = Vec::new();
        let mut sets = Vec::new();
        for strand in strands {
            let known = firsts.iter().position(|one| same(one, strand));
            sets.push(known.unwrap_or(firsts.len()));
            if known.is_none() {
                firsts.push(strand);
            }
        }
        let representatives = firsts.iter().map(|strand| strand.population).collect();
        let mut rows = vec![0];
        for store in stores {
            rows.push(rows[rows.len() - 1] + store.parameters.shards());
        }
        Self { representatives, sets, rows }
    }

    /// Number of sets of chains.
    pub(super) fn sets(&self) -> usize {
        self.representatives.len()
    }

    /// The first population of a set.
    pub(super) fn representative(&self, set: usize) -> PopulationId {
        self.representatives[set]
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
    pub(super) fails: [(Cause, f64); 2],
    /// Whether failing accesses hang.
    pub(super) hangs: bool,
    /// The store that decides: for reads through a cache, the one behind it.
    pub(super) store: StoreId,
    /// Its row.
    pub(super) row: usize,
    /// The region whose copy does the work.
    pub(super) at: RegionId,
    /// Of reads through a cache: the region of the copy that is asked, if one is, and the share of reads that misses and works.
    pub(super) cache: Option<(Option<RegionId>, f64)>,
    /// Meters at which accesses arrive, and the share that does; the store's own and that of what it backs.
    pub(super) metered: [Option<(usize, f64)>; 2],
}

/// Loads and sheds at copies of limited capacity: row = store (one for each shard), reads then writes, column = region.
#[derive(Debug)]
pub(super) struct Meters {
    capacity: Grid<f64, usize, RegionId>,
    /// The same as the file says it.
    written: Grid<f64, usize, RegionId>,
    shed: Grid<f64, usize, RegionId>,
    /// By row of stores, how many times less its copies carry.
    slow: Vec<f64>,
    /// Share of the capacity that faults leave.
    left: Grid<f64, usize, RegionId>,
    replicas: Replicas,
    limited: bool,
}

impl Meters {
    /// Meters for stores that carry this much.
    pub(super) fn new(stores: &ById<StoreId, NamedStore>, regions: usize) -> Self {
        // Reads, then writes: see `at`.
        let both = |store| [(store, Access::Read), (store, Access::Write)];
        let shards = stores.iter().flat_map(|store| std::iter::repeat_n(store, store.parameters.shards()));
        let rows: Vec<(&NamedStore, Access)> = shards.flat_map(both).collect();
        let capacity = Grid::from_fn(rows.len(), regions, |row, region| {
            let (store, access): (&NamedStore, Access) = rows[row];
            store.capacity.at(region).of(access)
        });
        let limited = stores.iter().any(|store| store.capacity.any());
        let shards = |(id, store): (StoreId, &NamedStore)| std::iter::repeat_n(id, store.parameters.shards());
        let replicas = Replicas::new(stores.pairs().flat_map(shards), regions);
        let slow = vec![1.0; rows.len() / 2];
        let left = Grid::new(rows.len(), regions, 1.0);
        Self {
            shed: Grid::new(rows.len(), regions, 0.0),
            left,
            written: capacity.clone(),
            slow,
            capacity,
            replicas,
            limited,
        }
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
        self.slow.fill(1.0);
        self.left.fill(1.0);
    }

    /// Copies in these rows carry this share of what they would, of one kind of access.
    pub(super) fn lessen(&mut self, rows: Range<usize>, access: Access, region: RegionId, left: f64) {
        for row in rows {
            self.left[(2 * row + usize::from(access == Access::Write), region)] = left;
        }
    }

    /// The copies of some stores carry that many times less from now on.
    pub(super) fn slow_down(&mut self, rows: std::ops::Range<usize>, factor: f64) {
        self.slow[rows].fill(factor);
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
        for row in 0..self.capacity.cells().len() / self.capacity.columns().max(1) {
            for region in RegionId::all(self.capacity.columns()) {
                let next = self.says(row, region, loads);
                let shed = &mut self.shed[(row, region)];
                if (next - *shed).abs() >= TOLERANCE {
                    *shed = next;
                    moved = true;
                }
            }
        }
        moved
    }

    /// The share that a copy sheds under these loads.
    fn says(&self, row: usize, region: RegionId, loads: &[f64]) -> f64 {
        let columns = self.capacity.columns();
        let loads = &loads[row * columns..(row + 1) * columns];
        let capacity = |copy| self.capacity[(row, copy)] / self.slow[row / 2] * self.left[(row, copy)];
        // Reads, then writes: see `at`.
        if row.is_multiple_of(2) {
            excess(loads[region.index()], capacity(region))
        } else {
            self.replicas.sheds(row / 2, region, loads, capacity)
        }
    }

    /// What every copy sheds under these loads, into `shares`; nothing if nothing is limited.
    pub(super) fn say(&self, loads: &[f64], shares: &mut [f64]) {
        for (cell, share) in shares.iter_mut().enumerate() {
            let columns = self.capacity.columns();
            *share = self.says(cell / columns, RegionId::new(cell % columns), loads);
        }
    }

    /// The present shares, into `shares`.
    pub(super) fn read(&self, shares: &mut [f64]) {
        for (share, own) in shares.iter_mut().zip(self.shed.cells()) {
            *share = *own;
        }
    }

    /// Every copy sheds this share from now on.
    pub(super) fn set(&mut self, shares: &[f64]) {
        for (own, share) in self.shed.cells_mut().iter_mut().zip(shares) {
            *own = *share;
        }
    }
}

impl Assembly {
    /// Whether accesses to each shard of a store work at this instant.
    pub(super) fn accesses(
        &self,
        access: Access,
        store: StoreId,
        region: RegionId,
    ) -> impl Iterator<Item = Availability> {
        let shards = self.sharding.rows_of(store).len();
        (0..shards).map(move |shard| self.access(access, store, shard, region))
    }

    /// Whether an access to a shard works: what the store says, less what impairs the copy that would serve it.
    fn access(&self, access: Access, store: StoreId, shard: usize, region: RegionId) -> Availability {
        let mut availability = self.stores[store].access(shard, access, region, &self.world);
        let impaired = self.impaired[(store, availability.at)][access as usize];
        if availability.share > 0.0 && impaired > 0.0 {
            availability.share *= 1.0 - impaired;
            availability.cause = Cause::Dependency;
            availability.hangs = false;
        }
        let lost = self.own_names.lost(Struck::Store(store), availability.at, region);
        if availability.share > 0.0 && lost > 0.0 {
            // The greater part gives its cause.
            if availability.share * lost > 1.0 - availability.share {
                (availability.cause, availability.hangs) = (Cause::NoPath, false);
            }
            availability.share *= 1.0 - lost;
        }
        availability
    }

    /// What accesses to this store alone meet: a population's at its shard, those of nobody in particular at the shard
    /// that is worst off.
    pub(super) fn meet_store(
        &self,
        access: Access,
        id: StoreId,
        region: RegionId,
        population: Option<PopulationId>,
    ) -> Met {
        let store = &self.topology.stores[id].parameters;
        if let Some(population) = population {
            return self.meet_shard(access, id, store.shard_of(population), region);
        }
        let each = (0..store.shards()).map(|shard| self.meet_shard(access, id, shard, region));
        each.reduce(|worst, next| if next.pass < worst.pass { next } else { worst }).expect("a store has a shard")
    }

    fn meet_shard(&self, access: Access, store: StoreId, shard: usize, region: RegionId) -> Met {
        let availability = self.access(access, store, shard, region);
        let row = self.sharding.rows_of(store).start + shard;
        let Availability { share, cause, hangs, at } = availability;
        let (meter, shed) = self.meters.at(row, access, at);
        Met {
            pass: share * (1.0 - shed),
            fails: [(cause, 1.0 - share), (Cause::Dependency, share * shed)],
            hangs,
            store,
            row,
            at,
            cache: None,
            metered: [meter.map(|meter| (meter, share)), None],
        }
    }

    /// What a population's accesses of this kind from this region meet, or those of nobody in particular.
    pub(super) fn meet(
        &self,
        access: Access,
        store: StoreId,
        region: RegionId,
        population: Option<PopulationId>,
    ) -> Met {
        let mut met = self.meet_store(access, store, region, population);
        let backed = self.topology.stores[store].parameters.backs();
        let (Access::Read, Some(backed)) = (access, backed) else { return met };
        // A read that a cache does not answer, for whichever reason, loads what it looks for from behind.
        let hit = met.pass * self.stores[store].hit_ratio(met.at);
        let miss = 1.0 - hit;
        let behind = self.meet_store(access, backed, region, population);
        met.cache = Some(((met.pass > 0.0).then_some(met.at), miss * behind.pass));
        met.pass = hit + miss * behind.pass;
        met.fails = behind.fails.map(|(cause, share)| (cause, miss * share));
        met.hangs = behind.hangs;
        (met.store, met.row, met.at) = (behind.store, behind.row, behind.at);
        met.metered[1] = behind.metered[0].map(|(meter, share)| (meter, miss * share));
        met
    }

    /// A store's copy carries so many times what the file says. Returns whether that is something else than before.
    pub(super) fn scale_copy(&mut self, store: StoreId, region: RegionId, factor: f64) -> bool {
        let changes = self.meters.scale(self.sharding.rows_of(store), region, factor);
        self.dirty.places |= changes;
        changes
    }

    /// Lets overloaded copies shed until that is consistent with the load that is left; returns whether anything moved.
    pub(super) fn shed_overload(&mut self) -> bool {
        if self.meters.count() == 0 && !self.tiers.any() {
            return false;
        }
        self.meters.replicas.connect(|store, from, to| self.stores[store].carries(from, to, &self.world));
        if self.tiers.any() {
            return self.shed_together();
        }
        let mut changed = false;
        for _ in 0..MOST_ITERATIONS {
            if !self.meters.update(self.solver.flow.metered()) {
                break;
            }
            changed = true;
            self.update_chains();
            self.solver.places_changed();
            self.solve_flows();
        }
        changed
    }
}
