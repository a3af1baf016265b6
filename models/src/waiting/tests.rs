//! What waits, by itself.

use sim_core::component::Harness;
use sim_core::time::{SimDuration, SimTime};

use super::{Changed, Waiting};
use crate::flow::{Late, Room};
use crate::ids::CellId;
use crate::line::{Limit, Order, Queue};

const CELL: CellId = CellId::new(0);

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

fn waiting(limit: Limit) -> Harness<Waiting> {
    let queue = Queue { limit, order: Order::Fifo };
    let mut alone =
        Harness::new(Waiting::new(&[(CELL, queue)], &[(SimDuration::from_secs(2), 2)], SimDuration::from_secs(2)));
    alone.call(|waiting, _| waiting.begin());
    alone
}

fn wait(alone: &Harness<Waiting>, capacity: f64) -> (f64, Room) {
    let held = alone.component().held(CELL, capacity).expect("requests may wait there");
    (held.wait, held.room)
}

#[test]
fn what_waits_grows_up_to_its_limit_and_is_seen_at_looks() {
    let mut alone = waiting(Limit::Seconds(3.0));
    assert_eq!(wait(&alone, 100.0), (0.0, Room::Free));
    // 50 a second more than are served. A look comes whenever that has grown by a 20th.
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([150.0, 150.0, 100.0]), ctx));
    alone.run_until(at(1.05));
    let (seen, waits) = (wait(&alone, 100.0).0, 1.05 * 0.5);
    assert!(seen <= waits && seen > waits * (1.0 - 1.0 / 20.0), "{seen}");
    // Half of the capacity needs twice the time for what waits.
    assert!((wait(&alone, 50.0).0 - 2.0 * seen).abs() < 1e-9);
    alone.run_until(at(6.05));
    assert_eq!(wait(&alone, 100.0), (3.0, Room::Full));
    // What waits beyond the limit, because the capacity has fallen, keeps everything else out.
    assert_eq!(wait(&alone, 50.0), (6.0, Room::Over));
    assert_eq!(wait(&alone, 0.0), (f64::INFINITY, Room::Over));
}

#[test]
fn nobody_looks_once_nothing_waits() {
    let mut alone = waiting(Limit::Requests(1_000.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([200.0, 200.0, 100.0]), ctx));
    alone.run_until(at(1.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([50.0, 50.0, 100.0]), ctx));
    alone.run_until(at(3.5));
    assert_eq!(wait(&alone, 100.0), (0.0, Room::Free));
    let looks = alone.signals().len();
    alone.run_until(at(100.0));
    assert_eq!(alone.signals().len(), looks);
}

#[test]
fn a_region_that_goes_takes_what_waits_with_it() {
    let mut alone = waiting(Limit::Requests(1_000.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([200.0, 200.0, 100.0]), ctx));
    alone.run_until(at(1.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, None, ctx));
    assert_eq!(wait(&alone, 100.0).0, 0.0);
    assert_eq!(alone.signals().last(), Some(&(at(1.0), Changed)));
}

#[test]
fn what_is_given_up_is_due_one_limit_after_it_was_made() {
    let mut alone = waiting(Limit::Seconds(10.0));
    let made = |rate: f64| [Late { rate, age: 2.0 * rate }, Late::default()];
    let due = |alone: &Harness<Waiting>| alone.component().due(0)[0].rate;
    alone.call(|waiting, ctx| waiting.give_up(0, &made(30.0), ctx));
    alone.run_until(at(0.5));
    alone.call(|waiting, ctx| waiting.give_up(0, &made(70.0), ctx));
    alone.run_until(at(1.0));
    alone.call(|waiting, ctx| waiting.give_up(0, &made(0.0), ctx));
    for (seconds, expected) in [(1.9, 0.0), (2.0, 30.0), (2.45, 30.0), (2.5, 70.0), (2.9, 70.0), (3.0, 0.0), (9.0, 0.0)]
    {
        alone.run_until(at(seconds + 0.01));
        assert_eq!(due(&alone), expected, "at {seconds} s");
    }
}

#[test]
fn what_a_path_held_back_arrives_at_once() {
    let mut alone = waiting(Limit::Requests(5_000.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([80.0, 80.0, 100.0]), ctx));
    alone.call(|waiting, ctx| waiting.path_changed(CELL, true, ctx));
    // Of 80 a second, 20 come from the own region.
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([20.0, 20.0, 100.0]), ctx));
    alone.run_until(at(4.0));
    alone.call(|waiting, ctx| waiting.path_changed(CELL, false, ctx));
    assert!((wait(&alone, 100.0).0 - 60.0 * 4.0 / 100.0).abs() < 1e-9);
    // A long cut brings no more than connections keep, or than may wait in seconds: 5,000 of 100 a second are 50 s.
    let mut alone = waiting(Limit::Requests(5_000.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([80.0, 80.0, 100.0]), ctx));
    alone.call(|waiting, ctx| waiting.path_changed(CELL, true, ctx));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([20.0, 20.0, 100.0]), ctx));
    alone.run_until(at(3_600.0));
    alone.call(|waiting, ctx| waiting.path_changed(CELL, false, ctx));
    assert!((wait(&alone, 100.0).0 - 60.0 * 50.0 / 100.0).abs() < 1e-9);
}

#[test]
fn a_trial_knows_nothing_of_the_one_before() {
    let mut alone = waiting(Limit::Requests(5_000.0));
    alone.call(|waiting, ctx| waiting.flows(CELL, Some([80.0, 80.0, 100.0]), ctx));
    alone.call(|waiting, _| waiting.begin());
    // A path is cut at the first instant, before anything has arrived.
    alone.call(|waiting, ctx| waiting.path_changed(CELL, true, ctx));
    alone.run_until(at(4.0));
    alone.call(|waiting, ctx| waiting.path_changed(CELL, false, ctx));
    assert_eq!(wait(&alone, 100.0).0, 0.0);
}
