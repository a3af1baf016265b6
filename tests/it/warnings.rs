//! What `check` and `run` say of files that are valid and have no effect.

use crate::lab::open;

/// Two regions with instances, with `more` after them.
fn with(more: &str) -> Vec<String> {
    stack(
        "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 2, max = 4 }\nrequests-per-second = 100",
        more,
    )
}

/// The same, with another stack.
fn stack(compute: &str, more: &str) -> Vec<String> {
    let text = format!(
        r#"
        name = "void"
        horizon = "1h"
        [regions.us-east-1]
        [regions.eu-west-1]
        {compute}
        [dns]
        policy = "latency"
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 10
        [[journeys]]
        name = "read"
        share = 1
        {more}"#
    );
    open(&text).warnings
}

fn fault(kind: &str) -> String {
    format!("[[faults]]\nat = \"1m\"\nduration = \"5m\"\nkind = {kind}")
}

fn says(warnings: &[String], words: &str) -> bool {
    warnings.iter().any(|warning| warning.contains(words))
}

const SESSIONS: &str = "[stores.carts]\nkind = \"instance-session\"\n";
const LOG: &str = "[stores.log]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\n";

#[test]
fn faults_that_strike_nothing_are_told_and_others_are_not() {
    let zone = fault("\"zone-outage\"\nregion = \"us-east-1\"");
    let lambda = fault("\"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"");
    let partition = fault("\"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]");
    let stall = fault("\"replication-stall\"");
    let none = "has no effect";
    assert!(says(&stack("", &zone), none) && !says(&with(&zone), none));
    assert!(!says(&stack("", &format!("{LOG}{zone}")), none));
    assert!(says(&with(&lambda), "nothing in us-east-1 runs on Lambda"));
    assert!(!says(&stack("[compute]\nkind = \"lambda\"\nduration = \"100ms\"", &lambda), none));
    assert!(says(&with(&partition), none) && !says(&with(&format!("{LOG}{partition}")), none));
    assert!(says(&with(&format!("{SESSIONS}{stall}")), none) && !says(&with(&format!("{LOG}{stall}")), none));
    let table = "[stores.items]\nkind = \"dynamodb-global-table\"\nregions = [\"us-east-1\"]\n";
    let impaired = |region: &str| {
        with(&format!("{table}{}", fault(&format!("\"service-impairment\"\nstore = \"items\"\nregion = \"{region}\""))))
    };
    assert!(says(&impaired("eu-west-1"), "items has no copy in eu-west-1") && !says(&impaired("us-east-1"), none));
}

#[test]
fn what_never_ends_begins_once_unless_it_adds_up() {
    let often = |kind: &str| format!("[[faults]]\nrate = \"5 per day\"\nduration = \"permanent\"\nkind = {kind}");
    let once = "only its first beginning";
    assert!(says(&with(&often("\"region-outage\"\nregion = \"us-east-1\"")), once));
    assert!(says(&with(&often("\"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"")), once));
    assert!(!says(&with(&often("\"load-surge\"\nfactor = 1.1")), once));
}

#[test]
fn parts_without_what_they_are_for_are_told() {
    let alarm =
        "[[alarms]]\nname = \"busy\"\nmetric = { utilization = \"us-east-1\" }\nabove = 0.8\nhosted-in = \"us-east-1\"";
    assert!(says(&stack("", alarm), "alarm busy never fires") && !says(&with(alarm), "busy"));
    let balancer = "[load-balancer]\ntarget-health-check = { interval = \"10s\" }";
    assert!(says(&stack("", balancer), "`[load-balancer]` has no effect"));
    assert!(!says(&with(balancer), "[load-balancer]"));
    let cache = "[stores.cache]\nkind = \"elasticache-global\"\nwriter = \"us-east-1\"\nbacks = ";
    assert!(says(&with(&format!("{SESSIONS}{cache}\"carts\"")), "as a cache of carts"));
    assert!(!says(&with(&format!("{LOG}{cache}\"log\"")), "as a cache"));
}

/// AWS takes the target group's health where an accelerator leads to a load balancer, so that 10 s and 2 count here.
#[test]
fn an_accelerator_in_front_of_a_load_balancer_has_its_checks() {
    let balancer = "[load-balancer]\ntarget-health-check = { interval = \"10s\", unhealthy-threshold = 2 }\n";
    let edge = |settings: &str| with(&format!("{balancer}[edge]\nkind = \"global-accelerator\"\n{settings}"));
    let told = "`interval = \"10s\"` and `threshold = 2`";
    assert!(says(&edge(""), told), "{:?}", edge(""));
    assert!(!says(&edge("interval = \"10s\"\nthreshold = 2"), told));
    assert!(!says(&with("[edge]\nkind = \"global-accelerator\""), "threshold"));
}
