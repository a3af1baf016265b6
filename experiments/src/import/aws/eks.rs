//! Clusters of Kubernetes: what runs in them is not in the code of the infrastructure, so everything is asked.

use super::ec2::capacity;
use super::scaling::{Compute, at_rest};
use crate::import::draft::{Entry, inline, quoted};
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
    let config = groups.first().map(|group| inventory.get(*group).at("scaling_config"));
    let figure = |key: &str| config.and_then(|config| config.at(key).whole()).filter(|it| *it > 0);
    let nodes = figure("desired_size").or_else(|| figure("min_size"));
    let desired = nodes.unwrap_or(2);
    let most = figure("max_size").unwrap_or(desired).max(desired);
    let pods = [("min", desired.to_string()), ("desired", desired.to_string()), ("max", most.to_string())];
    let hosts = [("desired", desired.to_string()), ("max", most.to_string()), ("pods-per-node", "1".to_owned())];
    let autoscaler =
        "which pods serve, how many fit on a node, and what orders nodes? (here: one on each node of the first group)";
    for group in &groups {
        system.fates.used(*group, "compute.nodes");
    }
    let keys = vec![
        Entry::from("kind", quoted("eks"), &[id]),
        Entry::asked(
            "pods",
            inline(&pods),
            "how many pods serve requests, and between which bounds? (what runs in a cluster is not in the code of the infrastructure)",
        ),
        capacity(),
        Entry::asked("nodes", inline(&hosts), autoscaler).of(&groups),
    ];
    Compute { keys, load: at_rest(Some(desired), None, None) }
}
