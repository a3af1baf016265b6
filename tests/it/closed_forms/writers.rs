//! Moves of a writer: the new one, the fencing of the former one, the other copies, and operators who look again before
//! they act.
//!
//! Each expectation is derived in the test, from constants or from laws that the text gives.

use std::fs;

use models::deployment::{Happening, Observer};
use models::ids::{RunbookId, StoreId};
use models::runbooks::Signal as Runbook;
use models::stores::{Loss, Signal as Store};
use sim_core::time::SimTime;

use crate::lab::{Diary, FIRST, Law, SECOND, figures, follows, head, of, rows, uniform, watched};
use crate::program::ask_in;

const TRIALS: u64 = 2_000;
const TWO: [&str; 2] = ["us-east-1", "eu-west-1"];

fn all(sample: &[f64], expected: f64, within: f64) {
    assert!(sample.iter().all(|value| (value - expected).abs() < within), "{expected}, not all of {sample:?}");
}

fn region(name: &str, at: &str, lasts: &str) -> String {
    format!("[[faults]]\nkind = \"region-outage\"\nregion = \"{name}\"\nat = \"{at}\"\nduration = \"{lasts}\"\n")
}

fn partition(at: &str, lasts: &str) -> String {
    format!(
        "[[faults]]\nkind = \"partition\"\nbetween = [\"us-east-1\", \"eu-west-1\"]\nat = \"{at}\"\nduration = \"{lasts}\"\n"
    )
}

fn runbook(name: &str, on: &str, host: &str, steps: &str) -> String {
    format!("[[runbooks]]\nname = \"{name}\"\non = {{ {on} }}\nhosted-in = \"{host}\"\nsteps = [{steps}]\n")
}

fn journey(name: &str, share: f64, needs: &str) -> String {
    format!("[[journeys]]\nname = \"{name}\"\nshare = {share:?}\nneeds = [{{ {needs} }}]\n")
}

/// A log with constants for all times, written in us-east-1.
fn log(kind: &str, more: &str) -> String {
    format!(
        "[stores.orders]\nkind = \"{kind}\"\nwriter = \"us-east-1\"\nreplication-lag = \"1s\"\nendpoint-update = \"10s\"\n{more}\n"
    )
}

#[test]
fn a_writer_that_lost_its_zone_is_found_when_the_address_of_the_former_one_is_forgotten() {
    for (kind, more, ttl) in [
        ("rds-replica", "", 3_600.0),
        ("rds-replica", "", 5.0),
        ("aurora-global", "in-region-failover = { uniform = [\"60s\", \"120s\"] }", 300.0),
        ("elasticache-global", "in-region-failover = { uniform = [\"60s\", \"120s\"] }", 300.0),
        ("rds-replica", "proxy = true", 3_600.0),
        ("aurora-global", "in-region-failover = { uniform = [\"60s\", \"120s\"] }\nproxy = true", 300.0),
    ] {
        let store = log(kind, &format!("zone = \"a\"\nendpoint-ttl = \"{ttl}s\"\n{more}"));
        let zone = "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"\nat = \"10m\"\nduration = \"2h\"\n";
        let dns = "policy = \"simple\"\nprimary = \"us-east-1\"";
        let clients = [("users", "us-east-1", "requests-per-second = 100")];
        let text = head("horizon = \"3h\"\nseed = 201", &TWO[..1], dns, &clients);
        let table = rows(&format!("{text}{store}{}{zone}", journey("app", 1.0, "write = \"orders\"")), TRIALS);
        let failover: Vec<f64> =
            of(&table, "journey.app.cause.promotion").iter().map(|failed| failed / 100.0).collect();
        let waited: Vec<f64> =
            of(&table, "journey.app.cause.endpoint-update").iter().map(|failed| failed / 100.0).collect();
        follows(&failover, |x| uniform((x - 60.0) / 60.0));
        if more.contains("proxy") {
            all(&waited, 0.0, 1e-9);
        } else {
            follows(&waited, |x| uniform(x / ttl));
        }
        let step = ttl / 1_000.0;
        let both = Law::new(step, 60.0, |x| uniform(x / 60.0)).plus(&Law::new(step, ttl, |x| uniform(x / ttl)));
        let times = of(&table, "journey.app.recovery_s");
        if !more.contains("proxy") && ttl <= 300.0 {
            follows(&times, both.after(60.0).cdf());
        }
        for ((time, failover), waited) in times.iter().zip(&failover).zip(&waited) {
            assert!((time - failover - waited).abs() < 1e-6, "{time} is not {failover} and {waited}");
        }
        all(&of(&table, "store.orders.lost"), 0.0, 1e-9);
    }
}

#[test]
fn each_region_finds_a_writer_that_moved_within_its_region_in_its_own_time() {
    // Both regions keep the address for U(0, 60 s), each its own: up again at the later of two.
    let store = log("aurora-global", "zone = \"a\"\nendpoint-ttl = \"60s\"\nin-region-failover = \"30s\"");
    let zone =
        "[[faults]]\nkind = \"zone-outage\"\nregion = \"us-east-1\"\nzone = \"a\"\nat = \"10m\"\nduration = \"20m\"\n";
    let clients = [("us", TWO[0], "requests-per-second = 100"), ("eu", TWO[1], "requests-per-second = 100")];
    let text = head("horizon = \"1h\"\nseed = 202", &TWO, "policy = \"latency\"", &clients);
    let table = rows(&format!("{text}{store}{}{zone}", journey("buy", 1.0, "write = \"orders\"")), TRIALS);
    follows(&of(&table, "journey.buy.recovery_s"), |x| uniform((x - 30.0) / 60.0).powi(2));
    for population in ["us", "eu"] {
        let failed = of(&table, &format!("population.{population}.failed"));
        follows(&failed, |x| uniform((x / 100.0 - 30.0) / 60.0));
    }
}

#[test]
fn an_operator_starts_nothing_against_what_is_over_when_he_would_notice() {
    let text = r#"
        name = "over"
        horizon = "3h"
        seed = 203
        [regions.ap-south-1]
        [regions.ap-southeast-1]
        [dns]
        policy = "simple"
        primary = "ap-south-1"
        ttl = "60s"
        [[clients]]
        name = "users"
        near = "ap-south-1"
        requests-per-second = 100
        [stores.db]
        kind = "aurora-global"
        writer = "ap-south-1"
        zone = "a"
        in-region-failover = "25s"
        endpoint-ttl = "OLD"
        [[journeys]]
        name = "app"
        share = 1
        needs = [ { write = "db" } ]
        [[runbooks]]
        name = "dr"
        on = { operator = "10m" }
        hosted-in = ["ap-southeast-1"]
        steps = [ { approve = "30m" }, { detach = "db", to = "ap-southeast-1" }, { shift = "record-edit", to = "ap-southeast-1" } ]
        [[faults]]
        kind = "zone-outage"
        region = "ap-south-1"
        zone = "a"
        at = "10m"
        duration = "1h""#;
    // The steps of the runbook, and whether DNS led clients elsewhere.
    let courses = |text: &str| {
        let course = |diary: Diary| {
            let led = diary.first(|what| matches!(what, Happening::AnswerChanged { .. })).is_some();
            let signals = diary.entries.into_iter().filter_map(|(at, what)| match what {
                Happening::Runbook { signal, .. } => Some((at, signal)),
                _ => None,
            });
            (signals.collect::<Vec<(f64, Runbook)>>(), led)
        };
        watched::<Diary>(text, 40).into_iter().map(course).collect::<Vec<_>>()
    };
    // Over after 25 s and at most 5 s of an old address; noticed, it would be, after ten minutes.
    for (signals, led) in courses(&text.replace("OLD", "5s")) {
        assert!(matches!(&signals[..], [(at, Runbook::NothingToNotice)] if (25.0..30.0).contains(at)), "{signals:?}");
        assert!(!led);
    }
    // Old addresses of up to an hour: what is over after 10 min starts nothing; what is over after 40 min, when people have
    // decided, ends there without anything done; the rest is done.
    let mut ends = [0; 3];
    for (signals, led) in courses(&text.replace("OLD", "1h")) {
        let at = |wanted: Runbook| signals.iter().find(|(_, signal)| *signal == wanted).map(|(at, _)| *at);
        let (over, stood_down, finished) =
            (at(Runbook::NothingToNotice), at(Runbook::StoodDown(1)), at(Runbook::Finished));
        match (over, stood_down, finished) {
            (Some(at), None, None) => assert!((25.0..600.0).contains(&at) && !led),
            (None, Some(at), None) => assert!((at - 2_400.0).abs() < 1e-6 && !led),
            (None, None, Some(_)) => assert!(led),
            other => panic!("{other:?}"),
        }
        ends[[over, stood_down, finished].iter().position(Option::is_some).expect("one of them")] += 1;
    }
    assert!(ends.iter().all(|&trials| trials > 0), "{ends:?}");
}

/// Three regions of which the first, the writer's, is out; the second's copy is promoted.
fn three(seed: u64, promoted: &str, clients: &[(&str, &str, &str)], rest: &str) -> String {
    let regions = ["us-east-1", "us-west-2", "eu-west-1"];
    let head = head(
        &format!("horizon = \"3h\"\nseed = {seed}"),
        &regions,
        "policy = \"latency\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }",
        clients,
    );
    let store = log("aurora-global", "promotion-time = \"2m\"\nrebuild-time = { uniform = [\"10m\", \"20m\"] }");
    let promote = format!("{{ promote = \"orders\", to = \"{promoted}\" }}");
    let promote = runbook("promote", "health-check = \"us-east-1\"", "eu-west-1", &promote);
    format!("{head}{store}{promote}{rest}")
}

#[test]
fn the_copies_of_other_regions_fail_reads_until_they_are_built_anew() {
    // us-west-2 reads its own copy and nothing else. It fails from the promotion in eu-west-1 until it is rebuilt.
    let rest = region("us-east-1", "10m", "2h") + &journey("look", 1.0, "read = \"orders\"");
    let table = rows(&three(204, "eu-west-1", &[("west", "us-west-2", "requests-per-second = 100")], &rest), TRIALS);
    let dependency = of(&table, "journey.look.cause.dependency");
    follows(&dependency.iter().map(|failed| failed / 100.0).collect::<Vec<_>>(), |x| uniform((x - 600.0) / 600.0));
    let back: Vec<f64> = of(&table, "journey.look.recovery_s")
        .iter()
        .zip(of(&table, "promoted.orders_s"))
        .map(|(recovery, promoted)| recovery - promoted)
        .collect();
    follows(&back, |x| uniform((x - 600.0) / 600.0));
    // At risk until the former writer's region is whole as well, which begins two hours after it went out; then every
    // copy is.
    let at_risk: Vec<f64> = of(&table, "store.orders.at_risk_s").iter().map(|time| time - 7_200.0).collect();
    follows(&at_risk, |x| uniform((x - 600.0) / 600.0));
    for (rebuilt, at_risk) in of(&table, "rebuilt.orders_s").iter().zip(&at_risk) {
        assert!((rebuilt - 7_200.0 - at_risk).abs() < 1e-6, "{rebuilt}");
    }

    // Two journeys and two populations: clients near eu-west-1 cannot read while that copy is rebuilt from us-west-2.
    let clients =
        [("america", "us-east-1", "requests-per-second = 100"), ("europe", "eu-west-1", "requests-per-second = 100")];
    let rest = region("us-east-1", "10m", "permanent")
        + &journey("browse", 0.9, "read = \"orders\"")
        + &journey("checkout", 0.1, "write = \"orders\"");
    let table = rows(&three(205, "us-west-2", &clients, &rest), TRIALS);
    let europe: Vec<f64> = of(&table, "journey.browse.cause.dependency").iter().map(|failed| failed / 90.0).collect();
    follows(&europe, |x| uniform((x - 600.0) / 600.0));
    all(&of(&table, "journey.checkout.cause.dependency"), 0.0, 1e-9);
}

#[test]
fn a_copy_that_is_being_built_cannot_save_what_the_second_writer_took() {
    let clients = [("eu", "eu-west-1", "requests-per-second = 50")];
    let dns = "policy = \"latency\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }";
    let head = head("horizon = \"2h\"\nseed = 206", &TWO, dns, &clients);
    let store = log("aurora-global", "promotion-time = \"2m\"\nendpoint-ttl = \"5s\"\nrebuild-time = \"REBUILD\"");
    let text = format!(
        "{head}{store}{}{}{}{}{}destroyed = true\n",
        journey("buy", 1.0, "write = \"orders\""),
        runbook(
            "to-eu",
            "operator = \"3m\", journey = \"buy\"",
            "eu-west-1",
            "{ promote = \"orders\", to = \"eu-west-1\" }"
        ),
        runbook("to-us", "health-check = \"eu-west-1\"", "us-east-1", "{ promote = \"orders\", to = \"us-east-1\" }"),
        region("us-east-1", "10m", "30m"),
        region("eu-west-1", "40m30s", "permanent"),
    );
    // Promoted at 15 min and written to from 10 s and U(0, 5) later on until 40 min 30 s, 50 a second. The first region is
    // back at 40 min, and its copy is half a minute old. On top comes the second before the first outage.
    let table = rows(&text.replace("REBUILD", "31s"), TRIALS);
    let cached: Vec<f64> =
        of(&table, "store.orders.lost").iter().map(|lost| (50.0 + 50.0 * 1_520.0 - lost) / 50.0).collect();
    follows(&cached, |x| uniform(x / 5.0));
    all(&of(&table, "store.orders.loss_s"), 2_430.0 - 900.0, 1e-6);
    all(&of(&table, "store.orders.stranded"), 0.0, 1e-9);
    assert!(of(&table, "journey.buy.recovery_s").iter().all(|time| time.is_infinite()), "no writer is left");
    assert!(
        of(&table, "rebuilt.orders_s").iter().all(|time| time.is_infinite()),
        "nor is there anything to build from"
    );
    // Had it been whole, it would lack a second of either.
    let table = rows(&text.replace("REBUILD", "29s"), 100);
    all(&of(&table, "store.orders.lost"), 50.0 + 50.0, 1e-3);
    all(&of(&table, "store.orders.loss_s"), 1.0, 1e-6);
    // If only the second region is out, its writes are stranded.
    let out = text.replace("REBUILD", "31s").replace("destroyed = true\n", "");
    let table = rows(&out, 100);
    all(&of(&table, "store.orders.lost"), 50.0, 1e-3);
    assert!(of(&table, "store.orders.stranded").iter().all(|writes| (75_750.0..=76_000.0).contains(writes)));
}

/// Two regions with 50 requests a second each, half of which write and half read; somebody detaches the second's copy
/// three minutes after `buy` went down, in 90 s, and then does the rest.
fn detached(fault: &str, dns: &str, rest: &str) -> String {
    let clients = [("us", TWO[0], "requests-per-second = 50"), ("eu", TWO[1], "requests-per-second = 50")];
    let dns = format!("policy = \"latency\"\n{dns}\nhealth-check = {{ interval = \"10s\", failure-threshold = 3 }}");
    let steps = format!("{{ detach = \"orders\", to = \"eu-west-1\" }}{rest}");
    head("horizon = \"1h\"\nseed = 207", &TWO, &dns, &clients)
        + &log("aurora-global", "detach-time = \"90s\"").replace("lag = \"1s\"", "lag = \"2s\"")
        + &journey("buy", 0.5, "write = \"orders\"")
        + &journey("look", 0.5, "read = \"orders\"")
        + &runbook("detach", "operator = \"3m\", journey = \"buy\"", "eu-west-1", &steps)
        + fault
}

#[test]
fn a_detached_copy_is_used_when_applications_are_told_and_the_old_cluster_keeps_what_it_took() {
    let outage = region("us-east-1", "10m", "30m");
    // Without that step there is no way to write before the region is back, in which the old cluster lives.
    let table = rows(&detached(&outage, "", ""), 20);
    assert!(of(&table, "journey.buy.recovery_s").iter().all(|time| *time >= 1_800.0));
    assert!(of(&table, "repointed.orders_s").iter().all(|time| time.is_nan()));
    // Told after another minute: 3 min, 90 s, 60 s. DNS keeps the first region out: its tail of 2 s is stranded, 50 writes
    // a second, and nothing is lost.
    let told = ", { repoint = \"orders\", takes = \"1m\" }";
    let table = rows(&detached(&outage, "failback = \"manual\"", told), 20);
    all(&of(&table, "journey.buy.recovery_s"), 330.0, 1e-6);
    all(&of(&table, "detached.orders_s"), 270.0, 1e-6);
    all(&of(&table, "repointed.orders_s"), 330.0, 1e-6);
    assert!(of(&table, "rebuilt.orders_s").iter().all(|time| time.is_nan()), "nothing is to be built anew");
    all(&of(&table, "store.orders.stranded"), 100.0, 1e-3);
    all(&of(&table, "store.orders.loss_s"), 2.0, 1e-6);
    all(&of(&table, "store.orders.lost"), 0.0, 1e-9);
    // If it comes back, 25 writes a second go on to the old cluster, up to the last minute. They come back when its
    // health checks pass, some 30 s after 40 min, and caches of 60 s expire.
    let table = rows(&detached(&outage, "", told), 20);
    all(&of(&table, "store.orders.loss_s"), 3_600.0 - 598.0, 1e-6);
    let stranded = of(&table, "store.orders.stranded");
    assert!(
        stranded.iter().all(|writes| (100.0 + 25.0 * 1_050.0..100.0 + 25.0 * 1_200.0).contains(writes)),
        "{stranded:?}"
    );
    all(&of(&table, "store.orders.lost"), 0.0, 1e-9);
    // If it is destroyed there is no old cluster.
    let gone = outage + "destroyed = true\n";
    let table = rows(&detached(&gone, "failback = \"manual\"", told), 20);
    all(&of(&table, "store.orders.lost"), 100.0, 1e-3);
    all(&of(&table, "store.orders.stranded"), 0.0, 1e-9);
}

#[test]
fn behind_a_partition_two_clusters_live_on_until_somebody_tells_the_applications() {
    // eu-west-1 is cut off from 10 min to 40 min and writes nowhere: 3 min until somebody acts, 90 s of detachment, and
    // then no name that leads to the new cluster. When the way is whole again, so is the old name.
    let cut = partition("10m", "30m");
    let table = rows(&detached(&cut, "", ""), 10);
    all(&of(&table, "journey.buy.recovery_s"), 1_800.0, 1e-6);
    for (cause, seconds) in [("decision", 180.0), ("promotion", 90.0), ("endpoint-update", 1_530.0)] {
        all(&of(&table, &format!("journey.buy.cause.{cause}")), 25.0 * seconds, 1e-3);
    }
    // The copy lacks what the old cluster took from 598 s on: 50 writes a second for 2 s, 25 during the partition, then 50.
    all(&of(&table, "store.orders.stranded"), 100.0 + 25.0 * 1_800.0 + 50.0 * 1_200.0, 1e-3);
    all(&of(&table, "store.orders.loss_s"), 3_600.0 - 598.0, 1e-6);
    all(&of(&table, "store.orders.lost"), 0.0, 1e-9);
    // Told after a minute, eu-west-1 writes to its own from 330 s on, and goes on when the partition is over.
    let table = rows(&detached(&cut, "", ", { repoint = \"orders\", takes = \"1m\" }"), 10);
    all(&of(&table, "journey.buy.recovery_s"), 330.0, 1e-6);
    all(&of(&table, "store.orders.stranded"), 100.0 + 25.0 * 3_000.0, 1e-3);
}

/// How stores ended.
#[derive(Debug, Default)]
struct End(Vec<Loss>);

impl Observer for End {
    fn ended(&mut self, _: SimTime, losses: &[Loss]) {
        self.0 = losses.to_vec();
    }
}

#[test]
fn a_writer_that_is_away_at_the_end_strands_what_no_copy_has() {
    let clients = [("us", TWO[0], "requests-per-second = 100"), ("eu", TWO[1], "requests-per-second = 100")];
    let text = head("horizon = \"2h\"\nseed = 208", &TWO, "policy = \"latency\"", &clients)
        + &log("aurora-global", "").replace("lag = \"1s\"", "lag = \"300ms\"")
        + "[stores.carts]\nkind = \"dynamodb-global-table\"\n[stores.catalog]\nkind = \"rds-replica\"\nwriter = \"eu-west-1\"\n"
        + &journey("checkout", 1.0, "write = \"orders\" }, { read = \"catalog\" }, { write = \"carts\"");
    let ended =
        |fault: &str| watched::<End>(&(text.clone() + fault), 5).into_iter().map(|end| end.0).collect::<Vec<_>>();
    for losses in ended(&region("us-east-1", "10m", "permanent")) {
        // 200 writes a second, 0.3 s of them.
        assert!((losses[0].stranded - 60.0).abs() < 1e-6 && (losses[0].seconds - 0.3).abs() < 1e-9, "{losses:?}");
        assert_eq!((losses[0].lost, losses[0].no_writer), (0.0, true));
        assert!(!losses[1].no_writer && !losses[2].no_writer, "{losses:?}");
    }
    for losses in ended(&region("us-east-1", "10m", "1h")) {
        assert_eq!((losses[0].seconds, losses[0].stranded, losses[0].no_writer), (0.0, 0.0, false), "it is back");
    }
    for losses in ended(&(region("us-east-1", "10m", "permanent") + "destroyed = true\n")) {
        assert!((losses[0].lost - 60.0).abs() < 1e-6 && losses[0].stranded == 0.0 && losses[0].no_writer, "{losses:?}");
    }
}

#[test]
fn an_rpo_that_is_met_without_a_writer_at_the_end_says_so() {
    let clients = [("us", TWO[0], "requests-per-second = 100"), ("eu", TWO[1], "requests-per-second = 100")];
    let text = |objectives: &str, lasts: &str| {
        head(&format!("horizon = \"2h\"\nseed = 208{objectives}"), &TWO, "policy = \"latency\"", &clients)
            + &log("aurora-global", "")
            + &journey("buy", 1.0, "write = \"orders\"")
            + &region("us-east-1", "10m", lasts)
    };
    let folder = tempfile::tempdir().expect("a folder");
    let told = |text: &str, format: &[&str]| {
        fs::write(folder.path().join("away.toml"), text).expect("a file");
        let answer = ask_in(folder.path(), &[&["run", "away.toml", "--trials", "50"], format].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        answer.out
    };
    let objective = "\nobjectives.rpo = { p50 = \"5s\" }";
    // A second of writes is stranded, which meets the objective, and no more are taken.
    let verdict = told(&text(objective, "permanent"), &[]);
    let line = verdict.lines().find(|line| line.contains("no writer at the end")).expect("it is said");
    assert!(line.contains("orders in 100 %"), "{line}");
    assert!(verdict.contains("MET"), "{verdict}");
    assert!(told(&text("", "permanent"), &[]).contains("no writer at the end"), "without an objective as well");
    assert!(!told(&text(objective, "30m"), &[]).contains("no writer"), "it is back");
    let document = told(&text(objective, "permanent"), &["--format", "json"]);
    assert!(document.contains("\"no-writer\": 50"), "{document}");
}

/// 100 writes a second from either side; the second region is promoted 30 s after its first failed request, in 200 s.
fn healed(kind: &str, more: &str, fault: &str) -> String {
    let clients = [("america", TWO[0], "requests-per-second = 100"), ("europe", TWO[1], "requests-per-second = 100")];
    head("horizon = \"30m\"\nseed = 209", &TWO, "policy = \"latency\"", &clients)
        + &log(kind, &format!("promotion-time = \"200s\"\n{more}"))
        + &journey("checkout", 1.0, "write = \"orders\"")
        + &runbook("p", "operator = \"30s\"", "eu-west-1", "{ promote = \"orders\", to = \"eu-west-1\" }")
        + fault
}

#[test]
fn a_promotion_stops_the_former_writer_when_a_partition_ends_under_it() {
    // Cut off from 300 s to 420 s, promoted from 330 s to 530 s, everybody there at 540 s. Lost: the last second of both
    // sides, and what the old side took until it was stopped.
    let table = rows(&healed("aurora-global", "endpoint-ttl = \"0s\"", &partition("300s", "120s")), 20);
    all(&of(&table, "store.orders.loss_s"), 121.0, 1e-6);
    all(&of(&table, "store.orders.lost"), 200.0 + 100.0 * 120.0, 1e-3);
    all(&of(&table, "journey.checkout.recovery_s"), 240.0, 1e-6);
    all(&of(&table, "population.america.failed"), 100.0 * (540.0 - 420.0), 1e-3);
    all(&of(&table, "population.europe.failed"), 100.0 * 240.0, 1e-3);
    let table = rows(
        &healed("elasticache-global", "endpoint-ttl = \"0s\"\nendpoint = \"global\"", &partition("300s", "120s")),
        20,
    );
    all(&of(&table, "store.orders.lost"), 200.0 + 100.0 * 120.0, 1e-3);
}

#[test]
fn nothing_stops_a_primary_whose_replica_is_promoted() {
    // Replication ends when the promotion begins. The primary takes 100 writes a second until 420 s, then 200, until each
    // side is led away, U(0, 1) after 540 s.
    let table = rows(&healed("rds-replica", "endpoint-ttl = \"1s\"", &partition("300s", "120s")), TRIALS);
    let led: Vec<f64> =
        of(&table, "store.orders.lost").iter().map(|lost| (lost - 200.0 - 12_000.0 - 24_000.0) / 100.0).collect();
    let one = Law::new(0.001, 1.0, uniform);
    follows(&led, one.plus(&one).cdf());
    let last: Vec<f64> = of(&table, "store.orders.loss_s").iter().map(|age| age - (540.0 - 299.0)).collect();
    follows(&last, |x| uniform(x).powi(2));
}

#[test]
fn a_promotion_stops_the_former_writer_when_its_region_is_back_under_it() {
    // Out from 300 s to 420 s: no write works until the promotion is done and its name is known, at 540 s.
    let table = rows(&healed("aurora-global", "endpoint-ttl = \"0s\"", &region("us-east-1", "300s", "120s")), 20);
    all(&of(&table, "journey.checkout.recovery_s"), 240.0, 1e-6);
    all(&of(&table, "journey.checkout.failed"), 48_000.0, 1e-3);
    all(&of(&table, "store.orders.lost"), 200.0, 1e-3);
}

#[test]
fn a_failback_waits_until_the_copy_of_the_first_region_is_whole() {
    let clients = [("us", TWO[0], "requests-per-second = 100"), ("eu", TWO[1], "requests-per-second = 100")];
    let dns =
        "policy = \"latency\"\nfailback = \"manual\"\nhealth-check = { interval = \"10s\", failure-threshold = 3 }";
    let steps = "{ promote = \"orders\", to = \"eu-west-1\" }, { wait = \"26m\" }, { switch-over = \"orders\", to = \"us-east-1\" }, \
                 { readmit = \"us-east-1\" }";
    let store = "promotion-time = \"2m\"\nswitch-over-time = \"20s\"\nendpoint-ttl = \"0s\"\nrebuild-time = \"40m\"";
    let text = head("horizon = \"3h\"\nseed = 210", &TWO, dns, &clients)
        + &log("aurora-global", store)
        + &journey("buy", 0.5, "write = \"orders\"")
        + &journey("look", 0.5, "read = \"orders\"")
        + &runbook("promote", "operator = \"3m\", journey = \"buy\"", "eu-west-1", steps)
        + &region("us-east-1", "10m", "30m");
    // Since the outage: promoted from 180 s to 300 s, due to go back at 1,860 s. The region is back at 1,800 s, its copy
    // whole at 4,200 s; then the switchover begins, and the region is let back when it is done.
    for diary in watched::<Diary>(&text, 5) {
        let at = |signal: Store| diary.first(|what| *what == Happening::Store { store: StoreId::new(0), signal });
        let step =
            |signal: Runbook| diary.first(|what| *what == Happening::Runbook { runbook: RunbookId::new(0), signal });
        let times = [
            at(Store::Promoted(SECOND)),
            at(Store::SwitchOverWaits(FIRST)),
            at(Store::Rebuilt(FIRST)),
            at(Store::Promoted(FIRST)),
            step(Runbook::Finished),
        ];
        let times = times.map(|time| time.map(|time| (time * 1e6).round() / 1e6));
        assert_eq!(times, [300.0, 1_860.0, 4_200.0, 4_220.0, 4_220.0].map(Some));
    }
    // Writes stop for 20 s, and for the 10 s until the name is changed; nothing is lost by it.
    let table = rows(&text, 5);
    all(&of(&table, "store.orders.lost"), 100.0, 1e-3);
    all(&of(&table, "journey.buy.cause.endpoint-update"), 2.0 * 100.0 * 10.0, 1e-3);
    all(&of(&table, "rebuilt.orders_s"), 4_200.0, 1e-6);
}

#[test]
fn every_attempt_at_a_write_counts_where_it_worked() {
    // Half of what gets to the second store fails there, and is tried three times in all: 1 + 1/2 + 1/4 attempts write to
    // the first one, and half of each to the second. Ten seconds of both are out of reach.
    let clients = [("us", TWO[0], "requests-per-second = 100\nretries = { attempts = 3 }")];
    let store = |name: &str| {
        format!("[stores.{name}]\nkind = \"aurora-global\"\nwriter = \"us-east-1\"\nreplication-lag = \"10s\"\n")
    };
    let impaired = "[[faults]]\nkind = \"service-impairment\"\nstore = \"second\"\nregion = \"us-east-1\"\nerror = 0.5\n\
                    at = \"1m\"\nduration = \"permanent\"\n";
    let text = head("horizon = \"30m\"\nseed = 211", &TWO, "policy = \"latency\"", &clients)
        + &store("first")
        + &store("second")
        + &journey("buy", 1.0, "write = \"first\" }, { write = \"second\"")
        + impaired
        + &region("us-east-1", "10m", "permanent");
    all(&figures(&text, "store.first.stranded", 3), 1_750.0, 1e-6);
    all(&figures(&text, "store.second.stranded", 3), 875.0, 1e-6);
}
