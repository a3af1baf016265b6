//! Names of endpoints: regions that serve, and `SERVICE@REGION`.

use sim_settings::form::{Defined, IsName, Thing};
use sim_settings::{Key, Section};

use super::Target;
use crate::aws::route53::Surroundings;
use crate::ids::{RecordId, RegionId, ServiceId};

/// What an answer leads to, by its number among records and endpoints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leads(usize);

/// An endpoint, by its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint(usize);

impl From<usize> for Leads {
    fn from(index: usize) -> Self {
        Self(index)
    }
}

impl From<usize> for Endpoint {
    fn from(index: usize) -> Self {
        Self(index)
    }
}

impl Defined for Leads {
    const THING: Thing = Thing { word: "record or endpoint", under: "records", example: "eu-west-1" };
}

impl Defined for Endpoint {
    const THING: Thing = Thing { word: "endpoint", under: "regions", example: "eu-west-1" };
}

/// The endpoints that a file may name.
pub(super) struct Endpoints {
    /// By region and, where the service that clients enter has a name, by both.
    names: Vec<String>,
    regions: usize,
    /// Services that clients do not enter.
    others: Vec<String>,
}

impl Endpoints {
    pub(super) fn new(around: Surroundings<'_>) -> Self {
        let entered = around.graph.entered.map(ServiceId::index);
        let mut names = around.regions.to_vec();
        if let Some(service) = entered.and_then(|entered| around.services.get(entered)) {
            names.extend(around.regions.iter().map(|region| format!("{service}@{region}")));
        }
        let others = around.services.iter().enumerate().filter(|(index, _)| Some(*index) != entered);
        let others = others.map(|(_, name)| name.clone()).collect();
        Self { names, regions: around.regions.len(), others }
    }

    /// The region of an endpoint with this number.
    fn region(&self, number: usize) -> RegionId {
        RegionId::new(number % self.regions.max(1))
    }

    /// Whether a text names an endpoint of a service that clients do not enter; then this is told.
    fn is_behind<F>(&self, section: &mut Section<'_>, key: &Key<F>) -> bool {
        let Some(text) = section.node(key).and_then(|node| node.text()) else { return false };
        let Some((service, _)) = text.split_once('@') else { return false };
        let behind = self.others.iter().any(|other| other == service);
        if behind {
            let found = format!("{text}: {service}, which clients do not enter");
            section.reject(key.name, found, "an endpoint of the service that clients enter", None);
        }
        behind
    }

    /// Reads the name of an endpoint, if it is written.
    pub(super) fn read<F: IsName<Id = Endpoint>>(&self, section: &mut Section<'_>, key: &Key<F>) -> Option<RegionId> {
        if self.is_behind(section, key) {
            return Some(RegionId::new(0));
        }
        let wrong = section.has(key.name);
        let found = section.maybe_name(key, &self.names).map(|Endpoint(number)| self.region(number));
        found.or_else(|| wrong.then(|| RegionId::new(0)))
    }
}

impl Endpoints {
    /// What an answer leads to: a record or an endpoint.
    pub(super) fn target<F: IsName<Id = Leads>>(
        &self,
        section: &mut Section<'_>,
        key: &Key<F>,
        records: &[String],
    ) -> Target {
        if self.is_behind(section, key) {
            return Target::Endpoint(RegionId::new(0));
        }
        let known: Vec<String> = records.iter().chain(&self.names).cloned().collect();
        match section.maybe_name(key, &known) {
            Some(Leads(number)) if number < records.len() => Target::Record(RecordId::new(number)),
            Some(Leads(number)) => Target::Endpoint(self.region(number - records.len())),
            None => Target::Endpoint(RegionId::new(0)),
        }
    }
}

impl Endpoints {
    /// Whether an endpoint has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}
