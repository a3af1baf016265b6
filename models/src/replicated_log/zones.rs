//! In which zone of its region a writer is, and where else it could be.

use sim_core::random::{Stream, StreamId};

use crate::stores::Site;
use crate::world::World;

/// The zones of all regions, and the writer's in each: where it is, was, or would be.
#[derive(Debug)]
pub(super) struct Zones {
    count: Vec<usize>,
    choice: Stream,
    at: Vec<usize>,
    /// By region, a bit for each zone that is up.
    up: Vec<u32>,
}

impl Zones {
    pub(super) fn new(site: Site<'_>) -> Self {
        let count: Vec<usize> = site.zones.iter().map(|&zones| zones.max(1)).collect();
        Self {
            choice: Stream::new(StreamId::new(site.seed, site.path, "zone")),
            at: vec![0; count.len()],
            up: vec![u32::MAX; count.len()],
            count,
        }
    }

    /// The writer of a trial is in that zone of its region, or in any.
    pub(super) fn begin(&mut self, trial: u64, writer: usize, zone: Option<usize>) {
        self.choice.begin(trial);
        let drawn = (self.choice.uniform() * self.count[writer] as f64) as usize;
        self.at.fill(zone.unwrap_or(drawn));
        self.up.fill(u32::MAX);
    }

    pub(super) fn look_at(&mut self, region: usize, world: &World) {
        let bit = |zone: usize| u32::from(world.zone_up(region, zone)) << zone;
        self.up[region] = (0..self.count[region]).map(bit).sum();
    }

    /// Whether the writer's zone in a region is up.
    pub(super) fn stands(&self, region: usize) -> bool {
        self.is_up(region, self.at[region])
    }

    /// Whether any zone of a region is up.
    pub(super) fn any(&self, region: usize) -> bool {
        self.from(region, 0).is_some()
    }

    /// The writer of a region goes on in the next zone that is up; without any it stays where it is.
    pub(super) fn move_on(&mut self, region: usize) {
        self.at[region] = self.from(region, self.at[region] + 1).unwrap_or(self.at[region]);
    }

    /// The writer of one region is to be in another: in the same zone there, else in the next one that is up. Returns
    /// whether there is any.
    pub(super) fn enter(&mut self, to: usize, from: usize) -> bool {
        let zone = self.from(to, self.at[from]);
        self.at[to] = zone.unwrap_or(self.at[to]);
        zone.is_some()
    }

    fn is_up(&self, region: usize, zone: usize) -> bool {
        self.up[region] >> zone & 1 == 1
    }

    /// The first zone that is up, from this one on and then from the first again.
    fn from(&self, region: usize, zone: usize) -> Option<usize> {
        let count = self.count[region];
        (0..count).map(|step| (zone + step) % count).find(|&zone| self.is_up(region, zone))
    }
}
