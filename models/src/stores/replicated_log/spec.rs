//! Where a log lives and how it behaves, as a service says it.

use crate::ids::RegionId;
use crate::zones::read_zone;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Name, Names, Text};
use sim_settings::{Key, Section, keys};

keys! {
    /// Where a log lives.
    pub(crate) struct PlaceKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "regions that hold a copy", "all regions");
        const WRITER: Key<Name<RegionId>> = Key::required("writer", "the region that takes the writes");
        const ZONE: Key<Option<Text>> = Key::optional("zone", "the writer's zone, `a`, `b`, ..", "drawn in each trial").at_least(0.0).example("\"a\"");
    }
}

/// Where a log lives: its regions, its writer's region and zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Regions that hold a copy.
    pub regions: Vec<RegionId>,
    /// The region that takes the writes.
    pub writer: RegionId,
    /// The writer's zone.
    pub zone: Option<usize>,
}

impl Place {
    /// Reads the keys that say where a log lives.
    pub fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let mut regions = section.names(&REGIONS, names);
        if regions.is_empty() {
            regions = RegionId::all(names.len()).collect();
        }
        let writer = section.name(&WRITER, names);
        if !names.is_empty() && !regions.contains(&writer) {
            let own: Vec<&str> = regions.iter().map(|&region| names[region.index()].as_str()).collect();
            let expected = format!("one of the store's own regions, {}", own.join(", "));
            section.reject_among(&["writer", "regions"], names[writer.index()].as_str(), expected, None);
        }
        let zone = read_zone(section, &ZONE, WRITER.name, names.get(writer.index()).map(String::as_str));
        Self { regions, writer, zone }
    }
}

/// Notes that defaults on copies in other regions make no difference where there is a single copy.
pub(crate) fn without_copies(section: &Section<'_>, place: &Place, keys: &[&Key<Delay>]) {
    if place.regions.len() == 1 {
        keys.iter().for_each(|key| section.disregard(key));
    }
}

/// How a log behaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Where it lives.
    pub place: Place,
    /// Replication lag in seconds.
    pub replication_lag: Distribution,
    /// Promotion time in seconds.
    pub promotion_time: Distribution,
    /// Whether the old side keeps its own writer behind a partition.
    pub regional_endpoint: bool,
    /// Endpoint update in seconds.
    pub endpoint_update: Distribution,
    /// How long applications keep the writer's address.
    pub endpoint_ttl: SimDuration,
    /// Whether the writer stands in one zone at a time; otherwise no loss of a zone touches it.
    pub zonal: bool,
    /// In-region failover in seconds; without, a writer that lost its zone is away until the zone is back.
    pub in_region_failover: Option<Distribution>,
    /// Planned switchover in seconds; without, the service has none.
    pub switch_over_time: Option<Distribution>,
    /// How long it takes to make a copy a cluster of its own, in seconds; without, that is what a promotion does.
    pub detach_time: Option<Distribution>,
    /// How long it takes to build a copy anew from a new writer, in seconds.
    pub rebuild_time: Distribution,
    /// Whether a promotion stops the former writer wherever it can be told.
    pub fences: bool,
    /// Whether applications keep no address of a writer that moves within its region, since a proxy does.
    pub proxy: bool,
    /// Whether the writer's region reads on while the writer moves to another of its zones.
    pub standby_reads: bool,
    /// Whether regions with a copy hand their writes to it, which knows the writer without anybody's endpoint.
    pub forwards_writes: bool,
    /// Writes per second that a copy applies.
    pub apply_rate: Option<f64>,
    /// Lag in seconds beyond which the writer stalls when no copy is within.
    pub rpo_bound: Option<f64>,
}

impl Parameters {
    /// How far the copies are behind and how long a promotion takes, in a few words; `delay` tells delays.
    pub fn words(&self, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("lag {}, promotion {}", delay(&self.replication_lag), delay(&self.promotion_time))
    }
}
