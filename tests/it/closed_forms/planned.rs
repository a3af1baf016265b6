//! What explains a dip: acts of operators that change something on purpose, and nothing else.

use crate::lab::{head, of, rows};

/// A group of four carries 400 requests per second. Its region is out from minute 10 to minute 12, and the other serves; from
/// minute 24 to minute 30 there are 500 requests per second. `step` is done ten minutes after the health check has turned:
/// with one probe every 10 s, three of which have to fail after 4 s each, that is between 20 and 22 min.
fn a_crowd_after(step: &str) -> String {
    let head = head(
        "horizon = \"1h\"\nseed = 311",
        &["us-east-1", "eu-west-1"],
        "policy = \"failover\"\nprimary = \"us-east-1\"\nsecondary = \"eu-west-1\"\npropagation = \"0s\"\n\
         health-check = { interval = \"10s\", failure-threshold = 3 }",
        &[(
            "all",
            "us-east-1",
            "requests-per-second = 100\nprofile = [{ at = \"24m\", factor = 5 }, { at = \"30m\", factor = 1 }]",
        )],
    );
    format!(
        r#"{head}
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ min = 4, desired = 4, max = 12 }}
        requests-per-second = 100
        [[journeys]]
        name = "browse"
        share = 1
        [[runbooks]]
        name = "grow"
        on = {{ health-check = "us-east-1" }}
        hosted-in = ["eu-west-1"]
        steps = [{{ wait = "10m" }}, {step}]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "2m"
        "#
    )
}

/// The crowd leaves 20 min after the fault. It makes the recovery time, unless an operator has just changed something.
#[test]
fn a_step_that_changes_nothing_explains_nothing() {
    for (step, changes) in [
        ("{ scale = 4, to = \"eu-west-1\" }", false),
        ("{ readmit = \"us-east-1\" }", false),
        // An attempt that fails changes nothing either.
        ("{ scale = 8, to = \"eu-west-1\", success = 0 }", false),
        ("{ scale = 8, to = \"eu-west-1\" }", true),
    ] {
        let table = rows(&a_crowd_after(step), 20);
        let (recovery, planned) = (of(&table, "journey.browse.recovery_s"), of(&table, "journey.browse.planned_s"));
        if changes {
            assert!(recovery.iter().all(|&recovery| recovery < 300.0), "{step}: {recovery:?}");
            assert!(planned.iter().all(|&planned| planned == 360.0), "{step}: {planned:?}");
        } else {
            assert!(recovery.iter().all(|&recovery| recovery == 1_200.0), "{step}: {recovery:?}");
            assert!(planned.iter().all(|&planned| planned == 0.0), "{step}: {planned:?}");
        }
    }
}

/// Fifteen minutes after the health check has turned, everybody is led to a region that carries a third of them, for half
/// an hour; then to one that carries all.
#[test]
fn a_mistake_is_no_plan() {
    let text = |probability: f64| {
        let head = head(
            "horizon = \"2h\"\nseed = 312",
            &["us-east-1", "us-west-2"],
            "policy = \"weighted\"\nweights = { us-east-1 = 50, us-west-2 = 50 }\n\
             health-check = { interval = \"10s\", failure-threshold = 3 }",
            &[("all", "us-east-1", "requests-per-second = 300")],
        );
        format!(
            r#"{head}
            [regions.eu-west-1]
            compute.instances = {{ min = 1, desired = 1, max = 1 }}
            [compute]
            kind = "ec2-auto-scaling"
            instances = {{ min = 4, desired = 4, max = 8 }}
            requests-per-second = 100
            [[journeys]]
            name = "browse"
            share = 1
            [[runbooks]]
            name = "drain"
            on = {{ health-check = "us-east-1" }}
            hosted-in = ["us-west-2"]
            steps = [
                {{ approve = "13m" }},
                {{ scale = 5, to = "us-west-2" }},
                {{ wait = "2m" }},
                {{ shift = "arc", to = "us-west-2", wrong = {{ probability = {probability}, noticed = "30m", to = "eu-west-1" }} }},
            ]
            [[faults]]
            kind = "region-outage"
            region = "us-east-1"
            at = "10m"
            duration = "permanent"
            "#
        )
    };
    let (right, wrong) = (rows(&text(0.0), 50), rows(&text(1.0), 50));
    assert!(of(&right, "journey.browse.recovery_s").iter().all(|&recovery| recovery < 300.0));
    // The change of size two minutes before does not excuse it. Nobody is back before the mistake is noticed.
    assert!(of(&wrong, "journey.browse.planned_s").iter().all(|&planned| planned == 0.0));
    assert!(of(&wrong, "journey.browse.recovery_s").iter().all(|&recovery| recovery > 45.0 * 60.0));
}

/// A region is out for 25 min. The writer moves away after 5, and the copy that stayed behind is rebuilt for two hours once
/// the region is back: until then its reads fail, and the switchover waits. It takes 20 s when it acts.
#[test]
fn a_switchover_that_waits_explains_nothing() {
    let head = head(
        "horizon = \"5h\"\nseed = 313",
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"\npropagation = \"0s\"\nttl = \"0s\"\n\
         health-check = { interval = \"10s\", failure-threshold = 3 }",
        &[("us", "us-east-1", "requests-per-second = 100")],
    );
    // The step comes 5 s after the region, whose endpoint three probes in a row have to find healthy: 20 s at least.
    for (kind, store) in [
        ("aurora-global", "writer = \"us-east-1\""),
        ("sharded-relational", "shards = [{ writer = \"us-east-1\", clients = [\"us\"] }]"),
    ] {
        let text = format!(
            r#"{head}
            [stores.orders]
            kind = "{kind}"
            {store}
            regions = ["us-east-1", "eu-west-1"]
            replication-lag = "0s"
            promotion-time = "1m"
            endpoint-update = "0s"
            endpoint-ttl = "0s"
            switch-over-time = "20s"
            rebuild-time = "2h"
            [[journeys]]
            name = "look"
            share = 0.5
            needs = [{{ read = "orders" }}]
            [[journeys]]
            name = "buy"
            share = 0.5
            needs = [{{ write = "orders" }}]
            [[runbooks]]
            name = "there-and-back"
            on = {{ operator = "4m", journey = "buy" }}
            hosted-in = ["eu-west-1"]
            steps = [
                {{ promote = "orders", to = "eu-west-1" }},
                {{ wait = "1205s" }},
                {{ switch-over = "orders", to = "us-east-1" }},
            ]
            [[faults]]
            kind = "region-outage"
            region = "us-east-1"
            at = "10m"
            duration = "25m"
            "#
        );
        let table = rows(&text, 20);
        let all = |column: &str, seconds: f64| {
            let found = of(&table, column);
            assert!(found.iter().all(|found| *found == seconds), "{kind}: {column} {found:?}");
        };
        // Reads work again when the copy is whole, 2 h 25 min after the fault.
        all("journey.look.recovery_s", 8_700.0);
        all("journey.look.planned_s", 0.0);
        // The switchover stops writes for 20 s, as planned; they had been back since the promotion.
        all("journey.buy.recovery_s", 300.0);
        all("journey.buy.planned_s", 20.0);
    }
}
