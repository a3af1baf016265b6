//! What the file says of health checks: one for all endpoints, and what single regions say instead.

use sim_settings::{Key, Kind, Node, Section, Value, overlay};

use super::{Check, Child, Insufficient, Look, Surroundings};
use crate::journeys;
use crate::sources::{cited, pages};

const HEALTH_CHECK: Key = Key::assumed(
    "health-check",
    "how checkers probe each endpoint; `false` for none",
    "{ interval = \"30s\", failure-threshold = 3 }",
    cited!(
        "a guess at what there is and not a figure: AWS checks nothing by itself, and a record without a check is always \
         healthy; write what there is, or `false`",
        pages::ROUTE53_CHOOSES
    ),
);
const OTHER_HEALTH_CHECK: Key = Key::optional("health-check", "how checkers probe each endpoint; `false` for none");
const OWN_HEALTH_CHECK: Key = Key::optional(
    "health-check",
    "what is different about the check of this region's endpoint, laid over that of `dns`; `false` for none",
);
const INTERVAL: Key = Key::documented(
    "interval",
    "time between a response and the next request of one checker",
    "30s",
    cited!("the standard request interval; 10 s is the fast one", pages::ROUTE53_CHECK_VALUES),
)
.at_least(1.0);
const THRESHOLD: Key = Key::documented(
    "failure-threshold",
    "consecutive contrary results that turn a checker",
    "3",
    cited!("the default of the API", pages::ROUTE53_CHECK_API),
)
.at_least(1.0)
.at_most(10.0);
const CHECKERS: Key = Key::assumed(
    "checkers",
    "number of checkers",
    "16",
    cited!(
        "no published figure; about 15 or 16 follow from a probe every 2 s on average at an interval of 30 s",
        pages::ROUTE53_CHECK_VALUES
    ),
)
.at_least(1.0)
.at_most(1000.0);
const DEEP: Key = Key::optional("deep", "needs that the check exercises; it fails with them");
const INVERTED: Key = Key::documented(
    "inverted",
    "the verdict is turned round",
    "false",
    cited!("off unless chosen", pages::ROUTE53_CHECK_VALUES),
);
const CHECKS: Key = Key::optional("checks", "child checks of a calculated check, each shallow, deep or on an alarm");
const CHILD_KIND: Key = Key::required("kind", "what the child check looks at");
const CHILD_ALARM: Key = Key::optional("alarm", "the alarm whose metric the child check evaluates");
const AT_LEAST: Key =
    Key::optional("healthy-children", "healthy children that make a calculated check healthy; all of them without")
        .at_least(0.0);
const INSUFFICIENT: Key = Key::assumed(
    "insufficient-data",
    "what the check says while the alarm has not enough data, as when the alarm's region is out",
    "last-known",
    cited!("the guide names three statuses and no default", pages::ROUTE53_CHECK_VALUES),
);

/// Reads the check of every endpoint: `health-check` of `[dns]`, and what `own` says of the region instead. Without the
/// key there is one if it is `assumed`.
pub(super) fn read_checks(
    dns: &mut Section<'_>,
    own: &mut [Option<Section<'_>>],
    assumed: bool,
    around: Surroundings<'_>,
) -> Vec<Option<Check>> {
    let key = if assumed { &HEALTH_CHECK } else { &OTHER_HEALTH_CHECK };
    let written = dns.either(key, Kind::Section, Kind::Flag);
    let common = match written {
        Some(node) if is_off(dns, node) => None,
        None if !assumed => None,
        _ => Some(read_check(&mut dns.section_or_default(key), around)),
    };
    let path = format!("{}.{}", dns.path(), key.name);
    let each = (0..around.regions.len()).map(|region| {
        let Some(section) = own.get_mut(region).and_then(Option::as_mut) else { return common.clone() };
        match (section.either(&OWN_HEALTH_CHECK, Kind::Section, Kind::Flag), written) {
            (None, _) => common.clone(),
            (Some(node), _) if is_off(section, node) => None,
            (Some(node), Some(below)) if common.is_some() => {
                let laid = overlay(below, node, &[]);
                Some(read_check(&mut section.element_over(&laid, OWN_HEALTH_CHECK.name, below, &path), around))
            }
            (Some(_), _) => Some(read_check(&mut section.section_or_default(&OWN_HEALTH_CHECK), around)),
        }
    });
    each.collect()
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

fn read_check(section: &mut Section<'_>, around: Surroundings<'_>) -> Check {
    let Surroundings { stores, alarms, .. } = around;
    let mut children = Vec::new();
    for mut child in section.sections(&CHECKS) {
        let look = match child.choice(&CHILD_KIND, &[("shallow", 0), ("deep", 1), ("alarm", 2)]) {
            1 => {
                let needs = journeys::read_needs(&mut child, &DEEP, stores);
                if !child.has("deep") {
                    child.reject("kind", "a deep check without `deep`", "`deep = [{ write = \"STORE\" }]`", None);
                }
                Look::Deep(needs)
            }
            2 => {
                let alarm = child.maybe_name(&CHILD_ALARM, alarms);
                if alarm.is_none() {
                    let found = "a check on an alarm without `alarm`";
                    child.reject_among(&["kind", "alarm"], found, "`alarm = \"NAME\"`", None);
                }
                let ways = [
                    ("healthy", Insufficient::Healthy),
                    ("unhealthy", Insufficient::Unhealthy),
                    ("last-known", Insufficient::LastKnown),
                ];
                Look::Alarm { alarm: alarm.unwrap_or(0), insufficient: child.choice(&INSUFFICIENT, &ways) }
            }
            _ => Look::Shallow,
        };
        children.push(Child { look, inverted: child.flag(&INVERTED) });
    }
    let needs = journeys::read_needs(section, &DEEP, stores);
    let inverted = section.flag(&INVERTED);
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
    let healthy_children = section.maybe_count(&AT_LEAST).map_or(children.len(), |count| count as usize);
    if healthy_children > children.len() {
        let expected = format!("at most the number of checks, {}", children.len());
        section.reject_among(&["healthy-children", "checks"], healthy_children.to_string(), expected, None);
    }
    Check {
        interval: section.duration(&INTERVAL),
        threshold: section.count(&THRESHOLD) as u32,
        checkers: section.count(&CHECKERS) as usize,
        children,
        healthy_children,
    }
}
