//! What an edge makes void, and what an origin group does not do.

use sim_settings::quantity::duration_text;

use super::faults::name;
use super::place::At;
use super::{Check, Examined, Told};

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
    for (index, clients) in examined.topology.clients.iter().enumerate() {
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

/// Behind an accelerator a load balancer's own target checks count, and the accelerator's settings do not.
fn an_accelerators_own_checks(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let Some(accelerator) = &topology.edge.accelerator else { return };
    let written = examined.says(&At::top("load-balancer"));
    let Some(balancer) = topology.regions.iter().find_map(|region| region.load_balancer.as_ref()).filter(|_| written)
    else {
        return;
    };
    let own = (accelerator.interval, accelerator.threshold);
    let (interval, threshold) = (balancer.interval, balancer.unhealthy_threshold);
    let text = duration_text(interval.as_secs_f64());
    if own != (interval, threshold) {
        told.add(
            &At::top("edge"),
            format!(
                "the accelerator checks every {} and turns after {}, but in front of a load balancer AWS takes the health \
                 of its targets instead",
                own.0, own.1
            ),
            format!("write `interval = \"{text}\"` and `threshold = {threshold}` under the edge"),
        );
    }
}

/// An origin group that leads to a region which an outage strikes: the region and the fault.
fn struck_origin(examined: &Examined<'_>) -> Option<(usize, usize)> {
    let (first, _) = examined.topology.edge.origin_group()?;
    examined.struck().find(|(region, ..)| *region == first).map(|(region, fault, _)| (region, fault))
}

fn writes_behind_an_origin_group(examined: &Examined<'_>, told: &mut Told<'_>) {
    let Some((first, fault)) = struck_origin(examined) else { return };
    let (place, fault) = (examined.region(first), name(fault));
    for (index, journey) in examined.topology.journeys.iter().enumerate() {
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
    let (place, fault) = (examined.region(first), name(fault));
    for (index, clients) in examined.topology.clients.iter().enumerate() {
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
    if examined.says(&at) && examined.topology.regions.iter().all(|region| region.load_balancer.is_none()) {
        told.add(
            &at,
            "`[load-balancer]` has no effect: no region has instances behind it",
            "leave it out, or give the regions a `[compute]` with instances",
        );
    }
}
