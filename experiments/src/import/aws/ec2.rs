//! EC2 Auto Scaling groups: sizes, zones, scaling, warm pools and health checks.

use std::collections::{BTreeMap, BTreeSet};

use super::scaling::{self, CAPACITY, Compute, Scaling, at_rest};
use crate::import::draft::{Entry, guess, inline, number, quoted, seconds};
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;
use crate::import::tree::Tree;

/// Everything about groups that has to be found once.
pub(super) struct Groups {
    policies: BTreeMap<Id, Vec<Id>>,
    schedules: BTreeMap<Id, Vec<Id>>,
    pools: BTreeMap<Id, Vec<Id>>,
}

const GROUP: [&str; 1] = ["aws_autoscaling_group"];

impl Groups {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let back = |kind: &str| inventory.back(&[kind], "autoscaling_group_name", &GROUP);
        Self {
            policies: back("aws_autoscaling_policy"),
            schedules: back("aws_autoscaling_schedule"),
            pools: back("aws_autoscaling_warm_pool"),
        }
    }

    /// Keys of the compute that a group says. Marks what belongs to the group.
    pub(super) fn keys(&self, system: &mut System<'_>, id: Id) -> Compute {
        let inventory = system.inventory;
        let group = inventory.get(id);
        let (size, desired) =
            sizes(id, group.at("min_size"), group.at("desired_capacity"), group.at("max_size"), "instances");
        let mut keys = vec![Entry::plain("kind", quoted("ec2-auto-scaling")), size];
        let mut scaled = None;
        for policy in self.policies.get(&id).into_iter().flatten() {
            match scaling::of(*policy, inventory.get(*policy).at("target_tracking_configuration")) {
                Scaling::Keys { entries, target, capacity } if scaled.is_none() => {
                    system.fates.used(*policy, "compute.scaling");
                    scaled = Some((*policy, entries, target, capacity));
                }
                Scaling::Keys { .. } => {
                    system.ask(*policy, "a second policy of the same group; the first is in the file");
                }
                Scaling::Other(reason) => system.ask(*policy, reason),
            }
        }
        let policy = scaled.as_ref().map(|(policy, ..)| *policy);
        let (target, one) = scaled.as_ref().map_or((None, None), |(_, _, target, one)| (Some(*target), *one));
        let scaled = scaled.map(|(_, entries, ..)| entries).unwrap_or_default();
        if !scaled.iter().any(|entry| entry.key == "requests-per-second") {
            keys.push(capacity());
        }
        keys.extend(scaled);
        keys.push(zones(system, id, "vpc_zone_identifier"));
        let warm_up = [
            (id, group.at("default_instance_warmup").number()),
            (policy.unwrap_or(id), policy.and_then(|it| inventory.get(it).at("estimated_instance_warmup").number())),
            (id, group.at("default_cooldown").number().or_else(|| group.at("cooldown").number())),
        ];
        if let Some((from, warm_up)) =
            warm_up.into_iter().find_map(|(from, value)| Some((from, value.filter(|it| *it > 0.0)?)))
        {
            keys.push(Entry::from("warm-up", seconds(warm_up), &[from]));
        }
        keys.push(health_check_type(id, group.at("health_check_type")));
        keys.extend(monitoring(system, id));
        keys.extend(self.pool(system, id));
        for schedule in self.schedules.get(&id).into_iter().flatten() {
            system.ask(
                *schedule,
                "it changes the size by the clock, and the file knows sizes at instants of a trial only",
            );
        }
        Compute { keys, load: at_rest(desired, target, one) }
    }

    fn pool(&self, system: &mut System<'_>, id: Id) -> Option<Entry> {
        let inventory = system.inventory;
        let own = self.pools.get(&id).and_then(|pools| pools.first().copied());
        let pool = own.map_or_else(|| inventory.get(id).at("warm_pool"), |pool| &inventory.get(pool).attributes);
        let instances = pool.at("min_size").whole().filter(|it| *it > 0)?;
        let mut fields = vec![("instances", instances.to_string())];
        match pool.at("pool_state").text() {
            Some("Running") => fields.push(("state", quoted("running"))),
            Some("Hibernated" | "Stopped") | None => {}
            Some(_) => return None,
        }
        let from = own.unwrap_or(id);
        system.fates.used(from, "compute.warm-pool");
        Some(Entry::from("warm-pool", inline(&fields), &[from]))
    }
}

/// How much one instance serves: in no code of infrastructure.
pub(super) fn capacity() -> Entry {
    Entry::asked(
        "requests-per-second",
        guess(&number(CAPACITY)),
        "how many requests per second does one instance serve? (a load test says; no code of infrastructure does)",
    )
}

/// The size of a group, and how many it begins with.
pub(super) fn sizes(id: Id, min: &Tree, desired: &Tree, max: &Tree, what: &str) -> (Entry, Option<u64>) {
    let known = (min.whole(), max.whole());
    let wanted = desired.whole().or_else(|| if desired.is_set() { None } else { known.0 });
    let limit = |it: u64| it.min(100_000);
    // A largest size of 0 is that of a group which something else sizes.
    if let ((Some(min), Some(max @ 1..)), Some(wanted)) = (known, wanted) {
        let (min, max) = (limit(min), limit(max.max(min)));
        let wanted = limit(wanted.clamp(min, max));
        let fields = [("min", min.to_string()), ("desired", wanted.to_string()), ("max", max.to_string())];
        return (Entry::from("instances", inline(&fields), &[id]), Some(wanted));
    }
    let known = if known.1 == Some(0) { (None, None) } else { known };
    let wanted = wanted.filter(|_| known.1.is_some());
    let (min, max) = (known.0.unwrap_or(2), known.1.unwrap_or_else(|| known.0.unwrap_or(2).max(2)));
    let wanted = wanted.unwrap_or(min).clamp(min.min(max), max.max(min));
    let (min, max) = (limit(min), limit(max.max(min)));
    let fields = [("min", min.to_string()), ("desired", limit(wanted).to_string()), ("max", max.to_string())];
    let question = format!("how many {what} are there? the input does not tell all three sizes");
    (Entry::asked("instances", inline(&fields), question).of(&[id]), Some(wanted))
}

/// How many zones the subnets of something lie in.
pub(super) fn zones(system: &mut System<'_>, id: Id, attribute: &str) -> Entry {
    let inventory = system.inventory;
    let own: BTreeSet<&str> = inventory.get(id).at("availability_zones").texts().into_iter().collect();
    let subnets = inventory.targets(id, attribute, &["aws_subnet"]);
    let named: BTreeSet<&str> = subnets
        .iter()
        .flat_map(|subnet| {
            ["availability_zone", "availability_zone_id"].map(|key| inventory.get(*subnet).at(key).text())
        })
        .flatten()
        .collect();
    for subnet in &subnets {
        system.fates.used(*subnet, "compute.zones");
    }
    let whole = |count: usize| (1..=6).contains(&count).then_some(count);
    if let Some(count) = whole(own.len()) {
        return Entry::from("zones", count.to_string(), &[id]);
    }
    if let Some(count) = whole(named.len()) {
        return Entry::from("zones", count.to_string(), &subnets);
    }
    let listed = inventory.get(id).at(attribute).items().len();
    let count = if subnets.is_empty() { listed } else { subnets.len() };
    let from = if subnets.is_empty() { std::slice::from_ref(&id) } else { &subnets };
    match count {
        0 => Entry::asked("zones", "3", "how many availability zones does it spread over? the input does not tell")
            .of(&[id]),
        // Nobody puts two of two or three subnets of a group into one zone.
        1..=3 => Entry::from("zones", count.to_string(), from).noted("one zone for each subnet"),
        _ => {
            Entry::asked("zones", "3", format!("how many availability zones do its {count} subnets lie in?")).of(&[id])
        }
    }
}

fn health_check_type(id: Id, written: &Tree) -> Entry {
    match written.text() {
        Some(kind) if kind.to_ascii_uppercase().contains("ELB") => {
            Entry::from("health-check-type", quoted("elb"), &[id])
        }
        None if !written.is_known() => {
            let question = "do the load balancer's checks replace instances (elb), or status checks only (ec2)?";
            Entry::asked("health-check-type", quoted("ec2"), question).of(&[id])
        }
        // The default of AWS, which Terraform fills in and templates leave out.
        _ => Entry::from("health-check-type", quoted("ec2"), &[id])
            .noted("instances that only the load balancer finds unhealthy are never replaced"),
    }
}

/// Whether processors have a datapoint a minute.
fn monitoring(system: &mut System<'_>, id: Id) -> Option<Entry> {
    let inventory = system.inventory;
    let templates = ["aws_launch_template", "aws_launch_configuration"];
    let attributes = ["launch_template", "mixed_instances_policy", "launch_configuration", "launch_configuration_name"];
    let template = attributes.iter().find_map(|attribute| inventory.target(id, attribute, &templates))?;
    let resource = inventory.get(template);
    let enabled = match resource.kind.as_str() {
        "aws_launch_template" => resource.at("monitoring.enabled").flag().unwrap_or(false),
        _ => resource.at("enable_monitoring").flag().unwrap_or(true),
    };
    system.fates.used(template, "compute.detailed-monitoring");
    enabled.then(|| Entry::from("detailed-monitoring", "true", &[template]))
}
