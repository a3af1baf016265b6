//! Queues: how much waits, how old it gets and when it is caught up follow from rates alone.
//!
//! Messages arrive at a rate a. A consumer that carries C, of whose attempts a share p succeeds, and that calls load with b, works off
//! (C - b) p. An outage of the consumer of length T leaves a T messages, the oldest of age T; they are gone a T / ((C - b) p - a)
//! later.

use models::deployment::Observer;
use models::flow::Flow;
use sim_core::time::SimTime;

use crate::lab::{of, rows, watched};

/// 100 messages a second from one region; a worker that carries 150 a second there; so much else.
fn text(worker: &str, rest: &str) -> String {
    format!(
        r#"
        name = "queues"
        horizon = "4h"
        [regions.us-east-1]
        [dns]
        policy = "simple"
        health-check = false
        [services.web]
        kind = "managed"
        [services.worker]
        kind = "managed"
        requests-per-second = 150
        {worker}
        [stores.jobs]
        kind = "queue"
        consumed-by = "worker"
        [stores.table]
        kind = "dynamodb-global-table"
        [[journeys]]
        name = "send"
        share = 1
        enters = "web"
        needs = [ {{ write = "jobs" }} ]
        [[clients]]
        name = "everybody"
        near = "us-east-1"
        requests-per-second = 100
        cohorts = 1
        {rest}"#
    )
}

fn impaired(what: &str, error: f64) -> String {
    format!(
        "[[faults]]\nkind = \"service-impairment\"\n{what}\nregion = \"us-east-1\"\nerror = {error}\nat = \"10m\"\nduration = \"20m\"\n"
    )
}

/// Backlog, largest age, time to catch up, mean and p99 of waits.
fn waited(text: &str) -> [f64; 5] {
    let columns = ["backlog_max", "age_max_s", "caught_up_s", "delay_mean_s", "delay_p99_s"];
    let table = rows(text, 1);
    columns.map(|column| of(&table, &format!("store.jobs.{column}"))[0])
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-5 * (1.0 + expected.abs()), "{found} is not {expected}");
}

#[test]
fn an_outage_of_the_consumer_is_worked_off_with_what_is_spare() {
    let [backlog, oldest, caught_up, mean, _] = waited(&text("", &impaired("service = \"worker\"", 1.0)));
    close(backlog, 100.0 * 1_200.0);
    close(oldest, 1_200.0);
    // 50 a second are spare: 2,400 s.
    close(caught_up, 1_200.0 + 2_400.0);
    // Little's law over four hours.
    close(mean, 0.5 * 3_600.0 * 120_000.0 / (100.0 * 14_400.0));
}

#[test]
fn messages_that_fail_stay_and_are_tried_again() {
    // Half of all attempts at the table fail: of 150 attempts 75 messages are done, 25 fewer than arrive.
    let needs = "needs = [ { write = \"table\" } ]";
    let [backlog, oldest, caught_up, ..] = waited(&text(needs, &impaired("store = \"table\"", 0.5)));
    close(backlog, 25.0 * 1_200.0);
    // After 1,200 s the messages of the first 900 s are done.
    close(oldest, 300.0);
    close(caught_up, 1_200.0 + 30_000.0 / 50.0);
    // A fifth that fails needs 125 attempts a second, for which there is room.
    assert_eq!(waited(&text(needs, &impaired("store = \"table\"", 0.2)))[..3], [0.0; 3]);
}

#[test]
fn calls_come_before_messages() {
    // The journey calls the worker as well: 100 calls leave 50 a second for 100 messages, from the start.
    let both = text("", "").replace("needs = [ { write", "needs = [ { call = \"worker\" }, { write");
    let [backlog, oldest, caught_up, ..] = waited(&both);
    close(backlog, 50.0 * 14_400.0);
    // Half of what arrived is done by the end.
    close(oldest, 7_200.0);
    assert_eq!(caught_up, f64::INFINITY);
}

/// Loads at the end of a trial.
#[derive(Default)]
struct AtTheEnd(Flow);

impl Observer for AtTheEnd {
    fn settled(&mut self, _: SimTime, flow: &Flow) {
        self.0 = flow.clone();
    }
}

#[test]
fn messages_load_their_consumer_and_what_it_needs() {
    // The table takes a fifth less than it should for good: 125 attempts a second reach the worker, 100 writes are done.
    let needs = "needs = [ { write = \"table\" } ]";
    let fault = impaired("store = \"table\"", 0.2).replace("\"20m\"", "\"permanent\"");
    let flow = watched::<AtTheEnd>(&text(needs, &fault), 1).remove(0).0;
    close(*flow.load.last().expect("the worker has a load"), 125.0);
    // Writes: to the queue by requests, to the table by messages.
    assert_eq!(flow.acknowledged().len(), 2);
    close(flow.acknowledged()[0], 100.0);
    close(flow.acknowledged()[1], 100.0);
}

#[test]
fn a_region_that_is_out_keeps_its_messages_and_one_that_is_destroyed_takes_them_along() {
    for destroyed in [false, true] {
        // The worker is impaired from 10 min on, the region goes out at 20 min for half an hour.
        let outage = format!(
            "{}[[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nat = \"20m\"\nduration = \"30m\"\ndestroyed = {destroyed}\n",
            impaired("service = \"worker\"", 1.0)
        );
        let table = rows(&text("", &outage), 1);
        let figure = |column: &str| of(&table, &format!("store.jobs.{column}"))[0];
        close(figure("backlog_max"), 60_000.0);
        close(figure("loss_s"), 600.0);
        let (lost, stranded, oldest) = if destroyed { (60_000.0, 0.0, 600.0) } else { (0.0, 60_000.0, 2_400.0) };
        close(figure("lost"), lost);
        close(figure("stranded"), stranded);
        close(figure("age_max_s"), oldest);
    }
}
