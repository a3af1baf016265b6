//! Families of services, each by the smallest plan that shows what it says.

use serde_json::json;

use super::{fate, formed, must_say, plan, planned, says};
use crate::import::{Form, Input, Outcome};

/// Two groups behind load balancers, which records name by their DNS names.
fn base() -> Vec<(&'static str, serde_json::Value)> {
    let mut all = Vec::new();
    for (region, side, addresses) in [
        ("us-east-1", "e", ["aws_lb.e", "aws_lb_target_group.e", "aws_lb_listener.e", "aws_autoscaling_group.e"]),
        ("us-west-2", "w", ["aws_lb.w", "aws_lb_target_group.w", "aws_lb_listener.w", "aws_autoscaling_group.w"]),
    ] {
        all.push((
            addresses[0],
            json!({"region": region, "arn": format!("arn:lb-{side}"), "dns_name": format!("{side}.lb.test")}),
        ));
        all.push((
            addresses[1],
            json!({"region": region, "arn": format!("arn:tg-{side}"), "health_check": [{"interval": 15}]}),
        ));
        all.push((addresses[2], json!({"region": region, "load_balancer_arn": format!("arn:lb-{side}"), "default_action": [{"target_group_arn": format!("arn:tg-{side}")}]})));
        all.push((addresses[3], json!({"region": region, "name": side, "min_size": 2, "desired_capacity": 4, "max_size": 8, "health_check_type": "ELB", "availability_zones": [format!("{region}a"), format!("{region}b")], "target_group_arns": [format!("arn:tg-{side}")]})));
    }
    all
}

fn record(side: &str, policy: &str, value: &serde_json::Value, check: Option<&str>) -> serde_json::Value {
    let mut record = json!({"name": "www.test", "type": "CNAME", "ttl": 30, "records": [format!("{side}.lb.test")], "set_identifier": side});
    record[policy] = json!([value]);
    if let Some(check) = check {
        record["health_check_id"] = json!(check);
    }
    record
}

#[test]
fn failover_without_a_check_promises_nothing() {
    let mut all = base();
    all.push(("aws_route53_record.e", record("e", "failover_routing_policy", &json!({"type": "PRIMARY"}), None)));
    all.push(("aws_route53_record.w", record("w", "failover_routing_policy", &json!({"type": "SECONDARY"}), None)));
    let imported = planned(&all);
    must_say(
        &imported,
        &[
            "policy = \"failover\"",
            "primary = \"us-east-1\"",
            "secondary = \"us-west-2\"",
            "ttl = \"30s\"",
            "health-check = false",
            "zones = 2 ",
        ],
    );
    assert!(imported.toml.contains("nothing leads clients away"), "{}", imported.toml);
}

#[test]
fn a_check_of_one_answer_guards_that_answer_alone() {
    let mut all = base();
    all.push((
        "aws_route53_health_check.e",
        json!({"id": "hc-e", "type": "HTTPS", "request_interval": 10, "failure_threshold": 2}),
    ));
    all.push((
        "aws_route53_record.e",
        record("e", "failover_routing_policy", &json!({"type": "PRIMARY"}), Some("hc-e")),
    ));
    all.push(("aws_route53_record.w", record("w", "failover_routing_policy", &json!({"type": "SECONDARY"}), None)));
    let imported = planned(&all);
    must_say(
        &imported,
        &[
            "health-check = { interval = \"10s\", failure-threshold = 2 }   # aws_route53_health_check.e",
            "dns.health-check = false ",
        ],
    );
    assert!(!imported.toml.contains("nothing leads clients away"));
}

/// Two records of a region add up, and a weight of 0 is a weight.
#[test]
fn weights_of_a_region_add_up() {
    let mut all = base();
    let weight = |weight: u32| json!({"weight": weight});
    all.push(("aws_route53_record.a", record("e", "weighted_routing_policy", &weight(10), None)));
    all.push(("aws_route53_record.b", record("e", "weighted_routing_policy", &weight(20), None)));
    all.push(("aws_route53_record.c", record("w", "weighted_routing_policy", &weight(0), None)));
    must_say(&planned(&all), &["policy = \"weighted\"", "weights = { us-east-1 = 30, us-west-2 = 0 }"]);
}

#[test]
fn of_several_names_the_others_are_asked_about_and_may_be_chosen() {
    let mut all = base();
    let latency = |region: &str| json!({ "region": region });
    all.push(("aws_route53_record.e", record("e", "latency_routing_policy", &latency("us-east-1"), None)));
    all.push(("aws_route53_record.w", record("w", "latency_routing_policy", &latency("us-west-2"), None)));
    let mut other = record("e", "weighted_routing_policy", &json!({"weight": 1}), None);
    other["name"] = json!("api.test.");
    all.push(("aws_route53_record.o", other));
    let imported = planned(&all);
    must_say(&imported, &["policy = \"latency\""]);
    assert_eq!(fate(&imported, "aws_route53_record.o").0, Outcome::Asked);
}

/// A metric of requests counts a minute: 3,000 a minute at half of what an instance carries are 100 a second.
#[test]
fn requests_per_target_are_those_of_a_minute() {
    let mut all = base();
    for (address, group) in [("aws_autoscaling_policy.e", "e"), ("aws_autoscaling_policy.w", "w")] {
        all.push((address, json!({"region": if group == "e" { "us-east-1" } else { "us-west-2" }, "autoscaling_group_name": group, "target_tracking_configuration": [
            {"target_value": 3000, "predefined_metric_specification": [{"predefined_metric_type": "ALBRequestCountPerTarget"}]}]})));
    }
    must_say(
        &planned(&all),
        &[
            "scaling = { target-utilization = 0.5, metric = \"requests\" }",
            "requests-per-second = { value = 100, source = \"assumed\" }   # QUESTION",
        ],
    );
}

#[test]
fn services_of_ecs_are_tasks() {
    let service = |region: &str| json!({"region": region, "name": "web", "id": format!("arn:aws:ecs:{region}:1:service/c/web"), "desired_count": 3, "launch_type": "FARGATE", "deployment_maximum_percent": 150});
    let target =
        |region: &str| json!({"region": region, "resource_id": "service/c/web", "min_capacity": 2, "max_capacity": 9});
    let all = [
        ("aws_ecs_service.e", service("us-east-1")),
        ("aws_ecs_service.w", service("us-west-2")),
        ("aws_appautoscaling_target.e", target("us-east-1")),
        ("aws_appautoscaling_target.w", target("us-west-2")),
    ];
    let imported = planned(&all);
    must_say(&imported, &["kind = \"ecs\"", "tasks = { min = 2, desired = 3, max = 9 }", "maximum-percent = 150"]);
    assert!(!says(&imported, "launch-type"));
    assert_eq!(fate(&imported, "aws_appautoscaling_target.w").0, Outcome::Used);
    let mut own = all.to_vec();
    own[0].1["launch_type"] = json!("EC2");
    must_say(
        &planned(&own),
        &["compute.launch-type = \"ec2\"", "compute.instances = { desired = 3, tasks-per-instance = 1 }   # QUESTION"],
    );
}

/// Three nodes of which nobody knows what runs on them.
#[test]
fn clusters_of_kubernetes_are_asked_about() {
    let imported = planned(&[
        ("aws_eks_cluster.c", json!({"region": "us-east-1", "name": "c"})),
        (
            "aws_eks_node_group.g",
            json!({"region": "us-east-1", "cluster_name": "c", "scaling_config": [{"min_size": 2, "desired_size": 3, "max_size": 5}]}),
        ),
    ]);
    must_say(
        &imported,
        &[
            "kind = \"eks\"",
            "pods = { min = 3, desired = 3, max = 5 }   # QUESTION",
            "nodes = { desired = 3, max = 5, pods-per-node = 1 }   # QUESTION",
        ],
    );
}

/// The tier that the name leads to calls the other, whose members serve as much as the callers' load asks of them: 4 x 100 x 0.5
/// requests a second over 2 x 0.5 members.
#[test]
fn further_tiers_are_services_where_a_file_has_them() {
    let mut all = base();
    for (address, region, name) in [
        ("aws_autoscaling_group.cart_east", "us-east-1", "cart-e"),
        ("aws_autoscaling_group.cart_west", "us-west-2", "cart-w"),
    ] {
        all.push((
            address,
            json!({"region": region, "name": name, "min_size": 2, "desired_capacity": 2, "max_size": 4}),
        ));
    }
    all.push((
        "aws_autoscaling_group.worker",
        json!({"region": "us-east-1", "name": "worker", "min_size": 1, "max_size": 3}),
    ));
    all.push(("aws_route53_record.e", record("e", "latency_routing_policy", &json!({"region": "us-east-1"}), None)));
    all.push(("aws_route53_record.w", record("w", "latency_routing_policy", &json!({"region": "us-west-2"}), None)));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.plan.json");
    std::fs::write(&path, plan(&all).to_string()).expect("written");
    let imported = formed(&[Input::Path(path)], Form::Graph).expect("imports");
    must_say(
        &imported,
        &[
            "[services.app]",
            "needs = [ { call = \"cart\" } ]   # QUESTION",
            "enters = \"app\"",
            "requests-per-second = { value = 200, source = \"assumed\" }   # QUESTION",
            "load-balancer = { target-health-check = { interval = \"15s\" } }",
            "load-balancer = { kind = \"none\" }",
        ],
    );
    assert!(!says(&imported, "[compute]"));
    assert_eq!(fate(&imported, "aws_autoscaling_group.cart_east").0, Outcome::Used);
    assert_eq!(fate(&imported, "aws_autoscaling_group.worker").0, Outcome::Asked);
}

#[test]
fn a_function_behind_a_gateway_serves() {
    let function = |region: &str| json!({"region": region, "function_name": "api", "arn": format!("arn:aws:lambda:{region}:1:function:api"), "reserved_concurrent_executions": 50});
    let integration =
        |region: &str| json!({"region": region, "integration_uri": format!("arn:aws:lambda:{region}:1:function:api")});
    let imported = planned(&[
        ("aws_lambda_function.e", function("us-east-1")),
        ("aws_lambda_function.w", function("us-west-2")),
        ("aws_apigatewayv2_integration.e", integration("us-east-1")),
        ("aws_apigatewayv2_integration.w", integration("us-west-2")),
    ]);
    must_say(
        &imported,
        &[
            "kind = \"lambda\"",
            "kind = \"api-gateway\"   # aws_apigatewayv2_integration.e",
            "account-limit = 50 ",
            "duration = { value = \"200ms\", source = \"assumed\" }   # QUESTION",
            "policy = \"simple\"   # QUESTION",
        ],
    );
}

/// Terraform's replicas leave the own region out; a witness votes and holds nothing; tables of locks are no stores.
#[test]
fn tables_and_their_replicas() {
    let imported = planned(&[
        (
            "aws_dynamodb_table.a",
            json!({"region": "us-east-1", "name": "a", "replica": [{"region_name": "us-east-2", "consistency_mode": "STRONG"}], "global_table_witness": [{"region_name": "us-west-2"}]}),
        ),
        ("aws_dynamodb_table.b", json!({"region": "us-east-1", "name": "b", "arn": "arn:b"})),
        ("aws_dynamodb_table_replica.b", json!({"region": "us-east-2", "global_table_arn": "arn:b"})),
        ("aws_dynamodb_table.lock", json!({"region": "us-east-1", "name": "tf", "hash_key": "LockID"})),
    ]);
    must_say(
        &imported,
        &[
            "consistency = \"strong\"",
            "witness = \"us-west-2\"",
            "regions = [\"us-east-1\", \"us-east-2\"]   # aws_dynamodb_table.b, aws_dynamodb_table_replica.b",
        ],
    );
    assert_eq!(fate(&imported, "aws_dynamodb_table.lock").0, Outcome::LeftOut);
}

#[test]
fn buckets_that_replicate_both_ways_have_no_first() {
    let bucket =
        |region: &str, name: &str| json!({"region": region, "bucket": name, "arn": format!("arn:aws:s3:::{name}")});
    let way = |region: &str, from: &str, to: &str| json!({"region": region, "bucket": from, "rule": [{"destination": [{"bucket": format!("arn:aws:s3:::{to}"), "replication_time": [{"status": "Enabled"}]}]}]});
    let imported = planned(&[
        ("aws_s3_bucket.e", bucket("us-east-1", "e")),
        ("aws_s3_bucket.w", bucket("us-west-2", "w")),
        ("aws_s3_bucket.alone", bucket("us-east-1", "alone")),
        ("aws_s3_bucket_replication_configuration.e", way("us-east-1", "e", "w")),
        ("aws_s3_bucket_replication_configuration.w", way("us-west-2", "w", "e")),
    ]);
    must_say(&imported, &["kind = \"s3-replication\"", "regions = [\"us-east-1\", \"us-west-2\"]", "rtc = true"]);
    assert!(!says(&imported, "from = "));
    assert_eq!(fate(&imported, "aws_s3_bucket.alone").0, Outcome::LeftOut);
}

/// An alarm on the lag, a topic, a function whose role lets it fail over: a runbook that nobody has to start.
#[test]
fn a_function_that_may_fail_over_is_a_runbook() {
    let mut all = base();
    let cluster = |region: &str, id: &str| json!({"region": region, "cluster_identifier": id, "arn": format!("arn:{id}"), "engine": "aurora-mysql", "global_cluster_identifier": "orders"});
    let mut primary = cluster("us-east-1", "p");
    primary["master_username"] = json!("admin");
    all.push(("aws_rds_global_cluster.g", json!({"global_cluster_identifier": "orders", "id": "orders"})));
    all.push(("aws_rds_cluster.p", primary));
    all.push(("aws_rds_cluster.s", cluster("us-west-2", "s")));
    all.push(("aws_cloudwatch_metric_alarm.lag", json!({"region": "us-west-2", "alarm_name": "lag", "namespace": "AWS/RDS", "metric_name": "AuroraGlobalDBReplicationLag", "dimensions": {"DBClusterIdentifier": "s"}, "threshold": 2000, "period": 60, "evaluation_periods": 3, "comparison_operator": "GreaterThanThreshold", "treat_missing_data": "breaching", "alarm_actions": ["arn:topic"]})));
    all.push(("aws_sns_topic.t", json!({"region": "us-west-2", "arn": "arn:topic"})));
    all.push((
        "aws_sns_topic_subscription.t",
        json!({"region": "us-west-2", "topic_arn": "arn:topic", "protocol": "lambda", "endpoint": "arn:fn"}),
    ));
    all.push((
        "aws_lambda_function.f",
        json!({"region": "us-west-2", "function_name": "promote-orders", "arn": "arn:fn", "role": "arn:role"}),
    ));
    all.push(("aws_iam_role.r", json!({"name": "r", "arn": "arn:role"})));
    all.push(("aws_iam_role_policy.r", json!({"role": "r", "policy": "{\"Statement\":[{\"Action\":[\"rds:FailoverGlobalCluster\",\"rds:Describe*\"]}]}"})));
    let imported = planned(&all);
    must_say(
        &imported,
        &[
            "name = \"promote-orders\"",
            "on = { alarm = \"lag\" }",
            "hosted-in = [\"us-west-2\"]",
            "steps = [ { promote = \"orders\", to = \"us-west-2\" } ]   # QUESTION",
            "above = 2 ",
            "missing = \"breaching\"",
            "datapoints = \"3 of 3\"",
        ],
    );
    assert!(!imported.toml.contains("who promotes the database"), "{}", imported.toml);
    assert_eq!(fate(&imported, "aws_sns_topic_subscription.t").0, Outcome::Used);
}

#[test]
fn alarms_that_count_errors_are_asked_and_those_on_latency_left_out() {
    let mut all = base();
    let alarm = |metric: &str| json!({"region": "us-east-1", "alarm_name": metric, "namespace": "AWS/ApplicationELB", "metric_name": metric, "threshold": 10, "period": 60, "evaluation_periods": 1, "comparison_operator": "GreaterThanOrEqualToThreshold"});
    all.push(("aws_cloudwatch_metric_alarm.a", alarm("HTTPCode_Target_5XX_Count")));
    all.push(("aws_cloudwatch_metric_alarm.b", alarm("TargetResponseTime")));
    all.push(("aws_cloudwatch_metric_alarm.c", alarm("UnHealthyHostCount")));
    let imported = planned(&all);
    assert_eq!(fate(&imported, "aws_cloudwatch_metric_alarm.a").0, Outcome::Asked);
    assert_eq!(fate(&imported, "aws_cloudwatch_metric_alarm.b").0, Outcome::LeftOut);
    // At least ten of them: above nine and a half.
    must_say(&imported, &["metric = { unhealthy-hosts = \"us-east-1\" }", "above = 9.5 "]);
}

#[test]
fn a_further_tier_is_asked_about() {
    let mut all = base();
    all.push((
        "aws_autoscaling_group.worker",
        json!({"region": "us-east-1", "name": "worker", "min_size": 1, "max_size": 3}),
    ));
    let imported = planned(&all);
    assert_eq!(fate(&imported, "aws_autoscaling_group.worker").0, Outcome::Asked);
    must_say(&imported, &["instances = { min = 2, desired = 4, max = 8 }"]);
}
