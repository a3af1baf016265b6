//! Templates of AWS Fault Injection Service for the faults of an experiment: what
//! `aws fis create-experiment-template --cli-input-json` takes.
//!
//! Targets are chosen by a tag, so that a template names no resource of the account. A template strikes one region, so there
//! is one for each region that a fault strikes.

use models::deployment::Topology;
use models::faults::{Fault, Kind};
use models::ids::{RegionId, StoreId};
use serde_json::{Map, Value, json};

use super::ACCOUNT;

/// The tag of what a drill may strike, and its value.
pub(super) const TAG: (&str, &str) = ("mrsim-drill", "yes");
/// The alarm that stops the experiment.
pub(super) const STOP: &str = "stop-the-drill";

/// The template of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The region that it runs in.
    pub region: String,
    /// The document.
    pub document: Value,
}

/// An action with its target.
struct Act {
    region: RegionId,
    name: String,
    action: &'static str,
    parameters: Vec<(&'static str, String)>,
    /// The key of the target in the action, its type, and how many are chosen.
    target: (&'static str, &'static str, String),
}

/// The templates of an experiment, in the order of its faults; `token` makes a request that is sent twice count once.
pub fn templates(topology: &Topology, name: &str, token: &str, horizon: f64) -> Vec<Template> {
    let acts: Vec<Act> = topology.faults.iter().flat_map(|fault| acts(fault, topology, horizon)).collect();
    let mut regions: Vec<RegionId> = Vec::new();
    for act in &acts {
        if !regions.contains(&act.region) {
            regions.push(act.region);
        }
    }
    regions.into_iter().map(|region| template(region, &acts, topology, name, token)).collect()
}

fn template(region: RegionId, acts: &[Act], topology: &Topology, name: &str, token: &str) -> Template {
    let region_name = topology.regions[region].name.clone();
    let (mut actions, mut targets) = (Map::new(), Map::new());
    for act in acts.iter().filter(|act| act.region == region) {
        let (key, kind, mode) = &act.target;
        let target = format!("{key}-{}", act.name);
        let parameters: Map<String, Value> =
            act.parameters.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        // Two faults may do the same; the second has a number.
        let mut own = act.name.clone();
        let mut number = 2;
        while actions.contains_key(&own) {
            own = format!("{}-{number}", act.name);
            number += 1;
        }
        actions.insert(own, json!({ "actionId": act.action, "parameters": parameters, "targets": { *key: target } }));
        targets
            .insert(target, json!({ "resourceType": kind, "resourceTags": { TAG.0: TAG.1 }, "selectionMode": mode }));
    }
    let description: String =
        format!("Drill of {name}: what mrsim predicts stands in sheet.md").chars().take(500).collect();
    let document = json!({
        "description": description,
        "clientToken": format!("{}-{region_name}", token.get(..32).unwrap_or(token)),
        "stopConditions": [{
            "source": "aws:cloudwatch:alarm",
            "value": format!("arn:aws:cloudwatch:{region_name}:{ACCOUNT}:alarm:{STOP}"),
        }],
        "targets": targets,
        "actions": actions,
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/fault-injection"),
        "experimentOptions": { "accountTargeting": "single-account", "emptyTargetResolutionMode": "fail" },
        "tags": { "made-by": "mrsim" },
    });
    Template { region: region_name, document }
}

/// A duration as the service takes it: whole minutes from one to twelve hours.
fn period(fault: &Fault, horizon: f64) -> String {
    let start = fault.start.first().quantile(0.5);
    let seconds = fault.duration.as_ref().map_or(horizon - start, |duration| duration.quantile(0.5));
    let minutes = (seconds.min(horizon) / 60.0).ceil().clamp(1.0, 720.0) as u64;
    if minutes.is_multiple_of(60) { format!("PT{}H", minutes / 60) } else { format!("PT{minutes}M") }
}

/// The actions that come nearest to a fault. A kind without one has none, and [`super::limits`] says so.
fn acts(fault: &Fault, topology: &Topology, horizon: f64) -> Vec<Act> {
    let duration = || period(fault, horizon);
    let name = |region: RegionId| topology.regions[region].name.clone();
    let act = |region, action, parameters, target| Act { region, name: String::new(), action, parameters, target };
    let all = || "ALL".to_owned();
    let cut = |from: RegionId, to: RegionId| Act {
        name: format!("cut-off-from-{}", name(to)),
        ..act(
            from,
            "aws:network:route-table-disrupt-cross-region-connectivity",
            vec![("region", name(to)), ("duration", duration())],
            ("Subnets", "aws:ec2:subnet", all()),
        )
    };
    let others = |region: RegionId| RegionId::all(topology.regions.len()).filter(move |other| *other != region);
    let share = |share: f64| ((share * 100.0).round().clamp(1.0, 100.0)) as u64;
    match &fault.kind {
        Kind::Partition { a, b } => vec![cut(*a, *b)],
        Kind::RegionOutage { region, .. } => {
            let cuts = others(*region).filter(|other| topology.regions[*other].serves || holds(topology, *other));
            let mut acts: Vec<Act> = cuts.map(|other| cut(*region, other)).collect();
            acts.extend(pauses(
                *region,
                &StoreId::all(topology.stores.len()).collect::<Vec<_>>(),
                topology,
                &duration(),
            ));
            acts
        }
        Kind::ReplicationStall { stores, region, between } => {
            let from = region.or(between.map(|pair| pair.0)).or_else(|| {
                stores.iter().find_map(|store| topology.stores[*store].parameters.regions().first().copied())
            });
            from.map_or_else(Vec::new, |from| pauses(from, stores, topology, &duration()))
        }
        Kind::ZoneOutage { region, .. } => vec![
            Act {
                name: "cut-off-the-zone".to_owned(),
                ..act(
                    *region,
                    "aws:network:disrupt-connectivity",
                    vec![("scope", "all".to_owned()), ("duration", duration())],
                    ("Subnets", "aws:ec2:subnet", all()),
                )
            },
            Act {
                name: "stop-instances".to_owned(),
                ..act(
                    *region,
                    "aws:ec2:stop-instances",
                    vec![("startInstancesAfterDuration", duration())],
                    ("Instances", "aws:ec2:instance", all()),
                )
            },
        ],
        Kind::InstanceFailures { region, probability, .. } => vec![Act {
            name: "terminate-instances".to_owned(),
            ..act(
                *region,
                "aws:ec2:terminate-instances",
                Vec::new(),
                ("Instances", "aws:ec2:instance", format!("PERCENT({})", share(*probability))),
            )
        }],
        Kind::InsufficientCapacity { region, probability } => vec![Act {
            name: "no-capacity".to_owned(),
            ..act(
                *region,
                "aws:ec2:asg-insufficient-instance-capacity-error",
                vec![
                    ("availabilityZoneIdentifiers", format!("{0}a,{0}b,{0}c", name(*region))),
                    ("duration", duration()),
                    ("percentage", share(*probability).to_string()),
                ],
                ("AutoScalingGroups", "aws:ec2:autoscaling-group", all()),
            )
        }],
        Kind::LambdaImpairment { region, error } => vec![Act {
            name: "fail-invocations".to_owned(),
            ..act(
                *region,
                "aws:lambda:invocation-error",
                vec![
                    ("duration", duration()),
                    ("invocationPercentage", share(*error).to_string()),
                    ("preventExecution", "true".to_owned()),
                ],
                ("Functions", "aws:lambda:function", all()),
            )
        }],
        _ => Vec::new(),
    }
}

/// Whether a region holds a copy of some store.
fn holds(topology: &Topology, region: RegionId) -> bool {
    topology.stores.iter().any(|store| store.parameters.regions().contains(&region))
}

/// Pauses of the replication of stores that have such an action, from a region.
fn pauses(region: RegionId, stores: &[StoreId], topology: &Topology, duration: &str) -> Vec<Act> {
    let mut acts = Vec::new();
    for store in stores.iter().map(|store| &topology.stores[*store]) {
        let regions = store.parameters.regions();
        if !regions.contains(&region) {
            continue;
        }
        match &store.parameters {
            models::stores::Parameters::S3Replication(_) => {
                acts.extend(regions.iter().filter(|other| **other != region).map(|other| Act {
                    region,
                    name: format!("pause-{}-to-{}", plain(&store.name), topology.regions[*other].name),
                    action: "aws:s3:bucket-pause-replication",
                    parameters: vec![
                        ("region", topology.regions[*other].name.clone()),
                        ("duration", duration.to_owned()),
                    ],
                    target: ("Buckets", "aws:s3:bucket", "ALL".to_owned()),
                }));
            }
            models::stores::Parameters::DynamoDbGlobal(_) => acts.push(Act {
                region,
                name: format!("pause-{}", plain(&store.name)),
                action: "aws:dynamodb:global-table-pause-replication",
                parameters: vec![("duration", duration.to_owned())],
                target: ("Tables", "aws:dynamodb:global-table", "ALL".to_owned()),
            }),
            _ => {}
        }
    }
    acts
}

/// A name without spaces, as names of actions are.
fn plain(name: &str) -> String {
    name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).take(30).collect()
}
