//! The keys of a datastore, and their reading.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Duration, Flag, Name, Number, OneOf, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use super::Datastore;
use crate::ids::{RegionId, StoreId};
use crate::sources::{cited, pages};
use crate::stores::replicated_log::{self, Place, PlaceKeys, without_copies};
use crate::stores::{Others, Settings, Site};

keys! {
    /// How a datastore behaves.
    struct DatastoreKeys {
        const LAG: Key<Delay> = Key::assumed(
            "replication-lag",
            "age of the newest write that a copy lacks, when the primary is cut off",
            "{ lognormal = { median = \"300ms\", p99 = \"1s\" } }",
            cited!("AWS says typically under 1 s and publishes no distribution", pages::ELASTICACHE_WORKSHOP),
        )
        .band(Band::factor(0.4, 4.0, "typically under a second in the words of AWS, seconds under bursts of writes"));
        const PROMOTION: Key<Delay> = Key::assumed(
            "promotion-time",
            "from the call to a new primary",
            "{ lognormal = { median = \"1m\", p95 = \"2m\" } }",
            cited!("AWS says about 1 minute and publishes no distribution", pages::ELASTICACHE_WORKSHOP),
        )
        .band(Band::factor(0.5, 3.0, "about a minute in the words of AWS: under half of one or above three would surprise"));
        const MODIFYING: Key<Flag> = Key::convention(
            "reads-while-modifying",
            "whether copies answer reads during a promotion",
            "true",
            cited!(
                "copies are taken to go on answering; AWS calls the datastore unavailable while it is `Modifying`, which `false` takes literally",
                pages::ELASTICACHE_GLOBAL
            ),
        );
        const ENDPOINT: Key<OneOf<Endpoint>> = Key::documented(
            "endpoint",
            "whether applications everywhere are repointed, or the old side keeps its own primary behind a partition",
            "regional",
            cited!("there is no global endpoint", pages::ELASTICACHE_GLOBAL),
        );
        const UPDATE: Key<Delay> = Key::assumed(
            "endpoint-update",
            "from the promotion until applications are pointed at the new primary",
            "{ uniform = [\"5s\", \"30s\"] }",
            cited!("no published figure; applications must be pointed at the new primary", pages::ELASTICACHE_GLOBAL),
        )
        .band(Band::factor(0.5, 10.0, "a configuration that applications watch takes seconds, a deployment minutes"));
        const ENDPOINT_TTL: Key<Duration> = Key::assumed(
            "endpoint-ttl",
            "how long applications keep the primary's address",
            "5s",
            "no published figure; as with Aurora",
        )
        .band(Band::factor(0.2, 12.0, "clients keep an address from a second to a minute"));
        const IN_REGION: Key<Delay> = Key::assumed(
            "in-region-failover",
            "from the loss of the primary's zone to a primary in another",
            "{ lognormal = { median = \"15s\", p95 = \"40s\" } }",
            cited!(
                "AWS says a few seconds after the loss is detected; how long that takes is not published",
                pages::ELASTICACHE_FAILOVER
            ),
        )
        .band(Band::factor(0.5, 3.0, "a few seconds after the loss is seen, which takes from seconds to half a minute"));
        const DETACH: Key<Delay> = Key::assumed(
            "detach-time",
            "from the call that takes a copy out of the datastore until it takes writes",
            "{ uniform = [\"60s\", \"120s\"] }",
            "no published figure; as with Aurora",
        )
        .band(Band::factor(0.5, 5.0, "AWS gives no figure; scripts take a minute, people with a console several"));
        const REBUILD: Key<Delay> = Key::assumed(
            "rebuild-time",
            "how long another copy takes, after a promotion, until it holds what the new primary holds",
            "{ lognormal = { median = \"5m\", p95 = \"30m\" } }",
            "no published figure; a full synchronisation sends all that the nodes hold across regions",
        )
        .band(Band::factor(0.2, 4.0, "it grows with what the nodes hold, from one gigabyte to hundreds"));
        const BACKS: Key<Option<Name<StoreId>>> = Key::optional("backs", "the store that misses load from", "the store is no cache");
    }
}
keys! {
    /// How a datastore fills that is the cache of another store.
    struct CacheKeys {
        const HIT_RATIO: Key<Number> = Key::assumed(
            "hit-ratio",
            "share of reads that a warm copy answers",
            "0.9",
            "no published figure; workloads differ",
        )
        .band(Band::range(0.7, 0.99, "caches that pay for themselves hit most of the time; few hit always"))
        .at_least(0.0)
        .at_most(1.0);
        const WARM_UP: Key<Duration> = Key::assumed(
            "warm-up",
            "time constant with which a cold copy warms",
            "5m",
            "no published figure; workloads differ",
        )
        .band(Band::factor(0.2, 6.0, "hot keys are back within a minute, long tails take half an hour"));
        const COLD_PROMOTED: Key<Flag> = Key::convention(
            "cold-when-promoted",
            "whether a promoted copy starts cold",
            "false",
            "a copy holds what was replicated to it; a cold cache is the alternative to replicating",
        );
    }
}

/// Whose name for the writer applications use: whether the old side keeps its own writer behind a partition.
enum Endpoint {}

impl Words for Endpoint {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("regional", true, "the old side keeps its own primary behind a partition"),
        Word::new("global", false, "applications everywhere are pointed at the new primary"),
    ];
}

/// How a cache fills.
#[derive(Debug, Clone, PartialEq)]
pub struct Cache {
    /// The store that misses load from.
    pub backs: StoreId,
    /// Share of reads that a warm copy answers.
    pub hit_ratio: f64,
    /// Time constant with which a cold copy warms.
    pub warm_up: SimDuration,
    /// Whether a promoted copy starts cold.
    pub cold_when_promoted: bool,
}

/// A global datastore.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// How its log behaves.
    pub log: replicated_log::Parameters,
    /// Whether copies answer reads during a promotion.
    pub reads_while_modifying: bool,
    /// How it fills, if it is a cache.
    pub cache: Option<Cache>,
}

impl Settings for Parameters {
    type Service = Datastore;
    const KIND: &'static str = "elasticache-global";
    const MEANING: &'static str = "an ElastiCache Global Datastore: one region writes, and every region reads";
    const KEYS: Layout = &[
        Listing::Keys(PlaceKeys::KEYS),
        Listing::Keys(DatastoreKeys::KEYS),
        Listing::Beside(&[BACKS.name], &[Listing::Keys(CacheKeys::KEYS)]),
    ];
    const CONTROL_PLANE: &'static str = "ElastiCache";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let log = replicated_log::Parameters {
            place: Place::read(section, names),
            replication_lag: section.get(&LAG),
            promotion_time: section.get(&PROMOTION),
            regional_endpoint: section.get(&ENDPOINT),
            endpoint_update: section.get(&UPDATE),
            endpoint_ttl: section.get(&ENDPOINT_TTL),
            zonal: true,
            in_region_failover: Some(section.get(&IN_REGION)),
            switch_over_time: None,
            detach_time: Some(section.get(&DETACH)),
            rebuild_time: section.get(&REBUILD),
            fences: true,
            proxy: false,
            standby_reads: true,
            forwards_writes: false,
            apply_rate: None,
            rpo_bound: None,
        };
        without_copies(section, &log.place, &[&LAG, &PROMOTION, &DETACH, &REBUILD]);
        Self { log, reads_while_modifying: section.get(&MODIFYING), cache: None }
    }

    fn relate(&mut self, section: &mut Section<'_>, others: Others<'_>) {
        let backs = section.maybe_name(&BACKS, others.stores);
        if section.has(BACKS.name) {
            let (hit_ratio, warm_up) = (section.get(&HIT_RATIO), section.get(&WARM_UP));
            let cold_when_promoted = section.get(&COLD_PROMOTED);
            self.cache = backs.map(|backs| Cache { backs, hit_ratio, warm_up, cold_when_promoted });
        }
    }

    fn backs(&self) -> Option<StoreId> {
        self.cache.as_ref().map(|cache| cache.backs)
    }

    fn log(&self) -> Option<&replicated_log::Parameters> {
        Some(&self.log)
    }

    fn regions(&self) -> &[RegionId] {
        &self.log.place.regions
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let (primary, paces) = (region(self.log.place.writer), self.log.words(delay));
        format!("ElastiCache Global Datastore, primary in {primary}, {paces}")
    }

    fn build(&self, site: Site<'_>) -> Datastore {
        Datastore::new(self, site)
    }
}
