//! Policies of Resilience Hub among the resources.

use crate::import::readers;
use crate::import::system::System;

const KINDS: [&str; 3] =
    ["aws_resiliencehub_resiliency_policy", "awscc_resiliencehub_resiliency_policy", "aws_resiliencehubv2_policy"];

pub(super) fn map(system: &mut System<'_>) {
    let inventory = system.inventory;
    for id in inventory.of(&KINDS) {
        match readers::policy_of(inventory.get(id)) {
            Some(policy) => {
                system.fates.used(id, "objectives");
                system.policies.push((policy, Some(id)));
            }
            None => system.ask(id, "which limits does this policy set? the inputs do not tell"),
        }
    }
}
