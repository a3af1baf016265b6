//! Sessions that go with their instances, and an access point whose dial somebody turns.

use crate::lab::{averages, figures, head, of, rows};

const TRIALS: u64 = 2_000;

/// Six instances of us-east-1 in three zones serve 200 requests per second; 1 % of them begin a session of 10 minutes.
fn shop(rest: &str) -> String {
    let head = head(
        "horizon = \"1h\"\nseed = 61",
        &["us-east-1"],
        "policy = \"latency\"",
        &[("all", "us-east-1", "requests-per-second = 200")],
    );
    format!(
        r#"{head}
        [compute]
        kind = "ec2-auto-scaling"
        instances = {{ desired = 6 }}
        requests-per-second = 100
        [stores.carts]
        kind = "instance-session"
        session-life = "10m"
        [[journeys]]
        name = "open-cart"
        share = 0.01
        needs = [{{ write = "carts" }}]
        [[journeys]]
        name = "look"
        share = 0.99
        {rest}"#
    )
}

fn fault(what: &str) -> String {
    format!("[[faults]]\nat = {{ uniform = ['10m', '20m'] }}\nduration = 'permanent'\nregion = 'us-east-1'\n{what}")
}

#[test]
fn a_zone_takes_its_third_of_the_sessions_and_the_region_all_of_them() {
    // 2 sessions per second for 600 s: 1,200 are open.
    for (what, expected) in [("kind = 'zone-outage'", 400.0), ("kind = 'region-outage'", 1_200.0)] {
        let table = rows(&shop(&fault(what)), TRIALS);
        averages(&of(&table, "store.carts.lost"), expected, 0.01);
        assert!(of(&table, "store.carts.loss_s").iter().all(|age| (500.0..600.0).contains(age)), "{what}");
        assert!(of(&table, "store.carts.stranded").iter().all(|count| *count == 0.0), "{what}");
    }
}

#[test]
fn instances_that_fail_take_theirs() {
    // Each fails with probability 0.25, so a quarter of the sessions goes on average.
    let text = shop(&fault("kind = 'instance-failures'\nprobability = 0.25"));
    averages(&figures(&text, "store.carts.lost", TRIALS), 300.0, 0.1);
}

#[test]
fn scaling_in_loses_the_sessions_of_those_who_leave() {
    // The runbook of a nervous operator: 200 requests per second on six instances become 200 on three.
    let shift = "[[runbooks]]\nname = 'shrink'\nhosted-in = ['us-east-1']\non = { operator = '1m' }
        steps = [ { scale = 3, to = 'us-east-1' } ]\n";
    let gray = fault("kind = 'gray-failure'\nerror = 0.5\nseen = 0");
    let text = shop(&format!("{shift}{gray}")).replace("{ desired = 6 }", "{ min = 3, desired = 6, max = 6 }");
    // Half of the sessions that begin fail: 600 are open, and the three leave one by one: 1/6, 1/5 and 1/4 of what is
    // left at each step, half of them in all.
    averages(&figures(&text, "store.carts.lost", TRIALS), 300.0, 0.02);
}

#[test]
fn a_dial_takes_its_time_after_the_operator_has_turned_it() {
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("europe", "eu-west-1", "requests-per-second = 100")],
    );
    let bucket = r#"
        [stores.media]
        kind = "s3-replication"
        replication-delay = "10s"
        access = "multi-region-access-point"
        active = "us-east-1"
        shift-time = "2m"
        [[journeys]]
        name = "upload"
        share = 1
        needs = [{ write = "media" }]
        [[runbooks]]
        name = "turn"
        on = { operator = "3m" }
        hosted-in = ["eu-west-1"]
        steps = [{ shift = "access-point", to = "eu-west-1" }]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "permanent""#;
    let table = rows(&format!("{head}{bucket}"), 200);
    let all = |column: &str, expected: f64| {
        assert!(of(&table, column).iter().all(|value| (value - expected).abs() < 1e-6), "{column}");
    };
    // No client has to move: Europe's front is up, only the active bucket is not.
    all("journey.upload.recovery_s", 300.0);
    all("journey.upload.cause.decision", 100.0 * 180.0);
    all("journey.upload.cause.endpoint-update", 100.0 * 120.0);
    // 100 uploads per second are on their way for 10 s each.
    averages(&of(&table, "store.media.stranded"), 1_000.0, 0.02);
}
