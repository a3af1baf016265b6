//! The keys of an accelerator, and their reading.

use crate::by_id::ById;
use crate::ids::{PopulationId, RegionId};
use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, NumbersBy};
use sim_settings::{Band, Key, Section, keys};

keys! {
    /// The keys of `[edge]` of kind `global-accelerator`.
    pub(crate) struct AcceleratorKeys {
        const INTERVAL: Key<Duration> = Key::documented(
            "interval",
            "time between two probes of an endpoint without a load balancer, or of a region that is out",
            "30s",
            cited!("the default for the health check interval", pages::ACCELERATOR_GROUPS),
        )
        .at_least(5.0)
        .at_most(300.0);
        const THRESHOLD: Key<Count> = Key::documented(
            "threshold",
            "consecutive contrary results that turn such an endpoint, both ways",
            "3",
            cited!("the default for the threshold count", pages::ACCELERATOR_GROUPS),
        )
        .at_least(1.0)
        .at_most(10.0);
        const DIAL: Key<Option<NumbersBy<RegionId>>> =
            Key::optional("dial", "share of the traffic directed to a region's group that it takes, 0 to 1", "1 for each region")
                .at_most(1.0);
        const WEIGHTS: Key<Option<NumbersBy<RegionId>>> = Key::optional("weights", "weight of a region's endpoint within its group, 0 to 255; 0 never serves", "128 for each region")
        .at_most(255.0);
        const REROUTE: Key<Delay> = Key::assumed(
            "reroute-delay",
            "time from a verdict or a turned dial to the first rerouted connection",
            "{ uniform = [\"1s\", \"5s\"] }",
            cited!("no published figure for this part; AWS says up to 30 s all in all", pages::ACCELERATOR_FAILOVER),
        )
        .band(Band::factor(0.5, 5.0, "AWS says up to 30 s for detection and rerouting together"));
    }
}

/// An accelerator over the regions of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Time between two probes of a group.
    pub interval: SimDuration,
    /// Consecutive contrary results that turn a group.
    pub threshold: u32,
    /// Traffic dial by region.
    pub dial: ById<RegionId, f64>,
    /// Whether a region's endpoint has a weight, so that it may serve.
    pub serves: ById<RegionId, bool>,
    /// From a verdict to the first rerouted connection, in seconds.
    pub reroute_delay: Distribution,
    /// Regions by distance: row = population, closest first, ties to the earlier.
    pub order: ById<PopulationId, Vec<RegionId>>,
}

impl Parameters {
    /// Reads an `[edge]` of this kind; `round_trips`: row = population, column = region.
    pub fn read(section: &mut Section<'_>, regions: &[String], round_trips: &[Vec<f64>]) -> Self {
        let mut dial = ById::new(regions.len(), 1.0);
        for (region, share) in section.numbers_by_name(&DIAL, regions) {
            dial[region] = share;
        }
        let mut serves = ById::new(regions.len(), true);
        for (region, weight) in section.numbers_by_name(&WEIGHTS, regions) {
            serves[region] = weight > 0.0;
        }
        if serves.iter().all(|serves| !serves) && section.has("weights") {
            section.reject("weights", "a weight of 0 for every region", "at least one weight above 0", None);
        }
        let takes = |(dial, serves): (&f64, &bool)| *serves && *dial > 0.0;
        if !dial.iter().zip(&serves).any(takes) && section.has("dial") {
            section.reject("dial", "a dial of 0 for every region that serves", "at least one dial above 0", None);
        }
        let by_distance = |row: &Vec<f64>| {
            let mut order: Vec<RegionId> = RegionId::all(regions.len()).collect();
            order.sort_by(|&a, &b| row[a.index()].total_cmp(&row[b.index()]).then(a.cmp(&b)));
            order
        };
        Self {
            interval: section.get(&INTERVAL),
            threshold: section.get(&THRESHOLD) as u32,
            dial,
            serves,
            reroute_delay: section.get(&REROUTE),
            order: round_trips.iter().map(by_distance).collect(),
        }
    }
}
