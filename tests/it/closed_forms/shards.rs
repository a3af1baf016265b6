//! Stores in shards by population.
//!
//! One shard for everybody is Aurora, number by number. With a shard for each population, those whose writer lives are
//! served in full, and what is lost is what their neighbours wrote.

use models::deployment::Happening;
use models::ids::PlaceId;

use crate::lab::{FIRST, firsts, head, of, rows};

fn text(store: &str) -> String {
    let head = head(
        "horizon = \"40m\"",
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"\nttl = \"60s\"",
        &[
            ("america", "us-east-1", "requests-per-second = 600"),
            ("europe", "eu-west-1", "requests-per-second = 400\nretries = { attempts = 2 }"),
        ],
    );
    format!(
        r#"{head}
        [stores.orders]
        {store}
        replication-lag = "2s"
        promotion-time = "90s"
        endpoint-update = "10s"
        endpoint-ttl = "0s"
        [[journeys]]
        name = "checkout"
        share = 1.0
        needs = [ {{ write = "orders" }} ]
        [[runbooks]]
        name = "promote"
        on = {{ operator = "2m" }}
        hosted-in = ["eu-west-1"]
        steps = [ {{ promote = "orders", to = "eu-west-1" }} ]
        [[faults]]
        kind = "region-outage"
        region = "us-east-1"
        at = "10m"
        duration = "permanent""#
    )
}

/// A shard for each population.
const APART: &str = "kind = \"sharded-relational\"\nshards = [{ clients = [\"america\"], writer = \"us-east-1\" }, \
                     { clients = [\"europe\"], writer = \"eu-west-1\" }]";

const COLUMNS: [&str; 5] = [
    "journey.checkout.recovery_s",
    "store.orders.loss_s",
    "store.orders.lost",
    "promoted.orders_s",
    "population.europe.failed",
];

#[test]
fn one_shard_for_everybody_is_one_database() {
    let one = rows(
        &text(
            "kind = \"sharded-relational\"\nshards = [{ clients = [\"america\", \"europe\"], writer = \"us-east-1\" }]",
        ),
        20,
    );
    let whole = rows(&text("kind = \"aurora-global\"\nwriter = \"us-east-1\""), 20);
    for column in COLUMNS {
        assert_eq!(of(&one, column), of(&whole, column), "{column}");
    }
    // 1,000 writes per second, two seconds of lag, and none after the fault.
    assert!(of(&one, "store.orders.lost").iter().all(|lost| (lost - 2_000.0).abs() < 1e-6));
}

#[test]
fn whose_writer_lives_is_served_and_keeps_its_data() {
    let table = rows(&text(APART), 20);
    assert!(of(&table, "population.europe.failed").iter().all(|&failed| failed == 0.0));
    assert!(of(&table, "store.orders.lost").iter().all(|lost| (lost - 1_200.0).abs() < 1e-6), "600/s for two seconds");
    assert!(of(&table, "store.orders.loss_s").iter().all(|&seconds| (seconds - 2.0).abs() < 1e-9));
    // Two minutes until somebody looks, 90 s of promotion, ten of a name that follows.
    let failed = of(&table, "population.america.failed");
    assert!(failed.iter().all(|failed| (failed - 600.0 * 220.0).abs() < 1e-6), "{failed:?}");
}

/// Another fault than the outage.
fn struck(fault: &str) -> String {
    let text = text(APART);
    let outage = text.find("[[faults]]").expect("a fault");
    format!("{}{fault}", &text[..outage])
}

#[test]
fn a_writer_that_answers_with_errors_is_promoted_over_and_no_other() {
    // Europe's writer fails everything from 600 s on; whoever promotes in us-east-1 moves that shard and not America's.
    let fault = "[[faults]]\nkind = \"service-impairment\"\nstore = \"orders\"\nregion = \"eu-west-1\"\nat = \"10m\"\nduration = \"permanent\"";
    let text = struck(fault).replace("to = \"eu-west-1\"", "to = \"us-east-1\"");
    let table = rows(&text, 20);
    // Until somebody looks, while it is promoted, and until the name follows.
    assert!(of(&table, "population.europe.failed").iter().all(|failed| (failed - 400.0 * 220.0).abs() < 1e-6));
    assert!(of(&table, "population.america.failed").iter().all(|&failed| failed == 0.0));
    assert!(of(&table, "promoted.orders_s").iter().all(|at| (at - 210.0).abs() < 1e-6));
}

#[test]
fn a_deep_check_meets_every_shard() {
    // Writes of Europe's shard fail, wherever they come from: three probes of 30 s later both regions are unhealthy.
    let fault = "[[faults]]\nkind = \"service-impairment\"\nstore = \"orders\"\nregion = \"eu-west-1\"\nat = \"10m\"\nduration = \"permanent\"";
    let deep = |need: &str| {
        let text = struck(fault).replace("operator = \"2m\"", "operator = \"2h\"");
        text.replace("ttl = \"60s\"", &format!("ttl = \"60s\"\nhealth-check.deep = [{{ {need} = \"orders\" }}]"))
    };
    let turned = |text: &str| {
        firsts(text, 5, |what| *what == Happening::HealthTurned { place: PlaceId::of(FIRST), healthy: false })
    };
    assert!(turned(&deep("write")).iter().all(|at| *at > 60.0 && *at < 90.0));
    // Reads of us-east-1 find its own copy of either shard.
    assert!(turned(&deep("read")).iter().all(|at| at.is_nan()));
}
