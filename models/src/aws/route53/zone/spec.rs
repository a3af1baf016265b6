//! The keys of `[names.NAME]` and `[records.NAME]`, and their reading.

use sim_settings::form::{
    Defined, Delay, Duration, Either, Flag, IsName, List, Name, Named, Names, Number, OneOf, Table, Text, Thing,
};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, keys};

use super::check_spec::Checks;
use super::tree::{self, Unfinished};
use super::{Choice, Target, Zone};
use crate::aws::route53::spec::Failback;
use crate::aws::route53::{Parameters, Surroundings};
use crate::by_id::ById;
use crate::ids::{CheckId, JourneyId, NameId, PopulationId, RecordId, RegionId, ServiceId};
use crate::sources::{cited, pages};

keys! {
    /// Names.
    pub(crate) struct NamesKeys {
        const NAMES: Key<Option<Named<NameTable>>> = Key::optional("names", "names that clients resolve, with the records behind them", "one name, which `[dns]` describes")
            .example("{ www = { record = \"world\" } }");
    }
}
keys! {
    /// Records.
    pub(crate) struct RecordsKeys {
        const RECORDS: Key<Option<Named<RecordTable>>> = Key::optional("records", "records that answer, each with endpoints, pages or other records", "one record, which `[dns]` describes")
            .example("{ world = { policy = \"failover\", answers = [{ to = \"us-east-1\" }, { to = \"eu-west-1\" }] } }");
    }
}
keys! {
    /// A name.
    struct NameKeys {
        const RECORD: Key<Name<RecordId>> = Key::required("record", "the record behind the name");
        const NAME_TTL: Key<Duration> = Key::documented(
            "ttl",
            "time that resolvers may keep an answer; an alias of a load balancer has 60 s",
            "60s",
            cited!(
                "the TTL of load balancers, and the most that is advised for records with health checks",
                pages::ROUTE53_ALIAS
            ),
        );
        const NEGATIVE: Key<Duration> = Key::documented(
            "negative-ttl",
            "time that resolvers keep an empty answer, after the fault `record-lost`",
            "900s",
            cited!("the record of authority that Route 53 makes for every zone", pages::ROUTE53_SOA),
        );
    }
}
keys! {
    /// A record.
    pub(super) struct RecordKeys {
        pub(super) const RECORD_POLICY: Key<OneOf<tree::Policies>> = Key::required("policy", "how the record chooses among its answers");
        pub(super) const ANSWERS: Key<List<AnswerTable>> = Key::required("answers", "what the record chooses among, in order");
        const RECORD_FAILBACK: Key<OneOf<Failback>> = Key::convention(
            "failback",
            "whether an answer that is healthy again is given again by itself",
            "automatic",
            "answers follow health",
        );
        const RECORD_PROPAGATION: Key<Option<Delay>> = Key::optional("propagation", "time from a verdict or a routing control to the first changed answer of this record", "as `dns.propagation`");
        const RECORD_EDIT: Key<Option<Duration>> = Key::optional("record-edit", "time from an edit of this record to the first changed answer", "as `dns.record-edit`").above(0.0);
    }
}
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

/// A name.
enum NameTable {}

impl Table for NameTable {
    const LAYOUT: Layout = &[Listing::Keys(NameKeys::KEYS)];
}

/// A record.
enum RecordTable {}

impl Table for RecordTable {
    const LAYOUT: Layout = &[Listing::Keys(RecordKeys::KEYS)];
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

/// What an answer leads to, by its number among records and endpoints.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leads(usize);

/// An endpoint, by its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint(usize);

/// Whom an answer is for, by its number among populations; the number behind the last is everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place(usize);

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

impl Defined for Leads {
    const THING: Thing = Thing { word: "record or endpoint", under: "records", example: "eu-west-1" };
}

impl Defined for Endpoint {
    const THING: Thing = Thing { word: "endpoint", under: "regions", example: "eu-west-1" };
}

impl Defined for Place {
    const THING: Thing = Thing { word: "population of clients", under: "clients", example: "europe" };
}

/// The word for everybody whom no location matches.
const EVERYBODY: &str = "default";

/// The endpoints that a file may name.
pub(super) struct Endpoints {
    /// By region and, where the service that clients enter has a name, by both.
    names: Vec<String>,
    regions: usize,
    /// Services that clients do not enter.
    others: Vec<String>,
}

impl Endpoints {
    fn new(around: Surroundings<'_>) -> Self {
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

/// A page from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its name.
    pub name: String,
    /// By journey, whether it is good enough.
    pub ok: ById<JourneyId, bool>,
}

/// What `[names]`, `[records]` and `[health-checks]` say.
pub struct Written {
    /// The zone, in which pages have numbers of their own.
    pub(super) zone: Zone,
    /// Pages, in the order of their numbers.
    pub pages: Vec<Page>,
    /// Whether somebody may be given no answer at all.
    pub unanswered: bool,
}

impl Written {
    /// Whether clients go through several addresses of an answer.
    pub fn walks(&self) -> bool {
        self.zone.walks()
    }

    /// The name of a record with several addresses in an answer, where not all records are such.
    pub fn lone_walk(&self) -> Option<&str> {
        let mut several = self.zone.records.iter().filter(|record| record.choice == Choice::Multivalue);
        let alone = self.zone.walks() && self.zone.names.len() == 1;
        several.next().filter(|_| !alone).map(|record| record.name.as_str())
    }

    /// The second name, if there is one.
    pub fn second_name(&self) -> Option<&str> {
        self.zone.names.get(NameId::new(1)).map(|name| name.name.as_str())
    }

    /// The zone where pages stand behind the regions from this one on.
    pub fn zone(self, first: usize) -> Zone {
        let mut zone = self.zone;
        for answer in zone.records.iter_mut().flat_map(|record| &mut record.answers) {
            if let Target::Page(page) = answer.to {
                answer.to = Target::Page(RegionId::new(first + page.index()));
            }
        }
        zone
    }
}

/// The names of all names, in alphabetical order: whoever refers to them is read before they are.
pub struct Reading;

impl Reading {
    /// Whether a file writes names out, and these.
    pub fn names(root: &Section<'_>) -> Vec<String> {
        let mut names = root.keys_of(NAMES.name);
        names.sort();
        names
    }

    /// The names of all records, in alphabetical order.
    pub fn records(root: &Section<'_>) -> Vec<String> {
        let mut names = root.keys_of(RECORDS.name);
        names.sort();
        names
    }

    /// Whether a file writes them out.
    pub fn is_written(root: &Section<'_>) -> bool {
        root.has(NAMES.name) || root.has(RECORDS.name) || root.has("health-checks")
    }

    /// Reads names, records and checks over the settings of `dns`. `used` are the names that journeys use.
    pub fn read(
        root: &mut Section<'_>,
        dns: &Parameters,
        (used, journeys): (&[Option<NameId>], &[String]),
        around: Surroundings<'_>,
    ) -> Option<Written> {
        let endpoints = Endpoints::new(around);
        let checks = Checks::read(root, &endpoints, around);
        let mut records = root.named(&RECORDS);
        records.sort_by(|(one, _), (other, _)| one.cmp(other));
        let record_names: Vec<String> = records.iter().map(|(name, _)| name.clone()).collect();
        let mut names = root.named(&NAMES);
        names.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (key, empty) in [("names", names.is_empty()), ("records", records.is_empty())] {
            if empty {
                let given = if root.has(key) { key } else { "" };
                root.reject(given, format!("no `{key}`"), format!("[{key}.NAME], at least one"), None);
            }
        }
        for (name, section) in &records {
            if endpoints.names.contains(name) {
                let found = format!("a record with the name of an endpoint, {name}");
                section.reject("", found, "another name: answers name both", None);
            }
        }
        let mut unfinished = Unfinished::new(checks, &record_names, journeys, around);
        for (name, section) in &mut records {
            let policy = section.get(&RECORD_POLICY);
            let mut answers = section.sections(&ANSWERS);
            let manual_failback = section.get(&RECORD_FAILBACK);
            let propagation = section.get(&RECORD_PROPAGATION).unwrap_or_else(|| dns.propagation.clone());
            let edit = section.get(&RECORD_EDIT).unwrap_or(dns.record_edit);
            if answers.is_empty() && section.has(ANSWERS.name) {
                section.reject(ANSWERS.name, "no answer", "at least one", None);
            }
            let settings = tree::Settings { name: name.clone(), manual_failback, propagation, edit };
            unfinished.add(section, policy, &mut answers, &endpoints, settings);
        }
        let named = names.iter_mut().map(|(name, section)| {
            let record = section.name(&RECORD, &record_names);
            super::Name {
                name: name.clone(),
                record,
                ttl: section.get(&NAME_TTL),
                negative_ttl: section.get(&NEGATIVE),
            }
        });
        let named: ById<NameId, super::Name> = named.collect();
        if named.is_empty() || records.is_empty() {
            return None;
        }
        for (id, (_, section)) in named.ids().zip(&names) {
            let wanted = used.iter().any(|used| used.is_none_or(|used| used == id));
            if !wanted {
                section.reject("", "a name that no journey uses", "`at` of a journey, or no such name", None);
            }
        }
        let names_lead = names.iter().all(|(_, section)| section.is_sound(RECORD.name));
        unfinished.finish(named, names_lead, &records)
    }
}

impl Endpoints {
    /// What an answer leads to: a record or an endpoint.
    pub(super) fn target(&self, section: &mut Section<'_>, records: &[String]) -> Target {
        if self.is_behind(section, &TO) {
            return Target::Endpoint(RegionId::new(0));
        }
        let known: Vec<String> = records.iter().chain(&self.names).cloned().collect();
        match section.maybe_name(&TO, &known) {
            Some(Leads(number)) if number < records.len() => Target::Record(RecordId::new(number)),
            Some(Leads(number)) => Target::Endpoint(self.region(number - records.len())),
            None => Target::Endpoint(RegionId::new(0)),
        }
    }
}

/// The populations that an answer is for, and whether it is for everybody else.
pub(super) fn read_location(section: &mut Section<'_>, around: Surroundings<'_>) -> (Vec<PopulationId>, bool) {
    let mut known = around.populations.to_vec();
    known.push(EVERYBODY.to_owned());
    let places = section.names(&LOCATION, &known);
    let everybody = places.iter().any(|place| place.population(around).is_none());
    (places.into_iter().filter_map(|place| place.population(around)).collect(), everybody)
}
