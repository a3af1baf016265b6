//! Runbooks in words: when they start, where they run, and what their steps do.

use std::ops::Range;

use models::control_planes::{Plane, Seat};
use models::deployment::Topology;
use models::fronts::route53::zone::Watched;
use models::ids::{RecordId, RegionId};
use models::ramp::Ramp;
use models::runbooks::{self, Action, Block, Crowd, Due, Means, Step, Trigger};
use models::stores::Promotion;
use models::zones::zone_letter;

use super::{at, delay, instances, lasts, people, software};
use crate::units::{chosen_percent, number, whole};

/// When a runbook starts, where it runs and what it does, in words.
pub(super) fn runbook(runbook: &runbooks::Parameters, topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    let trigger = |trigger: &Trigger| match trigger {
        Trigger::Alarm(alarm) => format!("on alarm {}", topology.alarm(*alarm).0),
        Trigger::HealthCheck(Watched::Endpoint(place)) => {
            format!("when {} turns unhealthy", topology.place_name(*place))
        }
        Trigger::HealthCheck(Watched::Check(check)) => {
            format!("when health check {} turns unhealthy", topology.zone.checks[*check].name)
        }
        Trigger::Operator { delay: time, .. } => format!("when an operator notices, after {}", people(time)),
        Trigger::At(Due::After(time)) => format!("as planned at {}", delay(time)),
        Trigger::At(Due::Weekly(time)) => format!("as planned every {time}"),
    };
    let all = |all: &Vec<Trigger>| all.iter().map(trigger).collect::<Vec<_>>().join(" and ");
    let on = runbook.on.0.iter().map(all).collect::<Vec<_>>().join(", or ");
    let words = |step: usize| step_words(&runbook.steps[step], topology);
    let branch = |steps: &Range<usize>| steps.clone().map(words).collect::<Vec<_>>().join(", then ");
    let block = |block: &Block| match block {
        Block::Step(step) => words(*step),
        Block::Parallel(branches) => {
            format!("side by side ({})", branches.iter().map(branch).collect::<Vec<_>>().join("; "))
        }
    };
    let steps: Vec<String> = runbook.blocks.iter().map(block).collect();
    let hosts: Vec<&str> = runbook.hosted_in.iter().map(|&place| region(place)).collect();
    format!("{on}, in {}: {}", hosts.join(" or "), steps.join(", then "))
}

/// Equal parts over time, in words.
pub(super) fn ramp_words(ramp: Ramp) -> String {
    format!("in {} parts {} apart", whole(ramp.steps), lasts(ramp.every))
}

/// A runbook's step with what may go wrong, in words.
fn step_words(step: &Step, topology: &Topology) -> String {
    let mut words = vec![action(&step.action, topology)];
    words.extend(step.ramp.map(ramp_words));
    words.extend(plane(&step.action, topology).map(|plane| format!("(needs {plane})")));
    if step.success < 1.0 {
        let again = if step.retries == 0 {
            "not tried again".to_owned()
        } else {
            format!("tried up to {} times", step.retries + 1)
        };
        words.push(format!("(fails {} %, {again})", chosen_percent(1.0 - step.success)));
    }
    if let Some(wrong) = &step.wrong {
        let done = wrong.action.as_ref().map_or("something else".to_owned(), |done| action(done, topology));
        let (often, noticed) = (chosen_percent(wrong.probability), delay(&wrong.noticed));
        words.push(format!("(or, {often} %, by mistake {done}, noticed after {noticed})"));
    }
    words.join(" ")
}

/// The control plane or data plane that a runbook's step needs, in words.
pub(in crate::experiment) fn plane(action: &Action, topology: &Topology) -> Option<String> {
    let plane = Plane::of(action, topology.dns.editing, |store| topology.stores[store].parameters.control_plane())?;
    // A place of one's own has no control plane: it is up, or it is not.
    if let Seat::Region(region) = plane.seat
        && !topology.regions[region].place.is_aws()
    {
        return None;
    }
    Some(plane.words(|region| topology.regions[region].name.as_str()))
}

/// Whose requests, in words.
fn crowd(whom: Crowd, topology: &Topology) -> String {
    match whom {
        Crowd::Population(id) => format!("the requests of {}", topology.clients[id].name),
        Crowd::Journey(id) => format!("the requests for {}", topology.journeys[id].name),
    }
}

/// The record that a step is about, if it is about one.
fn of_record(record: Option<RecordId>, topology: &Topology) -> String {
    record.map(|record| format!(" of {}", topology.zone.records[record].name)).unwrap_or_default()
}

/// What a runbook's step does, in words.
pub(in crate::experiment) fn action(action: &Action, topology: &Topology) -> String {
    let region = |region: RegionId| topology.regions[region].name.as_str();
    match action {
        Action::Approve(time) => format!("people approve ({})", people(time)),
        Action::Wait(time) => format!("wait {}", delay(time)),
        Action::Promote { how, store, to } => {
            let verb = match how {
                Promotion::Failover => "promote",
                Promotion::Detach => "detach",
                Promotion::SwitchOver => "switch over",
            };
            format!("{verb} {} in {}", topology.stores[*store].name, region(*to))
        }
        Action::Repoint { store } => format!("repoint the applications of {}", topology.stores[*store].name),
        Action::Shift { means, to, share, record } => {
            let what = match means {
                Means::RecordEdit if topology.zone.written => "edit records",
                Means::RecordEdit => "edit the record",
                Means::RoutingControl => "flip routing controls",
                Means::TrafficDial => "turn the traffic dials",
                Means::AccessPoint => "turn the access point",
            };
            let part = if *share < 1.0 { format!(" for {} %", chosen_percent(*share)) } else { String::new() };
            format!("{what}{} to {}{part}", of_record(*record, topology), region(*to))
        }
        Action::Readmit { region: place, record } => {
            let into = record.map(|record| format!(" into {}", topology.zone.records[record].name));
            format!("let {} back{}", region(*place), into.unwrap_or_default())
        }
        Action::Restore { store, to } => {
            format!("restore {} from its backup in {}", topology.stores[*store].name, region(*to))
        }
        Action::Scale { desired, to, service } => {
            format!("scale {} to {}", at(*service, region(*to), topology), instances(*desired))
        }
        Action::ScaleStore { store, to, factor } => {
            let (store, times) = (&topology.stores[*store].name, number(*factor));
            format!("scale {store} in {} to {times} times its capacity", region(*to))
        }
        Action::Shed { whom, share } => {
            format!("refuse {} % of {} at the edge", chosen_percent(*share), crowd(*whom, topology))
        }
        Action::Admit { whom } => format!("let {} in again", crowd(*whom, topology)),
        Action::Rollback { service } => format!("roll {} back", software(*service, topology)),
        Action::ZonalShift { zone, to } => format!("shift zone {} of {} away", zone_letter(*zone), region(*to)),
    }
}
