//! What must hold between parts of an experiment that are right by themselves.

use sim_core::time::SimDuration;
use sim_settings::Section;
use sim_settings::quantity::duration_text;

use super::{Region, Store, Topology};
use crate::by_id::ById;
use crate::cloud_watch;
use crate::control_planes::Editing;
use crate::fronts::edge::Edge;
use crate::fronts::route53;
use crate::fronts::route53::zone::Zone;
use crate::ids::{RegionId, ServiceId, StoreId};
use crate::network::Partition;
use crate::runbooks::{self, Action, Means};
use crate::services::Graph;
use crate::stores::Promotion;
use crate::zones::zone_letter;

/// All metric periods share one wall clock: the shorter ones divide the longest, and one minute is always used.
pub(super) fn check_periods(sections: &[Section<'_>], alarms: &[cloud_watch::Parameters]) {
    let minute = SimDuration::from_secs(60);
    let longest = longest_period(alarms);
    let divides = |period: SimDuration| !period.is_zero() && longest.as_nanos().is_multiple_of(period.as_nanos());
    for alarm in alarms {
        let section = &sections[alarm.entry];
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

/// Time after which the pattern of all metric periods comes again: their least common multiple, which is the longest of
/// them where the others divide it.
pub(in crate::deployment) fn clock_cycle(topology: &Topology) -> SimDuration {
    let groups = topology.computes().filter_map(|(_, compute)| compute.tracking());
    let multiple = |a: u64, b: u64| {
        let (mut divisor, mut rest) = (a, b);
        while rest > 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        (a / divisor).saturating_mul(b)
    };
    let longest = longest_period(topology.alarms.as_slice()).as_nanos();
    SimDuration::from_nanos(groups.map(|scaling| scaling.datapoint_every().as_nanos()).fold(longest, multiple))
}

/// The longest period of alarms, or a minute.
fn longest_period(alarms: &[cloud_watch::Parameters]) -> SimDuration {
    alarms.iter().map(|alarm| alarm.period).max().unwrap_or_default().max(SimDuration::from_secs(60))
}

/// Parts of a deployment that others refer to.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) stores: &'a ById<StoreId, Store>,
    pub(super) regions: &'a ById<RegionId, Region>,
    pub(super) edge: &'a Edge,
    pub(super) dns: &'a route53::Parameters,
    pub(super) graph: &'a Graph,
    /// The zone, if the file writes it out and it is right.
    pub(super) zone: Option<&'a Zone>,
}

/// Requests may wait before a service where clients come to it straight from DNS, and one address at a time.
pub(super) fn check_queues(root: &Section<'_>, topology: &Topology) {
    let waits = |cell| topology.queues().any(|(own, _)| own == cell);
    let found = match () {
        () if topology.gateways().any(|(cell, _)| waits(cell)) => {
            "a queue behind an API Gateway, which refuses by itself"
        }
        () if !topology.holds_at_fronts() => return,
        () if topology.edge.cloud_front.is_some() => "a queue at the origins of CloudFront",
        () if topology.walks() => "a queue behind answers with several addresses (`multivalue`)",
        () => return,
    };
    let expected = "no `queue` there: what exceeds the capacity is shed at once";
    let at = if root.has("services") { "services" } else { "compute" };
    root.reject(at, found, expected, None);
}

/// What a runbook does must be possible in this deployment.
pub(super) fn check_runbook(section: &Section<'_>, runbook: &runbooks::Parameters, parts: Parts<'_>) {
    for trigger in runbook.on.triggers() {
        if let runbooks::Trigger::HealthCheck(watched) = *trigger
            && let Some(Mistake { found, expected, .. }) = parts.unwatched(watched)
        {
            section.reject("on", found, format!("{expected}, or another trigger"), None);
        }
    }
    for (key, what, empty) in
        [("hosted-in", "no region", runbook.hosted_in.is_empty()), ("steps", "no step", runbook.steps.is_empty())]
    {
        if empty && section.has(key) {
            section.reject(key, what, "at least one", None);
        }
    }
    for (index, wrong) in (0..runbook.steps.len()).flat_map(|index| [(index, false), (index, true)]) {
        let action = runbook.steps[index].done(wrong);
        if let Some(Mistake { key, found, expected }) = action.and_then(|it| impossible(it, parts)) {
            // What is done by mistake must be possible as well, or nobody could do it.
            let (block, branch) = runbook.place(index);
            let key = if wrong { "wrong" } else { key };
            section.reject_in(("steps", block), if branch.is_some() { "parallel" } else { key }, found, expected);
        }
    }
}

/// Why an action cannot be done: the key that says it, what it says, and what it might.
pub(super) struct Mistake {
    pub(super) key: &'static str,
    pub(super) found: String,
    pub(super) expected: String,
}

impl Mistake {
    pub(super) fn new(key: &'static str, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { key, found: found.into(), expected: expected.into() }
    }
}

/// What is wrong with an action in this deployment, if anything is.
fn impossible(action: &Action, parts: Parts<'_>) -> Option<Mistake> {
    let Parts { stores, regions, edge, dns, .. } = parts;
    if let Action::Shift { to, .. } | Action::Readmit { region: to, .. } = *action
        && !matches!(action, Action::Shift { means: Means::AccessPoint, .. })
        && let Some(region) = regions.get(to).filter(|region| !region.serves)
    {
        let key = if matches!(action, Action::Readmit { .. }) { "readmit" } else { "to" };
        let found = format!("{}, which serves nobody", region.name);
        return Some(Mistake::new(key, found, "a region with an endpoint"));
    }
    match *action {
        Action::Promote { how, store, to } => impossible_promotion(how, stores.get(store)?, to, regions.get(to)?),
        Action::Restore { store, to } => impossible_restore(stores.get(store)?, to, regions),
        Action::Repoint { store } => {
            let Store { name, parameters, .. } = stores.get(store)?;
            let found = || format!("{name}, of which no copy becomes a cluster that no name leads to");
            (!parameters.detaches())
                .then(|| Mistake::new("repoint", found(), "a store of which a copy can be detached"))
        }
        Action::Scale { desired, to, service } => impossible_size(desired, to, service, parts),
        Action::ScaleStore { store, to, .. } => impossible_capacity(stores.get(store)?, to, regions.get(to)?),
        Action::ZonalShift { zone, to } => impossible_zone(zone, to, parts),
        Action::Shift { means: Means::AccessPoint, share, .. } if share < 1.0 => {
            Some(Mistake::new("share", "a share of an access point's requests", "1: its dials are open or closed"))
        }
        Action::Shift { means: Means::AccessPoint, to, .. } => {
            let region = regions.get(to)?;
            let leads = stores.iter().any(|store| store.parameters.directs(to));
            let found = || format!("{}, where no store's access point leads", region.name);
            (!leads).then(|| Mistake::new("to", found(), "a region with a bucket behind an access point"))
        }
        Action::Shift { means: Means::TrafficDial, to, .. } if edge.accelerator.is_none() => {
            let found = "traffic-dial without an accelerator";
            Some(Mistake::new("shift", found, other_means(to, stores, edge)))
        }
        Action::Shift { means: Means::TrafficDial, to, .. } => {
            let region = regions.get(to)?;
            let (_, led_to) = edge.led_to()?;
            let found = || format!("{}, to which the accelerator never leads", region.name);
            let leads = led_to.into_iter().any(|place| parts.graph.home(place) == to);
            (!leads).then(|| Mistake::new("to", found(), "a region with an endpoint behind it, of a weight above 0"))
        }
        Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } if edge.accelerator.is_some() => {
            let found = "a shift by DNS, which nobody asks behind an accelerator";
            Some(Mistake::new("shift", found, "traffic-dial"))
        }
        Action::Readmit { .. } if edge.accelerator.is_some() => {
            let found = "a region let back into DNS, which nobody asks behind an accelerator";
            Some(Mistake::new("readmit", found, "traffic-dial"))
        }
        Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. } if edge.origin_group().is_some() => {
            let found = "a shift by DNS, which an origin group does not ask";
            Some(Mistake::new("shift", found, "no such step, or no `origin-group`"))
        }
        Action::Shift { means: Means::RoutingControl, .. } => no_routing_control(dns),
        Action::Approve(_)
        | Action::Wait(_)
        | Action::Shift { .. }
        | Action::Readmit { .. }
        | Action::Shed { .. }
        | Action::Admit { .. }
        | Action::Rollback { .. } => None,
    }
}

/// Why there are no routing controls, if there are none.
fn no_routing_control(dns: &route53::Parameters) -> Option<Mistake> {
    match dns.editing {
        Editing::Route53(Partition::Commercial) => None,
        Editing::Route53(partition) => {
            let found = format!("a routing control in {}", partition.name());
            Some(Mistake::new(
                "shift",
                found,
                "record-edit: routing controls are a service of the commercial partition",
            ))
        }
        Editing::Elsewhere => {
            let found = "a routing control where another provider answers";
            Some(Mistake::new("shift", found, "record-edit: routing controls are health checks of Route 53"))
        }
    }
}

/// The means other than a dial by which traffic can be shifted to a region, as far as there are any.
fn other_means(to: RegionId, stores: &ById<StoreId, Store>, edge: &Edge) -> String {
    let by_dns = edge.origin_group().is_none();
    let by_access_point = stores.iter().any(|store| store.parameters.directs(to));
    match (by_dns, by_access_point) {
        (true, true) => "one of record-edit, arc, access-point",
        (true, false) => "one of record-edit, arc",
        (false, true) => "access-point",
        (false, false) => "no such step: nothing in this file leads traffic in a way that a runbook could change",
    }
    .to_owned()
}

fn impossible_promotion(how: Promotion, store: &Store, to: RegionId, region: &Region) -> Option<Mistake> {
    let Store { name, parameters, .. } = store;
    if parameters.writer().is_none() {
        let found = format!("{name}, which is written everywhere");
        Some(Mistake::new(how.verb(), found, "a store with one writer"))
    } else if how == Promotion::SwitchOver && !parameters.switches_over() {
        let found = format!("{name}, whose service has no planned switchover");
        Some(Mistake::new(how.verb(), found, "a store whose writer moves as planned"))
    } else if !parameters.regions().contains(&to) {
        let found = format!("{}, which holds no copy of {name}", region.name);
        Some(Mistake::new("to", found, "a region that holds a copy"))
    } else {
        None
    }
}

fn impossible_capacity(store: &Store, to: RegionId, region: &Region) -> Option<Mistake> {
    let Store { name, parameters, capacity, .. } = store;
    if !parameters.regions().contains(&to) {
        let found = format!("{}, which holds no copy of {name}", region.name);
        Some(Mistake::new("to", found, "a region that holds a copy"))
    } else if !capacity.any() {
        let found = format!("{name}, whose copies carry everything");
        Some(Mistake::new("store", found, "a store with a `capacity`"))
    } else if !capacity.at(to).any() {
        let found = format!("{}, where the copy of {name} carries everything", region.name);
        Some(Mistake::new("to", found, "a region whose copy has a `capacity`"))
    } else {
        None
    }
}

fn impossible_zone(zone: usize, to: RegionId, parts: Parts<'_>) -> Option<Mistake> {
    let region = parts.regions.get(to)?;
    let front = region.compute.as_ref().zip(region.load_balancer.as_ref());
    let tiers = parts.graph.services.ids().filter_map(|service| parts.graph.tier(service, to));
    let behind = tiers.filter_map(|tier| Some((&tier.compute, tier.load_balancer.as_ref()?)));
    let balanced = front.into_iter().chain(behind).filter(|(_, balancer)| balancer.probes);
    let zones = balanced.filter(|(compute, _)| compute.fleet().is_some()).map(|(compute, _)| compute.zones()).max();
    let Some(zones) = zones else {
        let found = format!("{}, where no load balancer stands before instances", region.name);
        return Some(Mistake::new("to", found, "a region whose `compute` has instances behind a load balancer"));
    };
    let found = || format!("zone {}", zone_letter(zone));
    let expected = || format!("one of the {zones} zones of {}, a to {}", region.name, zone_letter(zones - 1));
    (zone >= zones).then(|| Mistake::new("zonal-shift", found(), expected()))
}

fn impossible_size(desired: u64, to: RegionId, service: Option<ServiceId>, parts: Parts<'_>) -> Option<Mistake> {
    let region = parts.regions.get(to)?;
    if service.is_none() && parts.graph.entered.is_some() && parts.graph.only_entered().is_none() {
        let names: Vec<&str> = parts.graph.entries_of_all().map(|id| parts.graph.services[id].name.as_str()).collect();
        let found = format!("a step that scales one of {}", names.join(" and "));
        return Some(Mistake::new("scale", found, "`service = \"SERVICE\"` beside it"));
    }
    let behind = service.filter(|&service| parts.graph.entered != Some(service));
    let compute = match behind {
        Some(service) => parts.graph.tier(service, to).map(|tier| &tier.compute),
        None => region.compute.as_ref(),
    };
    let Some((group, noun)) = compute.and_then(|compute| Some((compute.fleet()?, compute.noun()))) else {
        let whose = service.map_or(String::new(), |service| format!(" of {}", parts.graph.services[service].name));
        let found = format!("{}, which has no instances{whose}", region.name);
        return Some(Mistake::new("to", found, "a region whose `compute` has instances, tasks or pods"));
    };
    let fits = (group.min..=group.max).contains(&desired);
    let expected = || format!("a size between min = {} and max = {}", group.min, group.max);
    (!fits).then(|| Mistake::new("scale", format!("{desired} {noun}"), expected()))
}

/// Why a store cannot be restored to a region, if it cannot.
fn impossible_restore(store: &Store, to: RegionId, regions: &ById<RegionId, Region>) -> Option<Mistake> {
    let Store { name, parameters, backup, .. } = store;
    let region = regions.get(to)?;
    let Some(backup) = backup else {
        return Some(Mistake::new("restore", format!("{name}, which has no backup"), "a store with a `backup`"));
    };
    let kept = backup.regions(&parameters.written_in());
    if !kept.contains(&to) {
        let names: Vec<&str> = kept.iter().filter_map(|&it| Some(regions.get(it)?.name.as_str())).collect();
        let found = format!("{}, where no backup of {name} is kept", region.name);
        return Some(Mistake::new("to", found, format!("one of {}, or a line in `copy-to`", names.join(", "))));
    }
    let found = || format!("{}, which holds no copy of {name}", region.name);
    (!parameters.is_restored_to(to)).then(|| Mistake::new("to", found(), "a region that holds a copy"))
}
