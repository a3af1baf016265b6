//! Amazon RDS with a read replica in another region: one writer, copies that replay its log by themselves.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Duration, Flag, OneOf, Rate, Words};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, Word, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::sources::{cited, pages};
use crate::stores::replicated_log::{self, Place, PlaceKeys, ReplicatedLog, without_copies};
use crate::stores::{Settings, Site};

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "RDS with a replica elsewhere",
    modelled: "local reads; engine replication with a lag of seconds to minutes, and with a bounded rate if stated; \
         promotion of a replica by a runbook (`promote` and `detach` are the same here), which ends its replication \
         when it begins; applications that are repointed, since no endpoint follows; a former writer that nothing \
         stops and that takes writes, to be lost, from those who still point to it; failover to a standby in \
         another zone that is up, during which its region cannot read either unless standbys are readable, and the \
         address that each region keeps of the former one. After a promotion all other replicas, and one in the \
         former writer's region when that is back, are built anew from the new writer: unreadable, not to be \
         promoted, the data at risk. A writer that is away at the end without a successor strands what no replica \
         has. One whose region was destroyed stays away when its region returns, until a replica is promoted",
    not_modelled: "restoring from backups (where no copy is left, everything is missing: its age is without bound, the writes \
         of the trial are counted), cascades, failing replication, zones of replicas: a promoted one is in a zone that is up, if there \
         is any; readers that keep an address; pools that hold connections to a dead primary after its name has changed",
    sources: "promotion takes minutes, standby 60 to 120 s: documented; distributions: assumed",
};

keys! {
    /// How replicas behave.
    struct ReplicaKeys {
        const LAG: Key<Delay> = Key::assumed(
            "replication-lag",
            "age of the newest write that a replica lacks, when the writer is cut off",
            "{ lognormal = { median = \"3s\", p99 = \"1m\" } }",
            cited!("no published figure; replicas lag seconds to minutes, without a bound", pages::RDS_REPLICAS),
        )
        .band(Band::factor(0.2, 5.0, "idle replicas lag under a second, those under bursts of writes for minutes"));
        const PROMOTION: Key<Delay> = Key::assumed(
            "promotion-time",
            "from the call to a replica that takes writes",
            "{ lognormal = { median = \"5m\", p95 = \"15m\" } }",
            cited!("AWS says several minutes or longer, with a reboot, and publishes no distribution", pages::RDS_REPLICAS),
        )
        .band(Band::factor(0.5, 2.0, "several minutes in the words of AWS; longer where the log still has to be applied"));
        const ENDPOINT: Key<OneOf<Endpoint>> = Key::documented(
            "endpoint",
            "whether applications everywhere are repointed, or the old side keeps its own writer behind a partition",
            "regional",
            cited!("promotion is manual, and each instance has an endpoint of its own", pages::RDS_REPLICAS),
        );
        const UPDATE: Key<Delay> = Key::assumed(
            "endpoint-update",
            "from the promotion until applications are pointed at the replica",
            "{ uniform = [\"30s\", \"2m\"] }",
            "no published figure; a record or a parameter of one's own is changed",
        )
        .band(Band::factor(0.5, 4.0, "a scripted change of a record takes seconds, one by hand with a review several minutes"));
        const ENDPOINT_TTL: Key<Duration> = Key::documented(
            "endpoint-ttl",
            "how long applications keep the writer's address",
            "60s",
            cited!("clients are advised to keep it for 60 s at most", pages::RDS_MULTI_AZ),
        );
        const MULTI_AZ: Key<Flag> = Key::convention(
            "multi-az",
            "whether the writer has a standby in another zone",
            "true",
            "production databases have one; without it, a writer that lost its zone is away until the zone is back",
        );
        const IN_REGION: Key<Delay> = Key::assumed(
            "in-region-failover",
            "from the loss of the writer's zone to a writer in another",
            "{ uniform = [\"60s\", \"120s\"] }",
            cited!("AWS says typically 60 to 120 s and publishes no distribution", pages::RDS_MULTI_AZ),
        )
        .band(Band::factor(0.75, 2.0, "AWS names the usual range, and says that large transactions and recoveries take longer"));
        const READABLE: Key<Flag> = Key::documented(
            "readable-standbys",
            "whether the writer's standbys answer reads (a Multi-AZ DB cluster); else its region cannot read during a failover",
            "false",
            cited!("the standby of a Multi-AZ DB instance serves no reads", pages::RDS_MULTI_AZ),
        );
        const REBUILD: Key<Delay> = Key::assumed(
            "rebuild-time",
            "how long it takes, after a promotion, to build another replica anew from the new writer",
            "{ lognormal = { median = \"1h\", p95 = \"6h\" } }",
            cited!("no published figure; a replica in another region begins as a copied snapshot", pages::RDS_REPLICAS),
        )
        .band(Band::factor(0.25, 4.0, "it grows with the size of the database, from tens of gigabytes to terabytes"));
        const PROXY: Key<Flag> = Key::convention(
            "proxy",
            "whether applications go through RDS Proxy, which keeps no address of a writer that moves within its region",
            "false",
            "an extra that has to be set up",
        );
        const APPLY_RATE: Key<Option<Rate>> =
            Key::optional("apply-rate", "writes per second that a replica replays", "all of them").above(0.0);
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

/// A database with replicas.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters(pub replicated_log::Parameters);

impl Settings for Parameters {
    type Service = ReplicatedLog;
    const KIND: &'static str = "rds-replica";
    const MEANING: &'static str = "an RDS database with read replicas in other regions";
    const KEYS: Layout = &[Listing::Keys(PlaceKeys::KEYS), Listing::Keys(ReplicaKeys::KEYS)];
    const CONTROL_PLANE: &'static str = "RDS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let standby = section.get(&MULTI_AZ);
        let log = replicated_log::Parameters {
            place: Place::read(section, names),
            replication_lag: section.get(&LAG),
            promotion_time: section.get(&PROMOTION),
            regional_endpoint: section.get(&ENDPOINT),
            endpoint_update: section.get(&UPDATE),
            endpoint_ttl: section.get(&ENDPOINT_TTL),
            zonal: true,
            in_region_failover: standby.then(|| section.get(&IN_REGION)),
            switch_over_time: None,
            detach_time: None,
            rebuild_time: section.get(&REBUILD),
            fences: false,
            proxy: section.get(&PROXY),
            standby_reads: standby && section.get(&READABLE),
            forwards_writes: false,
            apply_rate: section.get(&APPLY_RATE),
            rpo_bound: None,
        };
        without_copies(section, &log.place, &[&LAG, &PROMOTION, &REBUILD]);
        Self(log)
    }

    fn log(&self) -> Option<&replicated_log::Parameters> {
        Some(&self.0)
    }

    fn regions(&self) -> &[RegionId] {
        &self.0.place.regions
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let (writer, paces) = (region(self.0.place.writer), self.0.words(delay));
        let standby = if self.0.in_region_failover.is_some() { "with" } else { "without" };
        format!("RDS with read replicas, writer in {writer} {standby} a standby, {paces}")
    }

    fn build(&self, site: Site<'_>) -> ReplicatedLog {
        ReplicatedLog::new(&self.0, site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::R;
    use sim_core::component::Harness;
    use sim_core::time::{SimDuration, SimTime};
    use sim_settings::{Report, parse_toml};

    use crate::cause::Cause;
    use crate::needs::Access;
    use crate::stores::{Attempt, Promotion, Service};
    use crate::world::World;

    fn read(text: &str) -> Parameters {
        let (tree, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let report = Report::new();
        let regions = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
        let parameters = Parameters::read(&mut report.root(&tree), &regions);
        assert!(report.problems().is_empty(), "{:?}", report.problems());
        parameters
    }

    struct Bench {
        database: Harness<ReplicatedLog>,
        world: World,
    }

    impl Bench {
        fn new(text: &str) -> Self {
            let regions = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
            let site = Site { path: "stores/orders", regions: &regions, zones: &[3, 3], seed: 1 };
            let mut database = Harness::new(read(text).build(site));
            database.call(|it, ctx| {
                it.begin(0_u64.into());
                it.acknowledges(&[10.0, 0.0], ctx.now());
            });
            Self { database, world: World::new(&[3, 3], &vec![vec![0.0; 2]; 2]) }
        }

        fn at(&mut self, seconds: u64) {
            self.database.run_until(SimTime::ZERO + SimDuration::from_secs(seconds));
        }

        fn change(&mut self, seconds: u64, what: impl FnOnce(&mut World)) {
            self.at(seconds);
            what(&mut self.world);
            self.database.call(|it, ctx| it.world_changed(&self.world, ctx));
        }

        fn promote(&mut self, how: Promotion) -> bool {
            let attempt = Attempt { how, to: R[1], effective: true };
            self.database.call(|it, ctx| it.promote(attempt, &self.world, ctx))
        }

        fn write(&mut self, seconds: u64, region: RegionId) -> Result<RegionId, Cause> {
            self.at(seconds);
            let write = self.database.component().access(0, Access::Write, region, &self.world);
            if write.share == 1.0 { Ok(write.at) } else { Err(write.cause) }
        }
    }

    const PLAIN: &str = r#"
        writer = "us-east-1"
        zone = "a"
        replication-lag = "5s"
        promotion-time = "5m"
        endpoint-update = "1m"
        endpoint-ttl = "0s"
    "#;

    #[test]
    fn a_standby_takes_over_within_one_to_two_minutes() {
        let mut bench = Bench::new(PLAIN);
        bench.change(100, |world| assert!(world.set_zone_out(R[0], 0, true)));
        assert_eq!(bench.write(159, R[0]), Err(Cause::Promotion));
        assert_eq!(bench.write(221, R[0]), Ok(R[0]));
    }

    #[test]
    fn without_a_standby_the_zone_has_to_come_back() {
        let mut bench = Bench::new(&format!("{PLAIN}\nmulti-az = false"));
        bench.change(100, |world| assert!(world.set_zone_out(R[0], 0, true)));
        assert_eq!(bench.write(3_000, R[0]), Err(Cause::Decision));
        bench.change(3_600, |world| assert!(world.set_zone_out(R[0], 0, false)));
        assert_eq!(bench.write(3_600, R[0]), Ok(R[0]));
    }

    #[test]
    fn a_promotion_takes_minutes_then_applications_are_repointed_and_the_tail_is_gone() {
        let mut bench = Bench::new(PLAIN);
        bench.change(100, |world| assert!(world.set_out(R[0], true)));
        bench.database.call(|it, ctx| it.acknowledges(&[0.0, 0.0], ctx.now()));
        bench.at(200);
        assert!(bench.promote(Promotion::Failover));
        assert_eq!(bench.write(499, R[1]), Err(Cause::Promotion));
        assert_eq!(bench.write(501, R[1]), Err(Cause::EndpointUpdate));
        assert_eq!(bench.write(561, R[1]), Ok(R[1]));
        let loss = bench.database.call(|it, ctx| it.loss(ctx.now()));
        assert_eq!((loss.seconds, loss.lost), (5.0, 50.0));
    }

    #[test]
    fn there_is_no_switchover() {
        let mut bench = Bench::new(PLAIN);
        bench.at(100);
        assert!(!bench.promote(Promotion::SwitchOver));
        assert!(!read(PLAIN).switches_over());
    }
}
