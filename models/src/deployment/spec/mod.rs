//! The deployment as the experiment file describes it, validated.

mod checks;
mod entries;
mod names;
mod questions;
mod queues;
mod quotas;
mod regions;
mod struck;

use sim_core::random::Distribution;
use sim_settings::form::{List, Named, Sub};
use sim_settings::quantity::{number_text, sum_text};
use sim_settings::{Key, Keys as _, Layout, Listing, Node, Section, Value, keys};

use crate::balancers::{api_gateway, load_balancer};
use crate::by_id::ById;
use crate::clients::{self, PopulationKeys};
use crate::cloud_watch;
use crate::cloud_watch::{AlarmTable, CloudWatchKeys};
use crate::compute;
use crate::faults::{self, Fault, FaultTable};
use crate::fronts::edge::{self, Edge, EdgeKeys};
use crate::fronts::route53::zone::{Endpoints, Looked, NamedChecksKeys, NamesKeys, Reading, RecordsKeys, SHARES, Zone};
use crate::fronts::route53::{self, DnsKeys};
use crate::ids::{AlarmId, FaultId, JourneyId, NameId, PlaceId, PopulationId, RegionId, RunbookId, ServiceId, StoreId};
use crate::journeys::{Journey, JourneyTable};
use crate::links::{Link, LinkKeys};
use crate::needs;
use crate::network;
use crate::objectives;
use crate::people::{StartKeys, Starts};
use crate::runbooks::{self, RunbookKeys};
use crate::services::{self, Graph, ServicesKeys, Tier};
use crate::stores::{self, StoreTable};
use crate::work::Work;

use checks::{Parts, check_periods, check_runbook};
use entries::{check_entries, check_names_called, check_watched};
use names::Finding;
use regions::{Regions, RegionsKeys, StackKeys};
use struck::{check_corruption, check_gray_zone, check_own_record, check_same_callers, check_service, check_zone};

pub use names::Beyond;

pub use quotas::Quotas;

pub(super) use checks::clock_cycle;
pub use regions::places;

keys! {
    /// What an experiment file says of the deployment.
    struct TopologyKeys {
        const DNS: Key<Sub<DnsKeys>> = Key::required("dns", "how clients find an endpoint");
        const CLIENTS: Key<List<PopulationKeys>> = Key::required("clients", "populations of clients");
        const STORES: Key<Option<Named<StoreTable>>> = Key::optional("stores", "where the data is", "no stores")
            .example("{ orders = { kind = \"aurora-global\", writer = \"us-east-1\" } }");
        const LINKS: Key<Option<List<LinkKeys>>> = Key::optional("links", "writes of a store that refer to writes of another one", "no store refers to another")
            .example("[{ from = \"orders\", to = \"payments\" }]");
        const JOURNEYS: Key<List<JourneyTable>> = Key::required("journeys", "kinds of user requests");
        const CLOUDWATCH: Key<Option<Sub<CloudWatchKeys>>> = Key::optional("cloudwatch", "metrics", "its defaults");
        const ALARMS: Key<Option<List<AlarmTable>>> = Key::optional("alarms", "alarms on metrics", "no alarms");
        const RUNBOOKS: Key<Option<List<RunbookKeys>>> = Key::optional("runbooks", "what people and automation do", "nothing is done");
        const FAULTS: Key<Option<List<FaultTable>>> = Key::optional("faults", "what goes wrong", "nothing goes wrong");
    }
}

/// Everything that an experiment file says of the deployment.
pub const LAYOUT: Layout = &[
    Listing::Keys(StartKeys::KEYS),
    Listing::Keys(StackKeys::KEYS),
    Listing::Keys(EdgeKeys::KEYS),
    Listing::Keys(RegionsKeys::KEYS),
    Listing::Keys(ServicesKeys::KEYS),
    Listing::Keys(TopologyKeys::KEYS),
    Listing::Keys(NamesKeys::KEYS),
    Listing::Keys(RecordsKeys::KEYS),
    Listing::Keys(NamedChecksKeys::KEYS),
];

/// Words of which one table has only one: a table with another one says something else altogether.
pub const ALTERNATIVES: [&[&str]; 2] = [&runbooks::TRIGGERS, &cloud_watch::METRICS];

/// The stack of one region.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The region's code, or the name of a place of one's own.
    pub name: String,
    /// Where it is.
    pub place: network::Place,
    /// What runs the application; without, the region serves whatever reaches it.
    pub compute: Option<compute::Parameters>,
    /// How long that works on a request.
    pub work: Work,
    /// The load balancer in front of instances.
    pub load_balancer: Option<load_balancer::Parameters>,
    /// The gateway in front of a function or a managed service.
    pub gateway: Option<api_gateway::Parameters>,
    /// What the account may have there.
    pub quotas: Quotas,
    /// Whether clients are served there; otherwise it has no endpoint.
    pub serves: bool,
}

impl Region {
    /// Number of zones.
    pub fn zones(&self) -> usize {
        let usual = if self.place.is_aws() { compute::ZONES } else { self.place.zones };
        self.compute.as_ref().map_or(usual, compute::Parameters::zones)
    }
}

/// A part behind the fronts, and its place among those of [`crate::flow::blamed_at`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlamedPart {
    /// Its name, such as `payment@eu-west-1`.
    pub name: String,
    /// The same in words, such as `payment in eu-west-1`.
    pub words: String,
    /// Its place.
    pub index: usize,
    /// The region that it is in; a service outside AWS is in none.
    pub region: Option<RegionId>,
}

/// A store with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// What it is.
    pub parameters: stores::Parameters,
    /// What each of its copies carries.
    pub capacity: stores::Capacity,
    /// How long its copies take.
    pub times: stores::Times,
    /// What it is held against by itself.
    pub objectives: objectives::OfStore,
    /// How it is backed up.
    pub backup: Option<stores::Backup>,
}

/// Everything that an experiment says about the deployment and what befalls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// Regions: those that serve in file order, then those that do not.
    pub regions: ById<RegionId, Region>,
    /// How many of them serve. Each of these has an endpoint.
    pub endpoints: usize,
    /// The services behind the fronts, and who calls whom.
    pub graph: Graph,
    /// Round trips between regions in seconds: row = from.
    pub round_trips: Vec<Vec<f64>>,
    /// Stores in file order.
    pub stores: ById<StoreId, Store>,
    /// Writes of stores that refer to those of others, in file order.
    pub links: Vec<Link>,
    /// Journeys in file order.
    pub journeys: ById<JourneyId, Journey>,
    /// Populations in file order.
    pub clients: ById<PopulationId, clients::Parameters>,
    /// From the end of a metric period to the arrival of its datapoint.
    pub ingestion: Distribution,
    /// Alarms on metrics in file order.
    pub alarms: ById<AlarmId, cloud_watch::Parameters>,
    /// Composite alarms in file order; their numbers follow those of the others.
    pub composites: Vec<cloud_watch::Composite>,
    /// What stands between clients and regions.
    pub edge: Edge,
    /// Routing of a single name, or what all names have in common; unused where the edge replaces it.
    pub dns: route53::Parameters,
    /// Names, records and health checks, whichever way the file writes them.
    pub zone: Zone,
    /// What stands behind the last region among the regions.
    pub beyond: Vec<Beyond>,
    /// Runbooks in file order.
    pub runbooks: ById<RunbookId, runbooks::Parameters>,
    /// Faults in file order.
    pub faults: ById<FaultId, Fault>,
    /// When in the week trials start.
    pub starts: Starts,
    /// Share of requests that must succeed for a journey to count as up, unless it has one of its own.
    pub up_when: f64,
    /// Only requests count that succeed within so many seconds, unless a journey has a time of its own.
    pub within: Option<f64>,
    /// Whether it is asked how long each request takes, for percentiles over all of them.
    pub percentiles: bool,
}

/// Share of requests that must succeed, if only the time is said in which they have to.
const UP_WHEN: f64 = 0.99;

impl Topology {
    /// Reads the deployment's part of an experiment file. Problems go to the section's report.
    pub fn read(root: &mut Section<'_>, up: objectives::Up) -> Self {
        let starts = Starts::read(root);
        let Regions {
            all: mut regions,
            names: region_names,
            endpoints,
            places: sites,
            given,
            mut own_dns,
            own_services,
            own_stores,
        } = Regions::read(root);
        let served = &region_names[..endpoints];
        let partition = regions::partition(&sites);
        // Global services are run from there, whether or not the file has the region.
        let places = regions::with_homes(&region_names, &sites);

        let service_names = services::names(root);
        let mut stores: ById<StoreId, Store> = ById::default();
        let mut store_sections = root.named(&STORES);
        for (name, section) in &mut store_sections {
            let mut parameters = stores::Parameters::read(section, &region_names);
            parameters.connect(section, &service_names);
            if let Some(writer) = parameters.writer() {
                check_zone(section, parameters.zone(), regions.get(writer));
            }
            regions::check_partition(section, &parameters, &region_names, &sites);
            let backup = stores::Backup::read(section, &region_names, &parameters.written_in());
            if backup.is_some() && !parameters.keeps_data() {
                let found = format!("a backup of {}", parameters.about().name);
                section.reject("backup", found, "no such line: nothing there can be restored", None);
            }
            let capacity = stores::Capacity::read(section);
            let times = stores::Times::read(section, &parameters);
            let objectives = objectives::OfStore::read(section, parameters.consumer().is_some());
            stores.push(Store { parameters, capacity, times, objectives, backup, name: name.clone() });
        }
        let store_names: Vec<String> = stores.iter().map(|store| store.name.clone()).collect();
        note_own_copies(root, &mut stores, &store_names, (&own_stores, &region_names));

        let queues: Vec<StoreId> =
            stores.pairs().filter(|(_, it)| !it.parameters.is_read()).map(|(id, _)| id).collect();
        let consumers: Vec<ServiceId> = stores.iter().filter_map(|store| store.parameters.consumer()).collect();
        let (resolved, check_names) = (Reading::names(root), Reading::checks(root));
        let mut answered = Reading::answered(root);
        let origins = Edge::origins(root);
        answered.extend_from_slice(&origins);
        let around = services::Surroundings {
            resolved: &resolved,
            names_endpoints: !resolved.is_empty() || !origins.is_empty(),
            answered: &answered,
            regions: &region_names,
            endpoints,
            stores: &store_names,
            queues: &queues,
            consumers: &consumers,
            own: &own_services,
        };
        let services = services::Reading::read(root, around);
        let named = needs::Names {
            stores: &store_names,
            unread: &queues,
            services: &service_names,
            regions: &region_names,
            resolved: &resolved,
        };
        let mut journeys = read_journeys(root, named, &services.graph);
        let (mut graph, fronts) = services.finish(root, &mut journeys, around);
        // Behind all regions that there may be.
        graph.first_door = places.len();
        let endpoint_names = Endpoints::new(&graph, served, &service_names);
        for (region, front) in regions.iter_mut().zip(fronts) {
            if let Some(Tier { compute, work, load_balancer, gateway }) = front {
                region.work = work;
                (region.compute, region.load_balancer, region.gateway) = (Some(compute), load_balancer, gateway);
            }
        }
        if root.has("services") {
            for (id, region) in regions.pairs_mut().filter(|(_, region)| !region.place.is_aws()) {
                let fit = |compute| regions::at_home(compute, region.place, root, "services");
                region.compute = region.compute.take().map(fit);
                for tier in graph.services.iter_mut().filter_map(|service| service.tiers.get_mut(id)?.as_mut()) {
                    if !matches!(tier.compute, compute::Parameters::External { .. }) {
                        tier.compute = regions::at_home(tier.compute.clone(), region.place, root, "services");
                    }
                }
            }
        }
        let journey_names: Vec<String> = journeys.iter().map(|journey| journey.name.clone()).collect();

        let mut client_sections = root.sections(&CLIENTS);
        let clients: Vec<clients::Parameters> = client_sections
            .iter_mut()
            .map(|section| clients::Parameters::read(section, &region_names, &sites))
            .collect();
        let client_names: Vec<String> = clients.iter().map(|clients| clients.name.clone()).collect();
        for (store, (_, section)) in stores.iter_mut().zip(&mut store_sections) {
            store.parameters.relate(
                section,
                stores::Others {
                    regions: &region_names,
                    stores: &store_names,
                    populations: &client_names,
                    graph: &graph,
                },
            );
        }
        for (id, (_, section)) in stores.ids().zip(&store_sections) {
            let backed = stores[id].parameters.backs();
            if backed.is_some_and(|backed| backed == id || stores[backed].parameters.backs().is_some()) {
                section.reject("backs", "a store that backs another itself", "the store that keeps the data", None);
            }
        }
        queues::check_circles(&store_sections, &stores, &graph);
        drop(store_sections);
        let mut links: Vec<Link> = Vec::new();
        for section in &mut root.sections(&LINKS) {
            let parameters = |store| stores.get(store).map(|store: &Store| &store.parameters);
            let link = Link::read(section, &store_names, &links, parameters);
            links.push(link);
        }
        for (key, empty) in [("journeys", journeys.is_empty()), ("clients", clients.is_empty())] {
            if empty && root.has(key) {
                root.reject(key, "none", "at least one", None);
            }
        }

        let mut cloudwatch = root.section_or_default(&CLOUDWATCH);
        let ingestion = cloud_watch::read_ingestion(&mut cloudwatch);
        let mut alarm_sections = root.sections(&ALARMS);
        let names = cloud_watch::Names {
            regions: served,
            endpoints: &endpoint_names,
            checks: &check_names,
            places: &places,
            home: partition.home(),
            journeys: &journey_names,
            stores: &store_names,
        };
        let (mut alarms, mut rules) = (Vec::new(), Vec::new());
        for (entry, section) in alarm_sections.iter_mut().enumerate() {
            if cloud_watch::Composite::is_one(section) {
                rules.push(entry);
            } else {
                alarms.push(cloud_watch::Parameters::read(section, entry, names, &ingestion));
            }
        }
        check_periods(&alarm_sections, &alarms);
        let composites = read_composites(&mut alarm_sections, &rules, &alarms, &places);
        let metric_alarms: Vec<String> = alarms.iter().map(|alarm| alarm.name.clone()).collect();
        let mut alarm_names = metric_alarms.clone();
        alarm_names.extend(composites.iter().map(|composite| composite.name.clone()));

        let round_trips: Vec<Vec<f64>> = clients.iter().map(|clients| clients.round_trip.clone()).collect();
        let (mut asked_from, mut distances) = (round_trips.clone(), Vec::new());
        distances.extend(clients.iter().map(|clients| sites.iter().map(|to| clients.near.distance_km(to)).collect()));
        if !graph.callers.is_empty() {
            // Callers in each region ask as well, after all populations.
            asked_from.extend(regions::round_trips(&regions, &given));
            distances
                .extend(sites.iter().map(|from| sites.iter().map(|to| from.distance_km(to)).collect::<Vec<f64>>()));
        }
        let watched = watched_names([ALARMS.name, RUNBOOKS.name].map(|table| root.written_node(table)));
        let outside = regions.iter().map(|region| !region.place.is_aws()).collect();
        let surroundings = route53::Surroundings {
            regions: served,
            outside: &outside,
            endpoints: &endpoint_names,
            watched: &watched,
            partition,
            stores: &store_names,
            queues: &queues,
            services: &service_names,
            graph: &graph,
            resolved: &resolved,
            populations: &client_names,
            // Route 53 evaluates metrics, and no rules.
            alarms: &metric_alarms,
            round_trips: &asked_from,
            distances: &distances,
        };
        let edge = Edge::read(
            root,
            edge::Surroundings {
                regions: served,
                endpoints: &endpoint_names,
                journeys: &journeys,
                round_trips: &round_trips,
            },
        );
        let own = regions.iter().find(|region| region.serves && !region.place.is_aws());
        if let Some(region) = own.filter(|_| edge.accelerator.is_some()) {
            let found = format!("an accelerator in front of {}, which is no region of AWS", region.name);
            root.reject("edge", found, "DNS or CloudFront there: endpoint groups are in regions of AWS", None);
        }
        let called = graph.names_called(&journeys).map(|(name, _)| Some(name));
        let used: Vec<Option<NameId>> = journeys.iter().map(|journey| journey.at).chain(called).collect();
        let finding = Finding::read(root, &DNS, &mut own_dns, &edge, (&used, &journey_names), surroundings);
        drop(own_dns);
        check_entries(root, &journeys, &graph, (finding.zone(), &edge));
        check_names_called(root, &journeys, &graph, (finding.zone(), &resolved));
        let parts = Parts {
            stores: &stores,
            regions: &regions,
            edge: &edge,
            dns: &finding.dns,
            graph: &graph,
            zone: finding.zone(),
        };
        for alarm in &alarms {
            check_watched(&alarm_sections[alarm.entry], alarm, &alarms, parts);
        }
        drop(alarm_sections);
        let fronts = regions.iter().filter_map(|region| region.compute.as_ref());
        let tiers = graph.services.iter().flat_map(|service| service.tiers.iter().flatten()).map(|tier| &tier.compute);
        if alarms.is_empty() && fronts.chain(tiers).all(|compute| compute.tracking().is_none()) {
            cloud_watch::without_datapoints(&cloudwatch);
        }
        drop(cloudwatch);
        let direct = !edge.works_without_dns() && edge.cloud_front.is_none();
        for section in &client_sections {
            if !direct {
                clients::without_resolvers(section);
            }
            if !direct || !finding.walks() {
                clients::without_walks(section);
            }
        }
        drop(client_sections);
        let record_names = Reading::records(root);
        let names = runbooks::Names {
            regions: &region_names,
            endpoints: &endpoint_names,
            checks: &check_names,
            places: &places,
            stores: &store_names,
            journeys: &journey_names,
            clients: &client_names,
            alarms: &alarm_names,
            services: &service_names,
            records: &record_names,
            entered: graph.only_entered(),
        };
        let runbooks: Vec<runbooks::Parameters> = root
            .sections(&RUNBOOKS)
            .iter_mut()
            .map(|section| {
                let runbook = runbooks::Parameters::read(section, names);
                check_runbook(section, &runbook, parts);
                runbook
            })
            .collect();
        let shares = runbooks::shares(runbooks.iter().flat_map(|runbook| &runbook.steps));
        if direct && finding.walks() && shares > SHARES {
            let found = format!("{shares} shifts of a share, with answers of several addresses");
            let expected = format!("at most {SHARES} that differ in means, record and region");
            root.reject(RUNBOOKS.name, found, expected, None);
        }
        let mut own_records = Vec::new();
        let faults: Vec<Fault> = root
            .sections(&FAULTS)
            .iter_mut()
            .map(|section| {
                let names = faults::Names {
                    regions: &places,
                    endpoints,
                    stores: &store_names,
                    clients: &client_names,
                    graph: &graph,
                    names: &resolved,
                };
                let fault = Fault::read(section, names);
                if let faults::Kind::ZoneOutage { region, zone, .. } = fault.kind {
                    check_zone(section, zone, regions.get(region));
                }
                check_gray_zone(section, &fault, (&regions, &graph));
                check_service(section, &fault, &regions);
                if matches!(fault.kind, faults::Kind::RecordLost { .. }) && edge.works_without_dns() {
                    section.reject("kind", "a lost record where the edge leads to the regions", "another fault", None);
                }
                check_corruption(section, &fault, &stores);
                check_own_record(section, &fault, &stores, (&graph, &places));
                check_same_callers(section, &fault, &mut own_records);
                fault
            })
            .collect();
        let named = |region: RegionId| {
            alarms.iter().any(|alarm| alarm.hosted_in == region)
                || runbooks.iter().any(|runbook| runbook.hosted_in.contains(&region))
                || faults.iter().any(|fault| fault.kind.names(region))
        };
        // What nothing names makes no difference; doors stand behind all of them.
        let needed = |region: usize| !graph.doors.is_empty() || named(RegionId::new(region));
        let last = (regions.len()..places.len()).rev().find(|&region| needed(region));
        let homes = regions.len()..last.map_or(regions.len(), |last| last + 1);
        regions.extend(homes.filter_map(|region| {
            let place = network::place(&places[region])?;
            Some(Region::without_endpoint(place.name.to_owned(), *place))
        }));
        let doors = graph.doors.iter().filter_map(|door| {
            let (service, region) = (service_names.get(door.service.index())?, region_names.get(door.region.index())?);
            Some(Region::without_endpoint(format!("{service}@{region}"), regions[door.region].place))
        });
        let doors: Vec<Region> = doors.collect();
        regions.extend(doors);
        let vanishes = faults.iter().any(|fault| matches!(fault.kind, faults::Kind::RecordLost { .. }));
        let all: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
        let looked = Looked { regions: &all, stores: &store_names, services: &service_names, alarms: &metric_alarms };
        let (dns, mut zone, beyond) = finding.finish(&mut regions, endpoints, vanishes, looked);
        graph.extend_to(regions.len());
        zone.homes = PlaceId::all(regions.len()).map(|place| graph.home(place)).collect();
        let round_trips = regions::round_trips(&regions, &given);
        let topology = Self {
            regions,
            endpoints,
            graph,
            round_trips,
            stores,
            links,
            journeys: journeys.into(),
            clients: clients.into(),
            ingestion,
            alarms: alarms.into(),
            composites,
            edge,
            dns,
            zone,
            beyond,
            runbooks: runbooks.into(),
            faults: faults.into(),
            starts,
            up_when: up.share.unwrap_or(UP_WHEN),
            within: up.within,
            percentiles: false,
        };
        checks::check_queues(root, &topology);
        Self { percentiles: topology.tells_times(), ..topology }
    }
}

/// What regions say of their copies of stores.
fn note_own_copies(
    root: &Section<'_>,
    stores: &mut ById<StoreId, Store>,
    names: &[String],
    (own, regions): (&[Vec<stores::Own<'_>>], &[String]),
) {
    for ((id, region), own) in RegionId::all(regions.len()).zip(regions).zip(own) {
        for own in own {
            let store = stores.iter_mut().find(|store| store.name == own.entry.key);
            match store.filter(|store| store.parameters.regions().contains(&id)) {
                Some(store) => store.capacity.note(id, own),
                None => {
                    root.reject_name(own.entry, own.path.clone(), format!("a store with a copy in {region}"), names);
                }
            }
        }
    }
}

/// What alarms and runbooks watch of health, as they name it.
fn watched_names<'a>(tables: impl IntoIterator<Item = Option<&'a Node>>) -> Vec<String> {
    let mut names = Vec::new();
    let mut waiting: Vec<&Node> = tables.into_iter().flatten().collect();
    while let Some(node) = waiting.pop() {
        match &node.value {
            Value::Array(all) => waiting.extend(all),
            Value::Table(entries) => {
                let here = entries.iter().filter(|entry| entry.key == "health-check");
                names.extend(here.filter_map(|entry| Some(entry.node.text()?.to_owned())));
                waiting.extend(entries.iter().map(|entry| &entry.node));
            }
            _ => {}
        }
    }
    names
}

/// Reads the composite alarms among the entries, each over the alarms on metrics and the composites before it.
fn read_composites(
    sections: &mut [Section<'_>],
    entries: &[usize],
    alarms: &[cloud_watch::Parameters],
    regions: &[String],
) -> Vec<cloud_watch::Composite> {
    let mut names: Vec<String> = alarms.iter().map(|alarm| alarm.name.clone()).collect();
    let mut hosts: Vec<RegionId> = alarms.iter().map(|alarm| alarm.hosted_in).collect();
    let mut composites = Vec::new();
    for &entry in entries {
        let ids: Vec<AlarmId> = AlarmId::all(names.len()).collect();
        let known = cloud_watch::Known { names: &names, ids: &ids, hosts: &hosts, regions };
        let name = cloud_watch::name_of(&mut sections[entry]);
        let composite = cloud_watch::Composite::read(&mut sections[entry], name, entry, known);
        names.push(composite.name.clone());
        hosts.push(composite.hosted_in);
        composites.push(composite);
    }
    composites
}

fn read_journeys(root: &mut Section<'_>, names: needs::Names<'_>, graph: &Graph) -> Vec<Journey> {
    let mut sections = root.sections(&JOURNEYS);
    let resolved = Reading::names(root);
    let read = |section: &mut Section<'_>| Journey::read(section, names, &resolved);
    let journeys: Vec<Journey> = sections.iter_mut().map(read).collect();
    for (section, journey) in sections.iter().zip(&journeys) {
        services::check_calls(section, ("needs", &journey.needs), graph);
    }
    let total: f64 = journeys.iter().map(|journey| journey.share).sum();
    // A share that is not written is told by itself.
    let written = !sections.is_empty() && sections.iter().all(Journey::has_share);
    if written && (total - 1.0).abs() > 1e-9 {
        let shares = journeys.iter().map(|journey| format!("{} {}", journey.name, number_text(journey.share)));
        let hint = format!("the shares are {}", shares.collect::<Vec<_>>().join(", "));
        let found = format!("shares that sum to {}", sum_text(total));
        // What else is wrong with a journey says nothing of its share.
        let parts = sections.iter().flat_map(Journey::paths_in_sum).collect();
        root.reject_sum("journeys", parts, found, "shares that sum to 1", Some(hint));
    }
    journeys
}
