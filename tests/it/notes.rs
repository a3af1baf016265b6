//! What `check` notes of a valid file: what is taken for granted that is neither a figure nor a mistake.

use crate::lab::{head, open};

fn notes(stack: &str, alarms: &str) -> Vec<String> {
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1"],
        "policy = \"simple\"",
        &[("all", "us-east-1", "requests-per-second = 10")],
    );
    let text = format!("{head}\n{stack}\n[[journeys]]\nname = \"read\"\nshare = 1\n{alarms}");
    open(&text).header.overview.notes
}

fn alarm(name: &str, metric: &str) -> String {
    format!("[[alarms]]\nname = \"{name}\"\nmetric = {{ {metric} }}\nabove = 0.2\nhosted-in = \"us-east-1\"\n")
}

#[test]
fn errors_that_nobody_publishes_by_itself_need_a_canary_or_clients() {
    let (clients, balancer) = ("errors = \"read\"", "errors = \"read\", region = \"us-east-1\"");
    let both = alarm("far", clients) + &alarm("near", balancer) + &alarm("wide", clients);
    let notes_of = |alarms: &str| notes("", alarms);
    let told = notes_of(&both);
    assert!(told.len() == 1 && told[0].starts_with("alarms far, wide watch errors"), "{told:?}");
    assert!(notes_of(&alarm("near", balancer)).is_empty());
    assert!(notes_of(&alarm("far", clients))[0].starts_with("alarm far watches errors"));
}

#[test]
fn what_detailed_monitoring_would_buy_is_noted_where_a_group_scales_by_slow_datapoints() {
    let stack = |scaling: &str| {
        let group = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { desired = 2 }\nrequests-per-second = 100\n";
        notes(&format!("{group}{scaling}"), "")
    };
    let target = "scaling = { target-utilization = 0.5";
    let told = stack(&format!("{target} }}"));
    // One datapoint may end before it shows the load, and the next one shows all of it; of minutes three have to.
    assert!(told.len() == 1 && told[0].contains("up to 10 min after it began"), "{told:?}");
    assert!(told[0].ends_with("it takes 2 min to 4 min"), "{told:?}");
    for fast in [
        String::new(),
        format!("detailed-monitoring = true\n{target} }}"),
        format!("{target}, metric = \"requests\" }}"),
        format!("{target}, period = \"10s\" }}"),
    ] {
        assert!(stack(&fast).is_empty(), "{fast}");
    }
}

#[test]
fn the_type_of_health_check_that_aws_would_use_is_told_with_the_assumption() {
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1"],
        "policy = \"simple\"",
        &[("all", "us-east-1", "requests-per-second = 10")],
    );
    let group = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { desired = 2 }\nrequests-per-second = 100";
    let text = format!("{head}\n{group}\n[[journeys]]\nname = \"read\"\nshare = 1\n");
    let assumed = open(&text).header.assumed;
    let check = assumed.iter().find(|figure| figure.path == "compute.health-check-type").expect("it is assumed");
    assert!(check.value == "elb" && check.source.contains("default is ec2") && check.source.contains("never replaced"));
}

/// Objects that have not arrived fail nobody in the model: said where somebody reads them and a fault may part the buckets.
#[test]
fn reads_of_objects_that_have_not_arrived_are_noted() {
    let notes = |store: &str, access: &str| {
        let head = head(
            "horizon = \"1h\"",
            &["us-east-1", "eu-west-1"],
            "policy = \"latency\"",
            &[("all", "us-east-1", "requests-per-second = 10")],
        );
        let text = format!(
            "{head}\n[stores.files]\nkind = \"{store}\"\n[[journeys]]\nname = \"j\"\nshare = 1\n\
             needs = [{{ {access} = \"files\" }}]\n[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\n\
             duration = \"permanent\"\n"
        );
        open(&text).header.overview.notes
    };
    let told = notes("s3-replication", "read");
    assert!(
        told.len() == 1 && told[0].contains("objects of files that have not arrived yet count as served"),
        "{told:?}"
    );
    assert!(notes("s3-replication", "write").is_empty());
    assert!(notes("dynamodb-global-table", "read").is_empty());
}

/// A zone that was lost stays empty, which matters where it may be lost again.
#[test]
fn groups_that_do_not_rebalance_are_noted_where_zones_are_lost_again() {
    let group = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { desired = 6 }\nrequests-per-second = 100";
    let zone =
        |when: &str| format!("[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nduration = \"1m\"\n{when}\n");
    let (once, later, often) = (zone("at = \"5m\""), zone("at = \"20m\""), zone("rate = \"3 per year\""));
    let told = |faults: &str| notes(group, faults).iter().any(|note| note.contains("do not rebalance between zones"));
    assert!(told(&often) && told(&(once.clone() + &later)) && !told(&once));
}
