//! What an account may have in a region.

use sim_settings::form::{Number, Rate, Sub};
use sim_settings::{Key, Section, keys};

use crate::compute::ecs::BUCKET;
use crate::compute::fleet::Bucket;
use crate::sources::{cited, pages};

keys! {
    /// What the account may have in a region.
    pub(super) struct QuotaKeys {
        const FARGATE_BURST: Key<Number> = Key::documented(
            "fargate-burst",
            "tasks that Fargate starts at once after a quiet time, for all services together",
            "100",
            cited!("the bucket of on-demand launches", pages::FARGATE_THROTTLE),
        )
        .at_least(1.0)
        .unit("tasks");
        const FARGATE_RATE: Key<Rate> = Key::documented(
            "fargate-rate",
            "tasks per second that Fargate starts beyond that",
            "20",
            cited!("the refill of the bucket of on-demand launches", pages::FARGATE_THROTTLE),
        )
        .above(0.0);
        const RUN_INSTANCES: Key<Option<Sub<RunInstancesKeys>>> = Key::optional(
            "run-instances",
            "how fast the account launches instances, of all groups and nodes together; with `{}`, as AWS limits every account",
            "launches of instances are not limited",
        );
    }
}
keys! {
    /// How fast instances are launched.
    struct RunInstancesKeys {
        const RUN_BURST: Key<Number> = Key::documented(
            "burst",
            "instances that are launched at once after a quiet time",
            "1000",
            cited!("the resource bucket of RunInstances", pages::EC2_THROTTLE),
        )
        .at_least(1.0)
        .unit("instances");
        const RUN_RATE: Key<Rate> = Key::documented(
            "rate",
            "instances per second that are launched beyond that",
            "2",
            cited!("the refill of the resource bucket of RunInstances", pages::EC2_THROTTLE),
        )
        .above(0.0);
    }
}

/// What the account may have in a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quotas {
    /// What Fargate starts there.
    pub fargate: Bucket,
    /// How fast instances are launched there, if that is limited.
    pub instances: Option<Bucket>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { fargate: BUCKET, instances: None }
    }
}

impl Quotas {
    /// Reads what a region says of them, if it does.
    pub(super) fn read(section: Option<Section<'_>>) -> Self {
        let Some(mut quotas) = section else { return Self::default() };
        let fargate = Bucket { holds: quotas.get(&FARGATE_BURST), refill: quotas.get(&FARGATE_RATE) };
        let instances = quotas
            .section(&RUN_INSTANCES)
            .map(|mut bucket| Bucket { holds: bucket.get(&RUN_BURST), refill: bucket.get(&RUN_RATE) });
        Self { fargate, instances }
    }
}
