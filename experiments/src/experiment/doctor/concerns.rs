//! Which outages a runbook is for, and which regions are out in one.

use models::cloud_watch::Metric;
use models::faults::{Kind, Start};
use models::fronts::route53::zone::{Sight, Watched};
use models::ids::{CheckId, FaultId, RegionId, RunbookId};
use models::runbooks::{Action, Trigger};

use super::Examined;
use super::alarms::watched;

/// An outage of a region, and what is out then.
pub(super) struct Outage {
    /// The region that it strikes.
    pub(super) region: RegionId,
    /// The fault.
    pub(super) fault: FaultId,
    /// Regions that are out then for certain, each with the fault that took it: that one, and those that were lost for good before.
    pub(super) out: Vec<(RegionId, FaultId)>,
}

impl Outage {
    /// The fault that has a region then, if it is out.
    pub(super) fn takes(&self, region: RegionId) -> Option<FaultId> {
        self.out.iter().find(|(own, _)| *own == region).map(|(_, fault)| *fault)
    }
}

impl Examined<'_> {
    /// The outages of regions.
    pub(super) fn outages(&self) -> Vec<Outage> {
        let faults = &self.topology.faults;
        let earliest = |start: &Start| match start {
            Start::At(at) => at.quantile(0.0),
            Start::Rate(_) => 0.0,
        };
        let latest = |start: &Start| match start {
            Start::At(at) => at.quantile(1.0),
            Start::Rate(_) => f64::INFINITY,
        };
        let outage = |(region, fault, it): (RegionId, FaultId, &models::faults::Fault)| {
            let before = faults.pairs().filter_map(|(other, lost)| match lost.kind {
                Kind::RegionOutage { region: gone, .. } if gone != region && lost.duration.is_none() => {
                    (latest(&lost.start) <= earliest(&it.start)).then_some((gone, other))
                }
                _ => None,
            });
            Outage { region, fault, out: std::iter::once((region, fault)).chain(before).collect() }
        };
        self.struck().map(outage).collect()
    }

    /// Whether outages strike one region and no other.
    pub(super) fn one_is_struck(&self) -> bool {
        self.struck().all(|(region, ..)| self.struck().all(|(other, ..)| other == region))
    }

    /// Whether a runbook is for outages of a region: what starts it is about that region; or it is about none, and no step leads
    /// there. Where no other region is struck, all are for it but planned work.
    pub(super) fn is_for(&self, runbook: RunbookId, region: RegionId) -> bool {
        let runbook = &self.topology.runbooks[runbook];
        let mut triggers = runbook.on.triggers();
        if triggers.all(|trigger| matches!(trigger, Trigger::At(_))) {
            return false;
        }
        if self.one_is_struck() {
            return true;
        }
        let about: Vec<RegionId> = runbook.on.triggers().flat_map(|trigger| self.about(trigger)).collect();
        if !about.is_empty() {
            return about.contains(&region);
        }
        let leads_there = |action: &Action| match *action {
            Action::Shift { to, .. } | Action::Promote { to, .. } | Action::Scale { to, .. } => to == region,
            Action::Readmit { region: back, .. } => back == region,
            _ => false,
        };
        !runbook.steps.iter().any(|step| leads_there(&step.action))
    }

    /// The regions that a trigger is about; none if it tells of no region.
    fn about(&self, trigger: &Trigger) -> Vec<RegionId> {
        match trigger {
            Trigger::HealthCheck(watched) => self.looked_at(*watched),
            Trigger::Alarm(alarm) => match self.topology.alarms.get(*alarm) {
                Some(alarm) => match alarm.metric {
                    Metric::HealthCheck(watched) => self.looked_at(watched),
                    _ => watched(alarm, self.topology).into_iter().collect(),
                },
                None => Vec::new(),
            },
            Trigger::Operator { .. } | Trigger::At(_) => Vec::new(),
        }
    }

    /// The regions of the endpoints that something watched is about.
    fn looked_at(&self, watched: Watched) -> Vec<RegionId> {
        match watched {
            Watched::Endpoint(place) => vec![self.topology.graph.home(place)],
            Watched::Check(check) => self.probed(check),
        }
    }

    fn probed(&self, check: CheckId) -> Vec<RegionId> {
        match &self.topology.zone.checks[check].sight {
            Sight::Probes(probing) => vec![self.topology.graph.home(probing.place)],
            Sight::Alarm { alarm, .. } => self.about(&Trigger::Alarm(*alarm)),
            Sight::Calculated { children, .. } => children.iter().flat_map(|&child| self.probed(child)).collect(),
        }
    }
}
