//! Findings on faults and loads behind the service that clients enter, and on what carries only so much because of the time that
//! it takes: whoever obeyed a false finding would delete a real fault.

use std::fs;

use crate::lab::{open, open_file};
use crate::program::ask_in;

/// A managed service that clients enter in us-east-1 alone, with `services` behind it and `more` after them.
fn behind(services: &str, more: &str) -> Vec<String> {
    let text = format!(
        r#"
        name = "tiers"
        horizon = "1h"
        [regions.us-east-1]
        [regions.us-east-2]
        {services}
        [names.www]
        record = "r"
        [records.r]
        policy = "simple"
        answers = [{{ to = "us-east-1" }}]
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 60
        timeout = "2s"
        [[journeys]]
        name = "j"
        share = 1
        enters = "web"
        {more}"#
    );
    open(&text).findings.iter().map(ToString::to_string).collect()
}

fn fault(kind: &str) -> String {
    format!("[[faults]]\nat = \"1m\"\nduration = \"5m\"\nkind = {kind}\n")
}

/// Whether the first fault is said to change nothing.
fn idle(services: &str, faults: &str) -> bool {
    behind(services, faults).iter().any(|finding| finding.contains("`faults.0` has no effect"))
}

const WEB: &str = "[services.web]\nkind = \"managed\"\n";

/// A fleet that `web` calls, of this kind.
fn calls(kind: &str, regions: &str) -> String {
    let members = match kind {
        "ec2-auto-scaling" => "instances = { min = 1, desired = 2, max = 4 }",
        "ecs" => "tasks = { min = 1, desired = 2, max = 4 }",
        _ => "pods = { min = 1, desired = 2, max = 4 }\nnodes = { desired = 2, max = 4, pods-per-node = 4 }",
    };
    format!(
        "{WEB}needs = [{{ call = \"app\" }}]\n[services.app]\nkind = \"{kind}\"\nregions = {regions}\n\
         requests-per-second = 100\n{members}\n"
    )
}

/// A partition strikes calls as well as stores: those that go to another region because a service runs there alone, that name
/// the region, or that go to the nearest one.
#[test]
fn a_partition_that_calls_cross_is_felt() {
    let partition = fault("\"partition\"\nbetween = [\"us-east-1\", \"us-east-2\"]");
    let db = |to: &str, regions: &str| {
        format!("{WEB}needs = [{{ call = \"db\"{to} }}]\n[services.db]\nkind = \"managed\"\n{regions}\n")
    };
    assert!(!idle(&db("", "regions = [\"us-east-2\"]"), &partition));
    assert!(!idle(&db(", to = \"us-east-2\"", ""), &partition));
    assert!(!idle(&db(", to = \"nearest\"", ""), &partition));
    // Each region calls its own, and nothing passes between them.
    assert!(idle(&db("", ""), &partition) && idle(WEB, &partition));
    let found = behind(&db("", ""), &partition);
    assert!(found.iter().any(|it| it.contains("no call goes between us-east-1 and us-east-2")), "{found:?}");
}

/// Shortages, lost zones and planes are felt by every fleet of a region, whatever it consists of and however deep it stands.
#[test]
fn faults_of_fleets_behind_the_entry_are_felt() {
    let here = "[\"us-east-1\"]";
    for kind in ["ec2-auto-scaling", "ecs", "eks"] {
        let (own, other) = (calls(kind, here), calls(kind, "[\"us-east-2\"]"));
        for struck in ["\"insufficient-capacity\"\nprobability = 1", "\"zone-outage\""] {
            let struck = fault(&format!("{struck}\nregion = \"us-east-1\""));
            assert!(!idle(&own, &struck), "{kind} {struck}");
            assert!(idle(&other, &struck) && idle(WEB, &struck), "{kind} {struck}");
        }
        let control = fault("\"service-impairment\"\nservice = \"control-plane\"\nregion = \"us-east-1\"");
        let dying = fault("\"instance-failures\"\nregion = \"us-east-1\"\nservice = \"app\"\nprobability = 0.5");
        assert!(!idle(&own, &format!("{control}{dying}")), "{kind}: what dies is launched anew");
        assert!(idle(&own, &control), "{kind}: nothing dies and nothing scales");
        assert!(!idle(&own, &dying), "{kind}");
        let front = fault("\"instance-failures\"\nregion = \"us-east-1\"\nprobability = 0.5");
        assert!(idle(&own, &front), "{kind}: without `service` it strikes what clients enter");
    }
    let function = format!(
        "{WEB}needs = [{{ call = \"app\" }}]\n[services.app]\nkind = \"lambda\"\nregions = {here}\nduration = \"100ms\"\n"
    );
    let lambda = fault("\"service-impairment\"\nservice = \"lambda\"\nregion = \"us-east-1\"");
    assert!(!idle(&function, &lambda) && idle(WEB, &lambda));
}

/// A loss of capacity needs something to lose, and something that is lost.
#[test]
fn a_loss_of_capacity_is_felt_where_there_is_one() {
    let lost = |factor: &str| {
        fault(&format!("\"capacity-loss\"\nservice = \"web\"\nregion = \"us-east-1\"\nfactor = {factor}"))
    };
    let limited = format!("{WEB}concurrency = 10\nresponse-time = \"50ms\"\n");
    assert!(!idle(&limited, &lost("0.5")) && idle(WEB, &lost("0.5")));
    assert!(idle(&limited, &lost("1")));
}

/// Faults whose own figure leaves everything as it is.
#[test]
fn figures_that_change_nothing_are_told() {
    let web = format!("{WEB}requests-per-second = 100\nresponse-time = \"10ms\"\n");
    for (kind, neutral, felt) in [
        ("\"load-surge\"\nfactor", "1", "1.5"),
        ("\"slow-failure\"\nservice = \"web\"\nregion = \"us-east-1\"\nfactor", "1", "2"),
        ("\"service-impairment\"\nservice = \"web\"\nregion = \"us-east-1\"\nerror", "0", "0.5"),
    ] {
        let struck = |figure: &str| idle(&web, &fault(&format!("{kind} = {figure}")));
        assert!(struck(neutral) && !struck(felt), "{kind}");
    }
    for kind in ["insufficient-capacity", "instance-failures"] {
        let struck = |figure: &str| {
            let service = if kind == "instance-failures" { "service = \"app\"\n" } else { "" };
            let text = fault(&format!("\"{kind}\"\nregion = \"us-east-1\"\n{service}probability = {figure}"));
            idle(&calls("ecs", "[\"us-east-1\"]"), &text)
        };
        assert!(struck("0") && !struck("0.5"), "{kind}");
    }
}

/// Ten at a time, of 100 ms each, are 100 requests per second: a queue may stand before them, they are what the file is said to
/// carry, and 60 requests per second need at least 6 at a time.
#[test]
fn concurrency_is_a_capacity() {
    let web = |concurrency: f64| format!("{WEB}concurrency = {concurrency}\nresponse-time = \"100ms\"\n");
    let queued = format!("{}queue = {{ limit = \"10s\", order = \"fifo\" }}\n", web(10.0));
    assert!(behind(&queued, "").iter().all(|it| !it.contains("unlimited")), "{:?}", behind(&queued, ""));
    let found = behind(&web(5.0), "");
    let told = found.iter().find(|it| it.contains("overloaded before any fault")).expect("50 carried of 60");
    assert!(told.contains("its concurrency admits 50") && told.contains("let `concurrency` be 6 or more"), "{told}");
    assert!(behind(&web(6.0), "").iter().all(|it| !it.contains("before any fault")), "{:?}", behind(&web(6.0), ""));
    let rate = behind(&format!("{WEB}requests-per-second = 50\n"), "");
    assert!(rate.iter().any(|it| it.contains("let `requests-per-second` be 60 or more")), "{rate:?}");
}

/// A journey may be down from the start without any overload: where work takes longer than clients wait, and where it takes
/// longer than what counts as up.
#[test]
fn journeys_that_are_too_slow_from_the_start_are_down() {
    let web = |time: &str, more: &str| format!("{WEB}requests-per-second = 100\nresponse-time = \"{time}\"\n{more}");
    let queue = "queue = { limit = \"10s\", order = \"fifo\" }\n";
    let down = |services: &str, more: &str| {
        let found = behind(services, more);
        found.into_iter().find(|it| it.contains("j is down before any fault"))
    };
    for before in ["", queue] {
        assert!(down(&web("1s", before), "").is_none());
        assert!(down(&web("3s", before), "").is_some(), "clients wait for 2 s");
    }
    // The story of a storm, whose clients try three times.
    let storm = open_file("metastable", &[("compute.response-time", "\"10s\"")]).findings;
    assert!(storm.iter().any(|finding| finding.kind == "down-before-fault"), "{storm:?}");
    let within = |limit: &str| format!("[journeys.objectives]\nup-when = {{ share = 0.99, within = \"{limit}\" }}\n");
    let told = down(&web("40ms", ""), &within("30ms")).expect("nothing comes within 30 ms");
    assert!(told.contains("0 % of its requests succeed within 30 ms") && told.contains("slow"), "{told}");
    assert!(down(&web("40ms", ""), &within("100ms")).is_none());
}

/// `[compute]` is the short form of a service called `app`: faults and steps take the name alike.
#[test]
fn the_short_form_has_a_name() {
    let home = tempfile::tempdir().expect("a folder");
    let problems = |service: &str, fault: &str| {
        let text = format!(
            "name = \"short\"\nhorizon = \"1h\"\n[regions.us-east-1]\n[compute]\nkind = \"ec2-auto-scaling\"\n\
             instances = {{ min = 1, desired = 2, max = 4 }}\nrequests-per-second = 100\n[dns]\npolicy = \"simple\"\n\
             [[clients]]\nname = \"all\"\nnear = \"us-east-1\"\nrequests-per-second = 60\n[[journeys]]\nname = \"j\"\nshare = 1\n\
             [[runbooks]]\nname = \"r\"\nhosted-in = [\"us-east-1\"]\non = {{ operator = \"5m\" }}\n\
             steps = [{{ scale = 3, to = \"us-east-1\", service = \"{service}\" }}, {{ rollback = \"{service}\" }}]\n\
             [[faults]]\nat = \"1m\"\nduration = \"5m\"\nservice = \"{service}\"\n{fault}"
        );
        fs::write(home.path().join("short.toml"), text).expect("written");
        let answer = ask_in(home.path(), &["check", "short.toml", "--format", "json"]);
        if answer.code == Some(2) { answer.err } else { String::new() }
    };
    for fault in [
        "kind = \"bad-deploy\"\nerror = 0.5",
        "kind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.5",
        "kind = \"instance-failures\"\nregion = \"us-east-1\"\nprobability = 0.5",
        "kind = \"capacity-loss\"\nregion = \"us-east-1\"\nfactor = 0.5",
        "kind = \"slow-failure\"\nregion = \"us-east-1\"\nadds = \"1s\"",
    ] {
        assert_eq!(problems("app", fault), "", "{fault}");
        let other = problems("shop", fault);
        assert!(other.contains("faults.0.service") && other.contains("app"), "{other}");
    }
}

/// What is short behind a front is told by its name, and not what its retries overload. The part that is short is asked for 100 a second, by
/// 60 requests that are made once and 40 that are made up to three times: of those that fail each is made again.
#[test]
fn what_is_short_behind_a_front_is_told_by_its_name() {
    let again =
        "[[clients]]\nname = \"again\"\nnear = \"us-east-1\"\nrequests-per-second = 40\nretries = { attempts = 3 }\n";
    let web = |need: &str| {
        format!(
            "[services.web]\nkind = \"ec2-auto-scaling\"\nrequests-per-second = 52\ninstances = {{ desired = 2 }}\n\
             needs = [{{ {need} }}]\n"
        )
    };
    let store = "[stores.orders]\nkind = \"dynamodb-global-table\"\ncapacity = { writes = 60 }\n";
    let tier = "[services.pay]\nkind = \"managed\"\nrequests-per-second = 60\n";
    for (services, says, change) in [
        (
            format!("{}{store}", web("write = \"orders\"")),
            "orders is overloaded before any fault: 100 writes/s reach a copy, and it carries 60",
            "let `capacity.writes` be 100 or more",
        ),
        (
            format!("{}{tier}", web("call = \"pay\"")),
            "pay is overloaded before any fault: 100 requests/s reach it, and it carries 60",
            "let `requests-per-second` be 100 or more",
        ),
    ] {
        let found = behind(&services, again);
        let told: Vec<&String> = found.iter().filter(|it| it.contains("before any fault")).collect();
        assert!(matches!(told[..], [it] if it.contains(says) && it.contains(change)), "{found:?}");
        // Where the front itself is short as well, no part alone is to blame, and it is told where it stands in the file.
        let found = behind(&services.replace("desired = 2", "desired = 1"), again);
        let told = found.iter().find(|it| it.contains("us-east-1 is overloaded before any fault")).expect("100 of 52");
        assert!(told.contains("1 instances carry 52"), "{told}");
        assert!(!told.contains(":1:1:"), "{told}");
    }
}
