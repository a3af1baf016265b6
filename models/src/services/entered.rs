//! Which services clients enter, and where.

use sim_settings::Section;

use super::spec::{Reading, Surroundings, callees};
use super::{Door, Service, Sort};
use crate::ids::{RegionId, ServiceId};
use crate::journeys::Journey;

impl Reading<'_> {
    /// The one of the services that clients enter whose cells are the fronts of the regions: it runs in all that serve.
    pub(super) fn first_entered(&self, root: &Section<'_>, all: &[ServiceId], endpoints: usize) -> Option<ServiceId> {
        let (&first, others) = all.split_first()?;
        if others.is_empty() {
            return Some(first);
        }
        let runs = |id: &&ServiceId| {
            let service = &self.graph.services[**id];
            RegionId::all(endpoints).all(|region| service.regions.contains(&region))
        };
        let everywhere = all.iter().find(runs).copied();
        if everywhere.is_none() {
            let names: Vec<&str> = all.iter().map(|&id| self.graph.services[id].name.as_str()).collect();
            let found =
                format!("{}, which clients enter, of which none runs in every region that serves", names.join(" and "));
            root.reject("services", found, "one of them in all regions that serve", None);
        }
        everywhere
    }

    /// The regions in which the services that are entered besides the first one are entered.
    pub(super) fn add_doors(&mut self, endpoints: usize) {
        let mut doors = Vec::new();
        for &service in &self.graph.entered_too {
            let Service { name, sort, regions, .. } = &self.graph.services[service];
            if *sort == Sort::External {
                self.reject_external(service, name);
            }
            let serve = RegionId::all(endpoints).filter(|region| regions.contains(region));
            doors.extend(serve.map(|region| Door { service, region }));
        }
        self.graph.doors = doors;
    }

    pub(super) fn reject_external(&self, service: ServiceId, name: &str) {
        let expected = "a service of one's own, or a managed one, that clients reach in a region";
        self.sections[service.index()].reject("kind", format!("{name}, which clients enter"), expected, None);
    }

    /// The services that clients enter: those that journeys name, and those that answers of records lead to. Without either the
    /// only one that nobody calls.
    pub(super) fn find_entered(
        &self,
        root: &Section<'_>,
        calls: &[Vec<ServiceId>],
        journeys: &[Journey],
        around: Surroundings<'_>,
    ) -> Vec<ServiceId> {
        let name = |id: ServiceId| self.graph.services[id].name.as_str();
        let mut all: Vec<ServiceId> = Vec::new();
        for service in journeys.iter().filter_map(|journey| journey.enters) {
            if !all.contains(&service) {
                all.push(service);
            }
        }
        let called = |id: ServiceId| {
            around.consumers.contains(&id)
                || calls.iter().any(|callees| callees.contains(&id))
                || journeys.iter().any(|journey| callees(&journey.needs).contains(&id))
        };
        // An answer that leads to what consumes a queue is told where it is read.
        for answered in around.answered {
            let service = self.graph.services.position(|service| service.name == *answered);
            if let Some(id) = service.filter(|id| !around.consumers.contains(id) && !all.contains(id)) {
                all.push(id);
            }
        }
        if let (&[first, other, ..], false) = (all.as_slice(), around.names_endpoints) {
            let found = format!("journeys that enter {} and others that enter {}", name(first), name(other));
            let expected = "one service that all journeys enter; or [names], an `origin-group` or `endpoints` of an accelerator that lead to each \
                 of them";
            root.reject("journeys", found, expected, None);
            return Vec::new();
        }
        if !all.is_empty() {
            return all;
        }
        let free: Vec<ServiceId> = self.graph.services.ids().filter(|&id| !called(id)).collect();
        if let &[only] = free.as_slice() {
            return vec![only];
        }
        let names: Vec<&str> = free.iter().map(|&id| name(id)).collect();
        let found = match names.as_slice() {
            [] => "no service that is called by no other".to_owned(),
            several => format!("{} services that are called by no other: {}", several.len(), several.join(", ")),
        };
        let expected = "`enters = \"SERVICE\"` in the journeys: the service that their requests enter";
        root.reject("services", found, expected, None);
        Vec::new()
    }

    /// What clients enter and others call has one cell for both: an endpoint in each of its regions.
    pub(super) fn check_entered_and_called(&self, around: Surroundings<'_>) {
        for &id in self.graph.asked.iter().filter(|&&id| self.graph.is_entered(id)) {
            let (section, Service { name, regions, tiers, .. }) =
                (&self.sections[id.index()], &self.graph.services[id]);
            if let Some(apart) = regions.iter().find(|region| region.index() >= around.endpoints) {
                let found =
                    format!("{name}, which clients enter and others call, in {}", around.regions[apart.index()]);
                section.reject("regions", found, "regions that serve: each cell of it is an endpoint", None);
            }
            if tiers.iter().flatten().any(|tier| tier.work.queue.is_some()) {
                let found = format!("requests that wait before {name}, which clients enter and others call");
                let expected = "no such key: what waits is told for clients or for callers, not for both in one line";
                section.reject("queue", found, expected, None);
            }
        }
    }
}
