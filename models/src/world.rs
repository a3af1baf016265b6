//! The state of places and paths under faults: plain counters that the pure parts of the services read.
//!
//! A place that two overlapping faults strike is back when both have ended, hence counters and not flags.

use crate::by_id::ById;
use crate::grid::Grid;
use crate::ids::RegionId;

/// The condition of every region, zone, control plane and inter-region path at this instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    out: ById<RegionId, u32>,
    control_out: ById<RegionId, u32>,
    lambda_out: ById<RegionId, u32>,
    metrics_out: ById<RegionId, u32>,
    edits_redirected: bool,
    zones_out: ById<RegionId, Vec<u32>>,
    /// Partitions between two regions, counted in both directions.
    cut: Grid<u32, RegionId, RegionId>,
    /// For each region all regions, itself first, by round-trip time.
    nearest: ById<RegionId, Vec<RegionId>>,
}

impl World {
    /// All is well in `zones.len()` regions with that many zones each; `round_trips[a][b]` ranks them.
    pub fn new(zones: &[usize], round_trips: &[Vec<f64>]) -> Self {
        let regions = zones.len();
        let by_distance = |from: RegionId| {
            let mut order: Vec<RegionId> = RegionId::all(regions).collect();
            order.sort_by(|&a, &b| {
                let key = |to: RegionId| if to == from { -1.0 } else { round_trips[from.index()][to.index()] };
                key(a).total_cmp(&key(b)).then(a.cmp(&b))
            });
            order
        };
        Self {
            out: ById::new(regions, 0),
            control_out: ById::new(regions, 0),
            lambda_out: ById::new(regions, 0),
            metrics_out: ById::new(regions, 0),
            edits_redirected: false,
            zones_out: zones.iter().map(|&count| vec![0; count]).collect(),
            cut: Grid::new(regions, regions, 0),
            nearest: RegionId::all(regions).map(by_distance).collect(),
        }
    }

    /// Everything is mended.
    pub fn reset(&mut self) {
        self.out.fill(0);
        self.control_out.fill(0);
        self.lambda_out.fill(0);
        self.metrics_out.fill(0);
        self.edits_redirected = false;
        self.cut.fill(0);
        for zones in &mut self.zones_out {
            zones.fill(0);
        }
    }

    /// Whether the region is up.
    pub fn up(&self, region: RegionId) -> bool {
        self.out[region] == 0
    }

    /// Whether the region's control planes answer: a region outage takes them along.
    pub fn control_up(&self, region: RegionId) -> bool {
        self.up(region) && self.control_out[region] == 0
    }

    /// Whether automation runs in the region: it is on Lambda.
    pub fn automates(&self, region: RegionId) -> bool {
        self.up(region) && self.lambda_out[region] == 0
    }

    /// Whether alarms that live in the region look at what arrives.
    pub fn evaluates_alarms(&self, region: RegionId) -> bool {
        self.up(region) && self.metrics_out[region] == 0
    }

    /// Whether edits of DNS records go to another region than they do in normal times.
    pub const fn edits_redirected(&self) -> bool {
        self.edits_redirected
    }

    /// Edits of DNS records are redirected, or no longer are.
    pub fn redirect_edits(&mut self, redirected: bool) {
        self.edits_redirected = redirected;
    }

    /// Whether the zone is up, as far as zone faults go.
    pub fn zone_up(&self, region: RegionId, zone: usize) -> bool {
        self.zones_out[region].get(zone).is_none_or(|&count| count == 0)
    }

    /// Number of zones of a region.
    pub fn zones(&self, region: RegionId) -> usize {
        self.zones_out[region].len()
    }

    /// Whether no partition cuts the path between two regions. Says nothing of the regions themselves.
    pub fn linked(&self, a: RegionId, b: RegionId) -> bool {
        self.cut[(a, b)] == 0
    }

    /// Whether a call from one region is answered in another: both up, the path not cut.
    pub fn reaches(&self, from: RegionId, to: RegionId) -> bool {
        self.up(from) && self.up(to) && self.linked(from, to)
    }

    /// All regions by round trip from one, itself first.
    pub fn by_distance(&self, from: RegionId) -> impl Iterator<Item = RegionId> + '_ {
        self.nearest[from].iter().copied()
    }

    /// The nearest of these regions, whether it answers or not.
    pub fn closest(&self, from: RegionId, among: &[RegionId]) -> Option<RegionId> {
        self.nearest[from].iter().copied().find(|to| among.contains(to))
    }

    /// The nearest of these regions that answers a call from `from`.
    pub fn nearest(&self, from: RegionId, among: &[RegionId]) -> Option<RegionId> {
        self.nearest_that(from, |to| among.contains(&to))
    }

    /// The nearest region of this kind that answers a call from `from`.
    pub fn nearest_that(&self, from: RegionId, is: impl Fn(RegionId) -> bool) -> Option<RegionId> {
        self.nearest[from].iter().copied().find(|&to| is(to) && self.reaches(from, to))
    }

    /// A region outage begins or ends; returns whether the region's condition changed by it.
    pub fn set_out(&mut self, region: RegionId, begins: bool) -> bool {
        count(&mut self.out[region], begins)
    }

    /// An outage of a region's control planes alone begins or ends.
    pub fn set_control_out(&mut self, region: RegionId, begins: bool) -> bool {
        count(&mut self.control_out[region], begins)
    }

    /// An outage of a region's Lambda alone begins or ends.
    pub fn set_lambda_out(&mut self, region: RegionId, begins: bool) -> bool {
        count(&mut self.lambda_out[region], begins)
    }

    /// A region's metrics stop or come again.
    pub fn set_metrics_out(&mut self, region: RegionId, begins: bool) -> bool {
        count(&mut self.metrics_out[region], begins)
    }

    /// A zone outage begins or ends.
    pub fn set_zone_out(&mut self, region: RegionId, zone: usize, begins: bool) -> bool {
        count(&mut self.zones_out[region][zone], begins)
    }

    /// A partition between two regions begins or ends.
    pub fn set_cut(&mut self, a: RegionId, b: RegionId, begins: bool) -> bool {
        count(&mut self.cut[(b, a)], begins);
        count(&mut self.cut[(a, b)], begins)
    }
}

/// Counts a beginning or an end; true when the condition itself changed.
fn count(counter: &mut u32, begins: bool) -> bool {
    if begins {
        *counter += 1;
        *counter == 1
    } else {
        assert!(*counter > 0, "a fault ends only after it began");
        *counter -= 1;
        *counter == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;

    #[test]
    fn a_region_struck_twice_is_back_when_both_outages_have_ended() {
        let mut world = World::new(&[3, 3], &[vec![0.0, 0.1], vec![0.1, 0.0]]);
        assert!(world.set_out(R[0], true));
        assert!(!world.set_out(R[0], true));
        assert!(!world.set_out(R[0], false));
        assert!(!world.up(R[0]) && !world.control_up(R[0]) && !world.reaches(R[1], R[0]));
        assert!(world.set_out(R[0], false));
        assert!(world.up(R[0]) && world.reaches(R[1], R[0]));
    }

    #[test]
    fn a_partition_cuts_both_directions_and_leaves_the_regions_up() {
        let mut world = World::new(&[3, 3, 3], &vec![vec![0.0; 3]; 3]);
        world.set_cut(R[0], R[2], true);
        assert!(!world.linked(R[0], R[2]) && !world.linked(R[2], R[0]) && world.linked(R[0], R[1]));
        assert!(world.up(R[0]) && world.up(R[2]) && !world.reaches(R[2], R[0]));
    }
}
