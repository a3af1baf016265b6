//! What levers look at: the deployment, and what the file writes.

use models::clients::Parameters as Population;
use models::compute::Parameters as Compute;
use models::compute::ecs::Room;
use models::compute::fleet::HostPool;
use models::deployment::{Region, Topology};
use models::faults::Kind as FaultKind;
use models::fronts::route53::zone::Zone;
use models::ids::{RegionId, ServiceId};
use models::needs::Need;
use models::services::Sort;
use models::work::Work;

use super::Change;
use crate::file::{key_text, written};
use crate::usage;

/// The deployment and its file.
pub(super) struct Site<'a> {
    pub(super) topology: &'a Topology,
    resolved: &'a str,
}

impl<'a> Site<'a> {
    pub(super) const fn new(topology: &'a Topology, resolved: &'a str) -> Self {
        Self { topology, resolved }
    }

    /// What the file writes at a path, as TOML.
    pub(super) fn written(&self, path: &str) -> Option<String> {
        written(self.resolved, path)
    }

    /// A change of a setting, with the value in use where the file does not write it.
    pub(super) fn change(&self, key: impl Into<String>, value: impl Into<String>, now: &str) -> Change {
        let key = key.into();
        let now = self.written(&key).is_none().then(|| now.to_owned());
        Change { key, value: value.into(), now }
    }

    /// A change of what is not there yet.
    pub(super) fn new_setting(key: impl Into<String>, value: impl Into<String>) -> Change {
        Change { key: key.into(), value: value.into(), now: None }
    }

    pub(super) fn region(&self, region: RegionId) -> &'a str {
        &self.topology.regions[region].name
    }

    /// The regions that serve, with their numbers.
    pub(super) fn serving(&self) -> impl Iterator<Item = (RegionId, &'a Region)> {
        RegionId::all(self.topology.endpoints).zip(self.topology.serving())
    }

    /// What runs the application, wherever it runs: the fronts of the regions that serve, and the tiers behind them.
    pub(super) fn tiers(&self) -> Vec<At<'a>> {
        let graph = &self.topology.graph;
        let entered = graph.entered.map(|id| graph.services[id].name.as_str());
        let first = graph.entered.map_or(1.0, |id| usage::entering(self.topology, id));
        let front = |region: &'a Region| {
            let (label, common) = match entered {
                Some(name) => (format!("{name} in {}", region.name), format!("services.{}", key_text(name))),
                None => (region.name.clone(), "compute".to_owned()),
            };
            let path = format!("regions.{}.{common}", key_text(&region.name));
            let (compute, load) = (region.compute.as_ref()?, self.load() * first);
            Some(At { region: &region.name, service: None, label, path, common, compute, work: &region.work, load })
        };
        let mut tiers: Vec<At<'a>> = self.topology.serving().iter().filter_map(front).collect();
        let others = graph.entered_too.iter().map(|&id| (id, usage::entering(self.topology, id)));
        let called = graph.called.iter().map(|&id| (id, usage::calls(self.topology, id)));
        for (id, share) in others.chain(called).filter(|(id, _)| graph.services[*id].sort != Sort::External) {
            let service = &graph.services[id];
            let common = format!("services.{}", key_text(&service.name));
            let load = self.load() * share;
            for (region, tier) in service.tiers.pairs() {
                let Some(tier) = tier else { continue };
                let region = self.region(region);
                tiers.push(At {
                    region,
                    service: Some(id),
                    label: format!("{} in {region}", service.name),
                    path: format!("regions.{}.{common}", key_text(region)),
                    common: common.clone(),
                    compute: &tier.compute,
                    work: &tier.work,
                    load,
                });
            }
        }
        tiers
    }

    /// All needs of requests: the path of each, and who has it.
    pub(super) fn needs(&self) -> Vec<(String, &'a str, &'a Need)> {
        let journeys = &self.topology.journeys;
        let mut all = Vec::new();
        for (index, journey) in journeys.iter().enumerate() {
            let at = element("journeys", &journey.name, index, journeys.iter().map(|journey| &journey.name));
            let needs = journey.needs.iter().enumerate();
            all.extend(needs.map(|(number, need)| (format!("{at}.needs.{number}"), journey.name.as_str(), need)));
        }
        let graph = &self.topology.graph;
        let services = graph.entries_of_all().chain(graph.called.iter().copied());
        for id in services.filter(|id| !graph.launch_only.contains(id)) {
            let service = &graph.services[id];
            let at = format!("services.{}", key_text(&service.name));
            let needs = service.needs.iter().enumerate();
            all.extend(needs.map(|(number, need)| (format!("{at}.needs.{number}"), service.name.as_str(), need)));
        }
        all
    }

    /// The requests per second of all clients at their highest.
    pub(super) fn load(&self) -> f64 {
        let highest = |clients: &Population| {
            let steps = clients.profile.iter().map(|(_, factor)| *factor);
            clients.requests_per_second * steps.fold(1.0, f64::max)
        };
        self.topology.clients.iter().map(highest).sum()
    }

    /// Whether a fault of the file takes this region, its control planes or its automation away, or makes it fail.
    pub(super) fn is_struck(&self, region: RegionId) -> bool {
        let strikes = |kind: &FaultKind| match kind {
            FaultKind::RegionOutage { region: struck, .. }
            | FaultKind::GrayFailure { region: struck, .. }
            | FaultKind::ControlPlaneOutage { region: struck }
            | FaultKind::MetricsOutage { region: struck }
            | FaultKind::LambdaImpairment { region: struck, .. } => *struck == region,
            _ => false,
        };
        self.topology.faults.iter().any(|fault| strikes(&fault.kind))
    }

    /// The first region that serves and that no fault of the file strikes; other than `from`.
    pub(super) fn refuge(&self, from: Option<RegionId>) -> Option<RegionId> {
        let others = || RegionId::all(self.topology.endpoints).filter(|&region| Some(region) != from);
        others().find(|&region| !self.is_struck(region))
    }

    /// Whether clients are led to regions by answers of DNS that `[dns]` describes.
    pub(super) fn led_by_dns(&self) -> bool {
        // What is written out as records has no keys under `dns` that a lever could turn.
        !self.topology.edge.works_without_dns() && !self.topology.zone.written
    }

    /// The names, records and checks that clients are led by, where the file writes them out.
    pub(super) fn written_zone(&self) -> Option<&'a Zone> {
        let zone = &self.topology.zone;
        (zone.written && !self.topology.edge.works_without_dns()).then_some(zone)
    }
}

/// What runs a service in a region.
pub(super) struct At<'a> {
    /// The region.
    pub(super) region: &'a str,
    /// The service, unless it is the one that is entered.
    pub(super) service: Option<ServiceId>,
    /// The region, or the service in it, in words.
    pub(super) label: String,
    /// The path of what the region says of it.
    pub(super) path: String,
    /// The path of what all regions share.
    pub(super) common: String,
    /// What runs it.
    pub(super) compute: &'a Compute,
    /// How it works on a request, and what may wait before it.
    pub(super) work: &'a Work,
    /// Requests per second that it gets when it serves everybody.
    pub(super) load: f64,
}

impl At<'_> {
    /// The key of its size.
    pub(super) const fn size(&self) -> &'static str {
        match self.compute {
            Compute::Ecs(_) => "tasks",
            Compute::Eks(_) => "pods",
            Compute::AutoScaling(_) | Compute::Lambda(_) | Compute::Managed { .. } | Compute::External { .. } => {
                "instances"
            }
        }
    }

    /// The hosts that its members run on, with the key of their size, where hosts are told apart.
    pub(super) const fn hosts(&self) -> Option<(&'static str, &HostPool)> {
        match self.compute {
            Compute::Ecs(service) => match &service.room {
                Room::Instances(pool) => Some(("instances", pool)),
                Room::Fargate => None,
            },
            Compute::Eks(deployment) => Some(("nodes", &deployment.nodes)),
            Compute::AutoScaling(_) | Compute::Lambda(_) | Compute::Managed { .. } | Compute::External { .. } => None,
        }
    }
}

/// The path of an element of a list: by its name where that leads to it, else by its number.
pub(super) fn element(
    list: &str,
    name: &str,
    index: usize,
    names: impl IntoIterator<Item = impl AsRef<str>>,
) -> String {
    let first = names.into_iter().position(|other| other.as_ref() == name);
    // A name without letters that need quotes; others are reached by number.
    let plain = key_text(name) == name;
    if first == Some(index) && plain { format!("{list}.{name}") } else { format!("{list}.{index}") }
}
