//! Queues whose consumers feed each other.

use sim_settings::Section;

use super::Store;
use crate::by_id::ById;
use crate::deployment::queues::in_order;
use crate::ids::{ServiceId, StoreId};
use crate::services::Graph;

/// Messages must end somewhere.
pub(super) fn check_circles(root: &Section<'_>, stores: &ById<StoreId, Store>, graph: &Graph) {
    let consumers: Vec<(StoreId, ServiceId)> =
        stores.pairs().filter_map(|(id, store)| Some((id, store.parameters.consumer()?))).collect();
    if let Err(circle) = in_order(&consumers, graph) {
        let names: Vec<&str> = circle.iter().map(|&id| stores[id].name.as_str()).collect();
        let found = format!(
            "a circle of queues, each of which the consumer of the one before writes to: {}",
            names.join(" -> ")
        );
        root.reject("stores", found, "messages that end somewhere", None);
    }
}
