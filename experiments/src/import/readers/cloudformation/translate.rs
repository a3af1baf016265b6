//! Types and properties of `CloudFormation` in the words of Terraform, which everything behind the readers speaks.

use std::collections::BTreeMap;

use super::types::TYPES;
use crate::import::tree::Tree;

type Fields = BTreeMap<String, Tree>;

/// The resources that one of a template stands for: what follows its logical name, the type, and the attributes.
pub(super) fn resources(kind: &str, properties: Tree, region: Option<&str>) -> Vec<(String, String, Tree)> {
    if kind == "AWS::Route53::RecordSetGroup" {
        let records = properties.at("RecordSets").items().to_vec();
        let record = |(index, record): (usize, Tree)| {
            (format!("[{index}]"), "aws_route53_record".to_owned(), shaped("AWS::Route53::RecordSet", record, region))
        };
        return records.into_iter().enumerate().map(record).collect();
    }
    let cluster_member = kind == "AWS::RDS::DBInstance" && properties.at("DBClusterIdentifier").is_set();
    let own = TYPES.iter().find(|(theirs, _)| *theirs == kind).map_or(kind, |(_, ours)| *ours);
    let own = if cluster_member { "aws_rds_cluster_instance" } else { own };
    vec![(String::new(), own.to_owned(), shaped(kind, properties, region))]
}

/// `VPCZoneIdentifier` as `vpc_zone_identifier`.
fn snake(name: &str) -> String {
    let signs: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (index, sign) in signs.iter().enumerate() {
        let before = index.checked_sub(1).map(|it| signs[it]);
        let after = signs.get(index + 1);
        // The plural of an acronym, as in `ARNs`, begins no word.
        let plural = after == Some(&'s') && signs.get(index + 2).is_none_or(|next| next.is_uppercase());
        let begins = sign.is_uppercase()
            && before.is_some_and(|it| {
                it.is_lowercase()
                    || it.is_ascii_digit()
                    || (it.is_uppercase() && after.is_some_and(|next| next.is_lowercase()) && !plural)
            });
        if begins {
            out.push('_');
        }
        out.extend(sign.to_lowercase());
    }
    out
}

fn snaked(tree: Tree) -> Tree {
    match tree {
        Tree::Map(fields) => Tree::Map(fields.into_iter().map(|(key, value)| (snake(&key), snaked(value))).collect()),
        Tree::List(elements) => Tree::List(elements.into_iter().map(snaked).collect()),
        other => other,
    }
}

/// The properties of a type with the names and the nesting of Terraform.
fn shaped(kind: &str, properties: Tree, region: Option<&str>) -> Tree {
    // Keys below these are names of somebody, and no words of the format.
    let verbatim: &[&str] = match kind {
        "AWS::CloudWatch::Alarm" => &["Dimensions"],
        "AWS::IAM::Role" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" | "AWS::Serverless::Function" => {
            &["Policies", "PolicyDocument", "AssumeRolePolicyDocument"]
        }
        "AWS::ResilienceHub::ResiliencyPolicy" => &["Policy"],
        "AWS::Events::Rule" => &["EventPattern"],
        _ => &[],
    };
    let Tree::Map(properties) = properties else { return properties };
    let mut fields: Fields = properties
        .into_iter()
        .map(|(key, value)| {
            let value = if verbatim.contains(&key.as_str()) { value } else { snaked(value) };
            (snake(&key), value)
        })
        .collect();
    match kind {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => rename(&mut fields, &[("type", "load_balancer_type")]),
        "AWS::ElasticLoadBalancingV2::Listener" => rename(&mut fields, &[("default_actions", "default_action")]),
        "AWS::ElasticLoadBalancingV2::ListenerRule" => rename(&mut fields, &[("actions", "action")]),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            let check = [
                ("health_check_interval_seconds", "interval"),
                ("health_check_timeout_seconds", "timeout"),
                ("healthy_threshold_count", "healthy_threshold"),
                ("unhealthy_threshold_count", "unhealthy_threshold"),
                ("health_check_path", "path"),
                ("health_check_protocol", "protocol"),
            ];
            gather(&mut fields, "health_check", &check);
        }
        "AWS::AutoScaling::ScalingPolicy" | "AWS::ApplicationAutoScaling::ScalingPolicy" => {
            rename(
                &mut fields,
                &[("scaling_target_id", "resource_id"), ("auto_scaling_group_name", "autoscaling_group_name")],
            );
        }
        "AWS::AutoScaling::ScheduledAction" | "AWS::AutoScaling::WarmPool" => {
            rename(&mut fields, &[("auto_scaling_group_name", "autoscaling_group_name")]);
        }
        "AWS::AutoScaling::LaunchConfiguration" => {
            // Detailed monitoring is the default of a launch configuration, and not of a launch template.
            rename(&mut fields, &[("instance_monitoring", "enable_monitoring")]);
        }
        "AWS::EC2::LaunchTemplate" => {
            if let Some(Tree::Map(data)) = fields.remove("launch_template_data") {
                fields.extend(data);
            }
        }
        "AWS::Route53::HealthCheck" => {
            if let Some(Tree::Map(config)) = fields.remove("health_check_config") {
                fields.extend(config);
            }
            rename(
                &mut fields,
                &[
                    ("inverted", "invert_healthcheck"),
                    ("child_health_checks", "child_healthchecks"),
                    ("health_threshold", "child_health_threshold"),
                    ("fully_qualified_domain_name", "fqdn"),
                ],
            );
            if let Some(alarm) = fields.remove("alarm_identifier") {
                fields.insert("cloudwatch_alarm_name".to_owned(), alarm.at("name").clone());
                fields.insert("cloudwatch_alarm_region".to_owned(), alarm.at("region").clone());
            }
        }
        "AWS::Route53::RecordSet" => record(&mut fields),
        "AWS::RDS::DBCluster" | "AWS::DocDB::DBCluster" => {
            rename(&mut fields, &[("db_cluster_identifier", "cluster_identifier")]);
        }
        "AWS::RDS::DBInstance" => rename(
            &mut fields,
            &[
                ("db_instance_identifier", "identifier"),
                ("db_cluster_identifier", "cluster_identifier"),
                ("source_db_instance_identifier", "replicate_source_db"),
            ],
        ),
        "AWS::DynamoDB::GlobalTable" => global_table(&mut fields, region),
        "AWS::DynamoDB::Table" => {
            rename(&mut fields, &[("table_name", "name")]);
            key_of(&mut fields);
        }
        "AWS::S3::Bucket" => {
            rename(&mut fields, &[("bucket_name", "bucket")]);
        }
        "AWS::CloudWatch::Alarm" => alarm(&mut fields),
        "AWS::Lambda::Function" | "AWS::Serverless::Function" if kind.contains("Serverless") => {
            fields.insert("served".to_owned(), Tree::Flag(fields.get("events").is_some_and(Tree::is_set)));
        }
        "AWS::SNS::Topic" => rename(&mut fields, &[("topic_name", "name")]),
        "AWS::CloudFront::Distribution" => distribution(&mut fields),
        "AWS::ECS::Service" => rename(&mut fields, &[("load_balancers", "load_balancer"), ("service_name", "name")]),
        "AWS::GlobalAccelerator::EndpointGroup" => {
            rename(&mut fields, &[("endpoint_configurations", "endpoint_configuration")]);
        }
        "AWS::ElastiCache::GlobalReplicationGroup" => {
            let members = fields.get("members").cloned().unwrap_or(Tree::Null);
            let role = |role: &str| {
                let is = |it: &&Tree| it.at("role").text().is_some_and(|own| own.eq_ignore_ascii_case(role));
                members.items().iter().find(is).map(|it| it.at("replication_group_id").clone())
            };
            if let Some(primary) = role("primary") {
                fields.insert("primary_replication_group_id".to_owned(), primary);
            }
        }
        _ => {}
    }
    Tree::Map(fields)
}

fn rename(fields: &mut Fields, names: &[(&str, &str)]) {
    for (theirs, ours) in names {
        if let Some(value) = fields.remove(*theirs) {
            fields.insert((*ours).to_owned(), value);
        }
    }
}

/// Puts properties into a block.
fn gather(fields: &mut Fields, block: &str, names: &[(&str, &str)]) {
    let found = names.iter().filter_map(|(theirs, ours)| Some(((*ours).to_owned(), fields.remove(*theirs)?)));
    let inner: Fields = found.collect();
    fields.insert(block.to_owned(), Tree::Map(inner));
}

fn block(key: &str, value: Tree) -> Tree {
    Tree::Map(std::iter::once((key.to_owned(), value)).collect())
}

fn record(fields: &mut Fields) {
    for (theirs, ours, key) in [
        ("region", "latency_routing_policy", "region"),
        ("failover", "failover_routing_policy", "type"),
        ("weight", "weighted_routing_policy", "weight"),
    ] {
        if let Some(value) = fields.remove(theirs) {
            fields.insert(ours.to_owned(), block(key, value));
        }
    }
    rename(
        fields,
        &[
            ("geo_location", "geolocation_routing_policy"),
            ("geo_proximity_location", "geoproximity_routing_policy"),
            ("multi_value_answer", "multivalue_answer_routing_policy"),
            ("resource_records", "records"),
        ],
    );
    if let Some(Tree::Map(mut alias)) = fields.remove("alias_target") {
        rename(&mut alias, &[("dns_name", "name")]);
        fields.insert("alias".to_owned(), Tree::Map(alias));
    }
}

/// `Replicas` of a template holds the region of the stack; `replica` of Terraform holds the others.
fn global_table(fields: &mut Fields, region: Option<&str>) {
    rename(fields, &[("table_name", "name")]);
    let replicas = fields.remove("replicas").unwrap_or(Tree::Null);
    let others: Vec<Tree> = replicas
        .items()
        .iter()
        .filter_map(|replica| {
            let theirs = replica.at("region");
            let own = theirs.text().is_some() && theirs.text() == region;
            (!own).then(|| block("region_name", theirs.clone()))
        })
        .collect();
    fields.insert("replica".to_owned(), Tree::List(others));
    let strong = fields.get("multi_region_consistency").and_then(Tree::text) == Some("STRONG");
    if strong {
        fields.insert("consistency_mode".to_owned(), Tree::Text("STRONG".to_owned()));
    }
    if let Some(witness) = fields.remove("global_table_witnesses") {
        let region = witness.items().first().map_or(Tree::Null, |it| it.at("region").clone());
        fields.insert("global_table_witness".to_owned(), block("region_name", region));
    }
    key_of(fields);
}

fn key_of(fields: &mut Fields) {
    let hash = |it: &&Tree| it.at("key_type").text() == Some("HASH");
    let key = fields.get("key_schema").and_then(|keys| keys.items().iter().find(hash));
    if let Some(key) = key.map(|it| it.at("attribute_name").clone()) {
        fields.insert("hash_key".to_owned(), key);
    }
}

fn alarm(fields: &mut Fields) {
    let named = |dimensions: &Tree| -> Tree {
        let pair = |it: &Tree| Some((it.at("Name").text()?.to_owned(), it.at("Value").clone()));
        Tree::Map(dimensions.items().iter().filter_map(pair).collect())
    };
    if let Some(dimensions) = fields.remove("dimensions") {
        fields.insert("dimensions".to_owned(), named(&dimensions));
    }
    // Queries are snaked as a whole, their dimensions too.
    if let Some(Tree::List(queries)) = fields.remove("metrics") {
        let query = |query: Tree| {
            let Tree::Map(mut query) = query else { return query };
            if let Some(Tree::Map(mut stat)) = query.remove("metric_stat") {
                let mut metric = match stat.remove("metric") {
                    Some(Tree::Map(metric)) => metric,
                    _ => Fields::new(),
                };
                metric.extend(stat);
                let pair = |it: &Tree| Some((it.at("name").text()?.to_owned(), it.at("value").clone()));
                if let Some(dimensions) = metric.remove("dimensions") {
                    let named = dimensions.items().iter().filter_map(pair).collect();
                    metric.insert("dimensions".to_owned(), Tree::Map(named));
                }
                query.insert("metric".to_owned(), Tree::Map(metric));
            }
            Tree::Map(query)
        };
        fields.insert("metric_query".to_owned(), Tree::List(queries.into_iter().map(query).collect()));
    }
}

fn distribution(fields: &mut Fields) {
    if let Some(Tree::Map(config)) = fields.remove("distribution_config") {
        fields.extend(config);
    }
    rename(fields, &[("origins", "origin"), ("custom_error_responses", "custom_error_response")]);
    if let Some(groups) = fields.remove("origin_groups") {
        let group = |group: &Tree| {
            let mut inner = Fields::new();
            inner.insert("origin_id".to_owned(), group.at("id").clone());
            inner.insert("member".to_owned(), Tree::List(group.at("members.items").items().to_vec()));
            inner.insert(
                "failover_criteria".to_owned(),
                block("status_codes", group.at("failover_criteria.status_codes.items").clone()),
            );
            Tree::Map(inner)
        };
        fields.insert("origin_group".to_owned(), Tree::List(groups.at("items").items().iter().map(group).collect()));
    }
    if let Some(Tree::List(origins)) = fields.remove("origin") {
        let origin = |origin: Tree| {
            let Tree::Map(mut origin) = origin else { return origin };
            rename(&mut origin, &[("id", "origin_id")]);
            Tree::Map(origin)
        };
        fields.insert("origin".to_owned(), Tree::List(origins.into_iter().map(origin).collect()));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{resources, snake};
    use crate::import::tree::Tree;

    #[test]
    fn names_with_acronyms_become_words() {
        for (theirs, ours) in [
            ("VPCZoneIdentifier", "vpc_zone_identifier"),
            ("TargetGroupARNs", "target_group_arns"),
            ("DNSName", "dns_name"),
            ("MultiAZ", "multi_az"),
            ("DBClusterIdentifier", "db_cluster_identifier"),
            ("MinSize", "min_size"),
            ("Route53Name", "route53_name"),
        ] {
            assert_eq!(snake(theirs), ours);
        }
    }

    #[test]
    fn replicas_of_a_template_hold_the_region_of_the_stack() {
        let table =
            Tree::known(&json!({"TableName": "t", "Replicas": [{"Region": "us-east-1"}, {"Region": "eu-west-1"}]}));
        let [(_, kind, table)] = &resources("AWS::DynamoDB::GlobalTable", table, Some("us-east-1"))[..] else {
            panic!("one resource")
        };
        assert_eq!(kind, "aws_dynamodb_table");
        assert_eq!(table.at("replica").texts(), ["eu-west-1"]);
    }
}
