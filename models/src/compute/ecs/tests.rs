use sim_core::component::Harness;

use super::*;
use crate::compute::fleet::{Failure, HostPool, Scaling};

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

/// Ten tasks in two zones; a start takes 50 s, and the service acts 10 s after the balancer.
fn parameters() -> Parameters {
    Parameters {
        min: 2,
        desired: 10,
        max: 100,
        requests_per_second: 100.0,
        zones: 2,
        room: Room::Fargate,
        launch_time: constant(50.0),
        insufficient_capacity: 0.0,
        maximum: 2.0,
        replacement_delay: constant(10.0),
        container_check: constant(80.0),
        launch_retry: SimDuration::from_secs(15),
        launch_retry_longest: SimDuration::from_secs(900),
        kappa: 0.0,
        goodput_floor: 0.0,
        scaling: None,
        scale_in_cooldown: SimDuration::from_secs(300),
    }
}

fn service(parameters: &Parameters, balanced: bool) -> Harness<Service> {
    let mut alone = Harness::new(Service::new(parameters, balanced, &constant(30.0), "compute/here", 1, false));
    alone.call(|service, ctx| service.begin(0_u64.into(), at(60), ctx));
    alone
}

/// Runs in tenths of a second; the region has launches to spare, and every new target passes its first probe at once.
fn run(alone: &mut Harness<Service>, from: u64, to: u64) {
    // What was said at this instant came of what the test did since.
    let mut told = alone.signals().iter().position(|(time, _)| *time >= at(from)).unwrap_or(alone.signals().len());
    for tenth in 10 * from..10 * to {
        alone.run_until(SimTime::from_nanos(tenth * 100_000_000 + 1));
        while told < alone.signals().len() {
            let (_, signal) = alone.signals()[told];
            told += 1;
            match signal {
                Signal::Asks { member, born } => alone.call(|service, ctx| service.granted(member, born, ctx)),
                Signal::Launched(task) => alone.call(|service, ctx| service.serves(task, ctx)),
                _ => {}
            }
        }
    }
    alone.run_until(at(to));
}

fn seconds(alone: &Harness<Service>, is: impl Fn(&Signal) -> bool) -> Vec<u64> {
    let chosen = alone.signals().iter().filter(|(_, signal)| is(signal));
    chosen.map(|(time, _)| (time.as_nanos() + 500_000_000) / 1_000_000_000).collect()
}

fn ordered(alone: &Harness<Service>) -> Vec<u64> {
    seconds(alone, |signal| matches!(signal, Signal::Ordered(_)))
}

fn terminated(alone: &Harness<Service>) -> Vec<u64> {
    seconds(alone, |signal| matches!(signal, Signal::Terminated(_)))
}

fn leave(alone: &mut Harness<Service>, tasks: std::ops::Range<usize>) {
    for task in tasks {
        alone.call(|service, ctx| {
            service.fail(task, Failure::Application, &mut None, ctx);
            service.left_rotation(task, ctx);
        });
    }
}

#[test]
fn the_successor_of_an_unhealthy_task_starts_first() {
    let mut alone = service(&parameters(), true);
    run(&mut alone, 0, 100);
    leave(&mut alone, 0..3);
    run(&mut alone, 100, 1_000);
    // Noticed after 10 s; successors are ordered at once, run 50 s later, and only then the old ones stop.
    assert_eq!(ordered(&alone), [110; 3]);
    assert_eq!(terminated(&alone), [160; 3]);
    let withdrawn = seconds(&alone, |signal| matches!(signal, Signal::Withdrawn(_)));
    assert_eq!(withdrawn, [110; 3]);
    assert_eq!((alone.component().members().count(), alone.component().members().in_service()), (10, 10));
}

#[test]
fn the_ceiling_holds_what_starts_first() {
    // 150 % of ten are 15: ten unhealthy ones, five successors at a time.
    let mut alone = service(&Parameters { maximum: 1.5, ..parameters() }, true);
    run(&mut alone, 0, 100);
    leave(&mut alone, 0..10);
    run(&mut alone, 100, 1_000);
    assert_eq!(ordered(&alone), [[110; 5], [160; 5]].concat());
    assert_eq!(terminated(&alone), [[160; 5], [210; 5]].concat());
}

#[test]
fn without_room_under_the_ceiling_unhealthy_tasks_stop_one_by_one() {
    let mut alone = service(&Parameters { maximum: 1.0, ..parameters() }, true);
    run(&mut alone, 0, 100);
    leave(&mut alone, 0..3);
    run(&mut alone, 100, 1_000);
    // Each stops when the successor of the one before is healthy.
    assert_eq!(ordered(&alone), [110, 160, 210]);
    assert_eq!(terminated(&alone), [110, 160, 210]);
}

#[test]
fn a_task_that_is_gone_is_replaced_at_once_and_elsewhere_if_its_zone_is_out() {
    let mut alone = service(&parameters(), true);
    run(&mut alone, 0, 100);
    for task in 0..10 {
        if alone.component().members().is_in_zone(task, 0) {
            alone.call(|service, ctx| service.fail(task, Failure::Terminated, &mut None, ctx));
        }
    }
    alone.call(|service, ctx| service.set_zone(0, false, ctx));
    run(&mut alone, 100, 200);
    assert_eq!(ordered(&alone), [100; 5]);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [150; 5]);
    assert_eq!([0, 1].map(|zone| alone.component().members().populated(zone)), [0, 10]);
}

#[test]
fn a_task_that_returns_is_kept_and_its_successor_is_not_needed() {
    let mut alone = service(&parameters(), true);
    run(&mut alone, 0, 100);
    leave(&mut alone, 0..1);
    run(&mut alone, 100, 130);
    alone.call(|service, ctx| {
        service.recover(0, Failure::Application, ctx);
        service.returned_to_rotation(0, ctx);
    });
    run(&mut alone, 130, 1_000);
    assert_eq!((ordered(&alone), terminated(&alone)), (vec![110], vec![]));
    assert_eq!((alone.component().members().count(), alone.component().members().in_service()), (10, 10));
}

#[test]
fn without_a_balancer_the_containers_own_check_finds_it() {
    let mut alone = service(&parameters(), false);
    run(&mut alone, 0, 100);
    alone.call(|service, ctx| service.fail(0, Failure::Application, &mut None, ctx));
    run(&mut alone, 100, 1_000);
    assert_eq!((ordered(&alone), terminated(&alone)), (vec![180], vec![230]));
}

#[test]
fn attempts_that_fail_are_repeated_ever_more_slowly_up_to_the_longest() {
    let mut alone = service(&Parameters { launch_retry_longest: SimDuration::from_secs(100), ..parameters() }, true);
    alone.call(|service, ctx| {
        service.set_failing(1.0);
        service.set_desired(11, ctx);
    });
    run(&mut alone, 0, 280);
    // 15, 30, 60, then 100 s each.
    let failed = seconds(&alone, |signal| matches!(signal, Signal::LaunchFailed(_)));
    assert_eq!(failed, [0, 15, 45, 105, 205]);
    alone.call(|service, _| service.set_failing(0.0));
    run(&mut alone, 280, 600);
    // The next attempt is due at 305 s; each was a tenth late.
    let launched = seconds(&alone, |signal| matches!(signal, Signal::Launched(_)));
    assert!(matches!(launched.as_slice(), [355..=356]), "{launched:?}");
}

#[test]
fn a_start_waits_while_something_that_it_needs_fails() {
    let mut alone = service(&parameters(), true);
    alone.call(|service, ctx| {
        service.set_needs_failing(1.0);
        service.set_desired(11, ctx);
    });
    run(&mut alone, 0, 40);
    alone.call(|service, _| service.set_needs_failing(0.0));
    run(&mut alone, 40, 200);
    // Attempts at 0, 15 and 45 s.
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [95]);
}

/// Four instances with room for three tasks each, ten tasks on them; more are ordered 30 s after a task finds no room and
/// take 100 s.
fn on_instances(max: u64) -> Parameters {
    let pool = HostPool {
        desired: 4,
        min: 0,
        max,
        room: 3,
        order_delay: constant(30.0),
        launch_time: constant(100.0),
        launch_retry: SimDuration::from_secs(60),
    };
    Parameters { room: Room::Instances(pool), ..parameters() }
}

#[test]
fn on_instances_tasks_start_where_room_is_and_the_others_wait_for_more() {
    let mut alone = service(&on_instances(10), true);
    alone.call(|service, ctx| service.set_desired(18, ctx));
    run(&mut alone, 0, 500);
    // Two fit. Six wait: two instances are ordered at 30 s, take tasks at 130 s, and these run at 180 s.
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::HostsOrdered(2))), [30]);
    assert_eq!(
        seconds(&alone, |signal| matches!(signal, Signal::Launched(_))),
        [[50; 2].as_slice(), &[180; 6]].concat()
    );
    assert!(seconds(&alone, |signal| matches!(signal, Signal::Asks { .. })).is_empty(), "no turn of Fargate is needed");
}

#[test]
fn without_more_instances_tasks_wait_for_the_room_of_others() {
    let mut alone = service(&on_instances(4), true);
    alone.call(|service, ctx| service.set_desired(18, ctx));
    run(&mut alone, 0, 500);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [50; 2]);
    alone.call(|service, ctx| service.fail(0, Failure::Terminated, &mut None, ctx));
    run(&mut alone, 500, 600);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [50, 50, 550]);
}

#[test]
fn a_shortage_of_capacity_strikes_instances_and_not_the_tasks_on_them() {
    let mut alone = service(&on_instances(10), true);
    alone.call(|service, ctx| {
        service.set_failing(1.0);
        service.set_desired(15, ctx);
    });
    run(&mut alone, 0, 140);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [50; 2]);
    alone.call(|service, _| service.set_failing(0.0));
    run(&mut alone, 140, 500);
    // Attempts at 30, 90 and 150 s; then 100 s, and 50 s for the tasks.
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Launched(_))), [50, 50, 300, 300, 300]);
}

#[test]
fn the_policy_grows_on_three_minutes_and_shrinks_at_most_once_in_the_cooldown() {
    let scaling = Scaling { target: 0.5, capped: true, period: SimDuration::from_secs(60), shared_by: 1 };
    let mut alone = service(&Parameters { scaling: Some(scaling), ..parameters() }, true);
    alone.call(|service, ctx| service.set_utilization(1.0, 1.0, ctx));
    run(&mut alone, 0, 211);
    // The third datapoint arrives at 3 x 60 + 30 s: ten busy tasks ask for twenty.
    let resized = |alone: &Harness<Service>| -> Vec<(u64, u64)> {
        let sizes = alone.signals().iter().filter_map(|(time, signal)| match signal {
            Signal::Resized(size) => Some((time.as_nanos() / 1_000_000_000, *size)),
            _ => None,
        });
        sizes.collect()
    };
    assert_eq!(resized(&alone), [(210, 20)]);
    alone.call(|service, ctx| service.set_utilization(0.4, 1.0, ctx));
    run(&mut alone, 211, 2_000);
    // Below nine tenths of 0.5 is first the minute that ends at 300 s; the fifteenth such datapoint arrives at 1,170 s. It and
    // every later one asks for less, and each cooldown lets one through.
    assert_eq!(resized(&alone)[1..].iter().map(|(time, _)| *time).collect::<Vec<_>>(), [1_170, 1_470, 1_770]);
    assert_eq!(resized(&alone)[1..].iter().map(|(_, size)| *size).collect::<Vec<_>>(), [16, 13, 11]);
}
