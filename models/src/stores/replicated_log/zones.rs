//! In which zone of its region a writer is, where else it could be, and how it gets there.

use sim_core::random::{Stream, StreamId, Trial, Variate};
use sim_core::time::SimDuration;

use super::Parameters;
use crate::by_id::ById;
use crate::ids::RegionId;
use crate::stores::Site;
use crate::world::World;

/// How a writer is, as far as zones go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its zone is up.
    Well,
    /// It moves to another zone.
    FailingOver,
    /// Its zone is gone, and there is no other for it.
    Gone,
}

/// The zones of all regions, and the writer's in each: where it is, was, or would be.
#[derive(Debug)]
pub(super) struct Zones {
    count: ById<RegionId, usize>,
    /// Whether the writer stands in one of them.
    zonal: bool,
    choice: Stream,
    /// How long a failover to another zone takes, where there is a standby.
    time: Option<Variate>,
    at: ById<RegionId, usize>,
    /// By region, a bit for each zone that is up.
    up: ById<RegionId, u32>,
    failing_over: ById<RegionId, bool>,
    /// Failovers of each region that were begun or overtaken.
    numbers: ById<RegionId, u32>,
}

impl Zones {
    pub(super) fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let count: ById<RegionId, usize> = site.zones.iter().map(|&zones| zones.max(1)).collect();
        let time = parameters.in_region_failover.as_ref();
        Self {
            zonal: parameters.zonal,
            choice: Stream::new(StreamId::new(site.seed, site.path, "zone")),
            time: time
                .map(|time| Variate::new(time.clone(), StreamId::new(site.seed, site.path, "in-region-failover"))),
            at: ById::new(count.len(), 0),
            up: ById::new(count.len(), u32::MAX),
            failing_over: ById::new(count.len(), false),
            numbers: ById::new(count.len(), 0),
            count,
        }
    }

    /// The writer of a trial is in that zone of its region, or in any.
    pub(super) fn begin(&mut self, trial: Trial<'_>, writer: RegionId, zone: Option<usize>) {
        self.choice.begin(trial);
        if let Some(time) = &mut self.time {
            time.begin(trial);
        }
        let drawn = (self.choice.uniform() * self.count[writer] as f64) as usize;
        self.at.fill(zone.unwrap_or(drawn));
        self.up.fill(u32::MAX);
        self.failing_over.fill(false);
        self.numbers.fill(0);
    }

    pub(super) fn look_at(&mut self, region: RegionId, world: &World) {
        if !self.zonal {
            return;
        }
        let bit = |zone: usize| u32::from(world.zone_up(region, zone)) << zone;
        self.up[region] = (0..self.count[region]).map(bit).sum();
    }

    /// How a writer in a region is.
    pub(super) fn standing(&self, region: RegionId) -> Standing {
        let moves = self.time.is_some() && self.from(region, 0).is_some();
        if self.failing_over[region] && moves {
            Standing::FailingOver
        } else if self.is_up(region, self.at[region]) {
            Standing::Well
        } else if moves {
            Standing::FailingOver
        } else {
            Standing::Gone
        }
    }

    /// Whether the writer's zone in a region is up.
    pub(super) fn stands(&self, region: RegionId) -> bool {
        self.is_up(region, self.at[region])
    }

    /// The writer of a region begins to move to another zone, if its own is gone, there is one, and it has not begun:
    /// how long that takes, and its number.
    pub(super) fn fail_over(&mut self, region: RegionId) -> Option<(SimDuration, u32)> {
        let begins = self.standing(region) == Standing::FailingOver && !self.failing_over[region];
        let time = self.time.as_mut().filter(|_| begins)?;
        self.failing_over[region] = true;
        self.numbers[region] += 1;
        Some((time.draw_duration(), self.numbers[region]))
    }

    /// A failover with this number ends: the writer goes on in the next zone that is up; without any it stays where it is.
    /// Returns whether the failover still counted.
    pub(super) fn end(&mut self, region: RegionId, number: u32) -> bool {
        let counts = self.is_latest(region, number);
        if counts {
            self.failing_over[region] = false;
            self.at[region] = self.from(region, self.at[region] + 1).unwrap_or(self.at[region]);
        }
        counts
    }

    /// Whether no later failover of a region has begun, nor another writer taken its place.
    pub(super) fn is_latest(&self, region: RegionId, number: u32) -> bool {
        self.numbers[region] == number
    }

    /// The writer of one region is to be in another: in the same zone there, else in the next one that is up. Returns
    /// whether there is any.
    pub(super) fn enter(&mut self, to: RegionId, from: RegionId) -> bool {
        let zone = self.from(to, self.at[from]);
        self.at[to] = zone.unwrap_or(self.at[to]);
        if zone.is_some() {
            self.failing_over[to] = false;
            self.numbers[to] += 1;
        }
        zone.is_some()
    }

    fn is_up(&self, region: RegionId, zone: usize) -> bool {
        self.up[region] >> zone & 1 == 1
    }

    /// The first zone that is up, from this one on and then from the first again.
    fn from(&self, region: RegionId, zone: usize) -> Option<usize> {
        let count = self.count[region];
        (0..count).map(|step| (zone + step) % count).find(|&zone| self.is_up(region, zone))
    }
}
