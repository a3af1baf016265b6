//! The deployment and its faults in words, for `mrsim check`, charts and reports.

mod runbooks;

use models::aws::route53::{Check, Child, Insufficient, Look, Policy};
use models::aws::{cloud_front, lambda};
use models::compute;
use models::control_planes::Editing;
use models::deployment::{Region, Topology};
use models::faults::{BadDeploy, Fault, Kind, Probes, Start, zone_letter};
use models::ids::{RegionId, StoreId};
use models::journeys::{Access, Need};
use models::people::Delay;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use crate::overview::{self, Leads, Overview, Part};
use crate::units::{chosen_duration, chosen_percent, duration, number, whole};

pub(super) use runbooks::{action, plane};
use runbooks::{ramp_words, runbook};

/// A delay in words: `45 s`, or `125 s (p95 5 min)`.
pub(super) fn delay(distribution: &Distribution) -> String {
    let at = |p: f64| {
        let (seconds, three) = (distribution.quantile(p), rounded(distribution.quantile(p)));
        // A quantile that the file gives comes back with a rounding; others have more digits than anybody wants.
        if (seconds - three).abs() <= 1e-6 * seconds { chosen_duration(three) } else { duration(seconds) }
    };
    match distribution.is_constant() {
        Some(seconds) => chosen_duration(seconds),
        None => format!("{} (p95 {})", at(0.5), at(0.95)),
    }
}

/// How long people take, in words: `30 min, on mon-fri 09:00-17:00 2 min`.
fn people(time: &Delay) -> String {
    let hours = time.hours.iter().map(|(span, time)| format!(", on {span} {}", delay(time)));
    format!("{}{}", delay(&time.usual), hours.collect::<String>())
}

/// A fault in two or three words, for a chart.
pub(super) fn fault_name(fault: &Fault, topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    match &fault.kind {
        Kind::RegionOutage { region: place, .. } => format!("{} out", region(*place)),
        Kind::ZoneOutage { region: place, .. } => format!("zone of {} out", region(*place)),
        Kind::Partition { a, b } => format!("{} | {}", region(*a), region(*b)),
        Kind::GrayFailure { region: place, .. } => format!("{} gray", region(*place)),
        Kind::StoreImpairment { store, region: place, .. } => {
            format!("{} in {} impaired", topology.stores[*store].name, region(*place))
        }
        Kind::ControlPlaneOutage { region: place } => format!("control planes of {} out", region(*place)),
        Kind::LambdaImpairment { region: place, .. } => format!("Lambda in {} impaired", region(*place)),
        Kind::MetricsOutage { region: place } => format!("metrics of {} stopped", region(*place)),
        Kind::InstanceFailures { region: place, .. } => format!("instances of {} fail", region(*place)),
        Kind::BadDeploy(deploy) => format!("bad deployment of {}", deploy.software.name()),
        Kind::Blip { region: place, .. } => format!("path to {} blips", region(*place)),
        Kind::LoadSurge { factor, .. } => format!("load x {factor}"),
        Kind::ReplicationStall { stores, .. } => format!("{} not replicated", names_of(stores, topology)),
        Kind::InsufficientCapacity { region: place, .. } => format!("no capacity in {}", region(*place)),
    }
}

/// A time that the file gives.
fn lasts(time: SimDuration) -> String {
    chosen_duration(time.as_secs_f64())
}

/// Names of stores, one after the other.
fn names_of(stores: &[StoreId], topology: &Topology) -> String {
    let names: Vec<&str> = stores.iter().map(|&store| topology.stores[store].name.as_str()).collect();
    names.join(", ")
}

/// A fault: what happens, and when.
pub(super) fn fault(fault: &Fault, topology: &Topology) -> overview::Fault {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    let what = match &fault.kind {
        Kind::RegionOutage { region: place, destroyed } => {
            format!("{} is gone{}", region(*place), if *destroyed { " and its data destroyed" } else { "" })
        }
        Kind::ZoneOutage { region: place, zone, terminated } => {
            let zone = zone.map_or_else(|| "one zone".to_owned(), |zone| format!("zone {}", zone_letter(zone)));
            let hosts = if *terminated { " and its hosts are terminated" } else { "" };
            format!("{zone} of {} is gone{hosts}", region(*place))
        }
        Kind::Partition { a, b } => format!("{} and {} lose their path", region(*a), region(*b)),
        Kind::GrayFailure { region: place, error, probes } => {
            let fails = format!("{} fails {} % of requests", region(*place), chosen_percent(*error));
            match *probes {
                Probes::See(seen) => format!("{fails}, of which health checks see {} %", chosen_percent(seen)),
                Probes::Fail { route53, targets } => {
                    let [route53, targets] = [route53, targets].map(chosen_percent);
                    format!("{fails}, {route53} % of health checks' probes and {targets} % of the load balancer's")
                }
            }
        }
        Kind::StoreImpairment { store, region: place, only, error } => {
            let what = match only {
                None => "accesses to",
                Some(Access::Read) => "reads of",
                Some(Access::Write) => "writes to",
            };
            format!(
                "{} % of {what} {} in {} fail",
                chosen_percent(*error),
                topology.stores[*store].name,
                region(*place)
            )
        }
        Kind::ControlPlaneOutage { region: place } => format!("the control planes of {} do not answer", region(*place)),
        Kind::LambdaImpairment { region: place, error } => {
            format!("Lambda in {} fails {} % of invocations", region(*place), chosen_percent(*error))
        }
        Kind::MetricsOutage { region: place } => {
            format!("the metrics of {0} stop; alarms in {0} are blind and nothing scales by them", region(*place))
        }
        Kind::InstanceFailures { region: place, probability, terminated } => {
            let fails = if *terminated { "is terminated" } else { "fails" };
            format!("each instance of {} {fails} with probability {} %", region(*place), chosen_percent(*probability))
        }
        Kind::LoadSurge { factor, clients } => {
            let names: Vec<&str> = clients.iter().map(|&index| topology.clients[index].name.as_str()).collect();
            let verb = if names.len() == 1 { "offers" } else { "offer" };
            format!("{} {verb} {factor} times the load", names.join(", "))
        }
        Kind::ReplicationStall { stores, region: place, between } => {
            let only = match (between, place) {
                (Some((a, b)), _) => format!(" between {} and {}", region(*a), region(*b)),
                (None, Some(place)) => format!(" to and from {}", region(*place)),
                (None, None) => String::new(),
            };
            format!("replication of {}{only} stops", names_of(stores, topology))
        }
        Kind::BadDeploy(deploy) => bad_deploy(deploy, topology),
        Kind::Blip { region: place, probes, error } => {
            let also =
                if *error > 0.0 { format!(" and {} % of requests", chosen_percent(*error)) } else { String::new() };
            let probes = chosen_percent(*probes);
            format!("the path to {} fails {probes} % of health checks' probes{also}", region(*place))
        }
        Kind::InsufficientCapacity { region: place, probability } => {
            format!("launches in {} fail with probability {} %", region(*place), chosen_percent(*probability))
        }
    };
    let lasts = match &fault.duration {
        Some(duration) => format!("for {}", delay(duration)),
        None => "for good".to_owned(),
    };
    let when = match &fault.start {
        Start::At(at) => format!("from {} on, {lasts}", delay(at)),
        Start::Rate(rate) => format!("at random {}, {lasts}", how_often(*rate)),
    };
    overview::Fault { what, when }
}

/// A bad deployment: what it does, where and how fast.
fn bad_deploy(deploy: &BadDeploy, topology: &Topology) -> String {
    let BadDeploy { software, regions, stagger, error, ramp, .. } = deploy;
    let names: Vec<&str> = regions.iter().map(|&region| topology.regions[region].name.as_str()).collect();
    let apart =
        if stagger.is_zero() || names.len() < 2 { String::new() } else { format!(", {} apart", lasts(*stagger)) };
    let parts = ramp.map_or_else(String::new, |ramp| format!(", {}", ramp_words(ramp)));
    let error = chosen_percent(*error);
    format!("a deployment of {} fails {error} % of requests in {}{apart}{parts}", software.name(), names.join(", "))
}

/// A rate in words, such as `2 times a year`.
fn how_often(per_second: f64) -> String {
    let hour = 3_600.0;
    let units = [("hour", hour), ("day", 24.0 * hour), ("week", 168.0 * hour), ("year", 8_766.0 * hour)];
    let (unit, seconds) = units.into_iter().find(|(_, seconds)| per_second * seconds > 1.0 - 1e-9).unwrap_or(units[3]);
    // Of a rate that somebody wrote as one in so many days three digits are left.
    let times = number(rounded(per_second * seconds));
    if times == "1" { format!("once a {unit}") } else { format!("{times} times a {unit}") }
}

/// Three significant digits.
fn rounded(value: f64) -> f64 {
    let scale = libm::exp10(2.0 - libm::floor(libm::log10(value.max(f64::MIN_POSITIVE))));
    (value * scale).round() / scale
}

fn needs(needs: &[Need], topology: &Topology) -> String {
    let one = |need: &Need| format!("{}{}", access(need, topology), if need.soft { " (soft)" } else { "" });
    if needs.is_empty() { "needs no store".to_owned() } else { needs.iter().map(one).collect::<Vec<_>>().join(", ") }
}

/// What a need does to its store, in words.
fn access(need: &Need, topology: &Topology) -> String {
    let verb = if need.access == Access::Read { "reads" } else { "writes" };
    format!("{verb} {}", topology.stores[need.store].name)
}

/// The deployment and its faults.
pub(super) fn overview(topology: &Topology) -> Overview {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    let part = |name: &str, words: String| Part { name: name.to_owned(), words };
    let runs = |place: &Region| match &place.compute {
        _ if !place.serves => "serves nobody: operations only".to_owned(),
        Some(compute) => stack(compute),
        None => "serves whatever reaches it".to_owned(),
    };
    let regions = topology.regions.iter().map(|place| part(&place.name, runs(place)));
    let stores = topology.stores.iter().map(|store| overview::Store {
        name: store.name.clone(),
        service: store.parameters.about().name,
        words: store.parameters.words(&|place| region(place).to_owned(), &delay),
        copies: store.parameters.regions().iter().map(|region| region.index()).collect(),
        writer: store.parameters.writer().map(RegionId::index),
        from: store.parameters.replicates_from().map(RegionId::index),
    });
    let clients = topology.clients.iter().map(|clients| {
        let rate = number(clients.requests_per_second);
        part(&clients.name, format!("near {}: {rate} requests/s", clients.near.name))
    });
    let journeys = topology.journeys.iter().map(|journey| {
        let share = chosen_percent(journey.share);
        part(&journey.name, format!("({share} %) {}", needs(&journey.needs, topology)))
    });
    let alarms = topology.alarms.iter().map(|alarm| {
        let ((m, n), host) = (alarm.datapoints, region(alarm.hosted_in));
        part(&alarm.name, format!("on {m} of {n} periods of {}, in {host}", lasts(alarm.period)))
    });
    let rules = topology
        .composites
        .iter()
        .map(|composite| part(&composite.name, format!("while {composite}, in {}", region(composite.hosted_in))));
    let leads = match &topology.edge {
        edge if edge.origin_group().is_some() => Leads::OriginGroup,
        edge if edge.accelerator.is_some() => Leads::Accelerator,
        _ => Leads::Dns,
    };
    Overview {
        regions: regions.collect(),
        edge: topology.edge.cloud_front.as_ref().map(|cloud_front| edge(cloud_front, topology)),
        leads,
        routing: (leads != Leads::OriginGroup).then(|| routing(topology)),
        stores: stores.collect(),
        clients: clients.collect(),
        journeys: journeys.collect(),
        alarms: alarms.chain(rules).collect(),
        runbooks: topology.runbooks.iter().map(|it| part(&it.name, runbook(it, topology))).collect(),
        faults: topology.faults.iter().map(|it| fault(it, topology)).collect(),
        services: topology.services(),
    }
}

/// What the edge does, in words.
fn edge(cloud_front: &cloud_front::Parameters, topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    let origins = match cloud_front.origin_group {
        Some((first, second)) => format!(
            "asks {} every time anew, {} for what that fails of reads (after {} if it is dead)",
            region(first),
            region(second),
            lasts(cloud_front.wait)
        ),
        None if topology.edge.accelerator.is_some() => "asks the accelerator for the rest".to_owned(),
        None => "asks the DNS name for the rest, whose TTL it honours".to_owned(),
    };
    let hits = chosen_percent(cloud_front.hit_ratio);
    format!("CloudFront answers {hits} % of what is cacheable; it {origins}")
}

/// What runs the application in a region, in words.
fn stack(compute: &compute::Parameters) -> String {
    match compute {
        compute::Parameters::AutoScaling(group) => {
            let carries = number(group.desired as f64 * group.requests_per_second);
            let scaling = match group.scaling {
                Some(scaling) => {
                    format!("scales {} to {} at {} %", group.min, group.max, chosen_percent(scaling.target))
                }
                None => "does not scale".to_owned(),
            };
            let (size, carry) = (instances(group.desired), if group.desired == 1 { "carries" } else { "carry" });
            let zones = if group.zones == 1 { "1 zone".to_owned() } else { format!("{} zones", group.zones) };
            format!("{size} in {zones} {carry} {carries} requests/s; {scaling}")
        }
        compute::Parameters::Lambda(function) => {
            let lambda::Parameters { account_limit, provisioned, .. } = *function;
            let [limit, provisioned, carries] = [account_limit, provisioned, function.carries(account_limit)]
                .map(|figure| whole(figure.round() as u64));
            let ready = if provisioned == "0" { String::new() } else { format!(", {provisioned} of them provisioned") };
            format!("Lambda, at most {limit} at a time{ready}, carries {carries} requests/s once it has grown")
        }
    }
}

/// So many instances.
pub(super) fn instances(count: u64) -> String {
    if count == 1 { "1 instance".to_owned() } else { format!("{} instances", whole(count)) }
}

/// What leads clients to regions, in words.
fn routing(topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    if let Some(accelerator) = &topology.edge.accelerator {
        let dialled = accelerator.dial.pairs().filter(|(_, dial)| **dial < 1.0);
        let dials: Vec<String> = dialled
            .map(|(place, dial)| format!(", {} dialled to {} %", region(place), chosen_percent(*dial)))
            .collect();
        let balanced = topology.serving().iter().filter(|place| place.load_balancer.is_some()).count();
        let probes = format!("probes every {}, {} in a row", lasts(accelerator.interval), accelerator.threshold);
        let health = match balanced {
            0 => probes,
            _ if balanced == topology.endpoints => {
                format!("the health of load balancers' targets, or of a region that is out, {probes}")
            }
            _ => {
                format!("the health of targets behind a load balancer; elsewhere, or of a region that is out, {probes}")
            }
        };
        return format!("Global Accelerator leads to the closest healthy region{}; {health}", dials.concat());
    }
    let dns = &topology.dns;
    let policy = match &dns.policy {
        Policy::Simple { .. } => "one record for all".to_owned(),
        Policy::Ranked { .. } => "the best healthy region for each population".to_owned(),
        Policy::Failover { primary, secondary } => match secondary {
            Some(secondary) => format!("{} first, {} when that is unhealthy", region(*primary), region(*secondary)),
            None => format!("{} only", region(*primary)),
        },
        Policy::Weighted { .. } => "healthy regions by weight".to_owned(),
        Policy::Geolocation { default, .. } => format!("by location, {} otherwise", region(*default)),
        Policy::Multivalue => "all healthy regions evenly".to_owned(),
    };
    let targets = if dns.evaluate_target_health { "; unhealthy as well without a healthy target" } else { "" };
    let elsewhere = if dns.editing == Editing::Elsewhere { "DNS of another provider" } else { "DNS" };
    format!("{elsewhere} answers with {policy}; TTL {}; {}{targets}", lasts(dns.ttl), health_checks(topology))
}

/// The endpoints' health checks, in words.
fn health_checks(topology: &Topology) -> String {
    let checks = &topology.dns.checks;
    let same = checks.as_slice().windows(2).all(|pair| pair[0] == pair[1]);
    let of = |(check, place): (&Option<Check>, &Region)| {
        format!("{}: {}", place.name, health_check(check.as_ref(), topology))
    };
    let each = || checks.iter().zip(topology.serving()).map(of).collect::<Vec<_>>().join("; ");
    let words = if same { health_check(checks.iter().next().and_then(Option::as_ref), topology) } else { each() };
    let ignored = matches!(topology.dns.policy, Policy::Simple { .. }) && checks.iter().any(Option::is_some);
    if ignored { format!("{words} (answers do not look at it)") } else { words }
}

/// What an endpoint's health check looks at, in words.
fn health_check(check: Option<&Check>, topology: &Topology) -> String {
    let Some(check) = check else { return "no health check".to_owned() };
    let probes = format!("every {}, {} in a row", lasts(check.interval), check.threshold);
    let child = |child: &Child| {
        let inverted = if child.inverted { ", turned round" } else { "" };
        match &child.look {
            Look::Shallow => format!("shallow, {probes}{inverted}"),
            Look::Deep(needs) => {
                let looks: Vec<String> = needs.iter().map(|need| access(need, topology)).collect();
                format!("deep ({}), {probes}{inverted}", looks.join(", "))
            }
            Look::Alarm { alarm, insufficient } => {
                let without_data = match insufficient {
                    Insufficient::Healthy => "healthy",
                    Insufficient::Unhealthy => "unhealthy",
                    Insufficient::LastKnown => "as it was",
                };
                let alarm = &topology.alarms[*alarm].name;
                format!("on the metric of alarm {alarm} ({without_data} without data){inverted}")
            }
        }
    };
    match check.children.as_slice() {
        [] => "no health check".to_owned(),
        [only] if check.turns() => format!("health check: {}", child(only)),
        several => {
            let children: Vec<String> = several.iter().map(child).collect();
            let (enough, all) = (check.healthy_children, several.len());
            format!("calculated health check, healthy while {enough} of {all} are: {}", children.join("; "))
        }
    }
}
