//! A plan of ARC Region switch from the runbooks of an experiment: what
//! `aws arc-region-switch create-plan --cli-input-json` takes.

use models::compute;
use models::deployment::Topology;
use models::fronts::route53::zone::Choice;
use models::ids::RegionId;
use models::runbooks::{Action, Means, Step};
use models::stores::{Parameters, Promotion};
use serde_json::{Map, Value, json};

use super::ACCOUNT;
use super::bands::Bands;
use super::play::{Mark, Play};
use crate::calibrate::read::plan_step;
use crate::header::{Header, Indicator};

/// The plan of an experiment whose runbooks lead from one region to another; none without such a runbook.
///
/// It has a workflow that activates each of the two regions: a plan that cannot come back is none. Timeouts are the
/// predicted p99 of each step.
pub fn plan(topology: &Topology, header: &Header, play: &Play, bands: &Bands) -> Option<Value> {
    let target = topology.runbooks.iter().flat_map(|runbook| &runbook.steps).find_map(|step| leads_to(&step.action))?;
    let struck = topology.faults.iter().find_map(|fault| fault.kind.region());
    let others = || RegionId::all(topology.regions.len()).filter(|region| *region != target);
    let from = struck.filter(|region| *region != target).or_else(|| others().next())?;
    let name = |region: RegionId| topology.regions[region].name.as_str();
    let pair = [name(from), name(target)];
    let mut steps = Vec::new();
    for (id, runbook) in topology.runbooks.ids().zip(topology.runbooks.iter()) {
        let there = runbook.steps.iter().filter_map(|step| leads_to(&step.action)).all(|to| to == target);
        if !there {
            continue;
        }
        for (index, step) in runbook.steps.iter().enumerate() {
            let at = play.spans.iter().position(|span| {
                play.marks[span.from].0 == Mark::Begin(id, index) && play.marks[span.to].0 == Mark::End(id, index)
            });
            let p99 = at.and_then(|at| bands.spans[at].quantile(0.99));
            let minutes = p99.map_or(60, |seconds| (seconds / 60.0).ceil().clamp(1.0, 1_440.0) as u64);
            let name = plan_step(&runbook.name, &runbook.step_path(index));
            steps.push(block(step, &name, minutes, topology, pair));
        }
    }
    let back = returning(topology, [pair[1], pair[0]]);
    let mut plan = Map::new();
    plan.insert("name".to_owned(), json!(plan_name(&header.name)));
    plan.insert("description".to_owned(), json!(format!("Made by mrsim {} from {}", header.version, header.name)));
    plan.insert("regions".to_owned(), json!(pair));
    let zone = &topology.zone;
    let ordered = zone.records.iter().all(|record| matches!(record.choice, Choice::Failover { .. }));
    let passive = ordered || !topology.regions[target].serves;
    plan.insert("recoveryApproach".to_owned(), json!(if passive { "activePassive" } else { "activeActive" }));
    if passive {
        plan.insert("primaryRegion".to_owned(), json!(pair[0]));
    }
    plan.insert("executionRole".to_owned(), json!(format!("arn:aws:iam::{ACCOUNT}:role/region-switch")));
    let rto = header.objectives.iter().filter(|objective| objective.indicator == Indicator::Rto);
    if let Some(limit) = rto.map(|objective| objective.limit).reduce(f64::min) {
        plan.insert(
            "recoveryTimeObjectiveMinutes".to_owned(),
            json!((limit / 60.0).ceil().clamp(1.0, 10_080.0) as u64),
        );
    }
    let alarms: Map<String, Value> = topology
        .alarms
        .iter()
        .map(|alarm| {
            let arn = format!(
                "arn:aws:cloudwatch:{}:{ACCOUNT}:alarm:{}",
                topology.regions.get(alarm.hosted_in).map_or("us-east-1", |region| region.name.as_str()),
                alarm.name
            );
            (alarm.name.clone(), json!({ "alarmType": "applicationHealth", "resourceIdentifier": arn }))
        })
        .collect();
    if !alarms.is_empty() {
        plan.insert("associatedAlarms".to_owned(), Value::Object(alarms));
    }
    // A workflow that activates names its region where both regions may be active.
    let workflow = |region: &str, steps: Vec<Value>| json!({ "workflowTargetAction": "activate", "workflowTargetRegion": region, "steps": steps });
    plan.insert("workflows".to_owned(), json!([workflow(pair[1], steps), workflow(pair[0], back)]));
    Some(Value::Object(plan))
}

/// The region that an action leads to, if it leads anywhere.
fn leads_to(action: &Action) -> Option<RegionId> {
    match action {
        Action::Promote { to, .. } | Action::Shift { to, .. } => Some(*to),
        _ => None,
    }
}

/// A name of letters, digits and hyphens, of 32 signs at most.
fn plan_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).take(32).collect();
    let plain = plain.trim_matches('-');
    if plain.is_empty() { "experiment".to_owned() } else { plain.to_owned() }
}

/// A step as an execution block. `pair` is the region that is left and the one that is activated.
fn block(step: &Step, name: &str, minutes: u64, topology: &Topology, pair: [&str; 2]) -> Value {
    let (kind, configuration) = match &step.action {
        Action::Approve(_) => approval(minutes),
        Action::Promote { how, store, .. } => {
            let store = &topology.stores[*store];
            match (&store.parameters, how) {
                (Parameters::AuroraGlobal(_), Promotion::Failover) => aurora(&store.name, "failover", minutes, pair),
                (Parameters::AuroraGlobal(_), Promotion::SwitchOver) => {
                    aurora(&store.name, "switchoverOnly", minutes, pair)
                }
                (Parameters::RdsReplica(_), _) => {
                    let arns: Map<String, Value> = pair
                        .iter()
                        .map(|region| {
                            let arn = format!("arn:aws:rds:{region}:{ACCOUNT}:db:{}-{region}", identifier(&store.name));
                            ((*region).to_owned(), json!(arn))
                        })
                        .collect();
                    let configuration = json!({ "timeoutMinutes": minutes, "dbInstanceArnMap": arns });
                    ("RdsPromoteReadReplica", json!({ "rdsPromoteReadReplicaConfig": configuration }))
                }
                _ => lambda(name, minutes, pair),
            }
        }
        Action::Scale { to, .. } => {
            let groups = topology.regions[*to].compute.as_ref();
            if matches!(groups, Some(compute::Parameters::AutoScaling(_))) {
                let arn = |region: &&str| {
                    json!({ "arn": format!(
                        "arn:aws:autoscaling:{region}:{ACCOUNT}:autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/app-{region}"
                    ) })
                };
                let configuration = json!({
                    "timeoutMinutes": minutes,
                    "asgs": pair.iter().map(arn).collect::<Vec<_>>(),
                    "targetPercent": 100,
                    "capacityMonitoringApproach": "sampledMaxInLast24Hours",
                });
                ("EC2AutoScaling", json!({ "ec2AsgCapacityIncreaseConfig": configuration }))
            } else {
                lambda(name, minutes, pair)
            }
        }
        Action::Shift { means: Means::RoutingControl, .. } => routing_control(minutes, pair),
        _ => lambda(name, minutes, pair),
    };
    json!({ "name": name, "executionBlockType": kind, "executionBlockConfiguration": configuration })
}

fn approval(minutes: u64) -> (&'static str, Value) {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/approver");
    ("ManualApproval", json!({ "executionApprovalConfig": { "timeoutMinutes": minutes, "approvalRole": role } }))
}

fn aurora(store: &str, behavior: &str, minutes: u64, pair: [&str; 2]) -> (&'static str, Value) {
    let store = identifier(store);
    let arns = pair.map(|region| format!("arn:aws:rds:{region}:{ACCOUNT}:cluster:{store}-{region}"));
    let mut configuration = json!({
        "timeoutMinutes": minutes,
        "behavior": behavior,
        "globalClusterIdentifier": store,
        "databaseClusterArns": arns,
    });
    if behavior == "switchoverOnly" {
        configuration["ungraceful"] = json!({ "ungraceful": "failover" });
    }
    ("AuroraGlobalDatabase", json!({ "globalAuroraConfig": configuration }))
}

fn routing_control(minutes: u64, pair: [&str; 2]) -> (&'static str, Value) {
    let control = |region: &str| {
        format!("arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/panel/routingcontrol/{region}")
    };
    let state = |region: &str, state: &str| json!([{ "routingControlArn": control(region), "state": state }]);
    let both: Map<String, Value> =
        [(pair[1].to_owned(), state(pair[1], "On")), (pair[0].to_owned(), state(pair[0], "Off"))].into_iter().collect();
    (
        "ARCRoutingControl",
        json!({ "arcRoutingControlConfig": { "timeoutMinutes": minutes, "regionAndRoutingControls": both } }),
    )
}

/// A function that somebody has to write: no block does what the step does.
fn lambda(step: &str, minutes: u64, pair: [&str; 2]) -> (&'static str, Value) {
    let arns =
        pair.map(|region| json!({ "arn": format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{}", identifier(step)) }));
    let configuration = json!({
        "timeoutMinutes": minutes,
        "lambdas": arns,
        "retryIntervalMinutes": 1,
        "regionToRun": "activatingRegion",
    });
    ("CustomActionLambda", json!({ "customActionLambdaConfig": configuration }))
}

/// The way back: people decide, each writer is switched over, and traffic is let in again.
fn returning(topology: &Topology, pair: [&str; 2]) -> Vec<Value> {
    let step = |name: String, (kind, configuration): (&'static str, Value)| json!({ "name": name, "executionBlockType": kind, "executionBlockConfiguration": configuration });
    let mut steps = vec![step("back-decide".to_owned(), approval(60))];
    let all = || topology.runbooks.iter().flat_map(|runbook| &runbook.steps);
    let mut moved: Vec<&str> = Vec::new();
    for action in all().map(|step| &step.action) {
        let Action::Promote { store, .. } = action else { continue };
        let store = &topology.stores[*store];
        if moved.contains(&store.name.as_str()) {
            continue;
        }
        moved.push(&store.name);
        let name = format!("back-{}", identifier(&store.name));
        steps.push(match store.parameters {
            Parameters::AuroraGlobal(_) => step(name, aurora(&store.name, "switchoverOnly", 30, pair)),
            _ => step(name.clone(), lambda(&name, 30, pair)),
        });
    }
    for action in all().map(|step| &step.action) {
        match action {
            Action::Shift { means: Means::RoutingControl, .. } => {
                steps.push(step("back-traffic".to_owned(), routing_control(10, pair)));
                break;
            }
            Action::Shift { .. } => {
                steps.push(step("back-traffic".to_owned(), lambda("back-traffic", 10, pair)));
                break;
            }
            _ => {}
        }
    }
    steps
}

/// A name as identifiers of databases and functions are: a letter, then letters, digits and hyphens.
fn identifier(name: &str) -> String {
    let plain: String =
        name.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).take(40).collect();
    let plain = plain.trim_matches('-').to_owned();
    if plain.starts_with(|sign: char| sign.is_ascii_alphabetic()) { plain } else { format!("x{plain}") }
}
