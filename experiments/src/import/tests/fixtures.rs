//! The fixtures: plans that a real provider made, and a cloud assembly. The values that are expected are those of their sources.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{body, documents, fate, fixture, must_say, of, says, with};
use crate::import::{Input, Outcome};

fn document(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture(name)).expect("it is there")).expect("JSON")
}

/// 8 instances in the east and 6 in the west, checks every 10 s, three checker regions of eight in the east only, a lag of
/// 5,000 ms in 2 of 3 minutes: as the source says.
#[test]
fn two_regions_of_one_plan() {
    let imported = of(&[fixture("two-regions.plan.json")]).expect("imports");
    must_say(
        &imported,
        &[
            "[regions.eu-west-1]",
            "compute.instances = { min = 4, desired = 6, max = 24 }   # module.west.aws_autoscaling_group.asg",
            "instances = { min = 4, desired = 8, max = 24 }   # module.east.aws_autoscaling_group.asg",
            "scaling = { target-utilization = 0.5 }",
            "warm-up = \"300s\"",
            "zones = 3 ",
            "health-check-type = \"elb\"",
            "target-health-check = { interval = \"10s\", timeout = \"5s\", unhealthy-threshold = 2, healthy-threshold = 3 }",
            "policy = \"latency\"   # aws_route53_record.app[\"east\"], aws_route53_record.app[\"west\"]",
            "alias = true",
            "evaluate-target-health = true",
            "health-check = { interval = \"10s\", failure-threshold = 3, checkers = 6 }   # aws_route53_health_check.hc[\"east\"]",
            "dns.health-check = { interval = \"10s\", failure-threshold = 3, checkers = 16 }   # aws_route53_health_check.hc[\"west\"]",
            "writer = \"us-east-1\"   # aws_rds_cluster.p",
            "regions = [\"us-east-1\", \"eu-west-1\"]   # aws_dynamodb_table.t",
            "above = 5   # milliseconds in CloudWatch",
            "period = \"60s\"",
            "datapoints = \"2 of 3\"",
            "hosted-in = \"eu-west-1\"   # aws_cloudwatch_metric_alarm.lag",
        ],
    );
    let asked: Vec<&str> =
        imported.rows.iter().filter(|row| row.outcome == Outcome::Asked).map(|row| row.address.as_str()).collect();
    assert_eq!(asked, ["aws_elasticache_global_replication_group.c", "aws_elasticache_replication_group.p"]);
}

#[test]
fn a_region_that_a_local_value_gives_is_asked_for_by_its_flag() {
    let input = [Input::Path(fixture("local-region.plan.json"))];
    let trouble = with(&input, &[], &|_| None).expect_err("no region");
    for word in ["`aws.west`", "`local.dr`"] {
        assert!(trouble.message.contains(word), "{}", trouble.message);
    }
    assert_eq!(trouble.hint.as_deref(), Some("say it: --region aws.west=eu-west-1"));
    let imported = with(&input, &[("aws.west", "eu-west-1")], &|_| None).expect("imports");
    must_say(&imported, &["compute.instances = { min = 4, desired = 6, max = 24 }", "hosted-in = \"eu-west-1\""]);
    assert_eq!(fate(&imported, "aws_lambda_function.f").0, Outcome::Asked);
    assert_eq!(fate(&imported, "aws_route53_health_check.calc").0, Outcome::Asked);
    // The name of the input stands before the key where two inputs have the same one.
    assert!(with(&input, &[("local-region.plan.json/aws.west", "eu-west-1")], &|_| None).is_ok());
}

/// Databases in both regions and tables in us-west-2 alone, dials of 1 and 0, a bucket from us-east-1 to us-west-2.
#[test]
fn aliases_through_nested_modules() {
    let imported = of(&[fixture("nested-aliases.plan.json")]).expect("imports");
    must_say(
        &imported,
        &[
            "writer = \"us-west-2\"   # module.svc[\"blue\"].module.db_s.aws_db_instance.d[0]",
            "writer = \"us-east-1\"   # module.svc[\"green\"].module.db_p.aws_db_instance.d[0]",
            "regions = [\"us-west-2\"]   # module.svc[\"blue\"].aws_dynamodb_table.t",
            "dial = { us-east-1 = 1, us-west-2 = 0 }",
            "from = \"us-east-1\"",
            "to = [\"us-west-2\"]",
        ],
    );
    assert!(imported.toml.contains("compute: what runs the application?"), "{}", imported.toml);
}

/// The source says what the plan of it says, down to each address.
#[test]
fn a_draft_of_the_source_says_what_its_plan_says() {
    let draft = with(&[Input::Source(fixture("two-regions"))], &[], &|_| None).expect("imports");
    let planned = of(&[fixture("two-regions.plan.json")]).expect("imports");
    assert_eq!(body(&draft), body(&planned));
    assert!(draft.toml.starts_with("# Imported from two-regions (drafted from source, not from a plan)."));
    let trouble = of(&[fixture("two-regions")]).expect_err("a folder of source");
    assert!(trouble.hint.expect("advice").contains("--preview"));
}

#[test]
fn an_assembly_says_the_same_where_it_has_it() {
    let imported = of(&[fixture("cdk.out")]).expect("imports");
    must_say(
        &imported,
        &[
            "instances = { min = 4, desired = 8, max = 24 }   # ShopEast/",
            "compute.instances = { min = 4, desired = 6, max = 24 }   # ShopWest/",
            "scaling = { target-utilization = 0.5 }",
            "health-check = { interval = \"10s\", failure-threshold = 3 }",
            "policy = \"latency\"",
        ],
    );
    // Its replicas hold the own region as well; each stands once.
    let tables = imported.toml.lines().filter(|line| line.starts_with("regions = ")).collect::<Vec<_>>();
    assert_eq!(tables.len(), 1, "{tables:?}");
    assert!(tables[0].starts_with("regions = [\"us-east-1\", \"eu-west-1\"]"), "{tables:?}");
}

/// One half of the resources in a plan of its own, each plan with the whole configuration: what two roots give together.
#[test]
fn two_plans_of_one_system_say_what_one_says() {
    let whole = document("two-regions.plan.json");
    let part = |even: bool| {
        let mut part = whole.clone();
        let changes = part["resource_changes"].as_array_mut().expect("changes");
        let west = |change: &Value| change["address"].as_str().is_some_and(|it| it.contains("west"));
        changes.retain(|change| west(change) == even);
        part
    };
    let one = documents(&[("a.json", &whole)]).expect("imports");
    let (east, west) = (part(false), part(true));
    let two = documents(&[("east.json", &east), ("west.json", &west)]).expect("imports");
    let other = documents(&[("west.json", &west), ("east.json", &east)]).expect("imports");
    assert_eq!(two.toml, other.toml);
    let values = |imported: &crate::import::Imported| -> Vec<String> {
        let lines = body(imported).lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.split("   #").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(values(&one), values(&two));
}

#[test]
fn the_order_of_an_input_changes_no_byte() {
    let whole = document("two-regions.plan.json");
    let mut turned = whole.clone();
    turned["resource_changes"].as_array_mut().expect("changes").reverse();
    let turned = reversed(&turned);
    let [one, other] = [&whole, &turned].map(|it| documents(&[("a.json", it)]).expect("imports").toml);
    assert_eq!(one, other);
}

/// The same with the members of every object in reverse.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(reversed).collect()),
        other => other.clone(),
    }
}

#[test]
fn every_resource_is_listed_once() {
    for (name, hints) in [
        ("two-regions.plan.json", &[][..]),
        ("local-region.plan.json", &[("aws.west", "eu-west-1")][..]),
        ("nested-aliases.plan.json", &[][..]),
    ] {
        let imported = with(&[Input::Path(fixture(name))], hints, &|_| None).expect("imports");
        let plan = document(name);
        let changes = plan["resource_changes"].as_array().expect("changes");
        let managed: BTreeSet<&str> =
            changes.iter().filter(|it| it["mode"] == "managed").filter_map(|it| it["address"].as_str()).collect();
        let listed: BTreeSet<&str> = imported.rows.iter().map(|row| row.address.as_str()).collect();
        assert_eq!(managed, listed, "{name}");
        let sum: usize = [Outcome::Used, Outcome::Asked, Outcome::LeftOut].iter().map(|it| imported.count(*it)).sum();
        assert_eq!(sum, managed.len());
        assert!(imported.rows.iter().all(|row| !row.detail.is_empty()), "{name}");
    }
}

/// A line has an address, a question or a note, or it is one of those that hold the file together.
#[test]
fn every_line_says_where_it_came_from() {
    const FRAME: [&str; 13] = [
        "name",
        "near",
        "share",
        "kind",
        "hosted-in",
        "steps",
        "region",
        "at",
        "duration",
        "primary",
        "serves",
        "needs",
        "origin-group",
    ];
    for name in ["two-regions.plan.json", "nested-aliases.plan.json", "cdk.out"] {
        let imported = of(&[fixture(name)]).expect("imports");
        for line in imported.toml.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')) {
            let key = line.split(" = ").next().unwrap_or_default();
            let Some((_, comment)) = line.split_once("   # ") else {
                assert!(FRAME.contains(&key), "{name}: {line}");
                continue;
            };
            let address = imported.rows.iter().any(|row| comment.contains(&row.address));
            assert!(
                address || comment.starts_with("QUESTION ") || key == "caching" || key == "serves",
                "{name}: {line}"
            );
        }
    }
}

#[test]
fn questions_are_counted_and_answers_take_them_away() {
    let input = [Input::Path(fixture("two-regions.plan.json"))];
    let first = with(&input, &[], &|_| None).expect("imports");
    let numbers: Vec<usize> = first.questions.iter().map(|question| question.number).collect();
    assert_eq!(numbers, (1..=first.questions.len()).collect::<Vec<_>>());
    assert_eq!(first.toml.matches("QUESTION ").count(), first.questions.len());
    let answers = |path: &str| match path {
        "compute.requests-per-second" => Some("150".to_owned()),
        "dns.health-check.deep" => Some("[{ read = \"orders\" }]".to_owned()),
        "objectives" => Some("{ rto = { p99 = \"15m\" } }".to_owned()),
        "aws_elasticache_global_replication_group.c" => Some("\"left out\"".to_owned()),
        // What the plan says is no question.
        "compute.instances" => Some("{ desired = 1 }".to_owned()),
        _ => None,
    };
    let second = with(&input, &[], &answers).expect("imports");
    assert_eq!(second.questions.len(), first.questions.len() - 4);
    must_say(
        &second,
        &[
            "requests-per-second = 150   # answered",
            "health-check = { interval = \"10s\", failure-threshold = 3, checkers = 6, deep = [{ read = \"orders\" }] }",
            "objectives = { rto = { p99 = \"15m\" } }",
            "instances = { min = 4, desired = 8, max = 24 }",
        ],
    );
    assert!(!says(&second, "# QUESTION 11") && second.answered.len() == 4);
}
