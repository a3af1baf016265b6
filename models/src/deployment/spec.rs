//! The deployment as the experiment file describes it, validated.

use sim_core::random::Distribution;
use sim_core::settings::{Key, Node, Section, overlay};
use sim_core::time::SimDuration;

use crate::aws::{auto_scaling, cloud_watch, load_balancer, route53};
use crate::clients;
use crate::faults::{self, Fault};
use crate::journeys::Journey;
use crate::network;
use crate::runbooks::{self, Action};
use crate::stores::{self, Promotion};

const REGIONS: Key = Key::required("regions", "the regions of the deployment, each with overrides of the common stack");
const COMPUTE: Key = Key::optional("compute", "what serves requests; without it a region serves whatever reaches it");
const COMPUTE_KIND: Key = Key::required("kind", "the service that runs the application");
const BALANCER: Key = Key::optional("load-balancer", "the load balancer in front of each region's targets");
const DNS: Key = Key::required("dns", "how clients find an endpoint");
const CLIENTS: Key = Key::required("clients", "populations of clients");
const STORES: Key = Key::optional("stores", "where the data is");
const JOURNEYS: Key = Key::required("journeys", "kinds of user requests");
const CLOUDWATCH: Key = Key::optional("cloudwatch", "metrics");
const ALARMS: Key = Key::optional("alarms", "alarms on metrics");
const RUNBOOKS: Key = Key::optional("runbooks", "what people and automation do");
const FAULTS: Key = Key::optional("faults", "what goes wrong");

/// Zones of a region whose compute does not say. Facts 13: examples use three zones (assumed).
const ZONES: usize = 3;

/// The stack of one region.
#[derive(Debug, Clone)]
pub struct Region {
    /// The region's code.
    pub name: String,
    /// The group of instances, if there is one.
    pub compute: Option<auto_scaling::Parameters>,
    /// The load balancer in front of it.
    pub load_balancer: Option<load_balancer::Parameters>,
}

impl Region {
    /// Number of zones.
    pub fn zones(&self) -> usize {
        self.compute.as_ref().map_or(ZONES, |compute| compute.zones)
    }
}

/// A store with its name.
#[derive(Debug, Clone)]
pub struct Store {
    /// Its name.
    pub name: String,
    /// What it is.
    pub parameters: stores::Parameters,
    /// What each of its copies carries.
    pub capacity: stores::Capacity,
}

/// Everything that an experiment says about the deployment and what befalls it.
#[derive(Debug, Clone)]
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
    /// Routing.
    pub dns: route53::Parameters,
    /// Runbooks in file order.
    pub runbooks: Vec<runbooks::Parameters>,
    /// Faults in file order.
    pub faults: Vec<Fault>,
    /// Share of requests that must succeed for a journey to count as up.
    pub up_when: f64,
}

impl Topology {
    /// Reads the deployment's part of an experiment file. Problems go to the section's report.
    pub fn read(root: &mut Section<'_>, up_when: f64) -> Self {
        let compute = root.node(&COMPUTE);
        let balancer = root.node(&BALANCER);
        let mut regions = Vec::new();
        for (name, mut section) in root.named(&REGIONS) {
            if network::place(&name).is_none() {
                let known = network::place_names();
                let nearest = sim_core::settings::nearest(&name, known.iter().map(String::as_str));
                let hint = nearest.map(|nearest| format!("did you mean {nearest}?"));
                section.reject("", format!("the unknown region {name}"), "a region of the built-in table", hint);
            }
            let own_compute = section.node(&COMPUTE);
            let own_balancer = section.node(&BALANCER);
            let compute = merged(compute, own_compute).map(|node| read_compute(&mut section.element(&node, "compute")));
            let balancer_node = merged(balancer, own_balancer);
            let load_balancer = compute.is_some().then(|| match &balancer_node {
                Some(node) => load_balancer::Parameters::read(&mut section.element(node, "load-balancer")),
                None => load_balancer::Parameters::read(&mut root.section_or_default(&BALANCER)),
            });
            regions.push(Region { name, compute, load_balancer });
        }
        if regions.is_empty() && root.has("regions") {
            root.reject("regions", "no region", "at least one, such as [regions.eu-west-1]", None);
        }
        let region_names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();

        let mut stores = Vec::new();
        let mut store_sections = root.named(&STORES);
        for (name, section) in &mut store_sections {
            let parameters = stores::Parameters::read(section, &region_names);
            stores.push(Store { parameters, capacity: stores::Capacity::read(section), name: name.clone() });
        }
        let store_names: Vec<String> = stores.iter().map(|store| store.name.clone()).collect();

        let journeys: Vec<Journey> =
            root.sections(&JOURNEYS).iter_mut().map(|section| Journey::read(section, &store_names)).collect();
        let total: f64 = journeys.iter().map(|journey| journey.share).sum();
        if !journeys.is_empty() && (total - 1.0).abs() > 1e-9 {
            root.reject("journeys", format!("shares that sum to {total}"), "shares that sum to 1", None);
        }
        let journey_names: Vec<String> = journeys.iter().map(|journey| journey.name.clone()).collect();

        let clients: Vec<clients::Parameters> = root
            .sections(&CLIENTS)
            .iter_mut()
            .map(|section| clients::Parameters::read(section, &region_names))
            .collect();
        let client_names: Vec<String> = clients.iter().map(|clients| clients.name.clone()).collect();
        for (store, (_, section)) in stores.iter_mut().zip(&mut store_sections) {
            store.parameters.relate(section, stores::Others { stores: &store_names, populations: &client_names });
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
        let alarms: Vec<cloud_watch::Parameters> = root
            .sections(&ALARMS)
            .iter_mut()
            .map(|section| {
                cloud_watch::Parameters::read(section, &region_names, &journey_names, &store_names, &ingestion)
            })
            .collect();
        check_periods(root, &alarms);
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
        let dns = route53::Parameters::read(&mut root.section_or_default(&DNS), surroundings);
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
                check_runbook(section, &runbook, &stores, &regions);
                runbook
            })
            .collect();
        let faults: Vec<Fault> = root
            .sections(&FAULTS)
            .iter_mut()
            .map(|section| {
                let fault = Fault::read(section, &region_names, &store_names, &client_names);
                check_zone(section, &fault, &regions);
                fault
            })
            .collect();
        Self { regions, stores, journeys, clients, ingestion, alarms, dns, runbooks, faults, up_when }
    }

    /// Names of the regions.
    pub fn region_names(&self) -> Vec<String> {
        self.regions.iter().map(|region| region.name.clone()).collect()
    }
}

/// The common table with a region's own on top.
fn merged(common: Option<&Node>, own: Option<&Node>) -> Option<Node> {
    match (common, own) {
        (Some(common), Some(own)) => Some(overlay(common, own)),
        (one, other) => one.or(other).cloned(),
    }
}

fn read_compute(section: &mut Section<'_>) -> auto_scaling::Parameters {
    section.choice(&COMPUTE_KIND, &[("ec2-auto-scaling", ())]);
    auto_scaling::Parameters::read(section)
}

/// All metric periods share one wall clock: the shorter ones divide the longest, and one minute is always used.
fn check_periods(root: &Section<'_>, alarms: &[cloud_watch::Parameters]) {
    let minute = SimDuration::from_secs(60);
    let longest = longest_period(alarms);
    for period in alarms.iter().map(|alarm| alarm.period).chain([minute]) {
        if period.is_zero() || !longest.as_nanos().is_multiple_of(period.as_nanos()) {
            let hint = "periods are aligned to one wall clock, and one minute is always used";
            let found = format!("periods of {period} and {longest}");
            root.reject("alarms", found, "periods that divide the longest one", Some(hint.to_owned()));
            return;
        }
    }
}

/// The longest metric period in use.
pub(super) fn longest_period(alarms: &[cloud_watch::Parameters]) -> SimDuration {
    alarms.iter().map(|alarm| alarm.period).max().unwrap_or_default().max(SimDuration::from_secs(60))
}

fn check_runbook(section: &Section<'_>, runbook: &runbooks::Parameters, stores: &[Store], regions: &[Region]) {
    if runbook.hosted_in.is_empty() && section.has("hosted-in") {
        section.reject("hosted-in", "no region", "at least one", None);
    }
    for step in &runbook.steps {
        match step.action {
            Action::Promote { how, store, to } => {
                let Some(store) = stores.get(store) else { continue };
                if store.parameters.writer().is_none() {
                    let found = format!("a promotion of {}, which has no writer", store.name);
                    section.reject("steps", found, "a store with one writer", None);
                } else if how == Promotion::SwitchOver && !store.parameters.switches_over() {
                    let found = format!("a switchover of {}, whose service has none", store.name);
                    section.reject("steps", found, "`promote` or `detach`", None);
                } else if !store.parameters.regions().contains(&to) && to < regions.len() {
                    let found = format!("a promotion in {}, which holds no copy of {}", regions[to].name, store.name);
                    section.reject("steps", found, "a region that holds a copy", None);
                }
            }
            Action::Scale { desired, to } => {
                let Some(compute) = regions.get(to).and_then(|region| region.compute.as_ref()) else {
                    section.reject("steps", "a scale step", "one only in a region with `[compute]`", None);
                    continue;
                };
                if desired < compute.min || desired > compute.max {
                    let expected = format!("between min = {} and max = {}", compute.min, compute.max);
                    section.reject("steps", format!("scale = {desired}"), expected, None);
                }
            }
            Action::Approve(_) | Action::Wait(_) | Action::Shift { .. } => {}
        }
    }
}

fn check_zone(section: &Section<'_>, fault: &Fault, regions: &[Region]) {
    if let faults::Kind::ZoneOutage { region, zone: Some(zone) } = fault.kind
        && let Some(place) = regions.get(region)
        && zone >= place.zones()
    {
        let expected = format!("one of the {} zones of {}, from `a`", place.zones(), place.name);
        section.reject("zone", "a zone that the region does not have", expected, None);
    }
}
