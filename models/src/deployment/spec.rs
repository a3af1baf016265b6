//! The deployment as the experiment file describes it, validated.

use sim_core::random::Distribution;
use sim_core::settings::quantity::{duration_text, number_text, sum_text};
use sim_core::settings::{Key, Node, Section, overlay};
use sim_core::time::SimDuration;

use crate::aws::{cloud_watch, load_balancer, route53};
use crate::clients;
use crate::compute;
use crate::edge::{self, Edge};
use crate::faults::{self, Fault};
use crate::journeys::Journey;
use crate::network;
use crate::people::Starts;
use crate::runbooks::{self, Action, Means};
use crate::stores::{self, Promotion};

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
#[derive(Debug, Clone)]
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
        let mut region_names: Vec<String> = regions.iter().map(|region| region.name.clone()).collect();
        if regions.is_empty() {
            if root.has("regions") {
                root.reject("regions", "no region", "at least one, such as [regions.eu-west-1]", None);
            }
            // What refers to regions is not wrong as well, but the common stack may be.
            region_names = network::place_names();
            compute.map(|node| compute::Parameters::read(&mut root.element(node, COMPUTE.name)));
            balancer.map(|node| load_balancer::Parameters::read(&mut root.element(node, BALANCER.name)));
        }

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

        let journeys: Vec<Journey> =
            root.sections(&JOURNEYS).iter_mut().map(|section| Journey::read(section, &store_names)).collect();
        let total: f64 = journeys.iter().map(|journey| journey.share).sum();
        if !journeys.is_empty() && (total - 1.0).abs() > 1e-9 {
            let shares = journeys.iter().map(|journey| format!("{} {}", journey.name, number_text(journey.share)));
            let hint = format!("the shares are {}", shares.collect::<Vec<_>>().join(", "));
            let found = format!("shares that sum to {}", sum_text(total));
            root.reject("journeys", found, "shares that sum to 1", Some(hint));
        }
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
                if let faults::Kind::ZoneOutage { region, zone } = fault.kind {
                    check_zone(section, zone, regions.get(region));
                }
                fault
            })
            .collect();
        Self { regions, stores, journeys, clients, ingestion, alarms, edge, dns, runbooks, faults, starts, up_when }
    }

    /// Whether a fault that starts the clock comes again and again.
    pub fn recurring(&self) -> bool {
        self.faults.iter().any(|fault| fault.start.recurs() && fault.kind.starts_clock())
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

/// All metric periods share one wall clock: the shorter ones divide the longest, and one minute is always used.
fn check_periods(sections: &[Section<'_>], alarms: &[cloud_watch::Parameters]) {
    let minute = SimDuration::from_secs(60);
    let longest = longest_period(alarms);
    let divides = |period: SimDuration| !period.is_zero() && longest.as_nanos().is_multiple_of(period.as_nanos());
    for (section, alarm) in sections.iter().zip(alarms) {
        let text = |period: SimDuration| duration_text(period.as_secs_f64());
        let found = format!("a period of {}", text(alarm.period));
        let hint = "all periods are aligned to one wall clock, and one minute is always used".to_owned();
        if !divides(alarm.period) {
            let expected = format!("one that divides the longest, {}", text(longest));
            section.reject("period", found, expected, Some(hint));
        } else if alarm.period == longest && !divides(minute) {
            section.reject("period", found, "whole minutes, or one that divides a minute", Some(hint));
        }
    }
}

/// The longest metric period in use.
pub(super) fn longest_period(alarms: &[cloud_watch::Parameters]) -> SimDuration {
    alarms.iter().map(|alarm| alarm.period).max().unwrap_or_default().max(SimDuration::from_secs(60))
}

fn check_runbook(
    section: &Section<'_>,
    runbook: &runbooks::Parameters,
    stores: &[Store],
    regions: &[Region],
    edge: &Edge,
    checks: bool,
) {
    if matches!(runbook.on, runbooks::Trigger::HealthCheck(_)) && !checks && edge.accelerator.is_none() {
        let hint = "an origin group asks nobody whether a region is healthy";
        section.reject("on", "a health check without `dns`", "`[dns]`, or another trigger", Some(hint.to_owned()));
    }
    for (key, what, empty) in
        [("hosted-in", "no region", runbook.hosted_in.is_empty()), ("steps", "no step", runbook.steps.is_empty())]
    {
        if empty && section.has(key) {
            section.reject(key, what, "at least one", None);
        }
    }
    for (index, wrong) in (0..runbook.steps.len()).flat_map(|index| [(index, false), (index, true)]) {
        let Some(action) = runbook.steps[index].done(wrong) else { continue };
        // What is done by mistake must be possible as well, or nobody could do it.
        let key = |key: &'static str| if wrong { "wrong" } else { key };
        match *action {
            Action::Promote { how, store, to } => {
                let (Some(store), Some(region)) = (stores.get(store), regions.get(to)) else { continue };
                let (Store { name, parameters, .. }, to_name) = (store, &region.name);
                if parameters.writer().is_none() {
                    let found = format!("{name}, which is written everywhere");
                    section.reject_in(("steps", index), key(how.verb()), found, "a store with one writer");
                } else if how == Promotion::SwitchOver && !parameters.switches_over() {
                    let found = format!("{name}, whose service has no planned switchover");
                    section.reject_in(
                        ("steps", index),
                        key(how.verb()),
                        found,
                        "a store whose writer moves as planned",
                    );
                } else if !parameters.regions().contains(&to) {
                    let found = format!("{to_name}, which holds no copy of {name}");
                    section.reject_in(("steps", index), key("to"), found, "a region that holds a copy");
                }
            }
            Action::Scale { desired, to } => {
                let Some(region) = regions.get(to) else { continue };
                let Some(compute) = region.compute.as_ref().and_then(compute::Parameters::group) else {
                    let found = format!("{}, which has no instances", region.name);
                    section.reject_in(("steps", index), key("to"), found, "a region whose `compute` has instances");
                    continue;
                };
                if desired < compute.min || desired > compute.max {
                    let expected = format!("a size between min = {} and max = {}", compute.min, compute.max);
                    section.reject_in(("steps", index), key("scale"), format!("{desired} instances"), expected);
                }
            }
            Action::Shift { means: Means::AccessPoint, to } => {
                if let Some(region) = regions.get(to)
                    && !stores.iter().any(|store| store.parameters.directs(to))
                {
                    let found = format!("{}, where no store's access point leads", region.name);
                    let expected = "a region with a bucket behind an access point";
                    section.reject_in(("steps", index), key("to"), found, expected);
                }
            }
            Action::Shift { means: Means::TrafficDial, .. } if edge.accelerator.is_none() => {
                let found = "traffic-dial without an accelerator";
                section.reject_in(("steps", index), key("shift"), found, "one of record-edit, arc, access-point");
            }
            Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } if edge.accelerator.is_some() => {
                let found = "a shift by DNS, which nobody asks behind an accelerator";
                section.reject_in(("steps", index), key("shift"), found, "traffic-dial");
            }
            Action::Readmit { .. } if edge.accelerator.is_some() => {
                let found = "a region let back into DNS, which nobody asks behind an accelerator";
                section.reject_in(("steps", index), key("readmit"), found, "traffic-dial");
            }
            Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } if edge.origin_group().is_some() => {
                let found = "a shift by DNS, which an origin group does not ask";
                section.reject_in(("steps", index), key("shift"), found, "no such step, or no `origin-group`");
            }
            Action::Approve(_) | Action::Wait(_) | Action::Shift { .. } | Action::Readmit { .. } => {}
        }
    }
}

/// A zone that somebody names must be one of the region's.
fn check_zone(section: &Section<'_>, zone: Option<usize>, region: Option<&Region>) {
    if let (Some(zone), Some(region)) = (zone, region)
        && zone >= region.zones()
    {
        let letter = |zone: usize| char::from(b'a' + zone as u8);
        let found = format!("zone {}", letter(zone));
        let expected =
            format!("one of the {} zones of {}, a to {}", region.zones(), region.name, letter(region.zones() - 1));
        section.reject("zone", found, expected, None);
    }
}
