//! What a file takes for granted that is neither a figure nor a mistake: `check` notes it, and nothing fails by it.

use models::cloud_watch::Metric;
use models::compute::Parameters;
use models::control_planes::Editing;
use models::faults::{Fault, Kind, Start};
use models::flow::ADDRESSES;
use models::fronts::route53::zone::Choice;
use models::ids::{RegionId, StoreId};
use models::line::Order;
use models::needs::Access;
use models::quorum::nearest_voter;
use models::runbooks::{Action, Means};
use models::services::Graph;
use models::stores;
use sim_core::time::SimDuration;
use sim_settings::quantity::number_text;

use super::place::At;
use super::{Check, Examined, Told};
use crate::units::{chosen_duration, duration, number};

pub(super) const NOTES: &[Check] = &[
    Check { kind: "errors-need-a-canary", look: who_publishes_errors },
    Check { kind: "slow-datapoints", look: slow_datapoints },
    Check { kind: "late-counts-as-slow", look: late_answers },
    Check { kind: "missing-objects-are-served", look: late_objects },
    Check { kind: "zones-stay-empty", look: zones_that_stay_empty },
    Check { kind: "commits-wait", look: commits_that_wait },
    Check { kind: "outside-of-aws", look: services_outside_of_aws },
    Check { kind: "several-partitions", look: names_of_one_partition },
    Check { kind: "weights-are-whole", look: weights_that_route53_refuses },
    Check { kind: "readmit-without-an-edit", look: readmissions_after_edits },
    Check { kind: "cold-starts-behind-calls", look: cold_starts_behind_calls },
    Check { kind: "storm-holds-itself", look: storms_that_hold_themselves },
    Check { kind: "backlog-stalls-nobody", look: backlogs_that_stall_nobody },
];

/// Errors as clients see them are not a metric that AWS publishes.
fn who_publishes_errors(examined: &Examined<'_>, told: &mut Told<'_>) {
    for alarm in &examined.topology.alarms {
        if matches!(alarm.metric, Metric::Errors { region: None, .. }) {
            told.add(
                &At::top("alarms").element(alarm.entry).key("metric"),
                format!(
                    "alarm {} watches errors as clients meet them, requests that get no answer included, and no service of AWS \
                     publishes them",
                    alarm.name
                ),
                "let a canary publish them, or clients that report; with `region` it is what that region's load balancer \
                 publishes",
            );
        }
    }
}

/// A bound on the loss holds while copies are out of reach, and not while they are slow.
fn backlogs_that_stall_nobody(examined: &Examined<'_>, told: &mut Told<'_>) {
    for store in &examined.topology.stores {
        let Some(log) = store.parameters.log() else { continue };
        if let (Some(bound), Some(rate)) = (log.rpo_bound, log.apply_rate) {
            let (name, bound, rate) = (&store.name, chosen_duration(bound), number_text(rate));
            told.add(
                &At::top("stores").key(name).key("rpo-bound"),
                format!(
                    "{name} stalls its writer where no copy is reached for {bound}, and not where copies apply {rate} writes/s and \
                     fall behind by more: such writes succeed here, and a loss may take more than {bound} of them"
                ),
                "a real writer stalls then as well: keep surges below `apply-rate`",
            );
        }
    }
}

/// What detailed monitoring would buy a group that scales by its processors.
fn slow_datapoints(examined: &Examined<'_>, told: &mut Told<'_>) {
    let slow = examined.topology.regions.pairs().find_map(|(region, place)| {
        let scaling = place.compute.as_ref()?.group()?.scaling?;
        (scaling.shared_by > 1).then_some((region, scaling))
    });
    let Some((region, slow)) = slow else { return };
    let (every, period) = (slow.datapoint_every().as_secs_f64(), slow.period.as_secs_f64());
    told.add(
        &examined.of_stack(region, "compute", "scaling"),
        format!(
            "groups scale by a CPU datapoint every {}: a load that is there to stay is seen up to {} after it began",
            chosen_duration(every),
            chosen_duration(2.0 * every)
        ),
        format!(
            "with `detailed-monitoring = true` it takes {} to {}",
            chosen_duration(2.0 * period),
            chosen_duration(4.0 * period)
        ),
    );
}

/// Objects that have not arrived are missing for whoever reads them elsewhere, which the model counts as data loss alone.
fn late_objects(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let parts = |fault: &Fault| {
        matches!(fault.kind, Kind::RegionOutage { .. } | Kind::Partition { .. } | Kind::ReplicationStall { .. })
    };
    if !topology.faults.iter().any(parts) {
        return;
    }
    let read = |store: StoreId| topology.asked().any(|need| need.access() == Some((Access::Read, store)));
    for (id, store) in topology.stores.pairs() {
        let objects = matches!(store.parameters, stores::Parameters::S3Replication(_));
        if objects && store.parameters.regions().len() > 1 && read(id) {
            told.add(
                &At::top("stores").key(&store.name),
                format!(
                    "reads of objects of {} that have not arrived yet count as served, so what is missing is no failed request",
                    store.name
                ),
                "look at its data loss as well, whatever the recovery time is",
            );
        }
    }
}

/// A write that two regions have to agree about takes a round trip more, whatever the store itself takes.
fn commits_that_wait(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for store in &topology.stores {
        let voters = store.parameters.voters();
        let waits: Vec<String> = store
            .parameters
            .regions()
            .iter()
            .filter_map(|&copy| {
                let trip = |from: RegionId, to: RegionId| topology.round_trips[from.index()][to.index()];
                let (voter, time) = nearest_voter(&voters, copy, trip)?;
                let (copy, voter) = (examined.region(copy), examined.region(voter));
                Some(format!("{} in {copy} (for {voter})", duration(time)))
            })
            .collect();
        if !waits.is_empty() {
            told.add(
                &At::top("stores").key(&store.name),
                format!(
                    "a write to {} waits for the nearer of two other regions, {}: that is part of the latency of reports",
                    store.name,
                    waits.join(", ")
                ),
                "count on it in what you promise your users",
            );
        }
    }
}

/// What is a service of AWS elsewhere is something of one's own in a place of one's own.
fn services_outside_of_aws(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (region, place) in topology.regions.pairs().filter(|(_, place)| !place.place.is_aws()) {
        let compute = place.compute.as_ref().map(|compute| format!("{} there", compute.about().name));
        let stores = topology
            .stores
            .iter()
            .filter(|store| store.parameters.keeps_data() && store.parameters.regions().contains(&region));
        let stores = stores.map(|store| format!("the copy of {}, {}", store.name, store.parameters.about().name));
        let what: Vec<String> = compute.into_iter().chain(stores).collect();
        if !what.is_empty() {
            told.add(
                &At::top("regions").key(&place.name),
                format!(
                    "{} is no region of AWS: {} count as something of one's own that behaves alike",
                    place.name,
                    what.join(" and ")
                ),
                "replace times that are those of AWS by your own",
            );
        }
    }
}

/// What an edit took out comes back by another edit with Route 53, and as by a routing control here.
fn readmissions_after_edits(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let steps =
        || topology.runbooks.pairs().flat_map(|(id, runbook)| (0..).zip(&runbook.steps).map(move |it| (id, it)));
    for (id, (number, step)) in steps() {
        let Action::Readmit { region, record } = step.action else { continue };
        let takes_out = |action: &Action| match *action {
            Action::Shift { means: Means::RecordEdit, to, record: own, .. } => {
                to != region && (own.is_none() || record.is_none() || own == record)
            }
            _ => false,
        };
        if steps().any(|(_, (_, other))| takes_out(&other.action)) {
            let (own, place) = (&topology.runbooks[id].name, examined.region(region));
            told.add(
                &super::automation::step(examined, id, number),
                format!(
                    "runbook {own} lets {place} back after an edit of records: with Route 53 that takes another edit, which needs its \
                     control plane and shows later; here it shows as a routing control does"
                ),
                "write a shift by `record-edit` in its place, where that plane may be out",
            );
        }
    }
}

/// Weights of Route 53 are whole numbers from 0 to 255 (documented):
/// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-weighted.html>.
fn weights_that_route53_refuses(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    if topology.dns.editing == Editing::Elsewhere {
        return;
    }
    for record in &topology.zone.records {
        let Choice::Weighted { weights } = &record.choice else { continue };
        let own = weights.iter().zip(&record.answers).filter(|(_, answer)| answer.held).map(|(weight, _)| *weight);
        let Some(weight) = own.into_iter().find(|weight| weight.fract() != 0.0) else { continue };
        let at =
            if topology.zone.written { At::top("records").key(&record.name) } else { At::top("dns").key("weights") };
        let name = if topology.zone.written { format!("record {}", record.name) } else { "DNS".to_owned() };
        told.add(
            &at,
            format!("{name} has a weight of {}, and Route 53 takes whole numbers from 0 to 255", number(weight)),
            "write whole numbers in the same proportion, such as 7 and 3",
        );
    }
}

/// Names are held by an account of one partition, and the file does not say which: it is that of the first region.
fn names_of_one_partition(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let mut regions = topology.regions.iter().filter_map(|region| Some((&region.name, region.place.partition?)));
    let Some((first, partition)) = regions.next() else { return };
    let Some((other, apart)) = regions.find(|(_, apart)| *apart != partition) else { return };
    let home = partition.home();
    let plane = match topology.dns.editing {
        Editing::Route53(_) => ", and so is the control plane of records",
        Editing::Elsewhere => "",
    };
    told.add(
        &At::top("regions").key(first),
        format!(
            "{first} is the first region, so that Route 53 is that of {}, and not that of {}: metrics of health checks are in \
             {home}{plane}",
            partition.name(),
            apart.name()
        ),
        format!("write {other} first if an account there holds the names and the checks"),
    );
}

/// Queues in which requests may wait longer than their clients, who then ask again: all attempts together are more than is served.
fn storms_that_hold_themselves(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(flow) = examined.at_first else { return };
    let offered: f64 = topology.clients.iter().map(|clients| clients.requests_per_second).sum();
    let tried: f64 =
        topology.clients.iter().map(|clients| clients.requests_per_second * f64::from(clients.attempts)).sum();
    let patience = topology.clients.iter().filter(|clients| clients.attempts > 1).map(|clients| clients.timeout);
    let Some(patience) = patience.min().map(SimDuration::as_secs_f64) else { return };
    for (cell, queue) in topology.queues() {
        let (service, region) = topology.graph.place(cell);
        let Some(front) = flow.fronts.get(cell.index()).filter(|_| cell == Graph::front(region)) else { continue };
        let load = flow.load[cell.index()];
        // Each region gets its part of the attempts as of the requests.
        let storm = load * tried / offered;
        let outlasts = queue.limit.requests(front.capacity) > patience * front.capacity;
        if queue.order == Order::Fifo && outlasts && load <= front.capacity && storm > front.capacity {
            let name = service.map_or(examined.region(region), |service| &topology.graph.services[service].name);
            let table = service.map_or_else(|| At::top("compute"), |_| At::top("services").key(name));
            told.add(
                &table.key("queue"),
                format!(
                    "a storm of retries holds itself at {name}: {} requests/s are at most {} with all attempts, {} are served, and \
                     requests may wait longer than the {} of their clients",
                    number_text(load),
                    number_text(storm),
                    number_text(front.capacity),
                    chosen_duration(patience)
                ),
                "once it has begun it ends by less load alone, whatever the trigger was: a `limit` below that time, `order = \
                 \"lifo\"` or fewer attempts prevent it",
            );
        }
    }
}

/// Functions that are called: nobody waits there for a cold start.
fn cold_starts_behind_calls(examined: &Examined<'_>, told: &mut Told<'_>) {
    let graph = &examined.topology.graph;
    for &service in graph.called.iter().filter(|service| !graph.launch_only.contains(service)) {
        let service = &graph.services[service];
        let mut functions = service.tiers.iter().flatten().filter_map(|tier| tier.compute.function());
        let Some(function) = functions.next() else { continue };
        told.add(
            &At::top("services").key(&service.name).key("cold-start"),
            format!(
                "no caller waits for cold starts of {}, which are {} in the mean: only requests that enter a function do, so that \
                 calls are too quick, and none of them too late, while it grows",
                service.name,
                duration(function.cold_start.mean())
            ),
            "count them as work: add the share of them that you expect to `response-time`, or provision environments",
        );
    }
}

/// AWS would spread a group over its zones again.
fn zones_that_stay_empty(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let grouped = |region: RegionId| topology.regions[region].compute.as_ref().and_then(Parameters::group).is_some();
    let zone = |fault: &Fault| match fault.kind {
        Kind::ZoneOutage { region, .. } if grouped(region) => Some(region),
        _ => None,
    };
    let mut lost: Vec<RegionId> = Vec::new();
    for (index, fault) in topology.faults.iter().enumerate() {
        let Some(region) = zone(fault) else { continue };
        if lost.contains(&region) || matches!(fault.start, Start::Rate(_)) {
            let place = examined.region(region);
            told.add(
                &At::top("faults").element(index).key("kind"),
                format!(
                    "groups do not rebalance between zones: a zone of {place} that was lost stays empty until instances are \
                     launched for another reason, so losing it again costs less than on AWS"
                ),
                "count the first loss of a zone, and take later ones for too small",
            );
        }
        lost.push(region);
    }
}

/// Clients that have several addresses, and not the time to try them all.
fn late_answers(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    if !topology.walks() {
        return;
    }
    let others = topology.endpoints.min(ADDRESSES) - 1;
    for (index, clients) in topology.clients.pairs() {
        if clients.steps().outlasts >= others {
            continue;
        }
        let (connect, timeout) = (clients.connect_timeout.as_secs_f64(), clients.timeout.as_secs_f64());
        told.add(
            &At::top("clients").element(index).key("timeout"),
            format!(
                "{} gives an address up after {} and waits {} in all, which {others} dead addresses exceed: what would be \
                 answered too late fails, with the cause `slow`",
                clients.name,
                chosen_duration(connect),
                chosen_duration(timeout)
            ),
            "give it a longer `timeout`, or a shorter `connect-timeout`, if clients do wait longer",
        );
    }
}
