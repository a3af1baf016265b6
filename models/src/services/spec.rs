//! The keys of `[services.NAME]`, and their reading.

use sim_settings::form::{List, Named, Names, OneOf, Sub, Table};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, child_path, keys, overlay};

use super::order::callees_first;
use super::{Graph, Service, Sort, Tier};
use crate::balancers::load_balancer::{BalancerKeys, Fronts};
use crate::by_id::ById;
use crate::compute::{self, Kind};
use crate::ids::{RegionId, ServiceId, SiteId, StoreId};
use crate::journeys::Journey;
use crate::needs::{self, Call, LaunchNeedTable, Need, NeedTable, To, read_launch_needs, read_needs};
use crate::work::WorkKeys;

keys! {
    /// The services.
    pub(crate) struct ServicesKeys {
        const SERVICES: Key<Option<Named<ServiceTable>>> = Key::optional("services", "the services of the deployment, and who calls whom", "one service, which `[compute]` describes")
            .example("{ web = { kind = \"lambda\", duration = \"80ms\", account-limit = 1000, needs = [{ call = \"keys\" }] }, keys = { kind = \"managed\" } }");
    }
}
keys! {
    /// What a region says of services that run there.
    pub(crate) struct OwnServicesKeys {
        const OWN_SERVICES: Key<Option<Named<OwnServiceTable>>> = Key::optional("services", "what is different about services in this region", "nothing")
            .example("{ payment = { account-limit = 500 } }");
    }
}
keys! {
    /// The keys of a service; the others go with the kind.
    struct ServiceKeys {
        const KIND: Key<OneOf<Kind>> = Key::required("kind", "what runs the service");
        const BALANCER: Key<Option<Sub<BalancerKeys>>> = Key::optional("load-balancer", "what stands in front of it", "an Application Load Balancer with its defaults, where there are instances, tasks or pods");
    }
}
keys! {
    /// What a service says once for all of its regions.
    struct CommonKeys {
        const REGIONS: Key<Option<Names<RegionId>>> = Key::optional("regions", "the regions in which it runs", "all that serve");
        const NEEDS: Key<Option<List<NeedTable>>> = Key::optional("needs", "what each of its requests needs, in order", "it needs nothing");
        const LAUNCH_NEEDS: Key<Option<List<LaunchNeedTable>>> = Key::optional("launch-needs", "what each launch of an instance, a task or a pod needs, such as a registry of images; it fails while one of them does, and is tried again", "launches need nothing");
    }
}

/// A service.
enum ServiceTable {}

impl Table for ServiceTable {
    const LAYOUT: Layout =
        &[Listing::Keys(ServiceKeys::KEYS), Listing::Keys(WorkKeys::KEYS), Listing::Keys(CommonKeys::KEYS)];
}

/// What a region says of a service.
enum OwnServiceTable {}

impl Table for OwnServiceTable {
    const LAYOUT: Layout = &[Listing::Keys(ServiceKeys::KEYS), Listing::Keys(WorkKeys::KEYS)];
}

/// What services refer to.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// Names of the regions, those that serve first.
    pub(crate) regions: &'a [String],
    /// How many of them serve.
    pub(crate) endpoints: usize,
    /// Names of the stores.
    pub(crate) stores: &'a [String],
    /// Those among them that nobody reads, and the services that consume them.
    pub(crate) queues: &'a [StoreId],
    pub(crate) consumers: &'a [ServiceId],
    /// Names of DNS.
    pub(crate) resolved: &'a [String],
    /// Whether the file writes out who leads to which endpoint, and the services that answers of its records or origins lead to.
    pub(crate) names_endpoints: bool,
    pub(crate) answered: &'a [String],
    /// What each region that serves says of its services.
    pub(crate) own: &'a [Option<&'a Node>],
}

/// Services while they are read: they refer to each other, and journeys refer to them.
pub(crate) struct Reading<'a> {
    /// By name.
    pub(super) sections: Vec<Section<'a>>,
    pub(crate) graph: Graph,
}

/// The names of the services, in alphabetical order.
pub(crate) fn names(root: &Section<'_>) -> Vec<String> {
    // The order of names, so that the order in the file makes no difference.
    let mut names = root.keys_of(SERVICES.name);
    names.sort();
    names
}

/// What a region says of its services.
pub(crate) fn own<'a>(region: &mut Section<'a>) -> Option<&'a Node> {
    region.node(&OWN_SERVICES)
}

impl<'a> Reading<'a> {
    /// Reads `[services]`.
    pub(crate) fn read(root: &mut Section<'a>, around: Surroundings<'_>) -> Self {
        let names = names(root);
        let written = root.node(&SERVICES);
        let mut services = root.named(&SERVICES);
        services.sort_by(|(one, _), (other, _)| one.cmp(other));
        let known = needs::Names {
            stores: around.stores,
            unread: around.queues,
            services: &names,
            regions: around.regions,
            resolved: around.resolved,
        };
        let mut graph = Graph { regions: around.regions.len(), ..Graph::default() };
        let mut sections = Vec::new();
        for (name, mut section) in services {
            let tier = read_tier(&mut section);
            let sort = Sort::of(&tier.compute);
            let regions = read_regions(&mut section, sort, around);
            let needs = read_needs(&mut section, &NEEDS, known);
            if sort == Sort::External && !needs.is_empty() {
                section.reject("needs", "needs of an external service", "none: nobody here knows what it needs", None);
            }
            let launch_needs = read_launch_needs(&mut section, &LAUNCH_NEEDS, known);
            check_launch_needs(&section, &launch_needs, &tier.compute);
            let mut tiers = ById::new(around.regions.len(), None);
            let common = written.and_then(|node| node.get(&name));
            for &region in &regions {
                let own = around.own.get(region.index()).copied().flatten().and_then(|own| own.get(&name));
                let place = around.regions.get(region.index());
                tiers[region] = match (common, own, place) {
                    (Some(common), Some(own), Some(place)) => Some(read_own(root, &name, common, own, place)),
                    _ => Some(tier.clone()),
                };
            }
            if sort == Sort::External {
                tiers.fill(None);
                if let Some(first) = tiers.get_mut(RegionId::new(0)) {
                    *first = Some(tier);
                }
            }
            graph.services.push(Service { name, sort, tiers, regions, needs, launch_needs });
            sections.push(section);
        }
        let reading = Self { sections, graph };
        reading.check_own(root, around);
        reading
    }

    /// A region may say something of a service that runs there.
    fn check_own(&self, root: &Section<'_>, around: Surroundings<'_>) {
        let names = self.graph.names();
        for (own, region) in around.own.iter().zip(around.regions) {
            for entry in own.iter().flat_map(|own| own.entries()) {
                let service = self.graph.services.position(|service| service.name == entry.key);
                let runs = service.is_some_and(|id| {
                    let region = around.regions.iter().position(|name| name == region).map(RegionId::new);
                    self.graph.services[id].regions.iter().any(|&own| Some(own) == region)
                });
                if !runs {
                    let path = child_path(&format!("regions.{region}.services"), &entry.key);
                    root.reject_name(entry, path, format!("a service that runs in {region}"), &names);
                }
            }
        }
    }

    /// Which service is entered, and which are called; numbers the needs that remember. Gives back the tiers of the service that
    /// is entered, by region that serves.
    pub(crate) fn finish(
        mut self,
        root: &mut Section<'a>,
        journeys: &mut [Journey],
        around: Surroundings<'_>,
    ) -> (Graph, Vec<Option<Tier>>) {
        if self.graph.services.is_empty() {
            return (self.graph, Vec::new());
        }
        let called_by = |service: &Service| [callees(&service.needs), callees(&service.launch_needs)].concat();
        let calls: Vec<Vec<ServiceId>> = self.graph.services.iter().map(called_by).collect();
        let order = match callees_first(&calls) {
            Ok(order) => order,
            Err(circle) => {
                let names: Vec<&str> = circle.iter().map(|&id| self.graph.services[id].name.as_str()).collect();
                let found = format!("a circle of calls: {}", names.join(" -> "));
                self.sections[circle[0].index()].reject("needs", found, "calls that end somewhere", None);
                return (self.graph, Vec::new());
            }
        };
        let all = self.find_entered(root, &calls, journeys, around);
        let Some(entered) = self.first_entered(root, &all, around.endpoints) else {
            return (self.graph, Vec::new());
        };
        self.check_calls();
        self.graph.entered = Some(entered);
        self.graph.entered_too = self.graph.services.ids().filter(|id| *id != entered && all.contains(id)).collect();
        self.add_doors(around.endpoints);
        let own = journeys.iter().filter(|journey| journey.share > 0.0).flat_map(|journey| callees(&journey.needs));
        let roots: Vec<ServiceId> = own.chain(all.iter().copied()).chain(around.consumers.iter().copied()).collect();
        let asked: Vec<Vec<ServiceId>> = self.graph.services.iter().map(|service| callees(&service.needs)).collect();
        let (reached, met) = (reachable(&roots, &calls), reachable(&roots, &asked));
        self.graph.launch_only = self.graph.services.ids().filter(|id| !met[id.index()]).collect();
        let others = self.graph.services.ids().filter(|id| reached[id.index()]);
        let asks: Vec<ServiceId> = others.flat_map(|id| calls[id.index()].iter().copied()).collect();
        let own = journeys.iter().filter(|journey| journey.share > 0.0).flat_map(|journey| callees(&journey.needs));
        let own: Vec<ServiceId> = own.collect();
        let asked = |id: &ServiceId| {
            if all.contains(id) { asks.contains(id) || own.contains(id) } else { reached[id.index()] }
        };
        self.graph.asked = order.into_iter().filter(asked).collect();
        self.graph.called = self.graph.asked.iter().copied().filter(|id| !all.contains(id)).collect();
        self.check_entered_and_called(around);
        let needs = self.graph.services.iter_mut().flat_map(|service| &mut service.needs);
        let own = journeys.iter_mut().flat_map(|journey| &mut journey.needs);
        for need in needs.chain(own).filter(|need| need.remembers()) {
            need.site = Some(SiteId::new(self.graph.sites));
            self.graph.sites += 1;
        }
        self.graph.number_callers(journeys, entered);
        let tiers = self.take_front(entered, around);
        (self.graph, tiers)
    }

    /// The tiers of the service that is entered become the fronts of the regions.
    fn take_front(&mut self, entered: ServiceId, around: Surroundings<'_>) -> Vec<Option<Tier>> {
        if self.graph.services[entered].sort == Sort::External {
            self.reject_external(entered, &self.graph.services[entered].name);
        }
        let Service { name, sort, tiers, .. } = &mut self.graph.services[entered];
        let section = &self.sections[entered.index()];
        let lacks = RegionId::all(around.endpoints).find(|&region| tiers.get(region).is_none_or(Option::is_none));
        if let Some(region) = lacks.filter(|_| *sort != Sort::External) {
            let region = &around.regions[region.index()];
            let found = format!("{name}, which clients enter, without {region}, which serves");
            section.reject("regions", found, format!("{region} as well, or `serves = false` in it"), None);
        }
        let fronts =
            RegionId::all(around.endpoints).map(|region| tiers.get_mut(region).and_then(Option::take)).collect();
        tiers.fill(None);
        fronts
    }

    /// A call to a fixed region needs the service there.
    fn check_calls(&self) {
        for (section, service) in self.sections.iter().zip(&self.graph.services) {
            check_calls(section, ("needs", &service.needs), &self.graph);
            check_calls(section, ("launch-needs", &service.launch_needs), &self.graph);
        }
    }
}

/// A call to a fixed region needs the service there; one of an external service goes to its only place.
pub(crate) fn check_calls(section: &Section<'_>, (key, needs): (&str, &[Need]), graph: &Graph) {
    for (index, need) in needs.iter().enumerate() {
        let Some(&Call { service, to, timeout, .. }) = need.call() else { continue };
        let Some(service) = graph.services.get(service) else { continue };
        let external = service.sort == Sort::External;
        let waits = service.tiers.iter().flatten().any(|tier| tier.work.queue.is_some());
        if waits && timeout.is_none() && key != LAUNCH_NEEDS.name {
            let found = format!("a call of {} without `timeout`", service.name);
            let expected = "one: requests wait before that service, and nobody waits for ever";
            section.reject_in((key, index), "call", found, expected);
        }
        match to {
            To::Region(region) if external || !service.regions.contains(&region) => {
                let found = format!("a region where {} does not run", service.name);
                let expected =
                    if external { "no such key: it stands in one place outside AWS" } else { "one of its regions" };
                section.reject_in((key, index), "to", found, expected);
            }
            To::Nearest { .. } if external => {
                let found = format!("the nearest of {}, which stands in one place", service.name);
                section.reject_in((key, index), "to", found, "no such key");
            }
            To::Name(_) if external => {
                let found = format!("a name for {}, which stands in one place", service.name);
                section.reject_in((key, index), "to", found, "no such key");
            }
            To::Local | To::Nearest { .. } | To::Region(_) | To::Name(_) => {}
        }
    }
}

impl Sort {
    /// The sort of a service that this runs.
    const fn of(compute: &compute::Parameters) -> Self {
        match compute {
            compute::Parameters::AutoScaling(_)
            | compute::Parameters::Ecs(_)
            | compute::Parameters::Eks(_)
            | compute::Parameters::Lambda(_) => Self::Tier,
            compute::Parameters::Managed { .. } => Self::Managed,
            compute::Parameters::External { .. } => Self::External,
        }
    }
}

/// Only fleets launch.
fn check_launch_needs(section: &Section<'_>, needs: &[Need], compute: &compute::Parameters) {
    if !needs.is_empty() && compute.fleet().is_none() {
        let expected = "no such key: only instances, tasks and pods are launched here";
        section.reject(LAUNCH_NEEDS.name, format!("launches of {}", compute.noun()), expected, None);
    }
}

/// Which services calls lead to from these.
fn reachable(roots: &[ServiceId], calls: &[Vec<ServiceId>]) -> Vec<bool> {
    let mut reached = vec![false; calls.len()];
    let mut waiting = roots.to_vec();
    while let Some(service) = waiting.pop() {
        if !std::mem::replace(&mut reached[service.index()], true) {
            waiting.extend(&calls[service.index()]);
        }
    }
    reached
}

/// The services that needs call.
pub(super) fn callees(needs: &[Need]) -> Vec<ServiceId> {
    needs.iter().filter_map(|need| Some(need.call()?.service)).collect()
}

/// What runs a service, and what stands in front of it.
fn read_tier(section: &mut Section<'_>) -> Tier {
    let compute = section.get(&KIND)(section);
    let work = compute.read_work(section);
    let mut tier = Tier { compute, work, load_balancer: None, gateway: None };
    let fleet = tier.compute.fleet().is_some();
    if fleet || section.node(&BALANCER).is_some() {
        let mut table = section.section_or_default(&BALANCER);
        let Fronts { balancer, gateway } = Fronts::read(&mut table, fleet, tier.compute.noun());
        let kind = section.node(&BALANCER).and_then(|table| table.get("kind")).and_then(Node::text);
        let nothing = kind == Some("none");
        (tier.load_balancer, tier.gateway) = (balancer, gateway);
        if !fleet && tier.gateway.is_none() && !nothing {
            let found = format!("a load balancer in front of {}", tier.compute.noun());
            let expected = "kind = \"api-gateway\", or no such key: only instances, tasks and pods stand behind a load balancer here";
            section.reject("load-balancer", found, expected, None);
        }
    }
    tier
}

/// The regions of a service; without any it goes on with the first one.
fn read_regions(section: &mut Section<'_>, sort: Sort, around: Surroundings<'_>) -> Vec<RegionId> {
    let named = section.names(&REGIONS, around.regions);
    if sort == Sort::External {
        if section.has("regions") {
            section.reject("regions", "regions of an external service", "`place` alone: it stands in one place", None);
        }
        return RegionId::all(around.regions.len()).collect();
    }
    if section.has("regions") && named.is_empty() {
        section.reject("regions", "no region", "at least one", None);
    }
    if named.is_empty() { RegionId::all(around.endpoints).collect() } else { named }
}

/// What runs a service in a region that says something of its own.
fn read_own(root: &Section<'_>, name: &str, common: &Node, own: &Node, region: &str) -> Tier {
    let kind = |node: &Node| node.get(KIND.name).and_then(Node::text).map(str::to_owned);
    // Another kind of service has nothing in common with the others but its place.
    let laid =
        if kind(own).is_some_and(|own| kind(common) != Some(own)) { own.clone() } else { overlay(common, own, &[]) };
    let path = child_path(&format!("regions.{region}.services"), name);
    let mut section = root.laid_over(ServiceTable::LAYOUT, &laid, common, &path, &child_path("services", name));
    for key in ["needs", "launch-needs", "regions"] {
        if own.get(key).is_some() {
            section.reject(key, format!("`{key}` of one region"), format!("`{key}` in [services.{name}]"), None);
        }
    }
    let _ = (section.node(&REGIONS), section.node(&NEEDS), section.node(&LAUNCH_NEEDS));
    read_tier(&mut section)
}
