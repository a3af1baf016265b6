//! The keys of health checks, and their reading: one for all endpoints, and those of single regions.

use sim_settings::form::{Count, Duration, Either, Flag, List, Name, OneOf, Sub, Table, Words};
use sim_settings::{Band, Draft, Key, Keys as _, Layout, Listing, Node, Section, Value, Word, keys, overlay};

use super::{Check, Child, Insufficient, Look, Surroundings};
use crate::ids::AlarmId;
use crate::needs::{self, Need, NeedTable, To};
use crate::services::check_calls;
use crate::sources::{cited, pages};

keys! {
    /// The check of every endpoint, where one is assumed.
    pub(super) struct AssumedCheckKeys {
        const HEALTH_CHECK: Key<Either<Sub<CheckTable>, Flag>> = Key::assumed(
            "health-check",
            "how checkers probe each endpoint; `false` for none",
            "{ interval = \"30s\", failure-threshold = 3 }",
            cited!(
                "a guess at what there is and not a figure: AWS checks nothing by itself, and a record without a check is always \
                 healthy; write what there is, or `false`",
                pages::ROUTE53_CHOOSES
            ),
        )
        .band(Band::choice("whether there is a check, and which, is a choice of the design, which its owner knows"));
    }
}
keys! {
    /// The check of every endpoint, where none is assumed.
    pub(super) struct CheckKeys {
        const OTHER_HEALTH_CHECK: Key<Either<Sub<CheckTable>, Flag>> = Key::optional("health-check", "how checkers probe each endpoint; `false` for none", "no checks");
    }
}
keys! {
    /// A region's keys for its endpoint in DNS.
    pub(crate) struct OwnDnsKeys {
        const OWN_HEALTH_CHECK: Key<Option<Either<Sub<CheckTable>, Flag>>> = Key::optional("health-check", "what is different about the check of this region's endpoint, laid over that of `dns`; `false` for none", "the check of `dns`");
    }
}
keys! {
    /// How an endpoint is probed.
    pub(super) struct ProbingKeys {
        pub(super) const INTERVAL: Key<Duration> = Key::documented(
            "interval",
            "time between a response and the next request of one checker",
            "30s",
            cited!("the standard request interval; 10 s is the fast one", pages::ROUTE53_CHECK_VALUES),
        )
        .at_least(1.0);
        pub(super) const THRESHOLD: Key<Count> = Key::documented(
            "failure-threshold",
            "consecutive contrary results that turn a checker",
            "3",
            cited!("the default of the API", pages::ROUTE53_CHECK_API),
        )
        .at_least(1.0)
        .at_most(10.0);
        pub(super) const CHECKERS: Key<Count> = Key::assumed(
            "checkers",
            "number of checkers",
            "16",
            cited!(
                "no published figure; about 15 or 16 follow from a probe every 2 s on average at an interval of 30 s",
                pages::ROUTE53_CHECK_VALUES
            ),
        )
        .band(Band::range(12.0, 20.0, "probes at a published rate imply 15 or 16; locations come and go"))
        .at_least(1.0)
        .at_most(1000.0);
    }
}

/// The key of a calculated check, wherever it is written.
pub(super) const fn healthy_children() -> Draft<Option<Count>> {
    Key::optional("healthy-children", "healthy children that make a calculated check healthy", "all of them")
        .at_least(0.0)
}

keys! {
    /// The children of a check that is written where it is used.
    struct ChildrenKeys {
        const CHECKS: Key<Option<List<ChildTable>>> = Key::optional("checks", "child checks of a calculated check, each shallow, deep or on an alarm", "a plain check");
        const AT_LEAST: Key<Option<Count>> = healthy_children();
    }
}
keys! {
    /// A deep check.
    pub(super) struct DeepKeys {
        pub(super) const DEEP: Key<Option<List<NeedTable>>> = Key::optional("deep", "needs that the check exercises; it fails with them", "a shallow check");
    }
}
keys! {
    /// Any check but a calculated one.
    pub(super) struct InvertedKeys {
        pub(super) const INVERTED: Key<Flag> = Key::documented(
            "inverted",
            "the verdict is turned round",
            "false",
            cited!("off unless chosen", pages::ROUTE53_CHECK_VALUES),
        );
    }
}
keys! {
    /// A child check.
    struct ChildKeys {
        const CHILD_KIND: Key<OneOf<ChildKind>> = Key::required("kind", "what the child check looks at");
    }
}
keys! {
    /// A child check on an alarm.
    pub(super) struct AlarmChildKeys {
        pub(super) const CHILD_ALARM: Key<Option<Name<AlarmId>>> = Key::optional("alarm", "the alarm whose metric the child check evaluates", "an error: a check on an alarm names it");
        pub(super) const INSUFFICIENT: Key<OneOf<Insufficient>> = Key::assumed(
            "insufficient-data",
            "what the check says while the alarm has not enough data, as when the alarm's region is out",
            "last-known",
            cited!("the guide names three statuses and no default", pages::ROUTE53_CHECK_VALUES),
        )
        .band(Band::choice("it is a setting of the check, which its owner knows"));
    }
}

/// The kind of a child check, before its own keys are read.
#[derive(Clone, Copy)]
enum LookKind {
    Shallow,
    Deep,
    Alarm,
}

/// The words for it.
enum ChildKind {}

impl Words for ChildKind {
    type Means = LookKind;
    const WORDS: &'static [Word<LookKind>] = &[
        Word::new("shallow", LookKind::Shallow, "the front: dead, or without a live target in rotation"),
        Word::new("deep", LookKind::Deep, "the front and what a request needs behind it")
            .with(&[Listing::Keys(DeepKeys::KEYS)]),
        Word::new("alarm", LookKind::Alarm, "the check follows the metric of an alarm: unhealthy while that breaches")
            .with(&[Listing::Keys(AlarmChildKeys::KEYS)]),
    ];
}

/// A child check.
enum ChildTable {}

impl Table for ChildTable {
    const LAYOUT: Layout = &[Listing::Keys(ChildKeys::KEYS), Listing::Keys(InvertedKeys::KEYS)];
}

impl Words for Insufficient {
    type Means = Self;
    const WORDS: &'static [Word<Self>] = &[
        Word::new(
            "healthy",
            Self::Healthy,
            "the check passes for healthy, and DNS goes on answering with what it guards",
        ),
        Word::new(
            "unhealthy",
            Self::Unhealthy,
            "the check passes for unhealthy, and DNS leads away from what it guards",
        ),
        Word::new("last-known", Self::LastKnown, "what it said last; healthy if it has said nothing yet"),
    ];
}

/// A health check.
pub(super) enum CheckTable {}

impl Table for CheckTable {
    const LAYOUT: Layout = &[
        Listing::Keys(ProbingKeys::KEYS),
        Listing::Keys(ChildrenKeys::KEYS),
        Listing::Keys(DeepKeys::KEYS),
        Listing::Keys(InvertedKeys::KEYS),
    ];
}

/// Reads the check of every endpoint: `health-check` of `[dns]`, and what `own` says of the region instead. Without the
/// key there is one if it is `assumed`.
pub(super) fn read_checks(
    dns: &mut Section<'_>,
    own: &mut [Option<Section<'_>>],
    assumed: bool,
    around: Surroundings<'_>,
) -> Vec<Option<Check>> {
    let key = if assumed { &HEALTH_CHECK } else { &OTHER_HEALTH_CHECK };
    let written = dns.node(key);
    let common = match written {
        Some(node) if is_off(dns, node) => None,
        None if !assumed => None,
        _ => Some(read_check(&mut dns.section_or_default(&key.one()), around)),
    };
    let path = format!("{}.{}", dns.path(), key.name);
    let each = (0..around.regions.len()).map(|region| {
        let Some(section) = own.get_mut(region).and_then(Option::as_mut) else { return common.clone() };
        match (section.node(&OWN_HEALTH_CHECK), written) {
            (None, _) => common.clone(),
            (Some(node), _) if is_off(section, node) => None,
            (Some(node), Some(below)) if common.is_some() => {
                let laid = overlay(below, node, &[]);
                Some(read_check(&mut section.element_over(&OWN_HEALTH_CHECK.one(), &laid, below, &path), around))
            }
            (Some(_), _) => Some(read_check(&mut section.section_or_default(&OWN_HEALTH_CHECK.one()), around)),
        }
    });
    each.collect()
}

/// What a region says of its endpoint's check, as it is written.
pub(crate) fn own_check<'a>(section: &mut Section<'a>) -> Option<&'a Node> {
    section.node(&OWN_HEALTH_CHECK)
}

/// Whether a check is written as `false`. `true` says too little.
fn is_off(section: &Section<'_>, node: &Node) -> bool {
    let Value::Boolean(on) = node.value else { return false };
    if on {
        let expected = "a table that says how it probes, as in health-check = { interval = \"10s\" }, or false";
        section.reject("health-check", "true", expected, None);
    }
    true
}

/// What a deep check asks for at each look.
pub(super) fn read_deep(section: &mut Section<'_>, around: Surroundings<'_>) -> Vec<Need> {
    let Surroundings { stores, queues, services, regions, graph, resolved, .. } = around;
    let needs = needs::read_needs(section, &DEEP, needs::Names { stores, unread: queues, services, regions, resolved });
    check_calls(section, (DEEP.name, &needs), graph);
    for (index, need) in needs.iter().enumerate() {
        let kept = need.kept;
        let keys =
            [("cached-for", kept.values.is_some()), ("keep-last", kept.last), ("errors-kept", kept.errors.is_some())];
        for (key, kept) in keys {
            if kept {
                let found = format!("`{key}` in a health check");
                section.reject_in((DEEP.name, index), key, found, "no such key: a checker asks anew at each look");
            }
        }
        if need.call().is_some_and(|call| matches!(call.to, To::Name(_))) {
            let found = "a name for a call of a health check";
            section.reject_in((DEEP.name, index), "to", found, "no such key: it goes to the service itself");
        }
        // Where nothing is entered, another mistake of the graph is told.
        if let Some(call) = need.call()
            && graph.entered.is_some()
            && !graph.asked.contains(&call.service)
        {
            let name = &services[call.service.index()];
            let (found, expected) = if graph.is_entered(call.service) {
                (format!("{name}, which clients enter"), "a service behind it: every check asks the entered one itself")
            } else {
                (format!("{name}, which nobody calls"), "a service that requests or launches need")
            };
            section.reject_in((DEEP.name, index), "call", found, expected);
        }
    }
    needs
}

fn read_check(section: &mut Section<'_>, around: Surroundings<'_>) -> Check {
    let mut children = Vec::new();
    for mut child in section.sections(&CHECKS) {
        let look = match child.get(&CHILD_KIND) {
            LookKind::Deep => {
                let needs = read_deep(&mut child, around);
                if !child.has("deep") {
                    child.reject("kind", "a deep check without `deep`", "`deep = [{ write = \"STORE\" }]`", None);
                }
                Look::Deep(needs)
            }
            LookKind::Alarm => {
                let alarm = child.maybe_name(&CHILD_ALARM, around.alarms);
                if alarm.is_none() {
                    let found = "a check on an alarm without `alarm`";
                    child.reject_among(&["kind", "alarm"], found, "`alarm = \"NAME\"`", None);
                }
                Look::Alarm { alarm: alarm.unwrap_or(AlarmId::new(0)), insufficient: child.get(&INSUFFICIENT) }
            }
            LookKind::Shallow => Look::Shallow,
        };
        children.push(Child { look, inverted: child.get(&INVERTED) });
    }
    let needs = read_deep(section, around);
    let inverted = section.get(&INVERTED);
    if children.is_empty() {
        let look = if needs.is_empty() { Look::Shallow } else { Look::Deep(needs) };
        children.push(Child { look, inverted });
    } else {
        for (key, said) in [("deep", !needs.is_empty()), ("inverted", section.has("inverted"))] {
            if said {
                let (found, expected) =
                    (format!("`{key}` beside `checks`"), format!("`{key}` inside one of the checks"));
                section.reject(key, found, expected, None);
            }
        }
        section.disregard(&INVERTED);
    }
    let healthy_children = section.get(&AT_LEAST).map_or(children.len(), |count| count as usize);
    if healthy_children > children.len() {
        let expected = format!("at most the number of checks, {}", children.len());
        section.reject_among(&["healthy-children", "checks"], healthy_children.to_string(), expected, None);
    }
    Check {
        interval: section.get(&INTERVAL),
        threshold: section.get(&THRESHOLD) as u32,
        checkers: section.get(&CHECKERS) as usize,
        children,
        healthy_children,
    }
}
