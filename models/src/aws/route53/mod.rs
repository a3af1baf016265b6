//! Amazon Route 53: what DNS answers, to whom, and how it learns that an endpoint is unhealthy.

pub mod answers;
pub mod health_check;
pub mod routing;

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::{Key, Section};

use crate::about::About;
use crate::journeys::{self, Access, Need};
use crate::sources::{cited, pages};
pub use answers::Policy;

/// What is modelled of it.
pub const ABOUT: About = About {
    name: "Route 53",
    modelled: "the seven routing policies with fail-open; health checks on the front of each region, shallow and deep, \
         calculated and inverted ones, checks on an alarm's metric; the time until a verdict or a routing control \
         shows in answers; record edits, which need the control plane in us-east-1 or, with accelerated recovery and \
         an hour later, the one in us-west-2; failback by hand",
    not_modelled: "nested record trees, points of presence that disagree, more than one hosted zone",
    sources: "each key names its page",
};

const POLICY: Key = Key::required("policy", "how DNS chooses among endpoints");
const TTL: Key = Key::documented(
    "ttl",
    "time that resolvers may keep an answer; an alias of a load balancer has 60 s",
    "60s",
    cited!(
        "the TTL of load balancers, and the most that is advised for records with health checks",
        pages::ROUTE53_ALIAS
    ),
);
const ALIAS: Key = Key::convention(
    "alias",
    "alias records take the TTL of the load balancer, 60 s",
    "false",
    "records have a TTL of their own unless stated",
);
const EVALUATE: Key = Key::documented(
    "evaluate-target-health",
    "an endpoint without a healthy target counts as unhealthy",
    "false",
    cited!("off unless chosen", pages::ROUTE53_TARGET_HEALTH),
);
const PROPAGATION: Key = Key::assumed(
    "propagation",
    "time from a verdict or a routing control to the first changed answer",
    "{ lognormal = { median = \"3s\", p95 = \"10s\" } }",
    cited!(
        "no published figure; AWS describes a continuous push of health to every DNS location",
        pages::ROUTE53_PROBLEMS
    ),
);
const EDIT: Key = Key::documented(
    "record-edit",
    "time from a record edit to the first changed answer",
    "60s",
    cited!("edits generally reach all servers within 60 s", pages::ROUTE53_EDITS),
)
.above(0.0);
const ACCELERATED: Key = Key::documented(
    "accelerated-recovery",
    "edits of records are redirected to us-west-2 while the control plane in us-east-1 is out",
    "false",
    cited!("off unless enabled beforehand", pages::ROUTE53_RECOVERY),
);
const ACCELERATED_TIME: Key = Key::documented(
    "accelerated-recovery-time",
    "from the loss of the control plane in us-east-1 until edits are redirected",
    "60m",
    cited!("within about 60 minutes, as AWS plans it", pages::ROUTE53_RECOVERY),
);
const FAILBACK: Key = Key::convention(
    "failback",
    "whether an endpoint that is healthy again gets traffic by itself",
    "automatic",
    "answers follow health",
);
const HEALTH_CHECK: Key = Key::optional("health-check", "how checkers probe each endpoint");
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
const PRIMARY: Key = Key::optional("primary", "the endpoint of policy `failover` and `simple`");
const SECONDARY: Key = Key::optional("secondary", "the other endpoint of policy `failover`");
const WEIGHTS: Key = Key::optional("weights", "weights of policy `weighted`, 0 to 255 per region").at_most(255.0);
const LOCATIONS: Key = Key::optional("locations", "policy `geolocation`: the region that serves each population");
const DEFAULT: Key = Key::optional("default", "policy `geolocation`: the region that serves everybody else");
const BIAS: Key =
    Key::optional("bias", "policy `geoproximity`: bias per region, -99 to 99").at_least(-99.0).at_most(99.0);

/// What one child of a health check looks at.
#[derive(Debug, Clone, PartialEq)]
pub enum Look {
    /// The front: dead, or without a live target in rotation.
    Shallow,
    /// The front, and these needs.
    Deep(Vec<Need>),
    /// The metric of an alarm, by the alarm's index.
    Alarm(usize),
}

/// One child of a calculated check; a plain check has exactly one.
#[derive(Debug, Clone, PartialEq)]
pub struct Child {
    /// What it looks at.
    pub look: Look,
    /// Whether its verdict is turned round.
    pub inverted: bool,
}

/// The health check that every endpoint has.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Time between a response and the next request.
    pub interval: SimDuration,
    /// Consecutive contrary results that turn a checker.
    pub threshold: u32,
    /// Number of checkers.
    pub checkers: usize,
    /// Children; more than one make it a calculated check.
    pub children: Vec<Child>,
    /// Healthy children that make it healthy.
    pub healthy_children: usize,
}

/// The routing of one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// How DNS chooses.
    pub policy: Policy,
    /// The records' TTL.
    pub ttl: SimDuration,
    /// Time until a verdict or a routing control shows, in seconds.
    pub propagation: Distribution,
    /// Time until a record edit shows.
    pub record_edit: SimDuration,
    /// Time until edits are redirected when their control plane is lost, in seconds; they never are without.
    pub accelerated_recovery: Option<Distribution>,
    /// Whether traffic returns only when an operator says so.
    pub manual_failback: bool,
    /// Whether an endpoint without a healthy target is unhealthy.
    pub evaluate_target_health: bool,
    /// The health check of every endpoint; answers of policy `simple` do not look at it.
    pub check: Check,
}

/// What routing refers to.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// Names of the regions.
    pub regions: &'a [String],
    /// Names of the stores.
    pub stores: &'a [String],
    /// Names of the populations.
    pub populations: &'a [String],
    /// Names of the alarms.
    pub alarms: &'a [String],
    /// Round-trip times: row = population, column = region.
    pub round_trips: &'a [Vec<f64>],
    /// Distances in km: row = population, column = region.
    pub distances: &'a [Vec<f64>],
}

/// The seven policies by name, for the first reading of `policy`.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Simple,
    Weighted,
    Latency,
    Failover,
    Geolocation,
    Geoproximity,
    Multivalue,
}

impl Parameters {
    /// Routing that nobody asks: no checks, nothing that could change.
    pub fn unused() -> Self {
        let at_once = || Distribution::constant(0.0).expect("zero is a constant");
        let check = Check {
            interval: SimDuration::from_secs(30),
            threshold: 1,
            checkers: 1,
            children: Vec::new(),
            healthy_children: 0,
        };
        Self {
            policy: Policy::Simple { only: None },
            ttl: SimDuration::ZERO,
            propagation: at_once(),
            record_edit: SimDuration::ZERO,
            accelerated_recovery: None,
            manual_failback: false,
            evaluate_target_health: false,
            check,
        }
    }

    /// Reads `[dns]`.
    pub fn read(section: &mut Section<'_>, around: Surroundings<'_>) -> Self {
        let Surroundings { stores, alarms, .. } = around;
        let policy = read_policy(section, around);
        let alias = section.flag(&ALIAS);
        if alias && section.has("ttl") {
            section.reject("ttl", "a TTL on an alias", "no `ttl`: an alias takes the load balancer's 60 s", None);
        }
        let ttl = section.duration(&TTL);
        // With policy `simple` answers do not look at health, but the check exists and can start a runbook.
        let check = read_check(&mut section.section_or_default(&HEALTH_CHECK), stores, alarms);
        Self {
            policy,
            ttl,
            propagation: section.delay(&PROPAGATION),
            record_edit: section.duration(&EDIT),
            accelerated_recovery: read_accelerated_recovery(section),
            manual_failback: section.choice(&FAILBACK, &[("automatic", false), ("manual", true)]),
            evaluate_target_health: section.flag(&EVALUATE),
            check,
        }
    }
}

/// `policy` and the keys that go with it.
fn read_policy(section: &mut Section<'_>, around: Surroundings<'_>) -> Policy {
    let Surroundings { regions, populations, round_trips, distances, .. } = around;
    let kind = section.choice(
        &POLICY,
        &[
            ("latency", Kind::Latency),
            ("failover", Kind::Failover),
            ("weighted", Kind::Weighted),
            ("simple", Kind::Simple),
            ("geolocation", Kind::Geolocation),
            ("geoproximity", Kind::Geoproximity),
            ("multivalue", Kind::Multivalue),
        ],
    );
    match kind {
        Kind::Simple => Policy::Simple { only: section.maybe_name(&PRIMARY, regions) },
        Kind::Multivalue => Policy::Multivalue,
        Kind::Latency => Policy::Ranked { cost: round_trips.to_vec() },
        Kind::Failover => {
            let primary = section.maybe_name(&PRIMARY, regions);
            let secondary = section.maybe_name(&SECONDARY, regions);
            if primary.is_none() {
                let expected = "`primary = \"REGION\"`";
                section.reject_among(&["policy", "primary"], "`failover` without `primary`", expected, None);
            }
            if secondary.is_some() && primary == secondary {
                section.reject("secondary", "the primary again", "another region", None);
            }
            Policy::Failover { primary: primary.unwrap_or(0), secondary }
        }
        Kind::Weighted => {
            let given = section.shares_by_name(&WEIGHTS, regions);
            if given.is_empty() {
                let expected = "`weights = { REGION = 70, .. }`";
                section.reject_among(&["policy", "weights"], "`weighted` without `weights`", expected, None);
            }
            let mut weights = vec![0.0; regions.len()];
            for (region, weight) in given {
                weights[region] = weight;
            }
            Policy::Weighted { weights }
        }
        Kind::Geolocation => {
            let default = section.maybe_name(&DEFAULT, regions);
            if default.is_none() {
                let hint = "without a default, clients that match no location get no answer at all";
                section.reject_among(
                    &["policy", "default"],
                    "`geolocation` without `default`",
                    "`default = \"REGION\"`",
                    Some(hint.into()),
                );
            }
            let mut matched = vec![None; populations.len()];
            for (population, region) in section.names_by_name(&LOCATIONS, populations, regions) {
                matched[population] = Some(region);
            }
            Policy::Geolocation { matched, default: default.unwrap_or(0) }
        }
        Kind::Geoproximity => {
            let mut bias = vec![0.0; regions.len()];
            for (region, value) in section.numbers_by_name(&BIAS, regions) {
                bias[region] = value;
            }
            let cost = distances.iter().map(|row| answers::biased(row, &bias)).collect();
            Policy::Ranked { cost }
        }
    }
}

/// Reads how long it takes until edits of records are redirected, if they are.
fn read_accelerated_recovery(section: &mut Section<'_>) -> Option<Distribution> {
    let (wanted, time) = (section.flag(&ACCELERATED), section.delay(&ACCELERATED_TIME));
    wanted.then_some(time)
}

fn read_check(section: &mut Section<'_>, stores: &[String], alarms: &[String]) -> Check {
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
                Look::Alarm(alarm.unwrap_or(0))
            }
            _ => Look::Shallow,
        };
        children.push(Child { look, inverted: child.flag(&INVERTED) });
    }
    let needs = journeys::read_needs(section, &DEEP, stores);
    if children.is_empty() {
        let look = if needs.is_empty() { Look::Shallow } else { Look::Deep(needs) };
        children.push(Child { look, inverted: section.flag(&INVERTED) });
    } else if !needs.is_empty() {
        section.reject("deep", "`deep` beside `checks`", "`deep` inside one of the checks", None);
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

impl Check {
    /// Stores that any child exercises with a write.
    pub fn deep_writes(&self) -> impl Iterator<Item = usize> + '_ {
        let needs = |child: &Child| match &child.look {
            Look::Deep(needs) => needs.clone(),
            Look::Shallow | Look::Alarm(_) => Vec::new(),
        };
        self.children.iter().flat_map(needs).filter(|need| need.access == Access::Write).map(|need| need.store)
    }

    /// Alarms whose metric a child evaluates, in the order of the children.
    pub fn alarms(&self) -> impl Iterator<Item = usize> + '_ {
        self.children.iter().filter_map(|child| match child.look {
            Look::Alarm(alarm) => Some(alarm),
            Look::Shallow | Look::Deep(_) => None,
        })
    }
}
