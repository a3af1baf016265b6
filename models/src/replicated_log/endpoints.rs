//! Where the applications of each region write to: a writer's name that is changed, and what they keep of it.

use sim_core::random::{Stream, StreamId, Variate};
use sim_core::time::{SimDuration, SimTime};

use super::Parameters;
use crate::stores::Site;

/// The writer that each region knows.
#[derive(Debug)]
pub(super) struct Endpoints {
    update: Variate,
    cache: Vec<Stream>,
    ttl: SimDuration,
    points_to: Vec<usize>,
    /// Regions that would follow the writer's name if the partition did not keep them on their own side.
    held_back: Vec<bool>,
}

impl Endpoints {
    pub(super) fn new(parameters: &Parameters, site: Site<'_>) -> Self {
        let Site { path, regions, seed, .. } = site;
        let cache = regions
            .iter()
            .map(|region| Stream::new(StreamId::new(seed, &format!("{path}/{region}"), "endpoint-cache")));
        Self {
            update: Variate::new(parameters.endpoint_update.clone(), StreamId::new(seed, path, "endpoint-update")),
            cache: cache.collect(),
            ttl: parameters.endpoint_ttl,
            points_to: vec![parameters.place.writer; regions.len()],
            held_back: vec![false; regions.len()],
        }
    }

    pub(super) fn begin(&mut self, trial: u64, writer: usize) {
        self.update.begin(trial);
        for stream in &mut self.cache {
            stream.begin(trial);
        }
        self.points_to.fill(writer);
        self.held_back.fill(false);
    }

    /// The writers that the regions write to, region by region.
    pub(super) fn points_to(&self) -> &[usize] {
        &self.points_to
    }

    /// The name is changed for a new writer: when that has been done.
    pub(super) fn change(&mut self, now: SimTime) -> SimTime {
        self.held_back.fill(false);
        now + self.update.draw_duration()
    }

    /// When a region hears of a name that is changed at this instant.
    pub(super) fn hears(&mut self, region: usize, changed: SimTime) -> SimTime {
        let cached = self.cache[region].uniform() * self.ttl.as_secs_f64();
        changed + SimDuration::from_secs_f64(cached)
    }

    /// A region stays on its own side until the partition ends.
    pub(super) fn hold_back(&mut self, region: usize) {
        self.held_back[region] = true;
    }

    pub(super) fn is_held_back(&self, region: usize) -> bool {
        self.held_back[region]
    }

    /// A region writes to this writer from now on.
    pub(super) fn follow(&mut self, region: usize, writer: usize) {
        self.held_back[region] = false;
        self.points_to[region] = writer;
    }
}
