//! ECS services. Until the file has a kind of its own for them, tasks stand as instances, and the file asks how they start.

use std::collections::BTreeMap;

use super::ec2::{capacity, sizes, zones};
use super::scaling::{self, Compute, Scaling, at_rest};
use crate::import::draft::{Entry, quoted};
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
        let mut keys = vec![
            Entry::asked("kind", quoted("ec2-auto-scaling"), "ECS tasks stand here as instances, which start and are replaced in another way; do the figures below fit tasks?").of(&[id]),
            size,
        ];
        let mut scaled: Option<(Vec<Entry>, f64, Option<f64>)> = None;
        for policy in self.policies.get(&id).into_iter().flatten() {
            let configuration = inventory.get(*policy).at("target_tracking_scaling_policy_configuration");
            match scaling::of(*policy, configuration) {
                Scaling::Keys { entries, target, capacity } if scaled.is_none() => {
                    system.fates.used(*policy, "compute.scaling");
                    scaled = Some((entries, target, capacity));
                }
                Scaling::Keys { .. } => {
                    system.ask(*policy, "a second policy of the same service; the first is in the file")
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
        keys.extend(zones(system, id, "network_configuration.subnets"));
        keys.push(Entry::asked(
            "launch-time",
            "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
            "how long does a task take from its order to the load balancer? (here: what an instance takes)",
        ));
        Compute { keys, load: at_rest(desired, target, one) }
    }
}
