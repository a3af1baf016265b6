//! ECS services: tasks, on Fargate or on instances of one's own.

use std::collections::BTreeMap;

use super::ec2::{capacity, sizes, zones};
use super::scaling::{self, Compute, Scaling, at_rest};
use crate::import::draft::{Entry, inline, number, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;
use crate::import::tree::Tree;

/// Scaling of services.
pub(super) struct Services {
    targets: BTreeMap<Id, Id>,
    policies: BTreeMap<Id, Vec<Id>>,
}

impl Services {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let mut targets = BTreeMap::new();
        let mut policies: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for (kind, target) in [("aws_appautoscaling_target", true), ("aws_appautoscaling_policy", false)] {
            for id in inventory.of(&[kind]) {
                let direct = inventory.target(id, "resource_id", &["aws_ecs_service"]);
                // A policy names the service through its target.
                let through = || {
                    let target = inventory.target(id, "resource_id", &["aws_appautoscaling_target"])?;
                    targets.iter().find(|(_, own)| **own == target).map(|(service, _)| *service)
                };
                let Some(service) = direct.or_else(through) else { continue };
                if target {
                    targets.insert(service, id);
                } else {
                    policies.entry(service).or_default().push(id);
                }
            }
        }
        Self { targets, policies }
    }

    /// Keys of the compute that a service says.
    pub(super) fn keys(&self, system: &mut System<'_>, id: Id) -> Compute {
        let inventory = system.inventory;
        let service = inventory.get(id);
        let target = self.targets.get(&id).copied();
        let unset = Tree::Null;
        let (min, max) = target.map_or((service.at("desired_count"), service.at("desired_count")), |target| {
            (inventory.get(target).at("min_capacity"), inventory.get(target).at("max_capacity"))
        });
        let desired = if service.at("desired_count").is_set() { service.at("desired_count") } else { &unset };
        let (mut size, desired) = sizes(id, min, desired, max, "tasks");
        if let Some(target) = target {
            system.fates.used(target, "compute.instances");
            size = size.of(&[target]);
        }
        let size = Entry { key: "tasks".to_owned(), ..size };
        let mut keys = vec![Entry::from("kind", quoted("ecs"), &[id]), size];
        let mut scaled: Option<(Vec<Entry>, f64, Option<f64>)> = None;
        for policy in self.policies.get(&id).into_iter().flatten() {
            let configuration = inventory.get(*policy).at("target_tracking_scaling_policy_configuration");
            match scaling::of(*policy, configuration) {
                Scaling::Keys { entries, target, capacity } if scaled.is_none() => {
                    system.fates.used(*policy, "compute.scaling");
                    scaled = Some((entries, target, capacity));
                }
                Scaling::Keys { .. } => {
                    system.ask(*policy, "a second policy of the same service; the first is in the file");
                }
                Scaling::Other(reason) => system.ask(*policy, reason),
            }
        }
        let (target, one) = scaled.as_ref().map_or((None, None), |(_, target, one)| (Some(*target), *one));
        let scaled = scaled.map(|(entries, ..)| entries).unwrap_or_default();
        if !scaled.iter().any(|entry| entry.key == "requests-per-second") {
            keys.push(capacity());
        }
        keys.extend(scaled);
        keys.push(zones(system, id, "network_configuration.subnets"));
        keys.extend(on_instances(inventory, id, desired));
        let percent = ["deployment_maximum_percent", "deployment_configuration.maximum_percent"];
        let percent = percent.iter().find_map(|key| service.at(key).number()).filter(|it| (100.0..=400.0).contains(it));
        keys.extend(percent.map(|percent| Entry::from("maximum-percent", number(percent), &[id])));
        Compute { keys, load: at_rest(desired, target, one) }
    }
}

/// What tasks run on, where that is not Fargate.
fn on_instances(inventory: &Inventory, id: Id, tasks: Option<u64>) -> Vec<Entry> {
    let service = inventory.get(id);
    let providers = service.at("capacity_provider_strategy");
    let fargate = providers
        .items()
        .iter()
        .any(|it| it.at("capacity_provider").texts().iter().any(|name| name.contains("FARGATE")));
    // Without a word the provider of Terraform and templates take instances.
    let instances = match service.at("launch_type").text() {
        Some(kind) => kind.eq_ignore_ascii_case("EC2"),
        None => service.at("launch_type").is_known() && providers.is_known() && !fargate,
    };
    if !instances {
        return Vec::new();
    }
    let hosts = inline(&[("desired", tasks.unwrap_or(2).max(1).to_string()), ("tasks-per-instance", "1".to_owned())]);
    vec![
        Entry::from("launch-type", quoted("ec2"), &[id]),
        Entry::asked(
            "instances",
            hosts,
            "how many instances do the tasks run on, up to how many does that grow, and how many tasks fit on one? (here: one task on each, and no more)",
        ),
    ]
}
