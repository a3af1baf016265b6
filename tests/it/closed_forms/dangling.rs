//! Writes that survive the loss of a region and refer to such as do not.

use crate::lab::{averages, figures, head, of, rows};

/// Writes of 8/s from the first region and of 75/s from the second, each to an order and to the payment that it refers to.
fn text(orders: &str, payments: &str, rest: &str) -> String {
    let head = head(
        "horizon = \"1h\"\nseed = 90\nobjectives.up-when = 1.0\n\
         links = [{ from = \"orders\", to = \"payments\" }, { from = \"payments\", to = \"orders\" }]",
        &["us-east-1", "eu-west-1"],
        "policy = \"latency\"",
        &[("west", "us-east-1", "requests-per-second = 8"), ("east", "eu-west-1", "requests-per-second = 75")],
    );
    format!(
        "{head}\n[[journeys]]\nname = \"buy\"\nshare = 1.0\nneeds = [{{ write = \"payments\" }}, {{ write = \"orders\" }}]\n\
         [stores.orders]\n{orders}\n[stores.payments]\n{payments}\n\
         [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"20m\"\nduration = \"permanent\"\n{rest}"
    )
}

fn log(writer: &str, lag: &str) -> String {
    format!("kind = \"aurora-global\"\nwriter = \"{writer}\"\nreplication-lag = {lag}\n")
}

fn items(delay: &str) -> String {
    format!("kind = \"dynamodb-global-table\"\nreplication-delay = {delay}\n")
}

fn promote(stores: &[&str]) -> String {
    let steps: Vec<String> =
        stores.iter().map(|store| format!("{{ promote = \"{store}\", to = \"eu-west-1\" }}")).collect();
    format!(
        "[[runbooks]]\nname = \"act\"\non = {{ operator = \"5m\" }}\nhosted-in = \"eu-west-1\"\nsteps = [{}]\n",
        steps.join(", ")
    )
}

const THERE: &str = "link.orders.payments.dangling";
const BACK: &str = "link.payments.orders.dangling";

#[track_caller]
fn all(sample: &[f64], expected: f64) {
    assert!(sample.iter().all(|value| (value - expected).abs() < 1e-3), "{expected}, not all of {sample:?}");
}

/// The one that lags less has what the other one lacks.
#[test]
fn of_two_logs_the_difference_of_their_lags_dangles() {
    let (quick, slow) = (log("us-east-1", "\"2s\""), log("us-east-1", "\"7s\""));
    let both = rows(&text(&quick, &slow, &promote(&["orders", "payments"])), 5);
    all(&of(&both, THERE), 83.0 * 5.0);
    all(&of(&both, BACK), 0.0);
    // What nobody promotes is not known to lack anything.
    all(&figures(&text(&quick, &slow, &promote(&["orders"])), THERE, 5), 0.0);
    // E max(U - V, 0) of two uniform lags over 8 s is a sixth of that.
    let uniform = log("us-east-1", "{ uniform = [\"1s\", \"9s\"] }");
    let drawn = rows(&text(&uniform, &uniform, &promote(&["orders", "payments"])), 4_000);
    averages(&of(&drawn, THERE), 83.0 * 8.0 / 6.0, 0.15);
    averages(&of(&drawn, BACK), 83.0 * 8.0 / 6.0, 0.15);
}

/// A log whose writer survives has everything, and refers to what is missing elsewhere.
#[test]
fn a_log_whose_writer_survives_lacks_nothing() {
    let (here, lost) = (log("eu-west-1", "\"2s\""), log("us-east-1", "\"7s\""));
    let table = rows(&text(&here, &lost, &promote(&["payments"])), 5);
    all(&of(&table, THERE), 83.0 * 7.0);
    all(&of(&table, BACK), 0.0);
}

/// Items that were written in the lost region are there if they arrived.
#[test]
fn of_items_those_dangle_whose_counterpart_had_not_arrived() {
    let exponential = |mean: f64| format!("{{ exponential = {{ mean = \"{mean}s\" }} }}");
    // Of two delays: the mean of the one less that of the smaller of both. Nobody has to promote anything.
    let table = rows(&text(&items(&exponential(1.0)), &items(&exponential(4.0)), ""), 5);
    let close = |column: &str, expected: f64| {
        let found = of(&table, column);
        assert!(found.iter().all(|found| (found / expected - 1.0).abs() < 2e-3), "{column}: {expected}, {found:?}");
    };
    close(THERE, 8.0 * (4.0 - 0.8));
    close(BACK, 8.0 * (1.0 - 0.8));
    // A log that lags by 3 s: orders of that age are there, and payments of the lost region that take longer are not.
    let text = text(&log("us-east-1", "\"3s\""), &items(&exponential(4.0)), &promote(&["orders"]));
    let table = rows(&text, 5);
    let (there, back) = (of(&table, THERE), of(&table, BACK));
    all(&there, 8.0 * 4.0 * (-0.75_f64).exp());
    // Payments of the other region are all there; of the lost one those of the last 3 s that arrived.
    all(&back, 75.0 * 3.0 + 8.0 * (3.0 - 4.0 * (1.0 - (-0.75_f64).exp())));
}

/// What is in two regions before it succeeds is never missing.
#[test]
fn nothing_refers_to_a_missing_write_of_a_quorum() {
    let quorum = "kind = \"dynamodb-global-table\"\nconsistency = \"strong\"\nwitness = \"us-east-2\"\n\
                  regions = [\"us-east-1\", \"eu-west-1\"]\n";
    let rest = format!("{}[regions.us-east-2]\nserves = false\n", promote(&["payments"]));
    let table = rows(&text(quorum, &log("us-east-1", "\"7s\""), &rest), 5);
    all(&of(&table, THERE), 83.0 * 7.0);
    all(&of(&table, BACK), 0.0);
}
