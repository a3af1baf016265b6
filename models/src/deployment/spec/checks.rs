//! What must hold between parts of an experiment that are right by themselves.

use sim_core::time::SimDuration;
use sim_settings::Section;
use sim_settings::quantity::duration_text;

use super::{Region, Store, Topology};
use crate::aws::{cloud_watch, route53};
use crate::by_id::ById;
use crate::compute;
use crate::control_planes::Editing;
use crate::edge::Edge;
use crate::faults::zone_letter;
use crate::ids::{RegionId, StoreId};
use crate::network::Partition;
use crate::runbooks::{self, Action, Means};
use crate::stores::Promotion;

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
    let groups = topology.regions.iter().filter_map(|region| region.compute.as_ref()?.group()?.scaling);
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
}

impl Parts<'_> {
    /// Why there is no health check on a region's endpoint, if there is none.
    fn unwatched(&self, region: RegionId) -> Option<Mistake> {
        if self.dns.watches(region) || self.edge.accelerator.is_some() {
            return None;
        }
        Some(match self.regions.get(region) {
            Some(region) if self.edge.origin_group().is_none() => {
                let found = format!("the health check of {}, which has none", region.name);
                Mistake::new(
                    "",
                    found,
                    format!("an endpoint with a check: `health-check` of `dns` or of {}", region.name),
                )
            }
            _ => Mistake::new("", "a health check without `dns`", "`[dns]`: an origin group asks for nobody's health"),
        })
    }
}

/// What an alarm watches must be there.
pub(super) fn check_watched(section: &Section<'_>, alarm: &cloud_watch::Parameters, parts: Parts<'_>) {
    if let cloud_watch::Metric::HealthCheck(region) = alarm.metric
        && let Some(Mistake { found, expected, .. }) = parts.unwatched(region)
    {
        section.reject("metric", found, expected, None);
    }
}

/// What a runbook does must be possible in this deployment.
pub(super) fn check_runbook(section: &Section<'_>, runbook: &runbooks::Parameters, parts: Parts<'_>) {
    for trigger in runbook.on.triggers() {
        if let runbooks::Trigger::HealthCheck(region) = *trigger
            && let Some(Mistake { found, expected, .. }) = parts.unwatched(region)
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
struct Mistake {
    key: &'static str,
    found: String,
    expected: String,
}

impl Mistake {
    fn new(key: &'static str, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { key, found: found.into(), expected: expected.into() }
    }
}

/// What is wrong with an action in this deployment, if anything is.
fn impossible(action: &Action, parts: Parts<'_>) -> Option<Mistake> {
    let Parts { stores, regions, edge, dns } = parts;
    if let Action::Shift { to, .. } | Action::Readmit { region: to } = *action
        && !matches!(action, Action::Shift { means: Means::AccessPoint, .. })
        && let Some(region) = regions.get(to).filter(|region| !region.serves)
    {
        let key = if matches!(action, Action::Readmit { .. }) { "readmit" } else { "to" };
        let found = format!("{}, which serves nobody", region.name);
        return Some(Mistake::new(key, found, "a region with an endpoint"));
    }
    match *action {
        Action::Promote { how, store, to } => impossible_promotion(how, stores.get(store)?, to, regions.get(to)?),
        Action::Repoint { store } => {
            let Store { name, parameters, .. } = stores.get(store)?;
            let found = || format!("{name}, of which no copy becomes a cluster that no name leads to");
            (!parameters.detaches())
                .then(|| Mistake::new("repoint", found(), "a store of which a copy can be detached"))
        }
        Action::Scale { desired, to } => impossible_size(desired, regions.get(to)?),
        Action::ScaleStore { store, to, .. } => impossible_capacity(stores.get(store)?, to, regions.get(to)?),
        Action::ZonalShift { zone, to } => impossible_zone(zone, regions.get(to)?),
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
    } else {
        None
    }
}

fn impossible_zone(zone: usize, region: &Region) -> Option<Mistake> {
    if region.compute.as_ref().and_then(compute::Parameters::group).is_none() {
        let found = format!("{}, which has no instances", region.name);
        return Some(Mistake::new("to", found, "a region whose `compute` has instances"));
    }
    let found = || format!("zone {}", zone_letter(zone));
    let last = || zone_letter(region.zones() - 1);
    let expected = || format!("one of the {} zones of {}, a to {}", region.zones(), region.name, last());
    (zone >= region.zones()).then(|| Mistake::new("zonal-shift", found(), expected()))
}

fn impossible_size(desired: u64, region: &Region) -> Option<Mistake> {
    let Some(group) = region.compute.as_ref().and_then(compute::Parameters::group) else {
        let found = format!("{}, which has no instances", region.name);
        return Some(Mistake::new("to", found, "a region whose `compute` has instances"));
    };
    let fits = (group.min..=group.max).contains(&desired);
    let expected = || format!("a size between min = {} and max = {}", group.min, group.max);
    (!fits).then(|| Mistake::new("scale", format!("{desired} instances"), expected()))
}

/// A zone that somebody names must be one of the region's.
pub(super) fn check_zone(section: &Section<'_>, zone: Option<usize>, region: Option<&Region>) {
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
