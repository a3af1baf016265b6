//! The regions of a deployment: what each of them runs, and which of them serve.

use sim_settings::form::{Count, DurationsBy, Flag, IsSub, Named, Number, Sub, Table};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, keys, overlay};

use super::quotas::{QuotaKeys, Quotas};
use super::{ALTERNATIVES, Region};
use crate::balancers::load_balancer::{BalancerKeys, Fronts};
use crate::by_id::ById;
use crate::compute::{self, ComputeTable};
use crate::fronts::route53::OwnDnsKeys;
use crate::ids::RegionId;
use crate::network::{self, Partition, Place};
use crate::services::{self, OwnServicesKeys};
use crate::stores::{self, OwnStoresKeys};
use crate::work::Work;

keys! {
    /// The regions.
    pub(super) struct RegionsKeys {
        const REGIONS: Key<Named<RegionTable>> = Key::required("regions", "the regions of the deployment, each with overrides of the common stack").example("{ us-east-1 = {}, eu-west-1 = {} }");
    }
}
keys! {
    /// What a region says besides its stack.
    struct OwnKeys {
        const SERVES: Key<Flag> = Key::convention(
            "serves",
            "whether clients are served there; `false`: no endpoint, only copies of data, automation and control planes",
            "true",
            "a region serves unless stated",
        );
        const QUOTAS: Key<Option<Sub<QuotaKeys>>> = Key::optional("quotas", "what the account may have in the region", "what AWS gives every account");
        const PLACE: Key<Option<Sub<PlaceKeys>>> = Key::optional(
            "place",
            "where it is, if it is no region of AWS but a data centre of one's own or another cloud, whose name is free",
            "a region of AWS, by its code",
        );
        const ROUND_TRIP: Key<Option<DurationsBy<RegionId>>> = Key::optional(
            "round-trip",
            "round-trip times to other regions, and back where those say nothing else",
            "those of the built-in table; an estimate by distance where that has no measurement",
        );
        const OWN_DNS: Key<Option<Sub<OwnDnsKeys>>> = Key::optional("dns", "what is different about DNS for this region's endpoint", "nothing");
    }
}
keys! {
    /// Where a place is that is no region of AWS.
    struct PlaceKeys {
        const LATITUDE: Key<Number> = Key::required("latitude", "degrees north of the equator").at_least(-90.0).at_most(90.0).unit("degrees").example("50.1");
        const LONGITUDE: Key<Number> = Key::required("longitude", "degrees east of Greenwich").at_least(-180.0).at_most(180.0).unit("degrees").example("8.7");
        const ZONES: Key<Count> = Key::convention(
            "zones",
            "parts of it that fail one by one; what runs there spreads over at most so many",
            "1",
            "a data centre fails as a whole unless stated",
        )
        .at_least(1.0)
        .at_most(6.0);
    }
}
keys! {
    /// The stack of a region, common to all or its own.
    pub(super) struct StackKeys {
        const COMPUTE: Key<Option<Sub<ComputeTable>>> = Key::optional("compute", "what serves requests", "a region serves whatever reaches it");
        const BALANCER: Key<Option<Sub<BalancerKeys>>> = Key::optional("load-balancer", "what stands in front of each region's compute", "an Application Load Balancer with its defaults, where there are instances, tasks or pods");
    }
}

/// A region.
pub(super) enum RegionTable {}

impl Table for RegionTable {
    const LAYOUT: Layout = &[
        Listing::Keys(StackKeys::KEYS),
        Listing::Keys(OwnKeys::KEYS),
        Listing::Keys(OwnServicesKeys::KEYS),
        Listing::Keys(OwnStoresKeys::KEYS),
    ];
}

/// The regions as they are read.
pub(super) struct Regions<'a> {
    /// Those that serve in file order, then the others.
    pub(super) all: ById<RegionId, Region>,
    /// The names that others may refer to them by.
    pub(super) names: Vec<String>,
    /// How many of the names serve.
    pub(super) endpoints: usize,
    /// Where they are.
    pub(super) places: Vec<Place>,
    /// Round trips between them that the file gives, in seconds: row = from.
    pub(super) given: Vec<Vec<Option<f64>>>,
    /// What a region says of its endpoint's DNS.
    pub(super) own_dns: Vec<Option<Section<'a>>>,
    /// What each region says of its services.
    pub(super) own_services: Vec<Option<&'a Node>>,
    /// What each region says of its copies of stores.
    pub(super) own_stores: Vec<Vec<stores::Own<'a>>>,
}

impl Region {
    /// A region for operations only.
    pub(super) fn without_endpoint(name: String, place: Place) -> Self {
        Self {
            name,
            place,
            compute: None,
            work: Work::default(),
            load_balancer: None,
            gateway: None,
            quotas: Quotas::default(),
            serves: false,
        }
    }
}

impl<'a> Regions<'a> {
    /// Reads `[regions]` over the common stack.
    pub(super) fn read(root: &mut Section<'a>) -> Self {
        if let (true, Some(written)) =
            (root.has("services"), ["compute", "load-balancer"].iter().find(|key| root.has(key)))
        {
            let expected = "one of them: [compute] is the short form of a single service";
            root.reject(written, format!("[{written}] beside [services]"), expected, None);
        }
        let compute = root.node(&COMPUTE);
        let balancer = root.node(&BALANCER);
        let (mut regions, mut others, mut own_dns) = (Vec::new(), Vec::new(), Vec::new());
        let (mut own_services, mut others_services) = (Vec::new(), Vec::new());
        let (mut own_stores, mut others_stores) = (Vec::new(), Vec::new());
        let (mut sections, mut other_sections) = (Vec::new(), Vec::new());
        let free = |node: &Node| node.get(PLACE.name).is_some();
        let hint = "a place that is no region of AWS says where it is: place = { latitude = 50.1, longitude = 8.7 }";
        for (name, mut section) in root.named_among(&REGIONS, &network::place_names(), free, hint) {
            let place = read_place(&name, &mut section);
            let (own, own_copies) = (services::own(&mut section), stores::own(&mut section));
            if !section.get(&SERVES) {
                others_services.push(own);
                others_stores.push(own_copies);
                others.push(Region::without_endpoint(name, place));
                other_sections.push(section);
                continue;
            }
            let stack = stacked(compute, &mut section, &COMPUTE, |table| {
                let compute = compute::Parameters::read(table);
                let work = compute.read_work(table);
                (compute, work)
            });
            let (mut compute, work) = stack.map_or((None, Work::default()), |(compute, work)| (Some(compute), work));
            if !place.is_aws() {
                compute = compute.map(|compute| at_home(compute, place, &section, PLACE.name));
            }
            let quotas = Quotas::read(section.section(&QUOTAS));
            let fleet = compute.as_ref().is_some_and(|compute| compute.fleet().is_some());
            let noun = compute.as_ref().map_or("nothing", compute::Parameters::noun);
            let fronts = stacked(balancer, &mut section, &BALANCER, |table| {
                let fronts = Fronts::read(table, fleet, noun);
                if fronts.gateway.is_some() && compute.is_none() {
                    table.reject("kind", "an API Gateway in front of nothing", "a [compute] behind it", None);
                }
                fronts
            });
            let defaults = || Fronts::read(&mut root.section_or_default(&BALANCER), true, noun);
            let fronts = fronts.or_else(|| fleet.then(defaults)).unwrap_or_default();
            let Fronts { balancer: load_balancer, gateway } = fronts;
            own_dns.push(section.section(&OWN_DNS));
            own_services.push(own);
            own_stores.push(own_copies);
            sections.push(section);
            regions.push(Region { name, place, compute, work, load_balancer, gateway, quotas, serves: true });
        }
        let endpoints = regions.len();
        regions.extend(others);
        own_services.extend(others_services);
        own_stores.extend(others_stores);
        sections.extend(other_sections);
        let names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
        let places: Vec<Place> = regions.iter().map(|region| region.place).collect();
        if endpoints == 0 {
            if root.has("regions") {
                let found = if names.is_empty() { "no region" } else { "no region that serves" };
                root.reject("regions", found, "at least one, such as [regions.eu-west-1]", None);
            }
            // What refers to regions is not wrong as well, but the common stack may be.
            let names = network::place_names();
            compute.map(|node| {
                let mut table = root.element(&COMPUTE, node, COMPUTE.name);
                let compute = compute::Parameters::read(&mut table);
                compute.read_work(&mut table)
            });
            balancer.map(|node| Fronts::read(&mut root.element(&BALANCER, node, BALANCER.name), true, "nothing"));
            let endpoints = names.len();
            let given = vec![vec![None; endpoints]; endpoints];
            let places = network::PLACES.to_vec();
            let own_stores = Vec::new();
            return Self { all: regions.into(), names, endpoints, places, given, own_dns, own_services, own_stores };
        }
        let given = read_round_trips(&mut sections, &names, &places);
        Self { all: regions.into(), names, endpoints, places, given, own_dns, own_services, own_stores }
    }
}

/// Where a region is: in the list of AWS, or where the file says.
fn read_place(name: &str, section: &mut Section<'_>) -> Place {
    let known = network::place(name);
    let own = section.section(&PLACE).map(|mut place| {
        let (latitude, longitude) = (place.get(&LATITUDE), place.get(&LONGITUDE));
        Place::own(latitude, longitude, place.get(&ZONES) as usize)
    });
    if known.is_some() && own.is_some() {
        section.reject(PLACE.name, format!("a place for {name}"), "no such line: that is a region of AWS", None);
    }
    // A name that is unknown is told by the list.
    known.copied().or(own).unwrap_or(network::PLACES[0])
}

/// What runs in a place that is no region of AWS: it spreads over the zones that there are. Services of AWS do not run there;
/// `key` says them in `section`.
pub(super) fn at_home(
    mut compute: compute::Parameters,
    place: Place,
    section: &Section<'_>,
    key: &str,
) -> compute::Parameters {
    match &mut compute {
        compute::Parameters::Lambda(_) => {
            section.reject(key, "a place outside of AWS that runs Lambda", "compute of another kind", None);
        }
        compute::Parameters::AutoScaling(group) => group.zones = group.zones.min(place.zones),
        compute::Parameters::Ecs(service) => service.zones = service.zones.min(place.zones),
        compute::Parameters::Eks(deployment) => deployment.zones = deployment.zones.min(place.zones),
        compute::Parameters::Managed { .. } | compute::Parameters::External { .. } => {}
    }
    compute
}

/// Round trips that the file gives: from the region that says so, and to it where the other end says nothing else.
fn read_round_trips(sections: &mut [Section<'_>], names: &[String], places: &[Place]) -> Vec<Vec<Option<f64>>> {
    let count = names.len();
    let mut said: Vec<Vec<Option<f64>>> = vec![vec![None; count]; count];
    for (from, section) in sections.iter_mut().enumerate() {
        for (to, time) in section.durations_by_name(&ROUND_TRIP, names) {
            said[from][to.index()] = Some(time.as_secs_f64());
        }
    }
    let given: Vec<Vec<Option<f64>>> =
        (0..count).map(|from| (0..count).map(|to| said[from][to].or(said[to][from])).collect()).collect();
    for (from, section) in sections.iter().enumerate() {
        // Said once for a pair, by the end that is in no row of the table.
        let unmeasured = places[from].measured_round_trip(&places[from]).is_none();
        let estimated = |to: usize| {
            to != from && given[from][to].is_none() && places[from].measured_round_trip(&places[to]).is_none()
        };
        if unmeasured && (0..count).any(estimated) {
            section.assume(&ROUND_TRIP, network::ESTIMATED_ROUND_TRIP);
        }
    }
    given
}

/// The partition of AWS that global services are used in: that of the first region that is one of AWS.
pub(super) fn partition(places: &[Place]) -> Partition {
    places.iter().find_map(|place| place.partition).unwrap_or(Partition::Commercial)
}

/// The names, and after them those of the regions that global services are run from, as far as they are missing.
pub(super) fn with_homes(names: &[String], places: &[Place]) -> Vec<String> {
    let mut all = names.to_vec();
    for partition in places.iter().filter_map(|place| place.partition).chain([partition(places)]) {
        let home = partition.home();
        if all.iter().all(|name| name != home) {
            all.push(home.to_owned());
        }
    }
    all
}

/// The regions that a file may name which has these: AWS's own names say where they are.
pub fn places(names: &[String]) -> Vec<String> {
    let known: Vec<Place> = names.iter().filter_map(|name| network::place(name).copied()).collect();
    with_homes(names, &known)
}

/// The round trips between regions in seconds, those that the file gives first: row = from.
pub(super) fn round_trips(regions: &ById<RegionId, Region>, given: &[Vec<Option<f64>>]) -> Vec<Vec<f64>> {
    let between = |from: RegionId, to: RegionId| {
        let given = given.get(from.index()).and_then(|row| row.get(to.index()).copied().flatten());
        given.unwrap_or_else(|| regions[from].place.round_trip(&regions[to].place))
    };
    regions.ids().map(|from| regions.ids().map(|to| between(from, to)).collect()).collect()
}

/// Nothing replicates from one partition of AWS to another.
pub(super) fn check_partition(section: &Section<'_>, store: &stores::Parameters, names: &[String], places: &[Place]) {
    let of = |region: &RegionId| Some((names.get(region.index())?, places.get(region.index())?.partition?));
    let mut copies = store.regions().iter().filter_map(of);
    let Some((first, own)) = copies.next() else { return };
    let expected = "regions of one partition: none replicates to another";
    if let Some((other, apart)) = copies.find(|(_, partition)| *partition != own) {
        let found = format!("copies in {first} ({}) and in {other} ({})", own.name(), apart.name());
        return section.reject("regions", found, expected, None);
    }
    let voters = store.voters();
    let outside = |region: &&RegionId| places.get(region.index()).is_some_and(|place| !place.is_aws());
    let copies = store.regions();
    if let Some(witness) =
        voters.iter().filter(|voter| !copies.contains(voter)).find(outside).and_then(|region| names.get(region.index()))
    {
        let found = format!("a witness in {witness}, which is no region of AWS");
        return section.reject("witness", found, "a region of AWS: nothing of one's own votes for it", None);
    }
    if let Some((witness, apart)) = voters.iter().filter_map(of).find(|(_, partition)| *partition != own) {
        let found = format!("copies in {first} ({}) and a witness in {witness} ({})", own.name(), apart.name());
        section.reject("witness", found, expected, None);
    }
}

/// What `read` makes of a table of the common stack with the region's own part on top; `None` without either.
fn stacked<T, F: IsSub>(
    common: Option<&Node>,
    region: &mut Section<'_>,
    key: &Key<F>,
    read: impl FnOnce(&mut Section<'_>) -> T,
) -> Option<T> {
    let own = region.node(key);
    match (common, own) {
        (None, None) => None,
        (None, Some(own)) => Some(read(&mut region.element(key, own, key.name))),
        (Some(common), None) => Some(read(&mut region.element_over(key, common, common, key.name))),
        // Another kind of service has nothing in common with the stack but its place.
        (Some(common), Some(own)) if differs(common, own) => Some(read(&mut region.element(key, own, key.name))),
        (Some(common), Some(own)) => {
            let node = overlay(common, own, &ALTERNATIVES);
            Some(read(&mut region.element_over(key, &node, common, key.name)))
        }
    }
}

/// Whether two tables name different kinds.
fn differs(common: &Node, own: &Node) -> bool {
    let kind = |node: &Node| node.get("kind").and_then(Node::text).map(str::to_owned);
    kind(own).is_some_and(|own| kind(common).is_some_and(|common| common != own))
}
