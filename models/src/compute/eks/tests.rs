use sim_core::component::Harness;

use super::*;
use crate::compute::fleet::{Failure, HostPool};

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

/// Four pods on four nodes with room for eight each, in two zones; a pod takes 5 s, a node is ordered 10 s after a pod finds
/// no room and takes 60 s.
fn parameters() -> Parameters {
    Parameters {
        min: 2,
        desired: 4,
        max: 100,
        requests_per_second: 100.0,
        zones: 2,
        launch_time: constant(5.0),
        launch_retry: SimDuration::from_secs(60),
        restart_delay: constant(25.0),
        kappa: 0.0,
        goodput_floor: 0.0,
        scaling: None,
        nodes: HostPool {
            desired: 4,
            min: 0,
            max: 4,
            room: 8,
            order_delay: constant(10.0),
            launch_time: constant(60.0),
            launch_retry: SimDuration::from_secs(10),
        },
        evicted_after: SimDuration::from_secs(340),
        evicts_lost_zones: false,
    }
}

fn scaled(parameters: Parameters) -> Parameters {
    let seconds = SimDuration::from_secs;
    let scaling = Autoscaler {
        target: 0.5,
        capped: false,
        period: seconds(15),
        tolerance: 0.1,
        age: seconds(30),
        stabilisation: seconds(300),
    };
    Parameters { scaling: Some(scaling), ..parameters }
}

fn deployment(parameters: &Parameters) -> Harness<Deployment> {
    let mut alone = Harness::new(Deployment::new(parameters, "compute/here", 1));
    alone.call(|deployment, ctx| {
        deployment.begin(0_u64.into(), ctx);
        // Four pods share the load of two.
        deployment.set_utilization(0.5, 1.0, ctx);
    });
    alone
}

/// Runs in tenths of a second under a load, in what one pod carries; every new target passes its first probe at once.
fn run(alone: &mut Harness<Deployment>, from: u64, to: u64, load: f64) {
    // What was said at this instant came of what the test did since.
    let mut told = alone.signals().iter().position(|(time, _)| *time >= at(from)).unwrap_or(alone.signals().len());
    for tenth in 10 * from..10 * to {
        alone.run_until(SimTime::from_nanos(tenth * 100_000_000 + 1));
        while told < alone.signals().len() {
            if let (_, Signal::Launched(pod)) = alone.signals()[told] {
                alone.call(|deployment, ctx| deployment.serves(pod, ctx));
            }
            told += 1;
        }
        alone.call(|deployment, ctx| {
            let serving = f64::from(deployment.members().in_service());
            deployment.set_utilization(if serving == 0.0 { 0.0 } else { load / serving }, 1.0, ctx);
        });
    }
    alone.run_until(at(to));
}

fn seconds(alone: &Harness<Deployment>, is: impl Fn(&Signal) -> bool) -> Vec<u64> {
    let chosen = alone.signals().iter().filter(|(_, signal)| is(signal));
    chosen.map(|(time, _)| (time.as_nanos() + 500_000_000) / 1_000_000_000).collect()
}

fn launched(alone: &Harness<Deployment>) -> Vec<u64> {
    seconds(alone, |signal| matches!(signal, Signal::Launched(_)))
}

fn resized(alone: &Harness<Deployment>) -> Vec<(f64, u64)> {
    let sizes = alone.signals().iter().filter_map(|(time, signal)| match signal {
        Signal::Resized(size) => Some((time.as_secs_f64(), *size)),
        _ => None,
    });
    sizes.collect()
}

/// The hosts of a zone fall silent, as the deployment does it.
fn silence(alone: &mut Harness<Deployment>, zone: usize) {
    for pod in 0..alone.component().members().places() {
        if alone.component().members().is_in_zone(pod, zone) {
            alone.call(|deployment, ctx| deployment.fail(pod, Failure::Impaired, &mut None, ctx));
        }
    }
    alone.call(|deployment, ctx| deployment.set_zone(zone, false, ctx));
}

#[test]
fn four_pods_become_thirty_two_in_three_looks_fifteen_seconds_apart() {
    let mut alone = deployment(&scaled(parameters()));
    run(&mut alone, 0, 100, 2.0);
    assert!(resized(&alone).is_empty(), "a load at the target moves nothing");
    // From 100 s on, the load of 16 busy pods: 32 of them would be half busy.
    run(&mut alone, 100, 300, 16.0);
    let sizes = resized(&alone);
    assert_eq!(sizes.iter().map(|(_, size)| *size).collect::<Vec<_>>(), [8, 16, 32]);
    let [first, second, third] = [0, 1, 2].map(|index| sizes[index].0);
    // The first look that sees it comes within 15 s after the age of its metrics, the others 15 s apart.
    assert!((130.0..=145.1).contains(&first), "{first}");
    assert!((second - first - 15.0).abs() < 1e-6 && (third - second - 15.0).abs() < 1e-6);
    assert_eq!(alone.component().members().in_service(), 32);
}

#[test]
fn nodes_and_not_the_autoscaler_of_pods_are_the_limit() {
    // Room for eight pods at the start, on four nodes; up to sixteen nodes may be ordered.
    let mut narrow = scaled(parameters());
    (narrow.nodes.room, narrow.nodes.max) = (2, 16);
    let mut alone = deployment(&narrow);
    run(&mut alone, 0, 100, 2.0);
    run(&mut alone, 100, 500, 16.0);
    let [eight, sixteen, thirty_two] = [0, 1, 2].map(|index| resized(&alone)[index].0);
    // Eight fit. Those of the second step find no room: nodes for them are ordered 10 s later and take 60 s, and pods 5 s.
    // Those of the third step follow 15 s later, in an order of their own.
    let launched = launched(&alone);
    let near = |seconds: u64, expected: f64| (seconds as f64 - expected).abs() <= 1.0;
    assert!(launched[..4].iter().all(|&time| near(time, eight + 5.0)), "{launched:?}");
    assert!(launched[4..12].iter().all(|&time| near(time, sixteen + 75.0)), "{launched:?}");
    assert!(launched[12..28].iter().all(|&time| near(time, thirty_two + 75.0)), "{launched:?}");
    let orders = seconds(&alone, |signal| matches!(signal, Signal::HostsOrdered(_)));
    assert!(orders.len() == 2 && near(orders[0], sixteen + 10.0) && near(orders[1], thirty_two + 10.0), "{orders:?}");
}

#[test]
fn nodes_up_to_their_maximum_are_ordered_and_no_more() {
    let mut narrow = parameters();
    (narrow.nodes.room, narrow.nodes.max) = (1, 6);
    let mut alone = deployment(&narrow);
    alone.call(|deployment, ctx| deployment.set_desired(10, ctx));
    run(&mut alone, 0, 1_000, 2.0);
    assert_eq!(launched(&alone), [75; 2]);
    assert_eq!(alone.component().members().in_service(), 6);
}

#[test]
fn pods_of_a_silent_node_are_ordered_anew_after_the_grace_and_the_toleration() {
    let mut alone = deployment(&parameters());
    run(&mut alone, 0, 100, 2.0);
    // One node of a zone of two: its pod fails, and is ordered anew 340 s later.
    alone.call(|deployment, ctx| {
        deployment.fail(0, Failure::Impaired, &mut None, ctx);
        let node = deployment.members.of(0).host.expect("it runs on a node");
        deployment.lose_node(node, ctx);
    });
    run(&mut alone, 100, 1_000, 2.0);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Terminated(_))), [440]);
    assert_eq!(launched(&alone), [445]);
}

#[test]
fn while_a_whole_zone_is_silent_its_pods_are_kept_unless_evictions_go_on_there() {
    for (goes_on, expected) in [(false, vec![]), (true, vec![445, 445])] {
        let mut alone = deployment(&Parameters { evicts_lost_zones: goes_on, ..parameters() });
        run(&mut alone, 0, 100, 2.0);
        silence(&mut alone, 0);
        run(&mut alone, 100, 2_000, 2.0);
        assert_eq!(launched(&alone), expected);
    }
    // With every zone silent nobody believes it.
    let mut alone = deployment(&Parameters { evicts_lost_zones: true, ..parameters() });
    run(&mut alone, 0, 100, 2.0);
    silence(&mut alone, 0);
    silence(&mut alone, 1);
    run(&mut alone, 100, 2_000, 2.0);
    assert!(alone.signals().is_empty());
}

#[test]
fn pods_whose_hosts_are_gone_are_replaced_at_once_where_room_is() {
    let mut alone = deployment(&parameters());
    run(&mut alone, 0, 100, 2.0);
    for pod in 0..4 {
        if alone.component().members().is_in_zone(pod, 0) {
            alone.call(|deployment, ctx| deployment.fail(pod, Failure::Terminated, &mut None, ctx));
        }
    }
    alone.call(|deployment, ctx| {
        deployment.lose_hosts(0, ctx);
        deployment.set_zone(0, false, ctx);
    });
    run(&mut alone, 100, 1_000, 2.0);
    assert_eq!(launched(&alone), [105; 2]);
    assert_eq!([0, 1].map(|zone| alone.component().members().populated(zone)), [0, 4]);
}

#[test]
fn a_dead_container_is_restarted_in_its_place_also_without_the_control_plane() {
    let mut alone = deployment(&parameters());
    run(&mut alone, 0, 100, 2.0);
    alone.call(|deployment, ctx| {
        deployment.set_place(true, false, ctx);
        deployment.fail(1, Failure::Application, &mut None, ctx);
    });
    run(&mut alone, 100, 1_000, 2.0);
    assert_eq!(
        (seconds(&alone, |signal| matches!(signal, Signal::Terminated(_))), launched(&alone)),
        (vec![125], vec![130])
    );
    assert_eq!(alone.component().members.of(1).host, Some(1));
}

#[test]
fn without_the_control_plane_nothing_is_scaled_or_placed() {
    let mut alone = deployment(&scaled(parameters()));
    run(&mut alone, 0, 100, 2.0);
    alone.call(|deployment, ctx| deployment.set_place(true, false, ctx));
    run(&mut alone, 100, 1_000, 16.0);
    assert!(alone.signals().is_empty());
    alone.call(|deployment, ctx| deployment.set_place(true, true, ctx));
    run(&mut alone, 1_000, 1_100, 16.0);
    assert_eq!(resized(&alone).iter().map(|(_, size)| *size).collect::<Vec<_>>(), [8, 16, 32]);
}

/// The fleet is intact, and what was measured while the region was out is no reason to shrink.
#[test]
fn a_region_that_returns_keeps_its_pods() {
    let mut alone = deployment(&scaled(parameters()));
    run(&mut alone, 0, 100, 2.0);
    alone.call(|deployment, ctx| deployment.set_place(false, false, ctx));
    run(&mut alone, 100, 700, 0.0);
    alone.call(|deployment, ctx| deployment.set_place(true, true, ctx));
    run(&mut alone, 700, 1_500, 2.0);
    assert_eq!((resized(&alone), alone.component().desired()), (Vec::new(), 4));
}

#[test]
fn nodes_that_are_gone_are_ordered_anew_up_to_the_least_number() {
    let mut alone = deployment(&Parameters { nodes: HostPool { min: 3, ..parameters().nodes }, ..parameters() });
    run(&mut alone, 0, 100, 2.0);
    alone.call(|deployment, ctx| deployment.lose_hosts(0, ctx));
    run(&mut alone, 100, 300, 2.0);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::HostsOrdered(1))), [110]);
    assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::HostReady(_))), [170]);
}
