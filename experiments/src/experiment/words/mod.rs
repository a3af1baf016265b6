//! The deployment and its faults in words, for `mrsim check`, charts and reports.

mod records;
mod runbooks;

use models::balancers::{api_gateway, load_balancer};
use models::compute;
use models::compute::{ecs, lambda};
use models::control_planes::Editing;
use models::deployment::{Region, Topology};
use models::faults::{BadDeploy, Fault, Kind, OwnRecord, Probes, Slowdown, Start, Struck};
use models::flow::Flow;
use models::fronts::cloud_front;
use models::fronts::route53::{Check, Child, Insufficient, Look, Policy};
use models::ids::{PlaceId, RegionId, ServiceId, StoreId};
use models::line::{Limit, Order, Queue};
use models::needs::{Access, Asks, Call, Need, To};
use models::people::Delay;
use models::services::{Door, Sort};
use models::software::APP;
use models::stores::Backup;
use models::work::Work;
use models::zones::zone_letter;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

use crate::overview::{self, Leads, Overview, Part};
use crate::units::{chosen_duration, chosen_percent, duration, number, whole};

pub(super) use records::{guard_turned, record_shared, record_turned};
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
        Kind::GrayFailure { region: place, service, zone, .. } => {
            let zone = zone.map(|zone| format!("zone {} of ", zone_letter(zone))).unwrap_or_default();
            format!("{zone}{} gray", at(*service, region(*place), topology))
        }
        Kind::ServiceImpairment { service, region: place, .. } => {
            format!("{} impaired", impaired(*service, place.map(region), topology))
        }
        Kind::StoreImpairment { store, region: place, .. } => {
            format!("{} in {} impaired", topology.stores[*store].name, region(*place))
        }
        Kind::Corruption { stores, .. } => format!("{} corrupt", names_of(stores, topology)),
        Kind::ControlPlaneOutage { region: place } => format!("control planes of {} out", region(*place)),
        Kind::LambdaImpairment { region: place, .. } => format!("Lambda in {} impaired", region(*place)),
        Kind::MetricsOutage { region: place } => format!("metrics of {} stopped", region(*place)),
        Kind::InstanceFailures { region: place, service, .. } => {
            format!("instances of {} fail", at(*service, region(*place), topology))
        }
        Kind::BadDeploy(deploy) => format!("bad deployment of {}", software(deploy.service, topology)),
        Kind::Blip { region: place, .. } => format!("path to {} blips", region(*place)),
        Kind::RecordLost { names } => format!("{} lost", records::names_words(names, topology)),
        Kind::OwnRecordLost(OwnRecord { of, region: place, .. }) => {
            format!("name of {} lost", struck(*of, place.map(region), topology))
        }
        Kind::SlowFailure(Slowdown { region: place, of, .. }) => {
            format!("{} slow", struck(*of, place.map(region), topology))
        }
        Kind::CapacityLoss { region: place, of, .. } => {
            format!("less of {}", struck(*of, place.map(region), topology))
        }
        Kind::LoadSurge { factor, .. } => format!("load x {factor}"),
        Kind::ReplicationStall { stores, .. } => format!("{} not replicated", names_of(stores, topology)),
        Kind::InsufficientCapacity { region: place, .. } => format!("no capacity in {}", region(*place)),
    }
}

/// A service in a region; the region alone if no service is named.
fn at(service: Option<ServiceId>, region: &str, topology: &Topology) -> String {
    let service = service.map(|service| topology.graph.services[service].name.as_str());
    service.map_or_else(|| region.to_owned(), |service| format!("{service} in {region}"))
}

/// What is slow, or carries less; where it is everywhere, no region.
fn struck(of: Struck, region: Option<&str>, topology: &Topology) -> String {
    let name = match of {
        Struck::Entry => software(None, topology).to_owned(),
        Struck::Service(service) => topology.graph.services[service].name.clone(),
        Struck::Store(store) => topology.stores[store].name.clone(),
    };
    region.map_or_else(|| name.clone(), |region| format!("{name} in {region}"))
}

/// An impaired service; one outside AWS has no region.
fn impaired(service: ServiceId, region: Option<&str>, topology: &Topology) -> String {
    match region {
        Some(region) => at(Some(service), region, topology),
        None => topology.graph.services[service].name.clone(),
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
        Kind::GrayFailure { region: place, service, zone, error, probes } => {
            let place = at(*service, region(*place), topology);
            let zone = zone.map(|zone| format!("zone {} of ", zone_letter(zone))).unwrap_or_default();
            let fails = format!("{zone}{place} fails {} % of requests", chosen_percent(*error));
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
        Kind::ServiceImpairment { service, region: place, error } => {
            let place = impaired(*service, place.map(region), topology);
            format!("{place} fails {} % of requests", chosen_percent(*error))
        }
        Kind::Corruption { stores, error, noticed_after } => {
            let names = names_of(stores, topology);
            let (verb, whose) = if stores.len() == 1 { ("holds", "its") } else { ("hold", "their") };
            let noticed = if noticed_after.quantile(1.0) > 0.0 {
                format!(", noticed after {}", delay(noticed_after))
            } else {
                String::new()
            };
            let fails = format!("{} % of accesses fail", chosen_percent(*error));
            format!("what {names} {verb} is wrong in all {whose} copies{noticed}: then {fails}")
        }
        Kind::ControlPlaneOutage { region: place } => format!("the control planes of {} do not answer", region(*place)),
        Kind::LambdaImpairment { region: place, error } => {
            format!("Lambda in {} fails {} % of invocations", region(*place), chosen_percent(*error))
        }
        Kind::MetricsOutage { region: place } => {
            format!("the metrics of {0} stop; alarms in {0} are blind and nothing scales by them", region(*place))
        }
        Kind::InstanceFailures { region: place, service, probability, terminated } => {
            let fails = if *terminated { "is terminated" } else { "fails" };
            let place = at(*service, region(*place), topology);
            format!("each instance of {place} {fails} with probability {} %", chosen_percent(*probability))
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
        Kind::RecordLost { names } => {
            let kept = names.iter().map(|name| topology.zone.names[*name].negative_ttl).max().unwrap_or_default();
            let words = records::names_words(names, topology);
            format!("nobody finds a record of {words}; who asks keeps that for {}", lasts(kept))
        }
        Kind::OwnRecordLost(OwnRecord { of, region: place, ttl, negative_ttl }) => {
            let what = struck(*of, place.map(region), topology);
            format!(
                "nobody finds a record of {what}: answers expire after {}, and who asks keeps that there is none for {}",
                lasts(*ttl),
                lasts(*negative_ttl)
            )
        }
        Kind::Blip { region: place, probes, error } => {
            let also =
                if *error > 0.0 { format!(" and {} % of requests", chosen_percent(*error)) } else { String::new() };
            let probes = chosen_percent(*probes);
            format!("the path to {} fails {probes} % of health checks' probes{also}", region(*place))
        }
        Kind::SlowFailure(Slowdown { region: place, of, only, slow }) => {
            // A store takes no time by itself: each access does.
            let what = match (only, of) {
                (None, Struck::Store(_)) => "each access to ",
                (None, _) => "each request to ",
                (Some(Access::Read), _) => "each read of ",
                (Some(Access::Write), _) => "each write to ",
            };
            let place = struck(*of, place.map(region), topology);
            match &slow.adds {
                Some(adds) => format!("{what}{place} takes {} longer", delay(adds)),
                None => format!("{what}{place} takes {} times as long", number(slow.factor)),
            }
        }
        Kind::CapacityLoss { region: place, of, only, factor } => {
            let what = match only {
                None => "",
                Some(Access::Read) => "for reads ",
                Some(Access::Write) => "for writes ",
            };
            let place = struck(*of, place.map(region), topology);
            format!("{place} carries {what}{} % of what it did", chosen_percent(*factor))
        }
        Kind::InsufficientCapacity { region: place, probability } => {
            format!("launches in {} fail with probability {} %", region(*place), chosen_percent(*probability))
        }
    };
    let lasts = match &fault.duration {
        Some(duration) => format!("for {}", delay(duration)),
        None if matches!(fault.kind, Kind::Corruption { .. }) => "until it is restored".to_owned(),
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
    let BadDeploy { service, regions, stagger, error, ramp, .. } = deploy;
    let names: Vec<&str> = regions.iter().map(|&region| topology.regions[region].name.as_str()).collect();
    let apart =
        if stagger.is_zero() || names.len() < 2 { String::new() } else { format!(", {} apart", lasts(*stagger)) };
    let parts = ramp.map_or_else(String::new, |ramp| format!(", {}", ramp_words(ramp)));
    let error = chosen_percent(*error);
    format!(
        "a deployment of {} fails {error} % of requests in {}{apart}{parts}",
        software(*service, topology),
        names.join(", ")
    )
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
    match needs {
        [] if topology.graph.entered.is_some() => "needs what it enters".to_owned(),
        [] => "needs no store".to_owned(),
        needs => needs.iter().map(one).collect::<Vec<_>>().join(", "),
    }
}

/// What a need asks for, in words.
fn access(need: &Need, topology: &Topology) -> String {
    let asks = match need.asks {
        Asks::Store { access: Access::Read, store } => format!("reads {}", topology.stores[store].name),
        Asks::Store { access: Access::Write, store } => format!("writes {}", topology.stores[store].name),
        Asks::Service(call) => called(&call, topology),
    };
    let values = need.kept.values.map(|time| {
        let last =
            if need.kept.last { ", and for as long as it fails, except members that start meanwhile" } else { "" };
        format!(", which callers keep for {}{last}", lasts(time))
    });
    let errors = need.kept.errors.map(|time| format!(", whose errors they keep for up to {}", lasts(time)));
    [Some(asks), values, errors].into_iter().flatten().collect()
}

/// A call in words.
fn called(call: &Call, topology: &Topology) -> String {
    let to = match call.to {
        To::Local => String::new(),
        To::Nearest { detect } => format!(" in the nearest region that answers (seen after {})", lasts(detect)),
        To::Region(region) => format!(" in {}", topology.regions[region].name),
        To::Name(through) => {
            let kept = through.floor.map(|floor| format!(", whose answers they keep for at least {}", lasts(floor)));
            format!(" where {} leads{}", topology.zone.names[through.name].name, kept.unwrap_or_default())
        }
    };
    let tries = if call.attempts > 1 { format!(", {} tries", call.attempts) } else { String::new() };
    format!("calls {}{to}{tries}", topology.graph.services[call.service].name)
}

/// What a need asks for.
fn asked(need: &Need, topology: &Topology) -> overview::Asked {
    let (verb, what) = match need.asks {
        Asks::Service(call) => ("calls", topology.graph.services[call.service].name.clone()),
        Asks::Store { access: Access::Read, store } => ("reads", topology.stores[store].name.clone()),
        Asks::Store { access: Access::Write, store } => ("writes", topology.stores[store].name.clone()),
    };
    overview::Asked { verb, what, soft: need.soft }
}

/// The services behind the fronts, and the one in front of them, each with what runs it and what it needs.
fn tiers(topology: &Topology) -> Vec<overview::Tier> {
    let graph = &topology.graph;
    let order = graph.entries_of_all().chain(graph.called.iter().rev().copied());
    let untimed = Work::default();
    let one = |id: ServiceId| {
        let service = &graph.services[id];
        let mut runs: Vec<(String, Vec<&str>)> = Vec::new();
        let (entered, first) = (graph.is_entered(id), graph.entered == Some(id));
        for (region, place) in topology.regions.pairs() {
            let compute = if first { place.compute.as_ref() } else { graph.tier(id, region).map(|tier| &tier.compute) };
            let Some(compute) = compute else { continue };
            let cell = graph.cell(id, region);
            let work = cell.and_then(|cell| topology.work(cell)).unwrap_or(&untimed);
            let words = format!(
                "{}{}{}",
                stack(compute, work),
                front(
                    cell.and_then(|cell| topology.balancer(cell)),
                    cell.and_then(|cell| topology.gateway(cell)),
                    (topology, region)
                ),
                waits(work)
            );
            match runs.iter_mut().find(|(own, _)| *own == words) {
                Some((_, regions)) => regions.push(&place.name),
                None => runs.push((words, vec![&place.name])),
            }
        }
        let external = service.sort == Sort::External;
        let each =
            runs.iter().map(
                |(words, regions)| {
                    if external { words.clone() } else { format!("in {}: {words}", regions.join(" and ")) }
                },
            );
        let launches = if service.launch_needs.is_empty() {
            String::new()
        } else {
            format!("; each launch {}", needs(&service.launch_needs, topology))
        };
        let needs =
            if service.needs.is_empty() { String::new() } else { format!("; {}", needs(&service.needs, topology)) };
        overview::Tier {
            name: service.name.clone(),
            words: format!("{}{needs}{launches}", each.collect::<Vec<_>>().join("; ")),
            entered,
            external,
            regions: if external { Vec::new() } else { service.regions.iter().map(|region| region.index()).collect() },
            asks: service.needs.iter().map(|need| asked(need, topology)).collect(),
        }
    };
    order.map(one).collect()
}

/// The deployment and its faults.
pub(super) fn overview(topology: &Topology, at_first: Option<&Flow>) -> Overview {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    let part = |name: &str, words: String| Part { name: name.to_owned(), words };
    let entered = topology.graph.entered.map(|entered| topology.graph.services[entered].name.as_str());
    let runs = |id: RegionId, place: &Region| match &place.compute {
        Some(compute) if place.serves && entered.is_some() => {
            format!("{}: {}", entered.unwrap_or_default(), fronted(compute, (topology, id)))
        }
        _ if topology.beyond.iter().any(|beyond| beyond.name() == place.name) => {
            "no region: where DNS leads without an endpoint".to_owned()
        }
        _ if !place.serves => "serves nobody: operations only".to_owned(),
        Some(compute) => fronted(compute, (topology, id)),
        None => "serves whatever reaches it".to_owned(),
    };
    let regions = topology.regions.pairs().map(|(id, place)| {
        let door = topology.graph.door(PlaceId::of(id));
        part(&place.name, door.map_or_else(|| runs(id, place), |door| door_words(*door, topology)))
    });
    let stores = topology.stores.iter().map(|store| overview::Store {
        name: store.name.clone(),
        service: store.parameters.about().name,
        replicates: store.parameters.keeps_data(),
        words: store.parameters.words(&|place| region(place).to_owned(), &delay)
            + &store.backup.as_ref().map(|backup| backup_words(backup, topology)).unwrap_or_default(),
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
    let first = topology.graph.first_door;
    let doors = topology.graph.doors.len();
    Overview {
        regions: regions.collect(),
        doors: if doors > 0 { first..first + doors } else { 0..0 },
        edge: topology.edge.cloud_front.as_ref().map(|cloud_front| edge(cloud_front, topology)),
        leads,
        routing: (leads != Leads::OriginGroup).then(|| routing(topology)),
        names: records::names(topology),
        records: records::records(topology),
        checks: records::checks(topology),
        tiers: tiers(topology),
        stores: stores.collect(),
        clients: clients.collect(),
        journeys: journeys.collect(),
        alarms: alarms.chain(rules).collect(),
        runbooks: topology.runbooks.iter().map(|it| part(&it.name, runbook(it, topology))).collect(),
        faults: topology.faults.iter().map(|it| fault(it, topology)).collect(),
        services: topology.services(),
        latency: super::latency::latency(topology, at_first),
    }
}

/// What the edge does, in words.
fn edge(cloud_front: &cloud_front::Parameters, topology: &Topology) -> String {
    let origins = match cloud_front.origin_group {
        Some((first, second)) => format!(
            "asks {} every time anew, {} for what that fails of reads (after {} if it is dead)",
            topology.place_name(first),
            topology.place_name(second),
            lasts(cloud_front.wait)
        ),
        None if topology.edge.accelerator.is_some() => "asks the accelerator for the rest".to_owned(),
        None if topology.zone.names.len() > 1 => "asks the DNS names for the rest, whose TTLs it honours".to_owned(),
        None => "asks the DNS name for the rest, whose TTL it honours".to_owned(),
    };
    let hits = chosen_percent(cloud_front.hit_ratio);
    format!("CloudFront answers {hits} % of what is cacheable; it {origins}")
}

/// What runs the application in a region, in words.
fn stack(compute: &compute::Parameters, work: &Work) -> String {
    match compute {
        compute::Parameters::AutoScaling(group) => {
            fleet(compute, work, group.scaling.map(|scaling| scaling.target), "")
        }
        compute::Parameters::Ecs(service) => {
            let room = match &service.room {
                ecs::Room::Fargate => " on Fargate".to_owned(),
                ecs::Room::Instances(pool) => {
                    format!(" on {} with room for {} each", counted(pool.desired, "instance"), whole(pool.room))
                }
            };
            fleet(compute, work, service.scaling.map(|scaling| scaling.target), &room)
        }
        compute::Parameters::Eks(deployment) => {
            let nodes = &deployment.nodes;
            let room = format!(
                " on {} to {} nodes with room for {} each",
                whole(nodes.desired),
                whole(nodes.max),
                whole(nodes.room)
            );
            fleet(compute, work, deployment.scaling.map(|scaling| scaling.target), &room)
        }
        compute::Parameters::Lambda(function) => {
            let lambda::Parameters { account_limit, provisioned, .. } = *function;
            let [limit, provisioned, carries] = [account_limit, provisioned, function.carries(account_limit)]
                .map(|figure| whole(figure.round() as u64));
            let ready = if provisioned == "0" { String::new() } else { format!(", {provisioned} of them provisioned") };
            format!("Lambda, at most {limit} at a time{ready}, carries {carries} requests/s once it has grown")
        }
        compute::Parameters::Managed { carries } => format!("managed by AWS, {}", carried(*carries, work)),
        compute::Parameters::External { carries, .. } => format!("outside AWS, {}", carried(*carries, work)),
    }
}

/// What runs the application in a region, and what stands in front of it.
fn fronted(compute: &compute::Parameters, whose: (&Topology, RegionId)) -> String {
    let place = &whose.0.regions[whose.1];
    let front = front(place.load_balancer.as_ref(), place.gateway.as_ref(), whose);
    format!("{}{front}{}", stack(compute, &place.work), waits(&place.work))
}

/// What may wait before a service.
fn waits(work: &Work) -> String {
    let Some(Queue { limit, order }) = work.queue else { return String::new() };
    let limit = match limit {
        Limit::Seconds(seconds) => format!("{} of work", chosen_duration(seconds)),
        Limit::Requests(requests) => format!("{} requests", number(requests)),
    };
    let order = match order {
        Order::Fifo => "the oldest is served first",
        Order::Lifo => "the newest is served first",
    };
    format!("; up to {limit} may wait, {order}")
}

/// A service that clients enter in a region besides the first one, in words.
fn door_words(door: Door, topology: &Topology) -> String {
    let service = &topology.graph.services[door.service];
    let tier = topology.graph.tier(door.service, door.region);
    tier.map_or_else(String::new, |tier| {
        let front = front(tier.load_balancer.as_ref(), tier.gateway.as_ref(), (topology, door.region));
        format!("{}: {}{front}{}", service.name, stack(&tier.compute, &tier.work), waits(&tier.work))
    })
}

/// What stands in front of compute in a region, unless it is an Application Load Balancer, of which nothing is said. Gateways share the
/// limits of their region.
fn front(
    balancer: Option<&load_balancer::Parameters>,
    gateway: Option<&api_gateway::Parameters>,
    (topology, region): (&Topology, RegionId),
) -> String {
    let there = topology.gateways().filter(|(cell, _)| topology.graph.place(*cell).1 == region);
    let together = || api_gateway::Limits::together(&topology.regions[region].name, there.map(|(_, gateway)| gateway));
    if let Some(limits) = gateway.and_then(|_| together()) {
        let (rate, burst) = (number(limits.rate), number(limits.burst));
        return format!("; behind API Gateway, which lets {rate} requests/s through and {burst} beyond them");
    }
    match balancer {
        Some(balancer) if !balancer.probes => "; nothing stands in front".to_owned(),
        Some(balancer) => {
            let kind = if balancer.registration.is_some() { "; behind a Network Load Balancer" } else { "" };
            let compete = if balancer.probes_compete { "; probes compete with requests" } else { "" };
            format!("{kind}{compete}")
        }
        None => String::new(),
    }
}

/// A fleet of members on some room, in words; it follows its load if it has a target.
fn fleet(compute: &compute::Parameters, work: &Work, target: Option<f64>, room: &str) -> String {
    let Some(fleet) = compute.fleet() else { return String::new() };
    let carries = number(fleet.desired as f64 * fleet.requests_per_second.min(work.admits()));
    let scaling = match target {
        Some(target) => format!("scales {} to {} at {} %", fleet.min, fleet.max, chosen_percent(target)),
        None => "does not scale".to_owned(),
    };
    let [one, _] = members(Some(compute));
    let (size, carry) = (counted(fleet.desired, one), if fleet.desired == 1 { "carries" } else { "carry" });
    let zones = if compute.zones() == 1 { "1 zone".to_owned() } else { format!("{} zones", compute.zones()) };
    format!("{size}{room} in {zones} {carry} {carries} requests/s; {scaling}")
}

/// The words for a member of a fleet, and for what it runs on.
pub(super) const fn members(compute: Option<&compute::Parameters>) -> [&'static str; 2] {
    match compute {
        Some(compute::Parameters::Ecs(_)) => ["task", "instance"],
        Some(compute::Parameters::Eks(_)) => ["pod", "node"],
        _ => ["instance", "host"],
    }
}

/// So many of something.
pub(super) fn counted(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {one}s", whole(count)) }
}

/// What a service carries that nobody scales.
fn carried(rate: f64, work: &Work) -> String {
    let admits = work.admits();
    match work.concurrency.filter(|_| admits < rate) {
        Some(concurrency) => format!("carries {} requests/s, {} at a time", number(admits), number(concurrency)),
        None if rate.is_finite() => format!("carries {} requests/s", number(rate)),
        None => "carries everything".to_owned(),
    }
}

/// So many instances.
pub(super) fn instances(count: u64) -> String {
    counted(count, "instance")
}

/// What an accelerator leads to, where that is more or less than the region of every front.
fn within(topology: &Topology) -> String {
    let Some(accelerator) = &topology.edge.accelerator else { return String::new() };
    let members = &accelerator.members;
    let group = |region: RegionId| {
        let own = || members.iter().filter(|member| member.group == region && member.weight > 0.0);
        let whole: f64 = own().map(|member| member.weight).sum();
        let several = own().count() > 1;
        let parts = own().map(|member| {
            let share = several.then(|| format!(" {} %", chosen_percent(member.weight / whole)));
            format!("{}{}", topology.place_name(member.place), share.unwrap_or_default())
        });
        parts.collect::<Vec<_>>()
    };
    let groups: Vec<Vec<String>> = RegionId::all(topology.endpoints).map(group).collect();
    if groups.iter().all(|group| group.len() == 1) {
        return String::new();
    }
    let groups: Vec<String> =
        groups.iter().filter(|group| !group.is_empty()).map(|group| group.join(" and ")).collect();
    format!(": {}", groups.join(", "))
}

/// What leads clients to regions, in words.
fn routing(topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    if let Some(accelerator) = &topology.edge.accelerator {
        let dialled = accelerator.dial.pairs().filter(|(_, dial)| **dial < 1.0);
        let dials: Vec<String> = dialled
            .map(|(place, dial)| format!(", {} dialled to {} %", region(place), chosen_percent(*dial)))
            .collect();
        let members = &accelerator.members;
        let balanced = members.iter().filter(|member| topology.is_probed(member.place)).count();
        let probes = format!("probes every {}, {} in a row", lasts(accelerator.interval), accelerator.threshold);
        let health = match balanced {
            0 => probes,
            _ if balanced == members.len() => {
                format!("the health of load balancers' targets, or of a region that is out, {probes}")
            }
            _ => {
                format!("the health of targets behind a load balancer; elsewhere, or of a region that is out, {probes}")
            }
        };
        let dials = dials.concat();
        return format!("Global Accelerator leads to the closest healthy region{dials}{}; {health}", within(topology));
    }
    if topology.zone.written {
        return records::routing(topology);
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

/// What a check on an alarm says without data.
const fn without_data(insufficient: Insufficient) -> &'static str {
    match insufficient {
        Insufficient::Healthy => "healthy",
        Insufficient::Unhealthy => "unhealthy",
        Insufficient::LastKnown => "as it was",
    }
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
                let without_data = without_data(*insufficient);
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
/// A service that is deployed.
pub(super) fn software(service: Option<ServiceId>, topology: &Topology) -> &str {
    let service = service.or(topology.graph.entered);
    service.map_or(APP, |service| topology.graph.services[service].name.as_str())
}

/// How a store is backed up, as the rest of a sentence.
fn backup_words(backup: &Backup, topology: &Topology) -> String {
    let every = backup.every.map(|every| format!("every {}", lasts(every)));
    let continuous = backup.continuous.as_ref().map(|age| format!("continuously, {} behind", delay(age)));
    let how: Vec<String> = every.into_iter().chain(continuous).collect();
    let copies: Vec<&str> = backup.copy_to.iter().map(|&region| topology.regions[region].name.as_str()).collect();
    let copied = if copies.is_empty() { String::new() } else { format!(", copied to {}", copies.join(" and ")) };
    format!(", backed up {}{copied}", how.join(" and "))
}
