//! The keys of faults, and their reading.

use sim_core::random::Distribution;
use sim_settings::form::{
    Delay, DelayOr, Duration, Either, Flag, IsNames, Name, Names as NamesOf, Never, Number, OneOf, Rate, Share, Sub,
    Table, Text, Words,
};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::deploy::BadDeploy;
use super::slow::{
    ADDS, Accesses, LessKeys, OwnRecord, SLOWER, Slowdown, SlowedKeys, SlownessKeys, Struck, read_capacity_loss,
    read_slow_failure,
};
use crate::ids::{NameId, PopulationId, RegionId, ServiceId, StoreId};
use crate::needs::Access;
use crate::ramp::{Ramp, RampKeys};
use crate::services::{Graph, Service, Sort};
use crate::software;
use crate::sources::{cited, pages};
use crate::zones::read_zone;

keys! {
    /// The keys of every fault; others go with the kind.
    struct FaultKeys {
        const KIND: Key<OneOf<Kinds>> = Key::required("kind", "what goes wrong");
        const AT: Key<Delay> = Key::required("at", "when it begins");
        const RATE: Key<Rate> =
            Key::required("rate", "how often it begins, on average, at random instants; a year has 365.25 days").above(0.0);
    }
}
keys! {
    /// How long a fault lasts that ends by itself.
    struct LastsKeys {
        const DURATION: Key<DelayOr<Permanent>> = Key::required("duration", "how long it lasts, or \"permanent\"");
        const RESTART: Key<Delay> = Key::convention(
            "restart",
            "time from its end until what it struck is back",
            "0s",
            "its end is its end, unless stated",
        );
    }
}
keys! {
    /// An outage of a region.
    struct OutageKeys {
        const DESTROYED: Key<Flag> = Key::convention(
            "destroyed",
            "whether the region's data never returns",
            "false",
            "an outage ends with the data intact unless stated",
        );
    }
}
keys! {
    /// Where it strikes.
    struct RegionKeys {
        const REGION: Key<Name<RegionId>> = Key::required("region", "the region that it strikes");
    }
}
keys! {
    /// An outage of a zone.
    struct ZoneKeys {
        const HOSTS: Key<OneOf<Hosts>> = Key::convention(
            "hosts",
            "what becomes of its hosts: impaired as long as it lasts, and replaced in batches, or terminated and replaced together",
            "impaired",
            "most zone events take power or network for a time; instances are there and fail their checks",
        );
        const ZONE: Key<Option<Text>> = Key::optional("zone", "the zone that it strikes, `a`, `b`, ..", "drawn in each trial").example("\"a\"");
    }
}
keys! {
    /// A partition.
    struct PartitionKeys {
        const BETWEEN: Key<NamesOf<RegionId>> = Key::required("between", "the two regions that lose their path").example("[\"us-east-1\", \"eu-west-1\"]");
    }
}
keys! {
    /// A surge of load.
    struct SurgeKeys {
        const CLIENTS: Key<Option<NamesOf<PopulationId>>> = Key::optional("clients", "the populations that surge", "all of them");
        const FACTOR: Key<Number> = Key::required("factor", "factor on the offered load").at_least(0.0);
    }
}
keys! {
    /// Launches that fail.
    struct CapacityKeys {
        const PROBABILITY: Key<Number> =
            Key::required("probability", "probability that an attempt to launch fails").at_least(0.0).at_most(1.0);
    }
}
keys! {
    /// A service that is impaired.
    struct ImpairmentKeys {
        const STORE: Key<Option<Name<StoreId>>> = Key::optional("store", "the store that is impaired", "another service is impaired, which `service` names");
        const SERVICE: Key<Either<OneOf<Impaired>, Name<ServiceId>>> = Key::required("service", "what is impaired besides stores: a service of AWS that runs the others, or one of this deployment");
        const STORE_ERROR: Key<Share> =
            Key::convention("error", "share of accesses that fail", "1", "all of them unless stated").at_most(1.0);
    }
}
keys! {
    /// The place of an impaired service.
    struct ImpairedPlaceKeys {
        const IMPAIRED_REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "the region that it strikes", "the service stands in one place outside AWS; others need the key");
    }
}
keys! {
    /// The service that is struck.
    struct StruckKeys {
        const STRUCK: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service that it strikes in that region", "the service that clients enter");
    }
}
keys! {
    /// Replication that stops.
    struct StallKeys {
        const STALLED: Key<Option<Name<StoreId>>> = Key::optional("store", "the store whose replication stops", "all stores");
        const STALLED_REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "only replication to and from this region stops", "replication between all regions");
        const STALLED_BETWEEN: Key<Option<NamesOf<RegionId>>> = Key::optional("between", "only replication between these two regions stops", "replication between all regions").example("[\"us-east-1\", \"eu-west-1\"]");
    }
}
keys! {
    /// A store that is corrupt.
    struct CorruptionKeys {
        const CORRUPTED: Key<NamesOf<StoreId>> = Key::required("store", "the store whose data are wrong, or several that are at once");
        const CORRUPT_ERROR: Key<Share> =
            Key::convention("error", "share of accesses that fail once it is noticed", "1", "all of them unless stated").at_most(1.0);
        const NOTICED: Key<Delay> = Key::convention(
            "noticed-after",
            "from its beginning until somebody notices: until then wrong data are served as if they were right",
            "0s",
            "it shows at once, as encrypted data do, unless stated",
        );
    }
}
keys! {
    /// A store that is impaired.
    struct AccessKeys {
        const ACCESS: Key<OneOf<Accesses>> = Key::convention("access", "which accesses fail", "all", "all of them unless stated");
    }
}
keys! {
    /// Instances that fail.
    struct InstanceKeys {
        const TERMINATED: Key<Flag> = Key::convention(
            "terminated",
            "whether their hosts are gone: they never come back, and are replaced together and not in batches",
            "false",
            "the host runs and its application fails, unless stated",
        );
        const INSTANCE_PROBABILITY: Key<Number> =
            Key::required("probability", "probability that an instance fails, each by itself").at_least(0.0).at_most(1.0);
    }
}
keys! {
    /// A zone of what fails in part.
    struct GrayZoneKeys {
        const GRAY_ZONE: Key<Option<Text>> = Key::optional("zone", "the zone whose members it strikes, `a`, `b`, ..; the others are well", "all members").example("\"a\"");
    }
}
keys! {
    /// A region that fails in part.
    struct GrayKeys {
        const ERROR: Key<Share> = Key::required("error", "share of requests that fail");
        const PROBES: Key<Option<Either<Share, Sub<ProbeKeys>>>> = Key::optional(
            "checks",
            "share of the probes of Route 53 and of accelerators that fail, in place of `seen`; or a share for each kind of check",
            "probes fail as `seen` says",
        )
        .at_least(0.0)
        .at_most(1.0);
        const SEEN: Key<Number> = Key::convention(
            "seen",
            "share of the failing requests that health checks would see",
            "1",
            "health checks see what requests see unless stated",
        )
        .at_least(0.0)
        .at_most(1.0);
    }
}

keys! {
    /// The view of a gray failure by each kind of check.
    struct ProbeKeys {
        const PROBES_ROUTE_53: Key<Share> = Key::convention(
            "route53",
            "share of the probes of Route 53 and of accelerators that fail",
            "0",
            "those that are not named see nothing",
        )
        .at_least(0.0)
        .at_most(1.0);
        const PROBES_TARGETS: Key<Share> = Key::convention(
            "targets",
            "share of the probes of load balancers that fail",
            "0",
            "those that are not named see nothing",
        )
        .at_least(0.0)
        .at_most(1.0);
    }
}

keys! {
    /// A bad deployment.
    struct DeployKeys {
        const DEPLOYED: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service that is deployed", "the service that clients enter");
        const REGIONS: Key<Option<NamesOf<RegionId>>> = Key::optional("regions", "the regions that it comes to, in this order", "all that serve, in file order").example("[\"us-east-1\", \"eu-west-1\"]");
        const STAGGER: Key<Duration> = Key::convention("stagger", "from one region to the next", "0s", "it comes to all at once unless stated");
        const RAMP: Key<Option<Sub<RampKeys>>> = Key::optional("ramp", "the equal parts in which it comes to each region, as a canary does", "all at once");
    }
}
keys! {
    /// Names that vanish.
    struct LostKeys {
        const LOST: Key<Option<NamesOf<NameId>>> = Key::optional("names", "the names that resolvers find nothing under", "all names, unless a store or a service has lost its own");
        const LOST_STORE: Key<Option<Name<StoreId>>> = Key::optional("store", "the store that nobody finds in `region`, in place of names that clients resolve", "no store loses its own name");
        const LOST_SERVICE: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service that its callers do not find in `region`, likewise", "no service loses its own name");
        const LOST_REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "with `store` or `service`: the region whose copy or members have the lost name", "an external service stands in one place; others need the key");
        const LOST_TTL: Key<Duration> = Key::assumed(
            "ttl",
            "with `store` or `service`: time for which callers keep an answer of that name",
            "5s",
            "no published figure for all: names of load balancers have 60 s, endpoints of AWS services seldom more than a minute",
        )
        .band(Band::factor(0.2, 60.0, "from a second to five minutes; a runtime that never asks again keeps what it has"));
        const LOST_NEGATIVE: Key<Duration> = Key::documented(
            "negative-ttl",
            "with `store` or `service`: time for which callers keep an empty answer",
            "900s",
            cited!("the record of authority that Route 53 makes for every zone", pages::ROUTE53_SOA),
        );
    }
}
keys! {
    /// A path that all checkers share.
    struct BlipKeys {
        const BLIP_PROBES: Key<Share> = Key::convention(
            "checks",
            "share of the probes of Route 53 and of accelerators that fail",
            "1",
            "the path is gone for checkers unless stated",
        );
        const BLIP_ERROR: Key<Share> =
            Key::convention("error", "share of requests that fail as well", "0", "clients take other paths unless stated");
    }
}

/// The view of a gray failure by checks.
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
        let seen = section.get(&SEEN);
        let Some(node) = section.node(&PROBES) else { return Self::See(seen) };
        if section.has("seen") {
            section.reject("checks", "`checks` beside `seen`", "one of them", None);
        }
        section.disregard(&SEEN);
        if node.entries().is_empty() {
            return Self::Fail { route53: section.get(&PROBES.one()).unwrap_or_default(), targets: 0.0 };
        }
        let mut kinds = section.section_or_default(&PROBES.other());
        Self::Fail { route53: kinds.get(&PROBES_ROUTE_53), targets: kinds.get(&PROBES_TARGETS) }
    }
}

/// The kind of fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A region and its control planes are gone: a black hole.
    RegionOutage {
        /// The region.
        region: RegionId,
        /// Whether its data never returns.
        destroyed: bool,
    },
    /// A zone is gone: a black hole.
    ZoneOutage {
        /// The region.
        region: RegionId,
        /// The zone; drawn if not given.
        zone: Option<usize>,
        /// Whether its hosts are gone for good, and not impaired as long as it lasts.
        terminated: bool,
    },
    /// Two regions lose their path; clients reach both.
    Partition {
        /// One side.
        a: RegionId,
        /// The other.
        b: RegionId,
    },
    /// A region fails a share of requests, at once.
    GrayFailure {
        /// The region.
        region: RegionId,
        /// The service; the one that clients enter without.
        service: Option<ServiceId>,
        /// The zone of its members that it strikes; all without.
        zone: Option<usize>,
        /// Share of requests that fail; none in a false alarm.
        error: f64,
        /// The view of it by checks.
        probes: Probes,
    },
    /// A store fails a share of the accesses that a region's copy would serve, at once.
    StoreImpairment {
        /// The store.
        store: StoreId,
        /// The region of the copy.
        region: RegionId,
        /// Only these accesses; all of them without.
        only: Option<Access>,
        /// Share of accesses that fail.
        error: f64,
    },
    /// A service of the deployment fails a share of its requests, at once, and no shallow check sees it.
    ServiceImpairment {
        /// The service.
        service: ServiceId,
        /// The region; an external service has none.
        region: Option<RegionId>,
        /// Share of requests that fail.
        error: f64,
    },
    /// What stores hold is wrong in all their copies, until each is restored.
    Corruption {
        /// The stores.
        stores: Vec<StoreId>,
        /// Share of accesses that fail once it is noticed.
        error: f64,
        /// From its beginning until then, in seconds.
        noticed_after: Distribution,
    },
    /// A region's control planes do not answer; what runs goes on.
    ControlPlaneOutage {
        /// The region.
        region: RegionId,
    },
    /// Lambda fails a share of a region's invocations, at once; when it fails all of them, automation there stops.
    LambdaImpairment {
        /// The region.
        region: RegionId,
        /// Share of invocations that fail.
        error: f64,
    },
    /// A region's metrics stop: alarms that live there evaluate nothing, and nothing scales by them.
    MetricsOutage {
        /// The region.
        region: RegionId,
    },
    /// Instances of a region fail; they refuse connections.
    InstanceFailures {
        /// The region.
        region: RegionId,
        /// The service; the one that clients enter without.
        service: Option<ServiceId>,
        /// Probability that an instance fails.
        probability: f64,
        /// Whether their hosts are gone for good.
        terminated: bool,
    },
    /// Clients offer more.
    LoadSurge {
        /// The populations.
        clients: Vec<PopulationId>,
        /// Factor on the load.
        factor: f64,
    },
    /// Replication stops; clients do not notice.
    ReplicationStall {
        /// The stores.
        stores: Vec<StoreId>,
        /// Only to and from this region.
        region: Option<RegionId>,
        /// Only between these two.
        between: Option<(RegionId, RegionId)>,
    },
    /// A deployment fails requests in one region after the other, until it is rolled back.
    BadDeploy(BadDeploy),
    /// The path by which checkers reach an endpoint fails some of their probes.
    Blip {
        /// The region of the endpoint.
        region: RegionId,
        /// Share of the probes of Route 53 and of accelerators that fail.
        probes: f64,
        /// Share of requests that fail as well.
        error: f64,
    },
    /// Names have no record: whoever asks for one gets an empty answer, and keeps that.
    RecordLost {
        /// The names.
        names: Vec<NameId>,
    },
    /// A store's copy or a service in a region has no record under its own name.
    OwnRecordLost(OwnRecord),
    /// Something answers late.
    SlowFailure(Slowdown),
    /// Something carries a part of what it did.
    CapacityLoss {
        /// The region; everywhere without.
        region: Option<RegionId>,
        /// What it strikes there.
        of: Struck,
        /// Of a store only what it carries of these accesses.
        only: Option<Access>,
        /// Share of the capacity that is left.
        factor: f64,
    },
    /// Launches fail.
    InsufficientCapacity {
        /// The region.
        region: RegionId,
        /// Probability that an attempt fails.
        probability: f64,
    },
}

impl Kind {
    /// The region whose traffic has to move, if there is one.
    pub const fn region(&self) -> Option<RegionId> {
        match self {
            Self::RegionOutage { region, .. }
            | Self::ZoneOutage { region, .. }
            | Self::GrayFailure { region, .. }
            | Self::StoreImpairment { region, .. }
            | Self::ControlPlaneOutage { region }
            | Self::LambdaImpairment { region, .. }
            | Self::MetricsOutage { region }
            | Self::InstanceFailures { region, .. }
            | Self::Blip { region, .. }
            | Self::InsufficientCapacity { region, .. } => Some(*region),
            Self::BadDeploy(deploy) => match deploy.regions.as_slice() {
                [only] => Some(*only),
                _ => None,
            },
            Self::ReplicationStall { region, .. }
            | Self::ServiceImpairment { region, .. }
            | Self::OwnRecordLost(OwnRecord { region, .. })
            | Self::SlowFailure(Slowdown { region, .. })
            | Self::CapacityLoss { region, .. } => *region,
            Self::Partition { .. } | Self::LoadSurge { .. } | Self::Corruption { .. } | Self::RecordLost { .. } => None,
        }
    }

    /// The stores whose data it spoils.
    pub fn spoils(&self) -> &[StoreId] {
        match self {
            Self::Corruption { stores, .. } => stores,
            _ => &[],
        }
    }

    /// Whether it names a region.
    pub fn names(&self, region: RegionId) -> bool {
        match self {
            Self::Partition { a, b } | Self::ReplicationStall { between: Some((a, b)), .. } => {
                *a == region || *b == region
            }
            Self::BadDeploy(deploy) => deploy.regions.contains(&region),
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
    /// The key of its random numbers: its kind and the parts that it strikes, in words.
    pub subject: String,
    /// The kind of fault.
    pub kind: Kind,
    /// When.
    pub start: Start,
    /// For how long, in seconds; without, for good, or until something ends it.
    pub duration: Option<Distribution>,
    /// From its end until what it struck is back, in seconds.
    pub restart: Distribution,
}

/// Names that a fault may refer to.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Regions.
    pub regions: &'a [String],
    /// How many of them serve.
    pub endpoints: usize,
    /// Stores.
    pub stores: &'a [String],
    /// Populations.
    pub clients: &'a [String],
    /// Services.
    pub graph: &'a Graph,
    /// Names that clients resolve, as far as the file writes them out.
    pub names: &'a [String],
}

type Reader = fn(&mut Section<'_>, Names<'_>) -> Kind;

/// The kinds of faults by the words for them, and how the keys of each are read.
enum Kinds {}

impl Words for Kinds {
    type Means = Reader;
    const WORDS: &'static [Word<Reader>] = &[
        Word::<Reader>::new(
            "region-outage",
            |section, names| Kind::RegionOutage {
                region: section.name(&REGION, names.regions),
                destroyed: section.get(&DESTROYED),
            },
            "a region and its control planes are gone: a black hole",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(OutageKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "zone-outage",
            |section, names| {
                let region = section.name(&REGION, names.regions);
                let zone =
                    read_zone(section, &ZONE, REGION.name, names.regions.get(region.index()).map(String::as_str));
                Kind::ZoneOutage { region, zone, terminated: section.get(&HOSTS) }
            },
            "a zone is gone: a black hole",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(ZoneKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "partition",
            |section, names| {
                let (a, b) =
                    read_pair(section, &BETWEEN, names.regions).unwrap_or((RegionId::new(0), RegionId::new(0)));
                Kind::Partition { a, b }
            },
            "two regions lose their path; clients reach both",
        )
        .with(&[Listing::Keys(LastsKeys::KEYS), Listing::Keys(PartitionKeys::KEYS)]),
        Word::<Reader>::new(
            "gray-failure",
            |section, names| {
                let (region, service) = read_struck(section, names);
                let place = names.regions.get(region.index()).map(String::as_str);
                let zone = read_zone(section, &GRAY_ZONE, REGION.name, place);
                Kind::GrayFailure { region, service, zone, error: section.get(&ERROR), probes: Probes::read(section) }
            },
            "a region fails a share of requests, at once",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(StruckKeys::KEYS),
            Listing::Keys(GrayZoneKeys::KEYS),
            Listing::Keys(GrayKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "load-surge",
            |section, names| {
                let mut clients = section.names(&CLIENTS, names.clients);
                if clients.is_empty() {
                    clients = PopulationId::all(names.clients.len()).collect();
                }
                Kind::LoadSurge { clients, factor: section.get(&FACTOR) }
            },
            "clients offer a multiple of their requests",
        )
        .with(&[Listing::Keys(LastsKeys::KEYS), Listing::Keys(SurgeKeys::KEYS)]),
        Word::<Reader>::new("slow-failure", read_slow_failure, "a service, a store or a region answers late").with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(SlowedKeys::KEYS),
            Listing::ExactlyOne(&[ADDS.name, SLOWER.name]),
            Listing::Keys(SlownessKeys::KEYS),
        ]),
        Word::<Reader>::new("capacity-loss", read_capacity_loss, "a service or a store carries a part of what it did")
            .with(&[Listing::Keys(LastsKeys::KEYS), Listing::Keys(SlowedKeys::KEYS), Listing::Keys(LessKeys::KEYS)]),
        Word::<Reader>::new(
            "insufficient-capacity",
            |section, names| Kind::InsufficientCapacity {
                region: section.name(&REGION, names.regions),
                probability: section.get(&PROBABILITY),
            },
            "launches in a region fail for want of capacity",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(CapacityKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "service-impairment",
            |section, names| match section.one_of(&[STORE.name, SERVICE.name]) {
                Some("service") => read_service_impairment(section, names),
                _ => read_store_impairment(section, names),
            },
            "a store or another service fails a share of what is asked of it, at once",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::ExactlyOne(&[STORE.name, SERVICE.name]),
            Listing::Keys(ImpairmentKeys::KEYS),
            Listing::Beside(&[STORE.name], &[Listing::Keys(RegionKeys::KEYS), Listing::Keys(AccessKeys::KEYS)]),
            Listing::Beside(&[SERVICE.name], &[Listing::Keys(ImpairedPlaceKeys::KEYS)]),
        ]),
        Word::<Reader>::new(
            "instance-failures",
            |section, names| {
                let (region, service) = read_struck(section, names);
                Kind::InstanceFailures {
                    region,
                    service,
                    probability: section.get(&INSTANCE_PROBABILITY),
                    terminated: section.get(&TERMINATED),
                }
            },
            "instances of a region fail, each by itself",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(StruckKeys::KEYS),
            Listing::Keys(InstanceKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "bad-deploy",
            read_deploy,
            "a deployment fails a share of requests in one region after the other, until the step `rollback` undoes it",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(DeployKeys::KEYS),
            Listing::Keys(GrayKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "blip",
            |section, names| Kind::Blip {
                region: section.name(&REGION, names.regions),
                probes: section.get(&BLIP_PROBES),
                error: section.get(&BLIP_ERROR),
            },
            "the path that checkers share to an endpoint fails a share of their probes for a moment",
        )
        .with(&[
            Listing::Keys(LastsKeys::KEYS),
            Listing::Keys(RegionKeys::KEYS),
            Listing::Keys(BlipKeys::KEYS),
        ]),
        Word::<Reader>::new(
            "record-lost",
            read_lost,
            "names have no record: who asks gets an empty answer and keeps it for `negative-ttl` of the name",
        )
        .with(&[Listing::Keys(LastsKeys::KEYS), Listing::Keys(LostKeys::KEYS)]),
        Word::<Reader>::new("replication-stall", read_stall, "replication between copies stops; clients do not notice")
            .with(&[Listing::Keys(LastsKeys::KEYS), Listing::Keys(StallKeys::KEYS)]),
        Word::<Reader>::new(
            "corruption",
            |section, names| Kind::Corruption {
                stores: section.names(&CORRUPTED, names.stores),
                error: section.get(&CORRUPT_ERROR),
                noticed_after: section.get(&NOTICED),
            },
            "what stores hold is wrong in all their copies, until they are restored from a backup",
        )
        .with(&[Listing::Keys(CorruptionKeys::KEYS)]),
    ];
}

/// The word for a fault that does not end.
enum Permanent {}

impl Never for Permanent {
    const WORD: &'static str = "permanent";
}

/// Whether a zone's hosts are gone for good.
enum Hosts {}

impl Words for Hosts {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("impaired", false, "they fail as long as the fault lasts, and are replaced in batches"),
        Word::new("terminated", true, "they are gone for good, and are replaced together"),
    ];
}

/// Services besides stores that can be impaired: the fault, and whether a part is possible.
enum Impaired {}

impl Words for Impaired {
    type Means = (fn(RegionId, f64) -> Kind, bool);
    const WORDS: &'static [Word<Self::Means>] = &[
        Word::<Self::Means>::new(
            "control-plane",
            (|region, _| Kind::ControlPlaneOutage { region }, false),
            "the control planes of the region do not answer; what runs goes on",
        ),
        Word::<Self::Means>::new(
            "lambda",
            (|region, error| Kind::LambdaImpairment { region, error }, true),
            "Lambda fails a share of invocations; automation stops when it fails all of them",
        ),
        Word::<Self::Means>::new(
            "cloudwatch",
            (|region, _| Kind::MetricsOutage { region }, false),
            "metrics stop: alarms are blind and nothing scales by them",
        ),
    ];
}

/// The keys of `[[faults]]`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FaultTable {}

impl Table for FaultTable {
    const LAYOUT: Layout = &[Listing::Keys(FaultKeys::KEYS), Listing::ExactlyOne(&[AT.name, RATE.name])];
}

/// Two regions, if the key is there.
fn read_pair<F: IsNames<Id = RegionId>>(
    section: &mut Section<'_>,
    key: &Key<F>,
    regions: &[String],
) -> Option<(RegionId, RegionId)> {
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
    let written = section.node(&SERVICE).and_then(|node| node.text()).unwrap_or_default();
    let own = names.graph.services.iter().any(|service| service.name == written);
    let word = Impaired::WORDS.iter().any(|word| word.word == written);
    if !own && (word || names.graph.services.is_empty()) {
        let (impairment, in_part) = section.get(&SERVICE.one());
        let error = section.get(&STORE_ERROR);
        if error < 1.0 && !in_part {
            section.reject("error", "a share of calls", "1: control planes and metrics are there or are not", None);
        }
        return impairment(read_impaired_region(section, names).unwrap_or(RegionId::new(0)), error);
    }
    let services = names.graph.names();
    let service = section.name(&SERVICE.other(), &services);
    let error = section.get(&STORE_ERROR);
    let external = names.graph.services[service].sort == Sort::External;
    if !own || external {
        return Kind::ServiceImpairment { service, region: None, error };
    }
    let region = read_impaired_region(section, names);
    if region.is_some_and(|region| !names.graph.services[service].regions.contains(&region)) {
        let found = format!("a region where {} does not run", services[service.index()]);
        section.reject("region", found, "one of its regions", None);
    }
    Kind::ServiceImpairment { service, region, error }
}

/// The region of an impaired service, which has to be said.
fn read_impaired_region(section: &mut Section<'_>, names: Names<'_>) -> Option<RegionId> {
    let region = section.maybe_name(&IMPAIRED_REGION, names.regions);
    if !section.has(IMPAIRED_REGION.name) {
        section.reject("", "nothing", format!("the key `region`: {}", IMPAIRED_REGION.meaning), None);
    }
    region
}

/// The region that a fault strikes, and the service there if the file names it.
fn read_struck(section: &mut Section<'_>, names: Names<'_>) -> (RegionId, Option<ServiceId>) {
    let region = section.name(&REGION, names.regions);
    let service = software::named(section, &STRUCK, &names.graph.names());
    if let Some(Service { name, regions, sort, .. }) = service.and_then(|service| names.graph.services.get(service))
        && (!regions.contains(&region) || *sort == Sort::External)
    {
        let found = format!("{name}, which does not run in that region");
        section.reject_among(&["service", "region"], found, "a service that runs there", None);
    }
    (region, service)
}

fn read_store_impairment(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    Kind::StoreImpairment {
        store: section.maybe_name(&STORE, names.stores).unwrap_or(StoreId::new(0)),
        region: section.name(&REGION, names.regions),
        only: section.get(&ACCESS),
        error: section.get(&STORE_ERROR),
    }
}

/// Names of DNS that clients resolve, or the own name of a store or of a service in a region.
fn read_lost(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let named = section.names(&LOST, names.names);
    let store = section.maybe_name(&LOST_STORE, names.stores);
    let service = software::named(section, &LOST_SERVICE, &names.graph.names());
    let region = section.maybe_name(&LOST_REGION, names.regions);
    let given: Vec<&'static str> =
        [LOST.name, LOST_STORE.name, LOST_SERVICE.name].into_iter().filter(|key| section.has(key)).collect();
    if let [first, second, ..] = given.as_slice() {
        let found = format!("`{second}` beside `{first}`");
        section.reject(second, found, "one of them: each fault loses names of one sort", None);
    }
    let of = match (store, service) {
        (Some(store), _) => Struck::Store(store),
        (None, Some(service)) => Struck::Service(service),
        (None, None) => {
            if !section.has(LOST_STORE.name) && !section.has(LOST_SERVICE.name) {
                let own = [LOST_REGION.name, LOST_TTL.name, LOST_NEGATIVE.name];
                for key in own.into_iter().filter(|key| section.has(key)) {
                    let expected =
                        "no such key: it goes with `store` or `service`; names of DNS are the same everywhere";
                    section.reject(key, format!("`{key}` of names that clients resolve"), expected, None);
                }
            }
            let _ = (section.node(&LOST_TTL), section.node(&LOST_NEGATIVE));
            section.disregard(&LOST_TTL);
            section.disregard(&LOST_NEGATIVE);
            let all = || NameId::all(names.names.len().max(1)).collect();
            return Kind::RecordLost { names: if named.is_empty() { all() } else { named } };
        }
    };
    let external = service.and_then(|id| names.graph.services.get(id)).filter(|it| it.sort == Sort::External);
    if let Some(external) = external.filter(|_| section.has(LOST_REGION.name)) {
        let found = format!("a region of {}, which stands outside AWS", external.name);
        section.reject(LOST_REGION.name, found, "no such line", None);
    } else if external.is_none() && !section.has(LOST_REGION.name) {
        section.reject("", "nothing", format!("the key `region`: {}", LOST_REGION.meaning), None);
    }
    let (ttl, negative_ttl) = (section.get(&LOST_TTL), section.get(&LOST_NEGATIVE));
    Kind::OwnRecordLost(OwnRecord { of, region: region.filter(|_| external.is_none()), ttl, negative_ttl })
}

fn read_deploy(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let graph = names.graph;
    let deployed = software::named(section, &DEPLOYED, &graph.names());
    let service = deployed.filter(|service| graph.only_entered() != Some(*service));
    let mut regions = section.names(&REGIONS, names.regions);
    let serves = |region: &RegionId| region.index() < names.endpoints;
    if let Some(region) = regions.iter().find(|region| !serves(region)) {
        let found = format!("{}, which serves nobody", names.regions[region.index()]);
        section.reject(REGIONS.name, found, "regions that serve", None);
    }
    let runs = |region: &RegionId| {
        let behind = service.and_then(|service| graph.services.get(service));
        behind.is_none_or(|behind| behind.sort == Sort::Tier && behind.regions.contains(region))
    };
    if section.has(DEPLOYED.name) && regions.iter().any(|region| !runs(region)) {
        let expected = "regions in which one's own service runs";
        section.reject_among(&[DEPLOYED.name, REGIONS.name], "a service that does not run there", expected, None);
    }
    if regions.is_empty() {
        if section.has(REGIONS.name) && section.is_sound(REGIONS.name) {
            section.reject(REGIONS.name, "no region", "at least one, or no such line", None);
        }
        regions = RegionId::all(names.endpoints).filter(runs).collect();
        if regions.is_empty() && section.is_sound(DEPLOYED.name) {
            section.reject(DEPLOYED.name, "a service that runs in no region that serves", "one's own service", None);
        }
    }
    Kind::BadDeploy(BadDeploy {
        service,
        regions,
        stagger: section.get(&STAGGER),
        error: section.get(&ERROR),
        probes: Probes::read(section),
        ramp: section.section(&RAMP).map(|mut ramp| Ramp::read(&mut ramp)),
    })
}

fn read_stall(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let store = section.maybe_name(&STALLED, names.stores);
    let region = section.maybe_name(&STALLED_REGION, names.regions);
    let between = read_pair(section, &STALLED_BETWEEN, names.regions);
    if between.is_some() && region.is_some() {
        section.reject("between", "`between` beside `region`", "only one of them", None);
    }
    let stores = store.map_or_else(|| StoreId::all(names.stores.len()).collect(), |store| vec![store]);
    Kind::ReplicationStall { stores, region, between }
}

impl Fault {
    /// Reads one `[[faults]]` entry.
    pub fn read(section: &mut Section<'_>, names: Names<'_>) -> Self {
        let kind = section.get(&KIND)(section, names);
        let subject =
            kind.subject(names, section.has(CLIENTS.name) || section.has(STALLED.name) || section.has(REGIONS.name));
        let start = match section.one_of(&[AT.name, RATE.name]) {
            Some("rate") => Start::Rate(section.get(&RATE)),
            _ => Start::At(section.get(&AT)),
        };
        if matches!(&kind, Kind::Corruption { stores, .. } if stores.is_empty()) && section.has(CORRUPTED.name) {
            section.reject(CORRUPTED.name, "no store", "at least one", None);
        }
        // A corruption does not end by itself.
        let (duration, restart) = match kind {
            Kind::Corruption { .. } => (None, Distribution::constant(0.0).expect("0 is a constant")),
            _ => (section.get(&DURATION), section.get(&RESTART)),
        };
        Self { subject, kind, start, duration, restart }
    }
}
