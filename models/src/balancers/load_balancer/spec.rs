//! The keys of a load balancer, and their reading.

use crate::balancers::api_gateway::{self, GatewayKeys};
use crate::sources::{cited, pages};
use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, Flag, OneOf, Sub, Words};
use sim_settings::quantity::duration_text;
use sim_settings::{Band, Key, Keys as _, Listing, Section, Word, keys};

const COMPETE_MEANING: &str = "whether probes compete with requests: each fails with the share that overload sheds or that waits for longer than a probe, and an overloaded target leaves the rotation";
const COMPETE_SOURCE: &str = "off unless asked for: probes are answered whatever the load";

keys! {
    /// The keys of `[load-balancer]`; the others go with the kind.
    pub(crate) struct BalancerKeys {
        const KIND: Key<OneOf<Kinds>> = Key::convention("kind", "what stands in front", "application", "most HTTP services stand behind one");
    }
}
keys! {
    /// An Application Load Balancer.
    struct ApplicationKeys {
        const CHECK: Key<Option<Sub<TargetCheckKeys>>> = Key::optional("target-health-check", "how the load balancer probes each target", "its defaults");
        const COMPETE: Key<Flag> = Key::convention("probes-compete", COMPETE_MEANING, "false", COMPETE_SOURCE);
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

keys! {
    /// A Network Load Balancer.
    struct NetworkKeys {
        const NETWORK_CHECK: Key<Option<Sub<NetworkCheckKeys>>> = Key::optional("target-health-check", "how the load balancer probes each target", "its defaults");
        const NETWORK_COMPETE: Key<Flag> = Key::convention("probes-compete", COMPETE_MEANING, "false", COMPETE_SOURCE);
        const REGISTRATION: Key<Delay> = Key::assumed(
            "registration-delay",
            "from the registration of a new target until its first probe counts",
            "{ uniform = [\"90s\", \"180s\"] }",
            cited!("registration can take a few minutes; no figure is published, and users report two to three", pages::NETWORK_CHECKS),
        )
        .band(Band::factor(0.5, 2.0, "under a minute or above five would surprise those who have watched it"));
    }
}
keys! {
    /// How a Network Load Balancer probes targets.
    struct NetworkCheckKeys {
        const NETWORK_INTERVAL: Key<Duration> = Key::documented(
            "interval",
            "time between two probes of a target",
            "30s",
            cited!("HealthCheckIntervalSeconds", pages::NETWORK_CHECKS),
        )
        .at_least(5.0)
        .at_most(300.0);
        const NETWORK_TIMEOUT: Key<Duration> = Key::documented(
            "timeout",
            "a probe without an answer fails after that long",
            "10s",
            cited!("10 s for TCP and HTTPS, 6 s for HTTP", pages::NETWORK_CHECKS),
        )
        .at_least(2.0)
        .at_most(120.0);
        const NETWORK_UNHEALTHY: Key<Count> = Key::documented(
            "unhealthy-threshold",
            "consecutive failures that take a target out",
            "2",
            cited!("UnhealthyThresholdCount", pages::NETWORK_CHECKS),
        )
        .at_least(2.0)
        .at_most(10.0);
        const NETWORK_HEALTHY: Key<Count> = Key::documented(
            "healthy-threshold",
            "consecutive passes that bring a target back",
            "5",
            cited!("HealthyThresholdCount", pages::NETWORK_CHECKS),
        )
        .at_least(2.0)
        .at_most(10.0);
    }
}

/// What stands in front of instances, tasks, pods or functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// An Application Load Balancer.
    Application,
    /// A Network Load Balancer.
    Network,
    /// An API Gateway.
    Gateway,
    /// Nothing: clients meet members directly.
    Nothing,
}

/// The kinds of what stands in front.
enum Kinds {}

impl Words for Kinds {
    type Means = Stands;
    const WORDS: &'static [Word<Stands>] = &[
        Word::new("application", Stands::Application, "an Application Load Balancer, which probes targets by requests")
            .with(&[Listing::Keys(ApplicationKeys::KEYS)]),
        Word::new(
            "network",
            Stands::Network,
            "a Network Load Balancer, whose new targets serve after a delay of registration",
        )
        .with(&[Listing::Keys(NetworkKeys::KEYS)]),
        Word::new("api-gateway", Stands::Gateway, "an API Gateway, in front of functions and managed services")
            .with(&[Listing::Keys(GatewayKeys::KEYS)]),
        Word::new(
            "none",
            Stands::Nothing,
            "nothing: clients meet members directly through DNS, and nobody probes them",
        ),
    ];
}

/// What probes targets, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Whether anything probes them; otherwise clients meet members directly.
    pub probes: bool,
    /// Time between two probes of a target.
    pub interval: SimDuration,
    /// A probe without an answer fails after that long.
    pub timeout: SimDuration,
    /// Consecutive failures that take a target out.
    pub unhealthy_threshold: u32,
    /// Consecutive passes that bring a target back.
    pub healthy_threshold: u32,
    /// From the registration of a new target until its first probe, in seconds; without, within an interval.
    pub registration: Option<Distribution>,
    /// Whether probes fail with the share of requests that overload sheds.
    pub probes_compete: bool,
}

/// What stands in front of compute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fronts {
    /// What probes members, where there are some.
    pub balancer: Option<Parameters>,
    /// A gateway.
    pub gateway: Option<api_gateway::Parameters>,
}

impl Fronts {
    /// Reads `[load-balancer]` in front of `compute`, which has members that can be probed (`fleet`) or has none.
    pub(crate) fn read(section: &mut Section<'_>, fleet: bool, compute: &str) -> Self {
        let stands = section.get(&KIND);
        let parameters = match stands {
            Stands::Application => Some(Parameters::read_application(section)),
            Stands::Network => Some(Parameters::read_network(section)),
            Stands::Nothing => Some(Parameters::none()),
            Stands::Gateway => None,
        };
        let gateway = (stands == Stands::Gateway).then(|| api_gateway::Parameters::read(section));
        if fleet && gateway.is_some() {
            let expected =
                "application, network or none: a gateway reaches members through one of them, which is not modelled";
            section.reject(KIND.name, format!("an API Gateway in front of {compute}"), expected, None);
        }
        Self { balancer: fleet.then(|| parameters.unwrap_or_else(Parameters::none)), gateway }
    }
}

impl Parameters {
    /// Nothing probes, and members serve as soon as they have started.
    pub(super) fn none() -> Self {
        Self {
            probes: false,
            interval: SimDuration::from_secs(30),
            timeout: SimDuration::from_secs(5),
            unhealthy_threshold: 2,
            healthy_threshold: 5,
            registration: None,
            probes_compete: false,
        }
    }

    fn read_application(section: &mut Section<'_>) -> Self {
        let probes_compete = section.get(&COMPETE);
        let mut check = section.section_or_default(&CHECK);
        let (interval, timeout) = read_times(&mut check, &INTERVAL, &TIMEOUT);
        Self {
            probes: true,
            interval,
            timeout,
            unhealthy_threshold: check.get(&UNHEALTHY) as u32,
            healthy_threshold: check.get(&HEALTHY) as u32,
            registration: None,
            probes_compete,
        }
    }

    fn read_network(section: &mut Section<'_>) -> Self {
        let probes_compete = section.get(&NETWORK_COMPETE);
        let registration = Some(section.get(&REGISTRATION));
        let mut check = section.section_or_default(&NETWORK_CHECK);
        let (interval, timeout) = read_times(&mut check, &NETWORK_INTERVAL, &NETWORK_TIMEOUT);
        Self {
            probes: true,
            interval,
            timeout,
            unhealthy_threshold: check.get(&NETWORK_UNHEALTHY) as u32,
            healthy_threshold: check.get(&NETWORK_HEALTHY) as u32,
            registration,
            probes_compete,
        }
    }
}

fn read_times(
    section: &mut Section<'_>,
    interval: &Key<Duration>,
    timeout: &Key<Duration>,
) -> (SimDuration, SimDuration) {
    let (interval, timeout) = (section.get(interval), section.get(timeout));
    if timeout >= interval {
        let text = |time: SimDuration| duration_text(time.as_secs_f64());
        let expected = format!("less than the interval of {}", text(interval));
        section.reject_among(&["timeout", "interval"], text(timeout), expected, None);
    }
    (interval, timeout)
}
