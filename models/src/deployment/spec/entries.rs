//! What must hold of endpoints and of the health that alarms and runbooks watch.

use sim_settings::{Node, Section, child_path};

use super::checks::{Mistake, Parts};
use crate::cloud_watch;
use crate::fronts::edge::Edge;
use crate::fronts::route53::zone::{Watched, Zone};
use crate::ids::{AlarmId, CheckId, NameId, PlaceId, RegionId, ServiceId};
use crate::journeys::Journey;
use crate::services::Graph;

impl Parts<'_> {
    /// Why nothing says whether what is watched is healthy, if nothing does.
    pub(super) fn unwatched(&self, watched: Watched) -> Option<Mistake> {
        let place = watched.endpoint()?;
        let region = RegionId::new(place.index());
        let guards = self.zone.is_some_and(|zone| zone.guards.iter().any(|guard| guard.places.contains(&place)));
        if let Some(accelerator) = &self.edge.accelerator {
            let found = "the health of an endpoint to which the accelerator does not lead";
            let expected = "one that it leads to: it asks for the health of those alone";
            return accelerator.member(place).is_none().then(|| Mistake::new("", found, expected));
        }
        if guards || self.dns.watches(region) {
            return None;
        }
        if self.zone.is_some() {
            let found = "the health of an endpoint to which no answer with a check or target health leads";
            let expected = "a check of [health-checks], or an endpoint that an answer with a `health-check` leads to";
            return Some(Mistake::new("", found, expected));
        }
        Some(match self.regions.get(region) {
            Some(region) if self.edge.origin_group().is_none() => {
                let found = format!("the health check of {}, which has none", region.name);
                Mistake::new(
                    "",
                    found,
                    format!("an endpoint with a check: `health-check` of `dns` or of {}", region.name),
                )
            }
            _ => Mistake::new("", "a health check without `dns`", "`[dns]`: an origin group asks for nobody's health"),
        })
    }
}

/// What an alarm watches must be there.
pub(super) fn check_watched(
    section: &Section<'_>,
    alarm: &cloud_watch::Parameters,
    all: &[cloud_watch::Parameters],
    parts: Parts<'_>,
) {
    if goes_by_itself(alarm, all, parts) {
        let found = format!("{}, whose metric is a check that goes by {0} itself", alarm.name);
        section.reject("metric", found, "a check that goes by something else", None);
    }
    if let cloud_watch::Metric::HealthCheck(watched) = alarm.metric
        && let Some(Mistake { found, expected, .. }) = parts.unwatched(watched)
    {
        section.reject("metric", found, expected, None);
    }
}

/// Whether the check that an alarm watches goes by the alarm, itself or through others.
fn goes_by_itself(alarm: &cloud_watch::Parameters, all: &[cloud_watch::Parameters], parts: Parts<'_>) -> bool {
    let Some(zone) = parts.zone else { return false };
    let check = |alarm: &cloud_watch::Parameters| match alarm.metric {
        cloud_watch::Metric::HealthCheck(Watched::Check(check)) => Some(check),
        _ => None,
    };
    let mut known: Vec<AlarmId> = Vec::new();
    let mut waiting: Vec<CheckId> = check(alarm).into_iter().collect();
    while let Some(next) = waiting.pop().filter(|next| zone.checks.get(*next).is_some()) {
        for id in zone.alarms_of(next) {
            if !known.contains(&id) {
                known.push(id);
                waiting.extend(all.get(id.index()).and_then(check));
            }
        }
    }
    known.iter().filter_map(|id| all.get(id.index())).any(|own| own.entry == alarm.entry)
}

/// A name, or a group of origins, must lead to the services that its journeys enter, and to no others.
pub(super) fn check_entries(
    root: &Section<'_>,
    journeys: &[Journey],
    graph: &Graph,
    (zone, edge): (Option<&Zone>, &Edge),
) {
    if graph.entered_too.is_empty() {
        return;
    }
    for (index, journey) in journeys.iter().enumerate() {
        let Some(enters) = journey.enters else { continue };
        let name = journey.at.unwrap_or(NameId::new(0));
        let (who, places) = match (edge.led_to(), zone) {
            (Some(led_to), _) => led_to,
            (None, Some(zone)) if zone.names.get(name).is_some() => {
                (zone.names[name].name.as_str(), zone.endpoints_of(name))
            }
            (None, _) => continue,
        };
        let of = |place: PlaceId| graph.entered_at(place).filter(|service| *service != enters);
        if let Some(other) = places.into_iter().find_map(of) {
            let service = |id: ServiceId| &graph.services[id].name;
            let found = format!("{}, while {who} leads to {}", service(enters), service(other));
            let expected = "the service that its name leads to, a name of its own, or no such key: it enters what answers \
                            lead to";
            root.reject_in(("journeys", index), "enters", found, expected);
        }
    }
}

/// A name that services call through must lead to the service that is called, and to no other.
pub(super) fn check_names_called(
    root: &Section<'_>,
    journeys: &[Journey],
    graph: &Graph,
    (zone, names): (Option<&Zone>, &[String]),
) {
    let Some(zone) = zone else { return };
    let mut told: Vec<NameId> = Vec::new();
    for (name, called) in graph.names_called(journeys).filter(|(name, _)| zone.names.get(*name).is_some()) {
        let leads = zone.endpoints_of(name);
        let other = leads.iter().find_map(|&place| graph.entered_at(place).filter(|service| *service != called));
        let service = |id: ServiceId| graph.services[id].name.as_str();
        let instead = match other {
            Some(other) => service(other),
            None if leads.is_empty() => "no endpoint",
            None => continue,
        };
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        let written = root.written_node("names").map_or(&[][..], Node::entries);
        let Some(entry) = written.iter().find(|entry| entry.key == names[name.index()]) else { continue };
        let called = service(called);
        let expected =
            format!("a record with endpoints of {called}, which is called through it; it leads to {instead}");
        root.reject_name(entry, child_path("names", &entry.key), expected, &[]);
    }
}
