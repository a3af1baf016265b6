//! Backups alone, with constants for all times.

use sim_core::component::Harness;

use super::*;
use crate::ids::R;

fn constant(seconds: f64) -> Distribution {
    Distribution::constant(seconds).expect("a constant")
}

fn at(seconds: f64) -> SimTime {
    SimTime::ZERO + SimDuration::from_secs_f64(seconds)
}

/// Backed up in the first region every 1,000 s within 50 s, copied to the second 200 s later, restored in 300 s.
fn backup() -> Backup {
    Backup {
        every: Some(SimDuration::from_secs(1_000)),
        continuous: None,
        takes: constant(50.0),
        copy_to: vec![R[1]],
        copy_delay: constant(200.0),
        restore_time: constant(300.0),
        slow: None,
    }
}

/// One that acknowledges 10 writes per second.
fn bench(backup: Option<&Backup>, trial: u64) -> Harness<Backups> {
    let mut alone = Harness::new(Backups::new(backup, &R[..1], "stores/a", 1));
    alone.call(|it, ctx| {
        it.begin(trial.into());
        it.acknowledges(10.0, ctx.now());
    });
    alone
}

fn corrupt(alone: &mut Harness<Backups>, seconds: f64) {
    alone.run_until(at(seconds));
    alone.call(|it, ctx| it.corrupted(ctx.now()));
}

fn restore(alone: &mut Harness<Backups>, seconds: f64, to: RegionId) -> bool {
    alone.run_until(at(seconds));
    alone.call(|it, ctx| it.restore(to, true, ctx))
}

#[test]
fn all_writes_since_the_point_are_lost_and_none_that_came_before_or_after() {
    for (to, complete) in [(R[0], 50.0), (R[1], 250.0)] {
        for trial in 0..50 {
            let mut alone = bench(Some(&backup()), trial);
            corrupt(&mut alone, 5_000.0);
            alone.call(|it, _| it.shows(1.0));
            assert!(restore(&mut alone, 6_000.0, to));
            assert_eq!(alone.component().error(), 1.0);
            alone.run_until(at(6_301.0));
            assert_eq!(alone.component().error(), 0.0);
            let loss = alone.call(|it, _| it.loss(at(9_000.0)));
            // The point is older than the fault by what a backup takes, and by less than that and the time between two.
            let age = loss.seconds - 1_000.0;
            assert!((complete..=complete + 1_000.0).contains(&age), "{age}");
            assert!((loss.lost - 10.0 * loss.seconds).abs() < 1e-6, "{loss:?}");
        }
    }
}

/// Ages of restore points are uniform over `every`, from `takes` on. A correct program fails the Kolmogorov bound of 2.2
/// standard widths once in 8,000 seeds; the seed is fixed.
#[test]
fn the_age_of_a_restore_point_is_uniform() {
    let trials = 2_000;
    let mut ages: Vec<f64> = (0..trials)
        .map(|trial| {
            let mut alone = bench(Some(&backup()), trial);
            corrupt(&mut alone, 5_000.0);
            alone.call(|it, _| it.loss(at(5_000.0)).seconds)
        })
        .collect();
    ages.sort_by(f64::total_cmp);
    let distance = ages.iter().enumerate().map(|(rank, age)| {
        let (expected, step) = ((age - 50.0) / 1_000.0, 1.0 / trials as f64);
        (expected - rank as f64 * step).abs().max((expected - (rank + 1) as f64 * step).abs())
    });
    let distance = distance.fold(0.0, f64::max);
    assert!(distance < 2.2 / libm::sqrt(trials as f64), "{distance}");
}

#[test]
fn continuous_backups_lose_their_age_and_what_came_until_the_restore() {
    let minutes = Backup { every: None, continuous: Some(constant(300.0)), ..backup() };
    for (to, age) in [(R[0], 300.0), (R[1], 500.0)] {
        let mut alone = bench(Some(&minutes), 0);
        corrupt(&mut alone, 5_000.0);
        assert!(restore(&mut alone, 5_600.0, to));
        alone.run_until(at(6_000.0));
        let loss = alone.call(|it, _| it.loss(at(9_000.0)));
        assert_eq!((loss.seconds, loss.lost), (age + 600.0, 10.0 * (age + 600.0)));
    }
}

#[test]
fn a_store_that_is_never_restored_is_not_well() {
    let mut alone = bench(None, 0);
    corrupt(&mut alone, 5_000.0);
    assert!(!restore(&mut alone, 5_100.0, R[0]), "there is nothing to restore");
    let loss = alone.call(|it, _| it.loss(at(9_000.0)));
    assert_eq!((loss.seconds, loss.lost), (f64::INFINITY, 90_000.0));
    let mut alone = bench(Some(&Backup { every: None, continuous: Some(constant(300.0)), ..backup() }), 0);
    corrupt(&mut alone, 5_000.0);
    let loss = alone.call(|it, _| it.loss(at(9_000.0)));
    assert_eq!((loss.seconds, loss.lost), (4_300.0, 43_000.0));
    let mut alone = bench(Some(&backup()), 0);
    assert_eq!(alone.call(|it, _| it.loss(at(9_000.0))), Loss::default(), "nothing happened to it");
    assert!(!restore(&mut alone, 100.0, R[2]), "no backup is kept there");
}

#[test]
fn backups_of_a_destroyed_region_are_gone_and_those_elsewhere_bring_the_store_back() {
    let mut alone = bench(Some(&backup()), 3);
    alone.run_until(at(5_000.0));
    alone.call(|it, ctx| it.destroyed(R[0], ctx.now()));
    alone.call(|it, ctx| it.acknowledges(0.0, ctx.now()));
    assert!(!restore(&mut alone, 7_000.0, R[0]));
    assert!(restore(&mut alone, 7_000.0, R[1]));
    alone.run_until(at(7_500.0));
    assert!(matches!(alone.signals().last(), Some((_, Signal::Restored(Restored { to, .. }))) if *to == R[1]));
    let loss = alone.call(|it, _| it.loss(at(9_000.0)));
    // The last write was at 5,000 s.
    assert!((250.0..=1_250.0).contains(&loss.seconds) && (loss.lost - 10.0 * loss.seconds).abs() < 1e-6, "{loss:?}");
}

#[test]
fn a_restore_whose_region_goes_out_has_no_effect() {
    let mut alone = bench(Some(&backup()), 0);
    corrupt(&mut alone, 5_000.0);
    assert!(restore(&mut alone, 5_100.0, R[1]));
    let mut world = World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]]);
    world.set_out(R[1], true);
    alone.call(|it, ctx| it.world_changed(&world, ctx.now()));
    alone.run_until(at(5_500.0));
    assert_eq!(alone.signals().last(), Some(&(at(5_400.0), Signal::Failed(R[1]))));
    assert!(restore(&mut alone, 5_500.0, R[0]), "another one may begin");
}

#[test]
fn no_backup_is_made_in_a_region_that_is_out() {
    for trial in 0..50 {
        let mut alone = bench(Some(&backup()), trial);
        let mut world = World::new(&[3, 3], &[vec![0.0, 0.07], vec![0.07, 0.0]]);
        for (seconds, out) in [(5_000.0, true), (8_500.0, false)] {
            alone.run_until(at(seconds));
            world.set_out(R[0], out);
            alone.call(|it, ctx| it.world_changed(&world, ctx.now()));
        }
        // Newest before 8,800 s: one that began since 8,500 s and was complete, or the last before 5,000 s.
        corrupt(&mut alone, 8_800.0);
        let age = alone.call(|it, _| it.loss(at(8_800.0)).seconds);
        assert!((50.0..=300.0).contains(&age) || (3_800.0..=4_800.0).contains(&age), "{age}");
    }
}

#[test]
fn a_second_corruption_goes_back_behind_what_the_first_one_spoiled() {
    let minutes = Backup { every: None, continuous: Some(constant(300.0)), ..backup() };
    let mut alone = bench(Some(&minutes), 0);
    corrupt(&mut alone, 5_000.0);
    assert!(restore(&mut alone, 5_600.0, R[0]));
    alone.run_until(at(5_901.0));
    // 100 s after the end of the first restore: the store was corrupt 300 s earlier, so that it goes back to 5,000 s. What
    // the first restore gave up from before that is back.
    corrupt(&mut alone, 6_000.0);
    assert!(restore(&mut alone, 6_100.0, R[0]));
    alone.run_until(at(7_000.0));
    let loss = alone.call(|it, _| it.loss(at(9_000.0)));
    assert_eq!((loss.lost, loss.seconds), (11_000.0, 1_100.0));
}

#[test]
fn a_restored_store_is_slow_for_some_time() {
    let mut alone = bench(Some(&Backup { slow: Some((4.0, SimDuration::from_secs(600))), ..backup() }), 0);
    corrupt(&mut alone, 5_000.0);
    assert!(restore(&mut alone, 5_100.0, R[0]));
    assert_eq!(alone.component().slowness(), 1.0);
    alone.run_until(at(5_401.0));
    assert_eq!(alone.component().slowness(), 4.0);
    alone.run_until(at(6_001.0));
    assert_eq!((alone.component().slowness(), alone.signals().last()), (1.0, Some(&(at(6_000.0), Signal::Loaded))));
}
