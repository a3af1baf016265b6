//! The keys of routing, and their reading.

use sim_core::random::Distribution;
use sim_settings::form::{Delay, Duration, Flag, Name, NamesBy, NumbersBy, OneOf, Words};
use sim_settings::{Band, Draft, Key, Keys as _, Listing, Section, Word, keys};

use super::answers::{self, Policy};
use super::check_spec::{AssumedCheckKeys, CheckKeys};
use super::{Parameters, Surroundings, check_spec};
use crate::by_id::ById;
use crate::control_planes::Editing;
use crate::ids::{PopulationId, RegionId};
use crate::network::Partition;
use crate::sources::{cited, pages};

/// The key of `[dns]`, and of each name.
pub(super) const fn ttl() -> Draft<Duration> {
    Key::documented(
        "ttl",
        "time that resolvers may keep an answer; an alias of a load balancer has 60 s",
        "60s",
        cited!(
            "the TTL of load balancers, and the most that is advised for records with health checks",
            pages::ROUTE53_ALIAS
        ),
    )
}

keys! {
    /// The keys of `[dns]`; others go with the policy and the provider.
    pub(crate) struct DnsKeys {
        pub(super) const PROVIDER: Key<OneOf<Providers>> = Key::convention(
            "provider",
            "whose name servers answer: `route53`, or `other`, where edits of records need no control plane of AWS and nobody \
             checks health unless `health-check` says so",
            "route53",
            "the DNS of AWS unless stated",
        );
        const POLICY: Key<OneOf<Policies>> = Key::required("policy", "how DNS chooses among endpoints");
        const TTL: Key<Duration> = ttl();
        const ALIAS: Key<Flag> = Key::convention(
            "alias",
            "alias records take the TTL of the load balancer, 60 s",
            "false",
            "records have a TTL of their own unless stated",
        );
        const EVALUATE: Key<Flag> = Key::documented(
            "evaluate-target-health",
            "an endpoint without a healthy target counts as unhealthy",
            "false",
            cited!("off unless chosen", pages::ROUTE53_TARGET_HEALTH),
        );
        pub(super) const TARGETS_LOST: Key<Delay> = Key::assumed(
            "target-health-lost",
            "from the loss of a region until its endpoint counts as one without a healthy target",
            "60s",
            cited!("no published figure for what is seen of a load balancer that is gone", pages::ROUTE53_TARGET_HEALTH),
        )
        .band(Band::factor(0.5, 3.0, "as long as a check of one's own takes, to several minutes"));
        pub(super) const PROPAGATION: Key<Delay> = Key::assumed(
            "propagation",
            "time from a verdict or a routing control to the first changed answer",
            "{ lognormal = { median = \"3s\", p95 = \"10s\" } }",
            cited!(
                "no published figure; AWS describes a continuous push of health to every DNS location",
                pages::ROUTE53_PROBLEMS
            ),
        )
        .band(Band::factor(0.33, 6.0, "pushed within seconds; AWS promises changes of records within 60 s"));
        pub(super) const EDIT: Key<Duration> = Key::documented(
            "record-edit",
            "time from a record edit to the first changed answer",
            "60s",
            cited!("edits generally reach all servers within 60 s", pages::ROUTE53_EDITS),
        )
        .above(0.0);
        const ACCELERATED: Key<Flag> = Key::documented(
            "accelerated-recovery",
            "edits of records are redirected to us-west-2 while the control plane in us-east-1 is out",
            "false",
            cited!("off unless enabled beforehand", pages::ROUTE53_RECOVERY),
        );
        const ACCELERATED_TIME: Key<Delay> = Key::documented(
            "accelerated-recovery-time",
            "from the loss of the control plane in us-east-1 until edits are redirected",
            "60m",
            cited!("within about 60 minutes, as AWS plans it", pages::ROUTE53_RECOVERY),
        );
        const FAILBACK: Key<OneOf<Failback>> = Key::convention(
            "failback",
            "whether an endpoint that is healthy again gets traffic by itself",
            "automatic",
            "answers follow health",
        );
    }
}
keys! {
    /// Policies `simple` and `failover`.
    struct PrimaryKeys {
        const PRIMARY: Key<Option<Name<RegionId>>> = Key::optional("primary", "the endpoint of policy `failover` and `simple`", "all regions of policy `simple`; an error with `failover`");
    }
}
keys! {
    /// Policy `failover`.
    struct SecondaryKeys {
        const SECONDARY: Key<Option<Name<RegionId>>> = Key::optional("secondary", "the other endpoint of policy `failover`", "there is no other");
    }
}
keys! {
    /// Policy `weighted`.
    struct WeightKeys {
        const WEIGHTS: Key<Option<NumbersBy<RegionId>>> = Key::optional("weights", "weights of policy `weighted`, 0 to 255 per region; 0 for a region that is not named, and all 0 are equal weights", "an error: policy `weighted` needs them")
        .at_most(255.0);
    }
}
keys! {
    /// Policy `geolocation`.
    struct LocationKeys {
        const LOCATIONS: Key<Option<NamesBy<PopulationId, RegionId>>> = Key::optional("locations", "policy `geolocation`: the region that serves each population", "`default` serves all of them");
        const DEFAULT: Key<Option<Name<RegionId>>> = Key::optional("default", "policy `geolocation`: the region that serves everybody else", "an error: policy `geolocation` needs it");
    }
}
keys! {
    /// Policy `geoproximity`.
    struct BiasKeys {
        const BIAS: Key<Option<NumbersBy<RegionId>>> =
            Key::optional("bias", "policy `geoproximity`: bias per region, -99 to 99", "0 for each region").at_least(-99.0).at_most(99.0);
    }
}

/// The seven policies by name, for the first reading of `policy`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Weighted,
    Latency,
    Failover,
    Geolocation,
    Geoproximity,
    Multivalue,
}

/// Whose name servers answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Provider {
    Route53,
    Other,
}

/// The words for them.
enum Policies {}

impl Words for Policies {
    type Means = Kind;
    const WORDS: &'static [Word<Kind>] = &[
        Word::new("latency", Kind::Latency, "the healthy region with the shortest round trip for each population"),
        Word::new("failover", Kind::Failover, "the primary, and the secondary while the primary is unhealthy")
            .with(&[Listing::Keys(PrimaryKeys::KEYS), Listing::Keys(SecondaryKeys::KEYS)]),
        Word::new("weighted", Kind::Weighted, "healthy regions, in proportion to their weights")
            .with(&[Listing::Keys(WeightKeys::KEYS)]),
        Word::new("simple", Kind::Simple, "one record for all, whatever the health of what it names")
            .with(&[Listing::Keys(PrimaryKeys::KEYS)]),
        Word::new("geolocation", Kind::Geolocation, "the region that the file names for each population")
            .with(&[Listing::Keys(LocationKeys::KEYS)]),
        Word::new("geoproximity", Kind::Geoproximity, "the nearest healthy region, distances changed by a bias")
            .with(&[Listing::Keys(BiasKeys::KEYS)]),
        Word::new(
            "multivalue",
            Kind::Multivalue,
            "up to eight healthy regions in one answer, evenly; clients walk them",
        ),
    ];
}

/// Whether traffic returns only when an operator says so.
pub(super) enum Failback {}

impl Words for Failback {
    type Means = bool;
    const WORDS: &'static [Word<bool>] = &[
        Word::new("automatic", false, "an endpoint that is healthy again gets traffic again"),
        Word::new("manual", true, "an endpoint gets no traffic until a runbook lets it back"),
    ];
}

/// The words for whose name servers answer.
pub(super) enum Providers {}

impl Words for Providers {
    type Means = Provider;
    const WORDS: &'static [Word<Provider>] = &[
        Word::new("route53", Provider::Route53, "Route 53: edits of records need its control plane")
            .with(&[Listing::Keys(AssumedCheckKeys::KEYS)]),
        Word::new("other", Provider::Other, "another provider: edits of records need no control plane of AWS")
            .with(&[Listing::Keys(CheckKeys::KEYS)]),
    ];
}

/// No answer looks at the health of targets: nothing is assumed of when that is lost.
pub(crate) fn without_targets(section: &Section<'_>) {
    section.disregard(&TARGETS_LOST);
}

impl Parameters {
    /// Reads what `[dns]` says of all names, where `[names]` says the rest.
    pub fn read_settings(section: &mut Section<'_>, endpoints: usize, around: Surroundings<'_>) -> Self {
        let provider = section.get(&PROVIDER);
        // What is required of a single name is not even missing here.
        let policy = section.has(POLICY.name).then(|| section.node(&POLICY)).flatten();
        let written = [
            (POLICY.name, policy, "a policy with its answers in [records.NAME]"),
            (TTL.name, section.node(&TTL), "`ttl` of [names.NAME]"),
            (ALIAS.name, section.node(&ALIAS), "`ttl` of [names.NAME]"),
            (EVALUATE.name, section.node(&EVALUATE), "the same key of an answer"),
            (FAILBACK.name, section.node(&FAILBACK), "`failback` of [records.NAME]"),
        ];
        for (key, _, expected) in written.into_iter().filter(|(_, node, _)| node.is_some()) {
            section.reject(key, format!("`{key}` of a single name beside [names]"), expected, None);
        }
        let accelerated_recovery = read_accelerated_recovery(section, around.partition);
        if provider == Provider::Other && accelerated_recovery.is_some() {
            let found = "a feature of Route 53 at another provider";
            let keys = ["accelerated-recovery", "provider"];
            section.reject_among(&keys, found, "no such key, or `provider = \"route53\"`", None);
        }
        Self {
            editing: editing(provider, around.partition),
            propagation: section.get(&PROPAGATION),
            record_edit: section.get(&EDIT),
            accelerated_recovery,
            target_health_lost: section.get(&TARGETS_LOST),
            ..Self::unused(endpoints, around.partition)
        }
    }

    /// Reads `[dns]`, and what each region says in `own` of its endpoint's check.
    pub fn read(section: &mut Section<'_>, own: &mut [Option<Section<'_>>], around: Surroundings<'_>) -> Self {
        let policy = read_policy(section, around);
        let provider = section.get(&PROVIDER);
        let alias = section.get(&ALIAS);
        if alias && section.has("ttl") {
            section.reject("ttl", "a TTL on an alias", "no `ttl`: an alias takes the load balancer's 60 s", None);
        }
        let ttl = section.get(&TTL);
        let evaluate_target_health = section.get(&EVALUATE);
        let target_health_lost = section.get(&TARGETS_LOST);
        if !evaluate_target_health {
            section.disregard(&TARGETS_LOST);
        }
        let outside = around.regions.iter().zip(around.outside).find(|(_, outside)| **outside);
        if let Some((region, _)) = outside.filter(|_| evaluate_target_health) {
            let found = format!("the health of targets in {region}, which is no region of AWS");
            let expected = "health checks: aliases lead to load balancers of AWS";
            section.reject(EVALUATE.name, found, expected, None);
        }
        let accelerated_recovery = read_accelerated_recovery(section, around.partition);
        if provider == Provider::Other {
            for (key, used) in [
                ("alias", alias),
                ("evaluate-target-health", evaluate_target_health),
                ("accelerated-recovery", accelerated_recovery.is_some()),
            ] {
                if used {
                    let found = "a feature of Route 53 at another provider";
                    section.reject_among(&[key, "provider"], found, "no such key, or `provider = \"route53\"`", None);
                }
            }
        }
        // With policy `simple` answers do not look at health, but a check can start a runbook all the same.
        let checks = check_spec::read_checks(section, own, provider == Provider::Route53, around);
        Self {
            editing: editing(provider, around.partition),
            policy,
            ttl,
            propagation: section.get(&PROPAGATION),
            record_edit: section.get(&EDIT),
            accelerated_recovery,
            manual_failback: section.get(&FAILBACK),
            evaluate_target_health,
            target_health_lost,
            checks: checks.into(),
        }
    }
}

/// Where edits are made.
const fn editing(provider: Provider, partition: Partition) -> Editing {
    match provider {
        Provider::Route53 => Editing::Route53(partition),
        Provider::Other => Editing::Elsewhere,
    }
}

/// `policy` and the keys that go with it.
fn read_policy(section: &mut Section<'_>, around: Surroundings<'_>) -> Policy {
    let Surroundings { regions, populations, round_trips, distances, .. } = around;
    match section.get(&POLICY) {
        Kind::Simple => Policy::Simple { only: section.maybe_name(&PRIMARY, regions) },
        Kind::Multivalue => Policy::Multivalue,
        Kind::Latency => Policy::Ranked { cost: round_trips.iter().map(|row| row.clone().into()).collect() },
        Kind::Failover => {
            let primary = section.maybe_name(&PRIMARY, regions);
            let secondary = section.maybe_name(&SECONDARY, regions);
            if primary.is_none() {
                let expected = "`primary = \"REGION\"`";
                section.reject_among(&["policy", "primary"], "`failover` without `primary`", expected, None);
            }
            if secondary.is_some() && primary == secondary {
                section.reject("secondary", "the primary again", "another region", None);
            }
            Policy::Failover { primary: primary.unwrap_or(RegionId::new(0)), secondary }
        }
        Kind::Weighted => {
            let given = section.numbers_by_name(&WEIGHTS, regions);
            if given.is_empty() {
                let expected = "`weights = { REGION = 70, .. }`";
                section.reject_among(&["policy", "weights"], "`weighted` without `weights`", expected, None);
            }
            // Where every weight is 0, all records are equally likely.
            let alike = given.iter().all(|&(_, weight)| weight == 0.0);
            let mut weights = ById::new(regions.len(), 0.0);
            for (region, weight) in given {
                weights[region] = if alike { 1.0 } else { weight };
            }
            Policy::Weighted { weights }
        }
        Kind::Geolocation => {
            let default = section.maybe_name(&DEFAULT, regions);
            if default.is_none() {
                let hint = "without a default, clients that match no location get no answer at all";
                section.reject_among(
                    &["policy", "default"],
                    "`geolocation` without `default`",
                    "`default = \"REGION\"`",
                    Some(hint.into()),
                );
            }
            let mut matched = ById::new(populations.len(), None);
            for (population, region) in section.names_by_name(&LOCATIONS, populations, regions) {
                matched[population] = Some(region);
            }
            Policy::Geolocation { matched, default: default.unwrap_or(RegionId::new(0)) }
        }
        Kind::Geoproximity => {
            let mut bias = ById::new(regions.len(), 0.0);
            for (region, value) in section.numbers_by_name(&BIAS, regions) {
                bias[region] = value;
            }
            let cost = distances.iter().map(|row| answers::biased(row, &bias)).collect();
            Policy::Ranked { cost }
        }
    }
}

/// Reads how long it takes until edits of records are redirected, if they are.
fn read_accelerated_recovery(section: &mut Section<'_>, partition: Partition) -> Option<Distribution> {
    let (wanted, time) = (section.get(&ACCELERATED), section.get(&ACCELERATED_TIME));
    if wanted && partition != Partition::Commercial {
        let expected = format!("false: {} has no us-west-2 that edits could be redirected to", partition.name());
        section.reject("accelerated-recovery", "true", expected, None);
    }
    wanted.then_some(time)
}
