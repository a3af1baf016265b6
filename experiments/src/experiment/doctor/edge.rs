//! Settings that an edge makes void, and limits of an origin group.

use super::place::{At, fault_name};
use super::{Check, Examined, Told};
use models::deployment::Region;
use models::ids::{FaultId, RegionId};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "setting-without-effect", look: idle_dns },
    Check { kind: "setting-without-effect", look: connections_that_end_at_the_edge },
    Check { kind: "setting-without-effect", look: balancer_without_instances },
    Check { kind: "accelerator-checks", look: an_accelerators_own_checks },
    Check { kind: "write-behind-origin-group", look: writes_behind_an_origin_group },
    Check { kind: "impatient-clients", look: impatience_behind_an_origin_group },
];

fn idle_dns(examined: &Examined<'_>, told: &mut Told<'_>) {
    if examined.topology.edge.idle_dns {
        told.add(
            &At::top("dns"),
            "`[dns]` has no effect: an accelerator leads clients by its own addresses",
            "leave `[dns]` out",
        );
    }
}

fn connections_that_end_at_the_edge(examined: &Examined<'_>, told: &mut Told<'_>) {
    if examined.topology.edge.cloud_front.is_none() {
        return;
    }
    for (index, clients) in examined.topology.clients.pairs() {
        if clients.connection_lifetime.is_some() {
            let name = &clients.name;
            told.add(
                &At::top("clients").element(index).key("connection-lifetime"),
                format!(
                    "`connection-lifetime` of {name} has no effect: its connections end at the edge, which follows DNS by \
                     itself"
                ),
                "leave it out",
            );
        }
    }
}

/// An accelerator in front of load balancers follows their targets, and probes by itself only a region that is out.
fn an_accelerators_own_checks(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(accelerator) = &topology.edge.accelerator else { return };
    let balanced = accelerator.members.iter().all(|member| topology.is_probed(member.place));
    if !balanced || examined.struck_endpoints().next().is_some() {
        return;
    }
    // `[edge]`, or one of several `[[edge]]`.
    let tables = std::iter::once(At::top("edge")).chain((0..2).map(|index| At::top("edge").element(index)));
    for at in tables {
        if at.text(examined.file, "kind") != Some("global-accelerator") {
            continue;
        }
        for key in ["interval", "threshold"] {
            let at = at.clone().key(key);
            if examined.says(&at) {
                told.add(
                    &at,
                    format!(
                        "`{key}` has no effect: in front of a load balancer an accelerator goes by the health of its targets, \
                         and no fault takes a region out, which it would probe by itself"
                    ),
                    "leave it out",
                );
            }
        }
    }
}

/// An origin group with a region that an outage strikes: the region and the fault.
fn struck_origin(examined: &Examined<'_>) -> Option<(RegionId, FaultId)> {
    let (first, _) = examined.topology.edge.origin_group()?;
    let home = examined.topology.graph.home(first);
    examined.struck().find(|(region, ..)| *region == home).map(|(region, fault, _)| (region, fault))
}

fn writes_behind_an_origin_group(examined: &Examined<'_>, told: &mut Told<'_>) {
    let Some((first, fault)) = struck_origin(examined) else { return };
    let (place, fault) = (examined.region(first), fault_name(fault));
    for (index, journey) in examined.topology.journeys.pairs() {
        if !journey.method.reads() {
            let (name, method) = (&journey.name, journey.method.name());
            told.add(
                &At::top("journeys").element(index).key("method"),
                format!(
                    "{name} is a {method}, which an origin group never repeats: it fails for as long as {fault} has {place}"
                ),
                "lead writes by DNS instead of an origin group",
            );
        }
    }
}

fn impatience_behind_an_origin_group(examined: &Examined<'_>, told: &mut Told<'_>) {
    let (Some(cloud_front), Some((first, fault))) = (&examined.topology.edge.cloud_front, struck_origin(examined))
    else {
        return;
    };
    let (place, fault) = (examined.region(first), fault_name(fault));
    for (index, clients) in examined.topology.clients.pairs() {
        if clients.timeout < cloud_front.wait {
            let (name, timeout, wait) = (&clients.name, clients.timeout, cloud_front.wait);
            told.add(
                &At::top("clients").element(index).key("timeout"),
                format!(
                    "{name} waits {timeout}, the edge {wait} before it asks the second origin: while {fault} has {place}, \
                     no miss gets through"
                ),
                "give the edge fewer `attempts` or a shorter `connect-timeout`",
            );
        }
    }
}

/// A load balancer in front of nothing.
fn balancer_without_instances(examined: &Examined<'_>, told: &mut Told<'_>) {
    let at = At::top("load-balancer");
    let stands = |region: &Region| region.load_balancer.is_some() || region.gateway.is_some();
    if examined.says(&at) && !examined.topology.regions.iter().any(stands) {
        told.add(
            &at,
            "`[load-balancer]` has no effect: no region has instances behind it",
            "leave it out, or give the regions a `[compute]` with instances",
        );
    }
}
