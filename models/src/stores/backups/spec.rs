//! The keys of backups, and their reading.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Delay, Duration, Names, Number, Sub};
use sim_settings::{Band, Key, Section, keys};

use crate::ids::RegionId;
use crate::sources::{cited, pages};

keys! {
    /// The backups of stores of any kind.
    pub(crate) struct BackupsKeys {
        const BACKUP: Key<Option<Sub<BackupKeys>>> = Key::optional("backup", "how it is backed up, and how long it takes to restore it", "it has no backup").example("{ every = \"1d\" }");
    }
}
keys! {
    /// A store's backups.
    struct BackupKeys {
        const EVERY: Key<Option<Duration>> = Key::optional("every", "time from the start of a backup to that of the next", "no whole backups: `continuous` ones").above(0.0).example("\"1d\"");
        const CONTINUOUS: Key<Option<Delay>> = Key::optional("continuous", "age of the newest point in time to which the store can be restored", "no continuous backups: whole ones").example("\"5m\"");
        const TAKES: Key<Delay> = Key::assumed(
            "takes",
            "from the start of a whole backup until it is complete",
            "15m",
            "no published figure; it grows with what has changed",
        )
        .band(Band::factor(0.1, 10.0, "it grows with what has changed, from gigabytes to terabytes"));
        const COPY_TO: Key<Option<Names<RegionId>>> = Key::optional("copy-to", "other regions that backups are copied to", "they stay where what they are of is written").example("[\"us-west-2\"]");
        const COPY_DELAY: Key<Delay> = Key::assumed(
            "copy-delay",
            "how much later a backup is complete in another region",
            "{ lognormal = { median = \"1h\", p95 = \"6h\" } }",
            cited!("AWS says that a copy to another region can take hours and publishes no distribution", pages::RDS_SNAPSHOT_COPY),
        )
            .band(Band::factor(0.25, 4.0, "hours in the words of AWS; small copies take minutes"));
        const RESTORE_TIME: Key<Delay> = Key::assumed(
            "restore-time",
            "from the call to a store that works again",
            "{ lognormal = { median = \"20m\", p95 = \"60m\" } }",
            cited!("95 % of restores of DynamoDB take less than an hour; the median, and other stores, are assumed alike", pages::DYNAMODB_BACKUP),
        )
            .band(Band::factor(0.5, 4.0, "most within an hour for DynamoDB; snapshots of large databases take hours"));
        const SLOW: Key<Option<Sub<SlowKeys>>> = Key::optional("slow-after-restore", "how much slower a restored store is at first, since it loads its data from the backup when they are asked for", "it is as fast as ever");
    }
}
keys! {
    /// A restored store that is still loading.
    struct SlowKeys {
        const FACTOR: Key<Number> = Key::required("factor", "how many times longer an access takes: a copy carries that many times less").at_least(1.0);
        const FOR: Key<Duration> = Key::required("for", "how long after the restore").above(0.0);
    }
}

/// How a store is backed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Backup {
    /// Time from one whole backup to the next; none without.
    pub every: Option<SimDuration>,
    /// Age of the newest point in time that can be restored, in seconds; none without.
    pub continuous: Option<Distribution>,
    /// How long a whole backup takes, in seconds.
    pub takes: Distribution,
    /// Other regions that it is copied to.
    pub copy_to: Vec<RegionId>,
    /// How much later it is complete there, in seconds.
    pub copy_delay: Distribution,
    /// How long a restore takes, in seconds.
    pub restore_time: Distribution,
    /// How many times longer accesses take after a restore, and for how long.
    pub slow: Option<(f64, SimDuration)>,
}

impl Backup {
    /// Reads the `backup` of a `[stores.NAME]` of any kind; `homes` are the regions where it is written.
    pub fn read(section: &mut Section<'_>, regions: &[String], homes: &[RegionId]) -> Option<Self> {
        let mut backup = section.section(&BACKUP)?;
        let (every, continuous) = (backup.get(&EVERY), backup.get(&CONTINUOUS));
        if every.is_none() && continuous.is_none() && !backup.has(EVERY.name) && !backup.has(CONTINUOUS.name) {
            backup.reject("", "a backup that is never made", "`every`, `continuous`, or both", None);
        }
        let copy_to = backup.names(&COPY_TO, regions);
        if let Some(home) = copy_to.iter().find(|region| homes.contains(region)) {
            let name = regions.get(home.index()).map_or("", String::as_str);
            backup.reject(COPY_TO.name, format!("{name}, where backups are made"), "other regions", None);
        }
        let read = Self {
            every,
            continuous,
            takes: backup.get(&TAKES),
            copy_to,
            copy_delay: backup.get(&COPY_DELAY),
            restore_time: backup.get(&RESTORE_TIME),
            slow: backup.section(&SLOW).map(|mut slow| (slow.get(&FACTOR), slow.get(&FOR))),
        };
        // Figures that nothing uses are not assumed either.
        if read.every.is_none() {
            backup.disregard(&TAKES);
        }
        if read.copy_to.is_empty() {
            backup.disregard(&COPY_DELAY);
        }
        Some(read)
    }

    /// The regions from whose backups it can be restored: where it is written, and where they are copied to.
    pub fn regions(&self, homes: &[RegionId]) -> Vec<RegionId> {
        homes.iter().chain(&self.copy_to).copied().collect()
    }
}
