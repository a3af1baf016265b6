//! Clusters of Kubernetes: what runs in them is not in the code of the infrastructure, so everything is asked.

use super::ec2::{capacity, sizes};
use super::scaling::{Compute, at_rest};
use crate::import::draft::{Entry, quoted};
use crate::import::resource::{Id, Inventory};
use crate::import::system::System;

/// Node groups of each cluster.
pub(super) fn node_groups(inventory: &Inventory, cluster: Id) -> Vec<Id> {
    let groups = inventory.of(&["aws_eks_node_group"]);
    groups
        .into_iter()
        .filter(|group| inventory.targets(*group, "cluster_name", &["aws_eks_cluster"]).contains(&cluster))
        .collect()
}

/// Keys of the compute that a cluster says.
pub(super) fn keys(system: &mut System<'_>, id: Id) -> Compute {
    let inventory = system.inventory;
    let groups = node_groups(inventory, id);
    let (size, desired) = match groups.first() {
        Some(group) => {
            let config = inventory.get(*group).at("scaling_config");
            let (mut size, desired) =
                sizes(*group, config.at("min_size"), config.at("desired_size"), config.at("max_size"), "nodes");
            size.remark.question =
                "how many pods serve requests? here: as many as the first group has nodes".to_owned();
            (size, desired)
        }
        None => (
            Entry::asked(
                "instances",
                "{ min = 2, desired = 2, max = 2 }",
                "how many pods serve requests? (a cluster does not say)",
            ),
            Some(2),
        ),
    };
    for group in groups {
        system.fates.asked(group, "how many pods serve requests?");
    }
    let question = "pods stand here as instances; pods and their scaling are not in the code of the infrastructure: do the figures below fit?";
    let keys = vec![
        Entry::asked("kind", quoted("ec2-auto-scaling"), question).of(&[id]),
        size.of(&[id]),
        capacity(),
        Entry::asked(
            "launch-time",
            "{ lognormal = { median = \"75s\", p95 = \"150s\" } }",
            "how long does a pod take from its order to the load balancer? (here: what an instance takes)",
        ),
    ];
    Compute { keys, load: at_rest(desired, None, None) }
}
