//! Faults that make work slow, and faults that take capacity: nothing fails by them alone.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Name, Number, OneOf, Words};
use sim_settings::{Key, Section, Word, keys};

use super::{Kind, Names};
use crate::ids::{RegionId, ServiceId, StoreId};
use crate::latency::Slow;
use crate::needs::Access;
use crate::services::Sort;
use crate::software;

keys! {
    /// What is slow, or carries less.
    pub(super) struct SlowedKeys {
        const SLOWED_REGION: Key<Option<Name<RegionId>>> = Key::optional("region", "the region that it strikes", "everywhere, of the service or store that it names");
        const SLOWED_SERVICE: Key<Option<Name<ServiceId>>> = Key::optional("service", "the service that it strikes", "the service that clients enter, or a store that `store` names");
        const SLOWED_STORE: Key<Option<Name<StoreId>>> = Key::optional("store", "the store whose copies it strikes", "it strikes a service");
        const SLOWED_ACCESS: Key<OneOf<Accesses>> = Key::convention("access", "of a store, which accesses it strikes", "all", "all of them unless stated");
    }
}
keys! {
    /// How much slower it is.
    pub(super) struct SlownessKeys {
        pub(super) const ADDS: Key<Delay> = Key::required("adds", "time that comes on top of each request's").example("\"2s\"");
        pub(super) const SLOWER: Key<Number> = Key::required("factor", "factor on its response time, or on read-time and write-time").above(0.0).example("20");
    }
}
keys! {
    /// What is left of its capacity.
    pub(super) struct LessKeys {
        const LESS: Key<Number> = Key::required("factor", "share of the capacity that is left").at_least(0.0).at_most(1.0);
    }
}

/// Which accesses to a store are struck: only these, or all of them.
pub(super) enum Accesses {}

impl Words for Accesses {
    type Means = Option<Access>;
    const WORDS: &'static [Word<Option<Access>>] = &[
        Word::new("all", None, "reads and writes of the store are slow alike"),
        Word::new("reads", Some(Access::Read), "only reads of the store are slow; writes take their usual time"),
        Word::new("writes", Some(Access::Write), "only writes to the store are slow; reads take their usual time"),
    ];
}

/// What a fault slows down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Struck {
    /// The service that clients enter.
    Entry,
    /// A service.
    Service(ServiceId),
    /// Copies of a store.
    Store(StoreId),
}

/// What has lost its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnRecord {
    /// A store or a service.
    pub of: Struck,
    /// The region of the copy or of the members; an external service has none.
    pub region: Option<RegionId>,
    /// How long callers keep an answer.
    pub ttl: SimDuration,
    /// How long they keep that there is none.
    pub negative_ttl: SimDuration,
}

impl OwnRecord {
    /// Whether two faults take the same name.
    pub fn is_of(&self, other: &Self) -> bool {
        self.of == other.of && self.region == other.region
    }
}

/// Something is slow.
#[derive(Debug, Clone, PartialEq)]
pub struct Slowdown {
    /// The region; everywhere without.
    pub region: Option<RegionId>,
    /// What it strikes there.
    pub of: Struck,
    /// Of a store only these accesses.
    pub only: Option<Access>,
    /// How slow.
    pub slow: Slow,
}

/// The place that a fault strikes, what of it, and which accesses of a store.
fn read_struck(section: &mut Section<'_>, names: Names<'_>) -> (Option<RegionId>, Struck, Option<Access>) {
    let graph = names.graph;
    let region = section.maybe_name(&SLOWED_REGION, names.regions);
    let service = software::named(section, &SLOWED_SERVICE, &graph.names());
    let store = section.maybe_name(&SLOWED_STORE, names.stores);
    if service.is_some() && store.is_some() {
        section.reject_among(&["store", "service"], "`store` beside `service`", "one of them", None);
    }
    let only = if store.is_some() { section.get(&SLOWED_ACCESS) } else { None };
    if store.is_none() && section.has(SLOWED_ACCESS.name) {
        let _ = section.node(&SLOWED_ACCESS);
        section.reject(SLOWED_ACCESS.name, "`access` without `store`", "`store` beside it", None);
    }
    let of = match (store, service) {
        (Some(store), _) => Struck::Store(store),
        (None, Some(service)) if graph.only_entered() != Some(service) => Struck::Service(service),
        (None, _) => Struck::Entry,
    };
    if region.is_none() && service.is_none() && store.is_none() && !section.has("region") && !section.has("service") {
        section.reject("", "nothing", "the key `region`, `service` or `store`: what it strikes", None);
    }
    if let (Some(region), Some(service)) = (region, service)
        && let Some(own) = graph.services.get(service)
    {
        let (found, expected) = if own.sort == Sort::External {
            (format!("a region of {}, which stands outside AWS", own.name), "no such line")
        } else {
            (format!("a region where {} does not run", own.name), "one of its regions")
        };
        if own.sort == Sort::External || !own.regions.contains(&region) {
            section.reject("region", found, expected, None);
        }
    }
    (region, of, only)
}

pub(super) fn read_slow_failure(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let (region, of, only) = read_struck(section, names);
    let slow = match section.one_of(&[ADDS.name, SLOWER.name]) {
        Some("factor") => Slow { factor: section.get(&SLOWER), adds: None },
        _ => {
            let adds: Distribution = section.get(&ADDS);
            if !adds.mean().is_finite() {
                section.reject(ADDS.name, "an infinite mean", "a distribution with a mean", None);
            }
            Slow { factor: 1.0, adds: Some(adds) }
        }
    };
    Kind::SlowFailure(Slowdown { region, of, only, slow })
}

pub(super) fn read_capacity_loss(section: &mut Section<'_>, names: Names<'_>) -> Kind {
    let (region, of, only) = read_struck(section, names);
    Kind::CapacityLoss { region, of, only, factor: section.get(&LESS) }
}
