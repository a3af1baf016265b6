//! The keys of `[health-checks.NAME]`, and their reading.

use sim_settings::form::{Count, Name, Named, Names, OneOf, Table, Words};
use sim_settings::{Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::endpoints::{Endpoint, Endpoints};
use super::{Probing, Sight, ZoneCheck};
use crate::by_id::ById;
use crate::fronts::route53::check_spec::{
    AlarmChildKeys, CHECKERS, CHILD_ALARM, DeepKeys, INSUFFICIENT, INTERVAL, INVERTED, InvertedKeys, ProbingKeys,
    THRESHOLD, healthy_children, read_deep,
};
use crate::fronts::route53::{Look, Surroundings};
use crate::ids::{AlarmId, CheckId, PlaceId};
use crate::services::callees_first;
use crate::subjects::numbered;

keys! {
    /// Health checks.
    pub(crate) struct NamedChecksKeys {
        pub(super) const HEALTH_CHECKS: Key<Option<Named<NamedCheckTable>>> = Key::optional("health-checks", "health checks that answers of records go by, several if they like", "nobody checks anything")
            .example("{ us-web = { endpoint = \"us-east-1\", interval = \"10s\" } }");
    }
}
keys! {
    /// The key of every health check.
    struct KindKeys {
        const KIND: Key<OneOf<Kinds>> = Key::convention("kind", "what the check goes by", "endpoint", "a check probes an endpoint unless stated");
    }
}
keys! {
    /// A check of an endpoint.
    struct EndpointKeys {
        const ENDPOINT: Key<Option<Name<Endpoint>>> = Key::optional("endpoint", "the endpoint that checkers probe: a region that serves, or `SERVICE@REGION`", "an error: a check of this kind names it");
    }
}
keys! {
    /// A calculated check.
    struct CalculatedKeys {
        const CHILDREN: Key<Option<Names<CheckId>>> = Key::optional("children", "the checks that a calculated check goes by", "an error: a calculated check names them");
        const HEALTHY_CHILDREN: Key<Option<Count>> = healthy_children();
    }
}

/// What a check goes by, before its own keys are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Endpoint,
    Calculated,
    Alarm,
}

/// The words for it.
enum Kinds {}

impl Words for Kinds {
    type Means = Kind;
    const WORDS: &'static [Word<Kind>] = &[
        Word::new("endpoint", Kind::Endpoint, "checkers around the world probe an endpoint and vote").with(&[
            Listing::Keys(EndpointKeys::KEYS),
            Listing::Keys(ProbingKeys::KEYS),
            Listing::Keys(DeepKeys::KEYS),
        ]),
        Word::new(
            "calculated",
            Kind::Calculated,
            "the check counts how many of its children, other checks, are healthy",
        )
        .with(&[Listing::Keys(CalculatedKeys::KEYS)]),
        Word::new("alarm", Kind::Alarm, "the check follows the metric of an alarm: unhealthy while that breaches")
            .with(&[Listing::Keys(AlarmChildKeys::KEYS)]),
    ];
}

/// A health check.
pub(super) enum NamedCheckTable {}

impl Table for NamedCheckTable {
    const LAYOUT: Layout = &[Listing::Keys(KindKeys::KEYS), Listing::Keys(InvertedKeys::KEYS)];
}

/// Health checks while they are read, with their tables.
pub(super) struct Checks<'a> {
    pub(super) all: ById<CheckId, ZoneCheck>,
    pub(super) names: Vec<String>,
    pub(super) sections: Vec<Section<'a>>,
}

impl<'a> Checks<'a> {
    /// Reads `[health-checks]`, in alphabetical order.
    pub(super) fn read(root: &mut Section<'a>, endpoints: &Endpoints, around: Surroundings<'_>) -> Self {
        let mut written = root.named(&HEALTH_CHECKS);
        written.sort_by(|(one, _), (other, _)| one.cmp(other));
        let names: Vec<String> = written.iter().map(|(name, _)| name.clone()).collect();
        let mut checks = Self { all: ById::default(), names, sections: Vec::new() };
        for (name, mut section) in written {
            if endpoints.has(&name) {
                let found = format!("a health check with the name of an endpoint, {name}");
                section.reject("", found, "another name: alarms and runbooks name both", None);
            }
            let sight = read_sight(&mut section, &checks.names, endpoints, around);
            checks.all.push(ZoneCheck { name, sight, inverted: section.get(&INVERTED) });
            checks.sections.push(section);
        }
        let below = |check: &ZoneCheck| match &check.sight {
            Sight::Calculated { children, .. } => children.clone(),
            Sight::Probes(_) | Sight::Alarm { .. } => Vec::new(),
        };
        let below: Vec<Vec<CheckId>> = checks.all.iter().map(below).collect();
        if let Err(circle) = callees_first(&below) {
            let names: Vec<&str> = circle.iter().map(|&id| checks.all[id].name.as_str()).collect();
            let found = format!("a circle of checks: {}", names.join(" -> "));
            checks.sections[circle[0].index()].reject("children", found, "checks that end somewhere", None);
            if let Sight::Calculated { children, .. } = &mut checks.all[circle[0]].sight {
                children.clear();
            }
        }
        checks.name_streams(endpoints, around);
        checks
    }

    /// Random numbers of checks go by the endpoint and, where it has several, by what they look at, like those of children of
    /// a single check of an endpoint.
    fn name_streams(&mut self, endpoints: &Endpoints, around: Surroundings<'_>) {
        for place in endpoints.all() {
            let own = |check: &ZoneCheck| matches!(&check.sight, Sight::Probes(probing) if probing.place == place);
            let subject = |check: &ZoneCheck| match &check.sight {
                Sight::Probes(probing) if !probing.needs.is_empty() => {
                    Look::Deep(probing.needs.clone()).subject(around.stores, around.services, around.alarms)
                }
                _ => super::super::SHALLOW.to_owned(),
            };
            let subjects = numbered(self.all.iter().filter(|check| own(check)).map(subject));
            let alone = subjects.len() == 1;
            let path = endpoints.path(place);
            let mut subjects = subjects.into_iter();
            for check in &mut self.all {
                if let Sight::Probes(probing) = &mut check.sight
                    && probing.place == place
                    && let Some(subject) = subjects.next()
                {
                    let plain = alone || subject == super::super::SHALLOW;
                    probing.path = if plain { path.clone() } else { format!("{path}/{subject}") };
                }
            }
        }
    }
}

/// What a check goes by.
fn read_sight(section: &mut Section<'_>, names: &[String], endpoints: &Endpoints, around: Surroundings<'_>) -> Sight {
    match section.get(&KIND) {
        Kind::Endpoint => {
            let place = endpoints.read(section, &ENDPOINT);
            if place.is_none() {
                let found = "a check of an endpoint without `endpoint`";
                section.reject_among(&["kind", "endpoint"], found, "`endpoint = \"REGION\"`, or another `kind`", None);
            }
            Sight::Probes(Probing {
                place: place.unwrap_or(PlaceId::new(0)),
                needs: read_deep(section, around),
                interval: section.get(&INTERVAL),
                threshold: section.get(&THRESHOLD) as u32,
                checkers: section.get(&CHECKERS) as usize,
                path: String::new(),
            })
        }
        Kind::Calculated => {
            let children = section.names(&CHILDREN, names);
            if children.is_empty() {
                let found = "a calculated check without `children`";
                section.reject_among(&["kind", "children"], found, "`children = [\"NAME\", ..]`", None);
            }
            let healthy = section.get(&HEALTHY_CHILDREN).map_or(children.len(), |count| count as usize);
            if healthy > children.len() {
                let expected = format!("at most the number of children, {}", children.len());
                section.reject_among(&["healthy-children", "children"], healthy.to_string(), expected, None);
            }
            Sight::Calculated { children, healthy }
        }
        Kind::Alarm => {
            let alarm = section.maybe_name(&CHILD_ALARM, around.alarms);
            if alarm.is_none() {
                let found = "a check on an alarm without `alarm`";
                section.reject_among(&["kind", "alarm"], found, "`alarm = \"NAME\"`", None);
            }
            Sight::Alarm { alarm: alarm.unwrap_or(AlarmId::new(0)), insufficient: section.get(&INSUFFICIENT) }
        }
    }
}
