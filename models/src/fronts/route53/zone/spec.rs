//! The keys of `[names.NAME]` and `[records.NAME]`, and their reading.

use sim_settings::form::{Delay, Duration, List, Name, Named, OneOf, Table};
use sim_settings::{Entry, Key, Keys as _, Layout, Listing, Node, Section, Value, keys};

use super::answer_spec::{AnswerTable, TO};
use super::check_spec::{Checks, HEALTH_CHECKS};
use super::policy::{Policies, Policy};
use super::tree::{self, Unfinished};
use super::written::Written;
use crate::by_id::ById;
use crate::control_planes::Editing;
use crate::fronts::route53::spec::{Failback, ttl};
use crate::fronts::route53::{Parameters, Surroundings};
use crate::ids::{NameId, RecordId};
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
        const NAME_TTL: Key<Duration> = ttl();
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
        pub(super) const RECORD_POLICY: Key<OneOf<Policies>> = Key::required("policy", "how the record chooses among its answers");
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

    /// The names of all health checks, in alphabetical order.
    pub fn checks(root: &Section<'_>) -> Vec<String> {
        let mut names = root.keys_of(HEALTH_CHECKS.name);
        names.sort();
        names
    }

    /// The services that answers of records lead to, as far as they are written: `SERVICE@REGION`. Records are in alphabetical
    /// order: where they stand in a file makes no difference.
    pub fn answered(root: &Section<'_>) -> Vec<String> {
        let mut services: Vec<String> = Vec::new();
        let mut records: Vec<&Entry> =
            root.written_node(RECORDS.name).map(Node::entries).unwrap_or_default().iter().collect();
        records.sort_by_key(|record| &record.key);
        for record in records {
            let Some(Value::Array(answers)) = record.node.get(ANSWERS.name).map(|answers| &answers.value) else {
                continue;
            };
            let ends = answers.iter().filter_map(|answer| answer.get(TO.name)?.text()?.split_once('@'));
            services.extend(ends.map(|(service, _)| service.to_owned()));
        }
        services
    }

    /// Whether a file writes them out.
    pub fn is_written(root: &Section<'_>) -> bool {
        root.has(NAMES.name) || root.has(RECORDS.name) || root.has(HEALTH_CHECKS.name)
    }

    /// Reads names, records and checks over the settings of `dns`. `used` are the names that journeys and calls use.
    pub fn read(
        root: &mut Section<'_>,
        dns: &Parameters,
        (used, journeys): (&[Option<NameId>], &[String]),
        around: Surroundings<'_>,
    ) -> Option<Written> {
        let endpoints = around.endpoints;
        let checks = Checks::read(root, endpoints, around);
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
            if endpoints.has(name) {
                let found = format!("a record with the name of an endpoint, {name}");
                section.reject("", found, "another name: answers name both", None);
            }
        }
        let by_route53 = matches!(dns.editing, Editing::Route53(_));
        let mut unfinished = Unfinished::new(checks, &record_names, journeys, (around, by_route53));
        for (name, section) in &mut records {
            let policy = section.get(&RECORD_POLICY);
            // Of a policy that nobody knows, nobody knows the keys.
            let word = section.node(&RECORD_POLICY).and_then(sim_settings::Node::text);
            let known = word.is_some_and(Policy::is_known);
            let mut answers = section.sections(&ANSWERS);
            let manual_failback = section.get(&RECORD_FAILBACK);
            let propagation = section.get(&RECORD_PROPAGATION).unwrap_or_else(|| dns.propagation.clone());
            let edit = section.get(&RECORD_EDIT).unwrap_or(dns.record_edit);
            if answers.is_empty() && section.has(ANSWERS.name) {
                section.reject(ANSWERS.name, "no answer", "at least one", None);
            }
            let settings = tree::Settings { name: name.clone(), manual_failback, propagation, edit };
            unfinished.add(section, (policy, known), &mut answers, settings);
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
                let expected = "`at` of a journey, `to = { name = .. }` of a call, or no such name";
                section.reject("", "a name that nobody uses", expected, None);
            }
        }
        let names_lead = names.iter().all(|(_, section)| section.is_sound(RECORD.name));
        unfinished.finish(named, names_lead, &records)
    }
}

#[cfg(test)]
mod tests {
    use sim_settings::KeyDefault;
    use sim_settings::quantity::parse_duration;

    use super::NEGATIVE;
    use crate::fronts::route53::zone::short::NEGATIVE_TTL;

    #[test]
    fn a_name_keeps_an_empty_answer_as_long_as_the_zone_of_dns_does_unless_it_says_otherwise() {
        let KeyDefault::Value { text, .. } = NEGATIVE.default else { panic!("the key has a default") };
        assert_eq!(parse_duration(text), Ok(NEGATIVE_TTL.as_secs_f64()));
    }
}
