use super::warming::{STEPS, STEPS_PER_CONSTANT, warmth};
use super::*;
use crate::ids::{R, StoreId};
use crate::stores::Promotion;
use sim_core::component::Harness;
use sim_core::random::Distribution;
use sim_core::time::SimDuration;

const TAU: f64 = 80.0;

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn datastore(cold_when_promoted: bool) -> (Harness<Datastore>, World) {
    let log = replicated_log::Parameters {
        replication_lag: constant(0.5),
        regional_endpoint: true,
        in_region_failover: Some(constant(15.0)),
        switch_over_time: None,
        ..replicated_log::tests::parameters()
    };
    let warm_up = SimDuration::from_secs_f64(TAU);
    let cache = Some(Cache { backs: StoreId::new(1), hit_ratio: 0.9, warm_up, cold_when_promoted });
    let parameters = Parameters { log, reads_while_modifying: false, cache };
    let regions = ["us-east-1".to_owned(), "eu-west-1".to_owned()];
    let site = Site { path: "stores/cache", regions: &regions, zones: &[3, 3], seed: 1 };
    let mut alone = Harness::new(Datastore::new(&parameters, site));
    alone.call(|it, ctx| {
        it.begin(0_u64.into());
        it.acknowledges(&[10.0, 0.0], ctx.now());
    });
    (alone, World::new(&[3, 3], &vec![vec![0.0; 2]; 2]))
}

fn set_out(alone: &mut Harness<Datastore>, world: &mut World, seconds: f64, begins: bool) {
    alone.run_until(at(seconds));
    assert!(world.set_out(R[0], begins));
    alone.call(|it, ctx| it.world_changed(world, ctx));
}

fn promote(alone: &mut Harness<Datastore>, world: &World, seconds: f64) {
    alone.run_until(at(seconds));
    let attempt = Attempt { how: Promotion::Failover, to: R[1], effective: true };
    assert!(alone.call(|it, ctx| it.promote(attempt, world, ctx)));
}

#[test]
fn while_it_is_modified_it_answers_nobody_if_so_stated() {
    let (mut alone, mut world) = datastore(false);
    set_out(&mut alone, &mut world, 100.0, true);
    let read = |alone: &Harness<Datastore>| alone.component().access(0, Access::Read, R[1], &world);
    assert_eq!(read(&alone), Availability::works(R[1]));
    promote(&mut alone, &world, 120.0);
    assert_eq!(read(&alone).cause, Cause::Promotion);
    assert_eq!(read(&alone).share, 0.0);
    alone.run_until(at(181.0));
    assert_eq!(read(&alone), Availability::works(R[1]));
    alone.run_until(at(191.0));
    assert_eq!(alone.component().access(0, Access::Write, R[1], &world), Availability::works(R[1]));
    alone.call(|it, ctx| it.acknowledges(&[0.0, 10.0], ctx.now()));
}

#[test]
fn a_promotion_loses_what_the_copy_lacks_and_leaves_it_warm_unless_stated() {
    for (cold, expected) in [(false, 0.9), (true, 0.9 * warmth(0))] {
        let (mut alone, mut world) = datastore(cold);
        set_out(&mut alone, &mut world, 100.0, true);
        alone.call(|it, ctx| it.acknowledges(&[0.0, 0.0], ctx.now()));
        promote(&mut alone, &world, 120.0);
        alone.run_until(at(181.0));
        assert_eq!(alone.component().hit_ratio(R[1]), expected);
        let loss = alone.call(|it, ctx| it.loss(ctx.now()));
        assert_eq!(loss, Loss { seconds: 0.5, lost: 5.0, ..Loss::default() });
    }
}

#[test]
fn a_copy_comes_back_cold_and_misses_as_often_as_the_curve_says() {
    let (mut alone, mut world) = datastore(false);
    set_out(&mut alone, &mut world, 100.0, true);
    set_out(&mut alone, &mut world, 200.0, false);
    assert!(alone.component().hit_ratio(R[0]) < 0.06);
    assert_eq!(alone.component().hit_ratio(R[1]), 0.9, "the other copy never was away");
    // Hits in t = 0..n tau: the integral of 0.9 (1 - exp(-t / tau)).
    let step = TAU / f64::from(STEPS_PER_CONSTANT);
    let mut hits = 0.0;
    for number in 0..STEPS {
        let start = 200.0 + f64::from(number) * step;
        alone.run_until(at(start + step / 2.0));
        hits += alone.component().hit_ratio(R[0]) * step;
        let tau = f64::from(number + 1) * step / TAU;
        let expected = 0.9 * TAU * (tau - 1.0 + libm::exp(-tau));
        assert!((hits - expected).abs() < 1e-9, "{hits} instead of {expected} after {tau} time constants");
    }
    alone.run_until(at(200.0 + 8.01 * TAU));
    assert_eq!(alone.component().hit_ratio(R[0]), 0.9);
}

#[test]
fn a_copy_that_goes_down_while_it_warms_starts_over() {
    let (mut alone, mut world) = datastore(false);
    set_out(&mut alone, &mut world, 100.0, true);
    set_out(&mut alone, &mut world, 200.0, false);
    set_out(&mut alone, &mut world, 204.0, true);
    set_out(&mut alone, &mut world, 206.0, false);
    assert_eq!(alone.component().hit_ratio(R[0]), 0.9 * warmth(0));
    // The next step of the first warming would have been due at 207.5 s, the second one's first at 208.5 s.
    alone.run_until(at(208.4));
    assert_eq!(alone.component().hit_ratio(R[0]), 0.9 * warmth(0));
    alone.run_until(at(208.6));
    assert_eq!(alone.component().hit_ratio(R[0]), 0.9 * warmth(1));
}
