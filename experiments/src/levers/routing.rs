//! Routing: how clients are led to regions, and for how long they keep what they were told.

use models::fronts::route53::Policy;
use models::fronts::route53::zone::{Choice, Name, Record};
use models::runbooks::{Action, Means};
use sim_core::time::SimDuration;

use super::site::Site;
use super::step::{quoted, text};
use super::{Kind, Lever, people};
use crate::file::key_text;

/// TTLs that people choose, from the longest on.
const TTLS: [u64; 3] = [60, 30, 10];

/// The next shorter TTL than this one.
fn shorter(now: SimDuration) -> Option<SimDuration> {
    TTLS.map(SimDuration::from_secs).into_iter().find(|ttl| *ttl < now)
}

/// The next shorter TTL, of each name that the file writes out. An alias has that of the load balancer.
pub(super) fn ttl(site: &Site<'_>) -> Vec<Lever> {
    let change =
        |key: String, now: SimDuration, ttl: SimDuration| site.change(key, quoted(&text(ttl)), &quoted(&text(now)));
    if let Some(zone) = site.written_zone() {
        let one = |name: &Name| {
            let ttl = shorter(name.ttl).filter(|_| !name.name.is_empty())?;
            let change = change(format!("names.{}.ttl", key_text(&name.name)), name.ttl, ttl);
            Some(Lever::new(Kind::DnsTtl, format!("a TTL of {} for {}", text(ttl), name.name), vec![change]))
        };
        return zone.names.iter().filter_map(one).collect();
    }
    let alias = site.written("dns.alias").as_deref() == Some("true");
    let now = site.topology.dns.ttl;
    let lever = |ttl: SimDuration| {
        let change = change("dns.ttl".to_owned(), now, ttl);
        Lever::new(Kind::DnsTtl, format!("a TTL of {}", text(ttl)), vec![change])
    };
    if alias || !site.led_by_dns() { Vec::new() } else { shorter(now).map(lever).into_iter().collect() }
}

/// Failback by hand where it is automatic, and the other way round.
pub(super) fn failback(site: &Site<'_>) -> Vec<Lever> {
    let lever = |manual: bool, keys: Vec<String>| {
        let (value, title) = if manual {
            ("automatic", "let traffic return by itself")
        } else {
            ("manual", "let traffic return by hand only")
        };
        let change = |key: String| site.change(key, quoted(value), &quoted("automatic"));
        Lever::new(Kind::Failback, title, keys.into_iter().map(change).collect())
    };
    if let Some(zone) = site.written_zone() {
        // Somebody else has to answer while one does not.
        let turns = |record: &&Record| {
            let seen = record.answers.iter().any(|answer| !answer.guards.is_empty() || answer.evaluates);
            seen && record.answers.len() > 1 && record.choice != Choice::Simple && !record.name.is_empty()
        };
        let of = |manual: bool| {
            let records = zone.records.iter().filter(turns).filter(|record| record.manual_failback == manual);
            let keys: Vec<String> =
                records.map(|record| format!("records.{}.failback", key_text(&record.name))).collect();
            (!keys.is_empty()).then(|| lever(manual, keys))
        };
        return [false, true].into_iter().filter_map(of).collect();
    }
    let dns = &site.topology.dns;
    let checked = dns.checks.iter().any(Option::is_some) && !matches!(dns.policy, Policy::Simple { .. });
    if !site.led_by_dns() || !checked {
        return Vec::new();
    }
    vec![lever(dns.manual_failback, vec!["dns.failback".to_owned()])]
}

/// An accelerator, which has no resolvers in the way, where every region serves whoever is nearest.
pub(super) fn accelerator(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let edge = &topology.edge;
    let nearest = matches!(topology.dns.policy, Policy::Ranked { .. } | Policy::Multivalue);
    let readmits = |action: &Action| matches!(action, Action::Readmit { .. });
    let steps = || topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let by_hand = steps().any(|step| readmits(&step.action) || step.wrong.is_some());
    if edge.accelerator.is_some() || edge.cloud_front.is_some() || !nearest || by_hand || topology.endpoints < 2 {
        return Vec::new();
    }
    let mut changes = vec![Site::new_setting("edge", "{ kind = \"global-accelerator\" }")];
    for (index, runbook) in topology.runbooks.iter().enumerate() {
        for (step, _) in runbook.steps.iter().enumerate().filter(|(_, step)| by_dns(&step.action)) {
            let key = format!("{}.{}.shift", people::path(site, index), runbook.step_path(step));
            changes.push(Site::new_setting(key, "\"traffic-dial\""));
        }
    }
    vec![Lever::new(Kind::Accelerator, "Global Accelerator in place of DNS answers", changes)]
}

fn by_dns(action: &Action) -> bool {
    matches!(action, Action::Shift { means: Means::RecordEdit | Means::RoutingControl, .. })
}

/// The path of an edge: a table of its own, or one of two in a list.
fn edge_path(site: &Site<'_>, accelerator: bool) -> String {
    let both = site.topology.edge.accelerator.is_some() && site.topology.edge.cloud_front.is_some();
    let kind = if accelerator { "\"global-accelerator\"" } else { "\"cloudfront\"" };
    let index = (0..2).find(|index| site.written(&format!("edge.{index}.kind")).as_deref() == Some(kind));
    match index {
        Some(index) if both || site.written("edge.kind").is_none() => format!("edge.{index}"),
        _ => "edge".to_owned(),
    }
}

/// Probes of an accelerator every 10 s.
pub(super) fn accelerator_check(site: &Site<'_>) -> Vec<Lever> {
    let fast = SimDuration::from_secs(10);
    let Some(own) = site.topology.edge.accelerator.as_ref().filter(|own| own.interval > fast) else {
        return Vec::new();
    };
    let key = format!("{}.interval", edge_path(site, true));
    let change = site.change(key, "\"10s\"", &quoted(&text(own.interval)));
    vec![Lever::new(Kind::AcceleratorCheck, "probe endpoints of the accelerator every 10s", vec![change])]
}

/// One short attempt at the first origin of a group.
pub(super) fn edge_attempts(site: &Site<'_>) -> Vec<Lever> {
    let own = site.topology.edge.cloud_front.as_ref();
    let Some(_) = own.filter(|own| own.origin_group.is_some() && own.wait > SimDuration::from_secs(2)) else {
        return Vec::new();
    };
    let at = edge_path(site, false);
    let changes = vec![
        site.change(format!("{at}.attempts"), "1", "3"),
        site.change(format!("{at}.connect-timeout"), "\"2s\"", &quoted("10s")),
    ];
    vec![Lever::new(Kind::EdgeAttempts, "one attempt of 2s at the first origin", changes)]
}

/// Errors that the edge does not keep.
pub(super) fn edge_errors(site: &Site<'_>) -> Vec<Lever> {
    let own = site.topology.edge.cloud_front.as_ref();
    let Some(own) = own.filter(|own| own.error_caching > SimDuration::ZERO) else { return Vec::new() };
    let key = format!("{}.error-caching", edge_path(site, false));
    let change = site.change(key, "\"0s\"", &quoted(&text(own.error_caching)));
    vec![Lever::new(Kind::EdgeErrors, "keep no errors at the edge", vec![change])]
}
