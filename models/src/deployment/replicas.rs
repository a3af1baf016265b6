//! Copies that carry each other's writes, as those of a `DynamoDB` global table do: every write that one of them
//! acknowledges loads each copy that it reaches.
//!
//! What replicates comes first. Where copies are short, all regions shed the same share of their own writes, the least that
//! brings every copy within its capacity: if the share f is shed, a copy carries 1 - f times the sum of the loads that reach
//! it. Copies that no path connects, not even through others, know nothing of each other.

use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::{RegionId, StoreId};

/// Who carries whose writes, of some copies of one store.
#[derive(Debug)]
struct Group {
    store: StoreId,
    /// Whether writes of one region (row) reach the copy in another (column).
    reach: Grid<bool, RegionId, RegionId>,
    /// By region, the first of those that it is connected to.
    first: ById<RegionId, RegionId>,
}

/// Who carries whose writes.
#[derive(Debug)]
pub(super) struct Replicas {
    /// By row of writes.
    groups: Vec<Group>,
}

impl Replicas {
    /// Those of rows of writes, each with its store, in so many regions.
    pub(super) fn new(stores: impl Iterator<Item = StoreId>, regions: usize) -> Self {
        let group = |store| Group {
            store,
            reach: Grid::new(regions, regions, false),
            first: ById::from_fn(regions, |region| region),
        };
        Self { groups: stores.map(group).collect() }
    }

    /// From now on a store's copy in one region carries the writes of another as this says.
    pub(super) fn connect(&mut self, carries: impl Fn(StoreId, RegionId, RegionId) -> bool) {
        for Group { store, reach, first } in &mut self.groups {
            let regions = first.ids();
            let pairs = || regions.clone().flat_map(|from| regions.clone().map(move |to| (from, to)));
            for (from, to) in pairs() {
                reach[(from, to)] = from == to || carries(*store, from, to);
            }
            for (region, first) in first.pairs_mut() {
                *first = region;
            }
            // Each pass brings the first of a group one region further.
            for _ in 1..regions.len() {
                for pair in pairs().filter(|&pair| reach[pair]) {
                    let least = first[pair.0].min(first[pair.1]);
                    (first[pair.0], first[pair.1]) = (least, least);
                }
            }
        }
    }

    /// The share of its own writes that a region sheds under these loads, of copies that carry so many writes each.
    pub(super) fn sheds(&self, row: usize, region: RegionId, loads: &[f64], capacity: impl Fn(RegionId) -> f64) -> f64 {
        let Group { reach, first, .. } = &self.groups[row];
        let together = first.ids().filter(|&copy| first[copy] == first[region]);
        let load = |copy: RegionId| -> f64 {
            reach.column(copy).zip(loads).filter(|(reaches, _)| **reaches).map(|it| it.1).sum()
        };
        together.map(|copy| excess(load(copy), capacity(copy))).fold(0.0, f64::max)
    }
}

/// The share of a load that exceeds a capacity.
pub(super) fn excess(load: f64, capacity: f64) -> f64 {
    if load > capacity { 1.0 - capacity / load } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;

    fn sheds(linked: &[(usize, usize)], loads: [f64; 4], capacity: f64) -> [f64; 4] {
        sheds_of(linked, loads, [capacity; 4])
    }

    fn sheds_of(linked: &[(usize, usize)], loads: [f64; 4], capacity: [f64; 4]) -> [f64; 4] {
        let mut replicas = Replicas::new([StoreId::new(7)].into_iter(), 4);
        replicas.connect(|store, a, b| {
            let (a, b) = (a.index(), b.index());
            store.index() == 7 && (linked.contains(&(a, b)) || linked.contains(&(b, a)))
        });
        R.map(|region| replicas.sheds(0, region, &loads, |copy| capacity[copy.index()]))
    }

    #[test]
    fn all_that_are_connected_shed_the_same_share_and_the_fullest_copy_is_full() {
        let (full, alone) = (1.0 - 160.0 / 200.0, 1.0 - 160.0 / 400.0);
        assert_eq!(sheds(&[(0, 1), (0, 2), (1, 2)], [100.0, 60.0, 40.0, 150.0], 160.0), [full, full, full, 0.0]);
        assert_eq!(sheds(&[], [100.0, 60.0, 40.0, 200.0], 160.0), [0.0, 0.0, 0.0, full]);
        // The first two know each other through the last one only, whose copy gets all three loads.
        assert_eq!(sheds(&[(0, 3), (1, 3)], [100.0, 60.0, 400.0, 40.0], 160.0), [full, full, alone, full]);
        // A chain: the third copy gets three loads.
        assert_eq!(sheds(&[(2, 3), (1, 2), (0, 1)], [0.0, 50.0, 50.0, 100.0], 160.0), [full; 4]);
    }

    #[test]
    fn the_copy_that_is_fullest_decides_and_not_the_one_with_the_greatest_load() {
        let loads = [100.0, 60.0, 40.0, 150.0];
        // All three carry 200: the smallest of them is filled. The last one is by itself.
        let sheds = sheds_of(&[(0, 1), (0, 2), (1, 2)], loads, [250.0, 50.0, 300.0, 75.0]);
        assert_eq!(sheds, [0.75, 0.75, 0.75, 0.5]);
    }
}
