//! What the model consists of, listed once, and which parts of it a deployment uses.

use super::Topology;
use crate::about::About;
use crate::balancers::{api_gateway, load_balancer};
use crate::cloud_watch;
use crate::control_planes::Plane;
use crate::faults::Kind;
use crate::fronts::{cloud_front, global_accelerator, route53};
use crate::ids::StoreId;
use crate::runbooks::Action;
use crate::{clients, compute, control_planes, faults, network, people, runbooks, stores};

/// A part of the model and whether a deployment uses it.
type Listed = (&'static About, fn(&Topology) -> bool);

/// What leads clients to an instance or a function.
const FRONTS: &[Listed] = &[
    (&route53::ABOUT, |topology| !topology.edge.works_without_dns()),
    (&cloud_front::ABOUT, |topology| topology.edge.cloud_front.is_some()),
    (&global_accelerator::ABOUT, |topology| topology.edge.accelerator.is_some()),
    (&load_balancer::ABOUT, |topology| topology.balancers().any(|balancer| balancer.probes)),
    (&api_gateway::ABOUT, |topology| topology.gateways().next().is_some()),
];

/// What is no service of its own, or serves the others.
const SURROUNDINGS: &[Listed] = &[
    (&crate::services::ABOUT, |topology| !topology.graph.asked.is_empty()),
    (&stores::CAPACITY, |topology| {
        topology.stores.iter().any(|store| store.capacity.any() || store.parameters.backs().is_some())
    }),
    (&crate::waiting::ABOUT, |topology| topology.queues().next().is_some()),
    (&stores::backups::ABOUT, |topology| topology.stores.iter().any(|store| store.backup.is_some())),
    (&cloud_watch::ABOUT, Topology::measures),
    (&clients::ABOUT, |_| true),
    (&network::ABOUT, |_| true),
    (&crate::latency::ABOUT, |_| true),
    (&runbooks::ABOUT, |topology| !topology.runbooks.is_empty()),
    (&control_planes::ABOUT, Topology::needs_control_planes),
    (&people::ABOUT, Topology::asks_people),
    (&faults::ABOUT, |_| true),
];

/// Every part of the model, in the order of pages.
pub fn services() -> Vec<&'static About> {
    let [fronts, surroundings] = [FRONTS, SURROUNDINGS].map(|list| list.iter().map(|(about, _)| *about));
    let kinds = compute::Parameters::ABOUT.iter().chain(stores::Parameters::ABOUT).copied();
    fronts.chain(kinds).chain(surroundings).collect()
}

impl Topology {
    /// The parts of the model that the deployment uses, in the order of pages.
    pub fn services(&self) -> Vec<&'static About> {
        let listed = |list: &'static [Listed]| list.iter().filter(|(_, used)| used(self)).map(|(about, _)| *about);
        let computes = self.computes().map(|(_, compute)| compute.about());
        let kept = self.stores.iter().map(|store| store.parameters.about());
        let used: Vec<&About> = computes.chain(kept).collect();
        let kinds = compute::Parameters::ABOUT.iter().chain(stores::Parameters::ABOUT).copied();
        listed(FRONTS).chain(kinds.filter(|about| used.contains(about))).chain(listed(SURROUNDINGS)).collect()
    }

    /// Whether alarms or target tracking look at metrics.
    fn measures(&self) -> bool {
        !self.alarms.is_empty() || self.computes().any(|(_, compute)| compute.tracking().is_some())
    }

    /// Whether a runbook changes something that a control plane, or the data plane of a switch, has to change.
    fn needs_control_planes(&self) -> bool {
        let control_plane = |store: StoreId| self.stores[store].parameters.control_plane();
        let mut steps = self.runbooks.iter().flat_map(|runbook| &runbook.steps);
        steps.any(|step| Plane::of(&step.action, self.dns.editing, control_plane).is_some())
            || self.faults.iter().any(|fault| matches!(fault.kind, Kind::ControlPlaneOutage { .. }))
    }

    /// Whether a runbook waits for somebody to notice or to agree.
    fn asks_people(&self) -> bool {
        let mut steps = self.runbooks.iter().flat_map(|runbook| &runbook.steps);
        self.runbooks.iter().any(|runbook| runbook.on.is_noticed())
            || steps.any(|step| matches!(step.action, Action::Approve(_)))
    }
}
