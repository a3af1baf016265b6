//! Alarms: how soon they fire, and alarms that are missing.

use models::cloud_watch::{Metric, Parameters as Alarm};
use models::control_planes::Editing;
use models::ids::{AlarmId, JourneyId, RegionId, StoreId};
use models::network::Partition;
use models::runbooks::{Action, Trigger};
use sim_core::time::SimDuration;

use super::site::{Site, element};
use super::step::{quoted, text};
use super::{Kind, Lever};
use crate::usage;

const MINUTE: SimDuration = SimDuration::from_secs(60);

/// The path of an alarm.
pub(super) fn path(site: &Site<'_>, index: usize) -> String {
    let all = &site.topology.alarms;
    element("alarms", &all.as_slice()[index].name, index, all.iter().map(|alarm| &alarm.name))
}

/// Alarms that start something, or that a health check looks at.
fn in_use<'a>(site: &Site<'a>) -> impl Iterator<Item = (usize, &'a Alarm)> {
    let topology = site.topology;
    let starts = |index: usize| {
        // By itself, or as a part of a composite one.
        let own = AlarmId::new(index);
        let of = |trigger: &Trigger| matches!(trigger, Trigger::Alarm(alarm) if *alarm == own);
        topology.runbooks.iter().any(|runbook| runbook.on.triggers().any(of))
            || topology.composites.iter().any(|composite| composite.rule.names(own))
    };
    let checked = |index: usize| {
        let mut checks = topology.dns.checks.iter().flatten();
        checks.any(|check| check.alarms().any(|alarm| alarm.index() == index))
    };
    topology.alarms.iter().enumerate().filter(move |(index, _)| starts(*index) || checked(*index))
}

/// Minutes where periods are longer, and ten seconds where the metric is the owner's own: clients or a canary report it.
pub(super) fn period(site: &Site<'_>) -> Vec<Lever> {
    let one = |(index, alarm): (usize, &Alarm)| {
        let own = matches!(alarm.metric, Metric::Errors { region: None, .. });
        let shorter = match alarm.period {
            period if period > MINUTE => MINUTE,
            MINUTE if own => SimDuration::from_secs(10),
            _ => return None,
        };
        let change = site.change(format!("{}.period", path(site, index)), quoted(&text(shorter)), &quoted("1m"));
        let title = format!("evaluate {} every {}", alarm.name, text(shorter));
        Some(Lever::new(Kind::AlarmPeriod, title, vec![change]))
    };
    in_use(site).filter_map(one).collect()
}

/// One datapoint less.
pub(super) fn datapoints(site: &Site<'_>) -> Vec<Lever> {
    let one = |(index, alarm): (usize, &Alarm)| {
        let (breaching, of) = alarm.datapoints;
        let fewer = breaching.checked_sub(1).filter(|fewer| *fewer > 0)?;
        let value = format!("{fewer} of {}", (of - 1).max(fewer));
        let key = format!("{}.datapoints", path(site, index));
        let change = site.change(key, quoted(&value), &quoted("1 of 1"));
        let title = format!("let {} fire after {value} datapoints", alarm.name);
        Some(Lever::new(Kind::AlarmDatapoints, title, vec![change]))
    };
    in_use(site).filter_map(one).collect()
}

/// A name that no alarm and no runbook has.
pub(super) fn free_name(site: &Site<'_>, wanted: &str) -> String {
    let topology = site.topology;
    let alarms = topology.alarms.iter().map(|alarm| &alarm.name);
    let taken: Vec<&String> = alarms.chain(topology.runbooks.iter().map(|runbook| &runbook.name)).collect();
    let names = std::iter::once(wanted.to_owned()).chain((2..).map(|number| format!("{wanted}-{number}")));
    names.into_iter().find(|name| !taken.contains(&name)).unwrap_or_else(|| wanted.to_owned())
}

/// An alarm on failed requests of a journey, as an element of `alarms`.
pub(super) fn errors_alarm(name: &str, journey: &str, host: &str) -> String {
    format!(
        "{{ name = {}, metric = {{ errors = {} }}, above = 0.05, period = \"1m\", datapoints = \"2 of 3\", hosted-in = {} }}",
        quoted(name),
        quoted(journey),
        quoted(host)
    )
}

fn runbook(name: &str, alarm: &str, host: &str, steps: &str) -> String {
    format!(
        "{{ name = {}, on = {{ alarm = {} }}, hosted-in = [{}], steps = [{steps}] }}",
        quoted(name),
        quoted(alarm),
        quoted(host)
    )
}

/// How traffic can be taken away from a region without a control plane that may be out.
fn means(site: &Site<'_>) -> Option<&'static str> {
    let topology = site.topology;
    match (&topology.edge.accelerator, topology.dns.editing) {
        (Some(_), _) => Some("traffic-dial"),
        (None, _) if topology.edge.origin_group().is_some() => None,
        (None, Editing::Route53(Partition::Commercial)) => Some("arc"),
        (None, _) => Some("record-edit"),
    }
}

/// An alarm on failed requests of a journey that no alarm watches, and a runbook that leaves the failing region.
pub(super) fn new_alarm(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let watched = |journey: JourneyId| {
        let mut metrics = topology.alarms.iter().map(|alarm| alarm.metric);
        metrics.any(|metric| matches!(metric, Metric::Errors { journey: own, .. } if own == journey))
    };
    let strikes = RegionId::all(topology.endpoints).any(|region| site.is_struck(region));
    let (Some(to), Some(means), true) = (site.refuge(None), means(site), strikes && topology.endpoints > 1) else {
        return Vec::new();
    };
    let to = site.region(to);
    let journeys = topology.journeys.pairs().filter(|(journey, own)| own.share > 0.0 && !watched(*journey));
    let one = |(_, journey): (JourneyId, &models::journeys::Journey)| {
        let alarm = free_name(site, &format!("{}-fails", journey.name));
        let name = free_name(site, &format!("leave-for-{to}-when-{}-fails", journey.name));
        let step = format!("{{ shift = \"{means}\", to = {} }}", quoted(to));
        let changes = vec![
            Site::new_setting("alarms.+", errors_alarm(&alarm, &journey.name, to)),
            Site::new_setting("runbooks.+", runbook(&name, &alarm, to, &step)),
        ];
        let title = format!("an alarm on failed {} that shifts all traffic to {to}", journey.name);
        // How traffic is shifted depends on what leads it.
        Lever::new(Kind::NewAlarm, title, changes).presuming(&["edge", "dns.provider"])
    };
    journeys.map(one).collect()
}

/// For a store with one writer that no runbook promotes: an alarm on a journey that writes to it, and a promotion.
pub(super) fn new_promotion(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let promoted = |id: StoreId| {
        let mut actions = topology.runbooks.iter().flat_map(|runbook| &runbook.steps).map(|step| &step.action);
        actions.any(|action| matches!(action, Action::Promote { store, .. } if *store == id))
    };
    let one = |(id, store): (StoreId, &models::deployment::NamedStore)| {
        let writer = store.parameters.writer().filter(|_| !promoted(id))?;
        let copies = store.parameters.regions().iter().copied();
        let to = copies.into_iter().find(|&region| region != writer && !site.is_struck(region))?;
        // What the service that is entered writes, every journey does.
        let writes = |&(own, journey): &(JourneyId, &models::journeys::Journey)| {
            let entered = topology.entered_by(own).into_iter().map(|service| &topology.graph.services[service].needs);
            entered.chain([&journey.needs]).any(|needs| usage::writes(topology, needs, id))
        };
        let (_, journey) = topology.journeys.pairs().find(writes)?;
        let to = site.region(to);
        let alarm = free_name(site, &format!("{}-fails", journey.name));
        let name = free_name(site, &format!("promote-{}", store.name));
        let step = format!("{{ promote = {}, to = {} }}", quoted(&store.name), quoted(to));
        let changes = vec![
            Site::new_setting("alarms.+", errors_alarm(&alarm, &journey.name, to)),
            Site::new_setting("runbooks.+", runbook(&name, &alarm, to, &step)),
        ];
        let title = format!("an alarm on failed {} that promotes {} in {to}", journey.name, store.name);
        Some(Lever::new(Kind::NewPromotion, title, changes))
    };
    topology.stores.pairs().filter_map(one).collect()
}
