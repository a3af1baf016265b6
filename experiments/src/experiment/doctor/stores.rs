//! Unused stores, writers without a successor, and copies without an effect.

use models::by_id::ById;
use models::deployment::NamedStore;
use models::faults::Kind;
use models::fronts::route53::Look;
use models::needs::{Access, Need};
use models::runbooks::Action;
use models::stores;
use models::zones::zone_letter;

use super::place::{At, fault_name};
use super::{Check, Examined, Told, backups};

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "store-unused", look: stores_that_nobody_uses },
    Check { kind: "service-unused", look: services_that_nobody_uses },
    Check { kind: "writer-not-promoted", look: writers_that_nobody_replaces },
    Check { kind: "destroyed-copy-returns", look: copies_that_are_filled_at_once },
    Check { kind: "only-copy", look: only_copies },
    Check { kind: "cache-without-effect", look: caches_of_sessions },
    Check { kind: "sessions-without-instances", look: sessions_without_instances },
    Check { kind: "copy-outside-aws", look: copies_that_nobody_asked_for },
];

/// The path of a store.
fn store(store: &NamedStore) -> At {
    At::top("stores").key(&store.name)
}

/// Whether a store is state on the instances.
pub(super) fn is_session(store: &NamedStore) -> bool {
    matches!(store.parameters, stores::Parameters::InstanceSession(_))
}

/// How many copies a store has.
pub(super) fn copies(store: &NamedStore) -> usize {
    store.parameters.regions().len()
}

fn stores_that_nobody_uses(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let mut used = ById::new(topology.stores.len(), false);
    let children = topology.dns.checks.iter().flatten().flat_map(|check| &check.children);
    let checked = children.flat_map(|child| match &child.look {
        Look::Deep(needs) => needs.as_slice(),
        Look::Shallow | Look::Alarm { .. } => &[],
    });
    for (_, store) in topology.needs().chain(checked).filter_map(Need::access) {
        used[store] = true;
    }
    for (index, store) in topology.stores.pairs() {
        // A cache loads misses from the store that it backs.
        if let Some(backed) = store.parameters.backs().filter(|_| used[index]) {
            used[backed] = true;
        }
    }
    for (store, _) in topology.stores.iter().zip(&used).filter(|(_, used)| !**used) {
        let name = &store.name;
        told.add(
            &self::store(store),
            format!("no journey reads or writes {name}: its faults are never felt, and it loses nothing"),
            "add it to the `needs` of a journey, or leave it out",
        );
    }
}

/// Services that no request comes to: neither clients nor other services, nor launches or queues.
fn services_that_nobody_uses(examined: &Examined<'_>, told: &mut Told<'_>) {
    let graph = &examined.topology.graph;
    for (id, service) in graph.services.pairs() {
        if !graph.is_entered(id) && !graph.called.contains(&id) {
            let name = &service.name;
            told.add(
                &At::top("services").key(name),
                format!("nobody enters or calls {name}: its faults are never felt, and its capacity carries nothing"),
                "let a journey or a service call it, or leave it out",
            );
        }
    }
}

/// A writer that an outage takes away, without a step that promotes another copy.
fn writers_that_nobody_replaces(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (fault_index, fault) in topology.faults.pairs() {
        let (region, zone) = match fault.kind {
            Kind::RegionOutage { region, .. } => (region, None),
            Kind::ZoneOutage { region, zone: Some(zone), .. } => (region, Some(zone)),
            _ => continue,
        };
        for (index, store) in topology.stores.pairs() {
            // A writer with a standby leaves its zone; where it stands may be drawn.
            let stays = |zone| store.parameters.zone() != Some(zone) || store.parameters.leaves_its_zone();
            if zone.is_some_and(stays) {
                continue;
            }
            let writes = |need: &Need| need.access() == Some((Access::Write, index)) && !need.soft;
            let written = topology.needs().any(writes);
            if store.parameters.writer() != Some(region) || copies(store) < 2 || !written {
                continue;
            }
            let mut steps = topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
            let replaced = steps.any(|step| match step.action {
                Action::Promote { store, to, .. } | Action::Restore { store, to } => store == index && to != region,
                _ => false,
            });
            if replaced {
                continue;
            }
            let (own, struck_by) = (&store.name, fault_name(fault_index));
            let place = match zone {
                Some(zone) => format!("zone {} of {}", zone_letter(zone), examined.region(region)),
                None => examined.region(region).to_owned(),
            };
            // A region that returns without its data brings no writer back.
            let destroyed = matches!(fault.kind, Kind::RegionOutage { destroyed: true, .. });
            let until = if fault.duration.is_none() || destroyed { "for good" } else { "until it is back" };
            told.add(
                &self::store(store).key("writer"),
                format!(
                    "{struck_by} takes {place} and the writer of {own} with it, and nobody promotes another copy: writes fail \
                     {until}"
                ),
                format!("add a runbook with a step `{{ promote = \"{own}\", to = .. }}`"),
            );
        }
    }
}

/// Copies of items that are gone with a region, and there again with it.
fn copies_that_are_filled_at_once(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for (region, fault_index, fault) in examined.struck() {
        let Kind::RegionOutage { destroyed: true, .. } = fault.kind else { continue };
        if fault.duration.is_none() {
            continue;
        }
        let items = |store: &&NamedStore| {
            store.parameters.writers().is_empty() && store.parameters.regions().contains(&region) && !is_session(store)
        };
        let filled: Vec<&str> = topology.stores.iter().filter(items).map(|store| store.name.as_str()).collect();
        if filled.is_empty() {
            continue;
        }
        let (place, fault, filled) = (examined.region(region), fault_name(fault_index), filled.join(" and "));
        told.add(
            &At::top("faults").element(fault_index).key("destroyed"),
            format!(
                "{fault} destroys what {filled} has in {place}, and when the region is back its copy counts as whole at once: \
                 the hours in which it is filled are not modelled"
            ),
            "add them to `duration`, or write `duration = \"permanent\"`",
        );
    }
}

/// Stores of which an outage takes the only copy, with everything that is in it.
fn only_copies(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (region, fault_index, fault) in examined.struck() {
        let gone = match fault.kind {
            Kind::RegionOutage { destroyed: true, .. } => "destroys",
            _ if fault.duration.is_none() => "takes away for good",
            _ => continue,
        };
        for (id, store) in examined.topology.stores.pairs().filter(|(_, it)| it.parameters.regions() == [region]) {
            let copied = store.backup.as_ref().is_some_and(|backup| !backup.copy_to.is_empty());
            if copied && backups::restored(examined, id) {
                continue;
            }
            let (own, place, fault) = (&store.name, examined.region(region), fault_name(fault_index));
            told.add(
                &self::store(store),
                format!(
                    "{own} has its only copy in {place}, which {fault} {gone}: everything is missing, and nobody restores it \
                     from a backup elsewhere"
                ),
                "give it a copy in another region, or a `backup` with `copy-to` and a runbook a step `restore`",
            );
        }
    }
}

fn caches_of_sessions(examined: &Examined<'_>, told: &mut Told<'_>) {
    for store in &examined.topology.stores {
        let backed = store.parameters.backs().map(|backed| &examined.topology.stores[backed]);
        if let Some(backed) = backed.filter(|backed| is_session(backed)) {
            let (name, backed) = (&store.name, &backed.name);
            told.add(
                &self::store(store).key("backs"),
                format!("{name} has no effect as a cache of {backed}, which lives on the instances that would ask it"),
                "let it back the store that keeps the data",
            );
        }
    }
}

/// Sessions in a region without instances.
fn sessions_without_instances(examined: &Examined<'_>, told: &mut Told<'_>) {
    for store in examined.topology.stores.iter().filter(|store| is_session(store)) {
        for place in store.parameters.regions().iter().map(|&region| &examined.topology.regions[region]) {
            if place.compute.as_ref().is_some_and(|compute| compute.fleet().is_none()) {
                let (name, place) = (&store.name, &place.name);
                told.add(
                    &self::store(store),
                    format!("{name} lives on instances, and {place} has none: only an outage of it loses any"),
                    "keep sessions in a store, or give the region instances",
                );
            }
        }
    }
}

/// Copies of a service of AWS in a data centre, which are there because the file does not say where copies are.
fn copies_that_nobody_asked_for(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    for store in topology.stores.iter().filter(|store| store.parameters.keeps_data()) {
        let written = self::store(store).key("regions").written(examined.file);
        let mut copies = store.parameters.regions().iter().filter(|region| !topology.regions[**region].place.is_aws());
        if let Some(outside) = copies.next().filter(|_| !written) {
            let (name, what, place) = (&store.name, store.parameters.about().name, examined.region(*outside));
            told.add(
                &self::store(store),
                format!("{name} has a copy in {place}, which is no region of AWS, for want of `regions`: {what} is not there"),
                "write `regions` without it, or with it if something of your own is there that behaves alike",
            );
        }
    }
}
