//! Health checks: of endpoints by DNS, and of targets by load balancers.

use models::fronts::route53::zone::{Probing, Sight};
use models::fronts::route53::{Check, Look, Policy};
use sim_core::time::SimDuration;

use super::site::Site;
use super::step::{quoted, text};
use super::{Change, Kind, Lever};
use crate::file::key_text;

/// Checks that lead traffic or start something.
fn checks<'a>(site: &Site<'a>) -> impl Iterator<Item = &'a Check> {
    site.topology.dns.checks.iter().flatten()
}

/// A key of the common check, and of every region that has its own.
fn everywhere(site: &Site<'_>, key: &str, value: &str, now: &str) -> Vec<Change> {
    let common = (site.written("dns.health-check").as_deref() != Some("false"))
        .then(|| site.change(format!("dns.health-check.{key}"), value, now));
    let own = site.serving().filter_map(|(_, region)| {
        let key = format!("regions.{}.dns.health-check.{key}", region.name);
        site.written(&key).map(|_| Site::new_setting(key, value))
    });
    common.into_iter().chain(own).collect()
}

/// The checks that the file writes out by name and that probe an endpoint, with the path of each.
fn named<'a>(site: &Site<'a>) -> impl Iterator<Item = (String, &'a Probing)> {
    let all =
        site.written_zone().into_iter().flat_map(|zone| zone.checks.iter()).filter(|check| !check.name.is_empty());
    all.filter_map(|check| match &check.sight {
        Sight::Probes(probing) => Some((format!("health-checks.{}", key_text(&check.name)), probing)),
        Sight::Alarm { .. } | Sight::Calculated { .. } => None,
    })
}

/// The fast interval: Route 53 has 30 s and 10 s.
pub(super) fn interval(site: &Site<'_>) -> Vec<Lever> {
    let fast = SimDuration::from_secs(10);
    let slow = checks(site).map(|check| check.interval).max().filter(|it| site.led_by_dns() && *it > fast);
    let mut changes = slow.map(|now| everywhere(site, "interval", "\"10s\"", &quoted(&text(now)))).unwrap_or_default();
    let named = named(site).filter(|(_, probing)| probing.interval > fast);
    changes.extend(
        named.map(|(path, probing)| {
            site.change(format!("{path}.interval"), "\"10s\"", &quoted(&text(probing.interval)))
        }),
    );
    let lever = || Lever::new(Kind::CheckInterval, "check endpoints every 10s", changes.clone());
    (!changes.is_empty()).then(lever).into_iter().collect()
}

/// One failure less until a checker turns.
pub(super) fn threshold(site: &Site<'_>) -> Vec<Lever> {
    let most = checks(site).map(|check| check.threshold).max().filter(|most| site.led_by_dns() && *most > 1);
    let fewer = |now: u32| (now - 1).to_string();
    let mut changes =
        most.map(|now| everywhere(site, "failure-threshold", &fewer(now), &now.to_string())).unwrap_or_default();
    let named = named(site).filter(|(_, probing)| probing.threshold > 1);
    changes.extend(named.map(|(path, Probing { threshold, .. })| {
        site.change(format!("{path}.failure-threshold"), fewer(*threshold), &threshold.to_string())
    }));
    let Some(first) = changes.first().map(|change| change.value.clone()) else { return Vec::new() };
    let failures = match first.as_str() {
        _ if changes.iter().any(|change| change.value != first) => "one failure less".to_owned(),
        "1" => "1 failure".to_owned(),
        many => format!("{many} failures"),
    };
    vec![Lever::new(Kind::CheckThreshold, format!("let a check fail after {failures}"), changes)]
}

/// Whether a check looks behind the front.
fn is_deep(check: &Check) -> bool {
    check.children.iter().any(|child| matches!(child.look, Look::Deep(_)))
}

/// Shallow checks in place of deep ones, with the same interval and threshold.
pub(super) fn shallow(site: &Site<'_>) -> Vec<Lever> {
    let plain = |check: &Check| {
        format!("{{ interval = {}, failure-threshold = {} }}", quoted(&text(check.interval)), check.threshold)
    };
    let mut changes = Vec::new();
    let own = |region: &str| format!("regions.{region}.dns.health-check");
    for (region, serving) in site.serving() {
        let Some(check) = site.topology.dns.checks[region].as_ref().filter(|check| is_deep(check)) else { continue };
        let key = own(&serving.name);
        let key = if site.written(&key).is_some() { key } else { "dns.health-check".to_owned() };
        if changes.iter().all(|change: &Change| change.key != key) {
            changes.push(Site::new_setting(key, plain(check)));
        }
    }
    let lever = || Lever::new(Kind::ShallowCheck, "let health checks be shallow", changes.clone());
    (!changes.is_empty()).then(lever).into_iter().collect()
}

/// Checks where there are none and answers would follow them.
pub(super) fn new_check(site: &Site<'_>) -> Vec<Lever> {
    let dns = &site.topology.dns;
    let follows = !matches!(dns.policy, Policy::Simple { .. }) && site.topology.endpoints > 1;
    if !site.led_by_dns() || !follows || dns.checks.iter().all(Option::is_some) {
        return Vec::new();
    }
    let off = |key: &String| site.written(key).as_deref() == Some("false");
    let own = site.serving().map(|(_, region)| format!("regions.{}.dns.health-check", region.name));
    let common = dns.checks.iter().all(Option::is_none).then(|| "dns.health-check".to_owned());
    let keys: Vec<String> = own.filter(off).chain(common).collect();
    let value = "{ interval = \"10s\", failure-threshold = 3 }";
    let changes: Vec<Change> = keys.into_iter().map(|key| Site::new_setting(key, value)).collect();
    let lever = || Lever::new(Kind::NewCheck, "check the health of every endpoint", changes.clone());
    (!changes.is_empty()).then(lever).into_iter().collect()
}

/// Endpoints whose targets are all unhealthy count as unhealthy.
pub(super) fn target_health(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let balanced = topology.serving().iter().any(|region| region.load_balancer.is_some());
    let route53 = site.written("dns.provider").as_deref() != Some("\"other\"");
    if !site.led_by_dns() || !balanced || !route53 || topology.dns.evaluate_target_health {
        return Vec::new();
    }
    let change = site.change("dns.evaluate-target-health", "true", "false");
    vec![Lever::new(Kind::TargetHealth, "evaluate the health of targets in DNS", vec![change])]
}

/// Probes of targets every 10 s, and the fewest failures that AWS allows.
pub(super) fn target_check(site: &Site<'_>) -> Vec<Lever> {
    let balancers = || {
        let all = site.topology.serving().iter().filter_map(|region| region.load_balancer.as_ref());
        all.filter(|own| own.probes)
    };
    let slow = balancers().map(|own| own.interval).max().filter(|it| *it > SimDuration::from_secs(10));
    let most = balancers().map(|own| own.unhealthy_threshold).max().filter(|most| *most > 2);
    let graph = &site.topology.graph;
    let service =
        graph.entered.map_or_else(String::new, |id| format!("services.{}.", key_text(&graph.services[id].name)));
    let at = format!("{service}load-balancer.target-health-check");
    let mut changes = Vec::new();
    if let Some(now) = slow {
        changes.push(site.change(format!("{at}.interval"), "\"10s\"", &quoted(&text(now))));
        // A probe must end before the next one begins.
        let long = balancers().map(|own| own.timeout).max().filter(|it| *it >= SimDuration::from_secs(10));
        changes.extend(long.map(|now| site.change(format!("{at}.timeout"), "\"5s\"", &quoted(&text(now)))));
    }
    changes.extend(most.map(|now| site.change(format!("{at}.unhealthy-threshold"), "2", &now.to_string())));
    let lever = || Lever::new(Kind::TargetCheck, "probe targets every 10s, out after 2 failures", changes.clone());
    (!changes.is_empty()).then(lever).into_iter().collect()
}
