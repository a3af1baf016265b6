//! What an owner can turn: each lever is one step that an engineer would try, as overrides of the file.
//!
//! ```text
//! Topology and resolved text -> levers -> Lever (kind, sentence, Changes) -> advise: alone, in pairs, in sets
//! ```
//!
//! A lever is one function in a file of its group, listed in `LEVERS`. What could not work here is not given.

mod alarms;
mod automation;
mod capacity;
mod checks;
mod clients;
mod kind;
mod needs;
mod people;
mod queues;
mod routing;
mod site;
mod step;
mod stores;

use models::deployment::Topology;

pub use kind::{Effort, Kind};
use site::Site;

/// One setting that a lever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key's path, as `--set` takes it; a last element `+` adds to a list.
    pub key: String,
    /// The new value as TOML.
    pub value: String,
    /// The value in use where the file does not write it, in the form of the file.
    pub now: Option<String>,
}

/// One step that an engineer would try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lever {
    /// Its sort.
    pub kind: Kind,
    /// The step in a few words, without a full stop: `dns.ttl 60s -> 30s`, for example, in plain words.
    pub title: String,
    /// What it changes in the file, at least one setting.
    pub changes: Vec<Change>,
    /// Keys that it needs as they are: a lever that changes one of them does not go with it.
    pub presumes: Vec<&'static str>,
}

impl Lever {
    fn new(kind: Kind, title: impl Into<String>, changes: Vec<Change>) -> Self {
        Self { kind, title: title.into(), changes, presumes: Vec::new() }
    }

    fn presuming(self, presumes: &[&'static str]) -> Self {
        Self { presumes: presumes.to_vec(), ..self }
    }

    /// Whether both can be turned together: neither changes what the other changes or needs as it is.
    pub fn goes_with(&self, other: &Self) -> bool {
        let apart = |one: &Self, key: &str| one.changes.iter().all(|change| !overlap(&change.key, key));
        other.changes.iter().all(|change| apart(self, &change.key))
            && other.presumes.iter().all(|key| apart(self, key))
            && self.presumes.iter().all(|key| apart(other, key))
    }

    /// Its changes as settings that `--set` takes.
    pub fn sets(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.changes.iter().map(|change| (change.key.clone(), change.value.clone()))
    }
}

/// Whether one path is the other or lies in it. What is added to a list is nobody else's.
fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !one.ends_with(".+") && !other.ends_with(".+") && (within(one, other) || within(other, one))
}

/// A lever as a function: one for each part of the deployment that it can be turned at.
type Turn = fn(&Site<'_>) -> Vec<Lever>;

/// All levers. A new one is a function in the file of its group, and its line here.
const LEVERS: &[Turn] = &[
    people::approval,
    people::automation,
    people::paging,
    people::alarm_instead_of_people,
    alarms::period,
    alarms::datapoints,
    alarms::new_alarm,
    alarms::new_promotion,
    automation::region,
    automation::routing_control,
    automation::accelerated_recovery,
    automation::step_retry,
    routing::ttl,
    routing::failback,
    routing::accelerator,
    routing::accelerator_check,
    routing::edge_attempts,
    routing::edge_errors,
    checks::interval,
    checks::threshold,
    checks::shallow,
    checks::new_check,
    checks::target_health,
    checks::target_check,
    capacity::reserve,
    capacity::larger_group,
    capacity::warm_pool,
    capacity::scaling_metric,
    capacity::monitoring,
    capacity::launch_time,
    capacity::warm_up,
    capacity::replacement_check,
    capacity::provisioned,
    capacity::quota,
    queues::limit,
    queues::order,
    queues::service,
    queues::consumer,
    stores::write_forwarding,
    stores::proxy,
    stores::quorum,
    stores::time_control,
    stores::access_point,
    stores::lag_bound,
    stores::capacity,
    stores::restore_points,
    clients::retries,
    clients::timeout,
    clients::connect_timeout,
    clients::connection_life,
    needs::soft,
    needs::cached,
    needs::nearest,
    needs::attempts,
    needs::every_region,
];

/// Every lever of a deployment, in a fixed order. `resolved` is the text that it was read from.
pub fn levers(topology: &Topology, resolved: &str) -> Vec<Lever> {
    let site = Site::new(topology, resolved);
    LEVERS.iter().flat_map(|turn| turn(&site)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Change, Kind, Lever, overlap};

    #[test]
    fn levers_go_together_unless_one_changes_what_the_other_does() {
        for (one, other, both) in [
            ("dns.ttl", "dns.ttl", true),
            ("dns", "dns.ttl", true),
            ("dns.ttl", "dns.ttl-limit", false),
            ("dns.ttl", "dns.failback", false),
            ("alarms.+", "alarms.+", false),
            ("alarms.+", "alarms.errors.period", false),
        ] {
            assert_eq!((overlap(one, other), overlap(other, one)), (both, both), "{one} {other}");
        }
        let lever = |key: &str| {
            Lever::new(Kind::DnsTtl, "t", vec![Change { key: key.to_owned(), value: "1".to_owned(), now: None }])
        };
        assert!(lever("a.b").goes_with(&lever("a.c")) && !lever("a.b").goes_with(&lever("a")));
    }
}
