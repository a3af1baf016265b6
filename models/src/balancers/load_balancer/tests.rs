use sim_core::component::Harness;

use super::*;

const PARAMETERS: Parameters = Parameters {
    probes: true,
    registration: None,
    probes_compete: false,
    interval: SimDuration::from_secs(10),
    timeout: SimDuration::from_secs(4),
    unhealthy_threshold: 2,
    healthy_threshold: 3,
};

fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs(seconds)
}

fn balancer(targets: usize) -> Harness<LoadBalancer> {
    let mut alone = Harness::new(LoadBalancer::new(&PARAMETERS, "load-balancer/here", 1, false));
    alone.call(|balancer, ctx| balancer.begin(0_u64.into(), targets, ctx));
    alone
}

/// Seconds from `since` to the only signal of this kind.
fn when(alone: &Harness<LoadBalancer>, signal: Signal, since: SimTime) -> f64 {
    let times: Vec<SimTime> = alone.signals().iter().filter(|(_, own)| *own == signal).map(|(time, _)| *time).collect();
    assert_eq!(times.len(), 1, "{signal:?} among {:?}", alone.signals());
    times[0].since(since).as_secs_f64()
}

#[test]
fn a_dead_target_leaves_after_its_failures_and_returns_after_its_passes() {
    let mut alone = balancer(2);
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.set_live(0, false, false, ctx));
    assert_eq!(alone.component().rotation(), Rotation { size: 2, live: 1, healthy: 2 });
    assert_eq!(alone.component().rotation().dead_share(), 0.5);
    alone.run_until(at(200));
    let left = when(&alone, Signal::Left(0), at(100));
    assert!((14.0..24.0).contains(&left), "{left}");
    assert_eq!(alone.component().rotation(), Rotation { size: 1, live: 1, healthy: 1 });
    assert_eq!(alone.component().unhealthy(), 1);

    alone.call(|balancer, ctx| balancer.set_live(0, true, false, ctx));
    alone.run_until(at(300));
    let returned = when(&alone, Signal::Returned(0), at(200));
    // The cadence is fixed: its third pass follows 20 s after the first probe, and probes are 10 s apart all along.
    assert!((20.0..30.0).contains(&returned), "{returned}");
    assert!(((100.0 + left - 4.0) - (200.0 + returned)).rem_euclid(10.0) < 1e-6);
    assert_eq!(alone.signals().len(), 2);
}

/// Targets that live and whose probes fail leave and return like dead ones, and a share of failing probes is a matter of luck
/// that does not depend on whether quiet probes are run.
#[test]
fn live_targets_whose_probes_fail_leave_the_rotation() {
    let mut alone = balancer(1);
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.set_failing(1.0, 1.0, ctx));
    alone.run_until(at(200));
    let left = when(&alone, Signal::Left(0), at(100));
    assert!((10.0..20.0).contains(&left), "two failures, 10 s apart and at once: {left}");
    assert_eq!(alone.component().rotation(), Rotation { size: 1, live: 1, healthy: 0 });
    alone.call(|balancer, ctx| balancer.set_failing(0.0, 0.0, ctx));
    alone.run_until(at(300));
    let returned = when(&alone, Signal::Returned(0), at(200));
    assert!((20.0..30.0).contains(&returned), "three passes: {returned}");

    let play = |eager| {
        let mut alone = Harness::new(LoadBalancer::new(&PARAMETERS, "load-balancer/here", 1, eager));
        alone.call(|balancer, ctx| balancer.begin(0_u64.into(), 5, ctx));
        let shares = [(0.4, 0.4), (1.0, 1.0), (0.0, 0.0), (0.2, 0.7), (0.0, 0.0), (0.0, 1.0), (0.3, 1.0), (0.0, 0.0)];
        for (step, (quick, failing)) in shares.into_iter().enumerate() {
            alone.run_until(at(50 + 250 * step as u64));
            alone.call(|balancer, ctx| balancer.set_failing(quick, failing, ctx));
        }
        alone.run_until(at(3_000));
        alone.signals().to_vec()
    };
    assert_eq!(play(false), play(true));
    assert!(play(false).len() > 10);
}

/// A probe that fails because it is late fails as it times out, and the cadence stays: the same luck, one timeout of 4 s later.
#[test]
fn a_late_answer_fails_as_the_probe_times_out() {
    for failing in [0.6, 1.0] {
        let left = |quick| {
            let mut alone = balancer(1);
            alone.run_until(at(100));
            alone.call(|balancer, ctx| balancer.set_failing(quick, failing, ctx));
            alone.run_until(at(1_000));
            let (time, signal) = alone.signals()[0];
            assert_eq!(signal, Signal::Left(0));
            time.as_secs_f64()
        };
        assert!((left(0.0) - left(failing) - 4.0).abs() < 1e-6, "{} and {}", left(0.0), left(failing));
    }
}

#[test]
fn a_target_that_refuses_connections_fails_at_once() {
    let mut alone = balancer(1);
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.set_live(0, false, true, ctx));
    alone.run_until(at(200));
    let left = when(&alone, Signal::Left(0), at(100));
    assert!((10.0..20.0).contains(&left), "{left}");
}

#[test]
fn a_new_target_gets_requests_after_a_single_pass() {
    let mut alone = balancer(2);
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.register(2, ctx));
    assert_eq!(alone.component().rotation().size, 2);
    alone.run_until(at(110));
    when(&alone, Signal::InService(2), at(100));
    assert_eq!(alone.component().rotation(), Rotation { size: 3, live: 3, healthy: 3 });
    alone.call(|balancer, ctx| balancer.deregister(2, ctx));
    assert_eq!(alone.component().rotation().size, 2);
}

#[test]
fn with_no_healthy_target_all_get_requests_until_the_first_is_back() {
    let mut alone = balancer(3);
    for target in 0..3 {
        alone.call(|balancer, ctx| balancer.set_live(target, false, false, ctx));
    }
    alone.run_until(at(100));
    assert_eq!(alone.component().rotation(), Rotation { size: 3, live: 0, healthy: 0 });
    for target in 0..3 {
        alone.call(|balancer, ctx| balancer.set_live(target, true, false, ctx));
    }
    assert_eq!(alone.component().rotation(), Rotation { size: 3, live: 3, healthy: 0 }, "fail open");
    alone.run_until(at(120));
    assert_eq!(alone.component().rotation().size, 3);
    let first = (120..131).find(|&second| {
        alone.run_until(at(second));
        alone.component().rotation().healthy == 1
    });
    assert!(first.is_some(), "one of three takes all of the load");
    assert_eq!(alone.component().rotation().size, 1);
}

#[test]
fn a_new_target_gets_nothing_before_its_first_pass_although_no_other_is_healthy() {
    let mut alone = balancer(0);
    alone.call(|balancer, ctx| balancer.register(0, ctx));
    assert_eq!(alone.component().rotation(), Rotation { size: 0, live: 0, healthy: 0 });
    alone.run_until(at(10));
    assert_eq!(alone.component().rotation(), Rotation { size: 1, live: 1, healthy: 1 });
    // Beside one that was found unhealthy, that one gets everything.
    alone.call(|balancer, ctx| balancer.set_live(0, false, false, ctx));
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.register(1, ctx));
    assert_eq!(alone.component().rotation(), Rotation { size: 1, live: 0, healthy: 0 });
}

#[test]
fn probes_stand_still_while_the_region_is_out_and_live_targets_are_back_with_it() {
    let mut alone = balancer(2);
    alone.call(|balancer, ctx| balancer.set_live(0, false, false, ctx));
    alone.run_until(at(100));
    alone.call(|balancer, ctx| balancer.freeze(true, ctx));
    alone.call(|balancer, ctx| balancer.set_live(0, true, false, ctx));
    alone.call(|balancer, ctx| balancer.set_live(1, false, false, ctx));
    alone.run_until(at(1_000));
    assert_eq!(alone.signals().len(), 1, "only the first one has left");
    alone.call(|balancer, ctx| balancer.freeze(false, ctx));
    // Readers of the number of healthy targets have to hear of it.
    assert_eq!(alone.signals()[1], (at(1_000), Signal::Returned(0)));
    assert_eq!(alone.component().rotation(), Rotation { size: 2, live: 1, healthy: 2 });
    alone.run_until(at(1_100));
    when(&alone, Signal::Left(1), at(1_000));
}
