use super::*;
use crate::ids::R;

fn at(seconds: u64) -> SimTime {
    SimTime::from_nanos(seconds * 1_000_000_000)
}

fn world(regions: usize) -> World {
    World::new(&vec![3; regions], &vec![vec![0.1; regions]; regions])
}

/// Items of two regions without any in flight: what is counted is what is held back.
fn items(replicates: impl Fn(RegionId, RegionId) -> bool, rewrite_rate: f64) -> Items {
    let names = ["here".to_owned(), "there".to_owned()];
    let site = Site { path: "stores/a", regions: &names, zones: &[3, 3], seed: 1 };
    let at_once = Distribution::constant(0.0).expect("a constant");
    let mut items = Items::new(&R[..2], replicates, &at_once, rewrite_rate, site);
    items.begin(0_u64.into());
    items
}

#[test]
fn a_write_that_was_held_back_and_then_stranded_counts_once() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 0.0], at(0));
    world.set_cut(R[0], R[1], true);
    items.world_changed(&world, at(100));
    world.set_out(R[0], true);
    items.world_changed(&world, at(160));
    items.acknowledges(&[0.0, 0.0], at(160));
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.seconds, loss.delayed), (600.0, 60.0, 0.0), "10 per second for a minute");

    // Back, and still cut off: what it writes from now on is delayed, until the path heals.
    world.set_out(R[0], false);
    items.world_changed(&world, at(200));
    items.acknowledges(&[10.0, 0.0], at(200));
    world.set_cut(R[0], R[1], false);
    items.world_changed(&world, at(230));
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.lost, loss.delayed), (600.0, 0.0, 300.0));
}

#[test]
fn the_age_is_that_of_the_oldest_write_at_the_last_one() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[0.0, 0.0], at(0));
    world.set_cut(R[0], R[1], true);
    items.world_changed(&world, at(100));
    items.acknowledges(&[10.0, 0.0], at(120));
    items.acknowledges(&[0.0, 0.0], at(150));
    world.set_out(R[0], true);
    items.world_changed(&world, at(400));
    items.destroyed(R[0]);
    let loss = items.loss(at(1_000));
    assert_eq!((loss.lost, loss.stranded, loss.seconds), (300.0, 0.0, 30.0));
}

#[test]
fn what_a_stall_holds_up_is_delayed_and_lost_with_its_region() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 0.0], at(0));
    items.stalls(R[0], R[1], true);
    items.world_changed(&world, at(100));
    // A second stall of the same way ends first.
    items.stalls(R[0], R[1], true);
    items.world_changed(&world, at(110));
    items.stalls(R[0], R[1], false);
    items.world_changed(&world, at(120));
    assert_eq!(items.loss(at(130)).delayed, 300.0, "10 per second for 30 s");
    items.stalls(R[0], R[1], false);
    items.world_changed(&world, at(140));
    assert_eq!(items.loss(at(1_000)).delayed, 400.0, "all that was written until it went on");
    items.stalls(R[0], R[1], true);
    items.world_changed(&world, at(200));
    world.set_out(R[0], true);
    items.world_changed(&world, at(220));
    items.acknowledges(&[0.0, 0.0], at(220));
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.seconds, loss.delayed), (200.0, 20.0, 400.0));
}

#[test]
fn a_copy_that_nothing_replicates_from_keeps_its_writes_to_itself() {
    let (mut items, mut world) = (items(|from, _| from == R[0], 0.0), world(2));
    items.acknowledges(&[10.0, 2.0], at(0));
    assert_eq!(items.loss(at(100)).delayed, 200.0, "those of the replica, until somebody copies them");
    assert_eq!(items.lag().1, None, "it is no backlog of the replication");
    world.set_out(R[1], true);
    items.world_changed(&world, at(100));
    items.acknowledges(&[12.0, 0.0], at(100));
    let loss = items.loss(at(200));
    assert_eq!((loss.stranded, loss.seconds, loss.delayed), (200.0, 100.0, 0.0));
    items.destroyed(R[1]);
    assert_eq!(items.loss(at(200)).lost, 200.0);
}

/// Regions go out or come back at an instant, with the rates of writes from then on.
fn turn(items: &mut Items, world: &mut World, seconds: u64, regions: &[(RegionId, bool)], rates: [f64; 2]) {
    for &(region, out) in regions {
        world.set_out(region, out);
        items.world_changed(world, at(seconds));
    }
    items.acknowledges(&rates, at(seconds));
}

#[test]
fn what_one_region_took_while_the_other_was_out_goes_away_with_it() {
    for (destroyed, back) in [(true, false), (true, true), (false, true), (false, false)] {
        let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
        items.acknowledges(&[10.0, 10.0], at(0));
        turn(&mut items, &mut world, 100, &[(R[0], true)], [0.0, 20.0]);
        assert_eq!(items.lag().1, Some(at(100)), "a copy that is out falls behind like any other");
        if destroyed {
            items.destroyed(R[1]);
        }
        turn(&mut items, &mut world, 160, &[(R[1], true)], [0.0, 0.0]);
        if back {
            turn(&mut items, &mut world, 200, &[(R[0], false)], [20.0, 0.0]);
        }
        // 20 per second for a minute, of which the first region has none.
        let loss = items.loss(at(1_000));
        let (lost, stranded) = if destroyed { (1_200.0, 0.0) } else { (0.0, 1_200.0) };
        assert_eq!((loss.lost, loss.stranded, loss.seconds, loss.delayed), (lost, stranded, 60.0, 0.0));
    }
}

#[test]
fn a_copy_that_was_out_and_is_back_has_everything() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 10.0], at(0));
    turn(&mut items, &mut world, 100, &[(R[0], true)], [0.0, 20.0]);
    turn(&mut items, &mut world, 200, &[(R[0], false)], [10.0, 10.0]);
    assert!(items.complete());
    items.destroyed(R[1]);
    turn(&mut items, &mut world, 300, &[(R[1], true)], [20.0, 0.0]);
    assert_eq!(items.loss(at(1_000)), Loss::default(), "nothing was in flight");
}

#[test]
fn what_comes_back_is_not_lost_by_a_later_destruction() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 0.0], at(0));
    world.set_cut(R[0], R[1], true);
    items.world_changed(&world, at(100));
    turn(&mut items, &mut world, 160, &[(R[0], true)], [0.0, 0.0]);
    // It comes back and sends what it had: 600 were stranded. Destroyed later, it takes along what came after that.
    world.set_cut(R[0], R[1], false);
    items.world_changed(&world, at(190));
    turn(&mut items, &mut world, 200, &[(R[0], false)], [10.0, 0.0]);
    items.stalls(R[0], R[1], true);
    items.world_changed(&world, at(300));
    items.destroyed(R[0]);
    turn(&mut items, &mut world, 330, &[(R[0], true)], [0.0, 0.0]);
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.lost, loss.seconds), (600.0, 300.0, 60.0));
    // The next outage destroys nothing.
    items.stalls(R[0], R[1], false);
    turn(&mut items, &mut world, 400, &[(R[0], false)], [10.0, 0.0]);
    items.stalls(R[0], R[1], true);
    items.world_changed(&world, at(500));
    turn(&mut items, &mut world, 520, &[(R[0], true)], [0.0, 0.0]);
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.lost), (600.0 + 200.0, 300.0));
}

#[test]
fn what_came_back_and_was_never_sent_on_goes_away_again_and_counts_once() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 0.0], at(0));
    world.set_cut(R[0], R[1], true);
    items.world_changed(&world, at(100));
    turn(&mut items, &mut world, 160, &[(R[0], true)], [0.0, 0.0]);
    turn(&mut items, &mut world, 200, &[(R[0], false)], [10.0, 0.0]);
    items.destroyed(R[0]);
    turn(&mut items, &mut world, 230, &[(R[0], true)], [0.0, 0.0]);
    // A minute and half a minute, and nothing of it ever arrived.
    let loss = items.loss(at(1_000));
    assert_eq!((loss.stranded, loss.lost, loss.seconds, loss.delayed), (0.0, 900.0, 130.0, 0.0));
}

#[test]
fn where_no_copy_is_left_everything_is_lost() {
    let (mut items, mut world) = (items(|_, _| true, 0.0), world(2));
    items.acknowledges(&[10.0, 5.0], at(0));
    items.destroyed(R[0]);
    turn(&mut items, &mut world, 100, &[(R[0], true)], [0.0, 15.0]);
    items.destroyed(R[1]);
    turn(&mut items, &mut world, 200, &[(R[1], true)], [0.0, 0.0]);
    let loss = items.loss(at(1_000));
    assert_eq!((loss.lost, loss.stranded, loss.seconds), (1_000.0 + 500.0 + 1_500.0, 0.0, f64::INFINITY));
}

#[test]
fn items_that_return_late_are_overwritten_like_coins() {
    // 600 items, rewritten 0.002 times a second, 250 s away: each is overwritten with probability 1 - exp(-0.5).
    let probability = 1.0 - libm::exp(-0.5);
    let trials = 2_000;
    let mut sum = 0.0;
    for trial in 0..trials {
        let (mut items, mut world) = (items(|_, _| true, 0.002), world(2));
        items.begin(trial.into());
        items.acknowledges(&[10.0, 0.0], at(0));
        world.set_cut(R[0], R[1], true);
        items.world_changed(&world, at(0));
        world.set_out(R[0], true);
        items.world_changed(&world, at(60));
        world.set_out(R[0], false);
        items.world_changed(&world, at(310));
        let loss = items.loss(at(1_000));
        assert_eq!(loss.stranded + loss.overwritten, 600.0);
        sum += loss.overwritten;
    }
    let mean = sum / trials as f64;
    let error = libm::sqrt(600.0 * probability * (1.0 - probability) / trials as f64);
    assert!((mean - 600.0 * probability).abs() < 5.0 * error, "{mean} against {}", 600.0 * probability);
}
