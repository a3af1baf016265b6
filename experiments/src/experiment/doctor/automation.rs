//! Runbooks that cannot run when they are needed, and steps that cannot act.

use models::control_planes::Seats;
use models::deployment::Region;
use models::faults::Kind;
use models::runbooks::{Action, Means, Step};
use models::world::World;

use super::faults::name;
use super::place::At;
use super::{Check, Examined, Told};
use crate::experiment::words;

pub(super) const CHECKS: &[Check] = &[
    Check { kind: "runbook-dies-with-region", look: hosted_where_the_fault_strikes },
    Check { kind: "runbook-without-lambda", look: hosted_where_lambda_fails },
    Check { kind: "step-without-its-plane", look: without_its_plane },
];

/// The path of a runbook.
fn runbook(index: usize) -> At {
    At::top("runbooks").element(index)
}

fn hosted_where_the_fault_strikes(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (region, fault_index, fault) in examined.struck_alone() {
        let place = examined.region(region);
        let until = if fault.duration.is_none() { "it never runs" } else { "it waits for its end" };
        for (index, runbook) in examined.topology.runbooks.iter().enumerate() {
            if runbook.hosted_in == [region] {
                let (own, fault) = (&runbook.name, name(fault_index));
                told.add(
                    &self::runbook(index).key("hosted-in"),
                    format!("runbook {own} is hosted only in {place}, which {fault} takes away: {until}"),
                    "add a region that survives to `hosted-in`",
                );
            }
        }
    }
}

/// Automation that is hosted where Lambda fails altogether.
fn hosted_where_lambda_fails(examined: &Examined<'_>, told: &mut Told<'_>) {
    for (fault_index, fault) in examined.topology.faults.iter().enumerate() {
        let Kind::LambdaImpairment { region, error: 1.0.. } = fault.kind else { continue };
        let place = examined.region(region);
        for (index, runbook) in examined.topology.runbooks.iter().enumerate() {
            if runbook.hosted_in == [region] {
                let (own, fault) = (&runbook.name, name(fault_index));
                told.add(
                    &self::runbook(index).key("hosted-in"),
                    format!("runbook {own} is hosted only in {place}, where {fault} stops Lambda: it waits meanwhile"),
                    "add a region that survives to `hosted-in`",
                );
            }
        }
    }
}

/// Actions whose control plane or data plane does not answer while a fault lasts.
fn without_its_plane(examined: &Examined<'_>, told: &mut Told<'_>) {
    let topology = examined.topology;
    let names = topology.region_names();
    let zones: Vec<usize> = topology.regions.iter().map(Region::zones).collect();
    for (fault_index, fault) in topology.faults.iter().enumerate() {
        let mut world = World::new(&zones, &vec![vec![0.0; names.len()]; names.len()]);
        match fault.kind {
            Kind::RegionOutage { region, .. } => world.set_out(region, true),
            Kind::ControlPlaneOutage { region } => world.set_control_out(region, true),
            _ => continue,
        };
        for (index, runbook) in topology.runbooks.iter().enumerate() {
            let stopped = |(_, step): &(usize, &Step)| !Seats::new(Some(&step.action), &names).answer(&world);
            for (number, step) in runbook.steps.iter().enumerate().filter(stopped) {
                let (own, what) = (&runbook.name, words::action(&step.action, topology));
                let plane = words::plane(&step.action, topology).unwrap_or_default();
                let fault = name(fault_index);
                let instead = if matches!(step.action, Action::Shift { means: Means::RecordEdit, .. }) {
                    "use `shift = \"arc\"`: a routing control needs no control plane"
                } else {
                    "choose a region whose control plane survives"
                };
                told.add(
                    &self::runbook(index).key("steps").element(number),
                    format!("runbook {own} needs {plane}, which {fault} takes away, to {what}"),
                    instead,
                );
            }
        }
    }
}
