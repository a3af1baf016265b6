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
        insufficient_capacity: 0.0,
        kappa: 0.0,
        goodput_floor: 0.0,
        scaling: None,
        scheduled: Vec::new(),
        warm_pool: None,
    }
}

fn group(parameters: &Parameters) -> Harness<Group> {
    let mut alone = Harness::new(Group::new(parameters, &constant(30.0), "compute/here", 1, false));
    alone.call(|group, ctx| group.begin(0, at(60), ctx));
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

/// A zone goes out or comes back, as the deployment does it.
fn set_zone(alone: &mut Harness<Group>, zone: usize, up: bool) {
    for instance in 0..alone.component().members().places() {
        if alone.component().members().is_in_zone(instance, zone) {
            alone.call(|group, ctx| group.set_live(instance, up, ctx));
        }
    }
    alone.call(|group, ctx| group.set_zone(zone, up, ctx));
}

/// Every new target passes its first probe at once.
fn serve(alone: &mut Harness<Group>) {
    for instance in 0..alone.component().members().places() {
        alone.call(|group, ctx| group.serves(instance, ctx));
    }
}

/// When signals of this kind were raised.
fn times(alone: &Harness<Group>, is: impl Fn(&Signal) -> bool) -> Vec<SimTime> {
    alone.signals().iter().filter(|(_, signal)| is(signal)).map(|(time, _)| *time).collect()
}

#[test]
fn instances_spread_from_the_first_zone_and_are_replaced_where_the_fewest_are() {
    let mut alone = group(&parameters());
    assert_eq!(spread(&alone), [4, 3, 3]);
    set_zone(&mut alone, 0, false);
    assert_eq!((spread(&alone), live(&alone)), (vec![0, 3, 3], 6));
    alone.run_until(at(300));
    assert!(alone.signals().is_empty(), "nobody has noticed");
    alone.run_until(at(401));
    assert_eq!(spread(&alone), [0, 5, 5]);
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Launched(_))), vec![at(400); 4]);
    // When the zone is back, nothing moves.
    set_zone(&mut alone, 0, true);
    alone.run_until(at(2_000));
    assert_eq!(spread(&alone), [0, 5, 5]);
}

#[test]
fn a_zone_that_is_back_before_anybody_noticed_brings_its_instances_back() {
    let mut alone = group(&parameters());
    set_zone(&mut alone, 0, false);
    alone.run_until(at(299));
    set_zone(&mut alone, 0, true);
    alone.run_until(at(2_000));
    assert_eq!((spread(&alone), alone.signals().len()), (vec![4, 3, 3], 0));
}

#[test]
fn nothing_is_replaced_while_the_control_plane_is_out() {
    let mut alone = group(&parameters());
    set_zone(&mut alone, 2, false);
    alone.run_until(at(100));
    alone.call(|group, ctx| group.set_place(true, false, ctx));
    alone.run_until(at(1_000));
    assert!(alone.signals().is_empty());
    alone.call(|group, ctx| group.set_place(true, true, ctx));
    assert_eq!(spread(&alone), [5, 5, 0]);
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Terminated(_))), vec![at(1_000); 3]);
}

#[test]
fn what_launches_into_a_zone_that_went_out_starts_over_in_another_one() {
    let mut alone = group(&parameters());
    alone.call(|group, ctx| group.set_desired(12, ctx));
    assert_eq!(spread(&alone), [4, 4, 4]);
    alone.run_until(at(50));
    set_zone(&mut alone, 1, false);
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
    let scaling = Some(Scaling { target: 0.5, capped: false });
    let mut alone = group(&Parameters { scaling, ..parameters() });
    alone.call(|group, ctx| group.set_utilization(0.8, ctx));
    alone.run_until(at(211));
    // Minutes end at 60, 120 and 180 s; the third datapoint is there at 210 s: 10 x 0.8 / 0.5.
    assert_eq!(times(&alone, |signal| matches!(signal, Signal::Resized(16))), [at(210)]);
    alone.run_until(at(311));
    serve(&mut alone);
    assert_eq!(alone.component().members().in_service(), 10);
    alone.call(|group, ctx| group.set_utilization(0.5, ctx));
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
