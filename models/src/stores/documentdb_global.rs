//! Amazon `DocumentDB` global clusters: one writer region, copies that follow its log.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Duration, OneOf, Rate, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::sources::{cited, pages};
use crate::stores::replicated_log::{self, Place, PlaceKeys, ReplicatedLog, without_copies};
use crate::stores::{Settings, Site};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "DocumentDB global clusters",
    modelled: "as Aurora Global Database, with figures of its own: local reads; writes that cross to the writer; promotion by a \
         managed failover that stops the former writer as soon as it reaches it, planned switchover, detachment; the \
         rebuild of every other copy; in-region failover to a zone that is up; losses by time. No endpoint follows the \
         writer to another region: applications are repointed",
    not_modelled: "what is left out of Aurora; elastic clusters; drivers that find the writer by themselves",
    sources: "managed failover and switchover, lag typically below 1 s: documented; distributions: assumed as Aurora's",
};

keys! {
    /// How the copies of a global cluster behave.
    struct ClusterKeys {
        const LAG: Key<Delay> = Key::assumed(
            "replication-lag",
            "age of the newest write that a copy lacks, when the writer is cut off",
            "{ lognormal = { median = \"250ms\", p99 = \"1s\" } }",
            cited!("the API says typically under 1 s; no distribution is published", pages::DOCUMENTDB_FAILOVER),
        )
            .band(Band::factor(0.4, 4.0, "typically under a second in the words of AWS, seconds under bursts of writes"));
        const PROMOTION: Key<Delay> = Key::assumed(
            "promotion-time",
            "from the call to a new writer",
            "{ lognormal = { median = \"2m\", p95 = \"5m\" } }",
            cited!("no published figure; as that of Aurora", pages::DOCUMENTDB_FAILOVER),
        )
            .band(Band::factor(0.5, 5.0, "taken from Aurora, and nothing is published: wider than there"));
        const ENDPOINT: Key<OneOf<Endpoint>> = Key::convention(
            "endpoint",
            "whether applications everywhere are repointed, or the old side keeps its own writer behind a partition",
            "regional",
            "each cluster of a global cluster has an endpoint of its own",
        );
        const UPDATE: Key<Delay> = Key::assumed(
            "endpoint-update",
            "from the promotion until applications are pointed at the new writer",
            "{ uniform = [\"30s\", \"2m\"] }",
            "no published figure; a record or a parameter of one's own is changed",
        )
            .band(Band::factor(0.5, 4.0, "a scripted change of a record takes seconds, one by hand with a review several minutes"));
        const ENDPOINT_TTL: Key<Duration> = Key::assumed(
            "endpoint-ttl",
            "how long applications keep the writer's address",
            "5s",
            "no published figure; as the endpoint of an Aurora cluster",
        )
            .band(Band::factor(0.2, 12.0, "clients keep an address from a second to a minute"));
        const IN_REGION: Key<Delay> = Key::assumed(
            "in-region-failover",
            "from the loss of the writer's zone to a writer in another",
            "{ lognormal = { median = \"25s\", p95 = \"55s\" } }",
            "no published distribution; as that of Aurora",
        )
            .band(Band::factor(0.5, 3.0, "taken from Aurora, and nothing is published: wider than there"));
        const SWITCH_OVER: Key<Delay> = Key::assumed(
            "switch-over-time",
            "how long writes stop in a planned switchover",
            "{ lognormal = { median = \"20s\", p95 = \"60s\" } }",
            cited!("no published figure; as that of Aurora", pages::DOCUMENTDB_FAILOVER),
        )
            .band(Band::factor(0.5, 6.0, "taken from Aurora, and nothing is published: wider than there"));
        const DETACH: Key<Delay> = Key::assumed(
            "detach-time",
            "from the call that takes a copy out of the global cluster until it takes writes",
            "{ uniform = [\"60s\", \"120s\"] }",
            "no published figure; as that of Aurora",
        )
            .band(Band::factor(0.5, 5.0, "AWS gives no figure; scripts take a minute, people with a console several"));
        const REBUILD: Key<Delay> = Key::assumed(
            "rebuild-time",
            "how long it takes, after a promotion, to build another copy anew from the new writer",
            "{ lognormal = { median = \"30m\", p95 = \"3h\" } }",
            "no published figure; as that of Aurora",
        )
            .band(Band::factor(0.25, 4.0, "it grows with the size of the database, from tens of gigabytes to terabytes"));
        const APPLY_RATE: Key<Option<Rate>> =
            Key::optional("apply-rate", "writes per second that a copy applies", "all of them").above(0.0);
    }
}

/// Whose name for the writer applications use: whether the old side keeps its own writer behind a partition.
enum Endpoint {}

impl Words for Endpoint {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("regional", true, "the old side keeps its own writer behind a partition"),
        Word::new("global", false, "applications everywhere are pointed at the new writer"),
    ];
}

/// A global cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters(pub replicated_log::Parameters);

/// Regions of a global cluster, the writer's included: one and ten others.
const MOST: usize = 11;

impl Settings for Parameters {
    type Service = ReplicatedLog;
    const KIND: &'static str = "documentdb-global";
    const MEANING: &'static str = "a DocumentDB global cluster: one region writes, and every region reads";
    const KEYS: Layout = &[Listing::Keys(PlaceKeys::KEYS), Listing::Keys(ClusterKeys::KEYS)];
    const CONTROL_PLANE: &'static str = "DocumentDB";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let place = Place::read(section, names);
        if place.regions.len() > MOST {
            let key = if section.has("regions") { "regions" } else { "" };
            section.reject(key, format!("{} regions", place.regions.len()), format!("at most {MOST} regions"), None);
        }
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
            proxy: false,
            standby_reads: true,
            forwards_writes: false,
            apply_rate: section.get(&APPLY_RATE),
            rpo_bound: None,
        };
        without_copies(section, &log.place, &[&LAG, &PROMOTION, &SWITCH_OVER, &DETACH, &REBUILD]);
        Self(log)
    }

    fn log(&self) -> Option<&replicated_log::Parameters> {
        Some(&self.0)
    }

    fn regions(&self) -> &[RegionId] {
        &self.0.place.regions
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        format!("DocumentDB global cluster, writer in {}, {}", region(self.0.place.writer), self.0.words(delay))
    }

    fn build(&self, site: Site<'_>) -> ReplicatedLog {
        ReplicatedLog::new(&self.0, site)
    }
}

#[cfg(test)]
mod tests {
    use sim_core::time::SimDuration;
    use sim_settings::{Report, parse_toml};

    use super::*;

    fn read(text: &str, regions: usize) -> (Parameters, Vec<String>) {
        let (node, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{text}");
        let report = Report::new();
        let mut section = report.root(&node);
        let names: Vec<String> = crate::network::place_names().into_iter().take(regions).collect();
        let parameters = Parameters::read(&mut section, &names);
        drop(section);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    #[test]
    fn a_global_cluster_is_a_log_that_fences_and_whose_endpoints_stay() {
        let (Parameters(log), problems) = read("writer = 'us-east-1'\nreplication-lag = '2s'", 2);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(log.fences && log.regional_endpoint && log.zonal);
        assert_eq!(log.replication_lag.mean(), 2.0);
        assert_eq!(log.endpoint_ttl, SimDuration::from_secs(5));
        assert!(log.detach_time.is_some() && log.switch_over_time.is_some());
    }

    #[test]
    fn clusters_that_make_no_sense_are_refused() {
        assert_eq!(read("writer = 'us-east-1'", 12).1, ["12 regions"]);
        assert_eq!(read("", 2).1.len(), 1, "a writer is required");
    }
}
