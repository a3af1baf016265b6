//! What to measure next, and the commands that fetch it.
//!
//! A deployment rests on figures that nobody has measured: defaults marked `assumed`, and distributions written without a
//! source. Those that can be measured are listed, the most valuable first, each with the commands of the AWS CLI and the
//! line for the list. Names that only the account knows are placeholders in capitals.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};
use sim_settings::{Node, Value, child_path, is_distribution, parse_toml};

use crate::file::value_text;
use crate::header::Header;
use crate::visible::visible;

/// How a figure is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    /// By incidents and drills: no metric knows what people do.
    People,
    /// By events and drills of a promotion.
    Promotion,
    /// By the metric of a lag or a delay.
    Replication,
    /// By the activities of Auto Scaling groups.
    Launch,
}

/// Figures that can be measured, those first that recovery waits for longest: people, promotions, instances, then what
/// decides on losses. `*` stands for a name or a number. An order by what each figure owns of the variance of an objective
/// takes the place of this one: see [`order`].
const MEASURABLE: [(&str, Method); 12] = [
    ("runbooks.*.steps.*.approve", Method::People),
    ("runbooks.*.on.operator", Method::People),
    ("stores.*.promotion-time", Method::Promotion),
    ("stores.*.detach-time", Method::Promotion),
    ("stores.*.in-region-failover", Method::Promotion),
    ("stores.*.switch-over-time", Method::Promotion),
    ("stores.*.rebuild-time", Method::Promotion),
    ("compute.launch-time", Method::Launch),
    ("regions.*.compute.launch-time", Method::Launch),
    ("runbooks.*.steps.*.takes", Method::People),
    ("stores.*.replication-lag", Method::Replication),
    ("stores.*.replication-delay", Method::Replication),
];

/// What a figure rests on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// A default without a published source, which says why it was chosen.
    Assumed(String),
    /// It is written in the file, without a source.
    Unsourced,
}

/// A figure that can be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Its path.
    pub key: String,
    /// Its value now, as TOML.
    pub value: String,
    /// What that rests on.
    pub basis: Basis,
    /// What a measurement is, in a sentence.
    pub how: String,
    /// Commands that fetch it.
    pub commands: Vec<String>,
    /// Its line in the list.
    pub line: String,
    method: usize,
}

/// What is missing, the most valuable first.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The experiment.
    pub experiment: String,
    /// Figures that can be measured.
    pub needs: Vec<Need>,
    /// Assumed figures that no export has.
    pub others: Vec<String>,
    /// Assumed figures that no trial draws: they cannot matter here.
    pub unused: Vec<String>,
}

/// The plan of an experiment.
pub fn plan(header: &Header) -> Plan {
    let (node, _) = parse_toml(&header.resolved, 0);
    let facts = Facts { node: &node };
    let mut needs: Vec<Need> = Vec::new();
    let (mut others, mut unused) = (Vec::new(), Vec::new());
    for figure in &header.assumed {
        if !facts.draws(&figure.path) {
            unused.push(figure.path.clone());
            continue;
        }
        match method_of(&figure.path) {
            Some(method) => {
                let basis = Basis::Assumed(figure.source.clone());
                needs.push(facts.need(&figure.path, &figure.value, basis, method));
            }
            None => others.push(figure.path.clone()),
        }
    }
    let mut written = Vec::new();
    walk(&node, "", &mut written);
    for (path, value) in written {
        let sourced = value.get("source").is_some() || value.get("observations").is_some();
        if let (Some(method), false) = (method_of(&path), sourced || !facts.draws(&path)) {
            needs.push(facts.need(&path, &value_text(&value.value), Basis::Unsourced, method));
        }
    }
    order(&mut needs, None);
    Plan { experiment: header.name.clone(), needs, others, unused }
}

/// Puts the most valuable first. `ledger` has the paths of figures by the share of the variance of an objective that they
/// own, largest first; what it does not name follows in the order of [`MEASURABLE`].
pub fn order(needs: &mut [Need], ledger: Option<&[String]>) {
    let of = |need: &Need| ledger.and_then(|ledger| ledger.iter().position(|path| *path == need.key));
    needs.sort_by_key(|need| (of(need).unwrap_or(usize::MAX), need.method));
}

/// The place in the table of what a path is.
fn method_of(path: &str) -> Option<usize> {
    let parts = super::spec::steps(path);
    MEASURABLE.iter().position(|(pattern, _)| {
        let pattern: Vec<&str> = pattern.split('.').collect();
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(|(known, part)| *known == "*" || known == part)
    })
}

/// Values of a tree that are no tables of further keys, with their paths; elements of lists by name or number.
fn walk(node: &Node, path: &str, found: &mut Vec<(String, Node)>) {
    match &node.value {
        Value::Table(entries) if !is_distribution(node) && node.get("value").is_none() => {
            entries.iter().for_each(|entry| walk(&entry.node, &child_path(path, &entry.key), found));
        }
        Value::Array(elements) if elements.iter().all(|element| matches!(element.value, Value::Table(_))) => {
            for (index, element) in elements.iter().enumerate() {
                let name = element.get("name").and_then(Node::text).map_or_else(|| index.to_string(), str::to_owned);
                walk(element, &child_path(path, &name), found);
            }
        }
        _ => found.push((path.to_owned(), node.clone())),
    }
}

/// What the commands need to know of the deployment.
struct Facts<'a> {
    node: &'a Node,
}

impl Facts<'_> {
    fn need(&self, key: &str, value: &str, basis: Basis, place: usize) -> Need {
        let method = MEASURABLE[place].1;
        let steps = super::spec::steps(key);
        let key = &super::spec::as_toml(key);
        let (how, commands, line) = match method {
            Method::People => people(key, &steps),
            Method::Promotion => promotion(key, &steps),
            Method::Launch => launch(key, self.first_region()),
            Method::Replication => self.replication(key, &steps),
        };
        let (key, value) = (visible(key).into_owned(), visible(value).into_owned());
        Need { key, value, basis, how, commands, line, method: place }
    }

    /// Whether any trial can draw a figure: times of promotions need a step that promotes, one of a zone a fault there.
    fn draws(&self, path: &str) -> bool {
        let steps = super::spec::steps(path);
        let [table, store, figure] = steps.as_slice() else { return true };
        if table != "stores" {
            return true;
        }
        let list = |name: &str| match self.node.get(name).map(|node| &node.value) {
            Some(Value::Array(elements)) => elements.as_slice(),
            _ => &[],
        };
        let acts = |word: &str| list("runbooks").iter().any(|runbook| has_step(runbook, word, store));
        let fault = |kinds: &[&str]| {
            list("faults")
                .iter()
                .any(|fault| fault.get("kind").and_then(Node::text).is_some_and(|kind| kinds.contains(&kind)))
        };
        match figure.as_str() {
            "promotion-time" => acts("promote"),
            "detach-time" => acts("detach"),
            "switch-over-time" => acts("switch-over"),
            "rebuild-time" => acts("promote") || acts("detach"),
            "in-region-failover" => fault(&["zone-outage", "instance-failures"]),
            _ => true,
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

/// Whether a runbook has a step with this word for this store, however deep it stands.
fn has_step(node: &Node, word: &str, store: &str) -> bool {
    match &node.value {
        Value::Table(entries) => entries
            .iter()
            .any(|entry| (entry.key == word && entry.node.text() == Some(store)) || has_step(&entry.node, word, store)),
        Value::Array(elements) => elements.iter().any(|element| has_step(element, word, store)),
        _ => false,
    }
}

/// How, commands, line.
type Fetch = (String, Vec<String>, String);

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

fn launch(key: &str, region: String) -> Fetch {
    let region = plain(&region);
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

/// The plan as a script for a shell: commands, and in comments what they are for; the list comes last.
pub fn script(plan: &Plan) -> String {
    let mut text = String::new();
    let mut say = |words: &str| {
        for line in crate::units::wrapped(&visible(words), 110) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# {line}");
        }
    };
    say(&format!(
        "What to measure of {}, the most valuable first. Words in capitals are names of your account. The dates are those of \
         GNU date.",
        plan.experiment
    ));
    if plan.needs.is_empty() {
        say("Nothing: every figure that can be measured has a source.");
    }
    for (index, need) in plan.needs.iter().enumerate() {
        let _ = writeln!(text);
        let mut say = |words: &str| {
            for line in crate::units::wrapped(&visible(words), 110) {
                let _ = writeln!(text, "# {line}");
            }
        };
        let basis = match &need.basis {
            Basis::Assumed(why) => format!("assumed: {why}"),
            Basis::Unsourced => "written without a source".to_owned(),
        };
        say(&format!("{}. {} = {} ({basis})", index + 1, need.key, need.value));
        say(&need.how);
        for command in &need.commands {
            let known = plan.needs[..index].iter().any(|other| other.commands.contains(command));
            let _ = if known { writeln!(text, "# The command is that of above.") } else { writeln!(text, "{command}") };
        }
    }
    if !plan.needs.is_empty() {
        let _ = writeln!(text, "\n# The list for `mrsim calibrate --from calibrate.toml`:");
        let _ = writeln!(text, "cat > calibrate.toml <<'END'");
        for need in &plan.needs {
            let _ = writeln!(text, "{}", visible(&need.line));
        }
        let _ = writeln!(text, "END");
    }
    for (words, paths) in
        [("Assumed, and in no export", &plan.others), ("Assumed, and drawn by no trial", &plan.unused)]
    {
        if paths.is_empty() {
            continue;
        }
        let _ = writeln!(text);
        for line in crate::units::wrapped(&visible(&format!("{words}: {}.", paths.join(", "))), 110) {
            let _ = writeln!(text, "# {line}");
        }
    }
    text
}
