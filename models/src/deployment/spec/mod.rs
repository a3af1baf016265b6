//! The deployment as the experiment file describes it, validated.

mod checks;

use sim_core::random::Distribution;
use sim_settings::quantity::{number_text, sum_text};
use sim_settings::{Key, Node, Section, overlay};

use crate::aws::{cloud_watch, load_balancer, route53};
use crate::clients;
use crate::compute;
use crate::edge::{self, Edge};
use crate::faults::{self, Fault};
use crate::journeys::Journey;
use crate::network;
use crate::people::Starts;
use crate::runbooks;
use crate::stores;

use checks::{check_periods, check_runbook, check_zone};

pub(super) use checks::clock_cycle;

const REGIONS: Key = Key::required("regions", "the regions of the deployment, each with overrides of the common stack");
const COMPUTE: Key = Key::optional("compute", "what serves requests; without it a region serves whatever reaches it");
const BALANCER: Key = Key::optional("load-balancer", "the load balancer in front of each region's targets");
const DNS: Key = Key::required("dns", "how clients find an endpoint");
const CLIENTS: Key = Key::required("clients", "populations of clients");
const STORES: Key = Key::optional("stores", "where the data is");
const JOURNEYS: Key = Key::required("journeys", "kinds of user requests");
const CLOUDWATCH: Key = Key::optional("cloudwatch", "metrics");
const ALARMS: Key = Key::optional("alarms", "alarms on metrics");
const RUNBOOKS: Key = Key::optional("runbooks", "what people and automation do");
const FAULTS: Key = Key::optional("faults", "what goes wrong");

/// Words of which one table has only one: a table with another one says something else altogether.
pub const ALTERNATIVES: [&[&str]; 2] = [&runbooks::TRIGGERS, &cloud_watch::METRICS];

/// The stack of one region.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// The region's code.
    pub name: String,
    /// What runs the application; without, the region serves whatever reaches it.
    pub compute: Option<compute::Parameters>,
    /// The load balancer in front of instances.
    pub load_balancer: Option<load_balancer::Parameters>,
}

impl Region {
    /// Number of zones.
    pub fn zones(&self) -> usize {
        self.compute.as_ref().map_or(compute::ZONES, compute::Parameters::zones)
    }
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
}

/// Everything that an experiment says about the deployment and what befalls it.
#[derive(Debug, Clone, PartialEq)]
pub struct Topology {
    /// Regions in file order.
    pub regions: Vec<Region>,
    /// Stores in file order.
    pub stores: Vec<Store>,
    /// Journeys in file order.
    pub journeys: Vec<Journey>,
    /// Populations in file order.
    pub clients: Vec<clients::Parameters>,
    /// From the end of a metric period to the arrival of its datapoint.
    pub ingestion: Distribution,
    /// Alarms in file order.
    pub alarms: Vec<cloud_watch::Parameters>,
    /// What stands between clients and regions.
    pub edge: Edge,
    /// Routing; unused where the edge replaces it.
    pub dns: route53::Parameters,
    /// Runbooks in file order.
    pub runbooks: Vec<runbooks::Parameters>,
    /// Faults in file order.
    pub faults: Vec<Fault>,
    /// When in the week trials start.
    pub starts: Starts,
    /// Share of requests that must succeed for a journey to count as up.
    pub up_when: f64,
}

impl Topology {
    /// Reads the deployment's part of an experiment file. Problems go to the section's report.
    pub fn read(root: &mut Section<'_>, up_when: f64) -> Self {
        let starts = Starts::read(root);
        let (regions, region_names) = read_regions(root);

        let mut stores = Vec::new();
        let mut store_sections = root.named(&STORES);
        for (name, section) in &mut store_sections {
            let parameters = stores::Parameters::read(section, &region_names);
            if let Some(writer) = parameters.writer() {
                check_zone(section, parameters.zone(), regions.get(writer));
            }
            stores.push(Store { parameters, capacity: stores::Capacity::read(section), name: name.clone() });
        }
        let store_names: Vec<String> = stores.iter().map(|store| store.name.clone()).collect();

        let journeys = read_journeys(root, &store_names);
        let journey_names: Vec<String> = journeys.iter().map(|journey| journey.name.clone()).collect();

        let clients: Vec<clients::Parameters> = root
            .sections(&CLIENTS)
            .iter_mut()
            .map(|section| clients::Parameters::read(section, &region_names))
            .collect();
        let client_names: Vec<String> = clients.iter().map(|clients| clients.name.clone()).collect();
        for (store, (_, section)) in stores.iter_mut().zip(&mut store_sections) {
            store.parameters.relate(
                section,
                stores::Others { regions: &region_names, stores: &store_names, populations: &client_names },
            );
        }
        for (index, (_, section)) in store_sections.iter().enumerate() {
            let backed = stores[index].parameters.backs();
            if backed.is_some_and(|backed| backed == index || stores[backed].parameters.backs().is_some()) {
                section.reject("backs", "a store that backs another itself", "the store that keeps the data", None);
            }
        }
        drop(store_sections);
        for (key, empty) in [("journeys", journeys.is_empty()), ("clients", clients.is_empty())] {
            if empty && root.has(key) {
                root.reject(key, "none", "at least one", None);
            }
        }

        let ingestion = cloud_watch::read_ingestion(&mut root.section_or_default(&CLOUDWATCH));
        let mut alarm_sections = root.sections(&ALARMS);
        let alarms: Vec<cloud_watch::Parameters> = alarm_sections
            .iter_mut()
            .map(|section| {
                cloud_watch::Parameters::read(section, &region_names, &journey_names, &store_names, &ingestion)
            })
            .collect();
        check_periods(&alarm_sections, &alarms);
        drop(alarm_sections);
        let alarm_names: Vec<String> = alarms.iter().map(|alarm| alarm.name.clone()).collect();

        let round_trips: Vec<Vec<f64>> = clients.iter().map(|clients| clients.round_trip.clone()).collect();
        let distances: Vec<Vec<f64>> = clients
            .iter()
            .map(|clients| {
                let distance = |name: &String| network::place(name).map_or(0.0, |to| clients.near.distance_km(to));
                region_names.iter().map(distance).collect()
            })
            .collect();
        let surroundings = route53::Surroundings {
            regions: &region_names,
            stores: &store_names,
            populations: &client_names,
            alarms: &alarm_names,
            round_trips: &round_trips,
            distances: &distances,
        };
        let edge = Edge::read(
            root,
            edge::Surroundings { regions: &region_names, journeys: &journeys, round_trips: &round_trips },
        );
        // Read wherever it is written, so that its mistakes show.
        let mut dns = route53::Parameters::unused();
        if root.has("dns") || !edge.works_without_dns() {
            let read = route53::Parameters::read(&mut root.section_or_default(&DNS), surroundings);
            if edge.accelerator.is_none() {
                dns = read;
            }
        }
        let names = runbooks::Names {
            regions: &region_names,
            stores: &store_names,
            journeys: &journey_names,
            alarms: &alarm_names,
        };
        let runbooks: Vec<runbooks::Parameters> = root
            .sections(&RUNBOOKS)
            .iter_mut()
            .map(|section| {
                let runbook = runbooks::Parameters::read(section, names);
                check_runbook(section, &runbook, &stores, &regions, &edge, !dns.check.children.is_empty());
                runbook
            })
            .collect();
        let faults: Vec<Fault> = root
            .sections(&FAULTS)
            .iter_mut()
            .map(|section| {
                let fault = Fault::read(section, &region_names, &store_names, &client_names);
                if let faults::Kind::ZoneOutage { region, zone, .. } = fault.kind {
                    check_zone(section, zone, regions.get(region));
                }
                fault
            })
            .collect();
        Self { regions, stores, journeys, clients, ingestion, alarms, edge, dns, runbooks, faults, starts, up_when }
    }

    /// Whether a fault that starts the clock comes again and again.
    pub fn recurring(&self) -> bool {
        self.faults.iter().any(|fault| fault.start.recurs() && self.starts_clock(fault))
    }

    /// Share of a function's cold starts that clients do not wait for: row = population, column = region.
    pub(super) fn late_cold_starts(&self) -> Vec<Vec<f64>> {
        let late = |clients: &clients::Parameters, region: &Region| {
            let function = region.compute.as_ref().and_then(compute::Parameters::function);
            function.map_or(0.0, |function| function.outlasts(clients.timeout))
        };
        self.clients.iter().map(|clients| self.regions.iter().map(|region| late(clients, region)).collect()).collect()
    }

    /// Names of the regions.
    pub fn region_names(&self) -> Vec<String> {
        self.regions.iter().map(|region| region.name.clone()).collect()
    }
}

/// The regions, and the names that others may refer to them by.
fn read_regions(root: &mut Section<'_>) -> (Vec<Region>, Vec<String>) {
    let compute = root.node(&COMPUTE);
    let balancer = root.node(&BALANCER);
    let mut regions = Vec::new();
    for (name, mut section) in root.named_among(&REGIONS, &network::place_names()) {
        let compute = stacked(compute, &mut section, &COMPUTE, compute::Parameters::read);
        let balancer = stacked(balancer, &mut section, &BALANCER, load_balancer::Parameters::read);
        let instances = compute.as_ref().is_some_and(|compute| compute.group().is_some());
        let load_balancer = instances.then(|| {
            balancer.unwrap_or_else(|| load_balancer::Parameters::read(&mut root.section_or_default(&BALANCER)))
        });
        regions.push(Region { name, compute, load_balancer });
    }
    let mut names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
    if regions.is_empty() {
        if root.has("regions") {
            root.reject("regions", "no region", "at least one, such as [regions.eu-west-1]", None);
        }
        // What refers to regions is not wrong as well, but the common stack may be.
        names = network::place_names();
        compute.map(|node| compute::Parameters::read(&mut root.element(node, COMPUTE.name)));
        balancer.map(|node| load_balancer::Parameters::read(&mut root.element(node, BALANCER.name)));
    }
    (regions, names)
}

fn read_journeys(root: &mut Section<'_>, stores: &[String]) -> Vec<Journey> {
    let journeys: Vec<Journey> =
        root.sections(&JOURNEYS).iter_mut().map(|section| Journey::read(section, stores)).collect();
    let total: f64 = journeys.iter().map(|journey| journey.share).sum();
    if !journeys.is_empty() && (total - 1.0).abs() > 1e-9 {
        let shares = journeys.iter().map(|journey| format!("{} {}", journey.name, number_text(journey.share)));
        let hint = format!("the shares are {}", shares.collect::<Vec<_>>().join(", "));
        let found = format!("shares that sum to {}", sum_text(total));
        root.reject("journeys", found, "shares that sum to 1", Some(hint));
    }
    journeys
}

/// What `read` makes of a table of the common stack with the region's own part on top; `None` without either.
fn stacked<T>(
    common: Option<&Node>,
    region: &mut Section<'_>,
    key: &Key,
    read: impl FnOnce(&mut Section<'_>) -> T,
) -> Option<T> {
    let own = region.node(key);
    match (common, own) {
        (None, None) => None,
        (None, Some(own)) => Some(read(&mut region.element(own, key.name))),
        (Some(common), None) => Some(read(&mut region.element_over(common, key.name, common, key.name))),
        // Another kind of service has nothing in common with the stack but its place.
        (Some(common), Some(own)) if differs(common, own) => Some(read(&mut region.element(own, key.name))),
        (Some(common), Some(own)) => {
            let node = overlay(common, own, &ALTERNATIVES);
            Some(read(&mut region.element_over(&node, key.name, common, key.name)))
        }
    }
}

/// Whether two tables name different kinds.
fn differs(common: &Node, own: &Node) -> bool {
    let kind = |node: &Node| node.get("kind").and_then(Node::text).map(str::to_owned);
    kind(own).is_some_and(|own| kind(common).is_some_and(|common| common != own))
}
