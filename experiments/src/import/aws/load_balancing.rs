//! Load balancers: which one leads to which target group, and how that checks its targets.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::draft::{Entry, inline, quoted, seconds};
use crate::import::resource::{Id, Inventory};

pub(super) const BALANCERS: [&str; 2] = ["aws_lb", "aws_alb"];
pub(super) const TARGET_GROUPS: [&str; 2] = ["aws_lb_target_group", "aws_alb_target_group"];
const LISTENERS: [&str; 4] = ["aws_lb_listener", "aws_alb_listener", "aws_lb_listener_rule", "aws_alb_listener_rule"];

/// What leads to what.
#[derive(Debug, Default)]
pub(super) struct Balancers {
    /// Load balancers in front of a target group.
    fronts: BTreeMap<Id, BTreeSet<Id>>,
    /// Listeners and rules of a load balancer.
    listeners: BTreeMap<Id, BTreeSet<Id>>,
    /// What is registered by an attachment, with the target group and the attachment.
    attached: BTreeMap<Id, Vec<(Id, Id)>>,
}

impl Balancers {
    pub(super) fn new(inventory: &Inventory) -> Self {
        let mut this = Self::default();
        let listener_of = |id: Id| inventory.target(id, "listener_arn", &["aws_lb_listener", "aws_alb_listener"]);
        for id in inventory.of(&LISTENERS) {
            let own = inventory.target(id, "load_balancer_arn", &BALANCERS);
            let owner = own.or_else(|| inventory.target(listener_of(id)?, "load_balancer_arn", &BALANCERS));
            let Some(balancer) = owner else { continue };
            this.listeners.entry(balancer).or_default().insert(id);
            for block in ["default_action", "action"] {
                for group in inventory.targets(id, block, &TARGET_GROUPS) {
                    this.fronts.entry(group).or_default().insert(balancer);
                }
            }
        }
        for id in inventory.of(&["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"]) {
            let Some(group) = inventory.target(id, "target_group_arn", &TARGET_GROUPS) else { continue };
            for target in inventory.targets(id, "target_id", &[]) {
                this.attached.entry(target).or_default().push((group, id));
            }
        }
        for id in inventory.of(&["aws_autoscaling_attachment"]) {
            let group = ["lb_target_group_arn", "alb_target_group_arn"];
            let group = group.iter().find_map(|key| inventory.target(id, key, &TARGET_GROUPS));
            let target = inventory.target(id, "autoscaling_group_name", &["aws_autoscaling_group"]);
            if let (Some(group), Some(target)) = (group, target) {
                this.attached.entry(target).or_default().push((group, id));
            }
        }
        this
    }

    /// The load balancers in front of target groups.
    pub(super) fn before(&self, groups: &[Id]) -> Vec<Id> {
        let found: BTreeSet<Id> =
            groups.iter().flat_map(|group| self.fronts.get(group).into_iter().flatten().copied()).collect();
        found.into_iter().collect()
    }

    /// Listeners and rules of load balancers.
    pub(super) fn listeners(&self, balancers: &[Id]) -> Vec<Id> {
        balancers.iter().flat_map(|it| self.listeners.get(it).into_iter().flatten().copied()).collect()
    }

    /// The target groups that something is registered with by an attachment, and the attachments.
    pub(super) fn attached(&self, target: Id) -> &[(Id, Id)] {
        self.attached.get(&target).map_or(&[], Vec::as_slice)
    }
}

/// Keys of `[load-balancer]` that a target group and what stands in front of it say.
pub(super) fn keys(inventory: &Inventory, group: Id, fronts: &[Id]) -> Vec<Entry> {
    let mut keys = Vec::new();
    let network = fronts.iter().find(|id| inventory.get(**id).at("load_balancer_type").text() == Some("network"));
    if let Some(network) = network {
        keys.push(Entry::from("kind", quoted("network"), &[*network]));
    }
    let check = inventory.get(group).at("health_check");
    let mut fields = Vec::new();
    for (key, least, most) in [("interval", 5.0, 300.0), ("timeout", 2.0, 120.0)] {
        if let Some(value) = check.at(key).number().filter(|it| (least..=most).contains(it)) {
            fields.push((key, seconds(value)));
        }
    }
    for (theirs, ours) in [("unhealthy_threshold", "unhealthy-threshold"), ("healthy_threshold", "healthy-threshold")] {
        if let Some(value) = check.at(theirs).whole().filter(|it| (2..=10).contains(it)) {
            fields.push((ours, value.to_string()));
        }
    }
    if !fields.is_empty() {
        keys.push(Entry::from("target-health-check", inline(&fields), &[group]));
    }
    keys
}
