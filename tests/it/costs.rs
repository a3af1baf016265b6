//! What a deployment costs: counted by hand, linear in what is counted, and open where a price is missing.

use std::num::NonZeroUsize;

use mrsim::analyze::Summary;
use mrsim::cost::{Bill, Uncounted};
use mrsim::levers::{Kind, Lever};
use mrsim::run::{Stop, Trials as _, run_trials};

use crate::lab::{of, open_file};
use crate::program::{VALID, ask, names, root};

const HOURS: f64 = 730.0;

/// The bill of active-active at prices of one for everything, with changes.
fn bill(sets: &[(&str, &str)]) -> Bill {
    let ones = [
        "instance-hour",
        "load-balancer-hour",
        "health-check-month",
        "alarm-month",
        "routing-controls-hour",
        "database-hour",
        "table-read",
        "table-write",
        "replicated-write",
        "transfer-gb",
        "storage-gb-month",
    ];
    let prices: Vec<String> = ones.iter().map(|key| format!("prices.{key}")).collect();
    let mut all: Vec<(&str, &str)> = prices.iter().map(|key| (key.as_str(), "1")).collect();
    all.extend([("sizes.bytes-per-write", "1000"), ("sizes.stored-gb", "10"), ("sizes.database-instances", "2")]);
    all.extend(sets);
    open_file("active-active", &all).header.bill.expect("it has prices")
}

fn count(bill: &Bill, key: &str) -> f64 {
    bill.lines.iter().find(|line| line.key == key).map_or(0.0, |line| line.count)
}

#[test]
fn everything_is_counted_once() {
    let bill = bill(&[]);
    let seconds = HOURS * 3_600.0;
    // 1,000 requests per second; 85 % read sessions, 15 % write sessions and orders; two copies of each.
    let expected = [
        ("instance-hour", (8.0 + 6.0) * HOURS),
        ("load-balancer-hour", 2.0 * HOURS),
        ("health-check-month", 2.0),
        ("alarm-month", 1.0),
        ("database-hour", 2.0 * 2.0 * HOURS),
        ("table-read", 850.0 * seconds),
        ("table-write", 150.0 * seconds),
        ("replicated-write", 150.0 * seconds),
        ("transfer-gb", (150.0 + 150.0) * seconds * 1e3 / 1e9),
        ("storage-gb-month", 4.0 * 10.0),
        ("routing-controls-hour", 0.0),
    ];
    for (key, expected) in expected {
        let found = count(&bill, key);
        assert!((found - expected).abs() <= 1e-9 * expected.max(1.0), "{key}: {found} {expected}");
    }
    let total: f64 = expected.iter().map(|(_, count)| count).sum();
    assert!((bill.total().sum / total - 1.0).abs() < 1e-9 && bill.total().unpriced.is_empty());
}

#[test]
fn twice_as_many_instances_double_their_line_and_no_other() {
    let more =
        [("regions.eu-west-1.compute.instances.desired", "12"), ("regions.us-east-1.compute.instances.desired", "16")];
    let (one, two) = (bill(&[]), bill(&more));
    assert_eq!(count(&two, "instance-hour"), 2.0 * count(&one, "instance-hour"));
    for line in one.lines.iter().filter(|line| line.key != "instance-hour") {
        assert_eq!(count(&two, line.key), line.count, "{}", line.key);
    }
    let more = two.more_than(&one).expect("one currency");
    assert!((more.amount / (14.0 * HOURS) - 1.0).abs() < 1e-9 && more.unpriced.is_empty());
}

#[test]
fn a_missing_price_or_size_makes_a_sum_at_least_so_much() {
    let some = [("prices.instance-hour", "0.1"), ("prices.transfer-gb", "0.02")];
    let own = open_file("active-active", &some);
    let total = own.header.bill.as_ref().expect("it has prices").total();
    assert!((total.sum - 0.1 * 14.0 * HOURS).abs() < 1e-6);
    // Without its size the transfer has a price in vain.
    assert!(total.unpriced.contains(&"transfer-gb") && total.unpriced.contains(&"database-hour"), "{total:?}");
    let sets = ["--set", "prices.instance-hour=0.1", "--trials", "50", "--quiet"];
    let answer = ask(&[&["run", VALID], &sets[..]].concat());
    assert!(answer.out.contains("A month costs at least "), "{}", answer.out);
    let priced = ask(&["run", VALID, "--trials", "50", "--quiet"]);
    assert!(!priced.out.contains("A month costs"), "{}", priced.out);
}

#[test]
fn an_incident_costs_what_fails_is_down_and_is_lost() {
    let sets =
        [("prices.failed-request", "0.5"), ("prices.down-minute", "3"), ("prices.lost-write", "7"), ("trials", "200")];
    let own = open_file("active-active", &sets);
    let run = run_trials(&own.source, 0..200, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("it runs");
    let incident = Summary::new(&own.header, &run.table).incident.expect("it has values");
    let mean = |column: &str| of(&run.table, column).iter().sum::<f64>() / 200.0;
    let failed = mean("journey.browse.failed") + mean("journey.checkout.failed");
    let minutes = (1.0 - mean("overall.availability")) * 60.0;
    let lost = mean("store.sessions.lost") + mean("store.orders.lost");
    let expected = 0.5 * failed + 3.0 * minutes + 7.0 * lost;
    let found = incident.trial.expect("200 trials have a mean").interval.estimate;
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
    assert_eq!(incident.trials_a_year, None);
}

/// A year of faults is told by the year, whatever a trial lasts.
#[test]
fn faults_at_a_rate_cost_so_much_a_year() {
    let own = open_file("a-year-of-faults", &[("prices.down-minute", "1"), ("horizon", "73d"), ("trials", "4")]);
    let run = run_trials(&own.source, 0..4, NonZeroUsize::MIN, &|_| (), &Stop::new()).expect("it runs");
    let incident = Summary::new(&own.header, &run.table).incident.expect("it has values");
    assert_eq!(incident.trials_a_year, Some(5.0));
}

#[test]
fn a_comparison_ends_in_a_sentence_with_the_cost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, desired: u32| {
        let path = folder.path().join(format!("{name}.toml"));
        let base = crate::program::root().join("experiments/static-stability.toml");
        let text = format!(
            "extends = {:?}\nname = {name:?}\n[prices]\ninstance-hour = 0.1\n[regions.eu-west-1]\n\
             compute.instances = {{ min = {desired}, desired = {desired} }}\n",
            base.display().to_string()
        );
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (less, more) = (write("less", 6), write("more", 9));
    let answer = ask(&["compare", &less, &more, "--trials", "400", "--quiet", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&answer.out).expect("a document");
    let sentence = document["comparisons"][0]["pull-request"].as_str().expect("there is one");
    // Three instances more at 0.1 an hour.
    assert!(sentence.starts_with("more: ") && sentence.ends_with("219 USD a month more"), "{sentence}");
    assert!(sentence.contains(" sooner at p99"), "{sentence}");
}

#[test]
fn a_run_ends_with_three_lines() {
    let answer = ask(&["run", "experiments/active-active.toml", "--trials", "400", "--quiet"]);
    for line in ["Are we fine? No: rto.p99 is ", "What holds us back? dns-cache: ", "What to do first? "] {
        assert!(answer.out.contains(line), "{line}: {}", answer.out);
    }
    let fine = ask(&[
        "run",
        "experiments/static-stability-reserve.toml",
        "--set",
        "objectives.rto={ p99 = \"45m\" }",
        "--trials",
        "400",
        "--quiet",
    ]);
    assert!(fine.out.contains("Are we fine? Yes: all 2 objectives are met."), "{}", fine.out);
    assert!(fine.out.contains("What to do first? Nothing has to change"), "{}", fine.out);
    let aimless = ask(&["run", VALID, "--trials", "50", "--quiet"]);
    assert!(aimless.out.contains("What to do first? Write [objectives] into the file"), "{}", aimless.out);
    let few = ask(&["run", VALID, "--trials", "50", "--quiet", "--set", "objectives.rpo={ p99 = \"1h\" }"]);
    assert!(few.out.contains("What to do first? More trials"), "{}", few.out);
}

#[test]
fn a_sweep_ends_with_the_cost_of_each_point_where_there_are_prices() {
    let base = ["sweep", VALID, "--trials", "50", "--quiet", "--format", "csv"];
    let vary = ["--vary", "compute.instances.desired=4,8", "--set", "prices.instance-hour=0.1"];
    let answer = ask(&[&base[..], &vary].concat());
    let lines: Vec<&str> = answer.out.lines().collect();
    assert!(lines[0].ends_with(",monthly_cost"), "{}", lines[0]);
    let costs: Vec<f64> =
        lines[1..].iter().map(|line| line.rsplit(',').next().unwrap_or_default().parse().expect("a number")).collect();
    // Two regions of 4 and of 8 instances.
    assert!((costs[0] - 584.0).abs() < 1e-6 && (costs[1] - 1_168.0).abs() < 1e-6, "{costs:?}");
    let without = ask(&[&base[..], &vary[..2]].concat());
    assert!(!without.out.contains("monthly_cost"), "{}", without.out);
}

#[test]
fn hints_for_prices_come_where_they_are_asked_for() {
    let hints = ask(&["init", "warm-standby", "--prices", "-o", "-"]);
    assert!(hints.out.contains("# [prices]") && hints.out.contains("2024") && hints.out.contains("Infracost"));
    assert!(!ask(&["init", "warm-standby", "-o", "-"]).out.contains("[prices]"));
}

/// Tiers behind the front, tasks and pods count as what they run on, and calls lead to the stores behind them.
#[test]
fn every_tier_is_counted_where_it_runs() {
    let text = r#"
        name = "tiers"
        horizon = "1h"
        [regions.us-east-1]
        [regions.eu-west-1]
        [services.web]
        kind = "ec2-auto-scaling"
        requests-per-second = 100
        instances = { desired = 4 }
        needs = [ { call = "orders" } ]
        [services.orders]
        kind = "ecs"
        requests-per-second = 100
        tasks = { desired = 3 }
        needs = [ { call = "stock" }, { call = "stock" }, { write = "orders" } ]
        [services.stock]
        kind = "eks"
        requests-per-second = 100
        pods = { desired = 6 }
        nodes = { desired = 2, pods-per-node = 4 }
        needs = [ { read = "orders" } ]
        [dns]
        policy = "latency"
        health-check = false
        [[clients]]
        name = "all"
        near = "us-east-1"
        requests-per-second = 100
        [stores.orders]
        kind = "dynamodb-global-table"
        [[journeys]]
        name = "buy"
        share = 1
        enters = "web"
        [prices]
        task-hour = 1
    "#;
    let bill = crate::lab::open(text).header.bill.expect("it has prices");
    let seconds = HOURS * 3_600.0;
    // In each of two regions 4 instances and 2 nodes, 3 tasks, and a balancer in front of each of the three tiers. Every
    // request of 100 a second writes once and reads twice.
    let expected = [
        ("instance-hour", 2.0 * (4.0 + 2.0) * HOURS),
        ("task-hour", 2.0 * 3.0 * HOURS),
        ("load-balancer-hour", 2.0 * 3.0 * HOURS),
        ("table-write", 100.0 * seconds),
        ("table-read", 200.0 * seconds),
        ("replicated-write", 100.0 * seconds),
    ];
    for (key, expected) in expected {
        let found = count(&bill, key);
        assert!((found - expected).abs() <= 1e-9 * expected, "{key}: {found} {expected}");
    }
}

/// What no price counts is no saving and no gift: each step that AWS charges for in such a way says so, and steps that cost nothing
/// do not.
#[test]
fn steps_that_no_price_counts_say_so() {
    use Uncounted as U;
    let uncounted = |lever: &Lever| {
        let fast = lever.changes.iter().all(|change| change.value == "\"10s\"");
        Some(match lever.kind {
            Kind::CheckInterval => U::FastChecks,
            Kind::AlarmPeriod if fast => U::FastAlarms,
            Kind::DnsTtl => U::Queries,
            Kind::Accelerator => U::AcceleratorTransfer,
            Kind::Monitoring => U::DetailedMonitoring,
            Kind::WarmPool => U::StoppedInstances,
            Kind::Proxy => U::Proxies,
            Kind::TimeControl => U::TimeControl,
            Kind::AccessPoint => U::AccessPoints,
            Kind::StoreCapacity => U::StoreCapacity,
            Kind::RestorePoints => U::BackupFrequency,
            Kind::ServiceCapacity => U::ManagedServices,
            _ => return None,
        })
    };
    let free = [
        Kind::CheckThreshold,
        Kind::Failback,
        Kind::Approval,
        Kind::Automation,
        Kind::Paging,
        Kind::AlarmDatapoints,
        Kind::AutomationRegion,
        Kind::WarmUp,
        Kind::Retries,
        Kind::Timeout,
        Kind::SoftNeed,
        Kind::QueueOrder,
    ];
    let mut seen = Vec::new();
    for name in names(&root().join("experiments"), ".toml") {
        let priced = |sets: &[(&str, &str)]| open_file(&name, &[&[("prices.instance-hour", "1")], sets].concat());
        let base = priced(&[]);
        for lever in base.source.levers(&base.header.resolved) {
            let expected = uncounted(&lever);
            if expected.is_none() && !free.contains(&lever.kind) {
                continue;
            }
            let sets: Vec<(String, String)> = lever.sets().collect();
            let sets: Vec<(&str, &str)> = sets.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            let with = priced(&sets).header.bill;
            let more = Bill::more(with.as_ref(), base.header.bill.as_ref()).expect("both have prices");
            match expected {
                Some(what) => assert!(more.uncounted.contains(&what), "{name}: {}: {more:?}", lever.title),
                None => assert!(more.is_whole() && more.amount == 0.0, "{name}: {}: {more:?}", lever.title),
            }
            seen.extend(expected);
        }
    }
    seen.sort();
    seen.dedup();
    assert!(seen.len() >= 9, "{seen:?}");
}

/// In words: neither `no cost` nor a number alone.
#[test]
fn advice_says_what_costs_leave_out() {
    let sets = ["--set", "prices.instance-hour=0.1", "--set", "dns.health-check={ interval = \"30s\" }"];
    let advise = [&["advise", VALID, "--trials", "100", "--quiet"][..], &sets].concat();
    let json = ask(&[&advise[..], &["--format", "json"]].concat());
    let document: serde_json::Value = serde_json::from_str(&json.out).expect("a document");
    let levers = document["levers"].as_array().expect("levers");
    let fast = levers.iter().find(|lever| lever["kind"] == "check-interval").expect("checks can be faster");
    assert_eq!(fast["monthly-cost-more"]["amount"], 0.0);
    assert_eq!(fast["monthly-cost-more"]["unpriced"][0], "fast-health-checks");
}
