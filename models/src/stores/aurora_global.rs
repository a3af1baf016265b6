//! Amazon Aurora Global Database: one writer region, copies that follow its log.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Duration, Flag, OneOf, Rate, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::sources::{cited, pages};
use crate::stores::replicated_log::{self, Place, PlaceKeys, ReplicatedLog, without_copies};
use crate::stores::{Settings, Site};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "Aurora Global Database",
    modelled: "local reads; writes that cross to the writer; replication that stops when the writer is cut off, with \
         everything up to (cut - lag) at the copy; promotion by a runbook, endpoint update, stale endpoints; a \
         promotion that stops the former writer as soon as it reaches it, and one that keeps acknowledging behind a \
         partition until then; the rebuild of every other copy after a promotion, the former writer's included when \
         its region is back: unreadable, not to be promoted, the store at risk; in-region failover to a zone that \
         is up, or the wait for one, and the address that each region keeps of the former one; planned switchover, \
         which needs every cluster well when it begins, waits until its copy is whole, and fails after its full \
         time if its source, its target or the way between does not stay so; copies that apply less than is \
         written; a bound on the lag at which the writer stalls; forwarding, which needs a readable copy. A \
         promotion of a copy that is not whole takes its time and fails. A detached copy is a cluster of its own, \
         at risk for good, which applications use once a runbook repoints them; the former one goes on for those \
         who still write to it, and what it holds alone is stranded. A writer that is away at the end without a \
         successor strands what no copy has. A writer whose region was destroyed stays away when its region returns, \
         until another copy is promoted; a destroyed copy is rebuilt; where no copy is left, everything is missing: its \
         age is without bound, the writes of the trial are counted",
    not_modelled: "the rebuild of the topology after a detachment (hours), reader restarts, failed fencing of storage, engine \
         versions; a bound that a backlog alone exceeds; a bound in the configuration of a promoted copy; the time \
         that a forwarded statement takes; zones of copies: a promoted one is in a zone that is up, if there is \
         any; readers that keep an address; pools that hold connections to a dead writer after its name has changed (45 s with a \
         driver that knows the cluster, else until TCP gives up); a secondary without instances, which has to get one first; backups",
    sources: "\"a few minutes\", \"typically under a second\": documented; distributions: assumed",
};

keys! {
    /// How the log of a global database behaves.
    pub(crate) struct LogKeys {
        const LAG: Key<Delay> = Key::assumed(
            "replication-lag",
            "age of the newest write that a copy lacks, when the writer is cut off",
            "{ lognormal = { median = \"250ms\", p99 = \"1s\" } }",
            cited!("AWS says typically under 1 s and publishes no distribution", pages::AURORA_GLOBAL),
        )
        .band(Band::factor(0.4, 4.0, "typically under a second in the words of AWS, seconds under bursts of writes"));
        const PROMOTION: Key<Delay> = Key::assumed(
            "promotion-time",
            "from the call to a new writer",
            "{ lognormal = { median = \"2m\", p95 = \"5m\" } }",
            cited!("AWS says typically within a few minutes and publishes no distribution", pages::AURORA_FAILOVER),
        )
        .band(Band::factor(0.5, 3.0, "a few minutes in the words of AWS: a median under one or above six would surprise"));
        const ENDPOINT: Key<OneOf<Endpoint>> = Key::documented(
            "endpoint",
            "whether every region follows the global writer endpoint, or the old side keeps its own writer",
            "global",
            cited!("the global writer endpoint follows the writer", pages::AURORA_ENDPOINTS),
        );
        const UPDATE: Key<Delay> = Key::assumed(
            "endpoint-update",
            "from the promotion to a changed name",
            "{ uniform = [\"5s\", \"30s\"] }",
            "no published figure; an endpoint's name is changed within seconds",
        )
        .band(Band::factor(0.5, 4.0, "names are changed within seconds, and a busy control plane may take a minute or two"));
        const ENDPOINT_TTL: Key<Duration> = Key::documented(
            "endpoint-ttl",
            "how long applications keep the writer's address",
            "5s",
            cited!("applications are advised to cache the endpoint for about 5 s", pages::AURORA_ENDPOINTS),
        );
        const IN_REGION: Key<Delay> = Key::assumed(
            "in-region-failover",
            "from the loss of the writer's zone to a writer in another",
            "{ lognormal = { median = \"25s\", p95 = \"55s\" } }",
            cited!("AWS says less than 60 s, often less than 30 s, and publishes no distribution", pages::AURORA_AVAILABILITY),
        )
        .band(Band::factor(0.5, 2.0, "AWS names 30 s and 60 s; a long recovery takes more"));
        const SWITCH_OVER: Key<Delay> = Key::assumed(
            "switch-over-time",
            "how long writes stop in a planned switchover",
            "{ lognormal = { median = \"20s\", p95 = \"60s\" } }",
            cited!(
                "no published distribution; under 30 s with recent engines is reported, minutes with older ones",
                pages::AURORA_FAILOVER
            ),
        )
        .band(Band::factor(0.5, 5.0, "recent engines take under 30 s, older ones minutes"));
        const DETACH: Key<Delay> = Key::assumed(
            "detach-time",
            "from the call that takes a copy out of the global database until it takes writes",
            "{ uniform = [\"60s\", \"120s\"] }",
            cited!("AWS says that it depends on how quickly one can do the tasks, and publishes no figure", pages::AURORA_FAILOVER),
        )
        .band(Band::factor(0.5, 5.0, "AWS gives no figure; scripts take a minute, people with a console several"));
        const REBUILD: Key<Delay> = Key::assumed(
            "rebuild-time",
            "how long it takes, after a promotion, to build another copy anew from the new writer",
            "{ lognormal = { median = \"30m\", p95 = \"3h\" } }",
            cited!("AWS says minutes to several hours, unreadable meanwhile, and publishes no distribution", pages::AURORA_FAILOVER),
        )
        .band(Band::factor(0.33, 4.0, "minutes to several hours in the words of AWS"));
        const PROXY: Key<Flag> = Key::convention(
            "proxy",
            "whether applications go through RDS Proxy, which keeps no address of a writer that moves within its region",
            "false",
            "an extra that has to be set up",
        );
        const FORWARDING: Key<Flag> = Key::documented(
            "write-forwarding",
            "whether regions with a copy write through it instead of through the writer's endpoint",
            "false",
            cited!("off by default", pages::AURORA_FORWARDING),
        );
        const APPLY_RATE: Key<Option<Rate>> =
            Key::optional("apply-rate", "writes per second that a copy applies", "all of them").above(0.0);
        const RPO_BOUND: Key<Option<Duration>> =
            Key::optional("rpo-bound", "lag of all copies beyond which the writer stalls", "it never stalls").at_least(20.0);
    }
}

/// Whose name for the writer applications use: whether the old side keeps its own writer behind a partition.
enum Endpoint {}

impl Words for Endpoint {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("global", false, "every region follows the global writer endpoint"),
        Word::new("regional", true, "the old side keeps its own writer behind a partition"),
    ];
}

/// Reads how the log of a global database behaves, wherever it lives.
pub fn read_log(section: &mut Section<'_>, place: Place) -> replicated_log::Parameters {
    let log = replicated_log::Parameters {
        place,
        replication_lag: section.get(&LAG),
        promotion_time: section.get(&PROMOTION),
        regional_endpoint: section.get(&ENDPOINT),
        endpoint_update: section.get(&UPDATE),
        endpoint_ttl: section.get(&ENDPOINT_TTL),
        zonal: true,
        in_region_failover: Some(section.get(&IN_REGION)),
        switch_over_time: Some(section.get(&SWITCH_OVER)),
        detach_time: Some(section.get(&DETACH)),
        rebuild_time: section.get(&REBUILD),
        fences: true,
        proxy: section.get(&PROXY),
        standby_reads: true,
        forwards_writes: section.get(&FORWARDING),
        apply_rate: section.get(&APPLY_RATE),
        rpo_bound: section.get(&RPO_BOUND).map(SimDuration::as_secs_f64),
    };
    without_copies(section, &log.place, &[&LAG, &PROMOTION, &SWITCH_OVER, &DETACH, &REBUILD]);
    log
}

/// A global database.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters(pub replicated_log::Parameters);

impl Settings for Parameters {
    type Service = ReplicatedLog;
    const KIND: &'static str = "aurora-global";
    const MEANING: &'static str = "an Aurora Global Database: one region writes, and every region reads";
    const KEYS: Layout = &[Listing::Keys(PlaceKeys::KEYS), Listing::Keys(LogKeys::KEYS)];
    const CONTROL_PLANE: &'static str = "RDS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let place = Place::read(section, names);
        Self(read_log(section, place))
    }

    fn log(&self) -> Option<&replicated_log::Parameters> {
        Some(&self.0)
    }

    fn regions(&self) -> &[RegionId] {
        &self.0.place.regions
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("Aurora Global Database, writer in {}, {}", region(self.0.place.writer), self.0.words(delay))
    }

    fn build(&self, site: Site<'_>) -> ReplicatedLog {
        ReplicatedLog::new(&self.0, site)
    }
}
