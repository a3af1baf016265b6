//! What the file says of routing.

use sim_core::random::Distribution;
use sim_settings::{Key, Section};

use super::answers::{self, Policy};
use super::{Parameters, Surroundings, check_spec};
use crate::control_planes::Editing;
use crate::network::Partition;
use crate::sources::{cited, pages};

const PROVIDER: Key = Key::convention(
    "provider",
    "whose name servers answer: `route53`, or `other`, where edits of records need no control plane of AWS and nobody \
     checks health unless `health-check` says so",
    "route53",
    "the DNS of AWS unless stated",
);
const POLICY: Key = Key::required("policy", "how DNS chooses among endpoints");
const TTL: Key = Key::documented(
    "ttl",
    "time that resolvers may keep an answer; an alias of a load balancer has 60 s",
    "60s",
    cited!(
        "the TTL of load balancers, and the most that is advised for records with health checks",
        pages::ROUTE53_ALIAS
    ),
);
const ALIAS: Key = Key::convention(
    "alias",
    "alias records take the TTL of the load balancer, 60 s",
    "false",
    "records have a TTL of their own unless stated",
);
const EVALUATE: Key = Key::documented(
    "evaluate-target-health",
    "an endpoint without a healthy target counts as unhealthy",
    "false",
    cited!("off unless chosen", pages::ROUTE53_TARGET_HEALTH),
);
const TARGETS_LOST: Key = Key::assumed(
    "target-health-lost",
    "from the loss of a region until its endpoint counts as one without a healthy target",
    "60s",
    cited!("no published figure for what is seen of a load balancer that is gone", pages::ROUTE53_TARGET_HEALTH),
);
const PROPAGATION: Key = Key::assumed(
    "propagation",
    "time from a verdict or a routing control to the first changed answer",
    "{ lognormal = { median = \"3s\", p95 = \"10s\" } }",
    cited!(
        "no published figure; AWS describes a continuous push of health to every DNS location",
        pages::ROUTE53_PROBLEMS
    ),
);
const EDIT: Key = Key::documented(
    "record-edit",
    "time from a record edit to the first changed answer",
    "60s",
    cited!("edits generally reach all servers within 60 s", pages::ROUTE53_EDITS),
)
.above(0.0);
const ACCELERATED: Key = Key::documented(
    "accelerated-recovery",
    "edits of records are redirected to us-west-2 while the control plane in us-east-1 is out",
    "false",
    cited!("off unless enabled beforehand", pages::ROUTE53_RECOVERY),
);
const ACCELERATED_TIME: Key = Key::documented(
    "accelerated-recovery-time",
    "from the loss of the control plane in us-east-1 until edits are redirected",
    "60m",
    cited!("within about 60 minutes, as AWS plans it", pages::ROUTE53_RECOVERY),
);
const FAILBACK: Key = Key::convention(
    "failback",
    "whether an endpoint that is healthy again gets traffic by itself",
    "automatic",
    "answers follow health",
);
const PRIMARY: Key = Key::optional("primary", "the endpoint of policy `failover` and `simple`");
const SECONDARY: Key = Key::optional("secondary", "the other endpoint of policy `failover`");
const WEIGHTS: Key = Key::optional(
    "weights",
    "weights of policy `weighted`, 0 to 255 per region; 0 for a region that is not named, and all 0 are equal weights",
)
.at_most(255.0);
const LOCATIONS: Key = Key::optional("locations", "policy `geolocation`: the region that serves each population");
const DEFAULT: Key = Key::optional("default", "policy `geolocation`: the region that serves everybody else");
const BIAS: Key =
    Key::optional("bias", "policy `geoproximity`: bias per region, -99 to 99").at_least(-99.0).at_most(99.0);

/// The seven policies by name, for the first reading of `policy`.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Simple,
    Weighted,
    Latency,
    Failover,
    Geolocation,
    Geoproximity,
    Multivalue,
}

/// Whose name servers answer.
#[derive(Clone, Copy, PartialEq)]
enum Provider {
    Route53,
    Other,
}

impl Parameters {
    /// Reads `[dns]`, and what each region says in `own` of its endpoint's check.
    pub fn read(section: &mut Section<'_>, own: &mut [Option<Section<'_>>], around: Surroundings<'_>) -> Self {
        let policy = read_policy(section, around);
        let provider = section.choice(&PROVIDER, &[("route53", Provider::Route53), ("other", Provider::Other)]);
        let alias = section.flag(&ALIAS);
        if alias && section.has("ttl") {
            section.reject("ttl", "a TTL on an alias", "no `ttl`: an alias takes the load balancer's 60 s", None);
        }
        let ttl = section.duration(&TTL);
        let evaluate_target_health = section.flag(&EVALUATE);
        let target_health_lost = section.delay(&TARGETS_LOST);
        if !evaluate_target_health {
            section.disregard(&TARGETS_LOST);
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
            editing: match provider {
                Provider::Route53 => Editing::Route53(around.partition),
                Provider::Other => Editing::Elsewhere,
            },
            policy,
            ttl,
            propagation: section.delay(&PROPAGATION),
            record_edit: section.duration(&EDIT),
            accelerated_recovery,
            manual_failback: section.choice(&FAILBACK, &[("automatic", false), ("manual", true)]),
            evaluate_target_health,
            target_health_lost,
            checks,
        }
    }
}

/// `policy` and the keys that go with it.
fn read_policy(section: &mut Section<'_>, around: Surroundings<'_>) -> Policy {
    let Surroundings { regions, populations, round_trips, distances, .. } = around;
    let kind = section.choice(
        &POLICY,
        &[
            ("latency", Kind::Latency),
            ("failover", Kind::Failover),
            ("weighted", Kind::Weighted),
            ("simple", Kind::Simple),
            ("geolocation", Kind::Geolocation),
            ("geoproximity", Kind::Geoproximity),
            ("multivalue", Kind::Multivalue),
        ],
    );
    match kind {
        Kind::Simple => Policy::Simple { only: section.maybe_name(&PRIMARY, regions) },
        Kind::Multivalue => Policy::Multivalue,
        Kind::Latency => Policy::Ranked { cost: round_trips.to_vec() },
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
            Policy::Failover { primary: primary.unwrap_or(0), secondary }
        }
        Kind::Weighted => {
            let given = section.numbers_by_name(&WEIGHTS, regions);
            if given.is_empty() {
                let expected = "`weights = { REGION = 70, .. }`";
                section.reject_among(&["policy", "weights"], "`weighted` without `weights`", expected, None);
            }
            // Where every weight is 0, all records are equally likely.
            let alike = given.iter().all(|&(_, weight)| weight == 0.0);
            let mut weights = vec![0.0; regions.len()];
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
            let mut matched = vec![None; populations.len()];
            for (population, region) in section.names_by_name(&LOCATIONS, populations, regions) {
                matched[population] = Some(region);
            }
            Policy::Geolocation { matched, default: default.unwrap_or(0) }
        }
        Kind::Geoproximity => {
            let mut bias = vec![0.0; regions.len()];
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
    let (wanted, time) = (section.flag(&ACCELERATED), section.delay(&ACCELERATED_TIME));
    if wanted && partition != Partition::Commercial {
        let expected = format!("false: {} has no us-west-2 that edits could be redirected to", partition.name());
        section.reject("accelerated-recovery", "true", expected, None);
    }
    wanted.then_some(time)
}
