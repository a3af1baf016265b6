//! Scaling by a target, of groups and of services alike.

use crate::import::draft::{Entry, guess, inline, number, quoted};
use crate::import::resource::Id;
use crate::import::tree::Tree;

/// What a policy says of scaling: the keys, or why it says none.
pub(super) enum Scaling {
    /// Keys of the compute, the share that it aims at, and what one instance serves if that follows.
    Keys { entries: Vec<Entry>, target: f64, capacity: Option<f64> },
    /// The policy cannot be told in the file, and why.
    Other(&'static str),
}

/// The share of its capacity that an instance is taken to be at when it serves the requests of its target.
const AT_TARGET: f64 = 0.5;

/// What one instance serves where nothing tells, in requests per second.
pub(super) const CAPACITY: f64 = 100.0;

/// Keys of a compute, and the load under which it is at rest.
pub(super) struct Compute {
    pub(super) keys: Vec<Entry>,
    pub(super) load: Option<f64>,
}

/// The load under which so many instances are as busy as their scaling wants them.
pub(super) fn at_rest(instances: Option<u64>, target: Option<f64>, capacity: Option<f64>) -> Option<f64> {
    let instances = instances.filter(|it| *it > 0)? as f64;
    Some(instances * target.unwrap_or(AT_TARGET).min(1.0) * capacity.unwrap_or(CAPACITY))
}

/// The policy of a target that tracks.
pub(super) fn of(policy: Id, configuration: &Tree) -> Scaling {
    if !configuration.is_set() {
        return Scaling::Other("it scales in steps, which the file has no key for: the group keeps its size here");
    }
    let metric = configuration.at("predefined_metric_specification.predefined_metric_type");
    let Some(target) = configuration.at("target_value").number().filter(|it| *it > 0.0) else {
        return Scaling::Other("its target is not known: the group keeps its size here");
    };
    match metric.text() {
        Some("ASGAverageCPUUtilization" | "ECSServiceAverageCPUUtilization") if target <= 100.0 => {
            let value = inline(&[("target-utilization", number(target / 100.0))]);
            let entries = vec![Entry::from("scaling", value, &[policy])];
            Scaling::Keys { entries, target: target / 100.0, capacity: None }
        }
        Some("ALBRequestCountPerTarget") => {
            // The metric counts requests in a minute.
            let rate = target / 60.0 / AT_TARGET;
            let question = format!(
                "how many requests per second does one instance serve? here: twice what it tracks, {} requests a minute",
                number(target)
            );
            let value = inline(&[("target-utilization", number(AT_TARGET)), ("metric", quoted("requests"))]);
            let entries = vec![
                Entry::asked("requests-per-second", guess(&number(rate)), question).of(&[policy]),
                Entry::from("scaling", value, &[policy]),
            ];
            Scaling::Keys { entries, target: AT_TARGET, capacity: Some(rate) }
        }
        _ => Scaling::Other("it tracks a metric that the file has no key for: the group keeps its size here"),
    }
}
