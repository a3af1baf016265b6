//! The keys of answers of records.

use sim_settings::form::{Defined, Either, Flag, Name, Names, Number, Table, Text, Thing};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Value, keys};

use super::endpoints::Leads;
use crate::fronts::route53::Surroundings;
use crate::ids::{CheckId, JourneyId, PopulationId, RegionId};

keys! {
    /// An answer.
    pub(super) struct AnswerKeys {
        pub(super) const TO: Key<Name<Leads>> = Key::required("to", "what it leads to: another record, a region that serves, or `SERVICE@REGION`");
        pub(super) const STATIC: Key<Text> = Key::required("static", "a page from elsewhere that it leads to; requests for it fail, with cause `no-path`, unless `static-ok` says otherwise").example("\"sorry\"");
        pub(super) const ANSWER_CHECK: Key<Option<Name<CheckId>>> = Key::optional("health-check", "the check that it goes by", "nothing but what it leads to makes it unhealthy");
        pub(super) const ANSWER_EVALUATES: Key<Option<Flag>> = Key::optional("evaluate-target-health", "whether it is unhealthy while what it leads to is: a record without a healthy answer, an endpoint without a healthy target", "`true` for a record, `false` for an endpoint");
        pub(super) const ANSWER_REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "policies `latency` and `geoproximity`: the region whose round trip or distance counts", "an error: these policies need it");
        pub(super) const LOCATION: Key<Option<Names<Place>>> = Key::optional("location", "policy `geolocation`: the populations that it answers, or `default` for everybody else", "an error: policy `geolocation` needs it");
        pub(super) const WEIGHT: Key<Option<Number>> = Key::optional("weight", "policy `weighted`: its weight, 0 to 255; all 0 are equal weights", "an error: policy `weighted` needs it").at_most(255.0);
        pub(super) const ANSWER_BIAS: Key<Option<Number>> = Key::optional("bias", "policy `geoproximity`: its bias, -99 to 99", "0").at_least(-99.0).at_most(99.0);
    }
}
keys! {
    /// What goes with a page.
    pub(super) struct PageKeys {
        pub(super) const STATIC_OK: Key<Option<Either<Flag, Names<JourneyId>>>> = Key::optional("static-ok", "journeys that are content with the page, or `true` for all", "requests for the page fail");
    }
}

/// An answer.
pub(super) enum AnswerTable {}

impl Table for AnswerTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&[TO.name, STATIC.name]),
        Listing::Keys(AnswerKeys::KEYS),
        Listing::Beside(&[STATIC.name], &[Listing::Keys(PageKeys::KEYS)]),
    ];
}

/// Whom an answer is for, by its number among populations; the number behind the last is everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

impl From<usize> for Place {
    fn from(index: usize) -> Self {
        Self(index)
    }
}

impl Place {
    /// The population, unless it is everybody else.
    pub(super) fn population(self, around: Surroundings<'_>) -> Option<PopulationId> {
        (self.0 < around.populations.len()).then(|| PopulationId::new(self.0))
    }
}

impl Defined for Place {
    const THING: Thing = Thing { word: "population of clients", under: "clients", example: "europe" };
}

/// The word for everybody whom no location matches.
const EVERYBODY: &str = "default";

/// The populations that an answer is for, and whether it is for everybody else.
pub(super) fn read_location(section: &mut Section<'_>, around: Surroundings<'_>) -> (Vec<PopulationId>, bool) {
    let mut known = around.populations.to_vec();
    known.push(EVERYBODY.to_owned());
    let none = section.node(&LOCATION).is_some_and(|node| matches!(&node.value, Value::Array(all) if all.is_empty()));
    if none {
        section.reject(LOCATION.name, "no location", "a population of clients, or `default` for everybody else", None);
    }
    let places = section.names(&LOCATION, &known);
    let everybody = places.iter().any(|place| place.population(around).is_none());
    let is_default =
        |place: &Place| place.population(around).is_some_and(|own| around.populations[own.index()] == EVERYBODY);
    if places.iter().any(is_default) {
        let found = format!("`{EVERYBODY}`, which is the name of a population as well");
        section.reject(LOCATION.name, found, "another name for those clients: here it means everybody else", None);
    }
    (places.into_iter().filter_map(|place| place.population(around)).collect(), everybody)
}
