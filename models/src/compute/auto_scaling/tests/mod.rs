mod scaling;

use sim_core::component::Harness;
use sim_core::time::SimDuration;

use super::*;

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

/// Ten instances in three zones; launches take 100 s, deaths are noticed after 300 s.
fn parameters() -> Parameters {
    Parameters {
        min: 2,
        desired: 10,
        max: 20,
        requests_per_second: 100.0,
        zones: 3,
        launch_time: constant(100.0),
        launch_retry: SimDuration::from_secs(60),
        warm_up: SimDuration::from_secs(300),
        replacement_delay: constant(300.0),
        replacement: Replacement::Batch(0.1),
        balancer_checks: true,
        insufficient_capacity: 0.0,
        kappa: 0.0,
        goodput_floor: 0.0,
        scaling: None,
        scheduled: Vec::new(),
        warm_pool: None,
    }
}

/// A policy on a metric without a cap that has a datapoint a minute.
const fn minutely(target: f64) -> Scaling {
    Scaling { target, capped: false, period: SimDuration::from_secs(60), shared_by: 1 }
}

fn group(parameters: &Parameters) -> Harness<Group> {
    let mut alone = Harness::new(Group::new(parameters, &constant(30.0), "compute/here", 1, false));
    alone.call(|group, ctx| group.begin(0_u64.into(), at(60), ctx));
    alone
}

/// Instances by zone, those that are ordered included and the dead ones not.
fn spread(alone: &Harness<Group>) -> Vec<usize> {
    (0..3).map(|zone| alone.component().members().populated(zone)).collect()
}

fn live(alone: &Harness<Group>) -> usize {
    let members = alone.component().members();
    (0..members.places()).filter(|&place| members.is_live(place)).count()
}

/// The hosts of a zone are gone or impaired, as the deployment does it.
fn fail_zone(alone: &mut Harness<Group>, zone: usize, failure: Failure) {
    let mut together = None;
    for instance in 0..alone.component().members().places() {
        if alone.component().members().is_in_zone(instance, zone) {
            alone.call(|group, ctx| group.fail(instance, failure, &mut together, ctx));
        }
    }
    alone.call(|group, ctx| group.set_zone(zone, false, ctx));
}

/// The zone is back.
fn recover_zone(alone: &mut Harness<Group>, zone: usize) {
    for instance in 0..alone.component().members().places() {
        if alone.component().members().is_in_zone(instance, zone) {
            alone.call(|group, ctx| group.recover(instance, Failure::Impaired, ctx));
        }
    }
    alone.call(|group, ctx| group.set_zone(zone, true, ctx));
}

/// The first members of the group fail.
fn fail_first(alone: &mut Harness<Group>, count: usize, failure: Failure) {
    for instance in 0..count {
        alone.call(|group, ctx| group.fail(instance, failure, &mut None, ctx));
    }
}

/// Runs second by second, and every new target passes its first probe at once.
fn run(alone: &mut Harness<Group>, from: u64, to: u64) {
    for second in from..to {
        alone.run_until(at(second) + SimDuration::from_nanos(1));
        serve(alone);
    }
}

/// Every new target passes its first probe at once.
fn serve(alone: &mut Harness<Group>) {
    for instance in 0..alone.component().members().places() {
        alone.call(|group, ctx| group.serves(instance, ctx));
    }
}

/// When signals of this kind were raised, to the nearest ten seconds: [`run`] is up to a second late.
fn seconds(alone: &Harness<Group>, is: impl Fn(&Signal) -> bool) -> Vec<u64> {
    times(alone, is).iter().map(|time| (time.as_nanos() / 1_000_000_000 + 5) / 10 * 10).collect()
}

fn ordered(signal: &Signal) -> bool {
    matches!(signal, Signal::Ordered(_))
}

fn terminated(signal: &Signal) -> bool {
    matches!(signal, Signal::Terminated(_))
}

/// When signals of this kind were raised.
fn times(alone: &Harness<Group>, is: impl Fn(&Signal) -> bool) -> Vec<SimTime> {
    alone.signals().iter().filter(|(_, signal)| is(signal)).map(|(time, _)| *time).collect()
}

#[test]
fn instances_spread_from_the_first_zone_and_those_whose_hosts_are_gone_are_replaced_together_where_the_fewest_are() {
    let mut alone = group(&parameters());
    assert_eq!(spread(&alone), [4, 3, 3]);
    fail_zone(&mut alone, 0, Failure::Terminated);
    assert_eq!((spread(&alone), live(&alone)), (vec![0, 3, 3], 6));
    alone.run_until(at(300));
    assert!(alone.signals().is_empty(), "nobody has noticed");
    alone.run_until(at(401));
    assert_eq!(spread(&alone), [0, 5, 5]);
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), vec![at(400); 4]);
    // When the zone is back, nothing moves.
    recover_zone(&mut alone, 0);
    alone.run_until(at(2_000));
    assert_eq!(spread(&alone), [0, 5, 5]);
}

#[test]
fn hosts_that_are_gone_at_one_instant_are_noticed_at_one_instant() {
    let spread = Distribution::uniform(100.0, 900.0).expect("a range");
    let mut alone = group(&Parameters { replacement_delay: spread, ..parameters() });
    fail_zone(&mut alone, 0, Failure::Terminated);
    alone.run_until(at(1_000));
    let times = times(&alone, ordered);
    assert!(times.len() == 4 && times.iter().all(|time| *time == times[0]), "{times:?}");
}

#[test]
fn a_zone_that_is_back_before_anybody_noticed_brings_its_instances_back_unless_their_hosts_are_gone() {
    for (failure, expected, signals) in
        [(Failure::Impaired, vec![4, 3, 3], 0), (Failure::Terminated, vec![4, 3, 3], 4 * 3)]
    {
        let mut alone = group(&parameters());
        fail_zone(&mut alone, 0, failure);
        alone.run_until(at(299));
        recover_zone(&mut alone, 0);
        alone.run_until(at(2_000));
        assert_eq!((spread(&alone), alone.signals().len()), (expected, signals), "{failure:?}");
    }
}

#[test]
fn nothing_is_replaced_while_the_control_plane_is_out() {
    let mut alone = group(&parameters());
    fail_zone(&mut alone, 2, Failure::Terminated);
    alone.run_until(at(100));
    alone.call(|group, ctx| group.set_place(true, false, ctx));
    alone.run_until(at(1_000));
    assert!(alone.signals().is_empty());
    alone.call(|group, ctx| group.set_place(true, true, ctx));
    assert_eq!(spread(&alone), [5, 5, 0]);
    assert_eq!(times(&alone, terminated), vec![at(1_000); 3]);
}

#[test]
fn members_that_fail_checks_are_replaced_in_tenths_each_when_the_one_before_is_warm() {
    let twenty = Parameters { desired: 20, ..parameters() };
    for failure in [Failure::Application, Failure::Impaired] {
        let mut alone = group(&twenty);
        fail_first(&mut alone, 5, failure);
        run(&mut alone, 1, 2_000);
        // Noticed after 300 s; a launch of 100 s and a warm-up of 300 s, then the next two, then the last one.
        assert_eq!(seconds(&alone, ordered), [300, 300, 700, 700, 1_100]);
        assert_eq!(seconds(&alone, terminated), [300, 300, 700, 700, 1_100]);
        // All of them are out of rotation from when they are noticed.
        assert_eq!(seconds(&alone, |signal| matches!(signal, Signal::Withdrawn(_))), [300; 5]);
        assert_eq!((alone.component().members().in_service(), live(&alone)), (20, 20));
    }
}

#[test]
fn a_tenth_of_less_than_ten_is_one() {
    let mut alone = group(&Parameters { desired: 9, ..parameters() });
    fail_first(&mut alone, 2, Failure::Application);
    run(&mut alone, 1, 1_000);
    assert_eq!(seconds(&alone, ordered), [300, 700]);
}

#[test]
fn who_recovers_leaves_the_queue() {
    let mut alone = group(&parameters());
    fail_first(&mut alone, 4, Failure::Application);
    run(&mut alone, 1, 500);
    assert_eq!(seconds(&alone, ordered), [300]);
    for instance in [1, 2] {
        assert!(alone.call(|group, ctx| group.recover(instance, Failure::Application, ctx)));
    }
    run(&mut alone, 501, 3_000);
    assert_eq!(seconds(&alone, ordered), [300, 700]);
    assert_eq!(alone.component().members().count(), 10);
}

#[test]
fn a_successor_that_fails_does_not_hold_up_the_next_batch() {
    let mut alone = group(&parameters());
    fail_first(&mut alone, 2, Failure::Application);
    run(&mut alone, 1, 450);
    // The successor took the place of the first.
    alone.call(|group, ctx| group.fail(0, Failure::Application, &mut None, ctx));
    run(&mut alone, 450, 3_000);
    // The second one's batch begins at once; the failed successor is noticed meanwhile and is the next.
    assert_eq!(seconds(&alone, ordered), [300, 450, 850]);
    assert_eq!(alone.component().members().in_service(), 10);
}

#[test]
fn launches_of_scaling_are_not_the_batchs() {
    let mut alone = group(&parameters());
    fail_first(&mut alone, 2, Failure::Application);
    run(&mut alone, 1, 600);
    alone.call(|group, ctx| group.set_desired(12, ctx));
    run(&mut alone, 600, 3_000);
    assert_eq!(seconds(&alone, ordered), [300, 600, 600, 700]);
}

#[test]
fn a_group_that_has_shrunk_lets_members_go_without_successors_at_once() {
    let mut alone = group(&parameters());
    fail_first(&mut alone, 10, Failure::Application);
    run(&mut alone, 1, 100);
    alone.call(|group, ctx| group.set_desired(4, ctx));
    run(&mut alone, 100, 650);
    assert_eq!(seconds(&alone, terminated), [300; 7]);
    assert_eq!(seconds(&alone, ordered), [300]);
}

#[test]
fn a_maintenance_policy_replaces_the_batch_and_launches_first_what_it_may() {
    // One of ten is terminated first, and two more are let go when the three successors serve and are warm.
    let policy = Replacement::Maintenance { min: 0.9, max: 1.2 };
    let mut alone = group(&Parameters { replacement: policy, ..parameters() });
    fail_first(&mut alone, 5, Failure::Application);
    run(&mut alone, 1, 2_000);
    assert_eq!(seconds(&alone, ordered), [300, 300, 300, 700, 700]);
    assert_eq!(seconds(&alone, terminated), [300, 700, 700, 700, 1_100]);
    assert_eq!((alone.component().members().count(), live(&alone)), (10, 10));
    // Nothing less than one at a time, first launched or first terminated.
    assert_eq!(Replacement::Maintenance { min: 1.0, max: 1.05 }.batch(10), (0, 1));
    assert_eq!(Replacement::Maintenance { min: 1.0, max: 1.0 }.batch(10), (1, 0));
    assert_eq!(Replacement::Batch(0.29).batch(100), (29, 0));
}

#[test]
fn what_only_the_balancer_finds_is_replaced_unless_status_checks_alone_count() {
    for (balancer_checks, expected) in [(true, vec![400]), (false, vec![])] {
        let mut alone = group(&Parameters { balancer_checks, ..parameters() });
        run(&mut alone, 1, 101);
        // Its application fails probes and the member lives; another one does not answer at all.
        alone.call(|group, ctx| group.left_rotation(3, ctx));
        run(&mut alone, 101, 450);
        assert_eq!(seconds(&alone, ordered), expected);
        alone.call(|group, ctx| group.fail(4, Failure::Application, &mut None, ctx));
        run(&mut alone, 450, 2_000);
        assert_eq!(seconds(&alone, ordered).len(), 2 * expected.len());
        alone.call(|group, ctx| group.fail(5, Failure::Impaired, &mut None, ctx));
        run(&mut alone, 2_000, 3_000);
        assert_eq!(seconds(&alone, ordered).len(), 2 * expected.len() + 1, "status checks see an impaired host");
    }
}

#[test]
fn in_service_is_who_is_live_and_warm_and_in_rotation() {
    let mut alone = group(&parameters());
    let in_service = |alone: &Harness<Group>| alone.component().members().in_service();
    alone.call(|group, ctx| group.fail(0, Failure::Application, &mut None, ctx));
    assert_eq!(in_service(&alone), 9);
    alone.call(|group, ctx| group.left_rotation(0, ctx));
    alone.call(|group, ctx| group.recover(0, Failure::Application, ctx));
    assert_eq!((in_service(&alone), live(&alone)), (9, 10));
    alone.call(|group, ctx| group.returned_to_rotation(0, ctx));
    assert_eq!(in_service(&alone), 10);
}

#[test]
fn a_group_does_not_shrink_while_a_member_that_lives_again_is_out_of_rotation() {
    let scaling = Some(minutely(0.5));
    let mut alone = group(&Parameters { scaling, balancer_checks: false, ..parameters() });
    alone.call(|group, ctx| group.set_utilization(0.2, 1.0, ctx));
    alone.call(|group, ctx| group.left_rotation(0, ctx));
    alone.run_until(at(2_000));
    assert_eq!(alone.component().desired(), 10);
    alone.call(|group, ctx| group.returned_to_rotation(0, ctx));
    alone.run_until(at(2_011));
    assert_eq!(
        alone.component().desired(),
        4,
        "the datapoint of a minute with nine in service: 9 x 0.2 / 0.5, rounded up"
    );
}

#[test]
fn what_launches_into_a_zone_that_went_out_starts_over_in_another_one() {
    let mut alone = group(&parameters());
    alone.call(|group, ctx| group.set_desired(12, ctx));
    assert_eq!(spread(&alone), [4, 4, 4]);
    alone.run_until(at(50));
    fail_zone(&mut alone, 1, Failure::Terminated);
    alone.run_until(at(250));
    let launched = times(&alone, |signal| matches!(signal, Signal::Launched(_)));
    assert_eq!(launched, [at(100), at(200)]);
}

#[test]
fn the_youngest_leave_and_only_those_that_serve() {
    let mut alone = group(&parameters());
    alone.call(|group, ctx| group.set_desired(12, ctx));
    alone.run_until(at(101));
    serve(&mut alone);
    alone.call(|group, ctx| group.set_desired(9, ctx));
    let gone: Vec<usize> = alone
        .signals()
        .iter()
        .filter_map(|(_, signal)| if let Signal::Terminated(index) = signal { Some(*index) } else { None })
        .collect();
    assert_eq!(gone, [11, 10, 9]);
    alone.call(|group, ctx| group.set_desired(1, ctx));
    assert_eq!(alone.component().desired(), 2, "never below the smallest size");
}

#[test]
fn warm_instances_come_first_and_running_ones_cannot_fail() {
    let pool = WarmPool { instances: 2, launch_time: constant(10.0), running: true };
    let all_fail = Parameters { warm_pool: Some(pool), insufficient_capacity: 1.0, ..parameters() };
    let mut alone = group(&all_fail);
    alone.call(|group, ctx| group.set_desired(13, ctx));
    alone.run_until(at(301));
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), [at(10), at(10)]);
    let failed = times(&alone, |signal| matches!(signal, Signal::LaunchFailed(_)));
    assert_eq!(failed, [at(0), at(60), at(120), at(180), at(240), at(300)]);
}

#[test]
fn a_warming_instance_counts_as_ordered_until_its_warm_up_is_over() {
    let scaling = Some(minutely(0.5));
    let mut alone = group(&Parameters { scaling, ..parameters() });
    alone.call(|group, ctx| group.set_utilization(0.8, 1.0, ctx));
    alone.run_until(at(211));
    // Minutes end at 60, 120 and 180 s; the third datapoint is there at 210 s: 10 x 0.8 / 0.5.
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Resized(16))), [at(210)]);
    alone.run_until(at(311));
    serve(&mut alone);
    assert_eq!(alone.component().members().in_service(), 10);
    alone.call(|group, ctx| group.set_utilization(0.5, 1.0, ctx));
    alone.run_until(at(612));
    assert_eq!(alone.component().members().in_service(), 16);
    alone.run_until(at(3_000));
    assert_eq!(alone.component().desired(), 16, "16 x 0.5 / 0.5 is 16 and not 17");
}

#[test]
fn scheduled_sizes_are_taken_at_their_time() {
    let scheduled = vec![(SimDuration::from_secs(60), 12), (SimDuration::from_secs(600), 3)];
    let mut alone = group(&Parameters { scheduled, ..parameters() });
    alone.run_until(at(161));
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), [at(160), at(160)]);
    serve(&mut alone);
    alone.run_until(at(601));
    assert_eq!((alone.component().desired(), spread(&alone)), (3, vec![1, 1, 1]));
}
