//! Automation: where it lives, and what it needs to act.

use models::cloud_watch::Metric;
use models::control_planes::Editing;
use models::ids::{AlarmId, RegionId};
use models::network::Partition;
use models::runbooks::{Action, Means, Parameters as Runbook, Step, Trigger};

use super::site::Site;
use super::step::quoted;
use super::{Kind, Lever, alarms, people};

/// Automation, and the alarm that starts it, in a region that no fault strikes.
pub(super) fn region(site: &Site<'_>) -> Vec<Lever> {
    let topology = site.topology;
    let one = |(index, runbook): (usize, &Runbook)| {
        // A region that serves comes first: people know their way there.
        let places = topology.regions.ids();
        let to: RegionId = places.into_iter().find(|&place| !site.is_struck(place))?;
        let name = site.region(to);
        let mut changes = Vec::new();
        if runbook.hosted_in.first().is_some_and(|&host| site.is_struck(host)) && !runbook.hosted_in.contains(&to) {
            let hosts = std::iter::once(to).chain(runbook.hosted_in.iter().copied());
            let hosts: Vec<String> = hosts.map(|host| quoted(site.region(host))).collect();
            let key = format!("{}.hosted-in", people::path(site, index));
            changes.push(Site::new_setting(key, format!("[{}]", hosts.join(", "))));
        }
        let starts = |id: AlarmId| {
            let of = |trigger: &Trigger| matches!(trigger, Trigger::Alarm(alarm) if *alarm == id);
            runbook.on.triggers().any(of)
        };
        // A composite alarm lives where its parts do.
        let part = |id: AlarmId| {
            let mut rules = topology.composites.iter().enumerate();
            rules.any(|(place, composite)| starts(topology.composite(place)) && composite.rule.names(id))
        };
        for (alarm, own) in topology.alarms.pairs().filter(|(id, _)| starts(*id) || part(*id)) {
            // Metrics of health checks live in one region, and so do alarms on them.
            let fixed = matches!(own.metric, Metric::HealthCheck(_));
            if !fixed && site.is_struck(own.hosted_in) {
                let key = format!("{}.hosted-in", alarms::path(site, alarm.index()));
                changes.push(Site::new_setting(key, quoted(name)));
            }
        }
        let title = format!("host {} and its alarm in {name}", runbook.name);
        (!changes.is_empty()).then(|| Lever::new(Kind::AutomationRegion, title, changes))
    };
    topology.runbooks.iter().enumerate().filter_map(one).collect()
}

/// Steps that edit records, with the runbook and the path of each.
fn edits<'a>(site: &Site<'a>) -> Vec<(&'a Runbook, String)> {
    let edits = |step: &Step| matches!(step.action, Action::Shift { means: Means::RecordEdit, .. });
    let all = site.topology.runbooks.iter().enumerate().flat_map(|(index, runbook)| {
        let own = people::path(site, index);
        let steps = runbook.steps.iter().enumerate().filter(move |(_, step)| edits(step));
        steps.map(move |(step, _)| (runbook, format!("{own}.{}", runbook.step_path(step))))
    });
    all.collect()
}

/// Whether Route 53 answers in the partition that has routing controls and a second control plane.
fn commercial(site: &Site<'_>) -> bool {
    site.topology.dns.editing == Editing::Route53(Partition::Commercial)
}

/// Routing controls, which are data plane, instead of edits of records.
pub(super) fn routing_control(site: &Site<'_>) -> Vec<Lever> {
    let one = |(runbook, step): (&Runbook, String)| {
        let title = format!("shift by a routing control in {}, not by an edit", runbook.name);
        Lever::new(Kind::RoutingControl, title, vec![Site::new_setting(format!("{step}.shift"), "\"arc\"")])
    };
    if commercial(site) { edits(site).into_iter().map(one).collect() } else { Vec::new() }
}

/// Edits that are redirected while the control plane in us-east-1 is out.
pub(super) fn accelerated_recovery(site: &Site<'_>) -> Vec<Lever> {
    let wanted = commercial(site) && !edits(site).is_empty() && site.topology.dns.accelerated_recovery.is_none();
    let change = || vec![site.change("dns.accelerated-recovery", "true", "false")];
    let lever = || Lever::new(Kind::AcceleratedRecovery, "turn on accelerated recovery of DNS edits", change());
    wanted.then(lever).into_iter().collect()
}

/// One more attempt at steps that may fail.
pub(super) fn step_retry(site: &Site<'_>) -> Vec<Lever> {
    let all = site.topology.runbooks.iter().enumerate().flat_map(|(index, runbook)| {
        let own = people::path(site, index);
        let steps = runbook.steps.iter().enumerate().filter(|(_, step)| step.success < 1.0);
        steps.map(move |(number, step)| {
            let key = format!("{own}.{}.retries", runbook.step_path(number));
            let change = site.change(key, (step.retries + 1).to_string(), "0");
            let title = format!("try step {} of {} once more when it fails", number + 1, runbook.name);
            Lever::new(Kind::StepRetry, title, vec![change])
        })
    });
    all.collect()
}
