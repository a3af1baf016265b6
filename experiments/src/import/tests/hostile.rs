//! Inputs that are broken, hostile or large: an error with a place, or a file, and never a secret.

use serde_json::{Value, json};

use super::{documents, fixture, of, plan, planned};
use crate::import::Outcome;

fn text() -> String {
    std::fs::read_to_string(fixture("two-regions.plan.json")).expect("it is there")
}

#[test]
fn a_file_that_is_cut_is_an_error_with_a_place() {
    let whole = text();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.json");
    for length in (0..whole.len() - 2).step_by(whole.len() / 60) {
        std::fs::write(&path, &whole[..length]).expect("written");
        let trouble = of(std::slice::from_ref(&path)).expect_err("cut");
        let placed = trouble.message.contains("cut.json:") || trouble.message.contains("cut.json is no plan");
        assert!(placed, "{length}: {trouble}");
    }
}

/// Every value of the tree, one after the other, is replaced by something else. No import panics, and each says something.
#[test]
fn values_of_other_types_are_errors_or_questions() {
    let whole: Value = serde_json::from_str(&text()).expect("JSON");
    let mut paths = Vec::new();
    gather(&whole, String::new(), &mut paths);
    let changes: Vec<String> = paths
        .into_iter()
        .filter(|path| path.starts_with("/resource_changes") || path.matches('/').count() < 5)
        .collect();
    for (index, path) in changes.iter().enumerate().step_by(29) {
        let mut broken = whole.clone();
        let other = [json!(null), json!(7), json!("word"), json!([]), json!({"a": 1}), json!(true)][index % 6].clone();
        *broken.pointer_mut(path).expect("it is there") = other;
        match documents(&[("a.json", &broken)]) {
            Ok(imported) => assert!(imported.toml.contains("QUESTION"), "{path}"),
            Err(trouble) => assert!(!trouble.message.is_empty(), "{path}"),
        }
    }
}

fn gather(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                gather(element, format!("{path}/{index}"), paths);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                gather(value, format!("{path}/{key}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

#[test]
fn frames_of_other_types_are_errors_with_their_path() {
    let broken = json!({"format_version": "1.2", "resource_changes": [{"address": "a.b", "type": "a", "change": {"actions": ["create"], "after": 7}}]});
    let trouble = documents(&[("a.json", &broken)]).expect_err("a number");
    assert!(trouble.message.ends_with("resource_changes[0].change.after is a number, expected an object"), "{trouble}");
    for (version, good) in [("0.1", true), ("1.9", true), ("2.0", false), ("x", false)] {
        let mut other = plan(&[("aws_dynamodb_table.t", json!({"name": "t", "region": "us-east-1"}))]);
        other["format_version"] = json!(version);
        assert_eq!(documents(&[("a.json", &other)]).is_ok(), good, "{version}");
    }
    let mut failed = plan(&[]);
    failed["errored"] = json!(true);
    assert!(documents(&[("a.json", &failed)]).expect_err("failed").message.contains("errored"));
}

/// Nothing is known of any value: what is there is asked about, not guessed in silence.
#[test]
fn a_plan_of_which_nothing_is_known_asks() {
    let mut whole: Value = serde_json::from_str(&text()).expect("JSON");
    for change in whole["resource_changes"].as_array_mut().expect("changes") {
        let after = change["change"]["after"].as_object().cloned().unwrap_or_default();
        let unknown: serde_json::Map<String, Value> = after.keys().map(|key| (key.clone(), json!(true))).collect();
        change["change"]["after"] = json!({});
        change["change"]["after_unknown"] = Value::Object(unknown);
    }
    let imported = documents(&[("a.json", &whole)]).expect("imports");
    assert!(imported.toml.contains("how many instances are there?"), "{}", imported.toml);
    assert!(imported.questions.len() > 8, "{}", imported.toml);
}

#[test]
fn what_is_secret_is_never_shown() {
    let canary = "c4n4ry";
    let secret = json!({"region": "us-east-1", "cluster_identifier": "orders", "engine": "aurora-mysql",
        "master_username": canary, "master_password": canary, "tags": {"a": canary}, "user_data": canary});
    let function =
        json!({"region": "us-east-1", "function_name": "f", "environment": [{"variables": {"PASSWORD": canary}}]});
    let imported = planned(&[("aws_rds_cluster.c", secret), ("aws_lambda_function.f", function)]);
    let rows = format!("{:?}", imported.rows);
    assert!(!imported.toml.contains(canary) && !rows.contains(canary));
    let wrong =
        json!({"format_version": canary, "resource_changes": [{"address": 1, "change": {"after": {"a": canary}}}]});
    let trouble = documents(&[("a.json", &json!({"resource_changes": wrong["resource_changes"]}))]).expect_err("wrong");
    assert!(!trouble.message.contains(canary));
}

/// Names are written into a file: none of them ends a line, a text or a comment.
#[test]
fn names_cannot_leave_their_place() {
    let evil = "x\"\n[evil]\n# \u{202e}";
    let imported = planned(&[
        ("aws_dynamodb_table.t[\"a\\\"\n[evil]\n\"]", json!({"region": "us-east-1", "name": evil})),
        (
            "aws_route53_record.r",
            json!({"name": evil, "type": "A", "set_identifier": evil, "ttl": 60, "records": ["1.2.3.4"], "latency_routing_policy": [{"region": "us-east-1"}]}),
        ),
    ]);
    assert!(!imported.toml.lines().any(|line| line.starts_with("[evil]")), "{}", imported.toml);
    assert!(!imported.toml.contains('\u{202e}'));
    toml::from_str::<toml::Table>(&imported.toml).expect("it is TOML");
}

#[test]
fn what_is_destroyed_is_not_there() {
    let table = |action: &str| {
        json!({"address": format!("aws_dynamodb_table.{action}"), "mode": "managed", "type": "aws_dynamodb_table",
        "change": {"actions": [action], "before": {}, "after": if action == "delete" { json!(null) } else { json!({"name": action, "region": "us-east-1"}) }}})
    };
    let whole = json!({"format_version": "1.2", "resource_changes": [table("delete"), table("no-op"), table("update")], "complete": false});
    let imported = documents(&[("a.json", &whole)]).expect("imports");
    assert_eq!(imported.rows.len(), 2);
    assert!(imported.remarks.iter().any(|remark| remark.contains("not complete")));
}

#[test]
fn five_thousand_resources() {
    let mut resources = Vec::new();
    for index in 0..1_000 {
        let region = if index % 2 == 0 { "us-east-1" } else { "eu-west-1" };
        let name = format!("n{index}");
        resources.push((format!("aws_autoscaling_group.g{index}"), json!({"region": region, "name": name, "min_size": 1, "max_size": 2, "target_group_arns": [format!("arn:{name}")]})));
        resources.push((
            format!("aws_lb_target_group.t{index}"),
            json!({"region": region, "name": name, "arn": format!("arn:{name}")}),
        ));
        resources.push((format!("aws_dynamodb_table.d{index}"), json!({"region": region, "name": name})));
        resources.push((
            format!("aws_autoscaling_policy.p{index}"),
            json!({"region": region, "autoscaling_group_name": name}),
        ));
        resources.push((format!("aws_cloudwatch_metric_alarm.a{index}"), json!({"region": region, "alarm_name": name, "metric_name": "CPUUtilization", "namespace": "AWS/EC2", "threshold": 5, "comparison_operator": "GreaterThanThreshold"})));
    }
    let resources: Vec<(&str, Value)> =
        resources.iter().map(|(address, after)| (address.as_str(), after.clone())).collect();
    let imported = planned(&resources);
    assert_eq!(imported.rows.len(), 5_000);
    assert_eq!(
        [Outcome::Used, Outcome::Asked, Outcome::LeftOut].iter().map(|it| imported.count(*it)).sum::<usize>(),
        5_000
    );
}
