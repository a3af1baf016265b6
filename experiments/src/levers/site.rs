//! What levers look at: the deployment, and what the file writes.

use models::aws::auto_scaling;
use models::clients::Parameters as Population;
use models::deployment::{Region, Topology};
use models::faults::Kind as FaultKind;
use models::ids::RegionId;

use super::Change;
use crate::file::{key_text, written};

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

    /// The groups of instances of the regions that serve.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&'a str, &'a auto_scaling::Parameters)> {
        let group = |region: &'a Region| Some((region.name.as_str(), region.compute.as_ref()?.group()?));
        self.topology.serving().iter().filter_map(group)
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

    /// Whether clients are led to regions by answers of DNS.
    pub(super) fn led_by_dns(&self) -> bool {
        !self.topology.edge.works_without_dns()
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
