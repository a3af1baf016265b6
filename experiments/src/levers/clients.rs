//! Clients: how often they try, how long they wait, and what they can do without.

use models::clients::Parameters as Population;
use models::ids::StoreId;
use models::journeys::Journey;
use models::needs::{Access, Need};
use sim_core::time::SimDuration;

use super::site::{Site, element};
use super::step::{quoted, scaled, text};
use super::{Change, Kind, Lever, stores};

/// The path of a population.
fn path(site: &Site<'_>, index: usize) -> String {
    let all = &site.topology.clients;
    element("clients", &all.as_slice()[index].name, index, all.iter().map(|clients| &clients.name))
}

/// One change at each population for which there is one, all in one lever: the same application serves them.
fn all(site: &Site<'_>, kind: Kind, title: &str, change: impl Fn(&str, &Population) -> Option<Change>) -> Vec<Lever> {
    let populations = site.topology.clients.iter().enumerate();
    let changes: Vec<Change> = populations.filter_map(|(index, own)| change(&path(site, index), own)).collect();
    if changes.is_empty() { Vec::new() } else { vec![Lever::new(kind, title, changes)] }
}

/// Three attempts where there is one, and one where there are several, which spare an overloaded region.
pub(super) fn retries(site: &Site<'_>) -> Vec<Lever> {
    let to = |attempts: u32, value: &'static str, wanted: fn(u32) -> bool, title: &str| {
        all(site, Kind::Retries, title, |path, own| {
            let key = format!("{path}.retries.attempts");
            let now = own.attempts.to_string();
            (wanted(own.attempts) && own.attempts != attempts).then(|| site.change(key, value, &now))
        })
    };
    let more = to(3, "3", |now| now == 1, "let clients try three times");
    more.into_iter().chain(to(1, "1", |now| now > 1, "let clients try once")).collect()
}

/// Half the patience.
pub(super) fn timeout(site: &Site<'_>) -> Vec<Lever> {
    all(site, Kind::Timeout, "half the timeout of clients", |path, own| {
        let now = text(own.timeout);
        let half = scaled(&quoted(&now), 0.5)?;
        Some(site.change(format!("{path}.timeout"), half, &quoted(&now)))
    })
}

/// One second for a connection, where answers have several addresses.
pub(super) fn connect_timeout(site: &Site<'_>) -> Vec<Lever> {
    if !site.topology.walks() {
        return Vec::new();
    }
    let second = SimDuration::from_secs(1);
    all(site, Kind::ConnectTimeout, "1s to connect before the next address is tried", |path, own| {
        let change = || site.change(format!("{path}.connect-timeout"), "\"1s\"", &quoted(&text(own.connect_timeout)));
        (own.connect_timeout > second).then(change)
    })
}

/// Connections that servers close after half the time.
pub(super) fn connection_life(site: &Site<'_>) -> Vec<Lever> {
    all(site, Kind::ConnectionLife, "let connections live half as long", |path, _| {
        let key = format!("{path}.connection-lifetime");
        let value = scaled(&site.written(&key)?, 0.5)?;
        Some(Site::new_setting(key, value))
    })
}

/// Reads without which a journey goes on, degraded. A journey without its writes would be another one.
pub(super) fn soft_need(site: &Site<'_>) -> Vec<Lever> {
    let journeys = &site.topology.journeys;
    let of = |(index, journey): (usize, &Journey)| {
        let at = element("journeys", &journey.name, index, journeys.iter().map(|journey| &journey.name));
        let hard = |(number, need): (usize, &Need)| match need.access() {
            Some((Access::Read, store)) if !need.soft => Some((number, store)),
            _ => None,
        };
        let needs = journey.needs.iter().enumerate().filter_map(hard);
        let lever = |(number, store): (usize, StoreId)| {
            let change = site.change(format!("{at}.needs.{number}.soft"), "true", "false");
            let title = format!("let {} go on without reading {}", journey.name, stores::name(site, store));
            Lever::new(Kind::SoftNeed, title, vec![change])
        };
        needs.map(lever).collect::<Vec<_>>()
    };
    journeys.iter().enumerate().flat_map(of).collect()
}
