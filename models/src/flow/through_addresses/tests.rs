use super::super::Shape;
use super::*;
use crate::clients::Steps;

/// Three regions, one population of 300 requests/s that makes so many attempts and gives up after so many dead
/// addresses of 3 s each, led to all three.
fn solver(attempts: u32, outlasts: usize, dead: &[usize]) -> Solver {
    let shape = Shape {
        regions: 3,
        journey_shares: vec![1.0],
        attempts: vec![attempts],
        round_trips: vec![vec![0.01, 0.02, 0.03]],
        stores: 0,
        chain_sets: vec![0],
        steps: Some(vec![Steps { connect: 3.0, outlasts }]),
        ..Shape::default()
    };
    let mut solver = Solver::new(shape);
    solver.flow.offered[0] = 300.0;
    for chain in solver.chains[0].cells_mut() {
        chain.pass = 1.0;
    }
    let causes = [Cause::Detection, Cause::Propagation, Cause::DnsCache];
    solver.endpoint_causes.row_mut(0).copy_from_slice(&causes);
    for &region in dead {
        solver.flow.fronts[region].dead = true;
    }
    let third = 1.0 / 3.0;
    solver.follow(0, [(1.0, &[third, third, third][..])].into_iter());
    solver
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{found} is not {expected}");
}

/// Every order of the addresses, one by one.
#[test]
fn walks_are_what_counting_all_orders_says() {
    fn orders(left: &[bool], walk: &mut Vec<bool>, each: &mut impl FnMut(&[bool])) {
        if left.is_empty() {
            each(walk);
        }
        for index in 0..left.len() {
            let mut rest = left.to_vec();
            walk.push(rest.remove(index));
            orders(&rest, walk, each);
            walk.pop();
        }
    }
    for (live, dead, outlasts) in [(2, 1, 9), (1, 2, 9), (1, 2, 1), (1, 3, 0), (0, 3, 9), (3, 0, 0), (2, 4, 2)] {
        let addresses: Vec<bool> = (0..live + dead).map(|index| index < live).collect();
        let (mut all, mut ends, mut late, mut hopeless, mut waits) = (0.0, 0.0, 0.0, 0.0, 0.0);
        orders(&addresses, &mut Vec::new(), &mut |walk| {
            all += 1.0;
            match walk.iter().position(|&live| live) {
                None => hopeless += 1.0,
                Some(met) if met > outlasts => late += 1.0,
                Some(met) => {
                    ends += 1.0;
                    waits += 3.0 * met as f64;
                }
            }
        });
        let walk = Walk::over(live, dead, 1.0, Steps { connect: 3.0, outlasts });
        near(walk.live * live as f64, ends / all);
        near(walk.waited(3.0) * live as f64, waits / all);
        near(walk.late, late / all);
        near(walk.dead * dead as f64, hopeless / all);
    }
}

#[test]
fn an_answer_has_eight_of_many_addresses() {
    // Eight of twelve, ten of which are dead: none of the eight is live in C(10, 8) of C(12, 8) answers.
    let walk = Walk::over(2, 10, 1.0, Steps { connect: 3.0, outlasts: 99 });
    near(walk.dead * 10.0, 45.0 / 495.0);
    near(walk.live * 2.0, 450.0 / 495.0);
}

#[test]
fn a_dead_address_costs_a_wait_and_nothing_fails() {
    let mut solver = solver(1, 20, &[2]);
    solver.solve();
    near(solver.flow.journeys[0].failed, 0.0);
    near(solver.flow.load[0], 150.0);
    // One in three meets the dead address first.
    near(solver.flow.latency_sum(), 150.0 * 0.01 + 150.0 * 0.02 + 100.0 * 3.0);
    assert_eq!(solver.flow.shares[(0, 2)], 0.0);
}

#[test]
fn who_waits_too_long_gives_up_and_tries_nothing_again() {
    // Two of three are dead: the live one comes third in a third of all orders, after 6 s.
    for attempts in [1, 3] {
        let mut solver = solver(attempts, 1, &[1, 2]);
        solver.solve();
        near(solver.flow.journeys[0].failed, 100.0);
        near(solver.flow.journeys[0].causes[Cause::Slow.index()], 100.0);
        near(solver.flow.load[0], 200.0);
        near(solver.flow.shares.cells().iter().sum(), 1.0);
    }
}

#[test]
fn where_all_are_dead_each_has_an_equal_part_of_the_blame() {
    let mut solver = solver(2, 20, &[0, 1, 2]);
    solver.solve();
    near(solver.flow.journeys[0].failed, 300.0);
    for cause in [Cause::Detection, Cause::Propagation, Cause::DnsCache] {
        near(solver.flow.journeys[0].causes[cause.index()], 100.0);
    }
}

#[test]
fn a_retry_is_another_walk_and_an_error_is_not_tried_elsewhere() {
    // Half of what the first region gets fails: a sixth of all attempts.
    let mut solver = solver(2, 20, &[]);
    solver.flow.fronts[0].gray = 0.5;
    solver.solve();
    let q: f64 = 0.5 / 3.0;
    near(solver.flow.journeys[0].failed, 300.0 * q * q);
    near(solver.flow.journeys[0].causes[Cause::Detection.index()], 300.0 * q * q);
    near(solver.flow.load[1], 100.0 * (1.0 + q));
    near(solver.flow.arrived[(0, 0)].1, 50.0 * (1.0 + q));
}

#[test]
fn what_one_region_sheds_is_tried_at_all_of_them() {
    // The first carries 60 of what reaches it: with f shed, q = f / 3 and its load is 100 (1 + q).
    let mut solver = solver(2, 20, &[]);
    solver.flow.fronts[0].capacity = 60.0;
    solver.solve();
    let f = solver.overload[0];
    near(solver.flow.load[0], 100.0 * (1.0 + f / 3.0));
    near(solver.flow.load[0] * (1.0 - f), 60.0);
    near(solver.flow.load[1], 100.0 * (1.0 + f / 3.0));
    near(solver.flow.journeys[0].failed, 300.0 * (f / 3.0) * (f / 3.0));
}
