//! The regions of a deployment: what each of them runs, and which of them serve.

use sim_settings::form::{Flag, IsSub, Named, Sub, Table};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, keys, overlay};

use super::{ALTERNATIVES, Region};
use crate::aws::load_balancer::{self, BalancerKeys};
use crate::aws::route53::OwnDnsKeys;
use crate::by_id::ById;
use crate::compute::{self, ComputeKeys};
use crate::ids::RegionId;
use crate::network::{self, Partition};
use crate::stores;

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
        const OWN_DNS: Key<Option<Sub<OwnDnsKeys>>> = Key::optional("dns", "what is different about DNS for this region's endpoint", "nothing");
    }
}
keys! {
    /// The stack of a region, common to all or its own.
    pub(super) struct StackKeys {
        const COMPUTE: Key<Option<Sub<ComputeKeys>>> = Key::optional("compute", "what serves requests", "a region serves whatever reaches it");
        const BALANCER: Key<Option<Sub<BalancerKeys>>> = Key::optional("load-balancer", "the load balancer in front of each region's targets", "its defaults, where there are instances");
    }
}

/// A region.
pub(super) enum RegionTable {}

impl Table for RegionTable {
    const LAYOUT: Layout = &[Listing::Keys(StackKeys::KEYS), Listing::Keys(OwnKeys::KEYS)];
}

/// The regions as they are read.
pub(super) struct Regions<'a> {
    /// Those that serve in file order, then the others.
    pub(super) all: ById<RegionId, Region>,
    /// The names that others may refer to them by.
    pub(super) names: Vec<String>,
    /// How many of the names serve.
    pub(super) endpoints: usize,
    /// What a region says of its endpoint's DNS.
    pub(super) own_dns: Vec<Option<Section<'a>>>,
}

impl Region {
    /// A region for operations only.
    pub(super) const fn without_endpoint(name: String) -> Self {
        Self { name, compute: None, load_balancer: None, serves: false }
    }
}

impl<'a> Regions<'a> {
    /// Reads `[regions]` over the common stack.
    pub(super) fn read(root: &mut Section<'a>) -> Self {
        let compute = root.node(&COMPUTE);
        let balancer = root.node(&BALANCER);
        let (mut regions, mut others, mut own_dns) = (Vec::new(), Vec::new(), Vec::new());
        for (name, mut section) in root.named_among(&REGIONS, &network::place_names()) {
            if !section.get(&SERVES) {
                others.push(Region::without_endpoint(name));
                continue;
            }
            let compute = stacked(compute, &mut section, &COMPUTE, compute::Parameters::read);
            let balancer = stacked(balancer, &mut section, &BALANCER, load_balancer::Parameters::read);
            let instances = compute.as_ref().is_some_and(|compute| compute.group().is_some());
            let load_balancer = instances.then(|| {
                balancer.unwrap_or_else(|| load_balancer::Parameters::read(&mut root.section_or_default(&BALANCER)))
            });
            own_dns.push(section.section(&OWN_DNS));
            regions.push(Region { name, compute, load_balancer, serves: true });
        }
        let endpoints = regions.len();
        regions.extend(others);
        let mut names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
        if endpoints == 0 {
            if root.has("regions") {
                let found = if names.is_empty() { "no region" } else { "no region that serves" };
                root.reject("regions", found, "at least one, such as [regions.eu-west-1]", None);
            }
            // What refers to regions is not wrong as well, but the common stack may be.
            names = network::place_names();
            compute.map(|node| compute::Parameters::read(&mut root.element(&COMPUTE, node, COMPUTE.name)));
            balancer.map(|node| load_balancer::Parameters::read(&mut root.element(&BALANCER, node, BALANCER.name)));
            let endpoints = names.len();
            return Self { all: regions.into(), names, endpoints, own_dns };
        }
        Self { all: regions.into(), names, endpoints, own_dns }
    }
}

/// The partition of AWS that global services are used in: that of the first region.
pub(super) fn partition(names: &[String]) -> Partition {
    names.iter().find_map(|name| network::place(name)).map_or(Partition::Commercial, |place| place.partition)
}

/// The names, and after them those of the regions that global services are run from, as far as they are missing.
pub fn with_homes(names: &[String]) -> Vec<String> {
    let mut all = names.to_vec();
    for place in names.iter().filter_map(|name| network::place(name)) {
        let home = place.partition.home();
        if all.iter().all(|name| name != home) {
            all.push(home.to_owned());
        }
    }
    all
}

/// Nothing replicates from one partition of AWS to another.
pub(super) fn check_partition(section: &Section<'_>, store: &stores::Parameters, names: &[String]) {
    let places = store.regions().iter().filter_map(|&region| network::place(names.get(region.index())?));
    let mut apart =
        places.clone().filter(|place| places.clone().next().is_some_and(|it| it.partition != place.partition));
    if let (Some(first), Some(other)) = (places.clone().next(), apart.next()) {
        let found = format!(
            "copies in {} ({}) and in {} ({})",
            first.name,
            first.partition.name(),
            other.name,
            other.partition.name()
        );
        section.reject("regions", found, "regions of one partition: none replicates to another", None);
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
