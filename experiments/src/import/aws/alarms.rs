//! Alarms of `CloudWatch` on metrics that the file has.

use super::health_checks::CHECK;
use super::load_balancing::{BALANCERS, TARGET_GROUPS};
use super::names::Endpoints;
use crate::import::draft::{Entry, inline, number, quoted, seconds};
use crate::import::resource::{Id, Resource};
use crate::import::system::{JOURNEY, Part, System};

const ALARM: [&str; 1] = ["aws_cloudwatch_metric_alarm"];

/// How a metric of `CloudWatch` becomes one of the file.
struct Metric {
    /// As the key `metric` has it.
    table: String,
    /// What a figure of `CloudWatch` is multiplied by.
    factor: f64,
    /// Whether the metric counts whole things.
    counts: bool,
    /// A few words about the unit.
    note: &'static str,
    /// Whether the alarm lives where metrics of health checks are.
    global: bool,
}

/// Why an alarm is not in the file.
enum Refusal {
    Ask(String),
    Leave(String),
}

pub(super) fn map(system: &mut System<'_>, endpoints: &Endpoints) {
    let inventory = system.inventory;
    for id in inventory.of(&["aws_cloudwatch_composite_alarm"]) {
        system.fates.left(id, "a rule over alarms: its children are imported, the rule is not");
    }
    for id in inventory.of(&ALARM) {
        match metric(system, endpoints, id)
            .and_then(|metric| keys(inventory.get(id), &metric).map(|keys| (metric, keys)))
        {
            Ok((metric, (above, mut rest))) => {
                let resource = inventory.get(id);
                let wanted = resource.at("alarm_name").text().unwrap_or(&resource.name).to_owned();
                let name = system.name(&wanted);
                let mut part = Part::new(&name);
                part.push(Entry::from("metric", metric.table, &[id]));
                part.push(above.of(&[id]).noted(metric.note));
                for entry in &mut rest {
                    entry.remark.from = vec![id];
                }
                for entry in rest {
                    part.push(entry);
                }
                if !metric.global {
                    let region = resource.region.clone().unwrap_or_default();
                    part.push(Entry::from("hosted-in", quoted(&region), &[id]));
                    if !system.serving.contains(&region) {
                        system.others.insert(region);
                    }
                }
                system.fates.used(id, format!("alarms.{name}"));
                system.alarm_names.insert(id, name);
                system.alarms.push(part);
            }
            Err(Refusal::Ask(question)) => system.ask(id, question),
            Err(Refusal::Leave(reason)) => system.fates.left(id, reason),
        }
    }
}

fn metric(system: &System<'_>, endpoints: &Endpoints, id: Id) -> Result<Metric, Refusal> {
    let inventory = system.inventory;
    let alarm = inventory.get(id);
    if alarm.region.is_none() {
        return Err(Refusal::Leave("its region is not known".to_owned()));
    }
    let queries = alarm.at("metric_query").items();
    if !queries.is_empty() {
        return math(system, alarm, id);
    }
    let (space, name) = (alarm.at("namespace").text().unwrap_or(""), alarm.at("metric_name").text().unwrap_or(""));
    let region = |kinds: &[&str]| {
        let there = inventory.targets(id, "dimensions", kinds);
        let there = there.iter().find_map(|it| inventory.get(*it).region.clone()).or_else(|| alarm.region.clone());
        there.filter(|region| system.serving.contains(region))
    };
    let elsewhere = || Refusal::Leave("what it watches is in no region that serves".to_owned());
    let store = |kinds: &[&str], words: &str| {
        let watched = inventory.targets(id, "dimensions", kinds);
        let own = system.stores.iter().find(|store| watched.iter().any(|it| store.ids.contains(it)));
        let only = || match &system
            .stores
            .iter()
            .filter(|store| {
                store.regions.len() > 1 && store.ids.iter().any(|it| kinds.contains(&inventory.get(*it).kind.as_str()))
            })
            .collect::<Vec<_>>()[..]
        {
            [only] => Some(*only),
            _ => None,
        };
        own.or_else(only)
            .map(|store| store.part.name.clone())
            .ok_or_else(|| Refusal::Ask(format!("which {words} does it watch?")))
    };
    let lag = |store: String, factor: f64, note: &'static str| Metric {
        table: inline(&[("replication-lag", quoted(&store))]),
        factor,
        counts: false,
        note,
        global: false,
    };
    let plain = |key: &str, region: String, factor: f64, counts: bool, note: &'static str| Metric {
        table: inline(&[(key, quoted(&region))]),
        factor,
        counts,
        note,
        global: false,
    };
    match (space, name) {
        ("AWS/RDS", "AuroraGlobalDBReplicationLag" | "AuroraGlobalDBRPOLag") => {
            Ok(lag(store(&["aws_rds_cluster"], "database")?, 1e-3, "milliseconds in CloudWatch"))
        }
        ("AWS/DynamoDB", "ReplicationLatency") => {
            Ok(lag(store(&["aws_dynamodb_table"], "table")?, 1e-3, "milliseconds in CloudWatch"))
        }
        ("AWS/ElastiCache", "GlobalDatastoreReplicationLag") => {
            Ok(lag(store(&["aws_elasticache_replication_group"], "cache")?, 1.0, ""))
        }
        ("AWS/S3", "ReplicationLatency") => Ok(lag(store(&["aws_s3_bucket"], "bucket")?, 1.0, "")),
        ("AWS/RDS", "ReplicaLag") => Ok(lag(store(&["aws_db_instance"], "database")?, 1.0, "")),
        ("AWS/Route53", "HealthCheckStatus") => {
            let check = inventory.targets(id, "dimensions", &CHECK);
            let region = inventory
                .one(id, &check)
                .or_else(|| check.first().copied())
                .and_then(|it| endpoints.region_of_check(it));
            let region =
                region.ok_or_else(|| Refusal::Leave("its health check guards no answer of the name".to_owned()))?;
            Ok(Metric { global: true, ..plain("health-check", region.clone(), 1.0, true, "") })
        }
        ("AWS/ApplicationELB" | "AWS/NetworkELB", "UnHealthyHostCount") => {
            let kinds: Vec<&str> = TARGET_GROUPS.iter().chain(&BALANCERS).copied().collect();
            Ok(plain("unhealthy-hosts", region(&kinds).ok_or_else(elsewhere)?, 1.0, true, ""))
        }
        ("AWS/EC2" | "AWS/ECS", "CPUUtilization") => {
            let watched = inventory.targets(id, "dimensions", &["aws_autoscaling_group", "aws_ecs_service"]);
            let sites = system.entry().map(|tier| tier.sites.values().map(|site| site.id).collect::<Vec<_>>());
            if !watched.is_empty() && !watched.iter().any(|it| sites.as_ref().is_some_and(|sites| sites.contains(it))) {
                return Err(Refusal::Leave("it watches a tier that the file does not have".to_owned()));
            }
            let region =
                region(&["aws_autoscaling_group", "aws_ecs_service", "aws_ecs_cluster"]).ok_or_else(elsewhere)?;
            Ok(plain("utilization", region, 1e-2, false, "percent in CloudWatch"))
        }
        ("AWS/Lambda", "Throttles")
        | ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count" | "HTTPCode_ELB_5XX_Count") => Err(Refusal::Ask(format!(
            "{name} counts; at which share of all requests would it fire? (an alarm of the file watches a share)"
        ))),
        ("AWS/ApplicationELB", "TargetResponseTime") | ("AWS/ApiGateway", "Latency") => {
            Err(Refusal::Leave("it watches latency, on which the file has no alarm".to_owned()))
        }
        ("", "") => Err(Refusal::Leave("its metric is not known".to_owned())),
        _ => Err(Refusal::Leave(format!(
            "the file has no metric like {}",
            crate::import::draft::visible(&format!("{space} {name}"))
        ))),
    }
}

/// Metric math: errors over requests.
fn math(system: &System<'_>, alarm: &Resource, id: Id) -> Result<Metric, Refusal> {
    let queries = alarm.at("metric_query").items();
    let names: Vec<&str> = queries.iter().filter_map(|it| it.at("metric.metric_name").text()).collect();
    let expression = queries.iter().find_map(|it| it.at("expression").text()).unwrap_or_default();
    let errors = names.iter().any(|name| name.contains("5XX") || name.contains("5xx"));
    let requests = names.iter().any(|name| matches!(*name, "RequestCount" | "Count"));
    if !(errors && requests && expression.contains('/')) {
        return Err(Refusal::Leave("metric math that is no share of errors".to_owned()));
    }
    let inventory = system.inventory;
    let watched = inventory.targets(id, "metric_query", &BALANCERS);
    let region = watched.iter().find_map(|it| inventory.get(*it).region.clone()).or_else(|| alarm.region.clone());
    let region = region.filter(|region| system.serving.contains(region));
    let region = region.ok_or_else(|| Refusal::Leave("what it watches is in no region that serves".to_owned()))?;
    let percent = expression.contains("100");
    Ok(Metric {
        table: inline(&[("errors", quoted(JOURNEY)), ("region", quoted(&region))]),
        factor: if percent { 1e-2 } else { 1.0 },
        counts: false,
        note: if percent { "percent in CloudWatch" } else { "" },
        global: false,
    })
}

/// The threshold, and the other keys.
fn keys(alarm: &Resource, metric: &Metric) -> Result<(Entry, Vec<Entry>), Refusal> {
    let operator = alarm.at("comparison_operator").text().unwrap_or_default();
    let Some(threshold) = alarm.at("threshold").number() else {
        return Err(Refusal::Leave("a band that CloudWatch learns: its threshold is nowhere".to_owned()));
    };
    let above = match operator {
        // The file's metric of a health check is turned round: 1 while it is unhealthy.
        "LessThanThreshold" if metric.global => 0.0,
        "LessThanOrEqualToThreshold" if metric.global && threshold < 1.0 => 0.0,
        "GreaterThanThreshold" if !metric.global => threshold * metric.factor,
        // What is reached and not passed fires as well: the next smaller threshold.
        "GreaterThanOrEqualToThreshold" if !metric.global && metric.counts => (threshold - 0.5) * metric.factor,
        "GreaterThanOrEqualToThreshold" if !metric.global => threshold * metric.factor * (1.0 - 1e-6),
        _ => {
            return Err(Refusal::Leave(
                "it fires below a threshold, and the file's metric has no such side".to_owned(),
            ));
        }
    };
    if above < 0.0 {
        return Err(Refusal::Leave("its threshold lies below 0: it always fires".to_owned()));
    }
    let mut rest = Vec::new();
    let period = alarm.at("period").number();
    let queried = || alarm.at("metric_query").items().iter().find_map(|it| it.at("metric.period").number());
    match period.or_else(queried) {
        Some(period) if period >= 60.0 && period % 60.0 == 0.0 => rest.push(Entry::plain("period", seconds(period))),
        Some(_) => rest.push(Entry::asked(
            "period",
            seconds(60.0),
            "its period is shorter than a minute, or none of whole minutes: does a minute do?",
        )),
        None => rest.push(Entry::asked("period", seconds(60.0), "which period has it? the input does not tell")),
    }
    let n = alarm.at("evaluation_periods").whole().filter(|it| (1..=100).contains(it)).unwrap_or(1);
    let m = alarm.at("datapoints_to_alarm").whole().filter(|it| (1..=n).contains(it)).unwrap_or(n);
    rest.push(Entry::plain("datapoints", quoted(&format!("{m} of {n}"))));
    match alarm.at("treat_missing_data").text() {
        Some("breaching") => rest.push(Entry::plain("missing", quoted("breaching"))),
        Some("notBreaching") => rest.push(Entry::plain("missing", quoted("not-breaching"))),
        Some("ignore") => rest.push(Entry::plain("missing", quoted("ignore"))),
        _ => {}
    }
    Ok((Entry::plain("above", number(above)), rest))
}
