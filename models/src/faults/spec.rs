//! What the file says of faults.

use sim_core::random::Distribution;
use sim_settings::{Key, Kind as Form, Section};

use crate::journeys::Access;

const KIND: Key = Key::required("kind", "what goes wrong");
const AT: Key = Key::required("at", "when it begins");
const RATE: Key =
    Key::required("rate", "how often it begins, on average, at random instants; a year has 365.25 days").above(0.0);
const DURATION: Key = Key::required("duration", "how long it lasts, or \"permanent\"");
const RESTART: Key = Key::convention(
    "restart",
    "time from its end until what it struck is back",
    "0s",
    "its end is its end, unless stated",
);
const DESTROYED: Key = Key::convention(
    "destroyed",
    "whether the region's data never returns",
    "false",
    "an outage ends with the data intact unless stated",
);
const REGION: Key = Key::required("region", "the region that it strikes");
const ZONE: Key = Key::optional("zone", "the zone that it strikes, `a`, `b`, ..; drawn in each trial without");
const BETWEEN: Key = Key::required("between", "the two regions that lose their path");
const CLIENTS: Key = Key::optional("clients", "the populations that surge; all of them without");
const FACTOR: Key = Key::required("factor", "factor on the offered load").at_least(0.0);
const PROBABILITY: Key =
    Key::required("probability", "probability that an attempt to launch fails").at_least(0.0).at_most(1.0);
const STORE: Key = Key::optional("store", "the store that is impaired");
const STALLED: Key = Key::optional("store", "the store whose replication stops; that of all without");
const STALLED_REGION: Key = Key::optional("region", "only replication to and from this region stops");
const STALLED_BETWEEN: Key = Key::optional("between", "only replication between these two regions stops");
const SERVICE: Key = Key::required("service", "what is impaired besides stores");
const ACCESS: Key = Key::convention("access", "which accesses fail", "all", "all of them unless stated");
const STORE_ERROR: Key =
    Key::convention("error", "share of accesses that fail", "1", "all of them unless stated").at_most(1.0);
const INSTANCE_PROBABILITY: Key =
    Key::required("probability", "probability that an instance fails, each by itself").at_least(0.0).at_most(1.0);
const TERMINATED: Key = Key::convention(
    "terminated",
    "whether their hosts are gone: they never come back, and are replaced together and not in batches",
    "false",
    "the host runs and its application fails, unless stated",
);
const HOSTS: Key = Key::convention(
    "hosts",
    "what becomes of its hosts: impaired as long as it lasts, and replaced in batches, or terminated and replaced together",
    "impaired",
    "most zone events take power or network for a time; instances are there and fail their checks",
);
const ERROR: Key = Key::required("error", "share of requests that fail");
const SEEN: Key = Key::convention(
    "seen",
    "share of the failing requests that health checks would see",
    "1",
    "health checks see what requests see unless stated",
)
.at_least(0.0)
.at_most(1.0);

const PROBES: Key = Key::optional(
    "checks",
    "share of the probes of Route 53 and of accelerators that fail, in place of `seen`; or a share for each kind of check",
)
.at_least(0.0)
.at_most(1.0);
const PROBES_ROUTE_53: Key = Key::convention(
    "route53",
    "share of the probes of Route 53 and of accelerators that fail",
    "0",
    "those that are not named see nothing",
)
.at_least(0.0)
.at_most(1.0);
const PROBES_TARGETS: Key = Key::convention(
    "targets",
    "share of the probes of load balancers that fail",
    "0",
    "those that are not named see nothing",
)
.at_least(0.0)
.at_most(1.0);

/// What checks make of a gray failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Probes {
    /// Probes of Route 53 and of accelerators fail as this share of the failing requests does; targets pass.
    See(f64),
    /// Probes fail whatever becomes of requests.
    Fail {
        /// Share of the probes of Route 53 and of accelerators.
        route53: f64,
        /// Share of the probes of load balancers.
        targets: f64,
    },
}

impl Probes {
    /// Share of the probes of Route 53 and of accelerators that fail while this share of requests does.
    pub fn route53(self, error: f64) -> f64 {
        match self {
            Self::See(share) => error * share,
            Self::Fail { route53, .. } => route53,
        }
    }

    /// Share of the probes of load balancers that fail.
    pub const fn targets(self) -> f64 {
        match self {
            Self::See(_) => 0.0,
            Self::Fail { targets, .. } => targets,
        }
    }

    fn read(section: &mut Section<'_>) -> Self {
        let seen = section.number(&SEEN);
        let Some(node) = section.either(&PROBES, Form::Share, Form::Section) else { return Self::See(seen) };
        if section.has("seen") {
            section.reject("checks", "`checks` beside `seen`", "one of them", None);
        }
        section.disregard(&SEEN);
        if node.entries().is_empty() {
            return Self::Fail { route53: section.maybe_share(&PROBES).unwrap_or_default(), targets: 0.0 };
        }
        let mut kinds = section.section_or_default(&PROBES);
        Self::Fail { route53: kinds.share(&PROBES_ROUTE_53), targets: kinds.share(&PROBES_TARGETS) }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A region and its control planes are gone: a black hole.
    RegionOutage {
        /// The region.
        region: usize,
        /// Whether its data never returns.
        destroyed: bool,
    },
    /// A zone is gone: a black hole.
    ZoneOutage {
        /// The region.
        region: usize,
        /// The zone; drawn if not given.
        zone: Option<usize>,
        /// Whether its hosts are gone for good, and not impaired as long as it lasts.
        terminated: bool,
    },
    /// Two regions lose their path; clients reach both.
    Partition {
        /// One side.
        a: usize,
        /// The other.
        b: usize,
    },
    /// A region fails a share of requests, at once.
    GrayFailure {
        /// The region.
        region: usize,
        /// Share of requests that fail; none in a false alarm.
        error: f64,
        /// What checks make of it.
        probes: Probes,
    },
    /// A store fails a share of the accesses that a region's copy would serve, at once.
    StoreImpairment {
        /// The store.
        store: usize,
        /// The region of the copy.
        region: usize,
        /// Only these accesses; all of them without.
        only: Option<Access>,
        /// Share of accesses that fail.
        error: f64,
    },
    /// A region's control planes do not answer; what runs goes on.
    ControlPlaneOutage {
        /// The region.
        region: usize,
    },
    /// Lambda fails a share of a region's invocations, at once; when it fails all of them, automation there stops.
    LambdaImpairment {
        /// The region.
        region: usize,
        /// Share of invocations that fail.
        error: f64,
    },
    /// A region's metrics stop: alarms that live there evaluate nothing, and nothing scales by them.
    MetricsOutage {
        /// The region.
        region: usize,
    },
    /// Instances of a region fail; they refuse connections.
    InstanceFailures {
        /// The region.
        region: usize,
        /// Probability that an instance fails.
        probability: f64,
        /// Whether their hosts are gone for good.
        terminated: bool,
    },
    /// Clients offer more.
    LoadSurge {
        /// The populations.
        clients: Vec<usize>,
        /// Factor on the load.
        factor: f64,
    },
    /// Replication stops; clients do not notice.
    ReplicationStall {
        /// The stores.
        stores: Vec<usize>,
        /// Only to and from this region.
        region: Option<usize>,
        /// Only between these two.
        between: Option<(usize, usize)>,
    },
    /// Launches fail.
    InsufficientCapacity {
        /// The region.
        region: usize,
        /// Probability that an attempt fails.
        probability: f64,
    },
}

impl Kind {
    /// The region whose traffic has to move, if there is one.
    pub const fn region(&self) -> Option<usize> {
        match self {
            Self::RegionOutage { region, .. }
            | Self::ZoneOutage { region, .. }
            | Self::GrayFailure { region, .. }
            | Self::StoreImpairment { region, .. }
            | Self::ControlPlaneOutage { region }
            | Self::LambdaImpairment { region, .. }
            | Self::MetricsOutage { region }
            | Self::InstanceFailures { region, .. }
            | Self::InsufficientCapacity { region, .. } => Some(*region),
            Self::ReplicationStall { region, .. } => *region,
            Self::Partition { .. } | Self::LoadSurge { .. } => None,
        }
    }

    /// Whether it names a region.
    pub fn names(&self, region: usize) -> bool {
        match self {
            Self::Partition { a, b } | Self::ReplicationStall { between: Some((a, b)), .. } => {
                *a == region || *b == region
            }
            other => other.region() == Some(region),
        }
    }
}

/// When a fault begins.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// Once, so many seconds after the start.
    At(Distribution),
    /// Again and again, so many times per second on average.
    Rate(f64),
}

impl Start {
    /// Time until the first beginning, in seconds. Of a rate it is also the time from one beginning to the next.
    pub fn first(&self) -> Distribution {
        match self {
            Self::At(at) => at.clone(),
            Self::Rate(rate) => {
                Distribution::exponential(1.0 / rate).expect("a rate is above 0, and so is its mean gap")
            }
        }
    }

    /// Whether it begins again and again.
    pub const fn recurs(&self) -> bool {
        matches!(self, Self::Rate(_))
    }
}

/// One fault of the experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// When.
    pub start: Start,
    /// For how long, in seconds; for good without.
    pub duration: Option<Distribution>,
    /// From its end until what it struck is back, in seconds.
    pub restart: Distribution,
}

/// A zone by its letter, `a` or `us-east-1a`; the value of key `of` is its region.
pub fn read_zone(section: &mut Section<'_>, key: &Key, of: &Key, region: Option<&str>) -> Option<usize> {
    let text = section.maybe_text(key)?;
    let letter = region.and_then(|region| text.strip_prefix(region)).unwrap_or(&text);
    if let &[letter @ b'a'..=b'f'] = letter.as_bytes() {
        return Some(usize::from(letter - b'a'));
    }
    let expected = format!("a zone by its letter, such as \"a\" or \"{}a\"", region.unwrap_or("us-east-1"));
    section.reject_among(&[key.name, of.name], format!("the text {text:?}"), expected, None);
    None
}

/// What a fault may refer to by name.
#[derive(Clone, Copy)]
struct Names<'a> {
    regions: &'a [String],
    stores: &'a [String],
    clients: &'a [String],
}

type Reader = fn(&mut Section<'_>, Names<'_>) -> Kind;

/// The kinds of faults by the words for them, and how the keys of each are read.
const READERS: [(&str, Reader); 9] = [
    ("region-outage", |section, names| Kind::RegionOutage {
        region: section.name(&REGION, names.regions),
        destroyed: section.flag(&DESTROYED),
    }),
    ("zone-outage", |section, names| {
        let region = section.name(&REGION, names.regions);
        let zone = read_zone(section, &ZONE, &REGION, names.regions.get(region).map(String::as_str));
        let hosts = [("impaired", false), ("terminated", true)];
        Kind::ZoneOutage { region, zone, terminated: section.choice(&HOSTS, &hosts) }
    }),
    ("partition", |section, names| {
        let (a, b) = read_pair(section, &BETWEEN, names.regions).unwrap_or((0, 0));
        Kind::Partition { a, b }
    }),
    ("gray-failure", |section, names| Kind::GrayFailure {
        region: section.name(&REGION, names.regions),
        error: section.share(&ERROR),
        probes: Probes::read(section),
    }),
    ("load-surge", |section, names| {
        let mut clients = section.names(&CLIENTS, names.clients);
        if clients.is_empty() {
            clients = (0..names.clients.len()).collect();
        }
        Kind::LoadSurge { clients, factor: section.number(&FACTOR) }
    }),
    ("insufficient-capacity", |section, names| Kind::InsufficientCapacity {
        region: section.name(&REGION, names.regions),
        probability: section.number(&PROBABILITY),
    }),
    ("service-impairment", |section, names| match section.one_of(&["store", "service"]) {
        Some("service") => read_service_impairment(section, names),
        _ => read_store_impairment(section, names),
    }),
    ("instance-failures", |section, names| Kind::InstanceFailures {
        region: section.name(&REGION, names.regions),
        probability: section.number(&INSTANCE_PROBABILITY),
        terminated: section.flag(&TERMINATED),
    }),
    ("replication-stall", read_stall),
];

/// Two regions, if the key is there.
fn read_pair(section: &mut Section<'_>, key: &Key, regions: &[String]) -> Option<(usize, usize)> {
    let named = section.names(key, regions);
    if let &[a, b] = named.as_slice() {
        return Some((a, b));
    }
    if section.has(key.name) {
        let found = if named.len() == 1 { "one region" } else { "not two regions" };
        section.reject(key.name, found, "two regions, such as [\"us-east-1\", \"eu-west-1\"]", None);
    }
    None
}

fn read_service_impairment(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    type Impairment = fn(usize, f64) -> Kind;
    let control_plane: Impairment = |region, _| Kind::ControlPlaneOutage { region };
    let lambda: Impairment = |region, error| Kind::LambdaImpairment { region, error };
    let metrics: Impairment = |region, _| Kind::MetricsOutage { region };
    let services =
        [("control-plane", (control_plane, false)), ("lambda", (lambda, true)), ("cloudwatch", (metrics, false))];
    let (impairment, in_part) = section.choice(&SERVICE, &services);
    let error = section.share(&STORE_ERROR);
    if error < 1.0 && !in_part {
        section.reject("error", "a share of calls", "1: control planes and metrics are there or are not", None);
    }
    impairment(section.name(&REGION, names.regions), error)
}

fn read_store_impairment(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let accesses = [("all", None), ("reads", Some(Access::Read)), ("writes", Some(Access::Write))];
    Kind::StoreImpairment {
        store: section.maybe_name(&STORE, names.stores).unwrap_or(0),
        region: section.name(&REGION, names.regions),
        only: section.choice(&ACCESS, &accesses),
        error: section.share(&STORE_ERROR),
    }
}

fn read_stall(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let store = section.maybe_name(&STALLED, names.stores);
    let region = section.maybe_name(&STALLED_REGION, names.regions);
    let between = read_pair(section, &STALLED_BETWEEN, names.regions);
    if between.is_some() && region.is_some() {
        section.reject("between", "`between` beside `region`", "only one of them", None);
    }
    let stores = store.map_or_else(|| (0..names.stores.len()).collect(), |store| vec![store]);
    Kind::ReplicationStall { stores, region, between }
}

impl Fault {
    /// Reads one `[[faults]]` entry.
    pub fn read(section: &mut Section<'_>, regions: &[String], stores: &[String], clients: &[String]) -> Self {
        let kind = section.choice(&KIND, &READERS)(section, Names { regions, stores, clients });
        let start = match section.one_of(&["at", "rate"]) {
            Some("rate") => Start::Rate(section.rate(&RATE)),
            _ => Start::At(section.delay(&AT)),
        };
        Self { kind, start, duration: section.delay_or(&DURATION, "permanent"), restart: section.delay(&RESTART) }
    }
}
