//! Stores in shards by population.
//!
//! One shard for everybody is Aurora, number by number. With a shard for each population, those whose writer lives are
//! served in full, and what is lost is what their neighbours wrote.

use crate::lab::{of, rows};

fn text(store: &str) -> String {
    format!(
        r#"
        name = "shards"
        horizon = "40m"
        [regions.us-east-1]
        [regions.eu-west-1]
        [dns]
        policy = "latency"
        ttl = "60s"
        [[clients]]
        name = "america"
        near = "us-east-1"
        requests-per-second = 600
        [[clients]]
        name = "europe"
        near = "eu-west-1"
        requests-per-second = 400
        retries = {{ attempts = 2 }}
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
    let apart = "kind = \"sharded-relational\"\nshards = [{ clients = [\"america\"], writer = \"us-east-1\" }, \
                 { clients = [\"europe\"], writer = \"eu-west-1\" }]";
    let table = rows(&text(apart), 20);
    assert!(of(&table, "population.europe.failed").iter().all(|&failed| failed == 0.0));
    assert!(of(&table, "store.orders.lost").iter().all(|lost| (lost - 1_200.0).abs() < 1e-6), "600/s for two seconds");
    assert!(of(&table, "store.orders.loss_s").iter().all(|&seconds| (seconds - 2.0).abs() < 1e-9));
    // Two minutes until somebody looks, 90 s of promotion, ten of a name that follows.
    let failed = of(&table, "population.america.failed");
    assert!(failed.iter().all(|failed| (failed - 600.0 * 220.0).abs() < 1e-6), "{failed:?}");
}
