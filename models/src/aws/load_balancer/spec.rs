//! The keys of a load balancer, and their reading.

use crate::sources::{cited, pages};
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Duration, Sub};
use sim_settings::quantity::duration_text;
use sim_settings::{Key, Section, keys};

keys! {
    /// The keys of `[load-balancer]`.
    pub(crate) struct BalancerKeys {
        const CHECK: Key<Option<Sub<TargetCheckKeys>>> = Key::optional("target-health-check", "how the load balancer probes each target", "its defaults");
    }
}
keys! {
    /// How targets are probed.
    struct TargetCheckKeys {
        const INTERVAL: Key<Duration> = Key::documented(
            "interval",
            "time between two probes of a target",
            "30s",
            cited!("HealthCheckIntervalSeconds", pages::TARGET_CHECKS),
        )
        .at_least(5.0)
        .at_most(300.0);
        const TIMEOUT: Key<Duration> = Key::documented(
            "timeout",
            "a probe without an answer fails after that long",
            "5s",
            cited!("HealthCheckTimeoutSeconds", pages::TARGET_CHECKS),
        )
        .at_least(2.0)
        .at_most(120.0);
        const UNHEALTHY: Key<Count> = Key::documented(
            "unhealthy-threshold",
            "consecutive failures that take a target out",
            "2",
            cited!("UnhealthyThresholdCount", pages::TARGET_CHECKS),
        )
        .at_least(2.0)
        .at_most(10.0);
        const HEALTHY: Key<Count> = Key::documented(
            "healthy-threshold",
            "consecutive passes that bring a target back",
            "5",
            cited!("HealthyThresholdCount", pages::TARGET_CHECKS),
        )
        .at_least(2.0)
        .at_most(10.0);
    }
}

/// How the load balancer probes each target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameters {
    /// Time between two probes of a target.
    pub interval: SimDuration,
    /// A probe without an answer fails after that long.
    pub timeout: SimDuration,
    /// Consecutive failures that take a target out.
    pub unhealthy_threshold: u32,
    /// Consecutive passes that bring a target back.
    pub healthy_threshold: u32,
}

impl Parameters {
    /// Reads `[load-balancer]`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let mut section = section.section_or_default(&CHECK);
        let interval = section.get(&INTERVAL);
        let timeout = section.get(&TIMEOUT);
        if timeout >= interval {
            let text = |time: SimDuration| duration_text(time.as_secs_f64());
            let expected = format!("less than the interval of {}", text(interval));
            section.reject_among(&["timeout", "interval"], text(timeout), expected, None);
        }
        Self {
            interval,
            timeout,
            unhealthy_threshold: section.get(&UNHEALTHY) as u32,
            healthy_threshold: section.get(&HEALTHY) as u32,
        }
    }
}
