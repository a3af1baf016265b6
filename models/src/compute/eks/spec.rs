//! The keys of a deployment on EKS, and their reading.

use sim_core::random::Distribution;
use sim_core::time::SimDuration;
use sim_settings::form::{Count, Delay, Duration, Flag, Number, OneOf, Sub, Words};
use sim_settings::{Band, Key, Keys as _, Listing, Section, Word, keys};

use super::hpa::Autoscaler;
use crate::compute::fleet::{HostPool, Size, SizeKeys};
use crate::sources::{cited, pages};

keys! {
    /// The keys of `[compute]` of kind `eks`.
    pub(crate) struct DeploymentKeys {
        const PODS: Key<Sub<SizeKeys>> = Key::required("pods", "pods of the deployment: min, desired, max");
        const CAPACITY: Key<Number> = Key::required("requests-per-second", "requests per second that one pod serves").above(0.0).unit("requests per second");
        const ZONES: Key<Count> = Key::assumed(
            "zones",
            "availability zones that the nodes spread over",
            "3",
            cited!("a choice, not a figure; the examples of AWS use three zones", pages::STATIC_STABILITY),
        )
        .at_least(1.0)
        .at_most(6.0)
        .band(Band::choice("how many zones there are is a choice of the design, which its owner knows"));
        const START: Key<Delay> = Key::assumed(
            "launch-time",
            "from the pod's place on a node until it is ready",
            "{ lognormal = { median = \"15s\", p95 = \"40s\" } }",
            "no published figure; a few seconds where the image is cached, and the start of the application",
        )
        .band(Band::factor(0.3, 4.0, "a small program with a cached image is ready in 5 s, a slow one takes a minute"));
        const RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a start that failed for want of what it needs is tried again",
            "60s",
            "no published figure; pulls of images and restarts back off from 10 s to 5 min",
        )
        .above(0.0)
        .band(Band::factor(0.2, 5.0, "pulls of images and restarts back off from 10 s to 5 min"));
        const RESTART: Key<Delay> = Key::documented(
            "restart-delay",
            "time until a dead container is found and restarted in its place",
            "{ uniform = [\"20s\", \"31s\"] }",
            cited!("a liveness probe every 10 s, three failures, 1 s each", pages::KUBERNETES_PROBES),
        );
        const KAPPA: Key<Number> = Key::convention(
            "kappa",
            "goodput lost per unit of overload",
            "0",
            "off unless asked for: what is above the capacity is shed and costs nothing",
        )
        .at_least(0.0);
        const FLOOR: Key<Number> = Key::convention(
            "goodput-floor",
            "share of the capacity that is left under any overload",
            "0",
            "no floor unless one is written",
        )
        .at_least(0.0)
        .at_most(1.0);
        const SCALING: Key<Option<Sub<AutoscalerKeys>>> = Key::optional("scaling", "the horizontal pod autoscaler", "the deployment keeps its number of pods");
        const NODES: Key<Sub<NodesKeys>> = Key::required("nodes", "the nodes that pods run on");
    }
}
keys! {
    /// The horizontal pod autoscaler.
    struct AutoscalerKeys {
        const TARGET: Key<Number> =
            Key::required("target-utilization", "mean utilisation of pods that the autoscaler aims at").above(0.0).at_most(1.0);
        const METRIC: Key<OneOf<Metric>> = Key::convention(
            "metric",
            "what utilisation means: cpu cannot show more than 1, requests can",
            "cpu",
            "deployments usually track their processors",
        );
        const PERIOD: Key<Duration> = Key::documented(
            "period",
            "time from one look to the next",
            "15s",
            cited!("horizontalPodAutoscalerSyncPeriod", pages::KUBERNETES_HPA),
        )
        .above(0.0);
        const TOLERANCE: Key<Number> = Key::documented(
            "tolerance",
            "distance of the utilisation over the target from 1 at which nothing happens",
            "0.1",
            cited!("horizontalPodAutoscalerTolerance", pages::KUBERNETES_HPA),
        )
        .at_least(0.0)
        .at_most(1.0);
        const AGE: Key<Duration> = Key::assumed(
            "metric-age",
            "age of the utilisation that the autoscaler sees",
            "30s",
            cited!("metrics are collected every 15 s and computed over as long; 15 s to 30 s follow", pages::METRICS_SERVER),
        )
        .band(Band::factor(0.5, 3.0, "15 s with the usual manifest at best, 90 s with the resolution of a minute"));
        const STABILISATION: Key<Duration> = Key::documented(
            "stabilization",
            "a step down goes to the most pods that were asked for in this time",
            "300s",
            cited!("horizontalPodAutoscalerDownscaleStabilization", pages::KUBERNETES_HPA),
        );
    }
}
keys! {
    /// Nodes.
    struct NodesKeys {
        const DESIRED: Key<Count> = Key::required("desired", "how many there are at the start").above(0.0).at_most(10_000.0);
        const MIN: Key<Option<Count>> = Key::optional("min", "nodes that are gone are ordered anew up to so many, also if no pod waits for room", "0").at_most(10_000.0);
        const MAX: Key<Option<Count>> = Key::optional("max", "the autoscaler of nodes orders up to so many", "as `desired`: none is ordered").at_most(10_000.0);
        const ROOM: Key<Count> = Key::required("pods-per-node", "pods of this deployment that fit on one node").above(0.0).at_most(1_000.0);
        const AUTOSCALER: Key<OneOf<Autoscalers>> = Key::convention("autoscaler", "what orders nodes", "karpenter", "what new clusters use");
        const EVICTED_AFTER: Key<Duration> = Key::documented(
            "evicted-after",
            "pods of a node that has gone silent are ordered anew that much later",
            "340s",
            cited!("40 s without a heartbeat and 300 s of toleration; newer releases wait 50 s", pages::KUBERNETES_TAINTS),
        )
        .above(0.0);
        const LOST_ZONES: Key<Flag> = Key::assumed(
            "evict-lost-zones",
            "whether that holds as well in a zone all of whose nodes are silent, as long as another zone has one that is not",
            "false",
            cited!(
                "guides disagree: one says that evictions stop in such a zone; in the code of Kubernetes they go on while any other zone has a ready node",
                pages::EKS_DISRUPTION
            ),
        )
        .band(Band::choice("it holds or does not hold; both are said of Kubernetes"));
    }
}
keys! {
    /// Nodes that Karpenter orders.
    struct KarpenterKeys {
        const KARPENTER_ORDER: Key<Delay> = Key::documented(
            "order-delay",
            "from a pod that finds no room until nodes are ordered",
            "{ uniform = [\"0s\", \"10s\"] }",
            cited!("pods are batched until 1 s passes without a new one, 10 s at most", pages::KARPENTER_SETTINGS),
        );
        const KARPENTER_LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order of a node until it takes pods",
            "{ lognormal = { median = \"55s\", p95 = \"98s\" } }",
            "no published figure of AWS; reports of users range from 28 s to 90 s",
        )
        .band(Band::factor(0.5, 3.0, "reports of users range from 28 s to 90 s, with large images up to three minutes"));
        const KARPENTER_RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a launch that failed for want of capacity is tried again",
            "10s",
            cited!("an offering without capacity is left out for 3 minutes, and the next one is tried at once", pages::KARPENTER_SETTINGS),
        )
        .above(0.0)
        .band(Band::factor(0.5, 18.0, "the next offering is tried at once, the same one after 3 minutes"));
    }
}
keys! {
    /// Nodes that the cluster autoscaler orders.
    struct ClusterAutoscalerKeys {
        const CLUSTER_ORDER: Key<Delay> = Key::documented(
            "order-delay",
            "from a pod that finds no room until nodes are ordered",
            "{ uniform = [\"0s\", \"30s\"] }",
            cited!("a look every 10 s, and less than 30 s in most cases", pages::CLUSTER_AUTOSCALER),
        );
        const CLUSTER_LAUNCH: Key<Delay> = Key::assumed(
            "launch-time",
            "from the order of a node until it takes pods",
            "{ lognormal = { median = \"3.5m\", p95 = \"5m\" } }",
            "no published figure of AWS; a report of users says 3 to 5 minutes",
        )
        .band(Band::factor(0.4, 2.0, "an instance that starts fast is there in 90 s; more than seven minutes would surprise"));
        const CLUSTER_RETRY: Key<Duration> = Key::assumed(
            "launch-retry",
            "time until a launch that failed for want of capacity is tried again",
            "60s",
            cited!("no published figure; AWS says to wait a few minutes and to try again", pages::EC2_LAUNCH),
        )
        .above(0.0)
        .band(Band::factor(0.5, 5.0, "AWS says to wait a few minutes; the group itself tries again sooner"));
    }
}

/// Whether utilisation is capped at 1 at each instant.
enum Metric {}

impl Words for Metric {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("cpu", true, "busy processors, which cannot show more than 1"),
        Word::new("requests", false, "requests over what the pods serve, which may be more than 1"),
    ];
}

/// What orders nodes: whether that is Karpenter.
enum Autoscalers {}

impl Words for Autoscalers {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("karpenter", true, "Karpenter, which looks for pods without room and orders nodes soon")
            .with(&[Listing::Keys(KarpenterKeys::KEYS)]),
        Word::new("cluster-autoscaler", false, "the cluster autoscaler, through an Auto Scaling group")
            .with(&[Listing::Keys(ClusterAutoscalerKeys::KEYS)]),
    ];
}

/// A deployment and its nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameters {
    /// Smallest number of pods.
    pub min: u64,
    /// Number at the start.
    pub desired: u64,
    /// Largest number.
    pub max: u64,
    /// Requests per second of one pod.
    pub requests_per_second: f64,
    /// Number of zones.
    pub zones: usize,
    /// From its place on a node until a pod is ready, in seconds.
    pub launch_time: Distribution,
    /// Time until a start that failed is repeated.
    pub launch_retry: SimDuration,
    /// Time until a dead container is restarted, in seconds.
    pub restart_delay: Distribution,
    /// Goodput lost per unit of overload.
    pub kappa: f64,
    /// Share of capacity left under any overload.
    pub goodput_floor: f64,
    /// The autoscaler of pods, if any.
    pub scaling: Option<Autoscaler>,
    /// The nodes.
    pub nodes: HostPool,
    /// Pods of a silent node are ordered anew that much later.
    pub evicted_after: SimDuration,
    /// Whether that holds in a zone all of whose nodes are silent.
    pub evicts_lost_zones: bool,
}

impl Parameters {
    /// The number that the autoscaler brings the pods to under a load that stays, in requests per second.
    pub fn rests_at(&self, load: f64) -> u64 {
        let bounds = Size { min: self.min, desired: self.desired, max: self.max };
        self.scaling.map_or(self.desired, |scaling| scaling.rests_at(load / self.requests_per_second, bounds))
    }

    /// Reads `[compute]` of kind `eks`.
    pub fn read(section: &mut Section<'_>) -> Self {
        let size = section.section(&PODS).map(|mut pods| Size::read(&mut pods)).unwrap_or_default();
        let scaling = section.section(&SCALING).map(|mut scaling| Autoscaler {
            target: scaling.get(&TARGET),
            capped: scaling.get(&METRIC),
            period: scaling.get(&PERIOD),
            tolerance: scaling.get(&TOLERANCE),
            age: scaling.get(&AGE),
            stabilisation: scaling.get(&STABILISATION),
        });
        let (nodes, evicted_after, evicts_lost_zones) = read_nodes(section, size);
        Self {
            min: size.min,
            desired: size.desired,
            max: size.max,
            requests_per_second: section.get(&CAPACITY),
            zones: section.get(&ZONES) as usize,
            launch_time: section.get(&START),
            launch_retry: section.get(&RETRY),
            restart_delay: section.get(&RESTART),
            kappa: section.get(&KAPPA),
            goodput_floor: section.get(&FLOOR),
            scaling,
            nodes,
            evicted_after,
            evicts_lost_zones,
        }
    }
}

fn read_nodes(section: &mut Section<'_>, pods: Size) -> (HostPool, SimDuration, bool) {
    let Some(mut nodes) = section.section(&NODES) else { return (HostPool::none(), SimDuration::ZERO, false) };
    let desired = nodes.get(&DESIRED);
    let (min, max) = (nodes.get(&MIN).unwrap_or_default(), nodes.get(&MAX).unwrap_or(desired));
    if min > desired {
        let expected = format!("at most desired = {desired}");
        nodes.reject_among(&["min", "desired"], min.to_string(), expected, None);
    }
    if max < desired {
        let expected = format!("at least desired = {desired}");
        nodes.reject_among(&["max", "desired"], max.to_string(), expected, None);
    }
    let karpenter = nodes.get(&AUTOSCALER);
    let (order, launch, retry) = if karpenter {
        (&KARPENTER_ORDER, &KARPENTER_LAUNCH, &KARPENTER_RETRY)
    } else {
        (&CLUSTER_ORDER, &CLUSTER_LAUNCH, &CLUSTER_RETRY)
    };
    let pool = HostPool {
        desired,
        min,
        max,
        room: nodes.get(&ROOM),
        order_delay: nodes.get(order),
        launch_time: nodes.get(launch),
        launch_retry: nodes.get(retry),
    };
    let (evicted_after, evicts_lost_zones) = (nodes.get(&EVICTED_AFTER), nodes.get(&LOST_ZONES));
    if section.is_sound(NODES.name) && section.is_sound(PODS.name) && pods.desired > pool.carries() {
        let found = format!("room for {} pods", pool.carries());
        let expected = format!("room for the {} that there are at the start", pods.desired);
        section.reject(NODES.name, found, expected, None);
    }
    (pool, evicted_after, evicts_lost_zones)
}
