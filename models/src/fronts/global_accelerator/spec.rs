//! The keys of an accelerator, and their reading.

use crate::by_id::ById;
use crate::fronts::route53::zone::{Endpoint, Endpoints};
use crate::ids::{MemberId, PlaceId, PopulationId, RegionId};
use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, Names, NumbersBy};
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
        pub(in crate::fronts) const ENDPOINTS: Key<Option<Names<Endpoint>>> = Key::optional("endpoints", "what it leads to, in a group for each region: regions that serve, or `SERVICE@REGION`", "every endpoint")
            .example("[\"us-east-1\", \"eu-west-1\"]");
        const WEIGHTS: Key<Option<NumbersBy<Endpoint>>> = Key::optional("weights", "weight of an endpoint within the group of its region, 0 to 255; 0 never serves", "128 for each endpoint")
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

/// The weight of an endpoint that the file does not weigh: the default of the API (documented).
const WEIGHT: f64 = 128.0;

/// An endpoint behind an accelerator.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Where its requests enter.
    pub place: PlaceId,
    /// Its group: the region that it is in.
    pub group: RegionId,
    /// Its weight in the group; at 0 it never serves.
    pub weight: f64,
    /// What its random numbers go by.
    pub name: String,
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
    /// What it leads to.
    pub members: ById<MemberId, Member>,
    /// From a verdict to the first rerouted connection, in seconds.
    pub reroute_delay: Distribution,
    /// Regions by distance: row = population, closest first, ties to the earlier.
    pub order: ById<PopulationId, Vec<RegionId>>,
}

impl Parameters {
    /// The endpoints that may serve.
    pub fn led_to(&self) -> impl Iterator<Item = PlaceId> + '_ {
        self.members.iter().filter(|member| member.weight > 0.0).map(|member| member.place)
    }

    /// The member at a place, if the accelerator leads there.
    pub fn member(&self, place: PlaceId) -> Option<MemberId> {
        self.members.position(|member| member.place == place)
    }

    /// Reads an `[edge]` of this kind; `round_trips`: row = population, column = region.
    pub fn read(
        section: &mut Section<'_>,
        regions: &[String],
        endpoints: &Endpoints,
        round_trips: &[Vec<f64>],
    ) -> Self {
        let mut dial = ById::new(regions.len(), 1.0);
        for (region, share) in section.numbers_by_name(&DIAL, regions) {
            dial[region] = share;
        }
        let members = members(section, endpoints);
        let takes = |member: &Member| member.weight > 0.0 && dial[member.group] > 0.0;
        if !members.iter().any(takes) && section.has("dial") {
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
            members,
            reroute_delay: section.get(&REROUTE),
            order: round_trips.iter().map(by_distance).collect(),
        }
    }
}

/// What an accelerator leads to: the endpoints that are written, or all.
fn members(section: &mut Section<'_>, endpoints: &Endpoints) -> ById<MemberId, Member> {
    let written = section.has(ENDPOINTS.name);
    let listed = endpoints.read_all(section, &ENDPOINTS);
    let mut members: Vec<Member> = Vec::new();
    for place in if written { listed } else { endpoints.all().collect() } {
        let name = endpoints.name(place).to_owned();
        if members.iter().any(|member| member.place == place) {
            section.reject(ENDPOINTS.name, format!("{name} again"), "each endpoint once", None);
        }
        members.push(Member { place, group: endpoints.home(place), weight: WEIGHT, name });
    }
    for (place, weight) in endpoints.numbers(section, &WEIGHTS) {
        match members.iter_mut().find(|member| member.place == place) {
            Some(member) => member.weight = weight,
            None => {
                let found = format!("a weight of {}, to which this accelerator does not lead", endpoints.name(place));
                section.reject(WEIGHTS.name, found, "an endpoint of `endpoints`", None);
            }
        }
    }
    if members.iter().all(|member| member.weight <= 0.0) && section.has(WEIGHTS.name) {
        section.reject(WEIGHTS.name, "a weight of 0 for every endpoint", "at least one weight above 0", None);
    }
    members.into()
}
