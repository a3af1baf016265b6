//! Runbooks that cannot run when they are needed, and steps that cannot act.

use models::control_planes::Seats;
use models::deployment::{Region, Topology};
use models::faults::{Fault, Kind};
use models::ids::{FaultId, RecordId, RegionId, RunbookId};
use models::runbooks::{Action, Means, Step};
use models::services::Graph;
use models::stores::Promotion;
use models::world::World;

use super::place::{At, fault_name};
use super::routing::leads_anybody;
use super::{Check, Examined, Told};
use crate::experiment::words;

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "runbook-dies-with-region", look: hosted_where_the_fault_strikes },
    Check { kind: "runbook-without-lambda", look: hosted_where_lambda_fails },
    Check { kind: "step-without-its-plane", look: without_its_plane },
    Check { kind: "step-cannot-act", look: cannot_act },
];

/// The path of a step of a runbook.
pub(super) fn step(examined: &Examined<'_>, runbook: RunbookId, step: usize) -> At {
    let (entry, branch) = examined.topology.runbooks[runbook].place(step);
    let entry = self::runbook(runbook).key("steps").element(entry);
    match branch {
        None => entry,
        Some((branch, place)) => entry.key("parallel").element(branch).element(place),
    }
}

/// The path of a runbook.
fn runbook(runbook: RunbookId) -> At {
    At::top("runbooks").element(runbook)
}

fn hosted_where_the_fault_strikes(examined: &Examined<'_>, told: &mut Told<'_>) {
    for outage in examined.outages() {
        let for_it = examined.topology.runbooks.pairs().filter(|(id, _)| examined.is_for(*id, outage.region));
        for (index, runbook) in for_it {
            let Some(taken) = runbook.hosted_in.iter().map(|home| outage.takes(*home)).collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            let lost = |fault: &FaultId| examined.topology.faults[*fault].duration.is_none();
            let until = if taken.iter().all(lost) { "it never runs" } else { "it waits for its end" };
            let places: Vec<&str> = runbook.hosted_in.iter().map(|home| examined.region(*home)).collect();
            let mut faults: Vec<FaultId> = taken.clone();
            faults.sort_unstable();
            faults.dedup();
            let take = if faults.len() == 1 { "takes" } else { "take" };
            let faults: Vec<String> = faults.into_iter().map(fault_name).collect();
            let (own, places, faults) = (&runbook.name, places.join(" and "), faults.join(" and "));
            told.add(
                &self::runbook(index).key("hosted-in"),
                format!("runbook {own} is hosted only in {places}, which {faults} {take} away: {until}"),
                "add a region that survives to `hosted-in`",
            );
        }
    }
}

/// Automation in a region where Lambda fails altogether.
fn hosted_where_lambda_fails(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (fault_index, fault) in examined.topology.faults.pairs() {
        let Kind::LambdaImpairment { region, error: 1.0.. } = fault.kind else { continue };
        let place = examined.region(region);
        for (index, runbook) in examined.topology.runbooks.pairs() {
            if runbook.hosted_in == [region] {
                let (own, fault) = (&runbook.name, fault_name(fault_index));
                told.add(
                    &self::runbook(index).key("hosted-in"),
                    format!("runbook {own} is hosted only in {place}, where {fault} stops Lambda: it waits meanwhile"),
                    "add a region that survives to `hosted-in`",
                );
            }
        }
    }
}

/// Actions whose control plane or data plane does not answer during a fault.
fn without_its_plane(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let names = topology.region_names();
    let zones: Vec<usize> = topology.regions.iter().map(Region::zones).collect();
    let outages = examined.outages();
    for (fault_index, fault) in topology.faults.pairs() {
        let mut world = World::new(&zones, &vec![vec![0.0; names.len()]; names.len()]);
        let outage = outages.iter().find(|outage| outage.fault == fault_index);
        match (fault.kind.clone(), outage) {
            (_, Some(outage)) => outage.out.iter().for_each(|(region, _)| {
                world.set_out(*region, true);
            }),
            (Kind::ControlPlaneOutage { region }, None) => {
                world.set_control_out(region, true);
            }
            _ => continue,
        }
        let concerned = |id: RunbookId| outage.is_none_or(|outage| examined.is_for(id, outage.region));
        for (index, runbook) in topology.runbooks.pairs().filter(|(id, _)| concerned(*id)) {
            // People return to a region when it is back: a step that needs what is there waits as long as they do.
            let returns = |step: &Step| match (&step.action, &fault.kind) {
                (Action::Promote { to, how: Promotion::SwitchOver, .. }, Kind::RegionOutage { region, .. }) => {
                    to == region && fault.duration.is_some()
                }
                _ => false,
            };
            let stopped = |(_, step): &(usize, &Step)| {
                !returns(step) && !Seats::new(Some(&step.action), topology.dns.editing, &names).answer(&world)
            };
            for (number, step) in runbook.steps.iter().enumerate().filter(stopped) {
                let (own, what) = (&runbook.name, words::action(&step.action, topology));
                let plane = words::plane(&step.action, topology).unwrap_or_default();
                let fault = fault_name(fault_index);
                let instead = match step.action {
                    Action::Shift { means: Means::RecordEdit, to, .. } => lead_without_an_edit(topology, to),
                    _ => "choose a region whose control plane survives",
                };
                told.add(
                    &self::step(examined, index, number),
                    format!("runbook {own} needs {plane}, which {fault} takes away, to {what}"),
                    instead,
                );
            }
        }
    }
}

/// What leads to a region while nobody can edit records.
fn lead_without_an_edit(topology: &Topology, to: RegionId) -> &'static str {
    match (topology.dns.editing.has_routing_controls(), leads_anybody(topology, to)) {
        (true, true) => "use `shift = \"arc\"`: a routing control needs no control plane",
        (true, false) => {
            "give `[dns]` a policy with a second answer, which health checks and routing controls can lead to"
        }
        (false, true) => "let health checks of the other answers lead there: they need no control plane",
        (false, false) => "give `[dns]` a policy with a second answer, which health checks can lead to",
    }
}

/// Steps that never change anything.
fn cannot_act(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (index, runbook) in examined.topology.runbooks.pairs() {
        for (number, step) in runbook.steps.iter().enumerate() {
            if let Some((reason, instead)) = idle(step, examined) {
                let (own, what) = (&runbook.name, words::action(&step.action, examined.topology));
                told.add(
                    &self::step(examined, index, number),
                    format!("runbook {own} does nothing by this step ({what}): {reason}"),
                    instead,
                );
            }
        }
    }
}

/// Why a step changes nothing, and advice, if that is certain.
fn idle(step: &Step, examined: &Examined<'_>) -> Option<(String, &'static str)> {
    let topology = examined.topology;
    let steps = || topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    // A region that is lost for good, and the fault that takes it.
    let gone = |region: RegionId| {
        let mut outages = examined.struck_alone();
        outages
            .find(|(place, _, fault)| *place == region && fault.duration.is_none())
            .map(|(_, fault, _)| fault_name(fault))
    };
    if step.success == 0.0 {
        return Some(("`success = 0` fails every attempt".to_owned(), "give it a chance above 0"));
    }
    match step.action {
        Action::Promote { store, to, how } => {
            let parameters = &topology.stores[store].parameters;
            // Shards have writers of their own.
            let writer = parameters.writer().filter(|_| parameters.shards() < 2)?;
            let moves = |step: &Step, from: RegionId| match step.action {
                Action::Promote { store: other, to, .. } => other == store && to != from,
                _ => false,
            };
            if writer == to && !steps().any(|step| moves(step, to)) {
                let place = examined.region(to);
                return Some((format!("its writer is in {place} already"), "name the region of another copy"));
            }
            let told = |step: &Step| matches!(step.action, Action::Repoint { store: other } if other == store);
            if how == Promotion::Detach && parameters.detaches() && !steps().any(told) {
                let reason = "no name leads to a detached copy, and no step tells the applications".to_owned();
                return Some((reason, "write a step `repoint` after it"));
            }
            let fails_over = |step: &Step| match step.action {
                Action::Promote { store: other, how, .. } => other == store && how != Promotion::SwitchOver,
                _ => false,
            };
            let fault = gone(writer).filter(|_| how == Promotion::SwitchOver && !steps().any(fails_over))?;
            let reason = format!("a switch-over waits for its writer, which {fault} takes away for good");
            Some((reason, "write `promote` instead of `switch-over`"))
        }
        Action::Repoint { store } => {
            let detaches = |step: &Step| match step.action {
                Action::Promote { store: other, how, .. } => other == store && how == Promotion::Detach,
                _ => false,
            };
            let reason = || format!("no step detaches a copy of {}", topology.stores[store].name);
            (!steps().any(detaches)).then(|| (reason(), "write a step `detach` before it, or leave it out"))
        }
        Action::Restore { store, to } => {
            let (place, fault) = (examined.region(to), gone(to)?);
            let name = &topology.stores[store].name;
            Some((
                format!("{fault} takes {place} away for good, with the backups of {name} there"),
                "restore it to a region of `copy-to`",
            ))
        }
        Action::Shift { to, .. } => {
            let (place, fault) = (examined.region(to), gone(to)?);
            Some((format!("{fault} takes {place} away for good"), "shift to a region that survives"))
        }
        Action::Readmit { region, record } => {
            let zone = &topology.zone;
            let leads = zone.leading_to(region);
            let place = examined.region(region);
            let meant = |id: &RecordId| record.is_none_or(|only| only == *id) && leads[*id];
            let off = |step: &Step, id: RecordId| match step.action {
                Action::Shift { means: Means::RoutingControl | Means::RecordEdit, to, record, .. } => {
                    to != region && record.is_none_or(|only| only == id)
                }
                _ => false,
            };
            let kept_out = |id: RecordId| zone.records[id].manual_failback || steps().any(|step| off(step, id));
            let mut records = zone.records.ids().filter(meant).peekable();
            if records.peek().is_none() {
                let reason = match record {
                    Some(id) => format!("{} does not lead to {place}", zone.records[id].name),
                    None => format!("no record leads to {place}"),
                };
                return Some((reason, "name a record that does, or leave it out"));
            }
            let reason = || {
                format!("nothing keeps {place} out of {}", record.map_or("DNS", |id| zone.records[id].name.as_str()))
            };
            let expected = if zone.written {
                "write `failback = \"manual\"` in a record, or leave it out"
            } else {
                "write `failback = \"manual\"` under `[dns]`, or leave it out"
            };
            (!records.any(kept_out)).then(|| (reason(), expected))
        }
        Action::Scale { desired, to, service } => {
            let cell = service.map_or(Some(Graph::front(to)), |service| topology.graph.cell(service, to))?;
            let compute = topology.compute(cell)?;
            let fleet = compute.fleet()?;
            let scheduled = compute.group().is_some_and(|group| !group.scheduled.is_empty());
            let others = |step: &Step| {
                matches!(step.action, Action::Scale { desired: size, to: other, service: own }
                    if (other, own) == (to, service) && size != desired)
            };
            let fixed = !fleet.scales && !scheduled && !steps().any(others);
            let reason = format!("{} has {desired} {} from the start", examined.region(to), compute.noun());
            (fixed && fleet.desired == desired).then_some((reason, "name a larger number"))
        }
        Action::Admit { whom } => {
            let refuses = |step: &Step| matches!(step.action, Action::Shed { whom: other, .. } if other == whom);
            let reason = "no step refuses these requests".to_owned();
            (!steps().any(refuses)).then_some((reason, "write a step `shed` before it, or leave it out"))
        }
        Action::Rollback { service } => {
            let bad = |fault: &Fault| matches!(&fault.kind, Kind::BadDeploy(deploy) if deploy.service == service);
            let reason = || format!("no fault is a bad deployment of {}", words::software(service, topology));
            let none = !topology.faults.iter().any(bad);
            none.then(|| (reason(), "write a fault of the kind `bad-deploy`, or leave it out"))
        }
        Action::Approve(_)
        | Action::Wait(_)
        | Action::ScaleStore { .. }
        | Action::Shed { .. }
        | Action::ZonalShift { .. } => None,
    }
}
