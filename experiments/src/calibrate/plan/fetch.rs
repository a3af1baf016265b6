//! Commands that fetch a figure, and its line in the list.

use serde_json::{Value as Json, json};
use sim_settings::{Node, Value};

/// How a figure is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// By incidents and drills: no metric knows what people do.
    People,
    /// By events and drills of a promotion.
    Promotion,
    /// By the metric of a lag or a delay.
    Replication,
    /// By the activities of Auto Scaling groups.
    Launch,
}

/// What the commands need to know of the deployment.
pub(super) struct Facts<'a> {
    pub(super) node: &'a Node,
}

impl Facts<'_> {
    /// How a figure is measured, the commands, and its line.
    pub(super) fn fetched(&self, method: Method, key: &str, steps: &[String]) -> Fetch {
        match method {
            Method::People => people(key, steps),
            Method::Promotion => promotion(key, steps),
            Method::Launch => launch(key, &self.first_region()),
            Method::Replication => self.replication(key, steps),
        }
    }

    fn text(&self, store: &str, key: &str) -> Option<String> {
        self.node.get("stores")?.get(store)?.get(key)?.text().map(str::to_owned)
    }

    fn regions(&self) -> Vec<String> {
        let regions = self.node.get("regions").map(Node::entries).unwrap_or_default();
        regions.iter().map(|entry| entry.key.clone()).collect()
    }

    fn first_region(&self) -> String {
        self.regions().into_iter().next().unwrap_or_else(|| "REGION".to_owned())
    }

    fn store_regions(&self, store: &str) -> Vec<String> {
        let listed = self.node.get("stores").and_then(|it| it.get(store)).and_then(|it| it.get("regions"));
        match listed.map(|node| &node.value) {
            Some(Value::Array(elements)) => elements.iter().filter_map(|one| one.text().map(str::to_owned)).collect(),
            _ => self.regions(),
        }
    }

    fn replication(&self, key: &str, steps: &[String]) -> Fetch {
        let store = steps.get(1).map_or("", String::as_str);
        let (regions, kind) = (self.store_regions(store), self.text(store, "kind").unwrap_or_default());
        let writer = self.text(store, "writer").or_else(|| regions.first().cloned()).unwrap_or_default();
        let other =
            regions.iter().find(|region| **region != writer).cloned().unwrap_or_else(|| "OTHER_REGION".to_owned());
        let own = placeholder(store);
        let file = format!("{}-{}.json", plain(store), steps.last().map_or("", String::as_str));
        let four: &[&str] = &["SampleCount", "Average", "Maximum", "Minimum"];
        let percentiles: &[&str] = &["SampleCount", "p50", "p90", "p99"];
        match kind.as_str() {
            "elasticache-global" => (
                "The lag itself, the largest of the shards, in seconds.".to_owned(),
                vec![metric(
                    &other,
                    &file,
                    "AWS/ElastiCache",
                    "GlobalDatastoreReplicationLag",
                    &[("CacheClusterId", &format!("{own}_NODE_IN_{}", placeholder(&other)))],
                    four,
                )],
                format!(
                    "{key} = {{ file = \"{file}\", metric = \"GlobalDatastoreReplicationLag\", unit = \"s\", period = \"60s\" }}"
                ),
            ),
            "rds-replica" => (
                "The lag itself, in seconds.".to_owned(),
                vec![metric(
                    &other,
                    &file,
                    "AWS/RDS",
                    "ReplicaLag",
                    &[("DBInstanceIdentifier", &format!("{own}_REPLICA_IN_{}", placeholder(&other)))],
                    four,
                )],
                format!("{key} = {{ file = \"{file}\", metric = \"ReplicaLag\", unit = \"s\", period = \"60s\" }}"),
            ),
            "s3-replication" => (
                "The age of the oldest write under way, not the delay of each: put the writes per second beside it."
                    .to_owned(),
                vec![metric(
                    &other,
                    &file,
                    "AWS/S3",
                    "ReplicationLatency",
                    &[
                        ("SourceBucket", &format!("{own}_SOURCE_BUCKET")),
                        ("DestinationBucket", &format!("{own}_DESTINATION_BUCKET")),
                        ("RuleId", &format!("{own}_RULE")),
                    ],
                    &["Maximum"],
                )],
                format!(
                    "{key} = {{ file = \"{file}\", metric = \"ReplicationLatency\", unit = \"s\", period = \"60s\", writes-per-second = {own}_WRITES_PER_SECOND }}"
                ),
            ),
            "dynamodb-global-table" => (
                "The delay of each item in milliseconds, by its percentiles.".to_owned(),
                vec![metric(
                    &writer,
                    &file,
                    "AWS/DynamoDB",
                    "ReplicationLatency",
                    &[("TableName", &format!("{own}_TABLE")), ("ReceivingRegion", &other)],
                    percentiles,
                )],
                format!(
                    "{key} = {{ file = \"{file}\", metric = \"ReplicationLatency\", unit = \"ms\", period = \"60s\" }}"
                ),
            ),
            _ => (
                "The lag itself, in milliseconds, of the cluster that follows.".to_owned(),
                vec![metric(
                    &other,
                    &file,
                    "AWS/RDS",
                    "AuroraGlobalDBReplicationLag",
                    &[("DBClusterIdentifier", &format!("{own}_CLUSTER_IN_{}", placeholder(&other)))],
                    four,
                )],
                format!(
                    "{key} = {{ file = \"{file}\", metric = \"AuroraGlobalDBReplicationLag\", unit = \"ms\", period = \"60s\" }}"
                ),
            ),
        }
    }
}

/// How, commands, line.
pub(super) type Fetch = (String, Vec<String>, String);

fn people(key: &str, steps: &[String]) -> Fetch {
    let operator = steps.last().is_some_and(|step| step == "operator");
    let (how, line) = if operator {
        (
            "Until somebody noticed, in incidents that people found: no API of AWS knows it; export the pager's incidents.",
            format!(
                "{key} = {{ file = \"incidents.csv\", column = \"seconds_to_first_ack\", only = \"urgency = high\" }}"
            ),
        )
    } else {
        (
            "Drills and executions of a plan know it; a pager knows when somebody looked, and not when it was decided.",
            format!("{key} = {{ file = \"execution.json\" }}"),
        )
    };
    let commands = if operator {
        Vec::new()
    } else {
        vec![
            "aws arc-region-switch list-plan-executions --plan-arn PLAN_ARN --output json".to_owned(),
            "aws arc-region-switch get-plan-execution --plan-arn PLAN_ARN --execution-id EXECUTION_ID --output json > execution.json"
                .to_owned(),
        ]
    };
    (how.to_owned(), commands, line)
}

fn promotion(key: &str, steps: &[String]) -> Fetch {
    let store = placeholder(steps.get(1).map_or("", String::as_str));
    let commands = vec![format!(
        "aws rds describe-events --region REGION --source-type db-cluster --source-identifier {store}_CLUSTER --duration 20160 \
             --output json > {}-events.json",
        plain(steps.get(1).map_or("", String::as_str))
    )];
    let how = "Events of the last 14 days name the beginning and the end of a failover; write each as a row of a sheet. Drills \
               know it as well.";
    let marks = "begin = \"BEGIN_MARK\", end = \"END_MARK\"";
    (how.to_owned(), commands, format!("{key} = {{ file = \"drill.csv\", {marks} }}"))
}

fn launch(key: &str, region: &str) -> Fetch {
    let region = plain(region);
    let command = format!(
        "aws autoscaling describe-scaling-activities --region {region} --auto-scaling-group-name GROUP \
         --query '{{Activities: Activities[?starts_with(Description, `Launching`)]}}' --output json > launches.json"
    );
    let how = "Activities of the last six weeks have the beginning and the end of each launch.";
    let line = format!(
        "{key} = {{ file = \"launches.json\", begin = \"StartTime\", end = \"EndTime\", only = \"StatusCode = Successful\" }}"
    );
    (how.to_owned(), vec![command], line)
}

/// A query for statistics of a metric over the last 15 days, by the minute: older minutes are thinned by the service.
fn metric(
    region: &str,
    file: &str,
    namespace: &str,
    name: &str,
    dimensions: &[(&str, &str)],
    stats: &[&str],
) -> String {
    let dimensions: Vec<Json> =
        dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
    let query = |stat: &&str| {
        json!({
            "Id": stat.to_lowercase(),
            "Label": format!("{name} {stat}"),
            "MetricStat": {
                "Metric": { "Namespace": namespace, "MetricName": name, "Dimensions": dimensions },
                "Period": 60,
                "Stat": stat,
            },
        })
    };
    let queries = Json::Array(stats.iter().map(query).collect());
    format!(
        "aws cloudwatch get-metric-data --region {} --start-time \"$(date -u -d '15 days ago' +%Y-%m-%dT%H:%M:00Z)\" \
         --end-time \"$(date -u +%Y-%m-%dT%H:%M:00Z)\" --output json --metric-data-queries '{queries}' > {file}",
        plain(region)
    )
}

/// A name in capitals, with which a shell can do no harm.
fn placeholder(name: &str) -> String {
    plain(name).to_uppercase().replace('-', "_")
}

/// A name without the signs that mean something to a shell.
fn plain(name: &str) -> String {
    name.chars().map(|sign| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '-' }).collect()
}
