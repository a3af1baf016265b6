//! What a request needs: stores that it reads or writes, and services that it calls.

use sim_core::time::SimDuration;
use sim_settings::form::{Count, Duration, Either, Flag, List, Name, OneOf, Sub, Table, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Value, Word, keys};

use crate::ids::{CallersId, NameId, RegionId, ServiceId, SiteId, StoreId};

keys! {
    /// One need.
    pub(crate) struct NeedKeys {
        const READ: Key<Name<StoreId>> = Key::required("read", "the store that is read");
        const WRITE: Key<Name<StoreId>> = Key::required("write", "the store that is written");
        const CALL: Key<Name<ServiceId>> = Key::required("call", "the service that is called, and with it everything that it needs");
        const SOFT: Key<Flag> = Key::convention(
            "soft",
            "whether the request goes on, degraded, when this need fails",
            "false",
            "needs are hard unless stated",
        );
        const CACHED_FOR: Key<Option<Duration>> = Key::optional(
            "cached-for",
            "time for which callers keep what they got: as long as the need fails, the share of requests that feel it grows from 0 to 1 in that time",
            "callers keep nothing and ask each time",
        )
        .above(0.0);
        const KEEP_LAST: Key<Flag> = Key::convention(
            "keep-last",
            "beside `cached-for`: whether callers keep what they got for as long as the need fails, so that only members that start meanwhile feel it: those whose launch ends, environments that a function adds",
            "false",
            "what is kept expires unless stated",
        );
        const ERRORS_KEPT: Key<Option<Duration>> = Key::optional(
            "errors-kept",
            "time for which callers that met an error may go on failing after the need works again, each for a uniform part of it; of the callers as many count as having met one as failed by the need at the worst instant",
            "callers ask anew at once",
        )
        .above(0.0);
    }
}
keys! {
    /// What a call says besides its service.
    struct CallKeys {
        const TO: Key<Either<PlaceOrRegion, Sub<ThroughKeys>>> = Key::convention(
            "to",
            "where the call goes: `local`, `nearest`, a region, or, as `{ name = \"NAME\" }`, where a name of DNS leads",
            "local",
            "a service calls its neighbours in the same region unless stated",
        );
        const DETECT: Key<Duration> = Key::assumed(
            "detect",
            "with `to = \"nearest\"`: time from a change at a called region until callers follow it, both ways",
            "10s",
            "a few failed probes or connections; no published figure",
        )
            .band(Band::factor(0.1, 6.0, "clients with breakers notice within a second, others after a minute of failed attempts"));
        const CALL_TIMEOUT: Key<Option<Duration>> = Key::optional(
            "timeout",
            "how long the caller waits for one try: what comes later has failed, and what never answers costs this long",
            "it waits as long as it takes; a call into nothing takes one round trip",
        )
        .above(0.0);
        const ATTEMPTS: Key<Count> = Key::convention("attempts", "how often the call is tried before it has failed", "1", "a call is not repeated unless stated")
            .at_least(1.0)
            .at_most(100.0);
    }
}
keys! {
    /// The name that a call goes through.
    struct ThroughKeys {
        const THROUGH: Key<Name<NameId>> = Key::required("name", "the name that callers resolve, whose answers lead to the service");
        const FLOOR: Key<Option<Duration>> = Key::optional(
            "floor",
            "callers keep an answer at least that long, whatever its TTL; with more than the horizon they never ask again, as some runtimes do not",
            "callers keep an answer as long as its TTL says",
        );
    }
}

keys! {
    /// One need of a launch.
    struct LaunchNeedKeys {
        const LAUNCH_READ: Key<Name<StoreId>> = Key::required("read", "the store that each launch reads");
        const LAUNCH_WRITE: Key<Name<StoreId>> = Key::required("write", "the store that each launch writes");
        const LAUNCH_CALL: Key<Name<ServiceId>> = Key::required("call", "the service that each launch calls, in its region or the nearest one that runs it");
    }
}

/// One need of a launch: nothing is soft there, and nothing is kept.
#[derive(Clone, Copy, Debug)]
pub enum LaunchNeedTable {}

impl Table for LaunchNeedTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&[LAUNCH_READ.name, LAUNCH_WRITE.name, LAUNCH_CALL.name]),
        Listing::Keys(LaunchNeedKeys::KEYS),
    ];
}

/// One need: a store that is read or written, or a service that is called.
#[derive(Clone, Copy, Debug)]
pub enum NeedTable {}

impl Table for NeedTable {
    const LAYOUT: Layout = &[
        Listing::ExactlyOne(&[READ.name, WRITE.name, CALL.name]),
        Listing::Keys(NeedKeys::KEYS),
        Listing::Beside(&[CALL.name], &[Listing::Keys(CallKeys::KEYS)]),
    ];
}

/// A place by a word, or a region.
type PlaceOrRegion = Either<OneOf<Places>, Name<RegionId>>;

/// Where a call goes, before a region's name is known.
#[derive(Clone, Copy, Debug)]
pub enum Places {}

/// The same as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The same region.
    Local,
    /// The nearest one that is seen to answer.
    Nearest,
}

impl Words for Places {
    type Means = Place;
    const WORDS: &'static [Word<Place>] = &[
        Word::new("local", Place::Local, "the same region, or the nearest one that runs the service"),
        Word::new("nearest", Place::Nearest, "the nearest region whose service is seen to answer"),
    ];
}

/// The access of a need to its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads it.
    Read,
    /// Writes it.
    Write,
}

/// Where a call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// To the same region, or else to the nearest one that runs the service, whether it answers or not.
    Local,
    /// To the nearest region that is seen to answer; callers follow a change that much later.
    Nearest {
        /// From the change until callers follow it.
        detect: SimDuration,
    },
    /// To this region.
    Region(RegionId),
    /// Where a name leads.
    Name(Through),
}

/// The name that a call goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Through {
    /// The name.
    pub name: NameId,
    /// How long callers keep an answer at least.
    pub floor: Option<SimDuration>,
    /// Whose cached answers it follows.
    pub callers: CallersId,
}

/// A call of another service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The service.
    pub service: ServiceId,
    /// Where.
    pub to: To,
    /// Tries before it has failed.
    pub attempts: u32,
    /// How long the caller waits for one of them.
    pub timeout: Option<SimDuration>,
}

/// What a need asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Access to a store.
    Store {
        /// Reading or writing.
        access: Access,
        /// The store.
        store: StoreId,
    },
    /// A service.
    Service(Call),
}

/// Memory of callers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// For how long callers keep what they got.
    pub values: Option<SimDuration>,
    /// Whether they keep it for as long as the need fails.
    pub last: bool,
    /// For how long callers that met an error may go on failing after the need works again.
    pub errors: Option<SimDuration>,
}

/// One need of a journey, of a service, or of a deep health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// What it asks for.
    pub asks: Asks,
    /// Whether a request survives its failure.
    pub soft: bool,
    /// What callers keep.
    pub kept: Kept,
    /// Its number among the needs with a memory or a sight of their own.
    pub site: Option<SiteId>,
}

impl Need {
    /// The store, and how it is accessed.
    pub const fn access(&self) -> Option<(Access, StoreId)> {
        match self.asks {
            Asks::Store { access, store } => Some((access, store)),
            Asks::Service(_) => None,
        }
    }

    /// The call.
    pub const fn call(&self) -> Option<&Call> {
        match &self.asks {
            Asks::Store { .. } => None,
            Asks::Service(call) => Some(call),
        }
    }

    /// Whether what becomes of it depends on what happened before.
    pub const fn remembers(&self) -> bool {
        let follows = matches!(self.asks, Asks::Service(Call { to: To::Nearest { .. }, .. }));
        follows || self.kept.values.is_some() || self.kept.errors.is_some()
    }
}

/// Names that needs refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Stores.
    pub stores: &'a [String],
    /// Those among them that nobody reads: queues.
    pub unread: &'a [StoreId],
    /// Services.
    pub services: &'a [String],
    /// Regions.
    pub regions: &'a [String],
    /// Names of DNS.
    pub resolved: &'a [String],
}

impl Names<'_> {
    /// A queue cannot be read by requests.
    fn check(&self, need: &Section<'_>, access: Access, store: StoreId) {
        if access == Access::Read && self.unread.contains(&store) {
            let found = format!("{}, which is a queue", self.stores[store.index()]);
            need.reject(
                READ.name,
                found,
                "a store that is read; requests `write` to a queue, and a service consumes it",
                None,
            );
        }
    }
}

/// Reads a list of needs such as `[{ read = "sessions" }, { call = "payment", attempts = 2 }]`.
pub fn read_needs(section: &mut Section<'_>, key: &Key<Option<List<NeedTable>>>, names: Names<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    for mut need in section.sections(key) {
        let form = need.one_of(&[READ.name, WRITE.name, CALL.name]);
        let asks = match form {
            Some("call") => {
                let service = need.name(&CALL, names.services);
                let to = read_to(&mut need, names);
                let (attempts, timeout) = (need.get(&ATTEMPTS) as u32, need.get(&CALL_TIMEOUT));
                let call = Call { service, to, attempts, timeout };
                (!names.services.is_empty()).then_some(Asks::Service(call))
            }
            Some(form) => {
                let (access, key) = if form == "write" { (Access::Write, &WRITE) } else { (Access::Read, &READ) };
                let store = need.name(key, names.stores);
                names.check(&need, access, store);
                (!names.stores.is_empty()).then_some(Asks::Store { access, store })
            }
            None => None,
        };
        let soft = need.get(&SOFT);
        let kept = Kept { values: need.get(&CACHED_FOR), last: need.get(&KEEP_LAST), errors: need.get(&ERRORS_KEPT) };
        if kept.last && kept.values.is_none() {
            need.reject(
                KEEP_LAST.name,
                "`keep-last` without `cached-for`",
                "`cached-for` beside it: who keeps nothing has no last value",
                None,
            );
        }
        needs.extend(asks.map(|asks| Need { asks, soft, kept, site: None }));
    }
    needs
}

/// Reads what launches need, such as `[{ call = "registry" }]`.
pub fn read_launch_needs(
    section: &mut Section<'_>,
    key: &Key<Option<List<LaunchNeedTable>>>,
    names: Names<'_>,
) -> Vec<Need> {
    let mut needs = Vec::new();
    for mut need in section.sections(key) {
        let form = need.one_of(&[LAUNCH_READ.name, LAUNCH_WRITE.name, LAUNCH_CALL.name]);
        let asks = match form {
            Some("call") => {
                let service = need.name(&LAUNCH_CALL, names.services);
                let call = Call { service, to: To::Local, attempts: 1, timeout: None };
                (!names.services.is_empty()).then_some(Asks::Service(call))
            }
            Some(form) => {
                let write = form == LAUNCH_WRITE.name;
                let (access, key) = if write { (Access::Write, &LAUNCH_WRITE) } else { (Access::Read, &LAUNCH_READ) };
                let store = need.name(key, names.stores);
                names.check(&need, access, store);
                (!names.stores.is_empty()).then_some(Asks::Store { access, store })
            }
            None => None,
        };
        needs.extend(asks.map(|asks| Need { asks, soft: false, kept: Kept::default(), site: None }));
    }
    needs
}

/// Reads where a call goes.
fn read_to(need: &mut Section<'_>, names: Names<'_>) -> To {
    let written = need.node(&TO);
    let through = written.is_some_and(|node| matches!(node.value, Value::Table(_)));
    let word = written.and_then(|node| node.text());
    let place = match word {
        _ if through => None,
        Some(text) if Places::WORDS.iter().all(|word| word.word != text) && !text.is_empty() => None,
        _ => Some(need.get(&TO.one().one())),
    };
    let to = match place {
        None if through => read_through(need, names).map_or(To::Local, To::Name),
        None => To::Region(need.name(&TO.one().other(), names.regions)),
        Some(Place::Local) => To::Local,
        Some(Place::Nearest) => To::Nearest { detect: need.get(&DETECT) },
    };
    // Not asked for otherwise: what makes no difference is no assumed figure.
    if !matches!(to, To::Nearest { .. }) && need.has(DETECT.name) {
        let _ = need.node(&DETECT);
        let expected = "no such key: only calls with `to = \"nearest\"` follow what is seen to answer";
        need.reject("detect", "`detect` of a call that goes to one place", expected, None);
    }
    to
}

/// Reads the name that a call goes through, if there are any.
fn read_through(need: &mut Section<'_>, names: Names<'_>) -> Option<Through> {
    let mut through = need.section(&TO.other())?;
    let (name, floor) = (through.maybe_name(&THROUGH, names.resolved), through.get(&FLOOR));
    Some(Through { name: name?, floor, callers: CallersId::new(0) })
}
