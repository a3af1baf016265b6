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

/// A verdict of a file in which nobody asks for anything would be MET for want of questions.
#[test]
fn journeys_that_nobody_takes_are_told() {
    let text = fault("\"region-outage\"\nregion = \"us-east-1\"");
    let quiet = "[[journeys]]\nname = \"write\"\nshare = 0\n[[clients]]\nname = \"none\"\nnear = \"eu-west-1\"\n\
                 requests-per-second = 0\n";
    let warnings = with(&format!("{quiet}{text}"));
    assert!(says(&warnings, "none offers 0 requests/s") && says(&warnings, "write has no share"), "{warnings:?}");
    assert!(!says(&with(&text), "never down"), "{:?}", with(&text));
}

/// Two incidents in one trial are one recovery time, which is seldom what is meant.
#[test]
fn a_fault_after_the_end_of_another_is_told() {
    let at = |at: &str, duration: &str| {
        format!("[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = {at}\nduration = \"{duration}\"\n")
    };
    let told = |one: &str, other: &str| says(&with(&format!("{one}{other}")), "count from the first of them");
    let early = at("\"1m\"", "5m");
    assert!(told(&early, &at("\"20m\"", "5m")) && told(&at("\"20m\"", "5m"), &early), "whatever the order");
    assert!(!told(&early, &at("\"5m\"", "5m")), "they overlap");
    assert!(!told(&at("\"1m\"", "permanent"), &at("\"20m\"", "5m")), "the first never ends");
    assert!(!told(&early, &at("{ uniform = [\"2m\", \"20m\"] }", "5m")), "they may overlap");
    assert!(!told(&early, &at("\"2h\"", "5m")), "the second is beyond the horizon");
}

/// A control plane is needed by what is launched and by what runbooks change there, metrics by alarms and scaling.
#[test]
fn outages_of_planes_that_nothing_needs_are_told() {
    let out = |service: &str, region: &str| {
        fault(&format!("\"service-impairment\"\nservice = \"{service}\"\nregion = \"{region}\""))
    };
    let (control, west) = (out("control-plane", "us-east-1"), out("control-plane", "eu-west-1"));
    let none = "has no effect";
    assert!(says(&with(&control), "nothing is launched or promoted in us-east-1"), "{:?}", with(&control));
    // Instances that die are replaced, and those of another region are not its business.
    let dying = |region: &str| fault(&format!("\"instance-failures\"\nprobability = 0.5\nregion = \"{region}\""));
    assert!(!says(&with(&format!("{control}\n{}", dying("us-east-1"))), none));
    assert!(says(&with(&format!("{control}\n{}", dying("eu-west-1"))), "fault 1 has no effect"));
    let runbook = |step: &str| {
        format!(
            "[[runbooks]]\nname = \"r\"\nhosted-in = [\"eu-west-1\"]\non = {{ operator = \"5m\" }}\nsteps = [{step}]\n"
        )
    };
    let promote = format!("{LOG}{}", runbook("{ promote = \"log\", to = \"eu-west-1\" }"));
    assert!(!says(&with(&format!("{promote}{west}")), none) && says(&with(&format!("{promote}{control}")), none));
    let edit = runbook("{ shift = \"record-edit\", to = \"eu-west-1\" }");
    assert!(!says(&with(&format!("{edit}{control}")), none) && says(&with(&format!("{edit}{west}")), none));
    let mistaken = runbook(
        "{ promote = \"log\", to = \"eu-west-1\", wrong = { probability = 0.1, noticed = \"1m\", to = \"us-east-1\" } }",
    );
    let mistaken = stack("", &format!("{LOG}{mistaken}{control}"));
    assert!(!says(&mistaken, none), "{mistaken:?}");

    let (metrics, alarm) = (out("cloudwatch", "us-east-1"), |region: &str| {
        format!("[[alarms]]\nname = \"a\"\nmetric = {{ errors = \"read\" }}\nabove = 0.2\nhosted-in = \"{region}\"\n")
    });
    assert!(says(&with(&metrics), "no alarm lives in us-east-1"));
    assert!(says(&with(&format!("{}{metrics}", alarm("eu-west-1"))), none));
    assert!(!says(&with(&format!("{}{metrics}", alarm("us-east-1"))), none));
    let scaling = "[compute]\nkind = \"ec2-auto-scaling\"\ninstances = { min = 1, desired = 2, max = 4 }\n\
                   requests-per-second = 100\nscaling = { target-utilization = 0.5 }";
    assert!(!says(&stack(scaling, &metrics), none) && !says(&stack(scaling, &control), none));
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

/// In front of a load balancer an accelerator goes by its targets: its own cadence is for a region that is out.
#[test]
fn settings_of_an_accelerator_that_cannot_act_are_told() {
    let edge = |settings: &str, fault: &str| {
        with(&format!("[edge]\nkind = \"global-accelerator\"\n{settings}\n{}", self::fault(fault)))
    };
    let instances = "\"instance-failures\"\nprobability = 1\nregion = \"us-east-1\"";
    let region = "\"region-outage\"\nregion = \"us-east-1\"";
    for key in ["interval = \"10s\"", "threshold = 2"] {
        let name = key.split(' ').next().expect("a key");
        let told = format!("`edge.{name}` has no effect");
        assert!(says(&edge(key, instances), &told), "{:?}", edge(key, instances));
        assert!(!says(&edge(key, region), &told), "a region that is out is probed");
        assert!(!says(&edge("", instances), &told), "nothing is written");
    }
}
