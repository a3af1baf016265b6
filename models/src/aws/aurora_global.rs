//! Amazon Aurora Global Database: one writer region, copies that follow its log.
//!
//! Modelled:      local reads; writes that cross to the writer; replication that stops when the writer is cut off, with
//!                everything up to (cut - lag) at the copy; promotion by a runbook, endpoint update, stale endpoints;
//!                a former writer that keeps acknowledging behind a partition; in-region failover; planned switchover.
//! Not modelled:  rebuilding of other copies after a failover, reader restarts, failed fencing of storage, engine versions.
//! Sources:       facts 5a and 5b ("a few minutes", "typically under a second": documented; distributions: assumed).

use sim_core::random::Distribution;
use sim_core::settings::{Key, Section};

use crate::replicated_log::{self, Place, ReplicatedLog};
use crate::stores::{Settings, Site};

const LAG: Key = Key::assumed(
    "replication-lag",
    "age of the newest write that a copy lacks, when the writer is cut off",
    "{ lognormal = { median = \"250ms\", p99 = \"1s\" } }",
    "facts 5a: typically under 1 s (documented); no distribution is published",
);
const PROMOTION: Key = Key::assumed(
    "promotion-time",
    "from the call to a new writer",
    "{ lognormal = { median = \"2m\", p95 = \"5m\" } }",
    "facts 5a: typically within a few minutes (documented); no distribution is published",
);
const ENDPOINT: Key = Key::documented(
    "endpoint",
    "whether every region follows the global writer endpoint, or the old side keeps its own writer",
    "global",
    "facts 5a: global writer endpoint",
);
const UPDATE: Key = Key::assumed(
    "endpoint-update",
    "from the promotion to a changed name",
    "{ uniform = [\"5s\", \"30s\"] }",
    "design 5.5: no figure is published",
);
const ENDPOINT_TTL: Key = Key::documented(
    "endpoint-ttl",
    "how long applications keep the writer's address",
    "5s",
    "facts 5a and 5b: about 5 s",
);
const IN_REGION: Key = Key::assumed(
    "in-region-failover",
    "from the loss of the writer's zone to a writer in another",
    "{ lognormal = { median = \"25s\", p95 = \"55s\" } }",
    "facts 5b: less than 60 s, often less than 30 s (documented); no distribution is published",
);
const SWITCH_OVER: Key = Key::assumed(
    "switch-over-time",
    "how long writes stop in a planned switchover",
    "{ lognormal = { median = \"20s\", p95 = \"60s\" } }",
    "facts 5a: typically under 30 s with recent engines, minutes with older ones",
);

/// A global database.
#[derive(Debug, Clone)]
pub struct Parameters(pub replicated_log::Parameters);

impl Settings for Parameters {
    type Service = ReplicatedLog;
    const KIND: &'static str = "aurora-global";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        Self(replicated_log::Parameters {
            place: Place::read(section, names),
            replication_lag: section.delay(&LAG),
            promotion_time: section.delay(&PROMOTION),
            regional_endpoint: section.choice(&ENDPOINT, &[("global", false), ("regional", true)]),
            endpoint_update: section.delay(&UPDATE),
            endpoint_ttl: section.duration(&ENDPOINT_TTL),
            in_region_failover: section.delay(&IN_REGION),
            switch_over_time: section.delay(&SWITCH_OVER),
        })
    }

    fn writer(&self) -> Option<usize> {
        Some(self.0.place.writer)
    }

    fn regions(&self) -> &[usize] {
        &self.0.place.regions
    }

    fn words(&self, region: &dyn Fn(usize) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let (writer, lag) = (region(self.0.place.writer), delay(&self.0.replication_lag));
        let promotion = delay(&self.0.promotion_time);
        format!("Aurora Global Database, writer in {writer}, lag {lag}, promotion {promotion}")
    }

    fn build(&self, site: Site<'_>) -> ReplicatedLog {
        ReplicatedLog::new(&self.0, site)
    }
}
