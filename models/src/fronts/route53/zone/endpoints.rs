//! Names of endpoints: `SERVICE@REGION`, and the region alone where clients enter a single service.

use sim_settings::form::{Defined, IsName, IsNames, IsNumbersBy, Thing};
use sim_settings::{Key, Section};

use super::Target;
use crate::ids::{PlaceId, RecordId, RegionId, ServiceId};
use crate::services::Graph;
use crate::software::APP;

/// What an answer leads to, by its number among records and endpoints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leads(usize);

/// An endpoint, by its number.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint(usize);

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
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// By region and by service and region.
    pub(super) names: Vec<String>,
    pub(super) places: Vec<PlaceId>,
    /// The region of each.
    homes: Vec<RegionId>,
    regions: Vec<String>,
    /// Names of the services that clients enter, where there are several.
    several: Vec<String>,
    /// Services that clients do not enter.
    others: Vec<String>,
    /// Whether it is not known which services clients enter, as has been told.
    lost: bool,
}

impl Endpoints {
    /// The endpoints of the services that clients enter, in these regions, which serve.
    pub fn new(graph: &Graph, regions: &[String], services: &[String]) -> Self {
        let name = |service: ServiceId| services.get(service.index());
        let (mut names, mut places, mut homes) = (Vec::new(), Vec::new(), Vec::new());
        let several = graph.only_entered().is_none() && graph.entered.is_some();
        if !several {
            names.extend_from_slice(regions);
            places.extend(RegionId::all(regions.len()).map(PlaceId::of));
            homes.extend(RegionId::all(regions.len()));
        }
        // Without names of services there is one, which has a name all the same.
        if services.is_empty() {
            names.extend(regions.iter().map(|of| format!("{APP}@{of}")));
            places.extend(RegionId::all(regions.len()).map(PlaceId::of));
            homes.extend(RegionId::all(regions.len()));
        }
        for service in graph.entries_of_all() {
            for (region, of) in RegionId::all(regions.len()).zip(regions) {
                if let (Some(place), Some(name)) = (graph.endpoint(service, region), name(service)) {
                    names.push(format!("{name}@{of}"));
                    places.push(place);
                    homes.push(region);
                }
            }
        }
        let others = services.iter().enumerate().filter(|(index, _)| !graph.is_entered(ServiceId::new(*index)));
        let others = others.map(|(_, name)| name.clone()).collect();
        let lost = graph.entered.is_none() && !services.is_empty();
        let entered = graph.entries_of_all().filter(|_| several).filter_map(name);
        Self { names, places, homes, regions: regions.to_vec(), several: entered.cloned().collect(), others, lost }
    }

    /// What the random numbers of what concerns an endpoint in DNS go by.
    pub(super) fn path(&self, place: PlaceId) -> String {
        format!("dns/{}", self.name(place))
    }

    /// What tells an endpoint from others: its region, or the name of one that is no region's front.
    pub fn name(&self, place: PlaceId) -> &str {
        let number = self.places.iter().position(|own| *own == place);
        let name = self.regions.get(place.index()).or_else(|| self.names.get(number?));
        name.map_or("", String::as_str)
    }

    /// The region of an endpoint.
    pub fn home(&self, place: PlaceId) -> RegionId {
        let number = self.places.iter().position(|own| *own == place);
        number.map_or(RegionId::new(0), |number| self.homes[number])
    }

    /// All endpoints, each once.
    pub fn all(&self) -> impl Iterator<Item = PlaceId> + '_ {
        let new = |(number, place): (usize, &PlaceId)| (!self.places[..number].contains(place)).then_some(*place);
        self.places.iter().enumerate().filter_map(new)
    }

    /// Whether a text names an endpoint of a service that clients do not enter, or a region where they enter several; then this is
    /// told.
    pub(super) fn is_wrong<F>(&self, section: &mut Section<'_>, key: &Key<F>) -> bool {
        let Some(text) = section.node(key).and_then(|node| node.text()) else { return false };
        if let Some((first, ..)) = self.several.split_first()
            && self.regions.iter().any(|region| region == text)
        {
            let found = format!("{text}, where clients enter {}", self.several.join(" and "));
            section.reject(key.name, found, format!("SERVICE@REGION, such as {first}@{text}"), None);
            return true;
        }
        let Some((service, _)) = text.split_once('@') else { return false };
        if self.lost {
            return true;
        }
        let behind = self.others.iter().any(|other| other == service);
        if behind {
            let found = format!("{text}: {service}, which clients do not enter");
            section.reject(key.name, found, "an endpoint of a service that clients enter", None);
        }
        behind
    }

    /// Reads the name of an endpoint, if it is written.
    pub fn read<F: IsName<Id = Endpoint>>(&self, section: &mut Section<'_>, key: &Key<F>) -> Option<PlaceId> {
        if !section.has(key.name) {
            let _ = section.node(key);
            return None;
        }
        if self.is_wrong(section, key) {
            return Some(PlaceId::new(0));
        }
        let found = section.maybe_name(key, &self.names);
        Some(found.map_or(PlaceId::new(0), |Endpoint(number)| self.places[number]))
    }

    /// Reads a list of names of endpoints.
    pub fn read_all<F: IsNames<Id = Endpoint>>(&self, section: &mut Section<'_>, key: &Key<F>) -> Vec<PlaceId> {
        section.names(key, &self.names).into_iter().map(|Endpoint(number)| self.places[number]).collect()
    }

    /// Reads a table from names of endpoints to numbers.
    pub fn numbers<F: IsNumbersBy<Id = Endpoint>>(
        &self,
        section: &mut Section<'_>,
        key: &Key<F>,
    ) -> Vec<(PlaceId, f64)> {
        let numbers = section.numbers_by_name(key, &self.names).into_iter();
        numbers.map(|(Endpoint(number), figure)| (self.places[number], figure)).collect()
    }

    /// What an answer leads to: a record or an endpoint.
    pub(super) fn target<F: IsName<Id = Leads>>(
        &self,
        section: &mut Section<'_>,
        key: &Key<F>,
        records: &[String],
    ) -> Target {
        if self.is_wrong(section, key) {
            return Target::Endpoint(PlaceId::new(0));
        }
        let known: Vec<String> = records.iter().chain(&self.names).cloned().collect();
        match section.maybe_name(key, &known) {
            Some(Leads(number)) if number < records.len() => Target::Record(RecordId::new(number)),
            Some(Leads(number)) => Target::Endpoint(self.places[number - records.len()]),
            None => Target::Endpoint(PlaceId::new(0)),
        }
    }

    /// Whether an endpoint has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}
