//! Queues whose consumers feed each other.

use sim_settings::Section;

use super::Store;
use crate::by_id::ById;
use crate::deployment::queues::in_order;
use crate::ids::{ServiceId, StoreId};
use crate::services::Graph;

/// Messages must end somewhere. `sections` by store.
pub(super) fn check_circles(sections: &[(String, Section<'_>)], stores: &ById<StoreId, Store>, graph: &Graph) {
    let consumers: Vec<(StoreId, ServiceId)> =
        stores.pairs().filter_map(|(id, store)| Some((id, store.parameters.consumer()?))).collect();
    if let Err(circle) = in_order(&consumers, graph) {
        let names: Vec<&str> = circle.iter().map(|&id| stores[id].name.as_str()).collect();
        let found = format!("a circle of messages: {}", names.join(" -> "));
        let expected = "messages that end somewhere: each consumer here writes to the next queue";
        sections[circle[0].index()].1.reject("consumed-by", found, expected, None);
    }
}
