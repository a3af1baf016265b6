//! Where the applications of each region write to: a writer's name that is changed, and what they keep of it.

use sim_core::random::{Stream, StreamId, Trial, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::Parameters;
use crate::by_id::ById;
use crate::ids::RegionId;
use crate::stores::Site;

/// The writer that each region knows.
#[derive(Debug)]
pub(super) struct Endpoints {
    update: Variate,
    cache: ById<RegionId, Stream>,
    /// As `cache`, of names whose writer moved within its region.
    cache_in_region: ById<RegionId, Stream>,
    ttl: SimDuration,
    points_to: ById<RegionId, RegionId>,
    /// Regions that would follow the writer's name if the partition did not keep them on their own side.
    held_back: ById<RegionId, bool>,
    /// Regions that keep the address that their writer had before it moved within its region.
    outdated: ById<RegionId, bool>,
}

impl Endpoints {
    pub(super) fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let streams = |purpose: &'static str| {
            let stream = move |region: &String| Stream::new(StreamId::new(seed, &format!("{path}/{region}"), purpose));
            regions.iter().map(stream).collect()
        };
        Self {
            update: Variate::new(parameters.endpoint_update.clone(), StreamId::new(seed, path, "endpoint-update")),
            cache: streams("endpoint-cache"),
            cache_in_region: streams("endpoint-cache-in-region"),
            ttl: parameters.endpoint_ttl,
            points_to: ById::new(regions.len(), parameters.place.writer),
            held_back: ById::new(regions.len(), false),
            outdated: ById::new(regions.len(), false),
        }
    }

    pub(super) fn begin(&mut self, trial: Trial<'_>, writer: RegionId) {
        self.update.begin(trial);
        for stream in self.cache.iter_mut().chain(&mut self.cache_in_region) {
            stream.begin(trial);
        }
        self.points_to.fill(writer);
        self.held_back.fill(false);
        self.outdated.fill(false);
    }

    /// The writers that the regions write to, region by region.
    pub(super) const fn points_to(&self) -> &ById<RegionId, RegionId> {
        &self.points_to
    }

    /// The name is changed for a new writer: when that has been done.
    pub(super) fn change(&mut self, now: SimTime) -> SimTime {
        self.held_back.fill(false);
        now + self.update.draw_duration()
    }

    /// When a region hears of a name that is changed at this instant.
    pub(super) fn hears(&mut self, region: RegionId, changed: SimTime) -> SimTime {
        let cached = self.cache[region].uniform() * self.ttl.as_secs_f64();
        changed + SimDuration::from_secs_f64(cached)
    }

    /// A region's writer has moved within its own region: how long this one keeps the former address.
    pub(super) fn outdate(&mut self, region: RegionId) -> SimDuration {
        self.outdated[region] = true;
        SimDuration::from_secs_f64(self.cache_in_region[region].uniform() * self.ttl.as_secs_f64())
    }

    /// A region knows its writer's present address.
    pub(super) fn refresh(&mut self, region: RegionId) {
        self.outdated[region] = false;
    }

    /// Whether a region keeps an address that its writer has left.
    pub(super) fn is_outdated(&self, region: RegionId) -> bool {
        self.outdated[region]
    }

    /// A region stays on its own side until the partition ends.
    pub(super) fn hold_back(&mut self, region: RegionId) {
        self.held_back[region] = true;
    }

    /// No region waits any longer to be led to a writer.
    pub(super) fn forget(&mut self) {
        self.held_back.fill(false);
    }

    pub(super) fn is_held_back(&self, region: RegionId) -> bool {
        self.held_back[region]
    }

    /// Every region writes to this writer from now on.
    pub(super) fn lead_all_to(&mut self, writer: RegionId) {
        self.points_to.fill(writer);
        self.held_back.fill(false);
        self.outdated.fill(false);
    }

    /// A region writes to this writer from now on.
    pub(super) fn follow(&mut self, region: RegionId, writer: RegionId) {
        self.held_back[region] = false;
        self.outdated[region] = false;
        self.points_to[region] = writer;
    }
}
