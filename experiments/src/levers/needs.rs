//! Needs: what requests can do without, what callers keep, and where calls go.

use models::ids::{RegionId, ServiceId};
use models::needs::{Access, Asks, Need, To};
use models::services::{Service, Sort};

use super::site::Site;
use super::step::quoted;
use super::{Kind, Lever};
use crate::file::key_text;

/// For how long callers keep what they got, where they keep it.
const KEPT: &str = "\"1h\"";

/// What a need asks for in words, unless it is a write: a request without its writes would be another one.
fn asked(site: &Site<'_>, need: &Need) -> Option<String> {
    let topology = site.topology;
    match need.asks {
        Asks::Store { access: Access::Write, .. } => None,
        Asks::Store { access: Access::Read, store } => Some(format!("reading {}", topology.stores[store].name)),
        Asks::Service(call) if writes(site, call.service) => None,
        Asks::Service(call) => Some(format!("calling {}", topology.graph.services[call.service].name)),
    }
}

/// Whether a service, or one that it calls, writes anything.
fn writes(site: &Site<'_>, service: ServiceId) -> bool {
    site.topology.graph.services[service].needs.iter().any(|need| match need.asks {
        Asks::Store { access, .. } => access == Access::Write,
        Asks::Service(call) => writes(site, call.service),
    })
}

/// Reads and calls without which requests go on, degraded.
pub(super) fn soft(site: &Site<'_>) -> Vec<Lever> {
    let one = |(path, owner, need): (String, &str, &Need)| {
        let what = asked(site, need).filter(|_| !need.soft)?;
        let change = site.change(format!("{path}.soft"), "true", "false");
        Some(Lever::new(Kind::SoftNeed, format!("let {owner} go on without {what}"), vec![change]))
    };
    site.needs().into_iter().filter_map(one).collect()
}

/// Reads and calls whose values callers keep for some minutes.
pub(super) fn cached(site: &Site<'_>) -> Vec<Lever> {
    let one = |(path, owner, need): (String, &str, &Need)| {
        let what = asked(site, need).filter(|_| need.kept.values.is_none())?;
        let change = Site::new_setting(format!("{path}.cached-for"), KEPT);
        Some(Lever::new(Kind::CachedFor, format!("let {owner} keep what it gets by {what} for 1h"), vec![change]))
    };
    site.needs().into_iter().filter_map(one).collect()
}

/// Calls of the nearest region that is seen to answer, where they stay in their own.
pub(super) fn nearest(site: &Site<'_>) -> Vec<Lever> {
    let one = |(path, owner, need): (String, &str, &Need)| {
        let call = need.call().filter(|call| call.to == To::Local)?;
        let service = &site.topology.graph.services[call.service];
        let elsewhere = service.sort != Sort::External && service.regions.len() > 1;
        let change = site.change(format!("{path}.to"), "\"nearest\"", "\"local\"");
        let title = format!("let {owner} call {} where it is seen to answer", service.name);
        elsewhere.then(|| Lever::new(Kind::CallNearest, title, vec![change]))
    };
    site.needs().into_iter().filter_map(one).collect()
}

/// Calls that are tried three times.
pub(super) fn attempts(site: &Site<'_>) -> Vec<Lever> {
    let one = |(path, owner, need): (String, &str, &Need)| {
        let call = need.call().filter(|call| call.attempts == 1)?;
        let name = &site.topology.graph.services[call.service].name;
        let change = site.change(format!("{path}.attempts"), "3", "1");
        Some(Lever::new(Kind::CallAttempts, format!("let {owner} call {name} up to three times"), vec![change]))
    };
    site.needs().into_iter().filter_map(one).collect()
}

/// A service in every region that serves, asked in one's own, where it runs in some of them only.
pub(super) fn every_region(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let serving: Vec<RegionId> = RegionId::all(topology.endpoints).collect();
    let called = topology.graph.called.iter().map(|&id| (id, &topology.graph.services[id]));
    let partial = called.filter(|(_, service)| {
        service.sort != Sort::External && serving.iter().any(|region| !service.regions.contains(region))
    });
    let one = |(id, service): (ServiceId, &Service)| {
        let others = serving.iter().filter(|region| !service.regions.contains(region));
        let names = service.regions.iter().chain(others).map(|&region| quoted(site.region(region)));
        let names = format!("[{}]", names.collect::<Vec<_>>().join(", "));
        let mut changes = vec![Site::new_setting(format!("services.{}.regions", key_text(&service.name)), names)];
        for (path, _, need) in site.needs() {
            if need.call().is_some_and(|call| call.service == id && matches!(call.to, To::Region(_))) {
                changes.push(Site::new_setting(format!("{path}.to"), "\"local\""));
            }
        }
        Lever::new(Kind::EveryRegion, format!("run {} in every region, and ask it there", service.name), changes)
    };
    partial.map(one).collect()
}
