//! How long a read and a write take at a copy of a store.

use sim_core::random::Distribution;
use sim_settings::form::Delay;
use sim_settings::{Key, KeyDefault, Mark, Section, keys};

use super::Parameters;
use crate::needs::Access;
use crate::sources::{cited, pages};

keys! {
    /// The times of a store.
    pub(crate) struct TimesKeys {
        const READ_TIME: Key<Option<Delay>> = Key::optional(
            "read-time",
            "how long a read takes at the copy that answers, without the way there",
            "by kind: 3 to 8 ms of DynamoDB, 5 to 10 ms where it is strong, 0.3 to 1 ms of a cache in memory, 100 to 200 ms of S3; \
             of others no time, and reports say so",
        )
        .example("{ lognormal = { median = \"4ms\", p99 = \"20ms\" } }");
        const WRITE_TIME: Key<Option<Delay>> = Key::optional(
            "write-time",
            "how long a write takes at the copy that takes it, without the way there and without the quorum's",
            "by kind: 3 to 8 ms of DynamoDB and MemoryDB, 5 to 10 ms where it is strong, 2 to 6 ms of Aurora and DocumentDB, 0.3 to 1 ms \
             of a cache in memory, 100 to 200 ms of S3; of others no time, and reports say so",
        )
        .example("{ lognormal = { median = \"6ms\", p99 = \"30ms\" } }");
    }
}

/// The times of a store.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Times {
    /// Of a read, in seconds.
    pub read: Option<Distribution>,
    /// Of a write.
    pub write: Option<Distribution>,
}

/// A default of times between two values, in seconds.
type Between = (f64, f64, KeyDefault);

const fn between(low: f64, high: f64, text: &'static str, mark: Mark, source: &'static str) -> Between {
    (low, high, KeyDefault::Value { text, mark, source })
}

const DYNAMODB: Between = between(
    0.003,
    0.008,
    "{ uniform = [\"3ms\", \"8ms\"] }",
    Mark::Assumed,
    "AWS says single-digit milliseconds in most cases, without a distribution",
);
const STRONG: Between = between(
    0.005,
    0.010,
    "{ uniform = [\"5ms\", \"10ms\"] }",
    Mark::Assumed,
    "no published figure for the part that is not the round trip to the nearest other region",
);
const MEMORY: Between = between(
    0.000_3,
    0.001,
    "{ uniform = [\"0.3ms\", \"1ms\"] }",
    Mark::Assumed,
    "AWS says microseconds at the server; at a client in the same zone no published figure",
);
const LOGGED: Between = between(
    0.003,
    0.008,
    "{ uniform = [\"3ms\", \"8ms\"] }",
    Mark::Assumed,
    "a write is in a log in several zones before it succeeds; AWS says single-digit milliseconds",
);
const AURORA: Between = between(
    0.002,
    0.006,
    "{ uniform = [\"2ms\", \"6ms\"] }",
    Mark::Assumed,
    "a commit waits for 4 of 6 copies of its storage in three zones; no published figure",
);
const OBJECTS: Between = between(
    0.100,
    0.200,
    "{ uniform = [\"100ms\", \"200ms\"] }",
    Mark::Documented,
    cited!("small objects", pages::S3_PERFORMANCE),
);

/// What a store takes of which the file says nothing.
fn usual(store: &Parameters, access: Access) -> Option<Between> {
    use Parameters::{
        AuroraDsql, AuroraGlobal, DocumentDbGlobal, DynamoDbGlobal, EfsReplication, ElastiCacheGlobal, InstanceSession,
        MemoryDbMultiRegion, Queue, RdsReplica, S3Replication, ShardedRelational,
    };
    match (store, access) {
        (DynamoDbGlobal(_), _) if !store.voters().is_empty() => Some(STRONG),
        (DynamoDbGlobal(_), _) => Some(DYNAMODB),
        (ElastiCacheGlobal(_), _) | (MemoryDbMultiRegion(_), Access::Read) => Some(MEMORY),
        (MemoryDbMultiRegion(_), Access::Write) => Some(LOGGED),
        (AuroraGlobal(_) | ShardedRelational(_) | DocumentDbGlobal(_), Access::Write) => Some(AURORA),
        (S3Replication(_), _) => Some(OBJECTS),
        (AuroraGlobal(_) | ShardedRelational(_) | DocumentDbGlobal(_), Access::Read)
        | (RdsReplica(_) | InstanceSession(_) | AuroraDsql(_) | EfsReplication(_) | Queue(_), _) => None,
    }
}

impl Times {
    /// Reads them from a `[stores.NAME]` table; those that nobody uses are not taken for granted.
    pub(crate) fn read(section: &mut Section<'_>, store: &Parameters) -> Self {
        let mut one = |key: &Key<Option<Delay>>, access| {
            let written = section.get(key);
            if written.as_ref().is_some_and(|time: &Distribution| !time.mean().is_finite()) {
                section.reject(key.name, "an infinite mean", "a distribution with a mean", None);
            }
            if written.is_some() || section.has(key.name) {
                return written;
            }
            let (low, high, default) = usual(store, access)?;
            section.assume(key, default);
            Distribution::uniform(low, high).ok()
        };
        Self { read: one(&READ_TIME, Access::Read), write: one(&WRITE_TIME, Access::Write) }
    }

    /// Of this kind of access.
    pub const fn of(&self, access: Access) -> Option<&Distribution> {
        match access {
            Access::Read => self.read.as_ref(),
            Access::Write => self.write.as_ref(),
        }
    }
}
