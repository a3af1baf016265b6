//! Notes of `check` on a valid file: assumptions that are neither figures nor mistakes.

use crate::lab::{head, open};
use crate::program::ask_in;

fn notes(stack: &str, alarms: &str) -> Vec<String> {
    let head = head(
        "horizon = \"1h\"",
        &["us-east-1"],
        "policy = \"simple\"",
        &[("all", "us-east-1", "requests-per-second = 10")],
    );
    let text = format!("{head}\n{stack}\n[[journeys]]\nname = \"read\"\nshare = 1\n{alarms}");
    open(&text).notes.iter().map(ToString::to_string).collect()
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
    let names = ["far", "wide"].map(|name| format!("alarm {name} watches errors as clients meet them"));
    assert!(told.len() == 2 && told.iter().zip(&names).all(|(note, name)| note.contains(name)), "{told:?}");
    assert!(told[0].contains("let a canary publish them") && told[0].ends_with("[errors-need-a-canary]"), "{told:?}");
    assert!(notes_of(&alarm("near", balancer)).is_empty());
}

/// One account holds the names, and the first region says in which partition.
#[test]
fn of_several_partitions_the_first_one_is_noted() {
    let of = |regions: &[&str]| {
        let head = head(
            "horizon = \"1h\"",
            regions,
            "policy = \"latency\"",
            &[("all", "eu-west-1", "requests-per-second = 10")],
        );
        let notes = open(&format!("{head}\n[[journeys]]\nname = \"read\"\nshare = 1\n")).notes;
        notes.into_iter().filter(|note| note.kind == "several-partitions").collect::<Vec<_>>()
    };
    assert_eq!(of(&["us-east-1", "eu-west-1"]), []);
    for (regions, home) in
        [(["us-gov-east-1", "eu-west-1"], "us-gov-west-1"), (["eu-west-1", "us-gov-east-1"], "us-east-1")]
    {
        let [note] = &of(&regions)[..] else { panic!("one note: {regions:?}") };
        assert_eq!(note.path, format!("regions.{}", regions[0]));
        assert!(note.message.contains(&format!("metrics of health checks are in {home}")), "{note}");
        assert!(note.change.contains(&format!("write {} first", regions[1])), "{note}");
    }
}

/// Programs get them as data, with their places, and no gate fails by them.
#[test]
fn notes_are_data_and_no_findings() {
    let folder = tempfile::tempdir().expect("a folder");
    let clients = [("all", "us-east-1", "requests-per-second = 10")];
    let head = head("horizon = \"1h\"", &["us-east-1", "eu-west-1"], "policy = \"latency\"", &clients);
    let fault = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"10m\"\n";
    let watch = alarm("far", "errors = \"read\"");
    let text = format!("{head}\n[[journeys]]\nname = \"read\"\nshare = 1\n{watch}{fault}");
    std::fs::write(folder.path().join("far.toml"), &text).expect("a file");
    let answer = ask_in(folder.path(), &["check", "far.toml", "--strict", "--format", "json"]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.out, answer.err);
    let document: serde_json::Value = serde_json::from_str(&answer.out).expect("JSON");
    assert_eq!(document["findings"], serde_json::json!([]));
    let note = &document["notes"][0];
    assert_eq!(
        (note["kind"].as_str(), note["path"].as_str()),
        (Some("errors-need-a-canary"), Some("alarms.far.metric"))
    );
    let line = note["line"].as_u64().and_then(|line| text.lines().nth(usize::try_from(line).ok()? - 1));
    assert_eq!(line, Some("metric = { errors = \"read\" }"));
}

/// Two of three addresses may be dead: with 3 s for each, clients that wait 5 s may give up before they meet the third.
#[test]
fn answers_that_come_too_late_count_as_no_path_where_clients_can_wait_too_long() {
    let note = |regions: &[&str], policy: &str, timeout: &str| {
        let clients = format!("requests-per-second = 10\ntimeout = \"{timeout}\"");
        let dns = format!("policy = \"{policy}\"");
        let head = head("horizon = \"1h\"", regions, &dns, &[("all", "us-east-1", &clients)]);
        let notes = open(&format!("{head}\n[[journeys]]\nname = \"read\"\nshare = 1\n")).notes;
        notes.iter().any(|note| note.kind == "late-counts-as-slow" && note.path == "clients.all.timeout")
    };
    let three = ["us-east-1", "us-east-2", "us-west-2"];
    assert!(note(&three, "multivalue", "5s") && !note(&three, "multivalue", "6s"));
    assert!(!note(&three[..2], "multivalue", "5s") && !note(&three, "latency", "5s"));
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
    assert!(told[0].ends_with("it takes 2 min to 4 min [slow-datapoints]"), "{told:?}");
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
        open(&text).notes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let told = notes("s3-replication", "read");
    assert!(
        told.len() == 1 && told[0].contains("objects of files that have not arrived yet count as served"),
        "{told:?}"
    );
    assert!(notes("s3-replication", "write").is_empty());
    assert!(notes("dynamodb-global-table", "read").is_empty());
}

/// What a quorum costs a write is told with the round trips of the measured table.
#[test]
fn writes_that_two_regions_agree_about_are_noted_with_what_they_wait_for() {
    let notes = |store: &str| {
        let regions = ["us-east-1", "us-east-2", "us-west-2"];
        let clients = [("all", "us-east-1", "requests-per-second = 10")];
        let head = head("horizon = \"1h\"", &regions, "policy = \"latency\"", &clients);
        let text = format!(
            "{head}\n[stores.ledger]\n{store}\n[[journeys]]\nname = \"j\"\nshare = 1\nneeds = [{{ write = \"ledger\" }}]\n"
        );
        let notes = open(&text).notes;
        notes.iter().filter(|note| note.kind == "commits-wait").map(ToString::to_string).collect::<Vec<_>>()
    };
    // Rows of the table: 14.75 ms between the first two, and 51 ms from Ohio to Oregon.
    let told = notes("kind = \"aurora-dsql\"\nwitness = \"us-west-2\"");
    assert!(told.len() == 1 && told[0].contains("in us-east-1 (for us-east-2)"), "{told:?}");
    assert!(told[0].contains("in us-east-2 (for us-east-1)") && !told[0].contains("in us-west-2"), "{told:?}");
    let table = notes("kind = \"dynamodb-global-table\"\nconsistency = \"strong\"");
    assert!(table.len() == 1 && table[0].contains("in us-west-2 (for us-east-2)"), "{table:?}");
    assert!(notes("kind = \"dynamodb-global-table\"").is_empty());
}

#[test]
fn services_of_aws_in_a_place_of_ones_own_are_noted() {
    let notes = |place: &str| {
        let clients = [("all", "eu-west-1", "requests-per-second = 10")];
        let head = head("horizon = \"1h\"", &["eu-west-1"], "policy = \"latency\"", &clients);
        let store = "[stores.log]\nkind = \"rds-replica\"\nwriter = \"eu-west-1\"\n[[journeys]]\nname = \"j\"\nshare = 1\n\
                     needs = [{ write = \"log\" }]\n";
        let notes = open(&format!("{head}\n[regions.{place}\n{store}")).notes;
        notes.iter().any(|note| note.kind == "outside-of-aws" && note.to_string().contains("the copy of log"))
    };
    assert!(notes("hall]\nplace = { latitude = 50.1, longitude = 8.7 }") && !notes("us-east-1]"));
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

/// 60 requests per second of three tries each are 180 once nobody is served in time, and 100 are served: the storm stays where
/// requests wait longer than the two seconds of their clients, the oldest first.
#[test]
fn a_storm_that_holds_itself_is_told() {
    let told = |attempts: u32, queue: &str| {
        let clients = format!("requests-per-second = 60\ntimeout = \"2s\"\nretries.attempts = {attempts}");
        let head = head("horizon = \"1h\"", &["us-east-1"], "policy = \"simple\"", &[("all", "us-east-1", &clients)]);
        let compute = format!("[compute]\nkind = \"managed\"\nrequests-per-second = 100\nqueue = {{ {queue} }}\n");
        let text = format!("{head}\n{compute}[[journeys]]\nname = \"read\"\nshare = 1\n");
        let notes = open(&text).notes.iter().map(ToString::to_string).find(|note| note.contains("a storm of retries"));
        notes.inspect(|note| assert!(note.contains("60 requests/s are at most 180") && note.contains("100 are served")))
    };
    assert!(told(3, "limit = \"10s\"").is_some());
    assert!(told(1, "limit = \"10s\"").is_none(), "60 are fewer than 100");
    assert!(told(3, "limit = \"1s\"").is_none() && told(3, "limit = \"10s\", order = \"lifo\"").is_none());
}

/// Defaults that make no difference are not counted among the guesses: of copies where there is one, of datapoints where nobody
/// looks at them.
#[test]
fn guesses_that_nothing_uses_are_not_listed() {
    let assumed = |regions: &str, alarms: &str| {
        let clients = [("all", "us-east-1", "requests-per-second = 10")];
        let head = head("horizon = \"1h\"", &["us-east-1", "eu-west-1"], "policy = \"latency\"", &clients);
        let mut paths = Vec::new();
        for kind in ["aurora-global", "documentdb-global", "rds-replica", "elasticache-global"] {
            let store = format!("[stores.s]\nkind = \"{kind}\"\nwriter = \"us-east-1\"\nregions = {regions}\n");
            let text = format!(
                "{head}\n{store}[[journeys]]\nname = \"read\"\nshare = 1\nneeds = [{{ write = \"s\" }}]\n{alarms}"
            );
            paths.extend(open(&text).header.assumed.into_iter().map(|figure| (kind, figure.path)));
        }
        paths
    };
    let of = |paths: &[(&str, String)], key: &str| paths.iter().filter(|(_, path)| path.ends_with(key)).count();
    let (one, two) = (assumed("[\"us-east-1\"]", ""), assumed("[\"us-east-1\", \"eu-west-1\"]", ""));
    for key in ["stores.s.promotion-time", "stores.s.rebuild-time"] {
        assert_eq!((of(&one, key), of(&two, key)), (0, 4), "{key}");
    }
    let watched = assumed("[\"us-east-1\"]", &alarm("near", "errors = \"read\", region = \"us-east-1\""));
    let datapoints = "cloudwatch.ingestion-delay";
    assert_eq!((of(&one, datapoints), of(&watched, datapoints)), (0, 4));
}

/// Copies of 900 writes/s under a bound of 30 s: writes beyond that rate are not stalled, and `check` says so.
#[test]
fn a_bound_on_the_loss_does_not_hold_for_slow_copies() {
    let store = |keys: &str| {
        format!(
            "[stores.orders]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nregions = [\"us-east-1\", \"eu-west-1\"]\n{keys}\n"
        )
    };
    let told = |keys: &str| {
        let clients = [("all", "us-east-1", "requests-per-second = 10")];
        let head = head("horizon = \"1h\"", &["us-east-1", "eu-west-1"], "policy = \"latency\"", &clients);
        let journey = "[[journeys]]\nname = \"read\"\nshare = 1\nneeds = [ { write = \"orders\" } ]\n";
        let text = format!("{head}\n{}{journey}", store(keys));
        open(&text).notes.iter().filter(|note| note.to_string().contains("[backlog-stalls-nobody]")).count()
    };
    assert_eq!(told("rpo-bound = \"30s\"\napply-rate = 900"), 1);
    assert_eq!(told("rpo-bound = \"30s\""), 0);
    assert_eq!(told("apply-rate = 900"), 0);
}

#[test]
fn cold_starts_that_no_caller_waits_for_are_told() {
    let told = |kind: &str| {
        let services = format!(
            "[services.web]\nkind = \"managed\"\nneeds = [{{ call = \"back\" }}]\n[services.back]\nkind = {kind}\n"
        );
        let notes = notes(&services, "enters = \"web\"\n");
        notes.into_iter().filter(|note| note.ends_with("[cold-starts-behind-calls]")).collect::<Vec<String>>()
    };
    let function = told("\"lambda\"\nduration = \"100ms\"\ncold-start = \"2s\"");
    assert!(
        matches!(&function[..], [note] if note.contains("cold starts of back, which are 2.00 s in the mean")),
        "{function:?}"
    );
    assert!(told("\"managed\"").is_empty());
}

/// Shares as weights work here, and Route 53 would refuse them; another provider may take them.
#[test]
fn weights_that_route53_refuses_are_noted() {
    let of = |weights: &str, more: &str| {
        let dns = format!("policy = \"weighted\"\nweights = {{ us-east-1 = {weights}, eu-west-1 = 3 }}\n{more}");
        let head = head(
            "horizon = \"1h\"",
            &["us-east-1", "eu-west-1"],
            &dns,
            &[("all", "us-east-1", "requests-per-second = 10")],
        );
        let notes = open(&format!("{head}\n[[journeys]]\nname = \"read\"\nshare = 1\n")).notes;
        notes.iter().any(|note| note.kind == "weights-are-whole" && note.path == "dns.weights")
    };
    assert!(of("0.7", "") && of("2.5", ""));
    assert!(!of("0", "") && !of("255", "") && !of("0.7", "provider = \"other\""));
}

/// An edit is undone by an edit; a routing control is flipped back.
#[test]
fn what_an_edit_took_out_comes_back_by_another_edit() {
    let of = |means: &str| {
        let head = head(
            "horizon = \"1h\"",
            &["us-east-1", "eu-west-1"],
            "policy = \"latency\"",
            &[("all", "us-east-1", "requests-per-second = 10")],
        );
        let runbook = format!(
            "[[runbooks]]\nname = \"move\"\non = {{ operator = \"5m\" }}\nhosted-in = \"eu-west-1\"\n\
             steps = [{{ shift = \"{means}\", to = \"eu-west-1\" }}, {{ wait = \"10m\" }}, {{ readmit = \"us-east-1\" }}]\n"
        );
        let fault = "[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"10m\"\nduration = \"10m\"\n";
        let notes = open(&format!("{head}\n[[journeys]]\nname = \"read\"\nshare = 1\n{runbook}{fault}")).notes;
        notes.iter().any(|note| note.kind == "readmit-without-an-edit" && note.path == "runbooks.move.steps.2")
    };
    assert!(of("record-edit") && !of("arc"));
}
