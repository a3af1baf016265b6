//! Tiers as `[services.NAME]`: every tier that requests pass, and not only the one that clients enter.

use super::draft::{Entry, Table, inline, list, quoted};
use super::system::{Runs, Site, System, Tier};

/// A table for each tier, and one for each region in which it differs.
pub(super) fn services(system: &System<'_>, after: &mut Vec<Table>) {
    let main = system.main_region().unwrap_or_default();
    for tier in &system.tiers {
        let Some(first) = tier.sites.get(&main).or_else(|| tier.sites.values().next()) else { continue };
        let path = format!("services.{}", tier.name);
        let mut table = Table::new(format!("[{path}]"), &path);
        let mut keys = first.compute.iter();
        table.extend(keys.next().cloned());
        table.push(Entry::plain("regions", list(tier.sites.keys())));
        table.extend(keys.cloned());
        table.extend(front(tier, first));
        if tier.entered {
            table.extend(calls(system));
        }
        after.push(table);
        for (region, site) in &tier.sites {
            let alike = |entry: &&Entry| {
                first.compute.iter().all(|other| (&other.key, &other.value) != (&entry.key, &entry.value))
            };
            let mut own: Vec<Entry> = site.compute.iter().filter(alike).cloned().collect();
            own.extend(
                front(tier, site).filter(|entry| front(tier, first).is_none_or(|other| other.value != entry.value)),
            );
            if !own.is_empty() {
                let path = format!("regions.{region}.{path}");
                let mut table = Table::new(format!("[{path}]"), &path);
                table.extend(own);
                after.push(table);
            }
        }
    }
}

/// What the tier that clients enter calls: all the others, as nobody says otherwise.
fn calls(system: &System<'_>) -> Option<Entry> {
    let called = system.tiers.iter().filter(|tier| !tier.entered);
    let calls: Vec<String> = called.map(|tier| inline(&[("call", quoted(&tier.name))])).collect();
    let question = "which of these does it call, in which order, and which of them can it do without? \
                    (here: each request calls all of them)";
    (!calls.is_empty()).then(|| Entry::asked("needs", format!("[ {} ]", calls.join(", ")), question))
}

/// What stands in front of a tier.
fn front(tier: &Tier, site: &Site) -> Option<Entry> {
    let from: Vec<_> = site.balancer.iter().flat_map(|entry| entry.remark.from.iter().copied()).collect();
    let fields: Vec<(&str, String)> =
        site.balancer.iter().map(|entry| (entry.key.as_str(), entry.value.clone())).collect();
    if !fields.is_empty() {
        return Some(Entry::from("load-balancer", inline(&fields), &from));
    }
    let bare = site.fronts.is_empty() && site.runs != Runs::Function;
    match (bare, tier.entered) {
        (true, true) => Some(Entry::asked(
            "load-balancer",
            inline(&[("kind", quoted("application"))]),
            "what stands in front of it? no load balancer in the inputs leads there (here: one with the default checks)",
        )),
        // Members that callers meet by a name of their own.
        (true, false) => Some(
            Entry::plain("load-balancer", inline(&[("kind", quoted("none"))])).noted("no load balancer leads to it"),
        ),
        (false, _) => None,
    }
}
