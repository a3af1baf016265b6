//! Losses by several events at once: no region is up at the cut, replication stands still while a copy is promoted, a
//! switchover loses its source, and a single copy is left at risk.

use models::deployment::Happening;
use models::ids::StoreId;
use models::runbooks::Signal as Runbook;
use models::stores::Signal as Store;

use super::data_loss::poisson;
use crate::lab::{FIRST, figures, firsts, follows, of, rows};

/// Three regions without compute, 100 writes per second near each of the first two.
fn text(seed: u64, rest: &str) -> String {
    format!(
        r#"
        name = "second blows"
        horizon = "1h"
        seed = {seed}
        [regions.us-east-1]
        [regions.eu-west-1]
        [regions.ap-south-1]
        [dns]
        policy = "latency"
        ttl = "60s"
        health-check = {{ interval = "10s", failure-threshold = 3 }}
        [[clients]]
        name = "west"
        near = "us-east-1"
        requests-per-second = 100
        [[clients]]
        name = "east"
        near = "eu-west-1"
        requests-per-second = 100
        {rest}"#
    )
}

fn region(name: &str, at: &str, lasts: &str, more: &str) -> String {
    format!(
        "[[faults]]\nkind = \"region-outage\"\nregion = \"{name}\"\nat = \"{at}\"\nduration = \"{lasts}\"\n{more}\n"
    )
}

fn all(sample: &[f64], expected: f64, within: f64) {
    assert!(sample.iter().all(|value| (value - expected).abs() < within), "{expected}, not all of {sample:?}");
}

const BOTH: &str = r#"
        [stores.table]
        kind = "dynamodb-global-table"
        regions = ["us-east-1", "eu-west-1"]
        replication-delay = "1s"
        [stores.log]
        kind = "aurora-global"
        regions = ["us-east-1", "eu-west-1"]
        writer = "eu-west-1"
        replication-lag = "1s"
        [[journeys]]
        name = "buy"
        share = 1
        needs = [{ write = "table" }, { write = "log" }]
"#;

#[test]
fn what_a_region_took_while_the_other_was_out_is_lost_with_it_from_a_table_as_from_a_log() {
    let trials = 1_000;
    let destroyed =
        region("us-east-1", "10m", "30m", "") + &region("eu-west-1", "20m", "permanent", "destroyed = true");
    let table = rows(&text(81, &format!("{BOTH}{destroyed}")), trials);
    let (lost, in_log) = (of(&table, "store.table.lost"), of(&table, "store.log.lost"));
    // Both took the same writes of those ten minutes. The log lacks the second before them as well, in which it took 200;
    // the table what was in flight when they began: 100 per second for one second.
    let in_flight: Vec<f64> = lost.iter().zip(&in_log).map(|(table, log)| (table - (log - 200.0)).round()).collect();
    follows(&in_flight, |k| poisson(100.0, k.floor()));
    assert!(in_log.iter().all(|lost| (60_000.0..120_200.0).contains(lost)), "the second population comes on top");
    all(&of(&table, "store.log.loss_s"), 601.0, 1e-6);
    assert!(of(&table, "store.table.loss_s").iter().all(|age| (600.0..=601.0).contains(age)));
    // The writes that the first region had in flight return with it.
    follows(&of(&table, "store.table.stranded"), |k| poisson(100.0, k.floor()));
    for figure in ["overwritten", "delayed"] {
        all(&of(&table, &format!("store.table.{figure}")), 0.0, 1e-9);
    }
}

#[test]
fn what_a_region_took_while_the_other_was_out_is_stranded_if_that_one_is_back_first() {
    let back = region("us-east-1", "10m", "15m", "") + &region("eu-west-1", "20m", "permanent", "");
    let gone = back.replace("\"permanent\"", "\"permanent\"\ndestroyed = true");
    let (back, gone) = (rows(&text(82, &format!("{BOTH}{back}")), 200), rows(&text(82, &format!("{BOTH}{gone}")), 200));
    all(&of(&back, "store.table.lost"), 0.0, 1e-9);
    // The same writes as would have been lost, and what the first region had in flight.
    let (lost, own) = (of(&gone, "store.table.lost"), of(&gone, "store.table.stranded"));
    for ((stranded, lost), own) in of(&back, "store.table.stranded").iter().zip(lost).zip(own) {
        assert!((stranded - lost - own).abs() < 1e-6 && lost > 60_000.0, "{stranded}: {lost} and {own}");
    }
}

const LOG: &str = r#"
        [stores.log]
        kind = "aurora-global"
        writer = "us-east-1"
        zone = "a"
        replication-lag = "1s"
        promotion-time = "1m"
        rebuild-time = "5m"
        endpoint-update = "10s"
        endpoint-ttl = "0s"
        switch-over-time = "20s"
        in-region-failover = "10m"
        [[journeys]]
        name = "buy"
        share = 1
        needs = [{ write = "log" }]
"#;

/// Somebody acts so long after the first failed request.
fn runbook(name: &str, after: &str, step: &str, to: &str) -> String {
    format!(
        "[[runbooks]]\nname = \"{name}\"\non = {{ operator = \"{after}\" }}\nhosted-in = [\"ap-south-1\"]\n\
         steps = [{{ {step} = \"log\", to = \"{to}\" }}]\n"
    )
}

#[test]
fn a_promotion_does_not_forget_a_stall_that_is_under_way() {
    let promotions = runbook("first", "2m", "promote", "eu-west-1") + &runbook("second", "5m", "promote", "ap-south-1");
    let outages = region("us-east-1", "10m", "permanent", "") + &region("eu-west-1", "35m", "permanent", "");
    let stall = "[[faults]]\nkind = \"replication-stall\"\nstore = \"log\"\nbetween = [\"eu-west-1\", \"ap-south-1\"]\n\
                 at = \"5m\"\nduration = \"permanent\"\n";
    let found = |stall: &str| {
        let table = rows(&text(83, &format!("{LOG}{promotions}{outages}{stall}")), 50);
        ["loss_s", "lost", "stranded"].map(|figure| of(&table, &format!("store.log.{figure}")))
    };
    // Promoted at 13 min and written to from 13 min 10 s on: until then all clients have moved. The third copy is never
    // built anew and cannot be promoted: all that the second region took until 35 min, from the promotion on, is stranded
    // there; the first lost its last second.
    let [seconds, lost, stranded] = found(stall);
    all(&seconds, 35.0 * 60.0 - 13.0 * 60.0, 1e-6);
    all(&lost, 200.0, 1e-6);
    all(&stranded, 200.0 * (35.0 * 60.0 - 790.0), 1e-6);
    // Without the stall it is whole after five minutes, and is promoted at 41 min.
    let [seconds, lost, stranded] = found("");
    all(&seconds, 1.0, 1e-6);
    all(&lost, 200.0 + 200.0, 1e-6);
    all(&stranded, 0.0, 1e-9);
}

#[test]
fn a_switchover_whose_source_is_destroyed_fails_and_loses_what_was_not_applied() {
    let gray = "[[faults]]\nkind = \"gray-failure\"\nregion = \"us-east-1\"\nerror = 0.5\nseen = 0\nat = \"10m\"\n\
                duration = \"permanent\"\n";
    let end = region("us-east-1", "12m30s", "permanent", "destroyed = true");
    let rest = format!("{LOG}{}{gray}{end}", runbook("move", "2m", "switch-over", "eu-west-1"));
    let text = text(84, &rest.replace("kind = \"aurora-global\"", "kind = \"aurora-global\"\napply-rate = 150"));
    // For ten minutes 200 writes per second come and 150 are applied, then 150 come: 30 000 wait when the switchover
    // begins at 12 min, 200 s of work. Half a minute later, in which nothing is written, 25 500 are left of the 138 000
    // that were written: those from the 112 500th on, at 562.5 s. With the lag of 1 s the copy lacks everything since 561.5 s.
    let table = rows(&text, 20);
    all(&of(&table, "store.log.loss_s"), 720.0 - 561.5, 1e-6);
    all(&of(&table, "store.log.lost"), 200.0 * (600.0 - 561.5) + 150.0 * 120.0, 1e-6);
    // It fails after its full time, 20 s and the 200 s of work, and the runbook hears of it.
    let failed = |what: &Happening| matches!(what, Happening::Runbook { signal: Runbook::StepFailed(0), .. });
    all(&firsts(&text, 3, failed), 120.0 + 220.0, 1e-6);
    assert!(of(&table, "promoted.log_s").iter().all(|at| at.is_nan() || at.is_infinite()), "nothing was promoted");
}

#[test]
fn the_failover_of_a_former_writer_leaves_that_of_its_successor_alone() {
    let zone = |region: &str, at: &str| {
        format!(
            "[[faults]]\nkind = \"zone-outage\"\nregion = \"{region}\"\nzone = \"a\"\nat = \"{at}\"\n\
             duration = \"permanent\"\n"
        )
    };
    let zones = zone("us-east-1", "10m") + &zone("eu-west-1", "19m50s");
    let rest = format!("{LOG}{}{zones}", runbook("move", "2m", "promote", "eu-west-1"));
    // Down from 10 min until the successor is written to at 13 min 10 s, and for its own failover of ten minutes.
    all(&figures(&text(85, &rest), "journey.buy.downtime_s", 20), 190.0 + 600.0, 1e-6);
}

#[test]
fn a_detached_copy_is_at_risk_to_the_end_a_promoted_one_until_all_are_built_anew_and_a_strong_table_with_one_region() {
    let at_risk = |rest: &str, store: &str| figures(&text(86, rest), &format!("store.{store}.at_risk_s"), 3);
    let outage = region("us-east-1", "10m", "10m", "");
    // Ten minutes of outage, and five until the copy in that region is whole.
    let alone = [
        ("aurora-global", "promote", 900.0),
        ("aurora-global", "detach", 3_000.0),
        ("elasticache-global", "promote", 900.0),
        ("elasticache-global", "detach", 3_000.0),
        ("rds-replica", "promote", 900.0),
        ("rds-replica", "detach", 900.0),
    ];
    for (kind, step, expected) in alone {
        let store = format!(
            "[stores.log]\nkind = \"{kind}\"\nwriter = \"us-east-1\"\npromotion-time = \"1m\"\nrebuild-time = \"5m\"\n\
             [[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [{{ write = \"log\" }}]\n"
        );
        let rest = format!("{store}{}{outage}", runbook("move", "2m", step, "eu-west-1"));
        all(&at_risk(&rest, "log"), expected, 1e-6);
    }
    let strong = "[stores.ledger]\nkind = \"dynamodb-global-table\"\nconsistency = \"strong\"\n\
                  [[journeys]]\nname = \"buy\"\nshare = 1\nneeds = [{ write = \"ledger\" }]\n";
    all(&at_risk(&format!("{strong}{outage}"), "ledger"), 0.0, 1e-9);
    // Two are out together from 15 min to 20 min.
    let second = region("eu-west-1", "15m", "30m", "destroyed = true");
    all(&at_risk(&format!("{strong}{outage}{second}"), "ledger"), 300.0, 1e-6);
}

#[test]
fn a_bounded_writer_says_when_it_holds_commits_back_and_when_it_takes_them_again() {
    let bounded = LOG.replace("kind = \"aurora-global\"", "kind = \"aurora-global\"\nrpo-bound = \"20s\"");
    let stall = "[[faults]]\nkind = \"replication-stall\"\nstore = \"log\"\nat = \"10m\"\nduration = \"2m\"\n";
    let text = text(87, &format!("{bounded}{stall}"));
    let told = |signal: Store| firsts(&text, 2, |what| *what == Happening::Store { store: StoreId::new(0), signal });
    // A second behind at 10 min, 20 s behind at 10 min 19 s. A stall does not start the clock.
    all(&told(Store::CommitsHeld(FIRST)), 619.0, 1e-6);
    all(&told(Store::CommitsGoOn(FIRST)), 720.0, 1e-6);
}
