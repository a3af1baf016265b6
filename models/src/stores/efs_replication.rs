//! Amazon EFS replication: a file system in one region, and a read-only one in another that follows it by minutes.
//!
//! The destination holds everything up to a point in time: what is lost when the source goes is what came after that point,
//! file by file or not. So it is a log with one writer and a lag of minutes. Failing over means to delete the replication
//! configuration, which takes minutes and makes the destination writable.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Name, Text};
use sim_settings::{Band, Key, Keys as _, Layout, Listing, Section, keys};

use crate::about::About;
use crate::ids::RegionId;
use crate::sources::{cited, pages};
use crate::stores::replicated_log::{self, Place, ReplicatedLog};
use crate::stores::{Settings, Site};
use crate::zones::read_zone;

/// The description for pages and reports.
pub const ABOUT: About = About {
    name: "EFS replication",
    modelled: "a source that takes all writes and a destination in one other region that is read there; everything up to the \
         recovery point at the destination, nothing after it; a failover by a runbook (`promote` and `detach` are the same \
         here), which ends replication when it begins and makes the destination writable minutes later; applications that \
         are repointed; a former source that nothing stops and that takes writes, to be lost, from those who still point \
         to it; replication back, which copies everything and makes the former source unreadable meanwhile. A file system \
         stands in all zones of its region, unless a `zone` makes it one of a single zone, which is away as long as that is",
    not_modelled: "files that have arrived in part and land in lost+found; file systems of many or large files, which fall further \
         behind; reverse replication that copies only what differs; throughput and its bursts",
    sources: "within 15 minutes for most file systems, failover in several minutes: documented; distributions: assumed",
};

keys! {
    /// Keys of a file system that replicates.
    struct FileSystemKeys {
        const FROM: Key<Name<RegionId>> = Key::required("from", "the region of the file system that takes the writes").example("\"us-east-1\"");
        const TO: Key<Name<RegionId>> = Key::required("to", "the region that it is replicated to");
        const ZONE: Key<Option<Text>> = Key::optional("zone", "the zone of a file system that stands in only one, `a`, `b`, ..", "it stands in all zones of its region").at_least(0.0).example("\"a\"");
        const RECOVERY_POINT: Key<Delay> = Key::assumed(
            "recovery-point",
            "age of the newest change that the destination lacks, when the source is cut off",
            "{ uniform = [\"1m\", \"15m\"] }",
            cited!("AWS says within 15 minutes for most file systems and publishes no distribution", pages::EFS_REPLICATION),
        )
            .band(Band::factor(0.5, 3.0, "within 15 minutes for most file systems in the words of AWS, hours for very active ones"));
        const PROMOTION: Key<Delay> = Key::assumed(
            "promotion-time",
            "from the call that deletes the replication until the destination takes writes",
            "{ lognormal = { median = \"5m\", p95 = \"15m\" } }",
            cited!("AWS says several minutes and publishes no distribution", pages::EFS_REPLICATION),
        )
            .band(Band::factor(0.5, 3.0, "several minutes in the words of AWS: a median under two or above fifteen would surprise"));
        const UPDATE: Key<Delay> = Key::assumed(
            "endpoint-update",
            "from then until applications of other regions mount the destination",
            "{ uniform = [\"30s\", \"2m\"] }",
            "no published figure; a record or a parameter of one's own is changed",
        )
            .band(Band::factor(0.5, 5.0, "a scripted mount takes seconds, people with several fleets minutes"));
        const REBUILD: Key<Delay> = Key::assumed(
            "rebuild-time",
            "how long it takes, after a failover, to copy everything back to the former source",
            "{ lognormal = { median = \"2h\", p95 = \"12h\" } }",
            "no published figure; it grows with the data",
        )
            .band(Band::factor(0.1, 10.0, "it grows with the data, from gigabytes to hundreds of terabytes"));
    }
}

/// A file system and its replica.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters(pub replicated_log::Parameters);

impl Settings for Parameters {
    type Service = ReplicatedLog;
    const KIND: &'static str = "efs-replication";
    const MEANING: &'static str = "an EFS file system that replicates to another region";
    const KEYS: Layout = &[Listing::Keys(FileSystemKeys::KEYS)];
    const CONTROL_PLANE: &'static str = "EFS";

    fn read(section: &mut Section<'_>, names: &[String]) -> Self {
        let (from, to) = (section.name(&FROM, names), section.name(&TO, names));
        if from == to && section.has(FROM.name) && section.has(TO.name) && !names.is_empty() {
            section.reject(TO.name, names[to.index()].as_str(), "another region than `from`", None);
        }
        let zone = read_zone(section, &ZONE, FROM.name, names.get(from.index()).map(String::as_str));
        Self(replicated_log::Parameters {
            place: Place { regions: vec![from, to], writer: from, zone },
            replication_lag: section.get(&RECOVERY_POINT),
            promotion_time: section.get(&PROMOTION),
            regional_endpoint: true,
            endpoint_update: section.get(&UPDATE),
            endpoint_ttl: SimDuration::ZERO,
            zonal: zone.is_some(),
            in_region_failover: None,
            switch_over_time: None,
            detach_time: None,
            rebuild_time: section.get(&REBUILD),
            fences: false,
            proxy: false,
            standby_reads: zone.is_none(),
            forwards_writes: false,
            apply_rate: None,
            rpo_bound: None,
        })
    }

    fn log(&self) -> Option<&replicated_log::Parameters> {
        Some(&self.0)
    }

    fn regions(&self) -> &[RegionId] {
        &self.0.place.regions
    }

    fn words(&self, region: &dyn Fn(RegionId) -> String, delay: &dyn Fn(&Distribution) -> String) -> String {
        let Place { regions, writer, .. } = &self.0.place;
        let others: Vec<String> = regions[1..].iter().map(|&to| region(to)).collect();
        format!("EFS, replicated from {} to {}, {}", region(*writer), others.join(", "), self.0.words(delay))
    }

    fn build(&self, site: Site<'_>) -> ReplicatedLog {
        ReplicatedLog::new(&self.0, site)
    }
}

#[cfg(test)]
mod tests {
    use sim_core::component::Harness;
    use sim_core::time::SimTime;
    use sim_settings::{Report, parse_toml};

    use super::*;
    use crate::cause::Cause;
    use crate::ids::R;
    use crate::needs::Access;
    use crate::stores::{Attempt, Availability, Promotion, Service as _};
    use crate::world::World;

    const NAMES: [&str; 2] = ["us-east-1", "eu-west-1"];

    fn read(text: &str) -> (Parameters, Vec<String>) {
        let (node, mistakes) = parse_toml(text, 0);
        assert!(mistakes.is_empty(), "{text}");
        let report = Report::new();
        let mut section = report.root(&node);
        let parameters = Parameters::read(&mut section, &NAMES.map(str::to_owned));
        drop(section);
        (parameters, report.problems().into_iter().map(|problem| problem.found).collect())
    }

    struct Bench {
        files: Harness<ReplicatedLog>,
        world: World,
    }

    impl Bench {
        /// A file system that takes 10 changes per second.
        fn new(text: &str) -> Self {
            let (parameters, problems) = read(&format!("from = 'us-east-1'\nto = 'eu-west-1'\n{text}"));
            assert!(problems.is_empty(), "{problems:?}");
            let names = NAMES.map(str::to_owned);
            let site = Site { path: "stores/files", regions: &names, zones: &[3, 3], seed: 1 };
            let mut files = Harness::new(parameters.build(site));
            files.call(|it, ctx| {
                it.begin(0_u64.into());
                it.acknowledges(&[10.0, 0.0], ctx.now());
            });
            Self { files, world: World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]]) }
        }

        fn change(&mut self, seconds: u64, what: impl FnOnce(&mut World)) {
            self.at(seconds);
            what(&mut self.world);
            self.files.call(|it, ctx| it.world_changed(&self.world, ctx));
        }

        fn at(&mut self, seconds: u64) {
            self.files.run_until(SimTime::ZERO + SimDuration::from_secs(seconds));
        }

        fn access(&self, access: Access, region: RegionId) -> Availability {
            self.files.component().access(0, access, region, &self.world)
        }
    }

    #[test]
    fn what_came_after_the_recovery_point_is_lost_with_the_source() {
        let mut bench = Bench::new("recovery-point = '12m'\npromotion-time = '5m'");
        assert_eq!(bench.access(Access::Write, R[1]), Availability::works(R[0]), "the destination is read-only");
        assert_eq!(bench.access(Access::Read, R[1]), Availability::works(R[1]));
        bench.change(3_600, |world| assert!(world.set_out(R[0], true)));
        bench.files.call(|it, ctx| it.acknowledges(&[0.0, 0.0], ctx.now()));
        assert_eq!(bench.access(Access::Read, R[1]), Availability::works(R[1]));
        let begun = bench.files.call(|it, ctx| {
            let attempt = Attempt { how: Promotion::Failover, to: R[1], effective: true };
            it.promote(attempt, &bench.world, ctx)
        });
        assert!(begun);
        assert_eq!(bench.access(Access::Write, R[1]).cause, Cause::Promotion);
        bench.at(3_600 + 300 + 121);
        assert_eq!(bench.access(Access::Write, R[1]), Availability::works(R[1]));
        // Twelve minutes at 10 per second.
        let loss = bench.files.call(|it, ctx| it.loss(ctx.now()));
        assert_eq!((loss.seconds, loss.lost, loss.stranded), (720.0, 7_200.0, 0.0));
    }

    #[test]
    fn a_zone_takes_only_a_file_system_of_one_zone_along() {
        for (text, share) in [("", 1.0), ("zone = 'b'", 0.0)] {
            let mut bench = Bench::new(text);
            bench.change(100, |world| assert!(world.set_zone_out(R[0], 1, true)));
            let accesses = [Access::Read, Access::Write].map(|access| bench.access(access, R[0]).share);
            assert_eq!(accesses, [share; 2], "{text}");
            bench.change(200, |world| assert!(world.set_zone_out(R[0], 1, false)));
            assert_eq!(bench.access(Access::Write, R[0]), Availability::works(R[0]));
        }
    }

    #[test]
    fn file_systems_that_make_no_sense_are_refused() {
        for (text, found) in [
            ("from = 'us-east-1'\nto = 'us-east-1'", "us-east-1"),
            ("from = 'us-east-1'\nto = 'eu-west-1'\nzone = 'x'", "the text \"x\""),
            ("from = 'us-east-1'\nto = 'us-west-7'", "us-west-7"),
        ] {
            let (_, problems) = read(text);
            assert!(problems.iter().any(|problem| problem.contains(found)), "{text}: {problems:?}");
        }
    }
}
