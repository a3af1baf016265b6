//! Lines of requests before services, and what carries them: shorter lines, the newest first, and more capacity where nobody
//! scales.

use models::compute::Parameters as Compute;
use models::faults::{Kind as FaultKind, Struck};
use models::line::{Limit, Order};
use sim_core::random::Distribution;
use sim_settings::quantity::{duration_text, number_text};

use super::capacity::{FULL, everywhere, sizes};
use super::site::{At, Site};
use super::step::quoted;
use super::{Change, Kind, Lever};

/// The least time that anybody waits for the answer to one try, in seconds.
fn patience(site: &Site<'_>) -> f64 {
    let clients = site.topology.clients.iter().map(|clients| clients.timeout.as_secs_f64());
    let calls = site.topology.needs().filter_map(|need| Some(need.call()?.timeout?.as_secs_f64()));
    clients.chain(calls).fold(f64::INFINITY, f64::min)
}

/// A line that is half as long as patience: it rejects early, and what it lets in is served in time.
pub(super) fn limit(site: &Site<'_>) -> Vec<Lever> {
    let half = patience(site) / 2.0;
    let longer = |at: &At<'_>| {
        at.work.queue.is_some_and(|queue| match queue.limit {
            Limit::Seconds(seconds) => seconds > half,
            Limit::Requests(requests) => requests > half * at.load,
        })
    };
    let text = quoted(&duration_text(half));
    let changes = everywhere(site, "queue.limit", &text, &text, longer);
    one(Kind::QueueLimit, format!("a queue of at most {}, half of what callers wait", duration_text(half)), changes)
}

/// The newest request first: whoever is served is still there.
pub(super) fn order(site: &Site<'_>) -> Vec<Lever> {
    let oldest = |at: &At<'_>| at.work.queue.is_some_and(|queue| queue.order == Order::Fifo);
    let changes = everywhere(site, "queue.order", &quoted("lifo"), &quoted("fifo"), oldest);
    one(Kind::QueueOrder, "a queue that serves the newest request first".to_owned(), changes)
}

/// A service that nobody scales carries everybody, also in a surge or with the capacity that a fault leaves.
pub(super) fn service(site: &Site<'_>) -> Vec<Lever> {
    let surges = site.topology.faults.iter().map(|fault| match fault.kind {
        FaultKind::LoadSurge { factor, .. } => factor,
        _ => 1.0,
    });
    let surge = surges.fold(1.0, f64::max);
    let mut levers = Vec::new();
    for at in site.tiers() {
        let left = site.topology.faults.iter().map(|fault| match fault.kind {
            FaultKind::CapacityLoss { of: Struck::Entry, factor, .. } if at.service.is_none() => factor,
            FaultKind::CapacityLoss { of: Struck::Service(service), factor, .. } if at.service == Some(service) => {
                factor
            }
            _ => 1.0,
        });
        // What is lost altogether no capacity makes up for.
        let left = left.filter(|left| *left > 0.0).fold(1.0, f64::min);
        let changes = carrying(site, &at, (at.load * surge / left / FULL).ceil());
        if !changes.is_empty() {
            let title = format!("let {} carry {}", at.label, values(&changes));
            levers.push(Lever::new(Kind::ServiceCapacity, title, changes));
        }
    }
    levers
}

/// Twice the capacity of what works a queue off.
pub(super) fn consumer(site: &Site<'_>) -> Vec<Lever> {
    let consumers: Vec<_> = site.topology.stores.iter().filter_map(|store| store.parameters.consumer()).collect();
    let mut levers = Vec::new();
    for at in site.tiers() {
        if !at.service.is_some_and(|service| consumers.contains(&service)) {
            continue;
        }
        let changes = match (at.compute, at.compute.fleet()) {
            (_, Some(fleet)) => {
                let twice = fleet.desired.saturating_mul(2).max(1);
                let all = [
                    ("desired", fleet.desired, twice),
                    ("min", fleet.min, fleet.min.max(twice)),
                    ("max", fleet.max, fleet.max.max(twice)),
                ];
                sizes(site, &at, at.size(), all)
            }
            (Compute::Managed { carries }, None) => carrying(site, &at, 2.0 * carries.min(at.work.admits())),
            _ => Vec::new(),
        };
        if !changes.is_empty() {
            let title = format!("twice the capacity of {}, which works a queue off", at.label);
            levers.push(Lever::new(Kind::ConsumerCapacity, title, changes));
        }
    }
    levers
}

/// Changes with which a service that nobody scales carries so many requests per second: of its rate, of how many it works on at a
/// time, or of both.
fn carrying(site: &Site<'_>, at: &At<'_>, wanted: f64) -> Vec<Change> {
    let Compute::Managed { carries } = *at.compute else { return Vec::new() };
    let mut changes = Vec::new();
    let mut raise = |key: &str, now: f64, new: f64| {
        changes.push(site.change(format!("{}.{key}", at.path), number_text(new), &number_text(now)));
    };
    if carries < wanted {
        raise("requests-per-second", carries, wanted);
    }
    if let Some(concurrency) = at.work.concurrency.filter(|_| at.work.admits() < wanted) {
        let seconds = at.work.response.as_ref().map_or(0.0, Distribution::mean);
        raise("concurrency", concurrency, (wanted * seconds).ceil());
    }
    changes
}

/// New values with the last words of their keys, such as `200 requests-per-second`.
fn values(changes: &[Change]) -> String {
    let one = |change: &Change| {
        let key = change.key.rsplit('.').next().unwrap_or_default();
        match key {
            "concurrency" => format!("{} at a time", change.value),
            _ => format!("{} requests/s", change.value),
        }
    };
    changes.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn one(kind: Kind, title: String, changes: Vec<Change>) -> Vec<Lever> {
    if changes.is_empty() { Vec::new() } else { vec![Lever::new(kind, title, changes)] }
}
